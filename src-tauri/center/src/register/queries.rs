//! What units may ask of the books: ledgers of a period, contributors' accounts, withdrawals.

use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::roster::AccountStatus;
use huijiao_protocol::queries::{ContributorAccount, LedgerEntry, LedgerPage, PersonalWithdrawal, UnitMoney};
use huijiao_protocol::resources::Page;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{from_text, to_text};
use crate::error::CenterError;

/// Days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Date,
    pub(crate) to: Date,
}

/// Where a list of entries goes on: after an entry, among those that were booked when its first page was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    on: Date,
    entry: i64,
    newest: i64,
}

impl Mark {
    /// Before the first entry of a period.
    fn start(connection: &Connection, period: Period) -> Result<Self, CenterError> {
        let newest = newest(connection)?;
        Ok(Self { on: period.from, entry: 0, newest })
    }

    /// Reads a cursor; `None` where it was not given for this period of these books.
    pub(crate) fn read(connection: &Connection, text: &str, period: Period) -> Result<Option<Self>, CenterError> {
        let mut parts = text.split('_');
        let (Some(on), Some(entry), Some(last), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Ok(None);
        };
        let (Ok(on), Ok(entry), Ok(last)) = (on.parse(), entry.parse(), last.parse()) else { return Ok(None) };
        let mark = Self { on, entry, newest: last };
        let fits = (period.from..=period.to).contains(&on) && 0 < entry && entry <= last && last <= newest(connection)?;
        Ok(fits.then_some(mark))
    }

    fn write(self) -> String {
        format!("{}_{}_{}", self.on, self.entry, self.newest)
    }
}

fn newest(connection: &Connection) -> Result<i64, CenterError> {
    Ok(connection.query_row("select coalesce(max(id), 0) from entry", [], |row| row.get(0))?)
}

/// A ledger: whose postings it is made of, and what it shows of them.
pub(crate) struct Book<B> {
    /// About posting `p`; ?1 is the unit or the personal account.
    whose: &'static str,
    /// Fen, up to three figures.
    figures: [&'static str; 3],
    of: fn([i64; 3]) -> B,
}

/// 单位明细账, by 单位账号
pub(crate) const UNIT: Book<UnitMoney> = Book {
    whose: "p.unit = ?1",
    figures: [
        "sum(p.fen) filter (where p.account = 'due')",
        "-sum(p.fen) filter (where p.account = 'suspense')",
        "-sum(p.fen) filter (where p.account in ('unit_part', 'personal_part'))",
    ],
    of: |[due, suspense, posted]| UnitMoney {
        due: Yuan::from_fen(due),
        suspense: Yuan::from_fen(suspense),
        posted: Yuan::from_fen(posted),
    },
};

/// 暂存款明细, by 单位账号
pub(crate) const SUSPENSE: Book<Yuan> = Book {
    whose: "p.unit = ?1 and p.account = 'suspense'",
    figures: ["-sum(p.fen)", "0", "0"],
    of: |[suspense, ..]| Yuan::from_fen(suspense),
};

/// 个人明细账, by 个人账号: entries of every unit that the person was at
pub(crate) const PERSON: Book<Contribution> = Book {
    whose: "p.personal_account = ?1 and p.personal_account <> ''",
    figures: [
        "-sum(p.fen) filter (where p.account = 'unit_part')",
        "-sum(p.fen) filter (where p.account = 'personal_part')",
        "0",
    ],
    of: |[unit, personal, _]| Contribution {
        unit_amount: Yuan::from_fen(unit),
        personal_amount: Yuan::from_fen(personal),
    },
};

fn plus(one: [i64; 3], other: [i64; 3]) -> [i64; 3] {
    [one[0] + other[0], one[1] + other[1], one[2] + other[2]]
}

fn figures_at(row: &Row<'_>, first: usize) -> rusqlite::Result<[i64; 3]> {
    let figure = |place: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(first + place)?.unwrap_or(0));
    Ok([figure(0)?, figure(1)?, figure(2)?])
}

impl<B> Book<B> {
    /// What there was after an entry.
    fn balance(&self, connection: &Connection, key: &str, after: Mark) -> Result<[i64; 3], CenterError> {
        let [one, two, three] = self.figures;
        let mut statement = connection.prepare_cached(&format!(
            "select {one}, {two}, {three} from posting p join entry e on e.id = p.entry \
             where {} and (e.booked_on, e.id) <= (?2, ?3) and e.id <= ?4",
            self.whose
        ))?;
        Ok(statement
            .query_row(params![key, after.on.to_string(), after.entry, after.newest], |row| figures_at(row, 0))?)
    }

    /// A page of the ledger of `key` as `unit` may see it.
    pub(crate) fn page(
        &self,
        connection: &Connection,
        (unit, key): (&str, &str),
        period: Period,
        mark: Option<Mark>,
        most: usize,
    ) -> Result<LedgerPage<B>, CenterError> {
        let start = Mark::start(connection, period)?;
        let start = Mark { newest: mark.map_or(start.newest, |mark| mark.newest), ..start };
        let mark = mark.unwrap_or(start);
        let end = Mark { on: period.to, entry: i64::MAX, newest: start.newest };
        let [one, two, three] = self.figures;
        let mut statement = connection.prepare_cached(&format!(
            "select e.id, e.booked_on, e.kind, e.label, e.unit = ?2, e.filing, coalesce(f.number, e.withdrawal), \
             e.incoming, count(distinct nullif(p.personal_account, '')), {one}, {two}, {three} \
             from posting p join entry e on e.id = p.entry left join filing f on f.id = e.filing \
             where {} and e.booked_on <= ?3 and (e.booked_on, e.id) > (?4, ?5) and e.id <= ?6 \
             group by e.id order by e.booked_on, e.id limit ?7",
            self.whose
        ))?;
        let to = period.to.to_string();
        let mut rows =
            statement.query(params![key, unit, to, mark.on.to_string(), mark.entry, mark.newest, most + 1])?;
        let mut running = self.balance(connection, key, mark)?;
        let mut items = Vec::new();
        let (mut last, mut next) = (mark, None);
        while let Some(row) = rows.next()? {
            if items.len() == most {
                next = Some(last.write());
                break;
            }
            let on = from_text(row.get(1)?)?;
            last = Mark { on, entry: row.get(0)?, ..mark };
            let moved = figures_at(row, 9)?;
            running = plus(running, moved);
            // What another unit filed for the person is his, its papers are not.
            let ours: bool = row.get(4)?;
            let filing: Option<String> = row.get(5)?;
            items.push(LedgerEntry {
                on,
                kind: from_text(row.get(2)?)?,
                label: row.get(3)?,
                filing: filing.filter(|_| ours).map(from_text).transpose()?,
                filing_number: row.get::<_, Option<String>>(6)?.filter(|_| ours),
                incoming: row.get::<_, Option<String>>(7)?.filter(|_| ours),
                people: row.get(8)?,
                moved: (self.of)(moved),
                balance: (self.of)(running),
            });
        }
        Ok(LedgerPage {
            opening: (self.of)(self.balance(connection, key, start)?),
            closing: (self.of)(self.balance(connection, key, end)?),
            items,
            next,
        })
    }
}

const PART: &str = "(select coalesce(-sum(fen), 0) from posting p where p.personal_account = c.personal_account \
                    and p.personal_account <> '' and p.account = ";

fn account_columns() -> String {
    format!(
        "select c.position, c.personal_account, c.name, c.id_type, c.id_number, c.status, c.base, c.unit_amount, \
         c.personal_amount, {PART} 'unit_part'), {PART} 'personal_part'), \
         (select max(e.booked_on) from posting p join entry e on e.id = p.entry \
          where p.personal_account = c.personal_account and p.personal_account <> '') from contributor c"
    )
}

fn account(row: &Row<'_>) -> Result<ContributorAccount, CenterError> {
    let last_entry: Option<String> = row.get(11)?;
    Ok(ContributorAccount {
        personal_account: row.get(1)?,
        name: row.get(2)?,
        id_type: row.get(3)?,
        id_number: row.get(4)?,
        status: from_text(row.get(5)?)?,
        base: from_text(row.get(6)?)?,
        amounts: Contribution { unit_amount: from_text(row.get(7)?)?, personal_amount: from_text(row.get(8)?)? },
        balance: Contribution {
            unit_amount: Yuan::from_fen(row.get(9)?),
            personal_amount: Yuan::from_fen(row.get(10)?),
        },
        last_entry: last_entry.map(from_text).transpose()?,
    })
}

/// The accounts of a unit's contributors after a place in the roster, perhaps of one status only.
pub(crate) fn accounts(
    connection: &Connection,
    unit: &str,
    status: Option<AccountStatus>,
    after: i64,
    most: usize,
) -> Result<Page<ContributorAccount>, CenterError> {
    let mut statement = connection.prepare_cached(&format!(
        "{} where c.unit = ?1 and c.position > ?2 and (?3 is null or c.status = ?3) order by c.position limit ?4",
        account_columns()
    ))?;
    let status = status.map(|status| to_text(&status)).transpose()?;
    let mut rows = statement.query(params![unit, after, status, most + 1])?;
    let mut items = Vec::new();
    let (mut last, mut next) = (after, None);
    while let Some(row) = rows.next()? {
        if items.len() == most {
            next = Some(last.to_string());
            break;
        }
        last = row.get(0)?;
        items.push(account(row)?);
    }
    Ok(Page { items, next })
}

/// The account of one contributor; `None` where the unit has no such one.
pub(crate) fn one_account(
    connection: &Connection,
    unit: &str,
    personal_account: &str,
) -> Result<Option<ContributorAccount>, CenterError> {
    let mut statement =
        connection.prepare_cached(&format!("{} where c.unit = ?1 and c.personal_account = ?2", account_columns()))?;
    let mut rows = statement.query([unit, personal_account])?;
    rows.next()?.map(account).transpose()
}

/// Keeps that a contributor of the unit takes money out; the entry says how much.
pub(crate) fn add_withdrawal(
    connection: &Connection,
    unit: &str,
    number: &str,
    personal_account: &str,
    reason: &str,
) -> Result<(), CenterError> {
    let name: Option<String> = connection
        .query_row(
            "select name from contributor where unit = ?1 and personal_account = ?2",
            [unit, personal_account],
            |row| row.get(0),
        )
        .optional()?;
    let name = name.ok_or_else(|| CenterError::Seed(format!("no account {personal_account} in {unit}")))?;
    connection.execute(
        "insert into personal_withdrawal (number, unit, personal_account, name, reason) values (?1, ?2, ?3, ?4, ?5)",
        [number, unit, personal_account, &name, reason],
    )?;
    Ok(())
}

/// What contributors of a unit took out in a period, oldest first.
pub(crate) fn withdrawals(
    connection: &Connection,
    unit: &str,
    period: Period,
    mark: Option<Mark>,
    most: usize,
) -> Result<Page<PersonalWithdrawal>, CenterError> {
    let mark = match mark {
        Some(mark) => mark,
        None => Mark::start(connection, period)?,
    };
    let mut statement = connection.prepare_cached(
        "select e.id, e.booked_on, w.number, w.personal_account, w.name, w.reason, \
         sum(p.fen) filter (where p.account = 'unit_part'), sum(p.fen) filter (where p.account = 'personal_part') \
         from entry e join personal_withdrawal w on w.number = e.withdrawal join posting p on p.entry = e.id \
         where e.unit = ?1 and e.booked_on <= ?2 and (e.booked_on, e.id) > (?3, ?4) and e.id <= ?5 \
         group by e.id order by e.booked_on, e.id limit ?6",
    )?;
    let to = period.to.to_string();
    let mut rows = statement.query(params![unit, to, mark.on.to_string(), mark.entry, mark.newest, most + 1])?;
    let mut items = Vec::new();
    let (mut last, mut next) = (mark, None);
    while let Some(row) = rows.next()? {
        if items.len() == most {
            next = Some(last.write());
            break;
        }
        let on = from_text(row.get(1)?)?;
        last = Mark { on, entry: row.get(0)?, ..mark };
        let personal_account: String = row.get(3)?;
        let part = |place: usize| Ok::<_, CenterError>(Yuan::from_fen(row.get::<_, Option<i64>>(place)?.unwrap_or(0)));
        items.push(PersonalWithdrawal {
            number: row.get(2)?,
            on,
            name: row.get(4)?,
            reason: row.get(5)?,
            amounts: Contribution { unit_amount: part(6)?, personal_amount: part(7)? },
            balance: (PERSON.of)(PERSON.balance(connection, &personal_account, last)?),
            personal_account,
        });
    }
    Ok(Page { items, next })
}
