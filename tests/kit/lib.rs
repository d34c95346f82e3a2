//! What the tests share: a real center on a free port, a desk with a real store, and the clerk's own steps.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

pub mod oracles;
pub mod proxy;
pub mod skf;
pub mod softhsm;
pub mod tsa;
pub mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use huijiao_desk::ports::{Connection, PracticeDoor, SystemClock};
use huijiao_desk::views::{
    DraftView, EditOp, FilingView, FindingsView, GridFilter, ImportChoice, PulseView, ReviewView, Ticket, UiError,
    VaultState,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse, calls};
use huijiao_domain::profile::MinimumTls;
use huijiao_sheets::WorkerProgram;
use huijiao_signing::Tokens;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Passphrase of every test's data.
pub const PASSPHRASE: &str = "只在测试里用的口令";

/// A desk on `folder` as the program starts with it; `worker` is the program that reads workbooks.
pub fn locked_desk(folder: &Path, worker: &Path) -> Arc<Desk> {
    new_desk(folder, worker, None)
}

fn new_desk(folder: &Path, worker: &Path, practice: Option<Arc<dyn PracticeDoor>>) -> Arc<Desk> {
    Arc::new(Desk::new(DeskConfig { practice, ..config(folder, worker) }))
}

/// What every desk of the tests is set up with: on `folder`, without a keyring.
pub fn config(folder: &Path, worker: &Path) -> DeskConfig {
    DeskConfig {
        folder: folder.join("desk"),
        export_folder: folder.join("export"),
        worker: WorkerProgram(worker.to_owned()),
        keyring: KeyringUse::None,
        clock: Arc::new(SystemClock),
        practice: None,
        updates: None,
        tokens: Tokens::none(),
        pauses: Vec::new(),
        version: "test".into(),
    }
}

/// A desk on `folder`, unlocked; `worker` is the program that reads workbooks.
pub fn desk(folder: &Path, worker: &Path) -> Arc<Desk> {
    desk_of(folder, worker, None)
}

/// A desk with a practice of its own, unlocked.
pub fn desk_of(folder: &Path, worker: &Path, practice: Option<Arc<dyn PracticeDoor>>) -> Arc<Desk> {
    let desk = new_desk(folder, worker, practice);
    let start = desk.start().unwrap();
    match start.vault {
        VaultState::NewPassphrase => drop(desk.set_passphrase(PASSPHRASE).unwrap()),
        VaultState::Locked | VaultState::Recovery => drop(desk.unlock(PASSPHRASE).unwrap()),
        VaultState::Ready => {}
    }
    desk
}

/// Calls a command as the pages do.
///
/// # Errors
/// What the pages would be shown.
pub async fn call<T: DeserializeOwned>(desk: &Arc<Desk>, command: &str, args: Value) -> Result<T, UiError> {
    calls::call(desk, command, args).await.map(|view| serde_json::from_value(view).unwrap())
}

/// Waits until what goes on behind the screens of a unit that was just opened is over, so that a fault strikes what a
/// test does next. Where the center is not reached, nothing goes on.
pub async fn settled(desk: &Arc<Desk>) {
    let _ = desk.receipt_chain().await;
}

/// Waits until what a program does behind the screens with nobody else, such as the backup of the day, is done. Only for a
/// test that has the desk once.
///
/// # Panics
/// When it never is.
pub async fn at_rest(desk: &Arc<Desk>) {
    let busy = async {
        while Arc::strong_count(desk) > 1 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), busy).await.expect("it comes to its end");
}

/// Ends a program that nobody uses any more, and waits until its data are let go: what goes on behind the screens may hold
/// on to them for a moment.
///
/// # Panics
/// When they are never let go.
pub async fn closed(mut desk: Arc<Desk>) {
    let letting_go = async {
        loop {
            match Arc::try_unwrap(desk) {
                Ok(last) => return drop(last),
                Err(held) => desk = held,
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), letting_go).await.expect("nobody holds on to the data");
}

/// What the window asks for again and again.
///
/// # Panics
/// When the desk refuses it.
pub async fn pulse(desk: &Arc<Desk>) -> PulseView {
    call(desk, "pulse", json!({})).await.unwrap()
}

/// Waits until the pulse is as it should be; the limit only ends a test that has failed.
///
/// # Panics
/// When it never is.
pub async fn until(desk: &Arc<Desk>, why: &str, wanted: impl Fn(&PulseView) -> bool) -> PulseView {
    let turns = async {
        loop {
            let now = pulse(desk).await;
            if wanted(&now) {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), turns).await.expect(why)
}

/// Opens a workbook and takes it as the program reads it.
///
/// # Errors
/// What the pages would be shown.
pub async fn import(desk: &Arc<Desk>, file: &Path, period: &str) -> Result<DraftView, UiError> {
    let ticket: Ticket = desk.ticket_of_file(file).map_err(|e| desk.to_ui(&e, ""))?;
    let choice = ImportChoice { ticket: ticket.ticket, period: Some(period.into()), ..ImportChoice::default() };
    call(desk, "import_accept", json!({ "choice": choice })).await
}

/// Every file below a folder, with its size.
///
/// # Panics
/// When the folder cannot be read.
pub fn files_below(folder: &Path) -> BTreeSet<(PathBuf, u64)> {
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.insert((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    files
}

/// Gives a long step up while it is under way. One that is faster than whoever gives it up is done again: in the end
/// it was given up, and below `folder` everything is as it was before. The code it ends with.
///
/// # Panics
/// When it fails of something else, or leaves a trace.
pub async fn given_up<F>(desk: &Arc<Desk>, folder: &Path, step: impl Fn() -> F) -> String
where
    F: Future<Output = Result<Value, UiError>> + Send + 'static,
{
    loop {
        let before = files_below(folder);
        let under_way = tokio::spawn(step());
        while !under_way.is_finished() {
            let () = call(desk, "step_cancel", json!({})).await.unwrap();
        }
        match under_way.await.unwrap() {
            Ok(_) => {}
            Err(error) => {
                assert!(["desk-given-up", "sheet-cancelled"].contains(&error.code.as_str()), "{error:?}");
                assert_eq!(files_below(folder), before, "what was given up leaves nothing, and nothing half");
                return error.code;
            }
        }
    }
}

/// A program that takes the workbook and says nothing: the longest import there is. Beside it a file
/// `silent-worker.started` appears once it runs.
#[cfg(unix)]
pub fn silent_worker(folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("silent-worker");
    // Its standard output stays open, so that only a cancellation ends the import.
    std::fs::write(&program, "#!/bin/sh\ntouch \"$0.started\"\nexec sleep 600\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    program
}

/// Signs a draft with the clerk's certificate and submits it.
///
/// # Errors
/// What the pages would be shown.
pub async fn sign(desk: &Arc<Desk>, draft: &DraftView, certificate: &str, pin: &str) -> Result<FilingView, UiError> {
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "certificate": certificate, "pin": pin });
    call(desk, "sign_and_submit", args).await
}

/// Reviews something that is made from the center's books, signs and submits it.
///
/// # Errors
/// What the pages would be shown.
pub async fn order(desk: &Arc<Desk>, order: Value) -> Result<FilingView, UiError> {
    let review: ReviewView = call(desk, "order_review", json!({ "order": order })).await?;
    sign_order(desk, &order, &review).await
}

/// Signs what was reviewed.
///
/// # Errors
/// What the pages would be shown.
pub async fn sign_order(desk: &Arc<Desk>, order: &Value, review: &ReviewView) -> Result<FilingView, UiError> {
    let (certificate, pin) = ("clerk", "123456");
    let args = json!({ "order": order, "fingerprint": review.fingerprint, "certificate": certificate, "pin": pin });
    call(desk, "order_sign", args).await
}

/// Confirms every open warning, takes every proposal, and leaves out what still blocks.
///
/// # Errors
/// What the pages would be shown.
pub async fn settle(desk: &Arc<Desk>, mut draft: DraftView) -> Result<DraftView, UiError> {
    for code in draft.summary.clone().iter().filter(|c| c.fixable > 0) {
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "code": code.code });
        draft = call(desk, "draft_fix", args).await?;
    }
    let mut left_out = BTreeSet::new();
    for code in draft.summary.iter().filter(|c| c.level != "warning") {
        let args = json!({ "draft": draft.draft, "code": code.code });
        let found: FindingsView = call(desk, "draft_findings", args).await?;
        left_out.extend(found.findings.iter().filter_map(|f| f.index));
    }
    let ops: Vec<EditOp> = left_out.into_iter().map(|index| EditOp::Exclude { index, excluded: true }).collect();
    if !ops.is_empty() {
        draft =
            call(desk, "draft_edit", json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops })).await?;
    }
    for code in draft.summary.clone().iter().filter(|c| c.level == "warning" && c.confirmed.is_none()) {
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "code": code.code, "note": "已核实" });
        draft = call(desk, "draft_confirm", args).await?;
    }
    Ok(draft)
}

/// A filter that shows every row.
pub fn every_row() -> GridFilter {
    GridFilter::default()
}

/// A connection as text, for a process of its own.
pub fn connection_text(connection: &Connection) -> String {
    let anchors: Vec<Vec<u8>> = connection.anchors.clone();
    json!({
        "base_url": connection.base_url,
        "anchors": anchors,
        "certificates": connection.certificates,
        "unit_account": connection.unit_account,
        "login": connection.login,
        "clock_offset": connection.clock_offset.as_secs(),
    })
    .to_string()
}

/// The connection that [`connection_text`] wrote.
pub fn connection_of(text: &str) -> Connection {
    let value: Value = serde_json::from_str(text).unwrap();
    let take = |name: &str| value[name].clone();
    Connection {
        demo: true,
        base_url: serde_json::from_value(take("base_url")).unwrap(),
        anchors: serde_json::from_value(take("anchors")).unwrap(),
        minimum_tls: MinimumTls::default(),
        certificates: serde_json::from_value::<PathBuf>(take("certificates")).unwrap(),
        unit_account: serde_json::from_value(take("unit_account")).unwrap(),
        login: serde_json::from_value(take("login")).unwrap(),
        operators: Vec::new(),
        clock_offset: jiff::SignedDuration::from_secs(serde_json::from_value(take("clock_offset")).unwrap()),
        workbooks: Vec::new(),
    }
}

/// Tells how many faults of which rows of faults.md were borne; `cargo xtask faults` reads it.
#[expect(clippy::print_stdout, reason = "read by a person and by xtask")]
pub fn tell(rows: &[&str], faults: usize) {
    println!("[faults] {}: {faults} faults, 0 lost, 0 doubled", rows.join(" "));
}
