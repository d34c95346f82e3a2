//! The secret an operator types.

use secrecy::{ExposeSecret, SecretString};

/// A PIN. Wiped from memory when dropped; neither `Debug` nor any error shows it.
#[derive(Debug, Clone)]
pub struct Pin(SecretString);

impl Pin {
    /// Takes the PIN over from whoever asked for it.
    pub fn new(pin: impl Into<String>) -> Self {
        Self(SecretString::from(pin.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}
