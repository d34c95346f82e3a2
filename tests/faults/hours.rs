//! A program that is open all day.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;

use huijiao_demo::workbooks;
use huijiao_domain::profile::CenterProfile;
use huijiao_tests::world::World;
use huijiao_tests::{call, import, tell};
use serde_json::{Value, json};

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const PEOPLE: usize = 10_000;

/// kB of this process that are in memory.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// What the first imports have taken is kept for the next ones; after that nothing more is.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes: cargo xtask faults --night"]
async fn f58_fifty_imports_of_ten_thousand_rows_leave_nothing_behind() {
    let world = World::open(5, Path::new(WORKER)).await;
    let clerk = world.clerk("one").await;
    let book = world.folder().join("large.xlsx");
    workbooks::large(&book, PEOPLE, &CenterProfile::shipped("demo").unwrap()).unwrap();
    let mut settled = 0;
    for round in 1..=50 {
        let draft = import(&clerk.desk, &book, "2026-07").await.unwrap();
        let page: Value = call(&clerk.desk, "draft_page", json!({ "draft": draft.draft, "page": 3 })).await.unwrap();
        assert!(!page["rows"].as_array().unwrap().is_empty(), "it is looked at");
        call::<Value>(&clerk.desk, "draft_delete", json!({ "draft": draft.draft })).await.unwrap();
        if round == 10 {
            settled = resident();
        }
    }
    let grown = resident().saturating_sub(settled);
    assert!(grown * 5 < settled, "{grown} kB more than the {settled} kB after ten");
    tell(&["F58"], 50);
}
