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

/// The recommended curve as it goes into Z: a, b, and both coordinates of its base point (GM/T 0003.5).
#[rustfmt::skip]
const SM2_CURVE: [u8; 128] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
    0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7,
    0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
    0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94,
    0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
    0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53,
    0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0,
];

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
            KeyKind::P256 | KeyKind::Rsa | KeyKind::Sm2 => true,
            KeyKind::P384 => false,
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

    /// The digest that SM2 signs of a message: Z, of the signer's name, the curve and his key, goes first (GM/T 0003.2).
    pub(crate) fn sm2_digest(&self, message: &[u8]) -> Vec<u8> {
        let bits = u16::try_from(SM2_ID.len() * 8).unwrap_or_default().to_be_bytes();
        let point = self.bits.get(1..).unwrap_or_default();
        let z = Hash::Sm3.of(&[&bits, SM2_ID.as_bytes(), &SM2_CURVE, point].concat());
        Hash::Sm3.of(&[&z, message].concat())
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
        let digest = hex("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640");
        assert_eq!(key.sm2_digest(b"message digest"), digest, "what a token is given to sign");
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
