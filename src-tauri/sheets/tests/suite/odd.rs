//! Workbooks that other projects test their readers with: malformed, odd, hostile. They are not kept here. The
//! run takes every file below the folders of `HUIJIAO_ODD_WORKBOOKS` (separated as in `PATH`), and those that
//! lie in the sources of crates on this machine:
//!
//! ```text
//! HUIJIAO_ODD_WORKBOOKS=/some/folder cargo nextest run -p huijiao-sheets --run-ignored only --no-capture odd
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use huijiao_sheets::{Limits, ReadChoice, SheetError, find_header, read_in_worker};

use crate::worker::program;

const ENDINGS: [&str; 14] =
    ["xls", "xlsx", "xlsm", "xlsb", "xltx", "xla", "xlam", "ods", "csv", "tsv", "txt", "html", "xml", "et"];

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, files);
        } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| ENDINGS.contains(&&*e.to_lowercase())) {
            files.push(path);
        }
    }
}

#[test]
#[ignore = "needs workbooks of other projects"]
fn odd_workbooks_end_in_rows_or_a_refusal() {
    let mut files = Vec::new();
    for folder in std::env::split_paths(&std::env::var_os("HUIJIAO_ODD_WORKBOOKS").unwrap_or_default()) {
        collect(&folder, &mut files);
    }
    let home = std::env::var_os("CARGO_HOME").map_or_else(|| std::env::home_dir().unwrap().join(".cargo"), Into::into);
    for registry in std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten() {
        for source in std::fs::read_dir(registry.path()).into_iter().flatten().flatten() {
            if ["calamine-", "umya-spreadsheet-", "spreadsheet-ods-", "edit-xlsx-"]
                .iter()
                .any(|name| source.file_name().to_string_lossy().starts_with(name))
            {
                collect(&source.path(), &mut files);
            }
        }
    }
    files.sort();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut bad = Vec::new();
    // Ten seconds are those of an optimised build.
    let seconds = if cfg!(debug_assertions) { 60 } else { 10 };
    let limits = Limits { seconds, worker_memory: 1024 * 1024 * 1024, ..Limits::default() };
    for file in &files {
        let begun = Instant::now();
        let result = read_in_worker(&program(), std::fs::read(file).unwrap(), &ReadChoice::default(), &limits);
        let took = begun.elapsed();
        let outcome = match &result {
            Ok(book) => {
                // The way on must not fall over an odd book either.
                let header = find_header(book).is_ok();
                format!("{:?}{}", book.format, if header { " with header" } else { "" })
            }
            Err(error) => error.code().to_owned(),
        };
        eprintln!("{outcome:32} {:>6} ms  {}{}", took.as_millis(), file.display(), reason(&result));
        *counts.entry(outcome).or_default() += 1;
        let ended = matches!(
            result,
            Err(SheetError::WorkerDied | SheetError::Timeout { .. } | SheetError::WorkerNotStarted { .. })
        );
        let fell = matches!(&result, Err(SheetError::Damaged { part }) if part == "unexpected structure");
        if ended || fell || took > Duration::from_secs(seconds) {
            bad.push(file.display().to_string());
        }
    }
    eprintln!("{} files: {counts:#?}", files.len());
    assert!(bad.is_empty(), "each ends in time, within its memory and without a panic: {bad:#?}");
}

fn reason(result: &Result<huijiao_sheets::Workbook, SheetError>) -> String {
    result.as_ref().err().map(|error| format!(" ({error})")).unwrap_or_default()
}
