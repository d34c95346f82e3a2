//! The mistakes of spreadsheets that reading has to survive: each with a file that shows it, read the whole way,
//! and the finding at its cell. The numbers are those of the list of faults in the help.

use huijiao_domain::field::Field;
use huijiao_domain::filing::Circumstances;
use huijiao_domain::filing::base_adjustment::check_sheet;
use huijiao_domain::finding::{Code, Finding};
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::sheet::CellKind;
use huijiao_sheets::{Format, RowRole};
use rust_xlsxwriter::{Format as Look, Formula, Worksheet};
use serde_json::json;

use crate::kit::book::{TITLES, book, books, centred, delimited, list};
use crate::kit::people::people;
use crate::kit::summary::{Read, open, take};

/// `F6 AMOUNT-DATE`, for the findings of these codes; those of the whole sheet without a place.
fn found(read: &Read, codes: &[Code]) -> Vec<String> {
    let profile = CenterProfile::shipped("demo").unwrap();
    let checked = check_sheet(
        &read.taken.sheet,
        Circumstances {
            books: None,
            profile: &profile,
            unit: None,
            roster: None,
            elsewhere: None,
            period: "2026-07".parse::<Month>().unwrap(),
            today: serde_json::from_value(json!("2026-07-10")).unwrap(),
        },
    );
    let named = |finding: &Finding| {
        let place = finding.at.as_ref().map(|at| {
            let column = at.column.map(huijiao_domain::sheet::column_letter).unwrap_or_default();
            format!("{column}{}", at.row)
        });
        let place = place.unwrap_or_default();
        format!("{place} {}", finding.code.as_str()).trim().to_owned()
    };
    read.taken.findings.iter().chain(&checked.findings).filter(|f| codes.contains(&f.code)).map(named).collect()
}

fn role(read: &Read, row: u32) -> RowRole {
    read.taken.roles.iter().find(|(number, _)| *number == row).unwrap().1
}

fn person_rows(read: &Read) -> Vec<u32> {
    read.taken.sheet.rows.iter().map(|row| row.row).collect()
}

fn bases(sheet: &mut Worksheet, row: u32, base: f64) {
    sheet.write(row, 5, base).unwrap();
}

#[test]
fn fault_10_merged_cells_group_titles_and_sums_among_the_people() {
    let staff = people(4);
    let read = take(book(|sheet| {
        sheet.merge_range(0, 0, 0, 5, "缴存基数调整清册", &centred()).unwrap();
        for (column, title) in TITLES.iter().enumerate().take(4) {
            sheet.merge_range(1, column as u16, 2, column as u16, title, &centred()).unwrap();
        }
        sheet.merge_range(1, 4, 1, 5, "缴存基数", &centred()).unwrap();
        sheet.write(2, 4, "调整前").unwrap();
        sheet.write(2, 5, "调整后").unwrap();
        for (i, p) in staff.iter().enumerate() {
            let row = [3, 4, 6, 7][i];
            crate::kit::book::write_person(sheet, row, p);
        }
        sheet.merge_range(3, 3, 4, 3, "研发部", &centred()).unwrap();
        sheet.write(5, 1, "小计").unwrap();
        bases(sheet, 5, f64::from(staff[0].new_base + staff[1].new_base));
        sheet.write(8, 1, "合计").unwrap();
        bases(sheet, 8, 1.0 + f64::from(staff.iter().map(|p| p.new_base).sum::<u32>()));
    }));
    assert_eq!((read.header.first, read.header.last), (2, 3), "both rows of titles");
    assert_eq!(person_rows(&read), [4, 5, 7, 8], "no sum is a person");
    assert_eq!((role(&read, 6), role(&read, 9)), (RowRole::Subtotal, RowRole::Total), "sums are kept as sums");
    assert_eq!(read.taken.sheet.rows[1].text(Field::Department), "研发部", "a merged department is everybody's");
    assert_eq!(found(&read, &[Code::TotalDiffers]), ["F9 TOTAL-DIFFERS"], "the sum that is wrong, not the right one");
}

#[test]
fn fault_11_hidden_rows_columns_and_sheets() {
    let staff = people(4);
    let read = take(books(|workbook| {
        let old = workbook.add_worksheet();
        old.set_name("去年").unwrap().set_hidden(true);
        list(old, 0, &people(9));
        let sheet = workbook.add_worksheet();
        sheet.set_name("今年").unwrap().set_active(true);
        list(sheet, 0, &staff);
        sheet.set_row_hidden(2).unwrap();
        sheet.set_column_hidden(4).unwrap();
        sheet.autofilter(0, 0, 4, 5).unwrap();
    }));
    assert_eq!(read.workbook.sheet_name(), "今年", "a hidden sheet is never chosen");
    assert!(read.workbook.sheets[0].hidden, "and said");
    assert_eq!(person_rows(&read), [2, 3, 4, 5], "the filtered row is not dropped");
    assert_eq!((&read.workbook.hidden_rows[..], &read.workbook.hidden_columns[..]), (&[3][..], &[4][..]), "counted");
    assert_eq!(found(&read, &[Code::SheetHidden]), ["SHEET-HIDDEN"], "and asked about");
}

#[test]
fn fault_12_dates_as_serials_and_as_text() {
    let staff = people(4);
    let read = take(book(|sheet| {
        list(sheet, 0, &staff);
        let day = Look::new().set_num_format("yyyy/m/d");
        sheet.write(0, 6, "出生日期").unwrap();
        sheet.write_with_format(1, 6, 31_048, &day).unwrap();
        sheet.write(2, 6, 31_048).unwrap();
        sheet.write(3, 6, "1985.1.1").unwrap();
        sheet.write_with_format(4, 5, 45_292, &day).unwrap();
    }));
    let births: Vec<(&str, CellKind)> =
        (read.workbook.rows[1..4].iter()).map(|row| row.cell(6).map(|cell| (cell.text, cell.kind)).unwrap()).collect();
    assert_eq!(
        births,
        [("1985-01-01", CellKind::Date), ("31048", CellKind::Number), ("1985.1.1", CellKind::Text)],
        "a serial without a date's format stays a number; text stays as it was typed"
    );
    assert_eq!(found(&read, &[Code::AmountDate]), ["F5 AMOUNT-DATE"], "a date is no base");
}

#[test]
fn fault_13_amounts_as_text_with_signs_and_as_errors() {
    let staff = people(8);
    let read = take(book(|sheet| {
        list(sheet, 0, &staff);
        for (row, text) in [(1, "1,234.50"), (2, "￥8000"), (3, "8000元"), (4, "0.8万"), (5, "(8000)"), (6, "-8000")]
        {
            sheet.write(row, 5, text).unwrap();
        }
        sheet.write_formula(7, 5, Formula::new("=VLOOKUP(1,A1:B2,2)").set_result("#N/A")).unwrap();
        sheet.write_formula(8, 5, Formula::new("=4000.129*2").set_result("8000.258")).unwrap();
    }));
    let text = |row: usize| read.taken.sheet.rows[row].text(Field::NewBase);
    assert_eq!((text(0), text(1), text(3)), ("1,234.50", "￥8000", "0.8万"), "nothing is mended on the way in");
    let amounts = [
        Code::AmountForm,
        Code::AmountUnreadable,
        Code::AmountNegative,
        Code::AmountFormulaError,
        Code::AmountDecimals,
        Code::AmountMyriad,
    ];
    let found = found(&read, &amounts);
    for (cell, codes) in [
        ("F2", &["AMOUNT-FORM"][..]),
        ("F3", &["AMOUNT-FORM"]),
        ("F4", &["AMOUNT-FORM"]),
        ("F5", &["AMOUNT-MYRIAD"]),
        ("F6", &["AMOUNT-NEGATIVE"]),
        ("F7", &["AMOUNT-NEGATIVE"]),
        ("F8", &["AMOUNT-FORMULA-ERROR"]),
        ("F9", &["AMOUNT-DECIMALS"]),
    ] {
        let here: Vec<&str> = found.iter().filter_map(|line| line.strip_prefix(cell)?.strip_prefix(' ')).collect();
        assert!(here.iter().any(|code| codes.contains(code)), "{cell}: expected one of {codes:?}, found {here:?}");
    }
}

#[test]
fn fault_14_an_xls_that_is_a_page_xml_or_text() {
    let staff = people(3);
    let rows: Vec<String> = std::iter::once(TITLES.join("\0"))
        .chain(staff.iter().map(|p| {
            let (old, new) = (p.old_base.to_string(), p.new_base.to_string());
            [&p.account, &p.name, &p.id, &p.department, &old, &new].map(String::as_str).join("\0")
        }))
        .collect();
    let made = |start: &str, row: (&str, &str), cell: (&str, &str), end: &str| {
        let rows: String = (rows.iter())
            .map(|r| {
                let cells: String = r.split('\0').map(|text| format!("{}{text}{}", cell.0, cell.1)).collect();
                format!("{}{cells}{}", row.0, row.1)
            })
            .collect();
        format!("{start}{rows}{end}").into_bytes()
    };
    let page = made("<html><body><table>", ("<tr>", "</tr>"), ("<td>", "</td>"), "</table></body></html>");
    let xml = made(
        r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="基数调整"><Table>"#,
        ("<Row>", "</Row>"),
        (r#"<Cell><Data ss:Type="String">"#, "</Data></Cell>"),
        "</Table></Worksheet></Workbook>",
    );
    let text = delimited(&staff, '\t').into_bytes();
    for (format, bytes) in [(Format::Html, page), (Format::Xml2003, xml), (Format::Csv, text)] {
        let read = take(bytes);
        assert_eq!(read.workbook.format, format, "opened by content, and the clerk is told");
        assert_eq!(person_rows(&read), [2, 3, 4], "{format:?}: everybody");
        for (row, person) in read.taken.sheet.rows.iter().zip(&staff) {
            assert_eq!(row.text(Field::IdNumber), person.id, "{format:?}: the whole ID");
            assert_eq!(row.text(Field::PersonalAccount), person.account, "{format:?}: the first column");
        }
    }
}

#[test]
fn fault_15_text_in_either_encoding_and_accounts_without_their_zeros() {
    let mut staff = people(4);
    staff[1].account = "8010000001".into();
    let text = delimited(&staff, ';');
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    for (encoding, bytes) in [("utf-8", text.clone().into_bytes()), ("utf-8", marked), ("gb18030", gb18030)] {
        let read = take(bytes);
        assert_eq!(read.workbook.encoding.as_deref(), Some(encoding), "shown for the clerk to see");
        assert_eq!(read.taken.sheet.rows[3].text(Field::Name), staff[3].name, "no 锟斤拷, no Ã");
        let account = read.taken.sheet.rows[1].text(Field::PersonalAccount);
        assert_eq!(account, "8010000001", "lost zeros are not put back unasked");
        assert_eq!(found(&read, &[Code::AccountZeros]), ["A3 ACCOUNT-ZEROS"], "but found by the account's length");
    }
}

#[test]
fn fault_20_the_wrong_unit_and_columns_moved_or_gone() {
    let staff = people(2);
    let read = take(book(|sheet| {
        sheet.write(0, 0, "单位账号：801000000099").unwrap();
        sheet.write(0, 3, "单位名称：别的公司").unwrap();
        for (column, title) in ["调整后缴存基数", "证件号码", "备注", "姓名"].iter().enumerate() {
            sheet.write(1, column as u16, *title).unwrap();
        }
        for (i, p) in staff.iter().enumerate() {
            let row = 2 + i as u32;
            sheet.write(row, 0, p.new_base).unwrap();
            sheet.write(row, 1, &p.id).unwrap();
            sheet.write(row, 3, &p.name).unwrap();
        }
    }));
    assert_eq!(read.taken.unit.account.as_deref(), Some("801000000099"), "whose sheet it says it is");
    let row = &read.taken.sheet.rows[0];
    assert_eq!((row.text(Field::Name), row.text(Field::IdNumber)), (&*staff[0].name, &*staff[0].id), "by title");
    assert_eq!(row.text(Field::NewBase), staff[0].new_base.to_string(), "not by place");
    let encrypted = crate::kit::raw::compound(&[("EncryptedPackage", &[7; 4096])]);
    assert_eq!(open(encrypted).unwrap_err().code(), "sheet-encrypted", "a password is said to be one");
}
