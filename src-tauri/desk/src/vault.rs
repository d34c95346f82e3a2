//! Opening the local data: the key from the system's keyring, or a passphrase where there is none or it has lost it.

use std::path::PathBuf;
use std::sync::Arc;

use huijiao_store::vault::{KeyVault, OsKeyring, PassphraseFile, VaultError, WrappedKey};
use huijiao_store::{AuditEvent, BackupReason, Store, StoreError, StoreKey};

use crate::error::DeskError;
use crate::filings::FilingHead;
use crate::joining::joined_units;
use crate::units::own_units;
use crate::views::{StartView, UiError, VaultState};
use crate::{Desk, Inner, KeyringUse, audit, chain, text};

/// What the names of passphrases begin with that are not in their place yet.
const COMING: &str = "recovery-";

/// Where the key is, as found.
enum Found {
    Key(StoreKey),
    Passphrase(VaultState),
}

impl Desk {
    /// What the first screen shows.
    pub fn start(&self) -> Result<StartView, DeskError> {
        self.look_for_backups();
        let mut inner = self.inner();
        let vault = if inner.store.is_some() {
            VaultState::Ready
        } else {
            match self.find_key()? {
                Found::Key(key) => match self.open_store(&mut inner, &key) {
                    // The key of another installation; the passphrase may know the right one.
                    Err(DeskError::Store(StoreError::WrongKey)) if self.has_recovery() => VaultState::Recovery,
                    opened => opened?,
                },
                Found::Passphrase(state) => state,
            }
        };
        drop(inner);
        if matches!(vault, VaultState::Ready) {
            self.back_up_daily();
        }
        let inner = self.inner();
        let notices = self.data_notices(&inner);
        let lock = inner.locked.then(|| self.unlock_ways(&inner));
        let open = inner.session.as_ref().filter(|_| lock.is_none());
        let session = open.map(|s| s.view(self.now(&inner)));
        Ok(StartView { version: self.config.version.clone(), vault, notices, lock, session })
    }

    /// What the user must know about his data, each kind of trouble once.
    pub(crate) fn data_notices(&self, inner: &Inner) -> Vec<UiError> {
        let broken = inner.audit_broken.map(|seq| DeskError::refusal_with(DeskError::AUDIT_BROKEN, "seq", seq));
        let missing = self.wants_recovery(inner).then(|| DeskError::refusal(DeskError::RECOVERY_MISSING));
        let troubles = inner.backup_trouble.iter().chain(&broken).chain(&missing);
        let mut notices: Vec<UiError> = troubles.map(|error| self.to_ui(error, "")).collect();
        let chained = inner.chain.iter().flat_map(|chain| &chain.faults);
        for fault in inner.audit_cut.iter().chain(chained) {
            if notices.iter().all(|notice| notice.code != fault.code) {
                notices.push(fault.clone());
            }
        }
        notices
    }

    /// Opens the data with the data passphrase or the recovery passphrase.
    pub fn unlock(&self, passphrase: &str) -> Result<StartView, DeskError> {
        let mut refused = None;
        for file in [self.passphrase_file(), self.recovery_file()].into_iter().chain(self.coming_files()) {
            let opened = file.read().map_err(DeskError::from).and_then(|wrapped| {
                let Some(wrapped) = wrapped else { return Ok(None) };
                let key = wrapped.open(passphrase)?;
                let mut inner = self.inner();
                self.open_store(&mut inner, &key)?;
                // The same passphrase unlocks the screen.
                self.unlocked(&mut inner)?;
                let fingerprint = inner.store()?.fingerprint();
                Ok(Some((key, wrapped.of(&fingerprint))))
            });
            match opened {
                Ok(Some((key, wrapped))) => {
                    // From now on the usual way finds it again.
                    self.keep_key(&key, Some(&wrapped))?;
                    return self.start();
                }
                Ok(None) => {}
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or_else(|| DeskError::refusal(DeskError::KEY_LOST)))
    }

    /// Chooses the passphrase of new data.
    pub fn set_passphrase(&self, passphrase: &str) -> Result<StartView, DeskError> {
        // A new key opens nothing that is there, and its file would stand in the way of the right one for ever.
        if Store::exists(&self.store_folder()) && !self.passphrase_file().exists() {
            return Err(DeskError::refusal(DeskError::KEY_LOST));
        }
        let key = self.passphrase_file().create(passphrase)?;
        self.open_store(&mut self.inner(), &key)?;
        self.start()
    }

    fn find_key(&self) -> Result<Found, DeskError> {
        if self.passphrase_file().exists() {
            return Ok(Found::Passphrase(VaultState::Locked));
        }
        let data = Store::exists(&self.store_folder());
        // Data without their key: by the recovery passphrase, where one was set.
        let without = |error: DeskError| {
            if self.has_recovery() { Ok(Found::Passphrase(VaultState::Recovery)) } else { Err(error) }
        };
        let Some(keyring) = self.keyring() else {
            return if data {
                without(DeskError::refusal(DeskError::KEY_LOST))
            } else {
                Ok(Found::Passphrase(VaultState::NewPassphrase))
            };
        };
        match keyring.load() {
            Ok(Some(key)) => Ok(Found::Key(key)),
            Ok(None) if data => without(DeskError::refusal(DeskError::KEY_LOST)),
            Ok(None) => {
                let key = StoreKey::generate().map_err(VaultError::from)?;
                keyring.keep(&key)?;
                Ok(Found::Key(key))
            }
            // A keyring that does not answer today may have the key tomorrow.
            Err(VaultError::Unavailable(_)) if !data => Ok(Found::Passphrase(VaultState::NewPassphrase)),
            Err(error) => without(error.into()),
        }
    }

    pub(crate) fn keyring(&self) -> Option<Arc<dyn KeyVault>> {
        match &self.config.keyring {
            // Each data folder has its own entry: a second installation must not take over the first one's key.
            KeyringUse::System => {
                Some(Arc::new(OsKeyring::new(crate::IDENTIFIER, self.config.folder.to_string_lossy())))
            }
            KeyringUse::None => None,
            KeyringUse::Given(keyring) => Some(keyring.clone()),
        }
    }

    /// Keeps a key that has just opened the data where the next start looks for it.
    ///
    /// # Errors
    /// Only where neither keyring nor passphrase would find it again.
    pub(crate) fn keep_key(&self, key: &StoreKey, wrapped: Option<&WrappedKey>) -> Result<(), DeskError> {
        let own = self.passphrase_file();
        if own.exists() {
            if let Some(wrapped) = wrapped {
                own.replace(wrapped)?;
            }
            return Ok(());
        }
        match (self.keyring().map(|keyring| keyring.keep(key)), wrapped) {
            (Some(Ok(())), _) => Ok(()),
            // Without a keyring it is the passphrase every time.
            (None | Some(Err(_)), Some(wrapped)) => Ok(own.replace(wrapped)?),
            (Some(Err(error)), None) => Err(error.into()),
            (None, None) => Err(DeskError::refusal(DeskError::KEY_LOST)),
        }
    }

    pub(crate) fn open_store(&self, inner: &mut Inner, key: &StoreKey) -> Result<VaultState, DeskError> {
        // Entered twice: the second one would find the folder in use, by this very program.
        if inner.store.is_none() {
            self.open_data(inner, key)?;
        }
        Ok(VaultState::Ready)
    }

    /// Opens the data, and nothing more.
    pub(crate) fn open_data(&self, inner: &mut Inner, key: &StoreKey) -> Result<(), DeskError> {
        let mut refused = None;
        let store = Store::open_after(&self.store_folder(), key, |store| {
            let copied = self.automatic(|folder| self.back_up(store, folder, BackupReason::Upgrade));
            copied.map(drop).map_err(|error| {
                let cause = StoreError::Io(error.code().to_owned());
                refused = Some(error);
                cause
            })
        });
        // What stood in the way of the backup is the reason, with its own words.
        let mut store = store.map_err(|error| refused.unwrap_or_else(|| error.into()))?;
        // What cannot be settled now is settled the next time; the data open all the same.
        if let Err(error) = self.settle_coming(&store) {
            tracing::warn!(code = error.code(), "the passphrase of a restored backup is not in its place yet");
        }
        let log = store.audit_log()?;
        inner.audit_broken = log.broken;
        // A filing that cannot be read is said where it is looked at.
        inner.audit_cut = store.filings::<FilingHead>().unwrap_or_default().iter().find_map(|filing| {
            let said = filing.head.audit.as_ref()?;
            chain::audit_cut(&log, said, &filing.id.to_string())
        });
        // Nor does that keep the data shut; the next start notes it.
        if let Err(error) = self.note_version(&mut store) {
            tracing::warn!(code = error.code(), "the log does not say yet that the program is another version");
        }
        inner.deleted.clear();
        inner.store = Some(store);
        inner.key = Some(key.clone());
        self.lock_as_before(inner)
    }

    /// Adds to the log of operations that another version of the program has the data now. Looked at where they are opened:
    /// an installer ends the program before it could say anything, and not every one is started by the program.
    fn note_version(&self, store: &mut Store) -> Result<(), StoreError> {
        let now = &self.config.version;
        let before = store.setting::<String>(Store::VERSION)?;
        if before.as_ref() == Some(now) {
            return Ok(());
        }
        store.together(|store| {
            if let Some(before) = before {
                store.audit(&AuditEvent {
                    at: text::stamp(self.config.clock.now()),
                    who: audit::PROGRAM.into(),
                    what: "audit-program-updated".into(),
                    on: format!("{before} → {now}"),
                    outcome: String::new(),
                })?;
            }
            store.set_setting(Store::VERSION, now)
        })
    }

    pub(crate) fn store_folder(&self) -> PathBuf {
        self.config.folder.join("practice").join("data")
    }

    pub(crate) fn recovery_file(&self) -> PassphraseFile {
        PassphraseFile::at(self.store_folder().join("recovery"))
    }

    /// The recovery passphrase of a backup whose data, under the key with this fingerprint, are about to take the place of
    /// those that are here.
    pub(crate) fn coming_file(&self, fingerprint: &str) -> PassphraseFile {
        PassphraseFile::at(self.store_folder().join(format!("{COMING}{fingerprint}")))
    }

    /// Those of restorations that were broken off.
    fn coming_files(&self) -> Vec<PassphraseFile> {
        let entries = std::fs::read_dir(self.store_folder()).into_iter().flatten().flatten();
        let coming = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(COMING));
        coming.map(|entry| PassphraseFile::at(entry.path())).collect()
    }

    fn has_recovery(&self) -> bool {
        self.recovery_file().exists() || !self.coming_files().is_empty()
    }

    /// Whether a keyring that loses the key would take data with it that nobody makes anew, as the practice's are.
    pub(crate) fn wants_recovery(&self, inner: &Inner) -> bool {
        let Some(store) = &inner.store else { return false };
        let own = own_units(store).is_ok_and(|units| !units.is_empty())
            || joined_units(store).is_ok_and(|units| !units.is_empty());
        own && !self.passphrase_file().exists() && !self.has_recovery()
    }

    /// The passphrase of what was restored takes the place of the one before; those of what was not are of no use any more.
    fn settle_coming(&self, store: &Store) -> Result<(), VaultError> {
        for coming in self.coming_files() {
            // What cannot be read opens nothing.
            if let Ok(Some(wrapped)) = coming.read()
                && wrapped.may_be(&store.fingerprint())
            {
                self.recovery_file().replace(&wrapped)?;
            }
            coming.remove()?;
        }
        Ok(())
    }

    pub(crate) fn passphrase_file(&self) -> PassphraseFile {
        PassphraseFile::at(self.store_folder().join("key"))
    }
}
