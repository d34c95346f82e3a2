//! Upload templates (上传模板): the file in which a center without a gateway takes a kind of filing.
//!
//! No two centers agree on one: the kind of file, its encoding, the lines above the titles, the columns and how each
//! writes a month or a type of document are all data. Nothing here writes a file; that is `sheets::upload`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::validate::{ProfileFault, ProfileProblem};
use crate::field::Field;
use crate::filing::FilingKind;
use crate::money::{Ratio, Yuan};
use crate::month::Month;
use crate::sheet::column_letter;

/// The longest [`UploadTemplate::blank`], characters: a megabyte of file.
pub const LONGEST_BLANK: usize = 1_398_104;

/// The file in which a center takes a kind of filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadTemplate {
    /// The kind of filing.
    pub kind: FilingKind,
    /// What people call it, such as 人员变更导入表; no two of a kind have the same.
    pub name: String,
    /// The rows it takes where a center has several files for one kind; absent, it takes all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// The kind of file.
    pub file: FileKind,
    /// How a csv or txt is written; absent for workbooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextForm>,
    /// Name of the sheet; absent for csv and txt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The center's own blank file, base64: files are written into a copy of it, so that its lists, styles, notes and
    /// other sheets stay. For xlsx only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blank: Option<String>,
    /// Cells above the titles, and between them and the people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preamble: Vec<PreambleCell>,
    /// Merged ranges such as `A1:G1`; for workbooks only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<String>,
    /// The row of the (first) titles, one-based; absent where the file has none.
    pub header_row: Option<u32>,
    /// The row of the first person, one-based.
    pub first_row: u32,
    /// The columns from the left.
    pub columns: Vec<UploadColumn>,
    /// Rows below the people, such as 合计.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailing: Vec<TrailingRow>,
    /// Pattern of the file's name with its ending, such as `{unit_account}_{period:yyyyMM}.xls`.
    pub file_name: String,
    /// The most people a file may have; further ones go into further files, told apart by `{part}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_cap: Option<u32>,
}

/// The rows a template takes: those whose field says one of these values, in filed form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// The field.
    pub field: Field,
    /// Its values.
    pub values: BTreeSet<String>,
}

/// The kinds of files centers take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Office Open XML.
    Xlsx,
    /// Excel 97 to 2003 (BIFF8).
    Xls,
    /// Text, as spreadsheet programs write it.
    Csv,
    /// Text with the center's own separator.
    Txt,
}

impl FileKind {
    /// The most rows and columns a file of this kind can have; text has as many as one likes.
    pub fn room(self) -> Option<(u32, u16)> {
        match self {
            Self::Xlsx => Some((1_048_576, 16_384)),
            Self::Xls => Some((65_536, 256)),
            Self::Csv | Self::Txt => None,
        }
    }

    /// Whether it is a workbook.
    pub fn is_workbook(self) -> bool {
        self.room().is_some()
    }

    /// The endings its name may have, small letters.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Xlsx => &["xlsx"],
            Self::Xls => &["xls"],
            Self::Csv | Self::Txt => &["csv", "txt", "dat"],
        }
    }
}

/// How a csv or txt is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextForm {
    /// The encoding.
    pub encoding: TextEncoding,
    /// What stands between two cells: `,`, a tab, `|`, `#~#`.
    pub separator: String,
    /// When a cell is put into quotation marks.
    pub quoting: Quoting,
    /// What ends a line.
    pub line_end: LineEnd,
    /// Whether the last line is ended too.
    pub last_line_ended: bool,
}

/// The encodings centers take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextEncoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 with a byte order mark, by which Excel knows it.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// GB 18030.
    #[serde(rename = "gb18030")]
    Gb18030,
    /// GBK, which lacks most rare characters of names.
    #[serde(rename = "gbk")]
    Gbk,
}

impl TextEncoding {
    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8（带 BOM）",
            Self::Gb18030 => "GB18030",
            Self::Gbk => "GBK",
        }
    }
}

/// When a cell is put into quotation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// Never: a cell that would need them is not written.
    Never,
    /// Where it holds a separator, a quotation mark or a line break.
    Needed,
    /// Always.
    Always,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// `\r\n`, as on Windows.
    CrLf,
    /// `\n`.
    Lf,
}

impl LineEnd {
    /// The characters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
        }
    }
}

/// A cell outside of the columns of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreambleCell {
    /// Where it stands, such as `B1`.
    pub at: String,
    /// What it says, with placeholders (see [`pieces`]).
    pub text: String,
}

/// One column of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadColumn {
    /// Its titles from top to bottom, one a header row; an empty one leaves the cell empty.
    pub titles: Vec<String>,
    /// What it holds.
    pub value: ColumnValue,
    /// How it is written.
    #[serde(default, skip_serializing_if = "ValueFormat::is_text")]
    pub format: ValueFormat,
    /// A number as a text cell; for workbooks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_text: bool,
    /// The center's code for each filed value; absent, values stay as they are. A value without code is not written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, String>,
    /// Whether the center refuses a row without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Its width in characters; for workbooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
}

impl UploadColumn {
    /// Its titles in one.
    pub fn title(&self) -> String {
        self.titles.concat()
    }
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnValue {
    /// A field of the filed row.
    Field(Field),
    /// The same text in every row, with placeholders.
    Constant(String),
    /// 序号: 1, 2, 3 … in each file.
    RunningNumber,
    /// Nothing.
    Empty,
    /// Not known yet: a learned column that nobody has bound. Nothing can be written with it.
    Unbound,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueFormat {
    /// As filed.
    #[default]
    Text,
    /// Yuan with two decimals: `1234.50`.
    Amount,
    /// Whole yuan: `1234`; an amount with 角 or 分 is not written.
    WholeYuan,
    /// A month.
    Month(MonthForm),
    /// A day.
    Date(DateForm),
    /// A ratio.
    Ratio(RatioForm),
}

impl ValueFormat {
    fn is_text(&self) -> bool {
        *self == Self::Text
    }

    /// Whether its values are numbers to a spreadsheet.
    pub fn is_number(self) -> bool {
        match self {
            Self::Amount | Self::WholeYuan | Self::Ratio(RatioForm::Hundredths | RatioForm::Fraction) => true,
            Self::Text | Self::Month(_) | Self::Date(_) | Self::Ratio(RatioForm::Percent) => false,
        }
    }

    /// A filed value as the center writes it; `None` where it cannot be written so.
    pub fn write(self, filed: &str) -> Option<String> {
        match self {
            Self::Text => Some(filed.to_owned()),
            Self::Amount => filed.parse::<Yuan>().ok().map(|amount| amount.to_string()),
            Self::WholeYuan => {
                let amount = filed.parse::<Yuan>().ok()?.decimal();
                amount.is_integer().then(|| amount.normalize().to_string())
            }
            Self::Month(form) => filed.parse().ok().map(|month| form.write(month)),
            Self::Date(form) => filed.parse().ok().map(|date| form.write(date)),
            Self::Ratio(form) => filed.parse().ok().map(|ratio| form.write(ratio)),
        }
    }
}

/// How a month is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MonthForm {
    /// 202611
    #[serde(rename = "yyyyMM")]
    Plain,
    /// 2026-11
    #[serde(rename = "yyyy-MM")]
    Dashed,
    /// 2026/11
    #[serde(rename = "yyyy/MM")]
    Slashed,
    /// 2026.11
    #[serde(rename = "yyyy.MM")]
    Dotted,
    /// 2026年11月
    #[serde(rename = "yyyy年MM月")]
    Chinese,
    /// 2026
    #[serde(rename = "yyyy")]
    Year,
    /// 11
    #[serde(rename = "MM")]
    Month,
}

impl MonthForm {
    const ALL: [(&'static str, Self); 7] = [
        ("yyyyMM", Self::Plain),
        ("yyyy-MM", Self::Dashed),
        ("yyyy/MM", Self::Slashed),
        ("yyyy.MM", Self::Dotted),
        ("yyyy年MM月", Self::Chinese),
        ("yyyy", Self::Year),
        ("MM", Self::Month),
    ];

    /// The month in this form.
    pub fn write(self, month: Month) -> String {
        let (year, number) = (month.year(), month.month());
        match self {
            Self::Plain => format!("{year:04}{number:02}"),
            Self::Dashed => format!("{year:04}-{number:02}"),
            Self::Slashed => format!("{year:04}/{number:02}"),
            Self::Dotted => format!("{year:04}.{number:02}"),
            Self::Chinese => format!("{year:04}年{number:02}月"),
            Self::Year => format!("{year:04}"),
            Self::Month => format!("{number:02}"),
        }
    }
}

/// How a day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateForm {
    /// 20261130
    #[serde(rename = "yyyyMMdd")]
    Plain,
    /// 2026-11-30
    #[serde(rename = "yyyy-MM-dd")]
    Dashed,
    /// 2026/11/30
    #[serde(rename = "yyyy/MM/dd")]
    Slashed,
    /// 2026.11.30
    #[serde(rename = "yyyy.MM.dd")]
    Dotted,
    /// 2026年11月30日
    #[serde(rename = "yyyy年MM月dd日")]
    Chinese,
}

impl DateForm {
    const ALL: [(&'static str, Self); 5] = [
        ("yyyyMMdd", Self::Plain),
        ("yyyy-MM-dd", Self::Dashed),
        ("yyyy/MM/dd", Self::Slashed),
        ("yyyy.MM.dd", Self::Dotted),
        ("yyyy年MM月dd日", Self::Chinese),
    ];

    /// The day in this form.
    pub fn write(self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        match self {
            Self::Plain => format!("{year:04}{month:02}{day:02}"),
            Self::Dashed => format!("{year:04}-{month:02}-{day:02}"),
            Self::Slashed => format!("{year:04}/{month:02}/{day:02}"),
            Self::Dotted => format!("{year:04}.{month:02}.{day:02}"),
            Self::Chinese => format!("{year:04}年{month:02}月{day:02}日"),
        }
    }
}

/// How a ratio is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatioForm {
    /// `8`
    Hundredths,
    /// `8%`
    Percent,
    /// `0.08`
    Fraction,
}

impl RatioForm {
    /// The ratio in this form.
    pub fn write(self, ratio: Ratio) -> String {
        match self {
            Self::Hundredths => ratio.percent().trim_end_matches('%').to_owned(),
            Self::Percent => ratio.percent(),
            Self::Fraction => ratio.to_string(),
        }
    }
}

/// A row below the people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailingRow {
    /// Blank rows above it.
    #[serde(default)]
    pub gap: u32,
    /// The row of the blank whose looks it has, one-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u32>,
    /// What it says.
    pub cells: Vec<TrailingCell>,
}

/// A cell of a row below the people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailingCell {
    /// Its column, such as `C`.
    pub column: String,
    /// What it says, with placeholders; a sum alone is a number.
    pub text: String,
}

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `{unit_account}` 单位账号
    UnitAccount,
    /// `{unit_account:last4}`: its last characters
    UnitAccountLast(u8),
    /// `{unit_name}` 单位名称
    UnitName,
    /// `{period}`: the month the filing takes effect; `{period:yyyyMM}` and other forms of months
    Period(MonthForm),
    /// `{today}`: the day the file is written; `{today:yyyyMMdd}` and other forms of days
    Today(DateForm),
    /// `{people}`: how many the file has
    People,
    /// `{total}`: what the file's people pay a month, unit and personal parts, yuan
    Total,
    /// `{sum:new_base}`: a field's sum over the file, yuan
    Sum(Field),
    /// `{part}`: 1, 2 … where people need several files
    Part,
}

/// A piece of a text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// Something to fill in.
    Placeholder(Placeholder),
}

/// Takes a text with placeholders apart; `{{` and `}}` are braces.
///
/// # Errors
/// The first placeholder that means nothing, with its braces, or a brace without its partner.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            found.push(Piece::Text(&rest[..at]));
        }
        let brace = &rest[at..=at];
        let behind = &rest[at + 1..];
        if let Some(after) = behind.strip_prefix(brace) {
            found.push(Piece::Text(brace));
            rest = after;
            continue;
        }
        let Some((name, after)) = behind.split_once('}').filter(|_| brace == "{") else {
            return Err(brace.to_owned());
        };
        found.push(Piece::Placeholder(placeholder(name).ok_or_else(|| format!("{{{name}}}"))?));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    Ok(found)
}

/// A text that [`pieces`] gives back as it stands.
pub fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

fn placeholder(said: &str) -> Option<Placeholder> {
    let (name, form) = said.split_once(':').map_or((said, None), |(name, form)| (name, Some(form)));
    match (name, form) {
        ("unit_account", None) => Some(Placeholder::UnitAccount),
        ("unit_account", Some(form)) => {
            let last = form.strip_prefix("last")?.parse().ok().filter(|last| (1..=30).contains(last))?;
            Some(Placeholder::UnitAccountLast(last))
        }
        ("unit_name", None) => Some(Placeholder::UnitName),
        ("period", form) => {
            let form = form.unwrap_or("yyyy-MM");
            MonthForm::ALL.iter().find(|(name, _)| *name == form).map(|(_, form)| Placeholder::Period(*form))
        }
        ("today", form) => {
            let form = form.unwrap_or("yyyy-MM-dd");
            DateForm::ALL.iter().find(|(name, _)| *name == form).map(|(_, form)| Placeholder::Today(*form))
        }
        ("people", None) => Some(Placeholder::People),
        ("total", None) => Some(Placeholder::Total),
        ("sum", Some(field)) => {
            Field::parse(field).filter(|field| of_field(*field) == Sort::Amount).map(Placeholder::Sum)
        }
        ("part", None) => Some(Placeholder::Part),
        _ => None,
    }
}

/// Row and column of a cell's address, both zero-based: `B1` is (0, 1).
pub fn address(text: &str) -> Option<(u32, u16)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = text.split_at(digits);
    let column = column(letters)?;
    let row: u32 = number.parse().ok().filter(|_| number.bytes().all(|b| b.is_ascii_digit()))?;
    Some((row.checked_sub(1).filter(|row| *row < 1_048_576)?, column))
}

/// The zero-based column of a letter: `A` is 0.
pub fn column(letters: &str) -> Option<u16> {
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let number = letters.bytes().fold(0_u16, |number, letter| number * 26 + u16::from(letter - b'A') + 1);
    Some(number - 1).filter(|column| *column < 16_384)
}

/// First and last cell of a range such as `A1:G1`, row and column zero-based.
pub fn range(text: &str) -> Option<((u32, u16), (u32, u16))> {
    let (first, last) = text.split_once(':')?;
    let (first, last) = (address(first)?, address(last)?);
    (first.0 <= last.0 && first.1 <= last.1 && first != last).then_some((first, last))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Text,
    Amount,
    Month,
    Date,
    Ratio,
}

fn of_field(field: Field) -> Sort {
    match field {
        Field::OldBase
        | Field::NewBase
        | Field::UnitAmount
        | Field::PersonalAmount
        | Field::MonthlyAmount
        | Field::RightUnitAmount
        | Field::RightPersonalAmount
        | Field::Wage => Sort::Amount,
        Field::UnitRatio | Field::PersonalRatio => Sort::Ratio,
        Field::Month | Field::FromMonth | Field::ToMonth => Sort::Month,
        Field::BirthDate => Sort::Date,
        Field::PersonalAccount
        | Field::Name
        | Field::IdType
        | Field::IdNumber
        | Field::Sex
        | Field::Mobile
        | Field::BankCard
        | Field::ChangeKind
        | Field::Reason
        | Field::NewName
        | Field::NewIdType
        | Field::NewIdNumber
        | Field::BankName
        | Field::Item
        | Field::OldValue
        | Field::NewValue
        | Field::Department
        | Field::Remark => Sort::Text,
    }
}

/// The format that a field has unless a template says otherwise.
pub fn usual_format(field: Field) -> ValueFormat {
    match of_field(field) {
        Sort::Text => ValueFormat::Text,
        Sort::Amount => ValueFormat::Amount,
        Sort::Month => ValueFormat::Month(MonthForm::Plain),
        Sort::Date => ValueFormat::Date(DateForm::Dashed),
        Sort::Ratio => ValueFormat::Ratio(RatioForm::Fraction),
    }
}

fn fits(format: ValueFormat, field: Field) -> bool {
    let sort = of_field(field);
    match format {
        ValueFormat::Text => true,
        ValueFormat::Amount | ValueFormat::WholeYuan => sort == Sort::Amount,
        ValueFormat::Month(_) => sort == Sort::Month,
        ValueFormat::Date(_) => sort == Sort::Date,
        ValueFormat::Ratio(_) => sort == Sort::Ratio,
    }
}

impl UploadTemplate {
    /// Everything that keeps it from being written with; empty where nothing does.
    pub fn problems(&self) -> Vec<ProfileProblem> {
        self.problems_at("")
    }

    /// As [`UploadTemplate::problems`], with pointers that begin where the template stands.
    pub(super) fn problems_at(&self, base: &str) -> Vec<ProfileProblem> {
        let mut check = Check { template: self, base, found: Vec::new() };
        check.all();
        check.found
    }

    /// How many rows of titles it has.
    pub fn header_rows(&self) -> u32 {
        let most = self.columns.iter().map(|column| column.titles.len()).max().unwrap_or(0);
        if self.header_row.is_some() { u32::try_from(most).unwrap_or(u32::MAX) } else { 0 }
    }

    /// Whether a row with this value of a field is for it, as far as the field goes.
    pub fn takes(&self, value: impl Fn(Field) -> String) -> bool {
        self.only.as_ref().is_none_or(|only| only.values.contains(&value(only.field)))
    }
}

struct Check<'a> {
    template: &'a UploadTemplate,
    base: &'a str,
    found: Vec<ProfileProblem>,
}

impl Check<'_> {
    fn say(&mut self, fault: ProfileFault, pointer: impl std::fmt::Display, said: impl ToString) {
        let problem = ProfileProblem::new(fault, format!("{}/{pointer}", self.base));
        let problem = problem.arg("template", &self.template.name).arg("said", said);
        if !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    fn all(&mut self) {
        let template = self.template;
        if template.name.trim().is_empty() {
            self.say(ProfileFault::UploadName, "name", "");
        }
        if template.only.as_ref().is_some_and(|only| only.values.is_empty()) {
            self.say(ProfileFault::UploadOnly, "only/values", "");
        }
        self.form();
        self.places();
        self.columns();
        self.texts();
        self.name();
    }

    /// The kind of file and what belongs to it.
    fn form(&mut self) {
        let template = self.template;
        let book = template.file.is_workbook();
        match &template.text {
            Some(_) if book => self.say(ProfileFault::UploadText, "text", ""),
            None if !book => self.say(ProfileFault::UploadText, "text", ""),
            Some(text) => {
                let separator = &text.separator;
                if separator.is_empty() || separator.contains(['"', '\r', '\n']) {
                    self.say(ProfileFault::UploadText, "text/separator", separator);
                }
            }
            None => {}
        }
        match &template.sheet {
            Some(name) if book => {
                let odd = ['[', ']', ':', '*', '?', '/', '\\'];
                let long = name.encode_utf16().count() > 31;
                let quoted = name.starts_with('\'') || name.ends_with('\'');
                if name.trim().is_empty() || long || quoted || name.contains(odd) || name.contains(char::is_control) {
                    self.say(ProfileFault::UploadSheet, "sheet", name);
                }
            }
            Some(name) => self.say(ProfileFault::UploadSheet, "sheet", name),
            None if book => self.say(ProfileFault::UploadSheet, "sheet", ""),
            None => {}
        }
        let kept = template.blank.as_ref();
        if kept.is_some_and(|blank| template.file != FileKind::Xlsx || blank.len() > LONGEST_BLANK) {
            self.say(ProfileFault::UploadBlank, "blank", "");
        }
        if template.row_cap == Some(0) {
            self.say(ProfileFault::UploadRowCap, "row_cap", 0);
        }
        if let Some(cap) = template.row_cap
            && !pieces(&template.file_name).is_ok_and(|all| all.contains(&Piece::Placeholder(Placeholder::Part)))
        {
            self.say(ProfileFault::UploadRowCap, "row_cap", cap);
        }
    }

    /// Cells, ranges and rows: where they are, and that they do not meet.
    fn places(&mut self) {
        let template = self.template;
        let (rows, columns) = template.file.room().unwrap_or((u32::MAX, u16::MAX));
        let titles = template.header_row.map(|first| (first, first.saturating_add(template.header_rows())));
        let first = template.first_row;
        if first == 0 || first >= rows || titles.is_some_and(|(row, after)| row == 0 || after > first) {
            self.say(ProfileFault::UploadCells, "first_row", first);
        }
        let mut seen = BTreeSet::new();
        for (at, cell) in template.preamble.iter().enumerate() {
            let place = address(&cell.at);
            let free = place.is_some_and(|(row, column)| {
                let in_titles = titles.is_some_and(|(from, after)| (from..after).contains(&(row + 1)));
                row + 1 < first && !in_titles && column < columns
            });
            if !free || !seen.insert(place) {
                self.say(ProfileFault::UploadCells, format!("preamble/{at}/at"), &cell.at);
            }
        }
        for (below, row) in template.trailing.iter().enumerate() {
            let mut seen = BTreeSet::new();
            for (at, cell) in row.cells.iter().enumerate() {
                let place = column(&cell.column);
                if place.is_none_or(|place| place >= columns) || !seen.insert(place) {
                    self.say(ProfileFault::UploadCells, format!("trailing/{below}/cells/{at}/column"), &cell.column);
                }
            }
        }
        let mut ranges: Vec<((u32, u16), (u32, u16))> = Vec::new();
        for (at, said) in template.merged.iter().enumerate() {
            let meets = |(a, b): ((u32, u16), (u32, u16)), (c, d): ((u32, u16), (u32, u16))| {
                a.0 <= d.0 && c.0 <= b.0 && a.1 <= d.1 && c.1 <= b.1
            };
            match range(said) {
                Some(range)
                    if template.file.is_workbook()
                        && range.1.0 + 1 < first
                        && range.1.1 < columns
                        && !ranges.iter().any(|other| meets(*other, range)) =>
                {
                    ranges.push(range);
                }
                Some(_) | None => self.say(ProfileFault::UploadCells, format!("merged/{at}"), said),
            }
        }
        if template.columns.is_empty() || template.columns.len() > usize::from(columns) {
            self.say(ProfileFault::UploadColumns, "columns", template.columns.len());
        }
    }

    fn columns(&mut self) {
        for (place, column) in self.template.columns.iter().enumerate() {
            let letter = || column_letter(u16::try_from(place).unwrap_or(u16::MAX));
            let said = || format!("{}「{}」", letter(), column.title());
            match &column.value {
                ColumnValue::Unbound => self.say(ProfileFault::UploadUnbound, format!("columns/{place}/value"), said()),
                ColumnValue::Field(field) => {
                    if !fits(column.format, *field) || (column.format != ValueFormat::Text && !column.codes.is_empty())
                    {
                        self.say(ProfileFault::UploadFormat, format!("columns/{place}/format"), said());
                    }
                }
                ColumnValue::Constant(_) | ColumnValue::RunningNumber | ColumnValue::Empty => {
                    if column.format != ValueFormat::Text || !column.codes.is_empty() {
                        self.say(ProfileFault::UploadFormat, format!("columns/{place}/format"), said());
                    }
                }
            }
        }
        let rows: BTreeSet<usize> = self.template.columns.iter().map(|column| column.titles.len()).collect();
        if rows.len() > 1 || (self.template.header_row.is_some() && rows.contains(&0)) {
            self.say(ProfileFault::UploadColumns, "columns", self.template.columns.len());
        }
    }

    /// Placeholders that mean something, everywhere.
    fn texts(&mut self) {
        let template = self.template;
        let mut texts: Vec<(String, &String)> = vec![("file_name".into(), &template.file_name)];
        for (at, cell) in template.preamble.iter().enumerate() {
            texts.push((format!("preamble/{at}/text"), &cell.text));
        }
        for (at, column) in template.columns.iter().enumerate() {
            if let ColumnValue::Constant(text) = &column.value {
                texts.push((format!("columns/{at}/value"), text));
            }
        }
        for (below, row) in template.trailing.iter().enumerate() {
            for (at, cell) in row.cells.iter().enumerate() {
                texts.push((format!("trailing/{below}/cells/{at}/text"), &cell.text));
            }
        }
        for (pointer, text) in texts {
            if let Err(unknown) = pieces(text) {
                self.say(ProfileFault::UploadPlaceholder, pointer, unknown);
            }
        }
    }

    fn name(&mut self) {
        let name = &self.template.file_name;
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        if stem.trim().is_empty() || !self.template.file.endings().contains(&ending.to_ascii_lowercase().as_str()) {
            self.say(ProfileFault::UploadFileName, "file_name", name);
        }
    }
}

/// What is wrong between the templates of a profile: two of a kind with one name, or after the same rows.
pub(super) fn between(templates: &[UploadTemplate]) -> Vec<ProfileProblem> {
    let mut found = Vec::new();
    for (place, template) in templates.iter().enumerate() {
        for earlier in templates[..place].iter().filter(|earlier| earlier.kind == template.kind) {
            let about = |fault, field: &str| {
                let pointer = format!("/upload_templates/{place}/{field}");
                ProfileProblem::new(fault, pointer).arg("template", &template.name)
            };
            if earlier.name == template.name {
                found.push(about(ProfileFault::UploadName, "name").arg("said", &template.name));
            }
            let apart = match (&earlier.only, &template.only) {
                (Some(one), Some(other)) => one.field == other.field && one.values.is_disjoint(&other.values),
                (_, _) => false,
            };
            if !apart {
                found.push(about(ProfileFault::UploadClaims, "only").arg("said", &earlier.name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_come_apart_at_their_placeholders() {
        use Placeholder as P;
        let found = |text| pieces(text).map(|all| all.iter().map(|piece| format!("{piece:?}")).collect::<Vec<_>>());
        let text = "BG{unit_account:last4}{period:MM}.TXT";
        let wanted = vec![
            Piece::Text("BG"),
            Piece::Placeholder(P::UnitAccountLast(4)),
            Piece::Placeholder(P::Period(MonthForm::Month)),
            Piece::Text(".TXT"),
        ];
        assert_eq!(pieces(text), Ok(wanted), "the name of a bank's file");
        assert_eq!(found("共{people}人{sum:new_base}元").unwrap().len(), 5);
        assert_eq!(pieces("{{说明}}"), Ok(vec![Piece::Text("{"), Piece::Text("说明"), Piece::Text("}")]), "braces");
        assert_eq!(pieces("第{row}行"), Err("{row}".into()), "the placeholder is named");
        for text in ["{a{b}c}", "}{", "单位{", "普通文字"] {
            let joined: String = pieces(&literal(text))
                .unwrap()
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => *text,
                    Piece::Placeholder(_) => panic!("{text:?} has none"),
                })
                .collect();
            assert_eq!(joined, text, "a literal stays what it is");
        }
    }

    #[test]
    fn values_as_centers_write_them() {
        let month = |form| ValueFormat::Month(form).write("2026-07").unwrap();
        assert_eq!(
            MonthForm::ALL.map(|(_, form)| month(form)),
            ["202607", "2026-07", "2026/07", "2026.07", "2026年07月", "2026", "07"]
        );
        let date = |form| ValueFormat::Date(form).write("1985-02-03").unwrap();
        assert_eq!(
            DateForm::ALL.map(|(_, form)| date(form)),
            ["19850203", "1985-02-03", "1985/02/03", "1985.02.03", "1985年02月03日"]
        );
        let ratio = |form| ["0.08", "0.055"].map(|said| ValueFormat::Ratio(form).write(said).unwrap());
        assert_eq!(ratio(RatioForm::Hundredths), ["8", "5.5"]);
        assert_eq!(ratio(RatioForm::Percent), ["8%", "5.5%"]);
        assert_eq!(ratio(RatioForm::Fraction), ["0.08", "0.055"]);
        assert_eq!(ValueFormat::Amount.write("1234.5").as_deref(), Some("1234.50"));
        assert_eq!(ValueFormat::WholeYuan.write("1230.00").as_deref(), Some("1230"), "the zero of 1230 stays");
        assert_eq!(ValueFormat::WholeYuan.write("1234.50"), None, "fen are not dropped");
        assert_eq!(ValueFormat::Month(MonthForm::Plain).write("202607"), None, "not in filed form");
    }

    #[test]
    fn forms_are_named_as_in_placeholders() {
        for (name, form) in MonthForm::ALL {
            assert_eq!(serde_json::to_value(form).unwrap(), name, "one name for a form of months");
        }
        for (name, form) in DateForm::ALL {
            assert_eq!(serde_json::to_value(form).unwrap(), name, "one name for a form of days");
        }
    }

    #[test]
    fn places_of_cells() {
        assert_eq!(address("A1"), Some((0, 0)));
        assert_eq!(address("XFD1048576"), Some((1_048_575, 16_383)), "the last cell of a sheet");
        for text in ["XFE1", "A0", "A1048577", "1", "A", "AA", "A-1", "AAAA1", "Ａ1"] {
            assert_eq!(address(text), None, "{text:?}");
        }
        for place in [0_u16, 25, 26, 701, 702, 16_383] {
            assert_eq!(column(&column_letter(place)), Some(place), "letters and back");
        }
        assert_eq!(range("A1:C2"), Some(((0, 0), (1, 2))));
    }

    #[test]
    fn unknown_parts_of_a_template_are_refused() {
        let mut json = serde_json::to_value(crate::profile::CenterProfile::shipped("demo").unwrap()).unwrap();
        json["upload_templates"][0]["columns"][0]["colour"] = "red".into();
        let error = serde_json::from_value::<crate::profile::CenterProfile>(json).unwrap_err();
        assert!(error.to_string().contains("colour"), "a word nobody reads is not passed over: {error}");
    }
}
