//! Identity documents in sheets.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::{about, months};
use crate::characters::{mended, says_nothing};
use crate::filing::Circumstances;
use crate::finding::{Code, Finding, Level};
use crate::identity::{NotResidentId, ResidentId, Sex};
use crate::roster::{Contributor, RosterIndex};
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
    /// The digits that survived in a number that a spreadsheet rounded.
    pub(crate) survived: Option<String>,
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
        // Fifteen digits fit into a number: of shorter ones nothing is lost but zeros in front.
        CellKind::Number if is_whole(text) => {
            if id_type != RESIDENT {
                out.push(about(Field::IdNumber, Code::IdNumberCell, Level::Warning));
            }
        }
        CellKind::Number => {
            out.push(fault(Code::IdNumeric));
            return IdNumber { survived: survived(text), ..IdNumber::default() };
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
        return IdNumber { survived: survived(&bare), ..IdNumber::default() };
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
            IdNumber { meant: Some(bare), sound: !formed, readable: true, resident: Some(id), survived: None }
        }
        Err(NotResidentId::Fifteen) => match ResidentId::from_fifteen(&bare, today) {
            Ok(id) => {
                if formed {
                    out.push(form(id.as_str()));
                }
                out.push(about(Field::IdNumber, Code::IdFifteen, Level::Warning).propose(id.as_str()));
                meaning(id, !formed)
            }
            Err(cause) => {
                let date = bare.get(6..12).map(|digits| format!("19{digits}")).unwrap_or_default();
                out.push(because(cause, &bare, &date));
                IdNumber { meant: Some(bare), ..IdNumber::default() }
            }
        },
        Err(cause) => {
            if let (NotResidentId::Character(c), Some(id)) = (cause, with_x(&bare, today)) {
                let mark = about(Field::IdNumber, Code::IdCharacters, Level::Warning).arg("character", c);
                out.push(mark.propose(id.as_str()));
                return meaning(id, true);
            }
            if let Some(id) = alone(&bare, today) {
                out.push(form(id.as_str()));
                return meaning(id, false);
            }
            if formed {
                out.push(form(&bare));
            }
            let mut finding = because(cause, &bare, bare.get(6..14).unwrap_or_default());
            if let Some(id) = as_digits(&bare, today) {
                finding = finding.propose(id.as_str());
            }
            let survived = if finding.code == Code::IdNumeric { survived(&bare) } else { None };
            IdNumber { survived, ..pushed(finding, bare, out) }
        }
    }
}

fn pushed<'a>(finding: Finding, bare: Cow<'a, str>, out: &mut Vec<Finding>) -> IdNumber<'a> {
    out.push(finding);
    IdNumber { meant: Some(bare), ..IdNumber::default() }
}

/// A number that is taken for what the cell means once a person has confirmed it.
fn meaning<'a>(id: ResidentId, sound: bool) -> IdNumber<'a> {
    IdNumber { meant: Some(id.to_string().into()), sound, readable: true, resident: Some(id), survived: None }
}

/// The number with X where a mark, or a letter of another script, was typed for it. Only the check character can be
/// X, so seventeen digits say whether it is.
fn with_x(bare: &str, today: Date) -> Option<ResidentId> {
    let last = bare.chars().next_back()?;
    let marks = matches!(last, '×' | '*' | '✕' | '✖' | '╳' | '\u{425}' | '\u{445}' | '\u{3a7}' | '\u{3c7}');
    let digits = bare.strip_suffix(last).filter(|_| marks)?;
    ResidentId::parse(&format!("{digits}X"), today).ok()
}

/// The number without the separators and words that stand in it and around it: 110105-19491231-002X, 身份证：110105…. Only
/// where its check character then holds.
fn alone(bare: &str, today: Date) -> Option<ResidentId> {
    let mut number: String = bare.chars().filter(char::is_ascii_alphanumeric).collect();
    number.make_ascii_uppercase();
    (number != bare).then(|| ResidentId::parse(&number, today).ok()).flatten()
}

/// The number with the digits that its letters look like: O for 0, l for 1, S for 5. Proposed only where the check
/// character then holds.
fn as_digits(bare: &str, today: Date) -> Option<ResidentId> {
    let digit = |c: char| match c {
        'O' | 'o' | 'Q' | 'D' => '0',
        'l' | 'I' | 'i' | '|' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'B' => '8',
        'g' | 'q' => '9',
        other => other,
    };
    let digits: String = bare.chars().map(digit).collect();
    (digits != bare).then(|| ResidentId::parse(&digits, today).ok()).flatten()
}

/// The digits of a rounded number that are surely the document's: fifteen at most, without what follows the
/// mantissa of `4.10801E+17`.
fn survived(text: &str) -> Option<String> {
    let (mantissa, exponential) = text.split_once(['E', 'e']).map_or((text, false), |(mantissa, _)| (mantissa, true));
    let mut digits: String = mantissa.chars().filter(char::is_ascii_digit).take(15).collect();
    if exponential && digits.len() < 15 {
        // The last digit shown was rounded.
        digits.pop();
    }
    (digits.len() >= 4).then_some(digits)
}

/// Whether a number becomes these fifteen digits: Excel cuts what is typed, a program that stores a double rounds.
fn begins_rounded(number: &str, fifteen: &str) -> bool {
    let front = number.get(..15).and_then(|front| front.parse::<u64>().ok());
    front.zip(fifteen.parse().ok()).is_some_and(|(front, shown): (u64, u64)| shown == front || shown == front + 1)
}

/// One character apart, or two neighbours exchanged: what a slip of the keyboard does.
fn one_slip_apart(said: &str, meant: &str) -> bool {
    if said.len() != meant.len() || !said.is_ascii() {
        return false;
    }
    let apart: Vec<usize> =
        said.bytes().zip(meant.bytes()).enumerate().filter(|(_, (a, b))| a != b).map(|(place, _)| place).collect();
    let (said, meant) = (said.as_bytes(), meant.as_bytes());
    match apart[..] {
        [_] => true,
        [a, b] => b == a + 1 && said[a] == meant[b] && said[b] == meant[a],
        _ => false,
    }
}

/// What the center's roster knows about a number that the sheet has wrongly. `findings` are those that [`number`]
/// has just left.
///
/// Digits that a spreadsheet rounded away come back from the one person of this name whose number begins like it,
/// and whose account the row gives where fewer than fifteen digits survived; a person confirms. A number with a
/// typing error gets the number of the one person of this name, one slip away, as a proposal.
pub(crate) fn from_roster<'a>(
    id: IdNumber<'a>,
    name: &str,
    account: &str,
    index: &RosterIndex<'a>,
    today: Date,
    findings: &mut [Finding],
) -> IdNumber<'a> {
    let namesakes = || index.by_name(name).iter().copied();
    if let Some(survived) = id.survived.as_deref() {
        let fits = |person: &&Contributor| match survived.len() {
            15 => begins_rounded(&person.id_number, survived),
            _ => person.id_number.starts_with(survived) && person.personal_account == account,
        };
        let Some(person) = only(namesakes().filter(fits)) else { return id };
        let Ok(resident) = ResidentId::parse(&person.id_number, today) else { return id };
        for finding in findings.iter_mut().filter(|finding| finding.code == Code::IdNumeric) {
            finding.level = Level::Warning;
            finding.fix = Some(person.id_number.to_string());
        }
        return meaning(resident, true);
    }
    if !id.readable
        && let Some(said) = id.meant.as_deref()
        && let Some(person) = only(namesakes().filter(|person| one_slip_apart(said, &person.id_number)))
        && ResidentId::parse(&person.id_number, today).is_ok()
    {
        // Where the form is proposed too, the last finding is the one that says what is wrong.
        for finding in findings.iter_mut().filter(|finding| finding.level == Level::Error) {
            finding.fix.get_or_insert_with(|| person.id_number.to_string());
        }
    }
    id
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The number of 15 digits that a resident ID had before 1999.
pub(crate) fn fifteen_of(id: &str) -> Option<String> {
    match (id.len(), id.get(..6), id.get(6..8), id.get(8..17)) {
        (18, Some(region), Some("19"), Some(rest)) => Some(format!("{region}{rest}")),
        _ => None,
    }
}

/// Below this nobody may be employed, above it most are retired.
const WORKING_AGE: RangeInclusive<i16> = 16..=60;

/// 16 to 60 years: a warning outside, for who works on after retirement and for a wrong digit in the year.
pub(crate) fn age(id: &ResidentId, today: Date, out: &mut Vec<Finding>) {
    let birth = id.birth_date();
    let before_birthday = (today.month(), today.day()) < (birth.month(), birth.day());
    let age = today.year() - birth.year() - i16::from(before_birthday);
    if !WORKING_AGE.contains(&age) {
        out.push(about(Field::IdNumber, Code::IdAge, Level::Warning).arg("age", age));
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
    IdNumber { meant: Some(bare), sound: !formed, readable: true, resident: None, survived: None }
}

/// Officers' cards read 军字第1234567号, permits carry brackets and dashes.
fn is_document_mark(c: char) -> bool {
    matches!(c, '-' | '(' | ')' | '/')
}

/// A number that a spreadsheet keeps digit by digit.
fn is_whole(text: &str) -> bool {
    text.len() <= 15 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// A number that no resident ID is, even mistyped, and no word about what it is of: a passport, a permit.
pub(crate) fn type_asked(id: &IdNumber<'_>, text: &str, id_type: &str, of: Circumstances<'_>, out: &mut Vec<Finding>) {
    let bare = mended(text);
    let foreign = (7..=12).contains(&bare.len()) && bare.bytes().all(|letter| letter.is_ascii_alphanumeric());
    if foreign && !id.readable && says_nothing(id_type) {
        let finding = about(Field::IdType, Code::IdTypeMissing, Level::Error).arg("number", bare);
        out.push(finding.arg("types", of.profile.id_type_names()));
    }
}

/// `4.10801E+17`: what Excel makes of a long number, also inside text files.
fn is_exponential(text: &str) -> bool {
    if !text.bytes().any(|letter| matches!(letter, b'E' | b'e')) {
        return false;
    }
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
pub(crate) fn birth_date(text: &str, kind: CellKind, id: &ResidentId, out: &mut Vec<Finding>) {
    let counted = counted_day(text, kind).map(|day| (day.year(), day.month(), Some(day.day())));
    let Some((year, month, day)) = counted.or_else(|| date_parts(text)) else { return };
    let birth = id.birth_date();
    // 1990.10 is 1990.1 in a cell of numbers.
    let october = birth.month() == 10 && day.is_none() && mended(text).ends_with(".1");
    let same = year == birth.year() && (month == birth.month() || october) && day.is_none_or(|day| day == birth.day());
    if !same {
        out.push(about(Field::BirthDate, Code::IdBirthDate, Level::Warning).arg("computed", birth));
    }
}

/// 出生日期 as the sheet says it; `None` where it is no whole date or lies in the future.
pub(crate) fn said_birth_date(text: &str, today: Date) -> Option<Date> {
    let (year, month, day) = date_parts(text)?;
    Date::new(year, month, day?).ok().filter(|birth| year_possible(*birth) && *birth <= today)
}

/// 出生日期 of which the sheet shows the number that a spreadsheet keeps of a day: to be confirmed.
pub(crate) fn counted_birth_date(text: &str, kind: CellKind, today: Date) -> Option<Date> {
    counted_day(text, kind).filter(|birth| *birth <= today)
}

/// The day that a number counts to; none where it may be a year and a month (19901).
fn counted_day(text: &str, kind: CellKind) -> Option<Date> {
    let year_and_month = text.starts_with("19") || text.starts_with("20");
    let counts = kind == CellKind::Number && !year_and_month && text.bytes().all(|b| b.is_ascii_digit());
    months::day_of_serial(text).filter(|_| counts)
}

fn year_possible(birth: Date) -> bool {
    birth.year() >= 1900
}

/// A day without the time that databases export behind it: `1990-02-03 00:00:00`.
fn without_time(text: &str) -> &str {
    let time = |text: &str| text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
    match text.trim().split_once([' ', 'T']) {
        Some((day, behind)) if time(behind.trim()) => day,
        Some(_) | None => text,
    }
}

fn date_parts(text: &str) -> Option<(i16, i8, Option<i8>)> {
    let text = mended(without_time(text));
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
            "\u{202d}11010519491231002X\u{202c}",
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
    fn separators_and_words_around_a_number_are_taken_off_where_its_check_character_then_holds() {
        let proposed = [(Code::IdForm, Level::Fix, Some("11010519491231002X".to_owned()))];
        for text in [
            "110105-19491231-002X",
            "110105－19491231－002x",
            "110105.19491231.002X",
            "身份证：11010519491231002X",
            "11010519491231002X（旧）",
            "11010519491231002x（旧）",
            "11010519491231002x身份证",
            "11010519491231002x。",
            "身份证11010519491231002ｘ 张",
        ] {
            assert_eq!(said(text, CellKind::Text, "01"), proposed, "{text}");
            let id = number(text, CellKind::Text, "01", TODAY, &mut Vec::new());
            assert!(id.readable && !id.sound, "{text} says who it is, and is not filed before the proposal is taken");
        }
        for text in [
            "110105-19491231-0021",
            "ID11010519491231002X",
            "11010519491231002xa",
            "11010519491231002X/430401199202290042",
        ] {
            let findings = said(text, CellKind::Text, "01");
            assert!(findings.iter().any(|finding| finding.1 == Level::Error), "{text}: {findings:?}");
            assert!(findings.iter().all(|finding| finding.2.is_none()), "{text}: nothing is guessed");
        }
    }

    #[test]
    fn a_number_cell_is_refused_and_never_repaired() {
        for (text, kind) in [
            ("410801198512310000", CellKind::Number),
            ("4.10801198512310E+17", CellKind::Number),
            ("4.10801E+17", CellKind::Text),
            ("410801198512310000", CellKind::Text),
        ] {
            assert_eq!(said(text, kind, "01"), [(Code::IdNumeric, Level::Error, None)], "{text} as {kind:?}");
        }
    }

    #[test]
    fn a_number_of_at_most_fifteen_digits_has_lost_nothing_but_zeros_in_front() {
        let old = [(Code::IdFifteen, Level::Warning, Some("11010519491231002X".to_owned()))];
        assert_eq!(said("110105491231002", CellKind::Number, "01"), old, "an old resident ID, as from text");
        assert_eq!(
            said("12345678", CellKind::Number, "07"),
            [(Code::IdNumberCell, Level::Warning, None)],
            "a permit: a person looks whether a zero is missing"
        );
        assert_eq!(said("12345678", CellKind::Number, "01"), [(Code::IdLength, Level::Error, None)], "no resident ID");
    }

    #[test]
    fn a_mark_in_place_of_x_is_x_where_seventeen_digits_say_so() {
        let asked = [(Code::IdCharacters, Level::Warning, Some("11010519491231002X".to_owned()))];
        for text in ["11010519491231002×", "11010519491231002*", "11010519491231002＊", "11010519491231002Х"] {
            assert_eq!(said(text, CellKind::Text, "01"), asked, "{text}: a person confirms");
        }
        for text in ["11010519491231003×", "1101051949123100×2", "43040119920229004*"] {
            let findings = said(text, CellKind::Text, "01");
            assert!(findings.iter().any(|f| (f.0, f.1) == (Code::IdCharacters, Level::Error)), "{text}");
            assert!(
                findings.iter().all(|f| f.2.as_deref().is_none_or(|fix| !fix.ends_with('X'))),
                "{text}: X is a guess"
            );
        }
    }

    #[test]
    fn letters_that_look_like_digits_are_proposed_where_the_check_character_then_holds() {
        let proposed = |fix: &str| vec![(Code::IdCharacters, Level::Error, Some(fix.to_owned()))];
        for (text, fix) in [
            ("43O401199202290042", "430401199202290042"),
            ("4304O1199202290O42", "430401199202290042"),
            ("43040l199202290042", "430401199202290042"),
            ("4I0801198512310022", "410801198512310022"),
            ("4108011985l2310022", "410801198512310022"),
            ("41080119BS12310022", "410801198512310022"),
        ] {
            assert_eq!(said(text, CellKind::Text, "01"), proposed(fix), "{text}");
        }
        let without = [(Code::IdCharacters, Level::Error, None)];
        assert_eq!(said("43O401199202290043", CellKind::Text, "01"), without, "another digit is wrong too: no guess");
        assert_eq!(said("43A401199202290042", CellKind::Text, "01"), without, "A looks like no digit");
    }

    #[test]
    fn what_survives_of_a_rounded_number() {
        for (text, digits) in [
            ("410801198512310000", Some("410801198512310")),
            ("4.10801198512310E+17", Some("410801198512310")),
            ("4.10801E+17", Some("41080")),
            ("4.1E+17", None),
            ("110105491231002", Some("110105491231002")),
        ] {
            assert_eq!(survived(text).as_deref(), digits, "{text}");
        }
    }

    #[test]
    fn a_rounded_number_begins_like_the_one_it_was() {
        assert!(begins_rounded("410801198512310022", "410801198512310"), "cut by Excel");
        assert!(begins_rounded("410801198512310922", "410801198512311"), "rounded by a program");
        assert!(!begins_rounded("410801198512310022", "410801198512312"), "somebody else's");
        assert!(!begins_rounded("E12345678", "410801198512312"), "another document");
    }

    #[test]
    fn one_slip() {
        let meant = "430401199202290042";
        for said in ["430401199202290043", "530401199202290042", "340401199202290042", "430401199202290024"] {
            assert!(one_slip_apart(said, meant), "{said}");
        }
        for said in [meant, "430401199202290033", "43040119920229004", "034401199202290042", "四30401199202290042"] {
            assert!(!one_slip_apart(said, meant), "{said}");
        }
    }

    #[test]
    fn ages_out_of_the_ordinary_are_asked_about() {
        let aged = |id: &str, today: Date| {
            let mut out = Vec::new();
            age(&ResidentId::parse(id, TODAY).unwrap(), today, &mut out);
            out.into_iter().map(|f| (f.code, f.level, f.args["age"].clone())).collect::<Vec<_>>()
        };
        let asked = |age: &str| vec![(Code::IdAge, Level::Warning, age.to_owned())];
        let id = "430401199202290042";
        assert_eq!(aged(id, date(2008, 2, 28)), asked("15"), "the day before the sixteenth birthday");
        assert_eq!(aged(id, date(2008, 2, 29)), [], "sixteen");
        assert_eq!(aged(id, date(2053, 2, 28)), [], "the last day at sixty");
        assert_eq!(aged(id, date(2053, 3, 1)), asked("61"), "sixty-one");
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
            [(Code::IdFifteen, Level::Warning, Some("11010519491231002X".into()))],
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
            birth_date(text, CellKind::Text, &id, &mut out);
        }
        for text in ["1992-02-29 00:00:00", "1992/2/29 0:00", "1992-02-29T00:00:00.000", "1992-02-29 上午", "0:00"] {
            birth_date(text, CellKind::Text, &id, &mut out);
        }
        for number in ["33663", "19922", "199202", "19920229", "33663.5", "4"] {
            birth_date(number, CellKind::Number, &id, &mut out);
        }
        let october = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X"]
            .into_iter()
            .find_map(|last| ResidentId::parse(&format!("43040119921029004{last}"), TODAY).ok())
            .unwrap();
        birth_date("1992.1", CellKind::Number, &october, &mut out);
        assert_eq!(out, [], "agreement and silence give no finding, nor a zero that a number has lost");
        birth_date("1992-1", CellKind::Text, &october, &mut out);
        assert_eq!(out.drain(..).map(|f| f.code).collect::<Vec<_>>(), [Code::IdBirthDate], "January it says");
        sex("男", &id, &mut out);
        birth_date("1992-02-28", CellKind::Text, &id, &mut out);
        birth_date("1992年3月", CellKind::Text, &id, &mut out);
        birth_date("33662", CellKind::Number, &id, &mut out);
        birth_date("1992-03-01 00:00:00", CellKind::Date, &id, &mut out);
        let codes: Vec<_> = out.iter().map(|f| (f.code, f.level)).collect();
        let another = (Code::IdBirthDate, Level::Warning);
        assert_eq!(
            codes,
            [(Code::IdSex, Level::Warning), another, another, another, another],
            "disagreement is a warning"
        );
    }

    proptest! {
        #[test]
        fn a_taken_proposal_leaves_no_proposal(text in "['１1 ]{0,3}[0-9０-９]{13,18}[xXｘＸ×\u{200b}]{0,2}") {
            let mut out = Vec::new();
            number(&text, CellKind::Text, "01", TODAY, &mut out);
            for fix in out.into_iter().filter_map(|f| f.fix) {
                let mut again = Vec::new();
                number(&fix, CellKind::Edited, "01", TODAY, &mut again);
                prop_assert!(again.iter().all(|f| f.fix.is_none()), "{:?} → {:?} → {:?}", text, fix, again);
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
