#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
use jiff::civil::date;

use super::*;
use crate::filing::FilingKind;
use crate::kit::{Case, TODAY, yuan};

fn due(pays: PaidDue, amount: &str) -> Due {
    let part = yuan(amount);
    let amounts = Contribution { unit_amount: part, personal_amount: part };
    Due { pays, kind: FilingKind::RemittanceVerification, people: 3, amounts, state: DueState::Open }
}

fn month(text: &str) -> PaidDue {
    PaidDue::Month(text.parse().unwrap())
}

/// June, July and a back payment are owed.
fn books() -> Books {
    let dues =
        vec![due(month("2026-06"), "500"), due(month("2026-07"), "600"), due(PaidDue::Filing("YW7".into()), "40.50")];
    Books { dues, available: yuan("1000"), debit_agreement: Some(TODAY), ..Books::default() }
}

fn rows(books: &Books, which: &[usize], method: PaymentMethod) -> Vec<PaymentRow> {
    which.iter().map(|place| PaymentRow::of(&books.dues[*place], method)).collect()
}

fn said(books: &Books, rows: &[PaymentRow]) -> Vec<(Code, Option<String>)> {
    let case = Case::of(1, &[]);
    let of = Circumstances { books: Some(books), ..case.circumstances() };
    let findings = check_rows(rows, Totals::of(rows), of);
    findings.into_iter().map(|finding| (finding.code, finding.args.get("index").cloned())).collect()
}

#[test]
fn what_is_owed_can_be_paid_in_the_order_of_months() {
    let books = books();
    for which in [vec![0], vec![0, 1], vec![0, 1, 2], vec![2]] {
        assert_eq!(said(&books, &rows(&books, &which, PaymentMethod::Transfer)), [], "{which:?}");
    }
    let later = said(&books, &rows(&books, &[1], PaymentMethod::Transfer));
    assert_eq!(later, [(Code::PaySkips, None)], "June first");
    let mut ordered = books.clone();
    ordered.dues[0].state = DueState::Ordered("YW9".into());
    let next = said(&ordered, &rows(&ordered, &[1], PaymentMethod::Transfer));
    assert_eq!(next, [], "June is on its way");
}

#[test]
fn nothing_is_paid_twice_or_with_another_amount() {
    let mut books = books();
    let mut edited = rows(&books, &[0], PaymentMethod::Transfer);
    edited[0].amounts.personal_amount = yuan("499.99");
    assert_eq!(said(&books, &edited), [(Code::PayAmount, Some("0".into()))], "an amount by hand");
    let mut edited = rows(&books, &[0], PaymentMethod::Transfer);
    edited[0].people = 2;
    assert_eq!(said(&books, &edited), [(Code::PayAmount, Some("0".into()))], "fewer people");
    let twice = rows(&books, &[0, 0], PaymentMethod::Transfer);
    assert_eq!(said(&books, &twice), [(Code::PayTwice, Some("1".into()))], "in one order");
    let again = rows(&books, &[0], PaymentMethod::Transfer);
    books.dues[0].state = DueState::Ordered("YW9".into());
    assert_eq!(said(&books, &again), [(Code::PayOrdered, Some("0".into()))], "in two orders");
    books.dues.remove(0);
    assert_eq!(said(&books, &again), [(Code::PayNotDue, Some("0".into()))], "revoked, or paid meanwhile");
}

#[test]
fn a_method_is_there_or_it_is_refused() {
    let mut books = books();
    let suspense = rows(&books, &[0], PaymentMethod::Suspense);
    assert_eq!(said(&books, &suspense), [], "all of the suspense is enough");
    books.available = yuan("999.99");
    assert_eq!(said(&books, &suspense), [(Code::SuspenseShort, None)], "a fen too little");
    let debit = rows(&books, &[0], PaymentMethod::DirectDebit);
    assert_eq!(said(&books, &debit), [], "the agreement's last day");
    for agreement in [Some(date(2026, 7, 5)), None] {
        books.debit_agreement = agreement;
        assert_eq!(said(&books, &debit), [(Code::DebitAgreement, None)], "{agreement:?}");
    }
    let mut mixed = rows(&books, &[0, 1], PaymentMethod::Transfer);
    mixed[1].method = PaymentMethod::Suspense;
    assert_eq!(said(&books, &mixed), [(Code::PayMethods, None)], "one order, one method");
}

#[test]
fn an_order_says_what_it_pays() {
    let books = books();
    let rows = rows(&books, &[0, 2], PaymentMethod::Transfer);
    let totals = Totals::of(&rows);
    assert_eq!((totals.people, totals.after), (6, yuan("1081")), "people of both, both parts");
    assert_eq!(rows[0].said(Field::Item), "2026-06 汇缴");
    let json = serde_json::to_value(&rows[1]).unwrap();
    assert_eq!(json["pays"], serde_json::json!({"filing": "YW7"}), "the wire form");
}
