//! A filing taken back at the desk: signed, kept, sent, and asked for again when nobody knows.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;

use huijiao_center::{Fault, Target};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{FilingStage, FilingView};
use huijiao_tests::{call, desk, import, sign};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

fn withdrawal(filing: &FilingView, reason: &str) -> Value {
    json!({ "filing": filing.line.filing, "reason": reason, "certificate": "clerk", "pin": "123456" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_whose_answer_was_lost_is_settled_by_asking() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let desk = desk(folder.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let filed = sign(&desk, &draft, "clerk", "123456").await.unwrap();
    assert!(filed.withdrawable && !filed.withdrawing, "the center may let it go");

    let silent = call::<FilingView>(&desk, "filing_withdraw", withdrawal(&filed, "  ")).await.unwrap_err();
    assert_eq!(silent.code, "desk-withdrawal-reason");
    practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let lost = call::<FilingView>(&desk, "filing_withdraw", withdrawal(&filed, "数据有误")).await.unwrap_err();
    assert_eq!(lost.code, "net-cut", "nobody knows");
    let id = json!({ "filing": filed.line.filing });
    let open: FilingView = call(&desk, "filing", id.clone()).await.unwrap();
    assert!(open.withdrawing, "the signed withdrawal is kept");

    let gone: FilingView = call(&desk, "ask", id).await.unwrap();
    assert_eq!(gone.line.stage, FilingStage::Withdrawn, "{:?}", gone.history);
    assert!(!gone.withdrawing && !gone.withdrawable, "nothing is left to do");
    assert_eq!(gone.earlier_receipts.len(), 1, "the receipt of the filing, and that of its withdrawal");
    let receipt = gone.receipt.unwrap();
    assert!(receipt.valid && receipt.reason == "数据有误", "{receipt:?}");
    let again = call::<FilingView>(&desk, "filing_withdraw", withdrawal(&filed, "再来")).await.unwrap_err();
    assert_eq!(again.code, "desk-withdrawal-state", "what is withdrawn is not withdrawn again");
}
