//! OpenDocument sheets, by a streaming reader of our own: calamine unpacks every sheet as a full rectangle.

use std::io::{BufRead, BufReader, Cursor};

use huijiao_domain::sheet::CellKind;
use quick_xml::Reader;
use quick_xml::events::BytesStart;
use zip::read::ZipFile;

use crate::archive::Archive;
use crate::error::{Measure, SheetError};
use crate::grid::{Grid, Layout, iso_date};
use crate::limits::Limits;
use crate::number::number_text;
use crate::open::choose;
use crate::workbook::{Format, MergedRange, ReadChoice, SheetInfo, Workbook};
use crate::xml::{Node, attribute, next, reader, skip};

const CONTENT: &str = "content.xml";
const MANIFEST: &str = "META-INF/manifest.xml";

pub(crate) fn read(archive: &mut Archive<'_>, choice: &ReadChoice, limits: &Limits) -> Result<Workbook, SheetError> {
    if is_encrypted(archive)? {
        return Err(SheetError::Encrypted);
    }
    let sheets = list(archive)?;
    let chosen = choose(&sheets, choice)?;
    let mut table =
        Table { xml: content(archive)?, grid: Grid::new(limits), layout: Layout::default(), limits, row: 0 };
    table.seek(chosen)?;
    table.read()?;
    let Table { grid, layout, .. } = table;
    grid.finish(Format::Ods, sheets, chosen, layout)
}

type Content<'a, 'b> = Reader<BufReader<ZipFile<'b, Cursor<&'a [u8]>>>>;

fn content<'a, 'b>(archive: &'b mut Archive<'a>) -> Result<Content<'a, 'b>, SheetError> {
    Ok(reader(archive.entry(CONTENT)?.ok_or_else(|| SheetError::damaged(CONTENT))?))
}

fn is_encrypted(archive: &mut Archive<'_>) -> Result<bool, SheetError> {
    let Some(entry) = archive.entry(MANIFEST)? else { return Ok(false) };
    let mut xml = reader(entry);
    let mut buffer = Vec::new();
    loop {
        match next(&mut xml, &mut buffer, MANIFEST)? {
            Node::Open(element) if element.local_name().as_ref() == "encryption-data" => return Ok(true),
            Node::Eof => return Ok(false),
            Node::Open(_) | Node::Close(_) | Node::Text(_) | Node::Other => {}
        }
    }
}

/// The sheets' names; a sheet is hidden by its style.
fn list(archive: &mut Archive<'_>) -> Result<Vec<SheetInfo>, SheetError> {
    let mut xml = content(archive)?;
    let mut buffer = Vec::new();
    let mut scratch = Vec::new();
    let mut hidden_styles = Vec::new();
    let mut style = None;
    let mut sheets = Vec::new();
    loop {
        match next(&mut xml, &mut buffer, CONTENT)? {
            Node::Open(element) => match element.local_name().as_ref() {
                "style" => style = attribute(&element, "name", CONTENT)?,
                "table-properties" if attribute(&element, "display", CONTENT)?.as_deref() == Some("false") => {
                    hidden_styles.extend(style.take());
                }
                "tracked-changes" => skip(&mut xml, &element, &mut scratch, CONTENT)?,
                "table" => {
                    let name = attribute(&element, "name", CONTENT)?.unwrap_or_default();
                    let style = attribute(&element, "style-name", CONTENT)?;
                    sheets.push(SheetInfo { name, hidden: style.is_some_and(|s| hidden_styles.contains(&s)) });
                    skip(&mut xml, &element, &mut scratch, CONTENT)?;
                }
                _other => {}
            },
            Node::Eof => return Ok(sheets),
            Node::Close(_) | Node::Text(_) | Node::Other => {}
        }
    }
}

struct Table<'x, 'l, R> {
    xml: Reader<R>,
    grid: Grid<'l>,
    layout: Layout,
    limits: &'x Limits,
    /// Zero-based row that the next `table-row` describes.
    row: u32,
}

impl<R: BufRead> Table<'_, '_, R> {
    /// Past the start of the sheet with this index.
    fn seek(&mut self, index: usize) -> Result<(), SheetError> {
        let mut passed = 0;
        let mut scratch = Vec::new();
        let mut buffer = Vec::new();
        loop {
            match next(&mut self.xml, &mut buffer, CONTENT)? {
                Node::Open(element) => match element.local_name().as_ref() {
                    "tracked-changes" => skip(&mut self.xml, &element, &mut scratch, CONTENT)?,
                    "table" if passed == index => return Ok(()),
                    "table" => {
                        passed += 1;
                        skip(&mut self.xml, &element, &mut scratch, CONTENT)?;
                    }
                    _other => {}
                },
                Node::Eof => return Err(SheetError::damaged(CONTENT)),
                Node::Close(_) | Node::Text(_) | Node::Other => {}
            }
        }
    }

    fn read(&mut self) -> Result<(), SheetError> {
        let mut column = 0_u32;
        let mut scratch = Vec::new();
        let mut buffer = Vec::new();
        loop {
            match next(&mut self.xml, &mut buffer, CONTENT)? {
                Node::Open(element) => match element.local_name().as_ref() {
                    "table-column" => {
                        let repeated = repeated(&element, "number-columns-repeated")?;
                        if is_hidden(&element)? {
                            let last = column.saturating_add(repeated - 1);
                            self.layout.hidden_columns.push((column, last));
                        }
                        column = column.saturating_add(repeated);
                    }
                    "table-row" => {
                        let repeated = repeated(&element, "number-rows-repeated")?;
                        let hidden = is_hidden(&element)?;
                        self.read_row(repeated, hidden)?;
                    }
                    // Drawings hold tables of their own.
                    "shapes" | "forms" => skip(&mut self.xml, &element, &mut scratch, CONTENT)?,
                    _other => {}
                },
                Node::Close(element) if element.local_name().as_ref() == "table" => return Ok(()),
                Node::Eof => return Err(SheetError::damaged(CONTENT)),
                Node::Close(_) | Node::Text(_) | Node::Other => {}
            }
        }
    }

    fn read_row(&mut self, repeated_rows: u32, hidden: bool) -> Result<(), SheetError> {
        let mut cells: Vec<(u32, String, CellKind)> = Vec::new();
        let mut column = 0_u32;
        let mut buffer = Vec::new();
        loop {
            match next(&mut self.xml, &mut buffer, CONTENT)? {
                Node::Open(element) if is_cell(&element) => {
                    let repeated_cells = repeated(&element, "number-columns-repeated")?;
                    self.note_span(&element, column)?;
                    if let (Some(_), Ok(column)) = (attribute(&element, "formula", CONTENT)?, u16::try_from(column)) {
                        self.layout.formulas.push((self.row.saturating_add(1), column));
                    }
                    let (value, kind) = value(&element)?;
                    let name = element.local_name().as_ref().to_owned();
                    let shown = read_shown(&mut self.xml, &name)?;
                    let text = match (value, kind) {
                        (_, CellKind::Error) => shown,
                        (Some(value), _) => value,
                        (None, _) => shown,
                    };
                    if text.is_empty() {
                        self.grid.count(1)?;
                    } else {
                        if u64::from(column) + u64::from(repeated_cells) > u64::from(self.limits.columns) {
                            return Err(SheetError::too_large(Measure::Columns, self.limits.columns));
                        }
                        for at in column..column + repeated_cells {
                            cells.push((at, text.clone(), kind));
                        }
                    }
                    column = column.saturating_add(repeated_cells);
                }
                Node::Close(element) if element.local_name().as_ref() == "table-row" => break,
                Node::Eof => return Err(SheetError::damaged(CONTENT)),
                Node::Open(_) | Node::Close(_) | Node::Text(_) | Node::Other => {}
            }
        }
        let last = self.row.saturating_add(repeated_rows - 1);
        if hidden {
            self.layout.hidden_rows.push((self.row.saturating_add(1), last.saturating_add(1)));
        }
        if !cells.is_empty() {
            if last >= self.limits.rows {
                return Err(SheetError::too_large(Measure::Rows, self.limits.rows));
            }
            // Refused before it is written out, not after.
            if (cells.len() as u64).saturating_mul(u64::from(repeated_rows)) > self.limits.cells {
                return Err(SheetError::too_large(Measure::Cells, self.limits.cells));
            }
            for row in self.row..=last {
                for (column, text, kind) in &cells {
                    self.grid.put(row, *column, text, *kind)?;
                }
            }
        }
        self.row = self.row.saturating_add(repeated_rows);
        Ok(())
    }

    fn note_span(&mut self, element: &BytesStart<'_>, column: u32) -> Result<(), SheetError> {
        let columns = repeated(element, "number-columns-spanned")?;
        let rows = repeated(element, "number-rows-spanned")?;
        if columns == 1 && rows == 1 {
            return Ok(());
        }
        let last_column = column.saturating_add(columns - 1);
        if let (Ok(first_column), Ok(last_column)) = (u16::try_from(column), u16::try_from(last_column)) {
            self.layout.merged.push(MergedRange {
                first_row: self.row.saturating_add(1),
                last_row: self.row.saturating_add(rows),
                first_column,
                last_column,
            });
        }
        Ok(())
    }
}

fn is_cell(element: &BytesStart<'_>) -> bool {
    matches!(element.local_name().as_ref(), "table-cell" | "covered-table-cell")
}

/// The value that the cell stores, and its kind; no value means that the shown text is the value.
fn value(element: &BytesStart<'_>) -> Result<(Option<String>, CellKind), SheetError> {
    let mut kind = None;
    let mut error = false;
    let (mut number, mut date, mut time, mut truth, mut text) = (None, None, None, None, None);
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| SheetError::damaged(CONTENT))?;
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|_| SheetError::damaged(CONTENT))?
            .into_owned();
        match attribute.key.as_ref() {
            "calcext:value-type" if value == "error" => error = true,
            "office:value-type" => kind = Some(value),
            "office:value" => number = Some(value),
            "office:date-value" => date = Some(value),
            "office:time-value" => time = Some(value),
            "office:boolean-value" => truth = Some(value),
            "office:string-value" => text = Some(value),
            _other => {}
        }
    }
    if error {
        return Ok((None, CellKind::Error));
    }
    Ok(match kind.as_deref() {
        Some("float" | "percentage" | "currency") => {
            let text = number.map(|n| n.parse::<f64>().map(number_text).unwrap_or(n));
            (text, CellKind::Number)
        }
        Some("date") => (date.map(|d| iso_date(&d)), CellKind::Date),
        Some("time") => (time, CellKind::Date),
        Some("boolean") => (truth.map(|t| t.to_ascii_uppercase()), CellKind::Bool),
        Some(_) | None => (text, CellKind::Text),
    })
}

/// The paragraphs of a cell, joined by line breaks; comments are left out.
fn read_shown<R: BufRead>(xml: &mut Reader<R>, cell: &str) -> Result<String, SheetError> {
    let mut buffer = Vec::new();
    let mut scratch = Vec::new();
    let mut shown = String::new();
    let mut paragraphs = 0;
    let mut depth = 0_u32;
    loop {
        match next(xml, &mut buffer, CONTENT)? {
            Node::Open(element) => match element.local_name().as_ref() {
                "annotation" | "frame" | "custom-shape" => skip(xml, &element, &mut scratch, CONTENT)?,
                "p" => {
                    depth += 1;
                    paragraphs += 1;
                    if paragraphs > 1 {
                        shown.push('\n');
                    }
                }
                "s" => {
                    let count = attribute(&element, "c", CONTENT)?.and_then(|c| c.parse().ok()).unwrap_or(1_usize);
                    shown.extend(std::iter::repeat_n(' ', count.min(1000)));
                }
                "tab" => shown.push('\t'),
                "line-break" => shown.push('\n'),
                _other => {}
            },
            Node::Close(element) if element.local_name().as_ref() == "p" => depth = depth.saturating_sub(1),
            Node::Close(element) if element.local_name().as_ref() == cell => return Ok(shown),
            Node::Text(text) if depth > 0 => shown.push_str(&text),
            Node::Eof => return Err(SheetError::damaged(CONTENT)),
            Node::Close(_) | Node::Text(_) | Node::Other => {}
        }
    }
}

fn repeated(element: &BytesStart<'_>, name: &str) -> Result<u32, SheetError> {
    match attribute(element, name, CONTENT)? {
        None => Ok(1),
        Some(text) => text.parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(|| SheetError::damaged(CONTENT)),
    }
}

fn is_hidden(element: &BytesStart<'_>) -> Result<bool, SheetError> {
    Ok(attribute(element, "visibility", CONTENT)?.is_some_and(|v| v == "collapse" || v == "filter"))
}
