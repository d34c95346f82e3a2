#![allow(clippy::unwrap_used)]

use super::super::compare;
use super::*;
use crate::filing::check_sheet;
use crate::kit::{Case, id_number};
use crate::roster::Asked;

const FIELDS: [Field; 4] = [Field::Name, Field::IdNumber, Field::NewBase, Field::Mobile];

/// What is decided, and what the center was asked.
#[derive(Default)]
struct Answers {
    decisions: Decisions,
    elsewhere: Elsewhere,
}

impl Answers {
    fn give(&mut self, key: &str, answer: Answer, reason: &str) {
        self.decisions.insert(key.into(), Decision::Answered { answer, reason: reason.into() });
    }

    fn known(&mut self, id_number: &str, name: &str, answer: Known) {
        self.elsewhere.0.insert(id_number.into(), Asked { name: name.into(), answer });
    }
}

/// Everybody of the roster as he is, from the second on; the first is not in the sheet.
fn without_the_first(people: usize) -> Case {
    let mut case = Case::of(people, &FIELDS);
    for person in case.roster.contributors.clone().iter().skip(1) {
        row(&mut case, &person.name, &person.id_number, &person.base.to_string());
    }
    case
}

fn row(case: &mut Case, name: &str, id_number: &str, base: &str) {
    case.row(&[(Field::Name, name), (Field::IdNumber, id_number), (Field::NewBase, base)]);
}

/// What the decisions make, and the lines that are open.
fn made(case: &Case, answers: &Answers) -> (BTreeMap<FilingKind, Vec<RawRow>>, Vec<String>) {
    let comparison = compare(&case.sheet, &case.roster, case.circumstances());
    let of = Circumstances { elsewhere: Some(&answers.elsewhere), ..case.circumstances() };
    let lines = lines(&comparison, &answers.decisions, of);
    let filed = filed(&lines, &case.sheet, &case.roster, of);
    (filed, lines.iter().filter(|line| line.is_open()).map(|line| line.key.clone()).collect())
}

/// What a row says, without its remark.
fn says(row: &RawRow, fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| row.text(*field).to_owned()).collect()
}

fn left(case: &Case) -> String {
    account_key(&case.roster.contributors[0].personal_account)
}

const CHANGE: [Field; 5] = [Field::PersonalAccount, Field::ChangeKind, Field::Reason, Field::Month, Field::NewBase];

#[test]
fn a_missing_person_is_filed_only_as_the_clerk_says() {
    let case = without_the_first(3);
    let mut answers = Answers::default();
    let (filed, open) = made(&case, &answers);
    assert_eq!((filed.len(), open), (0, vec![left(&case)]), "never an assumption");

    let account = case.roster.contributors[0].personal_account.as_str();
    answers.give(&left(&case), Answer::Seal, "离休退休");
    let (filed, open) = made(&case, &answers);
    let rows = &filed[&FilingKind::StatusChange];
    assert_eq!(says(&rows[0], &CHANGE), [account, "封存", "离休退休", "2026-07", ""], "with the reason she chose");
    assert!(rows[0].text(Field::Remark).contains("表中没有此人"), "why: {}", rows[0].text(Field::Remark));
    assert!(open.is_empty() && filed.len() == 1);

    answers.give(&left(&case), Answer::TransferOut, "");
    assert_eq!(says(&made(&case, &answers).0[&FilingKind::StatusChange][0], &CHANGE)[1..3], ["同城转出", ""]);
    answers.give(&left(&case), Answer::Forgotten, "");
    assert_eq!(made(&case, &answers), (BTreeMap::new(), vec![]), "the sheet forgot: nothing is filed");
    answers.decisions.insert(left(&case), Decision::LeftOut { note: "下月再办".into() });
    assert_eq!(made(&case, &answers), (BTreeMap::new(), vec![]), "left out this time");
}

#[test]
fn somebody_new_is_registered_transferred_in_or_stopped_by_what_the_center_knows() {
    let mut case = without_the_first(2);
    let id = id_number(800);
    row(&mut case, "钱进", &id, "6500");
    let mut answers = Answers::default();
    answers.give(&left(&case), Answer::Forgotten, "");
    let comparison = compare(&case.sheet, &case.roster, case.circumstances());
    let asking = lines(&comparison, &answers.decisions, case.circumstances());
    assert_eq!(not_asked(&asking), [(id.clone(), "钱进".into())], "nobody else is asked about");
    let registration = |filed: &BTreeMap<FilingKind, Vec<RawRow>>| {
        says(&filed[&FilingKind::ContributorRegistration][0], &[Field::Name, Field::IdNumber, Field::NewBase])
    };
    assert_eq!(registration(&made(&case, &answers).0), ["钱进", &id, "6500"], "offline it is a registration to check");
    answers.known(&id, "钱进", Known::Nobody);
    assert_eq!(registration(&made(&case, &answers).0), ["钱进", &id, "6500"]);

    let account = |status| Known::Account { personal_account: "008099999999".into(), status };
    answers.known(&id, "钱进", account(AccountStatus::Sealed));
    let (filed, open) = made(&case, &answers);
    let rows = &filed[&FilingKind::StatusChange];
    assert_eq!(says(&rows[0], &CHANGE), ["008099999999", "同城转入", "", "2026-07", "6500"], "no second account");
    assert!(filed.len() == 1 && open.is_empty(), "and no registration");

    for known in [account(AccountStatus::Normal), Known::OtherName] {
        answers.known(&id, "钱进", known);
        let (filed, open) = made(&case, &answers);
        assert_eq!((filed.len(), open.as_slice()), (0, &["row:3".to_owned()][..]), "it has to be settled elsewhere");
        let mut aside = answers.decisions.clone();
        aside.insert("row:3".into(), Decision::LeftOut { note: "请原单位封存".into() });
        let aside = Answers { decisions: aside, elsewhere: answers.elsewhere.clone() };
        assert_eq!(made(&case, &aside), (BTreeMap::new(), vec![]), "or left out");
    }
}

#[test]
fn two_people_of_one_name_are_one_who_is_new_and_one_who_is_missing() {
    let mut case = without_the_first(3);
    let person = case.roster.contributors[0].clone();
    let id = id_number(801);
    row(&mut case, &person.name, &id, "7000");
    let mut answers = Answers::default();
    assert_eq!(made(&case, &answers).1, ["row:4"], "another number under his name is a question");
    answers.give("row:4", Answer::TwoPeople, "");
    let (filed, open) = made(&case, &answers);
    assert_eq!(open, [left(&case)], "whoever is missing is asked about like everybody who is");
    let new = &filed[&FilingKind::ContributorRegistration][0];
    assert_eq!(says(new, &[Field::IdNumber, Field::NewBase, Field::PersonalAccount]), [id.as_str(), "7000", ""]);
    answers.give(&left(&case), Answer::Seal, "其他");
    let (filed, open) = made(&case, &answers);
    assert!(open.is_empty());
    let gone = &filed[&FilingKind::StatusChange][0];
    assert_eq!(gone.text(Field::IdNumber), person.id_number, "the roster's number, not the sheet's");
    answers.give("row:4", Answer::TypingError, "");
    let (filed, open) = made(&case, &answers);
    assert!(open.is_empty() && !filed.contains_key(&FilingKind::StatusChange), "one person again: nobody is sealed");
    assert_eq!(filed[&FilingKind::BaseAdjustment][0].text(Field::IdNumber), person.id_number, "his base is adjusted");
}

#[test]
fn what_the_sheet_says_otherwise_is_updated_or_a_typing_error() {
    let mut case = without_the_first(3);
    let (renamed, renumbered) = (case.roster.contributors[1].clone(), case.roster.contributors[2].clone());
    case.set(0, Field::Name, "欧阳文婧");
    let id = id_number(804);
    case.set(1, Field::IdNumber, &id);
    let mut answers = Answers::default();
    answers.give(&left(&case), Answer::Forgotten, "");
    assert_eq!(made(&case, &answers), (BTreeMap::new(), vec!["row:2".into(), "row:3".into()]), "both are asked about");
    answers.give("row:2", Answer::Update, "");
    answers.give("row:3", Answer::Update, "");
    let (filed, open) = made(&case, &answers);
    assert!(open.is_empty() && filed.len() == 1);
    let fields = [Field::Name, Field::IdNumber, Field::NewName, Field::NewIdNumber];
    let rows: Vec<_> = filed[&FilingKind::ContributorUpdate].iter().map(|row| says(row, &fields)).collect();
    let expected = [
        [renamed.name.as_str(), &renamed.id_number, "欧阳文婧", ""],
        [renumbered.name.as_str(), &renumbered.id_number, "", &id],
    ];
    assert_eq!(rows, expected, "from the center's to the sheet's, and nothing else");
    let comparison = compare(&case.sheet, &case.roster, case.circumstances());
    let asking = lines(&comparison, &answers.decisions, case.circumstances());
    assert_eq!(not_asked(&asking), [(id, renumbered.name.into())], "a number that is new here may be somebody's");
    answers.give("row:2", Answer::TypingError, "");
    answers.give("row:3", Answer::TypingError, "");
    assert_eq!(made(&case, &answers), (BTreeMap::new(), vec![]), "the center's stand");
}

#[test]
fn two_changes_of_a_person_are_two_rows_in_the_filings_they_belong_to() {
    let mut case = without_the_first(3);
    let person = case.roster.contributors[0].clone();
    case.roster.contributors[0].status = AccountStatus::Sealed;
    row(&mut case, &person.name, &person.id_number, "7000");
    case.set(0, Field::Name, "欧阳文婧");
    case.set(0, Field::NewBase, "8000");
    let renamed = case.roster.contributors[1].clone();
    let mut answers = Answers::default();
    let (filed, open) = made(&case, &answers);
    assert_eq!(open, ["row:2"], "while a question is open nothing is filed about that person");
    assert_eq!(says(&filed[&FilingKind::StatusChange][0], &CHANGE)[..2], [person.personal_account.as_str(), "启封"]);
    let base = [Field::PersonalAccount, Field::Name, Field::OldBase, Field::NewBase];
    let rows = |filed: &BTreeMap<FilingKind, Vec<RawRow>>| -> Vec<Vec<String>> {
        filed[&FilingKind::BaseAdjustment].iter().map(|row| says(row, &base)).collect()
    };
    let returned = vec![person.personal_account.clone(), person.name.clone(), "5000.00".into(), "7000".into()];
    assert_eq!(rows(&filed), std::slice::from_ref(&returned), "whoever returns with another base has both");

    answers.give("row:2", Answer::Update, "");
    let (filed, open) = made(&case, &answers);
    assert!(open.is_empty());
    let known =
        vec![renamed.personal_account.clone(), renamed.name.clone(), renamed.base.to_string().into(), "8000".into()];
    assert_eq!(rows(&filed), [known, returned], "by the name the center still has: the update is booked last");
    let order: Vec<_> = filed.keys().copied().collect();
    let expected = [FilingKind::StatusChange, FilingKind::BaseAdjustment, FilingKind::ContributorUpdate];
    assert_eq!(order, expected, "the order of the kinds is the order in which they are booked");
    let why = |kind: FilingKind, row: usize| filed[&kind][row].text(Field::Remark).to_owned();
    assert!(
        why(FilingKind::BaseAdjustment, 1).contains("由 5000.00 元变为 7000.00 元"),
        "each row says its own reason"
    );
    assert!(why(FilingKind::ContributorUpdate, 0).contains("表中姓名是「欧阳文婧」"));

    let comparison = compare(&case.sheet, &case.roster, case.circumstances());
    let lines = lines(&comparison, &answers.decisions, case.circumstances());
    let kinds: Vec<Vec<FilingKind>> = lines.iter().map(|line| line.filings().collect()).collect();
    assert_eq!(kinds[0], [FilingKind::BaseAdjustment, FilingKind::ContributorUpdate]);
    assert_eq!(kinds[2], [FilingKind::StatusChange, FilingKind::BaseAdjustment]);
    assert!(lines[2].reason().contains("启封") && lines[2].reason().contains("7000.00"), "both are told");

    case.period = "2026-08";
    let (filed, _) = made(&case, &answers);
    assert!(!filed.contains_key(&FilingKind::BaseAdjustment), "next month the base is only a note");
    let comparison = compare(&case.sheet, &case.roster, case.circumstances());
    let lines = super::lines(&comparison, &answers.decisions, case.circumstances());
    assert!(lines[0].base_noted && lines[0].reason().contains("不能调整基数"), "and it is said");
}

#[test]
fn a_base_is_adjusted_only_in_a_month_that_allows_it() {
    let mut case = without_the_first(2);
    let person = case.roster.contributors[0].clone();
    row(&mut case, &person.name, &person.id_number, "7000");
    let (filed, _) = made(&case, &Answers::default());
    let bases = says(&filed[&FilingKind::BaseAdjustment][0], &[Field::OldBase, Field::NewBase]);
    assert_eq!(bases, ["5000.00", "7000"], "the center's before, the sheet's after");
    case.period = "2026-08";
    assert_eq!(made(&case, &Answers::default()), (BTreeMap::new(), vec![]), "next month it is only a note");
}

#[test]
fn an_answer_has_to_fit_its_question() {
    let case = without_the_first(2);
    let comparison = compare(&case.sheet, &case.roster, case.circumstances());
    let none = Decisions::new();
    let lines = lines(&comparison, &none, case.circumstances());
    let (same, gone) = (&lines[0], &lines[1]);
    let answered = |answer, reason: &str| Decision::Answered { answer, reason: reason.into() };
    let aside = |note: &str| Decision::LeftOut { note: note.into() };
    assert_eq!(gone.fits(&answered(Answer::Seal, "离休退休"), &case.profile), Ok(()));
    assert_eq!(gone.fits(&answered(Answer::Seal, "不想干了"), &case.profile), Err(Unfit::Reason), "not the center's");
    assert_eq!(gone.fits(&answered(Answer::TwoPeople, ""), &case.profile), Err(Unfit::NotAsked));
    assert_eq!(gone.fits(&aside(" "), &case.profile), Err(Unfit::Note), "it says why");
    assert_eq!(gone.fits(&aside("下月"), &case.profile), Ok(()));
    assert_eq!(same.fits(&aside("下月"), &case.profile), Err(Unfit::NotAsked), "there is nothing to leave out");
}

#[test]
fn a_row_with_errors_waits_until_it_is_left_out() {
    let mut case = without_the_first(2);
    row(&mut case, "赵七", "123", "6000");
    let mut answers = Answers::default();
    answers.give(&left(&case), Answer::Forgotten, "");
    assert_eq!(made(&case, &answers), (BTreeMap::new(), vec!["row:3".into()]));
    answers.decisions.insert("row:3".into(), Decision::LeftOut { note: "号码待核".into() });
    assert_eq!(made(&case, &answers), (BTreeMap::new(), vec![]));
}

#[test]
fn what_is_made_passes_the_checks_of_its_kind() {
    let mut case = without_the_first(6);
    let ids = [id_number(802), id_number(803)];
    row(&mut case, "钱进", &ids[0], "6500");
    row(&mut case, "孙立", &ids[1], "6600");
    for place in [5, 6] {
        case.set(place, Field::Mobile, ["13800000000", "13800000001"][place - 5]);
    }
    case.roster.contributors[2].status = AccountStatus::Sealed;
    case.set(2, Field::NewBase, "8000");
    let mut answers = Answers::default();
    answers.give(&left(&case), Answer::Seal, "其他");
    answers.known(&ids[0], "钱进", Known::Nobody);
    let sealed = Known::Account { personal_account: "008099999999".into(), status: AccountStatus::Sealed };
    answers.known(&ids[1], "孙立", sealed);
    let (filed, open) = made(&case, &answers);
    assert!(open.is_empty());
    let counts: Vec<_> = filed.iter().map(|(kind, rows)| (*kind, rows.len())).collect();
    let expected =
        [(FilingKind::ContributorRegistration, 1), (FilingKind::StatusChange, 3), (FilingKind::BaseAdjustment, 1)];
    assert_eq!(counts, expected, "each kind once, with its people");
    for (kind, mut rows) in filed {
        let columns: BTreeMap<Field, u16> = kind.fields().iter().copied().zip(0..).collect();
        for row in &mut rows {
            row.cells.change(|field, cell| cell.column = columns[field]);
        }
        let sheet = RawSheet { name: "".into(), columns, rows, totals: Vec::new() };
        let of = Circumstances { elsewhere: Some(&answers.elsewhere), ..case.circumstances() };
        let checked = check_sheet(kind, &sheet, of);
        let blocking: Vec<_> = checked.findings.iter().filter(|finding| finding.blocks()).collect();
        assert!(blocking.is_empty(), "{kind:?}: {blocking:?}");
        assert_eq!(checked.rows.len(), sheet.rows.len(), "every row can be filed");
    }
}
