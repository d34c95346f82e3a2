//! A unit's standing as one answer.

use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{Books, Incoming, OpenFiling};
use huijiao_domain::roster::Unit;
use rusqlite::Connection;

use super::{dues, from_text, ledger, months};
use crate::error::CenterError;

/// All of it, of one unit.
pub(crate) fn of_unit(connection: &Connection, unit: &Unit) -> Result<Books, CenterError> {
    let account = unit.account.as_str();
    let (unprocessed, bound) = unprocessed(connection, account)?;
    Ok(Books {
        months: months::verified(connection, account, two_years_before(unit.first_unverified))?,
        previous: months::lines(connection, account, unit.first_unverified.previous())?,
        dues: dues::open(connection, account)?.into_iter().map(|open| open.due).collect(),
        open: open_filings(connection, account)?,
        unprocessed,
        available: ledger::suspense(connection, account)? - bound,
        debit_agreement: dues::debit_agreement(connection, account)?,
    })
}

fn two_years_before(month: Month) -> Month {
    (0..24).fold(month, |month, _| month.previous())
}

fn open_filings(connection: &Connection, unit: &str) -> Result<Vec<OpenFiling>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select number, kind, period from filing where unit = ?1 and state in ('accepted', 'in_review') \
         order by number",
    )?;
    let mut rows = statement.query([unit])?;
    let mut open = Vec::new();
    while let Some(row) = rows.next()? {
        open.push(OpenFiling {
            filing_number: row.get(0)?,
            kind: from_text(row.get(1)?)?,
            period: from_text(row.get(2)?)?,
        });
    }
    Ok(open)
}

/// Money that waits to be claimed, and how much of the suspense is bound: that, and what is on its way back.
fn unprocessed(connection: &Connection, unit: &str) -> Result<(Vec<Incoming>, Yuan), CenterError> {
    let mut statement = connection.prepare_cached(
        "select number, received_on, amount, remark, payer, payer_account, reason, state from incoming \
         where unit = ?1 and state in ('unprocessed', 'returning') order by number",
    )?;
    let mut rows = statement.query([unit])?;
    let (mut waiting, mut bound) = (Vec::new(), Yuan::ZERO);
    while let Some(row) = rows.next()? {
        let amount = from_text(row.get(2)?)?;
        bound += amount;
        if row.get::<_, String>(7)? == "unprocessed" {
            waiting.push(Incoming {
                number: row.get(0)?,
                received_on: from_text(row.get(1)?)?,
                amount,
                remark: row.get(3)?,
                payer: row.get(4)?,
                payer_account: row.get(5)?,
                reason: row.get(6)?,
            });
        }
    }
    Ok((waiting, bound))
}
