//! Drafts in the store: opened, changed one step at a time, stored before they are shown.

use huijiao_domain::finding::Code;
use huijiao_store::{DraftChange, Store};
use uuid::Uuid;

use crate::draft::{Draft, DraftHead, DraftRow, Place, Step, line};
use crate::error::DeskError;
use crate::views::{DraftLine, DraftView, EditOp, FindingsView, GridFilter, HomeView, PageView};
use crate::{Desk, Inner, text};

/// What a change does to the undo log.
enum Move {
    None,
    Append(Step),
    To(u32),
}

impl Desk {
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
        self.change(draft, revision, filter, |draft, _| {
            match note {
                Some(note) => draft.head.confirmations.insert(code, note),
                None => draft.head.confirmations.remove(&code),
            };
            Ok((Vec::new(), Move::None))
        })
    }

    /// Deletes a draft.
    pub fn draft_delete(&self, draft: &str) -> Result<HomeView, DeskError> {
        let id = id_of(draft)?;
        {
            let mut inner = self.inner();
            inner.store()?.delete_draft(id)?;
            inner.drafts.remove(&id);
        }
        self.home()
    }

    pub(crate) fn draft_lines(&self, store: &mut Store) -> Result<Vec<DraftLine>, DeskError> {
        let drafts = store.drafts::<DraftHead>()?;
        Ok(drafts.into_iter().map(|d| line(&d.id.to_string(), &d.head, &d.saved_at)).collect())
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
        let steps = u32::try_from(store.steps::<Step>(id)?.len()).unwrap_or(u32::MAX);
        let mut head = stored.head;
        let pages = store.draft_pages::<Vec<DraftRow>>(id)?;
        let rows = pages.into_iter().flat_map(|(_, rows)| rows).collect();
        let now = self.now(inner);
        let session = inner.session()?;
        head.roster_version = session.roster.as_ref().map(|r| r.version);
        let circumstances = session.circumstances(head.period, now);
        let place = Place { id, revision: stored.revision, cursor: stored.cursor, steps, saved_at: stored.saved_at };
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
        self.change(draft, revision, filter, |draft, _| {
            let step = step(draft)?;
            if step.changes.is_empty() {
                return Ok((Vec::new(), Move::None));
            }
            let pages = draft.apply(&step);
            Ok((pages.into_iter().collect(), Move::Append(step)))
        })
    }

    fn walk(&self, draft: &str, revision: u64, filter: &GridFilter, forward: bool) -> Result<DraftView, DeskError> {
        self.change(draft, revision, filter, |draft, store| {
            let steps = store.steps::<Step>(draft.place.id)?;
            let cursor = draft.place.cursor;
            let number = if forward { cursor } else { cursor.wrapping_sub(1) };
            let step = steps.get(number as usize).ok_or_else(|| DeskError::refusal(DeskError::NO_STEP))?;
            let pages = if forward { draft.apply(step) } else { draft.revert(step) };
            Ok((pages.into_iter().collect(), Move::To(if forward { cursor + 1 } else { number })))
        })
    }

    /// Changes a draft, checks it anew, and stores what changed before anything is shown.
    fn change(
        &self,
        draft: &str,
        revision: u64,
        filter: &GridFilter,
        change: impl FnOnce(&mut Draft, &mut Store) -> Result<(Vec<u32>, Move), DeskError>,
    ) -> Result<DraftView, DeskError> {
        let id = id_of(draft)?;
        let mut inner = self.inner();
        self.load(&mut inner, id)?;
        let now = self.now(&inner);
        let Inner { store, session, drafts, .. } = &mut *inner;
        let store = store.as_mut().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))?;
        let session = session.as_ref().ok_or_else(|| DeskError::refusal(DeskError::NO_SESSION))?;
        let draft = drafts.get_mut(&id).ok_or_else(|| DeskError::refusal(DeskError::DRAFT_GONE))?;
        if draft.place.revision != revision {
            return Err(DeskError::refusal(DeskError::DRAFT_STALE));
        }
        let outcome = change(draft, store).and_then(|(pages, moved)| {
            draft.check(session.circumstances(draft.head.period, now));
            let saved_at = text::stamp(now);
            let pages: Vec<(u32, &[DraftRow])> =
                pages.into_iter().map(|page| (page, draft.page(page as usize))).collect();
            let step = match &moved {
                Move::None => huijiao_store::Step::Keep,
                Move::Append(step) => huijiao_store::Step::Append(step),
                Move::To(cursor) => huijiao_store::Step::MoveTo(*cursor),
            };
            let change = DraftChange { expected: revision, head: &draft.head, pages: &pages, step, at: &saved_at };
            draft.place.revision = store.change_draft(id, change)?;
            draft.place.saved_at = saved_at;
            match moved {
                Move::None => {}
                Move::Append(_) => {
                    draft.place.cursor += 1;
                    draft.place.steps = draft.place.cursor;
                }
                Move::To(cursor) => draft.place.cursor = cursor,
            }
            Ok(draft.view(filter))
        });
        if outcome.is_err() {
            // What is in memory may be ahead of what is stored: the next look reads the store.
            drafts.remove(&id);
        }
        outcome
    }
}

pub(crate) fn id_of(draft: &str) -> Result<Uuid, DeskError> {
    draft.parse().map_err(|_| DeskError::refusal(DeskError::DRAFT_GONE))
}

fn code_of(code: &str) -> Result<Code, DeskError> {
    Code::ALL.iter().copied().find(|c| c.as_str() == code).ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))
}
