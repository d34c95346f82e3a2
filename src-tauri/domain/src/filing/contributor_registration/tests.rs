#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, id_number, name as person_name, said, yuan};
use crate::roster::AccountStatus;

const COLUMNS: [Field; 8] = [
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::Sex,
    Field::BirthDate,
    Field::Mobile,
    Field::BankCard,
    Field::NewBase,
];

/// A unit of three, and a sheet of new people.
fn case(people: usize) -> Case {
    let mut case = Case::of(3, &COLUMNS);
    for person in 100..100 + people {
        case.row(&[
            (Field::Name, &person_name(person)),
            (Field::IdNumber, &id_number(person)),
            (Field::Mobile, &format!("138{person:08}")),
            (Field::BankCard, "4111111111111111"),
            (Field::NewBase, "6000"),
        ]);
    }
    case
}

fn checked(case: &Case) -> Checked<ContributorRegistrationRow> {
    check_sheet(&case.sheet, case.circumstances())
}

#[test]
fn a_sound_sheet_has_nothing_to_say_and_passes_the_center() {
    let mut case = case(3);
    case.set(1, Field::BankCard, "");
    case.set(2, Field::BankCard, "6222021234567890123");
    let checked = checked(&case);
    let codes: Vec<_> = checked.findings.iter().filter(|f| f.blocks()).collect();
    assert!(codes.is_empty(), "nothing blocks: {codes:?}");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    assert_eq!(rows.len(), 3, "everybody can be filed");
    assert_eq!(rows[0].amounts.monthly(), yuan("960"), "8 % of 6000, each side");
    assert_eq!(rows[1].bank_card, "", "a card may come later");
    assert_eq!(checked.totals.after, yuan("2880"), "the unit pays so much more");
    assert_eq!(checked.totals.before, Yuan::ZERO, "and paid nothing before");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn what_is_missing_or_wrong_is_said_in_its_cell() {
    let mut case = case(8);
    case.set(0, Field::Mobile, "");
    case.set(1, Field::Mobile, "12345678901");
    case.set_kind(2, Field::BankCard, "6222021234567890000", CellKind::Number);
    case.set(3, Field::NewBase, "");
    case.set(4, Field::NewBase, "41000");
    case.set(5, Field::IdNumber, &id_number(1));
    case.set(6, Field::IdType, "护照");
    case.set(6, Field::IdNumber, "E12345678");
    case.set(7, Field::IdType, "学生证");
    let checked = checked(&case);
    let blocking: Vec<_> = checked.findings.iter().filter(|f| f.blocks()).cloned().collect();
    let expected = [
        (Code::MobileMissing, Some(2)),
        (Code::MobileInvalid, Some(3)),
        (Code::CardNumeric, Some(4)),
        (Code::AmountMissing, Some(5)),
        (Code::BaseAboveCeiling, Some(6)),
        (Code::RosterKnown, Some(7)),
        (Code::SexMissing, Some(8)),
        (Code::BirthDateMissing, Some(8)),
        (Code::IdType, Some(9)),
    ];
    assert_eq!(said(&blocking), expected, "one finding each, none twice");
    assert!(blocking.iter().all(|f| f.at.as_ref().is_some_and(|at| at.column.is_some())), "in a cell each");
}

#[test]
fn somebody_whom_the_center_knows_by_fifteen_digits_is_known() {
    let mut case = case(1);
    let id = id_number(1);
    case.roster.contributors[1].id_number = format!("{}{}", &id[..6], &id[8..17]).into();
    case.set(0, Field::IdNumber, &id);
    assert_eq!(said(&checked(&case).findings), [(Code::RosterKnown, Some(2))], "no second account");
}

#[test]
fn whoever_comes_back_after_his_account_was_closed_is_registered_again() {
    let mut case = case(1);
    case.set(0, Field::IdNumber, &id_number(1));
    case.set(0, Field::Name, &case.roster.contributors[1].name.clone());
    for status in [AccountStatus::Normal, AccountStatus::Sealed, AccountStatus::Frozen] {
        case.roster.contributors[1].status = status;
        assert_eq!(said(&checked(&case).findings), [(Code::RosterKnown, Some(2))], "no second account: {status:?}");
    }
    case.roster.contributors[1].status = AccountStatus::ClosedByWithdrawal;
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "a closed account is no account");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn other_documents_bring_sex_and_birth_date_along() {
    let mut case = case(1);
    case.set(0, Field::IdType, "护照");
    case.set(0, Field::IdNumber, "E12345678");
    case.set(0, Field::Sex, "女");
    case.set(0, Field::BirthDate, "1990年1月1日");
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "the columns tell");
    case.set(0, Field::BirthDate, "1990/1/1 0:00:00");
    assert_eq!(self::checked(&case).rows, checked.rows, "the time that a database writes behind the day says nothing");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    assert_eq!((rows[0].sex.as_str(), &*rows[0].id_type), ("2", "03"), "in codes of the standard");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center takes it");
}

#[test]
fn a_birth_date_that_is_shown_as_its_number_is_proposed() {
    let mut case = case(1);
    case.set(0, Field::IdType, "护照");
    case.set(0, Field::IdNumber, "E12345678");
    case.set(0, Field::Sex, "女");
    case.set_kind(0, Field::BirthDate, "32874", CellKind::Number);
    let asked = checked(&case);
    assert_eq!(said(&asked.findings), [(Code::BirthDateForm, Some(2))], "the one finding of the row");
    assert_eq!((asked.findings[0].level, asked.findings[0].fix.as_deref()), (Level::Fix, Some("1990-01-01")));
    assert_eq!(asked.rows, [None], "nothing is filed before the day is taken");
    case.set_kind(0, Field::BirthDate, "1990-01-01", CellKind::Edited);
    let taken = checked(&case);
    assert_eq!(taken.findings, [], "the proposal is a date");
    assert_eq!(taken.rows[0].as_ref().unwrap().birth_date.to_string(), "1990-01-01");
    for (number, kind) in [
        ("19901", CellKind::Number),
        ("99999", CellKind::Number),
        ("328.74", CellKind::Number),
        ("3287", CellKind::Number),
        ("32874", CellKind::Text),
    ] {
        case.set_kind(0, Field::BirthDate, number, kind);
        let findings = checked(&case).findings;
        assert_eq!(said(&findings), [(Code::BirthDateMissing, Some(2))], "{number} as {kind:?}");
        assert_eq!(findings[0].fix, None, "{number} as {kind:?}: a month, the future, or anything: not guessed");
    }
}

#[test]
fn shared_phones_and_cards_are_warned_about() {
    let mut case = case(2);
    let phone = case.sheet.rows[0].text(Field::Mobile).to_owned();
    case.set(1, Field::Mobile, &phone);
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::MobileShared, Some(3)), (Code::CardShared, Some(3))], "at the later row");
    assert!(!findings.iter().any(Finding::blocks), "a couple may share both");
}

#[test]
fn one_person_is_registered_once() {
    let mut case = case(2);
    case.set(1, Field::IdNumber, &id_number(100));
    case.set(1, Field::Name, &person_name(100));
    let checked = checked(&case);
    assert_eq!(said(&checked.findings), [(Code::IdDuplicate, Some(3))], "and shares nothing with anybody else");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let center = check_rows(&rows, checked.totals, case.circumstances());
    assert_eq!(center.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::IdDuplicate], "the center sees it too");
}

#[test]
fn the_center_refuses_figures_that_were_changed() {
    let case = case(2);
    let checked = checked(&case);
    let mut rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    rows[1].amounts.unit_amount = yuan("1");
    rows[0].sex = "9".into();
    let codes: Vec<_> = check_rows(&rows, checked.totals, case.circumstances()).iter().map(|f| f.code).collect();
    assert_eq!(codes, [Code::FilingTotals, Code::SexMissing, Code::AmountDiffers], "sums, sex and amounts");
    let none = check_rows(&[], Totals::NONE, case.circumstances());
    assert_eq!(none.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::SheetEmpty], "nobody is no filing");
}

#[test]
fn a_sheet_without_its_columns_says_which() {
    let mut case = Case::of(1, &[Field::Name, Field::Wage]);
    case.row(&[(Field::Name, "钱进"), (Field::Wage, "6000")]);
    let codes = said(&checked(&case).findings);
    assert_eq!(codes, [(Code::IdMissing, None), (Code::MobileMissing, None)], "on the whole sheet, not on each row");
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (0usize..4, prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                Just("护照".to_owned()),
                Just("1990-02-03".to_owned()),
                Just("女".to_owned()),
                Just("13800000101".to_owned()),
                Just("1,950.5".to_owned()),
                Just("E1234567".to_owned()),
                (99usize..103).prop_map(id_number),
                (0usize..3).prop_map(id_number),
                "[0-9]{4,12}",
                "\\PC{0,8}",
            ]),
            0..6,
        ),
    ) {
        let mut case = case(4);
        for (row, field, text) in spoils {
            case.set(row, field, &text);
        }
        let checked = checked(&case);
        let rows: Vec<_> = checked.rows.iter().flatten().cloned().collect();
        let center = check_rows(&rows, checked.totals, case.circumstances());
        if checked.findings.iter().any(Finding::blocks) {
            prop_assert!(checked.rows.contains(&None) || !center.is_empty(), "what blocks here is not taken there");
        } else {
            prop_assert_eq!(rows.len(), 4, "every row can be filed");
            prop_assert_eq!(center, [], "the center says the same");
        }
    }
}
