//! 缴存人信息变更: names, documents and contact data of people in the unit, corrected.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::people::{self, NOTHING, cell, check_signed, place, said, shared, unknown_type, usual_length};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::characters::says_nothing;
use crate::checks::batch::{Identified, Twin, twins};
use crate::checks::identity::{age, fifteen_of, number};
use crate::checks::roster::By;
use crate::checks::{account, circumstances, contact, elsewhere, moved, name, roster, text};
use crate::finding::{Code, Finding, Level};
use crate::mask;
use crate::money::Contribution;
use crate::profile::UpdateWay;
use crate::roster::{Contributor, RosterIndex};
use crate::sheet::{CellKind, Field, RawRow, RawSheet};

/// What the center keeps of a contributor beside his money.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件类型 (ZJLX), national code
    pub id_type: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 手机号码 (SJHM), empty where there is none
    pub mobile: String,
    /// 个人存款账户开户银行 (GRCKZHKHYHMC), empty where there is none
    pub bank_name: String,
    /// 个人存款账户号码 (GRCKZHHM), empty where there is none
    pub bank_card: String,
}

impl PersonalData {
    /// As it is registered.
    pub fn of(person: &Contributor) -> Self {
        Self {
            name: person.name.to_string(),
            id_type: person.id_type.to_string(),
            id_number: person.id_number.to_string(),
            mobile: person.contact.mobile.to_string(),
            bank_name: person.contact.bank_name.to_string(),
            bank_card: person.contact.bank_card.to_string(),
        }
    }

    /// By the field of a sheet that changes it.
    fn value(&self, field: Field) -> &str {
        CHANGES.iter().find(|(changed, _)| *changed == field).map_or("", |(_, value)| value(self))
    }
}

/// A value of somebody's data.
type Value = fn(&PersonalData) -> &str;

/// What can be changed: the field of the new value, and where it is kept.
const CHANGES: [(Field, Value); 6] = [
    (Field::NewName, |data| &data.name),
    (Field::NewIdType, |data| &data.id_type),
    (Field::NewIdNumber, |data| &data.id_number),
    (Field::Mobile, |data| &data.mobile),
    (Field::BankName, |data| &data.bank_name),
    (Field::BankCard, |data| &data.bank_card),
];

/// One contributor's data before and after, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContributorUpdateRow {
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// What the center has; what does not change stays so.
    pub registered: PersonalData,
    /// What it is to have.
    pub updated: PersonalData,
}

/// What a sheet of this kind carries. An empty cell changes nothing.
pub const FIELDS: [Field; 12] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::NewName,
    Field::NewIdType,
    Field::NewIdNumber,
    Field::Mobile,
    Field::BankName,
    Field::BankCard,
    Field::Department,
    Field::Remark,
];

/// The columns without which nobody can be told from another.
pub(super) const REQUIRED: [(Field, Code); 2] = [(Field::Name, Code::NameMissing), (Field::IdNumber, Code::IdMissing)];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[
    &[Field::IdNumber, Field::PersonalAccount],
    &[Field::NewName, Field::NewIdType, Field::NewIdNumber, Field::Mobile, Field::BankName, Field::BankCard],
];

/// Checks a whole sheet: every row, every finding.
///
/// 姓名 and 证件号码 are those that the center has, however wrong they are; the new ones are judged. A row is usable
/// once nothing in it blocks. Without roster what is registered is taken from the sheet.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<ContributorUpdateRow> {
    let mut findings = Vec::new();
    circumstances::unit(of, &mut findings);
    let by_account = of.roster.is_some() && people::has(sheet, Field::PersonalAccount);
    people::whole(sheet, &REQUIRED, if by_account { &[Field::IdNumber] } else { &[] }, &mut findings);
    let index = of.roster.map(RosterIndex::of);
    let mut scratch = Vec::new();
    let mut seen = Vec::with_capacity(sheet.rows.len());
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let (typed, person) = sheet_row(row, sheet, of, index.as_ref(), &mut scratch);
        rows.push(typed);
        seen.push(person);
        place(sheet, row, &mut scratch, &mut findings);
    }
    let identified: Vec<_> = seen.iter().map(Seen::identified).collect();
    let renumbered: Vec<_> = seen.iter().map(Seen::renumbered).collect();
    people::place_twins(sheet, repeated(&identified, &renumbered), &identified, &mut findings);
    for (field, code) in [(Field::Mobile, Code::MobileShared), (Field::BankCard, Code::CardShared)] {
        let values: Vec<_> = seen.iter().map(|one| (one.id.as_deref(), one.changed(field))).collect();
        shared(sheet, &values, field, code, &mut findings);
        shared_with_others(sheet, &seen, field, code, of, &mut findings);
    }
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

/// What is compared between rows, and with the rest of the unit.
struct Seen {
    id: Option<String>,
    name: String,
    account: Option<String>,
    registered: PersonalData,
    updated: PersonalData,
}

impl Seen {
    fn identified(&self) -> Identified<'_> {
        Identified { id_number: self.id.as_deref(), name: &self.name, account: self.account.as_deref() }
    }

    fn renumbered(&self) -> Identified<'_> {
        Identified { id_number: self.changed(Field::NewIdNumber), name: "", account: None }
    }

    /// A value that changes.
    fn changed(&self, field: Field) -> Option<&str> {
        Some(self.updated.value(field)).filter(|new| *new != self.registered.value(field))
    }
}

/// Nobody twice, and no new ID number for two.
fn repeated(identified: &[Identified<'_>], renumbered: &[Identified<'_>]) -> Vec<Twin> {
    let mut found = twins(identified);
    found.extend(twins(renumbered).into_iter().map(|twin| Twin { field: Field::NewIdNumber, ..twin }));
    found.sort_by_key(|twin| twin.row);
    found
}

/// Numbers that somebody of the unit already has, who is in no row of the sheet or keeps them.
fn shared_with_others(
    sheet: &RawSheet,
    seen: &[Seen],
    field: Field,
    code: Code,
    of: Circumstances<'_>,
    findings: &mut Vec<Finding>,
) {
    let Some(roster) = of.roster else { return };
    let number = |person| PersonalData::of(person).value(field).to_owned();
    let mut owners: HashMap<String, &Contributor> = HashMap::new();
    for person in roster.contributors.iter().filter(|person| !number(person).is_empty()) {
        owners.entry(number(person)).or_insert(person);
    }
    for (row, one) in sheet.rows.iter().zip(seen) {
        let owner = one.changed(field).and_then(|new| owners.get(new));
        if let Some(owner) = owner.filter(|owner| one.account.as_deref() != Some(&owner.personal_account)) {
            let finding =
                Finding::new(code, Level::Warning).about(field, "").arg("twin", format!("清册「{}」", owner.name));
            place(sheet, row, &mut vec![finding], findings);
        }
    }
}

fn sheet_row<'a>(
    row: &'a RawRow,
    sheet: &RawSheet,
    of: Circumstances<'a>,
    index: Option<&RosterIndex<'a>>,
    out: &mut Vec<Finding>,
) -> (Option<ContributorUpdateRow>, Seen) {
    let length = of.profile.account_length;
    let who = people::read(row, sheet, of, index, out);
    let (text, kind) = cell(row, Field::PersonalAccount);
    let account = account::account(text, kind, usual_length(index, text, length), out);
    // A number that the center itself has is not judged: it may be what has to be corrected.
    let exact = index.and_then(|index| index.by_id_and_account(row.text(Field::IdNumber), account.meant.as_deref()));
    let exact = exact.map(|person| (person, By::IdNumber));
    if exact.is_some() {
        out.retain(|finding| finding.field != Some(Field::IdNumber));
    }
    let found =
        exact.or_else(|| index.and_then(|index| roster::find(index, said(&who.id, &who.name, &account, length))));
    if let Some((person, by)) = found {
        let mut said = said(&who.id, &who.name, &account, length);
        if row.text(Field::Name) == person.name {
            out.retain(|finding| finding.field != Some(Field::Name));
            said.name = &person.name;
        }
        roster::same_person(person, by, said, out);
        people::holds_account(person, Field::PersonalAccount, "信息变更", out);
        if says_nothing(row.text(Field::IdNumber)) && sheet.columns.contains_key(&Field::IdNumber) {
            let finding = |level| Finding::new(Code::IdMissing, level).about(Field::IdNumber, "");
            let agrees = row.text(Field::Name) == person.name;
            out.push(if agrees {
                finding(Level::Fix).propose(person.id_number.as_str())
            } else {
                finding(Level::Error)
            });
        }
    } else if index.is_some() && (who.id.readable || account.meant.is_some()) {
        out.push(roster::unknown());
    } else if says_nothing(row.text(Field::IdNumber)) {
        out.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
    } else if let Some(short) = account.meant.as_deref().filter(|_| account.short) {
        out.push(account::zeros(&account::padded(short, length)));
    }
    let found = found.map(|(person, _)| person);
    let registered = found.map_or_else(
        || PersonalData {
            name: who.name.meant.clone().into_owned(),
            id_type: who.id_type.to_owned(),
            id_number: who.id.meant.as_deref().unwrap_or_default().to_owned(),
            ..PersonalData::default()
        },
        PersonalData::of,
    );
    let me = found.map(|person| person.personal_account.as_str());
    let told = |field| cell(row, field);
    let updated = changes(&registered, told, me, of, index, out);
    let silent = CHANGES.iter().all(|(field, _)| says_nothing(row.text(*field)));
    if updated == registered && (silent || !out.iter().any(Finding::blocks)) {
        let field = CHANGES.iter().map(|(field, _)| *field).find(|field| sheet.columns.contains_key(field));
        out.push(Finding::new(Code::UpdateNothing, Level::Error).about(field.unwrap_or(Field::NewName), ""));
    }
    let account = me.map(str::to_owned).or(account.meant.map(|account| account.into_owned()));
    let typed = (!out.iter().any(Finding::blocks)).then(|| ContributorUpdateRow {
        personal_account: account.clone().unwrap_or_default(),
        registered: registered.clone(),
        updated: updated.clone(),
    });
    let id = Some(registered.id_number.clone()).filter(|id| !id.is_empty());
    let name = if who.name.meant.is_empty() { registered.name.clone() } else { who.name.meant.into_owned() };
    (typed, Seen { id, name, account, registered, updated })
}

/// What both sides judge of new values; gives what is registered with the changes that are meant. `me` is the
/// account of whom it is about.
fn changes<'t>(
    registered: &PersonalData,
    told: impl Fn(Field) -> (&'t str, CellKind),
    me: Option<&str>,
    of: Circumstances<'_>,
    index: Option<&RosterIndex<'_>>,
    out: &mut Vec<Finding>,
) -> PersonalData {
    let mut updated = registered.clone();
    let same = |field: Field, new: &str, out: &mut Vec<Finding>| {
        let same = registered.value(field) == new;
        if same {
            out.push(Finding::new(Code::UpdateUnchanged, Level::Warning).about(field, ""));
        }
        same
    };
    let counter = |way: UpdateWay, field: Field, item: &str, out: &mut Vec<Finding>| {
        if way == UpdateWay::Counter {
            out.push(Finding::new(Code::UpdateCounter, Level::Error).about(field, "").arg("item", item));
        }
    };
    let (text, kind) = told(Field::NewName);
    if !says_nothing(text) && !same(Field::NewName, text, out) {
        let before = out.len();
        let new = name::name(text, kind, out);
        name::held(&new.meant, of.profile.encoding, out);
        moved(&mut out[before..], Field::Name, Field::NewName);
        if !new.meant.is_empty() && !same(Field::NewName, &new.meant, out) {
            updated.name = new.meant.into_owned();
            counter(of.profile.limits.name_update, Field::NewName, "姓名", out);
        }
    }
    document(registered, &mut updated, &told, me, of, index, out);
    if updated.id_number != registered.id_number {
        counter(of.profile.limits.id_update, Field::NewIdNumber, "证件号码", out);
        let twin = fifteen_of(&updated.id_number).is_some_and(|old| old == registered.id_number);
        if updated.name != registered.name && !twin {
            out.push(Finding::new(Code::UpdateBoth, Level::Warning).about(Field::NewIdNumber, ""));
        }
    } else if updated.id_type != registered.id_type {
        counter(of.profile.limits.id_update, Field::NewIdType, "证件类型", out);
    }
    let (text, kind) = told(Field::Mobile);
    if !says_nothing(text) && !same(Field::Mobile, text, out) {
        updated.mobile = contact::mobile(text, kind, out).meant.unwrap_or_else(|| registered.mobile.clone());
    }
    let (text, kind) = told(Field::BankName);
    if !says_nothing(text) && !same(Field::BankName, text, out) {
        updated.bank_name = text::words(text, kind, Field::BankName, out).into_owned();
    }
    let (text, kind) = told(Field::BankCard);
    if !says_nothing(text) && !same(Field::BankCard, text, out) {
        updated.bank_card = contact::bank_card(text, kind, out).meant.unwrap_or_else(|| registered.bank_card.clone());
    }
    updated
}

/// Type and number of the new document.
fn document<'t>(
    registered: &PersonalData,
    updated: &mut PersonalData,
    told: &impl Fn(Field) -> (&'t str, CellKind),
    me: Option<&str>,
    of: Circumstances<'_>,
    index: Option<&RosterIndex<'_>>,
    out: &mut Vec<Finding>,
) {
    let (type_text, _) = told(Field::NewIdType);
    let (number_text, kind) = told(Field::NewIdNumber);
    let id_type =
        if says_nothing(type_text) { Some(registered.id_type.as_str()) } else { of.profile.id_type(type_text) };
    let Some(id_type) = id_type else {
        out.push(Finding { field: Some(Field::NewIdType), ..unknown_type(of) });
        return;
    };
    let retyped = id_type != registered.id_type;
    let unchanged = |field| Finding::new(Code::UpdateUnchanged, Level::Warning).about(field, "");
    if says_nothing(number_text) && !retyped {
        if !says_nothing(type_text) {
            out.push(unchanged(Field::NewIdType));
        }
        return;
    }
    if number_text == registered.id_number && !retyped {
        out.push(unchanged(Field::NewIdNumber));
        return;
    }
    let before = out.len();
    // A new type may fit the number that is there.
    let (text, kind, field) = match says_nothing(number_text) {
        true => (registered.id_number.as_str(), CellKind::Text, Field::NewIdType),
        false => (number_text, kind, Field::NewIdNumber),
    };
    let id = number(text, kind, id_type, of.today, out);
    if let Some(resident) = &id.resident {
        age(resident, of.today, out);
    }
    moved(&mut out[before..], Field::IdNumber, field);
    let Some(meant) = id.meant else { return };
    if meant == registered.id_number && !retyped {
        out.push(unchanged(Field::NewIdNumber));
        return;
    }
    id_type.clone_into(&mut updated.id_type);
    updated.id_number = meant.into_owned();
    if updated.id_number == registered.id_number {
        return;
    }
    let owner = index.and_then(|index| {
        let old = fifteen_of(&updated.id_number);
        index.by_id(&updated.id_number).or_else(|| index.by_id(&old?))
    });
    if let Some(owner) = owner.filter(|owner| me != Some(&owner.personal_account)) {
        let finding = Finding::new(Code::UpdateIdTaken, Level::Error).about(Field::NewIdNumber, "");
        out.push(finding.arg("name", &owner.name).arg("account", &owner.personal_account));
    } else if !out.iter().any(Finding::blocks) {
        let before = out.len();
        elsewhere::renumbered(of.elsewhere, &updated.id_number, &updated.name, out);
        for field in [Field::IdNumber, Field::Name] {
            moved(&mut out[before..], field, Field::NewIdNumber);
        }
    }
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first.
pub fn check_rows(rows: &[ContributorUpdateRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let index = of.roster.map(RosterIndex::of);
    let seen: Vec<_> = rows
        .iter()
        .map(|row| Seen {
            id: Some(row.registered.id_number.clone()),
            name: row.registered.name.clone(),
            account: Some(row.personal_account.clone()),
            registered: row.registered.clone(),
            updated: row.updated.clone(),
        })
        .collect();
    let identified: Vec<_> = seen.iter().map(Seen::identified).collect();
    let renumbered: Vec<_> = seen.iter().map(Seen::renumbered).collect();
    check_signed(
        rows,
        totals,
        |out| circumstances::unit(of, out),
        (&identified, repeated(&identified, &renumbered)),
        |row, out| signed_row(row, of, index.as_ref(), out),
    )
}

fn signed_row(
    row: &ContributorUpdateRow,
    of: Circumstances<'_>,
    index: Option<&RosterIndex<'_>>,
    out: &mut Vec<Finding>,
) {
    let fault = |code, field| Finding::new(code, Level::Error).about(field, "");
    if let Some(index) = index {
        let Some(person) = index.by_account(&row.personal_account) else {
            out.push(roster::unknown());
            return;
        };
        people::holds_account(person, Field::PersonalAccount, "信息变更", out);
        let known = PersonalData::of(person);
        if known.name != row.registered.name {
            out.push(fault(Code::RosterNameDiffers, Field::Name).arg("roster", &known.name));
        }
        if (&known.id_type, &known.id_number) != (&row.registered.id_type, &row.registered.id_number) {
            let masked = mask::id_number(&known.id_number);
            out.push(fault(Code::RosterIdDiffers, Field::IdNumber).arg("roster", masked));
        }
        for field in [Field::Mobile, Field::BankName, Field::BankCard] {
            if known.value(field) != row.registered.value(field) {
                out.push(fault(Code::UpdateOldDiffers, field));
            }
        }
    }
    if row.registered == row.updated {
        out.push(fault(Code::UpdateNothing, Field::NewName));
        return;
    }
    let told = |field| {
        let new = row.updated.value(field);
        (if new == row.registered.value(field) { "" } else { new }, CellKind::Text)
    };
    let meant = changes(&row.registered, told, Some(&row.personal_account), of, index, out);
    // Nothing else may have been signed than what these values mean: no erased value, no other spelling.
    let blocked = out.iter().any(Finding::blocks);
    for (field, value) in CHANGES.into_iter().filter(|_| !blocked) {
        let signed = value(&row.updated);
        if value(&meant) != signed {
            out.push(fault(if signed.is_empty() { Code::ValueMissing } else { Code::UpdateForm }, field));
        }
    }
}

impl FiledRow for ContributorUpdateRow {
    fn figures(&self) -> Vec<(Field, String)> {
        let changed = CHANGES.into_iter().filter_map(|(field, value)| {
            let new = value(&self.updated);
            (new != value(&self.registered)).then(|| (field, new.to_owned()))
        });
        [
            (Field::PersonalAccount, self.personal_account.clone()),
            (Field::Name, self.registered.name.clone()),
            (Field::IdType, self.registered.id_type.clone()),
            (Field::IdNumber, self.registered.id_number.clone()),
        ]
        .into_iter()
        .chain(changed)
        .collect()
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    fn after(&self) -> Contribution {
        NOTHING
    }

    fn asked_about(&self) -> Option<(String, String)> {
        let renumbered = self.updated.id_number != self.registered.id_number;
        renumbered.then(|| (self.updated.id_number.clone(), self.updated.name.clone()))
    }
}

#[cfg(test)]
mod tests;
