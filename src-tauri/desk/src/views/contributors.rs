//! 个人事项: contributors found in the roster, and what is answered to them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `contributors`: who is found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ContributorsView {
    /// People of the roster.
    pub total: u32,
    /// Of these, how many fit the search.
    pub found: u32,
    /// The first of them.
    pub lines: Vec<ContributorLine>,
}

/// One contributor in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ContributorLine {
    /// 个人账号
    pub personal_account: String,
    /// 姓名
    pub name: String,
    /// 证件号码, masked.
    pub id_masked: String,
    /// 个人账户状态
    pub status: String,
}

/// `filing_accounts`: the accounts that a registration opened.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OpenedView {
    /// So many of those who were registered are in the roster.
    pub opened: u32,
    /// So many are not yet.
    pub awaited: u32,
    /// The first of those who are, in the order of the filing.
    pub lines: Vec<ContributorLine>,
    /// When the roster was taken.
    pub roster_taken_at: String,
}

/// `contributor`: one contributor at a glance.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ContributorView {
    /// As in the list.
    pub line: ContributorLine,
    /// Name of the type of document.
    pub id_type: String,
    /// 证件号码 whole: shown while a key is held.
    pub id_number: String,
    /// The account is sealed.
    pub sealed: bool,
    /// 个人缴存基数
    pub base: String,
    /// 单位缴存比例
    pub unit_ratio: String,
    /// 个人缴存比例
    pub personal_ratio: String,
    /// 单位月缴存额
    pub unit_amount: String,
    /// 个人月缴存额
    pub personal_amount: String,
    /// 月缴存额
    pub monthly_amount: String,
    /// 缴至年月 of the unit.
    pub paid_through: String,
    /// 手机号码; empty where the center has none
    pub mobile: String,
    /// 开户银行; empty where the center has none
    pub bank_name: String,
    /// 银行卡号, masked; empty where the center has none
    pub bank_card_masked: String,
    /// When the roster was taken.
    pub roster_taken_at: String,
    /// Today by the center's clock, `YYYY-MM-DD`.
    pub today: String,
    /// What each reason of sealing means for a withdrawal.
    pub withdrawals: Vec<WithdrawalLine>,
    /// The center's formula; absent where it has given none.
    pub loan: Option<LoanRuleView>,
    /// Said beside every answer.
    pub caution: String,
}

/// What a reason of sealing means for a withdrawal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WithdrawalLine {
    /// 封存原因
    pub reason: String,
    /// When, as a sentence.
    pub sentence: String,
    /// Possible today.
    pub open: bool,
}

/// 贷款额度公式 with where it is from.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LoanRuleView {
    /// 倍数
    pub multiple: String,
    /// 时间系数, fewest months first.
    pub steps: Vec<LoanStepView>,
    /// 最高贷款额度, yuan
    pub ceiling: Option<String>,
    /// Title of the notice.
    pub source_title: String,
    /// Its date.
    pub source_date: Option<String>,
}

/// One step of 时间系数.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LoanStepView {
    /// From this many months in a row.
    pub from_months: u16,
    /// Absent where it is not published.
    pub coefficient: Option<String>,
}

/// `loan_ceiling`: what the formula gives.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LoanCeilingView {
    /// Yuan; absent where it cannot be worked out.
    pub amount: Option<String>,
    /// The coefficient of these months is not published: the clerk asks the center and types it.
    pub asks_coefficient: bool,
    /// How it came about, or why not.
    pub sentence: String,
}
