//! Timestamps (RFC 3161, RFC 5816): a third party's word that a file existed at a time.
//!
//! Asked for and checked here; carried by somebody else. What is stamped is the SHA-256 of the whole file.

use jiff::{Timestamp, civil, tz};

use crate::certificate::Certificate;
use crate::chain::TrustAnchors;
use crate::cms::SignedFile;
use crate::error::{StampError, VerifyError};
use crate::hash::Hash;
use crate::oids;
use crate::tlv::{self, Broken, Elements, wrap};
use crate::verify::{self, AsOf};

/// Larger than any answer with a few certificates.
const MOST: usize = 256 * 1024;

/// A question to a timestamp server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRequest {
    der: Vec<u8>,
    nonce: Vec<u8>,
}

impl StampRequest {
    /// Asks for a stamp on a file, with the server's certificate in it; `nonce` is never used twice.
    pub fn new(file: &[u8], nonce: [u8; 16]) -> Self {
        // Positive, of a fixed length, and never padded.
        let nonce: Vec<u8> = std::iter::once(1).chain(nonce).collect();
        let der = wrap(
            tlv::SEQUENCE,
            &[
                &wrap(tlv::INTEGER, &[&[1]]),
                &imprint(file),
                &wrap(tlv::INTEGER, &[&nonce]),
                &wrap(tlv::BOOLEAN, &[&[0xff]]),
            ],
        );
        Self { der, nonce }
    }

    /// `application/timestamp-query`
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Checks an answer to this question.
    ///
    /// # Errors
    /// As [`verify_stamp`]; [`StampError::Other`] for an answer to another question.
    pub fn check(&self, answer: &[u8], file: &[u8], anchors: &TrustAnchors) -> Result<Stamp, StampError> {
        let (stamp, nonce) = check(answer, file, anchors)?;
        if nonce.as_ref() == Some(&self.nonce) { Ok(stamp) } else { Err(StampError::Other) }
    }
}

/// A stamp that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When the file existed, by the server's clock; cut to the second.
    pub at: Timestamp,
    /// Who says so.
    pub certificate: Certificate,
}

/// Checks a server's answer (`application/timestamp-reply`) that was kept: granted, of this file, signed by a
/// certificate that is for timestamps alone and led to one of these roots at the time of the stamp.
///
/// # Errors
/// [`StampError`]
pub fn verify_stamp(answer: &[u8], file: &[u8], anchors: &TrustAnchors) -> Result<Stamp, StampError> {
    check(answer, file, anchors).map(|(stamp, _)| stamp)
}

fn imprint(file: &[u8]) -> Vec<u8> {
    let algorithm = wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oids::SHA256.as_bytes()]), &wrap(tlv::NULL, &[])]);
    wrap(tlv::SEQUENCE, &[&algorithm, &wrap(tlv::OCTET_STRING, &[&Hash::Sha256.of(file)])])
}

type Nonce = Option<Vec<u8>>;

fn check(answer: &[u8], file: &[u8], anchors: &TrustAnchors) -> Result<(Stamp, Nonce), StampError> {
    if answer.len() > MOST {
        return Err(StampError::Malformed);
    }
    let mut parts = tlv::single(answer)?.inside(tlv::SEQUENCE)?;
    let status = parts.next()?.inside(tlv::SEQUENCE)?.next()?.expect(tlv::INTEGER)?;
    // Granted, or granted with changes: what they are is seen in the stamp.
    if !matches!(status, [0 | 1]) {
        return Err(StampError::Refused);
    }
    let token = parts.next()?.bytes;
    parts.finish()?;
    let signed = SignedFile::parse_of(token, Some(oids::TST_INFO)).map_err(|_| StampError::Malformed)?;
    let said = Said::parse(signed.content)?;
    if said.imprint != imprint_value(file) {
        return Err(StampError::Other);
    }
    let [signer] = signed.signers.as_slice() else { return Err(StampError::Malformed) };
    let then = AsOf { at: said.at, crls: &[] };
    let mut proven =
        verify::prove(&signed, anchors, |_| then, Certificate::can_timestamp).map_err(StampError::Untrusted)?;
    let (_, proven) = proven.pop().ok_or(StampError::Untrusted(VerifyError::NoSigner))?;
    // Without it the same signature would be somebody else's under another certificate of the same key.
    if !proven.bound || signer.attributes.is_empty() {
        return Err(StampError::Untrusted(VerifyError::CertificateMismatch));
    }
    Ok((Stamp { at: said.at, certificate: proven.certificate }, said.nonce))
}

/// Hash algorithm and hash.
type Imprint = (Vec<u8>, Vec<u8>);

fn imprint_value(file: &[u8]) -> Imprint {
    (oids::SHA256.as_bytes().to_vec(), Hash::Sha256.of(file))
}

/// TSTInfo, what is read of it.
struct Said {
    imprint: Imprint,
    at: Timestamp,
    nonce: Nonce,
}

impl Said {
    fn parse(content: &[u8]) -> Result<Self, StampError> {
        let mut parts = tlv::single(content)?.inside(tlv::SEQUENCE)?;
        if parts.next()?.expect(tlv::INTEGER)? != [1] {
            return Err(StampError::Malformed);
        }
        parts.next()?.expect(tlv::OID)?;
        let mut imprint = parts.next()?.inside(tlv::SEQUENCE)?;
        let algorithm = imprint.next()?.inside(tlv::SEQUENCE)?.next()?.expect(tlv::OID)?.to_vec();
        let hash = imprint.next()?.expect(tlv::OCTET_STRING)?.to_vec();
        imprint.finish()?;
        parts.next()?.expect(tlv::INTEGER)?;
        let at = moment(parts.next()?.expect(tlv::GENERALIZED_TIME)?).ok_or(StampError::Malformed)?;
        let nonce = Self::nonce(parts)?;
        Ok(Self { imprint: (algorithm, hash), at, nonce })
    }

    /// Behind the time, each of them where it is said: accuracy, ordering, nonce, name, extensions.
    fn nonce(mut parts: Elements<'_>) -> Result<Nonce, Broken> {
        parts.optional(tlv::SEQUENCE)?;
        parts.optional(tlv::BOOLEAN)?;
        let nonce = parts.optional(tlv::INTEGER)?.map(|nonce| nonce.value.to_vec());
        parts.optional(tlv::context(0))?;
        parts.optional(tlv::context(1))?;
        parts.finish()?;
        Ok(nonce)
    }
}

/// GeneralizedTime with or without a fraction of a second, which certificates must not have and stamps may.
fn moment(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let two = |from: usize| whole.get(from..from + 2)?.parse::<i8>().ok();
    let year = whole.get(..4)?.parse().ok()?;
    let date = civil::DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?, 0).ok()?;
    tz::Offset::UTC.to_timestamp(date).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_time_is_read_as_stamps_write_it_and_nothing_else_is() {
        let at = |text: &str| moment(text.as_bytes()).map(|at| at.to_string());
        assert_eq!(at("20260731163005Z").as_deref(), Some("2026-07-31T16:30:05Z"));
        assert_eq!(at("20260731163005.25Z").as_deref(), Some("2026-07-31T16:30:05Z"), "cut to the second");
        for wrong in ["20260731163005", "20261331163005Z", "20260731163005.Z", "202607311630Z", "２０260731163005Z", ""]
        {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_question_is_der_and_asks_for_the_certificate() {
        let request = StampRequest::new(b"file", [0; 16]);
        let mut parts = tlv::single(request.der()).unwrap().inside(tlv::SEQUENCE).unwrap();
        assert_eq!(parts.next().unwrap().expect(tlv::INTEGER).unwrap(), [1]);
        parts.next().unwrap();
        let nonce = parts.next().unwrap().expect(tlv::INTEGER).unwrap();
        assert_eq!((nonce.len(), nonce[0]), (17, 1), "no leading zeros, whatever chance brought");
        assert_eq!(parts.next().unwrap().expect(tlv::BOOLEAN).unwrap(), [0xff], "DER's true");
        parts.finish().unwrap();
    }
}
