//! 回执链与操作日志: a center that hides or contradicts a receipt, a log whose end somebody cut off.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use huijiao_demo::people::OTHER_UNIT_ACCOUNT;
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, Connection as Center, SystemClock};
use huijiao_desk::views::{
    DraftView, ExportedFile, FilingAtCenter, FilingStage, FilingView, JumpScreen, NoticeTone, NoticesView,
    ReceiptChainView, StartView, VaultState,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse, text};
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_signing::issue::DevelopmentCa;
use huijiao_signing::{MemoryKey, Purpose, Role, TrustAnchors, sign_attached, verify};
use huijiao_store::vault::MemoryVault;
use huijiao_tests::proxy::Proxy;
use huijiao_tests::{PASSPHRASE, call, closed, config, desk, import, order, pulse, sign, until};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

struct Scene {
    folder: TempDir,
    practice: Practice,
    desk: Arc<Desk>,
    filings: Vec<FilingView>,
}

impl Scene {
    /// Bases, the month and its payment: three receipts, one after the other.
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        desk.enter(practice.connection()).await.unwrap();
        let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
        let filings = vec![
            sign(&desk, &draft, "clerk", "123456").await.unwrap(),
            order(&desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap(),
            order(&desk, json!({ "order": "pay", "pays": ["month:2026-07"], "method": "transfer" })).await.unwrap(),
        ];
        assert!(filings.iter().all(|filing| filing.receipt.as_ref().is_some_and(|receipt| receipt.valid)));
        Self { folder, practice, desk, filings }
    }

    fn number(&self, place: usize) -> String {
        self.filings[place].receipt.as_ref().unwrap().filing_number.clone()
    }

    fn books(&self) -> Connection {
        let books = Connection::open(self.folder.path().join("practice/center/center.db")).unwrap();
        books
            .execute_batch(
                "drop trigger receipt_unchanged; drop trigger receipt_stays; drop trigger filing_bytes_stay;",
            )
            .unwrap();
        books
    }

    /// The same clerk at another computer, who has no receipt of his own.
    async fn elsewhere(&self) -> Arc<Desk> {
        let there = desk(&self.folder.path().join("elsewhere"), Path::new(WORKER));
        there.enter(self.practice.connection()).await.unwrap();
        there
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(self.practice.center.anchors()).unwrap()
    }

    /// What the newest receipt of a filing says, as the center keeps it.
    fn receipt(&self, books: &Connection, place: usize) -> ReceiptContent {
        let bytes: Vec<u8> = books
            .query_row("select bytes from receipt where filing = ?1", [&self.filings[place].line.filing], |r| r.get(0))
            .unwrap();
        let now = self.practice.center.clock().now();
        serde_json::from_slice(&verify(&bytes, &self.anchors(), now, Purpose::Receipt, &[]).unwrap().content).unwrap()
    }

    /// Puts another receipt in the place of one.
    fn replace(&self, books: &Connection, place: usize, content: &ReceiptContent, key: &mut MemoryKey) {
        let at = text::stamp(self.practice.center.clock().now());
        let bytes = serde_json::to_vec(content).unwrap();
        let forged = sign_attached(key, &bytes, &at, Role::Center, Purpose::Receipt, None).unwrap();
        books
            .execute("update receipt set bytes = ?2 where filing = ?1", (&self.filings[place].line.filing, forged))
            .unwrap();
    }
}

async fn chain(desk: &Arc<Desk>) -> ReceiptChainView {
    call(desk, "receipt_chain", json!({})).await.unwrap()
}

/// Code and number of each fault.
fn faults(view: &ReceiptChainView) -> Vec<(&str, &str)> {
    view.faults.iter().map(|fault| (fault.code.as_str(), fault.args["number"].as_str())).collect()
}

async fn notices(desk: &Arc<Desk>) -> Vec<String> {
    pulse(desk).await.notices.into_iter().map(|notice| notice.code).collect()
}

/// What is said without being asked for, once it is said and screens that are open were told to look again.
async fn alarm(desk: &Arc<Desk>) -> Vec<String> {
    let alarmed = until(desk, "an alarm after the unit was opened", |now| !now.notices.is_empty() && now.revision > 0);
    alarmed.await.notices.into_iter().map(|notice| notice.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_chain_raises_no_alarm_wherever_it_was_filed() {
    let scene = Scene::open().await;
    let there = scene.elsewhere().await;
    for desk in [&scene.desk, &there] {
        let view = chain(desk).await;
        assert_eq!((view.receipts, faults(&view)), (3, Vec::new()));
        assert_eq!(notices(desk).await, [""; 0]);
    }
    let seen: FilingAtCenter = call(&there, "query_filing", json!({ "number": scene.number(2) })).await.unwrap();
    let previous = seen.receipt.steps.iter().find(|step| step.code == "previous").unwrap();
    assert!(previous.passed, "the one before it is at the center, though not on this computer: {}", previous.title);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_that_hides_a_receipt_is_found_out_with_and_without_a_copy_of_it() {
    let scene = Scene::open().await;
    hide(&scene, &scene.books());
    let there = scene.elsewhere().await;
    assert_eq!(alarm(&there).await, ["desk-receipt-gap"], "said by itself, soon after the unit was opened");
    assert_eq!(faults(&chain(&there).await), [("desk-receipt-gap", scene.number(2).as_str())]);
    let here = chain(&scene.desk).await;
    assert_eq!(faults(&here), [("desk-receipt-dropped", scene.number(1).as_str())], "this computer kept it");
    assert_eq!(notices(&scene.desk).await, ["desk-receipt-dropped"]);
    let bell: NoticesView = call(&scene.desk, "notices", json!({})).await.unwrap();
    let told: Vec<_> = bell.notices.iter().filter(|notice| notice.key.starts_with("data:")).collect();
    assert_eq!(told.len(), 1, "{:?}", bell.notices);
    let jump = told[0].jump.as_ref().unwrap();
    assert_eq!((told[0].tone, jump.screen), (NoticeTone::Bad, JumpScreen::Filings), "and the way to the chain");
    assert!(!told[0].text.contains('…'), "with its figures: {}", told[0].text);
    call::<StartView>(&scene.desk, "lock", json!({})).await.unwrap();
    assert_eq!(notices(&scene.desk).await, [""; 0], "nothing of it behind a locked screen");
}

/// Unlocks data that a desk had open which was just dropped: the last of what it did lets go of them soon.
async fn unlocked(desk: &Arc<Desk>) {
    while let Err(error) = desk.unlock(PASSPHRASE) {
        assert_eq!(error.code(), "store-in-use");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Hides the month's receipt, as if the center had never given it.
fn hide(scene: &Scene, books: &Connection) {
    let hidden = &scene.filings[1].line.filing;
    books
        .execute("update receipt set unit = ?2, place = 99 where filing = ?1", [hidden.as_str(), OTHER_UNIT_ACCOUNT])
        .unwrap();
    books.execute("update filing set unit = ?2 where id = ?1", [hidden.as_str(), OTHER_UNIT_ACCOUNT]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_alarmed_as_soon_as_the_network_is_back_after_a_start_without_it() {
    let scene = Scene::open().await;
    let proxy = Proxy::to(scene.practice.center.address()).await;
    let by_proxy = || Center { base_url: format!("https://{}", proxy.address()), ..scene.practice.connection() };
    let folder = scene.folder.path().join("elsewhere");
    let there = desk(&folder, Path::new(WORKER));
    there.enter(by_proxy()).await.unwrap();
    assert_eq!(faults(&chain(&there).await), [], "nothing is hidden yet");
    drop(there);

    hide(&scene, &scene.books());
    proxy.refuse(true);
    proxy.hang_up();
    let there = Arc::new(Desk::new(config(&folder, Path::new(WORKER))));
    unlocked(&there).await;
    let session = there.enter(by_proxy()).await.unwrap();
    assert_ne!(session.connection, "reachable", "with what was kept of the last time");
    assert_eq!(notices(&there).await, [""; 0], "nobody can know yet");
    proxy.refuse(false);
    assert_eq!(alarm(&there).await, ["desk-receipt-gap"], "nobody asked for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_the_chain_that_failed_is_made_again() {
    let scene = Scene::open().await;
    let folder = scene.folder.path().join("elsewhere");
    let open = async || {
        let pauses = vec![Duration::from_millis(50); 200];
        let desk = Arc::new(Desk::new(DeskConfig { pauses, ..config(&folder, Path::new(WORKER)) }));
        if desk.start().unwrap().vault == VaultState::Locked {
            unlocked(&desk).await;
        } else {
            drop(desk.set_passphrase(PASSPHRASE).unwrap());
        }
        desk
    };
    let there = open().await;
    there.enter(scene.practice.connection()).await.unwrap();
    chain(&there).await;
    drop(there);
    let books = scene.books();
    hide(&scene, &books);
    // The center cannot read one of its own rows: all that opening a unit asks for comes, the list of receipts does not.
    let month = |now: &str| {
        let id = scene.filings[0].line.filing.as_str();
        books.execute("update filing set period = ?2 where id = ?1", [id, now]).unwrap();
    };
    month("no month");
    let there = open().await;
    let session = there.enter(scene.practice.connection()).await.unwrap();
    assert_eq!(session.connection, "reachable");
    call::<ReceiptChainView>(&there, "receipt_chain", json!({})).await.expect_err("what cannot be read is not whole");
    assert_eq!(notices(&there).await, [""; 0], "nobody knows yet");
    month("2026-07");
    assert_eq!(alarm(&there).await, ["desk-receipt-gap"], "one fault keeps nobody from being told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_that_contradicts_itself_or_shows_what_it_never_signed_is_found_out() {
    let scene = Scene::open().await;
    let books = scene.books();
    let pem = std::fs::read_to_string(scene.folder.path().join("practice/center/receipt.pem")).unwrap();
    let mut own = MemoryKey::from_pem(&pem, &pem).unwrap();
    let honest = scene.receipt(&books, 2);
    let first = scene.receipt(&books, 1).previous_receipt;
    let contradicting = ReceiptContent { previous_receipt: first, ..honest.clone() };
    scene.replace(&books, 2, &contradicting, &mut own);
    let there = scene.elsewhere().await;
    let said = chain(&there).await;
    assert_eq!(said.faults[0].code, "desk-receipt-fork", "{:?}", said.faults);
    let both = [said.faults[0].args["number"].clone(), said.faults[0].args["other"].clone()];
    assert!(both.contains(&scene.number(1)) && both.contains(&scene.number(2)), "{both:?}");

    let now = scene.practice.center.clock().now();
    let validity = huijiao_signing::issue::Validity::years(now, 1);
    let foreign = DevelopmentCa::new("别家", validity).unwrap();
    scene.replace(&books, 2, &honest, &mut foreign.issue_receipt("别家", validity).unwrap());
    let said = chain(&there).await;
    assert_eq!(faults(&said), [("desk-receipt-forged", scene.number(2).as_str())]);
    assert_eq!(notices(&there).await, ["desk-receipt-forged"], "and what was said before is said no more");
}

fn with_keyring(folder: &Path, keyring: &Arc<MemoryVault>) -> Arc<Desk> {
    let config = DeskConfig { keyring: KeyringUse::Given(keyring.clone()), ..config(folder, Path::new(WORKER)) };
    Arc::new(Desk::new(config))
}

fn file(folder: &Path) -> PathBuf {
    folder.join("desk/practice/data/huijiao.db")
}

/// The data as they were with a draft, and as they are after it was filed; nobody works with them any more.
struct Cut {
    folder: TempDir,
    practice: Practice,
    keyring: Arc<MemoryVault>,
    older: PathBuf,
    backup: ExportedFile,
}

async fn filed_and_closed() -> Cut {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let keyring = Arc::new(MemoryVault::default());
    let first = with_keyring(folder.path(), &keyring);
    first.start().unwrap();
    first.enter(practice.connection()).await.unwrap();
    let clean = practice.workbook_folder.join(workbooks::CLEAN);
    let draft: DraftView = import(&first, &clean, "2026-07").await.unwrap();
    let backup: ExportedFile = call(&first, "backup_make", json!({})).await.unwrap();
    closed(first).await;
    let older = folder.path().join("older.db");
    std::fs::copy(file(folder.path()), &older).unwrap();

    let second = with_keyring(folder.path(), &keyring);
    second.start().unwrap();
    second.enter(practice.connection()).await.unwrap();
    call::<huijiao_desk::views::BackupsView>(&second, "passphrase_change", json!({ "passphrase": "只在这里用的口令" }))
        .await
        .unwrap();
    let filed = sign(&second, &draft, "clerk", "123456").await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    Cut { folder, practice, keyring, older, backup }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_the_log_travels_in_the_filing_and_comes_back_in_the_receipt() {
    let scene = Scene::open().await;
    let books = scene.books();
    let id = &scene.filings[1].line.filing;
    let bytes: Vec<u8> = books.query_row("select bytes from filing where id = ?1", [id], |row| row.get(0)).unwrap();
    let now = scene.practice.center.clock().now();
    let signed = verify(&bytes, &scene.anchors(), now, Purpose::Filing, &[]).unwrap();
    let head = FilingContent::from_bytes(&signed.content).unwrap().header.audit.expect("it travels");
    assert_eq!(head.seq, 2, "the import and the first filing were logged before");
    assert_eq!(scene.receipt(&books, 1).audit, Some(head), "and comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_end_was_cut_off_is_told_by_the_filings_of_this_computer_and_by_the_last_receipt() {
    let cut = filed_and_closed().await;
    // Somebody without the key puts the log's older rows, which still open, in the place of the newer ones.
    let data = Connection::open(file(cut.folder.path())).unwrap();
    data.execute("attach ?1 as older", [cut.older.to_str().unwrap()]).unwrap();
    data.execute_batch(
        "drop trigger audit_is_never_deleted; delete from audit; insert into audit select * from older.audit;
         update settings set body = (select body from older.settings where name = 'audit-end')
         where name = 'audit-end'; detach older;",
    )
    .unwrap();
    data.close().unwrap();
    let third = with_keyring(cut.folder.path(), &cut.keyring);
    let started = third.start().unwrap();
    let said: Vec<_> = started.notices.iter().map(|notice| notice.code.as_str()).collect();
    assert_eq!(said, ["desk-audit-cut"], "at the start, before anybody is asked");
    closed(third).await;

    // The whole file replaced by the older one: nothing on this computer knows better, the receipt does.
    std::fs::copy(&cut.older, file(cut.folder.path())).unwrap();
    let fourth = with_keyring(cut.folder.path(), &cut.keyring);
    assert!(fourth.start().unwrap().notices.is_empty(), "by itself it holds");
    fourth.enter(cut.practice.connection()).await.unwrap();
    assert_eq!(alarm(&fourth).await, ["desk-audit-cut"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_is_no_cut_log() {
    let cut = filed_and_closed().await;
    let desk = with_keyring(cut.folder.path(), &cut.keyring);
    desk.start().unwrap();
    let ticket = desk.ticket_of_file(&Path::new(&cut.backup.folder).join(&cut.backup.file)).unwrap().ticket;
    call::<StartView>(&desk, "restore", json!({ "choice": { "ticket": ticket } })).await.unwrap();
    desk.enter(cut.practice.connection()).await.unwrap();
    let view = chain(&desk).await;
    assert_eq!((view.receipts, faults(&view)), (1, Vec::new()), "it goes on as another log");
    assert_eq!(notices(&desk).await, [""; 0]);
}

/// The center's revocation list names its own receipt key from this moment on.
fn revoke_receipt_key(scene: &Scene, books: &Connection, since: &str) {
    let pem = std::fs::read_to_string(scene.folder.path().join("practice/center/receipt.pem")).unwrap();
    let certificate = huijiao_signing::Certificate::from_pem(&pem).unwrap();
    books
        .execute(
            "insert into certificate (sha256, operator, der, revoked_at, revoked_because) \
             select ?1, min(id), ?2, ?3, 'compromised' from operator",
            (certificate.sha256_hex(), certificate.der(), since),
        )
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_key_that_is_revoked_later_undoes_no_receipt_and_one_that_was_revoked_before_proves_none() {
    let scene = Scene::open().await;
    let later = text::stamp(scene.practice.center.clock().now() + jiff::SignedDuration::from_hours(1));
    revoke_receipt_key(&scene, &scene.books(), &later);
    let there = scene.elsewhere().await;
    assert_eq!(faults(&chain(&there).await), [], "they were signed before");

    let scene = Scene::open().await;
    let here = chain(&scene.desk).await;
    assert_eq!(here.receipts, 3);
    revoke_receipt_key(&scene, &scene.books(), "2026-01-01T00:00:00+08:00");
    let there = scene.elsewhere().await;
    let said = chain(&there).await;
    let codes: Vec<_> = faults(&said).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["desk-receipt-forged"; 3], "whoever has the key could have signed them");
    let seen: FilingAtCenter = call(&there, "query_filing", json!({ "number": scene.number(2) })).await.unwrap();
    assert!(!seen.receipt.valid, "nor is one shown as if it held");
    let _: huijiao_desk::views::SessionView = call(&scene.desk, "refresh", json!({})).await.unwrap();
    assert_eq!(faults(&chain(&scene.desk).await), [], "what was proven when it came stays proven here");
}
