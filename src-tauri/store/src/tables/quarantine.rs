//! Receipts that were not believed: evidence of a fault, never of an acceptance.

use uuid::Uuid;

use super::drafts;
use crate::{Store, StoreError};

const FILE: &str = "quarantine.file";
/// So many are kept of a filing: whoever sends another false one each time does not fill the disk.
const MOST: u32 = 8;

/// A receipt that was not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The filing that it came for.
    pub filing: Uuid,
    /// When it came first.
    pub at: String,
    /// Stable code of why it was not believed.
    pub code: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// The file, byte for byte as it came.
    pub file: Vec<u8>,
}

impl Store {
    /// Keeps one. The same bytes are kept once, and of a filing the first few only.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like: the room for an answer is for one that is believed.
    pub fn quarantine(&mut self, receipt: &Quarantined) -> Result<(), StoreError> {
        let name = receipt.filing.to_string();
        let sealed = self.sealer.seal(FILE, &name, &receipt.file)?;
        self.connection.execute(
            "INSERT INTO quarantine (filing, at, code, sha256, file)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM quarantine WHERE filing = ?1) < ?6
             ON CONFLICT DO NOTHING",
            rusqlite::params![name, receipt.at, receipt.code, receipt.sha256, sealed, MOST],
        )?;
        Ok(())
    }

    /// Every one that is kept, the first first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT filing, at, code, sha256, file FROM quarantine ORDER BY seq")?;
        let mut rows = statement.query([])?;
        let mut kept = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let sealed: Vec<u8> = row.get(4)?;
            kept.push(Quarantined {
                filing: drafts::parse_id(&name)?,
                at: row.get(1)?,
                code: row.get(2)?,
                sha256: row.get(3)?,
                file: self.sealer.open(FILE, &name, &sealed)?,
            });
        }
        Ok(kept)
    }
}
