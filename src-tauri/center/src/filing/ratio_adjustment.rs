//! 缴存比例调整 at the center: the unit's new ratios, and what they come to for everybody in it.

use huijiao_domain::filing::ratio_adjustment::RatioAdjustmentRow;
use huijiao_domain::money::Ratio;
use huijiao_domain::month::Month;
use huijiao_domain::profile::Policy;
use huijiao_domain::roster::{AccountStatus, Contributor, Roster, Unit};

use super::Facts;
use crate::error::CenterError;
use crate::register::people::Booking;
use crate::register::units;

pub(super) fn book(rows: &[RatioAdjustmentRow], facts: &Facts<'_>, on: &Booking<'_>) -> Result<(), CenterError> {
    let broken = |what: &str| CenterError::Content(what.into());
    let [row] = rows else { return Err(broken("one pair of ratios")) };
    let policy = facts.profile.policy_in(row.month, facts.unit.district.as_deref());
    let policy = policy.ok_or_else(|| broken("no policy"))?;
    adjust((facts.unit, facts.roster), policy, (row.unit_ratio, row.personal_ratio), row.month, on)
}

/// A unit's ratios from a month on, and everybody's amounts with them.
pub(super) fn adjust(
    (unit, roster): (&Unit, &Roster),
    policy: &Policy,
    (unit_ratio, personal_ratio): (Ratio, Ratio),
    month: Month,
    on: &Booking<'_>,
) -> Result<(), CenterError> {
    units::change(on, unit, &Unit { unit_ratio, personal_ratio, ..unit.clone() })?;
    for person in &roster.contributors {
        match person.status {
            // Sealed accounts too: their amounts are what they pay once they are unsealed.
            AccountStatus::Normal | AccountStatus::Sealed | AccountStatus::Frozen | AccountStatus::Other => {
                let amounts = policy.contribution(person.base, unit_ratio, personal_ratio);
                let earlier = person.until(month);
                on.change(person, &Contributor { amounts, earlier, ..person.clone() })?;
            }
            AccountStatus::ClosedByMerger | AccountStatus::ClosedByTransfer | AccountStatus::ClosedByWithdrawal => {}
        }
    }
    Ok(())
}
