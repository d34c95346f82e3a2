//! What still holds what was erased: backups of before, here and where the user took them, and data that a restoration
//! put aside because they could not be opened.

use std::path::PathBuf;

use huijiao_store::{Backup, Store, StoreError};
use jiff::Zoned;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::backup::{STAMP, ours};
use crate::error::DeskError;
use crate::views::{OlderBackup, OlderBackups, OlderBackupsGone};
use crate::{Desk, text};

/// Setting: when the user last had something erased.
const ERASED: &str = "erased-at";
/// Setting: the backups that the user made, wherever they lie.
const TAKEN: &str = "backups-taken";
/// Setting: the folders that the automatic backups went to before.
const FORMER: &str = "backup-folders-former";
const ASIDE: &str = "replaced-";

/// A backup that was made at some time, and where it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    path: PathBuf,
    made_at: String,
}

/// What the data say of backups: where they lie is looked at while nobody holds the desk.
struct Noted {
    erased_at: String,
    taken: Vec<Taken>,
    former: Vec<PathBuf>,
    /// Of the key of the data.
    fingerprint: String,
}

impl Noted {
    /// Nothing where nothing was erased.
    fn of(store: &Store) -> Result<Option<Self>, DeskError> {
        let Some(erased_at) = store.setting::<String>(ERASED)? else { return Ok(None) };
        Ok(Some(Self {
            erased_at,
            taken: store.setting(TAKEN)?.unwrap_or_default(),
            former: store.setting(FORMER)?.unwrap_or_default(),
            fingerprint: store.fingerprint(),
        }))
    }
}

impl Desk {
    /// Backups of before the last erasure, the oldest first; a folder that they went to once and that is away, whatever is
    /// in it, before them.
    pub(crate) fn older_backups(&self) -> Result<Option<OlderBackups>, DeskError> {
        let Some(noted) = Noted::of(self.inner().store()?)? else { return Ok(None) };
        let backups: Vec<OlderBackup> = self.older(&noted)?.iter().map(|one| self.older_view(one)).collect();
        let erased_at = noted.erased_at;
        Ok((!backups.is_empty()).then(|| OlderBackups { erased_at: text::local_time(&erased_at), backups }))
    }

    /// Deletes them, once there is a proven backup of the data as they are now. Those that are not where they were put
    /// cannot be deleted from here: they are named once more.
    ///
    /// # Errors
    /// When no backup can be made that brings everything back: then none is deleted. When one of them cannot be deleted.
    pub fn older_backups_delete(&self) -> Result<OlderBackupsGone, DeskError> {
        let _one = self.one_backup();
        let Some(noted) = Noted::of(self.inner().store()?)? else { return Ok(OlderBackupsGone::default()) };
        let older = self.older(&noted)?;
        if older.is_empty() {
            return Ok(OlderBackupsGone::default());
        }
        self.automatic(|folder| self.back_up_proven(folder))?;
        let (here, missing): (Vec<_>, Vec<_>) = older.iter().partition(|one| self.lies_there(one));
        for one in &here {
            std::fs::remove_file(&one.path).map_err(StoreError::from)?;
        }
        let mut inner = self.inner();
        let store = inner.store()?;
        let mut taken: Vec<Taken> = store.setting(TAKEN)?.unwrap_or_default();
        taken.retain(|one| !older.contains(one));
        store.set_setting(TAKEN, &taken)?;
        // What was in those that were here is gone, and those that are away have been named.
        let mut former: Vec<PathBuf> = store.setting(FORMER)?.unwrap_or_default();
        former.retain(|folder| !noted.former.contains(folder));
        store.set_setting(FORMER, &former)?;
        drop(inner);
        let deleted = u32::try_from(here.len()).unwrap_or(u32::MAX);
        let missing = missing.into_iter().map(|one| self.older_view(one)).collect();
        Ok(OlderBackupsGone { deleted, missing, summary: format!("备份 {deleted}") })
    }

    /// Whether the file that lies there is this one.
    fn lies_there(&self, one: &Taken) -> bool {
        one.path.parent().is_some_and(|folder| self.folders.answers(folder))
            && Backup::look(&one.path).is_ok_and(|backup| backup.head.made_at == one.made_at)
    }

    fn older_view(&self, one: &Taken) -> OlderBackup {
        OlderBackup {
            path: one.path.to_string_lossy().into_owned(),
            made_at: text::local_time(&one.made_at),
            here: self.lies_there(one),
        }
    }

    fn older(&self, noted: &Noted) -> Result<Vec<Taken>, DeskError> {
        let beside = self.backup_folder();
        // Nothing that was erased is in those of other data, and nothing else may have what is in them.
        let own = ours(&beside, &noted.fingerprint)?;
        let mut here: Vec<PathBuf> = own.iter().map(|one| beside.join(one.file_name())).collect();
        let mut all = noted.taken.clone();
        let chosen = self.chosen_backup_folder();
        for folder in chosen.iter().chain(noted.former.iter().filter(|folder| chosen.as_ref() != Some(*folder))) {
            if self.folders.answers(folder) {
                let there = ours(folder, &noted.fingerprint).unwrap_or_default();
                here.extend(there.iter().map(|one| folder.join(one.file_name())));
            } else if chosen.as_ref() != Some(folder) {
                // That of now is named where backups are made; nobody else names this one.
                all.push(Taken { path: folder.clone(), made_at: String::new() });
            }
        }
        for path in here {
            // How old one is that cannot be read nobody knows; the list of backups shows it.
            let Ok(backup) = Backup::look(&path) else { continue };
            if all.iter().all(|known| known.path != path) {
                all.push(Taken { path, made_at: backup.head.made_at });
            }
        }
        all.retain(|one| one.made_at < noted.erased_at);
        all.sort_by(|a, b| a.made_at.cmp(&b.made_at));
        Ok(all)
    }

    /// Data that a restoration put aside before any of these moments. The newest of them stays: it may be all there is of
    /// what was in it.
    pub(crate) fn put_aside(&self, since: &[Zoned]) -> Result<Vec<PathBuf>, DeskError> {
        let Some(before) = since.iter().map(Zoned::datetime).max() else { return Ok(Vec::new()) };
        let entries = match std::fs::read_dir(&self.config.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(StoreError::from)?,
        };
        let mut aside: Vec<(DateTime, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let stamp = path.file_name()?.to_str()?.strip_prefix(ASIDE)?;
                Some((DateTime::strptime(STAMP, stamp).ok()?, path))
            })
            .collect();
        aside.sort();
        aside.pop();
        Ok(aside.into_iter().filter(|(at, _)| *at < before).map(|(_, path)| path).collect())
    }

    /// Where a restoration puts what it cannot open.
    pub(crate) fn aside(&self) -> PathBuf {
        let at = text::local(self.config.clock.now());
        self.config.folder.join(format!("{ASIDE}{}", at.strftime(STAMP)))
    }
}

/// Notes that something was erased at this moment.
pub(crate) fn note_erasure(store: &mut Store, at: &str) -> Result<(), DeskError> {
    Ok(store.set_setting(ERASED, &at)?)
}

/// Notes a folder that the automatic backups go to no longer.
pub(crate) fn note_former(store: &mut Store, folder: PathBuf) -> Result<(), DeskError> {
    let mut former: Vec<PathBuf> = store.setting(FORMER)?.unwrap_or_default();
    former.retain(|known| *known != folder);
    former.push(folder);
    Ok(store.set_setting(FORMER, &former)?)
}

/// Notes where the user's own backup lies.
pub(crate) fn note_backup(store: &mut Store, path: PathBuf) -> Result<(), DeskError> {
    let made_at = Backup::look(&path)?.head.made_at;
    let mut taken: Vec<Taken> = store.setting(TAKEN)?.unwrap_or_default();
    taken.retain(|one| one.path != path);
    taken.push(Taken { path, made_at });
    Ok(store.set_setting(TAKEN, &taken)?)
}
