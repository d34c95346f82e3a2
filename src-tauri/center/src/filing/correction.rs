//! 错缴更正 at the center: what was posted too much goes back to suspense at once, what is lacking is a due, the unit's and
//! the contributor's part each for itself. The roster stays as it is.

use std::collections::HashMap;

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::remittance::PaidDue;
use huijiao_protocol::receipt::FilingState;
use rusqlite::Connection;

use crate::error::CenterError;
use crate::register::people::Booking;
use crate::register::{ledger, money};
use crate::remittance::Desk;

pub(super) fn book(
    rows: &[CorrectionRow],
    number: &str,
    on: &Booking<'_>,
    desk: &Desk<'_>,
) -> Result<FilingState, CenterError> {
    rows.iter().try_for_each(|row| money::add_correction(on, row))?;
    let too_much: Vec<_> = rows.iter().map(|row| (row.personal_account.as_str(), less(row.right, row.wrong))).collect();
    let lacking: Vec<_> = rows.iter().map(|row| less(row.wrong, row.right)).filter(|lack| *lack != NOTHING).collect();
    if too_much.iter().any(|(_, amounts)| *amounts != NOTHING) {
        desk.correct(&format!("错缴更正 {number}"), &too_much)?;
    }
    if lacking.is_empty() {
        money::settle(on.connection, on.filing)?;
        return Ok(FilingState::Settled);
    }
    let people = u32::try_from(lacking.len()).unwrap_or(u32::MAX);
    desk.owe(&PaidDue::Filing(number.to_owned()), FilingKind::Correction, people, lacking.into_iter().sum())?;
    Ok(FilingState::Accepted)
}

const NOTHING: Contribution = Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO };

/// By how much the one is less than the other, each part for itself.
fn less(one: Contribution, other: Contribution) -> Contribution {
    Contribution {
        unit_amount: (other.unit_amount - one.unit_amount).max(Yuan::ZERO),
        personal_amount: (other.personal_amount - one.personal_amount).max(Yuan::ZERO),
    }
}

/// Months whose correction is still open, and accounts that hold less than is to be taken from them: only these books
/// say so, the client cannot have known.
pub(super) fn filed_before(
    rows: &[CorrectionRow],
    connection: &Connection,
    unit: &str,
) -> Result<Vec<Finding>, CenterError> {
    let mut findings = Vec::new();
    let mut taken: HashMap<&str, Contribution> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        if let Some(number) = money::open_correction(connection, unit, row)? {
            let finding = Finding::new(Code::CorrectionFiled, Level::Error).about(Field::Month, row.month.to_string());
            findings.push(finding.arg("index", index).arg("number", number));
        }
        let taken = taken.entry(&row.personal_account).or_insert(NOTHING);
        let less = less(row.right, row.wrong);
        taken.unit_amount += less.unit_amount;
        taken.personal_amount += less.personal_amount;
        let held = ledger::balance(connection, &row.personal_account)?;
        if taken.unit_amount > held.unit_amount || taken.personal_amount > held.personal_amount {
            let finding =
                Finding::new(Code::CorrectionBalance, Level::Error).about(Field::Month, row.month.to_string());
            findings.push(finding.arg("index", index).arg("held", held.monthly()));
        }
    }
    Ok(findings)
}
