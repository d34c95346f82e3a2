//! Gives everything on a form its place: pages of marks, nothing drawn yet.

use std::borrow::Cow;

use huijiao_domain::money::Yuan;

use crate::PaperError;
use crate::fonts::Fonts;
use crate::form::{Align, Block, Cell, Column, Fact, Form, Seal, Table, grouped};

/// A4 in points.
const SHORT: f32 = 595.28;
const LONG: f32 = 841.89;
const SIDE: f32 = 40.0;
const TOP: f32 = 38.0;
const FOOT: f32 = 44.0;

const BODY: f32 = 9.0;
const SMALL: f32 = 8.0;
const TITLE: f32 = 18.0;
const LEADING: f32 = 1.35;
/// Room between a rule and what stands in the cell.
const INSET: f32 = 3.0;
const ROW: f32 = 17.0;
const LABEL: f32 = 76.0;
const CODE: f32 = 58.0;
const SEAL: f32 = 70.0;

/// How far a text is made smaller before it is wrapped: texts still read well at this, amounts must stay on one line.
const SHRINK_TEXT: f32 = 0.82;
const SHRINK_AMOUNT: f32 = 0.6;

/// Something on a page.
#[derive(Debug, Clone)]
pub(crate) enum Mark<'f> {
    /// Its left end and base line.
    Text { x: f32, y: f32, size: f32, text: Cow<'f, str> },
    /// A rule.
    Line { from: (f32, f32), to: (f32, f32) },
    /// A grey ground.
    Ground { x: f32, y: f32, width: f32, height: f32 },
    /// The QR code of the form's number.
    Code { x: f32, y: f32, size: f32 },
}

/// The pages of one form.
pub(crate) struct Laid<'f> {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) pages: Vec<Vec<Mark<'f>>>,
}

/// `turned` is asked at every new page whether anybody still wants them.
pub(crate) fn lay<'f>(
    form: &'f Form,
    fonts: &mut Fonts,
    turned: &mut dyn FnMut() -> Result<(), PaperError>,
) -> Result<Laid<'f>, PaperError> {
    let (width, height) = if form.landscape { (LONG, SHORT) } else { (SHORT, LONG) };
    let mut pen = Pen { form, fonts, turned, width, height, y: 0.0, pages: Vec::new() };
    pen.first_page()?;
    for (place, block) in form.blocks.iter().enumerate() {
        match block {
            Block::Facts(facts) => pen.facts(facts)?,
            Block::Heading(text) => pen.heading(text)?,
            Block::Table(table) => pen.table(table)?,
            Block::Text(paragraphs) => {
                // A promise stays with the signatures under it.
                let signed = matches!(form.blocks.get(place + 1), Some(Block::Seals(_)));
                pen.paragraphs(paragraphs, if signed { SEAL } else { 0.0 })?;
            }
            Block::Seals(seals) => pen.seals(seals)?,
        }
    }
    pen.feet()?;
    Ok(Laid { width, height, pages: pen.pages })
}

struct Pen<'f, 'a> {
    form: &'f Form,
    fonts: &'a mut Fonts,
    turned: &'a mut dyn FnMut() -> Result<(), PaperError>,
    width: f32,
    height: f32,
    /// The top of what comes next.
    y: f32,
    pages: Vec<Vec<Mark<'f>>>,
}

/// Lines of a text at one size.
struct Lines<'t> {
    size: f32,
    lines: Vec<Cow<'t, str>>,
}

impl Lines<'_> {
    fn height(&self) -> f32 {
        let lines = f32::from(u16::try_from(self.lines.len()).unwrap_or(u16::MAX));
        (lines * self.size * LEADING + 2.0 * INSET).max(ROW)
    }
}

impl<'f> Pen<'f, '_> {
    fn inner(&self) -> f32 {
        self.width - 2.0 * SIDE
    }

    fn bottom(&self) -> f32 {
        self.height - FOOT
    }

    fn mark(&mut self, mark: Mark<'f>) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn text(&mut self, x: f32, y: f32, size: f32, text: impl Into<Cow<'f, str>>) {
        self.mark(Mark::Text { x, y, size, text: text.into() });
    }

    fn rule(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.mark(Mark::Line { from, to });
    }

    fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        for (from, to) in [
            ((x, y), (x + width, y)),
            ((x, y + height), (x + width, y + height)),
            ((x, y), (x, y + height)),
            ((x + width, y), (x + width, y + height)),
        ] {
            self.rule(from, to);
        }
    }

    fn first_page(&mut self) -> Result<(), PaperError> {
        self.pages.push(Vec::new());
        let form = self.form;
        // The code stands at the right: a long title keeps as far from the left, so that it stays in the middle.
        let room = self.inner() - 2.0 * (CODE + 20.0);
        let title = fit(self.fonts, &form.title, room, TITLE, SHRINK_TEXT)?;
        let mut y = TOP;
        for line in title.lines {
            y += title.size * LEADING;
            let width = self.fonts.width(&line, title.size)?;
            self.text((self.width - width) / 2.0, y, title.size, line);
        }
        if !form.subtitle.is_empty() {
            y += 17.0;
            let width = self.fonts.width(&form.subtitle, 11.0)?;
            self.text((self.width - width) / 2.0, y, 11.0, form.subtitle.as_str());
        }
        if let Some(number) = &form.number {
            self.mark(Mark::Code { x: self.width - SIDE - CODE, y: TOP - 8.0, size: CODE });
            let text = format!("业务流水号 {number}");
            let width = self.fonts.width(&text, BODY)?;
            y = y.max(TOP + CODE - 8.0) + BODY * LEADING;
            self.text(self.width - SIDE - width, y, BODY, text);
        }
        self.y = y + 10.0;
        Ok(())
    }

    fn next_page(&mut self) -> Result<(), PaperError> {
        (self.turned)()?;
        self.pages.push(Vec::new());
        let form = self.form;
        let y = TOP + BODY;
        let title = format!("{}（续）{}", form.title, form.subtitle);
        self.text(SIDE, y, BODY, title);
        if let Some(number) = &form.number {
            let text = format!("业务流水号 {number}");
            let width = self.fonts.width(&text, BODY)?;
            self.text(self.width - SIDE - width, y, BODY, text);
        }
        self.y = y + 8.0;
        Ok(())
    }

    /// A new page where this much does not fit any more.
    fn need(&mut self, height: f32) -> Result<(), PaperError> {
        if self.y + height > self.bottom() { self.next_page() } else { Ok(()) }
    }

    /// Lines in a cell, in the middle of its height.
    fn cell(
        &mut self,
        lines: Lines<'f>,
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        align: Align,
    ) -> Result<(), PaperError> {
        let step = lines.size * LEADING;
        let count = f32::from(u16::try_from(lines.lines.len()).unwrap_or(u16::MAX));
        let mut base = y + (height - count * step) / 2.0 + lines.size * 1.05;
        for line in lines.lines {
            let own = self.fonts.width(&line, lines.size)?;
            let x = match align {
                Align::Left => x + INSET,
                Align::Middle => x + (width - own) / 2.0,
                Align::Right => x + width - INSET - own,
            };
            self.text(x, base, lines.size, line);
            base += step;
        }
        Ok(())
    }

    fn facts(&mut self, facts: &'f [Fact]) -> Result<(), PaperError> {
        let in_a_line = if self.form.landscape { 4 } else { 2 };
        let mut rest = facts;
        while let Some(first) = rest.first() {
            let count = if first.wide { 1 } else { rest.iter().take(in_a_line).take_while(|fact| !fact.wide).count() };
            let (line, after) = rest.split_at(count);
            rest = after;
            let share = self.inner() / f32::from(u8::try_from(count).unwrap_or(1));
            let mut cells = Vec::with_capacity(count);
            for fact in line {
                let value = fit(self.fonts, &fact.value, share - LABEL - 2.0 * INSET, BODY, SHRINK_TEXT)?;
                let label = fit(self.fonts, fact.label, LABEL - 2.0 * INSET, BODY, SHRINK_TEXT)?;
                cells.push((label, value));
            }
            let height =
                cells.iter().flat_map(|(label, value)| [label.height(), value.height()]).fold(ROW + 2.0, f32::max);
            self.need(height)?;
            let (mut x, y) = (SIDE, self.y);
            for (label, value) in cells {
                self.mark(Mark::Ground { x, y, width: LABEL, height });
                self.frame(x, y, LABEL, height);
                self.frame(x + LABEL, y, share - LABEL, height);
                self.cell(label, (x, y), (LABEL, height), Align::Middle)?;
                self.cell(value, (x + LABEL, y), (share - LABEL, height), Align::Left)?;
                x += share;
            }
            self.y += height;
        }
        self.y += 8.0;
        Ok(())
    }

    fn heading(&mut self, text: &'f str) -> Result<(), PaperError> {
        // Never alone at the foot of a page.
        self.need(20.0 + 3.0 * ROW)?;
        self.text(SIDE, self.y + 13.0, 11.0, text);
        self.y += 20.0;
        Ok(())
    }

    /// Running text; `below` is what its last line must not be parted from.
    fn paragraphs(&mut self, paragraphs: &'f [String], below: f32) -> Result<(), PaperError> {
        const STEP: f32 = BODY * 1.6;
        const GAP: f32 = 5.0;
        let mut lines = Vec::new();
        for paragraph in paragraphs {
            lines.extend(wrapped(self.fonts, paragraph, self.inner(), BODY)?);
        }
        let last = lines.len();
        for (place, line) in (1..).zip(lines) {
            self.need(if place == last { STEP + GAP + below } else { STEP })?;
            self.text(SIDE, self.y + BODY, BODY, line);
            self.y += STEP;
        }
        self.y += GAP;
        Ok(())
    }

    fn seals(&mut self, seals: &'f [Seal]) -> Result<(), PaperError> {
        let share = self.inner() / f32::from(u8::try_from(seals.len().max(1)).unwrap_or(u8::MAX));
        self.need(SEAL)?;
        let (mut x, y) = (SIDE, self.y);
        for seal in seals {
            self.frame(x, y, share, SEAL);
            let title = fit(self.fonts, &seal.title, share - 4.0 * INSET, BODY, SHRINK_TEXT)?;
            let mut base = y + 4.0;
            for line in title.lines {
                base += title.size * LEADING;
                self.text(x + 2.0 * INSET, base, title.size, line);
            }
            base += 4.0;
            for text in &seal.lines {
                let fitted = fit(self.fonts, text, share - 4.0 * INSET, SMALL, SHRINK_TEXT)?;
                for line in fitted.lines {
                    base += fitted.size * LEADING;
                    self.text(x + 2.0 * INSET, base, fitted.size, line);
                }
            }
            let date = "年　　月　　日";
            let width = self.fonts.width(date, SMALL)?;
            self.text(x + share - width - 2.0 * INSET, y + SEAL - 6.0, SMALL, date);
            x += share;
        }
        self.y = y + SEAL + 8.0;
        Ok(())
    }

    /// Page numbers and the form's own foot, once it is known how many pages there are.
    fn feet(&mut self) -> Result<(), PaperError> {
        let (count, form) = (self.pages.len(), self.form);
        let y = self.height - FOOT + 18.0;
        for place in 0..count {
            let number = format!("第 {} 页　共 {count} 页", place + 1);
            let width = self.fonts.width(&number, SMALL)?;
            let foot = fit(self.fonts, &form.footer, self.inner() - width - 12.0, SMALL, SHRINK_AMOUNT)?;
            let page = &mut self.pages[place];
            page.push(Mark::Text { x: self.width - SIDE - width, y, size: SMALL, text: number.into() });
            let mut base = y;
            for text in foot.lines {
                page.push(Mark::Text { x: SIDE, y: base, size: foot.size, text });
                base += foot.size * LEADING;
            }
        }
        Ok(())
    }

    fn table(&mut self, table: &'f Table) -> Result<(), PaperError> {
        let grid = Grid::of(table, self.inner(), self.fonts)?;
        let summed = table.columns.iter().any(|column| column.sum);
        // Room for 本页小计 and 合计 under the last row of every page.
        let reserve = if summed { 2.0 * ROW } else { 0.0 };
        self.need(grid.head + 2.0 * ROW + reserve)?;
        let mut top = self.table_head(&grid)?;
        let (mut page, mut all) = (Sums::none(table), Sums::none(table));
        let mut pages = 1;
        let name = table.columns.iter().position(|column| column.title == "姓名");
        for (place, row) in table.rows.iter().enumerate() {
            let mut cells = Vec::with_capacity(grid.widths.len());
            if table.numbered {
                let number = (place + 1).to_string();
                let width = grid.widths[0] - 2.0 * INSET;
                cells.push((own(fit(self.fonts, &number, width, BODY, SHRINK_AMOUNT)?), Align::Middle));
            }
            for ((cell, column), width) in row.iter().zip(&table.columns).zip(&grid.widths[grid.lead..]) {
                let room = width - 2.0 * INSET;
                let lines = match cell {
                    Cell::Text(text) => fit(self.fonts, text, room, BODY, SHRINK_TEXT)
                        .map_err(|error| of_row(error, name.and_then(|place| row.get(place))))?,
                    Cell::Amount(amount) => own(fit(self.fonts, &grouped(*amount), room, BODY, SHRINK_AMOUNT)?),
                    Cell::Count(count) => own(fit(self.fonts, &count.to_string(), room, BODY, SHRINK_AMOUNT)?),
                };
                cells.push((lines, column.align));
            }
            let height = cells.iter().map(|(lines, _)| lines.height()).fold(ROW, f32::max);
            if self.y + height + reserve > self.bottom() {
                self.columns(&grid, top);
                if summed {
                    self.sums(&grid, table, "本页小计", &page)?;
                }
                page = Sums::none(table);
                pages += 1;
                self.next_page()?;
                top = self.table_head(&grid)?;
            }
            let (mut x, y) = (SIDE, self.y);
            for ((lines, align), width) in cells.into_iter().zip(&grid.widths) {
                self.cell(lines, (x, y), (*width, height), align)?;
                x += width;
            }
            self.y += height;
            self.rule((SIDE, self.y), (SIDE + self.inner(), self.y));
            page.add(row);
            all.add(row);
        }
        self.columns(&grid, top);
        if summed {
            if pages > 1 {
                self.sums(&grid, table, "本页小计", &page)?;
            }
            self.sums(&grid, table, "合计", &all)?;
        }
        self.y += 8.0;
        Ok(())
    }

    /// Titles of the columns; gives where the table begins on this page.
    fn table_head(&mut self, grid: &Grid<'f>) -> Result<f32, PaperError> {
        let top = self.y;
        let width = self.inner();
        self.mark(Mark::Ground { x: SIDE, y: top, width, height: grid.head });
        self.rule((SIDE, top), (SIDE + width, top));
        let mut x = SIDE;
        for (title, own) in grid.titles.iter().zip(&grid.widths) {
            let lines = fit(self.fonts, title, own - 2.0 * INSET, BODY, SHRINK_TEXT)?;
            self.cell(lines, (x, top), (*own, grid.head), Align::Middle)?;
            x += own;
        }
        self.y += grid.head;
        self.rule((SIDE, self.y), (SIDE + width, self.y));
        Ok(top)
    }

    /// The rules between the columns, from `top` down to here.
    fn columns(&mut self, grid: &Grid<'f>, top: f32) {
        let mut x = SIDE;
        self.rule((x, top), (x, self.y));
        for width in &grid.widths {
            x += width;
            self.rule((x, top), (x, self.y));
        }
    }

    fn sums(&mut self, grid: &Grid<'f>, table: &'f Table, word: &str, sums: &Sums) -> Result<(), PaperError> {
        let before = table.columns.iter().take_while(|column| !column.sum).count() + grid.lead;
        let label_width: f32 = grid.widths[..before].iter().sum();
        let label = format!("{word}（{} {}）", sums.rows, table.counted);
        let (y, height) = (self.y, ROW);
        let lines = own(fit(self.fonts, &label, label_width - 2.0 * INSET, BODY, SHRINK_AMOUNT)?);
        self.frame(SIDE, y, label_width, height);
        self.cell(lines, (SIDE, y), (label_width, height), Align::Middle)?;
        let mut x = SIDE + label_width;
        let rest = table.columns[before - grid.lead..].iter().zip(&sums.amounts[before - grid.lead..]);
        for ((column, amount), width) in rest.zip(&grid.widths[before..]) {
            self.frame(x, y, *width, height);
            if column.sum {
                let lines = own(fit(self.fonts, &grouped(*amount), width - 2.0 * INSET, BODY, SHRINK_AMOUNT)?);
                self.cell(lines, (x, y), (*width, height), Align::Right)?;
            }
            x += width;
        }
        self.y += height;
        Ok(())
    }
}

/// The columns of a table in points.
struct Grid<'f> {
    titles: Vec<&'f str>,
    widths: Vec<f32>,
    /// Columns before those of the table: 序号.
    lead: usize,
    head: f32,
}

impl<'f> Grid<'f> {
    fn of(table: &'f Table, inner: f32, fonts: &mut Fonts) -> Result<Self, PaperError> {
        let lead = usize::from(table.numbered);
        let number = if table.rows.len() > 9_999 { 36.0 } else { 28.0 };
        let room = if table.numbered { inner - number } else { inner };
        let shares: f32 = table.columns.iter().map(|column| column.share).sum();
        let widths = table.columns.iter().map(|column| column.share / shares * room);
        let widths: Vec<f32> = table.numbered.then_some(number).into_iter().chain(widths).collect();
        let titles = table.columns.iter().map(|Column { title, .. }| title.as_str());
        let titles: Vec<&str> = table.numbered.then_some("序号").into_iter().chain(titles).collect();
        let mut head = ROW + 3.0;
        for (title, width) in titles.iter().zip(&widths) {
            head = head.max(fit(fonts, title, width - 2.0 * INSET, BODY, SHRINK_TEXT)?.height());
        }
        Ok(Self { titles, widths, lead, head })
    }
}

/// Rows counted, summed columns added up.
struct Sums {
    rows: u32,
    amounts: Vec<Yuan>,
}

impl Sums {
    fn none(table: &Table) -> Self {
        Self { rows: 0, amounts: vec![Yuan::ZERO; table.columns.len()] }
    }

    fn add(&mut self, row: &[Cell]) {
        self.rows += 1;
        for (sum, cell) in self.amounts.iter_mut().zip(row) {
            match cell {
                Cell::Amount(amount) => *sum += *amount,
                Cell::Text(_) | Cell::Count(_) => {}
            }
        }
    }
}

/// What was wrong in a row, with the name that stands in it.
fn of_row(error: PaperError, name: Option<&Cell>) -> PaperError {
    match (error, name) {
        (PaperError::GlyphMissing { character, needs, .. }, Some(Cell::Text(name))) => {
            PaperError::GlyphMissing { character, needs, who: Some(name.clone()) }
        }
        (error, _) => error,
    }
}

/// Lines that no longer borrow a text made on the way.
fn own<'f>(lines: Lines<'_>) -> Lines<'f> {
    Lines { size: lines.size, lines: lines.lines.into_iter().map(|line| Cow::Owned(line.into_owned())).collect() }
}

/// The rule for every text that has a width: as it is; smaller, down to `least` of its size; else wrapped at full size.
/// Nothing is ever cut.
fn fit<'t>(fonts: &mut Fonts, text: &'t str, width: f32, size: f32, least: f32) -> Result<Lines<'t>, PaperError> {
    let one = |size| Lines { size, lines: vec![Cow::Borrowed(text)] };
    if !text.contains('\n') {
        let natural = fonts.width(text, size)?;
        if natural <= width {
            return Ok(one(size));
        }
        if natural * least <= width {
            return Ok(one(size * width / natural));
        }
    }
    Ok(Lines { size, lines: wrapped(fonts, text, width, size)? })
}

/// Breaks between ideographs, and between words; a word longer than a line is broken where the line ends.
fn wrapped<'t>(fonts: &mut Fonts, text: &'t str, width: f32, size: f32) -> Result<Vec<Cow<'t, str>>, PaperError> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut start, mut good, mut used) = (0, 0, 0.0);
        let mut before: Option<char> = None;
        for (at, c) in paragraph.char_indices() {
            if before.is_some_and(|before| breaks(before, c)) {
                good = at;
            }
            let advance = fonts.glyph(c)?.advance * size;
            if used + advance > width && at > start {
                let end = if good > start { good } else { at };
                lines.push(Cow::Borrowed(&paragraph[start..end]));
                start = end;
                used = fonts.width(&paragraph[start..at], size)?;
            }
            used += advance;
            before = Some(c);
        }
        lines.push(Cow::Borrowed(&paragraph[start..]));
    }
    Ok(lines)
}

/// Whether a line may end between two characters.
fn breaks(before: char, after: char) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '-' | '%' | '/' | ':' | '@');
    if before == '-' && after.is_alphabetic() {
        return true;
    }
    let closing = matches!(after, '，' | '。' | '、' | '；' | '：' | '）' | '》' | '」' | '”' | '！' | '？' | '·');
    let opening = matches!(before, '（' | '《' | '「' | '“' | '·');
    !(closing || opening || word(before) && word(after))
}
