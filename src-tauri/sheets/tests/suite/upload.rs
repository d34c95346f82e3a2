//! Upload files: filed rows in the forms that centers take, opened again by other programs than ours.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use calamine::{Data, Reader};
use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::profile::upload::{
    ColumnValue, DateForm, FileKind, LineEnd, MonthForm, Only, PreambleCell, Quoting, RatioForm, TextEncoding,
    TextForm, TrailingCell, TrailingRow, UploadColumn, UploadTemplate, ValueFormat,
};
use huijiao_sheets::upload::{
    ErrorList, Figures, Heading, Key, UploadError, UploadFile, Whose, Why, error_list, lines, write,
};
use huijiao_sheets::{Format, Workbook};
use jiff::civil::date;

use crate::kit::people::people;
use crate::kit::summary::open;

const ACCOUNT: &str = "080010000042";

fn heading() -> Heading<'static> {
    Heading {
        unit_account: ACCOUNT,
        unit_name: "演示（集团）公司",
        period: "2026-11".parse().unwrap(),
        today: date(2026, 11, 20),
        ratios: Some(("0.08".parse().unwrap(), "0.055".parse().unwrap())),
    }
}

fn figures(pairs: &[(Field, &str)]) -> Figures {
    pairs.iter().map(|(field, text)| (*field, (*text).to_owned())).collect()
}

/// A base adjustment of made-up people, as it is filed.
fn adjustment(count: u32) -> Vec<Figures> {
    people(count)
        .into_iter()
        .map(|person| {
            figures(&[
                (Field::PersonalAccount, &person.account),
                (Field::Name, &person.name),
                (Field::IdType, "01"),
                (Field::IdNumber, &person.id),
                (Field::OldBase, &format!("{}.00", person.old_base)),
                (Field::NewBase, &format!("{}.50", person.new_base)),
                (Field::UnitAmount, "360.00"),
                (Field::PersonalAmount, "247.50"),
            ])
        })
        .collect()
}

fn set(row: &mut Figures, field: Field, text: &str) {
    match row.iter_mut().find(|(filed, _)| *filed == field) {
        Some((_, old)) => text.clone_into(old),
        None => row.push((field, text.to_owned())),
    }
}

fn said(row: &Figures, field: Field) -> &str {
    row.iter().find(|(filed, _)| *filed == field).map_or("", |(_, text)| text)
}

fn column(title: &str, value: ColumnValue) -> UploadColumn {
    UploadColumn {
        titles: vec![title.into()],
        value,
        format: ValueFormat::Text,
        as_text: false,
        codes: BTreeMap::new(),
        required: false,
        width: None,
    }
}

fn field(title: &str, field: Field, format: ValueFormat) -> UploadColumn {
    UploadColumn { format, ..column(title, ColumnValue::Field(field)) }
}

fn text_form(encoding: TextEncoding, separator: &str, quoting: Quoting) -> TextForm {
    TextForm { encoding, separator: separator.into(), quoting, line_end: LineEnd::CrLf, last_line_ended: true }
}

fn cell(at: &str, text: &str) -> PreambleCell {
    PreambleCell { at: at.into(), text: text.into() }
}

/// A csv of account, name, ID and new base with a line of titles.
fn csv(form: TextForm) -> UploadTemplate {
    UploadTemplate {
        blank: None,
        kind: FilingKind::BaseAdjustment,
        name: "基数调整 csv".into(),
        only: None,
        file: FileKind::Csv,
        text: Some(form),
        sheet: None,
        preamble: vec![],
        merged: vec![],
        header_row: Some(1),
        first_row: 2,
        columns: vec![
            field("个人账号", Field::PersonalAccount, ValueFormat::Text),
            field("姓名", Field::Name, ValueFormat::Text),
            field("证件号码", Field::IdNumber, ValueFormat::Text),
            field("新基数", Field::NewBase, ValueFormat::Amount),
        ],
        trailing: vec![],
        file_name: "{unit_account}-{period:yyyyMM}.csv".into(),
        row_cap: None,
    }
}

/// Lines for a bank, one shape for each change: a pipe behind every cell, no titles, nothing after the last line.
fn bank(name: &str, changes: &[&str], columns: Vec<UploadColumn>) -> UploadTemplate {
    let mut columns = columns;
    columns.push(column("", ColumnValue::Empty));
    UploadTemplate {
        blank: None,
        name: name.into(),
        only: Some(Only { field: Field::ChangeKind, values: changes.iter().map(ToString::to_string).collect() }),
        file: FileKind::Txt,
        text: Some(TextForm { last_line_ended: false, ..text_form(TextEncoding::Utf8, "|", Quoting::Never) }),
        header_row: None,
        first_row: 1,
        columns,
        file_name: format!("BG{{unit_account:last4}}{name}{{period:MM}}.TXT"),
        ..csv(text_form(TextEncoding::Utf8, "|", Quoting::Never))
    }
}

/// What centers of the kind «one workbook for everybody» want: a block above, two rows of titles, sums below.
fn grouped(file: FileKind, ending: &str) -> UploadTemplate {
    let titled = |titles: [&str; 2], column: UploadColumn| UploadColumn {
        titles: titles.iter().map(ToString::to_string).collect(),
        ..column
    };
    let amount = |whose: &str, of: Field| {
        titled([if whose == "单位" { "月缴存额" } else { "" }, whose], field("", of, ValueFormat::Amount))
    };
    UploadTemplate {
        blank: None,
        name: "汇总".into(),
        file,
        text: None,
        sheet: Some("基数调整 (2026)".into()),
        preamble: vec![
            cell("A1", "住房公积金缴存基数调整表"),
            cell("A2", "单位：{unit_name}（{unit_account}）"),
            cell("F2", "{period:yyyy年MM月}"),
            cell("H2", "共{people}人 {{制表 {today:yyyy.MM.dd}}}"),
        ],
        merged: vec!["A1:I1".into(), "A4:A5".into(), "G4:H4".into()],
        header_row: Some(4),
        first_row: 6,
        columns: vec![
            titled(["序号", ""], column("", ColumnValue::RunningNumber)),
            titled(["职工编号", ""], field("", Field::PersonalAccount, ValueFormat::Text)),
            titled(["职工姓名", ""], UploadColumn { required: true, ..field("", Field::Name, ValueFormat::Text) }),
            titled(
                ["证件", "类型"],
                UploadColumn {
                    codes: [("01".to_owned(), "0".to_owned()), ("03".to_owned(), "2".to_owned())].into(),
                    ..field("", Field::IdType, ValueFormat::Text)
                },
            ),
            titled(["", "号码"], field("", Field::IdNumber, ValueFormat::Text)),
            titled(["出生日期", ""], field("", Field::BirthDate, ValueFormat::Date(DateForm::Plain))),
            amount("单位", Field::UnitAmount),
            amount("个人", Field::PersonalAmount),
            titled(["单位比例", ""], field("", Field::UnitRatio, ValueFormat::Ratio(RatioForm::Hundredths))),
        ],
        trailing: vec![TrailingRow {
            at: None,
            gap: 1,
            cells: vec![
                TrailingCell { column: "A".into(), text: "合计".into() },
                TrailingCell { column: "C".into(), text: "{people}".into() },
                TrailingCell { column: "G".into(), text: "{sum:unit_amount}".into() },
                TrailingCell { column: "H".into(), text: "{total}".into() },
            ],
        }],
        file_name: format!("{{unit_name}}:调整/{{period}}.{ending}"),
        ..csv(text_form(TextEncoding::Utf8, ",", Quoting::Never))
    }
}

fn center(templates: Vec<UploadTemplate>) -> CenterProfile {
    let profile = CenterProfile { upload_templates: templates, ..CenterProfile::shipped("demo").unwrap() };
    assert_eq!(huijiao_domain::profile::validate(&profile), [], "the templates of the tests are sound");
    profile
}

fn written(templates: Vec<UploadTemplate>, rows: &[Figures]) -> Vec<UploadFile> {
    write(&center(templates), FilingKind::BaseAdjustment, rows, heading()).unwrap()
}

fn refused(templates: Vec<UploadTemplate>, rows: &[Figures]) -> UploadError {
    write(&center(templates), FilingKind::BaseAdjustment, rows, heading()).unwrap_err()
}

/// Every cell with its row (one-based) and column.
fn cells(book: &Workbook) -> BTreeMap<(u32, u16), String> {
    book.rows
        .iter()
        .flat_map(|row| row.cells.iter().map(|cell| ((row.row, cell.column), cell.text.to_string())))
        .collect()
}

/// A sheet as LibreOffice shows it, by rows; `None` where `HUIJIAO_WITHOUT_OFFICE` says that a computer has none.
pub(crate) fn libreoffice(bytes: &[u8], name: &str) -> Option<Vec<Vec<String>>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    let home = format!("-env:UserInstallation=file://{}/home", folder.path().display());
    let ran = Command::new("soffice")
        // Commas, quotation marks, UTF-8, cells as shown.
        .args([home.as_str(), "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true"])
        .args(["--outdir".as_ref(), folder.path().as_os_str()])
        .arg(&file)
        .output();
    let ran = match ran {
        Ok(ran) => ran,
        Err(_) if std::env::var_os("HUIJIAO_WITHOUT_OFFICE").is_some() => {
            eprintln!("not opened by LibreOffice: HUIJIAO_WITHOUT_OFFICE is set");
            return None;
        }
        Err(error) => panic!("soffice: {error}; HUIJIAO_WITHOUT_OFFICE=1 goes without it"),
    };
    let made = std::fs::read_to_string(file.with_extension("csv"))
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&ran.stderr)));
    // Every text is quoted; nothing in these tests has a quotation mark or a line break inside.
    Some(made.lines().map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect()).collect())
}

/// Bytes in the words of another program than ours; `None` where `HUIJIAO_WITHOUT_ICONV` says that a computer has none.
fn iconv(bytes: &[u8], from: &str) -> Option<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let output = match Command::new("iconv").args(["-f", from, "-t", "UTF-8"]).arg(file.path()).output() {
        Ok(output) => output,
        Err(_) if std::env::var_os("HUIJIAO_WITHOUT_ICONV").is_some() => {
            eprintln!("not read by iconv: HUIJIAO_WITHOUT_ICONV is set");
            return None;
        }
        Err(error) => panic!("iconv: {error}; HUIJIAO_WITHOUT_ICONV=1 goes without it"),
    };
    assert!(output.status.success(), "{from} bytes that iconv takes");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn an_xls_holds_every_text_for_us_for_calamine_and_for_libreoffice() {
    let mut rows = adjustment(40);
    // Rare characters of planes 0 (extension A), 2 and 3, and an account with zeros in front.
    for (row, name) in rows.iter_mut().zip(["王㐂", "李𠮷", "赵𰻝", "=1+1", "@甲", "Anna Müller"]) {
        set(row, Field::Name, name);
    }
    set(&mut rows[0], Field::PersonalAccount, "000000000007");
    let files = written(center(vec![]).upload_templates.into_iter().chain(shipped()).collect(), &rows);
    let [file] = &files[..] else { panic!("one file") };
    assert_eq!(file.name, "080010000042_基数调整_202611.xls", "by the pattern");
    assert_eq!((file.first_row, file.rows.len()), (4, 40), "people from the fourth row on");
    assert!(file.neutralised.is_empty(), "a text cell is never run, and stays as it is filed");
    assert!(file.bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]), "a compound file");

    let book = open(file.bytes.clone()).unwrap();
    assert_eq!((book.format, book.sheet_name()), (Format::Xls, "基数调整"));
    let ours = cells(&book);
    let mut theirs = BTreeMap::new();
    let mut other = calamine::Xls::new(Cursor::new(&file.bytes)).unwrap();
    let range = other.worksheet_range("基数调整").unwrap();
    let (top, left) = range.start().unwrap();
    for (row, column, value) in range.used_cells() {
        let text = match value {
            Data::String(text) => text.clone(),
            Data::Float(number) => format!("{number}"),
            Data::Int(_)
            | Data::Bool(_)
            | Data::DateTime(_)
            | Data::DateTimeIso(_)
            | Data::DurationIso(_)
            | Data::Error(_)
            | Data::Empty => panic!("a kind of cell that is not written: {value:?}"),
        };
        theirs.insert((top + row as u32 + 1, (left as usize + column) as u16), text);
    }
    assert_eq!(ours, theirs, "calamine reads the same cells");
    for (row, person) in (4..).zip(&rows) {
        for (column, of) in [(0, Field::PersonalAccount), (1, Field::Name), (2, Field::IdNumber)] {
            assert_eq!(ours[&(row, column)], said(person, of), "row {row}: as filed, digit by digit");
        }
        let base: f64 = said(person, Field::NewBase).parse().unwrap();
        assert_eq!(ours[&(row, 4)].parse(), Ok(base), "a number");
    }
    assert_eq!(ours[&(2, 1)], "演示（集团）公司");
    assert_eq!(ours[&(2, 2)], "202611");

    let Some(shown) = libreoffice(&file.bytes, "上传.xls") else { return };
    assert_eq!(shown.len(), 43, "three rows above, forty people");
    assert_eq!(shown[0][..3], ["单位编号", "单位名称", "调整年月"]);
    assert_eq!(shown[2], ["职工编号", "职工姓名", "证件号码", "调整前工资基数", "调整后工资基数"]);
    for (line, person) in shown[3..].iter().zip(&rows) {
        let wanted = [Field::PersonalAccount, Field::Name, Field::IdNumber, Field::OldBase, Field::NewBase];
        assert_eq!(line[..], wanted.map(|field| said(person, field)), "LibreOffice shows what was filed");
    }
}

fn shipped() -> Vec<UploadTemplate> {
    let demo = CenterProfile::shipped("demo").unwrap();
    demo.upload_templates.into_iter().filter(|template| template.kind == FilingKind::BaseAdjustment).collect()
}

#[test]
fn an_xls_with_more_text_than_one_record_holds_loses_nothing() {
    // Texts of many lengths, so that records end in every way: between texts, inside of one, at the last byte.
    let mut rows = adjustment(3_000);
    for (place, row) in rows.iter_mut().enumerate() {
        set(row, Field::Name, &format!("{place}{}", ["赵", "a", "𠮷"][place % 3].repeat(place % 47)));
    }
    for (row, length) in rows.iter_mut().zip([4_104, 8_213, 8_216, 8_217, 8_224, 20_000, 32_000]) {
        set(row, Field::Remark, &"长".repeat(length));
    }
    for (row, length) in rows[100..].iter_mut().zip([8_205, 8_213, 8_216, 8_217, 8_224, 32_767]) {
        set(row, Field::Remark, &"x".repeat(length));
    }
    set(&mut rows[200], Field::Remark, &"𠮷".repeat(16_000));
    let mut template = shipped().remove(0);
    template.columns.insert(0, field("说明", Field::Remark, ValueFormat::Text));
    let file = written(vec![template], &rows).remove(0);
    let book = open(file.bytes.clone()).unwrap();
    let ours = cells(&book);
    for (row, person) in (4..).zip(&rows) {
        assert_eq!(ours.get(&(row, 0)).map_or("", String::as_str), said(person, Field::Remark), "row {row}");
        assert_eq!(ours[&(row, 2)], said(person, Field::Name), "row {row}");
    }
    let Some(shown) = libreoffice(&file.bytes, "长.xls") else { return };
    for (line, person) in shown[3..].iter().zip(&rows) {
        assert_eq!(line[0].chars().count(), said(person, Field::Remark).chars().count(), "all of it, in LibreOffice");
        assert_eq!(line[2], said(person, Field::Name), "and what stands behind it");
    }
}

#[test]
fn an_xls_has_no_more_rows_than_the_format() {
    let row = adjustment(1).remove(0);
    let most = 65_536 - 3;
    let error = refused(shipped(), &vec![row.clone(); most + 1]);
    assert!(
        matches!(error, UploadError::Rows { people, most: room } if people == most + 1 && room == most),
        "{error:?}"
    );
    let mut template = shipped().remove(0);
    template.file_name = "{period}-{part}.xls".into();
    let files = written(vec![template], &vec![row; most + 1]);
    assert_eq!(files.iter().map(|file| file.rows.len()).collect::<Vec<_>>(), [most, 1], "the rest in a second file");
    let read = huijiao_sheets::Limits::default();
    let book = huijiao_sheets::read(files[0].bytes.clone(), &Default::default(), &read).unwrap();
    assert_eq!(book.rows.last().map(|row| row.row), Some(65_536), "up to the last row there is");
}

#[test]
fn an_xlsx_or_xls_with_a_block_above_groups_of_titles_and_sums() {
    let mut rows = adjustment(3);
    set(&mut rows[1], Field::IdType, "03");
    set(&mut rows[1], Field::IdNumber, "E12345678");
    set(&mut rows[1], Field::BirthDate, "1990-01-02");
    for (file, ending, format) in [(FileKind::Xlsx, "xlsx", Format::Xlsx), (FileKind::Xls, "xls", Format::Xls)] {
        let file = written(vec![grouped(file, ending)], &rows).remove(0);
        assert_eq!(file.name, format!("演示（集团）公司_调整_2026-11.{ending}"), "what no system takes is replaced");
        let book = open(file.bytes.clone()).unwrap();
        assert_eq!((book.format, book.sheet_name()), (format, "基数调整 (2026)"));
        let ours = cells(&book);
        let at = |row: u32, column: u16| ours.get(&(row, column)).map_or("", String::as_str);
        assert_eq!(at(2, 0), "单位：演示（集团）公司（080010000042）");
        assert_eq!((at(2, 5), at(2, 7)), ("2026年11月", "共3人 {制表 2026.11.20}"));
        assert_eq!((at(4, 3), at(4, 4), at(5, 4), at(5, 0)), ("证件", "", "号码", ""), "titles as they were given");
        assert!(book.merged_at(1, 0).is_some_and(|range| range.name() == "A1:I1"), "{:?}", book.merged);
        assert_eq!(book.merged.len(), 3);
        assert_eq!((at(6, 0), at(7, 0), at(8, 0)), ("1", "2", "3"), "running numbers");
        assert_eq!((at(6, 3), at(7, 3)), ("0", "2"), "the center's own codes");
        assert_eq!(
            (at(6, 5), at(7, 5)),
            (&said(&rows[0], Field::IdNumber)[6..14], "19900102"),
            "from the ID, or filed"
        );
        assert_eq!((at(6, 6), at(6, 7), at(6, 8)), ("360", "247.5", "8"), "numbers");
        assert_eq!(at(9, 0), "", "the gap");
        assert_eq!((at(10, 0), at(10, 2), at(10, 6), at(10, 7)), ("合计", "3", "1080", "1822.5"), "sums of this file");
        let Some(shown) = libreoffice(&file.bytes, &format!("汇总.{ending}")) else { continue };
        assert_eq!(shown[5][4], said(&rows[0], Field::IdNumber), "18 digits, in LibreOffice");
        assert_eq!((&*shown[9][6], &*shown[9][7]), ("1080.00", "1822.50"), "two decimals, in LibreOffice");
    }
}

#[test]
fn csv_in_every_encoding() {
    let mut rows = adjustment(2);
    set(&mut rows[0], Field::Name, "李𠮷,\"小\"");
    let [account, id] = [Field::PersonalAccount, Field::IdNumber].map(|field| said(&rows[0], field).to_owned());
    let first = format!("{account},\"李𠮷,\"\"小\"\"\",{id},4500.50\r\n");
    for (encoding, label) in
        [(TextEncoding::Utf8, "UTF-8"), (TextEncoding::Utf8Bom, "UTF-8"), (TextEncoding::Gb18030, "GB18030")]
    {
        let file = written(vec![csv(text_form(encoding, ",", Quoting::Needed))], &rows).remove(0);
        assert_eq!(
            file.bytes.starts_with(b"\xef\xbb\xbf"),
            encoding == TextEncoding::Utf8Bom,
            "{encoding:?}: the mark"
        );
        let book = open(file.bytes.clone()).unwrap();
        assert_eq!(cells(&book)[&(2, 1)], "李𠮷,\"小\"", "{encoding:?}: our reader");
        let Some(text) = iconv(&file.bytes, label) else { continue };
        let text = text.trim_start_matches('\u{feff}');
        assert!(text.starts_with("个人账号,姓名,证件号码,新基数\r\n"), "{encoding:?}: {text}");
        assert!(text.contains(&first) && text.ends_with("4610.50\r\n"), "{encoding:?}: {text}");
    }
    let always = TextForm { line_end: LineEnd::Lf, ..text_form(TextEncoding::Gbk, "#~#", Quoting::Always) };
    let file = written(vec![csv(always)], &adjustment(1)).remove(0);
    let Some(text) = iconv(&file.bytes, "GBK") else { return };
    assert_eq!(
        text,
        format!(
            "\"个人账号\"#~#\"姓名\"#~#\"证件号码\"#~#\"新基数\"\n\"{account}\"#~#\"赵晓明\"#~#\"{id}\"#~#\"4500.50\"\n"
        ),
        "a separator of three characters"
    );
}

#[test]
fn a_banks_lines_one_shape_for_each_change() {
    let constant = |text: &str| column("", ColumnValue::Constant(text.into()));
    let plain = |of: Field| field("", of, ValueFormat::Text);
    let ratio = |of: Field| field("", of, ValueFormat::Ratio(RatioForm::Fraction));
    let number = || column("", ColumnValue::RunningNumber);
    let sealed = vec![number(), constant("7"), constant(""), plain(Field::PersonalAccount), plain(Field::Name)];
    let sexed = UploadColumn {
        codes: [("1".to_owned(), "01".to_owned()), ("2".to_owned(), "02".to_owned())].into(),
        ..plain(Field::Sex)
    };
    let opened = vec![
        number(),
        constant("3"),
        plain(Field::PersonalAccount),
        plain(Field::Name),
        ratio(Field::UnitRatio),
        field("", Field::Month, ValueFormat::Month(MonthForm::Plain)),
        field("", Field::NewBase, ValueFormat::WholeYuan),
        sexed,
        field("", Field::BirthDate, ValueFormat::Date(DateForm::Dashed)),
        constant("-1"),
    ];
    let mut rows = adjustment(3);
    for (row, change) in rows.iter_mut().zip(["封存", "启封", "封存"]) {
        set(row, Field::ChangeKind, change);
        set(row, Field::NewBase, "6000.00");
    }
    set(&mut rows[1], Field::Month, "2026-12");
    let files = written(vec![bank("FC", &["封存"], sealed), bank("ZR", &["启封", "同城转入"], opened)], &rows);
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["BG0042FC11.TXT", "BG0042ZR11.TXT"], "a file for each shape");
    assert_eq!((&files[0].rows[..], &files[1].rows[..]), (&[0, 2][..], &[1][..]), "each row in one of them");
    let id = said(&rows[1], Field::IdNumber);
    let born = format!("{}-{}-{}", &id[6..10], &id[10..12], &id[12..14]);
    let sex = if id.as_bytes()[16] % 2 == 1 { "01" } else { "02" };
    let [first, second, third] = [0, 1, 2].map(|row: usize| said(&rows[row], Field::PersonalAccount));
    let text = |file: &UploadFile| String::from_utf8(file.bytes.clone()).unwrap();
    assert_eq!(text(&files[0]), format!("1|7||{first}|赵晓明|\r\n2|7||{third}|孙建国|"), "nothing after the last line");
    assert_eq!(
        text(&files[1]),
        format!("1|3|{second}|钱丽|0.08|202612|6000|{sex}|{born}|-1|"),
        "the center's own -1 is written as it is"
    );
    assert!(files.iter().all(|file| file.neutralised.is_empty()), "it is no formula of anybody's");

    set(&mut rows[2], Field::ChangeKind, "同城转出");
    let error = refused(vec![bank("FC", &["封存"], vec![number()]), bank("ZR", &["启封"], vec![number()])], &rows);
    let UploadError::Unwritable { cells } = &error else { panic!("{error:?}") };
    assert_eq!(cells.len(), 1, "{cells:?}");
    assert_eq!((cells[0].row, &cells[0].why), (Some(2), &Why::Unclaimed { value: "同城转出".into() }), "nobody's row");
}

#[test]
fn a_character_that_gbk_lacks_stops_the_filing_before_anything_is_written() {
    let mut rows = adjustment(3);
    set(&mut rows[1], Field::Name, "李𠮷");
    let error = refused(vec![csv(text_form(TextEncoding::Gbk, ",", Quoting::Needed))], &rows);
    let UploadError::Unwritable { cells } = &error else { panic!("{error:?}") };
    let [cell] = &cells[..] else { panic!("one cell: {cells:?}") };
    assert_eq!((cell.row, cell.field), (Some(1), Some(Field::Name)), "the row and the field");
    assert_eq!(cell.why, Why::Character { character: '𠮷', encoding: "GBK" });
    let said = cell.to_string();
    assert!(said.contains("第 2 人李𠮷") && said.contains("姓名") && said.contains("U+20BB7"), "{said}");
    let unit = Heading { unit_name: "𠮷公司", ..heading() };
    let mut template = csv(text_form(TextEncoding::Gbk, ",", Quoting::Needed));
    (template.header_row, template.first_row) = (Some(2), 3);
    template.preamble = vec![cell_a1("{unit_name}")];
    let error = write(&center(vec![template]), FilingKind::BaseAdjustment, &adjustment(1), unit).unwrap_err();
    let UploadError::Unwritable { cells } = &error else { panic!("{error:?}") };
    assert_eq!((cells[0].row, &*cells[0].title), (None, "A1"), "outside of the people the cell is named");
}

fn cell_a1(text: &str) -> PreambleCell {
    cell("A1", text)
}

#[test]
fn everything_that_cannot_be_written_is_named_at_once() {
    let mut template = csv(text_form(TextEncoding::Utf8, "|", Quoting::Never));
    template.columns[2].required = true;
    template.columns[3].format = ValueFormat::WholeYuan;
    template.columns.push(UploadColumn {
        codes: [("03".to_owned(), "2".to_owned())].into(),
        ..field("证件类型", Field::IdType, ValueFormat::Text)
    });
    template.trailing = vec![TrailingRow {
        gap: 0,
        at: None,
        cells: vec![TrailingCell { column: "D".into(), text: "{sum:old_base}".into() }],
    }];
    let mut rows = adjustment(2);
    set(&mut rows[0], Field::Name, "赵|晓明");
    set(&mut rows[0], Field::NewBase, "4500.00");
    set(&mut rows[0], Field::IdNumber, "");
    set(&mut rows[1], Field::OldBase, "");
    let error = refused(vec![template], &rows);
    let UploadError::Unwritable { cells } = &error else { panic!("{error:?}") };
    let found: Vec<(Option<usize>, &str, &Why)> =
        cells.iter().map(|cell| (cell.row, cell.title.as_str(), &cell.why)).collect();
    assert_eq!(
        found,
        [
            (Some(0), "姓名", &Why::Separator),
            (Some(0), "证件号码", &Why::Missing),
            (Some(0), "证件类型", &Why::NoCode { value: "01".into() }),
            (Some(1), "新基数", &Why::Format { value: "4610.50".into() }),
            (Some(1), "证件类型", &Why::NoCode { value: "01".into() }),
            (None, "D", &Why::Sum),
        ],
        "each with its row and column"
    );
    let args = error.args();
    assert_eq!(args["count"], "6");
    assert!(args["list"].contains("分隔符") && args["list"].contains("4610.50"), "{}", args["list"]);
    assert!(!args["list"].contains('…'), "every placeholder is filled: {}", args["list"]);

    let nobody = Heading { unit_account: "", ..heading() };
    let error = write(&center(shipped()), FilingKind::BaseAdjustment, &adjustment(1), nobody).unwrap_err();
    let UploadError::Unwritable { cells } = &error else { panic!("{error:?}") };
    assert!(cells.iter().all(|cell| cell.why == Why::Unit) && cells.len() == 2, "in the sheet and the name: {cells:?}");
}

#[test]
fn texts_that_would_run_are_made_inert_in_text_files() {
    let mut rows = adjustment(4);
    for (row, name) in rows.iter_mut().zip(["=cmd|'/c calc'!A0", "+HYPERLINK(1)", "@SUM(A1)", "-1+2"]) {
        set(row, Field::Name, name);
        set(row, Field::NewBase, "-12.00");
    }
    let file = written(vec![csv(text_form(TextEncoding::Utf8, "\t", Quoting::Needed))], &rows).remove(0);
    let text = String::from_utf8(file.bytes).unwrap();
    for (place, name) in ["'=cmd|'/c calc'!A0", "'+HYPERLINK(1)", "'@SUM(A1)", "'-1+2"].iter().enumerate() {
        assert!(text.lines().nth(place + 1).is_some_and(|line| line.split('\t').nth(1) == Some(name)), "{text}");
    }
    assert!(text.lines().skip(1).all(|line| line.ends_with("\t-12.00")), "amounts that we wrote stay numbers: {text}");
    let told: Vec<(Option<usize>, &str)> = file.neutralised.iter().map(|one| (one.row, one.title.as_str())).collect();
    assert_eq!(told, [(Some(0), "姓名"), (Some(1), "姓名"), (Some(2), "姓名"), (Some(3), "姓名")], "and it is told");

    for (kind, ending) in [(FileKind::Xlsx, "xlsx"), (FileKind::Xls, "xls")] {
        let file = written(vec![grouped(kind, ending)], &rows).remove(0);
        assert_eq!(cells(&open(file.bytes.clone()).unwrap())[&(6, 2)], "=cmd|'/c calc'!A0", "{ending}: a string");
        let Some(shown) = libreoffice(&file.bytes, &format!("公式.{ending}")) else { continue };
        assert_eq!(shown[5][2], "=cmd|'/c calc'!A0", "{ending}: nothing was run");
    }
}

#[test]
fn people_beyond_the_cap_go_into_further_files() {
    let mut template = csv(text_form(TextEncoding::Utf8, ",", Quoting::Needed));
    template.columns.insert(0, column("序号", ColumnValue::RunningNumber));
    (template.row_cap, template.file_name) = (Some(2), "{unit_account}-{part}.csv".into());
    template.trailing = vec![TrailingRow {
        gap: 0,
        at: None,
        cells: vec![TrailingCell { column: "E".into(), text: "{sum:new_base}".into() }],
    }];
    let rows = adjustment(5);
    let files = written(vec![template], &rows);
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["080010000042-1.csv", "080010000042-2.csv", "080010000042-3.csv"]);
    assert_eq!(files.iter().map(|file| file.rows.clone()).collect::<Vec<_>>(), [vec![0, 1], vec![2, 3], vec![4]]);
    let text = |place: usize| String::from_utf8(files[place].bytes.clone()).unwrap();
    assert!(text(2).lines().nth(1).is_some_and(|line| line.starts_with("1,")), "numbers begin anew: {}", text(2));
    assert!(text(0).ends_with(",,,,9111.00\r\n"), "the sum of this file's people: {}", text(0));

    let mut one = csv(text_form(TextEncoding::Utf8, ",", Quoting::Needed));
    (one.name, one.file_name) = ("另".into(), "A.csv".into());
    let only = |values: &str| Some(Only { field: Field::IdType, values: [values.to_owned()].into() });
    let other = UploadTemplate { name: "一".into(), file_name: "a.csv".into(), only: only("03"), ..one.clone() };
    one.only = only("01");
    let mut rows = adjustment(2);
    set(&mut rows[1], Field::IdType, "03");
    let error = refused(vec![one, other], &rows);
    assert!(matches!(error, UploadError::SameName { .. }), "one would replace the other on Windows: {error:?}");
}

#[test]
fn file_names_that_every_system_takes() {
    let named = |pattern: &str, unit_name: &str| {
        let mut template = csv(text_form(TextEncoding::Utf8, ",", Quoting::Needed));
        template.file_name = pattern.into();
        let heading = Heading { unit_name, ..heading() };
        let file = write(&center(vec![template]), FilingKind::BaseAdjustment, &adjustment(1), heading).unwrap();
        file[0].name.clone()
    };
    assert_eq!(named("{unit_name}.csv", "甲/乙\\丙:\"丁\"*?<>|"), "甲_乙_丙__丁______.csv");
    assert_eq!(named("{unit_name}.csv", "\u{202e}vsc.甲\u{7}"), "vsc.甲.csv", "marks that turn names around");
    assert_eq!(named("{unit_name}.txt", "nul"), "nul_.txt", "a device of Windows");
    assert_eq!(named("{unit_name}.csv", "../.."), ".._.csv", "no way out of the folder");
    let long = named("{unit_name}.csv", &"长".repeat(300));
    assert!(long.len() <= 204 && Path::new(&long).extension().is_some_and(|e| e == "csv"), "{long}");
}

#[test]
fn without_a_template_or_rows_nothing_is_made() {
    assert!(matches!(refused(vec![], &adjustment(1)), UploadError::NoTemplate));
    assert!(matches!(refused(shipped(), &[]), UploadError::Empty));
    let mut broken = CenterProfile::shipped("demo").unwrap();
    broken.upload_templates[0].columns[0].value = ColumnValue::Unbound;
    let error = write(&broken, FilingKind::BaseAdjustment, &adjustment(1), heading()).unwrap_err();
    assert!(matches!(&error, UploadError::Template { problems } if problems.len() == 1), "{error:?}");
    assert!(error.args()["list"].contains("职工编号"), "the column is named: {:?}", error.args());
}

/// A center's list as a workbook of texts.
fn list_of(lines: &[&[&str]]) -> Workbook {
    open(crate::kit::book::book(|sheet| {
        for (row, line) in (0..).zip(lines) {
            for (column, text) in (0..).zip(*line) {
                sheet.write(row, column, *text).unwrap();
            }
        }
    }))
    .unwrap()
}

fn whom(list: &ErrorList) -> Vec<(u32, Whose)> {
    list.refused.iter().map(|entry| (entry.row, entry.whose.clone())).collect()
}

fn one(place: usize, by: Key) -> Whose {
    Whose::One { place, by }
}

#[test]
fn an_error_list_that_counts_the_rows_of_the_file() {
    let rows = adjustment(6);
    let file = written(shipped(), &rows).remove(0);
    let at = |place: usize| (u32::try_from(place).unwrap() + file.first_row).to_string();
    let list = list_of(&[
        &["导入失败明细"],
        &["Excel行号", "职工姓名", "错误信息"],
        &[&at(1), said(&rows[1], Field::Name), "身份证号码校验位错误"],
        &[&at(4), "", "调整后工资基数低于下限"],
        &[&at(2), said(&rows[3], Field::Name), "姓名不符"],
        &["第99行", "", "格式错误"],
        &[&at(5), "查无此人", "姓名不符"],
        &["", "", ""],
    ]);
    let found = error_list(&list, &rows, Some(&file)).unwrap();
    assert_eq!(
        whom(&found),
        [
            (3, one(1, Key::Row)),
            (4, one(4, Key::Row)),
            (5, Whose::Several { places: vec![2, 3] }),
            (6, Whose::Nobody),
            (7, Whose::Nobody),
        ],
        "a row with another's name is not guessed at, a row beyond the file is nobody's"
    );
    let fields: Vec<Option<Field>> = found.refused.iter().map(|entry| entry.field).collect();
    assert_eq!(
        fields,
        [Some(Field::IdNumber), Some(Field::NewBase), Some(Field::Name), None, Some(Field::Name)],
        "the field that the message names"
    );
    assert_eq!(found.refused[0].message, "身份证号码校验位错误", "the center's own words");
    let without = error_list(&list, &rows, None).unwrap();
    assert_eq!(whom(&without)[0].1, one(1, Key::Name), "without the file its name says who");
    assert_eq!(whom(&without)[1].1, Whose::Nobody, "and a row alone says nothing");
}

#[test]
fn an_error_list_by_id_account_or_name() {
    let mut rows = adjustment(6);
    set(&mut rows[5], Field::Name, "张三");
    set(&mut rows[4], Field::Name, "张三");
    set(&mut rows[3], Field::PersonalAccount, "008800000003");
    let id = |place: usize| said(&rows[place], Field::IdNumber);
    let masked = |place: usize| format!("{}**********{}", &id(place)[..4], &id(place)[14..]);
    let list = list_of(&[
        &["grzh", "xingming", "证件号码", "处理结果", "msg"],
        &["", "", id(0), "失败", "账户已封存"],
        &["", "", &masked(1), "失败", "账户已冻结"],
        &["8800000003", "", "", "失败", "月缴存额超过上限"],
        &["", "张三", "", "失败", "基数超过上限"],
        &["", said(&rows[2], Field::Name), "", "失败", "已有未办结的业务"],
        &["", "李四", "", "失败", "不是本单位职工"],
        &["", "钱某", id(1), "失败", "姓名与登记不符"],
        &["008800000003", "", id(2), "失败", "证件号码与账号不符"],
        &["", "", id(3), "成功", ""],
        &["", "张三", "", "", ""],
    ]);
    let found = error_list(&list, &rows, None).unwrap();
    assert_eq!(
        whom(&found),
        [
            (2, one(0, Key::IdNumber)),
            (3, one(1, Key::IdNumber)),
            (4, one(3, Key::Account)),
            (5, Whose::Several { places: vec![4, 5] }),
            (6, one(2, Key::Name)),
            (7, Whose::Nobody),
            (8, one(1, Key::IdNumber)),
            (9, Whose::Several { places: vec![2, 3] }),
        ],
        "two of one name, nobody of that name, an ID and an account of two people"
    );
    assert_eq!((found.passed, found.unsaid), (vec![10], vec![11]), "what was not refused is counted, not dropped");
}

#[test]
fn an_error_list_as_text() {
    let rows = adjustment(4);
    let file = written(shipped(), &rows).remove(0);
    let (id, account) = (said(&rows[2], Field::IdNumber), said(&rows[3], Field::PersonalAccount));
    let text =
        format!("共4条，失败3条\r\n第5行：证件号码不正确。\r\n{id} 未找到该职工\r\n账号{account}的手机号码有误\r\n");
    let bytes = encoding_rs::GB18030.encode(&text).0.into_owned();
    let read = open(bytes.clone());
    assert!(matches!(read, Err(huijiao_sheets::SheetError::NotAWorkbook { .. })), "sentences are no columns: {read:?}");
    let found = error_list(&lines(&bytes).unwrap(), &rows, Some(&file)).unwrap();
    assert_eq!(
        whom(&found),
        [(1, Whose::Nobody), (2, one(1, Key::Row)), (3, one(2, Key::IdNumber)), (4, one(3, Key::Account))],
        "the first line is about nobody, and is kept"
    );
    assert_eq!(found.refused[1].field, Some(Field::IdNumber));

    // A service's raw answer: account, name, message.
    let name = said(&rows[0], Field::Name);
    let first = said(&rows[0], Field::PersonalAccount);
    let answer = format!("{first}|{name}|存在未入账的汇缴\r\n{account}|{}|成功\r\n", said(&rows[3], Field::Name));
    let found = error_list(&open(answer.into_bytes()).unwrap(), &rows, None).unwrap();
    assert_eq!(whom(&found), [(1, one(0, Key::Account))]);
    assert_eq!((&*found.refused[0].message, &found.passed[..]), ("存在未入账的汇缴", &[2][..]));

    let other = list_of(&[&["部门", "人数"], &["研发部", "3"]]);
    let error = error_list(&other, &rows, Some(&file)).unwrap_err();
    assert!(matches!(error, UploadError::NoErrorList), "a file about something else is no list without errors");
}
