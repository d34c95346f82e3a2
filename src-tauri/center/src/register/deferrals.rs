//! 缓缴 and lower ratios that were granted: at most one of a unit runs.

use huijiao_domain::month::Month;
use huijiao_domain::roster::{Deferral, Unit, UnitStatus};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::error::CenterError;

/// A term that runs, and what ends it needs.
pub(crate) struct Running {
    /// Id of the filing that asked for it.
    pub(crate) filing: String,
    pub(crate) unit: String,
    pub(crate) term: Deferral,
    /// The unit's status after it.
    pub(crate) status: UnitStatus,
}

/// Keeps a term that begins; `unit` is as it will be again after it.
pub(crate) fn add(connection: &Connection, filing: &str, unit: &Unit, term: &Deferral) -> Result<(), CenterError> {
    connection.execute(
        "insert into deferral (filing, unit, asked, from_month, to_month, unit_ratio, personal_ratio, status) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            filing,
            unit.account,
            to_text(&term.asked)?,
            to_text(&term.from)?,
            to_text(&term.to)?,
            to_text(&term.unit_ratio)?,
            to_text(&term.personal_ratio)?,
            to_text(&unit.status)?,
        ],
    )?;
    Ok(())
}

const RUNNING: &str = "select d.filing, d.unit, d.asked, d.from_month, d.to_month, d.unit_ratio, d.personal_ratio, \
     f.number, d.status from deferral d join filing f on f.id = d.filing where d.ended_on is null";

fn running(texts: [String; 9]) -> Result<Running, CenterError> {
    let [filing, unit, asked, from, to, unit_ratio, personal_ratio, filing_number, status] = texts;
    let term = Deferral {
        asked: from_text(asked)?,
        from: from_text(from)?,
        to: from_text(to)?,
        unit_ratio: from_text(unit_ratio)?,
        personal_ratio: from_text(personal_ratio)?,
        filing_number,
    };
    Ok(Running { filing, unit, term, status: from_text(status)? })
}

fn texts(row: &rusqlite::Row<'_>) -> rusqlite::Result<[String; 9]> {
    let mut texts: [String; 9] = Default::default();
    for (column, text) in texts.iter_mut().enumerate() {
        *text = row.get(column)?;
    }
    Ok(texts)
}

/// The term of a unit that runs.
pub(crate) fn of_unit(connection: &Connection, unit: &str) -> Result<Option<Running>, CenterError> {
    let found =
        connection.prepare_cached(&format!("{RUNNING} and d.unit = ?1"))?.query_row([unit], texts).optional()?;
    found.map(running).transpose()
}

/// A term that is over in a month. That of lower ratios is, too, once its months are all verified: what comes after
/// them has the unit's own.
pub(crate) fn over(connection: &Connection, month: Month) -> Result<Option<Running>, CenterError> {
    let found = connection
        .prepare_cached(&format!(
            "{RUNNING} and (d.to_month < ?1 or (d.asked = 'lower_ratio' and d.to_month < \
             (select first_unverified from unit u where u.account = d.unit))) order by d.filing limit 1"
        ))?
        .query_row([to_text(&month)?], texts)
        .optional()?;
    found.map(running).transpose()
}

/// Ends a term.
pub(crate) fn end(connection: &Connection, filing: &str, on: Date) -> Result<(), CenterError> {
    connection.execute("update deferral set ended_on = ?2 where filing = ?1", params![filing, on.to_string()])?;
    Ok(())
}
