//! Plain words in sheets: a bank, a department.

use std::borrow::Cow;

use super::about;
use crate::characters::{is_bidi_control, is_invisible};
use crate::finding::{Code, Finding, Level};
use crate::name::is_unreadable;
use crate::sheet::{CellKind, Field};

/// Longer is no name of a bank or a department.
const MOST: usize = 60;

/// Judges words and gives those meant; an empty cell is the caller's to judge.
pub(crate) fn words<'a>(text: &'a str, kind: CellKind, field: Field, out: &mut Vec<Finding>) -> Cow<'a, str> {
    if kind == CellKind::Error {
        out.push(about(field, Code::TextUnreadable, Level::Error).arg("code_point", text));
    }
    if let Some(c) = text.chars().find(|c| is_unreadable(*c)) {
        let point = format!("U+{:04X}", u32::from(c));
        out.push(about(field, Code::TextUnreadable, Level::Error).arg("code_point", point));
    }
    let seen: String = text.chars().filter(|c| !is_invisible(*c) && !is_bidi_control(*c)).collect();
    let meant = if seen.trim() == text { Cow::Borrowed(text) } else { Cow::Owned(seen.trim().to_owned()) };
    if meant != text {
        out.push(about(field, Code::TextForm, Level::Fix).propose(&*meant));
    }
    if meant.chars().count() > MOST {
        out.push(about(field, Code::TextLength, Level::Error).arg("most", MOST));
    }
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_as_they_stand_or_not_at_all() {
        let said = |text: &str, kind| {
            let mut out = Vec::new();
            words(text, kind, Field::BankName, &mut out);
            assert!(out.iter().all(Finding::blocks), "{text:?}: what is told here blocks");
            out.into_iter().map(|f| (f.code, f.level, f.fix)).collect::<Vec<_>>()
        };
        assert_eq!(said("中国工商银行 演示支行", CellKind::Text), [], "a blank inside is a blank");
        let fix = [(Code::TextForm, Level::Fix, Some("人事部".to_owned()))];
        for text in [" 人事部", "人事部\u{200b}", "\u{202e}人事部", "人事部\r\n"] {
            assert_eq!(said(text, CellKind::Text), fix, "{text:?}");
        }
        assert_eq!(said("工商□行", CellKind::Text), [(Code::TextUnreadable, Level::Error, None)], "a lost character");
        assert_eq!(said("#N/A", CellKind::Error), [(Code::TextUnreadable, Level::Error, None)], "a formula error");
        assert_eq!(said(&"部".repeat(60), CellKind::Text), [], "sixty characters");
        assert_eq!(said(&"部".repeat(61), CellKind::Text), [(Code::TextLength, Level::Error, None)], "sixty-one");
    }
}
