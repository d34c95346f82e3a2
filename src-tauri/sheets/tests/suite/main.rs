//! Whole files in, rows or a clear refusal out. Files are made here, in memory, from generated people; the few
//! that only another program can write lie in `fixtures/` with a note on how they were made.
#![allow(clippy::unwrap_used)]

mod accepted;
mod corpus;
mod exports;
mod faults;
#[path = "../../fuzz/fuzz_targets/common.rs"]
#[allow(
    dead_code,
    reason = "some of it is for the fuzzer alone, which is built by hand: here it is seen to hold still"
)]
mod fuzzed;
mod hostile;
mod kit;
mod learned;
mod odd;
mod old_excel;
mod plain;
mod refused;
mod roster;
mod speed;
mod statement;
mod text_files;
mod texts;
mod upload;
mod worker;
mod written;
