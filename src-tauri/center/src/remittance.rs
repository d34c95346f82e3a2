//! Months, dues and allotments: each a row of the register and an entry of the ledger, in one transaction.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{DueLine, MonthFigures, PaidDue};
use huijiao_protocol::queries::EntryKind;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::OrderState;
use jiff::civil::Date;
use rusqlite::Transaction;

use crate::center::Center;
use crate::error::CenterError;
use crate::filing::change_state;
use crate::register::dues::{self, NewDue, OpenDue};
use crate::register::ledger::{self, Account, Entry};
use crate::register::months::{self, NewMonth};
use crate::register::orders::{self, Order};
use crate::register::{filings, money, queries, units};

/// Who books, when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) center: &'a Center,
    pub(crate) connection: &'a Transaction<'a>,
    pub(crate) unit: &'a str,
    /// RFC 3339
    pub(crate) at: &'a str,
    pub(crate) today: Date,
    /// Id of the filing behind it; `None` for what is older than these books, and for what the bank does.
    pub(crate) filing: Option<&'a str>,
}

impl Desk<'_> {
    fn entry<'a>(&'a self, kind: EntryKind, label: &'a str) -> Entry<'a> {
        Entry { unit: self.unit, kind, label, at: self.at, filing: self.filing, incoming: None, withdrawal: None }
    }

    /// Books something that the unit owes; its place in the register.
    pub(crate) fn owe(
        &self,
        pays: &PaidDue,
        kind: FilingKind,
        people: u32,
        amounts: Contribution,
    ) -> Result<i64, CenterError> {
        let new = NewDue { unit: self.unit, pays, kind, filing: self.filing, people, amounts };
        let due = dues::add(self.connection, &new)?;
        let sum = amounts.monthly();
        let label = format!("{} 应缴", pays.label());
        self.entry(EntryKind::Owed, &label).book(self.connection, &[(Account::Due, sum), (Account::Pending, -sum)])?;
        Ok(due)
    }

    /// Freezes a month: its list stays as it is, its money is owed, 应汇缴年月 moves on.
    pub(crate) fn freeze(
        &self,
        figures: &MonthFigures,
        lines: &[DueLine],
        roster_version: u64,
    ) -> Result<(), CenterError> {
        let month = figures.month;
        let amounts = lines.iter().map(|line| line.amounts).sum();
        let due = self.owe(&PaidDue::Month(month), FilingKind::RemittanceVerification, figures.due.people, amounts)?;
        let new = NewMonth { unit: self.unit, figures, lines, due, filing: self.filing, roster_version };
        months::add(self.connection, &new)?;
        months::set_first_unverified(self.connection, self.unit, month.next())
    }

    /// Books money that came in; it is nobody's yet.
    pub(crate) fn receive(&self, amount: Yuan, label: &str, incoming: Option<&str>) -> Result<(), CenterError> {
        let entry = Entry { incoming, ..self.entry(EntryKind::Received, label) };
        entry.book(self.connection, &[(Account::Received, amount), (Account::Suspense, -amount)])
    }

    /// Pays a due out of suspense: every person gets his part.
    pub(crate) fn allot(&self, open: &OpenDue) -> Result<(), CenterError> {
        let due = &open.due;
        let parts: Vec<(String, Contribution)> = match &due.pays {
            PaidDue::Month(month) => {
                let lines = months::lines(self.connection, self.unit, *month)?;
                lines.into_iter().map(|line| (line.personal_account, line.amounts)).collect()
            }
            PaidDue::Filing(_) => {
                let filing = open.filing.as_deref().ok_or_else(|| CenterError::Content("a due of nothing".into()))?;
                money::settle(self.connection, filing)?
            }
        };
        let sum = due.amounts.monthly();
        let mut postings = vec![(Account::Suspense, sum), (Account::Due, -sum), (Account::Pending, sum)];
        for (account, amounts) in &parts {
            postings.push((Account::UnitPart(account), -amounts.unit_amount));
            postings.push((Account::PersonalPart(account), -amounts.personal_amount));
        }
        let label = format!("{} 入账", due.pays.label());
        self.entry(EntryKind::Allotted, &label).book(self.connection, &postings)?;
        dues::paid(self.connection, open.id, self.today, self.filing)?;
        match (&due.pays, &open.filing) {
            (PaidDue::Month(month), _) => units::set_paid_through(self.connection, self.unit, *month),
            (PaidDue::Filing(_), Some(filing)) => self.move_on(filing, FilingState::Settled, ""),
            (PaidDue::Filing(_), None) => Ok(()),
        }
    }

    /// Pays everything that an order is for out of suspense, and ends it. Its filing is the caller's to move on.
    pub(crate) fn settle_order(&self, number: &str) -> Result<Order, CenterError> {
        let order =
            orders::one(self.connection, number)?.ok_or_else(|| CenterError::Content("an order lost".into()))?;
        let open = orders::dues(self.connection, &order)?;
        if open.len() != order.pays.len() {
            return Err(CenterError::Content(format!("order {number} is for what is not due")));
        }
        for due in &open {
            self.allot(due)?;
        }
        orders::end(self.connection, number, OrderState::Paid, "", Some(self.today))?;
        Ok(order)
    }

    /// Moves a filing on, all of its rows alike; `reason` is empty where nothing failed.
    pub(crate) fn move_on(&self, filing: &str, state: FilingState, reason: &str) -> Result<(), CenterError> {
        let id = filing.parse().map_err(|_| CenterError::Content("filing id".into()))?;
        change_state(self.connection, self.center, id, state, reason, Vec::new())
    }

    /// What was posted too much goes from the persons' accounts back to suspense.
    pub(crate) fn correct(&self, label: &str, parts: &[(&str, Contribution)]) -> Result<(), CenterError> {
        let sum: Yuan = parts.iter().map(|(_, amounts)| amounts.monthly()).sum();
        let mut postings = vec![(Account::Suspense, -sum)];
        for (account, amounts) in parts {
            postings.push((Account::UnitPart(account), amounts.unit_amount));
            postings.push((Account::PersonalPart(account), amounts.personal_amount));
        }
        self.entry(EntryKind::Corrected, label).book(self.connection, &postings)
    }

    /// Books money that the bank sent back.
    pub(crate) fn send(&self, amount: Yuan, incoming: &str) -> Result<(), CenterError> {
        let entry = Entry { incoming: Some(incoming), ..self.entry(EntryKind::Returned, "退回") };
        entry.book(self.connection, &[(Account::Suspense, amount), (Account::Returned, -amount)])
    }

    /// A person takes money out of his account: his own part first, then what his unit paid.
    pub(crate) fn withdraw(&self, personal_account: &str, reason: &str, amount: Yuan) -> Result<(), CenterError> {
        let held = ledger::balance(self.connection, personal_account)?;
        if amount <= Yuan::ZERO || amount > held.monthly() {
            return Err(CenterError::Seed(format!("{amount} out of an account with {}", held.monthly())));
        }
        let own = amount.min(held.personal_amount);
        let number = filings::next_number(self.connection, self.today)?;
        queries::add_withdrawal(self.connection, self.unit, &number, personal_account, reason)?;
        let label = format!("{reason}提取");
        let entry = Entry { withdrawal: Some(&number), ..self.entry(EntryKind::Withdrawn, &label) };
        let parts =
            [(Account::PersonalPart(personal_account), own), (Account::UnitPart(personal_account), amount - own)];
        entry.book(self.connection, &[parts[0], parts[1], (Account::Withdrawn, -amount)])
    }

    /// Takes back what is owed and not paid: nobody owes it any more.
    pub(crate) fn waive(&self, open: &OpenDue) -> Result<(), CenterError> {
        let sum = open.due.amounts.monthly();
        let label = format!("{} 撤销", open.due.pays.label());
        self.entry(EntryKind::Revoked, &label)
            .book(self.connection, &[(Account::Due, -sum), (Account::Pending, sum)])?;
        dues::void(self.connection, open.id)
    }

    /// 撤销核定: the last verified month, unpaid and unordered, is open again.
    pub(crate) fn revoke(&self, month: Month) -> Result<(), CenterError> {
        let open = dues::open_one(self.connection, self.unit, &PaidDue::Month(month))?;
        self.waive(&open.ok_or_else(|| CenterError::Content("a month that is not owed".into()))?)?;
        months::take_out(self.connection, self.unit, month)?;
        months::set_first_unverified(self.connection, self.unit, month)
    }

    /// What a unit's books begin with: its balance, and months that were verified and paid before.
    pub(crate) fn begin(&self, suspense: Yuan) -> Result<(), CenterError> {
        if suspense == Yuan::ZERO {
            return Ok(());
        }
        let entry = self.entry(EntryKind::Opened, "期初余额");
        entry.book(self.connection, &[(Account::Received, suspense), (Account::Suspense, -suspense)])
    }

    /// A month that was paid before these books.
    pub(crate) fn paid_before(&self, figures: &MonthFigures, lines: &[DueLine]) -> Result<(), CenterError> {
        let pays = PaidDue::Month(figures.month);
        self.freeze(figures, lines, 1)?;
        self.receive(figures.due.amount, &format!("{} 到账", pays.label()), None)?;
        let open = dues::open_one(self.connection, self.unit, &pays)?;
        self.allot(&open.ok_or_else(|| CenterError::Content("a due lost".into()))?)
    }
}

/// When a month from before these books is said to have been paid: at nine on its twentieth.
pub(crate) fn payday(month: Month) -> (String, Date) {
    (format!("{month}-20T09:00:00+08:00"), Date::constant(month.year(), month.month(), 20))
}

#[cfg(test)]
mod tests;
