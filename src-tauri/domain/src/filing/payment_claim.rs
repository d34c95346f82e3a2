//! 未处理缴款认领: money that fits no order is given its place, or asked back.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::people::{NOTHING, check_signed};
use super::{Circumstances, FiledRow, Totals};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::remittance::{Books, PaidDue};
use crate::sheet::Field;

/// What becomes of one sum that came in, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRow {
    /// 到账流水号
    pub incoming: String,
    /// All of it, yuan
    pub amount: Yuan,
    /// What becomes of it.
    pub to: ClaimTo,
}

/// What becomes of a claimed sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClaimTo {
    /// It pays a due; what is over goes to 暂存款.
    Due(PaidDue),
    /// 转入暂存款
    Suspense,
    /// 申请退回 to the account it came from.
    Return,
}

impl ClaimTo {
    /// The words on screen and on paper.
    pub fn label(&self) -> String {
        match self {
            Self::Due(pays) => pays.label(),
            Self::Suspense => "转入暂存款".into(),
            Self::Return => "申请退回".into(),
        }
    }
}

/// Checks rows that arrive signed. Only errors are returned, findings on the whole filing first.
pub fn check_rows(rows: &[ClaimRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let (mut claimed, mut paid) = (HashSet::new(), HashSet::new());
    check_signed(
        rows,
        totals,
        |_| {},
        (&[], Vec::new()),
        |row, out| {
            let twice = !claimed.insert(&row.incoming) || matches!(&row.to, ClaimTo::Due(pays) if !paid.insert(pays));
            if twice {
                out.push(about(Code::ClaimTwice, row));
            } else if let Some(books) = of.books {
                claim(row, books, out);
            }
        },
    )
}

fn about(code: Code, row: &ClaimRow) -> Finding {
    Finding::new(code, Level::Error).about(Field::Item, &row.incoming)
}

fn claim(row: &ClaimRow, books: &Books, out: &mut Vec<Finding>) {
    let Some(incoming) = books.incoming(&row.incoming) else {
        out.push(about(Code::ClaimUnknown, row));
        return;
    };
    if row.amount != incoming.amount {
        out.push(about(Code::ClaimAmount, row).arg("amount", incoming.amount));
    }
    let ClaimTo::Due(pays) = &row.to else { return };
    match books.due(pays) {
        None => out.push(about(Code::PayNotDue, row).arg("due", pays.label())),
        Some(due) if incoming.amount < due.amounts.monthly() => {
            out.push(about(Code::ClaimShort, row).arg("due", due.amounts.monthly()).arg("amount", incoming.amount));
        }
        Some(_) => {}
    }
}

impl FiledRow for ClaimRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::Item, self.incoming.clone()),
            (Field::NewValue, self.to.label()),
            (Field::MonthlyAmount, self.amount.to_string()),
        ]
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    /// Nobody's parts are known before it is allotted: the whole sum stands with the unit.
    fn after(&self) -> Contribution {
        Contribution { unit_amount: self.amount, personal_amount: Yuan::ZERO }
    }

    fn people(&self) -> u32 {
        0
    }

    fn asked_about(&self) -> Option<(String, String)> {
        None
    }
}

#[cfg(test)]
mod tests;
