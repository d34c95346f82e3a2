//! 撤回 and 撤销核定: a filing is taken back while nothing else rests on it.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::DueState;
use huijiao_domain::roster::{RosterIndex, Unit};
use huijiao_protocol::ending::Ending;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{FilingStatus, OrderState};
use huijiao_signing::Purpose;
use rusqlite::Transaction;
use uuid::Uuid;

use super::{change_state, check_signers, decided, signed_by_clients};
use crate::center::Center;
use crate::error::CenterError;
use crate::hex::sha256_hex;
use crate::http::caller::Caller;
use crate::http::problem::Refusal;
use crate::register::people::Booking;
use crate::register::{dues, filings, orders, units, withdrawals};
use crate::remittance::Desk;

/// Kinds that change contributors one by one.
const OF_PEOPLE: &[FilingKind] = &[
    FilingKind::BaseAdjustment,
    FilingKind::ContributorRegistration,
    FilingKind::StatusChange,
    FilingKind::RatioAdjustment,
    FilingKind::ContributorUpdate,
];

/// Takes a filing back or says why not. Blocking. A filing that is withdrawn already stays so: the answer is the same.
pub(crate) fn take_back(center: &Center, caller: Caller, id: Uuid, bytes: &[u8]) -> Result<FilingStatus, Refusal> {
    let refused = |refusal: Refusal| refusal.filing(id);
    let verified = signed_by_clients(center, bytes, Purpose::Withdrawal).map_err(refused)?;
    let content = Ending::from_bytes(&verified.content).map_err(|error| {
        tracing::info!(%error, "withdrawal refused");
        refused(Refusal::of(ProblemCode::Malformed))
    })?;
    if content.filing_id != id {
        return Err(refused(Refusal::of(ProblemCode::IdDiffers)));
    }
    let outcome = decided(center, caller, id, &sha256_hex(bytes), &content.unit_account, |booking| {
        let missing = || Refusal::of(ProblemCode::NotFound);
        let status = filings::one(booking, id)?.ok_or_else(missing)?;
        caller.must_see(booking, &status.unit_account)?;
        if content.filing_sha256 != status.filing_sha256 || content.unit_account != status.unit_account {
            return Err(Refusal::of(ProblemCode::FilingDiffers));
        }
        check_signers(booking, caller, &status.unit_account, None, &verified.signers)?;
        if status.state == FilingState::Withdrawn {
            return Ok(status);
        }
        undo(center, booking, &status)?;
        withdrawals::add(booking, id, bytes, &center.clock.rfc3339())?;
        change_state(booking, center, id, FilingState::Withdrawn, &content.reason, Vec::new())?;
        filings::one(booking, id)?.ok_or_else(missing)
    });
    outcome.map_err(refused)
}

/// Puts everything as it was before the filing.
fn undo(center: &Center, booking: &Transaction<'_>, status: &FilingStatus) -> Result<(), Refusal> {
    let no = |code| Err(Refusal::of(code));
    match status.state {
        // Nothing is booked yet.
        FilingState::AwaitingApproval | FilingState::InReview => return Ok(()),
        FilingState::Refused | FilingState::Withdrawn => return no(ProblemCode::WithdrawalEnded),
        FilingState::Accepted | FilingState::Settled | FilingState::PartlySettled => {}
    }
    let account = status.unit_account.as_str();
    let unit = units::unit(booking, account)?.ok_or_else(|| CenterError::Content("a filing of no unit".into()))?;
    let (at, today, filing) = (center.clock.rfc3339(), center.clock.today(), status.id.to_string());
    let desk = Desk { center, connection: booking, unit: account, at: &at, today, filing: Some(&filing) };
    match status.kind {
        FilingKind::RemittanceVerification => verification(&desk, &unit, status.id),
        FilingKind::Payment => payment(&desk, status.id),
        FilingKind::BackPayment | FilingKind::Correction => money_of_the_past(&desk, status),
        FilingKind::BaseAdjustment
        | FilingKind::ContributorRegistration
        | FilingKind::StatusChange
        | FilingKind::RatioAdjustment
        | FilingKind::ContributorUpdate => people(&desk, &unit, status),
        FilingKind::UnitUpdate | FilingKind::PaymentClaim | FilingKind::Deferral => no(ProblemCode::WithdrawalKind),
    }
}

/// 撤销核定: the last months, unpaid and unordered.
fn verification(desk: &Desk<'_>, unit: &Unit, filing: Uuid) -> Result<(), Refusal> {
    untouched(desk, filing)?;
    let months: Vec<Month> = withdrawals::months(desk.connection, filing)?;
    if months.first().is_none_or(|last| last.next() != unit.first_unverified) {
        return Err(Refusal::of(ProblemCode::WithdrawalNotLast));
    }
    // Whoever left since is in no roster any more: the month could not be made of it again.
    if withdrawals::left_since(desk.connection, desk.unit, filing)? {
        return Err(Refusal::of(ProblemCode::WithdrawalMoved));
    }
    for month in months {
        desk.revoke(month)?;
    }
    Ok(())
}

/// An order for which no money came; a debit is called back from the bank.
fn payment(desk: &Desk<'_>, filing: Uuid) -> Result<(), Refusal> {
    let number = withdrawals::order(desk.connection, filing)?;
    let order = number.map_or(Ok(None), |number| orders::one(desk.connection, &number))?;
    let order = order.ok_or_else(|| CenterError::Content("a payment without order".into()))?;
    match order.state {
        OrderState::Awaiting | OrderState::Debiting => {}
        OrderState::Paid => return Err(Refusal::of(ProblemCode::WithdrawalPaid)),
        OrderState::Failed | OrderState::Withdrawn => return Err(Refusal::of(ProblemCode::WithdrawalEnded)),
    }
    withdrawals::cancel_debit(desk.connection, &order.number)?;
    Ok(orders::end(desk.connection, &order.number, OrderState::Withdrawn, "", None)?)
}

/// 补缴 and 错缴更正 that are owed and neither paid nor ordered.
fn money_of_the_past(desk: &Desk<'_>, status: &FilingStatus) -> Result<(), Refusal> {
    // What was posted too much is back in suspense already.
    if status.state != FilingState::Accepted || withdrawals::took_back(desk.connection, status.id)? {
        return Err(Refusal::of(ProblemCode::WithdrawalPaid));
    }
    untouched(desk, status.id)?;
    for (pays, _) in withdrawals::dues(desk.connection, status.id)? {
        if let Some(open) = dues::open_one(desk.connection, desk.unit, &pays)? {
            desk.waive(&open)?;
        }
    }
    Ok(withdrawals::forget_money(desk.connection, status.id)?)
}

/// Refuses where something of what the filing made the unit owe is paid or ordered.
fn untouched(desk: &Desk<'_>, filing: Uuid) -> Result<(), Refusal> {
    for (pays, paid) in withdrawals::dues(desk.connection, filing)? {
        if paid {
            return Err(Refusal::of(ProblemCode::WithdrawalPaid));
        }
        let open = dues::open_one(desk.connection, desk.unit, &pays)?;
        if open.is_some_and(|open| open.due.state != DueState::Open) {
            return Err(Refusal::of(ProblemCode::WithdrawalOrdered));
        }
    }
    Ok(())
}

/// The unit's last filing of people, of a month that is not verified: everybody is as he was before, and who was new
/// is not there.
fn people(desk: &Desk<'_>, unit: &Unit, status: &FilingStatus) -> Result<(), Refusal> {
    let (connection, account) = (desk.connection, desk.unit);
    let no = |code| Err(Refusal::of(code));
    if status.period < unit.first_unverified {
        return no(ProblemCode::WithdrawalVerified);
    }
    let Some(made) = withdrawals::version(connection, status.id)? else {
        return no(ProblemCode::WithdrawalNotLast);
    };
    if withdrawals::booked_since(connection, account, made, OF_PEOPLE)? {
        return no(ProblemCode::WithdrawalNotLast);
    }
    let (roster, versions) =
        units::roster(connection, account)?.ok_or_else(|| CenterError::Content("unit without roster".into()))?;
    let now = RosterIndex::of(&roster);
    let before = withdrawals::replaced(connection, account, status.id)?;
    let came: Vec<_> = roster
        .contributors
        .iter()
        .zip(&versions)
        .filter(|(person, version)| {
            **version == made && !before.iter().any(|past| past.personal_account == person.personal_account)
        })
        .map(|(person, _)| person)
        .collect();
    let opens = status.kind == FilingKind::ContributorRegistration;
    if withdrawals::somebody_left(connection, account, made)? || (!opens && !came.is_empty()) {
        return no(ProblemCode::WithdrawalMoved);
    }
    // Somebody at the counter may have changed one of them since.
    let still = roster.contributors.iter().zip(&versions).filter(|(_, version)| **version == made).count();
    if still != before.len() + came.len() {
        return no(ProblemCode::WithdrawalNotLast);
    }
    let filing = status.id.to_string();
    let version = units::next_roster_version(connection, account)?;
    let on = Booking { connection, unit: account, filing: &filing, version };
    for past in &before {
        let person = now.by_account(&past.personal_account);
        on.change(person.ok_or_else(|| CenterError::Content("a person lost".into()))?, past)?;
    }
    for person in came {
        on.unregister(person)?;
    }
    if let Some(past) = withdrawals::unit_before(connection, account, status.id)? {
        units::change(&on, unit, &Unit { status: unit.status, ..past })?;
    }
    Ok(())
}
