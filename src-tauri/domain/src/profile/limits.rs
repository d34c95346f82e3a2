//! How often and what a unit may change.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::characters;

/// Limits on changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeLimits {
    /// Changes of one person's base within a calendar year; `None` where there is no limit
    #[serde(default)]
    pub base_changes_per_year: Option<u8>,
    /// 封存 and 启封, each, of one person within a month; `None` where there is no limit
    #[serde(default = "once")]
    pub status_changes_per_month: Option<u8>,
    /// Months of one 补缴 above which the center reviews it; `None` where there is no limit. Twelve is what Shanghai's
    /// form of 补缴 says (more than twelve months go to the center for review); where a center says nothing it is only
    /// a question to the clerk.
    #[serde(default = "a_year")]
    pub back_payment_months: Option<u8>,
    /// Months of one 缓缴 or 降低缴存比例 at most; a year where a center says nothing.
    #[serde(default = "twelve")]
    pub deferral_months: u8,
    /// What of its own data a unit's clerk may change.
    #[serde(default = "UnitItem::every")]
    pub unit_items: BTreeSet<UnitItem>,
    /// How a contributor's name is corrected.
    #[serde(default)]
    pub name_update: UpdateWay,
    /// How a contributor's type and number of document are corrected.
    #[serde(default)]
    pub id_update: UpdateWay,
}

fn once() -> Option<u8> {
    Some(1)
}

fn a_year() -> Option<u8> {
    Some(12)
}

fn twelve() -> u8 {
    12
}

impl Default for ChangeLimits {
    fn default() -> Self {
        Self {
            base_changes_per_year: None,
            status_changes_per_month: once(),
            back_payment_months: a_year(),
            deferral_months: twelve(),
            unit_items: UnitItem::every(),
            name_update: UpdateWay::default(),
            id_update: UpdateWay::default(),
        }
    }
}

/// Where something can be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum UpdateWay {
    /// By a filing.
    #[default]
    Filing,
    /// 柜台办理: at the counter only.
    Counter,
}

impl UpdateWay {
    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Filing => "可以变更",
            Self::Counter => "须到柜台办理",
        }
    }
}

/// An item of a unit's own data (单位信息).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitItem {
    /// 经办人姓名 (JBRXM)
    ClerkName,
    /// 经办人证件号码 (JBRZJHM)
    ClerkIdNumber,
    /// 经办人固定电话 (JBRGDDHHM)
    ClerkPhone,
    /// 经办人手机号码 (JBRSJHM)
    ClerkMobile,
    /// 公积金经办部门
    Department,
    /// 经办人电子信箱 (DWDZXX)
    ClerkEmail,
}

impl UnitItem {
    /// Every item, in the order lists show them.
    pub const ALL: [Self; 6] =
        [Self::ClerkName, Self::ClerkIdNumber, Self::ClerkPhone, Self::ClerkMobile, Self::Department, Self::ClerkEmail];

    /// The wire form, the same as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClerkName => "clerk_name",
            Self::ClerkIdNumber => "clerk_id_number",
            Self::ClerkPhone => "clerk_phone",
            Self::ClerkMobile => "clerk_mobile",
            Self::Department => "department",
            Self::ClerkEmail => "clerk_email",
        }
    }

    /// The name on screen and in sheets.
    pub fn label(self) -> &'static str {
        match self {
            Self::ClerkName => "经办人姓名",
            Self::ClerkIdNumber => "经办人证件号码",
            Self::ClerkPhone => "经办人固定电话",
            Self::ClerkMobile => "经办人手机号码",
            Self::Department => "公积金经办部门",
            Self::ClerkEmail => "经办人电子信箱",
        }
    }

    /// Reads the name, or what centers write instead.
    pub fn parse(text: &str) -> Option<Self> {
        let said: String = text.chars().filter(|c| !characters::is_blank(*c)).collect();
        Self::ALL.into_iter().find(|item| item.label() == said || item.synonyms().contains(&said.as_str()))
    }

    fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::ClerkName => &["经办人", "经办人名称"],
            Self::ClerkIdNumber => &["经办人身份证号", "经办人身份证号码", "经办人证件号"],
            Self::ClerkPhone => &["经办人固定电话号码", "固定电话", "单位固定电话"],
            Self::ClerkMobile => &["经办人移动电话", "经办人手机", "经办人手机号"],
            Self::Department => &["经办部门"],
            Self::ClerkEmail => &["电子信箱", "电子邮箱", "经办人电子邮箱", "经办人邮箱", "单位电子信箱"],
        }
    }

    fn every() -> BTreeSet<Self> {
        Self::ALL.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_by_name_and_by_what_centers_write() {
        for item in UnitItem::ALL {
            assert_eq!(UnitItem::parse(item.label()), Some(item), "its own name");
            let wire = serde_json::to_value(item).ok();
            assert_eq!(wire, Some(serde_json::Value::from(item.as_str())), "as_str and JSON must not drift apart");
            for said in item.synonyms() {
                assert_eq!(UnitItem::parse(&format!(" {said} ")), Some(item), "{said}");
            }
        }
        for text in ["", "单位名称", "登录密码"] {
            assert_eq!(UnitItem::parse(text), None, "{text:?} is not the clerk's to change here");
        }
    }
}
