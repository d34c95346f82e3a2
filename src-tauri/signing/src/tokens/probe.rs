//! Trying a module in a process of its own first, the same program started with `--probe-module`: a driver that crashes
//! takes its process with it, and one that hangs while it is loaded can't be got rid of any more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::owner;
use crate::error::SignError;

const ARGUMENT: &str = "--probe-module";
/// Longest wait for a module that is tried.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often whoever waits looks at the clock.
const LOOK: Duration = Duration::from_millis(10);

/// How a module bore being tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Bears,
    Crashed,
    Silent,
}

/// By file and the time of its last change: a driver that was replaced is tried anew.
static TRIED: Mutex<BTreeMap<(PathBuf, Option<SystemTime>), Outcome>> = Mutex::new(BTreeMap::new());

/// Tries one module if this process was started for that, and says whether it was. To be called first thing in `main` of
/// every program that looks for tokens, which then returns at once on `true`.
pub fn serve_probe_if_asked() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|argument| argument != ARGUMENT) {
        return false;
    }
    if let Some(path) = arguments.next() {
        // What it says is asked again by whoever loads it: here it only has to come back.
        let _ = owner::driver(Path::new(&path)).look(false);
    }
    true
}

/// Whether `module` can be loaded without harm, tried by `program`. What was found out holds for as long as the process
/// runs; `anew` tries again one that failed.
pub(super) fn bears(program: &Path, module: &Path, anew: bool) -> Result<(), SignError> {
    let changed = std::fs::metadata(module).and_then(|file| file.modified()).ok();
    let file = (module.to_owned(), changed);
    let known = TRIED.lock().unwrap_or_else(PoisonError::into_inner).get(&file).copied();
    let outcome = match known.filter(|outcome| *outcome == Outcome::Bears || !anew) {
        Some(outcome) => outcome,
        None => {
            let outcome = tried(program, module)?;
            TRIED.lock().unwrap_or_else(PoisonError::into_inner).insert(file, outcome);
            outcome
        }
    };
    let path = module.display().to_string();
    match outcome {
        Outcome::Bears => Ok(()),
        Outcome::Crashed => Err(SignError::TokenCrashed { path }),
        Outcome::Silent => Err(SignError::TokenSilent { path }),
    }
}

fn tried(program: &Path, module: &Path) -> Result<Outcome, SignError> {
    let failed = |error: std::io::Error| SignError::TokenModule {
        path: module.display().to_string(),
        reason: error.to_string(),
    };
    let mut command = Command::new(program);
    command.arg(ARGUMENT).arg(module).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(failed)?;
    let end = Instant::now() + PATIENCE;
    loop {
        match child.try_wait().map_err(failed)?.as_ref().map(ExitStatus::success) {
            Some(true) => return Ok(Outcome::Bears),
            Some(false) => return Ok(Outcome::Crashed),
            None if Instant::now() > end => {
                child.kill().and_then(|()| child.wait()).map_err(failed)?;
                return Ok(Outcome::Silent);
            }
            None => thread::sleep(LOOK),
        }
    }
}
