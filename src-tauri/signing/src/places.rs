//! Where in a signed file lies what its signatures are checked by, for whoever has no program of ours.

use std::ops::Range;

use crate::certificate::Certificate;
use crate::cms::{Attributes, SignedFile};
use crate::error::VerifyError;
use crate::verify::is_signer;

/// Parts of a file of ours, in octets from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// What was signed.
    pub content: Range<usize>,
    /// Each signature, in the order of the file.
    pub signers: Vec<SignerPlaces>,
}

/// Parts of one signature, in octets from the beginning of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerPlaces {
    /// Who signed.
    pub certificate: Certificate,
    /// The signed attributes, their tag and length included. The signature is over the same octets with the tag of a SET,
    /// 0x31, in place of theirs.
    pub attributes: Range<usize>,
    /// The digest of the content, within the attributes.
    pub digest: Range<usize>,
    /// The signature value.
    pub signature: Range<usize>,
}

/// Finds the parts of a file. Whether anything of it holds is not asked here.
///
/// # Errors
/// No signed file of ours, or one that lacks a signer's certificate.
pub fn places(p7m: &[u8]) -> Result<Places, VerifyError> {
    let file = SignedFile::parse(p7m)?;
    let mut certificates = Vec::new();
    for der in &file.certificates {
        let read = Certificate::from_der(der).map_err(|_| VerifyError::Malformed("a certificate in the file"))?;
        certificates.push(read);
    }
    let mut signers = Vec::new();
    for signer in &file.signers {
        let certificate = certificates.iter().find(|one| is_signer(&signer.id, one));
        let digest = Attributes::parse(signer)?.message_digest;
        let value = place(p7m, signer.attributes);
        let head = signer.signed_bytes().len().saturating_sub(value.len());
        signers.push(SignerPlaces {
            certificate: certificate.ok_or(VerifyError::CertificateMismatch)?.clone(),
            attributes: value.start.saturating_sub(head)..value.end,
            digest: place(p7m, digest.ok_or(VerifyError::Malformed("there is no message digest"))?),
            signature: place(p7m, signer.signature),
        });
    }
    Ok(Places { content: place(p7m, file.content), signers })
}

/// Where a part lies in the whole that it was read from.
fn place(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start + part.len()
}
