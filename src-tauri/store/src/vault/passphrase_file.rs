//! A key file under a passphrase: for computers without a keyring, and as a second way in beside it.

use std::path::PathBuf;

use super::{VaultError, WrappedKey};
use crate::key::StoreKey;

/// A [`WrappedKey`] as a file of its own.
#[derive(Debug, Clone)]
pub struct PassphraseFile {
    path: PathBuf,
}

impl PassphraseFile {
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
        let wrapped = WrappedKey::wrap(&key, passphrase)?;
        match huijiao_files::create(&self.path, &written(&wrapped)?) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(VaultError::Exists),
            made => Ok(made.map(|()| key)?),
        }
    }

    /// Keeps a wrapped key, in the place of the one that is there.
    ///
    /// # Errors
    /// [`VaultError::Io`]; then the one that was there still is.
    pub fn replace(&self, wrapped: &WrappedKey) -> Result<(), VaultError> {
        Ok(huijiao_files::replace(&self.path, &written(wrapped)?)?)
    }

    /// Takes the file away, where there is one.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn remove(&self) -> Result<(), VaultError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// What the file holds; `None` where there is none.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], [`VaultError::Io`].
    pub fn read(&self) -> Result<Option<WrappedKey>, VaultError> {
        match std::fs::read(&self.path) {
            Ok(json) => serde_json::from_slice(&json).map(Some).map_err(|error| VaultError::Damaged(error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`], [`VaultError::Damaged`], [`VaultError::Io`].
    pub fn open(&self, passphrase: &str) -> Result<StoreKey, VaultError> {
        self.read()?.ok_or_else(|| VaultError::Io("no key file".into()))?.open(passphrase)
    }
}

fn written(wrapped: &WrappedKey) -> Result<Vec<u8>, VaultError> {
    serde_json::to_vec_pretty(wrapped).map_err(|error| VaultError::Io(error.to_string()))
}
