//! Certificates: asked for, renewed, reported lost, revoked. DER travels as base64 inside JSON.

use serde::{Deserialize, Serialize};

/// Media type of `GET /v1/crl?root=`, which names one of the center's roots by its SHA-256, hex.
pub const PKIX_CRL: &str = "application/pkix-crl";
/// Days before its end from which on a certificate is renewed.
pub const RENEWAL_DAYS: i64 = 60;

/// Body of `POST /v1/enrollments`, which needs no certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrollment {
    /// 激活码, as the center's counter handed it over.
    pub code: String,
    /// PKCS#10, base64. Its subject counts for nothing. The same request again is answered with the same certificate.
    pub request: String,
}

/// Answer of `POST /v1/enrollments` and `POST /v1/certificates/renewals`. The body of the latter is the request (DER) as
/// the content of a CMS file that the old key signed for `renewal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The certificate, base64.
    pub certificate: String,
    /// What lies between it and the root, nearest first, base64.
    #[serde(default)]
    pub chain: Vec<String>,
    /// 单位账号 (DWZH)
    pub unit_account: String,
}

/// Signed for `revocation`: the body of `POST /v1/certificates/revocations` is the CMS file with this JSON as content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// SHA-256 of the certificate (DER), lower-case hex.
    pub certificate_sha256: String,
    /// Why.
    pub reason: RevocationReason,
}

/// Why a certificate ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// 丢失
    Lost,
    /// 可能被他人掌握
    Compromised,
    /// 不再使用
    Ceased,
}

/// A certificate as the center has it: each entry of `GET /v1/certificates` (the operator's own, and for an approver
/// everybody's in his units), and the answer to a revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateStatus {
    /// SHA-256 of the certificate (DER), lower-case hex.
    pub sha256: String,
    /// Serial number, lower-case hex; empty where the register has no more than the hash.
    pub serial: String,
    /// 姓名
    pub holder: String,
    /// RFC 3339; empty where the register has no more than the hash.
    pub not_before: String,
    /// RFC 3339; empty where the register has no more than the hash.
    pub not_after: String,
    /// RFC 3339 with an offset, once it is revoked.
    pub revoked_at: Option<String>,
    /// It is the caller's.
    pub own: bool,
}
