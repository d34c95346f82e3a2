//! Mobile numbers, fixed telephones, e-mail addresses and bank cards.

use super::about;
use crate::characters::{mended, says_nothing};
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

/// Judges a fixed telephone: area code, number, extension (`0391-1234567-801`), or a number of 400 or 800.
pub(crate) fn fixed_phone(text: &str, kind: CellKind, field: Field, out: &mut Vec<Finding>) -> Digits {
    let plain = mended(text);
    let plain = plain.strip_prefix("+86").or_else(|| plain.strip_prefix("0086")).unwrap_or(&plain);
    let separated = plain.replace("转", "-").replace(['(', ')', '－', '—', '–'], "-");
    let parts: Vec<&str> = separated.split('-').filter(|part| !part.is_empty()).collect();
    let digits = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let meant = if digits && is_value(kind) { phone_of(&parts) } else { None };
    let Some(meant) = meant else {
        out.push(about(field, Code::PhoneInvalid, Level::Error));
        return Digits::default();
    };
    if meant != text {
        out.push(about(field, Code::PhoneForm, Level::Fix).propose(&meant));
    }
    Digits { sound: meant == text, meant: Some(meant) }
}

/// The number as it is written: its parts joined by dashes, the area code apart.
fn phone_of(parts: &[&str]) -> Option<String> {
    let (first, rest) = parts.split_first()?;
    if first.starts_with("400") || first.starts_with("800") {
        let whole = parts.concat();
        return (whole.len() == 10).then(|| format!("{}-{}-{}", &whole[..3], &whole[3..6], &whole[6..]));
    }
    let local = |number: &str| (7..=8).contains(&number.len()) && !number.starts_with('0');
    // 010 and 02x have three digits, all other area codes four.
    let area = if first.starts_with("01") || first.starts_with("02") { 3 } else { 4 };
    let (code, number, rest) = match (first.strip_prefix('0'), rest) {
        (None, rest) => (None, *first, rest),
        (Some(_), [number, rest @ ..]) if first.len() == area => (Some(*first), *number, rest),
        (Some(_), rest) => (Some(first.get(..area)?), first.get(area..)?, rest),
    };
    let extension = match rest {
        [] => None,
        [extension] if extension.len() <= 6 => Some(*extension),
        [..] => return None,
    };
    let written: Vec<&str> = code.into_iter().chain([number]).chain(extension).collect();
    local(number).then(|| written.join("-"))
}

/// Judges an e-mail address.
pub(crate) fn email(text: &str, kind: CellKind, field: Field, out: &mut Vec<Finding>) -> Digits {
    let plain = mended(text);
    if !is_value(kind) || !is_email(&plain) {
        out.push(about(field, Code::EmailInvalid, Level::Error));
        return Digits::default();
    }
    if plain != text {
        out.push(about(field, Code::EmailForm, Level::Fix).propose(&*plain));
    }
    Digits { sound: plain == text, meant: Some(plain.into_owned()) }
}

/// The shape that mail reaches: a local part of the usual characters, and a host of two labels or more.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let usual = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b);
    let dotted = |part: &str| part.split('.').all(|label| !label.is_empty() && label.bytes().all(usual));
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = host.rsplit('.').next().is_some_and(|top| top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 254 && local.len() <= 64 && dotted(local) && host.contains('.') && host.split('.').all(label) && top
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

    fn judged(
        rule: impl Fn(&str, CellKind, &mut Vec<Finding>) -> Digits,
        text: &str,
        kind: CellKind,
    ) -> (bool, Judged) {
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
    fn fixed_telephones() {
        let phone = |text: &str, kind, out: &mut Vec<Finding>| fixed_phone(text, kind, Field::NewValue, out);
        for text in ["0391-1234567", "010-12345678", "0391-1234567-801", "1234567", "400-123-4567"] {
            assert_eq!(judged(phone, text, CellKind::Text), (true, Vec::new()), "{text} as it must be");
        }
        for (text, meant) in [
            ("03911234567", "0391-1234567"),
            ("01012345678", "010-12345678"),
            ("(0391)1234567", "0391-1234567"),
            ("（０３９１）１２３４５６７", "0391-1234567"),
            ("0391 1234567转801", "0391-1234567-801"),
            ("+86-0391-1234567", "0391-1234567"),
            ("4001234567", "400-123-4567"),
        ] {
            let fix = (false, vec![(Code::PhoneForm, Level::Fix, Some(meant.to_owned()))]);
            assert_eq!(judged(phone, text, CellKind::Text), fix, "{text:?} is proposed, not taken");
        }
        for text in ["13812345678", "0391-123456", "0391-0123456", "0391-1234567-1234567", "人事部", "0391", "-"] {
            let wrong = (false, vec![(Code::PhoneInvalid, Level::Error, None)]);
            assert_eq!(judged(phone, text, CellKind::Text), wrong, "{text:?}");
        }
    }

    #[test]
    fn email_addresses() {
        let mail = |text: &str, kind, out: &mut Vec<Finding>| email(text, kind, Field::NewValue, out);
        for text in ["hr@example.com", "hr.zhang+gjj@mail.example.com.cn"] {
            assert_eq!(judged(mail, text, CellKind::Text), (true, Vec::new()), "{text}");
        }
        let fix = (false, vec![(Code::EmailForm, Level::Fix, Some("hr@example.com".to_owned()))]);
        for text in ["hr＠example.com", " hr@example.com", "hr@ example.com"] {
            assert_eq!(judged(mail, text, CellKind::Text), fix, "{text:?}");
        }
        for text in ["hr", "hr@example", "@example.com", "hr@.com", "a..b@example.com", "张@example.com", "a@b@c.com"]
        {
            let wrong = (false, vec![(Code::EmailInvalid, Level::Error, None)]);
            assert_eq!(judged(mail, text, CellKind::Text), wrong, "{text:?}");
        }
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
