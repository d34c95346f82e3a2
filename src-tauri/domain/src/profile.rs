//! Center profiles: everything in which one city differs from another, as data.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::characters;
use crate::money::{Contribution, Ratio, Rounding, RoundingScope, Yuan};
use crate::month::Month;

mod validate;

pub use validate::{ProfileFault, ProfileProblem, validate};

/// What a center publishes for a stretch of months (政策).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// First month it holds for.
    pub effective_from: Month,
    /// Last month it holds for; open where absent.
    pub effective_to: Option<Month>,
    /// 缴存基数下限, yuan; `None` where the center's figure is not known
    pub base_floor: Option<Yuan>,
    /// 缴存基数上限, yuan
    pub base_ceiling: Option<Yuan>,
    /// 月缴存额下限 (YJCEXX), both sides, yuan
    pub amount_floor: Option<Yuan>,
    /// 月缴存额上限 (YJCESX), both sides, yuan
    pub amount_ceiling: Option<Yuan>,
    /// Lowest ratio of either side.
    pub ratio_floor: Ratio,
    /// Highest ratio of either side.
    pub ratio_ceiling: Ratio,
    /// 计算方法
    pub rounding: Rounding,
    /// What the method is applied to.
    pub rounding_scope: RoundingScope,
    /// Title of the notice.
    pub source_title: String,
    /// Address of the notice.
    pub source_url: Option<String>,
    /// Date of the notice.
    pub source_date: Option<Date>,
}

impl Policy {
    /// What a base costs a month under this policy.
    pub fn contribution(&self, base: Yuan, unit: Ratio, personal: Ratio) -> Contribution {
        Contribution::of(base, unit, personal, self.rounding, self.rounding_scope)
    }
}

/// One center's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CenterProfile {
    /// Short stable code such as `demo`; part of every signed filing.
    pub code: String,
    /// 中心名称
    pub name: String,
    /// 城市
    pub city: String,
    /// Dated policies, newest last.
    pub policies: Vec<Policy>,
    /// Length of a personal account where the center has one length.
    pub account_length: Option<u8>,
    /// Identity documents it takes: national code → its name.
    pub id_types: std::collections::BTreeMap<String, String>,
}

/// The profiles that come with the program: code and JSON.
const SHIPPED: &[(&str, &str)] = &[("demo", include_str!("../profiles/demo.json"))];

impl CenterProfile {
    /// A profile that comes with the program; `demo` is the practice center.
    pub fn shipped(code: &str) -> Option<Self> {
        let (_, json) = SHIPPED.iter().find(|(shipped, _)| *shipped == code)?;
        serde_json::from_str(json).ok()
    }

    /// The codes of the profiles that come with the program.
    pub fn shipped_codes() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(code, _)| *code)
    }

    /// The national code of a type of identity document, given as code (`01`, `1`) or name.
    pub fn id_type(&self, text: &str) -> Option<&str> {
        let said: String = text.chars().map(characters::half_width).filter(|c| !characters::is_blank(*c)).collect();
        self.id_types
            .iter()
            .find(|(code, name)| {
                said == **code
                    || said == **name
                    || code.strip_prefix('0').is_some_and(|short| said == short)
                    || said.strip_suffix(name.as_str()).is_some_and(|front| matches!(front, "居民" | "中国" | "公民"))
            })
            .map(|(code, _)| code.as_str())
    }

    /// The policy that holds for a month.
    pub fn policy(&self, month: Month) -> Option<&Policy> {
        self.policies
            .iter()
            .rev()
            .find(|p| p.effective_from <= month && p.effective_to.is_none_or(|last| month <= last))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_shipped_profile_can_be_read_and_carries_its_code() {
        for code in CenterProfile::shipped_codes() {
            let profile = CenterProfile::shipped(code).unwrap();
            assert_eq!(profile.code, code, "a profile is found under its own code");
            let again: CenterProfile = serde_json::from_str(&serde_json::to_string(&profile).unwrap()).unwrap();
            assert_eq!(again, profile, "a profile survives JSON");
        }
        assert!(CenterProfile::shipped("nowhere").is_none(), "no profile is made up");
    }

    #[test]
    fn the_demo_center_changes_its_limits_in_july() {
        let demo = CenterProfile::shipped("demo").unwrap();
        let ceiling =
            |month: &str| demo.policy(month.parse().unwrap()).and_then(|p| p.base_ceiling).map(|c| c.to_string());
        assert_eq!(ceiling("2025-06"), None, "before the first record nothing is known");
        assert_eq!(ceiling("2026-06").as_deref(), Some("24018.00"), "last month of the old record");
        assert_eq!(ceiling("2026-07").as_deref(), Some("27000.00"), "first month of the new record");
        assert_eq!(ceiling("2030-01").as_deref(), Some("27000.00"), "open at the end");
    }

    #[test]
    fn id_types_by_code_or_name() {
        let demo = CenterProfile::shipped("demo").unwrap();
        for text in ["01", "1", "身份证", "居民身份证", " 身份证 ", "０１"] {
            assert_eq!(demo.id_type(text), Some("01"), "{text:?}");
        }
        assert_eq!(demo.id_type("护照"), Some("03"), "by name");
        assert_eq!(demo.id_type("学生证"), None, "a type the center does not take");
    }
}
