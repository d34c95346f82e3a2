//! Modules that speak PKCS#11.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::owner::{Driver, Interface, OnToken, Scheme};
use super::{ModuleAnswer, PinState, TokenFound, as_der};
use crate::certificate::{Certificate, sha256};
use crate::error::SignError;
use crate::pin::Pin;

/// SHA-256 as PKCS#1 v1.5 wraps it.
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A token that somebody is logged in to, or was until a wrong PIN came or it was pulled out: whoever has a place keeps
/// it, without the login, and the next right PIN gives that back to him.
#[derive(Default)]
struct Open {
    /// None where the token was pulled out.
    session: Option<Session>,
    holders: BTreeSet<u64>,
}

pub(super) struct Pkcs11Module {
    path: PathBuf,
    context: Option<Pkcs11>,
    /// By the token's serial number.
    open: BTreeMap<String, Open>,
    /// What was read from the tokens that are here, by serial number: reading it again takes a hardware token long.
    known: BTreeMap<String, Vec<OnToken>>,
}

impl Pkcs11Module {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), context: None, open: BTreeMap::new(), known: BTreeMap::new() }
    }

    fn context(&mut self) -> Result<Pkcs11, SignError> {
        if let Some(context) = &self.context {
            return Ok(context.clone());
        }
        let unusable = |reason: String| SignError::TokenModule { path: self.path.display().to_string(), reason };
        let context = Pkcs11::new(&self.path).map_err(|error| unusable(error.to_string()))?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(unusable(error.to_string())),
        }
        self.context = Some(context.clone());
        Ok(context)
    }

    /// Ends the module, in which no session is open; it starts when it is needed.
    fn restart(&mut self) {
        self.known.clear();
        if let Some(context) = self.context.take() {
            // What it says at its end changes nothing.
            let _ = context.finalize();
        }
    }

    fn removed(&mut self, token: &str) -> SignError {
        if let Some(open) = self.open.get_mut(token) {
            open.session = None;
        }
        self.known.remove(token);
        SignError::TokenRemoved
    }

    /// What a failure means. Modules say in many ways that a token was pulled out, and say the same of other troubles:
    /// whether it is still there decides.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and every other code means the same")]
    fn fault(&mut self, error: &Error, token: &str) -> SignError {
        let Error::Pkcs11(code, _) = error else { return vendor_ref(error) };
        match code {
            RvError::UserNotLoggedIn => SignError::NotLoggedIn,
            RvError::Cancel | RvError::FunctionCanceled | RvError::FunctionRejected => SignError::Cancelled,
            // It was out, even where it is back by now.
            RvError::SessionClosed | RvError::SessionHandleInvalid => self.removed(token),
            RvError::MechanismInvalid | RvError::MechanismParamInvalid | RvError::KeyTypeInconsistent => {
                SignError::Unsupported { what: "what the token can sign by" }
            }
            RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::ObjectHandleInvalid
            | RvError::KeyHandleInvalid
            | RvError::SlotIdInvalid
            | RvError::GeneralError
            | RvError::FunctionFailed
            | RvError::DeviceError
                if !self.is_here(token) =>
            {
                self.removed(token)
            }
            _ => vendor_ref(error),
        }
    }

    /// As [`Self::fault`], where a PIN was to be proven.
    fn pin_fault(&mut self, context: &Pkcs11, slot: Slot, error: &Error, token: &str) -> SignError {
        if let Error::Pkcs11(RvError::PinLocked, _) = error {
            SignError::TokenLocked
        } else if let Error::Pkcs11(RvError::PinIncorrect, _) = error {
            wrong_pin(context, slot)
        } else {
            self.fault(error, token)
        }
    }

    /// Whether a token can still be read. One that is only listed does not count: some modules list what is gone.
    fn is_here(&self, token: &str) -> bool {
        let Some(context) = &self.context else { return false };
        let Some(slot) = slot_of(context, token) else { return false };
        certificates(context, slot).is_ok_and(|found| !found.is_empty())
    }
}

impl Driver for Pkcs11Module {
    fn look(&mut self, anew: bool) -> Result<ModuleAnswer, SignError> {
        if anew {
            self.known.clear();
            // Nobody is logged in to what was pulled out.
            let open = self.open.iter().filter(|(_, open)| open.session.is_some());
            let (gone, here): (Vec<String>, Vec<String>) =
                open.map(|(token, _)| token.clone()).partition(|token| !self.is_here(token));
            for token in gone {
                self.removed(&token);
            }
            if here.is_empty() {
                self.restart();
            }
        }
        let context = self.context()?;
        let info = context.get_library_info().map_err(vendor)?;
        let slots = context.get_all_slots().map_err(vendor)?.len();
        let mut tokens = Vec::new();
        let mut here = BTreeSet::new();
        for slot in context.get_slots_with_token().map_err(vendor)? {
            // One that is pulled out just now, or was never set up, is no token.
            let Ok(token) = context.get_token_info(slot) else { continue };
            if !token.token_initialized() {
                continue;
            }
            let serial = token.serial_number().to_owned();
            let certificates = match self.known.get(&serial) {
                Some(known) => Ok(known.clone()),
                None => certificates(&context, slot).map_err(Arc::new),
            };
            if let Ok(certificates) = &certificates {
                self.known.insert(serial.clone(), certificates.clone());
            }
            here.insert(serial.clone());
            tokens.push(TokenFound {
                label: token.label().to_owned(),
                maker: token.manufacturer_id().to_owned(),
                model: token.model().to_owned(),
                pin: pin_state(&token),
                certificates,
                serial,
                by: Interface::Pkcs11,
            });
        }
        self.known.retain(|serial, _| here.contains(serial));
        let version = info.library_version();
        Ok(ModuleAnswer {
            description: info.library_description().trim().to_owned(),
            maker: info.manufacturer_id().trim().to_owned(),
            version: format!("{}.{}", version.major(), version.minor()),
            slots,
            tokens,
        })
    }

    fn still_has(&mut self, token: &str) -> Result<bool, SignError> {
        self.context()?;
        let here = self.is_here(token);
        if !here {
            self.removed(token);
        }
        Ok(here)
    }

    fn log_in(&mut self, token: &str, hold: u64, pin: &Pin) -> Result<bool, SignError> {
        let context = self.context()?;
        let slot = slot_of(&context, token).ok_or(SignError::TokenRemoved)?;
        let mechanisms = context.get_mechanism_list(slot).map_err(vendor)?;
        let session = self.open.get_mut(token).and_then(|open| open.session.take());
        // A token that is logged in would take any PIN for right. Where that can't be ended, the session is gone, as one
        // is of a token that was out meanwhile, or goes now, and the login with it.
        let ended =
            |session: &Session| matches!(session.logout(), Ok(()) | Err(Error::Pkcs11(RvError::UserNotLoggedIn, _)));
        let session = match session.filter(ended) {
            Some(session) => session,
            None => context.open_ro_session(slot).map_err(|error| self.fault(&error, token))?,
        };
        let secret = AuthPin::from(pin.expose().to_owned());
        let proven = session.login(UserType::User, Some(&secret));
        let open = self.open.entry(token.to_owned()).or_default();
        open.session = Some(session);
        if let Err(error) = proven {
            if open.holders.is_empty() {
                self.open.remove(token);
            }
            return Err(if is_of_other_form(&error) {
                wrong_pin(&context, slot)
            } else {
                self.pin_fault(&context, slot, &error, token)
            });
        }
        open.holders.insert(hold);
        Ok(mechanisms.contains(&MechanismType::SHA256_RSA_PKCS_PSS))
    }

    fn change_pin(&mut self, token: &str, old: &Pin, new: &Pin) -> Result<(), SignError> {
        let context = self.context()?;
        let slot = slot_of(&context, token).ok_or(SignError::TokenRemoved)?;
        let info = context.get_token_info(slot).map_err(|error| self.fault(&error, token))?;
        let (least, most) = (info.min_pin_length(), info.max_pin_length());
        let other_form = || SignError::TokenPinForm { least, most };
        // What the token says beforehand costs no try. Some say nothing: a largest length of none.
        let length = new.expose().len();
        if length < least || (most > 0 && length > most) {
            return Err(other_form());
        }
        let session = context.open_rw_session(slot).map_err(|error| self.fault(&error, token))?;
        let [old, new] = [old, new].map(|pin| AuthPin::from(pin.expose().to_owned()));
        let mut changed = session.set_pin(&old, &new);
        // By the standard nobody need be logged in; some tokens want it.
        if let Err(Error::Pkcs11(RvError::UserNotLoggedIn, _)) = changed {
            if let Err(error) = session.login(UserType::User, Some(&old)) {
                return Err(self.pin_fault(&context, slot, &error, token));
            }
            changed = session.set_pin(&old, &new);
            // Nobody has a place at it yet, or its login would have been there.
            let _ = session.logout();
        }
        changed.map_err(|error| {
            if is_of_other_form(&error) { other_form() } else { self.pin_fault(&context, slot, &error, token) }
        })
    }

    fn join(&mut self, token: &str, hold: u64, another: u64) -> Result<(), SignError> {
        let open = self.open.get_mut(token).filter(|open| open.holders.contains(&hold));
        open.ok_or(SignError::NotLoggedIn)?.holders.insert(another);
        Ok(())
    }

    fn leave(&mut self, token: &str, hold: u64) {
        let Some(open) = self.open.get_mut(token) else { return };
        open.holders.remove(&hold);
        if open.holders.is_empty()
            && let Some(Open { session: Some(session), .. }) = self.open.remove(token)
        {
            // The session is closed either way, and with the last session the login ends.
            let _ = session.logout();
        }
    }

    fn sign(
        &mut self,
        token: &str,
        hold: u64,
        key: &[u8],
        scheme: Scheme,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        if scheme == Scheme::Sm2 {
            // PKCS#11 has no name for SM2 that all modules share: such tokens are spoken to by SKF.
            return Err(SignError::Unsupported { what: "a key on another curve than P-256" });
        }
        let open = self.open.get(token).filter(|open| open.holders.contains(&hold));
        let session = open.and_then(|open| open.session.as_ref()).ok_or(SignError::NotLoggedIn)?;
        let signed = private_key(session, key).and_then(|key| match key {
            Some(key) => sign(session, key, scheme, message).map(Some),
            None => Ok(None),
        });
        match signed {
            Ok(Some(signature)) if scheme == Scheme::Ecdsa => as_der(&signature),
            Ok(Some(signature)) => Ok(signature),
            // A key that is not found: with the token gone, or a certificate without its key.
            Ok(None) if self.is_here(token) => Err(SignError::KeyMismatch),
            Ok(None) => Err(self.removed(token)),
            Err(error) => Err(self.fault(&error, token)),
        }
    }
}

fn slot_of(context: &Pkcs11, serial: &str) -> Option<Slot> {
    let slots = context.get_slots_with_token().ok()?;
    slots.into_iter().find(|slot| context.get_token_info(*slot).is_ok_and(|token| token.serial_number() == serial))
}

/// Whether the token knows without a try that this is no PIN.
fn is_of_other_form(error: &Error) -> bool {
    matches!(error, Error::Pkcs11(RvError::PinInvalid | RvError::PinLenRange, _))
}

/// What a wrong PIN has come to.
fn wrong_pin(context: &Pkcs11, slot: Slot) -> SignError {
    match context.get_token_info(slot).ok().as_ref().map(pin_state) {
        Some(PinState::Locked) => SignError::TokenLocked,
        Some(PinState::FinalTry) => SignError::WrongPin { left: 1 },
        Some(PinState::Ready | PinState::Low | PinState::Unset) | None => SignError::WrongTokenPin,
    }
}

/// The operators' certificates of a token; those of authorities lead from them to the root.
fn certificates(context: &Pkcs11, slot: Slot) -> Result<Vec<OnToken>, SignError> {
    let session = context.open_ro_session(slot).map_err(vendor)?;
    let wanted = [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::CertificateType(CertificateType::X_509)];
    let mut all = Vec::new();
    for object in session.find_objects(&wanted).map_err(vendor)? {
        let (mut der, mut id) = (Vec::new(), Vec::new());
        for attribute in session.get_attributes(object, &[AttributeType::Value, AttributeType::Id]).map_err(vendor)? {
            if let Attribute::Value(value) = attribute {
                der = value;
            } else if let Attribute::Id(value) = attribute {
                id = value;
            }
        }
        // What is no certificate although the token says so is nobody's.
        if let Ok(certificate) = Certificate::from_der(&der) {
            all.push((certificate, id));
        }
    }
    let (authorities, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|(one, _)| one.can_issue(0));
    let chain_of = |own: &Certificate| {
        let mut chain: Vec<Certificate> = Vec::new();
        let mut last = own.clone();
        while let Some((issuer, _)) = authorities
            .iter()
            .find(|(one, _)| one.subject_der() == last.issuer_der() && !one.is_self_issued() && !chain.contains(one))
        {
            chain.push(issuer.clone());
            last = issuer.clone();
        }
        chain
    };
    Ok(own.into_iter().map(|(certificate, id)| OnToken { chain: chain_of(&certificate), certificate, id }).collect())
}

fn private_key(session: &Session, id: &[u8]) -> Result<Option<ObjectHandle>, Error> {
    let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.to_vec())];
    Ok(session.find_objects(&wanted)?.first().copied())
}

fn sign(session: &Session, key: ObjectHandle, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, Error> {
    match scheme {
        // SM2 was refused before.
        Scheme::Ecdsa | Scheme::Sm2 => session.sign(&Mechanism::Ecdsa, key, &sha256(message)),
        Scheme::Pkcs1 => session.sign(&Mechanism::RsaPkcs, key, &[&DIGEST_INFO[..], &sha256(message)[..]].concat()),
        Scheme::Pss => {
            let params =
                PkcsPssParams { hash_alg: MechanismType::SHA256, mgf: PkcsMgfType::MGF1_SHA256, s_len: 32.into() };
            session.sign(&Mechanism::Sha256RsaPkcsPss(params), key, message)
        }
    }
}

fn pin_state(token: &TokenInfo) -> PinState {
    if token.user_pin_locked() {
        PinState::Locked
    } else if !token.user_pin_initialized() {
        PinState::Unset
    } else if token.user_pin_final_try() {
        PinState::FinalTry
    } else if token.user_pin_count_low() {
        PinState::Low
    } else {
        PinState::Ready
    }
}

fn vendor(error: Error) -> SignError {
    vendor_ref(&error)
}

/// The module's own words for what it did not do.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and every other code is named alike")]
fn vendor_ref(error: &Error) -> SignError {
    let Error::Pkcs11(code, function) = error else {
        return SignError::TokenFault { code: "-".into(), text: error.to_string() };
    };
    let code = match code {
        RvError::VendorDefined(number) | RvError::UnknownErrorCode(number) => format!("0x{number:08X}"),
        named => format!("{named:?}"),
    };
    SignError::TokenFault { code, text: of_function(*function) }
}

fn of_function(function: Function) -> String {
    format!("C_{function:?}")
}
