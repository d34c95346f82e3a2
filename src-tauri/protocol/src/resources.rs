//! What the center answers to reads.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
pub use huijiao_domain::profile::BankAccount;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::{DueLine, PaidDue, PaymentMethod};
use huijiao_domain::roster::Known;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::receipt::FilingState;

/// `GET /v1/center`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CenterInfo {
    /// 1
    pub protocol: u8,
    /// RFC 3339 with an offset, by the center's clock.
    pub time: String,
    /// The center's rules.
    pub profile: CenterProfile,
    /// Kinds of filings it takes.
    pub kinds: Vec<FilingKind>,
}

/// One entry of `GET /v1/units`: a unit of this operator and the operator's role there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitOfOperator {
    /// 单位账号 (DWZH)
    pub account: String,
    /// 单位名称 (DWMC)
    pub name: String,
    /// `clerk`, `approver` or `viewer`
    pub role: String,
}

/// Body of `POST /v1/units/{account}/lookup`: people who are not in the unit, at most [`crate::MAX_LOOKUP`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Who is asked about.
    pub people: Vec<Person>,
}

/// Somebody as the client knows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 姓名 (XINGMING); nothing is told of an account under another name
    pub name: String,
}

/// Answer of `POST /v1/units/{account}/lookup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupAnswer {
    /// One answer for each person, in their order.
    pub answers: Vec<Known>,
}

/// `GET /v1/filings/{id}` and each entry of `GET /v1/filings`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingStatus {
    /// The filing's own id.
    pub id: Uuid,
    /// 业务流水号 (YWLSH)
    pub filing_number: String,
    /// 单位账号 (DWZH)
    pub unit_account: String,
    /// Its kind.
    pub kind: FilingKind,
    /// Month it takes effect.
    pub period: Month,
    /// Where it stands.
    pub state: FilingState,
    /// RFC 3339 with an offset.
    pub accepted_at: String,
    /// SHA-256 of the filing file as received first, lower-case hex.
    pub filing_sha256: String,
    /// SHA-256 of the file with the approver's signature, where that came later; lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_sha256: Option<String>,
    /// The newest `receipt.p7m`, base64: that of the present state.
    pub receipt: String,
    /// Its receipts before that, oldest first, base64: one for each state it went through.
    #[serde(default)]
    pub earlier_receipts: Vec<String>,
}

/// Something that moved: each entry of `GET /v1/events`. It says where to look, not what is there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Rises from event to event; the `id` of the stream.
    pub number: u64,
    /// 单位账号 (DWZH)
    pub unit_account: String,
    /// What moved.
    pub about: About,
    /// The filing that moved on.
    pub filing: Option<Uuid>,
    /// Where it stood then.
    pub state: Option<FilingState>,
    /// RFC 3339 with an offset.
    pub at: String,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A filing moved on, and with it roster, months or money.
    Filing,
    /// Contributors changed without a filing.
    Roster,
    /// Money moved without a filing.
    Books,
    /// Something that this version does not know.
    #[serde(other)]
    Other,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// At most [`crate::MAX_PAGE`].
    pub items: Vec<T>,
    /// `cursor` of the next page; `None` on the last.
    pub next: Option<String>,
}

/// `GET /v1/units/{account}/months/{m}/list`: who is due in a month, frozen once it is verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthList {
    /// 汇缴年月
    pub month: Month,
    /// Whether it is verified: the list will not change.
    pub verified: bool,
    /// Roster version it was made of.
    pub roster_version: u64,
    /// Everybody who is due, in the roster's order.
    pub lines: Vec<DueLine>,
}

/// An order to pay (缴款单): each entry of `GET /v1/units/{account}/payments`, and `/payments/{number}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentOrder {
    /// 业务流水号 (YWLSH) of the filing
    pub number: String,
    /// The filing's own id.
    pub filing: Uuid,
    /// What it pays.
    pub pays: Vec<PaidDue>,
    /// 缴款方式
    pub method: PaymentMethod,
    /// 人数
    pub people: u32,
    /// Both parts, yuan
    pub amounts: Contribution,
    /// 缴款码: what the bank remark must hold, and nothing else
    pub code: String,
    /// Where the money goes.
    pub to: BankAccount,
    /// Where it stands.
    pub state: OrderState,
    /// Why it failed, in the center's or the bank's words; empty while it has not.
    pub reason: String,
    /// RFC 3339 with an offset.
    pub ordered_at: String,
    /// 入账日期
    pub settled_on: Option<Date>,
    /// What came in for it, yuan
    pub received: Yuan,
}

/// Where an order to pay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// 待到账: the unit's transfer has not come in yet.
    Awaiting,
    /// 扣款中: the bank has the debit.
    Debiting,
    /// 已入账
    Paid,
    /// 缴款失败
    Failed,
    /// 已撤回
    Withdrawn,
}

impl OrderState {
    /// Its Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Awaiting => "待到账",
            Self::Debiting => "扣款中",
            Self::Paid => "已入账",
            Self::Failed => "缴款失败",
            Self::Withdrawn => "已撤回",
        }
    }
}
