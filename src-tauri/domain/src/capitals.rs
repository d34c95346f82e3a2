//! 大写金额: amounts in the numerals of 《支付结算办法》, which nobody can add a stroke to.

use crate::money::Yuan;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// An amount in capitals: `1409.50` → `壹仟肆佰零玖元伍角`, `-3.00` → `负叁元整`.
///
/// 整 stands after 元 only; before 角 no 零 is written (both as the rules leave open).
pub fn capitals(amount: Yuan) -> String {
    let fen = amount.fen().unsigned_abs();
    let (whole, jiao, fen) = (fen / 100, digit(fen / 10), digit(fen));
    let mut text = String::new();
    if amount.is_negative() {
        text.push('负');
    }
    if whole > 0 || (jiao == '零' && fen == '零') {
        integer(whole, &mut text);
        text.push('元');
    }
    match (jiao, fen) {
        ('零', '零') => text.push('整'),
        ('零', fen) => {
            if whole > 0 {
                text.push('零');
            }
            text.extend([fen, '分']);
        }
        (jiao, '零') => text.extend([jiao, '角']),
        (jiao, fen) => text.extend([jiao, '角', fen, '分']),
    }
    text
}

fn digit(number: u64) -> char {
    DIGITS[usize::try_from(number % 10).unwrap_or_default()]
}

fn integer(number: u64, text: &mut String) {
    for (step, unit) in [(100_000_000, '亿'), (10_000, '万')] {
        if number >= step {
            let (high, low) = (number / step, number % step);
            integer(high, text);
            text.push(unit);
            if low > 0 {
                if low < step / 10 || high % 10 == 0 {
                    text.push('零');
                }
                integer(low, text);
            }
            return;
        }
    }
    if number == 0 {
        text.push('零');
        return;
    }
    let (mut rest, mut begun, mut gap) = (number, false, false);
    for (step, unit) in [(1000, Some('仟')), (100, Some('佰')), (10, Some('拾')), (1, None)] {
        let here = rest / step;
        rest %= step;
        if here == 0 {
            gap = begun;
            continue;
        }
        if gap {
            text.push('零');
            gap = false;
        }
        begun = true;
        text.push(digit(here));
        text.extend(unit);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn golden_vectors_of_the_payment_rules() {
        for (amount, expected) in [
            ("1409.50", "壹仟肆佰零玖元伍角"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("107000.53", "壹拾万零柒仟元伍角叁分"),
            ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("1000000.00", "壹佰万元整"),
            ("0.05", "伍分"),
            ("0.50", "伍角"),
            ("0", "零元整"),
            ("100000000.10", "壹亿元壹角"),
            ("10", "壹拾元整"),
            ("100010001", "壹亿零壹万零壹元整"),
            ("100000001", "壹亿零壹元整"),
            ("12345678901.23", "壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元贰角叁分"),
            ("-3", "负叁元整"),
            ("-0.01", "负壹分"),
        ] {
            assert_eq!(capitals(amount.parse().unwrap()), expected, "{amount}");
        }
    }

    proptest! {
        #[test]
        fn distinct_amounts_read_distinctly(a in -999_999_999_999_999i64..=999_999_999_999_999, step in 1i64..100_000_000_000) {
            let (one, other) = (Yuan::from_fen(a), Yuan::from_fen(a.saturating_add(step)));
            prop_assert_ne!(capitals(one), capitals(other), "two amounts must never share their capitals");
        }

        #[test]
        fn any_amount_has_capitals(fen in any::<i64>()) {
            let text = capitals(Yuan::from_fen(fen));
            prop_assert!(!text.contains("零零"), "one zero at a time: {}", text);
            prop_assert!(text.ends_with('整') || text.ends_with('角') || text.ends_with('分'), "an end that cannot be added to: {}", text);
        }
    }
}
