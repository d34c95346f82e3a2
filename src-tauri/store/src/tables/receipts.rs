//! Receipts: the center's signed answers, in a chain per unit.

use huijiao_domain::roster::Roster;
use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::filings::{FilingEvent, OutboxState, add_events, move_on};
use super::rosters;
use crate::{Store, StoreError};

const FILE: &str = "receipts.file";

/// A receipt's file.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptFile<'a> {
    /// `receipt.p7m`, byte for byte.
    pub file: &'a [u8],
    /// SHA-256 of the file, lower-case hex.
    pub sha256: &'a str,
    /// SHA-256 of the unit's receipt before it.
    pub previous: Option<&'a str>,
}

/// A filing's receipts that have just been verified.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptRecord<'a> {
    /// The filing they answer.
    pub filing: Uuid,
    /// All of them, oldest first: one for each state that the filing went through.
    pub receipts: &'a [ReceiptFile<'a>],
    /// 业务流水号
    pub number: &'a str,
    /// The center's word for where the filing stands, such as `accepted`.
    pub state: &'a str,
    /// The roster as it stands after the filing, where it was fetched.
    pub roster: Option<&'a Roster>,
    /// What they add to the filing's history, oldest first.
    pub events: &'a [FilingEvent],
    /// When.
    pub at: &'a str,
}

/// A receipt on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The filing it answers.
    pub filing: Uuid,
    /// 单位账号
    pub unit_account: String,
    /// 业务流水号
    pub number: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// SHA-256 of the unit's receipt before it.
    pub previous: Option<String>,
    /// When it was kept.
    pub kept_at: String,
    /// `receipt.p7m`, byte for byte.
    pub file: Vec<u8>,
}

/// A receipt's place in the chain of its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLink {
    /// The filing it answers.
    pub filing: Uuid,
    /// 业务流水号
    pub number: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// SHA-256 of the unit's receipt before it.
    pub previous: Option<String>,
}

impl Store {
    /// Keeps a filing's receipts, its state, what is new in its history and the roster after it, in one transaction.
    /// Receipts that are on file stay as they are, so the same answer again is fine: state and roster are brought up to
    /// date. The newest revocation list is archived with each new one.
    ///
    /// # Errors
    /// [`StoreError::ReceiptDiffers`] unless the answer begins with the receipts on file, each byte of them:
    /// a center cannot take one back. [`StoreError::Missing`] without the filing. Nothing is changed then.
    pub fn keep_receipts(&mut self, record: &ReceiptRecord<'_>) -> Result<(), StoreError> {
        self.with_reserve(|store| store.receipts_kept(record))
    }

    fn receipts_kept(&mut self, record: &ReceiptRecord<'_>) -> Result<(), StoreError> {
        let name = record.filing.to_string();
        let transaction = self.connection.transaction()?;
        let unit: String = transaction
            .query_row("SELECT unit_account FROM filings WHERE id = ?1", [&name], |row| row.get(0))
            .optional()?
            .ok_or(StoreError::Missing)?;
        let known: Vec<Vec<u8>> = transaction
            .prepare_cached("SELECT file FROM receipts WHERE filing = ?1 ORDER BY seq")?
            .query_map([&name], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut answered = record.receipts.iter();
        for sealed in known {
            let kept = self.sealer.open(FILE, &name, &sealed)?;
            if answered.next().is_none_or(|receipt| receipt.file != kept) {
                return Err(StoreError::ReceiptDiffers);
            }
        }
        for receipt in answered {
            transaction.execute(
                "INSERT INTO receipts (filing, unit_account, number, sha256, previous, kept_at, file, crl)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT max(seq) FROM crls WHERE unit_account = ?2))",
                (
                    &name,
                    &unit,
                    record.number,
                    receipt.sha256,
                    receipt.previous,
                    record.at,
                    self.sealer.seal(FILE, &name, receipt.file)?,
                ),
            )?;
        }
        move_on(&transaction, &name, &OutboxState::Answered(record.state.to_owned()), None, record.at)?;
        // What was signed is in the filing's own bytes; the draft has done its work unless it may be needed again.
        if !["awaiting_approval", "refused", "withdrawn"].contains(&record.state) {
            transaction.execute("DELETE FROM drafts WHERE id = (SELECT draft FROM filings WHERE id = ?1)", [&name])?;
        }
        add_events(&transaction, &self.sealer, &name, record.events)?;
        if let Some(roster) = record.roster {
            rosters::put(&transaction, &self.sealer, &unit, roster, record.at)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The receipts of a filing, oldest first: the last is that of its present state.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn receipts(&self, filing: Uuid) -> Result<Vec<Receipt>, StoreError> {
        let name = filing.to_string();
        let mut statement = self.connection.prepare_cached(
            "SELECT file, unit_account, number, sha256, previous, kept_at FROM receipts WHERE filing = ?1 ORDER BY seq",
        )?;
        let mut rows = statement.query([&name])?;
        let mut receipts = Vec::new();
        while let Some(row) = rows.next()? {
            let sealed: Vec<u8> = row.get(0)?;
            receipts.push(Receipt {
                filing,
                unit_account: row.get(1)?,
                number: row.get(2)?,
                sha256: row.get(3)?,
                previous: row.get(4)?,
                kept_at: row.get(5)?,
                file: self.sealer.open(FILE, &name, &sealed)?,
            });
        }
        Ok(receipts)
    }

    /// The receipts on file of a unit at a center, without their files.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn receipt_links(&self, center: &str, unit_account: &str) -> Result<Vec<ReceiptLink>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT r.filing, r.number, r.sha256, r.previous FROM receipts AS r JOIN filings AS f ON f.id = r.filing
             WHERE f.center = ?1 AND f.unit_account = ?2 ORDER BY r.seq",
        )?;
        let mut rows = statement.query([center, unit_account])?;
        let mut links = Vec::new();
        while let Some(row) = rows.next()? {
            let filing: String = row.get(0)?;
            let filing = filing.parse().map_err(|_| StoreError::Damaged("a receipt of no filing".into()))?;
            links.push(ReceiptLink { filing, number: row.get(1)?, sha256: row.get(2)?, previous: row.get(3)? });
        }
        Ok(links)
    }

    /// The 业务流水号 of a filing, once there is a receipt.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn filing_number(&self, filing: Uuid) -> Result<Option<String>, StoreError> {
        Ok(self
            .connection
            .query_row(
                "SELECT number FROM receipts WHERE filing = ?1 ORDER BY seq DESC LIMIT 1",
                [filing.to_string()],
                |row| row.get(0),
            )
            .optional()?)
    }

    /// Whether a receipt with this SHA-256 is on file for the unit.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn has_receipt(&self, unit_account: &str, sha256: &str) -> Result<bool, StoreError> {
        Ok(self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM receipts WHERE unit_account = ?1 AND sha256 = ?2)",
            [unit_account, sha256],
            |row| row.get(0),
        )?)
    }

    /// SHA-256 of the end of the unit's chain: the receipt that no other one follows. Receipts can be fetched
    /// out of order, so the last kept is not always the last issued.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn last_receipt_sha256(&self, unit_account: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .connection
            .query_row(
                "SELECT sha256 FROM receipts AS r
                 WHERE unit_account = ?1 AND NOT EXISTS (
                     SELECT 1 FROM receipts AS n WHERE n.unit_account = r.unit_account AND n.previous = r.sha256)
                 ORDER BY seq DESC LIMIT 1",
                [unit_account],
                |row| row.get(0),
            )
            .optional()?)
    }
}
