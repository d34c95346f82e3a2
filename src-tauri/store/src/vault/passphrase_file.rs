//! A key file under the data passphrase: for computers without a keyring, and as a second way in.

use std::io::Write;
use std::path::{Path, PathBuf};

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VaultError;
use crate::key::StoreKey;
use crate::store::sync_folder;

/// RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// What a file may ask for at most; beyond it somebody is trying to stall the program.
const MEMORY_KIB_MOST: u32 = 1024 * 1024;
const PASSES_MOST: u32 = 64;
const LANES_MOST: u32 = 16;

/// The store key, wrapped by AES-256-GCM under an Argon2id hash of a passphrase.
#[derive(Debug, Clone)]
pub struct PassphraseFile {
    path: PathBuf,
}

/// The file: parameters are written down, so that they can rise later.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    format: u8,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; 16],
    nonce: [u8; 12],
    wrapped: Vec<u8>,
}

impl PassphraseFile {
    /// Fewest characters of a passphrase.
    pub const SHORTEST: usize = 8;

    /// The key file at `path`; nothing is touched yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Whether the file is there.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Makes a new key and its file.
    ///
    /// # Errors
    /// [`VaultError::Exists`], [`VaultError::WeakPassphrase`], [`VaultError::Io`].
    pub fn create(&self, passphrase: &str) -> Result<StoreKey, VaultError> {
        let key = StoreKey::generate()?;
        self.wrap(&key, passphrase)?;
        Ok(key)
    }

    /// Makes the file for a key that exists already.
    ///
    /// # Errors
    /// [`VaultError::Exists`], [`VaultError::WeakPassphrase`], [`VaultError::Io`].
    pub fn wrap(&self, key: &StoreKey, passphrase: &str) -> Result<(), VaultError> {
        if passphrase.chars().count() < Self::SHORTEST {
            return Err(VaultError::WeakPassphrase);
        }
        if self.exists() {
            return Err(VaultError::Exists);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt)?;
        let mut nonce = [0; 12];
        getrandom::fill(&mut nonce)?;
        let mut file = Wrapped {
            format: 1,
            kdf: "argon2id".into(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt,
            nonce,
            wrapped: Vec::new(),
        };
        let mut body = Vec::with_capacity(StoreKey::LENGTH + 16);
        body.extend_from_slice(key.bytes());
        file.cipher(passphrase)?
            .encrypt_in_place(&Nonce::from(nonce), &file.associated(), &mut body)
            .map_err(|error| VaultError::Io(error.to_string()))?;
        file.wrapped = body;
        let json = serde_json::to_vec_pretty(&file).map_err(|error| VaultError::Io(error.to_string()))?;
        write_new(&self.path, &json)
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`], [`VaultError::Damaged`], [`VaultError::Io`].
    pub fn open(&self, passphrase: &str) -> Result<StoreKey, VaultError> {
        let json = std::fs::read(&self.path)?;
        let mut file: Wrapped =
            serde_json::from_slice(&json).map_err(|error| VaultError::Damaged(error.to_string()))?;
        if file.format != 1 || file.kdf != "argon2id" || file.wrapped.len() != StoreKey::LENGTH + 16 {
            return Err(VaultError::Damaged("not a key file of this program".into()));
        }
        if file.memory_kib > MEMORY_KIB_MOST || file.passes > PASSES_MOST || file.lanes > LANES_MOST {
            return Err(VaultError::Damaged("cost beyond all measure".into()));
        }
        let cipher = file.cipher(passphrase)?;
        let mut body = Zeroizing::new(std::mem::take(&mut file.wrapped));
        cipher
            .decrypt_in_place(&Nonce::from(file.nonce), &file.associated(), &mut *body)
            .map_err(|_| VaultError::WrongPassphrase)?;
        StoreKey::from_slice(&body).ok_or_else(|| VaultError::Damaged("length of the key".into()))
    }
}

impl Wrapped {
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

/// Writes a file whole or not at all, and never over another one.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".huijiao-").suffix(".new").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    if let Err(error) = file.persist_noclobber(path) {
        let taken = error.error.kind() == std::io::ErrorKind::AlreadyExists;
        return Err(if taken { VaultError::Exists } else { error.error.into() });
    }
    sync_folder(folder);
    Ok(())
}
