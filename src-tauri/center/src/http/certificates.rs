//! Certificates: asked for, renewed, reported lost, listed; the revocation list.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use huijiao_protocol::certificates::{CertificateStatus, Enrollment, PKIX_CRL};
use serde::Deserialize;

use super::caller::Caller;
use super::off_thread;
use super::problem::Refusal;
use crate::center::Center;
use crate::certificates::{self, Answer};
use crate::register;

/// `POST /v1/enrollments`: needs no certificate, it is how one comes to the first.
pub(super) async fn enrol(
    State(center): State<Arc<Center>>,
    asked: Result<Json<Enrollment>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(asked) = asked?;
    off_thread(move || certificates::enrol(&center, &asked)).await.map(given)
}

/// `POST /v1/certificates/renewals`
pub(super) async fn renew(
    State(center): State<Arc<Center>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = body?;
    off_thread(move || certificates::renew(&center, caller, &body)).await.map(given)
}

fn given((new, enrolled): Answer) -> Response {
    (if new { StatusCode::CREATED } else { StatusCode::OK }, Json(enrolled)).into_response()
}

/// `POST /v1/certificates/revocations`
pub(super) async fn report(
    State(center): State<Arc<Center>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<CertificateStatus>, Refusal> {
    let body = body?;
    off_thread(move || certificates::report(&center, caller, &body)).await.map(Json)
}

/// `GET /v1/certificates`
pub(super) async fn list(
    State(center): State<Arc<Center>>,
    caller: Caller,
) -> Result<Json<Vec<CertificateStatus>>, Refusal> {
    off_thread(move || {
        let Some(operator) = caller.operator else { return Ok(Json(Vec::new())) };
        Ok(Json(center.register.read(|c| register::certificates::seen_by(c, operator, None))?))
    })
    .await
}

/// Whose revocation list is asked for.
#[derive(Deserialize)]
pub(super) struct OfRoot {
    /// SHA-256 of a root of the center's, hex.
    root: Option<String>,
}

/// `GET /v1/crl`: needs no certificate.
pub(super) async fn crl(State(center): State<Arc<Center>>, Query(of): Query<OfRoot>) -> Result<Response, Refusal> {
    let list = off_thread(move || certificates::revocation_list(&center, of.root.as_deref())).await?;
    Ok(([(header::CONTENT_TYPE, PKIX_CRL)], list).into_response())
}
