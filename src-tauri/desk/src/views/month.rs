//! The month (本月), its verification (汇缴核定) and its money (单位缴款).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `month`: the month as a path.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MonthView {
    /// 汇缴年月: the first month that is not wholly done.
    pub month: String,
    /// Today by the center's clock, `YYYY-MM-DD`.
    pub today: String,
    /// The steps of the month, in their order.
    pub steps: Vec<MonthStep>,
    /// What is due by when, the next first.
    pub deadlines: Vec<DeadlineView>,
    /// Years in which deadlines are moved by their weekends only: nobody has typed in which days are off.
    pub holidays_unknown: Vec<i16>,
    /// The last 24 months, oldest first; fewer for a younger unit.
    pub chart: Vec<ChartMonth>,
    /// What changed since the month before: label and figure; empty where nothing did.
    pub changes: Vec<(String, String)>,
    /// When the data were taken, local time.
    pub as_of: String,
    /// The center did not answer: this is the local copy.
    pub stale: bool,
}

/// One step of the month.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MonthStep {
    /// Which.
    pub key: MonthStepKey,
    /// Chinese name.
    pub label: String,
    /// Where it stands.
    pub state: MonthStepState,
    /// Figures: label and text.
    pub lines: Vec<(String, String)>,
    /// What to do next.
    pub action: Option<Jump>,
}

/// The steps of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum MonthStepKey {
    /// 人员增减
    People,
    /// 基数与比例
    Bases,
    /// 汇缴核定
    Verification,
    /// 单位缴款
    Payment,
    /// 到账入账
    Posting,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum MonthStepState {
    /// Done.
    Done,
    /// To be done now.
    Now,
    /// Can be done, and need not be.
    Optional,
    /// Comes later.
    Waiting,
    /// Something stands in the way.
    Blocked,
}

/// A way to another place of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Jump {
    /// Chinese, for a button.
    pub label: String,
    /// The place.
    pub screen: JumpScreen,
    /// What to show there: an id, a month, a kind; empty where the place says it all.
    pub argument: String,
}

/// Places that [`Jump`] leads to, and what its argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum JumpScreen {
    /// 汇缴核定; the last month to verify, or empty
    Verification,
    /// 单位缴款; `order` number, or empty
    Payments,
    /// A draft; its id
    Draft,
    /// A filing of this computer's; its id
    Filing,
    /// Filings of the unit; 业务流水号 of one that is not on this computer
    Filings,
    /// A contributor; 个人账号
    Contributor,
    /// 个人明细账 of a contributor; 个人账号
    ContributorLedger,
    /// A new filing; its kind
    Kind,
    /// 智能比对; the comparison, or empty
    Compare,
    /// 本月
    Month,
    /// 待复核
    Approvals,
    /// 数据与安全
    Data,
    /// 操作日志
    Audit,
    /// 证书
    Certificates,
}

/// A day by which something is to be done.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DeadlineView {
    /// `YYYY-MM-DD`
    pub on: String,
    /// What, Chinese.
    pub label: String,
    /// Days from today; below zero when it has passed.
    pub days_left: i32,
    /// Soon, or past.
    pub urgent: bool,
    /// That it falls on a day off, and what becomes of it, Chinese; empty where it does not.
    pub note: String,
}

/// A month of the chart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChartMonth {
    /// 汇缴年月
    pub month: String,
    /// How far it is.
    pub state: MonthStage,
    /// Its figures, in the order of the form.
    pub figures: Vec<FigureView>,
}

/// How far a month is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum MonthStage {
    /// 未核定; figures as they are now
    Open,
    /// 已核定
    Verified,
    /// 已入账
    Paid,
}

/// `verification`: 汇缴核定表 of one month, or of several in a row.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VerificationView {
    /// The first month not yet verified.
    pub first: String,
    /// The last one shown.
    pub through: String,
    /// Months that `through` may be.
    pub choices: Vec<String>,
    /// The table of each month.
    pub tables: Vec<MonthTableView>,
    /// 暂存款余额
    pub suspense: String,
    /// What of it can be used.
    pub available: String,
    /// What stands in the way (errors) and what to look at first (warnings).
    pub obstacles: Vec<ObstacleView>,
    /// Nothing can be signed now.
    pub blocked: bool,
    /// Where the center has the list otherwise; nothing can be signed while there is one.
    pub differences: Vec<DifferenceView>,
    /// The center's lists were fetched and held against ours.
    pub compared: bool,
    /// Verified months, newest first.
    pub verified: Vec<VerifiedView>,
    /// What an order to verify has to name.
    pub fingerprint: String,
    /// Roster version it was computed from.
    #[ts(type = "number")]
    pub roster_version: u64,
    /// When the data were taken, local time.
    pub as_of: String,
    /// The center did not answer: this is the local copy.
    pub stale: bool,
}

/// The table of one month.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MonthTableView {
    /// 汇缴年月
    pub month: String,
    /// Its figures, in the order of the form.
    pub figures: Vec<FigureView>,
    /// 本月应缴, 大写
    pub due_capitals: String,
}

/// A figure of the table.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FigureView {
    /// Which.
    pub key: FigureKey,
    /// Chinese name.
    pub label: String,
    /// 人数
    pub people: u32,
    /// 金额
    pub amount: String,
}

/// The figures of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum FigureKey {
    /// 上月汇缴
    Previous,
    /// 本月增加
    Increase,
    /// 本月减少
    Decrease,
    /// 基数（比例）调整
    Adjusted,
    /// 本月应缴
    Due,
}

/// Something that stands in the way of verifying, or asks to be looked at.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ObstacleView {
    /// Stable code.
    pub code: String,
    /// `error` or `warning`.
    pub level: String,
    /// Chinese title.
    pub title: String,
    /// Chinese sentence.
    pub message: String,
    /// Where to mend it.
    pub jump: Option<Jump>,
}

/// Somebody whom this computer and the center have differently in a month's list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DifferenceView {
    /// 汇缴年月
    pub month: String,
    /// 姓名
    pub name: String,
    /// 个人账号
    pub personal_account: String,
    /// As computed here, Chinese.
    pub here: String,
    /// As the center has it, Chinese.
    pub center: String,
}

/// A verified month.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VerifiedView {
    /// 汇缴年月
    pub month: String,
    /// 人数
    pub people: u32,
    /// 金额
    pub amount: String,
    /// Whether it is paid.
    pub state: MonthStage,
    /// 业务流水号; empty for months from before the center's books.
    pub filing_number: String,
    /// The filing, where it was made on this computer.
    pub filing: Option<String>,
    /// It can be taken back (撤销核定): the last one, not paid, no order on it, filed here.
    pub revocable: bool,
}

/// `verification_people`: who is behind a figure.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VerificationPeople {
    /// Page number, zero-based; pages hold 200 people.
    pub page: u32,
    /// Behind the figure.
    pub total: u32,
    /// The people.
    pub people: Vec<DuePerson>,
}

/// A person of the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DuePerson {
    /// 个人账号
    pub personal_account: String,
    /// 姓名
    pub name: String,
    /// 证件号码, masked
    pub id_number: String,
    /// 缴存基数
    pub base: String,
    /// 单位月缴存额
    pub unit_amount: String,
    /// 个人月缴存额
    pub personal_amount: String,
    /// 月缴存额
    pub monthly: String,
    /// 月缴存额 of the month before, where it was another.
    pub before: Option<String>,
    /// Why he stands here, Chinese.
    pub why: String,
}

/// `payments`: what is owed, what was ordered, what came in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PaymentsView {
    /// What is owed, oldest first.
    pub dues: Vec<DueView>,
    /// Orders, newest first.
    pub orders: Vec<OrderView>,
    /// 暂存款余额
    pub suspense: String,
    /// What of it can be used.
    pub available: String,
    /// Last day of the agreement on 委托收款, `YYYY-MM-DD`.
    pub debit_agreement: Option<String>,
    /// Money that waits to be claimed, oldest first.
    pub unprocessed: Vec<IncomingView>,
    /// Ways to pay.
    pub methods: Vec<PayMethodView>,
    /// When the data were taken, local time.
    pub as_of: String,
    /// The center did not answer: this is the local copy.
    pub stale: bool,
}

/// Something owed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DueView {
    /// What an order names.
    pub pays: String,
    /// `2026-07 汇缴`
    pub label: String,
    /// Kind of filing it comes from, Chinese.
    pub kind_name: String,
    /// 人数
    pub people: u32,
    /// 单位部分
    pub unit_amount: String,
    /// 个人部分
    pub personal_amount: String,
    /// 金额
    pub amount: String,
    /// 业务流水号 of the order under way.
    pub ordered: Option<String>,
}

/// An order to pay.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OrderView {
    /// 业务流水号
    pub number: String,
    /// The filing's own id.
    pub filing: String,
    /// The filing is on this computer.
    pub here: bool,
    /// What it pays, Chinese.
    pub label: String,
    /// 缴款方式
    pub method: PayMethod,
    /// Its Chinese name.
    pub method_name: String,
    /// 人数
    pub people: u32,
    /// 金额
    pub amount: String,
    /// Where it stands.
    pub state: OrderStage,
    /// Chinese.
    pub state_name: String,
    /// Why it failed; empty while it has not.
    pub reason: String,
    /// Local time.
    pub ordered_at: String,
    /// 入账日期, `YYYY-MM-DD`
    pub settled_on: Option<String>,
    /// What came in for it.
    pub received: String,
    /// It can be withdrawn here: filed on this computer, no money came.
    pub withdrawable: bool,
    /// Where to pay, for a transfer that is waited for.
    pub card: Option<PaymentCard>,
}

/// 缴款方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum PayMethod {
    /// 转账
    Transfer,
    /// 暂存款
    Suspense,
    /// 委托收款
    DirectDebit,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum OrderStage {
    /// 待到账
    Awaiting,
    /// 扣款中
    Debiting,
    /// 已入账
    Paid,
    /// 缴款失败
    Failed,
    /// 已撤回
    Withdrawn,
}

/// Where to transfer, and with which remark.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PaymentCard {
    /// 收款户名
    pub account_name: String,
    /// 收款账号
    pub account_number: String,
    /// 开户银行
    pub bank: String,
    /// 金额
    pub amount: String,
    /// 大写
    pub amount_capitals: String,
    /// 缴款码: the bank remark, and nothing else
    pub code: String,
}

/// Money that fits no order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct IncomingView {
    /// 到账流水号
    pub number: String,
    /// `YYYY-MM-DD`
    pub received_on: String,
    /// 金额
    pub amount: String,
    /// The bank remark, as it came.
    pub remark: String,
    /// 付款户名
    pub payer: String,
    /// 付款账号, masked
    pub payer_account: String,
    /// Why it fits no order.
    pub reason: String,
    /// What may become of it.
    pub ways: Vec<ClaimWay>,
}

/// What may become of money that came in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ClaimWay {
    /// What an order to claim names.
    pub key: String,
    /// Chinese.
    pub label: String,
}

/// A way to pay.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PayMethodView {
    /// Which.
    pub key: PayMethod,
    /// Chinese.
    pub label: String,
    /// It can be used now.
    pub usable: bool,
    /// Why not, or what is to know about it; Chinese.
    pub why: String,
}

/// `order_review`, `order_sign`: something that is made from the center's books, not typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum OrderForm {
    /// 汇缴核定
    Verify {
        /// The last month.
        through: String,
    },
    /// 单位缴款
    Pay {
        /// [`DueView::pays`] of each due.
        pays: Vec<String>,
        /// How.
        method: PayMethod,
    },
    /// 未处理缴款认领
    Claim {
        /// 到账流水号
        incoming: String,
        /// [`ClaimWay::key`]
        to: String,
    },
}

/// `practice`: what happens outside of the unit, in the practice only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum PracticeAct {
    /// The unit's bank sends money.
    Pay {
        /// 业务流水号 of the order it is for.
        order: String,
        /// How well.
        how: PracticePayment,
    },
    /// One is somebody else of the unit from now on.
    Operator {
        /// Names him.
        key: String,
    },
    /// Days go by at the center and its bank.
    Days {
        /// How many.
        days: u16,
    },
    /// An officer of the center decides of a filing in review.
    Decide {
        /// The filing's own id.
        filing: String,
        /// What he decides.
        decision: PracticeDecision,
    },
    /// Filings of a kind go to an officer from now on, or are booked at once.
    Review {
        /// The kind.
        kind: String,
        /// Whether an officer decides.
        officer: bool,
    },
    /// Filings of a kind need the approver's signature from now on, or do not.
    Countersign {
        /// The kind.
        kind: String,
        /// Whether he signs.
        wanted: bool,
    },
}

/// What the practice officer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum PracticeDecision {
    /// All of it is booked.
    Accept,
    /// All of it but the last row.
    Partly,
    /// Nothing.
    Refuse,
}

/// How a practice payment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum PracticePayment {
    /// As ordered.
    Exact,
    /// 100 yuan less.
    Short,
    /// 100 yuan more.
    Over,
    /// With a code that there is not.
    WrongCode,
    /// Without a code.
    NoCode,
}
