//! csv, web pages and Excel 2003 XML in a chosen encoding; the first byte chooses.
#![no_main]

mod common;

use huijiao_sheets::ReadChoice;

const ENCODINGS: [&str; 6] = ["utf-8", "gb18030", "utf-16le", "utf-16be", "big5", "x-no-such"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((first, text)) = bytes.split_first() {
        let encoding = ENCODINGS.get(usize::from(*first)).map(|name| (*name).to_owned());
        common::whole_way(text.to_vec(), &ReadChoice { sheet: None, encoding });
    }
});
