//! From proposals to filings: what the clerk decided, what is still open, and the rows that come of it.
//!
//! A person about whom more than one thing was found has a row in each of the filings. Every row has him as the roster
//! has him now, so the filings are booked in the order of their kinds: whoever returns before his base is adjusted,
//! and what he is called last.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Answer, Comparison, Proposal, ProposalKind, account_key, adjustable, base_field, code_of, said_of};
use crate::field::Field;
use crate::filing::status_change::Change;
use crate::filing::{Circumstances, FilingKind};
use crate::mask;
use crate::profile::CenterProfile;
use crate::roster::{AccountStatus, Elsewhere, Known, Roster, RosterIndex};
use crate::sheet::{CellKind, NO_COLUMN, RawCell, RawRow, RawSheet, RowCells};

/// What the clerk decided about one proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum Decision {
    /// The question answered.
    Answered {
        /// The answer.
        answer: Answer,
        /// 封存原因 by its name at the center, for [`Answer::Seal`]; empty otherwise
        reason: String,
    },
    /// 本次不办: nothing is filed this time.
    LeftOut {
        /// Why.
        note: String,
    },
}

/// Decisions by [`Line::key`].
pub type Decisions = BTreeMap<String, Decision>;

/// Why a decision cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing is asked about this person, or not this.
    NotAsked,
    /// 封存 without a reason that the center knows.
    Reason,
    /// 本次不办 without a note.
    Note,
}

/// What becomes of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is to be filed.
    Nothing,
    /// Waits for an answer, or to be mended or left out: no filing is made before.
    Open,
    /// A row of this filing.
    Filed(FilingKind),
    /// 本次不办
    LeftOut,
}

/// A proposal with what was decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// What decisions name it by.
    pub key: String,
    /// What was found out; of two people of one name, whoever is not in the sheet has a proposal of his own.
    pub proposal: Cow<'a, Proposal>,
    /// What was decided.
    pub decision: Option<&'a Decision>,
    /// What becomes of it.
    pub standing: Standing,
    /// What it is filed, or stopped, for; the proposal's own kind until something is decided.
    pub step: ProposalKind,
    /// What else is filed about this person, each with its filing.
    pub beside: Vec<(ProposalKind, FilingKind)>,
    /// The base is another too, but the month does not let it be adjusted.
    pub base_noted: bool,
    /// What the center knows of somebody who is new here.
    pub elsewhere: Option<&'a Known>,
}

impl Line<'_> {
    /// The stable code of its reason; the words are in the one table of texts.
    pub fn code(&self) -> &'static str {
        let newcomer = self.elsewhere.filter(|_| self.step == ProposalKind::New).map(Newcomer::of);
        match newcomer {
            Some(Newcomer::TransferIn) => "PROPOSAL-TRANSFER-IN",
            Some(Newcomer::PaysElsewhere) => "PROPOSAL-PAYS-ELSEWHERE",
            Some(Newcomer::OtherName) => "PROPOSAL-OTHER-NAME",
            Some(Newcomer::Register) | None => {
                code_of(self.step, self.proposal.filing.is_some() || matches!(self.standing, Standing::Filed(_)))
            }
        }
    }

    /// Why it is proposed and what to do, in Chinese; ID numbers are masked.
    pub fn reason(&self) -> String {
        let args = self.args();
        let mut reason = said_of(self.code(), &args, true);
        let beside = self.beside.iter().map(|(step, _)| code_of(*step, true));
        for code in beside.chain(self.base_noted.then(|| code_of(ProposalKind::BaseChanged, false))) {
            reason.push_str(&said_of(code, &args, true));
        }
        reason
    }

    /// The filings it has a row in, in the order in which they are booked.
    pub fn filings(&self) -> impl Iterator<Item = FilingKind> {
        let beside = self.beside.iter().map(|(_, kind)| *kind);
        let filings: BTreeSet<FilingKind> = self.filed().into_iter().chain(beside).collect();
        filings.into_iter()
    }

    fn filed(&self) -> Option<FilingKind> {
        match self.standing {
            Standing::Filed(kind) => Some(kind),
            Standing::Nothing | Standing::Open | Standing::LeftOut => None,
        }
    }

    fn args(&self) -> BTreeMap<String, String> {
        let mut args = self.proposal.args();
        if let Some(Known::Account { personal_account, status }) = self.elsewhere {
            args.insert("account".into(), personal_account.clone());
            args.insert("status".into(), status.label().into());
        }
        args
    }

    /// The reason as the row that is filed for one step carries it: what was found, and what was answered.
    fn remark(&self, step: ProposalKind) -> String {
        let args = self.args();
        if step != self.step {
            return said_of(code_of(step, true), &args, false);
        }
        let mut remark = said_of(self.proposal.code(), &args, false);
        if let Some(Decision::Answered { answer, .. }) = self.decision {
            remark.push_str("经办人选择：");
            remark.push_str(answer.label());
            remark.push('。');
        }
        if self.code() != self.proposal.code() {
            remark.push_str(&said_of(self.code(), &args, false));
        }
        remark
    }

    /// Whether it waits for the clerk.
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    /// What may be answered.
    pub fn answers(&self) -> impl Iterator<Item = Answer> {
        self.proposal.question().iter().copied()
    }

    /// Whether it can be left out: there is something to file or to answer.
    pub fn may_be_left_out(&self) -> bool {
        match self.proposal.kind {
            ProposalKind::Unchanged => false,
            ProposalKind::BaseChanged => self.proposal.filing.is_some(),
            ProposalKind::New
            | ProposalKind::Returned
            | ProposalKind::Left
            | ProposalKind::NameDiffers
            | ProposalKind::IdDiffers
            | ProposalKind::NotComparable => true,
        }
    }

    /// Whether a decision can be taken here.
    ///
    /// # Errors
    /// [`Unfit`], and why.
    pub fn fits(&self, decision: &Decision, profile: &CenterProfile) -> Result<(), Unfit> {
        match decision {
            Decision::LeftOut { .. } if !self.may_be_left_out() => Err(Unfit::NotAsked),
            Decision::LeftOut { note } if note.trim().is_empty() => Err(Unfit::Note),
            Decision::Answered { answer, .. } if !self.answers().any(|one| one == *answer) => Err(Unfit::NotAsked),
            Decision::Answered { answer: Answer::Seal, reason } if profile.seal_reason(reason).is_none() => {
                Err(Unfit::Reason)
            }
            Decision::LeftOut { .. } | Decision::Answered { .. } => Ok(()),
        }
    }
}

/// What the center's answer means for somebody who is new here.
enum Newcomer {
    Register,
    TransferIn,
    PaysElsewhere,
    OtherName,
}

impl Newcomer {
    fn of(known: &Known) -> Self {
        match known {
            Known::Nobody => Self::Register,
            Known::OtherName => Self::OtherName,
            Known::Account { status, .. } => match status {
                AccountStatus::Sealed => Self::TransferIn,
                AccountStatus::Normal | AccountStatus::Frozen | AccountStatus::Other => Self::PaysElsewhere,
                // A closed account is no account.
                AccountStatus::ClosedByMerger | AccountStatus::ClosedByTransfer | AccountStatus::ClosedByWithdrawal => {
                    Self::Register
                }
            },
        }
    }
}

/// Every proposal with what was decided about it. `of.elsewhere` is what the center was asked.
pub fn lines<'a>(comparison: &'a Comparison, decisions: &'a Decisions, of: Circumstances<'a>) -> Vec<Line<'a>> {
    let adjustable = adjustable(of);
    let mut lines = Vec::with_capacity(comparison.proposals.len());
    let mut parted = Vec::new();
    for proposal in &comparison.proposals {
        let line = line(Cow::Borrowed(proposal), decisions, of.elsewhere, adjustable);
        if answered(line.decision) == Some(Answer::TwoPeople) {
            parted.push(missing(proposal));
        }
        lines.push(line);
    }
    lines.extend(parted.into_iter().map(|one| line(Cow::Owned(one), decisions, of.elsewhere, adjustable)));
    lines
}

/// Of two people of one name: whoever is not in the sheet.
fn missing(proposal: &Proposal) -> Proposal {
    // Whoever is sealed already and not in the sheet stays sealed.
    let kind = if proposal.before.is_some() { ProposalKind::Left } else { ProposalKind::Unchanged };
    Proposal {
        kind,
        also: Box::default(),
        filing: None,
        row: None,
        index: None,
        said: SmolStr::default(),
        after: None,
        ..proposal.clone()
    }
}

fn answered(decision: Option<&Decision>) -> Option<Answer> {
    match decision {
        Some(Decision::Answered { answer, .. }) => Some(*answer),
        Some(Decision::LeftOut { .. }) | None => None,
    }
}

fn line<'a>(
    proposal: Cow<'a, Proposal>,
    decisions: &'a Decisions,
    elsewhere: Option<&'a Elsewhere>,
    adjustable: bool,
) -> Line<'a> {
    let key = if proposal.row.is_some() { proposal.key() } else { account_key(&proposal.account) };
    let decision = decisions.get(&key);
    let mut line = Line {
        key,
        step: proposal.kind,
        proposal,
        decision,
        standing: Standing::Nothing,
        beside: Vec::new(),
        base_noted: false,
        elsewhere: None,
    };
    let (kind, also) = (line.proposal.kind, line.proposal.also.clone());
    // An ID number that is new in the unit may be known in the city, be it a new person's or not.
    let renumbered = kind == ProposalKind::IdDiffers && answered(decision) == Some(Answer::Update);
    if kind == ProposalKind::New || renumbered || answered(decision) == Some(Answer::TwoPeople) {
        let (id_number, name) = newcomer(&line.proposal);
        line.elsewhere = elsewhere.and_then(|known| known.about(id_number, name));
    }
    if matches!(decision, Some(Decision::LeftOut { .. })) {
        line.standing = Standing::LeftOut;
        return line;
    }
    let answer = answered(decision);
    let noted = also.contains(&ProposalKind::BaseChanged) && !adjustable;
    let mut steps =
        std::iter::once(kind).chain(also).filter_map(|step| standing(step, answer, line.elsewhere, adjustable));
    let Some((step, standing)) = steps.next() else { return line };
    // Of two people of one name the row is about the new one: the rest was found about the other.
    if matches!(standing, Standing::Filed(_)) && answer != Some(Answer::TwoPeople) {
        line.beside = steps
            .filter_map(|(step, standing)| match standing {
                Standing::Filed(filing) => Some((step, filing)),
                Standing::Nothing | Standing::Open | Standing::LeftOut => None,
            })
            .collect();
        line.base_noted = noted;
    }
    line.step = step;
    line.standing = standing;
    line
}

/// Number and name of somebody who is new here, as the sheet has them.
fn newcomer(proposal: &Proposal) -> (&str, &str) {
    match proposal.kind {
        // Found by his name: the number is the sheet's other one.
        ProposalKind::IdDiffers => (&proposal.said, &proposal.name),
        ProposalKind::New
        | ProposalKind::Returned
        | ProposalKind::Left
        | ProposalKind::BaseChanged
        | ProposalKind::NameDiffers
        | ProposalKind::Unchanged
        | ProposalKind::NotComparable => (&proposal.id_number, &proposal.name),
    }
}

/// What is done for one thing that was found out; `None` where it is settled without a filing.
fn standing(
    step: ProposalKind,
    answer: Option<Answer>,
    known: Option<&Known>,
    adjustable: bool,
) -> Option<(ProposalKind, Standing)> {
    let new = || match known.map(Newcomer::of) {
        None | Some(Newcomer::Register) => Standing::Filed(FilingKind::ContributorRegistration),
        Some(Newcomer::TransferIn) => Standing::Filed(FilingKind::StatusChange),
        Some(Newcomer::PaysElsewhere | Newcomer::OtherName) => Standing::Open,
    };
    match step {
        ProposalKind::New => Some((step, new())),
        ProposalKind::Returned => Some((step, Standing::Filed(FilingKind::StatusChange))),
        ProposalKind::Left => match answer {
            Some(Answer::Seal | Answer::TransferOut) => Some((step, Standing::Filed(FilingKind::StatusChange))),
            Some(Answer::Forgotten) => None,
            Some(Answer::Update | Answer::TypingError | Answer::TwoPeople) | None => Some((step, Standing::Open)),
        },
        ProposalKind::NameDiffers | ProposalKind::IdDiffers => match answer {
            Some(Answer::Update) => Some((step, Standing::Filed(FilingKind::ContributorUpdate))),
            Some(Answer::TypingError) => None,
            Some(Answer::TwoPeople) => Some((ProposalKind::New, new())),
            Some(Answer::Seal | Answer::TransferOut | Answer::Forgotten) | None => Some((step, Standing::Open)),
        },
        ProposalKind::BaseChanged => adjustable.then_some((step, Standing::Filed(FilingKind::BaseAdjustment))),
        ProposalKind::NotComparable => Some((step, Standing::Open)),
        ProposalKind::Unchanged => None,
    }
}

/// Number and name of everybody whose ID number is new here and whom the center was not asked about.
pub fn not_asked(lines: &[Line<'_>]) -> Vec<(String, String)> {
    let asks = |line: &&Line<'_>| {
        let filed = [
            (ProposalKind::New, Standing::Filed(FilingKind::ContributorRegistration)),
            (ProposalKind::IdDiffers, Standing::Filed(FilingKind::ContributorUpdate)),
        ];
        filed.contains(&(line.step, line.standing))
    };
    lines
        .iter()
        .filter(|line| line.elsewhere.is_none())
        .filter(asks)
        .map(|line| {
            let (id_number, name) = newcomer(&line.proposal);
            (id_number.to_owned(), name.to_owned())
        })
        .collect()
}

/// The filings that the decisions make: rows in the fields of each kind's template, each with its reason in
/// [`Field::Remark`], numbered from 1. What is open is in none of them.
///
/// Cells have no column; where the sheet's own values are filed they stand as in the sheet, so that the checks of the
/// filing see what the clerk's sheet says.
pub fn filed(
    lines: &[Line<'_>],
    sheet: &RawSheet,
    roster: &Roster,
    of: Circumstances<'_>,
) -> BTreeMap<FilingKind, Vec<RawRow>> {
    let index = RosterIndex::of(roster);
    let mut filings: BTreeMap<FilingKind, Vec<RawRow>> = BTreeMap::new();
    for line in lines {
        let first = line.filed().map(|filing| (line.step, filing));
        for (step, filing) in first.into_iter().chain(line.beside.iter().copied()) {
            let rows = filings.entry(filing).or_default();
            let row = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(1);
            rows.push(RawRow { row, cells: cells(line, step, sheet, &index, of) });
        }
    }
    filings
}

/// Cells of one row as they are put together.
struct Cells<'a> {
    cells: RowCells,
    /// The row of the sheet.
    row: Option<&'a RawRow>,
}

impl Cells<'_> {
    fn put(&mut self, field: Field, text: impl Into<SmolStr>) {
        let text = text.into();
        if !text.is_empty() {
            self.cells.insert(field, RawCell { column: NO_COLUMN, text, kind: CellKind::Text });
        }
    }

    /// What the sheet says in one field, as another.
    fn copy(&mut self, from: Field, to: Field) {
        if let Some(cell) = self.row.and_then(|row| row.cells.get(&from)) {
            self.cells.insert(to, RawCell { column: NO_COLUMN, ..cell.into() });
        }
    }
}

fn cells(
    line: &Line<'_>,
    step: ProposalKind,
    sheet: &RawSheet,
    roster: &RosterIndex<'_>,
    of: Circumstances<'_>,
) -> RowCells {
    let proposal = &line.proposal;
    let row = proposal.row_in(sheet);
    let mut cells = Cells { cells: RowCells::new(), row };
    let base = base_field(sheet).unwrap_or(Field::Wage);
    if step == ProposalKind::New {
        for field in [Field::Name, Field::IdType, Field::IdNumber] {
            cells.copy(field, field);
        }
        cells.copy(base, Field::NewBase);
        match line.elsewhere {
            Some(Known::Account { personal_account, .. }) if matches!(line.code(), "PROPOSAL-TRANSFER-IN") => {
                cells.put(Field::PersonalAccount, personal_account);
                change(&mut cells, Change::TransferIn, of);
            }
            Some(Known::Account { .. } | Known::Nobody | Known::OtherName) | None => {
                for field in [Field::Sex, Field::BirthDate, Field::Mobile, Field::BankCard] {
                    cells.copy(field, field);
                }
            }
        }
    } else if let Some(person) = roster.by_account(&proposal.account) {
        // Whoever is known is filed for as the center has him.
        cells.put(Field::PersonalAccount, person.personal_account.clone());
        cells.put(Field::Name, person.name.clone());
        // In words, as a clerk writes it, where the center has any for its code.
        let id_type = of.profile.id_types.get(person.id_type.as_str()).map_or(person.id_type.as_str(), String::as_str);
        cells.put(Field::IdType, id_type);
        cells.put(Field::IdNumber, person.id_number.clone());
        match step {
            ProposalKind::Returned => change(&mut cells, Change::Unseal, of),
            ProposalKind::Left => match line.decision {
                Some(Decision::Answered { answer: Answer::TransferOut, .. }) => {
                    change(&mut cells, Change::TransferOut, of);
                }
                Some(Decision::Answered { reason, .. }) => {
                    change(&mut cells, Change::Seal, of);
                    cells.put(Field::Reason, reason);
                }
                Some(Decision::LeftOut { .. }) | None => {}
            },
            ProposalKind::BaseChanged => {
                cells.put(Field::OldBase, person.base.to_string());
                cells.copy(base, Field::NewBase);
            }
            ProposalKind::NameDiffers => cells.copy(Field::Name, Field::NewName),
            ProposalKind::IdDiffers => {
                cells.copy(Field::IdType, Field::NewIdType);
                cells.copy(Field::IdNumber, Field::NewIdNumber);
            }
            ProposalKind::New | ProposalKind::Unchanged | ProposalKind::NotComparable => {}
        }
    }
    cells.put(Field::Remark, line.remark(step));
    cells.cells
}

fn change(cells: &mut Cells<'_>, change: Change, of: Circumstances<'_>) {
    cells.put(Field::ChangeKind, change.label());
    cells.put(Field::Month, of.period.to_string());
}

/// Whether a text occurs in what a person is looked for by: name, account, end of the ID number, row.
pub fn found_by(line: &Line<'_>, text: &str) -> bool {
    let text = text.trim();
    let proposal = &line.proposal;
    text.is_empty()
        || proposal.name.contains(text)
        || proposal.account.contains(text)
        || proposal.said.contains(text)
        || (text.len() >= 4 && proposal.id_number.ends_with(&text.to_uppercase()))
        || proposal.row.is_some_and(|row| row.to_string() == text)
}

/// The sheet's name or ID number where it is not the roster's, fit to be shown.
pub fn shown(proposal: &Proposal) -> String {
    match proposal.kind {
        ProposalKind::IdDiffers => mask::id_number(&proposal.said),
        ProposalKind::New
        | ProposalKind::Returned
        | ProposalKind::Left
        | ProposalKind::BaseChanged
        | ProposalKind::NameDiffers
        | ProposalKind::Unchanged
        | ProposalKind::NotComparable => proposal.said.to_string(),
    }
}

#[cfg(test)]
mod tests;
