//! Copies of people's data that are kept no longer. Times compare as texts: all have the same offset.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::{departures, rosters};
use crate::{Store, StoreError};

/// Which rows, by what is in [`Expiry`] as JSON. Filings and receipts are no copies, nor is the log of operations.
const COMPARISONS: &str = "comparisons WHERE saved_at < ?1 ->> 'copies'
    OR id IN (SELECT value FROM json_each(?1, '$.records'))";
/// A draft that was signed is the way back until its receipt is kept.
const DRAFTS: &str = "drafts WHERE id IN (SELECT value FROM json_each(?1, '$.records'))
    AND NOT EXISTS (SELECT 1 FROM filings WHERE draft = drafts.id)";
const WORKBOOKS: &str = "draft_sources WHERE draft IN (SELECT id FROM drafts WHERE saved_at < ?1 ->> 'copies')";
const IMPORTS: &str = "imports WHERE noted_at < ?1 ->> 'copies'
    OR noted_at < (SELECT min(value ->> 'before') FROM json_each(?1, '$.units'))";
const ANSWERS: &str = "queries WHERE taken_at < ?1 ->> 'copies' OR taken_at <
    (SELECT value ->> 'before' FROM json_each(?1, '$.units') AS unit WHERE unit.key = queries.unit_account)";
/// Only of units whose center gives the roster anew: the others were brought by the user.
const ROSTERS: &str = "rosters WHERE taken_at < ?1 ->> 'copies'
    AND EXISTS (SELECT 1 FROM settings WHERE name = 'center:' || rosters.unit_account)";
const GIVEN_ANEW: &str = "SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'center:' || ?1)";

/// What is kept no longer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Expiry {
    /// Copies of before this moment; empty where they are kept for ever.
    pub copies: String,
    /// What the rules of each unit's center say, by its account.
    pub units: BTreeMap<String, UnitExpiry>,
    /// Drafts and comparisons that are past what their unit's rules say.
    pub records: Vec<Uuid>,
}

/// What is kept no longer of a unit.
#[derive(Debug, Clone, Serialize)]
pub struct UnitExpiry {
    /// Anything of before this moment.
    pub before: String,
    /// The data of people who left before this month, `YYYY-MM`.
    pub left_before: String,
}

/// Copies, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copies {
    /// People in rosters who left.
    pub people: u64,
    /// Drafts, with the workbooks they came from.
    pub drafts: u64,
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
    /// How many copies are kept no longer.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn expired(&self, expiry: &Expiry) -> Result<Copies, StoreError> {
        let said = said(expiry)?;
        let count = |what: &str| -> Result<u64, StoreError> {
            Ok(self.connection.query_row(&format!("SELECT count(*) FROM {what}"), [&said], |row| row.get(0))?)
        };
        let mut people = 0;
        for (unit, limits) in &expiry.units {
            let kept = rosters::with_departures(&self.connection, &self.sealer, unit)?;
            let left = |since: &&String| since.as_str() < limits.left_before.as_str();
            people += kept.map_or(0, |(_, departures, _)| departures.values().filter(left).count() as u64);
        }
        Ok(Copies {
            people,
            drafts: count(DRAFTS)?,
            comparisons: count(COMPARISONS)?,
            workbooks: count(WORKBOOKS)?,
            imports: count(IMPORTS)?,
            answers: count(ANSWERS)?,
            rosters: count(ROSTERS)?,
        })
    }

    /// Erases them; what they lay in is overwritten. Whoever left is not kept again when the center gives the roster anew.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like; then all of them are still there. [`StoreError::LogBusy`]: they are gone, and
    /// [`Store::empty_log`] is to be tried again.
    pub fn erase_expired(&mut self, expiry: &Expiry) -> Result<(), StoreError> {
        let said = said(expiry)?;
        let transaction = self.connection.transaction()?;
        for what in [COMPARISONS, DRAFTS, WORKBOOKS, IMPORTS, ANSWERS, ROSTERS] {
            transaction.execute(&format!("DELETE FROM {what}"), [&said])?;
        }
        for (unit, UnitExpiry { left_before, .. }) in &expiry.units {
            if transaction.query_row(GIVEN_ANEW, [unit], |row| row.get(0))? {
                transaction.execute(
                    "INSERT INTO erasures (unit_account, left_before) VALUES (?1, ?2)
                     ON CONFLICT (unit_account) DO UPDATE SET left_before = max(left_before, excluded.left_before)",
                    (unit, left_before),
                )?;
            }
            let Some((roster, departures, taken_at)) = rosters::with_departures(&transaction, &self.sealer, unit)?
            else {
                continue;
            };
            let kept = departures::without(&self.sealer, unit, &roster, &departures, left_before)?;
            if kept.contributors.len() < roster.contributors.len() {
                rosters::write(&transaction, &self.sealer, unit, &kept, &taken_at)?;
            }
        }
        transaction.commit()?;
        self.empty_log()
    }

    /// Takes what was erased out of the log beside the database as well.
    ///
    /// # Errors
    /// [`StoreError::LogBusy`] while somebody reads what was there before.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        let busy: bool = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy { Err(StoreError::LogBusy) } else { Ok(()) }
    }
}

fn said(expiry: &Expiry) -> Result<String, StoreError> {
    serde_json::to_string(expiry).map_err(StoreError::Shape)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;
    use crate::StoreKey;

    #[test]
    fn what_somebody_still_reads_in_the_log_is_said_and_goes_once_he_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), &StoreKey::from_slice(&[7; 32]).unwrap()).unwrap();
        store.connection.busy_timeout(Duration::ZERO).unwrap();
        store.put_query("unit", "asked", &"x".repeat(9000), "2020-01-01T00:00:00+08:00").unwrap();
        let log = folder.path().join("huijiao.db-wal");
        let length = || std::fs::metadata(&log).map_or(0, |file| file.len());
        assert!(length() > 9000, "the control: it lies in the log");

        let mut reader = Connection::open(folder.path().join("huijiao.db")).unwrap();
        let reading = reader.transaction().unwrap();
        let seen =
            |of: &Connection| of.query_row("SELECT count(*) FROM queries", [], |row| row.get::<_, u64>(0)).unwrap();
        assert_eq!(seen(&reading), 1);
        let expiry = Expiry { copies: "2021-01-01T00:00:00+08:00".into(), ..Expiry::default() };
        assert!(matches!(store.erase_expired(&expiry), Err(StoreError::LogBusy)), "not taken for done");
        assert_eq!(seen(&store.connection), 0, "though it is erased");
        assert!(matches!(store.empty_log(), Err(StoreError::LogBusy)) && length() > 0);
        drop(reading);
        store.empty_log().unwrap();
        assert_eq!(length(), 0, "tried again, nothing is left");
    }
}
