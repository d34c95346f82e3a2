//! 单位信息查询: asked at the center, kept as it was answered, shown page by page, written as a workbook.

use std::collections::BTreeMap;
use std::sync::Arc;

use huijiao_domain::capitals::capitals;
use huijiao_domain::filing::FilingKind;
use huijiao_gateway::{Gateway, NetError};
use huijiao_protocol::queries::Days;
use huijiao_protocol::receipt::FilingState;
use huijiao_sheets::write::{Holds, Listing, listing_until, safe_stem};
use huijiao_signing::{Crl, TrustAnchors};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::background::in_place;
use crate::calls::blocking;
use crate::contributors::day;
use crate::error::DeskError;
use crate::step::Step;
use crate::submit::state_word;
use crate::views::{ExportedFile, QueryCell, QueryColumn, QueryForm, QueryKind, QueryRow, QuerySpan, QueryView};
use crate::workbooks::{LONGEST, put};
use crate::{Desk, text};

mod filing;
mod tables;

/// Lines of a page.
const PAGE: usize = 200;

/// All that was answered, as it is shown.
#[derive(Debug, Serialize, Deserialize)]
struct QueryTable {
    title: String,
    period: String,
    columns: Vec<QueryColumn>,
    rows: Vec<QueryRow>,
    /// Answers that were kept before there were any have none.
    #[serde(default)]
    subtotals: Vec<Vec<String>>,
    totals: Vec<String>,
    balances: Vec<(String, String)>,
}

impl QueryTable {
    /// All that stands below the lines.
    fn sums(&self) -> Vec<Vec<String>> {
        let totals = Some(&self.totals).filter(|line| !line.is_empty());
        self.subtotals.iter().chain(totals).cloned().collect()
    }
}

/// The answer that is looked at.
pub(crate) struct Queried {
    key: String,
    table: Arc<QueryTable>,
    taken_at: String,
    stale: bool,
}

/// A question and where it goes.
struct Asked {
    form: QueryForm,
    days: Days,
    /// Under which the answer is kept.
    key: String,
    gateway: Arc<Gateway>,
    account: String,
    /// Of the contributor; his account where the roster does not know him.
    name: String,
    anchors: TrustAnchors,
    crls: Vec<Crl>,
}

impl Desk {
    /// A page of what a query finds. Where the center does not answer, what it answered last.
    ///
    /// # Errors
    /// A period that is none, what the center refuses, no answer and no copy.
    pub async fn query(self: &Arc<Self>, form: QueryForm, page: u32, fresh: bool) -> Result<QueryView, DeskError> {
        let asked = self.asked(form)?;
        let known = self.inner().queried.as_ref().is_some_and(|queried| queried.key == asked.key);
        if fresh || !known {
            self.fetch(&asked).await?;
        }
        let inner = self.inner();
        let queried = inner.queried.as_ref().filter(|queried| queried.key == asked.key);
        // Another question came in between; its page is asked for again.
        let queried = queried.ok_or_else(|| DeskError::refusal(DeskError::QUERY_OVERTAKEN))?;
        Ok(view(queried, asked.form, page))
    }

    /// Writes the whole of what a query found as a workbook: what is looked at, or else what it finds now.
    ///
    /// # Errors
    /// As [`Desk::query`]; the folder cannot be written.
    pub async fn query_export(self: &Arc<Self>, form: QueryForm) -> Result<ExportedFile, DeskError> {
        let step = self.begin_step();
        step.or_given_up(self.query(form, 0, false)).await??;
        blocking(self, move |desk| desk.write_query(&step)).await
    }

    fn write_query(&self, step: &Step) -> Result<ExportedFile, DeskError> {
        let (table, notes, folder) = {
            let inner = self.inner();
            let session = inner.session()?;
            let queried = inner.queried.as_ref().ok_or_else(|| DeskError::refusal(DeskError::QUERY_OVERTAKEN))?;
            let unit = session.unit.as_ref().map(|unit| unit.name.clone()).unwrap_or_default();
            let mut notes = vec![format!("单位：{unit}　单位账号：{}", session.connection.unit_account)];
            if !queried.table.period.is_empty() {
                notes.push(format!("期间：{}", queried.table.period));
            }
            let balances = queried.table.balances.iter().map(|(label, amount)| format!("{label}：{amount} 元"));
            notes.extend(balances);
            let copy = if queried.stale { "（本机副本）" } else { "" };
            notes.push(format!("数据时间：{}{copy}", text::local_time(&queried.taken_at)));
            (queried.table.clone(), notes, self.config.export_folder.join("查询"))
        };
        let list = Listing {
            title: table.title.clone(),
            notes,
            columns: table.columns.iter().map(|column| (column.label.clone(), holds(column.form))).collect(),
            rows: table.rows.iter().map(|row| row.cells.clone()).collect(),
            totals: table.sums(),
        };
        let bytes = listing_until(&list, &mut |done, total| step.at(done, Some(total)));
        step.still_wanted()?;
        let bytes = bytes?;
        let period = if table.period.is_empty() { String::new() } else { format!("-{}", table.period) };
        let stem = safe_stem(&format!("{}{period}", table.title), LONGEST);
        self.settle_step(step)?;
        let file = put(&folder, &stem, "xlsx", &bytes)?;
        Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
    }

    fn asked(&self, form: QueryForm) -> Result<Asked, DeskError> {
        let (gateway, account) = self.reach()?;
        let inner = self.inner();
        let session = inner.session()?;
        let now = self.now(&inner);
        let days = days(&form, session.known(now).today)?;
        let said = [days.from, days.to].map(|day| day.map(|day| day.to_string()));
        let key = (&session.info.profile.code, form.query, said, &form.kind, &form.state, &form.account);
        let people = session.roster.iter().flat_map(|roster| &roster.contributors);
        let person = people.into_iter().find(|person| person.personal_account == form.account);
        Ok(Asked {
            key: serde_json::to_string(&key).map_err(|e| DeskError::Internal(e.to_string()))?,
            days,
            gateway,
            account,
            name: person.map_or_else(|| form.account.clone(), |person| person.name.to_string()),
            anchors: TrustAnchors::from_der(&session.connection.anchors)?,
            crls: session.crls().to_vec(),
            form,
        })
    }

    /// Asks the center and keeps its answer, or takes what was kept.
    async fn fetch(&self, asked: &Asked) -> Result<(), DeskError> {
        let answer = self.ask_center(asked).await;
        in_place(|| self.take_table(asked, answer))
    }

    /// Keeps what the center answered, or takes what was kept.
    fn take_table(&self, asked: &Asked, answer: Result<QueryTable, DeskError>) -> Result<(), DeskError> {
        let mut inner = self.inner();
        let (table, taken_at, stale) = match answer {
            Ok(table) => {
                let taken_at = text::stamp(self.now(&inner));
                inner.store()?.put_query(&asked.account, &asked.key, &table, &taken_at)?;
                (table, taken_at, false)
            }
            Err(DeskError::Net(fault)) => {
                let kept = if kept_for(&fault) { inner.store()?.query(&asked.account, &asked.key)? } else { None };
                let (table, taken_at) = kept.ok_or(fault)?;
                (table, taken_at, true)
            }
            Err(error) => return Err(error),
        };
        inner.queried = Some(Queried { key: asked.key.clone(), table: Arc::new(table), taken_at, stale });
        Ok(())
    }

    async fn ask_center(&self, asked: &Asked) -> Result<QueryTable, DeskError> {
        let Asked { form, days, gateway, account, .. } = asked;
        let mut table = match form.query {
            QueryKind::Unit => {
                let (unit, books) = (gateway.unit(account).await?, gateway.books(account).await?);
                tables::unit(&unit, &books)
            }
            QueryKind::Ledger => tables::ledger(&gateway.ledger(account, *days).await?)?,
            QueryKind::Suspense => tables::suspense(&gateway.suspense(account, *days).await?)?,
            QueryKind::Accounts => {
                let status = Some(form.state.as_str()).filter(|status| !status.is_empty());
                tables::accounts(&gateway.contributor_accounts(account, status).await?)
            }
            QueryKind::Withdrawals => tables::withdrawals(&gateway.withdrawals(account, *days).await?),
            QueryKind::Payments => tables::payments(&gateway.payments(account, *days).await?),
            QueryKind::Filings => {
                let only = |said: &'static str, value| (said, Some(value).filter(|value: &&str| !value.is_empty()));
                let narrowed = [only("kind", form.kind.as_str()), only("state", form.state.as_str())];
                let filings = gateway.filings(account, *days, &narrowed).await?;
                in_place(|| tables::filings(&filings, &asked.anchors, &asked.crls))
            }
            QueryKind::Contributor => {
                let ledger = gateway.contributor_ledger(account, &form.account, *days).await?;
                tables::contributor(&asked.name, &ledger)?
            }
        };
        if !matches!(form.query, QueryKind::Unit | QueryKind::Accounts) {
            table.period = said(*days);
        }
        in_place(|| self.lead_to_filings(account, form.query, &mut table))?;
        Ok(table)
    }
}

/// Whether an answer from before is better than none: not where the center itself refuses.
fn kept_for(fault: &NetError) -> bool {
    !matches!(fault, NetError::Problem(_))
}

fn view(queried: &Queried, form: QueryForm, page: u32) -> QueryView {
    let table = &queried.table;
    let pages = table.rows.len().div_ceil(PAGE).max(1);
    // What was on the last page may be gone meanwhile.
    let place = usize::try_from(page).unwrap_or(usize::MAX).min(pages - 1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    QueryView {
        title: table.title.clone(),
        period: table.period.clone(),
        columns: table.columns.clone(),
        rows: table.rows.iter().skip(place * PAGE).take(PAGE).cloned().collect(),
        subtotals: table.subtotals.clone(),
        totals: table.totals.clone(),
        balances: table.balances.clone(),
        capitals: in_words(table),
        total: count(table.rows.len()),
        page: count(place),
        pages: count(pages),
        kinds: if form.query == QueryKind::Filings { kinds() } else { Vec::new() },
        states: states(form.query),
        as_of: text::local_time(&queried.taken_at),
        stale: queried.stale,
        form,
    }
}

/// The sums and balances in words.
fn in_words(table: &QueryTable) -> BTreeMap<String, String> {
    let money = |form: QueryCell| matches!(form, QueryCell::Amount | QueryCell::Signed);
    let sums = table.subtotals.iter().chain(Some(&table.totals)).flat_map(|line| {
        let cells = line.iter().zip(&table.columns);
        cells.filter(move |(_, column)| money(column.form)).map(|(cell, _)| cell)
    });
    let amounts = sums.chain(table.balances.iter().map(|(_, amount)| amount));
    amounts.filter_map(|amount| Some((amount.clone(), capitals(amount.parse().ok()?)))).collect()
}

fn kinds() -> Vec<(String, String)> {
    FilingKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect()
}

fn states(query: QueryKind) -> Vec<(String, String)> {
    match query {
        QueryKind::Accounts => tables::STATUSES.map(|status| (tables::word(&status), status.label().to_owned())).into(),
        QueryKind::Filings => {
            use FilingState::{Accepted, InReview, PartlySettled, Refused, Settled, Withdrawn};
            let all = [Accepted, InReview, Settled, PartlySettled, Refused, Withdrawn];
            all.map(|state| (state_word(state), state.label().to_owned())).into()
        }
        QueryKind::Unit
        | QueryKind::Ledger
        | QueryKind::Suspense
        | QueryKind::Withdrawals
        | QueryKind::Payments
        | QueryKind::Contributor => Vec::new(),
    }
}

fn holds(form: QueryCell) -> Holds {
    match form {
        QueryCell::Text | QueryCell::Code => Holds::Text,
        QueryCell::Count => Holds::Count,
        QueryCell::Amount | QueryCell::Signed => Holds::Amount,
    }
}

/// The days that are asked for.
fn days(form: &QueryForm, today: Date) -> Result<Days, DeskError> {
    let year = |year: i16| Days { from: Some(date(year, 1, 1)), to: Some(date(year, 12, 31)) };
    Ok(match form.span {
        QuerySpan::Month => Days { from: Some(today.first_of_month()), to: Some(today.last_of_month()) },
        QuerySpan::Year => year(today.year()),
        QuerySpan::LastYear => year(today.checked_sub(1.year()).unwrap_or(today).year()),
        QuerySpan::All => Days::default(),
        QuerySpan::Days => {
            let days = Days { from: day(&form.from)?, to: day(&form.to)? };
            if days.from.zip(days.to).is_some_and(|(from, to)| from > to) {
                return Err(DeskError::refusal(DeskError::PERIOD_REVERSED));
            }
            days
        }
    })
}

/// A period in words.
fn said(days: Days) -> String {
    match (days.from, days.to) {
        (Some(from), Some(to)) => format!("{from} 至 {to}"),
        (Some(from), None) => format!("{from} 起"),
        (None, Some(to)) => format!("截至 {to}"),
        (None, None) => "全部".into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn form(span: QuerySpan, from: &str, to: &str) -> QueryForm {
        QueryForm {
            query: QueryKind::Ledger,
            span,
            from: from.into(),
            to: to.into(),
            kind: String::new(),
            state: String::new(),
            account: String::new(),
        }
    }

    #[test]
    fn periods_are_of_the_center_s_calendar() {
        let today = date(2028, 2, 29);
        let of = |span, from: &str, to: &str| days(&form(span, from, to), today).map(said);
        assert_eq!(of(QuerySpan::Month, "", "").unwrap(), "2028-02-01 至 2028-02-29");
        assert_eq!(of(QuerySpan::Year, "1999-01-01", "").unwrap(), "2028-01-01 至 2028-12-31", "what is typed waits");
        assert_eq!(of(QuerySpan::LastYear, "", "").unwrap(), "2027-01-01 至 2027-12-31");
        assert_eq!(of(QuerySpan::All, "", "").unwrap(), "全部");
        assert_eq!(of(QuerySpan::Days, "2027-12-31", "").unwrap(), "2027-12-31 起");
        assert_eq!(of(QuerySpan::Days, " 2027-12-31 ", "2027-12-31").unwrap(), "2027-12-31 至 2027-12-31");
        let code = |from, to| of(QuerySpan::Days, from, to).unwrap_err().code().to_owned();
        assert_eq!(code("2028-01-01", "2027-12-31"), DeskError::PERIOD_REVERSED);
        assert_eq!(code("去年", ""), DeskError::DAY_UNREADABLE, "nothing is guessed");
    }

    #[test]
    fn a_page_that_is_gone_is_the_last_one() {
        let row = |n: usize| QueryRow { cells: vec![n.to_string()], jump: None };
        let table = |rows: usize| QueryTable {
            title: String::new(),
            period: String::new(),
            columns: Vec::new(),
            rows: (0..rows).map(row).collect(),
            subtotals: Vec::new(),
            totals: Vec::new(),
            balances: Vec::new(),
        };
        let at = |rows, page| {
            let table = Arc::new(table(rows));
            let queried = Queried { key: String::new(), table, taken_at: String::new(), stale: false };
            let view = view(&queried, form(QuerySpan::Year, "", ""), page);
            let first = view.rows.first().map_or(String::new(), |row| row.cells[0].clone());
            (view.page, view.pages, view.total, view.rows.len(), first)
        };
        assert_eq!(at(0, 0), (0, 1, 0, 0, String::new()), "an empty list has one page");
        assert_eq!(at(401, 1), (1, 3, 401, 200, "200".into()));
        assert_eq!(at(401, 9), (2, 3, 401, 1, "400".into()));
        assert_eq!(at(400, 2), (1, 2, 400, 200, "200".into()), "no empty page at the end");
    }
}
