//! A program that is open all day.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use huijiao_demo::workbooks;
use huijiao_domain::profile::CenterProfile;
use huijiao_tests::world::{Clerk, World};
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

/// Somebody at work with a large workbook.
#[cfg(target_os = "linux")]
struct Day {
    clerk: Clerk,
    book: PathBuf,
    _world: World,
}

#[cfg(target_os = "linux")]
impl Day {
    async fn begin() -> Self {
        let world = World::open(5, Path::new(WORKER)).await;
        let clerk = world.clerk("one").await;
        let book = world.folder().join("large.xlsx");
        workbooks::large(&book, PEOPLE, &CenterProfile::shipped("demo").unwrap()).unwrap();
        Self { clerk, book, _world: world }
    }

    /// An import, looked at and thrown away.
    async fn import(&self) {
        let desk = &self.clerk.desk;
        let draft = import(desk, &self.book, "2026-07").await.unwrap();
        let page: Value = call(desk, "draft_page", json!({ "draft": draft.draft, "page": 3 })).await.unwrap();
        assert!(!page["rows"].as_array().unwrap().is_empty(), "it is looked at");
        call::<Value>(desk, "draft_delete", json!({ "draft": draft.draft })).await.unwrap();
    }
}

/// What the first imports have taken is kept for the next ones; after that nothing more is.
#[cfg(target_os = "linux")]
fn assert_settled(settled: u64) {
    let grown = resident().saturating_sub(settled);
    assert!(grown * 5 < settled, "{grown} kB more than the {settled} kB after ten");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes: cargo xtask faults --night"]
async fn f58_fifty_imports_of_ten_thousand_rows_leave_nothing_behind() {
    let day = Day::begin().await;
    let mut settled = 0;
    for round in 1..=50 {
        day.import().await;
        if round == 10 {
            settled = resident();
        }
    }
    assert_settled(settled);
    tell(&["F58"], 50);
}

/// Eight hours by the clock, or as many as `HUIJIAO_HOURS` says: after ten imports one a minute, in between the program is
/// only open, with all that it does by itself.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes eight hours: cargo xtask faults --night"]
async fn f58_eight_hours_at_work_leave_nothing_behind() {
    let hours = std::env::var("HUIJIAO_HOURS").map_or(8.0, |hours| hours.parse().unwrap());
    let day = Day::begin().await;
    for _ in 0..10 {
        day.import().await;
    }
    let (settled, begun, mut imports) = (resident(), Instant::now(), 10);
    while begun.elapsed().as_secs_f64() < hours * 3600.0 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        day.import().await;
        imports += 1;
    }
    assert_settled(settled);
    tell(&["F58"], imports);
}
