//! What approvers signed: kept before it is sent, and as evidence after.

use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::drafts::parse_id;
use crate::{Store, StoreError};

const HEAD: &str = "verdicts.head";
const FILE: &str = "verdicts.file";
const COLUMNS: &str = "filing, center, unit_account, approved, open, signed_at, sha256, head, file";

/// What an approver signed about a filing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<T> {
    /// The filing's own id.
    pub filing: Uuid,
    /// Code of the center.
    pub center: String,
    /// 单位账号
    pub unit_account: String,
    /// The file with both signatures; otherwise the signed rejection.
    pub approved: bool,
    /// The center has not answered yet.
    pub open: bool,
    /// When.
    pub signed_at: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// What the desk keeps about it.
    pub head: T,
    /// The file, byte for byte.
    pub file: Vec<u8>,
}

impl Store {
    /// Keeps what an approver signed. One that is open stays as it is: it may have arrived.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like: then nothing may be sent.
    pub fn keep_verdict<T: Serialize>(&mut self, verdict: &Verdict<T>) -> Result<(), StoreError> {
        let name = verdict.filing.to_string();
        self.connection.execute(
            &format!(
                "INSERT INTO verdicts ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (filing) DO UPDATE SET approved = excluded.approved, open = excluded.open,
                     signed_at = excluded.signed_at, sha256 = excluded.sha256, head = excluded.head,
                     file = excluded.file WHERE NOT verdicts.open"
            ),
            rusqlite::params![
                name,
                verdict.center,
                verdict.unit_account,
                verdict.approved,
                verdict.open,
                verdict.signed_at,
                verdict.sha256,
                self.sealer.seal_json(HEAD, &name, &verdict.head)?,
                self.sealer.seal(FILE, &name, &verdict.file)?,
            ],
        )?;
        Ok(())
    }

    /// What was signed about a filing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn verdict<T: DeserializeOwned>(&self, filing: Uuid) -> Result<Option<Verdict<T>>, StoreError> {
        Ok(self.select_verdicts("WHERE filing = ?1", &[&filing.to_string()])?.pop())
    }

    /// Everything that was signed, the last first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn verdicts<T: DeserializeOwned>(&self) -> Result<Vec<Verdict<T>>, StoreError> {
        self.select_verdicts("ORDER BY signed_at DESC, filing DESC", &[])
    }

    /// Notes that the center has answered.
    ///
    /// # Errors
    /// [`StoreError::Io`] and the like.
    pub fn close_verdict(&mut self, filing: Uuid) -> Result<(), StoreError> {
        self.connection.execute("UPDATE verdicts SET open = 0 WHERE filing = ?1", [filing.to_string()])?;
        Ok(())
    }

    /// Forgets what the center refused to take.
    ///
    /// # Errors
    /// [`StoreError::Io`] and the like.
    pub fn forget_verdict(&mut self, filing: Uuid) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM verdicts WHERE filing = ?1", [filing.to_string()])?;
        Ok(())
    }

    fn select_verdicts<T: DeserializeOwned>(
        &self,
        rest: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Verdict<T>>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM verdicts {rest}"))?;
        let mut rows = statement.query(values)?;
        let mut verdicts = Vec::new();
        while let Some(row) = rows.next()? {
            verdicts.push(self.verdict_of(row)?);
        }
        Ok(verdicts)
    }

    fn verdict_of<T: DeserializeOwned>(&self, row: &Row<'_>) -> Result<Verdict<T>, StoreError> {
        let name: String = row.get(0)?;
        let (head, file): (Vec<u8>, Vec<u8>) = (row.get(7)?, row.get(8)?);
        Ok(Verdict {
            filing: parse_id(&name)?,
            center: row.get(1)?,
            unit_account: row.get(2)?,
            approved: row.get(3)?,
            open: row.get(4)?,
            signed_at: row.get(5)?,
            sha256: row.get(6)?,
            head: self.sealer.open_json(HEAD, &name, &head)?,
            file: self.sealer.open(FILE, &name, &file)?,
        })
    }
}
