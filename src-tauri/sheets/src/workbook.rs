//! One sheet as it stands in the file.

use huijiao_domain::sheet::{Cell, Cells, column_letter};
use serde::{Deserialize, Serialize};

/// What the clerk chose; nothing chosen means the first visible sheet and the encoding that fits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadChoice {
    /// Name of the sheet.
    pub sheet: Option<String>,
    /// Encoding of a csv or of a web page, by a label such as `gb18030`; UTF-16 without a byte order mark is read only
    /// where it is chosen.
    pub encoding: Option<String>,
}

/// The kinds of files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Office Open XML.
    Xlsx,
    /// Excel 5.0 to 2003 (BIFF).
    Xls,
    /// Excel binary workbook.
    Xlsb,
    /// OpenDocument.
    Ods,
    /// Text with a delimiter.
    Csv,
    /// A table of a web page.
    Html,
    /// The XML of Excel 2003.
    Xml2003,
}

/// One sheet of the workbook, whether read or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// Its name.
    pub name: String,
    /// Hidden or very hidden; never chosen unless named.
    pub hidden: bool,
}

/// One row that holds something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// One-based row.
    pub row: u32,
    /// The cells that hold something, by rising column.
    pub cells: Cells,
}

impl SheetRow {
    /// The cell of a column.
    pub fn cell(&self, column: u16) -> Option<Cell<'_>> {
        self.cells.at(column)
    }

    /// The text of a column, empty where there is none.
    pub fn text(&self, column: u16) -> &str {
        self.cell(column).map_or("", |cell| cell.text)
    }
}

/// A merged range; its value stands in the first cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MergedRange {
    /// One-based first row.
    pub first_row: u32,
    /// Zero-based first column.
    pub first_column: u16,
    /// One-based last row.
    pub last_row: u32,
    /// Zero-based last column.
    pub last_column: u16,
}

impl MergedRange {
    /// Whether it ends behind its beginning, in rows that there are.
    pub(crate) fn is_range(&self) -> bool {
        self.first_row > 0 && self.first_row <= self.last_row && self.first_column <= self.last_column
    }

    /// As a spreadsheet writes it: `B5:B8`.
    pub fn name(&self) -> String {
        format!(
            "{}{}:{}{}",
            column_letter(self.first_column),
            self.first_row,
            column_letter(self.last_column),
            self.last_row
        )
    }
}

/// A workbook with the rows of one of its sheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workbook {
    /// The kind of file, found by content.
    pub format: Format,
    /// The encoding of a csv, of a web page or of Excel 2003 XML.
    pub encoding: Option<String>,
    /// Every sheet, in the workbook's order.
    pub sheets: Vec<SheetInfo>,
    /// Index of the sheet that was read.
    pub sheet: usize,
    /// Rows that hold something, by rising row.
    pub rows: Vec<SheetRow>,
    /// Merged ranges that begin among the cells read, by their first cell; no two begin in the same one.
    pub merged: Vec<MergedRange>,
    /// Hidden rows that hold something, one-based.
    pub hidden_rows: Vec<u32>,
    /// Hidden columns that hold something, zero-based.
    pub hidden_columns: Vec<u16>,
    /// Cells whose value was computed, one-based row and zero-based column, in order; what was read is the result
    /// that the file keeps, where it keeps one.
    pub formulas: Vec<(u32, u16)>,
    /// The file holds macros; they are never run.
    pub macros: bool,
    /// Days are counted from 1904, as Excel for the Mac once did: a number that is not shown as a day may be one.
    pub dates_1904: bool,
}

impl Workbook {
    /// The name of the sheet that was read; empty for csv.
    pub fn sheet_name(&self) -> &str {
        self.sheets.get(self.sheet).map_or("", |s| s.name.as_str())
    }

    /// The merged range that begins in this cell (row one-based, column zero-based).
    pub fn merged_at(&self, row: u32, column: u16) -> Option<&MergedRange> {
        let place = self.merged.binary_search_by_key(&(row, column), |m| (m.first_row, m.first_column));
        place.ok().map(|i| &self.merged[i])
    }

    /// The merged ranges that begin in this row.
    pub(crate) fn merged_in(&self, row: u32) -> &[MergedRange] {
        let from = self.merged.partition_point(|m| m.first_row < row);
        let to = self.merged.partition_point(|m| m.first_row <= row);
        &self.merged[from..to]
    }

    /// A row by its one-based number.
    pub fn row(&self, row: u32) -> Option<&SheetRow> {
        self.rows.binary_search_by_key(&row, |r| r.row).ok().map(|i| &self.rows[i])
    }
}
