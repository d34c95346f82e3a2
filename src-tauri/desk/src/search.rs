//! Search everywhere: people, filings, places and help pages by a few letters.

use std::sync::Arc;

use huijiao_domain::filing::FilingKind;
use huijiao_domain::help;
use huijiao_domain::roster::{Contributor, Roster};
use pinyin::ToPinyinMulti;

use crate::views::{FilingLine, SearchView};
use crate::{Desk, DeskError, Inner, contributors};

/// Of each sort; whoever is not among them is found by more letters.
const SHOWN: usize = 8;

/// Letters as they are compared: without blanks, in small letters.
pub(crate) fn letters(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_lowercase()
}

/// A text, and how somebody would spell it: `zgf`, `zenggf`, `guofan`.
///
/// A character is taken by each of its readings, so that a surname read otherwise than the word (单 仇 万俟) is found.
struct Spelled {
    text: String,
    readings: Vec<Vec<String>>,
}

impl Spelled {
    fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let readings = text.chars().map(readings).collect();
        Self { text, readings }
    }

    /// Whether [`letters`] stand in it, as they are or as it is spelled.
    fn says(&self, find: &str) -> bool {
        self.text.contains(find)
            || find.chars().all(|letter| letter.is_ascii_alphabetic())
                && (0..self.readings.len()).any(|start| spells(self.readings.get(start..).unwrap_or_default(), find))
    }
}

/// Whether [`letters`] stand in a text, as they are or as it is spelled.
pub(crate) fn says(text: &str, find: &str) -> bool {
    Spelled::of(text).says(find)
}

/// Whether somebody's name is spelled so; what is not letters alone is no spelling.
pub(crate) fn spelled(name: &str, find: &str) -> bool {
    !find.is_empty()
        && find.chars().all(|letter| letter.is_ascii_alphabetic())
        && Spelled::of(name).says(&find.to_lowercase())
}

/// The names of a roster as they are spelled. They stand in memory while the roster is the same, and go with the unit
/// and the lock.
pub(crate) struct Names {
    roster: Arc<Roster>,
    /// Of its people, in their order.
    spelled: Vec<Spelled>,
}

impl Names {
    /// The people whom [`letters`] fit: by name or how it is spelled, account, the end of the ID number.
    pub(crate) fn people(&self, find: &str) -> impl Iterator<Item = &Contributor> {
        self.roster.contributors.iter().zip(&self.spelled).filter_map(move |(person, name)| {
            let fits = name.says(find)
                || person.personal_account.contains(find)
                || person.id_number.to_lowercase().ends_with(find);
            fits.then_some(person)
        })
    }
}

/// The filings of a unit, unsealed; they hold while nothing was written since.
pub(crate) struct Filed {
    unit: (String, String),
    /// Of the store, when they were read.
    changes: u64,
    lines: Arc<Vec<FilingLine>>,
}

/// How a character can be read, in plain letters; itself where it is none of Han.
fn readings(character: char) -> Vec<String> {
    match character.to_pinyin_multi() {
        Some(multi) => {
            let mut all: Vec<String> = multi.into_iter().map(|one| one.plain().replace('ü', "v")).collect();
            all.sort_unstable();
            all.dedup();
            all
        }
        None => vec![character.to_string()],
    }
}

/// Whether the characters, one after the other, begin as `find` goes on.
fn spells(readings: &[Vec<String>], find: &str) -> bool {
    if find.is_empty() {
        return true;
    }
    let Some((first, rest)) = readings.split_first() else { return false };
    first.iter().any(|reading| {
        let same = reading.bytes().zip(find.bytes()).take_while(|(a, b)| a == b).count();
        (1..=same).rev().any(|taken| find.get(taken..).is_some_and(|left| spells(rest, left)))
    })
}

impl Desk {
    /// What fits a few letters: people of the roster, filings of the unit, pages of the help, and of `places`, the
    /// names of screens, those that fit (by their index). Nothing for nothing.
    ///
    /// # Errors
    /// As reading the store.
    pub fn search(&self, find: &str, places: &[String]) -> Result<SearchView, DeskError> {
        let asked = letters(find);
        if asked.is_empty() {
            return Ok(SearchView::default());
        }
        let mut inner = self.inner();
        let names = names(&mut inner)?;
        let mut people = Vec::new();
        let mut people_found = 0;
        for person in names.iter().flat_map(|names| names.people(&asked)) {
            people_found += 1;
            if people.len() < SHOWN {
                people.push(contributors::line(person));
            }
        }
        let filings = self.filed(&mut inner)?;
        let fits = |line: &FilingLine| {
            line.filing_number.as_ref().is_some_and(|number| number.to_lowercase().contains(&asked))
                || line.period.contains(&asked)
                || FilingKind::parse(&line.kind).is_some_and(|kind| says(kind.label(), &asked))
        };
        let places = (0u32..).zip(places).filter(|(_, place)| says(place, &asked)).map(|(index, _)| index);
        Ok(SearchView {
            people,
            people_found,
            filings: filings.iter().filter(|line| fits(line)).take(SHOWN).cloned().collect(),
            places: places.take(SHOWN).collect(),
            pages: help::find(find).into_iter().take(SHOWN).map(crate::help::line).collect(),
        })
    }

    /// The filings of the open unit.
    fn filed(&self, inner: &mut Inner) -> Result<Arc<Vec<FilingLine>>, DeskError> {
        let session = inner.session()?;
        let unit = (session.info.profile.code.clone(), session.connection.unit_account.clone());
        let changes = inner.store()?.changes();
        if let Some(filed) = inner.filed.as_ref().filter(|filed| filed.changes == changes && filed.unit == unit) {
            return Ok(filed.lines.clone());
        }
        let lines = Arc::new(self.filing_lines(inner.store()?, (&unit.0, &unit.1))?);
        inner.filed = Some(Filed { unit, changes, lines: lines.clone() });
        Ok(lines)
    }
}

/// The names of the open unit's roster; none where there is no roster.
///
/// # Errors
/// No session.
pub(crate) fn names(inner: &mut Inner) -> Result<Option<Arc<Names>>, DeskError> {
    let Some(roster) = inner.session()?.roster.clone() else { return Ok(None) };
    if let Some(names) = inner.names.as_ref().filter(|names| Arc::ptr_eq(&names.roster, &roster)) {
        return Ok(Some(names.clone()));
    }
    let spelled = roster.contributors.iter().map(|person| Spelled::of(&person.name)).collect();
    let names = Arc::new(Names { roster, spelled });
    inner.names = Some(names.clone());
    Ok(Some(names))
}

#[cfg(test)]
mod tests {
    use super::{says, spelled};

    #[test]
    fn a_name_is_found_as_it_is_spelled() {
        for letters in ["zgf", "cgf", "zeng", "zengguofan", "zgfan", "guof", "gf", "国", "曾国藩"] {
            assert!(says("曾国藩", letters), "{letters} is how one looks for 曾国藩");
        }
        for letters in ["zf", "gz", "zgfw", "zenggf1", "fanz", "曾藩"] {
            assert!(!says("曾国藩", letters), "{letters} is not in 曾国藩, in this order");
        }
    }

    #[test]
    fn a_surname_is_found_as_it_is_read_in_a_name() {
        for (name, letters) in [
            ("单雄信", "shanxx"),
            ("仇英", "qiuy"),
            ("解缙", "xj"),
            ("区适", "ous"),
            ("查良", "zhal"),
            ("尉迟恭", "yuchi"),
            ("万俟卨", "mqx"),
            ("乐毅", "yuey"),
            ("吕布", "lvbu"),
            ("朴树", "piaos"),
            ("覃琴", "qinq"),
            ("盖聂", "gen"),
        ] {
            assert!(says(name, letters), "{name} is also read {letters}");
        }
    }

    #[test]
    fn only_letters_are_looked_for_as_a_spelling() {
        for letters in ["zgf", "ZGF", "zengguofan"] {
            assert!(spelled("曾国藩", letters), "{letters}");
        }
        for other in ["", " ", "zg f", "0031", "曾", "z1"] {
            assert!(!spelled("曾国藩", other), "«{other}» is no spelling");
        }
    }

    #[test]
    fn what_is_no_character_is_itself() {
        assert!(says("A座李雷", "azll") && !says("A座李雷", "al"), "座 stands between A and 李");
        assert!(says("李·Ann", "ann") && says("𬭎", "hong"), "rare characters have readings too");
    }
}
