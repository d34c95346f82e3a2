//! Days by which a center wants something.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day of any year, `MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayOfYear {
    month: i8,
    day: i8,
}

/// Not a day that some year has, written `MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a day of a year: {0}")]
pub struct NotADayOfYear(pub String);

impl DayOfYear {
    /// The day of a date.
    pub fn of(date: Date) -> Self {
        Self { month: date.month(), day: date.day() }
    }
}

impl fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl FromStr for DayOfYear {
    type Err = NotADayOfYear;

    fn from_str(text: &str) -> Result<Self, NotADayOfYear> {
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        // 2000 has a 29 February.
        text.split_once('-')
            .filter(|(month, day)| digits(month) && digits(day))
            .and_then(|(month, day)| Date::new(2000, month.parse().ok()?, day.parse().ok()?).ok())
            .map(Self::of)
            .ok_or_else(|| NotADayOfYear(text.into()))
    }
}

impl TryFrom<String> for DayOfYear {
    type Error = NotADayOfYear;

    fn try_from(text: String) -> Result<Self, NotADayOfYear> {
        text.parse()
    }
}

impl From<DayOfYear> for String {
    fn from(day: DayOfYear) -> Self {
        day.to_string()
    }
}

/// The days of a year in which the year's bases are taken; over New Year where the last stands before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseWindow {
    /// First day.
    pub first: DayOfYear,
    /// Last day, the deadline.
    pub last: DayOfYear,
}

impl BaseWindow {
    /// Whether it is open on a day.
    pub fn open(self, date: Date) -> bool {
        let day = DayOfYear::of(date);
        if self.first <= self.last {
            (self.first..=self.last).contains(&day)
        } else {
            day >= self.first || day <= self.last
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;

    fn window(first: &str, last: &str) -> BaseWindow {
        BaseWindow { first: first.parse().unwrap(), last: last.parse().unwrap() }
    }

    #[test]
    fn only_days_that_exist_are_days() {
        for text in ["07-01", "02-29", "12-31"] {
            let day: DayOfYear = text.parse().unwrap();
            assert_eq!(day.to_string(), text, "prints as read");
            assert_eq!(serde_json::from_str::<DayOfYear>(&serde_json::to_string(&day).unwrap()).unwrap(), day);
        }
        for text in ["", "7-1", "02-30", "13-01", "00-10", "07-00", "07/01", "2026-07-01", "０７-01", "+7-01"] {
            assert!(text.parse::<DayOfYear>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_window_is_open_on_its_first_and_last_day() {
        let summer = window("08-03", "09-25");
        for (day, open) in
            [(date(2026, 8, 2), false), (date(2026, 8, 3), true), (date(2026, 9, 25), true), (date(2026, 9, 26), false)]
        {
            assert_eq!(summer.open(day), open, "{day}");
        }
        let winter = window("12-01", "01-31");
        for (day, open) in [
            (date(2026, 11, 30), false),
            (date(2026, 12, 31), true),
            (date(2027, 1, 31), true),
            (date(2027, 2, 1), false),
        ] {
            assert_eq!(winter.open(day), open, "{day}, over New Year");
        }
    }
}
