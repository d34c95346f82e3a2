//! Tokens with SM2 keys, by SKF (GM/T 0016). What PKCS#11 calls a token is here an application on a device: it has a PIN
//! of its own, and containers with a key and its certificate each.

mod abi;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use self::abi::{Fault, Library, Opened};
use super::owner::{Driver, Interface, OnToken, Scheme};
use super::{ModuleAnswer, PinState, TokenFound, as_der};
use crate::certificate::Certificate;
use crate::error::SignError;
use crate::pin::Pin;
use crate::public_key::Algorithm;

/// A driver's library that speaks SKF.
pub(super) struct Skf {
    library: Arc<Library>,
    /// Who is logged in, by token.
    open: BTreeMap<String, Login>,
    /// What was read from the tokens that are here: reading it again takes a token long.
    known: BTreeMap<String, Vec<OnToken>>,
}

struct Login {
    application: Application,
    holders: BTreeSet<u64>,
}

/// An application that is open. It is closed before its device.
struct Application {
    handle: Opened,
    _device: Opened,
}

/// An application on a device that is plugged in.
struct Place {
    /// What it is known by here.
    token: String,
    label: String,
    maker: String,
    application: Application,
}

impl Skf {
    /// The library in this file; `None` where it does not speak SKF.
    pub(super) fn of(path: &Path) -> Option<Self> {
        Some(Self { library: Library::load(path)?, open: BTreeMap::new(), known: BTreeMap::new() })
    }

    /// Every application of every device. One that is pulled out just now, or lets nobody in, is none.
    fn places(&self) -> Result<(usize, Vec<Place>), Fault> {
        let devices = self.library.devices()?;
        let mut places = Vec::new();
        for name in &devices {
            let Ok(device) = self.library.connect(name) else { continue };
            let Ok(info) = self.library.info(&device) else { continue };
            let applications = self.library.applications(&device).unwrap_or_default();
            let several = applications.len() > 1;
            for application in applications {
                // Each has its device for itself: it can be closed only behind all that is open on it.
                let Ok(device) = self.library.connect(name) else { continue };
                let Ok(handle) = self.library.open_application(&device, &application) else { continue };
                let named = |text: &str| {
                    let own = application.to_string_lossy();
                    if several { format!("{text} {own}") } else { text.to_owned() }
                };
                places.push(Place {
                    token: named(&info.serial),
                    label: named(&info.label),
                    maker: info.maker.clone(),
                    application: Application { handle, _device: device },
                });
            }
        }
        Ok((devices.len(), places))
    }

    fn place(&self, token: &str) -> Option<Application> {
        let (_, places) = self.places().ok()?;
        places.into_iter().find(|place| place.token == token).map(|place| place.application)
    }

    /// The operators' certificates, each with its container's name. RSA keys of such tokens are reached by PKCS#11.
    fn certificates(&self, application: &Application) -> Result<Vec<OnToken>, Fault> {
        let mut found = Vec::new();
        for name in self.library.containers(&application.handle)? {
            let container = self.library.open_container(&application.handle, &name)?;
            if !self.library.is_ecc(&container)? {
                continue;
            }
            // A container without a certificate, or with something else in its place, is nobody's.
            let Ok(der) = self.library.certificate(&container) else { continue };
            let Ok(certificate) = Certificate::from_der(&der) else { continue };
            if certificate.algorithm() == Some(Algorithm::Sm2) {
                found.push(OnToken { certificate, chain: Vec::new(), id: name.into_bytes() });
            }
        }
        Ok(found)
    }

    fn pin(&self, application: &Application) -> PinState {
        match self.library.tries(&application.handle) {
            Ok((_, 0)) => PinState::Locked,
            Ok((_, 1)) => PinState::FinalTry,
            Ok((most, left)) if left < most => PinState::Low,
            // A driver that does not say is asked by the PIN itself.
            Ok(_) | Err(_) => PinState::Ready,
        }
    }

    fn signed(&self, token: &str, hold: u64, container: &[u8], digest: &[u8]) -> Result<Vec<u8>, Trouble> {
        let login = self.open.get(token).filter(|login| login.holders.contains(&hold));
        let application = &login.ok_or(Trouble::Known(SignError::NotLoggedIn))?.application;
        let name = CString::new(container).map_err(|_| Trouble::Known(SignError::KeyMismatch))?;
        let container = self.library.open_container(&application.handle, &name)?;
        Ok(self.library.sign(&container, digest)?)
    }

    /// What a failure means: whether the token is still there decides, however the driver puts it.
    fn fault(&mut self, fault: Fault, token: &str) -> SignError {
        match fault.code {
            abi::NOT_LOGGED_IN => SignError::NotLoggedIn,
            abi::PIN_LOCKED => SignError::TokenLocked,
            abi::NOT_SUPPORTED => SignError::Unsupported { what: "what the token can sign by" },
            abi::REMOVED => self.removed(token),
            _ if self.place(token).is_none() => self.removed(token),
            _ => vendor(fault),
        }
    }

    fn removed(&mut self, token: &str) -> SignError {
        self.open.remove(token);
        self.known.remove(token);
        SignError::TokenRemoved
    }
}

enum Trouble {
    Known(SignError),
    Driver(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Driver(fault)
    }
}

impl Driver for Skf {
    fn look(&mut self, anew: bool) -> Result<ModuleAnswer, SignError> {
        if anew {
            self.known.clear();
        }
        let (slots, places) = self.places().map_err(vendor)?;
        let mut tokens = Vec::new();
        let mut known = BTreeMap::new();
        for Place { token, label, maker, application } in places {
            let certificates = match self.known.remove(&token) {
                Some(read) => Ok(read),
                None => self.certificates(&application).map_err(|fault| Arc::new(vendor(fault))),
            };
            if let Ok(read) = &certificates {
                known.insert(token.clone(), read.clone());
            }
            tokens.push(TokenFound {
                label,
                maker,
                model: String::new(),
                pin: self.pin(&application),
                certificates,
                serial: token,
                by: Interface::Skf,
            });
        }
        self.known = known;
        let (maker, version) = (String::new(), String::new());
        Ok(ModuleAnswer { description: "SKF（GM/T 0016）".to_owned(), maker, version, slots, tokens })
    }

    fn still_has(&mut self, token: &str) -> Result<bool, SignError> {
        let here = self.place(token).is_some();
        if !here {
            self.removed(token);
        }
        Ok(here)
    }

    fn log_in(&mut self, token: &str, hold: u64, pin: &Pin) -> Result<bool, SignError> {
        let text = Zeroizing::new([pin.expose().as_bytes(), &[0]].concat());
        // No token has a PIN with a zero in it.
        let text = CStr::from_bytes_with_nul(&text).map_err(|_| SignError::WrongTokenPin)?;
        let mut login = match self.open.remove(token) {
            Some(login) => login,
            None => {
                let application = self.place(token).ok_or(SignError::TokenRemoved)?;
                Login { application, holders: BTreeSet::new() }
            }
        };
        let proven = self.library.verify_pin(&login.application.handle, text);
        let refused = match proven {
            Ok(()) => {
                login.holders.insert(hold);
                None
            }
            Err(refused) => Some(refused),
        };
        // Whoever was here before stays in his place: a right PIN gives the login back to him.
        if !login.holders.is_empty() {
            self.open.insert(token.to_owned(), login);
        }
        match refused {
            None => Ok(false),
            Some((fault, left)) => Err(match (fault.code, u8::try_from(left).unwrap_or(u8::MAX)) {
                (abi::PIN_INCORRECT, 0) => SignError::TokenLocked,
                (abi::PIN_INCORRECT, left) => SignError::WrongPin { left },
                (abi::PIN_INVALID | abi::PIN_LENGTH, _) => SignError::WrongTokenPin,
                (_, _) => self.fault(fault, token),
            }),
        }
    }

    fn change_pin(&mut self, token: &str, old: &Pin, new: &Pin) -> Result<(), SignError> {
        let [old, new] = [old, new].map(|pin| Zeroizing::new([pin.expose().as_bytes(), &[0]].concat()));
        let old = CStr::from_bytes_with_nul(&old).map_err(|_| SignError::WrongTokenPin)?;
        let other_form = || SignError::TokenPinForm { least: abi::SHORTEST_PIN, most: abi::LONGEST_PIN };
        let new = CStr::from_bytes_with_nul(&new).map_err(|_| other_form())?;
        if !(abi::SHORTEST_PIN..=abi::LONGEST_PIN).contains(&new.count_bytes()) {
            return Err(other_form());
        }
        // Of its own, so that the login of those who have a place is touched as little as may be.
        let application = self.place(token).ok_or(SignError::TokenRemoved)?;
        match self.library.change_pin(&application.handle, old, new) {
            Ok(()) => Ok(()),
            Err((fault, left)) => Err(match (fault.code, u8::try_from(left).unwrap_or(u8::MAX)) {
                (abi::PIN_INCORRECT, 0) => SignError::TokenLocked,
                (abi::PIN_INCORRECT, left) => SignError::WrongPin { left },
                (abi::PIN_INVALID | abi::PIN_LENGTH, _) => other_form(),
                (abi::NOT_SUPPORTED, _) => vendor(fault),
                (_, _) => self.fault(fault, token),
            }),
        }
    }

    fn join(&mut self, token: &str, hold: u64, another: u64) -> Result<(), SignError> {
        let login = self.open.get_mut(token).filter(|login| login.holders.contains(&hold));
        login.ok_or(SignError::NotLoggedIn)?.holders.insert(another);
        Ok(())
    }

    fn leave(&mut self, token: &str, hold: u64) {
        let Some(login) = self.open.get_mut(token) else { return };
        login.holders.remove(&hold);
        if login.holders.is_empty()
            && let Some(login) = self.open.remove(token)
        {
            // Closing the application ends the login too.
            let _ = self.library.log_out(&login.application.handle);
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
        if scheme != Scheme::Sm2 {
            return Err(SignError::Unsupported { what: "what the token can sign by" });
        }
        match self.signed(token, hold, key, message) {
            Ok(raw) => as_der(&raw),
            Err(Trouble::Known(error)) => Err(error),
            Err(Trouble::Driver(fault)) => Err(self.fault(fault, token)),
        }
    }
}

fn vendor(fault: Fault) -> SignError {
    SignError::TokenFault { code: format!("0x{:08X}", fault.code), text: fault.function.to_owned() }
}
