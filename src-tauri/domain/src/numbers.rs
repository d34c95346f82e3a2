//! Look-ups by the numbers of documents and accounts. A sheet and a roster of 100 000 people ask for a million of
//! them: nearly all fit into one word, and a table of words is read without going to where each text lies.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use foldhash::{HashMap, HashMapExt};

/// Places in a list, by number.
#[derive(Debug, Default)]
pub(crate) struct Places<'a> {
    words: HashMap<u64, usize>,
    /// Whatever no word can hold.
    texts: HashMap<Cow<'a, str>, usize>,
}

impl<'a> Places<'a> {
    pub(crate) fn with_capacity(numbers: usize) -> Self {
        Self { words: HashMap::with_capacity(numbers), texts: HashMap::new() }
    }

    /// The place of a number.
    pub(crate) fn get(&self, number: &str) -> Option<usize> {
        match word(number) {
            Some(word) => self.words.get(&word),
            None => self.texts.get(number),
        }
        .copied()
    }

    /// The place of a number, to be changed; `place` where it had none.
    pub(crate) fn or_insert(&mut self, number: impl Into<Cow<'a, str>>, place: usize) -> &mut usize {
        let number = number.into();
        match word(&number) {
            Some(word) => self.words.entry(word).or_insert(place),
            None => self.texts.entry(number).or_insert(place),
        }
    }
}

/// How far behind the place that was given last a number is looked for first.
const NEAR: usize = 8;

/// Places in a list that is mostly asked for in its own order, as a sheet lists the people of a roster.
#[derive(Debug)]
pub(crate) struct Listed<'a> {
    numbers: Vec<Cow<'a, str>>,
    /// Whether a number occurs more than once.
    repeated: Vec<bool>,
    /// The place that was given last.
    last: Cell<usize>,
    /// Made when first asked for a number out of order.
    places: OnceCell<Places<'a>>,
}

impl<'a> Listed<'a> {
    pub(crate) fn of(numbers: Vec<Cow<'a, str>>) -> Self {
        let mut repeated = may_repeat(numbers.iter().map(|number| Some(&**number)));
        let mut times: HashMap<&str, u32> = HashMap::new();
        for (number, _) in numbers.iter().zip(&repeated).filter(|(_, may)| **may) {
            *times.entry(number).or_default() += 1;
        }
        for (number, repeated) in numbers.iter().zip(&mut repeated) {
            *repeated &= times.get(&**number).is_some_and(|times| *times > 1);
        }
        drop(times);
        Self { numbers, repeated, last: Cell::new(0), places: OnceCell::new() }
    }

    /// The place of a number. Where it has several, `later_counts` says whether the second of two is meant.
    pub(crate) fn place(&self, number: &str, later_counts: impl Fn(usize, usize) -> bool) -> Option<usize> {
        let last = self.last.get();
        // Who was asked for last is asked for again; behind him some are left out who are sealed, say.
        let near = self.numbers[last.min(self.numbers.len())..].iter().take(NEAR);
        let near =
            near.zip(last..).find_map(|(near, place)| (near == number && !self.repeated[place]).then_some(place));
        let place = near.or_else(|| self.all(later_counts).get(number))?;
        self.last.set(place);
        Some(place)
    }

    fn all(&self, later_counts: impl Fn(usize, usize) -> bool) -> &Places<'a> {
        self.places.get_or_init(|| {
            let mut places = Places::with_capacity(self.numbers.len());
            for (place, number) in self.numbers.iter().enumerate() {
                let meant = places.or_insert(number.clone(), place);
                if later_counts(*meant, place) {
                    *meant = place;
                }
            }
            places
        })
    }
}

/// Of each number of a list whether it may occur there more than once; the others surely do not. A table of all of
/// them would say it exactly, and take ten times as long.
pub(crate) fn may_repeat<'n>(numbers: impl ExactSizeIterator<Item = Option<&'n str>>) -> Vec<bool> {
    // Sixteen marks for each number: few share one by chance.
    let bits = (numbers.len().max(4) * 16).next_power_of_two().trailing_zeros();
    let mut marks = vec![0_u64; 1 << (bits - 5)];
    let place = |mark: u32| (mark as usize / 32, 2 * (mark % 32));
    let marked: Vec<Option<u32>> = numbers
        .map(|number| {
            let mark = (mixed(number?) >> (64 - bits)) as u32;
            let (at, shift) = place(mark);
            // The lower bit: met; the higher one: met again.
            marks[at] |= ((marks[at] >> shift & 1) << 1 | 1) << shift;
            Some(mark)
        })
        .collect();
    let again = |mark: u32| {
        let (at, shift) = place(mark);
        marks[at] >> shift & 2 != 0
    };
    marked.into_iter().map(|mark| mark.is_some_and(again)).collect()
}

/// A word that equal numbers share, and others seldom.
fn mixed(number: &str) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = number.as_bytes();
    let pieces = bytes.chunks(8).fold(bytes.len() as u64, |mixed, piece| {
        let word = match piece.first_chunk() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => piece.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        (mixed ^ word).wrapping_mul(ODD).rotate_left(29)
    });
    pieces.wrapping_mul(ODD)
}

/// A number as a word that no other number has: up to 15 digits with how many they are, or the 17 digits and the check
/// character of a document.
fn word(number: &str) -> Option<u64> {
    let digits = |digits: &[u8]| {
        let (value, plain) = digits.iter().fold((0_u64, true), |(value, plain), digit| {
            let digit = digit.wrapping_sub(b'0');
            (value.wrapping_mul(10).wrapping_add(u64::from(digit)), plain && digit < 10)
        });
        plain.then_some(value)
    };
    let number = number.as_bytes();
    let (length, value) = match number.len() {
        length @ 1..=15 => (length as u64, digits(number)?),
        18 => {
            let last = if number[17] == b'X' { 10 } else { digits(&number[17..])? };
            (0, (digits(&number[..8])? * 1_000_000_000 + digits(&number[8..17])?) * 11 + last)
        }
        _other => return None,
    };
    Some(length << 60 | value)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_that_look_alike_stay_apart() {
        let numbers = [
            "0",
            "00",
            "1",
            "01",
            "001",
            "X",
            "10",
            "",
            " 1",
            "1 ",
            "１",
            "000000000000001",
            "0000000000000001",
            "00000000000000001",
            "000000000000000001",
            "00000000000000000X",
            "000000000000000010",
            "00000000000000000x",
            "999999999999999",
            "99999999999999999X",
            "999999999999999999",
            "0000000000000000001",
            "/1",
            ":1",
            "123456789012345678",
        ];
        let mut places = Places::with_capacity(numbers.len());
        for (place, number) in numbers.into_iter().enumerate() {
            assert_eq!(*places.or_insert(number, place), place, "{number:?} is not one of those before it");
        }
        for (place, number) in numbers.into_iter().enumerate() {
            assert_eq!(places.get(number), Some(place), "{number:?}");
        }
        assert_eq!(places.get("2"), None, "nobody has it");
    }

    proptest! {
        #[test]
        fn whoever_occurs_twice_may_repeat(numbers in prop::collection::vec(prop::option::of("[0-9]{0,2}|[0-9]{17}[0-9X]|[a-c]"), 0..60)) {
            let may = may_repeat(numbers.iter().map(Option::as_deref));
            prop_assert_eq!(may.len(), numbers.len());
            for (number, may) in numbers.iter().zip(may) {
                let times = numbers.iter().filter(|other| *other == number).count();
                prop_assert!(may || number.is_none() || times == 1, "{:?} is there {} times", number, times);
                prop_assert!(!may || number.is_some(), "nothing is not a number");
            }
        }

        #[test]
        fn in_order_or_not_a_place_is_that_of_the_table(
            numbers in prop::collection::vec("[0-9]{0,2}|[a-c]", 0..40), asked in prop::collection::vec(0usize..50, 0..80), last: bool,
        ) {
            let listed = Listed::of(numbers.iter().map(|number| Cow::Borrowed(number.as_str())).collect());
            for asked in asked.into_iter().chain(0..numbers.len()) {
                let number = numbers.get(asked).map_or("nobody's", String::as_str);
                let mut places = numbers.iter().enumerate().filter(|(_, other)| *other == number).map(|(place, _)| place);
                let meant = if last { places.next_back() } else { places.next() };
                prop_assert_eq!(listed.place(number, |_, _| last), meant, "{:?}", number);
            }
        }

        #[test]
        fn numbers_are_found_as_texts_are(numbers in prop::collection::vec("[0-9]{0,3}|[0-9]{14,19}|[0-9]{17}[Xx]|\\PC{0,18}", 0..40)) {
            let (mut places, mut texts) = (Places::default(), HashMap::new());
            for (place, number) in numbers.iter().enumerate() {
                prop_assert_eq!(places.or_insert(number, place), texts.entry(number).or_insert(place), "{:?}", number);
            }
            for number in &numbers {
                prop_assert_eq!(places.get(number), texts.get(number).copied());
            }
        }
    }
}
