//! The center's clock: the system's, or one that a test or the demo moves.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, civil};
use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

/// China has one time, without summer time.
const CHINA: Offset = Offset::constant(8);

/// What time it is at the center; clones show the same time. The only place that asks the wall clock.
#[derive(Debug, Clone, Default)]
pub struct CenterClock(Arc<Mutex<Reading>>);

#[derive(Debug, Clone, Copy)]
enum Reading {
    /// The system's time and so much more.
    Running(SignedDuration),
    Standing(Timestamp),
}

impl Default for Reading {
    fn default() -> Self {
        Self::Running(SignedDuration::ZERO)
    }
}

impl CenterClock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is moved.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Reading::Standing(at))))
    }

    /// A clock that runs, so far ahead of the system's (behind, where negative).
    pub fn ahead(by: SignedDuration) -> Self {
        Self(Arc::new(Mutex::new(Reading::Running(by))))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Reading::Running(ahead) => {
                let system = Timestamp::now();
                system.checked_add(ahead).unwrap_or(system)
            }
            Reading::Standing(at) => at,
        }
    }

    /// Stands still at another time from now on.
    pub fn move_to(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Reading::Standing(at);
    }

    /// Runs from now on, so far ahead of the system's.
    pub fn run_ahead(&self, by: SignedDuration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Reading::Running(by);
    }

    /// That much later, whether it stands or runs.
    pub fn shift(&self, by: SignedDuration) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *reading = match *reading {
            Reading::Running(ahead) => Reading::Running(ahead.saturating_add(by)),
            Reading::Standing(at) => Reading::Standing(at.checked_add(by).unwrap_or(Timestamp::MAX)),
        };
    }

    /// Stands still, that much later than now.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::ZERO);
        self.move_to(self.now().checked_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Today in China.
    pub fn today(&self) -> civil::Date {
        CHINA.to_datetime(self.now()).date()
    }

    /// Now as RFC 3339, whole seconds, `+08:00`.
    pub fn rfc3339(&self) -> String {
        let at = CHINA.to_datetime(self.now());
        format!("{}+08:00", at.strftime("%Y-%m-%dT%H:%M:%S"))
    }

    /// Now as the `Date` of HTTP.
    pub(crate) fn http_date(&self) -> String {
        Offset::UTC.to_datetime(self.now()).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// Now, as certificates are checked.
    pub(crate) fn unix(&self) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(self.now().as_second().try_into().unwrap_or(0)))
    }
}

impl TimeProvider for CenterClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.unix())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_center_writes_its_time_as_china_has_it() {
        let clock = CenterClock::fixed("2026-07-31T16:30:00Z".parse().unwrap());
        assert_eq!(clock.rfc3339(), "2026-08-01T00:30:00+08:00", "RFC 3339 with China's offset");
        assert_eq!(clock.http_date(), "Fri, 31 Jul 2026 16:30:00 GMT", "HTTP has its own form");
        assert_eq!(clock.today(), civil::date(2026, 8, 1), "past midnight in China is the next day, and month");
        clock.clone().advance(Duration::from_secs(90));
        assert_eq!(clock.rfc3339(), "2026-08-01T00:31:30+08:00", "clones are one clock");
    }

    #[test]
    fn a_clock_that_is_ahead_runs_with_the_system() {
        let by = SignedDuration::from_hours(-3000);
        let clock = CenterClock::ahead(by);
        let (before, shown, after) = (Timestamp::now(), clock.now(), Timestamp::now());
        assert!(before + by <= shown && shown <= after + by, "the system's time, shifted");
    }
}
