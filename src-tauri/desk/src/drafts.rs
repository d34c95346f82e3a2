//! Drafts in the store: opened, changed one step at a time, stored before they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::Code;
use huijiao_domain::month::Month;
use huijiao_domain::roster::{AccountStatus, Asked, Elsewhere};
use huijiao_domain::sheet::{CellKind, Field, RawCell, RawRow};
use huijiao_store::{DraftChange, FilingEvent, Store, StoreError};
use uuid::Uuid;

use crate::attachments::Attached;
use crate::background::in_place;
use crate::draft::{Draft, DraftHead, DraftRow, PAGE, Place, Returned, Step, line};
use crate::error::DeskError;
use crate::kept::SignedHere;
use crate::kinds::of_roster;
use crate::session::Known;
use crate::uploads::Upload;
use crate::views::{
    ColumnValues, DraftLine, DraftView, EditOp, FindingsView, GridFilter, HomeView, PageView, Replaced, Replacement,
};
use crate::{Desk, Inner, text};

/// Rows of a draft that is filled in by hand, to begin with; more can be added.
const BLANK_ROWS: u32 = 10;

/// What a command does to a draft.
pub(crate) enum Move {
    /// A new step.
    Take(Step),
    /// The step that was taken back last, taken again; and how many are in force then.
    Again(Step, u32),
    /// The last step, taken back; and how many are in force then.
    Back(Step, u32),
    /// A kind of warning confirmed with a note, or not confirmed any more.
    Confirm(Code, Option<String>),
    /// What the center answered about people, by ID number.
    Learn(Vec<(String, Asked)>),
    /// How it left as the center's own file, or what came of it; and what the filing that it was signed as says of that.
    Upload(Box<Upload>, Option<FilingEvent>),
    /// Signed for the unit's own books: the filing is kept with the draft that names it.
    Sign(Box<SignedHere>),
    /// A paper more, with its bytes.
    Attach(Attached, Vec<u8>),
    /// A paper less, by its place.
    Detach(u32),
    /// An approver returned what was made of it.
    Return(Returned),
}

/// A draft that no workbook stands behind, as it begins.
pub(crate) struct NewDraft {
    pub(crate) kind: FilingKind,
    pub(crate) period: Month,
    /// What it is listed under, in place of a file name.
    pub(crate) title: String,
    /// The workbook that its rows were taken from, where there is one: name, SHA-256 and sheet.
    pub(crate) source: Option<(String, String)>,
    pub(crate) rows: Vec<DraftRow>,
    pub(crate) elsewhere: Elsewhere,
    /// Warnings that were answered before it was made: code → note.
    pub(crate) confirmations: BTreeMap<Code, String>,
}

/// Code of the center, and 单位账号.
pub(crate) type UnitKey = (String, String);

impl Desk {
    /// A draft to be filled in by hand: empty, or with everybody of the roster in it.
    ///
    /// # Errors
    /// [`DeskError::PERIOD_UNREADABLE`], [`DeskError::ROSTER_MISSING`], or a store that cannot keep it.
    pub fn draft_new(&self, kind: &str, period: &str, with_roster: bool) -> Result<DraftView, DeskError> {
        let kind = FilingKind::parse(kind)
            .filter(|kind| kind.from_sheet() && (!with_roster || of_roster(*kind)))
            .ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))?;
        let period = period.parse().map_err(|_| DeskError::refusal(DeskError::PERIOD_UNREADABLE))?;
        let (title, rows) = if with_roster {
            ("按清册录入", self.rows_of_roster(kind)?)
        } else {
            ("手工录入", (1..=BLANK_ROWS).map(DraftRow::empty).collect())
        };
        self.keep_new_draft(NewDraft {
            kind,
            period,
            title: title.into(),
            source: None,
            rows,
            elsewhere: Elsewhere::default(),
            confirmations: BTreeMap::new(),
        })
    }

    /// Everybody who pays, as the roster has him; what is to be new is left to the clerk.
    fn rows_of_roster(&self, kind: FilingKind) -> Result<Vec<DraftRow>, DeskError> {
        let inner = self.inner();
        let known = inner.session()?.known(self.now(&inner));
        let roster = known.roster.clone().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let columns: BTreeMap<Field, u16> = huijiao_sheets::write::template_fields(kind).zip(0..).collect();
        let paying = roster.contributors.iter().filter(|one| one.status == AccountStatus::Normal);
        let rows = (1..).zip(paying).map(|(row, one)| {
            let id_type = known.profile.id_types.get(one.id_type.as_str()).map_or(one.id_type.as_str(), String::as_str);
            let said = [
                (Field::PersonalAccount, one.personal_account.to_string()),
                (Field::Name, one.name.to_string()),
                (Field::IdType, id_type.to_owned()),
                (Field::IdNumber, one.id_number.to_string()),
                (Field::OldBase, one.base.to_string()),
            ];
            let cells = said.into_iter().filter_map(|(field, text)| {
                let column = *columns.get(&field)?;
                Some((field, RawCell { column, text: text.into(), kind: CellKind::Text }))
            });
            DraftRow { raw: RawRow { row, cells: cells.collect() }, excluded: false, edited: BTreeSet::new() }
        });
        Ok(rows.collect())
    }

    /// Keeps a draft of rows that stand in the columns of our own template.
    pub(crate) fn keep_new_draft(&self, new: NewDraft) -> Result<DraftView, DeskError> {
        let id = self.config.clock.new_id();
        let mut inner = self.inner();
        let now = self.now(&inner);
        let session = inner.session()?;
        let known = session.known(now);
        let unit_account = session.connection.unit_account.clone();
        let mut draft = begun(new, &known, unit_account, id, text::stamp(now));
        let pages: Vec<_> = pages_of(&draft);
        inner.store()?.create_draft(id, &draft.place.saved_at, &draft.head, pages)?;
        let view = draft.view(&GridFilter::default());
        inner.drafts.insert(id, draft);
        Ok(view)
    }

    /// Asks the center about everybody in a draft whom it has not been asked about. The clerk goes on meanwhile.
    ///
    /// # Errors
    /// A center that is not reached; the draft is then as it was.
    pub async fn draft_lookup(self: &Arc<Self>, draft: String, filter: GridFilter) -> Result<DraftView, DeskError> {
        let wanted = in_place(|| self.with_draft(&draft, |d| Ok(d.not_asked())))?;
        let (gateway, account) = self.reach()?;
        let answers = gateway.lookup(&account, &wanted).await?;
        let learned = wanted
            .into_iter()
            .zip(answers)
            .map(|(person, answer)| (person.id_number, Asked { name: person.name, answer }))
            .collect::<Vec<_>>();
        in_place(|| {
            self.change(&draft, None, &filter, |_, _| Ok((!learned.is_empty()).then_some(Move::Learn(learned))))
        })
    }

    /// Keeps how a draft left, or what came of it.
    pub(crate) fn set_upload(
        &self,
        draft: &str,
        revision: u64,
        filter: &GridFilter,
        upload: Upload,
        said: Option<FilingEvent>,
    ) -> Result<DraftView, DeskError> {
        self.change(draft, Some(revision), filter, |_, _| Ok(Some(Move::Upload(Box::new(upload), said))))
    }

    /// A draft's head.
    pub fn draft(&self, draft: &str, filter: &GridFilter) -> Result<DraftView, DeskError> {
        self.with_draft(draft, |d| Ok(d.view(filter)))
    }

    /// A page of its grid.
    pub fn draft_page(&self, draft: &str, filter: &GridFilter, page: u32) -> Result<PageView, DeskError> {
        self.with_draft(draft, |d| Ok(d.grid_page(filter, page)))
    }

    /// A stretch of its findings.
    pub fn draft_findings(
        &self,
        draft: &str,
        filter: &GridFilter,
        code: Option<&str>,
        offset: u32,
    ) -> Result<FindingsView, DeskError> {
        self.with_draft(draft, |d| Ok(d.findings_view(filter, code, offset)))
    }

    /// The clerk's edits, as one step.
    pub fn draft_edit(
        &self,
        draft: &str,
        revision: u64,
        ops: &[EditOp],
        filter: &GridFilter,
    ) -> Result<DraftView, DeskError> {
        self.take_step(draft, revision, filter, |d| d.step_of(ops))
    }

    /// Every proposal of one code, as one step.
    pub fn draft_fix(
        &self,
        draft: &str,
        revision: u64,
        code: &str,
        filter: &GridFilter,
    ) -> Result<DraftView, DeskError> {
        let code = code_of(code)?;
        self.take_step(draft, revision, filter, |d| Ok(d.step_of_fixes(code)))
    }

    /// Takes the last step back.
    pub fn draft_undo(&self, draft: &str, revision: u64, filter: &GridFilter) -> Result<DraftView, DeskError> {
        self.walk(draft, revision, filter, false)
    }

    /// Takes the step again that was taken back.
    pub fn draft_redo(&self, draft: &str, revision: u64, filter: &GridFilter) -> Result<DraftView, DeskError> {
        self.walk(draft, revision, filter, true)
    }

    /// Confirms a kind of warning with a note, or takes the confirmation back.
    pub fn draft_confirm(
        &self,
        draft: &str,
        revision: u64,
        code: &str,
        note: Option<String>,
        filter: &GridFilter,
    ) -> Result<DraftView, DeskError> {
        let code = code_of(code)?;
        self.change(draft, Some(revision), filter, |draft, _| {
            let as_it_is = draft.head.confirmations.get(&code) == note.as_ref();
            Ok((!as_it_is).then_some(Move::Confirm(code, note)))
        })
    }

    /// What stands in a column of its grid, to be filtered by.
    pub fn draft_values(&self, draft: &str, filter: &GridFilter, field: &str) -> Result<ColumnValues, DeskError> {
        self.with_draft(draft, |d| Ok(d.values(filter, field)))
    }

    /// One text in the place of another, as one step; or how many cells that would be.
    pub fn draft_replace(
        &self,
        draft: &str,
        revision: u64,
        wanted: &Replacement,
        filter: &GridFilter,
    ) -> Result<Replaced, DeskError> {
        let cells = |step: &Step| u32::try_from(step.changes.len()).unwrap_or(u32::MAX);
        if wanted.dry {
            return self.with_draft(draft, |d| {
                let cells = cells(&d.step_of_replacing(wanted, filter));
                Ok(Replaced { cells, view: d.view(filter) })
            });
        }
        let mut changed = 0;
        let view = self.take_step(draft, revision, filter, |d| {
            let step = d.step_of_replacing(wanted, filter);
            changed = cells(&step);
            Ok(step)
        })?;
        Ok(Replaced { cells: changed, view })
    }

    /// Deletes a draft. What was deleted last can be brought back until the program ends.
    pub fn draft_delete(&self, draft: &str) -> Result<HomeView, DeskError> {
        let id = id_of(draft)?;
        {
            let mut inner = self.inner();
            let deleted = inner.store()?.delete_drafts(&[id])?;
            if !deleted.is_empty() {
                inner.deleted = deleted;
            }
            inner.drafts.remove(&id);
        }
        self.home()
    }

    /// Brings a draft back that was deleted last, with its steps and papers, and those that were deleted with it.
    ///
    /// # Errors
    /// [`DeskError::DRAFT_GONE`] where it was not the last one, or the program was ended meanwhile.
    pub fn draft_restore(&self, draft: &str) -> Result<HomeView, DeskError> {
        let id = id_of(draft)?;
        {
            let mut inner = self.inner();
            let Inner { store, deleted, .. } = &mut *inner;
            let store = store.as_mut().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))?;
            let gone = || DeskError::refusal(DeskError::DRAFT_GONE);
            if !deleted.iter().any(|one| one.id() == id) {
                return Err(gone());
            }
            store.put_back(deleted)?;
            deleted.clear();
        }
        self.home()
    }

    /// The drafts of a unit at a center.
    pub(crate) fn draft_lines(
        &self,
        store: &mut Store,
        (center, unit): (&str, &str),
    ) -> Result<Vec<DraftLine>, DeskError> {
        let all = self.lines_of_all(store)?.into_iter();
        let here = all.filter(|((of_center, of_unit), _)| of_center == center && of_unit == unit);
        Ok(here.map(|(_, line)| line).collect())
    }

    /// The drafts of every unit, each with its center and account.
    pub(crate) fn lines_of_all(&self, store: &mut Store) -> Result<Vec<(UnitKey, DraftLine)>, DeskError> {
        let drafts = store.drafts::<DraftHead>()?.into_iter().map(|draft| {
            let line = line(&draft.id.to_string(), &draft.head, &draft.saved_at);
            ((draft.head.center, draft.head.unit_account), line)
        });
        Ok(drafts.collect())
    }

    /// Runs `step` on a draft, opened from the store where it is not in memory.
    pub(crate) fn with_draft<T>(
        &self,
        draft: &str,
        step: impl FnOnce(&mut Draft) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let id = id_of(draft)?;
        let mut inner = self.inner();
        self.load(&mut inner, id)?;
        let draft = inner.drafts.get_mut(&id).ok_or_else(|| DeskError::refusal(DeskError::DRAFT_GONE))?;
        step(draft)
    }

    fn load(&self, inner: &mut Inner, id: Uuid) -> Result<(), DeskError> {
        if inner.drafts.contains_key(&id) {
            return Ok(());
        }
        let store = inner.store()?;
        let stored = store.draft::<DraftHead>(id)?.ok_or_else(|| DeskError::refusal(DeskError::DRAFT_GONE))?;
        let steps = store.step_count(id)?;
        let mut head = stored.head;
        let pages = store.draft_pages::<Vec<DraftRow>>(id)?;
        let rows = pages.into_iter().flat_map(|(_, rows)| rows).collect();
        let now = self.now(inner);
        let known = inner.session()?.known(now);
        head.roster_version = known.roster_version();
        let circumstances = known.circumstances(head.period);
        let place = Place {
            id,
            revision: stored.revision,
            rows_revision: stored.revision,
            cursor: stored.cursor,
            steps,
            saved_at: stored.saved_at,
        };
        let draft = Draft::new(place, head, rows, circumstances);
        inner.drafts.insert(id, draft);
        Ok(())
    }

    fn take_step(
        &self,
        draft: &str,
        revision: u64,
        filter: &GridFilter,
        step: impl FnOnce(&Draft) -> Result<Step, DeskError>,
    ) -> Result<DraftView, DeskError> {
        self.change(draft, Some(revision), filter, |draft, _| {
            let step = step(draft)?;
            Ok((!step.changes.is_empty()).then_some(Move::Take(step)))
        })
    }

    fn walk(&self, draft: &str, revision: u64, filter: &GridFilter, forward: bool) -> Result<DraftView, DeskError> {
        self.change(draft, Some(revision), filter, |draft, store| {
            let (id, cursor) = (draft.place.id, draft.place.cursor);
            // Steps are counted from 1, and the cursor is the number of the last one in force.
            let number = if forward { cursor + 1 } else { cursor };
            let step = store.step(id, number)?.ok_or_else(|| DeskError::refusal(DeskError::NO_STEP))?;
            Ok(Some(if forward { Move::Again(step, number) } else { Move::Back(step, number - 1) }))
        })
    }

    /// Changes a draft, checks it anew, and stores what changed before anything is shown. A command that changes
    /// nothing leaves the revision as it is. Without a revision it holds whatever has changed meanwhile.
    pub(crate) fn change(
        &self,
        draft: &str,
        revision: Option<u64>,
        filter: &GridFilter,
        plan: impl FnOnce(&Draft, &Store) -> Result<Option<Move>, DeskError>,
    ) -> Result<DraftView, DeskError> {
        let id = id_of(draft)?;
        let mut inner = self.inner();
        self.load(&mut inner, id)?;
        let now = self.now(&inner);
        let Inner { store, session, drafts, .. } = &mut *inner;
        let store = store.as_mut().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))?;
        let session = session.as_ref().ok_or_else(|| DeskError::refusal(DeskError::NO_SESSION))?;
        let draft = drafts.get_mut(&id).ok_or_else(|| DeskError::refusal(DeskError::DRAFT_GONE))?;
        // What the clerk sees she may change, whatever was learned of people meanwhile.
        let still_so = draft.place.rows_revision..=draft.place.revision;
        if revision.is_some_and(|seen| !still_so.contains(&seen)) {
            return Err(DeskError::refusal(DeskError::DRAFT_STALE));
        }
        let Some(moved) = plan(draft, store)? else { return Ok(draft.view(filter)) };
        let taken = draft.head.upload.as_ref().is_some_and(Upload::is_accepted);
        if taken && !matches!(moved, Move::Upload(..)) {
            return Err(DeskError::refusal(DeskError::UPLOAD_ACCEPTED));
        }
        let outcome = make(draft, store, &session.known(now), moved, text::stamp(now));
        if let Err(error) = outcome {
            // What is in memory is ahead of what is stored: the next look reads the store.
            drafts.remove(&id);
            return Err(error);
        }
        Ok(draft.view(filter))
    }
}

/// Makes a change in memory, then in the store.
fn make(draft: &mut Draft, store: &mut Store, known: &Known, moved: Move, at: String) -> Result<(), DeskError> {
    let pages = match &moved {
        Move::Take(step) | Move::Again(step, _) => draft.apply(step),
        Move::Back(step, _) => draft.revert(step),
        Move::Confirm(code, note) => {
            draft.confirm(*code, note.clone());
            BTreeSet::new()
        }
        Move::Learn(learned) => {
            draft.head.elsewhere.0.extend(learned.iter().cloned());
            BTreeSet::new()
        }
        Move::Upload(upload, _) => {
            draft.head.upload = Some((**upload).clone());
            BTreeSet::new()
        }
        Move::Sign(signed) => {
            draft.head.signed = Some(signed.signed.clone());
            BTreeSet::new()
        }
        // The file before the head that names it, and after: one that is named is always there.
        Move::Attach(attached, bytes) => {
            store.put_attachment(draft.place.id, attached.place, bytes)?;
            draft.head.attachments.push(attached.clone());
            BTreeSet::new()
        }
        Move::Return(returned) => {
            draft.head.returned.push(returned.clone());
            BTreeSet::new()
        }
        Move::Detach(place) => {
            draft.head.attachments.retain(|each| each.place != *place);
            BTreeSet::new()
        }
    };
    if !pages.is_empty() || matches!(moved, Move::Learn(_) | Move::Upload(..)) {
        draft.check(known.circumstances(draft.head.period));
    }
    let pages: Vec<(u32, &[DraftRow])> = pages.into_iter().map(|page| (page, draft.page(page as usize))).collect();
    let step = match &moved {
        Move::Take(step) => huijiao_store::Step::Append(step),
        Move::Again(_, cursor) | Move::Back(_, cursor) => huijiao_store::Step::MoveTo(*cursor),
        Move::Confirm(..)
        | Move::Learn(_)
        | Move::Upload(..)
        | Move::Sign(_)
        | Move::Attach(..)
        | Move::Detach(_)
        | Move::Return(_) => huijiao_store::Step::Keep,
    };
    let expected = draft.place.revision;
    let change = DraftChange { expected, head: &draft.head, pages: &pages, step, at: &at };
    // A filing that the draft was signed as says the same as the draft.
    let noted = if let Move::Upload(upload, said) = &moved {
        upload.filing.zip(said.clone())
    } else if let Move::Sign(signed) = &moved {
        signed.supersedes()
    } else {
        None
    };
    let id = draft.place.id;
    let revision = store.together(|store| {
        let revision = if let Move::Sign(signed) = &moved {
            store.keep_signed(id, change, &signed.record, &signed.file)?
        } else {
            store.change_draft(id, change)?
        };
        if let Some((filing, FilingEvent { at, code, args })) = &noted {
            store.filing_event(*filing, at, code, args)?;
        }
        Ok::<u64, StoreError>(revision)
    })?;
    draft.place.revision = revision;
    if !matches!(moved, Move::Learn(_)) {
        draft.place.rows_revision = draft.place.revision;
    }
    draft.place.saved_at = at;
    match moved {
        Move::Take(_) => {
            draft.place.cursor += 1;
            draft.place.steps = draft.place.cursor;
        }
        Move::Again(_, cursor) | Move::Back(_, cursor) => draft.place.cursor = cursor,
        Move::Detach(place) => store.drop_attachment(draft.place.id, place)?,
        Move::Confirm(..) | Move::Learn(_) | Move::Upload(..) | Move::Sign(_) | Move::Attach(..) | Move::Return(_) => {}
    }
    Ok(())
}

/// A new draft as it is kept.
pub(crate) fn begun(new: NewDraft, known: &Known, unit_account: String, id: Uuid, saved_at: String) -> Draft {
    let (sha256, sheet) = new.source.unwrap_or_default();
    let head = DraftHead {
        kind: new.kind,
        period: new.period,
        center: known.profile.code.clone(),
        unit_account,
        file_name: new.title,
        sha256,
        sheet,
        encoding: None,
        columns: huijiao_sheets::write::template_fields(new.kind).zip(0..).collect(),
        notes: None,
        totals: Vec::new(),
        file_findings: Vec::new(),
        confirmations: new.confirmations,
        upload: None,
        signed: None,
        attachments: Vec::new(),
        returned: Vec::new(),
        elsewhere: new.elsewhere,
        by_hand: true,
        roster_version: known.roster_version(),
        people: 0,
        blocking: 0,
    };
    let place = Place::first(id, saved_at);
    let circumstances = known.circumstances(head.period);
    Draft::new(place, head, new.rows, circumstances)
}

/// Its stored pages.
pub(crate) fn pages_of(draft: &Draft) -> Vec<(u32, &[DraftRow])> {
    (0..draft.rows.len().div_ceil(PAGE)).map(|p| (u32::try_from(p).unwrap_or(u32::MAX), draft.page(p))).collect()
}

pub(crate) fn id_of(draft: &str) -> Result<Uuid, DeskError> {
    draft.parse().map_err(|_| DeskError::refusal(DeskError::DRAFT_GONE))
}

pub(crate) fn code_of(code: &str) -> Result<Code, DeskError> {
    Code::ALL.iter().copied().find(|c| c.as_str() == code).ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))
}
