//! The secret an operator types.

use secrecy::{ExposeSecret, SecretString};

use crate::error::SignError;

/// Characters that a PIN has at least.
const SHORTEST: usize = 6;

/// Why a PIN is not taken for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakPin {
    /// Fewer than six characters.
    Short,
    /// The same character again and again.
    Repeated,
    /// One after the other, up or down.
    Sequence,
    /// Part of what others can know of the holder.
    Personal,
}

/// A PIN. Wiped from memory when dropped; neither `Debug` nor any error shows it.
#[derive(Debug, Clone)]
pub struct Pin(SecretString);

impl Pin {
    /// Takes the PIN over from whoever asked for it.
    pub fn new(pin: impl Into<String>) -> Self {
        Self(SecretString::from(pin.into()))
    }

    /// Whether another one is the same.
    pub fn is(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }

    /// Whether it may become the PIN of a key. `personal`: what others can know of its holder, such as his ID number
    /// and his telephone number.
    ///
    /// # Errors
    /// [`SignError::WeakPin`].
    pub fn check_new(&self, personal: &[&str]) -> Result<(), SignError> {
        let pin: Vec<char> = self.expose().chars().collect();
        let step =
            |by: i64| pin.windows(2).all(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])) == by);
        let said = self.expose().to_lowercase();
        let weak = if pin.len() < SHORTEST {
            WeakPin::Short
        } else if step(0) {
            WeakPin::Repeated
        } else if step(1) || step(-1) {
            WeakPin::Sequence
        } else if personal.iter().any(|known| known.to_lowercase().contains(&said)) {
            WeakPin::Personal
        } else {
            return Ok(());
        };
        Err(SignError::WeakPin(weak))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}
