//! Filings that were refused, and why: whoever was told so must find it so.

use huijiao_protocol::problem::{ProblemCode, RowProblem};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{from_json, from_text, json, to_text};
use crate::error::CenterError;

/// Why a file was refused.
pub(crate) struct Refused {
    pub(crate) unit: String,
    pub(crate) code: ProblemCode,
    pub(crate) errors: Vec<RowProblem>,
}

/// Keeps the refusal of a file, by its id and hash.
pub(crate) fn add(
    connection: &Connection,
    filing: Uuid,
    sha256: &str,
    refused: &Refused,
    at: &str,
) -> Result<(), CenterError> {
    connection.execute(
        "insert into refusal (filing, sha256, unit, code, errors, at) values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![filing.to_string(), sha256, refused.unit, to_text(&refused.code)?, json(&refused.errors)?, at],
    )?;
    Ok(())
}

/// Why this very file was refused, if it was.
pub(crate) fn of(connection: &Connection, filing: Uuid, sha256: &str) -> Result<Option<Refused>, CenterError> {
    let found: Option<(String, String, String)> = connection
        .query_row(
            "select unit, code, errors from refusal where filing = ?1 and sha256 = ?2",
            [filing.to_string().as_str(), sha256],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((unit, code, errors)) = found else { return Ok(None) };
    Ok(Some(Refused { unit, code: from_text(code)?, errors: from_json(&errors)? }))
}
