//! Reasons in cells: one of a list, or another word that can only mean one of it.

use super::about;
use crate::characters::{says_nothing, squeezed};
use crate::finding::{Code, Finding, Level};
use crate::sheet::Field;

/// The reason as it is filed; `None` where it has to be settled first. `meant` knows the words for a reason.
pub(crate) fn one_of<'r>(
    text: &str,
    reasons: &[&'r str],
    meant: impl FnOnce(&str) -> Option<&'r str>,
    out: &mut Vec<Finding>,
) -> Option<String> {
    let fault = |code, level| about(Field::Reason, code, level).arg("reasons", reasons.join("、"));
    if says_nothing(text) {
        out.push(fault(Code::ReasonMissing, Level::Error));
        return None;
    }
    if reasons.contains(&text) {
        return Some(text.to_owned());
    }
    out.push(match meant(text) {
        Some(reason) => fault(Code::ReasonForm, Level::Fix).propose(reason),
        None => fault(Code::ReasonUnknown, Level::Error),
    });
    None
}

/// The reason that a text means: its name with blanks or full-width letters, or one of its `words`.
pub(crate) fn meant<'r>(text: &str, reasons: &[&'r str], words: &[(&'r str, &[&str])]) -> Option<&'r str> {
    let said = squeezed(text);
    let named = reasons.iter().find(|reason| **reason == said).copied();
    named.or_else(|| words.iter().find(|(_, words)| words.contains(&&*said)).map(|(reason, _)| *reason))
}
