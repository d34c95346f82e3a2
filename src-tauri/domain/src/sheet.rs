//! What a spreadsheet says, before anybody has judged it: texts that know their cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

mod cells;
mod row_cells;

pub use cells::{Cell, Cells, Gathered};
pub use row_cells::RowCells;

/// What a column of a clerk's sheet can mean.
///
/// The names follow the table of domain.md section 2; the wire form is `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 个人账号 (JGJ/T 320 GRZH)
    PersonalAccount,
    /// 姓名 (XINGMING)
    Name,
    /// 证件类型 (ZJLX)
    IdType,
    /// 证件号码 (ZJHM)
    IdNumber,
    /// 性别
    Sex,
    /// 出生日期
    BirthDate,
    /// 调整前缴存基数, yuan
    OldBase,
    /// 个人缴存基数 (GRJCJS): the new one where a sheet has two, yuan
    NewBase,
    /// 单位缴存比例 (DWJCBL)
    UnitRatio,
    /// 个人缴存比例 (GRJCBL)
    PersonalRatio,
    /// 单位月缴存额 (DWYJCE), yuan
    UnitAmount,
    /// 个人月缴存额 (GRYJCE), yuan
    PersonalAmount,
    /// 月缴存额 (YJCE), yuan
    MonthlyAmount,
    /// 手机号码 (SJHM)
    Mobile,
    /// 银行卡号 (GRCKZHHM)
    BankCard,
    /// 工资 of the month, yuan
    Wage,
    /// 变更类型: 封存, 启封, 同城转入, 同城转出
    ChangeKind,
    /// 变更原因
    Reason,
    /// 变更年月
    Month,
    /// 变更后姓名
    NewName,
    /// 变更后证件类型
    NewIdType,
    /// 变更后证件号码
    NewIdNumber,
    /// 开户银行 (GRCKZHKHYHMC)
    BankName,
    /// 变更项目: which of the unit's data changes
    Item,
    /// 变更前内容
    OldValue,
    /// 变更后内容
    NewValue,
    /// 起始年月
    FromMonth,
    /// 终止年月
    ToMonth,
    /// 更正后单位月缴存额, yuan
    RightUnitAmount,
    /// 更正后个人月缴存额, yuan
    RightPersonalAmount,
    /// 部门
    Department,
    /// 备注
    Remark,
}

/// What kind of value the workbook held in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// Text, as typed.
    Text,
    /// A number; the text is its decimal form with at most 15 significant digits, as Excel shows it.
    Number,
    /// A number formatted as a date; the text is `YYYY-MM-DD`.
    Date,
    /// TRUE or FALSE.
    Bool,
    /// A formula error such as `#N/A`; the text is the error.
    Error,
    /// Typed or changed by the clerk in the grid.
    Edited,
}

/// One cell by itself: where it stands and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawCell {
    /// Zero-based column in the sheet.
    pub column: u16,
    /// The text, exactly as it stands (see [`CellKind`] for numbers).
    pub text: SmolStr,
    /// What the workbook held.
    pub kind: CellKind,
}

/// One row of people data: the mapped cells, with the row they came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawRow {
    /// One-based row in the sheet.
    pub row: u32,
    /// Mapped cells; a field that the sheet does not have, or an empty cell, is absent.
    pub cells: RowCells,
}

impl RawRow {
    /// The text of a field, empty where there is none.
    pub fn text(&self, field: Field) -> &str {
        self.cells.get(&field).map_or("", |cell| cell.text)
    }
}

/// A 小计 or 合计 row that the sheet itself holds: compared, never imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalRow {
    /// The row as it stands; its fields hold the sums.
    pub row: RawRow,
    /// `true` for 合计/总计, `false` for 小计 (the sum since the previous 小计).
    pub grand: bool,
}

/// The rows of one sheet, mapped to fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawSheet {
    /// Sheet name; empty for csv.
    pub name: Arc<str>,
    /// Which column holds which field.
    pub columns: BTreeMap<Field, u16>,
    /// People, in the sheet's order.
    pub rows: Vec<RawRow>,
    /// Total rows, in the sheet's order.
    pub totals: Vec<TotalRow>,
}

/// The column of a cell that the workbook has no column for: the clerk typed it in the grid.
pub const NO_COLUMN: u16 = u16::MAX;

/// The place of a finding: sheet, row and, where one cell is meant, the column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellRef {
    /// Sheet name; empty for csv.
    pub sheet: Arc<str>,
    /// One-based row.
    pub row: u32,
    /// Zero-based column.
    pub column: Option<u16>,
}

/// A column's letter as a spreadsheet shows it: 0 → `A`, 26 → `AA`.
pub fn column_letter(column: u16) -> String {
    let mut rest = u32::from(column) + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}
