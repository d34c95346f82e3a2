//! Reading in a process of its own: the same program, started with `--import-worker`.
//!
//! A workbook of one kilobyte can ask for more memory than the machine has, and a failed allocation ends the
//! process. So the bytes go to a child by its standard input, rows come back in frames by its standard output,
//! and the child has a memory cap, a time limit, and no way to open a file or a socket (see [`cage`]). If it
//! dies, the parent says `sheet-worker-died` and lives on.

mod cage;
mod frames;
mod parent;

use std::io::{self, BufWriter, Read, Write};

use frames::{Frame, Request, read_frame, write_frame};

use crate::open::read;

pub use parent::{CancelFlag, WorkerProgram, answer, read_in_worker, read_in_worker_until};

/// The argument that makes the program a worker.
pub const ARGUMENT: &str = "--import-worker";

/// Rows per frame.
const BATCH: usize = 2_000;

/// Serves one import if this process was started as a worker, and says whether it was. To be called first
/// thing in `main` of every program that imports, which then returns at once on `true`.
pub fn serve_if_asked() -> bool {
    if std::env::args_os().nth(1).is_none_or(|argument| argument != ARGUMENT) {
        return false;
    }
    // A panic's message may quote the file; the parent only needs to know that the worker is gone.
    std::panic::set_hook(Box::new(|_| {}));
    // Nobody is left to hear about a failure to answer: the parent sees the pipe close.
    let _ = serve(io::stdin().lock(), BufWriter::with_capacity(256 * 1024, io::stdout().lock()));
    true
}

fn serve(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let request: Request = read_frame(&mut input)?;
    cage::enter(&request.limits)?;
    // Room for what was promised, but never more than a file may have.
    let expected = request.bytes.min(request.limits.file_bytes.saturating_add(1));
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    input.take(expected).read_to_end(&mut bytes)?;
    match read(bytes, &request.choice, &request.limits) {
        Err(error) => write_frame(&mut output, &Frame::Failed(error))?,
        Ok(mut workbook) => {
            let rows = std::mem::take(&mut workbook.rows);
            write_frame(&mut output, &Frame::Head(workbook))?;
            let mut rows = rows.into_iter();
            loop {
                let batch: Vec<_> = rows.by_ref().take(BATCH).collect();
                if batch.is_empty() {
                    break;
                }
                write_frame(&mut output, &Frame::Rows(batch))?;
            }
            write_frame(&mut output, &Frame::End)?;
        }
    }
    output.flush()
}
