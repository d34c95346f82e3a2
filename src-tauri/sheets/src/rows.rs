//! Rows of people with their cells, and what the sheet itself sums, hides and merges.

use std::collections::BTreeSet;
use std::sync::Arc;

use huijiao_domain::field::Field;
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::sheet::{CellKind, CellRef, RawCell, RawRow, RawSheet, RowCells, TotalRow, column_letter};
use smol_str::SmolStr;

use crate::header::Header;
use crate::roles::{Judge, RowRole};
use crate::said_period::SaidPeriod;
use crate::unit_line::{self, UnitLine};
use crate::workbook::{MergedRange, SheetCell, SheetRow, Workbook};

/// How many places a finding names before it only counts.
const NAMED: usize = 20;

/// What a sheet gives once its columns are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// People and totals.
    pub sheet: RawSheet,
    /// The role of every row of the workbook, by its one-based number.
    pub roles: Vec<(u32, RowRole)>,
    /// Warnings about the sheet as a whole: hidden, merged, computed, macros.
    pub findings: Vec<Finding>,
    /// The unit that the sheet names.
    pub unit: UnitLine,
    /// The period that the sheet names.
    pub period: SaidPeriod,
}

/// Takes the rows below the header with the columns as mapped (zero-based).
///
/// Values of merged cells are filled for 部门 only: a merged base would be one person's base given to others.
pub fn rows(workbook: &Workbook, header: &Header, mapping: &[(u16, Field)]) -> Taken {
    let taken = Taken::of(workbook, header, mapping);
    let in_order = in_order(mapping);
    taken.with(workbook.rows.iter().map(|row| copied(row, &in_order)), workbook, header, mapping)
}

/// As [`rows`], of a workbook whose rows nobody needs afterwards: they are gone then, so that a hundred thousand people
/// are not in memory twice.
pub fn take_rows(workbook: &mut Workbook, header: &Header, mapping: &[(u16, Field)]) -> Taken {
    // What is merged is looked up in the rows.
    if !workbook.merged.is_empty() {
        return rows(workbook, header, mapping);
    }
    let taken = Taken::of(workbook, header, mapping);
    let in_order = in_order(mapping);
    let rows = std::mem::take(&mut workbook.rows);
    taken.with(rows.into_iter().map(|row| moved(row, &in_order)), workbook, header, mapping)
}

impl Taken {
    /// All but the people: the role of each row, and what stands above the header.
    fn of(workbook: &Workbook, header: &Header, mapping: &[(u16, Field)]) -> Self {
        let judge = Judge::new(workbook, header, mapping);
        Self {
            sheet: RawSheet {
                name: workbook.sheet_name().into(),
                columns: mapping.iter().map(|(column, field)| (*field, *column)).collect(),
                rows: Vec::with_capacity(workbook.rows.len()),
                totals: Vec::new(),
            },
            roles: workbook.rows.iter().map(|row| (row.row, judge.role(row))).collect(),
            findings: Vec::new(),
            unit: unit_line::read(workbook, header.first),
            period: SaidPeriod::read(workbook, header.first),
        }
    }

    /// With every row of the workbook sorted by its role, and what is to be said of the people.
    fn with(
        mut self,
        rows: impl Iterator<Item = RawRow>,
        workbook: &Workbook,
        header: &Header,
        mapping: &[(u16, Field)],
    ) -> Self {
        let Self { sheet: RawSheet { name, rows: people, totals, .. }, roles, findings, .. } = &mut self;
        for (row, (_, role)) in rows.zip(roles.iter()) {
            match role {
                RowRole::Person => people.push(row),
                RowRole::Subtotal => totals.push(TotalRow { row, grand: false }),
                RowRole::Total => totals.push(TotalRow { row, grand: true }),
                RowRole::Title | RowRole::Header | RowRole::Note | RowRole::Blank => {}
            }
        }
        findings.extend(merged(workbook, mapping, people, name));
        findings.extend(hidden(workbook, header, roles));
        findings.extend(computed(workbook, mapping, people));
        if workbook.macros {
            findings.push(Finding::new(Code::SheetMacros, Level::Warning));
        }
        self
    }
}

/// The mapping in the order in which a row has its cells. Stable: of two columns of one field the last one counts.
fn in_order(mapping: &[(u16, Field)]) -> Vec<(u16, Field)> {
    let mut in_order = mapping.to_vec();
    in_order.sort_by_key(|(_, field)| *field);
    in_order
}

fn copied(row: &SheetRow, mapping: &[(u16, Field)]) -> RawRow {
    raw_row(row.row, mapping, |column| {
        let cell = row.cell(column).filter(|cell| says_something(cell))?;
        Some((cell.text.clone(), cell.kind))
    })
}

fn moved(mut row: SheetRow, mapping: &[(u16, Field)]) -> RawRow {
    raw_row(row.row, mapping, |column| {
        let place = row.place(column)?;
        let cell = row.cells.get_mut(place).filter(|cell| says_something(cell))?;
        Some((std::mem::take(&mut cell.text), cell.kind))
    })
}

fn says_something(cell: &SheetCell) -> bool {
    !cell.text.chars().all(char::is_whitespace)
}

fn raw_row(row: u32, mapping: &[(u16, Field)], mut cell: impl FnMut(u16) -> Option<(SmolStr, CellKind)>) -> RawRow {
    let mut cells = RowCells::with_capacity(mapping.len());
    for (column, field) in mapping {
        if let Some((text, kind)) = cell(*column) {
            cells.insert(*field, RawCell { column: *column, text, kind });
        }
    }
    RawRow { row, cells }
}

/// One warning per field with merged cells among the people.
fn merged(workbook: &Workbook, mapping: &[(u16, Field)], people: &mut [RawRow], name: &Arc<str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if workbook.merged.is_empty() {
        return findings;
    }
    for (column, field) in mapping {
        let mut ranges: Vec<MergedRange> = Vec::new();
        let mut filled = 0;
        for range in workbook.merged.iter().filter(|m| (m.first_column..=m.last_column).contains(column)) {
            let from = people.partition_point(|p| p.row < range.first_row);
            let to = people.partition_point(|p| p.row <= range.last_row);
            if from == to {
                continue;
            }
            ranges.push(*range);
            if *field == Field::Department && range.first_column == *column {
                // Ranges do not overlap; those that do anyway fill nobody twice.
                let from = from.max(filled);
                if from < to {
                    fill(workbook, *range, *column, &mut people[from..to]);
                    filled = to;
                }
            }
        }
        let Some(first) = ranges.first() else { continue };
        let place = |range: &MergedRange| CellRef { sheet: name.clone(), row: range.first_row, column: Some(*column) };
        let mut cells = ranges.iter().take(NAMED).map(MergedRange::name).collect::<Vec<_>>().join("、");
        if ranges.len() > NAMED {
            cells.push_str(&format!(" 等 {} 处", ranges.len()));
        }
        let mut finding = Finding::new(Code::SheetMerged, Level::Warning).at(place(first)).arg("cells", cells);
        finding.field = Some(*field);
        finding.related = ranges.iter().skip(1).take(NAMED).map(place).collect();
        findings.push(finding);
    }
    findings
}

fn fill(workbook: &Workbook, range: MergedRange, column: u16, people: &mut [RawRow]) {
    let Some(cell) = workbook.row(range.first_row).and_then(|r| r.cell(column)) else { return };
    for person in people {
        if !person.cells.contains_key(&Field::Department) {
            person.cells.insert(Field::Department, RawCell { column, text: cell.text.clone(), kind: cell.kind });
        }
    }
}

/// Computed cells of people: what was read is what the file keeps, which nobody may have computed anew. Errors have
/// findings of their own.
fn computed(workbook: &Workbook, mapping: &[(u16, Field)], people: &[RawRow]) -> Option<Finding> {
    let mut places = Vec::new();
    let mut empty = 0_usize;
    for (row, column) in &workbook.formulas {
        let Some((_, field)) = mapping.iter().find(|(mapped, _)| mapped == column) else { continue };
        let Ok(person) = people.binary_search_by_key(row, |person| person.row) else { continue };
        match people[person].cells.get(field).map(|cell| cell.kind) {
            Some(CellKind::Error) => continue,
            Some(_) => {}
            None => empty += 1,
        }
        places.push(format!("{}{row}", column_letter(*column)));
    }
    if places.is_empty() {
        return None;
    }
    let finding = Finding::new(Code::SheetFormulas, Level::Warning).arg("cells", places.len()).arg("empty", empty);
    let mut value = places.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("、");
    if places.len() > NAMED {
        value.push_str(&format!(" 等 {} 处", places.len()));
    }
    Some(Finding { value, ..finding })
}

/// Hidden rows are counted in, never left out; the clerk is told.
fn hidden(workbook: &Workbook, header: &Header, roles: &[(u32, RowRole)]) -> Option<Finding> {
    let counted: BTreeSet<u32> = roles
        .iter()
        .filter(|(_, role)| matches!(role, RowRole::Person | RowRole::Subtotal | RowRole::Total))
        .map(|(row, _)| *row)
        .collect();
    let rows: Vec<u32> = workbook.hidden_rows.iter().copied().filter(|r| counted.contains(r)).collect();
    let columns: Vec<u16> =
        workbook.hidden_columns.iter().copied().filter(|c| header.columns.iter().any(|h| h.column == *c)).collect();
    if rows.is_empty() && columns.is_empty() {
        return None;
    }
    let mut finding =
        Finding::new(Code::SheetHidden, Level::Warning).arg("rows", rows.len()).arg("columns", columns.len());
    let row_names = rows.iter().take(NAMED).map(|r| format!("第 {r} 行"));
    let column_names = columns.iter().take(NAMED).map(|c| format!("{} 列", column_letter(*c)));
    finding.value = row_names.chain(column_names).collect::<Vec<_>>().join("、");
    Some(finding)
}
