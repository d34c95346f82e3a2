//! Arbitrary bytes end in rows or a refusal, and rows lead on without a panic.
#![no_main]

use huijiao_sheets::{Limits, ReadChoice, find_header, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        file_bytes: 1 << 20,
        zip_entries: 100,
        entry_bytes: 1 << 20,
        total_bytes: 4 << 20,
        shared_string_bytes: 1 << 20,
        rows: 2_000,
        columns: 256,
        cells: 20_000,
        ..Limits::default()
    };
    if let Ok(book) = read(bytes.to_vec(), &ReadChoice::default(), &limits) {
        let _ = find_header(&book);
    }
});
