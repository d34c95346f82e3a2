//! Files that were imported before, and how their columns were mapped.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Store, StoreError};

const MARK: &str = "imports.mark";
const NOTE: &str = "imports.note";
const MAPPING_MARK: &str = "mappings.mark";
const MAPPING: &str = "mappings.body";
const NAMED: &str = "mappings.named";
/// There is one name per row: the body, which is sealed to it, tells whose it is.
const NAMED_ROW: &str = "fingerprint";

impl Store {
    /// Remembers that a file was imported; `note` says into what (a draft's id, say). The last time counts.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn note_import<T: Serialize>(&mut self, sha256: &str, note: &T, at: &str) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO imports (mark, noted_at, note) VALUES (?1, ?2, ?3)
             ON CONFLICT (mark) DO UPDATE SET noted_at = excluded.noted_at, note = excluded.note",
            (self.sealer.blind(MARK, sha256)?, at, self.sealer.seal_json(NOTE, sha256, note)?),
        )?;
        Ok(())
    }

    /// When a file of this SHA-256 was imported last, and the note.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn seen<T: DeserializeOwned>(&self, sha256: &str) -> Result<Option<(T, String)>, StoreError> {
        let row: Option<(Vec<u8>, String)> = self
            .connection
            .query_row(
                "SELECT note, noted_at FROM imports WHERE mark = ?1",
                [self.sealer.blind(MARK, sha256)?],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        row.map(|(sealed, at)| Ok((self.sealer.open_json(NOTE, sha256, &sealed)?, at))).transpose()
    }

    /// Remembers how the columns under a header were mapped.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn remember_mapping<T: Serialize>(&mut self, fingerprint: &str, mapping: &T) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO mappings (mark, body, named) VALUES (?1, ?2, ?3)
             ON CONFLICT (mark) DO UPDATE SET body = excluded.body, named = excluded.named",
            (
                self.sealer.blind(MAPPING_MARK, fingerprint)?,
                self.sealer.seal_json(MAPPING, fingerprint, mapping)?,
                self.sealer.seal_json(NAMED, NAMED_ROW, fingerprint)?,
            ),
        )?;
        Ok(())
    }

    /// Every mapping with its fingerprint, in the order of the fingerprints. One that is kept without its
    /// fingerprint is listed once it has been chosen again.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn mappings<T: DeserializeOwned>(&self) -> Result<Vec<(String, T)>, StoreError> {
        let mut statement = self.connection.prepare("SELECT named, body FROM mappings WHERE named IS NOT NULL")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut mappings = rows
            .map(|row| {
                let (named, body): (Vec<u8>, Vec<u8>) = row?;
                let fingerprint: String = self.sealer.open_json(NAMED, NAMED_ROW, &named)?;
                let mapping = self.sealer.open_json(MAPPING, &fingerprint, &body)?;
                Ok((fingerprint, mapping))
            })
            .collect::<Result<Vec<(String, T)>, StoreError>>()?;
        mappings.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(mappings)
    }

    /// How the columns under this header were mapped before.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn mapping<T: DeserializeOwned>(&self, fingerprint: &str) -> Result<Option<T>, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row(
                "SELECT body FROM mappings WHERE mark = ?1",
                [self.sealer.blind(MAPPING_MARK, fingerprint)?],
                |r| r.get(0),
            )
            .optional()?;
        sealed.map(|sealed| self.sealer.open_json(MAPPING, fingerprint, &sealed)).transpose()
    }
}
