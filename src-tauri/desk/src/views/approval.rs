//! 复核: filings that wait for an approver.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ChangeLine, FilingStage, FindingView, ReviewView, VerificationStep};

/// `approvals`: what waits for an approver, and what this computer has signed about filings.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ApprovalsView {
    /// The operator may approve here, by the center's register.
    pub approves: bool,
    /// The center does not answer: what waits is as of the last time it did.
    pub stale: bool,
    /// What waits, newest first.
    pub waiting: Vec<ApprovalLine>,
    /// What was signed here, newest first.
    pub signed: Vec<VerdictLine>,
}

/// A filing that waits for an approver.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ApprovalLine {
    /// Its own id.
    pub filing: String,
    /// 业务流水号
    pub filing_number: String,
    /// 业务: Chinese name of the kind.
    pub kind_name: String,
    /// 生效年月
    pub period: String,
    /// 人数
    pub people: u32,
    /// Change of what is due a month.
    pub difference: String,
    /// 经办人
    pub clerk: String,
    /// When the center took it, local time.
    pub taken_at: String,
    /// The operator signed it himself.
    pub own: bool,
    /// Signed here, and the center has not answered yet.
    pub open: bool,
}

/// Something that was signed about a filing.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VerdictLine {
    /// Its own id.
    pub filing: String,
    /// 业务流水号; empty where the center does not have it yet
    pub filing_number: String,
    /// 业务: Chinese name of the kind.
    pub kind_name: String,
    /// 生效年月
    pub period: String,
    /// 人数
    pub people: u32,
    /// 经办人
    pub clerk: String,
    /// Who signed.
    pub approver: String,
    /// Approved; otherwise returned.
    pub approved: bool,
    /// Why it was returned; empty where it was not.
    pub reason: String,
    /// When, local time.
    pub signed_at: String,
    /// The center has not answered yet.
    pub open: bool,
}

/// `approval_review`, `approval_open`: what the approver judges, drawn from the signed bytes.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ApprovalView {
    /// The filing's own id.
    pub filing: String,
    /// 业务流水号; absent where only a file is here
    pub filing_number: Option<String>,
    /// What was filed. Its fingerprint is the SHA-256 of the file, which signing names again.
    pub review: ReviewView,
    /// 经办人
    pub clerk: String,
    /// When the clerk signed, local time.
    pub signed_at: String,
    /// Each step of the verification.
    pub steps: Vec<VerificationStep>,
    /// What the rules say of it today, against the roster of today.
    pub findings: Vec<FindingView>,
    /// Version of the roster of today.
    #[ts(type = "number")]
    pub roster_now: u64,
    /// Rows of it.
    pub lines: u32,
    /// The rounds before, the first of them first.
    pub rounds: Vec<RoundView>,
}

/// A filing that was returned and mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RoundView {
    /// Who returned it.
    pub by: String,
    /// When, local time.
    pub at: String,
    /// Why.
    pub reason: String,
}

/// `approval_lines`: a page of the rows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ApprovalLines {
    /// All of them.
    pub total: u32,
    /// From page × 200, up to 200.
    pub lines: Vec<ChangeLine>,
}

/// `approval_sign`, `approval_return`: where the filing stands then.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ApprovalDone {
    /// 业务流水号
    pub filing_number: String,
    /// Where it stands.
    pub stage: FilingStage,
}
