//! Rosters as centers export them.

use huijiao_domain::field::Field;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::AccountStatus;
use huijiao_sheets::{RosterError, RosterFault, SheetError, roster, roster_as_meant};

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
            1 => sheet.write(row, 0, 1_080_100_000_000_000_f64).unwrap(),
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

#[test]
fn amounts_and_statuses_as_centers_format_them() {
    let demo = CenterProfile::shipped("demo").unwrap();
    let accounts = people(8);
    let bytes = export(8, &TITLES, |row, sheet| {
        let (base, status) = match row {
            1 => ("5,000.00", "正常"),
            2 => ("￥5000", "01-正常"),
            3 => ("５０００元", "在缴"),
            4 => ("5000.00", "转出"),
            5 => ("5000", "02-封存"),
            6 => (" ", "封存(02)"),
            7 => ("-", "已封存"),
            _ => ("5000.0", "2"),
        };
        sheet.write(row, 3, base).unwrap();
        sheet.write(row, 6, status).unwrap();
        if row == 8 {
            sheet.write(row, 0, 108_010_000_007_f64).unwrap();
        }
    });
    let (read, mended) = roster_as_meant(&mut open(bytes).unwrap(), &demo, None).unwrap();
    let found: Vec<(String, AccountStatus)> =
        read.contributors.iter().map(|one| (one.base.to_string(), one.status)).collect();
    let five = |status| ("5000.00".to_owned(), status);
    let none = |status| ("0.00".to_owned(), status);
    assert_eq!(
        found,
        [
            five(AccountStatus::Normal),
            five(AccountStatus::Normal),
            five(AccountStatus::Normal),
            five(AccountStatus::ClosedByTransfer),
            five(AccountStatus::Sealed),
            none(AccountStatus::Sealed),
            none(AccountStatus::Sealed),
            five(AccountStatus::Sealed),
        ],
        "each as it is meant"
    );
    assert_eq!(read.contributors[7].personal_account, accounts[7].account, "a number of twelve digits has them all");
    assert_eq!(mended, 0, "how an amount is set off changes nobody");
}

#[test]
fn what_an_amount_cannot_say_is_never_zero() {
    let demo = CenterProfile::shipped("demo").unwrap();
    for (base, status, fault) in [
        ("六千", "正常", RosterFault::Unreadable(Field::NewBase)),
        ("六千", "封存", RosterFault::Unreadable(Field::NewBase)),
        ("5000.126", "正常", RosterFault::Unreadable(Field::NewBase)),
        ("-5000", "正常", RosterFault::Unreadable(Field::NewBase)),
        (" ", "正常", RosterFault::Missing(Field::NewBase)),
        ("-", "正常", RosterFault::Missing(Field::NewBase)),
        ("5000", "07-休眠", RosterFault::Status),
    ] {
        let bytes = export(1, &TITLES, |row, sheet| {
            sheet.write(row, 3, base).unwrap();
            sheet.write(row, 6, status).unwrap();
        });
        let error = roster(&mut open(bytes).unwrap(), &demo, None).unwrap_err();
        let RosterError::Rows { problems } = &error else { panic!("{base} {status}: {error:?}") };
        assert_eq!(problems.iter().map(|one| one.fault).collect::<Vec<_>>(), [fault], "{base:?} {status:?}");
    }
}

#[test]
fn accounts_in_number_cells_have_their_zeros_where_the_center_has_one_length() {
    let mut profile = CenterProfile::shipped("demo").unwrap();
    let short = || {
        export(1, &TITLES, |row, sheet| {
            sheet.write(row, 0, 10_800_f64).unwrap();
        })
    };
    let account = |profile: &CenterProfile| {
        let (read, mended) = roster_as_meant(&mut open(short()).unwrap(), profile, None).unwrap();
        (read.contributors[0].personal_account.to_string(), mended)
    };
    assert_eq!(account(&profile), ("000000010800".to_owned(), 1), "twelve digits, and it is counted");
    profile.account_length = None;
    assert_eq!(
        account(&profile),
        ("10800".to_owned(), 1),
        "counted too where nobody knows the length: zeros may be missing"
    );
    profile.account_length = Some(4);
    let error = roster(&mut open(short()).unwrap(), &profile, None).unwrap_err();
    let RosterError::Rows { problems } = &error else { panic!("{error:?}") };
    assert_eq!(problems[0].fault, RosterFault::Number(Field::PersonalAccount), "too long to be one");
}

#[test]
fn people_are_taken_as_the_center_means_them_and_counted() {
    let demo = CenterProfile::shipped("demo").unwrap();
    let bytes = export(5, &TITLES, |row, sheet| {
        match row {
            1 => sheet.write(row, 1, "解 婷萍").unwrap(),
            2 => sheet.write(row, 2, "11010519491231002x").unwrap(),
            3 => sheet.write(row, 0, "'108010000002").unwrap().write(row, 2, "＇410801198512310022\u{200b}").unwrap(),
            4 => sheet.write(row, 1, "Anna Müller").unwrap(),
            _ => sheet,
        };
    });
    let (read, mended) = roster_as_meant(&mut open(bytes).unwrap(), &demo, None).unwrap();
    let [first, second, third, fourth, fifth] = &read.contributors[..] else { panic!("five people") };
    assert_eq!(first.name, "解婷萍", "a blank between Chinese characters is none");
    assert_eq!(second.id_number, "11010519491231002X", "the last character is a capital");
    assert_eq!((&*third.personal_account, &*third.id_number), ("108010000002", "410801198512310022"), "bare");
    assert_eq!(fourth.name, "Anna Müller", "a blank that belongs to the name stays");
    assert_eq!(fifth.name, people(5)[4].name, "who is written as he is meant stays");
    assert_eq!(mended, 3, "and it is counted");
}
