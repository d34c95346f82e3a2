//! Collects cells as a reader streams them, and stops at the limits.

use std::borrow::Cow;

use calamine::{DataRef, ExcelDateTime};
use huijiao_domain::sheet::{CellKind, Gathered, RawCell};

use crate::error::{Measure, SheetError};
use crate::limits::Limits;
use crate::number::{date_text, number_text};
use crate::workbook::{Format, MergedRange, SheetInfo, SheetRow, Workbook};

/// What a sheet says beside its cells; rows one-based, columns zero-based.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) merged: Vec<MergedRange>,
    /// Inclusive spans.
    pub(crate) hidden_rows: Vec<(u32, u32)>,
    /// Inclusive spans.
    pub(crate) hidden_columns: Vec<(u32, u32)>,
    /// Cells with a formula.
    pub(crate) formulas: Vec<(u32, u16)>,
}

/// The rows so far.
pub(crate) struct Grid<'a> {
    limits: &'a Limits,
    rows: Vec<SheetRow>,
    /// The row that cells are put into, one-based.
    row: u32,
    /// Its cells so far, behind those of the rows before it in their block.
    cells: Gathered,
    /// These rows.
    block: Vec<u32>,
    /// Columns that hold something.
    used: Vec<bool>,
    seen: u64,
    in_order: bool,
}

impl<'a> Grid<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            rows: Vec::new(),
            row: 0,
            cells: Gathered::default(),
            block: Vec::new(),
            used: vec![false; usize::from(limits.columns)],
            seen: 0,
            in_order: true,
        }
    }

    /// Counts a cell whether or not it holds anything: formatted blanks cost time too.
    pub(crate) fn count(&mut self, cells: u64) -> Result<(), SheetError> {
        self.seen = self.seen.saturating_add(cells);
        if self.seen > self.limits.cells {
            return Err(SheetError::too_large(Measure::Cells, self.limits.cells));
        }
        Ok(())
    }

    /// Adds a cell; `row` and `column` zero-based. A blank text is no cell.
    pub(crate) fn put(&mut self, row: u32, column: u32, text: &str, kind: CellKind) -> Result<(), SheetError> {
        self.count(1)?;
        if text.is_empty() {
            return Ok(());
        }
        if row >= self.limits.rows {
            return Err(SheetError::too_large(Measure::Rows, self.limits.rows));
        }
        let column = match u16::try_from(column) {
            Ok(column) if column < self.limits.columns => column,
            Ok(_) | Err(_) => return Err(SheetError::too_large(Measure::Columns, self.limits.columns)),
        };
        let most = self.limits.cell_chars as usize;
        if text.len() > most && text.chars().nth(most).is_some() {
            return Err(SheetError::too_large(Measure::CellChars, self.limits.cell_chars));
        }
        self.used[usize::from(column)] = true;
        if self.row == row + 1 {
            if self.cells.last_column().is_some_and(|before| before >= column) {
                self.in_order = false;
            }
        } else {
            self.complete();
            if self.row > row + 1 {
                self.in_order = false;
            }
            self.row = row + 1;
        }
        self.cells.push(column, text, kind);
        Ok(())
    }

    /// The row so far is a row.
    fn complete(&mut self) {
        if !self.cells.is_empty() {
            self.cells.end_row();
            self.block.push(self.row);
            if self.cells.is_full() {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let rows = self.block.drain(..).zip(self.cells.take());
        self.rows.extend(rows.map(|(row, cells)| SheetRow { row, cells }));
    }

    /// Adds what one of calamine's streaming readers found.
    pub(crate) fn put_value(&mut self, at: (u32, u32), value: &DataRef<'_>) -> Result<(), SheetError> {
        let (text, kind): (Cow<'_, str>, _) = match value {
            DataRef::Empty => return self.count(1),
            DataRef::String(text) => (text.as_str().into(), CellKind::Text),
            DataRef::SharedString(text) => ((*text).into(), CellKind::Text),
            DataRef::Int(number) => (number_text(*number as f64).into(), CellKind::Number),
            DataRef::Float(number) => (number_text(*number).into(), CellKind::Number),
            DataRef::Bool(truth) => ((if *truth { "TRUE" } else { "FALSE" }).into(), CellKind::Bool),
            DataRef::DateTime(date) => (excel_date(date).into(), CellKind::Date),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (iso_date(text).into(), CellKind::Date),
            DataRef::Error(error) => (error.to_string().into(), CellKind::Error),
        };
        self.put(at.0, at.1, &text, kind)
    }

    /// The workbook, once every cell is in.
    pub(crate) fn finish(
        mut self,
        format: Format,
        sheets: Vec<SheetInfo>,
        sheet: usize,
        layout: Layout,
    ) -> Result<Workbook, SheetError> {
        self.complete();
        self.end_block();
        if !self.in_order {
            self.sort()?;
        }
        let last_row = self.rows.last().map_or(0, |r| r.row);
        let hidden_rows = if layout.hidden_rows.is_empty() {
            Vec::new()
        } else {
            let mut spans = layout.hidden_rows;
            spans.sort_unstable();
            let mut hidden = Vec::new();
            let mut next = 0;
            for row in self.rows.iter().map(|r| r.row) {
                while spans.get(next).is_some_and(|span| span.1 < row) {
                    next += 1;
                }
                if spans.get(next).is_some_and(|span| span.0 <= row) {
                    hidden.push(row);
                }
            }
            hidden
        };
        let hidden_columns = (0..self.limits.columns)
            .filter(|c| self.used[usize::from(*c)])
            .filter(|c| layout.hidden_columns.iter().any(|span| (span.0..=span.1).contains(&u32::from(*c))))
            .collect();
        let mut merged = layout.merged;
        merged.retain(|m| m.is_range() && m.first_row <= last_row && m.first_column < self.limits.columns);
        merged.sort_unstable();
        // Ranges that overlap can be written in great number; no spreadsheet lets anybody make them.
        if merged.windows(2).any(|m| (m[0].first_row, m[0].first_column) == (m[1].first_row, m[1].first_column)) {
            return Err(SheetError::damaged("merged cells"));
        }
        let mut formulas = layout.formulas;
        formulas.retain(|(row, column)| *row <= last_row && *column < self.limits.columns);
        formulas.sort_unstable();
        formulas.dedup();
        Ok(Workbook {
            format,
            encoding: None,
            sheets,
            sheet,
            rows: self.rows,
            merged,
            hidden_rows,
            hidden_columns,
            formulas,
            macros: false,
            dates_1904: false,
        })
    }

    /// Rows or cells out of order are put in order; one cell given twice means a broken file.
    fn sort(&mut self) -> Result<(), SheetError> {
        self.rows.sort_by_key(|r| r.row);
        let pieces = std::mem::take(&mut self.rows);
        for pieces in pieces.chunk_by(|one, next| one.row == next.row) {
            let mut cells: Vec<_> = pieces.iter().flat_map(|piece| &piece.cells).collect();
            cells.sort_by_key(|cell| cell.column);
            let Some(row) = pieces.first().map(|piece| piece.row) else { continue };
            if cells.windows(2).any(|pair| pair[0].column == pair[1].column) {
                return Err(SheetError::damaged(format!("row {row}")));
            }
            self.rows.push(SheetRow { row, cells: cells.into_iter().map(RawCell::from).collect() });
        }
        Ok(())
    }
}

pub(crate) fn excel_date(date: &ExcelDateTime) -> String {
    let serial = date.as_f64();
    if date.is_duration() {
        return number_text(serial);
    }
    date_text(serial, || {
        let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
        (year, month, day, hour, minute, second)
    })
}

/// `2024-01-02T00:00:00` → `2024-01-02`; a time of day stays.
pub(crate) fn iso_date(text: &str) -> String {
    match text.split_once('T') {
        Some((date, time)) => {
            let time = time.trim_end_matches('Z');
            let time = time.split('.').next().unwrap_or(time);
            if time.trim_matches(['0', ':']).is_empty() { date.to_owned() } else { format!("{date} {time}") }
        }
        None => text.to_owned(),
    }
}
