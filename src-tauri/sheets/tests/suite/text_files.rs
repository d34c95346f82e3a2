//! Tables as text, the way bank and payroll programs write them.

use huijiao_domain::field::Field;
use huijiao_sheets::{Format, Limits, ReadChoice, SheetError, read};

use crate::kit::book::delimited;
use crate::kit::people::people;
use crate::kit::summary::{open, take};

#[test]
fn every_separator() {
    let staff = people(5);
    for delimiter in [',', ';', '\t', '|', '#'] {
        // The separator of several programs of centers, made of characters that names do not have.
        let read = take(delimited(&staff, delimiter).replace('#', "#~#").into_bytes());
        assert_eq!(read.workbook.format, Format::Csv, "by content, whatever the name");
        assert_eq!(read.taken.sheet.rows.len(), 5, "everybody, between {delimiter:?}");
        assert_eq!(
            read.taken.sheet.rows[4].cells.get(&Field::Name).unwrap().text,
            staff[4].name,
            "in the right column"
        );
    }
}

#[test]
fn a_first_line_that_says_the_separator() {
    let staff = people(3);
    for delimiter in [';', ',', '\t', '^'] {
        for first in [format!("sep={delimiter}\r\n"), format!("\"SEP={delimiter}\"\n")] {
            let read = take((first + &delimited(&staff, delimiter)).into_bytes());
            assert_eq!(read.header.first, 1, "Excel does not show that line");
            assert_eq!(read.taken.sheet.rows.len(), 3, "everybody, between {delimiter:?}");
        }
    }
    let read = take(format!("sep=;;\r\n{}", delimited(&staff, ';')).into_bytes());
    assert_eq!(read.header.first, 2, "what says no separator is a line like any other");
}

#[test]
fn line_breaks_and_separators_within_quotation_marks() {
    let staff = people(4);
    let mut text = delimited(&staff, ',');
    for p in &staff {
        text = text.replace(&format!(",{},", p.department), &format!(",\"{},\r\n\"\"二\"\"组\",", p.department));
    }
    let read = take(text.into_bytes());
    let rows = &read.taken.sheet.rows;
    assert_eq!(rows.iter().map(|r| r.row).collect::<Vec<_>>(), [2, 3, 4, 5], "rows as a spreadsheet counts them");
    assert_eq!(
        rows[0].cells.get(&Field::Department).unwrap().text,
        format!("{},\r\n\"二\"组", staff[0].department),
        "as it stands"
    );
    assert_eq!(
        rows[0].cells.get(&Field::NewBase).unwrap().text,
        staff[0].new_base.to_string(),
        "what follows is in its column"
    );
}

#[test]
fn a_title_above_the_titles() {
    let text = format!("演示精密制造有限公司缴存基数调整表\r\n\r\n{}", delimited(&people(3), ','));
    let read = take(text.into_bytes());
    assert_eq!(read.header.first, 3, "the line of titles, not the title");
    assert_eq!(read.taken.sheet.rows.len(), 3, "everybody");
}

#[test]
fn a_nul_is_said_with_its_place() {
    let text = delimited(&people(3), ',');
    let at = text.find("钱").unwrap();
    let mut bytes = text.clone().into_bytes();
    bytes.insert(at, 0);
    let nul = SheetError::NulByte { byte: at as u64 + 1, line: 3 };
    assert_eq!(open(bytes), Err(nul), "it would cut a name short somewhere else");
    let mut padded = text.clone().into_bytes();
    padded.extend([0; 512]);
    assert!(matches!(open(padded), Err(SheetError::NulByte { .. })), "a file that was not written to its end");
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(format!("{text}\0").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(matches!(open(wide), Err(SheetError::NulByte { .. })), "in UTF-16 too");
}

#[test]
fn encodings_that_are_not_read_are_named() {
    let text = delimited(&people(2), ',');
    let little: Vec<u8> = "\u{feff}".chars().chain(text.chars()).flat_map(|c| (c as u32).to_le_bytes()).collect();
    let big: Vec<u8> = "\u{feff}".chars().chain(text.chars()).flat_map(|c| (c as u32).to_be_bytes()).collect();
    for bytes in [little, big] {
        assert_eq!(open(bytes), Err(SheetError::UnsupportedEncoding { encoding: "UTF-32".into() }), "never UTF-16");
    }
    let seven = b"+/v8-+WdNUDQ-,+i8FO9lPfeAE-\r\n".to_vec();
    assert_eq!(open(seven), Err(SheetError::UnsupportedEncoding { encoding: "UTF-7".into() }), "never base64 as names");
}

#[test]
fn utf_16_without_a_mark_is_read_where_it_is_chosen() {
    let text = delimited(&people(3), ',');
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let chosen = |bytes: &[u8], label: &str| {
        read(bytes.to_vec(), &ReadChoice { sheet: None, encoding: Some(label.into()) }, &Limits::default())
    };
    let rows = open(text.into_bytes()).unwrap().rows;
    for (bytes, label) in [(&little, "utf-16le"), (&little, "UTF-16"), (&big, "utf-16be")] {
        let book = chosen(bytes, label).unwrap_or_else(|e| panic!("{label}: {e}"));
        assert_eq!(book.rows, rows, "{label}: the same people");
        assert_eq!(book.encoding.as_deref(), Some(if bytes == &big { "utf-16be" } else { "utf-16le" }));
    }
    assert!(open(little.clone()).is_err(), "nothing is guessed where nothing says so");
    assert!(chosen(&little, "gb18030").is_err(), "nor read as something else");
    assert!(chosen(&little[..little.len() - 1], "utf-16le").is_err(), "half a character is no text");
    assert!(chosen(b"%PDF-1.7\n", "utf-16le").is_err(), "and what is no text stays none");
}
