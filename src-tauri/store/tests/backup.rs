//! Backups: whole or refused, opened on another computer by their passphrase, brought up from older schemas.
#![allow(clippy::unwrap_used)]

mod kit;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use huijiao_store::vault::WrappedKey;
use huijiao_store::{Backup, BackupError, BackupHead, BackupNote, BackupReason, SCHEMA, Store, StoreError};
use kit::{AT, Head, ID_NUMBER, NAME, UNIT, age, filing, head, id, key, roster, store};
use tempfile::TempDir;

const P7M: &[u8] = b"-- planted content of filing.p7m --";
const PASSPHRASE: &str = "只在测试里用的口令";

fn note(key: Option<WrappedKey>) -> BackupNote<'static> {
    BackupNote { at: AT, version: "9.9.9", reason: BackupReason::Manual, key }
}

fn filled() -> (TempDir, Store) {
    let (folder, mut store) = store();
    store.create_draft(id(1), AT, &head(NAME), [(0, vec![ID_NUMBER])]).unwrap();
    store.commit_outbox(&filing(2), P7M).unwrap();
    store.put_roster(UNIT, &roster(42), AT).unwrap();
    (folder, store)
}

/// A backup of filled data, and where it lies.
fn backup(wrapped: bool) -> (TempDir, PathBuf, BackupHead) {
    let (folder, store) = filled();
    let to = folder.path().join("away/one.hjb");
    let wrapped = wrapped.then(|| WrappedKey::wrap(&key(7), PASSPHRASE).unwrap());
    let head = store.back_up(&to, &note(wrapped)).unwrap();
    (folder, to, head)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn opened_on_another_computer_by_its_passphrase_alone() {
    let (_folder, file, written) = backup(true);
    let backup = Backup::look(&file).unwrap();
    assert_eq!(backup.head, written);
    assert_eq!((written.drafts, written.filings, written.schema), (1, 1, SCHEMA));
    let wrapped = backup.head.key.clone().unwrap();
    assert_eq!(wrapped.open("另一个口令也好记").unwrap_err().code(), "vault-wrong-passphrase");
    let opened = wrapped.open(PASSPHRASE).unwrap();
    assert_eq!(opened.fingerprint().unwrap(), written.fingerprint);
    let there = tempfile::tempdir().unwrap();
    backup.prove(there.path(), Some(&opened)).unwrap();
    assert_eq!(names(there.path()), [""; 0], "looking leaves nothing behind");
    let (data, aside) = (there.path().join("data"), there.path().join("aside"));
    backup.restore(&data, &opened, &aside).unwrap();
    assert!(!aside.exists(), "there was nothing to put aside");
    let store = Store::open(&data, &opened).unwrap();
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().head, head(NAME));
    assert_eq!(store.filing_file(id(2)).unwrap(), P7M);
    assert_eq!(store.roster(UNIT).unwrap().unwrap().0, roster(42));
}

/// SQLite finds nothing wrong with a blob that says something else than it was sealed to say.
#[test]
fn a_backup_that_carries_something_that_does_not_open_is_not_taken_for_sound() {
    for spoil in [
        "UPDATE draft_pages SET body = zeroblob(length(body))",
        "UPDATE drafts SET head = (SELECT body FROM draft_pages)",
        "UPDATE filings SET file = substr(file, 1, length(file) - 1)",
        "UPDATE filings SET trouble = zeroblob(40)",
        "INSERT INTO filing_events (filing, at, code, args) SELECT id, '', '', zeroblob(40) FROM filings",
        "UPDATE rosters SET body = x''",
        "UPDATE settings SET body = zeroblob(40) WHERE name = 'kept'",
    ] {
        let (folder, mut store) = filled();
        store.set_setting("kept", "anything").unwrap();
        let prove = |store: &Store, name: &str| {
            let away = folder.path().join("away");
            let to = away.join(name);
            store.back_up(&to, &note(None)).unwrap();
            let backup = Backup::look(&to).unwrap();
            (backup.prove_whole(&away, &key(7)), backup.prove(&away, Some(&key(7))))
        };
        let (whole, _) = prove(&store, "sound.hjb");
        whole.unwrap();
        drop(store);
        rusqlite::Connection::open(folder.path().join("huijiao.db")).unwrap().execute_batch(spoil).unwrap();
        let store = Store::open(folder.path(), &key(7)).unwrap();
        let (outcome, restorable) = prove(&store, "spoilt.hjb");
        assert_eq!(outcome.unwrap_err().code(), "backup-damaged", "{spoil}");
        restorable.unwrap_or_else(|error| panic!("{spoil}: the rest of it can be had back: {error}"));
        assert_eq!(names(&folder.path().join("away")), ["sound.hjb", "spoilt.hjb"], "{spoil}: nothing is left beside");
    }
}

#[test]
fn nothing_about_anybody_lies_in_clear_in_it() {
    let (_folder, file, _) = backup(true);
    let bytes = std::fs::read(file).unwrap();
    for planted in [NAME.as_bytes(), ID_NUMBER.as_bytes(), b"planted content", b"8000.00", PASSPHRASE.as_bytes()] {
        let found = bytes.windows(planted.len()).any(|window| window == planted);
        assert!(!found, "{}", String::from_utf8_lossy(planted));
    }
}

#[test]
fn what_was_there_is_put_aside_byte_for_byte_even_where_it_is_damaged() {
    let (_folder, file, _) = backup(false);
    let (there, store) = filled();
    drop(store);
    let database = there.path().join("huijiao.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[..16].fill(0);
    std::fs::write(&database, &bytes).unwrap();
    std::fs::write(there.path().join("huijiao.db-wal"), b"the log of the damaged one").unwrap();
    let aside = there.path().join("aside");
    Backup::look(&file).unwrap().restore(there.path(), &key(7), &aside).unwrap();
    assert_eq!(std::fs::read(aside.join("huijiao.db")).unwrap(), bytes);
    assert_eq!(std::fs::read(aside.join("huijiao.db-wal")).unwrap(), b"the log of the damaged one");
    Store::open(there.path(), &key(7)).expect("the other's log was not played into it");
}

/// Says to the test below what to restore over what, in a process that is killed in the middle.
#[cfg(feature = "failpoints")]
const RESTORES: &str = "HUIJIAO_TEST_RESTORES";

#[cfg(feature = "failpoints")]
#[test]
fn broken_off_between_log_and_database_what_was_there_is_whole() {
    let name = "broken_off_between_log_and_database_what_was_there_is_whole";
    if let Some(paths) = std::env::var_os(RESTORES) {
        let paths: Vec<PathBuf> = std::env::split_paths(&paths).collect();
        let backup = Backup::look(&paths[0]).unwrap();
        backup.restore(&paths[1], &key(7), &paths[1].join("aside")).unwrap();
        return;
    }
    let (_folder, file, _) = backup(false);
    let (open, mut store) = store();
    store.create_draft(id(9), AT, &head("only in the log"), [(0, vec![ID_NUMBER])]).unwrap();
    // As a program leaves it that was killed: the log lies beside the database.
    let there = tempfile::tempdir().unwrap();
    for name in ["huijiao.db", "huijiao.db-wal"] {
        std::fs::copy(open.path().join(name), there.path().join(name)).unwrap();
    }
    drop(store);
    assert!(std::fs::metadata(there.path().join("huijiao.db-wal")).unwrap().len() > 0, "else nothing can be lost");
    let outcome = std::process::Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(RESTORES, std::env::join_paths([&file, there.path()]).unwrap())
        .env("HUIJIAO_ABORT_AT", "restore-without-log 0")
        .output()
        .unwrap();
    assert!(!outcome.status.success(), "it is killed in between: {}", String::from_utf8_lossy(&outcome.stdout));
    let old = Store::open(there.path(), &key(7)).unwrap();
    assert_eq!(old.draft::<Head>(id(9)).unwrap().unwrap().head, head("only in the log"));
    assert!(old.draft::<Head>(id(1)).unwrap().is_none(), "and nothing of the backup");
    let aside = Store::open(&there.path().join("aside"), &key(7)).unwrap();
    assert_eq!(aside.draft::<Head>(id(9)).unwrap().unwrap().head, head("only in the log"), "nor is it lost aside");
}

#[test]
fn an_open_store_is_not_replaced() {
    let (_folder, file, _) = backup(false);
    let (there, store) = filled();
    let aside = there.path().join("aside");
    let refused = Backup::look(&file).unwrap().restore(there.path(), &key(7), &aside).unwrap_err();
    assert_eq!(refused.code(), "store-in-use");
    assert!(!aside.exists());
    drop(store);
}

#[test]
fn every_way_of_being_no_backup_has_its_own_name_and_changes_nothing() {
    let (_folder, file, _) = backup(false);
    let sound = std::fs::read(&file).unwrap();
    let (there, store) = filled();
    drop(store);
    let before = names(there.path());
    let database = std::fs::read(there.path().join("huijiao.db")).unwrap();
    let head_ends = sound.windows(6).position(|window| window == b"SQLite").unwrap();
    let newer = |what: &str, by: &str| {
        let head = String::from_utf8(sound[19..head_ends].to_vec()).unwrap();
        let changed = head.replacen(what, by, 1);
        assert_ne!(head, changed);
        let mut bytes = sound[..15].to_vec();
        bytes.extend((changed.len() as u32).to_be_bytes());
        bytes.extend(changed.as_bytes());
        bytes.extend(&sound[head_ends..]);
        bytes
    };
    let flipped = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("backup-foreign", b"PK\x03\x04 a zip archive of somebody else's".to_vec()),
        ("backup-foreign", Vec::new()),
        ("backup-foreign", database.clone()),
        ("backup-truncated", sound[..17].to_vec()),
        ("backup-truncated", sound[..40].to_vec()),
        ("backup-truncated", sound[..sound.len() / 2].to_vec()),
        ("backup-truncated", sound[..sound.len() - 1].to_vec()),
        ("backup-damaged", [&sound[..], b"x"].concat()),
        ("backup-damaged", flipped(head_ends + 5000)),
        ("backup-damaged", flipped(sound.len() - 1)),
        // A figure of the head, such as how many drafts there are, is under the hash as well.
        ("backup-damaged", newer("\"drafts\":1", "\"drafts\":2")),
        ("backup-newer", newer(&format!("\"schema\":{SCHEMA}"), &format!("\"schema\":{}", SCHEMA + 1))),
        ("backup-newer", newer("\"format\":1", "\"format\":2,\"unheard\":\"of\"")),
    ];
    for (code, bytes) in cases {
        std::fs::write(&file, &bytes).unwrap();
        let aside = there.path().join("aside");
        let error = Backup::look(&file).and_then(|b| b.restore(there.path(), &key(7), &aside)).unwrap_err();
        assert_eq!(error.code(), code, "{} bytes: {error}", bytes.len());
        assert_eq!(names(there.path()), before, "{code}");
        assert_eq!(std::fs::read(there.path().join("huijiao.db")).unwrap(), database, "{code}");
        assert!(huijiao_domain::texts::lookup(code).is_some(), "{code}");
    }
    std::fs::write(&file, &sound).unwrap();
    let backup = Backup::look(&file).unwrap();
    let error = backup.restore(there.path(), &key(8), &there.path().join("aside")).unwrap_err();
    assert_eq!(error.code(), "backup-wrong-key");
    assert_eq!(std::fs::read(there.path().join("huijiao.db")).unwrap(), database);
    for error in [BackupError::NoKey, BackupError::WrongKey] {
        assert!(huijiao_domain::texts::lookup(error.code()).is_some(), "{}", error.code());
    }
}

#[test]
fn a_backup_can_be_given_up_anywhere_and_leaves_nothing_while_the_data_are_worked_with() {
    let (folder, mut store) = filled();
    let to = folder.path().join("away/one.hjb");
    let looked = Arc::new(AtomicUsize::new(0));
    // The first look only counts: as often as somebody asks, so many places there are to give it up.
    let mut places = usize::MAX;
    let (mut at, mut drafts) = (0, 0);
    while at < places {
        looked.store(0, Ordering::SeqCst);
        let (counted, last) = (looked.clone(), if places == usize::MAX { usize::MAX } else { at });
        let told = move |done: u64, whole: u64| {
            assert!(done <= whole, "{done} of {whole}");
            if counted.fetch_add(1, Ordering::SeqCst) == last {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let onlooker = store.onlooker().unwrap();
        // Whoever only looks sees one moment, and keeps nobody from going on.
        let other = id(1_000 + drafts);
        drafts += 1;
        store.create_draft(other, AT, &head(NAME), [(0, vec![ID_NUMBER])]).unwrap();
        let made = onlooker.back_up(&to, &note(None), told);
        if places == usize::MAX {
            made.unwrap();
            Backup::look(&to).unwrap().prove(folder.path(), Some(&key(7))).unwrap();
            std::fs::remove_file(&to).unwrap();
            places = looked.load(Ordering::SeqCst);
            assert!(places > 0, "somebody asks");
        } else {
            made.unwrap_err();
            at += 1;
        }
        assert_eq!(names(&folder.path().join("away")), [""; 0], "nothing, nor half of it");
    }
}

#[test]
fn proving_can_be_given_up_anywhere_and_calls_no_backup_damaged() {
    let (folder, file, _) = backup(false);
    let backup = Backup::look(&file).unwrap();
    let before = names(folder.path());
    let looked = Arc::new(AtomicUsize::new(0));
    let prove = |last: usize| {
        looked.store(0, Ordering::SeqCst);
        let counted = looked.clone();
        backup.prove_until(folder.path(), Some(&key(7)), move |done, whole| {
            assert!(done <= whole, "{done} of {whole}");
            let wanted = counted.fetch_add(1, Ordering::SeqCst) < last;
            if wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    };
    prove(usize::MAX).unwrap();
    let places = looked.load(Ordering::SeqCst);
    assert!(places > 0, "somebody asks");
    for at in 0..places {
        let error = prove(at).unwrap_err();
        assert!(matches!(error, BackupError::Store(_)), "nothing is wrong with it: {error:?}");
        assert_eq!(names(folder.path()), before, "and nothing is left of the copy");
    }
    prove(usize::MAX).unwrap();
}

#[test]
fn a_backup_never_takes_the_place_of_another_file() {
    let (folder, store) = filled();
    let to = folder.path().join("taken.hjb");
    std::fs::write(&to, "the user's own").unwrap();
    store.back_up(&to, &note(None)).unwrap_err();
    assert_eq!(std::fs::read(&to).unwrap(), b"the user's own");
    let left: Vec<_> = names(folder.path()).into_iter().filter(|name| name.ends_with(".part")).collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_backup_of_the_first_schema_is_brought_up_when_restored() {
    let (old, store) = filled();
    let wanted = store.schema_text().unwrap();
    drop(store);
    age(old.path());
    // As the first program made it: its own hash over its own schema.
    let to = old.path().join("old.hjb");
    let mut seen = None;
    let refused = Store::open_after(old.path(), &key(7), |store| {
        seen = Some(store.back_up(&to, &note(None))?);
        Err(StoreError::Full)
    });
    assert_eq!(refused.unwrap_err().code(), "store-full", "without its backup the upgrade does not happen");
    assert_eq!(seen.unwrap().schema, 1, "the backup is of before");
    let again = Store::open_after(old.path(), &key(7), |store| {
        assert!(!store.schema_text().unwrap().contains("draft_sources"), "nor did the refused one change anything");
        Ok(())
    });
    drop(again.unwrap());
    let there = tempfile::tempdir().unwrap();
    Backup::look(&to).unwrap().restore(there.path(), &key(7), &there.path().join("aside")).unwrap();
    let store = Store::open_after(there.path(), &key(7), |_| panic!("it was brought up already")).unwrap();
    assert_eq!(store.schema_text().unwrap(), wanted);
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().head, head(NAME));
    assert_eq!(store.filing_file(id(2)).unwrap(), P7M);
}

#[test]
fn blank_is_what_nobody_has_worked_with() {
    let (_folder, mut store) = store();
    assert!(store.is_blank().unwrap());
    store.set_setting(Store::VERSION, "1.0.0").unwrap();
    assert!(store.is_blank().unwrap(), "which version has the data is nothing to lose");
    store.set_setting("any", "thing").unwrap();
    assert!(!store.is_blank().unwrap());
}
