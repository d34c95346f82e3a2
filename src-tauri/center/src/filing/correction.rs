//! 错缴更正 at the center: what each month should have been waits to be posted. Roster and suspense stay as they are.

use huijiao_domain::field::Field;
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::finding::{Code, Finding, Level};
use rusqlite::Connection;

use crate::error::CenterError;
use crate::register::money;
use crate::register::people::Booking;

pub(super) fn book(rows: &[CorrectionRow], on: &Booking<'_>) -> Result<(), CenterError> {
    rows.iter().try_for_each(|row| money::add_correction(on, row))
}

/// Months whose correction is still open: only these books say so, the client cannot have known.
pub(super) fn filed_before(
    rows: &[CorrectionRow],
    connection: &Connection,
    unit: &str,
) -> Result<Vec<Finding>, CenterError> {
    let mut findings = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if let Some(number) = money::open_correction(connection, unit, row)? {
            let finding = Finding::new(Code::CorrectionFiled, Level::Error).about(Field::Month, row.month.to_string());
            findings.push(finding.arg("index", index).arg("number", number));
        }
    }
    Ok(findings)
}
