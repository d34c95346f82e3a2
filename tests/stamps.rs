//! 时间戳: had from a server on a real port, proven by openssl, and never in a filing's way.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use huijiao_demo::people::UNIT_ACCOUNT;
use huijiao_demo::practice::seed;
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{Exported, FilingStage, FilingView};
use huijiao_domain::profile::{CenterProfile, TimestampServer};
use huijiao_tests::tsa::{Manner, Tsa};
use huijiao_tests::{call, desk, import, sign};
use serde_json::json;
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const HAD: &str = "已取得时间戳";
const MISSING: &str = "没有取得时间戳";

/// A practice whose center names this server.
async fn practice(folder: &Path, server: TimestampServer) -> Practice {
    let practice = Practice::open(&folder.join("practice"), SystemClock.now()).await.unwrap();
    names(&practice, Some(server)).await;
    practice
}

/// Has the center name this server from now on, or none.
async fn names(practice: &Practice, timestamps: Option<TimestampServer>) {
    let profile = CenterProfile { timestamps, ..CenterProfile::shipped("demo").unwrap() };
    let unit = huijiao_demo::people::unit_of(1, &profile).unwrap();
    assert_eq!(unit.unit.account, UNIT_ACCOUNT, "the unit is there already: only the rules are new");
    practice.center.seed(seed(&unit, &profile)).await.unwrap();
}

fn last(filing: &FilingView, of: &str) -> Option<String> {
    filing.history.iter().map(|(_, words)| words).rfind(|words| words.starts_with(of)).cloned()
}

fn run(folder: &Path, command: &str) -> Output {
    Command::new("sh").args(["-c", command]).current_dir(folder).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_goes_its_way_whatever_the_server_does_and_its_stamp_is_proven_by_the_commands_in_the_folder() {
    let scene = TempDir::new().unwrap();
    let tsa = Tsa::start();
    let practice = practice(scene.path(), tsa.named(&[tsa.root()])).await;
    let desk = desk(scene.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();

    tsa.behave(Manner::Nothing);
    let filed = sign(&desk, &draft, "clerk", "123456").await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    assert!(filed.trouble.is_none() && filed.receipt.as_ref().is_some_and(|receipt| receipt.valid));
    assert!(last(&filed, MISSING).is_some() && last(&filed, HAD).is_none(), "{:?}", filed.history);
    let id = filed.line.filing;

    for (manner, why) in [
        (Manner::Garbage, "时间戳读不懂"),
        (Manner::Page, "需要先登录网络"),
        (Manner::Refusal, "时间戳服务器没有给出时间戳"),
        (Manner::OtherFile, "时间戳不是这份申报的"),
        (Manner::OtherQuestion, "时间戳不是这份申报的"),
    ] {
        tsa.behave(manner);
        let asked: FilingView = call(&desk, "ask", json!({ "filing": id })).await.unwrap();
        assert!(last(&asked, MISSING).is_some_and(|words| words.ends_with(why)), "{manner:?}: {:?}", asked.history);
        assert_eq!((last(&asked, HAD), asked.line.stage), (None, FilingStage::Settled), "{manner:?}");
    }

    tsa.behave(Manner::Honest);
    let stamped: FilingView = call(&desk, "ask", json!({ "filing": id })).await.unwrap();
    assert!(last(&stamped, HAD).is_some(), "{:?}", stamped.history);
    let asked = tsa.asked();
    let _: FilingView = call(&desk, "ask", json!({ "filing": id })).await.unwrap();
    assert_eq!(tsa.asked(), asked, "what has a stamp gets no second one");

    let exported: Exported = call(&desk, "filing_export", json!({ "filing": id })).await.unwrap();
    let folder = PathBuf::from(exported.folder);
    let text = std::fs::read_to_string(folder.join("说明.txt")).unwrap();
    let line = text.lines().map(str::trim).find(|line| line.starts_with("openssl ts -verify")).unwrap();
    let output = run(&folder, line);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Verification: OK"), "{line}: {said}");
    let mut filing = std::fs::read(folder.join("filing.p7m")).unwrap();
    let at = filing.len() / 2;
    filing[at] ^= 1;
    std::fs::write(folder.join("filing.p7m"), filing).unwrap();
    assert!(!run(&folder, line).status.success(), "a stamp on what it was, not on what it became");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_of_somebody_else_is_none_and_without_a_server_nobody_is_asked() {
    let scene = TempDir::new().unwrap();
    let (tsa, other) = (Tsa::start(), Tsa::start());
    let practice = practice(scene.path(), tsa.named(&[other.root()])).await;
    let desk = desk(scene.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let filed = sign(&desk, &draft, "clerk", "123456").await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Settled);
    assert!(last(&filed, MISSING).is_some_and(|words| words.ends_with("时间戳的签名不可信")), "{:?}", filed.history);
    assert_eq!((tsa.asked(), other.asked()), (1, 0));
    let exported: Exported = call(&desk, "filing_export", json!({ "filing": filed.line.filing })).await.unwrap();
    let folder = PathBuf::from(exported.folder);
    assert!(!folder.join("filing.tsr").exists() && !folder.join("tsa.pem").exists(), "nothing that proves nothing");
    assert!(!std::fs::read_to_string(folder.join("说明.txt")).unwrap().contains("openssl ts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_stays_in_the_evidence_when_the_center_names_another_server_or_none() {
    let scene = TempDir::new().unwrap();
    let (tsa, other) = (Tsa::start(), Tsa::start());
    let practice = practice(scene.path(), tsa.named(&[tsa.root()])).await;
    let desk = desk(scene.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let filed = sign(&desk, &draft, "clerk", "123456").await.unwrap();
    assert!(last(&filed, HAD).is_some(), "{:?}", filed.history);
    let mut first = None;
    for server in [Some(tsa.named(&[tsa.root()])), Some(other.named(&[other.root()])), None] {
        let now = server.as_ref().map(|server| server.url.clone());
        names(&practice, server).await;
        desk.enter(practice.connection()).await.unwrap();
        let exported: Exported = call(&desk, "filing_export", json!({ "filing": filed.line.filing })).await.unwrap();
        let folder = PathBuf::from(exported.folder);
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        let (stamp, roots) = (read("filing.tsr"), read("tsa.pem"));
        let first = first.get_or_insert_with(|| (stamp.clone(), roots.clone()));
        assert_eq!((&first.0, &first.1), (&stamp, &roots), "the same proof by the same roots, named: {now:?}");
        let text = std::fs::read_to_string(folder.join("说明.txt")).unwrap();
        let line = text.lines().map(str::trim).find(|line| line.starts_with("openssl ts -verify")).unwrap();
        let output = run(&folder, line);
        assert!(output.status.success(), "{now:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(other.asked(), 0, "what has a stamp gets no second one");
}
