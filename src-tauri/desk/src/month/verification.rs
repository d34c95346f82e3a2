//! 汇缴核定: the table computed here, held against the center's person by person.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use huijiao_domain::capitals::capitals;
use huijiao_domain::due::months;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::remittance_verification::{self, Verification};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::mask;
use huijiao_domain::money::Contribution;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{
    DueLine, DueState, Figure, MonthFigures, MonthState, MonthTable, PaidDue, VerifiedMonth, differences,
};
use huijiao_domain::roster::RosterIndex;
use huijiao_gateway::NetError;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::MonthList;

use super::orders::Order;
use super::{AtHand, Local, Shown, jump, stage};
use crate::background::in_place;
use crate::draft::PAGE;
use crate::error::DeskError;
use crate::session::Known;
use crate::views::{
    DifferenceView, DuePerson, FigureKey, FigureView, JumpScreen, MonthTableView, ObstacleView, VerificationPeople,
    VerificationView, VerifiedView,
};
use crate::{Desk, text};

/// Most months that are looked at in a row.
const IN_A_ROW: usize = 24;

const FIGURES: [(FigureKey, &str); 5] = [
    (FigureKey::Previous, "上月汇缴"),
    (FigureKey::Increase, "本月增加"),
    (FigureKey::Decrease, "本月减少"),
    (FigureKey::Adjusted, "基数（比例）调整"),
    (FigureKey::Due, "本月应缴"),
];

impl Desk {
    /// The table of the months from the first unverified one to `through`, held against the center's lists.
    ///
    /// # Errors
    /// Nothing known of the unit, or a month that is none. A center that is not reached is no error: the view says
    /// that nothing was compared.
    pub async fn verification(self: &Arc<Self>, through: Option<String>) -> Result<VerificationView, DeskError> {
        let (known, ..) = self.month_scene()?;
        let (first, through) = asked(&known, through.as_deref())?;
        let lists = match self.center_lists(first, through).await {
            Ok(lists) => Some(lists),
            Err(error) => {
                tracing::warn!(code = error.code(), "no lists to compare with");
                None
            }
        };
        let desk = self.clone();
        tokio::task::spawn_blocking(move || {
            let (known, local, shown) = desk.month_scene()?;
            view(&known, &local, shown, through, lists.as_deref())
        })
        .await
        .map_err(|e| DeskError::Internal(e.to_string()))?
    }

    /// Who is behind a figure of a month.
    ///
    /// # Errors
    /// Lists of verified months are the center's: it has to be reached.
    pub async fn verification_people(
        self: &Arc<Self>,
        month: String,
        figure: FigureKey,
        page: u32,
    ) -> Result<VerificationPeople, DeskError> {
        let (known, ..) = in_place(|| self.month_scene())?;
        let month = month_of(&month)?;
        let hand = known.at_hand()?;
        let first = hand.unit.first_unverified;
        let frozen = if month < first { Some(self.frozen_lists(month).await?) } else { None };
        in_place(|| {
            let (previous, due) = match frozen {
                Some(lists) => lists,
                None => {
                    let (_, through) = asked(&known, Some(&month.to_string()))?;
                    let computed = Verification::compute(hand.roster, &hand.books.books.previous, first, through);
                    let rows = |month: Month| computed.rows.iter().filter(move |row| row.month == month);
                    let of = |month: Month| rows(month).map(|row| row.line()).collect::<Vec<_>>();
                    let first_of_all = month == first;
                    let previous = if first_of_all { hand.books.books.previous.clone() } else { of(month.previous()) };
                    (previous, of(month))
                }
            };
            Ok(people(month, &previous, &due, figure, page, &RosterIndex::of(hand.roster)))
        })
    }

    /// The center's lists of the month before a verified month, and of that month.
    ///
    /// # Errors
    /// A center that is not reached; a month that is not in its books.
    pub(crate) async fn frozen_lists(&self, month: Month) -> Result<(Vec<DueLine>, Vec<DueLine>), DeskError> {
        let (gateway, account) = self.reach()?;
        let due = gateway.month_list(&account, month).await?.lines;
        // The month before the center's books has no list.
        let previous = match gateway.month_list(&account, month.previous()).await {
            Ok(list) => list.lines,
            Err(NetError::Problem(problem)) if problem.code == ProblemCode::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        Ok((previous, due))
    }

    /// The center's lists of the months from `first` to `through`.
    pub(super) async fn center_lists(&self, first: Month, through: Month) -> Result<Vec<MonthList>, DeskError> {
        let (gateway, account) = self.reach()?;
        let mut lists = Vec::new();
        for month in months(first, through) {
            lists.push(gateway.month_list(&account, month).await?);
        }
        Ok(lists)
    }
}

pub(crate) fn month_of(text: &str) -> Result<Month, DeskError> {
    text.parse().map_err(|_| DeskError::refusal(DeskError::PERIOD_UNREADABLE))
}

/// The first month to verify and the last one asked for; the first alone where none is.
pub(crate) fn asked(known: &Known, through: Option<&str>) -> Result<(Month, Month), DeskError> {
    let first = known.at_hand()?.unit.first_unverified;
    let through = through.map_or(Ok(first), month_of)?;
    if months(first, through).nth(IN_A_ROW).is_some() {
        return Err(DeskError::refusal_with(DeskError::TOO_MANY_MONTHS, "months", IN_A_ROW));
    }
    Ok((first, through))
}

fn view(
    known: &Known,
    local: &Local,
    shown: Shown,
    through: Month,
    lists: Option<&[MonthList]>,
) -> Result<VerificationView, DeskError> {
    let hand = known.at_hand()?;
    let first = hand.unit.first_unverified;
    let books = &hand.books.books;
    let computed = Verification::compute(hand.roster, &books.previous, first, through);
    let order = Order::verify(&computed, through);
    let differences = lists.map(|lists| compared(&computed, lists));
    let findings = obstacles(&computed, through, known, local);
    let blocked = findings.iter().any(|(finding, _)| finding.blocks());
    Ok(VerificationView {
        first: first.to_string(),
        through: through.to_string(),
        choices: choices(first, known).into_iter().map(|month| month.to_string()).collect(),
        tables: computed.tables.iter().map(table).collect(),
        suspense: hand.unit.suspense_balance.to_string(),
        available: books.available.to_string(),
        obstacles: findings.into_iter().map(|(finding, place)| obstacle(&finding, place, &computed)).collect(),
        blocked: blocked || differences.as_ref().is_none_or(|differences| !differences.is_empty()),
        compared: differences.is_some(),
        differences: differences.unwrap_or_default(),
        verified: verified(&hand, local),
        fingerprint: order.fingerprint()?,
        roster_version: hand.roster.version,
        as_of: shown.as_of,
        stale: shown.stale || lists.is_none(),
    })
}

/// Months that may be the last one: up to the current one, and a year further where prepaying is allowed.
fn choices(first: Month, known: &Known) -> Vec<Month> {
    let Ok(current) = Month::of(known.today) else { return vec![first] };
    let last = if known.profile.prepayment { (0..12).fold(current, |month, _| month.next()) } else { current };
    months(first, last.max(first)).take(IN_A_ROW).collect()
}

fn figure_of(figures: &MonthFigures, key: FigureKey) -> Figure {
    match key {
        FigureKey::Previous => figures.previous,
        FigureKey::Increase => figures.increase,
        FigureKey::Decrease => figures.decrease,
        FigureKey::Adjusted => figures.adjusted,
        FigureKey::Due => figures.due,
    }
}

/// The figures of a month in the order of the form.
pub(super) fn figure_views(figures: &MonthFigures) -> Vec<FigureView> {
    let view = |(key, label): (FigureKey, &str)| {
        let Figure { people, amount } = figure_of(figures, key);
        FigureView { key, label: label.into(), people, amount: amount.to_string() }
    };
    FIGURES.map(view).into()
}

fn table(table: &MonthTable) -> MonthTableView {
    let due = figure_of(&table.figures, FigureKey::Due).amount;
    MonthTableView {
        month: table.figures.month.to_string(),
        figures: figure_views(&table.figures),
        due_capitals: capitals(due),
    }
}

/// What in this computer or at the center an obstacle is about.
pub(super) enum Place {
    Nowhere,
    Draft(uuid::Uuid),
    Filing(crate::views::Jump),
    Row(usize),
}

/// What stands in the way (errors) and what to look at first (warnings): the center's rules, and what waits on this
/// computer.
pub(super) fn obstacles(
    computed: &Verification,
    through: Month,
    known: &Known,
    local: &Local,
) -> Vec<(Finding, Place)> {
    let of = known.circumstances(through);
    let touching = |kind: FilingKind| kind.moves_money() || kind == FilingKind::ContributorUpdate;
    let mut found = Vec::new();
    if !known.profile.kinds.contains_key(&FilingKind::RemittanceVerification) {
        let label = FilingKind::RemittanceVerification.label();
        found.push((Finding::new(Code::KindNotOffered, Level::Error).arg("kind", label), Place::Nowhere));
    }
    // One finding for somebody who is in several months.
    let mut seen: HashSet<(Code, String)> = HashSet::new();
    for finding in remittance_verification::obstacles(computed, of) {
        let row = finding.args.get("index").and_then(|index| index.parse::<usize>().ok());
        let place = match (row, finding.args.get("number")) {
            (Some(row), _) => Place::Row(row),
            (None, Some(number)) => Place::Filing(local.jump_to(number)),
            (None, None) => Place::Nowhere,
        };
        let account = row.and_then(|row| computed.rows.get(row)).map(|row| row.personal_account.clone());
        if account.is_none_or(|account| seen.insert((finding.code, account))) {
            found.push((finding, place));
        }
    }
    for (id, kind) in local.unsettled.iter().filter(|(_, kind)| touching(*kind)) {
        let finding = Finding::new(Code::VerifyUnsent, Level::Error).arg("kind", kind.label());
        found.push((finding, Place::Filing(jump("查看申报", JumpScreen::Filing, id))));
    }
    for (id, draft) in local.drafts.iter().filter(|(_, draft)| touching(draft.kind) && draft.period <= through) {
        let finding = Finding::new(Code::VerifyDraft, Level::Warning).arg("kind", draft.kind.label());
        found.push((finding.arg("month", draft.period).arg("people", draft.people), Place::Draft(*id)));
    }
    found.sort_by_key(|(finding, _)| text::weight(finding.level));
    found
}

fn obstacle(finding: &Finding, place: Place, computed: &Verification) -> ObstacleView {
    let message = huijiao_domain::texts::message(finding);
    let row = match &place {
        Place::Row(row) => computed.rows.get(*row),
        Place::Nowhere | Place::Draft(_) | Place::Filing(_) => None,
    };
    ObstacleView {
        code: finding.code.as_str().into(),
        level: text::level(finding.level).into(),
        title: huijiao_domain::texts::title(finding.code.as_str()).into(),
        message: row.map_or_else(|| message.clone(), |row| format!("{}：{message}", row.name)),
        jump: match place {
            Place::Nowhere => None,
            Place::Draft(id) => Some(jump("打开草稿", JumpScreen::Draft, id)),
            Place::Filing(jump) => Some(jump),
            Place::Row(_) => row.map(|row| jump("查看缴存人", JumpScreen::Contributor, &row.personal_account)),
        },
    }
}

/// Where the center has somebody otherwise, month by month.
pub(super) fn compared(computed: &Verification, lists: &[MonthList]) -> Vec<DifferenceView> {
    let mut ours: HashMap<Month, Vec<DueLine>> = HashMap::new();
    for row in &computed.rows {
        ours.entry(row.month).or_default().push(row.line());
    }
    let mut found = Vec::new();
    for list in lists {
        let here = ours.remove(&list.month).unwrap_or_default();
        for difference in differences(&here, &list.lines) {
            let of = |take: fn(&DueLine) -> &str| {
                difference.here.as_ref().or(difference.center.as_ref()).map(take).unwrap_or_default().to_owned()
            };
            found.push(DifferenceView {
                month: list.month.to_string(),
                name: of(|line| &line.name),
                personal_account: of(|line| &line.personal_account),
                here: said(difference.here.as_ref()),
                center: said(difference.center.as_ref()),
            });
        }
    }
    found
}

fn said(line: Option<&DueLine>) -> String {
    let Some(line) = line else { return "不在清册".into() };
    let id = mask::id_number(&line.id_number);
    let Contribution { unit_amount, personal_amount } = line.amounts;
    format!("{} {id}，基数 {}，单位 {unit_amount}，个人 {personal_amount}", line.name, line.base)
}

/// Verified months, newest first.
fn verified(hand: &AtHand<'_>, local: &Local) -> Vec<VerifiedView> {
    let books = &hand.books.books;
    let last = books.months.last().map(|month| month.figures.month);
    let free = |month: &VerifiedMonth| {
        let due = books.due(&PaidDue::Month(month.figures.month));
        month.state == MonthState::Verified && due.is_some_and(|due| due.state == DueState::Open)
    };
    let views = books.months.iter().rev().map(|month| {
        let filing = local.by_number.get(&month.filing_number).map(ToString::to_string);
        VerifiedView {
            month: month.figures.month.to_string(),
            people: month.figures.due.people,
            amount: month.figures.due.amount.to_string(),
            state: stage(month.state),
            filing_number: month.filing_number.clone(),
            // Several months verified at once are taken back at once.
            revocable: Some(month.figures.month) == last && free(month) && filing.is_some(),
            filing,
        }
    });
    views.collect()
}

/// The people behind a figure, a page of them.
fn people(
    month: Month,
    previous: &[DueLine],
    due: &[DueLine],
    figure: FigureKey,
    page: u32,
    roster: &RosterIndex<'_>,
) -> VerificationPeople {
    let table = MonthTable::between(month, previous, due);
    let before: HashMap<&str, &DueLine> =
        table.adjusted.iter().map(|(before, after)| (after.personal_account.as_str(), before)).collect();
    let new: HashSet<&str> = table.increase.iter().map(|line| line.personal_account.as_str()).collect();
    let why = |line: &DueLine| match figure {
        FigureKey::Previous => "上月在册".to_owned(),
        FigureKey::Decrease => {
            let status =
                roster.by_account(&line.personal_account).map_or("已不在单位", |person| person.status.label());
            format!("本月减少，账户现为{status}")
        }
        FigureKey::Increase | FigureKey::Adjusted | FigureKey::Due => {
            match before.get(line.personal_account.as_str()) {
                Some(old) if old.base != line.base => format!("基数由 {} 调整为 {}", old.base, line.base),
                Some(_) => "缴存比例或计算方法调整".into(),
                None if new.contains(line.personal_account.as_str()) => "本月增加".into(),
                None => "与上月相同".into(),
            }
        }
    };
    let lines: Vec<&DueLine> = match figure {
        FigureKey::Previous => previous.iter().collect(),
        FigureKey::Increase => table.increase.iter().collect(),
        FigureKey::Decrease => table.decrease.iter().collect(),
        FigureKey::Adjusted => table.adjusted.iter().map(|(_, after)| after).collect(),
        FigureKey::Due => due.iter().collect(),
    };
    let start = PAGE.saturating_mul(page as usize);
    let people = lines.iter().skip(start).take(PAGE).map(|line| DuePerson {
        personal_account: line.personal_account.clone(),
        name: line.name.clone(),
        id_number: mask::id_number(&line.id_number),
        base: line.base.to_string(),
        unit_amount: line.amounts.unit_amount.to_string(),
        personal_amount: line.amounts.personal_amount.to_string(),
        monthly: line.amounts.monthly().to_string(),
        before: before.get(line.personal_account.as_str()).map(|old| old.amounts.monthly().to_string()),
        why: why(line),
    });
    VerificationPeople { page, total: u32::try_from(lines.len()).unwrap_or(u32::MAX), people: people.collect() }
}
