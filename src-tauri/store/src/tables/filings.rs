//! The outbox: signed filings, from before the first byte is sent until long after the answer.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::drafts;
use crate::seal::Sealer;
use crate::{Store, StoreError};

const HEAD: &str = "filings.head";
const FILE: &str = "filings.file";
const TROUBLE: &str = "filings.trouble";
const ARGS: &str = "filing_events.args";
const COLUMNS: &str =
    "id, draft, center, unit_account, kind, period, sha256, signed_at, state, answer, state_at, trouble, head";

/// Where a filing stands, as this computer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxState {
    /// On disk; surely not at the center.
    Signed,
    /// Being sent.
    Submitting,
    /// Sent, outcome not known: only the center can say.
    Unknown,
    /// The center has it; its own word for where it stands, such as `accepted`.
    Answered(String),
    /// The center refused to take it.
    Refused,
}

impl OutboxState {
    /// The word in the database.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Submitting => "submitting",
            Self::Unknown => "unknown",
            Self::Answered(_) => "answered",
            Self::Refused => "refused",
        }
    }

    fn answer(&self) -> Option<&str> {
        match self {
            Self::Answered(word) => Some(word),
            Self::Signed | Self::Submitting | Self::Unknown | Self::Refused => None,
        }
    }

    fn parse(word: &str, answer: Option<String>) -> Result<Self, StoreError> {
        match (word, answer) {
            ("signed", None) => Ok(Self::Signed),
            ("submitting", None) => Ok(Self::Submitting),
            ("unknown", None) => Ok(Self::Unknown),
            ("answered", Some(answer)) => Ok(Self::Answered(answer)),
            ("refused", None) => Ok(Self::Refused),
            (word, _) => Err(StoreError::Damaged(format!("state {word}"))),
        }
    }
}

/// A filing that has just been signed.
#[derive(Debug, Clone)]
pub struct FilingRecord<T> {
    /// Its own id, inside the signed bytes.
    pub id: Uuid,
    /// The draft it was made from and the revision that was signed.
    pub draft: Option<(Uuid, u64)>,
    /// Code of the center.
    pub center: String,
    /// 单位账号
    pub unit_account: String,
    /// Its kind, such as `base_adjustment`.
    pub kind: String,
    /// Month it takes effect, `YYYY-MM`.
    pub period: String,
    /// SHA-256 of the filing file, lower-case hex.
    pub sha256: String,
    /// When it was signed.
    pub signed_at: String,
    /// What its history begins with, oldest first.
    pub events: Vec<FilingEvent>,
    /// What the desk keeps about it.
    pub head: T,
}

/// A filing on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing<T> {
    /// Its own id.
    pub id: Uuid,
    /// The draft it was made from: frozen, and gone once there is a receipt.
    pub draft: Option<Uuid>,
    /// Code of the center.
    pub center: String,
    /// 单位账号
    pub unit_account: String,
    /// Its kind.
    pub kind: String,
    /// Month it takes effect.
    pub period: String,
    /// SHA-256 of the filing file, lower-case hex.
    pub sha256: String,
    /// When it was signed.
    pub signed_at: String,
    /// Where it stands.
    pub state: OutboxState,
    /// Since when.
    pub state_at: String,
    /// What stood in the way last, as the desk wrote it.
    pub trouble: Option<Value>,
    /// What the desk keeps about it.
    pub head: T,
}

/// One entry of a filing's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingEvent {
    /// When.
    pub at: String,
    /// Stable code of what happened.
    pub code: String,
    /// Figures for its words.
    pub args: BTreeMap<String, String>,
}

impl Store {
    /// Puts a signed filing, with what its history begins with, into the outbox and freezes its draft, in one durable
    /// transaction. A frozen draft is in no list and cannot be changed; it goes when the receipt is kept, and serves as
    /// the way back when the center refuses. Doing it again with the same file changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the draft moved since it was signed, [`StoreError::Missing`] if it is gone,
    /// [`StoreError::Frozen`] if another filing was made from it,
    /// [`StoreError::Differs`] if the id holds another file, [`StoreError::Full`] and the like: then nothing
    /// may be sent, and the draft is as it was.
    pub fn commit_outbox<T: Serialize>(&mut self, record: &FilingRecord<T>, file: &[u8]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        if insert(&transaction, &self.sealer, record, file)? {
            transaction.commit()?;
        }
        Ok(())
    }

    /// Moves a filing on. `trouble` replaces what was there.
    ///
    /// # Errors
    /// [`StoreError::Answered`] when the center's answer is on file and `state` is not one: there is no way
    /// back from an answer, and none from a refusal but by an answer: its draft may be filed anew already, and
    /// must not be sent a second time under the old id. [`StoreError::Missing`].
    pub fn set_state(
        &mut self,
        id: Uuid,
        state: &OutboxState,
        trouble: Option<&Value>,
        at: &str,
    ) -> Result<(), StoreError> {
        let name = id.to_string();
        let trouble = trouble.map(|value| self.sealer.seal_json(TROUBLE, &name, value)).transpose()?;
        self.with_reserve(|store| {
            let transaction = store.connection.transaction()?;
            move_on(&transaction, &name, state, trouble.clone(), at)?;
            Ok(transaction.commit()?)
        })
    }

    /// The filing of this id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn filing<T: DeserializeOwned>(&self, id: Uuid) -> Result<Option<Filing<T>>, StoreError> {
        Ok(self.select("WHERE id = ?1", &[&id.to_string()])?.pop())
    }

    /// Every filing, the last signed first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn filings<T: DeserializeOwned>(&self) -> Result<Vec<Filing<T>>, StoreError> {
        self.select("ORDER BY signed_at DESC, id DESC", &[])
    }

    /// A unit's filings whose outcome is open (signed, submitting, unknown, awaiting approval, accepted, in review), the
    /// first signed first: what to ask its center about, and no other.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn unsettled<T: DeserializeOwned>(
        &self,
        center: &str,
        unit_account: &str,
    ) -> Result<Vec<Filing<T>>, StoreError> {
        self.select(
            "WHERE center = ?1 AND unit_account = ?2
               AND (state IN ('signed', 'submitting', 'unknown') OR answer IN ('awaiting_approval', 'accepted', 'in_review'))
             ORDER BY signed_at, id",
            &[&center, &unit_account],
        )
    }

    /// The filing file, byte for byte as it was signed.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Damaged`].
    pub fn filing_file(&self, id: Uuid) -> Result<Vec<u8>, StoreError> {
        let name = id.to_string();
        let sealed: Vec<u8> = self
            .connection
            .query_row("SELECT file FROM filings WHERE id = ?1", [&name], |row| row.get(0))
            .optional()?
            .ok_or(StoreError::Missing)?;
        self.sealer.open(FILE, &name, &sealed)
    }

    /// Adds to a filing's history.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Full`] and the like.
    pub fn filing_event(
        &mut self,
        id: Uuid,
        at: &str,
        code: &str,
        args: &BTreeMap<String, String>,
    ) -> Result<(), StoreError> {
        let name = id.to_string();
        let args = self.sealer.seal_json(ARGS, &name, args)?;
        let added = self.with_reserve(|store| add_event(&store.connection, &name, at, code, &args))?;
        if added == 0 { Err(StoreError::Missing) } else { Ok(()) }
    }

    /// A filing's history, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn filing_events(&self, id: Uuid) -> Result<Vec<FilingEvent>, StoreError> {
        let name = id.to_string();
        let mut statement = self
            .connection
            .prepare_cached("SELECT at, code, args FROM filing_events WHERE filing = ?1 ORDER BY seq")?;
        let mut rows = statement.query([&name])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let args: Vec<u8> = row.get(2)?;
            events.push(FilingEvent {
                at: row.get(0)?,
                code: row.get(1)?,
                args: self.sealer.open_json(ARGS, &name, &args)?,
            });
        }
        Ok(events)
    }

    fn select<T: DeserializeOwned>(
        &self,
        rest: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Filing<T>>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM filings {rest}"))?;
        let mut rows = statement.query(values)?;
        let mut filings = Vec::new();
        while let Some(row) = rows.next()? {
            filings.push(self.filing_of(row)?);
        }
        Ok(filings)
    }

    fn filing_of<T: DeserializeOwned>(&self, row: &Row<'_>) -> Result<Filing<T>, StoreError> {
        let name: String = row.get(0)?;
        let draft: Option<String> = row.get(1)?;
        let state: String = row.get(8)?;
        let trouble: Option<Vec<u8>> = row.get(11)?;
        let head: Vec<u8> = row.get(12)?;
        Ok(Filing {
            id: drafts::parse_id(&name)?,
            draft: draft.as_deref().map(drafts::parse_id).transpose()?,
            center: row.get(2)?,
            unit_account: row.get(3)?,
            kind: row.get(4)?,
            period: row.get(5)?,
            sha256: row.get(6)?,
            signed_at: row.get(7)?,
            state: OutboxState::parse(&state, row.get(9)?)?,
            state_at: row.get(10)?,
            trouble: trouble.map(|sealed| self.sealer.open_json(TROUBLE, &name, &sealed)).transpose()?,
            head: self.sealer.open_json(HEAD, &name, &head)?,
        })
    }
}

/// A signed filing with its file; `false` where the same is there already.
pub(super) fn insert<T: Serialize>(
    connection: &Connection,
    sealer: &Sealer,
    record: &FilingRecord<T>,
    file: &[u8],
) -> Result<bool, StoreError> {
    let name = record.id.to_string();
    let known: Option<String> =
        connection.query_row("SELECT sha256 FROM filings WHERE id = ?1", [&name], |row| row.get(0)).optional()?;
    if let Some(sha256) = known {
        return if sha256 == record.sha256 { Ok(false) } else { Err(StoreError::Differs) };
    }
    if let Some((draft, expected)) = record.draft {
        let draft = draft.to_string();
        let (found, _) = drafts::row(connection, &draft)?.ok_or(StoreError::Missing)?;
        if drafts::frozen(connection, &draft)? {
            return Err(StoreError::Frozen);
        }
        if found != expected {
            return Err(StoreError::Stale { expected, found });
        }
    }
    connection.execute(
        "INSERT INTO filings (id, draft, center, unit_account, kind, period, sha256, signed_at, state, answer,
                              state_at, trouble, head, file)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, ?8, NULL, ?10, ?11)",
        rusqlite::params![
            name,
            record.draft.map(|(draft, _)| draft.to_string()),
            record.center,
            record.unit_account,
            record.kind,
            record.period,
            record.sha256,
            record.signed_at,
            OutboxState::Signed.as_str(),
            sealer.seal_json(HEAD, &name, &record.head)?,
            sealer.seal(FILE, &name, file)?,
        ],
    )?;
    add_events(connection, sealer, &name, &record.events)?;
    Ok(true)
}

/// Adds to a filing's history, oldest first.
pub(super) fn add_events(
    connection: &Connection,
    sealer: &Sealer,
    name: &str,
    events: &[FilingEvent],
) -> Result<(), StoreError> {
    for FilingEvent { at, code, args } in events {
        add_event(connection, name, at, code, &sealer.seal_json(ARGS, name, args)?)?;
    }
    Ok(())
}

/// Adds to a filing's history; how many there were to add to.
fn add_event(connection: &Connection, name: &str, at: &str, code: &str, sealed: &[u8]) -> Result<usize, StoreError> {
    Ok(connection.execute(
        "INSERT INTO filing_events (filing, at, code, args) SELECT id, ?2, ?3, ?4 FROM filings WHERE id = ?1",
        (name, at, code, sealed),
    )?)
}

pub(super) fn move_on(
    connection: &Connection,
    name: &str,
    state: &OutboxState,
    trouble: Option<Vec<u8>>,
    at: &str,
) -> Result<(), StoreError> {
    let found: String = connection
        .query_row("SELECT state FROM filings WHERE id = ?1", [name], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::Missing)?;
    let back = match state {
        OutboxState::Signed | OutboxState::Submitting | OutboxState::Unknown => {
            found == "answered" || found == "refused"
        }
        OutboxState::Refused => found == "answered",
        OutboxState::Answered(_) => false,
    };
    if back {
        return Err(StoreError::Answered);
    }
    connection.execute(
        "UPDATE filings SET state = ?2, answer = ?3, state_at = ?4, trouble = ?5 WHERE id = ?1",
        (name, state.as_str(), state.answer(), at, trouble),
    )?;
    Ok(())
}
