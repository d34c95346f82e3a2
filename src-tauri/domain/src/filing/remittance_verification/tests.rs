#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
use super::*;
use crate::kit::{Case, yuan};
use crate::remittance::OpenFiling;
use crate::roster::{AccountStatus, Contributor, UnitStatus};

/// Five people in July, of whom four were due in June.
fn case() -> (Case, Books) {
    let case = Case::of(5, &[]);
    let previous = due_list(&case.roster, case.unit.first_unverified).split_off(1);
    (case, Books { previous, ..Books::default() })
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn computed(case: &Case, books: &Books) -> Verification {
    Verification::compute(&case.roster, &books.previous, case.unit.first_unverified, month(case.period))
}

fn said(case: &Case, books: &Books, rows: &[VerificationRow]) -> Vec<(Code, Option<String>)> {
    let of = Circumstances { books: Some(books), ..case.circumstances() };
    let findings = check_rows(rows, Totals::of(rows), of);
    assert!(findings.iter().all(|finding| finding.level == Level::Error), "the center refuses or does not");
    findings.into_iter().map(|finding| (finding.code, finding.args.get("index").cloned())).collect()
}

#[test]
fn what_the_client_computes_the_center_takes() {
    let (case, books) = case();
    let verification = computed(&case, &books);
    let figures = verification.figures();
    assert_eq!(figures.len(), 1, "July only");
    assert_eq!((figures[0].previous.people, figures[0].increase.people, figures[0].due.people), (4, 1, 5));
    assert!(figures[0].hold(), "the identities");
    assert_eq!(said(&case, &books, &verification.rows), [], "nothing to say");
    assert_eq!(check_figures(&verification.rows, &figures, &books.previous), None, "nor of the head");
}

#[test]
fn a_list_is_everybody_as_he_is_due_and_nobody_else() {
    let (mut case, books) = case();
    let rows = computed(&case, &books).rows;
    let mut edited = rows.clone();
    edited[2].amounts.unit_amount += yuan("0.01");
    assert_eq!(said(&case, &books, &edited), [(Code::VerifyList, Some("2".into()))], "a fen by hand");
    let mut doubled = rows.clone();
    doubled.push(rows[0].clone());
    assert_eq!(said(&case, &books, &doubled), [(Code::VerifyList, Some("5".into()))], "one person twice");
    assert_eq!(said(&case, &books, &rows[1..]), [(Code::VerifyMissing, None)], "one person left out");
    case.roster.contributors[3].status = AccountStatus::Sealed;
    assert_eq!(said(&case, &books, &rows), [(Code::VerifyList, Some("3".into()))], "sealed meanwhile");
    assert_eq!(computed(&case, &books).rows.len(), 4, "and not computed any more");
}

#[test]
fn months_are_verified_in_their_order_once() {
    let (mut case, books) = case();
    let rows = computed(&case, &books).rows;
    case.unit.first_unverified = month("2026-08");
    assert_eq!(said(&case, &books, &rows)[0], (Code::VerifyDone, None), "July once more");
    case.unit.first_unverified = month("2026-06");
    let only_july = said(&case, &books, &rows);
    assert!(only_july.contains(&(Code::VerifyOrder, None)), "June is skipped: {only_july:?}");
    let both = computed(&case, &books);
    assert_eq!(both.rows.len(), 10, "June and July in one filing");
    assert_eq!(said(&case, &books, &both.rows), [], "in their order");
    case.unit.first_unverified = month("2026-07");
    case.period = "2026-08";
    let ahead = computed(&case, &books);
    assert_eq!(said(&case, &books, &ahead.rows), [(Code::VerifyFuture, None)], "it is July");
    case.profile.prepayment = true;
    assert_eq!(said(&case, &books, &ahead.rows), [], "a center that takes 预缴");
}

#[test]
fn what_is_still_open_stands_in_the_way() {
    let (mut case, mut books) = case();
    let rows = computed(&case, &books).rows;
    let open = |kind| OpenFiling { filing_number: "YW1".into(), kind, period: month("2026-07") };
    books.open = vec![open(FilingKind::UnitUpdate), open(FilingKind::Payment)];
    assert_eq!(said(&case, &books, &rows), [], "neither people nor bases");
    books.open.push(open(FilingKind::BaseAdjustment));
    assert_eq!(said(&case, &books, &rows), [(Code::VerifyOpen, None)], "an open base adjustment");
    books.open.clear();
    case.unit.status = UnitStatus::Sealed;
    assert_eq!(said(&case, &books, &rows), [(Code::UnitStatus, None)], "a sealed unit");
}

#[test]
fn nothing_due_is_nothing_to_verify() {
    let (mut case, books) = case();
    for person in &mut case.roster.contributors {
        person.status = AccountStatus::Sealed;
    }
    let rows = computed(&case, &books).rows;
    assert!(rows.is_empty(), "nobody is due");
    assert!(said(&case, &books, &rows).contains(&(Code::VerifyNothing, None)), "an empty list is no verification");
    let (mut case, books) = self::case();
    case.roster.contributors[1].amounts = NOTHING;
    let rows = computed(&case, &books).rows;
    assert_eq!(said(&case, &books, &rows), [(Code::DueZero, Some("1".into()))], "somebody pays nothing");
}

#[test]
fn the_head_shows_the_table_of_the_rows() {
    let (case, books) = case();
    let Verification { rows, tables } = computed(&case, &books);
    let mut figures: Vec<_> = tables.iter().map(|table| table.figures).collect();
    figures[0].increase.amount += yuan("1");
    let code = |figures: &[MonthFigures]| check_figures(&rows, figures, &books.previous).map(|finding| finding.code);
    assert_eq!(code(&figures), Some(Code::VerifyFigures), "another increase");
    assert_eq!(code(&[]), Some(Code::VerifyFigures), "no table");
}

#[test]
fn a_change_that_takes_effect_later_leaves_the_months_before_as_they_were() {
    let (mut case, books) = case();
    case.unit.first_unverified = month("2026-06");
    let before = case.roster.contributors[0].clone();
    let july = Contributor { base: yuan("9000"), earlier: before.until(month("2026-07")), ..before.clone() };
    case.roster.contributors[0] = july;
    let rows = computed(&case, &books).rows;
    let bases: Vec<_> = rows
        .iter()
        .filter(|row| row.personal_account == before.personal_account)
        .map(|row| (row.month.to_string(), row.base))
        .collect();
    assert_eq!(bases, [("2026-06".into(), before.base), ("2026-07".into(), yuan("9000"))], "each month its own base");
    let newcomer = &mut case.roster.contributors[1];
    newcomer.earlier = Contributor::not_before(month("2026-07"));
    let rows = computed(&case, &books).rows;
    assert_eq!(rows.len(), 9, "who comes in July is not due in June");
}

#[test]
fn bases_outside_the_month_s_limits_are_shown_before_signing() {
    let (mut case, books) = case();
    case.roster.contributors[4].base = yuan("1000");
    let verification = computed(&case, &books);
    let of = Circumstances { books: Some(&books), ..case.circumstances() };
    let found: Vec<_> = obstacles(&verification, of)
        .into_iter()
        .map(|finding| (finding.code, finding.level, finding.args.get("index").cloned()))
        .collect();
    assert_eq!(found, [(Code::BaseBelowFloor, Level::Warning, Some("4".into()))], "a question, for one person");
}
