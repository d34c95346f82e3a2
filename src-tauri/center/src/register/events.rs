//! Events: what moved in a unit's books, so that clients need not ask again and again.

use huijiao_protocol::MAX_PAGE;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{About, Event};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::operators::OperatorId;
use super::{from_text, to_text};
use crate::error::CenterError;

/// Notes that a filing moved on.
pub(crate) fn filing_moved(
    connection: &Connection,
    unit: &str,
    filing: Uuid,
    state: FilingState,
    at: &str,
) -> Result<(), CenterError> {
    connection.execute(
        "insert into event (unit, about, filing, state, at) values (?1, ?2, ?3, ?4, ?5)",
        params![unit, to_text(&About::Filing)?, filing.to_string(), to_text(&state)?, at],
    )?;
    Ok(())
}

/// Notes that something of a unit moved without a filing: money came in, somebody at the counter changed an account.
pub(crate) fn moved(connection: &Connection, unit: &str, about: About, at: &str) -> Result<(), CenterError> {
    connection
        .execute("insert into event (unit, about, at) values (?1, ?2, ?3)", params![unit, to_text(&about)?, at])?;
    Ok(())
}

/// What moved in an operator's units after a number, oldest first, at most a page of it.
pub(crate) fn after(connection: &Connection, operator: OperatorId, after: u64) -> Result<Vec<Event>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select number, unit, about, filing, state, at from event \
         where number > ?2 and unit in (select unit from role where operator = ?1) order by number limit ?3",
    )?;
    let rows = statement.query_map(params![operator, after, MAX_PAGE as i64], |row| {
        let (about, filing, state): (String, Option<String>, Option<String>) = (row.get(2)?, row.get(3)?, row.get(4)?);
        Ok((row.get(0)?, row.get(1)?, about, filing, state, row.get(5)?))
    })?;
    rows.map(|row| {
        let (number, unit_account, about, filing, state, at) = row?;
        Ok(Event {
            number,
            unit_account,
            about: from_text(about)?,
            filing: filing.map(from_text).transpose()?,
            state: state.map(from_text).transpose()?,
            at,
        })
    })
    .collect()
}
