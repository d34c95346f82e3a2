//! Units and their contributors.

use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::roster::{AccountStatus, Contact, Contributor, Roster, Unit};
use rusqlite::{Connection, OptionalExtension, params};

use super::people::Booking;
use super::{deferrals, from_json, from_text, json, to_text};
use crate::error::CenterError;

/// 统一社会信用代码 of a unit.
pub(crate) fn credit_code(connection: &Connection, account: &str) -> Result<Option<String>, CenterError> {
    let code = "select credit_code from unit where account = ?1";
    Ok(connection.query_row(code, [account], |row| row.get(0)).optional()?)
}

/// Adds a unit with its contributors at roster version 1; `false` if it is there already.
pub(crate) fn add(connection: &Connection, unit: &Unit, contributors: &[Contributor]) -> Result<bool, CenterError> {
    let added = connection.execute(
        "insert into unit (account, credit_code, name, status, unit_ratio, personal_ratio, paid_through, \
         first_unverified, details, district, single_operator, roster_version) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1) \
         on conflict (account) do nothing",
        params![
            unit.account,
            unit.credit_code,
            unit.name,
            to_text(&unit.status)?,
            to_text(&unit.unit_ratio)?,
            to_text(&unit.personal_ratio)?,
            to_text(&unit.paid_through)?,
            to_text(&unit.first_unverified)?,
            json(&unit.details)?,
            unit.district,
            unit.single_operator,
        ],
    )?;
    if added == 0 {
        return Ok(false);
    }
    let mut insert = connection.prepare(
        "insert into contributor (unit, personal_account, position, name, id_type, id_number, status, base, \
         unit_amount, personal_amount, mobile, bank_name, bank_card, earlier, changes, version) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)",
    )?;
    for (position, person) in (0_i64..).zip(contributors) {
        insert.execute(params![
            unit.account,
            person.personal_account.as_str(),
            position,
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
            json(&person.changes)?,
        ])?;
    }
    Ok(true)
}

/// A unit with its head counts as of now.
pub(crate) fn unit(connection: &Connection, account: &str) -> Result<Option<Unit>, CenterError> {
    let found = connection
        .query_row(
            "select account, credit_code, name, status, unit_ratio, personal_ratio, paid_through, first_unverified, \
             details, (select coalesce(-sum(fen), 0) from posting p where p.unit = u.account and p.account = 'suspense'), \
             (select count(*) from contributor c where c.unit = u.account and c.status = 'normal'), \
             (select count(*) from contributor c where c.unit = u.account and c.status = 'sealed'), \
             district, single_operator from unit u where account = ?1",
            [account],
            |row| {
                let texts = (0..9).map(|column| row.get::<_, String>(column)).collect::<Result<Vec<_>, _>>()?;
                let counts = (row.get::<_, i64>(9)?, row.get::<_, u32>(10)?, row.get::<_, u32>(11)?);
                Ok((texts, counts, row.get::<_, Option<String>>(12)?, row.get::<_, bool>(13)?))
            },
        )
        .optional()?;
    let Some((texts, (suspense, contributors, sealed), district, single_operator)) = found else { return Ok(None) };
    let deferral = deferrals::of_unit(connection, account)?.map(|running| running.term);
    let Ok([account, credit_code, name, status, unit_ratio, personal_ratio, paid_through, first_unverified, details]) =
        <[String; 9]>::try_from(texts)
    else {
        return Err(CenterError::Content("unit".into()));
    };
    Ok(Some(Unit {
        account,
        credit_code,
        name,
        status: from_text(status)?,
        unit_ratio: from_text(unit_ratio)?,
        personal_ratio: from_text(personal_ratio)?,
        contributors,
        sealed,
        paid_through: from_text(paid_through)?,
        first_unverified: from_text(first_unverified)?,
        suspense_balance: Yuan::from_fen(suspense),
        single_operator,
        district,
        deferral,
        details: serde_json::from_str(&details).map_err(|e| CenterError::Content(format!("details: {e}")))?,
    }))
}

/// Replaces a unit's status, its ratios and its own data; what was there goes to the past.
pub(crate) fn change(on: &Booking<'_>, before: &Unit, after: &Unit) -> Result<(), CenterError> {
    on.connection.execute(
        "insert into unit_past (unit, version, data, replaced_by) values (?1, ?2, ?3, ?4)",
        params![on.unit, on.version - 1, json(before)?, on.filing],
    )?;
    on.connection.execute(
        "update unit set unit_ratio = ?2, personal_ratio = ?3, details = ?4, status = ?5 where account = ?1",
        params![
            on.unit,
            to_text(&after.unit_ratio)?,
            to_text(&after.personal_ratio)?,
            json(&after.details)?,
            to_text(&after.status)?
        ],
    )?;
    Ok(())
}

/// Moves 缴至年月 on.
pub(crate) fn set_paid_through(connection: &Connection, unit: &str, month: Month) -> Result<(), CenterError> {
    connection.execute(
        "update unit set paid_through = max(paid_through, ?2) where account = ?1",
        params![unit, to_text(&month)?],
    )?;
    Ok(())
}

/// A contributor with all that held earlier, and the roster version that changed him last.
pub(crate) struct Versioned {
    pub(crate) person: Contributor,
    pub(crate) version: u64,
}

/// The version of a unit's roster; `None` without such a unit.
pub(crate) fn roster_version(connection: &Connection, account: &str) -> Result<Option<u64>, CenterError> {
    Ok(connection
        .query_row("select roster_version from unit where account = ?1", [account], |row| row.get::<_, u64>(0))
        .optional()?)
}

/// Everybody of a unit, in the center's order, one after the other.
pub(crate) fn each_contributor<E: From<CenterError>>(
    connection: &Connection,
    account: &str,
    mut take: impl FnMut(Versioned) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection
        .prepare_cached(
            "select personal_account, name, id_type, id_number, status, base, unit_amount, personal_amount, mobile, \
             bank_name, bank_card, earlier, version, changes from contributor where unit = ?1 order by position",
        )
        .map_err(CenterError::from)?;
    let mut rows = statement.query([account]).map_err(CenterError::from)?;
    while let Some(row) = rows.next().map_err(CenterError::from)? {
        let text = |column: usize| row.get::<_, String>(column).map_err(CenterError::from);
        let person = Contributor {
            personal_account: text(0)?.into(),
            name: text(1)?.into(),
            id_type: text(2)?.into(),
            id_number: text(3)?.into(),
            status: from_text(text(4)?)?,
            base: from_text(text(5)?)?,
            amounts: Contribution { unit_amount: from_text(text(6)?)?, personal_amount: from_text(text(7)?)? },
            contact: Contact { mobile: text(8)?.into(), bank_name: text(9)?.into(), bank_card: text(10)?.into() }
                .into(),
            earlier: from_json(&text(11)?)?,
            changes: from_json(&text(13)?)?,
        };
        take(Versioned { person, version: row.get(12).map_err(CenterError::from)? })?;
    }
    Ok(())
}

/// A unit's roster, and when each of its people changed last (in the same order).
pub(crate) fn roster(connection: &Connection, account: &str) -> Result<Option<(Roster, Vec<u64>)>, CenterError> {
    let Some(version) = roster_version(connection, account)? else { return Ok(None) };
    let (mut contributors, mut versions) = (Vec::new(), Vec::new());
    each_contributor(connection, account, |one| {
        contributors.push(one.person);
        versions.push(one.version);
        Ok::<_, CenterError>(())
    })?;
    Ok(Some((Roster { version, contributors }, versions)))
}

/// Raises a unit's roster version by one and says the new one.
pub(crate) fn next_roster_version(connection: &Connection, account: &str) -> Result<u64, CenterError> {
    Ok(connection.query_row(
        "update unit set roster_version = roster_version + 1 where account = ?1 returning roster_version",
        [account],
        |row| row.get(0),
    )?)
}

/// Changes one person's account status (a counter clerk at the center seals an account, say) and raises the
/// roster version; `false` without such a person.
pub(crate) fn set_status(
    connection: &Connection,
    unit: &str,
    personal_account: &str,
    status: AccountStatus,
) -> Result<bool, CenterError> {
    let changed = connection.execute(
        "update contributor set status = ?3, version = (select roster_version + 1 from unit where account = ?1) \
         where unit = ?1 and personal_account = ?2",
        params![unit, personal_account, to_text(&status)?],
    )?;
    if changed == 1 {
        next_roster_version(connection, unit)?;
    }
    Ok(changed == 1)
}
