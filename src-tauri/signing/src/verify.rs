//! Whether a signed file holds.

use jiff::Timestamp;

use crate::certificate::{Certificate, Crl, sha256};
use crate::chain::TrustAnchors;
use crate::cms::{Attributes, Purpose, Role, SignedFile, SignerId, SignerInfo};
use crate::error::{SignError, VerifyError};
use crate::hash::Hash;
use crate::oids;
use crate::public_key::{Algorithm, Unproven};

/// A file of ours that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What was signed, as it came.
    pub content: Vec<u8>,
    /// The wanted signature first, then approvals by signing time.
    pub signers: Vec<Signer>,
}

/// One signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The signer's certificate.
    pub certificate: Certificate,
    /// What he claims to act as.
    pub role: Role,
    /// What he signed for.
    pub purpose: Purpose,
    /// By his own clock, to the second.
    pub signing_time: Timestamp,
    /// SHA-256 of the signature value that this one approves.
    pub approves: Option<[u8; 32]>,
    /// SHA-256 of his signature value: what an approval names.
    pub signature_sha256: [u8; 32],
}

/// A file made by other software that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignVerified {
    /// What was signed, as it came.
    pub content: Vec<u8>,
    /// Everybody who signed.
    pub signers: Vec<ForeignSigner>,
}

/// One signature of other software that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignSigner {
    /// The signer's certificate.
    pub certificate: Certificate,
    /// By his own clock, if he says.
    pub signing_time: Option<Timestamp>,
    /// SHA-256 of his signature value.
    pub signature_sha256: [u8; 32],
}

/// A moment as of which a signer's certificate is judged, and the revocation lists that it is held against (none is
/// allowed).
#[derive(Debug, Clone, Copy)]
pub struct AsOf<'a> {
    /// The moment.
    pub at: Timestamp,
    /// The lists.
    pub crls: &'a [Crl],
}

/// Checks a file of ours: structure, digest, attributes, signatures, certificates up to a trusted root as of `at`,
/// revocation by the lists given (none is allowed), purpose and role.
///
/// For [`Purpose::Filing`] there is exactly one such signature, and approvals beside it must approve it. For
/// [`Purpose::Approval`] the same with at least one approval. For all else the file has exactly one signature.
///
/// # Errors
/// The first thing that does not hold, and nothing of the file is given out.
pub fn verify(
    p7m: &[u8],
    anchors: &TrustAnchors,
    at: Timestamp,
    want: Purpose,
    crls: &[Crl],
) -> Result<Verified, VerifyError> {
    let now = AsOf { at, crls };
    verify_taken(p7m, anchors, now, now, want)
}

/// As [`verify`], of a filing that somebody has taken: its own signature is judged as of when it was `taken`, approvals
/// as of when they were `added`. A certificate that has ended or was revoked between the two undoes nothing.
///
/// # Errors
/// As [`verify`].
pub fn verify_taken(
    p7m: &[u8],
    anchors: &TrustAnchors,
    taken: AsOf<'_>,
    added: AsOf<'_>,
    want: Purpose,
) -> Result<Verified, VerifyError> {
    let file = SignedFile::parse(p7m)?;
    let as_of = |purpose: Option<Purpose>| if purpose == Some(Purpose::Filing) { taken } else { added };
    let mut signers = Vec::new();
    for (signer, proven) in prove(&file, anchors, as_of, Certificate::can_sign)? {
        if !proven.bound {
            return Err(VerifyError::CertificateMismatch);
        }
        let attributes = Attributes::parse(signer)?;
        let (Some(role), Some(purpose)) = (attributes.role, attributes.purpose) else {
            return Err(if attributes.purpose.is_none() { VerifyError::Purpose } else { VerifyError::Role });
        };
        let signing_time = attributes.signing_time.ok_or(VerifyError::Malformed("there is no signing time"))?;
        if proven.certificate.can_receipt() != (role == Role::Center) {
            return Err(VerifyError::Role);
        }
        signers.push(Signer {
            certificate: proven.certificate,
            role,
            purpose,
            signing_time,
            approves: attributes.approves,
            signature_sha256: sha256(signer.signature),
        });
    }
    let signers = match want {
        Purpose::Filing => filing(signers)?,
        Purpose::Approval => {
            let signers = filing(signers)?;
            if signers.len() < 2 {
                return Err(VerifyError::NoSigner);
            }
            signers
        }
        Purpose::Login
        | Purpose::Rejection
        | Purpose::Withdrawal
        | Purpose::Receipt
        | Purpose::Renewal
        | Purpose::Revocation => only(signers, want)?,
    };
    Ok(Verified { content: file.content.to_vec(), signers })
}

/// Checks a file made by other software: as [`verify`], without our attributes; signing-certificate-v2 may be missing
/// but must fit if it is there.
///
/// # Errors
/// As [`verify`], never about purpose or role.
pub fn verify_foreign(
    p7m: &[u8],
    anchors: &TrustAnchors,
    at: Timestamp,
    crls: &[Crl],
) -> Result<ForeignVerified, VerifyError> {
    let file = SignedFile::parse(p7m)?;
    let mut signers = Vec::new();
    for (signer, proven) in prove(&file, anchors, |_| AsOf { at, crls }, Certificate::can_sign)? {
        signers.push(ForeignSigner {
            certificate: proven.certificate,
            signing_time: Attributes::parse(signer)?.signing_time,
            signature_sha256: sha256(signer.signature),
        });
    }
    Ok(ForeignVerified { content: file.content.to_vec(), signers })
}

/// When a file says that it was signed, at the latest: its signers' own clocks, which nothing is proven of here.
///
/// # Errors
/// No signed file, or a signer who does not say.
pub fn claimed_time(p7m: &[u8]) -> Result<Timestamp, VerifyError> {
    let mut latest = None;
    for signer in &SignedFile::parse(p7m)?.signers {
        let said = Attributes::parse(signer)?.signing_time;
        latest = latest.max(Some(said.ok_or(VerifyError::Malformed("there is no signing time"))?));
    }
    latest.ok_or(VerifyError::NoSigner)
}

/// The moment as of which a file is judged. Whoever `taken` it has judged it then; where signatures were `added_since`,
/// when the last of them says that it was made, which is not before that. One that nobody has taken: when it says that
/// it was signed.
///
/// # Errors
/// As [`claimed_time`].
pub fn judged_at(p7m: &[u8], taken: Option<Timestamp>, added_since: bool) -> Result<Timestamp, VerifyError> {
    match taken {
        Some(taken) if added_since => Ok(claimed_time(p7m)?.max(taken)),
        Some(taken) => Ok(taken),
        None => claimed_time(p7m),
    }
}

/// Whether a file is another one with nothing but signatures added: the same content, and every SignerInfo and
/// certificate of it byte for byte. Whether any of them holds is not asked here.
///
/// # Errors
/// One of the two is no signed file.
pub fn only_adds_signatures(file: &[u8], to: &[u8]) -> Result<bool, VerifyError> {
    let (file, to) = (SignedFile::parse(file)?, SignedFile::parse(to)?);
    let signed = |one: &SignerInfo<'_>| file.signers.iter().any(|other| other.bytes == one.bytes);
    Ok(file.content == to.content
        && to.signers.iter().all(signed)
        && to.certificates.iter().all(|one| file.certificates.contains(one)))
}

fn only(signers: Vec<Signer>, want: Purpose) -> Result<Vec<Signer>, VerifyError> {
    let [signer] = signers.as_slice() else { return Err(VerifyError::Purpose) };
    if signer.purpose != want {
        return Err(VerifyError::Purpose);
    }
    if !want.allows(signer.role) || signer.approves.is_some() {
        return Err(VerifyError::Role);
    }
    Ok(signers)
}

/// The clerk's signature first; each other one approves it, each by another person's certificate.
fn filing(signers: Vec<Signer>) -> Result<Vec<Signer>, VerifyError> {
    let (mut clerks, mut others): (Vec<_>, Vec<_>) =
        signers.into_iter().partition(|signer| signer.purpose == Purpose::Filing);
    let clerk = clerks.pop().ok_or(VerifyError::Purpose)?;
    if !clerks.is_empty() {
        return Err(VerifyError::Purpose);
    }
    if !Purpose::Filing.allows(clerk.role) || clerk.approves.is_some() {
        return Err(VerifyError::Role);
    }
    for (place, other) in others.iter().enumerate() {
        if other.purpose != Purpose::Approval {
            return Err(VerifyError::Purpose);
        }
        if !Purpose::Approval.allows(other.role) {
            return Err(VerifyError::Role);
        }
        let same = |one: &Signer| other.certificate.same_person(&one.certificate);
        if same(&clerk) || others.iter().skip(place + 1).any(same) {
            return Err(VerifyError::SamePerson);
        }
        if other.approves != Some(clerk.signature_sha256) {
            return Err(VerifyError::Approves);
        }
    }
    others.sort_by_key(|other| other.signing_time);
    Ok(std::iter::once(clerk).chain(others).collect())
}

pub(crate) struct Proven {
    pub(crate) certificate: Certificate,
    /// signing-certificate-v2 is there and names this certificate.
    pub(crate) bound: bool,
}

pub(crate) type ProvenSigners<'f, 'a> = Vec<(&'f SignerInfo<'a>, Proven)>;

/// Digest, certificate, signature, path, for every signer, and whether the certificate may sign this. Which moment a
/// signer is judged as of depends on what he says that he signed for.
pub(crate) fn prove<'f, 'a, 'l>(
    file: &'f SignedFile<'a>,
    anchors: &TrustAnchors,
    as_of: impl Fn(Option<Purpose>) -> AsOf<'l>,
    may: impl Fn(&Certificate) -> Result<(), SignError>,
) -> Result<ProvenSigners<'f, 'a>, VerifyError> {
    if file.signers.is_empty() {
        return Err(VerifyError::NoSigner);
    }
    let certificates: Vec<Certificate> = file
        .certificates
        .iter()
        .map(|der| Certificate::from_der(der).map_err(|_| VerifyError::Malformed("a certificate in the file")))
        .collect::<Result<_, _>>()?;
    for (place, signer) in file.signers.iter().enumerate() {
        if file.signers.iter().skip(place + 1).any(|other| other.bytes == signer.bytes) {
            return Err(VerifyError::SignedTwice);
        }
    }
    let mut all: ProvenSigners<'f, 'a> = Vec::new();
    for signer in &file.signers {
        let hash = Hash::named(signer.digest).ok_or(VerifyError::Algorithm)?;
        let attributes = Attributes::parse(signer)?;
        if attributes.content_type != Some(file.content_type) {
            return Err(VerifyError::Malformed("content-type attribute"));
        }
        let digest = attributes.message_digest.ok_or(VerifyError::Malformed("there is no message digest"))?;
        if digest != hash.of(file.content) {
            return Err(VerifyError::Digest);
        }
        let certificate =
            certificates.iter().find(|one| is_signer(&signer.id, one)).ok_or(VerifyError::CertificateMismatch)?;
        check_signature(signer, hash, certificate)?;
        let bound = match attributes.certificate {
            Some((algorithm, hash)) => {
                if Hash::named(algorithm).ok_or(VerifyError::Algorithm)?.of(certificate.der()) != hash {
                    return Err(VerifyError::CertificateMismatch);
                }
                true
            }
            None => false,
        };
        let AsOf { at, crls } = as_of(attributes.purpose);
        anchors.check(certificate, &certificates, at, crls)?;
        may(certificate).map_err(usage)?;
        let mixed = |(other, own): (Algorithm, Algorithm)| !other.goes_with(own);
        let before = all.first().and_then(|(_, first)| first.certificate.algorithm());
        if before.zip(certificate.algorithm()).is_some_and(mixed) {
            return Err(VerifyError::Mixed);
        }
        all.push((signer, Proven { certificate: certificate.clone(), bound }));
    }
    Ok(all)
}

pub(crate) fn is_signer(id: &SignerId<'_>, certificate: &Certificate) -> bool {
    match id {
        SignerId::Issued { issuer, serial } => certificate.issuer_der() == *issuer && certificate.serial() == *serial,
        SignerId::Key(key) => certificate.subject_key_id() == Some(*key),
    }
}

/// Why a certificate whose signature holds may not have made it.
fn usage(error: SignError) -> VerifyError {
    if matches!(error, SignError::CertificateEncryptionOnly) {
        VerifyError::CertificateEncryptionOnly
    } else {
        VerifyError::CertificateUsage
    }
}

fn check_signature(signer: &SignerInfo<'_>, hash: Hash, certificate: &Certificate) -> Result<(), VerifyError> {
    let key = certificate.public_key().ok_or(VerifyError::Algorithm)?;
    let algorithm = key.kind.algorithm().ok_or(VerifyError::Algorithm)?;
    if hash != algorithm.hash() {
        return Err(VerifyError::Algorithm);
    }
    let (names, signature): (&[_], _) = match algorithm {
        Algorithm::P256 => (&[oids::ECDSA_SHA256], oids::ECDSA_SHA256),
        // RFC 5754: with rsaEncryption the digest algorithm field says which hash.
        Algorithm::Rsa => (&[oids::RSA_SHA256, oids::RSA], oids::RSA_SHA256),
        Algorithm::Sm2 => (&[oids::SM2_SM3, oids::SM2_SIGNATURE], oids::SM2_SM3),
    };
    if !names.iter().any(|name| name.as_bytes() == signer.algorithm) {
        return Err(VerifyError::Algorithm);
    }
    key.check(signature.as_bytes(), &signer.signed_bytes(), signer.signature).map_err(|unproven| match unproven {
        Unproven::Algorithm => VerifyError::Algorithm,
        Unproven::Signature => VerifyError::Signature,
    })
}

#[cfg(test)]
mod tests;
