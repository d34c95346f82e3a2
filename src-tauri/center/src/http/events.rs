//! What moved, as a stream of server-sent events or in pages.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::Event;
use hyper::body::{Body as HttpBody, Frame};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::caller::Credentials;
use super::off_thread;
use super::problem::Refusal;
use crate::bank;
use crate::center::Center;
use crate::error::CenterError;
use crate::register::events;

/// A line is sent at least this often, so that both sides notice a dead connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Pages that may wait for a slow reader.
const WAITING: usize = 4;

/// From where on, and how.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    after: Option<u64>,
    #[serde(default)]
    poll: bool,
}

/// `GET /v1/events?after`: what moved in the caller's units after that number. A stream that goes on, or with
/// `poll=true` or `Accept: application/json` one page. A stream that broke goes on after its `Last-Event-ID`.
pub(super) async fn events(
    State(center): State<Arc<Center>>,
    credentials: Credentials,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let last = match text(header::HeaderName::from_static("last-event-id")) {
        Some(last) => Some(last.trim().parse::<u64>().map_err(|_| Refusal::of(ProblemCode::Malformed))?),
        None => None,
    };
    // More than the register counts to is the end of it.
    let after = last.or(wanted.after).unwrap_or(0).min(i64::MAX.unsigned_abs());
    let one_page = wanted.poll || text(header::ACCEPT).is_some_and(|accept| accept == "application/json");
    // The first page of a stream as well: whoever may not listen is refused, not cut off.
    let first = page(&center, &credentials, after).await?;
    if one_page {
        return Ok(Json(first).into_response());
    }
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(tell(center, credentials, after, sender));
    let head = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, Body::new(Stream(receiver))).into_response())
}

async fn page(center: &Arc<Center>, credentials: &Credentials, after: u64) -> Result<Vec<Event>, Refusal> {
    let (center, credentials) = (center.clone(), credentials.clone());
    off_thread(move || {
        let caller = credentials.caller(&center)?;
        let Some(operator) = caller.operator else { return Ok(Vec::new()) };
        // A day may have come while nobody asked.
        bank::work(&center)?;
        Ok(center.register.read(|c| events::after(c, operator, after))?)
    })
    .await
}

/// Writes events as they happen, until the reader is gone, may not hear them any more, or the center stops.
async fn tell(center: Arc<Center>, credentials: Credentials, mut after: u64, reader: mpsc::Sender<Bytes>) {
    let (mut changed, mut stopped) = (center.register.changes(), center.stopped.clone());
    loop {
        // Marked as seen before it is read: what happens in between wakes the next turn.
        changed.borrow_and_update();
        let events = match page(&center, &credentials, after).await {
            Ok(events) => events,
            Err(refusal) => return tracing::warn!(?refusal, "event stream ended"),
        };
        if let Some(last) = events.last() {
            after = last.number;
            let Ok(lines) = lines(&events) else { return };
            if reader.send(lines).await.is_err() {
                return;
            }
            continue;
        }
        tokio::select! {
            moved = changed.changed() => if moved.is_err() { return },
            // It changes once, when the center stops; without a sender the center is gone as well.
            _ = stopped.changed() => return,
            () = reader.closed() => return,
            () = tokio::time::sleep(KEEP_ALIVE) => if reader.send(Bytes::from_static(b":\n\n")).await.is_err() { return },
        }
    }
}

fn lines(events: &[Event]) -> Result<Bytes, CenterError> {
    let mut lines = String::new();
    for event in events {
        let data = serde_json::to_string(event).map_err(|e| CenterError::Content(e.to_string()))?;
        lines.push_str(&format!("id: {}\ndata: {data}\n\n", event.number));
    }
    Ok(lines.into())
}

/// A body that grows while somebody writes.
struct Stream(mpsc::Receiver<Bytes>);

impl HttpBody for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
