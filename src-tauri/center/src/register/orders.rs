//! Orders to pay (缴款单).

use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::profile::BankAccount;
use huijiao_domain::remittance::{PaidDue, PaymentMethod};
use huijiao_protocol::resources::{OrderState, PaymentOrder};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::dues::OpenDue;
use super::queries::Period;
use super::{from_json, from_text, to_text};
use crate::error::CenterError;

/// An order on its way into the register.
pub(crate) struct NewOrder<'a> {
    /// 业务流水号, which is its 缴款码 too.
    pub(crate) number: &'a str,
    pub(crate) filing: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) method: PaymentMethod,
    pub(crate) dues: &'a [OpenDue],
    pub(crate) state: OrderState,
    pub(crate) ordered_at: &'a str,
}

/// Keeps an order.
pub(crate) fn add(connection: &Connection, new: &NewOrder<'_>) -> Result<(), CenterError> {
    let amounts: Contribution = new.dues.iter().map(|one| one.due.amounts).sum();
    connection.execute(
        "insert into payment_order (number, filing, unit, method, people, unit_amount, personal_amount, code, state, \
         ordered_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?1, ?8, ?9)",
        params![
            new.number,
            new.filing,
            new.unit,
            to_text(&new.method)?,
            new.dues.iter().map(|one| one.due.people).sum::<u32>(),
            to_text(&amounts.unit_amount)?,
            to_text(&amounts.personal_amount)?,
            to_text(&new.state)?,
            new.ordered_at,
        ],
    )?;
    for (place, due) in (0_i64..).zip(new.dues) {
        connection.execute(
            "insert into payment_due (number, place, due) values (?1, ?2, ?3)",
            params![new.number, place, due.id],
        )?;
    }
    Ok(())
}

/// An order and whose it is.
pub(crate) struct Order {
    pub(crate) number: String,
    pub(crate) filing: String,
    pub(crate) unit: String,
    pub(crate) method: PaymentMethod,
    pub(crate) people: u32,
    pub(crate) amounts: Contribution,
    pub(crate) code: String,
    pub(crate) state: OrderState,
    pub(crate) reason: String,
    pub(crate) ordered_at: String,
    pub(crate) settled_on: Option<Date>,
    pub(crate) received: Yuan,
    pub(crate) pays: Vec<PaidDue>,
}

impl Order {
    /// As clients see it.
    pub(crate) fn seen(self, to: BankAccount) -> Result<PaymentOrder, CenterError> {
        Ok(PaymentOrder {
            number: self.number,
            filing: from_text(self.filing)?,
            pays: self.pays,
            method: self.method,
            people: self.people,
            amounts: self.amounts,
            code: self.code,
            to,
            state: self.state,
            reason: self.reason,
            ordered_at: self.ordered_at,
            settled_on: self.settled_on,
            received: self.received,
        })
    }
}

const ORDER: &str = "select number, filing, unit, method, people, unit_amount, personal_amount, code, state, reason, \
                     ordered_at, settled_on, received from payment_order";

fn read(connection: &Connection, row: &Row<'_>) -> Result<Order, CenterError> {
    let number: String = row.get(0)?;
    let settled_on: Option<String> = row.get(11)?;
    let mut dues = connection.prepare_cached(
        "select d.pays from payment_due p join due d on d.id = p.due where p.number = ?1 order by p.place",
    )?;
    let pays = dues.query_map([&number], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(Order {
        filing: row.get(1)?,
        unit: row.get(2)?,
        method: from_text(row.get(3)?)?,
        people: row.get(4)?,
        amounts: Contribution { unit_amount: from_text(row.get(5)?)?, personal_amount: from_text(row.get(6)?)? },
        code: row.get(7)?,
        state: from_text(row.get(8)?)?,
        reason: row.get(9)?,
        ordered_at: row.get(10)?,
        settled_on: settled_on.map(from_text).transpose()?,
        received: from_text(row.get(12)?)?,
        pays: pays.iter().map(|pays| from_json(pays)).collect::<Result<_, _>>()?,
        number,
    })
}

/// An order by its number.
pub(crate) fn one(connection: &Connection, number: &str) -> Result<Option<Order>, CenterError> {
    let mut statement = connection.prepare_cached(&format!("{ORDER} where number = ?1"))?;
    let mut rows = statement.query([number])?;
    rows.next()?.map(|row| read(connection, row)).transpose()
}

/// Orders of a unit made in a period and before a number, newest first.
pub(crate) fn of_unit(
    connection: &Connection,
    unit: &str,
    period: Period,
    before: Option<&str>,
    most: usize,
) -> Result<Vec<Order>, CenterError> {
    let mut statement = connection.prepare_cached(&format!(
        "{ORDER} where unit = ?1 and (?2 is null or number < ?2) \
         and date(ordered_at, '+8 hours') between ?4 and ?5 order by number desc limit ?3"
    ))?;
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let mut rows = statement.query(params![unit, before, most, from, to])?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        orders.push(read(connection, row)?);
    }
    Ok(orders)
}

/// The dues of an order that are still open, in its order.
pub(crate) fn dues(connection: &Connection, order: &Order) -> Result<Vec<OpenDue>, CenterError> {
    let mut dues = Vec::with_capacity(order.pays.len());
    for pays in &order.pays {
        dues.extend(super::dues::open_one(connection, &order.unit, pays)?);
    }
    Ok(dues)
}

/// Notes what came in for an order.
pub(crate) fn received(connection: &Connection, number: &str, amount: Yuan) -> Result<(), CenterError> {
    connection
        .execute("update payment_order set received = ?2 where number = ?1", params![number, to_text(&amount)?])?;
    Ok(())
}

/// Ends an order. A trigger keeps it from ending twice.
pub(crate) fn end(
    connection: &Connection,
    number: &str,
    state: OrderState,
    reason: &str,
    settled_on: Option<Date>,
) -> Result<(), CenterError> {
    connection.execute(
        "update payment_order set state = ?2, reason = ?3, settled_on = ?4 where number = ?1",
        params![number, to_text(&state)?, reason, settled_on.map(|day| day.to_string())],
    )?;
    Ok(())
}

/// Whether the unit has an order with this 缴款码 and where it stands.
pub(crate) fn by_code(connection: &Connection, unit: &str, code: &str) -> Result<Option<Order>, CenterError> {
    let number: Option<String> = connection
        .prepare_cached("select number from payment_order where unit = ?1 and code = ?2")?
        .query_row(params![unit, code], |row| row.get(0))
        .optional()?;
    number.map_or(Ok(None), |number| one(connection, &number))
}
