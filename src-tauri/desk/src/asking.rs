//! What the center said nothing of is asked for again, so that nobody has to wait for it in front of a button.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use huijiao_store::OutboxState;
use uuid::Uuid;

use crate::Desk;
use crate::approval::VerdictHead;
use crate::background::Background;
use crate::error::DeskError;
use crate::filings::FilingHead;

/// Whatever was sent and has no answer.
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
        let mut inner = self.inner();
        if inner.session.is_none() {
            return Open::default();
        }
        let Ok(store) = inner.store() else { return Open::default() };
        let filings = store.unsettled::<FilingHead>().unwrap_or_default().into_iter();
        let verdicts = store.verdicts::<VerdictHead>().unwrap_or_default().into_iter();
        Open {
            // What surely was not sent waits for the clerk.
            filings: filings
                .filter(|filing| [OutboxState::Submitting, OutboxState::Unknown].contains(&filing.state))
                .map(|filing| filing.id)
                .collect(),
            withdrawals: store.withdrawing().unwrap_or_default(),
            verdicts: verdicts.filter(|verdict| verdict.open).map(|verdict| verdict.filing).collect(),
        }
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

async fn ask_again(desk: Weak<Desk>, pauses: Vec<Duration>) {
    for pause in pauses {
        tokio::time::sleep(pause).await;
        let Some(desk) = desk.upgrade() else { return };
        if !desk.ask_for_all().await {
            return;
        }
    }
}
