//! Backups: the whole database in one file, with its key under the recovery passphrase.
//!
//! A file is `huijiao-backup\n ‖ length of the head (u32, big endian) ‖ head (JSON) ‖ database ‖ SHA-256 of all that`.
//! What is sealed in the database stays sealed; the head says nothing about anybody.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use crate::error::StoreError;
use crate::failpoint;
use crate::key::StoreKey;
use crate::seal::Sealer;
use crate::store;
use crate::vault::WrappedKey;
use crate::{Store, schema};

const MAGIC: &[u8] = b"huijiao-backup\n";
/// Of the file; rises when an older program could not read it.
const FORMAT: u32 = 1;
/// No head is as long as this.
const HEAD_MOST: u32 = 64 * 1024;
const HASH: u64 = 32;
const CHUNK: usize = 1 << 16;

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupReason {
    /// The first use of a day.
    Daily,
    /// A later version of the program is about to change the schema.
    Upgrade,
    /// Another backup is about to take the place of the data.
    Restore,
    /// The user wanted one.
    Manual,
    /// As [`Self::Daily`], and not proven: only the name of the file says so.
    Unproven,
}

impl BackupReason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Daily, Self::Upgrade, Self::Restore, Self::Manual, Self::Unproven];

    /// The word in file names and heads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Upgrade => "upgrade",
            Self::Restore => "restore",
            Self::Manual => "manual",
            Self::Unproven => "unproven",
        }
    }
}

/// What a backup is made with.
#[derive(Debug, Clone)]
pub struct BackupNote<'a> {
    /// When, RFC 3339.
    pub at: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// Why.
    pub reason: BackupReason,
    /// The store's key under the recovery passphrase; without it the backup opens on this computer only.
    pub key: Option<WrappedKey>,
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupHead {
    /// Of the file.
    pub format: u32,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// Version of the program that made it.
    pub version: String,
    /// Why it was made.
    pub reason: BackupReason,
    /// Schema of the database in it.
    pub schema: u32,
    /// Tells the keys of stores apart, hex.
    pub fingerprint: String,
    /// Open drafts.
    pub drafts: u64,
    /// Signed filings.
    pub filings: u64,
    /// Bytes of the database.
    pub size: u64,
    /// The store's key under the recovery passphrase, where there was one.
    pub key: Option<WrappedKey>,
}

/// Why a backup cannot be used. Nothing on this computer was changed then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file of some other program.
    #[error("not a backup of this program")]
    Foreign,
    /// The end of it is missing.
    #[error("{found} bytes of {wanted}")]
    Truncated {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        wanted: u64,
    },
    /// Its bytes are not those that were written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Made by a later version of the program.
    #[error("version {found}, this program knows {known}")]
    Newer {
        /// Schema or format of the file.
        found: u32,
        /// Newest that this program knows.
        known: u32,
    },
    /// It carries no key, and this computer has another one.
    #[error("the key of another computer, and no passphrase")]
    NoKey,
    /// The key that opens it is not the one of its data.
    #[error("sealed under another key")]
    WrongKey,
    /// The disk or the data folder.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// Stable code, a key of the table of texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Foreign => "backup-foreign",
            Self::Truncated { .. } => "backup-truncated",
            Self::Damaged(_) => "backup-damaged",
            Self::Newer { .. } => "backup-newer",
            Self::NoKey => "backup-no-key",
            Self::WrongKey => "backup-wrong-key",
            Self::Store(error) => error.code(),
        }
    }

    /// Figures for its words.
    pub fn args(&self) -> std::collections::BTreeMap<String, String> {
        let pair = |found: &dyn ToString, name: &str, other: &dyn ToString| {
            [("found".to_owned(), found.to_string()), (name.to_owned(), other.to_string())].into()
        };
        match self {
            Self::Truncated { found, wanted } => pair(found, "wanted", wanted),
            Self::Newer { found, known } => pair(found, "known", known),
            Self::Store(error) => error.args(),
            Self::Foreign | Self::Damaged(_) | Self::NoKey | Self::WrongKey => Default::default(),
        }
    }
}

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        Self::Store(error.into())
    }
}

impl StoreKey {
    /// Tells keys apart without saying anything about them, hex.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn fingerprint(&self) -> Result<String, StoreError> {
        Ok(hex(Sealer::new(self)?.fingerprint()))
    }
}

impl Store {
    /// Of the key that this data is sealed under.
    pub fn fingerprint(&self) -> String {
        hex(self.sealer.fingerprint())
    }

    /// Writes a backup, of one moment, to `to`, which must not be there yet.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::ReadOnly`], [`StoreError::Damaged`]; then nothing is left behind.
    pub fn back_up(&self, to: &Path, note: &BackupNote<'_>) -> Result<BackupHead, StoreError> {
        write(&self.connection, self.fingerprint(), to, note, part(to)?.into_temp_path(), |_| ControlFlow::Continue(()))
    }

    /// The data as they are, to be backed up while they go on being worked with.
    ///
    /// # Errors
    /// [`StoreError::Io`] and the like.
    pub fn onlooker(&self) -> Result<Onlooker, StoreError> {
        let file = self.connection.path().unwrap_or_default();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        store::prepare(&connection)?;
        Ok(Onlooker { connection, fingerprint: self.fingerprint() })
    }

    /// Whether nothing was ever kept here: there is nothing to lose.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn is_blank(&self) -> Result<bool, StoreError> {
        Ok(self.connection.query_row(
            "SELECT NOT EXISTS (SELECT 1 FROM drafts) AND NOT EXISTS (SELECT 1 FROM filings)
                AND NOT EXISTS (SELECT 1 FROM settings WHERE name NOT IN ('audit-end', ?1))
                AND NOT EXISTS (SELECT 1 FROM profiles) AND NOT EXISTS (SELECT 1 FROM rosters)",
            [Self::VERSION],
            |row| row.get(0),
        )?)
    }
}

/// Sees the data of a [`Store`] and changes nothing.
#[derive(Debug)]
pub struct Onlooker {
    connection: Connection,
    fingerprint: String,
}

impl Onlooker {
    /// As [`Store::back_up`]; `progress` hears how many of about how many bytes are written, and may end it.
    ///
    /// # Errors
    /// As [`Store::back_up`]; [`StoreError::Io`] where `progress` ends it. Nothing is left behind then.
    pub fn back_up<F>(mut self, to: &Path, note: &BackupNote<'_>, progress: F) -> Result<BackupHead, StoreError>
    where
        F: Fn(u64, u64) -> ControlFlow<()> + Clone + Send + 'static,
    {
        let of = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
        let size = of("page_count")? * of("page_size")?;
        // All of it is written twice: into the copy, and out of that.
        let whole = size * 2;
        let copy = part(to)?.into_temp_path();
        let (looked_at, told) = (copy.to_path_buf(), progress.clone());
        let given_up = move || {
            let written = std::fs::metadata(&looked_at).map_or(0, |file| file.len());
            told(written.min(size), whole).is_break()
        };
        self.connection.progress_handler(STEPS, Some(given_up))?;
        let told = |bytes: u64| progress(size + bytes.min(size), whole);
        write(&self.connection, self.fingerprint, to, note, copy, told)
    }
}

/// Steps of SQLite between two looks at whether anybody still wants the backup.
const STEPS: i32 = 20_000;

/// Nobody wants it any more.
fn ended() -> std::io::Error {
    std::io::ErrorKind::Interrupted.into()
}

/// A file beside `to` that is gone again unless it is kept.
fn part(to: &Path) -> std::io::Result<NamedTempFile> {
    let folder = to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(".huijiao-").suffix(".part").tempfile_in(folder)
}

/// By way of `copy`; `told` hears how many bytes have come out of that, and may end it.
fn write(
    connection: &Connection,
    fingerprint: String,
    to: &Path,
    note: &BackupNote<'_>,
    copy: TempPath,
    told: impl Fn(u64) -> ControlFlow<()>,
) -> Result<BackupHead, StoreError> {
    // A sound copy of one moment, without the free pages: what was erased does not live on in a backup.
    connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    let copied = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    store::check(&copied)?;
    let count = |sql: &str| copied.query_row(sql, [], |row| row.get::<_, u64>(0));
    let head = BackupHead {
        format: FORMAT,
        made_at: note.at.to_owned(),
        version: note.version.to_owned(),
        reason: note.reason,
        schema: schema::recognise(&copied)?,
        fingerprint,
        drafts: count("SELECT count(*) FROM drafts WHERE NOT EXISTS (SELECT 1 FROM filings WHERE draft = drafts.id)")?,
        filings: count("SELECT count(*) FROM filings")?,
        size: std::fs::metadata(&copy)?.len(),
        key: note.key.clone(),
    };
    copied.close().map_err(|(_, error)| error)?;
    let json = serde_json::to_vec(&head).map_err(StoreError::Shape)?;
    let mut file = part(to)?;
    let mut hash = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hash.update(bytes);
        file.write_all(bytes)
    };
    put(MAGIC)?;
    put(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_be_bytes())?;
    put(&json)?;
    let mut body = File::open(&copy)?;
    let mut chunk = vec![0; CHUNK];
    let mut done = 0;
    loop {
        let read = body.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        done += read as u64;
        if told(done).is_break() {
            return Err(ended().into());
        }
        put(chunk.get(..read).unwrap_or_default())?;
    }
    let hash = hash.finalize();
    file.write_all(&hash)?;
    file.as_file().sync_all()?;
    huijiao_files::put_beside(file.into_temp_path(), to).map_err(|error| error.error)?;
    Ok(head)
}

/// A backup whose head was read and whose length is right.
#[derive(Debug)]
pub struct Backup {
    path: PathBuf,
    /// What it says of itself.
    pub head: BackupHead,
    /// Where the database begins.
    start: u64,
}

impl Backup {
    /// Reads the head of a file. The rest is not looked at yet.
    ///
    /// # Errors
    /// [`BackupError::Foreign`], [`BackupError::Truncated`], [`BackupError::Newer`], [`BackupError::Damaged`].
    pub fn look(path: &Path) -> Result<Self, BackupError> {
        let mut file = BufReader::new(File::open(path)?);
        let found = file.get_ref().metadata()?.len();
        let mut magic = [0; MAGIC.len()];
        let mut length = [0; 4];
        let start = (MAGIC.len() + length.len()) as u64;
        if read_up_to(&mut file, &mut magic)? < MAGIC.len() || magic != MAGIC {
            return Err(BackupError::Foreign);
        }
        if read_up_to(&mut file, &mut length)? < length.len() {
            return Err(BackupError::Truncated { found, wanted: start });
        }
        let length = u32::from_be_bytes(length);
        if length > HEAD_MOST {
            return Err(BackupError::Damaged("the head is too long".into()));
        }
        let start = start + u64::from(length);
        let mut json = vec![0; length as usize];
        if read_up_to(&mut file, &mut json)? < json.len() {
            return Err(BackupError::Truncated { found, wanted: start });
        }
        // A later format may have fields that are not known here.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let damaged = |error: serde_json::Error| BackupError::Damaged(error.to_string());
        let Format { format } = serde_json::from_slice(&json).map_err(damaged)?;
        if format > FORMAT {
            return Err(BackupError::Newer { found: format, known: FORMAT });
        }
        let head: BackupHead = serde_json::from_slice(&json).map_err(damaged)?;
        if head.schema > schema::SCHEMA {
            return Err(BackupError::Newer { found: head.schema, known: schema::SCHEMA });
        }
        let wanted = start.saturating_add(head.size).saturating_add(HASH);
        match found.cmp(&wanted) {
            std::cmp::Ordering::Less => Err(BackupError::Truncated { found, wanted }),
            std::cmp::Ordering::Greater => Err(BackupError::Damaged("bytes after the end".into())),
            std::cmp::Ordering::Equal => Ok(Self { path: path.to_owned(), head, start }),
        }
    }

    /// Reads the whole file and proves its hash, its database and, where the key is at hand, that it opens it.
    ///
    /// # Errors
    /// [`BackupError::Damaged`], [`BackupError::WrongKey`], [`BackupError::Newer`]; [`BackupError::Store`] where
    /// `folder` has no room for a copy.
    pub fn prove(&self, folder: &Path, key: Option<&StoreKey>) -> Result<(), BackupError> {
        self.prove_until(folder, key, |_, _| ControlFlow::Continue(()))
    }

    /// As [`Backup::prove`]; `progress` hears how many of about how many bytes are proven, and may end it.
    ///
    /// # Errors
    /// As [`Backup::prove`]; [`BackupError::Store`] where `progress` ends it. Nothing is left behind then.
    pub fn prove_until<F>(&self, folder: &Path, key: Option<&StoreKey>, progress: F) -> Result<(), BackupError>
    where
        F: Fn(u64, u64) -> ControlFlow<()> + Clone + Send + 'static,
    {
        // All of it is read twice: out of the backup, and in the copy.
        let (size, whole) = (self.head.size, self.head.size * 2);
        let copy = self.unpack(folder, |done| progress(done.min(size), whole))?;
        let mut connection = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unsound)?;
        let sealer = key.map(Sealer::new).transpose()?;
        let told = progress.clone();
        let given_up = move || told(size, whole).is_break();
        connection.progress_handler(STEPS, Some(given_up)).map_err(StoreError::from)?;
        let proven = prove(&connection, sealer.as_ref()).map(|_| ());
        if proven.is_err() && progress(size, whole).is_break() {
            // SQLite was stopped: nobody knows whether anything is wrong with it.
            return Err(ended().into());
        }
        proven
    }

    /// As [`Backup::prove`], and that everything in it opens of which there is no other copy: whoever restores it gets the
    /// data.
    ///
    /// # Errors
    /// As [`Backup::prove`].
    pub fn prove_whole(&self, folder: &Path, key: &StoreKey) -> Result<(), BackupError> {
        let copy = self.unpack(folder, |_| ControlFlow::Continue(()))?;
        let connection = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unsound)?;
        let sealer = Sealer::new(key)?;
        prove(&connection, Some(&sealer))?;
        opens(&connection, &sealer).map_err(unsound)
    }

    /// Puts the backup's data in the place of what is in `folder`, brought up to the schema of this program. What was
    /// there is copied to `aside` before it is touched; the store there must be closed. Broken off anywhere, the one or the
    /// other is there, whole.
    ///
    /// # Errors
    /// As [`Backup::prove`]; [`StoreError::InUse`]. Then what was there still is.
    pub fn restore(&self, folder: &Path, key: &StoreKey, aside: &Path) -> Result<(), BackupError> {
        std::fs::create_dir_all(folder)?;
        let _lock = store::lock(folder)?;
        let copy = self.unpack(folder, |_| ControlFlow::Continue(()))?;
        let mut connection = Connection::open(&copy).map_err(unsound)?;
        let found = prove(&connection, Some(&Sealer::new(key)?))?;
        if found < schema::SCHEMA {
            let transaction = connection.transaction().map_err(StoreError::from)?;
            schema::migrate(&transaction, found)?;
            transaction.commit().map_err(StoreError::from)?;
        }
        connection.close().map_err(|(_, error)| StoreError::from(error))?;
        File::options().write(true).open(&copy)?.sync_all()?;
        let files = store::files(folder);
        for file in files.iter().filter(|file| file.exists()) {
            std::fs::create_dir_all(aside)?;
            if let Some(name) = file.file_name() {
                std::fs::copy(file, aside.join(name))?;
            }
        }
        huijiao_files::sync_folder(aside);
        // The log goes first: SQLite would play it into the database that takes the place. What is in it goes into its own
        // database before, which is whole without it from then on.
        let [database, logs @ ..] = &files;
        fold(database, &logs[0])?;
        for log in logs {
            match std::fs::remove_file(log) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                Ok(()) | Err(_) => {}
            }
        }
        failpoint::pass("restore-without-log");
        Ok(huijiao_files::put(copy, database)?)
    }

    /// The database as a file of its own in `folder`; gone when dropped. `told` hears how many bytes of the backup are
    /// read, and may end it.
    fn unpack(&self, folder: &Path, told: impl Fn(u64) -> ControlFlow<()>) -> Result<tempfile::TempPath, BackupError> {
        let mut file = File::open(&self.path)?;
        let mut out = tempfile::Builder::new().prefix(".huijiao-").suffix(".part").tempfile_in(folder)?;
        let mut hash = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        let end = self.start + self.head.size;
        let mut at = 0;
        while at < end {
            // The head is hashed as well, the database is also written.
            let until = if at < self.start { self.start } else { end };
            let most = usize::try_from(until - at).unwrap_or(CHUNK).min(CHUNK);
            let part = chunk.get_mut(..most).unwrap_or_default();
            file.read_exact(part).map_err(|error| BackupError::Damaged(error.to_string()))?;
            hash.update(&*part);
            if at >= self.start {
                out.write_all(part)?;
            }
            at += most as u64;
            if told(at).is_break() {
                return Err(ended().into());
            }
        }
        let mut kept = [0; HASH as usize];
        file.read_exact(&mut kept).map_err(|error| BackupError::Damaged(error.to_string()))?;
        if hash.finalize().as_slice() != kept {
            return Err(BackupError::Damaged("the hash differs".into()));
        }
        out.as_file().sync_all()?;
        Ok(out.into_temp_path())
    }
}

/// Brings what is in the log into its database. Of a damaged one nothing can be brought in; it lies aside as it was.
fn fold(database: &Path, log: &Path) -> Result<(), StoreError> {
    if !database.exists() || !log.exists() {
        return Ok(());
    }
    let fold = || -> Result<i64, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(database, flags)?;
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(busy)
    };
    match fold() {
        Ok(0) | Err(StoreError::Damaged(_)) => Ok(()),
        Ok(_) => Err(StoreError::InUse),
        Err(error) => Err(error),
    }
}

/// Whether it is a sound database of ours, and of this key where one is given; its schema.
fn prove(connection: &Connection, sealer: Option<&Sealer>) -> Result<u32, BackupError> {
    let found = match schema::recognise(connection) {
        Err(StoreError::Newer { found, known }) => return Err(BackupError::Newer { found, known }),
        found => found.map_err(unsound)?,
    };
    store::check(connection).map_err(unsound)?;
    if let Some(sealer) = sealer {
        match store::prove_key(connection, sealer) {
            Err(StoreError::WrongKey) => return Err(BackupError::WrongKey),
            proof => proof.map_err(unsound)?,
        }
    }
    Ok(found)
}

/// What is sealed and can be had from nowhere else: the column as it is sealed, and its rows by the names they are sealed
/// under.
const SEALED: [(&str, &str); 25] = [
    ("drafts.head", "SELECT id, head FROM drafts"),
    ("draft_pages.body", "SELECT draft || '/' || page, body FROM draft_pages"),
    ("draft_steps.body", "SELECT draft || '/' || seq, body FROM draft_steps"),
    ("draft_sources.body", "SELECT draft, body FROM draft_sources"),
    ("draft_attachments.body", "SELECT draft || '/' || place, body FROM draft_attachments"),
    ("comparisons.head", "SELECT id, head FROM comparisons"),
    ("comparisons.body", "SELECT id, body FROM comparisons"),
    ("filings.head", "SELECT id, head FROM filings"),
    ("filings.file", "SELECT id, file FROM filings"),
    ("filings.trouble", "SELECT id, trouble FROM filings WHERE trouble IS NOT NULL"),
    ("filing_events.args", "SELECT filing, args FROM filing_events"),
    ("stamps.answer", "SELECT filing, answer FROM stamps"),
    ("stamps.roots", "SELECT filing, roots FROM stamps WHERE roots IS NOT NULL"),
    ("quarantine.file", "SELECT filing, file FROM quarantine"),
    ("mappings.named", "SELECT 'fingerprint', named FROM mappings WHERE named IS NOT NULL"),
    ("receipts.file", "SELECT filing, file FROM receipts"),
    ("verdicts.head", "SELECT filing, head FROM verdicts"),
    ("verdicts.file", "SELECT filing, file FROM verdicts"),
    ("withdrawals.file", "SELECT filing, file FROM withdrawals"),
    ("audit.event", "SELECT seq, event FROM audit"),
    ("settings.body", "SELECT name, body FROM settings"),
    ("profiles.body", "SELECT code, body FROM profiles"),
    ("rosters.body", "SELECT unit_account, body FROM rosters"),
    ("units.body", "SELECT account, body FROM units"),
    ("books.body", "SELECT unit_account, body FROM books"),
];

/// Whether all of that opens.
fn opens(connection: &Connection, sealer: &Sealer) -> Result<(), StoreError> {
    for (column, sql) in SEALED {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name = row.get_ref(0)?;
            let name = match name {
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => String::new(),
            };
            sealer.open(column, &name, row.get_ref(1)?.as_blob().unwrap_or_default())?;
        }
    }
    Ok(())
}

fn unsound(error: impl std::fmt::Display) -> BackupError {
    BackupError::Damaged(error.to_string())
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::collections::BTreeSet;

    use super::*;

    /// Columns of bytes that no backup is asked to open, each with why.
    const EXCUSED: [(&str, &str); 11] = [
        ("audit.hash", "not sealed"),
        ("canary.fingerprint", "not sealed"),
        ("canary.sealed", "proven with the key"),
        ("crls.der", "public"),
        ("departures.mark", "a blind index"),
        ("imports.mark", "a blind index"),
        ("imports.note", "sealed under the hash of a file that is not there"),
        ("mappings.body", "sealed under what only `mappings.named` says"),
        ("mappings.mark", "a blind index"),
        ("queries.asked", "a blind index"),
        ("queries.body", "the center answers again"),
    ];

    #[test]
    fn every_sealed_column_is_opened_or_excused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreKey::from_slice(&[7; 32]).unwrap()).unwrap();
        let columns = "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c
            WHERE t.type = 'table' AND c.type = 'BLOB'";
        let mut statement = store.connection.prepare(columns).unwrap();
        let there: BTreeSet<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let known: Vec<&str> = SEALED.iter().chain(&EXCUSED).map(|(column, _)| *column).collect();
        let once: BTreeSet<String> = known.iter().map(|column| (*column).to_owned()).collect();
        assert_eq!(once.len(), known.len(), "none is in both");
        assert_eq!(there, once, "whoever adds a column of bytes says here what becomes of it");
        opens(&store.connection, &store.sealer).unwrap();
    }
}
