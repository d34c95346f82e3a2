//! What holds for a filing as a whole: the unit, the effective month, the policy.

use crate::filing::Circumstances;
use crate::finding::{Code, Finding, Level};
use crate::month::Month;

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
}

fn policy(of: Circumstances<'_>, out: &mut Vec<Finding>) {
    // Without limits a person can still ask the center; without any record nobody knows how to round.
    let level = match of.profile.policy(of.period) {
        Some(policy) if policy.base_floor.is_some() && policy.base_ceiling.is_some() => return,
        Some(_) => Level::Warning,
        None => Level::Error,
    };
    out.push(Finding::new(Code::PolicyMissing, level).arg("month", of.period));
}
