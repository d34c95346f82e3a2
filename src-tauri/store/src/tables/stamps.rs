//! Timestamps, one beside each filing that has one.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use crate::{Store, StoreError};

const ANSWER: &str = "stamps.answer";
const ROOTS: &str = "stamps.roots";

/// A filing's timestamp on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptStamp {
    /// As the server gave it.
    pub answer: Vec<u8>,
    /// The roots that it was proven by when it came, PEM; not known of one that was kept before they were.
    pub roots: Option<String>,
}

impl Store {
    /// Keeps a filing's stamp, as the server gave it, and the roots that it was proven by, PEM. The first one stays: it
    /// is the oldest proof.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn keep_stamp(&mut self, filing: Uuid, answer: &[u8], roots: &str) -> Result<(), StoreError> {
        let name = filing.to_string();
        let answer = self.sealer.seal(ANSWER, &name, answer)?;
        let roots = self.sealer.seal(ROOTS, &name, roots.as_bytes())?;
        self.connection.execute(
            "INSERT INTO stamps (filing, answer, roots) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            (&name, answer, roots),
        )?;
        Ok(())
    }

    /// A filing's stamp, if it has one.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn stamp(&self, filing: Uuid) -> Result<Option<KeptStamp>, StoreError> {
        let name = filing.to_string();
        let sealed: Option<(Vec<u8>, Option<Vec<u8>>)> = self
            .connection
            .query_row("SELECT answer, roots FROM stamps WHERE filing = ?1", [&name], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((answer, roots)) = sealed else { return Ok(None) };
        let roots = roots.map(|roots| self.sealer.open(ROOTS, &name, &roots)).transpose()?;
        Ok(Some(KeptStamp {
            answer: self.sealer.open(ANSWER, &name, &answer)?,
            roots: roots.map(|pem| String::from_utf8_lossy(&pem).into_owned()),
        }))
    }
}
