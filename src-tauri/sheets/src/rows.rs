//! Rows of people with their cells, and what the sheet itself sums, hides and merges.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calamine::{ExcelDateTime, ExcelDateTimeType};
use huijiao_domain::amount::AmountText;
use huijiao_domain::field::{Field, normalise_header};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::money::Yuan;
use huijiao_domain::sheet::{CellKind, CellRef, RawCell, RawRow, RawSheet, RowCells, TotalRow, column_letter};

use crate::grid::excel_date;
use crate::header::Header;
use crate::roles::{self, Judge, RowRole};
use crate::said_period::SaidPeriod;
use crate::unit_line::{self, UnitLine};
use crate::workbook::{Format, MergedRange, SheetRow, Workbook};

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

/// As [`take_rows`], of a workbook that is needed afterwards.
pub fn rows(workbook: &Workbook, header: &Header, mapping: &[(u16, Field)]) -> Taken {
    take_rows(&mut workbook.clone(), header, mapping)
}

/// Takes the rows below the header with the columns as mapped (zero-based). The workbook has none afterwards, so that a
/// hundred thousand people are not in memory twice.
///
/// Values of merged cells are filled for 部门 only: a merged base would be one person's base given to others.
pub fn take_rows(workbook: &mut Workbook, header: &Header, mapping: &[(u16, Field)]) -> Taken {
    let judge = Judge::new(workbook, header, mapping);
    let mut roles: Vec<_> = workbook.rows.iter().map(|row| (row.row, judge.role(row))).collect();
    roles::settle(&mut roles, &workbook.rows);
    let (unit, period) = (unit_line::read(workbook, header.first), SaidPeriod::read(workbook, header.first));
    let departments = departments(workbook, mapping);
    let name: Arc<str> = workbook.sheet_name().into();
    let unread: Vec<Finding> = above(workbook, header, &name)
        .into_iter()
        .chain(twice(workbook, header, mapping, &roles, &name))
        .chain(beyond(workbook, header, &roles, &name))
        .chain(shifted(workbook, mapping, &roles, &name))
        .collect();
    let (mut people, mut totals) = (Vec::with_capacity(workbook.rows.len()), Vec::new());
    let mut in_order = mapping.to_vec();
    // Stable: of two columns of one field the last one counts.
    in_order.sort_by_key(|(_, field)| *field);
    // So many people stand above the last sum; a sum with nobody since the one before is of several blocks.
    let mut summed = 0;
    // Where sums stand above their people, those of departments are compared with nobody: the people before them are
    // another department's.
    let first = |wanted: RowRole| roles.iter().position(|(_, role)| *role == wanted);
    let sums_above = first(RowRole::Subtotal).zip(first(RowRole::Person)).is_some_and(|(sum, person)| sum < person);
    let rows = std::mem::take(&mut workbook.rows).into_iter().map(|SheetRow { row, cells }| (row, cells));
    for (row, (_, role)) in RowCells::picked(rows, &in_order).zip(&roles) {
        let below_sum = summed > 0 && summed == people.len();
        match role {
            RowRole::Person => people.push(row),
            RowRole::Subtotal if below_sum || sums_above => {}
            RowRole::Subtotal => totals.push(TotalRow { row, grand: false }),
            RowRole::Total => {
                // 合计 below each block: the last of them is of its own block like the others.
                let of_block = summed > 0 && !below_sum && adds_up(&row, &people[summed..]) && !adds_up(&row, &people);
                totals.push(TotalRow { row, grand: !of_block });
            }
            RowRole::Title | RowRole::Header | RowRole::Note | RowRole::Blank => {}
        }
        if matches!(role, RowRole::Subtotal | RowRole::Total) {
            summed = people.len();
        }
    }
    if workbook.dates_1904 {
        people.iter_mut().for_each(from_1904);
    }
    let mut findings = merged(workbook, mapping, &departments, &mut people, &name);
    findings.extend(hidden(workbook, header, &roles));
    findings.extend(computed(workbook, mapping, &people));
    findings.extend(unread);
    if workbook.macros {
        findings.push(Finding::new(Code::SheetMacros, Level::Warning));
    }
    let columns = mapping.iter().map(|(column, field)| (*field, *column)).collect();
    Taken { sheet: RawSheet { name, columns, rows: people, totals }, roles, findings, unit, period }
}

/// Whether a row says the sum of these people in one of its columns.
fn adds_up(sum: &RawRow, people: &[RawRow]) -> bool {
    let fields =
        [Field::NewBase, Field::OldBase, Field::UnitAmount, Field::PersonalAmount, Field::MonthlyAmount, Field::Wage];
    fields.iter().any(|field| {
        let amount = |row: &RawRow| {
            let cell = row.cells.get(field)?;
            AmountText::read(cell.text, cell.kind).meant()
        };
        amount(sum).is_some_and(|said| people.iter().map(amount).sum::<Option<Yuan>>() == Some(said))
    })
}

/// What stands in the merged cells of the columns of 部门, by row and column of the first cell.
fn departments(workbook: &Workbook, mapping: &[(u16, Field)]) -> BTreeMap<(u32, u16), RawCell> {
    let mapped = |column: u16| mapping.contains(&(column, Field::Department));
    let ranges = workbook.merged.iter().filter(|range| mapped(range.first_column));
    let first = ranges.map(|range| (range.first_row, range.first_column));
    first.filter_map(|at| Some((at, workbook.row(at.0)?.cell(at.1)?.into()))).collect()
}

/// One warning per field with merged cells among the people.
fn merged(
    workbook: &Workbook,
    mapping: &[(u16, Field)],
    departments: &BTreeMap<(u32, u16), RawCell>,
    people: &mut [RawRow],
    name: &Arc<str>,
) -> Vec<Finding> {
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
                    fill(departments.get(&(range.first_row, *column)), &mut people[from..to]);
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

fn fill(department: Option<&RawCell>, people: &mut [RawRow]) {
    let Some(department) = department else { return };
    for person in people {
        if !person.cells.contains_key(&Field::Department) {
            person.cells.insert(Field::Department, department.clone());
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
    Some(Finding { value: named(&places), ..finding })
}

/// The places by name, of many the first ones and how many there are.
fn named(places: &[String]) -> String {
    let first = places.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("、");
    if places.len() > NAMED { format!("{first} 等 {} 处", places.len()) } else { first }
}

/// The rows of people.
fn people_of<'w>(workbook: &'w Workbook, roles: &'w [(u32, RowRole)]) -> impl Iterator<Item = &'w SheetRow> {
    let rows = workbook.rows.iter().zip(roles);
    rows.filter(|(_, (_, role))| *role == RowRole::Person).map(|(row, _)| row)
}

/// Columns with the very title of one that was taken, where they say something else of somebody: two lists side by side,
/// or two figures of which one is meant.
fn twice(
    workbook: &Workbook,
    header: &Header,
    mapping: &[(u16, Field)],
    roles: &[(u32, RowRole)],
    name: &Arc<str>,
) -> Vec<Finding> {
    let titles: Vec<(u16, String)> =
        header.columns.iter().map(|column| (column.column, normalise_header(&column.title))).collect();
    let taken = |column: u16| mapping.iter().any(|(mapped, _)| *mapped == column);
    let mut findings = Vec::new();
    // Of these nothing is filed.
    let filed = mapping.iter().filter(|(_, field)| !matches!(field, Field::Department | Field::Remark | Field::Wage));
    for (column, field) in filed {
        let Some((_, title)) = titles.iter().find(|(titled, title)| titled == column && !title.is_empty()) else {
            continue;
        };
        for (other, _) in titles.iter().filter(|(other, same)| same == title && other != column && !taken(*other)) {
            let differs = |row: &&SheetRow| {
                let text = row.text(*other).trim();
                !text.is_empty() && text != row.text(*column).trim()
            };
            let rows: Vec<u32> = people_of(workbook, roles).filter(differs).map(|row| row.row).collect();
            let Some(first) = rows.first() else { continue };
            let place = CellRef { sheet: name.clone(), row: *first, column: Some(*other) };
            let mut finding = Finding::new(Code::SheetColumnTwice, Level::Warning).at(place).arg("rows", rows.len());
            finding = finding.arg("taken", column_letter(*column)).arg("other", column_letter(*other));
            finding.field = Some(*field);
            findings.push(finding);
        }
    }
    findings
}

/// People above the header: of two lists below each other the one whose titles say most is read.
fn above(workbook: &Workbook, header: &Header, name: &Arc<str>) -> Option<Finding> {
    let mut titled: BTreeSet<u16> = BTreeSet::new();
    let mut people = Vec::new();
    for row in workbook.rows.iter().take_while(|row| row.row < header.first) {
        let person = row.cells.iter().find(|cell| titled.contains(&cell.column) && is_resident_id(cell.text));
        people.extend(person.map(|cell| CellRef { sheet: name.clone(), row: row.row, column: Some(cell.column) }));
        let titles = row.cells.iter().filter(|cell| Field::from_header(cell.text) == Some(Field::IdNumber));
        titled.extend(titles.map(|cell| cell.column));
    }
    question(Code::SheetAbove, people)
}

/// Cells of people behind the last title of a text file: a separator within a value has moved what follows it.
fn beyond(workbook: &Workbook, header: &Header, roles: &[(u32, RowRole)], name: &Arc<str>) -> Option<Finding> {
    if workbook.format != Format::Csv {
        return None;
    }
    let titles = (header.first..=header.last).filter_map(|row| workbook.row(row)).flat_map(|row| &row.cells);
    let last = titles.filter(|cell| !cell.text.trim().is_empty()).map(|cell| cell.column).max()?;
    let behind = |row: &SheetRow| {
        let cell = row.cells.iter().find(|cell| cell.column > last && !cell.text.trim().is_empty())?;
        Some(CellRef { sheet: name.clone(), row: row.row, column: Some(cell.column) })
    };
    question(Code::SheetExtraCells, people_of(workbook, roles).filter_map(behind).collect())
}

/// People of a text file whose ID number stands beside its column: a cell too few or too many has moved it, and what
/// stands before or behind it.
fn shifted(
    workbook: &Workbook,
    mapping: &[(u16, Field)],
    roles: &[(u32, RowRole)],
    name: &Arc<str>,
) -> Option<Finding> {
    if workbook.format != Format::Csv {
        return None;
    }
    let (own, _) = mapping.iter().find(|(_, field)| *field == Field::IdNumber)?;
    let has_id = |row: &SheetRow, column: u16| is_resident_id(row.text(column));
    // A column that has a number where the own one has it too is of other people.
    let others = |column: &u16| people_of(workbook, roles).any(|row| has_id(row, *own) && has_id(row, *column));
    let beside = [own.checked_sub(1), own.checked_add(1)].into_iter().flatten();
    let beside: Vec<u16> = beside.filter(|column| !others(column)).collect();
    let moved = |row: &SheetRow| {
        let says_another = !row.text(*own).trim().is_empty() && !has_id(row, *own);
        let column = beside.iter().copied().find(|column| says_another && has_id(row, *column))?;
        Some(CellRef { sheet: name.clone(), row: row.row, column: Some(column) })
    };
    question(Code::SheetShifted, people_of(workbook, roles).filter_map(moved).collect())
}

/// What cannot well be anything but the number of a resident ID; whether it is right is not asked here.
fn is_resident_id(text: &str) -> bool {
    let text = text.trim().as_bytes();
    let Some((last, digits)) = text.split_last().filter(|(_, digits)| digits.len() == 17) else { return false };
    let century = digits.get(6..8).is_some_and(|century| century == b"19" || century == b"20");
    century && digits.iter().all(u8::is_ascii_digit) && (last.is_ascii_digit() || matches!(last, b'X' | b'x'))
}

/// One question about cells in several rows, if there are any.
fn question(code: Code, cells: Vec<CellRef>) -> Option<Finding> {
    let first = cells.first()?.clone();
    let places: Vec<String> = cells
        .iter()
        .map(|cell| format!("{}{}", cell.column.map(column_letter).unwrap_or_default(), cell.row))
        .collect();
    let finding = Finding::new(code, Level::Warning).at(first).arg("rows", cells.len());
    Some(Finding { value: named(&places), related: cells.into_iter().skip(1).take(NAMED).collect(), ..finding })
}

/// Whoever reads a row counts days from 1900: in a workbook that counts from 1904 a number in a column of days is said as
/// the day it is.
fn from_1904(person: &mut RawRow) {
    const DAYS: [Field; 4] = [Field::BirthDate, Field::Month, Field::FromMonth, Field::ToMonth];
    let is_serial = |text: &str, kind: CellKind| {
        kind == CellKind::Number && text.len() == 5 && text.bytes().all(|digit| digit.is_ascii_digit())
    };
    let serial = |field: &Field| person.cells.get(field).is_some_and(|cell| is_serial(cell.text, cell.kind));
    if !DAYS.iter().any(serial) {
        return;
    }
    person.cells.change(|field, cell| {
        if DAYS.contains(field)
            && is_serial(&cell.text, cell.kind)
            && let Ok(serial) = cell.text.parse()
        {
            cell.text = excel_date(&ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, true)).into();
            cell.kind = CellKind::Text;
        }
    });
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
