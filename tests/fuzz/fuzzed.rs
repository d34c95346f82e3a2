//! What the fuzzer found to lead elsewhere, through the same readers again.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod readers;

use std::fs;
use std::path::Path;

use readers::READERS;

#[test]
fn what_the_fuzzer_kept_is_answered_or_refused() {
    for (name, reader) in READERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let mut files = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let file = entry.unwrap().path();
            let bytes = fs::read(&file).unwrap();
            files += 1;
            let read = std::panic::catch_unwind(|| reader(&bytes));
            assert!(read.is_ok(), "{} ends in an answer or a refusal", file.display());
        }
        assert!(files > 0, "{name} has a corpus");
    }
}
