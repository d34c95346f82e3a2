//! The center's clock against this computer's.

use jiff::Timestamp;

/// Seconds that the center's clock is ahead of this computer's (negative: behind). Takes RFC 3339
/// (`CenterInfo::time`) and HTTP dates (the `Date` header) on either side; `None` if one cannot be read.
pub fn skew_seconds(center: &str, here: &str) -> Option<i64> {
    Some(read(center)?.as_second() - read(here)?.as_second())
}

pub(crate) fn read(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_time_are_read() {
        let here = "2026-07-06T14:32:00+08:00";
        assert_eq!(skew_seconds("Mon, 06 Jul 2026 06:37:30 GMT", here), Some(330));
        assert_eq!(skew_seconds("2026-07-06T06:31:00Z", here), Some(-60));
        assert_eq!(skew_seconds("yesterday", here), None, "no time is not a skew of zero");
    }
}
