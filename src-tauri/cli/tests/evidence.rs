//! 证据包: what the desk exported of a filing at a real center holds for somebody who has nothing but this program.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{DraftView, Exported, FilingStage, FilingView};
use huijiao_desk::{Desk, DeskConfig, KeyringUse, calls};
use huijiao_sheets::WorkerProgram;
use huijiao_signing::Tokens;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_huijiao-cli");

async fn call<T: DeserializeOwned>(desk: &Arc<Desk>, command: &str, args: Value) -> T {
    let view = calls::call(desk, command, args).await.unwrap_or_else(|error| panic!("{command}: {error:?}"));
    serde_json::from_value(view).unwrap()
}

/// Whether the program believes a folder, and what it says of its parts.
fn verified(folder: &Path) -> (Option<i32>, Value) {
    let output = Command::new(PROGRAM).arg("verify").arg(folder).arg("--json").output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_the_desk_exported_holds_until_one_octet_of_it_is_another() {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let desk = Arc::new(Desk::new(DeskConfig {
        folder: folder.path().join("desk"),
        export_folder: folder.path().join("export"),
        worker: WorkerProgram(PROGRAM.into()),
        keyring: KeyringUse::None,
        clock: Arc::new(SystemClock),
        practice: None,
        tokens: Tokens::none(),
        pauses: Vec::new(),
        version: "test".into(),
    }));
    desk.set_passphrase("只在测试里用的口令").unwrap();
    desk.enter(practice.connection()).await.unwrap();
    let ticket = desk.ticket_of_file(&practice.workbook_folder.join(workbooks::CLEAN)).unwrap().ticket;
    let choice = json!({ "choice": { "ticket": ticket, "period": "2026-07" } });
    let draft: DraftView = call(&desk, "import_accept", choice).await;
    let signing = json!({ "draft": draft.draft, "revision": draft.revision, "certificate": "clerk", "pin": "123456" });
    let filed: FilingView = call(&desk, "sign_and_submit", signing).await;
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    let exported: Exported = call(&desk, "filing_export", json!({ "filing": filed.line.filing })).await;
    let evidence = PathBuf::from(exported.folder);

    let (code, said) = verified(&evidence);
    assert_eq!(code, Some(0), "{said}");
    let parts: Vec<_> = said["parts"].as_array().unwrap().iter().map(|part| part["part"].as_str().unwrap()).collect();
    for part in ["filing.p7m", "receipt.p7m"] {
        assert!(parts.contains(&part), "{part} was looked at: {parts:?}");
    }
    assert!(evidence.join("crl.pem").is_file(), "with the revocation list of then");

    let receipt = evidence.join("receipt.p7m");
    let mut bytes = fs::read(&receipt).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&receipt, bytes).unwrap();
    let (code, said) = verified(&evidence);
    assert_eq!(code, Some(1), "{said}");
}
