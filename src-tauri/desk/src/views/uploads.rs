//! Units at centers without a gateway, and filings that leave as the center's own files.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{DraftView, RootLine, SessionView};

/// One of the user's own units.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnitLine {
    /// 单位账号
    pub account: String,
    /// 单位名称
    pub name: String,
    /// Code of the rules it works by.
    pub profile: String,
    /// People in the roster.
    pub people: u32,
    /// When the roster was taken, local time.
    pub roster_taken_at: String,
    /// Whose certificates sign for it; empty where nothing is signed.
    pub roots: Vec<RootLine>,
    /// What was typed, to be changed.
    pub form: UnitForm,
}

/// `unit_save`: a unit as it is typed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export, optional_fields)]
pub struct UnitForm {
    /// Code of the rules it works by.
    pub profile: String,
    /// 单位账号
    pub account: String,
    /// 单位名称
    pub name: String,
    /// 统一社会信用代码
    pub credit_code: String,
    /// 单位缴存比例: `8`, `8%` or `0.08`
    pub unit_ratio: String,
    /// 个人缴存比例
    pub personal_ratio: String,
    /// 应汇缴年月: the first month not yet verified
    pub first_month: String,
    /// 区县, where the center has limits by district; empty for the whole city.
    #[serde(default)]
    pub district: String,
    /// The center lets one person file alone, whatever its rules say about approval.
    #[serde(default)]
    pub single_operator: bool,
    /// Ticket of the center's export of the roster.
    #[serde(default)]
    pub roster: Option<String>,
    /// The encoding to read it in, where the one that fits does not.
    #[serde(default)]
    pub encoding: Option<String>,
    /// Ticket of a file of root certificates, in the place of those that are kept.
    #[serde(default)]
    pub roots: Option<String>,
    /// Those that are kept are forgotten: nothing is signed any more.
    #[serde(default)]
    pub unsigned: bool,
}

/// What is wrong with a field of a form.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FormProblem {
    /// The field.
    pub field: String,
    /// Chinese sentence.
    pub message: String,
}

/// Answer of `unit_save`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnitSaved {
    /// The unit, open; absent where something is wrong with the form.
    pub session: Option<SessionView>,
    /// What is wrong.
    pub problems: Vec<FormProblem>,
}

/// Where a draft stands that leaves as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum UploadStage {
    /// 已导出，待上传: written, nothing known of the center's answer
    Exported,
    /// 导出后有修改: what lies on the disk is not what the draft says
    Changed,
    /// 中心已受理
    Accepted,
    /// 中心部分受理
    PartlyAccepted,
    /// 中心退回
    Refused,
}

/// A file that was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UploadFileView {
    /// Its name.
    pub name: String,
    /// People in it.
    pub people: u32,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

/// How a draft left, and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UploadView {
    /// Where it stands.
    pub stage: UploadStage,
    /// Local time.
    pub exported_at: String,
    /// The files.
    pub files: Vec<UploadFileView>,
    /// 业务流水号, as the clerk recorded it.
    pub number: String,
    /// The clerk's words.
    pub note: String,
    /// When the answer was recorded, local time.
    pub recorded_at: Option<String>,
    /// The signed filing whose content the files hold; absent where nobody signed it.
    pub filing: Option<String>,
    /// The center may have it, or some of it: it is not submitted another way.
    pub undecided: bool,
}

/// Answer of `upload_export`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UploadExported {
    /// The draft now.
    pub draft: DraftView,
    /// Where the files are.
    pub folder: String,
    /// Texts that a spreadsheet would have run as formulas, written with a `'` in front.
    pub neutralised: u32,
}

/// Answer of `upload_refusals`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UploadRefusals {
    /// The draft now.
    pub draft: DraftView,
    /// Rows that the list means.
    pub matched: u32,
    /// Entries that mean nobody, or several people: shown, never dropped.
    pub unmatched: Vec<String>,
}
