//! Two desks of one unit at one center: what one does, the other sees without asking.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::sync::Arc;

use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{FilingStage, HomeView};
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::AccountStatus;
use huijiao_tests::{call, desk, import, pulse, sign, until};
use serde_json::json;
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

async fn home(desk: &Arc<Desk>) -> HomeView {
    call(desk, "home", json!({})).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_at_the_center_is_seen_without_asking() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let practice = Practice::open(&folders[0].path().join("practice"), SystemClock.now()).await.unwrap();
    let [here, there] = folders.each_ref().map(|folder| desk(folder.path(), Path::new(WORKER)));
    here.enter(practice.connection()).await.unwrap();
    there.enter(practice.connection()).await.unwrap();
    let before = home(&there).await.session.roster.unwrap().version;
    let quiet = pulse(&there).await;
    assert!(quiet.online);

    let draft = import(&here, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let filing = sign(&here, &draft, "clerk", "123456").await.unwrap();
    assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
    let moved = until(&there, "a filing made elsewhere is heard of", |now| now.revision > quiet.revision).await;
    assert!(home(&there).await.session.roster.unwrap().version > before, "and what it changed is here");
    assert!(home(&there).await.filings.is_empty(), "though the filing itself is in the other's books");

    let account =
        huijiao_demo::people::practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().roster.contributors[0]
            .personal_account
            .clone();
    let changed = practice.center.set_account_status(practice.unit_account, &account, AccountStatus::Sealed).await;
    assert!(changed.unwrap(), "{account} is in the practice unit");
    until(&there, "nor need the counter's work be asked for", |now| now.revision > moved.revision).await;

    drop(practice);
    let gone = until(&there, "a center that is gone is noticed", |now| !now.online).await;
    assert!(gone.revision > moved.revision, "and the screens are told");
}
