#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, id_number, said, yuan};
use crate::sheet::{CellKind, NO_COLUMN, RawCell, TotalRow};

const PAYROLL: [Field; 4] = [Field::PersonalAccount, Field::Name, Field::IdNumber, Field::NewBase];
const WITHOUT_ACCOUNT: [Field; 3] = [Field::Name, Field::IdNumber, Field::NewBase];

/// A sheet in which everybody stands as the roster has them.
fn agreeing(people: usize, fields: &[Field]) -> Case {
    let mut case = Case::of(people, fields);
    for person in case.roster.contributors.clone() {
        case.row(&[
            (Field::PersonalAccount, &person.personal_account),
            (Field::Name, &person.name),
            (Field::IdNumber, &person.id_number),
            (Field::NewBase, &person.base.to_string()),
        ]);
    }
    case
}

fn compared(case: &Case) -> Comparison {
    compare(&case.sheet, &case.roster, case.circumstances())
}

fn kinds(comparison: &Comparison) -> Vec<ProposalKind> {
    comparison.proposals.iter().map(|p| p.kind).collect()
}

#[test]
fn a_sheet_that_agrees_proposes_nothing() {
    for fields in [&PAYROLL[..], &WITHOUT_ACCOUNT] {
        let comparison = compared(&agreeing(5, fields));
        assert_eq!(kinds(&comparison), [ProposalKind::Unchanged; 5], "with or without accounts");
        assert_eq!(comparison.findings, [], "and there is nothing to say");
        assert!(comparison.questions.is_empty(), "nor to ask");
        assert_eq!(comparison.totals[&ProposalKind::Unchanged], 5, "they are counted");
        assert_eq!(comparison.totals.len(), ProposalKind::ALL.len(), "every kind has its figure");
    }
}

#[test]
fn somebody_new_is_registered_with_the_amounts_of_the_period() {
    let mut case = agreeing(2, &WITHOUT_ACCOUNT);
    case.row(&[(Field::Name, "钱进"), (Field::IdNumber, &id_number(900)), (Field::NewBase, "6000")]);
    let comparison = compared(&case);
    let new = &comparison.proposals[2];
    assert_eq!((new.kind, new.filing), (ProposalKind::New, Some(FilingKind::ContributorRegistration)), "unknown here");
    assert_eq!((new.person, new.before, new.row), (None, None, Some(4)), "nobody of the roster, nothing before");
    let after = new.after.unwrap();
    assert_eq!((after.base, after.parts.unwrap().monthly()), (yuan("6000"), yuan("960")), "8 % each side");
    assert!(new.reason().contains("钱进"), "the reason names the person: {}", new.reason());
}

#[test]
fn missing_people_are_questions_and_nothing_is_filed_for_them() {
    let mut case = agreeing(4, &WITHOUT_ACCOUNT);
    case.sheet.rows.remove(1);
    case.roster.contributors[3].status = AccountStatus::Sealed;
    case.sheet.rows.pop();
    let comparison = compared(&case);
    assert_eq!(
        kinds(&comparison),
        [ProposalKind::Unchanged, ProposalKind::Unchanged, ProposalKind::Left, ProposalKind::Unchanged],
        "whoever is sealed and absent stays sealed"
    );
    let left = &comparison.proposals[2];
    assert_eq!(left.filing, None, "never an assumption");
    assert_eq!(left.question(), [Answer::Seal, Answer::TransferOut, Answer::Forgotten], "the clerk decides");
    assert_eq!(comparison.questions, [2], "it is listed as a question");
    assert!(left.before.is_some() && left.after.is_none(), "what will be due is not known yet");
}

#[test]
fn somebody_sealed_who_is_paid_again_is_unsealed() {
    let mut case = agreeing(2, &WITHOUT_ACCOUNT);
    case.roster.contributors[1].status = AccountStatus::Sealed;
    let comparison = compared(&case);
    let back = &comparison.proposals[1];
    assert_eq!((back.kind, back.filing), (ProposalKind::Returned, Some(FilingKind::StatusChange)), "no new account");
    assert_eq!(back.before, None, "a sealed account pays nothing");
    assert!(back.also.is_empty(), "the base is the same");
    case.set(1, Field::NewBase, "7000");
    let back = compared(&case).proposals.swap_remove(1);
    assert_eq!(*back.also, [ProposalKind::BaseChanged], "another base is told too");
    assert_eq!(back.after.unwrap().base, yuan("7000"), "and counted with");
}

#[test]
fn another_base_is_an_adjustment_only_where_the_month_allows_one() {
    let mut case = agreeing(2, &WITHOUT_ACCOUNT);
    case.set(0, Field::NewBase, "6,500.00");
    let changed = compared(&case).proposals.swap_remove(0);
    assert_eq!(
        (changed.kind, changed.filing, changed.code()),
        (ProposalKind::BaseChanged, Some(FilingKind::BaseAdjustment), "PROPOSAL-BASE-CHANGED"),
        "July is open"
    );
    assert_eq!(changed.before.unwrap().parts, Some(case.roster.contributors[0].amounts), "the center's amounts before");
    assert_eq!(changed.after.unwrap().parts.unwrap().monthly(), yuan("1040"), "the policy's after");
    case.period = "2026-08";
    let comparison = compared(&case);
    let noted = &comparison.proposals[0];
    assert_eq!((noted.filing, noted.code()), (None, "PROPOSAL-BASE-NOTED"), "August has not begun");
    assert_eq!(said(&comparison.findings), [(Code::PeriodNotAllowed, None), (Code::AmountForm, Some(2))], "it is said");
}

#[test]
fn a_base_beyond_the_limits_counts_as_the_limit() {
    let mut case = agreeing(2, &WITHOUT_ACCOUNT);
    case.roster.contributors[0].base = yuan("27000");
    case.set(0, Field::NewBase, "39000");
    case.set(1, Field::NewBase, "39000");
    let comparison = compared(&case);
    assert_eq!(
        kinds(&comparison),
        [ProposalKind::Unchanged, ProposalKind::BaseChanged],
        "one is at the ceiling already"
    );
    assert_eq!(comparison.findings[0].code, Code::BaseAboveCeiling, "the other is told");
    assert_eq!(comparison.findings[0].fix.as_deref(), Some("27000.00"), "with the limit proposed");
    assert!(comparison.findings.iter().all(|f| f.at.as_ref().is_some_and(|at| at.row == 3)), "and only the other");
}

#[test]
fn a_wage_is_no_base() {
    let mut case = agreeing(1, &[Field::Name, Field::IdNumber, Field::Wage]);
    case.set(0, Field::Wage, "8888.88");
    case.row(&[(Field::Name, "钱进"), (Field::IdNumber, &id_number(900)), (Field::Wage, "6000")]);
    let comparison = compared(&case);
    assert!(!comparison.base_compared, "the sheet has no bases");
    assert_eq!(kinds(&comparison), [ProposalKind::Unchanged, ProposalKind::New], "a month's wage changes no base");
    assert_eq!(comparison.proposals[1].after.unwrap().base, yuan("6000"), "but is the first base of whoever is new");
}

#[test]
fn names_differ_only_when_they_are_not_written_alike() {
    let mut case = agreeing(3, &WITHOUT_ACCOUNT);
    case.roster.contributors[0].name = "阿依古丽·买买提".into();
    case.roster.contributors[1].name = "John Smith".into();
    case.set(0, Field::Name, "阿依古丽•买 买提");
    case.set(1, Field::Name, "ＪＯＨＮ Ｓｍｉｔｈ");
    case.set(2, Field::Name, "钱进");
    let comparison = compared(&case);
    let expected = [ProposalKind::Unchanged, ProposalKind::Unchanged, ProposalKind::NameDiffers];
    assert_eq!(kinds(&comparison), expected, "separator, blanks and widths make nobody else");
    let differs = &comparison.proposals[2];
    assert_eq!(differs.question(), [Answer::Update, Answer::TypingError], "renamed or mistyped: the clerk knows");
    assert_eq!((&*differs.said, differs.filing), ("钱进", None), "nothing is filed before");
    assert_eq!(comparison.findings, [], "a question needs no finding beside it");
}

#[test]
fn another_id_is_asked_about_never_guessed() {
    for fields in [&PAYROLL[..], &WITHOUT_ACCOUNT] {
        let mut case = agreeing(3, fields);
        case.set(1, Field::IdNumber, &id_number(900));
        let comparison = compared(&case);
        let expected = [ProposalKind::Unchanged, ProposalKind::IdDiffers, ProposalKind::Unchanged];
        assert_eq!(kinds(&comparison), expected, "nobody is new, nobody has left");
        let differs = &comparison.proposals[1];
        assert_eq!(differs.question(), [Answer::Update, Answer::TypingError, Answer::TwoPeople], "all three can be");
        let reason = differs.reason();
        assert!(!reason.contains(&*differs.said) && !reason.contains(&*differs.id_number), "masked: {reason}");
    }
}

#[test]
fn a_name_that_two_people_bear_matches_nobody() {
    let mut case = agreeing(3, &WITHOUT_ACCOUNT);
    case.roster.contributors[1].name = case.roster.contributors[0].name.clone();
    let name = case.roster.contributors[0].name.clone();
    case.sheet.rows.truncate(1);
    case.set(0, Field::IdNumber, &id_number(900));
    case.set(0, Field::Name, &name);
    let comparison = compared(&case);
    let expected = [ProposalKind::New, ProposalKind::Left, ProposalKind::Left, ProposalKind::Left];
    assert_eq!(kinds(&comparison), expected, "which of the two would be a guess");
}

#[test]
fn fifteen_digits_are_the_same_person() {
    let mut case = agreeing(2, &WITHOUT_ACCOUNT);
    let short = |id: &str| format!("{}{}", &id[..6], &id[8..17]);
    let (one, other) = (short(&id_number(0)), short(&id_number(1)));
    case.set(0, Field::IdNumber, &one);
    case.roster.contributors[1].id_number = other.into();
    let comparison = compared(&case);
    assert_eq!(kinds(&comparison), [ProposalKind::Unchanged; 2], "an old number in the sheet, one in the roster");
}

#[test]
fn a_row_with_errors_is_not_compared_and_its_person_has_not_left() {
    let mut case = agreeing(5, &WITHOUT_ACCOUNT);
    case.set_kind(0, Field::IdNumber, "410801198512310000", CellKind::Number);
    case.set_kind(1, Field::NewBase, "#N/A", CellKind::Error);
    case.set(2, Field::NewBase, "");
    case.roster.contributors[3].status = AccountStatus::Frozen;
    let twin = case.sheet.rows[4].cells.clone();
    let place = case.row(&[]);
    case.sheet.rows[place].cells = twin;
    let comparison = compared(&case);
    let mut expected = vec![ProposalKind::NotComparable; 4];
    expected.extend([ProposalKind::Unchanged, ProposalKind::NotComparable]);
    assert_eq!(kinds(&comparison), expected, "lost digits, a formula error, no base, a frozen account, a twin");
    let codes: Vec<_> = comparison.findings.iter().map(|f| f.code).collect();
    let named = [Code::IdNumeric, Code::AmountFormulaError, Code::AmountMissing, Code::RosterStatus, Code::IdDuplicate];
    assert_eq!(codes, named, "each says why");
    assert!(comparison.findings.iter().all(Finding::blocks), "and has to be settled first");
}

#[test]
fn an_id_that_became_a_number_is_found_by_name_and_its_first_digits_and_confirmed() {
    let mut case = agreeing(3, &WITHOUT_ACCOUNT);
    let whole = case.roster.contributors[0].id_number.clone();
    case.set_kind(0, Field::IdNumber, &format!("{}000", &whole[..15]), CellKind::Number);
    case.set(0, Field::NewBase, "6500");
    let comparison = compared(&case);
    let expected = [ProposalKind::BaseChanged, ProposalKind::Unchanged, ProposalKind::Unchanged];
    assert_eq!(kinds(&comparison), expected, "he is who he is, and nobody has left");
    assert_eq!(comparison.proposals[0].id_number, whole, "filed with the center's number");
    let said: Vec<_> = comparison.findings.iter().map(|f| (f.code, f.level, f.fix.as_deref())).collect();
    assert_eq!(said, [(Code::IdNumeric, Level::Warning, Some(&*whole))], "a person confirms");
    // Two of this name whose numbers begin like this: nobody can say which.
    case.roster.contributors[1].name = case.roster.contributors[0].name.clone();
    case.roster.contributors[1].id_number = format!("{}99X", &whole[..15]).into();
    let comparison = compared(&case);
    assert_eq!(kinds(&comparison)[0], ProposalKind::NotComparable, "nothing is guessed");
    let lost = comparison.findings.iter().find(|f| f.code == Code::IdNumeric).unwrap();
    assert_eq!((lost.level, &lost.fix), (Level::Error, &None), "nor proposed");
}

#[test]
fn whoever_comes_back_after_his_account_was_closed_is_new() {
    let mut case = agreeing(2, &PAYROLL);
    case.roster.contributors[1].status = AccountStatus::ClosedByWithdrawal;
    let comparison = compared(&case);
    let expected = [ProposalKind::Unchanged, ProposalKind::New, ProposalKind::Unchanged];
    assert_eq!(kinds(&comparison), expected, "new as a row, closed as it was in the roster");
    assert!(!comparison.findings.iter().any(Finding::blocks), "and nothing is in the way: {:?}", comparison.findings);
    // Beside an open account the closed one, which the sheet still names, is not meant.
    let mut again = case.roster.contributors[1].clone();
    (again.personal_account, again.status) = ("008099999999".into(), AccountStatus::Normal);
    case.roster.contributors.push(again);
    let proposal = compared(&case).proposals[1].clone();
    assert_eq!((proposal.kind, proposal.person), (ProposalKind::Unchanged, Some(2)), "the open one is");
    case.roster.contributors.pop();
    // The account of a closed one beside another number is still somebody else's.
    case.set(1, Field::IdNumber, &id_number(900));
    assert_eq!(kinds(&compared(&case))[1], ProposalKind::NotComparable, "not taken for him");
}

#[test]
fn of_two_accounts_under_one_id_the_one_in_use_is_meant_or_the_one_that_the_row_names() {
    for open_first in [true, false] {
        let mut case = agreeing(2, &PAYROLL);
        let mut old = case.roster.contributors[1].clone();
        (old.personal_account, old.status) = ("008099999999".into(), AccountStatus::Sealed);
        case.roster.contributors.insert(if open_first { 2 } else { 1 }, old);
        let open = if open_first { 1 } else { 2 };
        case.set(1, Field::PersonalAccount, "");
        case.set(1, Field::NewBase, "6000");
        let proposal = compared(&case).proposals[1].clone();
        assert_eq!((proposal.kind, proposal.person), (ProposalKind::BaseChanged, Some(open)), "the open one");
        // What is proposed can be filed: the filing means the same account.
        let filed = crate::filing::base_adjustment::check_sheet(&case.sheet, case.circumstances());
        let row = filed.rows[1].as_ref().unwrap_or_else(|| panic!("refused: {:?}", filed.findings));
        assert_eq!(row.personal_account, proposal.account, "of the same account");
        case.set(1, Field::PersonalAccount, "008099999999");
        let proposal = compared(&case).proposals[1].clone();
        assert_eq!((proposal.kind, proposal.person), (ProposalKind::Returned, Some(3 - open)), "the one it names");
        let filed = crate::filing::base_adjustment::check_sheet(&case.sheet, case.circumstances());
        let codes: Vec<_> = filed.findings.iter().filter(|f| f.blocks()).map(|f| f.code).collect();
        assert_eq!(codes, [Code::RosterNotNormal], "which is sealed");
    }
}

#[test]
fn a_document_of_few_digits_is_found_though_the_cell_is_a_number() {
    let mut case = agreeing(2, &WITHOUT_ACCOUNT);
    (case.roster.contributors[1].id_type, case.roster.contributors[1].id_number) = ("03".into(), "12345678".into());
    case.set_kind(1, Field::IdNumber, "12345678", CellKind::Number);
    let comparison = compared(&case);
    assert_eq!((kinds(&comparison), &comparison.findings), (vec![ProposalKind::Unchanged; 2], &Vec::new()), "found");
    let filed = crate::filing::base_adjustment::check_sheet(&case.sheet, case.circumstances());
    assert_eq!(filed.findings, [], "and filed as the center has it");
}

#[test]
fn a_passport_without_its_type_is_asked_for_it() {
    for number in ["E12345678", "H1234567801"] {
        let mut case = agreeing(1, &WITHOUT_ACCOUNT);
        let place = case.row(&[(Field::Name, "钱进"), (Field::IdNumber, number), (Field::NewBase, "6000")]);
        let comparison = compared(&case);
        assert_eq!(comparison.proposals[place].kind, ProposalKind::NotComparable, "{number}: not yet");
        let asked = comparison.findings.iter().find(|f| f.code == Code::IdTypeMissing).unwrap();
        assert_eq!(asked.field, Some(Field::IdType), "in a cell of its own, whatever columns there are");
        assert!(asked.message().contains(number), "{}", asked.message());
        let cell = RawCell { column: NO_COLUMN, text: "护照".into(), kind: CellKind::Edited };
        case.sheet.rows[place].cells.insert(Field::IdType, cell);
        let comparison = compared(&case);
        assert_eq!(comparison.proposals[place].kind, ProposalKind::New, "{number}: {:?}", comparison.findings);
    }
}

#[test]
fn a_base_is_compared_in_the_steps_of_the_center() {
    let mut case = agreeing(2, &WITHOUT_ACCOUNT);
    let odd = case.roster.contributors[0].base + yuan("0.40");
    case.set(0, Field::NewBase, &odd.to_string());
    case.set(1, Field::NewBase, &(case.roster.contributors[1].base + yuan("0.60")).to_string());
    assert_eq!(kinds(&compared(&case)), [ProposalKind::BaseChanged; 2], "at a center that takes 分");
    case.profile.base_unit = crate::profile::BaseUnit::Yuan;
    let expected = [ProposalKind::Unchanged, ProposalKind::BaseChanged];
    assert_eq!(kinds(&compared(&case)), expected, "40 分 are nothing at one that takes 元");
}

#[test]
fn ratios_amounts_and_sums_beside_what_is_known_are_warnings() {
    let fields = [
        Field::Name,
        Field::IdNumber,
        Field::NewBase,
        Field::UnitRatio,
        Field::UnitAmount,
        Field::PersonalAmount,
        Field::MonthlyAmount,
    ];
    let mut case = agreeing(4, &fields);
    for row in 0..4 {
        let amounts = case.roster.contributors[row].amounts;
        case.set(row, Field::UnitRatio, "8%");
        case.set(row, Field::UnitAmount, &amounts.unit_amount.to_string());
        case.set(row, Field::PersonalAmount, &amounts.personal_amount.to_string());
        case.set(row, Field::MonthlyAmount, &amounts.monthly().to_string());
    }
    // A new base, still with the amounts of the old one: nothing to say.
    case.set(3, Field::NewBase, "6000");
    let sum: Yuan = case.roster.contributors[..3].iter().map(|one| one.base).sum::<Yuan>() + yuan("6000");
    let total = |sum: Yuan| TotalRow {
        row: RawRow {
            row: 6,
            cells: [(Field::NewBase, RawCell { column: 2, text: sum.to_string().into(), kind: CellKind::Number })]
                .into_iter()
                .collect(),
        },
        grand: true,
    };
    case.sheet.totals = vec![total(sum)];
    let comparison = compared(&case);
    assert_eq!(comparison.findings, [], "everything agrees");
    case.set(0, Field::UnitRatio, "13%");
    case.set(1, Field::UnitAmount, "1.00");
    case.sheet.totals = vec![total(sum + yuan("1"))];
    let changed = compared(&case);
    assert_eq!(kinds(&changed), kinds(&comparison), "what is proposed does not change");
    let expected = [
        (Code::RatioDiffers, Some(2)),
        (Code::AmountDiffers, Some(3)),
        (Code::AmountSum, Some(3)),
        (Code::TotalDiffers, Some(6)),
    ];
    assert_eq!(said(&changed.findings), expected, "each in its cell");
    assert!(changed.findings.iter().all(|finding| finding.level == Level::Warning), "a person confirms");
}

#[test]
fn amounts_of_a_new_base_are_not_compared_where_nobody_knows_what_it_costs() {
    let mut case = agreeing(2, &[Field::Name, Field::IdNumber, Field::NewBase, Field::UnitAmount]);
    case.set(0, Field::NewBase, "6000");
    case.set(0, Field::UnitAmount, "480");
    case.set(1, Field::UnitAmount, "1.00");
    let known = compared(&case);
    assert_eq!(said(&known.findings), [(Code::AmountDiffers, Some(3))], "by the unit's ratios 480 is right");
    let unknown = compare(&case.sheet, &case.roster, Circumstances { unit: None, ..case.circumstances() });
    assert_eq!(said(&unknown.findings), said(&known.findings), "480 is not held against what the old base cost");
}

#[test]
fn without_any_id_people_are_found_by_account_and_name_and_confirmed() {
    let mut case = agreeing(2, &[Field::PersonalAccount, Field::Name, Field::NewBase]);
    case.set(1, Field::Name, "钱进");
    let comparison = compared(&case);
    assert_eq!(kinds(&comparison), [ProposalKind::Unchanged, ProposalKind::NotComparable], "both must agree");
    assert_eq!(comparison.findings[0].code, Code::MatchByAccount, "a person confirms it");
    assert!(!comparison.findings[0].blocks(), "with a warning");
    assert!(comparison.findings.iter().any(|f| f.code == Code::RosterNameDiffers), "who is it?");
}

#[test]
fn an_account_that_lost_its_zeros_is_found_by_the_roster() {
    for (length, kept) in [(None, "7"), (None, "0007"), (Some(12), "7"), (Some(10), "7")] {
        let mut case = agreeing(9, &[Field::PersonalAccount, Field::Name, Field::NewBase]);
        case.profile.account_length = length;
        case.roster.contributors[7].personal_account = "000000000007".into();
        case.set(7, Field::PersonalAccount, kept);
        let comparison = compared(&case);
        assert_eq!(kinds(&comparison), [ProposalKind::Unchanged; 9], "{kept} of {length:?}: nobody is new or has left");
        assert!(comparison.findings.iter().all(|f| f.code == Code::MatchByAccount), "confirmed like the others");
        assert_eq!(comparison.proposals[7].account, "000000000007", "the center's own account is filed");
        case.row(&[(Field::PersonalAccount, "000000000007"), (Field::Name, "王芳")]);
        let twice = said(&compared(&case).findings);
        assert!(
            twice.contains(&(Code::AccountDuplicate, Some(11))),
            "with its zeros it is the same account: {twice:?}"
        );
    }
    let mut case = agreeing(9, &PAYROLL);
    case.profile.account_length = None;
    for (person, account) in [(7, "000000000007"), (8, "0007")] {
        case.roster.contributors[person].personal_account = account.into();
        case.set(person, Field::PersonalAccount, "7");
    }
    case.set(6, Field::PersonalAccount, "77");
    let expected = [(Code::RosterAccountDiffers, Some(8)), (Code::AccountTwoIds, Some(10))];
    let comparison = compared(&case);
    assert_eq!(said(&comparison.findings), expected, "zeros are not told of two accounts, other digits are");
    case.set(8, Field::PersonalAccount, "");
    let comparison = compared(&case);
    assert_eq!(said(&comparison.findings), expected[..1], "found by the ID, an account without its zeros is no other");
    case.set(7, Field::IdNumber, &id_number(900));
    case.set(7, Field::Name, "钱进");
    let proposals = compared(&case).proposals;
    assert_eq!((proposals[7].kind, proposals[7].person), (ProposalKind::New, None), "of two accounts none is guessed");
}

#[test]
fn an_account_of_somebody_else_is_said() {
    let mut case = agreeing(2, &PAYROLL);
    case.set(1, Field::IdNumber, &id_number(900));
    case.set(1, Field::Name, "钱进");
    let comparison = compared(&case);
    let expected = [ProposalKind::Unchanged, ProposalKind::NotComparable, ProposalKind::Left];
    assert_eq!(kinds(&comparison), expected, "account of one, ID and name of another");
    assert_eq!(said(&comparison.findings), [(Code::RosterIdDiffers, Some(3))], "the cell is named");
}

#[test]
fn every_reason_is_complete() {
    for code in Proposal::CODES {
        let text = texts::lookup(code).unwrap();
        assert!(!text.title.contains('{') && !text.happened.is_empty() && !text.remedy.is_empty(), "{code}");
    }
    let mut case = agreeing(8, &WITHOUT_ACCOUNT);
    case.roster.contributors[0].status = AccountStatus::Sealed;
    case.set(1, Field::NewBase, "6000");
    case.set(2, Field::Name, "钱进");
    case.set(3, Field::IdNumber, &id_number(900));
    case.set(4, Field::NewBase, "一万");
    case.sheet.rows.remove(7);
    case.row(&[(Field::Name, "孙丽"), (Field::IdNumber, &id_number(901)), (Field::NewBase, "6000")]);
    let comparison = compared(&case);
    assert!(comparison.totals.values().all(|count| *count > 0), "one of each: {:?}", comparison.totals);
    for proposal in comparison.proposals {
        let reason = proposal.reason();
        assert!(
            !reason.contains('{') && !reason.contains('…'),
            "{}: nothing stays unfilled: {reason}",
            proposal.code()
        );
    }
}

#[test]
fn lists_are_checked_by_themselves() {
    let mut case = agreeing(3, &PAYROLL);
    case.set(0, Field::PersonalAccount, "");
    case.set(1, Field::IdNumber, "11010519491231002x");
    case.set(2, Field::PersonalAccount, "80000002");
    let required = [Field::PersonalAccount, Field::Name, Field::IdNumber, Field::NewBase];
    let findings = check_people(&case.sheet, case.circumstances(), &required);
    let expected = [(Code::AccountMissing, Some(2)), (Code::IdForm, Some(3)), (Code::AccountZeros, Some(4))];
    assert_eq!(said(&findings), expected, "each row by itself");
    assert_eq!(findings[2].fix.as_deref(), Some("000080000002"), "the rules' length says how many zeros");
}

#[derive(Debug, Clone)]
enum Spoil {
    Drop(usize),
    Twin(usize),
    Set(usize, Field, String),
    Status(usize, AccountStatus),
    Rename(usize, usize),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let row = 0usize..12;
    let field = prop::sample::select(PAYROLL.to_vec());
    let text = prop_oneof![
        (0usize..14).prop_map(id_number),
        (0usize..14).prop_map(crate::kit::name),
        (0usize..14).prop_map(|person| format!("0080{person:08}")),
        Just(String::new()),
        Just("6000".to_owned()),
        "\\PC{0,6}",
    ];
    let status = prop::sample::select(vec![
        AccountStatus::Sealed,
        AccountStatus::ClosedByTransfer,
        AccountStatus::Frozen,
        AccountStatus::Normal,
    ]);
    prop_oneof![
        row.clone().prop_map(Spoil::Drop),
        row.clone().prop_map(Spoil::Twin),
        (row.clone(), field, text).prop_map(|(row, field, text)| Spoil::Set(row, field, text)),
        (row.clone(), status).prop_map(|(row, status)| Spoil::Status(row, status)),
        (row.clone(), row).prop_map(|(one, other)| Spoil::Rename(one, other)),
    ]
}

fn spoilt(spoils: &[Spoil], fields: &[Field]) -> Case {
    let mut case = agreeing(12, fields);
    for spoil in spoils {
        let rows = case.sheet.rows.len();
        match spoil {
            Spoil::Drop(row) if *row < rows => {
                case.sheet.rows.remove(*row);
            }
            Spoil::Twin(row) if *row < rows => {
                let cells = case.sheet.rows[*row].cells.clone();
                let place = case.row(&[]);
                case.sheet.rows[place].cells = cells;
            }
            Spoil::Set(row, field, text) if *row < rows => case.set(*row, *field, text),
            Spoil::Status(person, status) => case.roster.contributors[*person].status = *status,
            Spoil::Rename(one, other) => {
                case.roster.contributors[*one].name = case.roster.contributors[*other].name.clone();
            }
            Spoil::Drop(_) | Spoil::Twin(_) | Spoil::Set(..) => {}
        }
    }
    case
}

proptest! {
    #[test]
    fn everybody_occurs_exactly_once(spoils in prop::collection::vec(spoil(), 0..20), accounts: bool) {
        let case = spoilt(&spoils, if accounts { &PAYROLL } else { &WITHOUT_ACCOUNT });
        let comparison = compared(&case);
        let mut rows: Vec<_> = comparison.proposals.iter().filter_map(|p| p.index).collect();
        prop_assert!(rows.is_sorted(), "in the order of the sheet");
        rows.dedup();
        prop_assert_eq!(rows, (0..case.sheet.rows.len() as u32).collect::<Vec<_>>(), "every row once");
        let mut people: Vec<_> = comparison.proposals.iter().filter_map(|p| p.person).collect();
        people.sort_unstable();
        prop_assert_eq!(people, (0..12).collect::<Vec<_>>(), "every person once");
        prop_assert_eq!(comparison.totals.values().sum::<usize>(), comparison.proposals.len(), "totals add up");
        for proposal in &comparison.proposals {
            prop_assert!(proposal.question().is_empty() || proposal.filing.is_none(), "a question files nothing");
            if proposal.kind == ProposalKind::NotComparable {
                let blocks = |f: &Finding| f.blocks() && f.at.as_ref().map(|at| at.row) == proposal.row;
                prop_assert!(comparison.findings.iter().any(blocks), "what is not compared says why");
            }
        }
    }

    #[test]
    fn the_order_of_the_roster_does_not_matter(spoils in prop::collection::vec(spoil(), 0..20), accounts: bool) {
        let mut case = spoilt(&spoils, if accounts { &PAYROLL } else { &WITHOUT_ACCOUNT });
        let told = |case: &Case| {
            let comparison = compared(case);
            let mut told: Vec<_> = comparison
                .proposals
                .into_iter()
                .map(|p| (p.index.is_none(), p.index, p.account, p.kind))
                .collect();
            told.sort();
            (told, comparison.findings)
        };
        let before = told(&case);
        prop_assert_eq!(&told(&case), &before, "twice the same");
        case.roster.contributors.reverse();
        prop_assert_eq!(told(&case), before, "nothing depends on who stands first");
    }
}
