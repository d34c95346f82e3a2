//! Drafts: head, pages of rows, and the steps that can be undone.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::filings::{self, FilingRecord};
use crate::seal::Sealer;
use crate::{Store, StoreError};

const HEAD: &str = "drafts.head";
const PAGE: &str = "draft_pages.body";
const STEP: &str = "draft_steps.body";
const SOURCE: &str = "draft_sources.body";

/// A draft without its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft<T> {
    /// Its id.
    pub id: Uuid,
    /// Rises with every change, from 1.
    pub revision: u64,
    /// Steps that are in force; later ones are undone.
    pub cursor: u32,
    /// When it was last changed.
    pub saved_at: String,
    /// What the desk keeps about it.
    pub head: T,
}

/// A draft that was deleted, sealed as it lay there.
#[derive(Debug, Clone)]
pub struct DeletedDraft {
    id: Uuid,
    parts: Vec<(&'static str, Vec<Vec<Value>>)>,
}

impl DeletedDraft {
    /// Its id.
    pub fn id(&self) -> Uuid {
        self.id
    }
}

/// Where a draft lies, and by which column; the draft itself before what refers to it.
const PARTS: [(&str, &str); 5] = [
    ("drafts", "id"),
    ("draft_pages", "draft"),
    ("draft_steps", "draft"),
    ("draft_sources", "draft"),
    ("draft_attachments", "draft"),
];

/// What a change does to the steps.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a, S> {
    /// Nothing: the change cannot be undone (a page filled in, figures refreshed).
    Keep,
    /// A new step at the cursor. Steps that were undone are dropped.
    Append(&'a S),
    /// The cursor moves: back for undo, forth for redo.
    MoveTo(u32),
}

/// One change of a draft; all of it happens or nothing.
#[derive(Debug, Clone, Copy)]
pub struct DraftChange<'a, T, P, S> {
    /// The revision that it builds on.
    pub expected: u64,
    /// The new head.
    pub head: &'a T,
    /// Pages that changed, whole.
    pub pages: &'a [(u32, P)],
    /// What it does to the steps.
    pub step: Step<'a, S>,
    /// When.
    pub at: &'a str,
}

impl Store {
    /// Keeps a new draft, revision 1.
    ///
    /// # Errors
    /// [`StoreError::Differs`] if the id is taken; [`StoreError::Full`] and the like. Nothing is left behind.
    pub fn create_draft<T, P>(
        &mut self,
        id: Uuid,
        at: &str,
        head: &T,
        pages: impl IntoIterator<Item = (u32, P)>,
    ) -> Result<u64, StoreError>
    where
        T: Serialize + ?Sized,
        P: Serialize,
    {
        self.insert_draft(id, at, head, pages, None)
    }

    /// As [`Store::create_draft`], with the workbook that it came from; both are there or neither.
    ///
    /// # Errors
    /// As [`Store::create_draft`].
    pub fn create_draft_of<T, P>(
        &mut self,
        id: Uuid,
        at: &str,
        head: &T,
        pages: impl IntoIterator<Item = (u32, P)>,
        source: &[u8],
    ) -> Result<u64, StoreError>
    where
        T: Serialize + ?Sized,
        P: Serialize,
    {
        self.insert_draft(id, at, head, pages, Some(source))
    }

    fn insert_draft<T, P>(
        &mut self,
        id: Uuid,
        at: &str,
        head: &T,
        pages: impl IntoIterator<Item = (u32, P)>,
        source: Option<&[u8]>,
    ) -> Result<u64, StoreError>
    where
        T: Serialize + ?Sized,
        P: Serialize,
    {
        let name = id.to_string();
        let transaction = self.connection.transaction()?;
        insert(&transaction, &self.sealer, id, at, head, pages)?;
        if let Some(source) = source {
            transaction.execute(
                "INSERT INTO draft_sources (draft, body) VALUES (?1, ?2)",
                (&name, self.sealer.seal(SOURCE, &name, source)?),
            )?;
        }
        transaction.commit()?;
        Ok(1)
    }

    /// The workbook that a draft came from, as it was imported; `None` where it was not kept.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn draft_source(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let name = id.to_string();
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT body FROM draft_sources WHERE draft = ?1", [&name], |row| row.get(0))
            .optional()?;
        sealed.map(|sealed| self.sealer.open(SOURCE, &name, &sealed)).transpose()
    }

    /// The draft of this id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn draft<T: DeserializeOwned>(&self, id: Uuid) -> Result<Option<Draft<T>>, StoreError> {
        let name = id.to_string();
        let Some((revision, cursor, saved_at, head)) = self
            .connection
            .query_row("SELECT revision, cursor, saved_at, head FROM drafts WHERE id = ?1", [&name], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Vec<u8>>(3)?))
            })
            .optional()?
        else {
            return Ok(None);
        };
        Ok(Some(Draft { id, revision, cursor, saved_at, head: self.sealer.open_json(HEAD, &name, &head)? }))
    }

    /// Every draft that is not frozen by a filing, the last changed first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn drafts<T: DeserializeOwned>(&self) -> Result<Vec<Draft<T>>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, revision, cursor, saved_at, head FROM drafts
             WHERE NOT EXISTS (SELECT 1 FROM filings WHERE draft = drafts.id) ORDER BY saved_at DESC, id DESC",
        )?;
        let mut rows = statement.query([])?;
        let mut drafts = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let head: Vec<u8> = row.get(4)?;
            drafts.push(Draft {
                id: parse_id(&name)?,
                revision: row.get(1)?,
                cursor: row.get(2)?,
                saved_at: row.get(3)?,
                head: self.sealer.open_json(HEAD, &name, &head)?,
            });
        }
        Ok(drafts)
    }

    /// Its pages in order.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn draft_pages<P: DeserializeOwned>(&self, id: Uuid) -> Result<Vec<(u32, P)>, StoreError> {
        let name = id.to_string();
        let mut statement =
            self.connection.prepare_cached("SELECT page, body FROM draft_pages WHERE draft = ?1 ORDER BY page")?;
        let mut rows = statement.query([&name])?;
        let mut pages = Vec::new();
        while let Some(row) = rows.next()? {
            let page: u32 = row.get(0)?;
            let body: Vec<u8> = row.get(1)?;
            pages.push((page, self.sealer.open_json(PAGE, &numbered(&name, page), &body)?));
        }
        Ok(pages)
    }

    /// How many steps it has, undone ones (past the cursor) too.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn step_count(&self, id: Uuid) -> Result<u32, StoreError> {
        let count = "SELECT count(*) FROM draft_steps WHERE draft = ?1";
        Ok(self.connection.query_row(count, [id.to_string()], |row| row.get(0))?)
    }

    /// One of its steps, counted from 1: undoing one must not open them all.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn step<S: DeserializeOwned>(&self, id: Uuid, seq: u32) -> Result<Option<S>, StoreError> {
        let name = id.to_string();
        let body: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT body FROM draft_steps WHERE draft = ?1 AND seq = ?2", (&name, seq), |row| row.get(0))
            .optional()?;
        body.map(|body| self.sealer.open_json(STEP, &numbered(&name, seq), &body)).transpose()
    }

    /// Changes a draft; gives the new revision.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the revision moved, [`StoreError::Missing`] if the draft is gone,
    /// [`StoreError::Frozen`] if it was signed, [`StoreError::Full`] and the like. Nothing is changed then.
    pub fn change_draft<T, P, S>(&mut self, id: Uuid, change: DraftChange<'_, T, P, S>) -> Result<u64, StoreError>
    where
        T: Serialize,
        P: Serialize,
        S: Serialize,
    {
        let transaction = self.connection.savepoint()?;
        let revision = changed(&transaction, &self.sealer, id, change)?;
        transaction.commit()?;
        Ok(revision)
    }

    /// Keeps a signed filing whose draft goes on, and changes the draft, which names it from then on, in one durable
    /// transaction; gives the draft's new revision.
    ///
    /// # Errors
    /// As [`Store::change_draft`] and [`Store::commit_outbox`]; [`StoreError::Differs`] if the filing is there already.
    /// Nothing is changed then.
    pub fn keep_signed<F, T, P, S>(
        &mut self,
        draft: Uuid,
        change: DraftChange<'_, T, P, S>,
        record: &FilingRecord<F>,
        file: &[u8],
    ) -> Result<u64, StoreError>
    where
        F: Serialize,
        T: Serialize,
        P: Serialize,
        S: Serialize,
    {
        let transaction = self.connection.savepoint()?;
        if !filings::insert(&transaction, &self.sealer, record, file)? {
            return Err(StoreError::Differs);
        }
        let revision = changed(&transaction, &self.sealer, draft, change)?;
        transaction.commit()?;
        Ok(revision)
    }

    /// Deletes a draft with its pages, steps, workbook and papers; gives what was deleted, where there was one.
    ///
    /// # Errors
    /// [`StoreError::Frozen`] if it was signed: it is the way back when the center refuses.
    /// [`StoreError::Full`] and the like.
    pub fn delete_drafts(&mut self, ids: &[Uuid]) -> Result<Vec<DeletedDraft>, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut deleted = Vec::new();
        for id in ids {
            let name = id.to_string();
            if frozen(&transaction, &name)? {
                return Err(StoreError::Frozen);
            }
            let mut parts = Vec::new();
            for (table, key) in PARTS {
                parts.push((table, rows_of(&transaction, table, key, &name)?));
            }
            if transaction.execute("DELETE FROM drafts WHERE id = ?1", [&name])? > 0 {
                deleted.push(DeletedDraft { id: *id, parts });
            }
        }
        transaction.commit()?;
        Ok(deleted)
    }

    /// Puts deleted drafts back as they were, in the store that they were deleted from: all of them or none.
    ///
    /// # Errors
    /// [`StoreError::Differs`] if one is there again; [`StoreError::Full`] and the like. Nothing is changed then.
    pub fn put_back(&mut self, deleted: &[DeletedDraft]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        for DeletedDraft { id, parts } in deleted {
            if row(&transaction, &id.to_string())?.is_some() {
                return Err(StoreError::Differs);
            }
            for (table, rows) in parts {
                for values in rows {
                    let places = vec!["?"; values.len()].join(", ");
                    let insert = format!("INSERT INTO {table} VALUES ({places})");
                    transaction.prepare_cached(&insert)?.execute(rusqlite::params_from_iter(values))?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Whether [`Store::thaw_draft`] gives the draft of this filing back.
    ///
    /// # Errors
    /// [`StoreError::Io`] and the like.
    pub fn thaws(&self, filing: Uuid) -> Result<bool, StoreError> {
        let there = format!(
            "SELECT EXISTS (SELECT 1 FROM filings JOIN drafts ON drafts.id = filings.draft
             WHERE filings.id = ?1 AND {ENDED})"
        );
        Ok(self.connection.query_row(&there, [filing.to_string()], |row| row.get(0))?)
    }

    /// Makes the frozen draft of a refused filing a draft again, with its rows and steps, in one transaction; gives
    /// its id. The filing stays, and has no draft any more.
    ///
    /// # Errors
    /// [`StoreError::NotRefused`], [`StoreError::Missing`] if there is no such filing or its draft was given back
    /// before. Nothing is changed then.
    pub fn thaw_draft(&mut self, filing: Uuid, at: &str) -> Result<Uuid, StoreError> {
        let filing = filing.to_string();
        let transaction = self.connection.savepoint()?;
        let (ended, draft): (bool, Option<String>) = transaction
            .query_row(&format!("SELECT {ENDED}, draft FROM filings WHERE id = ?1"), [&filing], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?
            .ok_or(StoreError::Missing)?;
        if !ended {
            return Err(StoreError::NotRefused);
        }
        let draft = draft.ok_or(StoreError::Missing)?;
        let thawed = transaction
            .execute("UPDATE drafts SET revision = revision + 1, saved_at = ?2 WHERE id = ?1", (&draft, at))?;
        if thawed == 0 {
            return Err(StoreError::Missing);
        }
        transaction.execute("UPDATE filings SET draft = NULL WHERE id = ?1", [&filing])?;
        transaction.commit()?;
        parse_id(&draft)
    }
}

fn rows_of(connection: &Connection, table: &str, key: &str, name: &str) -> Result<Vec<Vec<Value>>, StoreError> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} WHERE {key} = ?1"))?;
    let columns = statement.column_count();
    let rows = statement.query_map([name], |row| (0..columns).map(|column| row.get(column)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Changes a draft; gives the new revision.
fn changed<T, P, S>(
    connection: &Connection,
    sealer: &Sealer,
    id: Uuid,
    change: DraftChange<'_, T, P, S>,
) -> Result<u64, StoreError>
where
    T: Serialize,
    P: Serialize,
    S: Serialize,
{
    let name = id.to_string();
    let (found, cursor) = row(connection, &name)?.ok_or(StoreError::Missing)?;
    if frozen(connection, &name)? {
        return Err(StoreError::Frozen);
    }
    if found != change.expected {
        return Err(StoreError::Stale { expected: change.expected, found });
    }
    let cursor = match change.step {
        Step::Keep => cursor,
        Step::Append(step) => {
            connection.execute("DELETE FROM draft_steps WHERE draft = ?1 AND seq > ?2", (&name, cursor))?;
            let seq = cursor + 1;
            connection.execute(
                "INSERT INTO draft_steps (draft, seq, body) VALUES (?1, ?2, ?3)",
                (&name, seq, sealer.seal_json(STEP, &numbered(&name, seq), step)?),
            )?;
            seq
        }
        Step::MoveTo(cursor) => {
            let last: u32 = connection.query_row(
                "SELECT coalesce(max(seq), 0) FROM draft_steps WHERE draft = ?1",
                [&name],
                |row| row.get(0),
            )?;
            if cursor > last {
                return Err(StoreError::Missing);
            }
            cursor
        }
    };
    for (page, body) in change.pages {
        put_page(connection, sealer, &name, *page, body)?;
    }
    let revision = found + 1;
    connection.execute(
        "UPDATE drafts SET revision = ?2, cursor = ?3, saved_at = ?4, head = ?5 WHERE id = ?1",
        (&name, revision, cursor, change.at, sealer.seal_json(HEAD, &name, change.head)?),
    )?;
    Ok(revision)
}

/// A filing of which nothing came: the center did not take it, the approver returned it, the clerk took it back.
const ENDED: &str = "(state = 'refused' OR coalesce(answer, '') IN ('refused', 'withdrawn'))";

/// A new draft, revision 1.
pub(super) fn insert<T, P>(
    connection: &Connection,
    sealer: &Sealer,
    id: Uuid,
    at: &str,
    head: &T,
    pages: impl IntoIterator<Item = (u32, P)>,
) -> Result<(), StoreError>
where
    T: Serialize + ?Sized,
    P: Serialize,
{
    let name = id.to_string();
    if row(connection, &name)?.is_some() {
        return Err(StoreError::Differs);
    }
    connection.execute(
        "INSERT INTO drafts (id, revision, cursor, saved_at, head) VALUES (?1, 1, 0, ?2, ?3)",
        (&name, at, sealer.seal_json(HEAD, &name, head)?),
    )?;
    for (page, body) in pages {
        put_page(connection, sealer, &name, page, &body)?;
    }
    Ok(())
}

/// Revision and cursor.
pub(super) fn row(connection: &Connection, name: &str) -> Result<Option<(u64, u32)>, StoreError> {
    Ok(connection
        .query_row("SELECT revision, cursor FROM drafts WHERE id = ?1", [name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Whether a filing was made from it.
pub(super) fn frozen(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM filings WHERE draft = ?1)", [name], |row| row.get(0))?)
}

pub(super) fn parse_id(name: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(name).map_err(|error| StoreError::Damaged(error.to_string()))
}

fn numbered(name: &str, number: u32) -> String {
    format!("{name}/{number}")
}

fn put_page<P: Serialize>(
    connection: &Connection,
    sealer: &Sealer,
    name: &str,
    page: u32,
    body: &P,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO draft_pages (draft, page, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (draft, page) DO UPDATE SET body = excluded.body",
        )?
        .execute((name, page, sealer.seal_json(PAGE, &numbered(name, page), body)?))?;
    Ok(())
}
