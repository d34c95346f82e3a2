//! Text with a delimiter: csv, and tables pasted or exported as text.
//!
//! Rows are numbered as a spreadsheet shows them: blank lines count, a line break inside quotation marks does
//! not. A quotation mark that never closes is an error; taken literally it would swallow everybody after it.

use huijiao_domain::sheet::CellKind;

use crate::error::{Looks, SheetError};
use crate::grid::{Grid, Layout};
use crate::limits::Limits;
use crate::workbook::{Format, SheetInfo, Workbook};

const DELIMITERS: [&str; 5] = [",", "\t", ";", "|", "#~#"];
/// How many lines vote on the delimiter.
const SAMPLE: usize = 50;

pub(crate) fn read(content: &str, encoding: &str, limits: &Limits) -> Result<Workbook, SheetError> {
    let (said, content) = said(content);
    let Some(delimiter) = said.or_else(|| delimiter(content)) else {
        return Err(SheetError::NotAWorkbook { looks: Looks::PlainText });
    };
    let mut grid = Grid::new(limits);
    let mut fields = Fields::new(content, delimiter);
    while let Some(field) = fields.next_field()? {
        let kind = CellKind::Text;
        grid.put(field.row, field.column, unwrapped(&field.text), kind)?;
    }
    let sheets = vec![SheetInfo { name: String::new(), hidden: false }];
    let mut workbook = grid.finish(Format::Csv, sheets, 0, Layout::default())?;
    workbook.encoding = Some(encoding.to_owned());
    Ok(workbook)
}

/// The text in `="0123"`: so programs write numbers of which Excel shall keep every digit. Anything else that looks like a
/// formula stays as it is.
fn unwrapped(text: &str) -> &str {
    let inside = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inside.filter(|inside| !inside.contains('"')).unwrap_or(text)
}

/// `sep=;` in front of the rows, as Excel understands it; Excel shows the line below as its first row.
fn said(content: &str) -> (Option<&str>, &str) {
    let (line, rest) = content.split_once('\n').unwrap_or((content, ""));
    let line = line.trim_end_matches('\r').trim_matches('"');
    let Some(said) = line.get(..4).filter(|s| s.eq_ignore_ascii_case("sep=")).map(|_| &line[4..]) else {
        return (None, content);
    };
    let one = said.chars().nth(1).is_none() && !said.is_empty() && said != "\"";
    if one { (Some(said), rest) } else { (None, content) }
}

/// The delimiter that splits most lines in the same way.
pub(crate) fn delimiter(content: &str) -> Option<&'static str> {
    let mut best = None;
    for delimiter in DELIMITERS {
        let mut counts: Vec<usize> = content
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(SAMPLE)
            .map(|line| count_outside_quotes(line, delimiter))
            .filter(|count| *count > 0)
            .collect();
        counts.sort_unstable();
        let agreed = counts.chunk_by(|a, b| a == b).map(|same| (same.len(), same[0])).max();
        if let Some(score) = agreed
            && best.is_none_or(|(before, _)| score > before)
        {
            best = Some((score, delimiter));
        }
    }
    best.map(|(_, delimiter)| delimiter)
}

fn count_outside_quotes(line: &str, delimiter: &str) -> usize {
    // Of the pieces between quotation marks every second one is inside.
    line.split('"').step_by(2).map(|outside| outside.matches(delimiter).count()).sum()
}

struct Place {
    row: u32,
    column: u32,
    text: String,
}

struct Fields<'a> {
    rest: &'a str,
    delimiter: &'a str,
    /// The character it begins with.
    first: char,
    row: u32,
    column: u32,
    line: u64,
    done: bool,
}

impl<'a> Fields<'a> {
    fn new(content: &'a str, delimiter: &'a str) -> Self {
        let first = delimiter.chars().next().unwrap_or(',');
        Self { rest: content, delimiter, first, row: 0, column: 0, line: 1, done: content.is_empty() }
    }

    fn next_field(&mut self) -> Result<Option<Place>, SheetError> {
        if self.done {
            return Ok(None);
        }
        let (row, column) = (self.row, self.column);
        let text = if self.rest.starts_with('"') { self.quoted()? } else { String::new() };
        // Whatever follows a closing quotation mark belongs to the cell, as in Excel.
        let end = self.end();
        let (plain, rest) = self.rest.split_at(end);
        let text = if text.is_empty() { plain.to_owned() } else { text + plain };
        self.rest = rest;
        self.step();
        Ok(Some(Place { row, column, text }))
    }

    /// Where the cell ends.
    fn end(&self) -> usize {
        let ends = self.rest.match_indices([self.first, '\n', '\r']).map(|(at, _)| at);
        let breaks = |at: &usize| self.rest[*at..].starts_with(['\n', '\r']);
        let mut ends = ends.filter(|at| breaks(at) || self.rest[*at..].starts_with(self.delimiter));
        ends.next().unwrap_or(self.rest.len())
    }

    /// Past the delimiter or the end of the line.
    fn step(&mut self) {
        if let Some(rest) = self.rest.strip_prefix(self.delimiter) {
            self.rest = rest;
            self.column += 1;
            return;
        }
        let rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\n', '\r']));
        match rest {
            Some(rest) if !rest.is_empty() => {
                self.rest = rest;
                self.row += 1;
                self.line += 1;
                self.column = 0;
            }
            Some(_) | None => self.done = true,
        }
    }

    fn quoted(&mut self) -> Result<String, SheetError> {
        let opened = self.line;
        let mut text = String::new();
        self.rest = &self.rest[1..];
        loop {
            let Some(quote) = self.rest.find('"') else {
                return Err(SheetError::OpenQuote { line: opened });
            };
            let (inside, rest) = self.rest.split_at(quote);
            self.line += inside.matches('\n').count() as u64;
            text.push_str(inside);
            match rest[1..].strip_prefix('"') {
                Some(after) => {
                    text.push('"');
                    self.rest = after;
                }
                None => {
                    self.rest = &rest[1..];
                    return Ok(text);
                }
            }
        }
    }
}
