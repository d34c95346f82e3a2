//! Rosters as centers export them.

use huijiao_domain::field::Field;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::AccountStatus;
use huijiao_sheets::{RosterError, RosterFault, SheetError, roster};

use crate::kit::book::book;
use crate::kit::people::people;
use crate::kit::summary::open;

const TITLES: [&str; 7] = ["个人账号", "姓名", "证件号码", "缴存基数", "单位月缴存额", "个人月缴存额", "个人账户状态"];

fn export(count: u32, titles: &[&str], change: impl Fn(u32, &mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    book(|sheet| {
        for (column, title) in (0..).zip(titles) {
            sheet.write(0, column, *title).unwrap();
        }
        for (row, person) in (1..).zip(people(count)) {
            let base = format!("{}.00", person.new_base);
            let cells = [&person.account, &person.name, &person.id, &base, "360.00", "240.00", "正常"];
            for (column, text) in (0..).zip(cells).take(titles.len()) {
                sheet.write(row, column, text).unwrap();
            }
            change(row, sheet);
        }
    })
}

#[test]
fn everybody_with_status_and_amounts() {
    let demo = CenterProfile::shipped("demo").unwrap();
    let bytes = export(3, &TITLES, |row, sheet| {
        if row == 2 {
            sheet.write(row, 6, "封存").unwrap();
        }
    });
    let read = roster(&mut open(bytes).unwrap(), &demo, None).unwrap();
    let people = people(3);
    assert_eq!(read.contributors.len(), 3);
    assert_eq!(read.contributors[0].personal_account, people[0].account, "with its zeros");
    assert_eq!(read.contributors[1].status, AccountStatus::Sealed);
    assert_eq!(read.contributors[2].amounts.monthly().to_string(), "600.00", "the center's own amounts");
    let with_contact = ["个人账号", "姓名", "证件号码", "缴存基数", "手机号码", "开户银行", "银行卡号"];
    let bytes = export(1, &with_contact, |row, sheet| {
        for (column, text) in [(4, "13800000000"), (5, "演示银行"), (6, "6222000000000000000")] {
            sheet.write(row, column, text).unwrap();
        }
    });
    let contact = roster(&mut open(bytes).unwrap(), &demo, None).unwrap().contributors.remove(0).contact;
    assert_eq!(
        (&*contact.mobile, &*contact.bank_name, &*contact.bank_card),
        ("13800000000", "演示银行", "6222000000000000000")
    );
    let ratios = Some(("0.08".parse().unwrap(), "0.08".parse().unwrap()));
    let bare = roster(&mut open(export(1, &TITLES[..4], |_, _| ())).unwrap(), &demo, ratios).unwrap();
    assert_eq!(bare.contributors[0].amounts.monthly().to_string(), "720.00", "4500 × 8 %, both sides");
}

#[test]
fn rows_that_are_not_understood_are_all_named() {
    let demo = CenterProfile::shipped("demo").unwrap();
    let bytes = export(4, &TITLES, |row, sheet| {
        match row {
            1 => sheet.write(row, 0, 108_010_000_000_f64).unwrap(),
            2 => sheet.write(row, 1, " ").unwrap(),
            3 => sheet.write(row, 6, "休眠").unwrap(),
            _ => sheet.write(row, 3, "六千").unwrap(),
        };
    });
    let error = roster(&mut open(bytes).unwrap(), &demo, None).unwrap_err();
    let RosterError::Rows { problems } = &error else { panic!("{error:?}") };
    let found: Vec<(u32, RosterFault)> = problems.iter().map(|problem| (problem.row, problem.fault)).collect();
    assert_eq!(
        found,
        [
            (2, RosterFault::Number(Field::PersonalAccount)),
            (3, RosterFault::Missing(Field::Name)),
            (4, RosterFault::Status),
            (5, RosterFault::Unreadable(Field::NewBase)),
        ],
        "no roster without them"
    );
    let list = &error.args()["list"];
    assert!(list.contains("第 3 行没有姓名") && list.contains("个人账号是数字格式") && !list.contains('…'), "{list}");
}

#[test]
fn a_list_without_its_columns_or_people_is_no_roster() {
    let demo = CenterProfile::shipped("demo").unwrap();
    let lacking = export(1, &["个人账号", "姓名"], |_, _| ());
    let error = roster(&mut open(lacking).unwrap(), &demo, None).unwrap_err();
    assert!(
        matches!(&error, RosterError::Sheet(SheetError::ColumnsMissing { fields }) if *fields == [Field::IdNumber])
    );
    let error = roster(&mut open(export(0, &TITLES, |_, _| ())).unwrap(), &demo, None).unwrap_err();
    assert_eq!(error, RosterError::Empty);
}
