//! Money of the past: what was filed to be paid or put right, until it is.

use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::money::{Contribution, Yuan};
use rusqlite::{Connection, OptionalExtension, params};

use super::people::Booking;
use super::{from_text, to_text};
use crate::error::CenterError;

/// Keeps a span that the unit owes.
pub(crate) fn add_due(on: &Booking<'_>, row: &BackPaymentRow) -> Result<(), CenterError> {
    on.connection
        .prepare_cached(
            "insert into back_payment_due (unit, personal_account, from_month, to_month, unit_amount, \
             personal_amount, reason, filing) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            on.unit,
            row.personal_account,
            to_text(&row.from)?,
            to_text(&row.to)?,
            to_text(&row.amounts.unit_amount)?,
            to_text(&row.amounts.personal_amount)?,
            row.reason,
            on.filing,
        ])?;
    Ok(())
}

/// The 业务流水号 of a filing whose span has a month in common with this one; paid or not, a month is owed once.
pub(crate) fn overlapping(
    connection: &Connection,
    unit: &str,
    row: &BackPaymentRow,
) -> Result<Option<String>, CenterError> {
    Ok(connection
        .prepare_cached(
            "select f.number from back_payment_due d join filing f on f.id = d.filing \
             where d.unit = ?1 and d.personal_account = ?2 and d.from_month <= ?4 and d.to_month >= ?3 \
             order by f.number limit 1",
        )?
        .query_row(params![unit, row.personal_account, to_text(&row.from)?, to_text(&row.to)?], |row| row.get(0))
        .optional()?)
}

/// Keeps what a month should have been.
pub(crate) fn add_correction(on: &Booking<'_>, row: &CorrectionRow) -> Result<(), CenterError> {
    on.connection
        .prepare_cached(
            "insert into correction (unit, personal_account, month, wrong_unit_amount, wrong_personal_amount, \
             right_unit_amount, right_personal_amount, reason, filing) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            on.unit,
            row.personal_account,
            to_text(&row.month)?,
            to_text(&row.wrong.unit_amount)?,
            to_text(&row.wrong.personal_amount)?,
            to_text(&row.right.unit_amount)?,
            to_text(&row.right.personal_amount)?,
            row.reason,
            on.filing,
        ])?;
    Ok(())
}

/// The 业务流水号 of a correction of this month that is not posted yet: until it is, nobody can say what is wrong.
pub(crate) fn open_correction(
    connection: &Connection,
    unit: &str,
    row: &CorrectionRow,
) -> Result<Option<String>, CenterError> {
    Ok(connection
        .prepare_cached(
            "select f.number from correction c join filing f on f.id = c.filing \
             where c.unit = ?1 and c.personal_account = ?2 and c.month = ?3 and c.state = 'accepted' \
             order by f.number limit 1",
        )?
        .query_row(params![unit, row.personal_account, to_text(&row.month)?], |row| row.get(0))
        .optional()?)
}

/// Marks everything that a filing is owed as settled, and says who gets what of it: spans of the past, and what
/// corrected months lack, each part for itself.
pub(crate) fn settle(connection: &Connection, filing: &str) -> Result<Vec<(String, Contribution)>, CenterError> {
    let mut parts = Vec::new();
    let mut spans = connection.prepare_cached(
        "update back_payment_due set state = 'settled' where filing = ?1 and state = 'accepted' \
         returning personal_account, unit_amount, personal_amount",
    )?;
    let mut rows = spans.query([filing])?;
    while let Some(row) = rows.next()? {
        let amounts = Contribution { unit_amount: from_text(row.get(1)?)?, personal_amount: from_text(row.get(2)?)? };
        parts.push((row.get(0)?, amounts));
    }
    let mut corrections = connection.prepare_cached(
        "update correction set state = 'settled' where filing = ?1 and state = 'accepted' \
         returning personal_account, wrong_unit_amount, wrong_personal_amount, right_unit_amount, \
         right_personal_amount",
    )?;
    let mut rows = corrections.query([filing])?;
    while let Some(row) = rows.next()? {
        let part = |wrong: usize, right: usize| -> Result<Yuan, CenterError> {
            let (wrong, right): (Yuan, Yuan) = (from_text(row.get(wrong)?)?, from_text(row.get(right)?)?);
            Ok((right - wrong).max(Yuan::ZERO))
        };
        parts.push((row.get(0)?, Contribution { unit_amount: part(1, 3)?, personal_amount: part(2, 4)? }));
    }
    Ok(parts)
}
