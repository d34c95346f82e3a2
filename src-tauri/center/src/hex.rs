//! SHA-256 as every part of the protocol writes it.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
