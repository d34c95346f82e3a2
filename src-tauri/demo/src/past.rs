//! The year before the practice begins: twelve months that were verified and paid, with comings and goings.

use huijiao_center::PastMonth;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::DueLine;
use huijiao_domain::roster::{AccountStatus, Contributor};

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
        personal_account: person.personal_account.clone(),
        name: person.name.clone(),
        id_number: person.id_number.clone(),
        base: person.base,
        amounts: person.amounts,
    }
}
