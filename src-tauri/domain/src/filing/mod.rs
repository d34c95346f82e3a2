//! Filings (业务申报): one folder entry per kind.

use serde::{Deserialize, Serialize};

use crate::money::Yuan;

pub mod base_adjustment;
pub mod contributor_registration;
pub(crate) mod people;
pub mod status_change;

/// The kinds of filings; the wire form is `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingKind {
    /// 年度基数调整
    BaseAdjustment,
}

/// The figures on a filing's head; both sides compute them from the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// 人数
    pub people: u32,
    /// 调整前月缴存额合计, yuan
    pub before: Yuan,
    /// 调整后月缴存额合计, yuan
    pub after: Yuan,
    /// after − before, yuan
    pub difference: Yuan,
}

impl Totals {
    /// Nobody, nothing.
    pub const NONE: Self = Self { people: 0, before: Yuan::ZERO, after: Yuan::ZERO, difference: Yuan::ZERO };

    /// The figures over people, each with what is due a month before and after.
    pub fn over(people: impl IntoIterator<Item = (Yuan, Yuan)>) -> Self {
        let mut sums = Self::NONE;
        for (before, after) in people {
            sums.people += 1;
            sums.before += before;
            sums.after += after;
        }
        sums.difference = sums.after - sums.before;
        sums
    }
}
