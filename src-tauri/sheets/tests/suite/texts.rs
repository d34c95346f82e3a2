//! Words for every refusal.

use huijiao_domain::texts;
use huijiao_sheets::upload::{LearnNote, UploadError, Why};
use huijiao_sheets::write::WriteError;
use huijiao_sheets::{RosterError, RosterFault, SheetError};

#[test]
fn every_code_has_words() {
    let codes = [
        SheetError::CODES,
        WriteError::CODES,
        UploadError::CODES,
        Why::CODES,
        LearnNote::CODES,
        RosterError::CODES,
        RosterFault::CODES,
    ];
    for code in codes.into_iter().flatten() {
        let text = texts::lookup(code);
        assert!(text.is_some_and(|t| !t.title.is_empty() && !t.remedy.is_empty()), "{code} needs words");
    }
}
