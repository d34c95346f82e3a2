//! 个人账号 that a registration opened: the center gives them, its roster tells them.

use huijiao_domain::filing::Rows;
use huijiao_domain::filing::contributor_registration::ContributorRegistrationRow;
use huijiao_domain::roster::{Contributor, RosterIndex};
use huijiao_sheets::write::{Holds, Listing, listing, safe_stem};

use crate::contributors::{count, line};
use crate::filings::{Signed, id_of, in_a_file_name, of_id, stage};
use crate::kept::number_of;
use crate::views::{ExportedFile, FilingStage, OpenedView};
use crate::workbooks::{LONGEST, put};
use crate::{Desk, DeskError};

/// Lines on the screen; the workbook has all of them.
const SHOWN: usize = 200;

impl Desk {
    /// The accounts of those whom a filing registered, as far as the roster has them; nobody of a filing of another
    /// kind, or of one that the center has not taken.
    ///
    /// # Errors
    /// [`DeskError::FILING_GONE`], [`DeskError::ROSTER_MISSING`]; a kept file that does not verify any more.
    pub fn filing_accounts(&self, filing: &str) -> Result<OpenedView, DeskError> {
        let rows = self.registered(filing)?;
        let inner = self.inner();
        let session = inner.session()?;
        let roster = session.roster.as_ref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let opened = opened(&rows, &RosterIndex::of(roster));
        Ok(OpenedView {
            opened: count(opened.len()),
            awaited: count(rows.len() - opened.len()),
            lines: opened.into_iter().take(SHOWN).map(line).collect(),
            roster_taken_at: session.as_of(),
        })
    }

    /// Writes them as a workbook, in the order of the filing. ID numbers are masked, as on the screen.
    ///
    /// # Errors
    /// As [`Desk::filing_accounts`]; the folder cannot be written.
    pub fn filing_accounts_export(&self, filing: &str) -> Result<ExportedFile, DeskError> {
        let rows = self.registered(filing)?;
        let (list, folder, number) = {
            let mut inner = self.inner();
            let session = inner.session()?;
            let roster = session.roster.clone().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
            let taken_at = session.as_of();
            let unit = session.unit.as_ref().map(|unit| unit.name.clone()).unwrap_or_default();
            let account = session.connection.unit_account.clone();
            let store = inner.store()?;
            let kept = of_id(store, id_of(filing)?)?;
            let number = number_of(store, &kept)?.unwrap_or_default();
            let mut notes = vec![format!("单位：{unit}　单位账号：{account}"), format!("生效年月：{}", kept.period)];
            if !number.is_empty() {
                notes.push(format!("业务流水号：{number}"));
            }
            notes.push(format!("数据时间：{taken_at}"));
            let people = opened(&rows, &RosterIndex::of(&roster)).into_iter().map(line);
            let list = Listing {
                title: "新开立的个人账号".into(),
                notes,
                columns: ["姓名", "证件号码", "个人账号", "个人账户状态"]
                    .map(|title| (title.to_owned(), Holds::Text))
                    .into(),
                rows: people.map(|one| vec![one.name, one.id_masked, one.personal_account, one.status]).collect(),
                totals: Vec::new(),
            };
            (list, self.config.export_folder.join("查询"), number)
        };
        let bytes = listing(&list)?;
        let stem = safe_stem(&format!("{}-{}", list.title, in_a_file_name(&number)), LONGEST);
        let file = put(&folder, stem.trim_end_matches('-'), "xlsx", &bytes)?;
        Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
    }

    /// Whom a filing that the center has taken registered.
    fn registered(&self, filing: &str) -> Result<Vec<ContributorRegistrationRow>, DeskError> {
        let id = id_of(filing)?;
        {
            let mut inner = self.inner();
            inner.session()?;
            let taken = [FilingStage::Settled, FilingStage::PartlySettled, FilingStage::Kept];
            if !taken.contains(&stage(&of_id(inner.store()?, id)?)) {
                return Ok(Vec::new());
            }
        }
        let Signed { content, not_taken, .. } = self.signed_rows(id)?;
        let not_taken = not_taken.unwrap_or_default();
        let Rows::ContributorRegistration(rows) = content.rows else { return Ok(Vec::new()) };
        let rows = rows.into_iter().enumerate().filter(|(place, _)| !not_taken.contains(place));
        Ok(rows.map(|(_, row)| row).collect())
    }
}

/// Those of the rows whom the roster has, by their documents.
fn opened<'r>(rows: &[ContributorRegistrationRow], roster: &RosterIndex<'r>) -> Vec<&'r Contributor> {
    let here = rows.iter().filter_map(|row| {
        let person = roster.by_id(&row.id_number)?;
        (*person.id_type == *row.id_type && !person.status.is_closed()).then_some(person)
    });
    here.collect()
}
