//! What the center's books say to a unit besides its roster: the same facts for the checks of both sides.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{DueLine, MonthFigures};
use crate::filing::FilingKind;
use crate::money::{Contribution, Yuan};
use crate::month::Month;

/// A unit's standing at the center (`GET /units/{account}/books`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// The verified months of the last two years, oldest first.
    pub months: Vec<VerifiedMonth>,
    /// The list of the month before the first unverified one; empty for a unit that never verified.
    pub previous: Vec<DueLine>,
    /// What is owed: verified months and spans of the past that are not paid yet, oldest first.
    pub dues: Vec<Due>,
    /// Filings that are not settled yet, oldest first.
    pub open: Vec<OpenFiling>,
    /// Money that came in and is nobody's yet (未处理缴款), oldest first.
    pub unprocessed: Vec<Incoming>,
    /// 暂存款 that can be used: the suspense balance without what is unprocessed, yuan
    pub available: Yuan,
    /// Last day of the agreement on 委托收款; `None` without one.
    pub debit_agreement: Option<Date>,
}

impl Books {
    /// A due that is not paid yet.
    pub fn due(&self, pays: &PaidDue) -> Option<&Due> {
        self.dues.iter().find(|due| due.pays == *pays)
    }

    /// Money that waits to be claimed.
    pub fn incoming(&self, number: &str) -> Option<&Incoming> {
        self.unprocessed.iter().find(|incoming| incoming.number == number)
    }
}

/// A verified month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedMonth {
    /// Its figures.
    pub figures: MonthFigures,
    /// Whether it is paid.
    pub state: MonthState,
    /// 业务流水号 (YWLSH) of the verification; empty for months from before this center's books.
    pub filing_number: String,
    /// 姓名 of whoever verified it; empty where the number is.
    #[serde(default)]
    pub verified_by: String,
    /// When that reached the center, by its clock: `YYYY-MM-DD HH:MM`; empty where the number is.
    #[serde(default)]
    pub verified_at: String,
}

/// How far a month is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthState {
    /// 已核定: the list is frozen, the money is owed.
    Verified,
    /// 已入账: allotted to every person's account.
    Paid,
}

/// What a payment pays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PaidDue {
    /// 汇缴: a verified month.
    Month(Month),
    /// 补缴, or what a 错缴更正 asks for: the 业务流水号 of that filing.
    Filing(String),
}

impl PaidDue {
    /// The words on screen and on paper.
    pub fn label(&self) -> String {
        match self {
            Self::Month(month) => format!("{month} 汇缴"),
            Self::Filing(number) => format!("业务流水号 {number}"),
        }
    }
}

/// Something the unit owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What it is.
    pub pays: PaidDue,
    /// Its kind: a verification, a back payment or a correction.
    pub kind: FilingKind,
    /// 人数
    pub people: u32,
    /// Both parts, yuan
    pub amounts: Contribution,
    /// Whether an order for it is under way.
    pub state: DueState,
}

/// Whether somebody is paying a due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    /// Nobody.
    Open,
    /// An order waits for its money; 业务流水号 of the order.
    Ordered(String),
}

/// 缴款方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// 01 转账
    Transfer,
    /// 02 暂存款: from the unit's suspense balance
    Suspense,
    /// 04 委托收款: the bank debits the unit's account under an agreement
    DirectDebit,
}

impl PaymentMethod {
    /// Every method, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Transfer, Self::Suspense, Self::DirectDebit];

    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Transfer => "转账",
            Self::Suspense => "暂存款",
            Self::DirectDebit => "委托收款",
        }
    }
}

/// A filing that is not settled yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFiling {
    /// 业务流水号 (YWLSH)
    pub filing_number: String,
    /// Its kind.
    pub kind: FilingKind,
    /// Its month.
    pub period: Month,
}

/// Money that came in without an order it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// 到账流水号
    pub number: String,
    /// When it came in.
    pub received_on: Date,
    /// How much, yuan
    pub amount: Yuan,
    /// The bank remark, as it came.
    pub remark: String,
    /// 付款户名
    pub payer: String,
    /// 付款账号
    pub payer_account: String,
    /// Why it fits no order, in the center's words.
    pub reason: String,
}
