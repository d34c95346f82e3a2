//! Killed at every point of a filing, or of an approver's word about one, and at every write of the local data, and
//! started again: exactly one filing, exactly one receipt, one end of it, nothing lost.
//!
//! No point is named here: whoever is not disturbed writes down the points that he passes.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Arc;

use huijiao_demo::practice::{APPROVER, APPROVER_KEY, CLERK_KEY, PIN};
use huijiao_desk::Desk;
use huijiao_desk::views::{
    ApprovalView, ApprovalsView, ExportedFile, FilingStage, FilingView, HomeView, OrderStage, PaymentsView,
    VerificationView,
};
use huijiao_tests::world::World;
use huijiao_tests::{call, connection_text, desk, tell};
use serde_json::json;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

const VERIFY: &str = r#"{"order":"verify","through":"2026-07"}"#;
const PAY: &str = r#"{"order":"pay","pays":["month:2026-07"],"method":"transfer"}"#;
const WITHDRAW: &str = "withdraw";
const APPROVE: &str = "approve";
const RETURN: &str = "return";
const ABORT_AT: &str = "HUIJIAO_ABORT_AT";
const NOTE_IN: &str = "HUIJIAO_POINTS";

/// How a point of a write begins.
const WRITE: &str = "commit ";

/// Whether a life may miss the point: what the center tells of itself is taken in beside it, so that writes, and what is
/// passed a second time, are not the same in each.
fn varies(point: &str) -> bool {
    point.starts_with(WRITE) || !point.ends_with(" 0")
}

/// Who lives, and what for.
struct Life {
    /// Where her data are, and by which certificate she is known.
    folder: PathBuf,
    key: &'static str,
    /// A workbook or what stands in its place, as the program of the clerk has it.
    does: String,
}

impl Life {
    /// Of the clerk, who files a workbook or an order, or takes it back.
    fn of_clerk(world: &World, does: &str) -> Self {
        Self { folder: world.folder().to_owned(), key: CLERK_KEY, does: does.to_owned() }
    }

    /// Of the approver at a computer of his own.
    fn of_approver(world: &World, does: &str) -> Self {
        Self { folder: world.folder().join("approver"), key: APPROVER_KEY, does: does.to_owned() }
    }

    /// Says how it ended.
    async fn lived(&self, world: &World, with: Option<(&'static str, String)>) -> ExitStatus {
        let mut clerk = Command::new(env!("CARGO_BIN_EXE_huijiao-test-clerk"));
        clerk.arg(&self.folder).arg(connection_text(&world.connection_of(self.key))).arg(&self.does);
        if let Some((name, value)) = with {
            clerk.env(name, value);
        }
        tokio::task::spawn_blocking(move || clerk.status().unwrap()).await.unwrap()
    }

    /// What nothing is to be found out from.
    async fn undisturbed(self, world: &World) {
        let whole = self.lived(world, None).await;
        assert!(whole.success(), "nothing to go on from: {whole}");
    }
}

/// A sheet that gives everybody a new base.
fn workbook(world: &World) -> String {
    let mut lines = vec!["个人账号,姓名,证件号码,调整前缴存基数,调整后缴存基数".to_owned()];
    for person in &world.people {
        let cells = [&person.personal_account, &person.name, &person.id_number].map(|text| text.as_str()).join(",");
        lines.push(format!("{cells},{},6000.00", person.base));
    }
    let workbook = world.folder().join("基数.csv");
    std::fs::write(&workbook, lines.join("\r\n")).unwrap();
    workbook.display().to_string()
}

/// A center, and what is filed there: a workbook where nothing else is said.
async fn filing(files: Option<&'static str>, before: Option<&'static str>) -> (World, Life) {
    let world = World::open(5, Path::new(WORKER)).await;
    let sheet = workbook(&world);
    if let Some(before) = before {
        Life::of_clerk(&world, before).undisturbed(&world).await;
    }
    let life = Life::of_clerk(&world, files.unwrap_or(&sheet));
    (world, life)
}

/// A filing that waits for an approver.
async fn waiting() -> World {
    let world = World::of_two(5, Path::new(WORKER)).await;
    Life::of_clerk(&world, &workbook(&world)).undisturbed(&world).await;
    world
}

/// Which points a life is ended at.
#[derive(Clone, Copy, PartialEq)]
enum Writes {
    All,
    /// Those of every fourth place: the others wait for the night.
    Some,
}

/// Ends a life at each point that it passes, of which there are at least so many named ones, lets another find out, and
/// looks at what there is.
async fn killed_everywhere(
    scene: impl AsyncFn() -> (World, Life),
    least: usize,
    writes: Writes,
    look: impl AsyncFn(&World, &str),
) {
    let (world, life) = scene().await;
    let notes = world.folder().join("points");
    let whole = life.lived(&world, Some((NOTE_IN, notes.display().to_string()))).await;
    assert!(whole.success(), "undisturbed it goes well: {whole}");
    let ends = |world: &World| -> Vec<(String, String)> {
        world.booked().into_iter().map(|filing| (filing.kind, filing.state)).collect()
    };
    let ended = ends(&world);
    let points = std::fs::read_to_string(notes).unwrap();
    let (write, named): (Vec<&str>, Vec<&str>) = points.lines().partition(|point| point.starts_with(WRITE));
    assert!(named.len() >= least && write.len() >= 5, "fewer points than promised: {named:?} {write:?}");
    let write = write.into_iter().enumerate().filter(|(place, _)| writes == Writes::All || place % 4 == 0);

    let mut killed = 0;
    for point in named.into_iter().chain(write.map(|(_, point)| point)) {
        let (world, life) = scene().await;
        let first = life.lived(&world, Some((ABORT_AT, point.to_owned()))).await;
        let died = !first.success() && first.code().is_none();
        assert!(died || first.success() && varies(point), "{point}: the life did not die there: {first}");
        killed += usize::from(died);
        let second = life.lived(&world, None).await;
        assert!(second.success(), "{point}: the second life did not end well: {second}");
        assert_eq!(ends(&world), ended, "{point}: exactly what comes of a life that nothing disturbs");
        look(&world, point).await;
    }
    tell(&["F01", "F02", "F03", "F06", "F07", "F49"], killed);
}

/// Of a filing, or of what is done to one.
async fn filing_killed_everywhere(
    files: Option<&'static str>,
    before: Option<&'static str>,
    writes: Writes,
    look: impl AsyncFn(&Arc<Desk>, &str),
) {
    let looks = async |world: &World, point: &str| {
        let desk = clerks_desk(world).await;
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        assert_eq!(home.filings.len(), world.booked().len(), "{point}: the client knows of each");
        assert!(home.drafts.is_empty(), "{point}: no draft is left that could be filed again");
        for line in home.filings {
            let filing: FilingView = call(&desk, "filing", json!({ "filing": line.filing })).await.unwrap();
            let signed = filing.history.iter().filter(|(_, said)| said.contains("已签名，签名文件已保存")).count();
            assert_eq!(signed, 1, "{point}: its history says once who signed it: {:?}", filing.history);
            let taken = filing.history.iter().filter(|(_, said)| said.contains("已收到并验证回执")).count();
            assert_eq!(taken, 1, "{point}: and once that it was taken: {:?}", filing.history);
            assert!(filing.receipt.is_some_and(|receipt| receipt.valid), "{point}: its receipt is whole and holds");
        }
        world.assert_oracles(&[&desk], &[], point).await;
        look(&desk, point).await;
    };
    killed_everywhere(async || filing(files, before).await, 10, writes, looks).await;
}

async fn clerks_desk(world: &World) -> Arc<Desk> {
    let desk = desk(world.folder(), Path::new(WORKER));
    desk.enter(world.connection()).await.unwrap();
    desk
}

async fn approvers_desk(world: &World) -> Arc<Desk> {
    let desk = desk(&world.folder().join("approver"), Path::new(WORKER));
    desk.enter(world.connection_of(APPROVER_KEY)).await.unwrap();
    desk
}

/// The approver's word, the center's books and the clerk's page are one end of one filing.
async fn one_verdict(world: &World, approved: bool, point: &str) {
    let (clerk, approver) = (clerks_desk(world).await, approvers_desk(world).await);
    let approvals: ApprovalsView = call(&approver, "approvals", json!({})).await.unwrap();
    assert!(approvals.waiting.is_empty(), "{point}: nothing waits any more");
    let said: Vec<_> = approvals.signed.iter().map(|line| (line.approved, line.open)).collect();
    assert_eq!(said, [(approved, false)], "{point}: said once, and answered");
    assert_one_end(&clerk, approved, point).await;
    world.assert_oracles(&[&clerk, &approver], &[], point).await;
}

async fn assert_one_end(clerk: &Arc<Desk>, approved: bool, point: &str) {
    let home: HomeView = call(clerk, "home", json!({})).await.unwrap();
    assert_eq!(home.filings.len(), 1, "{point}: one filing");
    let named = json!({ "filing": home.filings[0].filing });
    let filing: FilingView = call(clerk, "filing", named).await.unwrap();
    let (stage, by) =
        if approved { (FilingStage::Settled, &filing.approver) } else { (FilingStage::Refused, &filing.returned_by) };
    assert_eq!((filing.line.stage, by.as_str()), (stage, APPROVER), "{point}: the clerk sees the same, and whose");
    assert!(filing.receipt.is_some_and(|receipt| receipt.valid), "{point}: its receipt is whole and holds");
    let version = if approved { 2 } else { 1 };
    assert_eq!(home.session.roster.unwrap().version, version, "{point}: booked once, or not at all");
}

async fn verdict_killed_everywhere(approved: bool, writes: Writes) {
    let scene = async || {
        let world = waiting().await;
        let life = Life::of_approver(&world, if approved { APPROVE } else { RETURN });
        (world, life)
    };
    let look = async |world: &World, point: &str| one_verdict(world, approved, point).await;
    killed_everywhere(scene, 8, writes, look).await;
}

/// The clerk hands in what the approver gave her as a file.
async fn brought_killed_everywhere(writes: Writes) {
    let scene = async || {
        let world = waiting().await;
        let approver = approvers_desk(&world).await;
        let approvals: ApprovalsView = call(&approver, "approvals", json!({})).await.unwrap();
        let named = json!({ "filing": approvals.waiting[0].filing });
        let view: ApprovalView = call(&approver, "approval_review", named).await.unwrap();
        let (filing, fingerprint) = (view.filing, view.review.fingerprint);
        let signing = json!({ "filing": filing, "fingerprint": fingerprint, "certificate": APPROVER_KEY, "pin": PIN });
        let written: ExportedFile = call(&approver, "approval_to_file", signing).await.unwrap();
        let file = Path::new(&written.folder).join(&written.file);
        let life = Life::of_clerk(&world, &file.display().to_string());
        (world, life)
    };
    let look = async |world: &World, point: &str| {
        let clerk = clerks_desk(world).await;
        assert_one_end(&clerk, true, point).await;
        world.assert_oracles(&[&clerk], &[], point).await;
    };
    killed_everywhere(scene, 10, writes, look).await;
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
    filing_killed_everywhere(None, None, Writes::Some, submitted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_verification() {
    filing_killed_everywhere(Some(VERIFY), None, Writes::Some, verified).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_payment() {
    filing_killed_everywhere(Some(PAY), Some(VERIFY), Writes::Some, ordered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_withdrawal() {
    filing_killed_everywhere(Some(WITHDRAW), Some(VERIFY), Writes::Some, withdrawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_an_approval() {
    verdict_killed_everywhere(true, Writes::Some).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_a_return() {
    verdict_killed_everywhere(false, Writes::Some).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_killed_at_every_point_of_an_approval_handed_in_as_a_file() {
    brought_killed_everywhere(Writes::Some).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes: cargo xtask faults --night"]
async fn f01_f49_killed_at_every_write_by_night() {
    filing_killed_everywhere(None, None, Writes::All, submitted).await;
    filing_killed_everywhere(Some(VERIFY), None, Writes::All, verified).await;
    filing_killed_everywhere(Some(PAY), Some(VERIFY), Writes::All, ordered).await;
    filing_killed_everywhere(Some(WITHDRAW), Some(VERIFY), Writes::All, withdrawn).await;
    for approved in [true, false] {
        verdict_killed_everywhere(approved, Writes::All).await;
    }
    brought_killed_everywhere(Writes::All).await;
}
