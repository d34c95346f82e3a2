//! What opening, checking, showing and signing a large workbook costs, measured side by side with the least that any
//! reader of the same file has to do: inflating it.
//!
//! `cargo run --release -p huijiao-tests --bin huijiao-bench`. The steps take turns in every round, so that a busy
//! moment of the machine hits all of them; the figure is the median.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot start has failed; its output is the point"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use huijiao_demo::{people::UnitRoster, workbooks};
use huijiao_desk::draft::{Draft, DraftHead, DraftRow, PAGE, Place};
use huijiao_desk::views::GridFilter;
use huijiao_domain::filing::Circumstances;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::base_adjustment::check_sheet;
use huijiao_domain::profile::CenterProfile;
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_sheets::{Limits, ReadChoice, Taken, Workbook, WorkerProgram};
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{Purpose, Role, sign_attached, verify};
use jiff::Timestamp;
use uuid::Uuid;

const SIGNED_AT: &str = "2026-07-06T10:00:00+08:00";

fn main() {
    if huijiao_sheets::worker::serve_if_asked() {
        return;
    }
    let profile = CenterProfile::shipped("demo").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (people, rounds) in [(10_000, 9), (100_000, 5)] {
        let narrow = folder.path().join("narrow.xlsx");
        let unit = workbooks::large(&narrow, people, &profile).unwrap();
        let wide = folder.path().join("wide.xlsx");
        std::fs::write(&wide, workbooks::erp_export(&unit, &profile).unwrap()).unwrap();
        for (file, columns) in [(&narrow, 8), (&wide, 14)] {
            let bench = Bench { bytes: std::fs::read(file).unwrap(), unit: &unit, profile: &profile };
            bench.measure(people, columns, rounds);
            openpyxl(file);
        }
    }
}

struct Bench<'a> {
    bytes: Vec<u8>,
    unit: &'a UnitRoster,
    profile: &'a CenterProfile,
}

impl Bench<'_> {
    fn measure(&self, people: usize, columns: usize, rounds: usize) {
        let program = WorkerProgram(std::env::current_exe().unwrap());
        let in_worker =
            || huijiao_sheets::read_in_worker(&program, self.bytes.clone(), &ReadChoice::default(), &Limits::default());
        let draft = RefCell::new(self.draft());
        let content = self.content(&draft.borrow());
        let ca = DevelopmentCa::new("measured", Validity::years(SIGNED_AT.parse().unwrap(), 1)).unwrap();
        let steps: [(&str, &dyn Fn() -> usize); 6] = [
            ("inflate every part", &|| self.inflate()),
            ("read", &|| self.read().rows.len()),
            ("open to findings", &|| self.findings(&self.read())),
            ("open to findings, read in the worker", &|| self.findings(&in_worker().unwrap())),
            ("every page of the grid", &|| pages(&mut draft.borrow_mut())),
            ("sign and verify a filing of them all", &|| sign_and_verify(&content, &ca)),
        ];
        let mut times: Vec<Vec<Duration>> = vec![Vec::new(); steps.len()];
        for round in 0..=rounds {
            for (times, (_, step)) in times.iter_mut().zip(&steps) {
                let start = Instant::now();
                black_box(step());
                // The first round only warms caches up.
                if round > 0 {
                    times.push(start.elapsed());
                }
            }
        }
        println!("\n{people} people × {columns} columns, {} KiB, {rounds} rounds", self.bytes.len() / 1024);
        let medians: Vec<f64> = times.into_iter().map(median).collect();
        for ((name, _), median) in steps.iter().zip(&medians) {
            println!("{name:<40} {people:>7} rows {median:>9.1} ms {:>7.1} × inflate", median / medians[0]);
        }
    }

    fn inflate(&self) -> usize {
        let mut zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).unwrap();
        let parts = zip.len();
        let copy = |index| std::io::copy(&mut zip.by_index(index).unwrap(), &mut std::io::sink()).unwrap();
        usize::try_from((0..parts).map(copy).sum::<u64>()).unwrap()
    }

    fn read(&self) -> Workbook {
        huijiao_sheets::read(self.bytes.clone(), &ReadChoice::default(), &Limits::default()).unwrap()
    }

    fn findings(&self, book: &Workbook) -> usize {
        check_sheet(&take(book).sheet, self.circumstances()).findings.len()
    }

    fn circumstances(&self) -> Circumstances<'_> {
        let (period, today) = ("2026-07".parse().unwrap(), "2026-07-06".parse().unwrap());
        let UnitRoster { unit, roster } = self.unit;
        Circumstances { profile: self.profile, unit: Some(unit), roster: Some(roster), elsewhere: None, period, today }
    }

    /// What the desk holds of the sheet.
    fn draft(&self) -> Draft {
        let sheet = take(&self.read()).sheet;
        let head = DraftHead {
            kind: FilingKind::BaseAdjustment,
            period: "2026-07".parse().unwrap(),
            center: self.profile.code.clone(),
            unit_account: self.unit.unit.account.clone(),
            file_name: String::new(),
            sha256: String::new(),
            sheet: sheet.name.to_string(),
            encoding: None,
            columns: sheet.columns,
            totals: sheet.totals,
            file_findings: Vec::new(),
            confirmations: BTreeMap::new(),
            upload: None,
            elsewhere: Default::default(),
            by_hand: false,
            roster_version: Some(self.unit.roster.version),
            people: 0,
            blocking: 0,
        };
        let row = |raw| DraftRow { raw, excluded: false, edited: Default::default() };
        let place = Place::first(Uuid::nil(), SIGNED_AT.into());
        Draft::new(place, head, sheet.rows.into_iter().map(row).collect(), self.circumstances())
    }

    fn content(&self, draft: &Draft) -> FilingContent {
        let UnitRoster { unit, roster } = self.unit;
        let (account, credit_code, name) = (unit.account.clone(), unit.credit_code.clone(), unit.name.clone());
        let (file_name, sha256, sheet) = (String::new(), String::new(), draft.head.sheet.clone());
        FilingContent {
            id: Uuid::now_v7(),
            center: self.profile.code.clone(),
            unit: UnitRef { account, credit_code, name },
            period: draft.head.period,
            created_at: SIGNED_AT.into(),
            roster_version: roster.version,
            source: Source { file_name, sha256, sheet, rows: draft.totals().people },
            totals: draft.totals(),
            header: FilingHeader::default(),
            rows: draft.filed().clone(),
        }
    }
}

fn take(book: &Workbook) -> Taken {
    let header = huijiao_sheets::find_header(book).unwrap();
    let columns = huijiao_sheets::map_columns(&header, FilingKind::BaseAdjustment);
    let mapping: Vec<_> = columns.iter().filter_map(|c| c.field.map(|f| (c.column, f))).collect();
    huijiao_sheets::rows(book, &header, &mapping)
}

/// Everything that a clerk who scrolls to the end is shown.
fn pages(draft: &mut Draft) -> usize {
    let pages = u32::try_from(draft.rows.len().div_ceil(PAGE)).unwrap();
    (0..pages).map(|page| draft.grid_page(&GridFilter::default(), page).rows.len()).sum()
}

fn sign_and_verify(content: &FilingContent, ca: &DevelopmentCa) -> usize {
    let at: Timestamp = SIGNED_AT.parse().unwrap();
    let operator =
        Operator { name: "王晓敏", unit_name: &content.unit.name, credit_code: &content.unit.credit_code };
    let mut key = ca.issue_operator_key(&operator, Validity::years(at, 1)).unwrap();
    let bytes = content.to_bytes().unwrap();
    let file = sign_attached(&mut key, &bytes, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap();
    let verified = verify(&file, &ca.anchors(), at, Purpose::Filing, &[]).unwrap();
    assert_eq!(&FilingContent::from_bytes(&verified.content).unwrap(), content, "what was verified is what was signed");
    file.len()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// The reader that most scripts in offices use, on the same file, where it is installed.
fn openpyxl(file: &Path) {
    const SCRIPT: &str = "import openpyxl, sys, time\nstart = time.perf_counter()\n\
        book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)\n\
        sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))\nprint((time.perf_counter() - start) * 1000)";
    match Command::new("python3").args(["-c", SCRIPT]).arg(file).output() {
        Ok(run) if run.status.success() => {
            println!("openpyxl, read-only, one run: {} ms", String::from_utf8_lossy(&run.stdout).trim());
        }
        Ok(_) | Err(_) => println!("openpyxl is not installed here: not compared"),
    }
}
