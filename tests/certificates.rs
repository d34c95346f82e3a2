//! 证书: from the activation code to the loss, at a real center over TLS.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use huijiao_center::{ActivationFor, Fault, Target, UnitRole};
use huijiao_demo::people::{UNIT_CREDIT_CODE, practice_unit};
use huijiao_demo::practice::{APPROVER, APPROVER_KEY, CLERK, CLERK_KEY, PIN, seed};
use huijiao_demo::{Door, Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{
    ActivationCodeView, CertificateLine, CertificateState, CertificateTaken, CertificatesView, DraftView, FilingStage,
    FilingView, JumpScreen, MonthView, NoticeLine, NoticesView, ReadyLine, ReadyPart, ReadyState, ReviewView,
    SessionView, UiError,
};
use huijiao_domain::profile::{CenterProfile, StaleCrl};
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{Algorithm, Crl, KeyProvider, P12Folder, P12Key, Pin, SignError};
use huijiao_tests::world::World;
use huijiao_tests::{call, closed, desk, desk_of, import, settled, sign, until};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const OWN_PIN: &str = "840275";

struct Scene {
    folder: TempDir,
    practice: Practice,
    desk: Arc<Desk>,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        desk.enter(practice.connection()).await.unwrap();
        settled(&desk).await;
        Self { folder, practice, desk }
    }

    async fn ask<T: serde::de::DeserializeOwned>(&self, command: &str, args: Value) -> Result<T, UiError> {
        call(&self.desk, command, args).await
    }

    async fn code(&self, days: u16) -> String {
        let wanted = ActivationFor {
            unit: self.practice.unit_account.into(),
            name: CLERK.into(),
            role: UnitRole::Clerk,
            days: Some(days),
        };
        self.practice.center.activation(wanted).await.unwrap().code
    }

    async fn enrol(&self, days: u16) -> String {
        let args = json!({ "code": self.code(days).await, "pin": OWN_PIN });
        self.ask::<CertificateTaken>("certificate_enrol", args).await.unwrap().certificate
    }

    async fn list(&self) -> CertificatesView {
        self.ask("certificates", json!({})).await.unwrap()
    }

    async fn line(&self, certificate: &str) -> CertificateLine {
        let view = self.list().await;
        view.certificates.into_iter().find(|line| line.certificate == certificate).unwrap()
    }

    /// Logs in with a certificate of the operator's own.
    async fn log_in(&self, certificate: &str) -> Result<SessionView, UiError> {
        self.ask("log_in", json!({ "certificate": certificate, "pin": OWN_PIN })).await
    }

    async fn draft(&self) -> DraftView {
        import(&self.desk, &self.practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap()
    }

    /// Time goes by at the center and here.
    async fn days(&mut self, days: u16) {
        let folder = self.folder.path().join("practice");
        self.practice.let_days_go_by(&folder, SystemClock.now(), days).unwrap();
        let login = Some((CLERK_KEY.to_owned(), PIN.to_owned()));
        self.desk.enter(Connection { login, ..self.practice.connection() }).await.unwrap();
    }

    fn keys(&self) -> P12Folder {
        P12Folder::new(&self.practice.certificates)
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, UiError>, code: &str) -> UiError {
    let error = outcome.unwrap_err();
    assert_eq!(error.code, code, "{error:?}");
    assert!(huijiao_domain::texts::lookup(code).is_some(), "{code} has words");
    error
}

/// The center's own word for it.
#[track_caller]
fn refused_by_center<T: std::fmt::Debug>(outcome: Result<T, UiError>, code: &str) {
    let error = refused(outcome, code);
    assert_eq!(error.args["title"], huijiao_domain::texts::title(code), "what the center said is kept: {error:?}");
    assert!(error.args["status"].starts_with('4'), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn applied_for_renewed_and_lost_while_what_it_signed_stays() {
    let mut scene = Scene::open().await;
    let first = scene.enrol(50).await;
    let line = scene.line(&first).await;
    assert_eq!((line.state, line.days_left), (CertificateState::Ending, 50), "{line:?}");
    assert!(line.renewable && line.own && !line.on && line.reason.is_none(), "{line:?}");
    let session = scene.log_in(&first).await.unwrap();
    assert_eq!(session.connection, "reachable", "TLS with the new key");
    assert_eq!(session.demo_pin, None, "the PIN of one's own is shown to nobody");
    assert_eq!(session.certificate_days, Some(50));

    let draft = scene.draft().await;
    let filed = sign(&scene.desk, &draft, &first, OWN_PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    assert!(filed.receipt.as_ref().is_some_and(|receipt| receipt.valid));

    let args = json!({ "certificate": first, "pin": OWN_PIN, "new_pin": "518203" });
    let renewed: CertificateTaken = scene.ask("certificate_renew", args).await.unwrap();
    let second = renewed.certificate;
    let view = scene.list().await;
    let own: Vec<_> = view.certificates.iter().filter(|line| line.own && line.reason.is_none()).collect();
    assert_eq!(own.len(), 3, "the practice's, the old one and the new one all hold: {own:?}");
    let place = |id: &str| view.certificates.iter().position(|line| line.certificate == id).unwrap();
    assert!(place(&second) < place(&first), "the newer one is proposed first");
    let order = json!({ "order": "verify", "through": "2026-07" });
    let review: ReviewView = scene.ask("order_review", json!({ "order": order })).await.unwrap();
    let usable: Vec<_> = review.certificates.iter().filter(|c| c.usable).map(|c| c.certificate.clone()).collect();
    assert!(usable.contains(&first) && usable.contains(&second), "both sign: {usable:?}");
    for (certificate, pin) in [(&first, OWN_PIN), (&second, "518203")] {
        let args = json!({ "certificate": certificate, "pin": pin });
        let session: SessionView = scene.ask("log_in", args).await.unwrap();
        assert_eq!(session.connection, "reachable", "both are let in");
    }

    // Lost: reported with the new one, which is logged in.
    let sha256 = scene.line(&first).await.sha256;
    let lost = |by: &str, pin: &str| json!({ "sha256": sha256, "reason": "lost", "certificate": by, "pin": pin });
    refused(scene.ask::<Value>("certificate_lost", lost(&first, OWN_PIN)).await, "desk-lost-by-itself");
    refused(scene.ask::<Value>("certificate_lost", lost(&second, OWN_PIN)).await, "sign-wrong-pin");
    assert_eq!(scene.line(&first).await.state, CertificateState::Ending, "nothing was revoked by that");
    scene.ask::<Value>("certificate_lost", lost(&second, "518203")).await.unwrap();
    let line = scene.line(&first).await;
    assert_eq!(line.state, CertificateState::Revoked, "{line:?}");
    assert_eq!(line.reason.as_deref(), Some("verify-certificate-revoked"), "known here by the revocation list");

    let args = |by: &str, pin: &str| json!({ "order": order, "fingerprint": review.fingerprint, "certificate": by, "pin": pin });
    refused(scene.ask::<FilingView>("order_sign", args(&first, OWN_PIN)).await, "verify-certificate-revoked");
    let signed: FilingView = scene.ask("order_sign", args(&second, "518203")).await.unwrap();
    assert_eq!(signed.line.stage, FilingStage::Settled, "the new one goes on: {:?}", signed.trouble);
    refused(scene.log_in(&first).await, "verify-certificate-revoked");
    // A desk that has no list yet learns it in the handshake.
    let elsewhere = desk(&scene.folder.path().join("elsewhere"), Path::new(WORKER));
    let login = Some((first.clone(), OWN_PIN.to_owned()));
    let outcome = elsewhere.enter(Connection { login, ..scene.practice.connection() }).await;
    assert_eq!(outcome.unwrap_err().code(), "net-certificate-revoked");

    let again: FilingView = scene.ask("ask", json!({ "filing": filed.line.filing })).await.unwrap();
    assert!(again.receipt.as_ref().is_some_and(|receipt| receipt.valid), "its receipt holds: {:?}", again.receipt);
    assert_eq!(again.line.stage, FilingStage::Settled);
    scene.days(1).await;
    let kept: FilingView = scene.ask("filing", json!({ "filing": filed.line.filing })).await.unwrap();
    assert!(kept.receipt.is_some_and(|receipt| receipt.valid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_leaves_a_key_that_asks_again_for_the_same_certificate() {
    let scene = Scene::open().await;
    let code = scene.code(50).await;
    let args = json!({ "code": code, "pin": OWN_PIN });
    for _ in 0..3 {
        scene.practice.center.faults().next(Target::Any, Fault::DropAfterCommit);
    }
    let error = scene.ask::<CertificateTaken>("certificate_enrol", args.clone()).await.unwrap_err();
    assert!(error.code.starts_with("net-"), "the answer did not come: {error:?}");
    let before = scene.keys().pending().unwrap();
    assert_eq!(before.len(), 1, "its key waits");
    assert!(scene.list().await.pending);

    // The program ended; another one goes on.
    let Scene { folder, practice, desk: first } = scene;
    closed(first).await;
    let desk = desk(folder.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    let scene = Scene { folder, practice, desk };
    let wrong = json!({ "code": code, "pin": "902517" });
    refused(scene.ask::<CertificateTaken>("certificate_enrol", wrong).await, "sign-wrong-password");
    let taken: CertificateTaken = scene.ask("certificate_enrol", args.clone()).await.unwrap();
    assert!(!scene.list().await.pending && scene.keys().pending().unwrap().is_empty());
    let kept = scene.keys().open(&taken.certificate).unwrap();
    assert!(before[0].request.is_of(kept.certificate()), "the key that waited");
    assert_eq!(taken.certificate, before[0].id);

    refused_by_center(scene.ask::<CertificateTaken>("certificate_enrol", args).await, "problem-activation-used");
    assert!(!scene.list().await.pending, "a refusal leaves no key behind");
}

/// The keys of both lie in one folder, and both have typed the same PIN.
#[tokio::test(flavor = "multi_thread")]
async fn two_at_one_computer_do_not_get_each_other_s_certificates() {
    let scene = Scene::open().await;
    let hers = scene.code(50).await;
    let wanted = ActivationFor {
        unit: scene.practice.unit_account.into(),
        name: APPROVER.into(),
        role: UnitRole::Approver,
        days: Some(50),
    };
    let his = scene.practice.center.activation(wanted).await.unwrap().code;
    for _ in 0..3 {
        // Whoever listens for events asks by other ways.
        scene.practice.center.faults().next(Target::Post, Fault::DropAfterCommit);
    }
    let args = |code: &str, pin: &str| json!({ "code": code, "pin": pin });
    let lost = scene.ask::<CertificateTaken>("certificate_enrol", args(&hers, OWN_PIN)).await.unwrap_err();
    assert!(lost.code.starts_with("net-"), "the answer did not come: {lost:?}");
    let waits = scene.keys().pending().unwrap();
    assert_eq!(waits.len(), 1, "her key waits");
    for secret in [hers.replace('-', ""), scene.practice.unit_account.to_owned(), CLERK.to_owned()] {
        assert!(!waits[0].id.contains(&secret), "what it is bound to cannot be read out of its name");
    }

    let taken: CertificateTaken = scene.ask("certificate_enrol", args(&his, OWN_PIN)).await.unwrap();
    assert_eq!(taken.holder, APPROVER, "his own");
    let kept = scene.keys().open(&taken.certificate).unwrap();
    assert!(!waits[0].request.is_of(kept.certificate()), "under a key of his own");
    let still = scene.keys().pending().unwrap();
    assert_eq!(still.len(), 1, "hers goes on waiting");
    assert_eq!(still[0].id, waits[0].id);
    assert!(scene.list().await.pending, "and that is said");

    let taken: CertificateTaken =
        scene.ask("certificate_enrol", args(&hers.to_lowercase().replace('-', " "), OWN_PIN)).await.unwrap();
    assert_eq!((taken.holder.as_str(), &taken.certificate), (CLERK, &waits[0].id), "hers, however she typed the code");
    assert!(scene.keys().pending().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_an_earlier_version_left_waiting_is_taken_by_whose_pin_opens_it_and_by_nobody_else() {
    let scene = Scene::open().await;
    // As it was called then: by a number alone.
    let old = "0198c0ffee0000007000000000000000";
    let request = scene.keys().request(old, Algorithm::P256, &Pin::new(OWN_PIN)).unwrap();
    assert!(scene.list().await.pending);
    let args = json!({ "code": scene.code(50).await, "pin": "518203" });
    let other: CertificateTaken = scene.ask("certificate_enrol", args).await.unwrap();
    assert_ne!(other.certificate, old, "another PIN is not in its way, and does not get it");
    assert_eq!(scene.enrol(50).await, old, "its own does");
    assert!(request.is_of(scene.keys().open(old).unwrap().certificate()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_applied_for_is_refused_by_name() {
    let scene = Scene::open().await;
    let enrol = |code: &str, pin: &str| json!({ "code": code, "pin": pin });
    for (pin, code) in [("12345", "sign-pin-short"), ("111111", "sign-pin-repeated"), ("654321", "sign-pin-sequence")] {
        refused(scene.ask::<CertificateTaken>("certificate_enrol", enrol("x", pin)).await, code);
    }
    let unknown = scene.ask::<CertificateTaken>("certificate_enrol", enrol("0000-0000-0000", OWN_PIN)).await;
    refused_by_center(unknown, "problem-activation-unknown");
    let fixed = json!({ "certificate": CLERK_KEY, "pin": PIN, "new_pin": OWN_PIN });
    refused(scene.ask::<Value>("certificate_pin", fixed).await, "desk-practice-pin");
    let early = json!({ "certificate": CLERK_KEY, "pin": PIN, "new_pin": OWN_PIN });
    refused_by_center(scene.ask::<CertificateTaken>("certificate_renew", early).await, "problem-renewal-early");
    let others = json!({ "certificate": APPROVER_KEY, "pin": PIN, "new_pin": OWN_PIN });
    refused(scene.ask::<CertificateTaken>("certificate_renew", others).await, "desk-certificate-other-operator");
    assert!(scene.keys().pending().unwrap().is_empty(), "none of it left a key");
    assert_eq!(scene.keys().list().unwrap().len(), 2, "nor a certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_changed_and_the_old_one_opens_nothing() {
    let scene = Scene::open().await;
    let certificate = scene.enrol(365).await;
    scene.log_in(&certificate).await.unwrap();
    let change = |old: &str, new: &str| json!({ "certificate": certificate, "pin": old, "new_pin": new });
    refused(scene.ask::<Value>("certificate_pin", change(OWN_PIN, OWN_PIN)).await, "desk-pin-unchanged");
    refused(scene.ask::<Value>("certificate_pin", change(OWN_PIN, "123456")).await, "sign-pin-sequence");
    let wrong = refused(scene.ask::<Value>("certificate_pin", change("999123", "518203")).await, "sign-wrong-pin");
    assert_eq!(wrong.args["left"], "2");
    scene.ask::<Value>("certificate_pin", change(OWN_PIN, "518203")).await.unwrap();
    let old = scene.keys().open(&certificate).unwrap().login(&Pin::new(OWN_PIN)).unwrap_err();
    assert!(matches!(old, SignError::WrongPin { left: 2 }), "{old}");
    scene.keys().open(&certificate).unwrap().login(&Pin::new("518203")).unwrap();
    // By then the center wants everybody to log in again.
    scene.practice.center.clock().shift(SignedDuration::from_mins(30));
    let session: SessionView = scene.ask("refresh", json!({})).await.unwrap();
    assert_eq!(session.connection, "reachable", "who is logged in stays so");
    let tries = scene.keys().list().unwrap().into_iter().find(|key| key.id == certificate).unwrap().tries_left;
    assert_eq!(tries, Some(3), "and no old PIN was tried for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_is_changed_while_the_login_renews_itself_locks_nobody_out() {
    let scene = Scene::open().await;
    let certificate = scene.enrol(365).await;
    scene.log_in(&certificate).await.unwrap();
    let pins = [OWN_PIN, "518203", "730461"];
    for change in pins.windows(2) {
        // The center wants a new login just now.
        scene.practice.center.clock().shift(SignedDuration::from_mins(30));
        let args = json!({ "certificate": certificate, "pin": change[0], "new_pin": change[1] });
        let changing = scene.ask::<Value>("certificate_pin", args);
        // Whether it is renewed with the PIN that is just going or with the new one is a matter of chance.
        let (changed, _) = tokio::join!(changing, scene.ask::<SessionView>("refresh", json!({})));
        changed.unwrap();
        let session: SessionView = scene.ask("refresh", json!({})).await.unwrap();
        assert_eq!(session.connection, "reachable", "the login goes on with the new PIN");
        let old = scene.keys().open(&certificate).unwrap().login(&Pin::new(change[0])).unwrap_err();
        assert!(matches!(old, SignError::WrongPin { left: 1.. }), "the old one was not tried until it locked: {old}");
        scene.keys().open(&certificate).unwrap().login(&Pin::new(change[1])).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_the_clerk_was_given_are_taken_or_refused_by_name() {
    let scene = Scene::open().await;
    let unit = scene.practice.center.unit(scene.practice.unit_account).await.unwrap().unwrap();
    let own = Operator { name: CLERK, unit_name: &unit.name, credit_code: &unit.credit_code };
    let now = scene.practice.center.clock().now();
    let ago = |days: i64| now.checked_sub(SignedDuration::from_hours(days * 24)).unwrap();
    let current = Validity::years(ago(1), 2);
    let folder = scene.folder.path().join("practice/center");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let ca = DevelopmentCa::from_pem(&read("ca.pem"), &read("ca-key.pem")).unwrap();
    let password = Pin::new("given-on-paper");
    let issue = |ca: &DevelopmentCa, operator: &Operator<'_>, validity: Validity| {
        ca.issue_operator(operator, validity, &password).unwrap().p12
    };
    let import = async |bytes: Vec<u8>, password: &str, pin: &str| {
        let ticket = scene.desk.ticket_of_bytes("given.p12", bytes).ticket;
        let args = json!({ "ticket": ticket, "password": password, "pin": pin });
        scene.ask::<CertificateTaken>("certificate_import", args).await
    };
    let good = issue(&ca, &own, current);
    let other_unit = Operator { credit_code: "914403001922038216", ..own.clone() };
    let same_name = DevelopmentCa::new("住房公积金参考中心根证书", Validity::years(ago(100), 9)).unwrap();
    let other_name = DevelopmentCa::new("别处的根证书", Validity::years(ago(100), 9)).unwrap();
    let past = Validity { not_before: ago(800), not_after: ago(30) };
    let encrypting = ca.issue_encryption_only(&own, current, &password).unwrap().p12;
    for (what, file, code) in [
        ("no file of keys", b"hello".to_vec(), "sign-key-damaged"),
        ("encryption only", encrypting, "sign-certificate-encryption-only"),
        ("expired", issue(&ca, &own, past), "verify-certificate-expired"),
        ("another CA of the same name", issue(&same_name, &own, current), "verify-certificate-foreign"),
        ("nobody that leads here", issue(&other_name, &own, current), "desk-certificate-chain"),
        ("another unit", issue(&ca, &other_unit, current), "desk-certificate-other-unit"),
    ] {
        let error = import(file, "given-on-paper", OWN_PIN).await.unwrap_err();
        assert_eq!(error.code, code, "{what}: {error:?}");
    }
    refused(import(good.clone(), "wrong", OWN_PIN).await, "sign-wrong-password");
    refused(import(good.clone(), "given-on-paper", "777777").await, "sign-pin-repeated");
    assert_eq!(scene.keys().list().unwrap().len(), 2, "nothing of it was kept");

    let taken = import(good.clone(), "given-on-paper", OWN_PIN).await.unwrap();
    assert!(!taken.old_encryption);
    let line = scene.line(&taken.certificate).await;
    assert_eq!((line.state, line.reason), (CertificateState::Valid, None));
    refused(import(good.clone(), "given-on-paper", OWN_PIN).await, "desk-certificate-known");
    let file = scene.practice.certificates.join(format!("{}.p12", taken.certificate));
    let kept = std::fs::read(&file).unwrap();
    assert!(P12Key::open(&kept, &Pin::new(OWN_PIN)).is_ok(), "under the new PIN");
    let refused = P12Key::open(&kept, &password).unwrap_err();
    assert_eq!(refused.code(), "sign-wrong-password", "and no more under the password it came with");
    assert_ne!(kept, good, "not as it came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_locked_or_damaged_is_mended_by_importing_it_again() {
    let scene = Scene::open().await;
    let password = Pin::new("given-on-paper");
    let (center, account) = (&scene.practice.center, scene.practice.unit_account);
    let original = center.issue_operator(account, CLERK, UnitRole::Clerk, password).await.unwrap().p12;
    let import = async |pin: &str| {
        let ticket = scene.desk.ticket_of_bytes("given.p12", original.clone()).ticket;
        let args = json!({ "ticket": ticket, "password": "given-on-paper", "pin": pin });
        scene.ask::<CertificateTaken>("certificate_import", args).await
    };
    let id = import(OWN_PIN).await.unwrap().certificate;
    let try_pin = |pin: &str| scene.keys().open(&id).unwrap().login(&Pin::new(pin));
    let file = |ending: &str| scene.practice.certificates.join(format!("{id}.{ending}"));
    assert!(matches!(try_pin("999123"), Err(SignError::WrongPin { left: 2 })));
    refused(import("518203").await, "desk-certificate-known");
    assert!(matches!(try_pin("518203"), Err(SignError::WrongPin { left: 1 })), "two tries more are not given away");

    let lock = || {
        assert!(matches!(try_pin("999123"), Err(SignError::PinLocked)));
        assert!(matches!(try_pin(OWN_PIN), Err(SignError::PinLocked)), "not by the right one either");
    };
    let halve = || std::fs::write(file("p12"), &std::fs::read(file("p12")).unwrap()[..200]).unwrap();
    let rot = || {
        let mut bytes = std::fs::read(file("p12")).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(file("p12"), bytes).unwrap();
    };
    let scribble = || std::fs::write(file("tries"), "x".repeat(200)).unwrap();
    let harms: [(&str, &dyn Fn(), &str); 4] = [
        ("locked", &lock, "518203"),
        ("cut off", &halve, "629471"),
        ("another octet", &rot, "730184"),
        ("its tries cannot be read", &scribble, "941025"),
    ];
    for (what, harm, pin) in harms {
        harm();
        assert_eq!(import(pin).await.unwrap().certificate, id, "{what}: the same one");
        let line = scene.line(&id).await;
        assert_eq!((line.state, line.tries_left), (CertificateState::Valid, Some(3)), "{what}");
        try_pin(pin).unwrap_or_else(|error| panic!("{what}: opened by the new PIN: {error}"));
        refused(import(OWN_PIN).await, "desk-certificate-known");
    }
    assert_eq!(scene.keys().list().unwrap().len(), 3, "one more than the practice's, not five");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_certificate_is_warned_of_before_and_signs_nothing_after() {
    let mut scene = Scene::open().await;
    let certificate = scene.enrol(100).await;
    scene.keys().remove(CLERK_KEY).unwrap();
    scene.log_in(&certificate).await.unwrap();
    let deadline = async |scene: &Scene| {
        let month: MonthView = scene.ask("month", json!({})).await.unwrap();
        month.deadlines.into_iter().find(|line| line.label.contains("证书"))
    };
    assert!(deadline(&scene).await.is_none(), "a hundred days are far");
    let mut seen = Vec::new();
    for days in [45, 48, 8] {
        let folder = scene.folder.path().join("practice");
        scene.practice.let_days_go_by(&folder, SystemClock.now(), days).unwrap();
        let login = Some((certificate.clone(), OWN_PIN.to_owned()));
        let connection = Connection { login, ..scene.practice.connection() };
        let session = scene.desk.enter(connection).await.unwrap();
        let line = scene.line(&certificate).await;
        seen.push((line.state, line.days_left, session.certificate_days, deadline(&scene).await.map(|d| d.urgent)));
    }
    assert_eq!(
        seen,
        [
            (CertificateState::Ending, 55, Some(55), Some(false)),
            (CertificateState::Ending, 7, Some(7), Some(true)),
            (CertificateState::Expired, -1, Some(-1), Some(true)),
        ]
    );
    let line = scene.line(&certificate).await;
    assert_eq!(line.reason.as_deref(), Some("sign-certificate-expired"), "and says what to do: {line:?}");
    assert!(!line.renewable, "an ended one asks for nothing");
    refused(scene.log_in(&certificate).await, "sign-certificate-expired");
    let connection = Connection { login: Some((certificate, OWN_PIN.into())), ..scene.practice.connection() };
    let elsewhere = desk(&scene.folder.path().join("elsewhere"), Path::new(WORKER));
    assert_eq!(elsewhere.enter(connection).await.unwrap_err().code(), "net-certificate-expired", "nor is it let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_end_of_a_key_that_signs_nothing_here_hides_no_warning() {
    let scene = Scene::open().await;
    let mine = scene.enrol(30).await;
    scene.keys().remove(CLERK_KEY).unwrap();
    scene.log_in(&mine).await.unwrap();
    let warned = async || {
        let month: MonthView = scene.ask("month", json!({})).await.unwrap();
        let lines = month.deadlines.into_iter().filter(|line| line.label.contains("证书"));
        let of_month: Vec<_> = lines.map(|line| (line.label, line.days_left)).collect();
        let bell: NoticesView = scene.ask("notices", json!({})).await.unwrap();
        let on_certificates =
            |line: &NoticeLine| line.jump.as_ref().is_some_and(|jump| matches!(jump.screen, JumpScreen::Certificates));
        let of_bell: Vec<_> = bell.notices.into_iter().filter(on_certificates).map(|line| line.title).collect();
        assert_eq!(
            of_bell,
            of_month.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>(),
            "the bell says it too"
        );
        let ready: Vec<ReadyLine> = scene.ask("readiness", json!({})).await.unwrap();
        let ready = ready.into_iter().find(|line| line.part == ReadyPart::Certificate).unwrap();
        assert_eq!(ready.state, ReadyState::Warn, "and so says the list of what filing needs: {}", ready.said);
        of_month
    };
    let signing = [("单位数字证书到期".to_owned(), 30)];
    assert_eq!(warned().await, signing);

    // The same person's, for years: of another unit, and for encryption alone.
    let ca = DevelopmentCa::new("别家根证书", Validity::years(SystemClock.now(), 9)).unwrap();
    let (nine, pin) = (Validity::years(SystemClock.now(), 9), Pin::new(PIN));
    let of = |credit_code| Operator { name: CLERK, unit_name: "别的单位", credit_code };
    let other = ca.issue_operator(&of("91999999MA0000000X"), nine, &pin).unwrap();
    let sealing = ca.issue_encryption_only(&of(UNIT_CREDIT_CODE), nine, &pin).unwrap();
    scene.keys().install("other", &other.p12, &pin).unwrap();
    scene.keys().install("sealing", &sealing.p12, &pin).unwrap();
    assert_eq!(warned().await, signing, "neither signs for this unit");

    let center = &scene.practice.center;
    let account = scene.practice.unit_account;
    let lost = center.issue_operator(account, CLERK, UnitRole::Clerk, pin.clone()).await.unwrap();
    scene.keys().install("lost", &lost.p12, &pin).unwrap();
    let login = [("登录用的证书到期".to_owned(), 30)];
    assert_eq!(warned().await, login, "signed with the newer one, logged in with the old one");
    assert!(center.revoke(lost.certificate.der()).await.unwrap());
    let _: SessionView = scene.ask("refresh", json!({})).await.unwrap();
    assert_eq!(warned().await, signing, "a revoked one follows nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_revocation_list_is_said_or_stops_the_signing_as_the_center_has_it() {
    let mut scene = Scene::open().await;
    let view = scene.list().await;
    assert!(view.crl.as_ref().is_some_and(|crl| !crl.stale && !crl.refuses), "{:?}", view.crl);
    let draft = scene.draft().await;
    let mut profile = CenterProfile::shipped("demo").unwrap();
    profile.stale_crl = StaleCrl::Refuse;
    scene.practice.center.seed(seed(&practice_unit(&profile).unwrap(), &profile)).await.unwrap();
    scene.desk.enter(scene.practice.connection()).await.unwrap();
    let crl = scene.list().await.crl.unwrap();
    assert!(crl.refuses && !crl.stale, "{crl:?}");
    // Eight days without the center.
    let folder = scene.folder.path().join("practice");
    scene.practice.let_days_go_by(&folder, SystemClock.now(), 8).unwrap();
    let connection = scene.practice.connection();
    let Scene { folder: kept, practice, desk } = scene;
    practice.center.shutdown().await;
    desk.enter(connection).await.unwrap();
    let crl = call::<CertificatesView>(&desk, "certificates", json!({})).await.unwrap().crl.unwrap();
    assert!(crl.stale && crl.refuses, "{crl:?}");
    refused(sign(&desk, &draft, CLERK_KEY, PIN).await, "desk-crl-stale");
    drop(kept);
}

/// A filing whose answer was lost, asked for eight days later while the center gives no revocation list.
async fn asked_for_under_an_old_list(scene: &mut Scene) -> FilingView {
    let draft = scene.draft().await;
    scene.practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let filed = sign(&scene.desk, &draft, CLERK_KEY, PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Unknown, "sent, no answer");
    for _ in 0..40 {
        scene.practice.center.faults().next(Target::Lists, Fault::Html);
    }
    scene.days(8).await;
    assert!(scene.list().await.crl.unwrap().stale, "no newer list came");
    scene.ask("filing", json!({ "filing": filed.line.filing })).await.unwrap()
}

/// Whether the receipt of a filing says that the revocation list was old.
fn says_old_list(filing: &FilingView) -> bool {
    let receipt = filing.receipt.as_ref().unwrap();
    receipt.steps.iter().any(|step| step.code == "revocation" && !step.passed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_under_an_old_revocation_list_is_believed_with_a_warning_where_the_center_has_it_so() {
    let mut scene = Scene::open().await;
    let filed = asked_for_under_an_old_list(&mut scene).await;
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    assert!(filed.receipt.as_ref().unwrap().valid, "the center says that work goes on");
    assert!(says_old_list(&filed), "and the page says how it was judged: {:?}", filed.receipt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_under_an_old_revocation_list_is_not_believed_where_the_center_refuses_that() {
    let mut scene = Scene::open().await;
    let mut profile = CenterProfile::shipped("demo").unwrap();
    profile.stale_crl = StaleCrl::Refuse;
    scene.practice.center.seed(seed(&practice_unit(&profile).unwrap(), &profile)).await.unwrap();
    scene.desk.enter(scene.practice.connection()).await.unwrap();
    let unknown = asked_for_under_an_old_list(&mut scene).await;
    assert_eq!(unknown.line.stage, FilingStage::Unknown, "nobody knows whether the signer was revoked");
    assert!(unknown.receipt.is_none(), "and nothing is kept as a receipt");
    assert_eq!(unknown.trouble.as_ref().map(|trouble| trouble.code.as_str()), Some("desk-receipt-unjudged"));
    let chain = scene.ask::<Value>("receipt_chain", json!({})).await;
    refused(chain, "desk-receipt-unjudged");
    let ask = json!({ "filing": unknown.line.filing });
    let again: FilingView = scene.ask("ask", ask.clone()).await.unwrap();
    assert_eq!((again.line.stage, again.receipt.is_none()), (FilingStage::Unknown, true), "asking alone is no help");

    scene.practice.center.faults().clear();
    let known: FilingView = scene.ask("ask", ask).await.unwrap();
    assert_eq!(known.line.stage, FilingStage::Settled, "a newer list came: {:?}", known.trouble);
    assert!(known.receipt.as_ref().unwrap().valid && !says_old_list(&known), "{:?}", known.receipt);
    let home: huijiao_desk::views::HomeView = scene.ask("home", json!({})).await.unwrap();
    assert_eq!(home.filings.len(), 1, "and nothing was filed twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_while_the_kept_list_is_still_fresh_is_known_after_a_refresh() {
    let scene = Scene::open().await;
    let (center, account, pin) = (&scene.practice.center, scene.practice.unit_account, Pin::new(PIN));
    let second = center.issue_operator(account, CLERK, UnitRole::Clerk, pin.clone()).await.unwrap();
    scene.keys().install("second", &second.p12, &pin).unwrap();
    let before = scene.line("second").await;
    assert_eq!((before.state, before.reason), (CertificateState::Valid, None));
    assert!(center.revoke(second.certificate.der()).await.unwrap());
    let order = json!({ "order": { "order": "verify", "through": "2026-07" } });
    let _: SessionView = scene.ask("refresh", json!({})).await.unwrap();
    let review: ReviewView = scene.ask("order_review", order.clone()).await.unwrap();
    let seen = review.certificates.into_iter().find(|one| one.certificate == "second").unwrap();
    assert_eq!(seen.reason.as_deref(), Some("verify-certificate-revoked"), "the list had days to go yet");
    let crl = scene.list().await.crl.unwrap();
    assert!(!crl.stale, "{crl:?}");

    let elsewhere = desk(&scene.folder.path().join("elsewhere"), Path::new(WORKER));
    elsewhere.enter(scene.practice.connection()).await.unwrap();
    let review: ReviewView = call(&elsewhere, "order_review", order.clone()).await.unwrap();
    let seen = review.certificates.into_iter().find(|one| one.certificate == "second").unwrap();
    assert_eq!(seen.reason.as_deref(), Some("verify-certificate-revoked"), "and whoever comes in knows at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_practice_hands_out_codes_and_whoever_enrolled_changes_back() {
    let folder = TempDir::new().unwrap();
    let desk = desk_of(folder.path(), Path::new(WORKER), Some(Arc::new(Door::default())));
    let _: SessionView = call(&desk, "enter_demo", json!({})).await.unwrap();
    let code: ActivationCodeView = call(&desk, "activation_code", json!({})).await.unwrap();
    let args = json!({ "code": code.code, "pin": OWN_PIN });
    let taken: CertificateTaken = call(&desk, "certificate_enrol", args).await.unwrap();
    assert_eq!(taken.holder, CLERK, "in the name of whoever is logged in");
    let args = json!({ "certificate": taken.certificate, "pin": OWN_PIN });
    let _: SessionView = call(&desk, "log_in", args).await.unwrap();
    let act = json!({ "act": { "act": "operator", "key": APPROVER_KEY } });
    let _: Value = call(&desk, "practice", act).await.unwrap();
    let home: huijiao_desk::views::HomeView = call(&desk, "home", json!({})).await.unwrap();
    assert_eq!((home.session.role.as_str(), home.session.connection.as_str()), ("复核人", "reachable"));
    assert_eq!(home.session.demo_pin.as_deref(), Some(PIN), "the practice's own PIN again");
    let view: CertificatesView = call(&desk, "certificates", json!({})).await.unwrap();
    let colleague = view.certificates.iter().find(|line| line.certificate == taken.certificate).unwrap();
    assert_eq!(colleague.reason.as_deref(), Some("desk-certificate-other-operator"));
    let args = json!({ "sha256": colleague.sha256, "reason": "lost", "certificate": APPROVER_KEY, "pin": PIN });
    let _: Value = call(&desk, "certificate_lost", args).await.unwrap();
    let view: CertificatesView = call(&desk, "certificates", json!({})).await.unwrap();
    let colleague = view.certificates.into_iter().find(|line| line.certificate == taken.certificate).unwrap();
    assert_eq!(colleague.state, CertificateState::Revoked, "the approver reported it lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_that_was_the_newest_is_archived_with_the_receipt() {
    let scene = Scene::open().await;
    let draft = scene.draft().await;
    let filed = sign(&scene.desk, &draft, CLERK_KEY, PIN).await.unwrap();
    assert!(filed.receipt.unwrap().valid);
    // Later lists do not take its place.
    let _: SessionView = scene.ask("refresh", json!({})).await.unwrap();
    let exported: huijiao_desk::views::Exported =
        scene.ask("filing_export", json!({ "filing": filed.line.filing })).await.unwrap();
    let crl = std::fs::read_to_string(Path::new(&exported.folder).join("crl.pem")).unwrap();
    assert!(Crl::from_pem(&crl).is_ok());
    let status = Command::new("openssl")
        .args(["crl", "-in", "crl.pem", "-CAfile", "ca.pem", "-noout"])
        .current_dir(&exported.folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&status.stderr);
    assert!(status.status.success() && said.contains("verify OK"), "openssl holds it for the center's: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_a_pin_that_a_key_file_refuses_is_never_tried_again_in_the_background() {
    let mut world = World::open(5, Path::new(WORKER)).await;
    let clerk = world.clerk("one").await;
    let keys = P12Folder::new(world.connection().certificates);
    let left = || {
        let all = keys.list().unwrap();
        all.iter().find(|key| key.id == CLERK_KEY).unwrap().tries_left
    };
    let refresh = || call::<SessionView>(&clerk.desk, "refresh", json!({}));
    let all = left().unwrap();
    keys.change_pin(CLERK_KEY, &Pin::new(PIN), &Pin::new(OWN_PIN)).unwrap();
    // The session of the login is over, and so is the connection on which events are heard.
    world.let_hours_go_by(1);
    world.proxy.hang_up();
    until(&clerk.desk, "a login that the key refuses is noticed", |now| !now.online).await;
    for _ in 0..4 {
        assert_eq!(refresh().await.unwrap_err().code, "net-login-ended");
    }
    assert_eq!(left(), Some(all - 1), "one try was spent, whoever asked how often: the key is not locked");
    let args = json!({ "certificate": CLERK_KEY, "pin": OWN_PIN });
    let again: SessionView = call(&clerk.desk, "log_in", args).await.unwrap();
    assert_eq!((again.connection.as_str(), left()), ("reachable", Some(all)), "a person logs in, and it goes on");
    refresh().await.unwrap();
}
