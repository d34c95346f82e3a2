//! The register: units, contributors, operators, filings and receipts in one SQLite file.
//!
//! Everything blocks; handlers come in through `spawn_blocking`. The functions of the submodules take a
//! connection, so that the same look-up serves a read and a booking.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use huijiao_domain::profile::CenterProfile;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::error::CenterError;

pub(crate) mod books;
pub(crate) mod certificates;
pub(crate) mod deferrals;
pub(crate) mod dues;
pub(crate) mod events;
pub(crate) mod filings;
pub(crate) mod incoming;
pub(crate) mod ledger;
pub(crate) mod money;
pub(crate) mod months;
pub(crate) mod operators;
pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod proof;
pub(crate) mod queries;
pub(crate) mod refusals;
pub(crate) mod reviews;
pub(crate) mod units;
pub(crate) mod verdicts;
pub(crate) mod withdrawals;

/// Each entry brings a database from the version of its index to the next.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
    include_str!("schema-7.sql"),
    include_str!("schema-8.sql"),
    include_str!("schema-9.sql"),
    include_str!("schema-10.sql"),
    include_str!("schema-11.sql"),
    include_str!("schema-12.sql"),
    include_str!("schema-13.sql"),
    include_str!("schema-14.sql"),
    include_str!("schema-15.sql"),
    include_str!("schema-16.sql"),
];

/// The center's book of record. One writer; reads see the last commit and do not wait for it.
#[derive(Debug)]
pub(crate) struct Register {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    changed: watch::Sender<()>,
}

impl Register {
    /// Opens the file, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, CenterError> {
        let mut writer = Connection::open(path)?;
        writer.busy_timeout(Duration::from_secs(10))?;
        writer.pragma_update(None, "journal_mode", "wal")?;
        // An answer promises that the filing survives a power cut; WAL with NORMAL would not.
        writer.pragma_update(None, "synchronous", "full")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut writer)?;
        let reader = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI,
        )?;
        reader.busy_timeout(Duration::from_secs(10))?;
        Ok(Self { writer: Mutex::new(writer), reader: Mutex::new(reader), changed: watch::Sender::new(()) })
    }

    /// Reads, all of it from one commit.
    pub(crate) fn read<T, E: From<CenterError>>(&self, f: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        // A poisoned lock only means that another reader died; its transaction is rolled back.
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = reader.transaction().map_err(CenterError::from)?;
        f(&snapshot)
    }

    /// Books, all or nothing; an error rolls back.
    pub(crate) fn write<T, E: From<CenterError>>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let booking = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(CenterError::from)?;
        let value = f(&booking)?;
        booking.commit().map_err(CenterError::from)?;
        self.changed.send_replace(());
        Ok(value)
    }

    /// Wakes after each commit.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

/// Writes what ends well and nothing of what does not; the transaction goes on either way.
pub(crate) fn whole_or_nothing<T, E: From<CenterError>>(
    booking: &Transaction<'_>,
    f: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    booking.execute_batch("savepoint part").map_err(CenterError::from)?;
    let outcome = f();
    let end = if outcome.is_ok() { "release part" } else { "rollback to part; release part" };
    booking.execute_batch(end).map_err(CenterError::from)?;
    outcome
}

fn migrate(connection: &mut Connection) -> Result<(), CenterError> {
    let known = MIGRATIONS.len() as i64;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let Ok(start) = usize::try_from(found) else { return Err(CenterError::Newer { found, known }) };
    if start > MIGRATIONS.len() {
        return Err(CenterError::Newer { found, known });
    }
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in &MIGRATIONS[start..] {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "user_version", known)?;
    change.commit()?;
    Ok(())
}

/// The center's rules.
pub(crate) fn profile(connection: &Connection) -> Result<Option<CenterProfile>, CenterError> {
    let text: Option<String> = connection.query_row("select profile from center", [], |row| row.get(0)).optional()?;
    text.map(|text| serde_json::from_str(&text).map_err(|e| CenterError::Content(format!("profile: {e}")))).transpose()
}

/// Sets the center's rules.
pub(crate) fn set_profile(connection: &Connection, profile: &CenterProfile) -> Result<(), CenterError> {
    let text = serde_json::to_string(profile).map_err(|e| CenterError::Content(format!("profile: {e}")))?;
    connection.execute(
        "insert into center (one, profile) values (1, ?1) on conflict (one) do update set profile = excluded.profile",
        [text],
    )?;
    Ok(())
}

/// A value as the register keeps what it never looks into.
fn json<T: Serialize>(value: &T) -> Result<String, CenterError> {
    serde_json::to_string(value).map_err(|e| CenterError::Content(e.to_string()))
}

/// A value whose wire form is one string, as the register keeps it.
fn to_text<T: Serialize>(value: &T) -> Result<String, CenterError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        Ok(other) => Err(CenterError::Content(format!("not a text: {other}"))),
        Err(e) => Err(CenterError::Content(e.to_string())),
    }
}

/// The other way.
fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, CenterError> {
    serde_json::from_str(text).map_err(|e| CenterError::Content(e.to_string()))
}

/// A value whose wire form is one string, read.
fn from_text<T: DeserializeOwned>(text: String) -> Result<T, CenterError> {
    serde_json::from_value(serde_json::Value::String(text)).map_err(|e| CenterError::Content(e.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_register_of_a_newer_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("center.db");
        drop(Register::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let error = Register::open(&path).unwrap_err();
        assert_eq!(error.code(), "center-newer", "a newer file has its own code");
        let version: i64 =
            Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 99, "the newer file was not touched");
    }

    #[test]
    fn a_balance_from_before_the_ledger_is_its_first_entry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("center.db");
        let old = Connection::open(&path).unwrap();
        for step in &MIGRATIONS[..5] {
            old.execute_batch(step).unwrap();
        }
        old.pragma_update(None, "user_version", 5).unwrap();
        for (account, suspense) in [("1", "1234.50"), ("2", "0.00")] {
            let unit = "insert into unit (account, credit_code, name, status, unit_ratio, personal_ratio, \
                        paid_through, first_unverified, suspense_balance, roster_version) \
                        values (?1, '', '', 'normal', '0.08', '0.08', '2026-06', '2026-07', ?2, 1)";
            old.execute(unit, [account, suspense]).unwrap();
        }
        drop(old);
        let register = Register::open(&path).unwrap();
        let balance = |account: &str| {
            let unit = register.read(|c| units::unit(c, account)).unwrap().unwrap();
            unit.suspense_balance.to_string()
        };
        assert_eq!((balance("1"), balance("2")), ("1234.50".into(), "0.00".into()), "each as it was, to the fen");
        let entries: u32 = register
            .read(|c| Ok::<_, CenterError>(c.query_row("select count(*) from entry", [], |row| row.get(0))?))
            .unwrap();
        assert_eq!(entries, 1, "nothing is booked of nothing");
    }

    #[test]
    fn whoever_comes_back_after_his_account_was_closed_is_given_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("center.db");
        let old = Connection::open(&path).unwrap();
        for step in &MIGRATIONS[..14] {
            old.execute_batch(step).unwrap();
        }
        old.pragma_update(None, "user_version", 14).unwrap();
        let unit = "insert into unit (account, credit_code, name, status, unit_ratio, personal_ratio, paid_through, \
                    first_unverified, roster_version) \
                    values ('1', '', '', 'normal', '0.08', '0.08', '2026-06', '2026-07', 1)";
        old.execute(unit, []).unwrap();
        let add = |connection: &Connection, account: &str, status: &str| {
            connection.execute(
                "insert into contributor (unit, personal_account, position, name, id_type, id_number, status, base, \
                 unit_amount, personal_amount, version) \
                 values ('1', ?1, ?1, '赵一鸣', '01', '410801199001010019', ?2, '5000.00', '400.00', '400.00', 1)",
                [account, status],
            )
        };
        add(&old, "1", "closed_by_withdrawal").unwrap();
        drop(old);
        let register = Register::open(&path).unwrap();
        let added = register.write(|tx| {
            add(tx, "2", "normal")?;
            Ok::<_, CenterError>(add(tx, "3", "sealed").is_err())
        });
        assert!(added.unwrap(), "beside a closed account one that is open, and no second one");
        let accounts: String = register
            .read(|c| {
                let all = "select group_concat(personal_account || ' ' || status, ', ') from contributor";
                Ok::<_, CenterError>(c.query_row(all, [], |row| row.get(0))?)
            })
            .unwrap();
        assert_eq!(accounts, "1 closed_by_withdrawal, 2 normal", "what was there before the new version is there");
    }

    #[test]
    fn commits_are_written_through_to_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::open(&folder.path().join("center.db")).unwrap();
        let (journal, synchronous): (String, i64) = register
            .write(|tx| {
                Ok::<_, CenterError>((
                    tx.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
                    tx.pragma_query_value(None, "synchronous", |row| row.get(0))?,
                ))
            })
            .unwrap();
        assert_eq!((journal.as_str(), synchronous), ("wal", 2), "WAL with synchronous FULL (2) survives a power cut");
    }
}
