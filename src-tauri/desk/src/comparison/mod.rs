//! 智能比对: one payroll sheet against the roster becomes all the filings of the month.
//!
//! The sheet, what was found and what was decided are in the store before they are on the screen. Until its drafts
//! are made a comparison follows the roster: with a newer one it is made anew, and the decisions that still fit stay.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use huijiao_domain::compare::filed::{self, Decision, Decisions, Line, Unfit};
use huijiao_domain::compare::{self, Answer, Comparison, ProposalKind};
use huijiao_domain::filing::{Circumstances, FilingKind};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::month::Month;
use huijiao_domain::roster::{self, Asked, Elsewhere, Roster};
use huijiao_domain::sheet::{CellKind, Field, NO_COLUMN, RawCell, RawRow, RawSheet};
use huijiao_protocol::resources::Person;
use huijiao_sheets::SheetError;
use huijiao_store::{ComparisonChange, DeletedDraft, DraftLife, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::background::in_place;
use crate::calls::blocking;
use crate::draft::{Draft, DraftHead, DraftRow};
use crate::drafts::{NewDraft, begun, pages_of};
use crate::error::DeskError;
use crate::import::Accepted;
use crate::session::Known;
use crate::views::{
    ComparisonDecision, ComparisonEntry, ComparisonFilter, ComparisonMend, ComparisonPage, ComparisonView,
    ComparisonsView, ImportChoice,
};
use crate::{Desk, Inner, search, text};

mod view;

/// What the draft of the others' bases says to those who are not in it.
const EVERYBODY_COMPARED: &str = "由智能比对生成，其他人员已逐一比对";

/// Whether a person is meant by what was typed: by name, as it is written or spelled, account, end of ID number, row.
/// What is shown and what is decided for all that are shown are the same people.
fn found(line: &Line<'_>, find: &str) -> bool {
    filed::found_by(line, find) || search::spelled(&line.proposal.name, find.trim())
}

/// What is kept of a comparison beside the sheet.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Head {
    /// Code of the center.
    center: String,
    /// 单位账号
    unit_account: String,
    period: Month,
    /// Workbook without folder.
    file_name: String,
    /// SHA-256 of the workbook, lower-case hex.
    sha256: String,
    /// Sheet name.
    sheet: String,
    /// Findings on the file as a whole, found when it was opened.
    file_findings: Vec<Finding>,
    /// Roster it was compared with.
    roster_version: u64,
    /// What the center answered about people who are not in the unit.
    elsewhere: Elsewhere,
    decisions: Decisions,
    /// Cells that were mended here, each as the workbook has it.
    #[serde(default)]
    mended: Vec<Cell>,
    /// What the last step changed, as it was before.
    before: Option<Before>,
    /// Warnings that the clerk confirmed: code → note.
    confirmations: BTreeMap<Code, String>,
    /// The drafts that were made.
    made: BTreeMap<FilingKind, Uuid>,
    /// For lists: people who wait for an answer.
    open: u32,
    /// For lists: people for whom something is to be filed.
    #[serde(default)]
    to_file: u32,
}

/// Comparisons of a unit, the last changed first: id, month, and whether its filings were made or there are none to make.
pub(crate) fn of_unit(store: &Store, center: &str, unit: &str) -> Result<Vec<(Uuid, Month, bool)>, DeskError> {
    let kept = store
        .comparisons::<Head>()?
        .into_iter()
        .filter(|one| one.head.center == center && one.head.unit_account == unit);
    let done = |head: &Head| !head.made.is_empty() || (head.open == 0 && head.to_file == 0);
    Ok(kept.map(|one| (one.id, one.head.period, done(&one.head))).collect())
}

/// The comparisons of every unit: id, unit and when it was last changed.
pub(crate) fn of_all(store: &Store) -> Result<Vec<(Uuid, String, String)>, DeskError> {
    let kept = store.comparisons::<Head>()?.into_iter();
    Ok(kept.map(|one| (one.id, one.head.unit_account, one.saved_at)).collect())
}

/// A cell of the sheet, and what stood in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cell {
    /// One-based row.
    row: u32,
    field: Field,
    /// `None` where it was empty.
    cell: Option<RawCell>,
}

/// What stood before the last step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Before {
    Mended {
        /// The cell.
        was: Cell,
        /// The cells that had been mended.
        mended: Vec<Cell>,
        /// The decisions, some of which may not have fitted any more.
        decisions: Decisions,
    },
    Decided(Decisions),
}

/// The sheet as it was mended, and what it was found to say.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    sheet: RawSheet,
    comparison: Comparison,
}

/// A comparison in memory: the one that was looked at last.
pub(crate) struct Comparing {
    id: Uuid,
    revision: u64,
    saved_at: String,
    head: Head,
    body: Body,
    /// Code of what went wrong when the center was asked last.
    trouble: Option<String>,
}

/// What the desk knows while it works on a comparison.
struct Scene<'a> {
    store: &'a mut Store,
    /// The drafts in memory, and those that were deleted last.
    drafts: &'a mut HashMap<Uuid, Draft>,
    deleted: &'a mut Vec<DeletedDraft>,
    known: &'a Known,
    unit_account: &'a str,
    now: Timestamp,
}

impl Comparing {
    fn of<'a>(&'a self, known: &'a Known) -> Circumstances<'a> {
        Circumstances { elsewhere: Some(&self.head.elsewhere), ..known.circumstances(self.head.period) }
    }

    fn lines<'a>(&'a self, known: &'a Known) -> Vec<Line<'a>> {
        filed::lines(&self.body.comparison, &self.head.decisions, self.of(known))
    }

    /// What there is to say about the file, about whom rows were taken for, and about figures that are not filed but do
    /// not agree. What is wrong with somebody who could not be compared is said at his line.
    fn findings(&self) -> impl Iterator<Item = &Finding> {
        let matching = |finding: &&Finding| {
            let asked = matches!(
                finding.code,
                Code::AccountColumn
                    | Code::MatchByAccount
                    | Code::IdNumeric
                    | Code::RosterAccountDiffers
                    | Code::RatioDiffers
                    | Code::RatioUnreadable
                    | Code::AmountDiffers
                    | Code::AmountSum
                    | Code::TotalDiffers
            );
            finding.at.is_none() || (asked && finding.level == Level::Warning)
        };
        self.head.file_findings.iter().chain(self.body.comparison.findings.iter().filter(matching))
    }

    /// Codes of warnings that nobody has confirmed.
    fn unconfirmed(&self) -> BTreeSet<Code> {
        self.findings()
            .filter(|finding| finding.level == Level::Warning && !self.head.confirmations.contains_key(&finding.code))
            .map(|finding| finding.code)
            .collect()
    }

    fn blocking(&self) -> usize {
        self.findings().filter(|finding| finding.blocks()).count()
    }

    /// What became of the drafts that were made; deleted ones are not among them.
    fn alive(&self, store: &Store) -> Result<BTreeMap<FilingKind, DraftLife>, DeskError> {
        let mut alive = BTreeMap::new();
        for (kind, draft) in &self.head.made {
            let life = store.draft_life(*draft)?;
            if life != DraftLife::Gone {
                alive.insert(*kind, life);
            }
        }
        Ok(alive)
    }

    /// Drafts that were made and are worked on; what the center took as a file is not.
    fn to_take_back(&self, store: &Store) -> Result<Vec<Uuid>, DeskError> {
        let mut open = Vec::new();
        for draft in self.head.made.values() {
            let here = store.draft_life(*draft)? == DraftLife::Open;
            let kept = if here { store.draft::<DraftHead>(*draft)? } else { None };
            if kept.is_some_and(|kept| !kept.head.upload.is_some_and(|upload| upload.is_accepted())) {
                open.push(*draft);
            }
        }
        Ok(open)
    }

    /// The filings that the decisions make.
    fn filed(&self, known: &Known) -> BTreeMap<FilingKind, Vec<RawRow>> {
        let nobody = Roster { version: 0, contributors: Vec::new() };
        let roster = known.roster.as_deref().unwrap_or(&nobody);
        filed::filed(&self.lines(known), &self.body.sheet, roster, self.of(known))
    }

    /// Everybody new whom the center was not asked about.
    fn not_asked(&self, known: &Known) -> Vec<Person> {
        let asked = filed::not_asked(&self.lines(known)).into_iter();
        asked.map(|(id_number, name)| Person { id_number, name }).collect()
    }

    /// Takes what the center answered about these; whether anything changed. What went wrong is kept to be shown.
    fn learn(&mut self, wanted: Vec<Person>, answers: Result<Vec<roster::Known>, DeskError>) -> bool {
        match answers {
            Ok(answers) => {
                self.trouble = None;
                let asked = wanted.into_iter().zip(answers);
                let asked = asked.map(|(person, answer)| (person.id_number, Asked { name: person.name, answer }));
                self.head.elsewhere.0.extend(asked);
                true
            }
            Err(error) => {
                self.trouble = Some(error.code().to_owned());
                false
            }
        }
    }

    /// What lists say of it.
    fn counted(&mut self, known: &Known) {
        let (open, to_file) = self.lines(known).iter().fold((0, 0), |(open, to_file), line| {
            (open + usize::from(line.is_open()), to_file + usize::from(line.filings().next().is_some()))
        });
        (self.head.open, self.head.to_file) = (count(open), count(to_file));
    }

    /// Keeps what changed; the body too where it did.
    fn keep(&mut self, scene: &mut Scene<'_>, body: bool, drafts: &[Draft]) -> Result<(), DeskError> {
        self.counted(scene.known);
        let at = text::stamp(scene.now);
        let change =
            ComparisonChange { expected: self.revision, head: &self.head, body: body.then_some(&self.body), at: &at };
        let drafts = drafts.iter().map(|draft| (draft.place.id, &draft.head, pages_of(draft)));
        self.revision = scene.store.change_comparison_with(self.id, change, drafts)?;
        self.saved_at = at;
        Ok(())
    }

    /// Compares anew where the roster has moved and nothing was made yet.
    fn follow(&mut self, scene: &mut Scene<'_>) -> Result<(), DeskError> {
        let Some(roster) = scene.known.roster.as_deref() else { return Ok(()) };
        if roster.version == self.head.roster_version || !self.alive(scene.store)?.is_empty() {
            return Ok(());
        }
        self.compare_again(scene.known, roster);
        self.head.before = None;
        self.keep(scene, true, &[])
    }

    /// Compares anew; of the decisions those stay that still fit.
    fn compare_again(&mut self, known: &Known, roster: &Roster) {
        self.body.comparison = compare::compare(&self.body.sheet, roster, known.circumstances(self.head.period));
        self.head.roster_version = roster.version;
        let fitting: Decisions = self
            .lines(known)
            .iter()
            .filter_map(|line| {
                let decision = line.decision.filter(|one| line.fits(one, &known.profile).is_ok())?;
                Some((line.key.clone(), decision.clone()))
            })
            .collect();
        self.head.decisions = fitting;
    }

    /// Puts something into a cell of the sheet; what stood there.
    ///
    /// # Errors
    /// A row or a field that no payroll has.
    fn put(&mut self, row: u32, field: Field, cell: Option<RawCell>) -> Result<Option<RawCell>, DeskError> {
        let found = self.body.sheet.rows.binary_search_by_key(&row, |row| row.row).ok();
        let place = found.filter(|_| compare::FIELDS.contains(&field));
        let place = place.ok_or_else(|| DeskError::refusal(DeskError::NO_SUCH_CELL))?;
        let cells = &mut self.body.sheet.rows[place].cells;
        Ok(match cell {
            Some(cell) => cells.insert(field, cell),
            None => cells.remove(&field),
        })
    }

    /// Mends a cell, as the clerk would in the workbook, which stays as it is.
    fn mend(&mut self, known: &Known, wanted: &ComparisonMend) -> Result<(), DeskError> {
        let roster = known.roster.as_deref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let field = Field::parse(&wanted.field).ok_or_else(|| DeskError::refusal(DeskError::NO_SUCH_CELL))?;
        let column = self.body.sheet.columns.get(&field).copied().unwrap_or(NO_COLUMN);
        let text = wanted.text.trim();
        let cell = (!text.is_empty()).then(|| RawCell { column, text: text.into(), kind: CellKind::Edited });
        let was = Cell { row: wanted.row, field, cell: self.put(wanted.row, field, cell)? };
        let mended = self.head.mended.clone();
        if !mended.iter().any(|one| (one.row, one.field) == (was.row, was.field)) {
            self.head.mended.push(was.clone());
        }
        let decisions = self.head.decisions.clone();
        self.compare_again(known, roster);
        self.head.before = Some(Before::Mended { was, mended, decisions });
        Ok(())
    }

    /// Takes the last step back; the step it was is the last one then.
    fn step_back(&mut self, known: &Known) -> Result<bool, DeskError> {
        let before = self.head.before.take().ok_or_else(|| DeskError::refusal(DeskError::NO_STEP))?;
        match before {
            Before::Decided(decisions) => {
                self.head.before = Some(Before::Decided(std::mem::replace(&mut self.head.decisions, decisions)));
                Ok(false)
            }
            Before::Mended { was, mended, decisions } => {
                let roster = known.roster.as_deref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
                let is = Cell { cell: self.put(was.row, was.field, was.cell)?, row: was.row, field: was.field };
                let mended = std::mem::replace(&mut self.head.mended, mended);
                let decisions = std::mem::replace(&mut self.head.decisions, decisions);
                self.compare_again(known, roster);
                self.head.before = Some(Before::Mended { was: is, mended, decisions });
                Ok(true)
            }
        }
    }

    /// The decisions as they are with one more.
    fn decided(&self, known: &Known, wanted: &ComparisonDecision) -> Result<Decisions, DeskError> {
        let decision = decision_of(wanted)?;
        let group = wanted.group.as_deref().map(group_of).transpose()?;
        let find = wanted.find.as_deref().unwrap_or_default();
        let keys: BTreeSet<&str> = wanted.keys.iter().map(String::as_str).collect();
        let mut decisions = self.head.decisions.clone();
        let mut met = 0;
        for line in self.lines(known) {
            let meant = match group {
                Some(group) => {
                    line.proposal.kind == group
                        && line.decision.is_none() == decision.is_some()
                        && found(&line, find)
                        && (line.is_open() || line.may_be_left_out())
                }
                None => keys.contains(line.key.as_str()),
            };
            if !meant {
                continue;
            }
            met += 1;
            match &decision {
                Some(decision) => {
                    line.fits(decision, &known.profile).map_err(refused)?;
                    decisions.insert(line.key, decision.clone());
                }
                None => {
                    decisions.remove(&line.key);
                }
            }
        }
        // A page that names somebody who is not there any more must not look as if it had been heard.
        if group.is_none() && met < keys.len() {
            return Err(DeskError::refusal(DeskError::COMPARISON_STALE));
        }
        Ok(decisions)
    }
}

fn refused(unfit: Unfit) -> DeskError {
    DeskError::refusal(match unfit {
        Unfit::NotAsked => DeskError::BAD_ARGUMENTS,
        Unfit::Reason => DeskError::COMPARISON_REASON,
        Unfit::Note => DeskError::COMPARISON_NOTE,
    })
}

fn decision_of(wanted: &ComparisonDecision) -> Result<Option<Decision>, DeskError> {
    let said = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    Ok(match wanted.answer.as_deref() {
        None => None,
        Some("leave_out") => Some(Decision::LeftOut { note: said(&wanted.note) }),
        Some(answer) => {
            let answer = Answer::parse(answer).ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))?;
            let reason = if answer == Answer::Seal { said(&wanted.reason) } else { String::new() };
            Some(Decision::Answered { answer, reason })
        }
    })
}

fn group_of(group: &str) -> Result<ProposalKind, DeskError> {
    ProposalKind::parse(group).ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn id_of(comparison: &str) -> Result<Uuid, DeskError> {
    comparison.parse().map_err(|_| DeskError::refusal(DeskError::COMPARISON_GONE))
}

impl Desk {
    /// Compares a payroll, as it was previewed, with the roster, and asks the center about whoever is new.
    ///
    /// # Errors
    /// A sheet that cannot be read as a payroll, [`DeskError::ROSTER_MISSING`]. A center that is not reached is none:
    /// the view says so.
    pub async fn compare_open(self: &Arc<Self>, choice: ImportChoice) -> Result<ComparisonView, DeskError> {
        let (accepted, mut comparing) = blocking(self, move |desk| desk.compare(&choice)).await?;
        // Before anything is kept: whoever gives up while the center is asked has nothing.
        let wanted = comparing.not_asked(&accepted.known);
        let answers = accepted.step.or_given_up(self.look_up(&wanted)).await.map_err(|_| SheetError::Cancelled)?;
        comparing.learn(wanted, answers);
        let id = comparing.id.to_string();
        blocking(self, move |desk| {
            desk.keep_comparison(&accepted, comparing)?;
            desk.comparison(&id)
        })
        .await
    }

    /// What the sheet says beside the roster; nothing is kept.
    fn compare(&self, choice: &ImportChoice) -> Result<(Accepted, Comparing), DeskError> {
        if choice.kind.as_deref() != Some("payroll") {
            return Err(DeskError::refusal(DeskError::BAD_ARGUMENTS));
        }
        let (mut accepted, sheet) = self.accept(choice)?;
        let roster = accepted.known.roster.clone().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let comparison = compare::compare(&sheet, &roster, accepted.known.circumstances(accepted.period));
        let (file_name, sha256) = accepted.file();
        let head = Head {
            center: accepted.center.clone(),
            unit_account: accepted.unit_account.clone(),
            period: accepted.period,
            file_name,
            sha256,
            sheet: sheet.name.to_string(),
            file_findings: std::mem::take(&mut accepted.file_findings),
            roster_version: roster.version,
            elsewhere: Elsewhere::default(),
            decisions: Decisions::new(),
            mended: Vec::new(),
            before: None,
            confirmations: BTreeMap::new(),
            made: BTreeMap::new(),
            open: 0,
            to_file: 0,
        };
        let at = text::stamp(accepted.now);
        let id = self.config.clock.new_id();
        let body = Body { sheet, comparison };
        Ok((accepted, Comparing { id, revision: 1, saved_at: at, head, body, trouble: None }))
    }

    fn keep_comparison(&self, accepted: &Accepted, mut comparing: Comparing) -> Result<(), DeskError> {
        comparing.counted(&accepted.known);
        let Comparing { id, saved_at, head, body, .. } = &comparing;
        let mut inner = self.inner();
        accepted.keep(self, &mut inner, saved_at, |store| Ok(store.create_comparison(*id, saved_at, head, body)?))?;
        inner.comparing = Some(comparing);
        Ok(())
    }

    /// Every comparison that is kept of the open unit.
    pub fn comparisons(&self) -> Result<ComparisonsView, DeskError> {
        let mut inner = self.inner();
        let (center, account) = {
            let session = inner.session()?;
            (session.info.profile.code.clone(), session.connection.unit_account.clone())
        };
        let kept = inner.store()?.comparisons::<Head>()?;
        let comparisons = kept
            .into_iter()
            .filter(|one| one.head.center == center && one.head.unit_account == account)
            .map(|one| ComparisonEntry {
                comparison: one.id.to_string(),
                period: one.head.period.to_string(),
                file_name: one.head.file_name,
                open: one.head.open,
                made: !one.head.made.is_empty(),
                saved_at: text::local_time(&one.saved_at),
            })
            .collect();
        Ok(ComparisonsView { comparisons })
    }

    /// A comparison's head.
    pub fn comparison(&self, comparison: &str) -> Result<ComparisonView, DeskError> {
        self.with_comparison(id_of(comparison)?, |comparing, scene| comparing.view(scene.known, scene.store))
    }

    /// A hundred of its people.
    pub fn comparison_page(
        &self,
        comparison: &str,
        filter: &ComparisonFilter,
        page: u32,
    ) -> Result<ComparisonPage, DeskError> {
        self.with_comparison(id_of(comparison)?, |comparing, scene| comparing.page(scene.known, filter, page))
    }

    /// Takes a decision about some people, or takes it back.
    ///
    /// # Errors
    /// An answer that does not fit, [`DeskError::COMPARISON_MADE`] once its drafts are made; nothing is decided then.
    pub fn compare_decide(
        &self,
        comparison: &str,
        revision: u64,
        decision: &ComparisonDecision,
    ) -> Result<ComparisonView, DeskError> {
        self.change_comparison(comparison, revision, |comparing, scene| {
            let decisions = comparing.decided(scene.known, decision)?;
            if decisions != comparing.head.decisions {
                let before = std::mem::replace(&mut comparing.head.decisions, decisions);
                comparing.head.before = Some(Before::Decided(before));
            }
            Ok(false)
        })
    }

    /// Takes the last step, a decision or a mended cell, back; once more, and it is taken again.
    ///
    /// # Errors
    /// [`DeskError::NO_STEP`], [`DeskError::COMPARISON_MADE`].
    pub fn compare_undo(&self, comparison: &str, revision: u64) -> Result<ComparisonView, DeskError> {
        self.change_comparison(comparison, revision, |comparing, scene| comparing.step_back(scene.known))
    }

    /// Mends a cell of the payroll and compares anew; the workbook stays as it is. Whoever became new by it is asked
    /// about at the center.
    ///
    /// # Errors
    /// A cell that is not there, [`DeskError::COMPARISON_MADE`] once its drafts are made.
    pub async fn compare_mend(
        self: &Arc<Self>,
        comparison: String,
        revision: u64,
        mend: ComparisonMend,
    ) -> Result<ComparisonView, DeskError> {
        let (desk, id) = (self.clone(), comparison.clone());
        let mended = move || {
            desk.change_comparison(&id, revision, |comparing, scene| {
                comparing.mend(scene.known, &mend)?;
                Ok(true)
            })
        };
        tokio::task::spawn_blocking(mended).await.map_err(|e| DeskError::Internal(e.to_string()))??;
        self.compare_lookup(comparison).await
    }

    /// Confirms the warnings of a code with a note, or takes the confirmation back.
    ///
    /// # Errors
    /// [`DeskError::COMPARISON_MADE`].
    pub fn compare_confirm(
        &self,
        comparison: &str,
        revision: u64,
        code: &str,
        note: Option<String>,
    ) -> Result<ComparisonView, DeskError> {
        let code = crate::drafts::code_of(code)?;
        self.change_comparison(comparison, revision, |comparing, _| {
            match note {
                Some(note) => comparing.head.confirmations.insert(code, note),
                None => comparing.head.confirmations.remove(&code),
            };
            Ok(false)
        })
    }

    /// Asks the center about everybody new whom it was not asked about; the view says what went wrong.
    pub async fn compare_lookup(self: &Arc<Self>, comparison: String) -> Result<ComparisonView, DeskError> {
        self.ask_elsewhere(id_of(&comparison)?).await?;
        in_place(|| self.comparison(&comparison))
    }

    /// Makes a draft of every kind that the decisions ask for; those that were made before are left as they are.
    ///
    /// # Errors
    /// [`DeskError::COMPARISON_OPEN`] while somebody waits for an answer, [`DeskError::COMPARISON_UNCONFIRMED`],
    /// [`DeskError::COMPARISON_BLOCKED`]; nothing is made then.
    pub async fn compare_to_drafts(
        self: &Arc<Self>,
        comparison: String,
        revision: u64,
    ) -> Result<ComparisonView, DeskError> {
        let id = id_of(&comparison)?;
        in_place(|| self.with_comparison(id, |comparing, _| comparing.expect(revision)))?;
        // What the center says may stop somebody; without it the drafts ask for it themselves.
        self.ask_elsewhere(id).await?;
        let desk = self.clone();
        tokio::task::spawn_blocking(move || desk.make_drafts(id))
            .await
            .map_err(|e| DeskError::Internal(e.to_string()))?
    }

    fn make_drafts(&self, id: Uuid) -> Result<ComparisonView, DeskError> {
        self.with_comparison(id, |comparing, scene| {
            let obstacles = [
                (DeskError::COMPARISON_BLOCKED, comparing.blocking()),
                (DeskError::COMPARISON_OPEN, comparing.lines(scene.known).iter().filter(|line| line.is_open()).count()),
                (DeskError::COMPARISON_UNCONFIRMED, comparing.unconfirmed().len()),
            ];
            if let Some((code, count)) = obstacles.into_iter().find(|(_, count)| *count > 0) {
                return Err(DeskError::refusal_with(code, "count", count));
            }
            let alive = comparing.alive(scene.store)?;
            let mut drafts = Vec::new();
            for (kind, rows) in comparing.filed(scene.known) {
                if !alive.contains_key(&kind) {
                    let draft = self.draft_of(comparing, kind, rows, scene);
                    drafts.push(draft);
                }
            }
            if !drafts.is_empty() {
                let before = comparing.head.made.clone();
                let made = drafts.iter().map(|draft| (draft.head.kind, draft.place.id));
                comparing.head.made.extend(made);
                comparing.keep(scene, false, &drafts)?;
                // What was taken back of this comparison is made anew now, not brought back beside it.
                scene.deleted.retain(|gone| !before.values().any(|made| *made == gone.id()));
            }
            comparing.view(scene.known, scene.store)
        })
    }

    fn draft_of(&self, comparing: &Comparing, kind: FilingKind, rows: Vec<RawRow>, scene: &Scene<'_>) -> Draft {
        let columns: BTreeMap<_, u16> = huijiao_sheets::write::template_fields(kind).zip(0..).collect();
        let placed = |mut raw: RawRow| {
            raw.cells.change(|field, cell| cell.column = columns.get(field).copied().unwrap_or(cell.column));
            DraftRow { raw, excluded: false, edited: BTreeSet::new() }
        };
        let mut confirmations = BTreeMap::new();
        if comparing.body.comparison.base_compared {
            confirmations.insert(Code::RosterMissing, EVERYBODY_COMPARED.to_owned());
        }
        let new = NewDraft {
            kind,
            period: comparing.head.period,
            title: format!("智能比对：{}", comparing.head.file_name),
            source: None,
            rows: rows.into_iter().map(placed).collect(),
            elsewhere: comparing.head.elsewhere.clone(),
            confirmations,
        };
        begun(new, scene.known, scene.unit_account.to_owned(), self.config.clock.new_id(), text::stamp(scene.now))
    }

    /// Takes every draft back that was made of a comparison and is still worked on here: they are deleted together, and
    /// can be brought back together like a single one.
    ///
    /// # Errors
    /// [`DeskError::COMPARISON_STALE`] where there is none any more. Nothing is deleted then.
    pub fn compare_take_back(&self, comparison: &str, revision: u64) -> Result<ComparisonView, DeskError> {
        self.with_comparison(id_of(comparison)?, |comparing, scene| {
            comparing.expect(revision)?;
            let open = comparing.to_take_back(scene.store)?;
            if open.is_empty() {
                return Err(DeskError::refusal(DeskError::COMPARISON_STALE));
            }
            *scene.deleted = scene.store.delete_drafts(&open)?;
            for draft in &open {
                scene.drafts.remove(draft);
            }
            comparing.view(scene.known, scene.store)
        })
    }

    /// Deletes a comparison; the drafts that were made of it stay.
    pub fn comparison_delete(&self, comparison: &str) -> Result<ComparisonsView, DeskError> {
        let id = id_of(comparison)?;
        {
            let mut inner = self.inner();
            inner.store()?.delete_comparison(id)?;
            if inner.comparing.as_ref().is_some_and(|one| one.id == id) {
                inner.comparing = None;
            }
        }
        self.comparisons()
    }

    /// Asks the center about everybody new whom it was not asked about. What goes wrong is kept to be shown.
    async fn ask_elsewhere(self: &Arc<Self>, id: Uuid) -> Result<(), DeskError> {
        let wanted = in_place(|| self.with_comparison(id, |comparing, scene| Ok(comparing.not_asked(scene.known))))?;
        if wanted.is_empty() {
            return Ok(());
        }
        let answers = self.look_up(&wanted).await;
        in_place(|| {
            self.with_comparison(id, |comparing, scene| {
                if comparing.learn(wanted, answers) { comparing.keep(scene, false, &[]) } else { Ok(()) }
            })
        })
    }

    async fn look_up(&self, wanted: &[Person]) -> Result<Vec<roster::Known>, DeskError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        // Without a gateway nobody can be asked, and that is said like a center that is not reached.
        let (gateway, account) = self.reach()?;
        Ok(gateway.lookup(&account, wanted).await?)
    }

    /// Changes a comparison whose drafts are not made yet; `change` says whether the sheet or what was found changed.
    fn change_comparison(
        &self,
        comparison: &str,
        revision: u64,
        change: impl FnOnce(&mut Comparing, &Scene<'_>) -> Result<bool, DeskError>,
    ) -> Result<ComparisonView, DeskError> {
        self.with_comparison(id_of(comparison)?, |comparing, scene| {
            comparing.expect(revision)?;
            if !comparing.alive(scene.store)?.is_empty() {
                return Err(DeskError::refusal(DeskError::COMPARISON_MADE));
            }
            let body = change(comparing, scene)?;
            comparing.keep(scene, body, &[])?;
            comparing.view(scene.known, scene.store)
        })
    }

    /// Runs `step` on a comparison, opened from the store where it is not in memory.
    fn with_comparison<T>(
        &self,
        id: Uuid,
        step: impl FnOnce(&mut Comparing, &mut Scene<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let mut inner = self.inner();
        let now = self.now(&inner);
        let Inner { store, session, comparing, drafts, deleted, .. } = &mut *inner;
        let store = store.as_mut().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))?;
        let session = session.as_ref().ok_or_else(|| DeskError::refusal(DeskError::NO_SESSION))?;
        let known = session.known(now);
        let mut opened = match comparing.take() {
            Some(opened) if opened.id == id => opened,
            Some(_) | None => load(store, id)?,
        };
        let unit_account = session.connection.unit_account.as_str();
        if opened.head.unit_account != unit_account || opened.head.center != known.profile.code {
            return Err(DeskError::refusal(DeskError::COMPARISON_GONE));
        }
        let mut scene = Scene { store, drafts, deleted, known: &known, unit_account, now };
        let trouble = opened.trouble.clone();
        let outcome = opened.follow(&mut scene).and_then(|()| step(&mut opened, &mut scene));
        // After a refusal what is in memory may be ahead of what is stored: the next look reads the store.
        if outcome.is_ok() {
            *comparing = Some(opened);
        } else if let Ok(mut again) = load(scene.store, id) {
            again.trouble = trouble;
            *comparing = Some(again);
        }
        outcome
    }
}

impl Comparing {
    fn expect(&self, revision: u64) -> Result<(), DeskError> {
        if self.revision == revision { Ok(()) } else { Err(DeskError::refusal(DeskError::COMPARISON_STALE)) }
    }
}

fn load(store: &Store, id: Uuid) -> Result<Comparing, DeskError> {
    let gone = || DeskError::refusal(DeskError::COMPARISON_GONE);
    let kept = store.comparison::<Head>(id)?.ok_or_else(gone)?;
    let body = store.comparison_body::<Body>(id)?.ok_or_else(gone)?;
    Ok(Comparing { id, revision: kept.revision, saved_at: kept.saved_at, head: kept.head, body, trouble: None })
}
