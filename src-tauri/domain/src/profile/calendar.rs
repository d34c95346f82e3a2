//! Days by which a center wants something, and the days on which nobody works.

use std::collections::BTreeSet;
use std::fmt;
use std::iter::successors;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::CenterProfile;
use crate::month::Month;

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

/// 非工作日: weekends, and what a year's notice of the State Council makes of them. The program cannot know a notice
/// that is still to come: its days are typed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    /// 顺延: what falls due on a day off is due on the next working day.
    #[serde(default)]
    pub moves: bool,
    /// 放假, weekends within included or not.
    #[serde(default)]
    pub holidays: BTreeSet<Date>,
    /// 调休上班: Saturdays and Sundays that are worked.
    #[serde(default)]
    pub worked: BTreeSet<Date>,
}

impl DaysOff {
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether nobody works on a day.
    pub fn is_off(&self, day: Date) -> bool {
        self.holidays.contains(&day) || (is_weekend(day) && !self.worked.contains(&day))
    }

    /// The first day from this one on that is worked.
    pub fn next_working(&self, day: Date) -> Date {
        successors(Some(day), |day| day.tomorrow().ok()).find(|day| !self.is_off(*day)).unwrap_or(day)
    }

    /// Whether the notice of a year was typed in; else only its weekends are known.
    pub fn knows(&self, year: i16) -> bool {
        self.holidays.iter().any(|day| day.year() == year)
    }
}

pub(super) fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

impl CenterProfile {
    /// When a day that the center has set really ends its term: the next working day where deadlines move.
    pub fn deadline(&self, set: Date) -> Date {
        if self.days_off.moves { self.days_off.next_working(set) } else { set }
    }

    /// 截止日 of a month as it was set; `None` where none is set.
    pub fn cut_off(&self, month: Month) -> Option<Date> {
        self.cut_off_day.and_then(|day| month.day(day))
    }

    /// 汇缴日 of a month as it was set; `None` where none is set.
    pub fn remittance(&self, month: Month) -> Option<Date> {
        self.remittance_day.and_then(|day| month.day(day))
    }

    /// Whether the year's bases are taken on a day; always where the center has no window.
    pub fn takes_bases(&self, day: Date) -> bool {
        let Some(window) = self.base_window else { return true };
        // Days off without a gap lead back to the last one.
        let moved = || {
            successors(day.yesterday().ok(), |day| day.yesterday().ok())
                .take_while(|day| self.days_off.is_off(*day))
                .any(|day| DayOfYear::of(day) == window.last)
        };
        window.open(day) || (self.days_off.moves && moved())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;

    /// National Day of a year made up like most: seven days off, the Sunday before and the Saturday after worked.
    fn autumn() -> DaysOff {
        DaysOff {
            moves: true,
            holidays: (1..=7).map(|day| date(2026, 10, day)).collect(),
            worked: [date(2026, 9, 27), date(2026, 10, 10)].into(),
        }
    }

    fn center(days_off: DaysOff) -> CenterProfile {
        CenterProfile { days_off, ..CenterProfile::shipped("demo").unwrap() }
    }

    #[test]
    fn weekends_are_off_unless_worked_and_holidays_always() {
        let days = autumn();
        for (day, off, why) in [
            (date(2026, 9, 26), true, "a Saturday"),
            (date(2026, 9, 27), false, "a Sunday that is worked"),
            (date(2026, 10, 1), true, "a Thursday in the holidays"),
            (date(2026, 10, 4), true, "a Sunday in the holidays"),
            (date(2026, 10, 8), false, "the Thursday after them"),
            (date(2026, 10, 10), false, "a Saturday that is worked"),
        ] {
            assert_eq!(days.is_off(day), off, "{why}");
        }
        assert_eq!(days.next_working(date(2026, 10, 2)), date(2026, 10, 8), "over the weekend within");
        assert_eq!(days.next_working(date(2026, 10, 8)), date(2026, 10, 8), "a working day stays");
        assert_eq!((days.knows(2026), days.knows(2027)), (true, false), "a year that nobody typed in is not known");
        let plain = DaysOff::default();
        assert_eq!(plain.next_working(date(2026, 7, 25)), date(2026, 7, 27), "weekends are known anyway");
        assert_eq!(plain.next_working(date(2026, 10, 1)), date(2026, 10, 1), "holidays are not guessed");
    }

    #[test]
    fn a_term_ends_later_only_where_the_center_says_so() {
        let saturday = date(2026, 7, 25);
        assert_eq!(center(DaysOff::default()).deadline(saturday), saturday, "no rule, no later day");
        let moves = center(DaysOff { moves: true, ..DaysOff::default() });
        assert_eq!(moves.deadline(saturday), date(2026, 7, 27));
    }

    #[test]
    fn the_window_of_bases_stays_open_as_long_as_its_last_day_moves() {
        let window = Some(window("07-01", "09-26"));
        let open = |profile: &CenterProfile, day| profile.takes_bases(day);
        let mut moves = center(autumn());
        moves.base_window = window;
        assert!(open(&moves, date(2026, 9, 27)), "the Saturday's term ends on the Sunday that is worked");
        assert!(!open(&moves, date(2026, 9, 28)), "and not a day later");
        moves.base_window = Some(self::window("07-01", "09-30"));
        assert!(!open(&moves, date(2026, 10, 1)), "a term that ended on a working day is over");
        moves.base_window = Some(self::window("07-01", "10-01"));
        assert!(open(&moves, date(2026, 10, 8)) && !open(&moves, date(2026, 10, 9)), "over the whole holidays");
        let mut stays = center(DaysOff { moves: false, ..autumn() });
        stays.base_window = window;
        assert!(!open(&stays, date(2026, 9, 27)), "no rule, no later day");
        stays.base_window = None;
        assert!(open(&stays, date(2026, 12, 31)), "no window is no limit");
    }

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
