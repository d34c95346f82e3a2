//! 审核 at the desk: applications granted and refused, filings taken in part, and what is made of the rest.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::sync::Arc;

use huijiao_center::{Decision, RefusedRow, ReviewRule};
use huijiao_demo::{Door, Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    DraftView, EditOp, FilingStage, FilingView, GridFilter, HomeView, JumpScreen, MonthView, PageView, PaymentsView,
    ReviewView, SessionView, VerificationView,
};
use huijiao_domain::filing::FilingKind;
use huijiao_tests::{call, desk, desk_of, import, order, settle, sign, sign_order};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

struct Scene {
    _folder: TempDir,
    practice: Practice,
    desk: Arc<Desk>,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        desk.enter(practice.connection()).await.unwrap();
        Self { _folder: folder, practice, desk }
    }

    async fn ask<T: DeserializeOwned>(&self, command: &str, args: Value) -> T {
        call(&self.desk, command, args).await.unwrap()
    }

    async fn asked_again(&self, filing: &FilingView) -> FilingView {
        self.ask("ask", json!({ "filing": filing.line.filing })).await
    }

    async fn decided(&self, filing: &FilingView, decision: Decision) -> FilingView {
        self.practice.center.decide(filing.line.filing.parse().unwrap(), decision).await.unwrap();
        let after = self.asked_again(filing).await;
        self.ask::<SessionView>("refresh", json!({})).await;
        after
    }

    async fn reviewed(&self, kind: FilingKind) {
        self.practice.center.set_review_rule(kind, ReviewRule::Officer).await.unwrap();
    }

    async fn bases(&self) -> FilingView {
        let draft = import(&self.desk, &self.practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
        sign(&self.desk, &draft, "clerk", "123456").await.unwrap()
    }
}

/// An application typed by hand, with a paper, not yet signed.
async fn application(desk: &Arc<Desk>, cells: &[(&str, &str)]) -> DraftView {
    let new = json!({ "kind": "deferral", "period": "2026-07" });
    let draft: DraftView = call(desk, "draft_new", new).await.unwrap();
    let set = |(field, text): &(&str, &str)| EditOp::Set { index: 0, field: (*field).into(), text: (*text).into() };
    let ops: Vec<EditOp> = cells.iter().map(set).collect();
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
    let draft: DraftView = call(desk, "draft_edit", args).await.unwrap();
    let ticket = desk.ticket_of_bytes("决议.pdf", b"%PDF-1.7 resolution".to_vec()).ticket;
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "ticket": ticket });
    call(desk, "draft_attach", args).await.unwrap()
}

const DEFER: &[(&str, &str)] = &[("change_kind", "缓缴"), ("to_month", "2026-09"), ("reason", "生产经营困难")];
const LOWER: &[(&str, &str)] = &[
    ("change_kind", "降低缴存比例"),
    ("to_month", "2026-08"),
    ("unit_ratio", "3%"),
    ("personal_ratio", "5%"),
    ("reason", "生产经营困难"),
];

async fn apply(desk: &Arc<Desk>, cells: &[(&str, &str)]) -> FilingView {
    let draft = application(desk, cells).await;
    assert_eq!(draft.blocking, 0, "{:?}", draft.summary);
    let filing = sign(desk, &draft, "clerk", "123456").await.unwrap();
    assert_eq!(filing.line.stage, FilingStage::InReview, "{:?}", filing.trouble);
    filing
}

async fn page(desk: &Arc<Desk>, draft: &DraftView) -> PageView {
    let filter = serde_json::to_value(GridFilter::default()).unwrap();
    call(desk, "draft_page", json!({ "draft": draft.draft, "page": 0, "filter": filter })).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_application_becomes_a_draft_again_with_its_papers() {
    let scene = Scene::open().await;
    let filed = apply(&scene.desk, DEFER).await;
    assert!(!filed.reopenable, "it waits");
    let reason = "决议缺少职工代表签字".to_owned();
    let refused = scene.decided(&filed, Decision::Refuse { reason: reason.clone() }).await;
    assert_eq!(refused.line.stage, FilingStage::Refused);
    let receipt = refused.receipt.as_ref().unwrap();
    assert!(receipt.valid && receipt.reason == reason, "the reason stands in the newest receipt");
    assert_eq!(refused.earlier_receipts.len(), 1, "after that of 审核中");
    assert!(refused.reopenable);
    let session: SessionView = scene.ask("refresh", json!({})).await;
    assert_eq!((session.deferral.as_str(), session.unit_status.as_str()), ("", "正常"), "nothing was granted");

    let id = json!({ "filing": filed.line.filing });
    let again: DraftView = scene.ask("filing_reopen", id.clone()).await;
    assert_eq!((again.blocking, again.rows), (0, 1), "{:?}", again.summary);
    assert_eq!(again.attachments.len(), 1, "the resolution is there again");
    let twice = call::<DraftView>(&scene.desk, "filing_reopen", id.clone()).await.unwrap_err();
    assert_eq!(twice.code, "desk-already-reopened", "once");
    let refiled = sign(&scene.desk, &again, "clerk", "123456").await.unwrap();
    assert_eq!(refiled.line.stage, FilingStage::InReview, "{:?}", refiled.trouble);
    let before: FilingView = scene.ask("filing", id).await;
    assert!(!before.reopenable && before.line.stage == FilingStage::Refused, "the refused one stays as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn granted_deferral_is_seen_everywhere_and_the_month_is_verified_all_the_same() {
    let scene = Scene::open().await;
    let filed = apply(&scene.desk, DEFER).await;
    let table: VerificationView = scene.ask("verification", json!({})).await;
    let waits = table.obstacles.iter().find(|one| one.code == "VERIFY-OPEN").unwrap();
    assert_eq!(waits.jump.as_ref().unwrap().screen, JumpScreen::Filing, "it leads to the application");
    let granted = scene.decided(&filed, Decision::Accept).await;
    assert_eq!(granted.line.stage, FilingStage::Settled);
    let session: SessionView = scene.ask("refresh", json!({})).await;
    assert_eq!((session.unit_status.as_str(), session.deferral.as_str()), ("缓缴", "缓缴：2026-07 至 2026-09"));
    let month: MonthView = scene.ask("month", json!({})).await;
    let end = month.deadlines.iter().find(|line| line.label.contains("缓缴期满")).unwrap();
    assert_eq!(end.on, "2026-09-30", "the last day of the term");
    let verified = order(&scene.desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap();
    assert_eq!(verified.line.stage, FilingStage::Settled, "{:?}", verified.trouble);

    let second = application(&scene.desk, DEFER).await;
    assert!(second.summary.iter().any(|line| line.code == "TERM-RUNS") || second.blocking > 0, "one term at a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn lower_ratios_are_in_the_list_that_is_verified() {
    let scene = Scene::open().await;
    let before: VerificationView = scene.ask("verification", json!({})).await;
    let filed = apply(&scene.desk, LOWER).await;
    scene.decided(&filed, Decision::Accept).await;
    let session: SessionView = scene.ask("refresh", json!({})).await;
    assert_eq!((session.unit_ratio.as_str(), session.personal_ratio.as_str()), ("3%", "5%"));
    assert_eq!(session.deferral, "降低缴存比例：2026-07 至 2026-08");
    let table: VerificationView = scene.ask("verification", json!({})).await;
    assert!(table.compared && table.differences.is_empty() && !table.blocked, "{:?}", table.obstacles);
    let due = |table: &VerificationView| table.tables[0].figures[4].amount.clone();
    let fen = |text: String| text.replace(['.', ','], "").parse::<i64>().unwrap();
    let (lower, whole) = (fen(due(&table)), fen(due(&before)));
    // Eight of sixteen percent, but for half yuan of 228 people and two sides.
    assert!((lower * 2 - whole).abs() <= 228 * 2 * 200, "{lower} of {whole}");
    assert_eq!(table.tables[0].figures[3].people, 228, "everybody is adjusted");
    let verified = order(&scene.desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap();
    assert_eq!(verified.line.stage, FilingStage::Settled, "{:?}", verified.trouble);
    let ratio: DraftView = scene.ask("draft_new", json!({ "kind": "ratio_adjustment", "period": "2026-07" })).await;
    assert!(ratio.summary.iter().any(|line| line.code == "TERM-RUNS"), "{:?}", ratio.summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_that_were_not_taken_become_a_draft_of_their_own() {
    let scene = Scene::open().await;
    scene.reviewed(FilingKind::BaseAdjustment).await;
    let filed = scene.bases().await;
    assert_eq!(filed.line.stage, FilingStage::InReview, "{:?}", filed.trouble);
    let row = |row, reason: &str| RefusedRow { row, reason: reason.into(), code: None };
    let rows = vec![row(0, "工资证明不清"), row(7, "与税务数据不符")];
    let partly = scene.decided(&filed, Decision::Partly { rows }).await;
    assert_eq!(partly.line.stage, FilingStage::PartlySettled);
    let said: Vec<_> = partly.row_results.iter().map(|one| (one.row, one.code.as_str())).collect();
    assert_eq!(said, [(Some(1), "REVIEW-REFUSED"), (Some(8), "REVIEW-REFUSED")]);
    assert!(partly.row_results[1].message.contains("与税务数据不符"), "{}", partly.row_results[1].message);
    assert!(partly.reopenable);

    let rest: DraftView = scene.ask("filing_reopen", json!({ "filing": filed.line.filing })).await;
    assert_eq!((rest.rows, rest.blocking, rest.kind.as_str()), (2, 0, "base_adjustment"), "{:?}", rest.summary);
    assert_eq!(page(&scene.desk, &rest).await.rows.len(), 2, "the two, and nobody else");
    let home: HomeView = scene.ask("home", json!({})).await;
    assert_eq!(home.drafts.len(), 1);
    let delete = json!({ "draft": rest.draft });
    scene.ask::<HomeView>("draft_delete", delete).await;
    let again: DraftView = scene.ask("filing_reopen", json!({ "filing": filed.line.filing })).await;
    assert_eq!(again.rows, 2, "thrown away, it may be made once more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_whole_can_be_filed_as_it_is() {
    let scene = Scene::open().await;
    scene.reviewed(FilingKind::BaseAdjustment).await;
    let filed = scene.bases().await;
    let refused = scene.decided(&filed, Decision::Refuse { reason: "材料不全".into() }).await;
    let again: DraftView = scene.ask("filing_reopen", json!({ "filing": refused.line.filing })).await;
    assert_eq!((again.rows, again.blocking), (filed.rows, 0), "{:?}", again.summary);
    let again = settle(&scene.desk, again).await.unwrap();
    let refiled = sign(&scene.desk, &again, "clerk", "123456").await.unwrap();
    let sums = |filing: &FilingView| (filing.totals.people, filing.totals.before.clone(), filing.totals.after.clone());
    assert_eq!(sums(&refiled), sums(&filed), "the same figures");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_base_adjustment_stands_in_the_way_of_a_verification() {
    let scene = Scene::open().await;
    scene.reviewed(FilingKind::BaseAdjustment).await;
    let filed = scene.bases().await;
    scene.ask::<SessionView>("refresh", json!({})).await;
    let table: VerificationView = scene.ask("verification", json!({})).await;
    assert!(table.blocked, "{:?}", table.obstacles);
    let refused = order(&scene.desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap_err();
    assert_eq!(refused.code, "VERIFY-OPEN");
    let home: HomeView = scene.ask("home", json!({})).await;
    assert_eq!(home.filings.len(), 1, "nothing was signed");
    scene.decided(&filed, Decision::Accept).await;
    let verified = order(&scene.desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap();
    assert_eq!(verified.line.stage, FilingStage::Settled, "with the new bases: {:?}", verified.trouble);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_for_a_revoked_month_pays_nothing() {
    let scene = Scene::open().await;
    let verified = order(&scene.desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap();
    let july = json!({ "order": "pay", "pays": ["month:2026-07"], "method": "transfer" });
    let review: ReviewView = scene.ask("order_review", json!({ "order": july })).await;
    // A colleague at another computer revokes it between review and signature.
    let gone = json!({ "filing": verified.line.filing, "reason": "有误", "certificate": "clerk", "pin": "123456" });
    let gone: FilingView = scene.ask("filing_withdraw", gone).await;
    assert_eq!(gone.line.stage, FilingStage::Withdrawn);
    let late = sign_order(&scene.desk, &july, &review).await.unwrap_err();
    assert_eq!(late.code, "desk-not-due", "{late:?}");
    let payments: PaymentsView = scene.ask("payments", json!({})).await;
    assert!(payments.orders.is_empty() && payments.dues.is_empty(), "no order came of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_practice_the_officer_decides() {
    let folder = TempDir::new().unwrap();
    let desk = desk_of(folder.path(), Path::new(WORKER), Some(Arc::new(Door::default())));
    desk.enter_demo().await.unwrap();
    let decide = |filing: &FilingView, decision: &str| {
        let act = json!({ "act": { "act": "decide", "filing": filing.line.filing, "decision": decision } });
        let (desk, id) = (desk.clone(), json!({ "filing": filing.line.filing }));
        async move {
            call::<Value>(&desk, "practice", act).await?;
            call::<FilingView>(&desk, "filing", id).await
        }
    };
    let first = apply(&desk, DEFER).await;
    let partly = decide(&first, "partly").await.unwrap_err();
    assert_eq!(partly.code, "demo-undecided", "of one row there is no part");
    let refused = decide(&first, "refuse").await.unwrap();
    assert_eq!(refused.line.stage, FilingStage::Refused, "{:?}", refused.history);
    let second = apply(&desk, LOWER).await;
    let granted = decide(&second, "accept").await.unwrap();
    assert_eq!(granted.line.stage, FilingStage::Settled);
    assert_eq!(decide(&second, "accept").await.unwrap_err().code, "demo-undecided", "decided once");
    let review = json!({ "act": { "act": "review", "kind": "payment", "officer": true } });
    assert_eq!(call::<Value>(&desk, "practice", review).await.unwrap_err().code, "demo-undecided");
}
