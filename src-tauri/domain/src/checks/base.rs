//! Bases, ratios and monthly amounts.

use rust_decimal::Decimal;

use super::about;
use crate::amount::{self, AmountText};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Ratio, Rounding, Yuan};
use crate::profile::{BaseUnit, Policy};
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
    let mend = |code, level| match (usage, meant) {
        (Use::Filed, Some(proposal)) => Some(about(field, code, level).propose(proposal.to_string())),
        (Use::Filed | Use::Compared, _) => None,
    };
    // What was rounded, or counted in 万, is taken for what it means once a person has confirmed it.
    let asked = matches!(read, AmountText::Decimals(_) | AmountText::Myriad(_));
    let finding = match read {
        AmountText::Missing => return Amount { missing: true, ..Amount::default() },
        AmountText::Plain(_) => return Amount { meant, sound: true, missing: false },
        AmountText::Mended(_) => mend(Code::AmountForm, Level::Fix),
        AmountText::Decimals(_) => mend(Code::AmountDecimals, Level::Warning),
        AmountText::Myriad(_) => mend(Code::AmountMyriad, Level::Warning),
        AmountText::Bracketed(_) => Some(about(field, Code::AmountNegative, level)),
        AmountText::TooLarge => Some(about(field, Code::AmountTooLarge, level)),
        AmountText::FormulaError => Some(about(field, Code::AmountFormulaError, level)),
        AmountText::Date => Some(about(field, Code::AmountDate, level)),
        AmountText::Unreadable => Some(about(field, Code::AmountUnreadable, level)),
    };
    out.extend(finding);
    Amount { meant, sound: asked, missing: false }
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
    let old = old.filter(|old| *old > Yuan::ZERO);
    let guess = other_unit(base, old, policy);
    let unlikely = old.filter(|old| far_apart(base, *old));
    // A yearly wage is not to be filed at the ceiling, nor half a number at the floor: what was hardly meant gets no
    // proposal of the limit.
    let meant = guess.is_none() && unlikely.is_none();
    let limit = |code, name: &str, limit: Yuan| {
        let finding = note(code, if meant { Level::Fix } else { Level::Error }).arg(name, limit);
        if meant { finding.propose(limit.to_string()) } else { finding }
    };
    if let Some(ceiling) = policy.and_then(|p| p.base_ceiling).filter(|ceiling| base > *ceiling) {
        out.push(limit(Code::BaseAboveCeiling, "ceiling", ceiling));
    }
    if let Some(floor) = policy.and_then(|p| p.base_floor).filter(|floor| base < *floor) {
        out.push(limit(Code::BaseBelowFloor, "floor", floor));
    }
    if let Some((unit, meant)) = guess {
        out.push(note(Code::BaseUnit, Level::Warning).arg("guess", unit).propose(meant.to_string()));
    } else if let Some(old) = unlikely {
        out.push(note(Code::BaseUnlikely, Level::Warning).arg("old", old));
    }
}

/// Judges the decimals of a base where a center takes whole 元 or 角.
pub(crate) fn whole(base: Yuan, unit: BaseUnit, out: &mut Vec<Finding>) {
    let nearest = unit.nearest(base);
    if nearest != base {
        let finding = about(Field::NewBase, Code::BaseDecimals, Level::Fix).arg("unit", unit.label());
        out.push(finding.propose(nearest.to_string()));
    }
}

/// Eightfold catches yearly wages (about twelvefold) and fen for yuan; an eighth catches 万.
fn far_apart(base: Yuan, old: Yuan) -> bool {
    let (base, old) = (i128::from(base.fen()), i128::from(old.fen()));
    base >= old * 8 || base * 8 < old
}

/// The unit that a base is likely in, and what it is in yuan a month. Only where exactly one unit makes it a likely
/// base: within half and double the old one, or within the limits where there is no old one.
fn other_unit(base: Yuan, old: Option<Yuan>, policy: Option<&Policy>) -> Option<(&'static str, Yuan)> {
    let two = Decimal::TWO;
    let limits = policy.and_then(|p| p.base_floor.zip(p.base_ceiling));
    let odd = match (old, limits) {
        (Some(old), _) => far_apart(base, old),
        (None, Some((floor, ceiling))) => {
            base.decimal() > ceiling.decimal() * two || base.decimal() * two < floor.decimal()
        }
        (None, None) => false,
    };
    if !odd {
        return None;
    }
    let likely = |meant: Yuan| match (old, limits) {
        (Some(old), _) => meant.decimal() <= old.decimal() * two && meant.decimal() * two >= old.decimal(),
        (None, Some((floor, ceiling))) => (floor..=ceiling).contains(&meant),
        (None, None) => false,
    };
    let value = base.decimal();
    let units = [
        ("年收入", value.checked_div(Decimal::from(12))),
        ("以分为单位", value.checked_div(Decimal::ONE_HUNDRED)),
        ("以万元为单位", value.checked_mul(Decimal::from(10_000))),
    ];
    let mut found = units
        .into_iter()
        .filter_map(|(unit, meant)| Some((unit, Yuan::rounded(meant?, Rounding::HalfUpFen))))
        .filter(|(_, meant)| likely(*meant));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Judges the unit's or the contributor's part of money of the past: nothing is a part, less than nothing is none.
pub(crate) fn part(amount: Yuan, field: Field, out: &mut Vec<Finding>) {
    if amount.is_negative() {
        out.push(about(field, Code::AmountNegative, Level::Error));
    } else if amount >= Yuan::from_fen(IMPOSSIBLE_BASE) {
        out.push(about(field, Code::AmountTooLarge, Level::Error));
    }
}

/// Judges 单位 and 个人 against the sum that stands beside them; `true` where nothing is to be said.
pub(crate) fn sum(parts: Option<Yuan>, said: Option<Yuan>, out: &mut Vec<Finding>) -> bool {
    let Some((parts, said)) = parts.zip(said).filter(|(parts, said)| parts != said) else { return true };
    let finding = about(Field::MonthlyAmount, Code::AmountSum, Level::Error).arg("computed", parts);
    out.push(finding.arg("difference", said - parts).propose(parts.to_string()));
    false
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

/// Judges the two ratios of a row against each other.
pub(crate) fn equal_ratios(
    unit: Option<Ratio>,
    personal: Option<Ratio>,
    policy: Option<&Policy>,
    out: &mut Vec<Finding>,
) {
    let asked = policy.is_some_and(|policy| policy.equal_ratio);
    if let Some((unit, personal)) = unit.zip(personal).filter(|(unit, personal)| asked && unit != personal) {
        let finding = about(Field::PersonalRatio, Code::RatioUnequal, Level::Error).arg("unit", unit.percent());
        out.push(finding.arg("personal", personal.percent()));
    }
}

/// Judges a ratio cell; `registered` is the unit's, which must be the same. Where nobody knows the unit's, the limits
/// are the policy's, else the law's 5 to 12 percent.
pub(crate) fn ratio(
    text: &str,
    kind: CellKind,
    field: Field,
    registered: Option<Ratio>,
    policy: Option<&Policy>,
    out: &mut Vec<Finding>,
) -> Option<Ratio> {
    let Some(said) = amount::ratio(text, kind) else {
        out.push(about(field, Code::RatioUnreadable, Level::Error));
        return None;
    };
    if registered.is_none() {
        new_ratio(said, field, policy, out);
    }
    if let Some(registered) = registered.filter(|registered| *registered != said) {
        out.push(about(field, Code::RatioDiffers, Level::Error).arg("roster", registered.percent()));
    }
    Some(said)
}

/// Judges a ratio that is not the unit's, or not yet: range and step.
pub(crate) fn new_ratio(said: Ratio, field: Field, policy: Option<&Policy>, out: &mut Vec<Finding>) {
    let law = || Ratio::from_basis_points(500).ok().zip(Ratio::from_basis_points(1200).ok());
    let limits = policy.map(|policy| (policy.ratio_floor, policy.ratio_ceiling)).or_else(law);
    if let Some((floor, ceiling)) = limits.filter(|(floor, ceiling)| !(*floor..=*ceiling).contains(&said)) {
        let finding = about(field, Code::RatioRange, Level::Error).arg("floor", floor.percent());
        out.push(finding.arg("ceiling", ceiling.percent()));
        return;
    }
    // Centers that demand a step refuse the rest; the others mostly take whole percents.
    let (step, level) = match policy.and_then(|policy| policy.ratio_step) {
        Some(step) => (step.decimal(), Level::Error),
        None => (Decimal::new(1, 2), Level::Warning),
    };
    if said.decimal().checked_rem(step).is_some_and(|rest| !rest.is_zero()) {
        out.push(about(field, Code::RatioFraction, level));
    }
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
    fn the_unit_that_a_base_is_likely_in_is_proposed() {
        let unit = |fix: &str| (Code::BaseUnit, Level::Warning, Some(fix.to_owned()));
        let above = (Code::BaseAboveCeiling, Level::Error, None);
        let below = (Code::BaseBelowFloor, Level::Error, None);
        assert_eq!(judged("96000", Some("7600")), [above.clone(), unit("8000.00")], "a yearly wage, not the ceiling");
        assert_eq!(judged("560000", Some("5500")), [above.clone(), unit("5600.00")], "fen");
        assert_eq!(judged("0.82", Some("8000")), [below.clone(), unit("8200.00")], "万");
        assert_eq!(judged("96000", None), [above, unit("8000.00")], "nobody knows the old base: by the limits");
        assert_eq!(judged("0.82", None), [below, unit("8200.00")], "万, by the limits");
        let clamp = (Code::BaseAboveCeiling, Level::Fix, Some("27000.00".to_owned()));
        assert_eq!(judged("300000", None), std::slice::from_ref(&clamp), "12 months or fen: two readings are no guess");
        assert_eq!(judged("28000", None), [clamp], "a high wage is a high wage");
    }

    #[test]
    fn what_was_hardly_meant_gets_no_proposal_of_the_limit() {
        // `5,000` cut at its comma, beside a base of 5 000.
        let cut = judged("5", Some("5000"));
        let below = (Code::BaseBelowFloor, Level::Error, None);
        assert_eq!(cut, [below, (Code::BaseUnlikely, Level::Warning, None)], "not 2 100 by one click for all");
    }

    #[test]
    fn bases_in_whole_yuan() {
        let judged = |unit| {
            let mut out = Vec::new();
            whole("5432.50".parse().unwrap(), unit, &mut out);
            out.into_iter().map(|f| (f.code, f.level, f.fix)).collect::<Vec<_>>()
        };
        let rounded = (Code::BaseDecimals, Level::Fix, Some("5433.00".to_owned()));
        assert_eq!(judged(BaseUnit::Yuan), [rounded], "the center takes whole yuan");
        assert_eq!((judged(BaseUnit::Jiao), judged(BaseUnit::Fen)), (Vec::new(), Vec::new()), "and others do not mind");
    }

    #[test]
    fn ratios_without_a_unit_are_held_against_the_limits() {
        let demo = CenterProfile::shipped("demo").unwrap();
        let policy = demo.policy("2026-07".parse().unwrap());
        let judged = |text: &str, policy| {
            let mut out = Vec::new();
            ratio(text, CellKind::Text, Field::UnitRatio, None, policy, &mut out);
            out.into_iter().map(|f| (f.code, f.level)).collect::<Vec<_>>()
        };
        for policy in [policy, None] {
            for text in ["8", "8%", "0.08", "5", "12%"] {
                assert_eq!(judged(text, policy), [], "{text}");
            }
            for text in ["1", "4%", "13", "0.8", "80%", "4.5%"] {
                assert_eq!(judged(text, policy), [(Code::RatioRange, Level::Error)], "{text}");
            }
            assert_eq!(
                judged("5.5%", policy),
                [(Code::RatioFraction, Level::Warning)],
                "most centers take whole percents"
            );
        }
        let mut strict = policy.cloned().unwrap();
        strict.ratio_step = "0.01".parse().ok();
        assert_eq!(judged("5.5%", Some(&strict)), [(Code::RatioFraction, Level::Error)], "a center that says so");
        assert_eq!(judged("7%", Some(&strict)), [], "a whole one");
        let mut out = Vec::new();
        ratio("0.08", CellKind::Text, Field::UnitRatio, "0.055".parse().ok(), policy, &mut out);
        assert_eq!(out.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::RatioDiffers], "the unit's is the one");
    }

    #[test]
    fn a_yearly_wage_or_ten_thousands_look_unlikely() {
        let unlikely = |base: &str, old: &str| {
            judged(base, Some(old)).iter().any(|f| matches!(f.0, Code::BaseUnlikely | Code::BaseUnit))
        };
        assert!(unlikely("26400", "2200"), "twelvefold");
        assert!(unlikely("24000", "3000"), "eightfold exactly");
        assert!(!unlikely("23999.99", "3000"), "just less than eightfold");
        assert!(unlikely("2400", "19200.01"), "less than an eighth");
        assert!(!unlikely("2400", "19200"), "an eighth exactly");
        assert!(!unlikely("5000", "0"), "no base before, no comparison");
    }

    #[test]
    fn a_compared_amount_never_blocks() {
        for (text, kind) in [("#N/A", CellKind::Error), ("(500)", CellKind::Text), ("1,234.56", CellKind::Text)] {
            let mut out = Vec::new();
            amount(text, kind, Field::UnitAmount, Use::Compared, &mut out);
            assert!(!out.iter().any(Finding::blocks), "{text}: it is not filed");
            amount(text, kind, Field::NewBase, Use::Filed, &mut out);
            assert!(out.iter().any(Finding::blocks), "{text}: where it is filed it blocks");
        }
    }

    #[test]
    fn rounding_and_ten_thousands_are_confirmed() {
        for (text, code, meant) in
            [("1.2万", Code::AmountMyriad, "12000.00"), ("1,234.567", Code::AmountDecimals, "1234.57")]
        {
            let mut out = Vec::new();
            let read = amount(text, CellKind::Text, Field::NewBase, Use::Filed, &mut out);
            assert!(read.sound && read.meant == meant.parse().ok(), "{text}: taken so once confirmed");
            let said: Vec<_> = out.into_iter().map(|f| (f.code, f.level, f.fix)).collect();
            assert_eq!(said, [(code, Level::Warning, Some(meant.to_owned()))], "{text}");
        }
    }
}
