//! Names of files.

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// A file name without folder and ending, as every system takes it, of at most `longest` bytes; empty where nothing is
/// left.
pub fn safe_stem(stem: &str, longest: usize) -> String {
    let mut safe = String::new();
    for character in stem.chars() {
        let character = match character {
            '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '_',
            // Marks that turn a name around hide what kind of file it is.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => continue,
            control if control.is_control() => continue,
            other => other,
        };
        if safe.len() + character.len_utf8() > longest {
            break;
        }
        safe.push(character);
    }
    let safe = safe.trim().trim_end_matches('.').trim();
    let upper = safe.to_ascii_uppercase();
    let port = ["COM", "LPT"].iter().any(|port| {
        upper.strip_prefix(port).is_some_and(|number| number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()))
    });
    if port || DEVICES.contains(&upper.as_str()) { format!("{safe}_") } else { safe.to_owned() }
}
