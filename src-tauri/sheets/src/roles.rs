//! What each row of a sheet is: people among titles, sums and notes.

use huijiao_domain::field::Field;
use huijiao_domain::sheet::CellKind;
use serde::{Deserialize, Serialize};

use crate::header::Header;
use crate::workbook::{SheetRow, Workbook};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowRole {
    /// Above the header, or repeated from there.
    Title,
    /// The header, or a repetition of it.
    Header,
    /// One person.
    Person,
    /// 小计, 销售部合计, 合计 that another one follows: of the people since the one before
    Subtotal,
    /// 合计, 总计, 累计: of everybody
    Total,
    /// A footer, an explanation, column numbers, a sum so far.
    Note,
    /// Nothing in it.
    Blank,
}

/// Begins a footer, and no name or department.
const FOOTERS: &[&str] = &[
    "制表",
    "填表",
    "填报",
    "审核",
    "复核",
    "经办",
    "负责人",
    "单位负责人",
    "单位盖章",
    "单位（盖章",
    "单位(盖章",
    "盖章",
    "说明",
    "备注：",
    "备注:",
    "注：",
    "注:",
    "注1",
    "附注",
    "填写说明",
    "日期",
    "联系人",
    "联系电话",
    "打印",
    "导出",
    "以下空白",
    "本表",
    "签字",
    "签章",
];

/// Begins a footer as well as a department: 财务部, 第一车间.
const PERHAPS: &[&str] = &["第", "共", "以上", "财务", "领导", "主管"];

/// What is counted: behind 第 or 共 no name ends like this, and 第五建国 is one.
const COUNTED: [char; 16] =
    ['页', '联', '份', '条', '类', '次', '栏', '项', '列', '行', '组', '号', '批', '人', '户', '笔'];

/// Says that figures are added up; 汇总 is what Excel's own subtotals write: 销售部 汇总.
const SUMS: &[&str] = &["小计", "页计", "合计", "总计", "累计", "共计", "汇总"];

/// What else is worked out below people, and is nobody's.
const FIGURES: &[&str] = &["平均", "平均值", "平均数", "计数"];

pub(crate) struct Judge<'a> {
    workbook: &'a Workbook,
    header: &'a Header,
    mapping: &'a [(u16, Field)],
    header_rows: Vec<Vec<(u16, String)>>,
    titles: Vec<Vec<(u16, String)>>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(workbook: &'a Workbook, header: &'a Header, mapping: &'a [(u16, Field)]) -> Self {
        let squeezed = |row: &SheetRow| -> Vec<(u16, String)> {
            row.cells.iter().map(|c| (c.column, squeeze(c.text))).filter(|(_, t)| !t.is_empty()).collect()
        };
        let header_rows = (header.first..=header.last).filter_map(|r| workbook.row(r)).map(squeezed).collect();
        let above = workbook.rows.partition_point(|r| r.row < header.first);
        let mut titles: Vec<_> = workbook.rows[..above].iter().map(squeezed).collect();
        titles.iter_mut().for_each(|title| title.retain(|(_, text)| !is_page_number(text)));
        titles.retain(|title| !title.is_empty());
        Self { workbook, header, mapping, header_rows, titles }
    }

    pub(crate) fn role(&self, row: &SheetRow) -> RowRole {
        if row.cells.iter().all(|c| c.text.trim().is_empty()) {
            return RowRole::Blank;
        }
        if row.row < self.header.first {
            return RowRole::Title;
        }
        if row.row <= self.header.last {
            return RowRole::Header;
        }
        // An ID number, an account or an item to change makes a row, whatever else it says.
        if self.has_key(row) {
            return RowRole::Person;
        }
        if self.repeats(row, &self.header_rows) {
            return RowRole::Header;
        }
        if self.repeats(row, &self.titles) {
            return RowRole::Title;
        }
        if let Some(role) = self.total(row) {
            return role;
        }
        if self.is_note(row) {
            return RowRole::Note;
        }
        if self.says_anything(row) {
            return RowRole::Person;
        }
        // A prepared but empty row has its 序号 and nothing else, or the zeros of formulas that were filled down.
        let words = row.cells.iter().any(|c| c.text.chars().any(char::is_alphabetic));
        if words { RowRole::Note } else { RowRole::Blank }
    }

    /// Whether a mapped column holds more than a zero; in a list of people a zero by itself is nobody's.
    fn says_anything(&self, row: &SheetRow) -> bool {
        let of_people = self.mapping.iter().any(|(_, field)| matches!(field, Field::Name | Field::IdNumber));
        let mut cells = self.mapping.iter().filter_map(|(column, _)| row.cell(*column));
        cells.any(|cell| {
            let zero = of_people && cell.kind == CellKind::Number && cell.text == "0";
            !zero && !cell.text.trim().is_empty()
        })
    }

    fn field<'r>(&self, row: &'r SheetRow, field: Field) -> &'r str {
        self.mapping.iter().find(|(_, f)| *f == field).map_or("", |(column, _)| row.text(*column).trim())
    }

    fn has_key(&self, row: &SheetRow) -> bool {
        let digits = |text: &str| match text.is_ascii() {
            true => text.bytes().filter(u8::is_ascii_digit).count(),
            false => text.chars().filter(|c| c.is_numeric()).count(),
        };
        let number = self.field(row, Field::IdNumber);
        // A telephone stands below a list too, without letters and beside nobody's name.
        let letters = || number.bytes().any(|letter| letter.is_ascii_alphabetic());
        let document = || is_document(number) && (letters() || is_name(&squeeze(self.field(row, Field::Name))));
        // No footer begins with a digit or a letter of ours; nearly every number is made of them.
        let footer = || !number.is_ascii() && is_footer(&squeeze(number));
        (digits(number) >= 12 && !footer()) || self.has_account(row) || document() || self.has_item(row)
    }

    /// An account as far as its digits tell. What stands below a list stands in the column of accounts too: 填表日期：2026年7月6日.
    fn has_account(&self, row: &SheetRow) -> bool {
        let column = self.mapping.iter().find(|(_, field)| *field == Field::PersonalAccount);
        let Some(cell) = column.and_then(|(column, _)| row.cell(*column)) else { return false };
        let words = cell.text.chars().any(|c| matches!(c, '：' | ':') || (c.is_alphabetic() && !c.is_ascii()));
        cell.kind != CellKind::Date && !words && cell.text.chars().filter(|c| c.is_numeric()).count() >= 6
    }

    /// An item of the unit's data with its new content: 经办人姓名 in front is then no footer, unless it reads as one.
    fn has_item(&self, row: &SheetRow) -> bool {
        let (item, value) = (self.field(row, Field::Item), self.field(row, Field::NewValue));
        !item.is_empty() && !value.is_empty() && !item.contains(['：', ':'])
    }

    /// Whether the row says again what one of `originals` says in the same columns: nothing but that, or most of it
    /// and nobody's name. One cell that is the same may be a person's: 单位 in each row is what the title says.
    fn repeats(&self, row: &SheetRow, originals: &[Vec<(u16, String)>]) -> bool {
        let field_of = |column: u16| self.mapping.iter().find(|(other, _)| *other == column).map(|(_, field)| *field);
        let texts: Vec<(u16, String)> = row.cells.iter().map(|cell| (cell.column, squeeze(cell.text))).collect();
        originals.iter().any(|original| {
            let same = texts.iter().filter(|cell| original.binary_search(cell).is_ok()).count();
            if same == 0 || same * 10 < original.len() * 6 {
                return false;
            }
            let others = texts.iter().filter(|cell| original.binary_search(cell).is_err());
            let mut own = others
                .filter_map(|(column, text)| Some((field_of(*column)?, text)))
                .filter(|(_, text)| !text.is_empty() && !is_page_number(text))
                .peekable();
            own.peek().is_none() || (same >= 2 && !own.any(|(field, text)| field == Field::Name && is_name(text)))
        })
    }

    /// 小计 or 合计 in one of the first texts of the row.
    fn total(&self, row: &SheetRow) -> Option<RowRole> {
        let named = is_name(&squeeze(self.field(row, Field::Name)));
        let texts = row.cells.iter().filter(|c| c.kind == CellKind::Text && !c.text.trim().is_empty());
        for cell in texts.take(3) {
            let text = squeeze(cell.text);
            if text.chars().count() > 16 {
                continue;
            }
            let text = text.trim_end_matches(['：', ':']);
            // Beside a name 成本合计 is a department.
            if named && !SUMS.contains(&text) {
                continue;
            }
            if let Some(role) = sum(text) {
                return Some(role);
            }
        }
        None
    }

    fn is_note(&self, row: &SheetRow) -> bool {
        let mut filled = row.cells.iter().filter(|c| !c.text.trim().is_empty());
        let Some(first) = filled.next() else { return false };
        let others = filled.count();
        let text = squeeze(first.text);
        if others == 0 {
            let merged = self.workbook.merged_at(row.row, first.column);
            let wide = merged.is_some_and(|m| m.last_column >= m.first_column + 2);
            let long = text.chars().count() > 15 && text.chars().any(char::is_alphabetic);
            // The day below a signature.
            let day = first.kind == CellKind::Date
                || text.ends_with('日') && text.chars().all(|c| c.is_numeric() || matches!(c, '年' | '月' | '日'));
            if wide || long || day {
                return true;
            }
        }
        let no_money =
            [Field::NewBase, Field::OldBase].iter().all(|f| !self.field(row, *f).chars().any(|c| c.is_ascii_digit()));
        // 第一车间 in front of a name is a department: whoever has a name is not dropped with the footers.
        let nobody = !is_name(&squeeze(self.field(row, Field::Name)));
        let footer = || is_footer(&text) || (is_perhaps_footer(&text) && !self.says_more(row, first.column));
        // 总经理：　部门经理：
        let mut texts = row.cells.iter().map(|cell| cell.text.trim()).filter(|text| !text.is_empty());
        if no_money && nobody && (footer() || texts.all(|text| text.contains(['：', ':']))) {
            return true;
        }
        // 1, 2, 3 … below the titles.
        row.row == self.header.last + 1 && self.numbers_columns(row)
    }

    /// Whether a mapped column but this one says something that is no part of a footer either.
    fn says_more(&self, row: &SheetRow, but: u16) -> bool {
        self.mapping.iter().filter(|(column, _)| *column != but).any(|(column, _)| {
            let text = squeeze(row.text(*column));
            let footer = text.contains(['：', ':']) || is_footer(&text) || is_perhaps_footer(&text);
            !text.is_empty() && !footer && !is_page_number(&text)
        })
    }

    fn numbers_columns(&self, row: &SheetRow) -> bool {
        let numbers: Option<Vec<usize>> = row
            .cells
            .iter()
            .filter(|c| c.kind == CellKind::Number || c.kind == CellKind::Text)
            .map(|c| c.text.trim().trim_matches(['(', ')', '（', '）']).parse().ok())
            .collect();
        numbers.is_some_and(|numbers| numbers.len() >= 3 && numbers.iter().enumerate().all(|(i, n)| *n == i + 1))
    }
}

/// Of several sums only the last one can be of everybody, and only below all people: the others are of the people since
/// the one before, and 累计 of those so far, which is compared with nothing. One above all people is of everybody too.
/// `roles` are those of `rows`, in their order.
pub(crate) fn settle(roles: &mut [(u32, RowRole)], rows: &[SheetRow]) {
    let Some(first) = roles.iter().position(|(_, role)| *role == RowRole::Person) else { return };
    let mut last = true;
    for ((_, role), row) in roles.iter_mut().zip(rows).skip(first).rev() {
        match role {
            RowRole::Person => last = false,
            RowRole::Total if last => last = false,
            RowRole::Total => {
                let so_far = row.cells.iter().any(|cell| squeeze(cell.text).contains("累计"));
                *role = if so_far { RowRole::Note } else { RowRole::Subtotal };
            }
            RowRole::Title | RowRole::Header | RowRole::Subtotal | RowRole::Note | RowRole::Blank => {}
        }
    }
}

/// What a text in front of figures says that they are, if it says that they are a sum.
fn sum(text: &str) -> Option<RowRole> {
    /// Words in front of 合计 that mean everybody, or what is added up.
    const WHOLE: &[&str] =
        &["全", "总", "公司", "单位", "本表", "本单位", "本公司", "人员", "人数", "金额", "缴存", "月缴存"];
    if FIGURES.iter().any(|word| text.ends_with(word)) {
        return Some(RowRole::Note);
    }
    if ["小计", "页计", "本页合计"].iter().any(|word| text.contains(word)) {
        return Some(RowRole::Subtotal);
    }
    for word in ["合计", "总计", "累计", "共计", "汇总"] {
        if text.starts_with(word) {
            return Some(RowRole::Total);
        }
        if let Some(of) = text.strip_suffix(word) {
            let whole = word == "累计" || of.starts_with('全') || WHOLE.contains(&of);
            return Some(if whole { RowRole::Total } else { RowRole::Subtotal });
        }
    }
    None
}

/// Whether a text without blanks in the column of names may be somebody: no figure, no label, no sum, no title.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.chars().any(|c| c.is_ascii_digit() || matches!(c, '０'..='９' | '：' | ':'))
        && !SUMS.iter().any(|word| text.contains(word))
        && !is_footer(text)
        && (!is_perhaps_footer(text)
            || (text.starts_with(['第', '共']) && text.chars().count() <= 4 && !text.ends_with(COUNTED)))
        && !FIGURES.contains(&text)
        && !matches!(text, "人数" | "户数")
        && Field::match_header(text).is_none()
}

/// Whether the number of a document can be one that is no resident ID: a passport's, a permit's. Words and dates are
/// none.
pub(crate) fn is_document(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    let letters = text.bytes().any(|b| b.is_ascii_alphabetic());
    let fewest = if letters { 6 } else { 9 };
    text.bytes().filter(u8::is_ascii_digit).count() >= fewest
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'(' | b')' | b'/'))
}

fn is_footer(text: &str) -> bool {
    FOOTERS.iter().any(|start| text.starts_with(start))
}

fn is_perhaps_footer(text: &str) -> bool {
    PERHAPS.iter().any(|start| text.starts_with(start))
}

/// 第一页, 第2页共3页, 共三人
fn is_page_number(text: &str) -> bool {
    const NUMERALS: &str = "第共一二三四五六七八九十百千〇零两叁页人/，,";
    text.ends_with(['页', '人']) && text.chars().all(|c| NUMERALS.contains(c) || c.is_ascii_digit())
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
