//! Reads of what a unit may ask: ledgers, accounts and withdrawals, by period and page by page.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
use huijiao_protocol::MAX_PAGE;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::queries::{ContributorAccount, LedgerPage, PersonalWithdrawal, UnitMoney};
use huijiao_protocol::resources::Page;
use jiff::civil::Date;
use rusqlite::Connection;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::caller::Caller;
use super::problem::Refusal;
use super::remittance::of_unit;
use crate::center::Center;
use crate::register::queries::{self, Mark, Period};

/// Which part of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
}

impl Asked {
    /// The period; all of time where nothing is said.
    pub(super) fn period(&self) -> Result<Period, Refusal> {
        let wrong = || Refusal::of(ProblemCode::QueryInvalid);
        let day = |said: &Option<String>, open: Date, of: fn((Date, Date)) -> Date| match said {
            None => Some(open),
            Some(said) => days(said).map(of),
        };
        let from = day(&self.from, Date::ZERO, |(first, _)| first).ok_or_else(wrong)?;
        let to = day(&self.to, Date::MAX, |(_, last)| last).ok_or_else(wrong)?;
        if from <= to { Ok(Period { from, to }) } else { Err(wrong()) }
    }

    /// The place in a list of entries.
    fn mark(&self, connection: &Connection, period: Period) -> Result<Option<Mark>, Refusal> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let mark = Mark::read(connection, cursor, period)?;
        mark.map(Some).ok_or_else(|| Refusal::of(ProblemCode::CursorInvalid))
    }

    /// The place in a list that goes by 业务流水号, or by another number.
    pub(super) fn number(&self) -> Result<Option<&str>, Refusal> {
        match self.cursor.as_deref() {
            Some(cursor) if cursor.is_empty() || !cursor.bytes().all(|b| b.is_ascii_digit()) => {
                Err(Refusal::of(ProblemCode::CursorInvalid))
            }
            cursor => Ok(cursor),
        }
    }
}

/// First and last day of what is said: a day, or a month.
fn days(said: &str) -> Option<(Date, Date)> {
    if let Ok(month) = said.parse::<Month>() {
        let first = Date::new(month.year(), month.month(), 1).ok()?;
        return Some((first, first.last_of_month()));
    }
    let day: Date = said.parse().ok()?;
    (day.to_string() == said).then_some((day, day))
}

/// A word that a list is narrowed to.
pub(super) fn word<T: DeserializeOwned>(said: Option<String>) -> Result<Option<T>, Refusal> {
    let read = |said| serde_json::from_value(serde_json::Value::String(said));
    said.map(read).transpose().map_err(|_| Refusal::of(ProblemCode::QueryInvalid))
}

/// `GET /v1/units/{account}/ledger?from&to&cursor`: 单位明细账
pub(super) async fn ledger(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<LedgerPage<UnitMoney>>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        let (period, unit) = (asked.period()?, unit.account.as_str());
        let mark = asked.mark(c, period)?;
        Ok(queries::UNIT.page(c, (unit, unit), period, mark, MAX_PAGE)?)
    })
    .await
}

/// `GET /v1/units/{account}/suspense?from&to&cursor`: 暂存款明细
pub(super) async fn suspense(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<LedgerPage<Yuan>>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        let (period, unit) = (asked.period()?, unit.account.as_str());
        let mark = asked.mark(c, period)?;
        Ok(queries::SUSPENSE.page(c, (unit, unit), period, mark, MAX_PAGE)?)
    })
    .await
}

/// `GET /v1/units/{account}/withdrawals?from&to&cursor`: 提取记录
pub(super) async fn withdrawals(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<PersonalWithdrawal>>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        let period = asked.period()?;
        let mark = asked.mark(c, period)?;
        Ok(queries::withdrawals(c, &unit.account, period, mark, MAX_PAGE)?)
    })
    .await
}

/// Whose accounts.
#[derive(Debug, Deserialize)]
pub(super) struct Whose {
    status: Option<String>,
    #[serde(flatten)]
    asked: Asked,
}

/// `GET /v1/units/{account}/contributors?status&cursor`: 缴存人账户, in the roster's order.
pub(super) async fn contributors(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path(account): Path<String>,
    Query(whose): Query<Whose>,
) -> Result<Json<Page<ContributorAccount>>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        let after = whose.asked.number()?.map_or(Ok(-1), str::parse);
        let after = after.map_err(|_| Refusal::of(ProblemCode::CursorInvalid))?;
        Ok(queries::accounts(c, &unit.account, word(whose.status)?, after, MAX_PAGE)?)
    })
    .await
}

/// `GET /v1/units/{account}/contributors/{person}`: one account, by its 个人账号.
pub(super) async fn contributor(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path((account, person)): Path<(String, String)>,
) -> Result<Json<ContributorAccount>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        queries::one_account(c, &unit.account, &person)?.ok_or_else(|| Refusal::of(ProblemCode::NotFound))
    })
    .await
}

/// `GET /v1/units/{account}/contributors/{person}/ledger?from&to&cursor`: 个人明细账
pub(super) async fn contributor_ledger(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Path((account, person)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Json<LedgerPage<Contribution>>, Refusal> {
    of_unit(center, caller, account, move |c, unit| {
        if queries::one_account(c, &unit.account, &person)?.is_none() {
            return Err(Refusal::of(ProblemCode::NotFound));
        }
        let period = asked.period()?;
        let mark = asked.mark(c, period)?;
        Ok(queries::PERSON.page(c, (&unit.account, &person), period, mark, MAX_PAGE)?)
    })
    .await
}
