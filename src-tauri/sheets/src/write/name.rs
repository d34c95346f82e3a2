//! Names of files.

use huijiao_domain::characters::{is_bidi_control, is_invisible};

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
            mark if is_invisible(mark) || is_bidi_control(mark) => continue,
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
