//! What can go wrong, with stable codes. The Chinese words are in `domain/texts.json`.

use crate::pin::WeakPin;
use crate::tlv::Broken;

/// A key can't be used, or a signature can't be made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The PIN is wrong, for certain; `left` tries remain.
    #[error("wrong PIN, {left} tries left")]
    WrongPin {
        /// Tries before the key is locked.
        left: u8,
    },
    /// Three wrong tries; only a newly installed key file helps.
    #[error("the key is locked after wrong PINs")]
    PinLocked,
    /// The PIN is wrong, and the token doesn't say how many tries remain.
    #[error("wrong PIN at the token")]
    WrongTokenPin,
    /// The token takes another PIN only, of so many characters.
    #[error("the token does not take the new PIN, which is to have {least} to {most} characters")]
    TokenPinForm {
        /// Characters at least.
        least: usize,
        /// Characters at most.
        most: usize,
    },
    /// Token or driver were gone while the PIN was being changed: the old one holds, or the new one.
    #[error("nobody knows whether the token's PIN was changed")]
    TokenPinUnknown,
    /// The token takes no PIN any more, before whoever issued it has unlocked it.
    #[error("the token's PIN is locked")]
    TokenLocked,
    /// The token is not plugged in, or not any more.
    #[error("the token is not there")]
    TokenRemoved,
    /// Somebody said no at the token, or in a window of its driver's.
    #[error("cancelled at the token")]
    Cancelled,
    /// The token or its driver failed in a way that says nothing about the PIN.
    #[error("the token failed: {code} in {text}")]
    TokenFault {
        /// The driver's own code.
        code: String,
        /// What it was doing.
        text: String,
    },
    /// The driver did not answer in time.
    #[error("no answer from {path}")]
    TokenSilent {
        /// The driver's module.
        path: String,
    },
    /// The driver crashed, and its own process with it.
    #[error("{path} crashes")]
    TokenCrashed {
        /// The driver's module.
        path: String,
    },
    /// The driver's module can't be loaded or started.
    #[error("{path}: {reason}")]
    TokenModule {
        /// The driver's module.
        path: String,
        /// The system's reason, or the module's.
        reason: String,
    },
    /// `sign` before `login`.
    #[error("not logged in to the key")]
    NotLoggedIn,
    /// The password of the file to be imported is wrong; nothing is counted.
    #[error("wrong password of the file")]
    WrongPassword,
    /// The file to be imported holds certificates only.
    #[error("no private key in the file")]
    NoPrivateKey,
    /// The file to be imported holds several keys.
    #[error("several private keys in one file")]
    SeveralKeys,
    /// Opening the file to be imported would take more work than any honest file asks for.
    #[error("the file to be imported asks for too many rounds")]
    TooManyRounds,
    /// The PIN is too easily guessed.
    #[error("the PIN is not taken: {0:?}")]
    WeakPin(WeakPin),
    /// Not a request for a certificate.
    #[error("not a request for a certificate")]
    RequestMalformed,
    /// The request is not signed by the key that it is for.
    #[error("the request is not signed by its own key")]
    RequestSignature,
    /// The request is for a key that no filing can be signed with.
    #[error("the request is for a key of another kind")]
    RequestKey,
    /// There is no such key in the store.
    #[error("no key {id}")]
    NoSuchKey {
        /// The id asked for.
        id: String,
    },
    /// The key file can't be read whatever the PIN.
    #[error("the key file {name} is damaged: {what}")]
    Damaged {
        /// File name.
        name: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The private key belongs to another certificate.
    #[error("key and certificate do not belong together")]
    KeyMismatch,
    /// A key, encryption or curve this program can't use.
    #[error("unsupported: {what}")]
    Unsupported {
        /// What is not supported.
        what: &'static str,
    },
    /// The key folder can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The path.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not an X.509 certificate or CRL.
    #[error("not a certificate: {what}")]
    CertificateMalformed {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The certificate is for encryption only.
    #[error("the certificate is for encryption, not for signing")]
    CertificateEncryptionOnly,
    /// The certificate is for something else than an operator's signature.
    #[error("the certificate is not for signing")]
    CertificateUsage,
    /// The certificate has expired at the time of signing.
    #[error("the certificate expired on {not_after}")]
    CertificateExpired {
        /// RFC 3339.
        not_after: String,
    },
    /// The certificate is not valid yet at the time of signing.
    #[error("the certificate is valid from {not_before}")]
    CertificateNotYetValid {
        /// RFC 3339.
        not_before: String,
    },
    /// The signing time is not RFC 3339, or outside 1970–2261.
    #[error("not a signing time: {0}")]
    SigningTime(String),
    /// The content is larger than a signed file may be (256 MiB).
    #[error("the content is too large to be signed")]
    TooLarge,
    /// The file to be countersigned is not a signed file of ours.
    #[error("the file to be countersigned: {0}")]
    Document(#[from] VerifyError),
    /// The certificate authority's library refused.
    #[error("issuing a certificate: {0}")]
    Issue(String),
}

impl SignError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongPin { .. } => "sign-wrong-pin",
            Self::PinLocked => "sign-pin-locked",
            Self::WrongTokenPin => "sign-token-pin",
            Self::TokenPinForm { .. } => "sign-token-pin-form",
            Self::TokenPinUnknown => "sign-token-pin-unknown",
            Self::TokenLocked => "sign-token-locked",
            Self::TokenRemoved => "sign-token-removed",
            Self::Cancelled => "sign-cancelled",
            Self::TokenFault { .. } => "sign-token-fault",
            Self::TokenSilent { .. } => "sign-token-silent",
            Self::TokenCrashed { .. } => "sign-token-crashed",
            Self::TokenModule { .. } => "sign-token-module",
            Self::NotLoggedIn => "sign-not-logged-in",
            Self::WrongPassword => "sign-wrong-password",
            Self::NoPrivateKey => "sign-no-private-key",
            Self::SeveralKeys => "sign-several-keys",
            Self::TooManyRounds => "sign-key-rounds",
            Self::WeakPin(WeakPin::Short) => "sign-pin-short",
            Self::WeakPin(WeakPin::Repeated) => "sign-pin-repeated",
            Self::WeakPin(WeakPin::Sequence) => "sign-pin-sequence",
            Self::WeakPin(WeakPin::Personal) => "sign-pin-personal",
            Self::RequestMalformed => "sign-request-malformed",
            Self::RequestSignature => "sign-request-signature",
            Self::RequestKey => "sign-request-key",
            Self::NoSuchKey { .. } => "sign-no-key",
            Self::Damaged { .. } => "sign-key-damaged",
            Self::KeyMismatch => "sign-key-mismatch",
            Self::Unsupported { .. } => "sign-unsupported",
            Self::File { .. } => "sign-file",
            Self::CertificateMalformed { .. } => "sign-certificate-malformed",
            Self::CertificateEncryptionOnly => "sign-certificate-encryption-only",
            Self::CertificateUsage => "sign-certificate-usage",
            Self::CertificateExpired { .. } => "sign-certificate-expired",
            Self::CertificateNotYetValid { .. } => "sign-certificate-not-yet-valid",
            Self::SigningTime(_) => "sign-time",
            Self::TooLarge => "sign-too-large",
            Self::Document(error) => error.code(),
            Self::Issue(_) => "sign-issue",
        }
    }

    /// Values for the placeholders of the code's text.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::WrongPin { left } => vec![("left", left.to_string())],
            Self::TokenPinForm { least, most } => vec![("least", least.to_string()), ("most", most.to_string())],
            Self::TokenFault { code, text } => vec![("code", code.clone()), ("text", text.clone())],
            Self::TokenSilent { path } | Self::TokenCrashed { path } => vec![("path", path.clone())],
            Self::TokenModule { path, reason } => vec![("path", path.clone()), ("reason", reason.clone())],
            Self::NoSuchKey { id } => vec![("id", id.clone())],
            Self::Damaged { name, .. } => vec![("name", name.clone())],
            Self::File { path, source } => vec![("path", path.clone()), ("reason", source.to_string())],
            Self::CertificateExpired { not_after } => vec![("not_after", not_after.clone())],
            Self::CertificateNotYetValid { not_before } => vec![("not_before", not_before.clone())],
            Self::PinLocked
            | Self::WrongPassword
            | Self::NoPrivateKey
            | Self::SeveralKeys
            | Self::TooManyRounds
            | Self::WeakPin(_)
            | Self::RequestMalformed
            | Self::RequestSignature
            | Self::RequestKey
            | Self::WrongTokenPin
            | Self::TokenPinUnknown
            | Self::TokenLocked
            | Self::TokenRemoved
            | Self::Cancelled
            | Self::NotLoggedIn
            | Self::KeyMismatch
            | Self::Unsupported { .. }
            | Self::CertificateMalformed { .. }
            | Self::CertificateEncryptionOnly
            | Self::CertificateUsage
            | Self::SigningTime(_)
            | Self::TooLarge
            | Self::Document(_)
            | Self::Issue(_) => Vec::new(),
        }
    }
}

/// A signed file does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not CMS SignedData with attached content, or something is added to it or missing from it.
    #[error("not a signed file: {0}")]
    Malformed(&'static str),
    /// Something stands behind the end of the file.
    #[error("there is something behind the signed file")]
    Trailing,
    /// The content is not in the file.
    #[error("the content is not attached")]
    Detached,
    /// BER (indefinite lengths, strings in pieces), as streaming tools write it; only DER is taken.
    #[error("the signed file is BER, not DER")]
    Ber,
    /// The content is not what was signed.
    #[error("the content differs from what was signed")]
    Digest,
    /// The signature value does not fit the signed attributes and the certificate's key.
    #[error("the signature is wrong")]
    Signature,
    /// Nobody signed, or the signature asked for is missing.
    #[error("there is no signature of the wanted kind")]
    NoSigner,
    /// One signature stands twice in the file.
    #[error("the same signature twice")]
    SignedTwice,
    /// One signature is of the national algorithms (SM2), another is not.
    #[error("signatures of national and of other algorithms in one file")]
    Mixed,
    /// Signed for another purpose.
    #[error("signed for another purpose")]
    Purpose,
    /// Signed in a role that this purpose or this certificate does not allow.
    #[error("signed in a role that does not fit")]
    Role,
    /// An approval of another signature than the clerk's in this file.
    #[error("the approval belongs to another signature")]
    Approves,
    /// The approver is the clerk: the same person, certificate or key.
    #[error("clerk and approver are the same person")]
    SamePerson,
    /// The signer's certificate, or one above it, has expired.
    #[error("the certificate has expired")]
    CertificateExpired,
    /// The signer's certificate, or one above it, is not valid yet.
    #[error("the certificate is not valid yet")]
    CertificateNotYetValid,
    /// No path to a trusted root.
    #[error("the certificate is of another certificate authority")]
    CertificateForeign,
    /// The certificate is not for signing, or one above it not for issuing.
    #[error("the certificate is not for this use")]
    CertificateUsage,
    /// The signer's certificate is for encryption only.
    #[error("the certificate is for encryption, not for signing")]
    CertificateEncryptionOnly,
    /// Revoked at the time of verification.
    #[error("the certificate was revoked")]
    CertificateRevoked,
    /// The certificate in the file is not the one the signer named, or is missing.
    #[error("the certificate is not the one that signed")]
    CertificateMismatch,
    /// An algorithm, curve or key size that is not accepted.
    #[error("the algorithm is not accepted")]
    Algorithm,
    /// The revocation list is not signed by the authority that issued the certificate, or can't be interpreted.
    #[error("the revocation list does not hold")]
    Crl,
}

impl VerifyError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "verify-malformed",
            Self::Trailing => "verify-trailing",
            Self::Detached => "verify-detached",
            Self::Ber => "verify-ber",
            Self::Digest => "verify-digest",
            Self::Signature => "verify-signature",
            Self::NoSigner => "verify-no-signer",
            Self::SignedTwice => "verify-signed-twice",
            Self::Mixed => "verify-mixed-algorithms",
            Self::Purpose => "verify-purpose",
            Self::Role => "verify-role",
            Self::Approves => "verify-approves",
            Self::SamePerson => "verify-same-person",
            Self::CertificateExpired => "verify-certificate-expired",
            Self::CertificateNotYetValid => "verify-certificate-not-yet-valid",
            Self::CertificateForeign => "verify-certificate-foreign",
            Self::CertificateUsage => "verify-certificate-usage",
            Self::CertificateEncryptionOnly => "verify-certificate-encryption-only",
            Self::CertificateRevoked => "verify-certificate-revoked",
            Self::CertificateMismatch => "verify-certificate-mismatch",
            Self::Algorithm => "verify-algorithm",
            Self::Crl => "verify-crl",
        }
    }
}

/// A timestamp does not hold, or there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// The server answered that it gives none.
    #[error("the server gives no timestamp")]
    Refused,
    /// Not the answer of a timestamp server.
    #[error("not a timestamp")]
    Malformed,
    /// A stamp on another file, or an answer to another question.
    #[error("the timestamp is of something else")]
    Other,
    /// Its signature does not hold, or its certificate is not one for timestamps under a trusted root.
    #[error("the timestamp's signature: {0}")]
    Untrusted(VerifyError),
}

impl StampError {
    /// Stable code, a key of the table of texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused => "stamp-refused",
            Self::Malformed => "stamp-malformed",
            Self::Other => "stamp-other",
            Self::Untrusted(_) => "stamp-untrusted",
        }
    }
}

impl From<Broken> for StampError {
    fn from(_: Broken) -> Self {
        Self::Malformed
    }
}

impl From<Broken> for VerifyError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Ber => Self::Ber,
            Broken::Shape => Self::Malformed("not the structure of a signed file"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_code_has_its_words_and_every_placeholder_a_value() {
        let text = String::new;
        let io = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let mut errors = vec![
            SignError::WrongPin { left: 2 },
            SignError::PinLocked,
            SignError::WrongTokenPin,
            SignError::TokenPinForm { least: 6, most: 8 },
            SignError::TokenPinUnknown,
            SignError::TokenLocked,
            SignError::TokenRemoved,
            SignError::Cancelled,
            SignError::TokenFault { code: text(), text: text() },
            SignError::TokenSilent { path: text() },
            SignError::TokenCrashed { path: text() },
            SignError::TokenModule { path: text(), reason: text() },
            SignError::NotLoggedIn,
            SignError::WrongPassword,
            SignError::NoPrivateKey,
            SignError::SeveralKeys,
            SignError::TooManyRounds,
            SignError::WeakPin(WeakPin::Short),
            SignError::WeakPin(WeakPin::Repeated),
            SignError::WeakPin(WeakPin::Sequence),
            SignError::WeakPin(WeakPin::Personal),
            SignError::RequestMalformed,
            SignError::RequestSignature,
            SignError::RequestKey,
            SignError::NoSuchKey { id: text() },
            SignError::Damaged { name: text(), what: "" },
            SignError::KeyMismatch,
            SignError::Unsupported { what: "" },
            SignError::File { path: text(), source: io() },
            SignError::CertificateMalformed { what: "" },
            SignError::CertificateEncryptionOnly,
            SignError::CertificateUsage,
            SignError::CertificateExpired { not_after: text() },
            SignError::CertificateNotYetValid { not_before: text() },
            SignError::SigningTime(text()),
            SignError::TooLarge,
            SignError::Issue(text()),
        ];
        let verify = [
            VerifyError::Malformed(""),
            VerifyError::Trailing,
            VerifyError::Detached,
            VerifyError::Ber,
            VerifyError::Digest,
            VerifyError::Signature,
            VerifyError::NoSigner,
            VerifyError::SignedTwice,
            VerifyError::Mixed,
            VerifyError::Purpose,
            VerifyError::Role,
            VerifyError::Approves,
            VerifyError::SamePerson,
            VerifyError::CertificateExpired,
            VerifyError::CertificateNotYetValid,
            VerifyError::CertificateForeign,
            VerifyError::CertificateUsage,
            VerifyError::CertificateEncryptionOnly,
            VerifyError::CertificateRevoked,
            VerifyError::CertificateMismatch,
            VerifyError::Algorithm,
            VerifyError::Crl,
        ];
        errors.extend(verify.map(SignError::from));
        let table: serde_json::Value = serde_json::from_str(include_str!("../../domain/texts.json")).unwrap();
        let untrusted = StampError::Untrusted(VerifyError::Signature);
        let stamps = [StampError::Refused, StampError::Malformed, StampError::Other, untrusted];
        let stamps = stamps.into_iter().map(|error| (error.code(), Vec::new()));
        for (code, args) in errors.iter().map(|error| (error.code(), error.args())).chain(stamps) {
            for part in ["title", "happened", "remedy"] {
                let mut words = table[code][part].as_str().unwrap_or_default().to_owned();
                assert!(!words.is_empty(), "{code} needs its {part} in texts.json");
                for (name, value) in &args {
                    words = words.replace(&format!("{{{name}}}"), value);
                }
                assert!(!words.contains(['{', '}']), "{code}: a placeholder without value in «{words}»");
            }
        }
    }
}
