//! 期限: by when the center's rules want something, and what becomes of a day on which nobody works.

use std::collections::BTreeSet;

use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::deferral::Asked;
use huijiao_domain::mask;
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, DayOfYear};
use huijiao_domain::remittance::MonthState;
use huijiao_domain::roster::{Deferral, Unit};
use huijiao_signing::{Certificate, KeyInfo};
use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, ToSpan};

use crate::review::proposed;
use crate::session::{Known, Session, UnitBooks};
use crate::text;
use crate::views::DeadlineView;

/// Days before a deadline from which on it is urgent.
const URGENT_DAYS: i32 = 7;
/// Days before the window for bases opens, or a certificate ends, from which on it is worth a line.
const AHEAD_DAYS: i32 = 60;

/// A day that nothing moves.
fn deadline(on: Date, label: &str, today: Date) -> DeadlineView {
    let days_left = today.until(on).map_or(i32::MAX, |span: Span| span.get_days());
    let urgent = days_left <= URGENT_DAYS;
    DeadlineView { on: on.to_string(), label: label.into(), days_left, urgent, note: String::new() }
}

/// A day that the center set, moved where it moves such days; `rule` says whether it is the center's own word at all.
fn due(set: Date, label: &str, profile: &CenterProfile, rule: Rule, today: Date) -> DeadlineView {
    let days = &profile.days_off;
    let on = if rule == Rule::OfCenter { profile.deadline(set) } else { set };
    let mut line = deadline(on, label, today);
    if days.is_off(set) {
        let off = day_off(set);
        let only_weekends =
            if days.knows(set.year()) { "" } else { "（没有录入当年放假安排，只按周末判断）" };
        line.note = if on == set {
            let next = days.next_working(set);
            format!("当天是{off}，之后第一个工作日是 {next}{only_weekends}；是否顺延以中心公布为准")
        } else {
            format!("原定 {set} 是{off}，按中心规则顺延到下一个工作日{only_weekends}；以中心公布为准")
        };
    }
    line
}

/// Whose word a day is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The center's: it moves where the center moves its days.
    OfCenter,
    /// Somebody else's, which the center's rules do not move.
    Other,
}

fn day_off(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday | Weekday::Friday => "节假日",
    }
}

/// The years of deadlines for which the center moves what falls on a day off, and nobody has typed in which they are.
pub(super) fn holidays_unknown(profile: &CenterProfile, lines: &[DeadlineView]) -> Vec<i16> {
    let years = lines.iter().filter_map(|line| line.on.parse::<Date>().ok()).map(Date::year);
    let unknown: BTreeSet<i16> =
        years.filter(|year| profile.days_off.moves && !profile.days_off.knows(*year)).collect();
    unknown.into_iter().collect()
}

/// What the center's rules want of a unit by when, the operator's certificate apart. Without a gateway there are no
/// `books`: how far the unit is, it says itself.
pub(super) fn deadlines(known: &Known, unit: &Unit, books: Option<&UnitBooks>) -> Vec<DeadlineView> {
    let today = known.today;
    let mut lines = Vec::new();
    let profile = &known.profile;
    // The cut-off of the month before may have moved into this one.
    if let Ok(month) = Month::of(today) {
        let set = [month.previous(), month, month.next()].into_iter().filter_map(|month| profile.cut_off(month));
        let next = set.into_iter().find(|set| profile.deadline(*set) >= today);
        let label = "本月人员、基数变更截止，之后办理的从次月起算";
        lines.extend(next.map(|set| due(set, label, profile, Rule::OfCenter, today)));
    }
    lines.extend(payment_deadline(known, unit, books));
    lines.extend(unit.deferral.as_ref().and_then(|term| end_of_term(term, profile, today)));
    if let Some(window) = profile.base_window {
        if profile.takes_bases(today) {
            let set = days_of_year(window.last, today).find(|set| profile.deadline(*set) >= today);
            lines.extend(set.map(|set| due(set, "年度基数调整受理截止", profile, Rule::OfCenter, today)));
        } else {
            let first = days_of_year(window.first, today).find(|first| *first >= today);
            let line = first.map(|first| deadline(first, "年度基数调整开始受理", today));
            lines.extend(line.filter(|line| line.days_left <= AHEAD_DAYS));
        }
    }
    lines
}

/// When the certificates end that are signed and logged in with, or that they have, soonest first; what is far ahead is
/// none. What nobody would sign with, for whatever reason, says nothing of it.
pub(crate) fn certificates_end(session: &Session, keys: &[KeyInfo], now: Timestamp, today: Date) -> Vec<DeadlineView> {
    let line = |certificate: &Certificate, what: &str, over: &str| {
        let ended = if now > certificate.not_after() { over } else { "到期" };
        deadline(text::local(certificate.not_after()).date(), &format!("{what}{ended}"), today)
    };
    let proposed = proposed(session, keys, now);
    let somebody_signs = proposed.iter().any(|certificate| now <= certificate.not_after());
    let mut lines: Vec<_> = proposed
        .iter()
        .map(|certificate| {
            // Where nobody logs in, each person of the unit has one of his own.
            let holder = mask::id_numbers_in(certificate.holder());
            let whose = if session.gateway.is_some() { String::new() } else { format!("（{holder}）") };
            line(certificate, &format!("单位数字证书{whose}"), "已到期，不能再签名")
        })
        // Whoever is gone for long leaves nothing to renew, as long as somebody else signs.
        .filter(|line| !somebody_signs || line.days_left >= -AHEAD_DAYS)
        .collect();
    let login = session.login_certificate().filter(|login| !proposed.contains(login));
    lines.extend(login.map(|login| line(login, "登录用的证书", "已到期")));
    lines.retain(|line| line.days_left <= AHEAD_DAYS);
    lines.sort_by_key(|line| line.days_left);
    lines
}

/// By when the first month that is not paid is to be paid: the center's day of that month, where it has one.
fn payment_deadline(known: &Known, unit: &Unit, books: Option<&UnitBooks>) -> Option<DeadlineView> {
    let today = known.today;
    let mut months = books.into_iter().flat_map(|books| &books.books.months);
    let owed = months.find(|month| month.state == MonthState::Verified);
    let month = match books {
        Some(_) => owed.map_or(unit.first_unverified, |month| month.figures.month),
        // Nobody here knows what was paid: only this month's day is told, and not that one is over.
        None => unit.first_unverified.max(Month::of(today).ok()?),
    };
    // What is deferred is due when the term ends.
    if unit.deferral.as_ref().is_some_and(|term| !term.lowers_ratios() && month >= term.from) {
        return None;
    }
    let profile = &known.profile;
    if profile.remittance_day.is_none() {
        let label = "已核定的月份请在发薪后 5 日内缴款，最迟本月末";
        return owed.map(|_| due(today.last_of_month(), label, profile, Rule::Other, today));
    }
    let set = profile.remittance(month).filter(|_| Month::of(today).is_ok_and(|current| month <= current))?;
    let line = due(set, &format!("{month} 汇缴截止（核定并缴款）"), profile, Rule::OfCenter, today);
    (books.is_some() || line.days_left >= 0).then_some(line)
}

/// 条例 15: who is hired or leaves is filed within 30 days. Nobody here knows the day: it is taken to be the first one of
/// the month, which is never too late. Drafts are given by kind, month and people.
pub(super) fn people_deadlines(
    drafts: &[(FilingKind, Month, u32)],
    profile: &CenterProfile,
    today: Date,
) -> Vec<DeadlineView> {
    const WITHIN_DAYS: i64 = 30;
    let of = |(kind, event): (FilingKind, &str)| {
        let waiting = || drafts.iter().filter(|(of, ..)| *of == kind);
        let first = waiting().map(|(_, month, _)| *month).min()?;
        let people: u32 = waiting().filter(|(_, month, _)| *month == first).map(|(.., people)| *people).sum();
        let on = first.day(1)?.checked_add(WITHIN_DAYS.days()).ok()?;
        let label = format!(
            "{people} 人的{}还没有提交：{event}之日起 {WITHIN_DAYS} 日内办理（从 {first} 的 1 日算起）",
            kind.label()
        );
        Some(due(on, &label, profile, Rule::Other, today))
    };
    [(FilingKind::ContributorRegistration, "录用"), (FilingKind::StatusChange, "劳动关系变动")]
        .into_iter()
        .filter_map(of)
        .collect()
}

fn end_of_term(term: &Deferral, profile: &CenterProfile, today: Date) -> Option<DeadlineView> {
    let label = match term.asked {
        Asked::Defer => "缓缴期满，缓缴的月份请在此前缴清".to_owned(),
        Asked::LowerRatio => {
            let (unit, personal) = (term.unit_ratio.percent(), term.personal_ratio.percent());
            format!("降低缴存比例期满，次月起恢复为单位 {unit}、个人 {personal}")
        }
    };
    Some(due(term.to.day(31)?, &label, profile, Rule::Other, today))
}

/// The dates that are this day of a year, from a month ago on: what fell due then may have moved.
fn days_of_year(wanted: DayOfYear, today: Date) -> impl Iterator<Item = Date> {
    // Eight years hold a 29 February wherever one looks.
    let days = (-31..=8 * 366).filter_map(move |days| today.checked_add(days.days()).ok());
    days.filter(move |date| DayOfYear::of(*date) == wanted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use huijiao_domain::profile::DaysOff;
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 7, 20);
    const SATURDAY: Date = date(2026, 7, 25);

    fn center(days_off: DaysOff) -> CenterProfile {
        CenterProfile { days_off, ..CenterProfile::shipped("demo").unwrap() }
    }

    #[test]
    fn a_center_without_a_rule_has_its_day_and_a_word_that_nobody_works_then() {
        let line = due(SATURDAY, "截止", &center(DaysOff::default()), Rule::OfCenter, TODAY);
        assert_eq!((line.on.as_str(), line.days_left), ("2026-07-25", 5), "what is judged late is as it was");
        assert!(line.note.contains("周六") && line.note.contains("2026-07-27"), "{}", line.note);
        assert!(line.note.contains("只按周末判断"), "holidays that nobody typed in are not known: {}", line.note);
        assert!(line.note.contains("以中心公布为准"), "{}", line.note);
        let weekday = due(date(2026, 7, 24), "截止", &center(DaysOff::default()), Rule::OfCenter, TODAY);
        assert_eq!(weekday.note, "", "a working day needs no word");
    }

    #[test]
    fn a_center_that_moves_its_days_moves_its_own_only() {
        let profile =
            center(DaysOff { moves: true, holidays: [date(2026, 7, 27)].into(), worked: [date(2026, 7, 26)].into() });
        let own = due(SATURDAY, "截止", &profile, Rule::OfCenter, TODAY);
        assert_eq!((own.on.as_str(), own.days_left), ("2026-07-26", 6), "the Sunday that is worked");
        assert!(own.note.contains("原定 2026-07-25 是周六") && !own.note.contains("只按周末"), "{}", own.note);
        let holiday = due(date(2026, 7, 27), "截止", &profile, Rule::OfCenter, TODAY);
        assert_eq!(holiday.on, "2026-07-28");
        assert!(holiday.note.contains("节假日"), "{}", holiday.note);
        let other = due(SATURDAY, "缓缴期满", &profile, Rule::Other, TODAY);
        assert_eq!(other.on, "2026-07-25", "the end of a term is not the center's day");
        assert!(other.note.contains("2026-07-26"), "and yet nobody works then: {}", other.note);
    }

    #[test]
    fn years_that_nobody_typed_in_are_named_where_days_move() {
        let lines = [deadline(SATURDAY, "截止", TODAY), deadline(date(2027, 1, 31), "截止", TODAY)];
        assert_eq!(holidays_unknown(&center(DaysOff::default()), &lines), [0; 0], "nothing moves, nothing is missed");
        let moves = DaysOff { moves: true, holidays: [date(2026, 10, 1)].into(), ..DaysOff::default() };
        assert_eq!(holidays_unknown(&center(moves), &lines), [2027]);
    }

    #[test]
    fn who_comes_or_leaves_is_to_be_filed_within_thirty_days_of_the_first_of_the_month() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let profile = center(DaysOff::default());
        let (hired, left) = (FilingKind::ContributorRegistration, FilingKind::StatusChange);
        let drafts = [
            (hired, month("2026-07"), 3),
            (hired, month("2026-08"), 9),
            (left, month("2026-06"), 2),
            (FilingKind::BaseAdjustment, month("2026-01"), 240),
        ];
        let lines = people_deadlines(&drafts, &profile, TODAY);
        let days: Vec<_> = lines.iter().map(|line| (line.on.as_str(), line.days_left)).collect();
        assert_eq!(days, [("2026-07-31", 11), ("2026-07-01", -19)], "the earliest month of each, and nobody else's");
        assert!(lines[0].label.starts_with("3 人的缴存人登记"), "of that month only: {}", lines[0].label);
        assert!(!lines[0].urgent && lines[1].urgent, "one that is over is pressing");
        assert!(people_deadlines(&[], &profile, TODAY).is_empty(), "nothing waits, nothing is said");
    }

    #[test]
    fn a_day_of_the_year_that_is_just_over_is_still_looked_at() {
        let near: Vec<Date> = days_of_year("07-18".parse().unwrap(), TODAY).take(2).collect();
        assert_eq!(near, [date(2026, 7, 18), date(2027, 7, 18)], "it may have moved to today");
        let leap = days_of_year("02-29".parse().unwrap(), TODAY).next();
        assert_eq!(leap, Some(date(2028, 2, 29)));
    }
}
