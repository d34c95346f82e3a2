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
    ColumnValues, DraftView, EditOp, Exported, FilingStage, FilingView, FindingsView, HomeView, PageView, PreviewView,
    Replaced, ReviewView, SessionView,
};
use huijiao_tests::{PASSPHRASE, call, closed, desk, import, locked_desk, settle, sign};
use rusqlite::Connection;
use serde_json::{Value, json};
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
    assert_eq!(review.groups.iter().map(|group| group.people).sum::<u32>(), 228);
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
    let number = &receipt.filing_number;
    let told = filing.history.iter().any(|(_, what)| what.contains(number.as_str()));
    assert!(told, "业务流水号 is nobody's ID number and stands there whole: {:?}", filing.history);

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
async fn the_digest_that_a_review_shows_is_of_the_very_bytes_that_are_signed() {
    let scene = Scene::open().await;
    let draft = scene.import(workbooks::CLEAN).await;
    let review = async || -> ReviewView { call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap() };
    let shown = review().await.digest;
    assert_eq!(shown.len(), 64, "there is one before anybody signs: {shown}");
    assert_eq!(review().await.digest, shown, "looking again changes nothing");
    let sign = async |revision: u64, digest: &str, pin: &str| {
        let args = json!({
            "draft": draft.draft, "revision": revision, "digest": digest, "certificate": "clerk", "pin": pin,
        });
        call::<FilingView>(&scene.desk, "sign_and_submit", args).await
    };
    let other = "0".repeat(64);
    assert_eq!(sign(draft.revision, &other, "123456").await.unwrap_err().code, "desk-content-moved");
    assert_eq!(sign(draft.revision, &shown, "000000").await.unwrap_err().code, "sign-wrong-pin");
    assert_eq!(review().await.digest, shown, "a PIN that was mistyped changes nothing of what is signed");

    let ops = json!([{ "op": "set", "index": 0, "field": "new_base", "text": "7000" }]);
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
    let edited: DraftView = call(&scene.desk, "draft_edit", args).await.unwrap();
    let edited = settle(&scene.desk, edited).await.unwrap();
    let stale = sign(edited.revision, &shown, "123456").await.unwrap_err();
    assert_eq!(stale.code, "desk-content-moved", "what was shown is not what would be signed");
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert!(home.filings.is_empty(), "none of that signed anything");
    let anew = review().await.digest;
    assert_ne!(anew, shown);
    let filing = sign(edited.revision, &anew, "123456").await.unwrap();
    assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
    assert_eq!(filing.digest, anew, "it stands on the filing");

    // What somebody else's program takes out of the signed file is what the digest was of.
    let exported: Exported = call(&scene.desk, "filing_export", json!({ "filing": filing.line.filing })).await.unwrap();
    let check =
        "openssl cms -verify -inform DER -in filing.p7m -CAfile ca.pem -binary -out content && sha256sum content";
    let output = Command::new("sh").args(["-c", check]).current_dir(&exported.folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with(&anew), "by the very bytes");
    let told =
        Command::new("pdftotext").args(["-layout", "单证.pdf", "-"]).current_dir(&exported.folder).output().unwrap();
    assert!(String::from_utf8(told.stdout).unwrap().replace(['\n', ' '], "").contains(&anew[..32]), "and on paper");
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
    closed(first).await;

    let second = desk(folder.path(), Path::new(WORKER));
    second.enter(practice.connection()).await.unwrap();
    let again: DraftView = call(&second, "draft", json!({ "draft": edited.draft })).await.unwrap();
    assert_eq!((again.revision, again.can_undo), (edited.revision, true), "nothing is lost on closing");
    let args = json!({ "draft": again.draft, "revision": again.revision });
    let undone: DraftView = call(&second, "draft_undo", args).await.unwrap();
    assert!(!undone.can_undo && undone.can_redo);
}

/// Every change of a draft that is filled in by hand, and what stands in it.
struct ByHand(Arc<Desk>, DraftView);

impl ByHand {
    async fn new(desk: &Arc<Desk>, kind: &str) -> Self {
        let args = json!({ "kind": kind, "period": "2026-07" });
        Self(desk.clone(), call(desk, "draft_new", args).await.unwrap())
    }

    async fn take(&mut self, command: &str, ops: &[EditOp]) -> (u32, u32) {
        let args = json!({ "draft": self.1.draft, "revision": self.1.revision, "ops": ops });
        self.1 = call(&self.0, command, args).await.unwrap();
        (self.1.rows, self.1.blocking)
    }

    /// The texts of every row, on every page.
    async fn texts(&self) -> Vec<Vec<String>> {
        let mut texts = Vec::new();
        for page in 0..self.1.rows.div_ceil(200) {
            let args = json!({ "draft": self.1.draft, "page": page });
            let page: PageView = call(&self.0, "draft_page", args).await.unwrap();
            texts.extend(page.rows.into_iter().map(|row| row.cells));
        }
        texts
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_pasted_into_a_blank_draft_is_one_step_before_and_after_a_restart() {
    const ROWS: u32 = 2_000;
    const FIELDS: [&str; 14] = [
        "name",
        "id_type",
        "id_number",
        "sex",
        "birth_date",
        "mobile",
        "bank_card",
        "new_base",
        "wage",
        "unit_ratio",
        "personal_ratio",
        "department",
        "remark",
        "personal_account",
    ];
    let scene = Scene::open().await;
    let mut draft = ByHand::new(&scene.desk, "contributor_registration").await;
    assert!(draft.1.by_hand && draft.1.rows > 0, "rows are there to be filled in");
    let said: Vec<&str> = draft.1.summary.iter().map(|count| count.code.as_str()).collect();
    assert_eq!((said, draft.1.totals.people), (vec!["SHEET-EMPTY"], 0), "and an empty row is nobody");
    let blank = draft.1.rows;
    assert_eq!(draft.take("draft_edit", &[EditOp::Add { rows: 5 }]).await, (blank + 5, 1));
    assert_eq!(draft.take("draft_undo", &[]).await, (blank, 1), "added rows are taken back like any step");

    let mut paste = vec![EditOp::Add { rows: ROWS - blank }];
    for index in 0..ROWS {
        let set = |field: &&str| EditOp::Set { index, field: (*field).into(), text: format!("{field} {index}") };
        paste.extend(FIELDS.iter().map(set));
    }
    let before = draft.1.revision;
    let (rows, blocking) = draft.take("draft_edit", &paste).await;
    assert_eq!((rows, draft.1.revision), (ROWS, before + 1), "28 000 cells and the room for them: one step");
    assert!(blocking >= ROWS, "every row is judged: none of this is an ID number");
    let pasted = draft.texts().await;
    assert_eq!(pasted[1_999][0], "name 1999", "the last row came too");
    assert_eq!(draft.take("draft_undo", &[]).await, (blank, 1), "one undo takes all of it back");
    assert!(draft.texts().await.iter().flatten().all(String::is_empty), "nothing is left in the first rows");
    assert_eq!(draft.take("draft_redo", &[]).await, (ROWS, blocking));
    assert_eq!(draft.texts().await, pasted, "and brings it again as it was");

    let refused = EditOp::Set { index: ROWS, field: "name".into(), text: "甲".into() };
    let args =
        json!({ "draft": draft.1.draft, "revision": draft.1.revision, "ops": [refused, EditOp::Add { rows: 1 }] });
    let error = call::<DraftView>(&scene.desk, "draft_edit", args).await.unwrap_err();
    assert_eq!(error.code, "desk-no-such-cell", "a row is filled in once it is there, not before");
    let args = json!({ "draft": draft.1.draft, "revision": draft.1.revision, "ops": [EditOp::Add { rows: u32::MAX }] });
    let error = call::<DraftView>(&scene.desk, "draft_edit", args).await.unwrap_err();
    assert_eq!(error.code, "desk-no-room", "no filing has that many rows");
    let imported = scene.import(workbooks::CLEAN).await;
    let args = json!({ "draft": imported.draft, "revision": imported.revision, "ops": [EditOp::Add { rows: 1 }] });
    let error = call::<DraftView>(&scene.desk, "draft_edit", args).await.unwrap_err();
    assert_eq!(error.code, "desk-no-room", "the row below a workbook's last is another one of the workbook");

    let Scene { folder, practice, desk: first } = scene;
    let ByHand(held, view) = draft;
    drop((first, held));
    let second = desk(folder.path(), Path::new(WORKER));
    second.enter(practice.connection()).await.unwrap();
    let again: DraftView = call(&second, "draft", json!({ "draft": view.draft })).await.unwrap();
    assert_eq!((again.rows, again.blocking, again.can_undo), (ROWS, blocking, true), "nothing is lost on closing");
    let mut draft = ByHand(second, again);
    assert_eq!(draft.texts().await, pasted);
    assert_eq!(draft.take("draft_undo", &[]).await, (blank, 1), "undone after the restart");

    let ByHand(held, view) = draft;
    drop(held);
    let third = desk(folder.path(), Path::new(WORKER));
    third.enter(practice.connection()).await.unwrap();
    let again: DraftView = call(&third, "draft", json!({ "draft": view.draft })).await.unwrap();
    assert_eq!((again.rows, again.can_undo, again.can_redo), (blank, false, true), "the rows are gone from the store");
    let mut draft = ByHand(third, again);
    assert_eq!(draft.take("draft_redo", &[]).await, (ROWS, blocking));
    assert_eq!(draft.texts().await, pasted, "and redone after another");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clerk_goes_on_while_the_center_is_asked_about_people() {
    let scene = Scene::open().await;
    let mut draft = ByHand::new(&scene.desk, "contributor_registration").await;
    let set = |index, field: &str, text: &str| EditOp::Set { index, field: field.into(), text: text.into() };
    let today = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut numbers = "0123456789X".chars().map(|check| format!("11010119900307077{check}"));
    let stranger = numbers.find(|id| huijiao_domain::identity::ResidentId::parse(id, today).is_ok()).unwrap();
    draft.take("draft_edit", &[set(0, "name", "赵一诺"), set(0, "id_number", &stranger)]).await;
    let asked = |draft: &ByHand| draft.1.summary.iter().any(|count| count.code == "LOOKUP-MISSING");
    assert!(asked(&draft), "{:?}", draft.1.summary);
    let seen = draft.1.revision;
    let learned: DraftView = call(&scene.desk, "draft_lookup", json!({ "draft": draft.1.draft })).await.unwrap();
    assert!(learned.revision > seen && learned.summary.iter().all(|count| count.code != "LOOKUP-MISSING"));
    assert_eq!(draft.take("draft_edit", &[set(0, "mobile", "13800000001")]).await.0, draft.1.rows);
    assert!(!asked(&draft), "what was typed on the rows of before is taken, and what was learned is kept");
    let late = json!({ "draft": draft.1.draft, "revision": seen, "ops": [set(0, "remark", "晚了")] });
    let error = call::<DraftView>(&scene.desk, "draft_edit", late).await.unwrap_err();
    assert_eq!(error.code, "desk-draft-stale", "what was typed on rows that have changed since is not");
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
    closed(first).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_filing_goes_on_as_the_draft_it_was() {
    let scene = Scene::open().await;
    let draft = scene.import(workbooks::CLEAN).await;
    let ops = json!([{ "op": "set", "index": 0, "field": "remark", "text": "核对过" }]);
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
    let edited: DraftView = call(&scene.desk, "draft_edit", args).await.unwrap();
    scene.practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let unknown = scene.sign(&edited).await;
    let reopen = json!({ "filing": unknown.line.filing });
    let error = call::<DraftView>(&scene.desk, "filing_reopen", reopen).await.unwrap_err();
    assert_eq!(error.code, "desk-not-refused", "it may be accepted already: no second filing of it");
    let error = call::<HomeView>(&scene.desk, "draft_delete", json!({ "draft": draft.draft })).await.unwrap_err();
    assert_eq!(error.code, "store-frozen", "a page left open cannot throw away what is on its way");
    let asked: FilingView = call(&scene.desk, "ask", json!({ "filing": unknown.line.filing })).await.unwrap();
    assert_eq!(asked.line.stage, FilingStage::Settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_renamed_at_the_center_while_a_draft_is_open_is_filed_for_under_its_new_name() {
    let scene = Scene::open().await;
    let draft = scene.import(workbooks::CLEAN).await;
    let rename = |name: &str| {
        let books = Connection::open(scene.folder.path().join("practice/center/center.db")).unwrap();
        let account = scene.practice.unit_account;
        let renamed = books.execute("update unit set name = ?1 where account = ?2", (name, account)).unwrap();
        assert_eq!(renamed, 1, "the center's own register");
    };
    let review = async || -> ReviewView { call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap() };
    let sign = async |revision: u64, digest: &str| {
        let args = json!({
            "draft": draft.draft, "revision": revision, "digest": digest, "certificate": "clerk", "pin": "123456",
        });
        call::<FilingView>(&scene.desk, "sign_and_submit", args).await
    };

    // Nobody here knows of it: the center does not take a name that it no longer has.
    rename("演示市晨光电气有限公司");
    let first = sign(draft.revision, &review().await.digest).await.unwrap();
    assert_eq!(first.line.stage, FilingStage::Refused, "{:?}", first.trouble);
    assert_eq!(scene.session().await.unit_name, "演示市晨光电气有限公司", "the refusal brought the name of now");
    let reopen = json!({ "filing": first.line.filing });
    let open: DraftView = call(&scene.desk, "filing_reopen", reopen).await.unwrap();
    assert_eq!((open.draft.as_str(), open.rows), (draft.draft.as_str(), draft.rows), "nothing typed is lost");

    // Heard of between review and PIN: what was shown is not what would be signed.
    let shown = review().await;
    assert_eq!(shown.unit_name, "演示市晨光电气有限公司");
    rename("演示市晨光科技有限公司");
    let _: SessionView = call(&scene.desk, "refresh", json!({})).await.unwrap();
    assert_eq!(sign(open.revision, &shown.digest).await.unwrap_err().code, "desk-content-moved");
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert_eq!(home.filings.len(), 1, "nothing more was signed");
    let anew = review().await;
    assert_eq!(anew.unit_name, "演示市晨光科技有限公司");
    let filed = sign(open.revision, &anew.digest).await.unwrap();
    assert_eq!((filed.line.stage, filed.unit_name.as_str()), (FilingStage::Settled, "演示市晨光科技有限公司"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_no_change() {
    let scene = Scene::open().await;
    let draft = scene.import(workbooks::FAULTS).await;
    let asked = json!({ "draft": draft.draft, "revision": draft.revision });
    let with = |more: serde_json::Value| {
        let mut args = asked.clone();
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let code = |fixable: bool| draft.summary.iter().find(|c| (c.fixable > 0) == fixable).unwrap().code.clone();
    let unfixable: DraftView = call(&scene.desk, "draft_fix", with(json!({ "code": code(false) }))).await.unwrap();
    assert_eq!((unfixable.revision, unfixable.can_undo), (draft.revision, false), "there was nothing to fix");
    let unconfirmed: DraftView =
        call(&scene.desk, "draft_confirm", with(json!({ "code": code(false) }))).await.unwrap();
    assert_eq!(unconfirmed.revision, draft.revision, "it was not confirmed before either");
    let idle: DraftView = call(&scene.desk, "draft_edit", with(json!({ "ops": [] }))).await.unwrap();
    assert_eq!(idle.revision, draft.revision);
    let error = call::<DraftView>(&scene.desk, "draft_undo", asked.clone()).await.unwrap_err();
    assert_eq!(error.code, "desk-no-step");
    let fixed: DraftView = call(&scene.desk, "draft_fix", with(json!({ "code": code(true) }))).await.unwrap();
    assert_eq!((fixed.revision, fixed.can_undo), (draft.revision + 1, true), "a fix is a change");
}

#[tokio::test(flavor = "multi_thread")]
async fn header_rows_that_cannot_be_are_refused_at_once() {
    let scene = Scene::open().await;
    let ticket = scene.desk.ticket_of_file(&scene.practice.workbook_folder.join(workbooks::CLEAN)).unwrap().ticket;
    for rows in [[1, u32::MAX], [0, 0], [3, 1]] {
        let choice = json!({ "choice": { "ticket": ticket, "header_rows": rows } });
        let error = call::<PreviewView>(&scene.desk, "import_preview", choice).await.unwrap_err();
        assert_eq!(error.code, "sheet-header-rows", "{rows:?}");
    }
    let choice = json!({ "choice": { "ticket": ticket } });
    let preview: PreviewView = call(&scene.desk, "import_preview", choice).await.unwrap();
    assert_eq!(preview.header_rows, Some((1, 1)), "the workbook is still at hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_workbooks_sent_by_a_browser_the_last_few_are_kept() {
    let scene = Scene::open().await;
    let bytes = std::fs::read(scene.practice.workbook_folder.join(workbooks::CLEAN)).unwrap();
    let tickets: Vec<String> =
        (0..4).map(|n| scene.desk.ticket_of_bytes(&format!("{n}.xlsx"), bytes.clone()).ticket).collect();
    for (ticket, kept) in tickets.iter().zip([false, true, true, true]) {
        let choice = json!({ "choice": { "ticket": ticket } });
        let preview = call::<PreviewView>(&scene.desk, "import_preview", choice).await;
        match preview {
            Ok(_) => assert!(kept, "fifty of fifty megabytes would fill the memory"),
            Err(error) => assert!(!kept && error.code == "desk-ticket-gone", "{}", error.code),
        }
    }
}

#[test]
fn data_whose_key_is_gone_is_given_no_new_one() {
    let folder = TempDir::new().unwrap();
    let first = desk(folder.path(), Path::new(WORKER));
    first.unlock(PASSPHRASE).expect("entered twice in haste: the data is open, and not in use by somebody else");
    drop(first);
    let key = folder.path().join("desk/practice/data/key");
    std::fs::rename(&key, folder.path().join("elsewhere")).unwrap();

    let second = locked_desk(folder.path(), Path::new(WORKER));
    assert_eq!(second.start().unwrap_err().code(), "desk-key-lost", "it does not look like a first start");
    assert_eq!(second.set_passphrase("又一个新的口令").unwrap_err().code(), "desk-key-lost");
    assert!(!key.exists(), "no new key stands where the right one belongs");
    std::fs::rename(folder.path().join("elsewhere"), &key).unwrap();
    second.unlock(PASSPHRASE).expect("the right key opens the data as ever");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_given_up_and_the_desk_answers_meanwhile() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let worker = huijiao_tests::silent_worker(folder.path());
    let desk = desk(folder.path(), &worker);
    desk.enter(practice.connection()).await.unwrap();
    let (book, reader) = (practice.workbook_folder.join(workbooks::CLEAN), desk.clone());
    let import = tokio::spawn(async move { import(&reader, &book, "2026-07").await });
    while !folder.path().join("silent-worker.started").exists() {
        tokio::task::yield_now().await;
    }
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    assert!(home.drafts.is_empty(), "a workbook that is being read holds nobody up");
    assert!(!import.is_finished(), "it is still being read");
    let () = call(&desk, "step_cancel", json!({})).await.unwrap();
    assert_eq!(import.await.unwrap().map(|_| ()).unwrap_err().code, "sheet-cancelled");
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    assert!(home.drafts.is_empty(), "and nothing was imported");
    let () = call(&desk, "step_cancel", json!({})).await.expect("nothing to give up is fine");
}

/// The draft of everybody on the roster, whose new bases wait to be filled in.
async fn of_roster(scene: &Scene) -> DraftView {
    let args = json!({ "kind": "base_adjustment", "period": "2026-07", "with_roster": true });
    call(&scene.desk, "draft_new", args).await.unwrap()
}

async fn rows_behind(scene: &Scene, draft: &str, filter: Value) -> u32 {
    call::<DraftView>(&scene.desk, "draft", json!({ "draft": draft, "filter": filter })).await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_begins_with_the_roster_is_filtered_by_columns_and_texts_are_replaced() {
    let scene = Scene::open().await;
    let refused = json!({ "kind": "status_change", "period": "2026-07", "with_roster": true });
    let error = call::<DraftView>(&scene.desk, "draft_new", refused).await.unwrap_err();
    assert_eq!(error.code, "desk-bad-arguments", "not everybody is sealed at once");

    let draft = of_roster(&scene).await;
    let all = draft.rows;
    assert!(all > 200 && draft.totals.people == 0 && draft.blocking >= all, "no new base is made up: {draft:?}");
    let page: PageView = call(&scene.desk, "draft_page", json!({ "draft": draft.draft, "page": 0 })).await.unwrap();
    let place = |field: &str| draft.columns.iter().position(|column| column.field == field).unwrap();
    let (name, old) = (page.rows[0].cells[place("name")].clone(), page.rows[0].cells[place("old_base")].clone());
    assert!(!name.is_empty() && !old.is_empty() && page.rows[0].edited.is_empty(), "what is changed will show");

    let id = draft.draft.as_str();
    let between = json!({ "test": "between", "field": "old_base", "least": old, "most": old });
    let same_base = rows_behind(&scene, id, json!({ "columns": [between] })).await;
    let named = json!({ "test": "one_of", "field": "name", "texts": [name] });
    let both = rows_behind(&scene, id, json!({ "columns": [between, named] })).await;
    assert!(0 < both && both <= same_base && same_base < all, "{both} of {same_base} of {all}: each narrows");
    let contains = json!({ "columns": [{ "test": "contains", "field": "name", "text": &name[..3] }] });
    assert!((1..all).contains(&rows_behind(&scene, id, contains).await));
    let surname = rows_behind(&scene, id, json!({ "find": "张" })).await;
    let spelled = rows_behind(&scene, id, json!({ "find": "Zhang" })).await;
    assert!((1..all).contains(&surname) && (surname..all).contains(&spelled), "{surname} 张, {spelled} spelled zhang");
    for nothing in [
        json!({ "test": "between", "field": "old_base", "least": "六千", "most": null }),
        json!({ "test": "one_of", "field": "no_such_column", "texts": [""] }),
    ] {
        assert_eq!(
            rows_behind(&scene, id, json!({ "columns": [nothing] })).await,
            0,
            "not understood is not everybody"
        );
    }
    let values = json!({ "draft": id, "field": "old_base", "filter": { "columns": [between, named] } });
    let values: ColumnValues = call(&scene.desk, "draft_values", values).await.unwrap();
    let told: u32 = values.values.iter().map(|value| value.rows).sum();
    let of_name = rows_behind(&scene, id, json!({ "columns": [named] })).await;
    assert_eq!((told, values.more), (of_name, 0), "what the column's own filter hides can be chosen again");

    let replacing = |revision: u64, dry: bool| {
        let replacement = json!({ "field": "old_base", "find": old, "with": "", "whole": true, "dry": dry });
        json!({ "draft": id, "revision": revision, "filter": {}, "replacement": replacement })
    };
    let tried: Replaced = call(&scene.desk, "draft_replace", replacing(draft.revision, true)).await.unwrap();
    assert_eq!((tried.cells, tried.view.revision), (same_base, draft.revision), "asking changes nothing");
    let done: Replaced = call(&scene.desk, "draft_replace", replacing(draft.revision, false)).await.unwrap();
    assert_eq!((done.cells, done.view.can_undo), (same_base, true));
    let empty = json!({ "columns": [{ "test": "one_of", "field": "old_base", "texts": [""] }] });
    assert_eq!(rows_behind(&scene, id, empty.clone()).await, same_base, "those and no others");
    let stale = call::<Replaced>(&scene.desk, "draft_replace", replacing(draft.revision, false)).await.unwrap_err();
    assert_eq!(stale.code, "desk-draft-stale", "what she has not seen she does not change");
    let undo = json!({ "draft": id, "revision": done.view.revision });
    call::<DraftView>(&scene.desk, "draft_undo", undo).await.unwrap();
    assert_eq!(rows_behind(&scene, id, empty).await, 0, "undone as one step");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_draft_deleted_last_comes_back_as_it_was() {
    let scene = Scene::open().await;
    let (first, second) = (of_roster(&scene).await, of_roster(&scene).await);
    let deleted = |draft: &DraftView| json!({ "draft": draft.draft });
    for draft in [&first, &second] {
        call::<HomeView>(&scene.desk, "draft_delete", deleted(draft)).await.unwrap();
    }
    let error = call::<HomeView>(&scene.desk, "draft_restore", deleted(&first)).await.unwrap_err();
    assert_eq!(error.code, "desk-draft-gone", "one is kept, not all that ever were");
    let home: HomeView = call(&scene.desk, "draft_restore", deleted(&second)).await.unwrap();
    let names: Vec<&str> = home.drafts.iter().map(|line| line.draft.as_str()).collect();
    assert_eq!(names, [second.draft.as_str()]);
    let again: DraftView = call(&scene.desk, "draft", json!({ "draft": second.draft })).await.unwrap();
    assert_eq!((again.rows, again.blocking), (second.rows, second.blocking));
    let error = call::<HomeView>(&scene.desk, "draft_restore", deleted(&second)).await.unwrap_err();
    assert_eq!(error.code, "desk-draft-gone", "once");
}
