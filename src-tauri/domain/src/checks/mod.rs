//! The rules, one file per family. Each reads a value and leaves its findings, without place or raw text, in
//! the list it is given: the caller knows where the value stands. Sheets and signed rows are judged by the
//! same functions.

use crate::finding::{Code, Finding, Level};
use crate::sheet::Field;

pub(crate) mod account;
pub(crate) mod base;
pub(crate) mod batch;
pub(crate) mod circumstances;
pub(crate) mod contact;
pub(crate) mod elsewhere;
pub(crate) mod identity;
pub(crate) mod limits;
pub(crate) mod months;
pub(crate) mod name;
pub(crate) mod reasons;
pub(crate) mod roster;
pub(crate) mod text;
pub(crate) mod totals;

/// Makes findings about one field findings about another: a rule judges a new name as it judges a name.
pub(crate) fn moved(findings: &mut [Finding], from: Field, to: Field) {
    for finding in findings.iter_mut().filter(|finding| finding.field == Some(from)) {
        finding.field = Some(to);
    }
}

/// A finding about a field; place and raw text are added by the caller.
fn about(field: Field, code: Code, level: Level) -> Finding {
    Finding::new(code, level).about(field, String::new())
}
