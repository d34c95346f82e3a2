//! Who left a unit, and since when: by marks, not by names.

use std::collections::BTreeMap;

use huijiao_domain::roster::{Contributor, Roster};
use rusqlite::{Connection, OptionalExtension};

use crate::StoreError;
use crate::seal::Sealer;

const MARK: &str = "departures.mark";

/// Since when each of a unit's people who left is known to have left, by his mark.
pub(super) type Departures = BTreeMap<Vec<u8>, String>;

/// What is known of a unit's people together with what this roster says. A sealing that the center dates counts from
/// then, every other departure from the month in which it was first seen: never too early.
pub(super) fn known(
    connection: &Connection,
    sealer: &Sealer,
    unit: &str,
    roster: &Roster,
    taken_at: &str,
) -> Result<Departures, StoreError> {
    let mut noted = noted(connection, unit)?;
    let seen = taken_at.get(..7).unwrap_or(taken_at);
    let mut departures = Departures::new();
    for person in roster.contributors.iter().filter(|person| person.status.has_left()) {
        let mark = mark(sealer, unit, person)?;
        let said = person.changes.sealed.last().map(ToString::to_string);
        let since = said.or_else(|| noted.remove(&mark)).unwrap_or_else(|| seen.to_owned());
        departures.insert(mark, since);
    }
    Ok(departures)
}

/// Notes it; whoever came back is not among them any more.
pub(super) fn note(connection: &Connection, unit: &str, departures: &Departures) -> Result<(), StoreError> {
    if noted(connection, unit)? == *departures {
        return Ok(());
    }
    connection.execute("DELETE FROM departures WHERE unit_account = ?1", [unit])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO departures (unit_account, mark, since) VALUES (?1, ?2, ?3)")?;
    for (mark, since) in departures {
        insert.execute((unit, mark, since))?;
    }
    Ok(())
}

/// The people of a roster without those who left before `month` (`YYYY-MM`).
pub(super) fn without(
    sealer: &Sealer,
    unit: &str,
    roster: &Roster,
    departures: &Departures,
    month: &str,
) -> Result<Roster, StoreError> {
    let mut contributors = Vec::with_capacity(roster.contributors.len());
    for person in &roster.contributors {
        let gone = person.status.has_left()
            && departures.get(&mark(sealer, unit, person)?).is_some_and(|since| since.as_str() < month);
        if !gone {
            contributors.push(person.clone());
        }
    }
    Ok(Roster { version: roster.version, contributors })
}

/// The month before which people who left were erased from a unit's roster.
pub(super) fn erased_before(connection: &Connection, unit: &str) -> Result<Option<String>, StoreError> {
    let month = "SELECT left_before FROM erasures WHERE unit_account = ?1";
    Ok(connection.query_row(month, [unit], |row| row.get(0)).optional()?)
}

fn noted(connection: &Connection, unit: &str) -> Result<Departures, StoreError> {
    let mut statement = connection.prepare_cached("SELECT mark, since FROM departures WHERE unit_account = ?1")?;
    Ok(statement.query_map([unit], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

fn mark(sealer: &Sealer, unit: &str, person: &Contributor) -> Result<Vec<u8>, StoreError> {
    sealer.blind(MARK, &format!("{unit}|{}|{}", person.personal_account, person.id_number))
}
