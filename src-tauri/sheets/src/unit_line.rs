//! The lines above a header that say whose sheet it is: 单位名称：… 单位账号：…

use serde::{Deserialize, Serialize};

use crate::workbook::{SheetRow, Workbook};

/// What the sheet says about its unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitLine {
    /// 单位账号 or 单位编号.
    pub account: Option<String>,
    /// 单位名称.
    pub name: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Account,
    Name,
    /// Something else that ends a value.
    Other,
}

/// Longer labels first: 单位 alone would hide the rest of them.
const LABELS: &[(&str, Label)] = &[
    ("单位住房公积金账号", Label::Account),
    ("单位公积金账号", Label::Account),
    ("单位公积金帐号", Label::Account),
    ("单位登记号", Label::Account),
    ("单位账号", Label::Account),
    ("单位帐号", Label::Account),
    ("单位编号", Label::Account),
    ("单位代码", Label::Account),
    ("缴存单位名称", Label::Name),
    ("缴存单位", Label::Name),
    ("单位全称", Label::Name),
    ("单位名称", Label::Name),
    ("公司名称", Label::Name),
    ("填报单位", Label::Name),
    ("货币单位", Label::Other),
    ("金额单位", Label::Other),
    ("计量单位", Label::Other),
    ("统一社会信用代码", Label::Other),
    ("单位地址", Label::Other),
    ("单位联系人", Label::Other),
    ("填报日期", Label::Other),
    ("填表日期", Label::Other),
    ("制表日期", Label::Other),
    ("调整年月", Label::Other),
    ("缴存年月", Label::Other),
    ("所属年月", Label::Other),
    ("生效年月", Label::Other),
    ("联系人", Label::Other),
    ("联系电话", Label::Other),
    ("经办人", Label::Other),
    ("日期", Label::Other),
    ("单位：元", Label::Other),
    ("单位:元", Label::Other),
    ("单位：", Label::Name),
    ("单位:", Label::Name),
];

/// Reads the lines above the first header row (one-based). The value stands behind the label, in the next
/// cell to the right, or — where a row holds nothing but labels — in the cell below.
pub(crate) fn read(workbook: &Workbook, header_first: u32) -> UnitLine {
    let mut found = UnitLine::default();
    let above = workbook.rows.partition_point(|r| r.row < header_first);
    for row in &workbook.rows[..above] {
        for (index, cell) in row.cells.iter().enumerate() {
            for (label, value) in split(&cell.text) {
                let value = if value.is_empty() { neighbour(workbook, row, index) } else { Some(value) };
                let Some(value) = value else { continue };
                match label {
                    Label::Account if found.account.is_none() => found.account = Some(value),
                    Label::Name if found.name.is_none() => found.name = Some(value),
                    Label::Account | Label::Name | Label::Other => {}
                }
            }
        }
    }
    found
}

/// Each label of a text with what stands behind it.
fn split(text: &str) -> Vec<(Label, String)> {
    let mut marks: Vec<(usize, usize, Label)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let here = LABELS.iter().find(|(words, _)| rest.starts_with(words));
        // A label starts a text or follows a blank or a mark: 「本单位名称」 is prose.
        let starts = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        match here {
            Some((words, label)) if starts || !marks.is_empty() => {
                marks.push((at, at + words.len(), *label));
                at += words.len();
            }
            Some(_) | None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    let ends: Vec<usize> = marks.iter().skip(1).map(|m| m.0).chain([text.len()]).collect();
    marks
        .iter()
        .zip(ends)
        .map(|((_, start, label), end)| {
            let value = text[*start..end].trim_start_matches([':', '：']).trim();
            let value = value.split(['\t', '\n']).next().unwrap_or(value);
            let value = value.split("  ").next().unwrap_or(value).trim();
            (*label, bare(value))
        })
        .collect()
}

/// Without the marks around it: 演示公司（单位账号：801） holds two values and a pair of brackets.
fn bare(value: &str) -> String {
    let value = value.trim_matches([':', '：', '，', ',', '；', ';', ' ']).trim_end_matches(['（', '(', '【', '[']);
    let closed = value.strip_suffix(['）', ')', '】', ']']);
    match closed {
        Some(inner) if !inner.contains(['（', '(', '【', '[']) => inner.trim().to_owned(),
        Some(_) | None => value.trim().to_owned(),
    }
}

fn neighbour(workbook: &Workbook, row: &SheetRow, index: usize) -> Option<String> {
    let column = row.cells[index].column;
    if let Some(right) = row.cells.get(index + 1) {
        let text = right.text.trim();
        if split(text).is_empty() && !text.is_empty() {
            return Some(text.to_owned());
        }
    }
    let below = workbook.row(row.row + 1)?.text(column).trim().to_owned();
    (!below.is_empty() && split(&below).is_empty()).then_some(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_values_in_one_cell() {
        let values = |text: &str| -> Vec<(String, bool)> {
            split(text).into_iter().map(|(label, value)| (value, label == Label::Account)).collect()
        };
        assert_eq!(
            values("单位名称：演示公司　单位账号：801000000012"),
            [("演示公司".to_owned(), false), ("801000000012".to_owned(), true)],
            "a value ends where the next label begins"
        );
        assert_eq!(
            values("单位名称:演示（集团）公司（单位账号：801）"),
            [("演示（集团）公司".to_owned(), false), ("801".to_owned(), true)],
            "brackets around a label belong to neither value"
        );
        assert_eq!(values("单位：元"), [(String::new(), false)], "a currency is no name");
        assert_eq!(values("单位：演示公司"), [("演示公司".to_owned(), false)], "the short label");
        assert!(values("请填写本单位名称").is_empty(), "prose is no label");
    }
}
