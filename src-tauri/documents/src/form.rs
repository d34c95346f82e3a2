//! What stands on a form, before anything has a place.

use huijiao_domain::money::Yuan;

/// One printed form; its pages are numbered by themselves.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// 标题
    pub title: String,
    /// Under the title: the month it is about.
    pub subtitle: String,
    /// A4 横向; 清册 are, most others are not.
    pub landscape: bool,
    /// 业务流水号, in letters and as QR code; `None` before the center gave one.
    pub number: Option<String>,
    /// Written across every page: 草稿, 未受理.
    pub watermark: Option<&'static str>,
    /// What stands on it, from top to bottom.
    pub blocks: Vec<Block>,
    /// At the foot of every page, beside the page number.
    pub footer: String,
}

impl Form {
    /// Says on every page that it was printed before: 补打, and the how-manieth time it is.
    #[must_use]
    pub fn again(mut self, time: usize) -> Self {
        let gap = if self.subtitle.is_empty() { "" } else { "　" };
        self.subtitle = format!("{}{gap}补打（第 {time} 次打印）", self.subtitle);
        self
    }
}

/// A part of a form.
#[derive(Debug, Clone)]
pub enum Block {
    /// Labels with what they say, in a ruled grid.
    Facts(Vec<Fact>),
    /// A line of its own above a table.
    Heading(String),
    /// A ruled table that goes on over pages.
    Table(Table),
    /// Running text.
    Text(Vec<String>),
    /// Places for signatures and seals, side by side.
    Seals(Vec<Seal>),
}

/// A label and what it says.
#[derive(Debug, Clone)]
pub struct Fact {
    /// 栏目
    pub label: &'static str,
    /// 内容
    pub value: String,
    /// Across the whole form.
    pub wide: bool,
}

impl Fact {
    /// One of several in a line.
    pub fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), wide: false }
    }

    /// With a line of its own.
    pub fn wide(label: &'static str, value: impl Into<String>) -> Self {
        Self { wide: true, ..Self::new(label, value) }
    }
}

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts of different length.
    Left,
    /// Codes, months, short words.
    Middle,
    /// Amounts.
    Right,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// 栏目
    pub title: String,
    /// Its share of the table's width, in points where the shares fill the page.
    pub share: f32,
    /// How its cells stand.
    pub align: Align,
    /// Whether 本页小计 and 合计 add it up.
    pub sum: bool,
}

impl Column {
    /// Texts.
    pub fn text(title: impl Into<String>, share: f32) -> Self {
        Self { title: title.into(), share, align: Align::Left, sum: false }
    }

    /// Codes, months, short words.
    pub fn middle(title: impl Into<String>, share: f32) -> Self {
        Self { align: Align::Middle, ..Self::text(title, share) }
    }

    /// Amounts that are not added up.
    pub fn amount(title: impl Into<String>, share: f32) -> Self {
        Self { align: Align::Right, ..Self::text(title, share) }
    }

    /// Amounts that are added up.
    pub fn sum(title: impl Into<String>, share: f32) -> Self {
        Self { sum: true, ..Self::amount(title, share) }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// 文字
    Text(String),
    /// 金额, yuan; printed with two places and grouped
    Amount(Yuan),
    /// 人数
    Count(u32),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Yuan> for Cell {
    fn from(amount: Yuan) -> Self {
        Self::Amount(amount)
    }
}

/// A ruled table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its columns; 序号 is not one of them.
    pub columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Rows have 序号.
    pub numbered: bool,
    /// What a row is when they are counted beside the sums: 人, 笔.
    pub counted: &'static str,
}

impl Table {
    /// A list: rows have 序号 and are counted.
    pub fn list(columns: Vec<Column>, counted: &'static str, rows: Vec<Vec<Cell>>) -> Self {
        Self { columns, rows, numbered: true, counted }
    }

    /// A table of figures: neither numbered nor added up.
    pub fn figures(columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        Self { columns, rows, numbered: false, counted: "" }
    }
}

/// A place for a signature or a seal.
#[derive(Debug, Clone)]
pub struct Seal {
    /// Who signs here: 单位（签章）.
    pub title: String,
    /// What stands there already: a name, the time of an electronic signature.
    pub lines: Vec<String>,
}

/// `1234567.80` → `1,234,567.80`.
pub fn grouped(amount: Yuan) -> String {
    let plain = amount.to_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fen) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text.push('.');
    text.push_str(fen);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_from_the_point() {
        for (fen, printed) in [(0, "0.00"), (99_999, "999.99"), (100_000, "1,000.00"), (-123_456_789, "-1,234,567.89")]
        {
            assert_eq!(grouped(Yuan::from_fen(fen)), printed);
        }
    }
}
