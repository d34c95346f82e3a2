//! The year before the practice begins: twelve months that were verified and paid, with comings and goings.

use huijiao_center::{PastMonth, PastWithdrawal};
use huijiao_domain::month::Month;
use huijiao_domain::remittance::DueLine;
use huijiao_domain::roster::{AccountStatus, Contributor};
use jiff::civil::Date;

use crate::people::UnitRoster;

/// Months that are kept of the past.
pub const MONTHS: usize = 12;

/// The lists of the twelve months before a unit's first unverified one, oldest first. Whoever is sealed now was due
/// until some month of that year, every tenth of the others came within it; the last list is what the roster says.
/// A unit too small for that has no past.
pub fn past_months(unit: &UnitRoster) -> Vec<PastMonth> {
    let last = unit.unit.first_unverified.previous();
    let mut months: Vec<Month> =
        std::iter::successors(Some(last), |month| Some(month.previous())).take(MONTHS).collect();
    months.reverse();
    let past: Vec<_> = (0..)
        .zip(months)
        .map(|(place, month)| {
            let people = (0..).zip(&unit.roster.contributors).filter(|(index, person)| due(*index, person, place));
            PastMonth { month, lines: people.map(|(_, person)| line(person)).collect() }
        })
        .collect();
    if past.iter().any(|past| past.lines.is_empty()) { Vec::new() } else { past }
}

/// What contributors took out in that year: every sixteenth of those who were due all along, in some month of its
/// second half, the amount of two or three months. Nothing where there is no past.
pub fn past_withdrawals(unit: &UnitRoster) -> Vec<PastWithdrawal> {
    const REASONS: [&str; 3] = ["租赁住房", "偿还住房贷款本息", "购买自住住房"];
    let months = past_months(unit);
    let people = (0..).zip(&unit.roster.contributors);
    let all_along = people.filter(|(index, person)| (0..MONTHS).all(|place| due(*index, person, place)));
    (0..)
        .zip(all_along.step_by(16))
        .filter_map(|(place, (_, person)): (usize, (_, &Contributor))| {
            let month = months.get(MONTHS / 2 + place % (MONTHS / 2))?.month;
            let on = Date::new(month.year(), month.month(), 3 + (place % 14) as i8).ok()?;
            let reason = REASONS[place % REASONS.len()].to_owned();
            let amount = std::iter::repeat_n(person.amounts.monthly(), 2 + place % 2).sum();
            Some(PastWithdrawal { on, personal_account: person.personal_account.to_string(), reason, amount })
        })
        .collect()
}

fn due(index: usize, person: &Contributor, place: usize) -> bool {
    match person.status {
        AccountStatus::Normal => index % 10 != 6 || place >= index / 10 % MONTHS,
        AccountStatus::Sealed => place < 1 + index / 20 % (MONTHS - 1),
        AccountStatus::ClosedByMerger
        | AccountStatus::ClosedByTransfer
        | AccountStatus::ClosedByWithdrawal
        | AccountStatus::Frozen
        | AccountStatus::Other => false,
    }
}

fn line(person: &Contributor) -> DueLine {
    DueLine {
        personal_account: person.personal_account.to_string(),
        name: person.name.to_string(),
        id_number: person.id_number.to_string(),
        base: person.base,
        amounts: person.amounts,
    }
}
