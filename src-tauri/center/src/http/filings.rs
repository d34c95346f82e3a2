//! Filings: submitted, asked for, listed.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::{FilingStatus, Page};
use huijiao_protocol::{MAX_BODY, PKCS7};
use serde::Deserialize;
use uuid::Uuid;

use super::caller::Caller;
use super::off_thread;
use super::problem::Refusal;
use super::queries::{self, Asked};
use crate::center::Center;
use crate::filing::{self, Taken};
use crate::register::{filings, verdicts};

/// Longest time for one filing to come in.
const UPLOAD: Duration = Duration::from_secs(600);
/// What is read of a body that is too large, so that its sender lives to hear the answer.
const DRAIN: usize = 4 * MAX_BODY;

/// `PUT /v1/filings/{id}`
pub(super) async fn put(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, Refusal> {
    // Few large bodies in memory at once; the others wait on the wire.
    let _place = center.uploads.clone().acquire_owned().await;
    let bytes = tokio::time::timeout(UPLOAD, whole(body))
        .await
        .unwrap_or_else(|_| Err(Refusal::of(ProblemCode::Unavailable)))?;
    let id = Uuid::parse_str(&id).map_err(|_| Refusal::of(ProblemCode::Malformed))?;
    let taken = off_thread(move || filing::take(&center, caller, id, &bytes)).await?;
    Ok(match taken {
        Taken::New(status) => (StatusCode::CREATED, Json(status)).into_response(),
        Taken::Again(status) => (StatusCode::OK, Json(status)).into_response(),
    })
}

/// `PUT /v1/filings/{id}/withdrawal`
pub(super) async fn withdraw(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<FilingStatus>, Refusal> {
    said(&id, body, move |id, bytes| filing::withdrawal::take_back(&center, caller, id, &bytes)).await
}

/// `PUT /v1/filings/{id}/approval`
pub(super) async fn approve(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<FilingStatus>, Refusal> {
    let _place = center.uploads.clone().acquire_owned().await;
    said(&id, body, move |id, bytes| filing::approval::approve(&center, caller, id, &bytes)).await
}

/// `PUT /v1/filings/{id}/rejection`
pub(super) async fn reject(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<FilingStatus>, Refusal> {
    said(&id, body, move |id, bytes| filing::approval::reject(&center, caller, id, &bytes)).await
}

/// Takes what is said of a filing that is there.
async fn said(
    id: &str,
    body: Body,
    take: impl FnOnce(Uuid, Vec<u8>) -> Result<FilingStatus, Refusal> + Send + 'static,
) -> Result<Json<FilingStatus>, Refusal> {
    let bytes = tokio::time::timeout(UPLOAD, whole(body))
        .await
        .unwrap_or_else(|_| Err(Refusal::of(ProblemCode::Unavailable)))?;
    let id = Uuid::parse_str(id).map_err(|_| Refusal::of(ProblemCode::Malformed))?;
    off_thread(move || take(id, bytes)).await.map(Json)
}

/// `GET /v1/filings/{id}/file`: with the approver's signature once there is one.
pub(super) async fn file(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = Uuid::parse_str(&id).map_err(|_| Refusal::of(ProblemCode::NotFound))?;
    off_thread(move || {
        center.register.read(|c| {
            let missing = || Refusal::of(ProblemCode::NotFound).filing(id);
            let status = filings::one(c, id)?.ok_or_else(missing)?;
            caller.must_see(c, &status.unit_account).map_err(|refusal| refusal.filing(id))?;
            let bytes = match verdicts::approved(c, id)? {
                Some(approved) => approved.bytes,
                None => filings::bytes(c, id)?,
            };
            Ok(([(header::CONTENT_TYPE, PKCS7)], bytes).into_response())
        })
    })
    .await
}

/// Lets somebody say what will not be kept: who is cut short does not hear why.
pub(super) async fn hear_out(body: Body) {
    // Whether he came to an end makes no difference.
    let _ = tokio::time::timeout(UPLOAD, taken(body, 0)).await;
}

/// The whole body, or a refusal once it is over.
async fn whole(body: Body) -> Result<Vec<u8>, Refusal> {
    taken(body, MAX_BODY).await
}

async fn taken(mut body: Body, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::of(ProblemCode::Malformed))?;
        let Ok(data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        if seen <= most {
            bytes.extend_from_slice(&data);
        } else {
            bytes = Vec::new();
        }
        if seen > DRAIN {
            break;
        }
    }
    if seen > most { Err(Refusal::of(ProblemCode::TooLarge)) } else { Ok(bytes) }
}

/// `GET /v1/filings/{id}`
pub(super) async fn one(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<FilingStatus>, Refusal> {
    let id = Uuid::parse_str(&id).map_err(|_| Refusal::of(ProblemCode::NotFound))?;
    off_thread(move || {
        center.register.read(|c| {
            let missing = || Refusal::of(ProblemCode::NotFound).filing(id);
            let status = filings::one(c, id)?.ok_or_else(missing)?;
            caller.must_see(c, &status.unit_account).map_err(|refusal| refusal.filing(id))?;
            Ok(Json(status))
        })
    })
    .await
}

/// Filings of one page: each brings its receipts along.
const PAGE: usize = 200;

/// What to list.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    unit: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    number: Option<String>,
    #[serde(flatten)]
    asked: Asked,
}

/// `GET /v1/filings?unit&kind&state&number&from&to&cursor`: newest first; without a unit those of all the operator's units.
pub(super) async fn list(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<FilingStatus>>, Refusal> {
    off_thread(move || {
        let (period, before) = (wanted.asked.period()?, wanted.asked.number()?);
        let (kind, state) = (queries::word(wanted.kind)?, queries::word(wanted.state)?);
        center.register.read(|c| {
            if let Some(unit) = &wanted.unit {
                caller.must_see(c, unit)?;
            }
            let Some(operator) = caller.operator else { return Ok(Json(Page { items: Vec::new(), next: None })) };
            let (unit, number) = (wanted.unit.as_deref(), wanted.number.as_deref());
            let asked = filings::Wanted { operator, unit, kind, state, number, period, before };
            Ok(Json(filings::listed(c, &asked, PAGE)?))
        })
    })
    .await
}
