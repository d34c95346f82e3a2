//! Months: 年月, written `YYYY-MM`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A calendar month, `YYYY-MM` on the wire and on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i16,
    month: i8,
}

/// Not a month between 1990-01 and 2199-12.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a month: {0}")]
pub struct NotAMonth(pub String);

impl Month {
    /// A month of a year (1990 to 2199).
    ///
    /// # Errors
    /// [`NotAMonth`] outside of that range.
    pub fn new(year: i16, month: i8) -> Result<Self, NotAMonth> {
        if (1990..=2199).contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(NotAMonth(format!("{year}-{month}")))
        }
    }

    /// The month a day lies in.
    ///
    /// # Errors
    /// [`NotAMonth`] where the year is out of range.
    pub fn of(date: Date) -> Result<Self, NotAMonth> {
        Self::new(date.year(), date.month())
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.month
    }

    /// A day of the month; its last one where it has no such day.
    pub fn day(self, day: u8) -> Option<Date> {
        let first = Date::new(self.year, self.month, 1).ok()?;
        first.with().day(i8::try_from(day).unwrap_or(31).min(first.days_in_month())).build().ok()
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 { Self { year: self.year + 1, month: 1 } } else { Self { month: self.month + 1, ..self } }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 { Self { year: self.year - 1, month: 12 } } else { Self { month: self.month - 1, ..self } }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let wrong = || NotAMonth(text.into());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(wrong());
        }
        Self::new(year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?)
    }
}

impl TryFrom<String> for Month {
    type Error = NotAMonth;

    fn try_from(text: String) -> Result<Self, NotAMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_that_a_month_lacks_is_its_last_one() {
        let day = |month: &str, day| month.parse::<Month>().unwrap().day(day).map(|day| day.to_string());
        assert_eq!(day("2026-07", 31).as_deref(), Some("2026-07-31"));
        assert_eq!(day("2026-02", 31).as_deref(), Some("2026-02-28"));
        assert_eq!(day("2028-02", 200).as_deref(), Some("2028-02-29"));
        assert_eq!(day("2026-02", 0), None, "no month has a day before its first");
    }

    #[test]
    fn only_one_form_is_a_month() {
        for text in [
            "2026-7",
            "2026-13",
            "2026-00",
            "202607",
            "2026/07",
            "26-07",
            "2026-07-01",
            "",
            "２０２６-07",
            "1989-12",
            "2200-01",
            "+026-07",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text:?}");
        }
        let july: Month = "2026-07".parse().unwrap();
        assert_eq!((july.year(), july.month()), (2026, 7), "year and month");
        assert_eq!(Month::of(jiff::civil::date(2026, 7, 31)), Ok(july), "the month of its last day");
    }

    proptest! {
        #[test]
        fn parse_undoes_print_and_previous_undoes_next(year in 1990i16..2199, month in 1i8..=12) {
            let here = Month::new(year, month).unwrap();
            prop_assert_eq!(here.to_string().parse(), Ok(here));
            prop_assert_eq!(here.next().previous(), here);
            prop_assert!(here.next() > here, "later months are greater");
        }
    }
}
