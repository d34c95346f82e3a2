//! A center without a gateway: the unit's roster comes in as the center's export, filings leave as the center's own
//! file, and its list of refused rows comes back onto the rows.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_demo::people::{UNIT_ACCOUNT, UNIT_CREDIT_CODE, UNIT_NAME, UnitRoster, practice_unit};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    BackupsView, DraftView, FindingsView, HomeView, JumpScreen, LearnedColumn, LearnedTemplate, NoticeTone,
    NoticesView, PassphraseUse, ProfileOrigin, ProfileSaved, ProfileView, ReadyLine, ReadyPart, ReadyState, SafetyView,
    SessionView, StartView, TemplateSaved, UnitLine, UnitSaved, UploadExported, UploadRefusals, UploadStage,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse};
use huijiao_domain::profile::{CenterProfile, Channel};
use huijiao_domain::roster::AccountStatus;
use huijiao_sheets::{Limits, ReadChoice};
use huijiao_store::vault::MemoryVault;
use huijiao_tests::{PASSPHRASE, call, config, desk, given_up, import, pulse};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const JULY: &str = "2026-07";
const CODE: &str = "paper-city";

struct Scene {
    folder: TempDir,
    desk: Arc<Desk>,
    unit: UnitRoster,
}

impl Scene {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        Self::at(folder, desk).await
    }

    async fn at(folder: TempDir, desk: Arc<Desk>) -> Self {
        let shipped = CenterProfile::shipped("demo").unwrap();
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
    assert!(known <= huijiao_tests::files_below(&files).len(), "what a draft names is there");
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

    let draft = scene.clean_draft().await;
    assert_eq!(draft.blocking + draft.unconfirmed, 0, "{:?}", draft.summary);
    let signing = json!({ "draft": draft.draft, "revision": draft.revision, "certificate": "c", "pin": "123456" });
    let refused = call::<Value>(&scene.desk, "sign_and_submit", signing).await.unwrap_err();
    assert_eq!(refused.code, "desk-no-gateway", "nothing is signed for a center that could not take it");
    let early = scene.answered(&draft, UploadStage::Accepted, "YW1").await.unwrap_err();
    assert_eq!(early, "desk-not-exported", "no answer to a file that was never written");

    let exported = scene.export(&draft).await;
    let upload = exported.draft.upload.as_ref().unwrap();
    assert_eq!((upload.stage, upload.files.len()), (UploadStage::Exported, 1));
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
    let scene = Scene::at(folder, desk).await;
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
