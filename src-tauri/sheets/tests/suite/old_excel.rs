//! Workbooks of Excel before 97: read where nothing has to be guessed, refused by name where it would.

use huijiao_domain::field::Field;
use huijiao_domain::sheet::CellKind;
use huijiao_sheets::{Format, Measure, SheetError};

use crate::kit::biff5::{Value, biff5, cells, chart, stream};
use crate::kit::book::TITLES;
use crate::kit::people::{Person, people};
use crate::kit::raw::{compound, record};
use crate::kit::summary::{Read, open, take};

fn list(people: &[Person]) -> Vec<Vec<Value<'_>>> {
    let titles = TITLES.iter().map(|title| Value::Text(title)).collect();
    let people = people.iter().map(|p| {
        let texts = [&p.account, &p.name, &p.id, &p.department].map(|text| Value::Text(text));
        texts.into_iter().chain([Value::Small(p.old_base as i32), Value::Number(f64::from(p.new_base))]).collect()
    });
    std::iter::once(titles).chain(people).collect()
}

fn is_the_list(read: &Read, staff: &[Person]) {
    assert_eq!(read.taken.sheet.rows.len(), staff.len(), "everybody");
    for (row, person) in read.taken.sheet.rows.iter().zip(staff) {
        let text = |field: Field| row.cells.get(&field).unwrap().text;
        assert_eq!(text(Field::PersonalAccount), person.account, "the first column");
        assert_eq!(text(Field::Name), person.name, "the second column");
        assert_eq!(text(Field::IdNumber), person.id, "the ID");
        assert_eq!(text(Field::OldBase), person.old_base.to_string(), "a small number");
        assert_eq!(text(Field::NewBase), person.new_base.to_string(), "a number");
    }
}

fn old(result: Result<huijiao_sheets::Workbook, SheetError>) -> String {
    match result {
        Err(SheetError::OldFormat { what }) => what,
        other => panic!("expected the refusal of an old format, got {other:?}"),
    }
}

#[test]
fn excel_5_with_a_chinese_code_page() {
    let staff = people(4);
    let read = take(biff5(Some(936), &list(&staff)));
    assert_eq!((read.workbook.format, read.workbook.sheet_name()), (Format::Xls, "基数调整"), "by content");
    is_the_list(&read, &staff);
    assert_eq!((read.workbook.hidden_rows, read.workbook.hidden_columns), (vec![3], vec![1]), "what is hidden is said");
}

#[test]
fn errors_and_formulas_of_excel_5() {
    let rows = vec![vec![Value::Text("姓名"), Value::Formula("赵晓明"), Value::NotAvailable]];
    let book = open(biff5(Some(936), &rows)).unwrap();
    let cells: Vec<(&str, CellKind)> = book.rows[0].cells.iter().map(|c| (c.text, c.kind)).collect();
    assert_eq!(
        cells,
        [("姓名", CellKind::Text), ("赵晓明", CellKind::Text), ("#N/A", CellKind::Error)],
        "what the formula had come to; an error stays one"
    );
}

#[test]
fn a_chart_does_not_write_into_the_first_two_columns() {
    let staff = people(3);
    for place in [true, false] {
        let sheet = cells(&list(&staff));
        let sheet = if place { [chart(), sheet].concat() } else { [sheet, chart()].concat() };
        is_the_list(&take(compound(&[("Book", &stream(Some(936), "S", &sheet))])), &staff);
    }
}

#[test]
fn chinese_in_no_known_code_page_is_not_guessed() {
    for code_page in [None, Some(1252), Some(1200), Some(437)] {
        let refused = old(open(biff5(code_page, &list(&people(2)))));
        assert!(refused.contains("编码"), "{code_page:?}: names would come out as letters with accents: {refused}");
    }
    let ascii = vec![vec![Value::Text("name"), Value::Number(1.0)]];
    let book = compound(&[("Book", &stream(Some(1252), "Sheet1", &cells(&ascii)))]);
    assert_eq!(open(book).map(|b| b.rows.len()), Ok(1), "where there is nothing to mistake, it is read");
}

#[test]
fn what_is_older_still_is_named() {
    let bare = |kind: u16, length: usize| {
        let mut bytes = record(kind, &vec![2; length]);
        bytes.extend(record(0x0204, &[0; 20]));
        bytes
    };
    assert!(old(open(bare(0x0009, 4))).contains("2.x"), "Excel 2");
    assert!(old(open(bare(0x0209, 6))).contains("3.0"), "Excel 3");
    assert!(old(open(bare(0x0409, 6))).contains("4.0"), "Excel 4");
    assert!(old(open(stream(Some(936), "S", &[]))).contains("5.0"), "Excel 5 without its compound file");
    let four = record(0x0809, &[0x0400_u16, 0x0010, 0, 0].map(u16::to_le_bytes).concat());
    assert!(old(open(compound(&[("Book", &four)]))).contains("4.0"), "or within one");
    let et = compound(&[("ETExtData", b"..")]);
    assert!(old(open(et)).contains(".et"), "WPS before it wrote like Excel");
}

#[test]
fn an_excel_5_sheet_that_asks_for_a_full_rectangle() {
    let wide = record(0x0200, &[0_u16, 65_535, 0, 65_535, 0].map(u16::to_le_bytes).concat());
    let refused = open(compound(&[("Book", &stream(Some(936), "S", &wide))]));
    assert!(matches!(refused, Err(SheetError::TooLarge { measure: Measure::Cells, .. })), "{refused:?}");
}

#[test]
fn a_sheet_whose_rows_end_before_they_begin_is_damaged() {
    let people = cells(&list(&people(2)));
    let sheet = |first: u16, last: u16| {
        let said = record(0x0200, &[first, last, 0, 6, 0].map(u16::to_le_bytes).concat());
        open(compound(&[("Book", &stream(Some(936), "S", &[said, people.clone()].concat()))]))
    };
    assert!(sheet(0, 3).is_ok(), "the sheet is one");
    let damaged = SheetError::Damaged { part: "workbook records".into() };
    assert_eq!(sheet(4, 3), Err(damaged), "room for thousands of millions of rows is never made");
}

#[test]
fn a_cut_excel_5_workbook_gives_nobody_or_everybody() {
    let staff = people(12);
    let whole = stream(Some(936), "S", &cells(&list(&staff)));
    for length in (8..whole.len() - 4).step_by(17) {
        if let Ok(book) = open(compound(&[("Book", &whole[..length])])) {
            assert_eq!(book.rows.len(), 13, "cut at {length}: a shorter list must not pass as the whole one");
        }
    }
}
