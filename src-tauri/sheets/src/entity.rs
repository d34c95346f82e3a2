//! The named and numbered characters of HTML, those that turn up in tables.

use std::borrow::Cow;

const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("lrm", '\u{200E}'),
    ("rlm", '\u{200F}'),
    ("shy", '\u{AD}'),
    ("middot", '·'),
    ("bull", '•'),
    ("yen", '¥'),
    ("times", '×'),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("deg", '°'),
    ("permil", '‰'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("plusmn", '±'),
    ("divide", '÷'),
];

/// The longest one looked for, with its `#`.
const LONGEST: usize = 12;

/// The text with its entities resolved. What is none stays as it stands.
pub(crate) fn resolve(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        resolved.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.bytes().take(LONGEST + 2).position(|b| b == b';');
        let character = end.and_then(|end| one(&rest[1..end]));
        match (character, end) {
            (Some(character), Some(end)) => {
                resolved.push(character);
                rest = &rest[end + 1..];
            }
            (None, _) | (_, None) if rest.starts_with("&nbsp") => {
                resolved.push('\u{A0}');
                rest = &rest["&nbsp".len()..];
            }
            (None, _) | (_, None) => {
                resolved.push('&');
                rest = &rest[1..];
            }
        }
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

fn one(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        // Never a NUL or another control character in anybody's name.
        return char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace());
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn entities_are_resolved_once() {
        for (text, shown) in [
            ("阿依古丽&middot;买买提", "阿依古丽·买买提"),
            ("&#x4E00;&#19968;", "一一"),
            ("A&amp;lt;B", "A&lt;B"),
            ("A&B;C&", "A&B;C&"),
            ("&nbsp&nbsp;", "\u{A0}\u{A0}"),
            ("&#0;&#xD800;", "&#0;&#xD800;"),
            ("&一;", "&一;"),
        ] {
            assert_eq!(resolve(text), shown, "{text}");
        }
    }
}
