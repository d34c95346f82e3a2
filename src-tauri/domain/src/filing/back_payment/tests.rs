#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, id_number, name as person_name, said as told, yuan};
use crate::roster::AccountStatus;
use crate::sheet::{RawCell, TotalRow};

const COLUMNS: [Field; 10] = [
    Field::PersonalAccount,
    Field::Name,
    Field::IdNumber,
    Field::FromMonth,
    Field::ToMonth,
    Field::Reason,
    Field::OldBase,
    Field::NewBase,
    Field::UnitAmount,
    Field::PersonalAmount,
];

/// A unit of six that is verified through June; 4 is sealed. Three rows: with a base, without one, a sealed account.
fn case() -> Case {
    let mut case = Case::of(6, &COLUMNS);
    case.roster.contributors[4].status = AccountStatus::Sealed;
    for (person, from, to, reason, base, amount) in [
        (0, "2026-04", "2026-06", "漏缴补缴", "6000", "1440"),
        (1, "2026-05", "2026-05", "少缴补缴", "", "33.50"),
        (4, "2026-01", "2026-02", "欠缴补缴", "5004", "800"),
    ] {
        let known = case.roster.contributors[person].clone();
        case.row(&[
            (Field::PersonalAccount, &known.personal_account),
            (Field::Name, &known.name),
            (Field::IdNumber, &known.id_number),
            (Field::FromMonth, from),
            (Field::ToMonth, to),
            (Field::Reason, reason),
            (Field::NewBase, base),
            (Field::UnitAmount, amount),
            (Field::PersonalAmount, amount),
        ]);
    }
    case
}

fn checked(case: &Case) -> Checked<BackPaymentRow> {
    check_sheet(&case.sheet, case.circumstances())
}

fn center(case: &Case, checked: &Checked<BackPaymentRow>) -> Vec<Code> {
    let rows: Vec<_> = checked.rows.iter().flatten().cloned().collect();
    check_rows(&rows, checked.totals, case.circumstances()).into_iter().map(|f| f.code).collect()
}

#[test]
fn a_sound_sheet_has_nothing_to_say_and_passes_the_center() {
    let case = case();
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "nothing to say");
    assert_eq!(center(&case, &checked), [], "the center says the same");
    assert_eq!(checked.totals.before, Yuan::ZERO, "nothing is due for those months yet");
    assert_eq!(checked.totals.after, yuan("4547"), "2 × (1440 + 33.50 + 800)");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    assert_eq!((rows[0].base, rows[1].base), (Some(yuan("6000")), None), "a base is filed where there is one");
}

#[test]
fn months_are_in_order_and_verified() {
    let mut case = case();
    case.set(0, Field::FromMonth, "2026-07");
    case.set(1, Field::ToMonth, "2026-07");
    case.set(2, Field::FromMonth, "2026年1月");
    let findings = checked(&case);
    let expected = [(Code::SpanOrder, Some(2)), (Code::SpanNotVerified, Some(3)), (Code::MonthForm, Some(4))];
    assert_eq!(told(&findings.findings), expected, "July is not verified: it is remitted in the ordinary way");
    assert_eq!(center(&case, &findings), [Code::SpanOrder, Code::SpanNotVerified], "the center says the same");
    case.set(0, Field::FromMonth, "");
    case.set(1, Field::ToMonth, "六月");
    let expected = [(Code::MonthMissing, Some(2)), (Code::MonthUnreadable, Some(3)), (Code::MonthForm, Some(4))];
    assert_eq!(told(&checked(&case).findings), expected, "no month is taken for another");
    assert_eq!(checked(&case).rows, [None, None, None], "and nothing of it is filed");
}

#[test]
fn without_a_unit_the_present_month_is_the_last() {
    let mut case = case();
    case.set(1, Field::ToMonth, "2026-07");
    let of = |case: &Case| {
        let of = Circumstances { unit: None, roster: None, ..case.circumstances() };
        told(&check_sheet(&case.sheet, of).findings)
    };
    assert_eq!(of(&case), [], "nobody knows what is verified");
    case.set(1, Field::ToMonth, "2026-08");
    assert_eq!(of(&case), [(Code::SpanNotVerified, Some(3))], "but August has not begun");
}

#[test]
fn many_months_are_reviewed_by_the_center() {
    let mut case = case();
    case.set(1, Field::FromMonth, "2025-06");
    assert_eq!(checked(&case).findings, [], "2025-06 to 2026-05 are twelve months");
    case.set(1, Field::FromMonth, "2025-05");
    let findings = checked(&case).findings;
    assert_eq!(told(&findings), [(Code::SpanLong, Some(3))], "thirteen");
    assert_eq!(findings[0].level, Level::Warning, "a question, no refusal");
    case.profile.limits.back_payment_months = None;
    assert_eq!(checked(&case).findings, [], "a center that does not count");
}

#[test]
fn spans_of_one_person_keep_apart() {
    let mut case = case();
    let again = |case: &mut Case, from: &str, to: &str| {
        let cells = case.sheet.rows[1].cells.clone();
        let place = case.row(&[]);
        case.sheet.rows[place].cells = cells;
        case.set(place, Field::FromMonth, from);
        case.set(place, Field::ToMonth, to);
    };
    again(&mut case, "2026-03", "2026-04");
    again(&mut case, "2026-06", "2026-06");
    let apart = checked(&case);
    assert_eq!(apart.findings, [], "three spans of one person without a month in common");
    assert_eq!((apart.rows.len(), apart.totals.people), (5, 3), "one person is one, however many spans he has");
    assert_eq!(center(&case, &apart), [], "for the center too");
    again(&mut case, "2026-02", "2026-03");
    again(&mut case, "2026-05", "2026-06");
    let overlapping = checked(&case);
    let expected = [(Code::SpanOverlap, Some(7)), (Code::SpanOverlap, Some(8))];
    assert_eq!(told(&overlapping.findings), expected, "each at the later row, once");
    assert_eq!(overlapping.findings[0].args["twin"], "第5行", "March is in row 5");
    assert_eq!(overlapping.findings[1].args["twin"], "第3行", "May in row 3");
    assert_eq!(center(&case, &overlapping), [Code::SpanOverlap, Code::SpanOverlap], "the center sees it too");
}

#[test]
fn a_long_span_overlaps_all_that_lie_in_it() {
    let identified = [Identified { id_number: Some("A"), name: "", account: None }; 4];
    let month = |text: &str| text.parse().unwrap();
    let spans = [("2025-10", "2025-11"), ("2025-01", "2025-12"), ("2025-02", "2025-03"), ("2026-01", "2026-01")];
    let spans: Vec<_> = spans.iter().map(|(from, to)| Some((month(from), month(to)))).collect();
    let found: Vec<_> = repeated(&identified, &spans).into_iter().map(|twin| (twin.row, twin.first)).collect();
    assert_eq!(found, [(1, 0), (2, 1)], "each pair at its later row, and January 2026 is nobody's");
}

#[test]
fn amounts_are_held_against_what_the_base_costs() {
    let mut case = case();
    case.set(0, Field::UnitAmount, "1439");
    case.set(0, Field::PersonalAmount, "1,440");
    let findings = checked(&case).findings;
    assert_eq!(told(&findings), [(Code::DueDiffers, Some(2)), (Code::AmountForm, Some(2))], "3 × 480 is 1440");
    assert_eq!((findings[0].level, findings[0].fix.as_deref()), (Level::Warning, Some("1440.00")), "a question");
    assert_eq!(findings[0].args["difference"], "-1.00", "with the difference");
    case.set(0, Field::UnitAmount, "1440");
    case.set(0, Field::PersonalAmount, "");
    let findings = checked(&case).findings;
    assert_eq!(told(&findings), [(Code::AmountMissing, Some(2))], "a part is missing");
    assert_eq!((findings[0].level, findings[0].fix.as_deref()), (Level::Fix, Some("1440.00")), "proposed, not taken");
    case.set(1, Field::PersonalAmount, "");
    let missing = &checked(&case).findings[1];
    assert_eq!((missing.level, missing.fix.as_deref()), (Level::Error, None), "without a base nothing is proposed");
}

#[test]
fn a_difference_is_held_against_both_bases() {
    let mut case = case();
    case.set(1, Field::FromMonth, "2026-05");
    case.set(1, Field::ToMonth, "2026-06");
    case.set(1, Field::Reason, "基数调整补差");
    case.set(1, Field::NewBase, "6000");
    case.set(1, Field::UnitAmount, "160");
    case.set(1, Field::PersonalAmount, "160");
    assert_eq!(checked(&case).findings, [], "less than all is due, how much less nobody can tell");
    case.set(1, Field::UnitAmount, "1760.01");
    assert_eq!(told(&checked(&case).findings), [(Code::DueExceeds, Some(3))], "two months cost 4 × 480, not more");
    case.set(1, Field::UnitAmount, "160");
    case.set(1, Field::OldBase, "5000");
    assert_eq!(checked(&case).findings, [], "2 × (480 − 400) each side");
    case.set(1, Field::OldBase, "5500");
    let findings = checked(&case).findings;
    assert_eq!(told(&findings), [(Code::DueDiffers, Some(3)), (Code::DueDiffers, Some(3))], "2 × (480 − 440) each");
    assert_eq!(findings[0].fix.as_deref(), Some("80.00"), "with what it would be");
}

#[test]
fn months_without_a_policy_are_said_not_guessed() {
    let mut case = case();
    case.set(0, Field::FromMonth, "2025-05");
    let findings = checked(&case).findings;
    let expected = [(Code::SpanLong, Some(2)), (Code::DueUnknown, Some(2))];
    assert_eq!(told(&findings), expected, "the demo center's first record is of July 2025");
    assert_eq!(findings[1].args["months"], "2025-05、2025-06", "which months");
    assert!(!findings.iter().any(Finding::blocks), "the clerk asks the center");
}

#[test]
fn limits_of_those_months_are_a_question() {
    let mut case = case();
    case.set(0, Field::NewBase, "25000");
    case.set(0, Field::UnitAmount, "6000");
    case.set(0, Field::PersonalAmount, "6000");
    let findings = checked(&case).findings;
    assert_eq!(told(&findings), [(Code::BaseAboveCeiling, Some(2))], "above the ceiling of before July");
    assert_eq!(findings[0].args["ceiling"], "24018.00", "of those months, not of today");
    assert!(!findings[0].blocks(), "the amounts are what is filed");
}

#[test]
fn amounts_are_possible() {
    let mut case = case();
    case.set(0, Field::NewBase, "");
    for (unit, personal, codes) in [
        ("0", "100", vec![]),
        ("0", "0", vec![Code::DueNothing]),
        ("-1", "100", vec![Code::AmountNegative]),
        ("100000000", "1", vec![Code::AmountTooLarge]),
    ] {
        case.set(0, Field::UnitAmount, unit);
        case.set(0, Field::PersonalAmount, personal);
        let checked = checked(&case);
        let found: Vec<_> = checked.findings.iter().map(|f| f.code).collect();
        assert_eq!(found, codes, "{unit} and {personal}");
        assert_eq!(center(&case, &checked), codes, "{unit} and {personal}: the center says the same");
    }
}

#[test]
fn the_person_has_an_account_that_can_be_paid_into() {
    let mut case = case();
    case.roster.contributors[0].status = AccountStatus::ClosedByWithdrawal;
    case.roster.contributors[1].status = AccountStatus::Frozen;
    case.set(2, Field::IdNumber, &id_number(300));
    case.set(2, Field::PersonalAccount, "");
    let checked = checked(&case);
    let expected = [(Code::RosterStatus, Some(2)), (Code::RosterStatus, Some(3)), (Code::RosterUnknown, Some(4))];
    assert_eq!(told(&checked.findings), expected, "closed, frozen, nobody");
    assert_eq!(center(&case, &checked), [Code::RosterStatus, Code::RosterStatus], "the center says the same");
}

#[test]
fn reasons_are_those_of_the_list() {
    let mut case = case();
    for (text, code, fix) in [
        ("", Code::ReasonMissing, None),
        ("差额补缴", Code::ReasonForm, Some("基数调整补差")),
        ("想补", Code::ReasonUnknown, None),
    ] {
        case.set(1, Field::Reason, text);
        let checked = checked(&case);
        assert_eq!(told(&checked.findings), [(code, Some(3))], "{text:?}");
        assert_eq!(checked.findings[0].fix.as_deref(), fix, "{text:?}: proposed, not taken");
        assert_eq!(checked.rows[1], None, "{text:?}: not filed before");
    }
    for reason in REASONS {
        case.set(1, Field::Reason, reason);
        assert_eq!(checked(&case).findings, [], "{reason}");
    }
}

#[test]
fn a_sum_beside_the_parts_and_a_total_below_are_compared() {
    let mut case = case();
    case.sheet.columns.insert(Field::MonthlyAmount, 20);
    case.set(0, Field::MonthlyAmount, "2880");
    case.set(1, Field::MonthlyAmount, "66");
    let mut total = case.sheet.rows[0].clone();
    total.row = 9;
    total.cells.retain(|field, _| *field == Field::UnitAmount);
    total
        .cells
        .insert(Field::UnitAmount, RawCell { column: 8, text: "2273".into(), kind: crate::sheet::CellKind::Text });
    case.sheet.totals.push(TotalRow { row: total, grand: true });
    let expected = [(Code::AmountSum, Some(3)), (Code::TotalDiffers, Some(9))];
    assert_eq!(told(&checked(&case).findings), expected, "33.50 + 33.50 is 67, and the column 2273.50");
}

#[test]
fn the_center_refuses_figures_that_were_changed() {
    let case = case();
    let checked = checked(&case);
    let mut rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    rows[0].reason = "想补".into();
    rows[1].amounts.unit_amount = yuan("34.50");
    rows[2].personal_account = String::new();
    rows[2].base = Some(Yuan::ZERO);
    let codes: Vec<_> = check_rows(&rows, checked.totals, case.circumstances()).iter().map(|f| f.code).collect();
    let expected = [Code::FilingTotals, Code::ReasonUnknown, Code::RosterAccountDiffers, Code::AmountNegative];
    assert_eq!(codes, expected, "sums, reason, account and base");
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (0usize..3, prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                prop::sample::select(REASONS.to_vec()).prop_map(str::to_owned),
                prop::sample::select(vec!["2026-05", "202606", "2026.7", "2026-08", "2024-01"]).prop_map(str::to_owned),
                (0usize..7).prop_map(|person| format!("0080{person:08}")),
                (0usize..7).prop_map(id_number),
                (0usize..7).prop_map(person_name),
                prop::sample::select(vec!["0", "6000", "-3", "1,440", "12.345"]).prop_map(str::to_owned),
                "\\PC{0,8}",
            ]),
            0..6,
        ),
        twin in prop::option::of((0usize..3, 0usize..3)),
    ) {
        let mut case = case();
        if let Some((row, other)) = twin {
            // Another span of somebody who is in the sheet already.
            for field in [Field::PersonalAccount, Field::Name, Field::IdNumber] {
                let text = case.sheet.rows[row].text(field).to_owned();
                case.set(other, field, &text);
            }
        }
        for (row, field, text) in spoils {
            case.set(row, field, &text);
        }
        let checked = checked(&case);
        let rows: Vec<_> = checked.rows.iter().flatten().cloned().collect();
        let center = check_rows(&rows, checked.totals, case.circumstances());
        if checked.findings.iter().any(Finding::blocks) {
            prop_assert!(checked.rows.contains(&None) || !center.is_empty(), "what blocks here is not taken there");
        } else {
            prop_assert_eq!(rows.len(), 3, "every row can be filed");
            prop_assert_eq!(center, [], "the center says the same");
        }
    }
}
