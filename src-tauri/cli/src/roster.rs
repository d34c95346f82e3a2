//! The roster that a sheet is checked against: our `roster.json`, or a workbook as a center exports it.

use std::path::Path;

use huijiao_demo::people::UnitRoster;
use huijiao_domain::field::normalise_header;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::{Contribution, Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{AccountStatus, Contact, Contributor, Roster, Unit, UnitStatus};
use huijiao_domain::sheet::{CellKind, Field, RawRow};
use huijiao_sheets::{Header, ReadChoice, Workbook};

use crate::refusal::Refusal;
use crate::sheet;

/// What is known besides the sheet.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) unit: Option<Unit>,
    pub(crate) roster: Option<Roster>,
}

/// The unit's ratios, from the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratios {
    pub(crate) unit: Ratio,
    pub(crate) personal: Ratio,
}

impl Ratios {
    /// A unit of which nothing but the ratios is known; it stands in the way of nothing.
    pub(crate) fn stand_in(self, period: Month) -> Unit {
        Unit {
            account: String::new(),
            credit_code: String::new(),
            name: String::new(),
            status: UnitStatus::Normal,
            unit_ratio: self.unit,
            personal_ratio: self.personal,
            contributors: 0,
            sealed: 0,
            paid_through: period.previous(),
            first_unverified: period,
            suspense_balance: Yuan::ZERO,
        }
    }
}

pub(crate) fn read(path: &Path, profile: &CenterProfile, ratios: Option<Ratios>) -> Result<Known, Refusal> {
    let wrong =
        |detail: String| Refusal::new(Refusal::ROSTER_UNREADABLE).arg("file", path.display()).arg("detail", detail);
    let bytes = sheet::bytes(path)?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if text.trim_ascii_start().starts_with(b"{") {
        let UnitRoster { mut unit, roster } =
            serde_json::from_slice(text).map_err(|error| wrong(format!("不是清册的 JSON（{error}）")))?;
        if let Some(ratios) = ratios {
            (unit.unit_ratio, unit.personal_ratio) = (ratios.unit, ratios.personal);
        }
        return Ok(Known { unit: Some(unit), roster: Some(roster) });
    }
    let workbook = sheet::read(bytes, &ReadChoice::default())?;
    let roster = from_workbook(&workbook, profile, ratios).map_err(|problem| match problem {
        Problem::Sheet(refusal) => refusal,
        Problem::Roster(detail) => wrong(detail),
    })?;
    Ok(Known { unit: None, roster: Some(roster) })
}

enum Problem {
    Sheet(Refusal),
    Roster(String),
}

fn from_workbook(workbook: &Workbook, profile: &CenterProfile, ratios: Option<Ratios>) -> Result<Roster, Problem> {
    let header = huijiao_sheets::find_header(workbook).map_err(|error| Problem::Sheet(error.into()))?;
    let mapping: Vec<(u16, Field)> = huijiao_sheets::map_columns(&header, FilingKind::BaseAdjustment)
        .iter()
        .filter_map(|column| column.field.map(|field| (column.column, field)))
        .collect();
    for wanted in [Field::PersonalAccount, Field::Name, Field::IdNumber] {
        if !mapping.iter().any(|(_, field)| *field == wanted) {
            return Err(Problem::Roster(format!("缺少「{}」一列", wanted.label())));
        }
    }
    let status = status_column(&header);
    let taken = huijiao_sheets::rows(workbook, &header, &mapping);
    let mut contributors = Vec::with_capacity(taken.sheet.rows.len());
    for row in &taken.sheet.rows {
        let said = status.and_then(|column| workbook.row(row.row).map(|cells| cells.text(column).trim()));
        let person = contributor(row, said, profile, ratios)
            .map_err(|detail| Problem::Roster(format!("第 {} 行{detail}", row.row)))?;
        contributors.push(person);
    }
    if contributors.is_empty() {
        return Err(Problem::Roster("没有读到任何人".into()));
    }
    Ok(Roster { version: 0, contributors })
}

fn status_column(header: &Header) -> Option<u16> {
    const TITLES: [&str; 5] = ["个人账户状态", "账户状态", "个人账号状态", "缴存状态", "状态"];
    header.columns.iter().find(|column| TITLES.contains(&normalise_header(&column.title).as_str())).map(|c| c.column)
}

fn contributor(
    row: &RawRow,
    status: Option<&str>,
    profile: &CenterProfile,
    ratios: Option<Ratios>,
) -> Result<Contributor, String> {
    let text = |field: Field| match row.cells.get(&field) {
        Some(cell) if cell.kind == CellKind::Number => {
            Err(format!("的{}是数字格式，前面的零或末几位可能已丢失", field.label()))
        }
        Some(cell) if !cell.text.trim().is_empty() => Ok(cell.text.trim().to_owned()),
        Some(_) | None => Err(format!("没有{}", field.label())),
    };
    let amount = |field: Field| match row.text(field).trim() {
        "" => Ok(None),
        said => said.parse::<Yuan>().map(Some).map_err(|_| format!("的{}读不懂", field.label())),
    };
    let base = amount(Field::NewBase)?.or(amount(Field::OldBase)?).ok_or("没有缴存基数")?;
    let amounts = match (amount(Field::UnitAmount)?, amount(Field::PersonalAmount)?) {
        (Some(unit_amount), Some(personal_amount)) => Contribution { unit_amount, personal_amount },
        (None, _) | (_, None) => ratios
            .zip(profile.policies.last())
            .map_or(Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO }, |(ratios, policy)| {
                policy.contribution(base, ratios.unit, ratios.personal)
            }),
    };
    let id_type = match row.text(Field::IdType).trim() {
        "" => "01".into(),
        said => profile.id_type(said).ok_or("的证件类型不在中心规则里")?.to_owned(),
    };
    Ok(Contributor {
        personal_account: text(Field::PersonalAccount)?,
        name: text(Field::Name)?,
        id_type,
        id_number: text(Field::IdNumber)?,
        status: status.map_or(Ok(AccountStatus::Normal), account_status)?,
        base,
        amounts,
        contact: Contact::default(),
    })
}

/// 个人账户状态 by name or code (JGJ/T 320).
fn account_status(said: &str) -> Result<AccountStatus, String> {
    match said {
        "" | "正常" | "01" | "1" | "缴存" | "正常缴存" => Ok(AccountStatus::Normal),
        "封存" | "02" | "2" => Ok(AccountStatus::Sealed),
        "合并销户" | "03" | "3" => Ok(AccountStatus::ClosedByMerger),
        "外部转出销户" | "04" | "4" => Ok(AccountStatus::ClosedByTransfer),
        "提取销户" | "销户" | "05" | "5" => Ok(AccountStatus::ClosedByWithdrawal),
        "冻结" | "06" | "6" => Ok(AccountStatus::Frozen),
        "其他" | "99" => Ok(AccountStatus::Other),
        _ => Err("的账户状态读不懂".into()),
    }
}
