//! What must hold after every case of the fault suite, whatever happened in it: the oracles I1 to I7 of the specification,
//! looked at in one place.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use huijiao_center::RunningCenter;
use huijiao_demo::people::practice_unit;
use huijiao_desk::Desk;
use huijiao_desk::views::{AboutView, FilingStage, FilingView, FindingView, HomeView, PulseView, UiError};
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::Contributor;
use huijiao_domain::texts;
use huijiao_store::SCHEMA;
use rusqlite::{Connection, OpenFlags};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;

use crate::call;
use crate::world::booked_in;

/// The center of a case.
#[derive(Clone, Copy)]
pub struct Books<'a> {
    /// As it runs.
    pub center: &'a RunningCenter,
    /// Where it keeps what it has booked.
    pub folder: &'a Path,
    /// Everybody in the unit: nobody's number may stand where it does not belong.
    pub people: &'a [Contributor],
    /// What nobody but its owner may know.
    pub pin: &'a str,
}

/// A draft of somebody's that must be as it was.
pub struct Left<'a> {
    /// Whose.
    pub desk: &'a Arc<Desk>,
    /// Its id.
    pub draft: &'a str,
    /// As [`cells`] said it.
    pub cells: &'a Value,
}

/// Everything on the first page of a draft, cell by cell.
pub async fn cells(desk: &Arc<Desk>, draft: &str) -> Value {
    let page: Value = call(desk, "draft_page", json!({ "draft": draft, "page": 0 })).await.unwrap();
    page["rows"].as_array().unwrap().iter().map(|row| row["cells"].clone()).collect()
}

/// I1 to I7, of computers that have found out what became of everything: each has opened its unit since.
pub async fn assert_oracles(books: Books<'_>, desks: &[&Arc<Desk>], left: &[Left<'_>], when: &str) {
    assert_eq!(books.center.contradictions().await.unwrap(), [""; 0], "I1, {when}: the books hold together");
    let booked = booked_in(books.folder);
    let (mut bytes, mut months) = (BTreeSet::new(), BTreeSet::new());
    for filing in &booked {
        assert!(bytes.insert(&filing.sha256), "I1, {when}: the same bytes twice: {booked:?}");
        let ended = ["withdrawn", "refused"].contains(&filing.state.as_str());
        if filing.kind == "remittance_verification" && !ended {
            assert!(months.insert(&filing.period), "I1, {when}: a month is verified once: {booked:?}");
        }
    }

    assert_answers(desks, when).await;
    for desk in desks {
        let home: HomeView = call(desk, "home", json!({})).await.unwrap();
        for line in &home.filings {
            let Some(there) = booked.iter().find(|one| one.id == line.filing) else {
                assert_eq!(
                    line.stage,
                    FilingStage::Refused,
                    "I2, {when}: {}: what the center has not was refused",
                    line.kind
                );
                continue;
            };
            let word = serde_json::to_value(line.stage).unwrap();
            assert_eq!(word, there.state.as_str(), "I2, {when}: {}: both say the same", line.kind);
            if [FilingStage::Refused, FilingStage::Withdrawn].contains(&line.stage) {
                continue;
            }
            let filing: FilingView = call(desk, "filing", json!({ "filing": line.filing })).await.unwrap();
            assert_eq!(filing.sha256, there.sha256, "I2, {when}: the bytes that were signed");
            let receipt = filing.receipt.unwrap_or_else(|| panic!("I2, {when}: no receipt: {:?}", filing.trouble));
            assert!(receipt.valid, "I2, {when}: its receipt holds: {:?}", receipt.steps);
            filing.trouble.iter().for_each(assert_words);
        }
    }
    for Left { desk, draft, cells: before } in left {
        assert_eq!(cells(desk, draft).await, **before, "I3, {when}: no cell of a draft is lost");
    }
    let log = heard();
    assert_names_nobody(&log, books, &format!("I6, {when}: the log"));
    for desk in desks {
        let about: AboutView = call(desk, "about", json!({})).await.unwrap();
        let files = below(Path::new(&about.data_folder));
        let stores: Vec<&PathBuf> = files.iter().filter(|file| file.ends_with("huijiao.db")).collect();
        assert!(!stores.is_empty(), "I4, {when}: there is a store among {files:?}");
        stores.into_iter().for_each(|store| assert_intact(store, when));
        for file in &files {
            // What was removed meanwhile holds nothing; the reserve is room and nothing else.
            if let Ok(bytes) = std::fs::read(file)
                && !file.ends_with("huijiao.reserve")
            {
                assert_names_nobody(&bytes, Books { pin: "", ..books }, &format!("I6, {when}: {}", file.display()));
            }
        }
    }
}

/// I7: whatever else is under way, the screens get their answers. The limit only ends a test that has failed: how long an
/// answer takes is measured in the window, and tested nowhere.
pub async fn assert_answers(desks: &[&Arc<Desk>], when: &str) {
    for desk in desks {
        let pulse: PulseView = answer(desk, "pulse", when).await;
        pulse.notices.iter().for_each(assert_words);
        let _: HomeView = answer(desk, "home", when).await;
    }
}

async fn answer<T: DeserializeOwned>(desk: &Arc<Desk>, command: &str, when: &str) -> T {
    let limit = Duration::from_secs(60);
    match tokio::time::timeout(limit, call(desk, command, json!({}))).await {
        Ok(answer) => answer.unwrap(),
        Err(_) => panic!("I7, {when}: {command} has no answer"),
    }
}

/// I4: the file is sound, and of the version that this program writes.
fn assert_intact(store: &Path, when: &str) {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let store = Connection::open_with_flags(store, flags).unwrap();
    let sound: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    let schema: u32 = store.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!((sound.as_str(), schema), ("ok", SCHEMA), "I4, {when}");
}

/// I6, of what a file or a log says.
fn assert_names_nobody(bytes: &[u8], books: Books<'_>, place: &str) {
    let numbers: HashSet<&[u8]> = books.people.iter().map(|person| person.id_number.as_bytes()).collect();
    let runs = bytes.split(|byte| !byte.is_ascii_digit() && *byte != b'X');
    let named = runs.flat_map(|run| run.windows(18)).any(|number| numbers.contains(number));
    assert!(!named, "{place}: a whole ID number");
    let told = !books.pin.is_empty() && has_word(&String::from_utf8_lossy(bytes), books.pin);
    assert!(!told, "{place}: a PIN");
}

/// Whether a word of digits stands there by itself, and not within a longer one: numbers and hashes hold anything.
fn has_word(text: &str, word: &str) -> bool {
    let apart = |next: Option<char>| next.is_none_or(|next| !next.is_ascii_alphanumeric());
    text.match_indices(word)
        .any(|(at, word)| apart(text[..at].chars().next_back()) && apart(text[at + word.len()..].chars().next()))
}

/// Every file below a folder that is there now: a program at work makes some and removes some.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(below(&path)) } else { files.push(path) }
    }
    files
}

/// Everybody whom the tests make up.
static EVERYBODY: LazyLock<Vec<Contributor>> =
    LazyLock::new(|| practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().roster.contributors);

fn chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

fn names_nobody(text: &str) {
    let named = EVERYBODY.iter().find(|person| text.contains(person.id_number.as_str()));
    assert!(named.is_none(), "a whole ID number in «{text}»");
}

/// I5: the error has its code and its three parts in Chinese, every figure in them, and no ID number.
pub fn assert_words(error: &UiError) {
    let text = texts::lookup(&error.code).unwrap_or_else(|| panic!("{} has no words", error.code));
    for part in [&text.title, &text.happened, &text.remedy] {
        for hole in part.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
            assert!(error.args.contains_key(hole), "{}: nothing to put for {{{hole}}} in «{part}»", error.code);
        }
        let said = texts::fill(part, &error.args);
        assert!(chinese(&said) && !said.contains(['{', '}', '…']), "{}: «{said}»", error.code);
    }
    error.args.values().for_each(|value| names_nobody(value));
    error.findings.iter().for_each(assert_reads_well);
}

/// I5, of a finding.
pub fn assert_reads_well(finding: &FindingView) {
    let said = format!("{} {} {}", finding.title, finding.message, finding.value);
    assert!(chinese(&finding.title) && chinese(&finding.message), "{}: {said}", finding.code);
    assert!(!said.contains(['{', '}', '…']), "{}: a gap in «{said}»", finding.code);
    names_nobody(&said);
}

/// What this process has logged since it was looked at last.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens to the log of this process, as a development build writes it; a delivered one writes less. Where a test
/// listens for itself, that is left alone.
pub(crate) fn listen() {
    let log = tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_ansi(false).with_writer(|| Ear);
    let _ = log.try_init();
}

fn heard() -> Vec<u8> {
    std::mem::take(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner))
}
