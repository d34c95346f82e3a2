//! What was read, in a form that is good to look at in a snapshot.

use std::collections::BTreeMap;

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::sheet::{CellKind, RawRow, column_letter};
use huijiao_sheets::{
    Header, Limits, MappedColumn, ReadChoice, SheetError, Taken, Workbook, find_header, map_columns, read,
    read_both_ways, rows, take_rows,
};
use serde_json::{Value, json};

pub(crate) fn open(bytes: Vec<u8>) -> Result<Workbook, SheetError> {
    agree(&bytes, &Limits::default(), "a file of a test");
    read(bytes, &ReadChoice::default(), &Limits::default())
}

/// The two readers of xlsx see the same in this file; whether the plain one saw anything.
pub(crate) fn agree(bytes: &[u8], limits: &Limits, what: &str) -> bool {
    if !bytes.starts_with(b"PK") {
        return false;
    }
    let (plain, reference) = read_both_ways(bytes, &ReadChoice::default(), limits);
    let seen = plain.is_some();
    if let Some(plain) = plain {
        assert_eq!(Ok(plain), reference, "{what}: as calamine reads it");
    }
    seen
}

/// The whole way from bytes to rows, with the columns as proposed.
pub(crate) struct Read {
    pub(crate) workbook: Workbook,
    pub(crate) header: Header,
    pub(crate) columns: Vec<MappedColumn>,
    pub(crate) taken: Taken,
}

pub(crate) fn take(bytes: Vec<u8>) -> Read {
    take_workbook(open(bytes).unwrap())
}

pub(crate) fn take_workbook(workbook: Workbook) -> Read {
    let header = find_header(&workbook).unwrap();
    let columns = map_columns(&header, FilingKind::BaseAdjustment);
    let mapping: Vec<(u16, Field)> = columns.iter().filter_map(|c| c.field.map(|f| (c.column, f))).collect();
    let taken = rows(&workbook, &header, &mapping);
    assert_eq!(take_rows(&mut workbook.clone(), &header, &mapping), taken, "the same, copied or not");
    Read { workbook, header, columns, taken }
}

impl Read {
    pub(crate) fn summary(&self) -> Value {
        let workbook = &self.workbook;
        let columns: BTreeMap<String, Value> = self
            .columns
            .iter()
            .map(|c| (column_letter(c.column), json!({ "title": c.title, "field": c.field, "why": c.why })))
            .collect();
        let roles: BTreeMap<String, Vec<u32>> =
            self.taken.roles.iter().fold(BTreeMap::new(), |mut all: BTreeMap<String, Vec<u32>>, (row, role)| {
                let role = serde_json::to_value(role).unwrap().as_str().unwrap().to_owned();
                all.entry(role).or_default().push(*row);
                all
            });
        let totals: Vec<Value> =
            self.taken.sheet.totals.iter().map(|t| json!({ "grand": t.grand, "row": row(&t.row) })).collect();
        let findings: Vec<Value> = self
            .taken
            .findings
            .iter()
            .map(|f| json!({ "code": f.code, "level": f.level, "args": f.args, "value": f.value, "field": f.field }))
            .collect();
        json!({
            "format": workbook.format,
            "encoding": workbook.encoding,
            "sheets": workbook.sheets,
            "sheet": workbook.sheet_name(),
            "header": [self.header.first, self.header.last],
            "columns": columns,
            "roles": roles,
            "people": self.taken.sheet.rows.iter().map(row).collect::<Vec<_>>(),
            "totals": totals,
            "findings": findings,
            "unit": self.taken.unit,
        })
    }
}

/// `{"row": 5, "name": "…", "new_base": "4500 (number)"}`
fn row(row: &RawRow) -> Value {
    let mut texts: BTreeMap<String, Value> = row
        .cells
        .iter()
        .map(|(field, cell)| {
            let text = match cell.kind {
                CellKind::Text => cell.text.to_string(),
                CellKind::Number | CellKind::Date | CellKind::Bool | CellKind::Error | CellKind::Edited => {
                    format!("{} ({})", cell.text, serde_json::to_value(cell.kind).unwrap().as_str().unwrap())
                }
            };
            (field.as_str().to_owned(), Value::from(text))
        })
        .collect();
    texts.insert("row".into(), Value::from(row.row));
    json!(texts)
}
