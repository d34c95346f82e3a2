//! How often somebody may ask: by certificate, by address, and by address again for what can be guessed at.
//!
//! Each limit is a bucket that fills evenly by the center's clock: so many at once, then one as soon as its share of
//! the time is over.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Over which requests are counted.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Over which attempts are counted.
const QUARTER: SignedDuration = SignedDuration::from_mins(15);
/// Entries that are kept before those are forgotten that hold nothing any more.
const MANY: usize = 4096;

/// How many requests are answered before the next is asked to wait (429).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute of one certificate, shown by the connection or by a session.
    pub certificate: u32,
    /// Requests a minute from one address. A whole unit, or several, may be behind one.
    pub address: u32,
    /// Logins and enrolments a quarter of an hour from one address that came to nothing.
    pub attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { certificate: 1200, address: 6000, attempts: 60 }
    }
}

/// Who asked how often.
#[derive(Debug)]
pub(crate) struct Counts {
    certificates: Buckets<String>,
    addresses: Buckets<IpAddr>,
    attempts: Buckets<IpAddr>,
}

/// Seconds to wait.
pub(crate) type Wait = u32;

impl Counts {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            certificates: Buckets::new(limits.certificate, MINUTE),
            addresses: Buckets::new(limits.address, MINUTE),
            attempts: Buckets::new(limits.attempts, QUARTER),
        }
    }

    /// Counts a request from an address.
    pub(crate) fn from(&self, address: IpAddr, now: Timestamp) -> Result<(), Wait> {
        self.addresses.take(network(address), now)
    }

    /// Counts a request of a certificate (SHA-256, hex).
    pub(crate) fn of(&self, certificate: String, now: Timestamp) -> Result<(), Wait> {
        self.certificates.take(certificate, now)
    }

    /// Counts an attempt as one that failed until it is known to be none.
    pub(crate) fn attempt(&self, address: IpAddr, now: Timestamp) -> Result<(), Wait> {
        self.attempts.take(network(address), now)
    }

    /// So many attempts were none.
    pub(crate) fn succeeded(&self, address: IpAddr, attempts: u32) {
        self.attempts.give_back(network(address), attempts);
    }
}

/// What one subscriber has: of IPv6 the network, for a host in it can take any address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// One bucket for each key.
#[derive(Debug)]
struct Buckets<K> {
    /// The time that one request's share takes.
    share: SignedDuration,
    window: SignedDuration,
    /// When each will be empty again.
    empty: Mutex<HashMap<K, Timestamp>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// None at all is not a limit: one, then.
    fn new(limit: u32, window: SignedDuration) -> Self {
        let limit = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
        Self { share: window / limit, window, empty: Mutex::default() }
    }

    fn take(&self, key: K, now: Timestamp) -> Result<(), Wait> {
        let mut empty = self.empty.lock().unwrap_or_else(PoisonError::into_inner);
        if empty.len() >= MANY {
            empty.retain(|_, until| *until > now);
        }
        let until = empty.get(&key).copied().unwrap_or(now).max(now);
        // Fuller than full: the clock was set back since.
        let filled = Some(until.duration_since(now)).filter(|filled| *filled <= self.window).unwrap_or_default();
        let after = filled.saturating_add(self.share);
        if after > self.window {
            let wait = after.saturating_sub(self.window);
            return Err(Wait::try_from(wait.as_secs()).unwrap_or(Wait::MAX).saturating_add(1));
        }
        empty.insert(key, now.checked_add(after).unwrap_or(now));
        Ok(())
    }

    fn give_back(&self, key: K, count: u32) {
        let mut empty = self.empty.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = empty.get_mut(&key) {
            let back = self.share.saturating_mul(i32::try_from(count).unwrap_or(i32::MAX));
            *until = until.checked_sub(back).unwrap_or(*until);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn so_many_at_once_then_one_for_each_share_of_the_time() {
        let buckets = Buckets::new(3, MINUTE);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", at(0)), Ok(()));
        }
        assert_eq!(buckets.take("a", at(0)), Err(21), "a third of a minute, rounded up past it");
        assert_eq!(buckets.take("b", at(0)), Ok(()), "others are not held up");
        assert_eq!(buckets.take("a", at(19)), Err(2), "what was refused did not count");
        assert_eq!(buckets.take("a", at(21)), Ok(()), "who waits as he was told is heard");
        assert!(buckets.take("a", at(21)).is_err(), "and one only");
        assert_eq!(buckets.take("a", at(200)), Ok(()), "later everything is there again");
        buckets.give_back("a", 1);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", at(200)), Ok(()), "what was given back is there too");
        }
        assert!(buckets.take("a", at(200)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let buckets = Buckets::new(2, MINUTE);
        for _ in 0..2 {
            assert_eq!(buckets.take("a", at(1_000_000)), Ok(()));
        }
        assert!(buckets.take("a", at(1_000_000)).is_err());
        for _ in 0..2 {
            assert_eq!(buckets.take("a", at(0)), Ok(()), "not for eleven days");
        }
        assert!(buckets.take("a", at(0)).is_err(), "but the limit holds by the new time");
    }

    #[test]
    fn what_holds_nothing_any_more_is_forgotten() {
        let buckets = Buckets::new(2, MINUTE);
        for key in 0..MANY {
            assert_eq!(buckets.take(key, at(0)), Ok(()));
        }
        assert_eq!(buckets.take(MANY, at(100)), Ok(()));
        assert_eq!(buckets.empty.lock().unwrap().len(), 1, "addresses of long ago take no memory");
    }

    #[test]
    fn a_host_is_not_another_one_by_another_address_of_its_network() {
        let network = |text: &str| super::network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"), "the same, as a socket of both kinds shows it");
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }
}
