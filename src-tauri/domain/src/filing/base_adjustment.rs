//! 年度基数调整: account, name, ID, old base, new base of every contributor, from an effective month on.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Totals;
use crate::finding::Finding;
use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::profile::CenterProfile;
use crate::roster::{Roster, Unit};
use crate::sheet::RawSheet;

/// One contributor's new base, as it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseAdjustmentRow {
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件类型 (ZJLX), national code
    pub id_type: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// Base before (the center's), yuan
    pub old_base: Yuan,
    /// 个人缴存基数 (GRJCJS) from the effective month on, yuan
    pub new_base: Yuan,
    /// Monthly parts before, yuan
    pub before: Contribution,
    /// Monthly parts after, yuan
    pub after: Contribution,
}

/// What the checks know besides the sheet.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The center's rules.
    pub profile: &'a CenterProfile,
    /// The unit; `None` when a sheet is checked without one (command line).
    pub unit: Option<&'a Unit>,
    /// The unit's contributors; `None` when a sheet is checked without one (command line).
    pub roster: Option<&'a Roster>,
    /// The effective month of the new bases.
    pub period: Month,
    /// Today, by the center's clock where it is known.
    pub today: Date,
}

/// A checked sheet: what can be filed, and everything there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// One entry per row of the sheet, in its order; `None` where the row has no usable values.
    pub rows: Vec<Option<BaseAdjustmentRow>>,
    /// Findings, by row and then column; those on the whole sheet first.
    pub findings: Vec<Finding>,
    /// Sums over the usable rows.
    pub totals: Totals,
}

/// Checks a whole sheet: every row, every finding, never only the first.
///
/// Without roster the old base is the sheet's own (zero where it has none) and personal accounts may be empty.
pub fn check_sheet(sheet: &RawSheet, circumstances: Circumstances<'_>) -> Checked {
    let _ = (sheet, circumstances);
    todo!()
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. Used by the center; a filing that passed [`check_sheet`] has no error here.
pub fn check_rows(rows: &[BaseAdjustmentRow], totals: Totals, circumstances: Circumstances<'_>) -> Vec<Finding> {
    let _ = (rows, totals, circumstances);
    todo!()
}
