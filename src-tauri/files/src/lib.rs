//! Files that appear whole or not at all: written aside, brought to the disk, moved into place.
//!
//! On Windows a file that another program has open cannot be moved or replaced. A virus scanner opens what was just
//! written, for a moment: the move is tried again a few times before it is given up.
#![warn(missing_docs)]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use tempfile::{Builder, PathPersistError, TempPath};

/// Before the second try and the ones after it.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(150),
    Duration::from_millis(300),
    Duration::from_millis(600),
];

/// Writes a file in the place of the one that is there, if any. One writer at a time: what a program that was killed
/// left beside it goes first.
///
/// # Errors
/// What the system says; then the one that was there still is, and nothing is left beside it.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut part = name.to_owned();
    part.push(".part");
    match fs::remove_file(folder(path).join(&part)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    put(written(path, bytes, Builder::new().prefix(&part).rand_bytes(0))?, path)
}

/// Writes a file where there is none.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]; what else the system says. Then nothing is left behind.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = written(path, bytes, Builder::new().prefix(".huijiao-").suffix(".new"))?;
    put_beside(aside, path).map_err(|error| error.error)
}

/// Moves what was written aside, in the same folder, into the place of a file.
///
/// # Errors
/// What the system says; then the one that was there still is.
pub fn put(aside: TempPath, path: &Path) -> io::Result<()> {
    let moved = patiently(aside, |aside| aside.persist(path).map_err(|PathPersistError { error, path }| (error, path)));
    moved.map_err(|(error, _)| error)?;
    sync_folder(folder(path));
    Ok(())
}

/// Moves what was written aside to where there is no file.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]; what else the system says. What was written comes back in the error.
pub fn put_beside(aside: TempPath, path: &Path) -> Result<(), PathPersistError> {
    let how = |aside: TempPath| aside.persist_noclobber(path).map_err(|PathPersistError { error, path }| (error, path));
    patiently(aside, how).map_err(|(error, path)| PathPersistError { error, path })?;
    sync_folder(folder(path));
    Ok(())
}

/// Gives a file or a folder another name.
///
/// # Errors
/// What the system says.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently((), |()| fs::rename(from, to).map_err(|error| (error, ()))).map_err(|(error, ())| error)?;
    sync_folder(folder(to));
    Ok(())
}

/// Makes a rename durable where the system lets folders be opened; elsewhere the rename itself is.
pub fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// The whole file, on the disk, not yet in its place.
fn written(path: &Path, bytes: &[u8], named: &Builder<'_, '_>) -> io::Result<TempPath> {
    let folder = folder(path);
    fs::create_dir_all(folder)?;
    let mut aside = named.tempfile_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    Ok(aside.into_temp_path())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Tries again what fails because somebody else holds a file; what it is done with comes back with each failure.
fn patiently<T, R>(mut what: T, step: impl Fn(T) -> Result<R, (io::Error, T)>) -> Result<R, (io::Error, T)> {
    for pause in PAUSES {
        match step(what) {
            Err((error, back)) if passes(&error) => what = back,
            done => return done,
        }
        thread::sleep(pause);
    }
    step(what)
}

/// Whether another program has the file open for itself: Excel and WPS do with what they show.
pub fn is_held(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    let windows = [SHARING_VIOLATION, LOCK_VIOLATION].map(Some);
    error.kind() == io::ErrorKind::ResourceBusy || (cfg!(windows) && windows.contains(&error.raw_os_error()))
}

/// Whether waiting may help. On Windows «access denied» is what a scanner looks like, too.
fn passes(error: &io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    is_held(error) || (cfg!(windows) && error.raw_os_error() == Some(ACCESS_DENIED))
}

/// Has the system write no image of this process's memory, should it crash: keys are in there, and people. Whatever it
/// starts leaves no core file either. Windows has no such word; see SECURITY.md.
pub fn never_dumped() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Anybody may lower a limit of his own.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    // Where the system hands what crashes to a program, it does not ask for the limit.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::cell::{Cell, RefCell};

    use super::*;

    /// A move that fails so often before it succeeds.
    fn tries(failures: usize, kind: io::ErrorKind) -> (Result<(), io::ErrorKind>, usize) {
        let tries = Cell::new(0);
        let outcome = patiently((), |()| {
            tries.set(tries.get() + 1);
            if tries.get() <= failures { Err((kind.into(), ())) } else { Ok(()) }
        });
        (outcome.map_err(|(error, ())| error.kind()), tries.get())
    }

    #[test]
    fn f47_what_is_held_for_a_moment_is_tried_again_and_nothing_else_is() {
        use io::ErrorKind::{AlreadyExists, PermissionDenied, ResourceBusy, StorageFull};
        assert_eq!(tries(2, ResourceBusy), (Ok(()), 3), "until it is let go of");
        assert_eq!(tries(5, ResourceBusy), (Ok(()), 6), "five times again");
        assert_eq!(tries(6, ResourceBusy), (Err(ResourceBusy), 6), "and then it is said");
        for final_one in [AlreadyExists, StorageFull, PermissionDenied] {
            assert_eq!(tries(1, final_one), (Err(final_one), 1), "waiting would not help");
        }
    }

    #[test]
    fn f47_a_file_that_excel_holds_is_told_from_one_that_may_not_be_touched() {
        assert!(is_held(&io::ErrorKind::ResourceBusy.into()), "as every system says it");
        for code in [32, 33] {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(is_held(&error), cfg!(windows), "sharing and lock violations are Windows' words: {error}");
        }
        assert!(!is_held(&io::Error::from_raw_os_error(5)), "access denied is a right that is missing");
        assert!(!is_held(&io::ErrorKind::PermissionDenied.into()));
    }

    /// Somebody has the file open until the first try has failed. Elsewhere than on Windows the first try succeeds.
    #[test]
    fn f47_a_file_that_another_program_has_open_is_replaced_once_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        fs::write(&path, "old").unwrap();
        let holder = RefCell::new(Some(File::open(&path).unwrap()));
        let tries = Cell::new(0);
        let aside = written(&path, b"new", &Builder::new()).unwrap();
        let moved = patiently(aside, |aside| {
            tries.set(tries.get() + 1);
            let moved = aside.persist(&path).map_err(|PathPersistError { error, path }| (error, path));
            holder.take();
            moved
        });
        assert!(moved.is_ok());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(tries.get(), if cfg!(windows) { 2 } else { 1 });
    }

    #[test]
    fn a_file_is_replaced_or_made_whole_and_never_over_another_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/kept");
        create(&path, b"first").unwrap();
        assert_eq!(create(&path, b"second").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first", "as it was");
        replace(&path, b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        let to = folder.path().join("moved");
        rename(path.parent().unwrap(), &to).unwrap();
        let names: Vec<_> = fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["kept"], "nothing is left beside it");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_image_of_the_memory_is_written_nor_handed_to_a_program() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};

        never_dumped();
        let limits = fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "now, and not to be raised again");
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
