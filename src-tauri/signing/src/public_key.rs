//! Public keys as they stand in certificates, and checking signatures with them.

use const_oid::ObjectIdentifier;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sm2::dsa::signature::Verifier;
use sm2::dsa::{Signature, VerifyingKey};

use crate::hash::Hash;
use crate::oids;
use crate::tlv::{self, Broken};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    P256,
    P384,
    Rsa,
    Sm2,
}

/// What a signer is called in the hash of every SM2 signature, where the two sides agreed on nothing else (GM/T 0009).
pub(crate) const SM2_ID: &str = "1234567812345678";

/// What a key signs files with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    P256,
    /// RSA of 2048 bits or more with SHA-256.
    Rsa,
    /// SM2 with SM3 (国密).
    Sm2,
}

impl Algorithm {
    /// As centers and their profiles write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::Rsa => "rsa",
            Self::Sm2 => "sm2",
        }
    }

    /// Whether both are of the national algorithms, or neither is: signatures of one file are all of the same sort.
    pub fn goes_with(self, other: Self) -> bool {
        (self == Self::Sm2) == (other == Self::Sm2)
    }

    /// The digest of a file that it signs.
    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::P256 | Self::Rsa => Hash::Sha256,
            Self::Sm2 => Hash::Sm3,
        }
    }
}

impl KeyKind {
    /// `None` for keys that only authorities have.
    pub(crate) fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::P256 => Some(Algorithm::P256),
            Self::Rsa => Some(Algorithm::Rsa),
            Self::Sm2 => Some(Algorithm::Sm2),
            Self::P384 => None,
        }
    }
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
    /// From SubjectPublicKeyInfo; `Ok(None)` for a kind of key that is not accepted here (Ed25519, short RSA).
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
            } else if curve.tag == tlv::OID && curve.value == oids::SM2.as_bytes() {
                KeyKind::Sm2
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

    /// Whether certificates are asked for with keys of this kind.
    pub(crate) fn is_requested(&self) -> bool {
        match self.kind {
            KeyKind::P256 | KeyKind::Rsa => true,
            KeyKind::P384 | KeyKind::Sm2 => false,
        }
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
            KeyKind::Sm2 if named(oids::SM2_SM3) || named(oids::SM2_SIGNATURE) => {
                return self.check_sm2(message, signature);
            }
            KeyKind::P256 | KeyKind::P384 | KeyKind::Rsa | KeyKind::Sm2 => return Err(Unproven::Algorithm),
        };
        UnparsedPublicKey::new(algorithm, &self.bits).verify(message, signature).map_err(|_| Unproven::Signature)
    }

    fn check_sm2(&self, message: &[u8], signature: &[u8]) -> Result<(), Unproven> {
        let key = VerifyingKey::from_sec1_bytes(SM2_ID, &self.bits);
        key.and_then(|key| key.verify(message, &Signature::from_der(signature)?)).map_err(|_| Unproven::Signature)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// GM/T 0003.5, its worked example on the recommended curve, under the name that all our signatures have.
    #[test]
    fn the_example_of_the_sm2_standard_holds_and_no_changed_one() {
        let hex = |text: &str| -> Vec<u8> {
            let octets = text.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap());
            octets.map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
        };
        let point = "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020\
                     CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
        let key = PublicKey { kind: KeyKind::Sm2, bits: hex(point) };
        let r = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3";
        let s = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";
        let signature = hex(&format!("3046022100{r}022100{s}"));
        let check = |message: &[u8], signature: &[u8]| key.check(oids::SM2_SM3.as_bytes(), message, signature);
        assert_eq!(check(b"message digest", &signature), Ok(()));
        assert_eq!(check(b"message digests", &signature), Err(Unproven::Signature));
        let mut changed = signature.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(check(b"message digest", &changed), Err(Unproven::Signature));
        let raw = [hex(r), hex(s)].concat();
        assert_eq!(check(b"message digest", &raw), Err(Unproven::Signature), "r and s without their DER are none");
        let other = key.check(oids::ECDSA_SHA256.as_bytes(), b"message digest", &signature);
        assert_eq!(other, Err(Unproven::Algorithm), "under another name it is not even tried");
    }
}
