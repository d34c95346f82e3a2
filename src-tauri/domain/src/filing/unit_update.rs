//! 单位信息变更: items of the unit's own data, one row each.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::people::{self, NOTHING, cell, check_signed, place};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::characters::says_nothing;
use crate::checks::batch::Twin;
use crate::checks::identity::{self, RESIDENT};
use crate::checks::{circumstances, contact, moved, name, text};
use crate::finding::{Code, Finding, Level};
use crate::mask;
use crate::money::Contribution;
use crate::profile::UnitItem;
use crate::sheet::{CellKind, Field, RawRow, RawSheet};

/// One changed item, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitUpdateRow {
    /// 变更项目
    pub item: UnitItem,
    /// 变更前内容 (the center's), empty where it had none
    pub old_value: String,
    /// 变更后内容
    pub new_value: String,
}

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 4] = [Field::Item, Field::OldValue, Field::NewValue, Field::Remark];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 2] =
    [(Field::Item, Code::ItemMissing), (Field::NewValue, Code::ValueMissing)];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[&[Field::Item], &[Field::NewValue]];

/// Checks a whole sheet: every row, every finding.
///
/// Old values are the center's; those of the sheet are compared with them. Without unit they are the sheet's own.
/// A row is usable once nothing in it blocks.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<UnitUpdateRow> {
    let mut findings = Vec::new();
    circumstances::unit(of, &mut findings);
    people::whole(sheet, &REQUIRED, &[], &mut findings);
    let mut scratch = Vec::new();
    let mut items = Vec::with_capacity(sheet.rows.len());
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        items.push(UnitItem::parse(row.text(Field::Item)));
        rows.push(sheet_row(row, sheet, of, &mut scratch));
        place(sheet, row, &mut scratch, &mut findings);
    }
    people::place_twins(sheet, repeated(&items), &[], &mut findings);
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

/// Rows with an item that an earlier row has.
fn repeated(items: &[Option<UnitItem>]) -> Vec<Twin> {
    let mut first_of = HashMap::new();
    let mut found = Vec::new();
    for (row, item) in items.iter().enumerate() {
        let Some(item) = item else { continue };
        let first = *first_of.entry(item).or_insert(row);
        if first != row {
            found.push(Twin { row, first, code: Code::ItemTwice, field: Field::Item });
        }
    }
    found
}

fn sheet_row(row: &RawRow, sheet: &RawSheet, of: Circumstances<'_>, out: &mut Vec<Finding>) -> Option<UnitUpdateRow> {
    let said = row.text(Field::Item);
    let item = UnitItem::parse(said);
    let (text, kind) = cell(row, Field::NewValue);
    let missing = says_nothing(text);
    if missing && sheet.columns.contains_key(&Field::NewValue) {
        out.push(Finding::new(Code::ValueMissing, Level::Error).about(Field::NewValue, ""));
    }
    let Some(item) = item else {
        if sheet.columns.contains_key(&Field::Item) {
            let code = if says_nothing(said) { Code::ItemMissing } else { Code::ItemUnknown };
            let finding = Finding::new(code, Level::Error).about(Field::Item, "");
            out.push(finding.arg("items", words(of.profile.unit_items())));
        }
        return None;
    };
    let old = row.text(Field::OldValue).trim();
    let registered = of.unit.map_or(old, |unit| unit.detail(item));
    if of.unit.is_some() && !old.is_empty() && old != registered {
        let shown = |value: &str| match (item, value) {
            (_, "") => "空".to_owned(),
            (UnitItem::ClerkIdNumber, number) => mask::id_number(number),
            (_, other) => other.to_owned(),
        };
        let finding = Finding::new(Code::UnitOldDiffers, Level::Warning).about(Field::OldValue, shown(old));
        out.push(finding.arg("roster", shown(registered)));
    }
    let meant = if missing { None } else { judge(item, text, kind, registered, of, out) };
    let new_value = meant.filter(|_| !out.iter().any(Finding::blocks))?;
    Some(UnitUpdateRow { item, old_value: registered.to_owned(), new_value })
}

fn words<'a>(items: impl IntoIterator<Item = &'a UnitItem>) -> String {
    items.into_iter().map(|item| item.label()).collect::<Vec<_>>().join("、")
}

/// What both sides judge of a new value; gives the value meant.
fn judge(
    item: UnitItem,
    text: &str,
    kind: CellKind,
    registered: &str,
    of: Circumstances<'_>,
    out: &mut Vec<Finding>,
) -> Option<String> {
    let allowed = of.profile.unit_items();
    if !allowed.contains(&item) {
        let finding = Finding::new(Code::ItemNotAllowed, Level::Error).about(Field::Item, item.label());
        out.push(finding.arg("items", words(allowed)));
    }
    let before = out.len();
    let meant = match item {
        UnitItem::ClerkName => {
            let name = name::name(text, kind, out);
            name::held(&name.meant, of.profile.encoding, out);
            Some(name.meant.into_owned())
        }
        UnitItem::ClerkIdNumber => {
            identity::number(text, kind, RESIDENT, of.today, out).meant.map(|number| number.into_owned())
        }
        UnitItem::ClerkPhone => contact::fixed_phone(text, kind, Field::NewValue, out).meant,
        UnitItem::ClerkMobile => contact::mobile(text, kind, out).meant,
        UnitItem::Department => Some(text::words(text, kind, Field::NewValue, out).into_owned()),
        UnitItem::ClerkEmail => contact::email(text, kind, Field::NewValue, out).meant,
    };
    for field in [Field::Name, Field::IdNumber, Field::Mobile] {
        moved(&mut out[before..], field, Field::NewValue);
    }
    if meant.as_deref() == Some(registered) {
        out.push(Finding::new(Code::UpdateNothing, Level::Error).about(Field::NewValue, ""));
    }
    meant
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first.
pub fn check_rows(rows: &[UnitUpdateRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let items: Vec<_> = rows.iter().map(|row| Some(row.item)).collect();
    check_signed(
        rows,
        totals,
        |out| circumstances::unit(of, out),
        (&[], repeated(&items)),
        |row, out| signed_row(row, of, out),
    )
}

fn signed_row(row: &UnitUpdateRow, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    if says_nothing(&row.new_value) {
        out.push(Finding::new(Code::ValueMissing, Level::Error).about(Field::NewValue, ""));
        return;
    }
    let registered = of.unit.map_or(row.old_value.as_str(), |unit| unit.detail(row.item));
    let meant = judge(row.item, &row.new_value, CellKind::Text, registered, of, out);
    if meant.is_some_and(|meant| meant != row.new_value) && !out.iter().any(Finding::blocks) {
        out.push(Finding::new(Code::UpdateForm, Level::Error).about(Field::NewValue, ""));
    }
    if row.old_value != registered {
        let value =
            if row.item == UnitItem::ClerkIdNumber { mask::id_number(&row.old_value) } else { row.old_value.clone() };
        let finding = Finding::new(Code::UpdateOldDiffers, Level::Error).about(Field::OldValue, value);
        out.push(finding);
    }
}

impl FiledRow for UnitUpdateRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::Item, self.item.label().to_owned()),
            (Field::OldValue, self.old_value.clone()),
            (Field::NewValue, self.new_value.clone()),
        ]
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    fn after(&self) -> Contribution {
        NOTHING
    }

    fn asked_about(&self) -> Option<(String, String)> {
        None
    }
}

#[cfg(test)]
mod tests;
