//! The content of a withdrawal (撤回, 撤销核定): signed like a filing, for the purpose of withdrawing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::PROTOCOL;
use crate::filing::ContentError;

/// `PUT /v1/filings/{id}/withdrawal`: what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// 1
    pub protocol: u8,
    /// The filing that is taken back.
    pub filing_id: Uuid,
    /// SHA-256 of its file, lower-case hex.
    pub filing_sha256: String,
    /// 单位账号 (DWZH)
    pub unit_account: String,
    /// Why, in the clerk's words.
    pub reason: String,
    /// RFC 3339 with an offset.
    pub created_at: String,
}

impl Withdrawal {
    /// The bytes that are signed. Call once: from the signature on the bytes are kept, never rebuilt.
    ///
    /// # Errors
    /// [`ContentError::Shape`] if serialisation fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ContentError> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads a withdrawal that somebody signed; unknown fields are refused.
    ///
    /// # Errors
    /// [`ContentError`] for any other shape or version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ContentError> {
        let withdrawal: Self = serde_json::from_slice(bytes)?;
        if withdrawal.protocol == PROTOCOL { Ok(withdrawal) } else { Err(ContentError::Protocol(withdrawal.protocol)) }
    }
}
