//! Sealed columns: AES-256-GCM under a sub-key of the store key, bound to table, row and form.
//!
//! A sealed value is `key version (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. What must be found again
//! without being readable (a file's hash, a mapping's fingerprint) goes through a blind index.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::key::StoreKey;

const KEY_VERSION: u8 = 1;
const NONCE: usize = 12;
const HEAD: usize = 1 + NONCE;
/// Form of the sealed content; rises when it stops being plain JSON or plain file bytes.
const FORM: u8 = 1;

pub(crate) struct Sealer {
    cipher: Aes256Gcm,
    blind: Zeroizing<[u8; 32]>,
    fingerprint: [u8; 8],
}

impl Sealer {
    pub(crate) fn new(key: &StoreKey) -> Result<Self, StoreError> {
        let derive = Hkdf::<Sha256>::new(None, key.bytes());
        let expand =
            |info: &[u8], out: &mut [u8]| derive.expand(info, out).map_err(|error| StoreError::Io(error.to_string()));
        let mut seal = Zeroizing::new([0; 32]);
        expand(b"huijiao store seal", seal.as_mut_slice())?;
        let mut blind = Zeroizing::new([0; 32]);
        expand(b"huijiao store blind index", blind.as_mut_slice())?;
        let mut fingerprint = [0; 8];
        expand(b"huijiao store fingerprint", &mut fingerprint)?;
        let cipher = Aes256Gcm::new_from_slice(seal.as_slice()).map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self { cipher, blind, fingerprint })
    }

    /// Tells keys apart without saying anything about them.
    pub(crate) fn fingerprint(&self) -> &[u8; 8] {
        &self.fingerprint
    }

    pub(crate) fn seal(&self, column: &str, row: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| StoreError::Io(error.to_string()))?;
        let mut body = Vec::with_capacity(plain.len() + 16);
        body.extend_from_slice(plain);
        self.cipher
            .encrypt_in_place(&Nonce::from(nonce), associated(column, row).as_bytes(), &mut body)
            .map_err(|error| StoreError::Io(error.to_string()))?;
        let mut sealed = Vec::with_capacity(HEAD + body.len());
        sealed.push(KEY_VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        Ok(sealed)
    }

    pub(crate) fn open(&self, column: &str, row: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::Damaged(format!("{column} of one row does not open"));
        let (head, body) = sealed.split_at_checked(HEAD).ok_or_else(damaged)?;
        let (&version, nonce) = head.split_first().ok_or_else(damaged)?;
        if version != KEY_VERSION {
            return Err(damaged());
        }
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| damaged())?;
        let mut body = body.to_vec();
        self.cipher
            .decrypt_in_place(&Nonce::from(nonce), associated(column, row).as_bytes(), &mut body)
            .map_err(|_| damaged())?;
        Ok(body)
    }

    pub(crate) fn seal_json<T: Serialize + ?Sized>(
        &self,
        column: &str,
        row: &str,
        value: &T,
    ) -> Result<Vec<u8>, StoreError> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(StoreError::Shape)?);
        self.seal(column, row, &plain)
    }

    pub(crate) fn open_json<T: DeserializeOwned>(
        &self,
        column: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        let plain = Zeroizing::new(self.open(column, row, sealed)?);
        serde_json::from_slice(&plain).map_err(StoreError::Shape)
    }

    /// A keyed hash: equal for equal values of one column, useless without the key.
    pub(crate) fn blind(&self, column: &str, value: &str) -> Result<Vec<u8>, StoreError> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.blind.as_slice())
            .map_err(|error| StoreError::Io(error.to_string()))?;
        mac.update(associated(column, value).as_bytes());
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

fn associated(column: &str, row: &str) -> String {
    format!("{column}|{row}|{FORM}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&StoreKey::from_slice(&[byte; 32]).unwrap()).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_only_where_it_was_put() {
        let sealer = sealer(1);
        let sealed = sealer.seal("drafts.head", "a", b"wang").unwrap();
        assert_eq!(sealer.open("drafts.head", "a", &sealed).unwrap(), b"wang");
        assert!(sealer.open("drafts.head", "b", &sealed).is_err(), "moved to another row");
        assert!(sealer.open("draft_pages.body", "a", &sealed).is_err(), "moved to another table");
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let sealer = sealer(1);
        let sealed = sealer.seal("t.c", "r", b"4108").unwrap();
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(sealer.open("t.c", "r", &bad).is_err(), "byte {at} was flipped");
            assert!(sealer.open("t.c", "r", &sealed[..at]).is_err(), "cut to {at} bytes");
        }
    }

    #[test]
    fn equal_values_look_different_and_another_key_opens_nothing() {
        let one = sealer(1);
        let sealed = one.seal("t.c", "r", b"same").unwrap();
        assert_ne!(sealed, one.seal("t.c", "r", b"same").unwrap(), "a fresh nonce each time");
        assert!(sealer(2).open("t.c", "r", &sealed).is_err());
        assert_ne!(one.fingerprint(), sealer(2).fingerprint());
    }

    #[test]
    fn the_blind_index_finds_equals_per_column_and_key() {
        let one = sealer(1);
        assert_eq!(one.blind("a", "x").unwrap(), one.blind("a", "x").unwrap());
        assert_ne!(one.blind("a", "x").unwrap(), one.blind("b", "x").unwrap());
        assert_ne!(one.blind("a", "x").unwrap(), sealer(2).blind("a", "x").unwrap());
    }
}
