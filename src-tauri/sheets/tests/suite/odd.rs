//! A folder of other people's odd and malformed workbooks, each through the worker with the clerk's limits. They are
//! not in the repository (licences, size): `cargo xtask corpus FOLDER`.
//!
//! Every sheet is read, led on to rows of people, marked, and read again. Each file ends in rows or in a refusal that
//! has words, within ten seconds and a gigabyte; a file that does not is made small and stands below.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::Level;
use huijiao_sheets::write::{Mark, WriteError, annotate, rebuild};
use huijiao_sheets::{
    Limits, MergedRange, ReadChoice, SheetError, Workbook, find_header, fingerprint, map_columns, read, read_in_worker,
    rows,
};

use crate::kit::raw;
use crate::kit::summary::open;
use crate::kit::xlsb::{Value, xlsb};
use crate::worker::program;

const SLOWEST: Duration = Duration::from_secs(10);
const FATTEST: u64 = 1 << 30;
/// Sheets of one workbook that are read; the others are like them.
const SHEETS: usize = 12;

#[test]
#[ignore = "reads the folder that HUIJIAO_CORPUS names"]
fn every_workbook_of_a_folder_ends_in_rows_or_a_refusal() {
    let folder = PathBuf::from(std::env::var_os("HUIJIAO_CORPUS").expect("HUIJIAO_CORPUS names a folder"));
    let mut files = Vec::new();
    gather(&folder, &mut files);
    files.sort();
    let mut seen = HashSet::new();
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines: Vec<Line> = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        if !seen.insert(hasher.finish()) {
            continue;
        }
        let name = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        let line = whole(name, &bytes);
        eprintln!("{line}");
        *outcomes.entry(line.outcome.clone()).or_default() += 1;
        lines.push(line);
    }
    eprintln!("\n{} distinct files", lines.len());
    for (outcome, count) in &outcomes {
        eprintln!("{count:>7}  {outcome}");
    }
    let mut top = |title: &str, by: &dyn Fn(&Line) -> u64| {
        lines.sort_by_key(|line| std::cmp::Reverse(by(line)));
        eprintln!("\n{title}");
        lines.iter().take(10).for_each(|line| eprintln!("{line}"));
    };
    top("slowest", &|line| u64::try_from(line.time.as_micros()).unwrap());
    top("fattest", &|line| line.peak);
    let bad: Vec<String> = lines.iter().filter(|line| line.misbehaves()).map(Line::to_string).collect();
    assert!(!lines.is_empty(), "the folder holds files");
    assert!(bad.is_empty(), "{} files misbehave:\n{}", bad.len(), bad.join("\n"));
}

/// What became of a file: its worst sheet.
struct Line {
    name: String,
    outcome: String,
    /// The import of a sheet.
    time: Duration,
    /// What follows it: rows of people, the file marked and read again.
    after: Duration,
    /// Of the worker, and of this process in what follows.
    peak: u64,
    faults: Vec<String>,
}

impl Line {
    fn misbehaves(&self) -> bool {
        !self.faults.is_empty() || self.time.max(self.after) > SLOWEST || self.peak > FATTEST
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, outcome, time, after, peak, faults } = self;
        let (time, after) = (time.as_secs_f64(), after.as_secs_f64());
        write!(f, "{outcome:<22} {time:>7.3} s + {after:>6.3} s {:>5} MiB  {name}", peak >> 20)?;
        faults.iter().try_for_each(|fault| write!(f, "\n    {fault}"))
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn whole(name: String, bytes: &[u8]) -> Line {
    let mut line =
        Line { name, outcome: String::new(), time: Duration::ZERO, after: Duration::ZERO, peak: 0, faults: Vec::new() };
    let first = line.import(bytes, &ReadChoice::default());
    let Some(first) = first else { return line };
    line.lead_on(&first, bytes);
    for sheet in first.sheets.iter().filter(|sheet| sheet.name != first.sheet_name()).take(SHEETS) {
        let outcome = std::mem::take(&mut line.outcome);
        if let Some(book) = line.import(bytes, &ReadChoice { sheet: Some(sheet.name.clone()), encoding: None }) {
            line.lead_on(&book, bytes);
        }
        line.outcome = outcome;
    }
    line
}

impl Line {
    fn import(&mut self, bytes: &[u8], choice: &ReadChoice) -> Option<Workbook> {
        let start = Instant::now();
        let (result, peak) = watched(|| read_in_worker(&program(), bytes.to_vec(), choice, &Limits::default()));
        self.time = self.time.max(start.elapsed());
        self.peak = self.peak.max(peak);
        match result {
            Ok(book) => {
                self.outcome = format!("{:?}, {}", book.format, if book.rows.is_empty() { "empty" } else { "rows" });
                Some(book)
            }
            Err(error) => {
                self.outcome = error.code().to_owned();
                self.name.push_str(&format!(" ({error})"));
                if matches!(error.code(), "sheet-worker-died" | "sheet-worker-not-started" | "sheet-timeout") {
                    self.faults.push(format!("{choice:?}: {error}"));
                }
                let caught = SheetError::Damaged { part: "unexpected structure".into() };
                if error == caught {
                    self.faults.push(format!("{choice:?}: a panic, caught"));
                }
                if !SheetError::CODES.contains(&error.code()) {
                    self.faults.push(format!("{error}: no words"));
                }
                None
            }
        }
    }

    /// What the desk does with a workbook that was read: none of it may panic.
    fn lead_on(&mut self, book: &Workbook, bytes: &[u8]) {
        let sheet = book.sheet_name().to_owned();
        let rising = book.rows.windows(2).all(|pair| pair[0].row < pair[1].row);
        let whole = book.rows.iter().all(|row| row.row > 0 && !row.cells.is_empty() && row.cells.rise());
        if !rising || !whole {
            self.faults.push(format!("«{sheet}»: rows or cells out of order, twice, or empty"));
        }
        let start = Instant::now();
        // What the process had at most before is forgotten.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let ends = catch_unwind(AssertUnwindSafe(|| {
            if let Ok(header) = find_header(book) {
                let columns = map_columns(&header, FilingKind::BaseAdjustment);
                let mapping: Vec<(u16, Field)> =
                    columns.iter().filter_map(|c| c.field.map(|f| (c.column, f))).collect();
                let _ = (fingerprint(&header), rows(book, &header, &mapping));
            }
            marked(book, bytes)
        }));
        self.after = self.after.max(start.elapsed());
        self.peak = self.peak.max(peak_of("self"));
        match ends {
            Ok(Ok(())) => {}
            Ok(Err(why)) => self.faults.push(format!("«{sheet}»: {why}")),
            Err(_) => self.faults.push(format!("«{sheet}»: a panic after reading")),
        }
    }
}

/// The file back with a mark reads as before.
fn marked(book: &Workbook, bytes: &[u8]) -> Result<(), String> {
    let at = book.rows.first().map_or((1, 0), |row| (row.row, row.cells.get(0).map_or(0, |cell| cell.column)));
    let marks = [Mark { row: at.0, column: at.1, level: Level::Error, text: "=1+1".into() }];
    let limits = Limits::default();
    let again = |bytes: Vec<u8>, sheet: Option<String>| {
        read(bytes, &ReadChoice { sheet, encoding: None }, &limits).map_err(|e| format!("marked, then {e}"))
    };
    match annotate(bytes, book.sheet_name(), &marks, None, &[], &limits) {
        Ok(bytes) => {
            let after = again(bytes, Some(book.sheet_name().to_owned()))?;
            if after.rows == book.rows { Ok(()) } else { Err("marked in place, it reads differently".into()) }
        }
        Err(WriteError::NotEditable { .. }) => match rebuild(book, &marks, None, &[]) {
            Ok(bytes) => again(bytes, None).and_then(|after| {
                let texts = |book: &Workbook| -> usize { book.rows.iter().map(|row| row.cells.len()).sum() };
                if texts(&after) == texts(book) { Ok(()) } else { Err("written anew, it has other cells".into()) }
            }),
            Err(error) => Err(format!("written anew: {error}")),
        },
        Err(error) => Err(format!("marked: {error}")),
    }
}

/// Runs it and watches the worker's peak memory meanwhile: the kernel keeps the peak, so looking often is enough.
fn watched<T>(run: impl FnOnce() -> T) -> (T, u64) {
    let (done, peak) = (AtomicBool::new(false), AtomicU64::new(0));
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                peak.fetch_max(worker_peak(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(1));
            }
        });
        let result = run();
        done.store(true, Ordering::Relaxed);
        result
    });
    (result, peak.into_inner())
}

/// Peak resident bytes of this process's workers; 0 where the system does not say.
fn worker_peak() -> u64 {
    let text = |path: String| std::fs::read_to_string(path).unwrap_or_default();
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let children = threads.flatten().map(|thread| text(thread.path().join("children").display().to_string()));
    let children: Vec<String> = children.flat_map(|c| c.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect();
    let workers = children.iter().filter(|id| text(format!("/proc/{id}/cmdline")).contains("--import-worker"));
    workers.map(|id| peak_of(id)).max().unwrap_or(0)
}

/// The most bytes that a process had in memory at once.
fn peak_of(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

// What such files have shown.

#[test]
fn an_empty_picture_packed_into_nothing_spoils_no_workbook() {
    const PICTURE: &str = "docProps/thumbnail.wmf";
    let sheet = raw::sheet(&format!("<row r=\"1\">{}</row>", raw::cell("A1", "姓名")));
    let mut bytes = raw::xlsx_with(&sheet, &[]);
    bytes = raw::with_stored(&bytes, PICTURE, &[]);
    // Excel says deflate (8) all the same, in the entry and in the directory.
    for (start, method, length) in [(b"PK\x03\x04", 8, 30), (b"PK\x01\x02", 10, 46)] {
        let headers = memchr::memmem::find_iter(&bytes, PICTURE).map(|name| name - length);
        let header = headers.filter(|at| bytes[*at..].starts_with(start)).last().expect("the entry is there");
        bytes[header + method] = 8;
    }
    let book = open(bytes).unwrap();
    assert_eq!(book.rows[0].text(0), "姓名", "the sheet is read");
}

#[test]
fn code_modules_that_are_listed_as_sheets_are_left_out() {
    let sheet = raw::sheet(&format!("<row r=\"1\">{}</row>", raw::cell("A1", "姓名")));
    let list = |more: &str| raw::WORKBOOK.replace("</sheets>", &format!("{more}</sheets>"));
    let modules = r#"<sheet name="Module1" sheetId="9" state="veryHidden" r:id=""/><sheet name="宏" sheetId="10" r:id=""></sheet>"#;
    let bytes = raw::xlsx_parts(&list(modules), &sheet, &[("xl/vbaProject.bin", b"x")]);
    let book = open(bytes.clone()).unwrap();
    let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["Sheet1"], "a module is no sheet");
    assert_eq!((book.rows[0].text(0), book.macros), ("姓名", true), "what is one is read, and macros are said");
    assert_eq!(marked(&book, &bytes), Ok(()), "and marked");

    let lost = raw::xlsx_parts(&list(r#"<sheet name="二月" sheetId="2" r:id="rId7"/>"#), &sheet, &[]);
    assert_eq!(open(lost).unwrap_err().code(), "sheet-damaged", "a sheet whose part is gone is a loss, and said");
}

#[test]
fn a_binary_workbook_whose_sheet_has_no_part_is_damaged() {
    let bytes = xlsb(&[vec![Value::Text("姓名")]]);
    let relations = "xl/_rels/workbook.bin.rels";
    let lost = raw::replaced(&bytes, relations, |text| text.replace("rId1", "rId9"));
    assert!(open(bytes).is_ok(), "the workbook is one");
    let error = open(lost).unwrap_err();
    assert_eq!(error, SheetError::Damaged { part: "xl/workbook.bin".into() }, "said before the reader falls over it");
}

#[test]
fn merged_cells_that_end_before_they_begin_are_none() {
    let merged = ["B2:A1", "A1:B0", "A3:B4", "A0:B1"].map(|range| format!(r#"<mergeCell ref="{range}"/>"#)).concat();
    let rows = format!("<row r=\"4\">{}</row>", raw::cell("A4", "姓名"));
    let sheet = raw::sheet(&rows).replace("</worksheet>", &format!("<mergeCells>{merged}</mergeCells></worksheet>"));
    let bytes = raw::xlsx_with(&sheet, &[]);
    let book = open(bytes.clone()).unwrap();
    assert_eq!(book.merged.iter().map(MergedRange::name).collect::<Vec<_>>(), ["A3:B4"], "those that are");
    assert_eq!(marked(&book, &bytes), Ok(()), "and the workbook goes back");
    assert!(rebuild(&book, &[], None, &[]).is_ok(), "in either way");
}
