#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::kit::{Case, id_number, said};

const COLUMNS: [Field; 3] = [Field::Item, Field::OldValue, Field::NewValue];

/// A unit whose clerk the center knows, and a sheet with a new phone and a new address.
fn case() -> Case {
    let mut case = Case::of(2, &COLUMNS);
    for (item, value) in
        [(UnitItem::ClerkName, "王经办"), (UnitItem::ClerkMobile, "13800000001"), (UnitItem::Department, "人事部")]
    {
        case.unit.details.insert(item.as_str().to_owned(), value.to_owned());
    }
    let mobile = [(Field::Item, "经办人手机"), (Field::OldValue, "13800000001"), (Field::NewValue, "13800000002")];
    case.row(&mobile);
    case.row(&[(Field::Item, "经办人电子信箱"), (Field::NewValue, "hr@example.com")]);
    case
}

fn checked(case: &Case) -> Checked<UnitUpdateRow> {
    check_sheet(&case.sheet, case.circumstances())
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_sound_sheet_has_nothing_to_say_and_passes_the_center() {
    let case = case();
    let checked = checked(&case);
    assert_eq!(checked.findings, [], "a phone and an address");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    assert_eq!(rows[0].item, UnitItem::ClerkMobile, "by what centers call it");
    assert_eq!((rows[0].old_value.as_str(), rows[1].old_value.as_str()), ("13800000001", ""), "what the center has");
    assert_eq!((checked.totals.people, checked.totals.difference.to_string()), (2, "0.00".into()), "no money moves");
    assert_eq!(check_rows(&rows, checked.totals, case.circumstances()), [], "the center says the same");
}

#[test]
fn every_item_is_judged_by_its_own_rule() {
    let short = &id_number(1)[..17];
    for (item, value, code) in [
        ("经办人姓名", "王", Code::NameLength),
        ("经办人姓名", "王 芳", Code::NameBlanks),
        ("经办人证件号码", short, Code::IdLength),
        ("经办人固定电话", "0391-12", Code::PhoneInvalid),
        ("经办人固定电话", "（0391）1234567", Code::PhoneForm),
        ("经办人手机号码", "12812345678", Code::MobileInvalid),
        ("经办人手机号码", "138-0000-0002", Code::MobileForm),
        ("公积金经办部门", " 财务部", Code::TextForm),
        ("公积金经办部门", "财务□", Code::TextUnreadable),
        ("经办人电子信箱", "hr＠example.com", Code::EmailForm),
        ("经办人电子信箱", "hr.example.com", Code::EmailInvalid),
        ("经办人手机号码", "13800000001", Code::UpdateNothing),
        ("经办人手机号码", "", Code::ValueMissing),
        ("登录密码", "123456", Code::ItemUnknown),
        ("", "123456", Code::ItemMissing),
    ] {
        let mut case = case();
        case.set(0, Field::Item, item);
        case.set(0, Field::OldValue, "");
        case.set(0, Field::NewValue, value);
        if item == "经办人电子信箱" {
            case.set(1, Field::Item, "公积金经办部门");
            case.set(1, Field::NewValue, "财务部");
        }
        let checked = checked(&case);
        assert_eq!(said(&checked.findings), [(code, Some(2))], "{item}: {value}");
        let field = if item == "登录密码" || item.is_empty() { Field::Item } else { Field::NewValue };
        assert_eq!(checked.findings[0].field, Some(field), "{item}: {value}: in its cell");
        assert_eq!(checked.rows[0], None, "{item}: {value}: is not filed");
        assert!(checked.rows[1].is_some(), "what is sound stays");
    }
    for (item, value) in [
        ("经办人姓名", "赵新来"),
        ("经办人证件号码", &*id_number(3)),
        ("固定电话", "0391-1234567-801"),
        ("经办部门", "财务部 二科"),
    ] {
        let mut case = case();
        case.set(0, Field::Item, item);
        case.set(0, Field::OldValue, "");
        case.set(0, Field::NewValue, value);
        assert_eq!(checked(&case).findings, [], "{item}: {value}");
    }
}

#[test]
fn the_profile_says_what_a_clerk_may_change() {
    let mut case = case();
    let good: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
    case.profile.limits.unit_items = BTreeSet::from([UnitItem::ClerkEmail]);
    let findings = checked(&case).findings;
    assert_eq!(said(&findings), [(Code::ItemNotAllowed, Some(2))], "the phone is changed at the counter");
    assert_eq!(findings[0].args["items"], "经办人电子信箱", "what he may");
    let center = check_rows(&good, Totals::of(&good), case.circumstances());
    assert_eq!(codes(&center), [Code::ItemNotAllowed], "the center holds to it");
}

#[test]
fn one_item_has_one_row() {
    let mut case = case();
    case.row(&[(Field::Item, "经办人手机号码"), (Field::NewValue, "13800000003")]);
    let checked = checked(&case);
    assert_eq!(said(&checked.findings), [(Code::ItemTwice, Some(4))], "which of the two?");
    let rows: Vec<_> = checked.rows.into_iter().flatten().collect();
    let center = check_rows(&rows, checked.totals, case.circumstances());
    assert_eq!(codes(&center), [Code::ItemTwice], "the center asks the same");
}

#[test]
fn an_old_value_that_the_center_does_not_have_is_asked_about() {
    let mut case = case();
    case.set(0, Field::OldValue, "13800000009");
    let checked = checked(&case);
    assert_eq!(said(&checked.findings), [(Code::UnitOldDiffers, Some(2))], "perhaps somebody else changed it");
    assert!(!checked.findings[0].blocks(), "the center's own is filed");
    assert_eq!(checked.rows[0].as_ref().unwrap().old_value, "13800000001", "as the center has it");
}

#[test]
fn numbers_of_documents_are_masked_wherever_they_are_told() {
    let mut case = case();
    let (old, wrong) = (id_number(1), format!("{}0", &id_number(2)[..17]));
    let wrong = if wrong == id_number(2) { format!("{}1", &wrong[..17]) } else { wrong };
    case.unit.details.insert(UnitItem::ClerkIdNumber.as_str().to_owned(), old.clone());
    case.set(0, Field::Item, "经办人证件号码");
    case.set(0, Field::OldValue, &id_number(3));
    case.set(0, Field::NewValue, &wrong);
    let findings = checked(&case).findings;
    assert_eq!(codes(&findings), [Code::UnitOldDiffers, Code::IdChecksum], "another number before, a wrong one after");
    for finding in &findings {
        let message = finding.message();
        for number in [&old, &wrong, &id_number(3)] {
            assert!(!message.contains(&number[6..14]), "a birth date has no place in a message: {message}");
        }
    }
}

#[test]
fn the_center_refuses_what_was_changed_on_the_way() {
    let case = case();
    let good: Vec<_> = checked(&case).rows.into_iter().flatten().collect();
    let refused = |change: fn(&mut UnitUpdateRow)| {
        let mut rows = good.clone();
        change(&mut rows[0]);
        codes(&check_rows(&rows, Totals::of(&rows), case.circumstances()))
    };
    assert_eq!(refused(|row| row.new_value = "128".into()), [Code::MobileInvalid], "no number");
    assert_eq!(refused(|row| row.new_value = "138 0000 0002".into()), [Code::MobileForm], "not as it must be");
    assert_eq!(refused(|row| row.new_value.clear()), [Code::ValueMissing], "nothing is erased");
    assert_eq!(refused(|row| row.old_value = "1".into()), [Code::UpdateOldDiffers], "checked against another unit");
    let same = [Code::UpdateNothing];
    assert_eq!(refused(|row| row.new_value = row.old_value.clone()), same, "nothing changes");
    assert_eq!(codes(&check_rows(&[], Totals::NONE, case.circumstances())), [Code::SheetEmpty], "none is no filing");
}

proptest! {
    #[test]
    fn what_blocks_nothing_here_is_taken_there(
        spoils in prop::collection::vec(
            (0usize..3, prop::sample::select(COLUMNS.to_vec()), prop_oneof![
                Just(String::new()),
                prop::sample::select(UnitItem::ALL.to_vec()).prop_map(|item| item.label().to_owned()),
                prop::sample::select(vec!["固定电话", "经办人", "登录密码", "电子邮箱"]).prop_map(str::to_owned),
                prop::sample::select(vec!["0391-1234567", "03911234567", "13800000001", "13900000000"])
                    .prop_map(str::to_owned),
                prop::sample::select(vec!["hr@example.com", "王芳", "刘yan", "Ｓｍｉｔｈ", "财务部"])
                    .prop_map(str::to_owned),
                (0usize..3).prop_map(id_number),
                (0usize..3).prop_map(|person| { let id = id_number(person); format!("{}{}", &id[..6], &id[8..17]) }),
                "\\PC{0,8}",
            ]),
            0..8,
        ),
    ) {
        let mut case = case();
        case.row(&[(Field::Item, "经办人姓名"), (Field::NewValue, "赵新来")]);
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
