//! What approvers said: the countersigned file, or the signed rejection. One for each filing at most.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::CenterError;

/// What an approver said of a filing, as it came.
pub(crate) struct Verdict {
    pub(crate) approved: bool,
    pub(crate) bytes: Vec<u8>,
    pub(crate) sha256: String,
}

/// Keeps what an approver said.
pub(crate) fn add(connection: &Connection, filing: Uuid, verdict: &Verdict, at: &str) -> Result<(), CenterError> {
    connection.execute(
        "insert into verdict (filing, approved, bytes, sha256, at) values (?1, ?2, ?3, ?4, ?5)",
        params![filing.to_string(), verdict.approved, verdict.bytes, verdict.sha256, at],
    )?;
    Ok(())
}

/// What was said of a filing.
pub(crate) fn of(connection: &Connection, filing: Uuid) -> Result<Option<Verdict>, CenterError> {
    Ok(connection
        .query_row("select approved, bytes, sha256 from verdict where filing = ?1", [filing.to_string()], |row| {
            Ok(Verdict { approved: row.get(0)?, bytes: row.get(1)?, sha256: row.get(2)? })
        })
        .optional()?)
}

/// The countersigned file of a filing.
pub(crate) fn approved(connection: &Connection, filing: Uuid) -> Result<Option<Verdict>, CenterError> {
    Ok(of(connection, filing)?.filter(|verdict| verdict.approved))
}
