//! Texts in files that have no kinds of cells: csv and txt.

use std::borrow::Cow;

use huijiao_domain::characters::{is_bidi_control, is_blank};

/// A field that no spreadsheet program takes for a formula.
///
/// A csv does not say what is text, so Excel, WPS and LibreOffice take `=…`, `+…`, `-…`, `@…` for something to
/// work out, also behind a tab or a line break, and in East Asian settings in full width. Such a text gets a `'` in
/// front, by which those programs show it as it stands. A plain decimal number, signed or not, is only ever a number
/// and stays: negative amounts are untouched.
///
/// Quoting the field for its separator, quotes and line breaks comes after this, and is the csv writer's.
///
/// ```
/// use huijiao_sheets::write::inert;
/// assert_eq!(inert("=cmd|'/c calc'!A0"), "'=cmd|'/c calc'!A0");
/// assert_eq!(inert("-1234.50"), "-1234.50");
/// ```
#[must_use]
pub fn inert(text: &str) -> Cow<'_, str> {
    if may_act(text) && !is_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn may_act(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n'])
        // Spaces, the byte order mark, marks without width and those of direction are dropped by one program or another.
        || text
            .trim_start_matches(|c: char| is_blank(c) || is_bidi_control(c))
            .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// ASCII digits with at most one sign before and one point between them.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let amount = text.strip_prefix(['+', '-']).unwrap_or(text);
    amount.split_once('.').map_or_else(|| digits(amount), |(whole, part)| digits(whole) && digits(part))
}
