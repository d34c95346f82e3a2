//! What a unit may ask of the center's books (单位信息查询): its ledger, its suspense, its contributors' accounts,
//! ledgers and withdrawals.
//!
//! Each list takes `from` and `to`, both included, each a day (`2026-07-01`) or a month (`2026-07`), and `cursor`, the
//! [`next`](LedgerPage::next) of the page before.

use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::roster::AccountStatus;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The period of a list, open on the sides where nothing is said; on the wire its `from` and `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Days {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

/// `GET /v1/units/{account}/ledger` ([`UnitMoney`]), `/suspense` ([`Yuan`]) and `/contributors/{n}/ledger`
/// ([`Contribution`]): entries of a period, oldest first. All pages of one question speak of the same moment: what is
/// booked meanwhile is in none of them, so that `opening` and the entries make `closing` to the fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPage<B> {
    /// Before the first day of the period.
    pub opening: B,
    /// After its last day.
    pub closing: B,
    /// At most [`crate::MAX_PAGE`].
    pub items: Vec<LedgerEntry<B>>,
    /// `cursor` of the next page; `None` on the last.
    pub next: Option<String>,
}

/// One entry of a ledger. Nothing is ever altered or taken out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry<B> {
    /// 记账日期
    pub on: Date,
    /// What happened.
    pub kind: EntryKind,
    /// 摘要, in the center's words
    pub label: String,
    /// The filing behind it, where it is this unit's.
    pub filing: Option<Uuid>,
    /// Its 业务流水号 (YWLSH); the number of a withdrawal for that.
    pub filing_number: Option<String>,
    /// 到账流水号 of the money behind it
    pub incoming: Option<String>,
    /// 人数: whose accounts it moved; 0 where it moved nobody's.
    pub people: u32,
    /// What it added, below zero where it took.
    pub moved: B,
    /// What there was after it.
    pub balance: B,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// 期初: what the books began with.
    Opened,
    /// 应缴: the unit owes.
    Owed,
    /// 撤销: it does not owe any more, though nothing was paid.
    Revoked,
    /// 到账: the bank reported money.
    Received,
    /// 入账: a due was paid, from suspense to every person's account.
    Allotted,
    /// 更正: what was allotted too much went back to suspense.
    Corrected,
    /// 退回: the bank sent money back.
    Returned,
    /// 提取: a person took money out of his account.
    Withdrawn,
    /// Something that this version does not know.
    #[serde(other)]
    Other,
}

impl EntryKind {
    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Opened => "期初",
            Self::Owed => "应缴",
            Self::Revoked => "撤销",
            Self::Received => "到账",
            Self::Allotted => "入账",
            Self::Corrected => "更正",
            Self::Returned => "退回",
            Self::Withdrawn => "提取",
            Self::Other => "其他",
        }
    }
}

/// The money of a unit's ledger, yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnitMoney {
    /// 应缴未缴: owed, not paid yet
    pub due: Yuan,
    /// 暂存款 (未分摊余额)
    pub suspense: Yuan,
    /// What this unit's entries put on personal accounts, less what they took from there.
    pub posted: Yuan,
}

/// Each entry of `GET /v1/units/{account}/contributors?status`, in the roster's order, and
/// `/contributors/{personal_account}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContributorAccount {
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件类型 (ZJLX)
    pub id_type: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 个人账户状态 (GRZHZT)
    pub status: AccountStatus,
    /// 个人缴存基数 (GRJCJS), yuan
    pub base: Yuan,
    /// 月缴存额 (YJCE), both parts, yuan
    pub amounts: Contribution,
    /// 个人账户余额 (GRZHYE), both parts, yuan
    pub balance: Contribution,
    /// The day of the account's newest entry.
    pub last_entry: Option<Date>,
}

/// Each entry of `GET /v1/units/{account}/withdrawals` (提取记录), oldest first: a contributor took money out. Units
/// read this, they do not file it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalWithdrawal {
    /// 业务流水号 (YWLSH)
    pub number: String,
    /// 提取日期
    pub on: Date,
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING) at that time
    pub name: String,
    /// 提取原因, in the center's words
    pub reason: String,
    /// Both parts, yuan; above zero
    pub amounts: Contribution,
    /// 提取后余额, both parts, yuan
    pub balance: Contribution,
}
