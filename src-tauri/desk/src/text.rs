//! Small Chinese forms that views share.

use huijiao_domain::capitals::capitals;
use huijiao_domain::field::Field;
use huijiao_domain::filing::Totals;
use huijiao_domain::finding::Level;
use huijiao_domain::roster::UnitStatus;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::views::{TotalsView, UploadStage};

/// Wire form of a level.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Fix => "fix",
    }
}

/// Errors first, then fixes, then warnings.
pub fn weight(level: Level) -> u8 {
    match level {
        Level::Error => 0,
        Level::Fix => 1,
        Level::Warning => 2,
    }
}

/// Figures with capitals.
pub fn totals(totals: Totals) -> TotalsView {
    TotalsView {
        people: totals.people,
        before: totals.before.to_string(),
        after: totals.after.to_string(),
        difference: totals.difference.to_string(),
        after_capitals: capitals(totals.after),
        difference_capitals: capitals(totals.difference),
    }
}

/// Fields of which one is enough: 证件号码或个人账号.
pub fn any_of(fields: &[Field], title: impl Fn(Field) -> &'static str) -> String {
    fields.iter().map(|field| title(*field)).collect::<Vec<_>>().join("或")
}

/// Where a file that left stands, as it is said in a history.
pub fn upload_stage(stage: UploadStage) -> &'static str {
    match stage {
        UploadStage::Exported => "已导出，待上传",
        UploadStage::Changed => "导出后有修改",
        UploadStage::Accepted => "中心已受理",
        UploadStage::PartlyAccepted => "中心部分受理",
        UploadStage::Refused => "中心退回",
    }
}

/// Chinese name of a unit's account status.
pub fn unit_status(status: UnitStatus) -> &'static str {
    match status {
        UnitStatus::Normal => "正常",
        UnitStatus::Opened => "开户",
        UnitStatus::Deferred => "缓缴",
        UnitStatus::Closed => "销户",
        UnitStatus::Sealed => "封存",
        UnitStatus::Other => "其他",
    }
}

/// Chinese name of a role.
pub fn role(role: &str) -> &'static str {
    match role {
        "clerk" => "经办人",
        "approver" => "复核人",
        "viewer" => "查询员",
        "center" => "中心",
        _ => "操作员",
    }
}

/// `2026-07-06 14:32` in the time of the centers (China has one time zone); the text itself where it is no time.
pub fn local_time(time: &str) -> String {
    time.parse::<Timestamp>().map_or_else(|_| time.to_owned(), |t| local(t).strftime("%Y-%m-%d %H:%M").to_string())
}

/// Whole days from now to a moment, by the centers' calendar; below zero once it is past.
pub fn days_left(now: Timestamp, until: Timestamp) -> Option<i32> {
    let days = local(now).date().until(local(until).date()).ok()?.get_days();
    Some(if until < now { days.min(-1) } else { days })
}

/// A moment in the time of the centers.
pub fn local(time: Timestamp) -> jiff::Zoned {
    time.to_zoned(TimeZone::fixed(jiff::tz::offset(8)))
}

/// RFC 3339 with the offset of the centers.
pub fn stamp(time: Timestamp) -> String {
    local(time).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
