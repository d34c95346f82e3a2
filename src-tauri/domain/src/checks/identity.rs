//! Identity documents in sheets.

use std::borrow::Cow;

use jiff::civil::Date;

use super::about;
use crate::characters::{half_width, is_blank, says_nothing};
use crate::finding::{Code, Finding, Level};
use crate::identity::{NotResidentId, ResidentId, Sex};
use crate::sheet::{CellKind, Field};

/// National code of the resident ID among the types of documents.
pub(crate) const RESIDENT: &str = "01";

/// What an ID cell gave.
#[derive(Debug, Default)]
pub(crate) struct IdNumber<'a> {
    /// The number meant, for look-ups and duplicates; absent where there is none or it was destroyed.
    pub(crate) meant: Option<Cow<'a, str>>,
    /// It may be filed as it stands.
    pub(crate) sound: bool,
    /// It is an existing number, though perhaps not yet in its proper form.
    pub(crate) readable: bool,
    /// What a resident ID tells.
    pub(crate) resident: Option<ResidentId>,
}

/// The text without blanks, full-width forms and the apostrophe that forces text in a spreadsheet.
pub(crate) fn mended(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_graphic() && b != b'\'') {
        return text.into();
    }
    let plain: String = text.chars().filter(|c| !is_blank(*c)).map(half_width).collect();
    let bare = plain.trim_start_matches(['\'', '\u{2018}', '\u{2019}', '`']);
    bare.to_owned().into()
}

/// Judges the number of a document; an empty cell gives the default without a finding.
pub(crate) fn number<'a>(
    text: &'a str,
    kind: CellKind,
    id_type: &str,
    today: Date,
    out: &mut Vec<Finding>,
) -> IdNumber<'a> {
    let fault = |code| about(Field::IdNumber, code, Level::Error);
    if says_nothing(text) {
        return IdNumber::default();
    }
    match kind {
        CellKind::Number => {
            out.push(fault(Code::IdNumeric));
            return IdNumber::default();
        }
        CellKind::Error | CellKind::Date | CellKind::Bool => {
            out.push(fault(Code::IdCharacters).arg("character", text));
            return IdNumber::default();
        }
        CellKind::Text | CellKind::Edited => {}
    }
    let mut bare = mended(text);
    if is_exponential(&bare) {
        out.push(fault(Code::IdNumeric));
        return IdNumber::default();
    }
    if id_type != RESIDENT {
        return other_document(text, bare, out);
    }
    if bare.ends_with('x') {
        bare.to_mut().make_ascii_uppercase();
    }
    let form = |proposal: &str| about(Field::IdNumber, Code::IdForm, Level::Fix).propose(proposal);
    let formed = bare != text;
    match ResidentId::parse(&bare, today) {
        Ok(id) => {
            if formed {
                out.push(form(&bare));
            }
            if !id.region_known() {
                let region = about(Field::IdNumber, Code::IdRegion, Level::Warning);
                out.push(region.arg("region", bare.get(..2).unwrap_or_default()));
            }
            IdNumber { meant: Some(bare), sound: !formed, readable: true, resident: Some(id) }
        }
        Err(NotResidentId::Fifteen) => match ResidentId::from_fifteen(&bare, today) {
            Ok(id) => {
                if formed {
                    out.push(form(id.as_str()));
                }
                out.push(about(Field::IdNumber, Code::IdFifteen, Level::Fix).propose(id.as_str()));
                IdNumber { meant: Some(id.to_string().into()), sound: false, readable: true, resident: Some(id) }
            }
            Err(cause) => {
                let date = bare.get(6..12).map(|digits| format!("19{digits}")).unwrap_or_default();
                out.push(because(cause, &bare, &date));
                IdNumber { meant: Some(bare), ..IdNumber::default() }
            }
        },
        Err(cause) => {
            if formed {
                out.push(form(&bare));
            }
            out.push(because(cause, &bare, bare.get(6..14).unwrap_or_default()));
            IdNumber { meant: Some(bare), ..IdNumber::default() }
        }
    }
}

fn because(cause: NotResidentId, number: &str, date: &str) -> Finding {
    let fault = |code| about(Field::IdNumber, code, Level::Error);
    let dashed = || match (date.get(..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    };
    match cause {
        NotResidentId::Length(length) => fault(Code::IdLength).arg("length", length),
        NotResidentId::Fifteen => fault(Code::IdLength).arg("length", 15),
        NotResidentId::Character(c) => fault(Code::IdCharacters).arg("character", c),
        NotResidentId::Date => fault(Code::IdDate).arg("date", dashed()),
        NotResidentId::Future => fault(Code::IdFuture).arg("date", dashed()),
        // Sequence 000 is never given out: the last digits went when the number was stored as a double.
        NotResidentId::Checksum if number.ends_with("000") => fault(Code::IdNumeric),
        NotResidentId::Checksum => fault(Code::IdChecksum),
    }
}

fn other_document<'a>(text: &str, bare: Cow<'a, str>, out: &mut Vec<Finding>) -> IdNumber<'a> {
    let formed = bare != text;
    if formed {
        out.push(about(Field::IdNumber, Code::IdForm, Level::Fix).propose(&*bare));
    }
    let length = bare.chars().count();
    if let Some(odd) = bare
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || is_document_mark(*c) || ('\u{4e00}'..='\u{9fff}').contains(c)))
    {
        out.push(about(Field::IdNumber, Code::IdCharacters, Level::Error).arg("character", odd));
        return IdNumber { meant: Some(bare), ..IdNumber::default() };
    }
    if !(3..=30).contains(&length) {
        out.push(about(Field::IdNumber, Code::IdCharacters, Level::Error).arg("character", format!("{length}位")));
        return IdNumber { meant: Some(bare), ..IdNumber::default() };
    }
    IdNumber { meant: Some(bare), sound: !formed, readable: true, resident: None }
}

/// Officers' cards read 军字第1234567号, permits carry brackets and dashes.
fn is_document_mark(c: char) -> bool {
    matches!(c, '-' | '(' | ')' | '/')
}

/// `4.10801E+17`: what Excel makes of a long number, also inside text files.
fn is_exponential(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    mantissa.starts_with(|c: char| c.is_ascii_digit())
        && text.contains(['.', '+'])
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

/// 性别 beside the ID: the ID wins.
pub(crate) fn sex(text: &str, id: &ResidentId, out: &mut Vec<Finding>) {
    if Sex::parse(text).is_some_and(|said| said != id.sex()) {
        out.push(about(Field::Sex, Code::IdSex, Level::Warning).arg("computed", id.sex().label()));
    }
}

/// 出生日期 or 出生年月 beside the ID: the ID wins. A text that is no date tells nothing.
pub(crate) fn birth_date(text: &str, id: &ResidentId, out: &mut Vec<Finding>) {
    let Some((year, month, day)) = date_parts(text) else { return };
    let birth = id.birth_date();
    let same = (year, month) == (birth.year(), birth.month()) && day.is_none_or(|day| day == birth.day());
    if !same {
        out.push(about(Field::BirthDate, Code::IdBirthDate, Level::Warning).arg("computed", birth));
    }
}

/// 出生日期 as the sheet says it; `None` where it is no whole date or lies in the future.
pub(crate) fn said_birth_date(text: &str, today: Date) -> Option<Date> {
    let (year, month, day) = date_parts(text)?;
    Date::new(year, month, day?).ok().filter(|birth| year_possible(*birth) && *birth <= today)
}

fn year_possible(birth: Date) -> bool {
    birth.year() >= 1900
}

fn date_parts(text: &str) -> Option<(i16, i8, Option<i8>)> {
    let text = mended(text);
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let day = match text.len() {
            6 => None,
            8 => Some(text[6..8].parse().ok()?),
            _ => return None,
        };
        return Some((text[..4].parse().ok()?, text[4..6].parse().ok()?, day));
    }
    let mut parts = text.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty());
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next().map(str::parse).transpose().ok()?;
    parts.next().is_none().then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 7, 6);

    fn said(text: &str, kind: CellKind, id_type: &str) -> Vec<(Code, Level, Option<String>)> {
        let mut out = Vec::new();
        number(text, kind, id_type, TODAY, &mut out);
        out.into_iter().map(|f| (f.code, f.level, f.fix)).collect()
    }

    #[test]
    fn forms_are_mended_by_a_proposal_only() {
        let sound = "11010519491231002X";
        for text in [
            "11010519491231002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            "11010519491231002ｘ",
            " 110105 19491231 002X ",
            "\u{200b}11010519491231002X",
            "'11010519491231002X",
            "11010519491231002X\u{a0}",
            "\u{feff}11010519491231002X\t",
        ] {
            assert_eq!(said(text, CellKind::Text, "01"), [(Code::IdForm, Level::Fix, Some(sound.into()))], "{text:?}");
            let mut out = Vec::new();
            let id = number(text, CellKind::Text, "01", TODAY, &mut out);
            assert!(!id.sound, "{text:?} must not be filed before the proposal is taken");
        }
        assert!(said(sound, CellKind::Text, "01").is_empty(), "a sound number is not talked about");
        assert!(said(sound, CellKind::Edited, "01").is_empty(), "nor is one typed by the clerk");
    }

    #[test]
    fn a_number_cell_is_refused_and_never_repaired() {
        for (text, kind) in [
            ("410801198512310000", CellKind::Number),
            ("4.10801198512310E+17", CellKind::Number),
            ("110105491231002", CellKind::Number),
            ("4.10801E+17", CellKind::Text),
            ("410801198512310000", CellKind::Text),
        ] {
            assert_eq!(said(text, kind, "01"), [(Code::IdNumeric, Level::Error, None)], "{text} as {kind:?}");
        }
    }

    #[test]
    fn a_mark_in_place_of_x_is_not_guessed() {
        for text in ["11010519491231002×", "11010519491231002*", "11010519491231002＊"] {
            let findings = said(text, CellKind::Text, "01");
            assert!(findings.iter().any(|f| (f.0, f.1) == (Code::IdCharacters, Level::Error)), "{text}");
            assert!(!findings.iter().any(|f| f.2.as_deref() == Some("11010519491231002X")), "{text}: X is a guess");
        }
    }

    #[test]
    fn every_cause_has_its_code() {
        for (text, code) in [
            ("110105194912310021", Code::IdChecksum),
            ("110101199002300010", Code::IdDate),
            ("110101202612310019", Code::IdFuture),
            ("11010519491231", Code::IdLength),
            ("1101051949123100O1", Code::IdCharacters),
            ("110105490231002", Code::IdDate),
            ("#N/A", Code::IdLength),
        ] {
            let findings = said(text, CellKind::Text, "01");
            assert_eq!(findings.iter().map(|f| (f.0, f.1)).collect::<Vec<_>>(), [(code, Level::Error)], "{text}");
        }
        assert_eq!(said("#N/A", CellKind::Error, "01")[0].0, Code::IdCharacters, "a formula error");
        assert_eq!(
            said("110105491231002", CellKind::Text, "01"),
            [(Code::IdFifteen, Level::Fix, Some("11010519491231002X".into()))],
            "15 digits: a person confirms"
        );
        assert_eq!(said("", CellKind::Text, "01"), [], "an empty cell is the caller's to judge");
    }

    #[test]
    fn an_unknown_region_is_only_a_warning() {
        let id = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X"]
            .map(|c| format!("16010119900101001{c}"))
            .into_iter()
            .find(|id| ResidentId::parse(id, TODAY).is_ok())
            .unwrap();
        assert_eq!(
            said(&id, CellKind::Text, "01"),
            [(Code::IdRegion, Level::Warning, None)],
            "codes change, cards don't"
        );
    }

    #[test]
    fn other_documents_are_judged_by_their_characters_only() {
        for text in ["E12345678", "H1234567(8)", "军字第1234567号"] {
            assert_eq!(said(text, CellKind::Text, "03"), [], "{text}");
        }
        assert_eq!(
            said("Ｅ12345678", CellKind::Text, "03"),
            [(Code::IdForm, Level::Fix, Some("E12345678".into()))],
            "full-width"
        );
        assert_eq!(said("E1234?678", CellKind::Text, "03")[0].0, Code::IdCharacters, "a lost character");
    }

    #[test]
    fn sex_and_birth_columns_yield_to_the_id() {
        let id = ResidentId::parse("430401199202290042", TODAY).unwrap();
        let mut out = Vec::new();
        for text in ["女", "2", "", "未知", " 女 "] {
            sex(text, &id, &mut out);
        }
        for text in ["1992-02-29", "19920229", "1992/2/29", "1992年2月29日", "1992.2", "199202", "", "不详", "33663"]
        {
            birth_date(text, &id, &mut out);
        }
        assert_eq!(out, [], "agreement and silence give no finding");
        sex("男", &id, &mut out);
        birth_date("1992-02-28", &id, &mut out);
        birth_date("1992年3月", &id, &mut out);
        let codes: Vec<_> = out.iter().map(|f| (f.code, f.level)).collect();
        let expected =
            [(Code::IdSex, Level::Warning), (Code::IdBirthDate, Level::Warning), (Code::IdBirthDate, Level::Warning)];
        assert_eq!(codes, expected, "disagreement is a warning");
    }

    proptest! {
        #[test]
        fn a_taken_proposal_leaves_no_proposal(text in "['１1 ]{0,3}[0-9０-９]{13,18}[xXｘＸ×\u{200b}]{0,2}") {
            let mut out = Vec::new();
            number(&text, CellKind::Text, "01", TODAY, &mut out);
            for fix in out.into_iter().filter_map(|f| f.fix) {
                let mut again = Vec::new();
                number(&fix, CellKind::Edited, "01", TODAY, &mut again);
                prop_assert!(again.iter().all(|f| f.level != Level::Fix), "{:?} → {:?} → {:?}", text, fix, again);
            }
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,24}") {
            let mut out = Vec::new();
            for id_type in ["01", "03"] {
                number(&text, CellKind::Text, id_type, TODAY, &mut out);
            }
            let _ = date_parts(&text);
        }
    }
}
