//! The roster as a center's web hall exports it: for centers whose roster no gateway gives.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use huijiao_domain::amount::AmountText;
use huijiao_domain::characters::{half_width, is_blank, mended, without_decimal};
use huijiao_domain::field::{Field, normalise_header};
use huijiao_domain::money::{Contribution, Ratio, Yuan};
use huijiao_domain::name::NameText;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{AccountStatus, Changes, Contact, Contributor, Roster};
use huijiao_domain::sheet::{Cell, CellKind, RawRow};
use huijiao_domain::texts;
use smol_str::SmolStr;

use crate::error::SheetError;
use crate::header::{Header, find_header};
use crate::mapping::map_fields;
use crate::rows::take_rows;
use crate::workbook::Workbook;

/// What a roster carries.
const FIELDS: [Field; 11] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::OldBase,
    Field::NewBase,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::Mobile,
    Field::BankName,
    Field::BankCard,
];
/// A number of more digits has lost the last ones.
const EXACT_DIGITS: usize = 15;

/// How many rows an error names before it only counts.
const NAMED: usize = 10;

/// Why a workbook is no roster. The words stand under [`RosterError::code`] in the table of texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// No header, or columns that a roster cannot do without are missing.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// Nobody is in it.
    #[error("nobody in it")]
    Empty,
    /// Rows that are not understood. A roster that lacks a person is none.
    #[error("{} rows are not understood", problems.len())]
    Rows {
        /// Every one of them.
        problems: Vec<RosterProblem>,
    },
}

/// One row of a roster that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RosterProblem {
    /// One-based.
    pub row: u32,
    /// What is wrong.
    pub fault: RosterFault,
}

/// What can be wrong with a row of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterFault {
    /// Nothing stands there.
    Missing(Field),
    /// A number where a text must be: zeros in front or the last digits may be lost.
    Number(Field),
    /// Part of it is hidden by asterisks, as in lists that are for looking at: ours, and many centers'.
    Masked(Field),
    /// It cannot be read.
    Unreadable(Field),
    /// The status of the account cannot be read.
    Status,
}

impl RosterFault {
    /// Every code, for the table of texts.
    pub const CODES: &[&str] = &[
        "sheet-roster-missing",
        "sheet-roster-number",
        "sheet-roster-masked",
        "sheet-roster-unreadable",
        "sheet-roster-status",
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing(_) => "sheet-roster-missing",
            Self::Number(_) => "sheet-roster-number",
            Self::Masked(_) => "sheet-roster-masked",
            Self::Unreadable(_) => "sheet-roster-unreadable",
            Self::Status => "sheet-roster-status",
        }
    }
}

impl fmt::Display for RosterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = texts::lookup(self.fault.code()) else { return f.write_str(self.fault.code()) };
        let field = match self.fault {
            RosterFault::Missing(field)
            | RosterFault::Number(field)
            | RosterFault::Masked(field)
            | RosterFault::Unreadable(field) => field.label(),
            RosterFault::Status => "",
        };
        let args = [("row", self.row.to_string()), ("field", field.to_owned())];
        let args: BTreeMap<String, String> = args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        f.write_str(&texts::fill(&text.happened, &args))
    }
}

impl RosterError {
    /// The codes that are not those of [`SheetError`], for the table of texts.
    pub const CODES: &[&str] = &["sheet-roster-empty", "sheet-roster-rows"];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sheet(error) => error.code(),
            Self::Empty => "sheet-roster-empty",
            Self::Rows { .. } => "sheet-roster-rows",
        }
    }

    /// What fills the placeholders of the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        match self {
            Self::Sheet(error) => error.args(),
            Self::Empty => BTreeMap::new(),
            Self::Rows { problems } => {
                let list: String = problems.iter().take(NAMED).map(ToString::to_string).collect();
                [("count".to_owned(), problems.len().to_string()), ("list".to_owned(), list)].into()
            }
        }
    }
}

/// The people of a center's export. Amounts that it does not carry are computed by the newest policy from `ratios`
/// (unit, personal), or are zero where there are none. The workbook has no rows afterwards, as with [`take_rows`].
///
/// # Errors
/// [`RosterError`]: all rows, or none.
pub fn roster(
    workbook: &mut Workbook,
    profile: &CenterProfile,
    ratios: Option<(Ratio, Ratio)>,
) -> Result<Roster, RosterError> {
    Ok(roster_as_meant(workbook, profile, ratios)?.0)
}

/// As [`roster`], with the number of people whose name, ID number or account is not written as the center means it:
/// blanks, apostrophes, full-width forms, a small x, zeros that a number has lost. They are taken as meant, or nobody
/// would be found by them.
///
/// # Errors
/// As [`roster`].
pub fn roster_as_meant(
    workbook: &mut Workbook,
    profile: &CenterProfile,
    ratios: Option<(Ratio, Ratio)>,
) -> Result<(Roster, usize), RosterError> {
    let header = find_header(workbook)?;
    let mapping: Vec<(u16, Field)> = map_fields(&header, &FIELDS)
        .iter()
        .filter_map(|column| column.field.map(|field| (column.column, field)))
        .collect();
    let needed = [Field::PersonalAccount, Field::Name, Field::IdNumber];
    let missing: Vec<Field> =
        needed.into_iter().filter(|wanted| !mapping.iter().any(|(_, field)| field == wanted)).collect();
    if !missing.is_empty() {
        return Err(SheetError::ColumnsMissing { fields: missing }.into());
    }
    let column = status_column(&header);
    let statuses = column.map(|column| said_in(workbook, column));
    let people = take_rows(workbook, &header, &mapping).sheet.rows;
    let mut contributors = Vec::with_capacity(people.len());
    let mut problems = Vec::new();
    let mut mended = 0;
    for row in people {
        let status = statuses.as_ref().map(|said| said.get(&row.row).map_or("", SmolStr::as_str));
        match contributor(&row, status, profile, ratios) {
            Ok((person, as_written)) => {
                mended += usize::from(!as_written);
                contributors.push(person);
            }
            Err(fault) => problems.push(RosterProblem { row: row.row, fault }),
        }
    }
    if !problems.is_empty() {
        return Err(RosterError::Rows { problems });
    }
    if contributors.is_empty() {
        return Err(RosterError::Empty);
    }
    Ok((Roster { version: 0, contributors }, mended))
}

/// What the rows say in a column, by their numbers.
fn said_in(workbook: &Workbook, column: u16) -> HashMap<u32, SmolStr> {
    let said = workbook.rows.iter().filter_map(|row| Some((row.row, row.cell(column)?.text.trim().into())));
    said.collect()
}

fn status_column(header: &Header) -> Option<u16> {
    const TITLES: [&str; 5] = ["个人账户状态", "账户状态", "个人账号状态", "缴存状态", "状态"];
    header.columns.iter().find(|column| TITLES.contains(&normalise_header(&column.title).as_str())).map(|c| c.column)
}

/// A person, and whether he is written as he is meant.
fn contributor(
    row: &RawRow,
    status: Option<&str>,
    profile: &CenterProfile,
    ratios: Option<(Ratio, Ratio)>,
) -> Result<(Contributor, bool), RosterFault> {
    let status = status.map_or(Some(AccountStatus::Normal), account_status).ok_or(RosterFault::Status)?;
    let amount = |field: Field| row.cells.get(&field).map_or(Ok(None), |cell| amount(cell, field));
    let said = amount(Field::NewBase)?.or(amount(Field::OldBase)?);
    // Of an account that nothing is paid into many centers say no base.
    let none = (status != AccountStatus::Normal).then_some(Yuan::ZERO);
    let base = said.or(none).ok_or(RosterFault::Missing(Field::NewBase))?;
    let amounts = match (amount(Field::UnitAmount)?, amount(Field::PersonalAmount)?) {
        (Some(unit_amount), Some(personal_amount)) => Contribution { unit_amount, personal_amount },
        (None, _) | (_, None) => ratios
            .zip(profile.policies.last())
            .map_or(Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO }, |(ratios, policy)| {
                policy.contribution(base, ratios.0, ratios.1)
            }),
    };
    let contact = |field: Field| match row.cells.get(&field) {
        Some(cell) if cell.kind == CellKind::Number && cell.text.trim().len() > EXACT_DIGITS => {
            Err(RosterFault::Number(field))
        }
        Some(cell) => Ok(cell.text.trim().into()),
        None => Ok(SmolStr::default()),
    };
    let id_type: SmolStr = match row.text(Field::IdType).trim() {
        "" => "01".into(),
        said => profile.id_type(said).ok_or(RosterFault::Unreadable(Field::IdType))?.into(),
    };
    let (account_meant, account_as_written) = account(row, profile.account_length)?;
    let name = text(row, Field::Name)?;
    let name_meant = SmolStr::new(&*NameText::read(&name).mended);
    let id_number = text(row, Field::IdNumber)?;
    let id_meant = document(&id_number, &id_type);
    for (meant, field) in
        [(&account_meant, Field::PersonalAccount), (&name_meant, Field::Name), (&id_meant, Field::IdNumber)]
    {
        if meant.is_empty() {
            return Err(RosterFault::Missing(field));
        }
    }
    let as_written = account_as_written && name_meant == name && id_meant == id_number;
    let person = Contributor {
        personal_account: account_meant,
        name: name_meant,
        id_type,
        id_number: id_meant,
        status,
        base,
        amounts,
        contact: Contact {
            mobile: contact(Field::Mobile)?,
            bank_name: contact(Field::BankName)?,
            bank_card: contact(Field::BankCard)?,
        }
        .into(),
        earlier: Vec::new(),
        changes: Changes::default(),
    };
    Ok((person, as_written))
}

/// The text of a cell that must hold one, without blanks around it.
fn text(row: &RawRow, field: Field) -> Result<SmolStr, RosterFault> {
    let Some(cell) = row.cells.get(&field).filter(|cell| !cell.text.trim().is_empty()) else {
        return Err(RosterFault::Missing(field));
    };
    match cell.kind {
        CellKind::Number => return Err(RosterFault::Number(field)),
        CellKind::Date | CellKind::Bool | CellKind::Error => return Err(RosterFault::Unreadable(field)),
        CellKind::Text | CellKind::Edited => {}
    }
    // A number that is not whole would find nobody, and nobody would be told why.
    if cell.text.contains(['*', '＊']) {
        return Err(RosterFault::Masked(field));
    }
    Ok(cell.text.trim().into())
}

/// An account as it is meant, and whether it is written so. A number that has all its digits is one too, but for the
/// zeros in front that the center's accounts have; where nobody knows their length, some may be missing.
fn account(row: &RawRow, length: Option<u8>) -> Result<(SmolStr, bool), RosterFault> {
    let field = Field::PersonalAccount;
    match row.cells.get(&field) {
        Some(cell) if cell.kind == CellKind::Number => {
            let digits = cell.text.trim();
            let length = length.map_or(0, usize::from);
            let whole = digits.len() <= EXACT_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
            if !whole || (length > 0 && digits.len() > length) {
                return Err(RosterFault::Number(field));
            }
            Ok((format!("{digits:0>length$}").into(), digits.len() == length))
        }
        Some(_) | None => {
            let said = text(row, field)?;
            let meant = mended(&said);
            let meant = SmolStr::new(without_decimal(&meant));
            let as_written = meant == said;
            Ok((meant, as_written))
        }
    }
}

/// A number of a document as it is meant; of a resident ID the last character is a capital.
fn document(said: &str, id_type: &str) -> SmolStr {
    let meant = mended(said);
    if id_type == "01" && meant.ends_with('x') { meant.to_ascii_uppercase().into() } else { SmolStr::new(&*meant) }
}

/// An amount, however it is set off: ￥5,000.00 is 5000; what needs rounding or cannot be read is none.
fn amount(cell: Cell<'_>, field: Field) -> Result<Option<Yuan>, RosterFault> {
    // What accounting formats show for nothing.
    if matches!(cell.text.trim(), "-" | "--" | "—" | "——") {
        return Ok(None);
    }
    match AmountText::read(cell.text, cell.kind) {
        AmountText::Missing => Ok(None),
        AmountText::Plain(amount) | AmountText::Mended(amount) if !amount.is_negative() => Ok(Some(amount)),
        AmountText::Plain(_)
        | AmountText::Mended(_)
        | AmountText::Myriad(_)
        | AmountText::Decimals(_)
        | AmountText::Bracketed(_)
        | AmountText::TooLarge
        | AmountText::FormulaError
        | AmountText::Date
        | AmountText::Unreadable => Err(RosterFault::Unreadable(field)),
    }
}

/// 个人账户状态 by name or code (JGJ/T 320), or both: 02-封存, 封存（02）. A name that is not known here is not understood,
/// whatever figures stand beside it: 欠缴3个月.
fn account_status(said: &str) -> Option<AccountStatus> {
    let said: String = said.chars().map(half_width).filter(|c| !is_blank(*c)).collect();
    let mark = |c: char| matches!(c, '-' | '_' | '.' | ':' | '、' | '/' | '|' | '(' | ')' | '[' | ']' | '【' | '】');
    let digit = |c: char| c.is_ascii_digit();
    let name = said.trim_matches(|c| mark(c) || digit(c));
    let code = said.trim_matches(|c| !digit(c)).trim_start_matches('0');
    match name {
        "正常" | "缴存" | "正常缴存" | "在缴" | "启封" => return Some(AccountStatus::Normal),
        "封存" | "已封存" | "内部封存" | "集中封存" | "外部封存" | "停缴" => {
            return Some(AccountStatus::Sealed);
        }
        "合并" | "合并销户" => return Some(AccountStatus::ClosedByMerger),
        "转出" | "外部转出" | "转移" | "转出销户" | "外部转出销户" | "异地转出" => {
            return Some(AccountStatus::ClosedByTransfer);
        }
        "提取销户" | "销户" | "已销户" => return Some(AccountStatus::ClosedByWithdrawal),
        "冻结" | "已冻结" | "司法冻结" => return Some(AccountStatus::Frozen),
        "其他" | "其它" => return Some(AccountStatus::Other),
        "" if said.is_empty() => return Some(AccountStatus::Normal),
        "" => {}
        _unknown => return None,
    }
    match code {
        "1" => Some(AccountStatus::Normal),
        "2" => Some(AccountStatus::Sealed),
        "3" => Some(AccountStatus::ClosedByMerger),
        "4" => Some(AccountStatus::ClosedByTransfer),
        "5" => Some(AccountStatus::ClosedByWithdrawal),
        "6" => Some(AccountStatus::Frozen),
        "99" => Some(AccountStatus::Other),
        _ => None,
    }
}
