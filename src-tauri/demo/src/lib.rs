//! The practice door: a center in this process, a unit of 240 people, workbooks on disk.
//!
//! Everything is made up and made the same way every time: people with valid but invented ID numbers
//! ([`people`]), three workbooks of an annual base adjustment from July 2026 on and July's payroll ([`workbooks`]). [`Practice`]
//! opens the door: it starts a real center for them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

mod door;
pub mod past;
pub mod people;
pub mod practice;
pub mod workbooks;

pub use door::Door;
pub use practice::Practice;

use huijiao_center::{CenterError, Undecided};
use huijiao_domain::texts;
use huijiao_signing::SignError;

/// Why the practice cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A practice file cannot be written or read.
    #[error("{path}: {cause}")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A practice workbook cannot be made.
    #[error("workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The center of the practice does not start.
    #[error("practice center: {cause}")]
    Center {
        /// Folder of the practice.
        folder: PathBuf,
        /// Why.
        cause: CenterError,
    },
    /// The practice officer could not decide.
    #[error("practice officer: {0}")]
    Undecided(#[from] Undecided),
    /// A practice certificate cannot be kept or read.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The shipped practice profile lacks what the practice needs.
    #[error("the practice profile is unusable")]
    Profile,
}

impl DemoError {
    /// The stable code; its words are in the one table of texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Disk { .. } => "demo-disk",
            Self::Workbook(_) => "demo-workbook",
            Self::Center { .. } => "demo-center",
            Self::Sign(error) => error.code(),
            Self::Undecided(_) => "demo-undecided",
            Self::Profile => "demo-profile",
        }
    }

    /// Every code of this crate's own.
    pub const CODES: &[&str] = &["demo-disk", "demo-workbook", "demo-center", "demo-undecided", "demo-profile"];

    /// Figures for the words of the code.
    pub fn args(&self) -> BTreeMap<String, String> {
        match self {
            Self::Disk { path, cause } => {
                [("file".into(), path.display().to_string()), ("cause".into(), cause.to_string())].into()
            }
            Self::Center { folder, cause } => {
                let cause = texts::title(cause.code()).to_owned();
                [("folder".into(), folder.display().to_string()), ("cause".into(), cause)].into()
            }
            Self::Undecided(undecided) => [("cause".into(), undecided.words.clone())].into(),
            Self::Sign(error) => error.args().into_iter().map(|(name, value)| (name.into(), value)).collect(),
            Self::Workbook(_) | Self::Profile => BTreeMap::new(),
        }
    }

    fn disk(path: &Path, cause: io::Error) -> Self {
        Self::Disk { path: path.into(), cause }
    }
}
