//! Money of the past over HTTP: back payments and corrections go into the center's books and move nothing else.
#![allow(clippy::unwrap_used)]

mod common;

use common::{UNIT, World};
use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::filing::{FilingKind, Rows, Totals};
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::remittance::{Books, Due, DueState, PaidDue};
use huijiao_domain::roster::{AccountStatus, Contributor};
use huijiao_protocol::problem::{ProblemCode, RowProblem};
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::FilingStatus;
use rusqlite::Connection;
use uuid::Uuid;

fn yuan(text: &str) -> Yuan {
    text.parse().unwrap()
}

fn parts(unit: &str, personal: &str) -> Contribution {
    Contribution { unit_amount: yuan(unit), personal_amount: yuan(personal) }
}

fn person(place: usize) -> Contributor {
    common::contributors(UNIT).swap_remove(place)
}

fn owed(place: usize, from: &str, to: &str, unit: &str, personal: &str) -> BackPaymentRow {
    let person = person(place);
    BackPaymentRow {
        personal_account: person.personal_account.into(),
        name: person.name.into(),
        id_type: person.id_type.into(),
        id_number: person.id_number.into(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        reason: "漏缴补缴".into(),
        base: None,
        amounts: parts(unit, personal),
    }
}

fn corrected(place: usize, month: &str, wrong: &str, right: &str) -> CorrectionRow {
    let person = person(place);
    CorrectionRow {
        personal_account: person.personal_account.into(),
        name: person.name.into(),
        id_type: person.id_type.into(),
        id_number: person.id_number.into(),
        month: month.parse().unwrap(),
        reason: "缴存基数有误".into(),
        wrong: parts(wrong, wrong),
        right: parts(right, right),
    }
}

fn filing(world: &World, rows: Rows, totals: Totals) -> (Uuid, Vec<u8>) {
    world.signed_with(rows, totals, &[], "2026-08".parse().unwrap(), 1)
}

async fn taken(world: &World, rows: Rows) -> FilingStatus {
    let totals = rows.totals();
    let (id, p7m) = filing(world, rows, totals);
    world.clerk().put(id, p7m).await.json(201)
}

async fn refused(world: &World, rows: Rows, totals: Totals) -> Vec<RowProblem> {
    let (id, p7m) = filing(world, rows, totals);
    world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed).errors
}

fn named(errors: &[RowProblem]) -> Vec<(&str, Option<u32>)> {
    errors.iter().map(|error| (error.code.as_str(), error.row)).collect()
}

/// What the center's books say, column by column.
fn books(world: &World, query: &str) -> Vec<Vec<String>> {
    let connection = Connection::open(world.folder.path().join("center.db")).unwrap();
    let mut statement = connection.prepare(query).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
    rows.map(Result::unwrap).collect()
}

const DUES: &str = "select personal_account, from_month, to_month, unit_amount, personal_amount, reason, state \
                    from back_payment_due order by personal_account, from_month";
const CORRECTIONS: &str = "select personal_account, month, wrong_unit_amount, right_unit_amount, state \
                           from correction order by personal_account, month";

/// Everything a filing about the past must leave alone, but for what it takes back.
async fn assert_only_the_books_moved(world: &World, taken_back: &str) {
    let clerk = world.clerk();
    let people = clerk.roster(UNIT).await.contributors;
    assert_eq!(people, common::contributors(UNIT), "nobody's base, amounts or status");
    let unit: huijiao_domain::roster::Unit = clerk.get(&format!("/v1/units/{UNIT}")).await.json(200);
    let before = common::seed(UNIT).unit;
    assert_eq!(unit.suspense_balance, yuan(taken_back), "what was posted too much, and no other money");
    assert_eq!((unit.paid_through, unit.first_unverified), (before.paid_through, before.first_unverified), "no month");
}

#[tokio::test]
async fn a_back_payment_becomes_dues_and_nothing_else() {
    let world = World::new().await;
    let rows = vec![owed(0, "2026-03", "2026-05", "1200", "1200"), owed(6, "2026-06", "2026-06", "420.50", "0")];
    let status = taken(&world, Rows::BackPayment(rows)).await;
    assert_eq!(status.state, FilingState::Accepted, "the dues are in the books; it is settled when they are paid");
    let owed: Books = world.clerk().get(&format!("/v1/units/{UNIT}/books")).await.json(200);
    let due = Due {
        pays: PaidDue::Filing(status.filing_number.clone()),
        kind: FilingKind::BackPayment,
        people: 2,
        amounts: parts("1620.50", "1200"),
        state: DueState::Open,
    };
    assert_eq!(owed.dues, [due], "one due for the whole filing");
    let [first, second] = [0, 6].map(|place| person(place).personal_account);
    let expected = [
        [first.as_str(), "2026-03", "2026-05", "1200.00", "1200.00", "漏缴补缴", "accepted"],
        [second.as_str(), "2026-06", "2026-06", "420.50", "0.00", "漏缴补缴", "accepted"],
    ];
    assert_eq!(books(&world, DUES), expected, "the months, the parts, not yet paid; a sealed account too");
    assert_eq!(books(&world, CORRECTIONS), Vec::<Vec<String>>::new(), "no correction");
    assert_only_the_books_moved(&world, "0").await;
}

#[tokio::test]
async fn a_month_is_owed_once() {
    let world = World::new().await;
    let first = taken(&world, Rows::BackPayment(vec![owed(0, "2026-03", "2026-05", "1200", "1200")])).await;
    let rows = vec![
        owed(1, "2026-03", "2026-05", "1200", "1200"),
        owed(0, "2026-05", "2026-06", "800", "800"),
        owed(0, "2026-01", "2026-02", "800", "800"),
    ];
    let totals = Rows::BackPayment(rows.clone()).totals();
    let errors = refused(&world, Rows::BackPayment(rows), totals).await;
    assert_eq!(named(&errors), [("SPAN-FILED", Some(1))], "May is owed already, by this person alone");
    assert!(errors[0].message.contains(&first.filing_number), "by which filing: {}", errors[0].message);
    assert_eq!(books(&world, DUES).len(), 1, "nothing of a refused filing is booked");
    world.assert_filings(1).await;
    taken(&world, Rows::BackPayment(vec![owed(0, "2026-01", "2026-02", "800", "800")])).await;
    assert_eq!(books(&world, DUES).len(), 2, "other months are other dues");
}

#[tokio::test]
async fn a_correction_takes_back_at_once_and_asks_for_what_lacks() {
    let world = World::new().await;
    let too_much = taken(&world, Rows::Correction(vec![corrected(0, "2026-06", "400", "320")])).await;
    assert_eq!(too_much.state, FilingState::Settled, "what was too much went back at once");
    let mixed = CorrectionRow { right: parts("500", "300"), ..corrected(1, "2026-05", "400", "400") };
    let status = taken(&world, Rows::Correction(vec![mixed.clone()])).await;
    assert_eq!(status.state, FilingState::Accepted, "what lacks is owed");
    let [first, second] = [0, 1].map(|place| person(place).personal_account);
    let expected = [
        [first.as_str(), "2026-06", "400.00", "320.00", "settled"],
        [second.as_str(), "2026-05", "400.00", "500.00", "accepted"],
    ];
    assert_eq!(books(&world, CORRECTIONS), expected, "what was posted and what is right");
    let owed: Books = world.clerk().get(&format!("/v1/units/{UNIT}/books")).await.json(200);
    let due = Due {
        pays: PaidDue::Filing(status.filing_number.clone()),
        kind: FilingKind::Correction,
        people: 1,
        amounts: parts("100", "0"),
        state: DueState::Open,
    };
    assert_eq!(owed.dues, [due], "the unit's part; the contributor's part was too high and is not set against it");
    assert_eq!(owed.available, yuan("260"), "80 of each part, and 100 of a contributor's, can be used");
    assert_eq!(books(&world, DUES), Vec::<Vec<String>>::new(), "no back payment");
    assert_only_the_books_moved(&world, "260").await;

    let rows = vec![corrected(2, "2026-06", "400", "320"), mixed];
    let totals = Rows::Correction(rows.clone()).totals();
    let errors = refused(&world, Rows::Correction(rows), totals).await;
    assert_eq!(named(&errors), [("CORRECTION-FILED", Some(1))], "until it is paid nobody knows what is wrong");
    // One person came in June: one month is all that was ever posted for him.
    let rows = vec![corrected(0, "2026-05", "400", "200"), corrected(0, "2026-06", "320", "180")];
    let totals = Rows::Correction(rows.clone()).totals();
    let errors = refused(&world, Rows::Correction(rows), totals).await;
    assert_eq!(named(&errors), [("CORRECTION-BALANCE", Some(1))], "200 and 140 of 320: no account goes below zero");
    assert_eq!(books(&world, CORRECTIONS).len(), 2, "nothing of a refused filing is booked");
    assert_only_the_books_moved(&world, "260").await;
}

#[tokio::test]
async fn rows_made_by_hand_are_refused_each_for_its_fault() {
    let world = World::new().await;
    let stranger = || BackPaymentRow {
        personal_account: "000000029999".into(),
        id_number: "11010519491231002X".into(),
        ..owed(0, "2026-03", "2026-03", "1", "1")
    };
    for (code, row) in [
        ("SPAN-ORDER", owed(0, "2026-05", "2026-04", "1", "1")),
        ("SPAN-NOT-VERIFIED", owed(0, "2026-05", "2026-07", "1", "1")),
        ("DUE-NOTHING", owed(0, "2026-05", "2026-05", "0", "0")),
        ("AMOUNT-NEGATIVE", owed(0, "2026-05", "2026-05", "-1", "1")),
        ("REASON-UNKNOWN", BackPaymentRow { reason: "想补".into(), ..owed(0, "2026-05", "2026-05", "1", "1") }),
        ("ROSTER-UNKNOWN", stranger()),
    ] {
        let rows = Rows::BackPayment(vec![row]);
        let errors = refused(&world, rows.clone(), rows.totals()).await;
        assert!(named(&errors).contains(&(code, Some(0))), "{code}: {errors:?}");
    }
    for (code, row) in [
        ("CORRECTION-NOT-PAID", corrected(0, "2026-07", "480", "400")),
        ("CORRECTION-SAME", corrected(0, "2026-06", "480", "480")),
        ("AMOUNT-NEGATIVE", corrected(0, "2026-06", "480", "-1")),
        ("ROSTER-NAME-DIFFERS", CorrectionRow { name: "赵二鸣".into(), ..corrected(0, "2026-06", "480", "400") }),
    ] {
        let rows = Rows::Correction(vec![row]);
        let errors = refused(&world, rows.clone(), rows.totals()).await;
        assert!(named(&errors).contains(&(code, Some(0))), "{code}: {errors:?}");
    }
    let twice =
        Rows::BackPayment(vec![owed(0, "2026-03", "2026-05", "1", "1"), owed(0, "2026-05", "2026-05", "1", "1")]);
    let errors = refused(&world, twice.clone(), twice.totals()).await;
    assert_eq!(named(&errors), [("SPAN-OVERLAP", Some(1))], "one month twice in one filing");

    let rows = Rows::BackPayment(vec![owed(0, "2026-03", "2026-05", "1200", "1200")]);
    let errors = refused(&world, rows.clone(), Totals { after: yuan("1"), ..rows.totals() }).await;
    assert_eq!(named(&errors), [("FILING-TOTALS", None)], "a head that says something else");
    world.assert_filings(0).await;
    assert_eq!((books(&world, DUES).len(), books(&world, CORRECTIONS).len()), (0, 0), "nothing was booked");

    let frozen = person(0).personal_account;
    assert!(world.center.set_account_status(UNIT, &frozen, AccountStatus::Frozen).await.unwrap());
    let (id, p7m) = filing(&world, rows.clone(), rows.totals());
    world.clerk().put(id, p7m).await.problem(ProblemCode::RosterChanged);
    world.assert_filings(0).await;
}
