//! 错缴更正: amounts of a paid month that were posted wrong, with the right ones; one month of one contributor a row.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::people::{self, Key, Member, Signed, cell, check_signed, holds_account, place, repeated};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::checks::base::{self, Use};
use crate::checks::totals::Addends;
use crate::checks::{circumstances, months, reasons, totals};
use crate::finding::{Code, Finding, Level};
use crate::money::Contribution;
use crate::month::Month;
use crate::roster::RosterIndex;
use crate::sheet::{Field, RawRow, RawSheet};

/// One month of one contributor, as signed.
///
/// What is less than was posted goes to the unit's suspense, what is more is a due; the unit's and the contributor's
/// part each for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRow {
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件类型 (ZJLX), national code
    pub id_type: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 更正年月, a paid month
    pub month: Month,
    /// 更正原因, one of [`REASONS`]
    pub reason: String,
    /// Parts as they were posted, yuan
    pub wrong: Contribution,
    /// Parts as they should have been, yuan
    pub right: Contribution,
}

impl CorrectionRow {
    /// Which way the money goes: [`Ordering::Less`] where too much was paid.
    pub fn way(&self) -> Ordering {
        self.right.monthly().cmp(&self.wrong.monthly())
    }
}

/// 更正原因: what can have been wrong about a posted amount, and an account that was paid after it should have been
/// sealed. No center publishes a list of its own; 其他 is there for what is none of them.
pub const REASONS: [&str; 6] = ["封存后多缴", "重复缴存", "缴存基数有误", "缴存比例有误", "缴存人有误", "其他"];

/// Words that mean one of the reasons and nothing else.
const REASON_WORDS: [(&str, &[&str]); 5] = [
    (REASONS[0], &["离职后多缴", "停缴后多缴", "封存后缴存"]),
    (REASONS[1], &["重复汇缴", "重复缴纳", "重复"]),
    (REASONS[2], &["基数有误", "基数错误", "缴存基数错误"]),
    (REASONS[3], &["比例有误", "比例错误", "缴存比例错误"]),
    (REASONS[4], &["人员有误", "人员错误", "缴错人"]),
];

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 12] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::Month,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::RightUnitAmount,
    Field::RightPersonalAmount,
    Field::Reason,
    Field::Department,
    Field::Remark,
];

/// The four amounts: as posted, then as they should have been.
const AMOUNTS: [Field; 4] =
    [Field::UnitAmount, Field::PersonalAmount, Field::RightUnitAmount, Field::RightPersonalAmount];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 8] = [
    (Field::Name, Code::NameMissing),
    (Field::IdNumber, Code::IdMissing),
    (Field::Month, Code::MonthMissing),
    (Field::UnitAmount, Code::AmountMissing),
    (Field::PersonalAmount, Code::AmountMissing),
    (Field::RightUnitAmount, Code::AmountMissing),
    (Field::RightPersonalAmount, Code::AmountMissing),
    (Field::Reason, Code::ReasonMissing),
];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[
    &[Field::IdNumber, Field::PersonalAccount],
    &[Field::Month],
    &[Field::UnitAmount],
    &[Field::PersonalAmount],
    &[Field::RightUnitAmount],
    &[Field::RightPersonalAmount],
    &[Field::Reason],
];

/// Checks a whole sheet: every row, every finding.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<CorrectionRow> {
    let mut findings = Vec::new();
    circumstances::unit(of, &mut findings);
    let index = of.roster.map(RosterIndex::of);
    let by_account = index.is_some() && people::has(sheet, Field::PersonalAccount);
    let known: &[Field] = if by_account { &[Field::IdNumber] } else { &[] };
    people::whole(sheet, &REQUIRED, known, &mut findings);

    let mut scratch = Vec::new();
    let (mut members, mut keys, mut addends) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let member = people::member(row, sheet, of, index.as_ref(), &mut scratch);
        let (typed, month, added) = read(row, sheet, &member, of, &mut scratch);
        rows.push(typed);
        addends.push(added);
        let (id, account) = (member.id.meant.as_deref(), member.account.as_deref());
        keys.push(Key::in_month(id, &member.name, account, month));
        members.push(member);
        place(sheet, row, &mut scratch, &mut findings);
    }
    let months: Vec<_> = keys.iter().map(Key::identified).collect();
    people::place_twins(sheet, repeated(&months, Code::CorrectionTwice), &months, &mut findings);
    let identified: Vec<_> = members.iter().map(Member::identified).collect();
    people::namesakes(sheet, &identified, |row| members[row].vouched(), &mut findings);
    if !sheet.totals.is_empty() {
        totals::totals(sheet, AMOUNTS, &addends, |row, scratch| place(sheet, row, scratch, &mut findings));
    }
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

/// What a row says beside who it is about: the row as it is filed, its month, its amounts.
fn read(
    row: &RawRow,
    sheet: &RawSheet,
    member: &Member<'_>,
    of: Circumstances<'_>,
    out: &mut Vec<Finding>,
) -> (Option<CorrectionRow>, Option<Month>, Addends<4>) {
    if let Some(person) = member.found {
        holds_account(person, Field::IdNumber, "错缴更正", out);
    }
    let month = months::needed(row, sheet, Field::Month, out);
    if let Some((month, _)) = month {
        paid(month, of, out);
    }
    let amounts = AMOUNTS.map(|field| {
        let (text, kind) = cell(row, field);
        let amount = base::amount(text, kind, field, Use::Filed, out);
        if amount.missing && sheet.columns.contains_key(&field) {
            out.push(Finding::new(Code::AmountMissing, Level::Error).about(field, ""));
        }
        amount
    });
    let addends = amounts.map(|amount| (!amount.missing).then_some(amount.meant));
    let asked = sheet.columns.contains_key(&Field::Reason) || row.cells.contains_key(&Field::Reason);
    let reason = asked.then(|| reason(row.text(Field::Reason), out)).flatten();
    let parts = match amounts.map(|amount| amount.meant) {
        [Some(unit), Some(personal), Some(right_unit), Some(right_personal)] => {
            let wrong = Contribution { unit_amount: unit, personal_amount: personal };
            Some((wrong, Contribution { unit_amount: right_unit, personal_amount: right_personal }))
        }
        _ => None,
    };
    if let Some((wrong, right)) = parts {
        judge(wrong, right, out);
    }
    let typed = match (month, reason, parts) {
        (Some((month, true)), Some(reason), Some((wrong, right)))
            if member.sound && amounts.iter().all(|amount| amount.sound) =>
        {
            Some(CorrectionRow {
                personal_account: member.account.as_deref().unwrap_or_default().to_owned(),
                name: member.name.clone().into_owned(),
                id_type: member.id_type.to_owned(),
                id_number: member.id.meant.as_deref().unwrap_or_default().to_owned(),
                month,
                reason,
                wrong,
                right,
            })
        }
        _ => None,
    };
    (typed, month.map(|(month, _)| month), addends)
}

/// Only a paid month can have been posted wrong.
fn paid(month: Month, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let last = match of.unit {
        Some(unit) => Some(unit.paid_through),
        None => Month::of(of.today).ok(),
    };
    if last.is_none_or(|last| month > last) {
        let shown = last.map_or_else(|| "—".to_owned(), |last| last.to_string());
        out.push(Finding::new(Code::CorrectionNotPaid, Level::Error).about(Field::Month, "").arg("last", shown));
    }
}

fn judge(wrong: Contribution, right: Contribution, out: &mut Vec<Finding>) {
    let amounts = [wrong.unit_amount, wrong.personal_amount, right.unit_amount, right.personal_amount];
    for (amount, field) in amounts.into_iter().zip(AMOUNTS) {
        base::part(amount, field, out);
    }
    if wrong == right {
        out.push(Finding::new(Code::CorrectionSame, Level::Error).about(Field::RightUnitAmount, ""));
    }
}

fn reason(text: &str, out: &mut Vec<Finding>) -> Option<String> {
    reasons::one_of(text, &REASONS, |text| reasons::meant(text, &REASONS, &REASON_WORDS), out)
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first. What was posted, and whether
/// a correction of the month is still open, only the center's books say.
pub fn check_rows(rows: &[CorrectionRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let index = of.roster.map(RosterIndex::of);
    let keys: Vec<_> = rows
        .iter()
        .map(|row| {
            let filled = |text: &'_ str| !text.is_empty();
            let id = Some(&*row.id_number).filter(|id| filled(id));
            let account = Some(&*row.personal_account).filter(|account| filled(account));
            Key::in_month(id, &row.name, account, Some(row.month))
        })
        .collect();
    let months: Vec<_> = keys.iter().map(Key::identified).collect();
    check_signed(
        rows,
        totals,
        |out| circumstances::unit(of, out),
        (&months, repeated(&months, Code::CorrectionTwice)),
        |row, out| signed_row(row, of, index.as_ref(), out),
    )
}

fn signed_row(row: &CorrectionRow, of: Circumstances<'_>, index: Option<&RosterIndex<'_>>, out: &mut Vec<Finding>) {
    let who = Signed {
        personal_account: &row.personal_account,
        name: &row.name,
        id_type: &row.id_type,
        id_number: &row.id_number,
    };
    if let Some(person) = people::signed_member(&who, of, index, out) {
        holds_account(person, Field::IdNumber, "错缴更正", out);
    }
    paid(row.month, of, out);
    reason(&row.reason, out);
    judge(row.wrong, row.right, out);
}

impl FiledRow for CorrectionRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::PersonalAccount, self.personal_account.clone()),
            (Field::Name, self.name.clone()),
            (Field::IdType, self.id_type.clone()),
            (Field::IdNumber, self.id_number.clone()),
            (Field::Month, self.month.to_string()),
            (Field::UnitAmount, self.wrong.unit_amount.to_string()),
            (Field::PersonalAmount, self.wrong.personal_amount.to_string()),
            (Field::RightUnitAmount, self.right.unit_amount.to_string()),
            (Field::RightPersonalAmount, self.right.personal_amount.to_string()),
            (Field::Reason, self.reason.clone()),
        ]
    }

    fn one_of_several(&self) -> Option<&str> {
        Some(&self.id_number)
    }

    fn before(&self) -> Contribution {
        self.wrong
    }

    fn after(&self) -> Contribution {
        self.right
    }
}

#[cfg(test)]
mod tests;
