//! One sheet that holds the people of many units: a workbook for each, by its column of unit accounts. Each is then
//! opened in its own unit like any other file.

use std::collections::HashMap;

use huijiao_domain::roster::Unit;
use huijiao_sheets::write::{excerpt, safe_stem};
use huijiao_sheets::{SheetRow, Workbook};

use crate::joining::joined_units;
use crate::units::own_units;
use crate::views::{UnitPart, UnitSplit};
use crate::workbooks::{LONGEST, put};
use crate::{Desk, DeskError};

/// Heads of a column of unit accounts.
const HEADS: [&str; 4] = ["单位账号", "单位编号", "单位登记号", "单位公积金账号"];

/// A row below the head is of a person where it fills so many cells; sums and notes fill fewer or have no account.
const A_PERSON: usize = 3;

impl Desk {
    /// Splits the sheet of a ticket.
    ///
    /// # Errors
    /// `desk-no-unit-column`; a workbook that cannot be read, a folder that cannot be written.
    pub fn unit_split(&self, ticket: &str, encoding: Option<&str>) -> Result<UnitSplit, DeskError> {
        let step = self.begin_step();
        let (name, book) = self.workbook_of_ticket(ticket, encoding, &step)?;
        let none = || DeskError::refusal(DeskError::NO_UNIT_COLUMN);
        let (head, column) = column_of(&book).ok_or_else(none)?;
        let title = book.row(head).map(|row| row.text(column).to_owned()).unwrap_or_default();
        let (groups, left_out) = grouped(&book, head, column);
        if groups.is_empty() {
            return Err(none());
        }
        let (names, open) = self.names_of_units()?;
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let folder = self.config.export_folder.join("拆分").join(safe_stem(stem, LONGEST));
        let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
        let all = count(groups.len());
        let mut written = Vec::new();
        let made = groups.into_iter().map(|(account, rows)| {
            if step.at(count(written.len()), Some(all)).is_break() {
                return Err(DeskError::refusal(DeskError::GIVEN_UP));
            }
            let people = count(rows.len());
            let part = part_of(&book, head, column, rows);
            let file = put(&folder, &safe_stem(&format!("{account}-{stem}"), LONGEST), "xlsx", &excerpt(&part)?)?;
            written.push(folder.join(file));
            Ok((account, people))
        });
        let made: Result<Vec<(String, u32)>, DeskError> = made.collect();
        // All of them or none: half of the units would be taken for all.
        let made = made.and_then(|made| self.settle_step(&step).map(|()| made)).inspect_err(|_| {
            for file in &written {
                let _ = std::fs::remove_file(file);
            }
        })?;
        let mut parts = Vec::new();
        for ((account, rows), file) in made.into_iter().zip(&written) {
            let ticket = self.ticket_of_file(file)?;
            let name = names.get(&account).cloned();
            parts.push(UnitPart { open: open.as_ref() == Some(&account), name, account, rows, ticket });
        }
        Ok(UnitSplit { folder: folder.to_string_lossy().into_owned(), column: title, parts, left_out })
    }

    /// The units that are worked for here by their accounts, and the account of the open one.
    fn names_of_units(&self) -> Result<(HashMap<String, String>, Option<String>), DeskError> {
        let mut inner = self.inner();
        let session = inner.session.as_ref();
        let open = session.map(|session| session.connection.unit_account.clone());
        let mut names: HashMap<String, String> = session
            .and_then(|session| session.unit.clone())
            .map(|unit| (unit.account, unit.name))
            .into_iter()
            .collect();
        let store = inner.store()?;
        let joined = joined_units(store)?.into_iter().map(|unit| unit.account);
        for account in own_units(store)?.into_iter().map(|unit| unit.account).chain(joined) {
            if let Some((unit, _)) = store.unit::<Unit>(&account)? {
                names.insert(unit.account, unit.name);
            }
        }
        Ok((names, open))
    }
}

/// The row of the head and the column of the accounts.
fn column_of(book: &Workbook) -> Option<(u32, u16)> {
    book.rows.iter().find_map(|row| {
        let cell = row.cells.iter().find(|cell| {
            let said: String = cell.text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊')).collect();
            HEADS.contains(&said.as_str())
        });
        // A head has other columns beside it; a line that says whose sheet it is has not.
        cell.filter(|_| row.cells.len() >= A_PERSON).map(|cell| (row.row, cell.column))
    })
}

/// The rows of each account in the order of the sheet, and those that seem to be of people but have none. What stands
/// between the first row of the head and the first account belongs to the head.
fn grouped(book: &Workbook, head: u32, column: u16) -> (Vec<(String, Vec<SheetRow>)>, Vec<u32>) {
    let mut groups: Vec<(String, Vec<SheetRow>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut left_out = Vec::new();
    for row in book.rows.iter().filter(|row| row.row > head) {
        if let Some(account) = account_of(row, column) {
            let place = *places.entry(account.to_owned()).or_insert_with(|| {
                groups.push((account.to_owned(), Vec::new()));
                groups.len() - 1
            });
            if let Some((_, rows)) = groups.get_mut(place) {
                rows.push(row.clone());
            }
        } else if !groups.is_empty() && row.cells.len() >= A_PERSON && !is_sum(row) {
            left_out.push(row.row);
        }
    }
    (groups, left_out)
}

fn is_sum(row: &SheetRow) -> bool {
    row.cells.iter().any(|cell| ["合计", "小计", "总计"].iter().any(|word| cell.text.contains(word)))
}

fn account_of(row: &SheetRow, column: u16) -> Option<&str> {
    let account = row.text(column).trim();
    (!account.is_empty() && account.chars().all(|c| c.is_ascii_alphanumeric())).then_some(account)
}

/// The head where it stood, and these rows under it. What stands above the head may name another unit, and sums of all
/// units are no unit's: neither goes along.
fn part_of(book: &Workbook, head: u32, column: u16, people: Vec<SheetRow>) -> Workbook {
    let below = book.rows.iter().filter(|row| row.row >= head);
    let heads: Vec<SheetRow> = below.take_while(|row| account_of(row, column).is_none()).cloned().collect();
    let last = heads.last().map_or(head, |row| row.row);
    let people = (last + 1..).zip(people).map(|(place, row)| SheetRow { row: place, ..row });
    let merged = book.merged.iter().filter(|range| range.first_row >= head && range.last_row <= last);
    Workbook {
        format: book.format,
        encoding: book.encoding.clone(),
        sheets: book.sheets.clone(),
        sheet: book.sheet,
        merged: merged.copied().collect(),
        rows: heads.into_iter().chain(people).collect(),
        hidden_rows: Vec::new(),
        hidden_columns: Vec::new(),
        formulas: Vec::new(),
        macros: false,
        dates_1904: book.dates_1904,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use huijiao_domain::sheet::{CellKind, RawCell};
    use huijiao_sheets::{Format, Limits, ReadChoice, SheetInfo};

    use super::*;

    fn row(row: u32, cells: &[&str]) -> SheetRow {
        let cell = |(column, text): (u16, &&str)| {
            // Numbers stay numbers: what Excel has lost of an ID number must be seen in the part too.
            let kind = if text.contains("E+") { CellKind::Number } else { CellKind::Text };
            RawCell { column, text: (*text).into(), kind }
        };
        SheetRow { row, cells: (0..).zip(cells).filter(|(_, text)| !text.is_empty()).map(cell).collect() }
    }

    fn book(rows: Vec<SheetRow>) -> Workbook {
        Workbook {
            format: Format::Xlsx,
            encoding: None,
            sheets: vec![SheetInfo { name: "七月".into(), hidden: false }],
            sheet: 0,
            rows,
            merged: Vec::new(),
            hidden_rows: Vec::new(),
            hidden_columns: Vec::new(),
            formulas: Vec::new(),
            macros: false,
            dates_1904: false,
        }
    }

    #[test]
    fn each_unit_gets_its_own_people_under_the_whole_head_and_nothing_of_the_others() {
        let whole = book(vec![
            row(1, &["单位账号", "801"]),
            row(3, &["单位 账号*", "姓名", "证件号码", "基数"]),
            row(4, &["", "（必填）", "（必填）", "（元）"]),
            row(5, &["801", "甲一", "4.10801199003E+17", "5000"]),
            row(6, &["802", "乙一", "410801199003070020", "6000"]),
            row(7, &["801", "甲二", "410801199003070012", "7000"]),
            row(8, &["", "无主", "410801199003070039", "1"]),
            row(9, &["合计", "3", "18000", "x"]),
        ]);
        let (head, column) = column_of(&whole).unwrap();
        assert_eq!((head, column), (3, 0), "the head, not the line that says whose sheet it is");
        let (groups, left_out) = grouped(&whole, head, column);
        let sizes: Vec<_> = groups.iter().map(|(account, rows)| (account.as_str(), rows.len())).collect();
        assert_eq!(sizes, [("801", 2), ("802", 1)], "in the order of the sheet");
        assert_eq!(left_out, [8], "whoever has no account is named, not given to anybody");

        let (_, people) = groups.into_iter().next().unwrap();
        let part = part_of(&whole, head, column, people);
        let bytes = excerpt(&part).unwrap();
        let again = huijiao_sheets::read(bytes, &ReadChoice::default(), &Limits::default()).unwrap();
        let texts: Vec<_> = again.rows.iter().map(|row| (row.row, row.text(1).to_owned())).collect();
        let wanted = [(3, "姓名"), (4, "（必填）"), (5, "甲一"), (6, "甲二")].map(|(row, text)| (row, text.to_owned()));
        assert_eq!(texts, wanted, "nobody of the other unit, no sums, no line of the whole");
        assert_eq!(again.row(5).unwrap().cell(2).unwrap().kind, CellKind::Number, "damage is still seen");
    }

    #[test]
    fn a_sheet_without_accounts_is_not_split() {
        assert_eq!(column_of(&book(vec![row(1, &["姓名", "证件号码", "基数"])])), None);
        assert_eq!(
            column_of(&book(vec![row(1, &["单位账号", "801"])])),
            None,
            "one unit's sheet says so above its head"
        );
    }
}
