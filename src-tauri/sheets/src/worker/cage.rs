//! What a worker process takes from itself before it sees the file.
//!
//! | | Linux, other Unix | Windows |
//! |---|---|---|
//! | memory | address space (`RLIMIT_AS`) of the program as started plus the limit; macOS keeps it loosely | working set, by a job object |
//! | files, sockets | no new descriptors (`RLIMIT_NOFILE`) | — |
//! | time | processor seconds (`RLIMIT_CPU`), beside the parent's clock | the parent's clock |
//! | core dumps | none: a dump would hold personal data | — |
//!
//! The Windows half has been compiled for and run on no Windows so far. A job object of the `win32job` crate caps
//! the working set, not the committed memory; the page file may still grow until the time limit.

use std::io;

use crate::limits::Limits;

#[cfg(unix)]
pub(super) fn enter(limits: &Limits) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let set = |resource, most: u64| -> io::Result<()> {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(io::Error::from)
    };
    set(Resource::Core, 0)?;
    set(Resource::Cpu, limits.seconds.saturating_add(5))?;
    set(Resource::As, limits.worker_memory.saturating_add(mapped()))?;
    // Only descriptors below this number can be opened, and the three standard ones are taken.
    set(Resource::Nofile, 3)
}

/// Address space in use already: the libraries of a desktop program alone map hundreds of megabytes.
#[cfg(unix)]
fn mapped() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().next().and_then(|pages| pages.parse::<u64>().ok()))
        .unwrap_or(0);
    pages.saturating_mul(rustix::param::page_size() as u64)
}

#[cfg(windows)]
pub(super) fn enter(limits: &Limits) -> io::Result<()> {
    use win32job::{ExtendedLimitInfo, Job};

    let mut info = ExtendedLimitInfo::new();
    let most = usize::try_from(limits.worker_memory).unwrap_or(usize::MAX);
    info.limit_working_memory(1024 * 1024, most);
    let job = Job::create_with_limit_info(&info).map_err(io::Error::other)?;
    job.assign_current_process().map_err(io::Error::other)?;
    // The job must outlive this function; it ends with the process.
    std::mem::forget(job);
    Ok(())
}

#[cfg(not(any(unix, windows)))]
pub(super) fn enter(_limits: &Limits) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
