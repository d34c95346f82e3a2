//! Personal accounts in sheets.

use std::borrow::Cow;

use super::about;
use crate::characters::{mended, says_nothing, without_decimal};
use crate::finding::{Code, Finding, Level};
use crate::sheet::{CellKind, Field};

/// What an account cell gave.
#[derive(Debug, Default)]
pub(crate) struct Account<'a> {
    /// The account meant, absent where there is none.
    pub(crate) meant: Option<Cow<'a, str>>,
    /// It may be filed as it stands (an empty one too: the roster may fill it).
    pub(crate) sound: bool,
    /// Digits, but fewer than the center's accounts have.
    pub(crate) short: bool,
}

/// Judges an account by itself.
pub(crate) fn account<'a>(text: &'a str, kind: CellKind, length: Option<u8>, out: &mut Vec<Finding>) -> Account<'a> {
    if says_nothing(text) {
        return Account { sound: true, ..Account::default() };
    }
    let fault = || about(Field::PersonalAccount, Code::AccountCharacters, Level::Error);
    match kind {
        CellKind::Text | CellKind::Edited | CellKind::Number => {}
        CellKind::Date | CellKind::Bool | CellKind::Error => {
            out.push(fault());
            return Account::default();
        }
    }
    let bare = match mended(text) {
        Cow::Borrowed(bare) => Cow::Borrowed(without_decimal(bare)),
        Cow::Owned(bare) => without_decimal(&bare).to_owned().into(),
    };
    // A double keeps fifteen digits; what stands behind them is made of zeros. Without them nobody is looked for.
    if kind == CellKind::Number && (bare.len() > 15 || bare.contains(['E', 'e'])) {
        out.push(about(Field::PersonalAccount, Code::AccountNumeric, Level::Error));
        return Account::default();
    }
    let formed = bare != text;
    if formed {
        out.push(about(Field::PersonalAccount, Code::AccountForm, Level::Fix).propose(&*bare));
    }
    let wanted = length.map(usize::from);
    let odd = !bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') || bare.len() > 30;
    if odd || wanted.is_some_and(|wanted| bare.len() > wanted) {
        out.push(fault());
        return Account { meant: Some(bare), ..Account::default() };
    }
    let short = wanted.is_some_and(|wanted| bare.len() < wanted);
    if short && !bare.bytes().all(|b| b.is_ascii_digit()) {
        out.push(fault());
        return Account { meant: Some(bare), ..Account::default() };
    }
    Account { meant: Some(bare), sound: !formed, short }
}

/// A short account with zeros in front.
pub(crate) fn padded(account: &str, length: Option<u8>) -> String {
    format!("{account:0>width$}", width = length.map_or(0, usize::from))
}

/// Whether it is the center's account but for zeros in front that a spreadsheet took away.
pub(crate) fn lost_zeros(said: &str, account: &str) -> bool {
    said.len() < account.len() && said.trim_start_matches('0') == account.trim_start_matches('0')
}

/// The finding that proposes the account with its zeros.
pub(crate) fn zeros(proposal: &str) -> Finding {
    about(Field::PersonalAccount, Code::AccountZeros, Level::Fix).propose(proposal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, kind: CellKind) -> Vec<(Code, Level, Option<String>)> {
        let mut out = Vec::new();
        account(text, kind, Some(12), &mut out);
        out.into_iter().map(|f| (f.code, f.level, f.fix)).collect()
    }

    #[test]
    fn accounts_by_themselves() {
        let form = [(Code::AccountForm, Level::Fix, Some("800100000012".to_owned()))];
        assert_eq!(said("800100000012", CellKind::Text), [], "sound");
        assert_eq!(said("800100000012", CellKind::Number), [], "twelve digits fit into a number");
        assert_eq!(said("", CellKind::Text), [], "the roster may know it");
        assert_eq!(said("800100000012 ", CellKind::Text), form, "a blank");
        assert_eq!(said("８00100000012", CellKind::Text), form, "full-width");
        assert_eq!(said("'800100000012", CellKind::Text), form, "an apostrophe");
        assert_eq!(said("800100000012.0", CellKind::Text), form, "a whole number that was taken for a decimal");
        for (text, kind) in [
            ("8.001E+11", CellKind::Text),
            ("8001000000123", CellKind::Text),
            ("账号不详", CellKind::Text),
            ("#N/A", CellKind::Error),
            ("8001-2", CellKind::Text),
        ] {
            assert_eq!(said(text, kind), [(Code::AccountCharacters, Level::Error, None)], "{text}");
        }
    }

    #[test]
    fn digits_that_a_number_has_lost_are_an_error_at_centers_of_any_length() {
        for length in [None, Some(12), Some(18)] {
            for text in ["410801000001234000", "4108010000012340", "4.10801E+17"] {
                let mut out = Vec::new();
                let judged = account(text, CellKind::Number, length, &mut out);
                let codes: Vec<_> = out.iter().map(|finding| (finding.code, finding.level)).collect();
                assert_eq!(codes, [(Code::AccountNumeric, Level::Error)], "{text} of {length:?}");
                assert!(judged.meant.is_none() && !judged.sound, "nobody is found by what is left of {text}");
            }
        }
        let mut out = Vec::new();
        assert!(account("410801000001234567", CellKind::Text, None, &mut out).sound, "as text none are lost");
        assert!(account("410801000001234", CellKind::Number, None, &mut out).sound, "fifteen digits fit");
        assert_eq!(out, [], "nothing to say of either");
    }

    #[test]
    fn lost_zeros_are_counted() {
        let mut out = Vec::new();
        let short = account("12", CellKind::Number, Some(4), &mut out);
        assert!(short.short && out.is_empty(), "whether zeros were lost is said once the roster was asked");
        assert_eq!(padded("12", Some(4)), "0012", "zeros in front");
        assert_eq!(padded("12", None), "12", "a center without one length");
    }
}
