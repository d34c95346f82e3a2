//! 各单位本月.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CertificateView, Ticket};
use crate::secret::Secret;

/// `units_month`: the units that are worked for here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnitsMonth {
    /// How many there are, whatever was asked for.
    pub total: u32,
    /// Those asked for; those that want something first.
    pub lines: Vec<UnitMonthLine>,
}

/// A unit and how far its month is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnitMonthLine {
    /// 单位账号
    pub account: String,
    /// 单位名称
    pub name: String,
    /// Name of its center.
    pub center: String,
    /// 应汇缴年月
    pub month: String,
    /// 缴存人数
    pub people: u32,
    /// Open drafts.
    pub drafts: u32,
    /// What most wants to be seen to.
    pub standing: UnitStanding,
    /// It is the one that is open.
    pub open: bool,
    /// The practice unit.
    pub demo: bool,
    /// Number of its colour; none for the practice unit.
    pub band: Option<u8>,
    /// It is at a center with a gateway: whoever opens it logs in.
    pub logs_in: bool,
}

/// `units_joined`: a unit at a center with a gateway.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct JoinedLine {
    /// 单位账号
    pub account: String,
    /// 单位名称; empty until it was opened once.
    pub name: String,
    /// Name of its center; empty until it was opened once.
    pub center: String,
    /// `https://host:port`
    pub address: String,
}

/// `center_look`: a center as the clerk was told of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CenterForm {
    /// Address of its gateway, as it was typed.
    pub address: String,
    /// Ticket of the file with its root certificates.
    pub roots: String,
    /// Code of the rules that say how it is spoken to; empty for the usual way.
    #[serde(default)]
    pub rules: String,
}

/// `center_look`: what it says of itself, and what one trusts with it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CenterLook {
    /// `https://host:port`
    pub address: String,
    /// 中心名称
    pub center: String,
    /// 城市
    pub city: String,
    /// The roots of the file, to be compared with what the center has published.
    pub roots: Vec<RootLine>,
    /// Certificates that are here already: of another unit at this center, on tokens.
    pub certificates: Vec<CertificateView>,
}

/// A root certificate.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RootLine {
    /// Its name.
    pub name: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: String,
}

/// `unit_join`: by what one shows that one may act for the unit.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum JoinWay {
    /// An activation code; the key is made here.
    Code {
        /// 激活码
        code: String,
    },
    /// A key file that one was given.
    File {
        /// Ticket of the file.
        ticket: String,
        /// The password it is under.
        #[ts(type = "string")]
        password: Secret,
    },
    /// A certificate that is here already.
    Here {
        /// Handle.
        certificate: String,
    },
}

/// `unit_split`: a sheet of many units, a workbook for each.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnitSplit {
    /// Folder that the workbooks lie in.
    pub folder: String,
    /// The column by which it was split, as its head says.
    pub column: String,
    /// Each unit, in the order of the sheet.
    pub parts: Vec<UnitPart>,
    /// Rows of people without an account, one-based: they are in none of the workbooks.
    pub left_out: Vec<u32>,
}

/// The part of one unit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnitPart {
    /// 单位账号, as the sheet says it.
    pub account: String,
    /// The unit of that account that is worked for here; absent where there is none.
    pub name: Option<String>,
    /// It is the one that is open.
    pub open: bool,
    /// Rows in it.
    pub rows: u32,
    /// The workbook, to be opened like any other.
    pub ticket: Ticket,
}

/// What a unit most wants; the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum UnitStanding {
    /// 有退回
    Refused,
    /// 提交未完: signed and not sent, or no answer
    Unfinished,
    /// 有须处理: a draft with faults
    Faults,
    /// 可以办理: a draft without
    Ready,
    /// 已导出，待登记结果
    Exported,
    /// 待缴款: a month is verified and its money has not arrived
    Unpaid,
    /// 待核定: something of the month is done, and it is not verified
    Unverified,
    /// 未开始
    Nothing,
    /// 等待复核或审核
    Waiting,
    /// 已办: the month is verified and paid
    Done,
}
