//! The center's list of refused rows, brought back onto the rows that were filed.
//!
//! Centers send workbooks, csv or lines of text; some name the row of the file, some the ID number (or what a mask
//! leaves of it), the account, or only the name. An entry that means nobody, or several, is said to do so: it is never
//! dropped and never put onto a guess.

use std::collections::{BTreeSet, HashMap};

use huijiao_domain::characters::{half_width, is_blank};
use huijiao_domain::field::{Field, normalise_header};
use huijiao_domain::sheet::CellKind;

use super::{Figures, UploadError, UploadFile};
use crate::error::{Measure, SheetError};
use crate::grid::{Grid, Layout};
use crate::limits::Limits;
use crate::text;
use crate::workbook::{Format, SheetInfo, SheetRow, Workbook};

/// How many ways of masking are followed: no center has more than a few.
const MOST_MASKS: usize = 50;
/// How much of a message is searched for the name of a field, characters.
const SEARCHED: usize = 200;

/// How far down titles are looked for.
const LAST_TITLES: u32 = 30;

/// Titles of the column that says why, the surest first.
const REASONS: [&str; 22] = [
    "错误信息",
    "错误原因",
    "错误提示",
    "错误描述",
    "错误说明",
    "错误内容",
    "失败原因",
    "失败信息",
    "不通过原因",
    "未通过原因",
    "退回原因",
    "拒绝原因",
    "异常信息",
    "异常原因",
    "校验信息",
    "校验说明",
    "处理信息",
    "返回信息",
    "提示信息",
    "MSG",
    "MESSAGE",
    "原因",
];

/// Titles of the column that says whether; where no other says why, it does.
const RESULTS: [&str; 11] = [
    "处理结果",
    "校验结果",
    "导入结果",
    "检查结果",
    "办理结果",
    "处理状态",
    "校验状态",
    "导入状态",
    "是否成功",
    "结果",
    "错误",
];

/// Titles of the column with the row of the file.
const ROWS: [&str; 13] = [
    "行号",
    "行数",
    "行次",
    "所在行",
    "所在行号",
    "错误行",
    "错误行号",
    "出错行",
    "出错行号",
    "EXCEL行号",
    "EXCEL行",
    "第几行",
    "行",
];

/// Titles of the column with the title of the wrong column.
const FIELDS: [&str; 8] = ["字段", "错误字段", "字段名称", "列名", "错误列", "错误项", "错误栏目", "栏目"];

/// What a row says that was not refused.
const PASSED: [&str; 20] = [
    "成功",
    "通过",
    "正常",
    "无误",
    "合格",
    "是",
    "已成功",
    "已通过",
    "校验通过",
    "校验成功",
    "校验正常",
    "检查通过",
    "验证通过",
    "处理成功",
    "导入成功",
    "办理成功",
    "OK",
    "SUCCESS",
    "PASS",
    "Y",
];

/// A center's list of refused rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorList {
    /// Its entries, in its order.
    pub refused: Vec<Refused>,
    /// Rows of the list that say that nothing is wrong.
    pub passed: Vec<u32>,
    /// Rows of the list that say neither: no reason and no result.
    pub unsaid: Vec<u32>,
}

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its row in the list, one-based.
    pub row: u32,
    /// What the center says.
    pub message: String,
    /// The field it is about, where the list or the message names one.
    pub field: Option<Field>,
    /// Whom it means.
    pub whose: Whose,
}

/// Whom an entry means, by places among the filed rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// One row.
    One {
        /// Its place.
        place: usize,
        /// By what.
        by: Key,
    },
    /// What the entry says means several rows, or one thing means one row and another another.
    Several {
        /// Their places.
        places: Vec<usize>,
    },
    /// Nobody of the filing.
    Nobody,
}

/// What an entry names a row by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The row of the file.
    Row,
    /// 证件号码
    IdNumber,
    /// 个人账号
    Account,
    /// 姓名
    Name,
}

/// Reads a center's list of refused rows. `file` is the upload file it answers, for lists that count its rows; without
/// it only people are looked for.
///
/// # Errors
/// [`UploadError::NoErrorList`] where nothing in it says why a row was refused.
pub fn error_list(book: &Workbook, rows: &[Figures], file: Option<&UploadFile>) -> Result<ErrorList, UploadError> {
    let mut filed = Filed::of(rows, file);
    let mut list = ErrorList { refused: Vec::new(), passed: Vec::new(), unsaid: Vec::new() };
    match Columns::find(book) {
        Some(columns) => {
            for row in book.rows.iter().filter(|row| row.row > columns.row) {
                columns.entry(row, &mut filed, &mut list);
            }
        }
        None => {
            for row in &book.rows {
                filed.loose(row, &mut list);
            }
            // Somebody must be meant, or it is a file about something else.
            if !list.refused.iter().any(|entry| entry.whose != Whose::Nobody) {
                return Err(UploadError::NoErrorList);
            }
        }
    }
    Ok(list)
}

/// A text without columns as a workbook of one column, for lists that are sentences: [`crate::read`] refuses them as
/// no workbook.
///
/// # Errors
/// As [`crate::read`] for text.
pub fn lines(bytes: &[u8]) -> Result<Workbook, SheetError> {
    let limits = Limits::default();
    if bytes.len() as u64 > limits.file_bytes {
        return Err(SheetError::too_large(Measure::FileBytes, limits.file_bytes));
    }
    let (encoding, content) = text::decode(bytes, None)?;
    let mut grid = Grid::new(&limits);
    for (row, line) in (0..).zip(content.lines()) {
        grid.put(row, 0, line.trim(), CellKind::Text)?;
    }
    let sheets = vec![SheetInfo { name: String::new(), hidden: false }];
    let mut book = grid.finish(Format::Csv, sheets, 0, Layout::default())?;
    book.encoding = Some(encoding.to_owned());
    Ok(book)
}

/// The columns of a list with titles.
struct Columns {
    /// The row of the titles.
    row: u32,
    reason: Option<u16>,
    result: Option<u16>,
    number: Option<u16>,
    field: Option<u16>,
    id: Option<u16>,
    account: Option<u16>,
    name: Option<u16>,
}

impl Columns {
    /// The first row with a title for why or whether, and one for whom.
    fn find(book: &Workbook) -> Option<Self> {
        book.rows.iter().take_while(|row| row.row <= LAST_TITLES).find_map(|row| {
            let titles: Vec<(u16, String)> =
                row.cells.iter().map(|cell| (cell.column, normalise_header(cell.text))).collect();
            let among = |known: &[&str]| {
                known
                    .iter()
                    .find_map(|known| titles.iter().find(|(_, title)| title == known).map(|(column, _)| *column))
            };
            let of = |field: Field| {
                let found = titles.iter().filter_map(|(column, title)| {
                    Field::match_header(title).filter(|(of, _)| *of == field).map(|(_, rank)| (rank, *column))
                });
                found.min().map(|(_, column)| column)
            };
            let columns = Self {
                row: row.row,
                reason: among(&REASONS),
                result: among(&RESULTS),
                number: among(&ROWS),
                field: among(&FIELDS),
                id: of(Field::IdNumber),
                account: of(Field::PersonalAccount),
                name: of(Field::Name),
            };
            let why = columns.reason.or(columns.result).is_some();
            let whom = columns.number.or(columns.id).or(columns.account).or(columns.name).is_some();
            (why && whom).then_some(columns)
        })
    }

    fn entry(&self, row: &SheetRow, filed: &mut Filed<'_>, list: &mut ErrorList) {
        let text = |column: Option<u16>| column.map_or("", |column| row.text(column)).trim();
        let (reason, result) = (text(self.reason), text(self.result));
        if row.cells.iter().all(|cell| cell.text.trim().is_empty()) {
            return;
        }
        let passed = |text: &str| PASSED.contains(&text.to_ascii_uppercase().as_str());
        // Whether counts before why: a successful row may have a remark.
        if passed(result) || (result.is_empty() && passed(reason)) {
            list.passed.push(row.row);
            return;
        }
        let message = match (reason, result) {
            ("", "") => {
                list.unsaid.push(row.row);
                return;
            }
            ("", result) => result,
            (reason, _) => reason,
        };
        let said = Said {
            row: row_number(text(self.number)),
            id: squeezed(text(self.id)),
            account: squeezed(text(self.account)),
            name: squeezed(text(self.name)),
        };
        let field = Field::from_header(text(self.field)).or_else(|| field_in(message));
        list.refused.push(Refused { row: row.row, message: message.to_owned(), field, whose: filed.whose(&said) });
    }
}

/// What an entry says about whom it means; empty where it says nothing.
#[derive(Debug, Default)]
struct Said {
    row: Option<u32>,
    id: String,
    account: String,
    name: String,
}

struct Filed<'a> {
    file: Option<&'a UploadFile>,
    ids: Index,
    accounts: Index,
    names: Index,
}

/// Places of the filed rows by what they say.
struct Index {
    all: Vec<String>,
    exact: HashMap<String, Vec<usize>>,
    /// For each mask that was met, which characters it leaves: those that are left, and whose they are.
    masked: HashMap<Vec<bool>, HashMap<String, Vec<usize>>>,
}

impl Index {
    fn of(texts: impl Iterator<Item = String>) -> Self {
        let all: Vec<String> = texts.collect();
        let mut exact: HashMap<String, Vec<usize>> = HashMap::with_capacity(all.len());
        for (place, text) in all.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            exact.entry(text.clone()).or_default().push(place);
        }
        Self { all, exact, masked: HashMap::new() }
    }

    /// Whom a text means, where at least so many characters of a masked one can be seen.
    fn places(&mut self, said: &str, seen: usize) -> BTreeSet<usize> {
        let found = if said.contains('*') {
            let mask: Vec<bool> = said.chars().map(|c| c != '*').collect();
            let known = self.masked.contains_key(&mask);
            if mask.iter().filter(|left| **left).count() < seen || (!known && self.masked.len() >= MOST_MASKS) {
                return BTreeSet::new();
            }
            let left = |text: &str| -> String {
                text.chars().zip(&mask).filter(|(_, left)| **left).map(|(character, _)| character).collect()
            };
            if !known {
                let mut by_left: HashMap<String, Vec<usize>> = HashMap::new();
                let fits = |text: &&String| text.chars().count() == mask.len();
                for (place, text) in self.all.iter().enumerate().filter(|(_, text)| fits(text)) {
                    by_left.entry(left(text)).or_default().push(place);
                }
                self.masked.insert(mask.clone(), by_left);
            }
            self.masked.get(&mask).and_then(|by_left| by_left.get(&left(said)))
        } else {
            self.exact.get(said)
        };
        found.into_iter().flatten().copied().collect()
    }
}

impl<'a> Filed<'a> {
    fn of(rows: &[Figures], file: Option<&'a UploadFile>) -> Self {
        let said = |row: &Figures, field: Field| {
            row.iter().find(|(filed, _)| *filed == field).map(|(_, text)| squeezed(text)).unwrap_or_default()
        };
        Self {
            file,
            ids: Index::of(rows.iter().map(|row| said(row, Field::IdNumber))),
            // Without the zeros that a spreadsheet may have taken from the list's own.
            accounts: Index::of(rows.iter().map(|row| bare(&said(row, Field::PersonalAccount)))),
            names: Index::of(rows.iter().map(|row| said(row, Field::Name))),
        }
    }

    /// The person in a row of the file.
    fn in_row(&self, row: u32) -> Option<usize> {
        let file = self.file?;
        let place = row.checked_sub(file.first_row)?;
        file.rows.get(usize::try_from(place).ok()?).copied().filter(|place| *place < self.names.all.len())
    }

    fn by_id(&mut self, said: &str) -> BTreeSet<usize> {
        self.ids.places(said, 4)
    }

    fn by_account(&mut self, said: &str) -> BTreeSet<usize> {
        if said.len() < 4 { BTreeSet::new() } else { self.accounts.places(&bare(said), 4) }
    }

    fn by_name(&mut self, said: &str) -> BTreeSet<usize> {
        self.names.places(said, 1)
    }

    fn whose(&mut self, said: &Said) -> Whose {
        let row: BTreeSet<usize> = said.row.and_then(|row| self.in_row(row)).into_iter().collect();
        let (id, account) = (self.by_id(&said.id), self.by_account(&said.account));
        let name = self.by_name(&said.name);
        let keys = [(Key::Row, &row), (Key::IdNumber, &id), (Key::Account, &account), (Key::Name, &name)];
        let mut found = keys.into_iter().filter(|(_, places)| !places.is_empty());
        let Some((by, first)) = found.next() else { return Whose::Nobody };
        let mut places = first.clone();
        let mut apart = false;
        for (key, others) in found {
            let both: BTreeSet<usize> = places.intersection(others).copied().collect();
            if !both.is_empty() {
                places = both;
            // A name that the center has otherwise is the very thing it may refuse; a row has nothing else to go by.
            } else if key != Key::Name || by == Key::Row {
                places.extend(others);
                apart = true;
            }
        }
        // Somebody is named, and it is not the one in that row: the row is counted in another way.
        let named = !(said.id.is_empty() && said.account.is_empty() && said.name.is_empty());
        if by == Key::Row && named && id.is_empty() && account.is_empty() && name.is_empty() {
            return Whose::Nobody;
        }
        match places.first() {
            Some(place) if places.len() == 1 && !apart => Whose::One { place: *place, by },
            Some(_) | None => Whose::Several { places: places.into_iter().collect() },
        }
    }

    /// An entry of a list without titles: whoever a cell names, and 第…行 wherever it stands; the rest is the message.
    fn loose(&mut self, row: &SheetRow, list: &mut ErrorList) {
        let mut said = Said::default();
        let mut rest: Vec<&str> = Vec::new();
        for cell in row.cells.iter().map(|cell| cell.text.trim()).filter(|text| !text.is_empty()) {
            let text = squeezed(cell);
            if said.id.is_empty() && !self.by_id(&text).is_empty() {
                said.id = text;
            } else if said.account.is_empty() && !self.by_account(&text).is_empty() {
                said.account = text;
            } else if said.name.is_empty() && !self.by_name(&text).is_empty() {
                said.name = text;
            } else {
                said.row = said.row.or_else(|| numbered(cell));
                rest.push(cell);
            }
        }
        let message = rest.join(" ");
        // A sentence names people in its midst.
        for number in message.split(|c: char| !c.is_ascii_alphanumeric() && c != '*').filter(|text| text.len() >= 6) {
            let number = squeezed(number);
            if said.id.is_empty() && !self.by_id(&number).is_empty() {
                said.id = number;
            } else if said.account.is_empty() && !self.by_account(&number).is_empty() {
                said.account = number;
            }
        }
        if PASSED.contains(&message.to_ascii_uppercase().as_str()) {
            list.passed.push(row.row);
        } else if message.is_empty() {
            list.unsaid.push(row.row);
        } else {
            let (field, whose) = (field_in(&message), self.whose(&said));
            list.refused.push(Refused { row: row.row, message, field, whose });
        }
    }
}

/// Without blanks, in half width, capital letters.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).map(half_width).collect::<String>().to_ascii_uppercase()
}

/// An account without the zeros in front.
fn bare(account: &str) -> String {
    account.trim_start_matches('0').to_owned()
}

/// `6`, `6.0`, `第6行`.
fn row_number(text: &str) -> Option<u32> {
    let text = squeezed(text);
    let text = text.strip_suffix(".0").unwrap_or(&text);
    text.parse().ok().or_else(|| numbered(text))
}

/// The number of 第6行, anywhere in a text.
fn numbered(text: &str) -> Option<u32> {
    let text = squeezed(text);
    text.match_indices('第').find_map(|(at, mark)| {
        let (number, _) = text[at + mark.len()..].split_once('行')?;
        number.parse().ok()
    })
}

/// The one field whose name stands in a message; none where there are several.
fn field_in(message: &str) -> Option<Field> {
    let text: String = squeezed(message).chars().take(SEARCHED).collect();
    let mut found = BTreeSet::new();
    let mut rest = text.as_str();
    while let Some(character) = rest.chars().next() {
        let here = Field::ALL
            .into_iter()
            // 说明, 原因 and 合计 are words of messages too.
            .filter(|field| !matches!(field, Field::Remark | Field::Reason | Field::MonthlyAmount | Field::Department))
            .flat_map(|field| field.aliases().iter().map(move |alias| (alias.len(), field, *alias)))
            .filter(|(_, _, alias)| alias.chars().count() > 1 && rest.starts_with(alias))
            .max_by_key(|(length, _, _)| *length);
        match here {
            Some((length, field, _)) => {
                found.insert(field);
                rest = &rest[length..];
            }
            None => rest = &rest[character.len_utf8()..],
        }
    }
    found.first().copied().filter(|_| found.len() == 1)
}
