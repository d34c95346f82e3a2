//! Look-ups by the numbers of documents and accounts. A sheet and a roster of 100 000 people ask for a million of
//! them: nearly all fit into one word, and a table of words is read without going to where each text lies.

use std::borrow::Cow;

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
