//! Logging in by a signed challenge.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::session::{ChallengeWanted, SessionGranted};

use super::caller::Peer;
use super::off_thread;
use super::problem::Refusal;
use crate::center::Center;
use crate::sessions;

/// Longest account that is put into a challenge.
const ACCOUNT: usize = 64;

/// `POST /v1/sessions/challenge`
pub(super) async fn challenge(
    State(center): State<Arc<Center>>,
    wanted: Result<Json<ChallengeWanted>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(wanted) = wanted?;
    if wanted.unit.len() > ACCOUNT {
        return Err(Refusal::of(ProblemCode::Malformed));
    }
    let bytes = off_thread(move || sessions::challenge(&center, wanted.unit)).await?;
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, bytes).into_response())
}

/// `POST /v1/sessions`
pub(super) async fn log_in(
    State(center): State<Arc<Center>>,
    Extension(peer): Extension<Peer>,
    signed: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, [(header::HeaderName, &'static str); 1], Json<SessionGranted>), Refusal> {
    let signed = signed?;
    let shown = peer.shown();
    let granted = off_thread(move || sessions::log_in(&center, shown.as_deref(), &signed)).await?;
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(granted)))
}
