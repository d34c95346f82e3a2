//! How often a center lets something be changed.

use super::about;
use crate::field::Field;
use crate::filing::Circumstances;
use crate::finding::{Code, Finding, Level};
use crate::month::Month;
use crate::roster::Contributor;

/// One more base of this person within the calendar year of the period.
pub(crate) fn base_changes(person: &Contributor, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let year = of.period.year();
    let count = person.changes.base.iter().filter(|month| month.year() == year).count();
    if let Some(limit) = of.profile.limits.base_changes_per_year.filter(|limit| count >= usize::from(*limit)) {
        let finding = about(Field::NewBase, Code::BaseChanges, Level::Error).arg("year", year);
        out.push(finding.arg("limit", limit).arg("count", count));
    }
}

/// One more 封存, or one more 启封, of this person in a month; `before` are those filed already.
pub(crate) fn status_changes(before: &[Month], month: Month, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let count = before.iter().filter(|filed| **filed == month).count();
    if let Some(limit) = of.profile.limits.status_changes_per_month.filter(|limit| count >= usize::from(*limit)) {
        let finding = about(Field::ChangeKind, Code::StatusChanges, Level::Error).arg("month", month);
        out.push(finding.arg("limit", limit).arg("count", count));
    }
}
