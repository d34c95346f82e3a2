//! huijiao-cli: check and verify without a window, for scripts.
//!
//! Exit codes: 0 nothing blocks, 1 something blocks, 2 the input cannot be read. What is asked for goes to
//! standard output, what went wrong to standard error.

mod args;
mod calibrate;
mod check;
mod diff;
mod evidence;
mod export;
mod learn;
mod print;
mod profiles;
mod refusal;
mod roster;
mod sheet;
mod template;
mod verify;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use huijiao_demo::{people, practice, workbooks};
use huijiao_domain::characters::is_bidi_control;
use serde::Serialize;

use crate::args::{Cli, Command, DemoArgs};
use crate::refusal::{Refusal, Words};

/// What a command has found out.
pub(crate) struct Report {
    /// For scripts: JSON with its fields in a fixed order.
    pub(crate) json: String,
    /// For people.
    pub(crate) text: String,
    /// Exit 0 or 1.
    pub(crate) passed: bool,
}

fn main() -> ExitCode {
    huijiao_files::never_dumped();
    // Before anything else: the import worker is this same program with its memory capped.
    if huijiao_sheets::worker::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return without_command(&error),
    };
    let (outcome, as_json) = match &cli.command {
        Command::Check(args) => (check::check(args), args.json),
        Command::Diff(args) => (diff::diff(args), args.json),
        Command::Profiles(args) => (profiles::profiles(args), args.json),
        Command::Calibrate(args) => (calibrate::run(args), args.json),
        Command::Template(args) => (template::write(args), args.json),
        Command::Export(args) => (export::export(args), args.check.json),
        Command::Learn(args) => (learn::run(args), args.json),
        Command::Print(args) => (print::print(args), args.json),
        Command::Verify(args) => (verify::verify(args), args.json),
        Command::Demo(args) => (demo(args), args.json),
    };
    match outcome.and_then(|report| say(&report, as_json).map(|()| report.passed)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(refusal) => refuse(&refusal, as_json),
    }
}

fn say(report: &Report, as_json: bool) -> Result<(), Refusal> {
    let written = if as_json { print(&report.json) } else { print(&shown(&report.text)) };
    written.map_err(|cause| Refusal::new(Refusal::OUTPUT).arg("cause", cause))
}

fn refuse(refusal: &Refusal, as_json: bool) -> ExitCode {
    // Where neither channel can be written to, the exit code is all that is left to say it.
    if as_json {
        let _ = print(&pretty(&Failure { error: refusal.words() }));
    }
    let _ = writeln!(io::stderr().lock(), "{}", shown(&refusal.sentence()));
    ExitCode::from(2)
}

/// A text without what would move or colour a terminal, or turn a line around: cells of other people's sheets are in it.
fn shown(text: &str) -> String {
    let moves = |c: char| c != '\n' && (c.is_control() || is_bidi_control(c));
    text.chars().map(|c| if moves(c) { '\u{fffd}' } else { c }).collect()
}

/// Help and version are answers; anything else means that the arguments cannot be read.
fn without_command(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = error.to_string();
        return if print(&format!("{}\n", text.trim_end())).is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    let as_json = std::env::args_os().any(|arg| arg == OsStr::new("--json"));
    refuse(&Refusal::new(Refusal::ARGUMENTS).arg("detail", args::fault(error)), as_json)
}

#[derive(Serialize)]
struct Failure {
    error: Words,
}

pub(crate) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[derive(Serialize)]
struct Laid<'a> {
    workbooks: Vec<LaidBook<'a>>,
    roster: &'a Path,
    seed: &'a Path,
}

#[derive(Serialize)]
struct LaidBook<'a> {
    path: &'a Path,
    note: &'a str,
}

fn demo(args: &DemoArgs) -> Result<Report, Refusal> {
    let profile = profiles::open("demo")?;
    let unit = people::practice_unit(&profile)?;
    let books = workbooks::lay(&args.out, &unit, &profile)?;
    let roster = args.out.join(workbooks::ROSTER);
    let seed = practice::lay_seed(&args.out, &unit, &profile)?;
    let mut text = String::from("练习文件已备好：\n");
    for book in &books {
        text.push_str(&format!("  {}  {}\n", book.path.display(), book.note));
    }
    text.push_str(&format!("  {}  缴存人清册，供 check --roster 使用\n", roster.display()));
    text.push_str(&format!("  {}  单位数据，供 huijiao-center --seed 使用\n", seed.display()));
    let workbooks = books.iter().map(|book| LaidBook { path: &book.path, note: book.note }).collect();
    Ok(Report { json: pretty(&Laid { workbooks, roster: &roster, seed: &seed }), text, passed: true })
}
