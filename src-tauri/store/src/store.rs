//! Opening, creating and checking the database file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::error::StoreError;
use crate::key::StoreKey;
use crate::schema;
use crate::seal::Sealer;

const FILE: &str = "huijiao.db";
const LOCK: &str = "huijiao.lock";
const CANARY: &[u8] = b"huijiao store";

/// The local data of one user on this computer.
///
/// One folder, one program at a time. Sealed columns are AES-256-GCM under a sub-key of the [`StoreKey`], with
/// table, column and row as associated data: a value that was moved or changed does not open.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) sealer: Sealer,
    // Held for its lock, which the system lets go of however this process ends.
    _lock: File,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Store {
    /// Whether the folder holds data already; then a new key would be the wrong one.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists() || wal(folder).exists()
    }

    /// Rises with everything that is written here: whoever keeps what he read sees by it whether that still holds.
    pub fn changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Opens the data in `folder`, or makes folder and file when there is nothing yet.
    ///
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::WrongKey`], [`StoreError::Damaged`], [`StoreError::Foreign`]: the
    /// file stays as it is, byte for byte. [`StoreError::InUse`], [`StoreError::ReadOnly`], [`StoreError::Full`], [`StoreError::Share`].
    pub fn open(folder: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        Self::open_after(folder, key, |_| Ok(()))
    }

    /// As [`Store::open`]; `before_upgrade` is called with data of an older schema before it is changed.
    ///
    /// # Errors
    /// As [`Store::open`], and what `before_upgrade` says: then the data stay of the older schema.
    pub fn open_after(
        folder: &Path,
        key: &StoreKey,
        before_upgrade: impl FnOnce(&Self) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(no_folder)?;
        crate::place::refuse_share(folder)?;
        let lock = lock(folder)?;
        let sealer = Sealer::new(key)?;
        let file = folder.join(FILE);
        if !file.exists() {
            if wal(folder).exists() {
                // SQLite would replay it into the new file.
                return Err(StoreError::Damaged("the log is there, the database is not".into()));
            }
            create(folder, &file, &sealer)?;
        }
        if std::fs::metadata(&file)?.len() == 0 {
            return Err(StoreError::Damaged("empty file".into()));
        }
        let connection =
            Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        // Until the file is known to be sound and ours, closing it must not fold the log into it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        #[cfg(feature = "failpoints")]
        let connection = watched(connection)?;
        prepare(&connection)?;
        let found = schema::recognise(&connection)?;
        check(&connection)?;
        prove_key(&connection, &sealer)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        // A copied or restored file may have lost the mode.
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        let mut store = Self { connection, sealer, _lock: lock };
        if found < schema::SCHEMA {
            before_upgrade(&store)?;
            let transaction = store.connection.transaction()?;
            schema::migrate(&transaction, found)?;
            transaction.commit()?;
        }
        Ok(store)
    }

    /// Does all of it or, where any of it fails, nothing: what is written to several tables is never there in part.
    /// Whatever `work` calls has to bear being part of another transaction.
    ///
    /// # Errors
    /// What `work` says; [`StoreError::Full`] and the like.
    pub fn together<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.connection.execute_batch("BEGIN").map_err(StoreError::from)?;
        let whole = Together(self);
        let done = work(&mut *whole.0)?;
        whole.0.connection.execute_batch("COMMIT").map_err(StoreError::from)?;
        Ok(done)
    }

    /// The schema as SQL, for the snapshot in the repository.
    ///
    /// # Errors
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    pub fn schema_text(&self) -> Result<String, StoreError> {
        let mut statement =
            self.connection.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name")?;
        let parts = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(format!("schema {}\n\n{}\n", schema::SCHEMA, parts.join(";\n\n")))
    }
}

/// A transaction over several calls; taken back where it is dropped before its end, by a panic as well.
struct Together<'a>(&'a mut Store);

impl Drop for Together<'_> {
    fn drop(&mut self) {
        // On a full disk SQLite takes it back by itself.
        if !self.0.connection.is_autocommit() {
            let _ = self.0.connection.execute_batch("ROLLBACK");
        }
    }
}

fn wal(folder: &Path) -> PathBuf {
    folder.join(format!("{FILE}-wal"))
}

/// The database, and what SQLite puts beside it.
pub(crate) fn files(folder: &Path) -> [PathBuf; 3] {
    [folder.join(FILE), wal(folder), folder.join(format!("{FILE}-shm"))]
}

/// Where something on the way is no folder, Windows says that it exists already.
fn no_folder(error: std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        StoreError::ReadOnly(error.to_string())
    } else {
        error.into()
    }
}

/// Waits a second for whoever has the data open: a program that was just closed lets go of them soon.
pub(crate) fn lock(folder: &Path) -> Result<File, StoreError> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
    for wait in [true; 20].into_iter().chain([false]) {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if wait => std::thread::sleep(Duration::from_millis(50)),
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    Err(StoreError::InUse)
}

/// Each commit is a point at which a test can end the process.
#[cfg(feature = "failpoints")]
fn watched(mut connection: Connection) -> Result<Connection, StoreError> {
    let passes = || {
        crate::failpoint::pass("commit");
        false
    };
    connection.commit_hook(Some(passes))?;
    Ok(connection)
}

pub(crate) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.execute_batch(
        "PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = ON;",
    )?;
    Ok(())
}

/// Builds the file aside and moves it into place whole: a crash leaves either nothing or a sound store.
fn create(folder: &Path, file: &Path, sealer: &Sealer) -> Result<(), StoreError> {
    let aside = tempfile::Builder::new().prefix(".huijiao-").suffix(".new").tempfile_in(folder)?.into_temp_path();
    let mut connection = Connection::open(&aside)?;
    prepare(&connection)?;
    connection.pragma_update(None, "application_id", schema::APPLICATION)?;
    let transaction = connection.transaction()?;
    schema::migrate(&transaction, 0)?;
    transaction.execute(
        "INSERT INTO canary (id, fingerprint, sealed) VALUES (1, ?1, ?2)",
        (sealer.fingerprint(), sealer.seal("canary.sealed", "1", CANARY)?),
    )?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    // Windows flushes only what is open for writing.
    OpenOptions::new().write(true).open(&aside)?.sync_all()?;
    // Nobody else makes the file meanwhile: the folder is locked.
    Ok(huijiao_files::put(aside, file)?)
}

pub(crate) fn check(connection: &Connection) -> Result<(), StoreError> {
    let word: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if word == "ok" { Ok(()) } else { Err(StoreError::Damaged(word)) }
}

pub(crate) fn prove_key(connection: &Connection, sealer: &Sealer) -> Result<(), StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = connection
        .query_row("SELECT fingerprint, sealed FROM canary WHERE id = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (fingerprint, sealed) = row.ok_or_else(|| StoreError::Damaged("no canary".into()))?;
    match sealer.open("canary.sealed", "1", &sealed) {
        Ok(plain) if plain == CANARY => Ok(()),
        Ok(_) => Err(StoreError::Damaged("canary".into())),
        Err(_) if fingerprint != sealer.fingerprint() => Err(StoreError::WrongKey),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use uuid::Uuid;

    use super::*;
    use crate::FilingRecord;

    #[test]
    fn a_full_disk_fails_whole() {
        let folder = tempfile::tempdir().unwrap();
        let key = StoreKey::from_slice(&[7; 32]).unwrap();
        let mut store = Store::open(folder.path(), &key).unwrap();
        let (draft, id) = (Uuid::from_u128(1), Uuid::from_u128(2));
        store.create_draft(draft, "2026-07-06T14:32:00+08:00", "head", [(0, "page")]).unwrap();
        // What SQLite says past this many pages is what it says on a full disk.
        store.connection.query_row("PRAGMA max_page_count = 60", [], |_| Ok(())).unwrap();
        let record = FilingRecord {
            id,
            draft: Some((draft, 1)),
            center: "demo".into(),
            unit_account: "1".into(),
            kind: "base_adjustment".into(),
            period: "2026-07".into(),
            sha256: "00".into(),
            signed_at: "2026-07-06T14:33:00+08:00".into(),
            events: Vec::new(),
            head: "head",
        };
        assert_eq!(store.commit_outbox(&record, &vec![0; 4_000_000]).unwrap_err().code(), "store-full");
        assert!(store.draft::<String>(draft).unwrap().is_some(), "the draft is still there to sign again");
        assert!(store.filing::<String>(id).unwrap().is_none(), "and nothing that could be sent");
        drop(store);
        Store::open(folder.path(), &key).expect("sound");
    }
}
