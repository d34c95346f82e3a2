//! The collection account: what was credited, what the bank has still to do.

use huijiao_domain::money::Yuan;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::{from_text, to_text};
use crate::error::CenterError;

/// A credit on its way into the register.
pub(crate) struct NewIncoming<'a> {
    pub(crate) unit: &'a str,
    pub(crate) on: Date,
    pub(crate) amount: Yuan,
    pub(crate) remark: &'a str,
    pub(crate) payer: &'a str,
    pub(crate) payer_account: &'a str,
}

/// Keeps a credit, matched until something else is said; its 到账流水号.
pub(crate) fn add(connection: &Connection, new: &NewIncoming<'_>) -> Result<String, CenterError> {
    let day = format!("DZ{}", new.on.strftime("%Y%m%d"));
    let last: u32 = connection.query_row(
        "insert into sequence (day, last) values (?1, 1) on conflict (day) do update set last = last + 1 \
         returning last",
        [&day],
        |row| row.get(0),
    )?;
    let number = format!("{day}{last:06}");
    connection.execute(
        "insert into incoming (number, unit, received_on, amount, remark, payer, payer_account, state) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'matched')",
        params![number, new.unit, new.on.to_string(), to_text(&new.amount)?, new.remark, new.payer, new.payer_account],
    )?;
    Ok(number)
}

/// Says where a credit stands, and by which filing.
pub(crate) fn set_state(
    connection: &Connection,
    number: &str,
    state: &str,
    filing: Option<&str>,
) -> Result<(), CenterError> {
    connection.execute(
        "update incoming set state = ?2, filing = coalesce(?3, filing) where number = ?1",
        params![number, state, filing],
    )?;
    Ok(())
}

/// Lists a credit as unprocessed (未处理缴款).
pub(crate) fn unprocessed(connection: &Connection, number: &str, reason: &str) -> Result<(), CenterError> {
    connection
        .execute("update incoming set state = 'unprocessed', reason = ?2 where number = ?1", params![number, reason])?;
    Ok(())
}

/// Whether a claim still waits for money to go back.
pub(crate) fn returning(connection: &Connection, claim: &str) -> Result<bool, CenterError> {
    Ok(connection.query_row(
        "select exists (select 1 from incoming where filing = ?1 and state = 'returning')",
        [claim],
        |row| row.get(0),
    )?)
}

/// What the bank is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Job {
    /// A unit's transfer is on its way in.
    Transfer { remark: String, payer: String, payer_account: String },
    /// Money is to be taken from the unit for an order.
    Debit { payment: String, payer: String, payer_account: String },
    /// A credit goes back where it came from, because of a claim.
    Return { incoming: String, claim: String },
}

/// An instruction and its day.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) id: i64,
    pub(crate) unit: String,
    pub(crate) due_on: Date,
    pub(crate) amount: Yuan,
    pub(crate) job: Job,
}

/// Tells the bank.
pub(crate) fn instruct(
    connection: &Connection,
    unit: &str,
    due_on: Date,
    amount: Yuan,
    job: &Job,
) -> Result<(), CenterError> {
    let (kind, remark, payer, payer_account, payment, incoming, claim) = match job {
        Job::Transfer { remark, payer, payer_account } => {
            ("transfer", remark.as_str(), payer.as_str(), payer_account.as_str(), None, None, None)
        }
        Job::Debit { payment, payer, payer_account } => {
            ("debit", payment.as_str(), payer.as_str(), payer_account.as_str(), Some(payment), None, None)
        }
        Job::Return { incoming, claim } => ("return", "", "", "", None, Some(incoming), Some(claim)),
    };
    connection.execute(
        "insert into bank_instruction (unit, kind, due_on, amount, remark, payer, payer_account, payment, incoming, \
         claim) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            unit,
            kind,
            due_on.to_string(),
            to_text(&amount)?,
            remark,
            payer,
            payer_account,
            payment,
            incoming,
            claim
        ],
    )?;
    Ok(())
}

/// The oldest instruction whose day has come and that is not done yet.
pub(crate) fn next(connection: &Connection, today: Date) -> Result<Option<Instruction>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select id, unit, due_on, amount, kind, remark, payer, payer_account, payment, incoming, claim \
         from bank_instruction where done_on is null and due_on <= ?1 order by due_on, id limit 1",
    )?;
    let mut rows = statement.query([today.to_string()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (payer, payer_account) = (row.get(6)?, row.get(7)?);
    let job = match row.get::<_, String>(4)?.as_str() {
        "transfer" => Job::Transfer { remark: row.get(5)?, payer, payer_account },
        "debit" => Job::Debit { payment: row.get(8)?, payer, payer_account },
        "return" => Job::Return { incoming: row.get(9)?, claim: row.get(10)? },
        other => return Err(CenterError::Content(format!("an instruction to {other}"))),
    };
    Ok(Some(Instruction {
        id: row.get(0)?,
        unit: row.get(1)?,
        due_on: from_text(row.get(2)?)?,
        amount: from_text(row.get(3)?)?,
        job,
    }))
}

/// Notes that it is done, or what the bank said instead.
pub(crate) fn done(connection: &Connection, id: i64, on: Date, answer: &str) -> Result<(), CenterError> {
    connection.execute(
        "update bank_instruction set done_on = ?2, answer = ?3 where id = ?1",
        params![id, on.to_string(), answer],
    )?;
    Ok(())
}

/// What the bank will say to the unit's next debit, which is then forgotten; empty where it pays.
pub(crate) fn take_debit_answer(connection: &Connection, unit: &str) -> Result<String, CenterError> {
    let answer: Option<String> = connection
        .query_row("select answer from debit_agreement where unit = ?1", [unit], |row| row.get(0))
        .optional()?;
    connection.execute("update debit_agreement set answer = '' where unit = ?1", [unit])?;
    Ok(answer.unwrap_or_default())
}

/// Sets it.
pub(crate) fn set_debit_answer(connection: &Connection, unit: &str, answer: &str) -> Result<(), CenterError> {
    connection.execute(
        "insert into debit_agreement (unit, answer) values (?1, ?2) on conflict (unit) do update set answer = ?2",
        params![unit, answer],
    )?;
    Ok(())
}

/// One line of the collection account's statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementLine {
    /// 到账流水号
    pub number: String,
    /// 日期
    pub on: Date,
    /// Credited above zero, sent back below, yuan
    pub amount: Yuan,
    /// 对方户名
    pub payer: String,
    /// 对方账号
    pub payer_account: String,
    /// 附言, as it came
    pub remark: String,
}

/// The statement of the collection account over some days, both included: credits and what was sent back.
pub(crate) fn statement(connection: &Connection, from: Date, to: Date) -> Result<Vec<StatementLine>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select number, received_on, amount, payer, payer_account, remark, 1 from incoming \
         where received_on between ?1 and ?2 \
         union all select i.number, b.done_on, i.amount, i.payer, i.payer_account, i.remark, -1 \
         from bank_instruction b join incoming i on i.number = b.incoming where b.done_on between ?1 and ?2 \
         order by 2, 1, 7 desc",
    )?;
    let mut rows = statement.query([from.to_string(), to.to_string()])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let amount: Yuan = from_text(row.get(2)?)?;
        lines.push(StatementLine {
            number: row.get(0)?,
            on: from_text(row.get(1)?)?,
            amount: if row.get::<_, i64>(6)? > 0 { amount } else { -amount },
            payer: row.get(3)?,
            payer_account: row.get(4)?,
            remark: row.get(5)?,
        });
    }
    Ok(lines)
}
