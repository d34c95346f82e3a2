//! 单位缴款: an order to pay verified months and spans of the past, each once.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::people::{NOTHING, check_signed};
use super::{Circumstances, FiledRow, Totals};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::remittance::{Books, Due, DueState, PaidDue, PaymentMethod};
use crate::sheet::Field;

/// One due that an order pays, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRow {
    /// What is paid.
    pub pays: PaidDue,
    /// 人数
    pub people: u32,
    /// Both parts, yuan
    pub amounts: Contribution,
    /// 缴款方式, the same for the whole order
    pub method: PaymentMethod,
}

impl PaymentRow {
    /// The row that pays a due.
    pub fn of(due: &Due, method: PaymentMethod) -> Self {
        Self { pays: due.pays.clone(), people: due.people, amounts: due.amounts, method }
    }
}

/// Checks rows that arrive signed; the period is the month of the order. Only errors are returned, findings on the
/// whole order first.
pub fn check_rows(rows: &[PaymentRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    check_signed(
        rows,
        totals,
        |out| {
            if let Some(unit) = of.unit.filter(|unit| !unit.status.may_file()) {
                out.push(Finding::new(Code::UnitStatus, Level::Error).arg("status", unit.status.label()));
            }
            if rows.iter().any(|row| row.method != rows[0].method) {
                out.push(Finding::new(Code::PayMethods, Level::Error));
            }
            if let Some((books, first)) = of.books.zip(rows.first()) {
                money(rows, first.method, books, of, out);
                skipped(rows, books, out);
            }
        },
        (&[], Vec::new()),
        |row, out| {
            if !seen.insert(&row.pays) {
                out.push(about(Code::PayTwice, row));
            } else if let Some(books) = of.books {
                due(row, books, out);
            }
        },
    )
}

fn about(code: Code, row: &PaymentRow) -> Finding {
    Finding::new(code, Level::Error).about(Field::Item, row.pays.label())
}

fn due(row: &PaymentRow, books: &Books, out: &mut Vec<Finding>) {
    let Some(due) = books.due(&row.pays) else {
        out.push(about(Code::PayNotDue, row));
        return;
    };
    if let DueState::Ordered(number) = &due.state {
        out.push(about(Code::PayOrdered, row).arg("number", number));
    }
    if row.amounts != due.amounts || row.people != due.people {
        out.push(about(Code::PayAmount, row).arg("due", due.amounts.monthly()).arg("people", due.people));
    }
}

fn money(rows: &[PaymentRow], method: PaymentMethod, books: &Books, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let sum: Yuan = rows.iter().map(|row| row.amounts.monthly()).sum();
    match method {
        PaymentMethod::Transfer => {}
        PaymentMethod::Suspense if sum > books.available => {
            let finding = Finding::new(Code::SuspenseShort, Level::Error).arg("available", books.available);
            out.push(finding.arg("sum", sum));
        }
        PaymentMethod::DirectDebit if books.debit_agreement.is_none_or(|last| of.today > last) => {
            let last = books.debit_agreement.map_or_else(|| "—".to_owned(), |last| last.to_string());
            out.push(Finding::new(Code::DebitAgreement, Level::Error).arg("last", last));
        }
        PaymentMethod::Suspense | PaymentMethod::DirectDebit => {}
    }
}

/// Months are paid in their order: 缴至年月 moves on month by month.
fn skipped(rows: &[PaymentRow], books: &Books, out: &mut Vec<Finding>) {
    let month = |pays: &PaidDue| match pays {
        PaidDue::Month(month) => Some(*month),
        PaidDue::Filing(_) => None,
    };
    let Some(last) = rows.iter().filter_map(|row| month(&row.pays)).max() else { return };
    let paid: HashSet<_> = rows.iter().map(|row| &row.pays).collect();
    let left = books.dues.iter().find(|due| {
        due.state == DueState::Open && month(&due.pays).is_some_and(|month| month < last) && !paid.contains(&due.pays)
    });
    if let Some(left) = left {
        out.push(Finding::new(Code::PaySkips, Level::Error).arg("left", left.pays.label()));
    }
}

impl FiledRow for PaymentRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::Item, self.pays.label()),
            (Field::ChangeKind, self.method.label().to_owned()),
            (Field::UnitAmount, self.amounts.unit_amount.to_string()),
            (Field::PersonalAmount, self.amounts.personal_amount.to_string()),
            (Field::MonthlyAmount, self.amounts.monthly().to_string()),
        ]
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    fn after(&self) -> Contribution {
        self.amounts
    }

    fn people(&self) -> u32 {
        self.people
    }

    fn asked_about(&self) -> Option<(String, String)> {
        None
    }
}

#[cfg(test)]
mod tests;
