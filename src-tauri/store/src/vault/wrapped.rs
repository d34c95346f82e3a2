//! A store key under a passphrase: the content of a key file, and the way into a backup on another computer.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VaultError;
use crate::key::StoreKey;

/// RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// What a file may ask for at most; beyond it somebody is trying to stall the program.
const MEMORY_KIB_MOST: u32 = 1024 * 1024;
const PASSES_MOST: u32 = 64;
const LANES_MOST: u32 = 16;

/// The store key, wrapped by AES-256-GCM under an Argon2id hash of a passphrase.
///
/// The parameters are written down, so that they can rise later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedKey {
    format: u8,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; 16],
    nonce: [u8; 12],
    wrapped: Vec<u8>,
    /// Which key it is, [`StoreKey::fingerprint`]; not every file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

impl WrappedKey {
    /// Fewest characters of a passphrase.
    pub const SHORTEST: usize = 8;

    /// Wraps a key.
    ///
    /// # Errors
    /// [`VaultError::WeakPassphrase`], [`VaultError::Io`].
    pub fn wrap(key: &StoreKey, passphrase: &str) -> Result<Self, VaultError> {
        if passphrase.chars().count() < Self::SHORTEST {
            return Err(VaultError::WeakPassphrase);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt)?;
        let mut nonce = [0; 12];
        getrandom::fill(&mut nonce)?;
        let mut wrapped = Self {
            format: 1,
            kdf: "argon2id".into(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt,
            nonce,
            wrapped: Vec::new(),
            fingerprint: Some(key.fingerprint().map_err(|error| VaultError::Io(error.to_string()))?),
        };
        // As long as it will be: a longer copy elsewhere would leave the key behind.
        let mut body = Zeroizing::new(Vec::with_capacity(StoreKey::LENGTH + 16));
        body.extend_from_slice(key.bytes());
        wrapped
            .cipher(passphrase)?
            .encrypt_in_place(&Nonce::from(nonce), &wrapped.associated(), &mut *body)
            .map_err(|error| VaultError::Io(error.to_string()))?;
        wrapped.wrapped = std::mem::take(&mut *body);
        Ok(wrapped)
    }

    /// Writes down which key it is, where that is known for certain.
    #[must_use]
    pub fn of(self, fingerprint: &str) -> Self {
        Self { fingerprint: Some(fingerprint.to_owned()), ..self }
    }

    /// Whether it can be the key with this fingerprint. One that does not say which it is can be any.
    pub fn may_be(&self, fingerprint: &str) -> bool {
        self.fingerprint.as_ref().is_none_or(|own| own == fingerprint)
    }

    /// The key.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`], [`VaultError::Damaged`].
    pub fn open(&self, passphrase: &str) -> Result<StoreKey, VaultError> {
        if self.format != 1 || self.kdf != "argon2id" || self.wrapped.len() != StoreKey::LENGTH + 16 {
            return Err(VaultError::Damaged("not a key file of this program".into()));
        }
        if self.memory_kib > MEMORY_KIB_MOST || self.passes > PASSES_MOST || self.lanes > LANES_MOST {
            return Err(VaultError::Damaged("cost beyond all measure".into()));
        }
        let mut body = Zeroizing::new(self.wrapped.clone());
        self.cipher(passphrase)?
            .decrypt_in_place(&Nonce::from(self.nonce), &self.associated(), &mut *body)
            .map_err(|_| VaultError::WrongPassphrase)?;
        StoreKey::from_slice(&body).ok_or_else(|| VaultError::Damaged("length of the key".into()))
    }

    fn cipher(&self, passphrase: &str) -> Result<Aes256Gcm, VaultError> {
        let damaged = |error: argon2::Error| VaultError::Damaged(error.to_string());
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(damaged)?;
        let mut hash = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, hash.as_mut_slice())
            .map_err(damaged)?;
        Aes256Gcm::new_from_slice(hash.as_slice()).map_err(|error| VaultError::Io(error.to_string()))
    }

    fn associated(&self) -> Vec<u8> {
        format!("huijiao key file|{}|{}|{}|{}|{}", self.format, self.kdf, self.memory_kib, self.passes, self.lanes)
            .into_bytes()
    }
}
