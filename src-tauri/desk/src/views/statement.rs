//! 核对银行流水: what the unit's bank says about its orders to pay.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `statement_match`: a bank statement held against the orders.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StatementView {
    /// Its file.
    pub file_name: String,
    /// Payments in it.
    pub payments: u32,
    /// Rows of money that came in; they are not looked at.
    pub incoming: u32,
    /// Day of its first payment, `YYYY-MM-DD`.
    pub first: String,
    /// Day of its last payment.
    pub last: String,
    /// The orders that it can speak of, the newest first.
    pub orders: Vec<StatementOrder>,
    /// Payments to the center's account that belong to no order.
    pub strays: Vec<StatementStray>,
}

/// What the statement says about one order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StatementOrder {
    /// 业务流水号
    pub number: String,
    /// What it pays, Chinese.
    pub label: String,
    /// 缴款码
    pub code: String,
    /// 金额
    pub amount: String,
    /// Stable code of the verdict.
    pub verdict: String,
    /// Nothing is to be done.
    pub fine: bool,
    /// A few words.
    pub title: String,
    /// What happened and what to do.
    pub message: String,
}

/// A payment to the center that belongs to no order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StatementStray {
    /// Row of the sheet.
    pub row: u32,
    /// `YYYY-MM-DD`
    pub on: String,
    /// 金额
    pub amount: String,
    /// 附言, as it stands.
    pub remark: String,
}
