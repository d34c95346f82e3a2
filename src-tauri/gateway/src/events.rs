//! What moved at the center, as it happens.

use std::sync::Arc;
use std::time::Duration;

use huijiao_protocol::resources::Event;
use huijiao_protocol::stream::whole_events;
use reqwest::Response;

use crate::Gateway;
use crate::error::{NetError, of_body};

/// Three times as long as the center may be silent: then the connection is dead.
const SILENCE: Duration = Duration::from_secs(45);
/// Pause after the first fault; it doubles.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const LONGEST: Duration = Duration::from_secs(60);
/// Longest event that is waited for.
const LINES: usize = 64 * 1024;

/// What was heard of the center.
#[derive(Debug)]
pub enum Heard {
    /// The connection stands (again).
    Connected,
    /// Something moved, oldest first.
    Events(Vec<Event>),
    /// The connection is lost, or there was none; the next call tries again after a pause.
    Lost(NetError),
}

/// The events of an operator's units, for as long as somebody listens. A lost connection is opened again after a
/// pause that grows, and goes on behind the last event that was heard.
#[derive(Debug)]
pub struct Events {
    gateway: Arc<Gateway>,
    after: u64,
    stream: Option<(Response, Vec<u8>)>,
    pause: Option<Duration>,
}

impl Events {
    /// Those after a number; nothing is asked for yet.
    pub fn after(gateway: Arc<Gateway>, after: u64) -> Self {
        Self { gateway, after, stream: None, pause: None }
    }

    /// Number of the last event that was heard.
    pub fn last(&self) -> u64 {
        self.after
    }

    /// Waits for what comes next. May be dropped while it waits.
    pub async fn next(&mut self) -> Heard {
        let heard = match self.stream {
            Some(_) => self.listen().await.map(Heard::Events),
            None => self.connect().await.map(|()| Heard::Connected),
        };
        heard.unwrap_or_else(|error| {
            self.stream = None;
            self.pause = Some(self.pause.map_or(PAUSE, |pause| (pause * 2).min(LONGEST)));
            Heard::Lost(error)
        })
    }

    async fn connect(&mut self) -> Result<(), NetError> {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause.max(self.gateway.wait())).await;
        }
        self.stream = Some((self.gateway.open_events(self.after).await?, Vec::new()));
        Ok(())
    }

    async fn listen(&mut self) -> Result<Vec<Event>, NetError> {
        let Some((response, rest)) = self.stream.as_mut() else { return Ok(Vec::new()) };
        loop {
            let events = whole_events(rest)?;
            if let Some(last) = events.last() {
                self.after = last.number;
                self.pause = None;
                return Ok(events);
            }
            if rest.len() > LINES {
                return Err(NetError::AnswerBroken("an event is too long".into()));
            }
            let chunk = tokio::time::timeout(SILENCE, response.chunk()).await.map_err(|_| NetError::Timeout)?;
            match chunk.map_err(|error| of_body(&error))? {
                Some(chunk) => rest.extend_from_slice(&chunk),
                None => return Err(NetError::Cut("the stream ended".into())),
            }
        }
    }
}
