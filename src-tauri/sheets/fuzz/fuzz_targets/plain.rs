#![no_main]

mod common;
#[path = "../../tests/suite/kit/wrap.rs"]
#[allow(dead_code)]
mod wrap;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| common::both_ways(&wrap::xlsx(bytes)));
