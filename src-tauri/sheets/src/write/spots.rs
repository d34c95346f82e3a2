//! Marks gathered by cell.

use std::collections::BTreeMap;

use huijiao_domain::finding::Level;

use super::{MOST_COMMENTS, Mark};

/// Characters of one comment; a cell with more to say is to be looked at in the program.
const MOST_CHARACTERS: usize = 2_000;

/// Everything said about one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// The worst of its marks.
    pub(super) level: Level,
    pub(super) text: String,
}

/// One-based row → zero-based column → what is said.
pub(super) type Spots = BTreeMap<u32, BTreeMap<u16, Spot>>;

pub(super) fn gather(marks: &[Mark]) -> Spots {
    let mut spots = Spots::new();
    for mark in marks.iter().filter(|m| (1..=1_048_576).contains(&m.row) && m.column < 16_384) {
        let text = clean(&mark.text);
        match spots.entry(mark.row).or_default().entry(mark.column) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Spot { level: mark.level, text: text.chars().take(MOST_CHARACTERS).collect() });
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                let spot = place.get_mut();
                if weight(mark.level) < weight(spot.level) {
                    spot.level = mark.level;
                }
                if spot.text.chars().count() + text.chars().count() < MOST_CHARACTERS {
                    spot.text.push('\n');
                    spot.text.push_str(&text);
                }
            }
        }
    }
    spots
}

/// The cells that get a comment.
pub(super) fn commented(spots: &Spots) -> impl Iterator<Item = (u32, u16, &Spot)> {
    spots.iter().flat_map(|(row, cells)| cells.iter().map(|(column, spot)| (*row, *column, spot))).take(MOST_COMMENTS)
}

fn weight(level: Level) -> u8 {
    match level {
        Level::Error => 0,
        Level::Fix => 1,
        Level::Warning => 2,
    }
}

pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Error => "错误",
        Level::Warning => "警告",
        Level::Fix => "可修正",
    }
}

/// The colour of a level, RGB.
pub(super) fn colour(level: Level) -> u32 {
    match level {
        Level::Error => 0xFF_9C_9C,
        Level::Fix => 0xFF_C9_7A,
        Level::Warning => 0xFF_F2_A0,
    }
}

/// Text without what XML cannot hold and without direction controls, which would turn a comment around.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .map(|c| match c {
            '\n' | '\t' => c,
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            other => other,
        })
        .collect()
}
