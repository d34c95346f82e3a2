//! Killed at every point of a filing and at every write of the local data, and started again: exactly one filing,
//! exactly one receipt, nothing lost.
//!
//! No point is named here: a clerk who is not disturbed writes down the points that she passes.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;

use huijiao_desk::Desk;
use huijiao_desk::views::{FilingStage, FilingView, HomeView, OrderStage, PaymentsView, VerificationView};
use huijiao_tests::world::World;
use huijiao_tests::{call, connection_text, desk, tell};
use serde_json::json;

const VERIFY: &str = r#"{"order":"verify","through":"2026-07"}"#;
const PAY: &str = r#"{"order":"pay","pays":["month:2026-07"],"method":"transfer"}"#;
const WITHDRAW: &str = "withdraw";
const ABORT_AT: &str = "HUIJIAO_ABORT_AT";
const NOTE_IN: &str = "HUIJIAO_POINTS";

/// How a point of a write begins.
const WRITE: &str = "commit ";

/// Whether a life may miss the point: what the center tells of itself is taken in beside it, so that writes, and what is
/// passed a second time, are not the same in each.
fn varies(point: &str) -> bool {
    point.starts_with(WRITE) || !point.ends_with(" 0")
}

/// A life of the clerk, who files a workbook or an order, or takes it back; says how it ended.
async fn life(world: &World, files: &str, with: Option<(&'static str, String)>) -> ExitStatus {
    let mut clerk = Command::new(env!("CARGO_BIN_EXE_huijiao-test-clerk"));
    clerk.arg(world.folder()).arg(connection_text(&world.connection())).arg(files);
    if let Some((name, value)) = with {
        clerk.env(name, value);
    }
    tokio::task::spawn_blocking(move || clerk.status().unwrap()).await.unwrap()
}

/// A center, and what is filed there: a workbook where nothing else is said.
async fn scene(files: Option<&'static str>, before: Option<&'static str>) -> (World, String) {
    let world = World::open(5, Path::new(env!("CARGO_BIN_EXE_huijiao-test-worker"))).await;
    let mut lines = vec!["个人账号,姓名,证件号码,调整前缴存基数,调整后缴存基数".to_owned()];
    for person in &world.people {
        let cells = [&person.personal_account, &person.name, &person.id_number].map(|text| text.as_str()).join(",");
        lines.push(format!("{cells},{},6000.00", person.base));
    }
    let workbook = world.folder().join("基数.csv");
    std::fs::write(&workbook, lines.join("\r\n")).unwrap();
    if let Some(before) = before {
        let first = life(&world, before, None).await;
        assert!(first.success(), "nothing to go on from: {first}");
    }
    (world, files.map_or_else(|| workbook.display().to_string(), str::to_owned))
}

/// Which points a life is ended at.
#[derive(Clone, Copy, PartialEq)]
enum Writes {
    All,
    /// Those of every fourth place: the others wait for the night.
    Some,
}

/// Ends a life at each point that it passes, lets another find out, and looks at what there is.
async fn killed_everywhere(
    files: Option<&'static str>,
    before: Option<&'static str>,
    writes: Writes,
    look: impl AsyncFn(&Arc<Desk>, &str),
) {
    let (world, what) = scene(files, before).await;
    let notes = world.folder().join("points");
    let whole = life(&world, &what, Some((NOTE_IN, notes.display().to_string()))).await;
    assert!(whole.success(), "undisturbed it goes well: {whole}");
    let booked = world.booked().len();
    let points = std::fs::read_to_string(notes).unwrap();
    let (write, named): (Vec<&str>, Vec<&str>) = points.lines().partition(|point| point.starts_with(WRITE));
    assert!(named.len() >= 10 && write.len() >= 5, "fewer points than promised: {named:?} {write:?}");
    let write = write.into_iter().enumerate().filter(|(place, _)| writes == Writes::All || place % 4 == 0);

    let mut killed = 0;
    for point in named.into_iter().chain(write.map(|(_, point)| point)) {
        let (world, what) = scene(files, before).await;
        let first = life(&world, &what, Some((ABORT_AT, point.to_owned()))).await;
        let died = !first.success() && first.code().is_none();
        assert!(died || first.success() && varies(point), "{point}: the life did not die there: {first}");
        killed += usize::from(died);
        let second = life(&world, &what, None).await;
        assert!(second.success(), "{point}: the second life did not end well: {second}");

        let desk = desk(world.folder(), Path::new(env!("CARGO_BIN_EXE_huijiao-test-worker")));
        desk.enter(world.connection()).await.unwrap();
        assert_eq!(world.booked().len(), booked, "{point}: exactly one filing came of it");
        world.assert_sound(point).await;
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        assert_eq!(home.filings.len(), booked, "{point}: the client knows of each");
        assert!(home.drafts.is_empty(), "{point}: no draft is left that could be filed again");
        for line in home.filings {
            let filing: FilingView = call(&desk, "filing", json!({ "filing": line.filing })).await.unwrap();
            assert!(filing.receipt.is_some_and(|receipt| receipt.valid), "{point}: its receipt is whole and holds");
        }
        look(&desk, point).await;
    }
    tell(&["F01", "F02", "F03", "F06", "F07", "F49"], killed);
}

async fn stages(desk: &Arc<Desk>) -> Vec<FilingStage> {
    let home: HomeView = call(desk, "home", json!({})).await.unwrap();
    home.filings.iter().map(|filing| filing.stage).collect()
}

async fn payments(desk: &Arc<Desk>) -> PaymentsView {
    call(desk, "payments", json!({})).await.unwrap()
}

async fn first_open(desk: &Arc<Desk>) -> String {
    call::<VerificationView>(desk, "verification", json!({})).await.unwrap().first
}

async fn submitted(desk: &Arc<Desk>, point: &str) {
    assert_eq!(stages(desk).await, [FilingStage::Settled], "{point}: one");
    let home: HomeView = call(desk, "home", json!({})).await.unwrap();
    assert_eq!(home.session.roster.unwrap().version, 2, "{point}: booked once (each filing moves the roster by one)");
}

async fn verified(desk: &Arc<Desk>, point: &str) {
    assert_eq!(stages(desk).await, [FilingStage::Settled], "{point}: one");
    assert_eq!(first_open(desk).await, "2026-08", "{point}: July is verified, and nothing beyond it");
    assert_eq!(payments(desk).await.dues.len(), 1, "{point}: owed once");
}

async fn ordered(desk: &Arc<Desk>, point: &str) {
    let payments = payments(desk).await;
    let states: Vec<OrderStage> = payments.orders.iter().map(|order| order.state).collect();
    assert_eq!(states, [OrderStage::Awaiting], "{point}: ordered once");
    assert_eq!(payments.dues[0].ordered, Some(payments.orders[0].number.clone()), "{point}: and nothing else");
}

async fn withdrawn(desk: &Arc<Desk>, point: &str) {
    assert_eq!(stages(desk).await, [FilingStage::Withdrawn], "{point}: gone, and nothing filed instead");
    assert_eq!(first_open(desk).await, "2026-07", "{point}: July is open again");
    assert!(payments(desk).await.dues.is_empty(), "{point}: and owed by nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_submission() {
    killed_everywhere(None, None, Writes::Some, submitted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_verification() {
    killed_everywhere(Some(VERIFY), None, Writes::Some, verified).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_payment() {
    killed_everywhere(Some(PAY), Some(VERIFY), Writes::Some, ordered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_withdrawal() {
    killed_everywhere(Some(WITHDRAW), Some(VERIFY), Writes::Some, withdrawn).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes: cargo xtask faults --night"]
async fn f01_f49_killed_at_every_write_by_night() {
    killed_everywhere(None, None, Writes::All, submitted).await;
    killed_everywhere(Some(VERIFY), None, Writes::All, verified).await;
    killed_everywhere(Some(PAY), Some(VERIFY), Writes::All, ordered).await;
    killed_everywhere(Some(WITHDRAW), Some(VERIFY), Writes::All, withdrawn).await;
}
