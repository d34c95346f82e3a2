//! Names in sheets.

use std::borrow::Cow;

use super::about;
use crate::characters::{beyond_gbk, says_nothing};
use crate::finding::{Code, Finding, Level};
use crate::name::{LONGEST, NameText, SHORTEST};
use crate::profile::Encoding;
use crate::sheet::{CellKind, Field};

/// What a name cell gave.
#[derive(Debug, Default)]
pub(crate) struct Name<'a> {
    /// The name meant; empty where there is none.
    pub(crate) meant: Cow<'a, str>,
    /// It may be filed as it stands.
    pub(crate) sound: bool,
}

/// Judges a name.
pub(crate) fn name<'a>(text: &'a str, kind: CellKind, out: &mut Vec<Finding>) -> Name<'a> {
    let before = out.len();
    if says_nothing(text) {
        out.push(about(Field::Name, Code::NameMissing, Level::Error));
        return Name::default();
    }
    match kind {
        CellKind::Text | CellKind::Edited => {}
        CellKind::Number | CellKind::Date | CellKind::Bool | CellKind::Error => {
            out.push(about(Field::Name, Code::NameCharacters, Level::Error).arg("character", text));
            return Name::default();
        }
    }
    let name = NameText::read(text);
    let fix = |code| about(Field::Name, code, Level::Fix).propose(&*name.mended);
    let point =
        |code, c: char| about(Field::Name, code, Level::Error).arg("code_point", format!("U+{:04X}", u32::from(c)));
    if name.separator {
        out.push(fix(Code::NameSeparator));
    }
    if name.blanks {
        out.push(fix(Code::NameBlanks));
    }
    let ask = |code| about(Field::Name, code, Level::Warning);
    if name.full_width {
        out.push(ask(Code::NameCharacters).arg("character", "全角字符").propose(&*name.mended));
    }
    if let Some(c) = name.unreadable {
        out.push(point(Code::NameUnreadable, c));
    }
    if name.mojibake {
        out.push(about(Field::Name, Code::NameMojibake, Level::Error));
    }
    if let Some(c) = name.bidi {
        let control = point(Code::NameBidi, c);
        out.push(Finding { level: Level::Fix, ..control }.propose(&*name.mended));
    }
    if let Some(c) = name.unusual {
        out.push(ask(Code::NameCharacters).arg("character", c));
    }
    if name.pinyin {
        out.push(ask(Code::NamePinyin));
    }
    if name.spaces {
        out.push(ask(Code::NameSpaces));
    }
    if !(SHORTEST..=LONGEST).contains(&name.length) {
        out.push(about(Field::Name, Code::NameLength, Level::Error).arg("length", name.length));
    }
    let sound = !out[before..].iter().any(Finding::blocks);
    Name { meant: name.mended, sound }
}

/// Asks about a name with a character that the center's files cannot hold: it would leave them as a question mark.
pub(crate) fn held(name: &str, encoding: Encoding, out: &mut Vec<Finding>) {
    let lost = match encoding {
        Encoding::Utf8 | Encoding::Gb18030 => None,
        Encoding::Gbk => beyond_gbk(name),
    };
    if let Some(c) = lost {
        let finding = about(Field::Name, Code::NameBeyondGbk, Level::Warning).arg("character", c);
        out.push(finding.arg("code_point", format!("U+{:04X}", u32::from(c))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(Code, Level, Option<String>)> {
        let mut out = Vec::new();
        name(text, CellKind::Text, &mut out);
        out.into_iter().map(|f| (f.code, f.level, f.fix)).collect()
    }

    #[test]
    fn each_fault_of_a_name_has_its_code_and_level() {
        let fix = |code, to: &str| vec![(code, Level::Fix, Some(to.to_owned()))];
        let error = |code| vec![(code, Level::Error, None)];
        assert_eq!(said("王芳"), [], "a sound name");
        assert_eq!(said("𠮷田"), [], "plane 2 is fine");
        assert_eq!(said("王 芳"), fix(Code::NameBlanks, "王芳"), "blank");
        assert_eq!(said("阿依古丽•买买提"), fix(Code::NameSeparator, "阿依古丽·买买提"), "look-alike");
        assert_eq!(said("张\u{fffd}"), error(Code::NameUnreadable), "U+FFFD");
        assert_eq!(said("张?三"), error(Code::NameUnreadable), "question mark");
        assert_eq!(said("张\u{e000}三"), error(Code::NameUnreadable), "private use");
        assert_eq!(said("张\u{202e}三"), fix(Code::NameBidi, "张三"), "override");
        assert_eq!(said("锟斤拷"), error(Code::NameMojibake), "garbled");
        assert_eq!(said("王"), error(Code::NameLength), "one character");
        assert_eq!(said(&"王".repeat(50)), [], "fifty characters");
        assert_eq!(said(&"王".repeat(51)), error(Code::NameLength), "fifty-one characters");
        assert_eq!(said(" \u{3000}"), error(Code::NameMissing), "blanks only");
        let asked = |code| vec![(code, Level::Warning, None)];
        assert_eq!(said("张三2"), asked(Code::NameCharacters), "a digit");
        assert_eq!(said("刘yan"), asked(Code::NamePinyin), "pinyin for a rare character");
        assert_eq!(said("John Smith"), asked(Code::NameSpaces), "kept, and told: some centers take none");
        let full = vec![(Code::NameCharacters, Level::Warning, Some("Smith".to_owned()))];
        assert_eq!(said("Ｓｍｉｔｈ"), full, "full-width letters");
    }

    #[test]
    fn a_center_whose_files_are_gbk_cannot_hold_every_name() {
        let said = |encoding| {
            let mut out = Vec::new();
            held("刘䶮", encoding, &mut out);
            out.into_iter().map(|f| (f.code, f.level, f.args["code_point"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(said(Encoding::Gbk), [(Code::NameBeyondGbk, Level::Warning, "U+4DAE".to_owned())], "told in time");
        assert_eq!(said(Encoding::Gb18030), [], "GB 18030 has all characters");
        assert_eq!(said(Encoding::Utf8), [], "so has UTF-8");
    }

    #[test]
    fn two_faults_propose_one_name() {
        let findings = said("阿依古丽 • 买买提 ");
        let codes: Vec<_> = findings.iter().map(|f| f.0).collect();
        assert_eq!(codes, [Code::NameSeparator, Code::NameBlanks], "both faults are named");
        assert!(findings.iter().all(|f| f.2.as_deref() == Some("阿依古丽·买买提")), "either proposal mends both");
    }

    #[test]
    fn the_code_point_is_shown() {
        let mut out = Vec::new();
        name("张\u{e863}", CellKind::Text, &mut out);
        assert_eq!(out[0].args.get("code_point").map(String::as_str), Some("U+E863"), "what a font cannot show");
    }
}
