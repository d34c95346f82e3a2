//! Search everywhere: people, filings, places and help pages by a few letters.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::help;
use huijiao_domain::roster::Contributor;
use pinyin::ToPinyinMulti;

use crate::views::{FilingLine, SearchView};
use crate::{Desk, DeskError, contributors};

/// Of each sort; whoever is not among them is found by more letters.
const SHOWN: usize = 8;

/// Letters as they are compared: without blanks, in small letters.
pub(crate) fn letters(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_lowercase()
}

/// Whether [`letters`] fit a person: his name or how it is spelled, his account, the end of his ID number.
pub(crate) fn fits_person(person: &Contributor, find: &str) -> bool {
    says(&person.name, find)
        || person.personal_account.contains(find)
        || person.id_number.to_lowercase().ends_with(find)
}

/// Whether [`letters`] stand in a text, as they are or as somebody would spell it: `zgf`, `zenggf`, `guofan`.
///
/// A character is taken by each of its readings, so that a surname read otherwise than the word (单 仇 万俟) is found.
pub(crate) fn says(text: &str, find: &str) -> bool {
    let text = text.to_lowercase();
    if text.contains(find) {
        return true;
    }
    if !find.chars().all(|letter| letter.is_ascii_alphabetic()) {
        return false;
    }
    let readings: Vec<Vec<String>> = text.chars().map(readings).collect();
    (0..readings.len()).any(|start| spells(readings.get(start..).unwrap_or_default(), find))
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
        let session = inner.session()?;
        let mut people = Vec::new();
        let mut people_found = 0;
        for person in session.roster.iter().flat_map(|roster| &roster.contributors) {
            if fits_person(person, &asked) {
                people_found += 1;
                if people.len() < SHOWN {
                    people.push(contributors::line(person));
                }
            }
        }
        let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
        let filings = self.filing_lines(inner.store()?, (&center, &unit))?;
        let fits = |line: &FilingLine| {
            line.filing_number.as_ref().is_some_and(|number| number.to_lowercase().contains(&asked))
                || line.period.contains(&asked)
                || FilingKind::parse(&line.kind).is_some_and(|kind| says(kind.label(), &asked))
        };
        let places = (0u32..).zip(places).filter(|(_, place)| says(place, &asked)).map(|(index, _)| index);
        Ok(SearchView {
            people,
            people_found,
            filings: filings.into_iter().filter(fits).take(SHOWN).collect(),
            places: places.take(SHOWN).collect(),
            pages: help::find(find).into_iter().take(SHOWN).map(crate::help::line).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::says;

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
    fn what_is_no_character_is_itself() {
        assert!(says("A座李雷", "azll") && !says("A座李雷", "al"), "座 stands between A and 李");
        assert!(says("李·Ann", "ann") && says("𬭎", "hong"), "rare characters have readings too");
    }
}
