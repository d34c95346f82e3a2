//! Comparisons of a payroll with the roster: the sheet, what was found, what was decided.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::drafts::{insert, parse_id};
use crate::{Store, StoreError};

const HEAD: &str = "comparisons.head";
const BODY: &str = "comparisons.body";

/// A comparison without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<T> {
    /// Its id.
    pub id: Uuid,
    /// Rises with every change, from 1.
    pub revision: u64,
    /// When it was last changed.
    pub saved_at: String,
    /// What the desk keeps about it.
    pub head: T,
}

/// One change of a comparison; all of it happens or nothing.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonChange<'a, T, B> {
    /// The revision that it builds on.
    pub expected: u64,
    /// The new head.
    pub head: &'a T,
    /// The new body, where it changed.
    pub body: Option<&'a B>,
    /// When.
    pub at: &'a str,
}

impl Store {
    /// Keeps a new comparison, revision 1.
    ///
    /// # Errors
    /// [`StoreError::Differs`] if the id is taken; [`StoreError::Full`] and the like.
    pub fn create_comparison<T: Serialize, B: Serialize>(
        &mut self,
        id: Uuid,
        at: &str,
        head: &T,
        body: &B,
    ) -> Result<(), StoreError> {
        let name = id.to_string();
        let transaction = self.connection.transaction()?;
        if revision(&transaction, &name)?.is_some() {
            return Err(StoreError::Differs);
        }
        transaction.execute(
            "INSERT INTO comparisons (id, revision, saved_at, head, body) VALUES (?1, 1, ?2, ?3, ?4)",
            (&name, at, self.sealer.seal_json(HEAD, &name, head)?, self.sealer.seal_json(BODY, &name, body)?),
        )?;
        Ok(transaction.commit()?)
    }

    /// The comparison of this id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn comparison<T: DeserializeOwned>(&self, id: Uuid) -> Result<Option<Comparison<T>>, StoreError> {
        let name = id.to_string();
        let row: Option<(u64, String, Vec<u8>)> = self
            .connection
            .query_row("SELECT revision, saved_at, head FROM comparisons WHERE id = ?1", [&name], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        row.map(|(revision, saved_at, head)| {
            Ok(Comparison { id, revision, saved_at, head: self.sealer.open_json(HEAD, &name, &head)? })
        })
        .transpose()
    }

    /// Its body.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn comparison_body<B: DeserializeOwned>(&self, id: Uuid) -> Result<Option<B>, StoreError> {
        let name = id.to_string();
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT body FROM comparisons WHERE id = ?1", [&name], |row| row.get(0))
            .optional()?;
        sealed.map(|sealed| self.sealer.open_json(BODY, &name, &sealed)).transpose()
    }

    /// Every comparison, the last changed first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn comparisons<T: DeserializeOwned>(&self) -> Result<Vec<Comparison<T>>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, revision, saved_at, head FROM comparisons ORDER BY saved_at DESC, id DESC")?;
        let mut rows = statement.query([])?;
        let mut comparisons = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let head: Vec<u8> = row.get(3)?;
            comparisons.push(Comparison {
                id: parse_id(&name)?,
                revision: row.get(1)?,
                saved_at: row.get(2)?,
                head: self.sealer.open_json(HEAD, &name, &head)?,
            });
        }
        Ok(comparisons)
    }

    /// Changes a comparison; gives the new revision.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the revision moved, [`StoreError::Missing`] if it is gone, [`StoreError::Full`] and
    /// the like. Nothing is changed then.
    pub fn change_comparison<T: Serialize, B: Serialize>(
        &mut self,
        id: Uuid,
        change: ComparisonChange<'_, T, B>,
    ) -> Result<u64, StoreError> {
        self.change_comparison_with(id, change, std::iter::empty::<(Uuid, &T, Vec<(u32, &B)>)>())
    }

    /// As [`Store::change_comparison`], with the drafts (id, head, pages) that it makes: all of them are there, and the
    /// comparison knows of them, or none is.
    ///
    /// # Errors
    /// As [`Store::change_comparison`]; [`StoreError::Differs`] if a draft's id is taken.
    pub fn change_comparison_with<T, B, D, P>(
        &mut self,
        id: Uuid,
        change: ComparisonChange<'_, T, B>,
        drafts: impl IntoIterator<Item = (Uuid, D, Vec<(u32, P)>)>,
    ) -> Result<u64, StoreError>
    where
        T: Serialize,
        B: Serialize,
        D: Serialize,
        P: Serialize,
    {
        let name = id.to_string();
        let transaction = self.connection.transaction()?;
        let found = revision(&transaction, &name)?.ok_or(StoreError::Missing)?;
        if found != change.expected {
            return Err(StoreError::Stale { expected: change.expected, found });
        }
        let next = found + 1;
        transaction.execute(
            "UPDATE comparisons SET revision = ?2, saved_at = ?3, head = ?4 WHERE id = ?1",
            (&name, next, change.at, self.sealer.seal_json(HEAD, &name, change.head)?),
        )?;
        if let Some(body) = change.body {
            transaction.execute(
                "UPDATE comparisons SET body = ?2 WHERE id = ?1",
                (&name, self.sealer.seal_json(BODY, &name, body)?),
            )?;
        }
        for (draft, head, pages) in drafts {
            insert(&transaction, &self.sealer, draft, change.at, &head, pages)?;
        }
        transaction.commit()?;
        Ok(next)
    }

    /// Deletes a comparison; the drafts that were made of it stay. Says whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn delete_comparison(&mut self, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.connection.execute("DELETE FROM comparisons WHERE id = ?1", [id.to_string()])? > 0)
    }

    /// Whether a draft is still there or was signed: whoever made it need not make it again.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn draft_life(&self, draft: Uuid) -> Result<DraftLife, StoreError> {
        let name = draft.to_string();
        let filing: Option<String> = self
            .connection
            .query_row("SELECT id FROM filings WHERE draft = ?1", [&name], |row| row.get(0))
            .optional()?;
        if let Some(filing) = filing {
            return Ok(DraftLife::Signed(parse_id(&filing)?));
        }
        let open: bool =
            self.connection
                .query_row("SELECT EXISTS (SELECT 1 FROM drafts WHERE id = ?1)", [&name], |row| row.get(0))?;
        Ok(if open { DraftLife::Open } else { DraftLife::Gone })
    }
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftLife {
    /// It is worked on.
    Open,
    /// This filing was made of it.
    Signed(Uuid),
    /// It was deleted.
    Gone,
}

fn revision(connection: &Connection, name: &str) -> Result<Option<u64>, StoreError> {
    Ok(connection.query_row("SELECT revision FROM comparisons WHERE id = ?1", [name], |row| row.get(0)).optional()?)
}
