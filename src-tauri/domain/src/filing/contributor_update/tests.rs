#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, id_number, name as person_name, said};
use crate::roster::{AccountStatus, Asked, Contact, Elsewhere, Known};

const COLUMNS: [Field; 10] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::NewName,
    Field::NewIdType,
    Field::NewIdNumber,
    Field::Mobile,
    Field::BankName,
    Field::BankCard,
];

/// A unit of six, and a sheet of the first four as they are registered, each with a new mobile number.
fn case() -> Case {
    let mut case = Case::of(6, &COLUMNS);
    case.roster.contributors[3].status = AccountStatus::Sealed;
    for (person, one) in case.roster.contributors.iter_mut().enumerate() {
        one.contact = Contact {
            mobile: format!("1380000000{person}").into(),
            bank_name: "演示银行".into(),
            bank_card: "4111111111111111".into(),
        }
        .into();
    }
    for person in 0..4 {
        case.row(&[
            (Field::PersonalAccount, &format!("0080{person:08}")),
            (Field::Name, &person_name(person)),
            (Field::IdNumber, &id_number(person)),
            (Field::Mobile, &format!("1390000000{person}")),
        ]);
    }
    case
}

fn fifteen(person: usize) -> String {
    fifteen_of(&id_number(person)).unwrap()
}

fn checked(case: &Case) -> Checked<ContributorUpdateRow> {
    check_sheet(&case.sheet, case.circumstances())
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_sound_sheet_has_nothing_to_say_and_passes_the_center() {
    let mut case = case();
    case.set(0, Field::NewName, "王改名");
    case.set(1, Field::BankName, "演示银行 新支行");
    case.set(1, Field::BankCard, "6222021234567890128");
    case.set(2, Field::Mobile, "");
    case.set(2, Field::NewIdNumber, &id_number(200));
    let checked = checked(&case);
    let blocking: Vec<_> = checked.findings.iter().filter(|f| f.blocks()).collect();
    assert!(blocking.is_empty(), "nothing blocks: {blocking:?}");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    assert_eq!(rows.len(), 4, "everybody, the sealed one too");
    assert_eq!((&*rows[0].registered.name, &*rows[0].updated.name), (&*person_name(0), "王改名"), "both names");
    assert_eq!(rows[0].updated.bank_card, "4111111111111111", "what no cell changes stays");
    assert_eq!(rows[2].updated.id_number, id_number(200), "the new number");
    assert_eq!(rows[2].said(Field::Mobile), "", "what does not change is no figure");
    assert_eq!((checked.totals.people, checked.totals.difference.to_string()), (4, "0.00".into()), "no money moves");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn what_is_registered_is_not_judged_however_wrong_it_is() {
    let mut case = case();
    let wrong = format!("{}{}", &id_number(0)[..17], if id_number(0).ends_with('1') { '2' } else { '1' });
    case.roster.contributors[0].id_number = wrong.clone().into();
    case.roster.contributors[0].name = "王 ?".into();
    case.set(0, Field::IdNumber, &wrong);
    case.set(0, Field::Name, "王 ?");
    case.set(0, Field::NewIdNumber, &id_number(0));
    case.set(0, Field::NewName, "王某");
    case.roster.contributors[1].id_number = fifteen(1).into();
    case.set(1, Field::IdNumber, &fifteen(1));
    case.set(1, Field::NewIdNumber, &id_number(1));
    let checked = checked(&case);
    assert_eq!(said(&checked.findings), [(Code::UpdateBoth, Some(2))], "name and number at once: a question");
    assert!(!checked.findings[0].blocks(), "which a person answers");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    assert_eq!(rows[1].updated.id_number, id_number(1), "fifteen digits become eighteen: the same person");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn who_it_is_about_must_be_certain() {
    let mut case = case();
    case.set(0, Field::Name, "王别人");
    case.set(1, Field::IdNumber, &id_number(2));
    case.set(2, Field::IdNumber, &id_number(300));
    case.set(2, Field::PersonalAccount, "");
    case.set(3, Field::IdNumber, "");
    let checked = checked(&case);
    let expected = [
        (Code::RosterNameDiffers, Some(2)),
        (Code::RosterAccountDiffers, Some(3)),
        (Code::RosterNameDiffers, Some(3)),
        (Code::RosterUnknown, Some(4)),
        (Code::IdMissing, Some(5)),
    ];
    assert_eq!(said(&checked.findings), expected, "another name, another account, nobody, no number");
    assert_eq!(checked.findings[4].fix.as_deref(), Some(&*id_number(3)), "account and name agree: proposed");
    assert_eq!(checked.rows, [None, None, None, None], "nothing of them is filed");
}

#[test]
fn new_values_are_judged_in_their_own_cells() {
    let short = id_number(200)[..16].to_owned();
    for (field, text, code) in [
        (Field::NewName, "王", Code::NameLength),
        (Field::NewName, "王 芳", Code::NameBlanks),
        (Field::NewName, "张?三", Code::NameUnreadable),
        (Field::NewIdNumber, &*short, Code::IdLength),
        (Field::NewIdType, "学生证", Code::IdType),
        (Field::Mobile, "12800000000", Code::MobileInvalid),
        (Field::BankName, "工商□行", Code::TextUnreadable),
        (Field::BankCard, "1234567", Code::CardInvalid),
        (Field::BankCard, "4111 1111 1111 1111 1", Code::CardForm),
    ] {
        let mut case = case();
        case.set(0, field, text);
        let checked = checked(&case);
        assert_eq!(checked.findings[0].field, Some(field), "{text}: in its cell");
        assert_eq!(checked.findings[0].code, code, "{text}");
        assert_eq!(checked.rows[0], None, "{text}: is not filed");
    }
    let mut case = case();
    case.set(0, Field::NewIdType, "护照");
    case.set(0, Field::NewIdNumber, "E12345678");
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "another document");
    let updated = &checked.rows[0].as_ref().unwrap().updated;
    assert_eq!((&*updated.id_type, &*updated.id_number), ("03", "E12345678"), "type and number together");
}

#[test]
fn a_type_alone_must_fit_the_number_that_is_there() {
    let mut case = case();
    case.roster.contributors[0].id_type = "99".into();
    case.set(0, Field::NewIdType, "身份证");
    assert_eq!(checked(&case).findings, [], "registered as another document by mistake");
    case.roster.contributors[0].id_number = "AB123456".into();
    case.set(0, Field::IdNumber, "AB123456");
    let findings = checked(&case).findings;
    assert_eq!(
        findings.iter().map(|f| (f.code, f.field)).collect::<Vec<_>>(),
        [(Code::IdLength, Some(Field::NewIdType))]
    );
}

#[test]
fn what_changes_nothing_is_told() {
    let mut case = case();
    case.set(0, Field::NewName, &person_name(0));
    case.set(1, Field::Mobile, "13800000001");
    case.set(2, Field::Mobile, "");
    let checked = checked(&case);
    let expected = [
        (Code::UpdateUnchanged, Some(2)),
        (Code::UpdateUnchanged, Some(3)),
        (Code::UpdateNothing, Some(3)),
        (Code::UpdateNothing, Some(4)),
    ];
    let mut told = said(&checked.findings);
    told.sort_by_key(|(code, row)| (*row, *code != Code::UpdateUnchanged));
    assert_eq!(told, expected, "one value of two, the only value, no value");
    assert!(checked.rows[0].is_some(), "the other value of the first row is filed");
}

#[test]
fn a_number_belongs_to_one_person() {
    let mut case = case();
    case.set(0, Field::NewIdNumber, &id_number(5));
    case.roster.contributors[4].id_number = fifteen(4).into();
    case.set(1, Field::NewIdNumber, &id_number(4));
    case.set(2, Field::NewIdNumber, &id_number(200));
    case.set(3, Field::NewIdNumber, &id_number(200));
    let checked = checked(&case);
    let expected = [(Code::UpdateIdTaken, Some(2)), (Code::UpdateIdTaken, Some(3)), (Code::IdDuplicate, Some(5))];
    assert_eq!(said(&checked.findings), expected, "in the unit, in the unit by fifteen digits, in the sheet");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let center = check_rows(&rows, checked.totals, case.circumstances());
    assert_eq!(codes(&center), [Code::IdDuplicate], "the center sees the last one");
}

#[test]
fn the_center_is_asked_about_a_new_number_under_the_new_name() {
    let mut case = case();
    case.set(0, Field::NewName, "王改名");
    case.set(0, Field::NewIdNumber, &id_number(200));
    let told = |answer: Option<Known>| {
        let asked = answer.map(|answer| (id_number(200), Asked { name: "王改名".into(), answer }));
        let elsewhere = Elsewhere(asked.into_iter().collect());
        let findings = check_sheet(&case.sheet, Circumstances { elsewhere: Some(&elsewhere), ..case.circumstances() });
        findings.findings.into_iter().filter(|f| f.code != Code::UpdateBoth).collect::<Vec<_>>()
    };
    let missing = told(None);
    assert_eq!(said(&missing), [(Code::LookupMissing, Some(2))], "nobody has asked yet");
    let asked = elsewhere::to_ask(&missing[0]);
    assert_eq!(asked, Some((&*id_number(200), "王改名")), "with what the center is asked");
    assert_eq!(told(Some(Known::Nobody)), [], "nobody has it");
    let account = |status| Some(Known::Account { personal_account: "1".into(), status });
    assert_eq!(codes(&told(account(AccountStatus::Normal))), [Code::UpdateIdKnown], "an account in use");
    assert_eq!(codes(&told(account(AccountStatus::Sealed))), [Code::UpdateIdKnown], "two accounts are merged there");
    assert_eq!(told(account(AccountStatus::ClosedByWithdrawal)), [], "a closed account is none");
    let other = told(Some(Known::OtherName));
    assert_eq!((other[0].code, other[0].field), (Code::KnownOtherName, Some(Field::NewIdNumber)), "somebody else's");
}

#[test]
fn some_centers_change_names_and_numbers_at_the_counter() {
    let mut case = case();
    case.set(0, Field::NewName, "王改名");
    case.set(1, Field::NewIdNumber, &id_number(200));
    let good: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
    case.profile.limits.name_update = UpdateWay::Counter;
    case.profile.limits.id_update = UpdateWay::Counter;
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::UpdateCounter, Some(2)), (Code::UpdateCounter, Some(3))], "not by a filing");
    let center = check_rows(&good, Totals::of(&good), case.circumstances());
    assert_eq!(codes(&center), [Code::UpdateCounter, Code::UpdateCounter], "the center holds to it");
}

#[test]
fn shared_phones_are_asked_about() {
    let mut case = case();
    case.set(0, Field::Mobile, "13800000005");
    case.set(2, Field::Mobile, "13900000001");
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::MobileShared, Some(2)), (Code::MobileShared, Some(4))], "in unit and sheet");
    assert!(findings[0].args["twin"].contains(&person_name(5)), "whose it is: {:?}", findings[0].args);
    assert!(!findings.iter().any(Finding::blocks), "a couple may share both");
}

#[test]
fn accounts_that_are_closed_or_frozen_are_left_alone() {
    for status in [AccountStatus::Frozen, AccountStatus::ClosedByWithdrawal] {
        let mut case = case();
        let good: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
        case.roster.contributors[0].status = status;
        assert_eq!(said(&checked(&case).findings), [(Code::RosterStatus, Some(2))], "{status:?}");
        let center = check_rows(&good, Totals::of(&good), case.circumstances());
        assert_eq!(codes(&center), [Code::RosterStatus], "{status:?} at the center");
    }
}

#[test]
fn the_center_refuses_what_was_changed_on_the_way() {
    let case = case();
    let good: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
    let refused = |change: fn(&mut ContributorUpdateRow)| {
        let mut rows = good.clone();
        change(&mut rows[0]);
        codes(&check_rows(&rows, Totals::of(&rows), case.circumstances()))
    };
    assert_eq!(refused(|row| row.personal_account = "1".into()), [Code::RosterUnknown], "nobody's account");
    assert_eq!(refused(|row| row.registered.name = "王".into()), [Code::RosterNameDiffers], "another name");
    let mobile = refused(|row| row.registered.mobile = "13811111111".into());
    assert_eq!(mobile, [Code::UpdateOldDiffers], "checked against another roster");
    assert_eq!(refused(|row| row.updated.bank_card.clear()), [Code::ValueMissing], "nothing is erased");
    assert_eq!(refused(|row| row.updated.name.clear()), [Code::ValueMissing], "nor a name");
    assert_eq!(refused(|row| row.updated.id_type = "77".into()), [Code::IdType], "no such document");
    assert_eq!(refused(|row| row.updated.name = "Ｓｍｉｔｈ".into()), [Code::UpdateForm], "not as it must be");
    assert_eq!(refused(|row| row.updated.id_number = fifteen(7)), [Code::UpdateForm], "fifteen digits are not filed");
    assert_eq!(refused(|row| row.updated = row.registered.clone()), [Code::UpdateNothing], "nothing changes");
    assert_eq!(codes(&check_rows(&[], Totals::NONE, case.circumstances())), [Code::SheetEmpty], "none is no filing");
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (0usize..4, prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                prop::sample::select(vec!["护照", "身份证", "学生证", "E12345678"]).prop_map(str::to_owned),
                prop::sample::select(vec!["王芳", "Ｓｍｉｔｈ", "John Smith", "刘yan"]).prop_map(str::to_owned),
                prop::sample::select(vec!["13900000009", "13800000000", "139-0000-0000"]).prop_map(str::to_owned),
                prop::sample::select(vec!["4111111111111112", "6222021234567890128"]).prop_map(str::to_owned),
                (0usize..8).prop_map(|person| format!("0080{person:08}")),
                (0usize..8).prop_map(id_number),
                (0usize..8).prop_map(fifteen),
                (0usize..8).prop_map(person_name),
                "\\PC{0,8}",
            ]),
            0..8,
        ),
        old in any::<bool>(),
        status in prop::sample::select(vec![AccountStatus::Normal, AccountStatus::Sealed, AccountStatus::Frozen]),
    ) {
        let mut case = case();
        case.roster.contributors[2].status = status;
        if old {
            case.roster.contributors[1].id_number = fifteen(1).into();
            case.set(1, Field::IdNumber, &fifteen(1));
            case.set(1, Field::NewIdNumber, &id_number(1));
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
            prop_assert_eq!(rows.len(), 4, "every row can be filed");
            prop_assert_eq!(center, [], "the center says the same");
        }
    }
}
