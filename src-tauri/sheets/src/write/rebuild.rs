//! A new xlsx with what was read of a file that cannot be marked in place.

use huijiao_domain::finding::Level;
use huijiao_domain::sheet::{Cell, CellKind};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Note, Worksheet};

use super::notes::{Column, WIDTH};
use super::spots::{Spots, colour, commented, gather};
use super::{AUTHOR, Mark, Notes, WriteError, notes, summary};
use crate::workbook::Workbook;

/// Merged ranges larger than this are left apart: a file may claim a whole sheet.
const MOST_MERGED: u64 = 10_000;

/// The sheet that was read, its values and merged cells without its looks, with the marks and a summary; with `said`, what is wrong
/// stands in words behind each row too.
///
/// # Errors
/// [`WriteError::NotMade`].
pub fn rebuild(
    book: &Workbook,
    marks: &[Mark],
    said: Option<Notes>,
    counts: &[(String, u64)],
) -> Result<Vec<u8>, WriteError> {
    rebuild_whole(book, &[], marks, said, counts)
}

/// As [`rebuild`], with the other sheets of the same file: each as it was read, in its place, hidden where it was. An
/// earlier summary of ours is left out.
///
/// # Errors
/// [`WriteError::NotMade`].
pub fn rebuild_whole(
    book: &Workbook,
    others: &[Workbook],
    marks: &[Mark],
    said: Option<Notes>,
    counts: &[(String, u64)],
) -> Result<Vec<u8>, WriteError> {
    let spots = gather(marks);
    let last = book.rows.iter().filter_map(|row| row.cells.last()).map(|cell| cell.column).max();
    let notes = said.and_then(|place| notes::column(place, last, &spots));
    let others = others.iter().filter(|other| !summary::is_summary(other.sheet_name()));
    let mut sheets: Vec<(&Workbook, bool)> = others.map(|other| (other, false)).chain([(book, true)]).collect();
    sheets.sort_by_key(|(sheet, _)| sheet.sheet);
    let mut new = rust_xlsxwriter::Workbook::new();
    write_summary(&mut new, sheets.iter().map(|(sheet, _)| sheet.sheet_name()), &spots, counts)?;
    let (no_spots, mut taken) = (gather(&[]), Vec::new());
    for (sheet, marked) in sheets {
        let name = free_name(sheet.sheet_name(), &taken);
        let written = if marked {
            // The list is open, as in a file that is marked in place.
            values(&mut new, sheet, &name, &spots, notes.as_ref())?.set_active(true)
        } else {
            let hidden = sheet.sheets.get(sheet.sheet).is_some_and(|info| info.hidden);
            values(&mut new, sheet, &name, &no_spots, None)?.set_hidden(hidden)
        };
        taken.push(written.name().to_lowercase());
    }
    Ok(new.save_to_buffer()?)
}

/// A name that no sheet so far has; spreadsheets do not tell capitals from small letters.
fn free_name(name: &str, taken: &[String]) -> String {
    let spare = std::iter::once("数据".to_owned()).chain((2_u32..).map(|n| format!("数据 {n}")));
    // A csv has no name, and other programs take names that Excel does not.
    let fits = |name: &str| !name.is_empty() && Worksheet::new().set_name(name).is_ok();
    std::iter::once(name.to_owned())
        .filter(|name| fits(name))
        .chain(spare)
        .find(|name| !taken.contains(&name.to_lowercase()))
        .unwrap_or_default()
}

/// The rows that are in `book`, where they stood and as the kinds of value they were: a part of a sheet is checked as
/// the whole of it would be.
///
/// # Errors
/// [`WriteError::NotMade`].
pub fn excerpt(book: &Workbook) -> Result<Vec<u8>, WriteError> {
    let mut new = rust_xlsxwriter::Workbook::new();
    values(&mut new, book, &free_name(book.sheet_name(), &[]), &gather(&[]), None)?;
    Ok(new.save_to_buffer()?)
}

fn values<'n>(
    new: &'n mut rust_xlsxwriter::Workbook,
    book: &Workbook,
    name: &str,
    spots: &Spots,
    notes: Option<&Column>,
) -> Result<&'n mut Worksheet, WriteError> {
    let sheet = new.add_worksheet();
    sheet.set_name(name)?;
    for range in &book.merged {
        let cells = u64::from(range.last_row.saturating_sub(range.first_row) + 1)
            * u64::from(range.last_column.saturating_sub(range.first_column) + 1);
        if (2..=MOST_MERGED).contains(&cells) && range.first_row > 0 {
            // Ranges that overlap in a damaged file are merged once; that they look otherwise changes no value.
            let _ = sheet.merge_range(
                range.first_row - 1,
                range.first_column,
                range.last_row - 1,
                range.last_column,
                "",
                &Format::new().set_align(FormatAlign::Center),
            );
        }
    }
    for row in &book.rows {
        for cell in row.cells.iter().filter(|cell| notes.is_none_or(|notes| notes.column != cell.column)) {
            put(sheet, row.row - 1, cell, level_of(spots, row.row, cell.column))?;
        }
    }
    for (row, cells) in spots {
        for (column, spot) in cells {
            if book.row(*row).and_then(|r| r.cell(*column)).is_none() {
                sheet.write_blank(row - 1, *column, &look(Some(spot.level)))?;
            }
        }
    }
    for (row, column, spot) in commented(spots) {
        let note = Note::new(format!("{AUTHOR}：{}", spot.text)).set_author(AUTHOR).add_author_prefix(false);
        sheet.insert_note(row - 1, column, &note.set_width(280))?;
    }
    if let Some(notes) = notes {
        for (row, text) in notes.texts.iter().filter(|(row, _)| **row > 0) {
            sheet.write_string(row - 1, notes.column, text)?;
        }
        sheet.set_column_width(notes.column, WIDTH)?;
    }
    Ok(sheet)
}

fn level_of(spots: &Spots, row: u32, column: u16) -> Option<Level> {
    spots.get(&row).and_then(|cells| cells.get(&column)).map(|spot| spot.level)
}

fn look(level: Option<Level>) -> Format {
    match level {
        Some(level) => Format::new().set_background_color(Color::RGB(colour(level))),
        None => Format::new(),
    }
}

/// A cell as the kind of value it was: findings on the new file are those on the old one.
fn put(sheet: &mut Worksheet, row: u32, cell: Cell<'_>, level: Option<Level>) -> Result<(), WriteError> {
    let look = look(level);
    let (column, text) = (cell.column, cell.text);
    match cell.kind {
        CellKind::Number => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                let whole = text.len() > 11 && text.bytes().all(|b| b.is_ascii_digit());
                let look = if whole { look.set_num_format("0") } else { look };
                sheet.write_number_with_format(row, column, number, &look)?;
            }
            Ok(_) | Err(_) => {
                sheet.write_string_with_format(row, column, text, &look)?;
            }
        },
        CellKind::Date => match ExcelDateTime::parse_from_str(text) {
            Ok(date) => {
                sheet.write_datetime_with_format(row, column, date, &look.set_num_format("yyyy-mm-dd"))?;
            }
            Err(_) => {
                sheet.write_string_with_format(row, column, text, &look)?;
            }
        },
        CellKind::Bool if matches!(text, "TRUE" | "FALSE") => {
            sheet.write_boolean_with_format(row, column, text == "TRUE", &look)?;
        }
        CellKind::Text | CellKind::Bool | CellKind::Error | CellKind::Edited => {
            sheet.write_string_with_format(row, column, text, &look.set_num_format("@"))?;
        }
    }
    Ok(())
}

fn write_summary<'n>(
    new: &mut rust_xlsxwriter::Workbook,
    taken: impl Iterator<Item = &'n str> + Clone,
    spots: &Spots,
    counts: &[(String, u64)],
) -> Result<(), WriteError> {
    let sheet = new.add_worksheet();
    sheet.set_name(summary::free_name(taken))?;
    for (column, width) in [28, 10, 90].into_iter().enumerate() {
        sheet.set_column_width(u16::try_from(column).unwrap_or(0), width)?;
    }
    for (row, line) in (0_u32..).zip(summary::lines(spots, counts)) {
        for (column, text) in (0_u16..).zip(&line.cells).filter(|(_, text)| !text.is_empty()) {
            let level = line.level.filter(|_| column == 1);
            sheet.write_string_with_format(row, column, text, &look(level))?;
        }
    }
    Ok(())
}
