//! `.xls` files that systems write without being Excel: web pages and the XML of Excel 2003.

use huijiao_domain::field::Field;
use huijiao_domain::sheet::{CellKind, RawRow};
use huijiao_sheets::{Format, Limits, Measure, ReadChoice, RowRole, SheetError, Workbook, read};

use crate::kit::book::TITLES;
use crate::kit::people::{Person, people};
use crate::kit::summary::{Read, open, take};

/// `A1 姓名`, one line for each cell, with the kind where it is not text.
fn cells(book: &Workbook) -> Vec<String> {
    let place = |row: u32, column: u16| format!("{}{row}", huijiao_domain::sheet::column_letter(column));
    book.rows
        .iter()
        .flat_map(|row| row.cells.iter().map(move |cell| (row.row, cell)))
        .map(|(row, cell)| {
            let kind = if cell.kind == CellKind::Text { String::new() } else { format!(" ({:?})", cell.kind) };
            format!("{} {}{kind}", place(row, cell.column), cell.text)
        })
        .collect()
}

fn page(body: &str) -> String {
    format!(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\"></head><body>{body}</body></html>"
    )
}

fn table(people: &[Person]) -> String {
    let row = |cells: &[&str], tag: &str| {
        let cells: String = cells.iter().map(|cell| format!("<{tag} class=xl24>{cell}</{tag}>\r\n")).collect();
        format!(" <tr height=19>\r\n{cells}</tr>\r\n")
    };
    let body: String = people
        .iter()
        .map(|p| {
            let (old, new) = (p.old_base.to_string(), p.new_base.to_string());
            row(&[&p.account, &p.name, &p.id, &p.department, &old, &new], "td")
        })
        .collect();
    format!("<table border=1>\r\n{}{body}</table>", row(&TITLES, "th"))
}

fn names(read: &Read) -> Vec<&str> {
    read.taken.sheet.rows.iter().map(|row| row.cells.get(&Field::Name).unwrap().text).collect()
}

#[test]
fn a_page_reads_like_the_workbook_it_calls_itself() {
    let staff = people(4);
    let html = page(&table(&staff));
    for (encoding, bytes) in [
        ("utf-8", html.clone().into_bytes()),
        ("utf-8", [b"\xEF\xBB\xBF", html.as_bytes()].concat()),
        ("gb18030", encoding_rs::GB18030.encode(&html).0.into_owned()),
        ("utf-16le", [0xFF, 0xFE].into_iter().chain(html.encode_utf16().flat_map(u16::to_le_bytes)).collect()),
    ] {
        let read = take(bytes);
        assert_eq!(read.workbook.format, Format::Html, "by content");
        assert_eq!(read.workbook.encoding.as_deref(), Some(encoding), "what the bytes are, not what the page says");
        assert_eq!(names(&read), staff.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), "everybody, in order");
        for (row, person) in read.taken.sheet.rows.iter().zip(&staff) {
            let id = row.cells.get(&Field::IdNumber).unwrap();
            assert_eq!((id.text, id.kind), (person.id.as_str(), CellKind::Text), "an ID in a page is whole");
            assert_eq!(row.cells.get(&Field::PersonalAccount).unwrap().text, person.account, "with its leading zeros");
        }
    }
}

#[test]
fn a_declared_encoding_counts_where_the_bytes_leave_room() {
    let html = "<html><head><meta charset='big5'></head><table><tr><td>姓名</td><td>證件號碼</td></tr></table></html>";
    let book = open(encoding_rs::BIG5.encode(html).0.into_owned()).unwrap();
    assert_eq!(book.encoding.as_deref(), Some("big5"), "as declared");
    assert_eq!(cells(&book), ["A1 姓名", "B1 證件號碼"], "and so read");
}

#[test]
fn the_fullest_table_is_read_and_the_others_are_sheets() {
    let staff = people(3);
    let body = format!(
        "<table><tr><td>演示精密制造有限公司</td></tr></table>\
         <table><tr><td><div>外框<br>{}</div></td><td>旁注</td></tr></table>\
         <table><tr><td>制表人</td><td>周雨桐</td></tr></table>",
        table(&staff)
    );
    let read = take(page(&body).into_bytes());
    let names: Vec<&str> = read.workbook.sheets.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["表格 1", "表格 2", "表格 3", "表格 4"], "each can be chosen");
    assert_eq!(read.workbook.sheet_name(), "表格 3", "the list inside the frame");
    assert_eq!(read.taken.sheet.rows.len(), 3, "with everybody");

    let choice = ReadChoice { sheet: Some("表格 2".into()), encoding: None };
    let frame = read_page(&body, &choice).unwrap();
    assert_eq!(cells(&frame), ["A1 外框", "B1 旁注"], "nothing of the nested table is in the outer one");
    let choice = ReadChoice { sheet: Some("表格 9".into()), encoding: None };
    assert_eq!(read_page(&body, &choice), Err(SheetError::NoSuchSheet { name: "表格 9".into() }), "no such table");
}

fn read_page(body: &str, choice: &ReadChoice) -> Result<Workbook, SheetError> {
    read(page(body).into_bytes(), choice, &Limits::default())
}

#[test]
fn spans_are_merged_ranges() {
    let body = "<table>\
        <tr><td rowspan=2>姓名</td><td rowspan='2'>身份证号</td><td colspan=\"2\">缴存基数</td></tr>\
        <tr><td>调整前</td><td>调整后</td></tr>\
        <tr><td>赵晓明</td><td>1</td><td>4000</td><td>4500</td></tr>\
        <tr><td rowspan=9>钱丽</td><td>2</td><td>4100</td><td>4610</td></tr></table>";
    let read = take(page(body).into_bytes());
    assert_eq!(
        cells(&read.workbook)[..5],
        ["A1 姓名", "B1 身份证号", "C1 缴存基数", "C2 调整前", "D2 调整后"],
        "cells keep clear of what reaches down from above"
    );
    let merged: Vec<String> = read.workbook.merged.iter().map(huijiao_sheets::MergedRange::name).collect();
    assert_eq!(merged, ["A1:A2", "B1:B2", "C1:D1"], "a span that ends with the table is no range of one cell");
    let field = |column: u16| read.columns.iter().find(|c| c.column == column).unwrap().field;
    assert_eq!((field(2), field(3)), (Some(Field::OldBase), Some(Field::NewBase)), "group titles are joined");
}

#[test]
fn text_is_what_the_page_shows() {
    let body = "<style>td { color: red }</style><script>document.write('<table><tr><td>脚本</td></tr>')</script>\
        <!-- <table><tr><td>注释</td></tr></table> --><table>\
        <tr><td>&nbsp;</td><td>阿依古丽&middot;买买提</td><td>第一行<br>第二行</td></tr>\
        <tr><td>  钱\r\n   丽 </td><td><p>甲</p><p>乙</p></td><td><span style='display: none'>20260701<span>x</span></span>2026-07-01</td></tr>\
        <tr><td>A &lt; B && C</td><td>1 < 2</td><td title=\"a > b\">引号</td><TD>&#19968;&#x4E8C;\
        <tr><td>没有结尾<td>的单元格<tbody><tr><th>下一组</table>";
    let book = open(page(body).into_bytes()).unwrap();
    assert_eq!(
        cells(&book),
        [
            "B1 阿依古丽·买买提",
            "C1 第一行\n第二行",
            "A2 钱 丽",
            "B2 甲\n乙",
            "C2 2026-07-01",
            "A3 A < B && C",
            "B3 1 < 2",
            "C3 引号",
            "D3 一二",
            "A4 没有结尾",
            "B4 的单元格",
            "A5 下一组",
        ],
        "no script, no comment, no style, nothing hidden, one line where the page shows one"
    );
}

#[test]
fn hidden_rows_and_columns_of_a_page_are_said() {
    let body = "<table><col><col span=2 style='display:none;mso-width-source:userset'><col>\
        <tr><td>甲</td><td>乙</td><td></td><td>丁</td><td style=\"display:none\">戊</td></tr>\
        <tr style='mso-height-source:userset; DISPLAY : none'><td>藏</td></tr><tr><td>显</td></tr></table>";
    let book = open(page(body).into_bytes()).unwrap();
    assert_eq!(book.hidden_rows, [2], "the row that the page does not show");
    assert_eq!(book.hidden_columns, [1, 4], "columns that hold something");
    assert_eq!(cells(&book).len(), 6, "and nothing of it is left out");
}

#[test]
fn what_excel_itself_wrote_into_a_page() {
    let body = "<table>\
        <tr><td x:num=\"4.1080119851231002E+17\">4.10801E+17</td><td x:num>8000</td><td x:num=\"1234.5\">￥1,234.50</td></tr>\
        <tr><td x:num=\"0.08\">8%</td><td x:num=\"46204\">2026-07-01</td><td x:num=\"12345678.9\">#####</td></tr>\
        <tr><td x:err=\"#N/A\">#N/A</td><td x:bool=\"TRUE\">true</td><td x:str=\"\">410801198512310022</td></tr>\
        <tr><td style='mso-number-format:\"\\@\"'>410801198512310022</td><td style=\"vnd.ms-excel.numberformat:@\">007</td></tr></table>";
    let book = open(page(body).into_bytes()).unwrap();
    assert_eq!(
        cells(&book),
        [
            "A1 410801198512310000 (Number)",
            "B1 8000 (Number)",
            "C1 1234.5 (Number)",
            "A2 0.08 (Number)",
            "B2 2026-07-01",
            "C2 12345678.9 (Number)",
            "A3 #N/A (Error)",
            "B3 TRUE (Bool)",
            "C3 410801198512310022",
            "A4 410801198512310022",
            "B4 007",
        ],
        "an ID that Excel held as a number is one that lost its end; text stays text"
    );
}

#[test]
fn a_page_by_libreoffice() {
    let read = take(include_bytes!("../fixtures/adjustment-by-libreoffice.html").to_vec());
    let sheet = take(include_bytes!("../fixtures/adjustment-by-libreoffice.ods").to_vec());
    let shown: Vec<_> =
        (sheet.taken.sheet.rows.iter()).filter(|r| !sheet.workbook.hidden_rows.contains(&r.row)).collect();
    assert_eq!(read.taken.sheet.rows.len(), shown.len(), "everybody whom LibreOffice wrote");
    for (page, sheet) in read.taken.sheet.rows.iter().zip(shown) {
        let said = |row: &RawRow, field| row.cells.get(&field).map(|cell| (cell.text.to_string(), cell.kind));
        for field in [Field::Name, Field::IdNumber, Field::NewBase] {
            assert_eq!(said(page, field), said(sheet, field), "{field:?}: the same text of the same kind");
        }
    }
}

#[test]
fn a_page_that_breaks_off_is_damaged() {
    let html = page(&table(&people(20)));
    let end = html.find("</table>").unwrap();
    for length in (1..end).step_by(97) {
        let Some(cut) = html.get(..length) else { continue };
        let result = open(cut.as_bytes().to_vec());
        assert!(
            matches!(&result, Err(SheetError::Damaged { .. } | SheetError::NotAWorkbook { .. })),
            "cut at {length}: a shorter list must not pass as the whole one: {result:?}"
        );
    }
}

#[test]
fn a_hostile_page_meets_the_limits() {
    let limits = Limits { cells: 1_000, rows: 200, columns: 20, cell_chars: 100, ..Limits::default() };
    let refused = |body: &str| read(page(body).into_bytes(), &ReadChoice::default(), &limits).unwrap_err();
    let too = |measure, limit| SheetError::TooLarge { measure, limit };
    let row = |cells: usize| format!("<tr>{}</tr>", "<td>1</td>".repeat(cells));
    assert_eq!(refused(&format!("<table>{}</table>", row(21))), too(Measure::Columns, 20), "too wide");
    assert_eq!(refused(&format!("<table>{}</table>", row(1).repeat(201))), too(Measure::Rows, 200), "too long");
    assert_eq!(refused(&format!("<table>{}</table>", row(10).repeat(101))), too(Measure::Cells, 1_000), "too many");
    let far = "<table><tr><td colspan=4294967295>1</td><td colspan=99999>2</td></tr></table>";
    assert_eq!(refused(far), too(Measure::Columns, 20), "pushed out of the sheet");
    let long = format!("<table><tr><td>{}</td></tr></table>", "一".repeat(101));
    assert_eq!(refused(&long), too(Measure::CellChars, 100), "a novel");
    let deep = "<table><tr><td>1".repeat(60) + &"</td></tr></table>".repeat(60);
    assert_eq!(refused(&deep), SheetError::Damaged { part: "html tables".into() }, "tables all the way down");
    let many = "<table></table>".repeat(1_001);
    assert_eq!(refused(&many), too(Measure::Cells, 1_000), "a thousand tables");
    let tall = format!("<table>{}</table>", "<tr><td rowspan=4294967295>1</td></tr>".repeat(30));
    assert_eq!(refused(&tall), too(Measure::Columns, 20), "spans that fill the sheet");
    let rows = format!("<table>{}<tr><td>1</td></tr></table>", "<tr>".repeat(100_000));
    assert_eq!(refused(&rows), too(Measure::Rows, 200), "empty rows above");
}

const OPENING: &str = r#"<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">"#;

fn workbook(sheets: &str) -> String {
    format!("{OPENING}<Styles><Style ss:ID=\"s62\"><NumberFormat ss:Format=\"@\"/></Style></Styles>{sheets}</Workbook>")
}

fn data(kind: &str, text: &str) -> String {
    format!(r#"<Cell><Data ss:Type="{kind}">{text}</Data></Cell>"#)
}

#[test]
fn xml_of_excel_2003() {
    let staff = people(3);
    let titles: String = TITLES.iter().map(|t| data("String", t)).collect();
    let people: String = staff
        .iter()
        .map(|p| {
            let texts: String = [&p.account, &p.name, &p.id, &p.department].map(|t| data("String", t)).concat();
            let bases: String = [p.old_base, p.new_base].map(|n| data("Number", &n.to_string())).concat();
            format!("<Row ss:AutoFitHeight=\"0\">{texts}{bases}</Row>")
        })
        .collect();
    let xml = workbook(&format!(
        "<Worksheet ss:Name=\"说明\"><Table><Row>{}</Row></Table><WorksheetOptions xmlns=\"urn:schemas-microsoft-com:office:excel\"><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>\
         <Worksheet ss:Name=\"基数&amp;调整\"><Table ss:ExpandedColumnCount=\"6\">\
         <Row><Cell ss:MergeAcross=\"5\"><Data ss:Type=\"String\">缴存基数调整清册</Data></Cell></Row><Row ss:Index=\"3\">{titles}</Row>{people}</Table></Worksheet>",
        data("String", "藏")
    ));
    let gb = xml.replace("version=\"1.0\"", "version=\"1.0\" encoding=\"GB2312\"");
    for bytes in [xml.into_bytes(), encoding_rs::GB18030.encode(&gb).0.into_owned()] {
        let read = take(bytes);
        assert_eq!(read.workbook.format, Format::Xml2003, "by content");
        assert_eq!(read.workbook.sheet_name(), "基数&调整", "the first that is not hidden");
        assert!(read.workbook.sheets[0].hidden, "which is said");
        assert_eq!(read.header.first, 3, "the row says its own number");
        assert_eq!(names(&read), staff.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), "everybody");
        let id = read.taken.sheet.rows[0].cells.get(&Field::IdNumber).unwrap();
        assert_eq!((id.text, id.kind), (staff[0].id.as_str(), CellKind::Text), "whole");
        assert_eq!(read.workbook.merged[0].name(), "A1:F1", "the title");
        assert_eq!(read.taken.roles[0], (1, RowRole::Title), "is nobody's row");
    }
}

#[test]
fn formulas_of_excel_2003_xml() {
    let xml = workbook(
        "<Worksheet ss:Name=\"表\"><Table><Row><Cell><Data ss:Type=\"Number\">1</Data></Cell>\
         <Cell ss:Formula=\"=RC[-1]*2\"><Data ss:Type=\"Number\">2</Data></Cell></Row></Table></Worksheet>",
    );
    assert_eq!(open(xml.into_bytes()).unwrap().formulas, [(1, 1)], "said to be computed");
}

#[test]
fn places_kinds_and_hidden_parts_of_excel_2003_xml() {
    let xml = workbook(
        r#"<Worksheet ss:Name="S"><Table><Column ss:Index="2" ss:Hidden="1" ss:Span="1"/><Column ss:Index="7" ss:Hidden="1"/>
        <Row><Cell ss:Index="2" ss:MergeDown="1"><Data ss:Type="String">甲</Data></Cell><Cell><Data ss:Type="Number">1234.5</Data></Cell></Row>
        <Row ss:Hidden="1"><Cell><Data ss:Type="Number">4.1080119851231002E+17</Data></Cell></Row>
        <Row ss:Index="9"><Cell><Data ss:Type="DateTime">2026-07-01T00:00:00.000</Data></Cell><Cell><Data ss:Type="Boolean">1</Data></Cell>
        <Cell ss:Formula="=NA()"><Data ss:Type="Error">#N/A</Data></Cell><Cell/><Cell><Data ss:Type="Number">8,000</Data></Cell>
        <Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>阿依古丽</B><Font>·买买提</Font></ss:Data>
        <Comment ss:Author="x"><ss:Data xmlns="http://www.w3.org/TR/REC-html40">批注</ss:Data></Comment></Cell></Row></Table></Worksheet>"#,
    );
    let book = open(xml.into_bytes()).unwrap();
    assert_eq!(
        cells(&book),
        [
            "B1 甲",
            "C1 1234.5 (Number)",
            "A2 410801198512310000 (Number)",
            "A9 2026-07-01 (Date)",
            "B9 TRUE (Bool)",
            "C9 #N/A (Error)",
            "E9 8,000",
            "F9 阿依古丽·买买提",
        ],
        "each where it says it is, a comment nowhere; a number that is none stays text"
    );
    assert_eq!(book.merged.iter().map(huijiao_sheets::MergedRange::name).collect::<Vec<_>>(), ["B1:B2"], "merged");
    assert_eq!((book.hidden_rows, book.hidden_columns), (vec![2], vec![1, 2]), "hidden, where something stands");
}

#[test]
fn what_has_no_height_or_width_in_excel_2003_xml_is_hidden() {
    let row = |said: &str| format!("<Row {said}>{0}{0}</Row>", data("Number", "1"));
    let rows = [row(r#"ss:Height="0""#), row(r#"ss:Height="15""#), row(r#"ss:Height="0.5""#)].concat();
    let columns = r#"<Column ss:Width="0"/><Column ss:Width="60"/>"#;
    let xml = workbook(&format!(r#"<Worksheet ss:Name="S"><Table>{columns}{rows}</Table></Worksheet>"#));
    let book = open(xml.into_bytes()).unwrap();
    assert_eq!((book.hidden_rows, book.hidden_columns), (vec![1], vec![0]), "not seen, and said to be hidden");
}

#[test]
fn excel_2003_xml_that_is_broken_or_hostile() {
    let far = |row: &str| workbook(&format!(r#"<Worksheet ss:Name="S"><Table>{row}</Table></Worksheet>"#));
    let cell = data("String", "1");
    let large = |text: String| match open(text.into_bytes()) {
        Err(SheetError::TooLarge { measure, .. }) => measure,
        other => panic!("expected a limit, got {other:?}"),
    };
    assert_eq!(large(far(&format!(r#"<Row ss:Index="4294967295">{cell}</Row>"#))), Measure::Rows, "far down");
    let right = cell.replace("<Cell>", r#"<Cell ss:Index="16384">"#);
    assert_eq!(large(far(&format!("<Row>{right}</Row>"))), Measure::Columns, "far right");

    let damaged = |text: String, why: &str| {
        let result = open(text.into_bytes());
        assert!(matches!(result, Err(SheetError::Damaged { .. })), "{why}: {result:?}");
    };
    let bomb = far(&format!("<Row>{}</Row>", data("String", "&a;")));
    damaged(bomb.replace("<?mso", "<!DOCTYPE x [<!ENTITY a \"b\">]><?mso"), "entities of its own");
    damaged(bomb, "an entity that nobody declared");
    damaged(far(&format!(r#"<Row ss:Index="0">{cell}</Row>"#)), "there is no row 0");
    damaged(far(&format!(r#"<Row ss:Index="x">{cell}</Row>"#)), "a place that is none");
    damaged(far(&format!("<Row>{cell}</Row><Row ss:Index=\"1\">{cell}</Row>")), "one cell with two values");
    damaged(workbook(""), "no sheet at all");
    let whole = far(&format!("<Row>{cell}</Row>").repeat(50));
    for length in (OPENING.len()..whole.len()).step_by(61) {
        if let Some(cut) = whole.get(..length) {
            damaged(cut.to_owned(), "cut off");
        }
    }
}

#[test]
fn an_attribute_with_a_chinese_name_is_an_attribute() {
    let body = "<table><tr><td 序号=\"1\" style='display:none'>藏</td><td é>显</td></tr><tr><td>一</td><td>二</td></tr></table>";
    let book = open(page(body).into_bytes()).unwrap();
    assert_eq!(cells(&book), ["A1 藏", "B1 显", "A2 一", "B2 二"], "the page is read");
    assert_eq!(book.hidden_columns, [0], "and so are the attributes after it");
}
