//! Words for every refusal.

use huijiao_domain::texts;
use huijiao_sheets::SheetError;
use huijiao_sheets::write::WriteError;

#[test]
fn every_code_has_words() {
    for code in SheetError::CODES.iter().chain(WriteError::CODES) {
        let text = texts::lookup(code);
        assert!(text.is_some_and(|t| !t.title.is_empty() && !t.remedy.is_empty()), "{code} needs words");
    }
}
