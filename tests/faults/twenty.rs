//! The twenty mistakes that real sheets are full of: each in a file of its own, as a clerk would have it, brought in
//! the whole way. Exactly the planted cells are named; once every proposal is taken, what has none is typed anew and
//! the questions are answered, nothing blocks; and the file itself is never touched.
//!
//! The numbers are those of the pages of the help. The files lie in `twenty/`, to be looked at with any spreadsheet
//! program; `HUIJIAO_FIXTURES=write` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_demo::Practice;
use huijiao_demo::people::{UNIT_NAME, practice_unit};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    ComparisonView, DraftView, EditOp, FindingView, FindingsView, ImportChoice, PreviewView, UiError,
};
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{AccountStatus, Contributor};
use huijiao_tests::{call, desk};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet};
use serde_json::json;
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/faults/twenty");
const JULY: &str = "2026-07";
/// The first row of people, one-based: below title, unit line and header.
const FIRST: u32 = 4;
const BASE: [&str; 6] = ["个人账号", "姓名", "证件号码", "部门", "调整前缴存基数", "调整后缴存基数"];

/// Cell, code, level, proposal.
type Said = (String, String, String, Option<String>);

fn said(cell: &str, code: &str, level: &str, fix: Option<&str>) -> Said {
    (cell.into(), code.into(), level.into(), fix.map(Into::into))
}

#[derive(Debug, Clone)]
enum Cell {
    Text(String),
    Number(f64),
    /// A day by Excel's count, shown as one.
    Day(f64),
    /// A formula with the result that the file keeps.
    Formula(&'static str, &'static str),
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// A clerk's workbook before it is written: title, unit line, header, people, 合计, a footer.
struct Book {
    titles: Vec<&'static str>,
    title: String,
    unit: String,
    rows: Vec<BTreeMap<usize, Cell>>,
    hidden_rows: Vec<u32>,
    hidden_columns: Vec<u16>,
    merged: Vec<(u32, u32)>,
    /// What the 合计 of the new bases says too much.
    off: f64,
    others: Vec<(&'static str, bool, Vec<Contributor>)>,
}

impl Book {
    fn of(staff: &[Contributor]) -> Self {
        let base = |one: &Contributor| one.base.to_string().parse::<f64>().unwrap();
        let rows = staff.iter().map(|one| {
            let cells = [
                text(one.personal_account.as_str()),
                text(one.name.as_str()),
                text(one.id_number.as_str()),
                text("财务部"),
                Cell::Number(base(one)),
                Cell::Number(base(one) + 100.0),
            ];
            cells.into_iter().enumerate().collect()
        });
        Self {
            titles: BASE.to_vec(),
            title: "2026年度住房公积金缴存基数调整清册".into(),
            unit: format!("单位名称：{UNIT_NAME}"),
            rows: rows.collect(),
            hidden_rows: Vec::new(),
            hidden_columns: Vec::new(),
            merged: Vec::new(),
            off: 0.0,
            others: Vec::new(),
        }
    }

    /// A list of changes of status.
    fn changes(staff: &[(Contributor, &str, &str)]) -> Self {
        let mut book = Self::of(&staff.iter().map(|(one, ..)| one.clone()).collect::<Vec<_>>());
        book.titles = vec!["个人账号", "姓名", "证件号码", "变更类型", "变更原因", "变更年月"];
        book.title = "2026年度人员变更清册".into();
        for (row, (_, change, reason)) in book.rows.iter_mut().zip(staff) {
            row.insert(3, text(*change));
            row.insert(4, text(*reason));
            row.insert(5, text(JULY));
        }
        book
    }

    fn column(&mut self, title: &'static str, each: impl Fn(usize) -> Cell) {
        let place = self.titles.len();
        self.titles.push(title);
        for (index, row) in self.rows.iter_mut().enumerate() {
            row.insert(place, each(index));
        }
    }

    fn put(&mut self, cell: &str, value: Cell) {
        let (column, row) = place_of(cell);
        self.rows[(row - FIRST) as usize].insert(column, value);
    }

    fn bytes(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_ymd(2026, 7, 6).unwrap();
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let sheet = workbook.add_worksheet();
        sheet.set_name("本月").unwrap();
        self.write(sheet);
        for (name, hidden, people) in &self.others {
            let sheet = workbook.add_worksheet();
            sheet.set_name(*name).unwrap().set_hidden(*hidden);
            Self::of(people).write(sheet);
        }
        workbook.save_to_buffer().unwrap()
    }

    fn write(&self, sheet: &mut Worksheet) {
        let centred = Format::new().set_align(FormatAlign::Center).set_bold();
        let as_text = Format::new().set_num_format("@");
        let money = Format::new().set_num_format("#,##0.00");
        let day = Format::new().set_num_format("yyyy/m/d");
        let last = u16::try_from(self.titles.len() - 1).unwrap();
        sheet.merge_range(0, 0, 0, last, &self.title, &centred).unwrap();
        sheet.write(1, 0, &self.unit).unwrap();
        for (column, title) in self.titles.iter().enumerate() {
            sheet.write_with_format(2, u16::try_from(column).unwrap(), *title, &centred).unwrap();
        }
        for (row, cells) in (FIRST - 1..).zip(&self.rows) {
            for (column, cell) in cells {
                let column = u16::try_from(*column).unwrap();
                match cell {
                    Cell::Text(text) => sheet.write_with_format(row, column, text, &as_text).unwrap(),
                    Cell::Number(number) => sheet.write_with_format(row, column, *number, &money).unwrap(),
                    Cell::Day(serial) => sheet.write_with_format(row, column, *serial, &day).unwrap(),
                    Cell::Formula(formula, result) => {
                        sheet.write_formula(row, column, Formula::new(*formula).set_result(*result)).unwrap()
                    }
                };
            }
        }
        let end = FIRST - 1 + u32::try_from(self.rows.len()).unwrap();
        if let Some(column) = self.titles.iter().position(|title| *title == "调整后缴存基数") {
            let number = |row: &BTreeMap<usize, Cell>| match row.get(&column) {
                Some(Cell::Number(number)) => Some(*number),
                _ => None,
            };
            if let Some(sum) = self.rows.iter().map(number).sum::<Option<f64>>() {
                sheet.write(end, 0, "合计").unwrap();
                let column = u16::try_from(column).unwrap();
                sheet.write_with_format(end, column, sum + self.off, &money).unwrap();
            }
        }
        sheet.write(end + 1, 0, "制表人：周雨桐").unwrap();
        for (first, last) in &self.merged {
            sheet.merge_range(first - 1, 3, last - 1, 3, "财务部", &centred).unwrap();
        }
        for row in &self.hidden_rows {
            sheet.set_row_hidden(row - 1).unwrap();
        }
        for column in &self.hidden_columns {
            sheet.set_column_hidden(*column).unwrap();
        }
    }
}

/// `C5` → column 2, row 5.
fn place_of(cell: &str) -> (usize, u32) {
    let (letter, row) = cell.split_at(1);
    (usize::from(letter.as_bytes()[0] - b'A'), row.parse().unwrap())
}

struct Scene {
    folder: TempDir,
    _practice: Practice,
    desk: Arc<Desk>,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        desk.enter(practice.connection()).await.unwrap();
        Self { folder, _practice: practice, desk }
    }

    /// The clerk's copy of a fixture, which is these bytes.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let fixture = Path::new(FIXTURES).join(name);
        if std::env::var_os("HUIJIAO_FIXTURES").is_some_and(|wish| wish == "write") {
            std::fs::write(&fixture, bytes).unwrap();
        }
        let kept = std::fs::read(&fixture).unwrap_or_default();
        assert!(kept == bytes, "{name} is what is planted: HUIJIAO_FIXTURES=write writes it anew");
        let path = self.folder.path().join(name);
        std::fs::copy(&fixture, &path).unwrap();
        path
    }

    fn choice(&self, file: &Path, kind: &str, period: &str) -> ImportChoice {
        let ticket = self.desk.ticket_of_file(file).unwrap().ticket;
        ImportChoice { ticket, kind: Some(kind.into()), period: Some(period.into()), ..ImportChoice::default() }
    }

    async fn import(&self, file: &Path, kind: &str, period: &str) -> Result<DraftView, UiError> {
        call(&self.desk, "import_accept", json!({ "choice": self.choice(file, kind, period) })).await
    }

    /// Everything that is said, but for people who are not in the sheet: the unit has many more than a fixture.
    async fn findings(&self, draft: &DraftView) -> Vec<FindingView> {
        let codes: BTreeSet<&str> = draft.summary.iter().map(|code| code.code.as_str()).collect();
        let mut all = Vec::new();
        for code in codes.into_iter().filter(|code| *code != "ROSTER-MISSING") {
            let args = json!({ "draft": draft.draft, "code": code });
            all.extend(call::<FindingsView>(&self.desk, "draft_findings", args).await.unwrap().findings);
        }
        all
    }

    /// The same by cell.
    async fn said(&self, draft: &DraftView) -> Vec<Said> {
        let mut all: Vec<Said> = self
            .findings(draft)
            .await
            .into_iter()
            .map(|f| {
                let row = f.row.map(|row| row.to_string()).unwrap_or_default();
                (format!("{}{row}", f.column.unwrap_or_default()), f.code, f.level, f.fix)
            })
            .collect();
        all.sort();
        all
    }

    async fn change(&self, draft: &DraftView, command: &str, mut args: serde_json::Value) -> DraftView {
        args["draft"] = json!(draft.draft);
        args["revision"] = json!(draft.revision);
        call(&self.desk, command, args).await.unwrap()
    }

    /// Takes every proposal, types anew what has none, answers every question.
    async fn cure(&self, mut draft: DraftView, edits: &[(&str, &str)]) -> DraftView {
        let found = self.findings(&draft).await;
        for code in draft.summary.clone().iter().filter(|code| code.fixable > 0) {
            draft = self.change(&draft, "draft_fix", json!({ "code": code.code })).await;
        }
        let mut ops = Vec::new();
        for (cell, text) in edits {
            let (column, row) = place_of(cell);
            let letter = char::from(b'A' + u8::try_from(column).unwrap()).to_string();
            let here = |f: &&FindingView| f.row == Some(row) && f.column.as_deref() == Some(&letter);
            let finding = found.iter().find(here).unwrap_or_else(|| panic!("nothing was said about {cell}"));
            let (index, field) = (finding.index.unwrap(), finding.field.clone().unwrap());
            ops.push(EditOp::Set { index, field, text: (*text).to_owned() });
        }
        if !ops.is_empty() {
            draft = self.change(&draft, "draft_edit", json!({ "ops": ops })).await;
        }
        for code in draft.summary.clone().iter().filter(|code| code.level == "warning") {
            draft = self.change(&draft, "draft_confirm", json!({ "code": code.code, "note": "已核实" })).await;
        }
        draft
    }

    /// A file with planted faults: what is said about it, and that it can be cured.
    async fn fault(&self, name: &str, book: &Book, kind: &str, expected: Vec<Said>, edits: &[(&str, &str)]) {
        let bytes = book.bytes();
        let file = self.file(name, &bytes);
        let draft = self.import(&file, kind, JULY).await.unwrap();
        let mut expected = expected;
        expected.sort();
        assert_eq!(self.said(&draft).await, expected, "{name}: exactly the planted cells");
        let people = book.rows.len();
        let cured = self.cure(draft, edits).await;
        let left = self.said(&cured).await;
        assert_eq!((cured.blocking, cured.unconfirmed), (0, 0), "{name}: cured, nothing blocks: {left:?}");
        assert_eq!(cured.totals.people as usize, people, "{name}: and everybody is filed");
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{name}: the clerk's own file is never touched");
    }
}

fn everybody() -> Vec<Contributor> {
    practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().roster.contributors
}

/// So many people whose account is open and of whom this holds.
fn who(count: usize, holds: impl Fn(&Contributor) -> bool) -> Vec<Contributor> {
    let open = |one: &Contributor| one.status == AccountStatus::Normal && one.id_number.len() == 18;
    let plain = |one: &Contributor| one.name.chars().count() <= 3;
    let found: Vec<_> =
        everybody().into_iter().filter(|one| open(one) && plain(one) && holds(one)).take(count).collect();
    assert_eq!(found.len(), count, "the practice unit has such people");
    found
}

fn staff(count: usize) -> Vec<Contributor> {
    who(count, |one| !one.id_number.ends_with('X') && one.id_number.starts_with('4'))
}

const ADJUST: &str = "base_adjustment";

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_id_numbers_that_became_numbers() {
    let staff = staff(6);
    let mut book = Book::of(&staff);
    book.put("C4", Cell::Number(staff[0].id_number.parse().unwrap()));
    book.put("C5", text(format!("{}000", &staff[1].id_number[..15])));
    let shown = format!("{}.{}E+17", &staff[2].id_number[..1], &staff[2].id_number[1..6]);
    book.put("C6", text(&shown));
    // Somebody else's number: nobody can say whose.
    book.put("C7", Cell::Number(staff[5].id_number.parse().unwrap()));
    let right = |place: usize| Some(staff[place].id_number.as_str());
    let expected = vec![
        said("C4", "ID-NUMERIC", "warning", right(0)),
        said("C5", "ID-NUMERIC", "warning", right(1)),
        said("C6", "ID-NUMERIC", "warning", right(2)),
        said("C7", "ID-NUMERIC", "error", None),
    ];
    let edits = [("C7", staff[3].id_number.as_str())];
    Scene::open().await.fault("01-证件号码成了数字.xlsx", &book, ADJUST, expected, &edits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_02_the_last_x() {
    let staff = who(5, |one| one.id_number.ends_with('X'));
    let mut book = Book::of(&staff);
    for (row, mark) in [(4, "x"), (5, "Ｘ"), (6, "×"), (7, "*")] {
        book.put(&format!("C{row}"), text(format!("{}{mark}", &staff[row - 4].id_number[..17])));
    }
    let right = |place: usize| Some(staff[place].id_number.as_str());
    let expected = vec![
        said("C4", "ID-FORM", "fix", right(0)),
        said("C5", "ID-FORM", "fix", right(1)),
        said("C6", "ID-CHARACTERS", "warning", right(2)),
        said("C7", "ID-CHARACTERS", "warning", right(3)),
    ];
    Scene::open().await.fault("02-末位X.xlsx", &book, ADJUST, expected, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_03_fifteen_digits() {
    let staff = who(3, |one| one.id_number[6..8] == *"19");
    let mut book = Book::of(&staff);
    let old = format!("{}{}", &staff[1].id_number[..6], &staff[1].id_number[8..17]);
    book.put("C5", text(old));
    let expected = vec![said("C5", "ID-FIFTEEN", "warning", Some(&staff[1].id_number))];
    Scene::open().await.fault("03-十五位旧号码.xlsx", &book, ADJUST, expected, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_04_typing_errors_in_id_numbers() {
    let staff = staff(6);
    let mut book = Book::of(&staff);
    let id = |place: usize| staff[place].id_number.clone();
    let check = |id: &str| if id.ends_with('7') { '8' } else { '7' };
    book.put("C4", text(format!("{}{}", &id(0)[..17], check(&id(0)))));
    book.put("C5", text(id(1).replacen('0', "O", 1)));
    book.put("C6", text(id(2).replacen('1', "l", 1)));
    book.put("C7", text(format!("{}0230{}", &id(3)[..10], &id(3)[14..])));
    // Two neighbours exchanged.
    let mut swapped: Vec<char> = id(4).chars().collect();
    let at = (14..16).find(|at| swapped[*at] != swapped[at + 1]).unwrap();
    swapped.swap(at, at + 1);
    book.put("C8", text(swapped.into_iter().collect::<String>()));
    let expected = vec![
        said("C4", "ID-CHECKSUM", "error", Some(&id(0))),
        said("C5", "ID-CHARACTERS", "error", Some(&id(1))),
        said("C6", "ID-CHARACTERS", "error", Some(&id(2))),
        said("C7", "ID-DATE", "error", None),
        said("C8", "ID-CHECKSUM", "error", Some(&id(4))),
    ];
    Scene::open().await.fault("04-号码录错.xlsx", &book, ADJUST, expected, &[("C7", &id(3))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_05_full_width_characters() {
    let staff = staff(5);
    let mut book = Book::of(&staff);
    let wide = |text: &str| {
        text.chars()
            .map(|c| if c == ' ' { c } else { char::from_u32(u32::from(c) + 0xfee0).unwrap() })
            .collect::<String>()
    };
    book.put("A4", text(wide(&staff[0].personal_account)));
    book.put("C5", text(wide(&staff[1].id_number)));
    book.put("F6", text("６，１００．００"));
    book.put("B7", text(format!("{}１", staff[3].name)));
    let expected = vec![
        said("A4", "ACCOUNT-FORM", "fix", Some(&staff[0].personal_account)),
        said("B7", "NAME-CHARACTERS", "warning", None),
        said("B7", "NAME-CHARACTERS", "warning", Some(&format!("{}1", staff[3].name))),
        said("B7", "ROSTER-NAME-DIFFERS", "error", None),
        said("C5", "ID-FORM", "fix", Some(&staff[1].id_number)),
        said("F6", "AMOUNT-FORM", "fix", Some("6100.00")),
    ];
    let edits = [("B7", staff[3].name.as_str())];
    Scene::open().await.fault("05-全角字符.xlsx", &book, ADJUST, expected, &edits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_characters_that_nobody_sees() {
    let staff = staff(9);
    let mut book = Book::of(&staff);
    let id = |place: usize| staff[place].id_number.as_str();
    book.put("C4", text(format!("{}\u{a0}", id(0))));
    book.put("C5", text(format!("'{}", id(1))));
    book.put("C6", text(format!("\u{202d}{}\u{202c}", id(2))));
    book.put("A7", text(format!("\u{feff}{}\t", staff[3].personal_account)));
    let name = |place: usize| staff[place].name.clone();
    let spaced = |name: &str, blank: &str| {
        let second = name.char_indices().nth(1).unwrap().0;
        format!("{}{blank}{}", &name[..second], &name[second..])
    };
    book.put("B8", text(spaced(&name(4), "\u{3000}")));
    book.put("B9", text(spaced(&name(5), "\u{200b}")));
    book.put("B10", text(format!("\u{202e}{}", name(6))));
    book.put("F11", text("\u{3000}6100.00\u{a0}"));
    let expected = vec![
        said("A7", "ACCOUNT-FORM", "fix", Some(&staff[3].personal_account)),
        said("B10", "NAME-BIDI", "fix", Some(&name(6))),
        said("B8", "NAME-BLANKS", "fix", Some(&name(4))),
        said("B9", "NAME-BLANKS", "fix", Some(&name(5))),
        said("C4", "ID-FORM", "fix", Some(id(0))),
        said("C5", "ID-FORM", "fix", Some(id(1))),
        said("C6", "ID-FORM", "fix", Some(id(2))),
        said("F11", "AMOUNT-FORM", "fix", Some("6100.00")),
    ];
    Scene::open().await.fault("06-看不见的字符.xlsx", &book, ADJUST, expected, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_07_separators_of_names() {
    let scene = Scene::open().await;
    let uyghur = everybody().into_iter().find(|one| one.name == "买买提·吐尔逊").unwrap();
    let people = [vec![uyghur.clone()], staff(2)].concat();
    for (place, dot) in ["・", "•", "．", ".", "‧", "ꞏ", "●", "-", " "].into_iter().enumerate() {
        let mut book = Book::of(&people);
        book.put("B4", text(uyghur.name.replace('·', dot)));
        let expected = vec![said("B4", "NAME-SEPARATOR", "fix", Some(&uyghur.name))];
        scene.fault(&format!("07-间隔号-{place}.xlsx"), &book, ADJUST, expected, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_08_rare_characters() {
    let rare = everybody().into_iter().find(|one| one.name == "刘䶮").unwrap();
    let people = [vec![rare.clone(); 1], staff(5)].concat();
    let scene = Scene::open().await;
    scene.fault("08-生僻字完好.xlsx", &Book::of(&people), ADJUST, Vec::new(), &[]).await;
    for (place, (written, code, level)) in [
        ("刘?", "NAME-UNREADABLE", "error"),
        ("刘□", "NAME-UNREADABLE", "error"),
        ("刘\u{e863}", "NAME-UNREADABLE", "error"),
        ("刘\u{fffd}", "NAME-UNREADABLE", "error"),
        ("刘yan", "NAME-PINYIN", "warning"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut book = Book::of(&people);
        book.put("B4", text(written));
        let expected = vec![said("B4", code, level, None), said("B4", "ROSTER-NAME-DIFFERS", "error", None)];
        scene.fault(&format!("08-生僻字-{place}.xlsx"), &book, ADJUST, expected, &[("B4", "刘䶮")]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_09_one_person_twice() {
    let scene = Scene::open().await;
    let staff = who(6, |one| one.id_number[6..8] == *"19" && !one.id_number.ends_with('X'));
    let mut book = Book::of(&[&staff[..], &staff[..2]].concat());
    let fifteen = format!("{}{}", &staff[1].id_number[..6], &staff[1].id_number[8..17]);
    book.put("C11", text(fifteen));
    // The name of one with the number of another.
    book.put("B9", text(staff[4].name.as_str()));
    let bytes = book.bytes();
    let file = scene.file("09-重复人员.xlsx", &bytes);
    let draft = scene.import(&file, ADJUST, JULY).await.unwrap();
    let mut expected = vec![
        said("B9", "NAME-TWICE", "warning", None),
        said("B9", "ROSTER-NAME-DIFFERS", "error", None),
        said("C10", "ID-DUPLICATE", "error", None),
        said("C11", "ID-DUPLICATE", "error", None),
        said("C11", "ID-FIFTEEN", "warning", Some(&staff[1].id_number)),
    ];
    expected.sort();
    assert_eq!(scene.said(&draft).await, expected, "each repetition at its later row, the old number too");
    let ops: Vec<EditOp> = [6, 7].map(|index| EditOp::Exclude { index, excluded: true }).into();
    let draft = scene.change(&draft, "draft_edit", json!({ "ops": ops })).await;
    let cured = scene.cure(draft, &[("B9", &staff[5].name)]).await;
    assert_eq!((cured.blocking, cured.unconfirmed, cured.totals.people), (0, 0, 6), "each once: {:?}", cured.summary);
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "the clerk's own file is never touched");

    let mut book = Book::of(&staff[..4]);
    book.others = vec![("二车间", false, staff[2..].to_vec())];
    let expected = vec![said("", "SHEET-OTHERS", "warning", None)];
    scene.fault("09-两张表.xlsx", &book, ADJUST, expected, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_10_merged_cells_and_sums() {
    let mut book = Book::of(&staff(5));
    book.merged = vec![(5, 7)];
    book.off = 1.0;
    let expected = vec![said("D5", "SHEET-MERGED", "warning", None), said("F9", "TOTAL-DIFFERS", "warning", None)];
    Scene::open().await.fault("10-合并单元格和合计.xlsx", &book, ADJUST, expected, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_11_hidden_rows_columns_and_sheets() {
    let scene = Scene::open().await;
    let staff = staff(6);
    let mut book = Book::of(&staff);
    book.hidden_rows = vec![5, 6];
    book.hidden_columns = vec![3];
    book.others = vec![("去年", true, staff[..3].to_vec())];
    let expected = vec![said("", "SHEET-HIDDEN", "warning", None), said("", "SHEET-OTHERS", "warning", None)];
    scene.fault("11-隐藏.xlsx", &book, ADJUST, expected, &[]).await;
    let file = scene.file("11-再看.xlsx", &book.bytes());
    let draft = scene.import(&file, ADJUST, JULY).await.unwrap();
    let found = scene.findings(&draft).await;
    let message = |code: &str| found.iter().find(|f| f.code == code).unwrap().message.clone();
    assert!(message("SHEET-HIDDEN").contains("隐藏了 2 行、1 列"), "counted: {}", message("SHEET-HIDDEN"));
    assert!(message("SHEET-OTHERS").contains("去年"), "named: {}", message("SHEET-OTHERS"));
    assert!(message("SHEET-OTHERS").contains("3 人"), "and counted: {}", message("SHEET-OTHERS"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_12_months_and_days() {
    let staff = staff(10);
    let changes: Vec<_> = staff.iter().map(|one| (one.clone(), "封存", "其他")).collect();
    let mut book = Book::changes(&changes);
    for (row, month) in [
        (4, "2026-07"),
        (5, "202607"),
        (6, "2026.7"),
        (7, "2026年7月"),
        (8, "2026/7"),
        (9, "Jul-2026"),
        (10, "07/08/2026"),
    ] {
        book.put(&format!("F{row}"), text(month));
    }
    book.put("F11", Cell::Day(46_204.0));
    book.put("F12", Cell::Number(46_204.0));
    book.put("F13", text("2026-13"));
    let form = |cell: &str| said(cell, "MONTH-FORM", "fix", Some(JULY));
    let expected = vec![
        form("F6"),
        form("F7"),
        form("F8"),
        form("F9"),
        said("F10", "MONTH-AMBIGUOUS", "warning", Some(JULY)),
        form("F12"),
        said("F13", "MONTH-UNREADABLE", "error", None),
    ];
    Scene::open().await.fault("12-年月写法.xlsx", &book, "status_change", expected, &[("F13", JULY)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_13_amounts_in_words_signs_and_errors() {
    let mut book = Book::of(&staff(11));
    for (row, amount) in
        [(4, "6,100.50"), (5, "￥6100"), (6, "6100元"), (7, "6100.00 "), (8, "0.61万"), (9, "(6100)"), (10, "6100.126")]
    {
        book.put(&format!("F{row}"), text(amount));
    }
    book.put("F11", Cell::Formula("=VLOOKUP(1,A1:B2,2)", "#N/A"));
    book.put("F12", Cell::Formula("=6000+100", "6100"));
    book.put("F13", text("六千"));
    let form = |cell: &str, fix: &str| said(cell, "AMOUNT-FORM", "fix", Some(fix));
    let expected = vec![
        said("", "SHEET-FORMULAS", "warning", None),
        form("F4", "6100.50"),
        form("F5", "6100.00"),
        form("F6", "6100.00"),
        form("F7", "6100.00"),
        said("F8", "AMOUNT-MYRIAD", "warning", Some("6100.00")),
        said("F9", "AMOUNT-NEGATIVE", "error", None),
        said("F10", "AMOUNT-DECIMALS", "warning", Some("6100.13")),
        said("F11", "AMOUNT-FORMULA-ERROR", "error", None),
        said("F13", "AMOUNT-UNREADABLE", "error", None),
    ];
    let edits = [("F9", "6100"), ("F11", "6100"), ("F13", "6000")];
    Scene::open().await.fault("13-金额写法.xlsx", &book, ADJUST, expected, &edits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_14_an_xls_that_is_something_else() {
    let scene = Scene::open().await;
    let staff = staff(3);
    let line = |cells: [&str; 6], start: &str, end: &str| cells.map(|cell| format!("{start}{cell}{end}")).concat();
    let lines: Vec<[String; 6]> = staff
        .iter()
        .map(|one| {
            let base = one.base.to_string();
            [&one.personal_account, &one.name, &one.id_number, "财务部", &base, "6100.00"].map(str::to_owned)
        })
        .collect();
    let table = |start: &str, end: &str, row: (&str, &str)| {
        let rows = std::iter::once(line(BASE, start, end))
            .chain(lines.iter().map(|cells| line(std::array::from_fn(|at| cells[at].as_str()), start, end)));
        rows.map(|cells| format!("{}{cells}{}", row.0, row.1)).collect::<String>()
    };
    let page = format!("<html><body><table>{}</table></body></html>", table("<td>", "</td>", ("<tr>", "</tr>")));
    let xml = format!(
        r#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" ss:Name="本月"><Table>{}</Table></Worksheet></Workbook>"#,
        table(r#"<Cell><Data ss:Type="String">"#, "</Data></Cell>", ("<Row>", "</Row>"))
    );
    let tabs = table("", "\t", ("", "\r\n"));
    for (format, content) in [("html", page), ("xml2003", xml), ("csv", tabs)] {
        let file = scene.file(&format!("14-工资-{format}.xls"), content.as_bytes());
        let choice = scene.choice(&file, ADJUST, JULY);
        let preview: PreviewView = call(&scene.desk, "import_preview", json!({ "choice": choice })).await.unwrap();
        assert_eq!((preview.format.as_str(), preview.people), (format, 3), "opened by content, and said");
        let draft = scene.import(&file, ADJUST, JULY).await.unwrap();
        assert_eq!(scene.said(&draft).await, [], "{format}: every cell came through");
        assert_eq!(std::fs::read(&file).unwrap(), content.as_bytes(), "the clerk's own file is never touched");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_15_csv_encodings_lost_zeros_and_garbled_names() {
    let scene = Scene::open().await;
    let staff = staff(4);
    let mut content = BASE.join(";") + "\r\n";
    for (place, one) in staff.iter().enumerate() {
        let account = if place == 1 { one.personal_account.trim_start_matches('0') } else { &one.personal_account };
        let name = if place == 2 { "锟斤拷" } else { &one.name };
        content += &format!("{account};{name};{};财务部;{};6100.00\r\n", one.id_number, one.base);
    }
    let (gb18030, _, lost) = encoding_rs::GB18030.encode(&content);
    assert!(!lost, "GB18030 holds everything");
    let marked = [b"\xEF\xBB\xBF", content.as_bytes()].concat();
    for (name, bytes) in [("UTF8", content.as_bytes()), ("UTF8带标记", &marked), ("GB18030", &gb18030)] {
        let file = scene.file(&format!("15-{name}.csv"), bytes);
        let draft = scene.import(&file, ADJUST, JULY).await.unwrap();
        let expected = [
            said("A3", "ACCOUNT-ZEROS", "fix", Some(&staff[1].personal_account)),
            said("B4", "NAME-MOJIBAKE", "error", None),
            said("B4", "ROSTER-NAME-DIFFERS", "error", None),
        ];
        assert_eq!(scene.said(&draft).await, expected, "{name}: the same in every encoding");
        let cured = scene.cure(draft, &[("B4", &staff[2].name)]).await;
        assert_eq!((cured.blocking, cured.unconfirmed, cured.totals.people), (0, 0, 4), "{name}: {:?}", cured.summary);
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "the clerk's own file is never touched");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_16_bases_and_ratios_beside_the_rules() {
    let staff = who(9, |one| (4_000.0..6_000.0).contains(&one.base.to_string().parse::<f64>().unwrap()));
    let mut book = Book::of(&staff);
    book.put("F4", Cell::Number(27_600.0));
    book.put("F5", Cell::Number(1_980.0));
    book.put("F6", Cell::Number(60_000.0));
    book.put("F7", Cell::Number(512_000.0));
    book.put("F8", Cell::Number(0.52));
    let ratios = ["8", "8%", "0.08", "８％", " 8 % ", "8.0%", "0.8", "9%", "8.5%"];
    book.column("单位缴存比例", |place| text(ratios[place]));
    let expected = vec![
        said("F4", "BASE-ABOVE-CEILING", "fix", Some("27000.00")),
        said("F5", "BASE-BELOW-FLOOR", "fix", Some("2100.00")),
        said("F6", "BASE-ABOVE-CEILING", "error", None),
        said("F6", "BASE-UNIT", "warning", Some("5000.00")),
        said("F7", "BASE-ABOVE-CEILING", "error", None),
        said("F7", "BASE-UNIT", "warning", Some("5120.00")),
        said("F8", "BASE-BELOW-FLOOR", "error", None),
        said("F8", "BASE-UNIT", "warning", Some("5200.00")),
        said("G10", "RATIO-DIFFERS", "error", None),
        said("G11", "RATIO-DIFFERS", "error", None),
        said("G12", "RATIO-DIFFERS", "error", None),
    ];
    let edits = [("G10", "8%"), ("G11", "8%"), ("G12", "8%")];
    Scene::open().await.fault("16-基数和比例.xlsx", &book, ADJUST, expected, &edits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_17_amounts_that_do_not_add_up() {
    let staff = staff(4);
    let mut book = Book::of(&staff);
    for row in 4..8 {
        book.put(&format!("F{row}"), Cell::Number(5_000.0));
    }
    book.column("单位月缴存额", |place| Cell::Number([400.0, 401.0, 400.0, 400.0][place]));
    book.column("个人月缴存额", |_| Cell::Number(400.0));
    book.column("月缴存额", |place| Cell::Number([800.0, 801.0, 810.0, 800.0][place]));
    let expected = vec![
        said("G5", "AMOUNT-DIFFERS", "warning", None),
        said("I5", "AMOUNT-DIFFERS", "warning", None),
        said("I6", "AMOUNT-SUM", "error", Some("800.00")),
    ];
    Scene::open().await.fault("17-月缴存额.xlsx", &book, ADJUST, expected, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_18_people_whose_account_says_otherwise() {
    let scene = Scene::open().await;
    let sealed = everybody().into_iter().find(|one| one.status == AccountStatus::Sealed).unwrap();
    let working = staff(4);
    let mut stranger = working[3].clone();
    stranger.personal_account = "041000009901".into();
    stranger.name = "钱新来".into();
    stranger.id_number = "430401199202290042".into();

    // A leaver still in the list, a stranger; and whoever is not in it is asked for.
    let file =
        scene.file("18-基数调整.xlsx", &Book::of(&[working[0].clone(), sealed.clone(), stranger.clone()]).bytes());
    let draft = scene.import(&file, ADJUST, JULY).await.unwrap();
    let expected = [said("C5", "ROSTER-NOT-NORMAL", "error", None), said("C6", "ROSTER-UNKNOWN", "error", None)];
    assert_eq!(scene.said(&draft).await, expected, "who has left, and who never was here");
    let missing = draft.summary.iter().find(|code| code.code == "ROSTER-MISSING").unwrap();
    let open = everybody().iter().filter(|one| one.status == AccountStatus::Normal).count();
    assert_eq!((missing.level.as_str(), missing.count as usize), ("warning", open - 1), "a question, for each of them");
    let ops: Vec<EditOp> = [1, 2].map(|index| EditOp::Exclude { index, excluded: true }).into();
    let draft = scene.change(&draft, "draft_edit", json!({ "ops": ops })).await;
    let cured = scene.cure(draft, &[]).await;
    assert_eq!((cured.blocking, cured.unconfirmed, cured.totals.people), (0, 0, 1), "{:?}", cured.summary);

    let changes = [
        (working[0].clone(), "启封", ""),
        (sealed.clone(), "封存", "其他"),
        (working[1].clone(), "封存", "其他"),
        (working[1].clone(), "封存", "其他"),
    ];
    let file = scene.file("18-状态变更.xlsx", &Book::changes(&changes).bytes());
    let draft = scene.import(&file, "status_change", JULY).await.unwrap();
    let expected = [
        said("C7", "CHANGE-TWICE", "error", None),
        said("D4", "ROSTER-STATUS", "error", None),
        said("D5", "ROSTER-STATUS", "error", None),
    ];
    assert_eq!(scene.said(&draft).await, expected, "open already, sealed already, twice in a month");
    let ops = [EditOp::Exclude { index: 3, excluded: true }];
    let draft = scene.change(&draft, "draft_edit", json!({ "ops": ops })).await;
    let mended = scene.cure(draft, &[("D4", "封存"), ("D5", "启封")]).await;
    assert_eq!(scene.said(&mended).await, [said("E4", "REASON-MISSING", "error", None)], "封存 wants a reason now");
    let cured = scene.cure(mended, &[("E4", "其他")]).await;
    assert_eq!((cured.blocking, cured.unconfirmed, cured.totals.people), (0, 0, 3), "{:?}", cured.summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_periods_that_cannot_be() {
    let scene = Scene::open().await;
    let staff = staff(3);
    let file = scene.file("19-基数调整.xlsx", &Book::of(&staff).bytes());
    for period in ["2026-06", "2026-08"] {
        let draft = scene.import(&file, ADJUST, period).await.unwrap();
        let found: Vec<Said> = scene.said(&draft).await.into_iter().filter(|said| said.2 == "error").collect();
        assert_eq!(found, [said("", "PERIOD-NOT-ALLOWED", "error", None)], "{period}: verified, or not begun");
    }
    let changes: Vec<_> = staff.iter().map(|one| (one.clone(), "封存", "其他")).collect();
    let mut book = Book::changes(&changes);
    book.put("F4", text("2026-06"));
    book.put("F5", text("2026-08"));
    let expected = vec![said("F4", "MONTH-NOT-ALLOWED", "error", None), said("F5", "MONTH-NOT-ALLOWED", "error", None)];
    scene.fault("19-状态变更.xlsx", &book, "status_change", expected, &[("F4", JULY), ("F5", JULY)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_20_the_wrong_file() {
    let scene = Scene::open().await;
    let staff = staff(3);
    let mut book = Book::of(&staff);
    book.unit = "单位名称：别的公司".into();
    let file = scene.file("20-别的单位.xlsx", &book.bytes());
    let draft = scene.import(&file, ADJUST, JULY).await.unwrap();
    assert_eq!(scene.said(&draft).await, [said("", "UNIT-MISMATCH", "error", None)], "a hard stop");

    let mut book = Book::of(&staff);
    book.title = "2024年度住房公积金缴存基数调整清册".into();
    let expected = vec![said("", "SHEET-PERIOD", "warning", None)];
    scene.fault("20-去年的表.xlsx", &book, ADJUST, expected, &[]).await;

    let bytes = Book::of(&staff).bytes();
    let first = scene.file("20-同一份.xlsx", &bytes);
    assert_eq!(scene.said(&scene.import(&first, ADJUST, JULY).await.unwrap()).await, [], "the first time");
    let copy = scene.file("20-换了名字.xlsx", &bytes);
    let again = scene.import(&copy, ADJUST, JULY).await.unwrap();
    assert_eq!(scene.said(&again).await, [said("", "FILE-REPEATED", "warning", None)], "by content, not by name");

    let mut book = Book::of(&staff);
    book.titles[5] = "金额";
    let file = scene.file("20-缺列.xlsx", &book.bytes());
    let error = scene.import(&file, ADJUST, JULY).await.unwrap_err();
    assert_eq!(error.code, "sheet-columns-missing", "a column that was renamed is asked for, not guessed");
}

/// What a payroll is told by 智能比对, code and how often; nobody is proposed for anything that he is not.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_faults_in_a_payroll_are_said_before_anything_is_filed() {
    let scene = Scene::open().await;
    let staff = staff(12);
    let base = |place: usize| staff[place].base.to_string().parse::<f64>().unwrap();
    let mut book = Book::of(&staff);
    for place in 0..staff.len() {
        book.put(&format!("F{}", 4 + place), Cell::Number(base(place)));
    }
    // 1, 4, 5 and 6 in numbers and names; 13 in an amount; 16 and 17 beside the bases; 10 and 11 around them.
    book.put("C4", text(format!("{}000", &staff[0].id_number[..15])));
    book.put("C5", text(format!("{}\u{a0}", staff[1].id_number)));
    book.put("B6", text(format!("{}\u{200b}", staff[2].name)));
    book.put("F7", Cell::Formula("=VLOOKUP(1,A1:B2,2)", "#N/A"));
    book.column("单位缴存比例", |place| text(if place == 4 { "13%" } else { "8%" }));
    book.column("单位月缴存额", |place| {
        let right = staff[place].amounts.unit_amount.to_string().parse::<f64>().unwrap();
        Cell::Number(if place == 5 { 1.0 } else { right })
    });
    book.hidden_rows = vec![9];
    book.others = vec![("二车间", false, staff[..3].to_vec())];
    let file = scene.file("21-工资表.xlsx", &book.bytes());
    let ticket = scene.desk.ticket_of_file(&file).unwrap().ticket;
    let choice = json!({ "ticket": ticket, "kind": "payroll", "period": JULY });
    let view: ComparisonView = call(&scene.desk, "compare_open", json!({ "choice": choice })).await.unwrap();
    let said: BTreeMap<&str, u32> = view.findings.iter().map(|each| (each.finding.code.as_str(), each.count)).collect();
    let matching = [("ID-NUMERIC", 1), ("AMOUNT-DIFFERS", 1), ("RATIO-DIFFERS", 1)];
    let expected = matching.into_iter().chain([("SHEET-HIDDEN", 1), ("SHEET-OTHERS", 1)]).collect();
    assert_eq!(said, expected, "each once; who is known needs no judging of how he is written");
    assert!(view.unconfirmed >= 1, "whose number was lost is found by the roster, and a person confirms");
    let groups: BTreeMap<&str, u32> = view.groups.iter().map(|group| (group.kind.as_str(), group.people)).collect();
    // Whoever is sealed and not in the sheet stays as he is.
    let sealed = everybody().iter().filter(|one| one.status != AccountStatus::Normal).count();
    let unchanged = u32::try_from(11 + sealed).unwrap();
    assert_eq!(
        (groups["unchanged"], groups["not_comparable"]),
        (unchanged, 1),
        "only whose base nobody can read is left"
    );
    assert_eq!((groups["new"], groups["base_changed"], groups["id_differs"]), (0, 0, 0), "nothing is made up");
    assert_eq!(std::fs::read(&file).unwrap(), book.bytes(), "the clerk's own file is never touched");
}
