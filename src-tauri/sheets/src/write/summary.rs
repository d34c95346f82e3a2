//! The summary sheet, the first of the workbook: how much there is of what, and every mark in a list.

use huijiao_domain::sheet::column_letter;

use super::package::escape;
use super::spots::{Spots, level_name};

/// Says whose it is: a clerk's own sheet 汇总 may well be her list.
pub(super) const NAME: &str = "汇总（汇缴通）";
/// Lines of the list; who has more sees the colours.
const MOST_LINES: usize = 50_000;

/// Whether a sheet is one of ours by its name, which every spreadsheet program keeps.
pub(crate) fn is_summary(name: &str) -> bool {
    name.strip_prefix(NAME).is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
}

/// A name for the summary that no sheet has.
pub(super) fn free_name<'n>(taken: impl Iterator<Item = &'n str> + Clone) -> String {
    let mut names = std::iter::once(NAME.to_owned()).chain((2_u32..).map(|n| format!("{NAME}({n})")));
    names.find(|name| !taken.clone().any(|sheet| sheet == name)).unwrap_or_else(|| NAME.to_owned())
}

/// One line: three texts, and the colour of the second.
pub(super) struct Line {
    pub(super) cells: [String; 3],
    pub(super) level: Option<huijiao_domain::finding::Level>,
}

pub(super) fn lines(spots: &Spots, summary: &[(String, u64)]) -> Vec<Line> {
    let plain = |a: &str, b: &str, c: &str| Line { cells: [a.into(), b.into(), c.into()], level: None };
    let marked: usize = spots.values().map(std::collections::BTreeMap::len).sum();
    let mut lines = vec![plain("问题", "数量", "")];
    lines.extend(summary.iter().map(|(title, count)| plain(title, &count.to_string(), "")));
    lines.push(plain("", "", ""));
    lines.push(plain("单元格", "程度", "说明"));
    for (row, cells) in spots {
        for (column, spot) in cells {
            if lines.len() >= MOST_LINES {
                lines.push(plain("", "", &format!("共标出 {marked} 个单元格，其余见表中颜色")));
                return lines;
            }
            lines.push(Line {
                cells: [format!("{}{row}", column_letter(*column)), level_name(spot.level).into(), spot.text.clone()],
                level: Some(spot.level),
            });
        }
    }
    lines
}

/// The sheet's XML; `style` gives the style of a level.
pub(super) fn xml(lines: &[Line], mut style: impl FnMut(huijiao_domain::finding::Level) -> usize) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols><col min="1" max="1" width="28" customWidth="1"/><col min="2" max="2" width="10" customWidth="1"/><col min="3" max="3" width="90" customWidth="1"/></cols><sheetData>"#,
    );
    for (index, line) in lines.iter().enumerate() {
        let row = index + 1;
        xml.push_str(&format!(r#"<row r="{row}">"#));
        for (letter, text) in ['A', 'B', 'C'].iter().zip(&line.cells).filter(|(_, text)| !text.is_empty()) {
            let style = match line.level {
                Some(level) if *letter == 'B' => format!(r#" s="{}""#, style(level)),
                Some(_) | None => String::new(),
            };
            xml.push_str(&format!(
                r#"<c r="{letter}{row}"{style} t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
                escape(text)
            ));
        }
        xml.push_str("</row>");
    }
    xml.push_str("</sheetData></worksheet>");
    xml
}
