//! What a worker says that a file has taken over.
#![no_main]

#[allow(dead_code)]
mod common;

use std::io::Cursor;
use std::time::{Duration, Instant};

use huijiao_sheets::worker::{CancelFlag, answer};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    common::ours_only();
    let deadline = Instant::now() + Duration::from_secs(5);
    if let Ok(book) = answer(Cursor::new(bytes.to_vec()), &common::limits(), deadline, &CancelFlag::default()) {
        common::lead_on(&book);
        let _ = huijiao_sheets::write::rebuild(&book, &[], None, &[]);
    }
});
