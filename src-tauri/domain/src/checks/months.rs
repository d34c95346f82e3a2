//! Months in cells: read in every spelling that means one month, and the months in which changes take effect.

use crate::characters::{says_nothing, squeezed};
use crate::filing::Circumstances;
use crate::filing::people::cell;
use crate::finding::{Code, Finding, Level};
use crate::month::Month;
use crate::sheet::{CellKind, Field, RawRow};

/// The month of a cell, and whether it may be filed as it stands; `otherwise` where the cell says nothing.
pub(crate) fn month(
    row: &RawRow,
    field: Field,
    otherwise: Option<Month>,
    out: &mut Vec<Finding>,
) -> Option<(Month, bool)> {
    let (text, kind) = cell(row, field);
    if says_nothing(text) {
        return otherwise.map(|month| (month, true));
    }
    let Some(month) = read_month(text, kind) else {
        out.push(Finding::new(Code::MonthUnreadable, Level::Error).about(field, ""));
        return None;
    };
    // yyyyMM is how centers themselves write it, and a date cell is a date.
    let sound = kind == CellKind::Date || text == month.to_string() || text == month.to_string().replace('-', "");
    if !sound {
        out.push(Finding::new(Code::MonthForm, Level::Fix).about(field, "").propose(month.to_string()));
    }
    Some((month, sound))
}

/// `2026-07`, `202607`, `2026/7`, `2026.7`, `2026年7月`, and whole dates of these forms.
pub(crate) fn read_month(text: &str, kind: CellKind) -> Option<Month> {
    match kind {
        CellKind::Bool | CellKind::Error => return None,
        CellKind::Text | CellKind::Edited | CellKind::Number | CellKind::Date => {}
    }
    let plain = squeezed(text);
    if plain.bytes().all(|b| b.is_ascii_digit()) {
        let digits = plain.get(..6).filter(|_| matches!(plain.len(), 6 | 8))?;
        return Month::new(digits[..4].parse().ok()?, digits[4..].parse().ok()?).ok();
    }
    // 2026.1 as a number may have been 2026.10.
    if kind == CellKind::Number {
        return None;
    }
    let parts: Vec<&str> =
        plain.split(['-', '/', '.', '年', '月', '日', '－', '—']).filter(|part| !part.is_empty()).collect();
    let (year, month) = match parts.as_slice() {
        [year, month] | [year, month, _] if year.len() == 4 && month.len() <= 2 => (year, month),
        _ => return None,
    };
    Month::new(year.parse().ok()?, month.parse().ok()?).ok()
}

/// Whether changes may take effect in this month: not before the first one not yet verified, not in the future.
pub(crate) fn open(month: Month, field: Field, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let current = Month::of(of.today).ok();
    let first = of.unit.map(|unit| unit.first_unverified);
    if first.is_some_and(|first| month < first) || current.is_none_or(|current| month > current) {
        let shown = |month: Option<Month>| month.map_or_else(|| "—".to_owned(), |month| month.to_string());
        let finding = Finding::new(Code::MonthNotAllowed, Level::Error).about(field, "").arg("month", month);
        out.push(finding.arg("first", shown(first)).arg("last", shown(current)));
    }
}
