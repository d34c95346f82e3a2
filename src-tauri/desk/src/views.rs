//! What the screens are given and what they ask with. Exported to TypeScript by ts-rs.
//!
//! Amounts are strings with two places, months `YYYY-MM`, identifiers strings. ID numbers arrive masked
//! unless a screen edits them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod approval;
mod certificates;
mod comparison;
mod contributors;
mod data;
mod month;
mod papers;
mod profiles;
mod queries;
mod search;
mod settings;
mod statement;
mod units;
mod uploads;

pub use approval::*;
pub use certificates::*;
pub use comparison::*;
pub use contributors::*;
pub use data::*;
pub use month::*;
pub use papers::*;
pub use profiles::*;
pub use queries::*;
pub use search::*;
pub use settings::*;
pub use statement::*;
pub use units::*;
pub use uploads::*;

/// A refusal or fault as it crosses to the UI; the words are in the table of texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UiError {
    /// Stable code, a key of the table of texts.
    pub code: String,
    /// Figures for its words.
    pub args: std::collections::BTreeMap<String, String>,
    /// Findings that came with it (rows refused by the center).
    pub findings: Vec<FindingView>,
    /// Number under which the log knows it.
    pub trace: String,
    /// The page of the help that explains it, where there is one.
    pub help: Option<String>,
}

impl UiError {
    /// Without findings.
    pub fn new(code: &str, args: std::collections::BTreeMap<String, String>, trace: &str) -> Self {
        let help = huijiao_domain::help::page_of(code).map(|page| page.id.to_owned());
        Self { code: code.to_owned(), args, findings: Vec::new(), trace: trace.to_owned(), help }
    }
}

/// `start`: what the first screen shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StartView {
    /// Version of the program.
    pub version: String,
    /// Whether the data are open, and what opens them.
    pub vault: VaultState,
    /// What the user must know about the data: no backup today, a broken log of operations.
    pub notices: Vec<UiError>,
    /// What unlocks the screen; absent while it is not locked.
    pub lock: Option<Vec<UnlockWay>>,
    /// The open session, where there is one and the screen is not locked.
    pub session: Option<SessionView>,
}

/// Whether the local data can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// Key found in the system's keyring, or already unlocked.
    Ready,
    /// No keyring; the data passphrase opens it.
    Locked,
    /// No keyring and no data yet: a passphrase is to be chosen.
    NewPassphrase,
    /// The keyring has lost the key of the data, or has another one; the recovery passphrase opens them.
    Recovery,
}

/// A center and a unit that the clerk works with.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SessionView {
    /// Practice center: the orange strip is shown.
    pub demo: bool,
    /// Number of the colour of the unit's strip; none in the practice, which has its own.
    pub band: Option<u8>,
    /// How filings reach the center: `gateway` or `upload_file`.
    pub channel: String,
    /// Filings are signed before they leave.
    pub signs: bool,
    /// 中心名称
    pub center_name: String,
    /// 单位名称
    pub unit_name: String,
    /// 单位账号
    pub unit_account: String,
    /// 统一社会信用代码
    pub credit_code: String,
    /// Chinese name of the unit's account status.
    pub unit_status: String,
    /// The 缓缴 or the lower ratios that the center has granted, and the term, Chinese; empty where none runs.
    pub deferral: String,
    /// 单位缴存人数
    pub contributors: u32,
    /// 单位封存人数
    pub sealed: u32,
    /// 单位 / 个人缴存比例, `8%`
    pub unit_ratio: String,
    /// `8%`
    pub personal_ratio: String,
    /// 缴至年月
    pub paid_through: String,
    /// First month that a base may take effect.
    pub first_month: String,
    /// Last month that a base may take effect.
    pub last_month: String,
    /// The month proposed for a new filing.
    pub proposed_month: String,
    /// Who is logged in.
    pub operator: String,
    /// What he is in this unit, Chinese; empty where the center has not said.
    pub role: String,
    /// He countersigns and files nothing himself: his work is what waits for an approver.
    pub approves_only: bool,
    /// Filings that wait for an approver.
    pub awaiting: u32,
    /// Practice only: everybody whom one can be.
    pub operators: Vec<PracticeOperator>,
    /// `reachable`, or the code of the fault.
    pub connection: String,
    /// Age and version of the local roster.
    pub roster: Option<RosterAge>,
    /// Minutes that the center's clock is ahead of this computer's, below zero where it is behind; where more than five.
    pub clock_skew_minutes: Option<i32>,
    /// Practice only: PIN of the practice certificate, shown beside the PIN field.
    pub demo_pin: Option<String>,
    /// Days left of the certificate that is logged in with, where that is worth a warning; below zero once it has
    /// ended.
    pub certificate_days: Option<i32>,
}

/// Somebody whom one can be in the practice.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PracticeOperator {
    /// Names him to `practice`.
    pub key: String,
    /// His name.
    pub name: String,
    /// It is he who is logged in.
    pub on: bool,
}

/// How old the local copy of the roster is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RosterAge {
    /// Version at the center when it was taken.
    #[ts(type = "number")]
    pub version: u64,
    /// When it was taken, local time `2026-07-06 14:32`.
    pub taken_at: String,
    /// People in it.
    pub people: u32,
    /// Of a file that was just read: people whose name, ID number or account was not written as the center means it;
    /// else 0.
    pub mended: u32,
}

/// A workbook the user chose; files are named by ticket, never by path, so the page can open nothing else.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Ticket {
    /// Handle for `import_preview` and `import_accept`.
    pub ticket: String,
    /// File name without folder.
    pub file_name: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// What a practice workbook is for; empty for others.
    pub note: String,
}

/// `step`: how far the long step under way is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StepView {
    /// Done so far; nothing where the step does not count.
    pub done: u32,
    /// Of so many; nothing while nobody knows.
    pub total: u32,
}

/// `home`: drafts and filings of the unit, and practice workbooks.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HomeView {
    /// Session figures, refreshed.
    pub session: SessionView,
    /// Open drafts, newest first.
    pub drafts: Vec<DraftLine>,
    /// Signed filings, newest first.
    pub filings: Vec<FilingLine>,
    /// Practice workbooks on disk (demo only).
    pub workbooks: Vec<Ticket>,
    /// Folder of the practice workbooks.
    pub workbook_folder: Option<String>,
}

/// One draft in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DraftLine {
    /// Id of the draft.
    pub draft: String,
    /// Kind, `base_adjustment`.
    pub kind: String,
    /// 生效年月
    pub period: String,
    /// Workbook it came from.
    pub file_name: String,
    /// People in it.
    pub people: u32,
    /// Findings that block.
    pub blocking: u32,
    /// Last change, local time.
    pub saved_at: String,
    /// Where it stands where the center has no gateway and it has left as a file.
    pub upload: Option<UploadStage>,
}

/// One filing in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FilingLine {
    /// Id of the filing.
    pub filing: String,
    /// Kind.
    pub kind: String,
    /// 生效年月
    pub period: String,
    /// People in it.
    pub people: u32,
    /// See [`FilingStage`].
    pub stage: FilingStage,
    /// 业务流水号, once there is one.
    pub filing_number: Option<String>,
    /// When it was signed, local time.
    pub signed_at: String,
}

/// Where a filing stands, as the client knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum FilingStage {
    /// 已签名，待提交: on disk, not sent or surely not arrived
    Signed,
    /// 提交中
    Submitting,
    /// 状态待确认: sent, no answer
    Unknown,
    /// 待复核
    AwaitingApproval,
    /// 已受理
    Accepted,
    /// 审核中
    InReview,
    /// 已办结
    Settled,
    /// 部分办结
    PartlySettled,
    /// 已退回
    Refused,
    /// 已撤回
    Withdrawn,
    /// 已签名，本单位留存: the center has no gateway, nothing is sent
    Kept,
}

/// `kinds`: a group of kinds of filings, as the navigation shows them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KindGroup {
    /// Chinese name of the group: 缴存人.
    pub label: String,
    /// The kinds in it.
    pub kinds: Vec<KindView>,
}

/// A kind of filing: what a screen has to know to offer it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KindView {
    /// `snake_case`
    pub kind: String,
    /// Full Chinese name: 缴存人状态变更.
    pub label: String,
    /// Name within its group: 状态变更.
    pub entry: String,
    /// What it is for, one sentence.
    pub lead: String,
    /// What its month is called: 生效年月.
    pub period_label: String,
    /// Columns a sheet cannot do without, alternatives in one: 证件号码或个人账号.
    pub needed: Vec<String>,
    /// By when, as far as law and center have said so; sentences.
    pub deadlines: Vec<String>,
    /// The center takes it.
    pub taken: bool,
    /// It can begin with everybody of the roster.
    pub of_roster: bool,
    /// What its sums are called; absent where no money moves.
    pub money: Option<MoneyWords>,
}

/// What the sums of a filing are called.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MoneyWords {
    /// The sum before; absent where nothing is due before, so that there is no difference either.
    pub before: Option<String>,
    /// The sum after.
    pub after: String,
}

/// `import_preview`: the sheet as it is, with what the program took from it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PreviewView {
    /// The workbook.
    pub ticket: Ticket,
    /// Kind it is read as.
    pub kind: String,
    /// `xlsx`, `xls`, `xlsb`, `ods`, `csv`.
    pub format: String,
    /// csv: the encoding it was read in.
    pub encoding: Option<String>,
    /// csv: encodings to choose from.
    pub encodings: Vec<String>,
    /// Sheets, hidden ones marked.
    pub sheets: Vec<SheetChoice>,
    /// The sheet shown.
    pub sheet: String,
    /// First and last header row, one-based; absent where none was found.
    pub header_rows: Option<(u32, u32)>,
    /// Columns of the sheet.
    pub columns: Vec<ColumnChoice>,
    /// Fields a column can be given, with their Chinese names, wanted ones first.
    pub fields: Vec<FieldChoice>,
    /// Fields the filing cannot do without and no column has, in Chinese; alternatives in one.
    pub missing: Vec<String>,
    /// The first rows as they stand (up to 40), header and titles included.
    pub sample: Vec<SampleRow>,
    /// Rows of people that will be taken.
    pub people: u32,
    /// 小计/合计 rows that were recognised.
    pub total_rows: u32,
    /// Findings on the file as a whole (hidden rows, macros, unit mismatch …).
    pub findings: Vec<FindingView>,
    /// A draft or filing already made from the same file, as a sentence's figures (local time), if any.
    pub seen_before: Option<String>,
}

/// A sheet to choose.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SheetChoice {
    /// Its name.
    pub name: String,
    /// Hidden in the workbook.
    pub hidden: bool,
}

/// A column and the field it was taken for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ColumnChoice {
    /// Zero-based.
    pub column: u16,
    /// `A`
    pub letter: String,
    /// Header text.
    pub header: String,
    /// `snake_case` field; absent where it is left out.
    pub field: Option<String>,
    /// Why: `alias`, `chosen`, `remembered`, `values`, or empty.
    pub why: String,
}

/// A field to choose.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FieldChoice {
    /// `snake_case`.
    pub field: String,
    /// Chinese name.
    pub label: String,
    /// The filing cannot do without it.
    pub required: bool,
}

/// A row of the sheet as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SampleRow {
    /// One-based.
    pub row: u32,
    /// Texts by column.
    pub cells: Vec<String>,
    /// `title`, `header`, `person`, `subtotal`, `total`, `note`, `blank`.
    pub role: String,
}

/// How the user wants the sheet read; absent fields are left to the program.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export, optional_fields)]
pub struct ImportChoice {
    /// Ticket of the workbook.
    pub ticket: String,
    /// Kind of filing it is read as, `snake_case`, or `payroll` for a comparison; base adjustment where absent.
    #[serde(default)]
    pub kind: Option<String>,
    /// Sheet name.
    #[serde(default)]
    pub sheet: Option<String>,
    /// csv: encoding label.
    #[serde(default)]
    pub encoding: Option<String>,
    /// First and last header row, one-based.
    #[serde(default)]
    pub header_rows: Option<(u32, u32)>,
    /// Column → field (`None`: leave out).
    #[serde(default)]
    pub columns: Option<Vec<(u16, Option<String>)>>,
    /// 生效年月, for `import_accept`.
    #[serde(default)]
    pub period: Option<String>,
}

/// A draft's head.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DraftView {
    /// Id.
    pub draft: String,
    /// Rises with every change; answers for another revision are dropped.
    #[ts(type = "number")]
    pub revision: u64,
    /// Kind.
    pub kind: String,
    /// 生效年月
    pub period: String,
    /// The workbook.
    pub file_name: String,
    /// Sheet name.
    pub sheet: String,
    /// No workbook stands behind it: rows can be added.
    pub by_hand: bool,
    /// Columns of the grid, in order.
    pub columns: Vec<GridColumn>,
    /// Rows behind the current filter.
    pub rows: u32,
    /// Rows with findings that block or wait for confirmation.
    pub flagged_rows: u32,
    /// Rows left out by the clerk.
    pub excluded: u32,
    /// Findings by code, errors first.
    pub summary: Vec<CodeCount>,
    /// Findings that block.
    pub blocking: u32,
    /// Warnings not yet confirmed.
    pub unconfirmed: u32,
    /// Figures over the usable rows.
    pub totals: TotalsView,
    /// Whether there is a step to undo.
    pub can_undo: bool,
    /// Whether there is a step to redo.
    pub can_redo: bool,
    /// Last change, local time.
    pub saved_at: String,
    /// How it left as the center's own file, where the center has no gateway.
    pub upload: Option<UploadView>,
    /// The filing that it was signed as for the unit's own books, as long as it is as it was then.
    pub signed_as: Option<String>,
    /// Papers can go along.
    pub takes_attachments: bool,
    /// Those that do, in the clerk's order.
    pub attachments: Vec<AttachmentView>,
    /// Approvers returned it so far, the first of them first.
    pub returned: Vec<RoundView>,
}

/// A paper that goes along (附件).
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AttachmentView {
    /// By which it is taken out again.
    pub place: u32,
    /// File name.
    pub name: String,
    /// Its size in units of 1024 bytes, rounded up.
    #[ts(type = "number")]
    pub kilobytes: u64,
}

/// One column of the grid.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GridColumn {
    /// `snake_case` field, or one of the computed ones: `monthly_before`, `unit_amount_after`, `personal_amount_after`, `monthly_after`, `roster_base`.
    pub field: String,
    /// Chinese title.
    pub title: String,
    /// Can be edited.
    pub editable: bool,
    /// Right-aligned figures.
    pub numeric: bool,
    /// Frozen at the left.
    pub frozen: bool,
    /// What can be chosen; empty where it is typed. Other texts can be typed all the same.
    pub choices: Vec<String>,
    /// Pixels.
    pub width: u16,
}

/// Findings of one code.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CodeCount {
    /// Code.
    pub code: String,
    /// `error`, `warning` or `fix`.
    pub level: String,
    /// Chinese title.
    pub title: String,
    /// How many.
    pub count: u32,
    /// How many of them carry a proposed text.
    pub fixable: u32,
    /// Warnings: the note of the clerk who confirmed them.
    pub confirmed: Option<String>,
}

/// Figures with capitals.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TotalsView {
    /// 人数
    pub people: u32,
    /// 调整前月缴存额合计
    pub before: String,
    /// 调整后月缴存额合计
    pub after: String,
    /// 差额
    pub difference: String,
    /// 调整后合计大写
    pub after_capitals: String,
    /// 差额大写
    pub difference_capitals: String,
}

/// `draft_page`: rows of the grid.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PageView {
    /// Revision these rows are of.
    #[ts(type = "number")]
    pub revision: u64,
    /// Page number, zero-based; pages hold 200 rows.
    pub page: u32,
    /// Rows behind the filter.
    pub total: u32,
    /// The rows.
    pub rows: Vec<GridRow>,
}

/// A row of the grid.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GridRow {
    /// Index of the row in the draft (not in the filter): what edits name.
    pub index: u32,
    /// One-based row of the sheet.
    pub row: u32,
    /// Texts, one per grid column.
    pub cells: Vec<String>,
    /// Cells with findings: column of the grid → worst level and message.
    pub marks: Vec<CellMark>,
    /// Left out by the clerk.
    pub excluded: bool,
    /// Columns whose text the clerk or a fix changed.
    pub edited: Vec<u16>,
}

/// A coloured cell.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CellMark {
    /// Column of the grid; absent when it is about the row.
    pub column: Option<u16>,
    /// Worst level: `error`, `fix`, `warning`.
    pub level: String,
    /// Chinese, one line per finding.
    pub message: String,
}

/// A finding in the list beside the grid.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FindingView {
    /// Stable code.
    pub code: String,
    /// `error`, `warning` or `fix`.
    pub level: String,
    /// Chinese title.
    pub title: String,
    /// Chinese sentence: what is wrong here and what to do.
    pub message: String,
    /// Sheet name.
    pub sheet: String,
    /// One-based row of the sheet; absent for findings on the whole.
    pub row: Option<u32>,
    /// Column letter.
    pub column: Option<String>,
    /// Field, `snake_case`.
    pub field: Option<String>,
    /// Raw text, ID numbers masked.
    pub value: String,
    /// Proposed text.
    pub fix: Option<String>,
    /// Index of the row in the draft, to jump to.
    pub index: Option<u32>,
    /// Position of the row under the filter that was asked for, to scroll to.
    pub position: Option<u32>,
    /// Column of the grid, to jump to.
    pub grid_column: Option<u16>,
}

/// `draft_findings`: a stretch of the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FindingsView {
    /// Revision these are of.
    #[ts(type = "number")]
    pub revision: u64,
    /// All of them under the given code, or all.
    pub total: u32,
    /// From `offset`, up to 200.
    pub findings: Vec<FindingView>,
}

/// Which rows the grid shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, optional_fields)]
pub struct GridFilter {
    /// Only rows with findings.
    #[serde(default)]
    pub flagged: bool,
    /// Only rows with findings of this code.
    #[serde(default)]
    pub code: Option<String>,
    /// Only rows that contain this text (name, account, ID).
    #[serde(default)]
    pub find: Option<String>,
    /// Only rows whose cells pass all of these.
    #[serde(default)]
    #[ts(as = "Option<Vec<ColumnFilter>>", optional)]
    pub columns: Vec<ColumnFilter>,
}

/// What the cells of one column must be. A field is as the grid's column says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(tag = "test", rename_all = "snake_case")]
pub enum ColumnFilter {
    /// Hold this text somewhere, whatever the case of its letters.
    Contains {
        /// Field, `snake_case`.
        field: String,
        /// The text.
        text: String,
    },
    /// Be one of these; an empty text is an empty cell.
    OneOf {
        /// Field, `snake_case`.
        field: String,
        /// The texts.
        texts: Vec<String>,
    },
    /// Be figures from one to another; what is no figure is left out.
    Between {
        /// Field, `snake_case`.
        field: String,
        /// The least, inclusive; decimal text.
        least: Option<String>,
        /// The most, inclusive; decimal text.
        most: Option<String>,
    },
}

impl ColumnFilter {
    /// The column it is about.
    pub fn field(&self) -> &str {
        match self {
            Self::Contains { field, .. } | Self::OneOf { field, .. } | Self::Between { field, .. } => field,
        }
    }
}

/// `draft_values`: what stands in a column.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ColumnValues {
    /// The most frequent first, up to 200.
    pub values: Vec<ColumnValue>,
    /// How many more different ones there are.
    pub more: u32,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ColumnValue {
    /// As it stands there; may be empty.
    pub text: String,
    /// In how many rows.
    pub rows: u32,
}

/// `draft_replace`: a text for another, in the rows behind the filter that are not left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Replacement {
    /// The column, `snake_case`; every column that can be edited for `null`.
    pub field: Option<String>,
    /// What is looked for, letter by letter.
    pub find: String,
    /// What comes in its place; may be empty.
    pub with: String,
    /// Only cells that hold nothing else.
    pub whole: bool,
    /// Only says how many cells it would be.
    pub dry: bool,
}

/// What a replacement came to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Replaced {
    /// Cells that changed, or would.
    pub cells: u32,
    /// The draft.
    pub view: DraftView,
}

/// One change to a draft; several make one step that is undone at once.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum EditOp {
    /// New text of a cell.
    Set {
        /// Index of the row in the draft.
        index: u32,
        /// Field, `snake_case`.
        field: String,
        /// New text; empty clears the cell.
        text: String,
    },
    /// Empty rows at the end.
    Add {
        /// How many.
        rows: u32,
    },
    /// Leave a row out, or take it back in.
    Exclude {
        /// Index of the row in the draft.
        index: u32,
        /// `true`: left out.
        excluded: bool,
    },
}

/// `review`: what will be signed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReviewView {
    /// The draft; empty for an order.
    pub draft: String,
    /// Revision reviewed; signing names it again.
    #[ts(type = "number")]
    pub revision: u64,
    /// 业务: Chinese name of the kind.
    pub kind_name: String,
    /// 中心名称
    pub center_name: String,
    /// 单位名称
    pub unit_name: String,
    /// 单位账号
    pub unit_account: String,
    /// 生效年月
    pub period: String,
    /// The workbook; empty for an order.
    pub file_name: String,
    /// Roster version it was checked against.
    #[ts(type = "number")]
    pub roster_version: u64,
    /// Figures.
    pub totals: TotalsView,
    /// Kind of the filing, `snake_case`.
    pub kind: String,
    /// How many people of each sort: 调高, 封存 …
    pub groups: Vec<GroupCount>,
    /// Rows left out.
    pub excluded: u32,
    /// The largest changes first (up to 20).
    pub largest: Vec<ChangeLine>,
    /// Warnings that were confirmed, with their notes.
    pub confirmations: Vec<ConfirmationView>,
    /// Papers that are signed with it.
    pub attachments: Vec<AttachmentView>,
    /// Findings that still stand in the way; empty when it can be signed.
    pub obstacles: Vec<CodeCount>,
    /// Other drafts of the same kind that have some of its people too.
    pub elsewhere: Vec<ElsewhereView>,
    /// SHA-256 of the bytes that are signed; empty where they cannot be signed.
    pub digest: String,
    /// What signing an order has to name; empty for a draft, which names its revision.
    pub fingerprint: String,
    /// The center books it only after an approver has signed as well.
    pub approval: bool,
    /// Certificates that can sign this, and those that cannot with the reason.
    pub certificates: Vec<CertificateView>,
}

/// Another draft that has people of the one that is reviewed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ElsewhereView {
    /// Its id.
    pub draft: String,
    /// Its kind, `snake_case`.
    pub kind: String,
    /// Workbook it came from; empty for one that was typed.
    pub file_name: String,
    /// Last change, local time.
    pub saved_at: String,
    /// People of both.
    pub people: u32,
    /// 姓名 of the first of them.
    pub first: String,
}

/// How many people something happens to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GroupCount {
    /// Chinese.
    pub label: String,
    /// People.
    pub people: u32,
}

/// One person's change.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChangeLine {
    /// 姓名
    pub name: String,
    /// 个人账号
    pub personal_account: String,
    /// Base before; empty where the filing has none.
    pub old_base: String,
    /// Base after; empty where the filing has none.
    pub new_base: String,
    /// What is filed about this person, Chinese.
    pub what: String,
    /// Monthly amount before.
    pub before: String,
    /// Monthly amount after.
    pub after: String,
    /// after − before
    pub difference: String,
}

/// A confirmed kind of warning.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ConfirmationView {
    /// Code.
    pub code: String,
    /// Chinese title.
    pub title: String,
    /// How many.
    pub count: u32,
    /// The clerk's note.
    pub note: String,
}

/// A certificate in the list to choose from.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CertificateView {
    /// Handle for `sign`.
    pub certificate: String,
    /// Operator's name.
    pub holder: String,
    /// Unit's name.
    pub unit_name: String,
    /// What the center's register says the holder is in this unit, Chinese; empty where it is not known here.
    pub role: String,
    /// What its key signs with, Chinese: 国密 SM2; empty where it cannot be read.
    pub algorithm: String,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: String,
    /// The last digits of its serial number.
    pub tail: String,
    /// Where it is kept, Chinese: 文件证书, UKey and its name.
    pub kept: String,
    /// It is on a token.
    pub token: bool,
    /// Can sign.
    pub usable: bool,
    /// Code of the reason why not.
    pub reason: Option<String>,
    /// PIN tries left, where known.
    pub tries_left: Option<u8>,
}

/// `token_search`: what was looked for to find tokens, where, and what answered.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TokenSearchView {
    /// Products whose drivers are looked for.
    pub products: Vec<String>,
    /// Folders that are looked into.
    pub folders: Vec<String>,
    /// The driver that the user named; empty for none.
    pub named: String,
    /// Drivers that are here.
    pub modules: Vec<TokenModuleView>,
    /// All certificates of files and tokens that somebody can log in with, or why not; empty where no unit is open.
    pub certificates: Vec<CertificateView>,
    /// The certificate that the operator is logged in with; empty for none.
    pub login: String,
    /// All of it as text, without names of people and units.
    pub report: String,
}

/// A driver.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TokenModuleView {
    /// The product it belongs to; empty for one that the user named.
    pub product: String,
    /// Its file.
    pub path: String,
    /// What it says that it is, with its version; empty where it did not answer.
    pub said: String,
    /// Places for tokens.
    pub slots: u32,
    /// Tokens in them.
    pub tokens: Vec<TokenView>,
    /// Why it is of no use.
    pub trouble: Option<UiError>,
}

/// A token.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TokenView {
    /// Its own name.
    pub label: String,
    /// Serial number.
    pub serial: String,
    /// Maker and model.
    pub model: String,
    /// How its PIN stands, Chinese.
    pub pin: String,
    /// The PIN can be typed.
    pub pin_ready: bool,
    /// The operators' certificates on it.
    pub certificates: Vec<TokenCertificateView>,
    /// Why they cannot be read.
    pub trouble: Option<UiError>,
}

/// A certificate on a token.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TokenCertificateView {
    /// Operator's name.
    pub holder: String,
    /// Unit's name.
    pub unit_name: String,
    /// What it is for, Chinese.
    pub purpose: String,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: String,
    /// Why it is not offered, in full; empty where it is.
    pub refused: String,
}

/// `filing`: a signed filing and everything known about it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FilingView {
    /// The line of the list.
    pub line: FilingLine,
    /// 业务: Chinese name of the kind.
    pub kind_name: String,
    /// 单位名称
    pub unit_name: String,
    /// Figures.
    pub totals: TotalsView,
    /// Rows that were filed: not always one for each of the people.
    pub rows: u32,
    /// Who signed.
    pub signer: String,
    /// Who approved it; empty where nobody did.
    pub approver: String,
    /// The approver who returned it; empty where nobody did.
    pub returned_by: String,
    /// The approver's signature is here and the center has not answered yet.
    pub approving: bool,
    /// SHA-256 of what was signed, as the review showed it; empty where the filing has none on record.
    pub digest: String,
    /// SHA-256 of the filing file.
    pub sha256: String,
    /// Why the last try did not end in a receipt; a key of the table of texts.
    pub trouble: Option<UiError>,
    /// The receipt of the present state, verified here.
    pub receipt: Option<ReceiptView>,
    /// The receipts of the states before, oldest first.
    pub earlier_receipts: Vec<ReceiptView>,
    /// Rows that the center did not take as filed, by their place in the signed file.
    pub row_results: Vec<FindingView>,
    /// The center may let it go; whether it does, its books say.
    pub withdrawable: bool,
    /// The operator's certificates, for a withdrawal.
    pub certificates: Vec<CertificateView>,
    /// A signed withdrawal whose outcome is open.
    pub withdrawing: bool,
    /// Refused before it was taken, and its draft is still there.
    pub reopenable: bool,
    /// What is said of one that stays in the unit's own books.
    pub kept: Option<KeptView>,
    /// What happened, oldest first: local time and Chinese sentence.
    pub history: Vec<(String, String)>,
}

/// A filing that was signed for the unit's own books: it left as the center's own file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KeptView {
    /// The draft it was made of, while that is there.
    pub draft: Option<String>,
    /// The draft may leave only once an approver has signed as well.
    pub awaits_approval: bool,
    /// Why the approver returned it; empty where he did not.
    pub reason: String,
    /// The filing that the draft was signed as after it.
    pub superseded_by: Option<String>,
}

/// `pulse`: whether anything changed since a screen was filled.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PulseView {
    /// Rises whenever the center's events changed anything here.
    #[ts(type = "number")]
    pub revision: u64,
    /// The center is heard.
    pub online: bool,
    /// When unit and roster were taken, local time.
    pub as_of: String,
    /// What the user must know about his data; none behind a locked screen.
    pub notices: Vec<UiError>,
    /// The screen is locked, whoever locked it.
    pub locked: bool,
}

/// A receipt and its verification.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReceiptView {
    /// 业务流水号
    pub filing_number: String,
    /// When the filing was accepted, local time.
    pub accepted_at: String,
    /// The state that it tells; absent where it cannot be read.
    pub state: Option<FilingStage>,
    /// When it was signed, local time.
    pub issued_at: String,
    /// Why the filing was refused or failed; empty where it was not.
    pub reason: String,
    /// Who signed it.
    pub signed_by: String,
    /// Each step of the verification.
    pub steps: Vec<VerificationStep>,
    /// All steps hold.
    pub valid: bool,
    /// SHA-256 of the receipt file.
    pub sha256: String,
    /// SHA-256 of the receipt before it.
    pub previous: Option<String>,
}

/// One step of a verification.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VerificationStep {
    /// Stable code: `signature`, `chain`, `filing_hash`, `filing_id`, `revocation`, `previous`, `clerk_now`.
    pub code: String,
    /// Chinese.
    pub title: String,
    /// Holds.
    pub passed: bool,
}

/// `cities`: what cities have published.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CitiesView {
    /// Said wherever a figure is shown.
    pub caution: String,
    /// The day the collection was made, `YYYY-MM-DD`.
    pub as_of: String,
    /// Cities there are, whatever was asked for.
    pub total: usize,
    /// Those asked for.
    pub cities: Vec<CityLine>,
}

/// One city of the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CityLine {
    /// Administrative name without 市.
    pub city: String,
    /// 省、自治区、直辖市
    pub province: String,
    /// 缴存基数下限; absent where nothing was published
    pub base_floor: Option<String>,
    /// 缴存基数上限; absent where nothing was published
    pub base_ceiling: Option<String>,
    /// 缴存比例 in the words of the source.
    pub ratio: Option<String>,
    /// The time it holds for in the words of the source.
    pub period: Option<String>,
    /// Title of the first source.
    pub source_title: Option<String>,
    /// Its date, `YYYY-MM-DD` or `YYYY-MM`.
    pub source_date: Option<String>,
}

/// `city`: everything that is known of one city.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CityView {
    /// As in the list.
    pub line: CityLine,
    /// Code of the rules made from it.
    pub profile: String,
    /// Address of the center's own site.
    pub official_site: Option<String>,
    /// First month in which both limits hold, where the source names it.
    pub effective_from: Option<String>,
    /// Last month, likewise.
    pub effective_to: Option<String>,
    /// Districts, amounts, doubts.
    pub note: Option<String>,
    /// Where it was published.
    pub sources: Vec<CitySourceView>,
    /// The day the collection was made, `YYYY-MM-DD`.
    pub as_of: String,
    /// Said wherever a figure is shown.
    pub caution: String,
}

/// One publication.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CitySourceView {
    /// Title of the notice or page.
    pub title: String,
    /// Its address; shown, never opened.
    pub url: String,
    /// `YYYY-MM-DD` or `YYYY-MM`.
    pub date: String,
}

/// `profile_export`: where the file went.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportedFile {
    /// Its folder.
    pub folder: String,
    /// Its name.
    pub file: String,
}

/// `filing_export`: where the files went.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Exported {
    /// Folder with filing.p7m, receipt.p7m and ca.pem.
    pub folder: String,
}

/// `draft_export_errors`: where the marked workbook went.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ErrorsExported {
    /// Its folder.
    pub folder: String,
    /// Its name there.
    pub file: String,
    /// Marks in it.
    pub marked: u32,
    /// It is the user's own file; otherwise a new workbook with its texts.
    pub layout_kept: bool,
    /// Sheets beside the marked one that could not be taken over into a new workbook.
    pub sheets_lost: u32,
}

/// `template_export`: where the blank workbook went.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateExported {
    /// Its folder.
    pub folder: String,
    /// Its name there.
    pub file: String,
}

/// `help_pages`: the pages of the help that were asked for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HelpPagesView {
    /// Pages there are, whatever was asked for.
    pub total: usize,
    /// Those asked for.
    pub pages: Vec<HelpLine>,
}

/// One page of the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HelpLine {
    /// Its name.
    pub page: String,
    /// Whether it is about a screen, rather than about a fault.
    pub screen: bool,
    /// Its number among the twenty faults of sheets.
    pub fault: Option<u8>,
    /// What it is about.
    pub title: String,
}

/// `help_page`: one page, in plain text.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HelpPageView {
    /// As in the list.
    pub line: HelpLine,
    /// What it explains.
    pub codes: Vec<HelpCode>,
    /// Its parts.
    pub sections: Vec<HelpSection>,
}

/// A finding or an error that a page explains.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HelpCode {
    /// Stable code.
    pub code: String,
    /// Chinese title.
    pub title: String,
}

/// A part of a page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HelpSection {
    /// Its title.
    pub title: String,
    /// What it says.
    pub blocks: Vec<HelpBlock>,
}

/// A paragraph, or the points of a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HelpBlock {
    /// A list.
    pub points: bool,
    /// One text, or one a point.
    pub texts: Vec<String>,
}
