//! The way back from an amount to a base: which base costs exactly so much a month.

use super::{BaseUnit, Policy};
use crate::money::{Ratio, Rounding, Yuan};

/// Above every base there can be, in fen.
const HIGHEST: i64 = 10_000_000_000;

/// No base costs exactly this amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// The nearest amount below that some base costs, yuan; zero where there is none but nothing.
    pub below: Yuan,
    /// The nearest amount above, yuan; `None` where bases end before.
    pub above: Option<Yuan>,
}

impl Unreachable {
    /// The nearest of the two; of two equally near the lower one. `None` where it would be nothing.
    pub fn nearest(self, amount: Yuan) -> Option<Yuan> {
        let below = Some(self.below).filter(|below| *below > Yuan::ZERO);
        match (below, self.above) {
            (Some(below), Some(above)) if above - amount < amount - below => Some(above),
            (Some(below), _) => Some(below),
            (None, above) => above,
        }
    }
}

impl Policy {
    /// The base that costs exactly this much a month, in whole steps of the center's unit. Rounding gives several
    /// bases one amount: it is the one nearest to amount ÷ ratios, and within the limits where one of them is.
    ///
    /// # Errors
    /// [`Unreachable`] where rounding passes over the amount.
    pub fn base_costing(
        &self,
        amount: Yuan,
        unit: Ratio,
        personal: Ratio,
        step: BaseUnit,
    ) -> Result<Yuan, Unreachable> {
        let cost = |base: Yuan| self.contribution(base, unit, personal).monthly();
        let within = |base: Yuan| {
            let base = self.base_floor.map_or(base, |floor| base.max(floor));
            step.nearest(self.base_ceiling.map_or(base, |ceiling| base.min(ceiling)))
        };
        let exact = amount.decimal().checked_div(unit.decimal() + personal.decimal());
        let wanted = step.nearest(exact.map_or(Yuan::ZERO, |exact| Yuan::rounded(exact, Rounding::HalfUpFen)));
        if let Some(base) = [within(wanted), wanted].into_iter().find(|base| cost(*base) == amount) {
            return Ok(base);
        }
        let base = |steps: i64| Yuan::from_fen(steps * step.fen());
        let highest = HIGHEST / step.fen();
        // A higher base never costs less, whatever the method.
        let first = first_of(highest, |steps| cost(base(steps)) >= amount);
        let below = if first > 0 { cost(base(first - 1)) } else { Yuan::ZERO };
        if first > highest {
            return Err(Unreachable { below, above: None });
        }
        if cost(base(first)) != amount {
            return Err(Unreachable { below, above: Some(cost(base(first))) });
        }
        let last = first_of(highest, |steps| cost(base(steps)) > amount) - 1;
        let all = base(first)..=base(last);
        let nearest = |wanted: Yuan| wanted.clamp(*all.start(), *all.end());
        let allowed = Some(nearest(within(wanted))).filter(|base| within(*base) == *base);
        Ok(allowed.unwrap_or_else(|| nearest(wanted)))
    }
}

/// The first of 0..=highest that a rising condition holds for, or one more than the highest.
fn first_of(highest: i64, holds: impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = (0, highest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::money::RoundingScope;
    use crate::profile::CenterProfile;

    fn yuan(text: &str) -> Yuan {
        text.parse().unwrap()
    }

    fn policy(rounding: Rounding, rounding_scope: RoundingScope) -> Policy {
        let policy = CenterProfile::shipped("demo").unwrap().policies.swap_remove(1);
        Policy { rounding, rounding_scope, base_floor: None, base_ceiling: None, ..policy }
    }

    #[test]
    fn a_base_is_amount_by_ratios_where_that_costs_it() {
        let policy = policy(Rounding::HalfUpYuan, RoundingScope::EachSide);
        let of = |amount: &str| {
            policy.base_costing(yuan(amount), "0.08".parse().unwrap(), "0.08".parse().unwrap(), BaseUnit::Fen)
        };
        assert_eq!(of("960"), Ok(yuan("6000")), "960 ÷ 16 %");
        assert_eq!(of("1000"), Ok(yuan("6250")), "1000 ÷ 16 %");
        let between = Unreachable { below: yuan("960"), above: Some(yuan("962")) };
        assert_eq!(of("961"), Err(between), "two equal sides of whole yuan make no odd sum");
        assert_eq!(between.nearest(yuan("961")), Some(yuan("960")), "of two equally near the lower");
        assert_eq!(between.nearest(yuan("961.01")), Some(yuan("962")), "else the nearer");
        assert_eq!(of("960.50"), Err(between), "nor fen");
        let start = Unreachable { below: Yuan::ZERO, above: Some(yuan("2")) };
        assert_eq!(of("1").unwrap_err().nearest(yuan("1")), start.above, "nothing is no amount to propose");
        let end = of("99999999999").unwrap_err();
        assert_eq!(end.above, None, "no base is so high");
    }

    #[test]
    fn of_several_bases_one_within_the_limits_is_taken() {
        // Hengyang publishes 21142 and 5076: rounded upwards, 5076 ÷ 24 % alone would be 21150.
        let ceil = Policy { base_ceiling: Some(yuan("21142")), ..policy(Rounding::CeilYuan, RoundingScope::EachSide) };
        let ratio: Ratio = "0.12".parse().unwrap();
        assert_eq!(ceil.base_costing(yuan("5076"), ratio, ratio, BaseUnit::Fen), Ok(yuan("21142")), "the ceiling");
        assert_eq!(
            ceil.base_costing(yuan("5078"), ratio, ratio, BaseUnit::Yuan),
            Ok(yuan("21158")),
            "where all are above it, 5078 ÷ 24 %, which the checks find too high"
        );
    }

    proptest! {
        #[test]
        fn an_amount_made_from_a_base_is_always_reached(
            fen in 1i64..5_000_000, unit in 500u16..=1200, personal in 500u16..=1200,
            method in prop::sample::select(Rounding::ALL.to_vec()),
            scope in prop::sample::select(vec![RoundingScope::EachSide, RoundingScope::Total]),
            step in prop::sample::select(vec![BaseUnit::Fen, BaseUnit::Jiao, BaseUnit::Yuan]),
        ) {
            let policy = policy(method, scope);
            let base = step.nearest(Yuan::from_fen(fen));
            let (unit, personal) =
                (Ratio::from_basis_points(unit).unwrap(), Ratio::from_basis_points(personal).unwrap());
            let amount = policy.contribution(base, unit, personal).monthly();
            let found = policy.base_costing(amount, unit, personal, step);
            prop_assert!(found.is_ok(), "{amount} of {base}: {found:?}");
            let found = found.unwrap();
            prop_assert_eq!(policy.contribution(found, unit, personal).monthly(), amount, "it costs exactly that");
            prop_assert_eq!(step.nearest(found), found, "in whole steps");
        }

        #[test]
        fn what_is_proposed_instead_is_reached_and_nothing_lies_between(
            fen in 1i64..1_000_000, method in prop::sample::select(Rounding::ALL.to_vec()),
            scope in prop::sample::select(vec![RoundingScope::EachSide, RoundingScope::Total]),
        ) {
            let policy = policy(method, scope);
            let (unit, personal): (Ratio, Ratio) = ("0.08".parse().unwrap(), "0.055".parse().unwrap());
            let of = |amount| policy.base_costing(amount, unit, personal, BaseUnit::Fen);
            let amount = Yuan::from_fen(fen);
            if let Err(unreachable) = of(amount) {
                prop_assert!(unreachable.below < amount && unreachable.above.is_some_and(|above| above > amount));
                let proposed = unreachable.nearest(amount).unwrap();
                prop_assert!(of(proposed).is_ok(), "{proposed} for {amount}");
            }
        }
    }
}
