//! 补缴: what was not paid, or paid too little, for verified months of the past; one span of one contributor a row.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::people::{self, Member, NOTHING, Signed, cell, check_signed, holds_account, place};
use super::{Checked, Circumstances, FiledRow, Totals};
use crate::checks::base::{self, Amount, Use};
use crate::checks::batch::{Identified, Twin, twins};
use crate::checks::totals::Addends;
use crate::checks::{circumstances, months, reasons, totals};
use crate::due::{self, difference_due, due_between};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::roster::RosterIndex;
use crate::sheet::{Field, RawRow, RawSheet};

/// One span of months of one contributor, as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackPaymentRow {
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件类型 (ZJLX), national code
    pub id_type: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 起始年月, the first month that is paid
    pub from: Month,
    /// 终止年月, the last month that is paid
    pub to: Month,
    /// 补缴原因, one of [`REASONS`]
    pub reason: String,
    /// 个人缴存基数 of those months, yuan; `None` where the sheet does not say
    pub base: Option<Yuan>,
    /// Parts over the whole span, yuan
    pub amounts: Contribution,
}

/// 补缴原因. The set unites the reasons of Shanghai's 补缴清册 (漏缴, 少缴, 欠缴, 转入, 错缴更正, 特殊) with what centers'
/// own systems make a 补缴 of: a base adjusted late (差额补缴) and 启封 with an earlier month.
pub const REASONS: [&str; 7] =
    ["漏缴补缴", PAID_TOO_LITTLE, "欠缴补缴", BASE_DIFFERENCE, "启封补缴", "转入补缴", "其他"];

const PAID_TOO_LITTLE: &str = "少缴补缴";
const BASE_DIFFERENCE: &str = "基数调整补差";

/// Reasons of which only a part of what the base costs is due: the rest was paid.
const PARTIAL: [&str; 3] = [PAID_TOO_LITTLE, BASE_DIFFERENCE, "其他"];

/// Words that mean one of the reasons and nothing else.
const REASON_WORDS: [(&str, &[&str]); 6] = [
    (REASONS[0], &["漏缴", "漏交", "正常补缴"]),
    (REASONS[1], &["少缴", "少交"]),
    (REASONS[2], &["欠缴", "欠缴单位补缴", "单位欠缴"]),
    (REASONS[3], &["差额补缴", "补差", "基数补差", "调基补差", "调基补缴差额", "基数调整补缴"]),
    (REASONS[4], &["启封"]),
    (REASONS[5], &["转入", "外省市转入补缴", "异地转入补缴"]),
];

/// What a sheet of this kind carries.
pub const FIELDS: [Field; 14] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdType,
    Field::IdNumber,
    Field::FromMonth,
    Field::ToMonth,
    Field::Reason,
    Field::OldBase,
    Field::NewBase,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::MonthlyAmount,
    Field::Department,
    Field::Remark,
];

/// The columns that are summed.
const SUMMED: [Field; 3] = [Field::UnitAmount, Field::PersonalAmount, Field::MonthlyAmount];

/// The columns without which nothing can be filed.
pub(super) const REQUIRED: [(Field, Code); 7] = [
    (Field::Name, Code::NameMissing),
    (Field::IdNumber, Code::IdMissing),
    (Field::FromMonth, Code::MonthMissing),
    (Field::ToMonth, Code::MonthMissing),
    (Field::Reason, Code::ReasonMissing),
    (Field::UnitAmount, Code::AmountMissing),
    (Field::PersonalAmount, Code::AmountMissing),
];

/// The columns it cannot do without; of each group one is enough.
pub const COLUMNS: &[&[Field]] = &[
    &[Field::IdNumber, Field::PersonalAccount],
    &[Field::FromMonth],
    &[Field::ToMonth],
    &[Field::Reason],
    &[Field::UnitAmount],
    &[Field::PersonalAmount],
];

/// Checks a whole sheet: every row, every finding.
///
/// The amounts are the sheet's. Where it gives a base too they are held against what the base costs in those months,
/// each month by its own policy, at the unit's ratios; with the base before beside it, against the difference.
pub fn check_sheet(sheet: &RawSheet, of: Circumstances<'_>) -> Checked<BackPaymentRow> {
    let mut findings = Vec::new();
    circumstances::unit(of, &mut findings);
    let index = of.roster.map(RosterIndex::of);
    let by_account = index.is_some() && people::has(sheet, Field::PersonalAccount);
    let known: &[Field] = if by_account { &[Field::IdNumber] } else { &[] };
    people::whole(sheet, &REQUIRED, known, &mut findings);

    let mut scratch = Vec::new();
    let (mut members, mut spans, mut addends) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let member = people::member(row, sheet, of, index.as_ref(), &mut scratch);
        let said = read(row, sheet, &member, of, &mut scratch);
        rows.push(said.typed);
        spans.push(said.span);
        addends.push(said.addends);
        members.push(member);
        place(sheet, row, &mut scratch, &mut findings);
    }
    let identified: Vec<_> = members.iter().map(Member::identified).collect();
    people::place_twins(sheet, repeated(&identified, &spans), &identified, &mut findings);
    people::namesakes(sheet, &identified, |row| members[row].vouched(), &mut findings);
    if !sheet.totals.is_empty() {
        totals::totals(sheet, SUMMED, &addends, |row, scratch| place(sheet, row, scratch, &mut findings));
    }
    findings.sort_by(|one, other| one.at.cmp(&other.at));
    Checked { totals: Totals::of(rows.iter().flatten()), rows, findings }
}

/// What a row says beside who it is about.
struct Read {
    typed: Option<BackPaymentRow>,
    span: Option<(Month, Month)>,
    addends: Addends<3>,
}

fn read(row: &RawRow, sheet: &RawSheet, member: &Member<'_>, of: Circumstances<'_>, out: &mut Vec<Finding>) -> Read {
    if let Some(person) = member.found {
        holds_account(person, Field::IdNumber, "补缴", out);
    }
    let from = months::needed(row, sheet, Field::FromMonth, out);
    let to = months::needed(row, sheet, Field::ToMonth, out);
    let span = from.zip(to).map(|((from, _), (to, _))| (from, to));
    if let Some(span) = span {
        judge_span(span, of, out);
    }
    let asked = sheet.columns.contains_key(&Field::Reason) || row.cells.contains_key(&Field::Reason);
    let reason = asked.then(|| reason(row.text(Field::Reason), out)).flatten();
    let mut amount = |field, usage| {
        let (text, kind) = cell(row, field);
        base::amount(text, kind, field, usage, out)
    };
    let old = amount(Field::OldBase, Use::Compared);
    let base = amount(Field::NewBase, Use::Filed);
    let [unit, personal] = [Field::UnitAmount, Field::PersonalAmount].map(|field| amount(field, Use::Filed));
    let monthly = amount(Field::MonthlyAmount, Use::Compared);
    let addends = [unit, personal, monthly].map(|column| (!column.missing).then_some(column.meant));

    if let Some(base) = base.meant {
        judge_base(base, out);
    }
    let computed = span.and_then(|span| computed(span, base.meant, old.meant, of, out));
    // Of a difference that nobody gave the base before for, only the most it can be is known.
    let whole = old.meant.is_some() || reason.as_deref().is_some_and(|reason| !PARTIAL.contains(&reason));
    for (part, field, of_part) in [
        (unit, Field::UnitAmount, (|due| due.unit_amount) as fn(Contribution) -> Yuan),
        (personal, Field::PersonalAmount, |due| due.personal_amount),
    ] {
        if part.missing && sheet.columns.contains_key(&field) {
            out.push(match computed.filter(|_| whole).map(of_part).filter(|due| !due.is_negative()) {
                Some(due) => Finding::new(Code::AmountMissing, Level::Fix).about(field, "").propose(due.to_string()),
                None => Finding::new(Code::AmountMissing, Level::Error).about(field, ""),
            });
        }
    }
    let parts = unit.meant.zip(personal.meant);
    let amounts = parts.map(|(unit_amount, personal_amount)| Contribution { unit_amount, personal_amount });
    base::sum(amounts.map(Contribution::monthly), monthly.meant, out);
    if let Some(amounts) = amounts {
        judge_amounts(amounts, out);
        if let (Some(span), Some(computed), Some(_)) = (span, computed, &reason) {
            compare(amounts, computed, whole, span, out);
        }
    }
    let sound = |amount: Amount| amount.sound || amount.missing;
    let typed = match (from, to, reason, amounts) {
        (Some((from, true)), Some((to, true)), Some(reason), Some(amounts))
            if member.sound && unit.sound && personal.sound && sound(base) =>
        {
            Some(BackPaymentRow {
                personal_account: member.account.as_deref().unwrap_or_default().to_owned(),
                name: member.name.clone().into_owned(),
                id_type: member.id_type.to_owned(),
                id_number: member.id.meant.as_deref().unwrap_or_default().to_owned(),
                from,
                to,
                reason,
                base: base.meant,
                amounts,
            })
        }
        _ => None,
    };
    Read { typed, span, addends }
}

/// Months in order, all of them verified; many of them are a question.
fn judge_span((from, to): (Month, Month), of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let about = |field, code, level| Finding::new(code, level).about(field, "");
    if from > to {
        out.push(about(Field::FromMonth, Code::SpanOrder, Level::Error).arg("to", to));
        return;
    }
    // A month that is not verified yet is remitted with everybody else's.
    let last = match of.unit {
        Some(unit) => Some(unit.first_unverified.previous()),
        None => Month::of(of.today).ok(),
    };
    if last.is_none_or(|last| to > last) {
        let shown = last.map_or_else(|| "—".to_owned(), |last| last.to_string());
        out.push(about(Field::ToMonth, Code::SpanNotVerified, Level::Error).arg("last", shown));
    }
    let count = due::months(from, to).count();
    if let Some(limit) = of.profile.limits.back_payment_months.filter(|limit| count > usize::from(*limit)) {
        out.push(about(Field::ToMonth, Code::SpanLong, Level::Warning).arg("months", count).arg("limit", limit));
    }
}

fn judge_base(base: Yuan, out: &mut Vec<Finding>) {
    if base == Yuan::ZERO {
        out.push(Finding::new(Code::AmountNegative, Level::Error).about(Field::NewBase, ""));
    } else {
        base::part(base, Field::NewBase, out);
    }
}

fn judge_amounts(amounts: Contribution, out: &mut Vec<Finding>) {
    base::part(amounts.unit_amount, Field::UnitAmount, out);
    base::part(amounts.personal_amount, Field::PersonalAmount, out);
    if amounts == NOTHING {
        out.push(Finding::new(Code::DueNothing, Level::Error).about(Field::UnitAmount, ""));
    }
}

/// What the base costs in those months at the unit's ratios: all of it, or the difference to the base before.
fn computed(
    (from, to): (Month, Month),
    base: Option<Yuan>,
    old: Option<Yuan>,
    of: Circumstances<'_>,
    out: &mut Vec<Finding>,
) -> Option<Contribution> {
    let base = base.filter(|base| *base > Yuan::ZERO)?;
    limits((from, to), base, of, out);
    let unit = of.unit?;
    let ratios = (unit.unit_ratio, unit.personal_ratio);
    let due = match old {
        Some(old) => difference_due(|month| of.policy_of(month), (old, base), ratios, from, to),
        None => due_between(|month| of.policy_of(month), base, ratios, from, to),
    };
    match due {
        Ok(due) => Some(due).filter(|_| from <= to),
        Err(unknown) => {
            let shown: Vec<_> = unknown.iter().take(3).map(ToString::to_string).collect();
            let rest =
                if unknown.len() > shown.len() { format!("等 {} 个月", unknown.len()) } else { String::new() };
            let finding = Finding::new(Code::DueUnknown, Level::Warning).about(Field::NewBase, "");
            out.push(finding.arg("months", format!("{}{rest}", shown.join("、"))));
            None
        }
    }
}

/// The limits of the months the base is paid for: a question, for what those months were filed with is the center's
/// to know.
fn limits((from, to): (Month, Month), base: Yuan, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let policies = || due::months(from, to).filter_map(|month| of.policy_of(month));
    let about = |code| Finding::new(code, Level::Warning).about(Field::NewBase, "");
    if let Some(ceiling) = policies().filter_map(|policy| policy.base_ceiling).find(|ceiling| base > *ceiling) {
        out.push(about(Code::BaseAboveCeiling).arg("ceiling", ceiling));
    }
    if let Some(floor) = policies().filter_map(|policy| policy.base_floor).find(|floor| base < *floor) {
        out.push(about(Code::BaseBelowFloor).arg("floor", floor));
    }
}

/// Holds the sheet's amounts against what was computed; where part of the months' due was paid before, only against
/// the whole of it.
fn compare(
    amounts: Contribution,
    computed: Contribution,
    whole: bool,
    (from, to): (Month, Month),
    out: &mut Vec<Finding>,
) {
    let about = |code, field| Finding::new(code, Level::Warning).about(field, "").arg("from", from).arg("to", to);
    if !whole {
        if amounts.monthly() > computed.monthly() {
            let mut finding = about(Code::DueExceeds, Field::UnitAmount).arg("computed", computed.monthly());
            finding.value = amounts.monthly().to_string();
            out.push(finding);
        }
        return;
    }
    for (field, part, said, due) in [
        (Field::UnitAmount, "单位部分", amounts.unit_amount, computed.unit_amount),
        (Field::PersonalAmount, "个人部分", amounts.personal_amount, computed.personal_amount),
    ] {
        if said != due {
            let finding = about(Code::DueDiffers, field).arg("part", part).arg("computed", due);
            let finding = finding.arg("difference", said - due);
            out.push(if due.is_negative() { finding } else { finding.propose(due.to_string()) });
        }
    }
}

/// Spans of one person that have a month in common, each named at the later row; and who is two people.
fn repeated(identified: &[Identified<'_>], spans: &[Option<(Month, Month)>]) -> Vec<Twin> {
    // One person may have several rows.
    let mut found = twins(identified);
    found.retain(|twin| matches!(twin.code, Code::IdTwoNames | Code::AccountTwoIds));
    let mut by_person: HashMap<&str, Vec<(Month, Month, usize)>> = HashMap::new();
    for (row, (who, span)) in identified.iter().zip(spans).enumerate() {
        if let (Some(person), Some((from, to))) = (who.account.or(who.id_number), span) {
            by_person.entry(person).or_default().push((*from, *to, row));
        }
    }
    let mut overlaps: HashMap<usize, usize> = HashMap::new();
    for spans in by_person.values_mut() {
        spans.sort_unstable();
        let mut longest: Option<(Month, usize)> = None;
        for (from, to, row) in spans.iter().copied() {
            if let Some((_, other)) = longest.filter(|(last, _)| from <= *last) {
                let (first, later) = (other.min(row), other.max(row));
                overlaps.entry(later).and_modify(|known| *known = first.min(*known)).or_insert(first);
            }
            if longest.is_none_or(|(last, _)| to > last) {
                longest = Some((to, row));
            }
        }
    }
    let code = Code::SpanOverlap;
    found.extend(overlaps.into_iter().map(|(row, first)| Twin { row, first, code, field: Field::FromMonth }));
    found.sort_unstable_by_key(|twin| (twin.row, twin.code));
    found
}

fn reason(text: &str, out: &mut Vec<Finding>) -> Option<String> {
    reasons::one_of(text, &REASONS, |text| reasons::meant(text, &REASONS, &REASON_WORDS), out)
}

/// Checks rows that arrive signed, by the same rules; `Finding::at` is absent and `args["index"]` is the
/// zero-based row. A filing that passed [`check_sheet`] has no error here.
///
/// Only errors are returned. Findings on the whole filing carry no index and come first. Whether the center's books
/// have 补缴 of those months from an earlier filing is not known here.
pub fn check_rows(rows: &[BackPaymentRow], totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
    let index = of.roster.map(RosterIndex::of);
    let filled = |text: &'_ String| !text.is_empty();
    let identified: Vec<_> = rows
        .iter()
        .map(|row| Identified {
            id_number: Some(&row.id_number).filter(|id| filled(id)).map(String::as_str),
            name: &row.name,
            account: Some(&row.personal_account).filter(|account| filled(account)).map(String::as_str),
        })
        .collect();
    let spans: Vec<_> = rows.iter().map(|row| Some((row.from, row.to))).collect();
    check_signed(
        rows,
        totals,
        |out| circumstances::unit(of, out),
        (&identified, repeated(&identified, &spans)),
        |row, out| signed_row(row, of, index.as_ref(), out),
    )
}

fn signed_row(row: &BackPaymentRow, of: Circumstances<'_>, index: Option<&RosterIndex<'_>>, out: &mut Vec<Finding>) {
    let who = Signed {
        personal_account: &row.personal_account,
        name: &row.name,
        id_type: &row.id_type,
        id_number: &row.id_number,
    };
    if let Some(person) = people::signed_member(&who, of, index, out) {
        holds_account(person, Field::IdNumber, "补缴", out);
    }
    judge_span((row.from, row.to), of, out);
    reason(&row.reason, out);
    if let Some(base) = row.base {
        judge_base(base, out);
    }
    judge_amounts(row.amounts, out);
}

impl FiledRow for BackPaymentRow {
    fn figures(&self) -> Vec<(Field, String)> {
        vec![
            (Field::PersonalAccount, self.personal_account.clone()),
            (Field::Name, self.name.clone()),
            (Field::IdType, self.id_type.clone()),
            (Field::IdNumber, self.id_number.clone()),
            (Field::FromMonth, self.from.to_string()),
            (Field::ToMonth, self.to.to_string()),
            (Field::Reason, self.reason.clone()),
            (Field::NewBase, self.base.map(|base| base.to_string()).unwrap_or_default()),
            (Field::UnitAmount, self.amounts.unit_amount.to_string()),
            (Field::PersonalAmount, self.amounts.personal_amount.to_string()),
            (Field::MonthlyAmount, self.amounts.monthly().to_string()),
        ]
    }

    fn one_of_several(&self) -> Option<&str> {
        Some(&self.id_number)
    }

    fn before(&self) -> Contribution {
        NOTHING
    }

    fn after(&self) -> Contribution {
        self.amounts
    }
}

#[cfg(test)]
mod tests;
