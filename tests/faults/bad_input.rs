//! Everything that can be wrong with what a clerk brings, and with the way to the center: each has words that say what
//! happened and what to do, and none costs her anything.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use huijiao_center::{Fault, Target, UnitRole};
use huijiao_demo::people::{UNIT_CREDIT_CODE, UNIT_NAME, practice_unit};
use huijiao_demo::practice::{APPROVER, CLERK, PIN};
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{
    DraftView, ExportedFile, FilingStage, FilingView, FindingView, FindingsView, HomeView, PageView, PreviewView,
    ReviewView, SessionView,
};
use huijiao_desk::{Desk, DeskConfig};
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{AccountStatus, Contributor};
use huijiao_gateway::{Endpoint, Gateway, Identity, Login, Proxy};
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{KeyProvider, P12Folder, Pin, Purpose, Role, sign_attached};
use huijiao_tests::oracles::{Books, assert_oracles, assert_reads_well, assert_words};
use huijiao_tests::{PASSPHRASE, call, closed, config, desk, import, settle, settled, sign};
use jiff::{SignedDuration, Timestamp};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;
use zip::write::SimpleFileOptions;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const JULY: &str = "2026-07";

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

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    async fn clean_draft(&self) -> DraftView {
        import(&self.desk, &self.practice.workbook_folder.join(workbooks::CLEAN), JULY).await.unwrap()
    }

    async fn sign(&self, draft: &DraftView) -> FilingView {
        sign(&self.desk, draft, "clerk", PIN).await.unwrap()
    }

    async fn home(&self) -> HomeView {
        call(&self.desk, "home", json!({})).await.unwrap()
    }

    /// Everything of hers that could get lost: the lists, and each draft cell by cell.
    async fn belongings(&self) -> Value {
        let home = self.home().await;
        let mut drafts = Vec::new();
        for line in &home.drafts {
            let args = json!({ "draft": line.draft });
            let view: Value = call(&self.desk, "draft", args.clone()).await.unwrap();
            let findings: Value = call(&self.desk, "draft_findings", args).await.unwrap();
            let mut pages = Vec::new();
            for page in 0..2 {
                let args = json!({ "draft": line.draft, "page": page });
                pages.push(call::<Value>(&self.desk, "draft_page", args).await.unwrap());
            }
            drafts.push(json!({ "view": view, "findings": findings, "pages": pages }));
        }
        json!({ "drafts": drafts, "lines": home.drafts, "filings": home.filings })
    }

    /// I1 to I7, where nothing waits for an answer.
    async fn holds_together(&self, when: &str) {
        let (folder, people) = (self.folder.path().join("practice/center"), people());
        let books = Books { center: &self.practice.center, folder: &folder, people: &people, pin: PIN };
        assert_oracles(books, &[&self.desk], &[], when).await;
    }

    /// How often the center has changed its roster: once is how it began.
    async fn booked(&self) -> u64 {
        roster_version(&self.practice).await
    }
}

/// Asked past the desk, so that the desk's own idea of it plays no part.
async fn roster_version(practice: &Practice) -> u64 {
    let keys = P12Folder::new(&practice.certificates);
    let tls = keys.tls_identity("approver", &Pin::new(PIN)).unwrap();
    let identity = Identity { chain: tls.chain, key: tls.key };
    let login = Login::new(practice.unit_account, move |challenge, bytes| {
        let mut session = keys.open("approver").unwrap();
        session.login(&Pin::new(PIN)).unwrap();
        Ok(sign_attached(&mut *session, bytes, &challenge.issued_at, Role::Clerk, Purpose::Login, None).unwrap())
    });
    let endpoint =
        Endpoint { proxy: Proxy::None, ..Endpoint::new(practice.center.base_url(), practice.center.anchors()) };
    let gateway = Gateway::connect(endpoint, Some(identity)).unwrap().logging_in(login);
    gateway.roster(practice.unit_account).await.unwrap().version
}

fn people() -> Vec<Contributor> {
    practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().roster.contributors
}

/// People whose account is open.
fn staff(count: usize) -> Vec<Contributor> {
    people().into_iter().filter(|p| p.status == AccountStatus::Normal).take(count).collect()
}

// What she brings.

const TITLES: [&str; 6] = ["个人账号", "姓名", "证件号码", "部门", "调整前缴存基数", "调整后缴存基数"];

fn book(write: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    write(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

fn titles(sheet: &mut Worksheet, row: u32) {
    for (column, title) in (0..).zip(TITLES) {
        sheet.write(row, column, title).unwrap();
    }
}

fn person(sheet: &mut Worksheet, row: u32, person: &Contributor) {
    let base: f64 = person.base.to_string().parse().unwrap();
    sheet.write(row, 0, person.personal_account.as_str()).unwrap();
    sheet.write(row, 1, person.name.as_str()).unwrap();
    sheet.write(row, 2, person.id_number.as_str()).unwrap();
    sheet.write(row, 3, "财务部").unwrap();
    sheet.write(row, 4, base).unwrap();
    sheet.write(row, 5, base + 100.0).unwrap();
}

/// Titles in row 1, people from row 2 on.
fn list(sheet: &mut Worksheet, staff: &[Contributor]) {
    titles(sheet, 0);
    for (row, one) in (1..).zip(staff) {
        person(sheet, row, one);
    }
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet with exactly this XML.
fn raw_sheet(sheet: &[u8]) -> Vec<u8> {
    let relations = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let workbook = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    archive(&[
        ("[Content_Types].xml", br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#),
        ("_rels/.rels", relations("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn cells(rows: &str) -> Vec<u8> {
    raw_sheet(format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#).as_bytes())
}

fn encrypted() -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, content) in [("EncryptionInfo", &[4_u8, 0, 4, 0][..]), ("EncryptedPackage", &[7; 4096])] {
        file.create_stream(name).unwrap().write_all(content).unwrap();
    }
    file.into_inner().into_inner()
}

fn wide(columns: u16) -> Vec<u8> {
    book(|sheet| {
        list(sheet, &staff(3));
        for column in 6..columns {
            sheet.write(0, column, format!("工资项目{column}")).unwrap();
            sheet.write(1, column, 1).unwrap();
        }
    })
}

/// Neither preview nor import takes the file; both say `code`.
async fn turned_away(scene: &Scene, file: &Path, code: &str) {
    let ticket = scene.desk.ticket_of_file(file).unwrap().ticket;
    let choice = json!({ "choice": { "ticket": ticket, "period": JULY } });
    let preview = call::<PreviewView>(&scene.desk, "import_preview", choice.clone()).await.map(|_| ()).unwrap_err();
    let accept = call::<DraftView>(&scene.desk, "import_accept", choice).await.map(|_| ()).unwrap_err();
    for error in [preview, accept] {
        assert_eq!(error.code, code, "{}: {:?}", file.display(), error.args);
        assert_words(&error);
    }
    scene.holds_together(code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_workbook_or_one_made_to_hurt() {
    let scene = Scene::open().await;
    scene.clean_draft().await;
    let before = scene.belongings().await;
    let far = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let whole = std::fs::read(scene.practice.workbook_folder.join(workbooks::CLEAN)).unwrap();
    let hostile = cells(far);
    assert!(hostile.len() < 2_000, "the point is its size");
    let bomb = raw_sheet(&vec![0; 300 * 1024 * 1024]);
    assert!(bomb.len() < 2_000_000, "small on disk: {}", bomb.len());
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("通知.xlsx", "请各单位于七月五日前\n完成基数调整。\n".into(), "sheet-not-a-workbook"),
        ("系统导出.xls", "<html><body>请重新登录</body></html>".into(), "sheet-not-a-workbook"),
        ("扫描件.xlsx", b"%PDF-1.7\n%\xE2\xE3\xCF\xD3".to_vec(), "sheet-not-a-workbook"),
        ("程序.xlsx", b"MZ\x90\0\x03\0\0\0\x04\0".to_vec(), "sheet-not-a-workbook"),
        ("压缩包.xlsx", archive(&[("七月.xlsx", b"PK")]), "sheet-not-a-workbook"),
        ("空文件.xlsx", Vec::new(), "sheet-empty-file"),
        ("加密.xlsx", encrypted(), "sheet-encrypted"),
        ("下载中断.xlsx", whole[..whole.len() / 2].to_vec(), "sheet-damaged"),
        ("炸弹.xlsx", bomb, "sheet-too-large"),
        ("一千字节.xlsx", hostile, "sheet-too-large"),
        ("三百列.xlsx", wide(300), "sheet-too-large"),
        ("指向外部.xlsx", archive(&[("../../evil.xml", b"x")]), "sheet-unsafe-archive"),
    ];
    for (name, bytes, code) in cases {
        turned_away(&scene, &scene.file(name, &bytes), code).await;
    }
    let huge = scene.folder.path().join("五十一兆.xlsx");
    std::fs::File::create(&huge).unwrap().set_len(51 * 1024 * 1024).unwrap();
    turned_away(&scene, &huge, "sheet-too-large").await;

    let gone = scene.file("移走.xlsx", b"x");
    let ticket = scene.desk.ticket_of_file(&gone).unwrap().ticket;
    std::fs::remove_file(&gone).unwrap();
    let args = json!({ "choice": { "ticket": ticket } });
    let error = call::<PreviewView>(&scene.desk, "import_preview", args).await.map(|_| ()).unwrap_err();
    assert_eq!(error.code, "desk-file-read", "chosen, then moved away");
    assert_words(&error);

    assert_eq!(scene.belongings().await, before, "the draft she was working on is as it was, and nothing was added");
    assert_eq!(scene.booked().await, 1, "nothing of it reached the center");
}

/// What is open in Excel or WPS under Windows is refused by the system; here a lock is advice, and the file is read.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn f35_a_folder_and_a_pipe_are_no_files_and_a_locked_file_is_read_whole() {
    let scene = Scene::open().await;
    let [folder, pipe] = ["文件夹.xlsx", "管道.xlsx"].map(|name| scene.folder.path().join(name));
    std::fs::create_dir(&folder).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [folder, pipe] {
        turned_away(&scene, &path, "desk-file-read").await;
    }
    let clean = std::fs::read(scene.practice.workbook_folder.join(workbooks::CLEAN)).unwrap();
    let open = scene.file("打开着.xlsx", &clean);
    let held = std::fs::File::open(&open).unwrap();
    held.lock().unwrap();
    let draft = import(&scene.desk, &open, JULY).await.unwrap();
    assert_eq!(draft.rows, scene.clean_draft().await.rows, "every row of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_columns_are_read() {
    let scene = Scene::open().await;
    let draft = import(&scene.desk, &scene.file("二百列.xlsx", &wide(200)), JULY).await.unwrap();
    assert_eq!((draft.rows, draft.blocking), (3, 0), "payroll exports are wide: {:?}", draft.summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_without_a_header_is_shown_and_the_clerk_points_at_it() {
    let scene = Scene::open().await;
    let staff = staff(4);
    let file = scene.file(
        "无表头.xlsx",
        &book(|sheet| {
            list(sheet, &staff);
            for (column, title) in (0..).zip(["甲", "乙", "丙", "丁", "戊", "己"]) {
                sheet.write(0, column, title).unwrap();
            }
        }),
    );
    let ticket = scene.desk.ticket_of_file(&file).unwrap().ticket;
    let preview: PreviewView =
        call(&scene.desk, "import_preview", json!({ "choice": { "ticket": ticket } })).await.unwrap();
    assert_eq!((preview.header_rows, preview.people), (None, 0), "nothing is guessed");
    assert_eq!(preview.sample.len(), 5, "the sheet is shown all the same");
    assert_eq!(preview.sample[1].cells[1], staff[0].name, "as it stands");
    let letters: Vec<&str> = preview.columns.iter().map(|c| c.letter.as_str()).collect();
    assert_eq!(letters, ["A", "B", "C", "D", "E", "F"], "columns to choose from");

    let accept =
        async |choice: Value| call::<DraftView>(&scene.desk, "import_accept", json!({ "choice": choice })).await;
    let error = accept(json!({ "ticket": ticket, "period": JULY })).await.unwrap_err();
    assert_eq!(error.code, "sheet-no-header", "no draft is made of a guess");
    assert_words(&error);
    let error = accept(json!({ "ticket": ticket, "period": JULY, "header_rows": [1, 1] })).await.unwrap_err();
    assert_eq!(error.code, "sheet-columns-missing", "titles that mean nothing");
    assert!(error.args["fields"].contains("证件号码"), "it says which: {:?}", error.args);
    assert_words(&error);
    assert!(scene.home().await.drafts.is_empty(), "nothing was made");

    let columns =
        json!([[0, "personal_account"], [1, "name"], [2, "id_number"], [3, null], [4, "old_base"], [5, "new_base"]]);
    let draft =
        accept(json!({ "ticket": ticket, "period": JULY, "header_rows": [1, 1], "columns": columns })).await.unwrap();
    assert_eq!((draft.rows, draft.blocking), (4, 0), "what she points at is taken: {:?}", draft.summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_of_two_rows_and_a_header_that_comes_again() {
    let scene = Scene::open().await;
    let staff = staff(6);
    let two_rows = book(|sheet| {
        titles(sheet, 1);
        for (column, title) in (0..).zip(TITLES) {
            if column < 4 {
                sheet.merge_range(0, column, 1, column, title, &Format::new()).unwrap();
            }
        }
        sheet.merge_range(0, 4, 0, 5, "缴存基数", &Format::new()).unwrap();
        sheet.write(1, 4, "调整前").unwrap();
        sheet.write(1, 5, "调整后").unwrap();
        (2..).zip(&staff).for_each(|(row, one)| person(sheet, row, one));
    });
    let again = book(|sheet| {
        titles(sheet, 0);
        (1..4).zip(&staff).for_each(|(row, one)| person(sheet, row, one));
        titles(sheet, 4);
        (5..).zip(&staff[3..]).for_each(|(row, one)| person(sheet, row, one));
    });
    for (name, bytes) in [("两行表头.xlsx", two_rows), ("每页表头.xlsx", again)] {
        let draft = import(&scene.desk, &scene.file(name, &bytes), JULY).await.unwrap();
        assert_eq!((draft.rows, draft.blocking), (6, 0), "{name}: a title is nobody: {:?}", draft.summary);
        let fields: Vec<&str> = draft.columns.iter().map(|c| c.field.as_str()).collect();
        assert!(fields.contains(&"old_base") && fields.contains(&"new_base"), "{name}: {fields:?}");
    }
}

/// Imports a sheet of four people with one thing wrong: the findings are there with their cells and no proposal, the
/// draft can't be signed, and the file is not touched. Left out, the rest can be filed.
async fn blocks(
    name: &str,
    spoil: impl FnOnce(&mut Worksheet, &[Contributor]),
    wanted: &[(&str, u32, &str)],
) -> Vec<FindingView> {
    let scene = Scene::open().await;
    let staff = staff(4);
    let bytes = book(|sheet| {
        list(sheet, &staff);
        spoil(sheet, &staff);
    });
    let file = scene.file(name, &bytes);
    let mut draft = import(&scene.desk, &file, JULY).await.unwrap();
    let mut named = Vec::new();
    for (code, row, column) in wanted {
        let args = json!({ "draft": draft.draft, "code": code });
        let found: FindingsView = call(&scene.desk, "draft_findings", args).await.unwrap();
        found.findings.iter().for_each(assert_reads_well);
        let at = |f: &&FindingView| f.row == Some(*row) && f.column.as_deref() == Some(*column);
        let finding = found.findings.iter().find(at);
        let finding = finding.unwrap_or_else(|| panic!("no {code} at {column}{row}: {:?}", draft.summary));
        assert_eq!((finding.level.as_str(), &finding.fix), ("error", &None), "{code}: refused, never repaired");
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "code": code });
        let fixed: DraftView = call(&scene.desk, "draft_fix", args).await.unwrap();
        assert!(!fixed.can_undo, "{code}: there is nothing to take over");
        draft = fixed;
        named.push(finding.clone());
    }
    let before = scene.belongings().await;
    let error = sign(&scene.desk, &draft, "clerk", PIN).await.unwrap_err();
    assert_eq!(error.code, "desk-obstacles", "nothing with an error is signed");
    assert_words(&error);
    assert_eq!(scene.belongings().await, before, "and the draft is as it was");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "the clerk's own file is never touched");
    assert_eq!(scene.booked().await, 1, "the center has heard nothing");

    let rest = settle(&scene.desk, draft).await.unwrap();
    assert!(rest.excluded >= 1, "who has an error was left out");
    assert_eq!(scene.sign(&rest).await.line.stage, FilingStage::Settled, "and the others can be filed");
    named
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_cells_give_nobody_the_value_of_another() {
    let wanted = [("AMOUNT-MISSING", 4, "F")];
    let spoil = |sheet: &mut Worksheet, _: &[Contributor]| {
        sheet.merge_range(2, 5, 3, 5, "", &Format::new()).unwrap();
        sheet.write(2, 5, 8000).unwrap();
    };
    blocks("合并单元格.xlsx", spoil, &wanted).await;

    let scene = Scene::open().await;
    let merged = book(|sheet| {
        list(sheet, &staff(4));
        sheet.merge_range(1, 3, 4, 3, "财务部", &Format::new()).unwrap();
    });
    let draft = import(&scene.desk, &scene.file("合并部门.xlsx", &merged), JULY).await.unwrap();
    let warned: Vec<(&str, &str)> = draft.summary.iter().map(|c| (c.code.as_str(), c.level.as_str())).collect();
    assert!(warned.contains(&("SHEET-MERGED", "warning")), "merged departments are usual, and said: {warned:?}");
    assert_eq!(draft.blocking, 0, "they stand in nobody's way");
}

#[tokio::test(flavor = "multi_thread")]
async fn formulas_that_failed_are_errors_and_no_zeros() {
    let spoil = |sheet: &mut Worksheet, _: &[Contributor]| {
        for (row, error) in [(1, "#N/A"), (2, "#REF!"), (3, "#DIV/0!")] {
            sheet.write_formula(row, 5, Formula::new("=1/0").set_result(error)).unwrap();
        }
    };
    let wanted = [2, 3, 4].map(|row| ("AMOUNT-FORMULA-ERROR", row, "F"));
    for (finding, error) in blocks("公式错误.xlsx", spoil, &wanted).await.iter().zip(["#N/A", "#REF!", "#DIV/0!"]) {
        assert!(finding.message.contains(error), "it says which: {}", finding.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_number_that_became_a_number_is_refused_with_its_cell() {
    let spoil = |sheet: &mut Worksheet, staff: &[Contributor]| {
        // The roster knows nobody of this name whose number begins so.
        let digits: String = staff[2].id_number.replace('X', "0");
        sheet.write_number(2, 2, digits.parse::<f64>().unwrap()).unwrap();
    };
    let found = blocks("证件成数字.xlsx", spoil, &[("ID-NUMERIC", 3, "C")]).await;
    let birth = &staff(3)[2].id_number[6..14];
    assert!(!found[0].message.contains(birth), "what is left of it is masked: {}", found[0].message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_no_amount() {
    let spoil = |sheet: &mut Worksheet, _: &[Contributor]| {
        let day = ExcelDateTime::from_ymd(2026, 7, 1).unwrap();
        sheet.write_datetime_with_format(1, 5, &day, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    };
    blocks("金额成日期.xlsx", spoil, &[("AMOUNT-DATE", 2, "F")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_lost_a_character_is_not_guessed() {
    let spoil = |sheet: &mut Worksheet, _: &[Contributor]| {
        sheet.write(1, 1, "刘\u{fffd}").unwrap();
    };
    blocks("乱码姓名.xlsx", spoil, &[("NAME-UNREADABLE", 2, "B")]).await;
}

// Her key.

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_pins_lock_the_key_and_lose_nothing() {
    let scene = Scene::open().await;
    let original = std::fs::read(scene.practice.certificates.join("clerk.p12")).unwrap();
    let draft = scene.clean_draft().await;
    let before = scene.belongings().await;
    let tries = async || {
        let review: ReviewView = call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap();
        let clerk = review.certificates.into_iter().find(|c| c.certificate == "clerk").unwrap();
        (clerk.tries_left, clerk.usable, clerk.reason)
    };
    let wrong = [
        ("000000", "sign-wrong-pin", Some("2")),
        ("111111", "sign-wrong-pin", Some("1")),
        ("222222", "sign-pin-locked", None),
    ];
    for ((pin, code, left), shown) in wrong.into_iter().zip([2, 1, 0]) {
        let error = sign(&scene.desk, &draft, "clerk", pin).await.unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.args.get("left").map(String::as_str)),
            (code, left),
            "tries are counted down"
        );
        assert_words(&error);
        assert!(error.args.values().all(|v| !v.contains(pin)), "a PIN is repeated nowhere");
        assert_eq!(tries().await.0, Some(shown), "and shown before she tries again");
    }
    let error = sign(&scene.desk, &draft, "clerk", PIN).await.unwrap_err();
    assert_eq!(error.code, "sign-pin-locked", "the right one comes too late");
    assert_words(&error);
    assert_eq!(tries().await, (Some(0), false, Some("sign-pin-locked".into())), "the list says so too");
    assert_eq!(scene.belongings().await, before, "the draft is there, nothing is in the outbox");
    assert_eq!(scene.booked().await, 1, "nothing was sent");

    P12Folder::new(&scene.practice.certificates).install("clerk", &original, &Pin::new(PIN)).unwrap();
    assert_eq!(scene.sign(&draft).await.line.stage, FilingStage::Settled, "installed anew, as the words say, it signs");
    scene.holds_together("a key that was locked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_must_not_sign() {
    let scene = Scene::open().await;
    let center = scene.folder.path().join("practice").join("center");
    let read = |name: &str| std::fs::read_to_string(center.join(name)).unwrap();
    let ca = DevelopmentCa::from_pem(&read("ca.pem"), &read("ca-key.pem")).unwrap();
    let span = |from: &str, to: &str| Validity { not_before: from.parse().unwrap(), not_after: to.parse().unwrap() };
    let now = span("2020-01-01T00:00:00Z", "2049-01-01T00:00:00Z");
    let foreign = DevelopmentCa::new("住房公积金参考中心根证书", now).unwrap();
    let clerk = Operator { name: CLERK, unit_name: UNIT_NAME, credit_code: UNIT_CREDIT_CODE };
    let pin = Pin::new(PIN);
    let past = span("2020-01-01T00:00:00Z", "2026-06-30T00:00:00Z");
    let future = span("2048-01-01T00:00:00Z", "2049-01-01T00:00:00Z");
    let other_unit = Operator { credit_code: "91999999MA0000000X", ..clerk.clone() };
    let issued = [
        ("expired", ca.issue_operator(&clerk, past, &pin), "sign-certificate-expired"),
        ("future", ca.issue_operator(&clerk, future, &pin), "sign-certificate-not-yet-valid"),
        ("encryption", ca.issue_encryption_only(&clerk, now, &pin), "sign-certificate-encryption-only"),
        ("foreign", foreign.issue_operator(&clerk, now, &pin), "verify-certificate-foreign"),
        ("other-unit", ca.issue_operator(&other_unit, now, &pin), "desk-certificate-other-unit"),
        (
            "colleague",
            ca.issue_operator(&Operator { name: APPROVER, ..clerk.clone() }, now, &pin),
            "desk-certificate-other-operator",
        ),
    ];
    let keys = P12Folder::new(&scene.practice.certificates);
    let mut wanted = vec![("damaged", "desk-certificate-unusable")];
    std::fs::write(scene.practice.certificates.join("damaged.p12"), b"no key").unwrap();
    for (id, issued, reason) in issued {
        keys.install(id, &issued.unwrap().p12, &pin).unwrap();
        wanted.push((id, reason));
    }

    let draft = scene.clean_draft().await;
    let before = scene.belongings().await;
    let review: ReviewView = call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap();
    for (id, reason) in wanted {
        let listed = review.certificates.iter().find(|c| c.certificate == id).unwrap();
        assert_eq!((listed.usable, listed.reason.as_deref()), (false, Some(reason)), "{id}: listed with the reason");
        let error = sign(&scene.desk, &draft, id, PIN).await.unwrap_err();
        assert_eq!(error.code, reason, "{id}: and refused when asked for by name");
        assert_words(&error);
    }
    let error = sign(&scene.desk, &draft, "nobody", PIN).await.unwrap_err();
    assert_eq!(error.code, "desk-certificate-unusable", "a certificate that is not there");
    assert_words(&error);
    assert_eq!(scene.belongings().await, before, "the draft is there, nothing is in the outbox");
    assert_eq!(scene.booked().await, 1, "nothing was sent");
    scene.holds_together("certificates that must not sign").await;
    assert_eq!(scene.sign(&draft).await.line.stage, FilingStage::Settled, "her own signs");
}

// The way to the center.

#[tokio::test(flavor = "multi_thread")]
async fn a_center_that_cannot_be_reached() {
    let Scene { folder, practice, desk: clerk } = Scene::open().await;
    let clean = practice.workbook_folder.join(workbooks::CLEAN);
    let draft = import(&clerk, &clean, JULY).await.unwrap();
    let gone = practice.connection();
    practice.center.shutdown().await;
    let error = call::<SessionView>(&clerk, "refresh", json!({})).await.map(|_| ()).unwrap_err();
    assert_eq!(error.code, "net-unreachable", "asked for by name");
    assert_words(&error);
    let filing = sign(&clerk, &draft, "clerk", PIN).await.unwrap();
    let trouble = filing.trouble.unwrap();
    assert_eq!((filing.line.stage, trouble.code.as_str()), (FilingStage::Signed, "net-unreachable"), "surely not sent");
    assert_words(&trouble);
    assert!(filing.receipt.is_none(), "and no receipt is shown");

    let first = TempDir::new().unwrap();
    let stranger = desk(first.path(), Path::new(WORKER));
    let error = stranger.enter(gone).await.map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "net-unreachable", "without a local copy there is nothing to work with");
    assert_words(&stranger.to_ui(&error, ""));

    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    clerk.enter(practice.connection()).await.unwrap();
    let args = json!({ "filing": filing.line.filing });
    let settled: FilingView = call(&clerk, "filing", args).await.unwrap();
    assert_eq!(settled.line.stage, FilingStage::Settled, "what was signed goes out once the center is back");
    assert!(
        settled.receipt.unwrap().valid && settled.trouble.is_none(),
        "with its receipt, and nothing to complain of"
    );
    assert_eq!(roster_version(&practice).await, 2, "booked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_the_center() {
    let scene = Scene::open().await;
    let draft = scene.clean_draft().await;
    let place = TempDir::new().unwrap();
    let impostor = Practice::open(&place.path().join("practice"), SystemClock.now()).await.unwrap();
    let right = scene.practice.connection();
    let elsewhere = Connection { base_url: impostor.center.base_url(), ..right.clone() };
    let mistrust = Connection { anchors: impostor.center.anchors(), ..right.clone() };
    for (number, connection) in [elsewhere.clone(), mistrust].into_iter().enumerate() {
        let stranger = desk(&place.path().join(number.to_string()), Path::new(WORKER));
        let error = stranger.enter(connection).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "net-certificate-untrusted", "there is no «continue anyway»");
        assert_words(&stranger.to_ui(&error, ""));
    }

    let session = scene.desk.enter(elsewhere).await.unwrap();
    assert_eq!(
        session.connection, "net-certificate-untrusted",
        "work goes on with the local copy, and the screen says so"
    );
    let filing = scene.sign(&draft).await;
    let trouble = filing.trouble.unwrap();
    assert_eq!(filing.line.stage, FilingStage::Signed, "surely not sent");
    assert_eq!(trouble.code, "net-certificate-untrusted", "not one byte of it");
    assert_words(&trouble);
    assert_eq!(roster_version(&impostor).await, 1, "the impostor has got nothing");

    scene.desk.enter(right).await.unwrap();
    assert_eq!(scene.home().await.filings[0].stage, FilingStage::Settled, "the center gets it");
    assert_eq!(scene.booked().await, 2, "once");
    scene.holds_together("a server that is not the center").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_do_not_come_as_they_should() {
    use FilingStage::{Signed, Unknown};
    // What happens to the submission, whether the center has booked it by then, what the clerk is told.
    let cases = [
        (Fault::Unavailable(5), 1, Unknown, "net-busy"),
        (Fault::RateLimited(7), 1, Signed, "net-busy"),
        (Fault::DropBefore, 1, Unknown, "net-cut"),
        (Fault::DropAfterCommit, 2, Unknown, "net-cut"),
        (Fault::CutAnswer, 2, Unknown, "net-answer-broken"),
        (Fault::InternalAfterCommit, 2, Unknown, "net-server"),
        (Fault::Html, 2, Unknown, "net-portal"),
    ];
    for (fault, booked, stage, code) in cases {
        let scene = Scene::open().await;
        let draft = scene.clean_draft().await;
        scene.practice.center.faults().next(Target::Put, fault);
        let filing = scene.sign(&draft).await;
        let trouble = filing.trouble.clone().unwrap();
        assert_eq!((filing.line.stage, trouble.code.as_str()), (stage, code), "{fault:?}");
        assert_words(&trouble);
        assert!(
            filing.receipt.is_none() && filing.line.filing_number.is_none(),
            "{fault:?}: nothing is taken for accepted"
        );
        assert_eq!(scene.booked().await, booked, "{fault:?}: what the center has done");
        let home = scene.home().await;
        assert_eq!(
            (home.drafts.len(), home.filings.len()),
            (0, 1),
            "{fault:?}: it is in the outbox, and no second draft"
        );

        let args = json!({ "filing": filing.line.filing });
        let asked: FilingView = call(&scene.desk, "ask", args).await.unwrap();
        assert_eq!(asked.line.stage, FilingStage::Settled, "{fault:?}: {:?}", asked.trouble);
        assert_eq!(asked.sha256, filing.sha256, "{fault:?}: the same bytes");
        assert!(asked.receipt.unwrap().valid, "{fault:?}: with its receipt");
        assert_eq!((scene.booked().await, scene.home().await.filings.len()), (2, 1), "{fault:?}: booked exactly once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_that_does_not_come_leaves_the_old_one() {
    let scene = Scene::open().await;
    scene.clean_draft().await;
    let before = scene.belongings().await;
    for (fault, code) in
        [(Fault::Unavailable(9), "net-busy"), (Fault::Html, "net-portal"), (Fault::CutAnswer, "net-answer-broken")]
    {
        scene.practice.center.faults().next(Target::Get, fault);
        let error = call::<SessionView>(&scene.desk, "refresh", json!({})).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code, code, "{fault:?}");
        assert_words(&error);
        let session = scene.home().await.session;
        assert_eq!(
            (session.connection.as_str(), session.roster.unwrap().people),
            (code, 240),
            "{fault:?}: half a roster is none"
        );
        assert_eq!(scene.belongings().await, before, "{fault:?}");
    }
    let session: SessionView = call(&scene.desk, "refresh", json!({})).await.unwrap();
    assert_eq!(session.connection, "reachable", "and it passes");
}

// The center's data moves on.

#[tokio::test(flavor = "multi_thread")]
async fn somebody_was_sealed_between_check_and_submission() {
    let scene = Scene::open().await;
    let draft = scene.clean_draft().await;
    // Somebody above is left out, so that places in the filing and in the sheet are not the same.
    let ops = json!([{ "op": "exclude", "index": 2, "excluded": true }]);
    let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
    let draft = settle(&scene.desk, call(&scene.desk, "draft_edit", args).await.unwrap()).await.unwrap();
    let page: PageView = call(&scene.desk, "draft_page", json!({ "draft": draft.draft })).await.unwrap();
    let (index, row, account) = (page.rows[5].index, page.rows[5].row, &page.rows[5].cells[0]);
    let unit = scene.practice.unit_account;
    assert!(scene.practice.center.set_account_status(unit, account, AccountStatus::Sealed).await.unwrap());

    let refused = scene.sign(&draft).await;
    let trouble = refused.trouble.clone().unwrap();
    assert_eq!((refused.line.stage, trouble.code.as_str()), (FilingStage::Refused, "problem-roster-changed"));
    assert_words(&trouble);
    let places: Vec<_> = trouble.findings.iter().map(|f| (f.index, f.row)).collect();
    assert_eq!(places, [(Some(index), Some(row))], "it names the row as it stands in her sheet");
    assert!(refused.receipt.is_none(), "nothing was accepted");
    assert_eq!(scene.booked().await, 2, "the counter's change, and nothing of the filing");

    let args = json!({ "filing": refused.line.filing });
    let again: DraftView = call(&scene.desk, "filing_reopen", args.clone()).await.unwrap();
    assert_eq!((again.rows, again.excluded), (draft.rows, 1), "everything she did is still there");
    let found: FindingsView = call(&scene.desk, "draft_findings", json!({ "draft": again.draft })).await.unwrap();
    let sealed =
        found.findings.iter().find(|f| f.code == "ROSTER-NOT-NORMAL").expect("checked against the fresh roster");
    assert_eq!((sealed.row, sealed.index), (Some(row), Some(index)), "and it says who moved");
    let error = sign(&scene.desk, &again, "clerk", PIN).await.unwrap_err();
    assert_eq!(error.code, "desk-obstacles", "not again with the same fault");
    let error = call::<DraftView>(&scene.desk, "filing_reopen", args).await.map(|_| ()).unwrap_err();
    assert_eq!(error.code, "desk-already-reopened", "one filing becomes one draft");
    assert_words(&error);

    let asked: FilingView = call(&scene.desk, "ask", json!({ "filing": refused.line.filing })).await.unwrap();
    assert_eq!(asked.line.stage, FilingStage::Refused, "the center has none of it, and it is not sent again");

    let mended = settle(&scene.desk, again).await.unwrap();
    assert_eq!((mended.excluded, mended.blocking), (2, 0), "{:?}", mended.summary);
    assert_eq!(scene.sign(&mended).await.line.stage, FilingStage::Settled);
    let stages: Vec<FilingStage> = scene.home().await.filings.iter().map(|f| f.stage).collect();
    assert!(
        stages.len() == 2 && stages.contains(&FilingStage::Refused),
        "the refused one stays in the list: {stages:?}"
    );
    assert_eq!(scene.booked().await, 3, "booked once");
    scene.holds_together("sealed between check and submission").await;
}

/// One workbook imported twice: the second draft is not filed beside the first without a word.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_two_drafts_is_named_before_either_is_signed() {
    let scene = Scene::open().await;
    let first = scene.clean_draft().await;
    let review = async |draft: &DraftView| -> ReviewView {
        call(&scene.desk, "review", json!({ "draft": draft.draft })).await.unwrap()
    };
    assert!(review(&first).await.elsewhere.is_empty(), "there is no other");
    let second = scene.clean_draft().await;
    let seen = review(&second).await;
    let [other] = &seen.elsewhere[..] else { panic!("the other draft, once: {:?}", seen.elsewhere) };
    assert_eq!((other.draft.as_str(), other.people), (first.draft.as_str(), 228), "all of them, and where");
    assert!(!other.first.is_empty() && other.file_name.ends_with(".xlsx"), "by name: {other:?}");
    call::<Value>(&scene.desk, "draft_delete", json!({ "draft": first.draft })).await.unwrap();
    assert!(review(&second).await.elsewhere.is_empty(), "one left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_filed_for_the_same_people_first() {
    let scene = Scene::open().await;
    let draft = scene.clean_draft().await;
    let other = TempDir::new().unwrap();
    let colleague = desk(other.path(), Path::new(WORKER));
    colleague.enter(scene.practice.connection()).await.unwrap();
    let clean = scene.practice.workbook_folder.join(workbooks::CLEAN);
    let theirs = import(&colleague, &clean, JULY).await.unwrap();
    // Hers is on its way when theirs arrives: had she heard of it before, she could not have signed.
    let faults = scene.practice.center.faults();
    faults.next(Target::Put, Fault::Hold);
    let hers = {
        let (desk, draft) = (scene.desk.clone(), draft.clone());
        tokio::spawn(async move { sign(&desk, &draft, "clerk", PIN).await.unwrap() })
    };
    while faults.waiting() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(sign(&colleague, &theirs, "clerk", PIN).await.unwrap().line.stage, FilingStage::Settled);
    faults.release();

    let refused = hers.await.unwrap();
    let trouble = refused.trouble.clone().unwrap();
    assert_eq!((refused.line.stage, trouble.code.as_str()), (FilingStage::Refused, "problem-roster-changed"));
    assert_words(&trouble);
    let rows: Vec<Option<u32>> = trouble.findings.iter().map(|f| f.row).collect();
    assert_eq!(rows, (2..230).map(Some).collect::<Vec<_>>(), "everybody moved: rows 2 to 229 of the sheet");
    assert_eq!(scene.booked().await, 2, "theirs alone was booked");

    let again: DraftView = call(&scene.desk, "filing_reopen", json!({ "filing": refused.line.filing })).await.unwrap();
    let moved = again.summary.iter().find(|c| c.code == "BASE-OLD-DIFFERS").expect("what moved is shown");
    assert_eq!((moved.level.as_str(), moved.count), ("warning", 228), "for her to look at and confirm");
    let confirmed = settle(&scene.desk, again).await.unwrap();
    let settled = scene.sign(&confirmed).await;
    assert_eq!(settled.line.stage, FilingStage::Settled, "and it can be filed");
    let receipt = settled.receipt.unwrap();
    assert!(receipt.valid, "it is the center's: {:?}", receipt.steps);
    let chain = receipt.steps.iter().find(|s| s.code == "previous").unwrap();
    assert!(
        chain.passed,
        "it follows the colleague's, which is not here but in the center's list: {:?}",
        receipt.steps
    );
    assert_eq!(scene.booked().await, 3, "once more, by her own decision");
    scene.holds_together("a colleague was first").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_known_stops_the_signature() {
    let scene = Scene::open().await;
    let draft = scene.clean_draft().await;
    let unit = scene.practice.unit_account;
    let account = staff(1)[0].personal_account.clone();
    assert!(scene.practice.center.set_account_status(unit, &account, AccountStatus::Sealed).await.unwrap());
    let _: SessionView = call(&scene.desk, "refresh", json!({})).await.unwrap();
    let error = sign(&scene.desk, &draft, "clerk", PIN).await.unwrap_err();
    assert_eq!(error.code, "desk-obstacles", "checked anew with the roster that has come");
    assert_words(&error);
    assert!(scene.home().await.filings.is_empty(), "nothing was signed");
}

// What must never be written down.

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn every_file(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if path.is_dir() { every_file(&path, found) } else { found.push(path) }
    }
}

fn unzipped(file: &Path) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut bytes = Vec::new();
    for index in 0..archive.len() {
        std::io::copy(&mut archive.by_index(index).unwrap(), &mut bytes).unwrap();
    }
    bytes
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    memchr::memmem::find(bytes, secret.as_bytes()).is_some()
}

/// A clock that breaks once when it is armed, and says what it was about.
struct Breaking {
    armed: AtomicBool,
    says: String,
}

impl Clock for Breaking {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn steady(&self) -> SignedDuration {
        SystemClock.steady()
    }

    fn new_id(&self) -> Uuid {
        assert!(!self.armed.swap(false, Ordering::Relaxed), "while reading {}", self.says);
        SystemClock.new_id()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_is_in_the_log_by_its_place_and_says_nothing_of_anybody_and_the_window_goes_on() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    huijiao_desk::note_panics_by_place();

    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let person = people().swap_remove(0);
    let says = format!("{} {}", person.name, person.id_number);
    let clock = Arc::new(Breaking { armed: AtomicBool::new(false), says });
    let desk = Arc::new(Desk::new(DeskConfig { clock: clock.clone(), ..config(folder.path(), Path::new(WORKER)) }));
    desk.set_passphrase(PASSPHRASE).unwrap();
    desk.enter(practice.connection()).await.unwrap();
    settled(&desk).await;
    let blank = json!({ "kind": "contributor_update", "period": JULY });
    clock.armed.store(true, Ordering::Relaxed);
    let broken = call::<DraftView>(&desk, "draft_new", blank.clone()).await.unwrap_err();
    assert_eq!(broken.code, "desk-internal", "{broken:?}");
    assert_words(&broken);
    let shown = serde_json::to_string(&broken).unwrap();
    call::<DraftView>(&desk, "draft_new", blank).await.unwrap();

    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(holds(&log, "bad_input.rs:") && holds(&log, "a defect of the program"), "where it was");
    for secret in [person.name.to_string(), person.id_number.to_string(), "while reading".to_owned()] {
        assert!(!holds(&log, &secret), "«{secret}» in the log");
        assert!(!shown.contains(&secret), "«{secret}» on the screen");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_log_nor_disk_holds_a_person_or_a_pin() {
    const SECRET_PIN: &str = "Pin-72-94-18";
    const WRONG_PIN: &str = "Pin-00-11-22";
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let scene = Scene::open().await;
    let practice = &scene.practice;
    let pin = Pin::new(SECRET_PIN);
    let issued =
        practice.center.issue_operator(practice.unit_account, CLERK, UnitRole::Clerk, pin.clone()).await.unwrap();
    P12Folder::new(&practice.certificates).install("planted", &issued.p12, &pin).unwrap();
    let login = Some(("planted".to_owned(), SECRET_PIN.to_owned()));
    scene.desk.enter(Connection { login, ..practice.connection() }).await.unwrap();

    turned_away(&scene, &scene.file("坏.xlsx", b"%PDF-1.7"), "sheet-not-a-workbook").await;
    let draft = import(&scene.desk, &practice.workbook_folder.join(workbooks::FAULTS), JULY).await.unwrap();
    let blocked = sign(&scene.desk, &draft, "planted", SECRET_PIN).await;
    assert_eq!(blocked.unwrap_err().code, "desk-obstacles");
    let draft = settle(&scene.desk, draft).await.unwrap();
    let wrong = sign(&scene.desk, &draft, "planted", WRONG_PIN).await;
    assert_eq!(wrong.unwrap_err().code, "sign-wrong-pin");
    let page: PageView = call(&scene.desk, "draft_page", json!({ "draft": draft.draft })).await.unwrap();
    let account = &page.rows[0].cells[0];
    practice.center.set_account_status(practice.unit_account, account, AccountStatus::Sealed).await.unwrap();
    let refused = sign(&scene.desk, &draft, "planted", SECRET_PIN).await.unwrap();
    assert_eq!(refused.line.stage, FilingStage::Refused, "{:?}", refused.trouble);
    let args = json!({ "filing": refused.line.filing });
    let again: DraftView = call(&scene.desk, "filing_reopen", args).await.unwrap();
    let again = settle(&scene.desk, again).await.unwrap();
    practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let filing = sign(&scene.desk, &again, "planted", SECRET_PIN).await.unwrap();
    let args = json!({ "filing": filing.line.filing });
    let asked: FilingView = call(&scene.desk, "ask", args).await.unwrap();
    assert_eq!(asked.line.stage, FilingStage::Settled, "a whole journey, with its detours");

    call::<ExportedFile>(&scene.desk, "backup_make", json!({})).await.unwrap();
    call::<ExportedFile>(&scene.desk, "audit_export", json!({})).await.unwrap();

    let mut secrets: Vec<String> = people().into_iter().flat_map(|p| [p.id_number.into(), p.name.into()]).collect();
    secrets.extend([SECRET_PIN, WRONG_PIN, PASSPHRASE].map(str::to_owned));
    let roster = std::fs::read(practice.workbook_folder.join(workbooks::ROSTER)).unwrap();
    assert!(holds(&roster, &secrets[0]) && holds(&roster, &secrets[1]), "a file that has them is recognised");

    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(holds(&log, "DEBUG") && holds(&log, "sign-wrong-pin"), "the log was listened to");
    let text = String::from_utf8_lossy(&log);
    for secret in &secrets {
        assert!(
            !holds(&log, secret),
            "«{secret}» in the log: {:?}",
            text.lines().find(|line| line.contains(secret.as_str()))
        );
    }
    let Scene { folder, practice: _practice, desk } = scene;
    closed(desk).await;
    let mut files = Vec::new();
    every_file(&folder.path().join("desk"), &mut files);
    // What leaves the data folder on purpose is as silent: a backup, and the log of operations.
    let exported = ["备份", "操作日志"].map(|of| folder.path().join("export").join(of));
    exported.iter().for_each(|folder| every_file(folder, &mut files));
    let log = files.iter().find(|file| file.extension().is_some_and(|ending| ending == "xlsx")).unwrap();
    let unpacked = folder.path().join("desk/log.xml");
    std::fs::write(&unpacked, unzipped(log)).unwrap();
    assert!(holds(&std::fs::read(&unpacked).unwrap(), "签名提交"), "the workbook's texts are looked at");
    files.push(unpacked.clone());
    let sizes: u64 = files.iter().map(|f| f.metadata().unwrap().len()).sum();
    assert!(sizes > 100_000, "the store is among them: {files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        // The log of operations names the operator, who is one of the contributors; nothing else does.
        let operator = |secret: &str| file == unpacked && CLERK.contains(secret);
        for secret in secrets.iter().filter(|secret| !operator(secret)) {
            assert!(!holds(&bytes, secret), "«{secret}» in clear in {}", file.display());
        }
    }
}
