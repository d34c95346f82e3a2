//! Filings and their receipts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::month::Month;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{FilingStatus, Page};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::operators::OperatorId;
use super::queries::Period;
use super::{from_text, to_text, verdicts};
use crate::error::CenterError;

/// A filing on its way into the register.
pub(crate) struct NewFiling<'a> {
    pub(crate) id: Uuid,
    pub(crate) unit: &'a str,
    pub(crate) kind: FilingKind,
    pub(crate) period: Month,
    pub(crate) state: FilingState,
    pub(crate) number: &'a str,
    pub(crate) bytes: &'a [u8],
    pub(crate) sha256: &'a str,
    pub(crate) accepted_at: &'a str,
    pub(crate) operator: OperatorId,
}

/// The next 业务流水号 of the center: the day and eight digits, never given twice.
pub(crate) fn next_number(connection: &Connection, today: Date) -> Result<String, CenterError> {
    let day = today.strftime("%Y%m%d").to_string();
    let last: u32 = connection.query_row(
        "insert into sequence (day, last) values (?1, 1) on conflict (day) do update set last = last + 1 \
         returning last",
        [&day],
        |row| row.get(0),
    )?;
    Ok(format!("{day}{last:08}"))
}

/// Keeps a filing.
pub(crate) fn add(connection: &Connection, filing: &NewFiling<'_>) -> Result<(), CenterError> {
    connection.execute(
        "insert into filing (id, unit, kind, period, state, number, bytes, sha256, accepted_at, operator) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            filing.id.to_string(),
            filing.unit,
            to_text(&filing.kind)?,
            to_text(&filing.period)?,
            to_text(&filing.state)?,
            filing.number,
            filing.bytes,
            filing.sha256,
            filing.accepted_at,
            filing.operator,
        ],
    )?;
    Ok(())
}

/// Moves a filing on.
pub(crate) fn set_state(connection: &Connection, id: Uuid, state: FilingState) -> Result<(), CenterError> {
    connection.execute("update filing set state = ?2 where id = ?1", params![id.to_string(), to_text(&state)?])?;
    Ok(())
}

/// A filing file, as it came.
pub(crate) fn bytes(connection: &Connection, id: Uuid) -> Result<Vec<u8>, CenterError> {
    Ok(connection.query_row("select bytes from filing where id = ?1", [id.to_string()], |row| row.get(0))?)
}

/// Notes the roster version that a filing makes.
pub(crate) fn set_roster_version(connection: &Connection, id: Uuid, version: u64) -> Result<(), CenterError> {
    connection.execute("update filing set roster_version = ?2 where id = ?1", params![id.to_string(), version])?;
    Ok(())
}

/// The hash of a unit's newest receipt.
pub(crate) fn last_receipt(connection: &Connection, unit: &str) -> Result<Option<String>, CenterError> {
    Ok(connection
        .query_row("select sha256 from receipt where unit = ?1 order by place desc limit 1", [unit], |row| row.get(0))
        .optional()?)
}

/// Keeps a receipt as the unit's newest.
pub(crate) fn add_receipt(
    connection: &Connection,
    filing: Uuid,
    unit: &str,
    bytes: &[u8],
    sha256: &str,
    previous: Option<&str>,
) -> Result<(), CenterError> {
    connection.execute(
        "insert into receipt (filing, unit, place, bytes, sha256, previous) \
         values (?1, ?2, (select coalesce(max(place), 0) + 1 from receipt where unit = ?2), ?3, ?4, ?5)",
        params![filing.to_string(), unit, bytes, sha256, previous],
    )?;
    Ok(())
}

/// Whether another filing of this kind is still open in a unit.
pub(crate) fn open_one(connection: &Connection, unit: &str, kind: FilingKind, but: Uuid) -> Result<bool, CenterError> {
    let open = [FilingState::AwaitingApproval, FilingState::Accepted, FilingState::InReview];
    let [awaiting, accepted, in_review] = open.map(|state| to_text(&state));
    Ok(connection.query_row(
        "select exists (select 1 from filing where unit = ?1 and kind = ?2 and state in (?3, ?4, ?5) and id <> ?6)",
        params![unit, to_text(&kind)?, awaiting?, accepted?, in_review?, but.to_string()],
        |row| row.get(0),
    )?)
}

/// A filing's receipts, oldest first.
pub(crate) fn receipts(connection: &Connection, filing: Uuid) -> Result<Vec<Vec<u8>>, CenterError> {
    let mut statement = connection.prepare_cached("select bytes from receipt where filing = ?1 order by place")?;
    let rows = statement.query_map([filing.to_string()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

const STATUS: &str = "select id, number, unit, kind, period, state, accepted_at, sha256 from filing";

fn kept(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    (0..8).map(|column| row.get(column)).collect()
}

fn status(connection: &Connection, texts: Vec<String>) -> Result<FilingStatus, CenterError> {
    let Ok([id, filing_number, unit_account, kind, period, state, accepted_at, filing_sha256]) =
        <[String; 8]>::try_from(texts)
    else {
        return Err(CenterError::Content("filing".into()));
    };
    let id = from_text(id)?;
    let mut receipts: Vec<_> = receipts(connection, id)?.into_iter().map(|bytes| STANDARD.encode(bytes)).collect();
    let receipt = receipts.pop().ok_or_else(|| CenterError::Content("a filing without receipt".into()))?;
    Ok(FilingStatus {
        id,
        filing_number,
        unit_account,
        kind: from_text(kind)?,
        period: from_text(period)?,
        state: from_text(state)?,
        accepted_at,
        filing_sha256,
        approved_sha256: verdicts::approved(connection, id)?.map(|approved| approved.sha256),
        receipt,
        earlier_receipts: receipts,
    })
}

/// A filing with its receipts.
pub(crate) fn one(connection: &Connection, id: Uuid) -> Result<Option<FilingStatus>, CenterError> {
    connection
        .query_row(&format!("{STATUS} where id = ?1"), [id.to_string()], kept)
        .optional()?
        .map(|texts| status(connection, texts))
        .transpose()
}

/// Which filings are listed.
pub(crate) struct Wanted<'a> {
    /// Of this operator's units.
    pub(crate) operator: OperatorId,
    /// Of this unit only.
    pub(crate) unit: Option<&'a str>,
    pub(crate) kind: Option<FilingKind>,
    pub(crate) state: Option<FilingState>,
    /// With this 业务流水号 only.
    pub(crate) number: Option<&'a str>,
    /// When they were accepted.
    pub(crate) period: Period,
    /// Before this 业务流水号.
    pub(crate) before: Option<&'a str>,
}

/// Filings with their receipts, newest first.
pub(crate) fn listed(
    connection: &Connection,
    wanted: &Wanted<'_>,
    most: usize,
) -> Result<Page<FilingStatus>, CenterError> {
    let mut statement = connection.prepare_cached(&format!(
        "{STATUS} where unit in (select unit from role where operator = ?1) and (?2 is null or unit = ?2) \
         and (?3 is null or kind = ?3) and (?4 is null or state = ?4) \
         and date(accepted_at, '+8 hours') between ?5 and ?6 and (?7 is null or number < ?7) \
         and (?9 is null or number = ?9) order by number desc limit ?8"
    ))?;
    let (kind, state) = (wanted.kind.map(|kind| to_text(&kind)), wanted.state.map(|state| to_text(&state)));
    let asked = params![
        wanted.operator,
        wanted.unit,
        kind.transpose()?,
        state.transpose()?,
        wanted.period.from.to_string(),
        wanted.period.to.to_string(),
        wanted.before,
        most + 1,
        wanted.number
    ];
    let mut rows = statement.query_map(asked, kept)?;
    let mut items = Vec::new();
    for row in rows.by_ref().take(most) {
        items.push(status(connection, row?)?);
    }
    let more = rows.next().transpose()?.is_some();
    let next = items.last().filter(|_| more).map(|last| last.filing_number.clone());
    Ok(Page { items, next })
}
