#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, said};
use crate::remittance::{Books, OpenFiling};

const COLUMNS: [Field; 6] =
    [Field::ChangeKind, Field::FromMonth, Field::ToMonth, Field::UnitRatio, Field::PersonalRatio, Field::Reason];

/// A unit at 8 % whose first unverified month is the period, asking for half a year.
fn case(asked: &str) -> Case {
    let mut case = Case::of(2, &COLUMNS);
    let mut cells = vec![
        (Field::ChangeKind, asked),
        (Field::FromMonth, "2026-07"),
        (Field::ToMonth, "2026-12"),
        (Field::Reason, "生产经营困难，已经职工代表大会讨论通过"),
    ];
    if asked != "缓缴" {
        cells.extend([(Field::UnitRatio, "4%"), (Field::PersonalRatio, "8%")]);
    }
    case.row(&cells);
    case.period = "2026-07";
    case.unit.first_unverified = "2026-07".parse().unwrap();
    case.unit.paid_through = "2026-06".parse().unwrap();
    case
}

fn checked(case: &Case) -> Checked<DeferralRow> {
    check_sheet(&case.sheet, case.circumstances())
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

fn with(asked: &str, field: Field, text: &str) -> Vec<(Code, Option<u32>)> {
    let mut case = case(asked);
    case.set(0, field, text);
    said(&checked(&case).findings)
}

#[test]
fn sound_applications_pass_on_both_sides() {
    for asked in ["缓缴", "降低缴存比例"] {
        let case = case(asked);
        let checked = checked(&case);
        assert_eq!(checked.findings, [], "{asked}: four percent is below the policy's five, which is what is asked");
        let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
        assert_eq!(rows[0].asked.label(), asked);
        assert_eq!(rows[0].unit_ratio.is_some(), asked != "缓缴", "ratios only where they are asked for");
        assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
        let again: DeferralRow = serde_json::from_str(&serde_json::to_string(&rows[0]).unwrap()).unwrap();
        assert_eq!(again, rows[0], "as it is signed");
    }
}

#[test]
fn what_is_asked_is_read_and_never_guessed() {
    for word in ["降比", " 缓　缴 ", "申请缓缴"] {
        let mut case = case("缓缴");
        case.set(0, Field::ChangeKind, word);
        let findings = checked(&case).findings;
        assert_eq!(findings[0].level, Level::Fix, "{word}: {findings:?}");
        assert!(Asked::parse(findings[0].fix.as_deref().unwrap()).is_some(), "a word that is filed");
    }
    for word in ["", "减免", "停缴"] {
        assert_eq!(with("缓缴", Field::ChangeKind, word), [(Code::DeferralAsked, Some(2))], "{word:?}");
    }
}

#[test]
fn the_term_begins_with_the_first_unverified_month_and_has_an_end() {
    assert_eq!(with("缓缴", Field::FromMonth, ""), [], "none means the period");
    assert_eq!(with("缓缴", Field::FromMonth, "2026-08"), [(Code::MonthDiffers, Some(2))], "not the filing's month");
    assert_eq!(with("缓缴", Field::ToMonth, "2027-06"), [], "twelve months are the usual limit");
    assert_eq!(with("缓缴", Field::ToMonth, "2027-07"), [(Code::DeferralTerm, Some(2))], "thirteen");
    assert_eq!(with("缓缴", Field::ToMonth, "2026-06"), [(Code::SpanOrder, Some(2))], "ends before it begins");
    assert_eq!(with("缓缴", Field::ToMonth, ""), [(Code::MonthMissing, Some(2))], "no end");
    let mut case = case("缓缴");
    case.unit.first_unverified = "2026-06".parse().unwrap();
    case.unit.paid_through = "2026-05".parse().unwrap();
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::DeferralStart, Some(2))], "June would be left out");
    assert_eq!(findings[0].args["first"], "2026-06", "which it is");
    case.unit.first_unverified = "2026-07".parse().unwrap();
    case.unit.paid_through = "2026-07".parse().unwrap();
    assert_eq!(said(&checked(&case).findings), [(Code::DeferralStart, Some(2))], "July is paid already");
    case.unit.paid_through = "2026-06".parse().unwrap();
    case.profile.limits.deferral_months = 5;
    assert_eq!(said(&checked(&case).findings), [(Code::DeferralTerm, Some(2))], "the center's own limit");
}

#[test]
fn ratios_go_down_and_only_where_that_is_asked() {
    let lower = "降低缴存比例";
    let twelve = |unit: &str, personal: &str| {
        let mut case = case(lower);
        case.set(0, Field::UnitRatio, unit);
        case.set(0, Field::PersonalRatio, personal);
        said(&checked(&case).findings)
    };
    assert_eq!(twelve("1%", "1%"), [], "any ratio above nothing");
    assert_eq!(twelve("8%", "8%"), [(Code::DeferralNotLower, Some(2))], "as it is");
    assert_eq!(twelve("4%", "9%"), [(Code::DeferralNotLower, Some(2))], "one side up");
    assert_eq!(twelve("0", "8%"), [(Code::DeferralNotLower, Some(2))], "nothing is no ratio");
    assert_eq!(twelve("4%", ""), [(Code::RatioMissing, Some(2))], "both sides");
    assert_eq!(twelve("四", "4%"), [(Code::RatioUnreadable, Some(2)), (Code::RatioMissing, Some(2))], "in words");
    assert_eq!(with("缓缴", Field::UnitRatio, "4%"), [(Code::DeferralRatio, Some(2))], "what would it mean?");
    let mut case = case(lower);
    case.profile.policies[1].equal_ratio = true;
    assert_eq!(said(&checked(&case).findings), [(Code::RatioUnequal, Some(2))], "4 and 8");
    case.profile.policies[1].equal_ratio = false;
    case.profile.policies[1].ratio_step = "0.05".parse().ok();
    assert_eq!(codes(&checked(&case).findings), [Code::RatioFraction, Code::RatioFraction], "no steps of five");
}

#[test]
fn a_reason_is_given_in_words_that_can_be_read() {
    assert_eq!(with("缓缴", Field::Reason, ""), [(Code::DeferralReason, Some(2))]);
    assert_eq!(with("缓缴", Field::Reason, "困难□"), [(Code::TextUnreadable, Some(2))]);
    assert_eq!(
        with("缓缴", Field::Reason, &"难".repeat(61)),
        [(Code::TextLength, Some(2))],
        "the rest is an attachment"
    );
}

#[test]
fn one_application_at_a_time() {
    let mut case = case("缓缴");
    case.row(&[(Field::ChangeKind, "缓缴"), (Field::ToMonth, "2026-08"), (Field::Reason, "困难")]);
    assert_eq!(said(&checked(&case).findings), [(Code::DeferralTwice, Some(3))], "two terms");
    let case = self::case("缓缴");
    let open = |kind| OpenFiling { filing_number: "HJ1".into(), kind, period: "2026-07".parse().unwrap() };
    let books = |kind| Books { open: vec![open(kind)], ..Books::default() };
    let of = |books: &Books| check_sheet(&case.sheet, Circumstances { books: Some(books), ..case.circumstances() });
    assert_eq!(codes(&of(&books(FilingKind::Deferral)).findings), [Code::DeferralOpen], "the center still thinks");
    assert_eq!(of(&books(FilingKind::UnitUpdate)).findings, [], "another filing");
}

#[test]
fn the_center_refuses_what_was_changed() {
    let case = case("降低缴存比例");
    let good = checked(&case).rows[0].clone().unwrap();
    let refused = |change: fn(&mut DeferralRow)| {
        let mut row = good.clone();
        change(&mut row);
        let rows = [row];
        codes(&check_rows(&rows, Totals::of(&rows), case.circumstances()))
    };
    assert_eq!(refused(|row| row.asked = Asked::Defer), [Code::DeferralRatio, Code::DeferralRatio]);
    assert_eq!(refused(|row| row.unit_ratio = "0.09".parse().ok()), [Code::DeferralNotLower]);
    assert_eq!(refused(|row| row.personal_ratio = None), [Code::RatioMissing]);
    assert_eq!(refused(|row| row.to = "2028-01".parse().unwrap()), [Code::DeferralTerm]);
    assert_eq!(refused(|row| row.from = "2026-08".parse().unwrap()), [Code::MonthDiffers]);
    assert_eq!(refused(|row| row.reason.clear()), [Code::DeferralReason]);
    let twice = [good.clone(), good.clone()];
    assert_eq!(codes(&check_rows(&twice, Totals::of(&twice), case.circumstances())), [Code::DeferralTwice]);
    assert_eq!(codes(&check_rows(&[], Totals::NONE, case.circumstances())), [Code::SheetEmpty]);
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                (1u32..14).prop_map(|percent| format!("{percent}%")),
                prop::sample::select(vec!["缓缴", "降比", "降低缴存比例", "0", "2026-07", "2026.8", "2027-06", "2027-07"])
                    .prop_map(str::to_owned),
                "\\PC{0,6}",
            ]),
            0..4,
        ),
        asked in prop::sample::select(vec!["缓缴", "降低缴存比例"]),
    ) {
        let mut case = case(asked);
        for (field, text) in spoils {
            case.set(0, field, &text);
        }
        let checked = checked(&case);
        let rows: Vec<_> = checked.rows.iter().flatten().cloned().collect();
        let center = check_rows(&rows, checked.totals, case.circumstances());
        if checked.findings.iter().any(Finding::blocks) {
            prop_assert!(checked.rows.contains(&None) || !center.is_empty(), "what blocks here is not taken there");
        } else {
            prop_assert_eq!(rows.len(), 1, "the row can be filed");
            prop_assert_eq!(center, [], "the center says the same");
        }
    }
}
