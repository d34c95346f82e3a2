//! What ends a filing before it is booked for good: the clerk's withdrawal (撤回, 撤销核定) or the approver's rejection
//! (复核退回). Signed like a filing; which of the two it is, only the purpose of the signature says.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::PROTOCOL;
use crate::filing::ContentError;

/// `PUT /v1/filings/{id}/withdrawal` and `/rejection`: what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// 1
    pub protocol: u8,
    /// The filing that is ended.
    pub filing_id: Uuid,
    /// SHA-256 of its file as the clerk signed it, lower-case hex.
    pub filing_sha256: String,
    /// 单位账号 (DWZH)
    pub unit_account: String,
    /// Why, in the signer's words.
    pub reason: String,
    /// RFC 3339 with an offset.
    pub created_at: String,
}

impl Ending {
    /// The bytes that are signed. Call once: from the signature on the bytes are kept, never rebuilt.
    ///
    /// # Errors
    /// [`ContentError::Shape`] if serialisation fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ContentError> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads what somebody signed; unknown fields are refused.
    ///
    /// # Errors
    /// [`ContentError`] for any other shape or version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ContentError> {
        let ending: Self = serde_json::from_slice(bytes)?;
        if ending.protocol == PROTOCOL { Ok(ending) } else { Err(ContentError::Protocol(ending.protocol)) }
    }
}
