//! xlsx.

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook};

use super::fill::{Look, Page};
use crate::error::SheetError;
use crate::write::{AT_A_TIME, WriteError};

/// `told` hears how many rows are written, and says whether it goes on.
pub(super) fn write(
    page: &Page,
    name: &str,
    today: Date,
    told: &mut dyn FnMut(u32) -> Result<(), SheetError>,
) -> Result<Vec<u8>, WriteError> {
    let mut book = Workbook::new();
    let (year, month, day) = (today.year(), today.month(), today.day());
    let today = ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&today));
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    let text = Format::new().set_num_format("@");
    let amount = Format::new().set_num_format("0.00");
    let number = Format::new();
    let title = text.clone().set_bold().set_align(FormatAlign::Center).set_border(FormatBorder::Thin);
    for (column, (width, numeric)) in (0_u16..).zip(page.widths.iter().zip(&page.numbers)) {
        if let Some(width) = width {
            sheet.set_column_width(column, *width)?;
        }
        // What is added by hand below stays text too.
        sheet.set_column_format(column, if *numeric { &number } else { &text })?;
    }
    for ((first_row, first_column), (last_row, last_column)) in &page.merged {
        sheet.merge_range(*first_row, *first_column, *last_row, *last_column, "", &title)?;
    }
    for (written, (row, cells)) in (0..).zip(&page.rows) {
        if written % AT_A_TIME == 0 {
            told(written)?;
        }
        for cell in cells.iter().filter(|cell| !cell.text.is_empty()) {
            let value = cell.text.parse::<f64>().ok().filter(|_| matches!(cell.look, Look::Amount | Look::Number));
            let look = match cell.look {
                Look::Text => &text,
                Look::Title => &title,
                Look::Amount => &amount,
                Look::Number => &number,
            };
            match value {
                Some(value) => sheet.write_number_with_format(*row, cell.column, value, look)?,
                None => sheet.write_string_with_format(*row, cell.column, &cell.text, look)?,
            };
        }
    }
    Ok(book.save_to_buffer()?)
}
