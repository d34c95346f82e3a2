//! A key file under a passphrase: for computers without a keyring, and as a second way in beside it.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{VaultError, WrappedKey};
use crate::key::StoreKey;
use crate::store::sync_folder;

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
        if let Err(error) = self.written(&wrapped)?.persist_noclobber(&self.path) {
            let taken = error.error.kind() == std::io::ErrorKind::AlreadyExists;
            return Err(if taken { VaultError::Exists } else { error.error.into() });
        }
        sync_folder(self.folder());
        Ok(key)
    }

    /// Keeps a wrapped key, in the place of the one that is there.
    ///
    /// # Errors
    /// [`VaultError::Io`]; then the one that was there still is.
    pub fn replace(&self, wrapped: &WrappedKey) -> Result<(), VaultError> {
        self.written(wrapped)?.persist(&self.path).map_err(|error| error.error)?;
        sync_folder(self.folder());
        Ok(())
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

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// The whole file, not yet in its place.
    fn written(&self, wrapped: &WrappedKey) -> Result<NamedTempFile, VaultError> {
        let json = serde_json::to_vec_pretty(wrapped).map_err(|error| VaultError::Io(error.to_string()))?;
        std::fs::create_dir_all(self.folder())?;
        let mut file = tempfile::Builder::new().prefix(".huijiao-").suffix(".new").tempfile_in(self.folder())?;
        file.write_all(&json)?;
        file.as_file().sync_all()?;
        Ok(file)
    }
}
