//! A plain table as a workbook: what is shown as a list, to keep or to hand over.

use rust_xlsxwriter::{Format, Workbook};

use super::WriteError;

/// Columns are at most this wide, in characters.
const WIDEST: usize = 60;

/// One sheet with a head that stays in place, every cell a text.
///
/// # Errors
/// [`WriteError::NotMade`], as for more rows than a sheet has.
pub fn table(name: &str, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, WriteError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    let (head, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    let mut widths: Vec<usize> = heads.iter().map(|head| wide(head)).collect();
    for (column, title) in (0..).zip(heads) {
        sheet.write_with_format(0, column, *title, &head)?;
    }
    for (place, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            // A text stays a text, whatever it begins with.
            sheet.write_string_with_format(place, column, &cell, &text)?;
            if let Some(width) = widths.get_mut(usize::from(column)) {
                *width = wide(&cell).max(*width);
            }
        }
    }
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, u32::try_from(width.min(WIDEST) + 2).unwrap_or(u32::MAX))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(book.save_to_buffer()?)
}

/// Chinese characters take twice the room.
fn wide(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}
