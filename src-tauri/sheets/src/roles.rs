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
    /// 小计
    Subtotal,
    /// 合计, 总计, 累计
    Total,
    /// A footer, an explanation, column numbers.
    Note,
    /// Nothing in it.
    Blank,
}

/// Begins a footer rather than a person's row.
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
    "第",
    "共",
    "以下空白",
    "以上",
    "本表",
    "财务",
    "领导",
    "主管",
    "签字",
    "签章",
];

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
            row.cells.iter().map(|c| (c.column, squeeze(&c.text))).filter(|(_, t)| !t.is_empty()).collect()
        };
        let header_rows = (header.first..=header.last).filter_map(|r| workbook.row(r)).map(squeezed).collect();
        let above = workbook.rows.partition_point(|r| r.row < header.first);
        let titles = workbook.rows[..above].iter().map(squeezed).filter(|t| !t.is_empty()).collect();
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
        if self.repeats(row, &self.header_rows, 2) {
            return RowRole::Header;
        }
        if self.repeats(row, &self.titles, 1) {
            return RowRole::Title;
        }
        if let Some(role) = total(row) {
            return role;
        }
        if self.is_note(row) {
            return RowRole::Note;
        }
        let mapped = self.mapping.iter().any(|(column, _)| !row.text(*column).trim().is_empty());
        if mapped {
            return RowRole::Person;
        }
        // A prepared but empty row has its 序号 and nothing else.
        let words = row.cells.iter().any(|c| c.text.chars().any(char::is_alphabetic));
        if words { RowRole::Note } else { RowRole::Blank }
    }

    fn field<'r>(&self, row: &'r SheetRow, field: Field) -> &'r str {
        self.mapping.iter().find(|(_, f)| *f == field).map_or("", |(column, _)| row.text(*column).trim())
    }

    fn has_key(&self, row: &SheetRow) -> bool {
        let digits = |text: &str| match text.is_ascii() {
            true => text.bytes().filter(u8::is_ascii_digit).count(),
            false => text.chars().filter(|c| c.is_numeric()).count(),
        };
        digits(self.field(row, Field::IdNumber)) >= 12
            || digits(self.field(row, Field::PersonalAccount)) >= 6
            || self.has_item(row)
    }

    /// An item of the unit's data with its new content: 经办人姓名 in front is then no footer, unless it reads as one.
    fn has_item(&self, row: &SheetRow) -> bool {
        let (item, value) = (self.field(row, Field::Item), self.field(row, Field::NewValue));
        !item.is_empty() && !value.is_empty() && !item.contains(['：', ':'])
    }

    /// Whether the row says again what one of `originals` says in the same columns.
    fn repeats(&self, row: &SheetRow, originals: &[Vec<(u16, String)>], fewest: usize) -> bool {
        originals.iter().any(|original| {
            let same = original.iter().filter(|(column, text)| squeeze(row.text(*column)) == *text).count();
            same >= fewest && same * 10 >= original.len() * 6
        })
    }

    fn is_note(&self, row: &SheetRow) -> bool {
        let mut filled = row.cells.iter().filter(|c| !c.text.trim().is_empty());
        let Some(first) = filled.next() else { return false };
        let others = filled.count();
        let text = squeeze(&first.text);
        if others == 0 {
            let merged = self.workbook.merged_at(row.row, first.column);
            let wide = merged.is_some_and(|m| m.last_column >= m.first_column + 2);
            let long = text.chars().count() > 15 && text.chars().any(char::is_alphabetic);
            if wide || long {
                return true;
            }
        }
        let footer = FOOTERS.iter().any(|start| text.starts_with(start));
        let no_money =
            [Field::NewBase, Field::OldBase].iter().all(|f| !self.field(row, *f).chars().any(|c| c.is_ascii_digit()));
        // 第一车间 in front of a name is a department: whoever has a name is not dropped with the footers.
        let name = self.field(row, Field::Name);
        let nobody = name.is_empty() || name == first.text.trim() || name.contains(['：', ':']);
        if footer && no_money && nobody {
            return true;
        }
        // 1, 2, 3 … below the titles.
        row.row == self.header.last + 1 && self.numbers_columns(row)
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

/// 小计 or 合计 in one of the first texts of the row.
fn total(row: &SheetRow) -> Option<RowRole> {
    let texts = row.cells.iter().filter(|c| c.kind == CellKind::Text && !c.text.trim().is_empty());
    for cell in texts.take(3) {
        let text = squeeze(&cell.text);
        if text.chars().count() > 16 {
            continue;
        }
        let text = text.trim_end_matches(['：', ':']);
        if ["小计", "页计", "本页合计", "部门合计"].iter().any(|word| text.contains(word)) {
            return Some(RowRole::Subtotal);
        }
        if ["合计", "总计", "累计", "共计"].iter().any(|word| text.starts_with(word) || text.ends_with(word)) {
            return Some(RowRole::Total);
        }
    }
    None
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
