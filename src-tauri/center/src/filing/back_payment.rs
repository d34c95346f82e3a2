//! 补缴 at the center: every span becomes a due, to be paid by a payment. The roster stays as it is.

use huijiao_domain::field::Field;
use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::finding::{Code, Finding, Level};
use rusqlite::Connection;

use crate::error::CenterError;
use crate::register::money;
use crate::register::people::Booking;

pub(super) fn book(rows: &[BackPaymentRow], on: &Booking<'_>) -> Result<(), CenterError> {
    rows.iter().try_for_each(|row| money::add_due(on, row))
}

/// Months that an earlier filing has: only these books say so, the client cannot have known.
pub(super) fn filed_before(
    rows: &[BackPaymentRow],
    connection: &Connection,
    unit: &str,
) -> Result<Vec<Finding>, CenterError> {
    let mut findings = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if let Some(number) = money::overlapping(connection, unit, row)? {
            let finding = Finding::new(Code::SpanFiled, Level::Error).about(Field::FromMonth, row.from.to_string());
            findings.push(finding.arg("index", index).arg("number", number));
        }
    }
    Ok(findings)
}
