//! A list as a workbook: what a query found, to keep, sort and sum.

use std::ops::ControlFlow;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook};

use super::{AT_A_TIME, Progress, WriteError};
use crate::error::SheetError;

/// What a column of a [`Listing`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Texts, and numbers that are names of things: 个人账号, 业务流水号.
    Text,
    /// How many of something.
    Count,
    /// Yuan.
    Amount,
}

/// A list with its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Name of the list; of the sheet too.
    pub title: String,
    /// Lines under the title: whose, of when.
    pub notes: Vec<String>,
    /// Titles of the columns, and what they hold.
    pub columns: Vec<(String, Holds)>,
    /// The lines, a text for each column.
    pub rows: Vec<Vec<String>>,
    /// Stand below the lines, a text for each column.
    pub totals: Vec<Vec<String>>,
}

/// Narrowest and widest column, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=48;

/// Writes a list. Amounts and counts are numbers with their format, everything else is text.
///
/// # Errors
/// [`WriteError::NotMade`].
pub fn listing(list: &Listing) -> Result<Vec<u8>, WriteError> {
    listing_until(list, &mut |_, _| ControlFlow::Continue(()))
}

/// As [`listing`]; `progress` hears how many of how many rows are written, and may end it.
///
/// # Errors
/// As [`listing`]; [`SheetError::Cancelled`] where `progress` ends it.
pub fn listing_until(list: &Listing, progress: &mut Progress<'_>) -> Result<Vec<u8>, WriteError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    if sheet.set_name(&list.title).is_err() {
        sheet.set_name("查询结果")?;
    }
    let strong = Format::new().set_bold().set_font_size(14);
    sheet.write_string_with_format(0, 0, &list.title, &strong)?;
    let mut row = 1;
    for note in &list.notes {
        sheet.write_string(row, 0, note)?;
        row += 1;
    }
    let head = Format::new()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0xDD_E8_F5));
    for (column, (title, _)) in (0_u16..).zip(&list.columns) {
        sheet.write_string_with_format(row, column, title, &head)?;
    }
    row += 1;
    sheet.set_freeze_panes(row, 0)?;
    let bold = |format: Format| format.set_bold().set_border_top(FormatBorder::Thin);
    let formats = |holds: Holds| match holds {
        Holds::Text => Format::new().set_num_format("@"),
        Holds::Count => Format::new().set_num_format("0"),
        Holds::Amount => Format::new().set_num_format("#,##0.00"),
    };
    let plain: Vec<Format> = list.columns.iter().map(|(_, holds)| formats(*holds)).collect();
    let below: Vec<Format> = list.columns.iter().map(|(_, holds)| bold(formats(*holds))).collect();
    let lines = list.rows.iter().map(|line| (line, &plain));
    let totals = list.totals.iter().map(|line| (line, &below));
    let all = u32::try_from(list.rows.len()).unwrap_or(u32::MAX);
    for (written, (line, looks)) in (0..).zip(lines.chain(totals)) {
        if written % AT_A_TIME == 0 && progress(written, all).is_break() {
            return Err(SheetError::Cancelled.into());
        }
        for (((column, text), (_, holds)), look) in (0_u16..).zip(line).zip(&list.columns).zip(looks) {
            let number = (*holds != Holds::Text).then(|| text.parse::<f64>().ok()).flatten();
            match number {
                Some(number) => sheet.write_number_with_format(row, column, number, look)?,
                None => sheet.write_string_with_format(row, column, text, look)?,
            };
        }
        row += 1;
    }
    for (column, width) in (0_u16..).zip(widths(list)) {
        sheet.set_column_width(column, width)?;
    }
    Ok(book.save_to_buffer()?)
}

/// As wide as what stands there, within reason.
fn widths(list: &Listing) -> impl Iterator<Item = u16> {
    let shown = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    list.columns.iter().enumerate().map(move |(place, (title, _))| {
        let lines = list.rows.iter().take(1_000).chain(&list.totals).filter_map(|line| line.get(place));
        let most = lines.map(|text| shown(text)).chain([shown(title)]).max().unwrap_or(0) + 3;
        u16::try_from(most.clamp(*WIDTHS.start(), *WIDTHS.end())).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_list_that_nobody_wants_any_more_is_not_made() {
        let list = Listing {
            title: "名单".into(),
            notes: Vec::new(),
            columns: vec![("人".into(), Holds::Text)],
            rows: vec![vec!["甲".into()]; 2_500],
            totals: Vec::new(),
        };
        let mut told = Vec::new();
        let outcome = listing_until(&list, &mut |done, all| {
            told.push((done, all));
            if done < 2_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        assert_eq!(outcome.unwrap_err().code(), "sheet-cancelled");
        assert_eq!(told, [(0, 2_500), (1_000, 2_500), (2_000, 2_500)], "it says how far it is");
    }
}
