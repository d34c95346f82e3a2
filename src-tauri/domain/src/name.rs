//! 姓名: what a name may hold, and how look-alikes are mended.

use std::borrow::Cow;

use crate::characters::{half_width, is_bidi_control, is_blank, is_han, is_private_use};

/// The one separator inside names: U+00B7.
pub const SEPARATOR: char = '·';

/// Fewest characters of a name.
pub const SHORTEST: usize = 2;

/// Most characters of a name.
pub const LONGEST: usize = 50;

/// What a name's text says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameText<'a> {
    /// The name with look-alikes, blanks and full-width letters mended.
    pub mended: Cow<'a, str>,
    /// Look-alikes of the separator were mended.
    pub separator: bool,
    /// Blanks or invisible characters were taken out.
    pub blanks: bool,
    /// Full-width letters or digits were mended.
    pub full_width: bool,
    /// First character that stands for a lost one: `?`, `□`, U+FFFD, private use.
    pub unreadable: Option<char>,
    /// First control that reorders text; it was taken out.
    pub bidi: Option<char>,
    /// Single blanks between Latin words were kept.
    pub spaces: bool,
    /// Latin letters stand among Chinese characters.
    pub pinyin: bool,
    /// The text was decoded wrongly before it was saved.
    pub mojibake: bool,
    /// First character that is unusual in a name: digits, punctuation.
    pub unusual: Option<char>,
    /// Characters of the mended name.
    pub length: usize,
}

impl<'a> NameText<'a> {
    /// Reads a name.
    pub fn read(text: &'a str) -> Self {
        // The common case, two to four Chinese characters, is left without a copy.
        if text.chars().all(is_han) && !is_mojibake(text) {
            return Self { mended: text.into(), length: text.chars().count(), ..Self::default() };
        }
        let mut name = Self::default();
        let han = text.chars().any(is_han);
        let dotted = han && is_two_names(text);
        let mut mended = String::with_capacity(text.len());
        let mut gap = false;
        for original in text.chars() {
            let mut c = original;
            if !han || half_width(original).is_ascii_alphanumeric() || is_blank(half_width(original)) {
                c = half_width(original);
            }
            if is_bidi_control(c) {
                name.bidi.get_or_insert(c);
                continue;
            }
            if is_blank(c) {
                gap |= c.is_whitespace();
                name.blanks |= original != ' ';
                continue;
            }
            // The apostrophe that forces text in a spreadsheet.
            if mended.is_empty() && matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '`') {
                name.blanks = true;
                continue;
            }
            if is_separator_look_alike(original, han) {
                name.separator = true;
                c = SEPARATOR;
            } else if c != original {
                name.full_width = true;
            }
            if std::mem::take(&mut gap) {
                let latin = mended.chars().next_back().is_some_and(is_latin) && is_latin(c);
                if latin {
                    mended.push(' ');
                    name.spaces = true;
                } else if dotted && !mended.is_empty() {
                    mended.push(SEPARATOR);
                    name.separator = true;
                } else {
                    name.blanks = true;
                }
            }
            if is_unreadable(c) {
                name.unreadable.get_or_insert(original);
            } else if !(is_han(c)
                || c.is_alphabetic()
                || matches!(c, SEPARATOR | '-' | '\'' | '’')
                || (c == '.' && !han))
            {
                name.unusual.get_or_insert(original);
            }
            mended.push(c);
        }
        // A blank is left only between two Latin words, and single: more of them, or at the ends, are mended.
        let spaces = |text: &str| text.chars().filter(|c| *c == ' ').count();
        let dots = if dotted { mended.chars().filter(|c| *c == SEPARATOR).count() } else { 0 };
        name.blanks |= spaces(text) > spaces(&mended) + dots;
        name.pinyin = han && mended.chars().any(|c| c.is_alphabetic() && is_latin(c));
        name.mojibake = is_mojibake(&mended);
        if mended.starts_with(SEPARATOR) || mended.ends_with(SEPARATOR) {
            name.unusual.get_or_insert(SEPARATOR);
        }
        name.length = mended.chars().count();
        name.mended = mended.into();
        name
    }
}

/// A name as names are compared: look-alikes of the separator, widths, blanks and the case of Latin letters do
/// not make another person.
pub fn folded(text: &str) -> Cow<'_, str> {
    let mut name = NameText::read(text).mended;
    if name.chars().any(char::is_lowercase) {
        name = name.to_uppercase().into();
    }
    name
}

/// Letters of scripts that set blanks between names: Latin with all its accents, Greek, Cyrillic …
fn is_latin(c: char) -> bool {
    (c.is_alphabetic() && matches!(u32::from(c), 0..0x1100 | 0x1e00..0x2000)) || matches!(c, '.' | '\'' | '’' | '-')
}

/// ・ • ． . ‧ ꞏ and their kin; full stop and dash only where the name is Chinese.
fn is_separator_look_alike(c: char, han: bool) -> bool {
    match c {
        '\u{30fb}' | '\u{2022}' | '\u{2027}' | '\u{a78f}' | '\u{22c5}' | '\u{2219}' | '\u{ff65}' | '\u{25cf}'
        | '\u{2024}' => true,
        '\u{ff0e}' | '.' | '-' | '\u{ff0d}' | '\u{2010}'..='\u{2015}' | '\u{2212}' => han,
        _ => false,
    }
}

/// A blank where the separator belongs: 阿依古丽 买买提, but not 王 芳, 欧阳 修远 or a name set apart letter by letter.
fn is_two_names(text: &str) -> bool {
    if text.chars().any(|c| c == SEPARATOR || is_separator_look_alike(c, true)) {
        return false;
    }
    let parts: Vec<usize> = text
        .split(is_blank)
        .map(|part| part.chars().filter(|c| is_han(*c)).count())
        .filter(|length| *length > 0)
        .collect();
    parts.len() > 1 && parts.iter().all(|length| *length >= 2) && parts.iter().sum::<usize>() >= 5
}

/// 锟斤拷 is U+FFFD read as GBK, 烫烫烫 and 屯屯屯 are memory that nobody filled, Ã© is UTF-8 read as Latin-1.
fn is_mojibake(text: &str) -> bool {
    let mut before = None;
    let mut pairs = text.chars().zip(text.chars().skip(1));
    pairs.any(|(lead, next)| {
        let third = before.replace(lead);
        if matches!((lead, next), ('锟', '斤') | ('斤', '拷'))
            || (matches!(lead, '烫' | '屯') && lead == next && third == Some(lead))
        {
            return true;
        }
        let byte = (matches!(next, '\u{80}'..='\u{bf}') && next != SEPARATOR) || is_cp1252_mark(next);
        // KOŽÍŠEK is a name, a capital behind a small letter is none.
        let capital = lead.is_lowercase() && matches!(next, 'Ž' | 'Š' | 'Œ' | 'Ÿ');
        matches!(lead, '\u{c2}'..='\u{f4}') && (byte || capital)
    })
}

/// What Windows shows for the bytes 80 to 9F, apart from letters and quotation marks of real names.
fn is_cp1252_mark(c: char) -> bool {
    matches!(c, '€' | '‚' | 'ƒ' | '„' | '…' | '†' | '‡' | 'ˆ' | '‰' | '‹' | '“' | '”' | '˜' | '™' | '›')
}

pub(crate) fn is_unreadable(c: char) -> bool {
    matches!(c, '?' | '？' | '\u{fffd}' | '□' | '■' | '〓') || is_private_use(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sound_names_stay_as_they_are() {
        for text in [
            "王芳",
            "欧阳修远",
            "阿依古丽·买买提",
            "𠮷田",
            "𰻝𰻝",
            "〇一",
            "John Smith",
            "Anne-Marie O'Neil",
            "J. R. Hart",
            "José Núñez",
            "Nguyễn Thị Hoa",
            "Иван Петров",
        ] {
            let name = NameText::read(text);
            let spaces = text.contains(' ');
            let expected =
                NameText { mended: text.into(), length: text.chars().count(), spaces, ..NameText::default() };
            assert_eq!(name, expected, "{text} needs nothing");
        }
    }

    #[test]
    fn look_alikes_of_the_separator_are_mended() {
        for c in ["・", "•", "．", ".", "‧", "ꞏ", "●", "-", "－", "—", " "] {
            let text = format!("阿依古丽{c}买买提");
            let name = NameText::read(&text);
            assert_eq!(name.mended, "阿依古丽·买买提", "{c}");
            assert!(name.separator && !name.blanks && name.unusual.is_none(), "{c}: nothing else is said");
        }
        assert!(!NameText::read("阿依古丽·买买提").separator, "the right one is left alone");
    }

    #[test]
    fn blanks_go_except_single_ones_inside_latin_names() {
        for (text, mended) in [
            ("王 芳", "王芳"),
            ("\u{3000}王芳 ", "王芳"),
            ("王\u{200b}芳", "王芳"),
            ("王芳\u{feff}", "王芳"),
            ("王芳\r\n", "王芳"),
            ("阿依古丽 · 买买提", "阿依古丽·买买提"),
            ("阿依古丽\u{3000}买买提", "阿依古丽·买买提"),
            ("欧阳 修远", "欧阳修远"),
            ("阿 依 古 丽", "阿依古丽"),
            ("'王芳", "王芳"),
            ("John  Smith", "John Smith"),
            (" John Smith", "John Smith"),
            ("John\u{a0}Smith", "John Smith"),
            ("王 Anna", "王Anna"),
        ] {
            let name = NameText::read(text);
            assert_eq!(name.mended, mended, "{text:?}");
            assert!(name.blanks, "{text:?}: the mending is told");
        }
    }

    #[test]
    fn lost_characters_are_named() {
        for (text, c) in [
            ("张\u{fffd}", '\u{fffd}'),
            ("张?", '?'),
            ("张？", '？'),
            ("张□", '□'),
            ("张\u{e863}", '\u{e863}'),
            ("张\u{f0001}", '\u{f0001}'),
        ] {
            assert_eq!(NameText::read(text).unreadable, Some(c), "{text:?}");
        }
        assert_eq!(NameText::read("张\u{202e}三").bidi, Some('\u{202e}'), "an override is never mended away silently");
        assert_eq!(NameText::read("张三2").unusual, Some('2'), "digits are told");
        assert_eq!(NameText::read("·张三").unusual, Some('·'), "a separator stands between two parts");
        assert!(NameText::read("Ｊｏｈｎ").full_width, "full-width letters are told");
    }

    #[test]
    fn letters_for_a_rare_character_and_garbled_text() {
        for text in ["王yan", "刘yǎn芳", "张（zhuó）"] {
            assert!(NameText::read(text).pinyin, "{text}");
        }
        for text in ["锟斤拷", "王锟斤", "烫烫烫烫", "çŽ‹èŠ³", "Ã©lise", "JosÃ©"] {
            assert!(NameText::read(text).mojibake, "{text}");
        }
        for text in ["José Núñez", "João", "José·Núñez", "Émile Zola", "KOŽÍŠEK", "王芳", "锟玉", "Nguyễn Thị Hoa"]
        {
            let name = NameText::read(text);
            assert!(!name.mojibake && !name.pinyin, "{text} is a name");
        }
    }

    proptest! {
        #[test]
        fn memory_that_nobody_filled_is_no_name(text in "[锟斤拷烫屯王]{0,8}") {
            let marks = ["锟斤", "斤拷", "烫烫烫", "屯屯屯"];
            prop_assert_eq!(is_mojibake(&text), marks.iter().any(|mark| text.contains(mark)));
        }

        #[test]
        fn mending_is_done_once(text in "[王芳 ·.．•A-zé\u{3000}\u{200b}Ａ?]{0,12}") {
            let mended = NameText::read(&text).mended.into_owned();
            let again = NameText::read(&mended);
            prop_assert_eq!(&again.mended, &mended, "a proposal needs no second one");
            prop_assert!(!again.separator && !again.blanks && !again.full_width, "{:?}: a mended name is not mended again", mended);
        }

        #[test]
        fn nothing_is_mended_silently(text in "\\PC{0,60}") {
            let name = NameText::read(&text);
            let told = name.separator || name.blanks || name.full_width || name.bidi.is_some();
            prop_assert_eq!(name.mended != text, told, "what is changed is told, and only that");
        }

        #[test]
        fn nothing_usual_is_mended_silently(text in "[王芳 ·.．•A-zé\u{3000}\u{200b}Ａ２（]{0,12}") {
            let name = NameText::read(&text);
            prop_assert_eq!(name.mended != text, name.separator || name.blanks || name.full_width);
        }
    }
}
