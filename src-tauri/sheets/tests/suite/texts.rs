//! Words for every refusal.

use huijiao_domain::texts;
use huijiao_sheets::SheetError;

#[test]
fn every_code_has_words() {
    for code in SheetError::CODES {
        let text = texts::lookup(code);
        assert!(text.is_some_and(|t| !t.title.is_empty() && !t.remedy.is_empty()), "{code} needs words");
    }
}
