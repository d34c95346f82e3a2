//! The schema: additive steps, each beside its table.

use rusqlite::{Connection, Transaction};

use crate::error::StoreError;

/// "HJ" + "DB"; tells our files from other SQLite databases.
pub(crate) const APPLICATION: i32 = 0x484A_4442;

/// The schema that this program writes.
pub const SCHEMA: u32 = MIGRATIONS.len() as u32;

/// Entry `n` leads from schema `n` to `n + 1`. Entries are never changed once released, only added.
const MIGRATIONS: &[&[&str]] = &[
    &[
        include_str!("tables/canary.sql"),
        include_str!("tables/settings.sql"),
        include_str!("tables/drafts.sql"),
        include_str!("tables/filings.sql"),
        include_str!("tables/receipts.sql"),
        include_str!("tables/rosters.sql"),
        include_str!("tables/imports.sql"),
    ],
    &[include_str!("tables/sources.sql")],
    &[include_str!("tables/profiles.sql")],
    &[include_str!("tables/comparisons.sql")],
    &[include_str!("tables/books.sql")],
    &[include_str!("tables/receipts-of-states.sql")],
    &[include_str!("tables/attachments.sql")],
    &[include_str!("tables/withdrawals.sql")],
    &[include_str!("tables/queries.sql")],
    &[include_str!("tables/audit.sql")],
    &[include_str!("tables/verdicts.sql")],
    &[include_str!("tables/crls.sql")],
    &[include_str!("tables/stamps.sql")],
    &[include_str!("tables/departures.sql")],
    &[include_str!("tables/quarantine.sql")],
    &[include_str!("tables/stamps-roots.sql")],
];

/// Refuses files of others and of later versions; reads only.
pub(crate) fn recognise(connection: &Connection) -> Result<u32, StoreError> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application != APPLICATION {
        return Err(StoreError::Foreign);
    }
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > SCHEMA {
        return Err(StoreError::Newer { found, known: SCHEMA });
    }
    if found == 0 {
        return Err(StoreError::Damaged("no schema".into()));
    }
    Ok(found)
}

/// Brings `found` up to [`SCHEMA`], inside the caller's transaction.
pub(crate) fn migrate(transaction: &Transaction<'_>, found: u32) -> Result<(), StoreError> {
    for step in MIGRATIONS.iter().skip(found as usize) {
        for sql in *step {
            transaction.execute_batch(sql)?;
        }
    }
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    Ok(())
}
