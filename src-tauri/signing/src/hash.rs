//! The digests that signed files, certificates and their attributes name.

use const_oid::ObjectIdentifier;
use ring::digest;
use sm3::{Digest, Sm3};

use crate::oids;

/// A digest that is accepted; anything weaker is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
    Sm3,
}

impl Hash {
    const ALL: [Self; 4] = [Self::Sha256, Self::Sha384, Self::Sha512, Self::Sm3];

    /// By the content octets of its identifier.
    pub(crate) fn named(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.oid().as_bytes() == oid)
    }

    pub(crate) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => oids::SHA256,
            Self::Sha384 => oids::SHA384,
            Self::Sha512 => oids::SHA512,
            Self::Sm3 => oids::SM3,
        }
    }

    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
            Self::Sm3 => return Sm3::digest(bytes).to_vec(),
        };
        digest::digest(algorithm, bytes).as_ref().to_vec()
    }
}
