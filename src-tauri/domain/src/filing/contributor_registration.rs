//! 缴存人登记: new employees without an account here.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::people::{self, NOTHING, cell, check_signed, identity, place, unknown_type};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::characters::says_nothing;
use crate::checks::base::{self, Amount, Use};
use crate::checks::batch::{Identified, twins};
use crate::checks::contact::{self, Digits};
use crate::checks::identity::{
    IdNumber, age, birth_date, counted_birth_date, fifteen_of, number, said_birth_date, sex,
};
use crate::checks::{circumstances, elsewhere, name};
use crate::finding::{Code, Finding, Level};
use crate::identity::Sex;
use crate::money::{Contribution, Ratio, Yuan};
use crate::profile::Policy;
use crate::roster::RosterIndex;
use crate::sheet::{CellKind, Field, RawRow, RawSheet};

/// One new contributor, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContributorRegistrationRow {
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件类型 (ZJLX), national code
    pub id_type: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 性别: `1` 男, `2` 女
    pub sex: String,
    /// 出生日期
    pub birth_date: Date,
    /// 手机号码 (SJHM)
    pub mobile: String,
    /// 个人存款账户号码 (GRCKZHHM), empty where there is none
    pub bank_card: String,
    /// 个人缴存基数 (GRJCJS), yuan
    pub base: Yuan,
    /// Monthly parts, yuan
    pub amounts: Contribution,
}

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 13] = [
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::Sex,
    Field::BirthDate,
    Field::Mobile,
    Field::BankCard,
    Field::NewBase,
    Field::Wage,
    Field::UnitRatio,
    Field::PersonalRatio,
    Field::Department,
    Field::Remark,
];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 3] =
    [(Field::Name, Code::NameMissing), (Field::IdNumber, Code::IdMissing), (Field::Mobile, Code::MobileMissing)];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[&[Field::IdNumber], &[Field::NewBase, Field::Wage]];

/// Checks a whole sheet: every row, every finding.
///
/// The base is the sheet's column of bases, else its wages: a new worker's base is the first whole month's wage.
/// Without unit the ratios are the sheet's own; where it has none the amounts are zero.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<ContributorRegistrationRow> {
    let mut findings = Vec::new();
    circumstances::circumstances(of, &mut findings);
    people::whole(sheet, &REQUIRED, &[], &mut findings);
    let base_field = if sheet.columns.contains_key(&Field::NewBase) { Field::NewBase } else { Field::Wage };
    if !sheet.rows.is_empty() && !sheet.columns.contains_key(&base_field) {
        findings.push(Finding::new(Code::AmountMissing, Level::Error).about(Field::NewBase, ""));
    }
    let index = of.roster.map(RosterIndex::of);
    let policy = of.policy();
    let mut scratch = Vec::new();
    let mut seen = Vec::with_capacity(sheet.rows.len());
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let (typed, person) = sheet_row(row, sheet, base_field, of, policy, index.as_ref(), &mut scratch);
        rows.push(typed);
        seen.push(person);
        place(sheet, row, &mut scratch, &mut findings);
    }
    let identified: Vec<_> = seen.iter().map(Person::identified).collect();
    people::place_twins(sheet, twins(&identified), &identified, &mut findings);
    people::namesakes(sheet, &identified, |_| false, &mut findings);
    for (field, code) in [(Field::Mobile, Code::MobileShared), (Field::BankCard, Code::CardShared)] {
        let values: Vec<_> = seen.iter().map(|one| (one.id.meant.as_deref(), one.digits(field))).collect();
        people::shared(sheet, &values, field, code, &mut findings);
    }
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

/// What is compared between rows.
struct Person<'a> {
    id: IdNumber<'a>,
    name: Cow<'a, str>,
    mobile: Digits,
    card: Digits,
}

impl Person<'_> {
    fn identified(&self) -> Identified<'_> {
        Identified { id_number: self.id.meant.as_deref(), name: &self.name, account: None }
    }

    fn digits(&self, field: Field) -> Option<&str> {
        if field == Field::Mobile { self.mobile.meant.as_deref() } else { self.card.meant.as_deref() }
    }
}

fn sheet_row<'a>(
    row: &'a RawRow,
    sheet: &RawSheet,
    base_field: Field,
    of: Circumstances<'a>,
    policy: Option<&Policy>,
    index: Option<&RosterIndex<'a>>,
    out: &mut Vec<Finding>,
) -> (Option<ContributorRegistrationRow>, Person<'a>) {
    let who = identity(row, sheet, of, index, out);
    let given = says_something(row, Field::Sex).then(|| Sex::parse(row.text(Field::Sex))).flatten();
    let born = said_birth_date(row.text(Field::BirthDate), of.today);
    let (sex, birth_date) = match &who.id.resident {
        Some(resident) => {
            sex(row.text(Field::Sex), resident, out);
            let (text, kind) = cell(row, Field::BirthDate);
            birth_date(text, kind, resident, out);
            age(resident, of.today, out);
            (Some(resident.sex()), Some(resident.birth_date()))
        }
        None => {
            if who.id.readable && who.type_known {
                if given.is_none() {
                    out.push(Finding::new(Code::SexMissing, Level::Error).about(Field::Sex, ""));
                }
                if born.is_none() {
                    out.push(without_birth_date(row, of.today));
                }
            }
            (given, born)
        }
    };
    let (text, kind) = cell(row, Field::Mobile);
    if says_nothing(text) && sheet.columns.contains_key(&Field::Mobile) {
        out.push(Finding::new(Code::MobileMissing, Level::Error).about(Field::Mobile, ""));
    }
    let mobile = contact::mobile(text, kind, out);
    let (text, kind) = cell(row, Field::BankCard);
    let card = contact::bank_card(text, kind, out);

    let (text, kind) = cell(row, base_field);
    let base = base::amount(text, kind, base_field, Use::Filed, out);
    if base.missing && sheet.columns.contains_key(&base_field) {
        out.push(Finding::new(Code::AmountMissing, Level::Error).about(base_field, ""));
    }
    if let Some(meant) = base.meant {
        let before = out.len();
        base::new_base(meant, None, policy, out);
        base::whole(meant, of.profile.base_unit, out);
        for finding in &mut out[before..] {
            finding.field = Some(base_field);
        }
    }
    let ratios = ratios(row, of, policy, out);
    let amounts = amounts(base, ratios, policy);
    if let (Some(policy), Some(amounts), true) = (policy, amounts, ratios.is_some()) {
        base::monthly(amounts, policy, out);
    }
    if !known(who.id.meant.as_deref(), index, out)
        && let (true, Some(id)) = (who.sound, &who.id.meant)
    {
        elsewhere::registered(of.elsewhere, id, &who.name.meant, out);
    }

    let typed = match (sex, birth_date, base.meant, amounts, &mobile.meant) {
        (Some(sex), Some(birth_date), Some(meant), Some(amounts), Some(number))
            if who.sound && base.sound && mobile.sound && card.sound =>
        {
            Some(ContributorRegistrationRow {
                name: who.name.meant.clone().into_owned(),
                id_type: who.id_type.to_owned(),
                id_number: who.id.meant.as_deref().unwrap_or_default().to_owned(),
                sex: sex_code(sex).to_owned(),
                birth_date,
                mobile: number.clone(),
                bank_card: card.meant.clone().unwrap_or_default(),
                base: meant,
                amounts,
            })
        }
        _ => None,
    };
    (typed, Person { id: who.id, name: who.name.meant, mobile, card })
}

/// The birth date cannot be filed as it stands; where it is a day that is shown as its number, that day is proposed.
fn without_birth_date(row: &RawRow, today: Date) -> Finding {
    let (text, kind) = cell(row, Field::BirthDate);
    let finding = |code, level| Finding::new(code, level).about(Field::BirthDate, "");
    match counted_birth_date(text, kind, today) {
        Some(day) => finding(Code::BirthDateForm, Level::Fix).propose(day.to_string()),
        None => finding(Code::BirthDateMissing, Level::Error),
    }
}

fn says_something(row: &RawRow, field: Field) -> bool {
    !says_nothing(row.text(field))
}

fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "1",
        Sex::Female => "2",
    }
}

fn ratios(
    row: &RawRow,
    of: Circumstances<'_>,
    policy: Option<&Policy>,
    out: &mut Vec<Finding>,
) -> Option<(Ratio, Ratio)> {
    let registered = of.unit.map(|unit| (unit.unit_ratio, unit.personal_ratio));
    let mut read = |field, registered| {
        let (text, kind) = cell(row, field);
        if says_nothing(text) { None } else { base::ratio(text, kind, field, registered, policy, out) }
    };
    let unit = read(Field::UnitRatio, registered.map(|(unit, _)| unit));
    let personal = read(Field::PersonalRatio, registered.map(|(_, personal)| personal));
    if registered.is_none() {
        base::equal_ratios(unit, personal, policy, out);
    }
    registered.or(unit.zip(personal))
}

fn amounts(base: Amount, ratios: Option<(Ratio, Ratio)>, policy: Option<&Policy>) -> Option<Contribution> {
    let base = base.meant.filter(|base| *base > Yuan::ZERO)?;
    match ratios {
        Some((unit, personal)) => Some(policy?.contribution(base, unit, personal)),
        None => Some(NOTHING),
    }
}

/// Whoever has an account in this unit is not registered again, unless it was closed; says whether that is so.
fn known(id_number: Option<&str>, index: Option<&RosterIndex<'_>>, out: &mut Vec<Finding>) -> bool {
    let Some((id, index)) = id_number.zip(index) else { return false };
    // The center may still have the number of 15 digits.
    let open = |id: &str| index.by_id(id).filter(|person| !person.status.is_closed());
    let Some(person) = open(id).or_else(|| open(&fifteen_of(id)?)) else { return false };
    let finding = Finding::new(Code::RosterKnown, Level::Error).about(Field::IdNumber, "");
    out.push(finding.arg("status", person.status.label()).arg("account", &person.personal_account));
    true
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first.
pub fn check_rows(rows: &[ContributorRegistrationRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let index = of.roster.map(RosterIndex::of);
    let policy = of.policy();
    let identified: Vec<_> = rows
        .iter()
        .map(|row| Identified { id_number: Some(&*row.id_number), name: &row.name, account: None })
        .collect();
    check_signed(
        rows,
        totals,
        |out| circumstances::circumstances(of, out),
        (&identified, twins(&identified)),
        |row, out| signed_row(row, of, policy, index.as_ref(), out),
    )
}

fn signed_row(
    row: &ContributorRegistrationRow,
    of: Circumstances<'_>,
    policy: Option<&Policy>,
    index: Option<&RosterIndex<'_>>,
    out: &mut Vec<Finding>,
) {
    let fault = |code, field| Finding::new(code, Level::Error).about(field, "");
    if !of.profile.id_types.contains_key(&row.id_type) {
        out.push(unknown_type(of));
    }
    let id = number(&row.id_number, CellKind::Text, &row.id_type, of.today, out);
    if says_nothing(&row.id_number) {
        out.push(fault(Code::IdMissing, Field::IdNumber));
    }
    name::name(&row.name, CellKind::Text, out);
    let sex_wrong = match &id.resident {
        Some(resident) => row.sex != sex_code(resident.sex()),
        None => !["1", "2"].contains(&row.sex.as_str()),
    };
    if sex_wrong {
        out.push(fault(Code::SexMissing, Field::Sex));
    }
    let birth_wrong = match &id.resident {
        Some(resident) => row.birth_date != resident.birth_date(),
        None => said_birth_date(&row.birth_date.to_string(), of.today).is_none(),
    };
    if birth_wrong {
        out.push(fault(Code::BirthDateMissing, Field::BirthDate));
    }
    if says_nothing(&row.mobile) {
        out.push(fault(Code::MobileMissing, Field::Mobile));
    }
    contact::mobile(&row.mobile, CellKind::Text, out);
    contact::bank_card(&row.bank_card, CellKind::Text, out);
    base::new_base(row.base, None, policy, out);
    base::whole(row.base, of.profile.base_unit, out);
    if let (Some(unit), Some(policy)) = (of.unit, policy) {
        let amounts = policy.contribution(row.base, unit.unit_ratio, unit.personal_ratio);
        base::monthly(amounts, policy, out);
        if amounts != row.amounts {
            out.push(fault(Code::AmountDiffers, Field::MonthlyAmount).arg("computed", amounts.monthly()));
        }
    }
    if !known(id.meant.as_deref(), index, out) {
        elsewhere::registered(of.elsewhere, &row.id_number, &row.name, out);
    }
}

impl FiledRow for ContributorRegistrationRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::Name, self.name.clone()),
            (Field::IdType, self.id_type.clone()),
            (Field::IdNumber, self.id_number.clone()),
            (Field::Sex, self.sex.clone()),
            (Field::BirthDate, self.birth_date.to_string()),
            (Field::Mobile, self.mobile.clone()),
            (Field::BankCard, self.bank_card.clone()),
            (Field::NewBase, self.base.to_string()),
            (Field::UnitAmount, self.amounts.unit_amount.to_string()),
            (Field::PersonalAmount, self.amounts.personal_amount.to_string()),
            (Field::MonthlyAmount, self.amounts.monthly().to_string()),
        ]
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    fn after(&self) -> Contribution {
        self.amounts
    }
}

#[cfg(test)]
mod tests;
