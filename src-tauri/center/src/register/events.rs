//! Events: what moved in a unit's books, so that clients need not ask again and again.

use huijiao_protocol::receipt::FilingState;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::to_text;
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
        "insert into event (unit, about, filing, state, at) values (?1, 'filing', ?2, ?3, ?4)",
        params![unit, filing.to_string(), to_text(&state)?, at],
    )?;
    Ok(())
}

/// Notes that the bank did something with a unit's money.
pub(crate) fn money_moved(connection: &Connection, unit: &str, at: &str) -> Result<(), CenterError> {
    connection.execute("insert into event (unit, about, at) values (?1, 'money', ?2)", params![unit, at])?;
    Ok(())
}
