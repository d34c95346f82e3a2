//! 缓缴 / 降低缴存比例申请 at the center: what was granted holds for its term and ends by itself.

use huijiao_domain::filing::deferral::{Asked, DeferralRow};
use huijiao_domain::month::Month;
use huijiao_domain::roster::{Deferral, Unit, UnitStatus};
use huijiao_protocol::resources::About;
use rusqlite::Transaction;

use super::{Facts, ratio_adjustment};
use crate::center::Center;
use crate::error::CenterError;
use crate::register::people::Booking;
use crate::register::{self, deferrals, events, units};

pub(super) fn book(rows: &[DeferralRow], facts: &Facts<'_>, number: &str, on: &Booking<'_>) -> Result<(), CenterError> {
    let broken = |what: &str| CenterError::Content(what.into());
    let [row] = rows else { return Err(broken("one application")) };
    let unit = facts.unit;
    let term = Deferral {
        asked: row.asked,
        from: row.from,
        to: row.to,
        unit_ratio: unit.unit_ratio,
        personal_ratio: unit.personal_ratio,
        filing_number: number.to_owned(),
    };
    deferrals::add(on.connection, on.filing, unit, &term)?;
    match row.asked {
        Asked::Defer => units::change(on, unit, &Unit { status: UnitStatus::Deferred, ..unit.clone() }),
        Asked::LowerRatio => {
            let ratios = row.unit_ratio.zip(row.personal_ratio).ok_or_else(|| broken("lower ratios"))?;
            let policy = facts.profile.policy_in(row.from, unit.district.as_deref());
            let policy = policy.ok_or_else(|| broken("no policy"))?;
            ratio_adjustment::adjust((unit, facts.roster), policy, ratios, row.from, on)
        }
    }
}

/// Ends the terms that are over: the unit's status and its own ratios come back.
pub(crate) fn end_terms(center: &Center) -> Result<(), CenterError> {
    let today = center.clock.today();
    let month = Month::of(today).map_err(|e| CenterError::Content(e.to_string()))?;
    if center.register.read(|c| deferrals::over(c, month))?.is_none() {
        return Ok(());
    }
    center.register.write(|tx| {
        while let Some(running) = deferrals::over(tx, month)? {
            end(center, tx, &running)?;
            deferrals::end(tx, &running.filing, today)?;
        }
        Ok(())
    })
}

fn end(center: &Center, tx: &Transaction<'_>, running: &deferrals::Running) -> Result<(), CenterError> {
    let lost = || CenterError::Content("a term of no unit".into());
    let deferrals::Running { filing, unit: account, term, status } = running;
    let unit = units::unit(tx, account)?.ok_or_else(lost)?;
    let version = units::next_roster_version(tx, account)?;
    let on = Booking { connection: tx, unit: account, filing, version };
    match term.asked {
        // Closed or sealed meanwhile, it stays so.
        Asked::Defer if unit.status != UnitStatus::Deferred => {}
        Asked::Defer => units::change(&on, &unit, &Unit { status: *status, ..unit.clone() })?,
        Asked::LowerRatio => {
            let (roster, _) = units::roster(tx, account)?.ok_or_else(lost)?;
            let profile = register::profile(tx)?.ok_or_else(|| CenterError::Content("no profile".into()))?;
            let after = term.to.next();
            let policy_in = |month| profile.policy_in(month, unit.district.as_deref());
            // A center that has published nothing for later goes on rounding as it did.
            let policy = policy_in(after).or_else(|| policy_in(term.from));
            let policy = policy.ok_or_else(|| CenterError::Content("no policy".into()))?;
            let ratios = (term.unit_ratio, term.personal_ratio);
            ratio_adjustment::adjust((&unit, &roster), policy, ratios, after, &on)?;
        }
    }
    events::moved(tx, account, About::Roster, &center.clock.rfc3339())
}
