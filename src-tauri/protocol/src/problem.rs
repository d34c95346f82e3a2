//! Refusals: RFC 9457 `application/problem+json` with a stable code.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal;)*) => {
        /// Stable codes of refusals, each with its HTTP status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
            /// A code this version does not know.
            #[serde(other, rename = "other")]
            Other,
        }

        impl ProblemCode {
            /// Every code a center of this version may answer.
            pub const ALL: &[ProblemCode] = &[$(ProblemCode::$variant,)*];

            /// The code as it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* Self::Other => "other" }
            }

            /// The HTTP status it goes with.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* Self::Other => 500 }
            }
        }
    };
}

problems! {
    /// The roster moved and one of the filing's people with it; `errors` names them.
    RosterChanged = "roster_changed", 409;
    /// The same id with other bytes.
    FilingDiffers = "filing_differs", 409;
    /// Another open or settled filing of this unit stands in the way.
    FilingOpen = "filing_open", 409;
    /// Filings of this kind cannot be withdrawn.
    WithdrawalKind = "withdrawal_kind", 409;
    /// It was refused, failed or withdrawn already.
    WithdrawalEnded = "withdrawal_ended", 409;
    /// It is paid, or its money was moved.
    WithdrawalPaid = "withdrawal_paid", 409;
    /// An order to pay is under way for it.
    WithdrawalOrdered = "withdrawal_ordered", 409;
    /// Something later rests on it: the later one goes first.
    WithdrawalNotLast = "withdrawal_not_last", 409;
    /// Its month is verified: the verification goes first.
    WithdrawalVerified = "withdrawal_verified", 409;
    /// It moved people between units.
    WithdrawalMoved = "withdrawal_moved", 409;
    /// An officer decides of what is in review only.
    NotInReview = "not_in_review", 409;
    /// An officer's decision lacks something: a reason, or rows.
    DecisionInvalid = "decision_invalid", 422;
    /// It does not wait for an approval (any more).
    ApprovalEnded = "approval_ended", 409;
    /// The approved file is not the clerk's with a signature added.
    ApprovalDiffers = "approval_differs", 422;
    /// Clerk and approver are the same person.
    ApprovalSamePerson = "approval_same_person", 422;
    /// Checks of the domain refuse it; `errors` names the rows.
    ChecksFailed = "checks_failed", 422;
    /// Not a filing of this protocol.
    Malformed = "malformed", 400;
    /// The URL and the signed id differ.
    IdDiffers = "id_differs", 400;
    /// The cursor of a list is none that the center gave for it.
    CursorInvalid = "cursor_invalid", 400;
    /// What a list is to be of cannot be read: its period, or what it is narrowed to.
    QueryInvalid = "query_invalid", 400;
    /// Larger than the limits.
    TooLarge = "too_large", 413;
    /// Packed: bodies are taken as they are.
    EncodingRefused = "encoding_refused", 415;
    /// The signature does not hold.
    SignatureInvalid = "signature_invalid", 422;
    /// The signing time is too far from the center's clock.
    SigningTime = "signing_time", 422;
    /// The signer's certificate has expired or is not yet valid.
    CertificateExpired = "certificate_expired", 422;
    /// The signer's certificate is of another CA.
    CertificateForeign = "certificate_foreign", 422;
    /// The signer's certificate is not for signing.
    CertificateUsage = "certificate_usage", 422;
    /// The signer's certificate was revoked.
    CertificateRevoked = "certificate_revoked", 422;
    /// The signer and the TLS client are not the same operator, or he has no such role in this unit.
    RoleMissing = "role_missing", 403;
    /// Whoever asks had the role that it takes, and it was ended.
    RoleEnded = "role_ended", 403;
    /// The role of the clerk who signed the filing was ended: it can be returned, and is not booked.
    ClerkRoleEnded = "clerk_role_ended", 409;
    /// No such activation code, or not typed as it was handed over.
    ActivationUnknown = "activation_unknown", 422;
    /// The activation code has brought another certificate already.
    ActivationUsed = "activation_used", 409;
    /// The activation code is too old.
    ActivationExpired = "activation_expired", 422;
    /// The activation code was tried wrongly too often.
    ActivationLocked = "activation_locked", 422;
    /// Not a request for a certificate, or not signed by its own key.
    RequestInvalid = "request_invalid", 422;
    /// The request's key is of another kind than is accepted, or is in use already.
    RequestKey = "request_key", 422;
    /// The certificate holds for longer than a renewal may come before its end.
    RenewalEarly = "renewal_early", 409;
    /// No such certificate, or not one that the signer may report lost.
    CertificateUnknown = "certificate_unknown", 404;
    /// The center takes no signatures of that algorithm.
    AlgorithmRefused = "algorithm_refused", 422;
    /// The challenge is none that was given, or was answered before.
    ChallengeUnknown = "challenge_unknown", 401;
    /// The challenge was answered too late.
    ChallengeExpired = "challenge_expired", 401;
    /// The session has ended, or never was one.
    SessionEnded = "session_ended", 401;
    /// Session and connection are of two certificates.
    SessionDiffers = "session_differs", 401;
    /// No client certificate.
    CertificateMissing = "certificate_missing", 401;
    /// No such thing, or not yours.
    NotFound = "not_found", 404;
    /// Too many requests; `Retry-After`.
    RateLimited = "rate_limited", 429;
    /// Maintenance or overload; `Retry-After`.
    Unavailable = "unavailable", 503;
    /// Something broke at the center.
    Internal = "internal", 500;
}

/// A refusal concerning one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// Zero-based row of the filing; absent for the whole.
    pub row: Option<u32>,
    /// Field, `snake_case`.
    pub field: Option<String>,
    /// Stable code (of a finding).
    pub code: String,
    /// Chinese sentence.
    pub message: String,
}

/// `application/problem+json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:huijiao:problem:<code>`
    #[serde(rename = "type")]
    pub kind: String,
    /// Stable code.
    pub code: ProblemCode,
    /// HTTP status.
    pub status: u16,
    /// Chinese: what it is.
    pub title: String,
    /// Chinese: what happened here and what to do.
    pub detail: String,
    /// The filing it is about.
    #[serde(default)]
    pub filing_id: Option<Uuid>,
    /// Rows it is about.
    #[serde(default)]
    pub errors: Vec<RowProblem>,
}

impl Problem {
    /// A problem with its words.
    pub fn new(code: ProblemCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:huijiao:problem:{}", code.as_str()),
            code,
            status: code.status(),
            title: title.into(),
            detail: detail.into(),
            filing_id: None,
            errors: Vec::new(),
        }
    }
}
