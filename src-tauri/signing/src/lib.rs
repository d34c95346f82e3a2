//! Keys, certificates and CMS signatures. This room knows bytes and certificates, never what a filing says.
//!
//! # The signed file
//! `filing.p7m` and `receipt.p7m` are CMS SignedData (RFC 5652), DER, with the content attached and, in every
//! SignerInfo, the signed attributes content-type, message-digest, signing-time, signing-certificate-v2 (RFC 5035) and
//! ours. Signer certificates travel inside, with what lies between them and the root. DER sorts SignerInfos, so their
//! order says nothing: who signed as what stands in the attributes.
//!
//! # Our object identifiers
//! UUID 0b496531-80b0-46d7-84e7-8b8ef184719a gives the arc `2.25.15002598069684235779154861484069384602`
//! (ITU-T X.667: an arc under 2.25 needs no registration). The UUID does not fit the 32-bit arcs that several ASN.1
//! libraries allow, so this crate compares these identifiers as bytes.
//!
//! | identifier | what | value |
//! |---|---|---|
//! | arc`.1` | signed attribute `role` | UTF8String `clerk`, `approver`, `center` |
//! | arc`.2` | signed attribute `purpose` | UTF8String `login`, `filing`, `approval`, `rejection`, `withdrawal`, `receipt`, `renewal`, `revocation` |
//! | arc`.3` | signed attribute `approves` | OCTET STRING, SHA-256 of the clerk's signature value |
//! | arc`.4` | extended key usage `receiptSigning` | only the center's receipt certificate carries it |
//!
//! A role is what the signer claims. `center` holds only for a certificate with `receiptSigning`, the other two only for
//! one without; which operator may act in which unit is in the center's register, not here. In a login it says nothing:
//! who one is in a unit is known only after it, and everybody writes `clerk`.
//!
//! # Operator certificates
//! Subject: CN = the operator's name, O = the unit's name, organizationIdentifier (2.5.4.97) = 统一社会信用代码, plain.
//! Key usage digitalSignature or nonRepudiation to sign; extended key usage clientAuth for TLS and emailProtection, which
//! is what `openssl cms -verify` asks for.
//!
//! # Algorithms
//! ECDSA P-256 with SHA-256, RSA of 2048 bits or more with SHA-256 (PKCS#1 v1.5), SM2 with SM3 (GM/T 0003, 0004) under
//! the signer's name 1234567812345678 (GM/T 0009). Chains may also use P-384 and SHA-384/512. Signatures of SM2 and of
//! the others never stand in one file. An SM2 file is written with the identifiers of the RFCs or of GM/T 0010
//! ([`Identifiers`]); both are read. What only names a file or a signature (`approves`, fingerprints) is SHA-256 in
//! every case.
//!
//! # Keys at rest
//! PKCS#12 (PBES2 with AES-256-CBC, MAC with HMAC-SHA256) under 256 bits that Argon2id makes of the PIN: version 0x13,
//! 64 MiB, two passes, one lane, a random salt of 16 bytes. A line before the file names these, so that they can rise
//! (`p12/at_rest.rs`). A key that waits for its certificate is kept the same way. Files of other issuers, under RC2 or
//! 3DES too, are read once, at their import; one that asks for more than a million iterations is not opened. What a
//! center issues to a file (`p12` of [`issue`]) is PKCS#12 under its PIN: PBKDF2 with HMAC-SHA256, 100 000 iterations.
//! A new PIN has at least six characters ([`Pin::check_new`]); against somebody who copies the file that is little: a
//! token is better.
#![warn(missing_docs)]

mod certificate;
mod chain;
mod cms;
mod error;
mod hash;
pub mod issue;
mod keys;
mod oids;
mod p12;
mod pin;
mod places;
mod public_key;
mod request;
mod timestamp;
mod tlv;
mod tokens;
mod verify;

pub use certificate::{Certificate, Crl};
pub use chain::TrustAnchors;
pub use cms::{Identifiers, Purpose, Role, add_signature, sign_attached, sign_attached_by};
pub use error::{SignError, StampError, VerifyError};
pub use keys::{Kept, KeyInfo, KeyProvider, Keys, MemoryKey, SignSession, TlsIdentity};
pub use p12::{P12Folder, P12Key, PendingKey};
pub use pin::{Pin, WeakPin};
pub use places::{Places, SignerPlaces, places};
pub use public_key::Algorithm;
pub use request::Request;
pub use timestamp::{Stamp, StampRequest, verify_stamp};
pub use tokens::{
    ModuleAnswer, ModuleFound, PinState, Survey, TokenFound, Tokens, is_on_token, may_be_module, serve_module_if_asked,
};
pub use verify::{
    AsOf, ForeignSigner, ForeignVerified, Signer, Verified, claimed_time, judged_at, only_adds_signatures, verify,
    verify_foreign, verify_taken,
};
