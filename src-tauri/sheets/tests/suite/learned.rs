//! Templates learned from centers' blank files, and files made by them.

use std::collections::BTreeMap;

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::upload::{
    ColumnValue, DateForm, FileKind, LineEnd, MonthForm, Quoting, RatioForm, TextEncoding, UploadTemplate, ValueFormat,
};
use huijiao_domain::profile::{CenterProfile, ProfileFault};
use huijiao_sheets::upload::{Figures, Heading, LearnNote, Learned, UploadFile, learn, write};
use huijiao_sheets::{Workbook, find_header};
use jiff::civil::date;
use rust_xlsxwriter::Format;

use crate::kit::book::{book, books};
use crate::kit::people::people;
use crate::kit::summary::open;
use crate::upload::libreoffice;

fn demo() -> CenterProfile {
    CenterProfile::shipped("demo").unwrap()
}

fn learned(bytes: &[u8], kind: FilingKind) -> Learned {
    learn(&open(bytes.to_vec()).unwrap(), bytes, kind, &demo()).unwrap()
}

fn laid(lines: &[&[&str]]) -> Vec<u8> {
    book(|sheet| {
        for (row, line) in (0..).zip(lines) {
            for (column, text) in (0..).zip(*line).filter(|(_, text)| !text.is_empty()) {
                sheet.write(row, column, *text).unwrap();
            }
        }
    })
}

fn changes(count: u32) -> Vec<Figures> {
    people(count)
        .into_iter()
        .zip(["封存", "启封"].into_iter().cycle())
        .map(|(person, change)| {
            [
                (Field::PersonalAccount, person.account.as_str()),
                (Field::Name, &person.name),
                (Field::IdType, "01"),
                (Field::IdNumber, &person.id),
                (Field::ChangeKind, change),
                (Field::Reason, if change == "封存" { "离休退休" } else { "" }),
                (Field::Month, "2026-11"),
                (Field::OldBase, "5000.00"),
                (Field::NewBase, "6000.00"),
                (Field::UnitAmount, "480.00"),
                (Field::PersonalAmount, "480.00"),
                (Field::MonthlyAmount, "960.00"),
            ]
            .map(|(field, text)| (field, text.to_owned()))
            .to_vec()
        })
        .collect()
}

fn written(template: &UploadTemplate, rows: &[Figures]) -> UploadFile {
    assert_eq!(template.problems(), [], "a completed template is sound");
    let profile = CenterProfile { upload_templates: vec![template.clone()], ..demo() };
    let heading = Heading {
        unit_account: "080010000042",
        unit_name: "演示公司",
        period: "2026-11".parse().unwrap(),
        today: date(2026, 11, 20),
        ratios: Some(("0.08".parse().unwrap(), "0.08".parse().unwrap())),
    };
    let mut files = write(&profile, template.kind, rows, heading).unwrap();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

fn cells(book: &Workbook) -> BTreeMap<(u32, u16), String> {
    book.rows
        .iter()
        .flat_map(|row| row.cells.iter().map(|cell| ((row.row, cell.column), cell.text.to_string())))
        .collect()
}

/// Every cell of the blank stands in the file as it stood, but those that were filled.
fn kept(blank: &[u8], file: &UploadFile, filled: &[&str]) -> Workbook {
    let (before, after) = (open(blank.to_vec()).unwrap(), open(file.bytes.clone()).unwrap());
    let now = cells(&after);
    for ((row, column), text) in cells(&before) {
        let name = format!("{}{row}", huijiao_domain::sheet::column_letter(column));
        if row < file.first_row && !filled.contains(&name.as_str()) {
            assert_eq!(now.get(&(row, column)), Some(&text), "{name} of the blank");
        }
    }
    assert_eq!(before.sheet_name(), after.sheet_name(), "the sheet's name");
    let (was, is) = (find_header(&before).unwrap(), find_header(&after).unwrap());
    assert_eq!((was.first, was.last), (is.first, is.last), "the titles stand where they stood");
    let titles = |header: &huijiao_sheets::Header| -> Vec<String> {
        header.columns.iter().map(|column| column.title.clone()).collect()
    };
    assert_eq!(titles(&was), titles(&is), "our reader sees the same titles");
    let merged = |book: &Workbook| -> Vec<String> {
        book.merged.iter().filter(|m| m.last_row < file.first_row).map(|m| m.name()).collect()
    };
    assert_eq!(merged(&before), merged(&after), "merges");
    after
}

fn bound(template: &UploadTemplate) -> Vec<&ColumnValue> {
    template.columns.iter().map(|column| &column.value).collect()
}

fn notes(learned: &Learned) -> Vec<&'static str> {
    for note in &learned.notes {
        let said = note.to_string();
        assert!(!said.contains(['{', '…']) && said.chars().count() > 5, "{note:?} is said in full: {said}");
    }
    learned.notes.iter().map(LearnNote::code).collect()
}

/// The import of changes of one widespread system: unit and month in the first row, a legend in the third.
fn haf() -> Vec<u8> {
    laid(&[
        &["单位编号", "", "单位名称", "", "调整年月", ""],
        &[],
        &["说明:证件类型：0身份证 1户口簿 2护照 3军官证;性别:1男2女"],
        &[],
        &[
            "*职工编号",
            "*职工姓名",
            "证件类型",
            "证件号码",
            "出生日期",
            "性别",
            "所在部门",
            "工资基数",
            "变更类型(1开户2启封3封存)",
            "是否参与汇缴(0/1)",
            "变更原因",
            "变更年月(yyyyMM)",
        ],
    ])
}

#[test]
fn a_blank_with_labels_a_legend_and_columns_that_nobody_knows() {
    let blank = haf();
    let learned = learned(&blank, FilingKind::StatusChange);
    let mut template = learned.template.clone();
    assert_eq!((template.header_row, template.first_row), (Some(5), 6), "people from the sixth row on");
    let field = ColumnValue::Field;
    assert_eq!(
        bound(&template),
        [
            &field(Field::PersonalAccount),
            &field(Field::Name),
            &field(Field::IdType),
            &field(Field::IdNumber),
            &field(Field::BirthDate),
            &field(Field::Sex),
            &field(Field::Department),
            &field(Field::NewBase),
            &field(Field::ChangeKind),
            &ColumnValue::Unbound,
            &field(Field::Reason),
            &field(Field::Month),
        ]
    );
    let codes = |column: usize| -> Vec<(&str, &str)> {
        template.columns[column].codes.iter().map(|(value, code)| (value.as_str(), code.as_str())).collect()
    };
    assert_eq!(codes(2), [("01", "0"), ("02", "3"), ("03", "2")], "the types that are known here");
    assert_eq!(codes(5), [("1", "1"), ("2", "2")]);
    assert_eq!(codes(8), [("启封", "2"), ("封存", "3")], "from the title itself");
    assert_eq!(template.columns[11].format, ValueFormat::Month(MonthForm::Plain));
    assert!(template.columns[0].required && template.columns[1].required && !template.columns[2].required, "stars");
    let unknown = LearnNote::UnknownColumn { column: 9, title: "是否参与汇缴(0/1)".into() };
    assert!(learned.notes.contains(&unknown), "listed, not guessed: {:?}", learned.notes);
    let legend = |note: &LearnNote| matches!(note, LearnNote::Codes { column: 2, unknown, .. } if unknown == "1户口簿");
    assert!(learned.notes.iter().any(legend), "words that are not known are said: {:?}", learned.notes);
    assert!(notes(&learned).contains(&"sheet-learn-assumed-format"), "nothing says how a birth date is written");
    let faults: Vec<ProfileFault> = template.problems().into_iter().map(|problem| problem.fault).collect();
    assert_eq!(faults, [ProfileFault::UploadUnbound], "only the column that nobody knows is missing");

    template.columns[9].value = ColumnValue::Constant("1".into());
    let rows = changes(3);
    let file = written(&template, &rows);
    let after = kept(&blank, &file, &[]);
    let now = cells(&after);
    let at = |row: u32, column: u16| now.get(&(row, column)).map_or("", String::as_str);
    assert_eq!((at(1, 1), at(1, 3), at(1, 5)), ("080010000042", "演示公司", "202611"), "behind their labels");
    for (row, person) in (6..).zip(&rows) {
        assert_eq!((at(row, 0), at(row, 1)), (&*person[0].1, &*person[1].1), "the same rows");
        assert_eq!((at(row, 2), at(row, 9), at(row, 11)), ("0", "1", "202611"));
        assert_eq!(at(row, 8), if person[4].1 == "封存" { "3" } else { "2" });
        assert_eq!(at(row, 4).replace('-', ""), person[3].1[6..14], "born as the ID says");
    }
    assert_eq!(at(9, 0), "", "and nobody else");
}

#[test]
fn a_blank_with_values_below_a_row_of_labels() {
    let shipped = demo().upload_templates.remove(0);
    let rows = changes(2);
    let file = written(&shipped, &rows);
    // What we have written, read as somebody else's file: names, widths and words aside it is the same template.
    let learned = learned(&file.bytes, FilingKind::BaseAdjustment);
    let template = &learned.template;
    assert_eq!(template.file, FileKind::Xls);
    assert_eq!(template.preamble, shipped.preamble, "the sample values have become placeholders again");
    assert_eq!(bound(template), bound(&shipped));
    assert_eq!((template.header_row, template.first_row), (shipped.header_row, shipped.first_row));
    assert_eq!(template.columns.iter().map(|c| c.format).collect::<Vec<_>>(), {
        shipped.columns.iter().map(|c| c.format).collect::<Vec<_>>()
    });
    assert!(learned.notes.contains(&LearnNote::Examples { rows: vec![4, 5] }), "its people were examples");
    let again = written(template, &rows);
    assert_eq!(cells(&open(again.bytes).unwrap()), cells(&open(file.bytes).unwrap()), "cell by cell");
}

#[test]
fn groups_of_titles_sums_notes_and_examples() {
    let blank = books(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.set_name("调整表").unwrap();
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 6, "住房公积金缴存基数调整表", &plain).unwrap();
        sheet
            .merge_range(
                1,
                0,
                1,
                6,
                "单位名称：            单位账号：_________  联系人：      填表日期：2026年01月05日",
                &plain,
            )
            .unwrap();
        for (column, title) in [(0, "序号"), (1, "姓名"), (2, "证件号码")] {
            sheet.merge_range(2, column, 3, column, title, &plain).unwrap();
        }
        sheet.merge_range(2, 3, 2, 4, "缴存基数（元）", &plain).unwrap();
        sheet.merge_range(2, 5, 2, 6, "缴存比例", &plain).unwrap();
        for (column, title) in [(3, "调整前"), (4, "调整后"), (5, "单位"), (6, "个人(%)")] {
            sheet.write(3, column, title).unwrap();
        }
        let example = &people(1)[0];
        sheet.write(4, 0, 1).unwrap();
        sheet.write(4, 1, &example.name).unwrap();
        sheet.write(4, 2, &example.id).unwrap();
        sheet.write(4, 3, "5000.00").unwrap();
        sheet.write(4, 4, 6000).unwrap();
        sheet.write(4, 5, "8%").unwrap();
        sheet.write(8, 0, "合计").unwrap();
        sheet.write_formula(8, 4, "=SUM(E5:E8)").unwrap();
        sheet.merge_range(10, 0, 10, 6, "说明：本表一式两份，{盖章}后报中心。", &plain).unwrap();
        workbook.add_worksheet().set_name("字典").unwrap();
    });
    let learned = learned(&blank, FilingKind::BaseAdjustment);
    let template = &learned.template;
    assert_eq!((template.header_row, template.first_row, template.header_rows()), (Some(3), 5, 2));
    assert_eq!(template.columns[4].titles, ["", "调整后"], "titles cell by cell");
    let field = ColumnValue::Field;
    assert_eq!(
        bound(template),
        [
            &ColumnValue::RunningNumber,
            &field(Field::Name),
            &field(Field::IdNumber),
            &field(Field::OldBase),
            &field(Field::NewBase),
            &field(Field::UnitRatio),
            &field(Field::PersonalRatio),
        ]
    );
    assert!(template.columns[3].as_text && !template.columns[4].as_text, "as the example has them");
    assert_eq!(
        [template.columns[5].format, template.columns[6].format],
        [RatioForm::Percent, RatioForm::Hundredths].map(ValueFormat::Ratio),
        "by the example, by the title"
    );
    assert_eq!(
        template.preamble[1].text,
        "单位名称：{unit_name}  单位账号：{unit_account}  联系人：      填表日期：{today:yyyy年MM月dd日}",
        "each blank behind its own label"
    );
    let kinds = notes(&learned);
    for code in ["sheet-learn-examples", "sheet-learn-filled", "sheet-learn-not-kept"] {
        assert!(kinds.contains(&code), "{code}: {kinds:?}");
    }
    let formula = LearnNote::NotKept { what: "标题以下的公式 E9".into() };
    assert!(learned.notes.contains(&formula), "a sum of its own is not computed in the file: {:?}", learned.notes);
    let rows = changes(2);
    let file = written(template, &rows);
    let after = kept(&blank, &file, &["A2"]);
    let now = cells(&after);
    let at = |row: u32, column: u16| now.get(&(row, column)).map_or("", String::as_str);
    assert_eq!(at(2, 0), "单位名称：演示公司  单位账号：080010000042  联系人：      填表日期：2026年11月20日");
    assert_eq!((at(5, 0), at(6, 0)), ("1", "2"), "the example's row is a person's now");
    assert_eq!((at(5, 3), at(5, 5), at(5, 6)), ("5000.00", "8%", "8"));
    assert_eq!((at(7, 0), at(7, 4), at(7, 3)), ("合计", "12000", "10000"), "sums, whatever the number of people");
    assert_eq!(at(9, 0), "说明：本表一式两份，{盖章}后报中心。", "the note below, as far below as it was");
}

#[test]
fn a_blank_csv_gives_its_encoding_separator_and_line_ends() {
    let text = "个人账号;姓名;身份证号;新缴存基数;移交状态\r\n";
    let bytes = encoding_rs::GB18030.encode(text).0.into_owned();
    let learned = learned(&bytes, FilingKind::BaseAdjustment);
    let mut template = learned.template.clone();
    let form = template.text.clone().unwrap();
    assert_eq!((form.encoding, &*form.separator, form.quoting), (TextEncoding::Gb18030, ";", Quoting::Never));
    assert_eq!((form.line_end, form.last_line_ended, template.sheet.as_ref()), (LineEnd::CrLf, true, None));
    let noted = notes(&learned);
    assert_eq!(noted, ["sheet-learn-encoding", "sheet-learn-unknown-column"], "what has to be asked");
    template.columns[4].value = ColumnValue::Empty;
    let rows = changes(1);
    let file = written(&template, &rows);
    assert!(file.name.ends_with("年度基数调整_202611.csv"), "{}", file.name);
    kept(&bytes, &file, &[]);
    let said = encoding_rs::GB18030.decode(&file.bytes).0.into_owned();
    let [account, name, id] = [0, 1, 3].map(|place: usize| rows[0][place].1.as_str());
    assert_eq!(said, format!("{text}{account};{name};{id};6000.00;\r\n"));

    let bytes = "个人账号#~#姓名#~#身份证号#~#新缴存基数\n".as_bytes();
    let learned = self::learned(bytes, FilingKind::BaseAdjustment);
    let form = learned.template.text.clone().unwrap();
    assert_eq!((&*form.separator, form.quoting, form.line_end), ("#~#", Quoting::Never, LineEnd::Lf));
    let said = String::from_utf8(written(&learned.template, &rows).bytes).unwrap();
    assert_eq!(said.lines().nth(1), Some(format!("{account}#~#{name}#~#{id}#~#6000.00").as_str()), "as it was learned");

    let bytes = "\u{feff}姓名,证件号码,出生日期(yyyy年MM月dd日),缴存基数".as_bytes();
    let learned = self::learned(bytes, FilingKind::ContributorRegistration);
    let form = learned.template.text.unwrap();
    assert_eq!((form.encoding, form.quoting, form.last_line_ended), (TextEncoding::Utf8Bom, Quoting::Needed, false));
    assert_eq!(learned.template.columns[2].format, ValueFormat::Date(DateForm::Chinese));
}

#[test]
fn two_columns_of_one_field_are_not_chosen_between() {
    let blank = laid(&[&["姓名", "证件号码", "缴存基数", "工资基数", "变更类型"]]);
    let learned = learned(&blank, FilingKind::StatusChange);
    assert_eq!(bound(&learned.template)[2], &ColumnValue::Field(Field::NewBase), "the surer title");
    assert_eq!(bound(&learned.template)[3], &ColumnValue::Unbound);
    assert_eq!(notes(&learned), ["sheet-learn-second-column"]);
    let nothing = laid(&[&["部门", "人数"], &["研发部", "3"]]);
    let error = learn(&open(nothing.clone()).unwrap(), &nothing, FilingKind::StatusChange, &demo()).unwrap_err();
    assert_eq!(error.code(), "sheet-no-header", "a file without titles teaches nothing");
}

/// A center's blank with everything that a file made anew would lose.
fn rich() -> Vec<u8> {
    books(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.set_name("导入").unwrap();
        let title = Format::new().set_bold().set_background_color(0xFF_E6_99);
        let text = Format::new().set_num_format("@").set_border(rust_xlsxwriter::FormatBorder::Thin);
        let foot = Format::new().set_italic();
        sheet.merge_range(0, 0, 0, 3, "单位账号：", &title).unwrap();
        for (column, words) in (0..).zip(["姓名", "证件类型", "证件号码", "缴存基数"]) {
            sheet.write_with_format(1, column, words, &title).unwrap();
        }
        for row in 2..6 {
            for column in 0..4 {
                sheet.write_blank(row, column, &text).unwrap();
            }
        }
        let kinds = rust_xlsxwriter::DataValidation::new().allow_list_strings(&["身份证", "护照"]).unwrap();
        sheet.add_data_validation(2, 1, 5, 1, &kinds).unwrap();
        let other = rust_xlsxwriter::DataValidation::new().allow_list_formula("=字典!$A$1:$A$2".into());
        sheet.add_data_validation(2, 2, 5, 2, &other).unwrap();
        sheet.merge_range(7, 0, 7, 3, "说明：请勿改动表头。", &foot).unwrap();
        sheet.set_row_height(7, 30).unwrap();
        sheet.insert_note(1, 0, &rust_xlsxwriter::Note::new("与身份证一致")).unwrap();
        sheet.protect();
        let words = workbook.add_worksheet();
        words.set_name("字典").unwrap().set_hidden(true);
        words.write(0, 0, "01").unwrap();
        words.write_formula(1, 0, "=A1").unwrap();
    })
}

fn entries(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    names
        .into_iter()
        .map(|name| {
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut zip.by_name(&name).unwrap(), &mut content).unwrap();
            (name, content)
        })
        .collect()
}

#[test]
fn an_xlsx_is_written_into_the_center_s_own_blank() {
    let blank = rich();
    let learned = learned(&blank, FilingKind::ContributorRegistration);
    let template = &learned.template;
    assert!(template.blank.is_some());
    assert!(!notes(&learned).contains(&"sheet-learn-not-kept"), "nothing is lost: {:?}", learned.notes);
    let (before, rows) = (entries(&blank), changes(9));
    let file = written(template, &rows);
    let after = entries(&file.bytes);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "the same parts");
    for (name, content) in before.iter().filter(|(name, _)| name.as_str() != "xl/worksheets/sheet1.xml") {
        assert_eq!(after[name], *content, "{name} byte for byte");
    }
    let sheet =
        |parts: &BTreeMap<String, Vec<u8>>| String::from_utf8(parts["xl/worksheets/sheet1.xml"].clone()).unwrap();
    let (was, is) = (sheet(&before), sheet(&after));
    for kept in ["<cols>", "<sheetProtection", "<legacyDrawing"] {
        let line = |text: &str| text.split(kept).nth(1).map(|rest| rest.split('>').next().unwrap().to_owned());
        assert!(line(&was).is_some() || kept == "<cols>", "{kept} is in the blank");
        assert_eq!(line(&was), line(&is), "{kept}");
    }
    assert!(is.contains(r#"sqref="B3:B11""#) && is.contains(r#"sqref="C3:C11""#), "the lists reach to the last: {is}");
    let style = |text: &str, cell: &str| {
        let tag = text.split(&format!(r#"r="{cell}""#)).nth(1).unwrap().split('>').next().unwrap().to_owned();
        tag.split("s=\"").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    assert!(style(&was, "A3").is_some(), "the blank's rows have a look");
    for cell in ["A3", "D6", "A7", "D11"] {
        assert_eq!(style(&is, cell), style(&was, "A3"), "{cell} looks like the rows of the blank");
    }
    assert!(is.contains(r#"<row r="13" ht="30""#), "the note keeps its height and its distance: {is}");
    let book = kept(&blank, &file, &["A1"]);
    assert!(book.merged.iter().any(|range| range.name() == "A13:D13"), "{:?}", book.merged);
    let now = cells(&book);
    assert_eq!(now[&(1, 0)], "单位账号：080010000042");
    assert_eq!(now[&(11, 2)], rows[8][3].1, "the last of nine");
    assert_eq!(now[&(13, 0)], "说明：请勿改动表头。");
    assert!(!now.contains_key(&(12, 0)));

    // For fewer people than the blank has rows for, too; and the same file again is the same bytes.
    let few = written(template, &rows[..1]);
    assert_eq!(cells(&open(few.bytes.clone()).unwrap())[&(5, 0)], "说明：请勿改动表头。");
    assert_eq!(written(template, &rows[..1]).bytes, few.bytes);
    let spoilt = UploadTemplate { blank: Some("UEsDBA==".into()), ..template.clone() };
    let profile = CenterProfile { upload_templates: vec![spoilt], ..demo() };
    let heading = Heading {
        unit_account: "080010000042",
        unit_name: "演示公司",
        period: "2026-11".parse().unwrap(),
        today: date(2026, 11, 20),
        ratios: None,
    };
    let error = write(&profile, FilingKind::ContributorRegistration, &rows, heading).unwrap_err();
    assert_eq!(error.code(), "sheet-upload-blank", "a blank that is none is no reason to write another file");
    if let Some(shown) = libreoffice(&file.bytes, "学来的.xlsx") {
        assert_eq!(shown[2][2], rows[0][3].1, "LibreOffice reads it too: {shown:?}");
        assert_eq!(shown[12][0], "说明：请勿改动表头。");
    }
}
