//! 提醒: what waits for the user, in one list, each with the way to where it is seen to.

use std::collections::BTreeSet;

use huijiao_domain::texts;
use huijiao_signing::Role;
use huijiao_store::Store;

use crate::error::DeskError;
use crate::filings::{FilingHead, reopenable, stage};
use crate::views::{DeadlineView, FilingStage, Jump, JumpScreen, NoticeLine, NoticeTone, NoticesView, UiError};
use crate::{Desk, Inner};

impl Desk {
    /// What waits for the user in the open unit.
    ///
    /// # Errors
    /// No session; a certificate file or the store that cannot be read.
    pub fn notices(&self) -> Result<NoticesView, DeskError> {
        let (deadlines, certificate) = self.pressing_deadlines()?;
        let mut inner = self.inner();
        let read = read_keys(&mut inner)?;
        let mut notices: Vec<NoticeLine> = self.data_notices(&inner).iter().map(of_data).collect();
        notices.extend(of_filings(&mut inner)?);
        notices.extend(of_approval(&inner)?);
        notices.extend(deadlines.iter().map(|line| of_deadline(line, to("看本月", JumpScreen::Month, ""))));
        notices.extend(certificate.iter().map(|line| of_deadline(line, to("去看证书", JumpScreen::Certificates, ""))));
        for notice in &mut notices {
            notice.read = read.contains(&notice.key);
        }
        notices.sort_by_key(|notice| notice.tone);
        let unread = notices.iter().filter(|notice| !notice.read).count();
        Ok(NoticesView { notices, unread: u32::try_from(unread).unwrap_or(u32::MAX) })
    }

    /// Notes that the user has looked at these; what no longer waits is forgotten.
    ///
    /// # Errors
    /// As [`Desk::notices`].
    pub fn notices_read(&self, keys: &[String]) -> Result<NoticesView, DeskError> {
        let now = self.notices()?;
        let looked: BTreeSet<&String> = now
            .notices
            .iter()
            .filter(|notice| notice.read || keys.contains(&notice.key))
            .map(|notice| &notice.key)
            .collect();
        {
            let mut inner = self.inner();
            let name = setting(&inner)?;
            inner.store()?.set_setting(&name, &looked)?;
        }
        self.notices()
    }
}

/// Under this name the store keeps what was looked at.
fn setting(inner: &Inner) -> Result<String, DeskError> {
    let session = inner.session()?;
    Ok(format!("notices-read:{}:{}", session.info.profile.code, session.connection.unit_account))
}

fn read_keys(inner: &mut Inner) -> Result<BTreeSet<String>, DeskError> {
    let name = setting(inner)?;
    Ok(inner.store()?.setting(&name)?.unwrap_or_default())
}

fn notice(key: String, tone: NoticeTone, title: String, text: &str, jump: Option<Jump>) -> NoticeLine {
    NoticeLine { key, tone, title, text: text.into(), jump, read: false }
}

fn to(label: &str, screen: JumpScreen, argument: impl ToString) -> Option<Jump> {
    Some(Jump { label: label.into(), screen, argument: argument.to_string() })
}

/// Backups, the log of operations, the chain of receipts.
fn of_data(trouble: &UiError) -> NoticeLine {
    let code = trouble.code.as_str();
    let jump = match code {
        DeskError::AUDIT_BROKEN | DeskError::AUDIT_CUT => to("去看操作日志", JumpScreen::Audit, ""),
        DeskError::RECEIPT_GAP | DeskError::RECEIPT_FORK | DeskError::RECEIPT_DROPPED | DeskError::RECEIPT_FORGED => {
            to("去看回执链", JumpScreen::Filings, "")
        }
        _ => to("去看备份", JumpScreen::Data, ""),
    };
    let remedy = texts::lookup(code).map_or("", |text| text.remedy.as_str());
    notice(
        format!("data:{code}"),
        NoticeTone::Bad,
        texts::title(code).into(),
        &texts::fill(remedy, &trouble.args),
        jump,
    )
}

/// Filings of this computer that did not end well, or did not end.
fn of_filings(inner: &mut Inner) -> Result<Vec<NoticeLine>, DeskError> {
    let session = inner.session()?;
    let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
    let store: &Store = inner.store()?;
    let mut notices = Vec::new();
    for filing in store.filings::<FilingHead>()?.into_iter().filter(|f| f.center == center && f.unit_account == unit) {
        let stage = stage(&filing.state);
        let (tone, said, word) = match stage {
            FilingStage::Unknown | FilingStage::Submitting => {
                (NoticeTone::Bad, "结果尚未确认", "请先查询结果，不要重新提交。")
            }
            FilingStage::Signed => (NoticeTone::Warn, "已签名，还没有提交", "签好的文件在本机，可以继续提交。"),
            FilingStage::Refused | FilingStage::PartlySettled if reopenable(store, &filing)? => {
                (NoticeTone::Bad, "有退回的内容", "查看原因，改好后重新签名提交。")
            }
            FilingStage::Refused
            | FilingStage::PartlySettled
            | FilingStage::AwaitingApproval
            | FilingStage::Accepted
            | FilingStage::InReview
            | FilingStage::Settled
            | FilingStage::Withdrawn => continue,
        };
        let title = format!("{} {}：{said}", filing.head.kind.label(), filing.period);
        let key = format!("filing:{}:{said}", filing.id);
        notices.push(notice(key, tone, title, word, to("查看申报", JumpScreen::Filing, filing.id)));
    }
    Ok(notices)
}

/// What waits for the second person, where the operator is one.
fn of_approval(inner: &Inner) -> Result<Vec<NoticeLine>, DeskError> {
    let session = inner.session()?;
    if session.gateway.is_none() || !session.has_role(Role::Approver) {
        return Ok(Vec::new());
    }
    let lines = session.awaiting.iter().map(|filing| {
        let title = format!("{} {} 等待复核", filing.kind.label(), filing.period);
        let word = format!("业务流水号 {}", filing.filing_number);
        notice(
            format!("approval:{}", filing.id),
            NoticeTone::Warn,
            title,
            &word,
            to("去复核", JumpScreen::Approvals, ""),
        )
    });
    Ok(lines.collect())
}

fn of_deadline(line: &DeadlineView, jump: Option<Jump>) -> NoticeLine {
    let past = line.days_left < 0;
    let tone = match (past, line.urgent) {
        (true, _) => NoticeTone::Bad,
        (false, true) => NoticeTone::Warn,
        (false, false) => NoticeTone::Note,
    };
    let when = match line.days_left {
        0 => "就是今天".to_owned(),
        days if past => format!("已过 {} 天", days.unsigned_abs()),
        days => format!("还有 {days} 天"),
    };
    let word = format!("{}，{when}", line.on);
    notice(format!("deadline:{}:{}", line.on, line.label), tone, line.label.clone(), &word, jump)
}
