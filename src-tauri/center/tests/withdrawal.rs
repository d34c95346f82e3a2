//! Filings taken back over HTTP: what may go, what may not and why, and that everything is as it was.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{Answer, At, OTHER_UNIT, UNIT, World};
use huijiao_center::{Decision, UnitRole};
use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::filing::deferral::{Asked, DeferralRow};
use huijiao_domain::filing::payment::PaymentRow;
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::filing::status_change::{Change, StatusChangeRow};
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{Books, PaidDue, PaymentMethod};
use huijiao_domain::roster::{AccountStatus, Unit};
use huijiao_protocol::PROTOCOL;
use huijiao_protocol::ending::Ending;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{Event, FilingStatus, OrderState, PaymentOrder};
use huijiao_signing::Purpose;

const JULY: &str = "2026-07";

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn withdrawal(status: &FilingStatus) -> Vec<u8> {
    let content = Ending {
        protocol: PROTOCOL,
        filing_id: status.id,
        filing_sha256: status.filing_sha256.clone(),
        unit_account: status.unit_account.clone(),
        reason: "填错了".into(),
        created_at: "2026-08-15T10:00:00+08:00".into(),
    };
    content.to_bytes().unwrap()
}

/// The clerk takes a filing back.
async fn take_back(world: &World, status: &FilingStatus) -> Answer {
    let p7m = world.clerk.sign(&withdrawal(status), Purpose::Withdrawal, &world.clock.rfc3339());
    world.clerk().put_withdrawal(status.id, p7m).await
}

async fn unit(world: &World) -> Unit {
    world.clerk().get(&format!("/v1/units/{UNIT}")).await.json(200)
}

async fn books(world: &World) -> Books {
    world.clerk().get(&format!("/v1/units/{UNIT}/books")).await.json(200)
}

async fn bases(world: &World, period: &str) -> FilingStatus {
    let roster = world.clerk().roster(UNIT).await;
    let (id, p7m) = world.filing(At { period: Some(period), roster: Some(roster), ..At::default() });
    world.clerk().put(id, p7m).await.json(201)
}

async fn july(world: &World) -> FilingStatus {
    let (roster, books) = (world.clerk().roster(UNIT).await, books(world).await);
    let verification = Verification::compute(&roster, &books.previous, month(JULY), month(JULY));
    let rows = Rows::RemittanceVerification(verification.rows.clone());
    let (id, p7m) = world.signed(rows, &verification.figures(), month(JULY), roster.version);
    world.clerk().put(id, p7m).await.json(201)
}

async fn order(world: &World, method: PaymentMethod) -> FilingStatus {
    let due = books(world).await.due(&PaidDue::Month(month(JULY))).unwrap().clone();
    let version = world.clerk().roster(UNIT).await.version;
    let (id, p7m) = world.signed(Rows::Payment(vec![PaymentRow::of(&due, method)]), &[], month("2026-08"), version);
    world.clerk().put(id, p7m).await.json(201)
}

#[tokio::test]
async fn a_copy_of_a_refused_withdrawal_that_comes_late_takes_nothing_back() {
    let world = World::new().await;
    let verified = july(&world).await;
    let ordered = order(&world, PaymentMethod::Transfer).await;
    let p7m = world.clerk.sign(&withdrawal(&verified), Purpose::Withdrawal, &world.clock.rfc3339());
    world.clerk().put_withdrawal(verified.id, p7m.clone()).await.problem(ProblemCode::WithdrawalOrdered);
    take_back(&world, &ordered).await.json::<FilingStatus>(200);

    world.clerk().put_withdrawal(verified.id, p7m).await.problem(ProblemCode::WithdrawalOrdered);
    assert_eq!(unit(&world).await.first_unverified, month("2026-08"), "who was told no finds it so");
    world.clock.advance(Duration::from_secs(60));
    let gone: FilingStatus = take_back(&world, &verified).await.json(200);
    assert_eq!(gone.state, FilingState::Withdrawn, "one that is signed anew is judged anew");
}

#[tokio::test]
async fn a_withdrawn_filing_leaves_everybody_as_he_was() {
    let world = World::new().await;
    let before = world.clerk().roster(UNIT).await;
    let filed = bases(&world, "2026-08").await;
    let changed = world.clerk().roster(UNIT).await;
    assert_ne!(changed.contributors, before.contributors, "the bases were booked");

    let gone: FilingStatus = take_back(&world, &filed).await.json(200);
    assert_eq!(gone.state, FilingState::Withdrawn, "the answer says so");
    assert_eq!(gone.earlier_receipts, std::slice::from_ref(&filed.receipt), "in a receipt of its own, after the first");
    let after = world.clerk().roster(UNIT).await;
    assert_eq!(after.contributors, before.contributors, "everybody is as he was");
    assert!(after.version > changed.version, "under a version of its own: no copy of the roster may miss it");
    let events: Vec<Event> = world.clerk().get("/v1/events?poll=true").await.json(200);
    let states: Vec<_> = events.iter().filter_map(|event| event.state).collect();
    assert_eq!(states, [FilingState::Settled, FilingState::Withdrawn], "the unit's clients hear of both");

    let again: FilingStatus = take_back(&world, &filed).await.json(200);
    assert_eq!(again, gone, "a second time is the same answer");
    assert_eq!(world.clerk().roster(UNIT).await.version, after.version, "and changes nothing");
    let anew = bases(&world, "2026-08").await;
    assert_eq!(anew.state, FilingState::Settled, "the bases may be filed anew");
}

#[tokio::test]
async fn what_later_things_rest_on_stays() {
    let world = World::new().await;
    let adjusted = bases(&world, JULY).await;
    let verified = july(&world).await;
    take_back(&world, &adjusted).await.problem(ProblemCode::WithdrawalVerified);
    let ordered = order(&world, PaymentMethod::Transfer).await;
    take_back(&world, &verified).await.problem(ProblemCode::WithdrawalOrdered);
    assert_eq!(unit(&world).await.first_unverified, month("2026-08"), "a refused withdrawal moves nothing");

    let gone: FilingStatus = take_back(&world, &ordered).await.json(200);
    assert_eq!(gone.state, FilingState::Withdrawn, "an order without money goes");
    let seen: PaymentOrder =
        world.clerk().get(&format!("/v1/units/{UNIT}/payments/{}", ordered.filing_number)).await.json(200);
    assert_eq!(seen.state, OrderState::Withdrawn, "and is kept as such");
    take_back(&world, &verified).await.json::<FilingStatus>(200);
    assert_eq!(unit(&world).await.first_unverified, month(JULY), "July is open again");
    assert!(books(&world).await.dues.is_empty(), "and nothing is owed");
    take_back(&world, &adjusted).await.json::<FilingStatus>(200);
    let verified = july(&world).await;
    assert_eq!(verified.state, FilingState::Settled, "July is verified anew");
}

#[tokio::test]
async fn what_is_paid_stays() {
    let world = World::new().await;
    let verified = july(&world).await;
    let ordered = order(&world, PaymentMethod::Transfer).await;
    let amount = books(&world).await.due(&PaidDue::Month(month(JULY))).unwrap().amounts.monthly();
    world.center.transfer(UNIT, amount, &ordered.filing_number).await.unwrap();
    world.clock.advance(Duration::from_secs(86_400));
    for paid in [&verified, &ordered] {
        take_back(&world, paid).await.problem(ProblemCode::WithdrawalPaid);
    }
    assert_eq!(unit(&world).await.paid_through, month(JULY), "the month stays paid");
    assert_eq!(unit(&world).await.suspense_balance, Yuan::ZERO, "and its money allotted");
}

#[tokio::test]
async fn what_the_counter_changed_since_stays() {
    let world = World::new().await;
    let filed = bases(&world, "2026-08").await;
    let account = world.clerk().roster(UNIT).await.contributors[0].personal_account.clone();
    assert!(world.center.set_account_status(UNIT, &account, AccountStatus::Sealed).await.unwrap());
    let before = world.clerk().roster(UNIT).await;
    take_back(&world, &filed).await.problem(ProblemCode::WithdrawalNotLast);
    assert_eq!(world.clerk().roster(UNIT).await, before, "nobody is half withdrawn");
}

#[tokio::test]
async fn only_a_clerk_of_the_unit_takes_back_and_signs_for_it() {
    let world = World::new().await;
    let filed = bases(&world, "2026-08").await;
    let at = world.clock.rfc3339();
    let as_filing = world.clerk.sign(&withdrawal(&filed), Purpose::Filing, &at);
    world.clerk().put_withdrawal(filed.id, as_filing).await.problem(ProblemCode::SignatureInvalid);
    let stranger = world.operator(OTHER_UNIT, "林外人", UnitRole::Clerk).await;
    let foreign = stranger.sign(&withdrawal(&filed), Purpose::Withdrawal, &at);
    let client = world.client(Some(&stranger));
    client.put_withdrawal(filed.id, foreign).await.problem(ProblemCode::NotFound);
    let other = FilingStatus { filing_sha256: "00".repeat(32), ..filed.clone() };
    take_back(&world, &other).await.problem(ProblemCode::FilingDiffers);
    let now: FilingStatus = world.clerk().get(&format!("/v1/filings/{}", filed.id)).await.json(200);
    assert_eq!(now.state, FilingState::Settled, "the filing stands");
}

#[tokio::test]
async fn a_revoked_month_is_not_paid_and_may_be_verified_again() {
    let world = World::new().await;
    let verified = july(&world).await;
    let due = books(&world).await.due(&PaidDue::Month(month(JULY))).unwrap().clone();
    let _: FilingStatus = take_back(&world, &verified).await.json(200);
    let after = unit(&world).await;
    assert_eq!(after.first_unverified, month(JULY), "July is open again");
    assert!(books(&world).await.dues.is_empty(), "and owed no more");

    let version = world.clerk().roster(UNIT).await.version;
    let rows = Rows::Payment(vec![PaymentRow::of(&due, PaymentMethod::Transfer)]);
    let (id, p7m) = world.signed(rows, &[], month("2026-08"), version);
    let refused = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
    assert_eq!(refused.errors[0].code, "PAY-NOT-DUE", "an order for a revoked month");
    let again = july(&world).await;
    assert_eq!(again.state, FilingState::Settled, "verified anew");
    assert_eq!(books(&world).await.due(&PaidDue::Month(month(JULY))), Some(&due), "the same is owed, once");
}

#[tokio::test]
async fn a_month_stays_verified_once_somebody_of_it_has_left() {
    let world = World::new().await;
    let verified = july(&world).await;
    let roster = world.clerk().roster(UNIT).await;
    let person = &roster.contributors[0];
    let row = StatusChangeRow {
        personal_account: person.personal_account.to_string(),
        name: person.name.to_string(),
        id_type: person.id_type.to_string(),
        id_number: person.id_number.to_string(),
        change: Change::TransferOut,
        reason: String::new(),
        month: month("2026-08"),
        base: person.base,
        before: person.amounts,
        after: Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO },
    };
    let (id, p7m) = world.signed(Rows::StatusChange(vec![row]), &[], month("2026-08"), roster.version);
    let _: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    take_back(&world, &verified).await.problem(ProblemCode::WithdrawalMoved);
    assert_eq!(unit(&world).await.first_unverified, month("2026-08"), "July's list could not be made again");
}

/// Rows as they are, for a month.
async fn file(world: &World, rows: Rows, period: &str) -> FilingStatus {
    let version = world.clerk().roster(UNIT).await.version;
    let (id, p7m) = world.signed(rows, &[], month(period), version);
    world.clerk().put(id, p7m).await.json(201)
}

async fn back_payment(world: &World) -> FilingStatus {
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
    file(world, Rows::BackPayment(vec![row]), "2026-08").await
}

/// June of the first person should have been so much more, or less where below zero; yuan.
async fn correction(world: &World, more: i64) -> FilingStatus {
    let person = &common::contributors(UNIT)[0];
    let more = Yuan::from_fen(more * 100);
    let amounts = person.amounts;
    let row = CorrectionRow {
        personal_account: person.personal_account.to_string(),
        name: person.name.to_string(),
        id_type: person.id_type.to_string(),
        id_number: person.id_number.to_string(),
        month: month("2026-06"),
        reason: "其他".into(),
        wrong: amounts,
        right: Contribution { unit_amount: amounts.unit_amount + more, ..amounts },
    };
    file(world, Rows::Correction(vec![row]), "2026-08").await
}

async fn pay(world: &World, filed: &FilingStatus) -> FilingStatus {
    let due = books(world).await.due(&PaidDue::Filing(filed.filing_number.clone())).unwrap().clone();
    file(world, Rows::Payment(vec![PaymentRow::of(&due, PaymentMethod::Transfer)]), "2026-08").await
}

#[tokio::test]
async fn money_of_the_past_goes_while_nobody_pays_it() {
    let world = World::new().await;
    for kind in [FilingKind::BackPayment, FilingKind::Correction] {
        let back = kind == FilingKind::BackPayment;
        let filed = if back { back_payment(&world).await } else { correction(&world, 50).await };
        assert_eq!(books(&world).await.dues.len(), 1, "{kind:?} is owed");
        let ordered = pay(&world, &filed).await;
        take_back(&world, &filed).await.problem(ProblemCode::WithdrawalOrdered);
        take_back(&world, &ordered).await.json::<FilingStatus>(200);
        let gone: FilingStatus = take_back(&world, &filed).await.json(200);
        assert_eq!(gone.state, FilingState::Withdrawn);
        assert!(books(&world).await.dues.is_empty(), "{kind:?}: nobody owes it any more");
    }
    let again = back_payment(&world).await;
    assert_eq!(again.state, FilingState::Accepted, "the same months may be filed anew");
    let ordered = pay(&world, &again).await;
    let sum = books(&world).await.dues[0].amounts.monthly();
    world.center.transfer(UNIT, sum, &ordered.filing_number).await.unwrap();
    world.clock.advance(Duration::from_secs(86_400));
    take_back(&world, &again).await.problem(ProblemCode::WithdrawalPaid);
}

#[tokio::test]
async fn a_correction_that_took_money_back_stays() {
    let world = World::new().await;
    let filed = correction(&world, -50).await;
    assert_eq!(filed.state, FilingState::Settled, "it went to suspense at once");
    let before = unit(&world).await;
    take_back(&world, &filed).await.problem(ProblemCode::WithdrawalPaid);
    assert_eq!(unit(&world).await, before, "suspense keeps what it got");
}

#[tokio::test]
async fn what_is_over_or_granted_is_not_taken_back() {
    let world = World::new().await;
    let july_verified = july(&world).await;
    let ordered = order(&world, PaymentMethod::Transfer).await;
    world.center.transfer(UNIT, Yuan::from_fen(100), &ordered.filing_number).await.unwrap();
    world.clock.advance(Duration::from_secs(86_400));
    take_back(&world, &ordered).await.problem(ProblemCode::WithdrawalEnded);
    take_back(&world, &july_verified).await.json::<FilingStatus>(200);

    let row = DeferralRow {
        asked: Asked::Defer,
        from: month(JULY),
        to: month("2026-09"),
        unit_ratio: None,
        personal_ratio: None,
        reason: "生产经营困难".into(),
    };
    let waiting = file(&world, Rows::Deferral(vec![row.clone()]), JULY).await;
    let gone: FilingStatus = take_back(&world, &waiting).await.json(200);
    assert_eq!(gone.state, FilingState::Withdrawn, "nothing is decided yet");
    assert!(world.center.in_review().await.unwrap().is_empty(), "and nobody will");
    let granted = file(&world, Rows::Deferral(vec![row]), JULY).await;
    world.center.decide(granted.id, Decision::Accept).await.unwrap();
    take_back(&world, &granted).await.problem(ProblemCode::WithdrawalKind);
    assert!(unit(&world).await.deferral.is_some(), "the term runs");
}
