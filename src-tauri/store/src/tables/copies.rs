//! Copies of people's data that are older than they are kept. Times compare as texts: all have the same offset.

use rusqlite::Connection;

use crate::{Store, StoreError};

/// Which copies, and of what time, by `?1`. Filings and receipts are no copies.
const COMPARISONS: &str = "comparisons WHERE saved_at < ?1";
const WORKBOOKS: &str = "draft_sources WHERE draft IN (SELECT id FROM drafts WHERE saved_at < ?1)";
const IMPORTS: &str = "imports WHERE noted_at < ?1";
const ANSWERS: &str = "queries WHERE taken_at < ?1";
/// Only of units whose center gives the roster anew: the others were brought by the user.
const ROSTERS: &str = "rosters WHERE taken_at < ?1
    AND EXISTS (SELECT 1 FROM settings WHERE name = 'center:' || rosters.unit_account)";

/// Copies, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copies {
    /// Comparisons with their payrolls.
    pub comparisons: u64,
    /// Workbooks that drafts came from.
    pub workbooks: u64,
    /// Notes of workbooks seen before.
    pub imports: u64,
    /// Answers of the center to queries.
    pub answers: u64,
    /// Rosters that the center gives again.
    pub rosters: u64,
}

impl Store {
    /// How many copies are of before this moment.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn copies_before(&self, before: &str) -> Result<Copies, StoreError> {
        let count = |what: &str| -> Result<u64, StoreError> {
            Ok(self.connection.query_row(&format!("SELECT count(*) FROM {what}"), [before], |row| row.get(0))?)
        };
        Ok(Copies {
            comparisons: count(COMPARISONS)?,
            workbooks: count(WORKBOOKS)?,
            imports: count(IMPORTS)?,
            answers: count(ANSWERS)?,
            rosters: count(ROSTERS)?,
        })
    }

    /// Erases them; what they lay in is overwritten.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like; then all of them are still there.
    pub fn erase_before(&mut self, before: &str) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        for what in [COMPARISONS, WORKBOOKS, IMPORTS, ANSWERS, ROSTERS] {
            transaction.execute(&format!("DELETE FROM {what}"), [before])?;
        }
        transaction.commit()?;
        emptied(&self.connection)
    }
}

/// Takes what was erased out of the log beside the database as well.
fn emptied(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}
