//! The bank simulator: transfers come in, debits are answered and returns are sent on the day after they were
//! ordered, by the center's clock; whatever came in is matched by its remark alone.

use huijiao_domain::money::Yuan;
use huijiao_domain::roster::Unit;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{About, OrderState};
use jiff::ToSpan;
use jiff::civil::Date;
use rusqlite::{Connection, Transaction};

use crate::center::Center;
use crate::error::CenterError;
use crate::register::incoming::{self, Instruction, Job, NewIncoming};
use crate::register::orders::{self, Order};
use crate::register::{dues, events, units};
use crate::remittance::Desk;

/// The bank's words where money does not fit, and where a debit is refused.
const NO_REMARK: &str = "附言为空，无法匹配缴款单";
const NO_ORDER: &str = "附言不是有效的缴款码";
const ORDER_ENDED: &str = "该缴款码的缴款单已结束，不能重复缴款";
const SHORT: &str = "到账金额不足";
const AGREEMENT_OVER: &str = "委托收款协议已失效";

fn tomorrow(today: Date) -> Result<Date, CenterError> {
    today.checked_add(1.day()).map_err(|e| CenterError::Content(e.to_string()))
}

/// 付款账号 of a unit; every unit has one.
fn account_of(unit: &str) -> String {
    format!("6230{unit:0>15}")
}

/// The unit transfers money to the collection account.
pub(crate) fn transfer(
    connection: &Connection,
    unit: &Unit,
    today: Date,
    amount: Yuan,
    remark: &str,
) -> Result<(), CenterError> {
    let payer_account = account_of(&unit.account);
    let job = Job::Transfer { remark: remark.to_owned(), payer: unit.name.clone(), payer_account };
    incoming::instruct(connection, &unit.account, tomorrow(today)?, amount, &job)
}

/// The center orders a debit.
pub(crate) fn debit(desk: &Desk<'_>, unit: &Unit, payment: &str, amount: Yuan) -> Result<(), CenterError> {
    let payer_account = account_of(&unit.account);
    let job = Job::Debit { payment: payment.to_owned(), payer: unit.name.clone(), payer_account };
    incoming::instruct(desk.connection, desk.unit, tomorrow(desk.today)?, amount, &job)
}

/// The center sends a credit back, because of the desk's claim.
pub(crate) fn send_back(desk: &Desk<'_>, number: &str, amount: Yuan) -> Result<(), CenterError> {
    let claim = desk.filing.ok_or_else(|| CenterError::Content("a return without claim".into()))?;
    let job = Job::Return { incoming: number.to_owned(), claim: claim.to_owned() };
    incoming::instruct(desk.connection, desk.unit, tomorrow(desk.today)?, amount, &job)
}

/// Does everything whose day has come, in the order of the days.
pub(crate) fn work(center: &Center) -> Result<(), CenterError> {
    let today = center.clock.today();
    if center.register.read(|c| incoming::next(c, today))?.is_none() {
        return Ok(());
    }
    center.register.write(|tx| {
        while let Some(instruction) = incoming::next(tx, today)? {
            execute(center, tx, &instruction)?;
        }
        Ok(())
    })
}

fn execute(center: &Center, tx: &Transaction<'_>, instruction: &Instruction) -> Result<(), CenterError> {
    let Instruction { unit, due_on, amount, .. } = instruction;
    // Looked at later than it happened, it happened at the end of its day.
    let at = if *due_on < center.clock.today() { format!("{due_on}T17:00:00+08:00") } else { center.clock.rfc3339() };
    let desk = Desk { center, connection: tx, unit, at: &at, today: *due_on, filing: None };
    let mut answer = String::new();
    match &instruction.job {
        Job::Transfer { remark, payer, payer_account } => {
            let new = NewIncoming { unit, on: *due_on, amount: *amount, remark, payer, payer_account };
            credited(&desk, &new)?;
        }
        Job::Debit { payment, payer, payer_account } => {
            answer = incoming::take_debit_answer(tx, unit)?;
            if answer.is_empty() && dues::debit_agreement(tx, unit)?.is_none_or(|last| last < *due_on) {
                AGREEMENT_OVER.clone_into(&mut answer);
            }
            let order = orders::one(tx, payment)?.ok_or_else(|| CenterError::Content("a debit of nothing".into()))?;
            if answer.is_empty() {
                let new = NewIncoming { unit, on: *due_on, amount: *amount, remark: payment, payer, payer_account };
                let number = incoming::add(tx, &new)?;
                desk.receive(*amount, "委托收款到账", Some(&number))?;
                pay(&desk, &order, *amount, &number)?;
            } else {
                fail(&desk, &order, &answer)?;
            }
        }
        Job::Return { incoming: number, claim } => {
            Desk { filing: Some(claim), ..desk }.send(*amount, number)?;
            incoming::set_state(tx, number, "returned", None)?;
            if !incoming::returning(tx, claim)? {
                desk.move_on(claim, FilingState::Settled, "")?;
            }
        }
    }
    incoming::done(tx, instruction.id, *due_on, &answer)?;
    events::moved(tx, unit, About::Books, &at)
}

/// A transfer that came in is matched by the whole remark, nothing less.
fn credited(desk: &Desk<'_>, new: &NewIncoming<'_>) -> Result<(), CenterError> {
    let number = incoming::add(desk.connection, new)?;
    desk.receive(new.amount, "转账到账", Some(&number))?;
    let code = new.remark.trim();
    if code.is_empty() {
        return incoming::unprocessed(desk.connection, &number, NO_REMARK);
    }
    match orders::by_code(desk.connection, desk.unit, code)? {
        None => incoming::unprocessed(desk.connection, &number, NO_ORDER),
        Some(order) if order.state != OrderState::Awaiting => {
            incoming::unprocessed(desk.connection, &number, ORDER_ENDED)
        }
        Some(order) if new.amount < order.amounts.monthly() => {
            orders::received(desk.connection, &order.number, new.amount)?;
            let due = order.amounts.monthly();
            let reason = format!("{SHORT}：应缴 {due} 元，到账 {} 元", new.amount);
            incoming::unprocessed(desk.connection, &number, &reason)?;
            fail(desk, &order, &reason)
        }
        Some(order) => pay(desk, &order, new.amount, &number),
    }
}

fn pay(desk: &Desk<'_>, order: &Order, amount: Yuan, number: &str) -> Result<(), CenterError> {
    incoming::set_state(desk.connection, number, "matched", Some(&order.filing))?;
    orders::received(desk.connection, &order.number, amount)?;
    Desk { filing: Some(&order.filing), ..*desk }.settle_order(&order.number)?;
    desk.move_on(&order.filing, FilingState::Settled, "")
}

fn fail(desk: &Desk<'_>, order: &Order, reason: &str) -> Result<(), CenterError> {
    orders::end(desk.connection, &order.number, OrderState::Failed, reason, None)?;
    desk.move_on(&order.filing, FilingState::Refused, reason)
}

/// The unit of an account.
pub(crate) fn unit(connection: &Connection, account: &str) -> Result<Unit, CenterError> {
    units::unit(connection, account)?.ok_or_else(|| CenterError::Seed(format!("no unit {account}")))
}
