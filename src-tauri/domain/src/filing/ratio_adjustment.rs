//! 缴存比例调整: the unit's pair of ratios from a month on, for everybody in it.

use serde::{Deserialize, Serialize};

use super::people::{self, NOTHING, cell, check_signed, place};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::characters::says_nothing;
use crate::checks::batch::Twin;
use crate::checks::{base, circumstances, months};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Ratio, Yuan};
use crate::month::Month;
use crate::profile::Policy;
use crate::roster::{AccountStatus, Roster};
use crate::sheet::{Field, RawRow, RawSheet};

/// The unit's ratios before and after, as signed; a filing has one such row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioAdjustmentRow {
    /// 单位缴存比例 before (the center's)
    pub old_unit_ratio: Ratio,
    /// 个人缴存比例 before (the center's)
    pub old_personal_ratio: Ratio,
    /// 单位缴存比例 (DWJCBL) from the month on
    pub unit_ratio: Ratio,
    /// 个人缴存比例 (GRJCBL) from the month on
    pub personal_ratio: Ratio,
    /// The first month they hold for; the filing's period.
    pub month: Month,
    /// 缴存人数: everybody whose account is 正常
    pub people: u32,
    /// What these people's parts sum up to a month, before, yuan
    pub before: Contribution,
    /// What their parts, each rounded, sum up to a month from the month on, yuan
    pub after: Contribution,
}

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 4] = [Field::UnitRatio, Field::PersonalRatio, Field::Month, Field::Remark];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 2] =
    [(Field::UnitRatio, Code::RatioMissing), (Field::PersonalRatio, Code::RatioMissing)];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[&[Field::UnitRatio], &[Field::PersonalRatio]];

/// Checks a whole sheet: every row, every finding.
///
/// A row without a month means the period. Figures are over everybody of the roster whose account is 正常; without
/// unit or roster there are none, and nothing that could be filed.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<RatioAdjustmentRow> {
    let mut findings = Vec::new();
    whole(of, &mut findings);
    people::whole(sheet, &REQUIRED, &[], &mut findings);
    let mut scratch = Vec::new();
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        rows.push(sheet_row(row, sheet, of, &mut scratch));
        place(sheet, row, &mut scratch, &mut findings);
    }
    people::place_twins(sheet, surplus(sheet.rows.len()), &[], &mut findings);
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

/// Unit, month, and a policy that says how to round; limits of bases are no matter of ratios.
fn whole(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    circumstances::unit(of, out);
    if of.policy().is_none() {
        out.push(Finding::new(Code::PolicyMissing, Level::Error).arg("month", of.period));
    }
    // Its own ratios come back by themselves when the term of lower ones ends.
    let term = of.unit.and_then(|unit| unit.deferral.as_ref()).filter(|term| term.lowers_ratios());
    out.extend(term.map(circumstances::term_runs));
}

/// Every row after the first: a unit has one pair of ratios.
fn surplus(rows: usize) -> Vec<Twin> {
    (1..rows).map(|row| Twin { row, first: 0, code: Code::RatioTwice, field: Field::UnitRatio }).collect()
}

fn sheet_row(
    row: &RawRow,
    sheet: &RawSheet,
    of: Circumstances<'_>,
    out: &mut Vec<Finding>,
) -> Option<RatioAdjustmentRow> {
    let unit_ratio = ratio(row, Field::UnitRatio, of.unit.map(|unit| unit.unit_ratio), sheet, of, out);
    let personal_ratio = ratio(row, Field::PersonalRatio, of.unit.map(|unit| unit.personal_ratio), sheet, of, out);
    let month = months::month(row, Field::Month, Some(of.period), out);
    if let Some((said, _)) = month {
        period(said, of, out);
    }
    let (unit_ratio, personal_ratio) = unit_ratio.zip(personal_ratio)?;
    judge(unit_ratio, personal_ratio, of, out);
    let due = due(unit_ratio, personal_ratio, of)?;
    due.limits(of.policy()?, out);
    let (unit, (month, _)) = of.unit.zip(month.filter(|(_, sound)| *sound))?;
    Some(RatioAdjustmentRow {
        old_unit_ratio: unit.unit_ratio,
        old_personal_ratio: unit.personal_ratio,
        unit_ratio,
        personal_ratio,
        month,
        people: due.people,
        before: due.before,
        after: due.after,
    })
}

/// A cell's ratio; the registered one is proposed where a cell says nothing.
fn ratio(
    row: &RawRow,
    field: Field,
    registered: Option<Ratio>,
    sheet: &RawSheet,
    of: Circumstances<'_>,
    out: &mut Vec<Finding>,
) -> Option<Ratio> {
    let (text, kind) = cell(row, field);
    if says_nothing(text) {
        if sheet.columns.contains_key(&field) {
            out.push(match registered {
                Some(ratio) => Finding::new(Code::RatioMissing, Level::Fix).about(field, "").propose(ratio.percent()),
                None => Finding::new(Code::RatioMissing, Level::Error).about(field, ""),
            });
        }
        return None;
    }
    base::ratio(text, kind, field, None, of.policy(), out)
}

/// The month is the filing's own: limits, rounding and figures are those of its period.
fn period(month: Month, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if month != of.period {
        let finding = Finding::new(Code::MonthDiffers, Level::Error).about(Field::Month, "").arg("period", of.period);
        out.push(finding.propose(of.period.to_string()));
    }
}

/// What both sides judge of the pair.
fn judge(unit_ratio: Ratio, personal_ratio: Ratio, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    base::equal_ratios(Some(unit_ratio), Some(personal_ratio), of.policy(), out);
    if of.unit.is_some_and(|unit| (unit.unit_ratio, unit.personal_ratio) == (unit_ratio, personal_ratio)) {
        out.push(Finding::new(Code::RatioUnchanged, Level::Error).about(Field::UnitRatio, ""));
    }
}

/// What a pair of ratios comes to for the people of a roster.
struct Due<'a> {
    people: u32,
    before: Contribution,
    after: Contribution,
    roster: &'a Roster,
    ratios: (Ratio, Ratio),
}

fn due<'a>(unit_ratio: Ratio, personal_ratio: Ratio, of: Circumstances<'a>) -> Option<Due<'a>> {
    let (policy, roster) = of.policy().zip(of.roster)?;
    let mut due = Due { people: 0, before: NOTHING, after: NOTHING, roster, ratios: (unit_ratio, personal_ratio) };
    let add = |sum: &mut Contribution, amounts: Contribution| {
        sum.unit_amount += amounts.unit_amount;
        sum.personal_amount += amounts.personal_amount;
    };
    for person in roster.contributors.iter().filter(|person| person.status == AccountStatus::Normal) {
        due.people += 1;
        add(&mut due.before, person.amounts);
        add(&mut due.after, policy.contribution(person.base, unit_ratio, personal_ratio));
    }
    Some(due)
}

impl Due<'_> {
    /// Limits on the monthly amount: with the bases as they are, they limit the sum of the ratios.
    fn limits(&self, policy: &Policy, out: &mut Vec<Finding>) {
        let beyond = |code, name: &str, limit: Option<Yuan>, is_beyond: fn(Yuan, Yuan) -> bool| {
            let limit = limit?;
            let (unit, personal) = self.ratios;
            let normal = self.roster.contributors.iter().filter(|person| person.status == AccountStatus::Normal);
            let mut found = normal
                .map(|person| (person, policy.contribution(person.base, unit, personal).monthly()))
                .filter(|(_, monthly)| is_beyond(*monthly, limit));
            let (person, monthly) = found.next()?;
            let finding = Finding::new(code, Level::Error).about(Field::UnitRatio, "").arg(name, limit);
            Some(finding.arg("name", &person.name).arg("computed", monthly).arg("people", 1 + found.count()))
        };
        out.extend(beyond(Code::RatioMonthlyAbove, "ceiling", policy.amount_ceiling, |monthly, limit| monthly > limit));
        out.extend(beyond(Code::RatioMonthlyBelow, "floor", policy.amount_floor, |monthly, limit| monthly < limit));
    }
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first.
pub fn check_rows(rows: &[RatioAdjustmentRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    check_signed(rows, totals, |out| whole(of, out), (&[], surplus(rows.len())), |row, out| signed_row(row, of, out))
}

fn signed_row(row: &RatioAdjustmentRow, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let policy = of.policy();
    base::new_ratio(row.unit_ratio, Field::UnitRatio, policy, out);
    base::new_ratio(row.personal_ratio, Field::PersonalRatio, policy, out);
    period(row.month, of, out);
    judge(row.unit_ratio, row.personal_ratio, of, out);
    if let Some(unit) = of.unit {
        for (said, registered, field) in [
            (row.old_unit_ratio, unit.unit_ratio, Field::UnitRatio),
            (row.old_personal_ratio, unit.personal_ratio, Field::PersonalRatio),
        ] {
            if said != registered {
                let finding = Finding::new(Code::RatioOldDiffers, Level::Error).about(field, said.percent());
                out.push(finding.arg("roster", registered.percent()));
            }
        }
    }
    let Some((due, policy)) = due(row.unit_ratio, row.personal_ratio, of).zip(policy) else { return };
    due.limits(policy, out);
    if (due.people, due.before, due.after) != (row.people, row.before, row.after) {
        let (before, after) = (due.before.monthly(), due.after.monthly());
        let computed = format!("{}人，变更前{before}元，变更后{after}元", due.people);
        out.push(
            Finding::new(Code::FilingTotals, Level::Error).about(Field::MonthlyAmount, "").arg("computed", computed),
        );
    }
}

impl FiledRow for RatioAdjustmentRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::UnitRatio, self.unit_ratio.to_string()),
            (Field::PersonalRatio, self.personal_ratio.to_string()),
            (Field::Month, self.month.to_string()),
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

    fn people(&self) -> u32 {
        self.people
    }

    fn asked_about(&self) -> Option<(String, String)> {
        None
    }
}

#[cfg(test)]
mod tests;
