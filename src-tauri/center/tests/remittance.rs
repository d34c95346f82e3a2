//! The month and the money over HTTP.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{Answer, At, Client, OTHER_UNIT, UNIT, World};
use huijiao_domain::filing::Rows;
use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::filing::payment::PaymentRow;
use huijiao_domain::filing::payment_claim::{ClaimRow, ClaimTo};
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{
    Books, Due, DueLine, DueState, Figure, MonthState, PaidDue, PaymentMethod, VerifiedMonth, due_list,
};
use huijiao_domain::roster::{AccountStatus, Known, Roster, Unit};
use huijiao_protocol::problem::{ProblemCode, RowProblem};
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{
    FilingStatus, Lookup, LookupAnswer, MonthList, OrderState, Page, PaymentOrder, Person,
};
use jiff::civil::date;
use rusqlite::Connection;

const DAY: Duration = Duration::from_secs(86_400);

fn yuan(text: &str) -> Yuan {
    text.parse().unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn due_of(month: &str) -> PaidDue {
    PaidDue::Month(month.parse().unwrap())
}

/// The unit as its clerk sees it now.
struct Desk<'a> {
    world: &'a World,
    client: Client,
    unit: Unit,
    roster: Roster,
    books: Books,
}

impl<'a> Desk<'a> {
    async fn of(world: &'a World) -> Self {
        let client = world.clerk();
        let unit = client.get(&format!("/v1/units/{UNIT}")).await.json(200);
        let roster = client.roster(UNIT).await;
        let books = client.get(&format!("/v1/units/{UNIT}/books")).await.json(200);
        Self { world, client, unit, roster, books }
    }

    async fn submit(&self, rows: Rows, period: Month) -> Answer {
        let (id, p7m) = self.world.signed(rows, &[], period, self.roster.version);
        self.client.put(id, p7m).await
    }

    fn verification(&self, through: &str) -> Verification {
        Verification::compute(&self.roster, &self.books.previous, self.unit.first_unverified, month(through))
    }

    async fn file(&self, verification: &Verification, through: &str) -> Answer {
        let rows = Rows::RemittanceVerification(verification.rows.clone());
        let (id, p7m) = self.world.signed(rows, &verification.figures(), month(through), self.roster.version);
        self.client.put(id, p7m).await
    }

    async fn verify(&self, through: &str) -> Answer {
        self.file(&self.verification(through), through).await
    }

    /// An order for these dues as the books have them.
    async fn order(&self, pays: &[PaidDue], method: PaymentMethod) -> Answer {
        let rows = pays.iter().map(|pays| PaymentRow::of(self.books.due(pays).unwrap(), method)).collect();
        self.submit(Rows::Payment(rows), month("2026-08")).await
    }

    async fn claim(&self, incoming: &str, to: ClaimTo) -> Answer {
        let amount = self.books.incoming(incoming).unwrap().amount;
        let rows = vec![ClaimRow { incoming: incoming.into(), amount, to }];
        self.submit(Rows::PaymentClaim(rows), month("2026-08")).await
    }

    async fn payment(&self, number: &str) -> PaymentOrder {
        self.client.get(&format!("/v1/units/{UNIT}/payments/{number}")).await.json(200)
    }

    async fn filing(&self, status: &FilingStatus) -> FilingStatus {
        self.client.get(&format!("/v1/filings/{}", status.id)).await.json(200)
    }
}

fn codes(answer: &Answer) -> Vec<(String, Option<u32>)> {
    let errors: Vec<RowProblem> = answer.problem(ProblemCode::ChecksFailed).errors;
    errors.into_iter().map(|error| (error.code, error.row)).collect()
}

fn whole(code: &str) -> Vec<(String, Option<u32>)> {
    vec![(code.to_owned(), None)]
}

fn first(code: &str) -> Vec<(String, Option<u32>)> {
    vec![(code.to_owned(), Some(0))]
}

/// July verified and owed.
async fn july(world: &World) -> Due {
    let status: FilingStatus = Desk::of(world).await.verify("2026-07").await.json(201);
    assert_eq!(status.state, FilingState::Settled, "July is verified");
    Desk::of(world).await.books.due(&due_of("2026-07")).unwrap().clone()
}

/// An order for July by a method.
async fn ordered(world: &World, method: PaymentMethod) -> FilingStatus {
    Desk::of(world).await.order(&[due_of("2026-07")], method).await.json(201)
}

/// The unit's bank sends money, and a day goes by.
async fn comes_in(world: &World, amount: Yuan, remark: &str) {
    world.center.transfer(UNIT, amount, remark).await.unwrap();
    world.clock.advance(DAY);
}

#[tokio::test]
async fn the_books_begin_with_the_months_that_were_paid_before() {
    let world = World::new().await;
    let clerk = world.clerk();
    let books: Books = clerk.get(&format!("/v1/units/{UNIT}/books")).await.json(200);
    let [may, june] = &books.months[..] else { panic!("two months: {:?}", books.months) };
    assert_eq!((may.state, june.state), (MonthState::Paid, MonthState::Paid), "both are paid");
    assert_eq!(june.figures.previous, may.figures.due, "June goes on where May ended");
    let lines = due_list(&clerk.roster(UNIT).await, "2026-06".parse().unwrap());
    assert_eq!(june.figures.increase, Figure::of(&lines[..1]), "one came in June");
    assert_eq!(books.previous, lines, "what July's table begins with");
    assert_eq!((&books.dues[..], &books.open[..], &books.unprocessed[..]), (&[][..], &[][..], &[][..]), "all settled");
    assert_eq!(books.available, "0".parse().unwrap(), "all that came in was allotted");
    let months: Vec<VerifiedMonth> = clerk.get(&format!("/v1/units/{UNIT}/months")).await.json(200);
    assert_eq!(months, books.months, "the same months");

    let list = async |month: &str| clerk.get(&format!("/v1/units/{UNIT}/months/{month}/list")).await;
    let may: MonthList = list("2026-05").await.json(200);
    let july: MonthList = list("2026-07").await.json(200);
    let people = |list: &MonthList| list.lines.iter().map(|line: &DueLine| line.name.clone()).collect::<Vec<_>>();
    assert_eq!((may.verified, july.verified), (true, false), "the past is frozen, July is not");
    assert_eq!(people(&may), people(&july)[1..], "July is made of the roster");
    for nothing in ["2026-04", "2026-13", "soon"] {
        list(nothing).await.problem(ProblemCode::NotFound);
    }
    for path in ["books", "months", "months/2026-05/list"] {
        clerk.get(&format!("/v1/units/{OTHER_UNIT}/{path}")).await.problem(ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn a_verified_month_is_frozen_owed_and_paid_once() {
    let world = World::new().await;
    let before = Desk::of(&world).await;
    let verification = before.verification("2026-08");
    let status: FilingStatus = before.file(&verification, "2026-08").await.json(201);
    let now = Desk::of(&world).await;
    assert_eq!(now.unit.first_unverified, month("2026-09"), "two months in a row");
    assert_eq!(now.unit.paid_through, before.unit.paid_through, "nothing is paid by that");
    let figures: Vec<_> = now.books.months[2..].iter().map(|month| month.figures).collect();
    assert_eq!(figures, verification.figures(), "the figures that were signed");
    assert!(now.books.months[2..].iter().all(|month| month.filing_number == status.filing_number), "by this filing");
    let due = now.books.due(&due_of("2026-07")).unwrap().clone();
    assert_eq!(due.amounts.monthly(), verification.tables[0].figures.due.amount, "the sum of the list is owed");

    let order: FilingStatus = now.order(&[due_of("2026-07")], PaymentMethod::Transfer).await.json(201);
    assert_eq!(order.state, FilingState::Accepted, "it waits for its money");
    let waiting = Desk::of(&world).await;
    let state = &waiting.books.due(&due_of("2026-07")).unwrap().state;
    assert_eq!(*state, DueState::Ordered(order.filing_number.clone()), "under this order");
    let card = waiting.payment(&order.filing_number).await;
    assert_eq!((card.state, card.received), (OrderState::Awaiting, Yuan::ZERO), "nothing has come");
    assert!(!card.to.number.is_empty() && !card.code.is_empty(), "where to pay, and with what code");

    world.center.transfer(UNIT, due.amounts.monthly(), &format!(" {} ", card.code)).await.unwrap();
    assert_eq!(waiting.payment(&card.number).await.state, OrderState::Awaiting, "a transfer takes a day");
    world.clock.advance(DAY);
    let paid = Desk::of(&world).await;
    assert_eq!(paid.payment(&card.number).await.settled_on, Some(date(2026, 8, 16)), "posted on the day it came");
    assert_eq!(paid.filing(&order).await.state, FilingState::Settled, "with a receipt that says so");
    assert_eq!(paid.filing(&order).await.earlier_receipts.len(), 1, "after the one that took it");
    assert_eq!(paid.unit.paid_through, month("2026-07"), "缴至年月 moved on");
    assert_eq!(paid.unit.suspense_balance, Yuan::ZERO, "all of it was allotted");
    let states: Vec<_> = paid.books.months.iter().map(|month| month.state).collect();
    assert_eq!(states[2..], [MonthState::Paid, MonthState::Verified], "July, and not August");
    let page: Page<PaymentOrder> = paid.client.get(&format!("/v1/units/{UNIT}/payments")).await.json(200);
    assert_eq!((page.items.len(), page.next), (1, None), "one order");

    comes_in(&world, due.amounts.monthly(), &card.code).await;
    let twice = Desk::of(&world).await;
    assert_eq!(twice.books.unprocessed.len(), 1, "the same code again pays nothing twice");
    assert_eq!(twice.unit.suspense_balance, due.amounts.monthly(), "the money is there, and the unit's");
    assert_eq!(twice.books.available, Yuan::ZERO, "not to be used before it is claimed");
    assert_eq!(twice.payment(&card.number).await.received, due.amounts.monthly(), "the order got its own money only");
    let statement = world.center.statement(date(2026, 8, 1), date(2026, 8, 31)).await.unwrap();
    assert_eq!(statement.len(), 2, "the bank's statement has both");
}

#[tokio::test]
async fn verifications_that_skip_repeat_or_run_ahead_are_refused() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let august = Verification::compute(&desk.roster, &desk.books.previous, month("2026-08"), month("2026-08"));
    let refused = codes(&desk.file(&august, "2026-08").await);
    assert!(refused.contains(&("VERIFY-ORDER".into(), None)), "July is skipped: {refused:?}");
    assert_eq!(codes(&desk.verify("2026-09").await), whole("VERIFY-FUTURE"), "September has not begun");
    let mut by_hand = desk.verification("2026-07");
    by_hand.rows[0].amounts.unit_amount += yuan("1");
    let refused = codes(&desk.file(&by_hand, "2026-07").await);
    assert!(refused.contains(&("VERIFY-LIST".into(), Some(0))), "an amount edited by hand: {refused:?}");
    let honest = desk.verification("2026-07");
    let mut figures = honest.figures();
    figures[0].increase.people += 1;
    let rows = Rows::RemittanceVerification(honest.rows.clone());
    let (id, p7m) = world.signed(rows, &figures, month("2026-07"), desk.roster.version);
    assert_eq!(codes(&desk.client.put(id, p7m).await), whole("VERIFY-FIGURES"), "a table that does not add up");
    world.assert_filings(0).await;
    assert!(Desk::of(&world).await.books.dues.is_empty(), "nothing of a refused verification is owed");

    july(&world).await;
    let refused = codes(&desk.verify("2026-07").await);
    assert!(refused.contains(&("VERIFY-TAKEN".into(), None)), "verified twice: {refused:?}");
    world.assert_filings(1).await;
}

#[tokio::test]
async fn two_clients_that_verify_one_month_at_once_end_with_one_verification() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let verification = desk.verification("2026-07");
    let (one, other) = tokio::join!(desk.file(&verification, "2026-07"), desk.file(&verification, "2026-07"));
    let (taken, refused) = if one.status == 201 { (one, other) } else { (other, one) };
    let _: FilingStatus = taken.json(201);
    let refused = codes(&refused);
    assert!(refused.contains(&("VERIFY-TAKEN".into(), None)), "the other one hears why: {refused:?}");
    world.assert_filings(1).await;
    let now = Desk::of(&world).await;
    assert_eq!(now.unit.first_unverified, month("2026-08"), "one month on, not two");
    assert_eq!(now.books.dues.len(), 1, "owed once");
}

#[tokio::test]
async fn the_same_verification_again_is_the_same_one() {
    let world = World::new().await;
    let desk = Desk::of(&world).await;
    let verification = desk.verification("2026-07");
    let rows = Rows::RemittanceVerification(verification.rows.clone());
    let (id, p7m) = world.signed(rows, &verification.figures(), month("2026-07"), desk.roster.version);
    let first: FilingStatus = desk.client.put(id, p7m.clone()).await.json(201);
    let again: FilingStatus = desk.client.put(id, p7m).await.json(200);
    assert_eq!(first, again, "the same receipt");
    assert_eq!(Desk::of(&world).await.books.dues.len(), 1, "owed once");
}

#[tokio::test]
async fn what_changes_from_a_later_month_on_leaves_the_months_before_alone() {
    let world = World::new().await;
    let old = Desk::of(&world).await;
    let (id, p7m) = world.filing(At::default());
    let _: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    let new = Desk::of(&world).await;
    let both = new.verification("2026-08");
    let (july, august) = both.rows.split_at(6);
    let old_july = old.verification("2026-07");
    assert_eq!(july, old_july.rows, "bases from August on leave July as it was");
    assert!(july.iter().zip(august).all(|(july, august)| august.base > july.base), "August has the new ones");
    let _: FilingStatus = new.file(&both, "2026-08").await.json(201);
    let list: MonthList = new.client.get(&format!("/v1/units/{UNIT}/months/2026-07/list")).await.json(200);
    assert_eq!(list.lines, due_list(&old.roster, month("2026-07")), "the frozen July too");
    assert!(new.client.roster(UNIT).await.contributors.iter().all(|one| one.earlier.is_empty()), "now all is verified");
}

#[tokio::test]
async fn orders_for_what_is_not_due_or_not_so_much_are_refused() {
    let world = World::new().await;
    let due = july(&world).await;
    let desk = Desk::of(&world).await;
    let pay = async |row: PaymentRow| codes(&desk.submit(Rows::Payment(vec![row]), month("2026-08")).await);
    let good = PaymentRow::of(&due, PaymentMethod::Transfer);
    let august = PaymentRow { pays: due_of("2026-08"), ..good.clone() };
    let refused = pay(august).await;
    assert!(refused.contains(&("PAY-NOT-DUE".into(), Some(0))), "a month that is not verified: {refused:?}");
    let mut edited = good.clone();
    edited.amounts.unit_amount += yuan("0.01");
    assert_eq!(pay(edited).await, first("PAY-AMOUNT"), "an amount edited by hand");
    let suspense = PaymentRow { method: PaymentMethod::Suspense, ..good.clone() };
    assert_eq!(pay(suspense).await, whole("SUSPENSE-SHORT"), "the suspense is empty");
    let debit = PaymentRow { method: PaymentMethod::DirectDebit, ..good };
    assert_eq!(pay(debit).await, whole("DEBIT-AGREEMENT"), "no agreement");
    world.assert_filings(1).await;

    let order: FilingStatus = ordered(&world, PaymentMethod::Transfer).await;
    let desk = Desk::of(&world).await;
    let twice = desk.order(&[due_of("2026-07")], PaymentMethod::Transfer).await;
    let problem = twice.problem(ProblemCode::ChecksFailed);
    assert_eq!(problem.errors[0].code, "PAY-ORDERED", "two orders for one due");
    assert!(problem.errors[0].message.contains(&order.filing_number), "and which is the first");
    world.assert_filings(2).await;
}

#[tokio::test]
async fn short_money_fails_its_order_and_waits_to_be_claimed() {
    let world = World::new().await;
    let due = july(&world).await.amounts.monthly();
    let order = ordered(&world, PaymentMethod::Transfer).await;
    comes_in(&world, due - yuan("0.01"), &order.filing_number).await;
    let desk = Desk::of(&world).await;
    let failed = desk.filing(&order).await;
    assert_eq!(failed.state, FilingState::Refused, "the order failed");
    let card = desk.payment(&order.filing_number).await;
    assert_eq!((card.state, card.received), (OrderState::Failed, due - yuan("0.01")), "with what came");
    assert!(card.reason.contains("到账金额不足"), "and why: {}", card.reason);
    assert_eq!(desk.books.unprocessed.len(), 1, "the money is unprocessed");
    assert_eq!((desk.unit.suspense_balance, desk.books.available), (due - yuan("0.01"), Yuan::ZERO), "and not free");
    assert_eq!(desk.books.due(&due_of("2026-07")).unwrap().state, DueState::Open, "July can be ordered again");

    let number = desk.books.unprocessed[0].number.clone();
    assert_eq!(codes(&desk.claim(&number, ClaimTo::Due(due_of("2026-07"))).await), first("CLAIM-SHORT"), "too little");
    let claim: FilingStatus = desk.claim(&number, ClaimTo::Suspense).await.json(201);
    assert_eq!(claim.state, FilingState::Settled, "claimed at once");
    let desk = Desk::of(&world).await;
    assert_eq!(desk.books.available, due - yuan("0.01"), "now it can be used");
    let answer = desk.order(&[due_of("2026-07")], PaymentMethod::Suspense).await;
    assert_eq!(codes(&answer), whole("SUSPENSE-SHORT"), "a fen is lacking");
    comes_in(&world, yuan("0.01"), "").await;
    let desk = Desk::of(&world).await;
    let number = desk.books.unprocessed[0].number.clone();
    let _: FilingStatus = desk.claim(&number, ClaimTo::Suspense).await.json(201);
    let order: FilingStatus =
        Desk::of(&world).await.order(&[due_of("2026-07")], PaymentMethod::Suspense).await.json(201);
    assert_eq!(order.state, FilingState::Settled, "from suspense it is paid at once");
    let desk = Desk::of(&world).await;
    assert_eq!((desk.unit.suspense_balance, desk.unit.paid_through), (Yuan::ZERO, month("2026-07")), "all allotted");
}

#[tokio::test]
async fn more_than_due_leaves_the_rest_in_suspense() {
    let world = World::new().await;
    let due = july(&world).await.amounts.monthly();
    let order = ordered(&world, PaymentMethod::Transfer).await;
    comes_in(&world, due + yuan("100.05"), &order.filing_number).await;
    let desk = Desk::of(&world).await;
    assert_eq!(desk.filing(&order).await.state, FilingState::Settled, "paid");
    assert_eq!(
        (desk.unit.suspense_balance, desk.books.available),
        (yuan("100.05"), yuan("100.05")),
        "the rest is free"
    );
    assert!(desk.books.unprocessed.is_empty(), "nothing to claim");
}

#[tokio::test]
async fn money_without_its_code_waits_pays_by_claim_or_goes_back() {
    let world = World::new().await;
    let due = july(&world).await.amounts.monthly();
    let order = ordered(&world, PaymentMethod::Transfer).await;
    for remark in ["", "七月公积金", &format!("{}转", order.filing_number)] {
        world.center.transfer(UNIT, due, remark).await.unwrap();
    }
    world.clock.advance(DAY);
    let desk = Desk::of(&world).await;
    assert_eq!(desk.payment(&order.filing_number).await.state, OrderState::Awaiting, "none of these is the code");
    let numbers: Vec<_> = desk.books.unprocessed.iter().map(|one| one.number.clone()).collect();
    assert_eq!(numbers.len(), 3, "all of them wait");
    assert!(desk.books.unprocessed.iter().all(|one| !one.reason.is_ascii()), "each with a reason");

    let claim: FilingStatus = desk.claim(&numbers[0], ClaimTo::Due(due_of("2026-07"))).await.json(201);
    assert_eq!(claim.state, FilingState::Settled, "the claim is done");
    assert_eq!(desk.payment(&order.filing_number).await.state, OrderState::Paid, "and the order with it");
    assert_eq!(desk.filing(&order).await.state, FilingState::Settled, "its filing too");
    let back: FilingStatus = Desk::of(&world).await.claim(&numbers[1], ClaimTo::Return).await.json(201);
    assert_eq!(back.state, FilingState::Accepted, "the bank has to send it first");
    let desk = Desk::of(&world).await;
    assert_eq!(desk.books.unprocessed.len(), 1, "one left");
    assert_eq!((desk.unit.suspense_balance, desk.books.available), (due + due, Yuan::ZERO), "not gone, not free");
    assert_eq!(
        codes(
            &desk
                .submit(
                    Rows::PaymentClaim(vec![ClaimRow {
                        incoming: numbers[1].clone(),
                        amount: due,
                        to: ClaimTo::Suspense
                    }]),
                    month("2026-08"),
                )
                .await
        ),
        first("CLAIM-UNKNOWN"),
        "what is on its way back cannot be claimed again"
    );
    world.clock.advance(DAY);
    let desk = Desk::of(&world).await;
    assert_eq!(desk.filing(&back).await.state, FilingState::Settled, "sent back");
    assert_eq!(desk.unit.suspense_balance, due, "the third sum is still there");
    let statement = world.center.statement(date(2026, 8, 1), date(2026, 8, 31)).await.unwrap();
    let sum: Yuan = statement.iter().map(|line| line.amount).sum();
    assert_eq!((statement.len(), sum), (4, due + due), "three came, one went");
}

#[tokio::test]
async fn a_debit_is_paid_or_refused_by_the_bank_and_may_be_sent_again() {
    let world = World::new().await;
    world.center.agree_on_debits(UNIT, date(2026, 8, 18)).await.unwrap();
    let due = july(&world).await.amounts.monthly();
    let order = ordered(&world, PaymentMethod::DirectDebit).await;
    world.center.refuse_next_debit(UNIT, "余额不足").await.unwrap();
    assert_eq!(Desk::of(&world).await.payment(&order.filing_number).await.state, OrderState::Debiting, "at the bank");
    world.clock.advance(DAY);
    let desk = Desk::of(&world).await;
    let card = desk.payment(&order.filing_number).await;
    assert_eq!((card.state, card.reason.as_str()), (OrderState::Failed, "余额不足"), "in the bank's words");
    assert_eq!(desk.filing(&order).await.state, FilingState::Refused, "refused, with a receipt");
    assert_eq!(desk.unit.suspense_balance, Yuan::ZERO, "no money came");

    let again = ordered(&world, PaymentMethod::DirectDebit).await;
    world.clock.advance(DAY);
    let desk = Desk::of(&world).await;
    assert_eq!(desk.payment(&again.filing_number).await.received, due, "sent again, paid");
    assert_eq!(desk.unit.paid_through, month("2026-07"), "and posted");

    let _: FilingStatus = desk.verify("2026-08").await.json(201);
    world.clock.advance(DAY);
    let desk = Desk::of(&world).await;
    let late: FilingStatus = desk.order(&[due_of("2026-08")], PaymentMethod::DirectDebit).await.json(201);
    world.clock.advance(DAY);
    let desk = Desk::of(&world).await;
    let card = desk.payment(&late.filing_number).await;
    assert_eq!(card.reason, "委托收款协议已失效", "the agreement ended before the bank came to it");
    let answer = desk.order(&[due_of("2026-08")], PaymentMethod::DirectDebit).await;
    assert_eq!(codes(&answer), whole("DEBIT-AGREEMENT"), "and now it is refused at once");
}

#[tokio::test]
async fn a_back_payment_is_settled_when_it_is_paid_together_with_a_month() {
    let world = World::new().await;
    july(&world).await;
    let person = &common::contributors(UNIT)[0];
    let row = BackPaymentRow {
        personal_account: person.personal_account.to_string(),
        name: person.name.to_string(),
        id_type: person.id_type.to_string(),
        id_number: person.id_number.to_string(),
        from: month("2026-05"),
        to: month("2026-05"),
        reason: "漏缴补缴".into(),
        base: None,
        amounts: person.amounts,
    };
    let filed: FilingStatus =
        Desk::of(&world).await.submit(Rows::BackPayment(vec![row]), month("2026-08")).await.json(201);
    let both = [due_of("2026-07"), PaidDue::Filing(filed.filing_number.clone())];
    let order: FilingStatus = Desk::of(&world).await.order(&both, PaymentMethod::Transfer).await.json(201);
    let sum = Desk::of(&world).await.payment(&order.filing_number).await.amounts.monthly();
    comes_in(&world, sum, &order.filing_number).await;
    let desk = Desk::of(&world).await;
    assert_eq!(desk.filing(&filed).await.state, FilingState::Settled, "the back payment is settled by its payment");
    assert!(desk.books.dues.is_empty(), "nothing is owed");
    assert_eq!(desk.unit.suspense_balance, Yuan::ZERO, "all of it was allotted");
}

#[tokio::test]
async fn an_open_base_adjustment_stands_in_the_way_of_a_verification() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let open: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    let state = |state: &str| {
        let register = Connection::open(world.folder.path().join("center.db")).unwrap();
        register.execute("update filing set state = ?1 where id = ?2", [state, &id.to_string()]).unwrap();
    };
    state("in_review");
    let desk = Desk::of(&world).await;
    assert_eq!(desk.books.open.len(), 1, "the books name it");
    let refused = desk.verify("2026-07").await.problem(ProblemCode::ChecksFailed);
    assert_eq!(refused.errors[0].code, "VERIFY-OPEN", "the list may still change");
    assert!(refused.errors[0].message.contains(&open.filing_number), "which one: {}", refused.errors[0].message);
    state("settled");
    let _: FilingStatus = desk.verify("2026-07").await.json(201);
}

#[tokio::test]
async fn whoever_is_in_a_list_that_his_unit_has_not_verified_cannot_be_taken_away() {
    let world = World::new().await;
    let person = common::contributors(OTHER_UNIT).swap_remove(0);
    let asked =
        Lookup { people: vec![Person { id_number: person.id_number.to_string(), name: person.name.to_string() }] };
    let status = async || {
        let answer: LookupAnswer = world.clerk().post(&format!("/v1/units/{UNIT}/lookup"), &asked).await.json(200);
        let [Known::Account { status, .. }] = answer.answers[..] else { panic!("{:?}", answer.answers) };
        status
    };
    let register = |sql: &str| {
        let register = Connection::open(world.folder.path().join("center.db")).unwrap();
        assert_eq!(register.execute(sql, []).unwrap(), 1, "one row of {sql}");
    };
    // Sealed from August on, by a unit that has still to verify July.
    let july = serde_json::to_string(&person.until(month("2026-08"))).unwrap();
    let account = &person.personal_account;
    register(&format!(
        "update contributor set status = 'sealed', earlier = '{july}' \
         where unit = '{OTHER_UNIT}' and personal_account = '{account}'"
    ));
    assert_eq!(status().await, AccountStatus::Normal, "July's list needs him");
    register(&format!("update unit set first_unverified = '2026-08' where account = '{OTHER_UNIT}'"));
    assert_eq!(status().await, AccountStatus::Sealed, "July is verified: he can be taken in");
}
