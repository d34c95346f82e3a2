//! Why the center cannot start or go on.

use std::net::SocketAddr;
use std::path::PathBuf;

/// What stops the center; refusals of requests are [`huijiao_protocol::problem::Problem`]s instead.
#[derive(Debug, thiserror::Error)]
pub enum CenterError {
    /// The folder cannot be read or written.
    #[error("{path}: {source}")]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database was written by a newer version.
    #[error("database version {found}, this program knows {known}")]
    Newer {
        /// Version of the file.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// The database does not answer as it should.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// Something in the database is not what this program writes.
    #[error("database content: {0}")]
    Content(String),
    /// Keys or certificates cannot be made or read.
    #[error("keys: {0}")]
    Keys(String),
    /// The address cannot be listened on.
    #[error("{address}: {source}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The seed is not one.
    #[error("seed: {0}")]
    Seed(String),
}

impl CenterError {
    /// Stable code; its words are in the one table of texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "center-folder",
            Self::Newer { .. } => "center-newer",
            Self::Database(_) => "center-database",
            Self::Content(_) => "center-content",
            Self::Keys(_) => "center-keys",
            Self::Address { .. } => "center-address",
            Self::Seed(_) => "center-seed",
        }
    }
}
