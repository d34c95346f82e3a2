//! The ledger of double entries: money that came in and where it went, and what is owed.
//!
//! Of money, `received = allotted + suspense + returned` holds by construction: every entry sums to zero, and money
//! enters through `received` alone. What is allotted lies on personal accounts, or was withdrawn from there.

use huijiao_domain::money::{Contribution, Yuan};
use huijiao_protocol::queries::EntryKind;
use rusqlite::{Connection, params};

use super::to_text;
use crate::error::CenterError;

/// An account of a unit, or a contributor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account<'a> {
    /// All that ever came in.
    Received,
    /// 暂存款: not allotted yet.
    Suspense,
    /// Sent back.
    Returned,
    /// Owed by the unit.
    Due,
    /// The other side of what is owed: it will be allotted.
    Pending,
    /// 单位部分 of a personal account.
    UnitPart(&'a str),
    /// 个人部分 of a personal account.
    PersonalPart(&'a str),
    /// Taken out of personal accounts by the persons.
    Withdrawn,
}

impl<'a> Account<'a> {
    fn columns(self) -> (&'static str, &'a str) {
        match self {
            Self::Received => ("received", ""),
            Self::Suspense => ("suspense", ""),
            Self::Returned => ("returned", ""),
            Self::Due => ("due", ""),
            Self::Pending => ("pending", ""),
            Self::UnitPart(account) => ("unit_part", account),
            Self::PersonalPart(account) => ("personal_part", account),
            Self::Withdrawn => ("withdrawn", ""),
        }
    }
}

/// What is booked: when, for whom, because of what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) unit: &'a str,
    pub(crate) kind: EntryKind,
    /// The words in a ledger.
    pub(crate) label: &'a str,
    /// RFC 3339
    pub(crate) at: &'a str,
    /// Id of the filing behind it.
    pub(crate) filing: Option<&'a str>,
    /// 到账流水号
    pub(crate) incoming: Option<&'a str>,
    /// 业务流水号 of a withdrawal
    pub(crate) withdrawal: Option<&'a str>,
}

impl Entry<'_> {
    /// Books it. Debits are above zero, credits below; together they are nothing. Postings of nothing are left out.
    ///
    /// # Errors
    /// [`CenterError`] where the postings do not balance, which is never a client's fault.
    pub(crate) fn book(&self, connection: &Connection, postings: &[(Account<'_>, Yuan)]) -> Result<(), CenterError> {
        if postings.iter().map(|(_, amount)| *amount).sum::<Yuan>() != Yuan::ZERO {
            return Err(CenterError::Content(format!("an entry that does not balance: {}", self.label)));
        }
        let entry: i64 = connection
            .prepare_cached(
                "insert into entry (unit, booked_at, booked_on, kind, label, filing, incoming, withdrawal) \
                 values (?1, ?2, date(?2, '+8 hours'), ?3, ?4, ?5, ?6, ?7) returning id",
            )?
            .query_row(
                params![
                    self.unit,
                    self.at,
                    to_text(&self.kind)?,
                    self.label,
                    self.filing,
                    self.incoming,
                    self.withdrawal
                ],
                |row| row.get(0),
            )?;
        let mut insert = connection.prepare_cached(
            "insert into posting (entry, place, unit, account, personal_account, fen) values (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let moved = postings.iter().filter(|(_, amount)| *amount != Yuan::ZERO);
        for (place, (account, amount)) in (0_i64..).zip(moved) {
            let (account, person) = account.columns();
            insert.execute(params![entry, place, self.unit, account, person, amount.fen()])?;
        }
        Ok(())
    }
}

/// The suspense balance of a unit.
pub(crate) fn suspense(connection: &Connection, unit: &str) -> Result<Yuan, CenterError> {
    let fen = connection
        .prepare_cached("select coalesce(-sum(fen), 0) from posting where unit = ?1 and account = 'suspense'")?
        .query_row([unit], |row| row.get(0))?;
    Ok(Yuan::from_fen(fen))
}

/// Both parts of a personal account.
pub(crate) fn balance(connection: &Connection, personal_account: &str) -> Result<Contribution, CenterError> {
    let part = |account: &str| -> Result<Yuan, CenterError> {
        let fen = connection
            .prepare_cached(
                "select coalesce(-sum(fen), 0) from posting where personal_account = ?1 and personal_account <> '' \
                 and account = ?2",
            )?
            .query_row([personal_account, account], |row| row.get(0))?;
        Ok(Yuan::from_fen(fen))
    };
    Ok(Contribution { unit_amount: part("unit_part")?, personal_amount: part("personal_part")? })
}
