//! Amounts and ratios as sheets write them. What cannot be read is never zero.

use rust_decimal::Decimal;

use crate::characters;
use crate::money::{NotYuan, Ratio, Yuan};
use crate::sheet::CellKind;

/// What a cell of an amount column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountText {
    /// Nothing.
    Missing,
    /// Plain digits, up to two decimals.
    Plain(Yuan),
    /// Readable once separators, currency signs, blanks or full-width forms are taken off.
    Mended(Yuan),
    /// More than two decimals; rounded half up to fen, for a proposal.
    Decimals(Yuan),
    /// Counted in 万, in yuan.
    Myriad(Yuan),
    /// In brackets, as accountants write what is below zero.
    Bracketed(Yuan),
    /// Too large to be an amount.
    TooLarge,
    /// A formula error.
    FormulaError,
    /// A date.
    Date,
    /// Anything else: exponents, words.
    Unreadable,
}

impl AmountText {
    /// Reads a cell.
    pub fn read(text: &str, kind: CellKind) -> Self {
        match kind {
            CellKind::Error => return Self::FormulaError,
            CellKind::Date => return Self::Date,
            CellKind::Bool => return Self::Unreadable,
            CellKind::Number | CellKind::Text | CellKind::Edited => {}
        }
        if let Ok(amount) = text.parse() {
            return Self::Plain(amount);
        }
        if characters::says_nothing(text) {
            return Self::Missing;
        }
        if kind == CellKind::Number && text.contains(['E', 'e']) {
            return match Decimal::from_scientific(text) {
                Ok(value) if value.abs() < Decimal::ONE => Self::Decimals(half_up(value)),
                Ok(_) | Err(_) => Self::TooLarge,
            };
        }
        if text.starts_with('#') {
            return Self::FormulaError;
        }
        // 5000 above 6000 in one cell is not 50006000.
        if several_lines(text) {
            return Self::Unreadable;
        }
        let bare = strip(text);
        if let Some(myriads) = bare.strip_suffix('万') {
            return match without_separators(myriads).and_then(|digits| in_yuan(&digits)) {
                Some(amount) => Self::Myriad(amount),
                None => Self::Unreadable,
            };
        }
        if let Some(inside) = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            let digits = without_separators(inside).filter(|digits| !digits.starts_with('-'));
            return match digits.and_then(|digits| digits.parse().ok()) {
                Some(amount) => Self::Bracketed(amount),
                None => Self::Unreadable,
            };
        }
        let Some(digits) = without_separators(&bare) else { return Self::Unreadable };
        match digits.parse::<Yuan>() {
            Ok(amount) => Self::Mended(amount),
            Err(NotYuan::TooLarge(_)) => Self::TooLarge,
            Err(NotYuan::Decimals(_)) => match digits.parse() {
                Ok(value) => Self::Decimals(half_up(value)),
                Err(_) => Self::Unreadable,
            },
            Err(NotYuan::Unreadable(_)) => Self::Unreadable,
        }
    }

    /// The amount meant, where one can be told.
    pub fn meant(&self) -> Option<Yuan> {
        match self {
            Self::Plain(amount) | Self::Mended(amount) | Self::Decimals(amount) | Self::Myriad(amount) => Some(*amount),
            Self::Missing
            | Self::Bracketed(_)
            | Self::TooLarge
            | Self::FormulaError
            | Self::Date
            | Self::Unreadable => None,
        }
    }
}

fn half_up(value: Decimal) -> Yuan {
    Yuan::rounded(value, crate::money::Rounding::HalfUpFen)
}

/// Whether figures stand in more than one line.
fn several_lines(text: &str) -> bool {
    text.split(['\n', '\r']).filter(|line| line.contains(char::is_numeric)).count() > 1
}

/// So many 万 as yuan, where these are whole fen.
fn in_yuan(digits: &str) -> Option<Yuan> {
    let plain =
        digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.starts_with(|c: char| c.is_ascii_digit());
    let value: Decimal = plain.then(|| digits.parse().ok()).flatten()?;
    value.checked_mul(Decimal::from(10_000))?.normalize().to_string().parse().ok()
}

/// Half-width, without blanks, one sign or name of the currency in front and one behind.
fn strip(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '，' => ',',
            '\u{2212}' => '-',
            '￥' => '¥',
            other => characters::half_width(other),
        })
        .filter(|c| !characters::is_blank(*c) && !characters::is_bidi_control(*c))
        .collect();
    let plain = plain.trim_start_matches(['\'', '\u{2019}', '\u{2018}']);
    let front = ["¥", "RMB", "CNY", "人民币"].into_iter().find_map(|sign| plain.strip_prefix(sign)).unwrap_or(plain);
    let mut behind = ["元整", "圆整", "元", "圆", "¥"].into_iter();
    behind.find_map(|sign| front.strip_suffix(sign)).unwrap_or(front).to_owned()
}

/// Digits without thousands separators, where these stand as they must.
fn without_separators(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.into());
    }
    let (whole, cents) = text.split_once('.').map_or((text, None), |(whole, cents)| (whole, Some(cents)));
    let mut groups = whole.strip_prefix('-').unwrap_or(whole).split(',');
    let first = groups.next()?;
    let sound = (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3)
        && cents.is_none_or(|cents| !cents.contains(','));
    sound.then(|| text.replace(',', ""))
}

/// A ratio as sheets write it: `8`, `8%`, `0.08`, `８％`. Above 1 it is percent, otherwise a fraction.
pub fn ratio(text: &str, kind: CellKind) -> Option<Ratio> {
    match kind {
        CellKind::Error | CellKind::Date | CellKind::Bool => return None,
        CellKind::Number | CellKind::Text | CellKind::Edited => {}
    }
    if several_lines(text) {
        return None;
    }
    let plain: String = text.chars().map(characters::half_width).filter(|c| !characters::is_blank(*c)).collect();
    let (digits, percent) = plain.strip_suffix('%').map_or((plain.as_str(), false), |digits| (digits, true));
    if !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let value: Decimal = digits.parse().ok()?;
    let fraction = if percent || value > Decimal::ONE { value.checked_div(Decimal::ONE_HUNDRED)? } else { value };
    fraction.normalize().to_string().parse().ok()
}

/// No unit's ratio is less or more than these, in hundredths of a percent.
const RATIOS: [u16; 2] = [100, 2_400];

/// A unit's own ratio, which nothing else says, as somebody types it: `8`, `8%`, `0.08`. 0.8 is a slip, not 80 %.
pub fn typed_ratio(text: &str) -> Option<Ratio> {
    let [least, most] = RATIOS.map(|points| Ratio::from_basis_points(points).ok());
    ratio(text, CellKind::Edited).filter(|said| least <= Some(*said) && Some(*said) <= most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn yuan(text: &str) -> Yuan {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_as_sheets_write_them() {
        for (text, expected) in [
            ("5432.1", AmountText::Plain(yuan("5432.10"))),
            ("5432", AmountText::Plain(yuan("5432.00"))),
            ("5432.100", AmountText::Plain(yuan("5432.10"))),
            ("0", AmountText::Plain(yuan("0.00"))),
            ("-12.5", AmountText::Plain(yuan("-12.50"))),
            ("1,234.50", AmountText::Mended(yuan("1234.50"))),
            ("1,234,567", AmountText::Mended(yuan("1234567.00"))),
            ("-1,234.50", AmountText::Mended(yuan("-1234.50"))),
            ("１，２３４．５０", AmountText::Mended(yuan("1234.50"))),
            ("５４３２", AmountText::Mended(yuan("5432.00"))),
            ("￥5432.10", AmountText::Mended(yuan("5432.10"))),
            ("¥ 5,432.10", AmountText::Mended(yuan("5432.10"))),
            ("5432.10元", AmountText::Mended(yuan("5432.10"))),
            ("￥5432.10元整", AmountText::Mended(yuan("5432.10"))),
            ("5432.10￥", AmountText::Mended(yuan("5432.10"))),
            ("人民币 5,432.10 元", AmountText::Mended(yuan("5432.10"))),
            ("RMB5432.10", AmountText::Mended(yuan("5432.10"))),
            ("USD5432.10", AmountText::Unreadable),
            ("5432.10元/月", AmountText::Unreadable),
            (" 5432.10\u{a0}", AmountText::Mended(yuan("5432.10"))),
            ("54 32", AmountText::Mended(yuan("5432.00"))),
            ("'5432.10", AmountText::Mended(yuan("5432.10"))),
            ("\u{200b}5432", AmountText::Mended(yuan("5432.00"))),
            ("5432\n元\r\n", AmountText::Mended(yuan("5432.00"))),
            ("200\n300", AmountText::Unreadable),
            ("5432.10\r\n5432.10", AmountText::Unreadable),
            ("5432.126", AmountText::Decimals(yuan("5432.13"))),
            ("5,432.125", AmountText::Decimals(yuan("5432.13"))),
            ("", AmountText::Missing),
            (" \u{3000}", AmountText::Missing),
            ("1.2万", AmountText::Myriad(yuan("12000.00"))),
            ("０．８万元", AmountText::Myriad(yuan("8000.00"))),
            ("1.23456万", AmountText::Myriad(yuan("12345.60"))),
            ("1.2345678万", AmountText::Unreadable),
            ("一万", AmountText::Unreadable),
            ("万", AmountText::Unreadable),
            ("(500)", AmountText::Bracketed(yuan("500.00"))),
            ("（1,500.5）", AmountText::Bracketed(yuan("1500.50"))),
            ("(-500)", AmountText::Unreadable),
            ("\u{202d}5432\u{202c}", AmountText::Mended(yuan("5432.00"))),
            ("5.4E+3", AmountText::Unreadable),
            ("1,5", AmountText::Unreadable),
            ("12,34.5", AmountText::Unreadable),
            ("1.2.3", AmountText::Unreadable),
            ("五千", AmountText::Unreadable),
            ("NaN", AmountText::Unreadable),
            ("inf", AmountText::Unreadable),
            ("--5", AmountText::Unreadable),
            ("5432.", AmountText::Unreadable),
            ("1e308", AmountText::Unreadable),
            ("12345678901234567890", AmountText::TooLarge),
            ("#N/A", AmountText::FormulaError),
        ] {
            assert_eq!(AmountText::read(text, CellKind::Text), expected, "text cell {text:?}");
        }
    }

    #[test]
    fn the_kind_of_the_cell_counts() {
        for (text, kind, expected) in [
            ("5432.1", CellKind::Number, AmountText::Plain(yuan("5432.10"))),
            ("5432.12666666667", CellKind::Number, AmountText::Decimals(yuan("5432.13"))),
            ("1E+308", CellKind::Number, AmountText::TooLarge),
            ("1E+21", CellKind::Number, AmountText::TooLarge),
            ("1.5E-7", CellKind::Number, AmountText::Decimals(Yuan::ZERO)),
            ("NaN", CellKind::Number, AmountText::Unreadable),
            ("2026-07-01", CellKind::Date, AmountText::Date),
            ("#REF!", CellKind::Error, AmountText::FormulaError),
            ("TRUE", CellKind::Bool, AmountText::Unreadable),
            ("1,234.50", CellKind::Edited, AmountText::Mended(yuan("1234.50"))),
        ] {
            assert_eq!(AmountText::read(text, kind), expected, "{text:?} as {kind:?}");
        }
    }

    #[test]
    fn ratios_as_sheets_write_them() {
        for text in ["8", "8%", "0.08", "８％", " 8 % ", "8.0", "8.00%"] {
            assert_eq!(ratio(text, CellKind::Text).map(Ratio::percent).as_deref(), Some("8%"), "{text:?}");
        }
        assert_eq!(ratio("5.5%", CellKind::Text).map(Ratio::percent).as_deref(), Some("5.5%"), "half percents exist");
        for text in ["", "八", "8％％", "-8", "108", "8%8", ".", "1\n2"] {
            assert_eq!(ratio(text, CellKind::Text), None, "{text:?}");
        }
        assert_eq!(ratio("#DIV/0!", CellKind::Error), None, "a formula error is no ratio");
    }

    #[test]
    fn a_typed_ratio_that_no_unit_has_is_a_slip() {
        for text in ["8", "8%", "0.08", " 8 % ", "８％"] {
            assert_eq!(typed_ratio(text).map(Ratio::percent).as_deref(), Some("8%"), "{text:?}");
        }
        assert_eq!(typed_ratio("1%").map(Ratio::percent).as_deref(), Some("1%"), "what was lowered for a term");
        for text in ["", "0", "8.5.1", "800", "-8", "八", "0.08%", "0.8", "80%", "1", "0.8%"] {
            assert_eq!(typed_ratio(text), None, "{text:?} is not guessed");
        }
    }

    proptest! {
        #[test]
        fn a_proposal_reads_as_what_was_meant(text in "[-￥¥']?[0-9０-９,， ]{1,18}([.．][0-9]{0,4})?元?") {
            if let Some(meant) = AmountText::read(&text, CellKind::Text).meant() {
                prop_assert_eq!(AmountText::read(&meant.to_string(), CellKind::Edited), AmountText::Plain(meant));
            }
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,40}") {
            let _ = AmountText::read(&text, CellKind::Number);
            let _ = AmountText::read(&text, CellKind::Text);
            let _ = ratio(&text, CellKind::Text);
        }
    }
}
