//! What can happen to the data of this computer, and the way back: a keyring that forgets, another computer, a damaged
//! file, a backup of before a submission.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use huijiao_center::{Fault, Target, UnitRole};
use huijiao_demo::people::practice_unit;
use huijiao_demo::practice::{APPROVER, APPROVER_KEY, CLERK, PIN, seed};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::calls::COMMANDS;
use huijiao_desk::ports::{Clock, Connection as Center, SystemClock};
use huijiao_desk::views::{
    ApprovalDone, ApprovalView, AuditView, BackupLine, BackupsView, DraftView, Erased, ErrorsExported, Exported,
    ExportedFile, FilingStage, FilingView, HomeView, OlderBackupsGone, PageView, PassphraseUse, RestoreView,
    SafetyView, SessionView, StartView, TemplateExported, Ticket, UiError, VaultState,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::{Approval, CenterProfile};
use huijiao_domain::roster::{AccountStatus, Contributor};
use huijiao_signing::{KeyProvider, P12Folder, Pin};
use huijiao_store::vault::{KeyVault, MemoryVault, VaultError};
use huijiao_store::{AuditEvent, Backup, SCHEMA, Store, StoreKey};
use huijiao_tests::proxy::Proxy;
use huijiao_tests::{
    PASSPHRASE, at_rest, call, closed, config, connection_text, desk, files_below, given_up, import, sign,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OpenFlags};
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
    closed(first).await;

    let emptied = Arc::new(MemoryVault::default());
    let second = with_keyring(folder.path(), emptied.clone());
    assert_eq!(start(&second).await.unwrap().vault, VaultState::Recovery);
    let wrong = call::<StartView>(&second, "unlock", json!({ "passphrase": "不是这一句话吧" })).await.unwrap_err();
    assert_eq!(wrong.code, "vault-wrong-passphrase");
    assert!(emptied.load().unwrap().is_none(), "nothing is kept for a wrong one");
    let opened: StartView = call(&second, "unlock", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    assert_eq!(opened.vault, VaultState::Ready);
    assert_eq!(home(&second, &practice).await.drafts.len(), 1, "the draft is there");
    closed(second).await;

    let third = with_keyring(folder.path(), emptied);
    assert_eq!(start(&third).await.unwrap().vault, VaultState::Ready, "the keyring has it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_of_another_installation_and_one_that_is_locked_are_no_end_either() {
    let (folder, practice, first) = at_work(&Arc::default()).await;
    call::<BackupsView>(&first, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    closed(first).await;
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
    closed(first).await;
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
    // The key files of a unit of her own, and those of the practice, which is another one on each computer.
    let key_files = |folder: &Path| folder.join("desk/units/77001/certificates");
    std::fs::create_dir_all(key_files(folder.path())).unwrap();
    std::fs::create_dir_all(folder.path().join("desk/practice/certificates")).unwrap();
    for file in ["clerk.p12", "clerk.crt"] {
        let from = practice.certificates.join(file);
        std::fs::copy(&from, key_files(folder.path()).join(file)).unwrap();
        std::fs::copy(&from, folder.path().join("desk/practice/certificates").join(file)).unwrap();
    }
    let p12 = std::fs::read(practice.certificates.join("clerk.p12")).unwrap();
    // Onto the stick: any folder that the user chose.
    let stick = folder.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    let ticket: Ticket = old.ticket_of_file(&stick).unwrap();
    let made: ExportedFile = call(&old, "backup_make", json!({ "ticket": ticket.ticket })).await.unwrap();
    let carried = std::fs::read(stick.join(&made.file)).unwrap();
    assert!(memchr::memmem::find(&carried, &p12[..64]).is_none(), "the key files are sealed as the rest");
    closed(old).await;

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
        let keys = P12Folder::new(key_files(there.path()));
        assert_eq!(std::fs::read(key_files(there.path()).join("clerk.p12")).unwrap(), p12, "byte for byte");
        keys.open("clerk").unwrap().login(&Pin::new("123456")).expect("the key opens by its own PIN");
        assert!(!there.path().join("desk/practice/certificates").exists(), "nothing that no center here knows");
        let backups: BackupsView = call(&new, "backups", json!({})).await.unwrap();
        assert_ne!(backups.passphrase, PassphraseUse::None, "the passphrase came along as well");
        // A backup of here carries them on, and takes the place of no newer one.
        let next: ExportedFile = call(&new, "backup_make", json!({})).await.unwrap();
        std::fs::write(key_files(there.path()).join("clerk.p12"), "newer").unwrap();
        std::fs::remove_file(key_files(there.path()).join("clerk.crt")).unwrap();
        call::<StartView>(&new, "restore", json!({ "choice": chosen(&new, &next) })).await.unwrap();
        assert_eq!(std::fs::read(key_files(there.path()).join("clerk.p12")).unwrap(), b"newer");
        assert!(key_files(there.path()).join("clerk.crt").exists(), "what is missing is laid back");
        closed(new).await;

        let again = Arc::new(Desk::new(DeskConfig { keyring, ..config(there.path(), Path::new(WORKER)) }));
        let started = start(&again).await.unwrap();
        if started.vault == VaultState::Locked {
            call::<StartView>(&again, "unlock", json!({ "passphrase": PASSPHRASE })).await.unwrap();
        }
        assert_eq!(home(&again, &practice).await.filings.len(), 1, "and it stays");
    }
}

const THEIRS: &str = "另一台计算机的恢复口令";

/// A backup of another computer with two drafts, under another key and [`THEIRS`]; and its recovery file.
async fn of_another_computer() -> (TempDir, PathBuf, PathBuf) {
    let (folder, practice, desk) = at_work(&Arc::default()).await;
    import(&desk, &practice.workbook_folder.join(workbooks::FAULTS), "2026-07").await.unwrap();
    call::<BackupsView>(&desk, "passphrase_change", json!({ "passphrase": THEIRS })).await.unwrap();
    let made: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    let recovery = data(folder.path()).join("recovery");
    (folder, Path::new(&made.folder).join(made.file), recovery)
}

/// Asserts that a backup opens on a computer that knows nothing but this passphrase.
async fn opens_elsewhere(backup: &Path, passphrase: &str, drafts: u64, when: &str) {
    let there = TempDir::new().unwrap();
    let desk = with_keyring(there.path(), Arc::<MemoryVault>::default());
    start(&desk).await.unwrap();
    let ticket: Ticket = desk.ticket_of_file(backup).unwrap();
    let args = json!({ "choice": { "ticket": ticket.ticket }, "passphrase": passphrase });
    let restored = call::<StartView>(&desk, "restore", args).await;
    assert_eq!(restored.unwrap_or_else(|error| panic!("{when}: {error:?}")).vault, VaultState::Ready, "{when}");
    let made: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    assert_eq!(Backup::look(&Path::new(&made.folder).join(made.file)).unwrap().head.drafts, drafts, "{when}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_fails_leaves_data_passphrase_and_later_backups_as_they_were() {
    let (_elsewhere, theirs, _) = of_another_computer().await;
    let keyring = Arc::new(MemoryVault::default());
    let (folder, practice, first) = at_work(&keyring).await;
    call::<BackupsView>(&first, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    let recovery = data(folder.path()).join("recovery");
    let before = std::fs::read(&recovery).unwrap();

    // Everything about the backup is right; only the data cannot be replaced, for another window works with them.
    let second = with_keyring(folder.path(), keyring);
    let ticket: Ticket = second.ticket_of_file(&theirs).unwrap();
    let args = json!({ "choice": { "ticket": ticket.ticket }, "passphrase": THEIRS });
    let refused = call::<StartView>(&second, "restore", args).await.unwrap_err();
    assert_eq!(refused.code, "store-in-use");
    assert_eq!(std::fs::read(&recovery).unwrap(), before, "the recovery passphrase is the one of these data");
    let left =
        files_under(&data(folder.path())).into_iter().filter(|path| path.to_string_lossy().contains("recovery-"));
    assert_eq!(left.collect::<Vec<_>>(), Vec::<PathBuf>::new(), "and of the other nothing is left");
    assert_eq!(home(&first, &practice).await.drafts.len(), 1, "which are as they were");
    let made: ExportedFile = call(&first, "backup_make", json!({})).await.unwrap();
    opens_elsewhere(&Path::new(&made.folder).join(made.file), PASSPHRASE, 1, "a later backup").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrapped_key_of_other_data_never_comes_into_a_backup() {
    let (_elsewhere, _, others) = of_another_computer().await;
    let (folder, _practice, desk) = at_work(&Arc::default()).await;
    call::<BackupsView>(&desk, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    std::fs::copy(others, data(folder.path()).join("recovery")).unwrap();
    let made: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    let head = Backup::look(&Path::new(&made.folder).join(made.file)).unwrap().head;
    assert_eq!(head.key, None, "it says that it opens on this computer only, and does");
}

#[tokio::test(flavor = "multi_thread")]
async fn restoring_an_older_backup_of_the_same_data_keeps_the_passphrase_of_today() {
    let (folder, _practice, desk) = at_work(&Arc::default()).await;
    call::<BackupsView>(&desk, "passphrase_change", json!({ "passphrase": THEIRS })).await.unwrap();
    let older: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    call::<BackupsView>(&desk, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    call::<StartView>(&desk, "restore", json!({ "choice": chosen(&desk, &older) })).await.unwrap();
    let made: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    opens_elsewhere(&Path::new(&made.folder).join(made.file), PASSPHRASE, 1, "changed since the backup").await;
    drop((desk, folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_broken_off_anywhere_opens_by_its_own_passphrase() {
    let (_elsewhere, theirs, _) = of_another_computer().await;
    for (point, passphrase, drafts) in
        [("restore-way-in 0", PASSPHRASE, 1), ("restore-without-log 0", PASSPHRASE, 1), ("restore-data 0", THEIRS, 2)]
    {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let first = desk(folder.path(), Path::new(WORKER));
        first.enter(practice.connection()).await.unwrap();
        import(&first, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
        closed(first).await;
        let mut clerk = Command::new(env!("CARGO_BIN_EXE_huijiao-test-clerk"));
        clerk.arg(folder.path()).arg("restore").arg(&theirs).arg(THEIRS).env("HUIJIAO_ABORT_AT", point);
        let whole = tokio::task::spawn_blocking(move || clerk.status().unwrap().success()).await.unwrap();
        assert!(!whole, "{point}: it is killed there");

        let again = Arc::new(Desk::new(config(folder.path(), Path::new(WORKER))));
        assert_eq!(start(&again).await.unwrap().vault, VaultState::Locked, "{point}");
        let unlock = |passphrase: &str| {
            let args = json!({ "passphrase": passphrase });
            let desk = again.clone();
            async move { call::<StartView>(&desk, "unlock", args).await }
        };
        let other = if passphrase == PASSPHRASE { THEIRS } else { PASSPHRASE };
        unlock(other).await.expect_err("the passphrase of what is not there");
        assert_eq!(unlock(passphrase).await.unwrap().vault, VaultState::Ready, "{point}");
        let made: ExportedFile = call(&again, "backup_make", json!({})).await.unwrap();
        opens_elsewhere(&Path::new(&made.folder).join(made.file), passphrase, drafts, point).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daily_backup_of_other_data_is_none_of_these_and_stays() {
    let (_elsewhere, theirs, _) = of_another_computer().await;
    let keyring = Arc::new(MemoryVault::default());
    let (folder, _practice, before) = at_work(&keyring).await;
    call::<BackupsView>(&before, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    closed(before).await;
    let desk = with_keyring(folder.path(), keyring);
    start(&desk).await.unwrap();
    let beside = folder.path().join("desk/backups");
    let daily = || {
        let files = files_under(&beside).into_iter();
        let daily = files.filter(|file| file.to_string_lossy().ends_with("-daily.hjb"));
        daily.map(|file| Backup::look(&file).unwrap().head.fingerprint).collect::<BTreeSet<_>>()
    };
    let own = daily();
    assert_eq!(own.len(), 1, "that of today");

    let ticket: Ticket = desk.ticket_of_file(&theirs).unwrap();
    let args = json!({ "choice": { "ticket": ticket.ticket }, "passphrase": THEIRS });
    call::<StartView>(&desk, "restore", args).await.unwrap();
    let now = daily();
    let restored = Backup::look(&theirs).unwrap().head.fingerprint;
    assert!(!own.contains(&restored), "the control: data under another key");
    assert!(now.contains(&restored), "what is there now has its backup of today: {now:?}");
    assert!(now.is_superset(&own), "and what was there before keeps its own: {now:?}");
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
        closed(first).await;
        // The next start of the day finds data, and backs them up.
        let second = with_keyring(folder.path(), keyring.clone());
        start(&second).await.unwrap();
        closed(second).await;
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

/// The pages of the database that a table's rows lie in, by how SQLite calls them.
fn pages(file: &Path, table: &str, kind: &str) -> (usize, Vec<usize>) {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let size: usize = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    let mut all = connection.prepare("SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = ?2").unwrap();
    let pages = all.query_map([table, kind], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (size, pages)
}

#[tokio::test(flavor = "multi_thread")]
async fn f48_a_page_of_the_database_that_is_damaged_is_met_when_it_is_read_and_a_backup_brings_it_back() {
    // Where the page's own order is broken the data are not opened at all; where only what it holds is, the store opens
    // and meets it in the middle of the work.
    for opens in [false, true] {
        let keyring = Arc::new(MemoryVault::default());
        let (folder, practice, first) = at_work(&keyring).await;
        closed(first).await;
        let again = with_keyring(folder.path(), keyring.clone());
        start(&again).await.unwrap();
        let line = home(&again, &practice).await.drafts[0].clone();
        let sound: DraftView = call(&again, "draft", json!({ "draft": line.draft })).await.unwrap();
        closed(again).await;
        let file = data(folder.path()).join("huijiao.db");
        let mut bytes = std::fs::read(&file).unwrap();
        let (size, leaves) = pages(&file, "draft_pages", "leaf");
        let (_, overflow) = pages(&file, "draft_pages", "overflow");
        assert!(!leaves.is_empty() && !overflow.is_empty(), "there is something to spoil");
        let at = if opens { overflow[0] * size - size / 2 } else { (leaves[0] - 1) * size };
        bytes[at..at + 8].iter_mut().for_each(|byte| *byte = !*byte);
        std::fs::write(&file, &bytes).unwrap();
        let spoilt = bytes[at..at + 8].to_vec();

        let desk = with_keyring(folder.path(), keyring);
        if opens {
            assert_eq!(start(&desk).await.unwrap().vault, VaultState::Ready);
            let seen = home(&desk, &practice).await;
            assert_eq!(seen.drafts.len(), 1, "it is in the list");
            let named = json!({ "draft": sound.draft });
            for command in ["draft", "review", "draft_export_errors"] {
                let error = call::<serde_json::Value>(&desk, command, named.clone()).await.unwrap_err();
                assert_eq!(error.code, "store-damaged", "{command}");
            }
            let error = sign(&desk, &sound, "clerk", PIN).await.unwrap_err();
            assert_eq!(error.code, "store-damaged", "what cannot be read is not signed");
            let other = import(&desk, &practice.workbook_folder.join(workbooks::FAULTS), "2026-07").await.unwrap();
            assert_ne!(other.draft, sound.draft, "what is sound is worked with");
        } else {
            assert_eq!(start(&desk).await.unwrap_err().code, "store-damaged");
            assert_eq!(std::fs::read(&file).unwrap(), bytes, "not a byte is written over");
        }
        assert_eq!(std::fs::read(&file).unwrap()[at..at + 8], spoilt, "nothing is mended by guessing");

        let backups: BackupsView = call(&desk, "backups", json!({})).await.unwrap();
        let daily = backups.backups.iter().find(|one| one.reason == "daily").expect("made while it was sound");
        let choice = json!({ "name": daily.name });
        let back: StartView = call(&desk, "restore", json!({ "choice": choice })).await.unwrap();
        assert_eq!(back.vault, VaultState::Ready);
        assert_eq!(home(&desk, &practice).await.drafts.len(), 1);
        let draft: DraftView = call(&desk, "draft", json!({ "draft": sound.draft })).await.unwrap();
        let filed = sign(&desk, &draft, "clerk", PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::Settled, "the draft is back, whole: {:?}", filed.trouble);
    }
}

/// What the first version of the program left behind, and the backup that the first one with backups made of it. Their
/// people are made up, and so are the signed bytes.
fn first(ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/store/tests/fixtures/first").with_extension(ending)
}

/// What is to be found of it: at work without the center, from the local copy of then.
async fn finds_the_first_data(desk: &Arc<Desk>, practice: &Practice) {
    let away = Center { base_url: "https://127.0.0.1:1".into(), ..practice.connection() };
    let session = desk.enter(away).await.unwrap();
    assert_eq!((session.unit_name.as_str(), session.roster.unwrap().version), ("演示机械有限公司", 42));
    let home: HomeView = call(desk, "home", json!({})).await.unwrap();
    assert_eq!((home.drafts.len(), home.filings.len()), (1, 2));
    let named = json!({ "draft": home.drafts[0].draft });
    let draft: DraftView = call(desk, "draft", named).await.unwrap();
    assert_eq!((draft.revision, draft.can_undo, draft.can_redo), (2, true, false));
    let cells = async || {
        let page = json!({ "draft": draft.draft, "page": 0 });
        let page: PageView = call(desk, "draft_page", page).await.unwrap();
        page.rows.into_iter().map(|row| row.cells.join("|")).collect::<Vec<_>>()
    };
    let shown = cells().await;
    assert!(shown[1].contains("王试验") && shown[1].contains("9200"), "as it was edited: {shown:?}");
    let undo = json!({ "draft": draft.draft, "revision": draft.revision });
    call::<DraftView>(desk, "draft_undo", undo).await.unwrap();
    assert!(cells().await[1].contains("9100"), "and the edit of then is undone now");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_first_version_wrote_is_opened_and_moved_to_another_computer() {
    let center = TempDir::new().unwrap();
    let practice = Practice::open(center.path(), SystemClock.now()).await.unwrap();
    // Where it lies.
    let folder = TempDir::new().unwrap();
    std::fs::create_dir_all(data(folder.path())).unwrap();
    std::fs::copy(first("db"), data(folder.path()).join("huijiao.db")).unwrap();
    let keyring = Arc::new(MemoryVault::default());
    keyring.keep(&StoreKey::from_slice(&[7; 32]).unwrap()).unwrap();
    let desk = with_keyring(folder.path(), keyring.clone());
    assert_eq!(start(&desk).await.unwrap().vault, VaultState::Ready);
    let backups: BackupsView = call(&desk, "backups", json!({})).await.unwrap();
    let reasons: Vec<&str> = backups.backups.iter().map(|line| line.reason.as_str()).collect();
    assert!(reasons.contains(&"upgrade"), "backed up before it was changed: {reasons:?}");
    finds_the_first_data(&desk, &practice).await;
    closed(desk).await;

    // Elsewhere, from its backup, by the passphrase.
    let there = TempDir::new().unwrap();
    let desk = with_keyring(there.path(), Arc::<MemoryVault>::default());
    start(&desk).await.unwrap();
    let ticket: Ticket = desk.ticket_of_file(&first("hjb")).unwrap();
    let choice = json!({ "ticket": ticket.ticket });
    let look: RestoreView = call(&desk, "restore_look", json!({ "choice": choice })).await.unwrap();
    assert!(look.asks_passphrase && look.backup.portable);
    assert_eq!((look.backup.drafts, look.backup.filings), (1, 2));
    let args = json!({ "choice": choice, "passphrase": PASSPHRASE });
    assert_eq!(call::<StartView>(&desk, "restore", args).await.unwrap().vault, VaultState::Ready);
    finds_the_first_data(&desk, &practice).await;
}

/// A clock with which time goes by as a test says.
struct Moving(Mutex<Timestamp>);

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn steady(&self) -> SignedDuration {
        self.now().duration_since(Timestamp::UNIX_EPOCH)
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }
}

/// A clock that somebody sets while time goes by as ever.
#[derive(Default)]
struct SetByHand(Mutex<SignedDuration>);

impl SetByHand {
    fn set(&self, hours: i64) {
        self.set_minutes(60 * hours);
    }

    fn set_minutes(&self, minutes: i64) {
        *self.0.lock().unwrap() = SignedDuration::from_mins(minutes);
    }
}

impl Clock for SetByHand {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }

    fn steady(&self) -> SignedDuration {
        SystemClock.steady()
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_a_clock_set_while_the_center_is_out_of_reach_is_noticed_and_signs_nothing() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let proxy = Proxy::to(practice.center.address()).await;
    let connection = || Center { base_url: format!("https://{}", proxy.address()), ..practice.connection() };
    let clock = Arc::new(SetByHand::default());
    let keyring = Arc::new(MemoryVault::default());
    let open = || {
        let config = config(folder.path(), Path::new(WORKER));
        Arc::new(Desk::new(DeskConfig { keyring: KeyringUse::Given(keyring.clone()), clock: clock.clone(), ..config }))
    };
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(connection()).await.unwrap();
    let keep = json!({ "lock_minutes": 0, "masked": true, "retention_days": 180 });
    call::<SafetyView>(&desk, "safety_set", keep).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let seen = async |desk: &Arc<Desk>| call::<HomeView>(desk, "home", json!({})).await.unwrap();
    let month = seen(&desk).await.session.last_month;

    proxy.refuse(true);
    proxy.hang_up();
    for hours in [24, -24, 24 * 400, -24 * 400] {
        clock.set(hours);
        let home = seen(&desk).await;
        let off = home.session.clock_skew_minutes.expect("said, though nobody can be asked");
        assert!((i64::from(off) + hours * 60).abs() <= 2, "{hours} h: {off} min");
        assert_eq!(home.session.last_month, month, "{hours} h: the month is the center's");
        assert_eq!(sign(&desk, &draft, "clerk", PIN).await.unwrap_err().code, "desk-clock-off", "{hours} h");
        assert_eq!((home.drafts.len(), home.filings.len()), (1, 0), "{hours} h: nothing is signed, nothing is lost");
    }
    clock.set(0);
    assert_eq!(seen(&desk).await.session.clock_skew_minutes, None, "set right again, all is well");
    let named = json!({ "draft": draft.draft });
    let kept = call::<ErrorsExported>(&desk, "draft_export_errors", named).await;
    kept.expect("what is kept for half a year is not erased by a clock that runs a year ahead");

    // The program is started anew, still without the center, on a computer whose clock was set back.
    clock.set(-24);
    closed(desk).await;
    let desk = open();
    start(&desk).await.unwrap();
    let session = desk.enter(connection()).await.unwrap();
    let off = session.clock_skew_minutes.expect("the center said in an earlier run that it is later");
    assert!((i64::from(off) - 24 * 60).abs() <= 2, "{off} min");
    assert_eq!(sign(&desk, &draft, "clerk", PIN).await.unwrap_err().code, "desk-clock-off");

    clock.set(0);
    proxy.refuse(false);
    let session: SessionView = call(&desk, "refresh", json!({})).await.unwrap();
    assert_eq!(session.clock_skew_minutes, None);
    let draft: DraftView = call(&desk, "draft", json!({ "draft": draft.draft })).await.unwrap();
    let filed = sign(&desk, &draft, "clerk", PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_given_up_is_not_there() {
    let folder = TempDir::new().unwrap();
    let desk = desk(folder.path(), Path::new(WORKER));
    let step = || {
        let desk = desk.clone();
        async move { call(&desk, "backup_make", json!({})).await }
    };
    assert_eq!(given_up(&desk, &folder.path().join("export"), step).await, "desk-given-up");
    let made: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    let backup = Backup::look(&Path::new(&made.folder).join(&made.file)).unwrap();
    backup.prove(folder.path(), None).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_a_backup_is_given_up_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let desk = Arc::new(Desk::new(DeskConfig {
        keyring: KeyringUse::Given(Arc::<MemoryVault>::default()),
        clock: clock.clone(),
        ..config(folder.path(), Path::new(WORKER))
    }));
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    *clock.0.lock().unwrap() += SignedDuration::from_hours(24);
    for _ in 0..2 {
        call::<HomeView>(&desk, "home", json!({})).await.unwrap();
    }
    at_rest(&desk).await;
    let view: BackupsView = call(&desk, "backups", json!({})).await.unwrap();
    let name = view.backups[0].name.clone();
    let step = || {
        let (desk, name) = (desk.clone(), name.clone());
        async move { call(&desk, "backup_check", json!({ "name": name })).await }
    };
    assert_eq!(given_up(&desk, &folder.path().join("desk/backups"), step).await, "desk-given-up");
    let kept = files_below(&folder.path().join("desk"));
    assert!(kept.iter().all(|(path, _)| path.extension().is_none_or(|ending| ending != "part")), "{kept:?}");
    let checked: BackupLine = call(&desk, "backup_check", json!({ "name": name })).await.unwrap();
    assert!(checked.problem.is_none(), "it is as sound as before, and can be checked again");
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
        at_rest(&desk).await;
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

/// What a blob says that does not open any more SQLite copies without a word.
#[tokio::test(flavor = "multi_thread")]
async fn a_daily_backup_of_what_does_not_open_is_said_and_no_older_one_goes_for_it() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let keyring = Arc::new(MemoryVault::default());
    let open = || {
        let keyring = KeyringUse::Given(keyring.clone());
        Arc::new(Desk::new(DeskConfig { keyring, clock: clock.clone(), ..config(folder.path(), Path::new(WORKER)) }))
    };
    let names = async |desk: &Arc<Desk>| {
        let view: BackupsView = call(desk, "backups", json!({})).await.unwrap();
        view.backups.into_iter().map(|line| line.name).collect::<Vec<_>>()
    };
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    for _ in 0..25 {
        *clock.0.lock().unwrap() += SignedDuration::from_hours(24);
        call::<HomeView>(&desk, "home", json!({})).await.unwrap();
        at_rest(&desk).await;
    }
    let sound = names(&desk).await;
    assert!(sound.len() < 25, "the control: older ones go for newer ones: {sound:?}");
    closed(desk).await;

    let connection = Connection::open(data(folder.path()).join("huijiao.db")).unwrap();
    connection.execute_batch("UPDATE draft_pages SET body = zeroblob(length(body));").unwrap();
    connection.close().unwrap();
    let mut aside = BTreeSet::new();
    // The last is a second start on the same day.
    for hours in [24, 24, 0] {
        *clock.0.lock().unwrap() += SignedDuration::from_hours(hours) + SignedDuration::from_secs(1);
        let desk = open();
        let started = start(&desk).await.unwrap();
        assert_eq!(started.vault, VaultState::Ready, "work goes on");
        let said: Vec<&str> = started.notices.iter().map(|notice| notice.code.as_str()).collect();
        assert_eq!(said, ["desk-backup-unproven"], "at each start anew");
        let now = names(&desk).await;
        let unproven: Vec<&String> = now.iter().filter(|name| name.ends_with("-unproven.hjb")).collect();
        assert_eq!((now.len(), unproven.len()), (sound.len() + 1, 1), "the last is kept: the rest of it is whole");
        assert!(aside.insert(unproven[0].clone()), "made anew: {now:?}");
        assert!(sound.iter().all(|name| now.contains(name)), "and none of those that open went: {now:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn automatic_backups_go_to_the_chosen_folder_and_beside_the_data_while_it_is_away() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let keyring = Arc::new(MemoryVault::default());
    let open = || {
        let config = config(folder.path(), Path::new(WORKER));
        Arc::new(Desk::new(DeskConfig { keyring: KeyringUse::Given(keyring.clone()), clock: clock.clone(), ..config }))
    };
    let next_day = async |desk: &Arc<Desk>| {
        *clock.0.lock().unwrap() += SignedDuration::from_hours(24);
        call::<HomeView>(desk, "home", json!({})).await.unwrap();
        at_rest(desk).await;
        call::<BackupsView>(desk, "backups", json!({})).await.unwrap()
    };
    let files = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<BTreeSet<_>>()
    };
    let (beside, disk) = (folder.path().join("desk/backups"), folder.path().join("disk"));
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    assert!(!next_day(&desk).await.chosen);
    let before = files(&beside);
    assert_eq!(before.len(), 1, "beside the data, where nobody chose");

    std::fs::create_dir(&disk).unwrap();
    let strangers = "huijiao-20200101-090000-daily.hjb";
    std::fs::write(disk.join(strangers), "of another computer").unwrap();
    let file = desk.ticket_of_file(&disk.join(strangers)).unwrap();
    let refused = call::<BackupsView>(&desk, "backup_folder_set", json!({ "ticket": file.ticket })).await.unwrap_err();
    assert_eq!(refused.code, "desk-file-write", "no folder");
    let chosen = desk.ticket_of_file(&disk).unwrap();
    let view: BackupsView = call(&desk, "backup_folder_set", json!({ "ticket": chosen.ticket })).await.unwrap();
    let own = PathBuf::from(&view.folder);
    assert!(view.chosen && view.trouble.is_none() && own.parent() == Some(disk.as_path()), "{view:?}");
    assert_eq!(files(&own).len(), 1, "one is made at once");
    let again = desk.ticket_of_file(&disk).unwrap();
    let view: BackupsView = call(&desk, "backup_folder_set", json!({ "ticket": again.ticket })).await.unwrap();
    assert_eq!(Path::new(&view.folder), own, "this computer has its folder there already");
    for _ in 0..20 {
        next_day(&desk).await;
    }
    assert_eq!(files(&beside), before, "nothing more beside the data, and what was there stays");
    assert!(disk.join(strangers).is_file(), "what is not of this computer is left alone");
    let on_disk = files(&own);
    assert!((14..21).contains(&on_disk.len()), "the older ones of this folder go: {on_disk:?}");

    std::fs::rename(&disk, folder.path().join("pulled")).unwrap();
    // As where it is mounted.
    std::fs::create_dir(&disk).unwrap();
    let view = next_day(&desk).await;
    assert_eq!(view.trouble.map(|error| error.code).as_deref(), Some("desk-backup-folder"));
    assert!(view.chosen && files(&disk).is_empty(), "it is waited for, and nothing is made in its place");
    let fallen_back = files(&beside);
    assert!(fallen_back.len() == 2 && fallen_back.is_superset(&before), "{fallen_back:?}");
    closed(desk).await;
    let desk = open();
    let started = start(&desk).await.unwrap();
    assert_eq!(started.notices.iter().map(|n| n.code.as_str()).collect::<Vec<_>>(), ["desk-backup-folder"]);
    assert_eq!(files(&beside), fallen_back, "one a day is enough");

    std::fs::remove_dir(&disk).unwrap();
    std::fs::rename(folder.path().join("pulled"), &disk).unwrap();
    desk.enter(practice.connection()).await.unwrap();
    let view = next_day(&desk).await;
    assert!(view.trouble.is_none(), "{:?}", view.trouble);
    assert_eq!(files(&beside), fallen_back);
    assert!(files(&own).contains(&view.backups[0].name), "the newest lies there again");
    let checked: BackupLine = call(&desk, "backup_check", json!({ "name": view.backups[0].name })).await.unwrap();
    assert!(checked.problem.is_none());
    let listed: BTreeSet<String> = view.backups.iter().map(|line| line.name.clone()).collect();
    assert!(listed.is_superset(&fallen_back), "those beside the data are listed too: {listed:?}");

    let spoilt = Connection::open(data(folder.path()).join("huijiao.db")).unwrap();
    spoilt.execute_batch("INSERT INTO settings (name, body) VALUES ('spoilt', zeroblob(40));").unwrap();
    let view = next_day(&desk).await;
    assert_eq!(view.trouble.map(|error| error.code).as_deref(), Some("desk-backup-unproven"), "no fault of the folder");
    assert_eq!(files(&beside), fallen_back, "so nothing more beside the data");
    spoilt.execute_batch("DELETE FROM settings WHERE name = 'spoilt';").unwrap();

    let on_disk = files(&own);
    let view: BackupsView = call(&desk, "backup_folder_set", json!({})).await.unwrap();
    assert!(!view.chosen && Path::new(&view.folder) == beside);
    assert_eq!(files(&own), on_disk, "what lies there stays there");
    assert_eq!(files(&beside).len(), fallen_back.len() + 1, "and today's is made where they go now");
}

/// The folder of the backups takes its time: in it lies a file that says nothing until somebody writes to it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_desk_answers_while_the_backup_of_the_day_is_made() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let keyring = KeyringUse::Given(Arc::<MemoryVault>::default());
    let config = config(folder.path(), Path::new(WORKER));
    let desk = Arc::new(Desk::new(DeskConfig { keyring, clock: clock.clone(), ..config }));
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let chosen = desk.ticket_of_file(&disk).unwrap();
    let view: BackupsView = call(&desk, "backup_folder_set", json!({ "ticket": chosen.ticket })).await.unwrap();
    let own = PathBuf::from(&view.folder);
    let daily = || {
        let names = std::fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with("-daily.hjb")).count()
    };
    assert_eq!(daily(), 1, "that of today");
    let silent = own.join("huijiao-20200101-080000-daily.hjb");
    assert!(Command::new("mkfifo").arg(&silent).status().unwrap().success());

    *clock.0.lock().unwrap() += SignedDuration::from_hours(24);
    call::<HomeView>(&desk, "home", json!({})).await.expect("who looks at today does not wait for it");
    // Opens once somebody reads it.
    let read = silent.clone();
    let reading =
        tokio::task::spawn_blocking(move || std::fs::File::options().write(true).open(read).unwrap()).await.unwrap();
    call::<SafetyView>(&desk, "safety", json!({})).await.expect("what needs the data has them");
    call::<HomeView>(&desk, "home", json!({})).await.expect("nor whoever looks again");
    assert_eq!(start(&desk).await.unwrap().vault, VaultState::Ready, "nor does who comes back to a locked screen");
    assert!(Arc::strong_count(&desk) > 1, "the control: the backup waits for its folder");
    std::fs::remove_file(&silent).unwrap();
    drop(reading);
    at_rest(&desk).await;
    assert_eq!(daily(), 2, "and is made all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_backup_folder_that_is_away_is_named_when_something_is_erased() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let keyring = Arc::new(MemoryVault::default());
    let open = || {
        let config = config(folder.path(), Path::new(WORKER));
        Arc::new(Desk::new(DeskConfig { keyring: KeyringUse::Given(keyring.clone()), clock: clock.clone(), ..config }))
    };
    let (disk, pulled) = (folder.path().join("disk"), folder.path().join("pulled"));
    std::fs::create_dir(&disk).unwrap();
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    import(&desk, &practice.workbook_folder.join(workbooks::FAULTS), "2026-07").await.unwrap();
    let chosen = desk.ticket_of_file(&disk).unwrap();
    let view: BackupsView = call(&desk, "backup_folder_set", json!({ "ticket": chosen.ticket })).await.unwrap();
    let own = PathBuf::from(&view.folder);
    assert!(view.chosen && !view.backups.is_empty(), "{view:?}");
    std::fs::rename(&disk, &pulled).unwrap();
    let view: BackupsView = call(&desk, "backup_folder_set", json!({})).await.unwrap();
    assert!(!view.chosen, "it can be left while it is away");
    closed(desk).await;

    *clock.0.lock().unwrap() += SignedDuration::from_hours(24 * 366 * 6);
    let desk = open();
    start(&desk).await.unwrap();
    call::<Erased>(&desk, "erase", json!({})).await.unwrap();
    let older = async || call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().older.unwrap();
    let named = older().await;
    let away = named.backups.iter().find(|one| Path::new(&one.path) == own).expect("it may hold what was erased");
    assert!(!away.here && away.made_at.is_empty(), "nobody knows what is in it: {away:?}");

    std::fs::rename(&pulled, &disk).unwrap();
    let named = older().await;
    assert!(named.backups.iter().all(|one| Path::new(&one.path) != own), "it is no riddle any more: {named:?}");
    let inside: Vec<_> = named.backups.iter().filter(|one| Path::new(&one.path).starts_with(&own)).collect();
    assert!(!inside.is_empty() && inside.iter().all(|one| one.here), "each of its backups by itself: {named:?}");
    let gone: OlderBackupsGone = call(&desk, "older_backups_delete", json!({})).await.unwrap();
    assert!(gone.missing.is_empty(), "{gone:?}");
    assert_eq!(std::fs::read_dir(&own).unwrap().count(), 0, "what was erased is nowhere any more");
}

/// Erased is what these data hold. What a restoration has replaced is in no backup of theirs.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_the_data_that_were_replaced_is_not_deleted_after_an_erasure_in_those_that_came() {
    let (_elsewhere, theirs, _) = of_another_computer().await;
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let keyring = Arc::new(MemoryVault::default());
    let open = || {
        let config = config(folder.path(), Path::new(WORKER));
        Arc::new(Desk::new(DeskConfig { keyring: KeyringUse::Given(keyring.clone()), clock: clock.clone(), ..config }))
    };
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let ticket: Ticket = desk.ticket_of_file(&theirs).unwrap();
    let args = json!({ "choice": { "ticket": ticket.ticket }, "passphrase": THEIRS });
    call::<StartView>(&desk, "restore", args).await.unwrap();
    closed(desk).await;
    let beside = folder.path().join("desk/backups");
    let replaced = files_under(&beside).into_iter().find(|file| file.to_string_lossy().ends_with("-restore.hjb"));
    let replaced = replaced.expect("what was there was backed up first");

    *clock.0.lock().unwrap() += SignedDuration::from_hours(24 * 366 * 6);
    let desk = open();
    start(&desk).await.unwrap();
    call::<Erased>(&desk, "erase", json!({})).await.unwrap();
    let older = call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().older.expect("that of the day it came");
    let of = |path: &Path| Backup::look(path).unwrap().head.fingerprint;
    let print = of(&theirs);
    assert!(older.backups.iter().all(|one| of(Path::new(&one.path)) == print), "{older:?}");
    let gone: OlderBackupsGone = call(&desk, "older_backups_delete", json!({})).await.unwrap();
    assert_eq!(gone.deleted as usize, older.backups.len(), "{gone:?}");
    assert_eq!(Backup::look(&replaced).unwrap().head.drafts, 1, "it is all there is of what was here before");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_backup_can_be_written_it_is_said_and_work_goes_on() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let first = desk(folder.path(), Path::new(WORKER));
    first.enter(practice.connection()).await.unwrap();
    closed(first).await;
    std::fs::write(folder.path().join("desk/backups"), "a file where the folder should be").unwrap();
    let second = desk(folder.path(), Path::new(WORKER));
    let started = start(&second).await.unwrap();
    assert_eq!(started.vault, VaultState::Ready);
    assert_eq!(started.notices.iter().map(|n| n.code.as_str()).collect::<Vec<_>>(), ["store-read-only"]);
    assert_eq!(home(&second, &practice).await.filings.len(), 0);
}

async fn audited(desk: &Arc<Desk>, filter: serde_json::Value) -> AuditView {
    call(desk, "audit", json!({ "filter": filter })).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_the_program_says_so_in_the_log_however_it_was_installed() {
    let folder = TempDir::new().unwrap();
    let keyring = Arc::new(MemoryVault::default());
    let started = async |version: &str| {
        let config = config(folder.path(), Path::new(WORKER));
        let keyring = KeyringUse::Given(keyring.clone());
        let desk = Arc::new(Desk::new(DeskConfig { keyring, version: version.into(), ..config }));
        start(&desk).await.unwrap();
        let log = audited(&desk, json!({ "what": "audit-program-updated" })).await;
        assert_eq!(log.broken, None, "{version}");
        assert!(log.lines.iter().all(|line| line.who == "系统" && line.title == "程序版本变更"), "{:?}", log.lines);
        log.lines.into_iter().map(|line| line.on).collect::<Vec<_>>()
    };
    assert_eq!(started("1.0.0").await, [""; 0], "the first there is took no other one's place");
    assert!(!folder.path().join("desk/backups").exists(), "and there is still nothing to lose");
    assert_eq!(started("1.0.0").await, [""; 0]);
    assert_eq!(started("1.1.0").await, ["1.0.0 → 1.1.0"]);
    assert_eq!(started("1.1.0").await, ["1.0.0 → 1.1.0"], "once");
    assert_eq!(started("1.0.0").await, ["1.1.0 → 1.0.0", "1.0.0 → 1.1.0"], "back again as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_operations_says_who_did_what_and_shows_when_it_was_tampered_with() {
    let keyring = Arc::new(MemoryVault::default());
    let (folder, practice, desk) = at_work(&keyring).await;
    let line = home(&desk, &practice).await.drafts[0].clone();
    let draft = call(&desk, "draft", json!({ "draft": line.draft })).await.unwrap();
    assert_eq!(sign(&desk, &draft, "clerk", "wrong-pin-99").await.unwrap_err().code, "sign-wrong-pin");
    let filed = sign(&desk, &draft, "clerk", "123456").await.unwrap();
    call::<BackupsView>(&desk, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();

    let all = audited(&desk, json!({})).await;
    let said: Vec<(&str, &str, bool)> =
        all.lines.iter().map(|l| (l.what.as_str(), l.on.as_str(), l.outcome.is_empty())).collect();
    let filing = filed.line.filing.as_str();
    assert_eq!(
        said,
        [
            ("audit-passphrase", "", true),
            ("audit-filed", filing, true),
            ("audit-filed", "", false),
            ("audit-imported", line.draft.as_str(), true),
        ],
        "the newest first; what failed is there as well, what only looked is not"
    );
    let certificate = P12Folder::new(practice.certificates.clone()).open("clerk").unwrap().certificate().clone();
    let clerk = format!("王晓敏（证书 {}）", certificate.serial_hex());
    assert!(all.lines.iter().all(|l| l.who == clerk), "by name and certificate: {:?}", all.lines);
    assert_eq!(all.broken, None);
    let failed = audited(&desk, json!({ "what": "audit-filed", "find": "PIN" })).await;
    assert_eq!((failed.found, failed.entries), (1, 4), "{:?}", failed.lines);
    assert_eq!(
        audited(&desk, json!({ "find": filing, "page": 9 })).await.lines.len(),
        1,
        "past the end is the last page"
    );
    let written: ExportedFile = call(&desk, "audit_export", json!({})).await.unwrap();
    let sheet = everything_in(&Path::new(&written.folder).join(&written.file));
    assert!(sheet.contains(filing) && sheet.contains("签名提交") && sheet.contains(&all.head), "{sheet}");
    assert!(sheet.contains(&clerk), "whoever reads it elsewhere has no keys to look up: {sheet}");
    for nobody in ["clerk", PASSPHRASE, "wrong-pin-99"] {
        assert!(!sheet.contains(nobody), "«{nobody}» has no place in it");
    }
    closed(desk).await;

    // Somebody takes the failed signature out, past the program.
    let connection = Connection::open(data(folder.path()).join("huijiao.db")).unwrap();
    connection.execute_batch("DROP TRIGGER audit_is_never_deleted; DELETE FROM audit WHERE seq = 2;").unwrap();
    connection.close().unwrap();
    let desk = with_keyring(folder.path(), keyring);
    let started = start(&desk).await.unwrap();
    assert_eq!(started.vault, VaultState::Ready, "work goes on");
    let notices: Vec<(&str, &str)> =
        started.notices.iter().map(|n| (n.code.as_str(), n.args["seq"].as_str())).collect();
    assert_eq!(notices, [("desk-audit-broken", "2")]);
    let after = audited(&desk, json!({})).await;
    assert_eq!((after.broken, after.entries), (Some(2), 4), "three are left, and the export that was added");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_the_certificate_that_signed_and_who_acts_without_one_and_older_entries_stay() {
    let keyring = Arc::new(MemoryVault::default());
    let (folder, practice, desk) = at_work(&keyring).await;
    let line = home(&desk, &practice).await.drafts[0].clone();
    closed(desk).await;
    // As earlier versions wrote: the key's id, and nobody before a login.
    let mut store = Store::open(&data(folder.path()), &keyring.load().unwrap().unwrap()).unwrap();
    for who in ["", "clerk", "gone"] {
        let at = "2026-07-01T09:00:00+08:00".to_owned();
        let (what, on) = ("audit-opened".to_owned(), String::new());
        store.audit(&AuditEvent { at, who: who.to_owned(), what, on, outcome: String::new() }).unwrap();
    }
    drop(store);

    let pin = Pin::new(PIN);
    let issued = practice.center.issue_operator(practice.unit_account, "王晓敏", UnitRole::Clerk, pin.clone()).await;
    let second = P12Folder::new(&practice.certificates).install("second", &issued.unwrap().p12, &pin).unwrap();
    let desk = with_keyring(folder.path(), keyring);
    start(&desk).await.unwrap();
    let safety = json!({ "lock_minutes": 10, "masked": true, "retention_days": 0 });
    call::<SafetyView>(&desk, "safety_set", safety).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    let draft = call(&desk, "draft", json!({ "draft": line.draft })).await.unwrap();
    assert_eq!(sign(&desk, &draft, "second", "wrong-pin-99").await.unwrap_err().code, "sign-wrong-pin");
    sign(&desk, &draft, "second", PIN).await.unwrap();

    let log = audited(&desk, json!({})).await;
    let first = P12Folder::new(&practice.certificates).open("clerk").unwrap().certificate().serial_hex();
    let clerk = |serial: &str| format!("王晓敏（证书 {serial}）");
    let said: Vec<(&str, &str)> = log.lines.iter().map(|l| (l.what.as_str(), l.who.as_str())).collect();
    let (by_first, by_second) = (clerk(&first), clerk(&second.serial_hex()));
    assert_eq!(
        said,
        [
            ("audit-filed", by_second.as_str()),
            // Nothing was signed with it.
            ("audit-filed", by_first.as_str()),
            ("audit-safety", "本机用户"),
            ("audit-opened", "gone"),
            ("audit-opened", "王晓敏"),
            ("audit-opened", ""),
            ("audit-imported", by_first.as_str()),
        ]
    );
    assert_eq!(log.broken, None, "what was written before is as it was");
}

/// Every text of a workbook.
fn everything_in(file: &Path) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut text = String::new();
    for index in 0..archive.len() {
        std::io::Read::read_to_string(&mut archive.by_index(index).unwrap(), &mut text).unwrap();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_locked_screen_there_is_nothing_to_be_had() {
    let (_folder, _practice, desk) = at_work(&Arc::default()).await;
    let locked: StartView = call(&desk, "lock", json!({})).await.unwrap();
    assert!(locked.session.is_none(), "not even the unit's name");
    let ways: Vec<(&str, &str)> =
        locked.lock.iter().flatten().map(|w| (w.certificate.as_str(), w.holder.as_str())).collect();
    assert_eq!(ways, [("clerk", "王晓敏")], "the PIN of whoever is logged in");
    for command in COMMANDS {
        // How the screen looks is the same for everybody; two numbers of a step under way name nobody, and asking for them
        // must not wait for it.
        let open = ["start", "unlock_screen", "pulse", "help_pages", "help_page", "preferences", "step", "step_cancel"];
        if open.contains(command) {
            continue;
        }
        let refused = call::<serde_json::Value>(&desk, command, json!({})).await.unwrap_err();
        assert_eq!(refused.code, "desk-screen-locked", "{command}");
    }
    let reloaded = start(&desk).await.unwrap();
    assert!(reloaded.lock.is_some() && reloaded.session.is_none(), "nor by loading the page anew");
    let unlock = |certificate: &str, secret: &str| {
        let (desk, args) = (desk.clone(), json!({ "certificate": certificate, "secret": secret }));
        async move { call::<StartView>(&desk, "unlock_screen", args).await }
    };
    assert_eq!(unlock("clerk", "000000").await.unwrap_err().code, "sign-wrong-pin");
    assert_eq!(unlock("approver", "123456").await.unwrap_err().code, "desk-certificate-other-operator");
    assert_eq!(unlock("", PASSPHRASE).await.unwrap_err().code, "desk-no-way-to-unlock", "none was set");
    assert!(start(&desk).await.unwrap().lock.is_some());
    let open = unlock("clerk", "123456").await.unwrap();
    assert!(open.lock.is_none() && open.session.is_some(), "where it was left");
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    assert_eq!(home.drafts.len(), 1, "and nothing was lost");

    call::<BackupsView>(&desk, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    call::<StartView>(&desk, "lock", json!({})).await.unwrap();
    assert_eq!(unlock("", "不是这一句话吧").await.unwrap_err().code, "vault-wrong-passphrase");
    assert!(unlock("", PASSPHRASE).await.unwrap().lock.is_none(), "the passphrase does as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_program_does_not_unlock_the_screen() {
    let keyring = Arc::new(MemoryVault::default());
    let (folder, practice, first) = at_work(&keyring).await;
    call::<StartView>(&first, "lock", json!({})).await.unwrap();
    closed(first).await;
    let second = with_keyring(folder.path(), keyring.clone());
    let started = start(&second).await.unwrap();
    assert_eq!(started.vault, VaultState::Ready, "the keyring opens the data, and the screen stays locked");
    let ways: Vec<&str> = started.lock.iter().flatten().map(|way| way.certificate.as_str()).collect();
    assert_eq!(ways, ["clerk"], "the PIN of whoever locked it");
    let refused = call::<serde_json::Value>(&second, "units", json!({})).await.unwrap_err();
    assert_eq!(refused.code, "desk-screen-locked");
    let unlock = |secret: &str| {
        let (desk, args) = (second.clone(), json!({ "certificate": "clerk", "secret": secret }));
        async move { call::<StartView>(&desk, "unlock_screen", args).await }
    };
    assert_eq!(unlock("000000").await.unwrap_err().code, "sign-wrong-pin");
    assert!(unlock(PIN).await.unwrap().lock.is_none());
    assert_eq!(home(&second, &practice).await.drafts.len(), 1, "and nothing was lost");
    closed(second).await;
    let third = with_keyring(folder.path(), keyring.clone());
    assert!(start(&third).await.unwrap().lock.is_none(), "unlocked is unlocked");

    // Locked, and the key that would unlock it is gone: nobody is locked out of his data for ever.
    home(&third, &practice).await;
    call::<StartView>(&third, "lock", json!({})).await.unwrap();
    closed(third).await;
    std::fs::remove_file(practice.certificates.join("clerk.p12")).unwrap();
    let fourth = with_keyring(folder.path(), keyring);
    assert!(start(&fourth).await.unwrap().lock.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_nothing_could_unlock_is_not_locked() {
    let folder = TempDir::new().unwrap();
    let desk = with_keyring(folder.path(), Arc::<MemoryVault>::default());
    start(&desk).await.unwrap();
    assert!(!call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().can_lock);
    assert_eq!(call::<StartView>(&desk, "lock", json!({})).await.unwrap_err().code, "desk-no-way-to-unlock");
    assert!(start(&desk).await.unwrap().lock.is_none());
    let odd = json!({ "lock_minutes": 7, "masked": true, "retention_days": 0 });
    assert_eq!(call::<SafetyView>(&desk, "safety_set", odd).await.unwrap_err().code, "desk-bad-arguments");
    let chosen = json!({ "lock_minutes": 30, "masked": false, "retention_days": 365 });
    call::<SafetyView>(&desk, "safety_set", chosen).await.unwrap();
    let kept: SafetyView = call(&desk, "safety", json!({})).await.unwrap();
    assert_eq!((kept.lock_minutes, kept.masked, kept.retention_days), (30, false, 365));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_go_when_their_time_is_over_and_not_before() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let desk = Arc::new(Desk::new(DeskConfig {
        keyring: KeyringUse::Given(Arc::<MemoryVault>::default()),
        clock: clock.clone(),
        ..config(folder.path(), Path::new(WORKER))
    }));
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    // As restorations left them that could not open what was there.
    let aside = |name: &str| folder.path().join("desk").join(name);
    let (older, last, foreign) =
        (aside("replaced-20200101-080000"), aside("replaced-20200201-080000"), aside("replaced-by-hand"));
    for one in [&older, &last, &foreign] {
        std::fs::create_dir(one).unwrap();
        std::fs::write(one.join("huijiao.db"), "what could not be opened").unwrap();
    }
    let keep = json!({ "lock_minutes": 0, "masked": true, "retention_days": 180 });
    call::<SafetyView>(&desk, "safety_set", keep).await.unwrap();
    let named = json!({ "draft": draft.draft });
    for (days, there) in [(100, true), (100, false)] {
        *clock.0.lock().unwrap() += SignedDuration::from_hours(24 * days);
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        at_rest(&desk).await;
        assert_eq!(home.drafts.len(), 1, "the draft itself is no copy");
        let source = call::<ErrorsExported>(&desk, "draft_export_errors", named.clone()).await;
        match source {
            Ok(_) => assert!(there, "the workbook is kept no longer"),
            Err(error) => assert_eq!((there, error.code.as_str()), (false, "desk-source-gone")),
        }
    }
    let done: Erased = call(&desk, "erase", json!({})).await.unwrap();
    assert_eq!((done.erased.workbooks, done.erased.imports, done.erased.aside), (0, 0, 0), "nothing is left to erase");
    assert_eq!((older.exists(), last.exists(), foreign.exists()), (false, true, true), "the last one and others' stay");
    let traces = audited(&desk, json!({ "what": "audit-erased" })).await;
    let said: Vec<&str> = traces.lines.iter().map(|line| line.on.as_str()).collect();
    assert!(said.contains(&"到期自动：另存的旧数据 1"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_while_somebody_reads_in_the_log_has_its_trace_and_is_out_of_it_the_next_time() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let desk = Arc::new(Desk::new(DeskConfig {
        keyring: KeyringUse::Given(Arc::<MemoryVault>::default()),
        clock: clock.clone(),
        ..config(folder.path(), Path::new(WORKER))
    }));
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let keep = json!({ "lock_minutes": 0, "masked": true, "retention_days": 180 });
    call::<SafetyView>(&desk, "safety_set", keep).await.unwrap();
    let database = data(folder.path()).join("huijiao.db");
    let reader = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    reader.query_row("SELECT count(*) FROM drafts", [], |row| row.get::<_, u64>(0)).unwrap();

    *clock.0.lock().unwrap() += SignedDuration::from_hours(24 * 200);
    let done: Erased = call(&desk, "erase", json!({})).await.unwrap();
    assert_eq!(done.trouble.map(|trouble| trouble.code).as_deref(), Some("store-log-busy"));
    assert_eq!(done.erased.workbooks, 1, "it is erased all the same");
    let traces = audited(&desk, json!({ "what": "audit-erased" })).await;
    let said: Vec<_> = traces.lines.iter().map(|line| (line.on.as_str(), line.outcome.as_str())).collect();
    assert_eq!(said, [(done.summary.as_str(), "")], "and the log of operations says what");
    let safety: SafetyView = call(&desk, "safety", json!({})).await.unwrap();
    assert_eq!(safety.unemptied.map(|trouble| trouble.code).as_deref(), Some("store-log-busy"), "also later");
    assert_eq!(safety.erasable.workbooks, 0);

    drop(reader);
    let again: Erased = call(&desk, "erase", json!({})).await.unwrap();
    assert!(again.trouble.is_none(), "{:?}", again.trouble);
    assert!(call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().unemptied.is_none());
}

/// Somebody sets this computer's clock more than a year ahead: before a center has said what time it is, and after it has
/// said another one.
#[tokio::test(flavor = "multi_thread")]
async fn by_this_computers_clock_alone_nothing_is_erased_unasked() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let keyring = Arc::new(MemoryVault::default());
    let open = || {
        let keyring = KeyringUse::Given(keyring.clone());
        Arc::new(Desk::new(DeskConfig { keyring, clock: clock.clone(), ..config(folder.path(), Path::new(WORKER)) }))
    };
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let keep = json!({ "lock_minutes": 0, "masked": true, "retention_days": 180 });
    call::<SafetyView>(&desk, "safety_set", keep).await.unwrap();
    closed(desk).await;
    let kept = |when: &str| {
        let store = Store::open(&data(folder.path()), &keyring.load().unwrap().unwrap()).unwrap();
        let source = store.draft_source(draft.draft.parse().unwrap()).unwrap();
        assert!(source.is_some(), "{when}: the workbook is there");
        let log = store.audit_log().unwrap();
        let erased = log.entries.iter().filter_map(|entry| entry.event.as_ref()).find(|e| e.what == "audit-erased");
        assert_eq!(erased, None, "{when}");
    };

    *clock.0.lock().unwrap() += SignedDuration::from_hours(24 * 400);
    let desk = open();
    assert_eq!(start(&desk).await.unwrap().vault, VaultState::Ready);
    closed(desk).await;
    kept("at the start");
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    call::<HomeView>(&desk, "home", json!({})).await.unwrap();
    closed(desk).await;
    kept("once the center has said another time");
}

/// The accounts in the unit's roster as it lies on the disk.
fn rostered(folder: &Path, keyring: &MemoryVault, unit: &str) -> Vec<String> {
    let key = keyring.load().unwrap().unwrap();
    let (roster, _) = Store::open(&data(folder), &key).unwrap().roster(unit).unwrap().unwrap();
    roster.contributors.into_iter().map(|person| person.personal_account.into()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_longer_ago_than_the_rules_say_is_erased_here_and_the_evidence_stays() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let profile = CenterProfile::shipped("demo").unwrap();
    assert_eq!(profile.retention_years, 5, "what this test counts by");
    let unit = practice_unit(&profile).unwrap();
    let account = unit.unit.account.clone();
    // As the center has them that were sealed years ago, lately, and by somebody who wrote down no month.
    let register = Connection::open(folder.path().join("practice/center/center.db")).unwrap();
    let sealed: Vec<&Contributor> =
        unit.roster.contributors.iter().filter(|person| person.status == AccountStatus::Sealed).collect();
    let leave = |place: usize, changes: serde_json::Value| {
        let person = sealed[place].personal_account.to_string();
        let sealed = "update contributor set changes = ?3 where unit = ?1 and personal_account = ?2";
        assert_eq!(register.execute(sealed, (&account, &person, changes.to_string())).unwrap(), 1);
        person
    };
    let long = leave(0, json!({ "sealed": ["2019-01"] }));
    let (lately, undated) = (leave(1, json!({ "sealed": ["2026-05"] })), leave(2, json!({})));
    drop(register);

    let keyring = Arc::new(MemoryVault::default());
    let clock = Arc::new(Moving(Mutex::new(SystemClock.now())));
    let open = || {
        let config = config(folder.path(), Path::new(WORKER));
        Arc::new(Desk::new(DeskConfig { keyring: KeyringUse::Given(keyring.clone()), clock: clock.clone(), ..config }))
    };
    let desk = open();
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    let clean = practice.workbook_folder.join(workbooks::CLEAN);
    let filed = import(&desk, &clean, "2026-07").await.unwrap();
    let filed = sign(&desk, &filed, "clerk", PIN).await.unwrap();
    import(&desk, &practice.workbook_folder.join(workbooks::FAULTS), "2026-07").await.unwrap();
    let safety: SafetyView = call(&desk, "safety", json!({})).await.unwrap();
    let kept = &safety.retention[0];
    assert_eq!((kept.account.as_str(), kept.years), (account.as_str(), 5));
    let due = &safety.erasable;
    assert_eq!((due.people, due.drafts, due.imports), (1, 0, 0), "five years and more, by what the center says");
    assert!(safety.older.is_none(), "nothing was erased yet");
    let (stays, moved): (ExportedFile, ExportedFile) =
        (call(&desk, "backup_make", json!({})).await.unwrap(), call(&desk, "backup_make", json!({})).await.unwrap());
    let at = |file: &ExportedFile| Path::new(&file.folder).join(&file.file);
    let stick = folder.path().join("stick.hjb");
    std::fs::rename(at(&moved), &stick).unwrap();
    *clock.0.lock().unwrap() += SignedDuration::from_mins(1);
    let done: Erased = call(&desk, "erase", json!({})).await.unwrap();
    assert_eq!(done.summary, "离职人员 1");
    let newer: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();
    let older = call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().older.expect("they still have him");
    let there = |file: &ExportedFile| older.backups.iter().find(|one| Path::new(&one.path) == at(file)).map(|b| b.here);
    assert_eq!((there(&stays), there(&moved), there(&newer)), (Some(true), Some(false), None), "{older:?}");
    let spoilt = Connection::open(data(folder.path()).join("huijiao.db")).unwrap();
    spoilt.execute_batch("INSERT INTO settings (name, body) VALUES ('spoilt', zeroblob(40));").unwrap();
    let refused = call::<OlderBackupsGone>(&desk, "older_backups_delete", json!({})).await.unwrap_err();
    assert_eq!(refused.code, "desk-backup-unproven", "what would be left brings less back than what would go");
    let still = call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().older.unwrap();
    assert_eq!(still.backups.len(), older.backups.len(), "none of them went");
    assert!(at(&stays).exists());
    spoilt.execute_batch("DELETE FROM settings WHERE name = 'spoilt';").unwrap();
    drop(spoilt);
    *clock.0.lock().unwrap() += SignedDuration::from_mins(1);
    let gone: OlderBackupsGone = call(&desk, "older_backups_delete", json!({})).await.unwrap();
    let missing: Vec<&Path> = gone.missing.iter().map(|one| Path::new(&one.path)).collect();
    assert_eq!(missing, [at(&moved)], "what is not here is named");
    assert_eq!(gone.deleted as usize, older.backups.len() - 1);
    assert_eq!((at(&stays).exists(), at(&newer).exists(), stick.exists()), (false, true, true));
    assert!(call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().older.is_none(), "nothing more to be done");
    let kept: BackupsView = call(&desk, "backups", json!({})).await.unwrap();
    let checked = json!({ "name": kept.backups[0].name });
    call::<BackupLine>(&desk, "backup_check", checked).await.expect("nobody is left without a backup");
    let traces = audited(&desk, json!({ "what": "audit-backups-deleted" })).await;
    assert_eq!(traces.lines[0].on, gone.summary);
    call::<serde_json::Value>(&desk, "refresh", json!({})).await.unwrap();
    let traces = audited(&desk, json!({ "what": "audit-erased" })).await;
    assert_eq!(traces.lines[0].on, "离职人员 1", "how many, and nobody's name");
    closed(desk).await;
    let on_disk = rostered(folder.path(), &keyring, &account);
    assert!(!on_disk.contains(&long), "and what the center gives anew does not bring him back");
    assert!(on_disk.contains(&lately) && on_disk.contains(&undated), "not a day too early");
    assert_eq!(on_disk.len(), unit.roster.contributors.len() - 1);

    *clock.0.lock().unwrap() += SignedDuration::from_hours(24 * 366 * 6);
    let desk = open();
    start(&desk).await.unwrap();
    let due = call::<SafetyView>(&desk, "safety", json!({})).await.unwrap().erasable;
    let others = sealed.len() as u64 - 1;
    assert_eq!((due.people, due.drafts, due.imports), (others, 1, 2), "{due:?}");
    let done: Erased = call(&desk, "erase", json!({})).await.unwrap();
    assert_eq!(done.summary, format!("离职人员 {others}、草稿 1、导入记录 2"));
    let log: AuditView = audited(&desk, json!({})).await;
    assert_eq!(log.broken, None, "the log of operations is whole");
    closed(desk).await;
    let on_disk = rostered(folder.path(), &keyring, &account);
    assert!(!on_disk.contains(&lately) && !on_disk.contains(&undated), "their years are over");
    let store = Store::open(&data(folder.path()), &keyring.load().unwrap().unwrap()).unwrap();
    let id: Uuid = filed.line.filing.parse().unwrap();
    assert!(!store.filing_file(id).unwrap().is_empty(), "what was signed stays");
    assert_eq!(store.receipts(id).unwrap().len(), 1, "and what was answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_on_the_same_data_is_told_so_and_the_first_goes_on() {
    let keyring = Arc::new(MemoryVault::default());
    let (folder, practice, first) = at_work(&keyring).await;
    let second = with_keyring(folder.path(), keyring);
    assert_eq!(start(&second).await.unwrap_err().code, "store-in-use");
    let backups: BackupsView = call(&second, "backups", json!({})).await.unwrap();
    assert!(backups.backups.is_empty());
    let made: ExportedFile = call(&first, "backup_make", json!({})).await.unwrap();
    let restored = call::<StartView>(&second, "restore", json!({ "choice": chosen(&second, &made) })).await;
    assert_eq!(restored.unwrap_err().code, "store-in-use", "nobody's data are replaced while they are worked with");
    assert_eq!(home(&first, &practice).await.drafts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_clock_off_by_a_day_it_warns_and_signs_nothing() {
    for hours in [-24, 24] {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let clock = Arc::new(Moving(Mutex::new(SystemClock.now() + SignedDuration::from_hours(hours))));
        let desk = Arc::new(Desk::new(DeskConfig {
            keyring: KeyringUse::Given(Arc::<MemoryVault>::default()),
            clock,
            ..config(folder.path(), Path::new(WORKER))
        }));
        start(&desk).await.unwrap();
        let session = desk.enter(practice.connection()).await.unwrap();
        let off = session.clock_skew_minutes.expect("it is said");
        assert!((i64::from(off) + hours * 60).abs() <= 2, "{hours} h: {off} min");
        let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
        let refused = sign(&desk, &draft, "clerk", "123456").await.unwrap_err();
        assert_eq!(refused.code, "desk-clock-off", "{hours} h: before a PIN is asked for anything");
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        assert_eq!((home.drafts.len(), home.filings.len()), (1, 0), "nothing was signed, the draft is as it was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_a_clock_off_by_minutes_is_said_and_by_more_than_an_hour_signs_nothing() {
    enum Signed {
        Yes,
        NotHere,
        NotThere,
    }
    let cases = [
        (4, false, Signed::Yes),
        // The center believes ten, and a second may go by either way.
        (9, true, Signed::Yes),
        (-10, true, Signed::Yes),
        // More than the center believes, and less than would be known here for certain.
        (30, true, Signed::NotThere),
        (62, true, Signed::NotHere),
        (-62, true, Signed::NotHere),
    ];
    for (minutes, warned, signed) in cases {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let clock = Arc::new(SetByHand::default());
        clock.set_minutes(minutes);
        let keyring = KeyringUse::Given(Arc::<MemoryVault>::default());
        let desk = Arc::new(Desk::new(DeskConfig { keyring, clock, ..config(folder.path(), Path::new(WORKER)) }));
        start(&desk).await.unwrap();
        let off = desk.enter(practice.connection()).await.unwrap().clock_skew_minutes;
        assert_eq!(off.is_some(), warned, "{minutes} min: five are borne in silence");
        assert!(off.is_none_or(|off| (i64::from(off) + minutes).abs() <= 2), "{minutes} min: {off:?}");
        let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
        let outcome = sign(&desk, &draft, "clerk", PIN).await;
        match signed {
            Signed::Yes => assert_eq!(outcome.unwrap().line.stage, FilingStage::Settled, "{minutes} min"),
            Signed::NotThere => {
                let refused = outcome.unwrap();
                let code = refused.trouble.unwrap().code;
                let said = (refused.line.stage, code.as_str());
                assert_eq!(said, (FilingStage::Refused, "problem-signing-time"), "{minutes} min: named for what it is");
            }
            Signed::NotHere => {
                assert_eq!(outcome.unwrap_err().code, "desk-clock-off", "{minutes} min");
                let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
                assert_eq!((home.drafts.len(), home.filings.len()), (1, 0), "{minutes} min: nothing was signed");
            }
        }
    }
}

/// Everything under a folder, by its path.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_under(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_a_killed_export_leaves_no_half_of_an_evidence_folder() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let first = desk(folder.path(), Path::new(WORKER));
    first.enter(practice.connection()).await.unwrap();
    let draft = import(&first, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    assert_eq!(sign(&first, &draft, "clerk", PIN).await.unwrap().line.stage, FilingStage::Settled);
    closed(first).await;
    let export = folder.path().join("export");
    let life = async |at: Option<usize>| {
        let mut clerk = Command::new(env!("CARGO_BIN_EXE_huijiao-test-clerk"));
        clerk.arg(folder.path()).arg(connection_text(&practice.connection())).arg("evidence");
        if let Some(at) = at {
            clerk.env("HUIJIAO_ABORT_AT", format!("evidence-file {at}"));
        }
        tokio::task::spawn_blocking(move || clerk.status().unwrap().success()).await.unwrap()
    };
    let names = || {
        let entries = std::fs::read_dir(&export).into_iter().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    for at in [0, 4] {
        assert!(!life(Some(at)).await, "it is killed before file {at}");
        assert!(names().iter().all(|name| name.starts_with('.')), "nothing that looks like evidence: {:?}", names());
    }
    assert_eq!(names().len(), 1, "and what the first left is gone");
    for count in [1, 2] {
        assert!(life(None).await);
        assert_eq!(names().len(), count, "what was killed is cleared away, what is whole stays: {:?}", names());
    }
    for name in names() {
        let sums = Command::new("sha256sum")
            .args(["--check", "--quiet", "SHA256SUMS.txt"])
            .current_dir(export.join(&name))
            .output()
            .unwrap();
        assert!(sums.status.success(), "{name}: {}", String::from_utf8_lossy(&sums.stderr));
    }
}

/// Says to the test where its own small disk is.
const SMALL_DISK: &str = "HUIJIAO_TEST_DISK";

/// Runs a test in a process that has a small disk of its own; says whether this is that process.
///
/// # Panics
/// On a system that lets nobody mount anything: what happens on a full disk is not shown there, and must not seem so.
#[cfg(target_os = "linux")]
fn on_a_small_disk(name: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(SMALL_DISK) {
        return Some(disk.into());
    }
    let disk = TempDir::new().unwrap();
    let mount = "mount -t tmpfs -o size=64m none \"$1\"";
    // Whoever may not have users of his own may be root himself.
    let own = [&["--user", "--map-root-user", "--mount", "sh", "-c"][..], &["--mount", "sh", "-c"]];
    let own = own.into_iter().find(|own| {
        let may = Command::new("unshare").args(*own).args([mount, "sh"]).arg(disk.path()).status();
        may.is_ok_and(|ended| ended.success())
    });
    let own = own.unwrap_or_else(|| panic!("{name} needs a user namespace with a mount (unshare), or root"));
    let run = format!("{mount} && shift && exec \"$@\"");
    let outcome = Command::new("unshare")
        .args(own)
        .args([&run, "sh"])
        .arg(disk.path())
        .arg(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(SMALL_DISK, disk.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{said}{}", String::from_utf8_lossy(&outcome.stderr));
    assert!(said.contains("1 passed"), "{name} must be the name of the test: {said}");
    None
}

/// Takes what room there is; what the database could use again of its log as well.
#[cfg(target_os = "linux")]
fn fill(disk: &Path) -> PathBuf {
    let database = Connection::open(disk.join("desk/practice/data/huijiao.db")).unwrap();
    let busy: i64 = database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(busy, 0, "nobody reads it");
    drop(database);
    take_the_rest(disk)
}

#[cfg(target_os = "linux")]
fn take_the_rest(disk: &Path) -> PathBuf {
    let filler = disk.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    for size in [1 << 16, 1] {
        while std::io::Write::write_all(&mut file, &vec![0; size]).is_ok() {}
    }
    filler
}

#[cfg(target_os = "linux")]
#[test]
fn f46_f47_on_a_full_disk_nothing_is_half_and_nothing_is_lost() {
    let Some(disk) = on_a_small_disk("f46_f47_on_a_full_disk_nothing_is_half_and_nothing_is_lost") else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let elsewhere = TempDir::new_in(std::env::current_exe().unwrap().parent().unwrap()).unwrap();
        let practice = Practice::open(&elsewhere.path().join("practice"), SystemClock.now()).await.unwrap();
        let keyring = Arc::new(MemoryVault::default());
        let desk = with_keyring(&disk, keyring.clone());
        start(&desk).await.unwrap();
        desk.enter(practice.connection()).await.unwrap();
        let clean = practice.workbook_folder.join(workbooks::CLEAN);
        let draft = import(&desk, &clean, "2026-07").await.unwrap();
        let version = home(&desk, &practice).await.session.roster.unwrap().version;
        let code = |error: UiError| error.code;

        let filler = fill(&disk);
        assert_eq!(import(&desk, &clean, "2026-07").await.map(drop).map_err(code), Err("store-full".into()));
        let op = json!({ "op": "set", "index": 0, "field": "new_base", "text": "6789.00" });
        let edit = json!({ "draft": draft.draft, "revision": draft.revision, "ops": [op] });
        assert_eq!(
            call::<DraftView>(&desk, "draft_edit", edit).await.map(drop).map_err(code),
            Err("store-full".into())
        );
        let refused = sign(&desk, &draft, "clerk", PIN).await.map(drop).unwrap_err();
        assert_eq!(
            (refused.code.as_str(), refused.args["needed"].as_str()),
            ("store-full", "16"),
            "before it is signed"
        );
        let made = call::<ExportedFile>(&desk, "backup_make", json!({})).await.map(drop).map_err(code);
        assert_eq!(made, Err("store-full".into()));
        let blank = json!({ "kind": "base_adjustment" });
        let template = call::<TemplateExported>(&desk, "template_export", blank).await.map(drop).map_err(code);
        assert_eq!(template, Err("desk-file-write".into()));
        let marked = call::<ErrorsExported>(&desk, "draft_export_errors", json!({ "draft": draft.draft })).await;
        assert_eq!(marked.map(drop).map_err(code), Err("desk-file-write".into()));
        let form = json!({ "form": { "paper": "draft", "draft": draft.draft } });
        let paper = call::<ExportedFile>(&desk, "paper_save", form).await.map(drop).map_err(code);
        assert_eq!(paper, Err("desk-file-write".into()));
        assert_eq!(files_under(&disk.join("export")), Vec::<PathBuf>::new(), "no half of a file anywhere");
        std::fs::remove_file(filler).unwrap();
        let seen = home(&desk, &practice).await;
        assert_eq!((seen.drafts.len(), seen.filings.len()), (1, 0), "the draft is there, and nothing else");
        let as_it_is: DraftView = call(&desk, "draft", json!({ "draft": draft.draft })).await.unwrap();
        assert_eq!(as_it_is.revision, draft.revision, "as it was");
        assert_eq!(seen.session.roster.unwrap().version, version, "the center has heard of nothing");

        // Sent, and the answer lost; meanwhile the disk fills up.
        practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
        let unknown = sign(&desk, &draft, "clerk", PIN).await.unwrap();
        assert_eq!(unknown.line.stage, FilingStage::Unknown);
        let filler = fill(&disk);
        let named = json!({ "filing": unknown.line.filing });
        let evidence = call::<Exported>(&desk, "filing_export", named.clone()).await.map(drop).map_err(code);
        assert_eq!(evidence, Err("desk-file-write".into()));
        assert_eq!(files_under(&disk.join("export")), Vec::<PathBuf>::new(), "no half of the evidence either");
        let asked: FilingView = call(&desk, "ask", named.clone()).await.unwrap();
        assert_eq!(asked.line.stage, FilingStage::Settled, "the room for the receipt was kept: {:?}", asked.trouble);
        assert!(asked.receipt.unwrap().valid);
        std::fs::remove_file(filler).unwrap();
        assert_eq!(home(&desk, &practice).await.session.roster.unwrap().version, version + 1, "booked once");
        call::<Exported>(&desk, "filing_export", named).await.expect("and now there is evidence");
        closed(desk).await;

        // The disk can be read and no more: said at the start, and nothing is lost by it.
        let remount = |how: &str| {
            let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&disk).status().unwrap();
            assert!(done.success(), "{how}");
        };
        remount("ro");
        let desk = with_keyring(&disk, keyring.clone());
        assert_eq!(start(&desk).await.map(drop).map_err(code), Err("store-read-only".into()));
        remount("rw");
        assert_eq!(home(&desk_started(&disk, keyring).await, &practice).await.filings.len(), 1);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn f46_f47_what_an_approver_has_written_out_is_whole_or_not_there_and_never_over_another() {
    let name = "f46_f47_what_an_approver_has_written_out_is_whole_or_not_there_and_never_over_another";
    let Some(disk) = on_a_small_disk(name) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let elsewhere = TempDir::new_in(std::env::current_exe().unwrap().parent().unwrap()).unwrap();
        let practice = Practice::open(&elsewhere.path().join("practice"), SystemClock.now()).await.unwrap();
        practice.center.set_approval(FilingKind::Deferral, Approval::Always).await.unwrap();
        // What is signed is kept on a good disk: only what is written out meets the full one.
        let [clerk, approver] = ["one", "two"].map(|name| {
            Arc::new(Desk::new(DeskConfig {
                keyring: KeyringUse::Given(Arc::<MemoryVault>::default()),
                export_folder: disk.join("export"),
                ..config(&elsewhere.path().join(name), Path::new(WORKER))
            }))
        });
        for (desk, key) in [(&clerk, "clerk"), (&approver, APPROVER_KEY)] {
            start(desk).await.unwrap();
            desk.enter(Center { login: Some((key.into(), PIN.into())), ..practice.connection() }).await.unwrap();
        }
        let new = json!({ "kind": "deferral", "period": "2026-07" });
        let draft: DraftView = call(&clerk, "draft_new", new).await.unwrap();
        let set = |field: &str, text: &str| json!({ "op": "set", "index": 0, "field": field, "text": text });
        let ops = [set("change_kind", "缓缴"), set("to_month", "2026-09"), set("reason", "生产经营困难")];
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
        let draft: DraftView = call(&clerk, "draft_edit", args).await.unwrap();
        let paper = b"%PDF-1.7 resolution";
        let ticket = clerk.ticket_of_bytes("决议.pdf", paper.to_vec()).ticket;
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "ticket": ticket });
        let draft: DraftView = call(&clerk, "draft_attach", args).await.unwrap();
        let filed = sign(&clerk, &draft, "clerk", PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);

        let named = json!({ "filing": filed.line.filing });
        let view: ApprovalView = call(&approver, "approval_review", named.clone()).await.unwrap();
        let signing = json!({
            "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": APPROVER_KEY, "pin": PIN,
        });
        let papers = async || call::<Exported>(&approver, "approval_papers", named.clone()).await;
        let signed = async || call::<ExportedFile>(&approver, "approval_to_file", signing.clone()).await;
        let neither = async |when: &str| {
            assert_eq!(papers().await.unwrap_err().code, "desk-file-write", "{when}");
            assert_eq!(signed().await.unwrap_err().code, "desk-file-write", "{when}");
        };
        let there = || files_under(&disk.join("export")).into_iter().collect::<BTreeSet<_>>();
        let filler = take_the_rest(&disk);
        neither("full").await;
        assert!(there().is_empty(), "no half of a file");
        std::fs::remove_file(filler).unwrap();

        let folder = PathBuf::from(papers().await.unwrap().folder);
        let [written]: [PathBuf; 1] = files_under(&folder).try_into().unwrap();
        assert_eq!(std::fs::read(&written).unwrap(), paper, "as the clerk attached it");
        let first = signed().await.unwrap();
        let first = Path::new(&first.folder).join(&first.file);
        let bytes = std::fs::read(&first).unwrap();
        let second = signed().await.unwrap();
        assert_ne!(Path::new(&second.folder).join(&second.file), first, "a name of its own");
        assert_eq!(std::fs::read(&first).unwrap(), bytes, "the first is as it was");
        let before = there();
        let remount = |how: &str| {
            let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&disk).status().unwrap();
            assert!(done.success(), "{how}");
        };
        remount("ro");
        neither("read only").await;
        remount("rw");
        assert_eq!(there(), before, "nothing came of it");
        let waits: FilingView = call(&clerk, "ask", named.clone()).await.unwrap();
        assert_eq!(waits.line.stage, FilingStage::AwaitingApproval, "and nothing was sent");
    });
}

/// What is open stays open for writing, as on a system where somebody takes the right to a folder away; every file that
/// is opened or made from then on meets a disk that can only be read.
#[cfg(target_os = "linux")]
#[test]
fn f47_a_folder_that_becomes_read_only_in_the_middle_loses_nothing() {
    let Some(disk) = on_a_small_disk("f47_a_folder_that_becomes_read_only_in_the_middle_loses_nothing") else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let elsewhere = TempDir::new_in(std::env::current_exe().unwrap().parent().unwrap()).unwrap();
        let practice = Practice::open(&elsewhere.path().join("practice"), SystemClock.now()).await.unwrap();
        let keyring = Arc::new(MemoryVault::default());
        let desk = with_keyring(&disk, keyring.clone());
        start(&desk).await.unwrap();
        desk.enter(practice.connection()).await.unwrap();
        let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
        let code = |error: UiError| error.code;
        let mount = |args: &[&str]| assert!(Command::new("mount").args(args).arg(&disk).status().unwrap().success());
        let read_only = || {
            mount(&["--bind", disk.to_str().unwrap()]);
            mount(&["-o", "remount,bind,ro"]);
        };
        let writable = || assert!(Command::new("umount").arg(&disk).status().unwrap().success());

        read_only();
        let op = json!({ "op": "set", "index": 0, "field": "new_base", "text": "6789.00" });
        let edit = json!({ "draft": draft.draft, "revision": draft.revision, "ops": [op] });
        let edited: DraftView = call(&desk, "draft_edit", edit).await.unwrap();
        let made = call::<ExportedFile>(&desk, "backup_make", json!({})).await.map(drop).map_err(code);
        assert_eq!(made, Err("store-read-only".into()));
        let blank = json!({ "kind": "base_adjustment" });
        let template = call::<TemplateExported>(&desk, "template_export", blank).await.map(drop).map_err(code);
        assert_eq!(template, Err("desk-file-write".into()));
        let refused = sign(&desk, &edited, "clerk", PIN).await.map(drop).map_err(code);
        assert_eq!(refused, Err("store-read-only".into()), "no room for the receipt can be kept: nothing is signed");
        let seen = home(&desk, &practice).await;
        assert_eq!((seen.drafts.len(), seen.filings.len()), (1, 0));
        closed(desk).await;
        let desk = with_keyring(&disk, keyring.clone());
        assert_eq!(start(&desk).await.map(drop).map_err(code), Err("store-read-only".into()), "and at the next start");
        closed(desk).await;

        writable();
        let desk = desk_started(&disk, keyring).await;
        assert_eq!(home(&desk, &practice).await.drafts.len(), 1);
        let back: DraftView = call(&desk, "draft", json!({ "draft": draft.draft })).await.unwrap();
        assert_eq!(back.revision, edited.revision, "what was typed meanwhile is there");
        let filed = sign(&desk, &back, "clerk", PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::Settled, "and work goes on");
        assert_eq!(files_under(&disk.join("export")), Vec::<PathBuf>::new(), "no half of a file was left");
    });
}

#[cfg(target_os = "linux")]
async fn desk_started(disk: &Path, keyring: Arc<MemoryVault>) -> Arc<Desk> {
    let desk = with_keyring(disk, keyring);
    start(&desk).await.unwrap();
    desk
}

/// Whether a file says one of the words, packed or not.
fn says<'a>(file: &Path, words: &'a [String]) -> Option<&'a String> {
    let bytes = std::fs::read(file).unwrap();
    let mut texts = Vec::new();
    if let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(&bytes)) {
        for index in 0..archive.len() {
            std::io::Read::read_to_end(&mut archive.by_index(index).unwrap(), &mut texts).unwrap();
        }
    }
    // One pass for all of the words: there are a thousand, and files of many megabytes.
    let mut starts: Vec<Vec<&'a String>> = vec![Vec::new(); 1 << 16];
    let place = |pair: &[u8]| usize::from(pair[0]) << 8 | usize::from(pair[1]);
    words.iter().for_each(|word| starts[place(word.as_bytes())].push(word));
    let said = |bytes: &[u8]| {
        let mut pairs = bytes.windows(2).enumerate();
        pairs.find_map(|(at, pair)| {
            starts[place(pair)].iter().find(|word| bytes[at..].starts_with(word.as_bytes())).copied()
        })
    };
    said(&bytes).or_else(|| said(&texts))
}

/// Says to the test that its temp folder is its own.
const OWN_TEMP: &str = "HUIJIAO_TEST_OWN_TEMP";

/// In a process of its own, whose temp folder nobody else writes to.
#[test]
fn after_a_whole_journey_nobody_stands_in_clear_where_he_does_not_belong() {
    if std::env::var_os(OWN_TEMP).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        return runtime.block_on(a_whole_journey());
    }
    let name = "after_a_whole_journey_nobody_stands_in_clear_where_he_does_not_belong";
    let temp = TempDir::new().unwrap();
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .envs(["TMPDIR", "TMP", "TEMP", OWN_TEMP].map(|variable| (variable, temp.path())))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{said}{}", String::from_utf8_lossy(&outcome.stderr));
    assert!(said.contains("1 passed"), "{name} must be the name of the test: {said}");
}

async fn a_whole_journey() {
    let temp = std::env::temp_dir();
    assert_eq!(files_under(&temp), Vec::<PathBuf>::new(), "nobody else's");
    let folder = TempDir::new_in(std::env::current_exe().unwrap().parent().unwrap()).unwrap();
    let logs = folder.path().join("desk/logs");
    std::fs::create_dir_all(&logs).unwrap();
    let log = std::fs::File::create(logs.join("huijiao.log")).unwrap();
    // As a development build writes; a delivered one writes less.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .with_writer(log)
        .try_init()
        .unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let mut profile = CenterProfile::shipped("demo").unwrap();
    profile.kinds.insert(FilingKind::BaseAdjustment, Approval::Always);
    let unit = practice_unit(&profile).unwrap();
    practice.center.seed(seed(&unit, &profile)).await.unwrap();
    // How to reach and pay everybody, as the center has it.
    let register = Connection::open(folder.path().join("practice/center/center.db")).unwrap();
    let reached =
        "update contributor set mobile = 13900000000 + position, bank_card = '6222020' || (900000000000 + position)
                   where unit = ?1";
    assert_eq!(register.execute(reached, [&unit.unit.account]).unwrap(), unit.roster.contributors.len());
    drop(register);
    let contacts = (0..unit.roster.contributors.len() as u64)
        .flat_map(|place| [format!("{}", 13_900_000_000 + place), format!("6222020{}", 900_000_000_000 + place)]);
    let typed = ["13711112222".to_owned(), "6217001234567890123".to_owned()];
    let people = unit.roster.contributors.iter().flat_map(|person| [&person.id_number, &person.name]);
    let planted: Vec<String> =
        people.filter(|word| word.len() >= 6).map(ToString::to_string).chain(contacts).chain(typed.clone()).collect();
    assert!(planted.len() >= 960, "number, name, mobile and card of everybody: {}", planted.len());

    let desk = with_keyring(folder.path(), Arc::<MemoryVault>::default());
    start(&desk).await.unwrap();
    desk.enter(practice.connection()).await.unwrap();
    call::<BackupsView>(&desk, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    let faulty = import(&desk, &practice.workbook_folder.join(workbooks::FAULTS), "2026-07").await.unwrap();
    let marked: ErrorsExported = call(&desk, "draft_export_errors", json!({ "draft": faulty.draft })).await.unwrap();
    let ticket = desk.ticket_of_file(&practice.workbook_folder.join(workbooks::PAYROLL)).unwrap().ticket;
    let payroll = json!({ "choice": { "ticket": ticket, "kind": "payroll", "period": "2026-07" } });
    call::<serde_json::Value>(&desk, "compare_open", payroll).await.unwrap();
    // A new mobile number and a new card, typed.
    let blank = json!({ "kind": "contributor_update", "period": "2026-07" });
    let update: DraftView = call(&desk, "draft_new", blank).await.unwrap();
    let set = |field: &str, text: &str| json!({ "op": "set", "index": 0, "field": field, "text": text });
    let person = &unit.roster.contributors[0];
    let ops = [
        set("name", &person.name),
        set("id_number", &person.id_number),
        set("mobile", &typed[0]),
        set("bank_card", &typed[1]),
    ];
    let edit = json!({ "draft": update.draft, "revision": update.revision, "ops": ops });
    let update: DraftView = call(&desk, "draft_edit", edit).await.unwrap();
    let page = json!({ "draft": update.draft, "page": 0 });
    let shown = call::<serde_json::Value>(&desk, "draft_page", page).await.unwrap().to_string();
    assert!(typed.iter().all(|word| shown.contains(word)), "kept: {shown}");
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    assert_eq!(sign(&desk, &draft, "clerk", "wrong-pin-99").await.unwrap_err().code, "sign-wrong-pin");
    let filed = sign(&desk, &draft, "clerk", PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
    let approver = Some((APPROVER_KEY.to_owned(), PIN.to_owned()));
    desk.enter(Center { login: approver, ..practice.connection() }).await.unwrap();
    let named = json!({ "filing": filed.line.filing });
    let view: ApprovalView = call(&desk, "approval_review", named.clone()).await.unwrap();
    let signing = json!({
        "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": APPROVER_KEY, "pin": PIN,
    });
    let done: ApprovalDone = call(&desk, "approval_sign", signing).await.unwrap();
    assert_eq!(done.stage, FilingStage::Settled);
    desk.enter(practice.connection()).await.unwrap();
    call::<FilingView>(&desk, "ask", named.clone()).await.unwrap();
    call::<serde_json::Value>(&desk, "contributors", json!({})).await.unwrap();
    let form = json!({ "form": { "paper": "filing", "filing": filed.line.filing } });
    let paper: ExportedFile = call(&desk, "paper_save", form).await.unwrap();
    let evidence: Exported = call(&desk, "filing_export", named).await.unwrap();
    let audit: ExportedFile = call(&desk, "audit_export", json!({})).await.unwrap();
    let diagnostics: ExportedFile = call(&desk, "diagnostics_export", json!({})).await.unwrap();
    let backup: ExportedFile = call(&desk, "backup_make", json!({})).await.unwrap();

    // The control: what the user had written for herself is read and found, packed as it is.
    let named = says(&Path::new(&marked.folder).join(&marked.file), &planted);
    assert!(named.is_some(), "her own workbook names people");
    let center = files_under(&folder.path().join("practice/center"));
    for word in ["13900000007", "6222020900000000007"].map(str::to_owned) {
        let there = center.iter().any(|file| says(file, std::slice::from_ref(&word)).is_some());
        assert!(there, "the center has «{word}» in clear");
    }
    let control = temp.join("control");
    std::fs::write(&control, format!("…{}…", typed[1])).unwrap();
    let lying = |file: &PathBuf| says(file, &planted).is_some();
    let found: Vec<PathBuf> = files_under(&temp).into_iter().filter(lying).collect();
    assert_eq!(found, std::slice::from_ref(&control));
    std::fs::remove_file(control).unwrap();
    assert!(says(&Path::new(&evidence.folder).join("filing.p7m"), &planted).is_some(), "and so does the evidence");
    assert!(Path::new(&paper.folder).join(&paper.file).exists());

    let kept = files_under(&folder.path().join("desk"));
    let has = |part: &str| kept.iter().any(|path| path.to_string_lossy().contains(part));
    assert!(has("huijiao.db") && has("huijiao.db-wal") && has("huijiao.log"), "looked at: {kept:?}");
    let given = [&audit, &diagnostics, &backup].map(|file| Path::new(&file.folder).join(&file.file));
    // Who did what is what the log of operations is for: its workbook names the operators, who are contributors as well,
    // and nobody else.
    let operator = |word: &String| CLERK.contains(word.as_str()) || APPROVER.contains(word.as_str());
    let others: Vec<String> = planted.iter().filter(|word| !operator(word)).cloned().collect();
    assert!(says(&given[0], &[CLERK.to_owned()]).is_some(), "the log says who filed");
    for file in kept.iter().chain(&given).chain(&files_under(&temp)) {
        let words = if *file == given[0] { &others } else { &planted };
        assert_eq!(says(file, words), None, "in {}", file.display());
        let secrets = [PASSPHRASE.to_owned(), "wrong-pin-99".to_owned()];
        assert_eq!(says(file, &secrets), None, "in {}", file.display());
    }
}
