//! What cities have published about the fund: reference data with its source, not a center's rules.
//!
//! The figures were collected from notices and, where a center's own page was not to be had, from what others
//! reprinted. What a center itself publishes always wins: [`CAUTION`] belongs wherever a figure is shown.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::attachment::AttachmentLimits;
use crate::money::{Ratio, Rounding, RoundingScope, Yuan};
use crate::month::Month;
use crate::profile::{
    Approval, BaseUnit, CenterProfile, ChangeLimits, Channel, DaysOff, Encoding, MinimumTls, Policy, SealReason,
    SignatureRules, StaleCrl, USUAL_RETENTION,
};

/// Said wherever a figure of a city is shown.
pub const CAUTION: &str = "以中心公布为准";

/// What stands before a city's name in the code of its profile.
pub const CODE_PREFIX: &str = "city:";

/// What one city has published, as of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityPolicy {
    /// Administrative name without 市: 焦作
    pub city: String,
    /// 省、自治区、直辖市
    pub province: String,
    /// Address of the center's own site, where it is known.
    pub official_site: Option<String>,
    /// 缴存基数下限, yuan; absent where nothing was published
    pub base_floor: Option<Yuan>,
    /// 缴存基数上限, yuan; absent where nothing was published
    pub base_ceiling: Option<Yuan>,
    /// The range of ratios in the words of the source.
    pub ratio_text: Option<String>,
    /// Lowest ratio of either side; absent where it depends on the kind of unit or is not the city's own word.
    pub ratio_floor: Option<Ratio>,
    /// Highest ratio of either side, likewise.
    pub ratio_ceiling: Option<Ratio>,
    /// The time it holds for in the words of the source.
    pub period_text: Option<String>,
    /// First month in which both limits hold, where the source names it plainly.
    pub effective_from: Option<Month>,
    /// Last month in which both limits hold, where the source names it plainly.
    pub effective_to: Option<Month>,
    /// What else is to be known: districts, amounts, doubts.
    pub note: Option<String>,
    /// Where it was published, the most important first; empty where nothing was found.
    pub sources: Vec<CitySource>,
    /// The day the collection was made.
    pub as_of: Date,
}

/// One publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitySource {
    /// Title of the notice or page.
    pub title: String,
    /// Its address.
    pub url: String,
    /// `YYYY-MM-DD`, or `YYYY-MM` where no day is given.
    pub date: String,
}

static CITIES: LazyLock<Vec<CityPolicy>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../profiles/cities.json")).unwrap_or_default());

/// Every city, as the collection orders them.
pub fn all() -> &'static [CityPolicy] {
    &CITIES
}

/// A city by its name (焦作, 焦作市) or the code of its profile (`city:焦作`).
pub fn by_name(name: &str) -> Option<&'static CityPolicy> {
    let name = name.trim();
    let name = name.strip_prefix(CODE_PREFIX).unwrap_or(name);
    let short = name.strip_suffix('市').unwrap_or(name);
    all().iter().find(|city| city.city == name || city.city == short)
}

/// The cities whose name or province holds a text; all of them where it is blank.
pub fn find(text: &str) -> impl Iterator<Item = &'static CityPolicy> {
    let wanted = text.trim().to_owned();
    all().iter().filter(move |city| {
        let named = by_name(&wanted).is_some_and(|exact| exact.city == city.city);
        named || city.city.contains(&wanted) || city.province.contains(&wanted)
    })
}

impl CityPolicy {
    /// The code of the profile made from it: stable, since the administrative name is.
    pub fn code(&self) -> String {
        format!("{CODE_PREFIX}{}", self.city)
    }

    /// The months its limits are applied to; `None` where it has no limit at all.
    ///
    /// Where the source names no month, the limits are taken from the month they were last seen published in, so
    /// that they are not applied to a time nobody has claimed them for.
    fn months(&self) -> Option<(Month, Option<Month>)> {
        self.base_floor.or(self.base_ceiling)?;
        let seen = || {
            let newest = self.sources.iter().filter_map(|source| source.date.get(..7)?.parse().ok()).max();
            newest.or_else(|| Month::of(self.as_of).ok())
        };
        Some((self.effective_from.or_else(seen)?, self.effective_to))
    }
}

/// The range of ratios that holds in the whole country, and its notice.
const NATIONAL_TITLE: &str = "建金管〔2005〕5号（全国统一的缴存比例区间，未含本市缴存基数上下限）";
/// The year is in the notice's number; its day is not in our sources, so none is shown.
const NATIONAL_FROM: (i16, i8) = (2005, 1);
const NATIONAL_RATIOS: (u16, u16) = (500, 1200);

impl CenterProfile {
    /// Rules made from what a city has published, to be checked against the center's own word.
    ///
    /// Limits that nobody has published stay empty. The method of computing is the commonest one, each side half up
    /// to the yuan, since hardly any city says which one it uses. Months that the source does not speak of have the
    /// country's range of ratios and no limits.
    pub fn from_city(city: &CityPolicy) -> Self {
        let mut policies = Vec::new();
        let start = Month::new(NATIONAL_FROM.0, NATIONAL_FROM.1).ok();
        match (start, city.months()) {
            (Some(start), Some((from, to))) => {
                if start < from {
                    policies.extend(national(start, Some(from.previous())));
                }
                policies.extend(own(city, from, to));
                policies.extend(to.and_then(|last| national(last.next(), None)));
            }
            (Some(start), None) => policies.extend(national(start, None)),
            (None, _) => {}
        }
        Self {
            code: city.code(),
            name: format!("{}住房公积金", city.city),
            city: city.city.clone(),
            note: city.note.clone(),
            districts: Vec::new(),
            policies,
            account_length: None,
            id_types: national_id_types(),
            id_type_codes: BTreeMap::new(),
            seal_reasons: SealReason::typical(),
            kinds: Approval::of_every_kind(),
            limits: ChangeLimits::default(),
            cut_off_day: None,
            remittance_day: None,
            base_window: None,
            days_off: DaysOff::default(),
            prepayment: false,
            collection_account: None,
            stale_crl: StaleCrl::default(),
            minimum_tls: MinimumTls::default(),
            timestamps: None,
            // No center has published a gateway.
            channel: Channel::UploadFile,
            encoding: Encoding::default(),
            base_unit: BaseUnit::default(),
            signatures: SignatureRules::default(),
            retention_years: USUAL_RETENTION,
            attachments: AttachmentLimits::default(),
            loan: None,
            upload_templates: Vec::new(),
            mappings: Vec::new(),
        }
    }
}

/// 证件类型 of JGJ/T 320.
fn national_id_types() -> BTreeMap<String, String> {
    [("01", "身份证"), ("02", "军官证"), ("03", "护照"), ("04", "外国人永久居留证"), ("99", "其他")]
        .map(|(code, name)| (code.to_owned(), name.to_owned()))
        .into()
}

fn national(from: Month, to: Option<Month>) -> Option<Policy> {
    let (low, high) = NATIONAL_RATIOS;
    Some(Policy {
        district: None,
        effective_from: from,
        effective_to: to,
        base_floor: None,
        base_ceiling: None,
        amount_floor: None,
        amount_ceiling: None,
        ratio_floor: Ratio::from_basis_points(low).ok()?,
        ratio_ceiling: Ratio::from_basis_points(high).ok()?,
        ratio_step: None,
        equal_ratio: false,
        rounding: Rounding::default(),
        rounding_scope: RoundingScope::default(),
        source_title: NATIONAL_TITLE.into(),
        source_url: None,
        source_date: None,
    })
}

fn own(city: &CityPolicy, from: Month, to: Option<Month>) -> Option<Policy> {
    let common = national(from, to)?;
    let source = city.sources.first();
    Some(Policy {
        base_floor: city.base_floor,
        base_ceiling: city.base_ceiling,
        ratio_floor: city.ratio_floor.unwrap_or(common.ratio_floor),
        ratio_ceiling: city.ratio_ceiling.unwrap_or(common.ratio_ceiling),
        source_title: source.map_or_else(String::new, |source| source.title.clone()),
        source_url: source.map(|source| source.url.clone()),
        source_date: source.and_then(|source| source.date.parse().ok()),
        ..common
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::profile::validate;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn yuan(text: &str) -> Yuan {
        text.parse().unwrap()
    }

    #[test]
    fn the_collection_is_whole() {
        assert_eq!(all().len(), 136, "134 cities of the collection, 焦作 and 德州");
        let names: BTreeSet<_> = all().iter().map(|city| &city.city).collect();
        assert_eq!(names.len(), all().len(), "no city twice");
        for city in all() {
            assert!(!city.province.is_empty() && !city.city.ends_with('市'), "{}: administrative names", city.city);
            let published = city.base_floor.is_some() || city.base_ceiling.is_some();
            assert!(!published || !city.sources.is_empty(), "{}: no figure without its source", city.city);
            for source in &city.sources {
                assert!(!source.title.is_empty() && source.url.starts_with("http"), "{}: {source:?}", city.city);
                let day = source.date.parse::<Date>().is_ok() || source.date.parse::<Month>().is_ok();
                assert!(day, "{}: the date of {source:?}", city.city);
            }
            assert!(city.effective_to.is_none() || city.effective_from.is_some(), "{}: no end alone", city.city);
            assert_eq!(city.ratio_floor.is_some(), city.ratio_ceiling.is_some(), "{}: a range", city.city);
        }
    }

    #[test]
    fn figures_stand_as_published() {
        let beijing = by_name("北京").unwrap();
        assert_eq!(
            (beijing.base_floor, beijing.base_ceiling),
            (Some(yuan("2540")), Some(yuan("35811"))),
            "as published"
        );
        assert_eq!(beijing.effective_from, Some(month("2025-09")), "its floor is younger than its ceiling");
        assert_eq!(by_name("武汉").unwrap().base_ceiling, Some(yuan("36072.25")), "fen are kept");
        assert_eq!(by_name("宝鸡").unwrap().base_floor, None, "what was not published is empty, never zero");
        for name in ["丽江", "通化", "石河子", "焦作", "德州"] {
            let city = by_name(name).unwrap();
            assert_eq!((city.base_floor, city.base_ceiling), (None, None), "{name}: nothing was published");
            assert_eq!(city.ratio_floor, None, "{name}: the country's range is not the city's word");
        }
        for name in ["焦作", "德州"] {
            assert!(by_name(name).unwrap().note.as_ref().unwrap().contains("请向中心核实"), "{name}: whom to ask");
        }
    }

    #[test]
    fn ratios_by_kind_of_unit_stay_words() {
        for name in ["天津", "徐州", "武汉", "柳州", "荆州", "赣州", "温州", "太原", "湛江"] {
            let city = by_name(name).unwrap();
            assert_eq!(city.ratio_floor, None, "{name}: {:?} is more than one range", city.ratio_text);
            assert!(city.ratio_text.is_some(), "{name}: its words are there");
        }
        let shanghai = by_name("上海").unwrap();
        assert_eq!(shanghai.ratio_ceiling, Some("0.07".parse().unwrap()), "up to seven percent");
        assert_eq!(by_name("潍坊").unwrap().ratio_floor, Some("0.06".parse().unwrap()), "from six percent");
    }

    #[test]
    fn a_city_is_found_by_name_code_and_province() {
        for text in ["焦作", "焦作市", "city:焦作", " 焦作 "] {
            assert_eq!(by_name(text).map(|city| city.city.as_str()), Some("焦作"), "{text:?}");
        }
        for text in ["", "市", "演示市", "city:", "作"] {
            assert!(by_name(text).is_none(), "{text:?} is no city's name");
        }
        assert_eq!(find("").count(), all().len(), "nothing typed, everything shown");
        assert!(find("河南").any(|city| city.city == "焦作"), "by province");
        assert!(find("吉林").any(|city| city.city == "长春"), "a name that is a province's too finds both");
        assert_eq!(find("衡阳市").map(|city| city.city.as_str()).collect::<Vec<_>>(), ["衡阳"], "with 市");
        assert_eq!(find("火星").count(), 0, "nothing is made up");
    }

    #[test]
    fn every_profile_made_from_a_city_is_sound() {
        for city in all() {
            let profile = CenterProfile::from_city(city);
            assert_eq!(validate(&profile), [], "{}", city.city);
            assert_eq!(profile.code, city.code(), "{}: its code", city.city);
            let again: CenterProfile = serde_json::from_str(&serde_json::to_string(&profile).unwrap()).unwrap();
            assert_eq!(again, profile, "{}: survives JSON", city.city);
            for policy in &profile.policies {
                assert!(!policy.source_title.is_empty(), "{}: a record without its source", city.city);
                assert_eq!(policy.rounding, Rounding::HalfUpYuan, "{}: the commonest method", city.city);
            }
        }
    }

    #[test]
    fn limits_hold_in_the_months_of_the_source_only() {
        let huangshi = CenterProfile::from_city(by_name("黄石").unwrap());
        let ceiling = |of: &CenterProfile, at: &str| of.policy(month(at)).unwrap().base_ceiling;
        assert_eq!(ceiling(&huangshi, "2025-06"), None, "before the year of the notice");
        assert_eq!(ceiling(&huangshi, "2025-07"), Some(yuan("24018")), "its first month");
        assert_eq!(ceiling(&huangshi, "2026-06"), Some(yuan("24018")), "its last month");
        assert_eq!(ceiling(&huangshi, "2026-07"), None, "the next year's limits are not known");

        let hengyang = CenterProfile::from_city(by_name("衡阳").unwrap());
        assert_eq!(ceiling(&hengyang, "2026-06"), None, "no month named: not before it was seen");
        assert_eq!(ceiling(&hengyang, "2026-07"), Some(yuan("21142")), "from the month it was seen in");

        let jiaozuo = CenterProfile::from_city(by_name("焦作").unwrap());
        assert_eq!(ceiling(&jiaozuo, "2026-07"), None, "no limits until somebody enters them");
        assert_eq!(jiaozuo.policy(month("2026-07")).unwrap().ratio_ceiling.percent(), "12%", "the country's range");
    }
}
