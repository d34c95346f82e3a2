//! 证书: what is here, what the center has, what waits.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `certificates`: the certificates of this computer and of the operator.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CertificatesView {
    /// Those that are here: the usable ones first, of these the one that holds longest.
    pub certificates: Vec<CertificateLine>,
    /// Those that the center has and this computer has not: the operator's own, for an approver his colleagues' too.
    pub elsewhere: Vec<CertificateElsewhere>,
    /// Code of why the center did not say; empty where it did.
    pub unasked: String,
    /// There is a key that waits for its certificate.
    pub pending: bool,
    /// The unit has a gateway: certificates are asked for, renewed and reported lost there.
    pub gateway: bool,
    /// Practice: activation codes are to be had here.
    pub practice: bool,
    /// The revocation list; absent where none was had yet.
    pub crl: Option<CrlView>,
}

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// 有效
    Valid,
    /// 即将到期: it ends within 60 days.
    Ending,
    /// 已过期
    Expired,
    /// 尚未生效
    NotYet,
    /// 已吊销
    Revoked,
    /// 已锁定, after wrong PINs.
    Locked,
    /// It cannot be used here for another reason.
    Unusable,
}

/// A certificate of this computer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CertificateLine {
    /// Handle.
    pub certificate: String,
    /// Operator's name.
    pub holder: String,
    /// Unit's name.
    pub unit_name: String,
    /// Who issued it.
    pub issuer: String,
    /// What the holder is in this unit, Chinese; empty where it is not known here.
    pub role: String,
    /// How it stands.
    pub state: CertificateState,
    /// Code of why it cannot sign.
    pub reason: Option<String>,
    /// What it is for, Chinese.
    pub usage: String,
    /// Kind of key.
    pub key: String,
    /// First day, `YYYY-MM-DD`.
    pub valid_from: String,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: String,
    /// Days until its end, below zero after it.
    pub days_left: i32,
    /// Serial number, hex.
    pub serial: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// Where it is kept, Chinese.
    pub kept: String,
    /// PIN tries left, where known.
    pub tries_left: Option<u8>,
    /// It is the operator's who is logged in.
    pub own: bool,
    /// He is logged in with it.
    pub on: bool,
    /// It can be renewed now.
    pub renewable: bool,
    /// It is time, and only its issuer can: its key is on a token.
    pub renewed_by_issuer: bool,
    /// Its PIN is fixed, in the practice.
    pub fixed_pin: bool,
}

/// A certificate that the center has and this computer has not.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CertificateElsewhere {
    /// SHA-256, hex.
    pub sha256: String,
    /// Serial number, hex; empty where the center has no more than the hash.
    pub serial: String,
    /// Operator's name.
    pub holder: String,
    /// Last day, `YYYY-MM-DD`; empty where the center has no more than the hash.
    pub valid_to: String,
    /// When it was revoked, local time.
    pub revoked_at: Option<String>,
    /// It has ended.
    pub expired: bool,
    /// It is the operator's own.
    pub own: bool,
}

/// The revocation list at hand.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CrlView {
    /// When it was made, local time.
    pub made_at: String,
    /// Until when it is fresh, local time.
    pub next_at: String,
    /// A newer one is due.
    pub stale: bool,
    /// Nothing is signed with an old one at this center.
    pub refuses: bool,
}

/// Why a certificate is reported lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// 丢失
    Lost,
    /// 可能被他人掌握
    Compromised,
    /// 不再使用
    Ceased,
}

impl From<RevocationReason> for huijiao_protocol::certificates::RevocationReason {
    fn from(reason: RevocationReason) -> Self {
        match reason {
            RevocationReason::Lost => Self::Lost,
            RevocationReason::Compromised => Self::Compromised,
            RevocationReason::Ceased => Self::Ceased,
        }
    }
}

/// A certificate that came in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CertificateTaken {
    /// Handle.
    pub certificate: String,
    /// Operator's name.
    pub holder: String,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: String,
    /// It came under RC2 or 3DES and is kept under AES-256 now.
    pub old_encryption: bool,
}

/// `activation_code`: what the practice center's counter hands over.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ActivationCodeView {
    /// 激活码
    pub code: String,
    /// Until when it can be used, local time.
    pub expires_at: String,
}
