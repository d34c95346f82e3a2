//! Requests for certificates: PKCS#10 (RFC 2986).

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use zeroize::Zeroizing;

use crate::certificate::{Certificate, hex, sha256, to_pem};
use crate::error::SignError;
use crate::issue::sm2_request;
use crate::public_key::{Algorithm, PublicKey};
use crate::tlv::{self, Broken};

/// A request for a certificate that is signed by the key it is for. What it says of its subject counts for nothing:
/// who the holder is stands in the center's register.
#[derive(Debug, Clone)]
pub struct Request {
    der: Vec<u8>,
    /// SubjectPublicKeyInfo, DER.
    spki: Vec<u8>,
    key: PublicKey,
}

impl Request {
    /// Reads a DER request and proves that its sender has the key.
    ///
    /// # Errors
    /// [`SignError::RequestMalformed`], [`SignError::RequestSignature`], [`SignError::RequestKey`] for a key other than
    /// P-256, SM2 and RSA of 2048 bits or more.
    pub fn from_der(der: &[u8]) -> Result<Self, SignError> {
        let parts = Parts::of(der).map_err(|_| SignError::RequestMalformed)?;
        let key = PublicKey::from_spki(parts.spki).map_err(|_| SignError::RequestMalformed)?;
        let key = key.filter(PublicKey::is_requested).ok_or(SignError::RequestKey)?;
        key.check(parts.algorithm, parts.signed, parts.signature).map_err(|_| SignError::RequestSignature)?;
        Ok(Self { der: der.to_vec(), spki: parts.spki.to_vec(), key })
    }

    /// The request as it came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The request as PEM.
    pub fn pem(&self) -> String {
        to_pem("CERTIFICATE REQUEST", &self.der)
    }

    /// SHA-256 of the DER, lower-case hex.
    pub fn sha256_hex(&self) -> String {
        hex(&sha256(&self.der))
    }

    /// Whether a certificate is of the key that this request is for.
    pub fn is_of(&self, certificate: &Certificate) -> bool {
        certificate.public_key().is_some_and(|key| key.kind == self.key.kind && key.bits == self.key.bits)
    }

    /// What its key signs with.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.key.kind.algorithm()
    }

    /// The key's point or modulus, as certificates carry it.
    pub(crate) fn key_bits(&self) -> &[u8] {
        &self.key.bits
    }

    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }
}

struct Parts<'a> {
    signed: &'a [u8],
    spki: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(der: &'a [u8]) -> Result<Self, Broken> {
        let mut whole = tlv::single(der)?.inside(tlv::SEQUENCE)?;
        let signed = whole.next()?;
        let algorithm = whole.next()?.inside(tlv::SEQUENCE)?.next()?.expect(tlv::OID)?;
        let [0, signature @ ..] = whole.next()?.expect(tlv::BIT_STRING)? else { return Err(Broken::Shape) };
        whole.finish()?;
        let mut info = signed.inside(tlv::SEQUENCE)?;
        if info.next()?.expect(tlv::INTEGER)? != [0] {
            return Err(Broken::Shape);
        }
        info.next()?.expect(tlv::SEQUENCE)?;
        let spki = info.next()?.bytes;
        Ok(Self { signed: signed.bytes, spki, algorithm, signature })
    }
}

/// A new key: as PKCS#8, with a request signed by it, and with a certificate of its own making that a PKCS#12 file needs
/// beside it until the real one is there.
pub(crate) type NewKey = (Zeroizing<Vec<u8>>, Request, Certificate);

/// A new key of SM2 where that is wanted, of P-256 for everybody else.
pub(crate) fn new_key(name: &str, algorithm: Algorithm) -> Result<NewKey, SignError> {
    if algorithm == Algorithm::Sm2 {
        return sm2_request(name);
    }
    let failed = |error: rcgen::Error| SignError::Issue(error.to_string());
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let request = Request::from_der(params.serialize_request(&key).map_err(failed)?.der())?;
    let own = Certificate::from_der(params.self_signed(&key).map_err(failed)?.der())?;
    Ok((Zeroizing::new(key.serialize_der()), request, own))
}
