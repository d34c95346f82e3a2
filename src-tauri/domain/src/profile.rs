//! Center profiles: everything in which one city differs from another, as data.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::money::{Contribution, Ratio, Rounding, RoundingScope, Yuan};
use crate::month::Month;

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

impl CenterProfile {
    /// The policy that holds for a month.
    pub fn policy(&self, month: Month) -> Option<&Policy> {
        self.policies
            .iter()
            .rev()
            .find(|p| p.effective_from <= month && p.effective_to.is_none_or(|last| month <= last))
    }
}
