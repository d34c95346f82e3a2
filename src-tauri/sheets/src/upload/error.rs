//! Why no upload file was made.

use std::collections::BTreeMap;
use std::fmt;

use huijiao_domain::field::Field;
use huijiao_domain::profile::ProfileProblem;
use huijiao_domain::texts;

use crate::error::SheetError;
use crate::write::WriteError;

/// How many values an error names before it only counts.
const NAMED: usize = 10;

/// Why a filing could not be written. The words stand under [`UploadError::code`] in the table of texts.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The center's profile has no template for this kind.
    #[error("no upload template")]
    NoTemplate,
    /// The filing has no rows.
    #[error("no rows")]
    Empty,
    /// The template contradicts itself.
    #[error("the template has {} faults", problems.len())]
    Template {
        /// All of its faults.
        problems: Vec<ProfileProblem>,
    },
    /// Values that cannot be written as the template wants them.
    #[error("{} values cannot be written", cells.len())]
    Unwritable {
        /// Every one of them.
        cells: Vec<Unwritable>,
    },
    /// More people than a file takes, under a name that allows for one file only.
    #[error("{people} people, a file takes {most}")]
    Rows {
        /// How many people there are.
        people: usize,
        /// How many a file takes.
        most: usize,
    },
    /// The center's blank that the template keeps cannot be filled.
    #[error("the blank of a template cannot be filled")]
    Blank {
        /// Name of the template.
        template: String,
    },
    /// Two files would have one name.
    #[error("two files of one name")]
    SameName {
        /// The name.
        name: String,
    },
    /// The file is no list of refused rows.
    #[error("no list of refused rows")]
    NoErrorList,
    /// The file cannot be read as what it should be.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The workbook could not be put together.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl UploadError {
    /// The codes that are not those of [`SheetError`] and [`WriteError`], for the table of texts.
    pub const CODES: &[&str] = &[
        "sheet-upload-no-template",
        "sheet-upload-empty",
        "sheet-upload-template",
        "sheet-upload-unwritable",
        "sheet-upload-rows",
        "sheet-upload-blank",
        "sheet-upload-same-name",
        "sheet-upload-no-error-list",
    ];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoTemplate => "sheet-upload-no-template",
            Self::Empty => "sheet-upload-empty",
            Self::Template { .. } => "sheet-upload-template",
            Self::Unwritable { .. } => "sheet-upload-unwritable",
            Self::Rows { .. } => "sheet-upload-rows",
            Self::Blank { .. } => "sheet-upload-blank",
            Self::SameName { .. } => "sheet-upload-same-name",
            Self::NoErrorList => "sheet-upload-no-error-list",
            Self::Sheet(error) => error.code(),
            Self::Write(error) => error.code(),
        }
    }

    /// What fills the placeholders of the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        let list = |said: Vec<String>| {
            let count = said.len();
            let mut list = said.into_iter().take(NAMED).collect::<String>();
            if count > NAMED {
                list.push('…');
            }
            vec![("count", count.to_string()), ("list", list)]
        };
        let pairs = match self {
            Self::NoTemplate | Self::Empty | Self::NoErrorList => vec![],
            Self::Template { problems } => list(problems.iter().map(ToString::to_string).collect()),
            Self::Unwritable { cells } => list(cells.iter().map(ToString::to_string).collect()),
            Self::Rows { people, most } => vec![("people", people.to_string()), ("most", most.to_string())],
            Self::Blank { template } => vec![("template", template.clone())],
            Self::SameName { name } => vec![("name", name.clone())],
            Self::Sheet(error) => return error.args(),
            Self::Write(error) => return error.args(),
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A value that cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// Place of the row among the filed ones; `None` for cells outside of the people.
    pub row: Option<usize>,
    /// Whose row it is; empty outside of the people.
    pub name: String,
    /// The field, where the column holds one.
    pub field: Option<Field>,
    /// The column's title, or the cell.
    pub title: String,
    /// Why.
    pub why: Why,
}

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The center wants it, and there is none.
    Missing,
    /// No code of the center for it.
    NoCode {
        /// The filed value.
        value: String,
    },
    /// It does not go into the format, such as fen into whole yuan.
    Format {
        /// The filed value.
        value: String,
    },
    /// A character that the encoding does not have.
    Character {
        /// The character.
        character: char,
        /// The encoding, for the clerk.
        encoding: &'static str,
    },
    /// A separator or a line break in a file without quotation marks.
    Separator,
    /// More characters than a cell of a workbook takes.
    TooLong,
    /// The unit's account or name is not known.
    Unit,
    /// Rows without this amount cannot be summed.
    Sum,
    /// None of the center's templates takes a row that says this.
    Unclaimed {
        /// The filed value.
        value: String,
    },
}

impl Why {
    /// Every code, for the table of texts.
    pub const CODES: &[&str] = &[
        "sheet-upload-missing",
        "sheet-upload-no-code",
        "sheet-upload-format",
        "sheet-upload-character",
        "sheet-upload-separator",
        "sheet-upload-too-long",
        "sheet-upload-unit",
        "sheet-upload-sum",
        "sheet-upload-unclaimed",
    ];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "sheet-upload-missing",
            Self::NoCode { .. } => "sheet-upload-no-code",
            Self::Format { .. } => "sheet-upload-format",
            Self::Character { .. } => "sheet-upload-character",
            Self::Separator => "sheet-upload-separator",
            Self::TooLong => "sheet-upload-too-long",
            Self::Unit => "sheet-upload-unit",
            Self::Sum => "sheet-upload-sum",
            Self::Unclaimed { .. } => "sheet-upload-unclaimed",
        }
    }
}

impl Unwritable {
    /// What fills the placeholders of the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        let place = match self.row {
            Some(row) if self.name.is_empty() => format!("第 {} 人", row + 1),
            Some(row) => format!("第 {} 人{}", row + 1, self.name),
            None => "表头或合计".to_owned(),
        };
        let mut pairs = vec![("place", place), ("title", self.title.clone())];
        match &self.why {
            Why::NoCode { value } | Why::Format { value } | Why::Unclaimed { value } => {
                pairs.push(("value", value.clone()));
            }
            Why::Character { character, encoding } => {
                pairs.push(("character", character.to_string()));
                pairs.push(("point", format!("U+{:04X}", u32::from(*character))));
                pairs.push(("encoding", (*encoding).to_owned()));
            }
            Why::Missing | Why::Separator | Why::TooLong | Why::Unit | Why::Sum => {}
        }
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = texts::lookup(self.why.code()) else { return f.write_str(self.why.code()) };
        let args = self.args();
        f.write_str(&texts::fill(&text.happened, &args))?;
        f.write_str(&texts::fill(&text.remedy, &args))
    }
}
