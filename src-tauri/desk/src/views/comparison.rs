//! 智能比对: what a payroll was found to say, person by person, and what is decided.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Choice, FindingView};

/// `comparisons`: those that are kept, the last changed first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonsView {
    /// The list.
    pub comparisons: Vec<ComparisonEntry>,
}

/// One comparison in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonEntry {
    /// Its id.
    pub comparison: String,
    /// 生效年月
    pub period: String,
    /// The workbook.
    pub file_name: String,
    /// People who wait for an answer.
    pub open: u32,
    /// Its drafts were made.
    pub made: bool,
    /// Last change, local time.
    pub saved_at: String,
}

/// A comparison's head.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonView {
    /// Its id.
    pub comparison: String,
    /// Rises with every change; answers for another revision are dropped.
    #[ts(type = "number")]
    pub revision: u64,
    /// 生效年月
    pub period: String,
    /// The workbook.
    pub file_name: String,
    /// Sheet name.
    pub sheet: String,
    /// People in the sheet.
    pub people: u32,
    /// Version of the roster it was compared with.
    #[ts(type = "number")]
    pub roster_version: u64,
    /// The sheet has a column of bases; without one nobody's base is compared.
    pub base_compared: bool,
    /// Every group, in the order lists show them; empty ones too.
    pub groups: Vec<ComparisonGroup>,
    /// People who wait for an answer, to be mended or left out.
    pub open: u32,
    /// What there is to say about the file and the matching: errors that block, warnings that wait for confirmation.
    pub findings: Vec<ComparisonFinding>,
    /// Warnings (by code) that nobody has confirmed yet.
    pub unconfirmed: u32,
    /// Findings on the file that block.
    pub blocking: u32,
    /// New people whom the center was not asked about.
    pub not_asked: u32,
    /// Code of what went wrong when the center was asked last.
    pub trouble: Option<String>,
    /// 封存原因 to choose from.
    pub reasons: Vec<Choice>,
    /// What will be made, or was.
    pub making: Vec<ComparisonMaking>,
    /// People who have a row in more than one of the filings: those are to be settled in their order.
    pub in_several: u32,
    /// Its drafts were made: decisions stand.
    pub made: bool,
    /// Drafts that were made and can be taken back.
    pub to_take_back: u32,
    /// Whether the last decision can be taken back.
    pub can_undo: bool,
    /// Last change, local time.
    pub saved_at: String,
}

/// One group of people.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonGroup {
    /// `new`, `returned`, `left`, `base_changed`, `name_differs`, `id_differs`, `unchanged`, `not_comparable`.
    pub kind: String,
    /// Chinese name.
    pub title: String,
    /// People in it.
    pub people: u32,
    /// Those who wait for an answer.
    pub open: u32,
    /// Those about whom nothing was decided though something could be.
    pub undecided: u32,
    /// What may be answered.
    pub answers: Vec<Choice>,
    /// 月缴存额合计 before; people whose amounts are not known are not in it.
    pub before: String,
    /// 月缴存额合计 after, as proposed.
    pub after: String,
}

/// Findings of one code on the file or the matching.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonFinding {
    /// The first of them.
    pub finding: FindingView,
    /// How many.
    pub count: u32,
    /// The note of the clerk who confirmed them.
    pub confirmed: Option<String>,
}

/// One filing that is made of a comparison.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonMaking {
    /// Kind, `snake_case`.
    pub kind: String,
    /// Chinese name.
    pub label: String,
    /// People in it.
    pub people: u32,
    /// The draft that was made and is worked on.
    pub draft: Option<String>,
    /// The filing that was made of the draft.
    pub filing: Option<String>,
}

/// Which people are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, optional_fields)]
pub struct ComparisonFilter {
    /// Only this group.
    #[serde(default)]
    pub group: Option<String>,
    /// Only people who wait for an answer.
    #[serde(default)]
    pub open: bool,
    /// Only people whose name or account contains this text, or whose ID number ends with it.
    #[serde(default)]
    pub find: Option<String>,
}

/// `comparison_page`: a hundred people.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonPage {
    /// Revision these are of.
    #[ts(type = "number")]
    pub revision: u64,
    /// Page number, zero-based.
    pub page: u32,
    /// People behind the filter.
    pub total: u32,
    /// People a page holds.
    pub size: u32,
    /// The people.
    pub lines: Vec<ComparisonLine>,
}

/// One person.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonLine {
    /// What decisions name it by.
    pub key: String,
    /// The group.
    pub kind: String,
    /// Chinese names of what was found out, the first to be settled first.
    pub titles: Vec<String>,
    /// 姓名
    pub name: String,
    /// The sheet's name or (masked) ID number where it is another.
    pub said: String,
    /// ID number, masked.
    pub id_masked: String,
    /// 个人账号
    pub account: String,
    /// One-based row of the sheet; absent for whoever is not in it.
    pub row: Option<u32>,
    /// Why it is proposed and what to do.
    pub reason: String,
    /// What is wrong with the row, one entry per finding.
    pub problems: Vec<RowProblem>,
    /// What was mended here, which the workbook says otherwise.
    pub mended: Vec<MendedCell>,
    /// 缴存基数 before.
    pub before: Option<String>,
    /// 缴存基数 after, as the sheet says.
    pub after: Option<String>,
    /// What may be answered.
    pub answers: Vec<Choice>,
    /// What was answered.
    pub answer: Option<String>,
    /// 封存原因, where the answer has one.
    pub seal_reason: Option<String>,
    /// 本次不办: the note.
    pub left_out: Option<String>,
    /// Can be left out.
    pub may_be_left_out: bool,
    /// Waits for the clerk.
    pub open: bool,
    /// Chinese names of the filings it becomes, in the order in which they are to be settled.
    pub filings: Vec<String>,
}

/// What is wrong with a row that could not be compared.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RowProblem {
    /// Chinese sentence.
    pub message: String,
    /// The field to mend, `snake_case`; absent where no cell is meant.
    pub field: Option<String>,
    /// Its Chinese name; empty where no cell is meant.
    pub label: String,
    /// What stands in the cell.
    pub text: String,
    /// Proposed text.
    pub fix: Option<String>,
}

/// A cell that was mended in the comparison; the workbook is as it was.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MendedCell {
    /// The field, `snake_case`.
    pub field: String,
    /// Its Chinese name.
    pub label: String,
    /// What the workbook says; ID numbers are masked.
    pub before: String,
    /// What it says now; ID numbers are masked.
    pub after: String,
}

/// `compare_mend`: a cell of the payroll as it is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ComparisonMend {
    /// One-based row of the sheet.
    pub row: u32,
    /// The field, `snake_case`.
    pub field: String,
    /// The text; empty clears the cell.
    pub text: String,
}

/// `compare_decide`: a decision about some people.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export, optional_fields)]
pub struct ComparisonDecision {
    /// The people by their keys; empty where a group is meant.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Everybody of this group about whom nothing was decided yet.
    #[serde(default)]
    pub group: Option<String>,
    /// Of the group only those whom this text finds.
    #[serde(default)]
    pub find: Option<String>,
    /// `seal`, `transfer_out`, `forgotten`, `update`, `typing_error`, `two_people`, or `leave_out`; absent takes the
    /// decision back.
    #[serde(default)]
    pub answer: Option<String>,
    /// 封存原因, for `seal`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why, for `leave_out`.
    #[serde(default)]
    pub note: Option<String>,
}
