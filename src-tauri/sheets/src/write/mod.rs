//! Workbooks for the clerk: her own file back with its findings, and blank templates.
//!
//! Every text is written as a string, never as a formula: `=cmd|…` in a name stays a name. Where a file has no
//! kinds of cells, texts go through [`inert`].

mod annotate;
mod cells;
mod comments;
mod listing;
mod name;
pub(crate) mod notes;
pub(crate) mod package;
mod rebuild;
mod spots;
mod styles;
pub(crate) mod summary;
mod table;
mod template;
mod text;

pub use annotate::annotate;
pub use listing::{Holds, Listing, listing, listing_until};
pub use name::safe_stem;
pub use notes::Notes;
pub use rebuild::{excerpt, rebuild, rebuild_whole};
pub use table::table;
pub use template::{TEMPLATE_VERSION, template, template_fields};
pub use text::inert;

use std::ops::ControlFlow;

use huijiao_domain::finding::Level;

use crate::error::SheetError;

/// Cells with a comment; further ones are coloured and listed on the summary sheet. Spreadsheet programs draw
/// every comment as a shape and grow slow with more.
pub(crate) const MOST_COMMENTS: usize = 5_000;

/// Hears how many of how many rows are written; a break ends the writing, and there is no file.
pub type Progress<'a> = dyn FnMut(u32, u32) -> ControlFlow<()> + 'a;

/// Rows that are written between two looks at whether anybody still wants them.
pub(crate) const AT_A_TIME: u32 = 1_000;

/// Who the comments are from.
pub(crate) const AUTHOR: &str = "汇缴通";

/// One thing to say about a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// One-based row.
    pub row: u32,
    /// Zero-based column.
    pub column: u16,
    /// How much it weighs: errors are red, fixes orange, warnings yellow.
    pub level: Level,
    /// What is said, in Chinese.
    pub text: String,
}

/// Why a workbook was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file is not what an import accepts.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The file cannot be marked in place: no xlsx, or one with unusual parts. [`rebuild`] does it all the same.
    #[error("cannot be marked in place: {part}")]
    NotEditable {
        /// Where it is unusual.
        part: String,
    },
    /// The new workbook could not be put together.
    #[error("workbook not made: {cause}")]
    NotMade {
        /// What the writer said.
        cause: String,
    },
}

impl WriteError {
    /// The codes that are not those of [`SheetError`], for the table of texts.
    pub const CODES: &[&str] = &["sheet-not-editable", "sheet-not-made"];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sheet(error) => error.code(),
            Self::NotEditable { .. } => "sheet-not-editable",
            Self::NotMade { .. } => "sheet-not-made",
        }
    }

    /// What fills the placeholders of the words.
    pub fn args(&self) -> std::collections::BTreeMap<String, String> {
        match self {
            Self::Sheet(error) => error.args(),
            Self::NotEditable { part } => [("part".to_owned(), part.clone())].into(),
            Self::NotMade { cause } => [("cause".to_owned(), cause.clone())].into(),
        }
    }

    pub(crate) fn odd(part: impl Into<String>) -> Self {
        Self::NotEditable { part: part.into() }
    }
}

impl From<rust_xlsxwriter::XlsxError> for WriteError {
    fn from(error: rust_xlsxwriter::XlsxError) -> Self {
        Self::NotMade { cause: error.to_string() }
    }
}

impl From<zip::result::ZipError> for WriteError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::NotMade { cause: error.to_string() }
    }
}

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> Self {
        Self::NotMade { cause: error.to_string() }
    }
}
