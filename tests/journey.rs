//! The whole way once, with nothing faked: a workbook, the checks, the fixes, a signature, a real center over TLS, a
//! receipt that openssl accepts too.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use huijiao_center::{Fault, Target};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    DraftView, Exported, FilingStage, FilingView, FindingsView, HomeView, PageView, ReviewView, SessionView,
};
use huijiao_tests::{call, desk, import, settle, sign};
use serde_json::json;
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

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
        desk.enter(practice.connection()).await.unwrap();
        Self { folder, practice, desk }
    }

    async fn import(&self, book: &str) -> DraftView {
        import(&self.desk, &self.practice.workbook_folder.join(book), "2026-07").await.unwrap()
    }

    async fn sign(&self, draft: &DraftView) -> FilingView {
        sign(&self.desk, draft, "clerk", "123456").await.unwrap()
    }

    async fn session(&self) -> SessionView {
        call::<HomeView>(&self.desk, "home", json!({})).await.unwrap().session
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_workbook_to_a_verified_receipt() {
    let scene = Scene::open().await;
    let before = scene.session().await;
    assert_eq!(before.connection, "reachable", "the practice center is on this machine");
    assert_eq!(before.operator, "王晓敏", "the certificate says who works here");

    let draft = scene.import(workbooks::CLEAN).await;
    assert_eq!(
        (draft.blocking, draft.unconfirmed),
        (0, 0),
        "the clean workbook has nothing to mend: {:?}",
        draft.summary
    );

    let review: ReviewView = call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap();
    assert!(review.obstacles.is_empty());
    assert_eq!(review.totals.people, 228, "everybody who is not sealed");
    assert_eq!(review.raised + review.lowered + review.unchanged, 228);
    let usable: Vec<&str> = review.certificates.iter().filter(|c| c.usable).map(|c| c.certificate.as_str()).collect();
    assert_eq!(usable, ["clerk"], "the approver's certificate is not offered to the clerk");

    let filing = scene.sign(&draft).await;
    assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
    let receipt = filing.receipt.as_ref().unwrap();
    assert!(receipt.valid, "{:?}", receipt.steps);
    assert!(filing.trouble.is_none());

    let after = scene.session().await;
    assert!(
        after.roster.unwrap().version > before.roster.unwrap().version,
        "the new bases are in the local roster without a refresh"
    );
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert!(home.drafts.is_empty(), "what was filed is no draft any more");
    assert_eq!(home.filings.len(), 1);

    let exported: Exported = call(&scene.desk, "filing_export", json!({ "filing": filing.line.filing })).await.unwrap();
    for file in ["filing.p7m", "receipt.p7m"] {
        let status = Command::new("openssl")
            .args(["cms", "-verify", "-inform", "DER", "-in", file, "-CAfile", "ca.pem", "-out", "content"])
            .current_dir(&exported.folder)
            .output()
            .unwrap();
        assert!(status.status.success(), "openssl on {file}: {}", String::from_utf8_lossy(&status.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_faults_are_found_mended_and_undone() {
    let scene = Scene::open().await;
    let source = scene.practice.workbook_folder.join(workbooks::FAULTS);
    let bytes = std::fs::read(&source).unwrap();
    let draft = scene.import(workbooks::FAULTS).await;
    let findings: FindingsView = call(&scene.desk, "draft_findings", json!({ "draft": draft.draft })).await.unwrap();
    for planted in &workbooks::PLANTED {
        let found = findings.findings.iter().any(|f| {
            f.code == planted.code.as_str()
                && f.row == Some(planted.row)
                && f.column.as_deref() == Some(planted.column.to_string().as_str())
        });
        assert!(found, "{} at {}{} was not found", planted.code.as_str(), planted.column, planted.row);
    }
    let refused = sign(&scene.desk, &draft, "clerk", "123456").await.unwrap_err();
    assert_eq!(refused.code, "desk-obstacles", "nothing with errors can be signed");

    let mended = settle(&scene.desk, draft.clone()).await.unwrap();
    assert_eq!((mended.blocking, mended.unconfirmed), (0, 0), "{:?}", mended.summary);
    assert_eq!(std::fs::read(&source).unwrap(), bytes, "the clerk's own file is never touched");

    let mut undone = mended;
    while undone.can_undo {
        let args = json!({ "draft": undone.draft, "revision": undone.revision });
        undone = call(&scene.desk, "draft_undo", args).await.unwrap();
    }
    assert_eq!(undone.blocking, draft.blocking, "undoing every step brings every fault back");
    let mut redone = undone;
    while redone.can_redo {
        let args = json!({ "draft": redone.draft, "revision": redone.revision });
        redone = call(&scene.desk, "draft_redo", args).await.unwrap();
    }
    assert_eq!(redone.blocking, 0, "and redoing mends them again");
    let filing = scene.sign(&redone).await;
    assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erp_export_with_titles_and_sums_goes_through() {
    let scene = Scene::open().await;
    let draft = scene.import(workbooks::ERP).await;
    assert_eq!(draft.blocking, 0, "{:?}", draft.summary);
    let page: PageView = call(&scene.desk, "draft_page", json!({ "draft": draft.draft, "page": 0 })).await.unwrap();
    assert_eq!(page.total, 228, "titles, 小计, 合计 and footers are no people");
    let draft = settle(&scene.desk, draft).await.unwrap();
    assert_eq!(scene.sign(&draft).await.line.stage, FilingStage::Settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_survives_the_program_with_its_undo_log() {
    let scene = Scene::open().await;
    let draft = scene.import(workbooks::CLEAN).await;
    let ops = json!([{ "op": "set", "index": 0, "field": "remark", "text": "核对过" }]);
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
    let edited: DraftView = call(&scene.desk, "draft_edit", args).await.unwrap();
    assert!(edited.can_undo);
    let Scene { folder, practice, desk: first } = scene;
    drop(first);

    let second = desk(folder.path(), Path::new(WORKER));
    second.enter(practice.connection()).await.unwrap();
    let again: DraftView = call(&second, "draft", json!({ "draft": edited.draft })).await.unwrap();
    assert_eq!((again.revision, again.can_undo), (edited.revision, true), "nothing is lost on closing");
    let args = json!({ "draft": again.draft, "revision": again.revision });
    let undone: DraftView = call(&second, "draft_undo", args).await.unwrap();
    assert!(!undone.can_undo && undone.can_redo);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_on_the_way_is_asked_for_and_nothing_is_filed_twice() {
    let scene = Scene::open().await;
    let draft = scene.import(workbooks::CLEAN).await;
    scene.practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let filing = scene.sign(&draft).await;
    assert_eq!(filing.line.stage, FilingStage::Unknown, "sent, no answer: neither accepted nor failed");
    assert!(filing.receipt.is_none());
    let asked: FilingView = call(&scene.desk, "ask", json!({ "filing": filing.line.filing })).await.unwrap();
    assert_eq!(asked.line.stage, FilingStage::Settled);
    assert!(asked.receipt.unwrap().valid);
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert_eq!(home.filings.len(), 1, "one filing, whatever the network did");
    assert_eq!(scene.session().await.roster.unwrap().version, 2, "the center booked it once");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_center_work_goes_on_with_the_local_copy() {
    let Scene { folder, practice, desk: first } = Scene::open().await;
    drop(first);
    let connection = practice.connection();
    practice.center.shutdown().await;

    let desk = desk(folder.path(), Path::new(WORKER));
    let session = desk.enter(connection).await.unwrap();
    assert_eq!(session.connection, "net-unreachable", "and the screen says so");
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    assert_eq!(draft.blocking, 0, "checked against the roster of yesterday");
    let filing = sign(&desk, &draft, "clerk", "123456").await.unwrap();
    assert_eq!(filing.line.stage, FilingStage::Signed, "surely not sent: it waits, signed, on this computer");
    assert_eq!(filing.trouble.unwrap().code, "net-unreachable");
}
