//! 审核: filings that wait for an officer, what he decides, by which door, and what a granted application changes.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{At, UNIT, World};
use huijiao_center::{Decision, RefusedRow, ReviewRule, RuledDecision, UnitRole};
use huijiao_domain::filing::deferral::{Asked, DeferralRow};
use huijiao_domain::filing::ratio_adjustment::RatioAdjustmentRow;
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{Books, due_list};
use huijiao_domain::roster::{AccountStatus, Unit, UnitStatus};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::{FilingState, ReceiptContent};
use huijiao_protocol::resources::{Event, FilingStatus};
use huijiao_signing::{Purpose, TrustAnchors, verify};
use serde_json::{Value, json};
use uuid::Uuid;

const JULY: &str = "2026-07";

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

async fn unit(world: &World) -> Unit {
    world.clerk().get(&format!("/v1/units/{UNIT}")).await.json(200)
}

async fn filing(world: &World, id: Uuid) -> FilingStatus {
    world.clerk().get(&format!("/v1/filings/{id}")).await.json(200)
}

/// What the newest receipt says, its signature checked.
fn receipt(world: &World, status: &FilingStatus) -> ReceiptContent {
    let anchors = TrustAnchors::from_der(world.center.anchors()).unwrap();
    let file = common::base64(&status.receipt);
    let signed = verify(&file, &anchors, world.clock.now(), Purpose::Receipt, &[]).unwrap();
    serde_json::from_slice(&signed.content).unwrap()
}

fn row(asked: Asked, to: &str, ratios: Option<(&str, &str)>) -> DeferralRow {
    DeferralRow {
        asked,
        from: month(JULY),
        to: month(to),
        unit_ratio: ratios.map(|(unit, _)| unit.parse().unwrap()),
        personal_ratio: ratios.map(|(_, personal)| personal.parse().unwrap()),
        reason: "生产经营困难".into(),
    }
}

async fn apply(world: &World, row: DeferralRow) -> common::Answer {
    let version = world.clerk().roster(UNIT).await.version;
    let from = row.from;
    let (id, p7m) = world.signed(Rows::Deferral(vec![row]), &[], from, version);
    world.clerk().put(id, p7m).await
}

async fn applied(world: &World, row: DeferralRow) -> FilingStatus {
    let status: FilingStatus = apply(world, row).await.json(201);
    assert_eq!(status.state, FilingState::InReview, "an officer decides");
    status
}

async fn verified(world: &World, through: &str) -> common::Answer {
    let (roster, unit) = (world.clerk().roster(UNIT).await, unit(world).await);
    let books: Books = world.clerk().get(&format!("/v1/units/{UNIT}/books")).await.json(200);
    let made = Verification::compute(&roster, &books.previous, unit.first_unverified, month(through));
    let rows = Rows::RemittanceVerification(made.rows.clone());
    let (id, p7m) = world.signed(rows, &made.figures(), month(through), roster.version);
    world.clerk().put(id, p7m).await
}

async fn bases(world: &World) -> FilingStatus {
    let roster = world.clerk().roster(UNIT).await;
    let (id, p7m) = world.filing(At { roster: Some(roster), ..At::default() });
    world.clerk().put(id, p7m).await.json(201)
}

fn refuse(row: u32, reason: &str) -> RefusedRow {
    RefusedRow { row, reason: reason.into(), code: None }
}

#[tokio::test]
async fn granted_deferral_holds_for_its_term_and_ends_by_itself() {
    let world = World::new().await;
    let before = world.clerk().roster(UNIT).await;
    let application = applied(&world, row(Asked::Defer, "2026-08", None)).await;
    let refused = verified(&world, JULY).await.problem(ProblemCode::ChecksFailed);
    assert_eq!(refused.errors[0].code, "VERIFY-OPEN", "no month is verified while it waits");

    let granted = world.center.decide(application.id, Decision::Accept).await.unwrap();
    assert_eq!(granted.state, FilingState::Settled);
    let now = unit(&world).await;
    let term = now.deferral.unwrap();
    assert_eq!(now.status, UnitStatus::Deferred);
    assert_eq!((term.from, term.to, term.filing_number), (month(JULY), month("2026-08"), application.filing_number));
    assert_eq!(world.clerk().roster(UNIT).await.contributors, before.contributors, "nobody pays another amount");
    let states: Vec<_> = world.clerk().get("/v1/events?poll=true").await.json::<Vec<Event>>(200);
    let states: Vec<_> = states.iter().filter_map(|event| event.state).collect();
    assert_eq!(states, [FilingState::InReview, FilingState::Settled], "the unit's clients hear of it");
    let said = receipt(&world, &granted);
    assert_eq!((said.state, said.reason.as_str()), (FilingState::Settled, ""), "in a receipt of its own");

    verified(&world, JULY).await.json::<FilingStatus>(201);
    let again = DeferralRow { from: month("2026-08"), ..row(Asked::Defer, "2026-09", None) };
    let refused = apply(&world, again).await.problem(ProblemCode::ChecksFailed);
    assert_eq!(refused.errors[0].code, "TERM-RUNS", "one term at a time");
    world.clock.advance(Duration::from_secs(16 * 86_400));
    assert_eq!(unit(&world).await.status, UnitStatus::Deferred, "the last day of its last month");
    world.clock.advance(Duration::from_secs(86_400));
    let after = unit(&world).await;
    assert_eq!((after.status, after.deferral), (UnitStatus::Normal, None), "over with the first of September");
}

#[tokio::test]
async fn lower_ratios_hold_in_their_term_and_nowhere_else() {
    let world = World::new().await;
    let roster = world.clerk().roster(UNIT).await;
    let own = unit(&world).await;
    let lower = Some(("0.03", "0.05"));
    let application = applied(&world, row(Asked::LowerRatio, "2026-08", lower)).await;
    world.center.decide(application.id, Decision::Accept).await.unwrap();
    let now = unit(&world).await;
    assert_eq!((now.unit_ratio.percent(), now.personal_ratio.percent()), ("3%".into(), "5%".into()));
    assert_eq!(now.status, UnitStatus::Normal, "the unit pays, less");
    let low = world.clerk().roster(UNIT).await;
    for (person, before) in low.contributors.iter().zip(&roster.contributors) {
        let fen = |base: Yuan, percent: i64| (base.fen() * percent + 5_000) / 10_000 * 100;
        let parts = (person.amounts.unit_amount.fen(), person.amounts.personal_amount.fen());
        assert_eq!(parts, (fen(before.base, 3), fen(before.base, 5)), "whole yuan, half up");
        assert_eq!(person.base, before.base, "the base stays");
    }

    let version = world.clerk().roster(UNIT).await.version;
    let normal = || low.contributors.iter().filter(|person| person.status == AccountStatus::Normal);
    let ratios = RatioAdjustmentRow {
        old_unit_ratio: now.unit_ratio,
        old_personal_ratio: now.personal_ratio,
        unit_ratio: "0.06".parse().unwrap(),
        personal_ratio: "0.06".parse().unwrap(),
        month: month("2026-08"),
        people: u32::try_from(normal().count()).unwrap(),
        before: normal().map(|person| person.amounts).sum(),
        after: normal().map(|person| person.amounts).sum(),
    };
    let (id, p7m) = world.signed(Rows::RatioAdjustment(vec![ratios]), &[], month("2026-08"), version);
    let refused = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
    assert_eq!(refused.errors[0].code, "TERM-RUNS", "they end by themselves, not by another filing");

    verified(&world, JULY).await.json::<FilingStatus>(201);
    world.clock.advance(Duration::from_secs(20 * 86_400));
    let after = unit(&world).await;
    assert_eq!((after.unit_ratio, after.personal_ratio, after.deferral), (own.unit_ratio, own.personal_ratio, None));
    let back = world.clerk().roster(UNIT).await;
    assert_eq!(due_list(&back, month("2026-08")), due_list(&low, month("2026-08")), "August was in the term");
    assert_eq!(due_list(&back, month("2026-09")), due_list(&roster, month(JULY)), "September is not");
    let events: Vec<Event> = world.clerk().get("/v1/events?poll=true").await.json(200);
    assert!(events.iter().any(|event| event.filing.is_none()), "clients hear of the end, which nobody filed");
    verified(&world, "2026-09").await.json::<FilingStatus>(201);
}

#[tokio::test]
async fn a_refusal_says_why_and_changes_nothing() {
    let world = World::new().await;
    let application = applied(&world, row(Asked::Defer, "2026-12", None)).await;
    let before = unit(&world).await;
    for silent in [Decision::Refuse { reason: " ".into() }, Decision::Partly { rows: Vec::new() }] {
        let undecided = world.center.decide(application.id, silent).await.unwrap_err();
        assert_eq!(undecided.code, "decision_invalid");
    }
    let whole = Decision::Partly { rows: vec![refuse(0, "材料不全")] };
    let undecided = world.center.decide(application.id, whole).await.unwrap_err();
    assert_eq!(undecided.code, "decision_invalid", "nothing would be left of it");
    let refused = world.center.decide(application.id, Decision::Refuse { reason: "决议缺页".into() }).await.unwrap();
    assert_eq!(refused.state, FilingState::Refused);
    assert_eq!(receipt(&world, &refused).reason, "决议缺页");
    assert_eq!(unit(&world).await, before, "nothing was granted");
    let again = world.center.decide(application.id, Decision::Accept).await.unwrap_err();
    assert_eq!(again.code, "not_in_review", "decided once");
    applied(&world, row(Asked::Defer, "2026-09", None)).await;
}

#[tokio::test]
async fn part_of_a_filing_is_booked_and_the_other_rows_say_why_not() {
    let world = World::new().await;
    world.center.set_review_rule(FilingKind::BaseAdjustment, ReviewRule::Officer).await.unwrap();
    let before = world.clerk().roster(UNIT).await;
    let filed = bases(&world).await;
    assert_eq!(filed.state, FilingState::InReview);
    assert_eq!(world.clerk().roster(UNIT).await.contributors, before.contributors, "nothing is booked yet");
    let waiting = world.center.in_review().await.unwrap();
    let rows = waiting[0].rows.as_array().unwrap().clone();
    assert_eq!((waiting.len(), waiting[0].id), (1, filed.id));
    assert!(rows.len() > 2, "{rows:?}");

    for rows in [vec![refuse(99, "无此人")], vec![refuse(1, "一"), refuse(1, "二")], vec![refuse(1, "")]] {
        let undecided = world.center.decide(filed.id, Decision::Partly { rows }).await.unwrap_err();
        assert_eq!(undecided.code, "decision_invalid");
    }
    let partly = Decision::Partly { rows: vec![refuse(1, "工资证明不清。")] };
    let decided = world.center.decide(filed.id, partly).await.unwrap();
    assert_eq!(decided.state, FilingState::PartlySettled);
    let said = receipt(&world, &decided);
    let [result] = &said.row_results[..] else { panic!("{:?}", said.row_results) };
    assert_eq!((result.row, result.code.as_str()), (1, "REVIEW-REFUSED"));
    assert_eq!(result.message, "中心审核没有通过这一行：工资证明不清。");
    let after = world.clerk().roster(UNIT).await;
    for (place, row) in rows.iter().enumerate() {
        let of = |roster: &huijiao_domain::roster::Roster| {
            let account = row["personal_account"].as_str().unwrap();
            let person = roster.contributors.iter().find(|person| person.personal_account == account);
            person.unwrap().base
        };
        let expected = if place == 1 { of(&before) } else { row["new_base"].as_str().unwrap().parse().unwrap() };
        assert_eq!(of(&after), expected, "row {place}");
    }
}

#[tokio::test]
async fn what_moved_meanwhile_is_not_booked_and_goes_on_waiting() {
    let world = World::new().await;
    world.center.set_review_rule(FilingKind::BaseAdjustment, ReviewRule::Officer).await.unwrap();
    let filed = bases(&world).await;
    let account = world.center.in_review().await.unwrap()[0].rows[0]["personal_account"].as_str().unwrap().to_owned();
    assert!(world.center.set_account_status(UNIT, &account, AccountStatus::Sealed).await.unwrap());
    let undecided = world.center.decide(filed.id, Decision::Accept).await.unwrap_err();
    assert_eq!(undecided.code, "roster_changed", "{undecided}");
    assert_eq!(filing(&world, filed.id).await.state, FilingState::InReview, "the officer may refuse it, or that row");
    let partly = Decision::Partly { rows: vec![refuse(0, "账户已封存")] };
    assert_eq!(world.center.decide(filed.id, partly).await.unwrap().state, FilingState::PartlySettled);
}

#[tokio::test]
async fn rules_decide_when_their_day_has_come() {
    let world = World::new().await;
    let by_itself = |after_days, decision| ReviewRule::ByItself { after_days, decision };
    let kind = FilingKind::Deferral;
    let later = by_itself(2, RuledDecision::Refuse { reason: "期限过长".into() });
    world.center.set_review_rule(kind, later).await.unwrap();
    let first = applied(&world, row(Asked::Defer, "2026-12", None)).await;
    world.clock.advance(Duration::from_secs(86_400));
    assert_eq!(filing(&world, first.id).await.state, FilingState::InReview, "tomorrow it is");
    world.clock.advance(Duration::from_secs(86_400));
    let refused = filing(&world, first.id).await;
    assert_eq!(refused.state, FilingState::Refused, "before anybody asks");
    assert_eq!(receipt(&world, &refused).reason, "期限过长");

    world.center.set_review_rule(kind, by_itself(0, RuledDecision::Accept)).await.unwrap();
    let second = applied(&world, row(Asked::Defer, "2026-09", None)).await;
    assert_eq!(filing(&world, second.id).await.state, FilingState::Settled, "at once, in a receipt of its own");

    let partly = RuledDecision::Partly { one_of: 2, reason: "抽查未通过".into() };
    world.center.set_review_rule(FilingKind::BaseAdjustment, by_itself(0, partly)).await.unwrap();
    let filed = bases(&world).await;
    let decided = filing(&world, filed.id).await;
    let rows: Vec<u32> = receipt(&world, &decided).row_results.iter().map(|result| result.row).collect();
    assert_eq!(decided.state, FilingState::PartlySettled);
    assert!(!rows.is_empty() && rows.iter().all(|row| row % 2 == 1), "every second: {rows:?}");

    let order = world.center.set_review_rule(FilingKind::Payment, ReviewRule::Officer).await;
    assert_eq!(order.unwrap_err().code, "decision_invalid", "the bank decides of orders");
    let silent = by_itself(0, RuledDecision::Refuse { reason: String::new() });
    assert!(world.center.set_review_rule(kind, silent).await.is_err(), "a refusal says why");
}

/// The door of the staff, as a program on the same machine uses it.
struct Staff {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Staff {
    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(reqwest::Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(reqwest::Method::POST, path, Some(body)).await
    }
}

#[tokio::test]
async fn the_staff_works_through_its_own_door() {
    let world = World::new().await;
    let admin = world.center.admin().unwrap().clone();
    assert!(admin.url.starts_with("http://127.0.0.1:") && admin.token.len() == 64, "this machine, at random");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let staff = Staff { client, url: admin.url.clone(), token: admin.token };
    let stranger = Staff { token: "0".repeat(64), url: admin.url, client: staff.client.clone() };
    assert_eq!(stranger.get("/reviews").await.0, 401, "without the token nothing is told");
    world.clerk().get("/admin/reviews").await.problem(ProblemCode::NotFound);

    let application = applied(&world, row(Asked::Defer, "2026-08", None)).await;
    let (_, waiting) = staff.get("/reviews").await;
    assert_eq!(waiting[0]["id"], json!(application.id));
    assert_eq!(waiting[0]["rows"][0]["reason"], "生产经营困难", "what was signed is there to be judged");
    let path = format!("/reviews/{}", application.id);
    assert_eq!(stranger.post(&path, json!({ "decision": "accept" })).await.0, 401);
    let (status, said) = staff.post(&path, json!({ "decision": "refuse", "reason": "" })).await;
    assert_eq!((status, &said["code"]), (422, &json!("decision_invalid")));
    assert_eq!(staff.post(&path, json!({ "decision": "maybe" })).await.0, 400);
    let (status, decided) = staff.post(&path, json!({ "decision": "accept" })).await;
    assert_eq!((status, &decided["state"]), (200, &json!("settled")));
    assert_eq!(staff.post(&path, json!({ "decision": "accept" })).await.0, 409, "once");
    assert_eq!(staff.get("/reviews").await.1, json!([]));

    let left = world.operator(UNIT, "李经办", UnitRole::Clerk).await.certificate().sha256_hex();
    let ending = json!({ "unit": UNIT, "certificate_sha256": left, "role": "clerk" });
    assert_eq!(stranger.post("/roles/endings", ending.clone()).await.0, 401);
    assert_eq!(staff.post("/roles/endings", ending.clone()).await, (200, json!({})));
    assert_eq!(staff.post("/roles/endings", ending).await.0, 404, "he has it no more");

    let rule = json!({ "rule": "officer" });
    let (status, rules) = staff.call(reqwest::Method::PUT, "/rules/base_adjustment", Some(rule.clone())).await;
    assert_eq!((status, &rules["base_adjustment"]), (200, &rule));
    assert_eq!(rules["correction"], json!({ "rule": "book" }), "the others as they were");
    assert_eq!(staff.call(reqwest::Method::PUT, "/rules/payment", Some(rule.clone())).await.0, 422);
    assert_eq!(staff.call(reqwest::Method::PUT, "/rules/nothing", Some(rule)).await.0, 404);

    let transfer = json!({ "unit": UNIT, "amount": "1000.00", "remark": "七月" });
    assert_eq!(staff.post("/bank/transfers", transfer).await.0, 200);
    let (_, now) = staff.post("/clock", json!({ "days": 1 })).await;
    assert_eq!(now["now"], "2026-08-16T10:00:00+08:00");
    let (_, lines) = staff.get("/bank/statement?from=2026-08-16&to=2026-08-16").await;
    assert_eq!((&lines[0]["amount"], &lines[0]["remark"]), (&json!("1000.00"), &json!("七月")), "it came in next day");
    let nobody = json!({ "unit": "999", "answer": "余额不足" });
    assert_eq!(staff.post("/bank/refusals", nobody).await.0, 404);
    let agreement = json!({ "unit": UNIT, "last_day": "2027-01-31" });
    assert_eq!(staff.call(reqwest::Method::PUT, "/bank/agreements", Some(agreement)).await.0, 200);
    let books: Books = world.clerk().get(&format!("/v1/units/{UNIT}/books")).await.json(200);
    assert_eq!(books.debit_agreement.map(|last| last.to_string()).as_deref(), Some("2027-01-31"));
}

#[tokio::test]
async fn the_door_of_the_staff_is_on_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let admin = huijiao_center::AdminConfig { listen: "0.0.0.0:0".parse().unwrap(), token: None };
    let config =
        huijiao_center::CenterConfig { admin: Some(admin), ..huijiao_center::CenterConfig::in_folder(folder.path()) };
    let refused = huijiao_center::Center::start(config).await.unwrap_err();
    assert_eq!(refused.code(), "center-address");
}

#[tokio::test]
async fn what_waits_and_what_runs_survives_a_restart() {
    let world = World::new().await;
    world.center.set_review_rule(FilingKind::BaseAdjustment, ReviewRule::Officer).await.unwrap();
    let application = applied(&world, row(Asked::Defer, "2026-08", None)).await;
    let world = world.restart().await;
    world.center.decide(application.id, Decision::Accept).await.unwrap();
    let world = world.restart().await;
    assert_eq!(unit(&world).await.status, UnitStatus::Deferred);
    assert_eq!(bases(&world).await.state, FilingState::InReview, "the rule is kept");
}
