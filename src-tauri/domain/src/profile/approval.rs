//! 复核: when a second person has to countersign.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::filing::FilingKind;
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
        /// What changes of what is due a month, more and less added up, yuan
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

    /// Whether a filing has to be countersigned that is about so many people and has [`moved`] so much.
    ///
    /// [`moved`]: crate::filing::Rows::moved
    pub fn asked(self, about: u32, moved: Yuan) -> bool {
        match self {
            Self::None => false,
            Self::Always => true,
            Self::Above { amount, people } => {
                amount.is_some_and(|amount| moved > amount) || people.is_some_and(|people| about > people)
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
        let asked = |rule: Approval, people: u32, moved: &str| rule.asked(people, moved.parse().unwrap());
        let above = Approval::Above { amount: Some("1000".parse().unwrap()), people: Some(10) };
        assert!(!asked(above, 10, "1000"), "neither figure is passed");
        assert!(asked(above, 11, "0"), "more people");
        assert!(asked(above, 1, "1000.01"), "more money");
        assert!(!asked(Approval::Above { amount: None, people: Some(10) }, 1, "99999"), "no amount, no limit on it");
        assert!(asked(Approval::Always, 0, "0") && !asked(Approval::None, 99, "99999"), "always and never");
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
