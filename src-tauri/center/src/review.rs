//! 审核: what an officer of the center decides, himself or by a rule.

use std::collections::{BTreeMap, BTreeSet};

use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::Code;
use huijiao_domain::month::Month;
use huijiao_domain::texts;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::{FilingState, RowResult};
use huijiao_protocol::resources::FilingStatus;
use jiff::ToSpan;
use jiff::civil::Date;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::center::Center;
use crate::error::CenterError;
use crate::filing::{book_reviewed, change_state, content};
use crate::http::problem::Refusal;
use crate::register::reviews::Waiting;
use crate::register::{filings, reviews};

/// What becomes of filings of a kind when they come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule", deny_unknown_fields)]
pub enum ReviewRule {
    /// They are booked at once.
    Book,
    /// They wait until an officer decides.
    Officer,
    /// They wait, and are decided alike so many days later.
    ByItself {
        /// Days from the one on which it came; with 0 it is decided before the next request is answered.
        after_days: u16,
        /// What is decided.
        decision: RuledDecision,
    },
}

impl ReviewRule {
    /// What holds where nothing was set: applications are an officer's, all else is booked.
    pub fn of_program(kind: FilingKind) -> Self {
        if kind == FilingKind::Deferral { Self::Officer } else { Self::Book }
    }
}

/// A decision that suits any filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision", deny_unknown_fields)]
pub enum RuledDecision {
    /// All of it is booked.
    Accept,
    /// One row of so many is refused: the last of each so many. A filing of fewer is accepted.
    Partly {
        /// At least 2.
        one_of: u32,
        /// Why, Chinese.
        reason: String,
    },
    /// Nothing of it is booked.
    Refuse {
        /// Why, Chinese.
        reason: String,
    },
}

/// What an officer decides of a filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision", deny_unknown_fields)]
pub enum Decision {
    /// All of it is booked.
    Accept,
    /// All of it but these rows is booked.
    Partly {
        /// The rows, at least one and not all.
        rows: Vec<RefusedRow>,
    },
    /// Nothing of it is booked.
    Refuse {
        /// Why, Chinese.
        reason: String,
    },
}

/// A row that an officer does not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedRow {
    /// Zero-based row of the filing.
    pub row: u32,
    /// Why, Chinese.
    pub reason: String,
    /// Stable code of a finding where one says it; `REVIEW-REFUSED` without.
    #[serde(default)]
    pub code: Option<Code>,
}

/// A filing that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InReview {
    /// The filing's own id.
    pub id: Uuid,
    /// 业务流水号
    pub filing_number: String,
    /// 单位账号
    pub unit_account: String,
    /// Its kind.
    pub kind: FilingKind,
    /// The month it takes effect.
    pub period: Month,
    /// RFC 3339
    pub accepted_at: String,
    /// The rows as they were signed.
    pub rows: serde_json::Value,
}

/// Everything that waits, oldest first, with what was filed.
pub(crate) fn waiting(center: &Center) -> Result<Vec<InReview>, CenterError> {
    center.register.read(|c| {
        let lost = || CenterError::Content("a filing lost".into());
        let one = |waiting: Waiting| {
            let FilingStatus { id, filing_number, unit_account, kind, period, accepted_at, .. } =
                filings::one(c, waiting.id)?.ok_or_else(lost)?;
            let rows = content(center, c, id, &accepted_at)?.rows;
            let rows = serde_json::to_value(&rows).map_err(|e| CenterError::Content(e.to_string()))?;
            Ok(InReview { id, filing_number, unit_account, kind, period, accepted_at, rows })
        };
        reviews::waiting(c)?.into_iter().map(one).collect()
    })
}

/// The rule of every kind that can be reviewed.
pub(crate) fn rules(center: &Center) -> Result<BTreeMap<FilingKind, ReviewRule>, CenterError> {
    let set = center.register.read(reviews::rules)?;
    let rule = |kind: &FilingKind| (*kind, set.get(kind).cloned().unwrap_or_else(|| ReviewRule::of_program(*kind)));
    Ok(FilingKind::SHEETS.iter().map(rule).collect())
}

/// Sets the rule of a kind; what waits already goes on waiting for the new one.
pub(crate) fn set_rule(center: &Center, kind: FilingKind, rule: &ReviewRule) -> Result<(), Refusal> {
    let sound = match rule {
        ReviewRule::Book | ReviewRule::Officer => true,
        ReviewRule::ByItself { decision, .. } => match decision {
            RuledDecision::Accept => true,
            RuledDecision::Partly { one_of, reason } => *one_of >= 2 && !reason.trim().is_empty(),
            RuledDecision::Refuse { reason } => !reason.trim().is_empty(),
        },
    };
    // Orders are what the books make of themselves: the bank decides of them.
    if !sound || !kind.from_sheet() {
        return Err(Refusal::of(ProblemCode::DecisionInvalid));
    }
    Ok(center.register.write(|tx| reviews::set_rule(tx, kind, rule))?)
}

/// Decides of a filing. An acceptance is refused where the filing cannot be booked any more; it goes on waiting then.
pub(crate) fn decide(center: &Center, id: Uuid, decision: &Decision) -> Result<FilingStatus, Refusal> {
    let decided = center.register.write(|tx| {
        let missing = || Refusal::of(ProblemCode::NotFound);
        let status = filings::one(tx, id)?.ok_or_else(missing)?;
        if status.state != FilingState::InReview {
            return Err(Refusal::of(ProblemCode::NotInReview));
        }
        carry_out(center, tx, &status, decision)?;
        filings::one(tx, id)?.ok_or_else(missing)
    });
    decided.map_err(|refusal: Refusal| refusal.filing(id))
}

fn carry_out(center: &Center, tx: &Transaction<'_>, status: &FilingStatus, decision: &Decision) -> Result<(), Refusal> {
    let invalid = || Refusal::of(ProblemCode::DecisionInvalid);
    let refused = match decision {
        Decision::Accept => &[][..],
        Decision::Partly { rows } if rows.is_empty() => return Err(invalid()),
        Decision::Partly { rows } => rows,
        Decision::Refuse { reason } if reason.trim().is_empty() => return Err(invalid()),
        Decision::Refuse { reason } => {
            return Ok(change_state(tx, center, status.id, FilingState::Refused, reason.trim(), Vec::new())?);
        }
    };
    let places: BTreeSet<usize> = refused.iter().map(|row| row.row as usize).collect();
    let filed = content(center, tx, status.id, &status.accepted_at)?;
    let rows = filed.rows.len();
    let known = places.last().is_none_or(|last| *last < rows);
    if !known || places.len() != refused.len() || places.len() == rows || refused.iter().any(RefusedRow::is_silent) {
        return Err(invalid());
    }
    let state = book_reviewed(center, tx, status, filed, &places)?;
    let mut results: Vec<_> = refused.iter().map(RefusedRow::result).collect();
    results.sort_by_key(|result| result.row);
    let reason = if results.is_empty() { String::new() } else { format!("{} 行未通过审核", results.len()) };
    Ok(change_state(tx, center, status.id, state, &reason, results)?)
}

impl RefusedRow {
    fn is_silent(&self) -> bool {
        self.reason.trim().is_empty()
    }

    fn result(&self) -> RowResult {
        let code = self.code.unwrap_or(Code::ReviewRefused);
        let said = self.reason.trim().trim_end_matches('。');
        let args = [("reason".to_owned(), said.to_owned())].into();
        let message = match (self.code, texts::lookup(code.as_str())) {
            (None, Some(text)) => texts::fill(&text.happened, &args),
            (Some(_), _) | (None, None) => format!("{said}。"),
        };
        RowResult { row: self.row, code: code.as_str().to_owned(), message }
    }
}

/// Decides what a rule decides and whose day has come.
pub(crate) fn work(center: &Center) -> Result<(), CenterError> {
    let today = center.clock.today();
    let due = center.register.read(|c| {
        let mut due = Vec::new();
        for waiting in reviews::waiting(c)? {
            if let ReviewRule::ByItself { after_days, decision } = reviews::rule(c, waiting.kind)?
                && day_after(&waiting.accepted_at, after_days)? <= today
            {
                due.push((waiting.id, decision));
            }
        }
        Ok::<_, CenterError>(due)
    })?;
    for (id, ruled) in due {
        // Withdrawn or decided by somebody in between, there is nothing left to decide.
        if let Err(refusal) = decide_by_rule(center, id, &ruled) {
            tracing::warn!(?refusal, %id, "a rule did not decide");
        }
    }
    Ok(())
}

fn decide_by_rule(center: &Center, id: Uuid, ruled: &RuledDecision) -> Result<(), Refusal> {
    let decision = match ruled {
        RuledDecision::Accept => Decision::Accept,
        RuledDecision::Refuse { reason } => Decision::Refuse { reason: reason.clone() },
        RuledDecision::Partly { one_of, reason } => {
            let filed = center.register.read(|c| {
                let status = filings::one(c, id)?.ok_or_else(|| CenterError::Content("a filing lost".into()))?;
                content(center, c, id, &status.accepted_at).map(|content| content.rows.len())
            })?;
            let last = |row: &u32| (row + 1).is_multiple_of(*one_of);
            let rows: Vec<_> = (0..u32::try_from(filed).unwrap_or(u32::MAX)).filter(last).collect();
            let refused = |row| RefusedRow { row, reason: reason.clone(), code: None };
            match rows.as_slice() {
                [] => Decision::Accept,
                [..] => Decision::Partly { rows: rows.into_iter().map(refused).collect() },
            }
        }
    };
    let outcome = decide(center, id, &decision).map(|_| ());
    match outcome {
        // What it was checked against has moved on: nobody could book it, so it goes back with the reason.
        Err(refusal) if refusal.is_about_rows() => {
            decide(center, id, &Decision::Refuse { reason: refusal.words() }).map(|_| ())
        }
        other => other,
    }
}

fn day_after(accepted_at: &str, days: u16) -> Result<Date, CenterError> {
    let broken = |e: jiff::Error| CenterError::Content(e.to_string());
    let day: Date = accepted_at.get(..10).unwrap_or_default().parse().map_err(broken)?;
    day.checked_add(i32::from(days).days()).map_err(broken)
}
