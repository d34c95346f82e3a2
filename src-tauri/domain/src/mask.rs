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

#[cfg(test)]
mod tests {
    use super::id_number;

    #[test]
    fn hides_the_birth_date_and_keeps_the_ends() {
        assert_eq!(id_number("410801198512310031"), "4108**********0031", "a resident ID");
        assert_eq!(id_number("410801851231003"), "4108*******1003", "an old ID of 15 digits");
        assert_eq!(id_number("E12345678"), "E1*****78", "a passport");
        assert_eq!(id_number("123"), "***", "too short to show anything");
        assert_eq!(id_number(""), "", "nothing stays nothing");
    }
}
