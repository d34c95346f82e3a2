//! Center profiles: everything in which one city differs from another, as data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::attachment::AttachmentLimits;
use crate::characters;
use crate::filing::FilingKind;
use crate::money::{Contribution, Ratio, Rounding, RoundingScope, Yuan};
use crate::month::Month;

mod approval;
mod calendar;
mod limits;
mod loan;
mod mapping;
mod reach;
mod revocation;
mod seal;
mod signatures;
mod target;
mod timestamps;
mod tls;
mod unfit;
pub mod upload;
mod validate;

pub use approval::Approval;
pub use calendar::{BaseWindow, DayOfYear, DaysOff, NotADayOfYear};
pub use limits::{ChangeLimits, UnitItem, UpdateWay};
pub use loan::{Factor, LoanRule, NotAFactor, TimeCoefficient};
pub use mapping::ColumnMapping;
pub use reach::Unreachable;
pub use revocation::StaleCrl;
pub use seal::SealReason;
pub use signatures::{ClientTls, SignatureAlgorithm, SignatureIdentifiers, SignatureRules, SignedChallenge};
pub use target::{BaseUnit, Channel, Encoding};
pub use timestamps::TimestampServer;
pub use tls::MinimumTls;
pub use unfit::unfit;
pub use validate::{ProfileFault, ProfileProblem, validate};

/// What a center publishes for a stretch of months (政策).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// 区县 it holds in, one of the profile's; `None` holds wherever no district has a record of its own.
    #[serde(default)]
    pub district: Option<String>,
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
    /// Ratios are multiples of this: 0.01 is whole percents; `None` where any ratio in the range will do
    #[serde(default)]
    pub ratio_step: Option<Ratio>,
    /// 单位与个人比例一致: both sides have one ratio.
    #[serde(default)]
    pub equal_ratio: bool,
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
    /// Whether it holds in a month.
    pub fn holds(&self, month: Month) -> bool {
        self.effective_from <= month && self.effective_to.is_none_or(|last| month <= last)
    }

    /// What a base costs a month under this policy.
    pub fn contribution(&self, base: Yuan, unit: Ratio, personal: Ratio) -> Contribution {
        Contribution::of(base, unit, personal, self.rounding, self.rounding_scope)
    }
}

/// An account at a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// 户名
    pub name: String,
    /// 账号
    pub number: String,
    /// 开户银行
    pub bank: String,
}

/// One center's rules.
///
/// Whatever a file does not say holds as in most cities, so that files written before a field existed still read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CenterProfile {
    /// Short stable code such as `demo`; part of every signed filing.
    pub code: String,
    /// 中心名称
    pub name: String,
    /// 城市
    pub city: String,
    /// What the clerk should know or still has to ask the center.
    #[serde(default)]
    pub note: Option<String>,
    /// 区县 with limits of their own; empty where the whole city has the same.
    #[serde(default)]
    pub districts: Vec<String>,
    /// Dated policies, newest last.
    pub policies: Vec<Policy>,
    /// Length of a personal account where the center has one length.
    pub account_length: Option<u8>,
    /// Identity documents it takes: national code → its name.
    pub id_types: BTreeMap<String, String>,
    /// Codes of identity documents where somebody writes others than the national ones: target → national code →
    /// its code there. A target is what is written or read, by the name of its upload template.
    #[serde(default)]
    pub id_type_codes: BTreeMap<String, BTreeMap<String, String>>,
    /// 封存原因 it knows.
    #[serde(default = "SealReason::typical")]
    pub seal_reasons: Vec<SealReason>,
    /// Kinds of filings it takes, each with when a second person has to countersign.
    #[serde(default = "Approval::of_every_kind")]
    pub kinds: BTreeMap<FilingKind, Approval>,
    /// How often and what may be changed.
    #[serde(default)]
    pub limits: ChangeLimits,
    /// Day of the month (1 to 31) after which changes count for the next month; `None` where none is set
    #[serde(default)]
    pub cut_off_day: Option<u8>,
    /// 汇缴日: day of the month (1 to 31) by which that month is to be paid; `None` where none is set
    #[serde(default)]
    pub remittance_day: Option<u8>,
    /// 年度基数调整 is taken from … to …, each year; `None` where none is set
    #[serde(default)]
    pub base_window: Option<BaseWindow>,
    /// 非工作日, and whether what falls due on them is due later.
    #[serde(default, skip_serializing_if = "DaysOff::is_usual")]
    pub days_off: DaysOff,
    /// 预缴: months after the current one may be verified.
    #[serde(default)]
    pub prepayment: bool,
    /// 归集专户, into which units pay; `None` where the center has not said
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_account: Option<BankAccount>,
    /// How filings reach it.
    #[serde(default)]
    pub channel: Channel,
    /// What is done while its revocation list is old.
    #[serde(default, skip_serializing_if = "StaleCrl::is_usual")]
    pub stale_crl: StaleCrl,
    /// 最低 TLS 版本: the oldest TLS that is spoken with it.
    #[serde(default, skip_serializing_if = "MinimumTls::is_usual")]
    pub minimum_tls: MinimumTls,
    /// What its files are written in; a name that it cannot hold cannot be filed.
    #[serde(default)]
    pub encoding: Encoding,
    /// 缴存基数 is filed in whole …
    #[serde(default)]
    pub base_unit: BaseUnit,
    /// 签名 that it takes, and how operators prove themselves.
    #[serde(default, skip_serializing_if = "SignatureRules::is_usual")]
    pub signatures: SignatureRules,
    /// Who stamps filings with the time; nobody where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamps: Option<TimestampServer>,
    /// Years for which a unit keeps the data of people who left, beside what was signed; then 清理 takes them.
    #[serde(default = "usual_retention", skip_serializing_if = "is_usual_retention")]
    pub retention_years: u8,
    /// 附件 that it takes.
    #[serde(default)]
    pub attachments: AttachmentLimits,
    /// 贷款额度 formula; `None` where the center has published none
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loan: Option<LoanRule>,
    /// The files in which it takes filings that no gateway carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upload_templates: Vec<upload::UploadTemplate>,
    /// Mappings of columns that travel with the rules from computer to computer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<ColumnMapping>,
}

/// The program's own figure, which no rule of a center's names: longer than the two years for which an employer has to
/// keep contracts that have ended (劳动合同法 第五十条), and long enough to answer the usual questions about the past.
pub const USUAL_RETENTION: u8 = 5;

fn usual_retention() -> u8 {
    USUAL_RETENTION
}

fn is_usual_retention(years: &u8) -> bool {
    *years == USUAL_RETENTION
}

/// One card: what the standard calls it, what stands on it since 2017, and what people call it.
const PERMANENT_RESIDENCE: [&str; 5] =
    ["外国人永久居留证", "外国人永久居留身份证", "永久居留身份证", "永久居留证", "五星卡"];

/// The profiles that come with the program: code and JSON.
const SHIPPED: &[(&str, &str)] = &[
    ("demo", include_str!("../profiles/demo.json")),
    ("jiaozuo", include_str!("../profiles/jiaozuo.json")),
    ("dezhou", include_str!("../profiles/dezhou.json")),
    ("hengyang", include_str!("../profiles/hengyang.json")),
    ("huangshi", include_str!("../profiles/huangshi.json")),
];

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

    /// The profile that comes with the program for a city (焦作, 焦作市).
    pub fn shipped_for(city: &str) -> Option<Self> {
        let plain = |name: &str| name.trim().trim_end_matches('市').to_owned();
        Self::shipped_codes().filter_map(Self::shipped).find(|profile| plain(&profile.city) == plain(city))
    }

    /// The national code of a type of identity document, given as code (`01`, `1`) or name.
    pub fn id_type(&self, text: &str) -> Option<&str> {
        let said = characters::squeezed(text);
        self.id_types
            .iter()
            .find(|(code, name)| {
                said == **code
                    || said == **name
                    || code.strip_prefix('0').is_some_and(|short| said == short)
                    || said.strip_suffix(name.as_str()).is_some_and(|front| matches!(front, "居民" | "中国" | "公民"))
                    || [&*said, name.as_str()].iter().all(|called| PERMANENT_RESIDENCE.contains(called))
            })
            .map(|(code, _)| code.as_str())
    }

    /// The names of the documents that the center takes, as they are listed for a clerk.
    pub(crate) fn id_type_names(&self) -> String {
        self.id_types.values().map(String::as_str).collect::<Vec<_>>().join("、")
    }

    /// The code of a type of identity document as a target writes it: its own, else the national one.
    pub fn id_type_for<'a>(&'a self, target: &str, national: &'a str) -> &'a str {
        self.id_type_codes.get(target).and_then(|codes| codes.get(national)).map_or(national, String::as_str)
    }

    /// The policy that holds for a month where no district has one of its own.
    pub fn policy(&self, month: Month) -> Option<&Policy> {
        self.policy_in(month, None)
    }

    /// The policy that holds for a month in a district: its own, else the center's.
    pub fn policy_in(&self, month: Month, district: Option<&str>) -> Option<&Policy> {
        let newest = |wanted: Option<&str>| {
            self.policies.iter().rev().find(|policy| policy.district.as_deref() == wanted && policy.holds(month))
        };
        district.and_then(|district| newest(Some(district))).or_else(|| newest(None))
    }

    /// A reason by its name.
    pub fn seal_reason(&self, name: &str) -> Option<&SealReason> {
        self.seal_reasons.iter().find(|reason| reason.name == name)
    }

    /// What a name has to fit into: the center's own encoding, and that of every text it takes as upload file.
    pub fn narrowest_encoding(&self) -> Encoding {
        let texts = self.upload_templates.iter().filter_map(|template| template.text.as_ref());
        let gbk = texts.into_iter().any(|text| text.encoding == upload::TextEncoding::Gbk);
        if gbk { Encoding::Gbk } else { self.encoding }
    }

    /// The items of a unit's data that a clerk may change.
    pub fn unit_items(&self) -> &BTreeSet<UnitItem> {
        &self.limits.unit_items
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
    fn a_file_from_before_a_field_existed_still_reads() {
        let mut old: serde_json::Value = serde_json::to_value(CenterProfile::shipped("demo").unwrap()).unwrap();
        let fields = old.as_object_mut().unwrap();
        fields.retain(|field, _| {
            ["code", "name", "city", "policies", "account_length", "id_types"].contains(&field.as_str())
        });
        for policy in fields["policies"].as_array_mut().unwrap() {
            let policy = policy.as_object_mut().unwrap();
            policy.retain(|field, _| !["district", "ratio_step", "equal_ratio"].contains(&field.as_str()));
        }
        let read: CenterProfile = serde_json::from_value(old.clone()).unwrap();
        assert_eq!(read.seal_reasons, SealReason::typical(), "the usual reasons");
        assert_eq!(read.limits, ChangeLimits::default(), "the usual limits");
        assert_eq!(read.kinds, Approval::of_every_kind(), "every kind, nobody asked twice");
        assert_eq!(validate(&read), [], "and it can be worked with");
        old["surplus"] = 1.into();
        assert!(serde_json::from_value::<CenterProfile>(old).is_err(), "a rule nobody knows is not passed over");
    }

    #[test]
    fn a_district_s_own_record_goes_before_the_center_s() {
        let mut demo = CenterProfile::shipped("demo").unwrap();
        demo.districts = vec!["顺山区".into(), "河口县".into()];
        let mut own = demo.policies[1].clone();
        own.district = Some("顺山区".into());
        own.base_floor = "1900".parse().ok();
        demo.policies.insert(0, own);
        let floor = |month: &str, district: Option<&str>| {
            demo.policy_in(month.parse().unwrap(), district).and_then(|policy| policy.base_floor).map(|f| f.to_string())
        };
        assert_eq!(floor("2026-07", Some("顺山区")).as_deref(), Some("1900.00"), "its own");
        assert_eq!(floor("2026-06", Some("顺山区")).as_deref(), Some("1950.00"), "before its own, the center's");
        assert_eq!(floor("2026-07", Some("河口县")).as_deref(), Some("2100.00"), "no record of its own");
        assert_eq!(floor("2026-07", None).as_deref(), Some("2100.00"), "no district, never another's limits");
    }

    #[test]
    fn the_source_cities_say_what_is_known_and_no_more() {
        let at = "2026-07".parse().unwrap();
        for code in ["jiaozuo", "dezhou"] {
            let profile = CenterProfile::shipped(code).unwrap();
            for policy in &profile.policies {
                assert_eq!((policy.base_floor, policy.base_ceiling), (None, None), "{code}: nothing was published");
            }
            assert!(profile.note.unwrap().contains("请向中心核实"), "{code}: whom to ask");
        }
        let hengyang = CenterProfile::shipped_for("衡阳").unwrap();
        let policy = hengyang.policy(at).unwrap();
        let (ceiling, share) = (policy.base_ceiling.unwrap(), policy.ratio_ceiling);
        let most = policy.contribution(ceiling, share, share).monthly();
        assert_eq!(Some(most), policy.amount_ceiling, "its method gives the ceiling it published");
        let (floor, share) = (policy.base_floor.unwrap(), policy.ratio_floor);
        let least = policy.contribution(floor, share, share).monthly();
        assert_eq!(Some(least), policy.amount_floor, "and the floor");
        let huangshi = CenterProfile::shipped_for("黄石市").unwrap();
        assert_eq!(huangshi.policy(at).unwrap().base_ceiling, None, "its year has ended");
        assert!(CenterProfile::shipped_for("北京").is_none(), "a city of the collection has no profile of its own");
    }

    #[test]
    fn a_name_has_to_fit_into_every_text_the_center_takes() {
        let mut dezhou = CenterProfile::shipped("dezhou").unwrap();
        assert_eq!(dezhou.narrowest_encoding(), Encoding::Utf8, "nothing narrower is said");
        let json = serde_json::json!({
            "kind": "base_adjustment", "name": "基数", "file": "txt",
            "text": { "encoding": "gbk", "separator": "|", "quoting": "never", "line_end": "cr_lf", "last_line_ended": true },
            "header_row": null, "first_row": 1, "columns": [], "file_name": "a.txt"
        });
        dezhou.upload_templates = vec![serde_json::from_value(json).unwrap()];
        assert_eq!(dezhou.narrowest_encoding(), Encoding::Gbk, "what a GBK text cannot hold is asked about at once");
        dezhou.upload_templates.clear();
        dezhou.encoding = Encoding::Gbk;
        assert_eq!(dezhou.narrowest_encoding(), Encoding::Gbk, "as is what the center says of itself");
    }

    #[test]
    fn id_types_by_code_or_name() {
        let demo = CenterProfile::shipped("demo").unwrap();
        for text in ["01", "1", "身份证", "居民身份证", " 身份证 ", "０１"] {
            assert_eq!(demo.id_type(text), Some("01"), "{text:?}");
        }
        assert_eq!(demo.id_type("护照"), Some("03"), "by name");
        for text in ["外国人永久居留证", "外国人永久居留身份证", "永久居留证", " 五星卡 ", "4"]
        {
            assert_eq!(demo.id_type(text), Some("04"), "{text:?}: one card under its names");
        }
        for text in ["外国人居留证", "外国人", "居留身份证"] {
            assert_eq!(demo.id_type(text), None, "{text:?}: another paper, or not said");
        }
        assert_eq!(demo.id_type("学生证"), None, "a type the center does not take");
        let mut demo = demo;
        demo.id_types.insert("04".into(), "外国人永久居留身份证".into());
        assert_eq!(demo.id_type("外国人永久居留证"), Some("04"), "whichever name the center has");
        demo.id_types.remove("04");
        assert_eq!(demo.id_type("外国人永久居留证"), None, "a center that does not take it");
        demo.id_type_codes.insert("清册".into(), [("03".to_owned(), "2".to_owned())].into());
        assert_eq!(demo.id_type_for("清册", "03"), "2", "as that target writes it");
        assert_eq!(demo.id_type_for("清册", "01"), "01", "the national one where it names no other");
        assert_eq!(demo.id_type_for("网厅", "03"), "03", "another target");
    }
}
