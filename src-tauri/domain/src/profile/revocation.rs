//! What holds while the revocation list (吊销列表) is older than it should be.

use serde::{Deserialize, Serialize};

/// What is done while no fresh revocation list of the center is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaleCrl {
    /// It is said, and work goes on.
    #[default]
    Warn,
    /// Nothing is signed, and no receipt that comes in is believed.
    Refuse,
}

impl StaleCrl {
    /// As most centers have it: left out of a file of rules.
    pub fn is_usual(&self) -> bool {
        *self == Self::Warn
    }
}
