//! What the desk prints, read by another program: from drafts, from signed files and receipts, of a whole month.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use huijiao_center::UnitRole;
use huijiao_demo::practice::PIN;
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{
    ContributorsView, DraftView, ExportedFile, FilingView, PaperView, PaymentsView, Preferences, PrintShift, StepView,
    UiError, VerificationView,
};
use huijiao_signing::{P12Folder, Pin};
use huijiao_tests::{call, desk, import, order, sign};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

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
        let today: jiff::Timestamp = "2026-07-08T10:00:00+08:00".parse().unwrap();
        practice.center.clock().move_to(today);
        let clock_offset = today.duration_since(SystemClock.now());
        desk.enter(Connection { clock_offset, ..practice.connection() }).await.unwrap();
        Self { folder, practice, desk }
    }

    async fn draft(&self) -> DraftView {
        import(&self.desk, &self.practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap()
    }

    async fn paper(&self, form: Value) -> Result<PaperView, UiError> {
        call(&self.desk, "paper", json!({ "form": form })).await
    }

    /// What is read in a form.
    async fn read(&self, form: Value) -> String {
        let view = self.paper(form).await.unwrap();
        let file = self.folder.path().join("read.pdf");
        std::fs::write(&file, BASE64.decode(view.pdf).unwrap()).unwrap();
        text_of(&file)
    }
}

fn text_of(file: &Path) -> String {
    let output = Command::new("pdftotext").args(["-raw", "-enc", "UTF-8"]).arg(file).arg("-").output();
    let output = output.expect("pdftotext is installed by `cargo xtask setup`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printer_s_shift_is_in_what_is_shown_and_in_what_is_saved_alike() {
    let scene = Scene::open().await;
    let draft = scene.draft().await;
    let form = json!({ "paper": "draft", "draft": draft.draft });
    let usual = scene.paper(form.clone()).await.unwrap();
    let print_shift = PrintShift { right: 15, down: -20 };
    let wanted = Preferences { print_shift, ..Preferences::default() };
    let _: Preferences =
        call(&scene.desk, "preferences_set", json!({ "preferences": wanted, "password": null })).await.unwrap();
    let before = BASE64.decode(scene.paper(form.clone()).await.unwrap().pdf).unwrap();
    assert_ne!(before, BASE64.decode(usual.pdf).unwrap(), "the preview is shifted");
    let far: StepView = call(&scene.desk, "step", json!({})).await.unwrap();
    assert_eq!((far.done, far.total), (usual.pages, usual.pages), "how far it was could be asked for");
    let saved: ExportedFile = call(&scene.desk, "paper_save", json!({ "form": form })).await.unwrap();
    let saved = std::fs::read(Path::new(&saved.folder).join(&saved.file)).unwrap();
    // The minute that is printed can end in between.
    let after = BASE64.decode(scene.paper(form).await.unwrap().pdf).unwrap();
    assert!(saved == before || saved == after, "what is saved and printed are the bytes that are looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_is_printed_from_its_signed_file_and_receipt() {
    let scene = Scene::open().await;
    let draft = scene.draft().await;
    let before = scene.read(json!({ "paper": "draft", "draft": draft.draft })).await;
    assert!(before.contains("草\n稿\n") && before.contains("住房公积金缴存基数调整表"), "{before}");
    assert!(!before.contains("业务流水号"), "nobody has given it a number: {before}");
    let error = scene.paper(json!({ "paper": "month", "month": "2026-07" })).await.unwrap_err();
    assert_eq!(error.code, "desk-no-papers", "a draft is no paper of the month");

    let filing = sign(&scene.desk, &draft, "clerk", "123456").await.unwrap();
    let number = filing.line.filing_number.clone().unwrap();
    let form = json!({ "paper": "filing", "filing": filing.line.filing });
    let text = scene.read(form.clone()).await;
    for part in [
        format!("业务流水号 {number}"),
        "住房公积金业务回执单".into(),
        "经办人 王晓敏 已电子签名".into(),
        filing.sha256.clone(),
        filing.receipt.as_ref().unwrap().sha256.clone(),
        filing.totals.after_capitals.clone(),
    ] {
        assert!(text.contains(&part), "{part} is on the paper: {text}");
    }
    assert!(!text.contains("草\n稿\n"), "{text}");

    let saved: ExportedFile = call(&scene.desk, "paper_save", json!({ "form": form })).await.unwrap();
    assert_eq!(saved.file, format!("年度基数调整-2026-07-{number}.pdf"));
    assert_eq!(text_of(&Path::new(&saved.folder).join(&saved.file)), text, "what was looked at is what is saved");
    let again: ExportedFile = call(&scene.desk, "paper_save", json!({ "form": form })).await.unwrap();
    assert_ne!(again.file, saved.file, "nothing is written over");
    let copy = text_of(&Path::new(&again.folder).join(&again.file));
    assert!(!text.contains("补打") && copy.contains("补打（第 2 次打印）"), "the second one is a copy: {copy}");
    let view: FilingView = call(&scene.desk, "filing", json!({ "filing": filing.line.filing })).await.unwrap();
    let printed = view.history.iter().filter(|(_, said)| said.starts_with("单证已保存或打印")).count();
    assert_eq!(printed, 2, "looking at it is no printing");

    let month = scene.read(json!({ "paper": "month", "month": "2026-07" })).await;
    assert!(month.contains(&format!("业务流水号 {number}")) && month.contains("住房公积金业务回执单"), "{month}");
    assert!(month.contains("补打（第 3 次打印）"), "in a batch it counts on: {month}");
    let gone = scene.paper(json!({ "paper": "filing", "filing": "0197" })).await.unwrap_err();
    assert_eq!(gone.code, "desk-filing-gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_month_is_printed_before_and_after_it_is_verified() {
    let scene = Scene::open().await;
    let table: VerificationView = call(&scene.desk, "verification", json!({})).await.unwrap();
    let draft = scene.read(json!({ "paper": "verification", "through": null })).await;
    let due = table.tables[0].figures[4].amount.clone();
    let printed = |amount: &str| huijiao_documents::form::grouped(amount.parse().unwrap());
    assert!(draft.contains(&format!("本月应缴 228 {}", printed(&due))), "{draft}");
    assert!(draft.contains("草\n稿\n") && draft.contains("合计（228 人）"), "{draft}");

    let filing = order(&scene.desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap();
    let signed = scene.read(json!({ "paper": "filing", "filing": filing.line.filing })).await;
    assert!(signed.contains("住房公积金汇缴核定表") && signed.contains("合计（228 人）"), "{signed}");
    assert!(signed.contains(&format!("业务流水号 {}", filing.line.filing_number.unwrap())), "{signed}");

    let pay = json!({ "order": "pay", "pays": ["month:2026-07"], "method": "transfer" });
    let order = order(&scene.desk, pay).await.unwrap();
    let number = order.line.filing_number.unwrap();
    let payments: PaymentsView = call(&scene.desk, "payments", json!({})).await.unwrap();
    let card = payments.orders.iter().find(|order| order.number == number).unwrap().card.clone().unwrap();
    let notice = scene.read(json!({ "paper": "payment", "number": number })).await;
    for part in [format!("缴款码 {}", card.code), card.account_number, card.amount_capitals, printed(&card.amount)] {
        assert!(notice.contains(&part), "{part} is on the notice: {notice}");
    }
    let none = scene.paper(json!({ "paper": "payment", "number": "YW-0" })).await.unwrap_err();
    assert_eq!(none.code, "desk-not-awaited", "an order that nobody waits for has no notice");
}

/// 汇缴书 and 变更清册 of a verified month are of the center's books, under the number of the verification.
#[tokio::test(flavor = "multi_thread")]
async fn the_remittance_form_and_its_changes_carry_the_number_of_the_verification() {
    let scene = Scene::open().await;
    let form = |month: &str| json!({ "paper": "remittance", "month": month });
    for month in ["2026-07", "2026-06"] {
        let error = scene.paper(form(month)).await.unwrap_err();
        assert_eq!(error.code, "desk-not-verified", "{month}: open, or from before these books, has no number");
    }
    let draft = scene.draft().await;
    sign(&scene.desk, &draft, "clerk", "123456").await.unwrap();
    let table: VerificationView = call(&scene.desk, "verification", json!({})).await.unwrap();
    let (adjusted, due) = (&table.tables[0].figures[3], &table.tables[0].figures[4]);
    assert!(adjusted.people > 0, "else nobody is on the list of changes");
    let filing = order(&scene.desk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap();
    let number = filing.line.filing_number.unwrap();

    let paper = scene.read(form("2026-07")).await;
    let amount = huijiao_documents::form::grouped(due.amount.parse().unwrap());
    for part in [
        "住房公积金汇缴书".into(),
        format!("本月汇缴 {} {amount}", due.people),
        "上月汇缴 228".into(),
        "■ 汇缴".into(),
        "□ 转账".into(),
        "本单位承诺".into(),
        "王晓敏".into(),
        "住房公积金汇缴变更清册".into(),
        format!("合计（{} 人）", adjusted.people),
    ] {
        assert!(paper.contains(&part), "{part} is on the paper: {paper}");
    }
    let pages: Vec<&str> = paper.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert!(pages.len() > 1, "the form and the list");
    for page in pages {
        assert!(page.contains(&format!("业务流水号 {number}")), "each page is of this verification: {page}");
    }
    assert!(!paper.contains("草\n稿\n") && !paper.contains("未签名"), "it is no draft any more: {paper}");

    let pay = json!({ "order": "pay", "pays": ["month:2026-07"], "method": "transfer" });
    order(&scene.desk, pay).await.unwrap();
    let paid = scene.read(form("2026-07")).await;
    assert!(paid.contains("■ 转账") && paid.contains("使用暂存款 0.00"), "how it is paid, once it is: {paid}");

    let Scene { folder: _kept, practice, desk } = scene;
    practice.center.shutdown().await;
    let error = call::<PaperView>(&desk, "paper", json!({ "form": form("2026-07") })).await.unwrap_err();
    assert_eq!(error.code, "net-unreachable", "the lists are the center's and nobody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_told_on_paper() {
    let scene = Scene::open().await;
    let people: ContributorsView = call(&scene.desk, "contributors", json!({})).await.unwrap();
    let person = &people.lines[0];
    let form = |reason: &str| json!({ "paper": "leaver", "account": person.personal_account, "reason": reason, "sealed_on": "" });
    let text = scene.read(form("解除或终止劳动关系")).await;
    assert!(
        text.contains(&person.name) && text.contains(&person.id_masked),
        "masked: the paper is handed over: {text}"
    );
    assert!(text.contains("解除或终止劳动关系") && text.contains("封存日期 年 月 日"), "a day by hand: {text}");
    let error = scene.paper(form("离家出走")).await.unwrap_err();
    assert_eq!(error.code, "desk-bad-arguments", "a reason that the center does not know");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_is_proven_from_the_books_of_the_center_and_from_no_copy() {
    let scene = Scene::open().await;
    let unit = scene.read(json!({ "paper": "unit_proof" })).await;
    assert!(unit.contains("住房公积金已缴存至2026年06月") && unit.contains("缴存人数 228 人"), "{unit}");
    assert!(unit.contains("2026-06 228") && unit.contains("已入账"), "the months that were paid: {unit}");
    let people: ContributorsView = call(&scene.desk, "contributors", json!({})).await.unwrap();
    let person = &people.lines[0];
    let form = json!({ "paper": "personal_proof", "account": person.personal_account });
    let proof = scene.read(form.clone()).await;
    let (front, end) = (&person.id_masked[..4], &person.id_masked[person.id_masked.len() - 4..]);
    assert!(proof.contains(&person.name) && !proof.contains(&person.id_masked), "{proof}");
    let number = proof.split_whitespace().find(|word| word.starts_with(front) && word.ends_with(end));
    assert_eq!(number.map(str::len), Some(18), "whoever proves it is known by the whole number: {proof}");
    assert!(proof.contains("账户余额 ¥"), "{proof}");
    let nobody = json!({ "paper": "personal_proof", "account": "008000009999" });
    scene.paper(nobody).await.unwrap_err();

    let Scene { folder: _kept, practice, desk } = scene;
    practice.center.shutdown().await;
    for form in [json!({ "paper": "unit_proof" }), form] {
        let error = call::<PaperView>(&desk, "paper", json!({ "form": form })).await.unwrap_err();
        assert_eq!(error.code, "net-unreachable", "an old copy proves nothing");
    }
}

/// Some authorities write the operator's ID number into his certificate: it is compared by, and shown to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_number_in_a_certificate_is_masked_wherever_its_holder_is_named() {
    const ID: &str = "410801198512310031";
    const SHOWN: &str = "张三 4108**********0031";
    let scene = Scene::open().await;
    let pin = Pin::new(PIN);
    let unit = scene.practice.unit_account;
    let name = format!("张三 {ID}");
    let issued = scene.practice.center.issue_operator(unit, &name, UnitRole::Clerk, pin.clone()).await.unwrap();
    P12Folder::new(&scene.practice.certificates).install("zhang", &issued.p12, &pin).unwrap();
    let today = scene.practice.center.clock().now();
    let connection = Connection {
        login: Some(("zhang".into(), PIN.into())),
        clock_offset: today.duration_since(SystemClock.now()),
        ..scene.practice.connection()
    };
    let session = scene.desk.enter(connection).await.unwrap();
    assert_eq!(session.operator, SHOWN);
    let draft = scene.draft().await;
    let review: Value = call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap();
    let listed: Vec<_> =
        review["certificates"].as_array().unwrap().iter().filter(|one| one["holder"] == SHOWN).collect();
    assert_eq!(listed.len(), 1, "{review}");
    assert_eq!(listed[0]["usable"], true, "compared by the whole name it is his own: {review}");
    let tail = listed[0]["tail"].as_str().unwrap();
    assert!(issued.certificate.serial_hex().to_ascii_uppercase().ends_with(tail) && tail.len() == 6, "{tail}");

    let filing = sign(&scene.desk, &draft, "zhang", PIN).await.unwrap();
    assert_eq!(filing.signer, SHOWN);
    let id = filing.line.filing.clone();
    let paper = scene.read(json!({ "paper": "filing", "filing": id })).await;
    assert!(paper.contains(&format!("经办人 {SHOWN} 已电子签名")) && !paper.contains(ID), "{paper}");
    for (command, args) in [
        ("filing", json!({ "filing": id })),
        ("query_filing", json!({ "number": filing.line.filing_number })),
        ("query", json!({ "form": { "query": "filings" } })),
        ("certificates", json!({})),
        ("audit", json!({})),
        ("home", json!({})),
        ("readiness", json!({})),
        ("notices", json!({})),
        ("lock", json!({})),
        ("start", json!({})),
    ] {
        let said: Value = call(&scene.desk, command, args).await.unwrap();
        assert!(!said.to_string().contains(ID), "{command} shows it: {said}");
    }
}
