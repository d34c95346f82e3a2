//! 各单位本月: every unit that is worked for here and how far its month is, and leaving one for another.

use std::collections::{BTreeMap, BTreeSet};

use huijiao_domain::month::Month;
use huijiao_domain::roster::Unit;
use huijiao_store::Store;
use jiff::Timestamp;

use crate::drafts::UnitKey;
use crate::filings::{FilingHead, reopenable, stage};
use crate::joining::{center_of, joined_units};
use crate::search::{letters, says};
use crate::session::UnitBooks;
use crate::units::{band_of, own_units};
use crate::views::{DraftLine, FilingStage, UnitMonthLine, UnitStanding, UnitsMonth, UploadStage};
use crate::{Desk, DeskError, profiles, text};

impl Desk {
    /// The units, those that want something first; of them those that a few letters fit: name, how it is spelled,
    /// account, center.
    ///
    /// # Errors
    /// The local data is locked or damaged.
    pub fn units_month(&self, find: &str) -> Result<UnitsMonth, DeskError> {
        let mut inner = self.inner();
        let month_at =
            |at: Timestamp| Month::of(text::local(at).date()).map_err(|e| DeskError::Internal(e.to_string()));
        // The practice has a calendar of its own.
        let (current, practiced) = (month_at(self.config.clock.now())?, month_at(self.now(&inner))?);
        let mut drafts: BTreeMap<UnitKey, Vec<DraftLine>> = BTreeMap::new();
        for (place, line) in self.lines_of_all(inner.store()?)? {
            drafts.entry(place).or_default().push(line);
        }
        let mut stages: BTreeMap<UnitKey, Vec<(String, FilingStage)>> = BTreeMap::new();
        let store = inner.store()?;
        for filing in store.filings::<FilingHead>()? {
            let of = stage(&filing);
            let returned = [FilingStage::Refused, FilingStage::PartlySettled].contains(&of);
            // What was made a draft again is that draft's matter.
            if returned && !reopenable(store, &filing)? {
                continue;
            }
            stages.entry((filing.center, filing.unit_account)).or_default().push((filing.period, of));
        }
        let mut units: Vec<(String, Unit, Option<u8>)> = Vec::new();
        for own in own_units(store)? {
            if let Some((unit, _)) = store.unit::<Unit>(&own.account)? {
                let band = Some(band_of(store, &own.account)?);
                units.push((own.profile, unit, band));
            }
        }
        let mut centers: BTreeMap<String, String> = BTreeMap::new();
        for joined in joined_units(store)? {
            let info = center_of(store, &joined.account)?;
            if let (Some((unit, _)), Some(info)) = (store.unit::<Unit>(&joined.account)?, info) {
                let band = Some(band_of(store, &joined.account)?);
                centers.insert(joined.account, info.profile.name);
                units.push((info.profile.code, unit, band));
            }
        }
        let open = inner.session.as_ref().map(|session| {
            let band = (!session.connection.demo).then_some(session.band);
            (session.info.profile.code.clone(), session.unit.clone(), band)
        });
        let at = open.as_ref().and_then(|(_, unit, _)| unit.as_ref().map(|unit| unit.account.clone()));
        if let Some((center, Some(unit), band)) = open
            && !units.iter().any(|(_, own, _)| own.account == unit.account)
        {
            units.push((center, unit, band));
        }
        let store = inner.store()?;
        let mut owing = BTreeSet::new();
        for (_, unit, _) in &units {
            if owes(store, unit)? {
                owing.insert(unit.account.clone());
            }
        }
        let mut lines: Vec<UnitMonthLine> = units
            .into_iter()
            .map(|(center, unit, band)| {
                let place = (center, unit.account.clone());
                let drafts = drafts.remove(&place).unwrap_or_default();
                let stages = stages.remove(&place).unwrap_or_default();
                let session = inner.session.as_ref().filter(|s| s.connection.unit_account == unit.account);
                let joined = centers.remove(&unit.account);
                let logs_in = joined.is_some();
                let center = match (session, joined) {
                    (Some(session), _) => session.info.profile.name.clone(),
                    (None, Some(center)) => center,
                    (None, None) => profiles::known(&inner, &place.0).map_or(place.0, |(profile, _)| profile.name),
                };
                let month = OwnMonth {
                    first_unverified: unit.first_unverified,
                    owes: owing.contains(&unit.account),
                    current: if band.is_none() { practiced } else { current },
                };
                UnitMonthLine {
                    center,
                    month: unit.first_unverified.to_string(),
                    people: unit.contributors,
                    drafts: u32::try_from(drafts.len()).unwrap_or(u32::MAX),
                    standing: month.standing(&drafts, &stages),
                    open: at.as_ref() == Some(&unit.account),
                    demo: band.is_none(),
                    band,
                    logs_in,
                    account: unit.account,
                    name: unit.name,
                }
            })
            .collect();
        let total = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let find = letters(find);
        lines.retain(|line| {
            find.is_empty() || says(&line.name, &find) || line.account.contains(&find) || says(&line.center, &find)
        });
        lines.sort_by(|a, b| (a.standing, &a.name).cmp(&(b.standing, &b.name)));
        Ok(UnitsMonth { total, lines })
    }

    /// Leaves the open unit: nothing is open then but the data.
    ///
    /// # Errors
    /// None today; as every step.
    pub fn unit_leave(&self) -> Result<(), DeskError> {
        self.inner().leave();
        Ok(())
    }
}

/// Whether a unit owes what is not paid, a verified month or what was filed: by the center's books, or by the unit's own
/// data without them.
fn owes(store: &Store, unit: &Unit) -> Result<bool, DeskError> {
    let of_books = |(kept, _): (UnitBooks, String)| !kept.books.dues.is_empty();
    let of_unit = unit.paid_through.next() < unit.first_unverified;
    Ok(store.books::<UnitBooks>(&unit.account)?.map_or(of_unit, of_books))
}

/// How far a unit is with its months, by the center as it is known here.
struct OwnMonth {
    /// 应汇缴年月
    first_unverified: Month,
    /// Something that was verified or filed is not paid.
    owes: bool,
    /// By the calendar.
    current: Month,
}

impl OwnMonth {
    /// What most wants to be seen to. What is of a month before is past, unless nobody has decided about it yet.
    fn standing(&self, drafts: &[DraftLine], stages: &[(String, FilingStage)]) -> UnitStanding {
        let here = |period: &str| period.parse::<Month>().is_ok_and(|month| month >= self.first_unverified);
        let exported = drafts.iter().any(|draft| draft.upload == Some(UploadStage::Exported));
        let drafts: Vec<&DraftLine> = drafts.iter().filter(|draft| here(&draft.period)).collect();
        let uploaded =
            |wanted: &[UploadStage]| drafts.iter().any(|draft| draft.upload.is_some_and(|at| wanted.contains(&at)));
        let filed = |wanted: &[FilingStage]| stages.iter().any(|(period, at)| wanted.contains(at) && here(period));
        let undecided = |wanted: &[FilingStage]| stages.iter().any(|(_, at)| wanted.contains(at));
        if uploaded(&[UploadStage::Refused, UploadStage::PartlyAccepted])
            || filed(&[FilingStage::Refused, FilingStage::PartlySettled])
        {
            UnitStanding::Refused
        } else if undecided(&[FilingStage::Unknown, FilingStage::Submitting, FilingStage::Signed]) {
            UnitStanding::Unfinished
        } else if drafts.iter().any(|draft| draft.upload.is_none() && draft.blocking > 0) {
            UnitStanding::Faults
        } else if drafts.iter().any(|draft| draft.upload.is_none()) || uploaded(&[UploadStage::Changed]) {
            UnitStanding::Ready
        } else if exported {
            UnitStanding::Exported
        } else if undecided(&[FilingStage::AwaitingApproval, FilingStage::InReview]) {
            UnitStanding::Waiting
        } else if self.owes {
            UnitStanding::Unpaid
        } else if self.first_unverified > self.current {
            UnitStanding::Done
        } else if uploaded(&[UploadStage::Accepted]) || filed(&[FilingStage::Accepted, FilingStage::Settled]) {
            UnitStanding::Unverified
        } else {
            UnitStanding::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    /// A draft of July.
    fn draft(blocking: u32, upload: Option<UploadStage>) -> DraftLine {
        DraftLine {
            draft: "d".into(),
            kind: "base_adjustment".into(),
            period: "2026-07".into(),
            file_name: "表.xlsx".into(),
            people: 1,
            blocking,
            saved_at: String::new(),
            upload,
        }
    }

    fn month(first_unverified: &str, owes: bool, current: &str) -> OwnMonth {
        OwnMonth { first_unverified: first_unverified.parse().unwrap(), owes, current: current.parse().unwrap() }
    }

    fn of_july(stage: FilingStage) -> (String, FilingStage) {
        ("2026-07".into(), stage)
    }

    #[test]
    fn what_most_wants_to_be_seen_to_is_what_is_said() {
        let july = month("2026-07", false, "2026-07");
        for (drafts, stages, said) in [
            (vec![], vec![], UnitStanding::Nothing),
            (vec![draft(0, None)], vec![], UnitStanding::Ready),
            (vec![draft(0, None), draft(3, None)], vec![], UnitStanding::Faults),
            (vec![draft(3, Some(UploadStage::Exported))], vec![], UnitStanding::Exported),
            (vec![draft(0, Some(UploadStage::Changed))], vec![], UnitStanding::Ready),
            (vec![draft(0, Some(UploadStage::Accepted))], vec![], UnitStanding::Unverified),
            (vec![draft(9, None), draft(0, Some(UploadStage::Refused))], vec![], UnitStanding::Refused),
            (vec![draft(9, None)], vec![FilingStage::Unknown], UnitStanding::Unfinished),
            (vec![], vec![FilingStage::AwaitingApproval, FilingStage::Settled], UnitStanding::Waiting),
            (vec![], vec![FilingStage::Settled, FilingStage::Withdrawn], UnitStanding::Unverified),
            (vec![], vec![FilingStage::Withdrawn], UnitStanding::Nothing),
            (vec![draft(0, None)], vec![FilingStage::Kept], UnitStanding::Ready),
            (vec![draft(0, Some(UploadStage::Accepted))], vec![FilingStage::Kept], UnitStanding::Unverified),
        ] {
            let stages: Vec<_> = stages.into_iter().map(of_july).collect();
            assert_eq!(july.standing(&drafts, &stages), said, "{drafts:?} {stages:?}");
        }
    }

    #[test]
    fn a_month_is_done_when_it_is_verified_and_paid_and_not_because_something_was_filed() {
        let settled = [of_july(FilingStage::Settled)];
        for (at, said) in [
            (month("2026-07", false, "2026-07"), UnitStanding::Unverified),
            (month("2026-08", true, "2026-07"), UnitStanding::Unpaid),
            (month("2026-08", false, "2026-07"), UnitStanding::Done),
            (month("2026-08", true, "2026-08"), UnitStanding::Unpaid),
        ] {
            assert_eq!(at.standing(&[], &settled), said);
        }
    }

    #[test]
    fn what_was_done_last_month_is_not_done_this_month() {
        let august = month("2026-08", false, "2026-08");
        for stage in [FilingStage::Settled, FilingStage::Refused, FilingStage::PartlySettled] {
            assert_eq!(august.standing(&[], &[of_july(stage)]), UnitStanding::Nothing, "{stage:?} is of July");
        }
        for upload in [None, Some(UploadStage::Accepted)] {
            assert_eq!(august.standing(&[draft(3, upload)], &[]), UnitStanding::Nothing, "{upload:?} is of July");
        }
        let exported = august.standing(&[draft(0, Some(UploadStage::Exported))], &[]);
        assert_eq!(exported, UnitStanding::Exported, "whatever its month, what the center said is not known here");
        let lost = august.standing(&[], &[of_july(FilingStage::Unknown)]);
        assert_eq!(lost, UnitStanding::Unfinished, "whatever its month, nobody knows whether the center has it");
        let waits = august.standing(&[], &[of_july(FilingStage::AwaitingApproval)]);
        assert_eq!(waits, UnitStanding::Waiting, "somebody still has to sign it");
    }
}
