//! Reads of a unit's months and money.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use huijiao_domain::month::Month;
use huijiao_domain::profile::BankAccount;
use huijiao_domain::remittance::{Books, VerifiedMonth, due_list};
use huijiao_domain::roster::Unit;
use huijiao_protocol::MAX_PAGE;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::{MonthList, Page, PaymentOrder};
use rusqlite::Connection;

use super::caller::Caller;
use super::off_thread;
use super::problem::Refusal;
use super::queries::Asked;
use crate::center::Center;
use crate::error::CenterError;
use crate::register::{self, orders, units};

/// Reads something of a unit that the caller may see.
pub(super) async fn of_unit<T: Send + 'static>(
    center: Arc<Center>,
    caller: Caller,
    account: String,
    read: impl FnOnce(&Connection, Unit) -> Result<T, Refusal> + Send + 'static,
) -> Result<Json<T>, Refusal> {
    off_thread(move || {
        center.register.read(|c| {
            caller.must_see(c, &account)?;
            let unit = units::unit(c, &account)?.ok_or_else(|| Refusal::of(ProblemCode::NotFound))?;
            read(c, unit).map(Json)
        })
    })
    .await
}

/// `GET /v1/units/{account}/books`: all that the checks of months and money need.
pub(super) async fn books(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
) -> Result<Json<Books>, Refusal> {
    of_unit(center, caller, account, |c, unit| Ok(register::books::of_unit(c, &unit)?)).await
}

/// `GET /v1/units/{account}/months`: the verified ones of the last two years, oldest first.
pub(super) async fn months(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
) -> Result<Json<Vec<VerifiedMonth>>, Refusal> {
    of_unit(center, caller, account, |c, unit| Ok(register::books::of_unit(c, &unit)?.months)).await
}

/// `GET /v1/units/{account}/months/{m}/list`: frozen once the month is verified, as the roster makes it before.
pub(super) async fn list(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path((account, month)): Path<(String, String)>,
) -> Result<Json<MonthList>, Refusal> {
    let month: Month = month.parse().map_err(|_| Refusal::of(ProblemCode::NotFound))?;
    of_unit(center, caller, account, move |c, unit| {
        let missing = || Refusal::of(ProblemCode::NotFound);
        if month < unit.first_unverified {
            let roster_version = register::months::version(c, &unit.account, month)?.ok_or_else(missing)?;
            let lines = register::months::lines(c, &unit.account, month)?;
            return Ok(MonthList { month, verified: true, roster_version, lines });
        }
        let (roster, _) = units::roster(c, &unit.account)?.ok_or_else(missing)?;
        let lines = due_list(&roster, month);
        Ok(MonthList { month, verified: false, roster_version: roster.version, lines })
    })
    .await
}

fn collection_account(connection: &Connection) -> Result<BankAccount, Refusal> {
    let profile = register::profile(connection)?;
    let account = profile.and_then(|profile| profile.collection_account);
    Ok(account.ok_or_else(|| CenterError::Content("no collection account".into()))?)
}

/// `GET /v1/units/{account}/payments?from&to&cursor`: orders by the day they were made, newest first.
pub(super) async fn payments(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<PaymentOrder>>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        let mut found = orders::of_unit(c, &unit.account, asked.period()?, asked.number()?, MAX_PAGE + 1)?;
        let more = found.len() > MAX_PAGE;
        found.truncate(MAX_PAGE);
        let next = found.last().filter(|_| more).map(|order| order.number.clone());
        let to = if found.is_empty() { None } else { Some(collection_account(c)?) };
        let items = found.into_iter().zip(to.iter().cycle()).map(|(order, to)| order.seen(to.clone()));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next })
    })
    .await
}

/// `GET /v1/units/{account}/payments/{number}`
pub(super) async fn payment(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path((account, number)): Path<(String, String)>,
) -> Result<Json<PaymentOrder>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        let order = orders::one(c, &number)?.filter(|order| order.unit == unit.account);
        let order = order.ok_or_else(|| Refusal::of(ProblemCode::NotFound))?;
        Ok(order.seen(collection_account(c)?)?)
    })
    .await
}
