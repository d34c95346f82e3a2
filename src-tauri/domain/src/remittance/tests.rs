#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
use proptest::prelude::*;

use super::*;
use crate::kit::{Case, yuan};
use crate::roster::AccountStatus;

fn list(people: usize) -> Vec<DueLine> {
    let case = Case::of(people, &[]);
    due_list(&case.roster, "2026-07".parse().unwrap())
}

#[test]
fn only_accounts_in_use_are_due() {
    let mut case = Case::of(7, &[]);
    let statuses = [
        AccountStatus::Normal,
        AccountStatus::Sealed,
        AccountStatus::ClosedByMerger,
        AccountStatus::ClosedByTransfer,
        AccountStatus::ClosedByWithdrawal,
        AccountStatus::Frozen,
        AccountStatus::Other,
    ];
    for (person, status) in case.roster.contributors.iter_mut().zip(statuses) {
        person.status = status;
    }
    let due = due_list(&case.roster, "2026-07".parse().unwrap());
    assert_eq!(due.len(), 1, "正常 and nothing else");
}

#[test]
fn the_figures_open_the_people_behind_them() {
    let previous = list(6);
    let mut due = previous[1..].to_vec();
    due[0].amounts.unit_amount += yuan("10");
    due[1].base += yuan("1");
    due.push(DueLine { personal_account: "new".into(), ..previous[0].clone() });
    let table = MonthTable::between("2026-07".parse().unwrap(), &previous, &due);
    assert_eq!(table.decrease, [previous[0].clone()], "who is gone, as he was");
    assert_eq!(table.increase, [due[5].clone()], "who came: another account is another person");
    assert_eq!(table.adjusted.len(), 2, "another amount, and another base for the same");
    assert_eq!(table.figures.adjusted, Figure { people: 2, amount: yuan("10") });
    assert!(table.figures.hold());
}

#[test]
fn two_lists_differ_person_by_person() {
    let here = list(4);
    let mut center = here[1..].to_vec();
    center[0].amounts.personal_amount = yuan("1");
    center.push(DueLine { personal_account: "new".into(), ..here[0].clone() });
    let found = differences(&here, &center);
    let who: Vec<_> = found.iter().map(|one| (one.here.is_some(), one.center.is_some())).collect();
    assert_eq!(who, [(true, false), (true, true), (false, true)], "only here, other amount, only at the center");
    assert!(differences(&here, &here).is_empty(), "none");
}

proptest! {
    #[test]
    fn the_identities_hold_however_people_come_and_go(
        before in prop::collection::vec(any::<bool>(), 30), after in prop::collection::vec(any::<bool>(), 30),
        raised in prop::collection::vec(0i64..3, 30),
    ) {
        let all = list(30);
        let of = |there: &[bool]| -> Vec<DueLine> {
            all.iter().zip(there).filter(|(_, there)| **there).map(|(line, _)| line.clone()).collect()
        };
        let (previous, mut due) = (of(&before), of(&after));
        for (line, fen) in due.iter_mut().zip(&raised) {
            line.amounts.unit_amount += Yuan::from_fen(*fen);
        }
        let table = MonthTable::between("2026-07".parse().unwrap(), &previous, &due);
        prop_assert!(table.figures.hold(), "{:?}", table.figures);
        prop_assert_eq!(table.figures.increase, Figure::of(&table.increase));
        prop_assert_eq!(table.figures.decrease, Figure::of(&table.decrease));
        prop_assert_eq!(table.figures.adjusted.people as usize, table.adjusted.len());
    }
}
