//! What the clerk takes away: her own file with the findings in it, and blank templates.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::sync::Arc;

use huijiao_demo::practice::PIN;
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{DraftView, ErrorsExported, FilingStage, PreviewView, StepView, TemplateExported, UnitSplit};
use huijiao_tests::{call, closed, desk, import, settle, sign};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const JULY: &str = "2026-07";

async fn scene() -> (TempDir, Practice, Arc<Desk>) {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let desk = desk(folder.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    (folder, practice, desk)
}

async fn export(desk: &Arc<Desk>, draft: &DraftView) -> ErrorsExported {
    call(desk, "draft_export_errors", json!({ "draft": draft.draft })).await.unwrap()
}

/// Code and count of every kind of finding.
fn kinds(draft: &DraftView) -> Vec<(String, u32)> {
    draft.summary.iter().map(|c| (c.code.clone(), c.count)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_error_workbook_comes_back_with_the_same_findings() {
    let (folder, practice, desk) = scene().await;
    let file = practice.workbook_folder.join(workbooks::FAULTS);
    let before = std::fs::read(&file).unwrap();
    let draft = import(&desk, &file, JULY).await.unwrap();
    let first = export(&desk, &draft).await;
    assert!(first.layout_kept && first.marked >= 12, "her own xlsx with every planted fault: {first:?}");
    assert_eq!(first.file, "02-基数调整-含12处差错-错误表.xlsx", "named after her file");
    let written = Path::new(&first.folder).join(&first.file);
    assert!(written.starts_with(folder.path().join("export")), "in the export folder: {written:?}");
    assert_eq!(std::fs::read(&file).unwrap(), before, "her own file is untouched");

    let again = import(&desk, &written, JULY).await.unwrap();
    assert_eq!(kinds(&again), kinds(&draft), "read once more it says the same");
    assert_eq!((again.rows, again.totals.people), (draft.rows, draft.totals.people), "of the same people");

    let second = export(&desk, &draft).await;
    assert_eq!(second.file, "02-基数调整-含12处差错-错误表(2).xlsx", "nothing is written over");

    // The file is gone, the program was closed: the draft has its own copy.
    std::fs::remove_file(&file).unwrap();
    closed(desk).await;
    let desk = huijiao_tests::desk(folder.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    let third = export(&desk, &draft).await;
    assert!(third.layout_kept, "still her own file");
    let bytes = |name: &str| std::fs::read(Path::new(&first.folder).join(name)).unwrap();
    assert_eq!(bytes(&third.file), bytes(&first.file), "marked as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_in_the_program_is_marked_and_a_signed_draft_has_its_file_no_more() {
    let (_folder, practice, desk) = scene().await;
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::FAULTS), JULY).await.unwrap();
    let before = export(&desk, &draft).await;
    let draft = settle(&desk, draft).await.unwrap();
    let after = export(&desk, &draft).await;
    assert_ne!(before.file, after.file, "a file of its own");
    assert!(after.marked > 0, "her file still says what it said: the changes are in it");
    sign(&desk, &draft, "clerk", PIN).await.unwrap();
    let gone = call::<ErrorsExported>(&desk, "draft_export_errors", json!({ "draft": draft.draft })).await.unwrap_err();
    assert_eq!(gone.code, "desk-draft-gone", "with the draft its workbook is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_comes_back_as_a_new_workbook_and_no_text_becomes_a_formula() {
    let (folder, _practice, desk) = scene().await;
    let file = folder.path().join("\u{202e}工资 \"七月\".csv");
    std::fs::write(&file, "姓名,证件号码,调整后缴存基数\r\n=1+1,11010519491231002,6000\r\n").unwrap();
    let draft = import(&desk, &file, JULY).await.unwrap();
    let made = export(&desk, &draft).await;
    assert!(!made.layout_kept, "said: it is not her own file");
    assert_eq!(made.file, "工资 _七月_-错误表.xlsx", "a name that every system takes");
    let again = import(&desk, &Path::new(&made.folder).join(&made.file), JULY).await.unwrap();
    assert_eq!(kinds(&again), kinds(&draft), "the same findings: =1+1 is a name still");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_marked_workbook_is_given_up_and_leaves_nothing() {
    let (folder, practice, desk) = scene().await;
    let file = folder.path().join("补充名单.csv");
    std::fs::write(&file, "姓名,身份证号,调整后基数\n张三,110101199003070004,5000\n").unwrap();
    let draft = import(&desk, &file, JULY).await.unwrap();
    closed(desk).await;

    // Text has no cells to mark: the file is read again for a workbook of its own.
    let desk = huijiao_tests::desk(folder.path(), &huijiao_tests::silent_worker(folder.path()));
    desk.enter(practice.connection()).await.unwrap();
    let (asked, id) = (desk.clone(), draft.draft.clone());
    let export =
        tokio::spawn(
            async move { call::<ErrorsExported>(&asked, "draft_export_errors", json!({ "draft": id })).await },
        );
    while !folder.path().join("silent-worker.started").exists() {
        tokio::task::yield_now().await;
    }
    let far: StepView = call(&desk, "step", json!({})).await.expect("the desk answers meanwhile");
    assert_eq!((far.done, far.total), (0, 0), "nobody knows how far a file is that is being read");
    let () = call(&desk, "step_cancel", json!({})).await.unwrap();
    assert_eq!(export.await.unwrap().unwrap_err().code, "desk-given-up");
    assert!(!folder.path().join("export/错误表").exists(), "nothing was written, nor half of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_of_many_units_is_split_whole_or_not_at_all() {
    const UNITS: usize = 40;
    let (folder, _practice, desk) = scene().await;
    let file = folder.path().join("集团.csv");
    let mut sheet = String::from("单位账号,姓名,缴存基数\n");
    for unit in 0..UNITS {
        sheet.push_str(&format!("8{unit:05},张三,6000\n"));
    }
    std::fs::write(&file, sheet).unwrap();
    let args = json!({ "ticket": desk.ticket_of_file(&file).unwrap().ticket, "encoding": null });
    let split = || {
        let (desk, args) = (desk.clone(), args.clone());
        async move { call::<Value>(&desk, "unit_split", args).await }
    };
    huijiao_tests::given_up(&desk, &folder.path().join("export"), split).await;
    let whole: UnitSplit = call(&desk, "unit_split", args).await.unwrap();
    assert_eq!(whole.parts.len(), UNITS, "who does not give it up has a file for each");
    for part in &whole.parts {
        assert!(Path::new(&whole.folder).join(&part.ticket.file_name).is_file(), "{}", part.account);
    }
}

/// What hides in a name what kind of file it is, or breaks a line of words.
fn hidden(name: &str) -> bool {
    name.chars().any(|c| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_may_be_called_anything() {
    let (folder, practice, desk) = scene().await;
    let bytes = std::fs::read(practice.workbook_folder.join(workbooks::FAULTS)).unwrap();
    let outside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let names = [
        "\"引号'”《七月》`$(id)`.xlsx".to_owned(),
        format!("{}.xlsx", "a".repeat(200)),
        // As much as file systems take, and more than they take, from a browser.
        format!("{}.xlsx", "基".repeat(83)),
        format!("{}.xlsx", "基".repeat(200)),
        "工资\u{202e}xslx.exe\u{200f} 七月\n.xlsx".to_owned(),
        "<img src=x onerror=alert(1)>&amp;%2e%2e.xlsx".to_owned(),
        "../../../七月.xlsx".to_owned(),
        "CON.xlsx".to_owned(),
        "=cmd|'!A0.xlsx".to_owned(),
        "\u{202e}\u{200f}.xlsx".to_owned(),
        String::new(),
    ];
    let mut people = None;
    for name in names {
        let path = folder.path().join(&name);
        let named = !name.is_empty() && !name.contains('/') && std::fs::write(&path, &bytes).is_ok();
        let ticket =
            if named { desk.ticket_of_file(&path).unwrap() } else { desk.ticket_of_bytes(&name, bytes.clone()) };
        let choice = json!({ "choice": { "ticket": ticket.ticket, "period": JULY } });
        let preview: PreviewView = call(&desk, "import_preview", choice.clone()).await.unwrap();
        let people = *people.get_or_insert(preview.people);
        assert!(people > 100 && preview.people == people, "{name:?}: what is in it is read");
        let draft: DraftView = call(&desk, "import_accept", choice).await.unwrap();
        for shown in [&ticket.file_name, &preview.ticket.file_name, &draft.file_name] {
            assert!(!hidden(shown), "{shown:?} is shown as it is, in one line");
            assert!(shown.chars().count() <= 255, "{shown:?} has a length that can be shown");
        }
        let made = export(&desk, &draft).await;
        assert!(made.layout_kept, "{name:?}: her own workbook");
        let inside = Path::new(&made.folder);
        assert!(inside.starts_with(folder.path().join("export")), "{name:?}: no name leads out of the folder");
        assert_eq!(Path::new(&made.file).components().count(), 1, "{:?} is a name and no path", made.file);
        assert!(inside.join(&made.file).is_file(), "{name:?}: it is where it is said to be");
        assert!(
            made.file.len() <= 255 && made.file.contains("-错误表") && made.file.ends_with(".xlsx"),
            "{:?}",
            made.file
        );
        assert!(
            !hidden(&made.file) && !made.file.contains(['<', '>', ':', '"', '\\', '|', '?', '*']),
            "{:?}",
            made.file
        );
        if named {
            std::fs::remove_file(path).unwrap();
        }
    }
    let now: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let new: Vec<_> = now.iter().filter(|path| !outside.contains(path) && !path.ends_with("export")).collect();
    assert!(new.is_empty(), "nothing was written beside the export folder: {new:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_names_its_workbook_whatever_it_is_called() {
    let (folder, practice, desk) = scene().await;
    let bytes = std::fs::read(practice.workbook_folder.join(workbooks::CLEAN)).unwrap();
    let long = format!("\"{}\u{202e}{}\".xlsx", "基".repeat(150), "数".repeat(150));
    let ticket = desk.ticket_of_bytes(&long, bytes);
    let choice = json!({ "choice": { "ticket": ticket.ticket, "period": JULY } });
    let draft: DraftView = call(&desk, "import_accept", choice).await.unwrap();
    let draft = settle(&desk, draft).await.unwrap();
    let filing = sign(&desk, &draft, "clerk", PIN).await.unwrap();
    assert_eq!(filing.line.stage, FilingStage::Settled, "the center takes it: {filing:?}");
    drop(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_can_be_taken_as_often_as_one_likes() {
    let (_folder, _practice, desk) = scene().await;
    let mut names = Vec::new();
    for _ in 0..2 {
        let args = json!({ "kind": "base_adjustment" });
        let made: TemplateExported = call(&desk, "template_export", args).await.unwrap();
        assert!(Path::new(&made.folder).join(&made.file).exists(), "it is where it is said to be");
        names.push(made.file);
    }
    assert_eq!(
        names,
        ["年度基数调整-模板.xlsx", "年度基数调整-模板(2).xlsx"],
        "one that is filled in is not written over"
    );
    let args = json!({ "kind": "nothing" });
    let error = call::<TemplateExported>(&desk, "template_export", args).await.unwrap_err();
    assert_eq!(error.code, "desk-bad-arguments", "a kind that there is not");
}
