//! Bases, ratios and monthly amounts.

use rust_decimal::Decimal;

use super::about;
use crate::amount::{self, AmountText};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Ratio, Yuan};
use crate::profile::Policy;
use crate::sheet::{CellKind, Field};

/// Above this a base is a slip of the keyboard, whatever the policy: 100 million yuan, in fen.
const IMPOSSIBLE_BASE: i64 = 10_000_000_000;

/// How a cell's amount is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It is filed: it must stand in its proper form.
    Filed,
    /// It is only compared with what is computed: its form does not matter, what cannot be read is a warning.
    Compared,
}

/// What an amount cell gave.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Amount {
    /// The amount meant.
    pub(crate) meant: Option<Yuan>,
    /// It may be filed as it stands.
    pub(crate) sound: bool,
    /// The cell says nothing.
    pub(crate) missing: bool,
}

/// Judges the text of an amount; an empty cell is the caller's to judge.
pub(crate) fn amount(text: &str, kind: CellKind, field: Field, usage: Use, out: &mut Vec<Finding>) -> Amount {
    let read = AmountText::read(text, kind);
    let meant = read.meant();
    let level = match usage {
        Use::Filed => Level::Error,
        Use::Compared => Level::Warning,
    };
    let mend = |code| match (usage, meant) {
        (Use::Filed, Some(proposal)) => Some(about(field, code, Level::Fix).propose(proposal.to_string())),
        (Use::Filed | Use::Compared, _) => None,
    };
    let finding = match read {
        AmountText::Missing => return Amount { missing: true, ..Amount::default() },
        AmountText::Plain(_) => return Amount { meant, sound: true, missing: false },
        AmountText::Mended(_) => mend(Code::AmountForm),
        AmountText::Decimals(_) => mend(Code::AmountDecimals),
        AmountText::TooLarge => Some(about(field, Code::AmountTooLarge, level)),
        AmountText::FormulaError => Some(about(field, Code::AmountFormulaError, level)),
        AmountText::Date => Some(about(field, Code::AmountDate, level)),
        AmountText::Unreadable => Some(about(field, Code::AmountUnreadable, level)),
    };
    out.extend(finding);
    Amount { meant, sound: false, missing: false }
}

/// Judges a new base against the policy and the base before.
pub(crate) fn new_base(base: Yuan, old: Option<Yuan>, policy: Option<&Policy>, out: &mut Vec<Finding>) {
    let note = |code, level| about(Field::NewBase, code, level);
    if base <= Yuan::ZERO {
        out.push(note(Code::AmountNegative, Level::Error));
        return;
    }
    if base >= Yuan::from_fen(IMPOSSIBLE_BASE) {
        out.push(note(Code::AmountTooLarge, Level::Error));
        return;
    }
    if let Some(ceiling) = policy.and_then(|p| p.base_ceiling).filter(|ceiling| base > *ceiling) {
        let finding = note(Code::BaseAboveCeiling, Level::Fix);
        out.push(finding.arg("ceiling", ceiling).propose(ceiling.to_string()));
    }
    if let Some(floor) = policy.and_then(|p| p.base_floor).filter(|floor| base < *floor) {
        let finding = note(Code::BaseBelowFloor, Level::Fix);
        out.push(finding.arg("floor", floor).propose(floor.to_string()));
    }
    if let Some(old) = old.filter(|old| *old > Yuan::ZERO) {
        let eight = Decimal::from(8);
        // Eightfold catches yearly wages (about twelvefold) and fen for yuan; an eighth catches 万.
        if base.decimal() >= old.decimal() * eight || base.decimal() * eight < old.decimal() {
            out.push(note(Code::BaseUnlikely, Level::Warning).arg("old", old));
        }
    }
}

/// Judges what a base costs a month against limits on the amount.
pub(crate) fn monthly(after: Contribution, policy: &Policy, out: &mut Vec<Finding>) {
    let computed = after.monthly();
    let note = |code| about(Field::NewBase, code, Level::Error).arg("computed", computed);
    if let Some(ceiling) = policy.amount_ceiling.filter(|ceiling| computed > *ceiling) {
        out.push(note(Code::MonthlyAboveCeiling).arg("ceiling", ceiling));
    }
    if let Some(floor) = policy.amount_floor.filter(|floor| computed < *floor) {
        out.push(note(Code::MonthlyBelowFloor).arg("floor", floor));
    }
}

/// Judges a ratio cell; `registered` is the unit's.
pub(crate) fn ratio(
    text: &str,
    kind: CellKind,
    field: Field,
    registered: Option<Ratio>,
    out: &mut Vec<Finding>,
) -> Option<Ratio> {
    let Some(said) = amount::ratio(text, kind) else {
        out.push(about(field, Code::RatioUnreadable, Level::Error));
        return None;
    };
    if let Some(registered) = registered.filter(|registered| *registered != said) {
        out.push(about(field, Code::RatioDiffers, Level::Error).arg("roster", registered.percent()));
    }
    Some(said)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::CenterProfile;

    fn judged(base: &str, old: Option<&str>) -> Vec<(Code, Level, Option<String>)> {
        let demo = CenterProfile::shipped("demo").unwrap();
        let mut out = Vec::new();
        let policy = demo.policy("2026-07".parse().unwrap());
        new_base(base.parse().unwrap(), old.map(|old| old.parse().unwrap()), policy, &mut out);
        out.into_iter().map(|f| (f.code, f.level, f.fix)).collect()
    }

    #[test]
    fn limits_are_inclusive_and_proposed() {
        assert_eq!(judged("27000.00", None), [], "the ceiling itself is allowed");
        assert_eq!(judged("2100", None), [], "the floor itself is allowed");
        let above = (Code::BaseAboveCeiling, Level::Fix, Some("27000.00".to_owned()));
        let below = (Code::BaseBelowFloor, Level::Fix, Some("2100.00".to_owned()));
        assert_eq!(judged("27000.01", None), [above], "a fen above");
        assert_eq!(judged("2099.99", None), [below], "a fen below");
    }

    #[test]
    fn impossible_bases() {
        for base in ["0", "-5000"] {
            assert_eq!(judged(base, Some("5000")), [(Code::AmountNegative, Level::Error, None)], "{base}");
        }
        assert_eq!(judged("100000000", None), [(Code::AmountTooLarge, Level::Error, None)], "nine digits");
    }

    #[test]
    fn a_yearly_wage_or_ten_thousands_look_unlikely() {
        let unlikely = |base: &str, old: &str| judged(base, Some(old)).iter().any(|f| f.0 == Code::BaseUnlikely);
        assert!(unlikely("26400", "2200"), "twelvefold");
        assert!(unlikely("24000", "3000"), "eightfold exactly");
        assert!(!unlikely("23999.99", "3000"), "just less than eightfold");
        assert!(unlikely("2400", "19200.01"), "less than an eighth");
        assert!(!unlikely("2400", "19200"), "an eighth exactly");
        assert!(!unlikely("5000", "0"), "no base before, no comparison");
    }

    #[test]
    fn a_compared_amount_never_blocks() {
        for (text, kind) in [("#N/A", CellKind::Error), ("1.2万", CellKind::Text), ("1,234.567", CellKind::Text)] {
            let mut out = Vec::new();
            amount(text, kind, Field::UnitAmount, Use::Compared, &mut out);
            assert!(!out.iter().any(Finding::blocks), "{text}: it is not filed");
            amount(text, kind, Field::NewBase, Use::Filed, &mut out);
            assert!(out.iter().any(Finding::blocks), "{text}: where it is filed it blocks");
        }
    }
}
