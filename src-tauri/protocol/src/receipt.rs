//! The content of `receipt.p7m`, signed by the center's receipt key.

use huijiao_domain::filing::{FilingKind, Totals};
use huijiao_domain::month::Month;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::filing::AuditHead;

/// Where a filing stands at the center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingState {
    /// 待复核: nothing is booked before an approver has signed
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
}

impl FilingState {
    /// Its Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "待复核",
            Self::Accepted => "已受理",
            Self::InReview => "审核中",
            Self::Settled => "已办结",
            Self::PartlySettled => "部分办结",
            Self::Refused => "已退回",
            Self::Withdrawn => "已撤回",
        }
    }
}

/// A signer that the center saw on the filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerSeen {
    /// `clerk` or `approver`
    pub role: String,
    /// The operator's name from the certificate.
    pub name: String,
    /// Serial number of the certificate, lower-case hex.
    pub serial: String,
    /// SHA-256 of the certificate, lower-case hex.
    pub certificate_sha256: String,
}

/// The outcome of one row that was not taken as filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowResult {
    /// Zero-based row of the filing.
    pub row: u32,
    /// Stable code.
    pub code: String,
    /// Chinese sentence.
    pub message: String,
}

/// What the center signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptContent {
    /// 1
    pub protocol: u8,
    /// The filing's own id.
    pub filing_id: Uuid,
    /// 业务流水号 (YWLSH)
    pub filing_number: String,
    /// SHA-256 of the filing file as received, lower-case hex.
    pub filing_sha256: String,
    /// SHA-256 of the file with the approver's signature, where that came later; lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_sha256: Option<String>,
    /// Code of the center.
    pub center: String,
    /// 单位账号 (DWZH)
    pub unit_account: String,
    /// Kind of the filing.
    pub kind: FilingKind,
    /// Month it takes effect.
    pub period: Month,
    /// The filing's figures.
    pub totals: Totals,
    /// Who signed it.
    pub signers: Vec<SignerSeen>,
    /// RFC 3339 with an offset, by the center's clock.
    pub accepted_at: String,
    /// Where the filing stands.
    pub state: FilingState,
    /// Why it was refused or failed, in Chinese; empty where it was not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The approver who returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_by: Option<SignerSeen>,
    /// Rows that were not taken as filed.
    pub row_results: Vec<RowResult>,
    /// SHA-256 of the unit's receipt before this one, lower-case hex; `None` for the first.
    pub previous_receipt: Option<String>,
    /// The clerk's log of operations, as the filing says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditHead>,
}
