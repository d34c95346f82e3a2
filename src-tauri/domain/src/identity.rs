//! Identity documents: the resident ID (GB 11643-1999) and the unit's credit code (GB 32100-2015).

use std::fmt;

use jiff::civil::Date;

/// 公民身份号码: 18 characters whose date exists, is not in the future, and whose check character holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentId {
    characters: [u8; 18],
    birth: Date,
}

/// Why a text is no resident ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotResidentId {
    /// Neither 18 nor 15 characters.
    #[error("{0} characters")]
    Length(usize),
    /// 15 digits: see [`ResidentId::from_fifteen`].
    #[error("15 digits")]
    Fifteen,
    /// Anything but 17 digits and a digit or `X`.
    #[error("unexpected character {0:?}")]
    Character(char),
    /// The date in it does not exist.
    #[error("no such date")]
    Date,
    /// The date in it is after today.
    #[error("date in the future")]
    Future,
    /// The check character is another one.
    #[error("check character")]
    Checksum,
}

/// 性别 as an ID tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男: the 17th digit is odd
    Male,
    /// 女: the 17th digit is even
    Female,
}

impl Sex {
    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }

    /// Reads what sheets write: 男/女, or the codes 1/2 of the national standard. Others tell nothing.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "男" | "男性" | "1" => Some(Self::Male),
            "女" | "女性" | "2" => Some(Self::Female),
            _ => None,
        }
    }
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

fn check_character(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    b"10X98765432"[sum as usize % 11]
}

fn number(digits: &[u8]) -> i16 {
    digits.iter().fold(0, |value, digit| value * 10 + i16::from(digit - b'0'))
}

impl ResidentId {
    /// Reads 18 characters in their exact form; the date is judged before the check character.
    ///
    /// # Errors
    /// The first of [`NotResidentId`] that applies, in the order of its variants.
    pub fn parse(text: &str, today: Date) -> Result<Self, NotResidentId> {
        let plain = text.len() == 18 && text.bytes().take(17).all(|digit| digit.is_ascii_digit());
        let odd = || {
            text.char_indices().find_map(|(place, c)| {
                let allowed = c.is_ascii_digit() || (c == 'X' && place == 17 && text.len() == 18);
                (!allowed).then_some(c)
            })
        };
        if !(plain && matches!(text.as_bytes()[17], b'0'..=b'9' | b'X'))
            && let Some(odd) = odd()
        {
            return Err(match text.chars().count() {
                15 | 18 => NotResidentId::Character(odd),
                other => NotResidentId::Length(other),
            });
        }
        let characters: [u8; 18] = match text.as_bytes().try_into() {
            Ok(characters) => characters,
            Err(_) if text.len() == 15 => return Err(NotResidentId::Fifteen),
            Err(_) => return Err(NotResidentId::Length(text.len())),
        };
        let year = number(&characters[6..10]);
        if year > today.year() {
            return Err(NotResidentId::Future);
        }
        let (month, day) = (number(&characters[10..12]), number(&characters[12..14]));
        let birth = i8::try_from(month)
            .ok()
            .zip(i8::try_from(day).ok())
            .filter(|_| year >= 1800)
            .and_then(|(month, day)| Date::new(year, month, day).ok())
            .ok_or(NotResidentId::Date)?;
        if birth > today {
            return Err(NotResidentId::Future);
        }
        if check_character(&characters[..17]) != characters[17] {
            return Err(NotResidentId::Checksum);
        }
        Ok(Self { characters, birth })
    }

    /// The 18-character form of an old 15-digit number: 19 after the sixth digit, and the check character.
    /// A proposal only: the old sequence numbers 996 to 999 marked people born before 1900.
    ///
    /// # Errors
    /// As [`ResidentId::parse`], of the 18-character form.
    pub fn from_fifteen(text: &str, today: Date) -> Result<Self, NotResidentId> {
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_digit()) {
            return Err(NotResidentId::Character(odd));
        }
        if text.len() != 15 {
            return Err(NotResidentId::Length(text.len()));
        }
        let mut long = format!("{}19{}", &text[..6], &text[6..]);
        long.push(char::from(check_character(long.as_bytes())));
        Self::parse(&long, today)
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.characters).unwrap_or_default()
    }

    /// 出生日期
    pub fn birth_date(&self) -> Date {
        self.birth
    }

    /// 性别
    pub fn sex(&self) -> Sex {
        if self.characters[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// Whether the province part of the region code is one that was ever given out: GB/T 2260, 81 to 83 for
    /// residence permits of Hong Kong, Macau and Taiwan, 9… for foreigners' cards.
    pub fn region_known(&self) -> bool {
        matches!(number(&self.characters[..2]),
            11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 90..=99)
    }
}

impl fmt::Display for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// 统一社会信用代码 of a unit: 18 characters with a check character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(String);

/// Why a text is no credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCreditCode {
    /// Not 18 characters.
    #[error("{0} characters")]
    Length(usize),
    /// A character outside of the alphabet (no I, O, S, V, Z), or a letter in the region digits.
    #[error("unexpected character {0:?}")]
    Character(char),
    /// The check character is another one.
    #[error("check character")]
    Checksum,
}

impl CreditCode {
    /// Reads 18 characters in their exact form.
    ///
    /// # Errors
    /// The first of [`NotCreditCode`] that applies.
    pub fn parse(text: &str) -> Result<Self, NotCreditCode> {
        const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
        let length = text.chars().count();
        if length != 18 {
            return Err(NotCreditCode::Length(length));
        }
        let mut values = [0; 18];
        for ((place, c), value) in text.chars().enumerate().zip(&mut values) {
            *value = ALPHABET.find(c).ok_or(NotCreditCode::Character(c))?;
            if (2..8).contains(&place) && !c.is_ascii_digit() {
                return Err(NotCreditCode::Character(c));
            }
        }
        let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
        if (31 - sum % 31) % 31 == values[17] { Ok(Self(text.into())) } else { Err(NotCreditCode::Checksum) }
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 7, 6);

    #[test]
    fn valid_ids_of_the_standard_and_of_residence_permits() {
        for text in [
            "11010519491231002X",
            "440524188001010014",
            "34052419800101001X",
            "110101199001010015",
            "410801198512310022",
            "371401197906150035",
            "430401199202290042",
            "420201200008080052",
            "650101198808080066",
            "810000199001010078",
            "83000019900101008X",
        ] {
            let id = ResidentId::parse(text, TODAY).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(id.to_string(), text, "print undoes parse");
            assert!(id.region_known(), "{text}: a region in use");
        }
    }

    #[test]
    fn invalid_ids_by_cause_the_date_before_the_check_character() {
        for (text, cause) in [
            ("110105194912310021", NotResidentId::Checksum),
            ("110101199002300010", NotResidentId::Date),
            ("110101199013010010", NotResidentId::Date),
            ("110101170001010010", NotResidentId::Date),
            ("110101202607070010", NotResidentId::Future),
            ("110101209902300010", NotResidentId::Future),
            ("11010519491231002x", NotResidentId::Character('x')),
            ("11010519491231002×", NotResidentId::Character('×')),
            ("11010519491231002*", NotResidentId::Character('*')),
            ("1101051949123100X2", NotResidentId::Character('X')),
            ("1101051949123100２X", NotResidentId::Character('２')),
            ("110105491231002", NotResidentId::Fifteen),
            ("11010549123100A", NotResidentId::Character('A')),
            ("1101051949123100", NotResidentId::Length(16)),
            ("1101051949123100212", NotResidentId::Length(19)),
            ("", NotResidentId::Length(0)),
        ] {
            assert_eq!(ResidentId::parse(text, TODAY), Err(cause), "{text}");
        }
        assert!(
            ResidentId::parse("110101202607060016", TODAY).is_err_and(|e| e != NotResidentId::Future),
            "born today is not the future"
        );
    }

    #[test]
    fn fifteen_digits_become_eighteen() {
        for (old, new) in [("110105491231002", "11010519491231002X"), ("340524800101001", "34052419800101001X")] {
            assert_eq!(ResidentId::from_fifteen(old, TODAY).map(|id| id.to_string()), Ok(new.into()), "{old}");
        }
        assert_eq!(ResidentId::from_fifteen("110105490231002", TODAY), Err(NotResidentId::Date), "31 February");
        assert_eq!(ResidentId::from_fifteen("11010549123100", TODAY), Err(NotResidentId::Length(14)), "14 digits");
    }

    #[test]
    fn sex_and_birth_date() {
        let id = ResidentId::parse("430401199202290042", TODAY).unwrap();
        assert_eq!((id.birth_date(), id.sex()), (date(1992, 2, 29), Sex::Female), "a leap day, an even 17th digit");
        let id = ResidentId::parse("110101199001010015", TODAY).unwrap();
        assert_eq!(id.sex(), Sex::Male, "an odd 17th digit");
    }

    #[test]
    fn credit_codes() {
        for text in [
            "91350100M000100Y43",
            "914403001922038216",
            "9144030071526726XG",
            "91330100799655058B",
            "91110000600037341L",
            "91110000802100433B",
            "91110108551385082Q",
            "12100000400010275N",
        ] {
            assert_eq!(CreditCode::parse(text).map(|c| c.to_string()), Ok(text.into()), "{text}");
        }
        for (text, cause) in [
            ("911100001000123456", NotCreditCode::Checksum),
            ("91350100M000100Y4", NotCreditCode::Length(17)),
            ("91350100I000100Y43", NotCreditCode::Character('I')),
            ("91A50100M000100Y43", NotCreditCode::Character('A')),
            ("91350100m000100Y43", NotCreditCode::Character('m')),
        ] {
            assert_eq!(CreditCode::parse(text), Err(cause), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_never_passes(sequence in 0u32..1000, place in 0usize..17, shift in 1u8..10) {
            let mut digits = format!("11010119900101{sequence:03}").into_bytes();
            digits.push(check_character(&digits));
            prop_assert!(ResidentId::parse(std::str::from_utf8(&digits).unwrap(), TODAY).is_ok());
            digits[place] = b'0' + (digits[place] - b'0' + shift) % 10;
            prop_assert!(ResidentId::parse(std::str::from_utf8(&digits).unwrap(), TODAY).is_err(), "a single typing error is always seen");
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,24}") {
            let _ = ResidentId::parse(&text, TODAY);
            let _ = ResidentId::from_fifteen(&text, TODAY);
            let _ = CreditCode::parse(&text);
        }
    }
}
