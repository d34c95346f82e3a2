//! What units owe, each thing once, and whether it is paid.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::Contribution;
use huijiao_domain::remittance::{Due, DueState, PaidDue};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_json, from_text, json, to_text};
use crate::error::CenterError;

/// Something new that a unit owes.
pub(crate) struct NewDue<'a> {
    pub(crate) unit: &'a str,
    pub(crate) pays: &'a PaidDue,
    pub(crate) kind: FilingKind,
    /// Id of the filing behind it; `None` for months from before these books.
    pub(crate) filing: Option<&'a str>,
    pub(crate) people: u32,
    pub(crate) amounts: Contribution,
}

/// Keeps it; its place in the register.
pub(crate) fn add(connection: &Connection, new: &NewDue<'_>) -> Result<i64, CenterError> {
    connection.execute(
        "insert into due (unit, pays, kind, filing, people, unit_amount, personal_amount) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            new.unit,
            json(new.pays)?,
            to_text(&new.kind)?,
            new.filing,
            new.people,
            to_text(&new.amounts.unit_amount)?,
            to_text(&new.amounts.personal_amount)?,
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// A due that is open, with its place in the register and the filing behind it.
pub(crate) struct OpenDue {
    pub(crate) id: i64,
    pub(crate) filing: Option<String>,
    pub(crate) due: Due,
}

const OPEN: &str = "select d.id, d.filing, d.pays, d.kind, d.people, d.unit_amount, d.personal_amount, \
                    (select o.number from payment_due p join payment_order o on o.number = p.number \
                     where p.due = d.id and o.state in ('awaiting', 'debiting')) \
                    from due d where d.unit = ?1 and d.state = 'open'";

fn read(row: &rusqlite::Row<'_>) -> Result<OpenDue, CenterError> {
    let ordered: Option<String> = row.get(7)?;
    Ok(OpenDue {
        id: row.get(0)?,
        filing: row.get(1)?,
        due: Due {
            pays: from_json(&row.get::<_, String>(2)?)?,
            kind: from_text(row.get(3)?)?,
            people: row.get(4)?,
            amounts: Contribution { unit_amount: from_text(row.get(5)?)?, personal_amount: from_text(row.get(6)?)? },
            state: ordered.map_or(DueState::Open, DueState::Ordered),
        },
    })
}

/// What a unit owes and has not paid, oldest first.
pub(crate) fn open(connection: &Connection, unit: &str) -> Result<Vec<OpenDue>, CenterError> {
    let mut statement = connection.prepare_cached(&format!("{OPEN} order by d.id"))?;
    let mut rows = statement.query([unit])?;
    let mut dues = Vec::new();
    while let Some(row) = rows.next()? {
        dues.push(read(row)?);
    }
    Ok(dues)
}

/// One of them; `None` where it is not owed, or paid.
pub(crate) fn open_one(connection: &Connection, unit: &str, pays: &PaidDue) -> Result<Option<OpenDue>, CenterError> {
    let mut statement = connection.prepare_cached(&format!("{OPEN} and d.pays = ?2"))?;
    let mut rows = statement.query(params![unit, json(pays)?])?;
    rows.next()?.map(read).transpose()
}

/// Marks a due as paid by a payment or a claim (`None` for months from before these books). A trigger keeps it from
/// being paid again.
pub(crate) fn paid(connection: &Connection, due: i64, on: Date, by: Option<&str>) -> Result<(), CenterError> {
    connection.execute(
        "update due set state = 'paid', paid_on = ?2, paid_by = ?3 where id = ?1",
        params![due, on.to_string(), by],
    )?;
    Ok(())
}

/// Marks a due as owed no more.
pub(crate) fn void(connection: &Connection, due: i64) -> Result<(), CenterError> {
    connection.execute("update due set state = 'void' where id = ?1", [due])?;
    Ok(())
}

/// Last day of a unit's agreement on 委托收款.
pub(crate) fn debit_agreement(connection: &Connection, unit: &str) -> Result<Option<Date>, CenterError> {
    let last: Option<Option<String>> = connection
        .query_row("select last_day from debit_agreement where unit = ?1", [unit], |row| row.get(0))
        .optional()?;
    last.flatten().map(|day| day.parse().map_err(|_| CenterError::Content("debit agreement".into()))).transpose()
}

/// Sets it.
pub(crate) fn agree_on_debits(connection: &Connection, unit: &str, last_day: Date) -> Result<(), CenterError> {
    connection.execute(
        "insert into debit_agreement (unit, last_day) values (?1, ?2) \
         on conflict (unit) do update set last_day = excluded.last_day",
        params![unit, last_day.to_string()],
    )?;
    Ok(())
}
