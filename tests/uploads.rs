//! A center without a gateway: the unit's roster comes in as the center's export, filings leave as the center's own
//! file, and its list of refused rows comes back onto the rows.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_demo::people::{UNIT_ACCOUNT, UNIT_CREDIT_CODE, UNIT_NAME, UnitRoster, practice_unit};
use huijiao_demo::practice::{CLERK_KEY, PIN as PRACTICE_PIN, seed};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    ApprovalView, ApprovalsView, BackupsView, CertificateTaken, CertificateView, DraftView, Exported, ExportedFile,
    FilingStage, FilingView, FindingsView, HomeView, JumpScreen, LearnedColumn, LearnedTemplate, NoticeLine,
    NoticeTone, NoticesView, PaperView, PassphraseUse, ProfileOrigin, ProfileSaved, ProfileView, QueryView, ReadyLine,
    ReadyPart, ReadyState, ReviewView, RootLine, SafetyView, SessionView, StartView, TemplateSaved, UiError, UnitLine,
    UnitSaved, UploadExported, UploadRefusals, UploadStage,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::{Approval, CenterProfile, Channel};
use huijiao_domain::roster::AccountStatus;
use huijiao_protocol::PROTOCOL;
use huijiao_protocol::ending::Ending;
use huijiao_protocol::filing::FilingContent;
use huijiao_sheets::{Limits, ReadChoice};
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity, countersign_regardless};
use huijiao_signing::{KeyProvider, MemoryKey, P12Folder, Pin, Purpose, Role, TrustAnchors, sign_attached, verify};
use huijiao_store::vault::MemoryVault;
use huijiao_tests::{PASSPHRASE, call, config, desk, files_below, given_up, import, pulse, settle, sign};
use jiff::{SignedDuration, Timestamp};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const JULY: &str = "2026-07";
const CODE: &str = "paper-city";
const CLERK: &str = "赵经办";
const APPROVER: &str = "钱主管";
const PIN: &str = "840275";

/// Who issues certificates to a unit's operators, where its center does not.
struct Issuer(DevelopmentCa);

impl Issuer {
    fn new(name: &str) -> Self {
        Self(DevelopmentCa::new(name, Self::years()).unwrap())
    }

    fn years() -> Validity {
        Validity::years(SystemClock.now(), 1)
    }

    fn of(name: &str) -> Operator<'_> {
        Operator { name, unit_name: UNIT_NAME, credit_code: UNIT_CREDIT_CODE }
    }

    /// The root as a file that a desk is given.
    fn root(&self, scene: &Scene) -> String {
        scene.ticket("root.pem", self.0.certificate().pem().as_bytes())
    }

    /// A key of somebody's, imported as the clerk does it.
    async fn key(&self, scene: &Scene, name: &str) -> Result<String, UiError> {
        self.imported(scene, &self.0.issue_operator(&Self::of(name), Self::years(), &Pin::new(PIN)).unwrap().p12).await
    }

    /// The key file of somebody whom a number tells from others of his name.
    fn numbered(&self, name: &str, number: &str) -> Vec<u8> {
        self.0.issue_person(&Self::of(name), number, Self::years(), &Pin::new(PIN)).unwrap().p12
    }

    async fn imported(&self, scene: &Scene, p12: &[u8]) -> Result<String, UiError> {
        let args = json!({ "ticket": scene.ticket("key.p12", p12), "password": PIN, "pin": PIN });
        let taken: CertificateTaken = call(&scene.desk, "certificate_import", args).await?;
        Ok(taken.certificate)
    }

    /// A key that another program signs with.
    fn elsewhere(&self, name: &str) -> MemoryKey {
        self.0.issue_operator_key(&Self::of(name), Self::years()).unwrap()
    }
}

struct Scene {
    folder: TempDir,
    desk: Arc<Desk>,
    unit: UnitRoster,
}

impl Scene {
    async fn new() -> Self {
        Self::where_approval_is(Approval::None).await
    }

    async fn where_approval_is(approval: Approval) -> Self {
        let folder = TempDir::new().unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        Self::at(folder, desk, approval).await
    }

    async fn at(folder: TempDir, desk: Arc<Desk>, approval: Approval) -> Self {
        let mut rules = CenterProfile::shipped("demo").unwrap();
        rules.kinds.insert(FilingKind::BaseAdjustment, approval);
        Self::by(folder, desk, rules).await
    }

    /// At a center with these rules, but without a gateway.
    async fn by(folder: TempDir, desk: Arc<Desk>, shipped: CenterProfile) -> Self {
        let unit = practice_unit(&shipped).unwrap();
        let profile = CenterProfile {
            code: CODE.into(),
            name: "纸面市住房公积金管理中心".into(),
            channel: Channel::UploadFile,
            ..shipped
        };
        let file = folder.path().join("rules.json");
        std::fs::write(&file, serde_json::to_vec(&profile).unwrap()).unwrap();
        let ticket = desk.ticket_of_file(&file).unwrap();
        let view: ProfileView = call(&desk, "profile_import", json!({ "ticket": ticket.ticket })).await.unwrap();
        let args = json!({ "form": view.form, "base": view.base });
        let saved: ProfileSaved = call(&desk, "profile_save", args).await.unwrap();
        assert!(saved.saved, "{:?}", saved.problems);
        Self { folder, desk, unit }
    }

    /// The roster as a center's web hall exports it.
    fn roster_file(&self, name: &str, people: usize) -> String {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, title) in
            (0..).zip(["个人账号", "姓名", "证件号码", "账户状态", "缴存基数", "单位月缴存额", "个人月缴存额"])
        {
            sheet.write_string(0, column, title).unwrap();
        }
        for (row, person) in (1..).zip(self.unit.roster.contributors.iter().take(people)) {
            let status = if person.status == AccountStatus::Sealed { "封存" } else { "正常" };
            let texts = [
                person.personal_account.to_string(),
                person.name.to_string(),
                person.id_number.to_string(),
                status.to_owned(),
                person.base.to_string(),
                person.amounts.unit_amount.to_string(),
                person.amounts.personal_amount.to_string(),
            ];
            for (column, text) in (0..).zip(texts) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
        let path = self.folder.path().join(name);
        book.save(&path).unwrap();
        self.desk.ticket_of_file(&path).unwrap().ticket
    }

    fn form(&self) -> Value {
        json!({
            "profile": CODE, "account": UNIT_ACCOUNT, "name": UNIT_NAME, "credit_code": UNIT_CREDIT_CODE,
            "unit_ratio": self.unit.unit.unit_ratio.to_string(), "personal_ratio": "8%", "first_month": JULY,
            "roster": self.roster_file("清册.xlsx", 240),
        })
    }

    async fn entered(&self) -> SessionView {
        let saved: UnitSaved = call(&self.desk, "unit_save", json!({ "form": self.form() })).await.unwrap();
        assert!(saved.problems.is_empty(), "{:?}", saved.problems);
        saved.session.unwrap()
    }

    fn ticket(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        self.desk.ticket_of_file(&path).unwrap().ticket
    }

    /// The unit, signing with certificates of this issuer.
    async fn entered_signing(&self, issuer: &Issuer) -> SessionView {
        let mut form = self.form();
        form["roots"] = issuer.root(self).into();
        let saved: UnitSaved = call(&self.desk, "unit_save", json!({ "form": form })).await.unwrap();
        assert!(saved.problems.is_empty(), "{:?}", saved.problems);
        saved.session.unwrap()
    }

    /// The unit that is here, with other roots.
    async fn registers(&self, issuers: &[&Issuer]) {
        let units: Vec<UnitLine> = call(&self.desk, "units", json!({})).await.unwrap();
        let mut form = serde_json::to_value(&units[0].form).unwrap();
        let roots: String = issuers.iter().map(|issuer| issuer.0.certificate().pem()).collect();
        form["roots"] = self.ticket("roots.pem", roots.as_bytes()).into();
        let saved: UnitSaved = call(&self.desk, "unit_save", json!({ "form": form, "replaces": true })).await.unwrap();
        assert!(saved.session.is_some_and(|session| session.signs), "{:?}", saved.problems);
    }

    async fn draft(&self, draft: &str) -> DraftView {
        call(&self.desk, "draft", json!({ "draft": draft })).await.unwrap()
    }

    async fn filing(&self, filing: &str) -> FilingView {
        call(&self.desk, "filing", json!({ "filing": filing })).await.unwrap()
    }

    async fn refused_export(&self, draft: &DraftView) -> String {
        let args = json!({ "draft": draft.draft, "revision": draft.revision });
        let refused = call::<UploadExported>(&self.desk, "upload_export", args).await.unwrap_err();
        assert!(!self.folder.path().join("export/上传文件").exists(), "nothing was written: {refused:?}");
        assert!(huijiao_domain::texts::lookup(&refused.code).is_some(), "{} has words", refused.code);
        refused.code
    }

    /// Sets whether one person alone files for the unit.
    async fn has_one_operator(&self, alone: bool) {
        let units: Vec<UnitLine> = call(&self.desk, "units", json!({})).await.unwrap();
        let mut form = units[0].form.clone();
        form.single_operator = alone;
        let saved: UnitSaved = call(&self.desk, "unit_save", json!({ "form": form, "replaces": true })).await.unwrap();
        assert!(saved.session.is_some_and(|session| session.signs), "the roots stay: {:?}", saved.problems);
        let units: Vec<UnitLine> = call(&self.desk, "units", json!({})).await.unwrap();
        assert_eq!(units[0].form.single_operator, alone, "it comes back to be changed");
    }

    /// What was signed, as it is handed to somebody else.
    async fn evidence(&self, filing: &str) -> PathBuf {
        let exported: Exported = call(&self.desk, "filing_export", json!({ "filing": filing })).await.unwrap();
        PathBuf::from(exported.folder)
    }

    /// What a form is called, where there is something to print.
    async fn paper(&self, form: Value) -> Result<String, String> {
        let view = call::<PaperView>(&self.desk, "paper", json!({ "form": form })).await;
        view.map(|view| view.title).map_err(|error| error.code)
    }

    async fn opened(&self, file: &Path) -> Result<ApprovalView, UiError> {
        let ticket = self.desk.ticket_of_file(file).unwrap().ticket;
        call(&self.desk, "approval_open", json!({ "ticket": ticket })).await
    }

    async fn brought(&self, filing: &str, file: &Path) -> Result<FilingView, UiError> {
        let ticket = self.desk.ticket_of_file(file).unwrap().ticket;
        call(&self.desk, "approval_bring", json!({ "filing": filing, "ticket": ticket })).await
    }

    async fn clean_draft(&self) -> DraftView {
        let profile = CenterProfile::shipped("demo").unwrap();
        let folder = self.folder.path().join("books");
        std::fs::create_dir_all(&folder).unwrap();
        workbooks::lay(&folder, &self.unit, &profile).unwrap();
        import(&self.desk, &folder.join(workbooks::CLEAN), JULY).await.unwrap()
    }

    async fn export(&self, draft: &DraftView) -> UploadExported {
        let args = json!({ "draft": draft.draft, "revision": draft.revision });
        call(&self.desk, "upload_export", args).await.unwrap()
    }

    async fn answered(&self, draft: &DraftView, stage: UploadStage, number: &str) -> Result<DraftView, String> {
        let args =
            json!({ "draft": draft.draft, "revision": draft.revision, "stage": stage, "number": number, "note": "" });
        call(&self.desk, "upload_outcome", args).await.map_err(|error| error.code)
    }
}

fn stage(draft: &DraftView) -> Option<UploadStage> {
    draft.upload.as_ref().map(|upload| upload.stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_files_that_are_given_up_are_not_there_and_no_draft_knows_of_them() {
    let scene = Scene::new().await;
    scene.entered().await;
    let draft = scene.clean_draft().await;
    let now =
        async |desk: &Arc<Desk>| -> DraftView { call(desk, "draft", json!({ "draft": draft.draft })).await.unwrap() };
    let step = || {
        let (desk, draft) = (scene.desk.clone(), draft.draft.clone());
        async move {
            let view: DraftView = call(&desk, "draft", json!({ "draft": draft })).await.unwrap();
            call(&desk, "upload_export", json!({ "draft": draft, "revision": view.revision })).await
        }
    };
    let files = scene.folder.path().join("export");
    assert_eq!(given_up(&scene.desk, &files, step).await, "desk-given-up");
    let known = now(&scene.desk).await.upload.map(|upload| upload.files.len()).unwrap_or_default();
    assert!(known <= files_below(&files).len(), "what a draft names is there");
    let exported = scene.export(&now(&scene.desk).await).await;
    for file in exported.draft.upload.unwrap().files {
        assert!(Path::new(&exported.folder).join(&file.name).is_file(), "and they can be written again: {}", file.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_unit_is_said_field_by_field_and_nothing_is_kept() {
    let scene = Scene::new().await;
    let wrong = json!({
        "profile": "nowhere", "account": "", "name": "厂", "credit_code": "911100001000123456",
        "unit_ratio": "eight", "personal_ratio": "", "first_month": "七月",
    });
    let saved: UnitSaved = call(&scene.desk, "unit_save", json!({ "form": wrong })).await.unwrap();
    assert!(saved.session.is_none(), "nothing is opened");
    let fields: Vec<_> = saved.problems.iter().map(|problem| problem.field.as_str()).collect();
    let every = ["account", "name", "credit_code", "unit_ratio", "personal_ratio", "first_month", "profile", "roster"];
    assert_eq!(fields, every, "each field by itself: {:?}", saved.problems);
    let units: Vec<UnitLine> = call(&scene.desk, "units", json!({})).await.unwrap();
    assert!(units.is_empty(), "nothing was kept");

    let mut form = scene.form();
    let note = scene.folder.path().join("说明.txt");
    std::fs::write(&note, "这不是清册").unwrap();
    form["roster"] = json!(scene.desk.ticket_of_file(&note).unwrap().ticket);
    let refused = call::<UnitSaved>(&scene.desk, "unit_save", json!({ "form": form })).await.unwrap_err();
    assert!(refused.code.starts_with("sheet-"), "a file that is no roster is said to be none: {}", refused.code);
    let units: Vec<UnitLine> = call(&scene.desk, "units", json!({})).await.unwrap();
    assert!(units.is_empty(), "and again nothing was kept");

    // Letters that do not fit: the answer names the encodings, and the same file is read in the one that is chosen.
    let csv = "x清册\n个人账号,姓名,证件号码,账户状态,缴存基数,单位月缴存额,个人月缴存额\n\
               430400010001,张三,11010119900307561X,正常,5000,400,400\n";
    let marked = scene.folder.path().join("清册.csv");
    std::fs::write(&marked, [b"\xEF\xBB\xBF", &*encoding_rs::GB18030.encode(csv).0].concat()).unwrap();
    form["roster"] = json!(scene.desk.ticket_of_file(&marked).unwrap().ticket);
    let refused = call::<UnitSaved>(&scene.desk, "unit_save", json!({ "form": form })).await.unwrap_err();
    assert_eq!(refused.code, "sheet-broken-text", "its mark says UTF-8, its letters are GB18030");
    assert_eq!(refused.args["encodings"], "UTF-8 GB18030 BIG5 UTF-16LE UTF-16BE");
    form["encoding"] = json!("GB18030");
    let read: UnitSaved = call(&scene.desk, "unit_save", json!({ "form": form })).await.unwrap();
    assert_eq!(read.session.map(|session| session.contributors), Some(1), "{:?}", read.problems);
    let _: Vec<UnitLine> = call(&scene.desk, "unit_forget", json!({ "account": UNIT_ACCOUNT })).await.unwrap();

    let scene = Scene::new().await;
    scene.entered().await;
    let twice: UnitSaved = call(&scene.desk, "unit_save", json!({ "form": scene.form() })).await.unwrap();
    let fields: Vec<_> = twice.problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["account"], "a unit is there once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_leaves_as_the_centers_own_file_and_its_refusals_come_back() {
    let scene = Scene::new().await;
    let session = scene.entered().await;
    assert_eq!((session.channel.as_str(), session.demo), ("upload_file", false));
    assert_eq!((session.contributors, session.sealed), (228, 12), "as the export says");
    assert!(!session.signs, "no root was registered");

    let draft = scene.clean_draft().await;
    assert_eq!(draft.blocking + draft.unconfirmed, 0, "{:?}", draft.summary);
    let signing = json!({ "draft": draft.draft, "revision": draft.revision, "certificate": "c", "pin": "123456" });
    let refused = call::<Value>(&scene.desk, "sign_and_submit", signing).await.unwrap_err();
    assert_eq!(refused.code, "desk-no-roots", "nothing is signed where nobody says whose certificates hold");
    let review: ReviewView = call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap();
    assert_eq!((review.digest.as_str(), review.approval), ("", false), "nor is it promised");
    let early = scene.answered(&draft, UploadStage::Accepted, "YW1").await.unwrap_err();
    assert_eq!(early, "desk-not-exported", "no answer to a file that was never written");

    let exported = scene.export(&draft).await;
    let upload = exported.draft.upload.as_ref().unwrap();
    assert_eq!((upload.stage, upload.files.len()), (UploadStage::Exported, 1));
    assert_eq!(upload.filing, None, "the record says that nobody signed it");
    let file = PathBuf::from(&exported.folder).join(&upload.files[0].name);
    assert_eq!(file.file_name().unwrap().to_str().unwrap(), "041000000001_基数调整_202607.xls");
    let book = huijiao_sheets::read(std::fs::read(&file).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    let people: Vec<_> = book.rows.iter().filter(|row| row.row >= 4).collect();
    assert_eq!(people.len(), 228, "everybody who is filed");
    let first = scene.unit.roster.contributors.iter().find(|p| p.status == AccountStatus::Normal).unwrap();
    assert_eq!(people[0].text(2), first.id_number, "18 digits, none lost");

    // The center's list names one person by the row of its file, one by ID number, and somebody nobody knows.
    let second = people[1].text(2).to_owned();
    let list = format!(
        "行号,证件号码,错误信息\n4,,基数低于最低工资\n,{second},姓名与登记不符\n,110101199001010015,查无此人\n"
    );
    let path = scene.folder.path().join("错误清单.csv");
    std::fs::write(&path, list).unwrap();
    let refusal = scene.answered(&exported.draft, UploadStage::Refused, "").await.unwrap();
    assert_eq!(stage(&refusal), Some(UploadStage::Refused));
    let ticket = scene.desk.ticket_of_file(&path).unwrap().ticket;
    let args = json!({ "draft": refusal.draft, "revision": refusal.revision, "ticket": ticket });
    let back: UploadRefusals = call(&scene.desk, "upload_refusals", args).await.unwrap();
    assert_eq!((back.matched, back.unmatched.len()), (2, 1), "{:?}", back.unmatched);
    assert!(back.unmatched[0].contains("查无此人"), "what means nobody is shown");
    let args = json!({ "draft": back.draft.draft, "code": "CENTER-SAID" });
    let said: FindingsView = call(&scene.desk, "draft_findings", args.clone()).await.unwrap();
    let lines: Vec<_> = said.findings.iter().map(|f| (f.index, f.message.contains("最低工资"))).collect();
    assert_eq!(lines, [(Some(0), true), (Some(1), false)], "each on the row it means");

    // The clerk mends the first: what was said of it is settled, the second still stands.
    let ops = json!([{ "op": "set", "index": 0, "field": "new_base", "text": "9876.00" }]);
    let edit = json!({ "draft": back.draft.draft, "revision": back.draft.revision, "ops": ops });
    let edited: DraftView = call(&scene.desk, "draft_edit", edit).await.unwrap();
    let said: FindingsView = call(&scene.desk, "draft_findings", args.clone()).await.unwrap();
    assert_eq!(said.findings.iter().map(|f| f.index).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(stage(&edited), Some(UploadStage::Changed), "the file on the disk is not this draft any more");
    let confirm =
        json!({ "draft": edited.draft, "revision": edited.revision, "code": "CENTER-SAID", "note": "已核对" });
    let mut ready: DraftView = call(&scene.desk, "draft_confirm", confirm).await.unwrap();
    let waiting: Vec<_> =
        ready.summary.iter().filter(|c| c.level == "warning" && c.confirmed.is_none()).cloned().collect();
    for count in waiting {
        let note = json!({ "draft": ready.draft, "revision": ready.revision, "code": count.code, "note": "已核对" });
        ready = call(&scene.desk, "draft_confirm", note).await.unwrap();
    }

    let again = scene.export(&ready).await;
    let names: Vec<_> = again.draft.upload.as_ref().unwrap().files.iter().map(|file| file.name.clone()).collect();
    assert_eq!(names, ["041000000001_基数调整_202607(2).xls"], "nothing is written over");
    assert_eq!(scene.answered(&again.draft, UploadStage::Accepted, " ").await.unwrap_err(), "desk-number-missing");
    let taken = scene.answered(&again.draft, UploadStage::Accepted, "YW20260700123").await.unwrap();
    assert_eq!(stage(&taken), Some(UploadStage::Accepted));
    let edit = json!({ "draft": taken.draft, "revision": taken.revision, "ops":
        [{ "op": "set", "index": 0, "field": "new_base", "text": "1.00" }] });
    let refused = call::<DraftView>(&scene.desk, "draft_edit", edit).await.unwrap_err();
    assert_eq!(refused.code, "desk-upload-accepted", "what the center has taken is not changed");

    // Started again, all of it is there.
    let Scene { folder, desk: closed, .. } = scene;
    drop(closed);
    let desk = desk(folder.path(), Path::new(WORKER));
    let units: Vec<UnitLine> = call(&desk, "units", json!({})).await.unwrap();
    assert_eq!(units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>(), [UNIT_NAME]);
    // The month moves on: what was typed comes back to be changed, the roster stays.
    let mut form = units[0].form.clone();
    assert_eq!((form.unit_ratio.as_str(), form.first_month.as_str()), ("8%", JULY));
    form.first_month = "2026-08".into();
    let saved: UnitSaved = call(&desk, "unit_save", json!({ "form": form, "replaces": true })).await.unwrap();
    let session = saved.session.expect("nothing is wrong with it");
    assert_eq!((session.first_month.as_str(), session.paid_through.as_str()), ("2026-08", JULY));
    assert_eq!(session.roster.map(|roster| (roster.version, roster.people)), Some((1, 240)), "no new roster");
    let _: SessionView = call(&desk, "unit_enter", json!({ "account": UNIT_ACCOUNT })).await.unwrap();
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    let lines: Vec<_> = home.drafts.iter().map(|line| (line.draft.as_str(), line.upload)).collect();
    assert_eq!(lines, [(taken.draft.as_str(), Some(UploadStage::Accepted))]);
    let kept: DraftView = call(&desk, "draft", json!({ "draft": taken.draft })).await.unwrap();
    assert_eq!(kept.upload.unwrap().number, "YW20260700123");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_export_is_the_roster_and_units_do_not_see_each_others_drafts() {
    let scene = Scene::new().await;
    scene.entered().await;
    let draft = scene.clean_draft().await;
    let fewer = scene.roster_file("八月清册.xlsx", 200);
    let session: SessionView = call(&scene.desk, "unit_roster", json!({ "ticket": fewer })).await.unwrap();
    assert_eq!(session.roster.as_ref().map(|roster| (roster.version, roster.people)), Some((2, 200)));
    let checked: DraftView = call(&scene.desk, "draft", json!({ "draft": draft.draft })).await.unwrap();
    assert!(checked.blocking > 0, "forty people of the sheet are not in the newer export");

    let practice = Practice::open(&scene.folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let other = scene.desk.enter(practice.connection()).await.unwrap();
    assert_eq!(other.channel, "gateway");
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert!(home.drafts.is_empty(), "the practice unit has no drafts: {:?}", home.drafts);
    let refused = call::<SessionView>(&scene.desk, "unit_roster", json!({ "ticket": fewer })).await.unwrap_err();
    assert_eq!(refused.code, "desk-gateway-only", "a roster that the center gives is not replaced by a file");
    let refused = call::<Value>(&scene.desk, "unit_forget", json!({ "account": "nobody" })).await.unwrap_err();
    assert_eq!(refused.code, "desk-no-such-unit");
    practice.center.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_learned_from_the_center_s_blank_and_files_are_written_into_it() {
    let scene = Scene::new().await;
    scene.entered().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("基数表").unwrap();
    for (column, title) in (0..).zip(["职工姓名", "证件号码", "调整后缴存基数", "是否参与汇缴"]) {
        sheet.write_string(0, column, title).unwrap();
    }
    book.add_worksheet().set_name("代码").unwrap().set_hidden(true);
    let path = scene.folder.path().join("空白表.xlsx");
    book.save(&path).unwrap();
    let ticket = scene.desk.ticket_of_file(&path).unwrap().ticket;
    let args = json!({ "ticket": ticket, "kind": "base_adjustment", "profile": CODE });
    let learned: LearnedTemplate = call(&scene.desk, "template_learn", args).await.unwrap();
    assert!(learned.keeps_blank, "an xlsx is kept whole");
    assert!(learned.replaces, "of a kind there is one template: {}", learned.name);
    let holds: Vec<&str> = learned.columns.iter().map(|column| column.holds.as_str()).collect();
    assert_eq!(holds, ["name", "id_number", "new_base", "unbound"], "what nobody knows is not guessed");

    let mut columns = learned.columns.clone();
    let save = |columns: &[LearnedColumn]| {
        let form = json!({ "template": learned.template, "name": "基数表", "columns": columns });
        json!({ "profile": CODE, "form": form })
    };
    let early: TemplateSaved = call(&scene.desk, "template_save", save(&columns)).await.unwrap();
    assert!(!early.saved && early.problems.len() == 1, "{:?}", early.problems);
    (columns[3].holds, columns[3].text) = ("constant".into(), "{是}".into());
    let second: TemplateSaved = call(&scene.desk, "template_save", save(&columns)).await.unwrap();
    assert!(!second.saved, "which of two files of a kind would be written? {:?}", second.problems);
    let rules: ProfileView = call(&scene.desk, "profile", json!({ "profile": CODE })).await.unwrap();
    assert_eq!(rules.origin, ProfileOrigin::Own, "the open unit's rules are the user's own");
    let old = rules.templates.iter().find(|one| one.kind == "base_adjustment").unwrap();
    let args = json!({ "profile": CODE, "kind": old.kind, "name": old.name });
    let fewer: ProfileView = call(&scene.desk, "template_delete", args).await.unwrap();
    assert_eq!(fewer.templates.len() + 1, rules.templates.len());
    let saved: TemplateSaved = call(&scene.desk, "template_save", save(&columns)).await.unwrap();
    assert!(saved.saved, "{:?}", saved.problems);
    let foreign = json!({ "profile": "demo", "form": save(&columns)["form"] });
    let refused = call::<TemplateSaved>(&scene.desk, "template_save", foreign).await.unwrap_err();
    assert_eq!(refused.code, "desk-profile-not-own", "rules that come with the program stay");

    // The open unit goes by it at once.
    let draft = scene.clean_draft().await;
    let exported = scene.export(&draft).await;
    let upload = exported.draft.upload.unwrap();
    let bytes = std::fs::read(Path::new(&exported.folder).join(&upload.files[0].name)).unwrap();
    let book = huijiao_sheets::read(bytes, &ReadChoice::default(), &Limits::default()).unwrap();
    assert_eq!(book.sheet_name(), "基数表");
    assert!(book.sheets.iter().any(|sheet| sheet.name == "代码" && sheet.hidden), "the blank's other sheet is there");
    assert_eq!(book.row(2).map(|row| row.text(3)), Some("{是}"), "as it was typed");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_one_s_own_that_only_the_keyring_opens_are_told_of_until_there_is_a_recovery_passphrase() {
    let with_keyring = async |folder: &TempDir| {
        let keyring = KeyringUse::Given(Arc::<MemoryVault>::default());
        let desk = Arc::new(Desk::new(DeskConfig { keyring, ..config(folder.path(), Path::new(WORKER)) }));
        let start: StartView = call(&desk, "start", json!({})).await.unwrap();
        assert!(start.notices.is_empty(), "nothing is there yet: {:?}", start.notices);
        desk
    };
    let elsewhere = TempDir::new().unwrap();
    let practice = Practice::open(&elsewhere.path().join("practice"), SystemClock.now()).await.unwrap();
    let beginner = with_keyring(&elsewhere).await;
    beginner.enter(practice.connection()).await.unwrap();
    assert!(pulse(&beginner).await.notices.is_empty(), "the practice can be made anew");

    let folder = TempDir::new().unwrap();
    let desk = with_keyring(&folder).await;
    let scene = Scene::at(folder, desk, Approval::None).await;
    assert!(pulse(&scene.desk).await.notices.is_empty(), "rules alone are no loss");
    scene.entered().await;
    let said = async || {
        let codes: Vec<String> = pulse(&scene.desk).await.notices.into_iter().map(|notice| notice.code).collect();
        let bell: NoticesView = call(&scene.desk, "notices", json!({})).await.unwrap();
        let line = bell.notices.into_iter().find(|line| line.key == "data:desk-recovery-missing");
        let ready: Vec<ReadyLine> = call(&scene.desk, "readiness", json!({})).await.unwrap();
        let ready = ready.into_iter().find(|line| line.part == ReadyPart::Recovery);
        let open = ready.as_ref().is_some_and(|line| line.said.contains("不会锁屏"));
        let safety: SafetyView = call(&scene.desk, "safety", json!({})).await.unwrap();
        assert_eq!(safety.can_lock, !open, "said where it is so, and only there");
        (codes, line, ready.map(|line| line.state))
    };
    let locked = async || call::<StartView>(&scene.desk, "lock", json!({})).await;
    assert_eq!(locked().await.unwrap_err().code, "desk-no-way-to-unlock", "nobody could open it again");
    let (codes, line, ready) = said().await;
    assert_eq!((codes, ready), (vec!["desk-recovery-missing".to_owned()], Some(ReadyState::Warn)));
    let line = line.expect("the bell says it too");
    assert_eq!(line.tone, NoticeTone::Warn, "nothing is wrong yet");
    assert!(line.jump.is_some_and(|jump| matches!(jump.screen, JumpScreen::Data)), "with the way to where it is set");
    let set: BackupsView = call(&scene.desk, "passphrase_change", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    assert_eq!(set.passphrase, PassphraseUse::Recovery);
    let (codes, line, ready) = said().await;
    assert_eq!((codes.len(), line.is_none(), ready), (0, true, Some(ReadyState::Good)), "{codes:?}");

    // From then on it locks as well, and the same passphrase opens it.
    assert!(locked().await.unwrap().session.is_none());
    assert!(pulse(&scene.desk).await.locked);
    let unlock = async |secret: &str| {
        call::<StartView>(&scene.desk, "unlock_screen", json!({ "certificate": "", "secret": secret })).await
    };
    unlock("一句打错了的口令").await.unwrap_err();
    assert!(pulse(&scene.desk).await.locked, "not by any other");
    assert!(unlock(PASSPHRASE).await.unwrap().session.is_some());
}

/// Three days before the end of July 2026, and it stays so.
struct LateInJuly;

impl Clock for LateInJuly {
    fn now(&self) -> Timestamp {
        "2026-07-28T10:00:00+08:00".parse().unwrap()
    }

    fn steady(&self) -> SignedDuration {
        SystemClock.steady()
    }

    fn new_id(&self) -> Uuid {
        SystemClock.new_id()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_without_a_gateway_has_deadlines_and_who_was_taken_by_file_waits_no_more() {
    let folder = TempDir::new().unwrap();
    let config = DeskConfig { clock: Arc::new(LateInJuly), ..config(folder.path(), Path::new(WORKER)) };
    let desk = Arc::new(Desk::new(config));
    desk.set_passphrase(PASSPHRASE).unwrap();
    let rules = CenterProfile { remittance_day: Some(31), ..CenterProfile::shipped("demo").unwrap() };
    let scene = Scene::by(folder, desk, rules).await;
    scene.entered().await;
    let pressing = async || {
        let bell: NoticesView = call(&scene.desk, "notices", json!({})).await.unwrap();
        let days = bell.notices.into_iter().filter(|notice| notice.key.starts_with("deadline:"));
        days.map(|notice| notice.title).collect::<Vec<_>>()
    };
    let pay = "2026-07 汇缴截止（核定并缴款）";
    assert_eq!(pressing().await, [pay], "as the unit says how far it is");

    let leaver = scene.unit.roster.contributors.iter().find(|one| one.status == AccountStatus::Normal).unwrap();
    let args = json!({ "kind": "status_change", "period": JULY, "with_roster": false });
    let draft: DraftView = call(&scene.desk, "draft_new", args).await.unwrap();
    let cells = [
        ("personal_account", leaver.personal_account.to_string()),
        ("name", leaver.name.to_string()),
        ("id_number", leaver.id_number.to_string()),
        ("change_kind", "封存".to_owned()),
        ("reason", "解除或终止劳动关系".to_owned()),
    ];
    let set = |(field, text)| json!({ "op": "set", "index": 0, "field": field, "text": text });
    let ops: Vec<Value> = cells.into_iter().map(set).collect();
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
    let draft: DraftView = call(&scene.desk, "draft_edit", args).await.unwrap();
    let draft = settle(&scene.desk, draft).await.unwrap();
    assert_eq!((draft.blocking, draft.totals.people), (0, 1), "{:?}", draft.summary);
    let waits = |titles: &[String]| titles.iter().any(|title| title.starts_with("1 人的缴存人状态变更还没有提交"));
    assert!(waits(&pressing().await), "{:?}", pressing().await);
    let exported = scene.export(&draft).await;
    assert!(waits(&pressing().await), "a file on the disk is not filed yet");
    let refused = scene.answered(&exported.draft, UploadStage::Refused, "").await.unwrap();
    assert!(waits(&pressing().await), "nor is one that the center refused");
    scene.answered(&refused, UploadStage::Accepted, "YW20260700456").await.unwrap();
    assert_eq!(pressing().await, [pay], "what was taken is done; the month is still to be paid");
}

fn said(filing: &FilingView) -> String {
    filing.history.iter().map(|(_, words)| format!("{words}\n")).collect()
}

fn signing(view: &ApprovalView, certificate: &str) -> Value {
    json!({ "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": certificate, "pin": PIN })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_is_signed_before_and_signed_anew_after_a_change() {
    let scene = Scene::new().await;
    let issuer = Issuer::new("演示签名根证书");
    let looked: Vec<RootLine> =
        call(&scene.desk, "unit_roots", json!({ "ticket": issuer.root(&scene) })).await.unwrap();
    let print = issuer.0.certificate().sha256_hex();
    assert_eq!(looked.iter().map(|root| &root.sha256).collect::<Vec<_>>(), [&print], "to be compared before it counts");
    let no_root = json!({ "ticket": scene.ticket("no-root.pem", b"-----BEGIN nothing") });
    let refused = call::<Vec<RootLine>>(&scene.desk, "unit_roots", no_root).await.unwrap_err();
    assert_eq!(refused.code, "desk-center-root");
    let session = scene.entered_signing(&issuer).await;
    assert!(session.signs && session.channel == "upload_file");
    let units: Vec<UnitLine> = call(&scene.desk, "units", json!({})).await.unwrap();
    assert_eq!(units[0].roots.iter().map(|root| &root.sha256).collect::<Vec<_>>(), [&print], "and shown later");
    let stranger = Issuer::new("别家根证书").key(&scene, CLERK).await.unwrap_err();
    assert_eq!(stranger.code, "desk-certificate-chain", "another authority's keys sign nothing here");
    let key = issuer.key(&scene, CLERK).await.unwrap();

    let draft = scene.clean_draft().await;
    assert_eq!(draft.signed_as, None);
    assert_eq!(scene.refused_export(&draft).await, "desk-upload-unsigned");
    let review: ReviewView = call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap();
    assert_eq!((review.digest.len(), review.approval), (64, false), "what will be signed is shown");
    let usable: Vec<&CertificateView> = review.certificates.iter().filter(|each| each.usable).collect();
    assert_eq!(usable.iter().map(|each| each.certificate.as_str()).collect::<Vec<_>>(), [key.as_str()]);
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "digest": review.digest,
        "certificate": key, "pin": PIN });
    let first: FilingView = call(&scene.desk, "sign_and_submit", args).await.unwrap();
    assert_eq!(first.line.stage, FilingStage::Kept, "{:?}", first.trouble);
    assert_eq!((first.signer.as_str(), &first.digest), (CLERK, &review.digest), "the very bytes of the review");
    assert!(first.trouble.is_none() && first.receipt.is_none() && !first.withdrawable && !first.reopenable);
    let kept = first.kept.as_ref().unwrap();
    assert_eq!((kept.draft.as_deref(), kept.awaits_approval), (Some(draft.draft.as_str()), false));
    assert!(!said(&first).contains("已发往中心"), "{}", said(&first));
    let ask = call::<FilingView>(&scene.desk, "ask", json!({ "filing": first.line.filing })).await.unwrap_err();
    assert_eq!(ask.code, "desk-filing-kept", "there is nobody to ask");
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert_eq!((home.drafts.len(), home.filings.len()), (1, 1), "the draft goes on beside what was signed");

    // Anybody can check it with what is in the folder.
    let folder = scene.evidence(&first.line.filing).await;
    let p7m = std::fs::read(folder.join("filing.p7m")).unwrap();
    let signed = verify(&p7m, &issuer.0.anchors(), SystemClock.now(), Purpose::Filing, &[]).unwrap();
    let content = FilingContent::from_bytes(&signed.content).unwrap();
    assert_eq!((content.id.to_string(), content.rows.len()), (first.line.filing.clone(), 228));
    let told = std::fs::read_to_string(folder.join("说明.txt")).unwrap();
    assert!(told.contains("openssl cms -verify -inform DER -in filing.p7m"), "{told}");
    assert!(told.contains("本单位留存") && !told.contains("receipt.json"), "{told}");

    // What was signed is not what the draft says any more, until that is taken back.
    let signed = scene.draft(&draft.draft).await;
    assert_eq!(signed.signed_as.as_ref(), Some(&first.line.filing));
    let ops = json!([{ "op": "exclude", "index": 0, "excluded": true }]);
    let edit = json!({ "draft": signed.draft, "revision": signed.revision, "ops": ops });
    let changed: DraftView = call(&scene.desk, "draft_edit", edit.clone()).await.unwrap();
    let changed = settle(&scene.desk, changed).await.unwrap();
    assert_eq!(changed.signed_as, None);
    assert_eq!(scene.refused_export(&changed).await, "desk-upload-unsigned");
    let second = sign(&scene.desk, &changed, &key, PIN).await.unwrap();
    assert_ne!(second.line.filing, first.line.filing, "signed anew");
    assert_eq!(second.kept.as_ref().and_then(|kept| kept.superseded_by.as_ref()), None);
    let before = scene.filing(&first.line.filing).await;
    assert_eq!(before.kept.as_ref().and_then(|kept| kept.superseded_by.as_ref()), Some(&second.line.filing));
    assert!(said(&before).contains("草稿已重新签名"), "and so does its history: {}", said(&before));
    let exported = scene.export(&scene.draft(&draft.draft).await).await;
    let upload = exported.draft.upload.as_ref().unwrap();
    assert_eq!(upload.filing.as_ref(), Some(&second.line.filing), "the record names what was signed");

    let form = json!({ "paper": "filing", "filing": second.line.filing });
    let month = json!({ "paper": "month", "month": JULY });
    assert_eq!(scene.paper(form.clone()).await.as_deref(), Ok("年度基数调整-2026-07-未受理"));
    assert_eq!(scene.paper(month.clone()).await.unwrap_err(), "desk-no-papers", "nothing was taken yet");
    let taken = scene.answered(&exported.draft, UploadStage::Accepted, "YW20260700123").await.unwrap();
    assert_eq!(scene.paper(form).await.as_deref(), Ok("年度基数调整-2026-07-YW20260700123"), "as it was recorded");
    scene.paper(month).await.expect("what was recorded as taken is a paper of its month");
    let told = std::fs::read_to_string(scene.evidence(&second.line.filing).await.join("说明.txt")).unwrap();
    assert!(told.contains("YW20260700123（由经办人登记，没有回执）"), "{told}");
    let second = scene.filing(&second.line.filing).await;
    assert_eq!(second.line.filing_number.as_deref(), Some("YW20260700123"), "as the clerk recorded it");
    assert_eq!(second.line.stage, FilingStage::Kept);
    assert!(said(&second).contains("041000000001_基数调整_202607.xls"), "{}", said(&second));
    assert!(said(&second).contains("中心已受理，业务流水号 YW20260700123"), "{}", said(&second));
    assert_eq!(scene.filing(&first.line.filing).await.line.filing_number, None, "the other never left");
    let again = sign(&scene.desk, &taken, &key, PIN).await.unwrap_err();
    assert_eq!(again.code, "desk-upload-accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_signs_without_a_gateway_is_warned_of_each_ones_certificate() {
    let unsigned = Scene::new().await;
    unsigned.entered().await;
    let scene = Scene::new().await;
    let issuer = Issuer::new("演示签名根证书");
    scene.entered_signing(&issuer).await;
    let ready = async |scene: &Scene| {
        let lines: Vec<ReadyLine> = call(&scene.desk, "readiness", json!({})).await.unwrap();
        lines.into_iter().find(|line| line.part == ReadyPart::Certificate).unwrap()
    };
    let warned = async || {
        let bell: NoticesView = call(&scene.desk, "notices", json!({})).await.unwrap();
        let on_certificates =
            |line: &NoticeLine| line.jump.as_ref().is_some_and(|jump| matches!(jump.screen, JumpScreen::Certificates));
        let lines = bell.notices.into_iter().filter(on_certificates);
        lines.map(|line| (line.tone, line.title)).collect::<Vec<_>>()
    };
    assert_eq!(ready(&unsigned).await.state, ReadyState::Unneeded, "no roots, no signature");
    assert_eq!(ready(&scene).await.state, ReadyState::Bad, "nothing leaves unsigned, and nobody can sign");

    let days = |from: i64, days: i64| {
        let at = |days: i64| SystemClock.now().checked_add(SignedDuration::from_hours(24 * days)).unwrap();
        Validity { not_before: at(from), not_after: at(days) }
    };
    let issued = |name: &str, validity| issuer.0.issue_operator(&Issuer::of(name), validity, &Pin::new(PIN)).unwrap();
    let clerk = issued(CLERK, days(-1, 5));
    issuer.imported(&scene, &clerk.p12).await.unwrap();
    let soon = [(NoticeTone::Warn, format!("单位数字证书（{CLERK}）到期"))];
    assert_eq!(warned().await, soon);
    let line = ready(&scene).await;
    assert_eq!(line.state, ReadyState::Warn, "{}", line.said);
    assert!(line.said.contains(&soon[0].1) && line.said.contains("还有"), "by when: {}", line.said);
    issuer.key(&scene, APPROVER).await.unwrap();
    assert_eq!(warned().await, soon, "a colleague's holds longer, and signs nothing for her");
    issuer.key(&scene, CLERK).await.unwrap();
    assert!(warned().await.is_empty(), "hers has been followed");
    let line = ready(&scene).await;
    assert_eq!(line.state, ReadyState::Good, "{}", line.said);

    let ended = issued("孙离任", days(-9, -2));
    let keys = P12Folder::new(scene.folder.path().join("desk/units").join(UNIT_ACCOUNT).join("certificates"));
    keys.install("ended", &ended.p12, &Pin::new(PIN)).unwrap();
    assert_eq!(warned().await, [(NoticeTone::Bad, "单位数字证书（孙离任）已到期，不能再签名".to_owned())]);
    let gone = issued("李离任", days(-900, -300));
    keys.install("gone", &gone.p12, &Pin::new(PIN)).unwrap();
    assert_eq!(warned().await.len(), 1, "nobody renews what ended so long ago");
    assert_eq!(ready(&scene).await.state, ReadyState::Warn, "the others can sign");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_signs_in_a_file_and_only_then_the_draft_leaves() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    for one in [&scene, &second] {
        one.entered_signing(&issuer).await;
    }
    let (clerk, approver) = (issuer.key(&scene, CLERK).await.unwrap(), issuer.key(&second, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await;
    let review: ReviewView = call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap();
    assert!(review.approval, "the clerk is told that somebody else signs as well");
    let filed = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap();
    let id = filed.line.filing.clone();
    assert!(filed.kept.as_ref().is_some_and(|kept| kept.awaits_approval));
    let signed = scene.draft(&draft.draft).await;
    assert_eq!(scene.refused_export(&signed).await, "desk-upload-unapproved");

    let handed = scene.evidence(&id).await.join("filing.p7m");
    let view = second.opened(&handed).await.unwrap();
    assert_eq!((view.clerk.as_str(), view.lines, view.filing_number.as_deref()), (CLERK, 228, None));
    assert!(view.steps.iter().all(|step| step.passed), "{:?}", view.steps);
    assert!(view.findings.iter().all(|finding| finding.level != "error"), "{:?}", view.findings);
    assert_eq!(view.review.digest, filed.digest, "the same bytes");
    let sent = call::<Value>(&second.desk, "approval_sign", signing(&view, &approver)).await.unwrap_err();
    assert_eq!(sent.code, "desk-no-gateway", "there is nobody to send it to");
    let approvals: ApprovalsView = call(&second.desk, "approvals", json!({})).await.unwrap();
    assert!(approvals.signed.is_empty(), "so nothing was signed");
    let written: ExportedFile = call(&second.desk, "approval_to_file", signing(&view, &approver)).await.unwrap();
    let back = PathBuf::from(&written.folder).join(&written.file);
    let approvals: ApprovalsView = call(&second.desk, "approvals", json!({})).await.unwrap();
    assert_eq!(approvals.signed.iter().map(|line| (line.approved, line.open)).collect::<Vec<_>>(), [(true, false)]);

    assert_eq!(scene.brought(&id, &handed).await.unwrap_err().code, "verify-no-signer", "that is what was handed out");
    assert_eq!(scene.refused_export(&signed).await, "desk-upload-unapproved");
    let approved = scene.brought(&id, &back).await.unwrap();
    assert_eq!((approved.approver.as_str(), approved.line.stage), (APPROVER, FilingStage::Kept));
    assert!(!approved.approving, "no answer is waited for");
    assert!(approved.kept.as_ref().is_some_and(|kept| !kept.awaits_approval));
    let again = scene.brought(&id, &back).await.unwrap();
    assert_eq!(said(&again).matches("复核签名的文件").count(), 1, "once in the history: {}", said(&again));
    let exported = scene.export(&scene.draft(&draft.draft).await).await;
    assert_eq!(exported.draft.upload.unwrap().filing, Some(id.clone()));

    let folder = scene.evidence(&id).await;
    let both = std::fs::read(folder.join("filing.p7m")).unwrap();
    let verified = verify(&both, &issuer.0.anchors(), SystemClock.now(), Purpose::Approval, &[]).unwrap();
    let holders: Vec<_> = verified.signers.iter().map(|signer| signer.certificate.holder()).collect();
    assert_eq!(holders, [CLERK, APPROVER]);
    assert!(folder.join("filing-clerk.p7m").is_file(), "and what the clerk signed alone");
    assert_eq!(second.opened(&back).await.unwrap_err().code, "desk-approval-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_approver_returns_in_a_file_is_mended_and_signed_anew() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    for one in [&scene, &second] {
        one.entered_signing(&issuer).await;
    }
    let (clerk, approver) = (issuer.key(&scene, CLERK).await.unwrap(), issuer.key(&second, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await;
    let first = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&first).await.join("filing.p7m");
    let view = second.opened(&handed).await.unwrap();
    let mut back = signing(&view, &approver);
    let silent = call::<ExportedFile>(&second.desk, "approval_return_to_file", back.clone()).await.unwrap_err();
    assert_eq!(silent.code, "desk-approval-reason");
    back["reason"] = "第一行基数请再核对".into();
    let written: ExportedFile = call(&second.desk, "approval_return_to_file", back).await.unwrap();
    let returned = PathBuf::from(&written.folder).join(&written.file);
    assert_eq!(second.opened(&handed).await.unwrap_err().code, "desk-approval-ended", "his word stands");

    let filing = scene.brought(&first, &returned).await.unwrap();
    assert_eq!((filing.returned_by.as_str(), filing.approver.as_str()), (APPROVER, ""));
    assert_eq!(filing.kept.unwrap().reason, "第一行基数请再核对");
    let again = scene.brought(&first, &returned).await.unwrap();
    assert_eq!(said(&again).matches("复核退回").count(), 1, "{}", said(&again));
    let open = scene.draft(&draft.draft).await;
    let rounds: Vec<_> = open.returned.iter().map(|round| (round.by.as_str(), round.reason.as_str())).collect();
    assert_eq!(rounds, [(APPROVER, "第一行基数请再核对")], "once, however often it is brought");
    assert_eq!(open.signed_as, None, "what was returned is not what leaves");
    assert_eq!(scene.refused_export(&open).await, "desk-upload-unsigned");

    let anew = sign(&scene.desk, &open, &clerk, PIN).await.unwrap();
    assert!(said(&anew).contains("第一行基数请再核对"), "{}", said(&anew));
    assert!(anew.kept.as_ref().is_some_and(|kept| kept.awaits_approval), "it wants a signature of its own");
    let before = scene.filing(&first).await.kept.unwrap();
    assert_eq!(before.superseded_by.as_ref(), Some(&anew.line.filing), "what was returned says what came after it");
    let other = scene.brought(&anew.line.filing, &returned).await.unwrap_err();
    assert_eq!(other.code, "desk-approval-differs", "that was about the one before");
    let view = second.opened(&scene.evidence(&anew.line.filing).await.join("filing.p7m")).await.unwrap();
    assert_eq!(view.rounds.len(), 1, "the approver sees what he said");
}

/// What an approver signs of a file that was handed to him, as a file in his folder.
async fn said_to_file(
    scene: &Scene,
    handed: &Path,
    certificate: &str,
    reason: Option<&str>,
) -> Result<PathBuf, UiError> {
    let view = scene.opened(handed).await?;
    let mut args = signing(&view, certificate);
    let command = match reason {
        Some(reason) => {
            args["reason"] = reason.into();
            "approval_return_to_file"
        }
        None => "approval_to_file",
    };
    let written: ExportedFile = call(&scene.desk, command, args).await?;
    Ok(PathBuf::from(&written.folder).join(&written.file))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_left_is_returned_only_if_the_center_refused_it() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    for one in [&scene, &second] {
        one.entered_signing(&issuer).await;
    }
    let (clerk, approver) = (issuer.key(&scene, CLERK).await.unwrap(), issuer.key(&second, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await.draft;
    let id = sign(&scene.desk, &scene.draft(&draft).await, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&id).await.join("filing.p7m");
    let approved = said_to_file(&second, &handed, &approver, None).await.unwrap();
    // Before the clerk has brought the one, the approver thinks better of it.
    let returned = said_to_file(&second, &handed, &approver, Some("第一行基数请再核对")).await.unwrap();
    scene.brought(&id, &approved).await.unwrap();
    let exported = scene.export(&scene.draft(&draft).await).await;
    let refused = async || scene.brought(&id, &returned).await.unwrap_err().code;
    assert_eq!(refused().await, "desk-approval-ended", "the file may be at the center");
    let taken = scene.answered(&exported.draft, UploadStage::Accepted, "YW20260700123").await.unwrap();
    assert_eq!(refused().await, "desk-upload-accepted");
    let home: HomeView = call(&scene.desk, "draft_delete", json!({ "draft": draft })).await.unwrap();
    assert!(home.drafts.is_empty());
    assert_eq!(refused().await, "desk-upload-accepted", "its draft is gone, what the center took is not");
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert!(home.drafts.is_empty(), "no draft is made of what was taken: {:?}", home.drafts);
    let still = scene.filing(&id).await;
    assert_eq!(
        (still.approver.as_str(), still.returned_by.as_str()),
        (APPROVER, ""),
        "the approval it left with stands"
    );
    assert!(scene.evidence(&id).await.join("filing-clerk.p7m").is_file(), "and is in its evidence");

    let _: HomeView = call(&scene.desk, "draft_restore", json!({ "draft": draft })).await.unwrap();
    let partly =
        scene.answered(&scene.draft(&draft).await, UploadStage::PartlyAccepted, "YW20260700123").await.unwrap();
    assert_eq!(partly.draft, taken.draft);
    assert_eq!(refused().await, "desk-approval-ended", "some of it is in the center's books");
    scene.answered(&scene.draft(&draft).await, UploadStage::Refused, "").await.unwrap();
    let filing = scene.brought(&id, &returned).await.unwrap();
    assert_eq!(
        (filing.approver.as_str(), filing.returned_by.as_str()),
        ("", APPROVER),
        "it has to be done anew anyway"
    );
    assert_eq!(scene.draft(&draft).await.returned.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_return_of_an_earlier_signature_does_not_open_the_draft_that_left_with_a_later_one() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    for one in [&scene, &second] {
        one.entered_signing(&issuer).await;
    }
    let (clerk, approver) = (issuer.key(&scene, CLERK).await.unwrap(), issuer.key(&second, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await;
    let first = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&first).await.join("filing.p7m");
    let late = said_to_file(&second, &handed, &approver, Some("第一行基数请再核对")).await.unwrap();

    let signed = scene.draft(&draft.draft).await;
    let ops = json!([{ "op": "exclude", "index": 0, "excluded": true }]);
    let edit = json!({ "draft": signed.draft, "revision": signed.revision, "ops": ops });
    let changed: DraftView = call(&scene.desk, "draft_edit", edit).await.unwrap();
    let changed = settle(&scene.desk, changed).await.unwrap();
    let later = sign(&scene.desk, &changed, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&later).await.join("filing.p7m");
    let approved = said_to_file(&second, &handed, &approver, None).await.unwrap();
    scene.brought(&later, &approved).await.unwrap();
    scene.export(&scene.draft(&draft.draft).await).await;

    assert_eq!(scene.brought(&first, &late).await.unwrap_err().code, "desk-approval-ended", "the later one has left");
    let after = scene.draft(&draft.draft).await;
    assert_eq!(
        (after.signed_as.as_ref(), after.returned.len()),
        (Some(&later), 0),
        "nothing is to be signed once more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_part_stays_so_through_another_export() {
    let scene = Scene::new().await;
    scene.entered().await;
    let draft = scene.clean_draft().await.draft;
    let now = async || scene.draft(&draft).await;
    scene.export(&now().await).await;
    scene.answered(&now().await, UploadStage::PartlyAccepted, "YW20260700123").await.unwrap();
    scene.export(&now().await).await;
    let again = scene.answered(&now().await, UploadStage::Refused, "").await.unwrap();
    assert!(again.upload.is_some_and(|upload| upload.undecided), "the center has some of it, whatever it said then");
    scene.answered(&now().await, UploadStage::Accepted, "YW20260700124").await.unwrap();
    let taken = now().await;
    let args = json!({ "draft": taken.draft, "revision": taken.revision });
    let refused = call::<UploadExported>(&scene.desk, "upload_export", args).await.unwrap_err();
    assert_eq!(refused.code, "desk-upload-accepted", "nor does it leave once more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_makes_one_draft_of_a_deleted_one_and_what_was_returned_does_not_leave() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    for one in [&scene, &second] {
        one.entered_signing(&issuer).await;
    }
    let (clerk, approver) = (issuer.key(&scene, CLERK).await.unwrap(), issuer.key(&second, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await;
    let id = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&id).await.join("filing.p7m");
    let returned = said_to_file(&second, &handed, &approver, Some("第一行基数请再核对")).await.unwrap();
    let _: HomeView = call(&scene.desk, "draft_delete", json!({ "draft": draft.draft })).await.unwrap();
    for _ in 0..2 {
        scene.brought(&id, &returned).await.unwrap();
        let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
        let [made] = home.drafts.as_slice() else { panic!("one draft is made: {:?}", home.drafts) };
        assert_ne!(made.draft, draft.draft);
        assert_eq!(scene.draft(&made.draft).await.returned.len(), 1, "with why it was returned");
    }

    // The deleted one comes back as it was signed, and knows of no return.
    let _: HomeView = call(&scene.desk, "draft_restore", json!({ "draft": draft.draft })).await.unwrap();
    let back = scene.draft(&draft.draft).await;
    assert_eq!(back.signed_as.as_ref(), Some(&id));
    assert_eq!(scene.refused_export(&back).await, "desk-upload-returned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_of_one_operator_needs_no_approver_and_yet_nothing_leaves_that_one_returned() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    scene.entered_signing(&issuer).await;
    let (clerk, approver) = (issuer.key(&scene, CLERK).await.unwrap(), issuer.key(&scene, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await.draft;
    let wanted = async || {
        let review: ReviewView = call(&scene.desk, "review", json!({ "draft": draft })).await.unwrap();
        review.approval
    };
    assert!(wanted().await, "as long as nobody says otherwise it is the center's rule");
    let id = sign(&scene.desk, &scene.draft(&draft).await, &clerk, PIN).await.unwrap().line.filing;
    assert_eq!(scene.refused_export(&scene.draft(&draft).await).await, "desk-upload-unapproved");
    let handed = scene.evidence(&id).await.join("filing.p7m");
    said_to_file(&scene, &handed, &approver, Some("第一行基数请再核对")).await.unwrap();

    scene.has_one_operator(true).await;
    assert!(!wanted().await);
    assert_eq!(scene.refused_export(&scene.draft(&draft).await).await, "desk-upload-unsigned", "it was returned");
    let anew = sign(&scene.desk, &scene.draft(&draft).await, &clerk, PIN).await.unwrap();
    assert!(anew.kept.is_some_and(|kept| !kept.awaits_approval));
    let exported = scene.export(&scene.draft(&draft).await).await;
    assert_eq!(exported.draft.upload.unwrap().filing, Some(anew.line.filing));
    scene.has_one_operator(false).await;
    assert!(wanted().await, "and it can be taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_before_the_unit_had_one_operator_waits_for_nobody_any_more() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    scene.entered_signing(&issuer).await;
    let clerk = issuer.key(&scene, CLERK).await.unwrap();
    let draft = scene.clean_draft().await;
    let id = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap().line.filing;
    let waits = async || scene.filing(&id).await.kept.is_some_and(|kept| kept.awaits_approval);
    assert!(waits().await);
    assert_eq!(scene.refused_export(&scene.draft(&draft.draft).await).await, "desk-upload-unapproved");
    for (alone, why) in
        [(true, "nobody is there to approve it"), (false, "somebody is again"), (true, "by the rule of now")]
    {
        scene.has_one_operator(alone).await;
        assert_eq!(waits().await, !alone, "{why}");
    }

    let left = scene.export(&scene.draft(&draft.draft).await).await.draft;
    assert_eq!(left.upload.as_ref().and_then(|upload| upload.filing.as_ref()), Some(&id), "as it was signed");
    scene.has_one_operator(false).await;
    assert!(!waits().await, "what has left waits for nobody, whoever there is by now");
    scene.answered(&scene.draft(&left.draft).await, UploadStage::Refused, "").await.unwrap();
    assert!(waits().await, "what the center refused has yet to leave");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_returned_on_the_clerk_s_own_computer_is_back_with_her_draft() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    scene.entered_signing(&issuer).await;
    let (clerk, approver) = (issuer.key(&scene, CLERK).await.unwrap(), issuer.key(&scene, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await;
    let id = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&id).await.join("filing.p7m");
    let view = scene.opened(&handed).await.unwrap();
    let mut back = signing(&view, &approver);
    back["reason"] = "第一行基数请再核对".into();
    let written: ExportedFile = call(&scene.desk, "approval_return_to_file", back.clone()).await.unwrap();
    let open = scene.draft(&draft.draft).await;
    let rounds: Vec<_> = open.returned.iter().map(|round| (round.by.as_str(), round.reason.as_str())).collect();
    assert_eq!(rounds, [(APPROVER, "第一行基数请再核对")], "without a file that anybody brings");
    assert_eq!(open.signed_as, None);
    assert_eq!(scene.refused_export(&open).await, "desk-upload-unsigned");
    let filing = scene.filing(&id).await;
    assert_eq!(filing.returned_by, APPROVER);
    for (command, args) in [("approval_to_file", signing(&view, &approver)), ("approval_return_to_file", back)] {
        let refused = call::<ExportedFile>(&scene.desk, command, args).await.unwrap_err();
        assert_eq!(refused.code, "desk-approval-ended", "his word stands: {command}");
    }
    scene.brought(&id, &PathBuf::from(&written.folder).join(&written.file)).await.unwrap();
    assert_eq!(scene.draft(&draft.draft).await.returned.len(), 1, "and the file adds nothing to it");

    // An approval that the draft left with is not taken back there either.
    let anew = sign(&scene.desk, &scene.draft(&draft.draft).await, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&anew).await.join("filing.p7m");
    said_to_file(&scene, &handed, &approver, None).await.unwrap();
    let view = scene.opened(&handed).await.unwrap();
    scene.export(&scene.draft(&draft.draft).await).await;
    let mut back = signing(&view, &approver);
    back["reason"] = "再核对".into();
    let refused = call::<ExportedFile>(&scene.desk, "approval_return_to_file", back).await.unwrap_err();
    assert_eq!(refused.code, "desk-approval-ended");
    assert_eq!(scene.filing(&anew).await.approver, APPROVER);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_roots_undo_no_signature_and_let_none_of_the_old_ones_in() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let (old, new) = (Issuer::new("演示签名根证书"), Issuer::new("新的签名根证书"));
    for one in [&scene, &second] {
        one.entered_signing(&old).await;
    }
    let (clerk, late) = (old.key(&scene, CLERK).await.unwrap(), old.key(&second, APPROVER).await.unwrap());
    let draft = scene.clean_draft().await.draft;
    let id = sign(&scene.desk, &scene.draft(&draft).await, &clerk, PIN).await.unwrap().line.filing;
    let handed = scene.evidence(&id).await.join("filing.p7m");
    let by_old = said_to_file(&second, &handed, &late, None).await.unwrap();
    // The unit goes over to another authority; its approver still reads what was signed under the one before.
    scene.registers(&[&new]).await;
    second.registers(&[&old, &new]).await;
    let approver = new.key(&second, APPROVER).await.unwrap();
    let by_new = said_to_file(&second, &handed, &approver, None).await.unwrap();
    let refused = scene.brought(&id, &by_old).await.unwrap_err();
    assert_eq!(refused.code, "verify-certificate-foreign", "nobody signs by the old roots any more");
    let folder = scene.evidence(&id).await;
    let roots = std::fs::read_to_string(folder.join("ca.pem")).unwrap();
    assert_eq!(roots, old.0.certificate().pem(), "the evidence brings those that prove it");
    let approved = scene.brought(&id, &by_new).await.unwrap();
    assert_eq!(approved.approver, APPROVER);
    let exported = scene.export(&scene.draft(&draft).await).await;
    scene.answered(&exported.draft, UploadStage::Accepted, "YW20260700123").await.unwrap();

    scene.registers(&[&Issuer::new("又一个签名根证书")]).await;
    let folder = scene.evidence(&id).await;
    let roots = TrustAnchors::from_pem(&std::fs::read_to_string(folder.join("ca.pem")).unwrap()).unwrap();
    let file = std::fs::read(folder.join("filing.p7m")).unwrap();
    let verified = verify(&file, &roots, SystemClock.now(), Purpose::Approval, &[]).unwrap();
    let holders: Vec<_> = verified.signers.iter().map(|signer| signer.certificate.holder()).collect();
    assert_eq!(holders, [CLERK, APPROVER], "each by the roots of when he signed");
    let form = json!({ "paper": "filing", "filing": id });
    assert_eq!(scene.paper(form).await.as_deref(), Ok("年度基数调整-2026-07-YW20260700123"));
    scene.paper(json!({ "paper": "month", "month": JULY })).await.expect("and it is a paper of its month");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_or_returns_in_a_file_what_he_signed_himself() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    for one in [&scene, &second] {
        one.entered_signing(&issuer).await;
    }
    let clerk = issuer.key(&scene, CLERK).await.unwrap();
    let own = issuer.key(&second, CLERK).await.unwrap();
    let draft = scene.clean_draft().await;
    let filed = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap();
    let handed = scene.evidence(&filed.line.filing).await.join("filing.p7m");
    let view = second.opened(&handed).await.unwrap();
    let [only] = view.review.certificates.as_slice() else { panic!("one key is there") };
    assert_eq!((only.usable, only.reason.as_deref()), (false, Some("verify-same-person")), "before a PIN is typed");
    let mut back = signing(&view, &own);
    back["reason"] = "再核对".into();
    for (command, args) in [("approval_to_file", signing(&view, &own)), ("approval_return_to_file", back)] {
        let refused = call::<ExportedFile>(&second.desk, command, args).await.unwrap_err();
        assert_eq!(refused.code, "verify-same-person", "{command}");
    }
    assert!(!second.folder.path().join("export").exists(), "nothing was written");

    // By another program that asks nobody.
    let at = SystemClock.now().to_string();
    let mut key = issuer.elsewhere(CLERK);
    let forged = countersign_regardless(&mut key, &std::fs::read(&handed).unwrap(), &at).unwrap();
    let ending = Ending {
        protocol: PROTOCOL,
        filing_id: filed.line.filing.parse().unwrap(),
        filing_sha256: filed.sha256.clone(),
        unit_account: UNIT_ACCOUNT.into(),
        reason: "再核对".into(),
        created_at: at.clone(),
    };
    let bytes = ending.to_bytes().unwrap();
    let rejected = sign_attached(&mut key, &bytes, &at, Role::Approver, Purpose::Rejection, None).unwrap();
    let mut foreign = Issuer::new("别家根证书").elsewhere(APPROVER);
    let strange = sign_attached(&mut foreign, &bytes, &at, Role::Approver, Purpose::Rejection, None).unwrap();
    for (file, code) in
        [(forged, "verify-same-person"), (rejected, "verify-same-person"), (strange, "verify-certificate-foreign")]
    {
        let path = scene.folder.path().join("forged.p7m");
        std::fs::write(&path, file).unwrap();
        assert_eq!(scene.brought(&filed.line.filing, &path).await.unwrap_err().code, code);
    }
    let still = scene.filing(&filed.line.filing).await;
    assert_eq!((still.approver.as_str(), still.returned_by.as_str()), ("", ""));
    assert_eq!(scene.refused_export(&scene.draft(&draft.draft).await).await, "desk-upload-unapproved");
}

/// No center's register says whom an authority's numbers mean.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_the_clerks_name_approves_in_a_file_whatever_the_numbers_of_their_certificates() {
    let scene = Scene::where_approval_is(Approval::Always).await;
    let second = Scene::where_approval_is(Approval::Always).await;
    let issuer = Issuer::new("演示签名根证书");
    for one in [&scene, &second] {
        one.entered_signing(&issuer).await;
    }
    let clerk = issuer.imported(&scene, &issuer.numbered(CLERK, "1001")).await.unwrap();
    let p12 = issuer.numbered(CLERK, "1002");
    let namesake = issuer.imported(&second, &p12).await.unwrap();
    let draft = scene.clean_draft().await;
    let filed = sign(&scene.desk, &draft, &clerk, PIN).await.unwrap();
    let handed = scene.evidence(&filed.line.filing).await.join("filing.p7m");
    let view = second.opened(&handed).await.unwrap();
    let [only] = view.review.certificates.as_slice() else { panic!("one key is there") };
    assert_eq!((only.usable, only.reason.as_deref()), (false, Some("verify-same-person")), "before a PIN is typed");
    let refused = call::<ExportedFile>(&second.desk, "approval_to_file", signing(&view, &namesake)).await.unwrap_err();
    assert_eq!(refused.code, "verify-same-person");

    // By another program that takes the numbers for two people.
    let keys = P12Folder::new(second.folder.path().join("elsewhere"));
    keys.install("namesake", &p12, &Pin::new(PIN)).unwrap();
    let mut key = keys.open("namesake").unwrap();
    key.login(&Pin::new(PIN)).unwrap();
    let at = SystemClock.now().to_string();
    let approved = countersign_regardless(key.as_mut(), &std::fs::read(&handed).unwrap(), &at).unwrap();
    let path = scene.folder.path().join("approved.p7m");
    std::fs::write(&path, approved).unwrap();
    assert_eq!(scene.brought(&filed.line.filing, &path).await.unwrap_err().code, "verify-same-person");
    assert_eq!(scene.refused_export(&scene.draft(&draft.draft).await).await, "desk-upload-unapproved");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_as_a_file_is_filed_by_a_later_gateway_only_if_the_center_refused_it() {
    let scene = Scene::new().await;
    scene.entered().await;
    let draft = scene.clean_draft().await;
    let exported = scene.export(&draft).await;
    assert!(exported.draft.upload.is_some_and(|upload| upload.undecided));
    let _: Vec<UnitLine> = call(&scene.desk, "unit_forget", json!({ "account": UNIT_ACCOUNT })).await.unwrap();

    let practice = Practice::open(&scene.folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let profile = CenterProfile { code: CODE.into(), ..CenterProfile::shipped("demo").unwrap() };
    practice.center.seed(seed(&practice_unit(&profile).unwrap(), &profile)).await.unwrap();
    let session = scene.desk.enter(practice.connection()).await.unwrap();
    assert_eq!(session.channel, "gateway");
    let now = async || scene.draft(&draft.draft).await;
    let signed = async || sign(&scene.desk, &now().await, CLERK_KEY, PRACTICE_PIN).await;
    assert_eq!(signed().await.unwrap_err().code, "desk-upload-undecided", "the center may have the file");
    scene.answered(&now().await, UploadStage::PartlyAccepted, "YW20260700123").await.unwrap();
    assert_eq!(signed().await.unwrap_err().code, "desk-upload-undecided", "it has some of it");
    scene.answered(&now().await, UploadStage::Accepted, "YW20260700123").await.unwrap();
    assert_eq!(signed().await.unwrap_err().code, "desk-upload-accepted");
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert!(home.filings.is_empty(), "nothing was signed: {:?}", home.filings);
    scene.answered(&now().await, UploadStage::Refused, "").await.unwrap();
    let filed = signed().await.unwrap();
    assert!(filed.receipt.is_some_and(|receipt| receipt.valid), "{:?}", filed.trouble);
    practice.center.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stayed_here_is_not_sent_to_a_center_that_has_a_gateway_since() {
    let scene = Scene::new().await;
    let issuer = Issuer::new("演示签名根证书");
    scene.entered_signing(&issuer).await;
    let key = issuer.key(&scene, CLERK).await.unwrap();
    let filed = sign(&scene.desk, &scene.clean_draft().await, &key, PIN).await.unwrap();
    let _: Vec<UnitLine> = call(&scene.desk, "unit_forget", json!({ "account": UNIT_ACCOUNT })).await.unwrap();

    // The same center under the same code, and the same unit.
    let practice = Practice::open(&scene.folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let profile = CenterProfile { code: CODE.into(), ..CenterProfile::shipped("demo").unwrap() };
    practice.center.seed(seed(&practice_unit(&profile).unwrap(), &profile)).await.unwrap();
    let session = scene.desk.enter(practice.connection()).await.unwrap();
    assert_eq!((session.channel.as_str(), session.unit_account.as_str()), ("gateway", UNIT_ACCOUNT));
    let asked = call::<FilingView>(&scene.desk, "ask", json!({ "filing": filed.line.filing })).await.unwrap_err();
    assert_eq!(asked.code, "desk-filing-kept");
    let filing = scene.filing(&filed.line.filing).await;
    assert_eq!(filing.line.stage, FilingStage::Kept);
    assert!(!said(&filing).contains("已发往中心"), "{}", said(&filing));
    let there: QueryView = call(
        &scene.desk,
        "query",
        json!({ "form": { "query": "filings", "span": "year", "kind": "base_adjustment" } }),
    )
    .await
    .unwrap();
    assert!(there.rows.is_empty(), "the center has nothing of it");
    practice.center.shutdown().await;
}
