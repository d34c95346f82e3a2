//! 复核: what the approver says of a filing that waits for him. Only his signature has it booked.

use huijiao_protocol::ending::Ending;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::{FilingState, ReceiptContent};
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::{Purpose, Signer, Verified, only_adds_signatures};
use rusqlite::Transaction;
use uuid::Uuid;

use super::{
    Standing, check_signers, decided, filed, issue, moment, newest_receipt, seen, signature_refusal, signed_by_clients,
    signed_since, take_on,
};
use crate::center::Center;
use crate::error::CenterError;
use crate::hex::sha256_hex;
use crate::http::caller::Caller;
use crate::http::problem::Refusal;
use crate::register::verdicts::{self, Verdict};
use crate::register::{self, filings, operators, units};

/// Books a filing with its approver's signature, or says why not. Blocking. The same file again is the same answer.
pub(crate) fn approve(center: &Center, caller: Caller, id: Uuid, bytes: &[u8]) -> Result<FilingStatus, Refusal> {
    let refused = |refusal: Refusal| refusal.filing(id);
    // Whether the clerk's certificate has ended or was revoked since the filing was taken is no matter.
    let taken = center.register.read(|connection| filings::one(connection, id))?;
    let taken = taken.map_or_else(|| Ok(center.clock.now()), |status| moment(&status.accepted_at))?;
    let verified = signed_since(center, bytes, Purpose::Approval, taken).map_err(refused)?;
    let content = FilingContent::from_bytes(&verified.content).map_err(|error| {
        tracing::info!(%error, "content refused");
        refused(Refusal::of(ProblemCode::Malformed))
    })?;
    if content.id != id {
        return Err(refused(Refusal::of(ProblemCode::IdDiffers)));
    }
    let sha256 = sha256_hex(bytes);
    let outcome = decided(center, caller, id, &sha256, &content.unit.account, |booking| {
        let status = known(booking, caller, id, &content.unit.account)?;
        let (clerk, added) = (operators::filed(booking, id)?, verified.signers.get(1..).unwrap_or_default());
        check_signers(booking, caller, &status.unit_account, Some(clerk), added)?;
        if status.approved_sha256.as_ref() == Some(&sha256) {
            return Ok(status);
        }
        if !only_adds_signatures(bytes, &filings::bytes(booking, id)?).map_err(signature_refusal)? {
            return Err(Refusal::of(ProblemCode::ApprovalDiffers));
        }
        must_wait(&status)?;
        let broken = |what: &str| CenterError::Content(what.into());
        let unit = units::unit(booking, &status.unit_account)?.ok_or_else(|| broken("a filing of no unit"))?;
        let profile = register::profile(booking)?.ok_or_else(|| broken("no profile"))?;
        let standing = Standing::of(booking, unit, profile)?;
        let facts = standing.judge(center, booking, &content)?;
        let at = center.clock.rfc3339();
        let state = take_on(center, booking, &facts, &content, &status.filing_number, &at)?;
        let verdict = Verdict { approved: true, bytes: bytes.to_vec(), sha256: sha256.clone() };
        verdicts::add(booking, id, &verdict, &at)?;
        let signers = verified.signers.iter().map(seen).collect();
        let said = newest_receipt(booking, center, id)?;
        issue(center, booking, ReceiptContent { state, signers, approved_sha256: Some(sha256.clone()), ..said })?;
        known(booking, caller, id, &content.unit.account)
    });
    outcome.map_err(refused)
}

/// Returns a filing to its clerk, or says why not. Blocking. The same rejection again is the same answer.
pub(crate) fn reject(center: &Center, caller: Caller, id: Uuid, bytes: &[u8]) -> Result<FilingStatus, Refusal> {
    let refused = |refusal: Refusal| refusal.filing(id);
    let verified = signed_by_clients(center, bytes, Purpose::Rejection).map_err(refused)?;
    let content = Ending::from_bytes(&verified.content).map_err(|error| {
        tracing::info!(%error, "rejection refused");
        refused(Refusal::of(ProblemCode::Malformed))
    })?;
    if content.filing_id != id {
        return Err(refused(Refusal::of(ProblemCode::IdDiffers)));
    }
    let outcome = center.register.write(|booking| {
        let status = known(booking, caller, id, &content.unit_account)?;
        if content.filing_sha256 != status.filing_sha256 || content.unit_account != status.unit_account {
            return Err(Refusal::of(ProblemCode::FilingDiffers));
        }
        let approver = check_signers(booking, caller, &status.unit_account, None, &verified.signers)?;
        if operators::filed(booking, id)? == approver || signed_by_himself(center, booking, &status, &verified)? {
            return Err(Refusal::of(ProblemCode::ApprovalSamePerson));
        }
        let sha256 = sha256_hex(bytes);
        if verdicts::of(booking, id)?.is_some_and(|said| said.sha256 == sha256) {
            return Ok(status);
        }
        must_wait(&status)?;
        let verdict = Verdict { approved: false, bytes: bytes.to_vec(), sha256 };
        verdicts::add(booking, id, &verdict, &center.clock.rfc3339())?;
        let returned_by = verified.signers.first().map(seen);
        let (state, reason) = (FilingState::Refused, content.reason.clone());
        filings::set_state(booking, id, state)?;
        let said = newest_receipt(booking, center, id)?;
        issue(center, booking, ReceiptContent { state, reason, returned_by, ..said })?;
        known(booking, caller, id, &content.unit_account)
    });
    outcome.map_err(refused)
}

/// Whether who returns a filing is who signed it, by what their certificates say: one key under two names is one person.
fn signed_by_himself(
    center: &Center,
    booking: &Transaction<'_>,
    status: &FilingStatus,
    rejection: &Verified,
) -> Result<bool, CenterError> {
    let filed = filed(center, booking, status.id, &status.accepted_at)?;
    let same = |one: &Signer| rejection.signers.iter().any(|other| other.certificate.same_person(&one.certificate));
    Ok(filed.signers.iter().any(same))
}

/// A filing that the caller may know of. One of this `unit` that is not here is not here yet only for whoever may act
/// for the unit.
fn known(booking: &Transaction<'_>, caller: Caller, id: Uuid, unit: &str) -> Result<FilingStatus, Refusal> {
    let Some(status) = filings::one(booking, id)? else {
        caller.must_see(booking, unit)?;
        return Err(Refusal::of(ProblemCode::NotFound));
    };
    caller.must_see(booking, &status.unit_account)?;
    Ok(status)
}

fn must_wait(status: &FilingStatus) -> Result<(), Refusal> {
    if status.state == FilingState::AwaitingApproval { Ok(()) } else { Err(Refusal::of(ProblemCode::ApprovalEnded)) }
}
