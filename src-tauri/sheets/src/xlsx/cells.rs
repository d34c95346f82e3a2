//! The cells of a plain sheet, with what else its part says: hidden, merged, computed.

use calamine::{CellErrorType, DataRef, ExcelDateTime, ExcelDateTimeType};
use huijiao_domain::sheet::CellKind;

use super::scan::{Part, RowMark, Scan, Tag, may_be_escaped, resolve, whole_number};
use super::strings::{Strings, string};
use super::{is_nothing, parse_cell, parse_range};
use crate::grid::{Grid, Layout};

/// No sheet nests its settings deeper.
const DEEPEST: usize = 32;

/// What the workbook says and its cells refer to.
pub(super) struct Book {
    pub(super) strings: Strings,
    /// What a number means, by its style; `None`: a number.
    pub(super) dates: Vec<Option<ExcelDateTimeType>>,
    pub(super) is_1904: bool,
}

/// The cells so far, and the place in the part.
pub(super) struct Cells<'b, 'l> {
    book: &'b Book,
    pub(super) grid: Grid<'l>,
    pub(super) layout: Layout,
    most_ranges: u64,
    /// The elements that are open around the cells, or behind them.
    open: Vec<String>,
    /// Whether the cells are still to come, or are over.
    begun: bool,
    over: bool,
    /// One-based; where the next row stands unless it says so itself.
    row: u32,
    /// Zero-based, the same of the next cell.
    column: u32,
    /// Texts as they are put together.
    text: String,
}

/// The attributes of `<c>`.
#[derive(Default)]
struct Cell<'a> {
    /// The column that it names.
    named: Option<u16>,
    style: Option<u32>,
    kind: Option<&'a str>,
}

impl<'b, 'l> Cells<'b, 'l> {
    pub(super) fn new(book: &'b Book, grid: Grid<'l>, most_ranges: u64) -> Self {
        Self {
            book,
            grid,
            layout: Layout::default(),
            most_ranges,
            open: Vec::new(),
            begun: false,
            over: false,
            row: 1,
            column: 0,
            text: String::new(),
        }
    }

    /// Whether the part was read to its end.
    pub(super) fn complete(&self) -> bool {
        self.over && self.open.is_empty()
    }

    /// Reads a piece that ends behind a row, or is the last.
    pub(super) fn piece(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        if self.begun && !self.over {
            self.rows(scan)?;
        }
        loop {
            match scan.tag()? {
                Tag::Open("sheetData") if !self.begun && self.open.len() == 1 => {
                    self.begun = true;
                    if scan.rest_of_tag()? {
                        self.rows(scan)?;
                    } else {
                        self.over = true;
                    }
                }
                Tag::Open(name) => self.other(name, scan)?,
                Tag::Close(name) => {
                    if self.open.pop()? != name {
                        return None;
                    }
                }
                Tag::End => return Some(()),
            }
        }
    }

    /// An element around the cells.
    fn other(&mut self, name: &str, scan: &mut Scan<'_>) -> Option<()> {
        let content = match name {
            "worksheet" if self.open.is_empty() && !self.begun => scan.rest_of_tag()?,
            _other if self.open.is_empty() => return None,
            "col" => self.columns(scan)?,
            "mergeCell" => self.merged(scan)?,
            "dimension" if !self.begun => dimension(scan)?,
            _other => {
                let local = name.rsplit(':').next().unwrap_or(name);
                let known = ["worksheet", "sheetData", "dimension", "row", "c", "col", "mergeCell"];
                if known.contains(&local) || name == "f" {
                    return None;
                }
                scan.rest_of_tag()?
            }
        };
        if !content {
            return Some(());
        }
        if self.open.len() == DEEPEST {
            return None;
        }
        self.open.push(name.to_owned());
        // A formula, the words of a footer.
        self.text.clear();
        resolve(scan.raw_text()?, &mut self.text)
    }

    fn columns(&mut self, scan: &mut Scan<'_>) -> Option<bool> {
        let (mut first, mut last, mut hidden, mut unseen) = (None, None, None, None);
        let content = loop {
            match scan.part()? {
                Part::Attribute("min", number) if first.is_none() => first = Some(whole_number(number)?),
                Part::Attribute("max", number) if last.is_none() => last = Some(whole_number(number)?),
                Part::Attribute("hidden", text) if hidden.is_none() => hidden = Some(is_true(text)?),
                Part::Attribute("width", size) if unseen.is_none() => unseen = Some(is_unseen(size)?),
                Part::Attribute("style" | "customWidth" | "bestFit" | "outlineLevel" | "collapsed" | "phonetic", _) => {
                }
                Part::Attribute(..) => return None,
                Part::Content => break true,
                Part::Nothing => break false,
            }
        };
        let hidden = hidden == Some(true) || unseen == Some(true);
        if let (Some(first), Some(last), true) = (first, last, hidden) {
            self.layout.hidden_columns.push((first.saturating_sub(1), last.saturating_sub(1)));
        }
        self.few_ranges()?;
        Some(content)
    }

    fn merged(&mut self, scan: &mut Scan<'_>) -> Option<bool> {
        let Part::Attribute("ref", range) = scan.part()? else { return None };
        if range.contains('&') {
            return None;
        }
        self.layout.merged.extend(parse_range(range));
        self.few_ranges()?;
        match scan.part()? {
            Part::Attribute(..) => None,
            Part::Content => Some(true),
            Part::Nothing => Some(false),
        }
    }

    fn few_ranges(&self) -> Option<()> {
        let ranges = (self.layout.merged.len() + self.layout.hidden_columns.len()) as u64;
        (ranges <= self.most_ranges).then_some(())
    }

    /// The rows of one piece, up to the end of all or of the piece.
    fn rows(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        loop {
            match scan.tag()? {
                Tag::Open("row") => {
                    if self.row(scan)? {
                        self.cells(scan)?;
                    }
                    self.row += 1;
                    self.column = 0;
                }
                Tag::Close("sheetData") => {
                    self.over = true;
                    return Some(());
                }
                Tag::End => return Some(()),
                Tag::Open(_) | Tag::Close(_) => return None,
            }
        }
    }

    /// The attributes of a row; whether it has cells.
    fn row(&mut self, scan: &mut Scan<'_>) -> Option<bool> {
        let (mut number, mut hidden, mut unseen, mut others) = (None, None, None, 0_u16);
        let content = loop {
            match scan.part()? {
                Part::Attribute("r", text) if number.is_none() => {
                    number = Some(whole_number(text).filter(|row| (1..=9_999_999).contains(row))?);
                }
                Part::Attribute("hidden", text) if hidden.is_none() => hidden = Some(is_true(text)?),
                Part::Attribute("ht", size) if unseen.is_none() => unseen = Some(is_unseen(size)?),
                Part::Attribute(key, _) => {
                    const OTHERS: [&str; 10] = [
                        "spans",
                        "s",
                        "customFormat",
                        "customHeight",
                        "x14ac:dyDescent",
                        "outlineLevel",
                        "collapsed",
                        "thickTop",
                        "thickBot",
                        "ph",
                    ];
                    let bit = 1 << OTHERS.iter().position(|other| *other == key)?;
                    // Twice is no XML.
                    if others & bit > 0 {
                        return None;
                    }
                    others |= bit;
                }
                Part::Content => break true,
                Part::Nothing => break false,
            }
        };
        self.row = number.unwrap_or(self.row);
        if hidden == Some(true) || unseen == Some(true) {
            self.layout.hidden_rows.push((self.row, self.row));
        }
        Some(content)
    }

    fn cells(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let row = RowMark::new(self.row);
        loop {
            while let Some(cell) = row.as_ref().and_then(|row| scan.common_cell(row)) {
                let column = u32::from(cell.column);
                match cell.value {
                    None => self.grid.count(1).ok()?,
                    Some(raw) if cell.shared => self.shared(column, raw)?,
                    Some(raw) => self.number(cell.style, column, raw)?,
                }
                self.column = column + 1;
            }
            match scan.tag()? {
                Tag::Open("c") => {
                    let (cell, content) = self.cell(scan)?;
                    let column = cell.named.map_or(self.column, u32::from);
                    if content {
                        self.content(&cell, column, scan)?;
                    } else {
                        self.grid.count(1).ok()?;
                    }
                    self.column = column + 1;
                }
                Tag::Close("row") => return Some(()),
                Tag::Open(_) | Tag::Close(_) | Tag::End => return None,
            }
        }
    }

    /// The attributes of a cell; whether it has content.
    #[inline]
    fn cell<'a>(&self, scan: &mut Scan<'a>) -> Option<(Cell<'a>, bool)> {
        let mut cell = Cell::default();
        loop {
            match scan.part()? {
                Part::Attribute("r", place) if cell.named.is_none() => {
                    // Another row: possible, but not here.
                    let (column, _) = place_of(place).filter(|(_, row)| *row == self.row)?;
                    cell.named = Some(column);
                }
                Part::Attribute("s", style) if cell.style.is_none() => cell.style = Some(whole_number(style)?),
                Part::Attribute("t", kind @ ("s" | "str" | "inlineStr" | "n" | "b" | "d" | "e"))
                    if cell.kind.is_none() =>
                {
                    cell.kind = Some(kind);
                }
                // Of computed arrays and pictures in cells.
                Part::Attribute("cm" | "vm" | "ph", _) if cell.named.is_some() => {}
                Part::Attribute(..) => return None,
                Part::Content => return Some((cell, true)),
                Part::Nothing => return Some((cell, false)),
            }
        }
    }

    /// What stands in a cell: a formula, and a value.
    fn content(&mut self, cell: &Cell<'_>, column: u32, scan: &mut Scan<'_>) -> Option<()> {
        let mut tag = scan.tag()?;
        if tag == Tag::Open("f") {
            if scan.rest_of_tag()? {
                self.text.clear();
                resolve(scan.raw_text()?, &mut self.text)?;
                scan.skip("</f>").then_some(())?;
            }
            self.layout.formulas.extend(cell.named.map(|column| (self.row, column)));
            tag = scan.tag()?;
        }
        match tag {
            Tag::Open("v") => {
                if !scan.rest_of_tag()? || scan.skip("</v>") {
                    self.grid.count(1).ok()?;
                } else {
                    let raw = scan.raw_text()?;
                    scan.skip("</v>").then_some(())?;
                    self.value(cell, column, raw)?;
                }
                tag = scan.tag()?;
            }
            Tag::Open("is") if cell.kind == Some("inlineStr") => {
                self.text.clear();
                if scan.rest_of_tag()? {
                    string(scan, "is", &mut self.text)?;
                }
                self.grid.put(self.row - 1, column, &self.text, CellKind::Text).ok()?;
                tag = scan.tag()?;
            }
            Tag::Close("c") => self.grid.count(1).ok()?,
            Tag::Open(_) | Tag::Close(_) | Tag::End => return None,
        }
        (tag == Tag::Close("c")).then_some(())
    }

    #[inline]
    fn shared(&mut self, column: u32, raw: &str) -> Option<()> {
        let text = self.book.strings.get(whole_number(raw)?)?;
        self.grid.put(self.row - 1, column, text, CellKind::Text).ok()
    }

    #[inline]
    fn number(&mut self, style: Option<u32>, column: u32, raw: &str) -> Option<()> {
        let at = (self.row - 1, column);
        let date = match style {
            Some(style) => *self.book.dates.get(usize::try_from(style).ok()?)?,
            None => None,
        };
        match date {
            Some(date) => {
                let date = ExcelDateTime::new(number(raw)?, date, self.book.is_1904);
                self.grid.put_value(at, &DataRef::DateTime(date)).ok()
            }
            None if reads_as_written(raw) => self.grid.put(at.0, at.1, raw, CellKind::Number).ok(),
            None => self.grid.put_value(at, &DataRef::Float(number(raw)?)).ok(),
        }
    }

    fn value(&mut self, cell: &Cell<'_>, column: u32, raw: &str) -> Option<()> {
        let row = self.row - 1;
        let at = (row, column);
        match cell.kind {
            Some("s") => self.shared(column, raw),
            None | Some("n") => self.number(cell.style, column, raw),
            Some("str") => {
                self.text.clear();
                resolve(raw, &mut self.text)?;
                if may_be_escaped(&self.text) {
                    return None;
                }
                self.grid.put(row, column, &self.text, CellKind::Text).ok()
            }
            Some("b") => {
                let truth = match raw {
                    "0" => false,
                    "1" => true,
                    _other => return None,
                };
                self.grid.put_value(at, &DataRef::Bool(truth)).ok()
            }
            Some("d") if !raw.contains('&') => self.grid.put_value(at, &DataRef::DateTimeIso(raw.to_owned())).ok(),
            Some("e") => {
                let error: CellErrorType = raw.parse().ok()?;
                self.grid.put_value(at, &DataRef::Error(error)).ok()
            }
            Some(_) => None,
        }
    }
}

fn dimension(scan: &mut Scan<'_>) -> Option<bool> {
    let Part::Attribute("ref", range) = scan.part()? else { return None };
    let cell = |text: &str| parse_cell(text).filter(|(_, row)| *row > 0);
    match range.split_once(':') {
        Some((first, last)) => {
            let ((first_column, first_row), (last_column, last_row)) = (cell(first)?, cell(last)?);
            (first_column <= last_column && first_row <= last_row).then_some(())?;
        }
        None => {
            cell(range)?;
        }
    }
    match scan.part()? {
        Part::Attribute(..) => None,
        Part::Content => Some(true),
        Part::Nothing => Some(false),
    }
}

fn is_true(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _other => None,
    }
}

/// Whether a height or a width is nothing.
fn is_unseen(size: &str) -> Option<bool> {
    (!size.contains('&')).then(|| is_nothing(size))
}

/// `B5` as everybody writes it: column zero-based, row one-based.
#[inline]
fn place_of(text: &str) -> Option<(u16, u32)> {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    if !matches!(letters, 1..=3) {
        return None;
    }
    let column = text.bytes().take(letters).fold(0, |column, letter| column * 26 + u16::from(letter - b'A') + 1);
    Some((column - 1, whole_number(&text[letters..])?))
}

/// Whether a number is written as it is shown: no sign but a minus, no exponent, no zero too many, and at most 15
/// digits, so that no two of them are the same number to a machine.
#[inline]
fn reads_as_written(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let (mut point, mut last) = (None, b'0');
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'.' if point.is_none() && at > 0 => point = Some(at),
            _other => return false,
        }
        last = *byte;
    }
    // Zero, and what is less than one, is left to those who compute.
    let begins = digits.first().is_some_and(|first| *first != b'0');
    begins && digits.len() <= 15 && (point.is_none() || !matches!(last, b'0' | b'.'))
}

/// A number as XML Schema writes it; nothing that only some readers take for one.
fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let plain = [whole, fraction, exponent]
        .iter()
        .all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    text.parse().ok().filter(|_| plain)
}
