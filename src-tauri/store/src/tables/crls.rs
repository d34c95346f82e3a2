//! Revocation lists: the newest of each unit's center, and those that are archived beside receipts.

use rusqlite::OptionalExtension;

use crate::{Store, StoreError};

/// A revocation list on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCrl {
    /// When it was fetched.
    pub taken_at: String,
    /// As it came, DER.
    pub der: Vec<u8>,
}

impl Store {
    /// Keeps the newest list of a unit's center. The one before goes, unless a receipt was kept under it.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn put_crl(&mut self, unit_account: &str, der: &[u8], at: &str) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        transaction
            .execute("INSERT INTO crls (unit_account, taken_at, der) VALUES (?1, ?2, ?3)", (unit_account, at, der))?;
        transaction.execute(
            "DELETE FROM crls WHERE unit_account = ?1 AND seq < ?2 AND seq NOT IN
                 (SELECT crl FROM receipts WHERE crl IS NOT NULL)",
            (unit_account, transaction.last_insert_rowid()),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The newest list of a unit's center.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn crl(&self, unit_account: &str) -> Result<Option<KeptCrl>, StoreError> {
        self.one_crl("SELECT taken_at, der FROM crls WHERE unit_account = ?1 ORDER BY seq DESC LIMIT 1", unit_account)
    }

    /// The list that was the newest when a receipt was kept, by the receipt's SHA-256: part of its evidence.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn receipt_crl(&self, receipt_sha256: &str) -> Result<Option<KeptCrl>, StoreError> {
        self.one_crl(
            "SELECT taken_at, der FROM crls WHERE seq = (SELECT crl FROM receipts WHERE sha256 = ?1 LIMIT 1)",
            receipt_sha256,
        )
    }

    fn one_crl(&self, sql: &str, of: &str) -> Result<Option<KeptCrl>, StoreError> {
        Ok(self
            .connection
            .query_row(sql, [of], |row| Ok(KeptCrl { taken_at: row.get(0)?, der: row.get(1)? }))
            .optional()?)
    }
}
