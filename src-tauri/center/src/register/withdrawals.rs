//! Filings taken back: what they changed is found again and put as it was.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::PaidDue;
use huijiao_domain::roster::{Contributor, Unit};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{from_json, from_text};
use crate::error::CenterError;

/// Keeps the signed withdrawal.
pub(crate) fn add(connection: &Connection, filing: Uuid, bytes: &[u8], at: &str) -> Result<(), CenterError> {
    connection.execute(
        "insert into withdrawal (filing, bytes, at) values (?1, ?2, ?3)",
        params![filing.to_string(), bytes, at],
    )?;
    Ok(())
}

/// The roster version that a filing made; `None` for one that made none.
pub(crate) fn version(connection: &Connection, filing: Uuid) -> Result<Option<u64>, CenterError> {
    Ok(connection
        .query_row("select roster_version from filing where id = ?1", [filing.to_string()], |row| row.get(0))
        .optional()?
        .flatten())
}

/// Whether a filing of one of these kinds was booked in the unit after a roster version and still holds.
pub(crate) fn booked_since(
    connection: &Connection,
    unit: &str,
    version: u64,
    kinds: &[FilingKind],
) -> Result<bool, CenterError> {
    let mut statement = connection.prepare_cached(
        "select kind from filing where unit = ?1 and roster_version > ?2 and state in ('settled', 'partly_settled')",
    )?;
    let found = statement.query_map(params![unit, version], |row| row.get::<_, String>(0))?;
    for kind in found {
        if kinds.contains(&from_text(kind?)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Everybody whose data a filing replaced, as he was before.
pub(crate) fn replaced(connection: &Connection, unit: &str, filing: Uuid) -> Result<Vec<Contributor>, CenterError> {
    let mut statement =
        connection.prepare_cached("select person from contributor_past where unit = ?1 and replaced_by = ?2")?;
    let rows = statement.query_map(params![unit, filing.to_string()], |row| row.get::<_, String>(0))?;
    rows.map(|person| from_json(&person?)).collect()
}

/// The unit as it was before a filing changed its own data.
pub(crate) fn unit_before(connection: &Connection, unit: &str, filing: Uuid) -> Result<Option<Unit>, CenterError> {
    let data: Option<String> = connection
        .query_row(
            "select data from unit_past where unit = ?1 and replaced_by = ?2",
            params![unit, filing.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    data.map(|data| from_json(&data)).transpose()
}

/// Whether somebody left a unit with a roster version.
pub(crate) fn somebody_left(connection: &Connection, unit: &str, version: u64) -> Result<bool, CenterError> {
    Ok(connection.query_row(
        "select exists (select 1 from departure where unit = ?1 and version = ?2)",
        params![unit, version],
        |row| row.get(0),
    )?)
}

/// Whether somebody left a unit after the roster version that a filing made.
pub(crate) fn left_since(connection: &Connection, unit: &str, filing: Uuid) -> Result<bool, CenterError> {
    Ok(connection.query_row(
        "select exists (select 1 from departure d join filing f on f.id = ?2 \
         where d.unit = ?1 and d.version > f.roster_version)",
        params![unit, filing.to_string()],
        |row| row.get(0),
    )?)
}

/// Whether a filing moved something back to suspense.
pub(crate) fn took_back(connection: &Connection, filing: Uuid) -> Result<bool, CenterError> {
    Ok(connection.query_row(
        "select exists (select 1 from entry where filing = ?1 and kind = 'corrected')",
        [filing.to_string()],
        |row| row.get(0),
    )?)
}

/// The months that a filing verified, the last first.
pub(crate) fn months(connection: &Connection, filing: Uuid) -> Result<Vec<Month>, CenterError> {
    let mut statement = connection.prepare_cached("select month from month where filing = ?1 order by month desc")?;
    let rows = statement.query_map([filing.to_string()], |row| row.get::<_, String>(0))?;
    rows.map(|month| from_text(month?)).collect()
}

/// What a filing made the unit owe, unless it is void.
pub(crate) fn dues(connection: &Connection, filing: Uuid) -> Result<Vec<(PaidDue, bool)>, CenterError> {
    let mut statement = connection
        .prepare_cached("select pays, state from due where filing = ?1 and state <> 'void' order by id desc")?;
    let rows =
        statement.query_map([filing.to_string()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (pays, state) = row?;
        Ok((from_json(&pays)?, state == "paid"))
    })
    .collect()
}

/// Forgets spans and corrections that were filed and not paid: their months may be filed again.
pub(crate) fn forget_money(connection: &Connection, filing: Uuid) -> Result<(), CenterError> {
    let filing = filing.to_string();
    connection.execute("delete from back_payment_due where filing = ?1 and state = 'accepted'", [&filing])?;
    connection.execute("delete from correction where filing = ?1 and state = 'accepted'", [&filing])?;
    Ok(())
}

/// The number of the order that a filing made.
pub(crate) fn order(connection: &Connection, filing: Uuid) -> Result<Option<String>, CenterError> {
    Ok(connection
        .query_row("select number from payment_order where filing = ?1", [filing.to_string()], |row| row.get(0))
        .optional()?)
}

/// Tells the bank to leave a debit that it has not done.
pub(crate) fn cancel_debit(connection: &Connection, number: &str) -> Result<(), CenterError> {
    connection
        .execute("delete from bank_instruction where payment = ?1 and kind = 'debit' and done_on is null", [number])?;
    Ok(())
}
