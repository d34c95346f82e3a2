//! 证据包: what a stranger with openssl makes of it, by the very commands that lie in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::Exported;
use huijiao_tests::{call, desk, given_up, import, sign};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

/// The commands of the explanation, as they stand there.
fn commands(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("说明.txt")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("    ").map(str::to_owned));
    lines.filter(|line| line.starts_with("openssl") || line.starts_with("sha256sum")).collect()
}

fn run(folder: &Path, command: &str) -> Output {
    Command::new("sh").args(["-c", command]).current_dir(folder).output().unwrap()
}

/// A filing that was taken, and a folder that the user chose for its evidence.
struct Scene {
    _folder: TempDir,
    _practice: Practice,
    desk: Arc<Desk>,
    stick: PathBuf,
    /// What `filing_export` is called with.
    args: Value,
}

impl Scene {
    async fn filed() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        desk.enter(practice.connection()).await.unwrap();
        let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
        let filed = sign(&desk, &draft, "clerk", "123456").await.unwrap();
        let stick = folder.path().join("stick");
        std::fs::create_dir(&stick).unwrap();
        let ticket = desk.ticket_of_file(&stick).unwrap().ticket;
        let args = json!({ "filing": filed.line.filing, "ticket": ticket });
        Self { _folder: folder, _practice: practice, desk, stick, args }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_is_given_up_is_not_there_and_neither_is_half_of_it() {
    let Scene { _folder, _practice, desk, stick, args } = Scene::filed().await;
    let step = || {
        let (desk, args) = (desk.clone(), args.clone());
        async move { call(&desk, "filing_export", args).await }
    };
    assert_eq!(given_up(&desk, &stick, step).await, "desk-given-up");
    let exported: Exported = call(&desk, "filing_export", args.clone()).await.unwrap();
    assert!(Path::new(&exported.folder).join("SHA256SUMS.txt").is_file(), "and it can be written again, whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_in_the_folder_prove_it_and_disprove_it_once_it_is_changed() {
    let Scene { _folder, _practice, desk, stick, args } = Scene::filed().await;
    let exported: Exported = call(&desk, "filing_export", args).await.unwrap();
    let folder = PathBuf::from(exported.folder);
    assert!(folder.starts_with(&stick), "where the user chose");
    for name in ["filing.p7m", "receipt.p7m", "ca.pem", "单证.pdf", "说明.txt", "SHA256SUMS.txt"] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    let certificates = std::fs::read_dir(folder.join("certificates")).unwrap().count();
    assert_eq!(certificates, 2, "the clerk's and the center's");

    let all = commands(&folder);
    assert_eq!(all.len(), 5, "the root, two files, the hash, the list: {all:?}");
    for command in &all {
        let output = run(&folder, command);
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let receipt: Value = serde_json::from_slice(&std::fs::read(folder.join("receipt.json")).unwrap()).unwrap();
    let hash = run(&folder, all.iter().find(|command| command.contains("dgst")).unwrap());
    let hash = String::from_utf8(hash.stdout).unwrap();
    assert!(hash.trim().ends_with(receipt["filing_sha256"].as_str().unwrap()), "the receipt is of this file: {hash}");

    let mut filing = std::fs::read(folder.join("filing.p7m")).unwrap();
    let at = filing.len() / 2;
    filing[at] ^= 1;
    std::fs::write(folder.join("filing.p7m"), filing).unwrap();
    let refused: Vec<&String> = all.iter().filter(|command| !run(&folder, command).status.success()).collect();
    assert_eq!(refused.len(), 2, "the signature and the list say so, and nothing else: {refused:?}");
    assert!(refused[0].contains("filing.p7m") && refused[1].contains("sha256sum"), "{refused:?}");
}
