//! 汇缴核定: the list of one month, or of several in a row, is frozen and its money is owed.
//!
//! It is computed, not typed: both sides make the list of a month from the roster and hold it against the filed one.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::people::{NOTHING, check_signed};
use super::{Circumstances, FiledRow, FilingKind, Totals};
use crate::checks::circumstances;
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::remittance::{Books, DueLine, MonthFigures, MonthTable, due_list};
use crate::roster::Roster;
use crate::sheet::Field;

/// One contributor due in one month, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerificationRow {
    /// 汇缴年月
    pub month: Month,
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 个人缴存基数 (GRJCJS), yuan
    pub base: Yuan,
    /// Monthly parts (DWYJCE, GRYJCE), yuan
    pub amounts: Contribution,
}

impl VerificationRow {
    fn of(month: Month, line: DueLine) -> Self {
        let DueLine { personal_account, name, id_number, base, amounts } = line;
        Self { month, personal_account, name, id_number, base, amounts }
    }

    /// The row as a line of its month's list.
    pub fn line(&self) -> DueLine {
        DueLine {
            personal_account: self.personal_account.clone(),
            name: self.name.clone(),
            id_number: self.id_number.clone(),
            base: self.base,
            amounts: self.amounts,
        }
    }
}

/// What has to be filed for the months from the first unverified one to `through`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The rows, month by month.
    pub rows: Vec<VerificationRow>,
    /// The table of each month.
    pub tables: Vec<MonthTable>,
}

impl Verification {
    /// Computes it from the roster and the list of the month before.
    pub fn compute(roster: &Roster, previous: &[DueLine], first: Month, through: Month) -> Self {
        let months: Vec<_> = crate::due::months(first, through).map(|month| (month, due_list(roster, month))).collect();
        let tables = MonthTable::in_a_row(previous, &months);
        let rows = months
            .into_iter()
            .flat_map(|(month, lines)| lines.into_iter().map(move |line| VerificationRow::of(month, line)))
            .collect();
        Self { rows, tables }
    }

    /// The figures of each month, as they go into the signed head.
    pub fn figures(&self) -> Vec<MonthFigures> {
        self.tables.iter().map(|table| table.figures).collect()
    }
}

/// Checks rows that arrive signed: the period is the last month. Only errors are returned, findings on the whole
/// filing first.
pub fn check_rows(rows: &[VerificationRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let computed = of.unit.zip(of.roster).zip(of.books).map(|((unit, roster), books)| {
        Verification::compute(roster, &books.previous, unit.first_unverified, of.period)
    });
    let mut expected: HashMap<(Month, &str), &VerificationRow> = HashMap::new();
    for row in computed.iter().flat_map(|computed| &computed.rows) {
        expected.insert((row.month, row.personal_account.as_str()), row);
    }
    let missing = missing(rows, &expected);
    check_signed(
        rows,
        totals,
        |out| {
            months(rows, of, out);
            in_the_way(of.books, out);
            if let Some(finding) = missing {
                out.push(finding);
            }
        },
        (&[], Vec::new()),
        |row, out| {
            // Taken out, so that somebody filed twice is found as well.
            if computed.is_some()
                && expected.remove(&(row.month, row.personal_account.as_str())).is_none_or(|same| same != row)
            {
                out.push(Finding::new(Code::VerifyList, Level::Error).about(Field::Name, "").arg("month", row.month));
            }
            zero(row, out);
        },
    )
}

/// What stands in the way of verifying, and what a person should look at first: findings on rows carry their index.
pub fn obstacles(verification: &Verification, of: Circumstances<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    months(&verification.rows, of, &mut findings);
    in_the_way(of.books, &mut findings);
    for (index, row) in verification.rows.iter().enumerate() {
        let mut found = Vec::new();
        zero(row, &mut found);
        limits(row, of, &mut found);
        findings.extend(found.into_iter().map(|finding| finding.arg("index", index)));
    }
    findings
}

/// Checks the head against the rows: the table of each month, and that its identities hold.
pub fn check_figures(rows: &[VerificationRow], figures: &[MonthFigures], previous: &[DueLine]) -> Option<Finding> {
    let mut months: Vec<(Month, Vec<DueLine>)> = Vec::new();
    for row in rows {
        match months.last_mut() {
            Some((month, lines)) if *month == row.month => lines.push(row.line()),
            _ => months.push((row.month, vec![row.line()])),
        }
    }
    let tables = MonthTable::in_a_row(previous, &months);
    let computed = tables.iter().map(|table| table.figures);
    let same = computed.eq(figures.iter().copied()) && figures.iter().all(|figures| figures.hold());
    (!same).then(|| Finding::new(Code::VerifyFigures, Level::Error))
}

/// Months in order from the first unverified one, none skipped, none twice, none that is not yet due.
fn months(rows: &[VerificationRow], of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let Some(unit) = of.unit else { return };
    if !unit.status.may_file() {
        out.push(Finding::new(Code::UnitStatus, Level::Error).arg("status", unit.status.label()));
    }
    let current = Month::of(of.today).ok();
    if !of.profile.prepayment && current.is_none_or(|current| of.period > current) {
        out.push(Finding::new(Code::VerifyFuture, Level::Error).arg("month", of.period));
    }
    // What is due after a term of lower ratios is known once it has ended.
    let term = unit.deferral.as_ref().filter(|term| term.lowers_ratios() && of.period > term.to);
    out.extend(term.map(circumstances::term_runs));
    let mut filed: Vec<Month> = rows.iter().map(|row| row.month).collect();
    filed.dedup();
    if filed.first().is_some_and(|first| *first < unit.first_unverified) || of.period < unit.first_unverified {
        let month = filed.first().copied().unwrap_or(of.period);
        let before = of.books.and_then(|books| books.months.iter().find(|before| before.figures.month == month));
        let finding = match before.filter(|before| !before.verified_by.is_empty()) {
            Some(before) => Finding::new(Code::VerifyTaken, Level::Error)
                .arg("by", &before.verified_by)
                .arg("at", &before.verified_at)
                .arg("number", &before.filing_number),
            None => Finding::new(Code::VerifyDone, Level::Error),
        };
        out.push(finding.arg("month", month).arg("first", unit.first_unverified));
    } else if !rows.is_empty() && !filed.iter().copied().eq(crate::due::months(unit.first_unverified, of.period)) {
        out.push(Finding::new(Code::VerifyOrder, Level::Error).arg("first", unit.first_unverified));
    }
    if rows.iter().all(|row| row.amounts.monthly() == Yuan::ZERO) {
        out.push(Finding::new(Code::VerifyNothing, Level::Error));
    }
}

/// Filings that touch people, bases or ratios and are not settled yet.
fn in_the_way(books: Option<&Books>, out: &mut Vec<Finding>) {
    let touching =
        |kind: FilingKind| kind.moves_money() || matches!(kind, FilingKind::ContributorUpdate | FilingKind::Deferral);
    for open in books.iter().flat_map(|books| &books.open).filter(|open| touching(open.kind)) {
        let finding = Finding::new(Code::VerifyOpen, Level::Error).arg("number", &open.filing_number);
        out.push(finding.arg("kind", open.kind.label()));
    }
}

/// Who is due and not filed: one finding for all of them.
fn missing(rows: &[VerificationRow], expected: &HashMap<(Month, &str), &VerificationRow>) -> Option<Finding> {
    let filed: std::collections::HashSet<_> =
        rows.iter().map(|row| (row.month, row.personal_account.as_str())).collect();
    let mut names: Vec<_> = expected.iter().filter(|(key, _)| !filed.contains(*key)).collect();
    names.sort_by_key(|(key, _)| **key);
    let (_, first) = names.first()?;
    let finding = Finding::new(Code::VerifyMissing, Level::Error).arg("count", names.len());
    Some(finding.arg("first", &first.name))
}

fn zero(row: &VerificationRow, out: &mut Vec<Finding>) {
    if row.amounts.monthly() <= Yuan::ZERO {
        out.push(Finding::new(Code::DueZero, Level::Error).about(Field::MonthlyAmount, row.amounts.monthly()));
    }
}

/// A base outside the limits of its month: the adjustment of the year may have been forgotten.
fn limits(row: &VerificationRow, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let Some(policy) = of.policy_of(row.month) else { return };
    let about = |code| Finding::new(code, Level::Warning).about(Field::NewBase, row.base);
    if let Some(ceiling) = policy.base_ceiling.filter(|ceiling| row.base > *ceiling) {
        out.push(about(Code::BaseAboveCeiling).arg("ceiling", ceiling));
    }
    if let Some(floor) = policy.base_floor.filter(|floor| row.base < *floor) {
        out.push(about(Code::BaseBelowFloor).arg("floor", floor));
    }
}

impl FiledRow for VerificationRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::Month, self.month.to_string()),
            (Field::PersonalAccount, self.personal_account.clone()),
            (Field::Name, self.name.clone()),
            (Field::IdNumber, self.id_number.clone()),
            (Field::NewBase, self.base.to_string()),
            (Field::UnitAmount, self.amounts.unit_amount.to_string()),
            (Field::PersonalAmount, self.amounts.personal_amount.to_string()),
        ]
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    fn after(&self) -> Contribution {
        self.amounts
    }

    fn asked_about(&self) -> Option<(String, String)> {
        None
    }
}

#[cfg(test)]
mod tests;
