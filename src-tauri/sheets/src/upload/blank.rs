//! xlsx in the center's own blank: its lists, styles, notes and other sheets stay as they are.
//!
//! Of the archive only the sheet is written anew, and of the sheet only the rows of people and what is below, and the
//! cells above that hold something of the filing. Every other entry is copied byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::profile::upload::{Piece, TrailingRow, UploadTemplate, column as column_of, pieces};
use huijiao_domain::sheet::column_letter;
use quick_xml::events::BytesStart;

use super::fill::{Cell, Look, Page};
use crate::archive::Archive;
use crate::limits::Limits;
use crate::workbook::Format;
use crate::write::WriteError;
use crate::write::package::{Found, Package, escape, prefix_of, scan, splice, with_attributes};
use crate::xlsx::{parse_cell, sheet_part};
use crate::xml::attribute;

const BOOK: &str = "xl/workbook.xml";
/// In which order formulas are computed; of cells that are no formulas any more it must not speak.
const CHAIN: &str = "xl/calcChain.xml";

/// The bytes of a blank as a template keeps them.
pub(super) fn kept(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Formulas in the rows from `first_row` (one-based) on, which a filled file has not: cells such as `E5`.
///
/// # Errors
/// [`WriteError::NotEditable`] where the file is none that can be filled.
pub(super) fn formulas(bytes: &[u8], sheet: &str, first_row: u32) -> Result<Vec<String>, WriteError> {
    let (mut package, part) = opened(bytes, sheet)?;
    let text = package.text(&part)?.ok_or_else(|| WriteError::odd(&part))?;
    let blank = Blank::read(&text, &part)?;
    let below = blank.rows.range(first_row..);
    let cells = below.flat_map(|(number, row)| row.cells.iter().map(move |(column, cell)| (number, column, cell)));
    let found = cells.filter(|(_, _, cell)| cell.formula);
    Ok(found.map(|(number, column, _)| format!("{}{number}", column_letter(*column))).collect())
}

/// Fills the blank of a template.
///
/// # Errors
/// [`WriteError::NotEditable`] where the blank is none that can be filled.
pub(super) fn write(page: &Page, template: &UploadTemplate) -> Result<Vec<u8>, WriteError> {
    let bytes =
        STANDARD.decode(template.blank.as_deref().unwrap_or_default()).map_err(|_| WriteError::odd("base64"))?;
    let (mut package, part) = opened(&bytes, template.sheet.as_deref().unwrap_or_default())?;
    let text = package.text(&part)?.ok_or_else(|| WriteError::odd(&part))?;
    let filled = Filling { blank: Blank::read(&text, &part)?, text: &text, part: &part, page, template }.filled()?;
    if filled.formulas_gone {
        package.remove(CHAIN, BOOK)?;
    }
    package.put(&part, filled.text);
    package.finish("", |_, _| Ok(()))
}

fn opened<'a>(bytes: &'a [u8], sheet: &str) -> Result<(Package<'a>, String), WriteError> {
    let mut archive = Archive::open(bytes, &Limits::default())?;
    if archive.format()? != Format::Xlsx {
        return Err(WriteError::odd("not xlsx"));
    }
    let part = sheet_part(&mut archive, sheet)?.ok_or_else(|| WriteError::odd(BOOK))?;
    Ok((Package::new(archive), part))
}

/// A cell of the blank.
struct OldCell {
    /// The whole element.
    range: Range<usize>,
    tag: BytesStart<'static>,
    /// Behind its opening tag; empty where it has no content.
    inside: Range<usize>,
    style: Option<String>,
    formula: bool,
}

struct OldRow {
    range: Range<usize>,
    tag: BytesStart<'static>,
    style: Option<String>,
    cells: BTreeMap<u16, OldCell>,
}

/// Something with a list of ranges that may have to reach further down.
struct Reach {
    /// Of the list as it is written.
    range: Range<usize>,
    said: String,
}

/// A sheet of the blank, as places in its text.
#[derive(Default)]
struct Blank {
    prefix: String,
    /// What `sheetData` holds; the whole element where it is empty.
    data: Option<Range<usize>>,
    data_empty: bool,
    /// By one-based row.
    rows: BTreeMap<u32, OldRow>,
    /// First and last zero-based column, style.
    columns: Vec<(u16, u16, String)>,
    /// The value of `dimension`.
    dimension: Option<Range<usize>>,
    /// `mergeCells` as a whole, and its ranges.
    merges: Option<(Range<usize>, Vec<String>)>,
    /// Drop-down lists and conditional formats.
    reaches: Vec<Reach>,
}

/// Where the value of an attribute stands in the text.
fn value_range(text: &str, tag: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let said = &text[tag.clone()];
    let at = said.find(&format!(" {name}="))? + name.len() + 2;
    let quote = said[at..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let from = tag.start + at + 1;
    let length = text[from..tag.end].find(quote)?;
    Some(from..from + length)
}

impl Blank {
    fn read(text: &str, part: &str) -> Result<Self, WriteError> {
        let odd = || WriteError::odd(part);
        let mut blank = Self::default();
        let mut row: Option<(u32, OldRow)> = None;
        let mut cell: Option<(u16, OldCell)> = None;
        let (mut last_row, mut next_column, mut in_data) = (0_u32, 0_u16, false);
        let mut merging: Option<(usize, Vec<String>)> = None;
        let mut after_reach: Option<usize> = None;
        scan(text, part, |found| {
            match found {
                Found::Tag { element, range, empty } => {
                    match element.local_name().as_ref() {
                        "worksheet" => {
                            blank.prefix = prefix_of(element);
                            // Strict workbooks have other names for everything.
                            if element.attributes_raw().contains("purl.oclc.org") {
                                return Err(odd());
                            }
                        }
                        "sheetData" => {
                            blank.data = Some(if empty { range.clone() } else { range.end..range.end });
                            (blank.data_empty, in_data) = (empty, !empty);
                        }
                        "row" if in_data => {
                            let said = attribute(element, "r", part)?.and_then(|r| r.parse().ok());
                            let number: u32 = said.unwrap_or(last_row + 1);
                            if number <= last_row {
                                return Err(odd());
                            }
                            (last_row, next_column) = (number, 0);
                            let style = attribute(element, "s", part)?;
                            let tag = with_attributes(element, &[], &["spans", "r"], part)?;
                            let found = OldRow { range: range.clone(), tag, style, cells: BTreeMap::new() };
                            if empty {
                                blank.rows.insert(number, found);
                            } else {
                                row = Some((number, found));
                            }
                        }
                        "c" if in_data => {
                            let said = attribute(element, "r", part)?.as_deref().and_then(parse_cell);
                            let column = said.map_or(next_column, |(column, _)| column);
                            next_column = column.checked_add(1).ok_or_else(odd)?;
                            let found = OldCell {
                                inside: range.end..range.end,
                                range: range.clone(),
                                tag: with_attributes(element, &[], &["r"], part)?,
                                style: attribute(element, "s", part)?,
                                formula: false,
                            };
                            if empty {
                                let (_, row) = row.as_mut().ok_or_else(odd)?;
                                row.cells.insert(column, found);
                            } else {
                                cell = Some((column, found));
                            }
                        }
                        "f" if in_data => {
                            if let Some((_, cell)) = &mut cell {
                                cell.formula = true;
                            }
                        }
                        "col" if !in_data => {
                            let number = |name| -> Result<Option<u16>, WriteError> {
                                let said = attribute(element, name, part)?.and_then(|n| n.parse::<u32>().ok());
                                Ok(said.and_then(|n| u16::try_from(n.saturating_sub(1).min(16_383)).ok()))
                            };
                            let style = attribute(element, "style", part)?;
                            if let (Some(first), Some(last), Some(style)) = (number("min")?, number("max")?, style) {
                                blank.columns.push((first, last, style));
                            }
                        }
                        "dimension" => blank.dimension = value_range(text, &range, "ref"),
                        "mergeCells" if !empty => merging = Some((range.start, Vec::new())),
                        "mergeCell" => {
                            if let (Some((_, ranges)), Some(said)) = (&mut merging, attribute(element, "ref", part)?) {
                                ranges.push(said);
                            }
                        }
                        "dataValidation" | "conditionalFormatting" => {
                            if let Some(place) = value_range(text, &range, "sqref") {
                                let said = text[place.clone()].to_owned();
                                blank.reaches.push(Reach { range: place, said });
                            }
                        }
                        "sqref" if !empty => after_reach = Some(range.end),
                        _other => {}
                    }
                }
                Found::End { name, at } => {
                    let end = at + text[at..].find('>').ok_or_else(odd)? + 1;
                    match name {
                        "sheetData" => {
                            in_data = false;
                            blank.data = blank.data.take().map(|data| data.start..at);
                        }
                        "row" if in_data => {
                            if let Some((number, mut done)) = row.take() {
                                done.range.end = end;
                                blank.rows.insert(number, done);
                            }
                        }
                        "c" if in_data => {
                            if let (Some((column, mut done)), Some((_, row))) = (cell.take(), row.as_mut()) {
                                done.inside = done.range.end..at;
                                done.range.end = end;
                                row.cells.insert(column, done);
                            }
                        }
                        "mergeCells" => {
                            blank.merges = merging.take().map(|(start, ranges)| (start..end, ranges));
                        }
                        "sqref" => {
                            if let Some(start) = after_reach.take() {
                                let said = text[start..at].to_owned();
                                blank.reaches.push(Reach { range: start..at, said });
                            }
                        }
                        _other => {}
                    }
                }
                Found::Text(_) => {}
            }
            Ok(())
        })?;
        if blank.data.is_some() { Ok(blank) } else { Err(odd()) }
    }

    fn style(&self, row: Option<&OldRow>, column: u16) -> Option<String> {
        let cell = row.and_then(|row| row.cells.get(&column)).map(|cell| cell.style.clone());
        cell.unwrap_or_else(|| {
            let of_columns = || self.columns.iter().find(|(first, last, _)| (*first..=*last).contains(&column));
            row.and_then(|row| row.style.clone()).or_else(|| of_columns().map(|(_, _, style)| style.clone()))
        })
    }
}

struct Filled {
    text: String,
    formulas_gone: bool,
}

struct Filling<'a> {
    blank: Blank,
    text: &'a str,
    part: &'a str,
    page: &'a Page,
    template: &'a UploadTemplate,
}

impl Filling<'_> {
    fn filled(&self) -> Result<Filled, WriteError> {
        let first = self.template.first_row;
        let people = u32::try_from(self.page.people).map_err(|_| WriteError::odd(self.part))?;
        let last_person = first + people.saturating_sub(1);
        let said: BTreeMap<u32, &[Cell]> =
            self.page.rows.iter().map(|(row, cells)| (row + 1, cells.as_slice())).collect();
        // The rows below the people, each with the row of the blank it stands in.
        let below: BTreeMap<u32, Option<u32>> = said
            .range(first + people..)
            .map(|(row, _)| *row)
            .zip(self.template.trailing.iter().map(|row| row.at))
            .collect();
        let footers: BTreeSet<u32> = below.values().flatten().copied().collect();
        let mut rows: BTreeMap<u32, String> = BTreeMap::new();
        let mut formulas_gone = false;
        for (number, old) in self.blank.rows.range(..first) {
            rows.insert(*number, self.text[old.range.clone()].to_owned());
        }
        for (number, cells) in said.range(..first) {
            let filled = self.filled_above(*number, cells);
            if !filled.is_empty() {
                rows.insert(*number, self.above(*number, &filled));
            }
        }
        let pattern = self.blank.rows.get(&first).filter(|_| !footers.contains(&first));
        for number in first..=last_person {
            let own = self.blank.rows.get(&number).filter(|_| !footers.contains(&number));
            let cells = said.get(&number).copied().unwrap_or_default();
            formulas_gone |= own.is_some_and(has_formula);
            rows.insert(number, self.person(number, own.or(pattern), cells));
        }
        for ((number, at), trailing) in below.iter().zip(&self.template.trailing) {
            let old = at.and_then(|at| self.blank.rows.get(&at));
            formulas_gone |= old.is_some_and(has_formula);
            rows.insert(*number, self.footer(*number, old, trailing, said.get(number).copied().unwrap_or_default()));
        }
        for (number, old) in self.blank.rows.range(last_person + 1..) {
            formulas_gone |= has_formula(old);
            // Rows that were made ready for more people; a footer ends them.
            if below.is_empty() {
                rows.insert(*number, self.person(*number, Some(old), &[]));
            }
        }
        let last_row = rows.keys().next_back().copied().unwrap_or(1);
        Ok(Filled { text: self.spliced(rows, last_row, last_person, &below)?, formulas_gone })
    }

    /// The sheet's text with its new rows, and what speaks of rows.
    fn spliced(
        &self,
        rows: BTreeMap<u32, String>,
        last_row: u32,
        last_person: u32,
        below: &BTreeMap<u32, Option<u32>>,
    ) -> Result<String, WriteError> {
        let odd = || WriteError::odd(self.part);
        let p = &self.blank.prefix;
        let mut inside: String = rows.into_values().collect();
        if self.blank.data_empty {
            inside = format!("<{p}sheetData>{inside}</{p}sheetData>");
        }
        let mut changes = vec![(self.blank.data.clone().ok_or_else(odd)?, inside)];
        if let Some(place) = &self.blank.dimension {
            let of_page = self.page.rows.iter().flat_map(|(_, cells)| cells.iter().map(|cell| cell.column));
            let of_blank = self.blank.rows.values().flat_map(|row| row.cells.keys().copied());
            let last = of_page.chain(of_blank).max().unwrap_or(0);
            changes.push((place.clone(), format!("A1:{}{last_row}", column_letter(last))));
        }
        if let Some((place, ranges)) = &self.blank.merges {
            let kept: Vec<String> = ranges.iter().filter_map(|range| self.merged(range, below)).collect();
            if kept != *ranges {
                let list: String = kept.iter().map(|range| format!(r#"<{p}mergeCell ref="{range}"/>"#)).collect();
                let all = format!(r#"<{p}mergeCells count="{}">{list}</{p}mergeCells>"#, kept.len());
                changes.push((place.clone(), if kept.is_empty() { String::new() } else { all }));
            }
        }
        for reach in &self.blank.reaches {
            let said = reaching(&reach.said, self.template.first_row, last_person);
            if said != reach.said {
                changes.push((reach.range.clone(), said));
            }
        }
        changes.sort_by_key(|(range, _)| range.start);
        Ok(splice(self.text, changes))
    }

    /// Where a merged range is now; `None` among the people.
    fn merged(&self, range: &str, below: &BTreeMap<u32, Option<u32>>) -> Option<String> {
        let ((first, left), (last, right)) = corners(range)?;
        if last < self.template.first_row {
            return Some(range.to_owned());
        }
        let (now, _) = below.iter().find(|(_, at)| **at == Some(first))?;
        let last = now + (last - first);
        Some(format!("{}{now}:{}{last}", column_letter(left), column_letter(right)))
    }

    /// The cells above the people that hold something of the filing.
    fn filled_above<'c>(&self, number: u32, cells: &'c [Cell]) -> BTreeMap<u16, &'c Cell> {
        let holds = |column: u16| {
            let at = format!("{}{number}", column_letter(column));
            self.template.preamble.iter().any(|cell| cell.at == at && is_filled(&cell.text))
        };
        cells.iter().filter(|cell| holds(cell.column)).map(|cell| (cell.column, cell)).collect()
    }

    fn above(&self, number: u32, filled: &BTreeMap<u16, &Cell>) -> String {
        let old = self.blank.rows.get(&number);
        let columns: BTreeSet<u16> =
            old.into_iter().flat_map(|row| row.cells.keys()).chain(filled.keys()).copied().collect();
        let cells =
            columns.into_iter().map(|column| match (filled.get(&column), old.and_then(|row| row.cells.get(&column))) {
                (Some(cell), _) => self.cell(number, cell, self.blank.style(old, column)),
                (None, Some(kept)) => self.text[kept.range.clone()].to_owned(),
                (None, None) => String::new(),
            });
        self.row(number, old, &cells.collect::<String>())
    }

    /// A person's row in the looks of `pattern`; without cells one that is ready for another.
    fn person(&self, number: u32, pattern: Option<&OldRow>, cells: &[Cell]) -> String {
        let said: BTreeMap<u16, &Cell> = cells.iter().map(|cell| (cell.column, cell)).collect();
        let columns: BTreeSet<u16> =
            pattern.into_iter().flat_map(|row| row.cells.keys()).chain(said.keys()).copied().collect();
        let cells = columns.into_iter().map(|column| {
            let style = self.blank.style(pattern, column);
            match said.get(&column).filter(|cell| !cell.text.is_empty()) {
                Some(cell) => self.cell(number, cell, style),
                None => self.empty(number, column, style),
            }
        });
        self.row(number, pattern, &cells.collect::<String>())
    }

    /// A row below the people: what is the blank's own stays.
    fn footer(&self, number: u32, old: Option<&OldRow>, trailing: &TrailingRow, cells: &[Cell]) -> String {
        let is_filled = |column: u16| {
            trailing.cells.iter().any(|cell| column_of(&cell.column) == Some(column) && is_filled(&cell.text))
        };
        let said: BTreeMap<u16, &Cell> = cells.iter().map(|cell| (cell.column, cell)).collect();
        let columns: BTreeSet<u16> =
            old.into_iter().flat_map(|row| row.cells.keys()).chain(said.keys()).copied().collect();
        let cells = columns.into_iter().map(|column| {
            let kept = old.and_then(|row| row.cells.get(&column));
            let style = self.blank.style(old, column);
            match (said.get(&column).filter(|cell| !cell.text.is_empty()), kept) {
                (Some(cell), None) => self.cell(number, cell, style),
                (Some(cell), Some(_)) if is_filled(column) => self.cell(number, cell, style),
                (_, Some(kept)) if !kept.formula => self.moved(number, column, kept),
                (_, _) => self.empty(number, column, style),
            }
        });
        self.row(number, old, &cells.collect::<String>())
    }

    /// A cell of the blank in another row.
    fn moved(&self, number: u32, column: u16, kept: &OldCell) -> String {
        let p = &self.blank.prefix;
        let tag = kept.tag.attributes_raw();
        let inside = &self.text[kept.inside.clone()];
        let r = format!("{}{number}", column_letter(column));
        format!(r#"<{p}c r="{r}"{tag}>{inside}</{p}c>"#)
    }

    fn empty(&self, number: u32, column: u16, style: Option<String>) -> String {
        let p = &self.blank.prefix;
        let style = style.map(|style| format!(r#" s="{style}""#));
        style.map_or_else(String::new, |style| format!(r#"<{p}c r="{}{number}"{style}/>"#, column_letter(column)))
    }

    fn cell(&self, number: u32, cell: &Cell, style: Option<String>) -> String {
        let p = &self.blank.prefix;
        let r = format!("{}{number}", column_letter(cell.column));
        let style = style.map(|style| format!(r#" s="{style}""#)).unwrap_or_default();
        let numeric = matches!(cell.look, Look::Amount | Look::Number) && cell.text.parse::<f64>().is_ok();
        if numeric {
            return format!(r#"<{p}c r="{r}"{style}><{p}v>{}</{p}v></{p}c>"#, cell.text);
        }
        let text = escape(&cell.text);
        format!(r#"<{p}c r="{r}"{style} t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t></{p}is></{p}c>"#)
    }

    fn row(&self, number: u32, like: Option<&OldRow>, cells: &str) -> String {
        let p = &self.blank.prefix;
        let more = like.map_or("", |row| row.tag.attributes_raw());
        format!(r#"<{p}row r="{number}"{more}>{cells}</{p}row>"#)
    }
}

fn has_formula(row: &OldRow) -> bool {
    row.cells.values().any(|cell| cell.formula)
}

/// Whether a text of a template holds something of the filing.
fn is_filled(text: &str) -> bool {
    pieces(text).is_ok_and(|all| all.iter().any(|piece| matches!(piece, Piece::Placeholder(_))))
}

/// First and last corner of a range, rows one-based, columns zero-based; one cell is both.
fn corners(range: &str) -> Option<((u32, u16), (u32, u16))> {
    let plain = range.replace('$', "");
    let (first, last) = plain.split_once(':').unwrap_or((&plain, &plain));
    let corner = |cell: &str| parse_cell(cell).map(|(column, row)| (row, column));
    Some((corner(first)?, corner(last)?))
}

/// A list of ranges in which those that begin with the first person reach to the last.
fn reaching(said: &str, first: u32, last_person: u32) -> String {
    let reach = |range: &str| match corners(range) {
        Some(((top, left), (bottom, right))) if (top..=bottom).contains(&first) && bottom < last_person => {
            format!("{}{top}:{}{last_person}", column_letter(left), column_letter(right))
        }
        Some(_) | None => range.to_owned(),
    };
    said.split(' ').map(reach).collect::<Vec<_>>().join(" ")
}
