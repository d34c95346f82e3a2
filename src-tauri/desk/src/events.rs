//! What moves at the center while a unit is open: fetched as it happens, so that nobody has to ask.

use std::sync::{Arc, Weak};

use huijiao_gateway::{Events, Gateway, Heard, NetError};
use huijiao_protocol::resources::Event;
use huijiao_store::OutboxState;

use crate::Desk;
use crate::background::Background;
use crate::error::DeskError;
use crate::filings::FilingHead;
use crate::session::Session;
use crate::submit::state_word;
use crate::views::PulseView;

impl Desk {
    /// Whether anything changed since a screen was filled, and whether the center is heard.
    pub fn pulse(&self) -> PulseView {
        self.lock_without_token();
        let inner = self.inner();
        let session = inner.session.as_ref();
        PulseView {
            revision: inner.revision,
            online: session.is_some_and(|s| !s.is_stale()),
            as_of: session.map(Session::as_of).unwrap_or_default(),
            notices: if inner.locked { Vec::new() } else { self.data_notices(&inner) },
            locked: inner.locked,
        }
    }

    /// Listens to the center of the open unit from now on.
    pub(crate) fn listen(self: &Arc<Self>) {
        let mut inner = self.inner();
        inner.listening = None;
        let Some(session) = inner.session.as_ref() else { return };
        let (Some(gateway), account) = (session.gateway.clone(), session.connection.unit_account.clone()) else {
            return;
        };
        let name = format!("events:{}:{account}", session.info.profile.code);
        let stale = session.is_stale();
        let heard = inner.store.as_ref().and_then(|store| store.setting::<u64>(&name).ok().flatten());
        let events = Events::after(gateway.clone(), heard.unwrap_or(0));
        inner.listening = Some(Background::start(follow(Arc::downgrade(self), gateway, events, account, name, stale)));
    }

    async fn caught_up(self: &Arc<Self>, gateway: &Gateway, moved: &[Event]) -> Result<bool, DeskError> {
        let (mut changed, mut elsewhere) = (false, false);
        for event in moved {
            let (Some(id), Some(state)) = (event.filing, event.state) else {
                elsewhere = true;
                continue;
            };
            let filing = self.inner().store()?.filing::<FilingHead>(id)?;
            match filing.map(|filing| filing.state) {
                // Known already, or about to be: whoever sends it takes the answer himself.
                Some(OutboxState::Signed | OutboxState::Submitting | OutboxState::Unknown) => {}
                Some(OutboxState::Answered(word)) if word == state_word(state) => {}
                Some(OutboxState::Answered(_) | OutboxState::Refused) => {
                    if let Some(status) = gateway.filing(id).await? {
                        self.take_answer(id, status).await?;
                        changed = true;
                    }
                }
                None => elsewhere = true,
            }
        }
        if elsewhere {
            self.fetch_anew().await?;
        }
        Ok(changed || elsewhere)
    }

    /// Notes that what a screen shows may be of before.
    pub(crate) fn changed(&self) {
        self.inner().revision += 1;
    }
}

/// Listens for as long as the desk is there and the unit is open. `lost`: what is here is of before.
async fn follow(
    desk: Weak<Desk>,
    gateway: Arc<Gateway>,
    mut events: Events,
    account: String,
    name: String,
    mut lost: bool,
) {
    loop {
        let heard = events.next().await;
        let Some(desk) = desk.upgrade() else { return };
        let outcome = match heard {
            Heard::Connected if !lost => Ok(false),
            // What moved in the meantime and made no event here is fetched as well, and a receipt may be missing.
            Heard::Connected => {
                let fresh = desk.fetch_anew().await;
                if fresh.is_ok() {
                    desk.check_chain_later();
                }
                fresh.map(|_| true)
            }
            Heard::Events(all) => {
                let mine: Vec<Event> = all.into_iter().filter(|event| event.unit_account == account).collect();
                let outcome = desk.caught_up(&gateway, &mine).await;
                if outcome.is_ok()
                    && let Ok(store) = desk.inner().store()
                    && let Err(error) = store.set_setting(&name, &events.last())
                {
                    tracing::warn!(code = error.code(), "the place in the events is not kept");
                }
                outcome
            }
            Heard::Lost(error) => {
                tracing::info!(code = error.code(), "no events for now");
                let ended = matches!(error, NetError::LoginEnded(_));
                let news = ended || !lost && !matches!(error, NetError::Problem(_));
                if news && let Some(session) = desk.inner().session.as_mut() {
                    session.out_of_reach(error.code());
                }
                lost = true;
                if news {
                    desk.changed();
                }
                // Until somebody logs in, which listens anew.
                if ended {
                    return;
                }
                continue;
            }
        };
        match outcome {
            Ok(changed) => {
                lost = false;
                if changed {
                    desk.changed();
                }
            }
            // The next event, or the next connection, brings it up to date.
            Err(error) => {
                lost = true;
                tracing::warn!(code = error.code(), "what moved at the center could not be fetched");
            }
        }
    }
}
