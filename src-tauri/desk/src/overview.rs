//! 各单位本月: every unit that is worked for here and how far its month is, and leaving one for another.

use std::collections::BTreeMap;

use huijiao_domain::roster::Unit;

use crate::drafts::UnitKey;
use crate::filings::{FilingHead, reopenable, stage};
use crate::joining::{center_of, joined_units};
use crate::search::{letters, says};
use crate::units::{band_of, own_units};
use crate::views::{DraftLine, FilingStage, UnitMonthLine, UnitStanding, UnitsMonth, UploadStage};
use crate::{Desk, DeskError, profiles};

impl Desk {
    /// The units, those that want something first; of them those that a few letters fit: name, how it is spelled,
    /// account, center.
    ///
    /// # Errors
    /// The local data is locked or damaged.
    pub fn units_month(&self, find: &str) -> Result<UnitsMonth, DeskError> {
        let mut inner = self.inner();
        let mut drafts: BTreeMap<UnitKey, Vec<DraftLine>> = BTreeMap::new();
        for (place, line) in self.lines_of_all(inner.store()?)? {
            drafts.entry(place).or_default().push(line);
        }
        let mut stages: BTreeMap<UnitKey, Vec<FilingStage>> = BTreeMap::new();
        let store = inner.store()?;
        for filing in store.filings::<FilingHead>()? {
            let of = stage(&filing.state);
            let returned = [FilingStage::Refused, FilingStage::PartlySettled].contains(&of);
            // What was made a draft again is that draft's matter.
            if returned && !reopenable(store, &filing)? {
                continue;
            }
            stages.entry((filing.center, filing.unit_account)).or_default().push(of);
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
                UnitMonthLine {
                    center,
                    month: unit.first_unverified.to_string(),
                    people: unit.contributors,
                    drafts: u32::try_from(drafts.len()).unwrap_or(u32::MAX),
                    standing: standing(&drafts, &stages),
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

/// What most wants to be seen to.
fn standing(drafts: &[DraftLine], stages: &[FilingStage]) -> UnitStanding {
    let uploaded =
        |wanted: &[UploadStage]| drafts.iter().any(|draft| draft.upload.is_some_and(|at| wanted.contains(&at)));
    let filed = |wanted: &[FilingStage]| stages.iter().any(|at| wanted.contains(at));
    if uploaded(&[UploadStage::Refused, UploadStage::PartlyAccepted])
        || filed(&[FilingStage::Refused, FilingStage::PartlySettled])
    {
        UnitStanding::Refused
    } else if filed(&[FilingStage::Unknown, FilingStage::Submitting, FilingStage::Signed]) {
        UnitStanding::Unfinished
    } else if drafts.iter().any(|draft| draft.upload.is_none() && draft.blocking > 0) {
        UnitStanding::Faults
    } else if drafts.iter().any(|draft| draft.upload.is_none()) || uploaded(&[UploadStage::Changed]) {
        UnitStanding::Ready
    } else if uploaded(&[UploadStage::Exported]) {
        UnitStanding::Exported
    } else if filed(&[FilingStage::AwaitingApproval, FilingStage::InReview]) {
        UnitStanding::Waiting
    } else if drafts.is_empty() && stages.is_empty() {
        UnitStanding::Nothing
    } else {
        UnitStanding::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_most_wants_to_be_seen_to_is_what_is_said() {
        for (drafts, stages, said) in [
            (vec![], vec![], UnitStanding::Nothing),
            (vec![draft(0, None)], vec![], UnitStanding::Ready),
            (vec![draft(0, None), draft(3, None)], vec![], UnitStanding::Faults),
            (vec![draft(3, Some(UploadStage::Exported))], vec![], UnitStanding::Exported),
            (vec![draft(0, Some(UploadStage::Changed))], vec![], UnitStanding::Ready),
            (vec![draft(0, Some(UploadStage::Accepted))], vec![], UnitStanding::Done),
            (vec![draft(9, None), draft(0, Some(UploadStage::Refused))], vec![], UnitStanding::Refused),
            (vec![draft(9, None)], vec![FilingStage::Unknown], UnitStanding::Unfinished),
            (vec![], vec![FilingStage::AwaitingApproval, FilingStage::Settled], UnitStanding::Waiting),
            (vec![], vec![FilingStage::Settled, FilingStage::Withdrawn], UnitStanding::Done),
        ] {
            assert_eq!(standing(&drafts, &stages), said, "{drafts:?} {stages:?}");
        }
    }
}
