//! Where private keys live, and signing with them.

use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::sign::SigningKey as TlsKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sm2::SecretKey;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::Signer;
use sm2::pkcs8::DecodePrivateKey;
use zeroize::Zeroizing;

use crate::certificate::{Certificate, pem_blocks};
use crate::error::SignError;
use crate::p12::P12Folder;
use crate::pin::Pin;
use crate::public_key::{KeyKind, SM2_ID};
use crate::tokens::{self, Tokens};

/// A key that a store offers.
#[derive(Debug, Clone)]
pub struct KeyInfo {
    /// For [`KeyProvider::open`].
    pub id: String,
    /// Its certificate; `None` when the store can't show it without the PIN (install the file again with its PIN).
    pub certificate: Option<Certificate>,
    /// What lies between the certificate and the root, nearest first.
    pub chain: Vec<Certificate>,
    /// Tries left; 0 means locked, `None` that the store doesn't say.
    pub tries_left: Option<u8>,
    /// What it is kept in.
    pub kept: Kept,
}

/// What a key is kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// A file on this computer.
    File,
    /// A token that the key never leaves.
    Token {
        /// The token's own name.
        label: String,
    },
}

/// What TLS needs to show the operator's certificate.
#[derive(Clone)]
pub struct TlsIdentity {
    /// DER certificates, the operator's first, without the root.
    pub chain: Vec<Vec<u8>>,
    /// Signs handshakes; the key behind it need not be exportable.
    pub key: Arc<dyn TlsKey>,
}

impl std::fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsIdentity").field("chain", &self.chain.len()).finish_non_exhaustive()
    }
}

/// A store of keys: a folder of files, a token.
pub trait KeyProvider: Send + Sync {
    /// The keys it holds; asks for no PIN.
    ///
    /// # Errors
    /// The store can't be read.
    fn list(&self) -> Result<Vec<KeyInfo>, SignError>;

    /// Opens a key, not logged in yet.
    ///
    /// # Errors
    /// No such key, or its certificate can't be read.
    fn open(&self, id: &str) -> Result<Box<dyn SignSession>, SignError>;
}

/// One key, from `open` to `logout`.
pub trait SignSession: Send {
    /// The certificate of the key.
    fn certificate(&self) -> &Certificate;

    /// What lies between the certificate and the root, nearest first.
    fn chain(&self) -> &[Certificate];

    /// Unlocks the key.
    ///
    /// # Errors
    /// [`SignError::WrongPin`] only when the PIN is wrong for certain.
    fn login(&mut self, pin: &Pin) -> Result<(), SignError>;

    /// Signs a message, which it hashes itself (SHA-256; SM3 after the key's own Z for SM2): ECDSA and SM2 as DER, RSA as
    /// PKCS#1 v1.5.
    ///
    /// # Errors
    /// Not logged in, or the key can't be used.
    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// Certificate, chain and the unlocked key for TLS. What it gives goes on signing handshakes after
    /// [`SignSession::logout`], until it is dropped or its token is gone.
    ///
    /// # Errors
    /// Not logged in, or a kind of key that TLS doesn't know.
    fn tls_identity(&mut self) -> Result<TlsIdentity, SignError>;

    /// Forgets the unlocked key.
    fn logout(&mut self);
}

/// An operator's keys wherever they are kept: files and tokens in one list.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Files on this computer.
    pub files: P12Folder,
    /// Tokens that are plugged in.
    pub tokens: Tokens,
}

impl Keys {
    /// Gives a key another PIN, wherever it is kept. Whether the new one is good enough is for [`Pin::check_new`].
    ///
    /// # Errors
    /// As [`P12Folder::change_pin`], [`Tokens::change_pin`].
    pub fn change_pin(&self, id: &str, old: &Pin, new: &Pin) -> Result<(), SignError> {
        if tokens::is_on_token(id) { self.tokens.change_pin(id, old, new) } else { self.files.change_pin(id, old, new) }
    }
}

impl KeyProvider for Keys {
    fn list(&self) -> Result<Vec<KeyInfo>, SignError> {
        let mut keys = self.files.list()?;
        keys.extend(self.tokens.list()?);
        Ok(keys)
    }

    fn open(&self, id: &str) -> Result<Box<dyn SignSession>, SignError> {
        if tokens::is_on_token(id) { self.tokens.open(id) } else { self.files.open(id) }
    }
}

/// A private key in memory with its certificate; needs no PIN. The center's receipt key is one.
pub struct MemoryKey {
    certificate: Certificate,
    chain: Vec<Certificate>,
    key_pkcs8: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for MemoryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryKey").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl MemoryKey {
    /// From DER: the certificate, those between it and the root, the key as PKCS#8.
    ///
    /// # Errors
    /// [`SignError::KeyMismatch`], [`SignError::Unsupported`].
    pub fn new(
        certificate: Certificate,
        chain: Vec<Certificate>,
        key_pkcs8: Zeroizing<Vec<u8>>,
    ) -> Result<Self, SignError> {
        require_match(&key_pkcs8, &certificate)?;
        Ok(Self { certificate, chain, key_pkcs8 })
    }

    /// From PEM: certificates (the key's own first, then those between it and the root) and `PRIVATE KEY`.
    ///
    /// # Errors
    /// As [`MemoryKey::new`], and [`SignError::CertificateMalformed`].
    pub fn from_pem(certificates: &str, key: &str) -> Result<Self, SignError> {
        let mut chain = Certificate::all_from_pem(certificates)?.into_iter();
        let certificate =
            chain.next().ok_or(SignError::CertificateMalformed { what: "no certificate in the PEM text" })?;
        let key = match pem_blocks(key, "PRIVATE KEY").into_iter().next() {
            Some(Ok(der)) => Zeroizing::new(der),
            Some(Err(_)) | None => return Err(SignError::Unsupported { what: "a private key that is not PKCS#8 PEM" }),
        };
        Self::new(certificate, chain.filter(|one| !one.is_self_issued()).collect(), key)
    }

    /// The key as PEM, for a store of the caller's own.
    pub fn key_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(
            der::pem::encode_string("PRIVATE KEY", der::pem::LineEnding::LF, &self.key_pkcs8).unwrap_or_default(),
        )
    }

    pub(crate) fn key_pkcs8(&self) -> &[u8] {
        &self.key_pkcs8
    }
}

impl SignSession for MemoryKey {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn login(&mut self, _pin: &Pin) -> Result<(), SignError> {
        Ok(())
    }

    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        sign_with(&self.key_pkcs8, message)
    }

    fn tls_identity(&mut self) -> Result<TlsIdentity, SignError> {
        tls_identity(&self.certificate, &self.chain, &self.key_pkcs8)
    }

    fn logout(&mut self) {}
}

pub(crate) fn tls_identity(
    certificate: &Certificate,
    chain: &[Certificate],
    key_pkcs8: &[u8],
) -> Result<TlsIdentity, SignError> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key_pkcs8));
    let key = rustls::crypto::ring::sign::any_supported_type(&key)
        .map_err(|_| SignError::Unsupported { what: "a key that TLS does not know" })?;
    Ok(TlsIdentity { chain: ders(certificate, chain), key })
}

/// A certificate and what follows it, as TLS sends them.
pub(crate) fn ders(certificate: &Certificate, chain: &[Certificate]) -> Vec<Vec<u8>> {
    std::iter::once(certificate).chain(chain).map(|one| one.der().to_vec()).collect()
}

/// Opened anew for each signature: ring's key pairs are not wiped, the PKCS#8 bytes are.
enum PrivateKey {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Sm2(Box<SigningKey>),
}

impl PrivateKey {
    fn open(pkcs8: &[u8]) -> Result<Self, SignError> {
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new()) {
            return Ok(Self::P256(key));
        }
        if let Some(key) = SecretKey::from_pkcs8_der(pkcs8).ok().and_then(|key| SigningKey::new(SM2_ID, &key).ok()) {
            return Ok(Self::Sm2(Box::new(key)));
        }
        RsaKeyPair::from_pkcs8(pkcs8).map(Self::Rsa).map_err(|_| SignError::Unsupported {
            what: "a key that is neither P-256 nor SM2 nor RSA of 2048 to 4096 bits",
        })
    }
}

pub(crate) fn sign_with(pkcs8: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError> {
    let random = SystemRandom::new();
    let refused = |_| SignError::Unsupported { what: "a key that can't sign" };
    match PrivateKey::open(pkcs8)? {
        PrivateKey::P256(key) => key.sign(&random, message).map(|value| value.as_ref().to_vec()).map_err(refused),
        PrivateKey::Rsa(key) => {
            let mut value = vec![0; key.public().modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &random, message, &mut value).map_err(refused)?;
            Ok(value)
        }
        PrivateKey::Sm2(key) => key
            .try_sign(message)
            .map(|value| value.to_der().to_vec())
            .map_err(|_| SignError::Unsupported { what: "a key that can't sign" }),
    }
}

pub(crate) fn require_match(pkcs8: &[u8], certificate: &Certificate) -> Result<(), SignError> {
    let (kind, public) = match PrivateKey::open(pkcs8)? {
        PrivateKey::P256(key) => (KeyKind::P256, key.public_key().as_ref().to_vec()),
        PrivateKey::Rsa(key) => (KeyKind::Rsa, key.public_key().as_ref().to_vec()),
        PrivateKey::Sm2(key) => (KeyKind::Sm2, key.verifying_key().to_sec1_bytes().to_vec()),
    };
    match certificate.public_key() {
        Some(own) if own.kind == kind && own.bits == public => Ok(()),
        Some(_) | None => Err(SignError::KeyMismatch),
    }
}
