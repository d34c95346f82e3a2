//! 未处理缴款认领 at the center: money that fitted no order gets its place, or goes back.

use huijiao_domain::field::Field;
use huijiao_domain::filing::payment_claim::{ClaimRow, ClaimTo};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::remittance::{DueState, PaidDue};
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::OrderState;
use rusqlite::Connection;

use crate::bank;
use crate::error::CenterError;
use crate::register::{dues, incoming, orders};
use crate::remittance::Desk;

pub(super) fn book(rows: &[ClaimRow], desk: &Desk<'_>) -> Result<FilingState, CenterError> {
    let filing = desk.filing.ok_or_else(|| CenterError::Content("a claim without filing".into()))?;
    let mut state = FilingState::Settled;
    for row in rows {
        match &row.to {
            ClaimTo::Suspense => incoming::set_state(desk.connection, &row.incoming, "claimed", Some(filing))?,
            ClaimTo::Due(pays) => {
                incoming::set_state(desk.connection, &row.incoming, "claimed", Some(filing))?;
                let open = dues::open_one(desk.connection, desk.unit, pays)?;
                let open = open.ok_or_else(|| CenterError::Content("a claim to what is not due".into()))?;
                match &open.due.state {
                    DueState::Open => desk.allot(&open)?,
                    DueState::Ordered(number) => {
                        orders::received(desk.connection, number, row.amount)?;
                        let order = desk.settle_order(number)?;
                        desk.move_on(&order.filing, FilingState::Settled, "")?;
                    }
                }
            }
            ClaimTo::Return => {
                incoming::set_state(desk.connection, &row.incoming, "returning", Some(filing))?;
                bank::send_back(desk, &row.incoming, row.amount)?;
                state = FilingState::Accepted;
            }
        }
    }
    Ok(state)
}

/// What only the books say: a due whose order the bank is already debiting, or that pays other things too, cannot be
/// paid by a claim; and months are paid in their order.
pub(super) fn against(rows: &[ClaimRow], connection: &Connection, unit: &str) -> Result<Vec<Finding>, CenterError> {
    let mut findings = Vec::new();
    let open = dues::open(connection, unit)?;
    for (index, row) in rows.iter().enumerate() {
        let ClaimTo::Due(pays) = &row.to else { continue };
        let about = |code| Finding::new(code, Level::Error).about(Field::Item, pays.label()).arg("index", index);
        let Some(due) = open.iter().find(|one| one.due.pays == *pays) else { continue };
        if let DueState::Ordered(number) = &due.due.state {
            let order = orders::one(connection, number)?;
            if order.is_none_or(|order| order.state != OrderState::Awaiting || order.pays.len() != 1) {
                findings.push(about(Code::PayOrdered).arg("number", number));
            }
        }
        let claimed = |pays: &PaidDue| rows[..index].iter().any(|row| row.to == ClaimTo::Due(pays.clone()));
        let left = open.iter().map(|one| &one.due.pays).find(|other| match (other, pays) {
            (PaidDue::Month(other), PaidDue::Month(month)) => other < month,
            (PaidDue::Month(_) | PaidDue::Filing(_), _) => false,
        } && !claimed(other));
        if let Some(left) = left {
            findings.push(about(Code::PaySkips).arg("left", left.label()));
        }
    }
    Ok(findings)
}
