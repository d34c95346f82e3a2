//! Killed at every point of a submission and started again: exactly one filing, exactly one receipt, nothing lost.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use huijiao_demo::{Practice, workbooks};
use huijiao_desk::failpoint::POINTS;
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{FilingStage, HomeView};
use huijiao_tests::{call, connection_text, desk};
use serde_json::json;
use tempfile::TempDir;

/// A life of the clerk; says whether it ended by itself.
fn life(folder: &Path, connection: &Connection, workbook: &Path, abort_at: Option<&str>) -> std::process::ExitStatus {
    let mut clerk = Command::new(env!("CARGO_BIN_EXE_huijiao-test-clerk"));
    clerk.arg(folder).arg(connection_text(connection)).arg(workbook);
    if let Some(point) = abort_at {
        clerk.env("HUIJIAO_ABORT_AT", point);
    }
    clerk.status().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_point_of_a_submission() {
    assert!(POINTS.len() >= 10, "fewer points than promised");
    let mut passed = Vec::new();
    for point in POINTS {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let connection = practice.connection();
        let workbook = practice.workbook_folder.join(workbooks::CLEAN);
        let (root, point_of, book, way) = (folder.path().to_owned(), *point, workbook, connection.clone());
        let (first, second) = tokio::task::spawn_blocking(move || {
            (life(&root, &way, &book, Some(point_of)), life(&root, &way, &book, None))
        })
        .await
        .unwrap();
        assert!(!first.success() && first.code().is_none(), "{point}: the first life did not die there: {first}");
        assert!(second.success(), "{point}: the second life did not end with a settled filing: {second}");

        let desk = desk(folder.path(), Path::new(env!("CARGO_BIN_EXE_huijiao-test-worker")));
        let session = desk.enter(connection).await.unwrap();
        let home: HomeView = call(&Arc::clone(&desk), "home", json!({})).await.unwrap();
        let stages: Vec<FilingStage> = home.filings.iter().map(|f| f.stage).collect();
        assert_eq!(stages, [FilingStage::Settled], "{point}: the client knows of exactly one");
        assert!(home.drafts.is_empty(), "{point}: no draft is left that could be filed again");
        assert_eq!(
            session.roster.unwrap().version,
            2,
            "{point}: the center booked exactly one (each filing moves the roster by one)"
        );
        passed.push(point);
    }
    assert_eq!(passed.len(), POINTS.len());
}
