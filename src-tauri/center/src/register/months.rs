//! Verified months and their frozen lists.

use huijiao_domain::money::Contribution;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{DueLine, MonthFigures, MonthState, VerifiedMonth};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_json, from_text, json, to_text};
use crate::error::CenterError;

/// A month to be frozen.
pub(crate) struct NewMonth<'a> {
    pub(crate) unit: &'a str,
    pub(crate) figures: &'a MonthFigures,
    pub(crate) lines: &'a [DueLine],
    /// The due it makes.
    pub(crate) due: i64,
    /// Id of the verification; `None` for months from before these books.
    pub(crate) filing: Option<&'a str>,
    pub(crate) roster_version: u64,
}

/// Freezes a month.
pub(crate) fn add(connection: &Connection, new: &NewMonth<'_>) -> Result<(), CenterError> {
    let month = to_text(&new.figures.month)?;
    connection.execute(
        "insert into month (unit, month, due, filing, roster_version, figures) values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![new.unit, month, new.due, new.filing, new.roster_version, json(new.figures)?],
    )?;
    let mut insert = connection.prepare_cached(
        "insert into month_line (unit, month, place, personal_account, name, id_number, base, unit_amount, \
         personal_amount) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (place, line) in (0_i64..).zip(new.lines) {
        insert.execute(params![
            new.unit,
            month,
            place,
            line.personal_account,
            line.name,
            line.id_number,
            to_text(&line.base)?,
            to_text(&line.amounts.unit_amount)?,
            to_text(&line.amounts.personal_amount)?,
        ])?;
    }
    Ok(())
}

/// Who was due in a month, in the roster's order; empty for one that is not in these books.
pub(crate) fn lines(connection: &Connection, unit: &str, month: Month) -> Result<Vec<DueLine>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select personal_account, name, id_number, base, unit_amount, personal_amount from month_line \
         where unit = ?1 and month = ?2 order by place",
    )?;
    let mut rows = statement.query(params![unit, to_text(&month)?])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(DueLine {
            personal_account: row.get(0)?,
            name: row.get(1)?,
            id_number: row.get(2)?,
            base: from_text(row.get(3)?)?,
            amounts: Contribution { unit_amount: from_text(row.get(4)?)?, personal_amount: from_text(row.get(5)?)? },
        });
    }
    Ok(lines)
}

/// The roster version that a verified month was made of; `None` for a month that is not in these books.
pub(crate) fn version(connection: &Connection, unit: &str, month: Month) -> Result<Option<u64>, CenterError> {
    Ok(connection
        .prepare_cached("select roster_version from month where unit = ?1 and month = ?2")?
        .query_row(params![unit, to_text(&month)?], |row| row.get(0))
        .optional()?)
}

/// The verified months of a unit from one on, oldest first.
pub(crate) fn verified(connection: &Connection, unit: &str, from: Month) -> Result<Vec<VerifiedMonth>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select m.figures, d.state, coalesce(f.number, ''), coalesce(o.name, ''), \
         coalesce(strftime('%Y-%m-%d %H:%M', f.accepted_at, '+8 hours'), '') from month m join due d on d.id = m.due \
         left join filing f on f.id = m.filing left join operator o on o.id = f.operator \
         where m.unit = ?1 and m.month >= ?2 order by m.month",
    )?;
    let mut rows = statement.query(params![unit, to_text(&from)?])?;
    let mut months = Vec::new();
    while let Some(row) = rows.next()? {
        let paid = row.get::<_, String>(1)? == "paid";
        months.push(VerifiedMonth {
            figures: from_json(&row.get::<_, String>(0)?)?,
            state: if paid { MonthState::Paid } else { MonthState::Verified },
            filing_number: row.get(2)?,
            verified_by: row.get(3)?,
            verified_at: row.get(4)?,
        });
    }
    Ok(months)
}

/// Moves 应汇缴年月.
pub(crate) fn set_first_unverified(connection: &Connection, unit: &str, month: Month) -> Result<(), CenterError> {
    connection.execute("update unit set first_unverified = ?2 where account = ?1", params![unit, to_text(&month)?])?;
    Ok(())
}

/// Takes a month out with its list. A trigger keeps a paid one.
pub(crate) fn take_out(connection: &Connection, unit: &str, month: Month) -> Result<(), CenterError> {
    let month = to_text(&month)?;
    connection.execute("delete from month_line where unit = ?1 and month = ?2", params![unit, month])?;
    connection.execute("delete from month where unit = ?1 and month = ?2", params![unit, month])?;
    Ok(())
}
