#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::identity::ResidentId;
use crate::month::Month;
use crate::profile::CenterProfile;
use crate::roster::UnitStatus;
use crate::roster::{Changes, Contributor, Roster, Unit};
use crate::sheet::{CellKind, CellRef, RawCell, RowCells, TotalRow};

const TODAY: Date = date(2026, 7, 6);
const COLUMNS: [Field; 13] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdNumber,
    Field::OldBase,
    Field::NewBase,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::MonthlyAmount,
    Field::Sex,
    Field::BirthDate,
    Field::UnitRatio,
    Field::PersonalRatio,
    Field::IdType,
];

fn yuan(text: &str) -> Yuan {
    text.parse().unwrap()
}

fn id_number(person: usize) -> String {
    let front = format!("4108011980{:02}{:02}{:03}", 1 + person % 12, 1 + person / 12 % 28, 1 + person % 990);
    (0..=10)
        .map(|check| format!("{front}{}", "0123456789X".chars().nth(check).unwrap()))
        .find(|id| ResidentId::parse(id, TODAY).is_ok())
        .unwrap()
}

fn roster(people: usize) -> Roster {
    let contributors = (0..people)
        .map(|person| {
            let base = Yuan::from_fen(500_000 + i64::try_from(person).unwrap() * 100);
            Contributor {
                personal_account: format!("0080{person:08}").into(),
                name: ["王芳", "李强", "赵敏", "阿依古丽·买买提", "𠮷田"][person % 5].to_owned().into(),
                id_type: "01".into(),
                id_number: id_number(person).into(),
                status: AccountStatus::Normal,
                base,
                amounts: contribution(base),
                contact: Default::default(),
                earlier: Vec::new(),
                changes: Changes::default(),
            }
        })
        .collect();
    Roster { version: 7, contributors }
}

fn contribution(base: Yuan) -> Contribution {
    let share = "0.08".parse().unwrap();
    CenterProfile::shipped("demo").unwrap().policies[0].contribution(base, share, share)
}

fn unit() -> Unit {
    Unit {
        account: "800100".into(),
        credit_code: "91350100M000100Y43".into(),
        name: "演示单位".into(),
        status: UnitStatus::Normal,
        unit_ratio: "0.08".parse().unwrap(),
        personal_ratio: "0.08".parse().unwrap(),
        contributors: 4,
        sealed: 0,
        paid_through: "2026-06".parse().unwrap(),
        first_unverified: "2026-07".parse().unwrap(),
        single_operator: false,
        suspense_balance: Yuan::ZERO,
        district: None,
        deferral: None,
        details: Default::default(),
    }
}

/// A center, a unit, a roster and a sheet that agree; each test spoils one thing.
struct Case {
    profile: CenterProfile,
    unit: Option<Unit>,
    roster: Option<Roster>,
    period: Month,
    sheet: RawSheet,
}

impl Case {
    fn of(people: usize) -> Self {
        let roster = roster(people);
        let columns = COLUMNS.iter().take(5).copied().zip(0..).collect();
        let mut case = Self {
            profile: CenterProfile::shipped("demo").unwrap(),
            unit: Some(unit()),
            roster: None,
            period: "2026-07".parse().unwrap(),
            sheet: RawSheet { name: "调整".into(), columns, rows: Vec::new(), totals: Vec::new() },
        };
        for (place, person) in roster.contributors.iter().enumerate() {
            case.sheet.rows.push(RawRow { row: 5 + u32::try_from(place).unwrap(), cells: RowCells::new() });
            case.set(place, Field::PersonalAccount, &person.personal_account);
            case.set(place, Field::Name, &person.name);
            case.set(place, Field::IdNumber, &person.id_number);
            case.set(place, Field::OldBase, &person.base.to_string());
            case.set(place, Field::NewBase, &(person.base + yuan("800")).to_string());
        }
        case.roster = Some(roster);
        case
    }

    fn set(&mut self, row: usize, field: Field, text: &str) {
        self.set_kind(row, field, text, CellKind::Text);
    }

    fn set_kind(&mut self, row: usize, field: Field, text: &str, kind: CellKind) {
        let column = u16::try_from(COLUMNS.iter().position(|c| *c == field).unwrap()).unwrap();
        self.sheet.columns.insert(field, column);
        let cells = &mut self.sheet.rows[row].cells;
        if text.is_empty() {
            cells.remove(&field);
        } else {
            cells.insert(field, RawCell { column, text: text.into(), kind });
        }
    }

    fn person(&mut self, place: usize) -> &mut Contributor {
        &mut self.roster.as_mut().unwrap().contributors[place]
    }

    fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            books: None,
            profile: &self.profile,
            unit: self.unit.as_ref(),
            roster: self.roster.as_ref(),
            elsewhere: None,
            period: self.period,
            today: TODAY,
        }
    }

    fn check(&self) -> Checked<BaseAdjustmentRow> {
        check_sheet(&self.sheet, self.circumstances())
    }

    /// Row in the sheet (0: whole), code and level of every finding.
    fn said(&self) -> Vec<(u32, Code, Level)> {
        let row = |finding: &Finding| finding.at.as_ref().map_or(0, |at| at.row);
        self.check().findings.iter().map(|finding| (row(finding), finding.code, finding.level)).collect()
    }

    fn only(&self) -> Finding {
        let mut findings = self.check().findings;
        assert_eq!(findings.len(), 1, "one fault, one finding: {findings:#?}");
        findings.remove(0)
    }

    fn signed(&self) -> (Vec<BaseAdjustmentRow>, Totals) {
        let checked = self.check();
        (checked.rows.into_iter().flatten().collect(), checked.totals)
    }
}

#[test]
fn a_clean_sheet_says_nothing_and_every_row_is_usable() {
    let case = Case::of(4);
    let checked = case.check();
    assert_eq!(checked.findings, [], "nothing is wrong");
    let row = checked.rows[0].as_ref().unwrap();
    let person = &case.roster.as_ref().unwrap().contributors[0];
    assert_eq!(row.old_base, person.base, "the base before is the center's");
    assert_eq!(row.before, person.amounts, "so are the amounts before");
    assert_eq!(row.new_base, yuan("5800"), "the new base is the sheet's");
    assert_eq!(row.after.monthly(), yuan("928"), "464 + 464");
    let totals = checked.totals;
    assert_eq!(totals.people, 4, "everybody counts");
    assert_eq!(totals.difference, totals.after - totals.before, "the third figure follows from the two");
    let (rows, totals) = case.signed();
    assert_eq!(check_rows(&rows, totals, case.circumstances()), [], "the center agrees");
}

#[test]
fn findings_name_their_cell() {
    let mut case = Case::of(3);
    case.set(1, Field::NewBase, "30000");
    let finding = case.only();
    assert_eq!(finding.code, Code::BaseAboveCeiling, "above 27000");
    assert_eq!(finding.at, Some(CellRef { sheet: Arc::from("调整"), row: 6, column: Some(4) }), "sheet, row, column");
    assert_eq!((finding.field, finding.value.as_str()), (Some(Field::NewBase), "30000"), "field and raw text");
    assert_eq!(finding.fix.as_deref(), Some("27000.00"), "the limit is proposed");
    assert!(case.check().rows[1].is_some(), "the row can still be computed");
}

#[test]
fn each_row_and_each_fault_is_told() {
    let mut case = Case::of(6);
    case.set(0, Field::Name, "王\u{fffd}");
    case.set(0, Field::NewBase, "五千");
    case.set_kind(1, Field::IdNumber, "410801198512310000", CellKind::Number);
    case.set(2, Field::NewBase, "1,234.50");
    case.set_kind(3, Field::NewBase, "#N/A", CellKind::Error);
    case.set_kind(4, Field::NewBase, "2026-07-01", CellKind::Date);
    case.set(5, Field::NewBase, "");
    let said = case.said();
    let expected = [
        (5, Code::NameUnreadable, Level::Error),
        (5, Code::RosterNameDiffers, Level::Error),
        (5, Code::AmountUnreadable, Level::Error),
        (6, Code::IdNumeric, Level::Error),
        (7, Code::AmountForm, Level::Fix),
        (7, Code::BaseBelowFloor, Level::Fix),
        (8, Code::AmountFormulaError, Level::Error),
        (9, Code::AmountDate, Level::Error),
        (10, Code::AmountMissing, Level::Error),
    ];
    assert_eq!(said, expected, "by row, then column; none hides another");
    let usable: Vec<_> = case.check().rows.iter().map(Option::is_some).collect();
    assert_eq!(usable, [false; 6], "what cannot be read is never a row with a zero");
}

#[test]
fn an_id_destroyed_by_excel_comes_back_from_the_roster_for_exactly_one_person() {
    let mut case = Case::of(3);
    let rounded = format!("{}000", &id_number(0)[..15]);
    case.set_kind(0, Field::IdNumber, &rounded, CellKind::Number);
    let finding = case.only();
    assert_eq!((finding.code, finding.level), (Code::IdNumeric, Level::Warning), "a person confirms");
    assert_eq!(finding.fix, Some(id_number(0)), "the number of the one person of this name that begins so");
    assert_eq!(case.check().rows[0].as_ref().unwrap().id_number, id_number(0), "which is what will be filed");

    let refused = |case: &Case| {
        let said = case.said();
        assert!(said.contains(&(5, Code::IdNumeric, Level::Error)), "nothing is guessed: {said:?}");
        assert!(case.check().rows[0].is_none(), "and nothing is filed");
        assert!(case.check().findings.iter().all(|f| f.code != Code::IdNumeric || f.fix.is_none()), "nor proposed");
    };
    let name = case.person(0).name.clone();
    case.set(0, Field::Name, "周武");
    refused(&case);
    case.set(0, Field::Name, &name);
    case.person(1).name.clone_from(&name);
    case.person(1).id_number = format!("{}{}", &id_number(0)[..15], "99X").into();
    refused(&case);
    case.roster = None;
    refused(&case);
}

#[test]
fn where_csv_kept_six_digits_the_account_must_agree_too() {
    let mut case = Case::of(2);
    case.set(0, Field::IdNumber, "4.10801E+17");
    let finding = case.only();
    assert_eq!((finding.code, finding.fix), (Code::IdNumeric, Some(id_number(0))), "name, account and region agree");
    case.set(0, Field::PersonalAccount, "");
    assert!(case.said().contains(&(5, Code::IdNumeric, Level::Error)), "a name and a region alone are too little");
}

#[test]
fn a_typing_error_in_an_id_gets_the_number_of_the_namesake_in_the_roster() {
    let mut case = Case::of(2);
    let right = id_number(0);
    let wrong = format!("{}{}", &right[..17], if right.ends_with('7') { '8' } else { '7' });
    case.set(0, Field::IdNumber, &wrong);
    let finding = case.only();
    assert_eq!((finding.code, finding.level), (Code::IdChecksum, Level::Error), "it blocks");
    assert_eq!(finding.fix, Some(right), "but need not be typed again");
    case.set(0, Field::IdNumber, &wrong.replacen("410801", "410902", 1));
    assert_eq!(case.only().fix, None, "further away nobody knows");
}

#[test]
fn one_name_under_two_ids_is_asked_about_unless_the_center_has_both() {
    let mut case = Case::of(3);
    let name = case.person(0).name.clone();
    case.set(2, Field::Name, &name);
    case.person(2).name.clone_from(&name);
    assert_eq!(case.said(), [], "two people of one name, and the center knows both");
    case.roster = None;
    let finding = case.only();
    assert_eq!((finding.code, finding.level), (Code::NameTwice, Level::Warning), "without the center: a question");
    assert_eq!(finding.at.map(|at| at.row), Some(7), "at the later row");
    assert_eq!(finding.related.iter().map(|at| at.row).collect::<Vec<_>>(), [5], "with the first one named");
}

#[test]
fn an_empty_id_is_proposed_only_where_account_and_name_agree() {
    let mut case = Case::of(2);
    case.set(0, Field::IdNumber, "");
    let finding = case.only();
    assert_eq!((finding.code, finding.level), (Code::IdMissing, Level::Fix), "the center knows it");
    assert_eq!(finding.fix, Some(id_number(0)), "by account and name");
    case.set(0, Field::Name, "周武");
    let said = case.said();
    assert!(said.contains(&(5, Code::IdMissing, Level::Error)), "another name: nothing is proposed: {said:?}");
}

#[test]
fn a_sheet_without_an_id_column_is_matched_by_account() {
    let mut case = Case::of(3);
    case.sheet.columns.remove(&Field::IdNumber);
    for row in 0..3 {
        case.sheet.rows[row].cells.remove(&Field::IdNumber);
    }
    assert_eq!(case.said(), [(0, Code::IdMissing, Level::Warning)], "told once, to be confirmed");
    assert_eq!(case.check().rows[2].as_ref().unwrap().id_number, id_number(2), "the center's number is filed");
    case.roster = None;
    assert_eq!(case.said()[0], (0, Code::IdMissing, Level::Error), "without a roster nobody can be told apart");
    assert!(case.check().rows.iter().all(Option::is_none), "and nothing can be filed");
}

#[test]
fn a_sheet_without_a_column_of_bases_or_names_is_refused_once() {
    for (field, code) in [(Field::NewBase, Code::AmountMissing), (Field::Name, Code::NameMissing)] {
        let mut case = Case::of(50);
        case.sheet.columns.remove(&field);
        for row in &mut case.sheet.rows {
            row.cells.remove(&field);
        }
        assert_eq!(case.said(), [(0, code, Level::Error)], "{field:?}: one finding, not fifty");
        assert!(case.check().rows.iter().all(Option::is_none), "{field:?}: nothing can be filed");
    }
}

#[test]
fn duplicates_point_at_their_twin() {
    let mut case = Case::of(4);
    let (account, name, id) = ("008000000000", "王芳", id_number(0));
    case.set(3, Field::PersonalAccount, account);
    case.set(3, Field::Name, name);
    case.set(3, Field::IdNumber, &id);
    case.set(3, Field::OldBase, "5000");
    let twin = case.check().findings.into_iter().find(|finding| finding.code == Code::IdDuplicate).unwrap();
    assert_eq!(twin.at.as_ref().map(|at| at.row), Some(8), "at the later row");
    assert_eq!(twin.related, [CellRef { sheet: Arc::from("调整"), row: 5, column: Some(2) }], "the first one is named");
    assert!(twin.message().contains("第5行"), "also in words: {}", twin.message());
    let said = case.said();
    assert!(!said.iter().any(|f| f.1 == Code::AccountDuplicate), "the repeated ID says it all: {said:?}");
    assert!(said.contains(&(0, Code::RosterMissing, Level::Warning)), "the person it replaced is asked for: {said:?}");

    case.set(3, Field::Name, "周武");
    assert!(case.said().contains(&(8, Code::IdTwoNames, Level::Error)), "one ID under two names");
}

#[test]
fn the_15_digit_twin_is_the_same_person() {
    let mut case = Case::of(2);
    let id = id_number(0);
    let fifteen = format!("{}{}", &id[..6], &id[8..17]);
    case.roster = None;
    case.set(1, Field::IdNumber, &fifteen);
    case.set(1, Field::Name, "王芳");
    let said = case.said();
    assert!(said.contains(&(6, Code::IdFifteen, Level::Warning)), "a person confirms the 18 digits: {said:?}");
    assert!(said.contains(&(6, Code::IdDuplicate, Level::Error)), "and it is a repetition: {said:?}");
}

#[test]
fn one_account_under_two_ids() {
    let mut case = Case::of(2);
    case.roster = None;
    case.set(1, Field::PersonalAccount, "008000000000");
    assert_eq!(case.said(), [(6, Code::AccountTwoIds, Level::Error)], "named once");
}

#[test]
fn the_roster_decides_who_is_who() {
    type Spoil = fn(&mut Case);
    type Said = &'static [(u32, Code, Level)];
    let cases: [(&str, Spoil, Said); 9] = [
        (
            "nobody of the unit",
            |case| {
                case.set(0, Field::IdNumber, "430401199202290042");
                case.set(0, Field::PersonalAccount, "");
                case.set(0, Field::Name, "王芳");
            },
            &[(5, Code::RosterUnknown, Level::Error)],
        ),
        ("sealed", |case| case.person(0).status = AccountStatus::Sealed, &[(5, Code::RosterNotNormal, Level::Error)]),
        ("another name", |case| case.set(0, Field::Name, "王方"), &[(5, Code::RosterNameDiffers, Level::Error)]),
        (
            "another ID for the account",
            |case| case.set(0, Field::IdNumber, "430401199202290042"),
            &[(5, Code::RosterIdDiffers, Level::Error)],
        ),
        (
            "another account for the ID",
            |case| case.set(0, Field::PersonalAccount, "008099999999"),
            &[(5, Code::RosterAccountDiffers, Level::Error)],
        ),
        (
            "zeros lost",
            |case| case.set_kind(0, Field::PersonalAccount, "8000000000", CellKind::Number),
            &[(5, Code::AccountZeros, Level::Fix)],
        ),
        ("old base", |case| case.set(0, Field::OldBase, "4999"), &[(5, Code::BaseOldDiffers, Level::Warning)]),
        (
            "not in the sheet",
            |case| {
                case.sheet.rows.remove(1);
            },
            &[(0, Code::RosterMissing, Level::Warning)],
        ),
        ("account left empty", |case| case.set(0, Field::PersonalAccount, ""), &[]),
    ];
    for (what, spoil, expected) in cases {
        let mut case = Case::of(3);
        spoil(&mut case);
        assert_eq!(case.said(), expected, "{what}");
    }
}

#[test]
fn a_sealed_person_is_not_asked_for() {
    let mut case = Case::of(2);
    case.sheet.rows.remove(1);
    case.person(1).status = AccountStatus::Sealed;
    assert_eq!(case.said(), [], "only 正常 people are expected");
}

#[test]
fn the_words_of_a_roster_difference_hide_the_number() {
    let mut case = Case::of(2);
    case.set(0, Field::IdNumber, "430401199202290042");
    let finding = case.only();
    let said = format!("{:?}{}", finding.args, finding.message());
    assert!(!said.contains(&id_number(0)) && !said.contains("430401199202290042"), "ID numbers are masked: {said}");
    assert_eq!(finding.fix, None, "which of the two is right is never guessed");
}

#[test]
fn lost_zeros_are_proposed() {
    let mut case = Case::of(2);
    case.set_kind(1, Field::PersonalAccount, "8000000001", CellKind::Number);
    assert_eq!(case.only().fix.as_deref(), Some("008000000001"), "the roster's account");
    case.roster = None;
    assert_eq!(case.only().fix.as_deref(), Some("008000000001"), "by the length of the center's accounts");
}

#[test]
fn lost_zeros_are_found_by_the_roster_where_no_rule_names_a_length() {
    let mut case = Case::of(2);
    case.profile.account_length = None;
    case.sheet.columns.remove(&Field::IdNumber);
    case.sheet.rows[1].cells.remove(&Field::IdNumber);
    case.set_kind(1, Field::PersonalAccount, "8000000001", CellKind::Number);
    let zeros = case.said().into_iter().filter(|said| said.1 == Code::AccountZeros).count();
    assert_eq!(zeros, 1, "{:?}", case.said());
    assert!(!case.said().iter().any(|said| said.1 == Code::RosterUnknown), "the person is known: {:?}", case.said());
    case.person(0).personal_account = "08000000001".into();
    assert!(case.said().iter().any(|said| said.1 == Code::RosterUnknown), "of two accounts none is guessed");
}

#[test]
fn columns_that_are_computed_are_compared() {
    let mut case = Case::of(2);
    case.set(0, Field::UnitAmount, "464");
    case.set(0, Field::PersonalAmount, "464.00");
    case.set(0, Field::MonthlyAmount, "928");
    assert_eq!(case.said(), [], "equal");
    case.set(0, Field::MonthlyAmount, "9,28.5");
    assert_eq!(case.said(), [(5, Code::AmountUnreadable, Level::Warning)], "not filed, hence no obstacle");
    case.set(0, Field::MonthlyAmount, "929");
    let finding = case.only();
    assert_eq!((finding.code, finding.level), (Code::AmountSum, Level::Error), "464 and 464 are not 929");
    assert_eq!(finding.fix.as_deref(), Some("928.00"), "what they are");
    case.set(0, Field::UnitAmount, "465");
    let said: Vec<_> =
        case.check().findings.into_iter().map(|f| (f.code, f.level, f.args["difference"].clone())).collect();
    let differs = (Code::AmountDiffers, Level::Warning, "1.00".to_owned());
    assert_eq!(said, [differs.clone(), differs], "the sum is right, the parts are not what the base gives");
}

#[test]
fn ratios_must_be_the_units() {
    let mut case = Case::of(2);
    for text in ["8", "8%", "0.08", "８％"] {
        case.set(0, Field::UnitRatio, text);
        assert_eq!(case.said(), [], "{text}");
    }
    case.set(0, Field::UnitRatio, "7%");
    case.set(0, Field::PersonalRatio, "八");
    let expected = [(5, Code::RatioDiffers, Level::Error), (5, Code::RatioUnreadable, Level::Error)];
    assert_eq!(case.said(), expected, "another ratio is another filing");
}

#[test]
fn sex_and_birth_date_columns_only_warn() {
    let mut case = Case::of(1);
    case.set(0, Field::Sex, "女");
    case.set_kind(0, Field::BirthDate, "1980-01-02", CellKind::Date);
    let expected = [(5, Code::IdSex, Level::Warning), (5, Code::IdBirthDate, Level::Warning)];
    assert_eq!(case.said(), expected, "the ID wins");
    assert!(case.check().rows[0].is_some(), "the row can be filed");
}

#[test]
fn types_of_documents() {
    let mut case = Case::of(1);
    case.set(0, Field::IdType, "学生证");
    assert_eq!(case.said(), [(5, Code::IdType, Level::Error)], "not taken by the center");
    case.person(0).id_type = "03".into();
    case.person(0).id_number = "E12345678".into();
    case.set(0, Field::IdNumber, "E12345678");
    case.set(0, Field::IdType, "");
    assert_eq!(case.said(), [], "without a column of types the roster's type counts");
    assert_eq!(case.check().rows[0].as_ref().unwrap().id_type, "03", "and is filed");
}

#[test]
fn subtotals_and_totals_are_compared_with_their_rows() {
    let mut case = Case::of(4);
    let total = |row: u32, text: &str, grand| {
        let cell = RawCell { column: 4, text: text.into(), kind: CellKind::Number };
        TotalRow { row: RawRow { row, cells: RowCells::from_iter([(Field::NewBase, cell)]) }, grand }
    };
    for (place, row) in [5, 6, 8, 9].into_iter().enumerate() {
        case.sheet.rows[place].row = row;
    }
    case.sheet.totals = vec![total(7, "11601", false), total(10, "11605.00", false), total(11, "23,206", true)];
    assert_eq!(case.said(), [], "5800 + 5801, 5802 + 5803, and all four");
    case.sheet.totals = vec![total(7, "11600", false), total(10, "11605", false), total(11, "23205.99", true)];
    let expected = [(7, Code::TotalDiffers, Level::Warning), (11, Code::TotalDiffers, Level::Warning)];
    assert_eq!(case.said(), expected, "only those that differ");
    let finding = case.check().findings.remove(0);
    assert_eq!(finding.args.get("computed").map(String::as_str), Some("11601.00"), "since the previous 小计");
    case.set(0, Field::NewBase, "五千");
    let totals = case.said().into_iter().filter(|f| f.1 == Code::TotalDiffers).count();
    assert_eq!(totals, 0, "a column that cannot be read has no sum");
}

#[test]
fn the_month_and_the_unit_must_allow_it() {
    let first = |case: &Case| case.check().findings.into_iter().next().map(|f| (f.code, f.level));
    let mut case = Case::of(1);
    for (period, allowed) in [("2026-06", false), ("2026-07", true), ("2026-08", false)] {
        case.period = period.parse().unwrap();
        let expected = (!allowed).then_some((Code::PeriodNotAllowed, Level::Error));
        assert_eq!(first(&case), expected, "{period}: from the first unverified month to the current one");
    }
    case.period = "2026-07".parse().unwrap();
    for (status, allowed) in [
        (UnitStatus::Normal, true),
        (UnitStatus::Opened, true),
        (UnitStatus::Deferred, true),
        (UnitStatus::Closed, false),
        (UnitStatus::Sealed, false),
        (UnitStatus::Other, false),
    ] {
        case.unit.as_mut().unwrap().status = status;
        assert_eq!(first(&case), (!allowed).then_some((Code::UnitStatus, Level::Error)), "{status:?}");
    }
}

#[test]
fn unknown_limits_are_said_and_an_unknown_rule_stops() {
    let mut case = Case::of(1);
    case.profile.policies[1].base_ceiling = None;
    assert_eq!(case.said(), [(0, Code::PolicyMissing, Level::Warning)], "a person asks the center");
    case.profile.policies.clear();
    assert_eq!(case.said(), [(0, Code::PolicyMissing, Level::Error)], "nobody knows how to round");
    assert_eq!(case.check().rows, [None], "so nothing is computed");
}

#[test]
fn limits_on_the_monthly_amount() {
    let mut case = Case::of(1);
    case.profile.policies[1].amount_ceiling = Some(yuan("927.99"));
    assert_eq!(case.said(), [(5, Code::MonthlyAboveCeiling, Level::Error)], "928.00");
    let (rows, totals) = case.signed();
    let refused: Vec<_> = check_rows(&rows, totals, case.circumstances()).iter().map(|f| f.code).collect();
    assert_eq!(refused, [Code::MonthlyAboveCeiling], "the center holds to it too");
}

#[test]
fn an_empty_sheet() {
    let mut case = Case::of(2);
    case.sheet.rows.clear();
    assert_eq!(case.said(), [(0, Code::SheetEmpty, Level::Error)], "said once, without a list of the whole unit");
}

#[test]
fn without_unit_and_roster_the_sheet_speaks_for_itself() {
    let mut case = Case::of(2);
    (case.unit, case.roster) = (None, None);
    case.set(0, Field::PersonalAccount, "");
    let checked = case.check();
    assert_eq!(checked.findings, [], "an account is not needed here");
    let row = checked.rows[0].as_ref().unwrap();
    assert_eq!((row.old_base, row.after), (yuan("5000"), NOTHING), "no ratio, no amount");
    case.set(0, Field::UnitRatio, "8%");
    case.set(0, Field::PersonalRatio, "8");
    let checked = case.check();
    assert_eq!(checked.rows[0].as_ref().unwrap().after.monthly(), yuan("928"), "by the sheet's own ratios");
}

#[test]
fn the_center_refuses_what_was_changed_after_the_check() {
    type Spoil = fn(&mut BaseAdjustmentRow);
    let cases: [(&str, Spoil, Code); 12] = [
        ("new base above the ceiling", |row| row.new_base = yuan("27000.01"), Code::BaseAboveCeiling),
        ("new base below the floor", |row| row.new_base = yuan("2099.99"), Code::BaseBelowFloor),
        ("no base", |row| row.new_base = Yuan::ZERO, Code::AmountNegative),
        ("amount after", |row| row.after.unit_amount += yuan("1"), Code::AmountDiffers),
        ("amount before", |row| row.before.personal_amount += yuan("1"), Code::AmountDiffers),
        ("old base", |row| row.old_base = yuan("1"), Code::BaseOldDiffers),
        ("name", |row| row.name = "王方".into(), Code::RosterNameDiffers),
        ("name with a blank", |row| row.name = "王 芳".into(), Code::NameBlanks),
        ("account", |row| row.personal_account = "008099999999".into(), Code::RosterAccountDiffers),
        ("no account", |row| row.personal_account = SmolStr::default(), Code::RosterAccountDiffers),
        ("ID in lower case", |row| row.id_number = "11010519491231002x".into(), Code::IdForm),
        ("unknown type", |row| row.id_type = "77".into(), Code::IdType),
    ];
    let case = Case::of(3);
    for (what, spoil, code) in cases {
        let (mut rows, _) = case.signed();
        spoil(&mut rows[0]);
        let findings = check_rows(&rows, Totals::of(&rows), case.circumstances());
        assert!(findings.iter().any(|f| f.code == code), "{what}: {findings:#?}");
        for finding in &findings {
            assert_eq!(finding.level, Level::Error, "{what}: a signed row has no proposals");
            assert_eq!(finding.args.get("index").map(String::as_str), Some("0"), "{what}: the row is named");
            assert_eq!((finding.at.as_ref(), finding.fix.as_ref()), (None, None), "{what}: no cell, no proposal");
        }
    }
}

#[test]
fn the_center_recomputes_the_totals() {
    let case = Case::of(3);
    let (rows, mut totals) = case.signed();
    totals.after += yuan("0.01");
    let codes: Vec<_> = check_rows(&rows, totals, case.circumstances()).iter().map(|f| f.code).collect();
    assert_eq!(codes, [Code::FilingTotals], "a fen is a fen");
    let (mut rows, _) = case.signed();
    rows.push(rows[0].clone());
    let findings = check_rows(&rows, Totals::of(&rows), case.circumstances());
    assert_eq!(findings[0].code, Code::IdDuplicate, "one person, one row");
    assert_eq!(findings[0].args.get("index").map(String::as_str), Some("3"), "the later row");
    let none = check_rows(&[], Totals::NONE, case.circumstances());
    assert_eq!(none[0].code, Code::SheetEmpty, "nothing cannot be filed");
}

#[test]
fn every_finding_of_these_checks_is_said_in_full() {
    let mut case = Case::of(12);
    case.set(0, Field::Name, "王\u{fffd}");
    case.set(1, Field::IdNumber, "110101199002300010");
    case.set(2, Field::NewBase, "60000");
    case.set(3, Field::IdNumber, "430401199202290042");
    case.set(4, Field::NewBase, "20");
    case.set(5, Field::PersonalAccount, "8000000005");
    case.set(6, Field::OldBase, "1");
    case.set(7, Field::UnitRatio, "9%");
    case.set(8, Field::MonthlyAmount, "1");
    case.set(9, Field::IdType, "学生证");
    case.set(9, Field::Sex, "女");
    case.set(10, Field::IdNumber, &id_number(11));
    case.period = "2026-09".parse().unwrap();
    case.person(11).status = AccountStatus::Frozen;
    case.unit.as_mut().unwrap().status = UnitStatus::Closed;
    for finding in case.check().findings {
        let said = finding.message();
        assert!(!said.contains('…') && !said.contains('{'), "{}: a figure is lacking: {said}", finding.code.as_str());
    }
}

/// What a spoiled cell may hold.
fn spoiled() -> impl Strategy<Value = (usize, usize, String, CellKind)> {
    let texts = prop::sample::select(vec![
        "",
        " ",
        "5000",
        "5,000.00",
        "５０００",
        "30000",
        "12",
        "0",
        "-1",
        "1.2万",
        "#N/A",
        "8%",
        "王芳",
        "王 芳",
        "阿依古丽•买买提",
        "8000000001",
        "008000000001",
        "4.1E+17",
        "11010519491231002x",
        "11010519491231002X",
        "410801850101001",
        "\u{202e}张三",
        "女",
    ]);
    let kinds =
        prop::sample::select(vec![CellKind::Text, CellKind::Number, CellKind::Edited, CellKind::Error, CellKind::Date]);
    (0usize..6, 0usize..COLUMNS.len(), texts.prop_map(str::to_owned), kinds)
}

proptest! {
    #[test]
    fn what_passes_the_client_passes_the_center(spoils in prop::collection::vec(spoiled(), 0..4), sealed in prop::option::of(0usize..6)) {
        let mut case = Case::of(6);
        for (row, column, text, kind) in spoils {
            case.set_kind(row, COLUMNS[column], &text, kind);
        }
        if let Some(sealed) = sealed {
            case.person(sealed).status = AccountStatus::Sealed;
        }
        let checked = case.check();
        prop_assert_eq!(&checked, &case.check(), "the same sheet, the same findings");
        prop_assert_eq!(checked.rows.len(), 6, "a row for a row");
        let places: Vec<_> = checked.findings.iter().map(|f| f.at.clone()).collect();
        prop_assert!(places.is_sorted(), "by row and column");
        if !checked.findings.iter().any(Finding::blocks) {
            prop_assert!(checked.rows.iter().all(Option::is_some), "nothing is left out without a word");
            let (rows, totals) = case.signed();
            prop_assert_eq!(check_rows(&rows, totals, case.circumstances()), vec![], "no surprise at the center");
        }
    }

    #[test]
    fn proposals_lead_to_a_sheet_without_proposals(spoils in prop::collection::vec(spoiled(), 0..4)) {
        let mut case = Case::of(6);
        for (row, column, text, _) in spoils {
            case.set_kind(row, COLUMNS[column], &text, CellKind::Text);
        }
        for _ in 0..4 {
            for finding in case.check().findings {
                if let (Some(at), Some(field), Some(fix)) = (finding.at, finding.field, finding.fix) {
                    case.set_kind(usize::try_from(at.row).unwrap() - 5, field, &fix, CellKind::Edited);
                }
            }
        }
        let left = case.check().findings;
        prop_assert!(left.iter().all(|f| f.level != Level::Fix), "taking proposals comes to an end: {:#?}", left);
    }
}

/// A sheet of the unit's people with the new monthly amounts and no bases.
fn by_amount(amounts: &[&str]) -> crate::kit::Case {
    let fields = [Field::PersonalAccount, Field::Name, Field::IdNumber, Field::MonthlyAmount];
    let mut case = crate::kit::Case::of(amounts.len(), &fields);
    for (person, amount) in amounts.iter().enumerate() {
        let known = case.roster.contributors[person].clone();
        case.row(&[
            (Field::PersonalAccount, &known.personal_account),
            (Field::Name, &known.name),
            (Field::IdNumber, &known.id_number),
            (Field::MonthlyAmount, amount),
        ]);
    }
    case
}

#[test]
fn a_new_monthly_amount_gives_the_base_that_costs_it() {
    let case = by_amount(&["960", "1000.00", "336"]);
    let checked = check_sheet(&case.sheet, case.circumstances());
    assert_eq!(checked.findings, [], "nothing to say");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let bases: Vec<_> = rows.iter().map(|row| row.new_base.to_string()).collect();
    assert_eq!(bases, ["6000.00", "6250.00", "2100.00"], "amount ÷ 16 %");
    let amounts: Vec<_> = rows.iter().map(|row| row.after.monthly().to_string()).collect();
    assert_eq!(amounts, ["960.00", "1000.00", "336.00"], "which costs exactly what the sheet says");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn an_amount_that_no_base_costs_is_answered_with_the_nearest() {
    let case = by_amount(&["961.50", "", "0", "千元"]);
    let checked = check_sheet(&case.sheet, case.circumstances());
    let expected = [
        (Code::AmountUnreachable, Some(2)),
        (Code::AmountMissing, Some(3)),
        (Code::AmountNegative, Some(4)),
        (Code::AmountUnreadable, Some(5)),
    ];
    assert_eq!(crate::kit::said(&checked.findings), expected, "each in its cell");
    let unreachable = &checked.findings[0];
    assert_eq!(unreachable.fix.as_deref(), Some("962.00"), "the nearer one is proposed");
    assert_eq!((&*unreachable.args["below"], &*unreachable.args["above"]), ("960.00", "962.00"), "and both are said");
    assert_eq!(checked.rows, [None, None, None, None], "nothing is filed that nobody wrote");
    let taken = by_amount(&["962.00"]);
    assert_eq!(check_sheet(&taken.sheet, taken.circumstances()).findings, [], "what was proposed is taken");
}

#[test]
fn limits_of_the_base_are_proposed_as_amounts() {
    let case = by_amount(&["4400", "320"]);
    let findings = check_sheet(&case.sheet, case.circumstances()).findings;
    let of = |code| findings.iter().find(|finding: &&Finding| finding.code == code).unwrap();
    let (above, below) = (of(Code::BaseAboveCeiling), of(Code::BaseBelowFloor));
    assert_eq!((above.field, above.fix.as_deref()), (Some(Field::MonthlyAmount), Some("4320.00")), "27000 × 16 %");
    assert_eq!((below.field, below.fix.as_deref()), (Some(Field::MonthlyAmount), Some("336.00")), "2100 × 16 %");
    assert_eq!((&*above.value, &*below.value), ("27500.00", "2000.00"), "the words are about the base");
    assert_eq!(above.at.as_ref().and_then(|at| at.column), Some(3), "at the amount");
}

#[test]
fn a_base_cannot_be_told_without_ratios() {
    let case = by_amount(&["960"]);
    let alone = Circumstances { unit: None, roster: None, ..case.circumstances() };
    let checked = check_sheet(&case.sheet, alone);
    assert_eq!(crate::kit::said(&checked.findings), [(Code::AmountWithoutRatio, Some(2))], "whose ratios nobody says");
    assert_eq!(checked.rows, [None], "nothing is guessed");
    let mut case = by_amount(&["960"]);
    for (field, column) in [(Field::UnitRatio, 4), (Field::PersonalRatio, 5)] {
        case.sheet.columns.insert(field, column);
        case.set(0, field, "8%");
    }
    let checked = check_sheet(&case.sheet, Circumstances { unit: None, roster: None, ..case.circumstances() });
    assert_eq!(checked.rows[0].as_ref().map(|row| row.new_base), Some(yuan("6000")), "the sheet's own");
}

proptest! {
    #[test]
    fn by_amount_what_blocks_nothing_here_is_taken_there(
        amounts in prop::collection::vec(prop_oneof![
            (20_000i64..450_000).prop_map(|fen| Yuan::from_fen(fen).to_string()),
            (168i64..2160).prop_map(|each| Yuan::from_fen(each * 200).to_string()),
            "\\PC{0,6}",
        ], 1..4),
        rounding in prop::sample::select(crate::money::Rounding::ALL.to_vec()),
    ) {
        let texts: Vec<&str> = amounts.iter().map(String::as_str).collect();
        let mut case = by_amount(&texts);
        for policy in &mut case.profile.policies {
            policy.rounding = rounding;
        }
        let checked = check_sheet(&case.sheet, case.circumstances());
        if !checked.findings.iter().any(Finding::blocks) {
            let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
            prop_assert_eq!(rows.len(), texts.len(), "every row can be filed");
            for (row, text) in rows.iter().zip(&texts) {
                prop_assert_eq!(row.after.monthly(), yuan(text), "at exactly the amount that was written");
            }
            prop_assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
        }
    }
}

#[test]
fn a_center_takes_only_so_many_bases_of_one_person_in_a_year() {
    let mut case = Case::of(2);
    let (rows, totals) = case.signed();
    let filed = |months: &[&str]| months.iter().map(|month| month.parse().unwrap()).collect::<Vec<Month>>();
    case.profile.limits.base_changes_per_year = Some(2);
    case.person(0).changes.base = filed(&["2025-07", "2025-12", "2026-01"]);
    assert_eq!(case.said(), [], "one of this year");
    case.person(0).changes.base = filed(&["2026-01", "2026-07"]);
    assert_eq!(case.said().iter().map(|said| said.1).collect::<Vec<_>>(), [Code::BaseChanges], "two, here");
    let signed: Vec<_> = check_rows(&rows, totals, case.circumstances()).iter().map(|found| found.code).collect();
    assert_eq!(signed, [Code::BaseChanges], "and at the center");
    case.profile.limits.base_changes_per_year = None;
    assert_eq!(case.said(), [], "a center without a limit");
}
