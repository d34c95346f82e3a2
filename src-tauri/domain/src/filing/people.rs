//! What the sheets of all people filings have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt, HashSet};
use jiff::civil::Date;

use super::{Circumstances, FiledRow, Totals};
use crate::characters::says_nothing;
use crate::checks::account::{self, Account};
use crate::checks::batch::{Identified, Twin, twins};
use crate::checks::identity::{self, IdNumber, RESIDENT};
use crate::checks::name::{self, Name};
use crate::checks::roster::{self, By, Said};
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::roster::{AccountStatus, Contributor, RosterIndex};
use crate::sheet::{CellKind, CellRef, Field, NO_COLUMN, RawRow, RawSheet};

/// Who a row says it is about.
pub(super) struct Identity<'a> {
    pub(super) id_type: &'a str,
    pub(super) id: IdNumber<'a>,
    pub(super) name: Name<'a>,
    /// The center takes documents of this type.
    pub(super) type_known: bool,
    /// Who has the number in the cell, at the center.
    known: Option<&'a Contributor>,
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
    // The center has exactly this number: as a number it has lost nothing.
    let kind = if known.is_some() && kind == CellKind::Number { CellKind::Text } else { kind };
    let before = out.len();
    let mut id = identity::number(text, kind, id_type, of.today, out);
    let judged = out.len();
    let (text, kind) = cell(row, Field::Name);
    let mut name = Name::default();
    if !says_nothing(text) || sheet.columns.contains_key(&Field::Name) {
        name = name::name(text, kind, out);
    }
    name::held(&name.meant, of.profile.narrowest_encoding(), out);
    if let Some(index) = index.filter(|_| judged > before && id_type == RESIDENT) {
        let account = row.text(Field::PersonalAccount).trim();
        id = identity::from_roster(id, &name.meant, account, index, of.today, &mut out[before..judged]);
    }
    identity::type_asked(&id, row.text(Field::IdNumber), type_text, of, out);
    // A name that the center itself has with its blanks needs no question.
    if known.is_some_and(|person| *person.name == *name.meant) {
        out.retain(|finding| finding.code != Code::NameSpaces);
    }
    let sound = said.is_some() && id.sound && name.sound;
    Identity { id_type, id, name, type_known: said.is_some(), known, sound }
}

/// Somebody of the unit, as a row names him.
pub(super) struct Member<'a> {
    pub(super) id_type: &'a str,
    pub(super) id: IdNumber<'a>,
    pub(super) name: Cow<'a, str>,
    pub(super) account: Option<Cow<'a, str>>,
    /// Who it is at the center.
    pub(super) found: Option<&'a Contributor>,
    /// All that identifies him may be filed as it stands.
    pub(super) sound: bool,
}

impl Member<'_> {
    pub(super) fn identified(&self) -> Identified<'_> {
        Identified { id_number: self.id.meant.as_deref(), name: &self.name, account: self.account.as_deref() }
    }

    /// The roster has somebody with this name and this document.
    pub(super) fn vouched(&self) -> bool {
        self.found.is_some_and(|found| {
            *found.name == *self.name && self.id.meant.as_deref() == Some(found.id_number.as_str())
        })
    }
}

/// Who of the unit a row means, found by ID number or by account; whatever the sheet lacks of him the roster has.
/// The account's status is the caller's to judge.
pub(super) fn member<'a>(
    row: &'a RawRow,
    sheet: &RawSheet,
    of: Circumstances<'a>,
    index: Option<&RosterIndex<'a>>,
    out: &mut Vec<Finding>,
) -> Member<'a> {
    let length = of.profile.account_length;
    let Identity { id_type, mut id, name, type_known, known, .. } = read(row, sheet, of, index, out);
    let id_text = row.text(Field::IdNumber);
    let (text, kind) = cell(row, Field::PersonalAccount);
    let mut account = account::account(text, kind, usual_length(index, text, length), out);
    let known = known.filter(|known| id.meant.as_deref() == Some(known.id_number.as_str()));
    let known = known.and_then(|known| index?.by_id_and_account(&known.id_number, account.meant.as_deref()));
    let found =
        known.map(|known| (known, By::IdNumber)).or_else(|| roster::find(index?, said(&id, &name, &account, length)));
    match found {
        Some((person, by)) => {
            roster::same_person(person, by, said(&id, &name, &account, length), out);
            account.sound &= account.meant.as_deref().is_none_or(|said| said == person.personal_account);
            account.meant.get_or_insert(person.personal_account.as_str().into());
            if says_nothing(id_text) {
                id = from_roster(person, sheet, &name, of.today, out);
            }
        }
        None => {
            if says_nothing(id_text) && sheet.columns.contains_key(&Field::IdNumber) {
                out.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
            }
            let asked = index.is_some() && (id.readable || account.meant.is_some());
            if asked {
                out.push(roster::unknown());
            }
            if let Some(short) = account.meant.as_deref().filter(|_| account.short && !asked) {
                out.push(account::zeros(&account::padded(short, length)));
                account.sound = false;
            }
        }
    }
    let sound = id.sound && name.sound && account.sound && type_known && (found.is_some() || index.is_none());
    let found = found.map(|(person, _)| person);
    let id_type = found.map_or(id_type, |person| person.id_type.as_str());
    Member { id_type, id, name: name.meant, account: account.meant, found, sound }
}

/// The ID of a person found by account, for a row without one: data where the sheet has no such column, a
/// proposal where the cell was left empty and the names agree.
fn from_roster<'a>(
    person: &'a Contributor,
    sheet: &RawSheet,
    name: &Name<'_>,
    today: Date,
    out: &mut Vec<Finding>,
) -> IdNumber<'a> {
    if sheet.columns.contains_key(&Field::IdNumber) {
        let agrees = *name.meant == *person.name;
        let finding = Finding::new(Code::IdMissing, if agrees { Level::Fix } else { Level::Error });
        let finding = finding.about(Field::IdNumber, "");
        out.push(if agrees { finding.propose(person.id_number.as_str()) } else { finding });
        IdNumber { meant: Some(person.id_number.as_str().into()), ..IdNumber::default() }
    } else {
        identity::number(&person.id_number, CellKind::Text, &person.id_type, today, out)
    }
}

/// Who a signed row says it is about.
pub(super) struct Signed<'a> {
    pub(super) personal_account: &'a str,
    pub(super) name: &'a str,
    pub(super) id_type: &'a str,
    pub(super) id_number: &'a str,
}

/// Checks who of the unit a signed row is about, by the rules of [`member`]; who it is at the center.
pub(super) fn signed_member<'r>(
    row: &Signed<'_>,
    of: Circumstances<'_>,
    index: Option<&RosterIndex<'r>>,
    out: &mut Vec<Finding>,
) -> Option<&'r Contributor> {
    let length = of.profile.account_length;
    if !of.profile.id_types.contains_key(row.id_type) {
        out.push(unknown_type(of));
    }
    let id = identity::number(row.id_number, CellKind::Text, row.id_type, of.today, out);
    if id.meant.is_none() && says_nothing(row.id_number) {
        out.push(Finding::new(Code::IdMissing, Level::Error).about(Field::IdNumber, ""));
    }
    let name = name::name(row.name, CellKind::Text, out);
    let usual = usual_length(index, row.personal_account, length);
    let account = account::account(row.personal_account, CellKind::Text, usual, out);
    let index = index?;
    let said = said(&id, &name, &account, length);
    let Some((person, by)) = roster::find(index, said) else {
        out.push(roster::unknown());
        return None;
    };
    roster::same_person(person, by, said, out);
    if account.meant.is_none() {
        let finding = Finding::new(Code::RosterAccountDiffers, Level::Error).about(Field::PersonalAccount, "");
        out.push(finding.arg("roster", &person.personal_account));
    }
    if by == By::IdNumber && person.id_type != row.id_type {
        out.push(Finding::new(Code::IdType, Level::Error).about(Field::IdType, "").arg("types", &person.id_type));
    }
    Some(person)
}

/// Money of the past and personal data are filed for whoever has an account that is neither closed nor frozen; `said`
/// is the field that tells who it is.
pub(super) fn holds_account(person: &Contributor, said: Field, business: &str, out: &mut Vec<Finding>) {
    match person.status {
        AccountStatus::Normal | AccountStatus::Sealed => {}
        AccountStatus::ClosedByMerger
        | AccountStatus::ClosedByTransfer
        | AccountStatus::ClosedByWithdrawal
        | AccountStatus::Frozen
        | AccountStatus::Other => {
            let finding = Finding::new(Code::RosterStatus, Level::Error).about(said, "");
            out.push(finding.arg("status", person.status.label()).arg("change", business));
        }
    }
}

/// The finding on a document that the center does not take.
pub(crate) fn unknown_type(of: Circumstances<'_>) -> Finding {
    Finding::new(Code::IdType, Level::Error).about(Field::IdType, "").arg("types", of.profile.id_type_names())
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
fn twin(twin: Twin, people: &[Identified<'_>], first: String) -> Finding {
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
    // Whoever shares a name only with people whom the roster has like this needs no question.
    let asked: HashSet<&str> =
        people.iter().enumerate().filter(|(row, _)| !vouched(*row)).map(|(_, person)| person.name).collect();
    if asked.is_empty() {
        return;
    }
    let mut first_of: HashMap<&str, usize> = HashMap::new();
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, person) in
        people.iter().enumerate().filter(|(_, person)| !person.name.is_empty() && asked.contains(person.name))
    {
        let Some(id) = person.id_number else { continue };
        let first = *first_of.entry(person.name).or_insert(row);
        if people[first].id_number != Some(id) {
            groups.entry(first).or_insert_with(|| vec![first]).push(row);
        }
    }
    for group in groups.into_values().filter(|group| !group.iter().all(|row| vouched(*row))) {
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

/// Places what there is to say of rows that repeat an earlier one.
pub(super) fn place_twins(
    sheet: &RawSheet,
    repeated: Vec<Twin>,
    people: &[Identified<'_>],
    findings: &mut Vec<Finding>,
) {
    for found in repeated {
        let first = &sheet.rows[found.first];
        let mut finding = twin(found, people, format!("第{}行", first.row));
        finding.related.push(cell_ref(sheet, first, Some(found.field)));
        place(sheet, &sheet.rows[found.row], &mut vec![finding], findings);
    }
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
pub(super) fn check_signed<'r, R: FiledRow>(
    rows: &'r [R],
    totals: Totals,
    whole: impl FnOnce(&mut Vec<Finding>),
    (identified, repeated): (&[Identified<'_>], Vec<Twin>),
    mut each: impl FnMut(&'r R, &mut Vec<Finding>),
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

/// What no two rows may have in common, kept beyond the row it was read from: person and account, or each of them in
/// a month.
pub(super) struct Key {
    id: Option<String>,
    name: String,
    account: Option<String>,
}

impl Key {
    pub(super) fn of(id: Option<&str>, name: &str, account: Option<&str>) -> Self {
        Self { id: id.map(str::to_owned), name: name.to_owned(), account: account.map(str::to_owned) }
    }

    pub(super) fn in_month(id: Option<&str>, name: &str, account: Option<&str>, month: Option<Month>) -> Self {
        let monthly = |text: &str| month.map(|month| format!("{month} {text}"));
        Self { id: id.and_then(monthly), name: name.to_owned(), account: account.and_then(monthly) }
    }

    pub(super) fn identified(&self) -> Identified<'_> {
        Identified { id_number: self.id.as_deref(), name: &self.name, account: self.account.as_deref() }
    }
}

/// Rows that repeat another; `twice` is what a person's second row is called in this kind of filing.
pub(super) fn repeated(identified: &[Identified<'_>], twice: Code) -> Vec<Twin> {
    let mut found = twins(identified);
    for twin in &mut found {
        if twin.code == Code::IdDuplicate {
            twin.code = twice;
        }
    }
    found
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
    let known = |length: &u8| {
        account.len() != usize::from(*length) && index.is_some_and(|index| index.by_account(account).is_some())
    };
    length.filter(|length| !known(length))
}

pub(crate) fn cell(row: &RawRow, field: Field) -> (&str, CellKind) {
    row.cells.get(&field).map_or(("", CellKind::Text), |cell| (cell.text, cell.kind))
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
