//! What the center answers as tables: words, masks and sums.

use std::ops::Add;

use huijiao_domain::mask;
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::profile::UnitItem;
use huijiao_domain::remittance::{Books, PaidDue};
use huijiao_domain::roster::{AccountStatus, Unit};
use huijiao_protocol::queries::{ContributorAccount, LedgerEntry, LedgerPage, PersonalWithdrawal, UnitMoney};
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_protocol::resources::{FilingStatus, PaymentOrder};
use huijiao_signing::{Crl, TrustAnchors};
use serde::Serialize;

use super::QueryTable;
use super::filing::newest_receipt;
use crate::error::DeskError;
use crate::text;
use crate::views::{Jump, JumpScreen, QueryCell, QueryColumn, QueryRow};

use QueryCell::{Amount, Code, Count, Signed, Text};

fn table(title: &str, columns: &[(&str, QueryCell)]) -> QueryTable {
    let column = |(label, form): &(&str, QueryCell)| QueryColumn { label: (*label).to_owned(), form: *form };
    QueryTable {
        title: title.to_owned(),
        period: String::new(),
        columns: columns.iter().map(column).collect(),
        rows: Vec::new(),
        subtotals: Vec::new(),
        totals: Vec::new(),
        balances: Vec::new(),
    }
}

fn row<const N: usize>(cells: [String; N]) -> QueryRow {
    QueryRow { cells: cells.into(), jump: None }
}

fn to(screen: JumpScreen, label: &str, argument: &str) -> Option<Jump> {
    Some(Jump { label: label.into(), screen, argument: argument.to_owned() })
}

/// The wire form of a word.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// An amount, or nothing where nothing moved.
fn moved(amount: Yuan) -> String {
    if amount == Yuan::ZERO { String::new() } else { amount.to_string() }
}

fn people(count: u32) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

/// A ledger whose entries do not make its closing balance is not shown: nobody could say which of its figures is wrong.
fn add_up<B: Copy + PartialEq>(page: &LedgerPage<B>, plus: impl Fn(B, B) -> B) -> Result<(), DeskError> {
    let mut running = page.opening;
    for entry in &page.items {
        running = plus(running, entry.moved);
        if running != entry.balance {
            return Err(DeskError::refusal(DeskError::LEDGER_UNBALANCED));
        }
    }
    if running == page.closing { Ok(()) } else { Err(DeskError::refusal(DeskError::LEDGER_UNBALANCED)) }
}

/// 日期 · 业务 · 摘要 · 业务流水号
fn head<B>(entry: &LedgerEntry<B>) -> [String; 4] {
    let number = entry.filing_number.as_ref().or(entry.incoming.as_ref());
    [entry.on.to_string(), entry.kind.label().to_owned(), entry.label.clone(), number.cloned().unwrap_or_default()]
}

const HEAD: [(&str, QueryCell); 4] = [("日期", Code), ("业务", Text), ("摘要", Text), ("流水号", Code)];

/// The way to the filing behind an entry; [`super::Desk::lead_to_filings`] finds those of this computer.
fn filing_behind<B>(entry: &LedgerEntry<B>) -> Option<Jump> {
    let number = entry.filing.as_ref().and(entry.filing_number.as_ref())?;
    to(JumpScreen::Filings, "查看申报", number)
}

fn entry_row<B, const N: usize>(entry: &LedgerEntry<B>, figures: [String; N]) -> QueryRow {
    let cells = head(entry).into_iter().chain(figures).collect();
    QueryRow { cells, jump: filing_behind(entry) }
}

fn totals<const N: usize>(figures: [String; N]) -> Vec<String> {
    let blank = std::iter::repeat_n(String::new(), HEAD.len() - 1);
    std::iter::once("合计".to_owned()).chain(blank).chain(figures).collect()
}

pub(super) fn unit(unit: &Unit, books: &Books) -> QueryTable {
    let mut table = table("单位基本信息", &[("项目", Text), ("内容", Text)]);
    let agreement = books.debit_agreement.map_or_else(|| "未签订".to_owned(), |last| format!("有效至 {last}"));
    let lines = [
        ("单位名称", unit.name.clone()),
        ("单位账号", unit.account.clone()),
        ("统一社会信用代码", unit.credit_code.clone()),
        ("单位账户状态", unit.status.label().to_owned()),
        ("单位缴存比例", unit.unit_ratio.percent()),
        ("个人缴存比例", unit.personal_ratio.percent()),
        ("缴存人数", format!("{} 人", unit.contributors)),
        ("封存人数", format!("{} 人", unit.sealed)),
        ("缴至年月", unit.paid_through.to_string()),
        ("应汇缴年月", unit.first_unverified.to_string()),
        ("暂存款余额", format!("{} 元", unit.suspense_balance)),
        ("其中可用", format!("{} 元", books.available)),
        ("委托收款协议", agreement),
    ];
    let details = UnitItem::ALL.into_iter().filter_map(|item| {
        let said = unit.details.get(item.as_str())?;
        let shown = if item == UnitItem::ClerkIdNumber { mask::id_number(said) } else { said.clone() };
        Some((item.label(), shown))
    });
    table.rows = lines.into_iter().chain(details).map(|(label, said)| row([label.to_owned(), said])).collect();
    table
}

fn plus_unit(one: UnitMoney, other: UnitMoney) -> UnitMoney {
    UnitMoney { due: one.due + other.due, suspense: one.suspense + other.suspense, posted: one.posted + other.posted }
}

pub(super) fn ledger(page: &LedgerPage<UnitMoney>) -> Result<QueryTable, DeskError> {
    add_up(page, plus_unit)?;
    let figures = [
        ("人数", Count),
        ("应缴增减", Signed),
        ("暂存款增减", Signed),
        ("个人账户增减", Signed),
        ("应缴未缴余额", Amount),
        ("暂存款余额", Amount),
    ];
    let mut table = table("单位明细账", &[&HEAD[..], &figures].concat());
    let line = |entry: &LedgerEntry<UnitMoney>| {
        let UnitMoney { due, suspense, posted } = entry.moved;
        let after = entry.balance;
        let figures = [moved(due), moved(suspense), moved(posted), after.due.to_string(), after.suspense.to_string()];
        let [one, two, three, four, five] = figures;
        entry_row(entry, [people(entry.people), one, two, three, four, five])
    };
    table.rows = page.items.iter().map(line).collect();
    let sum = page.items.iter().map(|entry| entry.moved).fold(UnitMoney::default(), plus_unit);
    let blank = String::new;
    let sums = [blank(), sum.due.to_string(), sum.suspense.to_string(), sum.posted.to_string(), blank(), blank()];
    table.totals = totals(sums);
    table.balances = vec![
        ("期初应缴未缴".into(), page.opening.due.to_string()),
        ("期末应缴未缴".into(), page.closing.due.to_string()),
        ("期初暂存款".into(), page.opening.suspense.to_string()),
        ("期末暂存款".into(), page.closing.suspense.to_string()),
    ];
    Ok(table)
}

pub(super) fn suspense(page: &LedgerPage<Yuan>) -> Result<QueryTable, DeskError> {
    add_up(page, Yuan::add)?;
    let figures = [("转入", Amount), ("转出", Amount), ("余额", Amount)];
    let mut table = table("暂存款明细", &[&HEAD[..], &figures].concat());
    let (into, out) = (|amount: Yuan| amount.max(Yuan::ZERO), |amount: Yuan| (-amount).max(Yuan::ZERO));
    let line = |entry: &LedgerEntry<Yuan>| {
        entry_row(entry, [moved(into(entry.moved)), moved(out(entry.moved)), entry.balance.to_string()])
    };
    table.rows = page.items.iter().map(line).collect();
    let sum = |way: fn(Yuan) -> Yuan| page.items.iter().map(|entry| way(entry.moved)).sum::<Yuan>().to_string();
    table.totals = totals([sum(into), sum(out), String::new()]);
    table.balances = vec![("期初余额".into(), page.opening.to_string()), ("期末余额".into(), page.closing.to_string())];
    Ok(table)
}

fn plus_parts(one: Contribution, other: Contribution) -> Contribution {
    [one, other].into_iter().sum()
}

pub(super) fn contributor(name: &str, page: &LedgerPage<Contribution>) -> Result<QueryTable, DeskError> {
    add_up(page, plus_parts)?;
    let figures = [("单位部分", Signed), ("个人部分", Signed), ("合计", Signed), ("余额", Amount)];
    let mut table = table(&format!("个人明细账-{name}"), &[&HEAD[..], &figures].concat());
    let line = |entry: &LedgerEntry<Contribution>| {
        let Contribution { unit_amount, personal_amount } = entry.moved;
        let both = entry.moved.monthly().to_string();
        entry_row(entry, [moved(unit_amount), moved(personal_amount), both, entry.balance.monthly().to_string()])
    };
    table.rows = page.items.iter().map(line).collect();
    let sum: Contribution = page.items.iter().map(|entry| entry.moved).sum();
    let both = sum.monthly().to_string();
    table.totals = totals([sum.unit_amount.to_string(), sum.personal_amount.to_string(), both, String::new()]);
    table.balances = vec![
        ("期初余额".into(), page.opening.monthly().to_string()),
        ("期末余额".into(), page.closing.monthly().to_string()),
    ];
    Ok(table)
}

/// In the order in which accounts are told apart.
pub(super) const STATUSES: [AccountStatus; 7] = {
    use AccountStatus::{ClosedByMerger, ClosedByTransfer, ClosedByWithdrawal, Frozen, Normal, Other, Sealed};
    [Normal, Sealed, ClosedByMerger, ClosedByTransfer, ClosedByWithdrawal, Frozen, Other]
};

pub(super) fn accounts(accounts: &[ContributorAccount]) -> QueryTable {
    let columns = [
        ("个人账号", Code),
        ("姓名", Text),
        ("证件号码", Code),
        ("状态", Text),
        ("缴存基数", Amount),
        ("单位月缴存额", Amount),
        ("个人月缴存额", Amount),
        ("月缴存额", Amount),
        ("账户余额", Amount),
        ("最近记账", Code),
    ];
    let mut table = table("缴存人账户", &columns);
    let line = |one: &ContributorAccount| QueryRow {
        cells: vec![
            one.personal_account.clone(),
            one.name.clone(),
            mask::id_number(&one.id_number),
            one.status.label().to_owned(),
            one.base.to_string(),
            one.amounts.unit_amount.to_string(),
            one.amounts.personal_amount.to_string(),
            one.amounts.monthly().to_string(),
            one.balance.monthly().to_string(),
            one.last_entry.map(|day| day.to_string()).unwrap_or_default(),
        ],
        jump: to(JumpScreen::Contributor, "查看缴存人", &one.personal_account),
    };
    table.rows = accounts.iter().map(line).collect();
    let of = |status: AccountStatus| -> Vec<&ContributorAccount> {
        accounts.iter().filter(|one| one.status == status).collect()
    };
    let mut parts: Vec<(AccountStatus, Vec<&ContributorAccount>)> =
        STATUSES.into_iter().map(|status| (status, of(status))).collect();
    parts.retain(|(_, people)| !people.is_empty());
    let mixed = parts.len() > 1;
    if mixed {
        let lines = parts.iter().map(|(status, people)| account_sums(&format!("{}小计", status.label()), people, true));
        table.subtotals = lines.collect();
    }
    // Only for those in 正常 is anything remitted: a sum of all monthly amounts would agree with no remittance.
    let all: Vec<&ContributorAccount> = accounts.iter().collect();
    table.totals = account_sums("合计", &all, !mixed);
    table
}

/// A line below the accounts; `monthly`: with what is paid each month.
fn account_sums(label: &str, accounts: &[&ContributorAccount], monthly: bool) -> Vec<String> {
    let amounts: Contribution = accounts.iter().map(|one| one.amounts).sum();
    let balance: Contribution = accounts.iter().map(|one| one.balance).sum();
    let paid = |amount: Yuan| if monthly { amount.to_string() } else { String::new() };
    let blank = String::new;
    vec![
        label.to_owned(),
        format!("{} 人", accounts.len()),
        blank(),
        blank(),
        blank(),
        paid(amounts.unit_amount),
        paid(amounts.personal_amount),
        paid(amounts.monthly()),
        balance.monthly().to_string(),
        blank(),
    ]
}

pub(super) fn withdrawals(withdrawals: &[PersonalWithdrawal]) -> QueryTable {
    let columns = [
        ("提取日期", Code),
        ("业务流水号", Code),
        ("个人账号", Code),
        ("姓名", Text),
        ("提取原因", Text),
        ("提取金额", Amount),
        ("提取后余额", Amount),
    ];
    let mut table = table("提取记录", &columns);
    let line = |one: &PersonalWithdrawal| QueryRow {
        cells: vec![
            one.on.to_string(),
            one.number.clone(),
            one.personal_account.clone(),
            one.name.clone(),
            one.reason.clone(),
            one.amounts.monthly().to_string(),
            one.balance.monthly().to_string(),
        ],
        jump: to(JumpScreen::ContributorLedger, "查看明细账", &one.personal_account),
    };
    table.rows = withdrawals.iter().map(line).collect();
    let sum: Contribution = withdrawals.iter().map(|one| one.amounts).sum();
    table.totals = ["合计", &format!("{} 笔", withdrawals.len()), "", "", "", &sum.monthly().to_string(), ""]
        .map(str::to_owned)
        .into();
    table
}

pub(super) fn payments(orders: &[PaymentOrder]) -> QueryTable {
    let columns = [
        ("缴款单号", Code),
        ("办理时间", Code),
        ("缴款内容", Text),
        ("缴款方式", Text),
        ("人数", Count),
        ("应缴金额", Amount),
        ("到账金额", Amount),
        ("状态", Text),
        ("入账日期", Code),
        ("说明", Text),
    ];
    let mut table = table("缴款记录", &columns);
    let line = |order: &PaymentOrder| QueryRow {
        cells: vec![
            order.number.clone(),
            text::local_time(&order.ordered_at),
            order.pays.iter().map(PaidDue::label).collect::<Vec<_>>().join("、"),
            order.method.label().to_owned(),
            order.people.to_string(),
            order.amounts.monthly().to_string(),
            moved(order.received),
            order.state.label().to_owned(),
            order.settled_on.map(|day| day.to_string()).unwrap_or_default(),
            order.reason.clone(),
        ],
        jump: to(JumpScreen::Payments, "查看缴款单", &order.number),
    };
    table.rows = orders.iter().map(line).collect();
    let received: Yuan = orders.iter().map(|order| order.received).sum();
    table.totals = ["合计", &format!("{} 笔", orders.len()), "", "", "", "", &received.to_string(), "", "", ""]
        .map(str::to_owned)
        .into();
    table
}

pub(super) fn filings(filings: &[FilingStatus], anchors: &TrustAnchors, crls: &[Crl]) -> QueryTable {
    let columns = [
        ("业务流水号", Code),
        ("业务", Text),
        ("年月", Code),
        ("受理时间", Code),
        ("人数（项数）", Count),
        ("金额", Amount),
        ("经办人", Text),
        ("状态", Text),
        ("说明", Text),
    ];
    let mut table = table("业务办理", &columns);
    let line = |filing: &FilingStatus| {
        // What a receipt does not prove is not shown as if it did.
        let content = newest_receipt(filing, anchors, crls);
        let of = |f: &dyn Fn(&ReceiptContent) -> String| content.as_ref().map(f).unwrap_or_default();
        let unproved = "中心的回执未通过验证";
        QueryRow {
            cells: vec![
                filing.filing_number.clone(),
                filing.kind.label().to_owned(),
                filing.period.to_string(),
                text::local_time(&filing.accepted_at),
                of(&|content| people(content.totals.people)),
                of(&|content| moved(content.totals.after)),
                of(&|content| {
                    content.signers.first().map(|signer| mask::id_numbers_in(&signer.name)).unwrap_or_default()
                }),
                filing.state.label().to_owned(),
                content.as_ref().map_or_else(|| unproved.to_owned(), |content| content.reason.clone()),
            ],
            jump: to(JumpScreen::Filings, "查看申报", &filing.filing_number),
        }
    };
    table.rows = filings.iter().map(line).collect();
    table
}
