//! Rules of centers that the user keeps on this computer, by code.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Store, StoreError};

const BODY: &str = "profiles.body";

impl Store {
    /// Every profile with its code and when it was saved, by code.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn profiles<T: DeserializeOwned>(&self) -> Result<Vec<(String, T, String)>, StoreError> {
        let mut statement = self.connection.prepare("SELECT code, body, saved_at FROM profiles ORDER BY code")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.map(|row| {
            let (code, sealed, at): (String, Vec<u8>, String) = row?;
            let body = self.sealer.open_json(BODY, &code, &sealed)?;
            Ok((code, body, at))
        })
        .collect()
    }

    /// One profile, where it is there.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn profile<T: DeserializeOwned>(&self, code: &str) -> Result<Option<T>, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT body FROM profiles WHERE code = ?1", [code], |row| row.get(0))
            .optional()?;
        sealed.map(|sealed| self.sealer.open_json(BODY, code, &sealed)).transpose()
    }

    /// Saves a profile, in the place of the one whose code is `replaces`; all of it happens or nothing.
    ///
    /// # Errors
    /// [`StoreError::Differs`] if the code is that of another profile; [`StoreError::Full`] and the like.
    pub fn put_profile<T: Serialize>(
        &mut self,
        code: &str,
        profile: &T,
        replaces: Option<&str>,
        at: &str,
    ) -> Result<(), StoreError> {
        let body = self.sealer.seal_json(BODY, code, profile)?;
        let transaction = self.connection.transaction()?;
        if let Some(before) = replaces {
            transaction.execute("DELETE FROM profiles WHERE code = ?1", [before])?;
        }
        let put = transaction.execute(
            "INSERT INTO profiles (code, saved_at, body) VALUES (?1, ?2, ?3) ON CONFLICT (code) DO NOTHING",
            (code, at, body),
        )?;
        if put == 0 {
            return Err(StoreError::Differs);
        }
        transaction.commit()?;
        Ok(())
    }

    /// Deletes a profile; `false` where there is none of this code.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] and the like.
    pub fn delete_profile(&mut self, code: &str) -> Result<bool, StoreError> {
        Ok(self.connection.execute("DELETE FROM profiles WHERE code = ?1", [code])? > 0)
    }
}
