//! Reads of the center's rules, the units and their rosters.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::roster::Unit;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::{CenterInfo, Lookup, LookupAnswer, UnitOfOperator};
use huijiao_protocol::stream::{RosterEnd, RosterHead};
use huijiao_protocol::{MAX_LOOKUP, PROTOCOL};
use serde::Serialize;

use super::caller::Caller;
use super::off_thread;
use super::problem::Refusal;
use crate::center::Center;
use crate::error::CenterError;
use crate::register::{self, operators, units};

/// `GET /v1/center`: the one answer that needs no certificate.
pub(super) async fn center(State(center): State<Arc<Center>>) -> Result<Json<CenterInfo>, Refusal> {
    off_thread(move || {
        let profile = center.register.read(register::profile)?;
        let profile = profile.ok_or_else(|| CenterError::Content("no profile".into()))?;
        let kinds = FilingKind::ALL.to_vec();
        Ok(Json(CenterInfo { protocol: PROTOCOL, time: center.clock.rfc3339(), profile, kinds }))
    })
    .await
}

/// `GET /v1/units`: the operator's own.
pub(super) async fn units(
    State(center): State<Arc<Center>>,
    caller: Caller,
) -> Result<Json<Vec<UnitOfOperator>>, Refusal> {
    off_thread(move || {
        let Some(operator) = caller.operator else { return Ok(Json(Vec::new())) };
        Ok(Json(center.register.read(|c| operators::units(c, operator))?))
    })
    .await
}

/// `GET /v1/units/{account}`
pub(super) async fn unit(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
) -> Result<Json<Unit>, Refusal> {
    off_thread(move || {
        center.register.read(|c| {
            caller.must_see(c, &account)?;
            units::unit(c, &account)?.map(Json).ok_or_else(|| Refusal::of(ProblemCode::NotFound))
        })
    })
    .await
}

/// `POST /v1/units/{account}/lookup`: what the center knows of people who are not in the unit. Whoever asks must
/// know the name that goes with an ID number.
pub(super) async fn lookup(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
    asked: Result<Json<Lookup>, JsonRejection>,
) -> Result<Json<LookupAnswer>, Refusal> {
    let Json(Lookup { people }) = asked?;
    if people.len() > MAX_LOOKUP {
        return Err(Refusal::of(ProblemCode::TooLarge));
    }
    off_thread(move || {
        center.register.read(|c| {
            caller.must_see(c, &account)?;
            let answers = people
                .iter()
                .map(|one| register::people::elsewhere(c, &account, &one.id_number, &one.name))
                .collect::<Result<_, _>>()?;
            Ok(Json(LookupAnswer { answers }))
        })
    })
    .await
}

/// `GET /v1/units/{account}/roster`: NDJSON; a head with the version, one contributor per line, and a last line
/// that says how many there were, so that a cut stream cannot pass for a whole one. Always the whole roster.
pub(super) async fn roster(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    off_thread(move || {
        center.register.read(|c| {
            caller.must_see(c, &account)?;
            let version = units::roster_version(c, &account)?.ok_or_else(|| Refusal::of(ProblemCode::NotFound))?;
            let tag = format!("\"{version}\"");
            if knows_already(&headers, &tag) {
                return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
            }
            let mut lines = Vec::new();
            line(&mut lines, &RosterHead { version, unit: account.clone() })?;
            let unit = units::unit(c, &account)?.ok_or_else(|| Refusal::of(ProblemCode::NotFound))?;
            let mut people = 0;
            units::each_contributor(c, &account, |mut one| {
                people += 1;
                one.person.earlier.retain(|earlier| earlier.through >= unit.first_unverified);
                line(&mut lines, &one.person)
            })?;
            line(&mut lines, &RosterEnd { end: people })?;
            Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, "application/x-ndjson".into())], lines).into_response())
        })
    })
    .await
}

fn line<T: Serialize>(lines: &mut Vec<u8>, value: &T) -> Result<(), CenterError> {
    serde_json::to_writer(&mut *lines, value).map_err(|e| CenterError::Content(e.to_string()))?;
    lines.push(b'\n');
    Ok(())
}

fn knows_already(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag)
}
