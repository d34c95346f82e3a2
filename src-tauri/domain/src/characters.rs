//! Characters that look alike or cannot be seen.

use std::borrow::Cow;

use smol_str::SmolStr;

/// The half-width twin of a full-width form (`Ａ` → `A`, `，` → `,`, ideographic blank → blank); others as they are.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// Zero-width and control characters that a copy out of a web page or a report leaves behind. Bidirectional
/// embeddings and overrides are not among them: see [`is_bidi_control`].
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{34f}' | '\u{180e}')
        || c.is_control()
}

/// Characters that reorder the text around them.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// What means something only in a font that somebody drew for himself.
pub fn is_private_use(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Blanks of any width, and what [`is_invisible`].
pub fn is_blank(c: char) -> bool {
    // Nearly every character that is asked about.
    if matches!(c, '!'..='~' | '\u{4e00}'..='\u{9fff}') {
        return false;
    }
    c.is_whitespace() || is_invisible(c) || matches!(c, '\u{2800}' | '\u{3164}')
}

/// A Chinese character: the unified ideographs of planes 0, 2 and 3, the compatibility ones, and 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2fa1f}' | '\u{30000}'..='\u{323af}' | '〇')
}

/// The first letter or Chinese character that GBK does not have (it has those of Unicode 1.1 and the letters of
/// pinyin); GB 18030 has all of them.
pub fn beyond_gbk(text: &str) -> Option<char> {
    const LETTERS: &str = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêɑḿńňǹɡ";
    const COMPATIBILITY: &str = "\u{f92c}\u{f979}\u{f995}\u{f9e7}\u{f9f1}\u{fa0c}\u{fa0d}\u{fa0e}\u{fa0f}\u{fa11}\u{fa13}\
        \u{fa14}\u{fa18}\u{fa1f}\u{fa20}\u{fa21}\u{fa23}\u{fa24}\u{fa27}\u{fa28}\u{fa29}";
    let held = |c: char| match c {
        '\u{4e00}'..='\u{9fa5}' | '〇' => true,
        han if is_han(han) => COMPATIBILITY.contains(han),
        // Greek and Russian as GB 2312 has them.
        'Α'..='Ρ' | 'Σ'..='Ω' | 'α'..='ρ' | 'σ'..='ω' | 'Ё' | 'А'..='я' | 'ё' => true,
        letter if letter.is_alphabetic() => letter.is_ascii() || LETTERS.contains(letter),
        _other => true,
    };
    text.chars().find(|c| !held(*c))
}

/// Whether a text says nothing: empty, or blanks only.
pub fn says_nothing(text: &str) -> bool {
    text.chars().all(is_blank)
}

/// A text without blanks, in half-width forms.
pub(crate) fn squeezed(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| !is_blank(c) && half_width(c) == c) {
        return text.into();
    }
    text.chars().map(half_width).filter(|c| !is_blank(*c)).collect()
}

/// The text without blanks, marks that turn the direction, full-width forms and the apostrophe that forces text in a
/// spreadsheet.
pub fn mended(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_graphic() && b != b'\'') {
        return text.into();
    }
    let seen = |c: &char| !is_blank(*c) && !is_bidi_control(*c);
    let plain: String = text.chars().filter(seen).map(half_width).collect();
    let bare = plain.trim_start_matches(['\'', '\u{2018}', '\u{2019}', '`']);
    bare.to_owned().into()
}

/// Nearly every text is one that needs no memory of its own, and is then made where it is wanted.
#[inline]
pub(crate) fn short(text: &str) -> SmolStr {
    const INLINE: usize = 23;
    if text.len() <= INLINE { SmolStr::new_inline(text) } else { text.into() }
}

/// Digits without the `.0` of programs that took a whole number for a decimal; any other text as it is.
pub fn without_decimal(text: &str) -> &str {
    text.strip_suffix(".0").filter(|whole| whole.bytes().all(|digit| digit.is_ascii_digit())).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gbk_has() {
        for text in ["王芳", "欧阳修远", "阿依古丽·买买提", "〇一", "John Smith", "lǜ", "Иван", "朱镕基", "\u{fa0e}"]
        {
            assert_eq!(beyond_gbk(text), None, "{text}");
        }
        for (text, c) in [("刘䶮", '䶮'), ("陈𬱖", '𬱖'), ("𠮷田", '𠮷'), ("王鿍", '鿍'), ("José Núñez", 'ñ')]
        {
            assert_eq!(beyond_gbk(text), Some(c), "{text}");
        }
    }
}
