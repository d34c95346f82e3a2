//! What can go wrong with the local database.

use std::collections::BTreeMap;

use rusqlite::ErrorCode;

/// Why the store could not do it. Every failure leaves the data as it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Written by a later version of the program.
    #[error("schema {found}, this program knows {known}")]
    Newer {
        /// Schema of the file.
        found: u32,
        /// Newest schema this program knows.
        known: u32,
    },
    /// Sealed under another key.
    #[error("sealed under another key")]
    WrongKey,
    /// Not readable as it was written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Some other program's database.
    #[error("not a database of this program")]
    Foreign,
    /// Somebody else changed the draft meanwhile.
    #[error("revision {expected} expected, {found} found")]
    Stale {
        /// What the caller built on.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// The draft was signed; it cannot be changed any more.
    #[error("the draft was signed")]
    Frozen,
    /// No such draft or filing.
    #[error("nothing of this id")]
    Missing,
    /// The same filing or draft id with other content.
    #[error("this id is taken by other content")]
    Differs,
    /// The receipt on file for this filing is another one.
    #[error("another receipt is on file")]
    ReceiptDiffers,
    /// The center has answered; there is no way back to an earlier state.
    #[error("the center has answered already")]
    Answered,
    /// The center has not refused the filing; its draft stays frozen.
    #[error("the filing was not refused")]
    NotRefused,
    /// Another running program has the folder open.
    #[error("in use by another program")]
    InUse,
    /// What was erased is gone, and lies in the log beside the database until nobody reads that any more.
    #[error("the log is being read")]
    LogBusy,
    /// The folder or the file cannot be written.
    #[error("not writable: {0}")]
    ReadOnly(String),
    /// The folder lies on a network share, where a database is not safe.
    #[error("on a network share")]
    Share,
    /// The disk is full.
    #[error("disk full")]
    Full,
    /// Read without fault, but not of the shape the caller asked for.
    #[error("shape: {0}")]
    Shape(serde_json::Error),
    /// Anything else the system or SQLite reports.
    #[error("input/output: {0}")]
    Io(String),
}

impl StoreError {
    /// Stable code, a key of the table of texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "store-newer",
            Self::WrongKey => "store-wrong-key",
            Self::Damaged(_) => "store-damaged",
            Self::Foreign => "store-foreign",
            Self::Stale { .. } => "store-stale",
            Self::Frozen => "store-frozen",
            Self::Missing => "store-missing",
            Self::Differs => "store-differs",
            Self::ReceiptDiffers => "store-receipt-differs",
            Self::Answered => "store-answered",
            Self::NotRefused => "store-not-refused",
            Self::InUse => "store-in-use",
            Self::LogBusy => "store-log-busy",
            Self::ReadOnly(_) => "store-read-only",
            Self::Share => "store-share",
            Self::Full => "store-full",
            Self::Shape(_) => "store-shape",
            Self::Io(_) => "store-io",
        }
    }

    /// Figures for its words.
    pub fn args(&self) -> BTreeMap<String, String> {
        let mut args = BTreeMap::new();
        if let Self::Newer { found, known } = self {
            args.insert("found".into(), found.to_string());
            args.insert("known".into(), known.to_string());
        }
        if matches!(self, Self::Full) {
            args.insert("needed".into(), (crate::reserve::BYTES >> 20).to_string());
        }
        args
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let kind = error.kind();
        if matches!(kind, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory) {
            Self::ReadOnly(error.to_string())
        } else if matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) {
            Self::Full
        } else {
            Self::Io(error.to_string())
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(text),
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::ReadOnly(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(_) | None => Self::Io(text),
        }
    }
}
