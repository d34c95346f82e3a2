//! Months in cells: read in every spelling that means one month, and the months in which changes take effect.

use jiff::civil::{Date, date};

use crate::characters::{mended, says_nothing, without_decimal};
use crate::filing::Circumstances;
use crate::filing::people::cell;
use crate::finding::{Code, Finding, Level};
use crate::month::Month;
use crate::sheet::{CellKind, Field, RawRow, RawSheet};

/// The month of a cell, and whether it may be filed as it stands; `otherwise` where the cell says nothing.
pub(crate) fn month(
    row: &RawRow,
    field: Field,
    otherwise: Option<Month>,
    out: &mut Vec<Finding>,
) -> Option<(Month, bool)> {
    let (text, kind) = cell(row, field);
    if says_nothing(text) {
        return otherwise.map(|month| (month, true));
    }
    let month = match read_month(text, kind) {
        Some(Reading::Certain(month)) => month,
        // Taken so once a person has confirmed it.
        Some(Reading::Likely(month)) => {
            out.push(Finding::new(Code::MonthAmbiguous, Level::Warning).about(field, "").propose(month.to_string()));
            return Some((month, true));
        }
        None => {
            let mut finding = Finding::new(Code::MonthUnreadable, Level::Error).about(field, "");
            if let CellKind::Text | CellKind::Edited = kind {
                finding.fix = guessed(text, otherwise).map(|month| month.to_string());
            }
            out.push(finding);
            return None;
        }
    };
    // yyyyMM is how centers themselves write it, and a date cell is a date.
    let sound = kind == CellKind::Date || text == month.to_string() || text == month.to_string().replace('-', "");
    if !sound {
        out.push(Finding::new(Code::MonthForm, Level::Fix).about(field, "").propose(month.to_string()));
    }
    Some((month, sound))
}

/// As [`month`], of a column that must be filled.
pub(crate) fn needed(row: &RawRow, sheet: &RawSheet, field: Field, out: &mut Vec<Finding>) -> Option<(Month, bool)> {
    if says_nothing(row.text(field)) && sheet.columns.contains_key(&field) {
        out.push(Finding::new(Code::MonthMissing, Level::Error).about(field, ""));
    }
    month(row, field, None, out)
}

/// What a text says about a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// One month and no other.
    Certain(Month),
    /// The likelier of two: `07/08/2026`, `26-Jul`.
    Likely(Month),
}

/// `2026-07`, `202607`, `2026/7`, `2026.7`, `2026年7月`, `Jul-2026`, whole dates of these forms, and the number that
/// Excel keeps of a day.
pub(crate) fn read_month(text: &str, kind: CellKind) -> Option<Reading> {
    match kind {
        CellKind::Bool | CellKind::Error => return None,
        CellKind::Text | CellKind::Edited | CellKind::Number | CellKind::Date => {}
    }
    let plain = mended(text);
    let plain = without_decimal(&plain);
    if plain.bytes().all(|b| b.is_ascii_digit()) {
        if let (CellKind::Number, 5) = (kind, plain.len()) {
            return of_serial(plain).map(Reading::Certain);
        }
        let digits = plain.get(..6).filter(|_| matches!(plain.len(), 6 | 8))?;
        return month_of(&digits[..4], &digits[4..]).map(Reading::Certain);
    }
    if kind == CellKind::Number {
        // 2026.1 may have been 2026.10; all other months are themselves.
        let (year, month) = plain.split_once('.').filter(|(year, month)| year.len() == 4 && *month != "1")?;
        return month_of(year, month).map(Reading::Certain);
    }
    let parts = parts(plain);
    match parts[..] {
        // Saved as text, 2026.10 is 2026.1 too.
        [year, "1"] if year.len() == 4 && digits(year) && plain.contains('.') => {
            month_of(year, "1").map(Reading::Likely)
        }
        [year, month] if year.len() == 4 && digits(year) && digits(month) => {
            month_of(year, month).map(Reading::Certain)
        }
        // 2026年7月至8月 is not July.
        [year, month, rest]
            if year.len() == 4 && digits(year) && digits(month) && follows_month(rest) && !is_span(plain, rest) =>
        {
            month_of(year, month).map(Reading::Certain)
        }
        [month, year] if year.len() == 4 && digits(year) && digits(month) => {
            month_of(year, month).map(Reading::Certain)
        }
        [one, other, year] if year.len() == 4 && digits(year) && digits(one) && digits(other) => {
            day_first(one, other, year)
        }
        [..] => by_name(&parts),
    }
}

const SEPARATORS: [char; 10] = ['-', '/', '.', ',', '年', '月', '日', '－', '—', '\''];

fn parts(plain: &str) -> Vec<&str> {
    plain.split(SEPARATORS).filter(|part| !part.is_empty()).collect()
}

/// Whether the last of three numbers is a month too: 2026年7-8月, 2026.7-8. A day is set off by the mark that stands
/// before the month as well, or by 月.
fn is_span(plain: &str, last: &str) -> bool {
    let marks: String = plain.trim_end_matches('日').chars().filter(|c| SEPARATORS.contains(c)).collect();
    let mut each = marks.chars();
    let alike = each.next().is_some_and(|first| each.all(|mark| mark == first));
    last.starts_with(|c: char| c.is_ascii_digit()) && marks != "年月" && !alike
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A day, with or without its time, or a word that means the month still.
fn follows_month(text: &str) -> bool {
    let day = text.strip_suffix('号').unwrap_or(text);
    matches!(text, "份" | "起" | "份起")
        || day.starts_with(|c: char| c.is_ascii_digit())
            && day.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'T' | b'Z'))
}

/// The month that a text most likely means though it does not say it whole, to be proposed: `26-07`, `26年7月`,
/// `2026年七月`, and `七月` where another month is near.
fn guessed(text: &str, near: Option<Month>) -> Option<Month> {
    let plain = mended(text);
    let plain = plain.strip_suffix('份').unwrap_or(&plain);
    match parts(plain)[..] {
        [month] if plain.ends_with('月') => nearest(number_of(month)?, near?),
        // 26.1 may have been 26.10.
        [year, month] if !(plain.contains('.') && month == "1") => {
            let year = year_of(year, plain.contains('年'))?;
            Month::new(year, number_of(month)?).ok()
        }
        [..] => None,
    }
}

/// 1 to 12, in digits or in words.
fn number_of(month: &str) -> Option<i8> {
    const WORDS: [&str; 12] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
    match WORDS.iter().position(|word| *word == month) {
        Some(place) => i8::try_from(place + 1).ok(),
        None => month.parse().ok().filter(|_| digits(month)),
    }
}

/// A year in digits or words; one of two digits where these are no month's number, or it is `said` to be a year.
fn year_of(text: &str, said: bool) -> Option<i16> {
    const WORDS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |c: char| match c {
        '零' | '○' => Some(0),
        c => c.to_digit(10).or_else(|| u32::try_from(WORDS.iter().position(|word| *word == c)?).ok()),
    };
    let figures: Vec<u32> = text.chars().take(5).map(digit).collect::<Option<_>>()?;
    let number = figures.iter().fold(0_u32, |number, figure| number * 10 + *figure);
    match (figures.len(), number) {
        (4, year) => i16::try_from(year).ok(),
        (2, year) if year < 50 && (said || year > 12) => i16::try_from(2000 + year).ok(),
        _ => None,
    }
}

/// The month of this number that lies nearest to another; of two the earlier one.
fn nearest(number: i8, near: Month) -> Option<Month> {
    let months = |month: Month| i32::from(month.year()) * 12 + i32::from(month.month());
    let years = [near.year() - 1, near.year(), near.year() + 1];
    let candidates = years.into_iter().filter_map(|year| Month::new(year, number).ok());
    candidates.min_by_key(|month| (months(*month) - months(near)).abs())
}

fn month_of(year: &str, month: &str) -> Option<Month> {
    let month = Some(month).filter(|month| month.len() <= 2)?;
    Month::new(year.parse().ok()?, month.parse().ok()?).ok()
}

/// The year last: the month is whichever can be one. Where both can, Excel's own order is likelier: month, day, year.
fn day_first(one: &str, other: &str, year: &str) -> Option<Reading> {
    match (month_of(year, one), month_of(year, other)) {
        (Some(first), Some(second)) if first != second => Some(Reading::Likely(first)),
        (Some(month), _) | (None, Some(month)) => Some(Reading::Certain(month)),
        (None, None) => None,
    }
}

/// `Jul-2026`, `25-Jul-2026`, and `26-Jul`, whose number may be a year or a day.
fn by_name(parts: &[&str]) -> Option<Reading> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let named = |part: &str| {
        let part = part.to_ascii_lowercase();
        let place = NAMES.iter().position(|name| part.len() >= 3 && part.starts_with(name))?;
        i8::try_from(place + 1).ok()
    };
    let month = parts.iter().find_map(|part| named(part))?;
    let numbers: Vec<&str> = parts.iter().copied().filter(|part| named(part).is_none()).collect();
    if !(1..=2).contains(&numbers.len()) || !numbers.iter().all(|part| digits(part)) {
        return None;
    }
    let year = numbers.iter().find(|part| part.len() == 4);
    match (year, numbers.as_slice()) {
        (Some(year), _) => Month::new(year.parse().ok()?, month).ok().map(Reading::Certain),
        (None, [year]) if year.len() == 2 => {
            Month::new(2000 + year.parse::<i16>().ok()?, month).ok().map(Reading::Likely)
        }
        (None, _) => None,
    }
}

/// The day that five digits count to: Excel counts days from 1900.
pub(crate) fn day_of_serial(digits: &str) -> Option<Date> {
    let days: i32 = Some(digits).filter(|digits| digits.len() == 5)?.parse().ok()?;
    date(1899, 12, 30).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// A month outside of this century is none.
fn of_serial(digits: &str) -> Option<Month> {
    Month::of(day_of_serial(digits)?).ok().filter(|month| (2000..2100).contains(&month.year()))
}

/// Whether changes may take effect in this month: not before the first one not yet verified, not in the future.
pub(crate) fn open(month: Month, field: Field, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let current = Month::of(of.today).ok();
    let first = of.unit.map(|unit| unit.first_unverified);
    if first.is_some_and(|first| month < first) || current.is_none_or(|current| month > current) {
        let shown = |month: Option<Month>| month.map_or_else(|| "—".to_owned(), |month| month.to_string());
        let finding = Finding::new(Code::MonthNotAllowed, Level::Error).about(field, "").arg("month", month);
        out.push(finding.arg("first", shown(first)).arg("last", shown(current)));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str, kind: CellKind) -> Option<(bool, String)> {
        Some(match read_month(text, kind)? {
            Reading::Certain(month) => (true, month.to_string()),
            Reading::Likely(month) => (false, month.to_string()),
        })
    }

    #[test]
    fn october_that_lost_its_zero_is_asked_about() {
        assert_eq!(read("2026.1", CellKind::Number), None, "a number: 2026.10 is the same");
        assert_eq!(read("2026.1", CellKind::Text), Some((false, "2026-01".into())), "saved as text it still is");
        for certain in ["2026.01", "2026-1", "2026/1", "2026年1月"] {
            assert_eq!(read(certain, CellKind::Text), Some((true, "2026-01".into())), "{certain}");
        }
        assert_eq!(read("2026.10", CellKind::Text), Some((true, "2026-10".into())), "with its zero");
    }

    #[test]
    fn what_programs_put_around_a_month_is_not_the_month() {
        for text in ["202607.0", "'202607", "'2026-07", "\u{200b}202607"] {
            assert_eq!(read(text, CellKind::Text), Some((true, "2026-07".into())), "{text:?}");
        }
        assert_eq!(read("202607.5", CellKind::Text), None, "no month at all");
    }

    #[test]
    fn what_follows_a_month_is_a_day_or_nothing() {
        for text in ["2026年7月份", "2026年7月起", "2026年7月1号", "2026-07-01 00:00:00", "2026-07-01T08:30:00Z"]
        {
            assert_eq!(read(text, CellKind::Text), Some((true, "2026-07".into())), "{text}");
        }
        assert_eq!(read("2026-07-00", CellKind::Text), Some((true, "2026-07".into())), "no day, but a month");
        for text in ["2026/7/8日", "2026.7.8", "2026—07—08", "2026-7月份", "2026.7月起"] {
            assert_eq!(read(text, CellKind::Text), Some((true, "2026-07".into())), "{text}");
        }
        for text in [
            "2026年7月至8月",
            "2026-07至08",
            "2026-07-上旬",
            "2026年7-8月",
            "2026年7月-8月",
            "2026年7月8月",
            "2026.7-8",
            "2026/7-9",
            "2026.7—9月",
        ] {
            assert_eq!(read(text, CellKind::Text), None, "{text}: more than one month, or who knows");
        }
    }

    #[test]
    fn a_month_that_is_not_said_whole_is_proposed_at_most() {
        let period: Month = "2026-07".parse().unwrap();
        for (text, expected) in [
            ("26-07", Some("2026-07")),
            ("26/7", Some("2026-07")),
            ("26年7月", Some("2026-07")),
            ("08年7月", Some("2008-07")),
            ("2026年七月", Some("2026-07")),
            ("二〇二六年十二月份", Some("2026-12")),
            ("七月", Some("2026-07")),
            ("7月份", Some("2026-07")),
            ("十二月", Some("2026-12")),
            ("1月", Some("2026-01")),
            ("07-26", None),
            ("08-07", None),
            ("26.1", None),
            ("26-13", None),
            ("98-07", None),
            ("13月", None),
            ("下月", None),
            ("七", None),
            ("2026年7月至8月", None),
            ("", None),
        ] {
            assert_eq!(read(text, CellKind::Text), None, "{text} is never taken by itself");
            assert_eq!(guessed(text, Some(period)).map(|month| month.to_string()).as_deref(), expected, "{text}");
        }
        assert_eq!(guessed("七月", None), None, "of no year");
        let next: Month = "2027-01".parse().unwrap();
        assert_eq!(guessed("十二月", Some(next)).map(|month| month.to_string()).as_deref(), Some("2026-12"));
    }
}
