#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::checks::months::{Reading, read_month};
use crate::kit::{Case, id_number, name as person_name, said as told, yuan};
use crate::profile::SealReason;

const COLUMNS: [Field; 7] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdNumber,
    Field::ChangeKind,
    Field::Reason,
    Field::Month,
    Field::NewBase,
];

/// As [`case`], with one cell of the first row said otherwise.
fn case_with(field: Field, text: &str) -> Case {
    let mut case = case();
    case.set(0, field, text);
    case
}

/// A unit of six, 4 and 5 sealed; a sheet with one change of each kind.
fn case() -> Case {
    let mut case = Case::of(6, &COLUMNS);
    case.roster.contributors[4].status = AccountStatus::Sealed;
    case.roster.contributors[5].status = AccountStatus::Sealed;
    for (person, change, reason) in [(0, "封存", "离休退休"), (4, "启封", ""), (1, "同城转出", "")] {
        let known = case.roster.contributors[person].clone();
        case.row(&[
            (Field::PersonalAccount, &known.personal_account),
            (Field::Name, &known.name),
            (Field::IdNumber, &known.id_number),
            (Field::ChangeKind, change),
            (Field::Reason, reason),
            (Field::Month, "2026-07"),
        ]);
    }
    case.row(&[
        (Field::PersonalAccount, "009900000001"),
        (Field::Name, &person_name(200)),
        (Field::IdNumber, &id_number(200)),
        (Field::ChangeKind, "转入"),
        (Field::Month, "202607"),
        (Field::NewBase, "6000"),
    ]);
    case
}

fn checked(case: &Case) -> Checked<StatusChangeRow> {
    check_sheet(&case.sheet, case.circumstances())
}

#[test]
fn a_sound_sheet_has_nothing_to_say_and_passes_the_center() {
    let case = case();
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "nothing to say");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let changes: Vec<_> = rows.iter().map(|row| row.change).collect();
    assert_eq!(changes, [Change::Seal, Change::Unseal, Change::TransferOut, Change::TransferIn], "each as it is said");
    let due = |person: usize| case.roster.contributors[person].amounts.monthly();
    assert_eq!(checked.totals.before, due(0) + due(1), "two leave");
    assert_eq!(checked.totals.after, due(4) + yuan("960"), "two come");
    assert_eq!(rows[3].month.to_string(), "2026-07", "yyyyMM is a month");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn the_account_must_allow_the_change() {
    let mut case = case();
    case.set(0, Field::ChangeKind, "启封");
    case.set(1, Field::ChangeKind, "封存");
    case.set(1, Field::Reason, "死亡");
    case.set(2, Field::ChangeKind, "同城转入");
    case.set(2, Field::NewBase, "6000");
    case.set(3, Field::ChangeKind, "封存");
    case.set(3, Field::Reason, "死亡");
    let findings = checked(&case).findings;
    let expected = [
        (Code::RosterStatus, Some(2)),
        (Code::RosterStatus, Some(3)),
        (Code::RosterStatus, Some(4)),
        (Code::RosterUnknown, Some(5)),
    ];
    assert_eq!(told(&findings), expected, "正常 is not unsealed, 封存 not sealed, nobody transferred in who is here");
    assert!(findings.iter().all(Finding::blocks), "each blocks");
}

#[test]
fn the_words_of_social_insurance_are_proposals() {
    for (row, text, fix) in [
        (0, "减员", Some("封存")),
        (0, " 停 保", Some("封存")),
        (0, "调出", Some("同城转出")),
        (1, "增员", Some("启封")),
        (1, "调入", Some("启封")),
        (1, "调出", Some("同城转出")),
        (3, "增员", Some("同城转入")),
        (3, "调入", Some("同城转入")),
        (0, "增员", None),
        (1, "减员", None),
        (0, "离婚", None),
    ] {
        let mut case = case();
        case.set(row, Field::ChangeKind, text);
        let asked = checked(&case);
        let code = if fix.is_some() { Code::ChangeForm } else { Code::ChangeUnknown };
        let place = u32::try_from(row).unwrap() + 2;
        assert_eq!(told(&asked.findings), [(code, Some(place))], "{text} of row {row}: nothing else is said of it");
        assert_eq!(asked.findings[0].fix.as_deref(), fix, "{text} of row {row}");
        assert!(asked.findings[0].blocks() && asked.rows[row].is_none(), "{text} of row {row}: not filed by itself");
        if let Some(fix) = fix {
            case.set(row, Field::ChangeKind, fix);
            case.set(row, Field::Reason, "死亡");
            assert_eq!(checked(&case).findings, [], "{text} of row {row}: what is proposed can be filed");
        }
    }
    let mut case = case();
    case.set(3, Field::ChangeKind, "增员");
    case.set(3, Field::PersonalAccount, "");
    let asked = checked(&case).findings;
    let unknown = asked.iter().find(|finding| finding.code == Code::ChangeUnknown);
    assert!(unknown.is_some_and(|finding| finding.fix.is_none()), "perhaps a registration: not guessed: {asked:?}");
}

#[test]
fn nobody_leaves_before_the_months_before_are_verified() {
    let mut case = case();
    case.unit.first_unverified = "2026-06".parse().unwrap();
    let checked = checked(&case);
    let months: Vec<_> = checked.findings.iter().filter(|finding| finding.code == Code::TransferMonth).collect();
    assert_eq!(months.len(), 1, "who leaves, not who is sealed, unsealed or comes: {:?}", checked.findings);
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let refused = check_rows(&rows, Totals::of(&rows), case.circumstances());
    assert!(refused.iter().any(|finding| finding.code == Code::TransferMonth), "nor at the center: {refused:?}");
    case.unit.first_unverified = "2026-07".parse().unwrap();
    let codes: Vec<_> = self::checked(&case).findings.into_iter().map(|finding| finding.code).collect();
    assert!(!codes.contains(&Code::TransferMonth), "from the first unverified month on he may");
}

#[test]
fn sealing_needs_one_of_the_reasons() {
    let mut case = case();
    for (text, code, fix) in [
        ("", Code::ReasonMissing, None),
        ("辞职", Code::ReasonForm, Some("解除或终止劳动关系")),
        (" 死亡", Code::ReasonForm, Some("死亡")),
        ("不想干了", Code::ReasonUnknown, None),
    ] {
        case.set(0, Field::Reason, text);
        let checked = checked(&case);
        assert_eq!(told(&checked.findings), [(code, Some(2))], "{text:?}");
        assert_eq!(checked.findings[0].fix.as_deref(), fix, "{text:?}: proposed, not taken");
        assert_eq!(checked.rows[0], None, "{text:?}: not filed before");
    }
    for reason in case.profile.seal_reasons.clone() {
        case.set(0, Field::Reason, &reason.name);
        assert_eq!(checked(&case).findings, [], "{reason:?}");
    }

    let own = SealReason { code: "7".into(), name: "下岗".into(), withdrawal_months: None, synonyms: vec![] };
    case.profile.seal_reasons = vec![own];
    case.set(0, Field::Reason, "下岗");
    assert_eq!(checked(&case).findings, [], "the reasons are the center's");
    case.set(0, Field::Reason, "死亡");
    assert_eq!(told(&checked(&case).findings), [(Code::ReasonUnknown, Some(2))], "and no others");
}

#[test]
fn one_person_changes_once_in_a_filing() {
    let mut case = case();
    let again = case.sheet.rows[0].cells.clone();
    let place = case.row(&[]);
    case.sheet.rows[place].cells = again;
    let checked = checked(&case);
    assert_eq!(told(&checked.findings), [(Code::ChangeTwice, Some(6))], "at the later row");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let center = check_rows(&rows, checked.totals, case.circumstances());
    assert_eq!(center.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::ChangeTwice], "the center sees it too");

    // Sealed from a later month and given away from an earlier one: the account would be gone when it is sealed.
    case.unit.first_unverified = "2026-06".parse().unwrap();
    case.set(place, Field::ChangeKind, "同城转出");
    case.set(place, Field::Reason, "");
    case.set(place, Field::Month, "2026-06");
    let checked = self::checked(&case);
    let told_of = told(&checked.findings);
    assert!(told_of.contains(&(Code::ChangeTwice, Some(6))), "in two months as well: {told_of:?}");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let center = check_rows(&rows, checked.totals, case.circumstances());
    assert!(center.iter().any(|f| f.code == Code::ChangeTwice), "the center sees it too: {center:?}");
}

#[test]
fn who_it_is_must_agree_with_the_center() {
    let mut case = case();
    case.set(0, Field::Name, "钱进");
    case.set(1, Field::PersonalAccount, "8000000004");
    case.set(2, Field::IdNumber, &id_number(300));
    case.set(3, Field::PersonalAccount, "");
    let expected = [
        (Code::RosterNameDiffers, Some(2)),
        (Code::AccountZeros, Some(3)),
        (Code::RosterIdDiffers, Some(4)),
        (Code::AccountMissing, Some(5)),
    ];
    assert_eq!(told(&checked(&case).findings), expected, "name, zeros, ID, and the account to transfer");
    case.set(2, Field::IdNumber, &id_number(1));
    case.set(2, Field::PersonalAccount, "");
    let filed = checked(&case).rows.swap_remove(2).unwrap();
    assert_eq!(filed.personal_account, "008000000001", "an account that the sheet lacks is the center's");
}

#[test]
fn the_center_refuses_figures_that_were_changed() {
    let case = case();
    let checked = checked(&case);
    let mut rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    rows[0].reason = String::new();
    rows[1].after.unit_amount = yuan("1");
    rows[2].base = yuan("1");
    let codes: Vec<_> = check_rows(&rows, checked.totals, case.circumstances()).iter().map(|f| f.code).collect();
    let expected = [Code::FilingTotals, Code::ReasonMissing, Code::AmountDiffers, Code::BaseOldDiffers];
    assert_eq!(codes, expected, "sums, reason, amounts and base");
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (0usize..4, prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                prop::sample::select(vec!["封存", "启封", "同城转入", "转出", "停缴", "开户"]).prop_map(str::to_owned),
                prop::sample::select(vec!["死亡", "离职", "其他"]).prop_map(str::to_owned),
                prop::sample::select(vec!["2026-07", "202607", "2026.7", "2026-08"]).prop_map(str::to_owned),
                (0usize..7).prop_map(|person| format!("0080{person:08}")),
                (0usize..7).prop_map(id_number),
                (0usize..7).prop_map(person_name),
                Just("6000".to_owned()),
                Just("41000".to_owned()),
                "\\PC{0,8}",
            ]),
            0..6,
        ),
    ) {
        let mut case = case();
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

#[test]
fn months_are_read_in_their_spellings_and_held_to_the_calendar() {
    let july = Some(Reading::Certain("2026-07".parse().unwrap()));
    for text in ["2026-07", "202607", "2026/7", "2026.07", "2026年7月", "２０２６年７月", "2026-07-15", "20260715"]
    {
        assert_eq!(read_month(text, CellKind::Text), july, "{text}");
    }
    for text in ["07/2026", "Jul-2026", "2026-Jul", "July-2026", "25-Jul-2026", "13/07/2026", "07/25/2026", "7/7/2026"]
    {
        assert_eq!(read_month(text, CellKind::Text), july, "{text}: one month only");
    }
    for text in ["07/08/2026", "7-1-2026", "26-Jul", "Jul-26"] {
        let likely = Some(Reading::Likely("2026-07".parse().unwrap()));
        assert_eq!(read_month(text, CellKind::Text), likely, "{text}: another reading is possible");
    }
    for text in ["7月", "26-07", "2026-13", "2026", "七月", "2026-07-15-1", "13/14/2026", "Jul", "5-Jul", "Foo-2026"]
    {
        assert_eq!(read_month(text, CellKind::Text), None, "{text}");
    }
    for text in ["46204", "2026.7", "202607"] {
        assert_eq!(read_month(text, CellKind::Number), july, "{text}: a number");
    }
    for text in ["2026.1", "2026.13", "12345", "99999"] {
        assert_eq!(read_month(text, CellKind::Number), None, "{text}: January or October, or no month: not guessed");
    }
    let mut case = case();
    case.set(0, Field::Month, "2026.7");
    case.set(1, Field::Month, "2026-06");
    case.set(2, Field::Month, "2026-08");
    case.set(3, Field::Month, "下月");
    for text in ["七月", "26-07"] {
        let refused = checked(&case_with(Field::Month, text));
        assert_eq!(told(&refused.findings), [(Code::MonthUnreadable, Some(2))], "{text} is not taken for a month");
        assert_eq!(
            (refused.findings[0].fix.as_deref(), &refused.rows[0]),
            (Some("2026-07"), &None),
            "{text}: proposed"
        );
    }
    let asked = case_with(Field::Month, "07/08/2026");
    assert_eq!(told(&checked(&asked).findings), [(Code::MonthAmbiguous, Some(2))], "July or August: a person confirms");
    let expected = [
        (Code::MonthForm, Some(2)),
        (Code::MonthNotAllowed, Some(3)),
        (Code::MonthNotAllowed, Some(4)),
        (Code::MonthUnreadable, Some(5)),
    ];
    assert_eq!(told(&checked(&case).findings), expected, "verified, not begun, unreadable");
}

#[test]
fn a_center_takes_only_so_many_changes_of_one_person_in_a_month() {
    let told_of = |case: &Case| {
        let sheet = told(&checked(case).findings);
        let rows: Vec<_> = checked(&self::case()).rows.into_iter().flatten().collect();
        let signed = told(&check_rows(&rows, Totals::of(&rows), case.circumstances()));
        (sheet, signed)
    };
    let mut case = case();
    let july = || vec!["2026-07".parse().unwrap()];
    case.roster.contributors[0].changes.unsealed = july();
    case.roster.contributors[4].changes.sealed = july();
    case.roster.contributors[1].changes.sealed = july();
    assert_eq!(told_of(&case), (vec![], vec![]), "each change is counted for itself, and a transfer not at all");
    case.roster.contributors[0].changes.sealed = vec!["2026-06".parse().unwrap()];
    assert_eq!(told_of(&case), (vec![], vec![]), "another month");
    case.roster.contributors[0].changes.sealed = july();
    case.roster.contributors[4].changes.unsealed = july();
    let (sheet, signed) = told_of(&case);
    assert_eq!((sheet.len(), signed.len()), (2, 2), "both sides: {sheet:?} {signed:?}");
    assert!(sheet.iter().chain(&signed).all(|told| told.0 == Code::StatusChanges), "{sheet:?} {signed:?}");
    case.profile.limits.status_changes_per_month = None;
    assert_eq!(told_of(&case), (vec![], vec![]), "a center without a limit");
}
