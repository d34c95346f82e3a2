//! The worker process: the same answers, and what happens when it dies, hangs or is no longer wanted.

use std::path::PathBuf;

use huijiao_sheets::{
    CancelFlag, Limits, Measure, ReadChoice, SheetError, Workbook, WorkerProgram, read_in_worker, read_in_worker_until,
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
    let bytes = honest(3_000);
    let limits = Limits { worker_memory: 1024 * 1024, ..Limits::default() };
    assert_eq!(within(bytes.clone(), &limits), Err(SheetError::WorkerDied), "one megabyte is not enough");
    let again = within(bytes, &Limits::default());
    assert_eq!(again.map(|book| book.rows.len()), Ok(3_001), "the parent lives, and the next import works");
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
