//! What moved at the center, as it happens.

use std::sync::Arc;
use std::time::Duration;

use huijiao_protocol::resources::Event;
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
            tokio::time::sleep(pause).await;
        }
        self.stream = Some((self.gateway.open_events(self.after).await?, Vec::new()));
        Ok(())
    }

    async fn listen(&mut self) -> Result<Vec<Event>, NetError> {
        let Some((response, rest)) = self.stream.as_mut() else { return Ok(Vec::new()) };
        loop {
            let events = whole(rest)?;
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

/// Takes the events that are there whole; what has only begun stays.
fn whole(rest: &mut Vec<u8>) -> Result<Vec<Event>, NetError> {
    let Some(end) = rest.windows(2).rposition(|pair| pair == b"\n\n") else { return Ok(Vec::new()) };
    let behind = rest.split_off(end + 2);
    let text = std::mem::replace(rest, behind);
    let broken = |cause: &dyn std::fmt::Display| NetError::AnswerBroken(cause.to_string());
    let text = std::str::from_utf8(&text).map_err(|error| broken(&error))?;
    text.lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| serde_json::from_str(data.trim_start()).map_err(|error| broken(&error)))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn events_are_taken_whole_wherever_the_chunks_fall() {
        let text = concat!(
            ":\n\n",
            "id: 7\ndata: {\"number\":7,\"unit_account\":\"u\",\"about\":\"books\",\"filing\":null,\"state\":null,\"at\":\"t\"}\n\n",
            "id: 8\ndata: {\"number\":8,\"unit_account\":\"u\",\"about\":\"new\",\"filing\":null,\"state\":null,\"at\":\"t\"}\n\n",
        );
        for step in [1, 5, 60, 1000] {
            let (mut rest, mut numbers) = (Vec::new(), Vec::new());
            for chunk in text.as_bytes().chunks(step) {
                rest.extend_from_slice(chunk);
                numbers.extend(whole(&mut rest).unwrap().into_iter().map(|event| event.number));
            }
            assert_eq!((numbers, rest.len()), (vec![7, 8], 0), "chunks of {step}; keep-alives tell nothing");
        }
        assert!(whole(&mut b"data: <html>\n\n".to_vec()).is_err(), "what is no event is not passed over");
    }
}
