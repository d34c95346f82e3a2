//! 单位缴款 at the center: an order for dues, each under one order at a time.

use huijiao_domain::filing::payment::PaymentRow;
use huijiao_domain::remittance::PaymentMethod;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::OrderState;

use super::Facts;
use crate::bank;
use crate::error::CenterError;
use crate::register::dues;
use crate::register::orders::{self, NewOrder};
use crate::remittance::Desk;

pub(super) fn book(
    rows: &[PaymentRow],
    facts: &Facts<'_>,
    number: &str,
    desk: &Desk<'_>,
) -> Result<FilingState, CenterError> {
    let broken = |what: &str| CenterError::Content(what.into());
    let method = rows.first().ok_or_else(|| broken("an order for nothing"))?.method;
    let mut open = Vec::with_capacity(rows.len());
    for row in rows {
        let due = dues::open_one(desk.connection, desk.unit, &row.pays)?;
        open.push(due.ok_or_else(|| broken("an order for what is not due"))?);
    }
    let state = match method {
        PaymentMethod::Transfer | PaymentMethod::Suspense => OrderState::Awaiting,
        PaymentMethod::DirectDebit => OrderState::Debiting,
    };
    let filing = desk.filing.ok_or_else(|| broken("an order without filing"))?;
    orders::add(
        desk.connection,
        &NewOrder { number, filing, unit: desk.unit, method, dues: &open, state, ordered_at: desk.at },
    )?;
    match method {
        PaymentMethod::Transfer => Ok(FilingState::Accepted),
        PaymentMethod::DirectDebit => {
            bank::debit(desk, facts.unit, number, open.iter().map(|one| one.due.amounts.monthly()).sum())?;
            Ok(FilingState::Accepted)
        }
        PaymentMethod::Suspense => {
            desk.settle_order(number)?;
            Ok(FilingState::Settled)
        }
    }
}
