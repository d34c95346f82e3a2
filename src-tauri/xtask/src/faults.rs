//! `cargo xtask faults`: runs the tests that `tests/faults/README.md` names and prints what passed, row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
    /// By night, or in a browser that is not here: not run.
    NotHere,
}

/// What may be said of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Held,
    /// What its tests hold passed; its last column says what they do not.
    InPart,
    /// A test of it failed, none of it ran, or it has none.
    NotHeld,
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

    /// By how its tests ended: what did not run here says nothing, and what failed says all.
    fn verdict(&self, ends: &[End]) -> Verdict {
        if ends.contains(&End::Failed) || !ends.contains(&End::Passed) {
            Verdict::NotHeld
        } else if self.open.is_empty() {
            Verdict::Held
        } else {
            Verdict::InPart
        }
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

/// A line of the programs that drive a browser.
fn driven(line: &str, name: &str) -> Option<End> {
    let (end, found) = line.split_once(' ')?;
    let end = match end {
        "ok" | "passed" => End::Passed,
        "FAIL" | "FAILED" => End::Failed,
        _ => return None,
    };
    (found.trim() == name).then_some(end)
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
    let driven_pages: BTreeSet<Test> = all.iter().filter(|test| test.file.ends_with(".mjs")).cloned().collect();
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
    // What then was not heard of has failed, and the table says so.
    if let Err(why) = in_browser(root, &driven_pages, &mut said) {
        say(&why);
    }
    print(&rows, &said)
}

/// The cases that need a browser, each by its name; without one they are not run, which is no failure.
fn in_browser(root: &Path, cases: &BTreeSet<Test>, said: &mut Said) -> Result<(), String> {
    if cases.is_empty() {
        return Ok(());
    }
    let browser = std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from);
    if !browser.is_file() {
        say(&format!("there is no {}: {} cases in a browser are NOT RUN", browser.display(), cases.len()));
        said.ends.extend(cases.iter().map(|test| (test.clone(), End::NotHere)));
        return Ok(());
    }
    // With the features of the tests above, so that nothing is compiled twice.
    let build = ["build", "--workspace", "--exclude", "huijiao", "--all-features", "--bin", "huijiao-web"];
    Step::cargo(&build).within(root).run()?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Step::new(npm, &["run", "--silent", "build"]).within(&root.join("ui")).run()?;
    for case in cases {
        let output = Step::new("node", &[case.file.as_str(), case.name.as_str()]).within(root).heard()?;
        said.hear(&output, &BTreeSet::from([case.clone()]), driven);
    }
    Ok(())
}

fn print(rows: &[Row], said: &Said) -> Result<(), String> {
    let mut failed = BTreeSet::new();
    let mut verdicts = Vec::new();
    say("row   tests passed   faults   fault");
    for row in rows {
        // A program that did not say a word of its test has not run it.
        let end = |test: &Test| said.ends.get(test).copied().unwrap_or(End::Failed);
        let ends: Vec<End> = row.tests.iter().map(end).collect();
        let count = |wanted: End| ends.iter().filter(|end| **end == wanted).count();
        failed.extend(row.tests.iter().filter(|test| end(test) == End::Failed).cloned());
        let mut notes = Vec::new();
        match count(End::NotHere) {
            0 => {}
            others => notes.push(format!("{others} not run here")),
        }
        if !row.open.is_empty() {
            notes.push(format!("not held: {}", row.open));
        }
        let verdict = row.verdict(&ends);
        verdicts.push(verdict);
        let passed = format!("{} of {}", count(End::Passed), row.tests.len());
        let faults = said.faults.get(&row.row).map_or_else(String::new, ToString::to_string);
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        let mark = if verdict == Verdict::NotHeld { "NOT HELD " } else { "" };
        say(&format!("{:<5} {passed:<14} {faults:>6}   {mark}{}{notes}", row.row, row.fault));
    }
    let of = |wanted: Verdict| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    say(&format!(
        "{} rows: {} held, {} in part, {} not; {} faults, {} tests failed",
        rows.len(),
        of(Verdict::Held),
        of(Verdict::InPart),
        of(Verdict::NotHeld),
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
        for test in rows.iter().flat_map(|row| &row.tests) {
            must_exist(&root, test);
        }
    }

    fn must_exist(root: &Path, Test { file, name }: &Test) {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        if !file.ends_with(".rs") {
            assert!(text.contains(&format!("\"{name}\"")), "{file} has no test «{name}»");
            return;
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

    #[test]
    fn every_requirement_that_the_security_page_names_is_held_by_rows_and_tests_that_exist() {
        let (root, rows) = rows();
        let page = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
        let mut named = BTreeSet::new();
        for line in page.lines().filter_map(|line| line.strip_prefix("| V")) {
            let cells: Vec<&str> = line.trim_end_matches('|').split(" | ").map(str::trim).collect();
            let [requirement, _, held] = cells[..] else { panic!("three cells: {line}") };
            let id = requirement.split(' ').next().unwrap();
            let numbers = id.split('.').filter(|part| part.parse::<u8>().is_ok()).count();
            assert_eq!((numbers, id.split('.').count()), (3, 3), "chapter, section, requirement: {id}");
            assert!(named.insert(id), "V{id} once");
            for one in held.split("<br>") {
                match one.split_once("::") {
                    Some((file, name)) => must_exist(&root, &Test { file: file.to_owned(), name: name.to_owned() }),
                    None => assert!(rows.iter().any(|row| row.row == one), "V{id}: there is no row {one}"),
                }
            }
        }
        assert!(named.len() >= 20, "the table was read: {named:?}");
    }

    /// `f01_f07_killed_at_every_point` of a line in which it is defined, and its row.
    fn named_after_a_row(line: &str) -> Option<(String, String)> {
        let (name, _) = line.trim().split_once("fn f")?.1.split_once("()")?;
        let (row, rest) = (name.get(..2)?, name.get(2..)?);
        let named = row.bytes().all(|digit| digit.is_ascii_digit()) && rest.starts_with('_');
        named.then(|| (format!("F{row}"), format!("f{name}")))
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_test_that_is_named_after_a_row_is_in_it() {
        let (root, rows) = rows();
        let mut files = Vec::new();
        for folder in ["tests", "src-tauri"] {
            sources(&root.join(folder), &mut files);
        }
        let mut named = 0;
        for path in files {
            let file = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&path).unwrap();
            for (row, name) in text.lines().filter_map(named_after_a_row) {
                named += 1;
                let test = Test { file: file.clone(), name };
                let there = rows.iter().any(|one| one.row == row && one.tests.contains(&test));
                assert!(there, "{row} does not name {}::{}", test.file, test.name);
            }
        }
        assert!(named >= 60, "fewer than there were: {named}");
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
        assert!(driven("passed the page crashes", "the page crashes") == Some(End::Passed));
        assert!(driven("ok    losing the focus", "losing the focus") == Some(End::Passed));
        assert!(driven("FAIL  losing the focus", "losing the focus") == Some(End::Failed));
        assert!(driven("FAILED the page crashes", "the page crashes") == Some(End::Failed));
        assert!(driven("passed the page crashes twice", "the page crashes").is_none(), "another name that begins so");
        assert!(driven("1 passed, 0 failed", "passed, 0 failed").is_none(), "a sum is no test");
        let mut said = Said::default();
        said.hear("[faults] F03 F04: 12 faults, 0 lost, 0 doubled\n", &BTreeSet::new(), libtest);
        assert_eq!((said.total, said.faults["F04"]), (12, 12));
    }

    #[test]
    fn a_row_is_held_only_by_tests_that_ran_and_passed() {
        let row = |open: &str| Row { row: "F01".into(), fault: String::new(), tests: Vec::new(), open: open.into() };
        let (whole, open) = (row(""), row("by nobody"));
        assert!(whole.verdict(&[End::Passed, End::Passed]) == Verdict::Held);
        assert!(whole.verdict(&[End::Passed, End::NotHere]) == Verdict::Held, "all that ran here passed");
        assert!(open.verdict(&[End::Passed]) == Verdict::InPart);
        for ends in [&[End::Passed, End::Failed][..], &[End::NotHere], &[]] {
            assert!(
                whole.verdict(ends) == Verdict::NotHeld && open.verdict(ends) == Verdict::NotHeld,
                "{}",
                ends.len()
            );
        }
    }
}
