//! 锁屏 and what belongs to it: the screen is locked after a while, or at once by Ctrl+L. The work goes on behind it;
//! the page is given nothing until somebody who knows the passphrase or the PIN has unlocked it.

use std::path::PathBuf;

use huijiao_domain::mask;
use huijiao_signing::{KeyProvider, Keys, P12Folder, Pin, SignError, is_on_token};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit::{Trace, named};
use crate::error::DeskError;
use crate::views::{IdScreen, IdShown, SafetyView, StartView, UnlockWay};
use crate::{Desk, Inner};

const SETTING: &str = "safety";
/// Minutes that may be chosen; 0 is never.
const MINUTES: [u32; 5] = [5, 10, 15, 30, 0];
/// Days that may be chosen; 0 is for ever.
const DAYS: [u32; 5] = [0, 180, 365, 730, 1825];

/// Kept while the screen is locked: ending the program does not unlock it.
const LOCKED: &str = "locked";

/// Who was logged in when the screen was locked; nobody where the certificate is empty.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LockedBy {
    certificate: String,
    holder: String,
    /// The certificate's serial number.
    #[serde(default)]
    serial: String,
    /// Folder of the key's file.
    certificates: PathBuf,
}

impl LockedBy {
    /// As the log of operations names him, where this is his key.
    pub(crate) fn who(&self, key: &str) -> Option<String> {
        (!self.serial.is_empty() && self.certificate == key).then(|| named(&self.holder, &self.serial))
    }
}

/// As it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Safety {
    pub(crate) lock_minutes: u32,
    pub(crate) masked: bool,
    pub(crate) retention_days: u32,
}

impl Default for Safety {
    fn default() -> Self {
        Self { lock_minutes: 10, masked: true, retention_days: 0 }
    }
}

impl Desk {
    /// When the screen locks, whether ID numbers are masked, how long copies are kept.
    ///
    /// # Errors
    /// When the data are not open.
    pub fn safety(&self) -> Result<SafetyView, DeskError> {
        let mut inner = self.inner();
        let Safety { lock_minutes, masked, retention_days } = kept(&mut inner)?;
        let can_lock = !self.unlock_ways(&inner).is_empty();
        let erasable = self.erasable(&mut inner)?;
        let retention = self.retention_lines(&mut inner)?;
        let unemptied = self.unemptied(&inner);
        drop(inner);
        let older = self.older_backups()?;
        Ok(SafetyView {
            lock_minutes,
            lock_choices: MINUTES.to_vec(),
            can_lock,
            masked,
            retention_days,
            retention_choices: DAYS.to_vec(),
            retention,
            erasable,
            unemptied,
            older,
        })
    }

    /// Chooses them.
    ///
    /// # Errors
    /// A figure that cannot be chosen.
    pub fn safety_set(&self, lock_minutes: u32, masked: bool, retention_days: u32) -> Result<SafetyView, DeskError> {
        if !MINUTES.contains(&lock_minutes) || !DAYS.contains(&retention_days) {
            return Err(DeskError::refusal(DeskError::BAD_ARGUMENTS));
        }
        let safety = Safety { lock_minutes, masked, retention_days };
        self.inner().store()?.set_setting(SETTING, &safety)?;
        self.safety()
    }

    /// A whole ID number is about to be shown where it is masked: the log says who saw one and on which screen, never
    /// which.
    ///
    /// # Errors
    /// When the data are not open.
    pub fn id_shown(&self, screen: IdScreen) -> Result<IdShown, DeskError> {
        self.inner().store()?;
        let screen = match screen {
            IdScreen::Contributor => "个人事项",
            IdScreen::Draft => "草稿",
        };
        Ok(IdShown { screen: screen.into() })
    }

    /// Locks the screen.
    ///
    /// # Errors
    /// Where nothing could unlock it again.
    pub fn lock(&self) -> Result<StartView, DeskError> {
        let mut inner = self.inner();
        inner.store()?;
        if self.unlock_ways(&inner).is_empty() {
            return Err(DeskError::refusal(DeskError::NO_WAY_TO_UNLOCK));
        }
        let by = inner.session.as_ref().and_then(|session| {
            let certificate = session.login_key()?.to_owned();
            let certificates = session.connection.certificates.clone();
            let (holder, serial) = (session.operator.clone(), session.serial());
            Some(LockedBy { certificate, holder, serial, certificates })
        });
        let nobody = || LockedBy {
            certificate: String::new(),
            holder: String::new(),
            serial: String::new(),
            certificates: PathBuf::new(),
        };
        let by = by.unwrap_or_else(nobody);
        inner.store()?.set_setting(LOCKED, &Some(&by))?;
        inner.locked_by = Some(by);
        inner.locked = true;
        inner.names = None;
        inner.filed = None;
        drop(inner);
        self.start()
    }

    /// Locks the screen where whoever is logged in has pulled his token out.
    pub(crate) fn lock_without_token(&self) {
        let login = || {
            let inner = self.inner();
            let open = inner.session.as_ref().filter(|_| !inner.locked);
            open.and_then(|session| session.login_key()).filter(|key| is_on_token(key)).map(str::to_owned)
        };
        let Some(token) = login() else { return };
        // A token that signs is not asked whether it is there. Whoever wants to sign is turned away meanwhile: for no longer
        // than that.
        let Ok(idle) = self.submitting.try_lock() else { return };
        let gone = self.config.tokens.is_gone(&token);
        drop(idle);
        // Somebody else may have logged in.
        if !gone || login() != Some(token) {
            return;
        }
        let outcome = self.lock().map(|_| Value::Null);
        if let Some(trace) = Trace::by_program(self, "lock") {
            self.record(&trace, &outcome);
        }
    }

    /// Unlocks it: by the PIN of this certificate, or by the passphrase.
    ///
    /// # Errors
    /// A wrong PIN or passphrase; the screen stays locked.
    pub fn unlock_screen(&self, certificate: &str, secret: &str) -> Result<StartView, DeskError> {
        if certificate.is_empty() {
            let mut outcome = Err(DeskError::refusal(DeskError::NO_WAY_TO_UNLOCK));
            for file in [self.passphrase_file(), self.recovery_file()] {
                if let Some(wrapped) = file.read()? {
                    outcome = wrapped.open(secret).map_err(DeskError::from);
                    break;
                }
            }
            let key = outcome?;
            if self.inner().key.as_ref() != Some(&key) {
                return Err(DeskError::Vault(huijiao_store::vault::VaultError::WrongPassphrase));
            }
        } else {
            let (keys, own) = {
                let inner = self.inner();
                match (&inner.session, &inner.locked_by) {
                    (Some(session), _) => (session.keys(), session.login_key() == Some(certificate)),
                    (None, Some(by)) => {
                        let files = P12Folder::new(by.certificates.clone());
                        (Keys { files, tokens: self.config.tokens.clone() }, by.certificate == certificate)
                    }
                    (None, None) => return Err(DeskError::refusal(DeskError::NO_WAY_TO_UNLOCK)),
                }
            };
            // The screen is the operator's, not that of whoever else has a certificate here.
            if !own {
                return Err(DeskError::refusal(DeskError::CERTIFICATE_OTHER_OPERATOR));
            }
            let mut session = keys.open(certificate).or_else(|error| {
                if !matches!(error, SignError::TokenRemoved) {
                    return Err(error);
                }
                // It may be plugged in again, and the module notice it only when it is asked anew.
                keys.tokens.survey();
                keys.open(certificate)
            })?;
            session.login(&Pin::new(secret))?;
            session.logout();
        }
        self.unlocked(&mut self.inner())?;
        self.start()
    }

    /// Locks the screen of data that were just opened, where it was locked when the program ended.
    pub(crate) fn lock_as_before(&self, inner: &mut Inner) -> Result<(), DeskError> {
        inner.locked_by = inner.store()?.setting::<Option<LockedBy>>(LOCKED)?.flatten();
        // A screen that nothing could unlock is not locked.
        inner.locked = inner.locked_by.is_some() && !self.unlock_ways(inner).is_empty();
        Ok(())
    }

    /// Somebody has proven that the screen is his.
    pub(crate) fn unlocked(&self, inner: &mut Inner) -> Result<(), DeskError> {
        if inner.locked_by.take().is_some() {
            inner.store()?.set_setting(LOCKED, &None::<LockedBy>)?;
        }
        inner.locked = false;
        Ok(())
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.inner().locked
    }

    /// Whether the key of whoever locked the screen can be asked: a file of before may be gone, a token may be plugged in
    /// again.
    fn is_here(&self, by: &LockedBy) -> bool {
        let file = by.certificates.join(format!("{}.p12", by.certificate));
        !by.certificate.is_empty() && (file.is_file() || is_on_token(&by.certificate))
    }

    /// What unlocks the screen.
    pub(crate) fn unlock_ways(&self, inner: &Inner) -> Vec<UnlockWay> {
        let mut ways = Vec::new();
        if let Some(session) = &inner.session
            && let Some(key) = session.login_key()
        {
            ways.push(UnlockWay { certificate: key.to_owned(), holder: mask::id_numbers_in(&session.operator) });
        } else if let Some(by) = inner.locked_by.as_ref().filter(|by| self.is_here(by)) {
            ways.push(UnlockWay { certificate: by.certificate.clone(), holder: mask::id_numbers_in(&by.holder) });
        }
        if self.passphrase_file().exists() || self.recovery_file().exists() {
            ways.push(UnlockWay { certificate: String::new(), holder: String::new() });
        }
        ways
    }
}

pub(crate) fn kept(inner: &mut Inner) -> Result<Safety, DeskError> {
    Ok(inner.store()?.setting(SETTING)?.unwrap_or_default())
}
