//! Withdrawals: signed like filings, kept until the center has answered.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::drafts::parse_id;
use crate::{Store, StoreError};

const FILE: &str = "withdrawals.file";

impl Store {
    /// Keeps a signed withdrawal of a filing; one that is kept already stays.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without the filing, [`StoreError::Full`] and the like: then nothing may be sent.
    pub fn keep_withdrawal(&mut self, filing: Uuid, file: &[u8], at: &str) -> Result<(), StoreError> {
        let name = filing.to_string();
        let sealed = self.sealer.seal(FILE, &name, file)?;
        let transaction = self.connection.savepoint()?;
        let known: bool =
            transaction.query_row("SELECT EXISTS (SELECT 1 FROM filings WHERE id = ?1)", [&name], |row| row.get(0))?;
        if !known {
            return Err(StoreError::Missing);
        }
        transaction.execute(
            "INSERT INTO withdrawals (filing, signed_at, file) VALUES (?1, ?2, ?3) ON CONFLICT (filing) DO NOTHING",
            (&name, at, sealed),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The withdrawal of a filing whose outcome is open.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn withdrawal(&self, filing: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let name = filing.to_string();
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT file FROM withdrawals WHERE filing = ?1", [&name], |row| row.get(0))
            .optional()?;
        sealed.map(|sealed| self.sealer.open(FILE, &name, &sealed)).transpose()
    }

    /// A unit's filings with a withdrawal whose outcome is open, the first signed first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn withdrawing(&self, center: &str, unit_account: &str) -> Result<Vec<Uuid>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT w.filing FROM withdrawals w JOIN filings f ON f.id = w.filing
             WHERE f.center = ?1 AND f.unit_account = ?2 ORDER BY w.signed_at, w.filing",
        )?;
        let names = statement.query_map([center, unit_account], |row| row.get::<_, String>(0))?;
        let names = names.collect::<Result<Vec<_>, _>>()?;
        names.iter().map(|name| parse_id(name)).collect()
    }

    /// Forgets a withdrawal that the center has answered.
    ///
    /// # Errors
    /// [`StoreError::Io`] and the like.
    pub fn end_withdrawal(&mut self, filing: Uuid) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM withdrawals WHERE filing = ?1", [filing.to_string()])?;
        Ok(())
    }
}
