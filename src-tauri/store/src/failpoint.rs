//! Points at which a test can end the process as a power cut would: named ones on the way of a filing, and every commit
//! of the local data.
//!
//! Compiled to nothing unless the feature `failpoints` is on; only the tests turn it on. No list of them is kept: a
//! program that is told a file in `HUIJIAO_POINTS` writes down each point that it passes, and a test takes those.

/// A point that is passed. Ends the process where the environment (`HUIJIAO_ABORT_AT`) names it and how often it was
/// passed before, `after-sign 0` for one.
pub fn pass(point: &'static str) {
    #[cfg(feature = "failpoints")]
    points::pass(point);
    #[cfg(not(feature = "failpoints"))]
    let _ = point;
}

#[cfg(feature = "failpoints")]
mod points {
    use std::collections::BTreeMap;
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    static PASSED: Mutex<BTreeMap<&str, usize>> = Mutex::new(BTreeMap::new());

    pub(super) fn pass(point: &'static str) {
        let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
        let times = passed.entry(point).or_default();
        let named = format!("{point} {times}");
        *times += 1;
        if std::env::var("HUIJIAO_ABORT_AT").is_ok_and(|at| at == named) {
            std::process::abort();
        }
        if let Some(file) = std::env::var_os("HUIJIAO_POINTS") {
            let noted = OpenOptions::new().create(true).append(true).open(file);
            // A point that is not written down is one that the test misses, and it counts them.
            let _ = noted.and_then(|mut file| writeln!(file, "{named}"));
        }
    }
}
