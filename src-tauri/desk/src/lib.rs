//! The clerk's steps, one after the other: open a workbook, check it against the roster, mend it, review it,
//! sign it, submit it, verify the receipt.
//!
//! The desk knows no window and no browser; [`calls`] is where both come in. Time, new ids and the practice center
//! come in through [`ports`]. What it keeps, it keeps in the store before it says so.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use huijiao_domain::profile::CenterProfile;
pub use huijiao_files::never_dumped;
use huijiao_sheets::WorkerProgram;
pub use huijiao_signing::Tokens;
use huijiao_store::vault::KeyVault;
use huijiao_store::{Store, StoreKey};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

pub mod calls;
pub mod draft;
pub mod error;
pub mod papers;
pub mod ports;
pub mod text;
pub mod views;

mod about;
mod approval;
mod asking;
mod attachments;
mod audit;
mod background;
mod backup;
mod calibration;
mod certificates;
mod chain;
mod cities;
mod comparison;
mod contributors;
mod drafts;
mod events;
mod evidence;
mod filings;
mod folders;
mod help;
mod import;
mod joining;
mod kept;
mod key_files;
mod kinds;
mod leftovers;
mod lock;
mod month;
mod notices;
mod opened;
mod overview;
mod panics;
mod preferences;
mod profile_form;
mod profiles;
mod quarantine;
mod queries;
mod readiness;
mod retention;
mod review;
mod search;
pub mod secret;
mod session;
mod split;
mod stamps;
mod statement;
mod step;
mod submit;
mod templates;
mod tokens;
mod units;
mod updates;
mod uploads;
mod vault;
mod verdicts;
mod withdrawal;
mod workbooks;

pub use error::DeskError;
pub use panics::note_panics_by_place;

use background::{Background, in_place};
use comparison::Comparing;
use import::{Opened, TicketSource};
use ports::{Clock, PracticeDoor, UpdateDoor};
use session::Session;

/// Where the key of the local data is kept.
#[derive(Clone)]
pub enum KeyringUse {
    /// In the system's keyring, with a passphrase where there is none.
    System,
    /// Never in a keyring: a passphrase.
    None,
    /// In this one.
    Given(Arc<dyn KeyVault>),
}

/// What a desk is set up with.
pub struct DeskConfig {
    /// Everything the desk keeps lies under this folder.
    pub folder: PathBuf,
    /// Where evidence is written for the user.
    pub export_folder: PathBuf,
    /// The program that reads workbooks and runs drivers in processes of its own, see [`serve_if_asked`].
    pub worker: WorkerProgram,
    /// Where the key of the local data is kept.
    pub keyring: KeyringUse,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// The practice center, where this program has one.
    pub practice: Option<Arc<dyn PracticeDoor>>,
    /// Where newer programs come from, where whoever publishes this one named a place.
    pub updates: Option<Arc<dyn UpdateDoor>>,
    /// Where USB tokens are looked for.
    pub tokens: Tokens,
    /// After which pauses a filing without an answer is asked for again; [`PAUSES`] where people wait for it.
    pub pauses: Vec<Duration>,
    /// Version of the program.
    pub version: String,
}

/// Pauses after which a filing without an answer is asked for again (faults.md F12); after the last, whoever opens the
/// unit anew asks.
pub const PAUSES: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(40),
    Duration::from_secs(120),
];

/// One clerk's desk.
pub struct Desk {
    config: DeskConfig,
    inner: Mutex<Inner>,
    /// The long step under way.
    step: Mutex<Option<step::Step>>,
    /// Held while a backup is made that nobody asked for by name, and by whoever must not meet one: never asked for while
    /// the data are held.
    backing_up: Mutex<()>,
    /// Where backups lie.
    folders: folders::Folders,
    /// As it was typed or as the keyring gave it.
    proxy_password: Mutex<Option<secrecy::SecretString>>,
    /// Held through a submission: the button can be pressed twice, the filing cannot be sent twice.
    submitting: tokio::sync::Mutex<()>,
    /// Held while the chain of receipts is checked: what is known in the end is what was asked for last.
    chaining: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Inner {
    store: Option<Store>,
    /// Of the open store: a backup carries it under the passphrase.
    key: Option<StoreKey>,
    /// The day whose backup was seen to.
    backed_up: Option<Date>,
    backup_trouble: Option<DeskError>,
    /// The day on which what is kept no longer was last erased.
    erased: Option<Date>,
    /// What was erased still lies in the log beside the database.
    unemptied: bool,
    /// The first place at which the log of operations does not hold.
    audit_broken: Option<u64>,
    /// A filing that knows more of the log than there is.
    audit_cut: Option<views::UiError>,
    /// The receipts of the open unit, as the center gave them last.
    chain: Option<Arc<chain::Chain>>,
    /// The screen is locked: the page is given nothing.
    locked: bool,
    /// Who was logged in when it was locked: the program may have been started anew since.
    locked_by: Option<lock::LockedBy>,
    session: Option<Session>,
    /// What was refused last, for technical support.
    refused: VecDeque<about::Refused>,
    tickets: BTreeMap<String, TicketSource>,
    /// The workbook read last: choosing another column must not read the file again.
    opened: Option<Arc<Opened>>,
    drafts: HashMap<Uuid, draft::Draft>,
    /// The drafts that were deleted last, together, until the program ends.
    deleted: Vec<huijiao_store::DeletedDraft>,
    /// What the review that was looked at last stands for.
    prepared: Option<Arc<submit::Prepared>>,
    /// The comparison looked at last.
    comparing: Option<Comparing>,
    /// Whoever listens to the open unit's center.
    listening: Option<Background>,
    /// Whoever asks again for what has no answer.
    asking: Option<Background>,
    /// Whoever checks the chain of receipts of a unit that was just opened.
    checking: Option<Background>,
    /// What is searched in the open unit.
    names: Option<Arc<search::Names>>,
    filed: Option<search::Filed>,
    /// The answer to the query looked at last.
    queried: Option<queries::Queried>,
    /// Rises whenever the center's events changed anything here.
    revision: u64,
    /// The filing that an approver looks at.
    reviewing: Option<Arc<approval::Reviewed>>,
    /// The rules read from a file last, by its ticket: they are saved as they were shown.
    profile_file: Option<(String, CenterProfile)>,
}

impl Desk {
    /// A desk with nothing open.
    pub fn new(mut config: DeskConfig) -> Self {
        config.tokens = config.tokens.served_by(config.worker.0.clone());
        Self {
            config,
            inner: Mutex::default(),
            step: Mutex::default(),
            backing_up: Mutex::default(),
            folders: folders::Folders::default(),
            proxy_password: Mutex::default(),
            submitting: Default::default(),
            chaining: Default::default(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        match self.inner.try_lock() {
            Ok(inner) => inner,
            // A panic in one command must not lock the clerk out of her drafts.
            Err(TryLockError::Poisoned(inner)) => inner.into_inner(),
            Err(TryLockError::WouldBlock) => in_place(|| self.inner.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Now, by the center's time where a center is open.
    fn now(&self, inner: &Inner) -> Timestamp {
        let offset = inner.session.as_ref().map(|s| s.connection.clock_offset).unwrap_or_default();
        let now = self.config.clock.now();
        now.checked_add(offset).unwrap_or(now)
    }

    /// A number under which the log knows a refusal.
    pub fn trace(&self) -> String {
        let id = self.config.clock.new_id().simple().to_string();
        id[id.len() - 8..].to_owned()
    }

    /// A refusal as it crosses to the UI.
    pub fn to_ui(&self, error: &DeskError, trace: &str) -> views::UiError {
        error.to_ui(trace)
    }
}

impl Inner {
    /// Leaves the unit and the data.
    fn close(&mut self) {
        *self = Self {
            tickets: std::mem::take(&mut self.tickets),
            refused: std::mem::take(&mut self.refused),
            revision: self.revision + 1,
            ..Self::default()
        };
    }

    /// Leaves the unit: nothing that was looked at there is kept for another one.
    fn leave(&mut self) {
        self.session = None;
        self.listening = None;
        self.asking = None;
        self.checking = None;
        self.chain = None;
        self.names = None;
        self.filed = None;
        self.reviewing = None;
        self.queried = None;
        self.comparing = None;
        self.prepared = None;
        self.drafts.clear();
    }

    fn store(&mut self) -> Result<&mut Store, DeskError> {
        self.store.as_mut().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))
    }

    fn session(&self) -> Result<&Session, DeskError> {
        self.session.as_ref().ok_or_else(|| DeskError::refusal(DeskError::NO_SESSION))
    }
}

/// Reads a workbook or runs a driver if this process was started for that, and says whether it was. To be called
/// right after [`never_dumped`] in `main` of every program with a desk, which then returns at once on `true`.
pub fn serve_if_asked() -> bool {
    huijiao_sheets::worker::serve_if_asked() || huijiao_signing::serve_module_if_asked()
}

/// The program's name for systems: of its window, and of its key in the keyring. Another one would find no data.
pub(crate) const IDENTIFIER: &str = "cn.huijiao.desktop";

/// The user's own data folder for this program; not the window's, which an uninstaller offers to delete.
pub fn data_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("cn", "huijiao", "huijiao").map(|d| d.data_local_dir().to_owned())
}

/// A folder of the program's among the user's documents.
pub fn documents_folder() -> Option<PathBuf> {
    directories::UserDirs::new().and_then(|d| d.document_dir().map(|d| d.join("汇缴通")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    /// These names are for good: whoever changes one of them takes the data of every user away from him.
    #[test]
    fn the_names_that_data_and_keys_are_found_by_stay() {
        assert_eq!(IDENTIFIER, "cn.huijiao.desktop", "the keyring's service");
        let settings = include_str!("../../../tauri.conf.json");
        let settings: serde_json::Value = serde_json::from_str(settings).unwrap();
        assert_eq!(settings["identifier"], IDENTIFIER, "the window's, and its WebView's data");
        assert_eq!(settings["mainBinaryName"], "huijiao", "what shortcuts point to");
        let below = if cfg!(windows) {
            "huijiao/huijiao/data"
        } else if cfg!(target_os = "macos") {
            "cn.huijiao.huijiao"
        } else {
            "huijiao"
        };
        let local = directories::BaseDirs::new().unwrap().data_local_dir().to_owned();
        assert_eq!(data_folder().unwrap(), local.join(below), "the folder of the data");
        assert!(documents_folder().is_none_or(|folder| folder.ends_with("汇缴通")), "the folder of exports");
    }
}
