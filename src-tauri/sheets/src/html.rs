//! A table of a web page, as systems and WPS export it under the name `.xls`.
//!
//! Every table of the page is a sheet of its own, numbered as they open; unless one is named, the one with the
//! most filled cells is read. What stands in a nested table belongs to that table alone. Nothing the page refers
//! to is fetched, scripts and styles are passed over.
//!
//! Cells are text, whole as they stand: an 18-digit number in a page has lost nothing. Only where a spreadsheet
//! wrote the page does a cell say that it held a number (Excel's `x:num`, LibreOffice's `sdval`), an error
//! (`x:err`) or a truth (`x:bool`).

use std::borrow::Cow;
use std::collections::BTreeSet;

use huijiao_domain::sheet::CellKind;

use crate::entity;
use crate::error::{Looks, Measure, SheetError};
use crate::grid::{Grid, Layout};
use crate::limits::Limits;
use crate::number::number_text;
use crate::open::choose;
use crate::tags::{Tag, Tags, Token};
use crate::workbook::{Format, MergedRange, ReadChoice, SheetInfo, Workbook};

/// Tables within tables beyond this are nobody's list of people.
const DEEPEST: usize = 50;

pub(crate) fn read(
    content: &str,
    encoding: &str,
    choice: &ReadChoice,
    limits: &Limits,
) -> Result<Workbook, SheetError> {
    // Counted first: a table is kept only once it is known to be the one.
    let counts = Page::new(limits, None).walk(content)?.counts;
    if counts.iter().all(|count| *count == 0) {
        return Err(SheetError::NotAWorkbook { looks: Looks::Html });
    }
    let sheets: Vec<SheetInfo> =
        (1..=counts.len()).map(|number| SheetInfo { name: format!("表格 {number}"), hidden: false }).collect();
    let chosen = match &choice.sheet {
        Some(_) => choose(&sheets, choice)?,
        None => (0..counts.len()).rev().max_by_key(|table| counts[*table]).unwrap_or(0),
    };
    let page = Page::new(limits, Some(chosen)).walk(content)?;
    let mut layout = page.layout;
    for range in &mut layout.merged {
        range.last_row = range.last_row.min(page.rows.max(range.first_row));
    }
    layout.merged.retain(|m| (m.first_row, m.first_column) != (m.last_row, m.last_column));
    layout.hidden_columns.extend(page.unseen_columns.iter().map(|column| (*column, *column)));
    let mut workbook = page.grid.finish(Format::Html, sheets, chosen, layout)?;
    workbook.encoding = Some(encoding.to_owned());
    Ok(workbook)
}

/// One walk through the page.
struct Page<'a> {
    limits: &'a Limits,
    /// The table to keep; none to count only.
    wanted: Option<usize>,
    open: Vec<Table>,
    /// Filled cells of each table.
    counts: Vec<u64>,
    grid: Grid<'a>,
    layout: Layout,
    /// Columns with a cell that the page does not show.
    unseen_columns: BTreeSet<u32>,
    /// Rows of the table that is kept.
    rows: u32,
}

struct Table {
    index: usize,
    /// Zero-based; the row that is open, if any, is the one before.
    next_row: u32,
    in_row: bool,
    column: u32,
    cell: Option<Cell>,
    /// By column: the first row that no cell from above reaches into.
    free_from: Vec<u32>,
    /// The next `<col>`.
    column_rule: u32,
}

struct Cell {
    row: u32,
    column: u32,
    rows: u32,
    columns: u32,
    text: Text,
    says: Says,
    /// An element inside that the page does not show, and how many of its name are open.
    unseen: Option<(String, u32)>,
}

const ERRORS: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"];

/// What a spreadsheet wrote about a cell beside its text.
enum Says {
    Nothing,
    Number(Option<f64>),
    Truth,
    Error(String),
}

/// Text with its white space as a browser shows it.
#[derive(Default)]
struct Text {
    shown: String,
    space: bool,
}

impl Text {
    fn push(&mut self, raw: &str) {
        for character in raw.chars() {
            if matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0C') {
                self.space = true;
            } else {
                if self.space && self.in_line() {
                    self.shown.push(' ');
                }
                self.space = false;
                self.shown.push(character);
            }
        }
    }

    /// Something stands in the line that is open.
    fn in_line(&self) -> bool {
        !self.shown.is_empty() && !self.shown.ends_with('\n')
    }

    fn line(&mut self) {
        self.space = false;
        self.shown.push('\n');
    }

    /// A cell that holds nothing but `&nbsp;` is how pages write an empty one.
    fn finish(self) -> String {
        let end = self.shown.trim_end_matches('\n').len();
        let text = self.shown[..end].trim_start_matches('\n');
        if text.chars().all(|c| c == '\u{A0}' || c.is_whitespace()) { String::new() } else { text.to_owned() }
    }
}

impl<'a> Page<'a> {
    fn new(limits: &'a Limits, wanted: Option<usize>) -> Self {
        Self {
            limits,
            wanted,
            open: Vec::new(),
            counts: Vec::new(),
            grid: Grid::new(limits),
            layout: Layout::default(),
            unseen_columns: BTreeSet::new(),
            rows: 0,
        }
    }

    fn walk(mut self, content: &str) -> Result<Self, SheetError> {
        let mut tags = Tags::new(content);
        while let Some(token) = tags.next_token()? {
            match token {
                Token::Open(tag) => self.opened(&tag)?,
                Token::Close(name) => self.closed(name)?,
                Token::Text(text) => {
                    if let Some(cell) = self.cell()
                        && cell.unseen.is_none()
                    {
                        cell.text.push(&entity::resolve(text));
                    }
                }
            }
        }
        // A download that broke off ends inside of its table, and people would be missing.
        if !self.open.is_empty() {
            return Err(SheetError::damaged("html table"));
        }
        Ok(self)
    }

    fn cell(&mut self) -> Option<&mut Cell> {
        self.open.last_mut().and_then(|table| table.cell.as_mut())
    }

    fn opened(&mut self, tag: &Tag<'_>) -> Result<(), SheetError> {
        if tag.is("table") {
            if self.open.len() >= DEEPEST {
                return Err(SheetError::damaged("html tables"));
            }
            // As many as a page may have cells.
            if self.counts.len() as u64 >= self.limits.cells.min(10_000) {
                return Err(SheetError::too_large(Measure::Cells, self.limits.cells.min(10_000)));
            }
            self.open.push(Table {
                index: self.counts.len(),
                next_row: 0,
                in_row: false,
                column: 0,
                cell: None,
                free_from: vec![0; usize::from(self.limits.columns)],
                column_rule: 0,
            });
            self.counts.push(0);
            return Ok(());
        }
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        if let Some(cell) = &mut table.cell
            && let Some((name, depth)) = &mut cell.unseen
        {
            if tag.is(name) {
                *depth += 1;
            }
            if !["tr", "td", "th", "tbody", "thead", "tfoot"].iter().any(|part| tag.is(part)) {
                return Ok(());
            }
        }
        let kept = self.wanted == Some(table.index);
        if tag.is("tr") {
            self.end_row()?;
            self.begin_row(tag.is_hidden());
        } else if tag.is("td") || tag.is("th") {
            self.end_cell()?;
            if !self.open.last().is_some_and(|table| table.in_row) {
                self.begin_row(false);
            }
            self.begin_cell(tag);
        } else if tag.is("caption") {
            self.end_row()?;
            self.begin_row(false);
            self.begin_cell(tag);
        } else if tag.is("thead") || tag.is("tbody") || tag.is("tfoot") {
            self.end_row()?;
        } else if tag.is("col") {
            let columns = span(tag.attribute("span"), u32::from(self.limits.columns));
            if kept && table.column_rule < u32::from(self.limits.columns) && tag.is_hidden() {
                self.layout.hidden_columns.push((table.column_rule, table.column_rule.saturating_add(columns - 1)));
            }
            table.column_rule = table.column_rule.saturating_add(columns);
        } else if let Some(cell) = &mut table.cell {
            let breaks = is_block(tag.name) && cell.text.in_line();
            if breaks || tag.is("br") {
                cell.text.line();
            }
            if tag.is_hidden() && !tag.is_void() {
                cell.unseen = Some((tag.name.to_ascii_lowercase(), 1));
            }
        }
        Ok(())
    }

    fn closed(&mut self, name: &str) -> Result<(), SheetError> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("table") {
            self.end_row()?;
            if let Some(table) = self.open.pop()
                && self.wanted == Some(table.index)
            {
                self.rows = table.next_row;
            }
            return Ok(());
        }
        if is("tr") || is("thead") || is("tbody") || is("tfoot") || is("caption") {
            return self.end_row();
        }
        if is("td") || is("th") {
            return self.end_cell();
        }
        if let Some(cell) = self.cell() {
            if let Some((unseen, depth)) = &mut cell.unseen
                && is(unseen)
            {
                *depth -= 1;
                if *depth == 0 {
                    cell.unseen = None;
                }
            } else if cell.unseen.is_none() && is_block(name) && cell.text.in_line() {
                // The next word, if one follows, begins a line.
                cell.text.line();
            }
        }
        Ok(())
    }

    fn begin_row(&mut self, hidden: bool) {
        let Some(table) = self.open.last_mut() else { return };
        table.in_row = true;
        table.column = 0;
        table.next_row = table.next_row.saturating_add(1);
        if hidden && self.wanted == Some(table.index) {
            self.layout.hidden_rows.push((table.next_row, table.next_row));
        }
    }

    fn end_row(&mut self) -> Result<(), SheetError> {
        self.end_cell()?;
        if let Some(table) = self.open.last_mut() {
            table.in_row = false;
        }
        Ok(())
    }

    fn begin_cell(&mut self, tag: &Tag<'_>) {
        let most = u32::from(self.limits.columns);
        let kept = self.wanted;
        let Some(table) = self.open.last_mut() else { return };
        let row = table.next_row.saturating_sub(1);
        while table.free_from.get(table.column as usize).is_some_and(|free| *free > row) {
            table.column += 1;
        }
        let rows = span(tag.attribute("rowspan"), self.limits.rows);
        let columns = span(tag.attribute("colspan"), most);
        let column = table.column;
        if rows > 1 {
            let end = column.saturating_add(columns).min(most) as usize;
            for free in table.free_from.get_mut(column as usize..end).unwrap_or_default() {
                *free = row.saturating_add(rows).max(*free);
            }
        }
        table.column = column.saturating_add(columns);
        if kept == Some(table.index) && column < most && tag.is_hidden() {
            self.unseen_columns.insert(column);
        }
        let says = if tag.attribute("x:str").is_some() {
            Says::Nothing
        } else if let Some(error) = tag.attribute("x:err") {
            Says::Error(error.into_owned())
        } else if let Some(number) = tag.attribute("x:num").or_else(|| tag.attribute("sdval")) {
            Says::Number(number.trim().parse().ok())
        } else if tag.attribute("x:bool").is_some() {
            Says::Truth
        } else {
            Says::Nothing
        };
        table.cell = Some(Cell { row, column, rows, columns, text: Text::default(), says, unseen: None });
    }

    fn end_cell(&mut self) -> Result<(), SheetError> {
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        let Some(cell) = table.cell.take() else { return Ok(()) };
        let text = cell.text.finish();
        if !text.is_empty() {
            self.counts[table.index] += 1;
        }
        if self.wanted != Some(table.index) {
            return if self.wanted.is_none() { self.grid.count(1) } else { Ok(()) };
        }
        if (cell.rows > 1 || cell.columns > 1) && cell.column < u32::from(self.limits.columns) {
            let last_column = (cell.column + cell.columns - 1).min(u32::from(self.limits.columns) - 1);
            self.layout.merged.push(MergedRange {
                first_row: cell.row + 1,
                last_row: cell.row.saturating_add(cell.rows),
                first_column: cell.column as u16,
                last_column: last_column as u16,
            });
        }
        let (text, kind) = value(text, &cell.says);
        self.grid.put(cell.row, cell.column, &text, kind)
    }
}

fn value(text: String, says: &Says) -> (String, CellKind) {
    match says {
        Says::Nothing => (text, CellKind::Text),
        Says::Truth => (text.to_ascii_uppercase(), CellKind::Bool),
        Says::Error(error) if error.is_empty() => (text, CellKind::Error),
        Says::Error(error) => (error.clone(), CellKind::Error),
        Says::Number(number) => {
            let plain: String = text.chars().filter(|c| !matches!(c, ',' | '￥' | '¥' | '$' | ' ' | '%')).collect();
            let shown = plain.parse::<f64>().ok();
            // `####` is a number too wide for its column. Anything else is a date as the clerk sees it.
            let narrow = !plain.is_empty() && plain.bytes().all(|b| b == b'#');
            if ERRORS.contains(&text.as_str()) {
                return (text, CellKind::Error);
            }
            match number.or(shown.filter(|_| !text.contains('%'))) {
                Some(number) if shown.is_some() || narrow => (number_text(number), CellKind::Number),
                Some(_) | None => (text, CellKind::Text),
            }
        }
    }
}

fn is_block(name: &str) -> bool {
    ["p", "div", "li"].iter().any(|block| name.eq_ignore_ascii_case(block))
}

fn span(text: Option<Cow<'_, str>>, most: u32) -> u32 {
    text.and_then(|t| t.trim().parse::<u32>().ok()).unwrap_or(1).clamp(1, most.max(1))
}
