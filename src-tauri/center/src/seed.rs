//! What a center knows from the start: its rules, a unit, the people in it, the operators.

use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::DueLine;
use huijiao_domain::roster::{Contributor, Unit};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What an operator may do in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitRole {
    /// 经办: makes, signs and submits filings.
    Clerk,
    /// 复核: countersigns.
    Approver,
    /// 查询: reads.
    Viewer,
}

impl UnitRole {
    /// As it is written on the wire and in the register.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Approver => "approver",
            Self::Viewer => "viewer",
        }
    }
}

/// An operator as the register knows him: by his certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// 姓名
    pub name: String,
    /// What he may do in the seed's unit.
    pub role: UnitRole,
    /// SHA-256 of his certificate (DER), lower-case hex.
    pub certificate_sha256: String,
}

/// A month that was verified and paid before the center's books begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastMonth {
    /// 汇缴年月
    pub month: Month,
    /// Who was due.
    pub lines: Vec<DueLine>,
}

/// What a contributor took out of his account before the center's books begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastWithdrawal {
    /// 提取日期
    pub on: Date,
    /// 个人账号
    pub personal_account: String,
    /// 提取原因
    pub reason: String,
    /// Yuan; what the past months put on the account by then is enough for it.
    pub amount: Yuan,
}

/// One unit with everything around it. Seeding a unit that is already there changes nothing in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The center's rules; replaces what was there.
    pub profile: CenterProfile,
    /// The unit; its head counts are taken from the contributors.
    pub unit: Unit,
    /// Everybody in it, sealed ones too.
    pub contributors: Vec<Contributor>,
    /// Months that were verified and paid before, oldest first, the last one just before its first unverified one.
    #[serde(default)]
    pub months: Vec<PastMonth>,
    /// What was withdrawn in those months.
    #[serde(default)]
    pub withdrawals: Vec<PastWithdrawal>,
    /// Last day of its agreement on 委托收款.
    #[serde(default)]
    pub debit_agreement: Option<Date>,
    /// Who acts for it; added to those already there.
    #[serde(default)]
    pub operators: Vec<Operator>,
}
