//! Settings of this computer, by name.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Store, StoreError};

const BODY: &str = "settings.body";

impl Store {
    /// The setting that says which version of the program has the data: alone it is nothing that could be lost.
    pub const VERSION: &str = "program-version";

    /// The setting of this name, where it was set.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT body FROM settings WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        sealed.map(|sealed| self.sealer.open_json(BODY, name, &sealed)).transpose()
    }

    /// Sets it.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn set_setting<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), StoreError> {
        let body = self.sealer.seal_json(BODY, name, value)?;
        self.connection.execute(
            "INSERT INTO settings (name, body) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
            (name, body),
        )?;
        Ok(())
    }
}
