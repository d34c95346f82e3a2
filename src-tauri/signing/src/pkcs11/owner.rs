//! The one thread that speaks to a module. Modules are native code of others', not all of which bears two threads at
//! once, and one that hangs must hold up nobody but whoever waits for it, and him not for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::{ModuleAnswer, PinState, TokenFound};
use crate::certificate::{Certificate, sha256};
use crate::error::SignError;
use crate::pin::Pin;
use crate::tlv::{self, wrap};

/// Longest wait for a module that lists what it has.
pub(super) const LOOKING: Duration = Duration::from_secs(5);
/// Longest wait for a PIN that is typed at the token itself, or a signature that is confirmed there.
pub(super) const OPERATING: Duration = Duration::from_secs(120);
/// SHA-256 as PKCS#1 v1.5 wraps it.
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

type Job = Box<dyn FnOnce(&mut Module) + Send>;

/// A module's thread. There is one for each module in a process, because a module can be initialized only once in it.
pub(super) struct Owner {
    jobs: Sender<Job>,
    path: PathBuf,
    /// It did not answer in time, and has not answered since.
    silent: Arc<AtomicBool>,
}

static OWNERS: Mutex<BTreeMap<PathBuf, Arc<Owner>>> = Mutex::new(BTreeMap::new());
static HOLDS: AtomicU64 = AtomicU64::new(0);

impl Owner {
    /// Of the module in this file; nothing is loaded before it is asked for something.
    pub(super) fn of(path: &Path) -> Arc<Self> {
        let mut owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = owners.entry(path.to_owned()).or_insert_with(|| {
            let (jobs, inbox) = mpsc::channel::<Job>();
            let mut module = Module::new(path);
            thread::spawn(move || {
                for job in inbox {
                    job(&mut module);
                }
            });
            Arc::new(Self { jobs, path: path.to_owned(), silent: Arc::default() })
        });
        owner.clone()
    }

    /// Has the module do something.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut Module) -> Result<T, SignError> + Send + 'static,
    ) -> Result<T, SignError> {
        let silent = || SignError::TokenSilent { path: self.path.display().to_string() };
        // Nobody waits twice for a module that hangs; it is asked again as soon as it has said something.
        if self.silent.load(Ordering::Acquire) {
            return Err(silent());
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let said = self.silent.clone();
        let job = move |module: &mut Module| {
            let outcome = work(module);
            said.store(false, Ordering::Release);
            // Whoever asked may have given up.
            let _ = answer.send(outcome);
        };
        self.jobs.send(Box::new(job)).map_err(|_| silent())?;
        answered.recv_timeout(patience).map_err(|_| {
            self.silent.store(true, Ordering::Release);
            silent()
        })?
    }

    /// A place at a token, to be filled by a login.
    pub(super) fn hold(self: &Arc<Self>, token: &str) -> Hold {
        Hold { owner: self.clone(), token: token.to_owned(), id: HOLDS.fetch_add(1, Ordering::Relaxed) }
    }
}

/// A right to use a token that is logged in; with the last one the token is logged out.
pub(super) struct Hold {
    pub(super) owner: Arc<Owner>,
    /// Serial number of the token.
    pub(super) token: String,
    pub(super) id: u64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let (token, id) = (std::mem::take(&mut self.token), self.id);
        // Nobody waits: a token that is gone has nothing to be logged out of.
        let _ = self.owner.jobs.send(Box::new(move |module| module.leave(&token, id)));
    }
}

/// How something is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// ECDSA on P-256 with SHA-256, as DER
    Ecdsa,
    /// RSA by PKCS#1 v1.5 with SHA-256
    Pkcs1,
    /// RSA by PSS with SHA-256, as TLS 1.3 wants it
    Pss,
}

/// A certificate of an operator's on a token, and what of the token leads towards its root.
#[derive(Clone)]
pub(super) struct OnToken {
    pub(super) certificate: Certificate,
    pub(super) chain: Vec<Certificate>,
    /// CKA_ID: what pairs it with its private key.
    pub(super) id: Vec<u8>,
}

/// A token that somebody is logged in to.
struct Open {
    session: Session,
    holders: BTreeSet<u64>,
}

pub(super) struct Module {
    path: PathBuf,
    context: Option<Pkcs11>,
    /// By the token's serial number.
    open: BTreeMap<String, Open>,
    /// What was read from the tokens that are here, by serial number: reading it again takes a hardware token long.
    known: BTreeMap<String, Vec<OnToken>>,
}

impl Module {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), context: None, open: BTreeMap::new(), known: BTreeMap::new() }
    }

    /// What it has. Where nobody is logged in, a new look also finds what a module notices only when it starts.
    pub(super) fn look(&mut self, anew: bool) -> Result<ModuleAnswer, SignError> {
        if anew {
            self.known.clear();
            if self.open.is_empty() {
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

    /// Proves the PIN at the token, whoever is logged in already, and takes a place there. Says whether the key can
    /// sign by PSS.
    pub(super) fn log_in(&mut self, token: &str, hold: u64, pin: &Pin) -> Result<bool, SignError> {
        let context = self.context()?;
        let slot = slot_of(&context, token).ok_or(SignError::TokenRemoved)?;
        let mechanisms = context.get_mechanism_list(slot).map_err(vendor)?;
        let open = self.open.remove(token);
        let session = match &open {
            Some(open) => {
                // A token that is logged in would take any PIN for right.
                match open.session.logout() {
                    Ok(()) | Err(Error::Pkcs11(RvError::UserNotLoggedIn, _)) => {}
                    Err(error) => return Err(self.fault(&error, token)),
                }
                None
            }
            None => Some(context.open_ro_session(slot).map_err(|error| self.fault(&error, token))?),
        };
        let mut open = match (open, session) {
            (Some(open), _) => open,
            (None, Some(session)) => Open { session, holders: BTreeSet::new() },
            (None, None) => return Err(SignError::TokenRemoved),
        };
        let secret = AuthPin::from(pin.expose().to_owned());
        let proven = open.session.login(UserType::User, Some(&secret));
        if let Err(error) = proven {
            let info = context.get_token_info(slot).ok();
            // Whoever was here before stays in his place, without the login: a right PIN gives it back to him.
            if !open.holders.is_empty() {
                self.open.insert(token.to_owned(), open);
            }
            return Err(match (&error, info.as_ref().map(pin_state)) {
                (Error::Pkcs11(RvError::PinLocked, _), _) => SignError::TokenLocked,
                (Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _), state) => {
                    match state {
                        Some(PinState::Locked) => SignError::TokenLocked,
                        Some(PinState::FinalTry) => SignError::WrongPin { left: 1 },
                        Some(PinState::Ready | PinState::Low | PinState::Unset) | None => SignError::WrongTokenPin,
                    }
                }
                (_, _) => self.fault(&error, token),
            });
        }
        open.holders.insert(hold);
        self.open.insert(token.to_owned(), open);
        Ok(mechanisms.contains(&MechanismType::SHA256_RSA_PKCS_PSS))
    }

    /// Takes another place at a token where one has one.
    pub(super) fn join(&mut self, token: &str, hold: u64, another: u64) -> Result<(), SignError> {
        let open = self.open.get_mut(token).filter(|open| open.holders.contains(&hold));
        open.ok_or(SignError::NotLoggedIn)?.holders.insert(another);
        Ok(())
    }

    fn leave(&mut self, token: &str, hold: u64) {
        let Some(open) = self.open.get_mut(token) else { return };
        open.holders.remove(&hold);
        if open.holders.is_empty()
            && let Some(open) = self.open.remove(token)
        {
            // The session is closed either way, and with the last session the login ends.
            let _ = open.session.logout();
        }
    }

    /// Signs with the private key that is paired with a certificate.
    pub(super) fn sign(
        &mut self,
        token: &str,
        hold: u64,
        key: &[u8],
        scheme: Scheme,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let open = self.open.get(token).filter(|open| open.holders.contains(&hold));
        let session = &open.ok_or(SignError::NotLoggedIn)?.session;
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

    /// Ends the module; it starts when it is needed.
    fn restart(&mut self) {
        self.open.clear();
        self.known.clear();
        if let Some(context) = self.context.take() {
            // What it says at its end changes nothing.
            let _ = context.finalize();
        }
    }

    fn removed(&mut self, token: &str) -> SignError {
        self.open.remove(token);
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
            RvError::MechanismInvalid | RvError::MechanismParamInvalid | RvError::KeyTypeInconsistent => {
                SignError::Unsupported { what: "what the token can sign by" }
            }
            RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SessionClosed
            | RvError::SessionHandleInvalid
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

    /// Whether a token can still be read. One that is only listed does not count: some modules list what is gone.
    fn is_here(&self, token: &str) -> bool {
        let Some(context) = &self.context else { return false };
        let Some(slot) = slot_of(context, token) else { return false };
        certificates(context, slot).is_ok_and(|found| !found.is_empty())
    }
}

fn slot_of(context: &Pkcs11, serial: &str) -> Option<Slot> {
    let slots = context.get_slots_with_token().ok()?;
    slots.into_iter().find(|slot| context.get_token_info(*slot).is_ok_and(|token| token.serial_number() == serial))
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
        Scheme::Ecdsa => session.sign(&Mechanism::Ecdsa, key, &sha256(message)),
        Scheme::Pkcs1 => session.sign(&Mechanism::RsaPkcs, key, &[&DIGEST_INFO[..], &sha256(message)[..]].concat()),
        Scheme::Pss => {
            let params =
                PkcsPssParams { hash_alg: MechanismType::SHA256, mgf: PkcsMgfType::MGF1_SHA256, s_len: 32.into() };
            session.sign(&Mechanism::Sha256RsaPkcsPss(params), key, message)
        }
    }
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
