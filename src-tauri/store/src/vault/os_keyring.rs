//! The system's keyring: Credential Manager on Windows, Keychain on macOS, Secret Service elsewhere.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use keyring::Error;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{KeyVault, VaultError};
use crate::key::StoreKey;

/// Long enough for somebody to type the password of a locked keyring.
const PATIENCE: Duration = Duration::from_secs(120);

/// One entry of the system's keyring.
///
/// Whether there is a keyring is found out once per process.
#[derive(Debug, Clone)]
pub struct OsKeyring {
    service: String,
    account: String,
    patience: Duration,
}

impl OsKeyring {
    /// The entry `account` of `service`; nothing is touched yet.
    pub fn new(service: impl Into<String>, account: impl Into<String>) -> Self {
        Self { service: service.into(), account: account.into(), patience: PATIENCE }
    }

    /// Gives up after this time instead of two minutes.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Removes the entry; fine if there is none.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`], [`VaultError::Locked`].
    pub fn forget(&self) -> Result<(), VaultError> {
        self.ask(|entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(translate(error)),
        })
    }

    /// The entry of the proxy's password, beside the one of the key.
    fn beside(&self) -> Self {
        Self { account: format!("{} proxy", self.account), ..self.clone() }
    }

    /// Asks on a thread of its own: a keyring that never answers must not hold the program, and the D-Bus
    /// client may not be called from an async thread.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&keyring::Entry) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (service, account) = (self.service.clone(), self.account.clone());
        let (answer, answers) = sync_channel(1);
        std::thread::Builder::new().name("keyring".into()).spawn(move || {
            let result = keyring::Entry::new(&service, &account)
                .map_err(|error| match (&error, keyring::Entry::store_status()) {
                    (Error::NoDefaultStore, Err(cause)) => VaultError::Unavailable(cause.to_string()),
                    _ => translate(error),
                })
                .and_then(|entry| question(&entry));
            // The asker may have given up.
            let _ = answer.send(result);
        })?;
        match answers.recv_timeout(self.patience) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(VaultError::Unavailable("no answer".into())),
            Err(RecvTimeoutError::Disconnected) => Err(VaultError::Unavailable("the client gave up".into())),
        }
    }
}

impl KeyVault for OsKeyring {
    fn load(&self) -> Result<Option<StoreKey>, VaultError> {
        self.ask(|entry| match entry.get_secret() {
            Ok(secret) => {
                let secret = Zeroizing::new(secret);
                let key = StoreKey::from_slice(&secret);
                key.map(Some).ok_or_else(|| VaultError::Damaged(format!("{} bytes", secret.len())))
            }
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(translate(error)),
        })
    }

    fn keep(&self, key: &StoreKey) -> Result<(), VaultError> {
        let key = key.clone();
        self.ask(move |entry| {
            entry.set_secret(key.bytes()).map_err(translate)?;
            // Some keyrings take a secret and lose it; better to know before anything is sealed under it.
            let kept = Zeroizing::new(entry.get_secret().map_err(translate)?);
            if kept.as_slice() == key.bytes() {
                Ok(())
            } else {
                Err(VaultError::Unavailable("the keyring did not keep the key".into()))
            }
        })
    }

    fn password(&self) -> Result<Option<SecretString>, VaultError> {
        self.beside().ask(|entry| match entry.get_password() {
            Ok(password) => Ok(Some(password.into())),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(translate(error)),
        })
    }

    fn keep_password(&self, password: Option<&SecretString>) -> Result<(), VaultError> {
        let Some(password) = password.cloned() else { return self.beside().forget() };
        self.beside().ask(move |entry| {
            entry.set_password(password.expose_secret()).map_err(translate)?;
            let kept = Zeroizing::new(entry.get_password().map_err(translate)?);
            if kept.as_str() == password.expose_secret() {
                Ok(())
            } else {
                Err(VaultError::Unavailable("the keyring did not keep the password".into()))
            }
        })
    }
}

/// Texts of the keyring never hold the secret, except in the variants that carry bytes; those lose theirs here.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and open")]
fn translate(error: Error) -> VaultError {
    match error {
        Error::NoStorageAccess(cause) => VaultError::Locked(cause.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => VaultError::Damaged("not a key".into()),
        Error::Ambiguous(entries) => VaultError::Damaged(format!("{} entries of one name", entries.len())),
        other => VaultError::Unavailable(other.to_string()),
    }
}
