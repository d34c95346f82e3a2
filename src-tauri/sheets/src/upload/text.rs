//! csv and txt: separators of any length, encodings of any center. Everything has been checked to fit.

use encoding_rs::{GB18030, GBK};
use huijiao_domain::profile::upload::{Quoting, TextEncoding, TextForm};

use super::fill::{Cell, Page};

pub(super) fn write(page: &Page, form: &TextForm) -> Vec<u8> {
    let mut text = String::new();
    let mut next = 0;
    for (row, cells) in &page.rows {
        if next > 0 {
            text.push_str(form.line_end.as_str());
        }
        for _ in next..*row {
            text.push_str(form.line_end.as_str());
        }
        line(&mut text, cells, form);
        next = row + 1;
    }
    if form.last_line_ended {
        text.push_str(form.line_end.as_str());
    }
    match form.encoding {
        TextEncoding::Utf8 => text.into_bytes(),
        TextEncoding::Utf8Bom => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        TextEncoding::Gb18030 => GB18030.encode(&text).0.into_owned(),
        TextEncoding::Gbk => GBK.encode(&text).0.into_owned(),
    }
}

fn line(text: &mut String, cells: &[Cell], form: &TextForm) {
    let mut column = 0;
    for cell in cells {
        for _ in column..cell.column {
            text.push_str(&form.separator);
        }
        column = cell.column;
        let marks = match form.quoting {
            Quoting::Never => false,
            Quoting::Needed => cell.text.contains(&form.separator) || cell.text.contains(['"', '\r', '\n']),
            Quoting::Always => true,
        };
        if marks {
            text.push('"');
            text.push_str(&cell.text.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell.text);
        }
    }
}
