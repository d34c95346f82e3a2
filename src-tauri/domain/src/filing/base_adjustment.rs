//! 年度基数调整: account, name, ID, old base, new base of every contributor, from an effective month on.

use foldhash::HashSet;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::people::{self, Member, NOTHING, Signed, cell, check_signed, place};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::characters::{says_nothing, short};
use crate::checks::base::{Amount, Use};
use crate::checks::batch::{Identified, twins};
use crate::checks::totals::Addends;
use crate::checks::{base, circumstances, identity, limits, roster, totals};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Ratio, Yuan};
use crate::profile::Policy;
use crate::roster::{AccountStatus, RosterIndex};
use crate::sheet::{Field, RawRow, RawSheet};

/// One contributor's new base, as it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseAdjustmentRow {
    /// 个人账号 (GRZH)
    pub personal_account: SmolStr,
    /// 姓名 (XINGMING)
    pub name: SmolStr,
    /// 证件类型 (ZJLX), national code
    pub id_type: SmolStr,
    /// 证件号码 (ZJHM)
    pub id_number: SmolStr,
    /// Base before (the center's), yuan
    pub old_base: Yuan,
    /// 个人缴存基数 (GRJCJS) from the effective month on, yuan
    pub new_base: Yuan,
    /// Monthly parts before, yuan
    pub before: Contribution,
    /// Monthly parts after, yuan
    pub after: Contribution,
}

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 17] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::Sex,
    Field::BirthDate,
    Field::OldBase,
    Field::NewBase,
    Field::UnitRatio,
    Field::PersonalRatio,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::MonthlyAmount,
    Field::Mobile,
    Field::BankCard,
    Field::Department,
    Field::Remark,
];

/// The columns that are summed.
const SUMMED: [Field; 5] =
    [Field::OldBase, Field::NewBase, Field::UnitAmount, Field::PersonalAmount, Field::MonthlyAmount];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 3] =
    [(Field::Name, Code::NameMissing), (Field::IdNumber, Code::IdMissing), (Field::NewBase, Code::AmountMissing)];

/// As [`REQUIRED`], of a sheet that gives the new amounts and no bases.
const REQUIRED_BY_AMOUNT: [(Field, Code); 2] = [REQUIRED[0], REQUIRED[1]];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[&[Field::IdNumber, Field::PersonalAccount], &[Field::NewBase, Field::MonthlyAmount]];

/// Checks a whole sheet: every row, every finding, never only the first.
///
/// A row is usable (`Some`) once its person, name, account and new base can be taken as they stand; limits,
/// duplicates and differences to the roster leave it usable, though they may block.
///
/// A sheet with a column of monthly amounts and none of bases is adjusted by amount: the new base is the one that
/// costs exactly the amount; where none does, the nearest amount that some base costs is proposed.
///
/// Without roster the old base is the sheet's own (zero where it has none) and personal accounts may be empty.
/// Without unit the ratios are the sheet's own; where it has none, the amounts are its own, or zero.
pub fn check_sheet(sheet: &RawSheet, circumstances: Circumstances<'_>) -> Checked<BaseAdjustmentRow> {
    let mut check = SheetCheck::of(sheet, circumstances);
    check.whole();
    let rows: Vec<_> = sheet.rows.iter().map(|row| check.row(row)).collect();
    check.duplicates();
    check.missing();
    check.totals();
    let mut findings = check.findings;
    // Stable: whole-sheet findings first, findings of one cell in the order of their rules.
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

struct SheetCheck<'a> {
    sheet: &'a RawSheet,
    of: Circumstances<'a>,
    policy: Option<&'a Policy>,
    index: Option<RosterIndex<'a>>,
    /// The new bases are to be told from the new amounts.
    by_amount: bool,
    people: Vec<Member<'a>>,
    addends: Vec<Addends<5>>,
    scratch: Vec<Finding>,
    findings: Vec<Finding>,
}

impl<'a> SheetCheck<'a> {
    fn of(sheet: &'a RawSheet, of: Circumstances<'a>) -> Self {
        Self {
            sheet,
            of,
            policy: of.policy(),
            index: of.roster.map(RosterIndex::of),
            by_amount: !sheet.columns.contains_key(&Field::NewBase)
                && sheet.columns.contains_key(&Field::MonthlyAmount),
            people: Vec::with_capacity(sheet.rows.len()),
            addends: Vec::with_capacity(if sheet.totals.is_empty() { 0 } else { sheet.rows.len() }),
            scratch: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn whole(&mut self) {
        circumstances::circumstances(self.of, &mut self.findings);
        circumstances::base_window(self.of, &mut self.findings);
        // With a roster the account says who it is.
        let by_account = self.index.is_some() && people::has(self.sheet, Field::PersonalAccount);
        let known: &[Field] = if by_account { &[Field::IdNumber] } else { &[] };
        let required: &[_] = if self.by_amount { &REQUIRED_BY_AMOUNT } else { &REQUIRED };
        people::whole(self.sheet, required, known, &mut self.findings);
    }

    /// Gives the findings of the last rules their place and raw text.
    fn place(&mut self, row: &RawRow) {
        place(self.sheet, row, &mut self.scratch, &mut self.findings);
    }

    fn row(&mut self, row: &'a RawRow) -> Option<BaseAdjustmentRow> {
        let person = self.person(row);
        let found = person.found;
        let ratios = self.ratios(row);
        let columns = SUMMED.map(|field| {
            // The old base is the roster's where there is one.
            let filed = field == Field::NewBase
                || (field == Field::OldBase && self.of.roster.is_none())
                || (field == Field::MonthlyAmount && self.by_amount);
            let usage = if filed { Use::Filed } else { Use::Compared };
            let (text, kind) = cell(row, field);
            base::amount(text, kind, field, usage, &mut self.scratch)
        });
        if !self.sheet.totals.is_empty() {
            self.addends.push(columns.map(|column| (!column.missing).then_some(column.meant)));
        }
        let [old, new, unit, personal, monthly] = columns;
        if new.missing && self.sheet.columns.contains_key(&Field::NewBase) {
            self.scratch.push(Finding::new(Code::AmountMissing, Level::Error).about(Field::NewBase, ""));
        }
        if let (Some(person), Some(said)) = (found, old.meant)
            && person.base != said
        {
            let finding = Finding::new(Code::BaseOldDiffers, Level::Warning).about(Field::OldBase, "");
            self.scratch.push(finding.arg("roster", person.base));
        }
        let old_base = found.map_or(old.meant, |person| Some(person.base));
        let new = if self.by_amount { self.base_of(monthly, ratios) } else { new };
        if let Some(meant) = new.meant {
            let before = self.scratch.len();
            base::new_base(meant, old_base, self.policy, &mut self.scratch);
            base::whole(meant, self.of.profile.base_unit, &mut self.scratch);
            if let (true, Some(policy), Some(ratios)) = (self.by_amount, self.policy, ratios) {
                said_of_amount(&mut self.scratch[before..], meant, policy, ratios);
            }
        }
        let after =
            new.meant.filter(|base| *base > Yuan::ZERO).and_then(|base| self.after(base, ratios, unit, personal));
        let sum = unit.meant.zip(personal.meant).map(|(unit, personal)| unit + personal);
        let summed = base::sum(sum, monthly.meant, &mut self.scratch);
        if let Some(after) = after {
            for (said, computed, field) in [
                (unit, after.unit_amount, Field::UnitAmount),
                (personal, after.personal_amount, Field::PersonalAmount),
                (monthly, after.monthly(), Field::MonthlyAmount),
            ] {
                let Some(said) = said.meant.filter(|said| ratios.is_some() && *said != computed) else { continue };
                if field != Field::MonthlyAmount || summed {
                    let finding = Finding::new(Code::AmountDiffers, Level::Warning).about(field, "");
                    self.scratch.push(finding.arg("computed", computed).arg("difference", said - computed));
                }
            }
            if let (Some(policy), Some(ratios)) = (self.policy, ratios) {
                let before = self.scratch.len();
                base::monthly(after, policy, &mut self.scratch);
                if let (true, Some(base)) = (self.by_amount, new.meant) {
                    said_of_amount(&mut self.scratch[before..], base, policy, ratios);
                }
            }
        }
        self.place(row);
        let typed = match (after, new.meant) {
            (Some(after), Some(new_base))
                if person.sound && new.sound && (old.sound || old.missing || found.is_some()) =>
            {
                let old_base = old_base.unwrap_or(Yuan::ZERO);
                let before = found.map(|person| person.amounts).or_else(|| {
                    let policy = self.of.policy_of(self.of.period.previous()).or(self.policy)?;
                    let (unit, personal) = ratios?;
                    Some(policy.contribution(old_base, unit, personal))
                });
                Some(BaseAdjustmentRow {
                    personal_account: short(person.account.as_deref().unwrap_or_default()),
                    name: short(&person.name),
                    id_type: short(person.id_type),
                    id_number: short(person.id.meant.as_deref().unwrap_or_default()),
                    old_base,
                    new_base,
                    before: before.unwrap_or(NOTHING),
                    after,
                })
            }
            _ => None,
        };
        self.people.push(person);
        typed
    }

    /// Who the row means: somebody of the unit whose account is 正常.
    fn person(&mut self, row: &'a RawRow) -> Member<'a> {
        let out = &mut self.scratch;
        let member = people::member(row, self.sheet, self.of, self.index.as_ref(), out);
        if let Some(resident) = member.id.resident.as_ref().filter(|_| !says_nothing(row.text(Field::IdNumber))) {
            identity::sex(row.text(Field::Sex), resident, out);
            let (text, kind) = cell(row, Field::BirthDate);
            identity::birth_date(text, kind, resident, out);
            identity::age(resident, self.of.today, out);
        }
        if let Some(person) = member.found {
            roster::normal(person, out);
            limits::base_changes(person, self.of, out);
        }
        member
    }

    /// The new base that costs the amount, where one does.
    fn base_of(&mut self, monthly: Amount, ratios: Option<(Ratio, Ratio)>) -> Amount {
        let fault = |code, level| Finding::new(code, level).about(Field::MonthlyAmount, "");
        let base = match (monthly.meant, ratios, self.policy) {
            (Some(amount), _, _) if amount <= Yuan::ZERO => {
                self.scratch.push(fault(Code::AmountNegative, Level::Error));
                None
            }
            (Some(_), None, _) => {
                self.scratch.push(fault(Code::AmountWithoutRatio, Level::Error));
                None
            }
            (Some(amount), Some((unit, personal)), Some(policy)) => {
                let found = policy.base_costing(amount, unit, personal, self.of.profile.base_unit);
                if let Err(unreachable) = found {
                    let shown =
                        |amount: Option<Yuan>| amount.map_or_else(|| "—".to_owned(), |amount| amount.to_string());
                    let nearest = unreachable.nearest(amount);
                    let level = if nearest.is_some() { Level::Fix } else { Level::Error };
                    let finding = fault(Code::AmountUnreachable, level).arg("below", unreachable.below);
                    let mut finding = finding.arg("above", shown(unreachable.above));
                    finding.fix = nearest.map(|nearest| nearest.to_string());
                    self.scratch.push(finding);
                }
                found.ok()
            }
            // A month without a policy is said of the whole filing.
            (Some(_), Some(_), None) => None,
            (None, _, _) => {
                if monthly.missing {
                    self.scratch.push(fault(Code::AmountMissing, Level::Error));
                }
                None
            }
        };
        Amount { meant: base, sound: monthly.sound && base.is_some(), missing: monthly.missing }
    }

    /// 单位 and 个人 ratio: the unit's, else the sheet's own.
    fn ratios(&mut self, row: &RawRow) -> Option<(Ratio, Ratio)> {
        let registered = self.of.unit.map(|unit| (unit.unit_ratio, unit.personal_ratio));
        let mut read = |field, registered| {
            let (text, kind) = cell(row, field);
            if says_nothing(text) {
                None
            } else {
                base::ratio(text, kind, field, registered, self.policy, &mut self.scratch)
            }
        };
        let unit = read(Field::UnitRatio, registered.map(|(unit, _)| unit));
        let personal = read(Field::PersonalRatio, registered.map(|(_, personal)| personal));
        if registered.is_none() {
            base::equal_ratios(unit, personal, self.policy, &mut self.scratch);
        }
        registered.or(unit.zip(personal))
    }

    fn after(
        &self,
        base: Yuan,
        ratios: Option<(Ratio, Ratio)>,
        unit: Amount,
        personal: Amount,
    ) -> Option<Contribution> {
        match ratios {
            Some((unit, personal)) => Some(self.policy?.contribution(base, unit, personal)),
            None => {
                let own = unit.meant.zip(personal.meant);
                Some(
                    own.map_or(NOTHING, |(unit_amount, personal_amount)| Contribution { unit_amount, personal_amount }),
                )
            }
        }
    }

    fn duplicates(&mut self) {
        let identified: Vec<_> = self.people.iter().map(Member::identified).collect();
        people::place_twins(self.sheet, twins(&identified), &identified, &mut self.findings);
        people::namesakes(self.sheet, &identified, |row| self.people[row].vouched(), &mut self.findings);
    }

    /// People who are 正常 at the center but in no row; a row that could not be matched speaks for its name.
    fn missing(&mut self) {
        let Some(roster) = self.of.roster.filter(|_| !self.sheet.rows.is_empty()) else { return };
        let mut present = vec![false; roster.contributors.len()];
        for place in self.people.iter().filter_map(|person| roster.contributors.element_offset(person.found?)) {
            present[place] = true;
        }
        let unmatched: HashSet<&str> =
            self.people.iter().filter(|person| person.found.is_none()).map(|person| &*person.name).collect();
        let absent = roster.contributors.iter().zip(present).filter(|(person, present)| {
            !present && person.status == AccountStatus::Normal && !unmatched.contains(person.name.as_str())
        });
        self.findings.extend(absent.map(|(person, _)| roster::missing(person)));
    }

    fn totals(&mut self) {
        let (sheet, findings) = (self.sheet, &mut self.findings);
        if !sheet.totals.is_empty() {
            totals::totals(sheet, SUMMED, &self.addends, |row, scratch| place(sheet, row, scratch, findings));
        }
    }
}

/// What is said of a base that was told from an amount stands at the amount, and proposes amounts.
fn said_of_amount(findings: &mut [Finding], base: Yuan, policy: &Policy, (unit, personal): (Ratio, Ratio)) {
    for finding in findings {
        finding.field = Some(Field::MonthlyAmount);
        finding.value = base.to_string();
        let proposed = finding.fix.take().and_then(|base| base.parse().ok());
        finding.fix = proposed.map(|base| policy.contribution(base, unit, personal).monthly().to_string());
    }
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. Used by the center; a filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned: warnings were the clerk's to confirm, and what would be a proposal in a sheet
/// is an error in a signed row. Findings on the whole filing carry no index and come first.
pub fn check_rows(rows: &[BaseAdjustmentRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let index = of.roster.map(RosterIndex::of);
    let policy = of.policy();
    let identified: Vec<_> = rows
        .iter()
        .map(|row| Identified {
            id_number: Some(row.id_number.as_str()).filter(|id| !id.is_empty()),
            name: &row.name,
            account: Some(row.personal_account.as_str()).filter(|account| !account.is_empty()),
        })
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
    row: &BaseAdjustmentRow,
    of: Circumstances<'_>,
    policy: Option<&Policy>,
    index: Option<&RosterIndex<'_>>,
    out: &mut Vec<Finding>,
) {
    let fault = |code, field| Finding::new(code, Level::Error).about(field, "");
    let who = Signed {
        personal_account: &row.personal_account,
        name: &row.name,
        id_type: &row.id_type,
        id_number: &row.id_number,
    };
    let found = people::signed_member(&who, of, index, out);
    base::new_base(row.new_base, None, policy, out);
    base::whole(row.new_base, of.profile.base_unit, out);
    if let (Some(unit), Some(policy)) = (of.unit, policy) {
        let after = policy.contribution(row.new_base, unit.unit_ratio, unit.personal_ratio);
        base::monthly(after, policy, out);
        if after != row.after {
            out.push(fault(Code::AmountDiffers, Field::MonthlyAmount).arg("computed", after.monthly()));
        }
    }
    let Some(person) = found else { return };
    roster::normal(person, out);
    limits::base_changes(person, of, out);
    if person.base != row.old_base {
        out.push(fault(Code::BaseOldDiffers, Field::OldBase).arg("roster", person.base));
    } else if person.amounts != row.before {
        let value = row.before.monthly().to_string();
        let finding = Finding::new(Code::AmountDiffers, Level::Error).about(Field::MonthlyAmount, value);
        out.push(finding.arg("computed", person.amounts.monthly()));
    }
}

impl FiledRow for BaseAdjustmentRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::PersonalAccount, self.personal_account.to_string()),
            (Field::Name, self.name.to_string()),
            (Field::IdType, self.id_type.to_string()),
            (Field::IdNumber, self.id_number.to_string()),
            (Field::OldBase, self.old_base.to_string()),
            (Field::NewBase, self.new_base.to_string()),
            (Field::UnitAmount, self.after.unit_amount.to_string()),
            (Field::PersonalAmount, self.after.personal_amount.to_string()),
            (Field::MonthlyAmount, self.after.monthly().to_string()),
        ]
    }

    fn before(&self) -> Contribution {
        self.before
    }

    fn after(&self) -> Contribution {
        self.after
    }
}

#[cfg(test)]
mod tests;
