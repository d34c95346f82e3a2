//! Where the key of the store is kept: the system's keyring, or a file under a passphrase of the user's.

mod memory;
mod os_keyring;
mod passphrase_file;
mod wrapped;

pub use memory::MemoryVault;
pub use os_keyring::OsKeyring;
pub use passphrase_file::PassphraseFile;
pub use wrapped::WrappedKey;

use secrecy::SecretString;

use crate::key::StoreKey;

/// A place for the key.
pub trait KeyVault: Send + Sync {
    /// The key, where one was kept.
    ///
    /// # Errors
    /// [`VaultError`]; an error never means that there is no key.
    fn load(&self) -> Result<Option<StoreKey>, VaultError>;

    /// Keeps a key.
    ///
    /// # Errors
    /// [`VaultError`]; then it is not kept, and nothing may be sealed under it.
    fn keep(&self, key: &StoreKey) -> Result<(), VaultError>;

    /// The password of the user's proxy, where one was kept.
    ///
    /// # Errors
    /// [`VaultError`]; [`VaultError::Unavailable`] where passwords cannot be kept.
    fn password(&self) -> Result<Option<SecretString>, VaultError> {
        Err(VaultError::Unavailable("keeps no passwords".into()))
    }

    /// Keeps it in the place of the one before; `None` forgets it.
    ///
    /// # Errors
    /// As [`KeyVault::password`]; then it is not kept.
    fn keep_password(&self, _password: Option<&SecretString>) -> Result<(), VaultError> {
        Err(VaultError::Unavailable("keeps no passwords".into()))
    }
}

/// Why a key cannot be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// This computer has no keyring that answers.
    #[error("no keyring: {0}")]
    Unavailable(String),
    /// The keyring is locked, or the user said no.
    #[error("keyring locked: {0}")]
    Locked(String),
    /// What was kept is not a key.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Another passphrase.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// Too short to protect anything.
    #[error("passphrase shorter than {} characters", WrappedKey::SHORTEST)]
    WeakPassphrase,
    /// A key file is there already; it is never written over.
    #[error("a key file is there already")]
    Exists,
    /// The key file cannot be read or written.
    #[error("input/output: {0}")]
    Io(String),
}

impl VaultError {
    /// Stable code, a key of the table of texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "vault-unavailable",
            Self::Locked(_) => "vault-locked",
            Self::Damaged(_) => "vault-damaged",
            Self::WrongPassphrase => "vault-wrong-passphrase",
            Self::WeakPassphrase => "vault-weak-passphrase",
            Self::Exists => "vault-exists",
            Self::Io(_) => "vault-io",
        }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

impl From<getrandom::Error> for VaultError {
    fn from(error: getrandom::Error) -> Self {
        Self::Io(error.to_string())
    }
}
