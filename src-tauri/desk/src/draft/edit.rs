//! Changes to a draft: cells, rows left out, proposed texts taken; each step undone and redone as one.

use std::collections::BTreeSet;

use huijiao_domain::finding::Code;
use huijiao_domain::sheet::{CellKind, Field, NO_COLUMN, RawCell, RowCells};
use serde::{Deserialize, Serialize};

use huijiao_protocol::MAX_ROWS;

use super::{Draft, DraftRow, PAGE};
use crate::error::DeskError;
use crate::views::{EditOp, GridFilter, Replacement};

/// One step of the undo log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What changed, in order.
    pub changes: Vec<Change>,
}

/// One change of a step, with what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A cell.
    Cell {
        /// Row of the draft.
        index: u32,
        /// Field.
        field: Field,
        /// The cell before.
        before: Option<RawCell>,
        /// The cell after.
        after: Option<RawCell>,
        /// Whether the field was already the clerk's own text.
        was_edited: bool,
    },
    /// Empty rows added at the end.
    Added {
        /// How many there were before.
        before: u32,
        /// How many more there are.
        rows: u32,
    },
    /// A row left out or taken back in.
    Excluded {
        /// Row of the draft.
        index: u32,
        /// Before.
        before: bool,
        /// After.
        after: bool,
    },
}

impl Draft {
    /// The step that a clerk's edits amount to; empty edits make none.
    ///
    /// # Errors
    /// A row or field that is not there.
    pub fn step_of(&self, ops: &[EditOp]) -> Result<Step, DeskError> {
        let mut changes = Vec::with_capacity(ops.len());
        let count = |rows: &[DraftRow]| u32::try_from(rows.len()).unwrap_or(u32::MAX);
        // Rows that the same step adds can be filled in it: a table that is pasted makes its own room.
        let mut rows_then = count(&self.rows);
        for op in ops {
            match op {
                EditOp::Set { index, field, text } => {
                    let no_cell = || DeskError::refusal(DeskError::NO_SUCH_CELL);
                    let field = Field::parse(field).ok_or_else(no_cell)?;
                    if *index >= rows_then {
                        return Err(no_cell());
                    }
                    let before = self.rows.get(*index as usize).map_or("", |row| row.raw.text(field));
                    if before == text {
                        continue;
                    }
                    changes.push(self.cell_change(*index, field, text));
                }
                EditOp::Add { rows } => {
                    let most = u32::try_from(MAX_ROWS).unwrap_or(u32::MAX);
                    // Below the rows of a workbook stand its sums and notes: what is added there would be named by
                    // their rows.
                    if !self.head.by_hand || *rows == 0 || *rows > most.saturating_sub(rows_then) {
                        return Err(DeskError::refusal(DeskError::NO_ROOM));
                    }
                    changes.push(Change::Added { before: rows_then, rows: *rows });
                    rows_then += rows;
                }
                EditOp::Exclude { index, excluded } => {
                    let row =
                        self.rows.get(*index as usize).ok_or_else(|| DeskError::refusal(DeskError::NO_SUCH_CELL))?;
                    if row.excluded != *excluded {
                        changes.push(Change::Excluded { index: *index, before: row.excluded, after: *excluded });
                    }
                }
            }
        }
        Ok(Step { changes })
    }

    /// The step that takes every proposal of one code.
    pub fn step_of_fixes(&self, code: Code) -> Step {
        let mut seen = BTreeSet::new();
        let mut changes = Vec::new();
        for finding in self.findings().iter().filter(|f| f.code == code) {
            let (Some(text), Some(field), Some(at)) = (&finding.fix, finding.field, &finding.at) else { continue };
            let Some(index) = self.index_of_row(at.row) else { continue };
            if seen.insert((index, field)) {
                changes.push(self.cell_change(index, field, text));
            }
        }
        Step { changes }
    }

    /// The step that puts one text in the place of another, in the rows behind a filter. Rows that are left out or that
    /// nothing stands in stay as they are.
    pub fn step_of_replacing(&self, wanted: &Replacement, filter: &GridFilter) -> Step {
        let mut changes = Vec::new();
        let mut fields = self.editable();
        if let Some(only) = &wanted.field {
            fields.retain(|field| field.as_str() == only);
        }
        for index in self.behind(filter) {
            let row = &self.rows[index as usize];
            if row.excluded || row.is_empty() {
                continue;
            }
            for field in &fields {
                let before = row.raw.text(*field);
                let after = match (wanted.whole, wanted.find.as_str()) {
                    (true, find) if before == find => wanted.with.clone(),
                    (true, _) | (false, "") => continue,
                    (false, find) => before.replace(find, &wanted.with),
                };
                if after != before {
                    changes.push(self.cell_change(index, *field, &after));
                }
            }
        }
        Step { changes }
    }

    fn cell_change(&self, index: u32, field: Field, text: &str) -> Change {
        // A row that the same step adds is empty before.
        let row = self.rows.get(index as usize);
        let before = row.and_then(|row| row.raw.cells.get(&field).map(RawCell::from));
        let column =
            before.as_ref().map(|c| c.column).or_else(|| self.head.columns.get(&field).copied()).unwrap_or(NO_COLUMN);
        let after = (!text.is_empty()).then(|| RawCell { column, text: text.into(), kind: CellKind::Edited });
        Change::Cell { index, field, before, after, was_edited: row.is_some_and(|row| row.edited.contains(&field)) }
    }

    /// Applies a step; gives the stored pages it touched.
    pub fn apply(&mut self, step: &Step) -> BTreeSet<u32> {
        for change in &step.changes {
            match change {
                Change::Cell { index, field, after, .. } => {
                    let row = &mut self.rows[*index as usize];
                    put(&mut row.raw.cells, *field, after.clone());
                    row.edited.insert(*field);
                }
                Change::Added { rows, .. } => {
                    let next = self.rows.last().map_or(1, |row| row.raw.row + 1);
                    self.rows.extend((next..next + rows).map(DraftRow::empty));
                }
                Change::Excluded { index, after, .. } => self.rows[*index as usize].excluded = *after,
            }
        }
        touched(step)
    }

    /// Takes a step back; gives the stored pages it touched.
    pub fn revert(&mut self, step: &Step) -> BTreeSet<u32> {
        for change in step.changes.iter().rev() {
            match change {
                Change::Cell { index, field, before, was_edited, .. } => {
                    let row = &mut self.rows[*index as usize];
                    put(&mut row.raw.cells, *field, before.clone());
                    if !was_edited {
                        row.edited.remove(field);
                    }
                }
                Change::Added { before, .. } => self.rows.truncate(*before as usize),
                Change::Excluded { index, before, .. } => self.rows[*index as usize].excluded = *before,
            }
        }
        touched(step)
    }
}

fn put(cells: &mut RowCells, field: Field, cell: Option<RawCell>) {
    match cell {
        Some(cell) => {
            cells.insert(field, cell);
        }
        None => {
            cells.remove(&field);
        }
    }
}

fn touched(step: &Step) -> BTreeSet<u32> {
    let page = |index: u32| index / u32::try_from(PAGE).unwrap_or(u32::MAX);
    let mut pages = BTreeSet::new();
    for change in &step.changes {
        match change {
            Change::Cell { index, .. } | Change::Excluded { index, .. } => {
                pages.insert(page(*index));
            }
            Change::Added { before, rows } => pages.extend(page(*before)..=page(before + rows - 1)),
        }
    }
    pages
}
