//! 个人事项: what a unit answers its contributors about withdrawals and loans (domain.md section 11).
//!
//! Aids to read: they file nothing and promise nothing, the center decides.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::money::{Rounding, Yuan};
use crate::profile::{Factor, LoanRule, SealReason};

/// When a contributor whose account is sealed for a reason can withdraw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// The reason allows none: the money stays or moves on with the account.
    None,
    /// Not sealed yet: this many months after sealing, 0 at once.
    AfterSealing(u8),
    /// From a day on that is still to come.
    From(Date),
    /// Since a day that has come.
    Since(Date),
}

impl Withdrawal {
    /// The sentence on screen and on the leaver's note.
    pub fn sentence(self) -> String {
        match self {
            Self::None => "按此原因封存不能提取，账户余额继续保留。".into(),
            Self::AfterSealing(0) => "封存后即可申请提取。".into(),
            Self::AfterSealing(months) => format!("封存满 {months} 个月后可以申请提取。"),
            Self::From(day) => format!("{}起可以申请提取。", spoken(day)),
            Self::Since(day) => format!("已可申请提取（自 {}起）。", spoken(day)),
        }
    }

    /// Whether it is possible today.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Since(_))
    }
}

/// `2026年7月6日`
fn spoken(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// When a withdrawal is possible; `sealed_on` is the day of sealing, `None` where the account is not sealed.
///
/// A wait ends on the day of the same number, in a month without it on that month's last (民法典 article 202).
pub fn withdrawal(reason: &SealReason, sealed_on: Option<Date>, today: Date) -> Withdrawal {
    let Some(months) = reason.withdrawal_months else { return Withdrawal::None };
    let Some(sealed_on) = sealed_on else { return Withdrawal::AfterSealing(months) };
    let day = sealed_on.saturating_add(i32::from(months).months());
    if day <= today { Withdrawal::Since(day) } else { Withdrawal::From(day) }
}

/// How much the formula allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoanCeiling {
    /// Fewer months in a row than the first step asks for.
    TooFewMonths {
        /// What it asks for.
        needed: u16,
    },
    /// The center has not published the coefficient for these months.
    CoefficientUnknown {
        /// The step begins at this many months.
        from_months: u16,
    },
    /// Worked out.
    Amount {
        /// 时间系数 it was worked out with.
        coefficient: Factor,
        /// What may be borrowed, yuan; fractions of a fen are cut.
        amount: Yuan,
        /// The formula gives more than the center's ceiling.
        capped: bool,
    },
}

/// The loan ceiling for a balance (yuan, not below zero) after months of contribution in a row. `asked` is the
/// coefficient that the clerk was told by the center; it is used only where the profile has none for these months.
pub fn loan_ceiling(rule: &LoanRule, balance: Yuan, months: u16, asked: Option<Factor>) -> LoanCeiling {
    let Some(step) = rule.step(months) else {
        return LoanCeiling::TooFewMonths { needed: rule.coefficients.first().map_or(0, |first| first.from_months) };
    };
    let Some(coefficient) = step.coefficient.or(asked) else {
        return LoanCeiling::CoefficientUnknown { from_months: step.from_months };
    };
    // The factors first: 10¹¹ × 10⁶ has room, with every place that a fen depends on.
    let exact: Decimal = balance.decimal() * (rule.multiple.decimal() * coefficient.decimal()).normalize();
    let formula = Yuan::rounded(exact, Rounding::FloorFen);
    match rule.ceiling {
        Some(ceiling) if formula > ceiling => LoanCeiling::Amount { coefficient, amount: ceiling, capped: true },
        Some(_) | None => LoanCeiling::Amount { coefficient, amount: formula, capped: false },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;
    use crate::profile::{CenterProfile, TimeCoefficient};

    fn reason(name: &str) -> SealReason {
        SealReason::typical().into_iter().find(|reason| reason.name == name).unwrap()
    }

    #[test]
    fn retirement_is_at_once_and_leaving_after_half_a_year() {
        let today = date(2026, 7, 6);
        let retired = reason("离休退休");
        assert_eq!(withdrawal(&retired, None, today), Withdrawal::AfterSealing(0), "sealing comes first");
        assert_eq!(withdrawal(&retired, Some(today), today), Withdrawal::Since(today), "the same day");
        let left = reason("解除或终止劳动关系");
        assert_eq!(withdrawal(&left, None, today), Withdrawal::AfterSealing(6), "the profile's number");
        let at = |sealed: Date| withdrawal(&left, Some(sealed), today);
        assert_eq!(at(date(2026, 1, 6)), Withdrawal::Since(today), "six months to the day");
        assert_eq!(at(date(2026, 1, 7)), Withdrawal::From(date(2026, 7, 7)), "a day short");
        assert_eq!(at(date(2025, 8, 31)), Withdrawal::Since(date(2026, 2, 28)), "February has no 31st");
        assert!(!at(date(2026, 1, 7)).is_open() && at(date(2026, 1, 6)).is_open(), "open from that day, not before");
        assert_eq!(withdrawal(&reason("调出本市"), Some(date(2000, 1, 1)), today), Withdrawal::None, "it moves on");
    }

    #[test]
    fn each_answer_has_its_own_sentence() {
        let day = date(2026, 7, 6);
        let all = [
            Withdrawal::None,
            Withdrawal::AfterSealing(0),
            Withdrawal::AfterSealing(6),
            Withdrawal::From(day),
            Withdrawal::Since(day),
        ];
        let said: std::collections::BTreeSet<_> = all.map(Withdrawal::sentence).into();
        assert_eq!(said.len(), all.len(), "{said:?}");
        assert!(Withdrawal::From(day).sentence().contains("2026年7月6日"), "the day is named");
    }

    fn rule(steps: &[(u16, Option<&str>)], ceiling: Option<&str>) -> LoanRule {
        LoanRule {
            multiple: "30".parse().unwrap(),
            coefficients: steps
                .iter()
                .map(|(from_months, figure)| TimeCoefficient {
                    from_months: *from_months,
                    coefficient: figure.map(|figure| figure.parse().unwrap()),
                })
                .collect(),
            ceiling: ceiling.map(|figure| figure.parse().unwrap()),
            source_title: "某办法".into(),
            source_url: None,
            source_date: None,
        }
    }

    fn of(rule: &LoanRule, balance: &str, months: u16, asked: Option<&str>) -> LoanCeiling {
        loan_ceiling(rule, balance.parse().unwrap(), months, asked.map(|figure| figure.parse().unwrap()))
    }

    fn amount(coefficient: &str, amount: &str, capped: bool) -> LoanCeiling {
        LoanCeiling::Amount { coefficient: coefficient.parse().unwrap(), amount: amount.parse().unwrap(), capped }
    }

    #[test]
    fn the_formula_by_months_up_to_the_ceiling() {
        let rule = rule(&[(6, Some("0.8")), (24, Some("1.2"))], Some("800000"));
        assert_eq!(of(&rule, "20000", 5, None), LoanCeiling::TooFewMonths { needed: 6 });
        assert_eq!(of(&rule, "20000", 5, Some("1")), LoanCeiling::TooFewMonths { needed: 6 }, "no way around it");
        assert_eq!(of(&rule, "20000", 6, None), amount("0.8", "480000", false));
        assert_eq!(of(&rule, "20000", 23, None), amount("0.8", "480000", false), "the last month of the step");
        assert_eq!(of(&rule, "20000", 24, None), amount("1.2", "720000", false));
        assert_eq!(of(&rule, "22222.22", 24, None), amount("1.2", "799999.92", false));
        assert_eq!(of(&rule, "22222.23", 24, None), amount("1.2", "800000", true), "a fen more is cut");
        assert_eq!(of(&rule, "20000", 24, Some("9")), amount("1.2", "720000", false), "the published figure holds");
        assert_eq!(of(&rule, "0", 24, None), amount("1.2", "0", false), "no balance, no loan");
    }

    #[test]
    fn nothing_is_rounded_up_and_the_largest_figures_have_room() {
        let mut rule = rule(&[(0, Some("0.0333"))], None);
        assert_eq!(of(&rule, "0.01", 0, None), amount("0.0333", "0.00", false), "0.00999 is no fen");
        rule.multiple = "999.9999".parse().unwrap();
        rule.coefficients[0].coefficient = "99.9999".parse().ok();
        let LoanCeiling::Amount { amount, .. } = of(&rule, "99999999999.99", 0, None) else { unreachable!() };
        assert_eq!(amount.to_string(), "9999989000000000.00", "exact to the fen");
    }

    #[test]
    fn an_unpublished_coefficient_is_asked_for_and_never_made_up() {
        let jiaozuo = CenterProfile::shipped("jiaozuo").unwrap().loan.unwrap();
        assert_eq!(
            (jiaozuo.multiple.to_string(), jiaozuo.ceiling.unwrap().to_string()),
            ("30".into(), "800000.00".into())
        );
        assert_eq!(of(&jiaozuo, "20000", 30, None), LoanCeiling::CoefficientUnknown { from_months: 24 });
        assert_eq!(of(&jiaozuo, "20000", 30, Some("1")), amount("1", "600000", false), "as the clerk was told");
        assert_eq!(of(&jiaozuo, "20000", 7, None), LoanCeiling::CoefficientUnknown { from_months: 0 });
        for code in ["dezhou", "hengyang", "huangshi"] {
            assert_eq!(CenterProfile::shipped(code).unwrap().loan, None, "{code} has published no formula we know");
        }
    }
}
