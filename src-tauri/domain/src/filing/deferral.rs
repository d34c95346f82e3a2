//! 缓缴 / 降低缴存比例申请: a unit in difficulty asks to pay later, or less than the least, for a term. The center
//! reviews it; nothing changes before it has accepted.

use serde::{Deserialize, Serialize};

use super::people::{self, NOTHING, cell, check_signed, place};
use super::{Checked, Circumstances, FiledRow, FilingKind, Totals};
use crate::amount;
use crate::characters::{says_nothing, squeezed};
use crate::checks::batch::Twin;
use crate::checks::{base, circumstances, months, text};
use crate::due;
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Ratio};
use crate::month::Month;
use crate::sheet::{CellKind, Field, RawRow, RawSheet};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// 缓缴: to pay the months of the term later.
    Defer,
    /// 降低缴存比例: to pay them at lower ratios, below the least of the policy too.
    LowerRatio,
}

impl Asked {
    /// Both, in the order of lists.
    pub const ALL: [Self; 2] = [Self::Defer, Self::LowerRatio];

    /// The name on screen and in sheets.
    pub fn label(self) -> &'static str {
        match self {
            Self::Defer => "缓缴",
            Self::LowerRatio => "降低缴存比例",
        }
    }

    /// Reads the name, or what people write instead.
    pub fn parse(text: &str) -> Option<Self> {
        match &*squeezed(text) {
            "缓缴" | "申请缓缴" | "缓缴申请" | "缓缴住房公积金" => Some(Self::Defer),
            "降低缴存比例" | "降比" | "降低比例" | "降低缴存比例申请" | "降比申请" => {
                Some(Self::LowerRatio)
            }
            _ => None,
        }
    }
}

/// An application, as signed; a filing has one such row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeferralRow {
    /// What is asked for.
    pub asked: Asked,
    /// 起始年月: the first month not yet verified; the filing's period.
    pub from: Month,
    /// 终止年月, within the term that the center allows.
    pub to: Month,
    /// 单位缴存比例 for the term, where lower ratios are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_ratio: Option<Ratio>,
    /// 个人缴存比例 for the term, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_ratio: Option<Ratio>,
    /// 申请原因, in the unit's own words.
    pub reason: String,
}

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 7] = [
    Field::ChangeKind,
    Field::FromMonth,
    Field::ToMonth,
    Field::UnitRatio,
    Field::PersonalRatio,
    Field::Reason,
    Field::Remark,
];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 3] = [
    (Field::ChangeKind, Code::DeferralAsked),
    (Field::ToMonth, Code::MonthMissing),
    (Field::Reason, Code::DeferralReason),
];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[&[Field::ChangeKind], &[Field::ToMonth], &[Field::Reason]];

/// Checks a whole sheet: every row, every finding. A row without a first month means the period.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<DeferralRow> {
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

fn about(field: Field, code: Code, level: Level) -> Finding {
    Finding::new(code, level).about(field, "")
}

/// Unit and month; one application at a time.
fn whole(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    circumstances::unit(of, out);
    let open = of.books.and_then(|books| books.open.iter().find(|filing| filing.kind == FilingKind::Deferral));
    if let Some(filing) = open {
        out.push(Finding::new(Code::DeferralOpen, Level::Error).arg("number", &filing.filing_number));
    }
    let term = of.unit.and_then(|unit| unit.deferral.as_ref()).filter(|term| of.period <= term.to);
    out.extend(term.map(circumstances::term_runs));
}

/// Every row after the first: one application is for one term.
fn surplus(rows: usize) -> Vec<Twin> {
    (1..rows).map(|row| Twin { row, first: 0, code: Code::DeferralTwice, field: Field::ChangeKind }).collect()
}

fn sheet_row(row: &RawRow, sheet: &RawSheet, of: Circumstances<'_>, out: &mut Vec<Finding>) -> Option<DeferralRow> {
    let asked = asked(row, sheet, out);
    let from = months::month(row, Field::FromMonth, Some(of.period), out);
    let to = months::needed(row, sheet, Field::ToMonth, out);
    if let Some((from, _)) = from {
        start(from, of, out);
    }
    if let Some(((from, _), (to, _))) = from.zip(to) {
        term(from, to, of, out);
    }
    let [unit, personal] = [Field::UnitRatio, Field::PersonalRatio].map(|field| ratio(row, field, of, out));
    let (said, kind) = cell(row, Field::Reason);
    let reason = (sheet.columns.contains_key(&Field::Reason) || !says_nothing(said)).then(|| reason(said, kind, out));
    let (asked, sound) = asked?;
    judge(asked, unit.said, personal.said, of, out);
    let ((from, true), (to, true), Some(Some(reason))) = (from?, to?, reason) else { return None };
    // What could not be read stands in for nothing.
    if !sound || unit.unread || personal.unread {
        return None;
    }
    Some(DeferralRow { asked, from, to, unit_ratio: unit.said, personal_ratio: personal.said, reason })
}

/// What is asked for, and whether it may be filed as it stands.
fn asked(row: &RawRow, sheet: &RawSheet, out: &mut Vec<Finding>) -> Option<(Asked, bool)> {
    let (text, _) = cell(row, Field::ChangeKind);
    if says_nothing(text) && !sheet.columns.contains_key(&Field::ChangeKind) {
        return None;
    }
    let Some(asked) = Asked::parse(text) else {
        out.push(about(Field::ChangeKind, Code::DeferralAsked, Level::Error));
        return None;
    };
    let sound = text == asked.label();
    if !sound {
        out.push(about(Field::ChangeKind, Code::DeferralAsked, Level::Fix).propose(asked.label()));
    }
    Some((asked, sound))
}

struct RatioCell {
    said: Option<Ratio>,
    unread: bool,
}

fn ratio(row: &RawRow, field: Field, of: Circumstances<'_>, out: &mut Vec<Finding>) -> RatioCell {
    let (text, kind) = cell(row, field);
    if says_nothing(text) {
        return RatioCell { said: None, unread: false };
    }
    let Some(said) = amount::ratio(text, kind) else {
        out.push(about(field, Code::RatioUnreadable, Level::Error));
        return RatioCell { said: None, unread: true };
    };
    step(said, field, of, out);
    RatioCell { said: Some(said), unread: false }
}

/// The least ratio does not hold here; the steps of the policy do.
fn step(said: Ratio, field: Field, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if of.policy().and_then(|policy| policy.ratio_step).is_some_and(|step| !said.steps(step)) {
        out.push(about(field, Code::RatioFraction, Level::Error));
    }
}

fn reason(said: &str, kind: CellKind, out: &mut Vec<Finding>) -> Option<String> {
    if says_nothing(said) {
        out.push(about(Field::Reason, Code::DeferralReason, Level::Error));
        return None;
    }
    let before = out.len();
    let meant = text::words(said, kind, Field::Reason, out);
    (out.len() == before).then(|| meant.into_owned())
}

/// 缓缴起始年月 is 应汇缴年月, after 缴至年月; and the filing's own month.
fn start(from: Month, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if from != of.period {
        let finding = about(Field::FromMonth, Code::MonthDiffers, Level::Error).arg("period", of.period);
        out.push(finding.propose(of.period.to_string()));
    } else if let Some(unit) = of.unit.filter(|unit| from != unit.first_unverified || from <= unit.paid_through) {
        let finding = about(Field::FromMonth, Code::DeferralStart, Level::Error).arg("first", unit.first_unverified);
        out.push(finding.arg("paid", unit.paid_through));
    }
}

fn term(from: Month, to: Month, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if from > to {
        out.push(about(Field::FromMonth, Code::SpanOrder, Level::Error).arg("to", to));
        return;
    }
    let (months, most) = (due::months(from, to).count(), of.profile.limits.deferral_months);
    if months > usize::from(most) {
        let finding = about(Field::ToMonth, Code::DeferralTerm, Level::Error).arg("months", months);
        out.push(finding.arg("limit", most));
    }
}

/// What both sides judge of the ratios: lower ones where they are asked for, none where they are not.
fn judge(asked: Asked, unit: Option<Ratio>, personal: Option<Ratio>, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    match asked {
        Asked::Defer => {
            for (said, field) in [(unit, Field::UnitRatio), (personal, Field::PersonalRatio)] {
                if said.is_some() {
                    out.push(about(field, Code::DeferralRatio, Level::Error));
                }
            }
        }
        Asked::LowerRatio => {
            for (said, field) in [(unit, Field::UnitRatio), (personal, Field::PersonalRatio)] {
                if said.is_none() {
                    out.push(about(field, Code::RatioMissing, Level::Error));
                }
            }
            base::equal_ratios(unit, personal, of.policy(), out);
            if let Some((unit, personal)) = unit.zip(personal) {
                lower(unit, personal, of, out);
            }
        }
    }
}

/// Neither above what is registered, one below it, and none of them nothing.
fn lower(unit: Ratio, personal: Ratio, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let registered = of.unit.map(|unit| (unit.unit_ratio, unit.personal_ratio));
    let most = registered.or_else(|| of.policy().map(|policy| (policy.ratio_ceiling, policy.ratio_ceiling)));
    let nothing = unit.decimal().is_zero() || personal.decimal().is_zero();
    let beyond = most.is_some_and(|(most_unit, most_personal)| unit > most_unit || personal > most_personal);
    if nothing || beyond || registered == Some((unit, personal)) {
        let shown = most
            .map_or_else(|| "—".to_owned(), |(unit, personal)| format!("{}、{}", unit.percent(), personal.percent()));
        out.push(about(Field::UnitRatio, Code::DeferralNotLower, Level::Error).arg("registered", shown));
    }
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first.
pub fn check_rows(rows: &[DeferralRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    check_signed(
        rows,
        totals,
        |out| whole(of, out),
        (&[], surplus(rows.len())),
        |row, out| {
            start(row.from, of, out);
            term(row.from, row.to, of, out);
            for (said, field) in [(row.unit_ratio, Field::UnitRatio), (row.personal_ratio, Field::PersonalRatio)] {
                if let Some(said) = said {
                    step(said, field, of, out);
                }
            }
            reason(&row.reason, CellKind::Text, out);
            judge(row.asked, row.unit_ratio, row.personal_ratio, of, out);
        },
    )
}

impl FiledRow for DeferralRow {
    fn figures(&self) -> Vec<(Field, String)> {
        let said = |ratio: Option<Ratio>| ratio.map(|ratio| ratio.to_string()).unwrap_or_default();
        vec![
            (Field::ChangeKind, self.asked.label().to_owned()),
            (Field::FromMonth, self.from.to_string()),
            (Field::ToMonth, self.to.to_string()),
            (Field::UnitRatio, said(self.unit_ratio)),
            (Field::PersonalRatio, said(self.personal_ratio)),
            (Field::Reason, self.reason.clone()),
        ]
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    fn after(&self) -> Contribution {
        NOTHING
    }

    fn asked_about(&self) -> Option<(String, String)> {
        None
    }
}

#[cfg(test)]
mod tests;
