//! What becomes of filings when they come in, and those that wait for an officer.

use std::collections::BTreeMap;

use huijiao_domain::filing::FilingKind;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{from_json, from_text, json, to_text};
use crate::error::CenterError;
use crate::review::ReviewRule;

/// The rules that were set, by kind.
pub(crate) fn rules(connection: &Connection) -> Result<BTreeMap<FilingKind, ReviewRule>, CenterError> {
    let mut statement = connection.prepare_cached("select kind, rule from review_rule")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (kind, rule) = row?;
        Ok((from_text(kind)?, from_json(&rule)?))
    })
    .collect()
}

/// The rule of a kind.
pub(crate) fn rule(connection: &Connection, kind: FilingKind) -> Result<ReviewRule, CenterError> {
    let set: Option<String> = connection
        .prepare_cached("select rule from review_rule where kind = ?1")?
        .query_row([to_text(&kind)?], |row| row.get(0))
        .optional()?;
    set.map_or_else(|| Ok(ReviewRule::of_program(kind)), |rule| from_json(&rule))
}

/// Sets the rule of a kind.
pub(crate) fn set_rule(connection: &Connection, kind: FilingKind, rule: &ReviewRule) -> Result<(), CenterError> {
    connection.execute(
        "insert into review_rule (kind, rule) values (?1, ?2) on conflict (kind) do update set rule = excluded.rule",
        params![to_text(&kind)?, json(rule)?],
    )?;
    Ok(())
}

/// A filing that waits.
pub(crate) struct Waiting {
    pub(crate) id: Uuid,
    pub(crate) kind: FilingKind,
    /// RFC 3339
    pub(crate) accepted_at: String,
}

/// Every filing that waits, oldest first.
pub(crate) fn waiting(connection: &Connection) -> Result<Vec<Waiting>, CenterError> {
    let mut statement = connection
        .prepare_cached("select id, kind, accepted_at from filing where state = 'in_review' order by number")?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
    rows.map(|row| {
        let (id, kind, accepted_at) = row?;
        Ok(Waiting { id: from_text(id)?, kind: from_text(kind)?, accepted_at })
    })
    .collect()
}
