//! Backups: every day and before each upgrade by themselves, by hand to wherever the user wants, and back again.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError, TryLockError};

use huijiao_store::vault::WrappedKey;
use huijiao_store::{Backup, BackupError, BackupNote, BackupReason, Store, StoreError, StoreKey, failpoint};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use crate::error::DeskError;
use crate::import::TicketSource;
use crate::views::{BackupChoice, BackupLine, BackupsView, ExportedFile, PassphraseUse, RestoreView, StartView};
use crate::{Desk, leftovers, text};

/// Daily backups are kept for so many days, weeks and months that have one.
const DAYS: usize = 14;
const WEEKS: usize = 8;
const MONTHS: usize = 12;
/// Backups of before an upgrade or a restoration, each.
const OTHERS: usize = 5;
const ENDING: &str = "hjb";
/// Which folder the automatic backups go to. It lies beside the data, not in them: it is this computer's, whatever is
/// restored.
const CHOSEN: &str = "backup-folder.json";
pub(crate) const STAMP: &str = "%Y%m%d-%H%M%S";

/// A backup by its file name, `huijiao-20260706-143200-daily.hjb`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    made: DateTime,
    reason: BackupReason,
}

impl Named {
    fn parse(name: &str) -> Option<Self> {
        let (day, rest) = name.strip_prefix("huijiao-")?.strip_suffix(&format!(".{ENDING}"))?.split_once('-')?;
        let (time, reason) = rest.split_once('-')?;
        let named = Self {
            made: DateTime::strptime(STAMP, format!("{day}-{time}")).ok()?,
            reason: BackupReason::ALL.into_iter().find(|known| known.as_str() == reason)?,
        };
        // No other spelling of the same: the name is also what the page asks with.
        (named.file_name() == name).then_some(named)
    }

    pub(crate) fn file_name(&self) -> String {
        format!("huijiao-{}-{}.{ENDING}", self.made.strftime(STAMP), self.reason.as_str())
    }
}

/// What rotation takes away. Days that have no backup do not count, so a clock that ran ahead costs nothing.
fn superfluous(mut all: Vec<Named>) -> Vec<Named> {
    all.sort_by(|a, b| b.cmp(a));
    let daily: Vec<Date> = all.iter().filter(|b| b.reason == BackupReason::Daily).map(|b| b.made.date()).collect();
    let days = newest(&daily, DAYS, |day| day);
    let weeks = newest(&daily, WEEKS, |day| (day.iso_week_date().year(), day.iso_week_date().week()));
    let months = newest(&daily, MONTHS, |day| (day.year(), day.month()));
    // Every day that is kept is a sound one after it: what was wrong then was mended long ago.
    let outlived = |day: Date| days.len() == DAYS && days.iter().all(|sound| *sound > day);
    let (mut seen, mut others, mut last_unproven) = (HashSet::new(), [0, 0], true);
    all.retain(|backup| {
        let day = backup.made.date();
        let kept = match backup.reason {
            // Where there are two of a day, the newer one.
            BackupReason::Daily => {
                seen.insert(day) && (days.contains(&day) || weeks.contains(&day) || months.contains(&day))
            }
            BackupReason::Upgrade | BackupReason::Restore => {
                let count = &mut others[usize::from(backup.reason == BackupReason::Restore)];
                *count += 1;
                *count <= OTHERS
            }
            BackupReason::Unproven => std::mem::take(&mut last_unproven) && !outlived(day),
            BackupReason::Manual => true,
        };
        !kept
    });
    all
}

/// The newest day of each of the newest `most` spans.
fn newest<T: Eq + Hash>(days: &[Date], most: usize, span: impl Fn(Date) -> T) -> HashSet<Date> {
    let mut spans = HashSet::new();
    days.iter().copied().filter(|day| spans.insert(span(*day))).take(most).collect()
}

/// A backup file at hand; bytes that a browser sent lie in a file of their own meanwhile.
struct Source {
    name: String,
    path: PathBuf,
    _sent: Option<tempfile::TempPath>,
}

impl Desk {
    /// The backups of this computer; there need be no data that can be opened.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn backups(&self) -> Result<BackupsView, DeskError> {
        let (beside, chosen) = (self.backup_folder(), self.chosen_backup_folder());
        let mut all: BTreeMap<Named, PathBuf> = BTreeMap::new();
        let mut list = |folder: &Path, found: Vec<Named>| {
            all.extend(found.into_iter().map(|one| {
                let path = folder.join(one.file_name());
                (one, path)
            }));
        };
        list(&beside, named(&beside)?);
        // Where it is away the others are shown all the same.
        if let Some(folder) = chosen.as_ref().filter(|folder| self.folders.answers(folder)) {
            list(folder, named(folder).unwrap_or_default());
        }
        let backups = all.values().rev().map(|path| self.line(path)).collect();
        let trouble = self.inner().backup_trouble.as_ref().map(|error| self.to_ui(error, ""));
        let passphrase = if self.passphrase_file().exists() {
            PassphraseUse::Data
        } else if self.recovery_file().exists() {
            PassphraseUse::Recovery
        } else {
            PassphraseUse::None
        };
        let own = chosen.is_some();
        let folder = chosen.unwrap_or(beside).to_string_lossy().into_owned();
        Ok(BackupsView { folder, chosen: own, backups, passphrase, trouble })
    }

    /// Chooses where the automatic backups go from now on: into a folder of this computer's own in the folder of this
    /// ticket, or beside the data again. The first is made at once; what lies where they went before stays there.
    ///
    /// A folder of its own: several computers may share a disk, also such as have the same data; and a disk that is away
    /// has no such folder, whatever lies where it is to be mounted.
    ///
    /// # Errors
    /// A folder that cannot be written: then it is not chosen. The local data is locked.
    pub fn backup_folder_set(&self, ticket: Option<&str>) -> Result<BackupsView, DeskError> {
        let wanted = self.chosen_folder(ticket)?.filter(|folder| *folder != self.backup_folder());
        let wanted = wanted.map(|folder| self.own_folder_in(folder)).transpose()?;
        let before = self.chosen_backup_folder().filter(|before| Some(before) != wanted.as_ref());
        // Whoever makes one for the folder of before is done first: else it would count for this one.
        let one = self.one_backup();
        {
            let mut inner = self.inner();
            let store = inner.store()?;
            // What is erased later is looked for there too.
            if let Some(before) = before {
                leftovers::note_former(store, before)?;
            }
            let failed = |source| DeskError::FileWrite { name: CHOSEN.into(), source };
            let bytes = serde_json::to_vec(&wanted).map_err(|error| failed(error.into()))?;
            huijiao_files::replace(&self.config.folder.join(CHOSEN), &bytes).map_err(failed)?;
            inner.backed_up = None;
        }
        self.see_to_today();
        drop(one);
        self.backups()
    }

    /// This computer's own folder in one that was chosen: the one that it has there, or a new one.
    fn own_folder_in(&self, folder: PathBuf) -> Result<PathBuf, DeskError> {
        let failed = |source| DeskError::FileWrite { name: folder.to_string_lossy().into_owned(), source };
        let own = self.chosen_backup_folder().filter(|own| *own == folder || own.parent() == Some(&folder));
        match own.filter(|own| own.is_dir()) {
            Some(own) => tempfile::tempfile_in(&own).map(|_| own),
            None => tempfile::Builder::new().prefix("huijiao-").tempdir_in(&folder).map(tempfile::TempDir::keep),
        }
        .map_err(failed)
    }

    /// Makes a backup in the folder of this ticket, or in the export folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn backup_make(&self, ticket: Option<&str>) -> Result<ExportedFile, DeskError> {
        let folder = self.chosen_folder(ticket)?.unwrap_or_else(|| self.config.export_folder.join("备份"));
        let step = self.begin_step();
        let (onlooker, key) = {
            let mut inner = self.inner();
            let store = inner.store()?;
            self.take_key_files(store)?;
            (store.onlooker()?, self.way_in(store)?)
        };
        // The lock is not held from here on: the data of many years take a while.
        let (file, at) = self.name_of_now(&folder, BackupReason::Manual);
        let note = BackupNote { at: &at, version: &self.config.version, reason: BackupReason::Manual, key };
        let whole = folder.join(&file);
        let far = step.clone();
        let made = onlooker.back_up(&whole, &note, move |done, all| far.at(kilobytes(done), Some(kilobytes(all))));
        if let Err(error) = made {
            step.still_wanted()?;
            return Err(error.into());
        }
        let settled =
            self.settle_step(&step).and_then(|()| leftovers::note_backup(self.inner().store()?, whole.clone()));
        settled.inspect_err(|_| {
            // One that nobody knows of would be kept for ever.
            let _ = std::fs::remove_file(&whole);
        })?;
        Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
    }

    /// Reads a whole backup of the list and proves it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn backup_check(&self, name: &str) -> Result<BackupLine, DeskError> {
        let source = self.source(&BackupChoice { name: Some(name.to_owned()), ticket: None })?;
        let backup = Backup::look(&source.path)?;
        let own = self.inner().key.clone();
        let key = own.filter(|key| key.fingerprint().is_ok_and(|print| print == backup.head.fingerprint));
        self.prove(&backup, key.as_ref())?;
        Ok(self.line(&source.path))
    }

    /// Proves a backup, in a step that can be given up.
    fn prove(&self, backup: &Backup, key: Option<&StoreKey>) -> Result<(), DeskError> {
        let step = self.begin_step();
        let far = step.clone();
        let told = move |done, all| far.at(kilobytes(done), Some(kilobytes(all)));
        if let Err(error) = backup.prove_until(&self.config.folder, key, told) {
            step.still_wanted()?;
            return Err(error.into());
        }
        self.settle_step(&step)
    }

    /// Sets or changes the passphrase under which backups open on another computer.
    ///
    /// # Errors
    /// A weak passphrase; data that are not open.
    pub fn passphrase_change(&self, passphrase: &str) -> Result<BackupsView, DeskError> {
        let key = self.inner().key.clone().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))?;
        let wrapped = WrappedKey::wrap(&key, passphrase)?;
        let own = self.passphrase_file();
        let file = if own.exists() { own } else { self.recovery_file() };
        file.replace(&wrapped)?;
        self.backups()
    }

    /// What a backup is and what restoring it would do; the whole file is read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn restore_look(&self, choice: &BackupChoice) -> Result<RestoreView, DeskError> {
        let source = self.source(choice)?;
        let backup = Backup::look(&source.path)?;
        std::fs::create_dir_all(&self.config.folder).map_err(StoreError::from)?;
        self.prove(&backup, None)?;
        let asks_passphrase = self.own_key(&backup).is_none();
        if asks_passphrase && backup.head.key.is_none() {
            return Err(BackupError::NoKey.into());
        }
        let replaces = match &self.inner().store {
            Some(store) => !store.is_blank()?,
            None => Store::exists(&self.store_folder()),
        };
        let line = BackupLine { name: source.name.clone(), ..self.line(&source.path) };
        Ok(RestoreView { backup: line, asks_passphrase, replaces })
    }

    /// Puts a backup in the place of the data of this computer, which are backed up first, or put aside byte for byte
    /// where they cannot be opened.
    ///
    /// # Errors
    /// What is wrong with it, or another passphrase: then nothing has changed.
    pub fn restore(&self, choice: &BackupChoice, passphrase: &str) -> Result<StartView, DeskError> {
        let _one = self.submitting.try_lock().map_err(|_| DeskError::refusal(DeskError::BUSY))?;
        // A backup that is being made still reads what is replaced here.
        self.step_cancel();
        let backing_up = self.one_backup();
        self.look_for_backups();
        let source = self.source(choice)?;
        let backup = Backup::look(&source.path)?;
        let key = match (self.own_key(&backup), &backup.head.key) {
            (Some(key), _) => key,
            (None, Some(wrapped)) => wrapped.open(passphrase)?,
            (None, None) => return Err(BackupError::NoKey.into()),
        };
        std::fs::create_dir_all(&self.config.folder).map_err(StoreError::from)?;
        backup.prove(&self.config.folder, Some(&key))?;
        let folder = self.store_folder();
        let aside = self.aside();
        let mut inner = self.inner();
        let mut kept = false;
        let old = inner.key.clone();
        let mut way_in = None;
        if let (Some(store), Some(old)) = (&mut inner.store, &old) {
            if !store.is_blank()? {
                self.take_key_files(store)?;
                // Nobody may be left with data whose only key went with them.
                let wrapped = match self.way_in(store)? {
                    None if *old != key => Some(WrappedKey::wrap(old, passphrase)?),
                    wrapped => wrapped,
                };
                self.automatic(|folder| self.write(store, folder, BackupReason::Restore, wrapped.clone()))?;
            }
            // The same key goes on under the passphrase that it has by now.
            way_in = self.way_in(store)?.filter(|_| *old == key);
            kept = true;
        }
        // Whoever works with what was there stops.
        inner.close();
        // The way in by passphrase lies beside the one that is there before the data are in place, and takes its place
        // after: broken off in between, one of the two opens what is there.
        let fingerprint = key.fingerprint()?;
        let coming = self.coming_file(&fingerprint);
        let known = coming.exists();
        if way_in.is_none() {
            way_in = backup.head.key.clone().map(|wrapped| wrapped.of(&fingerprint));
            if let Some(wrapped) = &way_in {
                coming.replace(wrapped)?;
            }
        }
        failpoint::pass("restore-way-in");
        if let Err(error) = backup.restore(&folder, &key, &aside) {
            // One of an earlier restoration, which was broken off, may be the way into what is there.
            if !known && let Err(error) = coming.remove() {
                tracing::warn!(code = error.code(), "a passphrase that opens nothing is still there");
            }
            return Err(error.into());
        }
        failpoint::pass("restore-data");
        if kept {
            // They are in the backup of just now.
            let _ = std::fs::remove_dir_all(&aside);
        }
        self.keep_key(&key, way_in.as_ref())?;
        self.open_data(&mut inner, &key)?;
        self.unlocked(&mut inner)?;
        let store = inner.store()?;
        store.audit_branch()?;
        // Before the backup of today, which would take those of this computer for all there are.
        self.lay_key_files(store)?;
        drop(inner);
        drop(backing_up);
        self.start()
    }

    /// Asks after the folder that was chosen, as long as nobody holds the desk.
    pub(crate) fn look_for_backups(&self) {
        if let Some(folder) = self.chosen_backup_folder() {
            self.folders.answers(&folder);
        }
    }

    /// Makes the backup of today where there is none yet, and erases what is kept no longer, each once a day. What goes
    /// wrong keeps nobody from working; a backup that is not there is said. Nor does anybody wait for one that is being
    /// made: a screen is shown, and locked, meanwhile, and whoever looks next sees to the rest.
    pub(crate) fn back_up_daily(&self) {
        let _one = match self.backing_up.try_lock() {
            Ok(one) => one,
            Err(TryLockError::Poisoned(one)) => one.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        self.see_to_today();
    }

    /// As [`Desk::back_up_daily`], behind the screens: a folder may be slow, and what the day brings is told by the notices.
    pub(crate) fn back_up_later(self: &Arc<Self>) {
        let desk = self.clone();
        drop(tokio::task::spawn_blocking(move || desk.back_up_daily()));
    }

    /// As [`Desk::back_up_daily`], for whoever has the right to make a backup.
    fn see_to_today(&self) {
        let today = text::local(self.config.clock.now()).date();
        let (due, away) = {
            let inner = self.inner();
            if inner.store.is_none() {
                return;
            }
            let away = inner.backup_trouble.as_ref().is_some_and(|error| error.code() == DeskError::BACKUP_FOLDER);
            (inner.backed_up != Some(today), away)
        };
        // A disk that is there again gets its backup of today too.
        let back = || away && self.chosen_backup_folder().is_some_and(|folder| self.folders.answers(&folder));
        if due || back() {
            let outcome = self.backup_of(today);
            if let Err(error) = &outcome {
                tracing::warn!(code = error.code(), "no backup today");
            }
            let mut inner = self.inner();
            inner.backed_up = Some(today);
            inner.backup_trouble = outcome.unwrap_or_else(Some);
        }
        let mut inner = self.inner();
        if inner.erased != Some(today) && self.knows_the_time(&inner) {
            match self.erase_old(&mut inner) {
                Ok(()) => inner.erased = Some(today),
                // Tried again when next somebody looks.
                Err(error) => tracing::warn!(code = error.code(), "old copies are still there"),
            }
        }
    }

    /// The right to make a backup, or to see to it that none is being made.
    pub(crate) fn one_backup(&self) -> MutexGuard<'_, ()> {
        self.backing_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the backup of this day where there is none; what the user must know of where it went.
    fn backup_of(&self, today: Date) -> Result<Option<DeskError>, DeskError> {
        let own = {
            let mut inner = self.inner();
            let store = inner.store()?;
            if store.is_blank()? {
                return Ok(None);
            }
            store.fingerprint()
        };
        // Beside the data may lie others' as well: a restoration brings data under another key.
        let known = |folder: &Path| ours(folder, &own);
        let ((), trouble) = self.automatic(|folder| {
            let there = known(folder)?.iter().any(|b| b.reason == BackupReason::Daily && b.made.date() == today);
            if there {
                return Ok(());
            }
            let made = self.back_up_proven(folder);
            // Only one that brings everything back takes the place of older ones.
            let gone = |old: &Named| made.is_ok() || old.reason == BackupReason::Unproven;
            for old in superfluous(known(folder)?).into_iter().filter(gone) {
                // The backup of today is made all the same.
                if let Err(error) = std::fs::remove_file(folder.join(old.file_name())) {
                    tracing::warn!(%error, "an old backup is still there");
                }
            }
            made
        })?;
        Ok(trouble)
    }

    /// Makes a daily backup and proves it; the data are held for a moment at the beginning only. It has the name of a day's
    /// once it is proven: what is not, or was broken off before, never takes the place of a sound one.
    pub(crate) fn back_up_proven(&self, folder: &Path) -> Result<(), DeskError> {
        let (onlooker, way_in, key) = {
            let mut inner = self.inner();
            let key = inner.key.clone().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))?;
            let store = inner.store()?;
            self.take_key_files(store)?;
            (store.onlooker()?, self.way_in(store)?, key)
        };
        let (name, at) = self.name_of_now(folder, BackupReason::Daily);
        let note = BackupNote { at: &at, version: &self.config.version, reason: BackupReason::Daily, key: way_in };
        let made = folder.join(self.name_of_now(folder, BackupReason::Unproven).0);
        onlooker.back_up(&made, &note, |_, _| ControlFlow::Continue(()))?;
        let proven = Backup::look(&made).and_then(|backup| backup.prove_whole(&self.config.folder, &key));
        let Err(unproven) = proven else {
            return Ok(huijiao_files::rename(&made, &folder.join(name)).map_err(StoreError::from)?);
        };
        let damaged = matches!(unproven, BackupError::Damaged(_));
        Err(if damaged { DeskError::refusal(DeskError::BACKUP_UNPROVEN) } else { unproven.into() })
    }

    /// Has something written where the automatic backups go. Where that is a folder of the user's that is away or cannot
    /// be written, it goes beside the data, and what is to be said about it comes back.
    pub(crate) fn automatic<T>(
        &self,
        mut write: impl FnMut(&Path) -> Result<T, DeskError>,
    ) -> Result<(T, Option<DeskError>), DeskError> {
        let beside = self.backup_folder();
        let Some(chosen) = self.chosen_backup_folder() else { return Ok((write(&beside)?, None)) };
        // One that is not there is not made: it would lie where a disk or a share is to be mounted.
        if self.folders.answers(&chosen) {
            match write(&chosen) {
                Ok(made) => return Ok((made, None)),
                // It is the data that do not open; another folder gets the same.
                Err(error) if error.code() == DeskError::BACKUP_UNPROVEN => return Err(error),
                Err(error) => tracing::warn!(code = error.code(), "no backup in the folder that was chosen"),
            }
        }
        let trouble = DeskError::refusal_with(DeskError::BACKUP_FOLDER, "folder", chosen.to_string_lossy());
        Ok((write(&beside)?, Some(trouble)))
    }

    /// Writes a backup of the data as they are; its file name.
    pub(crate) fn back_up(&self, store: &Store, folder: &Path, reason: BackupReason) -> Result<String, DeskError> {
        self.write(store, folder, reason, self.way_in(store)?)
    }

    fn write(
        &self,
        store: &Store,
        folder: &Path,
        reason: BackupReason,
        key: Option<WrappedKey>,
    ) -> Result<String, DeskError> {
        let (name, at) = self.name_of_now(folder, reason);
        let note = BackupNote { at: &at, version: &self.config.version, reason, key };
        store.back_up(&folder.join(&name), &note)?;
        Ok(name)
    }

    /// What a backup of now is called in this folder, and when it is made.
    fn name_of_now(&self, folder: &Path, reason: BackupReason) -> (String, String) {
        let now = self.config.clock.now();
        (free_name(folder, text::local(now).datetime(), reason), text::stamp(now))
    }

    /// Beside the data.
    pub(crate) fn backup_folder(&self) -> PathBuf {
        self.config.folder.join("backups")
    }

    /// The folder that the user chose for the automatic backups, where it is another one.
    pub(crate) fn chosen_backup_folder(&self) -> Option<PathBuf> {
        let kept = std::fs::read(self.config.folder.join(CHOSEN)).ok()?;
        serde_json::from_slice::<Option<PathBuf>>(&kept).ok().flatten()
    }

    /// The store's key under the passphrase that there is; never another key that lies in its place.
    fn way_in(&self, store: &Store) -> Result<Option<WrappedKey>, DeskError> {
        let fingerprint = store.fingerprint();
        for file in [self.passphrase_file(), self.recovery_file()] {
            if let Some(wrapped) = file.read()?.filter(|wrapped| wrapped.may_be(&fingerprint)) {
                return Ok(Some(wrapped));
            }
        }
        Ok(None)
    }

    /// This computer's key, where it is the one of the backup.
    fn own_key(&self, backup: &Backup) -> Option<StoreKey> {
        let open = self.inner().key.clone();
        // A keyring that does not answer is no reason not to ask for the passphrase.
        let kept = || self.keyring().and_then(|keyring| keyring.load().ok().flatten());
        open.or_else(kept).filter(|key| key.fingerprint().is_ok_and(|print| print == backup.head.fingerprint))
    }

    fn source(&self, choice: &BackupChoice) -> Result<Source, DeskError> {
        match (&choice.name, &choice.ticket) {
            (Some(name), None) if Named::parse(name).is_some() => {
                let chosen = self.chosen_backup_folder().filter(|folder| self.folders.answers(folder));
                let folders = chosen.into_iter().chain([self.backup_folder()]);
                let there = folders.map(|folder| folder.join(name)).find(|path| path.exists());
                let path = there.unwrap_or_else(|| self.backup_folder().join(name));
                Ok(Source { name: name.clone(), path, _sent: None })
            }
            (None, Some(ticket)) => match self.source_of(ticket)? {
                TicketSource::File(path) => {
                    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    Ok(Source { name, path, _sent: None })
                }
                TicketSource::Bytes(name, bytes) => {
                    std::fs::create_dir_all(&self.config.folder).map_err(StoreError::from)?;
                    let sent = tempfile::Builder::new().prefix(".huijiao-").tempfile_in(&self.config.folder);
                    let sent = sent.map_err(StoreError::from)?.into_temp_path();
                    std::fs::write(&sent, bytes.as_slice()).map_err(StoreError::from)?;
                    Ok(Source { name, path: sent.to_path_buf(), _sent: Some(sent) })
                }
            },
            (Some(_) | None, Some(_) | None) => Err(DeskError::refusal(DeskError::BAD_ARGUMENTS)),
        }
    }

    /// The folder that the user chose.
    pub(crate) fn chosen_folder(&self, ticket: Option<&str>) -> Result<Option<PathBuf>, DeskError> {
        match ticket.map(|ticket| self.source_of(ticket)).transpose()? {
            None => Ok(None),
            Some(TicketSource::File(folder)) => Ok(Some(folder)),
            Some(TicketSource::Bytes(..)) => Err(DeskError::refusal(DeskError::BAD_ARGUMENTS)),
        }
    }

    /// What a ticket stands for.
    pub(crate) fn source_of(&self, ticket: &str) -> Result<TicketSource, DeskError> {
        let source = self.inner().tickets.get(ticket).cloned();
        source.ok_or_else(|| DeskError::refusal(DeskError::TICKET_GONE))
    }

    fn line(&self, path: &Path) -> BackupLine {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let size = std::fs::metadata(path).map(|m| m.len()).unwrap_or_default();
        let blank = BackupLine {
            name,
            made_at: String::new(),
            reason: String::new(),
            version: String::new(),
            drafts: 0,
            filings: 0,
            size,
            portable: false,
            problem: None,
        };
        let unproven = Named::parse(&blank.name).filter(|named| named.reason == BackupReason::Unproven);
        match Backup::look(path) {
            Ok(Backup { head, .. }) => BackupLine {
                made_at: text::local_time(&head.made_at),
                reason: unproven.map_or(head.reason, |named| named.reason).as_str().into(),
                version: head.version,
                drafts: head.drafts,
                filings: head.filings,
                portable: head.key.is_some(),
                ..blank
            },
            Err(error) => BackupLine { problem: Some(self.to_ui(&error.into(), "")), ..blank },
        }
    }
}

fn kilobytes(bytes: u64) -> u32 {
    u32::try_from(bytes / 1024).unwrap_or(u32::MAX)
}

/// Two of the same second are told apart by the next one that is free.
fn free_name(folder: &Path, mut made: DateTime, reason: BackupReason) -> String {
    loop {
        let name = Named { made, reason }.file_name();
        let next = made.saturating_add(1.second());
        if next == made || !folder.join(&name).exists() {
            return name;
        }
        made = next;
    }
}

fn named(folder: &Path) -> Result<Vec<Named>, DeskError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::from(error).into()),
    };
    Ok(entries.filter_map(|entry| Named::parse(entry.ok()?.file_name().to_str()?)).collect())
}

/// Those that are of the data under this key: no other's counts for them, or goes for them. A folder on a network may be
/// other computers' too.
pub(crate) fn ours(folder: &Path, fingerprint: &str) -> Result<Vec<Named>, DeskError> {
    let mut all = named(folder)?;
    let own = |path: &Path| Backup::look(path).is_ok_and(|backup| backup.head.fingerprint == fingerprint);
    all.retain(|one| own(&folder.join(one.file_name())));
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    fn one(day: Date, reason: BackupReason) -> Named {
        Named { made: day.at(9, 30, 0, 0), reason }
    }

    /// A year and a half of daily work, rotated every day as the program does.
    #[test]
    fn rotation_keeps_days_weeks_and_months_and_never_the_last_one_away() {
        let (mut kept, mut day) = (Vec::new(), jiff::civil::date(2025, 1, 1));
        while day < jiff::civil::date(2026, 7, 2) {
            kept.push(one(day, BackupReason::Daily));
            let gone = superfluous(kept.clone());
            kept.retain(|backup| !gone.contains(backup));
            assert!(kept.contains(&one(day, BackupReason::Daily)), "what was just made stays");
            day = day.tomorrow().unwrap();
        }
        let days: Vec<Date> = kept.iter().map(|backup| backup.made.date()).collect();
        assert!(days.len() <= DAYS + WEEKS + MONTHS, "{days:?}");
        for back in 0..DAYS as i64 {
            let wanted = jiff::civil::date(2026, 7, 1).checked_sub(jiff::Span::new().days(back)).unwrap();
            assert!(days.contains(&wanted), "{wanted}");
        }
        for wanted in [jiff::civil::date(2026, 5, 31), jiff::civil::date(2025, 12, 31), jiff::civil::date(2025, 8, 31)]
        {
            assert!(days.contains(&wanted), "the end of a month: {wanted} in {days:?}");
        }
        assert!(days.iter().all(|day| *day >= jiff::civil::date(2025, 8, 1)), "nothing is kept for ever: {days:?}");
    }

    #[test]
    fn a_clock_that_ran_ahead_takes_nothing_away() {
        let mut all: Vec<Named> =
            (1..=14).map(|day| one(jiff::civil::date(2026, 7, day), BackupReason::Daily)).collect();
        all.push(one(jiff::civil::date(2099, 1, 1), BackupReason::Daily));
        let gone = superfluous(all);
        assert!(gone.len() <= 1, "{gone:?}");
    }

    #[test]
    fn an_unproven_backup_takes_no_sound_ones_place() {
        let mut all: Vec<Named> =
            (1..=15).map(|day| one(jiff::civil::date(2026, 7, day), BackupReason::Daily)).collect();
        let before = superfluous(all.clone());
        all.push(one(jiff::civil::date(2026, 7, 20), BackupReason::Unproven));
        assert_eq!(superfluous(all), before);
    }

    #[test]
    fn an_unproven_backup_goes_once_as_many_days_after_it_are_sound() {
        let trouble = one(jiff::civil::date(2026, 7, 1), BackupReason::Unproven);
        let sound = |days: i8| (1..=days).map(|day| one(jiff::civil::date(2026, 7, 1 + day), BackupReason::Daily));
        let gone = |days: i8| superfluous(sound(days).chain([trouble.clone()]).collect());
        assert!(gone(13).is_empty(), "it may still be needed");
        assert_eq!(gone(14), std::slice::from_ref(&trouble), "it is not kept for ever");
        let since = one(jiff::civil::date(2026, 7, 14), BackupReason::Unproven);
        assert_eq!(
            superfluous(sound(14).chain([trouble.clone(), since]).collect()),
            [trouble],
            "trouble of since then is another matter"
        );
    }

    #[test]
    fn the_help_says_what_a_file_with_the_ending_of_an_unproven_backup_is() {
        let ending = format!("-{}.{ENDING}", BackupReason::Unproven.as_str());
        let pages: Vec<&str> = huijiao_domain::help::find(&ending).iter().map(|page| page.id).collect();
        assert_eq!(pages, ["screen-data", "backup"], "where it is listed, and what to do");
    }

    #[test]
    fn others_are_kept_apart_and_what_the_user_made_stays() {
        let mut all: Vec<Named> = Vec::new();
        for day in 1..=9 {
            for reason in BackupReason::ALL {
                all.push(one(jiff::civil::date(2026, 7, day), reason));
            }
        }
        let gone = superfluous(all);
        let count = |reason| gone.iter().filter(|backup| backup.reason == reason).count();
        assert_eq!((count(BackupReason::Upgrade), count(BackupReason::Restore)), (4, 4));
        assert_eq!((count(BackupReason::Daily), count(BackupReason::Manual)), (0, 0));
        assert_eq!(count(BackupReason::Unproven), 8, "the last one says all that the ones before did");
        assert!(!gone.contains(&one(jiff::civil::date(2026, 7, 9), BackupReason::Upgrade)), "the oldest go");
    }

    #[test]
    fn two_backups_of_the_same_second_are_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let made = jiff::civil::date(2026, 7, 6).at(23, 59, 59, 0);
        let mut names = HashSet::new();
        for _ in 0..3 {
            let name = free_name(folder.path(), made, BackupReason::Restore);
            std::fs::write(folder.path().join(&name), "").unwrap();
            assert!(Named::parse(&name).is_some() && names.insert(name), "a name of its own");
        }
    }

    #[test]
    fn only_names_of_ours_are_looked_at() {
        let name = "huijiao-20260706-143200-daily.hjb";
        assert_eq!(Named::parse(name).unwrap().file_name(), name);
        for foreign in [
            "",
            "huijiao-20260706-143200-daily.hjb.part",
            "../huijiao-20260706-143200-daily.hjb",
            "huijiao-20260706-143200-other.hjb",
            "huijiao-20261306-143200-daily.hjb",
            "huijiao-2026076-143200-daily.hjb",
        ] {
            assert_eq!(Named::parse(foreign), None, "{foreign}");
        }
    }
}
