//! What the center said nothing of is asked for again, so that nobody has to wait for it in front of a button.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use huijiao_store::OutboxState;
use uuid::Uuid;

use crate::Desk;
use crate::background::Background;
use crate::error::DeskError;
use crate::filings::FilingHead;
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
            let filings = store.unsettled::<FilingHead>(center, unit)?.into_iter();
            Ok(Open {
                // What surely was not sent waits for the clerk.
                filings: filings
                    .filter(|filing| [OutboxState::Submitting, OutboxState::Unknown].contains(&filing.state))
                    .map(|filing| filing.id)
                    .collect(),
                withdrawals: store.withdrawing(center, unit)?,
                verdicts: open_verdicts(store, center, unit)?,
            })
        })
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
