//! Workbooks that we write: the clerk's own file back with marks, and blank templates.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;

use huijiao_domain::filing::Circumstances;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::base_adjustment::check_sheet;
use huijiao_domain::finding::{Finding, Level};
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{AccountStatus, Changes, Contributor, Roster, Unit, UnitStatus};
use huijiao_domain::sheet::RawSheet;
use huijiao_sheets::write::{
    Mark, Notes, annotate, inert, rebuild, rebuild_whole, safe_stem, template, template_fields,
};
use huijiao_sheets::{Limits, ReadChoice, find_header, map_columns, read, rows};
use rust_xlsxwriter::{Color, Format, FormatBorder, Formula, Note, Workbook, Worksheet};
use zip::ZipArchive;

use crate::kit::book::{TITLES, books, delimited, list, write_person};
use crate::kit::people::people;
use crate::kit::raw;
use crate::kit::summary::{open, take};

fn mark(row: u32, column: u16, level: Level, text: &str) -> Mark {
    Mark { row, column, level, text: text.into() }
}

/// For the titles of [`decorated`].
const NOTES: Option<Notes> = Some(Notes { titles: 3, column: None });

fn counts() -> Vec<(String, u64)> {
    vec![("证件号码校验码不符".into(), 2), ("=HYPERLINK(\"http://x\")".into(), 1)]
}

fn annotated(bytes: &[u8], sheet: &str, marks: &[Mark]) -> Vec<u8> {
    let notes = NOTES.filter(|_| sheet == "基数调整");
    annotate(bytes, sheet, marks, notes, &counts(), &Limits::default()).unwrap()
}

/// Every entry with its packed bytes, in order.
fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut entry = zip.by_index_raw(index).unwrap();
            let mut packed = Vec::new();
            entry.read_to_end(&mut packed).unwrap();
            (entry.name().unwrap().into_owned(), packed)
        })
        .collect()
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap_or_else(|_| panic!("{name} is there")).read_to_string(&mut text).unwrap();
    text
}

fn circumstances(profile: &CenterProfile) -> Circumstances<'_> {
    Circumstances {
        books: None,
        profile,
        unit: None,
        roster: None,
        elsewhere: None,
        period: "2026-07".parse().unwrap(),
        today: "2026-07-06".parse().unwrap(),
    }
}

fn checked(sheet: &RawSheet) -> Vec<Finding> {
    check_sheet(sheet, circumstances(&profile())).findings
}

/// Two sheets, formats, widths, a formula, merged cells, a hidden column, a note of the clerk's own.
fn decorated(notes: bool) -> Vec<u8> {
    books(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.set_name("基数调整").unwrap();
        let next = list(sheet, 2, &people(6));
        let title = Format::new().set_bold().set_background_color(Color::RGB(0x00AACC));
        sheet.merge_range(0, 0, 0, 5, "2026 年度基数调整", &title).unwrap();
        let money = Format::new().set_num_format("#,##0.00").set_border(FormatBorder::Thin);
        sheet.write_with_format(4, 5, 5123.4, &money).unwrap();
        sheet.write_formula_with_format(next, 5, Formula::new("=SUM(F4:F9)").set_result("30000"), &money).unwrap();
        sheet.write(next, 0, "合计").unwrap();
        sheet.set_column_width(1, 33).unwrap();
        sheet.set_column_hidden(3).unwrap();
        sheet.write(3, 2, "41080119900101123X").unwrap();
        if notes {
            let own = Note::new("已与本人核对").set_author("周晓燕");
            sheet.insert_note(3, 2, &own).unwrap();
            sheet.insert_note(8, 1, &own).unwrap();
        }
        let other = workbook.add_worksheet();
        other.set_name("字典 & \"说明\"").unwrap();
        other.write(0, 0, "保留").unwrap();
        other.write_formula(1, 0, Formula::new("=1+1")).unwrap();
    })
}

fn marks() -> Vec<Mark> {
    vec![
        mark(4, 2, Level::Error, "校验码不符 <&>\n请核对"),
        mark(4, 2, Level::Warning, "另一句"),
        mark(5, 5, Level::Fix, "含千分位"),
        mark(6, 1, Level::Warning, "=cmd|'/c calc'!A0"),
        // A cell and a row that are not in the file.
        mark(6, 9, Level::Error, "这里应当有值"),
        mark(40, 0, Level::Error, "整行缺失"),
    ]
}

#[test]
fn a_marked_file_reads_as_before_and_keeps_everything_else() {
    for notes in [false, true] {
        let before = decorated(notes);
        let after = annotated(&before, "基数调整", &marks());
        let (old, new) = (take(before.clone()), take(after.clone()));
        assert_eq!(old.taken.sheet, new.taken.sheet, "the same people with the same texts");
        assert_eq!(checked(&old.taken.sheet), checked(&new.taken.sheet), "and the same findings");
        assert_eq!(old.workbook.merged, new.workbook.merged, "merged cells stay");
        assert_eq!(old.workbook.hidden_columns, new.workbook.hidden_columns, "hidden columns stay hidden");

        let (old, new) = (entries(&before), entries(&after));
        let changed = [
            "[Content_Types].xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/styles.xml",
            "xl/worksheets/sheet1.xml",
            "xl/worksheets/_rels/sheet1.xml.rels",
            "xl/comments1.xml",
            "xl/drawings/vmlDrawing1.vml",
        ];
        for (place, (name, packed)) in old.iter().enumerate() {
            assert_eq!(&new[place].0, name, "the entries keep their order");
            if !changed.contains(&name.as_str()) {
                assert_eq!(&new[place].1, packed, "{name} is the same byte for byte");
            }
        }
        let mut names: Vec<&String> = new.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), new.len(), "no entry stands twice");
    }
}

/// What [`marks`] says of the fourth row.
const WHY_4: &str = "校验码不符 <&>；请核对；另一句";

#[test]
fn what_is_wrong_stands_in_words_behind_each_row() {
    let before = decorated(false);
    let after = annotated(&before, "基数调整", &marks());
    let book = open(after.clone()).unwrap();
    assert_eq!(book.sheet_name(), "基数调整", "the list is found, though the summary is the first sheet");
    let said = |book: &huijiao_sheets::Workbook, column| -> Vec<(u32, String)> {
        book.rows
            .iter()
            .map(|row| (row.row, row.text(column).to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect()
    };
    let why = |row: u32, text: &str| (row, text.to_owned());
    let expected = [
        why(3, "错误说明"),
        why(4, WHY_4),
        why(5, "含千分位"),
        why(6, "=cmd|'/c calc'!A0；这里应当有值"),
        why(40, "整行缺失"),
    ];
    assert_eq!(said(&book, 10), expected, "behind the last column, each row once");
    assert_eq!(said(&open(before.clone()).unwrap(), 10), [], "where nothing stood");
    let sheet = part(&after, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains(r#"<col min="11" max="11" width="60" customWidth="1"/></cols>"#),
        "and wide enough: {sheet}"
    );

    // Corrected but for one row, imported by itself and marked again.
    let read = take(after.clone());
    assert!(read.columns.iter().all(|column| column.title != "错误说明"), "nothing is to be mapped");
    assert_eq!(
        huijiao_sheets::fingerprint(&read.header),
        huijiao_sheets::fingerprint(&take(before).header),
        "columns once chosen by hand are known again"
    );
    let notes = Notes::of(&read.workbook, &read.header);
    assert_eq!(notes, Notes { titles: 3, column: Some(10) });
    let left = [mark(5, 5, Level::Fix, "仍含千分位")];
    let again = annotate(&after, "基数调整", &left, Some(notes), &counts(), &Limits::default()).unwrap();
    let again = open(again).unwrap();
    assert_eq!(said(&again, 10), [why(3, "错误说明"), why(5, "仍含千分位")], "nothing old is left");
    assert_eq!(said(&again, 11), [], "and no second column is there");

    let anew = rebuild(&read.workbook, &left, Some(notes), &counts()).unwrap();
    let anew = open(anew).unwrap();
    assert_eq!(anew.sheet_name(), "基数调整");
    assert_eq!(said(&anew, 10), [why(3, "错误说明"), why(5, "仍含千分位")], "the same where it is written anew");
}

#[test]
fn a_list_of_the_clerks_own_is_read_though_it_is_called_a_summary() {
    let bytes = books(|workbook| {
        list(workbook.add_worksheet().set_name("汇总").unwrap(), 0, &people(3));
        list(workbook.add_worksheet().set_name("一车间").unwrap(), 0, &people(1));
    });
    assert_eq!(open(bytes).unwrap().sheet_name(), "汇总");
}

#[test]
fn what_counts_sheets_counts_on_when_one_comes_before_them() {
    let before = books(|workbook| {
        let first = workbook.add_worksheet().set_name("说明").unwrap();
        first.write(0, 0, "请填第二张").unwrap();
        let sheet = workbook.add_worksheet().set_name("基数调整").unwrap();
        list(sheet, 2, &people(2));
        sheet.set_print_area(0, 0, 9, 5).unwrap().set_repeat_rows(2, 2).unwrap();
        sheet.set_active(true);
        workbook.define_name("'基数调整'!合计", "='基数调整'!$F$4").unwrap();
        workbook.define_name("全部", "='说明'!$A$1").unwrap();
    });
    let after = annotated(&before, "基数调整", &[mark(4, 1, Level::Error, "甲")]);
    let (old, new) = (part(&before, "xl/workbook.xml"), part(&after, "xl/workbook.xml"));
    assert!(old.contains(r#"activeTab="1""#) && new.contains(r#"activeTab="2""#), "the same sheet is open: {new}");
    assert_eq!(old.matches(r#"localSheetId="1""#).count(), 3, "print area, titles and a name of its own: {old}");
    assert_eq!(new.matches(r#"localSheetId="2""#).count(), 3, "they are still of the same sheet: {new}");
    assert_eq!(new.matches("localSheetId").count(), 3, "and a name for all sheets stays one");
    let selected = |bytes: &[u8]| -> usize {
        let sheets = entries(bytes).into_iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet"));
        sheets.map(|(name, _)| part(bytes, &name).matches("tabSelected=\"1\"").count()).sum()
    };
    assert_eq!(selected(&after), 1, "two selected sheets would be changed together");

    // Without a word about what is open, the first sheet was.
    let plain = raw::xlsx_with(&raw::sheet(&raw::cell("A1", "姓名")), &[]);
    assert!(!part(&plain, "xl/workbook.xml").contains("bookViews"), "the test can fail");
    let book = part(&annotated(&plain, "Sheet1", &[]), "xl/workbook.xml");
    assert!(book.find(r#"<workbookView activeTab="1"/>"#) < book.find("<sheets"), "it still is: {book}");

    let Some(seen) = libreoffice(&after, "次序.xlsx", "xlsx") else { return };
    let book = part(&seen, "xl/workbook.xml");
    assert!(book.contains(r#"activeTab="2""#), "LibreOffice opens the same sheet: {book}");
    let area = book.split("_xlnm.Print_Area").nth(1).and_then(|rest| rest.split("</definedName>").next()).unwrap();
    assert!(area.contains("基数调整") && area.contains("$A$1:$F$10"), "and prints the same part of it: {area}");
}

#[test]
fn a_marked_cell_keeps_its_format_and_gets_a_colour() {
    let before = decorated(false);
    let after = annotated(&before, "基数调整", &marks());
    let styles = part(&after, "xl/styles.xml");
    let sheet = part(&after, "xl/worksheets/sheet1.xml");
    let style = |at: &str| -> usize {
        let cell = sheet.split("<c ").find(|c| c.contains(&format!(r#"r="{at}""#))).unwrap_or_else(|| panic!("{at}"));
        cell.split(r#"s=""#).nth(1).and_then(|s| s.split('"').next()).unwrap().parse().unwrap()
    };
    let list = styles.split("<cellXfs").nth(1).unwrap().split("</cellXfs>").next().unwrap().to_owned();
    let looks: Vec<&str> = list.split("<xf ").skip(1).collect();
    assert!(list.starts_with(&format!(r#" count="{}">"#, looks.len())), "the count is right: {list}");
    let old_style = {
        let sheet = part(&before, "xl/worksheets/sheet1.xml");
        let cell = sheet.split("<c ").find(|c| c.contains(r#"r="F5""#)).unwrap().to_owned();
        cell.split(r#"s=""#).nth(1).and_then(|s| s.split('"').next()).unwrap().parse::<usize>().unwrap()
    };
    let without_fill = |look: &str| -> Vec<String> {
        let tag = look.split('>').next().unwrap().trim_end_matches('/');
        tag.split(' ').filter(|a| !a.contains("ill")).map(str::to_owned).collect()
    };
    assert_eq!(without_fill(looks[style("F5")]), without_fill(looks[old_style]), "number format and border stay");
    assert_ne!(looks[style("F5")], looks[old_style], "the fill does not");
    assert!(styles.contains("FFFF9C9C") && styles.contains("FFFFC97A") && styles.contains("FFFFF2A0"), "three colours");
    assert!(sheet.contains("<f>SUM(F4:F9)</f>"), "a formula stays a formula");
    assert!(sheet.contains(r#"<row r="40">"#) && sheet.contains(r#"r="J6""#), "missing rows and cells are made");
    let (data, drawing) = (sheet.find("</sheetData>").unwrap(), sheet.find("<legacyDrawing").unwrap());
    assert!(
        data < drawing && sheet.matches("<legacyDrawing").count() == 1,
        "the drawing is named once, after the data"
    );
    let comments = part(&after, "xl/comments1.xml");
    assert!(comments.contains("校验码不符 &lt;&amp;&gt;\n请核对\n另一句"), "all that is said of a cell: {comments}");
}

#[test]
fn comments_of_the_clerks_own_stay_and_are_added_to() {
    let before = decorated(true);
    let after = annotated(&before, "基数调整", &marks());
    let comments = part(&after, "xl/comments1.xml");
    assert_eq!(comments.matches("<comment ").count(), 2 + 4, "two of hers, four new cells; C4 is one of hers");
    assert_eq!(comments.matches("已与本人核对").count(), 2, "hers stay as they are");
    assert!(
        comments.contains("<author>周晓燕</author>") && comments.contains("<author>汇缴通</author>"),
        "both authors"
    );
    let drawing = part(&after, "xl/drawings/vmlDrawing1.vml");
    assert_eq!(drawing.matches("<v:shape ").count(), 6, "a shape for each comment");
    let mut ids: Vec<&str> = drawing.split("<v:shape id=\"").skip(1).filter_map(|s| s.split('"').next()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6, "no two shapes share a number");

    // The marked file is imported, and marked again.
    let again = annotated(&after, "基数调整", &marks());
    let twice = part(&again, "xl/comments1.xml");
    assert_eq!(twice.matches("另一句").count(), 1, "nothing is said twice");
    let names: Vec<String> = open(again).unwrap().sheets.into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["汇总（汇缴通）", "基数调整", "字典 & \"说明\""], "the summary is written over");
}

#[test]
fn nothing_that_is_written_becomes_a_formula() {
    let after = annotated(&decorated(false), "基数调整", &marks());
    let choice = ReadChoice { sheet: Some("汇总（汇缴通）".into()), encoding: None };
    let summary = read(after.clone(), &choice, &Limits::default()).unwrap();
    let texts: Vec<&str> = summary.rows.iter().flat_map(|r| r.cells.iter().map(|c| c.text)).collect();
    assert!(texts.contains(&"=HYPERLINK(\"http://x\")"), "a title that looks like a formula is text: {texts:?}");
    assert!(texts.contains(&"=cmd|'/c calc'!A0"), "and so is what is said of a cell");
    for (name, _) in entries(&after).iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")) {
        let formulas = part(&after, name).matches("<f>").count();
        assert!(formulas <= 1, "{name}: no formula but the clerk's own");
    }
    let text = delimited(&people(2), ',').replace("研发部", "=1+1");
    let book = rebuild(&open(text.into_bytes()).unwrap(), &marks(), NOTES, &counts()).unwrap();
    assert!(!part(&book, "xl/worksheets/sheet1.xml").contains("<f"), "in a rebuilt workbook neither");
    assert_eq!(take(book).workbook.row(2).unwrap().text(3), "=1+1", "and the text is unchanged");
}

#[test]
fn sheets_without_places_styles_or_relationships() {
    let rows = format!(
        "<row><c t=\"inlineStr\"><is><t>姓名</t></is></c>{}{}</row><row r=\"3\"/>",
        raw::cell("B1", "证件号码"),
        raw::cell("D1", "调整后缴存基数")
    );
    let before = raw::xlsx_with(&raw::sheet(&rows), &[]);
    let marks = [
        mark(1, 0, Level::Error, "一"),
        mark(1, 2, Level::Fix, "二"),
        mark(2, 1, Level::Error, "三"),
        mark(3, 3, Level::Warning, "四"),
    ];
    let after = annotated(&before, "Sheet1", &marks);
    let sheet = part(&after, "xl/worksheets/sheet1.xml");
    let order: Vec<&str> = sheet.split("<c ").skip(1).filter_map(|c| c.split('>').next()).collect();
    assert_eq!(order.len(), 6, "three cells made, none twice: {sheet}");
    assert!(order[2].contains(r#"r="C1""#) && order[4].contains(r#"r="B2""#), "in rising order: {order:?}");
    assert_eq!(open(before).unwrap().rows, open(after.clone()).unwrap().rows, "it reads as before");
    assert!(part(&after, "xl/_rels/workbook.xml.rels").contains("/xl/styles.xml"), "styles are made where none are");

    let empty = raw::xlsx_with(&raw::sheet("").replace("<sheetData></sheetData>", "<sheetData/>"), &[]);
    let after = annotated(&empty, "Sheet1", &marks);
    assert_eq!(part(&after, "xl/worksheets/sheet1.xml").matches("<c ").count(), 4, "in an empty sheet too");
}

#[test]
fn prefixed_names_and_what_follows_the_data() {
    let sheet = r#"<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:cols><x:col min="1" max="9" style="0"/></x:cols><x:sheetData><x:row r="2" spans="1:1"><x:c r="A2"><x:v>1</x:v></x:c></x:row></x:sheetData><x:pageMargins left="1" right="1" top="1" bottom="1" header="1" footer="1"/><x:extLst/></x:worksheet>"#;
    let before = raw::xlsx_with(sheet, &[]);
    let after = annotated(&before, "Sheet1", &[mark(1, 0, Level::Error, "甲"), mark(2, 4, Level::Error, "乙")]);
    let written = part(&after, "xl/worksheets/sheet1.xml");
    assert!(written.contains(r#"<x:row r="1"><x:c r="A1""#), "new elements have the sheet's prefix: {written}");
    assert!(written.contains(r#"<x:c r="E2""#) && !written.contains("spans"), "a row spans what it holds: {written}");
    let place = |what: &str| written.find(what).unwrap_or_else(|| panic!("{what} in {written}"));
    assert!(place("pageMargins") < place("legacyDrawing") && place("legacyDrawing") < place("extLst"), "schema order");
}

#[test]
fn a_file_written_anew_keeps_its_other_sheets() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/adjustment-by-libreoffice.xls");
    let bytes = std::fs::read(path).unwrap();
    let named = |bytes: &[u8], name: &str| {
        let choice = ReadChoice { sheet: Some(name.into()), encoding: None };
        read(bytes.to_vec(), &choice, &Limits::default()).unwrap()
    };
    let (book, other) = (named(&bytes, "基数调整"), named(&bytes, "字典"));
    let new = rebuild_whole(&book, std::slice::from_ref(&other), &marks(), NOTES, &counts()).unwrap();
    let again = open(new.clone()).unwrap();
    let sheets: Vec<(&str, bool)> = again.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.hidden)).collect();
    assert_eq!(
        sheets,
        [("汇总（汇缴通）", false), ("基数调整", false), ("字典", true)],
        "in its place, hidden as it was"
    );
    assert_eq!(named(&new, "字典").rows, other.rows, "with all that stands in it");
    assert_eq!(again.sheet_name(), "基数调整", "and the marked one is the one to be read");

    // Names that only other programs take, or that are the same but for capitals.
    let mut twins = [other.clone(), other];
    for (twin, name) in twins.iter_mut().zip(["基数:调整", "字典"]) {
        let place = twin.sheet;
        twin.sheets[place].name = name.into();
    }
    let mut same = twins[1].clone();
    let place = same.sheet;
    same.sheets[place].name = "字典".into();
    let names = |others: &[huijiao_sheets::Workbook]| -> Vec<String> {
        let bytes = rebuild_whole(&book, others, &[], None, &[]).unwrap();
        open(bytes).unwrap().sheets.into_iter().map(|sheet| sheet.name).collect()
    };
    let [colon, plain] = twins;
    assert_eq!(names(&[colon, plain, same]), ["汇总（汇缴通）", "基数调整", "数据", "字典", "数据 2"], "none is lost");
}

#[test]
fn what_cannot_be_marked_in_place_is_refused_and_rebuilt() {
    let limits = Limits::default();
    let csv = delimited(&people(3), ',').into_bytes();
    let xls = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/adjustment-by-libreoffice.xls"))
        .unwrap();
    let ods = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/adjustment-by-libreoffice.ods"))
        .unwrap();
    let twice = raw::xlsx_with(&raw::sheet(r#"<row r="1"><c r="A1"/><c r="A1"/></row>"#), &[]);
    for bytes in [&csv, &xls, &ods, &twice] {
        let error = annotate(bytes, "Sheet1", &[mark(1, 0, Level::Error, "甲")], NOTES, &[], &limits).unwrap_err();
        assert_eq!(error.code(), "sheet-not-editable", "{error}");
    }
    for bytes in [csv, xls, ods] {
        let old = take(bytes);
        let new = take(rebuild(&old.workbook, &marks(), NOTES, &counts()).unwrap());
        let texts = |read: &crate::kit::summary::Read| -> Vec<Vec<(String, huijiao_domain::sheet::CellKind)>> {
            let people = &read.taken.sheet.rows;
            people.iter().map(|r| r.cells.values().map(|c| (c.text.to_string(), c.kind)).collect()).collect()
        };
        if old.workbook.format == huijiao_sheets::Format::Csv {
            assert_eq!(texts(&old), texts(&new), "the same texts in the same rows");
        }
        let codes = |sheet: &RawSheet| -> BTreeMap<(u32, &'static str), usize> {
            checked(sheet).iter().fold(BTreeMap::new(), |mut all, f| {
                *all.entry((f.at.as_ref().map_or(0, |at| at.row), f.code.as_str())).or_default() += 1;
                all
            })
        };
        assert_eq!(codes(&old.taken.sheet), codes(&new.taken.sheet), "and the same findings");
        assert_eq!(old.workbook.merged, new.workbook.merged, "merged titles too: columns map as before");
    }
}

#[test]
fn a_hostile_archive_is_counted_before_it_is_marked() {
    let limits = Limits { entry_bytes: 1_000, ..Limits::default() };
    let error = annotate(&decorated(false), "基数调整", &marks(), NOTES, &[], &limits).unwrap_err();
    assert_eq!(error.code(), "sheet-too-large", "the limits of an import hold here too");
    for cut in [10, 500, 2_000] {
        let broken = &decorated(false)[..cut];
        assert!(annotate(broken, "基数调整", &marks(), NOTES, &[], &Limits::default()).is_err(), "cut to {cut} bytes");
    }
}

#[test]
fn marks_past_the_last_comment() {
    let marks: Vec<Mark> = (2..20_002).map(|row| mark(row, 3, Level::Warning, "请核对")).collect();
    let after = annotated(&decorated(false), "基数调整", &marks);
    assert_eq!(
        part(&after, "xl/comments1.xml").matches("<comment ").count(),
        5_000,
        "comments have an end, colours not"
    );
    assert!(open(after).is_ok(), "and it can be imported");
}

fn profile() -> CenterProfile {
    CenterProfile::shipped("demo").unwrap()
}

/// The template's first sheet as the clerk fills it.
fn fill(sheet: &mut Worksheet) {
    for (row, person) in (1_u32..).zip(people(5)) {
        sheet.write(row, 0, &person.account).unwrap();
        sheet.write(row, 1, &person.name).unwrap();
        sheet.write(row, 2, "身份证").unwrap();
        sheet.write(row, 3, &person.id).unwrap();
        sheet.write(row, 4, person.old_base).unwrap();
        sheet.write(row, 5, person.new_base).unwrap();
    }
}

#[test]
fn the_template_has_our_titles_and_nobody_in_it() {
    let bytes = template(FilingKind::BaseAdjustment, &profile()).unwrap();
    assert_eq!(bytes, template(FilingKind::BaseAdjustment, &profile()).unwrap(), "the same bytes each time");
    let book = open(bytes.clone()).unwrap();
    assert_eq!(book.rows.len(), 1, "titles only: an example would be filed");
    let read = take(bytes.clone());
    assert!(read.columns.iter().all(|c| c.field.is_some()), "every title is known: {:?}", read.columns);
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<dataValidation ") && sheet.contains("填表说明!$E$2:$E$6"), "a drop-down of id types");
    assert!(sheet.contains(r#"state="frozen""#), "the titles stay in sight");
    assert!(part(&bytes, "docProps/custom.xml").contains("base-adjustment/1"), "the version stands in the properties");
    let notes = read_notes(&bytes);
    assert!(notes.contains("2100.00") && notes.contains("27000.00") && notes.contains("以中心公布为准"), "{notes}");
}

fn read_notes(bytes: &[u8]) -> String {
    let choice = ReadChoice { sheet: Some("填表说明".into()), encoding: None };
    let notes = read(bytes.to_vec(), &choice, &Limits::default()).unwrap();
    notes.rows.iter().flat_map(|r| r.cells.iter().map(|c| c.text.to_string())).collect()
}

#[test]
fn a_template_filled_correctly_has_no_finding() {
    // What a spreadsheet program saves: our titles, formats and values.
    let empty = open(template(FilingKind::BaseAdjustment, &profile()).unwrap()).unwrap();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for cell in &empty.rows[0].cells {
        sheet.write(0, cell.column, cell.text).unwrap();
    }
    fill(sheet);
    let read = take(book.save_to_buffer().unwrap());
    assert_eq!(read.taken.sheet.rows.len(), 5, "five people");
    assert!(read.taken.findings.is_empty(), "{:?}", read.taken.findings);
    let findings = checked(&read.taken.sheet);
    assert!(findings.is_empty(), "nothing to say about a clean sheet: {findings:?}");
}

#[test]
fn a_column_more_and_two_that_were_moved_change_nothing() {
    let empty = open(template(FilingKind::BaseAdjustment, &profile()).unwrap()).unwrap();
    let titles: Vec<&str> = empty.rows[0].cells.iter().map(|cell| cell.text).collect();
    let filled = |order: &[Option<usize>]| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, person) in (0_u32..).zip([None].into_iter().chain(people(5).into_iter().map(Some))) {
            for (column, of) in (0_u16..).zip(order) {
                let text = match (&person, of) {
                    (None, None) => "工位".to_owned(),
                    (Some(_), None) => "三楼".to_owned(),
                    (None, Some(of)) => titles[*of].to_owned(),
                    (Some(one), Some(0)) => one.account.clone(),
                    (Some(one), Some(1)) => one.name.clone(),
                    (Some(_), Some(2)) => "身份证".to_owned(),
                    (Some(one), Some(3)) => one.id.clone(),
                    (Some(one), Some(4)) => one.old_base.to_string(),
                    (Some(one), Some(5)) => one.new_base.to_string(),
                    (Some(_), Some(_)) => String::new(),
                };
                sheet.write_string(row, column, text).unwrap();
            }
        }
        take(book.save_to_buffer().unwrap()).taken
    };
    let as_it_is = filled(&(0..titles.len()).map(Some).collect::<Vec<_>>());
    // The account behind the name, the new base in front, and a column of the clerk's own between them.
    let moved = filled(&[Some(5), Some(1), None, Some(0), Some(2), Some(3), Some(4), Some(6)]);
    assert_eq!((titles.len(), as_it_is.sheet.rows.len()), (7, 5), "every column of the template: {titles:?}");
    let cells = |sheet: &RawSheet| -> Vec<BTreeMap<_, _>> {
        let said = |row: &huijiao_domain::sheet::RawRow| {
            row.cells.iter().map(|(field, cell)| (*field, cell.text.to_string())).collect()
        };
        sheet.rows.iter().map(said).collect()
    };
    assert_eq!(cells(&moved.sheet), cells(&as_it_is.sheet), "found by their titles, not by their places");
    assert_eq!(moved.findings, [], "nothing to say about the file");
    assert_eq!(checked(&moved.sheet), [], "nor about what stands in it");
}

#[test]
fn templates_of_money_of_the_past_filled_correctly_have_no_finding() {
    let profile = profile();
    for (kind, filled, reasons) in [
        (FilingKind::BackPayment, vec!["2026-04", "2026-06", "漏缴补缴", "", "6000", "1440", "1440"], 6),
        (FilingKind::Correction, vec!["202605", "480", "480", "400", "0", "缴存基数有误"], 9),
    ] {
        let bytes = template(kind, &profile).unwrap();
        let empty = open(bytes.clone()).unwrap();
        assert_eq!(empty.rows.len(), 1, "{}: titles only", kind.label());
        let header = find_header(&empty).unwrap();
        let columns = map_columns(&header, kind);
        let fields: Vec<_> = columns.iter().filter_map(|column| column.field).collect();
        assert_eq!(fields, template_fields(kind).collect::<Vec<_>>(), "{}: every title is its own field", kind.label());
        let written = part(&bytes, "xl/worksheets/sheet1.xml");
        let letter = huijiao_domain::sheet::column_letter(reasons);
        let list = written.split("<dataValidation ").find(|part| part.contains(&format!("{letter}2:{letter}")));
        assert!(list.is_some_and(|list| list.contains(filled.iter().find(|text| text.len() > 10).unwrap())), "reasons");

        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for cell in &empty.rows[0].cells {
            sheet.write(0, cell.column, cell.text).unwrap();
        }
        for (row, person) in (1_u32..).zip(people(5)) {
            for (column, text) in (0_u16..).zip([&person.account, &person.name, "身份证", &person.id]) {
                sheet.write(row, column, text).unwrap();
            }
            for (column, text) in (4_u16..).zip(&filled) {
                match text.parse::<u32>() {
                    Ok(amount) if text.len() < 6 => sheet.write(row, column, amount).unwrap(),
                    Ok(_) | Err(_) => sheet.write(row, column, *text).unwrap(),
                };
            }
        }
        let workbook = open(book.save_to_buffer().unwrap()).unwrap();
        let header = find_header(&workbook).unwrap();
        let mapping: Vec<_> =
            map_columns(&header, kind).iter().filter_map(|column| Some((column.column, column.field?))).collect();
        let taken = rows(&workbook, &header, &mapping);
        assert_eq!((taken.sheet.rows.len(), taken.findings.len()), (5, 0), "{}: five people", kind.label());
        let checked = huijiao_domain::filing::check_sheet(kind, &taken.sheet, circumstances(&profile));
        assert_eq!(checked.findings, [], "{}: nothing to say about a clean sheet", kind.label());
        assert_eq!(checked.rows.len(), 5, "{}: and everybody can be filed", kind.label());
    }
}

/// A unit at 8 % with three people, whose clerk the center knows.
fn known() -> (Unit, Roster) {
    let ratio = "0.08".parse().unwrap();
    let policy = profile().policies.remove(0);
    let contributors = people(3).into_iter().map(|person| {
        let base = Yuan::from_fen(i64::from(person.old_base) * 100);
        Contributor {
            personal_account: person.account.into(),
            name: person.name.into(),
            id_type: "01".into(),
            id_number: person.id.into(),
            status: AccountStatus::Normal,
            base,
            amounts: policy.contribution(base, ratio, ratio),
            contact: Default::default(),
            earlier: Vec::new(),
            changes: Changes::default(),
        }
    });
    let unit = Unit {
        account: "800100".into(),
        credit_code: "91350100M000100Y43".into(),
        name: "演示单位".into(),
        status: UnitStatus::Normal,
        unit_ratio: ratio,
        personal_ratio: ratio,
        contributors: 3,
        sealed: 0,
        paid_through: "2026-06".parse().unwrap(),
        first_unverified: "2026-07".parse().unwrap(),
        single_operator: false,
        suspense_balance: Yuan::ZERO,
        district: None,
        deferral: None,
        details: [("clerk_name".to_owned(), "王经办".to_owned())].into(),
    };
    (unit, Roster { version: 1, contributors: contributors.collect() })
}

#[test]
fn templates_of_people_of_ratios_and_of_data_filled_correctly_have_no_finding() {
    let (unit, mut roster) = known();
    roster.contributors[2].status = AccountStatus::Sealed;
    let [one, two, three] = &roster.contributors[..] else { panic!("three people") };
    let newcomers = people(5).split_off(3);
    let [new, other] = &newcomers[..] else { panic!("two more") };
    let passport = [&*two.personal_account, &two.name, "身份证", &two.id_number, "", "护照", "E12345678"];
    let filled: [(FilingKind, usize, &[&[&str]]); 6] = [
        (
            FilingKind::ContributorRegistration,
            2,
            &[
                &[&new.name, "身份证", &new.id, "", "", "13800000000", "", "6000"],
                &[&other.name, "护照", "E12345678", "女", "1990-01-01", "13800000001", "4111111111111111", "6500.00"],
            ],
        ),
        (
            FilingKind::StatusChange,
            3,
            &[
                &[&one.personal_account, &one.name, "身份证", &one.id_number, "封存", "离休退休", "2026-07"],
                &[&two.personal_account, &two.name, "身份证", &two.id_number, "同城转出"],
                &[&three.personal_account, &three.name, "身份证", &three.id_number, "启封", "", "2026-07"],
                &["009900000001", &new.name, "身份证", &new.id, "同城转入", "", "2026-07", "6000"],
            ],
        ),
        (FilingKind::RatioAdjustment, 0, &[&["10%", "9%", "2026-07"]]),
        (
            FilingKind::ContributorUpdate,
            2,
            &[
                &["", &one.name, "", &one.id_number, "赵改名", "", "", "13900000001", "演示银行", "4111111111111111"],
                &passport,
            ],
        ),
        (FilingKind::Deferral, 1, &[&["降低缴存比例", "2026-07", "2026-12", "4%", "8%", "连续亏损"]]),
        (
            FilingKind::UnitUpdate,
            1,
            &[
                &["经办人姓名", "王经办", "赵新来"],
                &["经办人固定电话", "", "0391-5550124"],
                &["经办人电子信箱", "", "hr@example.com"],
            ],
        ),
    ];
    for (kind, drop_downs, rows) in filled {
        let bytes = template(kind, &profile()).unwrap();
        let titles = open(bytes.clone()).unwrap();
        assert_eq!(titles.rows.len(), 1, "{}: titles only", kind.label());
        let lists = part(&bytes, "xl/worksheets/sheet1.xml").matches(r#"type="list""#).count();
        assert_eq!(lists, drop_downs, "{}: drop-downs of documents and of items", kind.label());
        assert!(read_notes(&bytes).contains("必填"), "{}: the notes say what must be filled", kind.label());
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for cell in &titles.rows[0].cells {
            sheet.write(0, cell.column, cell.text).unwrap();
        }
        for (row, texts) in (1..).zip(rows) {
            for (column, text) in (0..).zip(*texts).filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(row, column, *text).unwrap();
            }
        }
        let book = open(book.save_to_buffer().unwrap()).unwrap();
        let header = find_header(&book).unwrap();
        let columns = map_columns(&header, kind);
        assert!(columns.iter().all(|c| c.field.is_some()), "{}: every title is known: {columns:?}", kind.label());
        let mapping: Vec<_> = columns.iter().filter_map(|c| c.field.map(|field| (c.column, field))).collect();
        let taken = huijiao_sheets::rows(&book, &header, &mapping);
        assert_eq!(taken.findings, [], "{}: nothing to say about the file", kind.label());
        assert_eq!(taken.sheet.rows.len(), rows.len(), "{}: every row is one to file", kind.label());
        let of = Circumstances {
            books: None,
            profile: &profile(),
            unit: Some(&unit),
            roster: Some(&roster),
            elsewhere: None,
            period: "2026-07".parse().unwrap(),
            today: "2026-07-06".parse().unwrap(),
        };
        let checked = huijiao_domain::filing::check_sheet(kind, &taken.sheet, of);
        assert_eq!(checked.findings, [], "{}: nor about what stands in it", kind.label());
        assert_eq!(checked.rows.len(), rows.len(), "{}: all of it can be filed", kind.label());
    }
}

/// LibreOffice opens what we write; `None` where `HUIJIAO_WITHOUT_OFFICE` says that a computer has none.
fn libreoffice(bytes: &[u8], name: &str, to: &str) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    let home = format!("-env:UserInstallation=file://{}/home", folder.path().display());
    let ran = Command::new("soffice")
        .args([home.as_str(), "--headless", "--convert-to", to, "--outdir"])
        .arg(folder.path().join("out"))
        .arg(&file)
        .output();
    let output = match ran {
        Ok(output) => output,
        Err(_) if std::env::var_os("HUIJIAO_WITHOUT_OFFICE").is_some() => {
            eprintln!("not opened by LibreOffice: HUIJIAO_WITHOUT_OFFICE is set");
            return None;
        }
        Err(error) => panic!("soffice: {error}; HUIJIAO_WITHOUT_OFFICE=1 goes without it"),
    };
    let made = folder.path().join("out").join(Path::new(name).with_extension(to));
    Some(std::fs::read(&made).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr))))
}

#[test]
fn libreoffice_opens_marked_files_and_templates() {
    for notes in [false, true] {
        let after = annotated(&decorated(notes), "基数调整", &marks());
        let Some(ours) = libreoffice(&after, "标注.xlsx", "xlsx") else { return };
        let (old, new) = (take(after), take(ours.clone()));
        assert_eq!(old.taken.sheet.rows, new.taken.sheet.rows, "LibreOffice sees the same people");
        let names: Vec<&str> = new.workbook.sheets.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["汇总（汇缴通）", "基数调整", "字典 & \"说明\""], "and every sheet");
        assert_eq!(new.workbook.row(4).unwrap().text(10), WHY_4, "what is wrong in words behind the row");
        let comments: String =
            entries(&ours).iter().filter(|(n, _)| n.contains("comments")).map(|(n, _)| part(&ours, n)).collect();
        assert!(comments.contains("校验码不符") && comments.contains("整行缺失"), "and the comments: {comments}");
        assert_eq!(comments.contains("已与本人核对"), notes, "and the clerk's own");
        assert!(part(&ours, "xl/styles.xml").contains("FFFF9C9C"), "and the colours");

        // And a sheet that LibreOffice wrote is marked like any other, its comments kept.
        let again =
            annotated(&ours, "基数调整", &[mark(9, 1, Level::Error, "再标一处"), mark(5, 1, Level::Fix, "又一处")]);
        assert_eq!(take(again.clone()).taken.sheet.rows, new.taken.sheet.rows, "read as before");
        let pdf = libreoffice(&again, "again.xlsx", "pdf").unwrap();
        assert!(pdf.starts_with(b"%PDF"), "and opened once more");
    }
    let blank = template(FilingKind::BaseAdjustment, &profile()).unwrap();
    let ours = libreoffice(&blank, "模板.xlsx", "xlsx").unwrap();
    assert_eq!(open(blank).unwrap().rows, open(ours.clone()).unwrap().rows, "the titles");
    assert!(part(&ours, "xl/worksheets/sheet1.xml").contains("<dataValidation "), "the drop-down");
    assert!(read_notes(&ours).contains("以中心公布为准"), "the notes");
}

#[test]
fn titles_of_the_list_are_those_of_the_tests() {
    let bytes = books(|workbook| {
        let sheet = workbook.add_worksheet();
        write_person(sheet, 1, &people(1)[0]);
        for (column, title) in TITLES.iter().enumerate() {
            sheet.write(0, column as u16, *title).unwrap();
        }
    });
    // Shared strings: nothing about them is touched.
    let after = annotated(&bytes, "Sheet1", &[mark(2, 1, Level::Error, "甲")]);
    assert_eq!(part(&bytes, "xl/sharedStrings.xml"), part(&after, "xl/sharedStrings.xml"), "strings stay");
}

/// Texts that a spreadsheet program might work out, and amounts that must stay what they are.
const ACTIVE: [&str; 10] = [
    "=cmd|'/c calc'!A0",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
    "=HYPERLINK(\"http://x\",\"点我\")",
];
const AMOUNTS: [&str; 6] = ["-1234.50", "+5", "0.08", "-0", "410801198512310022", "张三"];

#[test]
fn a_mark_of_direction_hides_no_formula_and_no_kind_of_file() {
    for mark in ['\u{202e}', '\u{2066}', '\u{61c}', '\u{200f}', '\u{feff}'] {
        let text = format!("{mark}=1+1");
        assert_eq!(inert(&text), format!("'{text}"), "{mark:?}: it is shown as it stands");
        assert_eq!(
            safe_stem(&format!("花名册{mark}xslx.exe"), 100),
            "花名册xslx.exe",
            "{mark:?}: read as it is written"
        );
    }
}

#[test]
fn a_field_that_looks_like_a_formula_is_made_inert_and_an_amount_is_not() {
    for text in ACTIVE {
        assert_eq!(inert(text), format!("'{text}"), "{text:?} is shown as it stands");
        assert_eq!(inert(&inert(text)), format!("'{text}"), "and once is enough");
    }
    for text in AMOUNTS.into_iter().chain(["", "'=1+1", "甲=乙", "a@b.cn", "1-2"]) {
        assert_eq!(inert(text), text, "{text:?} was never a formula");
    }
    for text in ["-", "+", "-1.", "-.5", "--1", "-1,000.00", "-1e5", "+86 571", "-１", "\u{feff}=1", "\u{200b}@x"] {
        assert!(inert(text).starts_with('\''), "{text:?} is no plain number");
    }
}

/// The cells of a flat ods: each the text that is shown, and what of it would be worked out.
fn flat_cells(bytes: &[u8]) -> (Vec<String>, usize) {
    let text = std::str::from_utf8(bytes).unwrap();
    let body = text.split("<office:spreadsheet>").nth(1).unwrap();
    let shown = body.split("<text:p>").skip(1).map(|p| p.split("</text:p>").next().unwrap());
    (shown.map(str::to_owned).collect(), body.matches("table:formula=").count())
}

#[test]
fn libreoffice_works_out_nothing_of_what_we_write() {
    let field = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let csv = |made: &dyn Fn(&str) -> String| -> String {
        ACTIVE.iter().chain(&AMOUNTS).map(|text| format!("{},1\r\n", field(&made(text)))).collect()
    };
    let Some(raw) = libreoffice(csv(&|text| text.to_owned()).as_bytes(), "raw.csv", "fods") else { return };
    assert!(flat_cells(&raw).1 > 0, "LibreOffice does take such a field for a formula: the test can fail");
    let ours = libreoffice(csv(&|text| inert(text).into_owned()).as_bytes(), "ours.csv", "fods").unwrap();
    let (shown, formulas) = flat_cells(&ours);
    assert_eq!(formulas, 0, "and for none that was made inert: {shown:?}");
    assert!(shown.iter().any(|text| text == "-1234.5" || text == "-1234.50"), "an amount is an amount: {shown:?}");

    // What cannot be marked in place is written anew, hostile names, sheet name and findings with it.
    let rows: Vec<String> = ACTIVE.iter().map(|text| format!("{},{}\r\n", field(text), field(text))).collect();
    let book = open(format!("姓名,证件号码\r\n{}", rows.concat()).into_bytes()).unwrap();
    let marks: Vec<Mark> = (2..12).zip(ACTIVE).map(|(row, text)| mark(row, 0, Level::Error, text)).collect();
    let counts: Vec<(String, u64)> = ACTIVE.iter().map(|text| ((*text).to_owned(), 1)).collect();
    let rebuilt = rebuild(&book, &marks, NOTES, &counts).unwrap();
    let annotated = annotated_of(&rebuilt, &marks, &counts);
    let mut profile = profile();
    profile.id_types.values_mut().zip(ACTIVE).for_each(|(name, text)| *name = text.to_owned());
    profile.name = "=1+1".into();
    let template = template(FilingKind::BaseAdjustment, &profile).unwrap();
    for (name, bytes) in [("rebuilt.xlsx", rebuilt), ("annotated.xlsx", annotated), ("template.xlsx", template)] {
        let seen = libreoffice(&bytes, name, "fods").unwrap();
        let (shown, formulas) = flat_cells(&seen);
        assert_eq!(formulas, 0, "{name}: no cell is worked out");
        assert!(shown.iter().any(|text| text == "=1+1"), "{name}: the text is there as it was: {shown:?}");
    }
}

fn annotated_of(bytes: &[u8], marks: &[Mark], counts: &[(String, u64)]) -> Vec<u8> {
    annotate(bytes, "数据", marks, NOTES, counts, &Limits::default()).unwrap()
}
