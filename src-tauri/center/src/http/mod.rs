//! The resources of `/v1`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::{Purpose, verify};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use uuid::Uuid;

use crate::center::Center;
use crate::error::CenterError;
use crate::faults::Fault;
use caller::Peer;
use problem::{Refusal, unreadable};

pub(crate) mod admin;
pub(crate) mod caller;
mod certificates;
mod events;
mod filings;
pub(crate) mod problem;
mod queries;
mod reads;
mod remittance;
mod sessions;

const EVENTS: &str = "/v1/events";
const CRL: &str = "/v1/crl";
const SESSIONS: &str = "/v1/sessions";
const CHALLENGE: &str = "/v1/sessions/challenge";
const ENROLLMENTS: &str = "/v1/enrollments";

/// On a response: end the connection instead of answering.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoAnswer;

/// On a response: end the connection after so many bytes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CutAfter(pub(crate) u64);

macro_rules! routes {
    ($($path:expr => $($method:ident $handler:path),+;)*) => {
        /// Every resource and what may be done with it, as the description has it.
        #[cfg(test)]
        const ROUTES: &[(&str, &[&str])] = &[$(($path, &[$(stringify!($method)),+])),*];

        fn routes() -> Router<Arc<Center>> {
            Router::new()$(.route($path, MethodRouter::new()$(.$method($handler))+))*
        }
    };
}

routes! {
    "/v1/openapi.json" => get interface;
    "/v1/center" => get reads::center;
    CRL => get certificates::crl;
    ENROLLMENTS => post certificates::enrol;
    "/v1/certificates" => get certificates::list;
    "/v1/certificates/renewals" => post certificates::renew;
    "/v1/certificates/revocations" => post certificates::report;
    "/v1/units" => get reads::units;
    "/v1/units/{account}" => get reads::unit;
    "/v1/units/{account}/roster" => get reads::roster;
    "/v1/units/{account}/lookup" => post reads::lookup;
    "/v1/units/{account}/books" => get remittance::books;
    "/v1/units/{account}/months" => get remittance::months;
    "/v1/units/{account}/months/{month}/list" => get remittance::list;
    "/v1/units/{account}/payments" => get remittance::payments;
    "/v1/units/{account}/payments/{number}" => get remittance::payment;
    "/v1/units/{account}/ledger" => get queries::ledger;
    "/v1/units/{account}/suspense" => get queries::suspense;
    "/v1/units/{account}/withdrawals" => get queries::withdrawals;
    "/v1/units/{account}/contributors" => get queries::contributors;
    "/v1/units/{account}/contributors/{person}" => get queries::contributor;
    "/v1/units/{account}/contributors/{person}/ledger" => get queries::contributor_ledger;
    CHALLENGE => post sessions::challenge;
    SESSIONS => post sessions::log_in;
    EVENTS => get events::events;
    "/v1/filings" => get filings::list;
    "/v1/filings/{id}" => get filings::one, put filings::put;
    "/v1/filings/{id}/file" => get filings::file;
    "/v1/filings/{id}/approval" => put filings::approve;
    "/v1/filings/{id}/rejection" => put filings::reject;
    "/v1/filings/{id}/withdrawal" => put filings::withdraw;
}

/// This interface, by OpenAPI; a test holds it against the routes.
const INTERFACE: &str = include_str!("openapi.json");

async fn interface() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "application/json")], INTERFACE)
}

pub(crate) fn router(center: Arc<Center>) -> Router {
    routes()
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(middleware::map_response(every_refusal_is_a_problem))
        .layer(middleware::from_fn_with_state(center.clone(), work_first))
        .layer(middleware::from_fn_with_state(center.clone(), faults))
        .layer(middleware::from_fn(plain))
        .layer(middleware::from_fn_with_state(center.clone(), limited))
        .layer(middleware::map_response_with_state(center.clone(), dated))
        .with_state(center)
}

async fn nothing_here() -> Refusal {
    Refusal::of(ProblemCode::NotFound)
}

/// What axum itself refuses (a path that is no UTF-8, a query it cannot read) has a plain text for an answer.
async fn every_refusal_is_a_problem(response: Response) -> Response {
    let status = response.status();
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    if status.is_client_error() { unreadable(status) } else { Refusal::of(ProblemCode::Internal) }.into_response()
}

/// Every answer says the center's time, also where its clock is not the system's.
async fn dated(State(center): State<Arc<Center>>, mut response: Response) -> Response {
    if let Ok(date) = HeaderValue::try_from(center.clock.http_date()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// Runs blocking work on a thread where it hinders nobody.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(CenterError::Content(error.to_string()).into()),
    }
}

/// What has been done by now is in the books before anybody reads them.
async fn work_first(State(center): State<Arc<Center>>, request: Request, next: Next) -> Response {
    match off_thread(move || Ok(center.work()?)).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Takes no encoded bodies: nothing is inflated here, so that nothing can be made to swell.
async fn plain(request: Request, next: Next) -> Response {
    if request.headers().get_all(header::CONTENT_ENCODING).iter().all(|coding| coding == "identity") {
        return next.run(request).await;
    }
    filings::hear_out(request.into_body()).await;
    let mut response = Refusal::of(ProblemCode::EncodingRefused).into_response();
    response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    response
}

/// Asks to wait who asks too often.
async fn limited(State(center): State<Arc<Center>>, request: Request, next: Next) -> Response {
    let Some(counts) = &center.counts else { return next.run(request).await };
    let Some(peer) = request.extensions().get::<Peer>().cloned() else { return next.run(request).await };
    let now = center.clock.now();
    let path = request.uri().path();
    // An answered challenge makes up for itself and for the question.
    let (guessed, made_up) = match path {
        CHALLENGE => (true, 0),
        SESSIONS => (true, 2),
        ENROLLMENTS => (true, 1),
        _ => (false, 0),
    };
    let session = caller::bearer(request.headers()).and_then(|token| center.sessions.holder(token, now));
    let counted = counts
        .from(peer.address, now)
        .and_then(|()| peer.shown().or(session).map_or(Ok(()), |certificate| counts.of(certificate, now)))
        .and_then(|()| if guessed { counts.attempt(peer.address, now) } else { Ok(()) });
    if let Err(seconds) = counted {
        tracing::info!(path, seconds, "asked too often");
        filings::hear_out(request.into_body()).await;
        return Refusal::of(ProblemCode::RateLimited).retry_after(seconds).into_response();
    }
    let response = next.run(request).await;
    if response.status().is_success() {
        counts.succeeded(peer.address, made_up);
    }
    response
}

/// Does to a request what the fault switch has for it.
async fn faults(State(center): State<Arc<Center>>, request: Request, next: Next) -> Response {
    // Events, revocation lists and logins come by themselves: a fault waits for a request that was meant.
    let path = request.uri().path();
    if path == EVENTS || path.starts_with(SESSIONS) {
        return next.run(request).await;
    }
    let Some(fault) = center.faults.take(request.method(), path == CRL) else { return next.run(request).await };
    tracing::info!(?fault, method = %request.method(), path = request.uri().path(), "fault");
    match fault {
        Fault::DropBefore => no_answer(),
        Fault::DropAfterCommit => {
            next.run(request).await;
            no_answer()
        }
        Fault::CutAnswer => cut(next.run(request).await).await,
        Fault::CutAnswerAfter(bytes) => {
            let mut response = next.run(request).await;
            response.extensions_mut().insert(CutAfter(bytes));
            response
        }
        Fault::Late => {
            let whole = whole(request).await;
            let faults = center.faults.clone();
            faults.is_late();
            tokio::spawn(async move {
                let work = async {
                    next.run(again(&whole)).await;
                };
                faults.late(work).await;
            });
            no_answer()
        }
        Fault::Twice => {
            let whole = whole(request).await;
            tokio::join!(next.clone().run(again(&whole)), next.run(again(&whole))).1
        }
        Fault::Delay(wait) => {
            tokio::time::sleep(wait).await;
            next.run(request).await
        }
        Fault::Hold => {
            center.faults.released().await;
            next.run(request).await
        }
        Fault::Unavailable(seconds) => Refusal::of(ProblemCode::Unavailable).retry_after(seconds).into_response(),
        Fault::RateLimited(seconds) => Refusal::of(ProblemCode::RateLimited).retry_after(seconds).into_response(),
        Fault::InternalAfterCommit => {
            next.run(request).await;
            Refusal::of(ProblemCode::Internal).into_response()
        }
        Fault::ProxyAfterCommit(status) => {
            next.run(request).await;
            page(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY))
        }
        Fault::Garbled => {
            let (head, body) = next.run(request).await.into_parts();
            let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            let half = whole.slice(..whole.len() / 2);
            let kind = head.headers.get(header::CONTENT_TYPE).cloned();
            let kind = kind.unwrap_or(HeaderValue::from_static("application/json"));
            (head.status, [(header::CONTENT_TYPE, kind)], half).into_response()
        }
        Fault::Html => {
            next.run(request).await;
            page(StatusCode::OK)
        }
        Fault::FalseReceipt => with_receipt(next.run(request).await, falsified).await,
        Fault::OthersReceipt => {
            let response = next.run(request).await;
            with_receipt(response, |receipt| others(&center, &receipt)).await
        }
    }
}

/// An answer about a filing with another receipt in it; any other answer as it is.
async fn with_receipt(response: Response, instead: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) -> Response {
    let (mut head, body) = response.into_parts();
    let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let exchanged = || {
        let mut status: FilingStatus = serde_json::from_slice(&whole).ok()?;
        let receipt = STANDARD.decode(&status.receipt).ok()?;
        status.receipt = STANDARD.encode(instead(receipt)?);
        serde_json::to_vec(&status).ok()
    };
    let body = exchanged().map_or_else(|| whole.clone(), Bytes::from);
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(head, Body::from(body))
}

/// A signed file ends with its signature: with another last bit it is another's.
fn falsified(mut receipt: Vec<u8>) -> Option<Vec<u8>> {
    *receipt.last_mut()? ^= 1;
    Some(receipt)
}

/// A receipt of the center's that says the same of a filing of another unit.
fn others(center: &Center, receipt: &[u8]) -> Option<Vec<u8>> {
    let signed = verify(receipt, &center.anchors, center.clock.now(), Purpose::Receipt, &[]).ok()?;
    let own: ReceiptContent = serde_json::from_slice(&signed.content).ok()?;
    let (filing_id, unit_account) = (Uuid::now_v7(), format!("{}9", own.unit_account));
    let content = serde_json::to_vec(&ReceiptContent { filing_id, unit_account, ..own }).ok()?;
    center.receipt_key.sign(&content, &center.clock.rfc3339()).ok()
}

/// What a network that wants a login says, or a proxy.
fn page(status: StatusCode) -> Response {
    let page = "<!DOCTYPE html><html><head><title>Web Portal</title></head><body>Please log in.</body></html>";
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// A request with all of its body.
async fn whole(request: Request) -> (Parts, Bytes) {
    let (head, body) = request.into_parts();
    (head, body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default())
}

fn again((head, body): &(Parts, Bytes)) -> Request {
    Request::from_parts(head.clone(), Body::from(body.clone()))
}

fn no_answer() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(NoAnswer);
    response
}

/// Promises the whole body, gives the first half, then ends the connection.
async fn cut(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    Response::from_parts(head, Body::new(HalfBody { half: Some(half), whole: whole.len() as u64, sent: false }))
}

/// A body that breaks off in the middle.
struct HalfBody {
    half: Option<Bytes>,
    whole: u64,
    sent: bool,
}

impl HttpBody for HalfBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.sent {
            // One turn in which the server writes out the half before the connection breaks.
            self.sent = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{INTERFACE, ROUTES};

    #[test]
    fn the_description_has_every_resource_and_no_other() {
        let described: Value = serde_json::from_str(INTERFACE).unwrap();
        let described: BTreeSet<(String, String)> = described["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, can)| can.as_object().unwrap().keys().map(move |method| (path.clone(), method.clone())))
            .collect();
        let routed: BTreeSet<(String, String)> = ROUTES
            .iter()
            .flat_map(|(path, methods)| methods.iter().map(|method| ((*path).to_owned(), (*method).to_owned())))
            .collect();
        assert_eq!(described, routed, "openapi.json and the routes");
        for path in described.iter().map(|(path, _)| path) {
            assert!(path.starts_with("/v1/"), "{path}");
        }
    }
}
