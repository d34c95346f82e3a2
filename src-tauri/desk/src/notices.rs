//! 提醒: what waits for the user, in one list, each with the way to where it is seen to.

use std::collections::BTreeSet;

use huijiao_domain::texts;
use huijiao_signing::Role;
use huijiao_store::Store;

use crate::error::DeskError;
use crate::filings::{FilingHead, reopenable, stage};
use crate::views::{
    Announcement, DeadlineView, FilingStage, Jump, JumpScreen, NoticeLine, NoticeTone, NoticesView, UiError,
};
use crate::{Desk, Inner};

impl Desk {
    /// What waits for the user in the open unit.
    ///
    /// # Errors
    /// No session; a certificate file or the store that cannot be read.
    pub fn notices(&self) -> Result<NoticesView, DeskError> {
        let (deadlines, certificates) = self.pressing_deadlines()?;
        let mut inner = self.inner();
        let read = kept_keys(&mut inner, READ)?;
        let mut notices: Vec<NoticeLine> = self.data_notices(&inner).iter().map(of_data).collect();
        notices.extend(of_filings(&mut inner)?);
        notices.extend(of_approval(&inner)?);
        notices.extend(deadlines.iter().map(|line| of_deadline(line, to("看本月", JumpScreen::Month, ""))));
        notices.extend(certificates.iter().map(of_certificate));
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
            let name = setting(&inner, READ)?;
            inner.store()?.set_setting(&name, &looked)?;
        }
        self.notices()
    }

    /// What the system is to say of what waits: each matter once, whoever locked the screen; nothing where the user
    /// does not want it, or has the window before her, which says it by itself.
    ///
    /// # Errors
    /// As [`Desk::notices`]; without a session there is nothing to say.
    pub fn announcement(&self, in_front: bool) -> Result<Option<Announcement>, DeskError> {
        if self.inner().session.is_none() || !self.preferences()?.notify {
            return Ok(None);
        }
        let now = self.notices()?.notices;
        let pressing = now.iter().filter(|notice| notice.tone != NoticeTone::Note || is_certificate(notice));
        let (waiting, fresh) = {
            let mut inner = self.inner();
            let told = kept_keys(&mut inner, TOLD)?;
            let waiting: BTreeSet<&String> = pressing.clone().map(|notice| &notice.key).collect();
            let fresh: Vec<&NoticeLine> =
                pressing.filter(|notice| !notice.read && !told.contains(&notice.key)).collect();
            if told.iter().ne(waiting.iter().copied()) {
                let name = setting(&inner, TOLD)?;
                inner.store()?.set_setting(&name, &waiting)?;
            }
            (waiting.len(), fresh)
        };
        let Some(first) = fresh.first().filter(|_| !in_front) else { return Ok(None) };
        let title = if waiting == 1 {
            "汇缴通提醒".to_owned()
        } else {
            format!("汇缴通提醒：{waiting} 件事待处理")
        };
        Ok(Some(Announcement { title, text: first.title.clone() }))
    }
}

const READ: &str = "read";
const TOLD: &str = "told";

/// The steps at which the end of a certificate is said anew, in days.
const CERTIFICATE_STEPS: [i32; 4] = [1, 7, 30, 60];

fn is_certificate(notice: &NoticeLine) -> bool {
    notice.jump.as_ref().is_some_and(|jump| matches!(jump.screen, JumpScreen::Certificates))
}

/// The end of a certificate, as a matter of its own at each step.
fn of_certificate(line: &DeadlineView) -> NoticeLine {
    let mut notice = of_deadline(line, to("去看证书", JumpScreen::Certificates, ""));
    let step = CERTIFICATE_STEPS.into_iter().find(|step| line.days_left <= *step);
    if let Some(step) = step {
        notice.key = format!("{}:{step}", notice.key);
    }
    notice
}

/// Under this name the store keeps what was looked at, or what the system was asked to say.
fn setting(inner: &Inner, of: &str) -> Result<String, DeskError> {
    let session = inner.session()?;
    Ok(format!("notices-{of}:{}:{}", session.info.profile.code, session.connection.unit_account))
}

fn kept_keys(inner: &mut Inner, of: &str) -> Result<BTreeSet<String>, DeskError> {
    let name = setting(inner, of)?;
    Ok(inner.store()?.setting(&name)?.unwrap_or_default())
}

fn notice(key: String, tone: NoticeTone, title: String, text: &str, jump: Option<Jump>) -> NoticeLine {
    NoticeLine { key, tone, title, text: text.into(), jump, read: false }
}

fn to(label: &str, screen: JumpScreen, argument: impl ToString) -> Option<Jump> {
    Some(Jump { label: label.into(), screen, argument: argument.to_string() })
}

/// Backups, the recovery passphrase, the log of operations, the chain of receipts.
fn of_data(trouble: &UiError) -> NoticeLine {
    let code = trouble.code.as_str();
    let jump = match code {
        DeskError::AUDIT_BROKEN | DeskError::AUDIT_CUT => to("去看操作日志", JumpScreen::Audit, ""),
        DeskError::RECEIPT_GAP | DeskError::RECEIPT_FORK | DeskError::RECEIPT_DROPPED | DeskError::RECEIPT_FORGED => {
            to("去看回执链", JumpScreen::Filings, "")
        }
        DeskError::RECOVERY_MISSING => to("去设置恢复口令", JumpScreen::Data, ""),
        _ => to("去看备份", JumpScreen::Data, ""),
    };
    // Nothing is wrong yet.
    let tone = if code == DeskError::RECOVERY_MISSING { NoticeTone::Warn } else { NoticeTone::Bad };
    let remedy = texts::lookup(code).map_or("", |text| text.remedy.as_str());
    notice(format!("data:{code}"), tone, texts::title(code).into(), &texts::fill(remedy, &trouble.args), jump)
}

/// Filings of this computer that did not end well, or did not end.
fn of_filings(inner: &mut Inner) -> Result<Vec<NoticeLine>, DeskError> {
    let session = inner.session()?;
    let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
    let store: &Store = inner.store()?;
    let mut notices = Vec::new();
    for filing in store.filings::<FilingHead>()?.into_iter().filter(|f| f.center == center && f.unit_account == unit) {
        let stage = stage(&filing);
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
            | FilingStage::Withdrawn
            | FilingStage::Kept => continue,
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
    let mut word = when(line);
    if !line.note.is_empty() {
        word = format!("{word}；{}", line.note);
    }
    notice(format!("deadline:{}:{}", line.on, line.label), tone, line.label.clone(), &word, jump)
}

/// The day of a deadline, and how far off it is.
pub(crate) fn when(line: &DeadlineView) -> String {
    let far = match line.days_left {
        0 => "就是今天".to_owned(),
        days if days < 0 => format!("已过 {} 天", days.unsigned_abs()),
        days => format!("还有 {days} 天"),
    };
    format!("{}，{far}", line.on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_a_matter_of_its_own_at_sixty_thirty_seven_days_and_one() {
        let key = |days_left| {
            let (label, note) = ("单位数字证书到期".to_owned(), String::new());
            let urgent = days_left <= 7;
            of_certificate(&DeadlineView { on: "2026-08-24".into(), label, days_left, urgent, note }).key
        };
        let keys: BTreeSet<String> = (0..=60).map(key).collect();
        assert_eq!(keys.len(), CERTIFICATE_STEPS.len(), "not each day: {keys:?}");
        for (before, after) in [(31, 30), (8, 7), (2, 1)] {
            assert_ne!(key(before), key(after), "{before} to {after} days");
        }
    }
}
