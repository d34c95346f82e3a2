//! The year or month that the lines above a header name: 2026年度…, 调整年月：202607.

use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::month::Month;

use crate::workbook::Workbook;

/// What the lines above the header say about the period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaidPeriod {
    /// Years with 年度 behind them.
    pub years: Vec<i16>,
    /// The month behind 调整年月, 生效年月, 缴存年月 or 所属年月.
    pub month: Option<Month>,
}

const MONTH_LABELS: [&str; 6] = ["调整年月", "生效年月", "缴存年月", "汇缴年月", "变更年月", "所属年月"];

impl SaidPeriod {
    /// Reads the lines above the first header row (one-based).
    pub(crate) fn read(workbook: &Workbook, header_first: u32) -> Self {
        let mut said = Self::default();
        for row in workbook.rows.iter().take_while(|row| row.row < header_first) {
            for (place, cell) in row.cells.iter().enumerate() {
                let text: String = cell.text.chars().filter(|c| !c.is_whitespace()).collect();
                said.years.extend(years(&text));
                let Some(label) = MONTH_LABELS.iter().find_map(|label| text.split_once(label)) else { continue };
                let here = label.1.trim_start_matches([':', '：']);
                let below = || workbook.row(row.row + 1).map(|next| next.text(cell.column).to_owned());
                let value = match (here, row.cells.get(place + 1)) {
                    ("", Some(right)) if month_of(right.text).is_some() => right.text.to_owned(),
                    ("", _) => below().unwrap_or_default(),
                    (here, _) => here.to_owned(),
                };
                said.month = said.month.or_else(|| month_of(&value));
            }
        }
        said
    }

    /// A question where the sheet names another period than the one it is filed for. A year of contributions runs
    /// from July to June in most cities: of the years in a title one must be the period's, or the one before it in
    /// its first half.
    pub fn differs(&self, period: Month) -> Option<Finding> {
        let fits = |year: &i16| *year == period.year() || (*year + 1 == period.year() && period.month() <= 6);
        let said = match self.month {
            Some(month) if month != period => month.to_string(),
            Some(_) => return None,
            None if self.years.is_empty() || self.years.iter().any(fits) => return None,
            None => format!("{}年度", self.years[0]),
        };
        Some(Finding::new(Code::SheetPeriod, Level::Warning).arg("said", said).arg("period", period))
    }
}

/// What separates the two years of one year of contributions: 2026-2027年度.
const SPANS: [char; 10] = ['-', '－', '—', '–', '~', '～', '至', '到', '/', '／'];

fn years(text: &str) -> impl Iterator<Item = i16> {
    let ends = text.match_indices("年度").map(|(end, _)| &text[..end]);
    ends.filter_map(|before| {
        let (rest, year) = year_at_end(before)?;
        let front = rest.trim_end_matches(SPANS);
        let begun = if front.len() < rest.len() { year_at_end(front.trim_end_matches(['年', '度'])) } else { None };
        // It is called by the year that it begins in.
        Some(begun.map(|(_, begun)| begun).filter(|begun| begun + 1 == year).unwrap_or(year))
    })
}

/// What stands before the year that a text ends with, and the year.
fn year_at_end(text: &str) -> Option<(&str, i16)> {
    let start = text.len().checked_sub(4)?;
    let digits = text.get(start..).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let year = digits.parse::<i16>().ok().filter(|year| (2000..2100).contains(year))?;
    Some((&text[..start], year))
}

/// `202607`, `2026-07`, `2026.7`, `2026年7月`
fn month_of(text: &str) -> Option<Month> {
    let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (year, month) = match digits[..] {
        [whole] if whole.len() == 6 => whole.split_at(4),
        [year, month, ..] if year.len() == 4 && month.len() <= 2 => (year, month),
        _ => return None,
    };
    Month::new(year.parse().ok()?, month.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn years_of_titles() {
        let said = |text: &str| years(text).collect::<Vec<_>>();
        assert_eq!(said("2025年度住房公积金缴存基数调整清册"), [2025], "one year");
        assert_eq!(said("按2025年度工资核定2026年度基数"), [2025, 2026], "two");
        assert_eq!(said("填表日期：2025-12-01 上年度"), Vec::<i16>::new(), "a date is no year of contributions");
        for text in ["2026-2027年度清册", "2026—2027年度", "2026年至2027年度", "2026/2027年度"] {
            assert_eq!(said(text), [2026], "{text}: the year that it begins in");
        }
        assert_eq!(said("2026年度—2027年度"), [2026, 2026], "each time that it is said");
        assert_eq!(said("2024-2026年度"), [2026], "longer than a year of contributions is another thing");
    }

    #[test]
    fn months_behind_a_label() {
        for text in ["202607", "2026-07", "2026.7", "2026年7月", "2026/07/01"] {
            assert_eq!(month_of(text), Month::new(2026, 7).ok(), "{text}");
        }
        assert_eq!(month_of("七月"), None, "words are not read");
    }

    #[test]
    fn another_period_is_asked_about() {
        let of = |years: &[i16], month: Option<&str>| SaidPeriod {
            years: years.to_vec(),
            month: month.map(|month| month.parse().unwrap()),
        };
        let asked =
            |said: SaidPeriod, period: &str| said.differs(period.parse().unwrap()).map(|f| f.args["said"].clone());
        assert_eq!(asked(of(&[2025], None), "2026-07").as_deref(), Some("2025年度"), "last year's list");
        assert_eq!(asked(of(&[2025], None), "2026-06"), None, "the year of contributions that ends in June");
        assert_eq!(asked(of(&[2025, 2026], None), "2026-07"), None, "one of them is it");
        assert_eq!(asked(of(&[], None), "2026-07"), None, "a sheet that says nothing");
        assert_eq!(asked(of(&[2026], Some("2026-06")), "2026-07").as_deref(), Some("2026-06"), "a month is exact");
        assert_eq!(asked(of(&[2025], Some("2026-07")), "2026-07"), None, "and counts more than a year");
    }
}
