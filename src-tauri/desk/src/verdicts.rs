//! What approvers signed, on its way to the center and back as evidence.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_gateway::{NetError, Submission};
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::{
    AsOf, Purpose, Signer, TrustAnchors, VerifyError, judged_at, only_adds_signatures, verify_taken,
};
use huijiao_store::{OutboxState, Store, Verdict, failpoint};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::approval::VerdictHead;
use crate::background::in_place;
use crate::error::DeskError;
use crate::filings::{FilingHead, of_id};
use crate::import::hex;
use crate::kept::{APPROVED, judged_by, written};
use crate::review::one_person;
use crate::submit::{archived, note, receipt_content, receipt_under};
use crate::{Desk, text};

/// A unit's filings of which an approver said something that has no answer yet.
pub(crate) fn open_verdicts(store: &Store, center: &str, unit: &str) -> Result<Vec<Uuid>, DeskError> {
    let open =
        |verdict: &Verdict<VerdictHead>| verdict.open && verdict.center == center && verdict.unit_account == unit;
    Ok(store.verdicts()?.into_iter().filter(open).map(|verdict| verdict.filing).collect())
}

impl Desk {
    /// Sends what an approver signed and takes the answer; the center does nothing twice. `None` where nothing is open.
    pub(crate) async fn send_verdict(self: &Arc<Self>, id: Uuid) -> Result<Option<FilingStatus>, DeskError> {
        let verdict = self.inner().store()?.verdict::<VerdictHead>(id)?.filter(|verdict| verdict.open);
        let Some(verdict) = verdict else { return Ok(None) };
        let gateway = self.inner().session()?.gateway_for(&verdict.center, &verdict.unit_account)?;
        failpoint::pass("before-verdict-sent");
        let submission = if verdict.approved {
            gateway.put_approval(id, verdict.file.clone()).await
        } else {
            gateway.put_rejection(id, verdict.file.clone()).await
        };
        failpoint::pass("after-verdict-answer");
        // What the center has refused it will never have.
        let own = self.inner().store()?.filing::<FilingHead>(id)?;
        let refused = own.as_ref().is_some_and(|own| own.state == OutboxState::Refused);
        match submission {
            Submission::Answered(status) => {
                self.freshen_crls().await;
                self.hold_against(&verdict, &status)?;
                failpoint::pass("before-verdict-closed");
                self.inner().store()?.close_verdict(id)?;
                failpoint::pass("after-verdict-closed");
                if own.is_some() {
                    self.take_answer(id, (*status).clone()).await?;
                } else if let Err(error) = self.fetch_anew().await {
                    tracing::warn!(code = error.code(), "no fresh roster after an approval");
                }
                Ok(Some(*status))
            }
            // It was handed over as a file, and the clerk has not sent it yet: what was signed waits for her.
            Submission::Refused(problem) if problem.code == ProblemCode::NotFound && !refused => {
                Err(DeskError::refusal(DeskError::APPROVAL_AHEAD))
            }
            Submission::Refused(problem) => {
                let mut inner = self.inner();
                let at = text::stamp(self.now(&inner));
                inner.store()?.together(|store| {
                    store.forget_verdict(id)?;
                    match own {
                        Some(_) => note(store, id, &at, "event-verdict-refused", &[("reason", &problem.title)]),
                        None => Ok(()),
                    }
                })?;
                Err(NetError::Problem(problem).into())
            }
            Submission::NotSent(error) | Submission::Unknown(error) => Err(error.into()),
        }
    }

    /// The answer must be the center's, about this filing and what was signed.
    fn hold_against(&self, verdict: &Verdict<VerdictHead>, status: &FilingStatus) -> Result<(), DeskError> {
        let inner = self.inner();
        let anchors = TrustAnchors::from_der(&inner.session()?.connection.anchors)?;
        let receipt = STANDARD.decode(&status.receipt).unwrap_or_default();
        let now = self.now(&inner);
        let content = receipt_under(&receipt, &anchors, now, inner.session()?.crls())?.content;
        if inner.session()?.wants_newer_crls(now) {
            return Err(DeskError::refusal(DeskError::RECEIPT_UNJUDGED));
        }
        let approved = verdict.approved.then_some(&verdict.sha256);
        let holds = content.filing_id == verdict.filing
            && content.state == status.state
            && content.approved_sha256.as_ref() == approved
            && (verdict.approved || content.returned_by.is_some_and(|by| by.name == verdict.head.approver));
        if holds { Ok(()) } else { Err(DeskError::refusal(DeskError::RECEIPT_INVALID)) }
    }

    /// Sends what was signed and has no answer.
    pub(crate) async fn settle_verdicts(self: &Arc<Self>) {
        for filing in self.in_the_outbox(open_verdicts) {
            if let Err(error) = self.send_verdict(filing).await {
                tracing::warn!(code = error.code(), "an approval has no answer yet");
            }
        }
    }

    /// Fetches the file with the approver's signature, which the center says there is, unless it is here.
    pub(crate) async fn fetch_approved(self: &Arc<Self>, id: Uuid, sha256: &str) -> Result<(), DeskError> {
        let kept = self.inner().store()?.verdict::<VerdictHead>(id)?;
        if kept.is_some_and(|kept| kept.sha256 == sha256) {
            return Ok(());
        }
        let (gateway, _) = self.reach_of(id)?;
        let file = gateway.filing_file(id).await?;
        in_place(|| {
            if hex(&Sha256::digest(&file)) != sha256 {
                return Err(DeskError::refusal(DeskError::APPROVAL_DIFFERS));
            }
            self.keep_approved(id, file, false)
        })
    }

    /// Keeps the file of an own filing with the approver's signature, if it is that and nothing else. The clerk's is
    /// judged as of when the center took the filing, and the approver's as of when he signed, where the center's receipt
    /// names the file: what ended or was revoked since undoes neither. One that is still to be sent, `open`, is judged
    /// now. Of one that stays here the clerk's certificate was proven by the roots of then; the approver's is by those that
    /// are registered now.
    pub(crate) fn keep_approved(&self, id: Uuid, file: Vec<u8>, open: bool) -> Result<(), DeskError> {
        let mut inner = self.inner();
        let now = self.now(&inner);
        let at = text::stamp(now);
        let registered = inner.session()?.connection.anchors.clone();
        let crls = inner.session()?.crls().to_vec();
        let store = inner.store()?;
        let filing = of_id(store, id)?;
        let anchors = match &filing.head.kept {
            Some(_) => judged_by(store, &registered, &filing)?,
            None => TrustAnchors::from_der(&registered)?,
        };
        let taken = match store.receipts(id)?.first() {
            Some(first) => {
                let moment =
                    |kept: &str| kept.parse::<Timestamp>().map_err(|_| DeskError::Internal("a kept time".into()));
                let said = receipt_content(&first.file, &anchors, moment(&first.kept_at)?)?.content;
                Some((moment(&said.accepted_at)?, archived(store, &first.sha256)?))
            }
            None => None,
        };
        let clerk = taken.as_ref().map_or(AsOf { at: now, crls: &crls }, |(at, crls)| AsOf { at: *at, crls });
        let approver = match &taken {
            Some((taken, _)) if !open => AsOf { at: judged_at(&file, Some(*taken), true)?, crls: &crls },
            Some(_) | None => AsOf { at: now, crls: &crls },
        };
        if !only_adds_signatures(&file, &store.filing_file(id)?)? {
            return Err(DeskError::refusal(DeskError::APPROVAL_DIFFERS));
        }
        let verified = verify_taken(&file, &anchors, clerk, approver, Purpose::Approval)?;
        let mut signed = verified.signers.iter().map(|one| &one.certificate);
        let clerk = signed.next();
        let himself = clerk.is_some_and(|clerk| signed.any(|approver| one_person(false, clerk, approver)));
        if filing.head.kept.is_some() && himself {
            return Err(VerifyError::SamePerson.into());
        }
        let content = FilingContent::from_bytes(&verified.content)?;
        // The center has seen to it before it says that it was approved.
        let ours = |one: &Signer| one.certificate.credit_code() == Some(content.unit.credit_code.as_str());
        if open && !verified.signers.iter().all(ours) {
            return Err(DeskError::refusal(DeskError::APPROVAL_OTHER_UNIT));
        }
        let name = |place: usize| verified.signers.get(place).map(|one| one.certificate.holder().to_owned());
        let verdict = Verdict {
            filing: id,
            center: filing.center.clone(),
            unit_account: filing.unit_account.clone(),
            approved: true,
            // There is nobody to answer to one that stays here.
            open: open && filing.head.kept.is_none(),
            signed_at: at.clone(),
            sha256: hex(&Sha256::digest(&file)),
            head: VerdictHead {
                kind: filing.head.kind,
                period: content.period,
                people: filing.head.totals.people,
                clerk: name(0).unwrap_or_default(),
                approver: name(1).unwrap_or_default(),
                number: store.filing_number(id)?.unwrap_or_default(),
                reason: String::new(),
                roots: filing.head.kept.as_ref().map(|_| written(&registered)).unwrap_or_default(),
            },
            file,
        };
        failpoint::pass("before-verdict-kept");
        store.together(|store| {
            store.keep_verdict(&verdict)?;
            if open { note(store, id, &at, APPROVED, &[("signer", &verdict.head.approver)]) } else { Ok(()) }
        })?;
        failpoint::pass("after-verdict-kept");
        Ok(())
    }
}
