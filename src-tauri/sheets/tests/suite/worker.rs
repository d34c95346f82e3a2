//! The worker process: the same answers, and what happens when it dies, hangs or is no longer wanted.

use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use huijiao_domain::sheet::{CellKind, RawCell};
use huijiao_sheets::worker::answer;
use huijiao_sheets::{
    CancelFlag, Limits, Looks, Measure, MergedRange, ReadChoice, SheetError, SheetRow, Workbook, WorkerProgram,
    read_in_worker, read_in_worker_until,
};

use crate::hostile::a1_and_xfd1048576;
use crate::kit::book::{book, list};
use crate::kit::people::people;
use crate::kit::raw;
use crate::kit::summary::open;

pub(crate) fn program() -> WorkerProgram {
    WorkerProgram(PathBuf::from(env!("CARGO_BIN_EXE_huijiao-import-worker")))
}

fn within(bytes: Vec<u8>, limits: &Limits) -> Result<Workbook, SheetError> {
    read_in_worker(&program(), bytes, &ReadChoice::default(), limits)
}

fn honest(count: u32) -> Vec<u8> {
    book(|sheet| {
        list(sheet, 0, &people(count));
        sheet.set_row_hidden(3).unwrap();
    })
}

#[test]
fn gives_what_reading_here_gives() {
    // More rows than fit into one frame.
    let bytes = honest(4_500);
    let here = open(bytes.clone()).unwrap();
    let there = within(bytes, &Limits::default()).unwrap();
    assert_eq!(there.rows.len(), 4_501, "every frame arrived");
    assert_eq!(there, here, "to the last cell");
}

#[test]
fn refusals_cross_the_pipe() {
    let limits = Limits::default();
    let refused = within(a1_and_xfd1048576(), &limits);
    assert_eq!(refused, Err(SheetError::TooLarge { measure: Measure::Rows, limit: 200_000 }), "the hostile sheet");
    let encrypted = raw::compound(&[("EncryptedPackage", &[7; 4096])]);
    assert_eq!(within(encrypted, &limits), Err(SheetError::Encrypted), "with their reason");
    assert_eq!(within(Vec::new(), &limits), Err(SheetError::EmptyFile), "an empty file needs no process");
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_out_of_memory_dies_alone() {
    let bytes = honest(40_000);
    let limits = Limits { worker_memory: 6 * 1024 * 1024, ..Limits::default() };
    assert_eq!(within(bytes.clone(), &limits), Err(SheetError::WorkerDied), "the rows do not fit");
    let again = within(bytes, &Limits::default());
    assert_eq!(again.map(|book| book.rows.len()), Ok(40_001), "the parent lives, and the next import works");
}

/// A worker that wanted more would have died of it: what it may map bounds what it can hold.
#[cfg(target_os = "linux")]
#[test]
fn f30_bombs_are_refused_within_three_hundred_megabytes() {
    let limits = Limits { worker_memory: 300 * 1024 * 1024, ..Limits::default() };
    let large = |measure, limit| Err(SheetError::TooLarge { measure, limit });
    assert_eq!(within(crate::hostile::bomb(), &limits), large(Measure::EntryBytes, 256 * 1024 * 1024));
    assert_eq!(within(a1_and_xfd1048576(), &limits), large(Measure::Rows, 200_000));
    let names: Vec<String> = (0..20_000).map(|place| format!("xl/{place}.xml")).collect();
    let entries = raw::archive(names.iter().map(|name| (name.as_str(), &b""[..])));
    assert_eq!(within(entries, &limits), large(Measure::ZipEntries, 2_000));
}

/// A bomb in an archive in an archive is bytes like others: nothing is unpacked twice.
#[cfg(target_os = "linux")]
#[test]
fn f30_archives_within_an_archive_are_never_opened() {
    let limits = Limits { worker_memory: 300 * 1024 * 1024, ..Limits::default() };
    let mut nested = crate::hostile::bomb();
    let titles = [raw::cell("A1", "姓名"), raw::cell("B1", "证件号码")].concat();
    let sheet = raw::sheet(&format!(r#"<row r="1">{titles}</row>"#));
    let book = raw::xlsx_with(&sheet, &[("xl/embeddings/a.zip", &nested), ("xl/embeddings/b.xlsx", &nested)]);
    assert_eq!(
        within(book, &limits).map(|book| book.rows.len()),
        Ok(1),
        "the sheet is read, what lies beside it is not"
    );
    for _ in 0..5 {
        let names: Vec<String> = (0..16).map(|place| format!("lib-{place}.zip")).collect();
        let layer = raw::archive(names.iter().map(|name| (name.as_str(), nested.as_slice())));
        nested = layer;
    }
    let refused = Err(SheetError::NotAWorkbook { looks: Looks::Archive });
    assert_eq!(within(nested, &limits), refused, "five layers of sixteen each, and no workbook at the outside");
}

#[test]
fn a_worker_that_takes_too_long_is_stopped() {
    let limits = Limits { seconds: 0, ..Limits::default() };
    assert_eq!(within(honest(2_000), &limits), Err(SheetError::Timeout { seconds: 0 }), "by the parent's clock");
}

#[test]
fn a_cancelled_import_stops() {
    let cancel = CancelFlag::default();
    cancel.clone().cancel();
    let result = read_in_worker_until(&program(), honest(2_000), &ReadChoice::default(), &Limits::default(), &cancel);
    assert_eq!(result, Err(SheetError::Cancelled), "no rows after the clerk said no");
}

#[test]
fn a_program_that_is_no_worker() {
    let missing = WorkerProgram(PathBuf::from("/nonexistent/huijiao"));
    let result = read_in_worker(&missing, honest(1), &ReadChoice::default(), &Limits::default());
    assert!(matches!(result, Err(SheetError::WorkerNotStarted { .. })), "said as such: {result:?}");
    #[cfg(unix)]
    {
        let silent = WorkerProgram(PathBuf::from("/bin/true"));
        let result = read_in_worker(&silent, honest(1), &ReadChoice::default(), &Limits::default());
        assert_eq!(result, Err(SheetError::WorkerDied), "a program that ends without an answer");
    }
}

#[test]
fn the_program_without_the_argument_serves_nobody() {
    let status = std::process::Command::new(program().0).status().unwrap();
    assert_eq!(status.code(), Some(2), "the worker is not started by accident");
}

/// Looks at a worker that waits for its bytes.
#[cfg(target_os = "linux")]
#[test]
fn a_worker_cannot_open_files_and_has_its_caps() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let mut child =
        Command::new(program().0).arg("--import-worker").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let request = postcard::to_stdvec(&(ReadChoice::default(), Limits::default(), 100_u64)).unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&(request.len() as u32).to_le_bytes()).unwrap();
    input.write_all(&request).unwrap();
    input.flush().unwrap();
    let path = format!("/proc/{}/limits", child.id());
    // The descriptors are capped last, so the rest is in place by then.
    let limits = loop {
        let limits = std::fs::read_to_string(&path).unwrap();
        let capped =
            limits.lines().any(|l| l.starts_with("Max open files") && l.split_whitespace().nth(3) == Some("3"));
        if capped {
            break limits;
        }
        assert!(child.try_wait().unwrap().is_none(), "the worker waits for its bytes: {limits}");
        std::thread::yield_now();
    };
    let line = |start: &str| limits.lines().find(|l| l.starts_with(start)).unwrap().to_owned();
    assert!(!line("Max address space").contains("unlimited"), "memory is capped");
    assert!(line("Max core file size").contains(" 0 "), "no personal data in a core dump");
    assert!(line("Max cpu time").contains("65"), "a loop ends by itself, should the parent be gone");
    drop(input);
    child.wait().unwrap();
}

/// A worker that a file has taken over says what it likes.
#[test]
fn what_a_worker_says_is_not_believed() {
    let hear = |frames: &[Vec<u8>]| {
        let said = frames.iter().flat_map(|frame| [&(frame.len() as u32).to_le_bytes(), frame.as_slice()].concat());
        let deadline = Instant::now() + Duration::from_secs(30);
        answer(Cursor::new(said.collect::<Vec<u8>>()), &Limits::default(), deadline, &CancelFlag::default())
    };
    let head = |change: &dyn Fn(&mut Workbook)| {
        let mut book = open(b"\xe7\x94\xb2,\xe4\xb9\x99\n1,2\n".to_vec()).unwrap();
        book.rows.clear();
        change(&mut book);
        [vec![0], postcard::to_stdvec(&book).unwrap()].concat()
    };
    let cell = |column| RawCell { column, text: "1".into(), kind: CellKind::Text };
    let row = |row, columns: &[u16]| SheetRow { row, cells: columns.iter().copied().map(cell).collect() };
    let rows = |rows: Vec<SheetRow>| [vec![1], postcard::to_stdvec(&rows).unwrap()].concat();
    let end = || vec![2];
    let plain = || head(&|_| {});
    let heard = hear(&[plain(), rows(vec![row(1, &[0, 1])]), rows(vec![row(2, &[3])]), end()]).unwrap();
    assert_eq!(heard.rows.len(), 2, "an honest answer is taken");

    let merged = |first_row, last_row| {
        head(&|book| book.merged.push(MergedRange { first_row, first_column: 0, last_row, last_column: 1 }))
    };
    for (frames, why) in [
        (vec![end()], "an end without a beginning"),
        (vec![plain()], "no end"),
        (vec![plain(), plain(), end()], "two beginnings"),
        (vec![rows(vec![row(1, &[0])]), end()], "rows without a sheet"),
        (vec![plain(), rows(vec![row(0, &[0])]), end()], "there is no row 0"),
        (vec![plain(), rows(vec![row(1, &[])]), end()], "a row of nothing"),
        (vec![plain(), rows(vec![row(1, &[1, 1])]), end()], "one cell twice"),
        (vec![plain(), rows(vec![row(1, &[256])]), end()], "past the last column"),
        (vec![plain(), rows(vec![row(200_001, &[0])]), end()], "past the last row"),
        (vec![plain(), rows(vec![row(2, &[0])]), rows(vec![row(2, &[1])]), end()], "one row twice"),
        (vec![merged(0, 1), end()], "merged from row 0"),
        (vec![merged(3, 2), end()], "merged backwards"),
        (vec![head(&|book| book.rows.push(row(5, &[0]))), end()], "rows in the beginning"),
        (vec![vec![9; 40]], "no frame at all"),
    ] {
        assert_eq!(hear(&frames), Err(SheetError::WorkerDied), "{why}");
    }
    let long = [u32::MAX.to_le_bytes().to_vec(), vec![0; 100]].concat();
    let deadline = Instant::now() + Duration::from_secs(30);
    let result = answer(Cursor::new(long), &Limits::default(), deadline, &CancelFlag::default());
    assert_eq!(result, Err(SheetError::WorkerDied), "no room is made for what is only promised");
}
