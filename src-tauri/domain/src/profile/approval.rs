//! 复核: when a second person has to countersign.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::filing::{FilingKind, Totals};
use crate::money::Yuan;

/// When a filing needs an approver's signature beside the clerk's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Approval {
    /// Never.
    #[default]
    None,
    /// Always.
    Always,
    /// Where it moves more than one of these.
    Above {
        /// Change of what is due a month, either way, yuan
        #[serde(default)]
        amount: Option<Yuan>,
        /// 人数
        #[serde(default)]
        people: Option<u32>,
    },
}

impl Approval {
    /// Every kind, none of them to be countersigned.
    pub fn of_every_kind() -> BTreeMap<FilingKind, Self> {
        FilingKind::ALL.iter().map(|kind| (*kind, Self::None)).collect()
    }

    /// Whether a filing with these figures has to be countersigned.
    pub fn asked(self, totals: &Totals) -> bool {
        match self {
            Self::None => false,
            Self::Always => true,
            Self::Above { amount, people } => {
                let moved = totals.difference.max(-totals.difference);
                amount.is_some_and(|amount| moved > amount) || people.is_some_and(|people| totals.people > people)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_second_person_is_asked_above_either_figure() {
        let of =
            |people: u32, difference: &str| Totals { people, difference: difference.parse().unwrap(), ..Totals::NONE };
        let above = Approval::Above { amount: Some("1000".parse().unwrap()), people: Some(10) };
        assert!(!above.asked(&of(10, "1000")), "neither figure is passed");
        assert!(above.asked(&of(11, "0")), "more people");
        assert!(above.asked(&of(1, "1000.01")), "more money");
        assert!(above.asked(&of(1, "-1000.01")), "less money is a change too");
        assert!(
            !Approval::Above { amount: None, people: Some(10) }.asked(&of(1, "99999")),
            "no amount, no limit on it"
        );
        assert!(Approval::Always.asked(&Totals::NONE) && !Approval::None.asked(&of(99, "99999")), "always and never");
    }

    #[test]
    fn it_is_written_as_a_word_or_as_figures() {
        for (approval, json) in [
            (Approval::None, r#""none""#),
            (Approval::Always, r#""always""#),
            (Approval::Above { amount: None, people: Some(9) }, r#"{"above":{"amount":null,"people":9}}"#),
        ] {
            assert_eq!(serde_json::to_string(&approval).unwrap(), json, "{approval:?}");
            assert_eq!(serde_json::from_str::<Approval>(json).unwrap(), approval, "{json}");
        }
        assert!(
            serde_json::from_str::<Approval>(r#"{"above":{"persons":9}}"#).is_err(),
            "a misspelt limit is no limit"
        );
    }
}
