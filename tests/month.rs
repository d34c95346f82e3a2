//! The month at the desk: verification, payment and what stands in their way, against a real center.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_center::{Fault, Target};
use huijiao_demo::{Door, Practice};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{
    ChartMonth, DraftView, ExportedFile, FigureKey, FilingStage, FilingView, HomeView, JumpScreen, MonthStage,
    MonthStepState, MonthView, OrderStage, PaymentsView, ReviewView, SessionView, UiError, UnitStanding, UnitsMonth,
    VerificationPeople, VerificationView,
};
use huijiao_domain::capitals::capitals;
use huijiao_domain::money::Yuan;
use huijiao_domain::sheet::CellKind;
use huijiao_sheets::{Limits, ReadChoice};
use huijiao_tests::{call, desk, desk_of, order, sign_order};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

/// A practice center and a clerk at it.
struct Scene {
    folder: TempDir,
    practice: Practice,
    desk: Arc<Desk>,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        let scene = Self { folder, practice, desk };
        scene.stand_on("2026-07-08").await;
        scene
    }

    /// The center's clock and the desk's stand on ten o'clock of a day.
    async fn stand_on(&self, day: &str) {
        self.practice.center.clock().move_to(at(day));
        self.desk.enter(self.connection(day)).await.unwrap();
    }

    /// The way in, with a clock that stands on ten o'clock of a day.
    fn connection(&self, day: &str) -> Connection {
        let clock_offset = at(day).duration_since(SystemClock.now());
        Connection { clock_offset, ..self.practice.connection() }
    }

    /// Another computer of the same clerk's.
    async fn another(&self) -> Arc<Desk> {
        let other = desk(&self.folder.path().join("another"), Path::new(WORKER));
        other.enter(self.connection("2026-07-08")).await.unwrap();
        other
    }

    async fn ask<T: serde::de::DeserializeOwned>(&self, command: &str, args: Value) -> T {
        call(&self.desk, command, args).await.unwrap()
    }

    async fn month(&self) -> MonthView {
        self.ask("month", json!({})).await
    }

    async fn verification(&self, through: Option<&str>) -> VerificationView {
        self.ask("verification", json!({ "through": through })).await
    }

    async fn payments(&self) -> PaymentsView {
        self.ask("payments", json!({})).await
    }

    async fn filings(&self) -> usize {
        self.ask::<HomeView>("home", json!({})).await.filings.len()
    }

    async fn verified(&self, through: &str) -> FilingView {
        let filing = order(&self.desk, verify(through)).await.unwrap();
        assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
        filing
    }
}

fn at(day: &str) -> Timestamp {
    format!("{day}T10:00:00+08:00").parse().unwrap()
}

fn verify(through: &str) -> Value {
    json!({ "order": "verify", "through": through })
}

fn pay(pays: &[&str], method: &str) -> Value {
    json!({ "order": "pay", "pays": pays, "method": method })
}

fn states(month: &MonthView) -> Vec<MonthStepState> {
    month.steps.iter().map(|step| step.state).collect()
}

/// The refusal says so in words, and nothing was signed.
async fn refused(scene: &Scene, outcome: Result<FilingView, UiError>, code: &str) {
    let filings = scene.filings().await;
    let error = outcome.unwrap_err();
    assert_eq!(error.code, code);
    assert!(huijiao_domain::texts::lookup(code).is_some(), "{code} has words");
    assert_eq!(scene.filings().await, filings, "{code}: nothing was signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_verified_and_its_people_are_behind_every_figure() {
    let scene = Scene::open().await;
    let month = scene.month().await;
    assert_eq!((month.month.as_str(), month.today.as_str(), month.stale), ("2026-07", "2026-07-08", false));
    let open = [
        MonthStepState::Now,
        MonthStepState::Optional,
        MonthStepState::Now,
        MonthStepState::Waiting,
        MonthStepState::Waiting,
    ];
    assert_eq!(states(&month), open, "nobody has looked at the payroll, and the list could be verified without");
    let ways: Vec<_> = month.steps[..2].iter().filter_map(|step| step.action.as_ref().map(|way| way.screen)).collect();
    assert_eq!(ways, [JumpScreen::Compare, JumpScreen::Kind], "the payroll first, bases where there are any");
    let table = scene.verification(None).await;
    assert_eq!((table.first.as_str(), table.choices.len()), ("2026-07", 1), "July, and nothing that has not come");
    assert!(table.compared && table.differences.is_empty(), "the center has the same list");
    assert!(!table.blocked, "{:?}", table.obstacles);
    let figures = &table.tables[0].figures;
    let due: Yuan = figures[4].amount.parse().unwrap();
    assert_eq!(table.tables[0].due_capitals, capitals(due), "what is due, in words too");
    let people: Vec<u32> = figures.iter().map(|figure| figure.people).collect();
    assert_eq!(people, [228, 0, 0, 0, 228], "nobody came, left or changed since June");
    assert!(month.changes.is_empty(), "the page says that it is as last month: {:?}", month.changes);
    for figure in figures {
        let args = json!({ "month": "2026-07", "figure": figure.key });
        let behind: VerificationPeople = scene.ask("verification_people", args).await;
        assert_eq!(behind.total, figure.people, "{}", figure.label);
    }
    let due: VerificationPeople =
        scene.ask("verification_people", json!({ "month": "2026-07", "figure": FigureKey::Due, "page": 1 })).await;
    assert_eq!(due.people.len(), 28, "the second page of 200");
    assert!(due.people[0].id_number.contains('*'), "masked");

    let review: ReviewView = scene.ask("order_review", json!({ "order": verify("2026-07") })).await;
    assert!(review.obstacles.is_empty() && !review.certificates.is_empty());
    assert_eq!(review.totals.after, figures[4].amount, "what is signed is what was shown");
    assert_eq!(review.fingerprint, table.fingerprint);
    let filing = sign_order(&scene.desk, &verify("2026-07"), &review).await.unwrap();
    assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
    assert!(filing.receipt.unwrap().valid);

    let month = scene.month().await;
    assert_eq!(states(&month)[2..], [MonthStepState::Done, MonthStepState::Now, MonthStepState::Waiting], "now pay");
    let last_two: Vec<_> = month.chart.iter().rev().take(2).map(|one| (one.month.as_str(), one.state)).collect();
    assert_eq!(last_two, [("2026-08", MonthStage::Open), ("2026-07", MonthStage::Verified)]);
    let table = scene.verification(None).await;
    assert_eq!(table.verified[0].filing.as_deref(), Some(filing.line.filing.as_str()));
    assert!(table.verified[0].revocable, "filed here, unpaid, the last one");
    assert!(!table.verified[1].revocable, "June is paid");
    let behind: VerificationPeople =
        scene.ask("verification_people", json!({ "month": "2026-07", "figure": "due" })).await;
    assert_eq!(behind.total, 228, "a verified month's list is the center's");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chart_holds_month_by_month_and_is_written_as_it_is_shown() {
    let scene = Scene::open().await;
    let chart = scene.month().await.chart;
    let amount = |month: &ChartMonth, place: usize| month.figures[place].amount.parse::<Yuan>().unwrap();
    for month in &chart {
        let keys: Vec<_> = month.figures.iter().map(|figure| figure.key).collect();
        use FigureKey::{Adjusted, Decrease, Due, Increase, Previous};
        assert_eq!(keys, [Previous, Increase, Decrease, Adjusted, Due], "in the order of the form");
        let steps = amount(month, 0) + amount(month, 1) - amount(month, 2) + amount(month, 3);
        assert_eq!(steps, amount(month, 4), "{}: nothing is lost on the way", month.month);
    }
    for pair in chart.windows(2) {
        assert_eq!(amount(&pair[0], 4), amount(&pair[1], 0), "{} begins where the month before ended", pair[1].month);
    }
    assert!(chart.len() <= 24 && chart.last().unwrap().state == MonthStage::Open, "the open month is the last one");

    let made: ExportedFile = scene.ask("chart_export", json!({})).await;
    let bytes = std::fs::read(Path::new(&made.folder).join(&made.file)).unwrap();
    let book = huijiao_sheets::read(bytes, &ReadChoice::default(), &Limits::default()).unwrap();
    let text = |row: u32, column: u16| book.row(row).and_then(|row| row.cell(column)).map(|cell| cell.text);
    let head = (1..=9).find(|row| text(*row, 0) == Some("汇缴年月")).unwrap();
    for (row, month) in (head + 1..).zip(&chart) {
        assert_eq!(text(row, 0), Some(month.month.as_str()), "every month");
        let due = book.row(row).unwrap().cell(10).unwrap();
        assert_eq!(due.kind, CellKind::Number, "a sum can be made of it");
        assert_eq!(due.text.parse::<Yuan>().unwrap(), amount(month, 4));
    }

    let drawn = b"\x89PNG\r\n\x1a\n a drawing";
    let picture: ExportedFile = scene.ask("chart_export", json!({ "picture": STANDARD.encode(drawn) })).await;
    assert!(picture.file.ends_with(".png"), "{}", picture.file);
    assert_eq!(std::fs::read(Path::new(&picture.folder).join(&picture.file)).unwrap(), drawn, "as it was drawn");
    let refused = call::<ExportedFile>(&scene.desk, "chart_export", json!({ "picture": STANDARD.encode("MZ") })).await;
    assert_eq!(refused.unwrap_err().code, "desk-bad-arguments", "a page writes pictures and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_that_has_not_come_or_is_done_is_refused() {
    let scene = Scene::open().await;
    let table = scene.verification(Some("2026-08")).await;
    assert!(table.blocked && table.obstacles[0].code == "VERIFY-FUTURE", "{:?}", table.obstacles);
    refused(&scene, order(&scene.desk, verify("2026-08")).await, "VERIFY-FUTURE").await;
    scene.verified("2026-07").await;
    let table = scene.verification(Some("2026-07")).await;
    let taken = table.obstacles.iter().find(|one| one.code == "VERIFY-TAKEN").expect("it says so");
    assert!(taken.message.contains("王晓敏"), "and who was first: {}", taken.message);
    refused(&scene, order(&scene.desk, verify("2026-07")).await, "VERIFY-TAKEN").await;
    let garbled = call::<VerificationView>(&scene.desk, "verification", json!({ "through": "七月" })).await;
    assert_eq!(garbled.unwrap_err().code, "desk-period-unreadable");
    let far = call::<VerificationView>(&scene.desk, "verification", json!({ "through": "2199-12" })).await;
    assert_eq!(far.unwrap_err().code, "desk-too-many-months");
}

#[tokio::test(flavor = "multi_thread")]
async fn months_left_out_are_verified_with_the_later_one_and_paid_before_it() {
    let scene = Scene::open().await;
    scene.stand_on("2026-09-08").await;
    let table = scene.verification(Some("2026-09")).await;
    let months: Vec<&str> = table.tables.iter().map(|table| table.month.as_str()).collect();
    assert_eq!(months, ["2026-07", "2026-08", "2026-09"], "none can be skipped");
    scene.verified("2026-09").await;
    let paid = order(&scene.desk, pay(&["month:2026-08"], "transfer")).await;
    refused(&scene, paid, "PAY-SKIPS").await;
    let twice = order(&scene.desk, pay(&["month:2026-07", "month:2026-07"], "transfer")).await;
    refused(&scene, twice, "PAY-TWICE").await;
    assert!(scene.payments().await.orders.is_empty(), "no order came of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_verify_one_month_once() {
    let scene = Scene::open().await;
    let other = scene.another().await;
    let july = verify("2026-07");
    let here: ReviewView = scene.ask("order_review", json!({ "order": july })).await;
    let there: ReviewView = call(&other, "order_review", json!({ "order": july })).await.unwrap();
    assert_eq!(here.fingerprint, there.fingerprint, "both see the same");
    let (one, two) = tokio::join!(sign_order(&scene.desk, &july, &here), sign_order(&other, &july, &there));
    let settled = |outcome: &Result<FilingView, UiError>| {
        outcome.as_ref().is_ok_and(|filing| filing.line.stage == FilingStage::Settled)
    };
    assert_eq!([settled(&one), settled(&two)].iter().filter(|done| **done).count(), 1, "{one:?} {two:?}");
    let late = if settled(&one) { two } else { one };
    let code = match late {
        Ok(filing) => {
            assert_eq!(filing.line.stage, FilingStage::Refused, "the center said no");
            filing.trouble.unwrap().code
        }
        // The other had already been answered when the books were read again.
        Err(error) => error.code,
    };
    assert!(huijiao_domain::texts::lookup(&code).is_some(), "{code} has words");
    for desk in [&scene.desk, &other] {
        call::<SessionView>(desk, "refresh", json!({})).await.unwrap();
        let payments: PaymentsView = call(desk, "payments", json!({})).await.unwrap();
        assert_eq!(payments.dues.len(), 1, "owed once, whoever looks");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_the_month_is_a_question_and_not_an_obstacle() {
    let scene = Scene::open().await;
    let args = json!({ "kind": "status_change", "period": "2026-07" });
    let draft: DraftView = scene.ask("draft_new", args).await;
    let table = scene.verification(None).await;
    let [question] = &table.obstacles[..] else { panic!("{:?}", table.obstacles) };
    assert_eq!((question.code.as_str(), question.level.as_str()), ("VERIFY-DRAFT", "warning"));
    let jump = question.jump.as_ref().unwrap();
    assert_eq!((jump.screen, jump.argument.as_str()), (JumpScreen::Draft, draft.draft.as_str()));
    assert_eq!(scene.month().await.steps[0].state, MonthStepState::Now, "people first");
    scene.verified("2026-07").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reviewed_is_signed_or_nothing() {
    let scene = Scene::open().await;
    let july = verify("2026-07");
    let mut review: ReviewView = scene.ask("order_review", json!({ "order": july })).await;
    review.fingerprint = "0".repeat(64);
    refused(&scene, sign_order(&scene.desk, &july, &review).await, "desk-order-moved").await;
    scene.verified("2026-07").await;
    let order_of_all = pay(&["month:2026-07"], "transfer");
    let review: ReviewView = scene.ask("order_review", json!({ "order": order_of_all })).await;
    let other = pay(&["month:2026-07"], "direct_debit");
    refused(&scene, sign_order(&scene.desk, &other, &review).await, "desk-order-moved").await;
    let unknown = order(&scene.desk, pay(&["month:2026-08"], "transfer")).await;
    refused(&scene, unknown, "desk-not-due").await;
    let nothing = order(&scene.desk, pay(&["eight"], "transfer")).await;
    refused(&scene, nothing, "desk-bad-arguments").await;
    let claim = order(&scene.desk, json!({ "order": "claim", "incoming": "1", "to": "suspense" })).await;
    refused(&scene, claim, "desk-incoming-gone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn suspense_that_does_not_reach_and_an_agreement_that_has_ended_pay_nothing() {
    let scene = Scene::open().await;
    scene.verified("2026-07").await;
    let payments = scene.payments().await;
    let usable: Vec<bool> = payments.methods.iter().map(|method| method.usable).collect();
    assert_eq!(usable, [true, false, true], "nothing in suspense; the agreement holds: {:?}", payments.methods);
    refused(&scene, order(&scene.desk, pay(&["month:2026-07"], "suspense")).await, "SUSPENSE-SHORT").await;

    let last: jiff::civil::Date = payments.debit_agreement.unwrap().parse().unwrap();
    scene.stand_on(&last.tomorrow().unwrap().to_string()).await;
    let methods = scene.payments().await.methods;
    assert!(!methods[2].usable && methods[2].why.contains(&last.to_string()), "{}", methods[2].why);
    refused(&scene, order(&scene.desk, pay(&["month:2026-07"], "direct_debit")).await, "DEBIT-AGREEMENT").await;
    assert!(scene.payments().await.orders.is_empty(), "no order came of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_in_another_month_is_believed_about_the_month() {
    let scene = Scene::open().await;
    scene.practice.center.clock().move_to(at("2026-08-03"));
    let session = scene.desk.enter(scene.connection("2026-07-30")).await.unwrap();
    assert!(session.clock_skew_minutes.is_some_and(|minutes| minutes > 3 * 24 * 60), "the clerk is told");
    assert_eq!(scene.month().await.today, "2026-08-03", "the center's day");
    let table = scene.verification(Some("2026-08")).await;
    assert_eq!(table.choices, ["2026-07", "2026-08"], "the center's month");
    assert!(!table.blocked, "{:?}", table.obstacles);
    let refused = order(&scene.desk, verify("2026-08")).await.unwrap_err();
    assert_eq!(refused.code, "desk-clock-off", "nothing is signed at a time that is days from the center's");
    assert_eq!(scene.filings().await, 0, "nothing was made of it");
    scene.desk.enter(scene.connection("2026-08-03")).await.unwrap();
    scene.verified("2026-08").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_at_a_time_that_the_center_would_not_believe() {
    let scene = Scene::open().await;
    scene.desk.enter(scene.connection("2026-09-03")).await.unwrap();
    assert_eq!(scene.verification(None).await.choices, ["2026-07"], "the center's month, whatever the clock here says");
    let refused = order(&scene.desk, verify("2026-07")).await.unwrap_err();
    assert_eq!(refused.code, "desk-clock-off", "a signature would lie in the center's future");
    assert_eq!(scene.filings().await, 0, "nothing was signed");
    assert_eq!(scene.verification(None).await.first, "2026-07", "nothing was booked");
    scene.stand_on("2026-07-08").await;
    scene.verified("2026-07").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_center_the_copy_says_how_old_it_is() {
    let scene = Scene::open().await;
    let before = scene.month().await;
    let Scene { folder, practice, desk } = scene;
    practice.center.shutdown().await;
    let review = call::<ReviewView>(&desk, "order_review", json!({ "order": verify("2026-07") })).await;
    assert!(review.unwrap_err().code.starts_with("net-"), "nothing is reviewed without the center's list");
    call::<SessionView>(&desk, "refresh", json!({})).await.unwrap_err();
    let after: MonthView = call(&desk, "month", json!({})).await.unwrap();
    assert!(after.stale && after.as_of == before.as_of, "as old as it is");
    assert_eq!(after.chart.len(), before.chart.len(), "and whole");
    let table: VerificationView = call(&desk, "verification", json!({})).await.unwrap();
    assert!(table.stale && table.blocked && !table.compared, "nobody said that the list is right");
    assert_eq!(table.tables[0].figures[4].people, 228, "computed here all the same");
    drop(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_practice_the_clerk_sees_her_payment_arrive() {
    let folder = TempDir::new().unwrap();
    let desk = desk_of(folder.path(), Path::new(WORKER), Some(Arc::new(Door::default())));
    desk.enter_demo().await.unwrap();
    let standing = async || {
        let UnitsMonth { lines, .. } = call(&desk, "units_month", json!({ "find": "" })).await.unwrap();
        let [line] = &lines[..] else { panic!("one unit: {lines:?}") };
        (line.month.clone(), line.standing)
    };
    assert_eq!(standing().await, ("2026-07".into(), UnitStanding::Nothing));
    let filing = order(&desk, verify("2026-07")).await.unwrap();
    assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
    assert_eq!(standing().await, ("2026-08".into(), UnitStanding::Unpaid), "verified is not done");
    let order_of = |how: &'static str| {
        let desk = desk.clone();
        async move {
            let filing = order(&desk, pay(&["month:2026-07"], "transfer")).await.unwrap();
            let number = filing.receipt.unwrap().filing_number;
            let transfer = json!({ "act": { "act": "pay", "order": number, "how": how } });
            call::<Value>(&desk, "practice", transfer).await.unwrap();
            call::<Value>(&desk, "practice", json!({ "act": { "act": "days", "days": 1 } })).await.unwrap();
            let payments: PaymentsView = call(&desk, "payments", json!({})).await.unwrap();
            let order = payments.orders.iter().find(|order| order.number == number).unwrap().clone();
            (order, payments)
        }
    };
    let before: MonthView = call(&desk, "month", json!({})).await.unwrap();
    let (short, payments) = order_of("short").await;
    assert_eq!(short.state, OrderStage::Failed, "{}", short.reason);
    assert_eq!((payments.unprocessed.len(), payments.dues.len()), (1, 1), "the money waits, the month is owed");
    let blocked: MonthView = call(&desk, "month", json!({})).await.unwrap();
    assert_ne!(blocked.today, before.today, "a day went by");
    assert_eq!(blocked.steps[4].state, MonthStepState::Blocked, "money to be claimed first");
    let claim = json!({ "order": "claim", "incoming": payments.unprocessed[0].number, "to": "suspense" });
    order(&desk, claim).await.unwrap();
    let (exact, payments) = order_of("exact").await;
    assert_eq!(exact.state, OrderStage::Paid, "{}", exact.reason);
    assert!(payments.dues.is_empty() && payments.unprocessed.is_empty());
    let done: MonthView = call(&desk, "month", json!({})).await.unwrap();
    assert_eq!(states(&done), [MonthStepState::Done; 5], "the whole path: {:?}", done.steps);
    assert_eq!(standing().await.1, UnitStanding::Done, "with the money there");
    let unknown = json!({ "act": { "act": "pay", "order": "1", "how": "exact" } });
    assert_eq!(call::<Value>(&desk, "practice", unknown).await.unwrap_err().code, "desk-not-due");

    let today = done.today;
    desk.enter_demo().await.unwrap();
    let again: MonthView = call(&desk, "month", json!({})).await.unwrap();
    assert_eq!(again.today, today, "the days stay gone by");
    call::<Value>(&desk, "practice", json!({ "act": { "act": "days", "days": 31 } })).await.unwrap();
    assert_eq!(standing().await, ("2026-08".into(), UnitStanding::Nothing), "July is no work of August's");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_an_answer_is_asked_for_before_another_is_signed() {
    let scene = Scene::open().await;
    scene.verified("2026-07").await;
    let july = pay(&["month:2026-07"], "transfer");
    scene.practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let lost = order(&scene.desk, july.clone()).await.unwrap();
    assert_eq!(lost.line.stage, FilingStage::Unknown, "sent, no answer");
    refused(&scene, order(&scene.desk, july.clone()).await, "PAY-ORDERED").await;
    let found: FilingView = scene.ask("filing", json!({ "filing": lost.line.filing })).await;
    assert_eq!(found.line.stage, FilingStage::Accepted, "what the first did stands in the books");
    let payments = scene.payments().await;
    assert_eq!(payments.orders.len(), 1, "one order, whatever the network did");
    assert_eq!(payments.dues[0].ordered, Some(payments.orders[0].number.clone()));
    assert!(payments.orders[0].withdrawable && payments.orders[0].card.is_some(), "{:?}", payments.orders[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_pay_one_month_once() {
    let scene = Scene::open().await;
    scene.verified("2026-07").await;
    let other = scene.another().await;
    let july = pay(&["month:2026-07"], "transfer");
    let (one, two) = tokio::join!(order(&scene.desk, july.clone()), order(&other, july.clone()));
    let accepted = |outcome: &Result<FilingView, UiError>| {
        outcome.as_ref().is_ok_and(|filing| filing.line.stage == FilingStage::Accepted)
    };
    assert_eq!([accepted(&one), accepted(&two)].iter().filter(|done| **done).count(), 1, "{one:?} {two:?}");
    for desk in [&scene.desk, &other] {
        call::<SessionView>(desk, "refresh", json!({})).await.unwrap();
        let payments: PaymentsView = call(desk, "payments", json!({})).await.unwrap();
        assert_eq!(payments.orders.len(), 1, "ordered once, whoever looks");
    }
}
