//! The local copy of what the center answered to queries.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Store, StoreError};

const ASKED: &str = "queries.asked";
const BODY: &str = "queries.body";
/// Answers kept of each unit, the newest.
const KEPT: u32 = 200;

impl Store {
    /// Keeps an answer in place of the one before to the same question; of a unit's answers the oldest go once there
    /// are many.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn put_query<T: Serialize>(
        &mut self,
        unit_account: &str,
        asked: &str,
        answer: &T,
        taken_at: &str,
    ) -> Result<(), StoreError> {
        let blind = self.sealer.blind(ASKED, asked)?;
        let body = self.sealer.seal_json(BODY, &row(unit_account, asked), answer)?;
        let change = self.connection.transaction()?;
        change.execute(
            "INSERT INTO queries (unit_account, asked, taken_at, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (unit_account, asked) DO UPDATE SET taken_at = excluded.taken_at, body = excluded.body",
            (unit_account, &blind, taken_at, body),
        )?;
        change.execute(
            "DELETE FROM queries WHERE unit_account = ?1 AND asked NOT IN
             (SELECT asked FROM queries WHERE unit_account = ?1 ORDER BY asked = ?3 DESC, taken_at DESC LIMIT ?2)",
            (unit_account, KEPT, blind),
        )?;
        change.commit()?;
        Ok(())
    }

    /// What was answered to a question last, and when.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn query<T: DeserializeOwned>(
        &self,
        unit_account: &str,
        asked: &str,
    ) -> Result<Option<(T, String)>, StoreError> {
        let found: Option<(Vec<u8>, String)> = self
            .connection
            .query_row(
                "SELECT body, taken_at FROM queries WHERE unit_account = ?1 AND asked = ?2",
                (unit_account, self.sealer.blind(ASKED, asked)?),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        found.map(|(sealed, at)| Ok((self.sealer.open_json(BODY, &row(unit_account, asked), &sealed)?, at))).transpose()
    }
}

fn row(unit_account: &str, asked: &str) -> String {
    format!("{unit_account}|{asked}")
}
