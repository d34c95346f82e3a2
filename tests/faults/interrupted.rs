//! Killed at every point of a submission and started again: exactly one filing, exactly one receipt, nothing lost.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::failpoint::{OF_WITHDRAWAL, POINTS};
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{FilingStage, HomeView, OrderStage, PaymentsView, VerificationView};
use huijiao_tests::{call, connection_text, desk};
use serde_json::json;
use tempfile::TempDir;

/// A life of the clerk, who files a workbook or an order; says whether it ended by itself.
fn life(folder: &Path, connection: &Connection, files: &str, abort_at: Option<&str>) -> std::process::ExitStatus {
    let mut clerk = Command::new(env!("CARGO_BIN_EXE_huijiao-test-clerk"));
    clerk.arg(folder).arg(connection_text(connection)).arg(files);
    if let Some(point) = abort_at {
        clerk.env("HUIJIAO_ABORT_AT", point);
    }
    clerk.status().unwrap()
}

/// Two lives, the first of which ends at a point; what the desk shows then.
async fn killed_at(point: &'static str, files: impl FnOnce(&Practice) -> String) -> (TempDir, Practice, Arc<Desk>) {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let (root, what, way) = (folder.path().to_owned(), files(&practice), practice.connection());
    let (first, second) =
        tokio::task::spawn_blocking(move || (life(&root, &way, &what, Some(point)), life(&root, &way, &what, None)))
            .await
            .unwrap();
    assert!(!first.success() && first.code().is_none(), "{point}: the first life did not die there: {first}");
    assert!(second.success(), "{point}: the second life did not end with a settled filing: {second}");
    let desk = desk(folder.path(), Path::new(env!("CARGO_BIN_EXE_huijiao-test-worker")));
    desk.enter(practice.connection()).await.unwrap();
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    let stages: Vec<FilingStage> = home.filings.iter().map(|f| f.stage).collect();
    assert_eq!(stages, [FilingStage::Settled], "{point}: the client knows of exactly one");
    assert!(home.drafts.is_empty(), "{point}: no draft is left that could be filed again");
    (folder, practice, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_point_of_a_submission() {
    assert!(POINTS.len() >= 10, "fewer points than promised");
    for point in POINTS {
        let workbook = |practice: &Practice| practice.workbook_folder.join(workbooks::CLEAN).display().to_string();
        let (_folder, _practice, desk) = killed_at(point, workbook).await;
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        assert_eq!(
            home.session.roster.unwrap().version,
            2,
            "{point}: the center booked exactly one (each filing moves the roster by one)"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_point_of_a_verification() {
    for point in POINTS {
        let july = |_: &Practice| json!({ "order": "verify", "through": "2026-07" }).to_string();
        let (_folder, _practice, desk) = killed_at(point, july).await;
        let after: VerificationView = call(&desk, "verification", json!({})).await.unwrap();
        assert_eq!(after.first, "2026-08", "{point}: July is verified, and nothing beyond it");
        let payments: PaymentsView = call(&desk, "payments", json!({})).await.unwrap();
        assert_eq!(payments.dues.len(), 1, "{point}: owed once");
    }
}

/// A whole life, then one that ends at a point, then one that finds out.
async fn killed_after(before: &'static str, point: &'static str, then: &'static str) -> (TempDir, Practice, Arc<Desk>) {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let (root, way) = (folder.path().to_owned(), practice.connection());
    let lives =
        move || [(before, None), (then, Some(point)), (then, None)].map(|(what, at)| life(&root, &way, what, at));
    let [first, second, third] = tokio::task::spawn_blocking(lives).await.unwrap();
    assert!(first.success(), "{point}: nothing to go on from: {first}");
    assert!(!second.success() && second.code().is_none(), "{point}: the second life did not die there: {second}");
    assert!(third.success(), "{point}: the third life did not end well: {third}");
    let desk = desk(folder.path(), Path::new(env!("CARGO_BIN_EXE_huijiao-test-worker")));
    desk.enter(practice.connection()).await.unwrap();
    (folder, practice, desk)
}

const VERIFY: &str = r#"{"order":"verify","through":"2026-07"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_point_of_a_payment() {
    for point in POINTS {
        let pay = r#"{"order":"pay","pays":["month:2026-07"],"method":"transfer"}"#;
        let (_folder, _practice, desk) = killed_after(VERIFY, point, pay).await;
        let payments: PaymentsView = call(&desk, "payments", json!({})).await.unwrap();
        let states: Vec<OrderStage> = payments.orders.iter().map(|order| order.state).collect();
        assert_eq!(states, [OrderStage::Awaiting], "{point}: ordered once");
        assert_eq!(payments.dues[0].ordered, Some(payments.orders[0].number.clone()), "{point}: and nothing else");
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        let stages: Vec<FilingStage> = home.filings.iter().map(|filing| filing.stage).collect();
        assert_eq!(stages.len(), 2, "{point}: the verification and one order: {stages:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_point_of_a_withdrawal() {
    assert!(OF_WITHDRAWAL.len() >= 10, "fewer points than promised");
    for point in OF_WITHDRAWAL {
        let (_folder, _practice, desk) = killed_after(VERIFY, point, "withdraw").await;
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        let stages: Vec<FilingStage> = home.filings.iter().map(|filing| filing.stage).collect();
        assert_eq!(stages, [FilingStage::Withdrawn], "{point}: gone, and nothing filed instead");
        let after: VerificationView = call(&desk, "verification", json!({})).await.unwrap();
        assert_eq!(after.first, "2026-07", "{point}: July is open again");
        let payments: PaymentsView = call(&desk, "payments", json!({})).await.unwrap();
        assert!(payments.dues.is_empty(), "{point}: and owed by nobody");
    }
}
