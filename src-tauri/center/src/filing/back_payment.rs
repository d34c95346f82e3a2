//! 补缴 at the center: the spans of a filing are one due, to be paid by a payment. The roster stays as it is.

use std::collections::HashSet;

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::remittance::PaidDue;
use huijiao_protocol::receipt::FilingState;
use rusqlite::Connection;

use crate::error::CenterError;
use crate::register::money;
use crate::register::people::Booking;
use crate::remittance::Desk;

pub(super) fn book(
    rows: &[BackPaymentRow],
    number: &str,
    on: &Booking<'_>,
    desk: &Desk<'_>,
) -> Result<FilingState, CenterError> {
    rows.iter().try_for_each(|row| money::add_due(on, row))?;
    let people: HashSet<_> = rows.iter().map(|row| row.personal_account.as_str()).collect();
    let people = u32::try_from(people.len()).unwrap_or(u32::MAX);
    let amounts = rows.iter().map(|row| row.amounts).sum();
    desk.owe(&PaidDue::Filing(number.to_owned()), FilingKind::BackPayment, people, amounts)?;
    Ok(FilingState::Accepted)
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
