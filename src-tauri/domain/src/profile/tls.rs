//! How old the secure connections to a center may be.

use serde::{Deserialize, Serialize};

/// The oldest TLS that is spoken with a center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum MinimumTls {
    /// TLS 1.2 too, for a center that knows nothing newer.
    #[serde(rename = "1.2")]
    Tls12,
    /// TLS 1.3 alone.
    #[default]
    #[serde(rename = "1.3")]
    Tls13,
}

impl MinimumTls {
    /// Every value, the usual one first.
    pub const ALL: [Self; 2] = [Self::Tls13, Self::Tls12];

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Tls13 => "TLS 1.3",
            Self::Tls12 => "TLS 1.2（中心书面说明只支持它时才选）",
        }
    }

    /// As most centers have it: left out of a file of rules.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::CenterProfile;

    #[test]
    fn rules_that_say_nothing_of_tls_mean_1_3_and_only_the_rules_allow_1_2() {
        let usual = CenterProfile::shipped("demo").unwrap();
        assert_eq!(usual.minimum_tls, MinimumTls::Tls13);
        let mut json = serde_json::to_value(&usual).unwrap();
        assert!(json.get("minimum_tls").is_none(), "the usual is left out");
        json["minimum_tls"] = "1.2".into();
        let older: CenterProfile = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(older.minimum_tls, MinimumTls::Tls12);
        assert_eq!(serde_json::to_value(&older).unwrap()["minimum_tls"], "1.2", "and it survives JSON");
        json["minimum_tls"] = "1.1".into();
        assert!(serde_json::from_value::<CenterProfile>(json).is_err(), "nothing older can be allowed");
    }
}
