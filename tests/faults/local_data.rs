//! What can happen to the data of this computer, and the way back: a keyring that forgets, another computer, a damaged
//! file, a backup of before a submission.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use huijiao_center::{Fault, Target};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    BackupLine, BackupsView, ExportedFile, FilingStage, FilingView, HomeView, PassphraseUse, RestoreView, StartView,
    Ticket, UiError, VaultState,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse};
use huijiao_store::vault::{KeyVault, MemoryVault, VaultError};
use huijiao_store::{SCHEMA, StoreKey};
use huijiao_tests::{PASSPHRASE, call, config, desk, import, sign};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

fn with_keyring(folder: &Path, keyring: Arc<dyn KeyVault>) -> Arc<Desk> {
    Arc::new(Desk::new(DeskConfig { keyring: KeyringUse::Given(keyring), ..config(folder, Path::new(WORKER)) }))
}

/// A keyring as it is after the password of the system's user was reset by somebody else.
struct Silent;

impl KeyVault for Silent {
    fn load(&self) -> Result<Option<StoreKey>, VaultError> {
        Err(VaultError::Locked("the password was changed from outside".into()))
    }

    fn keep(&self, _: &StoreKey) -> Result<(), VaultError> {
        Err(VaultError::Locked("the password was changed from outside".into()))
    }
}

async fn start(desk: &Arc<Desk>) -> Result<StartView, UiError> {
    call(desk, "start", json!({})).await
}

/// A clerk at the practice with a draft, her data under the key in `keyring`.
async fn at_work(keyring: &Arc<MemoryVault>) -> (TempDir, Practice, Arc<Desk>) {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let desk = with_keyring(folder.path(), keyring.clone());
    assert_eq!(start(&desk).await.unwrap().vault, VaultState::Ready);
    desk.enter(practice.connection()).await.unwrap();
    import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    (folder, practice, desk)
}

async fn home(desk: &Arc<Desk>, practice: &Practice) -> HomeView {
    desk.enter(practice.connection()).await.unwrap();
    call(desk, "home", json!({})).await.unwrap()
}

fn data(folder: &Path) -> PathBuf {
    folder.join("desk/practice/data")
}

fn chosen(desk: &Arc<Desk>, made: &ExportedFile) -> serde_json::Value {
    let ticket: Ticket = desk.ticket_of_file(&Path::new(&made.folder).join(&made.file)).unwrap();
    json!({ "ticket": ticket.ticket })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_has_lost_the_key_is_replaced_by_the_recovery_passphrase() {
    let (folder, practice, first) = at_work(&Arc::default()).await;
    let set: BackupsView = call(&first, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    assert_eq!(set.passphrase, PassphraseUse::Recovery);
    drop(first);

    let emptied = Arc::new(MemoryVault::default());
    let second = with_keyring(folder.path(), emptied.clone());
    assert_eq!(start(&second).await.unwrap().vault, VaultState::Recovery);
    let wrong = call::<StartView>(&second, "unlock", json!({ "passphrase": "不是这一句话吧" })).await.unwrap_err();
    assert_eq!(wrong.code, "vault-wrong-passphrase");
    assert!(emptied.load().unwrap().is_none(), "nothing is kept for a wrong one");
    let opened: StartView = call(&second, "unlock", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    assert_eq!(opened.vault, VaultState::Ready);
    assert_eq!(home(&second, &practice).await.drafts.len(), 1, "the draft is there");
    drop(second);

    let third = with_keyring(folder.path(), emptied);
    assert_eq!(start(&third).await.unwrap().vault, VaultState::Ready, "the keyring has it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_of_another_installation_and_one_that_is_locked_are_no_end_either() {
    let (folder, practice, first) = at_work(&Arc::default()).await;
    call::<BackupsView>(&first, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    drop(first);
    let others = Arc::new(MemoryVault::default());
    others.keep(&StoreKey::generate().unwrap()).unwrap();
    for keyring in [others as Arc<dyn KeyVault>, Arc::new(Silent)] {
        let desk = with_keyring(folder.path(), keyring);
        assert_eq!(start(&desk).await.unwrap().vault, VaultState::Recovery);
        call::<StartView>(&desk, "unlock", json!({ "passphrase": PASSPHRASE })).await.unwrap();
        assert_eq!(home(&desk, &practice).await.drafts.len(), 1);
    }
    // The keyring kept nothing: from now on the passphrase opens the data at each start.
    let desk = with_keyring(folder.path(), Arc::new(Silent));
    assert_eq!(start(&desk).await.unwrap().vault, VaultState::Locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_passphrase_a_lost_key_is_said_and_the_data_stay() {
    let (folder, _practice, first) = at_work(&Arc::default()).await;
    drop(first);
    let before = std::fs::read(data(folder.path()).join("huijiao.db")).unwrap();
    let second = with_keyring(folder.path(), Arc::<MemoryVault>::default());
    assert_eq!(start(&second).await.unwrap_err().code, "desk-key-lost");
    let refused = call::<StartView>(&second, "set_passphrase", json!({ "passphrase": PASSPHRASE })).await;
    assert_eq!(refused.unwrap_err().code, "desk-key-lost", "no new key over data that it cannot open");
    assert_eq!(std::fs::read(data(folder.path()).join("huijiao.db")).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_to_another_computer_with_or_without_a_keyring() {
    let (folder, practice, old) = at_work(&Arc::default()).await;
    let early: ExportedFile = call(&old, "backup_make", json!({})).await.unwrap();
    call::<BackupsView>(&old, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    let draft = home(&old, &practice).await.drafts[0].clone();
    let opened = call(&old, "draft", json!({ "draft": draft.draft })).await.unwrap();
    let filed = sign(&old, &opened, "clerk", "123456").await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Settled);
    // Onto the stick: any folder that the user chose.
    let stick = folder.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    let ticket: Ticket = old.ticket_of_file(&stick).unwrap();
    let made: ExportedFile = call(&old, "backup_make", json!({ "ticket": ticket.ticket })).await.unwrap();
    assert!(stick.join(&made.file).exists());
    drop(old);

    for keyring in [KeyringUse::Given(Arc::<MemoryVault>::default()), KeyringUse::None] {
        let there = TempDir::new().unwrap();
        let new =
            Arc::new(Desk::new(DeskConfig { keyring: keyring.clone(), ..config(there.path(), Path::new(WORKER)) }));
        start(&new).await.unwrap();
        let refused = call::<RestoreView>(&new, "restore_look", json!({ "choice": chosen(&new, &early) })).await;
        assert_eq!(refused.unwrap_err().code, "backup-no-key", "made before there was a passphrase");
        let look: RestoreView = call(&new, "restore_look", json!({ "choice": chosen(&new, &made) })).await.unwrap();
        assert!(look.asks_passphrase && !look.replaces && look.backup.portable);
        assert_eq!((look.backup.drafts, look.backup.filings), (0, 1));
        let args = |passphrase: &str| json!({ "choice": chosen(&new, &made), "passphrase": passphrase });
        let wrong = call::<StartView>(&new, "restore", args("不是这一句话吧")).await.unwrap_err();
        assert_eq!(wrong.code, "vault-wrong-passphrase");
        let done: StartView = call(&new, "restore", args(PASSPHRASE)).await.unwrap();
        assert_eq!(done.vault, VaultState::Ready);
        let seen = home(&new, &practice).await;
        assert_eq!(seen.filings[0].filing, filed.line.filing);
        let filing: FilingView = call(&new, "filing", json!({ "filing": filed.line.filing })).await.unwrap();
        assert!(filing.receipt.unwrap().valid, "its receipt came along and holds");
        let backups: BackupsView = call(&new, "backups", json!({})).await.unwrap();
        assert_ne!(backups.passphrase, PassphraseUse::None, "the passphrase came along as well");
        drop(new);

        let again = Arc::new(Desk::new(DeskConfig { keyring, ..config(there.path(), Path::new(WORKER)) }));
        let started = start(&again).await.unwrap();
        if started.vault == VaultState::Locked {
            call::<StartView>(&again, "unlock", json!({ "passphrase": PASSPHRASE })).await.unwrap();
        }
        assert_eq!(home(&again, &practice).await.filings.len(), 1, "and it stays");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restoring_from_before_a_submission_files_nothing_again() {
    let (_folder, practice, desk) = at_work(&Arc::default()).await;
    let line = home(&desk, &practice).await.drafts[0].clone();
    let draft = call(&desk, "draft", json!({ "draft": line.draft })).await.unwrap();
    practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let unknown = sign(&desk, &draft, "clerk", "123456").await.unwrap();
    assert_eq!(unknown.line.stage, FilingStage::Unknown, "on its way when the backup is made");
    let made: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    let asked: FilingView = call(&desk, "ask", json!({ "filing": unknown.line.filing })).await.unwrap();
    assert_eq!(asked.line.stage, FilingStage::Settled);
    let after = home(&desk, &practice).await.session.roster.unwrap().version;

    let restored: StartView = call(&desk, "restore", json!({ "choice": chosen(&desk, &made) })).await.unwrap();
    assert!(restored.session.is_none(), "a unit is entered anew, and its outbox asked for");
    let seen = home(&desk, &practice).await;
    assert_eq!(seen.filings.len(), 1);
    assert_eq!(seen.filings[0].stage, FilingStage::Settled, "the center was asked, and had it");
    assert_eq!(seen.session.roster.unwrap().version, after, "nothing was booked a second time");
    let backups: BackupsView = call(&desk, "backups", json!({})).await.unwrap();
    let before = backups.backups.iter().find(|b| b.reason == "restore").expect("what was there was backed up first");
    assert_eq!(before.filings, 1);
    let args = json!({ "choice": { "name": before.name } });
    call::<StartView>(&desk, "restore", args).await.expect("and it can be brought back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_and_a_newer_one_are_left_alone_and_the_last_backup_takes_their_place() {
    type Spoil = fn(&Path);
    let flip: Spoil = |file| {
        let mut bytes = std::fs::read(file).unwrap();
        bytes[100..140].iter_mut().for_each(|byte| *byte = !*byte);
        std::fs::write(file, bytes).unwrap();
    };
    let newer: Spoil = |file| {
        let connection = Connection::open(file).unwrap();
        connection.pragma_update(None, "user_version", SCHEMA + 1).unwrap();
    };
    for (code, spoil) in [("store-damaged", flip), ("store-newer", newer)] {
        let keyring = Arc::new(MemoryVault::default());
        let (folder, practice, first) = at_work(&keyring).await;
        drop(first);
        // The next start of the day finds data, and backs them up.
        let second = with_keyring(folder.path(), keyring.clone());
        start(&second).await.unwrap();
        drop(second);
        let file = data(folder.path()).join("huijiao.db");
        spoil(&file);
        let spoilt = std::fs::read(&file).unwrap();

        let third = with_keyring(folder.path(), keyring);
        assert_eq!(start(&third).await.unwrap_err().code, code);
        assert_eq!(std::fs::read(&file).unwrap(), spoilt, "{code}: nothing is written over");
        let backups: BackupsView = call(&third, "backups", json!({})).await.unwrap();
        assert_eq!(backups.backups.len(), 1, "{code}: {:?}", backups.backups);
        let choice = json!({ "name": backups.backups[0].name });
        let look: RestoreView = call(&third, "restore_look", json!({ "choice": choice })).await.unwrap();
        assert!(look.replaces && !look.asks_passphrase, "{code}: the keyring still knows the key");
        let back: StartView = call(&third, "restore", json!({ "choice": choice })).await.unwrap();
        assert_eq!(back.vault, VaultState::Ready);
        assert_eq!(home(&third, &practice).await.drafts.len(), 1, "{code}: the draft is back");
        let aside: Vec<PathBuf> = std::fs::read_dir(folder.path().join("desk"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("replaced-"))
            .collect();
        assert_eq!(std::fs::read(aside[0].join("huijiao.db")).unwrap(), spoilt, "{code}: a copy is kept");
    }
}

/// A clock that a test moves.
struct Moving(Mutex<Timestamp>);

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_each_day_also_where_the_program_is_never_closed() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let set_up = || DeskConfig {
        keyring: KeyringUse::Given(Arc::<MemoryVault>::default()),
        clock: clock.clone(),
        ..config(folder.path(), Path::new(WORKER))
    };
    let desk = Arc::new(Desk::new(set_up()));
    start(&desk).await.unwrap();
    let names = async |desk: &Arc<Desk>| {
        let view: BackupsView = call(desk, "backups", json!({})).await.unwrap();
        view.backups.into_iter().map(|line| line.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&desk).await, [""; 0], "there is nothing to lose yet");
    desk.enter(practice.connection()).await.unwrap();
    for day in 1..=3 {
        *clock.0.lock().unwrap() += SignedDuration::from_hours(24);
        for _ in 0..2 {
            call::<HomeView>(&desk, "home", json!({})).await.unwrap();
        }
        assert_eq!(names(&desk).await.len(), day, "one for each day");
    }
    let newest = names(&desk).await.remove(0);
    let checked: BackupLine = call(&desk, "backup_check", json!({ "name": newest })).await.unwrap();
    assert!(checked.problem.is_none());
    let file = folder.path().join("desk/backups").join(&newest);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let damaged = call::<BackupLine>(&desk, "backup_check", json!({ "name": newest })).await.unwrap_err();
    assert_eq!(damaged.code, "backup-damaged");
    let outside = call::<BackupLine>(&desk, "backup_check", json!({ "name": "../practice/data/huijiao.db" })).await;
    assert_eq!(outside.unwrap_err().code, "desk-bad-arguments", "a name is not a path");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_backup_can_be_written_it_is_said_and_work_goes_on() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let first = desk(folder.path(), Path::new(WORKER));
    first.enter(practice.connection()).await.unwrap();
    drop(first);
    std::fs::write(folder.path().join("desk/backups"), "a file where the folder should be").unwrap();
    let second = desk(folder.path(), Path::new(WORKER));
    let started = start(&second).await.unwrap();
    assert_eq!(started.vault, VaultState::Ready);
    assert_eq!(started.notices.iter().map(|n| n.code.as_str()).collect::<Vec<_>>(), ["store-read-only"]);
    assert_eq!(home(&second, &practice).await.filings.len(), 0);
}
