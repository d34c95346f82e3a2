//! `diff`: a payroll against the roster, and what has to be filed.

use std::collections::BTreeMap;
use std::fmt::Write;

use huijiao_domain::compare::filed::{self, Decisions};
use huijiao_domain::compare::{self, Amounts, Answer, Comparison, ProposalKind};
use huijiao_domain::filing::{Circumstances, FilingKind};
use huijiao_domain::finding::Finding;
use huijiao_domain::mask;
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::roster::Roster;
use huijiao_domain::texts;
use huijiao_sheets::ReadChoice;
use serde::Serialize;

use crate::args::{DiffArgs, Kind};
use crate::check::{self, Line};
use crate::refusal::Refusal;
use crate::roster::{self, Ratios};
use crate::{Report, pretty, profiles};

pub(crate) fn diff(args: &DiffArgs) -> Result<Report, Refusal> {
    let profile = profiles::open(&args.profile)?;
    let ratios = args.unit_ratio.zip(args.personal_ratio).map(|(unit, personal)| Ratios { unit, personal });
    let today = check::today(args.today, &profile);
    let known = roster::read(&args.roster, &profile, ratios)?;
    let period = check::period(args.period, &profile, &known, today)?;
    let unit = known.unit.clone().or_else(|| ratios.map(|ratios| ratios.stand_in(period)));
    let choice = ReadChoice { sheet: args.sheet.clone(), encoding: args.encoding.clone() };
    let taken = check::open(&args.file, &choice, Kind::Payroll)?;
    let empty = Roster { version: 0, contributors: Vec::new() };
    let of = Circumstances {
        books: None,
        profile: &profile,
        unit: unit.as_ref(),
        roster: None,
        elsewhere: None,
        period,
        today,
    };
    let comparison = compare::compare(&taken.sheet, known.roster.as_ref().unwrap_or(&empty), of);
    let mut findings: Vec<Finding> =
        known.unit.as_ref().and_then(|unit| huijiao_sheets::other_unit(&taken.unit, unit)).into_iter().collect();
    findings.extend(taken.findings);
    findings.extend(taken.period.differs(period));
    findings.extend(known.as_meant());
    findings.extend(comparison.findings.iter().cloned());

    let passed = comparison.questions.is_empty() && !findings.iter().any(Finding::blocks);
    let none = Decisions::new();
    let lines = filed::lines(&comparison, &none, of);
    let text = words(args, period, &comparison, &lines, &findings, passed);
    let outcome = Outcome {
        period,
        proposals: lines.iter().map(Row::of).collect(),
        totals: comparison.totals.iter().map(|(kind, count)| (kind.as_str(), *count)).collect(),
        findings: findings.iter().map(|finding| Line::of(finding, &taken.sheet.name, Kind::Payroll)).collect(),
    };
    Ok(Report { json: pretty(&outcome), text, passed })
}

/// The wire form of `diff --json`.
#[derive(Serialize)]
struct Outcome {
    period: Month,
    proposals: Vec<Row>,
    totals: BTreeMap<&'static str, usize>,
    findings: Vec<Line>,
}

#[derive(Serialize)]
struct Row {
    kind: &'static str,
    code: &'static str,
    row: Option<u32>,
    account: Option<String>,
    name: String,
    id_masked: String,
    before: Option<Due>,
    after: Option<Due>,
    reason: String,
    question: Vec<&'static str>,
    /// What else was found out, by kind.
    also: Vec<&'static str>,
    /// The filings it becomes, in the order in which they are booked.
    filings: Vec<&'static str>,
}

/// What is due a month.
#[derive(Serialize)]
struct Due {
    base: Yuan,
    unit_amount: Option<Yuan>,
    personal_amount: Option<Yuan>,
    monthly_amount: Option<Yuan>,
}

impl Due {
    fn of(amounts: Amounts) -> Self {
        Self {
            base: amounts.base,
            unit_amount: amounts.parts.map(|parts| parts.unit_amount),
            personal_amount: amounts.parts.map(|parts| parts.personal_amount),
            monthly_amount: amounts.parts.map(|parts| parts.monthly()),
        }
    }
}

impl Row {
    fn of(line: &filed::Line<'_>) -> Self {
        let proposal = &line.proposal;
        Self {
            kind: proposal.kind.as_str(),
            code: line.code(),
            row: proposal.row,
            account: Some(proposal.account.to_string()).filter(|account| !account.is_empty()),
            name: proposal.name.to_string(),
            id_masked: mask::id_number(&proposal.id_number),
            before: proposal.before.map(Due::of),
            after: proposal.after.map(Due::of),
            reason: line.reason(),
            question: line.answers().map(Answer::as_str).collect(),
            also: proposal.also.iter().map(|kind| kind.as_str()).collect(),
            filings: line.filings().map(FilingKind::as_str).collect(),
        }
    }
}

fn words(
    args: &DiffArgs,
    period: Month,
    comparison: &Comparison,
    lines: &[filed::Line<'_>],
    findings: &[Finding],
    passed: bool,
) -> String {
    let mut text = String::new();
    let people = comparison.proposals.iter().filter(|p| p.row.is_some()).count();
    let _ = writeln!(text, "{}：{people} 人，与清册比对，{period}", args.file.display());
    for kind in ProposalKind::ALL {
        let told = lines.iter().filter(|l| l.proposal.kind == kind && kind != ProposalKind::Unchanged);
        for line in told {
            let place = line.proposal.row.map_or_else(|| "清册".to_owned(), |row| format!("第{row}行"));
            let _ = writeln!(text, "  {place:<8}[{}] {}", texts::title(line.code()), line.reason());
        }
    }
    if !comparison.base_compared {
        text.push_str("表中没有缴存基数一列，未比对基数。\n");
    }
    if !findings.is_empty() {
        check::list(&mut text, findings, Kind::Payroll);
    }
    let count = |kind| comparison.totals.get(&kind).copied().unwrap_or(0);
    let _ = writeln!(
        text,
        "新增 {}，重新缴存 {}，不在表中 {}，基数不同 {}，姓名不同 {}，证件号码不同 {}，无法比对 {}，没有变化 {}。",
        count(ProposalKind::New),
        count(ProposalKind::Returned),
        count(ProposalKind::Left),
        count(ProposalKind::BaseChanged),
        count(ProposalKind::NameDiffers),
        count(ProposalKind::IdDiffers),
        count(ProposalKind::NotComparable),
        count(ProposalKind::Unchanged),
    );
    text.push_str(if passed {
        "没有需要回答或处理的问题。\n"
    } else {
        "有需要回答或处理的问题，处理后才能申报。\n"
    });
    text
}
