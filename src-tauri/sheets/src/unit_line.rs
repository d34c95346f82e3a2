//! The lines above a header that say whose sheet it is: 单位名称：… 单位账号：…

use huijiao_domain::characters::{half_width, is_bidi_control, is_blank};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::roster::Unit;
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
    ("单位：", Label::Name),
    ("单位:", Label::Name),
];

/// No account and no credit code is as short.
const OWN_CODE: usize = 6;

/// What a seal's place is called: it stands in brackets behind a label or a name.
const SEALS: [&str; 5] = ["盖章", "公章", "签章", "印章", "用章"];

/// What is counted in behind 单位：, each alone or several with marks between them.
const MEASURES: &[&str] = &["", "元", "圆", "角", "分", "千元", "万元", "亿元", "人", "户", "%", "月"];

/// What the names of units have in them, and those of departments do not.
const UNITS: &[&str] = &[
    "公司",
    "集团",
    "厂",
    "局",
    "院",
    "校",
    "中心",
    "大学",
    "银行",
    "商行",
    "支行",
    "分行",
    "委员会",
    "协会",
    "学会",
    "商会",
    "基金会",
    "合作社",
    "报社",
    "旅行社",
    "出版社",
    "事务所",
    "研究所",
    "政府",
    "幼儿园",
    "店",
    "馆",
    "经营部",
    "门市部",
    "经销部",
    "批发部",
    "服务部",
    "营业部",
    "加工部",
    "修理部",
    "工作室",
];

/// The finding that a sheet is another unit's: a hard stop. The account counts where the sheet has one; else the name
/// does, but for what is written around it.
pub fn other_unit(line: &UnitLine, unit: &Unit) -> Option<Finding> {
    let account = line.account.as_deref().and_then(|said| Some((said, is_account(said, unit)?)));
    let named = || line.name.as_deref().is_some_and(|said| folded(said) == folded(&unit.name));
    let said = match account {
        Some((_, true)) => return None,
        // 单位编号：001 is what the unit is called in a program of its own.
        Some((said, false)) if said.chars().count() <= OWN_CODE && named() => return None,
        Some((said, false)) => said,
        None => line.name.as_deref().filter(|said| !is_name_of(said, &unit.name))?,
    };
    let mut finding = Finding::new(Code::UnitMismatch, Level::Error).arg("unit", said).arg("current", &unit.name);
    finding.value = said.to_owned();
    Some(finding)
}

/// Whether a text is the unit's account, but for zeros in front that a spreadsheet took away, or its credit code;
/// `None` where it is neither an account nor anything like one.
fn is_account(said: &str, unit: &Unit) -> Option<bool> {
    let bare = |text: &str| {
        let plain = text.chars().map(half_width).filter(char::is_ascii_alphanumeric);
        plain.collect::<String>().to_ascii_uppercase().trim_start_matches('0').to_owned()
    };
    let own = [bare(&unit.account), bare(&unit.credit_code)];
    // 801000000012 2026年7月: what stands behind a blank may be something else.
    let first = said.split(is_blank).find(|part| !part.is_empty()).unwrap_or_default();
    if [bare(said), bare(first)].iter().any(|said| !said.is_empty() && own.contains(said)) {
        return Some(true);
    }
    // 4.1E+10 has lost what it said.
    let figures = said.chars().map(half_width).filter(char::is_ascii_digit).count();
    let rounded = said.contains(['.', '+']);
    (figures > 0 && !rounded).then_some(false)
}

/// Whether a text may stand for the unit: its name with a period, a seal's place, a list's or a department's name
/// behind it; or a department's name alone, which says nothing of the unit.
fn is_name_of(said: &str, name: &str) -> bool {
    let (said, name) = (folded(&without_seals(said)), folded(name));
    if said.is_empty() || is_department(&said) || is_period(&said) {
        return true;
    }
    let Some(behind) = said.strip_prefix(name.as_str()) else { return false };
    let behind = behind.trim_matches(['(', ')', '[', ']', '-', '_', ',', ':', ';', '、', '。', '—', '《', '》']);
    is_period(behind) || is_department(behind) || is_list(behind)
}

/// A text in half-width forms without blanks: two of a unit's name that look the same are the same.
fn folded(text: &str) -> String {
    let seen = |c: &char| !is_blank(*c) && !is_bidi_control(*c);
    let brackets = |c| match c {
        '【' | '〔' | '[' => '(',
        '】' | '〕' | ']' => ')',
        other => half_width(other),
    };
    text.chars().filter(seen).map(brackets).collect::<String>().to_uppercase()
}

/// 2026年7月, 2026年度, 第三季度, 202607
fn is_period(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || "年月度日号季份第一二三四上下半至-./~()".contains(c))
}

/// 2026年度住房公积金缴存基数调整清册, 在职人员; the name of a part of the unit that files for itself is none.
fn is_list(text: &str) -> bool {
    let part = ["公司", "集团", "厂", "局", "院", "校", "店", "分行", "支行"];
    ["表", "册", "清单", "名单", "人员", "职工"].iter().any(|end| text.ends_with(end))
        && !part.iter().any(|word| text.contains(word))
}

/// 人力资源部, 财务处: who filled the sheet in.
fn is_department(text: &str) -> bool {
    const LONGEST: usize = 8;
    const PLACES: [char; 8] = ['省', '市', '县', '州', '镇', '乡', '村', '旗'];
    text.ends_with(['部', '处', '科', '室', '组'])
        && (2..=LONGEST).contains(&text.chars().count())
        && !text.replace("市场", "").contains(PLACES)
        && !UNITS.iter().any(|word| text.contains(word))
}

/// 人民币元, 万元, 元、人, 元（人民币）, RMB
fn is_measure(text: &str) -> bool {
    let said = folded(text);
    let counted =
        ["人民币", "RMB", "CNY", "¥", "￥"].into_iter().fold(said.clone(), |text, sign| text.replace(sign, ""));
    !said.is_empty()
        && counted
            .split(['、', ',', '/', '和', '及', ';', ':', '。', '.', '(', ')'])
            .all(|part| MEASURES.contains(&part))
}

/// Without the brackets that hold a seal's place: 单位名称（盖章）：…
fn without_seals(text: &str) -> String {
    let mut rest = text.to_owned();
    let mut from = 0;
    while let Some(open) = rest[from..].find(['（', '(', '【', '[']).map(|at| at + from) {
        let Some(close) = rest[open..].find(['）', ')', '】', ']']).map(|at| at + open) else { break };
        let end = close + rest[close..].chars().next().map_or(1, char::len_utf8);
        let inside = &rest[open..close];
        if SEALS.iter().any(|seal| inside.contains(seal)) {
            rest.replace_range(open..end, "");
            from = open;
        } else {
            from = end;
        }
    }
    rest
}

/// Reads the lines above the first header row (one-based). The value stands behind the label, in the next
/// cell to the right, or — where a row holds nothing but labels — in the cell below.
pub(crate) fn read(workbook: &Workbook, header_first: u32) -> UnitLine {
    let mut found = UnitLine::default();
    let above = workbook.rows.partition_point(|r| r.row < header_first);
    for row in &workbook.rows[..above] {
        for (index, cell) in row.cells.iter().enumerate() {
            for (label, value) in split(cell.text) {
                let value = if value.is_empty() { neighbour(workbook, row, index) } else { Some(value) };
                let Some(value) = value.filter(|value| label == Label::Account || !is_measure(value)) else { continue };
                // Whose sheet it is stands below the department that filled it in as well.
                let nameless = found.name.as_deref().is_none_or(|name| is_department(&folded(name)));
                match label {
                    Label::Account if found.account.is_none() => found.account = Some(value),
                    Label::Name if nameless => found.name = Some(value),
                    Label::Account | Label::Name | Label::Other => {}
                }
            }
        }
    }
    found
}

/// Each label of a text with what stands behind it.
fn split(text: &str) -> Vec<(Label, String)> {
    let text = without_seals(text);
    let text = text.as_str();
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
            match (*label, bare(value)) {
                // 单位：元 says in what the amounts are.
                (Label::Name, value) if is_measure(&value) => (Label::Other, String::new()),
                (label, value) => (label, value),
            }
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
    let column = row.cells.get(index)?.column;
    // 所属月份：2026年7月 beside an empty 单位名称 is no unit.
    let is_value = |text: &str| !text.is_empty() && !text.contains(['：', ':']) && split(text).is_empty();
    if let Some(right) = row.cells.get(index + 1) {
        let text = right.text.trim();
        if is_value(text) {
            return Some(text.to_owned());
        }
    }
    let below = workbook.row(row.row + 1)?.text(column).trim().to_owned();
    is_value(&below).then_some(below)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use huijiao_domain::money::Yuan;
    use huijiao_domain::roster::UnitStatus;

    use super::*;

    fn unit() -> Unit {
        Unit {
            account: "041000000001".to_owned(),
            credit_code: "91350100M000100Y43".to_owned(),
            name: "演示市晨光机电有限公司".to_owned(),
            status: UnitStatus::Normal,
            unit_ratio: "0.08".parse().unwrap(),
            personal_ratio: "0.08".parse().unwrap(),
            contributors: 0,
            sealed: 0,
            paid_through: "2026-06".parse().unwrap(),
            first_unverified: "2026-07".parse().unwrap(),
            suspense_balance: Yuan::ZERO,
            district: None,
            deferral: None,
            single_operator: false,
            details: std::collections::BTreeMap::default(),
        }
    }

    /// What a line of text above a header says, judged.
    fn said(text: &str) -> Option<String> {
        let mut line = UnitLine::default();
        for (label, value) in split(text) {
            match label {
                Label::Account => line.account = Some(value),
                Label::Name => line.name = Some(value),
                Label::Other => {}
            }
        }
        other_unit(&line, &unit()).map(|finding| finding.args["unit"].clone())
    }

    #[test]
    fn ordinary_headings_of_the_own_unit_are_no_other_unit() {
        for text in [
            "单位名称：演示市晨光机电有限公司",
            "单位名称（盖章）：演示市晨光机电有限公司",
            "单位（公章）：演示市晨光机电有限公司",
            "单位名称：演示市晨光机电有限公司（公章）",
            "单位名称：演示市晨光机电有限公司(盖章)",
            "单位：人民币元",
            "单位： 元",
            "单位：万元",
            "单位：元（人民币）",
            "单位：人民币（元）",
            "单位：RMB",
            "（单位：元、人）",
            "单位名称：2026年7月",
            "单位编号：001　单位名称：演示市晨光机电有限公司",
            "填报单位：人力资源部",
            "填报单位：行政办公室",
            "填报单位：市场部",
            "单位名称：演示市晨光机电有限公司 2026年7月",
            "单位名称：演示市晨光机电有限公司（2026年度）",
            "单位名称：演示市晨光机电有限公司基数调整清册",
            "单位名称：演示市晨光机电有限公司财务部",
            "单位名称：演示市晨光 机电有限公司",
            "单位账号：41000000001",
            "单位账号：０４１００００００００１",
            "单位账号：041 000 000 001",
            "单位账号：041000000001 2026年7月",
            "单位代码：91350100M000100Y43",
            "单位名称：晨光机电　单位账号：041000000001",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn another_unit_is_told_by_its_account_or_its_name() {
        for (text, told) in [
            ("单位名称：演示市晚霞机电有限公司", "演示市晚霞机电有限公司"),
            ("单位名称：演示市晨光机电有限公司第二分公司", "演示市晨光机电有限公司第二分公司"),
            ("单位名称：演示市晨光机电有限公司（南厂）", "演示市晨光机电有限公司（南厂）"),
            ("单位名称：演示区晨光五金经营部", "演示区晨光五金经营部"),
            ("单位：元亨公司", "元亨公司"),
            ("单位账号：041000000002", "041000000002"),
            ("单位账号：410000000010", "410000000010"),
            ("单位编号：001", "001"),
            ("单位编号：001　单位名称：演示市晚霞机电有限公司", "001"),
            ("单位名称：演示市晨光机电有限公司　单位账号：041000000002", "041000000002"),
        ] {
            assert_eq!(said(text).as_deref(), Some(told), "{text}");
        }
        let line = UnitLine { account: None, name: Some("别的公司".to_owned()) };
        let finding = other_unit(&line, &unit()).unwrap();
        assert_eq!((finding.level, &*finding.value), (Level::Error, "别的公司"), "a hard stop");
        let message = finding.message();
        assert!(message.contains("别的公司") && !message.contains("晨光"), "the sheet's unit is named: {message}");
    }

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
