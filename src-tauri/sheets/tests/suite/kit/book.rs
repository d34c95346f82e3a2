//! Workbooks as a clerk would have them, written by rust_xlsxwriter.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::people::Person;

pub(crate) const TITLES: [&str; 6] = ["个人账号", "姓名", "证件号码", "部门", "调整前缴存基数", "调整后缴存基数"];

/// A workbook with one sheet 基数调整.
pub(crate) fn book(write: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    books(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.set_name("基数调整").unwrap();
        write(sheet);
    })
}

pub(crate) fn books(write: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    write(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

/// Titles in zero-based `row`, people below; gives the first row after them.
pub(crate) fn list(sheet: &mut Worksheet, row: u32, people: &[Person]) -> u32 {
    for (column, title) in TITLES.iter().enumerate() {
        sheet.write(row, column as u16, *title).unwrap();
    }
    for (i, person) in people.iter().enumerate() {
        write_person(sheet, row + 1 + i as u32, person);
    }
    row + 1 + people.len() as u32
}

pub(crate) fn write_person(sheet: &mut Worksheet, row: u32, person: &Person) {
    sheet.write(row, 0, &person.account).unwrap();
    sheet.write(row, 1, &person.name).unwrap();
    sheet.write(row, 2, &person.id).unwrap();
    sheet.write(row, 3, &person.department).unwrap();
    sheet.write(row, 4, person.old_base).unwrap();
    sheet.write(row, 5, person.new_base).unwrap();
}

pub(crate) fn centred() -> Format {
    Format::new().set_align(rust_xlsxwriter::FormatAlign::Center)
}

/// The same list as text with a delimiter.
pub(crate) fn delimited(people: &[Person], delimiter: char) -> String {
    let mut text = TITLES.join(&delimiter.to_string()) + "\r\n";
    for p in people {
        let (old, new) = (p.old_base.to_string(), p.new_base.to_string());
        let fields = [&p.account, &p.name, &p.id, &p.department, &old, &new].map(String::as_str);
        text += &fields.join(&delimiter.to_string());
        text += "\r\n";
    }
    text
}
