//! 本月: where the month stands, what comes next, and by when.

use std::collections::HashMap;

use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::filing::{FilingKind, remittance_verification};
use huijiao_domain::finding::Finding;
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{Due, DueState, Figure, MonthFigures, MonthState, OpenFiling, PaidDue, VerifiedMonth};
use huijiao_domain::roster::{Roster, Unit};
use huijiao_protocol::resources::{OrderState, PaymentOrder};
use huijiao_store::{OutboxState, Store};
use jiff::civil::Date;
use uuid::Uuid;

use crate::draft::DraftHead;
use crate::error::DeskError;
use crate::filings::FilingHead;
use crate::session::{Known, UnitBooks};
use crate::uploads::Upload;
use crate::views::{DeadlineView, Jump, JumpScreen, MonthStep, MonthStepKey, MonthStepState, MonthView};
use crate::{Desk, comparison};

mod chart;
mod deadlines;
mod orders;
mod payments;
mod practice;
mod verification;

use chart::{chart, stage};
pub(crate) use deadlines::certificates_end;
use deadlines::{deadlines, holidays_unknown, people_deadlines};
pub(crate) use verification::{asked, month_of as month_named};

/// What the month is computed from.
pub(crate) struct AtHand<'a> {
    pub(crate) unit: &'a Unit,
    pub(crate) roster: &'a Roster,
    pub(crate) books: &'a UnitBooks,
}

impl Known {
    pub(crate) fn at_hand(&self) -> Result<AtHand<'_>, DeskError> {
        let missing = || DeskError::refusal(DeskError::ROSTER_MISSING);
        Ok(AtHand {
            unit: self.unit.as_ref().ok_or_else(missing)?,
            roster: self.roster.as_deref().ok_or_else(missing)?,
            books: self.books.as_deref().ok_or_else(missing)?,
        })
    }
}

/// What this computer has of the unit's filings besides the center's books.
#[derive(Default)]
struct Local {
    /// Filings by 业务流水号.
    by_number: HashMap<String, Uuid>,
    /// Signed here, and nobody knows yet whether the center has them.
    unsettled: Vec<(Uuid, FilingKind)>,
    /// Drafts that have not been submitted; what left as a file and was taken is not among them.
    drafts: Vec<(Uuid, DraftHead)>,
    /// Payrolls that were held against the roster: id, month, and whether nothing of it is left to do.
    compared: Vec<(Uuid, Month, bool)>,
    /// What was filed here and taken by the center: kind and month.
    taken: Vec<(FilingKind, String)>,
}

impl Local {
    fn of(store: &Store, center: &str, unit: &str) -> Result<Self, DeskError> {
        let mut local = Self::default();
        let here = |of: (&str, &str)| of == (center, unit);
        // What stays in the unit's own books is no matter of the center's.
        let filings = store.filings::<FilingHead>()?.into_iter().filter(|f| f.head.kept.is_none());
        for filing in filings.filter(|f| here((&f.center, &f.unit_account))) {
            match filing.state {
                OutboxState::Signed | OutboxState::Submitting | OutboxState::Unknown => {
                    local.unsettled.push((filing.id, filing.head.kind));
                }
                OutboxState::Answered(_) => {
                    local.taken.push((filing.head.kind, filing.period));
                    if let Some(number) = store.filing_number(filing.id)? {
                        local.by_number.insert(number, filing.id);
                    }
                }
                OutboxState::Refused => {}
            }
        }
        let drafts = store.drafts::<DraftHead>()?.into_iter().map(|draft| (draft.id, draft.head));
        let taken = |head: &DraftHead| head.upload.as_ref().is_some_and(Upload::is_accepted);
        local.drafts = drafts.filter(|(_, head)| here((&head.center, &head.unit_account)) && !taken(head)).collect();
        local.compared = comparison::of_unit(store, center, unit)?;
        Ok(local)
    }

    /// Whether a payroll of the month was seen through.
    fn looked_through(&self, month: Month) -> bool {
        self.compared.iter().any(|(_, period, done)| *period == month && *done)
    }

    /// The payroll of the month that somebody is in the middle of.
    fn comparing(&self, month: Month) -> Option<Uuid> {
        self.compared.iter().find(|(_, period, done)| *period == month && !done).map(|(id, ..)| *id)
    }

    /// By when the people who are still in drafts have to be filed.
    fn people_deadlines(&self, known: &Known) -> Vec<DeadlineView> {
        let drafts: Vec<_> = self.drafts.iter().map(|(_, head)| (head.kind, head.period, head.people)).collect();
        people_deadlines(&drafts, &known.profile, known.today)
    }

    fn took(&self, kinds: &[FilingKind], month: Month) -> bool {
        self.taken.iter().any(|(kind, period)| kinds.contains(kind) && *period == month.to_string())
    }

    /// Where a filing of the center's books is looked at.
    fn jump_to(&self, number: &str) -> Jump {
        match self.by_number.get(number) {
            Some(id) => jump("查看申报", JumpScreen::Filing, id.to_string()),
            None => jump("查看申报", JumpScreen::Filings, number),
        }
    }
}

fn jump(label: &str, screen: JumpScreen, argument: impl ToString) -> Jump {
    Jump { label: label.into(), screen, argument: argument.to_string() }
}

/// The refusal that says what a finding says.
fn refusal_of(finding: &Finding) -> DeskError {
    let mut args = finding.args.clone();
    args.insert("value".into(), finding.value.clone());
    DeskError::Refusal { code: finding.code.as_str(), args }
}

impl Desk {
    /// What the month is computed from, at a center whose books are known here.
    fn month_scene(&self) -> Result<(Known, Local, Shown), DeskError> {
        if self.inner().session()?.gateway.is_none() {
            return Err(DeskError::refusal(DeskError::NO_GATEWAY));
        }
        self.scene_here()
    }

    /// What is known of the open unit, and what this computer has of its filings.
    fn scene_here(&self) -> Result<(Known, Local, Shown), DeskError> {
        let mut inner = self.inner();
        let now = self.now(&inner);
        let session = inner.session()?;
        let known = session.known(now);
        let shown = Shown { as_of: session.as_of(), stale: session.is_stale() };
        let account = session.connection.unit_account.clone();
        let local = Local::of(inner.store()?, &known.profile.code, &account)?;
        Ok((known, local, shown))
    }

    /// What the month's papers are made from.
    pub(crate) fn month_known(&self) -> Result<Known, DeskError> {
        self.month_scene().map(|(known, ..)| known)
    }

    /// The month as a path.
    pub fn month(&self) -> Result<MonthView, DeskError> {
        let (known, local, shown) = self.month_scene()?;
        let hand = known.at_hand()?;
        let current = Month::of(known.today).map_err(|e| DeskError::Internal(e.to_string()))?;
        let month = month_of(&hand, current);
        let standing = MonthStanding::of(month, &hand, &known, &local);
        let mut deadlines = deadlines(&known, hand.unit, Some(hand.books));
        deadlines.extend(local.people_deadlines(&known));
        let holidays_unknown = holidays_unknown(&known.profile, &deadlines);
        deadlines.extend(self.certificate_deadlines(known.today)?);
        deadlines.sort_by(|a, b| a.on.cmp(&b.on));
        Ok(MonthView {
            month: month.to_string(),
            today: known.today.to_string(),
            steps: standing.steps(&hand, current, &known),
            holidays_unknown,
            deadlines,
            chart: chart(&hand),
            changes: standing.changes(),
            as_of: shown.as_of,
            stale: shown.stale,
        })
    }

    /// Deadlines that are near, and the ends of the certificates.
    pub(crate) fn pressing_deadlines(&self) -> Result<(Vec<DeadlineView>, Vec<DeadlineView>), DeskError> {
        let (known, local, _) = self.scene_here()?;
        let certificates = self.certificate_deadlines(known.today)?;
        // Of a center that was never reached nobody knows the unit, nor its days.
        let of_unit = |unit| deadlines(&known, unit, known.books.as_deref());
        let mut rules = known.unit.as_ref().map(of_unit).unwrap_or_default();
        rules.extend(local.people_deadlines(&known));
        Ok((rules.into_iter().filter(|line| line.urgent).collect(), certificates))
    }

    /// When the certificates end that the open unit signs and logs in with.
    fn certificate_deadlines(&self, today: Date) -> Result<Vec<DeadlineView>, DeskError> {
        // Where nothing is signed no token is asked.
        if !self.inner().session()?.signs() {
            return Ok(Vec::new());
        }
        let keys = self.keys_here()?;
        let inner = self.inner();
        Ok(certificates_end(inner.session()?, &keys, self.now(&inner), today))
    }
}

/// How old what is shown is.
struct Shown {
    as_of: String,
    stale: bool,
}

/// The first month that is not wholly done; the last one where all are.
fn month_of(hand: &AtHand<'_>, current: Month) -> Month {
    let months = &hand.books.books.months;
    let owed = months.iter().find(|month| month.state == MonthState::Verified).map(|month| month.figures.month);
    let all_done = hand.unit.first_unverified > current;
    let last = months.last().map(|month| month.figures.month);
    owed.or(last.filter(|_| all_done)).unwrap_or(hand.unit.first_unverified)
}

/// Everything that is known of one month.
struct MonthStanding<'a> {
    month: Month,
    figures: MonthFigures,
    verified: Option<&'a VerifiedMonth>,
    due: Option<&'a Due>,
    /// The newest order for it.
    order: Option<&'a PaymentOrder>,
    people: Pending<'a>,
    bases: Pending<'a>,
    /// The first thing that keeps it from being verified.
    obstacle: Option<Finding>,
    local: &'a Local,
}

/// Filings of some kinds that are not done.
struct Pending<'a> {
    open: Vec<&'a OpenFiling>,
    drafts: Vec<&'a (Uuid, DraftHead)>,
}

impl<'a> Pending<'a> {
    fn of(kinds: &[FilingKind], month: Month, hand: &AtHand<'a>, local: &'a Local) -> Self {
        Self {
            open: hand.books.books.open.iter().filter(|open| kinds.contains(&open.kind)).collect(),
            drafts: local.drafts.iter().filter(|(_, d)| kinds.contains(&d.kind) && d.period <= month).collect(),
        }
    }

    /// State, figures and way of a step that consists of such filings.
    fn step(&self, local: &Local, lines: &mut Vec<(String, String)>) -> Option<(MonthStepState, Option<Jump>)> {
        if let Some(open) = self.open.first() {
            lines.push(("中心未办结".into(), format!("{} 笔", self.open.len())));
            return Some((MonthStepState::Blocked, Some(local.jump_to(&open.filing_number))));
        }
        if let Some((id, _)) = self.drafts.first() {
            lines.push(("未提交的草稿".into(), format!("{} 份", self.drafts.len())));
            return Some((MonthStepState::Now, Some(jump("继续办理", JumpScreen::Draft, id))));
        }
        None
    }
}

const PEOPLE: [FilingKind; 3] =
    [FilingKind::ContributorRegistration, FilingKind::StatusChange, FilingKind::ContributorUpdate];
const BASES: [FilingKind; 2] = [FilingKind::BaseAdjustment, FilingKind::RatioAdjustment];

impl<'a> MonthStanding<'a> {
    fn of(month: Month, hand: &AtHand<'a>, known: &Known, local: &'a Local) -> Self {
        let books = &hand.books.books;
        let verified = books.months.iter().find(|one| one.figures.month == month);
        let pays = PaidDue::Month(month);
        let (figures, obstacle) = match verified {
            Some(verified) => (verified.figures, None),
            None => {
                let computed = Verification::compute(hand.roster, &books.previous, hand.unit.first_unverified, month);
                let found = remittance_verification::obstacles(&computed, known.circumstances(month));
                let figures = computed.tables.last().map_or_else(|| nothing_due(month), |table| table.figures);
                (figures, found.into_iter().find(Finding::blocks))
            }
        };
        Self {
            month,
            figures,
            verified,
            due: books.due(&pays),
            order: hand.books.orders.iter().find(|order| order.pays.contains(&pays)),
            people: Pending::of(&PEOPLE, month, hand, local),
            bases: Pending::of(&BASES, month, hand, local),
            obstacle,
            local,
        }
    }

    fn steps(&self, hand: &AtHand<'_>, current: Month, known: &Known) -> Vec<MonthStep> {
        vec![self.people(), self.bases(known), self.verification(current, known), self.payment(), self.posting(hand)]
    }

    /// Done when the month's payroll was looked through or something of people was filed; a month in which nobody has
    /// looked is not known to be without changes.
    fn people(&self) -> MonthStep {
        let MonthFigures { increase, decrease, .. } = self.figures;
        let mut lines = vec![figure("本月增加", increase), figure("本月减少", decrease)];
        let moved = increase.people > 0 || decrease.people > 0 || self.local.took(&PEOPLE, self.month);
        let known = moved || self.local.looked_through(self.month);
        let (state, action) = self.before_verified(&self.people, &mut lines, || {
            if known {
                return (MonthStepState::Done, None);
            }
            let way = match self.local.comparing(self.month) {
                Some(id) => jump("继续比对", JumpScreen::Compare, id),
                None => jump("用工资表比对", JumpScreen::Compare, ""),
            };
            (MonthStepState::Now, Some(way))
        });
        step(MonthStepKey::People, "人员增减", state, lines, action)
    }

    /// Wants something only while the center takes the year's bases and none was filed; else it may.
    fn bases(&self, known: &Known) -> MonthStep {
        let mut lines = vec![figure("基数（比例）调整", self.figures.adjusted)];
        let open = known.profile.base_window.is_some() && known.profile.takes_bases(known.today);
        let filed = self.figures.adjusted.people > 0 || self.local.took(&BASES, self.month);
        let (state, action) = self.before_verified(&self.bases, &mut lines, || {
            if filed || self.local.looked_through(self.month) {
                return (MonthStepState::Done, None);
            }
            let state = if open { MonthStepState::Now } else { MonthStepState::Optional };
            (state, Some(jump("调整基数", JumpScreen::Kind, FilingKind::BaseAdjustment.as_str())))
        });
        step(MonthStepKey::Bases, "基数与比例", state, lines, action)
    }

    /// As it is while something is pending, else as `quiet` says; done once the month is verified.
    fn before_verified(
        &self,
        pending: &Pending<'_>,
        lines: &mut Vec<(String, String)>,
        quiet: impl FnOnce() -> (MonthStepState, Option<Jump>),
    ) -> (MonthStepState, Option<Jump>) {
        if self.verified.is_some() {
            return (MonthStepState::Done, None);
        }
        pending.step(self.local, lines).unwrap_or_else(quiet)
    }

    fn verification(&self, current: Month, known: &Known) -> MonthStep {
        let mut lines = vec![figure("本月应缴", self.figures.due)];
        let way = || Some(jump("核定清册", JumpScreen::Verification, self.month));
        let (state, action) = match (&self.verified, &self.obstacle) {
            (Some(verified), _) => {
                if !verified.filing_number.is_empty() {
                    lines.push(("业务流水号".into(), verified.filing_number.clone()));
                }
                (MonthStepState::Done, None)
            }
            (None, _) if self.month > current && !known.profile.prepayment => (MonthStepState::Waiting, None),
            (None, Some(obstacle)) => {
                lines.push(("暂不能核定".into(), huijiao_domain::texts::title(obstacle.code.as_str()).into()));
                (MonthStepState::Blocked, way())
            }
            (None, None) => (MonthStepState::Now, way()),
        };
        step(MonthStepKey::Verification, "汇缴核定", state, lines, action)
    }

    fn payment(&self) -> MonthStep {
        let amount = |amount: Yuan| vec![("应缴金额".to_owned(), format!("{amount} 元"))];
        let way = |label| Some(jump(label, JumpScreen::Payments, ""));
        let (state, lines, action) = match (self.verified.map(|verified| verified.state), self.due) {
            (None, _) => (MonthStepState::Waiting, Vec::new(), None),
            (Some(MonthState::Paid), _) | (Some(MonthState::Verified), None) => {
                (MonthStepState::Done, amount(self.figures.due.amount), None)
            }
            (Some(MonthState::Verified), Some(due)) => {
                let mut lines = amount(due.amounts.monthly());
                match &due.state {
                    DueState::Open => {
                        let failed = self.order.filter(|order| order.state == OrderState::Failed);
                        lines.extend(failed.map(|order| ("上次缴款失败".into(), order.reason.clone())));
                        (MonthStepState::Now, lines, way("办理缴款"))
                    }
                    DueState::Ordered(number) => {
                        lines.push(("缴款单".into(), number.clone()));
                        lines.extend(self.order.map(|order| ("缴款方式".into(), order.method.label().into())));
                        (MonthStepState::Done, lines, None)
                    }
                }
            }
        };
        step(MonthStepKey::Payment, "单位缴款", state, lines, action)
    }

    fn posting(&self, hand: &AtHand<'_>) -> MonthStep {
        let books = &hand.books.books;
        let mut lines = Vec::new();
        let unprocessed: Yuan = books.unprocessed.iter().map(|incoming| incoming.amount).sum();
        if !books.unprocessed.is_empty() {
            lines.push(("未处理缴款".into(), format!("{} 笔，{unprocessed} 元", books.unprocessed.len())));
        }
        let way = |label, number: &str| Some(jump(label, JumpScreen::Payments, number));
        let paid = self.verified.is_some_and(|verified| verified.state == MonthState::Paid);
        let (state, action) = match self.due.map(|due| &due.state) {
            _ if paid => {
                let on = self.order.and_then(|order| order.settled_on);
                lines.extend(on.map(|on| ("入账日期".into(), on.to_string())));
                (MonthStepState::Done, None)
            }
            Some(_) if !books.unprocessed.is_empty() => (MonthStepState::Blocked, way("处理到账", "")),
            Some(DueState::Ordered(number)) => (MonthStepState::Now, way("查看缴款单", number)),
            Some(DueState::Open) | None => (MonthStepState::Waiting, None),
        };
        step(MonthStepKey::Posting, "到账入账", state, lines, action)
    }

    /// What is other than last month; nothing where nothing is.
    fn changes(&self) -> Vec<(String, String)> {
        let MonthFigures { previous, increase, decrease, adjusted, due, .. } = self.figures;
        let none = Figure::default();
        if due == previous && [increase, decrease, adjusted].iter().all(|figure| *figure == none) {
            return Vec::new();
        }
        let people = i64::from(due.people) - i64::from(previous.people);
        let amount = due.amount - previous.amount;
        let plus = |grown: bool| if grown { "+" } else { "" };
        vec![
            ("应缴人数".into(), format!("{}{people} 人", plus(people > 0))),
            ("应缴金额".into(), format!("{}{amount} 元", plus(amount > Yuan::ZERO))),
            figure("增加", increase),
            figure("减少", decrease),
            figure("调整", adjusted),
        ]
    }
}

fn nothing_due(month: Month) -> MonthFigures {
    let none = Figure::default();
    MonthFigures { month, previous: none, increase: none, decrease: none, adjusted: none, due: none }
}

fn figure(label: &str, figure: Figure) -> (String, String) {
    (label.into(), format!("{} 人，{} 元", figure.people, figure.amount))
}

fn step(
    key: MonthStepKey,
    label: &str,
    state: MonthStepState,
    lines: Vec<(String, String)>,
    action: Option<Jump>,
) -> MonthStep {
    MonthStep { key, label: label.into(), state, lines, action }
}
