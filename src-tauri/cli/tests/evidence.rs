//! 证据包: what the desk exported of a filing at a real center holds for somebody who has nothing but this program.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use huijiao_center::{ActivationFor, Center, CenterClock, CenterConfig, Decision, ReviewRule, UnitRole};
use huijiao_demo::people::{UNIT_ACCOUNT, UNIT_CREDIT_CODE, UNIT_NAME, practice_unit};
use huijiao_demo::practice::{APPROVER, APPROVER_KEY, CLERK, CLERK_KEY, PIN, seed};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{
    ApprovalDone, ApprovalView, CertificateTaken, DraftView, Exported, FilingStage, FilingView, ProfileSaved,
    ProfileView, SessionView, UnitSaved, UploadExported,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse, calls};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::{
    Approval, CenterProfile, Channel, ClientTls, MinimumTls, SignatureAlgorithm, SignatureIdentifiers, SignatureRules,
};
use huijiao_domain::roster::AccountStatus;
use huijiao_sheets::WorkerProgram;
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{P12Folder, Pin, Request, Tokens};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_huijiao-cli");

async fn call<T: DeserializeOwned>(desk: &Arc<Desk>, command: &str, args: Value) -> T {
    let view = calls::call(desk, command, args).await.unwrap_or_else(|error| panic!("{command}: {error:?}"));
    serde_json::from_value(view).unwrap()
}

/// Whether the program believes a folder, and what it says of its parts.
fn verified(folder: &Path) -> (Option<i32>, Value) {
    let output = Command::new(PROGRAM).arg("verify").arg(folder).arg("--json").output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

const OWN_PIN: &str = "840275";

fn desk_in(folder: &Path, name: &str) -> Arc<Desk> {
    let desk = Arc::new(Desk::new(DeskConfig {
        folder: folder.join(name),
        export_folder: folder.join("export"),
        worker: WorkerProgram(PROGRAM.into()),
        keyring: KeyringUse::None,
        clock: Arc::new(SystemClock),
        practice: None,
        updates: None,
        tokens: Tokens::none(),
        pauses: Vec::new(),
        version: "test".into(),
    }));
    desk.set_passphrase("只在测试里用的口令").unwrap();
    desk
}

/// A practice center, and desks at it.
struct Scene {
    folder: TempDir,
    practice: Practice,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        Self { folder, practice }
    }

    fn connection(&self, key: &str) -> Connection {
        Connection { login: Some((key.into(), PIN.into())), ..self.practice.connection() }
    }

    /// A desk of its own for whoever has this key.
    async fn desk(&self, key: &str) -> Arc<Desk> {
        let desk = desk_in(self.folder.path(), key);
        desk.enter(self.connection(key)).await.unwrap();
        desk
    }

    /// Logs in with a new certificate for so many days, and says which.
    async fn enrolled(&self, desk: &Arc<Desk>, name: &str, role: UnitRole, days: u16) -> String {
        let wanted =
            ActivationFor { unit: self.practice.unit_account.into(), name: name.into(), role, days: Some(days) };
        let code = self.practice.center.activation(wanted).await.unwrap().code;
        let args = json!({ "code": code, "pin": OWN_PIN });
        let own = call::<CertificateTaken>(desk, "certificate_enrol", args).await.certificate;
        let session: SessionView = call(desk, "log_in", json!({ "certificate": own, "pin": OWN_PIN })).await;
        assert_eq!((session.operator.as_str(), session.connection.as_str()), (name, "reachable"));
        own
    }

    async fn filed(&self, desk: &Arc<Desk>, certificate: &str, pin: &str) -> FilingView {
        signed(desk, &self.practice.workbook_folder, certificate, pin).await
    }

    fn days_go_by(&mut self, days: u16) {
        let folder = self.folder.path().join("practice");
        self.practice.let_days_go_by(&folder, SystemClock.now(), days).unwrap();
    }
}

/// What is filed of the clean workbook in this folder.
async fn signed(desk: &Arc<Desk>, books: &Path, certificate: &str, pin: &str) -> FilingView {
    let ticket = desk.ticket_of_file(&books.join(workbooks::CLEAN)).unwrap().ticket;
    let choice = json!({ "choice": { "ticket": ticket, "period": "2026-07" } });
    let draft: DraftView = call(desk, "import_accept", choice).await;
    let signing = json!({ "draft": draft.draft, "revision": draft.revision, "certificate": certificate, "pin": pin });
    call(desk, "sign_and_submit", signing).await
}

async fn exported(desk: &Arc<Desk>, filing: &FilingView) -> PathBuf {
    let exported: Exported = call(desk, "filing_export", json!({ "filing": filing.line.filing })).await;
    PathBuf::from(exported.folder)
}

/// Asserts that a stranger finds everything to hold, with this program and with openssl by the commands that lie in the
/// folder; gives those.
fn holds(folder: &Path) -> Vec<String> {
    let (code, said) = verified(folder);
    assert_eq!(code, Some(0), "{said}");
    let text = fs::read_to_string(folder.join("说明.txt")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("    ").map(str::to_owned));
    let commands: Vec<_> = lines.filter(|line| line.starts_with("openssl")).collect();
    for command in &commands {
        let output = Command::new("sh").args(["-c", command]).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    commands
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_the_desk_exported_holds_until_one_octet_of_it_is_another() {
    let scene = Scene::open().await;
    let desk = scene.desk("clerk").await;
    let filed = scene.filed(&desk, "clerk", PIN).await;
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    let evidence = exported(&desk, &filed).await;

    let (code, said) = verified(&evidence);
    assert_eq!(code, Some(0), "{said}");
    let parts: Vec<_> = said["parts"].as_array().unwrap().iter().map(|part| part["part"].as_str().unwrap()).collect();
    for part in ["filing.p7m", "receipt.p7m"] {
        assert!(parts.contains(&part), "{part} was looked at: {parts:?}");
    }
    assert!(evidence.join("crl.pem").is_file(), "with the revocation list of then");

    let receipt = evidence.join("receipt.p7m");
    let mut bytes = fs::read(&receipt).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&receipt, bytes).unwrap();
    let (code, said) = verified(&evidence);
    assert_eq!(code, Some(1), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_whose_certificate_is_younger_than_the_clerks_signature_is_proven_as_well() {
    let mut scene = Scene::open().await;
    scene.practice.center.set_approval(FilingKind::BaseAdjustment, Approval::Always).await.unwrap();
    let clerk = scene.desk("clerk").await;
    let filed = scene.filed(&clerk, "clerk", PIN).await;
    assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);

    scene.days_go_by(2);
    let approver = scene.desk(APPROVER_KEY).await;
    let own = scene.enrolled(&approver, "赵新来", UnitRole::Approver, 30).await;
    let view: ApprovalView = call(&approver, "approval_review", json!({ "filing": filed.line.filing })).await;
    let signing = json!({
        "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": own, "pin": OWN_PIN,
    });
    let done: ApprovalDone = call(&approver, "approval_sign", signing).await;
    assert_eq!(done.stage, FilingStage::Settled);
    clerk.enter(scene.connection("clerk")).await.unwrap();
    let settled: FilingView = call(&clerk, "ask", json!({ "filing": filed.line.filing })).await;
    assert_eq!((settled.line.stage, settled.approver.as_str()), (FilingStage::Settled, "赵新来"));

    let evidence = exported(&clerk, &settled).await;
    let commands = holds(&evidence);
    let of = |name: &str| commands.iter().find(|command| command.contains(name)).unwrap();
    let at = |name: &str| of(name).split("-attime ").nth(1).unwrap()[..10].parse::<i64>().unwrap();
    assert!(at("filing.p7m") - at("filing-clerk.p7m") >= 2 * 86400, "each signature as of its own time: {commands:?}");
    assert!(evidence.join("receipt-1.p7m").is_file(), "the receipts of waiting and of booking, as a chain");
}

/// No moment fits both of their certificates, and openssl knows one for a file: each certificate is asked about by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_whose_certificate_ended_before_the_approver_s_began_is_proven_by_openssl_as_well() {
    let mut scene = Scene::open().await;
    scene.practice.center.set_approval(FilingKind::BaseAdjustment, Approval::Always).await.unwrap();
    let clerk = scene.desk("clerk").await;
    let own = scene.enrolled(&clerk, CLERK, UnitRole::Clerk, 5).await;
    let filed = scene.filed(&clerk, &own, OWN_PIN).await;
    assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
    scene.days_go_by(10);
    let approver = scene.desk(APPROVER_KEY).await;
    let young = scene.enrolled(&approver, "赵新来", UnitRole::Approver, 30).await;
    let view: ApprovalView = call(&approver, "approval_review", json!({ "filing": filed.line.filing })).await;
    let signing = json!({
        "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": young, "pin": OWN_PIN,
    });
    let done: ApprovalDone = call(&approver, "approval_sign", signing).await;
    assert_eq!(done.stage, FilingStage::Settled);
    clerk.enter(scene.connection("clerk")).await.unwrap();
    let settled: FilingView = call(&clerk, "ask", json!({ "filing": filed.line.filing })).await;
    assert_eq!(settled.line.stage, FilingStage::Settled, "{:?}", settled.trouble);

    let evidence = exported(&clerk, &settled).await;
    let commands = holds(&evidence);
    let whole = commands.iter().filter(|command| command.contains("-noverify")).count();
    assert_eq!(whole, 1, "only where it has to be: {commands:?}");
    let apart: Vec<_> = commands.iter().filter(|command| command.starts_with("openssl verify")).collect();
    assert_eq!(apart.len(), 2, "the clerk's certificate and the approver's: {commands:?}");
    let at = |command: &str| command.split("-attime ").nth(1).unwrap()[..10].parse::<i64>().unwrap();
    assert!(at(apart[1]) - at(apart[0]) >= 9 * 86400, "each as of his own time: {apart:?}");
    // As of the other's time neither holds: the moments are not there for show.
    let swapped = apart[0].replace(&at(apart[0]).to_string(), &at(apart[1]).to_string());
    let output = Command::new("sh").args(["-c", &swapped]).current_dir(&evidence).output().unwrap();
    assert!(!output.status.success(), "{swapped}");
}

/// A key that another program made, with a certificate of the center's authority, as whoever has one from a bank brings it.
#[tokio::test(flavor = "multi_thread")]
async fn an_rsa_key_is_imported_logs_in_signs_and_is_proven_by_openssl_as_well() {
    let scene = Scene::open().await;
    let place = scene.folder.path().join("rsa");
    fs::create_dir(&place).unwrap();
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(&place).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    openssl(&[
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=rsa",
        "-keyout",
        "key.pem",
        "-outform",
        "DER",
        "-out",
        "request.der",
    ]);
    let read = |name| fs::read_to_string(scene.folder.path().join("practice/center").join(name)).unwrap();
    let authority = DevelopmentCa::from_pem(&read("ca.pem"), &read("ca-key.pem")).unwrap();
    let (center, account) = (&scene.practice.center, scene.practice.unit_account);
    let unit = center.unit(account).await.unwrap().unwrap();
    let operator = Operator { name: CLERK, unit_name: &unit.name, credit_code: &unit.credit_code };
    let request = Request::from_der(&fs::read(place.join("request.der")).unwrap()).unwrap();
    let issued = authority.issue_for(&operator, &request, Validity::years(center.clock().now(), 1)).unwrap();
    center.register_operator(account, issued.der(), UnitRole::Clerk).await.unwrap();
    fs::write(place.join("own.pem"), issued.pem()).unwrap();
    openssl(&[
        "pkcs12",
        "-export",
        "-inkey",
        "key.pem",
        "-in",
        "own.pem",
        "-passout",
        "pass:given-on-paper",
        "-out",
        "own.p12",
    ]);

    let desk = scene.desk("clerk").await;
    let ticket = desk.ticket_of_file(&place.join("own.p12")).unwrap().ticket;
    let args = json!({ "ticket": ticket, "password": "given-on-paper", "pin": OWN_PIN });
    let own = call::<CertificateTaken>(&desk, "certificate_import", args).await.certificate;
    let session: SessionView = call(&desk, "log_in", json!({ "certificate": own, "pin": OWN_PIN })).await;
    assert_eq!((session.operator.as_str(), session.connection.as_str()), (CLERK, "reachable"), "TLS and challenge");
    let filed = scene.filed(&desk, &own, OWN_PIN).await;
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);
    assert!(filed.receipt.as_ref().is_some_and(|receipt| receipt.valid));

    let evidence = exported(&desk, &filed).await;
    let commands = holds(&evidence);
    assert!(commands.iter().any(|command| command.contains("filing.p7m")), "{commands:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ended_between_filing_and_settling_makes_no_filing_expired() {
    let mut scene = Scene::open().await;
    scene.practice.center.set_review_rule(FilingKind::BaseAdjustment, ReviewRule::Officer).await.unwrap();
    let desk = scene.desk("clerk").await;
    let own = scene.enrolled(&desk, CLERK, UnitRole::Clerk, 5).await;
    let filed = scene.filed(&desk, &own, OWN_PIN).await;
    scene.days_go_by(10);
    desk.enter(scene.connection("clerk")).await.unwrap();
    scene.practice.center.decide(filed.line.filing.parse().unwrap(), Decision::Accept).await.unwrap();
    let settled: FilingView = call(&desk, "ask", json!({ "filing": filed.line.filing })).await;
    assert_eq!(settled.line.stage, FilingStage::Settled);

    let evidence = exported(&desk, &settled).await;
    let commands = holds(&evidence);
    let listed = |name: &str| commands.iter().any(|command| command.contains(name) && command.contains("-crl_check"));
    assert!(listed("receipt.p7m"), "revocation is asked for where the list is of then: {commands:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_in_the_evidence_though_the_clerk_s_certificate_has_ended_before_or_after_it() {
    for ended_before in [true, false] {
        let mut scene = Scene::open().await;
        scene.practice.center.set_approval(FilingKind::BaseAdjustment, Approval::Always).await.unwrap();
        let clerk = scene.desk("clerk").await;
        let own = scene.enrolled(&clerk, CLERK, UnitRole::Clerk, 5).await;
        let filed = scene.filed(&clerk, &own, OWN_PIN).await;
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        if ended_before {
            scene.days_go_by(10);
        }
        let approver = scene.desk(APPROVER_KEY).await;
        let view: ApprovalView = call(&approver, "approval_review", json!({ "filing": filed.line.filing })).await;
        assert_eq!(view.steps.iter().any(|step| !step.passed), ended_before, "{:?}", view.steps);
        let signing = json!({
            "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": APPROVER_KEY, "pin": PIN,
        });
        let done: ApprovalDone = call(&approver, "approval_sign", signing).await;
        assert_eq!(done.stage, FilingStage::Settled);
        if !ended_before {
            scene.days_go_by(10);
        }
        clerk.enter(scene.connection("clerk")).await.unwrap();
        let settled: FilingView = call(&clerk, "ask", json!({ "filing": filed.line.filing })).await;
        assert_eq!((settled.line.stage, settled.approver.as_str()), (FilingStage::Settled, APPROVER));

        let evidence = exported(&clerk, &settled).await;
        holds(&evidence);
        assert!(evidence.join("filing-clerk.p7m").is_file(), "with the approver's signature beside the clerk's");
    }
}

/// A unit whose center has no gateway signs for its own books, with a certificate of an authority that it registered.
#[tokio::test(flavor = "multi_thread")]
async fn of_what_stays_in_the_unit_s_books_each_part_holds_and_only_its_time_is_doubted() {
    let folder = TempDir::new().unwrap();
    let desk = desk_in(folder.path(), "clerk");
    let ticket = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        desk.ticket_of_file(&path).unwrap().ticket
    };
    let shipped = CenterProfile::shipped("demo").unwrap();
    let unit = practice_unit(&shipped).unwrap();
    workbooks::lay(folder.path(), &unit, &shipped).unwrap();
    let profile = CenterProfile {
        code: "paper-city".into(),
        name: "纸面市住房公积金管理中心".into(),
        channel: Channel::UploadFile,
        ..shipped
    };
    let rules = ticket("rules.json", &serde_json::to_vec(&profile).unwrap());
    let view: ProfileView = call(&desk, "profile_import", json!({ "ticket": rules })).await;
    let saved: ProfileSaved = call(&desk, "profile_save", json!({ "form": view.form, "base": view.base })).await;
    assert!(saved.saved, "{:?}", saved.problems);
    let mut roster = String::from("个人账号,姓名,证件号码,账户状态,缴存基数,单位月缴存额,个人月缴存额\n");
    for person in &unit.roster.contributors {
        let status = if person.status == AccountStatus::Sealed { "封存" } else { "正常" };
        let who = [&*person.personal_account, &*person.name, &*person.id_number, status].join(",");
        let due = &person.amounts;
        writeln!(roster, "{who},{},{},{}", person.base, due.unit_amount, due.personal_amount).unwrap();
    }
    let years = || Validity::years(SystemClock.now(), 1);
    let authority = DevelopmentCa::new("演示签名根证书", years()).unwrap();
    let form = json!({
        "profile": profile.code, "account": UNIT_ACCOUNT, "name": UNIT_NAME, "credit_code": UNIT_CREDIT_CODE,
        "unit_ratio": unit.unit.unit_ratio.to_string(), "personal_ratio": "8%", "first_month": "2026-07",
        "roster": ticket("清册.csv", roster.as_bytes()),
        "roots": ticket("root.pem", authority.certificate().pem().as_bytes()),
    });
    let entered: UnitSaved = call(&desk, "unit_save", json!({ "form": form })).await;
    assert!(entered.session.is_some_and(|session| session.signs), "{:?}", entered.problems);
    let operator = Operator { name: CLERK, unit_name: UNIT_NAME, credit_code: UNIT_CREDIT_CODE };
    let issued = authority.issue_operator(&operator, years(), &Pin::new(OWN_PIN)).unwrap();
    let args = json!({ "ticket": ticket("key.p12", &issued.p12), "password": OWN_PIN, "pin": OWN_PIN });
    let own = call::<CertificateTaken>(&desk, "certificate_import", args).await.certificate;
    let filed = signed(&desk, folder.path(), &own, OWN_PIN).await;
    assert_eq!(filed.line.stage, FilingStage::Kept, "{:?}", filed.trouble);

    let evidence = exported(&desk, &filed).await;
    let commands = holds(&evidence);
    assert!(commands.iter().any(|command| command.contains("-in filing.p7m")), "{commands:?}");
    let (_, said) = verified(&evidence);
    let mut doubted = Vec::new();
    for part in said["parts"].as_array().unwrap() {
        let (name, words) = (part["part"].as_str().unwrap(), part["words"].as_str().unwrap());
        assert!(!name.starts_with("receipt"), "there is none: {part}");
        if name == "filing.p7m" {
            assert!(words.contains(&format!("签名有效：{CLERK}")), "what holds of it is said: {words}");
            assert!(words.contains("没有中心的回执或时间戳"), "and what nobody else says: {words}");
        }
        if part["holds"] != true {
            doubted.push((name, part["warns"].as_bool(), part["code"].as_str()));
        }
    }
    assert_eq!(doubted, [("filing.p7m", Some(true), Some("cli-evidence-clock"))], "{said}");
    let output = Command::new(PROGRAM).arg("verify").arg(&evidence).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "没有不成立的部分，但有的签名时间没有旁证",
        "存疑   filing.p7m",
        "成立   certificates/",
        "成立   SHA256SUMS.txt",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }

    let told = fs::read_to_string(evidence.join("说明.txt")).unwrap();
    assert!(
        told.contains("没有吊销列表") && !told.contains("按时刻核对"),
        "what nobody can check is not promised: {told}"
    );
    assert!(told.contains("没有不成立的部分时退出码为 0"), "a doubt is no contradiction: {told}");

    let file = evidence.join("filing.p7m");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (code, said) = verified(&evidence);
    assert_eq!(code, Some(1), "a doubt about the time excuses nothing else: {said}");

    // What the clerk wrote down of the center's answer is printed from the folder as the desk prints it.
    let printed = |evidence: &Path| {
        let out = folder.path().join("单证.pdf");
        let output = Command::new(PROGRAM).arg("print").arg(evidence).arg("--out").arg(out).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let before = exported(&desk, &filed).await;
    assert!(!before.join("办理结果.json").exists() && printed(&before).contains("未受理"), "nobody has answered");
    let draft = filed.kept.as_ref().and_then(|kept| kept.draft.clone()).unwrap();
    let now = async || call::<DraftView>(&desk, "draft", json!({ "draft": draft })).await;
    let args = json!({ "draft": draft, "revision": now().await.revision });
    let _: UploadExported = call(&desk, "upload_export", args).await;
    for (stage, number, word) in
        [("refused", "", "中心退回"), ("accepted", "YW20260700123", "业务流水号 YW20260700123")]
    {
        let revision = now().await.revision;
        let args = json!({ "draft": draft, "revision": revision, "stage": stage, "number": number, "note": "" });
        let _: DraftView = call(&desk, "upload_outcome", args).await;
        let after = exported(&desk, &filed).await;
        holds(&after);
        assert!(printed(&after).contains(word), "{stage}: {}", printed(&after));
        let told = fs::read_to_string(after.join("说明.txt")).unwrap();
        assert!(told.contains("办理结果.json") && told.contains("不能证明中心受理"), "{told}");
        fs::write(after.join("办理结果.json"), "{}").unwrap();
        let (code, said) = verified(&after);
        assert_eq!(code, Some(1), "and it is one of the files that nobody changes: {said}");
    }
}

/// The commands of the explanation that openssl or the shell does not go along with.
fn refusing(folder: &Path, commands: &[String]) -> Vec<String> {
    let refuses = |command: &&String| {
        let output = Command::new("sh").args(["-c", command]).current_dir(folder).output().unwrap();
        !output.status.success()
    };
    commands.iter().filter(refuses).cloned().collect()
}

/// openssl's `cms` knows no SM2: such a folder says how it is checked in parts, and what is changed is found that way too.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_sm2_holds_until_one_octet_of_it_is_another() {
    let folder = TempDir::new().unwrap();
    let mut profile = CenterProfile::shipped("demo").unwrap();
    profile.signatures = SignatureRules {
        algorithms: [SignatureAlgorithm::Sm2, SignatureAlgorithm::P256].into(),
        identifiers: SignatureIdentifiers::Gmt,
        client_tls: ClientTls::Optional,
        receipts: SignatureAlgorithm::Sm2,
        ..SignatureRules::default()
    };
    let unit = practice_unit(&profile).unwrap();
    workbooks::lay(&folder.path().join("books"), &unit, &profile).unwrap();
    let day = |text: &str| text.parse::<Timestamp>().unwrap();
    let clock_offset = day("2026-07-06T09:00:00+08:00").duration_since(Timestamp::now());
    let center = Center::start(CenterConfig {
        clock: CenterClock::ahead(clock_offset),
        validity: Some(Validity { not_before: day("2020-01-01T00:00:00Z"), not_after: day("2049-12-31T00:00:00Z") }),
        seed: Some(seed(&unit, &profile)),
        ..CenterConfig::in_folder(folder.path().join("center"))
    })
    .await
    .unwrap();
    let pin = Pin::new(PIN);
    let (of, role) = (SignatureAlgorithm::Sm2, UnitRole::Clerk);
    let issued = center.issue_operator_of(of, &unit.unit.account, CLERK, role, pin.clone()).await.unwrap();
    let certificates = folder.path().join("keys");
    P12Folder::new(&certificates).install(CLERK_KEY, &issued.p12, &pin).unwrap();
    let desk = desk_in(folder.path(), "clerk");
    desk.enter(Connection {
        demo: true,
        base_url: center.base_url(),
        anchors: center.anchors(),
        minimum_tls: MinimumTls::default(),
        certificates,
        unit_account: unit.unit.account.clone(),
        login: Some((CLERK_KEY.into(), PIN.into())),
        operators: Vec::new(),
        clock_offset,
        workbooks: Vec::new(),
    })
    .await
    .unwrap();
    let filed = signed(&desk, &folder.path().join("books"), CLERK_KEY, PIN).await;
    assert_eq!(filed.line.stage, FilingStage::Settled, "{:?}", filed.trouble);

    let evidence = exported(&desk, &filed).await;
    let told = fs::read_to_string(evidence.join("说明.txt")).unwrap();
    assert!(told.contains("huijiao-cli verify .") && !told.contains("openssl cms"), "nothing that cannot work: {told}");
    let commands = holds(&evidence);
    let of = |what: &str| commands.iter().filter(|command| command.contains(what)).count();
    assert_eq!(
        (of("pkeyutl -verify"), of("cmp -"), of("openssl verify")),
        (2, 2, 2),
        "filing and receipt: {commands:?}"
    );
    for (name, signed) in [("filing", "rows"), ("receipt", "filing_sha256")] {
        let content: Value = serde_json::from_slice(&fs::read(evidence.join(format!("{name}.json"))).unwrap()).unwrap();
        assert!(content.get(signed).is_some(), "what is taken out of {name}.p7m is what was signed: {content}");
        let path = evidence.join(format!("{name}.p7m"));
        let whole = fs::read(&path).unwrap();
        let content = fs::read(evidence.join(format!("{name}.json"))).unwrap();
        let in_content = whole.windows(content.len()).position(|some| some == content).unwrap() + content.len() / 2;
        let attributes = fs::read(evidence.join(format!("{name}-1.rest"))).unwrap();
        let in_attributes = whole.windows(attributes.len()).position(|some| some == attributes).unwrap() + 20;
        for (what, at, by) in [
            ("the content", in_content, "cmp -"),
            ("an attribute", in_attributes, "pkeyutl -verify"),
            ("the signature", whole.len() - 1, "pkeyutl -verify"),
        ] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
            let refusing = refusing(&evidence, &commands);
            let found = refusing.iter().any(|command| command.contains(by) && command.contains(name));
            assert!(found, "{what} of {name}.p7m is another, and {by} says so: {refusing:?}");
        }
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(refusing(&evidence, &commands), [""; 0], "as it was, it holds again");
    let (code, said) = verified(&evidence);
    assert_eq!((code, &said["valid"]), (Some(0), &json!(true)), "{said}");
    let parts = said["parts"].as_array().unwrap();
    for wanted in ["filing.p7m", "receipt.p7m", "certificates/"] {
        let part = parts.iter().find(|part| part["part"].as_str().unwrap().starts_with(wanted));
        assert!(part.is_some_and(|part| part["holds"] == true), "{wanted} was looked at, and holds: {said}");
    }
    for name in ["filing.p7m", "receipt.p7m"] {
        let whole = fs::read(evidence.join(name)).unwrap();
        let mut bytes = whole.clone();
        // In the signature itself, at the end.
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(evidence.join(name), bytes).unwrap();
        let (code, said) = verified(&evidence);
        assert_eq!(code, Some(1), "{name}: {said}");
        let bad = said["parts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|part| part["part"] == name && part["holds"] == false && part["code"] != "cli-evidence-changed");
        assert!(bad, "{name}: by the signature, not by the list of hashes alone: {said}");
        fs::write(evidence.join(name), whole).unwrap();
    }
    assert_eq!(verified(&evidence).0, Some(0), "as it was, it holds again");
    center.shutdown().await;
}
