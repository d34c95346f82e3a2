//! The practice door: a center in this process, a unit of 240 people, workbooks on disk.
//!
//! Everything is made up and made the same way every time: people with valid but invented ID numbers
//! ([`people`]) and three workbooks of an annual base adjustment from July 2026 on ([`workbooks`]).

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

pub mod people;
pub mod workbooks;

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
            Self::Profile => "demo-profile",
        }
    }

    /// Every code.
    pub const CODES: &[&str] = &["demo-disk", "demo-workbook", "demo-profile"];

    /// Figures for the words of the code.
    pub fn args(&self) -> BTreeMap<String, String> {
        match self {
            Self::Disk { path, cause } => {
                [("file".into(), path.display().to_string()), ("cause".into(), cause.to_string())].into()
            }
            Self::Workbook(_) | Self::Profile => BTreeMap::new(),
        }
    }

    fn disk(path: &Path, cause: io::Error) -> Self {
        Self::Disk { path: path.into(), cause }
    }
}
