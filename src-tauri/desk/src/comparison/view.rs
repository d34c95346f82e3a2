//! A comparison as the screen shows it.

use std::collections::BTreeMap;

use huijiao_domain::compare::filed::{self, Decision, Line};
use huijiao_domain::compare::{Amounts, Answer, ProposalKind};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::{Code, Finding};
use huijiao_domain::mask;
use huijiao_domain::money::Yuan;
use huijiao_domain::sheet::Field;
use huijiao_domain::texts;
use huijiao_store::{DraftLife, Store};

use super::{Comparing, count, found, group_of};
use crate::draft::finding_view;
use crate::error::DeskError;
use crate::session::Known;
use crate::text;
use crate::views::{
    Choice, ComparisonFilter, ComparisonFinding, ComparisonGroup, ComparisonLine, ComparisonMaking, ComparisonPage,
    ComparisonView, MendedCell, RowProblem,
};

/// People of one page: a table of the screen slows down with more.
const PAGE: usize = 100;

impl Comparing {
    pub(super) fn view(&self, known: &Known, store: &Store) -> Result<ComparisonView, DeskError> {
        let lines = self.lines(known);
        let alive = self.alive(store)?;
        let findings = grouped(self.findings(), &self.head.confirmations);
        Ok(ComparisonView {
            comparison: self.id.to_string(),
            revision: self.revision,
            period: self.head.period.to_string(),
            file_name: self.head.file_name.clone(),
            sheet: self.head.sheet.clone(),
            people: count(self.body.sheet.rows.len()),
            roster_version: self.head.roster_version,
            base_compared: self.body.comparison.base_compared,
            groups: ProposalKind::ALL.iter().map(|kind| group(*kind, &lines)).collect(),
            open: count(lines.iter().filter(|line| line.is_open()).count()),
            findings,
            unconfirmed: count(self.unconfirmed().len()),
            blocking: count(self.blocking()),
            not_asked: count(filed::not_asked(&lines).len()),
            trouble: self.trouble.clone(),
            reasons: known
                .profile
                .seal_reasons
                .iter()
                .map(|reason| Choice { value: reason.name.clone(), label: reason.name.clone() })
                .collect(),
            making: self.making(&lines, &alive),
            in_several: count(lines.iter().filter(|line| line.filings().nth(1).is_some()).count()),
            made: !alive.is_empty(),
            to_take_back: count(self.to_take_back(store)?.len()),
            can_undo: self.head.before.is_some() && alive.is_empty(),
            saved_at: text::local_time(&self.saved_at),
        })
    }

    fn making(&self, lines: &[Line<'_>], alive: &BTreeMap<FilingKind, DraftLife>) -> Vec<ComparisonMaking> {
        let mut people: BTreeMap<FilingKind, u32> = BTreeMap::new();
        for kind in lines.iter().flat_map(Line::filings) {
            *people.entry(kind).or_default() += 1;
        }
        people
            .into_iter()
            .map(|(kind, people)| {
                let (draft, filing) = match alive.get(&kind) {
                    Some(DraftLife::Open) => (self.head.made.get(&kind).map(ToString::to_string), None),
                    Some(DraftLife::Signed(filing)) => (None, Some(filing.to_string())),
                    Some(DraftLife::Gone) | None => (None, None),
                };
                ComparisonMaking { kind: kind.as_str().into(), label: kind.label().into(), people, draft, filing }
            })
            .collect()
    }

    pub(super) fn page(
        &self,
        known: &Known,
        filter: &ComparisonFilter,
        page: u32,
    ) -> Result<ComparisonPage, DeskError> {
        let group = filter.group.as_deref().map(group_of).transpose()?;
        let find = filter.find.as_deref().unwrap_or_default();
        let lines = self.lines(known);
        let shown: Vec<&Line<'_>> = lines
            .iter()
            .filter(|line| group.is_none_or(|group| line.proposal.kind == group))
            .filter(|line| !filter.open || line.is_open())
            .filter(|line| found(line, find))
            .collect();
        let from = (page as usize).saturating_mul(PAGE);
        Ok(ComparisonPage {
            revision: self.revision,
            page,
            total: count(shown.len()),
            size: count(PAGE),
            lines: shown.iter().skip(from).take(PAGE).map(|line| self.line(line)).collect(),
        })
    }

    fn line(&self, line: &Line<'_>) -> ComparisonLine {
        let proposal = &line.proposal;
        let (answer, seal_reason, left_out) = match line.decision {
            Some(Decision::Answered { answer, reason }) => {
                (Some(*answer), Some(reason.clone()).filter(|reason| !reason.is_empty()), None)
            }
            Some(Decision::LeftOut { note }) => (None, None, Some(note.clone())),
            None => (None, None, None),
        };
        let base = |amounts: Option<Amounts>| amounts.map(|amounts| amounts.base.to_string());
        ComparisonLine {
            key: line.key.clone(),
            kind: proposal.kind.as_str().into(),
            titles: std::iter::once(proposal.kind).chain(proposal.also.iter().copied()).map(title).collect(),
            name: proposal.name.to_string(),
            said: filed::shown(proposal),
            id_masked: mask::id_number(&proposal.id_number),
            account: proposal.account.to_string(),
            row: proposal.row,
            reason: line.reason(),
            problems: self.problems(line),
            mended: self.mended(line),
            before: base(proposal.before),
            after: base(proposal.after),
            answers: line.answers().map(choice).collect(),
            answer: answer.map(|answer| answer.as_str().to_owned()),
            seal_reason,
            left_out,
            may_be_left_out: line.may_be_left_out(),
            open: line.is_open(),
            filings: line.filings().map(|kind| kind.label().to_owned()).collect(),
        }
    }

    /// What is wrong with the row of somebody who could not be compared.
    fn problems(&self, line: &Line<'_>) -> Vec<RowProblem> {
        if line.proposal.kind != ProposalKind::NotComparable {
            return Vec::new();
        }
        let raw = line.proposal.row_in(&self.body.sheet);
        let of_row = |finding: &&Finding| finding.at.as_ref().map(|at| at.row) == line.proposal.row;
        let problem = |finding: &Finding| RowProblem {
            message: finding.message(),
            field: finding.field.map(|field| field.as_str().to_owned()),
            label: finding.field.map(Field::label).unwrap_or_default().to_owned(),
            text: finding.field.zip(raw).map(|(field, raw)| raw.text(field).to_owned()).unwrap_or_default(),
            fix: finding.fix.clone(),
        };
        self.body.comparison.findings.iter().filter(of_row).map(problem).collect()
    }

    /// What was mended in a row.
    fn mended(&self, line: &Line<'_>) -> Vec<MendedCell> {
        let row = line.proposal.row_in(&self.body.sheet);
        let of_row = self.head.mended.iter().filter(|cell| Some(cell.row) == line.proposal.row);
        of_row
            .filter_map(|cell| {
                let said = |text: &str| {
                    if cell.field == Field::IdNumber { mask::id_number(text) } else { text.to_owned() }
                };
                let before = cell.cell.as_ref().map_or("", |cell| cell.text.as_str());
                Some(MendedCell {
                    field: cell.field.as_str().into(),
                    label: cell.field.label().into(),
                    before: said(before),
                    after: said(row?.text(cell.field)),
                })
            })
            .collect()
    }
}

fn group(kind: ProposalKind, lines: &[Line<'_>]) -> ComparisonGroup {
    let of: Vec<&Line<'_>> = lines.iter().filter(|line| line.proposal.kind == kind).collect();
    let sum = |amounts: fn(&Line<'_>) -> Option<Amounts>| {
        let mut sum = Yuan::ZERO;
        for parts in of.iter().filter_map(|line| amounts(line)?.parts) {
            sum += parts.monthly();
        }
        sum.to_string()
    };
    ComparisonGroup {
        kind: kind.as_str().into(),
        title: title(kind),
        people: count(of.len()),
        open: count(of.iter().filter(|line| line.is_open()).count()),
        undecided: count(of.iter().filter(|line| line.decision.is_none() && line.may_be_left_out()).count()),
        answers: of.first().map(|line| line.answers().map(choice).collect()).unwrap_or_default(),
        before: sum(|line| line.proposal.before),
        after: sum(|line| line.proposal.after),
    }
}

fn title(kind: ProposalKind) -> String {
    texts::title(match kind {
        ProposalKind::New => "PROPOSAL-NEW",
        ProposalKind::Returned => "PROPOSAL-RETURNED",
        ProposalKind::Left => "PROPOSAL-LEFT",
        ProposalKind::BaseChanged => "PROPOSAL-BASE-CHANGED",
        ProposalKind::NameDiffers => "PROPOSAL-NAME-DIFFERS",
        ProposalKind::IdDiffers => "PROPOSAL-ID-DIFFERS",
        ProposalKind::Unchanged => "PROPOSAL-UNCHANGED",
        ProposalKind::NotComparable => "PROPOSAL-NOT-COMPARABLE",
    })
    .to_owned()
}

fn choice(answer: Answer) -> Choice {
    Choice { value: answer.as_str().into(), label: answer.label().into() }
}

/// One entry per code, in the order they were found.
fn grouped<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    confirmations: &BTreeMap<Code, String>,
) -> Vec<ComparisonFinding> {
    let mut groups: Vec<(Code, ComparisonFinding)> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|(code, _)| *code == finding.code) {
            Some((_, group)) => group.count += 1,
            None => groups.push((
                finding.code,
                ComparisonFinding {
                    finding: finding_view(finding),
                    count: 1,
                    confirmed: confirmations.get(&finding.code).cloned(),
                },
            )),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
