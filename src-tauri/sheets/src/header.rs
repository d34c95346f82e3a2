//! Finds the row (or two, or three) of column titles below a sheet's title and unit lines.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use huijiao_domain::field::{Field, normalise_header};
use huijiao_domain::sheet::CellKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::SheetError;
use crate::mapping::match_parts;
use crate::workbook::{SheetRow, Workbook};
use crate::write::notes::is_title;

/// How far down a header is looked for.
const LAST_ROW: u32 = 30;
/// Group titles above titles above units of measure: no real sheet has more.
const MOST_ROWS: usize = 3;
/// How far down a clerk may point, and at how many rows.
const POINTED_LAST: u32 = 100;
const POINTED_MOST: u32 = 5;
/// One known title may be chance; two are a header.
const FEWEST_FIELDS: usize = 2;

/// Fields found, data below, few rows, high up: compared in this order.
type Score = (usize, bool, Reverse<u32>, Reverse<u32>);

/// The title of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderColumn {
    /// Zero-based column.
    pub column: u16,
    /// The titles of all header rows, joined: 调整前 above 缴存基数 is 调整前缴存基数.
    pub title: String,
    /// The titles from top to bottom.
    pub parts: Vec<String>,
}

/// The header of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// One-based first row.
    pub first: u32,
    /// One-based last row; people follow.
    pub last: u32,
    /// Columns with a title, by rising column.
    pub columns: Vec<HeaderColumn>,
}

/// Finds the header within the first 30 rows: the rows whose titles mean most fields; fewer rows before more,
/// higher before lower.
///
/// # Errors
/// [`SheetError::NoHeader`] where no row names at least two fields, [`SheetError::BlankSheet`] where nothing stands in any.
pub fn find_header(workbook: &Workbook) -> Result<Header, SheetError> {
    if workbook.rows.iter().flat_map(|row| &row.cells).all(|cell| cell.text.trim().is_empty()) {
        return Err(SheetError::BlankSheet);
    }
    let mut best: Option<(Score, Header)> = None;
    let top = workbook.rows.partition_point(|r| r.row <= LAST_ROW);
    for index in 0..top {
        for count in 1..=MOST_ROWS {
            let Some(rows) = adjacent(&workbook.rows, index, count) else { break };
            if count > 1 && !looks_like_titles(&rows[count - 1]) {
                break;
            }
            let next = adjacent(&workbook.rows, index, count + 1).map(|more| &more[count]);
            // Titles below a group title cannot be left out: which of them is meant?
            if next.is_some_and(|below| looks_like_titles(below) && splits_a_group(workbook, &rows[count - 1], below)) {
                continue;
            }
            let header = header_of(workbook, rows[0].row, rows[count - 1].row);
            let fields: BTreeSet<Field> =
                header.columns.iter().filter_map(|c| match_parts(&c.parts)).map(|found| found.field).collect();
            if fields.len() < FEWEST_FIELDS {
                continue;
            }
            let data_follows = workbook.rows.get(index + count).is_some_and(|row| !looks_like_titles(row));
            let score = (fields.len(), data_follows, Reverse(header.last - header.first), Reverse(header.first));
            if best.as_ref().is_none_or(|(before, _)| score > *before) {
                best = Some((score, header));
            }
        }
    }
    best.map(|(_, header)| header).ok_or(SheetError::NoHeader)
}

/// The header that these rows make (one-based, inclusive), whatever they say: for a clerk who points at them.
///
/// # Errors
/// [`SheetError::HeaderRows`] where they are not one to five rows within the first hundred.
pub fn header_at(workbook: &Workbook, first: u32, last: u32) -> Result<Header, SheetError> {
    if first == 0 || last < first || last > POINTED_LAST || last - first >= POINTED_MOST {
        return Err(SheetError::HeaderRows { within: POINTED_LAST, most: POINTED_MOST });
    }
    Ok(header_of(workbook, first, last))
}

fn header_of(workbook: &Workbook, first: u32, last: u32) -> Header {
    let rows: Vec<Vec<(u16, String)>> = (first..=last).map(|row| titles(workbook, row, row < last)).collect();
    let mut columns: BTreeSet<u16> = rows.iter().flatten().map(|(column, _)| *column).collect();
    // A group title with nothing below it in a column that is otherwise empty says nothing.
    columns.retain(|column| rows.iter().any(|row| row.iter().any(|(c, t)| c == column && !t.is_empty())));
    let columns = columns
        .into_iter()
        // What an export said about the rows is no column of the clerk's.
        .filter(|column| !rows.iter().flatten().any(|(c, title)| c == column && is_title(title)))
        .map(|column| {
            let mut parts: Vec<String> = Vec::new();
            for row in &rows {
                if let Some((_, title)) = row.iter().find(|(c, _)| *c == column)
                    && parts.last() != Some(title)
                {
                    parts.push(title.clone());
                }
            }
            HeaderColumn { column, title: parts.concat(), parts }
        })
        .collect();
    Header { first, last, columns }
}

/// A fingerprint of the titles, so that a mapping chosen once is found again: SHA-256 over the normalised
/// titles with their columns, the first 16 bytes in hex.
pub fn fingerprint(header: &Header) -> String {
    let mut hash = Sha256::new();
    for column in &header.columns {
        hash.update(column.column.to_be_bytes());
        hash.update(normalise_header(&column.title).as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The titles of one row; a merged title stands in each of its columns. `group`: rows follow below, so a title
/// without merges also reaches over the blanks to its right that have titles below them.
fn titles(workbook: &Workbook, row: u32, group: bool) -> Vec<(u16, String)> {
    let Some(cells) = workbook.row(row) else { return Vec::new() };
    let mut titles: Vec<(u16, String)> = Vec::new();
    for cell in &cells.cells {
        let title = tidy(cell.text);
        if title.is_empty() {
            continue;
        }
        let merged = workbook.merged_at(row, cell.column);
        let last = match merged {
            Some(range) => range.last_column,
            None if group && !merges_in(workbook, row) => reach(workbook, row, cell.column),
            None => cell.column,
        };
        for column in cell.column..=last.min(cell.column.saturating_add(64)) {
            titles.push((column, title.clone()));
        }
    }
    titles
}

fn merges_in(workbook: &Workbook, row: u32) -> bool {
    workbook.merged_in(row).iter().any(|m| m.last_column > m.first_column)
}

/// How far a group title reaches in a sheet without merges (csv, or centred across a selection).
fn reach(workbook: &Workbook, row: u32, column: u16) -> u16 {
    let (Some(own), Some(below)) = (workbook.row(row), workbook.row(row + 1)) else { return column };
    if below.text(column).trim().is_empty() {
        return column;
    }
    let mut last = column;
    while last < u16::MAX && own.text(last + 1).trim().is_empty() && !below.text(last + 1).trim().is_empty() {
        last += 1;
    }
    last
}

/// Whether a title of `above` spans several columns that have titles of their own in `below`.
fn splits_a_group(workbook: &Workbook, above: &SheetRow, below: &SheetRow) -> bool {
    above.cells.iter().filter(|c| !c.text.trim().is_empty()).any(|cell| {
        let merged = workbook.merged_at(above.row, cell.column).filter(|m| m.last_row == above.row);
        let last = match merged {
            Some(range) => range.last_column,
            None if !merges_in(workbook, above.row) => reach(workbook, above.row, cell.column),
            None => cell.column,
        };
        last > cell.column && below.cells.iter().filter(|c| (cell.column..=last).contains(&c.column)).count() > 1
    })
}

fn adjacent(rows: &[SheetRow], index: usize, count: usize) -> Option<&[SheetRow]> {
    let rows = rows.get(index..index + count)?;
    rows.windows(2).all(|pair| pair[1].row == pair[0].row + 1).then_some(rows)
}

/// Short texts without figures: nothing of a person's.
fn looks_like_titles(row: &SheetRow) -> bool {
    let mut any = false;
    for cell in &row.cells {
        let text = cell.text.trim();
        if text.is_empty() {
            continue;
        }
        let number = text.trim_end_matches('%').replace(',', "").parse::<f64>().is_ok();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if cell.kind != CellKind::Text || number || digits >= 6 || text.chars().count() > 30 {
            return false;
        }
        any = true;
    }
    any
}

/// A title without blanks and line breaks: 姓　名 is 姓名.
fn tidy(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}' && *c != '\u{200b}').collect()
}
