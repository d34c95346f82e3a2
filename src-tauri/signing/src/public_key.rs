//! Public keys as they stand in certificates, and checking signatures with them.

use const_oid::ObjectIdentifier;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use crate::oids;
use crate::tlv::{self, Broken};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    P256,
    P384,
    Rsa,
}

/// A key this crate can check signatures with.
#[derive(Debug, Clone)]
pub(crate) struct PublicKey {
    pub(crate) kind: KeyKind,
    /// The point (0x04 ‖ x ‖ y) or the RSAPublicKey.
    pub(crate) bits: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unproven {
    Algorithm,
    Signature,
}

impl PublicKey {
    /// From SubjectPublicKeyInfo; `Ok(None)` for a kind of key that is not accepted here (SM2, Ed25519, short RSA).
    pub(crate) fn from_spki(spki: &[u8]) -> Result<Option<Self>, Broken> {
        let mut parts = tlv::single(spki)?.inside(tlv::SEQUENCE)?;
        let mut algorithm = parts.next()?.inside(tlv::SEQUENCE)?;
        let bits = parts.next()?.expect(tlv::BIT_STRING)?;
        parts.finish()?;
        let [0, bits @ ..] = bits else { return Err(Broken::Shape) };
        let oid = algorithm.next()?.expect(tlv::OID)?;
        let kind = if oid == oids::EC_PUBLIC_KEY.as_bytes() {
            let curve = algorithm.next()?;
            if curve.tag == tlv::OID && curve.value == oids::P256.as_bytes() {
                KeyKind::P256
            } else if curve.tag == tlv::OID && curve.value == oids::P384.as_bytes() {
                KeyKind::P384
            } else {
                return Ok(None);
            }
        } else if oid == oids::RSA.as_bytes() {
            let modulus = tlv::single(bits)?.inside(tlv::SEQUENCE)?.next()?.expect(tlv::INTEGER)?;
            let digits = modulus.iter().skip_while(|octet| **octet == 0).count();
            if !(256..=1024).contains(&digits) {
                return Ok(None);
            }
            KeyKind::Rsa
        } else {
            return Ok(None);
        };
        Ok(Some(Self { kind, bits: bits.to_vec() }))
    }

    /// Checks a signature whose AlgorithmIdentifier names key and digest, as in certificates and CRLs.
    pub(crate) fn check(&self, algorithm: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Unproven> {
        let named = |oid: ObjectIdentifier| algorithm == oid.as_bytes();
        let algorithm: &'static dyn VerificationAlgorithm = match self.kind {
            KeyKind::P256 if named(oids::ECDSA_SHA256) => &signature::ECDSA_P256_SHA256_ASN1,
            KeyKind::P256 if named(oids::ECDSA_SHA384) => &signature::ECDSA_P256_SHA384_ASN1,
            KeyKind::P384 if named(oids::ECDSA_SHA256) => &signature::ECDSA_P384_SHA256_ASN1,
            KeyKind::P384 if named(oids::ECDSA_SHA384) => &signature::ECDSA_P384_SHA384_ASN1,
            KeyKind::Rsa if named(oids::RSA_SHA256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            KeyKind::Rsa if named(oids::RSA_SHA384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            KeyKind::Rsa if named(oids::RSA_SHA512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            KeyKind::P256 | KeyKind::P384 | KeyKind::Rsa => return Err(Unproven::Algorithm),
        };
        UnparsedPublicKey::new(algorithm, &self.bits).verify(message, signature).map_err(|_| Unproven::Signature)
    }
}
