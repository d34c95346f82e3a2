//! Why a workbook cannot be read at all.

use std::collections::BTreeMap;

use huijiao_domain::sheet::Field;
use serde::{Deserialize, Serialize};

/// What a file looks like that is no workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Looks {
    /// A web page with no table in it: a login page that was saved instead of the export.
    Html,
    /// Some other XML.
    Xml,
    /// A web page with its pictures in one file (`.mht`).
    Mhtml,
    /// A text document of Word or WPS.
    Word,
    /// Slides.
    Slides,
    /// A PDF.
    Pdf,
    /// A picture.
    Picture,
    /// A program.
    Program,
    /// A zip, rar or 7z archive with something else in it.
    Archive,
    /// Text without columns.
    PlainText,
    /// Nothing known.
    Unknown,
}

impl Looks {
    /// The Chinese name for the clerk.
    pub fn label(self) -> &'static str {
        match self {
            Looks::Html => "没有表格的网页（HTML）",
            Looks::Xml => "XML 文件",
            Looks::Mhtml => "单个文件网页（MHT）",
            Looks::Word => "文字文档（Word/WPS 文字）",
            Looks::Slides => "演示文稿",
            Looks::Pdf => "PDF 文件",
            Looks::Picture => "图片",
            Looks::Program => "程序文件",
            Looks::Archive => "压缩包",
            Looks::PlainText => "没有分列的纯文本",
            Looks::Unknown => "无法识别的内容",
        }
    }
}

/// What was counted when a limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Bytes of the file.
    FileBytes,
    /// Entries of the archive.
    ZipEntries,
    /// Unpacked bytes of one entry.
    EntryBytes,
    /// Unpacked bytes of all entries.
    TotalBytes,
    /// Shared strings: their bytes or their declared number.
    SharedStrings,
    /// Rows.
    Rows,
    /// Columns.
    Columns,
    /// Cells.
    Cells,
    /// Characters of one cell.
    CellChars,
}

impl Measure {
    /// The Chinese name for the clerk.
    pub fn label(self) -> &'static str {
        match self {
            Measure::FileBytes => "文件大小（字节）",
            Measure::ZipEntries => "压缩包内的文件个数",
            Measure::EntryBytes => "单个部件解压后的字节数",
            Measure::TotalBytes => "解压后的总字节数",
            Measure::SharedStrings => "文字表的大小",
            Measure::Rows => "行数",
            Measure::Columns => "列数",
            Measure::Cells => "单元格个数",
            Measure::CellChars => "单个单元格的字数",
        }
    }
}

/// A workbook that cannot be read. The words for the clerk stand under [`SheetError::code`] in the table of
/// texts; [`SheetError::args`] fills them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum SheetError {
    /// The file has no bytes.
    #[error("the file is empty")]
    EmptyFile,
    /// The content is something else.
    #[error("not a workbook but {looks:?}")]
    NotAWorkbook {
        /// What it looks like.
        looks: Looks,
    },
    /// A password is needed to open it.
    #[error("the workbook is encrypted")]
    Encrypted,
    /// Cut off or broken; `part` says where, never with text from a cell.
    #[error("damaged: {part}")]
    Damaged {
        /// The part of the file.
        part: String,
    },
    /// Larger than allowed.
    #[error("{measure:?} exceeds {limit}")]
    TooLarge {
        /// What was counted.
        measure: Measure,
        /// The limit.
        limit: u64,
    },
    /// An archive entry with a name that leads out of the archive, or named twice.
    #[error("unsafe archive entry")]
    UnsafeArchive {
        /// The name, cut to 80 characters.
        entry: String,
    },
    /// Bytes that do not exist in the encoding.
    #[error("byte {byte} is not {encoding}")]
    BrokenText {
        /// The encoding that the file otherwise is in.
        encoding: String,
        /// One-based position of the first broken byte.
        byte: u64,
        /// One-based line of it.
        line: u64,
    },
    /// A quotation mark that is opened and never closed: the rest of the file would be one cell.
    #[error("quotation mark in line {line} is not closed")]
    OpenQuote {
        /// One-based line where it is opened.
        line: u64,
    },
    /// Text in an encoding that is not read.
    #[error("{encoding} is not read")]
    UnsupportedEncoding {
        /// Its name.
        encoding: String,
    },
    /// A NUL in a text: padding after a crash, or a program that is not done writing.
    #[error("byte {byte} is NUL")]
    NulByte {
        /// One-based position of the first one.
        byte: u64,
        /// One-based line of it.
        line: u64,
    },
    /// A workbook of a program too old to be read without guessing.
    #[error("old format: {what}")]
    OldFormat {
        /// The format, for the clerk.
        what: String,
    },
    /// The chosen encoding does not exist.
    #[error("unknown encoding")]
    UnknownEncoding {
        /// As chosen.
        encoding: String,
    },
    /// The chosen sheet does not exist.
    #[error("no such sheet")]
    NoSuchSheet {
        /// As chosen.
        name: String,
    },
    /// No row of known titles in the first rows.
    #[error("no header row")]
    NoHeader,
    /// Nothing stands in the sheet at all.
    #[error("nothing in the sheet")]
    BlankSheet,
    /// Rows that cannot be a header were pointed at.
    #[error("a header is 1 to {most} rows within the first {within}")]
    HeaderRows {
        /// The last row that may belong to a header.
        within: u32,
        /// The most rows that a header may have.
        most: u32,
    },
    /// Columns that the filing needs; raised by whoever takes the mapping as final.
    #[error("columns missing: {fields:?}")]
    ColumnsMissing {
        /// The fields.
        fields: Vec<Field>,
    },
    /// The worker process ended without an answer: out of memory, most likely.
    #[error("the import worker died")]
    WorkerDied,
    /// The worker process could not be started.
    #[error("the import worker cannot be started: {cause}")]
    WorkerNotStarted {
        /// What the operating system said.
        cause: String,
    },
    /// The worker process took too long.
    #[error("the import took more than {seconds} s")]
    Timeout {
        /// The limit.
        seconds: u64,
    },
    /// The clerk gave up.
    #[error("cancelled")]
    Cancelled,
}

impl SheetError {
    /// Every code, for the table of texts.
    pub const CODES: &[&str] = &[
        "sheet-empty-file",
        "sheet-not-a-workbook",
        "sheet-encrypted",
        "sheet-damaged",
        "sheet-too-large",
        "sheet-unsafe-archive",
        "sheet-broken-text",
        "sheet-open-quote",
        "sheet-unsupported-encoding",
        "sheet-nul-byte",
        "sheet-old-format",
        "sheet-unknown-encoding",
        "sheet-no-such-sheet",
        "sheet-no-header",
        "sheet-blank",
        "sheet-header-rows",
        "sheet-columns-missing",
        "sheet-worker-died",
        "sheet-worker-not-started",
        "sheet-timeout",
        "sheet-cancelled",
    ];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SheetError::EmptyFile => "sheet-empty-file",
            SheetError::NotAWorkbook { .. } => "sheet-not-a-workbook",
            SheetError::Encrypted => "sheet-encrypted",
            SheetError::Damaged { .. } => "sheet-damaged",
            SheetError::TooLarge { .. } => "sheet-too-large",
            SheetError::UnsafeArchive { .. } => "sheet-unsafe-archive",
            SheetError::BrokenText { .. } => "sheet-broken-text",
            SheetError::OpenQuote { .. } => "sheet-open-quote",
            SheetError::UnsupportedEncoding { .. } => "sheet-unsupported-encoding",
            SheetError::NulByte { .. } => "sheet-nul-byte",
            SheetError::OldFormat { .. } => "sheet-old-format",
            SheetError::UnknownEncoding { .. } => "sheet-unknown-encoding",
            SheetError::NoSuchSheet { .. } => "sheet-no-such-sheet",
            SheetError::NoHeader => "sheet-no-header",
            SheetError::BlankSheet => "sheet-blank",
            SheetError::HeaderRows { .. } => "sheet-header-rows",
            SheetError::ColumnsMissing { .. } => "sheet-columns-missing",
            SheetError::WorkerDied => "sheet-worker-died",
            SheetError::WorkerNotStarted { .. } => "sheet-worker-not-started",
            SheetError::Timeout { .. } => "sheet-timeout",
            SheetError::Cancelled => "sheet-cancelled",
        }
    }

    /// Whether a text read in another encoding may turn out to be a sheet after all.
    pub fn depends_on_encoding(&self) -> bool {
        matches!(
            self,
            SheetError::BrokenText { .. }
                | SheetError::NulByte { .. }
                | SheetError::OpenQuote { .. }
                | SheetError::UnknownEncoding { .. }
                | SheetError::NotAWorkbook { looks: Looks::PlainText }
        )
    }

    /// What fills the placeholders of the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            SheetError::EmptyFile
            | SheetError::Encrypted
            | SheetError::NoHeader
            | SheetError::BlankSheet
            | SheetError::WorkerDied
            | SheetError::Cancelled => vec![],
            SheetError::NotAWorkbook { looks } => vec![("what", looks.label().into())],
            SheetError::Damaged { part } => vec![("part", part.clone())],
            SheetError::TooLarge { measure, limit } => {
                vec![("what", measure.label().into()), ("limit", limit.to_string())]
            }
            SheetError::UnsafeArchive { entry } => vec![("entry", entry.clone())],
            SheetError::BrokenText { encoding, byte, line } => {
                vec![("encoding", encoding.clone()), ("byte", byte.to_string()), ("line", line.to_string())]
            }
            SheetError::OpenQuote { line } => vec![("line", line.to_string())],
            SheetError::UnsupportedEncoding { encoding } => vec![("encoding", encoding.clone())],
            SheetError::NulByte { byte, line } => vec![("byte", byte.to_string()), ("line", line.to_string())],
            SheetError::OldFormat { what } => vec![("what", what.clone())],
            SheetError::UnknownEncoding { encoding } => vec![("encoding", encoding.clone())],
            SheetError::NoSuchSheet { name } => vec![("name", name.clone())],
            SheetError::HeaderRows { within, most } => {
                vec![("within", within.to_string()), ("most", most.to_string())]
            }
            SheetError::ColumnsMissing { fields } => {
                vec![("fields", fields.iter().map(|f| f.label()).collect::<Vec<_>>().join("、"))]
            }
            SheetError::WorkerNotStarted { cause } => vec![("cause", cause.clone())],
            SheetError::Timeout { seconds } => vec![("seconds", seconds.to_string())],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    pub(crate) fn damaged(part: impl Into<String>) -> Self {
        SheetError::Damaged { part: part.into() }
    }

    pub(crate) fn too_large(measure: Measure, limit: impl Into<u64>) -> Self {
        SheetError::TooLarge { measure, limit: limit.into() }
    }
}
