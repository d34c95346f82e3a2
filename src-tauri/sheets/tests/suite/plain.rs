//! The reader of plain xlsx against calamine, cell by cell; and that it is the one who reads what offices make.
//! Whatever other tests of this suite open is compared as well, and the corpus of the fuzzer.

use huijiao_domain::sheet::CellKind;
use huijiao_sheets::{Limits, Workbook};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatPattern, Formula};

use crate::kit::book::book;
use crate::kit::raw;
use crate::kit::summary::{agree, open};

/// Read by the plain reader, and as calamine reads it.
fn plain(bytes: Vec<u8>, what: &str) -> Workbook {
    assert!(agree(&bytes, &Limits::default(), what), "{what}: plain");
    open(bytes).unwrap()
}

/// Left to calamine.
fn left(bytes: &[u8], what: &str) {
    assert!(!agree(bytes, &Limits::default(), what), "{what}: not plain");
}

fn texts(book: &Workbook) -> Vec<(&str, CellKind)> {
    book.rows.iter().flat_map(|row| &row.cells).map(|cell| (cell.text, cell.kind)).collect()
}

/// A workbook with these strings and this sheet.
fn with_strings(strings: &str, rows: &str) -> Vec<u8> {
    let strings = format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{strings}</sst>"#
    );
    raw::xlsx_with(&raw::sheet(rows), &[("xl/sharedStrings.xml", strings.as_bytes())])
}

/// What is written as usual is taken in one go: these are nearly so.
#[test]
fn cells_and_strings_that_are_nearly_as_usual() {
    let long = "长".repeat(40);
    let said = ["甲乙", " 前", "后 ", "a&amp;b", "a b", "行\n二", "&lt;c&gt;", "a_b", "\t", "", &long];
    let strings: String = said.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    let kept = "<si><t xml:space=\"preserve\"> 留 </t></si><si><r><t>一</t></r><r><t>二</t></r></si>";
    let cell = |row: usize| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>{}</v></c></row>", row - 1);
    let rows: String = (1..=said.len() + 2).map(cell).collect();
    let book = plain(with_strings(&format!("{strings}{kept}"), &rows), "strings");
    let expected = ["甲乙", "前", "后", "a&b", "a b", "行\n二", "<c>", "a_b", &long, " 留 ", "一二"];
    assert_eq!(texts(&book), expected.map(|text| (text, CellKind::Text)), "a blank text is no cell");

    let cells = [
        ("<c r=\"{}\"><v>007</v></c>", Some("7")),
        ("<c r=\"{}\"><v>1E5</v></c>", Some("100000")),
        ("<c r=\"{}\"><v>-12.50</v></c>", Some("-12.5")),
        ("<c r=\"{}\"><v>123456789012345678901234567890</v></c>", Some("1.23456789012346E+29")),
        ("<c r=\"{}\" t=\"n\"><v>5</v></c>", Some("5")),
        ("<c t=\"n\" r=\"{}\"><v>6</v></c>", Some("6")),
        ("<c  r='{}' ><v >7</v></c >", Some("7")),
        ("<c r=\"{}\" t=\"str\"><v>8</v></c>", Some("8")),
        ("<c r=\"{}\"/>", None),
        ("<c r=\"{}\"></c>", None),
        ("<c r=\"{}\"><v></v></c>", None),
        ("<c r=\"{}\"><f>1+8</f><v>9</v></c>", Some("9")),
    ];
    for (cell, expected) in cells {
        let row = format!("<row r=\"12\"><c r=\"Z12\"><v>1</v></c>{}</row>", cell.replace("{}", "AA12"));
        let bytes = with_strings("", &row);
        agree(&bytes, &Limits::default(), cell);
        let book = open(bytes).unwrap();
        let found: Vec<_> = book.rows[0].cells.iter().map(|cell| (cell.column, cell.text)).collect();
        assert_eq!(
            found,
            std::iter::once((25, "1")).chain(expected.map(|text| (26, text))).collect::<Vec<_>>(),
            "{cell}"
        );
    }
    for place in ["AA13", "AA1", "AA112", "AA012", "aa12", "AAAA12", "12", "AA"] {
        let cell = format!("<row r=\"12\"><c r=\"{place}\"><v>1</v></c></row>");
        agree(&with_strings("", &cell), &Limits::default(), place);
    }
}

#[test]
fn every_kind_of_cell_that_a_library_writes() {
    let bytes = book(|sheet| {
        let date = ExcelDateTime::from_ymd(2026, 7, 1).unwrap();
        let noon = ExcelDateTime::from_ymd(2026, 7, 1).unwrap().and_hms(12, 30, 5).unwrap();
        for (row, pattern) in (0..).zip(["yyyy-mm-dd", "yyyy\"年\"m\"月\"", "[h]:mm", "hh:mm:ss", "0.00", "@", "d;@"])
        {
            let look = Format::new().set_num_format(pattern);
            sheet.write_datetime_with_format(row, 0, &date, &look).unwrap();
            sheet.write_datetime_with_format(row, 1, &noon, &look).unwrap();
            sheet.write_number_with_format(row, 2, -0.5, &look).unwrap();
            sheet.write_number_with_format(row, 3, 2_958_466.0, &look).unwrap();
            sheet.write_blank(row, 4, &look).unwrap();
        }
        for id in 1..=58_u8 {
            let look = Format::new().set_num_format_index(id);
            sheet.write_number_with_format(u32::from(id), 5, 46_204.25, &look).unwrap();
        }
        for (row, number) in (60..).zip([
            0.0,
            -0.0,
            1.0,
            0.1 + 0.2,
            1e15,
            1e-7,
            123_456_789_012_345_680.0,
            -12.5,
            0.07,
            0.007,
            1.0 / 3.0,
            1e300,
            8000.5,
            999_999_999_999_999.0,
            99_999_999_999_999.99,
            0.00001,
            5e-324,
            2.50,
        ]) {
            sheet.write(row, 0, number).unwrap();
        }
        let bold = Format::new().set_bold().set_pattern(FormatPattern::Solid);
        let red = Format::new().set_font_color("FF0000");
        sheet.write(90, 0, "  前后有空格 ").unwrap();
        sheet.write(91, 0, "<&>\"'\n两行\t列").unwrap();
        sheet.write(92, 0, true).unwrap();
        sheet.write(92, 1, false).unwrap();
        sheet.write_rich_string(93, 0, &[(&bold, "王"), (&red, "晓 "), (&bold, " 敏")]).unwrap();
        for (column, result) in (0..).zip(["12.5", "文字", "TRUE", "#N/A", "#DIV/0!", "", "#VALUE!", " <x> "]) {
            sheet.write_formula(94, column, Formula::new("=A1&\"<\"").set_result(result)).unwrap();
        }
        sheet.write_array_formula(95, 0, 96, 1, "=A1:B2").unwrap();
        sheet.write_dynamic_formula(98, 3, "=SORT(A1:A3)").unwrap();
        sheet.write_url(97, 0, "https://example.org/?a=1&b=2").unwrap();
        sheet.merge_range(100, 0, 102, 3, "合并", &bold).unwrap();
        sheet.set_row_hidden(5).unwrap();
        sheet.set_row_height(6, 30).unwrap();
        sheet.set_column_hidden(3).unwrap();
        sheet.set_freeze_panes(1, 1).unwrap();
        sheet.autofilter(0, 0, 10, 3).unwrap();
        sheet.set_footer("&C&P 页 <&&>");
        sheet.write(2_000, 200, "远").unwrap();
    });
    let book = plain(bytes, "written by a library");
    assert!(!book.formulas.is_empty() && !book.merged.is_empty(), "computed and merged cells are seen");
    assert_eq!((book.hidden_rows, book.hidden_columns), (vec![6], vec![3]), "hidden ones too");
    let kinds = [CellKind::Text, CellKind::Number, CellKind::Date, CellKind::Bool, CellKind::Error];
    let all: Vec<CellKind> = book.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.kind).collect();
    assert!(kinds.iter().all(|kind| all.contains(kind)), "cells of every kind");
}

#[test]
fn what_has_no_height_or_width_is_hidden() {
    let row = |row: u32, said: &str| {
        let cells = [raw::cell(&format!("A{row}"), "甲"), raw::cell(&format!("B{row}"), "乙")].concat();
        format!("<row r=\"{row}\" {said}>{cells}</row>")
    };
    let hidden = ["ht=\"0\" customHeight=\"1\"", "ht='0.0'", "ht=\"15\" hidden=\"1\"", "hidden=\"0\" ht=\"0\""];
    let seen = ["", "ht=\"0.75\"", "ht=\"15\" customHeight=\"1\"", "ht=\"\"", "ht=\".\""];
    let rows: String = (1..).zip(hidden.into_iter().chain(seen)).map(|(number, said)| row(number, said)).collect();
    for (width, columns) in [("0", vec![1_u16]), ("0.0", vec![1]), ("0.5", Vec::new()), ("10", Vec::new())] {
        let rule = format!("<cols><col min=\"2\" max=\"2\" width=\"{width}\" customWidth=\"1\"/></cols><sheetData>");
        let bytes = raw::xlsx_with(&raw::sheet(&rows).replace("<sheetData>", &rule), &[]);
        let book = plain(bytes, width);
        assert_eq!((book.hidden_rows, book.hidden_columns), (vec![1, 2, 3, 4], columns), "a width of {width}");
    }
    for alone in ["ht=\"0\"", "ht='0'"] {
        let book = plain(raw::xlsx_with(&raw::sheet(&row(1, alone)), &[]), alone);
        assert_eq!(book.hidden_rows, [1], "{alone}, with nothing else hidden in the workbook");
    }
    let strange = raw::xlsx_with(&raw::sheet(&row(1, "ht=\"&#48;\" hidden=\"0\"")), &[]);
    left(&strange, "a height that has to be unescaped");
    assert_eq!(open(strange).unwrap().hidden_rows, [1], "which is read for what it says");
    left(&raw::xlsx_with(&raw::sheet(&row(1, "ht=\"15\" ht=\"0\"")), &[]), "two heights");
}

#[test]
fn dates_that_begin_in_1904() {
    let workbook = raw::WORKBOOK.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    let styles = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170" applyNumberFormat="1"><alignment horizontal="center"/></xf></cellXfs></styleSheet>"#;
    let sheet = raw::sheet(
        r#"<row r="1"><c r="A1" s="0"><v>1</v></c><c r="B1" s="1"><v>1</v></c><c r="C1" s="2"><v>1.5</v></c><c r="D1" s="3"><v>1</v></c></row>"#,
    );
    let bytes = raw::xlsx_parts(&workbook, &sheet, &[("xl/Styles.xml", styles.as_bytes())]);
    let book = plain(bytes.clone(), "1904");
    let dates = [("1", CellKind::Number), ("1904-01-02", CellKind::Date), ("1904-01-02 12:00:00", CellKind::Date)];
    assert_eq!(texts(&book)[..3], dates, "built-in and own formats, the part written in another case");
    assert_eq!(texts(&book)[3], ("1", CellKind::Number), "a style that there is not");
}

#[test]
fn strings_as_they_are_written() {
    let strings = "<si><t>甲</t></si><si/><si><t/></si><si><t xml:space=\"preserve\"> 乙 </t></si><si><t> 丙\n</t></si>\
        <si><r><rPr><b/><sz val=\"11\"/><rFont val=\"宋体\"/></rPr><t>丁</t></r><r><t xml:space=\"preserve\"> 戊</t></r>\
        <rPh sb=\"0\" eb=\"1\"><t>ding</t></rPh><phoneticPr fontId=\"1\"/></si>\n\
        <si><t>A&amp;B&#x4E00;&#10;&#19968;&lt;&quot;&apos;&gt;</t></si><si><t xml:space='preserve'>a_b _ x</t></si>";
    let cells = |count: usize| (0..count).map(|at| format!("<c t=\"s\"><v>{at}</v></c>")).collect::<String>();
    let book = plain(with_strings(strings, &format!("<row>{}</row>", cells(8))), "strings");
    let read: Vec<&str> = texts(&book).into_iter().map(|(text, _)| text).collect();
    assert_eq!(read, ["甲", " 乙 ", "丙", "丁 戊", "A&B一\n一<\"'>", "a_b _ x"], "empty ones are no cells");
    let one = format!("<row>{}</row>", cells(1));
    for (strange, what) in [
        ("<si><t>a_x000D_b</t></si>", "a character that XML has no room for"),
        ("<si><t>a\r\nb</t></si>", "an end of line of two characters"),
        ("<si><t><![CDATA[甲]]></t></si>", "CDATA"),
        ("<si><!-- --><t>甲</t></si>", "a comment"),
        ("<si><t>&nbsp;</t></si>", "an entity of a DTD"),
        ("<x:si><x:t>甲</x:t></x:si>", "a prefix"),
        ("<si><t>甲</t>乙</si>", "text where none belongs"),
        ("<si><t>甲</si>", "an element that does not end"),
        ("<si><r><rPr><t>甲</t></rPr></r></si>", "a text within a font"),
    ] {
        left(&with_strings(strange, &one), what);
    }
    left(&with_strings("<si><t>甲</t></si>", "<row><c t=\"s\"><v>1</v></c></row>"), "a string that there is not");
}

#[test]
fn cells_as_they_are_written() {
    let row = |cells: &str| raw::xlsx_with(&raw::sheet(&format!("<row r=\"2\">{cells}</row>")), &[]);
    let book = plain(
        row(
            "<c r=\"B2\"><v>1.50</v></c><c><f>A1&amp;\"\"</f><v>7</v></c><c r=\"E2\" t=\"str\"><f t=\"shared\" si=\"0\"/><v> 甲&lt; </v></c>\
            <c r='F2' t='b' ><v>1</v></c><c r=\"G2\" t=\"e\"><v>#REF!</v></c><c r=\"H2\" t=\"d\"><v>2026-07-01T00:00:00</v></c>\
            <c r=\"I2\"><v></v></c><c r=\"J2\"/><c r=\"K2\" t=\"n\"><v>-1.5E-3</v></c>\n<c r=\"L2\" t=\"inlineStr\"><is><t>乙</t></is></c>",
        ),
        "cells",
    );
    let shown = ["1.5", "7", " 甲< ", "TRUE", "#REF!", "2026-07-01", "-0.0015", "乙"];
    assert_eq!(texts(&book).iter().map(|(text, _)| *text).collect::<Vec<_>>(), shown, "as a spreadsheet shows them");
    assert_eq!(book.formulas, [(2, 4)], "a cell that does not say where it stands is not named as computed");
    for (strange, what) in [
        ("<c r=\"b2\"><v>1</v></c>", "small letters"),
        ("<c r=\"B3\"><v>1</v></c>", "a cell of another row"),
        ("<c r=\"B02\"><v>1</v></c>", "a zero in front"),
        ("<c r=\"B2\" t=\"e\"><v>#SPILL!</v></c>", "an error that calamine does not know"),
        ("<c r=\"B2\"><v>abc</v></c>", "no number"),
        ("<c r=\"B2\"><v>+1</v></c>", "a plus"),
        ("<c r=\"B2\"><v> 1</v></c>", "a blank"),
        ("<c r=\"B2\"><v>nan</v></c>", "a number to some readers"),
        ("<c r=\"B2\"><v>1&#48;</v></c>", "a digit as an entity"),
        ("<c r=\"B2\"><v>1</v><f>A1</f></c>", "the formula behind its value"),
        ("<c r=\"B2\"><v>1</v><v>2</v></c>", "two values"),
        ("<c r=\"B2\" t=\"b\"><v>true</v></c>", "truth in words"),
        ("<c r=\"B2\" t=\"tr\"><v></v></c>", "a kind that nobody knows, with nothing in it"),
        ("<c r=\"B2\" r=\"B2\"><v>1</v></c>", "an attribute given twice"),
        ("<c r=\"B2\" x=\"1\"><v>1</v></c>", "an unknown attribute"),
        ("<c r=\"B2\"><v>1</v><extLst/></c>", "an unknown element"),
        ("<c r=\"B2\"><v><![CDATA[1]]></v></c>", "CDATA"),
        ("<c r=\"B2\" t=\"str\"><v>a_x000D_</v></c>", "a character that XML has no room for"),
        ("<c r=\"B2\"><v>1</v></c>text", "text between cells"),
        ("<c r=\"B2\" s=\"99\"><v>1</v></c>", "a style far beyond those there are"),
        ("<x:c r=\"B2\"><x:v>1</x:v></x:c>", "a prefix"),
        ("<c r=\"B2\"><f>&nbsp;</f><v>1</v></c>", "an entity of a DTD"),
    ] {
        left(&row(strange), what);
    }
}

#[test]
fn sheets_as_they_are_written() {
    let cells = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
    let sheet = |begin: &str, end: &str| raw::xlsx_with(&format!("{begin}<sheetData>{cells}</sheetData>{end}"), &[]);
    for (begin, end) in [
        ("\u{feff}<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n<worksheet>", "</worksheet>\r\n"),
        (
            "<worksheet><sheetPr><tabColor rgb=\"FF0000\"/></sheetPr><dimension ref=\"A1\"/>",
            "<sheetProtection/></worksheet>",
        ),
        (
            "<worksheet xmlns:x14=\"x\"><cols><col min=\"1\" max=\"2\" width=\"9\" hidden=\"1\"/></cols>",
            "<mergeCells count=\"1\"><mergeCell ref=\"A1:B2\"/></mergeCells><extLst><ext uri=\"u\"><x14:a><xm:f>B!$A$1</xm:f></x14:a></ext></extLst></worksheet>",
        ),
    ] {
        let book = plain(sheet(begin, end), begin);
        assert!(book.formulas.is_empty(), "{begin}: the formula of a drop-down computes no cell");
    }
    for (begin, end, what) in [
        ("<?xml version=\"1.0\" encoding=\"GB18030\"?><worksheet>", "</worksheet>", "another encoding"),
        ("<!DOCTYPE a><worksheet>", "</worksheet>", "a DTD"),
        ("<x:worksheet>", "</x:worksheet>", "a prefix"),
        ("<worksheet><dimension ref=\"B2:A1\"/>", "</worksheet>", "an end before the beginning"),
        ("<worksheet>", "<sheetData/></worksheet>", "rows in two places"),
        ("<worksheet>", "<x:mergeCell ref=\"A1:B2\"/></worksheet>", "a merged cell with a prefix"),
        ("<worksheet>", "<a></b></worksheet>", "elements that cross"),
        ("<worksheet>", "", "no end"),
        ("<worksheet>", "</worksheet><!-- -->", "a comment"),
    ] {
        left(&sheet(begin, end), what);
    }
}

/// One of these, and now and then one of those.
fn mostly(usual: &'static [&'static str], strange: &'static [&'static str]) -> BoxedStrategy<String> {
    let one = |all| prop::sample::select(all).prop_map(str::to_owned);
    prop_oneof![24 => one(usual), 1 => one(strange)].boxed()
}

fn number() -> impl Strategy<Value = String> {
    let strange: &'static [&'static str] =
        &["", "&#49;", "#SPILL!", "甲", "\r\n", " 1", "+1", ".5", "01", "1&", "<!---->", "9999"];
    prop_oneof![
        24 => "-?(0|[1-9][0-9]{0,16})(\\.[0-9]{1,6})?([eE][-+]?[0-9]{1,2})?",
        1 => prop::sample::select(strange).prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let strange: &'static [&'static str] =
        &["_x000D_", "&x;", "&#0;", "\r", "]]>", "<!---->", "<![CDATA[a]]>", "&", "&#x110000;", "\u{1}"];
    prop_oneof![
        12 => "[ a_x甲乙\u{a0}\u{3000}\n>]{0,8}",
        4 => prop::sample::select(&["&amp;", "a&#65; ", " &lt;&#x4e00;", "&#10;甲&#13;"][..]).prop_map(str::to_owned),
        1 => prop::sample::select(strange).prop_map(str::to_owned),
    ]
}

/// The content of `<is>` or `<si>`.
fn string() -> impl Strategy<Value = String> {
    let begin = mostly(
        &["<t>", "<t xml:space=\"preserve\">", "<r><t>", "<r><rPr><b/><sz val=\"9\"/></rPr><t>"],
        &["<t a=\"\">", "<r><r><t>", "<rPr><t>", "<x:t>", "a<t>", "<t xml:space=\"\">"],
    );
    let end = mostly(&["</t>"], &["</t><t>2</t>", "</t ></r>", "", "</x:t>", "</t>a"]);
    let sound =
        mostly(&["", "", "<rPh sb=\"0\"><t>a</t></rPh><phoneticPr/>"], &["<rPh/>", "<rPh><t>a</rPh>", "<t/>", "<x/>"]);
    (begin, text(), end, sound).prop_map(|(begin, text, end, sound)| {
        let run = if begin.starts_with("<r>") { "</r>" } else { "" };
        format!("{begin}{text}{end}{run}{sound}")
    })
}

fn cell() -> impl Strategy<Value = String> {
    let place = mostly(
        &[" r=\"{c}{r}\"", " r='{c}{r}' ", ""],
        &[" r=\"A1\"", " r=\"\"", " r=\"a1\"", " r=\"{c}0{r}\"", " r=\"XFD{r}\""],
    );
    let style = mostly(
        &["", " s=\"0\"", " s=\"1\"", " s=\"2\"", " s=\"3\""],
        &[" s=\"9\"", " s=\"\"", " s=\"01\"", " x=\"\"", " cm=\"1\""],
    );
    let formula = mostly(
        &["", "", "<f>A1</f>", "<f/>", "<f t=\"shared\" si=\"0\">A&amp;1</f>"],
        &["<f>&x;</f>", "<f>", "<f></f ><f/>", "<x/>", " ", "a"],
    );
    let kind = prop_oneof![
        4 => number().prop_map(|value| ("", format!("<v>{value}</v>"))),
        1 => number().prop_map(|value| (" t=\"n\"", format!("<v>{value}</v>"))),
        2 => mostly(&["0", "1"], &["2", "", "01", "a"]).prop_map(|value| (" t=\"s\"", format!("<v>{value}</v>"))),
        1 => mostly(&["0", "1"], &["2", "", " 1", "true"]).prop_map(|value| (" t=\"b\"", format!("<v>{value}</v>"))),
        1 => mostly(&["#N/A", "#REF!"], &["#SPILL!", "", "#n/a"]).prop_map(|value| (" t='e'", format!("<v>{value}</v>"))),
        1 => mostly(&["2026-07-01", "2026-07-01T10:00:00Z"], &["&amp;", ""]).prop_map(|value| (" t=\"d\"", format!("<v>{value}</v>"))),
        2 => text().prop_map(|text| (" t=\"str\"", format!("<v>{text}</v>"))),
        2 => string().prop_map(|text| (" t=\"inlineStr\"", format!("<is>{text}</is>"))),
        1 => mostly(&["", "<v/>", "<v></v>"], &["<is/>", "<v>1</v><f/>", "<v>1</v><v>2</v>", "<x/>"]).prop_map(|content| ("", content)),
        1 => mostly(&["<is/>"], &["<v>1</v>", "<is/><is/>"]).prop_map(|content| (" t=\"inlineStr\"", content)),
    ];
    (place, style, formula, kind).prop_map(|(place, style, formula, (kind, content))| match content.as_str() {
        "" => format!("<c{place}{style}{kind}/>"),
        content => format!("<c{place}{style}{kind}>{formula}{content}</c>"),
    })
}

fn row() -> impl Strategy<Value = String> {
    let place = mostly(
        &[" r=\"{r}\"", " r=\"{r}\" spans=\"1:4\" ht=\"15\"", "", " r=\"{r}\" hidden=\"1\"", " hidden='true' r='{r}'"],
        &[" r=\"3\"", " hidden=\"x\"", " ht=\"1\" ht=\"1\"", " r=\"0\"", " x:hidden=\"1\"", " r=\"{r}", " r=\"0{r}\""],
    );
    (place, prop::collection::vec(cell(), 0..5)).prop_map(|(place, cells)| {
        let cells = cells.iter().zip('A'..).map(|(cell, column)| cell.replace("{c}", &column.to_string()));
        format!("<row{place}>{}</row>", cells.collect::<String>())
    })
}

fn sheet() -> impl Strategy<Value = String> {
    let begin = mostly(
        &["", "<dimension ref=\"A1:D9\"/>", "<cols><col min=\"2\" max=\"2\" hidden=\"1\"/></cols>"],
        &["<dimension ref=\"x\"/>", "<dimension/>", "<col/>", "<!---->", "<x:sheetData/>", "<row/>", "a", "<cols>"],
    );
    let end = mostly(
        &["", "<mergeCells><mergeCell ref=\"A1:B1\"/></mergeCells>", "<x:f>1</x:f>", "<a b='&amp;'>&lt;</a>"],
        &[
            "<mergeCell ref=\"A1:B1\"/><mergeCell ref=\"A1:C1\"/>",
            "<a>&x;</a>",
            "<a>",
            "<f/>",
            "<c/>",
            "<x:mergeCell ref=\"A1:B1\"/>",
        ],
    );
    (begin, prop::collection::vec(row(), 0..5), end).prop_map(|(begin, rows, end)| {
        let rows = rows.iter().zip(1..).map(|(row, number): (_, u32)| row.replace("{r}", &number.to_string()));
        format!("<worksheet>{begin}<sheetData>{}</sheetData>{end}</worksheet>", rows.collect::<String>())
    })
}

const STYLES: &str =
    "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"46\"/></cellXfs></styleSheet>";

const STRINGS: &str = "<sst uniqueCount=\"2\"><si><t>甲</t></si><si><r><t>乙 </t></r></si></sst>";

fn around(sheet: &str, strings: &str) -> Vec<u8> {
    raw::xlsx_with(sheet, &[("xl/sharedStrings.xml", strings.as_bytes()), ("xl/styles.xml", STYLES.as_bytes())])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sheet_is_read_in_two_ways(sheet in sheet()) {
        agree(&around(&sheet, STRINGS), &Limits::default(), &sheet);
    }

    #[test]
    fn no_strings_are_read_in_two_ways(strings in prop::collection::vec(string(), 0..4)) {
        let strings: String = strings.iter().map(|one| format!("<si>{one}</si>")).collect();
        let cells: String = (0..4).map(|at| format!("<c t=\"s\"><v>{at}</v></c>")).collect();
        let sheet = raw::sheet(&format!("<row>{cells}</row>"));
        agree(&around(&sheet, &format!("<sst>{strings}</sst>")), &Limits::default(), &strings);
    }

    #[test]
    fn no_changed_sheet_is_read_in_two_ways(
        sheet in sheet(),
        at in any::<prop::sample::Index>(),
        with in "[<>/&;\"' =a-cfrstv0-9é]{0,3}",
    ) {
        let mut changed = sheet.into_bytes();
        let at = at.index(changed.len());
        changed.splice(at..at + 1, with.bytes());
        agree(&around(&String::from_utf8_lossy(&changed), STRINGS), &Limits::default(), "changed");
    }

    #[test]
    fn numbers_are_shown_as_calamine_reads_them(number in "-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,12})?") {
        let sheet = raw::sheet(&format!("<row><c><v>{number}</v></c></row>"));
        prop_assert!(agree(&raw::xlsx_with(&sheet, &[]), &Limits::default(), &number), "{} is plain", number);
    }
}
