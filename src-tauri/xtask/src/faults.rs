//! `cargo xtask faults`: runs the tests that `tests/faults/README.md` names and prints what passed, row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::needs;
use crate::run::{Step, say};

/// The table, in the repository.
const TABLE: &str = "tests/faults/README.md";

/// A row of the table.
struct Row {
    /// `F01`
    row: String,
    fault: String,
    tests: Vec<Test>,
    /// What of it no test holds; empty where all of it is held.
    open: String,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    file: String,
    name: String,
}

/// How a test ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    /// In a browser or by night: not run here.
    NotHere,
}

impl Row {
    fn read(line: &str) -> Option<Self> {
        let mut cells = line.strip_prefix("| F")?.split(" | ");
        let (row, fault, tests) = (cells.next()?, cells.next()?, cells.next()?);
        let open = cells.next().unwrap_or_default().trim_end_matches('|').trim().to_owned();
        let tests = tests.split("<br>").filter_map(|one| one.trim().split_once("::"));
        let tests = tests.map(|(file, name)| Test { file: file.to_owned(), name: name.to_owned() }).collect();
        Some(Self { row: format!("F{row}"), fault: fault.to_owned(), tests, open })
    }
}

fn table(root: &Path) -> Result<Vec<Row>, String> {
    let text = std::fs::read_to_string(root.join(TABLE)).map_err(|e| format!("{TABLE}: {e}"))?;
    Ok(text.lines().filter_map(Row::read).collect())
}

/// Package, and its test program where it is not the library itself.
fn target(file: &str) -> Option<(String, Option<String>)> {
    let parts: Vec<&str> = file.strip_suffix(".rs")?.split('/').collect();
    match parts.as_slice() {
        ["tests", .., name] => Some(("huijiao-tests".to_owned(), Some((*name).to_owned()))),
        ["src-tauri", "app", ..] => Some(("huijiao".to_owned(), None)),
        ["src-tauri", room, "tests", name] | ["src-tauri", room, "tests", name, _] => {
            Some((format!("huijiao-{room}"), Some((*name).to_owned())))
        }
        ["src-tauri", room, "src", ..] => Some((format!("huijiao-{room}"), None)),
        _ => None,
    }
}

/// What the programs of tests said.
#[derive(Default)]
struct Said {
    ends: BTreeMap<Test, End>,
    /// Faults borne, by row.
    faults: BTreeMap<String, usize>,
    total: usize,
}

impl Said {
    /// Takes the output of one program, in which `tests` ran.
    fn hear(&mut self, output: &str, tests: &BTreeSet<Test>, ends: impl Fn(&str, &str) -> Option<End>) {
        for line in output.lines() {
            if let Some((rows, told)) = line.strip_prefix("[faults] ").and_then(|line| line.split_once(": ")) {
                let count: usize = told.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or_default();
                self.total += count;
                for row in rows.split(' ') {
                    *self.faults.entry(row.to_owned()).or_default() += count;
                }
            }
            for test in tests {
                // Where two programs have a test of one name, a failure of either counts.
                if let Some(end) = ends(line, &test.name)
                    && self.ends.get(test) != Some(&End::Failed)
                {
                    self.ends.insert(test.clone(), end);
                }
            }
        }
    }
}

/// A line of Rust's own test program.
fn libtest(line: &str, name: &str) -> Option<End> {
    let (test, end) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let test = test.split(" - ").next().unwrap_or_default();
    (test == name || test.ends_with(&format!("::{name}"))).then(|| match end {
        "ok" => End::Passed,
        end if end.starts_with("ignored") => End::NotHere,
        _ => End::Failed,
    })
}

/// A line of vitest's verbose reporter.
fn vitest(line: &str, name: &str) -> Option<End> {
    let (mark, rest) = line.trim().split_once(' ')?;
    let end = match mark {
        "✓" => End::Passed,
        "×" => End::Failed,
        _ => return None,
    };
    let found = rest.rsplit(" > ").next()?;
    let time = |rest: &str| rest.trim().strip_suffix("ms").is_some_and(|time| time.trim().parse::<u32>().is_ok());
    (found == name || found.strip_prefix(name).is_some_and(time)).then_some(end)
}

/// Runs what the table names and prints it; `night` adds the long ones.
pub(crate) fn faults(root: &Path, night: bool) -> Result<(), String> {
    needs::node_packages(root)?;
    let rows = table(root)?;
    let all: BTreeSet<Test> = rows.iter().flat_map(|row| row.tests.iter().cloned()).collect();
    let pages: BTreeSet<Test> = all.iter().filter(|test| test.file.ends_with(".test.ts")).cloned().collect();
    let ours = all.into_iter().filter(|test| target(&test.file).is_some());
    // What needs the window's system libraries is built last and by itself.
    let (window, rooms): (BTreeSet<Test>, BTreeSet<Test>) =
        ours.partition(|test| test.file.starts_with("src-tauri/app/"));
    let mut said = Said::default();
    for (packages, tests) in
        [(&["--workspace", "--exclude", "huijiao", "--all-features"][..], &rooms), (&["-p", "huijiao"], &window)]
    {
        let programs: BTreeSet<Option<String>> =
            tests.iter().filter_map(|test| target(&test.file)).map(|(_, p)| p).collect();
        let mut line = vec!["test", "--quiet", "--no-fail-fast", "--bins"];
        line.extend(packages);
        for program in &programs {
            match program {
                Some(program) => line.extend(["--test", program]),
                None => line.push("--lib"),
            }
        }
        line.push("--");
        line.extend(tests.iter().map(|test| test.name.as_str()));
        line.extend(["--format=pretty", "--show-output"]);
        if night {
            line.push("--include-ignored");
        }
        said.hear(&Step::cargo(&line).within(root).heard()?, tests, libtest);
    }
    if !pages.is_empty() {
        let files = pages.iter().filter_map(|test| test.file.strip_prefix("ui/")).collect::<BTreeSet<_>>();
        let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
        let line: Vec<&str> = ["vitest", "run", "--reporter=verbose"].into_iter().chain(files).collect();
        let output = Step::new(npx, &line).with("NO_COLOR", "1").within(&root.join("ui")).heard()?;
        said.hear(&output, &pages, vitest);
    }
    print(&rows, &said)
}

fn print(rows: &[Row], said: &Said) -> Result<(), String> {
    let mut failed = BTreeSet::new();
    let (mut held, mut partly) = (0, 0);
    say("row   tests passed   faults   fault");
    for row in rows {
        let end = |test: &Test| match said.ends.get(test) {
            Some(end) => *end,
            // A program that did not say a word of its test has not run it.
            None if test.file.ends_with(".mjs") => End::NotHere,
            None => End::Failed,
        };
        let count = |wanted: End| row.tests.iter().filter(|test| end(test) == wanted).count();
        failed.extend(row.tests.iter().filter(|test| end(test) == End::Failed).cloned());
        let mut notes = Vec::new();
        match count(End::NotHere) {
            0 => {}
            others => notes.push(format!("{others} not run here")),
        }
        if !row.open.is_empty() {
            notes.push(format!("not held: {}", row.open));
        }
        held += usize::from(row.open.is_empty());
        partly += usize::from(!row.open.is_empty() && !row.tests.is_empty());
        let passed = format!("{} of {}", count(End::Passed), row.tests.len());
        let faults = said.faults.get(&row.row).map_or_else(String::new, ToString::to_string);
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        say(&format!("{:<5} {passed:<14} {faults:>6}   {}{notes}", row.row, row.fault));
    }
    say(&format!(
        "{} rows: {held} held, {partly} in part, {} not; {} faults, {} tests failed",
        rows.len(),
        rows.len() - held - partly,
        said.total,
        failed.len()
    ));
    if failed.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = failed.iter().map(|test| format!("{}::{}", test.file, test.name)).collect();
    Err(format!("failed:\n  {}", names.join("\n  ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::path::PathBuf;

    use super::*;

    fn rows() -> (PathBuf, Vec<Row>) {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let rows = table(&root).unwrap();
        (root, rows)
    }

    #[test]
    fn every_row_of_the_specification_is_there_and_says_what_holds_it() {
        let (_, rows) = rows();
        let named: Vec<String> = rows.iter().map(|row| row.row.clone()).collect();
        let wanted: Vec<String> = (1..=58).map(|row| format!("F{row:02}")).collect();
        assert_eq!(named, wanted, "each once, in their order");
        for row in rows {
            assert!(!row.tests.is_empty() || !row.open.is_empty(), "{}: neither tests nor a reason", row.row);
        }
    }

    #[test]
    fn every_test_of_the_table_exists() {
        let (root, rows) = rows();
        for Test { file, name } in rows.iter().flat_map(|row| &row.tests) {
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            if !file.ends_with(".rs") {
                assert!(text.contains(&format!("\"{name}\"")), "{file} has no test «{name}»");
                continue;
            }
            let is_it = |line: &str| {
                let begins = line.split_once("fn ").and_then(|(_, rest)| rest.strip_prefix(name.as_str()));
                begins.is_some_and(|rest| rest.starts_with("()"))
            };
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let place = lines.iter().position(|line| is_it(line)).unwrap_or_else(|| panic!("{file} has no «{name}»"));
            let above = lines[..place].iter().rev().take_while(|line| line.starts_with("#["));
            assert!(above.into_iter().any(|line| line.contains("test")), "{file}: {name} is no test");
            assert!(target(file).is_some(), "{file}: nobody knows how to run it");
        }
    }

    #[test]
    fn what_a_program_says_is_understood() {
        assert!(libtest("test suite::hostile::one_name_twice ... ok", "one_name_twice") == Some(End::Passed));
        assert!(libtest("test one_name_twice ... FAILED", "one_name_twice") == Some(End::Failed));
        assert!(libtest("test by_night ... ignored, takes hours", "by_night") == Some(End::NotHere));
        assert!(libtest("test not_one_name_twice ... ok", "one_name_twice").is_none(), "another name that ends so");
        assert!(vitest(" ✓ tests/a.test.ts > keys > pressed twice 12ms", "pressed twice") == Some(End::Passed));
        assert!(vitest(" × tests/a.test.ts > pressed twice", "pressed twice") == Some(End::Failed));
        assert!(vitest(" ✓ tests/a.test.ts > pressed twice 12ms", "pressed").is_none(), "another name that begins so");
        let mut said = Said::default();
        said.hear("[faults] F03 F04: 12 faults, 0 lost, 0 doubled\n", &BTreeSet::new(), libtest);
        assert_eq!((said.total, said.faults["F04"]), (12, 12));
    }
}
