//! Opening a workbook: always in the worker process, whose memory is capped.

use std::fs;
use std::path::Path;

use huijiao_sheets::{Limits, ReadChoice, SheetError, Workbook, WorkerProgram, read_in_worker};

use crate::refusal::Refusal;

pub(crate) fn open(path: &Path, choice: &ReadChoice) -> Result<Workbook, Refusal> {
    read(bytes(path)?, choice)
}

/// The file, unless it is larger than any workbook that would be read.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Refusal> {
    let limits = Limits::default();
    let size = fs::metadata(path).map_err(|cause| Refusal::file(path, &cause))?.len();
    if size > limits.file_bytes {
        let measure = huijiao_sheets::Measure::FileBytes;
        return Err(SheetError::TooLarge { measure, limit: limits.file_bytes }.into());
    }
    fs::read(path).map_err(|cause| Refusal::file(path, &cause))
}

pub(crate) fn read(bytes: Vec<u8>, choice: &ReadChoice) -> Result<Workbook, Refusal> {
    let program =
        WorkerProgram::current().map_err(|cause| SheetError::WorkerNotStarted { cause: cause.to_string() })?;
    Ok(read_in_worker(&program, bytes, choice, &Limits::default())?)
}
