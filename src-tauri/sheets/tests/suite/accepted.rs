//! Workbooks that are read, and what comes out of them.

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::{Code, Level};
use huijiao_domain::sheet::CellKind;
use huijiao_sheets::{
    Format, Limits, ReadChoice, RowRole, SheetError, find_header, fingerprint, header_at, missing_required,
    other_sheets, read,
};
use insta::assert_json_snapshot;
use rust_xlsxwriter::Formula;

use crate::kit::book::{TITLES, book, books, centred, delimited, list, write_person};
use crate::kit::people::people;
use crate::kit::raw;
use crate::kit::summary::{open, take, take_workbook};
use crate::kit::xlsb::{Value, xlsb};

#[test]
fn plain_list() {
    let bytes = book(|sheet| {
        list(sheet, 0, &people(3));
    });
    assert_json_snapshot!(take(bytes).summary());
}

#[test]
fn erp_export_with_title_unit_line_sums_and_footers() {
    let bytes = book(|sheet| {
        let people = people(4);
        sheet.merge_range(0, 0, 0, 5, "2026年度住房公积金缴存基数调整清册", &centred()).unwrap();
        sheet.write(1, 0, "单位名称：演示精密制造有限公司").unwrap();
        sheet.write(1, 3, "单位账号：").unwrap();
        sheet.write(1, 4, "801000000012").unwrap();
        sheet.write(2, 0, "单位：元").unwrap();
        for (column, title) in TITLES.iter().enumerate() {
            sheet.write(3, column as u16, *title).unwrap();
        }
        write_person(sheet, 4, &people[0]);
        write_person(sheet, 5, &people[1]);
        sheet.write(6, 1, "小  计").unwrap();
        sheet.write(6, 4, 8100).unwrap();
        sheet.write(6, 5, 9110).unwrap();
        write_person(sheet, 8, &people[2]);
        write_person(sheet, 9, &people[3]);
        sheet.write(10, 0, "本页小计").unwrap();
        sheet.write(10, 5, 9550).unwrap();
        sheet.write(11, 0, "合计：4人").unwrap();
        sheet.write(11, 5, 18660).unwrap();
        sheet.write(13, 0, "制表人：周雨桐").unwrap();
        sheet.write(13, 3, "填表日期：2026-07-01").unwrap();
        sheet.write(14, 0, "说明：基数为上年度月平均工资，请各部门核对后于七月五日前交回人事处。").unwrap();
    });
    let read = take(bytes);
    assert_eq!(read.taken.sheet.rows.len(), 4, "sums, notes and titles are nobody's rows");
    assert_json_snapshot!(read.summary());
}

#[test]
fn labels_above_values_as_in_a_center_template() {
    let bytes = book(|sheet| {
        for (column, label) in ["单位编号", "单位名称", "调整年月"].iter().enumerate() {
            sheet.write(0, column as u16, *label).unwrap();
        }
        sheet.write(1, 0, "801000000012").unwrap();
        sheet.write(1, 1, "演示精密制造有限公司").unwrap();
        sheet.write(1, 2, "202607").unwrap();
        for (column, title) in
            ["职工编号", "职工姓名", "证件号码", "调整前工资基数", "调整后工资基数"].iter().enumerate()
        {
            sheet.write(2, column as u16, *title).unwrap();
        }
        for (i, p) in people(2).iter().enumerate() {
            let row = 3 + i as u32;
            sheet.write(row, 0, &p.account).unwrap();
            sheet.write(row, 1, &p.name).unwrap();
            sheet.write(row, 2, &p.id).unwrap();
            sheet.write(row, 3, p.old_base).unwrap();
            sheet.write(row, 4, p.new_base).unwrap();
        }
    });
    let read = take(bytes);
    assert_eq!(read.taken.unit.account.as_deref(), Some("801000000012"), "the value stands below its label");
    assert_eq!(read.taken.unit.name.as_deref(), Some("演示精密制造有限公司"), "and so does the name");
    assert_json_snapshot!(read.summary());
}

#[test]
fn two_header_rows_with_merged_groups() {
    let bytes = book(|sheet| {
        sheet.merge_range(0, 0, 1, 0, "姓名", &centred()).unwrap();
        sheet.merge_range(0, 1, 1, 1, "身份证号", &centred()).unwrap();
        sheet.merge_range(0, 2, 0, 3, "缴存基数", &centred()).unwrap();
        sheet.merge_range(0, 4, 0, 6, "月缴存额", &centred()).unwrap();
        for (column, title) in [(2, "调整前"), (3, "调整后"), (4, "单位"), (5, "个人"), (6, "合计")] {
            sheet.write(1, column, title).unwrap();
        }
        for (i, p) in people(2).iter().enumerate() {
            let row = 2 + i as u32;
            sheet.write(row, 0, &p.name).unwrap();
            sheet.write(row, 1, &p.id).unwrap();
            for (column, amount) in [(2, p.old_base), (3, p.new_base), (4, 540), (5, 540), (6, 1080)] {
                sheet.write(row, column, amount).unwrap();
            }
        }
    });
    let read = take(bytes);
    let field = |column: u16| read.columns.iter().find(|c| c.column == column).unwrap().field;
    assert_eq!(field(2), Some(Field::OldBase), "缴存基数 above 调整前");
    assert_eq!(field(3), Some(Field::NewBase), "缴存基数 above 调整后");
    assert_eq!(field(4), Some(Field::UnitAmount), "月缴存额 above 单位");
    assert_json_snapshot!(read.summary());
}

#[test]
fn groups_whose_columns_all_mean_the_same_are_not_guessed() {
    let bytes = book(|sheet| {
        sheet.merge_range(0, 0, 1, 0, "姓名", &centred()).unwrap();
        sheet.merge_range(0, 1, 1, 1, "身份证号", &centred()).unwrap();
        sheet.merge_range(0, 2, 0, 3, "缴存基数", &centred()).unwrap();
        sheet.write(1, 2, "二〇二五年").unwrap();
        sheet.write(1, 3, "二〇二六年").unwrap();
        let p = &people(1)[0];
        sheet.write(2, 0, &p.name).unwrap();
        sheet.write(2, 1, &p.id).unwrap();
        sheet.write(2, 2, p.old_base).unwrap();
        sheet.write(2, 3, p.new_base).unwrap();
    });
    let read = take(bytes);
    assert!(
        read.columns.iter().all(|c| c.field != Some(Field::NewBase)),
        "last year's base must not pass as the new one because it stands first"
    );
    assert_eq!(
        missing_required(&read.columns, FilingKind::BaseAdjustment),
        [Field::NewBase],
        "the clerk is asked instead"
    );
}

#[test]
fn csv_with_two_header_rows_without_merges() {
    let p = &people(1)[0];
    let text = format!(
        "姓名,身份证号,调整前,,调整后,\n,,缴存基数,月缴存额,缴存基数,月缴存额\n{},{},4000,960,4500,1080\n",
        p.name, p.id
    );
    let read = take(text.into_bytes());
    let fields: Vec<_> = read.columns.iter().map(|c| c.field).collect();
    assert_eq!(
        fields,
        [
            Some(Field::Name),
            Some(Field::IdNumber),
            Some(Field::OldBase),
            None,
            Some(Field::NewBase),
            Some(Field::MonthlyAmount)
        ],
        "the old monthly amount is no field of ours"
    );
}

#[test]
fn header_repeated_on_every_printed_page() {
    let bytes = book(|sheet| {
        sheet.write(0, 0, "基数调整清册").unwrap();
        let people = people(4);
        let next = list(sheet, 1, &people[..2]);
        sheet.write(next, 0, "基数调整清册").unwrap();
        list(sheet, next + 1, &people[2..]);
    });
    let read = take(bytes);
    assert_eq!(read.taken.sheet.rows.len(), 4, "the second header is nobody");
    let role = |row: u32| read.taken.roles.iter().find(|(r, _)| *r == row).unwrap().1;
    assert_eq!((role(5), role(6)), (RowRole::Title, RowRole::Header), "title and header of page two");
}

#[test]
fn merged_hidden_and_filtered_cells_are_said() {
    let bytes = book(|sheet| {
        let people = people(4);
        list(sheet, 0, &people);
        sheet.merge_range(1, 3, 2, 3, "研发部", &centred()).unwrap();
        sheet.merge_range(3, 5, 4, 5, "", &centred()).unwrap();
        sheet.write_with_format(3, 5, 5000, &centred()).unwrap();
        sheet.set_row_hidden(2).unwrap();
        sheet.set_column_hidden(4).unwrap();
        sheet.set_column_range_hidden(20, 16_383).unwrap();
        sheet.set_row_hidden(500).unwrap();
    });
    let read = take(bytes);
    let people = &read.taken.sheet.rows;
    assert_eq!(people[1].text(Field::Department), "研发部", "a department is filled down");
    assert_eq!(people[3].text(Field::NewBase), "", "a base is never given to the next person");
    assert_eq!(people.len(), 4, "the hidden row is counted in");
    let codes: Vec<Code> = read.taken.findings.iter().map(|f| f.code).collect();
    assert!(codes.contains(&Code::SheetHidden), "hidden cells are said");
    assert_json_snapshot!(read.summary());
}

#[test]
fn formulas_errors_dates_and_numbers_where_text_must_be() {
    let bytes = book(|sheet| {
        let people = people(5);
        list(sheet, 0, &people);
        sheet.write(0, 6, "出生日期").unwrap();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_formula(1, 5, Formula::new("=VLOOKUP(1,A1:B2,2)").set_result("#N/A")).unwrap();
        sheet.write_formula(2, 5, Formula::new("=4000+500").set_result("4500")).unwrap();
        sheet.write_with_format(3, 5, 45_292, &date).unwrap();
        sheet.write(4, 2, 410_801_198_512_310_022_f64).unwrap();
        sheet.write(5, 5, 0.1 + 0.2).unwrap();
        sheet.write(1, 4, true).unwrap();
        sheet.write_with_format(1, 6, 31_048, &date).unwrap();
        sheet.write(2, 6, "1985.1.1").unwrap();
    });
    let read = take(bytes);
    let kind = |row: usize, field| read.taken.sheet.rows[row].cells.get(&field).unwrap().kind;
    assert_eq!(kind(0, Field::NewBase), CellKind::Error, "an error is no amount");
    assert_eq!(kind(2, Field::NewBase), CellKind::Date, "a date is no amount");
    assert_eq!(kind(3, Field::IdNumber), CellKind::Number, "digits are lost, and the kind tells");
    assert_json_snapshot!(read.summary());
}

#[test]
fn errors_of_later_excels_stand_in_their_cells_and_spoil_no_others() {
    let later = ["#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#BUSY!", "#CONNECT!"];
    for text in later.into_iter().chain(["#N/A", "#REF!"]) {
        let rows = format!(
            r#"<row r="1">{}{}{}</row><row r="2">{}<c r="B2" t="e"><f>A1</f><v>{text}</v></c>{}</row><row r="3">{}<c r="C3"><v>4500</v></c></row>"#,
            raw::cell("A1", "姓名"),
            raw::cell("B1", "证件号码"),
            raw::cell("C1", "缴存基数"),
            raw::cell("A2", "赵晓明"),
            r#"<c r="C2" t="e"><v>#CALC!</v></c>"#,
            raw::cell("A3", "钱学"),
        );
        let book = open(raw::xlsx_with(&raw::sheet(&rows), &[])).unwrap_or_else(|e| panic!("{text}: {e}"));
        let cells: Vec<(u32, u16, &str, CellKind)> =
            book.rows.iter().skip(1).flat_map(|r| r.cells.iter().map(|c| (r.row, c.column, c.text, c.kind))).collect();
        let wanted = [
            (2, 0, "赵晓明", CellKind::Text),
            (2, 1, text, CellKind::Error),
            (2, 2, "#CALC!", CellKind::Error),
            (3, 0, "钱学", CellKind::Text),
            (3, 2, "4500", CellKind::Number),
        ];
        assert_eq!(cells, wanted, "an error is that cell's, not the file's");
    }
}

#[test]
fn an_unknown_error_among_cells_without_places_is_not_guessed_at() {
    let rows = r#"<row><c t="e"><v>#SPILL!</v></c><c><v>4500</v></c></row>"#;
    let error = open(raw::xlsx_with(&raw::sheet(rows), &[])).unwrap_err();
    assert_eq!(error.code(), "sheet-damaged", "4500 may stand in A or in B: no figure under another title");
}

#[test]
fn an_error_code_of_a_later_excel_in_a_binary_workbook() {
    use crate::kit::xlsb::{Value, xlsb};
    let rows = vec![vec![Value::Text("姓名"), Value::Text("缴存基数")], vec![Value::LaterError, Value::Number(4500.0)]];
    let book = open(xlsb(&rows)).unwrap();
    let cells: Vec<(&str, CellKind)> = book.rows[1].cells.iter().map(|c| (c.text, c.kind)).collect();
    assert_eq!(cells, [("#ERROR!", CellKind::Error), ("4500", CellKind::Number)]);
}

#[test]
fn fault_12_dates_of_the_1904_system() {
    let styles = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let workbook = raw::WORKBOOK.replace("<sheets>", r#"<workbookPr date1904="1"/><sheets>"#);
    let sheet = raw::sheet(
        r#"<row r="1"><c r="A1" s="1"><v>0</v></c><c r="B1" s="1"><v>43830</v></c><c r="C1" s="1"><v>1E300</v></c></row>"#,
    );
    let book = open(raw::xlsx_parts(&workbook, &sheet, &[("xl/styles.xml", styles.as_bytes())])).unwrap();
    let texts: Vec<&str> = book.rows[0].cells.iter().map(|c| c.text).collect();
    assert_eq!(texts, ["1904-01-01", "2024-01-01", "1E+300"], "counted from 1904; a serial that is no date stays");
}

#[test]
fn fault_12_days_of_the_1904_system_that_are_shown_as_numbers() {
    let row = |row: u32, cells: &[String]| format!(r#"<row r="{row}">{}</row>"#, cells.concat());
    let titles = ["姓名", "证件号码", "变更类型", "变更年月", "出生日期"];
    let titles = (b'A'..).zip(titles).map(|(column, title)| raw::cell(&format!("{}1", char::from(column)), title));
    let person = [
        raw::cell("A2", "赵晓明"),
        raw::cell("B2", &people(1)[0].id),
        raw::cell("C2", "封存"),
        r#"<c r="D2"><v>44742</v></c>"#.to_owned(),
        r#"<c r="E2"><v>29720</v></c>"#.to_owned(),
    ];
    let month =
        [r#"<c r="A3" t="inlineStr"><is><t>钱丽</t></is></c>"#.to_owned(), r#"<c r="D3"><v>202607</v></c>"#.to_owned()];
    let sheet = raw::sheet(&[row(1, &titles.collect::<Vec<_>>()), row(2, &person), row(3, &month)].concat());
    let mapping =
        [Field::Name, Field::IdNumber, Field::ChangeKind, Field::Month, Field::BirthDate].into_iter().enumerate();
    let mapping: Vec<(u16, Field)> = mapping.map(|(column, field)| (column as u16, field)).collect();
    let days_of = |system: &str| {
        let list = format!(r#"<workbookPr date1904="{system}"/><sheets>"#);
        let book = open(raw::xlsx_parts(&raw::WORKBOOK.replace("<sheets>", &list), &sheet, &[])).unwrap();
        let header = find_header(&book).unwrap();
        let people = huijiao_sheets::rows(&book, &header, &mapping).sheet.rows;
        let text = |row: usize, field| people[row].cells.get(&field).map(|cell| (cell.text.to_owned(), cell.kind));
        [text(0, Field::Month), text(0, Field::BirthDate), text(1, Field::Month)].map(Option::unwrap)
    };
    let as_said = |text: &str, kind| (text.to_owned(), kind);
    let month = as_said("202607", CellKind::Number);
    let from_1904 = [as_said("2026-07-01", CellKind::Text), as_said("1985-05-15", CellKind::Text), month.clone()];
    assert_eq!(days_of("1"), from_1904, "the day that is meant, to be confirmed; yyyyMM is no count of days");
    let from_1900 = [as_said("44742", CellKind::Number), as_said("29720", CellKind::Number), month];
    assert_eq!(days_of("0"), from_1900, "counted from 1900 as everywhere: as it stands");
}

#[test]
fn empty_and_rich_shared_strings_keep_their_places() {
    let strings = r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4" uniqueCount="4"><si/><si><t/></si><si><r><t>张</t></r><r><t>三</t></r><rPh sb="0" eb="1"><t>zhang</t></rPh></si><si><t xml:space="preserve"> 李四 </t></si></sst>"#;
    let sheet = raw::sheet(
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>"#,
    );
    let parts: &[(&str, &[u8])] = &[("xl/sharedStrings.xml", strings.as_bytes())];
    let book = open(raw::xlsx_with(&sheet, parts)).unwrap();
    assert_eq!(book.rows[0].text(2), "张三", "an empty string before it must not shift the next person's name");
    assert_eq!(book.rows[0].text(3), " 李四 ", "blanks are kept for the check to show");
    assert_eq!(book.rows[0].cells.len(), 2, "empty strings are no cells");
}

#[test]
fn a_header_is_found_in_each_of_the_first_thirty_rows() {
    for header in [1, 2, 5, 17, 30] {
        let read = take(book(|sheet| {
            for row in 0..header - 1 {
                sheet.write(row, 0, format!("说明第 {} 条：请各部门认真核对", row + 1)).unwrap();
            }
            list(sheet, header - 1, &people(2));
        }));
        assert_eq!((read.header.first, read.header.last), (header, header), "row {header}");
        assert_eq!(read.taken.sheet.rows.len(), 2, "and the people below it");
    }
    let low = open(book(|sheet| {
        sheet.write(0, 0, "说明").unwrap();
        list(sheet, 30, &people(2));
    }));
    assert_eq!(find_header(&low.unwrap()), Err(SheetError::NoHeader), "row 31 is pointed at by the clerk");
}

/// As WPS 表格 saves: a part with the pictures of cells, its own names in the sheet, alternate content.
#[test]
fn a_workbook_by_wps() {
    let staff = people(3);
    let plain = book(|sheet| {
        list(sheet, 1, &staff);
        sheet.merge_range(0, 0, 0, 5, "缴存基数调整清册", &centred()).unwrap();
    });
    let own = raw::replaced(&plain, "xl/worksheets/sheet1.xml", |sheet| {
        let names = concat!(
            r#"<worksheet xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" "#,
            r#"xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="etc" "#,
            r#"xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" "#
        );
        let sheet = sheet.replacen("<worksheet ", names, 1);
        let alternate =
            r#"<mc:AlternateContent><mc:Choice Requires="etc"><etc:x r="A9"/></mc:Choice></mc:AlternateContent>"#;
        sheet.replacen("</sheetData>", &format!("</sheetData>{alternate}"), 1)
    });
    let pictures = r#"<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>"#;
    let bytes = raw::with_stored(&own, "xl/cellimages.xml", pictures.as_bytes());
    let read = take(bytes);
    assert_eq!(read.workbook.format, Format::Xlsx, "a workbook like any other");
    let ids: Vec<&str> = read.taken.sheet.rows.iter().map(|row| row.text(Field::IdNumber)).collect();
    assert_eq!(ids, staff.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), "everybody, and nobody else");
    assert_eq!(read.taken.findings, [], "nothing to be said about it");
}

#[test]
fn formulas_are_counted_where_people_are_and_missing_results_are_said() {
    let sheet = raw::sheet(&format!(
        "<row r=\"1\">{}{}{}</row><row r=\"2\">{}{}<c r=\"C2\"><f>2*3000</f><v>6000</v></c></row>\
         <row r=\"3\">{}{}<c r=\"C3\"><f>C2</f></c></row><row r=\"4\">{}<c r=\"C4\"><f>SUM(C2:C3)</f><v>6000</v></c></row>",
        raw::cell("A1", "姓名"),
        raw::cell("B1", "证件号码"),
        raw::cell("C1", "缴存基数"),
        raw::cell("A2", "赵晓明"),
        raw::cell("B2", &people(1)[0].id),
        raw::cell("A3", "钱丽"),
        raw::cell("B3", &people(2)[1].id),
        raw::cell("A4", "合计"),
    ));
    let read = take(raw::xlsx_with(&sheet, &[]));
    assert_eq!(read.workbook.formulas, [(2, 2), (3, 2), (4, 2)], "in every row");
    let [finding] = &read.taken.findings[..] else { panic!("one question: {:?}", read.taken.findings) };
    assert_eq!((finding.code, finding.value.as_str()), (Code::SheetFormulas, "C2、C3"), "a sum is nobody's");
    assert_eq!((&*finding.args["cells"], &*finding.args["empty"]), ("2", "1"), "one was never computed");
    assert!(read.taken.sheet.rows[1].text(Field::NewBase).is_empty(), "and is not zero");

    let one = people(1).remove(0);
    let rows = vec![
        vec![Value::Text("姓名"), Value::Text("证件号码"), Value::Text("缴存基数")],
        vec![Value::Text(&one.name), Value::Text(&one.id), Value::BrokenFormula],
    ];
    assert_eq!(open(xlsb(&rows)).unwrap().formulas, [(2, 2)], "in a binary workbook too");
}

#[test]
fn hidden_rows_are_found_wherever_the_sheet_lies() {
    let sheet = raw::sheet(&format!("<row r=\"1\" hidden=\"true\">{}</row>", raw::cell("A1", "x")));
    let bytes = raw::archive([
        ("[Content_Types].xml", raw::TYPES.as_bytes()),
        ("_rels/.rels", raw::RELATIONS.as_bytes()),
        ("xl/workbook.xml", raw::WORKBOOK.as_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            raw::WORKBOOK_RELATIONS.replace("worksheets/sheet1.xml", "/xl/s.xml").as_bytes(),
        ),
        ("xl/s.xml", sheet.as_bytes()),
    ]);
    assert_eq!(open(bytes).unwrap().hidden_rows, [1], "some programs put their sheets elsewhere");
}

#[test]
fn hidden_sheets_are_listed_and_not_chosen() {
    let bytes = books(|workbook| {
        let notes = workbook.add_worksheet();
        notes.set_name("字典").unwrap().set_very_hidden(true);
        notes.write(0, 0, "代码").unwrap();
        let sheet = workbook.add_worksheet();
        sheet.set_name("七月").unwrap().set_active(true);
        list(sheet, 0, &people(1));
        workbook.add_worksheet().set_name("空表").unwrap();
    });
    let book = open(bytes.clone()).unwrap();
    assert_eq!(book.sheet_name(), "七月", "the first sheet that can be seen");
    assert_eq!(book.sheets.iter().map(|s| s.hidden).collect::<Vec<_>>(), [true, false, false], "all are listed");
    let named = |name: &str| ReadChoice { sheet: Some(name.into()), encoding: None };
    let hidden = read(bytes.clone(), &named("字典"), &Limits::default()).unwrap();
    assert_eq!(hidden.rows[0].text(0), "代码", "a hidden sheet is read when it is named");
    let empty = read(bytes.clone(), &named("空表"), &Limits::default()).unwrap();
    assert_eq!(find_header(&empty), Err(SheetError::BlankSheet), "an empty sheet is said to be empty");
    let none = read(bytes, &named("八月"), &Limits::default());
    assert_eq!(none, Err(SheetError::NoSuchSheet { name: "八月".into() }), "no other sheet is taken instead");
}

#[test]
fn macros_are_mentioned_and_left_alone() {
    let bytes = raw::xlsx_with(
        &raw::sheet(&format!("<row r=\"1\">{}{}</row>", raw::cell("A1", "姓名"), raw::cell("B1", "缴存基数"))),
        &[("xl/vbaProject.bin", b"not even a project")],
    );
    let read = take(bytes);
    assert!(read.taken.findings.iter().any(|f| f.code == Code::SheetMacros), "the clerk is told");
}

#[test]
fn two_hundred_columns_are_read() {
    let bytes = book(|sheet| {
        list(sheet, 0, &people(2));
        for column in 6..200 {
            sheet.write(0, column, format!("工资项{column}")).unwrap();
            sheet.write(1, column, column).unwrap();
        }
    });
    let read = take(bytes);
    assert_eq!(read.header.columns.len(), 200, "every title is known to the mapping");
    assert_eq!(read.taken.sheet.rows.len(), 2, "and people are found among them");
}

#[test]
fn a_name_with_a_replacement_character_is_passed_on() {
    let bytes = book(|sheet| {
        let row = list(sheet, 0, &people(1));
        sheet.write(row - 1, 1, "李\u{fffd}明").unwrap();
    });
    assert_eq!(
        take(bytes).taken.sheet.rows[0].text(Field::Name),
        "李\u{fffd}明",
        "the check refuses it, with its cell"
    );
}

#[test]
fn column_numbers_and_prepared_rows_are_nobody() {
    let bytes = book(|sheet| {
        let titles = ["序号", "姓名", "证件号码", "缴存基数"];
        let p = &people(1)[0];
        for (column, title) in titles.iter().enumerate() {
            sheet.write(0, column as u16, *title).unwrap();
            sheet.write(1, column as u16, column as u32 + 1).unwrap();
        }
        sheet.write(2, 0, 1).unwrap();
        sheet.write(2, 1, &p.name).unwrap();
        sheet.write(2, 2, &p.id).unwrap();
        sheet.write(2, 3, p.new_base).unwrap();
        sheet.write(3, 0, 2).unwrap();
        sheet.write(4, 0, 3).unwrap();
        sheet.write(4, 1, "钱丽").unwrap();
    });
    let read = take(bytes);
    let roles: Vec<RowRole> = read.taken.roles.iter().map(|(_, role)| *role).collect();
    assert_eq!(
        roles,
        [RowRole::Header, RowRole::Note, RowRole::Person, RowRole::Blank, RowRole::Person],
        "a row with nothing but a name is a person whose data are missing, not a blank"
    );
}

#[test]
fn a_person_without_numbers_is_not_taken_for_a_footer() {
    let text = "部门,姓名,证件号码,缴存基数\n第一车间,赵晓明,,\n财务部,,,\n制表人：钱丽,,,\n说明,审核：孙建国,,\n";
    let read = take(text.as_bytes().to_vec());
    let roles: Vec<RowRole> = read.taken.roles.iter().map(|(_, role)| *role).collect();
    assert_eq!(
        roles,
        [RowRole::Header, RowRole::Person, RowRole::Note, RowRole::Note, RowRole::Note],
        "who has a name is checked, and found to lack everything else"
    );
}

#[test]
fn nobody_is_dropped_because_a_cell_says_what_a_title_says() {
    for who in ["E12345678", ""] {
        let roles = |text: String| -> Vec<RowRole> {
            take(text.into_bytes()).taken.roles.into_iter().map(|(_, role)| role).collect()
        };
        let company = "演示市晨光机电有限公司";
        let text = format!("{company},,,\n单位,姓名,证件号码,缴存基数\n{company},孙新来,{who},5000\n{company},,,\n");
        let expected = [RowRole::Title, RowRole::Header, RowRole::Person, RowRole::Title];
        assert_eq!(roles(text), expected, "{who:?}: the unit in each row is what the title says");

        let text = format!("技术部,,,\n部门,姓名,证件号码,缴存基数\n技术部,孙新来,{who},5000\n");
        assert_eq!(roles(text), expected[..3], "{who:?}: so is the department");

        let text =
            format!("{company},技术部,,,\n单位,部门,姓名,证件号码,缴存基数\n{company},技术部,孙新来,{who},5000\n");
        assert_eq!(roles(text), expected[..3], "{who:?}: nor two cells that are the same");

        let text = format!("姓名,证件号码,部门,缴存基数\n第五建国,{who},研发部,\n第 1 页,,,\n");
        let expected = [RowRole::Header, RowRole::Person, RowRole::Note];
        assert_eq!(roles(text), expected, "{who:?}: a name that begins like a footer");

        let text = format!("部门,姓名,证件号码,缴存基数\n成本合计,孙新来,{who},5000\n合计,,,5000\n");
        let expected = [RowRole::Header, RowRole::Person, RowRole::Total];
        assert_eq!(roles(text), expected, "{who:?}: a department that ends like a sum");
    }
    let text = "部门,姓名,证件号码,缴存基数\n财务部,,E12345678,\n财务部,,,5000\n财务部,,,\n";
    let roles: Vec<RowRole> = take(text.as_bytes().to_vec()).taken.roles.into_iter().map(|(_, role)| role).collect();
    let expected = [RowRole::Header, RowRole::Person, RowRole::Person, RowRole::Note];
    assert_eq!(roles, expected, "whose name is missing is asked about");
}

#[test]
fn what_is_written_below_a_list_is_nobody_in_any_column() {
    let p = &people(1)[0];
    let text = format!(
        "个人账号,姓名,证件号码,缴存基数\n{},{},{},{}\n填表日期：2026年07月06日,,,\n2026年7月6日,,,\n\
         ,,联系电话：0531-88886666、13812345678,\n,总经理：,部门经理：,\n,,,2026年7月6日\n账号800100000012,,,\n",
        p.account, p.name, p.id, p.new_base
    );
    let roles: Vec<RowRole> = take(text.into_bytes()).taken.roles.into_iter().map(|(_, role)| role).collect();
    let expected = [&[RowRole::Header, RowRole::Person][..], &[RowRole::Note; 5], &[RowRole::Person]].concat();
    assert_eq!(roles, expected, "figures of a date or a telephone are no account; a word before one is not enough");
}

#[test]
fn what_is_repeated_on_each_page_is_still_nobody() {
    let staff = people(2);
    let line = |p: &crate::kit::people::Person| format!("{},{},{},{}\n", p.department, p.name, p.id, p.new_base);
    let top = |page: u32| format!("演示市晨光机电有限公司,,,第 {page} 页\n部门,姓名,证件号码,缴存基数\n");
    let text = [top(1), line(&staff[0]), top(2), line(&staff[1])].concat();
    let taken = take(text.into_bytes()).taken;
    let roles: Vec<RowRole> = taken.roles.into_iter().map(|(_, role)| role).collect();
    let page = [RowRole::Title, RowRole::Header, RowRole::Person];
    assert_eq!(roles, [page, page].concat(), "title and header of page two, with a page number of their own");
}

#[test]
fn sums_of_departments_are_of_their_own_people() {
    let staff = people(4);
    let line = |p: &crate::kit::people::Person| format!("{},{},{},{}\n", p.department, p.name, p.id, p.new_base);
    let all: u32 = staff.iter().map(|p| p.new_base).sum();
    let two = staff[0].new_base + staff[1].new_base;
    let rest = all - two;
    let sums = |first: &str, second: &str, last: &[&str]| {
        let mut text = "部门,姓名,证件号码,缴存基数\n".to_owned();
        text += &[line(&staff[0]), line(&staff[1]), format!("{first},,,{two}\n")].concat();
        text += &[line(&staff[2]), line(&staff[3]), format!("{second},,,{rest}\n")].concat();
        text.extend(last.iter().map(|word| format!("{word},,,{all}\n")));
        let sheet = take(text.into_bytes()).taken.sheet;
        assert_eq!(sheet.rows.len(), 4, "a sum is nobody");
        sheet.totals.iter().map(|total| (total.row.row, total.grand)).collect::<Vec<_>>()
    };
    assert_eq!(sums("销售部合计", "技术部合计", &["合计"]), [(4, false), (7, false), (8, true)], "by departments");
    let each = [(4, false), (7, false), (8, true)];
    assert_eq!(sums("合计", "合计", &["总计"]), each, "after each block, and of all of them");
    assert_eq!(sums("合计", "合计", &[]), [(4, false), (7, false)], "the last one too, where it adds up its block");
    assert_eq!(sums("销售部 汇总", "技术部 汇总", &["总计"]), each, "as Excel's own subtotals are called");
    assert_eq!(sums("小计", "小计", &["合计", "平均"]), each, "an average is no sum, and nobody either");
    let left = [(4, false), (7, false), (9, true)];
    assert_eq!(sums("小计", "小计", &["销售部合计", "合计"]), left, "a sum of sums is compared with nothing");
    assert_eq!(sums("累计", "累计", &[]), [(7, true)], "nor is a sum so far");
    let top = format!("部门,姓名,证件号码,缴存基数\n合计,,,{all}\n{}{}", line(&staff[0]), line(&staff[1]));
    let totals = take(top.into_bytes()).taken.sheet.totals;
    assert_eq!(
        totals.iter().map(|total| total.grand).collect::<Vec<_>>(),
        [true],
        "above everybody it is of everybody"
    );
    let outlined = format!(
        "部门,姓名,证件号码,缴存基数\n总计,,,{all}\n销售部 汇总,,,{two}\n{}{}技术部 汇总,,,{rest}\n{}{}",
        line(&staff[0]),
        line(&staff[1]),
        line(&staff[2]),
        line(&staff[3])
    );
    let totals = take(outlined.into_bytes()).taken.sheet.totals;
    let totals: Vec<_> = totals.iter().map(|total| (total.row.row, total.grand)).collect();
    assert_eq!(totals, [(2, true)], "a department's sum above its people is not held against those before it");
}

#[test]
fn other_sheets_are_counted_with_passports_and_those_not_looked_into_are_named() {
    let bytes = books(|workbook| {
        for number in 0..15 {
            let sheet = workbook.add_worksheet();
            sheet.set_name(format!("表{number}")).unwrap();
            match number {
                0 => {
                    list(sheet, 0, &people(2));
                }
                1 => {
                    let next = list(sheet, 0, &[]);
                    sheet.write(next, 1, "孙新来").unwrap().write(next, 2, "E12345678").unwrap();
                    sheet.write(next + 1, 1, "说明").unwrap().write(next + 1, 2, "护照号码填在这里").unwrap();
                }
                _ => {
                    sheet.write(0, 0, "说明").unwrap();
                }
            }
        }
    });
    let one = take(bytes.clone());
    let mut looked = 0;
    let findings = other_sheets(&one.workbook, &one.taken, FilingKind::BaseAdjustment.fields(), |name| {
        looked += 1;
        let choice = ReadChoice { sheet: Some(name.into()), encoding: None };
        // As a sheet that is broken.
        read(bytes.clone(), &choice, &Limits::default()).ok().filter(|_| name != "表2")
    });
    assert_eq!(looked, 12, "no more than can be read in time");
    let [others, unseen] = &findings[..] else { panic!("two questions: {findings:?}") };
    assert_eq!((others.code, &*others.args["sheet"], &*others.args["people"]), (Code::SheetOthers, "表1", "1"));
    assert_eq!((unseen.code, &*unseen.args["sheets"], &*unseen.value), (Code::SheetsUnseen, "3", "表2、表13、表14"));
}

#[test]
fn a_person_is_not_taken_for_a_sum() {
    let bytes = book(|sheet| {
        sheet.write(0, 6, "备注").unwrap();
        list(sheet, 0, &people(2));
        sheet.write(1, 3, "合计").unwrap();
        sheet.write(2, 6, "小计有误").unwrap();
    });
    assert_eq!(take(bytes).taken.sheet.rows.len(), 2, "who has an ID number is a person");
}

#[test]
fn of_two_columns_for_one_field_the_surer_wins() {
    let bytes = book(|sheet| {
        for (column, title) in
            ["姓名", "证件号码", "缴存基数", "调整后缴存基数", "联系电话", "手机号码"].iter().enumerate()
        {
            sheet.write(0, column as u16, *title).unwrap();
        }
        sheet.write(1, 1, &people(1)[0].id).unwrap();
    });
    let columns = take(bytes).columns;
    let field = |column: usize| columns[column].field;
    assert_eq!((field(2), field(3)), (None, Some(Field::NewBase)), "调整后缴存基数 says more than 缴存基数");
    assert_eq!((field(4), field(5)), (None, Some(Field::Mobile)), "and 手机号码 more than 联系电话");
    assert!(missing_required(&columns, FilingKind::BaseAdjustment).is_empty(), "nothing is missing");
}

#[test]
fn a_fingerprint_knows_the_titles_again() {
    let header = |titles: &[&str]| {
        let text = titles.join(",") + "\n";
        header_at(&open(text.into_bytes()).unwrap(), 1, 1).unwrap()
    };
    let first = fingerprint(&header(&["姓名", "证件号码", "缴存基数(元)"]));
    assert_eq!(
        first,
        fingerprint(&header(&["姓 名", "证件号码*", "缴存基数"])),
        "blanks, stars and units do not matter"
    );
    assert_ne!(first, fingerprint(&header(&["证件号码", "姓名", "缴存基数"])), "the order does");
}

#[test]
fn a_clerk_can_point_at_a_header_that_no_alias_knows() {
    let book = open("员工,号码,金额\n赵晓明,410801198501010011,4500\n".as_bytes().to_vec()).unwrap();
    assert_eq!(find_header(&book), Err(SheetError::NoHeader), "nothing is guessed");
    let header = header_at(&book, 1, 1).unwrap();
    assert_eq!(header.columns.len(), 3, "but the titles are there to be mapped by hand");
    for (first, last) in [(0, 1), (2, 1), (1, u32::MAX), (u32::MAX, u32::MAX), (1, 6), (101, 101)] {
        let error = header_at(&book, first, last).unwrap_err();
        assert_eq!(error.code(), "sheet-header-rows", "rows {first} to {last} are no header, and none is looked for");
    }
}

#[test]
fn csv_in_every_encoding_reads_the_same() {
    let mut people = people(3);
    people[0].name = "䶮𬱖㛃".into();
    let text = delimited(&people, ',');
    let utf16 = |big: bool| -> Vec<u8> {
        let mark = std::iter::once(0xFEFF_u16);
        mark.chain(text.encode_utf16()).flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let forms = [
        ("utf-8", text.clone().into_bytes()),
        ("utf-8", marked),
        ("utf-16le", utf16(false)),
        ("utf-16be", utf16(true)),
        ("gb18030", gb18030),
    ];
    let expected = open(text.clone().into_bytes()).unwrap().rows;
    for (encoding, bytes) in forms {
        let book = open(bytes).unwrap();
        assert_eq!(book.encoding.as_deref(), Some(encoding), "the encoding is named");
        assert_eq!(book.rows, expected, "{encoding}: rare characters included");
    }
    assert_json_snapshot!(take(text.into_bytes()).summary());
}

#[test]
fn csv_delimiters_quotes_and_blank_lines() {
    for delimiter in [',', ';', '\t', '|'] {
        let book = open(delimited(&people(3), delimiter).into_bytes()).unwrap();
        assert_eq!(book.rows.len(), 4, "{delimiter:?} is found");
        assert_eq!(book.rows[1].cells.len(), 6, "{delimiter:?} splits");
    }
    let text = "姓名,证件号码,备注\n\n\"赵, 晓明\",1,\"第一行\n第二行 \"\"引\"\"\"\r\n钱丽,2,\n";
    let book = open(text.as_bytes().to_vec()).unwrap();
    let rows: Vec<u32> = book.rows.iter().map(|r| r.row).collect();
    assert_eq!(rows, [1, 3, 4], "rows as a spreadsheet numbers them: blank lines count, quoted breaks do not");
    assert_eq!(book.rows[1].text(0), "赵, 晓明", "a delimiter in quotation marks is text");
    assert_eq!(book.rows[1].text(2), "第一行\n第二行 \"引\"", "so are line breaks and doubled quotation marks");
}

#[test]
fn csv_text_that_looks_like_a_formula_or_a_number_stays_text() {
    let text = "姓名,个人账号,备注\n赵晓明,000000000012,=cmd|'/c calc'!A0\n钱丽,000000000013,+1+1\n";
    let book = open(text.as_bytes().to_vec()).unwrap();
    assert_eq!(book.rows[1].text(1), "000000000012", "leading zeros are kept");
    assert_eq!(book.rows[1].text(2), "=cmd|'/c calc'!A0", "nothing is evaluated");
    assert!(book.rows.iter().flat_map(|r| &r.cells).all(|c| c.kind == CellKind::Text), "csv holds texts only");
}

#[test]
fn csv_numbers_wrapped_for_excel_are_the_digits_inside() {
    let text =
        "姓名,个人账号,证件号码\n赵晓明,=\"000000000012\",\"=\"\"410801198512310022\"\"\"\n钱丽,=\"a\"&\"b\",=\"\n";
    let book = open(text.as_bytes().to_vec()).unwrap();
    assert_eq!(book.rows[1].text(1), "000000000012", "every digit, and nothing around them");
    assert_eq!(book.rows[1].text(2), "410801198512310022", "with the quotation marks of csv around it too");
    assert_eq!((book.rows[2].text(1), book.rows[2].text(2)), ("=\"a\"&\"b\"", "=\""), "nothing else is worked out");
}

#[test]
fn people_of_a_list_above_the_one_that_is_read_are_said() {
    let staff = people(4);
    let found = |text: String| {
        let taken = take(text.into_bytes()).taken;
        let found: Vec<_> = taken.findings.into_iter().filter(|finding| finding.code == Code::SheetAbove).collect();
        (taken.sheet.rows.len(), found)
    };
    let first = format!("一、减少人员,,,\n姓名,证件号码,,\n{},{},,\n", staff[0].name, staff[0].id);
    let second = |place: usize| format!("{},{},,{}\n", staff[place].name, staff[place].id, staff[place].new_base);
    let lower = format!("二、增加人员,,,\n姓名,证件号码,,缴存基数\n{}{}", second(1), second(2));
    let (read, said) = found(format!("{first}{lower}"));
    assert_eq!(read, 2, "the header that says more is read");
    assert_eq!(said.len(), 1, "one question for the sheet: {said:?}");
    let place = said[0].at.as_ref().map(|at| (at.row, at.column));
    assert_eq!((said[0].level, place), (Level::Warning, Some((3, Some(1)))), "nobody above is left out in silence");
    assert_eq!((&*said[0].value, &*said[0].args["rows"]), ("B3", "1"), "where he is");
    let handler = format!("经办人身份证号,{},,\n{lower}", staff[3].id);
    assert_eq!(found(handler), (2, Vec::new()), "whoever filled it in is in no list");
}

#[test]
fn csv_rows_longer_than_the_header_are_said() {
    let mut lines: Vec<String> = delimited(&people(4), ',').lines().map(str::to_owned).collect();
    let front = lines[3].rsplit_once(',').unwrap().0.to_owned();
    let said = |lines: &[String]| {
        let found = take(lines.join("\r\n").into_bytes()).taken.findings;
        found.into_iter().filter(|finding| finding.code == Code::SheetExtraCells).collect::<Vec<_>>()
    };
    lines[4] += ",\u{3000}";
    lines[3] = format!("{front},6,100.00");
    let found = said(&lines);
    assert_eq!(found.len(), 1, "one question for the file: {found:?}");
    let place = found[0].at.as_ref().map(|at| (at.row, at.column));
    assert_eq!((found[0].level, place), (Level::Warning, Some((4, Some(6)))), "at the cell that has no title");
    assert_eq!((&*found[0].value, &*found[0].args["rows"]), ("G4", "1"), "blanks behind the last title are nothing");
    lines[3] = format!("{front},\"6,100.00\"");
    assert_eq!(said(&lines), [], "within quotation marks it is one amount");
}

#[test]
fn csv_rows_that_are_one_column_off_are_said() {
    let staff = people(5);
    let lines: Vec<String> = delimited(&staff, ',').lines().map(str::to_owned).collect();
    let said = |lines: &[String]| {
        let found = take(lines.join("\r\n").into_bytes()).taken.findings;
        found.into_iter().filter(|finding| finding.code == Code::SheetShifted).collect::<Vec<_>>()
    };
    assert_eq!(said(&lines), [], "every number under its title");
    let mut moved = lines.clone();
    moved[2] = lines[2].split_once(',').unwrap().1.to_owned();
    moved[4] = format!(",{}", lines[4]);
    let found = said(&moved);
    assert_eq!(found.len(), 1, "one question for the file: {found:?}");
    let place = found[0].at.as_ref().map(|at| (at.row, at.column));
    assert_eq!((found[0].level, place), (Level::Warning, Some((3, Some(1)))), "where the number is");
    assert_eq!((&*found[0].value, &*found[0].args["rows"]), ("B3、D5", "2"), "a cell too few, and one too many");

    let mut couples = vec![lines[0].clone()];
    for (number, person) in staff.iter().enumerate() {
        let own = if number == 2 { "无" } else { person.id.as_str() };
        let other = &staff[(number + 1) % staff.len()].id;
        couples.push(format!("{},{},{own},{other},4000,5000", person.account, person.name));
    }
    assert_eq!(said(&couples), [], "another column of numbers beside it is not a shift");
}

#[test]
fn formulas_filled_down_below_the_last_person_are_nobody() {
    let staff = people(2);
    let filled = |name: &str| {
        take(book(|sheet| {
            let end = list(sheet, 0, &staff);
            sheet.write(end, 1, name).unwrap();
            for row in end..end + 3 {
                sheet.write(row, 4, 0).unwrap();
                sheet.write_formula(row, 5, Formula::new("=E4*1.1").set_result("0")).unwrap();
            }
        }))
    };
    let read = filled("");
    assert_eq!(read.taken.sheet.rows.len(), 2, "zeros without anybody are no people");
    assert_eq!(read.taken.findings, [], "and nothing is asked about them");
    let read = filled("周志强");
    assert_eq!(read.taken.sheet.rows.len(), 3, "whoever has a name is somebody, whatever his base");
    assert_eq!(read.taken.sheet.rows[2].text(Field::NewBase), "0", "with the zero that is wrong");
}

#[test]
fn columns_with_one_title_that_differ_are_said() {
    let staff = people(4);
    let said = |read: crate::kit::summary::Read| {
        let found = read.taken.findings.into_iter().filter(|finding| finding.code == Code::SheetColumnTwice);
        found
            .map(|f| (f.field, f.args["taken"].clone(), f.args["other"].clone(), f.args["rows"].clone()))
            .collect::<Vec<_>>()
    };
    let side_by_side = take(book(|sheet| {
        list(sheet, 0, &staff[..2]);
        for (column, title) in (7..).zip(TITLES) {
            sheet.write(0, column, title).unwrap();
        }
        for (row, person) in (1..).zip(&staff[2..]) {
            sheet.write(row, 7, &person.account).unwrap();
            sheet.write(row, 8, &person.name).unwrap();
            sheet.write(row, 9, &person.id).unwrap();
        }
        sheet.write(1, 12, 9_001).unwrap();
    }));
    let twice = |field, taken: &str, other: &str, rows: &str| {
        (Some(field), taken.to_owned(), other.to_owned(), rows.to_owned())
    };
    let expected = [
        twice(Field::PersonalAccount, "A", "H", "2"),
        twice(Field::Name, "B", "I", "2"),
        twice(Field::IdNumber, "C", "J", "2"),
        twice(Field::NewBase, "F", "M", "1"),
    ];
    assert_eq!(said(side_by_side), expected, "nobody on the right is left out in silence");
    let copied = take(book(|sheet| {
        list(sheet, 0, &staff);
        sheet.write(0, 6, "调整后缴存基数").unwrap();
        sheet.write(0, 7, "姓名").unwrap();
        for (row, person) in (1..).zip(&staff) {
            sheet.write(row, 6, person.new_base).unwrap();
        }
    }));
    assert_eq!(said(copied), [], "the same again, or nothing, is no question");
}

#[test]
fn xlsb_without_any_office_at_hand() {
    let people = people(2);
    let mut rows = vec![TITLES.iter().map(|t| Value::Text(t)).collect::<Vec<_>>()];
    rows.push(vec![
        Value::Text(&people[0].account),
        Value::Text(&people[0].name),
        Value::Text(&people[0].id),
        Value::Rich("研发部"),
        Value::NotAvailable,
        Value::Number(f64::from(people[0].new_base)),
    ]);
    rows.push(vec![
        Value::Text(&people[1].account),
        Value::Text(&people[1].name),
        Value::Number(410_801_198_512_310_022_f64),
        Value::Text(""),
        Value::Truth(true),
        Value::BrokenFormula,
    ]);
    let read = take(xlsb(&rows));
    assert_eq!(read.workbook.format, Format::Xlsb, "found by its parts");
    assert_json_snapshot!(read.summary());
}

/// The same workbook as xls and ods, written by LibreOffice (fixtures/README.md).
#[test]
fn xls_and_ods_by_libreoffice() {
    for (format, bytes) in [
        (Format::Xls, include_bytes!("../fixtures/adjustment-by-libreoffice.xls").to_vec()),
        (Format::Ods, include_bytes!("../fixtures/adjustment-by-libreoffice.ods").to_vec()),
        (Format::Xlsx, adjustment()),
    ] {
        let read = take_workbook(open(bytes).unwrap());
        assert_eq!(read.workbook.format, format, "by content");
        let mut summary = read.summary();
        summary["format"] = "any".into();
        assert_json_snapshot!("adjustment_in_any_format", summary);
    }
}

/// Everything that should survive a change of format; the source of the fixtures.
fn adjustment() -> Vec<u8> {
    books(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.set_name("基数调整").unwrap();
        let people = people(6);
        sheet.merge_range(0, 0, 0, 5, "缴存基数调整清册", &centred()).unwrap();
        sheet.write(1, 0, "单位名称：演示精密制造有限公司").unwrap();
        let next = list(sheet, 2, &people);
        sheet.write(2, 6, "出生日期").unwrap();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_with_format(3, 6, 31_048, &date).unwrap();
        sheet.write(4, 2, 410_801_198_512_310_022_f64).unwrap();
        sheet.write_formula(5, 5, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.write_formula(6, 5, Formula::new("=4000.5+0.75").set_result("4001.25")).unwrap();
        sheet.merge_range(7, 3, 8, 3, "研发部", &centred()).unwrap();
        sheet.write(next, 0, "合计").unwrap();
        sheet.write(next, 4, 25_500).unwrap();
        sheet.set_row_hidden(4).unwrap();
        sheet.set_column_hidden(4).unwrap();
        let hidden = workbook.add_worksheet();
        hidden.set_name("字典").unwrap().set_hidden(true);
        hidden.write(0, 0, "代码").unwrap();
    })
}

/// Writes the workbook that the fixtures are converted from: see fixtures/README.md.
#[test]
#[ignore = "makes the source of the fixtures anew"]
fn write_the_source_of_the_fixtures() {
    let path = std::env::temp_dir().join("adjustment-by-libreoffice.xlsx");
    std::fs::write(path, adjustment()).unwrap();
}
