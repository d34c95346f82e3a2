//! What the center said nothing of is asked for again, so that nobody has to wait for it in front of a button.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use huijiao_store::{Filing, OutboxState};
use uuid::Uuid;

use crate::Desk;
use crate::background::Background;
use crate::error::DeskError;
use crate::filings::FilingHead;
use crate::kept::unsettled;
use crate::verdicts::open_verdicts;

/// Whatever the open unit sent and has no answer to.
#[derive(Default, PartialEq, Eq)]
struct Open {
    filings: Vec<Uuid>,
    withdrawals: Vec<Uuid>,
    verdicts: Vec<Uuid>,
}

impl Desk {
    /// Does one thing that is signed or sent, and nothing of the kind beside it. Asking again gives way to it, and goes
    /// on afterwards if anything has no answer.
    ///
    /// # Errors
    /// [`DeskError::BUSY`] while another one is under way; those of `act`.
    pub(crate) async fn alone<T>(
        self: &Arc<Self>,
        act: impl Future<Output = Result<T, DeskError>>,
    ) -> Result<T, DeskError> {
        let asking = self.inner().asking.take();
        if let Some(asking) = asking {
            asking.end().await;
        }
        let one = self.submitting.try_lock().map_err(|_| DeskError::refusal(DeskError::BUSY))?;
        let done = act.await;
        drop(one);
        self.ask_later();
        done
    }

    /// Asks after a while, several times, for what has no answer.
    pub(crate) fn ask_later(self: &Arc<Self>) {
        if self.open() == Open::default() {
            return;
        }
        let asking = Background::start(ask_again(Arc::downgrade(self), self.config.pauses.clone()));
        self.inner().asking = Some(asking);
    }

    fn open(&self) -> Open {
        self.in_the_outbox(|store, center, unit| {
            let filings = unsettled(store, center, unit)?.into_iter();
            Ok(Open {
                filings: filings.filter(asks_again).map(|filing| filing.id).collect(),
                withdrawals: store.withdrawing(center, unit)?,
                verdicts: open_verdicts(store, center, unit)?,
            })
        })
    }

    /// How long the center wants to be left alone.
    fn rest(&self) -> Duration {
        let inner = self.inner();
        let gateway = inner.session.as_ref().and_then(|session| session.gateway.as_ref());
        gateway.map_or(Duration::ZERO, |gateway| gateway.wait())
    }

    /// Asks once for each of them; whether anything is still without an answer.
    async fn ask_for_all(self: &Arc<Self>) -> bool {
        let before = self.open();
        {
            let _one = self.submitting.lock().await;
            for id in &before.filings {
                if let Err(error) = self.ask_or_send(*id).await {
                    tracing::info!(code = error.code(), "still no answer");
                }
            }
            self.settle_withdrawals().await;
            self.settle_verdicts().await;
        }
        let after = self.open();
        if after != before {
            self.changed();
        }
        after != Open::default()
    }
}

/// Whether a filing is asked for without anybody's doing. What surely was not sent waits for the clerk, unless the center
/// only asked to wait.
fn asks_again(filing: &Filing<FilingHead>) -> bool {
    match filing.state {
        OutboxState::Submitting | OutboxState::Unknown => true,
        OutboxState::Signed => filing.trouble.as_ref().is_some_and(|trouble| trouble["code"] == "net-busy"),
        OutboxState::Answered(_) | OutboxState::Refused => false,
    }
}

async fn ask_again(desk: Weak<Desk>, pauses: Vec<Duration>) {
    for pause in pauses {
        let Some(rest) = desk.upgrade().map(|desk| desk.rest()) else { return };
        tokio::time::sleep(pause.max(rest)).await;
        let Some(desk) = desk.upgrade() else { return };
        if !desk.ask_for_all().await {
            return;
        }
    }
}
