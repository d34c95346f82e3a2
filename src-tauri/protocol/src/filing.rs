//! The content of `filing.p7m`: serialised once, signed, kept byte for byte.

use huijiao_domain::filing::{FilingKind, Rows, Totals};
use huijiao_domain::month::Month;
use huijiao_domain::remittance::MonthFigures;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use crate::PROTOCOL;

/// The unit a filing is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRef {
    /// 单位账号 (DWZH)
    pub account: String,
    /// 统一社会信用代码
    pub credit_code: String,
    /// 单位名称 (DWMC)
    pub name: String,
}

/// The workbook a filing was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// File name without folder.
    pub file_name: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Sheet name; empty for csv.
    pub sheet: String,
    /// Rows of people in it.
    pub rows: u32,
}

/// A kind of warning that the clerk confirmed, with the note that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Code of the finding.
    pub code: String,
    /// How many there were.
    pub count: u32,
    /// The clerk's words.
    pub note: String,
}

/// A paper that goes along (附件).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// File name without folder.
    pub name: String,
    /// `application/pdf`, `image/jpeg` or `image/png`, as the content says.
    pub media_type: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Bytes of the file.
    pub size: u64,
    /// The file, base64.
    pub content: String,
}

/// Where a computer's log of operations (操作日志) stood when a filing was prepared on it. It comes back in the receipts,
/// so that it shows when the log's end was cut off later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditHead {
    /// Which log: each computer has its own.
    pub log: Uuid,
    /// Place of its last entry, from 1.
    pub seq: u64,
    /// SHA-256 over all until there, lower-case hex.
    pub hash: String,
}

/// What a filing's head says beside the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct FilingHeader {
    /// Warnings the clerk confirmed.
    pub confirmations: Vec<Confirmation>,
    /// 汇缴核定表: the figures of each month, of a verification only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<MonthFigures>,
    /// Filings that an approver returned and this one replaces, the first of them first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<Uuid>,
    /// 附件, in the clerk's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The clerk's own log of operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditHead>,
}

/// The content that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingContent {
    /// UUIDv7, made by the client before the first signature.
    pub id: Uuid,
    /// Code of the center.
    pub center: String,
    /// The unit.
    pub unit: UnitRef,
    /// The month it takes effect.
    pub period: Month,
    /// RFC 3339 with an offset.
    pub created_at: String,
    /// Version of the roster the draft was checked against.
    pub roster_version: u64,
    /// The workbook behind it.
    pub source: Source,
    /// Figures over the rows.
    pub totals: Totals,
    /// What else the head says.
    pub header: FilingHeader,
    /// What is filed; its kind is the filing's.
    pub rows: Rows,
}

/// Why content cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// Not JSON of this shape; unknown fields are refused.
    #[error("content: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another protocol version.
    #[error("protocol version {0}")]
    Protocol(u8),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    protocol: u8,
    id: Uuid,
    center: String,
    unit: UnitRef,
    kind: FilingKind,
    period: Month,
    created_at: String,
    roster_version: u64,
    source: Source,
    totals: Totals,
    header: FilingHeader,
    rows: Box<RawValue>,
}

impl FilingContent {
    /// The bytes that are signed. Call once: from the signature on the bytes are kept, never rebuilt.
    ///
    /// # Errors
    /// [`ContentError::Shape`] if serialisation fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ContentError> {
        Ok(serde_json::to_vec(&Wire {
            protocol: PROTOCOL,
            id: self.id,
            center: self.center.clone(),
            unit: self.unit.clone(),
            kind: self.rows.kind(),
            period: self.period,
            created_at: self.created_at.clone(),
            roster_version: self.roster_version,
            source: self.source.clone(),
            totals: self.totals,
            header: self.header.clone(),
            rows: to_raw_value(&self.rows)?,
        })?)
    }

    /// Reads content that somebody signed.
    ///
    /// # Errors
    /// [`ContentError`] for any other shape or version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ContentError> {
        let wire: Wire = serde_json::from_slice(bytes)?;
        if wire.protocol != PROTOCOL {
            return Err(ContentError::Protocol(wire.protocol));
        }
        let rows = Rows::from_json(wire.kind, wire.rows.get())?;
        Ok(Self {
            id: wire.id,
            center: wire.center,
            unit: wire.unit,
            period: wire.period,
            created_at: wire.created_at,
            roster_version: wire.roster_version,
            source: wire.source,
            totals: wire.totals,
            header: wire.header,
            rows,
        })
    }
}
