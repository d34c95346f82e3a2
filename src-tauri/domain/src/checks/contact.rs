//! Mobile numbers and bank cards.

use super::about;
use super::identity::mended;
use crate::characters::says_nothing;
use crate::finding::{Code, Finding, Level};
use crate::sheet::{CellKind, Field};

/// What a cell with a number to call or to pay to gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Digits {
    /// The digits meant, for duplicates; absent where there are none or they were destroyed.
    pub(crate) meant: Option<String>,
    /// They may be filed as they stand (none too).
    pub(crate) sound: bool,
}

/// Judges a mobile number; an empty cell is the caller's to judge.
pub(crate) fn mobile(text: &str, kind: CellKind, out: &mut Vec<Finding>) -> Digits {
    if says_nothing(text) {
        return Digits { meant: None, sound: true };
    }
    let plain = bare(text);
    let plain = plain.strip_prefix("+86").or_else(|| plain.strip_prefix("0086")).unwrap_or(&plain);
    if !is_value(kind) || !is_mobile(plain) {
        out.push(about(Field::Mobile, Code::MobileInvalid, Level::Error));
        return Digits::default();
    }
    if plain != text {
        out.push(about(Field::Mobile, Code::MobileForm, Level::Fix).propose(plain));
    }
    Digits { meant: Some(plain.to_owned()), sound: plain == text }
}

/// Judges a bank card or passbook number (GRCKZHHM); an empty cell is sound.
pub(crate) fn bank_card(text: &str, kind: CellKind, out: &mut Vec<Finding>) -> Digits {
    if says_nothing(text) {
        return Digits { meant: None, sound: true };
    }
    let plain = bare(text);
    // A double keeps fifteen digits; what stands behind them is made of zeros.
    if kind == CellKind::Number && (plain.len() > 15 || plain.contains(['E', 'e'])) {
        out.push(about(Field::BankCard, Code::CardNumeric, Level::Error));
        return Digits::default();
    }
    if !is_value(kind) || !(8..=30).contains(&plain.len()) || !plain.bytes().all(|b| b.is_ascii_digit()) {
        out.push(about(Field::BankCard, Code::CardInvalid, Level::Error));
        return Digits::default();
    }
    if plain != text {
        out.push(about(Field::BankCard, Code::CardForm, Level::Fix).propose(&plain));
    }
    if !luhn(&plain) {
        out.push(about(Field::BankCard, Code::CardChecksum, Level::Warning));
    }
    Digits { sound: plain == text, meant: Some(plain) }
}

fn is_value(kind: CellKind) -> bool {
    match kind {
        CellKind::Text | CellKind::Edited | CellKind::Number => true,
        CellKind::Date | CellKind::Bool | CellKind::Error => false,
    }
}

fn bare(text: &str) -> String {
    mended(text).chars().filter(|c| !matches!(c, '-' | '－' | '—')).collect()
}

/// 1, then 3 to 9, then nine digits.
fn is_mobile(text: &str) -> bool {
    text.len() == 11
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.starts_with('1')
        && matches!(text.as_bytes()[1], b'3'..=b'9')
}

/// The check digit of payment cards (ISO/IEC 7812-1).
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|b| u32::from(b - b'0'))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, 5..) => digit * 2 - 9,
            (_, _) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Judged = Vec<(Code, Level, Option<String>)>;

    fn judged(rule: fn(&str, CellKind, &mut Vec<Finding>) -> Digits, text: &str, kind: CellKind) -> (bool, Judged) {
        let mut out = Vec::new();
        let digits = rule(text, kind, &mut out);
        (digits.sound, out.into_iter().map(|f| (f.code, f.level, f.fix)).collect())
    }

    #[test]
    fn mobile_numbers() {
        let sound = (true, Vec::new());
        assert_eq!(judged(mobile, "13812345678", CellKind::Text), sound, "as it must be");
        assert_eq!(judged(mobile, "13812345678", CellKind::Number), sound, "eleven digits fit into a number");
        assert_eq!(judged(mobile, "", CellKind::Text), sound, "whether one is needed is not said here");
        let fix = (false, vec![(Code::MobileForm, Level::Fix, Some("13812345678".to_owned()))]);
        for text in ["138 1234 5678", "138-1234-5678", "+8613812345678", "１３８１２３４５６７８", "13812345678\u{a0}"]
        {
            assert_eq!(judged(mobile, text, CellKind::Text), fix, "{text:?} is proposed, not taken");
        }
        let wrong = (false, vec![(Code::MobileInvalid, Level::Error, None)]);
        for text in ["12812345678", "1381234567", "138123456789", "0391-1234567", "无"] {
            assert_eq!(judged(mobile, text, CellKind::Text), wrong, "{text:?}");
        }
        assert_eq!(judged(mobile, "#N/A", CellKind::Error), wrong, "a formula error is no number");
    }

    #[test]
    fn bank_cards() {
        assert!(judged(bank_card, "6222021234567890128", CellKind::Text).0, "nineteen digits");
        assert_eq!(judged(bank_card, "4111111111111111", CellKind::Text), (true, Vec::new()), "Luhn holds");
        let luhn = (true, vec![(Code::CardChecksum, Level::Warning, None)]);
        assert_eq!(judged(bank_card, "4111111111111112", CellKind::Text), luhn, "a warning only: passbooks have none");
        let fix = (false, vec![(Code::CardForm, Level::Fix, Some("4111111111111111".to_owned()))]);
        assert_eq!(judged(bank_card, "4111 1111 1111 1111", CellKind::Text), fix, "blanks are mended by proposal");
        let lost = (false, vec![(Code::CardNumeric, Level::Error, None)]);
        assert_eq!(judged(bank_card, "6222021234567890000", CellKind::Number), lost, "digits are lost, never repaired");
        let wrong = (false, vec![(Code::CardInvalid, Level::Error, None)]);
        for text in ["1234567", "62220212345678901281234567890123", "工商银行", "6222x21234567890128"] {
            assert_eq!(judged(bank_card, text, CellKind::Text), wrong, "{text}");
        }
    }
}
