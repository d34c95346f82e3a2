//! 单证: what can be printed, and what it is printed as.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `paper`, `paper_save`, `paper_open`: what to print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(tag = "paper", rename_all = "snake_case")]
pub enum PaperForm {
    /// A signed filing: its form, and the receipt once there is one.
    Filing {
        /// Its own id.
        filing: String,
    },
    /// A draft, marked as one.
    Draft {
        /// Its id.
        draft: String,
    },
    /// 汇缴核定表, 变更清册 and 清册 as they would be signed.
    Verification {
        /// The last month; the first unverified one where there is none.
        through: Option<String>,
    },
    /// 汇缴书 and 变更清册 of a verified month, under the number of its verification.
    Remittance {
        /// The month.
        month: String,
    },
    /// 汇缴通知单 of an order that waits for its transfer.
    Payment {
        /// 业务流水号 of the order.
        number: String,
    },
    /// 离职告知单
    Leaver {
        /// 个人账号
        account: String,
        /// 封存原因
        reason: String,
        /// 封存日期; empty to be filled in by hand
        sealed_on: String,
    },
    /// Everything of a month that the center took, in one file.
    Month {
        /// The month.
        month: String,
    },
    /// 单位住房公积金缴存证明, from the center's books as they are now.
    UnitProof,
    /// 个人住房公积金缴存证明, from the center's books as they are now.
    PersonalProof {
        /// 个人账号
        account: String,
    },
}

/// `paper`: a printed form to be looked at.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PaperView {
    /// What it is called as a file, without ending.
    pub title: String,
    /// 页数
    pub pages: u32,
    /// The PDF, base64: the same bytes that are saved.
    pub pdf: String,
}
