//! What somebody typed and nobody else may know.

use std::fmt;
use std::ops::Deref;

use huijiao_signing::Pin;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A PIN or a passphrase as a page sends it: wiped from memory when it is dropped, whatever became of the call.
#[derive(Default)]
pub struct Secret(Zeroizing<String>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|typed| Self(Zeroizing::new(typed)))
    }
}

impl Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<Secret> for Pin {
    fn from(mut secret: Secret) -> Self {
        Self::new(std::mem::take(&mut *secret.0))
    }
}

impl From<Secret> for SecretString {
    fn from(mut secret: Secret) -> Self {
        Self::from(std::mem::take(&mut *secret.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
