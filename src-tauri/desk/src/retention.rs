//! 清理: copies of people's data that nobody needs any more go when they are older than the user keeps them; the data of
//! people who left, and whatever has lain as long, when the rules of the unit's center say so and the user agrees.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, USUAL_RETENTION};
use huijiao_protocol::resources::CenterInfo;
use huijiao_store::{AuditEvent, Copies, Expiry, StoreError, UnitExpiry};
use jiff::{ToSpan, Zoned};

use crate::draft::DraftHead;
use crate::error::DeskError;
use crate::units::own_units;
use crate::views::{ErasableView, Erased, RetentionLine, UiError};
use crate::{Desk, Inner, audit, comparison, leftovers, lock, profiles, text};

impl Desk {
    /// How much is kept no longer.
    pub(crate) fn erasable(&self, inner: &mut Inner) -> Result<ErasableView, DeskError> {
        let expiry = self.expiry(inner)?;
        let aside = self.put_aside(&self.limits(inner)?)?;
        Ok(counted(inner.store()?.expired(&expiry)?, &aside))
    }

    /// The units whose data lie here, each with how long its center's rules let them lie.
    pub(crate) fn retention_lines(&self, inner: &mut Inner) -> Result<Vec<RetentionLine>, DeskError> {
        let rules = rules(inner)?.into_iter();
        Ok(rules.map(|(account, (center, years))| RetentionLine { account, center, years }).collect())
    }

    /// Erases it. Filings and receipts stay: they are the unit's own proof. Backups of before still have it: see
    /// [`Desk::older_backups_delete`]. Where somebody reads in the log beside the database it is erased all the same, and
    /// the next time takes it out of there too.
    ///
    /// # Errors
    /// When it cannot be written; then all of it is still there.
    pub fn erase(&self) -> Result<Erased, DeskError> {
        // A backup that is being made still reads what is erased here.
        self.step_cancel();
        let _one = self.one_backup();
        let mut inner = self.inner();
        // By a clock that is wrong nothing is over.
        if let Some(minutes) = inner.session.as_ref().and_then(|session| session.clock_off(self.now(&inner))) {
            return Err(DeskError::refusal_with(DeskError::CLOCK_OFF, "minutes", minutes));
        }
        let expiry = self.expiry(&mut inner)?;
        let aside = self.put_aside(&self.limits(&mut inner)?)?;
        let store = inner.store()?;
        let erased = counted(store.expired(&expiry)?, &aside);
        let summary = summary(&erased);
        let emptied = emptied(store.erase_expired(&expiry))?;
        if !summary.is_empty() {
            leftovers::note_erasure(store, &text::stamp(self.config.clock.now()))?;
        }
        let removed = remove(&aside);
        if let Some(session) = inner.session.as_ref().filter(|session| session.gateway.is_none()) {
            let account = session.connection.unit_account.clone();
            let roster = inner.store()?.roster(&account)?.map(|(roster, _)| Arc::new(roster));
            inner.session.iter_mut().for_each(|session| session.roster.clone_from(&roster));
            inner.names = None;
        }
        // What was looked at may be gone.
        inner.drafts.clear();
        inner.comparing = None;
        inner.deleted.clear();
        inner.queried = None;
        inner.prepared = None;
        inner.unemptied = !emptied;
        // The rows are gone all the same, and nothing of them is shown any more.
        removed?;
        Ok(Erased { summary, erased, trouble: self.unemptied(&inner) })
    }

    /// That what was erased still lies in the log beside the database.
    pub(crate) fn unemptied(&self, inner: &Inner) -> Option<UiError> {
        inner.unemptied.then(|| self.to_ui(&StoreError::LogBusy.into(), ""))
    }

    /// Whether a center has said in this run what time it is, and this computer's clock agrees: by that clock alone, which
    /// somebody may have set years ahead, nothing is erased unasked.
    pub(crate) fn knows_the_time(&self, inner: &Inner) -> bool {
        let now = self.now(inner);
        inner.session.as_ref().is_some_and(|session| session.heard_the_time() && session.clock_off(now).is_none())
    }

    /// Erases copies that the user keeps no longer, and says so in the log of operations.
    pub(crate) fn erase_old(&self, inner: &mut Inner) -> Result<(), DeskError> {
        let since = self.keep_since(inner)?;
        if since.is_none() && !inner.unemptied {
            return Ok(());
        }
        let aside = self.put_aside(since.as_slice())?;
        let copies = since.map(|since| text::stamp(since.timestamp())).unwrap_or_default();
        let expiry = Expiry { copies, ..Expiry::default() };
        let store = inner.store()?;
        let summary = summary(&counted(store.expired(&expiry)?, &aside));
        if summary.is_empty() {
            // What an earlier erasure could not take out of the log.
            store.empty_log()?;
            inner.unemptied = false;
            return Ok(());
        }
        let emptied = emptied(store.erase_expired(&expiry))?;
        remove(&aside)?;
        let at = text::stamp(self.config.clock.now());
        let on = format!("到期自动：{summary}");
        let event =
            AuditEvent { at, who: audit::PROGRAM.into(), what: "audit-erased".into(), on, outcome: String::new() };
        store.audit(&event)?;
        inner.unemptied = !emptied;
        if emptied { Ok(()) } else { Err(StoreError::LogBusy.into()) }
    }

    /// The moment before which copies are not kept; `None` where they are for ever.
    fn keep_since(&self, inner: &mut Inner) -> Result<Option<Zoned>, DeskError> {
        let days = lock::kept(inner)?.retention_days;
        let now = text::local(self.now(inner));
        Ok(if days == 0 { None } else { now.checked_sub(i64::from(days).days()).ok() })
    }

    /// The moments before which what belongs to no unit is not kept: the user's, and that of the usual years.
    fn limits(&self, inner: &mut Inner) -> Result<Vec<Zoned>, DeskError> {
        let usual = text::local(self.now(inner)).checked_sub(i64::from(USUAL_RETENTION).years()).ok();
        Ok(self.keep_since(inner)?.into_iter().chain(usual).collect())
    }

    fn expiry(&self, inner: &mut Inner) -> Result<Expiry, DeskError> {
        let copies = self.keep_since(inner)?.map(|since| text::stamp(since.timestamp())).unwrap_or_default();
        let now = text::local(self.now(inner));
        let ending = |years: u8| {
            let since = now.checked_sub(i64::from(years).years()).ok()?;
            let left_before = Month::of(since.date()).ok()?.to_string();
            Some(UnitExpiry { before: text::stamp(since.timestamp()), left_before })
        };
        let units: BTreeMap<_, _> =
            rules(inner)?.into_iter().filter_map(|(unit, (_, years))| Some((unit, ending(years)?))).collect();
        // Nobody's rules are known for what belongs to no unit any more.
        let usual = ending(USUAL_RETENTION);
        let store = inner.store()?;
        let drafts = store.drafts::<DraftHead>()?.into_iter().map(|d| (d.id, d.head.unit_account, d.saved_at));
        let records = drafts
            .chain(comparison::of_all(store)?)
            .filter(|(_, unit, at)| units.get(unit).or(usual.as_ref()).is_some_and(|limit| *at < limit.before))
            .map(|(id, ..)| id)
            .collect();
        Ok(Expiry { copies, units, records })
    }
}

/// Whether what was erased is out of the log beside the database too: not while somebody reads in it.
fn emptied(erased: Result<(), StoreError>) -> Result<bool, StoreError> {
    match erased {
        Err(StoreError::LogBusy) => Ok(false),
        erased => erased.map(|()| true),
    }
}

/// Name of the center and years, by unit.
fn rules(inner: &mut Inner) -> Result<BTreeMap<String, (String, u8)>, DeskError> {
    let store = inner.store()?;
    let own: BTreeMap<String, String> =
        own_units(store)?.into_iter().map(|unit| (unit.account, unit.profile)).collect();
    let mut units = store.units_kept()?;
    units.extend(own.keys().cloned());
    let mut rules = BTreeMap::new();
    for account in units {
        let of_center = inner.store()?.setting::<CenterInfo>(&format!("center:{account}"))?.map(|info| info.profile);
        let profile: Option<CenterProfile> =
            of_center.or_else(|| profiles::known(inner, own.get(&account)?).ok().map(|(profile, _)| profile));
        let said = profile.map_or_else(|| (String::new(), USUAL_RETENTION), |p| (p.name, p.retention_years));
        rules.insert(account, said);
    }
    Ok(rules)
}

fn counted(copies: Copies, aside: &[PathBuf]) -> ErasableView {
    let Copies { people, drafts, comparisons, workbooks, imports, answers, rosters } = copies;
    ErasableView { people, drafts, comparisons, workbooks, imports, answers, rosters, aside: aside.len() as u64 }
}

fn remove(aside: &[PathBuf]) -> Result<(), DeskError> {
    for folder in aside {
        std::fs::remove_dir_all(folder).map_err(StoreError::from)?;
    }
    Ok(())
}

/// For the log of operations: how many, of nobody's names.
fn summary(erased: &ErasableView) -> String {
    let counts = [
        ("离职人员", erased.people),
        ("草稿", erased.drafts),
        ("比对", erased.comparisons),
        ("工作簿", erased.workbooks),
        ("导入记录", erased.imports),
        ("查询结果", erased.answers),
        ("清册", erased.rosters),
        ("另存的旧数据", erased.aside),
    ];
    let said: Vec<String> =
        counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{what} {count}")).collect();
    said.join("、")
}
