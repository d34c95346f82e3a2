//! What opening, checking, comparing, marking, showing, signing and printing a large workbook costs, measured side by
//! side with the least that any reader of the same file has to do, inflating it and finding the marks of its XML, and with
//! other readers where they are installed.
//!
//! `cargo run --release -p huijiao-tests --bin huijiao-bench`. The steps take turns in every round, so that a busy
//! moment of the machine hits all of them; the figures are the least of all rounds, of the clock on the wall and of the processor's
//! time, which others who use the machine disturb less: the ratios are of that. What a worker, or a comparison in a
//! process of its own, has in memory at most is looked up from outside while it runs.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot start has failed; its output is the point"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hint::black_box;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use calamine::{Reader as _, Xlsx};
use huijiao_demo::{people::UnitRoster, workbooks};
use huijiao_desk::draft::{Draft, DraftHead, DraftRow, PAGE, Place};
use huijiao_desk::views::GridFilter;
use huijiao_documents::Fonts;
use huijiao_documents::forms::{Filed, Standing};
use huijiao_domain::compare;
use huijiao_domain::filing::Circumstances;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::Rows;
use huijiao_domain::filing::base_adjustment::check_sheet;
use huijiao_domain::filing::remittance_verification::VerificationRow;
use huijiao_domain::finding::Level;
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::{Figure, MonthFigures};
use huijiao_domain::roster::{AccountStatus, Roster, Unit};
use huijiao_domain::sheet::Field;
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_sheets::write::{Mark, Notes, annotate};
use huijiao_sheets::{Header, Limits, MappedColumn, ReadChoice, Taken, Workbook, WorkerProgram};
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{Purpose, Role, sign_attached, verify};
use jiff::Timestamp;
use quick_xml::events::Event;
use uuid::Uuid;

/// Makes this program compare two files and nothing else.
const COMPARE: &str = "--compare";
const SIGNED_AT: &str = "2026-07-06T10:00:00+08:00";
/// Rounds in which the others take part: they take many times as long. What is said of them beside ours is of these rounds.
const ROUNDS_OF_OTHERS: usize = 2;
/// The steps that the others are held against.
const INFLATE: &str = "inflate every part";
const CHECK: &str = "check: open to findings";
const DIFF: &str = "diff: with the roster in a workbook";
const CSV: &str = "check of a csv in UTF-8";
const GB18030: &str = "check of a csv in GB18030";
const MARKED: &str = "the workbook back, each 100th row marked";

fn main() {
    if huijiao_desk::serve_if_asked() {
        return;
    }
    if let Some(people) = std::env::args().skip_while(|arg| arg != "--print").nth(1) {
        return print_list(people.parse().unwrap());
    }
    let profile = CenterProfile::shipped("demo").unwrap();
    if let [_, flag, roster, sheet] = &std::env::args().collect::<Vec<_>>()[..]
        && flag == COMPARE
    {
        proposals(Path::new(roster), Path::new(sheet), None, &profile);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let others = OTHERS.map(Other::here);
    println!(
        "What others cannot do is not compared: openpyxl reads no csv, and ExcelJS none but in UTF-8; pandas, polars and\n\
         SheetJS write no workbook back as it was, with marks in it."
    );
    for (people, rounds) in [(1_000, 9), (10_000, 9), (100_000, 5)] {
        let narrow = folder.path().join("narrow.xlsx");
        let unit = workbooks::large(&narrow, people, &profile).unwrap();
        let wide = folder.path().join("wide.xlsx");
        std::fs::write(&wide, workbooks::erp_export(&unit, &profile).unwrap()).unwrap();
        let roster = folder.path().join("roster.xlsx");
        std::fs::write(&roster, roster_export(&unit)).unwrap();
        for (file, columns) in [(&narrow, 8), (&wide, 14)] {
            let bytes = std::fs::read(file).unwrap();
            let bench = Bench { bytes, file, roster: &roster, unit: &unit, profile: &profile };
            bench.measure(people, columns, rounds, &others);
        }
        let again = folder.path().join("again.xlsx");
        if by_openpyxl(&wide, &again) {
            let bytes = std::fs::read(&again).unwrap();
            let bench = Bench { bytes, file: &again, roster: &roster, unit: &unit, profile: &profile };
            bench.measure_reading("openpyxl writes them", people, rounds, &others);
        } else {
            println!("\nopenpyxl cannot write here: {people} people by another writer than ours are NOT MEASURED");
        }
        let print = ["--print", &people.to_string()].map(str::to_owned);
        assert!(Command::new(std::env::current_exe().unwrap()).args(print).status().unwrap().success());
    }
    // So many that those who are not sealed nearly fill the 65 536 rows that an xls can have.
    let people = 68_900;
    let unit = workbooks::large(&folder.path().join("narrow.xlsx"), people, &profile).unwrap();
    let (wide, xls) = (folder.path().join("many.xlsx"), folder.path().join("many.xls"));
    std::fs::write(&wide, workbooks::erp_export(&unit, &profile).unwrap()).unwrap();
    if by_libreoffice(&wide, folder.path()) {
        let bytes = std::fs::read(&xls).unwrap();
        let bench = Bench { bytes, file: &xls, roster: &wide, unit: &unit, profile: &profile };
        bench.measure_reading("an xls of LibreOffice", people, 5, &others);
    } else {
        println!("\nLibreOffice cannot write here: an xls is NOT MEASURED");
    }
}

/// 汇缴清册 of so many people as PDF, in a process of its own: its memory is nobody else's.
fn print_list(people: usize) {
    // As many different characters as that many names have.
    let han = |place: usize| char::from_u32(0x4e00 + u32::try_from(place % 5_000).unwrap()).unwrap();
    let row = |person: usize| VerificationRow {
        month: "2026-07".parse().unwrap(),
        personal_account: format!("0080{person:08}"),
        name: ['王', han(person * 37), han(person * 91)].into_iter().collect(),
        id_number: format!("41080119900101{:04}", person % 10_000),
        base: Yuan::from_fen(500_000 + i64::try_from(person).unwrap()),
        amounts: Contribution { unit_amount: Yuan::from_fen(40_000), personal_amount: Yuan::from_fen(40_000) },
    };
    let rows = Rows::RemittanceVerification((0..people).map(row).collect());
    let none = Figure::default();
    let month = "2026-07".parse().unwrap();
    let figures = [MonthFigures { month, previous: none, increase: none, decrease: none, adjusted: none, due: none }];
    let id_types = BTreeMap::new();
    let filed = Filed {
        center: "演示中心",
        unit_name: "演示单位",
        unit_account: "800100",
        credit_code: "",
        period: month,
        rows: &rows,
        figures: &figures,
        attachments: Vec::new(),
        id_types: &id_types,
        standing: Standing::Draft,
        printed_at: "",
    };
    let start = Instant::now();
    let pdf = huijiao_documents::print(&filed.forms(), &mut Fonts::of_this_computer().unwrap()).unwrap();
    let peak = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("?").trim().to_owned();
    let (took, size) = (start.elapsed().as_secs_f64() * 1000.0, pdf.bytes.len() / 1024);
    println!("a list as PDF {people:>27} rows {took:>9.1} ms, {} pages, {size} KiB, {peak} of memory", pdf.pages);
}

struct Bench<'a> {
    bytes: Vec<u8>,
    file: &'a Path,
    /// The roster as a center exports it.
    roster: &'a Path,
    unit: &'a UnitRoster,
    profile: &'a CenterProfile,
}

impl Bench<'_> {
    fn measure(&self, people: usize, columns: usize, rounds: usize, others: &[Other]) {
        let program = WorkerProgram(std::env::current_exe().unwrap());
        let in_worker =
            || huijiao_sheets::read_in_worker(&program, self.bytes.clone(), &ReadChoice::default(), &Limits::default());
        let draft = RefCell::new(self.draft());
        let content = self.content(&draft.borrow());
        let comma = self.comma_separated();
        let gb18030 = encoding_rs::GB18030.encode(&comma).0.into_owned();
        let ca = DevelopmentCa::new("measured", Validity::years(SIGNED_AT.parse().unwrap(), 1)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let [utf8_file, gb18030_file] = ["utf-8.csv", "gb18030.csv"].map(|name| folder.path().join(name));
        std::fs::write(&utf8_file, &comma).unwrap();
        std::fs::write(&gb18030_file, &gb18030).unwrap();
        let place = self.place_of_id().to_string();
        let mut steps: Vec<Step<'_>> = vec![
            ours(INFLATE, || self.inflate()),
            ours("inflate, and scan the XML", || self.scan()),
            ours("read", || read(&self.bytes).rows.len()),
            ours(CHECK, || self.findings(read(&self.bytes))),
            ours("check, read in the worker", || self.findings(in_worker().unwrap())),
            ours(DIFF, || proposals(self.roster, self.file, Some(&self.unit.unit), self.profile)),
            ours(CSV, || self.findings(read(comma.as_bytes()))),
            ours(GB18030, || self.findings(read(&gb18030))),
            ours(MARKED, || self.marked()),
            ours("calamine, streaming", || self.calamine()),
            ours("every page of the grid", || pages(&mut draft.borrow_mut())),
            ours("sign and verify a filing of them all", || sign_and_verify(&content, &ca)),
        ];
        let own = steps.len();
        steps.extend(self.by(others));
        let [file, roster, utf8, in_gb18030] = [self.file, self.roster, &utf8_file, &gb18030_file].map(Path::as_os_str);
        let place = OsStr::new(&place);
        for other in others.iter().filter(|other| other.there) {
            steps.push(other.does("compare", DIFF, vec![roster, file, place]));
            if other.reads_csv {
                steps.push(other.does("csv", CSV, vec![utf8, OsStr::new("utf-8")]));
            }
            if other.reads_gb18030 {
                steps.push(other.does("csv", GB18030, vec![in_gb18030, OsStr::new("gb18030")]));
            }
            if other.marks {
                steps.push(other.does("mark", MARKED, vec![file]));
            }
        }
        println!("\n{people} people × {columns} columns, {} KiB, {rounds} rounds", self.bytes.len() / 1024);
        tell(&steps, own, people, rounds);
        let peak = peak_of_children(|| drop(in_worker().unwrap()));
        println!("{:<40} {people:>7} rows {peak:>9} KiB at most", "memory of the worker");
        let compare = || Command::new(&program.0).arg(COMPARE).args([self.roster, self.file]).status().unwrap();
        let peak = peak_of_children(|| assert!(compare().success(), "the two are compared"));
        println!("{:<40} {people:>7} rows {peak:>9} KiB at most", "memory of the diff");
    }

    /// Opening and checking, of a file that another program has written.
    fn measure_reading(&self, writer: &str, people: usize, rounds: usize, others: &[Other]) {
        let mut steps: Vec<Step<'_>> =
            vec![ours("read", || read(&self.bytes).rows.len()), ours(CHECK, || self.findings(read(&self.bytes)))];
        // An xls is not packed: there is nothing to be inflated.
        if !self.is_xls() {
            steps.push(ours(INFLATE, || self.inflate()));
            steps.push(ours("inflate, and scan the XML", || self.scan()));
        }
        let own = steps.len();
        steps.extend(self.by(others));
        let (rows, size) = (read(&self.bytes).rows.len(), self.bytes.len() / 1024);
        println!("\n{people} people as {writer}, {rows} rows, {size} KiB, {rounds} rounds");
        tell(&steps, own, people, rounds);
    }

    /// The same file by those others that are here and can open it.
    fn by<'s>(&'s self, others: &'s [Other]) -> impl Iterator<Item = Step<'s>> {
        let can = move |other: &&Other| other.there && (other.opens_xls || !self.is_xls());
        others.iter().filter(can).map(move |other| other.does("read", CHECK, vec![self.file.as_os_str()]))
    }

    /// In which column the sheet has the ID numbers.
    fn place_of_id(&self) -> u16 {
        let header = huijiao_sheets::find_header(&read(&self.bytes)).unwrap();
        let columns = huijiao_sheets::map_columns(&header, FilingKind::BaseAdjustment);
        columns.iter().find(|column| column.field == Some(Field::IdNumber)).unwrap().column
    }

    fn is_xls(&self) -> bool {
        self.file.extension().is_some_and(|end| end == "xls")
    }

    /// Every cell by the streaming reader that the import falls back to, and nothing done with it.
    fn calamine(&self) -> usize {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&self.bytes)).unwrap();
        let name = book.sheet_names()[0].clone();
        let mut cells = book.worksheet_cells_reader(&name).unwrap();
        let mut count = 0;
        while cells.next_cell().unwrap().is_some() {
            count += 1;
        }
        count
    }

    fn inflate(&self) -> usize {
        let mut zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).unwrap();
        let parts = zip.len();
        let copy = |index| std::io::copy(&mut zip.by_index(index).unwrap(), &mut std::io::sink()).unwrap();
        usize::try_from((0..parts).map(copy).sum::<u64>()).unwrap()
    }

    /// Every part inflated, and of what is XML every tag and text found: nothing is kept of it and nothing looked up.
    fn scan(&self) -> usize {
        let mut zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).unwrap();
        let mut events = 0;
        let mut buffer = Vec::new();
        for index in 0..zip.len() {
            let mut part = zip.by_index(index).unwrap();
            let name = part.name().unwrap().into_owned();
            if ![".xml", ".rels", ".vml"].iter().any(|end| name.ends_with(end)) {
                std::io::copy(&mut part, &mut std::io::sink()).unwrap();
                continue;
            }
            let mut xml = quick_xml::Reader::from_reader(BufReader::with_capacity(32 * 1024, part));
            xml.config_mut().check_end_names = false;
            while xml.read_event_into(&mut buffer).unwrap() != Event::Eof {
                events += 1;
                buffer.clear();
            }
        }
        events
    }

    /// The same rows as text.
    fn comma_separated(&self) -> String {
        let mut text = String::new();
        for row in read(&self.bytes).rows {
            for column in 0..=row.cells.last().map_or(0, |cell| cell.column) {
                text.push_str(row.text(column));
                text.push(',');
            }
            text.push('\n');
        }
        text
    }

    /// The file with a finding at each hundredth row.
    fn marked(&self) -> usize {
        let rows = u32::try_from(self.unit.roster.contributors.len()).unwrap();
        let mark = |row| Mark { row, column: 3, level: Level::Error, text: "证件号码校验位不符".into() };
        let marks: Vec<Mark> = (100..rows).step_by(100).map(mark).collect();
        let sheet = read(&self.bytes).sheet_name().to_owned();
        let notes = Some(Notes { titles: 1, column: None });
        annotate(&self.bytes, &sheet, &marks, notes, &[], &Limits::default()).unwrap().len()
    }

    fn findings(&self, book: Workbook) -> usize {
        check_sheet(&take(book).sheet, self.circumstances()).findings.len()
    }

    fn circumstances(&self) -> Circumstances<'_> {
        let UnitRoster { unit, roster } = self.unit;
        circumstances(self.profile, Some(unit), Some(roster))
    }

    /// What the desk holds of the sheet.
    fn draft(&self) -> Draft {
        let sheet = take(read(&self.bytes)).sheet;
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
            notes: None,
            totals: sheet.totals,
            file_findings: Vec::new(),
            confirmations: BTreeMap::new(),
            upload: None,
            signed: None,
            attachments: Vec::new(),
            returned: Vec::new(),
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

fn circumstances<'a>(
    profile: &'a CenterProfile,
    unit: Option<&'a Unit>,
    roster: Option<&'a Roster>,
) -> Circumstances<'a> {
    let (period, today) = ("2026-07".parse().unwrap(), "2026-07-06".parse().unwrap());
    Circumstances { books: None, profile, unit, roster, elsewhere: None, period, today }
}

/// What has to be filed: a workbook compared with the roster, both opened; of each only what is needed is kept.
fn proposals(roster: &Path, sheet: &Path, unit: Option<&Unit>, profile: &CenterProfile) -> usize {
    let open = |file| read_owned(std::fs::read(file).unwrap());
    let ratios = unit.map(|unit| (unit.unit_ratio, unit.personal_ratio));
    let roster = huijiao_sheets::roster(&mut open(roster), profile, ratios).unwrap();
    let book = open(sheet);
    let header = huijiao_sheets::find_header(&book).unwrap();
    let columns = huijiao_sheets::map_fields(&header, &compare::FIELDS);
    let taken = taken(book, &header, &columns);
    compare::compare(&taken.sheet, &roster, circumstances(profile, unit, None)).proposals.len()
}

fn read(bytes: &[u8]) -> Workbook {
    read_owned(bytes.to_vec())
}

fn read_owned(bytes: Vec<u8>) -> Workbook {
    huijiao_sheets::read(bytes, &ReadChoice::default(), &Limits::default()).unwrap()
}

fn take(book: Workbook) -> Taken {
    let header = huijiao_sheets::find_header(&book).unwrap();
    let columns = huijiao_sheets::map_columns(&header, FilingKind::BaseAdjustment);
    taken(book, &header, &columns)
}

fn taken(mut book: Workbook, header: &Header, columns: &[MappedColumn]) -> Taken {
    let mapping: Vec<_> = columns.iter().filter_map(|c| c.field.map(|f| (c.column, f))).collect();
    huijiao_sheets::take_rows(&mut book, header, &mapping)
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

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Takes the steps in turns and prints what each took, how many times that is of inflating, and of ours for the same. The
/// first `own` of them take part in every round, the others in some.
fn tell(steps: &[Step<'_>], own: usize, people: usize, rounds: usize) {
    let took = turns(steps, own, rounds);
    let place = |name: &str| steps.iter().position(|step| step.name == name);
    for (index, (step, least)) in steps.iter().zip(&took).enumerate() {
        let (wall, cpu) = (milliseconds(least.ever.wall), milliseconds(least.ever.cpu));
        let mut line = format!("{:<40} {people:>7} rows {wall:>9.1} ms {cpu:>9.1} ms CPU", step.name);
        // Whoever has more rounds has the lesser least: of both only the rounds count that both had.
        let of = |least: &Least| if index < own { least.ever.cpu } else { least.together.cpu };
        let of_ours = match step.against {
            DIFF => "diff",
            CSV | GB18030 => "csv",
            MARKED => "marked",
            _ => "check",
        };
        // What is no reading of this workbook has nothing to do with inflating it.
        let against = [(INFLATE, "inflate"), (step.against, of_ours)];
        for (other, called) in against.into_iter().skip(usize::from(step.against != CHECK)) {
            let Some(other) = place(other) else { continue };
            let times = of(least).as_secs_f64() / of(&took[other]).as_secs_f64();
            line.push_str(&format!(" {times:>7.1} × {called}"));
        }
        println!("{line}");
    }
    if own < steps.len() {
        println!(
            "(the others take part in {ROUNDS_OF_OTHERS} rounds; what they are held against is of the same rounds)"
        );
    }
}

fn turns(steps: &[Step<'_>], own: usize, rounds: usize) -> Vec<Least> {
    let never = Took { wall: Duration::MAX, cpu: Duration::MAX };
    let mut least = vec![Least { ever: never, together: never }; steps.len()];
    for round in 0..=rounds {
        let together = (1..=ROUNDS_OF_OTHERS).contains(&round);
        let part = if together { steps.len() } else { own };
        for (least, step) in least.iter_mut().zip(steps).take(part) {
            let took = (step.run)();
            // The first round only warms caches up.
            if round > 0 {
                least.ever = least.ever.or(took);
            }
            if together {
                least.together = least.together.or(took);
            }
        }
    }
    least
}

/// The rows of a workbook written again by openpyxl.
fn by_openpyxl(from: &Path, to: &Path) -> bool {
    let script = "import sys, openpyxl\nbook = openpyxl.Workbook(write_only=True)\nsheet = book.create_sheet()\n\
        rows = openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0].iter_rows(values_only=True)\n\
        for row in rows: sheet.append(row)\nbook.save(sys.argv[2])";
    evaluate("python3", script).args([from, to]).status().is_ok_and(|status| status.success())
}

/// A workbook as LibreOffice saves it for Excel 97.
fn by_libreoffice(from: &Path, folder: &Path) -> bool {
    let own = format!("-env:UserInstallation=file://{}", folder.join("office").display());
    let mut office = Command::new("soffice");
    office.args([&own, "--headless", "--convert-to", "xls", "--outdir"]).args([folder, from]);
    office.output().is_ok_and(|run| run.status.success())
}

/// How long something took.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    /// Of every thread, and of the processes that were started and have ended.
    cpu: Duration,
}

impl Took {
    /// The lesser of each.
    fn or(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), cpu: self.cpu.min(other.cpu) }
    }
}

/// What a step took at least.
#[derive(Clone, Copy)]
struct Least {
    /// In any of its rounds.
    ever: Took,
    /// In the rounds in which the others take part.
    together: Took,
}

/// What is measured, and how.
struct Step<'s> {
    name: String,
    /// Which step of ours it is held against.
    against: &'static str,
    run: Box<dyn Fn() -> Took + 's>,
}

fn ours<'s>(name: &str, step: impl Fn() -> usize + 's) -> Step<'s> {
    Step { name: name.to_owned(), against: CHECK, run: timed(step) }
}

fn timed<'s>(step: impl Fn() -> usize + 's) -> Box<dyn Fn() -> Took + 's> {
    Box::new(move || {
        let (start, worked) = (Instant::now(), worked());
        black_box(step());
        let wall = start.elapsed();
        Took { wall, cpu: self::worked().saturating_sub(worked) }
    })
}

/// Processor time of this process and of those that it waited for; those are counted in hundredths of a second.
#[cfg(target_os = "linux")]
fn worked() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let own = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[13].parse::<u64>().unwrap() + fields[14].parse::<u64>().unwrap();
    own + Duration::from_secs(ticks) / u32::try_from(rustix::param::clock_ticks_per_second()).unwrap()
}

/// Not asked for here: the time of the clock.
#[cfg(not(target_os = "linux"))]
fn worked() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// The most memory in KiB that a process started meanwhile had at once. The kernel keeps it, so looking now and then is
/// enough; 0 where the system does not say.
fn peak_of_children(work: impl FnOnce()) -> u64 {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = 0;
            while !done.load(Ordering::Relaxed) {
                peak = children().iter().map(|child| peak_of(child)).fold(peak, u64::max);
                thread::sleep(Duration::from_millis(2));
            }
            peak
        });
        work();
        done.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    })
}

fn children() -> Vec<PathBuf> {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let lists = threads.flatten().filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(|id| Path::new("/proc").join(id)).collect::<Vec<_>>()).collect()
}

fn peak_of(process: &Path) -> u64 {
    // Between fork and exec it is still this program.
    let other =
        |file: &str| std::fs::read(process.join(file)).ok() != std::fs::read(Path::new("/proc/self").join(file)).ok();
    let status = std::fs::read_to_string(process.join("status")).ok().filter(|_| other("cmdline")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    peak.unwrap_or(0)
}

/// Everybody whose account is open, as a center exports its roster.
fn roster_export(unit: &UnitRoster) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in (0..).zip(["个人账号", "姓名", "证件号码", "个人缴存基数"]) {
        sheet.write(0, column, title).unwrap();
    }
    let open = unit.roster.contributors.iter().filter(|person| person.status == AccountStatus::Normal);
    for (row, person) in (1..).zip(open) {
        let base: f64 = person.base.to_string().parse().unwrap();
        sheet.write(row, 0, person.personal_account.as_str()).unwrap();
        sheet.write(row, 1, person.name.as_str()).unwrap();
        sheet.write(row, 2, person.id_number.as_str()).unwrap();
        sheet.write(row, 3, base).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// What scripts in offices use, on the same files in the same rounds; it checks nothing. It takes its own time, without the
/// start of its interpreter.
#[derive(Clone, Copy)]
struct Other {
    name: &'static str,
    program: &'static str,
    /// Whether it is here.
    probe: &'static str,
    script: &'static str,
    opens_xls: bool,
    reads_csv: bool,
    reads_gb18030: bool,
    /// Writes a workbook back with its formats, and marks in it.
    marks: bool,
    there: bool,
}

/// `cargo xtask bench` puts them where `PYTHONPATH` and `NODE_PATH` say.
const OTHERS: [Other; 5] = [
    Other {
        name: "openpyxl",
        probe: "import openpyxl",
        script: include_str!("others/openpyxl.py"),
        opens_xls: false,
        reads_csv: false,
        reads_gb18030: false,
        marks: true,
        ..Other::USUAL
    },
    Other {
        name: "pandas with calamine",
        probe: "import pandas, python_calamine",
        script: include_str!("others/pandas.py"),
        ..Other::USUAL
    },
    Other {
        name: "polars with fastexcel",
        probe: "import polars, fastexcel",
        script: include_str!("others/polars.py"),
        ..Other::USUAL
    },
    Other {
        name: "SheetJS",
        program: "node",
        probe: "require('xlsx')",
        script: include_str!("others/sheetjs.js"),
        ..Other::USUAL
    },
    Other {
        name: "ExcelJS",
        program: "node",
        probe: "require('exceljs')",
        script: include_str!("others/exceljs.js"),
        opens_xls: false,
        reads_gb18030: false,
        marks: true,
        ..Other::USUAL
    },
];

impl Other {
    /// One that does what most of them do.
    const USUAL: Self = Self {
        name: "",
        program: "python3",
        probe: "",
        script: "",
        opens_xls: true,
        reads_csv: true,
        reads_gb18030: true,
        marks: false,
        there: false,
    };

    /// Says so where it is not here.
    fn here(self) -> Self {
        let there = evaluate(self.program, self.probe).output().is_ok_and(|run| run.status.success());
        if !there {
            println!("{} is not installed here: not compared", self.name);
        }
        Self { there, ..self }
    }

    /// A step of its script with these arguments, held against one of ours.
    fn does<'s>(&'s self, step: &'static str, against: &'static str, arguments: Vec<&'s OsStr>) -> Step<'s> {
        let name = match against {
            GB18030 => format!("{}, csv in GB18030", self.name),
            _ => format!("{}, {step}", self.name),
        };
        Step { name, against, run: Box::new(move || self.took(step, &arguments)) }
    }

    fn took(&self, step: &str, arguments: &[&OsStr]) -> Took {
        let run = evaluate(self.program, self.script).arg(step).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        let times: Vec<f64> = said.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
        let [wall, cpu] = times[..] else { panic!("{}, {step}: {run:?}", self.name) };
        let took = |milliseconds: f64| Duration::from_secs_f64(milliseconds / 1000.0);
        Took { wall: took(wall), cpu: took(cpu) }
    }
}

fn evaluate(program: &str, script: &str) -> Command {
    let mut command = Command::new(program);
    command.args([if program == "node" { "-e" } else { "-c" }, script]);
    command
}
