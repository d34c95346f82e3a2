//! What the sheets of all people filings have in common.

use std::collections::HashMap;

use super::{Circumstances, FiledRow, Totals};
use crate::characters::says_nothing;
use crate::checks::account::Account;
use crate::checks::batch::{Identified, Twin};
use crate::checks::identity::{self, IdNumber, RESIDENT};
use crate::checks::name::{self, Name};
use crate::checks::roster::Said;
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::roster::RosterIndex;
use crate::sheet::{CellKind, CellRef, Field, NO_COLUMN, RawRow, RawSheet};

/// Who a row says it is about.
pub(super) struct Identity<'a> {
    pub(super) id_type: &'a str,
    pub(super) id: IdNumber<'a>,
    pub(super) name: Name<'a>,
    /// The center takes documents of this type.
    pub(super) type_known: bool,
    /// All of it may be filed as it stands.
    pub(super) sound: bool,
}

/// Type and number of the document, and the name; each of them must be there.
pub(super) fn identity<'a>(
    row: &'a RawRow,
    sheet: &RawSheet,
    of: Circumstances<'a>,
    index: Option<&RosterIndex<'a>>,
    out: &mut Vec<Finding>,
) -> Identity<'a> {
    let who = read(row, sheet, of, index, out);
    if says_nothing(row.text(Field::IdNumber)) && sheet.columns.contains_key(&Field::IdNumber) {
        out.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
    }
    who
}

/// As [`identity`], for rows whose ID number may come from elsewhere.
pub(super) fn read<'a>(
    row: &'a RawRow,
    sheet: &RawSheet,
    of: Circumstances<'a>,
    index: Option<&RosterIndex<'a>>,
    out: &mut Vec<Finding>,
) -> Identity<'a> {
    let type_text = row.text(Field::IdType);
    let said = if says_nothing(type_text) { Some(RESIDENT) } else { of.profile.id_type(type_text) };
    if said.is_none() {
        out.push(unknown_type(of));
    }
    let (text, kind) = cell(row, Field::IdNumber);
    let known = index.and_then(|index| index.by_id(text.trim()));
    let id_type = known.map_or(said.unwrap_or("99"), |person| person.id_type.as_str());
    let before = out.len();
    let mut id = identity::number(text, kind, id_type, of.today, out);
    let judged = out.len();
    let (text, kind) = cell(row, Field::Name);
    let mut name = Name::default();
    if !says_nothing(text) || sheet.columns.contains_key(&Field::Name) {
        name = name::name(text, kind, out);
    }
    name::held(&name.meant, of.profile.encoding, out);
    if let Some(index) = index.filter(|_| judged > before && id_type == RESIDENT) {
        let account = row.text(Field::PersonalAccount).trim();
        id = identity::from_roster(id, &name.meant, account, index, of.today, &mut out[before..judged]);
    }
    // A name that the center itself has with its blanks needs no question.
    if known.is_some_and(|person| person.name == name.meant) {
        out.retain(|finding| finding.code != Code::NameSpaces);
    }
    let sound = said.is_some() && id.sound && name.sound;
    Identity { id_type, id, name, type_known: said.is_some(), sound }
}

/// The finding on a document that the center does not take.
pub(crate) fn unknown_type(of: Circumstances<'_>) -> Finding {
    let types: Vec<_> = of.profile.id_types.values().map(String::as_str).collect();
    Finding::new(Code::IdType, Level::Error).about(Field::IdType, "").arg("types", types.join("、"))
}

/// Whether the sheet has anything to say about a field.
pub(super) fn has(sheet: &RawSheet, field: Field) -> bool {
    sheet.columns.contains_key(&field) || sheet.rows.iter().any(|row| row.cells.contains_key(&field))
}

/// Findings on the sheet as a whole: no people, or a column that must be there is not. What is known from elsewhere
/// (`known`) is only missed.
pub(super) fn whole(sheet: &RawSheet, required: &[(Field, Code)], known: &[Field], out: &mut Vec<Finding>) {
    if sheet.rows.is_empty() {
        out.push(Finding::new(Code::SheetEmpty, Level::Error));
        return;
    }
    for (field, code) in required {
        if !has(sheet, *field) {
            let level = if known.contains(field) { Level::Warning } else { Level::Error };
            out.push(Finding::new(*code, level).about(*field, ""));
        }
    }
}

/// The finding on a row that repeats an earlier one; `first` says which.
pub(super) fn twin(twin: Twin, people: &[Identified<'_>], first: String) -> Finding {
    let finding = Finding::new(twin.code, Level::Error).about(twin.field, "").arg("twin", first);
    if twin.code == Code::IdTwoNames {
        return finding.arg("name", people[twin.row].name).arg("twin_name", people[twin.first].name);
    }
    finding
}

/// One name under two documents: a question, asked once a name at its second row; `vouched` are rows that the roster
/// has with this name and this document.
pub(super) fn namesakes(
    sheet: &RawSheet,
    people: &[Identified<'_>],
    vouched: impl Fn(usize) -> bool,
    findings: &mut Vec<Finding>,
) {
    let mut names: HashMap<&str, Vec<usize>> = HashMap::with_capacity(people.len());
    for (row, person) in people.iter().enumerate() {
        if !person.name.is_empty() && person.id_number.is_some() {
            names.entry(person.name).or_default().push(row);
        }
    }
    let mut asked: Vec<Vec<usize>> = names
        .into_values()
        .filter_map(|rows| {
            let first = *rows.first()?;
            let others = rows.iter().copied().filter(|row| people[*row].id_number != people[first].id_number);
            let group: Vec<usize> = std::iter::once(first).chain(others).collect();
            (group.len() > 1 && !group.iter().all(|row| vouched(*row))).then_some(group)
        })
        .collect();
    asked.sort_unstable();
    for group in asked {
        let place_of = |row: usize| cell_ref(sheet, &sheet.rows[row], Some(Field::Name));
        let twin = format!("第{}行", sheet.rows[group[0]].row);
        let mut finding = Finding::new(Code::NameTwice, Level::Warning).about(Field::Name, "").arg("twin", twin);
        finding.related =
            std::iter::once(&group[0]).chain(group.iter().skip(2).take(20)).map(|row| place_of(*row)).collect();
        place(sheet, &sheet.rows[group[1]], &mut vec![finding], findings);
    }
}

/// One phone or card for two people: a question at the later row. `values` has the ID number and the value of each
/// row.
pub(super) fn shared(
    sheet: &RawSheet,
    values: &[(Option<&str>, Option<&str>)],
    field: Field,
    code: Code,
    findings: &mut Vec<Finding>,
) {
    let mut first_of: HashMap<&str, usize> = HashMap::new();
    for (at, (id, value)) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let first = *first_of.entry(value).or_insert(at);
        let twice = id.is_some() && *id == values[first].0;
        // The same person twice is told by the ID.
        if first == at || twice {
            continue;
        }
        let row = &sheet.rows[first];
        let mut finding = Finding::new(code, Level::Warning).about(field, "").arg("twin", format!("第{}行", row.row));
        finding.related.push(cell_ref(sheet, row, Some(field)));
        place(sheet, &sheet.rows[at], &mut vec![finding], findings);
    }
}

/// Places a finding on a row that repeats another.
pub(super) fn place_twin(sheet: &RawSheet, found: Twin, mut finding: Finding, findings: &mut Vec<Finding>) {
    finding.related.push(cell_ref(sheet, &sheet.rows[found.first], Some(found.field)));
    place(sheet, &sheet.rows[found.row], &mut vec![finding], findings);
}

/// Makes what the rules say about a signed row what the center says: errors only, with the row's index.
fn signed(scratch: &mut Vec<Finding>, index: usize, row: &impl FiledRow, findings: &mut Vec<Finding>) {
    for mut finding in scratch.drain(..).filter(Finding::blocks) {
        finding.level = Level::Error;
        finding.fix = None;
        finding.args.insert("index".into(), index.to_string());
        if finding.value.is_empty() {
            finding.value = finding.field.map(|field| row.said(field)).unwrap_or_default();
        }
        findings.push(finding);
    }
}

/// Checks rows that arrive signed: the filing as a whole, its head against its rows, then every row, with those that
/// repeat an earlier one. Errors only; findings on the whole filing carry no index and come first.
pub(super) fn check_signed<R: FiledRow>(
    rows: &[R],
    totals: Totals,
    whole: impl FnOnce(&mut Vec<Finding>),
    (identified, repeated): (&[Identified<'_>], Vec<Twin>),
    mut each: impl FnMut(&R, &mut Vec<Finding>),
) -> Vec<Finding> {
    let mut findings = Vec::new();
    whole(&mut findings);
    findings.retain(Finding::blocks);
    if rows.is_empty() {
        findings.push(Finding::new(Code::SheetEmpty, Level::Error));
    }
    let sums = Totals::of(rows);
    if sums != totals {
        let computed = format!("{}人，变更前{}元，变更后{}元", sums.people, sums.before, sums.after);
        findings.push(Finding::new(Code::FilingTotals, Level::Error).arg("computed", computed));
    }
    let mut repeated = repeated.into_iter().peekable();
    let mut scratch = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        each(row, &mut scratch);
        while let Some(found) = repeated.next_if(|found| found.row == place) {
            scratch.push(twin(found, identified, format!("第{}条", found.first + 1)));
        }
        signed(&mut scratch, place, row, &mut findings);
    }
    findings
}

pub(super) const NOTHING: Contribution = Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO };

pub(super) fn said<'s>(
    id: &'s IdNumber<'_>,
    name: &'s Name<'_>,
    account: &'s Account<'_>,
    account_length: Option<u8>,
) -> Said<'s> {
    Said {
        id_number: id.meant.as_deref(),
        id_readable: id.readable,
        name: &name.meant,
        account: account.meant.as_deref(),
        account_length,
    }
}

/// The length accounts have, except for one that the center itself has otherwise.
pub(super) fn usual_length(index: Option<&RosterIndex<'_>>, account: &str, length: Option<u8>) -> Option<u8> {
    length.filter(|_| index.is_none_or(|index| index.by_account(account).is_none()))
}

pub(crate) fn cell(row: &RawRow, field: Field) -> (&str, CellKind) {
    row.cells.get(&field).map_or(("", CellKind::Text), |cell| (cell.text.as_str(), cell.kind))
}

pub(crate) fn cell_ref(sheet: &RawSheet, row: &RawRow, field: Option<Field>) -> CellRef {
    let column = field
        .and_then(|field| row.cells.get(&field).map(|cell| cell.column).or_else(|| sheet.columns.get(&field).copied()))
        .filter(|column| *column != NO_COLUMN);
    CellRef { sheet: sheet.name.clone(), row: row.row, column }
}

pub(crate) fn place(sheet: &RawSheet, row: &RawRow, scratch: &mut Vec<Finding>, findings: &mut Vec<Finding>) {
    for mut finding in scratch.drain(..) {
        finding.at = Some(cell_ref(sheet, row, finding.field));
        if let Some(field) = finding.field.filter(|_| finding.value.is_empty()) {
            row.text(field).clone_into(&mut finding.value);
        }
        findings.push(finding);
    }
}
