//! The one table of words: what a code is called, what happened, and what to do about it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::field::Field;
use crate::filing::FilingKind;
use crate::finding::Finding;
use crate::mask;

/// The words of one code; `{name}` stands for an argument.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// A few words for lists.
    pub title: String,
    /// What happened, one sentence.
    pub happened: String,
    /// What to do, one sentence.
    pub remedy: String,
}

static TABLE: LazyLock<BTreeMap<String, Text>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../texts.json")).unwrap_or_default());

/// The words of a code (of a finding, an error or a problem).
pub fn lookup(code: &str) -> Option<&'static Text> {
    TABLE.get(code)
}

/// A code as the table has it, where it has words.
pub fn key(code: &str) -> Option<&'static str> {
    TABLE.get_key_value(code).map(|(key, _)| key.as_str())
}

/// Every code that has words.
pub fn codes() -> impl Iterator<Item = &'static str> {
    TABLE.keys().map(String::as_str)
}

/// The title of a code; the code itself where the table does not know it.
pub fn title(code: &str) -> &str {
    lookup(code).map_or(code, |text| text.title.as_str())
}

/// A template with its `{name}`s replaced; a name without an argument becomes `…`.
pub fn fill(template: &str, args: &BTreeMap<String, String>) -> String {
    fill_with(template, |name| args.get(name).cloned())
}

/// What a finding says: what happened and what to do, its figures filled in. ID numbers are masked.
pub fn message(finding: &Finding) -> String {
    said(finding, Field::label)
}

/// As [`message`], with the names that fields have in this kind of filing: those of its columns.
pub fn message_in(finding: &Finding, kind: FilingKind) -> String {
    said(finding, |field| kind.title(field))
}

fn said(finding: &Finding, called: impl Fn(Field) -> &'static str) -> String {
    let code = finding.code.as_str();
    let Some(text) = lookup(code) else { return code.into() };
    let masked = finding.shows_id_number();
    let shown = |raw: &str| if masked { mask::id_number(raw.trim()) } else { raw.trim().to_owned() };
    let value = |name: &str| match name {
        "value" if finding.value.trim().is_empty() => Some("空".into()),
        "value" => Some(shown(&finding.value)),
        "fix" => finding.fix.as_deref().map(shown),
        "field" => finding.field.map(|field| called(field).to_owned()),
        other => finding.args.get(other).cloned(),
    };
    let mut said = fill_with(&text.happened, value);
    said.push_str(&fill_with(&text.remedy, value));
    said
}

fn fill_with(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match value(name) {
            Some(text) => filled.push_str(&text),
            None => filled.push('…'),
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::finding::{Code, Level};

    #[test]
    fn a_message_calls_a_column_as_its_filing_does() {
        let missing = Finding::new(Code::AmountMissing, Level::Error).about(Field::UnitAmount, "");
        assert!(message(&missing).starts_with("没有单位月缴存额。"), "by itself: {}", message(&missing));
        let said = message_in(&missing, FilingKind::BackPayment);
        assert!(said.starts_with("没有单位补缴金额。"), "as the title of the column: {said}");
        let wrong = Finding::new(Code::MonthUnreadable, Level::Error).about(Field::Month, "7月");
        let said = message_in(&wrong, FilingKind::Correction);
        assert!(said.starts_with("更正年月「7月」"), "there too: {said}");
    }

    #[test]
    fn the_table_can_be_read() {
        let table: BTreeMap<String, Text> = serde_json::from_str(include_str!("../texts.json")).unwrap();
        for (code, text) in table {
            for part in [&text.title, &text.happened, &text.remedy] {
                assert!(!part.trim().is_empty(), "{code} lacks a part");
            }
        }
    }

    #[test]
    fn every_finding_has_three_parts_of_plain_chinese() {
        for code in Code::ALL {
            let text = lookup(code.as_str()).unwrap_or_else(|| panic!("{} has no words", code.as_str()));
            for part in [&text.title, &text.happened, &text.remedy] {
                assert!(!part.trim().is_empty(), "{} lacks a part", code.as_str());
                let outside = fill(part, &BTreeMap::new());
                assert!(
                    !outside.chars().any(|c| c.is_ascii_alphabetic() && c != 'X'),
                    "{}: a clerk reads Chinese: {part}",
                    code.as_str()
                );
            }
            assert!(!text.title.contains('{'), "{}: titles stand in lists, without figures", code.as_str());
            assert!(text.title.chars().count() <= 20, "{}: a title is short", code.as_str());
        }
    }

    #[test]
    fn a_message_is_filled_and_masks_id_numbers() {
        let finding = Finding::new(Code::BaseAboveCeiling, Level::Fix)
            .about(Field::NewBase, "30000")
            .arg("ceiling", "27000.00")
            .propose("27000.00");
        let said = message(&finding);
        assert!(said.contains("30000") && said.contains("27000.00"), "figures belong into the words: {said}");
        assert!(!said.contains('{') && !said.contains('…'), "nothing may stay unfilled: {said}");
        let id = Finding::new(Code::IdChecksum, Level::Error).about(Field::IdNumber, "110105194912310021");
        assert!(!message(&id).contains("19491231"), "a birth date has no place in a message: {}", message(&id));
    }

    #[test]
    fn fill_leaves_no_braces_of_its_own() {
        let args = BTreeMap::from([("a".to_owned(), "{b}".to_owned())]);
        assert_eq!(fill("{a}-{c}", &args), "{b}-…", "arguments are not templates, missing ones show a gap");
        assert_eq!(fill("open { end", &args), "open { end", "a lone brace is text");
    }
}
