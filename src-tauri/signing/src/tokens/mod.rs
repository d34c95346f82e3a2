//! Keys on USB tokens, by PKCS#11 and, where the feature `skf` is on, by SKF (GM/T 0016): the modules that are here, the
//! tokens behind them, the certificates on those.
//!
//! A login belongs to the whole process that a module runs in, not to one of its sessions. So that a PIN is really proven
//! whenever one is asked for, the token is logged out first; and it stays logged in for as long as TLS uses its key. A
//! wrong PIN in between takes the login away from TLS until the right one is typed, and so does a token that is pulled
//! out: connections that stand go on, new ones wait.

mod known;
mod owner;
mod pkcs11;
mod process;
mod session;
#[cfg(feature = "skf")]
mod skf;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use owner::{Interface, LOOKING, OPERATING, OnToken, Owner};
pub use process::serve_module_if_asked;
use serde::{Deserialize, Serialize};
use session::TokenSession;

use crate::certificate::Certificate;
use crate::error::SignError;
use crate::keys::{Kept, KeyInfo, KeyProvider, SignSession};
use crate::pin::Pin;
use crate::tlv::{self, wrap};

/// What the ids of keys on tokens begin with, by how the token is spoken to.
const PREFIX: &str = "pkcs11:";
#[cfg(feature = "skf")]
const SKF_PREFIX: &str = "skf:";

/// Where tokens are looked for.
#[derive(Clone)]
pub struct Tokens {
    /// Where drivers usually put their modules.
    usual: bool,
    /// And in these files.
    at: Vec<PathBuf>,
    /// Modules that somebody named by their paths.
    named: Arc<RwLock<Vec<PathBuf>>>,
    /// Loads the modules, in processes of its own; none for this process.
    server: Option<PathBuf>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("usual", &self.usual).field("named", &self.named()).finish()
    }
}

impl Tokens {
    /// Where drivers usually put their modules, and where [`Tokens::name`] says.
    pub fn usual() -> Self {
        Self { usual: true, at: Vec::new(), named: Arc::default(), server: None }
    }

    /// In these modules, and where [`Tokens::name`] says.
    pub fn at(modules: Vec<PathBuf>) -> Self {
        Self { usual: false, at: modules, named: Arc::default(), server: None }
    }

    /// Nowhere but where [`Tokens::name`] says.
    pub fn none() -> Self {
        Self::at(Vec::new())
    }

    /// Each module in a process of this program, whose `main` calls [`serve_module_if_asked`]: what crashes or hangs there
    /// harms nobody here.
    #[must_use]
    pub fn served_by(self, program: PathBuf) -> Self {
        Self { server: Some(program), ..self }
    }

    fn owner(&self, module: &Path) -> Arc<Owner> {
        Owner::of(module, self.server.as_deref())
    }

    /// Modules by their paths, in place of those named before.
    pub fn name(&self, modules: Vec<PathBuf>) {
        *self.named.write().unwrap_or_else(PoisonError::into_inner) = modules;
    }

    fn named(&self) -> Vec<PathBuf> {
        self.named.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is looked for, where, and what answers. Looks anew, at tokens that came or went as well.
    pub fn survey(&self) -> Survey {
        let (products, folders) = if self.usual {
            let products = known::products().map(|product| product.name.to_owned()).collect();
            (products, known::folders())
        } else {
            (Vec::new(), Vec::new())
        };
        Survey { products, folders, modules: self.look(true) }
    }

    /// The modules that are here, as they answered when they were last looked at: no search is made for it.
    pub fn modules_found(&self) -> Vec<ModuleFound> {
        self.look(false)
    }

    /// Whether the token with this key was pulled out. A key that is on no token never is, nor one whose module is busy with
    /// something else. One that nobody finds any more is gone, also where a driver fails: some do when their token is pulled.
    pub fn is_gone(&self, id: &str) -> bool {
        if !is_on_token(id) {
            return false;
        }
        let found = self.look(false);
        let place = found.iter().find_map(|module| {
            let tokens = module.answer.as_ref().ok()?.tokens.iter();
            let mut keys = tokens.flat_map(|token| token.certificates.iter().flatten().map(move |key| (token, key)));
            let (token, _) = keys.find(|(token, key)| key_id(token, &key.certificate) == id)?;
            Some((self.owner(&module.path), token.serial.clone()))
        });
        match place {
            Some((owner, token)) => {
                let here = owner.ask(LOOKING, move |module| module.still_has(&token));
                here.is_ok_and(|here| !here)
            }
            None => !found.iter().any(|module| matches!(module.answer, Err(SignError::TokenSilent { .. }))),
        }
    }

    /// Gives the token with this key another PIN. Whether the new one is good enough is for [`Pin::check_new`].
    ///
    /// # Errors
    /// Those of a login with the old PIN, which the token counts as there, and [`SignError::TokenPinForm`]: the old PIN
    /// holds then. [`SignError::TokenPinUnknown`] where token or driver were lost on the way; it is not tried again.
    pub fn change_pin(&self, id: &str, old: &Pin, new: &Pin) -> Result<(), SignError> {
        let found = self.keys().into_iter().find(|(_, token, key)| key_id(token, &key.certificate) == id);
        let (module, token, _) = found.ok_or(SignError::TokenRemoved)?;
        if token.pin == PinState::Locked {
            return Err(SignError::TokenLocked);
        }
        let (owner, serial) = (self.owner(&module), token.serial.clone());
        // What fails here has changed nothing.
        if !owner.ask(LOOKING, move |module| module.still_has(&serial))? {
            return Err(SignError::TokenRemoved);
        }
        let (serial, old, new) = (token.serial, old.clone(), new.clone());
        let changed = owner.ask(OPERATING, move |module| module.change_pin(&serial, &old, &new));
        changed.map_err(|error| {
            let lost = matches!(
                error,
                SignError::TokenRemoved | SignError::TokenCrashed { .. } | SignError::TokenSilent { .. }
            );
            if lost { SignError::TokenPinUnknown } else { error }
        })
    }

    fn look(&self, anew: bool) -> Vec<ModuleFound> {
        self.modules()
            .into_iter()
            .map(|(product, path)| {
                let answer = if path.is_file() {
                    self.owner(&path).ask(LOOKING, move |module| module.look(anew))
                } else {
                    Err(SignError::TokenModule { path: path.display().to_string(), reason: "no such file".into() })
                };
                ModuleFound { product, path, answer }
            })
            .collect()
    }

    /// The named ones first: whoever names a module wants it.
    fn modules(&self) -> Vec<(Option<String>, PathBuf)> {
        let named = self.named().into_iter().chain(self.at.clone());
        let mut found: Vec<_> = named.map(|path| (None, path.canonicalize().unwrap_or(path))).collect();
        if self.usual {
            found.extend(known::present().into_iter().map(|(product, path)| (Some(product), path)));
        }
        let mut all: Vec<(Option<String>, PathBuf)> = Vec::new();
        for (product, path) in found {
            if !all.iter().any(|(_, known)| *known == path) {
                all.push((product, path));
            }
        }
        all
    }

    fn keys(&self) -> Vec<(PathBuf, TokenFound, OnToken)> {
        let mut keys: Vec<(PathBuf, TokenFound, OnToken)> = Vec::new();
        for module in self.look(false) {
            for token in module.answer.map(|answer| answer.tokens).unwrap_or_default() {
                for key in token.certificates.iter().flatten() {
                    // Two modules may lead to one token.
                    let id = key_id(&token, &key.certificate);
                    if !keys.iter().any(|(_, token, known)| key_id(token, &known.certificate) == id) {
                        keys.push((module.path.clone(), token.clone(), key.clone()));
                    }
                }
            }
        }
        #[cfg(feature = "skf")]
        {
            // Where a key is found both ways, only this one can sign with it.
            let by_skf = |(_, token, _): &(PathBuf, TokenFound, OnToken)| token.by == Interface::Skf;
            let better: Vec<Certificate> =
                keys.iter().filter(|key| by_skf(key)).map(|(_, _, key)| key.certificate.clone()).collect();
            keys.retain(|key| by_skf(key) || !better.contains(&key.2.certificate));
        }
        keys
    }
}

fn key_id(token: &TokenFound, certificate: &Certificate) -> String {
    let fingerprint = certificate.sha256_hex();
    let prefix = match token.by {
        Interface::Pkcs11 => PREFIX,
        #[cfg(feature = "skf")]
        Interface::Skf => SKF_PREFIX,
    };
    format!("{prefix}{}:{}", token.serial, &fingerprint[..16])
}

impl KeyProvider for Tokens {
    /// A module that can't be used holds up nobody who signs with something else: [`Tokens::survey`] tells of it.
    fn list(&self) -> Result<Vec<KeyInfo>, SignError> {
        let keys = self.keys().into_iter().map(|(_, token, key)| KeyInfo {
            id: key_id(&token, &key.certificate),
            certificate: Some(key.certificate),
            chain: key.chain,
            tries_left: match token.pin {
                PinState::Locked => Some(0),
                PinState::FinalTry => Some(1),
                PinState::Ready | PinState::Low | PinState::Unset => None,
            },
            kept: Kept::Token { label: token.label },
        });
        Ok(keys.collect())
    }

    fn open(&self, id: &str) -> Result<Box<dyn SignSession>, SignError> {
        let found = self.keys().into_iter().find(|(_, token, key)| key_id(token, &key.certificate) == id);
        // It was there when its certificate was chosen.
        let (module, token, key) = found.ok_or(SignError::TokenRemoved)?;
        Ok(Box::new(TokenSession::new(self.owner(&module), token.serial, key)))
    }
}

/// Whether a key of this id is one on a token.
pub fn is_on_token(id: &str) -> bool {
    #[cfg(feature = "skf")]
    if id.starts_with(SKF_PREFIX) {
        return true;
    }
    id.starts_with(PREFIX)
}

/// Everything that a search for tokens met.
#[derive(Debug)]
pub struct Survey {
    /// Products whose modules are looked for.
    pub products: Vec<String>,
    /// Folders that are looked into.
    pub folders: Vec<PathBuf>,
    /// Modules that are here, or that somebody named.
    pub modules: Vec<ModuleFound>,
}

/// A module that is here.
#[derive(Debug)]
pub struct ModuleFound {
    /// The product it belongs to; `None` for one that somebody named.
    pub product: Option<String>,
    /// Its file.
    pub path: PathBuf,
    /// What it said.
    pub answer: Result<ModuleAnswer, SignError>,
}

/// What a module says of itself.
#[derive(Debug)]
pub struct ModuleAnswer {
    /// Its own name.
    pub description: String,
    /// Who made it.
    pub maker: String,
    /// Its version.
    pub version: String,
    /// Places for tokens.
    pub slots: usize,
    /// Tokens in them.
    pub tokens: Vec<TokenFound>,
}

/// A token that is plugged in.
#[derive(Clone)]
pub struct TokenFound {
    /// Its own name.
    pub label: String,
    /// Serial number.
    pub serial: String,
    /// Who made it.
    pub maker: String,
    /// Its model.
    pub model: String,
    /// How its PIN stands.
    pub pin: PinState,
    certificates: Result<Vec<OnToken>, Arc<SignError>>,
    by: Interface,
}

impl TokenFound {
    /// The operators' certificates on it, each with its key id.
    ///
    /// # Errors
    /// They can't be read.
    pub fn certificates(&self) -> Result<Vec<(String, &Certificate)>, &SignError> {
        let found = self.certificates.as_ref().map_err(AsRef::as_ref)?;
        Ok(found.iter().map(|key| (key_id(self, &key.certificate), &key.certificate)).collect())
    }
}

impl fmt::Debug for TokenFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFound").field("label", &self.label).field("pin", &self.pin).finish_non_exhaustive()
    }
}

/// How a token's PIN stands, as far as tokens tell: they count, but say the number only at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinState {
    /// It can be typed.
    Ready,
    /// There was a wrong one since the last right one.
    Low,
    /// One more wrong one locks it.
    FinalTry,
    /// It is locked.
    Locked,
    /// Nobody has given it one yet.
    Unset,
}

/// Whether a path can be that of a module: a library of this system, by its whole path.
pub fn may_be_module(path: &Path) -> bool {
    let library = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        name.ends_with(".dll") || name.ends_with(".dylib") || name.ends_with(".so") || name.contains(".so.")
    });
    path.is_absolute() && library
}

/// A token's r ‖ s as the SEQUENCE that everybody else means by an ECDSA signature.
fn as_der(raw: &[u8]) -> Result<Vec<u8>, SignError> {
    let half = raw.len() / 2;
    if raw.len() != 64 {
        return Err(SignError::Unsupported { what: "an ECDSA signature that is not of P-256" });
    }
    let integer = |octets: &[u8]| {
        let digits = octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len() - 1);
        let digits = &octets[digits..];
        let sign: &[u8] = if digits[0] < 0x80 { &[] } else { &[0] };
        wrap(tlv::INTEGER, &[sign, digits])
    };
    Ok(wrap(tlv::SEQUENCE, &[&integer(&raw[..half]), &integer(&raw[half..])]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_raw_signature_becomes_der_with_the_shortest_integers() {
        let mut raw = [0u8; 64];
        raw[31] = 0x7f;
        raw[32] = 0x80;
        let der = as_der(&raw).unwrap();
        assert_eq!(der[..5], [0x30, 0x26, 0x02, 0x01, 0x7f], "zeroes in front of r are left out");
        assert_eq!(der[5..9], [0x02, 0x21, 0x00, 0x80], "and s stays positive");
        assert!(as_der(&raw[..63]).is_err(), "another curve's signature is not taken for ours");
    }
}
