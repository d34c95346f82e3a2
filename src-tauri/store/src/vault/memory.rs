//! A vault that forgets.

use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::{KeyVault, VaultError};
use crate::key::StoreKey;

/// Keeps the key until it is dropped: for practice data that nobody opens again, and for tests.
#[derive(Debug, Default)]
pub struct MemoryVault(Mutex<Option<StoreKey>>, Mutex<Option<SecretString>>);

impl KeyVault for MemoryVault {
    fn load(&self) -> Result<Option<StoreKey>, VaultError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn keep(&self, key: &StoreKey) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(())
    }

    fn password(&self) -> Result<Option<SecretString>, VaultError> {
        Ok(self.1.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn keep_password(&self, password: Option<&SecretString>) -> Result<(), VaultError> {
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = password.cloned();
        Ok(())
    }
}
