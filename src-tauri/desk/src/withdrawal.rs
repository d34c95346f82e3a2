//! 撤回 and 撤销核定: signed and kept before the first byte is sent, like a filing.

use std::sync::Arc;

use huijiao_gateway::{NetError, Submission};
use huijiao_protocol::PROTOCOL;
use huijiao_protocol::ending::Ending;
use huijiao_signing::{Pin, Purpose};
use huijiao_store::failpoint;
use uuid::Uuid;

use crate::error::DeskError;
use crate::filings::{FilingHead, id_of, withdrawable};
use crate::review::{As, must_sign};
use crate::submit::{clerk_signs, note};
use crate::views::FilingView;
use crate::{Desk, text};

impl Desk {
    /// Takes a filing back. A withdrawal that was signed before and not answered is sent as it is.
    ///
    /// # Errors
    /// When the filing cannot be withdrawn, the key does not sign, the center refuses, or nobody knows: then the
    /// signed withdrawal is kept, and [`Desk::ask`] sends it again.
    pub async fn filing_withdraw(
        self: &Arc<Self>,
        filing: String,
        reason: String,
        certificate: String,
        pin: Pin,
    ) -> Result<FilingView, DeskError> {
        self.alone(async {
            let id = id_of(&filing)?;
            let desk = self.clone();
            tokio::task::spawn_blocking(move || desk.sign_withdrawal(id, &reason, &certificate, &pin))
                .await
                .map_err(|e| DeskError::Internal(e.to_string()))??;
            self.send_withdrawal(id).await?;
            self.filing(&filing)
        })
        .await
    }

    /// Signs and keeps; nothing has been sent.
    fn sign_withdrawal(&self, id: Uuid, reason: &str, certificate: &str, pin: &Pin) -> Result<(), DeskError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(DeskError::refusal(DeskError::WITHDRAWAL_REASON));
        }
        let here = self.keys_here()?;
        let (keys, content, at, identifiers) = {
            let mut inner = self.inner();
            let now = self.now(&inner);
            let store = inner.store()?;
            if store.withdrawal(id)?.is_some() {
                return Ok(());
            }
            store.reserve()?;
            let filing = store.filing::<FilingHead>(id)?.ok_or_else(|| DeskError::refusal(DeskError::FILING_GONE))?;
            if !withdrawable(&filing) {
                return Err(DeskError::refusal(DeskError::WITHDRAWAL_STATE));
            }
            let session = inner.session()?;
            session.gateway_for(&filing.center, &filing.unit_account)?;
            must_sign(session, &here, certificate, now, As::Clerk)?;
            let at = text::stamp(now);
            let content = Ending {
                protocol: PROTOCOL,
                filing_id: id,
                filing_sha256: filing.sha256,
                unit_account: filing.unit_account,
                reason: reason.to_owned(),
                created_at: at.clone(),
            };
            (session.keys(), content, at, session.identifiers())
        };
        let bytes = content.to_bytes()?;
        failpoint::pass("before-withdrawal-sign");
        let (file, signer) = clerk_signs(&keys, certificate, pin, &bytes, &at, Purpose::Withdrawal, identifiers)?;
        failpoint::pass("after-withdrawal-sign");
        self.inner().store()?.together(|store| {
            store.keep_withdrawal(id, &file, &at)?;
            note(store, id, &at, "event-withdrawal-signed", &[("signer", &signer), ("reason", reason)])
        })?;
        failpoint::pass("after-withdrawal-kept");
        Ok(())
    }

    /// Sends the kept bytes and takes the answer; the center does nothing twice.
    pub(crate) async fn send_withdrawal(self: &Arc<Self>, id: Uuid) -> Result<(), DeskError> {
        let Some(file) = self.inner().store()?.withdrawal(id)? else { return Ok(()) };
        let (gateway, _) = self.reach_of(id)?;
        let submission = gateway.put_withdrawal(id, file).await;
        failpoint::pass("after-withdrawal-answer");
        match submission {
            Submission::Answered(status) => {
                self.take_answer(id, *status).await?;
                failpoint::pass("before-withdrawal-ended");
                self.inner().store()?.end_withdrawal(id)?;
                failpoint::pass("after-withdrawal-ended");
                Ok(())
            }
            Submission::Refused(problem) => {
                let mut inner = self.inner();
                let at = text::stamp(self.now(&inner));
                inner.store()?.together(|store| {
                    store.end_withdrawal(id)?;
                    note(store, id, &at, "event-withdrawal-refused", &[("reason", &problem.title)])
                })?;
                Err(NetError::Problem(problem).into())
            }
            Submission::NotSent(error) | Submission::Unknown(error) => {
                let mut inner = self.inner();
                let at = text::stamp(self.now(&inner));
                let reason = huijiao_domain::texts::title(error.code());
                note(inner.store()?, id, &at, "event-withdrawal-unknown", &[("reason", reason)])?;
                Err(error.into())
            }
        }
    }

    /// Sends what was signed and has no answer.
    pub(crate) async fn settle_withdrawals(self: &Arc<Self>) {
        for id in self.in_the_outbox(|store, center, unit| Ok(store.withdrawing(center, unit)?)) {
            if let Err(error) = self.send_withdrawal(id).await {
                tracing::warn!(code = error.code(), "a withdrawal has no answer yet");
            }
        }
    }
}
