//! 单位信息查询: every query is a table with its columns, so that one screen shows them all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{FilingStage, FindingView, Jump, ReceiptView, TotalsView, UiError};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueryForm {
    /// Which query.
    pub query: QueryKind,
    /// Of when.
    #[serde(default)]
    pub span: QuerySpan,
    /// First day of [`QuerySpan::Days`], `YYYY-MM-DD`; empty for an open side.
    #[serde(default)]
    pub from: String,
    /// Last day of [`QuerySpan::Days`].
    #[serde(default)]
    pub to: String,
    /// Only filings of this kind; empty for all.
    #[serde(default)]
    pub kind: String,
    /// Only filings in this state, or accounts of this status; empty for all.
    #[serde(default)]
    pub state: String,
    /// 个人账号, for a contributor's ledger
    #[serde(default)]
    pub account: String,
}

/// The queries there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum QueryKind {
    /// 单位基本信息
    Unit,
    /// 单位明细账
    Ledger,
    /// 暂存款明细
    Suspense,
    /// 缴存人账户
    Accounts,
    /// 提取记录
    Withdrawals,
    /// 缴款记录
    Payments,
    /// 业务办理
    Filings,
    /// 个人明细账
    Contributor,
}

/// Of when a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum QuerySpan {
    /// 本月
    Month,
    /// 本年
    #[default]
    Year,
    /// 上年
    LastYear,
    /// 全部
    All,
    /// From a day to a day.
    Days,
}

/// `query`: one page of what was found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueryView {
    /// What was asked.
    pub form: QueryForm,
    /// Chinese name of the list.
    pub title: String,
    /// Of when, Chinese; empty where it has no period.
    pub period: String,
    /// The columns.
    pub columns: Vec<QueryColumn>,
    /// The lines of this page, at most 200.
    pub rows: Vec<QueryRow>,
    /// Sums of parts of the lines, each a text for each column; stand above the totals.
    pub subtotals: Vec<Vec<String>>,
    /// Sums below the lines, a text for each column; empty for none.
    pub totals: Vec<String>,
    /// What a ledger began and ended with: label and yuan.
    pub balances: Vec<(String, String)>,
    /// What the sums and balances are in words (大写), by the text of the amount.
    pub capitals: BTreeMap<String, String>,
    /// Lines of all pages.
    pub total: u32,
    /// Zero-based.
    pub page: u32,
    /// Pages there are, at least one.
    pub pages: u32,
    /// Kinds that filings can be narrowed to: key and Chinese name.
    pub kinds: Vec<(String, String)>,
    /// States that the list can be narrowed to.
    pub states: Vec<(String, String)>,
    /// When it was fetched, local time.
    pub as_of: String,
    /// The center did not answer: this is the local copy.
    pub stale: bool,
}

/// A column of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueryColumn {
    /// Chinese.
    pub label: String,
    /// What it holds.
    pub form: QueryCell,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum QueryCell {
    /// Words.
    Text,
    /// A number that names something, a day, a masked ID number.
    Code,
    /// How many.
    Count,
    /// Yuan.
    Amount,
    /// What was added, in yuan, below zero where it was taken.
    Signed,
}

/// A line of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueryRow {
    /// A text for each column.
    pub cells: Vec<String>,
    /// Where more is told.
    pub jump: Option<Jump>,
}

/// `query_filing`: a filing as the center has it, wherever it was made.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FilingAtCenter {
    /// 业务流水号
    pub filing_number: String,
    /// The filing's own id.
    pub filing: String,
    /// It is kept on this computer too: [`FilingAtCenter::filing`] opens there.
    pub here: bool,
    /// Kind, as in [`FilingLine`](super::FilingLine).
    pub kind: String,
    /// 业务
    pub kind_name: String,
    /// Month it takes effect.
    pub period: String,
    /// Where it stands.
    pub stage: FilingStage,
    /// When it was accepted, local time.
    pub accepted_at: String,
    /// Figures; absent where no receipt can be read.
    pub totals: Option<TotalsView>,
    /// Who signed: role and name.
    pub signers: Vec<(String, String)>,
    /// The receipt of the present state, verified here.
    pub receipt: ReceiptView,
    /// The receipts of the states before, oldest first.
    pub earlier_receipts: Vec<ReceiptView>,
    /// Rows that the center did not take as filed, by their place in the signed file.
    pub row_results: Vec<FindingView>,
    /// When it was fetched, local time.
    pub as_of: String,
    /// The center did not answer: this is the local copy.
    pub stale: bool,
}

/// `receipt_chain`: whether every receipt of the unit is there and follows the one before it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReceiptChainView {
    /// Receipts that were looked at, those of other computers too.
    pub receipts: u32,
    /// When the center was asked, local time.
    pub checked_at: String,
    /// What is missing or contradicts.
    pub faults: Vec<UiError>,
}
