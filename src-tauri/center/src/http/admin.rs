//! The door of the center's staff: JSON over plain HTTP on this machine alone, for whoever has the token.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::Yuan;
use huijiao_protocol::certificates::Revocation;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::FilingStatus;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;
use uuid::Uuid;

use super::problem::Refusal;
use super::{nothing_here, off_thread};
use crate::bank;
use crate::center::Center;
use crate::certificates::{self, ActivationCode, ActivationFor};
use crate::counter::Counter;
use crate::error::CenterError;
use crate::hex::sha256_hex;
use crate::register::incoming::{self, StatementLine};
use crate::register::{dues, operators, units};
use crate::review::{self, Decision, InReview, ReviewRule};
use crate::seed::UnitRole;

/// The file in the center's folder in which the program keeps the token.
pub const ADMIN_TOKEN_FILE: &str = "admin-token";

/// Where the door of the staff is, and its token.
#[derive(Debug, Clone)]
pub struct AdminConfig {
    /// An address of this machine; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What `Authorization: Bearer …` must say; made at random where absent.
    pub token: Option<String>,
}

/// The open door.
#[derive(Debug, Clone)]
pub struct Admin {
    /// `http://127.0.0.1:PORT/admin`
    pub url: String,
    /// What `Authorization: Bearer …` must say.
    pub token: String,
}

/// Opens it until the center stops.
pub(crate) async fn open(
    config: AdminConfig,
    counter: Counter,
    mut stopped: watch::Receiver<bool>,
) -> Result<Admin, CenterError> {
    let AdminConfig { listen, token } = config;
    let closed = |source| CenterError::Address { address: listen, source };
    if !listen.ip().is_loopback() {
        return Err(closed(io::Error::new(io::ErrorKind::InvalidInput, "not an address of this machine alone")));
    }
    let token = match token.filter(|token| !token.trim().is_empty()) {
        Some(token) => token.trim().to_owned(),
        None => random()?,
    };
    let listener = TcpListener::bind(listen).await.map_err(closed)?;
    let url = format!("http://{}/admin", listener.local_addr().map_err(closed)?);
    let app = router(counter, sha256_hex(token.as_bytes()));
    let end = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(end).await {
            tracing::error!(%error, "the door of the staff is closed");
        }
    });
    Ok(Admin { url, token })
}

fn random() -> Result<String, CenterError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| CenterError::Keys(e.to_string()))?;
    Ok(crate::hex::hex(&bytes))
}

fn router(counter: Counter, token_sha256: String) -> Router {
    Router::new()
        .route("/admin/reviews", get(reviews))
        .route("/admin/reviews/{id}", post(decide))
        .route("/admin/rules", get(rules))
        .route("/admin/rules/{kind}", put(set_rule))
        .route("/admin/activations", post(activate))
        .route("/admin/revocations", post(revoke))
        .route("/admin/roles/endings", post(end_role))
        .route("/admin/clock", get(clock).post(move_clock))
        .route("/admin/bank/transfers", post(transfer))
        .route("/admin/bank/refusals", post(refuse_debit))
        .route("/admin/bank/agreements", put(agree))
        .route("/admin/bank/statement", get(statement))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        // Hashes are compared, so that time tells nothing of the token.
        .layer(middleware::from_fn_with_state(token_sha256, known))
        .with_state(counter)
}

async fn known(State(token_sha256): State<String>, request: Request, next: Next) -> Response {
    let said = request.headers().get(header::AUTHORIZATION).and_then(|said| said.to_str().ok());
    let token = said.and_then(|said| said.strip_prefix("Bearer ")).unwrap_or_default();
    if sha256_hex(token.trim().as_bytes()) == token_sha256 {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response()
    }
}

type Said<T> = Result<Json<T>, JsonRejection>;

fn read<T>(said: Said<T>) -> Result<T, Refusal> {
    Ok(said.map(|Json(said)| said)?)
}

/// Does something at the center and answers with what came of it.
async fn at<T: Serialize + Send + 'static>(
    counter: Counter,
    work: impl FnOnce(&Center) -> Result<T, Refusal> + Send + 'static,
) -> Result<Json<T>, Refusal> {
    off_thread(move || work(&counter.center)).await.map(Json)
}

async fn reviews(State(counter): State<Counter>) -> Result<Json<Vec<InReview>>, Refusal> {
    at(counter, |center| {
        center.work()?;
        Ok(review::waiting(center)?)
    })
    .await
}

async fn decide(
    State(counter): State<Counter>,
    Path(id): Path<String>,
    said: Said<Decision>,
) -> Result<Json<FilingStatus>, Refusal> {
    let decision = read(said)?;
    let id = Uuid::parse_str(&id).map_err(|_| Refusal::of(ProblemCode::NotFound))?;
    at(counter, move |center| review::decide(center, id, &decision)).await
}

async fn rules(State(counter): State<Counter>) -> Result<Json<BTreeMap<FilingKind, ReviewRule>>, Refusal> {
    at(counter, |center| Ok(review::rules(center)?)).await
}

async fn set_rule(
    State(counter): State<Counter>,
    Path(kind): Path<String>,
    said: Said<ReviewRule>,
) -> Result<Json<BTreeMap<FilingKind, ReviewRule>>, Refusal> {
    let rule = read(said)?;
    let kind = FilingKind::parse(&kind).ok_or_else(|| Refusal::of(ProblemCode::NotFound))?;
    at(counter, move |center| {
        review::set_rule(center, kind, &rule)?;
        Ok(review::rules(center)?)
    })
    .await
}

async fn activate(State(counter): State<Counter>, said: Said<ActivationFor>) -> Result<Json<ActivationCode>, Refusal> {
    let wanted = read(said)?;
    at(counter, move |center| {
        let unit = center.register.read(|c| units::roster_version(c, &wanted.unit))?;
        unit.ok_or_else(|| Refusal::of(ProblemCode::NotFound))?;
        Ok(certificates::activate(center, &wanted)?)
    })
    .await
}

async fn revoke(State(counter): State<Counter>, said: Said<Revocation>) -> Result<Json<Done>, Refusal> {
    let Revocation { certificate_sha256, reason } = read(said)?;
    at(counter, move |center| {
        let known = certificates::revoke(center, &certificate_sha256, reason)?;
        if known { Ok(Done {}) } else { Err(Refusal::of(ProblemCode::CertificateUnknown)) }
    })
    .await
}

/// Whose role in which unit ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEnding {
    unit: String,
    certificate_sha256: String,
    role: UnitRole,
}

async fn end_role(State(counter): State<Counter>, said: Said<RoleEnding>) -> Result<Json<Done>, Refusal> {
    let RoleEnding { unit, certificate_sha256, role } = read(said)?;
    at(counter, move |center| {
        let had = center.register.write(|tx| operators::end(tx, &unit, &certificate_sha256, role))?;
        if had { Ok(Done {}) } else { Err(Refusal::of(ProblemCode::NotFound)) }
    })
    .await
}

/// The center's time.
#[derive(Serialize)]
struct Now {
    /// RFC 3339
    now: String,
}

/// Where to move it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Move {
    /// Stands still at a time.
    At(Timestamp),
    /// Goes on so many days later.
    Days(u16),
}

async fn clock(State(counter): State<Counter>) -> Result<Json<Now>, Refusal> {
    at(counter, |center| Ok(Now { now: center.clock.rfc3339() })).await
}

async fn move_clock(State(counter): State<Counter>, said: Said<Move>) -> Result<Json<Now>, Refusal> {
    let to = read(said)?;
    at(counter, move |center| {
        match to {
            Move::At(time) => center.clock.move_to(time),
            Move::Days(days) => center.clock.shift(SignedDuration::from_hours(24 * i64::from(days))),
        }
        center.work()?;
        Ok(Now { now: center.clock.rfc3339() })
    })
    .await
}

/// Nothing to say.
#[derive(Serialize)]
struct Done {}

/// The unit's bank sends money.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    unit: String,
    amount: Yuan,
    remark: String,
}

async fn transfer(State(counter): State<Counter>, said: Said<Transfer>) -> Result<Json<Done>, Refusal> {
    let Transfer { unit, amount, remark } = read(said)?;
    if amount <= Yuan::ZERO {
        return Err(Refusal::of(ProblemCode::Malformed));
    }
    at(counter, move |center| {
        let today = center.clock.today();
        of_unit(center, unit, |tx, unit| bank::transfer(tx, &bank::unit(tx, unit)?, today, amount, &remark))
    })
    .await
}

/// What the bank says to a unit's next debit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DebitRefusal {
    unit: String,
    answer: String,
}

async fn refuse_debit(State(counter): State<Counter>, said: Said<DebitRefusal>) -> Result<Json<Done>, Refusal> {
    let DebitRefusal { unit, answer } = read(said)?;
    at(counter, move |center| of_unit(center, unit, |tx, unit| incoming::set_debit_answer(tx, unit, &answer))).await
}

/// Until when a unit's agreement on 委托收款 holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    unit: String,
    last_day: Date,
}

async fn agree(State(counter): State<Counter>, said: Said<Agreement>) -> Result<Json<Done>, Refusal> {
    let Agreement { unit, last_day } = read(said)?;
    at(counter, move |center| of_unit(center, unit, |tx, unit| dues::agree_on_debits(tx, unit, last_day))).await
}

fn of_unit(
    center: &Center,
    unit: String,
    work: impl FnOnce(&rusqlite::Transaction<'_>, &str) -> Result<(), CenterError>,
) -> Result<Done, Refusal> {
    center.register.write(|tx| {
        units::roster_version(tx, &unit)?.ok_or_else(|| Refusal::of(ProblemCode::NotFound))?;
        Ok::<_, Refusal>(work(tx, &unit)?)
    })?;
    Ok(Done {})
}

/// Days, both included.
#[derive(Deserialize)]
struct Days {
    from: Date,
    to: Date,
}

async fn statement(
    State(counter): State<Counter>,
    days: Result<Query<Days>, QueryRejection>,
) -> Result<Json<Vec<StatementLine>>, Refusal> {
    let Query(Days { from, to }) = days.map_err(|_| Refusal::of(ProblemCode::Malformed))?;
    at(counter, move |center| {
        center.work()?;
        Ok(center.register.read(|c| incoming::statement(c, from, to))?)
    })
    .await
}
