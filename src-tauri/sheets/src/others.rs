//! The sheets of a workbook beside the one that is read: whoever stands in them is not filed, and that is said.

use std::collections::HashMap;
use std::sync::Arc;

use huijiao_domain::field::Field;
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::sheet::{CellRef, RawRow};

use crate::header::find_header;
use crate::mapping::map_fields;
use crate::roles::{is_document, is_name};
use crate::rows::{Taken, rows};
use crate::workbook::Workbook;

/// So many other sheets are looked into.
pub const MOST_OTHERS: usize = 12;
/// So many of those who stand in both are named.
const NAMED: usize = 20;

/// A question for every other sheet with people, hidden ones too: how many they are, and who of them stands in the
/// sheet that was taken as well; and one for those that nobody looked into. `read` reads a sheet by its name.
pub fn other_sheets(
    workbook: &Workbook,
    taken: &Taken,
    fields: &[Field],
    mut read: impl FnMut(&str) -> Option<Workbook>,
) -> Vec<Finding> {
    let mut here: Option<HashMap<String, &RawRow>> = None;
    let others = workbook.sheets.iter().enumerate().filter(|(place, _)| *place != workbook.sheet);
    let mut findings = Vec::new();
    let mut unseen: Vec<&str> = Vec::new();
    for (looked, (_, info)) in others.enumerate() {
        let other = if looked < MOST_OTHERS { read(&info.name) } else { None };
        let Some(other) = other else {
            unseen.push(&info.name);
            continue;
        };
        let Ok(header) = find_header(&other) else { continue };
        let columns = map_fields(&header, fields);
        let mapping: Vec<(u16, Field)> =
            columns.iter().filter_map(|c| c.field.map(|field| (c.column, field))).collect();
        let has = |field: Field| mapping.iter().any(|(_, mapped)| *mapped == field);
        // A list of departments, or a page that explains columns, is no list of people.
        if !has(Field::Name) || !(has(Field::IdNumber) || has(Field::PersonalAccount)) {
            continue;
        }
        // Rows without a number of a document or an account are explanations as likely as people.
        let mut people = rows(&other, &header, &mapping).sheet.rows;
        people.retain(|row| key(row).is_some());
        if people.is_empty() {
            continue;
        }
        let here =
            here.get_or_insert_with(|| taken.sheet.rows.iter().filter_map(|row| Some((key(row)?, row))).collect());
        let both: Vec<&RawRow> = people.iter().filter_map(|row| here.get(&key(row)?).copied()).collect();
        let hidden = if info.hidden { "（隐藏）" } else { "" };
        let mut finding = Finding::new(Code::SheetOthers, Level::Warning)
            .arg("sheet", format!("{}{hidden}", info.name))
            .arg("people", people.len())
            .arg("both", both.len());
        let column = taken.sheet.columns.get(&Field::IdNumber).copied();
        let place = |row: &&RawRow| CellRef { sheet: Arc::clone(&taken.sheet.name), row: row.row, column };
        finding.related = both.iter().take(NAMED).map(place).collect();
        findings.push(finding);
    }
    findings.extend(unlooked(&unseen));
    findings
}

/// A question where sheets were not looked into: too many, or not to be read.
fn unlooked(names: &[&str]) -> Option<Finding> {
    if names.is_empty() {
        return None;
    }
    let mut finding = Finding::new(Code::SheetsUnseen, Level::Warning).arg("sheets", names.len());
    finding.value = names.iter().take(NAMED).copied().collect::<Vec<_>>().join("、");
    if names.len() > NAMED {
        finding.value.push_str(" 等");
    }
    Some(finding)
}

/// What says that two rows are about one person: a number of a document or an account, as long as those are; a
/// passport's is shorter, and is one beside a name.
fn key(row: &RawRow) -> Option<String> {
    let number = |field, digits: usize| {
        let text: String = row.text(field).chars().filter(char::is_ascii_alphanumeric).collect();
        (text.bytes().filter(u8::is_ascii_digit).count() >= digits).then(|| text.to_ascii_uppercase())
    };
    let named = || is_name(&row.text(Field::Name).split_whitespace().collect::<String>());
    let document = || number(Field::IdNumber, 6).filter(|_| is_document(row.text(Field::IdNumber).trim()) && named());
    number(Field::IdNumber, 12).or_else(|| number(Field::PersonalAccount, 6)).or_else(document)
}
