//! Masks for screens, logs and messages: enough to recognise, too little to misuse.

/// An ID number with its middle hidden: `410801198512310031` → `4108**********0031`; short ones keep only
/// their ends.
pub fn id_number(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    let kept = if chars.len() >= 12 { 4 } else { chars.len() / 4 };
    chars
        .iter()
        .enumerate()
        .map(|(place, c)| if place < kept || place >= chars.len() - kept { *c } else { '*' })
        .collect()
}

/// A name with the ID numbers in it masked: centers' authorities write `张三 410801198512310031` into certificates. What
/// is compared is the name as it stands; this is for screens, prints and terminals.
pub fn id_numbers_in(name: &str) -> String {
    /// Digits of an old ID number; shorter ones are no number of a person.
    const SHORTEST: usize = 15;
    let mut masked = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let digits = from.bytes().take_while(u8::is_ascii_digit).count();
        // The last place of a resident ID may be an X.
        let letter = usize::from(digits == 17 && matches!(from.as_bytes().get(digits), Some(b'X' | b'x')));
        let (number, after) = from.split_at(digits + letter);
        masked.push_str(before);
        masked.push_str(&if number.len() < SHORTEST { number.to_owned() } else { id_number(number) });
        rest = after;
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::{id_number, id_numbers_in};

    #[test]
    fn a_name_keeps_everything_but_the_middle_of_its_id_number() {
        for (said, shown) in [
            ("张三", "张三"),
            ("张三 410801198512310031", "张三 4108**********0031"),
            ("张三41080119851231003x", "张三4108**********003x"),
            ("041@张三@SF410801851231003@2", "041@张三@SF4108*******1003@2"),
            ("41080119851231003X（张三）", "4108**********003X（张三）"),
            ("张三 13803910001 00000007", "张三 13803910001 00000007"),
            ("410801198512310031 410801198512310032", "4108**********0031 4108**********0032"),
            ("", ""),
        ] {
            assert_eq!(id_numbers_in(said), shown, "{said}");
        }
    }

    #[test]
    fn hides_the_birth_date_and_keeps_the_ends() {
        assert_eq!(id_number("410801198512310031"), "4108**********0031", "a resident ID");
        assert_eq!(id_number("410801851231003"), "4108*******1003", "an old ID of 15 digits");
        assert_eq!(id_number("E12345678"), "E1*****78", "a passport");
        assert_eq!(id_number("123"), "***", "too short to show anything");
        assert_eq!(id_number(""), "", "nothing stays nothing");
    }
}
