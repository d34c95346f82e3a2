//! What a stretch of months costs, each month by its own policy (domain.md 4): the figures behind 补缴.

use crate::money::{Contribution, Ratio, Yuan};
use crate::month::Month;
use crate::profile::Policy;

/// Months for which the center's rules are not known: nothing is computed, and nothing guessed.
pub type UnknownMonths = Vec<Month>;

/// What a base costs from one month to another, both included: the sum over the months of what each month's own
/// policy gives (`policy_of`, in the unit's district).
///
/// # Errors
/// The months of which no policy is known.
pub fn due_between<'p>(
    policy_of: impl Fn(Month) -> Option<&'p Policy>,
    base: Yuan,
    (unit, personal): (Ratio, Ratio),
    from: Month,
    to: Month,
) -> Result<Contribution, UnknownMonths> {
    over(policy_of, from, to, |policy| policy.contribution(base, unit, personal))
}

/// 差额补缴 after a base adjustment that came late: new − old for each month since it took effect. Below zero where
/// the new base is the lower one.
///
/// # Errors
/// The months of which no policy is known.
pub fn difference_due<'p>(
    policy_of: impl Fn(Month) -> Option<&'p Policy>,
    (old, new): (Yuan, Yuan),
    (unit, personal): (Ratio, Ratio),
    from: Month,
    to: Month,
) -> Result<Contribution, UnknownMonths> {
    over(policy_of, from, to, |policy| {
        let (before, after) = (policy.contribution(old, unit, personal), policy.contribution(new, unit, personal));
        Contribution {
            unit_amount: after.unit_amount - before.unit_amount,
            personal_amount: after.personal_amount - before.personal_amount,
        }
    })
}

/// Every month from one to another, both included; none where they are the wrong way round.
pub fn months(from: Month, to: Month) -> impl Iterator<Item = Month> {
    std::iter::successors(Some(from), |month| Some(month.next())).take_while(move |month| *month <= to)
}

fn over<'p>(
    policy_of: impl Fn(Month) -> Option<&'p Policy>,
    from: Month,
    to: Month,
    of_month: impl Fn(&Policy) -> Contribution,
) -> Result<Contribution, UnknownMonths> {
    let mut sum = Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO };
    let mut unknown = Vec::new();
    for month in months(from, to) {
        match policy_of(month) {
            Some(policy) => {
                let due = of_month(policy);
                sum.unit_amount += due.unit_amount;
                sum.personal_amount += due.personal_amount;
            }
            None => unknown.push(month),
        }
    }
    if unknown.is_empty() { Ok(sum) } else { Err(unknown) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::money::{Rounding, RoundingScope};
    use crate::profile::CenterProfile;

    fn yuan(text: &str) -> Yuan {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn ratios(unit: &str, personal: &str) -> (Ratio, Ratio) {
        (unit.parse().unwrap(), personal.parse().unwrap())
    }

    /// Until June by the fen, from July whole yuan upwards.
    fn changing() -> CenterProfile {
        let mut profile = CenterProfile::shipped("demo").unwrap();
        profile.policies[0].rounding = Rounding::HalfUpFen;
        profile.policies[1].rounding = Rounding::CeilYuan;
        profile
    }

    fn parts(unit: &str, personal: &str) -> Contribution {
        Contribution { unit_amount: yuan(unit), personal_amount: yuan(personal) }
    }

    #[test]
    fn each_month_costs_what_its_own_policy_says() {
        let profile = changing();
        let of = |base: &str, from: &str, to: &str| {
            due_between(|month| profile.policy(month), yuan(base), ratios("0.08", "0.05"), month(from), month(to))
        };
        // 5432.10 × 8 % = 434.568, × 5 % = 271.605.
        assert_eq!(of("5432.10", "2026-06", "2026-06"), Ok(parts("434.57", "271.61")), "one month, to the fen");
        assert_eq!(of("5432.10", "2026-07", "2026-07"), Ok(parts("435", "272")), "one month, whole yuan upwards");
        // 2 × 434.57 + 3 × 435 = 2174.14; 2 × 271.61 + 3 × 272 = 1359.22
        assert_eq!(of("5432.10", "2026-05", "2026-09"), Ok(parts("2174.14", "1359.22")), "across the change");
        assert_eq!(of("5432.10", "2025-12", "2026-01"), Ok(parts("869.14", "543.22")), "across the turn of a year");
    }

    #[test]
    fn a_late_base_adjustment_costs_the_difference_of_each_month() {
        let profile = changing();
        let of = |old: &str, new: &str, from: &str, to: &str| {
            difference_due(
                |month| profile.policy(month),
                (yuan(old), yuan(new)),
                ratios("0.08", "0.08"),
                month(from),
                month(to),
            )
        };
        // June: 480.50 − 400.04 = 80.46 (6006.20 × 8 % = 480.496, 5000.50 × 8 % = 400.04).
        assert_eq!(of("5000.50", "6006.20", "2026-06", "2026-06"), Ok(parts("80.46", "80.46")), "to the fen");
        // July: 481 − 401 = 80: the difference of two rounded amounts, not the rounded difference 80.456 → 81.
        assert_eq!(of("5000.50", "6006.20", "2026-07", "2026-07"), Ok(parts("80", "80")), "each side rounded first");
        // 80.46 + 80 + 80
        assert_eq!(of("5000.50", "6006.20", "2026-06", "2026-08"), Ok(parts("240.46", "240.46")), "across the change");
        assert_eq!(of("6006.20", "5000.50", "2026-07", "2026-07"), Ok(parts("-80", "-80")), "too much was paid");
        assert_eq!(of("6000", "6000", "2026-06", "2026-08"), Ok(parts("0", "0")), "nothing changed");
    }

    #[test]
    fn months_without_a_policy_are_named_not_guessed() {
        let demo = changing();
        let rules = |month| demo.policy(month);
        let unknown = due_between(rules, yuan("6000"), ratios("0.08", "0.08"), month("2025-05"), month("2025-08"));
        assert_eq!(unknown, Err(vec![month("2025-05"), month("2025-06")]), "the demo center's first record is of July");
        let unknown = difference_due(
            rules,
            (yuan("6000"), yuan("7000")),
            ratios("0.08", "0.08"),
            month("2025-06"),
            month("2025-06"),
        );
        assert_eq!(unknown, Err(vec![month("2025-06")]), "a difference neither");
    }

    proptest! {
        #[test]
        fn a_span_is_the_sum_of_its_parts(
            base in 100_000i64..3_000_000, cut in 0usize..12, method in prop::sample::select(Rounding::ALL.to_vec()),
            scope in prop::sample::select(vec![RoundingScope::EachSide, RoundingScope::Total]),
        ) {
            let mut profile = changing();
            profile.policies[0].rounding = method;
            profile.policies[1].rounding_scope = scope;
            let rules = |month| profile.policy(month);
            let (base, ratios) = (Yuan::from_fen(base), ratios("0.12", "0.07"));
            let (from, to) = (month("2025-10"), month("2026-10"));
            let middle = months(from, to).nth(cut).unwrap();
            let whole = due_between(rules, base, ratios, from, to).unwrap();
            let first = due_between(rules, base, ratios, from, middle).unwrap();
            let second = due_between(rules, base, ratios, middle.next(), to).unwrap();
            prop_assert_eq!(whole.unit_amount, first.unit_amount + second.unit_amount);
            prop_assert_eq!(whole.personal_amount, first.personal_amount + second.personal_amount);
            let nothing = due_between(rules, Yuan::ZERO, ratios, from, to).unwrap();
            let all = difference_due(rules, (Yuan::ZERO, base), ratios, from, to).unwrap();
            prop_assert_eq!(all.monthly(), whole.monthly() - nothing.monthly(), "from nothing, all of it is due");
        }
    }
}
