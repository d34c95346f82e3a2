//! Revocation lists: the newest of each unit's center, one for each of its roots, and those that are archived beside
//! receipts.

use rusqlite::OptionalExtension;

use crate::{Store, StoreError};

/// Revocation lists on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCrls {
    /// When they were fetched.
    pub taken_at: String,
    /// As they came, DER, one after the other.
    pub der: Vec<u8>,
}

impl Store {
    /// Keeps the newest lists of a unit's center. Those before go, unless a receipt was kept under them.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn put_crls(&mut self, unit_account: &str, der: &[u8], at: &str) -> Result<(), StoreError> {
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

    /// The newest lists of a unit's center.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn crls(&self, unit_account: &str) -> Result<Option<KeptCrls>, StoreError> {
        self.kept_crls("SELECT taken_at, der FROM crls WHERE unit_account = ?1 ORDER BY seq DESC LIMIT 1", unit_account)
    }

    /// The lists that were the newest when a receipt was kept, by the receipt's SHA-256: part of its evidence.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn receipt_crls(&self, receipt_sha256: &str) -> Result<Option<KeptCrls>, StoreError> {
        self.kept_crls(
            "SELECT taken_at, der FROM crls WHERE seq = (SELECT crl FROM receipts WHERE sha256 = ?1 LIMIT 1)",
            receipt_sha256,
        )
    }

    fn kept_crls(&self, sql: &str, of: &str) -> Result<Option<KeptCrls>, StoreError> {
        Ok(self
            .connection
            .query_row(sql, [of], |row| Ok(KeptCrls { taken_at: row.get(0)?, der: row.get(1)? }))
            .optional()?)
    }
}
