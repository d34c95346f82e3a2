//! How a spreadsheet shows numbers and dates.

use std::fmt::{self, Write as _};

/// The decimal form of a number with at most 15 significant digits, as Excel shows and stores it:
/// `0.1 + 0.2` is `0.3`, an 18-digit ID loses its last three digits. Very large and very small numbers are
/// written with an exponent, as Excel does.
pub(crate) fn number_text(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    // Whole numbers below 10^15 are exact in both worlds.
    if number.abs() < 1e15 && number.trunc() == number {
        return (number as i64).to_string();
    }
    // Most amounts: the shortest form that means this double has at most 15 digits, and then is the answer.
    let mut shortest = Digits::default();
    if (1e-5..1e15).contains(&number.abs())
        && write!(shortest, "{number}").is_ok()
        && shortest.text().trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count() <= 15
    {
        return shortest.text().to_owned();
    }
    let mut scientific = Digits::default();
    // Fits: a sign, 15 digits, a point and an exponent of at most five characters.
    let _ = write!(scientific, "{number:.14e}");
    let Some((mantissa, exponent)) = scientific.text().split_once('e') else {
        return scientific.text().to_owned();
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let digits = digits.trim_end_matches('0');
    if !(-10..=20).contains(&exponent) {
        let (head, tail) = digits.split_at(1);
        let point = if tail.is_empty() { "" } else { "." };
        let plus = if exponent < 0 { "-" } else { "+" };
        return format!("{sign}{head}{point}{tail}E{plus}{:02}", exponent.abs());
    }
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{digits}");
    }
    let whole = usize::try_from(exponent + 1).unwrap_or(1);
    if digits.len() <= whole {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (whole, fraction) = digits.split_at(whole);
    format!("{sign}{whole}.{fraction}")
}

/// Text on the stack: a sheet has millions of numbers, and a passing allocation for each scatters the heap.
#[derive(Default)]
struct Digits {
    bytes: [u8; 32],
    length: usize,
}

impl Digits {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// `YYYY-MM-DD`, with the time of day where there is one. A serial outside of what Excel can show as a date
/// stays a number.
pub(crate) fn date_text(serial: f64, parts: impl FnOnce() -> (u16, u8, u8, u8, u8, u8)) -> String {
    if !(0.0..2_958_466.0).contains(&serial) {
        return number_text(serial);
    }
    let (year, month, day, hour, minute, second) = parts();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn numbers_read_as_excel_shows_them() {
        for (number, shown) in [
            (0.1 + 0.2, "0.3"),
            (0.0, "0"),
            (-0.0, "0"),
            (8000.0, "8000"),
            (-12.5, "-12.5"),
            (1234.56, "1234.56"),
            (100.005, "100.005"),
            (0.12, "0.12"),
            (0.07 * 100.0, "7"),
            (1e-7, "0.0000001"),
            (410_801_198_512_310_022_f64, "410801198512310000"),
            (999_999_999_999_999_f64, "999999999999999"),
            (123_456_789_012_345_680_f64, "123456789012346000"),
            (0.00012345, "0.00012345"),
            (1e-5, "0.00001"),
            (2.675, "2.675"),
            (1.0 / 3.0, "0.333333333333333"),
            (-2.0 / 3.0, "-0.666666666666667"),
            (99_999_999_999_999.99, "100000000000000"),
            (1e21, "1E+21"),
            (1.5e300, "1.5E+300"),
            (-2.5e-30, "-2.5E-30"),
        ] {
            assert_eq!(number_text(number), shown, "as shown in a cell of format General, widened");
        }
    }
}
