//! Timestamps, one beside each filing that has one.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use crate::{Store, StoreError};

const ANSWER: &str = "stamps.answer";

impl Store {
    /// Keeps a filing's stamp, as the server gave it. The first one stays: it is the oldest proof.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn keep_stamp(&mut self, filing: Uuid, answer: &[u8]) -> Result<(), StoreError> {
        let name = filing.to_string();
        let sealed = self.sealer.seal(ANSWER, &name, answer)?;
        self.connection
            .execute("INSERT INTO stamps (filing, answer) VALUES (?1, ?2) ON CONFLICT DO NOTHING", (&name, sealed))?;
        Ok(())
    }

    /// A filing's stamp, if it has one.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn stamp(&self, filing: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let name = filing.to_string();
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT answer FROM stamps WHERE filing = ?1", [&name], |row| row.get(0))
            .optional()?;
        sealed.map(|sealed| self.sealer.open(ANSWER, &name, &sealed)).transpose()
    }
}
