//! What the center answers to reads.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::Known;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::receipt::FilingState;

/// `GET /v1/center`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CenterInfo {
    /// 1
    pub protocol: u8,
    /// RFC 3339 with an offset, by the center's clock.
    pub time: String,
    /// The center's rules.
    pub profile: CenterProfile,
    /// Kinds of filings it takes.
    pub kinds: Vec<FilingKind>,
}

/// One entry of `GET /v1/units`: a unit of this operator and the operator's role there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitOfOperator {
    /// 单位账号 (DWZH)
    pub account: String,
    /// 单位名称 (DWMC)
    pub name: String,
    /// `clerk`, `approver` or `viewer`
    pub role: String,
}

/// Body of `POST /v1/units/{account}/lookup`: people who are not in the unit, at most [`crate::MAX_LOOKUP`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Who is asked about.
    pub people: Vec<Person>,
}

/// Somebody as the client knows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 姓名 (XINGMING); nothing is told of an account under another name
    pub name: String,
}

/// Answer of `POST /v1/units/{account}/lookup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupAnswer {
    /// One answer for each person, in their order.
    pub answers: Vec<Known>,
}

/// `GET /v1/filings/{id}` and each entry of `GET /v1/filings`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingStatus {
    /// The filing's own id.
    pub id: Uuid,
    /// 业务流水号 (YWLSH)
    pub filing_number: String,
    /// 单位账号 (DWZH)
    pub unit_account: String,
    /// Its kind.
    pub kind: FilingKind,
    /// Month it takes effect.
    pub period: Month,
    /// Where it stands.
    pub state: FilingState,
    /// RFC 3339 with an offset.
    pub accepted_at: String,
    /// SHA-256 of the filing file, lower-case hex.
    pub filing_sha256: String,
    /// `receipt.p7m`, base64.
    pub receipt: String,
}
