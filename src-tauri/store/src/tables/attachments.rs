//! Papers that go along with a draft. The draft's head says which there are: a file that it does not name is nobody's.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use crate::{Store, StoreError};

const BODY: &str = "draft_attachments.body";

/// What a file is sealed to: its draft and its place there.
fn bound(draft: &str, place: u32) -> String {
    format!("{draft}/{place}")
}

impl Store {
    /// Keeps a file of a draft at a place that the head does not name yet; what a step broken off left there goes.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like; a draft that is not there.
    pub fn put_attachment(&mut self, draft: Uuid, place: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let draft = draft.to_string();
        let sealed = self.sealer.seal(BODY, &bound(&draft, place), bytes)?;
        self.connection.execute(
            "INSERT OR REPLACE INTO draft_attachments (draft, place, body) VALUES (?1, ?2, ?3)",
            (&draft, place, sealed),
        )?;
        Ok(())
    }

    /// A file of a draft.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Damaged`].
    pub fn attachment(&self, draft: Uuid, place: u32) -> Result<Vec<u8>, StoreError> {
        let draft = draft.to_string();
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT body FROM draft_attachments WHERE draft = ?1 AND place = ?2", (&draft, place), |row| {
                row.get(0)
            })
            .optional()?;
        self.sealer.open(BODY, &bound(&draft, place), &sealed.ok_or(StoreError::Missing)?)
    }

    /// Forgets a file that the head names no more.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn drop_attachment(&mut self, draft: Uuid, place: u32) -> Result<(), StoreError> {
        self.connection
            .execute("DELETE FROM draft_attachments WHERE draft = ?1 AND place = ?2", (draft.to_string(), place))?;
        Ok(())
    }
}
