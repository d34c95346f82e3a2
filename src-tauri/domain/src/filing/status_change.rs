//! 缴存人状态变更: 封存, 启封, 同城转入 and 同城转出 of one account each.

use serde::{Deserialize, Serialize};

use super::people::{
    self, Key, NOTHING, cell, check_signed, identity, place, repeated, said, unknown_type, usual_length,
};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::characters::{says_nothing, squeezed};
use crate::checks::base::{self, Use};
use crate::checks::batch::Identified;
use crate::checks::roster::By;
use crate::checks::{account, circumstances, elsewhere, identity as document, limits, months, name, reasons, roster};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::roster::{AccountStatus, Contributor, RosterIndex};
use crate::sheet::{CellKind, Field, RawRow, RawSheet};

/// A change of an account's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// 封存
    Seal,
    /// 启封
    Unseal,
    /// 同城转入
    TransferIn,
    /// 同城转出
    TransferOut,
}

impl Change {
    /// Every change, in the order lists show them.
    pub const ALL: [Self; 4] = [Self::Seal, Self::Unseal, Self::TransferIn, Self::TransferOut];

    /// The word on screen and in sheets.
    pub fn label(self) -> &'static str {
        match self {
            Self::Seal => "封存",
            Self::Unseal => "启封",
            Self::TransferIn => "同城转入",
            Self::TransferOut => "同城转出",
        }
    }

    /// Reads what sheets write. Codes are not read: every system numbers them otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        match &*squeezed(text) {
            "封存" | "停缴" | "个人封存" | "账户封存" => Some(Self::Seal),
            "启封" | "恢复缴存" | "复缴" | "个人启封" | "账户启封" => Some(Self::Unseal),
            "同城转入" | "转入" | "内部转入" => Some(Self::TransferIn),
            "同城转出" | "转出" | "内部转出" => Some(Self::TransferOut),
            _ => None,
        }
    }

    /// What a word of the sheets for social insurance comes to for somebody whose account in the unit has this status
    /// (`None`: there is none in the unit), and of whom the row gives an account or not. Only a proposal: 减员 may be a
    /// transfer too.
    fn of_social_insurance(text: &str, status: Option<AccountStatus>, has_account: bool) -> Option<Self> {
        let comes = |known_elsewhere: bool| match status {
            Some(AccountStatus::Sealed) => Some(Self::Unseal),
            None if known_elsewhere => Some(Self::TransferIn),
            Some(_) | None => None,
        };
        let change = match &*squeezed(text) {
            "减员" | "减少" | "人员减少" | "停保" | "退保" | "断保" | "中断缴费" | "暂停缴费" | "停止缴费" => {
                Self::Seal
            }
            "调出" | "调离" => Self::TransferOut,
            // Whoever is nowhere yet is registered, by a sheet of another kind.
            "增员" | "增加" | "新增" | "人员增加" | "参保" | "新参保" | "续保" | "恢复缴费" => {
                comes(has_account)?
            }
            "调入" => comes(true)?,
            _ => return None,
        };
        // What his account does not allow is not proposed; whoever is not found may be misspelt.
        (status.is_none() || change.allowed(status)).then_some(change)
    }

    /// Whether an account of this status in the unit allows the change; `None` is an account of another unit.
    fn allowed(self, status: Option<AccountStatus>) -> bool {
        match self {
            Self::Seal => status == Some(AccountStatus::Normal),
            Self::Unseal => status == Some(AccountStatus::Sealed),
            Self::TransferIn => status.is_none(),
            Self::TransferOut => matches!(status, Some(AccountStatus::Normal | AccountStatus::Sealed)),
        }
    }
}

/// One change, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusChangeRow {
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件类型 (ZJLX), national code
    pub id_type: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 变更类型
    pub change: Change,
    /// 封存原因, one of the center's; empty for other changes
    pub reason: String,
    /// The first month it holds for.
    pub month: Month,
    /// 个人缴存基数 (GRJCJS), yuan
    pub base: Yuan,
    /// Due a month before the change, yuan
    pub before: Contribution,
    /// Due a month from the change on, yuan
    pub after: Contribution,
}

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 10] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::ChangeKind,
    Field::Reason,
    Field::Month,
    Field::NewBase,
    Field::Department,
    Field::Remark,
];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 3] =
    [(Field::Name, Code::NameMissing), (Field::IdNumber, Code::IdMissing), (Field::ChangeKind, Code::ChangeMissing)];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[&[Field::IdNumber, Field::PersonalAccount], &[Field::ChangeKind]];

/// Checks a whole sheet: every row, every finding.
///
/// A person changes once in a filing, whatever the months: each row is booked on what the roster says before. A row
/// without a month means the period. Bases are the roster's, except for 同城转入, where the sheet gives it;
/// without roster they are the sheet's own, or zero.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<StatusChangeRow> {
    let mut findings = Vec::new();
    circumstances::unit(of, &mut findings);
    people::whole(sheet, &REQUIRED, &[], &mut findings);
    let index = of.roster.map(RosterIndex::of);
    let mut scratch = Vec::new();
    let mut keys = Vec::with_capacity(sheet.rows.len());
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let (typed, key) = sheet_row(row, sheet, of, index.as_ref(), &mut scratch);
        rows.push(typed);
        keys.push(key);
        place(sheet, row, &mut scratch, &mut findings);
    }
    let identified: Vec<_> = keys.iter().map(Key::identified).collect();
    people::place_twins(sheet, repeated(&identified, Code::ChangeTwice), &identified, &mut findings);
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

fn sheet_row<'a>(
    row: &'a RawRow,
    sheet: &RawSheet,
    of: Circumstances<'a>,
    index: Option<&RosterIndex<'a>>,
    out: &mut Vec<Finding>,
) -> (Option<StatusChangeRow>, Key) {
    let length = of.profile.account_length;
    let who = identity(row, sheet, of, index, out);
    let (text, kind) = cell(row, Field::PersonalAccount);
    let mut account = account::account(text, kind, usual_length(index, text, length), out);
    let change = change(row, sheet, out);
    let reason = reason(row.text(Field::Reason), change, of, out);
    let month = months::month(row, Field::Month, Some(of.period), out);
    if let Some((month, _)) = month {
        months::open(month, Field::Month, of, out);
        leaves(change, month, of, out);
    }
    let found = index.and_then(|index| roster::find(index, said(&who.id, &who.name, &account, length)));
    let found = found.filter(|(person, _)| may_mean(change, person));
    if let Some((person, by)) = found {
        roster::same_person(person, by, said(&who.id, &who.name, &account, length), out);
        account.sound &= account.meant.as_deref().is_none_or(|said| said == person.personal_account);
        account.meant.get_or_insert(person.personal_account.as_str().into());
    } else if let Some(short) = account.meant.as_deref().filter(|_| account.short) {
        out.push(account::zeros(&account::padded(short, length)));
        account.sound = false;
    }
    let found = found.map(|(person, _)| person);
    let said_change = row.text(Field::ChangeKind);
    if change.is_none() && !says_nothing(said_change) {
        out.push(unknown_change(said_change, found, account.meant.is_some()));
    }
    if let (Some(change), true) = (change, index.is_some()) {
        status(change, found, month.map(|(month, _)| month), of, out);
    }
    let theirs = match (change, found, &who.id.meant) {
        (Some(Change::TransferIn), None, Some(id)) if index.is_some() && who.sound => {
            elsewhere::transferred(of.elsewhere, id, &who.name.meant, out)
        }
        _ => None,
    };
    if let Some(theirs) = theirs {
        if account.meant.as_deref() != Some(theirs) {
            out.push(Finding::new(Code::TransferAccount, Level::Fix).about(Field::PersonalAccount, "").propose(theirs));
            account.sound = false;
        }
    } else if account.meant.is_none() && (index.is_none() || change == Some(Change::TransferIn)) {
        out.push(Finding::new(Code::AccountMissing, Level::Error).about(Field::PersonalAccount, ""));
        account.sound = false;
    }
    let due = due(row, change, found, of, out);
    let key = Key::of(who.id.meant.as_deref(), &who.name.meant, account.meant.as_deref());
    let typed = match (change, reason, month, due) {
        (Some(change), Some(reason), Some((month, true)), Some((base, before, after)))
            if who.sound && account.sound && (found.is_some() || index.is_none() || change == Change::TransferIn) =>
        {
            let id_type = found.map_or(who.id_type, |person| &person.id_type);
            Some(StatusChangeRow {
                personal_account: account.meant.as_deref().unwrap_or_default().to_owned(),
                name: who.name.meant.into_owned(),
                id_type: id_type.to_owned(),
                id_number: who.id.meant.as_deref().unwrap_or_default().to_owned(),
                change,
                reason,
                month,
                base,
                before,
                after,
            })
        }
        _ => None,
    };
    (typed, key)
}

fn change(row: &RawRow, sheet: &RawSheet, out: &mut Vec<Finding>) -> Option<Change> {
    let text = row.text(Field::ChangeKind);
    if says_nothing(text) {
        if sheet.columns.contains_key(&Field::ChangeKind) {
            out.push(Finding::new(Code::ChangeMissing, Level::Error).about(Field::ChangeKind, ""));
        }
        return None;
    }
    Change::parse(text)
}

/// A word that is no change here; what it comes to is proposed where that can be told.
fn unknown_change(text: &str, found: Option<&Contributor>, has_account: bool) -> Finding {
    let finding = |code, level| Finding::new(code, level).about(Field::ChangeKind, "");
    match Change::of_social_insurance(text, found.map(|person| person.status), has_account) {
        Some(change) => finding(Code::ChangeForm, Level::Fix).propose(change.label()),
        None => {
            let changes = Change::ALL.map(Change::label).join("、");
            finding(Code::ChangeUnknown, Level::Error).arg("changes", changes)
        }
    }
}

/// The reason as it is filed; `None` where it has to be settled first.
fn reason(text: &str, change: Option<Change>, of: Circumstances<'_>, out: &mut Vec<Finding>) -> Option<String> {
    if change != Some(Change::Seal) {
        // Other changes have none; what a sheet writes there is not filed.
        return Some(String::new());
    }
    let known = &of.profile.seal_reasons;
    let names: Vec<_> = known.iter().map(|reason| reason.name.as_str()).collect();
    let meant = |text: &str| known.iter().find(|reason| reason.meant_by(text)).map(|reason| reason.name.as_str());
    reasons::one_of(text, &names, meant, out)
}

/// What the roster says about the account against what is to happen with it.
fn status(
    change: Change,
    found: Option<&Contributor>,
    month: Option<Month>,
    of: Circumstances<'_>,
    out: &mut Vec<Finding>,
) {
    if change.allowed(found.map(|person| person.status)) {
        let before = found.map(|person| match change {
            Change::Seal => person.changes.sealed.as_slice(),
            Change::Unseal => person.changes.unsealed.as_slice(),
            Change::TransferIn | Change::TransferOut => &[],
        });
        if let Some((before, month)) = before.zip(month) {
            limits::status_changes(before, month, of, out);
        }
        return;
    }
    match found {
        None => out.push(roster::unknown()),
        Some(person) => {
            let finding = Finding::new(Code::RosterStatus, Level::Error).about(Field::ChangeKind, "");
            out.push(finding.arg("status", person.status.label()).arg("change", change.label()));
        }
    }
}

/// Whoever leaves is in no list of this unit any more: not before all earlier months are verified.
fn leaves(change: Option<Change>, month: Month, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let begun = Month::of(of.today).is_ok_and(|current| month <= current);
    let first = of.unit.map(|unit| unit.first_unverified).filter(|first| month > *first && begun);
    if let (Some(Change::TransferOut), Some(first)) = (change, first) {
        let finding = Finding::new(Code::TransferMonth, Level::Error).about(Field::Month, month.to_string());
        out.push(finding.arg("month", month).arg("first", first));
    }
}

/// Base, and what is due before and after.
fn due(
    row: &RawRow,
    change: Option<Change>,
    found: Option<&Contributor>,
    of: Circumstances<'_>,
    out: &mut Vec<Finding>,
) -> Option<(Yuan, Contribution, Contribution)> {
    let change = change?;
    let (text, kind) = cell(row, Field::NewBase);
    let transfer = change == Change::TransferIn;
    let usage = if transfer { Use::Filed } else { Use::Compared };
    let said = base::amount(text, kind, Field::NewBase, usage, out);
    if transfer {
        let Some(meant) = said.meant else {
            if said.missing {
                out.push(Finding::new(Code::AmountMissing, Level::Error).about(Field::NewBase, ""));
            }
            return None;
        };
        let policy = of.policy();
        base::new_base(meant, None, policy, out);
        let positive = meant > Yuan::ZERO;
        return (said.sound && positive).then(|| (meant, NOTHING, computed(meant, of)));
    }
    Some(match found {
        // A roster file may say no base of whoever is sealed: nothing is never what is due again.
        Some(person) if change == Change::Unseal && person.base == Yuan::ZERO => {
            let Some(base) = said.meant.filter(|base| *base > Yuan::ZERO) else {
                out.push(Finding::new(Code::AmountMissing, Level::Error).about(Field::NewBase, ""));
                return None;
            };
            flow(change, base, computed(base, of))
        }
        Some(person) => flow(change, person.base, person.amounts),
        None => {
            let base = said.meant.filter(|base| *base > Yuan::ZERO).unwrap_or(Yuan::ZERO);
            flow(change, base, computed(base, of))
        }
    })
}

/// Whose account in the unit was closed may be transferred in with another one.
fn may_mean(change: Option<Change>, person: &Contributor) -> bool {
    !(change == Some(Change::TransferIn) && person.status.is_closed())
}

fn flow(change: Change, base: Yuan, amounts: Contribution) -> (Yuan, Contribution, Contribution) {
    match change {
        Change::Seal | Change::TransferOut => (base, amounts, NOTHING),
        Change::Unseal | Change::TransferIn => (base, NOTHING, amounts),
    }
}

fn computed(base: Yuan, of: Circumstances<'_>) -> Contribution {
    let policy = of.policy().zip(of.unit);
    policy.map_or(NOTHING, |(policy, unit)| policy.contribution(base, unit.unit_ratio, unit.personal_ratio))
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first.
pub fn check_rows(rows: &[StatusChangeRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let index = of.roster.map(RosterIndex::of);
    let identified: Vec<_> = rows
        .iter()
        .map(|row| Identified {
            id_number: Some(&row.id_number),
            name: &row.name,
            account: Some(&row.personal_account),
        })
        .collect();
    check_signed(
        rows,
        totals,
        |out| circumstances::unit(of, out),
        (&identified, repeated(&identified, Code::ChangeTwice)),
        |row, out| signed_row(row, of, index.as_ref(), out),
    )
}

fn signed_row(row: &StatusChangeRow, of: Circumstances<'_>, index: Option<&RosterIndex<'_>>, out: &mut Vec<Finding>) {
    let length = of.profile.account_length;
    let fault = |code, field| Finding::new(code, Level::Error).about(field, "");
    if !of.profile.id_types.contains_key(&row.id_type) {
        out.push(unknown_type(of));
    }
    let id = document::number(&row.id_number, CellKind::Text, &row.id_type, of.today, out);
    if says_nothing(&row.id_number) {
        out.push(fault(Code::IdMissing, Field::IdNumber));
    }
    let name = name::name(&row.name, CellKind::Text, out);
    let usual = usual_length(index, &row.personal_account, length);
    let account = account::account(&row.personal_account, CellKind::Text, usual, out);
    if account.meant.is_none() {
        out.push(fault(Code::AccountMissing, Field::PersonalAccount));
    }
    if account.short {
        out.push(account::zeros(&account::padded(&row.personal_account, length)));
    }
    let reason_sound = reason(&row.reason, Some(row.change), of, out).is_none_or(|filed| filed == row.reason);
    if !reason_sound {
        out.push(fault(Code::ReasonUnknown, Field::Reason).arg("reasons", "空"));
    }
    months::open(row.month, Field::Month, of, out);
    leaves(Some(row.change), row.month, of, out);
    let found = index.and_then(|index| roster::find(index, said(&id, &name, &account, length)));
    let found = found.filter(|(person, _)| may_mean(Some(row.change), person));
    if let Some((person, by)) = found {
        roster::same_person(person, by, said(&id, &name, &account, length), out);
        if by == By::IdNumber && person.id_type != row.id_type {
            out.push(fault(Code::IdType, Field::IdType).arg("types", person.id_type.as_str()));
        }
    }
    let found = found.map(|(person, _)| person);
    if index.is_some() {
        status(row.change, found, Some(row.month), of, out);
        if row.change == Change::TransferIn
            && found.is_none()
            && let Some(theirs) = elsewhere::transferred(of.elsewhere, &row.id_number, &row.name, out)
            && theirs != row.personal_account
        {
            out.push(fault(Code::TransferAccount, Field::PersonalAccount).propose(theirs));
        }
    }
    let expected = match (row.change, found) {
        (Change::TransferIn, _) => {
            base::new_base(row.base, None, of.policy(), out);
            of.unit.map(|_| flow(row.change, row.base, computed(row.base, of)))
        }
        (Change::Seal | Change::Unseal | Change::TransferOut, Some(person)) => {
            Some(flow(row.change, person.base, person.amounts))
        }
        (Change::Seal | Change::Unseal | Change::TransferOut, None) => None,
    };
    if let Some((base, before, after)) = expected {
        if base != row.base {
            out.push(fault(Code::BaseOldDiffers, Field::NewBase).arg("roster", base));
        } else if (before, after) != (row.before, row.after) {
            let computed = before.monthly() + after.monthly();
            out.push(fault(Code::AmountDiffers, Field::MonthlyAmount).arg("computed", computed));
        }
    }
}

impl FiledRow for StatusChangeRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::PersonalAccount, self.personal_account.clone()),
            (Field::Name, self.name.clone()),
            (Field::IdType, self.id_type.clone()),
            (Field::IdNumber, self.id_number.clone()),
            (Field::ChangeKind, self.change.label().to_owned()),
            (Field::Reason, self.reason.clone()),
            (Field::Month, self.month.to_string()),
            (Field::NewBase, self.base.to_string()),
            (Field::MonthlyAmount, (self.before.monthly() + self.after.monthly()).to_string()),
        ]
    }

    fn before(&self) -> Contribution {
        self.before
    }

    fn after(&self) -> Contribution {
        self.after
    }
}

#[cfg(test)]
mod tests;
