//! Bank statements as e-banking exports them: what left the unit's account.

use std::collections::BTreeMap;
use std::fmt;

use huijiao_domain::amount::AmountText;
use huijiao_domain::field::normalise_header;
use huijiao_domain::money::Yuan;
use huijiao_domain::sheet::CellKind;
use huijiao_domain::statement::StatementLine;
use jiff::civil::Date;

use crate::workbook::{SheetRow, Workbook};

/// How far down the titles are looked for: banks put the account, the period and sums above them.
const LAST_ROW: u32 = 30;
/// One known title may be chance.
const FEWEST_TITLES: usize = 3;
/// A number of more digits has lost the last ones.
const EXACT_DIGITS: usize = 15;
/// How many rows an error names before it only counts.
const NAMED: usize = 10;

/// Why a workbook is no statement that can be used. The words stand under [`StatementError::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Columns that cannot be done without, by their Chinese names.
    #[error("columns missing: {missing:?}")]
    Columns {
        /// Each of them.
        missing: Vec<&'static str>,
    },
    /// Nothing was paid, or there is no row at all.
    #[error("no payment in it")]
    Empty,
    /// Rows that are not understood. A statement that lacks a payment would say that it was not made.
    #[error("{} rows are not understood", problems.len())]
    Rows {
        /// Every one of them.
        problems: Vec<StatementProblem>,
    },
}

/// One row of a statement that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementProblem {
    /// One-based.
    pub row: u32,
    /// The column, by its Chinese name.
    pub column: &'static str,
    /// What stands there.
    pub text: String,
}

impl fmt::Display for StatementProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第 {} 行的{}「{}」", self.row, self.column, self.text)
    }
}

impl StatementError {
    /// Every code, for the table of texts.
    pub const CODES: &[&str] = &["sheet-statement-columns", "sheet-statement-empty", "sheet-statement-rows"];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Columns { .. } => "sheet-statement-columns",
            Self::Empty => "sheet-statement-empty",
            Self::Rows { .. } => "sheet-statement-rows",
        }
    }

    /// What fills the placeholders of the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        match self {
            Self::Columns { missing } => [("columns".to_owned(), missing.join("、"))].into(),
            Self::Empty => BTreeMap::new(),
            Self::Rows { problems } => {
                let list: Vec<String> = problems.iter().take(NAMED).map(ToString::to_string).collect();
                [("count".to_owned(), problems.len().to_string()), ("list".to_owned(), list.join("，"))].into()
            }
        }
    }
}

/// What was read of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What left the account, in the statement's order.
    pub lines: Vec<StatementLine>,
    /// Rows of money that came in; they pay nothing.
    pub incoming: u32,
}

/// What a column of a statement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Date,
    Debit,
    Credit,
    Amount,
    Direction,
    Account,
    Payee,
    Remark,
    Number,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::Date,
        Self::Debit,
        Self::Credit,
        Self::Amount,
        Self::Direction,
        Self::Account,
        Self::Payee,
        Self::Remark,
        Self::Number,
    ];

    /// As the refusals name it.
    fn label(self) -> &'static str {
        match self {
            Self::Date => "交易日期",
            Self::Debit => "借方发生额",
            Self::Credit => "贷方发生额",
            Self::Amount => "交易金额",
            Self::Direction => "借贷标志",
            Self::Account => "对方账号",
            Self::Payee => "对方户名",
            Self::Remark => "附言",
            Self::Number => "交易流水号",
        }
    }

    /// What the e-banking of ICBC, CCB, ABC, BOC and others writes, the best first; brackets and blanks are dropped.
    fn titles(self) -> &'static [&'static str] {
        match self {
            Self::Date => {
                &["交易日期", "交易时间", "记账日期", "入账日期", "记账时间", "入账时间", "交易日", "记账日", "日期"]
            }
            Self::Debit => &[
                "借方发生额",
                "借方金额",
                "支出金额",
                "借方",
                "支出",
                "付款金额",
                "转出金额",
                "借方交易金额",
                "付方金额",
            ],
            Self::Credit => &[
                "贷方发生额",
                "贷方金额",
                "收入金额",
                "贷方",
                "收入",
                "收款金额",
                "转入金额",
                "贷方交易金额",
                "收方金额",
            ],
            Self::Amount => &["交易金额", "发生额", "交易发生额", "金额", "人民币金额"],
            Self::Direction => &[
                "借贷标志",
                "借/贷",
                "借贷",
                "借贷标识",
                "借贷方向",
                "收支方向",
                "收支",
                "收支标志",
                "收/支",
                "交易方向",
                "来往账标志",
                "交易类型",
            ],
            Self::Account => &[
                "对方账号",
                "对方账户",
                "对方帐号",
                "收款人账号",
                "收款账号",
                "收款人帐号",
                "收款账户",
                "收方账号",
                "收/付方账号",
                "收/付方帐号",
                "收付方账号",
                "对方账户账号",
                "交易对方账号",
            ],
            Self::Payee => &[
                "对方户名",
                "对方单位名称",
                "对方单位",
                "对方名称",
                "对方账户名称",
                "收款人名称",
                "收款人户名",
                "收款户名",
                "收/付方名称",
                "收付方名称",
                "交易对方名称",
                "交易对方户名",
            ],
            Self::Remark => &[
                "附言",
                "交易附言",
                "客户附言",
                "转账附言",
                "摘要",
                "用途",
                "交易用途",
                "交易摘要",
                "业务摘要",
                "备注",
                "摘要/附言",
                "个性化信息",
                "附言/用途",
            ],
            Self::Number => &[
                "交易流水号",
                "流水号",
                "银行流水号",
                "核心流水号",
                "账户明细编号-交易流水号",
                "交易序号",
                "业务编号",
                "凭证号",
                "凭证号码",
            ],
        }
    }

    /// How good a title is for this meaning: 0 is best.
    fn rank(self, title: &str) -> Option<usize> {
        // 借方发生额/元 says no more than 借方发生额.
        let title = title.trim_end_matches("/元");
        self.titles().iter().position(|known| *known == title)
    }
}

/// Where the columns stand.
struct Columns {
    header: u32,
    date: u16,
    money: Money,
    account: u16,
    payee: Option<u16>,
    remarks: Vec<u16>,
    number: Option<u16>,
}

/// How a statement says how much and whither.
enum Money {
    /// 借方, and 贷方 where it has it.
    Sides { debit: u16, credit: Option<u16> },
    /// One amount and 借贷标志.
    Flagged { amount: u16, direction: u16 },
    /// One amount, below zero when it left the account.
    Signed { amount: u16 },
}

/// The payments of a statement.
///
/// # Errors
/// [`StatementError`]: all rows, or none.
pub fn statement(workbook: &Workbook) -> Result<Statement, StatementError> {
    let columns = columns(workbook)?;
    let mut lines = Vec::new();
    let mut problems = Vec::new();
    let mut incoming = 0;
    for row in workbook.rows.iter().filter(|row| row.row > columns.header) {
        match line(row, &columns) {
            Ok(Row::Paid(line)) => lines.push(line),
            Ok(Row::Received) => incoming += 1,
            Ok(Row::Nothing) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(StatementError::Rows { problems });
    }
    // A sign says whither only where there is one: else everything would look received.
    if matches!(columns.money, Money::Signed { .. }) && lines.is_empty() && incoming > 0 {
        return Err(StatementError::Columns { missing: vec![Column::Direction.label()] });
    }
    if lines.is_empty() {
        return Err(StatementError::Empty);
    }
    Ok(Statement { lines, incoming })
}

/// The titles of the row that names most.
fn columns(workbook: &Workbook) -> Result<Columns, StatementError> {
    let mut best: Option<(usize, &SheetRow)> = None;
    for row in workbook.rows.iter().take_while(|row| row.row <= LAST_ROW) {
        let known = |column: &Column| row.cells.iter().any(|cell| column.rank(&title(cell.text)).is_some());
        let found = Column::ALL.iter().filter(|column| known(column)).count();
        if found >= FEWEST_TITLES && best.is_none_or(|(before, _)| found > before) {
            best = Some((found, row));
        }
    }
    let titles: Vec<(u16, String)> =
        best.map(|(_, row)| row.cells.iter().map(|cell| (cell.column, title(cell.text))).collect()).unwrap_or_default();
    let find = |column: Column| {
        let ranked = titles.iter().filter_map(|(place, title)| column.rank(title).map(|rank| (rank, *place)));
        ranked.min().map(|(_, place)| place)
    };
    let all = |column: Column| {
        titles.iter().filter(|(_, title)| column.rank(title).is_some()).map(|(place, _)| *place).collect::<Vec<_>>()
    };
    let money = match (find(Column::Debit), find(Column::Amount), find(Column::Direction)) {
        (Some(debit), _, _) => Some(Money::Sides { debit, credit: find(Column::Credit) }),
        (None, Some(amount), Some(direction)) => Some(Money::Flagged { amount, direction }),
        (None, Some(amount), None) => Some(Money::Signed { amount }),
        (None, None, _) => None,
    };
    let remarks = all(Column::Remark);
    let (date, account) = (find(Column::Date), find(Column::Account));
    let mut missing = Vec::new();
    for (there, column) in [
        (date.is_some(), Column::Date),
        (money.is_some(), Column::Debit),
        (account.is_some(), Column::Account),
        (!remarks.is_empty(), Column::Remark),
    ] {
        if !there {
            missing.push(column.label());
        }
    }
    match (best, date, money, account) {
        (Some((_, row)), Some(date), Some(money), Some(account)) if missing.is_empty() => Ok(Columns {
            header: row.row,
            date,
            money,
            account,
            payee: find(Column::Payee),
            remarks,
            number: find(Column::Number),
        }),
        (_, _, _, _) => Err(StatementError::Columns { missing }),
    }
}

fn title(text: &str) -> String {
    normalise_header(&cell_text(text))
}

/// A text as meant: some banks write `="6222…"` or a leading `'` so that Excel keeps every digit.
fn cell_text(text: &str) -> String {
    let text = text.trim();
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.unwrap_or(text).trim_start_matches('\'').trim().to_owned()
}

enum Row {
    Paid(StatementLine),
    Received,
    /// Blank, or sums below the rows.
    Nothing,
}

fn line(row: &SheetRow, columns: &Columns) -> Result<Row, StatementProblem> {
    let text = |column: u16| cell_text(row.text(column));
    let date = text(columns.date);
    // Sums below the rows: 合计 stands where a date would.
    if day(&date).is_none() && is_sum(row) {
        return Ok(Row::Nothing);
    }
    let (amount_at, moved) = match columns.money {
        Money::Sides { debit, credit } => {
            let received = credit.map(|credit| amount(row, credit, Column::Credit)).transpose()?.flatten();
            let paid = amount(row, debit, Column::Debit)?;
            (debit, paid.filter(|paid| *paid != Yuan::ZERO).map(Moved::Out).or(received.map(|_| Moved::In)))
        }
        Money::Flagged { amount: at, direction } => match amount(row, at, Column::Amount)? {
            None => (at, None),
            Some(moved) => {
                let said = text(direction);
                let out = outgoing(&said).ok_or_else(|| problem(row, Column::Direction, &said))?;
                // 往账 of some banks is below zero as well.
                let size = if moved.is_negative() { -moved } else { moved };
                (at, Some(if out { Moved::Out(size) } else { Moved::In }))
            }
        },
        Money::Signed { amount: at } => {
            let moved = amount(row, at, Column::Amount)?;
            (at, moved.map(|moved| if moved.is_negative() { Moved::Out(-moved) } else { Moved::In }))
        }
    };
    let paid = match moved {
        None => return Ok(Row::Nothing),
        Some(Moved::In) => return Ok(Row::Received),
        Some(Moved::Out(amount)) => amount,
    };
    if paid.is_negative() {
        return Err(problem(row, Column::Debit, row.text(amount_at)));
    }
    let on = day(&date).ok_or_else(|| problem(row, Column::Date, &date))?;
    let account = text(columns.account);
    let number = row.cell(columns.account).is_some_and(|cell| cell.kind == CellKind::Number);
    if number && (account.len() > EXACT_DIGITS || account.contains(['E', 'e', '.'])) {
        return Err(problem(row, Column::Account, &account));
    }
    Ok(Row::Paid(StatementLine {
        row: row.row,
        on,
        amount: paid,
        account,
        payee: columns.payee.map(text).unwrap_or_default(),
        remarks: columns.remarks.iter().map(|column| text(*column)).filter(|text| !text.is_empty()).collect(),
        number: columns.number.map(text).unwrap_or_default(),
    }))
}

enum Moved {
    Out(Yuan),
    In,
}

fn problem(row: &SheetRow, column: Column, text: &str) -> StatementProblem {
    StatementProblem { row: row.row, column: column.label(), text: text.chars().take(40).collect() }
}

/// An amount of a cell; `None` where nothing stands there. Only what can be read exactly.
fn amount(row: &SheetRow, at: u16, column: Column) -> Result<Option<Yuan>, StatementProblem> {
    let Some(cell) = row.cell(at) else { return Ok(None) };
    let text = cell_text(cell.text);
    if matches!(text.as_str(), "-" | "--" | "—") {
        return Ok(None);
    }
    match AmountText::read(&text, cell.kind) {
        AmountText::Missing => Ok(None),
        AmountText::Plain(amount) | AmountText::Mended(amount) => Ok(Some(amount)),
        AmountText::Decimals(_)
        | AmountText::Myriad(_)
        | AmountText::Bracketed(_)
        | AmountText::TooLarge
        | AmountText::FormulaError
        | AmountText::Date
        | AmountText::Unreadable => Err(problem(row, column, &text)),
    }
}

/// Rows below the list: 合计, 借方总笔数.
fn is_sum(row: &SheetRow) -> bool {
    row.cells
        .iter()
        .any(|cell| ["合计", "总计", "总笔数", "总金额", "小计", "笔数"].iter().any(|word| cell.text.contains(word)))
}

/// Whether a 借贷标志 says that money left the account; `None` where it cannot be told.
fn outgoing(said: &str) -> Option<bool> {
    match said.to_uppercase().as_str() {
        "借" | "借方" | "D" | "DEBIT" | "支出" | "支" | "往账" | "付" | "付款" | "转出" | "出账" | "支付" => {
            Some(true)
        }
        "贷" | "贷方" | "C" | "CREDIT" | "收入" | "收" | "来账" | "收款" | "转入" | "入账" => Some(false),
        _ => None,
    }
}

/// A day: `2026-07-06`, `2026/7/6`, `20260706`, `2026年7月6日`, each with or without a time of day behind it.
fn day(text: &str) -> Option<Date> {
    let figures: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let (year, month, day) = match figures.as_slice() {
        [whole, ..] if whole.len() == 8 || whole.len() == 14 => (&whole[..4], &whole[4..6], &whole[6..8]),
        [year, month, day, ..] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => (*year, *month, *day),
        _ => return None,
    };
    text.starts_with(|c: char| c.is_ascii_digit())
        .then(|| Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok())
        .flatten()
        .filter(|day| (1990..=2199).contains(&day.year()))
}
