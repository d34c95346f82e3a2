//! Everything that a network can do between the desk and the center, at every place where it can do it: one filing, one
//! payment, no draft lost, receipts that hold, books that balance.
//!
//! No place is named here. What is done is done once without a fault, and every place that the proxy saw meanwhile is
//! then the place of one.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use huijiao_center::{Fault, Target, UnitRole};
use huijiao_demo::people::UNIT_ACCOUNT;
use huijiao_demo::practice::{APPROVER_KEY, CLERK_KEY};
use huijiao_desk::ports::{Answer, Clock, Coming, Install, Proxy, Release, SystemClock, UpdateDoor};
use huijiao_desk::views::{DraftView, ExportedFile, FilingStage, FilingView, SessionView, StepView, UiError};
use huijiao_domain::texts;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_signing::{KeyProvider, P12Folder, Purpose, TrustAnchors, verify};
use huijiao_tests::oracles::assert_words;
use huijiao_tests::proxy::{Place, Trouble, Way};
use huijiao_tests::world::{Act, Clerk, World};
use huijiao_tests::{call, tell};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const PEOPLE: usize = 5;

/// One act at a time, with a fault or without, and back to where it began.
struct Scene {
    world: World,
    clerk: Clerk,
    act: Act,
    /// Filings that there must be at the center, withdrawn ones too.
    made: usize,
    /// The draft that is to be filed, cell by cell.
    draft: Option<(DraftView, Value)>,
}

impl Scene {
    async fn open(act: Act) -> Self {
        Self::asking(act, Vec::new()).await
    }

    /// With a clerk whose program asks again by itself after these pauses.
    async fn asking(act: Act, pauses: Vec<Duration>) -> Self {
        let mut world = World::open(PEOPLE, Path::new(WORKER)).await;
        world.pauses = pauses;
        let clerk = world.clerk("one").await;
        let mut scene = Self { world, clerk, act, made: 0, draft: None };
        if act == Act::Pay {
            scene.made += 1;
            settled(&scene.clerk.does(Act::Verify).await.unwrap());
        }
        scene
    }

    /// Everything that must be there before the act.
    async fn prepare(&mut self) {
        match self.act {
            Act::Submit => {
                let draft = self.clerk.draft(&self.world.people[0], "6000.00").await;
                let cells = self.clerk.cells(&draft.draft).await;
                self.draft = Some((draft, cells));
            }
            Act::Withdraw => {
                self.made += 1;
                settled(&self.clerk.does(Act::Verify).await.unwrap());
            }
            Act::Verify | Act::Pay => {}
        }
    }

    /// The act as the clerk goes on after whatever happened: what was signed is asked for, what was not is done again.
    async fn done(&mut self, fault: &str) {
        self.clerk.desk.enter(self.world.connection()).await.unwrap();
        let signed = self.clerk.home().await.filings.len();
        match self.act {
            Act::Withdraw => {
                if self.clerk.standing().await.len() == 1 {
                    let gone = self.clerk.does(Act::Withdraw).await.unwrap();
                    assert_eq!(gone.line.stage, FilingStage::Withdrawn, "{fault}: {:?}", gone.trouble);
                }
                assert!(self.clerk.standing().await.is_empty(), "{fault}: it is gone");
            }
            Act::Submit | Act::Verify | Act::Pay => {
                if signed == self.made {
                    if let Some((draft, cells)) = &self.draft {
                        assert_eq!(&self.clerk.cells(&draft.draft).await, cells, "{fault}: the draft is as it was");
                    }
                    self.clerk.does(self.act).await.unwrap();
                }
                self.made += 1;
                assert!(
                    self.clerk.home().await.drafts.is_empty(),
                    "{fault}: nothing is left that could be filed again"
                );
            }
        }
        self.assert_once(fault).await;
    }

    /// The center and the desk have the same, each once.
    async fn assert_once(&self, fault: &str) {
        let booked = self.world.booked();
        assert_eq!(booked.len(), self.made, "{fault}: exactly one filing came of it: {booked:?}");
        let home = self.clerk.home().await;
        assert_eq!(home.filings.len(), self.made, "{fault}: and the desk knows of each");
        let line = &home.filings[0];
        let last = booked.last().unwrap();
        assert_eq!(line.filing, last.id, "{fault}: of the same one");
        let filing = self.clerk.filing(&line.filing).await;
        assert_eq!(filing.sha256, last.sha256, "{fault}: by the bytes that were signed");
        let receipt = filing.receipt.unwrap_or_else(|| panic!("{fault}: no receipt: {:?}", filing.trouble));
        assert!(receipt.valid, "{fault}: its receipt holds: {:?}", receipt.steps);
        self.world.assert_oracles(&[&self.clerk.desk], &[], fault).await;
    }

    /// Takes back what was done, without a fault.
    async fn undo(&mut self) {
        if self.act != Act::Withdraw {
            let gone = self.clerk.does(Act::Withdraw).await.unwrap();
            assert_eq!(gone.line.stage, FilingStage::Withdrawn, "{:?}", gone.trouble);
        }
        self.draft = None;
    }

    /// Every place that the act passes; `fresh` where no connection stands before.
    async fn places(&mut self, fresh: bool) -> Vec<Place> {
        self.prepare().await;
        self.begin(fresh, None);
        self.clerk.does(self.act).await.unwrap();
        let places = self.world.proxy.places();
        self.done("without a fault").await;
        self.undo().await;
        places
    }

    fn begin(&self, fresh: bool, fault: Option<(Place, Trouble)>) {
        if fresh {
            self.world.proxy.hang_up();
        }
        self.world.proxy.arm(fault);
    }

    /// One fault at a place; whether the place was reached.
    async fn cut_at(&mut self, fresh: bool, place: Place) -> bool {
        let fault = format!("{:?}, fresh: {fresh}, {place:?}", self.act);
        self.prepare().await;
        self.begin(fresh, Some((place, Trouble::Cut)));
        if let Err(error) = self.clerk.does(self.act).await {
            assert_words(&error);
        }
        let reached = !self.world.proxy.disarm();
        self.done(&fault).await;
        self.undo().await;
        reached
    }
}

fn settled(filing: &FilingView) {
    assert_eq!(filing.line.stage, FilingStage::Settled, "{:?}", filing.trouble);
}

/// Places of one way of doing something that are cut by day, evenly spread; all of them by night.
const BY_DAY: usize = 14;

/// Cuts the act at every place it passes, or at so many of them.
async fn cut_everywhere(act: Act, most: usize) {
    let mut scene = Scene::open(act).await;
    let (mut faults, mut missed) = (0, Vec::new());
    for fresh in [false, true] {
        let places = scene.places(fresh).await;
        let both = [Way::Out, Way::Back].map(|way| places.iter().filter(|place| place.way == way).count());
        assert!(both.iter().all(|&records| records >= 4), "{act:?}: too few places to be all of them: {places:?}");
        let apart = places.len().div_ceil(most);
        for place in places.into_iter().step_by(apart) {
            if scene.cut_at(fresh, place).await {
                faults += 1;
            } else {
                missed.push(place);
            }
        }
    }
    // Records are not the same each time: what comes in two for one reading comes in one for the next.
    assert!(missed.len() * 2 <= faults, "{act:?}: {faults} places reached, not {missed:?}");
    tell(&["F03", "F04", "F05", "F20"], faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_f20_a_submission_is_cut_at_every_place() {
    cut_everywhere(Act::Submit, BY_DAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_f20_a_verification_is_cut_at_every_place() {
    cut_everywhere(Act::Verify, BY_DAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_f20_a_payment_is_cut_at_every_place() {
    cut_everywhere(Act::Pay, BY_DAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_f20_a_withdrawal_is_cut_at_every_place() {
    cut_everywhere(Act::Withdraw, BY_DAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes: cargo xtask faults --night"]
async fn f03_f20_everything_is_cut_at_every_place_by_night() {
    for act in Act::ALL {
        cut_everywhere(act, usize::MAX).await;
    }
}

/// What the center, or something before it, does to the answer of something that is booked by then.
#[tokio::test(flavor = "multi_thread")]
async fn f05_an_answer_ends_after_any_byte_of_it() {
    let mut faults = 0;
    for act in Act::ALL {
        let mut scene = Scene::open(act).await;
        for bytes in (0..).scan(0_u64, |next, _| Some(std::mem::replace(next, *next * 2 + 1))) {
            scene.prepare().await;
            scene.world.center().faults().next(Target::Put, Fault::CutAnswerAfter(bytes));
            let answered = scene.clerk.does(act).await;
            assert_eq!(scene.world.center().faults().waiting(), 0, "{act:?}: it was put");
            // The whole of it came through: there is nothing behind.
            let whole = answered.is_ok_and(|filing| filing.trouble.is_none());
            scene.done(&format!("{act:?}: cut after {bytes} bytes")).await;
            scene.undo().await;
            if whole {
                break;
            }
            faults += 1;
        }
    }
    assert!(faults >= 40, "an answer is longer than that: {faults}");
    tell(&["F04", "F05"], faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_f28_answers_that_say_nothing_of_what_was_booked() {
    let faults = [
        Fault::DropBefore,
        Fault::DropAfterCommit,
        Fault::CutAnswer,
        Fault::Garbled,
        Fault::Html,
        Fault::InternalAfterCommit,
        Fault::ProxyAfterCommit(502),
        Fault::ProxyAfterCommit(503),
        Fault::ProxyAfterCommit(504),
        Fault::ProxyAfterCommit(403),
        Fault::ProxyAfterCommit(404),
        Fault::Unavailable(1),
        Fault::RateLimited(1),
        Fault::Twice,
    ];
    for act in Act::ALL {
        let mut scene = Scene::open(act).await;
        for fault in faults {
            scene.prepare().await;
            scene.world.center().faults().next(Target::Put, fault);
            match scene.clerk.does(act).await {
                Err(error) => assert_words(&error),
                Ok(filing) => {
                    assert_ne!(
                        filing.line.stage,
                        FilingStage::Refused,
                        "{act:?}, {fault:?}: nobody says «refused» who does not know"
                    );
                    assert!(filing.trouble.is_some() || fault == Fault::Twice, "{act:?}, {fault:?}: it is said");
                }
            }
            assert_eq!(scene.world.center().faults().waiting(), 0, "{act:?}, {fault:?}: it was put");
            scene.done(&format!("{act:?}, {fault:?}")).await;
            scene.undo().await;
        }
    }
    tell(&["F04", "F05", "F12", "F13", "F28"], Act::ALL.len() * faults.len());
}

#[test]
fn f12_the_programs_ask_again_after_the_pauses_of_the_specification() {
    assert_eq!(huijiao_desk::PAUSES.map(|pause| pause.as_secs()), [2, 5, 15, 40, 120]);
    for program in ["src-tauri/app/lib.rs", "src-tauri/web/src/main.rs"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(program);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("pauses: huijiao_desk::PAUSES.into()"), "{program}: a desk that people use has them");
    }
}

/// What the center books is right, and the receipt that it sends is not: nothing is accepted by it, its bytes lie apart, and
/// the true one is taken once it comes.
#[tokio::test(flavor = "multi_thread")]
async fn f27_a_false_receipt_is_put_apart_and_the_true_one_is_taken() {
    let false_ones = [(Fault::FalseReceipt, "verify-signature"), (Fault::OthersReceipt, "desk-receipt-others")];
    for act in [Act::Submit, Act::Withdraw] {
        for (fault, cause) in false_ones {
            let what = format!("{act:?}, {fault:?}");
            let mut scene = Scene::open(act).await;
            scene.prepare().await;
            scene.world.center().faults().next(Target::Put, fault);
            let refused = match scene.clerk.does(act).await {
                Ok(filing) => filing.trouble.unwrap_or_else(|| panic!("{what}: nothing is said of it")),
                Err(error) => error,
            };
            told(&refused, cause, &what);
            let filing = scene.clerk.home().await.filings.remove(0).filing;
            let seen = scene.clerk.filing(&filing).await;
            // That it was withdrawn may be heard meanwhile by the center's events, with the true receipt.
            let proven: &[FilingStage] = match act {
                Act::Withdraw => &[FilingStage::Settled, FilingStage::Withdrawn],
                Act::Submit | Act::Verify | Act::Pay => &[FilingStage::Unknown],
            };
            assert!(proven.contains(&seen.line.stage), "{what}: what was proven, and no more: {:?}", seen.line.stage);
            if act == Act::Submit {
                assert!(seen.receipt.is_none() && seen.line.filing_number.is_none(), "{what}: no receipt, no number");
                let reason = texts::title(cause);
                let noted = |(_, words): &(String, String)| words.contains("已隔离") && words.contains(reason);
                assert!(seen.history.iter().any(noted), "{what}: {:?}", seen.history);
                // Enough for whatever else is asked for meanwhile: other answers hold no receipt.
                for _ in 0..50 {
                    scene.world.center().faults().next(Target::Get, fault);
                }
                let again: FilingView = call(&scene.clerk.desk, "ask", json!({ "filing": filing })).await.unwrap();
                scene.world.center().faults().clear();
                assert_eq!(again.line.stage, FilingStage::Unknown, "{what}: nor by being told twice");
                told(&again.trouble.unwrap(), cause, &what);
            }

            let report: ExportedFile = call(&scene.clerk.desk, "diagnostics_export", json!({})).await.unwrap();
            let report = std::fs::read_to_string(Path::new(&report.folder).join(&report.file)).unwrap();
            assert!(report.contains(&format!("{filing} {cause} ")), "{what}: support is told of it: {report}");
            assert!(
                report.contains("测试连接") && report.contains("\nTls "),
                "{what}: and how far the way is open: {report}"
            );
            for person in &scene.world.people {
                let named = report.contains(&*person.name) || report.contains(person.id_number.as_str());
                assert!(!named, "{what}: and of nobody");
            }

            scene.done(&what).await;
            let receipt = scene.clerk.filing(&filing).await.receipt.unwrap();
            let anchors = TrustAnchors::from_der(scene.world.connection().anchors).unwrap();
            let now = scene.world.center().clock().now();
            let kept = scene.world.quarantined(scene.clerk).await;
            let times = if act == Act::Submit && fault == Fault::OthersReceipt { 2 } else { 1 };
            assert_eq!(kept.len(), times, "{what}: each that came, once, and still there beside the true one");
            for one in kept {
                assert_eq!((one.filing.to_string(), one.code.as_str()), (filing.clone(), cause), "{what}");
                assert_ne!(one.sha256, receipt.sha256, "{what}: the true one is not among them");
                let held = verify(&one.file, &anchors, now, Purpose::Receipt, &[]);
                match held {
                    Ok(signed) => {
                        let content: ReceiptContent = serde_json::from_slice(&signed.content).unwrap();
                        assert_ne!(content.filing_id.to_string(), filing, "{what}: as it came, of another filing");
                    }
                    Err(_) => {
                        let mut file = one.file;
                        *file.last_mut().unwrap() ^= 1;
                        let mended: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
                        assert_eq!(mended, receipt.sha256, "{what}: as it came, but for the bit that was changed");
                    }
                }
            }
        }
    }
    tell(&["F27"], 4);
}

fn told(error: &UiError, cause: &str, what: &str) {
    assert_eq!(error.code, "desk-receipt-refused", "{what}");
    assert_words(error);
    assert_eq!(error.args["reason"], texts::title(cause), "{what}: and why");
}

/// Nobody presses anything: what has no answer is asked for until the center is there again, and gives way to the clerk.
#[tokio::test(flavor = "multi_thread")]
async fn f12_what_has_no_answer_is_asked_for_by_itself() {
    for act in Act::ALL {
        let mut scene = Scene::asking(act, vec![Duration::from_millis(20); 5_000]).await;
        scene.prepare().await;
        scene.world.center().faults().next(Target::Put, Fault::DropAfterCommit);
        let before = scene.clerk.desk.pulse().revision;
        let said = scene.clerk.does(act).await;
        assert!(said.is_err() || said.is_ok_and(|filing| filing.trouble.is_some()), "{act:?}: nobody knows");
        scene.world.proxy.refuse(true);
        scene.world.proxy.hang_up();
        let filing = scene.clerk.home().await.filings.remove(0).filing;
        if let Err(error) = call::<FilingView>(&scene.clerk.desk, "ask", json!({ "filing": filing })).await {
            assert_ne!(error.code, "desk-busy", "{act:?}: whoever asks in person comes first");
        }
        scene.world.proxy.refuse(false);
        let known = async {
            loop {
                let line = scene.clerk.home().await.filings.remove(0);
                let there = scene.world.booked().pop().unwrap();
                let same = (line.filing, serde_json::to_value(line.stage).unwrap()) == (there.id, there.state.into());
                // The screens learn of it.
                if same && scene.clerk.desk.pulse().revision > before {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), known).await.expect("it finds out by itself");
        if act != Act::Withdraw {
            scene.made += 1;
        }
        scene.assert_once(&format!("{act:?}: asked for by itself")).await;
    }
    tell(&["F04", "F12"], Act::ALL.len());
}

/// The center is told nothing before it wants to be; then it gets the filing, though nobody presses anything.
#[tokio::test(flavor = "multi_thread")]
async fn f13_a_center_that_asks_to_wait_is_left_alone_and_then_gets_it() {
    for (fault, stage) in [(Fault::RateLimited(1), FilingStage::Signed), (Fault::Unavailable(1), FilingStage::Unknown)]
    {
        let mut scene = Scene::asking(Act::Submit, vec![Duration::from_millis(5); 20_000]).await;
        scene.prepare().await;
        scene.world.center().faults().next(Target::Put, fault);
        let sent = Instant::now();
        let said = scene.clerk.does(Act::Submit).await.unwrap();
        let trouble = said.trouble.unwrap();
        assert_eq!((said.line.stage, trouble.code.as_str()), (stage, "net-busy"), "{fault:?}");
        assert_eq!(trouble.args["seconds"], "1", "{fault:?}: she is told how long");
        assert_words(&trouble);
        let taken = async {
            while scene.clerk.home().await.filings[0].stage != FilingStage::Settled {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(90), taken).await.expect("it goes out by itself");
        assert!(sent.elapsed() >= Duration::from_secs(1), "{fault:?}: but not before the center wants it");
        scene.made += 1;
        scene.assert_once(&format!("{fault:?}: sent by itself")).await;
    }
    tell(&["F13"], 2);
}

/// The request arrives when nobody waits for it any more: before it is asked for, and after it was sent again.
#[tokio::test(flavor = "multi_thread")]
async fn f04_a_request_that_comes_late_does_nothing_twice() {
    let mut faults = 0;
    for act in Act::ALL {
        let mut scene = Scene::open(act).await;
        for before in [true, false] {
            scene.prepare().await;
            scene.world.center().faults().next(Target::Put, Fault::Late);
            if let Err(error) = scene.clerk.does(act).await {
                assert_words(&error);
            }
            if before {
                assert!(scene.world.center().faults().let_arrive().await, "it was on its way");
            }
            scene.done(&format!("{act:?}, before it is asked for: {before}")).await;
            if !before {
                assert!(scene.world.center().faults().let_arrive().await, "it was on its way");
                scene.assert_once(&format!("{act:?}: late, after all was done")).await;
            }
            scene.undo().await;
            faults += 1;
        }
    }
    tell(&["F04", "F11"], faults);
}

/// The line goes dead without a word; meanwhile the center is started anew, or the computer is switched off.
#[tokio::test(flavor = "multi_thread")]
async fn f02_f06_f20_the_line_is_dead_while_center_or_computer_starts_anew() {
    let mut faults = 0;
    for act in Act::ALL {
        let mut scene = Scene::open(act).await;
        let places = scene.places(false).await;
        let apart = places.len().div_ceil(BY_DAY);
        for (number, place) in places.into_iter().step_by(apart).enumerate() {
            let fault = format!("{act:?}, silence at {place:?}");
            scene.prepare().await;
            scene.begin(false, Some((place, Trouble::Silence)));
            let mut doing = tokio::spawn({
                let clerk = scene.clerk.clone();
                async move { clerk.does(act).await.map(|_| ()) }
            });
            let silent = tokio::select! {
                () = scene.world.proxy.reached() => true,
                _ = &mut doing => false,
            };
            if silent && number % 2 == 0 {
                scene.world.restart_center().await;
                scene.world.proxy.wake();
                let _ = doing.await;
            } else if silent {
                doing.abort();
                let _ = doing.await;
                scene.world.proxy.wake();
                scene.clerk = scene.world.restart(scene.clerk).await;
            }
            scene.world.proxy.disarm();
            scene.done(&fault).await;
            scene.undo().await;
            faults += usize::from(silent);
        }
    }
    assert!(faults >= 20, "hardly a place was reached: {faults}");
    tell(&["F02", "F03", "F04", "F06", "F20"], faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_what_nobody_takes_goes_out_later_under_the_same_key() {
    let mut faults = 0;
    for act in [Act::Submit, Act::Withdraw] {
        let mut scene = Scene::open(act).await;
        scene.prepare().await;
        scene.world.proxy.refuse(true);
        scene.world.proxy.hang_up();
        let before = scene.clerk.home().await.filings.len();
        match scene.clerk.does(act).await {
            Err(error) => assert_words(&error),
            Ok(filing) => {
                assert_words(filing.trouble.as_ref().unwrap());
                assert!([FilingStage::Signed, FilingStage::Unknown].contains(&filing.line.stage), "not sent");
            }
        }
        let signed = scene.clerk.home().await.filings;
        scene.world.proxy.refuse(false);
        scene.done(&format!("{act:?}: nobody there")).await;
        let after = scene.clerk.home().await.filings;
        assert_eq!(after[0].filing, signed[0].filing, "{act:?}: the one that was signed, no other");
        assert!(after.len() <= before + 1, "{act:?}: and no second");
        faults += 1;
    }
    tell(&["F02"], faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_pressed_twice_is_done_once() {
    let world = World::open(PEOPLE, Path::new(WORKER)).await;
    let clerk = world.clerk("one").await;
    settled(&clerk.does(Act::Verify).await.unwrap());
    let faults = world.center().faults();
    faults.next(Target::Put, Fault::Hold);
    let first = tokio::spawn({
        let clerk = clerk.clone();
        async move { clerk.does(Act::Pay).await }
    });
    while faults.waiting() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let order = json!({ "order": { "order": "pay", "pays": ["month:2026-07"], "method": "transfer" },
        "fingerprint": "", "certificate": "clerk", "pin": "123456" });
    for (command, args) in [
        ("order_sign", order),
        ("sign_and_submit", json!({ "draft": "", "revision": 1, "certificate": "clerk", "pin": "123456" })),
        ("ask", json!({ "filing": clerk.home().await.filings[0].filing })),
    ] {
        let second = call::<FilingView>(&clerk.desk, command, args).await.unwrap_err();
        assert_eq!(second.code, "desk-busy", "{command}: one at a time");
        assert_words(&second);
    }
    faults.release();
    assert_eq!(first.await.unwrap().unwrap().line.stage, FilingStage::Accepted);
    assert_eq!(world.booked().len(), 2, "the verification, and one order");
    world.assert_oracles(&[&clerk.desk], &[], "pressed twice").await;
    tell(&["F08"], 3);
}

/// A publisher who has one newer program, and whether it was installed.
#[derive(Default)]
struct Publisher(Arc<AtomicBool>);

impl UpdateDoor for Publisher {
    fn look(&self, _way: Proxy) -> Answer<'_, Option<Release>> {
        Box::pin(async { Ok(Some(Release { version: "9.0.0".into(), notes: None, date: None })) })
    }

    fn fetch<'a>(&'a self, _version: &'a str, _way: Proxy, coming: Coming<'a>) -> Answer<'a, Install> {
        let installed = self.0.clone();
        coming(9_000, Some(9_000));
        Box::pin(async move {
            let install: Install = Box::new(move || {
                installed.store(true, Ordering::SeqCst);
                Ok(())
            });
            Ok(install)
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f54_an_update_waits_for_the_submission_under_way() {
    let mut world = World::open(PEOPLE, Path::new(WORKER)).await;
    let publisher = Publisher::default();
    let installed = publisher.0.clone();
    world.updates = Some(Arc::new(publisher));
    let clerk = world.clerk("one").await;
    let faults = world.center().faults();
    faults.next(Target::Put, Fault::Hold);
    let submission = tokio::spawn({
        let clerk = clerk.clone();
        async move { clerk.does(Act::Verify).await }
    });
    while faults.waiting() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let update = tokio::spawn({
        let desk = clerk.desk.clone();
        async move { call::<Value>(&desk, "update_install", json!({ "version": "9.0.0" })).await }
    });
    // All of the package is here: nothing but the submission holds it up.
    while call::<StepView>(&clerk.desk, "step", json!({})).await.unwrap().done == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!update.is_finished() && !installed.load(Ordering::SeqCst), "not into the middle of a submission");
    faults.release();
    settled(&submission.await.unwrap().unwrap());
    update.await.unwrap().unwrap();
    assert!(installed.load(Ordering::SeqCst), "then it is installed");
    assert_eq!(world.booked().len(), 1, "one filing");
    world.assert_oracles(&[&clerk.desk], &[], "updated").await;
    tell(&["F54"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f54_an_update_that_is_given_up_while_it_waits_is_not_installed() {
    let mut world = World::open(PEOPLE, Path::new(WORKER)).await;
    let publisher = Publisher::default();
    let installed = publisher.0.clone();
    world.updates = Some(Arc::new(publisher));
    let clerk = world.clerk("one").await;
    let faults = world.center().faults();
    faults.next(Target::Put, Fault::Hold);
    let submission = tokio::spawn({
        let clerk = clerk.clone();
        async move { clerk.does(Act::Verify).await }
    });
    while faults.waiting() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let update = tokio::spawn({
        let desk = clerk.desk.clone();
        async move { call::<Value>(&desk, "update_install", json!({ "version": "9.0.0" })).await }
    });
    while call::<StepView>(&clerk.desk, "step", json!({})).await.unwrap().done == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    call::<Value>(&clerk.desk, "step_cancel", json!({})).await.unwrap();
    assert_eq!(update.await.unwrap().unwrap_err().code, "desk-given-up");
    faults.release();
    submission.await.unwrap().unwrap();
    assert!(!installed.load(Ordering::SeqCst), "nothing was installed, then or later");
    tell(&["F54"], 1);
}

/// The amount, or what is owed at all, moves between the review and the signature.
#[tokio::test(flavor = "multi_thread")]
async fn f15_f18_what_moved_since_it_was_reviewed_is_not_signed() {
    let world = World::open(PEOPLE, Path::new(WORKER)).await;
    let [here, there] = [world.clerk("one").await, world.clerk("two").await];
    let verify = json!({ "order": "verify", "through": "2026-07" });
    let seen: huijiao_desk::views::ReviewView =
        call(&here.desk, "order_review", json!({ "order": verify })).await.unwrap();
    let draft = there.draft(&world.people[0], "6000.00").await;
    settled(&there.submit(&draft.draft).await.unwrap());
    let late = huijiao_tests::sign_order(&here.desk, &verify, &seen).await.unwrap_err();
    assert_eq!(late.code, "desk-order-moved", "other sums than those that were shown");
    assert_words(&late);
    assert_eq!(world.booked().len(), 1, "the colleague's alone");
    assert!(here.home().await.filings.is_empty(), "nothing was signed");
    settled(&here.does(Act::Verify).await.unwrap());
    world.assert_oracles(&[&here.desk, &there.desk], &[], "looked at again").await;
    tell(&["F15", "F18"], 1);
}

/// This computer's clock, which gives out one id for as long as somebody holds it.
#[derive(Default)]
struct OneId(Mutex<Option<Uuid>>);

impl OneId {
    fn hold(&self, id: Option<Uuid>) {
        *self.0.lock().unwrap() = id;
    }
}

impl Clock for OneId {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn steady(&self) -> SignedDuration {
        SystemClock.steady()
    }

    fn new_id(&self) -> Uuid {
        self.0.lock().unwrap().unwrap_or_else(|| SystemClock.new_id())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_an_id_that_the_center_has_with_other_bytes_books_nothing_and_is_filed_anew() {
    let mut world = World::open(PEOPLE, Path::new(WORKER)).await;
    let clock = Arc::new(OneId::default());
    let theirs = world.clerk("one").await;
    world.clock = clock.clone();
    let draft = theirs.draft(&world.people[0], "6000.00").await;
    settled(&theirs.submit(&draft.draft).await.unwrap());
    let taken = world.booked();

    let hers = world.clerk("two").await;
    let draft = hers.draft(&world.people[1], "7000.00").await;
    let cells = hers.cells(&draft.draft).await;
    clock.hold(Some(taken[0].id.parse().unwrap()));
    let refused = hers.submit(&draft.draft).await.unwrap();
    clock.hold(None);
    assert_eq!(refused.line.filing, taken[0].id, "the same id");
    assert_ne!(refused.sha256, taken[0].sha256, "and other bytes");
    let trouble = refused.trouble.unwrap();
    assert_eq!((refused.line.stage, trouble.code.as_str()), (FilingStage::Refused, "problem-filing-differs"));
    assert_eq!(trouble.args["status"], "409", "as the protocol has it");
    assert_words(&trouble);
    assert!(refused.receipt.is_none(), "the colleague's receipt is not taken for hers");
    assert_eq!(world.booked(), taken, "nothing of it is booked, and what was there is as it was");

    let back: DraftView = call(&hers.desk, "filing_reopen", json!({ "filing": refused.line.filing })).await.unwrap();
    assert_eq!(hers.cells(&back.draft).await, cells, "nothing of hers is lost");
    let filed = hers.submit(&back.draft).await.unwrap();
    settled(&filed);
    assert_ne!(filed.line.filing, taken[0].id, "under an id of its own");
    assert_eq!(world.booked().len(), 2, "once");
    world.assert_sound("one id twice").await;
    tell(&["F10"], 1);
}

/// The clerk's role ends at the center: before she signs, after what she signed was booked without her knowing, and while it
/// waits to be sent.
#[tokio::test(flavor = "multi_thread")]
async fn f16_a_role_that_ended_is_refused_by_both_sides_and_nothing_is_lost() {
    let world = World::open(PEOPLE, Path::new(WORKER)).await;
    let clerk = world.clerk("one").await;
    let center = world.center();
    let key = P12Folder::new(world.connection().certificates).open(CLERK_KEY).unwrap();
    let certificate = key.certificate().der().to_vec();
    let given = async |role: UnitRole| center.register_operator(UNIT_ACCOUNT, &certificate, role).await.unwrap();
    let ended = async |role: UnitRole| {
        assert!(center.end_role(UNIT_ACCOUNT, &certificate, role).await.unwrap(), "she had it");
    };
    let heard = async || drop(call::<SessionView>(&clerk.desk, "refresh", json!({})).await.unwrap());
    let refused = |filing: &FilingView, booked: usize, when: &str| {
        let trouble = filing.trouble.as_ref().unwrap();
        let (stage, code) = (filing.line.stage, trouble.code.as_str());
        assert_eq!((stage, code), (FilingStage::Refused, "problem-role-ended"), "{when}");
        assert_words(trouble);
        assert_eq!(world.booked().len(), booked, "{when}: nothing of it is booked");
    };
    let reopened = async |filing: &FilingView, cells: &Value, when: &str| {
        let args = json!({ "filing": filing.line.filing });
        let back: DraftView = call(&clerk.desk, "filing_reopen", args).await.unwrap();
        assert_eq!(&clerk.cells(&back.draft).await, cells, "{when}: nothing is lost");
        back.draft
    };

    given(UnitRole::Viewer).await;
    let draft = clerk.draft(&world.people[0], "6000.00").await.draft;
    let cells = clerk.cells(&draft).await;
    ended(UnitRole::Clerk).await;
    heard().await;
    let known_here = clerk.submit(&draft).await.unwrap_err();
    assert_eq!(known_here.code, "desk-not-clerk", "where it is known here, nothing is signed");
    assert_words(&known_here);
    assert!(clerk.home().await.filings.is_empty());

    given(UnitRole::Clerk).await;
    heard().await;
    ended(UnitRole::Clerk).await;
    let unheard = clerk.submit(&draft).await.unwrap();
    refused(&unheard, 0, "not known here: the center says it");
    let draft = reopened(&unheard, &cells, "not known here").await;

    given(UnitRole::Clerk).await;
    center.faults().next(Target::Put, Fault::DropAfterCommit);
    let lost = clerk.submit(&draft).await.unwrap();
    assert_eq!(lost.line.stage, FilingStage::Unknown, "{:?}", lost.trouble);
    ended(UnitRole::Clerk).await;
    ended(UnitRole::Viewer).await;
    let known: FilingView = call(&clerk.desk, "ask", json!({ "filing": lost.line.filing })).await.unwrap();
    settled(&known);
    assert!(known.receipt.is_some_and(|receipt| receipt.valid), "what was booked is known, whatever she may do now");
    assert_eq!(world.booked().len(), 1, "once");

    given(UnitRole::Viewer).await;
    given(UnitRole::Clerk).await;
    heard().await;
    let draft = clerk.draft(&world.people[1], "7000.00").await.draft;
    let cells = clerk.cells(&draft).await;
    world.proxy.refuse(true);
    world.proxy.hang_up();
    let waits = clerk.submit(&draft).await.unwrap();
    assert!(waits.trouble.is_some() && waits.receipt.is_none(), "signed, and waiting for the network");
    ended(UnitRole::Clerk).await;
    world.proxy.refuse(false);
    let asked: FilingView = call(&clerk.desk, "ask", json!({ "filing": waits.line.filing })).await.unwrap();
    refused(&asked, 1, "ended while it waited");
    reopened(&asked, &cells, "ended while it waited").await;
    world.assert_oracles(&[&clerk.desk], &[], "a role that ended").await;
    tell(&["F16"], 4);
}

/// A center that says only that the role has ended says nothing of the filing: it stays open, whoever asks by whatever
/// login, until somebody may look again.
#[tokio::test(flavor = "multi_thread")]
async fn f16_what_was_booked_stays_open_where_the_center_only_says_that_the_role_ended() {
    let mut world = World::open(PEOPLE, Path::new(WORKER)).await;
    let clock = Arc::new(OneId::default());
    world.clock = clock.clone();
    let certificate = |key: &str| {
        let key = P12Folder::new(world.connection().certificates).open(key).unwrap();
        key.certificate().der().to_vec()
    };
    let (own, approver) = (certificate(CLERK_KEY), certificate(APPROVER_KEY));
    let center = world.center();
    let open = async |clerk: &Clerk, filing: &str, when: &str| {
        let args = json!({ "filing": filing });
        let asked: FilingView = call(&clerk.desk, "ask", args.clone()).await.unwrap();
        let code = asked.trouble.as_ref().map(|trouble| trouble.code.clone()).unwrap_or_default();
        assert_eq!((asked.line.stage, code.as_str()), (FilingStage::Unknown, "problem-role-ended"), "{when}");
        assert!(!asked.reopenable, "{when}: nothing is made of it a second time");
        assert!(call::<DraftView>(&clerk.desk, "filing_reopen", args).await.is_err(), "{when}: nor if asked for");
        assert_eq!(world.booked().len(), 1, "{when}: once");
    };

    let clerk = world.clerk("one").await;
    let draft = clerk.draft(&world.people[0], "6000.00").await;
    center.faults().next(Target::Put, Fault::DropAfterCommit);
    let lost = clerk.submit(&draft.draft).await.unwrap();
    assert_eq!(lost.line.stage, FilingStage::Unknown, "{:?}", lost.trouble);
    assert!(center.end_role(UNIT_ACCOUNT, &own, UnitRole::Clerk).await.unwrap());
    let clerk = world.restart(clerk).await;
    open(&clerk, &lost.line.filing, "her login is refused").await;
    open(&clerk, &lost.line.filing, "asked again").await;
    assert!(center.end_role(UNIT_ACCOUNT, &approver, UnitRole::Approver).await.unwrap());
    clerk.desk.enter(world.connection_of(APPROVER_KEY)).await.unwrap();
    open(&clerk, &lost.line.filing, "another's login is refused").await;

    center.register_operator(UNIT_ACCOUNT, &own, UnitRole::Clerk).await.unwrap();
    clerk.desk.enter(world.connection()).await.unwrap();
    let known: FilingView = call(&clerk.desk, "ask", json!({ "filing": lost.line.filing })).await.unwrap();
    settled(&known);

    // Logged in, she is told that the role has ended instead of what the center has under this id, and her bytes are
    // refused for the role alone.
    let second = world.clerk("two").await;
    let draft = second.draft(&world.people[1], "7000.00").await;
    clock.hold(Some(lost.line.filing.parse().unwrap()));
    center.faults().next(Target::Put, Fault::DropBefore);
    let lost = second.submit(&draft.draft).await.unwrap();
    clock.hold(None);
    assert_eq!(lost.line.stage, FilingStage::Unknown, "{:?}", lost.trouble);
    assert!(center.end_role(UNIT_ACCOUNT, &own, UnitRole::Clerk).await.unwrap());
    open(&second, &lost.line.filing, "her bytes are refused").await;
    tell(&["F16"], 4);
}

/// The center keeps a filing's id for ever: nothing is made anew however late it is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn f14_after_a_day_and_more_it_is_asked_for_and_not_made_anew() {
    for (act, hours) in [(Act::Submit, 25), (Act::Verify, 25), (Act::Submit, 24 * 20)] {
        let mut scene = Scene::open(act).await;
        scene.prepare().await;
        scene.world.center().faults().next(Target::Put, Fault::DropAfterCommit);
        let lost = scene.clerk.does(act).await.unwrap();
        assert_eq!(lost.line.stage, FilingStage::Unknown, "sent, no answer");
        scene.world.let_hours_go_by(hours);
        scene.done(&format!("{act:?}, asked for after {hours} hours")).await;
        let asked = scene.clerk.filing(&lost.line.filing).await;
        assert_eq!((asked.sha256, asked.line.stage), (lost.sha256, FilingStage::Settled), "the same, and no other");
    }
    tell(&["F14"], 3);
}
