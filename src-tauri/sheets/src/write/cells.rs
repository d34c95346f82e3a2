//! The marked sheet itself: looked over once for what its marked cells look like, then copied with new styles.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, BufWriter, Read, Write};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use super::WriteError;
use super::notes::{Column, WIDTH};
use super::package::{escape, prefix_of, with_attributes};
use super::spots::Spots;
use crate::xlsx::parse_cell;
use crate::xml::attribute;
use huijiao_domain::sheet::column_letter;

/// What stands after `legacyDrawing` in a sheet.
const AFTER_DRAWING: [&str; 9] = [
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "AlternateContent",
    "webPublishItems",
    "tableParts",
    "extLst",
];

/// What a sheet says about its marked cells.
#[derive(Debug, Default)]
pub(super) struct Survey {
    prefix: String,
    /// Style of each marked cell that is there.
    cells: BTreeMap<(u32, u16), usize>,
    /// Marked rows that are there, with the style of the whole row.
    rows: BTreeMap<u32, Option<usize>>,
    /// First and last zero-based column, style.
    columns: Vec<(u32, u32, usize)>,
    /// Relationship of the drawing that holds comments.
    pub(super) drawing: Option<String>,
    /// The last column that holds something, zero-based.
    pub(super) last: Option<u16>,
    /// The row of titles, and its cells with their styles.
    titled: Option<u32>,
    titles: BTreeMap<u16, usize>,
    /// The last column whose width is said, one-based; absent where no widths are.
    widths: Option<u32>,
    data: bool,
}

impl Survey {
    /// The style that a cell has, or would have once something is in it.
    pub(super) fn style(&self, row: u32, column: u16) -> usize {
        self.cells.get(&(row, column)).copied().unwrap_or_else(|| {
            let of_row = self.rows.get(&row).copied().flatten();
            let column = u32::from(column);
            let of_column = || self.columns.iter().find(|(first, last, _)| (*first..=*last).contains(&column));
            of_row.or_else(|| of_column().map(|(_, _, style)| *style)).unwrap_or(0)
        })
    }
}

/// Row and column of the element at hand; both may be left out in the file and then follow the one before.
#[derive(Default)]
struct Place {
    row: u32,
    column: u32,
}

impl Place {
    fn enter_row(&mut self, element: &BytesStart<'_>, part: &str) -> Result<(), WriteError> {
        let said = attribute(element, "r", part)?.and_then(|r| r.parse().ok());
        self.row = said.unwrap_or(self.row.saturating_add(1));
        self.column = 0;
        Ok(())
    }

    /// The cell's column, zero-based.
    fn enter_cell(&mut self, element: &BytesStart<'_>, part: &str) -> Result<u16, WriteError> {
        let said = attribute(element, "r", part)?.as_deref().and_then(parse_cell);
        let column = said.map_or(self.column, |(column, _)| u32::from(column));
        self.column = column + 1;
        u16::try_from(column).map_err(|_| WriteError::odd(part))
    }
}

fn number(element: &BytesStart<'_>, name: &str, part: &str) -> Result<Option<usize>, WriteError> {
    Ok(attribute(element, name, part)?.and_then(|text| text.parse().ok()))
}

pub(super) fn survey(entry: impl Read, part: &str, spots: &Spots, titles: Option<u32>) -> Result<Survey, WriteError> {
    let mut xml = Reader::from_reader(BufReader::with_capacity(32 * 1024, entry));
    xml.config_mut().expand_empty_elements = true;
    let mut survey = Survey { titled: titles, ..Survey::default() };
    let (mut depth, mut place, mut buffer) = (0_u32, Place::default(), Vec::new());
    let mut data = false;
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|_| WriteError::odd(part))? {
            Event::Start(element) => {
                match (depth, element.local_name().as_ref()) {
                    (0, "worksheet") => {
                        survey.prefix = prefix_of(&element);
                        // Strict workbooks have other names for every relationship.
                        if element.attributes_raw().contains("purl.oclc.org") {
                            return Err(WriteError::odd(part));
                        }
                    }
                    (0, _) => return Err(WriteError::odd(part)),
                    (1, "sheetData") => {
                        data = true;
                        survey.data = true;
                    }
                    (1, "cols") => survey.widths = Some(0),
                    (1, "legacyDrawing") => survey.drawing = attribute(&element, "id", part)?,
                    (2, "col") => {
                        let found = (
                            number(&element, "min", part)?,
                            number(&element, "max", part)?,
                            number(&element, "style", part)?,
                        );
                        let last = found.1.and_then(|max| u32::try_from(max).ok());
                        survey.widths = survey.widths.max(last);
                        if let (Some(min), Some(max), Some(style)) = found
                            && let (Ok(min), Ok(max)) = (u32::try_from(min), u32::try_from(max))
                        {
                            survey.columns.push((min.saturating_sub(1), max.saturating_sub(1), style));
                        }
                    }
                    (2, "row") if data => {
                        place.enter_row(&element, part)?;
                        if spots.contains_key(&place.row) || titles == Some(place.row) {
                            let style = number(&element, "s", part)?;
                            // A row twice, or a cell twice, is nothing that can be written back as it was.
                            if survey.rows.insert(place.row, style).is_some() {
                                return Err(WriteError::odd(part));
                            }
                        }
                    }
                    (3, "c") if data => {
                        let column = place.enter_cell(&element, part)?;
                        let marked = spots.get(&place.row).is_some_and(|row| row.contains_key(&column));
                        let style = number(&element, "s", part)?.unwrap_or(0);
                        if titles == Some(place.row) {
                            survey.titles.insert(column, style);
                        }
                        if marked && survey.cells.insert((place.row, column), style).is_some() {
                            return Err(WriteError::odd(part));
                        }
                    }
                    (4, "v" | "is") if data => {
                        survey.last = survey.last.max(u16::try_from(place.column.saturating_sub(1)).ok());
                    }
                    _elsewhere => {}
                }
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                data &= depth > 1;
            }
            Event::Eof => break,
            Event::DocType(_) => return Err(WriteError::odd(part)),
            Event::Empty(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::GeneralRef(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_) => {}
        }
    }
    if survey.data { Ok(survey) } else { Err(WriteError::odd(part)) }
}

/// What is to be changed in a sheet.
pub(super) struct Plan<'p> {
    pub(super) part: &'p str,
    pub(super) spots: &'p Spots,
    /// What is said behind the rows.
    pub(super) notes: Option<&'p Column>,
    pub(super) survey: &'p Survey,
    /// New style of each marked cell.
    pub(super) styles: &'p BTreeMap<(u32, u16), usize>,
    /// Relationship of a new drawing for the comments.
    pub(super) drawing: Option<&'p str>,
}

/// Copies the sheet with the marked cells in their new styles; everything else is written as it was read.
pub(super) fn rewrite(entry: impl Read, out: &mut impl Write, plan: &Plan<'_>) -> Result<(), WriteError> {
    let part = plan.part;
    let odd = || WriteError::odd(part);
    let mut xml = Reader::from_reader(BufReader::with_capacity(32 * 1024, entry));
    // The packer behind it takes as long over three bytes as over thousands.
    let mut writer = Writer::new(BufWriter::with_capacity(64 * 1024, out));
    let mut rows = plan.spots.keys().copied().filter(|row| !plan.survey.rows.contains_key(row)).peekable();
    let mut cells: BTreeSet<u16> = BTreeSet::new();
    let (mut depth, mut place, mut buffer) = (0_u32, Place::default(), Vec::new());
    let (mut data, mut drawn) = (false, plan.drawing.is_none());
    let mut past_data = false;
    // Elements of a cell that is written anew, and left out as it was.
    let mut left_out = 0_u32;
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer).map_err(|_| odd())?;
        match event {
            Event::Start(ref element) | Event::Empty(ref element) => {
                let empty = matches!(event, Event::Empty(_));
                if left_out > 0 {
                    left_out += u32::from(!empty);
                    continue;
                }
                let mut changed = None;
                // What an element that is empty in the file holds now.
                let mut inside = String::new();
                match (depth, element.local_name().as_ref()) {
                    (1, "sheetData") => {
                        data = true;
                        if plan.survey.widths.is_none()
                            && let Some(width) = width(plan)
                        {
                            let p = &plan.survey.prefix;
                            writer.get_mut().write_all(format!("<{p}cols>{width}</{p}cols>").as_bytes())?;
                        }
                        if empty {
                            inside = rows.by_ref().map(|row| new_row(plan, row)).collect();
                        }
                    }
                    (1, name) if past_data && !drawn && AFTER_DRAWING.contains(&name) => {
                        writer.get_mut().write_all(drawing(plan).as_bytes())?;
                        drawn = true;
                    }
                    (2, "row") if data => {
                        place.enter_row(element, part)?;
                        while let Some(row) = rows.next_if(|row| *row < place.row) {
                            writer.get_mut().write_all(new_row(plan, row).as_bytes())?;
                        }
                        cells = missing(plan, place.row);
                        if !cells.is_empty() {
                            // The cells may stand outside what the row says it spans.
                            changed = Some(with_attributes(element, &[], &["spans"], part)?);
                        }
                        if empty {
                            inside = std::mem::take(&mut cells).iter().map(|c| new_cell(plan, place.row, *c)).collect();
                        }
                    }
                    (3, "c") if data => {
                        let column = place.enter_cell(element, part)?;
                        let later = cells.split_off(&column);
                        for column in std::mem::replace(&mut cells, later) {
                            writer.get_mut().write_all(new_cell(plan, place.row, column).as_bytes())?;
                        }
                        if plan.notes.is_some_and(|notes| notes.column == column) {
                            if cells.remove(&column) {
                                writer.get_mut().write_all(new_cell(plan, place.row, column).as_bytes())?;
                            }
                            left_out = u32::from(!empty);
                            continue;
                        }
                        if let Some(style) = plan.styles.get(&(place.row, column)) {
                            changed = Some(with_attributes(element, &[("s", style.to_string())], &[], part)?);
                        }
                    }
                    _elsewhere => {}
                }
                let element = changed.as_ref().unwrap_or(element);
                match (empty, inside.is_empty()) {
                    (true, true) => writer.write_event(Event::Empty(element.borrow()))?,
                    (true, false) => {
                        writer.write_event(Event::Start(element.borrow()))?;
                        writer.get_mut().write_all(inside.as_bytes())?;
                        writer.write_event(Event::End(element.to_end()))?;
                    }
                    (false, _) => {
                        writer.write_event(Event::Start(element.borrow()))?;
                        depth += 1;
                    }
                }
                if empty && depth == 1 && data {
                    (data, past_data) = (false, true);
                }
            }
            Event::End(_) if left_out > 0 => left_out -= 1,
            Event::End(ref element) => {
                depth = depth.saturating_sub(1);
                if !data && depth == 1 && element.local_name().as_ref() == "cols" {
                    writer.get_mut().write_all(width(plan).unwrap_or_default().as_bytes())?;
                }
                if data && depth == 2 {
                    for column in std::mem::take(&mut cells) {
                        writer.get_mut().write_all(new_cell(plan, place.row, column).as_bytes())?;
                    }
                } else if data && depth == 1 {
                    for row in rows.by_ref() {
                        writer.get_mut().write_all(new_row(plan, row).as_bytes())?;
                    }
                    (data, past_data) = (false, true);
                } else if depth == 0 && !drawn {
                    writer.get_mut().write_all(drawing(plan).as_bytes())?;
                    drawn = true;
                }
                writer.write_event(event)?;
            }
            Event::Eof => break,
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) | Event::Comment(_) | Event::PI(_)
                if left_out > 0 => {}
            Event::Text(_)
            | Event::CData(_)
            | Event::GeneralRef(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::DocType(_)
            | Event::PI(_) => writer.write_event(event)?,
        }
    }
    writer.into_inner().flush()?;
    Ok(())
}

fn drawing(plan: &Plan<'_>) -> String {
    let (p, id) = (&plan.survey.prefix, plan.drawing.unwrap_or_default());
    format!(r#"<{p}legacyDrawing xmlns:r="{}" r:id="{id}"/>"#, super::package::OFFICE)
}

/// How wide the notes are, where nothing says it.
fn width(plan: &Plan<'_>) -> Option<String> {
    let column = u32::from(plan.notes?.column) + 1;
    let p = &plan.survey.prefix;
    let said = plan.survey.widths.is_some_and(|last| last >= column);
    (!said).then(|| format!(r#"<{p}col min="{column}" max="{column}" width="{WIDTH}" customWidth="1"/>"#))
}

/// Marked cells of a row, and what is said behind it, that the file does not have.
fn missing(plan: &Plan<'_>, row: u32) -> BTreeSet<u16> {
    let said = plan.notes.filter(|notes| notes.texts.contains_key(&row)).map(|notes| notes.column);
    let marked = plan.spots.get(&row).into_iter().flat_map(|cells| cells.keys().copied());
    marked.filter(|column| !plan.survey.cells.contains_key(&(row, *column))).chain(said).collect()
}

fn new_cell(plan: &Plan<'_>, row: u32, column: u16) -> String {
    let (p, letter) = (&plan.survey.prefix, column_letter(column));
    if let Some(notes) = plan.notes.filter(|notes| notes.column == column) {
        let text = escape(notes.texts.get(&row).map_or("", String::as_str));
        // The title looks like the one before it.
        let before = plan.survey.titles.range(..column).next_back().map_or(0, |(_, style)| *style);
        let style = if plan.survey.titled == Some(row) { before } else { 0 };
        return format!(
            r#"<{p}c r="{letter}{row}" s="{style}" t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t></{p}is></{p}c>"#
        );
    }
    let style = plan.styles.get(&(row, column)).copied().unwrap_or(0);
    format!(r#"<{p}c r="{letter}{row}" s="{style}"/>"#)
}

fn new_row(plan: &Plan<'_>, row: u32) -> String {
    let p = &plan.survey.prefix;
    let cells: String = missing(plan, row).into_iter().map(|column| new_cell(plan, row, column)).collect();
    format!(r#"<{p}row r="{row}">{cells}</{p}row>"#)
}
