//! The XML of Excel 2003 (SpreadsheetML), which many systems still write under the name `.xls`.

use huijiao_domain::sheet::CellKind;
use memchr::memmem;
use quick_xml::events::BytesStart;

use crate::error::{Measure, SheetError};
use crate::grid::{Grid, Layout, iso_date};
use crate::limits::Limits;
use crate::number::number_text;
use crate::open::choose;
use crate::workbook::{Format, MergedRange, ReadChoice, SheetInfo, Workbook};
use crate::xlsx::is_nothing;
use crate::xml::{Node, attribute, next, reader};

const PART: &str = "spreadsheet xml";

pub(crate) fn read(
    content: &str,
    encoding: &str,
    choice: &ReadChoice,
    limits: &Limits,
) -> Result<Workbook, SheetError> {
    // Entities of one's own are how small files become large ones; no spreadsheet writes any.
    if memmem::find(content.as_bytes(), b"<!DOCTYPE").is_some() {
        return Err(SheetError::damaged("document type"));
    }
    let sheets = sheets(content, limits)?;
    let chosen = choose(&sheets, choice)?;
    let mut sheet = Sheet::new(limits);
    walk(content, |index, node| if index == Some(chosen) { sheet.take(node) } else { Ok(()) })?;
    let mut workbook = sheet.grid.finish(Format::Xml2003, sheets, chosen, sheet.layout)?;
    workbook.encoding = Some(encoding.to_owned());
    Ok(workbook)
}

/// Names and whether they are hidden, which stands after each sheet's cells.
fn sheets(content: &str, limits: &Limits) -> Result<Vec<SheetInfo>, SheetError> {
    let mut sheets: Vec<SheetInfo> = Vec::new();
    let mut visible: Option<String> = None;
    walk(content, |_, node| {
        match node {
            Node::Open(element) => match element.local_name().as_ref() {
                "Worksheet" => {
                    if sheets.len() as u64 >= limits.zip_entries {
                        return Err(SheetError::too_large(Measure::Cells, limits.zip_entries));
                    }
                    let name = attribute(element, "Name", PART)?.unwrap_or_default();
                    sheets.push(SheetInfo { name, hidden: false });
                }
                "Visible" => visible = Some(String::new()),
                _other => {}
            },
            Node::Text(text) => {
                if let Some(visible) = &mut visible {
                    visible.push_str(text);
                }
            }
            Node::Close(element) if element.local_name().as_ref() == "Visible" => {
                if let (Some(visible), Some(sheet)) = (visible.take(), sheets.last_mut()) {
                    sheet.hidden = matches!(visible.trim(), "SheetHidden" | "SheetVeryHidden");
                }
            }
            Node::Close(_) | Node::Other | Node::Eof => {}
        }
        Ok(())
    })?;
    Ok(sheets)
}

/// Every node, with the index of the sheet that it stands in.
fn walk(
    content: &str,
    mut visit: impl FnMut(Option<usize>, &Node<'_>) -> Result<(), SheetError>,
) -> Result<(), SheetError> {
    let mut xml = reader(content.as_bytes());
    let mut buffer = Vec::new();
    let mut depth = 0_u32;
    let mut met = 0_usize;
    let mut inside = None;
    loop {
        let node = next(&mut xml, &mut buffer, PART)?;
        match &node {
            Node::Open(element) => {
                depth += 1;
                if element.local_name().as_ref() == "Worksheet" {
                    inside = Some(met);
                    met += 1;
                }
            }
            Node::Close(_) => depth = depth.saturating_sub(1),
            // What is cut off must not pass as a shorter list.
            Node::Eof if depth > 0 => return Err(SheetError::damaged(PART)),
            Node::Eof => return Ok(()),
            Node::Text(_) | Node::Other => {}
        }
        visit(inside, &node)?;
        if matches!(&node, Node::Close(element) if element.local_name().as_ref() == "Worksheet") {
            inside = None;
        }
    }
}

/// The sheet that is being read; rows and columns zero-based.
struct Sheet<'a> {
    grid: Grid<'a>,
    layout: Layout,
    limits: &'a Limits,
    next_row: u32,
    row: u32,
    next_column: u32,
    next_rule: u32,
    cell: Option<Cell>,
    /// Within `Data` of a cell, not of its comment.
    in_data: bool,
    comment: u32,
}

#[derive(Default)]
struct Cell {
    column: u32,
    across: u32,
    down: u32,
    kind: String,
    text: String,
}

impl<'a> Sheet<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            grid: Grid::new(limits),
            layout: Layout::default(),
            limits,
            next_row: 0,
            row: 0,
            next_column: 0,
            next_rule: 0,
            cell: None,
            in_data: false,
            comment: 0,
        }
    }

    fn take(&mut self, node: &Node<'_>) -> Result<(), SheetError> {
        match node {
            Node::Open(element) => self.open(element),
            Node::Text(text) => {
                if self.in_data
                    && let Some(cell) = &mut self.cell
                {
                    cell.text.push_str(text);
                }
                Ok(())
            }
            Node::Close(element) => match element.local_name().as_ref() {
                "Cell" => self.end_cell(),
                "Data" => {
                    self.in_data = false;
                    Ok(())
                }
                "Comment" => {
                    self.comment = self.comment.saturating_sub(1);
                    Ok(())
                }
                _other => Ok(()),
            },
            Node::Other | Node::Eof => Ok(()),
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), SheetError> {
        match element.local_name().as_ref() {
            "Column" => {
                let first = index(element)?.unwrap_or(self.next_rule);
                let last = first.saturating_add(number(element, "Span")?.unwrap_or(0));
                if is_hidden(element, "Width")? {
                    self.grid.count(1)?;
                    self.layout.hidden_columns.push((first, last));
                }
                self.next_rule = last.saturating_add(1);
            }
            "Row" => {
                self.row = index(element)?.unwrap_or(self.next_row);
                let last = self.row.saturating_add(number(element, "Span")?.unwrap_or(0));
                if is_hidden(element, "Height")? {
                    self.grid.count(1)?;
                    self.layout.hidden_rows.push((self.row.saturating_add(1), last.saturating_add(1)));
                }
                self.next_row = last.saturating_add(1);
                self.next_column = 0;
            }
            "Cell" => {
                let column = index(element)?.unwrap_or(self.next_column);
                let across = number(element, "MergeAcross")?.unwrap_or(0);
                let down = number(element, "MergeDown")?.unwrap_or(0);
                self.next_column = column.saturating_add(across).saturating_add(1);
                if let (Some(_), Ok(column)) = (attribute(element, "Formula", PART)?, u16::try_from(column)) {
                    self.layout.formulas.push((self.row.saturating_add(1), column));
                }
                self.cell = Some(Cell { column, across, down, ..Cell::default() });
            }
            "Comment" => self.comment += 1,
            "Data" if self.comment == 0 => {
                if let Some(cell) = &mut self.cell {
                    cell.kind = attribute(element, "Type", PART)?.unwrap_or_default();
                    self.in_data = true;
                }
            }
            _other => {}
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), SheetError> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        self.in_data = false;
        let most = u32::from(self.limits.columns);
        if (cell.across > 0 || cell.down > 0) && cell.column < most {
            self.layout.merged.push(MergedRange {
                first_row: self.row.saturating_add(1),
                last_row: self.row.saturating_add(cell.down).saturating_add(1),
                first_column: cell.column as u16,
                last_column: cell.column.saturating_add(cell.across).min(most - 1) as u16,
            });
        }
        let trimmed = cell.text.trim();
        let (text, kind) = match cell.kind.as_str() {
            // What calls itself a number and is none is not mended into one.
            "Number" => match trimmed.parse::<f64>() {
                Ok(number) if number.is_finite() => (number_text(number), CellKind::Number),
                Ok(_) | Err(_) => (cell.text, CellKind::Text),
            },
            "DateTime" => (iso_date(trimmed), CellKind::Date),
            "Boolean" => match trimmed {
                "1" => ("TRUE".to_owned(), CellKind::Bool),
                "0" => ("FALSE".to_owned(), CellKind::Bool),
                other => (other.to_owned(), CellKind::Bool),
            },
            "Error" => (trimmed.to_owned(), CellKind::Error),
            _string => (cell.text, CellKind::Text),
        };
        self.grid.put(self.row, cell.column, &text, kind)
    }
}

/// `ss:Index` counts from one.
fn index(element: &BytesStart<'_>) -> Result<Option<u32>, SheetError> {
    match number(element, "Index")? {
        Some(0) => Err(SheetError::damaged(PART)),
        Some(index) => Ok(Some(index - 1)),
        None => Ok(None),
    }
}

fn number(element: &BytesStart<'_>, name: &str) -> Result<Option<u32>, SheetError> {
    // A place that cannot be read would put the cell under another title.
    attribute(element, name, PART)?
        .map(|text| text.trim().parse::<u32>().map_err(|_| SheetError::damaged(PART)))
        .transpose()
}

/// Said to be hidden, or of no size.
fn is_hidden(element: &BytesStart<'_>, size: &str) -> Result<bool, SheetError> {
    let said = attribute(element, "Hidden", PART)?.is_some_and(|hidden| hidden.trim() == "1");
    Ok(said || attribute(element, size, PART)?.is_some_and(|size| is_nothing(size.trim())))
}
