#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, said, yuan};

const COLUMNS: [Field; 3] = [Field::UnitRatio, Field::PersonalRatio, Field::Month];

/// Five people, one of them sealed, at 8 %; a sheet that says 10 % and 9 %.
fn case() -> Case {
    let mut case = Case::of(5, &COLUMNS);
    case.roster.contributors[4].status = AccountStatus::Sealed;
    case.row(&[(Field::UnitRatio, "10%"), (Field::PersonalRatio, "9"), (Field::Month, "202607")]);
    case
}

fn checked(case: &Case) -> Checked<RatioAdjustmentRow> {
    check_sheet(&case.sheet, case.circumstances())
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_sound_sheet_has_nothing_to_say_and_passes_the_center() {
    let case = case();
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "ten and nine percent");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    // 5000, 5001, 5002, 5003: 400 each side before; 500 and 450 after, to the yuan.
    assert_eq!(checked.totals.people, 4, "everybody but the sealed one");
    assert_eq!(checked.totals.before, yuan("3200"), "as registered");
    assert_eq!(checked.totals.after, yuan("3800"), "the sum of rounded parts, not the rounded sum");
    assert_eq!(rows[0].after.unit_amount, yuan("2000"), "each side for itself");
    assert_eq!((rows[0].old_unit_ratio.percent(), rows[0].unit_ratio.percent()), ("8%".into(), "10%".into()), "both");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn what_moves_from_the_unit_s_part_to_the_person_s_moves_twice() {
    let mut case = case();
    case.set(0, Field::UnitRatio, "7%");
    case.set(0, Field::PersonalRatio, "9%");
    let rows: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
    let (before, after) = (rows[0].before, rows[0].after);
    assert_eq!(before.monthly(), after.monthly(), "the sum of both stays as it was");
    let moved = crate::filing::Rows::RatioAdjustment(rows).moved();
    let share = before.unit_amount - after.unit_amount;
    assert!(share > Yuan::ZERO, "and a share of every wage is another's");
    assert_eq!(moved, share + share, "taken here and laid on there");
}

#[test]
fn ratios_are_read_in_every_form_and_held_to_the_policy() {
    for text in ["10", "10%", "0.1", "0.10", "１０％"] {
        let mut case = case();
        case.set(0, Field::UnitRatio, text);
        assert_eq!(checked(&case).findings, [], "{text}");
    }
    for (text, code) in [
        ("4%", Code::RatioRange),
        ("0.8", Code::RatioRange),
        ("13", Code::RatioRange),
        ("十", Code::RatioUnreadable),
        ("10.5%", Code::RatioFraction),
    ] {
        let mut case = case();
        case.set(0, Field::UnitRatio, text);
        assert_eq!(said(&checked(&case).findings), [(code, Some(2))], "{text}");
    }
    let mut stepped = case();
    stepped.set(0, Field::UnitRatio, "10.5%");
    assert!(!checked(&stepped).findings[0].blocks(), "a fraction is a question");
    stepped.profile.policies[1].ratio_step = "0.01".parse().ok();
    assert!(checked(&stepped).findings[0].blocks(), "but an error where the center demands steps");
}

#[test]
fn some_centers_demand_one_ratio_for_both_sides() {
    let mut case = case();
    case.profile.policies[1].equal_ratio = true;
    assert_eq!(said(&checked(&case).findings), [(Code::RatioUnequal, Some(2))], "10 and 9");
    let rows: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
    let center = check_rows(&rows, Totals::of(&rows), case.circumstances());
    assert_eq!(codes(&center), [Code::RatioUnequal], "the center as well");
    case.set(0, Field::PersonalRatio, "10");
    assert_eq!(checked(&case).findings, [], "10 and 10");
}

#[test]
fn what_is_missing_unchanged_or_too_much_is_said_in_its_cell() {
    let mut case = case();
    case.set(0, Field::PersonalRatio, "");
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::RatioMissing, Some(2))], "both are given, or neither is known");
    assert_eq!(findings[0].fix.as_deref(), Some("8%"), "the registered one is proposed, not taken");

    case.set(0, Field::UnitRatio, "8");
    case.set(0, Field::PersonalRatio, "0.08");
    assert_eq!(said(&checked(&case).findings), [(Code::RatioUnchanged, Some(2))], "nothing to file");

    case.set(0, Field::UnitRatio, "12");
    case.row(&[(Field::UnitRatio, "10"), (Field::PersonalRatio, "10")]);
    assert_eq!(said(&checked(&case).findings), [(Code::RatioTwice, Some(3))], "one pair of ratios");
}

#[test]
fn the_month_is_the_filing_s_own() {
    let mut case = case();
    case.set(0, Field::Month, "");
    assert_eq!(checked(&case).findings, [], "none means the period");
    case.set(0, Field::Month, "2026-08");
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::MonthDiffers, Some(2))], "another month has another policy");
    assert_eq!(findings[0].fix.as_deref(), Some("2026-07"), "the filing's");
    case.set(0, Field::Month, "");
    case.period = "2026-06";
    assert_eq!(codes(&checked(&case).findings), [Code::PeriodNotAllowed], "verified months are closed");
}

#[test]
fn limits_on_the_monthly_amount_limit_the_ratios() {
    let mut case = case();
    case.roster.contributors[1].base = yuan("20000");
    case.roster.contributors[4].base = yuan("20000");
    case.profile.policies[1].amount_ceiling = Some(yuan("3000"));
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::RatioMonthlyAbove, Some(2))], "19 % of 20 000");
    let args = &findings[0].args;
    assert_eq!((&*args["people"], &*args["computed"], &*args["ceiling"]), ("1", "3800.00", "3000.00"), "of whom");
    case.profile.policies[1].amount_ceiling = None;
    case.profile.policies[1].amount_floor = Some(yuan("951"));
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::RatioMonthlyBelow, Some(2))], "950 is a yuan short");
    assert_eq!(findings[0].args["people"], "3", "everybody with a base near 5000, not the sealed one");
}

#[test]
fn the_center_refuses_figures_that_were_changed() {
    let case = case();
    let good: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
    let refused = |change: fn(&mut RatioAdjustmentRow)| {
        let mut rows = good.clone();
        change(&mut rows[0]);
        let totals = Totals::of(&rows);
        codes(&check_rows(&rows, totals, case.circumstances()))
    };
    assert_eq!(refused(|row| row.people = 5), [Code::FilingTotals], "one too many");
    assert_eq!(refused(|row| row.after.unit_amount = yuan("1")), [Code::FilingTotals], "less to pay");
    assert_eq!(refused(|row| row.before.unit_amount = yuan("1")), [Code::FilingTotals], "another amount before");
    let ratio = |points| Ratio::from_basis_points(points).unwrap();
    assert_eq!(ratio(700).percent(), "7%", "what the next lines say");
    let old = refused(|row| row.old_unit_ratio = Ratio::from_basis_points(700).unwrap());
    assert_eq!(old, [Code::RatioOldDiffers], "checked against another unit");
    let most = refused(|row| row.unit_ratio = Ratio::from_basis_points(1300).unwrap());
    assert_eq!(most, [Code::RatioRange, Code::FilingTotals], "above the limit, and other sums");
    let month = refused(|row| row.month = "2026-08".parse().unwrap());
    assert_eq!(month, [Code::MonthDiffers], "another month than the head's");
    let twice = [good[0].clone(), good[0].clone()];
    let found = check_rows(&twice, Totals::of(&twice), case.circumstances());
    assert_eq!(codes(&found), [Code::RatioTwice], "one row");
    assert_eq!(codes(&check_rows(&[], Totals::NONE, case.circumstances())), [Code::SheetEmpty], "none is no filing");
}

#[test]
fn without_unit_and_roster_ratios_are_still_judged() {
    let mut case = case();
    case.set(0, Field::UnitRatio, "4%");
    let alone = Circumstances { unit: None, roster: None, ..case.circumstances() };
    let checked = check_sheet(&case.sheet, alone);
    assert_eq!(said(&checked.findings), [(Code::RatioRange, Some(2))], "by the policy");
    assert_eq!((checked.rows, checked.totals), (vec![None], Totals::NONE), "nobody knows for whom");
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (0usize..2, prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                (40u32..130).prop_map(|tenths| format!("{}.{}%", tenths / 10, tenths % 10)),
                (4u32..14).prop_map(|percent| percent.to_string()),
                prop::sample::select(vec!["0.08", "0.1", "2026-07", "2026.7", "2026-08"]).prop_map(str::to_owned),
                "\\PC{0,6}",
            ]),
            0..4,
        ),
        second in any::<bool>(),
        status in prop::sample::select(vec![AccountStatus::Normal, AccountStatus::Sealed, AccountStatus::Frozen]),
        equal in any::<bool>(),
    ) {
        let mut case = case();
        case.roster.contributors[2].status = status;
        case.profile.policies[1].equal_ratio = equal;
        if second {
            case.row(&[(Field::UnitRatio, "11"), (Field::PersonalRatio, "11")]);
        }
        for (row, field, text) in spoils.into_iter().filter(|(row, _, _)| *row == 0 || second) {
            case.set(row, field, &text);
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
