//! Login by a signed challenge: who holds the key proves it, whatever TLS can show of him.
//!
//! `POST /v1/sessions/challenge` gives a [`Challenge`]; its bytes, as they came, are the content of a signed file with
//! the purpose `login`, which `POST /v1/sessions` answers with a [`SessionGranted`]. Its token goes along with every
//! request (`Authorization: Bearer …`) and holds for that certificate only.

use serde::{Deserialize, Serialize};

/// What a challenge is for; nothing else is ever signed under it.
pub const LOGIN: &str = "login";

/// Body of `POST /v1/sessions/challenge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeWanted {
    /// 单位账号 for which somebody logs in
    pub unit: String,
}

/// What is to be signed: once, within two minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Version of the protocol.
    pub protocol: u8,
    /// [`LOGIN`]
    pub purpose: String,
    /// The center's code.
    pub center: String,
    /// 单位账号
    pub unit: String,
    /// 32 random bytes, lower-case hex.
    pub nonce: String,
    /// RFC 3339 with an offset, by the center's clock: also the time that the signature names.
    pub issued_at: String,
    /// RFC 3339 with an offset: after that it is not taken any more.
    pub expires_at: String,
}

/// Answer of `POST /v1/sessions`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionGranted {
    /// Secret; kept in memory only.
    pub token: String,
    /// RFC 3339 with an offset, by the center's clock.
    pub expires_at: String,
}

impl std::fmt::Debug for SessionGranted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionGranted").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
