//! 添加单位（联网）: with nothing but what a center hands over, to a unit that is open and filed for.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use huijiao_center::{ActivationFor, Center, CenterClock, CenterConfig, Fault, RunningCenter, Target, UnitRole};
use huijiao_demo::people::{UnitRoster, practice_unit, unit_of};
use huijiao_demo::practice::{BEGINS, CLERK, PIN, seed};
use huijiao_demo::workbooks;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    CenterLook, CertificateView, ConnectionTest, FilingStage, FilingView, JoinedLine, ProfileForm, ProfileSaved,
    ProfileView, SessionView, StartView, UiError, UnitStanding, UnitsMonth, WayState, WayStep,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse};
use huijiao_domain::profile::CenterProfile;
use huijiao_signing::issue::{TEST_PIN, Validity, write_test_certificates};
use huijiao_signing::{Certificate, Pin, Tokens, TrustAnchors};
use huijiao_store::vault::MemoryVault;
use huijiao_tests::softhsm::{SoftHsm, alone};
use huijiao_tests::{call, closed, config, import, settle, sign};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const OWN_PIN: &str = "840275";
/// A second unit of the same employer: a branch with an account of its own.
const BRANCH: &str = "000100200301";

/// The computer's clock, set to the month in which the center's books stand.
struct Set(SignedDuration);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }

    fn steady(&self) -> SignedDuration {
        SystemClock.steady()
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }
}

struct Scene {
    folder: TempDir,
    center: RunningCenter,
    account: String,
    offset: SignedDuration,
    keyring: Arc<MemoryVault>,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let profile = CenterProfile::shipped("demo").unwrap();
        let unit = practice_unit(&profile).unwrap();
        workbooks::lay(&folder.path().join("表格"), &unit, &profile).unwrap();
        let offset = BEGINS.parse::<Timestamp>().unwrap().duration_since(SystemClock.now());
        let day = |text: &str| text.parse::<Timestamp>().unwrap();
        let center = Center::start(CenterConfig {
            clock: CenterClock::ahead(offset),
            validity: Some(Validity {
                not_before: day("2020-01-01T00:00:00Z"),
                not_after: day("2049-12-31T00:00:00Z"),
            }),
            seed: Some(seed(&unit, &profile)),
            ..CenterConfig::in_folder(folder.path().join("center"))
        })
        .await
        .unwrap();
        let roots = TrustAnchors::from_der(center.anchors()).unwrap();
        let pem: String = roots.certificates().iter().map(Certificate::pem).collect();
        std::fs::write(folder.path().join("roots.pem"), pem).unwrap();
        Self { folder, center, account: unit.unit.account, offset, keyring: Arc::default() }
    }

    /// A computer that knows of nothing yet, or what it knew when it was switched off.
    async fn desk(&self) -> Arc<Desk> {
        self.desk_with(Tokens::none()).await
    }

    async fn desk_with(&self, tokens: Tokens) -> Arc<Desk> {
        let desk = Arc::new(Desk::new(DeskConfig {
            keyring: KeyringUse::Given(self.keyring.clone()),
            clock: Arc::new(Set(self.offset)),
            tokens,
            ..config(self.folder.path(), Path::new(WORKER))
        }));
        loop {
            match call::<StartView>(&desk, "start", json!({})).await {
                // The last of what was under way when it was switched off lets go of the data.
                Err(error) if error.code == "store-in-use" => tokio::task::yield_now().await,
                start => break drop(start.unwrap()),
            }
        }
        desk
    }

    async fn code(&self, role: UnitRole) -> String {
        let wanted = ActivationFor { unit: self.account.clone(), name: CLERK.into(), role, days: None };
        self.center.activation(wanted).await.unwrap().code
    }

    /// The center as it is written down for the clerk.
    fn told(&self, desk: &Desk) -> Value {
        let roots = desk.ticket_of_file(&self.folder.path().join("roots.pem")).unwrap().ticket;
        json!({ "address": self.center.base_url(), "roots": roots })
    }

    /// The branch, and the key file of a clerk of it and of the unit.
    async fn clerk_of_two(&self) -> (UnitRoster, PathBuf) {
        let profile = CenterProfile::shipped("demo").unwrap();
        let mut branch = unit_of(3, &profile).unwrap();
        branch.unit.account = BRANCH.into();
        branch.unit.name = "演示机械有限公司分公司".into();
        for (person, number) in branch.roster.contributors.iter_mut().zip(1..) {
            person.personal_account = format!("9990000000{number:02}").into();
        }
        self.center.seed(seed(&branch, &profile)).await.unwrap();
        let issued = self.center.issue_operator(&self.account, CLERK, UnitRole::Clerk, Pin::new(PIN)).await.unwrap();
        self.center.register_operator(BRANCH, issued.certificate.der(), UnitRole::Clerk).await.unwrap();
        let file = self.folder.path().join("王晓敏.p12");
        std::fs::write(&file, &issued.p12).unwrap();
        (branch, file)
    }

    async fn join(&self, desk: &Arc<Desk>, account: &str, way: Value, pin: &str) -> Result<SessionView, UiError> {
        let args = json!({ "center": self.told(desk), "account": account, "way": way, "pin": pin });
        call(desk, "unit_join", args).await
    }
}

/// A server that knows nothing newer than TLS 1.2, and answers with what lies in its folder.
struct OldServer {
    server: Child,
    address: String,
}

impl OldServer {
    /// By `server.pem` and `server.key` of the folder.
    fn start(folder: &Path) -> Self {
        let mut server = Command::new("openssl")
            .args(["s_server", "-tls1_2", "-HTTP", "-cert", "server.pem", "-key", "server.key"])
            .args(["-accept", "127.0.0.1:0"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(server.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("ACCEPT") {
            line.clear();
            assert!(said.read_line(&mut line).unwrap() > 0, "it says where it listens before it ends");
        }
        let port = line.trim().rsplit(':').next().unwrap();
        let address = format!("https://localhost:{port}");
        // Its words are read on, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { server, address }
    }
}

impl Drop for OldServer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

async fn joined(desk: &Arc<Desk>) -> Vec<JoinedLine> {
    call(desk, "units_joined", json!({})).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_code_opens_a_unit_that_is_logged_in_to_from_then_on() {
    let scene = Scene::open().await;
    let desk = scene.desk().await;
    let look: CenterLook = call(&desk, "center_look", scene.told(&desk)).await.unwrap();
    let roots = TrustAnchors::from_der(scene.center.anchors()).unwrap();
    let prints: Vec<String> = roots.certificates().iter().map(Certificate::sha256_hex).collect();
    assert_eq!(look.roots.iter().map(|root| &root.sha256).collect::<Vec<_>>(), prints.iter().collect::<Vec<_>>());
    assert!(!look.center.is_empty() && look.certificates.is_empty(), "{look:?}");
    assert!(joined(&desk).await.is_empty(), "looking keeps nothing");

    let way = json!({ "by": "code", "code": scene.code(UnitRole::Clerk).await });
    let session = scene.join(&desk, &scene.account, way, OWN_PIN).await.unwrap();
    assert_eq!((session.demo, session.channel.as_str()), (false, "gateway"));
    assert_eq!((session.operator.as_str(), session.unit_account.as_str()), (CLERK, scene.account.as_str()));
    assert!(session.demo_pin.is_none() && session.operators.is_empty(), "nothing of the practice");
    closed(desk).await;

    let desk = scene.desk().await;
    let [line] = &joined(&desk).await[..] else { panic!("one unit") };
    assert_eq!((line.account.as_str(), line.name.as_str()), (scene.account.as_str(), session.unit_name.as_str()));
    let keys: Vec<CertificateView> = call(&desk, "unit_keys", json!({ "account": line.account })).await.unwrap();
    let [key] = &keys[..] else { panic!("one certificate: {keys:?}") };
    assert!(key.usable && key.holder == CLERK, "{key:?}");
    let log_in = |pin: &str| json!({ "account": line.account, "certificate": key.certificate, "pin": pin });
    let wrong = call::<SessionView>(&desk, "unit_log_in", log_in("111111")).await.unwrap_err();
    assert_eq!(wrong.code, "sign-wrong-pin");
    call::<SessionView>(&desk, "unit_log_in", log_in(OWN_PIN)).await.unwrap();
    let in_list = async || {
        let all: UnitsMonth = call(&desk, "units_month", json!({ "find": "" })).await.unwrap();
        all.lines.into_iter().find(|unit| unit.account == line.account).unwrap()
    };
    let listed = in_list().await;
    assert!(listed.logs_in && listed.open, "{listed:?}");
    assert_eq!((listed.month.as_str(), listed.standing), ("2026-07", UnitStanding::Nothing));
    let draft = import(&desk, &scene.folder.path().join("表格").join(workbooks::CLEAN), "2026-07").await.unwrap();
    let draft = settle(&desk, draft).await.unwrap();
    let filed = sign(&desk, &draft, &key.certificate, OWN_PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    assert_eq!(in_list().await.standing, UnitStanding::Unverified, "one filing is not the month");

    call::<Value>(&desk, "unit_leave", json!({})).await.unwrap();
    let listed = in_list().await;
    assert_eq!(
        (listed.open, listed.standing),
        (false, UnitStanding::Unverified),
        "said of a unit that is not open too"
    );
    call::<Value>(&desk, "unit_forget", json!({ "account": line.account })).await.unwrap();
    assert!(joined(&desk).await.is_empty());
    let gone = call::<SessionView>(&desk, "unit_log_in", log_in(OWN_PIN)).await.unwrap_err();
    assert_eq!(gone.code, "desk-no-such-unit");
    let again: CenterLook = call(&desk, "center_look", scene.told(&desk)).await.unwrap();
    assert_eq!(again.certificates.len(), 1, "the certificate stays: it is the clerk's");
    let way = json!({ "by": "here", "certificate": again.certificates[0].certificate });
    scene.join(&desk, &scene.account, way, OWN_PIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_named_and_a_certificate_that_was_got_is_not_lost() {
    let scene = Scene::open().await;
    let desk = scene.desk().await;
    let look = async |address: &str, file: &str| {
        let roots = desk.ticket_of_file(&scene.folder.path().join(file)).unwrap().ticket;
        let form = json!({ "address": address, "roots": roots });
        call::<CenterLook>(&desk, "center_look", form).await.unwrap_err().code
    };
    let address = scene.center.base_url();
    std::fs::write(scene.folder.path().join("no.pem"), "根证书").unwrap();
    assert_eq!(look(&address, "no.pem").await, "desk-center-root");
    let issued = scene.center.issue_operator(&scene.account, CLERK, UnitRole::Clerk, Pin::new(PIN)).await.unwrap();
    std::fs::write(scene.folder.path().join("clerk.cer"), issued.certificate.der()).unwrap();
    assert_eq!(look(&address, "clerk.cer").await, "desk-center-root", "a clerk vouches for nobody");
    assert_eq!(look("http://gjj.example.cn", "roots.pem").await, "desk-center-address");
    let elsewhere = TempDir::new().unwrap();
    let other = Center::start(CenterConfig::in_folder(elsewhere.path().join("center"))).await.unwrap();
    assert_eq!(
        look(&other.base_url(), "roots.pem").await,
        "net-certificate-untrusted",
        "another center is not this one"
    );
    // The step that fails is named before there is a unit, and whoever stands in between by his own certificate.
    let test = async |address: &str| {
        let roots = desk.ticket_of_file(&scene.folder.path().join("roots.pem")).unwrap().ticket;
        let form = json!({ "address": address, "roots": roots });
        let found: ConnectionTest = call(&desk, "center_test", form).await.unwrap();
        let failed = found.steps.into_iter().find(|step| step.state == WayState::Failed);
        failed.map(|step| (step.step, step.why.unwrap()))
    };
    assert!(test(&address).await.is_none(), "the whole way to the center is open");
    let (step, why) = test(&other.base_url()).await.unwrap();
    assert_eq!((step, why.code.as_str()), (WayStep::Tls, "net-certificate-untrusted"));
    let its = TrustAnchors::from_der(other.anchors()).unwrap();
    let names: Vec<&str> = its.certificates().iter().map(Certificate::holder).collect();
    assert!(names.contains(&why.args["issuer"].as_str()), "{why:?} of {names:?}");
    let gone = other.base_url();
    other.shutdown().await;
    let (step, why) = test(&gone).await.unwrap();
    assert_eq!((step, why.code.as_str()), (WayStep::Tcp, "net-unreachable"));
    assert!(!why.args.contains_key("issuer"), "nobody showed anything: {why:?}");
    let (step, _) = test("center.invalid").await.unwrap();
    assert_eq!(step, WayStep::Name);
    assert!(joined(&desk).await.is_empty(), "testing keeps nothing");

    let way = |code: &str| json!({ "by": "code", "code": code });
    let short = scene.join(&desk, "00/01", way("0000-0000-0000"), OWN_PIN).await.unwrap_err();
    assert_eq!(short.code, "desk-unit-account", "before anybody is asked");
    let weak = scene.join(&desk, &scene.account, way("0000-0000-0000"), "123456").await.unwrap_err();
    assert!(weak.code.starts_with("sign-pin"), "{weak:?}");
    let unknown = scene.join(&desk, &scene.account, way("0000-0000-0000"), OWN_PIN).await.unwrap_err();
    assert_eq!(unknown.code, "problem-activation-unknown", "{unknown:?}");
    let code = scene.code(UnitRole::Clerk).await;
    let foreign = scene.join(&desk, "999999999999", way(&code), OWN_PIN).await.unwrap_err();
    assert_eq!(foreign.code, "problem-role-missing", "whoever knows no such unit says so: {foreign:?}");
    assert!(joined(&desk).await.is_empty(), "a mistyped account is not kept");
    let look: CenterLook = call(&desk, "center_look", scene.told(&desk)).await.unwrap();
    let [got] = &look.certificates[..] else { panic!("the certificate is here: {look:?}") };

    let here = json!({ "by": "here", "certificate": got.certificate });
    scene.join(&desk, &scene.account, here, OWN_PIN).await.expect("and serves for the right account");

    // The center goes away: the unit opens on what is known of it here.
    let args = json!({ "account": scene.account, "certificate": got.certificate, "pin": OWN_PIN });
    call::<Value>(&desk, "unit_leave", json!({})).await.unwrap();
    scene.center.shutdown().await;
    let alone: SessionView = call(&desk, "unit_log_in", args).await.unwrap();
    assert_ne!(alone.connection, "reachable");
    assert!(alone.roster.is_some_and(|roster| roster.people > 0), "the local copy");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_of_tls_1_2_alone_is_met_by_rules_that_allow_it_and_by_no_others() {
    let scene = Scene::open().await;
    let desk = scene.desk().await;
    let folder = scene.folder.path().join("old");
    write_test_certificates(&folder, SystemClock.now()).unwrap();
    let mut profile = CenterProfile::shipped("demo").unwrap();
    profile.name = "只会 TLS 1.2 的中心".into();
    let time = (SystemClock.now() + scene.offset).to_string();
    let info = json!({ "protocol": 1, "time": time, "profile": profile, "kinds": [] }).to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}", info.len());
    std::fs::create_dir(folder.join("v1")).unwrap();
    std::fs::write(folder.join("v1/center"), format!("{head}\r\nconnection: close\r\n\r\n{info}")).unwrap();
    let server = OldServer::start(&folder);

    let view: ProfileView = call(&desk, "profile", json!({ "profile": "demo" })).await.unwrap();
    assert_eq!(view.form.minimum_tls, "1.3", "the usual");
    for (code, minimum) in [("newer", "1.3"), ("older", "1.2")] {
        let form = ProfileForm { code: code.into(), minimum_tls: minimum.into(), ..view.form.clone() };
        let saved: ProfileSaved =
            call(&desk, "profile_save", json!({ "form": form, "base": view.base })).await.unwrap();
        assert!(saved.saved, "{:?}", saved.problems);
    }
    let roots = desk.ticket_of_file(&folder.join("ca.pem")).unwrap().ticket;
    let form = |rules: &str| json!({ "address": server.address, "roots": roots, "rules": rules });
    for rules in ["", "newer"] {
        let found: ConnectionTest = call(&desk, "center_test", form(rules)).await.unwrap();
        let failed = found.steps.into_iter().find(|step| step.state == WayState::Failed).unwrap();
        let why = failed.why.unwrap();
        assert_eq!((failed.step, why.code.as_str()), (WayStep::Tls, "net-tls-outdated"), "rules {rules:?}");
        let refused = call::<CenterLook>(&desk, "center_look", form(rules)).await.unwrap_err();
        assert_eq!(refused.code, "net-tls-outdated", "rules {rules:?}");
    }
    let found: ConnectionTest = call(&desk, "center_test", form("older")).await.unwrap();
    assert!(found.steps.iter().all(|step| step.state != WayState::Failed), "{:?}", found.steps);
    let look: CenterLook = call(&desk, "center_look", form("older")).await.unwrap();
    assert_eq!(look.center, "只会 TLS 1.2 的中心");
    let unknown = call::<CenterLook>(&desk, "center_look", form("nowhere")).await.unwrap_err();
    assert_eq!(unknown.code, "desk-no-such-profile");
    assert!(joined(&desk).await.is_empty(), "looking keeps nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_serves_as_well_and_brings_the_operators_other_units_along() {
    let scene = Scene::open().await;
    let (branch, file) = scene.clerk_of_two().await;
    let desk = scene.desk().await;
    let ticket = desk.ticket_of_file(&file).unwrap().ticket;
    let way = |password: &str| json!({ "by": "file", "ticket": ticket, "password": password });
    let wrong = scene.join(&desk, &scene.account, way("not it"), OWN_PIN).await.unwrap_err();
    assert!(wrong.code.starts_with("sign-wrong"), "{wrong:?}");
    let session = scene.join(&desk, &scene.account, way(PIN), OWN_PIN).await.unwrap();
    assert_eq!(session.operator, CLERK);
    let mut names: Vec<String> = joined(&desk).await.into_iter().map(|unit| unit.name).collect();
    names.sort();
    assert_eq!(names, [session.unit_name.clone(), "演示机械有限公司分公司".to_owned()], "both are listed");
    let keys: Vec<CertificateView> = call(&desk, "unit_keys", json!({ "account": BRANCH })).await.unwrap();
    let args = json!({ "account": BRANCH, "certificate": keys[0].certificate, "pin": OWN_PIN });
    let other: SessionView = call(&desk, "unit_log_in", args).await.unwrap();
    assert_eq!((other.unit_account.as_str(), other.contributors), (BRANCH, branch.unit.contributors));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_unit_signed_waits_while_another_is_open() {
    let scene = Scene::open().await;
    let (_, file) = scene.clerk_of_two().await;
    let desk = scene.desk().await;
    let ticket = desk.ticket_of_file(&file).unwrap().ticket;
    let way = json!({ "by": "file", "ticket": ticket, "password": PIN });
    scene.join(&desk, &scene.account, way, OWN_PIN).await.unwrap();
    let keys: Vec<CertificateView> = call(&desk, "unit_keys", json!({ "account": BRANCH })).await.unwrap();
    let certificate = &keys[0].certificate;
    let log_in = async |account: &str| {
        let args = json!({ "account": account, "certificate": certificate, "pin": OWN_PIN });
        call::<SessionView>(&desk, "unit_log_in", args).await.unwrap()
    };
    let look = async |id: &Value| call::<FilingView>(&desk, "filing", id.clone()).await.unwrap();
    let draft = import(&desk, &scene.folder.path().join("表格").join(workbooks::CLEAN), "2026-07").await.unwrap();
    let draft = settle(&desk, draft).await.unwrap();
    scene.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let filed = sign(&desk, &draft, certificate, OWN_PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Unknown, "nobody knows: {:?}", filed.trouble);
    let id = json!({ "filing": filed.line.filing });

    log_in(BRANCH).await;
    assert_eq!(look(&id).await.line.stage, FilingStage::Unknown, "the branch neither asks for it nor sends it");
    let asked = call::<FilingView>(&desk, "ask", id.clone()).await.unwrap_err();
    assert_eq!(asked.code, "desk-filing-other-unit", "not even when asked to");
    let why = json!({ "filing": filed.line.filing, "reason": "填错了", "certificate": certificate, "pin": OWN_PIN });
    let taken_back = call::<FilingView>(&desk, "filing_withdraw", why.clone()).await.unwrap_err();
    assert_eq!(taken_back.code, "desk-withdrawal-state", "what nobody knows of cannot be taken back");

    log_in(&scene.account).await;
    assert_eq!(look(&id).await.line.stage, FilingStage::Settled, "its own unit asks at once");
    log_in(BRANCH).await;
    let taken_back = call::<FilingView>(&desk, "filing_withdraw", why.clone()).await.unwrap_err();
    assert_eq!(taken_back.code, "desk-filing-other-unit", "another unit signs nothing about it");
    log_in(&scene.account).await;
    scene.center.faults().next(Target::Put, Fault::DropAfterCommit);
    call::<FilingView>(&desk, "filing_withdraw", why).await.unwrap_err();
    assert!(look(&id).await.withdrawing, "the signed withdrawal is kept");
    log_in(BRANCH).await;
    assert!(look(&id).await.withdrawing, "the branch does not send it");
    log_in(&scene.account).await;
    let gone = look(&id).await;
    assert_eq!((gone.line.stage, gone.withdrawing), (FilingStage::Withdrawn, false), "its own unit does");
}

#[test]
fn a_key_on_a_token_joins_a_unit_and_files_for_it() {
    alone("a_key_on_a_token_joins_a_unit_and_files_for_it", |hsm| async move {
        let scene = Scene::open().await;
        let issued = scene.center.issue_operator(&scene.account, CLERK, UnitRole::Clerk, Pin::new(PIN)).await.unwrap();
        let file = hsm.folder().join("issued.p12");
        std::fs::write(&file, &issued.p12).unwrap();
        hsm.token("ukey", OWN_PIN);
        hsm.put("ukey", OWN_PIN, &file, PIN);
        std::fs::remove_file(&file).unwrap();
        // Beside it the token of another center's clerk.
        let strange = hsm.folder().join("strange");
        write_test_certificates(&strange, scene.center.clock().now()).unwrap();
        hsm.token("other", OWN_PIN);
        hsm.put("other", OWN_PIN, &strange.join("clerk.p12"), TEST_PIN);

        let tokens = Tokens::at(vec![SoftHsm::module()]);
        let desk = scene.desk_with(tokens.clone()).await;
        let look: CenterLook = call(&desk, "center_look", scene.told(&desk)).await.unwrap();
        let offered: Vec<_> = look.certificates.iter().map(|one| (one.kept.as_str(), one.usable)).collect();
        assert_eq!(
            offered,
            [("UKey（ukey）", true), ("UKey（other）", false)],
            "what serves at this center comes first"
        );
        let key = &look.certificates[0];
        assert_eq!((key.holder.as_str(), key.token), (CLERK, true));
        let by = |certificate: &str| json!({ "by": "here", "certificate": certificate });
        let wrong = scene.join(&desk, &scene.account, by(&key.certificate), "000000").await.unwrap_err();
        assert_eq!(wrong.code, "sign-token-pin");
        let strange = &look.certificates[1];
        let refused = scene.join(&desk, &scene.account, by(&strange.certificate), OWN_PIN).await.unwrap_err();
        assert_eq!(refused.code, "verify-certificate-foreign", "before anybody is asked");
        assert!(joined(&desk).await.is_empty());
        let session = scene.join(&desk, &scene.account, by(&key.certificate), OWN_PIN).await.unwrap();
        assert_eq!((session.operator.as_str(), session.connection.as_str()), (CLERK, "reachable"));
        closed(desk).await;

        let desk = scene.desk_with(tokens).await;
        let [line] = &joined(&desk).await[..] else { panic!("one unit") };
        let keys: Vec<CertificateView> = call(&desk, "unit_keys", json!({ "account": line.account })).await.unwrap();
        let own: Vec<_> = keys.iter().filter(|one| one.usable).map(|one| one.certificate.as_str()).collect();
        assert_eq!(own, [key.certificate.as_str()], "the token's key, known by the same name");
        let log_in = json!({ "account": line.account, "certificate": own[0], "pin": OWN_PIN });
        call::<SessionView>(&desk, "unit_log_in", log_in).await.unwrap();
        let draft = import(&desk, &scene.folder.path().join("表格").join(workbooks::CLEAN), "2026-07").await.unwrap();
        let draft = settle(&desk, draft).await.unwrap();
        let filed = sign(&desk, &draft, own[0], OWN_PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
        assert!(filed.receipt.is_some_and(|receipt| receipt.valid), "and the receipt holds");
        let mut left = vec![scene.folder.path().join("desk")];
        while let Some(folder) = left.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                assert_ne!(entry.extension().and_then(|end| end.to_str()), Some("p12"), "no key came off the token");
                left.extend(entry.is_dir().then_some(entry));
            }
        }
    });
}
