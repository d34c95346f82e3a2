//! What holds for a filing as a whole: the unit, the effective month, the policy.

use crate::filing::Circumstances;
use crate::finding::{Code, Finding, Level};
use crate::month::Month;
use crate::roster::Deferral;

/// Judges unit status, effective month and policy.
pub(crate) fn circumstances(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    unit(of, out);
    policy(of, out);
}

/// Judges unit status and effective month.
pub(crate) fn unit(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if let Some(unit) = of.unit {
        if !unit.status.may_file() {
            out.push(Finding::new(Code::UnitStatus, Level::Error).arg("status", unit.status.label()));
        }
        let current = Month::of(of.today).ok();
        if of.period < unit.first_unverified || current.is_none_or(|current| of.period > current) {
            let last = current.map(|current| current.to_string()).unwrap_or_default();
            let finding = Finding::new(Code::PeriodNotAllowed, Level::Error).arg("period", of.period);
            out.push(finding.arg("first", unit.first_unverified).arg("last", last));
        }
    }
    cut_off(of, out);
}

/// The finding on what has to wait for the end of a granted term.
pub(crate) fn term_runs(term: &Deferral) -> Finding {
    let finding = Finding::new(Code::TermRuns, Level::Error).arg("asked", term.asked.label());
    finding.arg("from", term.from).arg("to", term.to)
}

/// The center may take it nevertheless, or count it for the next month: a person has to know.
fn cut_off(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let this_month = Month::of(of.today).is_ok_and(|month| month == of.period);
    if let Some(set) = of.profile.cut_off(of.period).filter(|set| this_month && of.today > of.profile.deadline(*set)) {
        out.push(Finding::new(Code::CutOffPassed, Level::Warning).arg("day", set.day()).arg("period", of.period));
    }
}

/// Judges the days in which the year's bases are taken.
pub(crate) fn base_window(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if let Some(window) = of.profile.base_window.filter(|_| !of.profile.takes_bases(of.today)) {
        let finding = Finding::new(Code::BaseWindowClosed, Level::Warning).arg("first", window.first);
        out.push(finding.arg("last", window.last));
    }
}

fn policy(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if let (Some(policy), Some(unit)) = (of.policy(), of.unit)
        && policy.equal_ratio
        && unit.unit_ratio != unit.personal_ratio
    {
        let finding = Finding::new(Code::RatioUnequal, Level::Warning).arg("unit", unit.unit_ratio.percent());
        out.push(finding.arg("personal", unit.personal_ratio.percent()));
    }
    // Without limits a person can still ask the center; without any record nobody knows how to round.
    let level = match of.policy() {
        Some(policy) if policy.base_floor.is_some() && policy.base_ceiling.is_some() => return,
        Some(_) => Level::Warning,
        None => Level::Error,
    };
    out.push(Finding::new(Code::PolicyMissing, level).arg("month", of.period));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::filing::{FilingKind, check_sheet};
    use crate::kit::{Case, yuan};
    use crate::profile::BaseWindow;

    fn found(case: &Case, kind: FilingKind) -> Vec<(Code, Level)> {
        let mut out = Vec::new();
        if kind == FilingKind::BaseAdjustment {
            circumstances(case.circumstances(), &mut out);
            base_window(case.circumstances(), &mut out);
        } else {
            unit(case.circumstances(), &mut out);
        }
        out.into_iter().map(|finding| (finding.code, finding.level)).collect()
    }

    /// The kit's today is 6 July 2026, its month July.
    fn case() -> Case {
        Case::of(1, &[])
    }

    #[test]
    fn after_the_cut_off_day_a_person_is_asked() {
        let mut case = case();
        case.profile.cut_off_day = Some(6);
        assert_eq!(found(&case, FilingKind::StatusChange), [], "the day itself is in time");
        case.profile.cut_off_day = Some(5);
        assert_eq!(found(&case, FilingKind::StatusChange), [(Code::CutOffPassed, Level::Warning)], "not an error");
        case.unit.first_unverified = "2026-06".parse().unwrap();
        case.period = "2026-06";
        assert_eq!(found(&case, FilingKind::StatusChange), [], "another month's day has nothing to say");
    }

    #[test]
    fn a_term_that_ended_on_a_day_off_ends_later_only_where_the_center_says_so() {
        let mut case = case();
        // The Sunday before the kit's Monday.
        case.profile.cut_off_day = Some(5);
        case.profile.base_window = Some(BaseWindow { first: "06-01".parse().unwrap(), last: "07-05".parse().unwrap() });
        let late = [Code::CutOffPassed, Code::BaseWindowClosed];
        let said = |case: &Case| {
            let found = found(case, FilingKind::BaseAdjustment).into_iter().map(|(code, _)| code);
            found.filter(|code| late.contains(code)).collect::<Vec<_>>()
        };
        assert_eq!(said(&case), late, "nothing moves by itself");
        case.profile.days_off.moves = true;
        assert_eq!(said(&case), [], "Monday is the last day");
        case.profile.days_off.worked.insert("2026-07-05".parse().unwrap());
        assert_eq!(said(&case), late, "a Sunday that was worked was the last day");
    }

    #[test]
    fn outside_the_window_a_base_adjustment_is_asked_about() {
        let mut case = case();
        let window =
            |first: &str, last: &str| Some(BaseWindow { first: first.parse().unwrap(), last: last.parse().unwrap() });
        case.profile.base_window = window("07-01", "07-06");
        assert_eq!(found(&case, FilingKind::BaseAdjustment), [], "the last day");
        case.profile.base_window = window("07-07", "09-30");
        assert_eq!(found(&case, FilingKind::BaseAdjustment), [(Code::BaseWindowClosed, Level::Warning)]);
        assert_eq!(found(&case, FilingKind::StatusChange), [], "people come and go all year");
    }

    #[test]
    fn a_unit_is_judged_by_its_district() {
        let mut case = case();
        let mut own = case.profile.policies[1].clone();
        (own.district, own.base_floor) = (Some("河口县".into()), Some(yuan("1800")));
        case.profile.districts = vec!["河口县".into()];
        case.profile.policies.push(own);
        let floor = |case: &Case| case.circumstances().policy().unwrap().base_floor;
        assert_eq!(floor(&case), Some(yuan("2100")), "a unit without district has the center's");
        case.unit.district = Some("河口县".into());
        assert_eq!(floor(&case), Some(yuan("1800")), "a unit of the district its own");
    }

    #[test]
    fn unequal_ratios_of_the_unit_are_warned_of_where_the_center_demands_one() {
        let mut case = case();
        case.unit.personal_ratio = "0.05".parse().unwrap();
        assert_eq!(found(&case, FilingKind::BaseAdjustment), [], "most centers do not");
        case.profile.policies[1].equal_ratio = true;
        assert_eq!(found(&case, FilingKind::BaseAdjustment), [(Code::RatioUnequal, Level::Warning)]);
    }

    #[test]
    fn a_kind_the_center_does_not_take_is_refused_on_both_sides() {
        let mut case = case();
        case.profile.kinds.remove(&FilingKind::StatusChange);
        let first = |kind| {
            let checked = check_sheet(kind, &case.sheet, case.circumstances());
            checked.findings.first().map(|finding| finding.code)
        };
        assert_eq!(first(FilingKind::StatusChange), Some(Code::KindNotOffered), "at the clerk's desk");
        assert_ne!(first(FilingKind::BaseAdjustment), Some(Code::KindNotOffered), "the others are taken");
        let rows = crate::filing::Rows::none(FilingKind::StatusChange);
        let said = rows.check(rows.totals(), case.circumstances());
        assert_eq!(said.first().map(|finding| finding.code), Some(Code::KindNotOffered), "and at the center");
    }
}
