//! The local copy of each unit's roster, basic data and books.

use huijiao_domain::roster::Roster;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::departures::{self, Departures};
use crate::seal::Sealer;
use crate::{Store, StoreError};

const BODY: &str = "rosters.body";
const UNIT: &str = "units.body";
const BOOKS: &str = "books.body";

impl Store {
    /// Keeps the roster of a unit in place of the one before, without people who were erased from it.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn put_roster(&mut self, unit_account: &str, roster: &Roster, taken_at: &str) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        put(&transaction, &self.sealer, unit_account, roster, taken_at)?;
        Ok(transaction.commit()?)
    }

    /// The units of which something is kept that their center gives: roster or answers.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn units_kept(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT unit_account FROM rosters UNION SELECT unit_account FROM queries")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The roster of a unit, and when it was taken.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn roster(&self, unit_account: &str) -> Result<Option<(Roster, String)>, StoreError> {
        get(&self.connection, &self.sealer, unit_account)
    }

    /// Keeps the basic data of a unit.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn put_unit<T: Serialize>(&mut self, account: &str, unit: &T, taken_at: &str) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO units (account, taken_at, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (account) DO UPDATE SET taken_at = excluded.taken_at, body = excluded.body",
            (account, taken_at, self.sealer.seal_json(UNIT, account, unit)?),
        )?;
        Ok(())
    }

    /// The basic data of a unit, and when they were taken.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn unit<T: DeserializeOwned>(&self, account: &str) -> Result<Option<(T, String)>, StoreError> {
        let row: Option<(Vec<u8>, String)> = self
            .connection
            .query_row("SELECT body, taken_at FROM units WHERE account = ?1", [account], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        row.map(|(sealed, at)| Ok((self.sealer.open_json(UNIT, account, &sealed)?, at))).transpose()
    }

    /// Keeps what the center's books say of a unit.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn put_books<T: Serialize>(&mut self, account: &str, books: &T, taken_at: &str) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO books (unit_account, taken_at, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (unit_account) DO UPDATE SET taken_at = excluded.taken_at, body = excluded.body",
            (account, taken_at, self.sealer.seal_json(BOOKS, account, books)?),
        )?;
        Ok(())
    }

    /// What the center's books said of a unit, and when.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Shape`].
    pub fn books<T: DeserializeOwned>(&self, account: &str) -> Result<Option<(T, String)>, StoreError> {
        let row: Option<(Vec<u8>, String)> = self
            .connection
            .query_row("SELECT body, taken_at FROM books WHERE unit_account = ?1", [account], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        row.map(|(sealed, at)| Ok((self.sealer.open_json(BOOKS, account, &sealed)?, at))).transpose()
    }
}

/// Inside the caller's transaction.
pub(super) fn put(
    connection: &Connection,
    sealer: &Sealer,
    unit_account: &str,
    roster: &Roster,
    taken_at: &str,
) -> Result<(), StoreError> {
    let departures = departures::known(connection, sealer, unit_account, roster, taken_at)?;
    departures::note(connection, unit_account, &departures)?;
    match departures::erased_before(connection, unit_account)? {
        Some(month) => {
            let kept = departures::without(sealer, unit_account, roster, &departures, &month)?;
            write(connection, sealer, unit_account, &kept, taken_at)
        }
        None => write(connection, sealer, unit_account, roster, taken_at),
    }
}

/// The roster of a unit, what is known of those who left it, and when it was taken.
pub(super) fn with_departures(
    connection: &Connection,
    sealer: &Sealer,
    unit_account: &str,
) -> Result<Option<(Roster, Departures, String)>, StoreError> {
    let Some((roster, taken_at)) = get(connection, sealer, unit_account)? else { return Ok(None) };
    let departures = departures::known(connection, sealer, unit_account, &roster, &taken_at)?;
    Ok(Some((roster, departures, taken_at)))
}

fn get(connection: &Connection, sealer: &Sealer, unit_account: &str) -> Result<Option<(Roster, String)>, StoreError> {
    let row: Option<(Vec<u8>, String)> = connection
        .query_row("SELECT body, taken_at FROM rosters WHERE unit_account = ?1", [unit_account], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    row.map(|(sealed, at)| Ok((sealer.open_json(BODY, unit_account, &sealed)?, at))).transpose()
}

pub(super) fn write(
    connection: &Connection,
    sealer: &Sealer,
    unit_account: &str,
    roster: &Roster,
    taken_at: &str,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO rosters (unit_account, version, taken_at, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (unit_account) DO UPDATE
         SET version = excluded.version, taken_at = excluded.taken_at, body = excluded.body",
        (unit_account, roster.version, taken_at, sealer.seal_json(BODY, unit_account, roster)?),
    )?;
    Ok(())
}
