//! The column 错误说明: what is wrong with a row in words, behind its cells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spots::Spots;
use crate::header::Header;
use crate::workbook::Workbook;

/// Title of the column; an import takes nothing from it.
pub(crate) const TITLE: &str = "错误说明";
/// Characters of one row; who has more to read sees the comments and the summary.
const MOST_CHARACTERS: usize = 1_000;
/// Wide enough for a sentence, in characters as spreadsheet programs count them.
pub(super) const WIDTH: u16 = 60;
/// What spreadsheet programs have.
const MOST_COLUMNS: u16 = 16_384;

/// Where the column goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// One-based row of its title.
    pub titles: u32,
    /// Zero-based column that an earlier export made, which is written over; a new one goes behind the last.
    pub column: Option<u16>,
}

impl Notes {
    /// For a sheet with this header.
    pub fn of(book: &Workbook, header: &Header) -> Self {
        let rows = (header.first..=header.last).filter_map(|row| book.row(row));
        let found = rows.flat_map(|row| &row.cells).find(|cell| is_title(cell.text));
        Self { titles: header.last, column: found.map(|cell| cell.column) }
    }
}

pub(crate) fn is_title(text: &str) -> bool {
    text.trim() == TITLE
}

/// The column as it is written: its place, and a text for each row that has something in it.
pub(super) struct Column {
    pub(super) column: u16,
    pub(super) texts: BTreeMap<u32, String>,
}

/// `last`: the last column that holds something, zero-based. Absent where the sheet has no room.
pub(super) fn column(notes: Notes, last: Option<u16>, spots: &Spots) -> Option<Column> {
    let marked = spots.values().filter_map(|cells| cells.keys().next_back()).copied().max();
    let next = || last.max(marked).map_or(0, |last| last.saturating_add(1));
    let column = notes.column.unwrap_or_else(next);
    if column >= MOST_COLUMNS {
        return None;
    }
    let mut texts: BTreeMap<u32, String> = spots.iter().map(|(row, cells)| (*row, said(cells))).collect();
    texts.insert(notes.titles, TITLE.to_owned());
    Some(Column { column, texts })
}

/// Everything said about a row, once.
fn said(cells: &BTreeMap<u16, super::spots::Spot>) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in cells.values().flat_map(|spot| spot.text.lines()).filter(|line| !line.is_empty()) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("；").chars().take(MOST_CHARACTERS).collect()
}
