//! A key on a token, from opening to logout, and as TLS uses it.

use std::fmt;
use std::sync::Arc;

use rustls::sign::{Signer, SigningKey};
use rustls::{OtherError, SignatureAlgorithm, SignatureScheme};

use super::owner::{Hold, OPERATING, OnToken, Owner, Scheme};
use crate::certificate::Certificate;
use crate::error::SignError;
use crate::keys::{self, SignSession, TlsIdentity};
use crate::oids;
use crate::pin::Pin;
use crate::public_key::KeyKind;

pub(super) struct TokenSession {
    pub(super) owner: Arc<Owner>,
    /// Serial number of the token.
    pub(super) token: String,
    pub(super) key: OnToken,
    unlocked: Option<Unlocked>,
}

/// A key that can sign now.
struct Unlocked {
    hold: Hold,
    /// What pairs it with its certificate.
    id: Vec<u8>,
    /// The token knows PSS.
    pss: bool,
}

impl Unlocked {
    fn sign(&self, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let (token, hold, id, message) = (self.hold.token.clone(), self.hold.id, self.id.clone(), message.to_vec());
        self.hold.owner.ask(OPERATING, move |module| module.sign(&token, hold, &id, scheme, &message))
    }
}

impl TokenSession {
    pub(super) fn new(owner: Arc<Owner>, token: String, key: OnToken) -> Self {
        Self { owner, token, key, unlocked: None }
    }

    fn kind(&self) -> Result<KeyKind, SignError> {
        let key = self.key.certificate.public_key();
        key.map(|key| key.kind).ok_or(SignError::Unsupported { what: "the kind of key on the token" })
    }
}

impl SignSession for TokenSession {
    fn certificate(&self) -> &Certificate {
        &self.key.certificate
    }

    fn chain(&self) -> &[Certificate] {
        &self.key.chain
    }

    fn login(&mut self, pin: &Pin) -> Result<(), SignError> {
        self.unlocked = None;
        let hold = self.owner.hold(&self.token);
        let (token, id, pin) = (self.token.clone(), hold.id, pin.clone());
        let pss = self.owner.ask(OPERATING, move |module| module.log_in(&token, id, &pin))?;
        self.unlocked = Some(Unlocked { hold, id: self.key.id.clone(), pss });
        Ok(())
    }

    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let unlocked = self.unlocked.as_ref().ok_or(SignError::NotLoggedIn)?;
        let (scheme, algorithm) = match self.kind()? {
            KeyKind::P256 => (Scheme::Ecdsa, oids::ECDSA_SHA256),
            KeyKind::Rsa => (Scheme::Pkcs1, oids::RSA_SHA256),
            KeyKind::Sm2 => (Scheme::Sm2, oids::SM2_SM3),
            KeyKind::P384 => return Err(SignError::Unsupported { what: "a key on another curve than P-256" }),
        };
        let signature = match (scheme, self.key.certificate.public_key()) {
            (Scheme::Sm2, Some(key)) => unlocked.sign(scheme, &key.sm2_digest(message))?,
            (_, _) => unlocked.sign(scheme, message)?,
        };
        // Key and certificate are paired by an id that anybody can write.
        let fits = self.key.certificate.public_key().map(|key| key.check(algorithm.as_bytes(), message, &signature));
        if let Some(Ok(())) = fits { Ok(signature) } else { Err(SignError::KeyMismatch) }
    }

    fn tls_identity(&mut self) -> Result<TlsIdentity, SignError> {
        let kind = self.kind()?;
        let unlocked = self.unlocked.as_ref().ok_or(SignError::NotLoggedIn)?;
        if [KeyKind::P384, KeyKind::Sm2].contains(&kind) {
            return Err(SignError::Unsupported { what: "a key that TLS does not know" });
        }
        let hold = self.owner.hold(&self.token);
        let (token, mine, another) = (self.token.clone(), unlocked.hold.id, hold.id);
        self.owner.ask(OPERATING, move |module| module.join(&token, mine, another))?;
        let (id, pss) = (unlocked.id.clone(), unlocked.pss);
        let key = TlsKey { unlocked: Arc::new(Unlocked { hold, id, pss }), kind };
        Ok(TlsIdentity { chain: keys::ders(&self.key.certificate, &self.key.chain), key: Arc::new(key) })
    }

    fn logout(&mut self) {
        self.unlocked = None;
    }
}

/// The key as it signs handshakes.
struct TlsKey {
    unlocked: Arc<Unlocked>,
    kind: KeyKind,
}

impl fmt::Debug for TlsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsKey").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl SigningKey for TlsKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let known: &[(SignatureScheme, Scheme)] = match self.kind {
            KeyKind::P256 => &[(SignatureScheme::ECDSA_NISTP256_SHA256, Scheme::Ecdsa)],
            KeyKind::Rsa if self.unlocked.pss => {
                &[(SignatureScheme::RSA_PSS_SHA256, Scheme::Pss), (SignatureScheme::RSA_PKCS1_SHA256, Scheme::Pkcs1)]
            }
            // TLS 1.2 only: there is no handshake of 1.3 with this token.
            KeyKind::Rsa => &[(SignatureScheme::RSA_PKCS1_SHA256, Scheme::Pkcs1)],
            KeyKind::P384 | KeyKind::Sm2 => &[],
        };
        let (name, scheme) = known.iter().find(|(name, _)| offered.contains(name))?;
        Some(Box::new(TlsSigner { unlocked: self.unlocked.clone(), name: *name, scheme: *scheme }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.kind {
            KeyKind::P256 | KeyKind::P384 | KeyKind::Sm2 => SignatureAlgorithm::ECDSA,
            KeyKind::Rsa => SignatureAlgorithm::RSA,
        }
    }
}

struct TlsSigner {
    unlocked: Arc<Unlocked>,
    name: SignatureScheme,
    scheme: Scheme,
}

impl fmt::Debug for TlsSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSigner").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

impl Signer for TlsSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.unlocked.sign(self.scheme, message).map_err(|error| rustls::Error::Other(OtherError(Arc::new(error))))
    }

    fn scheme(&self) -> SignatureScheme {
        self.name
    }
}
