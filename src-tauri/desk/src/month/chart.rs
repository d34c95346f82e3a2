//! 走势: what the last months came to and how each came from the one before, shown, and written as a picture or a workbook.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::remittance::{MonthFigures, MonthState};
use huijiao_sheets::write::{Holds, Listing, listing, safe_stem};

use super::verification::figure_views;
use super::{AtHand, nothing_due};
use crate::Desk;
use crate::error::DeskError;
use crate::views::{ChartMonth, ExportedFile, MonthStage};
use crate::workbooks::{LONGEST, put};

/// Months of the chart: as many as the center's books give.
const MONTHS: usize = 24;
/// Largest picture of the chart, bytes: far more than one of its size needs.
const LARGEST_PICTURE: usize = 8 << 20;
/// How a PNG begins.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Desk {
    /// Writes the chart to the user's folder: as the picture that the page drew (PNG, base64), else as a workbook.
    ///
    /// # Errors
    /// No center that keeps months; a picture that is none; a folder that cannot be written.
    pub fn chart_export(&self, picture: Option<&str>) -> Result<ExportedFile, DeskError> {
        let (known, _, shown) = self.month_scene()?;
        let hand = known.at_hand()?;
        let months = chart(&hand);
        let (bytes, ending) = match picture {
            Some(picture) => (png(picture)?, "png"),
            None => {
                let copy = if shown.stale { "（本机副本）" } else { "" };
                let notes = vec![
                    format!("单位：{}　单位账号：{}", hand.unit.name, hand.unit.account),
                    format!("数据时间：{}{copy}", shown.as_of),
                ];
                (workbook(&months, notes)?, "xlsx")
            }
        };
        let (first, last) = (months.first().map(|one| &*one.month), months.last().map(|one| &*one.month));
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        let stem = safe_stem(&format!("缴存走势-{}-{first}至{last}", hand.unit.account), LONGEST);
        let folder = self.config.export_folder.join("查询");
        let file = put(&folder, &stem, ending, &bytes)?;
        Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
    }
}

/// The last verified months and the one that is not verified yet, as it is now.
pub(super) fn chart(hand: &AtHand<'_>) -> Vec<ChartMonth> {
    let books = &hand.books.books;
    let open = hand.unit.first_unverified;
    let computed = Verification::compute(hand.roster, &books.previous, open, open);
    let now = computed.tables.last().map_or_else(|| nothing_due(open), |table| table.figures);
    let verified = books.months.iter().map(|one| chart_month(&one.figures, stage(one.state)));
    let mut months: Vec<_> = verified.chain([chart_month(&now, MonthStage::Open)]).collect();
    months.drain(..months.len().saturating_sub(MONTHS));
    months
}

fn chart_month(figures: &MonthFigures, state: MonthStage) -> ChartMonth {
    ChartMonth { month: figures.month.to_string(), state, figures: figure_views(figures) }
}

pub(super) fn stage(state: MonthState) -> MonthStage {
    match state {
        MonthState::Verified => MonthStage::Verified,
        MonthState::Paid => MonthStage::Paid,
    }
}

fn said(stage: MonthStage) -> &'static str {
    match stage {
        MonthStage::Open => "未核定",
        MonthStage::Verified => "已核定",
        MonthStage::Paid => "已入账",
    }
}

fn png(picture: &str) -> Result<Vec<u8>, DeskError> {
    let bytes = STANDARD.decode(picture).ok();
    let bytes = bytes.filter(|bytes| bytes.starts_with(PNG) && bytes.len() <= LARGEST_PICTURE);
    bytes.ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))
}

fn workbook(months: &[ChartMonth], notes: Vec<String>) -> Result<Vec<u8>, DeskError> {
    let mut columns = vec![("汇缴年月".to_owned(), Holds::Text)];
    for figure in months.first().into_iter().flat_map(|month| &month.figures) {
        columns.push((format!("{}人数", figure.label), Holds::Count));
        columns.push((format!("{}金额（元）", figure.label), Holds::Amount));
    }
    columns.push(("状态".to_owned(), Holds::Text));
    let rows = months.iter().map(|month| {
        let figures = month.figures.iter().flat_map(|figure| [figure.people.to_string(), figure.amount.clone()]);
        [month.month.clone()].into_iter().chain(figures).chain([said(month.state).to_owned()]).collect()
    });
    let list = Listing { title: "缴存走势".into(), notes, columns, rows: rows.collect(), totals: Vec::new() };
    Ok(listing(&list)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_a_picture_is_written_as_one() {
        let of = |bytes: &[u8]| png(&STANDARD.encode(bytes));
        assert_eq!(of(b"\x89PNG\r\n\x1a\n...").unwrap(), b"\x89PNG\r\n\x1a\n...", "as it came");
        for (wrong, what) in [(b"MZ\x90".as_slice(), "a program"), (b"<svg/>", "a text"), (b"", "nothing")] {
            assert_eq!(of(wrong).unwrap_err().code(), DeskError::BAD_ARGUMENTS, "{what}");
        }
        let large = [PNG, &vec![0; LARGEST_PICTURE]].concat();
        assert_eq!(of(&large).unwrap_err().code(), DeskError::BAD_ARGUMENTS, "no picture of ours is as large");
        assert_eq!(png("data:image/png").unwrap_err().code(), DeskError::BAD_ARGUMENTS, "no base64");
    }
}
