//! Opening the local data: the key from the system's keyring, or a passphrase where there is none.

use std::path::PathBuf;

use huijiao_store::vault::{KeyVault, OsKeyring, PassphraseFile, VaultError};
use huijiao_store::{Store, StoreKey};

use crate::error::DeskError;
use crate::views::{StartView, VaultState};
use crate::{Desk, Inner, KeyringUse};

/// Where the key is, as found.
enum Found {
    Key(StoreKey),
    Passphrase(VaultState),
}

impl Desk {
    /// What the first screen shows.
    pub fn start(&self) -> Result<StartView, DeskError> {
        let mut inner = self.inner();
        let vault = if inner.store.is_some() {
            VaultState::Ready
        } else {
            match self.find_key()? {
                Found::Key(key) => self.open_store(&mut inner, &key)?,
                Found::Passphrase(state) => state,
            }
        };
        let session = inner.session.as_ref().map(|s| s.view(self.now(&inner)));
        Ok(StartView { version: self.config.version.clone(), vault, session })
    }

    /// Opens the data with its passphrase.
    pub fn unlock(&self, passphrase: &str) -> Result<StartView, DeskError> {
        let key = self.passphrase_file().open(passphrase)?;
        self.open_store(&mut self.inner(), &key)?;
        self.start()
    }

    /// Chooses the passphrase of new data.
    pub fn set_passphrase(&self, passphrase: &str) -> Result<StartView, DeskError> {
        // A new key opens nothing that is there, and its file would stand in the way of the right one for ever.
        if Store::exists(&self.store_folder()) && !self.passphrase_file().exists() {
            return Err(DeskError::refusal(DeskError::KEY_LOST));
        }
        let key = self.passphrase_file().create(passphrase)?;
        self.open_store(&mut self.inner(), &key)?;
        self.start()
    }

    fn find_key(&self) -> Result<Found, DeskError> {
        if self.passphrase_file().exists() {
            return Ok(Found::Passphrase(VaultState::Locked));
        }
        let data = Store::exists(&self.store_folder());
        if self.config.keyring == KeyringUse::None {
            return if data {
                Err(DeskError::refusal(DeskError::KEY_LOST))
            } else {
                Ok(Found::Passphrase(VaultState::NewPassphrase))
            };
        }
        // Each data folder has its own entry: a second installation must not take over the first one's key.
        let keyring = OsKeyring::new("cn.huijiao.desktop", self.config.folder.to_string_lossy());
        match keyring.load() {
            Ok(Some(key)) => Ok(Found::Key(key)),
            Ok(None) if data => Err(DeskError::refusal(DeskError::KEY_LOST)),
            Ok(None) => {
                let key = StoreKey::generate().map_err(VaultError::from)?;
                keyring.keep(&key)?;
                Ok(Found::Key(key))
            }
            // A keyring that does not answer today may have the key tomorrow.
            Err(VaultError::Unavailable(_)) if !data => Ok(Found::Passphrase(VaultState::NewPassphrase)),
            Err(error) => Err(error.into()),
        }
    }

    fn open_store(&self, inner: &mut Inner, key: &StoreKey) -> Result<VaultState, DeskError> {
        // Entered twice: the second one would find the folder in use, by this very program.
        if inner.store.is_some() {
            return Ok(VaultState::Ready);
        }
        inner.store = Some(Store::open(&self.store_folder(), key)?);
        Ok(VaultState::Ready)
    }

    fn store_folder(&self) -> PathBuf {
        self.config.folder.join("practice").join("data")
    }

    fn passphrase_file(&self) -> PassphraseFile {
        PassphraseFile::at(self.store_folder().join("key"))
    }
}
