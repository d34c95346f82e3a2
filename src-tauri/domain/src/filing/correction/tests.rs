#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, id_number, name as person_name, said as told, yuan};
use crate::roster::AccountStatus;

const COLUMNS: [Field; 9] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdNumber,
    Field::Month,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::RightUnitAmount,
    Field::RightPersonalAmount,
    Field::Reason,
];

/// A unit of six that is paid through June; 4 is sealed and was paid once too often.
fn case() -> Case {
    let mut case = Case::of(6, &COLUMNS);
    case.roster.contributors[4].status = AccountStatus::Sealed;
    for (person, month, wrong, right, reason) in [
        (0, "2026-06", "480", "400", "缴存基数有误"),
        (1, "2025-12", "400", "440.50", "缴存基数有误"),
        (4, "2026-06", "400", "0", "封存后多缴"),
    ] {
        let known = case.roster.contributors[person].clone();
        case.row(&[
            (Field::PersonalAccount, &known.personal_account),
            (Field::Name, &known.name),
            (Field::IdNumber, &known.id_number),
            (Field::Month, month),
            (Field::UnitAmount, wrong),
            (Field::PersonalAmount, wrong),
            (Field::RightUnitAmount, right),
            (Field::RightPersonalAmount, right),
            (Field::Reason, reason),
        ]);
    }
    case
}

fn checked(case: &Case) -> Checked<CorrectionRow> {
    check_sheet(&case.sheet, case.circumstances())
}

fn center(case: &Case, checked: &Checked<CorrectionRow>) -> Vec<Code> {
    let rows: Vec<_> = checked.rows.iter().flatten().cloned().collect();
    check_rows(&rows, checked.totals, case.circumstances()).into_iter().map(|f| f.code).collect()
}

#[test]
fn a_sound_sheet_has_nothing_to_say_and_passes_the_center() {
    let case = case();
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "nothing to say");
    assert_eq!(center(&case, &checked), [], "the center says the same");
    let totals = checked.totals;
    assert_eq!((totals.before, totals.after), (yuan("2560"), yuan("1681")), "as posted, and as it should have been");
    assert_eq!(totals.difference, yuan("-879"), "so much comes back");
    let ways: Vec<_> = checked.rows.iter().flatten().map(CorrectionRow::way).collect();
    assert_eq!(ways, [Ordering::Less, Ordering::Greater, Ordering::Less], "back, owed, back");
}

#[test]
fn only_paid_months_are_corrected() {
    let mut case = case();
    case.unit.paid_through = "2026-05".parse().unwrap();
    case.set(1, Field::Month, "");
    let checked = checked(&case);
    let expected =
        [(Code::CorrectionNotPaid, Some(2)), (Code::MonthMissing, Some(3)), (Code::CorrectionNotPaid, Some(4))];
    assert_eq!(told(&checked.findings), expected, "June is verified, but not paid");
    assert_eq!(checked.findings[0].args["last"], "2026-05", "up to which month");
    let codes = [Code::CorrectionNotPaid, Code::CorrectionNotPaid];
    assert_eq!(center(&case, &checked), codes, "the center says the same");
}

#[test]
fn right_and_wrong_differ_and_are_possible() {
    let mut case = case();
    for (right, other, codes) in [
        ("480", "480", vec![Code::CorrectionSame]),
        ("480", "479.99", vec![]),
        ("0", "0", vec![]),
        ("-1", "480", vec![Code::AmountNegative]),
        ("100000000", "480", vec![Code::AmountTooLarge]),
    ] {
        case.set(0, Field::RightUnitAmount, right);
        case.set(0, Field::RightPersonalAmount, other);
        let checked = checked(&case);
        let found: Vec<_> = checked.findings.iter().map(|f| f.code).collect();
        assert_eq!(found, codes, "{right} and {other}");
        assert_eq!(center(&case, &checked), codes, "{right} and {other}: the center says the same");
    }
    case.set(0, Field::RightUnitAmount, "");
    case.set(0, Field::UnitAmount, "四百");
    let expected = [(Code::AmountUnreadable, Some(2)), (Code::AmountMissing, Some(2))];
    assert_eq!(told(&checked(&case).findings), expected, "what is not there is not zero");
}

#[test]
fn one_person_s_month_is_corrected_once() {
    let mut case = case();
    let again = case.sheet.rows[0].cells.clone();
    let place = case.row(&[]);
    case.sheet.rows[place].cells = again;
    let twice = checked(&case);
    assert_eq!(told(&twice.findings), [(Code::CorrectionTwice, Some(5))], "at the later row");
    assert_eq!(center(&case, &twice), [Code::CorrectionTwice], "the center sees it too");
    case.set(place, Field::Month, "2026-05");
    assert_eq!(checked(&case).findings, [], "another month is another correction");
}

#[test]
fn the_person_has_an_account_that_money_can_be_taken_from() {
    let mut case = case();
    case.roster.contributors[0].status = AccountStatus::ClosedByTransfer;
    case.set(1, Field::Name, "钱进");
    case.set(2, Field::PersonalAccount, "8000000004");
    let expected = [(Code::RosterStatus, Some(2)), (Code::RosterNameDiffers, Some(3)), (Code::AccountZeros, Some(4))];
    let checked = checked(&case);
    assert_eq!(told(&checked.findings), expected, "closed, another name, lost zeros");
    assert_eq!(checked.rows[2], None, "an account is not padded silently");
}

#[test]
fn reasons_are_those_of_the_list() {
    let mut case = case();
    case.set(0, Field::Reason, "基数错误");
    case.set(1, Field::Reason, "算错了");
    case.set(2, Field::Reason, "");
    let findings = checked(&case).findings;
    let expected = [(Code::ReasonForm, Some(2)), (Code::ReasonUnknown, Some(3)), (Code::ReasonMissing, Some(4))];
    assert_eq!(told(&findings), expected, "another word, an unknown one, none");
    assert_eq!(findings[0].fix.as_deref(), Some("缴存基数有误"), "the word of the list is proposed");
}

#[test]
fn the_center_refuses_figures_that_were_changed() {
    let case = case();
    let checked = checked(&case);
    let mut rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    rows[0].right.unit_amount = yuan("1");
    rows[1].month = "2026-07".parse().unwrap();
    rows[2].id_type = "03".into();
    let codes: Vec<_> = check_rows(&rows, checked.totals, case.circumstances()).iter().map(|f| f.code).collect();
    let expected = [Code::FilingTotals, Code::CorrectionNotPaid, Code::IdType];
    assert_eq!(codes, expected, "sums, month and type of document");
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (0usize..3, prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                prop::sample::select(REASONS.to_vec()).prop_map(str::to_owned),
                prop::sample::select(vec!["2026-05", "202606", "2026.7", "2026-07", "2024-01"]).prop_map(str::to_owned),
                (0usize..7).prop_map(|person| format!("0080{person:08}")),
                (0usize..7).prop_map(id_number),
                (0usize..7).prop_map(person_name),
                prop::sample::select(vec!["0", "400", "-3", "1,440", "12.345"]).prop_map(str::to_owned),
                "\\PC{0,8}",
            ]),
            0..6,
        ),
        twin in prop::option::of((0usize..3, 0usize..3)),
    ) {
        let mut case = case();
        if let Some((row, other)) = twin {
            for field in [Field::PersonalAccount, Field::Name, Field::IdNumber] {
                let text = case.sheet.rows[row].text(field).to_owned();
                case.set(other, field, &text);
            }
        }
        for (row, field, text) in spoils {
            case.set(row, field, &text);
        }
        let checked = checked(&case);
        let rows: Vec<_> = checked.rows.iter().flatten().cloned().collect();
        let center = check_rows(&rows, checked.totals, case.circumstances());
        if checked.findings.iter().any(Finding::blocks) {
            prop_assert!(checked.rows.contains(&None) || !center.is_empty(), "what blocks here is not taken there");
        } else {
            prop_assert_eq!(rows.len(), 3, "every row can be filed");
            prop_assert_eq!(center, [], "the center says the same");
        }
    }
}
