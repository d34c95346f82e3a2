//! UKey: the journey with tokens for the clerk and the approver, for TLS and for signatures, against the real center;
//! and everything that goes wrong with a token. SoftHSM2 is the token.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::{io::Write, process::Stdio, time::Duration, time::Instant};

use huijiao_demo::people::practice_unit;
use huijiao_demo::practice::{APPROVER, APPROVER_KEY, CLERK, CLERK_KEY, PIN, seed};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{
    ApprovalDone, ApprovalView, AuditView, DraftView, Exported, FilingStage, FilingView, HomeView, PulseView,
    ReviewView, SessionView, StartView, TokenSearchView, UiError,
};
use huijiao_desk::{Desk, DeskConfig};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::{Approval, CenterProfile};
use huijiao_pkcs11_token::TRIES;
use huijiao_signing::issue::{TEST_PIN, write_test_certificates};
use huijiao_signing::{
    Kept, KeyProvider, Pin, PinState, Purpose, Role, SignError, Tokens, TrustAnchors, sign_attached, verify,
};
use huijiao_tests::oracles::{Books, assert_oracles};
use huijiao_tests::proxy::Proxy;
use huijiao_tests::softhsm::{SoftHsm, alone};
use huijiao_tests::{PASSPHRASE, call, config, import, settled, sign, until};
use jiff::SignedDuration;
use serde_json::{Value, json};

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
/// PINs of the two tokens.
const CLERKS: &str = "246810";
const APPROVERS: &str = "135791";

fn tokens() -> Tokens {
    Tokens::at(vec![SoftHsm::module()])
}

fn desk_at(folder: &Path) -> Arc<Desk> {
    desk_with(tokens(), folder)
}

fn desk_with(tokens: Tokens, folder: &Path) -> Arc<Desk> {
    let desk = Arc::new(Desk::new(DeskConfig { tokens, ..config(folder, Path::new(WORKER)) }));
    desk.set_passphrase(PASSPHRASE).unwrap();
    desk
}

/// A center that wants bases approved; its operators' keys are on two tokens and nowhere else.
struct Scene {
    tokens: Tokens,
    practice: Practice,
    clerk: Arc<Desk>,
    approver: Arc<Desk>,
    clerks: String,
    approvers: String,
}

impl Scene {
    async fn open(hsm: &SoftHsm) -> Self {
        Self::with(tokens(), hsm).await
    }

    /// With tokens that count wrong PINs and can be pulled out one by one.
    async fn counting(hsm: &SoftHsm) -> Self {
        Self::with(Tokens::at(vec![hsm.driver()]), hsm).await
    }

    async fn with(tokens: Tokens, hsm: &SoftHsm) -> Self {
        let practice = Practice::open(&hsm.folder().join("practice"), SystemClock.now()).await.unwrap();
        let mut profile = CenterProfile::shipped("demo").unwrap();
        profile.kinds.insert(FilingKind::BaseAdjustment, Approval::Always);
        practice.center.seed(seed(&practice_unit(&profile).unwrap(), &profile)).await.unwrap();
        for (label, pin, key) in [("ukey-a", CLERKS, CLERK_KEY), ("ukey-b", APPROVERS, APPROVER_KEY)] {
            hsm.token(label, pin);
            hsm.put(label, pin, &practice.certificates.join(format!("{key}.p12")), PIN);
        }
        std::fs::remove_dir_all(&practice.certificates).unwrap();
        let [clerk, approver] = ["one", "two"].map(|name| desk_with(tokens.clone(), &hsm.folder().join(name)));
        let id = |label: &str| {
            let wanted = Kept::Token { label: label.into() };
            tokens.list().unwrap().into_iter().find(|key| key.kept == wanted).expect("both tokens are found").id
        };
        let (clerks, approvers) = (id("ukey-a"), id("ukey-b"));
        Self { tokens, practice, clerk, approver, clerks, approvers }
    }

    /// The draft of the clean workbook.
    async fn draft(&self) -> DraftView {
        import(&self.clerk, &self.practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap()
    }

    /// How the PIN of a token stands, as the diagnosis says it, and whether it can be typed.
    async fn pin(&self, label: &str) -> (String, bool) {
        let found: TokenSearchView = call(&self.clerk, "token_search", json!({})).await.unwrap();
        let token = found.modules[0].tokens.iter().find(|token| token.label == label).unwrap();
        (token.pin.clone(), token.pin_ready)
    }

    /// How the clerk's certificate is offered for a draft: usable, tries left, why not.
    async fn offered(&self, draft: &DraftView) -> (bool, Option<u8>, Option<String>) {
        let review: ReviewView = call(&self.clerk, "review", json!({ "draft": draft.draft })).await.unwrap();
        let own = review.certificates.into_iter().find(|one| one.certificate == self.clerks).unwrap();
        (own.usable, own.tries_left, own.reason)
    }

    fn connection(&self, key: &str, pin: &str) -> Connection {
        Connection { login: Some((key.into(), pin.into())), ..self.practice.connection() }
    }

    async fn enter(&self) {
        let clerk = self.clerk.enter(self.connection(&self.clerks, CLERKS)).await.unwrap();
        assert_eq!((clerk.connection.as_str(), clerk.role.as_str()), ("reachable", "经办人"), "TLS knows the token");
        let approver = self.approver.enter(self.connection(&self.approvers, APPROVERS)).await.unwrap();
        assert_eq!((approver.connection.as_str(), approver.role.as_str()), ("reachable", "复核人"));
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, UiError>, code: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.code, code, "{error:?}");
}

#[test]
fn clerk_and_approver_do_the_whole_journey_with_a_token_each() {
    alone("clerk_and_approver_do_the_whole_journey_with_a_token_each", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        scene.enter().await;
        let draft = scene.draft().await;
        let review: ReviewView = call(&scene.clerk, "review", json!({ "draft": draft.draft })).await.unwrap();
        let offered: Vec<_> = review.certificates.iter().map(|one| (one.holder.as_str(), one.usable)).collect();
        assert!(offered.contains(&(CLERK, true)) && offered.contains(&(APPROVER, false)), "two tokens: {offered:?}");
        let own = review.certificates.iter().find(|one| one.certificate == scene.clerks).unwrap();
        assert_eq!((own.kept.as_str(), own.token, own.tries_left), ("UKey（ukey-a）", true, None), "and says which");

        let count = || async {
            let home: HomeView = call(&scene.clerk, "home", json!({})).await.unwrap();
            home.filings.len()
        };
        refused(sign(&scene.clerk, &draft, &scene.clerks, "000000").await, "sign-token-pin");
        assert_eq!(count().await, 0, "with a wrong PIN nothing is signed");
        let filed = sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);

        let view: ApprovalView =
            call(&scene.approver, "approval_review", json!({ "filing": filed.line.filing })).await.unwrap();
        let signing = |pin: &str| {
            let fingerprint = &view.review.fingerprint;
            json!({ "filing": view.filing, "fingerprint": fingerprint, "certificate": scene.approvers, "pin": pin })
        };
        let wrong = call::<ApprovalDone>(&scene.approver, "approval_sign", signing(CLERKS)).await;
        refused(wrong, "sign-token-pin");
        let done: ApprovalDone = call(&scene.approver, "approval_sign", signing(APPROVERS)).await.unwrap();
        assert_eq!(done.stage, FilingStage::Settled, "booked");
        let settled: FilingView = call(&scene.clerk, "ask", json!({ "filing": filed.line.filing })).await.unwrap();
        assert_eq!((settled.line.stage, settled.approver.as_str()), (FilingStage::Settled, APPROVER));
        assert!(settled.receipt.as_ref().is_some_and(|receipt| receipt.valid), "the receipt holds");

        let args = json!({ "filing": filed.line.filing });
        let exported: Exported = call(&scene.clerk, "filing_export", args).await.unwrap();
        let both = PathBuf::from(&exported.folder).join("filing.p7m");
        let anchors = TrustAnchors::from_der(scene.practice.center.anchors()).unwrap();
        let now = scene.practice.center.clock().now();
        let verified = verify(&std::fs::read(&both).unwrap(), &anchors, now, Purpose::Approval, &[]).unwrap();
        let holders: Vec<_> = verified.signers.iter().map(|one| one.certificate.holder()).collect();
        assert_eq!(holders, [CLERK, APPROVER], "both signatures of both tokens");
        let ca = hsm.folder().join("ca.pem");
        let pem: String = anchors.certificates().iter().map(|one| one.pem()).collect();
        std::fs::write(&ca, pem).unwrap();
        let openssl = Command::new("openssl")
            .args(["cms", "-verify", "-inform", "DER", "-in"])
            .arg(&both)
            .arg("-CAfile")
            .arg(&ca)
            .args(["-out", "/dev/null"])
            .output()
            .unwrap();
        assert!(openssl.status.success(), "{}", String::from_utf8_lossy(&openssl.stderr));
    });
}

#[test]
fn somebody_logs_in_with_a_token_and_what_fails_changes_nothing() {
    alone("somebody_logs_in_with_a_token_and_what_fails_changes_nothing", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        scene.enter().await;
        let log_in = |key: &str, pin: &str| {
            let args = json!({ "certificate": key, "pin": pin });
            let desk = scene.clerk.clone();
            async move { call::<SessionView>(&desk, "log_in", args).await }
        };
        refused(log_in(&scene.approvers, CLERKS).await, "sign-token-pin");
        refused(log_in("pkcs11:none:0000", CLERKS).await, "sign-token-removed");
        let now: SessionView = call(&scene.clerk, "refresh", json!({})).await.unwrap();
        assert_eq!(now.operator, CLERK, "whoever was here still is");
        let other = log_in(&scene.approvers, APPROVERS).await.unwrap();
        assert_eq!((other.operator.as_str(), other.role.as_str()), (APPROVER, "复核人"), "by the center's register");
        let found: TokenSearchView = call(&scene.clerk, "token_search", json!({})).await.unwrap();
        assert_eq!(found.login, scene.approvers);
    });
}

#[test]
fn a_token_that_is_pulled_out_says_so_and_can_be_used_again() {
    alone("a_token_that_is_pulled_out_says_so_and_can_be_used_again", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        let mut key = tokens().open(&scene.clerks).unwrap();
        key.login(&Pin::new(CLERKS)).unwrap();
        key.sign(b"before").unwrap();
        hsm.pull_out();
        let gone = key.sign(b"after").unwrap_err();
        assert!(matches!(gone, SignError::TokenRemoved), "in the middle: {gone:?}");
        let gone = key.sign(b"after").unwrap_err();
        assert!(matches!(gone, SignError::NotLoggedIn | SignError::TokenRemoved), "{gone:?}");
        let gone = key.login(&Pin::new(CLERKS)).unwrap_err();
        assert!(!matches!(gone, SignError::WrongPin { .. } | SignError::WrongTokenPin), "no PIN is wrong: {gone:?}");
        drop(key);
        let survey = tokens().survey();
        let here = &survey.modules[0].answer.as_ref().unwrap().tokens;
        assert!(here.is_empty(), "looked for anew, it is not there: {here:?}");
        assert!(tokens().list().unwrap().is_empty());
        assert!(matches!(tokens().open(&scene.clerks), Err(SignError::TokenRemoved)));
        hsm.plug_in();
        assert_eq!(tokens().survey().modules[0].answer.as_ref().unwrap().tokens.len(), 2, "and back");
        let mut key = tokens().open(&scene.clerks).unwrap();
        key.login(&Pin::new(CLERKS)).unwrap();
        key.sign(b"again").unwrap();
    });
}

#[test]
fn a_filing_whose_token_is_pulled_out_is_not_signed() {
    alone("a_filing_whose_token_is_pulled_out_is_not_signed", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        scene.enter().await;
        let draft = scene.draft().await;
        hsm.pull_out();
        let outcome = sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await.unwrap_err();
        assert_eq!(outcome.code, "sign-token-removed", "no PIN is wrong, no certificate at fault: {outcome:?}");
        let filings = scene.practice.center.in_review().await.unwrap();
        assert!(filings.is_empty(), "and nothing was sent");
    });
}

#[test]
fn the_screen_locks_when_the_token_of_the_login_is_pulled_out() {
    alone("the_screen_locks_when_the_token_of_the_login_is_pulled_out", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        scene.enter().await;
        let pulse = || async { call::<PulseView>(&scene.clerk, "pulse", json!({})).await.unwrap() };
        assert!(!pulse().await.locked, "it is there");
        hsm.pull_out();
        assert!(pulse().await.locked);
        refused(call::<Value>(&scene.clerk, "home", json!({})).await, "desk-screen-locked");
        assert!(pulse().await.locked, "and stays so");
        hsm.plug_in();
        assert!(pulse().await.locked, "the token alone unlocks nothing");
        let unlock = |secret: &str| json!({ "certificate": scene.clerks, "secret": secret });
        let start: StartView = call(&scene.clerk, "unlock_screen", unlock(CLERKS)).await.unwrap();
        assert!(start.lock.is_none() && start.session.is_some(), "with its PIN one is back");
        assert!(!pulse().await.locked);
        let log: AuditView = call(&scene.clerk, "audit", json!({})).await.unwrap();
        let locks: Vec<_> = log.lines.iter().filter(|line| line.what == "audit-locked").collect();
        assert_eq!(locks.len(), 1, "once, though it was asked several times");
        assert!(locks[0].outcome.is_empty());
        assert_eq!(locks[0].who, "系统", "nobody asked for it");
        let unlocked = log.lines.iter().find(|line| line.what == "audit-unlocked").unwrap();
        let serial = tokens().open(&scene.clerks).unwrap().certificate().serial_hex();
        assert!(unlocked.who.ends_with(&format!("（证书 {serial}）")), "by the token's certificate: {}", unlocked.who);
    });
}

#[test]
fn a_wrong_pin_takes_the_login_from_tls_and_the_right_one_gives_it_back() {
    alone("a_wrong_pin_takes_the_login_from_tls_and_the_right_one_gives_it_back", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        let mut tls = tokens().open(&scene.clerks).unwrap();
        assert!(matches!(tls.tls_identity(), Err(SignError::NotLoggedIn)));
        tls.login(&Pin::new(CLERKS)).unwrap();
        let identity = tls.tls_identity().unwrap();
        tls.logout();
        let offered = [rustls::SignatureScheme::ECDSA_NISTP256_SHA256];
        let signer = identity.key.choose_scheme(&offered).unwrap();
        signer.sign(b"handshake").expect("the identity outlives the session it came from");
        let mut key = tokens().open(&scene.clerks).unwrap();
        assert!(matches!(key.sign(b"filing"), Err(SignError::NotLoggedIn)), "another's login is not mine");
        let wrong = key.login(&Pin::new("111111")).unwrap_err();
        assert!(matches!(wrong, SignError::WrongTokenPin), "although the token was logged in: {wrong:?}");
        signer.sign(b"handshake").expect_err("the token is logged out");
        key.login(&Pin::new(CLERKS)).unwrap();
        signer.sign(b"handshake").unwrap();
        key.logout();
        signer.sign(b"handshake").expect("it stays logged in as long as TLS needs it");
        drop((signer, identity));
        let mut key = tokens().open(&scene.clerks).unwrap();
        key.login(&Pin::new(CLERKS)).unwrap();
        key.sign(b"filing").unwrap();
    });
}

/// What the module answers: CKR_OK, CKR_PIN_INCORRECT, CKR_PIN_LOCKED.
const TAKEN: &str = "0";
const REFUSED: &str = "a0";
const LOCKED: &str = "a4";

#[test]
fn f22_a_pin_that_the_token_refuses_is_never_tried_again_in_the_background() {
    alone("f22_a_pin_that_the_token_refuses_is_never_tried_again_in_the_background", |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        let desk = desk_with(scene.tokens.clone(), &hsm.folder().join("counted"));
        let proxy = Proxy::to(scene.practice.center.address()).await;
        let direct = scene.connection(&scene.clerks, CLERKS);
        let ahead = direct.clock_offset;
        let connection = Connection { base_url: format!("https://{}", proxy.address()), ..direct };
        let view = desk.enter(connection).await.unwrap();
        assert_eq!(view.connection, "reachable");
        settled(&desk).await;
        let before = hsm.logins();
        assert!(!before.is_empty() && before.iter().all(|answer| answer == TAKEN), "the count sees them: {before:?}");

        hsm.change_pin(CLERKS, "112233");
        scene.practice.center.clock().run_ahead(ahead + SignedDuration::from_mins(20));
        // The session of the login is over, and so is the connection on which events are heard.
        proxy.hang_up();
        until(&desk, "a login that the token refuses is noticed", |now| !now.online).await;
        for _ in 0..3 {
            refused(call::<SessionView>(&desk, "refresh", json!({})).await, "net-login-ended");
        }
        let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
        assert_eq!(home.session.connection, "net-login-ended", "the screens know why");
        proxy.hang_up();
        refused(call::<SessionView>(&desk, "refresh", json!({})).await, "net-login-ended");
        let tried = hsm.logins().split_off(before.len());
        assert_eq!(tried, [REFUSED], "one try of three or so that a token gives, whoever asks how often");

        let wrong = json!({ "certificate": scene.clerks, "pin": CLERKS });
        refused(call::<SessionView>(&desk, "log_in", wrong).await, "sign-token-pin");
        let right = json!({ "certificate": scene.clerks, "pin": "112233" });
        let again: SessionView = call(&desk, "log_in", right).await.unwrap();
        assert_eq!(again.connection, "reachable", "a person logs in, and it goes on");
        call::<SessionView>(&desk, "refresh", json!({})).await.unwrap();
        let since = hsm.logins().split_off(before.len() + 1);
        let wrong = since.iter().filter(|answer| *answer == REFUSED).count();
        assert_eq!((since[0].as_str(), wrong), (REFUSED, 1), "what a person types is tried, once: {since:?}");
    });
}

#[test]
fn f22_the_tries_left_are_told_and_a_locked_token_is_asked_nothing_more() {
    alone("f22_the_tries_left_are_told_and_a_locked_token_is_asked_nothing_more", |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        scene.enter().await;
        let draft = scene.draft().await;
        let wrong = async || sign(&scene.clerk, &draft, &scene.clerks, "000000").await.unwrap_err();
        let log_in = async || {
            let args = json!({ "certificate": scene.clerks, "pin": CLERKS });
            call::<SessionView>(&scene.clerk, "log_in", args).await
        };
        let ready = |words: &str| (words.to_owned(), true);
        assert_eq!(scene.pin("ukey-a").await, ready("可以输入"));
        assert_eq!(wrong().await.code, "sign-token-pin", "tokens do not say how many are left before the last");
        assert_eq!(scene.pin("ukey-a").await, ready("输错过，请核对后再输入"));
        assert_eq!(scene.offered(&draft).await, (true, None, None));
        log_in().await.unwrap();
        assert_eq!(scene.pin("ukey-a").await, ready("可以输入"), "a right one and all is forgotten");

        let all_but_one = async || {
            for _ in 2..TRIES {
                assert_eq!(wrong().await.code, "sign-token-pin");
            }
            let last = wrong().await;
            assert_eq!((last.code.as_str(), last.args.get("left").map(String::as_str)), ("sign-wrong-pin", Some("1")));
        };
        all_but_one().await;
        assert_eq!(scene.offered(&draft).await, (true, Some(1), None), "before the last one it is told");
        assert_eq!(scene.pin("ukey-a").await, ready("只剩最后一次"));
        log_in().await.unwrap();
        all_but_one().await;
        assert_eq!(wrong().await.code, "sign-token-locked");

        let asked = hsm.logins();
        refused(sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await, "sign-token-locked");
        refused(log_in().await, "sign-token-locked");
        assert_eq!(hsm.logins(), asked, "a locked token is not asked, not even by the right PIN");
        let locked = Some("sign-token-locked".to_owned());
        assert_eq!(scene.offered(&draft).await, (false, Some(0), locked), "and its certificate says why");
        assert_eq!(scene.pin("ukey-a").await, ("已锁定，须由发放单位解锁".to_owned(), false));
        assert_eq!(scene.pin("ukey-b").await, ready("可以输入"), "the other token is another one");

        // The session of the login ends while the token is locked. The refused PINs have logged the token out, so that a
        // new connection fails before the challenge, and one that still stands at it: both are right, and asked at most once.
        let ahead = scene.practice.connection().clock_offset;
        scene.practice.center.clock().run_ahead(ahead + SignedDuration::from_mins(20));
        for _ in 0..3 {
            let error = call::<SessionView>(&scene.clerk, "refresh", json!({})).await.unwrap_err();
            assert!(["net-login-ended", "net-client-key"].contains(&error.code.as_str()), "{error:?}");
        }
        settled(&scene.clerk).await;
        let asked = hsm.logins().split_off(asked.len());
        assert!(asked.is_empty() || asked == [LOCKED], "asked once, and then no more: {asked:?}");
        let home: HomeView = call(&scene.clerk, "home", json!({})).await.unwrap();
        assert_eq!((home.drafts.len(), home.filings.len()), (1, 0), "nothing was signed, nothing is lost");

        hsm.unlock("ukey-a");
        assert_eq!(log_in().await.unwrap().connection, "reachable");
        let filed = sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
    });
}

#[test]
fn the_pin_of_a_token_is_changed_and_only_the_new_one_signs_and_logs_in() {
    alone("the_pin_of_a_token_is_changed_and_only_the_new_one_signs_and_logs_in", |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        scene.enter().await;
        let draft = scene.draft().await;
        let change = async |old: &str, new: &str| {
            let args = json!({ "certificate": scene.clerks, "pin": old, "new_pin": new });
            call::<Value>(&scene.clerk, "certificate_pin", args).await
        };
        let fresh = "518203";
        let ready = ("可以输入".to_owned(), true);
        refused(change(CLERKS, CLERKS).await, "desk-pin-unchanged");
        refused(change(CLERKS, "123456").await, "sign-pin-sequence");
        refused(change(CLERKS, &"a1b2".repeat(80)).await, "sign-token-pin-form");
        assert_eq!(scene.pin("ukey-a").await, ready, "what is refused beforehand costs no try");
        refused(change("000000", fresh).await, "sign-token-pin");
        assert_ne!(scene.pin("ukey-a").await, ready, "the token counts a wrong old PIN");
        let before = hsm.logins().len();
        change(CLERKS, fresh).await.unwrap();
        assert_eq!(scene.pin("ukey-a").await, ready);
        let since = hsm.logins().split_off(before);
        assert!(since.iter().all(|answer| answer == TAKEN), "nobody tries the old one any more: {since:?}");

        // A session of the center's is over after some minutes, and begun anew by the PIN that one came in by.
        let ahead = scene.practice.connection().clock_offset;
        scene.practice.center.clock().run_ahead(ahead + SignedDuration::from_mins(20));
        let again: SessionView = call(&scene.clerk, "refresh", json!({})).await.unwrap();
        assert_eq!(again.connection, "reachable", "TLS and challenge go on");
        let since = hsm.logins().split_off(before);
        assert!(since.iter().all(|answer| answer == TAKEN), "{since:?}");

        refused(sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await, "sign-token-pin");
        let filed = sign(&scene.clerk, &draft, &scene.clerks, fresh).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        let log: AuditView = call(&scene.clerk, "audit", json!({})).await.unwrap();
        let changes = log.lines.iter().filter(|line| line.what == "audit-certificate-pin").count();
        assert_eq!(changes, 5, "every attempt is in the log");
        assert!(!format!("{log:?}").contains(fresh), "and no PIN");
    });
}

#[test]
fn f24_a_driver_that_crashes_while_a_pin_is_changed_leaves_it_unknown_and_nothing_is_tried_again() {
    let name = "f24_a_driver_that_crashes_while_a_pin_is_changed_leaves_it_unknown_and_nothing_is_tried_again";
    alone(name, |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        scene.enter().await;
        let draft = scene.draft().await;
        let fresh = "518203";
        let before = hsm.logins().len();
        hsm.crash_while_signing(true);
        let args = json!({ "certificate": scene.clerks, "pin": CLERKS, "new_pin": fresh });
        refused(call::<Value>(&scene.clerk, "certificate_pin", args).await, "sign-token-pin-unknown");
        hsm.crash_while_signing(false);
        assert_eq!(hsm.logins().len(), before, "neither PIN is tried to find out");
        // As it happens, it was changed: nobody could know.
        let filed = sign(&scene.clerk, &draft, &scene.clerks, fresh).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
    });
}

#[test]
fn f21_a_token_pulled_out_between_login_and_signature_is_put_back_and_signs() {
    alone("f21_a_token_pulled_out_between_login_and_signature_is_put_back_and_signs", |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        scene.enter().await;
        let draft = scene.draft().await;
        let asked = hsm.logins().len();
        hsm.replug("ukey-a");
        let review: ReviewView = call(&scene.clerk, "review", json!({ "draft": draft.draft })).await.unwrap();
        let offered: Vec<_> = review.certificates.iter().map(|one| one.certificate.as_str()).collect();
        assert_eq!(offered, [&scene.approvers], "what is not there is not offered, the other token is");
        refused(sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await, "sign-token-removed");
        let locked: PulseView = call(&scene.clerk, "pulse", json!({})).await.unwrap();
        assert!(locked.locked, "whoever pulled it out has left");
        refused(sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await, "desk-screen-locked");
        let unlock = json!({ "certificate": scene.clerks, "secret": CLERKS });
        refused(call::<StartView>(&scene.clerk, "unlock_screen", unlock.clone()).await, "sign-token-removed");
        assert_eq!(hsm.logins().len(), asked, "nobody asks a PIN of a token that is not there");

        hsm.replug("ukey-a");
        call::<StartView>(&scene.clerk, "unlock_screen", unlock).await.unwrap();
        let home: HomeView = call(&scene.clerk, "home", json!({})).await.unwrap();
        assert_eq!((home.drafts.len(), home.filings.len()), (1, 0), "nothing was signed, nothing is lost");
        let same: DraftView = call(&scene.clerk, "draft", json!({ "draft": draft.draft })).await.unwrap();
        assert_eq!((same.revision, same.rows), (draft.revision, draft.rows), "not a row");
        let filed = sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);

        // The approver's, between looking and countersigning.
        let look = json!({ "filing": filed.line.filing });
        let view: ApprovalView = call(&scene.approver, "approval_review", look).await.unwrap();
        let fingerprint = &view.review.fingerprint;
        let signing = json!({ "filing": view.filing, "fingerprint": fingerprint, "certificate": scene.approvers,
            "pin": APPROVERS });
        hsm.replug("ukey-b");
        let gone = call::<ApprovalDone>(&scene.approver, "approval_sign", signing.clone()).await;
        refused(gone, "sign-token-removed");
        hsm.replug("ukey-b");
        let done: ApprovalDone = call(&scene.approver, "approval_sign", signing).await.unwrap();
        assert_eq!(done.stage, FilingStage::Settled, "the filing that was looked at is signed without looking anew");
    });
}

#[test]
fn a_token_that_is_pulled_out_takes_tls_with_it_and_its_pin_gives_it_back() {
    alone("a_token_that_is_pulled_out_takes_tls_with_it_and_its_pin_gives_it_back", |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        let proxy = Proxy::to(scene.practice.center.address()).await;
        let direct = scene.connection(&scene.clerks, CLERKS);
        scene.clerk.enter(Connection { base_url: format!("https://{}", proxy.address()), ..direct }).await.unwrap();
        settled(&scene.clerk).await;
        let draft = scene.draft().await;
        let asked = hsm.logins();
        let unreachable = async |why: &str| {
            proxy.hang_up();
            for _ in 0..2 {
                let error = call::<SessionView>(&scene.clerk, "refresh", json!({})).await.unwrap_err();
                assert_eq!(error.code, "net-client-key", "{why}");
            }
            let home: HomeView = call(&scene.clerk, "home", json!({})).await.unwrap();
            assert_eq!((home.session.connection.as_str(), home.drafts.len()), ("net-client-key", 1), "{why}");
            assert_eq!(hsm.logins(), asked, "{why}: and no PIN is tried in the background");
        };
        hsm.replug("ukey-a");
        unreachable("no new connection without the token").await;
        refused(sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await, "sign-token-removed");
        hsm.replug("ukey-a");
        unreachable("put back it is logged out, and only a person logs in").await;

        let filed = sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "the PIN of the signature: {:?}", filed.trouble);
        proxy.hang_up();
        let again: SessionView = call(&scene.clerk, "refresh", json!({})).await.unwrap();
        assert_eq!(again.connection, "reachable", "and connections are made as before");
    });
}

#[test]
fn rsa_on_a_token_signs_files_and_handshakes_of_both_versions() {
    alone("rsa_on_a_token_signs_files_and_handshakes_of_both_versions", |hsm| async move {
        let at = |name: &str| hsm.folder().join(name);
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=rsa", "-keyout"])
            .arg(at("rsa.key"))
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=digitalSignature", "-out"])
            .arg(at("rsa.pem"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        hsm.token("rsa", CLERKS);
        hsm.put_pem("rsa", CLERKS, "01", &at("rsa.key"), &at("rsa.pem"));
        let id = tokens().list().unwrap()[0].id.clone();
        let mut key = tokens().open(&id).unwrap();
        key.login(&Pin::new(CLERKS)).unwrap();
        let public = at("rsa.pub");
        let shown =
            Command::new("openssl").args(["x509", "-pubkey", "-noout", "-in"]).arg(at("rsa.pem")).output().unwrap();
        std::fs::write(&public, shown.stdout).unwrap();
        let holds = |signature: &[u8], options: &[&str]| {
            std::fs::write(at("message"), b"message").unwrap();
            std::fs::write(at("signature"), signature).unwrap();
            let mut openssl = Command::new("openssl");
            openssl
                .args(["dgst", "-sha256", "-verify"])
                .arg(&public)
                .args(options)
                .arg("-signature")
                .arg(at("signature"));
            openssl.arg(at("message")).output().unwrap().status.success()
        };
        let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"];
        let signature = key.sign(b"message").unwrap();
        assert!(holds(&signature, &[]), "a filing: PKCS#1 v1.5");
        assert!(!holds(&signature, &pss), "the check tells them apart");
        let identity = key.tls_identity().unwrap();
        use rustls::SignatureScheme::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
        let signer = identity.key.choose_scheme(&[RSA_PKCS1_SHA256, RSA_PSS_SHA256]).unwrap();
        assert_eq!(signer.scheme(), RSA_PSS_SHA256, "TLS 1.3 takes nothing else of RSA");
        assert!(holds(&signer.sign(b"message").unwrap(), &pss));
        let signer = identity.key.choose_scheme(&[RSA_PKCS1_SHA256]).unwrap();
        assert!(holds(&signer.sign(b"message").unwrap(), &[]), "TLS 1.2 of older centers");
        assert!(identity.key.choose_scheme(&[rustls::SignatureScheme::ED25519]).is_none());
    });
}

#[test]
fn a_certificate_without_its_key_and_a_module_that_is_none_are_no_wrong_pin() {
    alone("a_certificate_without_its_key_and_a_module_that_is_none_are_no_wrong_pin", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        // The approver's certificate under the id of the clerk's key, and under an id without a key.
        hsm.put_certificate("ukey-a", CLERKS, "02", &hsm.folder().join("ukey-b-cert.pem"));
        let survey = tokens().survey();
        let answer = survey.modules[0].answer.as_ref().unwrap();
        let token = answer.tokens.iter().find(|token| token.label == "ukey-a").unwrap();
        assert_eq!((token.pin, answer.tokens.len()), (PinState::Ready, 2));
        let found = token.certificates().unwrap();
        let (orphan, _) = found.iter().find(|(_, certificate)| certificate.holder() == APPROVER).unwrap();
        let mut key = tokens().open(orphan).unwrap();
        key.login(&Pin::new(CLERKS)).unwrap();
        let error = key.sign(b"message").unwrap_err();
        assert!(matches!(error, SignError::KeyMismatch), "{error:?}");
        drop(key);

        let none = hsm.folder().join("driver.so");
        std::fs::write(&none, b"no library").unwrap();
        let both = Tokens::at(vec![none.clone(), SoftHsm::module()]);
        let survey = both.survey();
        assert_eq!(survey.modules[0].answer.as_ref().unwrap_err().code(), "sign-token-module", "it says why");
        assert_eq!(both.list().unwrap().len(), 3, "and holds up no other: {:?}", both.list());
        let gone = Tokens::at(vec![hsm.folder().join("nowhere.so")]).survey();
        assert_eq!(gone.modules[0].answer.as_ref().unwrap_err().code(), "sign-token-module");

        let mut key = tokens().open(&scene.clerks).unwrap();
        key.login(&Pin::new(CLERKS)).unwrap();
        let at = "2026-07-15T12:00:00+08:00";
        let file = sign_attached(&mut *key, b"content", at, Role::Clerk, Purpose::Filing, None).unwrap();
        let anchors = TrustAnchors::from_der(scene.practice.center.anchors()).unwrap();
        verify(&file, &anchors, at.parse().unwrap(), Purpose::Filing, &[]).expect("the clerk's own is as it was");
    });
}

#[test]
fn the_diagnosis_says_what_was_found_and_why_one_is_not_offered_and_names_nobody() {
    alone("the_diagnosis_says_what_was_found_and_why_one_is_not_offered_and_names_nobody", |hsm| async move {
        let scene = Scene::open(&hsm).await;
        let found: TokenSearchView = call(&scene.clerk, "token_search", json!({})).await.unwrap();
        assert_eq!(found.modules[0].tokens.len(), 2, "before any unit is open");
        let test_set = hsm.folder().join("set");
        let now = scene.practice.center.clock().now();
        write_test_certificates(&test_set, now).unwrap();
        hsm.token("ukey-c", CLERKS);
        hsm.put("ukey-c", CLERKS, &test_set.join("expired.p12"), TEST_PIN);
        let found: TokenSearchView = call(&scene.clerk, "token_search", json!({})).await.unwrap();
        assert_eq!(found.modules[0].tokens.len(), 3, "a new token is seen at once");
        scene.enter().await;
        let found: TokenSearchView = call(&scene.clerk, "token_search", json!({})).await.unwrap();
        let token = found.modules[0].tokens.iter().find(|token| token.label == "ukey-c").unwrap();
        assert!(token.pin_ready);
        assert!(!token.certificates[0].refused.is_empty(), "{:?}", token.certificates);
        let usable: Vec<_> =
            found.certificates.iter().filter(|one| one.usable).map(|one| one.holder.as_str()).collect();
        assert_eq!(usable.len(), 2, "what can log in: {usable:?}");
        for named in [CLERK, APPROVER, "ukey-a", scene.clerks.as_str()] {
            assert!(!found.report.contains(named), "{named} in {}", found.report);
        }
        assert!(found.report.contains("SoftHSM") && found.report.contains("可用"), "{}", found.report);
    });
}

#[test]
fn a_driver_comes_by_the_ticket_of_a_dialog_and_never_by_a_path_of_the_pages() {
    alone("a_driver_comes_by_the_ticket_of_a_dialog_and_never_by_a_path_of_the_pages", |hsm| async move {
        let desk = desk_at(hsm.folder());
        let name = |args: Value| {
            let desk = desk.clone();
            async move { call::<TokenSearchView>(&desk, "token_module", args).await }
        };
        let module = SoftHsm::module();
        let chosen = |path: &Path| json!({ "ticket": desk.ticket_of_file(path).unwrap().ticket });
        let named = name(chosen(&module)).await.unwrap();
        assert_eq!(named.named, module.display().to_string(), "kept");
        assert_eq!(named.modules.len(), 1, "one module by two ways is one");

        let planted = hsm.folder().join("planted.so");
        std::fs::copy(&module, &planted).unwrap();
        refused(name(json!({ "path": planted })).await, "desk-bad-arguments");
        refused(name(json!({ "ticket": planted })).await, "desk-ticket-gone");
        refused(name(json!({ "ticket": null, "path": planted })).await, "desk-bad-arguments");
        let sent = desk.ticket_of_bytes("planted.so", std::fs::read(&planted).unwrap());
        refused(name(json!({ "ticket": sent.ticket })).await, "desk-no-module");
        let text = hsm.folder().join("softhsm2.conf");
        refused(name(chosen(&text)).await, "desk-no-module");
        let after: TokenSearchView = call(&desk, "token_search", json!({})).await.unwrap();
        assert_eq!(after.named, module.display().to_string(), "what was refused changed nothing");
        assert!(after.modules.iter().all(|one| !one.path.contains("planted")), "and was not even looked at");
        assert_eq!(name(json!({ "ticket": null })).await.unwrap().named, "", "none any more");
    });
}

/// A driver that does this as soon as it is loaded.
#[cfg(target_os = "linux")]
fn driver(folder: &Path, name: &str, does: &str) -> PathBuf {
    driver_that(folder, name, does, "")
}

/// A driver that does this when it is loaded, and that when it is let go.
#[cfg(target_os = "linux")]
fn driver_that(folder: &Path, name: &str, loaded: &str, unloaded: &str) -> PathBuf {
    let (source, library) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    let text = format!(
        "#include <stdlib.h>\n#include <unistd.h>\n__attribute__((constructor)) static void loaded(void) {{ {loaded} }}\n\
         __attribute__((destructor)) static void unloaded(void) {{ {unloaded} }}\n"
    );
    std::fs::write(&source, text).unwrap();
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status().unwrap();
    assert!(made.success());
    library
}

#[cfg(target_os = "linux")]
#[test]
fn f24_a_driver_that_crashes_or_hangs_is_named_and_harms_nobody() {
    alone("f24_a_driver_that_crashes_or_hangs_is_named_and_harms_nobody", |hsm| async move {
        hsm.token("ukey-a", CLERKS);
        let crashes = driver(hsm.folder(), "crashes", "abort();");
        let hangs = driver(hsm.folder(), "hangs", "for (;;) sleep(1000);");
        let tokens = Tokens::at(vec![crashes.clone(), hangs.clone(), SoftHsm::module()]);
        let desk = Arc::new(Desk::new(DeskConfig { tokens, ..config(hsm.folder(), Path::new(WORKER)) }));
        desk.set_passphrase(PASSPHRASE).unwrap();
        let found: TokenSearchView = call(&desk, "token_search", json!({})).await.unwrap();
        let said: Vec<_> =
            found.modules.iter().map(|one| one.trouble.as_ref().map(|error| error.code.as_str())).collect();
        assert_eq!(said, [Some("sign-token-crashed"), Some("sign-token-silent"), None], "each for its reason");
        let blamed: Vec<&str> =
            found.modules.iter().flat_map(|one| &one.trouble).map(|e| e.args["path"].as_str()).collect();
        assert_eq!(blamed, [crashes.to_str().unwrap(), hangs.to_str().unwrap()], "by their names");
        assert_eq!(found.modules[2].tokens.len(), 1, "the others serve as ever");
        let loaded = std::fs::read_to_string("/proc/self/maps").unwrap();
        for driver in ["crashes.so", "hangs.so", "libsofthsm2"] {
            assert!(!loaded.contains(driver), "{driver} never came into this process");
        }
    });
}

/// Nobody waits for a logout, so nobody but whoever asks next can see that it does not come back.
#[test]
fn f24_a_driver_that_hangs_in_a_logout_is_ended_and_asked_again() {
    alone("f24_a_driver_that_hangs_in_a_logout_is_ended_and_asked_again", |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        // The approver's token would be asked as well.
        let enter = async || scene.clerk.enter(scene.connection(&scene.clerks, CLERKS)).await.unwrap();
        enter().await;
        hsm.hang_while_logging_out(true);
        call::<serde_json::Value>(&scene.clerk, "unit_leave", json!({})).await.unwrap();
        hsm.hangs().await;
        hsm.hang_while_logging_out(false);
        let trouble = async || {
            let found: TokenSearchView = call(&scene.clerk, "token_search", json!({})).await.unwrap();
            found.modules[0].trouble.as_ref().map(|error| error.code.clone())
        };
        assert_eq!(trouble().await.as_deref(), Some("sign-token-silent"), "the control: it hung");
        // It was ended; until its end is seen, whoever asks is told the same.
        let heard = async {
            while let Some(trouble) = trouble().await {
                assert_eq!(trouble, "sign-token-silent", "nothing else is the matter");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), heard).await.expect("another one answers");
        enter().await;
        let draft = scene.draft().await;
        let filed = sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
    });
}

/// Vendors' drivers start watchers of their own, which hold on to whatever the driver's process had open.
#[cfg(target_os = "linux")]
#[test]
fn f24_what_a_crashed_driver_has_started_keeps_nobody_waiting() {
    alone("f24_what_a_crashed_driver_has_started_keeps_nobody_waiting", |hsm| async move {
        let watched = driver(hsm.folder(), "watched", "if (system(\"sleep 40 &\") == 0) abort();");
        let tokens = Tokens::at(vec![watched]);
        let desk = Arc::new(Desk::new(DeskConfig { tokens, ..config(hsm.folder(), Path::new(WORKER)) }));
        desk.set_passphrase(PASSPHRASE).unwrap();
        let found: TokenSearchView = call(&desk, "token_search", json!({})).await.unwrap();
        let said = found.modules[0].trouble.as_ref().map(|error| error.code.as_str());
        assert_eq!(said, Some("sign-token-crashed"), "its end is seen although its pipe stays open");
    });
}

/// Whatever a driver does when it is unloaded, its process ends with the program's.
#[cfg(target_os = "linux")]
#[test]
fn f24_a_driver_that_hangs_in_its_own_end_is_no_orphan() {
    let folder = tempfile::tempdir().unwrap();
    let library = driver_that(folder.path(), "stays", "", "for (;;) sleep(1000);");
    let mut command = Command::new(WORKER);
    command.arg("--token-module").arg(library).stdout(Stdio::null()).stdin(Stdio::piped());
    let mut served = command.spawn().unwrap();
    let mut asks = served.stdin.take().unwrap();
    // Enough of a question to have the module loaded: what it says is nobody's business.
    asks.write_all(&[&[0x1f, 0x8d, 0x00, 0xf7, 0x02, 0xb5, 0x91, 0xe3][..], &[2, 0, 0, 0], &[0, 0]].concat()).unwrap();
    drop(asks);
    let limit = Instant::now() + Duration::from_secs(60);
    while served.try_wait().unwrap().is_none() {
        assert!(Instant::now() < limit, "it is still there long after nobody asks it any more");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Drivers sign in a process of their own: one that bore being looked at and crashes then takes only that along.
#[test]
fn f24_a_driver_that_crashes_while_it_signs_loses_nothing_and_the_program_goes_on() {
    alone("f24_a_driver_that_crashes_while_it_signs_loses_nothing_and_the_program_goes_on", |hsm| async move {
        let scene = Scene::counting(&hsm).await;
        scene.enter().await;
        let draft = scene.draft().await;
        hsm.crash_while_signing(true);
        refused(sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await, "sign-token-crashed");
        let home: HomeView = call(&scene.clerk, "home", json!({})).await.unwrap();
        assert!(home.filings.is_empty(), "nothing was signed, so nothing waits to be sent");
        assert_eq!(home.drafts.len(), 1, "and the draft is there");
        refused(sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await, "sign-token-crashed");

        hsm.crash_while_signing(false);
        let filed = sign(&scene.clerk, &draft, &scene.clerks, CLERKS).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        let home: HomeView = call(&scene.clerk, "home", json!({})).await.unwrap();
        assert_eq!((home.filings.len(), home.drafts.len()), (1, 0), "once");
        let people = practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().roster.contributors;
        let books = hsm.folder().join("practice/center");
        let books = Books { center: &scene.practice.center, folder: &books, people: &people, pin: CLERKS };
        assert_oracles(books, &[&scene.clerk, &scene.approver], &[], "a driver that crashed").await;
    });
}
