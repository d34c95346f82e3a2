//! The worker on its own, for this crate's tests. The programs of the product are their own workers.

use std::process::ExitCode;

fn main() -> ExitCode {
    if huijiao_sheets::worker::serve_if_asked() { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
