//! The side that starts a worker, feeds it and outlives it.

use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::ARGUMENT;
use super::frames::{Frame, Request, read_frame, write_frame};
use crate::error::{Measure, SheetError};
use crate::limits::Limits;
use crate::workbook::{MergedRange, ReadChoice, SheetRow, Workbook};

/// How often a waiting parent looks at the clock and the cancel flag.
const LOOK: Duration = Duration::from_millis(20);

/// The program to start as a worker; its `main` calls [`super::serve_if_asked`] first thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProgram(pub PathBuf);

impl WorkerProgram {
    /// The running program itself.
    ///
    /// # Errors
    /// What the operating system says when it does not know the program's path.
    pub fn current() -> io::Result<Self> {
        std::env::current_exe().map(Self)
    }
}

/// Set from another thread to stop an import; the worker is killed.
#[derive(Debug, Clone, Default)]
pub struct CancelFlag(pub Arc<AtomicBool>);

impl CancelFlag {
    /// Stops the import that was given this flag.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody stopped it.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Reads one sheet in a worker process; blocks until it is done, dead or out of time.
///
/// # Errors
/// Every [`SheetError`] but those of the header and the columns.
pub fn read_in_worker(
    worker: &WorkerProgram,
    bytes: Vec<u8>,
    choice: &ReadChoice,
    limits: &Limits,
) -> Result<Workbook, SheetError> {
    read_in_worker_until(worker, bytes, choice, limits, &CancelFlag::default())
}

/// As [`read_in_worker`], and stops when the flag is set.
///
/// # Errors
/// As [`read_in_worker`], and [`SheetError::Cancelled`].
pub fn read_in_worker_until(
    worker: &WorkerProgram,
    bytes: Vec<u8>,
    choice: &ReadChoice,
    limits: &Limits,
    cancel: &CancelFlag,
) -> Result<Workbook, SheetError> {
    // Settled without a process: nothing to read, or too much.
    if bytes.is_empty() {
        return Err(SheetError::EmptyFile);
    }
    if bytes.len() as u64 > limits.file_bytes {
        return Err(SheetError::too_large(Measure::FileBytes, limits.file_bytes));
    }
    let deadline = Instant::now() + Duration::from_secs(limits.seconds);
    let mut child = Command::new(&worker.0)
        .arg(ARGUMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| SheetError::WorkerNotStarted { cause: e.to_string() })?;
    let request = Request { choice: choice.clone(), limits: limits.clone(), bytes: bytes.len() as u64 };
    let answer = match talk(&mut child, request, bytes) {
        Some(output) => answer(output, limits, deadline, cancel),
        None => Err(SheetError::WorkerDied),
    };
    // After an answer the worker has nothing left to do; without one it must not go on.
    let _ = child.kill();
    let _ = child.wait();
    answer
}

/// Feeds the worker, in a thread that ends with it: pipes block.
fn talk(child: &mut Child, request: Request, bytes: Vec<u8>) -> Option<ChildStdout> {
    let mut input = child.stdin.take()?;
    thread::spawn(move || {
        // A worker that refuses early closes its input; its answer says why.
        let _ = write_frame(&mut input, &request).and_then(|()| input.write_all(&bytes));
    });
    child.stdout.take()
}

/// What somebody says in the worker's words, believed no more than the worker: it has read the hostile file.
///
/// # Errors
/// As [`read_in_worker_until`].
pub fn answer(
    output: impl Read + Send + 'static,
    limits: &Limits,
    deadline: Instant,
    cancel: &CancelFlag,
) -> Result<Workbook, SheetError> {
    let (sender, frames) = sync_channel(16);
    // Ends with its source: pipes block.
    thread::spawn(move || {
        let mut output = BufReader::with_capacity(256 * 1024, output);
        while let Ok(frame) = read_frame::<Frame>(&mut output) {
            if sender.send(frame).is_err() {
                break;
            }
        }
    });
    collect(&frames, limits, deadline, cancel)
}

fn collect(
    frames: &Receiver<Frame>,
    limits: &Limits,
    deadline: Instant,
    cancel: &CancelFlag,
) -> Result<Workbook, SheetError> {
    let mut workbook: Option<Workbook> = None;
    loop {
        if cancel.is_set() {
            return Err(SheetError::Cancelled);
        }
        if Instant::now() >= deadline {
            return Err(SheetError::Timeout { seconds: limits.seconds });
        }
        match frames.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(SheetError::WorkerDied),
            Ok(Frame::Failed(error)) => return Err(error),
            Ok(Frame::Head(head)) if workbook.is_none() && can_head(&head) => workbook = Some(head),
            Ok(Frame::Rows(rows)) => match &mut workbook {
                Some(workbook) if follow(&workbook.rows, &rows, limits) => workbook.rows.extend(rows),
                Some(_) | None => return Err(SheetError::WorkerDied),
            },
            Ok(Frame::End) => return workbook.ok_or(SheetError::WorkerDied),
            Ok(Frame::Head(_)) => return Err(SheetError::WorkerDied),
        }
    }
}

/// Whether rows can follow: none is there yet, and merged ranges are what readers make of them.
fn can_head(head: &Workbook) -> bool {
    head.rows.is_empty() && head.merged.iter().all(MergedRange::is_range) && head.merged.is_sorted()
}

/// Whether these rows can come after those: everything behind the worker relies on their order.
fn follow(before: &[SheetRow], rows: &[SheetRow], limits: &Limits) -> bool {
    let mut last = before.last().map_or(0, |row| row.row);
    rows.iter().all(|row| {
        let rises = row.row > std::mem::replace(&mut last, row.row) && row.row <= limits.rows;
        let cells = &row.cells;
        rises && cells.last().is_some_and(|cell| cell.column < limits.columns) && cells.rise()
    })
}
