//! 锁屏 and what belongs to it: the screen is locked after a while, or at once by Ctrl+L. The work goes on behind it;
//! the page is given nothing until somebody who knows the passphrase or the PIN has unlocked it.

use huijiao_signing::{KeyProvider, Pin};
use serde::{Deserialize, Serialize};

use crate::error::DeskError;
use crate::views::{SafetyView, StartView, UnlockWay};
use crate::{Desk, Inner};

const SETTING: &str = "safety";
/// Minutes that may be chosen; 0 is never.
const MINUTES: [u32; 5] = [5, 10, 15, 30, 0];
/// Days that may be chosen; 0 is for ever.
const DAYS: [u32; 5] = [0, 180, 365, 730, 1825];

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
        Ok(SafetyView {
            lock_minutes,
            lock_choices: MINUTES.to_vec(),
            can_lock,
            masked,
            retention_days,
            retention_choices: DAYS.to_vec(),
            erasable,
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
        inner.locked = true;
        inner.names = None;
        inner.filed = None;
        drop(inner);
        self.start()
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
                let session = inner.session()?;
                (session.keys(), session.login_key() == Some(certificate))
            };
            // The screen is the operator's, not that of whoever else has a certificate here.
            if !own {
                return Err(DeskError::refusal(DeskError::CERTIFICATE_OTHER_OPERATOR));
            }
            let mut session = keys.open(certificate)?;
            session.login(&Pin::new(secret))?;
            session.logout();
        }
        self.inner().locked = false;
        self.start()
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.inner().locked
    }

    /// What unlocks the screen.
    pub(crate) fn unlock_ways(&self, inner: &Inner) -> Vec<UnlockWay> {
        let mut ways = Vec::new();
        if let Some(session) = &inner.session
            && let Some(key) = session.login_key()
        {
            ways.push(UnlockWay { certificate: key.to_owned(), holder: session.operator.clone() });
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
