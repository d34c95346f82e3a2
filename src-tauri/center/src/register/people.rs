//! Contributors one by one: changed, opened, moved between units; what was there before is kept.

use std::collections::HashSet;

use huijiao_domain::month::Month;
use huijiao_domain::roster::{AccountStatus, Contributor, Earlier, Known};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_json, from_text, json, to_text};
use crate::error::CenterError;

/// The change of a unit's roster that a filing makes.
pub(crate) struct Booking<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) unit: &'a str,
    /// Id of the filing.
    pub(crate) filing: &'a str,
    /// The roster version that the change makes.
    pub(crate) version: u64,
}

fn absent() -> CenterError {
    CenterError::Content("a filed account is not in the unit".into())
}

fn person_of(json: &str) -> Result<Contributor, CenterError> {
    serde_json::from_str(json).map_err(|e| CenterError::Content(format!("person: {e}")))
}

impl Booking<'_> {
    /// Replaces what is registered of a person who is in the unit; what was there goes to the past.
    pub(crate) fn change(&self, before: &Contributor, after: &Contributor) -> Result<(), CenterError> {
        self.keep_past(before)?;
        let changed = self
            .connection
            .prepare_cached(
                "update contributor set name = ?3, id_type = ?4, id_number = ?5, status = ?6, base = ?7, \
                 unit_amount = ?8, personal_amount = ?9, mobile = ?10, bank_name = ?11, bank_card = ?12, \
                 earlier = ?13, version = ?14, changes = ?15 where unit = ?1 and personal_account = ?2",
            )?
            .execute(params![
                self.unit,
                after.personal_account.as_str(),
                after.name.as_str(),
                after.id_type.as_str(),
                after.id_number.as_str(),
                to_text(&after.status)?,
                to_text(&after.base)?,
                to_text(&after.amounts.unit_amount)?,
                to_text(&after.amounts.personal_amount)?,
                after.contact.mobile.as_str(),
                after.contact.bank_name.as_str(),
                after.contact.bank_card.as_str(),
                json(&after.earlier)?,
                self.version,
                json(&after.changes)?,
            ])?;
        if changed == 1 { Ok(()) } else { Err(absent()) }
    }

    fn keep_past(&self, person: &Contributor) -> Result<(), CenterError> {
        let kept = self
            .connection
            .prepare_cached(
                "insert into contributor_past (unit, personal_account, version, person, replaced_by) \
                 select unit, personal_account, version, ?3, ?4 from contributor \
                 where unit = ?1 and personal_account = ?2",
            )?
            .execute(params![self.unit, person.personal_account.as_str(), json(person)?, self.filing])?;
        if kept == 1 { Ok(()) } else { Err(absent()) }
    }

    /// Adds a person at the end of the roster.
    pub(crate) fn join(&self, person: &Contributor) -> Result<(), CenterError> {
        self.connection
            .prepare_cached(
                "insert into contributor (unit, personal_account, position, name, id_type, id_number, status, base, \
                 unit_amount, personal_amount, mobile, bank_name, bank_card, earlier, version, changes) \
                 values (?1, ?2, (select coalesce(max(position), -1) + 1 from contributor where unit = ?1), \
                 ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?
            .execute(params![
                self.unit,
                person.personal_account.as_str(),
                person.name.as_str(),
                person.id_type.as_str(),
                person.id_number.as_str(),
                to_text(&person.status)?,
                to_text(&person.base)?,
                to_text(&person.amounts.unit_amount)?,
                to_text(&person.amounts.personal_amount)?,
                person.contact.mobile.as_str(),
                person.contact.bank_name.as_str(),
                person.contact.bank_card.as_str(),
                json(&person.earlier)?,
                self.version,
                json(&person.changes)?,
            ])?;
        Ok(())
    }

    /// Takes a person out of the unit; the account waits, sealed, until a unit takes it in.
    pub(crate) fn leave(&self, person: &Contributor) -> Result<(), CenterError> {
        self.depart(self.unit, person, self.version)?;
        let held = Contributor { status: AccountStatus::Sealed, ..person.clone() };
        self.connection.execute(
            "insert into held (personal_account, person, id_number, filing) values (?1, ?2, ?3, ?4)",
            params![held.personal_account.as_str(), json(&held)?, held.id_number.as_str(), self.filing],
        )?;
        Ok(())
    }

    /// Takes a person out whose account was never to be: it is nowhere afterwards.
    pub(crate) fn unregister(&self, person: &Contributor) -> Result<(), CenterError> {
        self.depart(self.unit, person, self.version)
    }

    fn depart(&self, unit: &str, person: &Contributor, version: u64) -> Result<(), CenterError> {
        Booking { unit, ..*self }.keep_past(person)?;
        self.connection.execute(
            "delete from contributor where unit = ?1 and personal_account = ?2",
            params![unit, person.personal_account.as_str()],
        )?;
        self.connection.execute(
            "insert into departure (unit, personal_account, id_number, version) values (?1, ?2, ?3, ?4)",
            params![unit, person.personal_account.as_str(), person.id_number.as_str(), version],
        )?;
        Ok(())
    }

    /// Takes a sealed account from where it is: it waits at no unit, or at the one that sealed it.
    pub(crate) fn fetch(&self, personal_account: &str) -> Result<Contributor, CenterError> {
        let held: Option<String> = self
            .connection
            .query_row("delete from held where personal_account = ?1 returning person", [personal_account], |row| {
                row.get(0)
            })
            .optional()?;
        if let Some(held) = held {
            return person_of(&held);
        }
        let unit: Option<String> = self
            .connection
            .query_row(
                "select unit from contributor where personal_account = ?1 and unit <> ?2 and status = 'sealed'",
                params![personal_account, self.unit],
                |row| row.get(0),
            )
            .optional()?;
        let unit = unit.ok_or_else(absent)?;
        let mut found = None;
        super::units::each_contributor(self.connection, &unit, |one| {
            if one.person.personal_account == personal_account {
                found = Some(one.person);
            }
            Ok::<_, CenterError>(())
        })?;
        let person = found.ok_or_else(absent)?;
        let version = super::units::next_roster_version(self.connection, &unit)?;
        self.depart(&unit, &person, version)?;
        Ok(person)
    }
}

/// A personal account that was never given before, of the center's length.
pub(crate) fn new_account(connection: &Connection, length: Option<u8>) -> Result<String, CenterError> {
    let last: i64 = connection.query_row(
        "insert into account_counter (one, last) select 1, 1 + coalesce(max(cast(a as integer)), 0) from \
         (select personal_account as a from contributor union all select personal_account from held \
          union all select personal_account from departure) where true \
         on conflict (one) do update set last = last + 1 returning last",
        [],
        |row| row.get(0),
    )?;
    Ok(format!("{last:0>width$}", width = usize::from(length.unwrap_or(12))))
}

/// What the center knows of somebody who is not in this unit; of an ID number under another name nothing is told.
pub(crate) fn elsewhere(
    connection: &Connection,
    unit: &str,
    id_number: &str,
    name: &str,
) -> Result<Known, CenterError> {
    let mut statement = connection.prepare_cached(
        "select c.name, c.personal_account, c.status, c.earlier, u.first_unverified \
         from contributor c join unit u on u.account = c.unit where c.id_number = ?1 and c.unit <> ?2",
    )?;
    let mut rows = statement.query(params![id_number, unit])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        let (status, first): (AccountStatus, Month) = (from_text(row.get(2)?)?, from_text(row.get(4)?)?);
        let earlier: Vec<Earlier> = from_json(&row.get::<_, String>(3)?)?;
        // Sealed, but due in a month that his unit has not verified yet: until it has, he is still in its list.
        let due = earlier.iter().any(|earlier| earlier.through >= first && earlier.due.is_some());
        let in_use = status == AccountStatus::Sealed && due;
        let (name, account): (String, String) = (row.get(0)?, row.get(1)?);
        accounts.push((name, account, if in_use { AccountStatus::Normal } else { status }));
    }
    let held: Option<String> = connection
        .prepare_cached("select person from held where id_number = ?1")?
        .query_row([id_number], |row| row.get(0))
        .optional()?;
    if let Some(held) = held {
        let person = person_of(&held)?;
        accounts.push((person.name.into(), person.personal_account.into(), person.status));
    }
    // An open account says more than a closed one, one in use more than a sealed one.
    accounts.sort_by_key(|(_, _, status)| (status.is_closed(), *status == AccountStatus::Sealed));
    Ok(match accounts.into_iter().next() {
        None => Known::Nobody,
        Some((registered, _, _)) if registered != name => Known::OtherName,
        Some((_, personal_account, status)) => Known::Account { personal_account, status },
    })
}

/// Accounts and ID numbers of people who left a unit after a version of its roster.
pub(crate) fn departed(connection: &Connection, unit: &str, since: u64) -> Result<HashSet<String>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select personal_account from departure where unit = ?1 and version > ?2 \
         union select id_number from departure where unit = ?1 and version > ?2",
    )?;
    let rows = statement.query_map(params![unit, since], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
