//! Money and ratios: exact decimals, rounded by the center's rule (domain.md section 4).

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An amount in yuan with exactly two decimals; on the wire a string such as `"1234.50"`.
///
/// It is kept in fen: what people write has at most eleven digits before the point ([`FromStr`]), so that the sum of a
/// sheet of the most rows there may be is far from the end of 64 bits. Sums on the wire are read as far as 64 bits go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(try_from = "String", into = "String")]
pub struct Yuan(i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotYuan {
    /// Not digits with at most one point and one leading minus.
    #[error("not an amount: {0}")]
    Unreadable(String),
    /// More than two decimals.
    #[error("more than two decimals: {0}")]
    Decimals(String),
    /// 10¹¹ yuan and more.
    #[error("too large: {0}")]
    TooLarge(String),
}

impl Yuan {
    /// 0.00
    pub const ZERO: Self = Self(0);

    /// An amount from fen (分).
    pub fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// The amount in fen (分).
    pub fn fen(self) -> i64 {
        self.0
    }

    /// The amount as an exact decimal.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Rounds an exact product to an amount by a center's method.
    pub fn rounded(exact: Decimal, method: Rounding) -> Self {
        let rounded = method.apply(exact);
        let fen = match rounded.scale() {
            places @ 0..=2 => rounded.mantissa().checked_mul(10_i128.pow(2 - places)),
            _ => rounded.checked_mul(Decimal::ONE_HUNDRED).and_then(|fen| fen.to_i128()),
        };
        let fen = fen.and_then(|fen| i64::try_from(fen).ok());
        Self(fen.unwrap_or(if rounded.is_sign_negative() { i64::MIN } else { i64::MAX }))
    }
}

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, fen) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl FromStr for Yuan {
    type Err = NotYuan;

    /// Reads plain decimal digits: `1234`, `1234.5`, `-0.01`. No separators, no exponents.
    fn from_str(text: &str) -> Result<Self, NotYuan> {
        read(text, 11)
    }
}

/// An amount of at most so many digits before the point, of which 64 bits hold 17 or fewer.
fn read(text: &str, most: usize) -> Result<Yuan, NotYuan> {
    if let Some(fen) = plain_fen(text) {
        return Ok(Yuan(fen));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(cents) {
        return Err(NotYuan::Unreadable(text.into()));
    }
    let (whole, cents) = (whole.trim_start_matches('0'), cents.trim_end_matches('0'));
    if whole.len() > most {
        return Err(NotYuan::TooLarge(text.into()));
    }
    if cents.len() > 2 {
        return Err(NotYuan::Decimals(text.into()));
    }
    let number = |digits: &str| digits.bytes().fold(0, |number, digit| number * 10 + i128::from(digit - b'0'));
    let fen = number(whole) * 100 + number(cents) * if cents.len() == 1 { 10 } else { 1 };
    let fen = if digits.len() < text.len() { -fen } else { fen };
    i64::try_from(fen).map(Yuan).map_err(|_| NotYuan::TooLarge(text.into()))
}

/// An amount as nearly all are written, short and without a sign, in fen; `None` where it has to be looked at closely.
#[inline]
fn plain_fen(text: &str) -> Option<i64> {
    if text.len() > 11 || !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let (mut digits, mut decimals) = (0, None);
    for byte in text.bytes() {
        match (byte, &mut decimals) {
            (b'0'..=b'9', decimals) => {
                digits = digits * 10 + i64::from(byte - b'0');
                decimals.iter_mut().for_each(|decimals| *decimals += 1);
            }
            (b'.', None) => decimals = Some(0),
            _other => return None,
        }
    }
    match decimals {
        None => Some(digits * 100),
        Some(1) => Some(digits * 10),
        Some(2) => Some(digits),
        Some(_) => None,
    }
}

impl TryFrom<String> for Yuan {
    type Error = NotYuan;

    fn try_from(text: String) -> Result<Self, NotYuan> {
        read(&text, 17)
    }
}

impl From<Yuan> for String {
    fn from(amount: Yuan) -> Self {
        amount.to_string()
    }
}

impl Add for Yuan {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Yuan {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Yuan {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Yuan {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Yuan {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// A contribution ratio as a decimal: 8 % is `0.08`; on the wire the string `"0.08"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio(Decimal);

/// Not a ratio between 0 and 1 with at most four decimals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a ratio: {0}")]
pub struct NotARatio(pub String);

impl Ratio {
    /// A ratio in hundredths of a percent: 800 is 8 %.
    ///
    /// # Errors
    /// [`NotARatio`] above 100 %.
    pub fn from_basis_points(points: u16) -> Result<Self, NotARatio> {
        if points <= 10_000 { Ok(Self(Decimal::new(points.into(), 4))) } else { Err(NotARatio(points.to_string())) }
    }

    /// The ratio as an exact decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is a whole number of steps; a step of nothing leads nowhere.
    pub fn steps(self, step: Self) -> bool {
        !step.0.is_zero() && (self.0 % step.0).is_zero()
    }

    /// As a clerk reads it: `8%`, `5.5%`.
    pub fn percent(self) -> String {
        format!("{}%", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}

impl FromStr for Ratio {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        let wrong = || NotARatio(text.into());
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(wrong());
        }
        let value = Decimal::from_str(text).map_err(|_| wrong())?;
        if value > Decimal::ONE || value.normalize().scale() > 4 {
            return Err(wrong());
        }
        Ok(Self(value.normalize()))
    }
}

impl TryFrom<String> for Ratio {
    type Error = NotARatio;

    fn try_from(text: String) -> Result<Self, NotARatio> {
        text.parse()
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string()
    }
}

/// The eleven rounding methods (计算方法) in use at centers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// 四舍五入到分
    HalfUpFen,
    /// 四舍五入到角
    HalfUpJiao,
    /// 四舍五入到元: the commonest, and the default
    #[default]
    HalfUpYuan,
    /// 舍厘
    FloorFen,
    /// 舍角以下
    FloorJiao,
    /// 舍元以下
    FloorYuan,
    /// 见厘进分
    CeilFen,
    /// 见分进角
    CeilJiao,
    /// 见角分进元
    CeilYuan,
    /// 见角进元: the fen is cut first, so 100.09 → 100 and 100.10 → 101
    JiaoCeilYuan,
    /// 进位到偶数元
    CeilEvenYuan,
}

impl Rounding {
    /// Every method.
    pub const ALL: [Self; 11] = [
        Self::HalfUpFen,
        Self::HalfUpJiao,
        Self::HalfUpYuan,
        Self::FloorFen,
        Self::FloorJiao,
        Self::FloorYuan,
        Self::CeilFen,
        Self::CeilJiao,
        Self::CeilYuan,
        Self::JiaoCeilYuan,
        Self::CeilEvenYuan,
    ];

    /// 计算方法 as centers call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::HalfUpFen => "四舍五入到分",
            Self::HalfUpJiao => "四舍五入到角",
            Self::HalfUpYuan => "四舍五入到元",
            Self::FloorFen => "舍厘",
            Self::FloorJiao => "舍角以下",
            Self::FloorYuan => "舍元以下",
            Self::CeilFen => "见厘进分",
            Self::CeilJiao => "见分进角",
            Self::CeilYuan => "见角分进元",
            Self::JiaoCeilYuan => "见角进元",
            Self::CeilEvenYuan => "进位到偶数元",
        }
    }

    fn apply(self, exact: Decimal) -> Decimal {
        // Half up means away from zero; the library's default would be banker's rounding.
        let half_up = |places| rounded(exact, places, RoundingStrategy::MidpointAwayFromZero, half);
        let cut = |places| rounded(exact, places, RoundingStrategy::ToZero, nothing);
        let up = |value: Decimal, places| rounded(value, places, RoundingStrategy::AwayFromZero, anything);
        match self {
            Self::HalfUpFen => half_up(2),
            Self::HalfUpJiao => half_up(1),
            Self::HalfUpYuan => half_up(0),
            Self::FloorFen => cut(2),
            Self::FloorJiao => cut(1),
            Self::FloorYuan => cut(0),
            Self::CeilFen => up(exact, 2),
            Self::CeilJiao => up(exact, 1),
            Self::CeilYuan => up(exact, 0),
            Self::JiaoCeilYuan => up(cut(1), 0),
            Self::CeilEvenYuan => up(exact / Decimal::TWO, 0) * Decimal::TWO,
        }
    }
}

/// A value with so many decimals. What fits into 64 bits, as every product of an amount and a ratio does, is rounded in
/// whole numbers: away from zero where `away` says so of what is cut off, of so many parts that make a unit.
fn rounded(value: Decimal, places: u32, strategy: RoundingStrategy, away: impl Fn(u64, u64) -> bool) -> Decimal {
    let parts = value.scale().checked_sub(places).and_then(|cut| 10_i64.checked_pow(cut));
    let (Some(parts), Ok(value)) = (parts, i64::try_from(value.mantissa())) else {
        return value.round_dp_with_strategy(places, strategy);
    };
    let away = away((value % parts).unsigned_abs(), parts.unsigned_abs());
    Decimal::new(value / parts + if away { value.signum() } else { 0 }, places)
}

fn half(cut: u64, parts: u64) -> bool {
    cut >= parts.div_ceil(2)
}

fn anything(cut: u64, _parts: u64) -> bool {
    cut > 0
}

fn nothing(_cut: u64, _parts: u64) -> bool {
    false
}

/// What a rounding method is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum RoundingScope {
    /// Each side is rounded, then added.
    #[default]
    EachSide,
    /// The total is rounded; the personal part is rounded for itself, the unit's part is what remains.
    Total,
}

impl RoundingScope {
    /// What is rounded, in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::EachSide => "单位、个人分别计算",
            Self::Total => "按合计计算，单位部分为余额",
        }
    }
}

/// What a base costs a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// 单位月缴存额 (DWYJCE)
    pub unit_amount: Yuan,
    /// 个人月缴存额 (GRYJCE)
    pub personal_amount: Yuan,
}

impl Contribution {
    /// The two parts of a base by a center's rule.
    pub fn of(base: Yuan, unit: Ratio, personal: Ratio, method: Rounding, scope: RoundingScope) -> Self {
        let base = base.decimal();
        let personal_amount = Yuan::rounded(base * personal.0, method);
        let unit_amount = match scope {
            RoundingScope::EachSide => Yuan::rounded(base * unit.0, method),
            RoundingScope::Total => Yuan::rounded(base * (unit.0 + personal.0), method) - personal_amount,
        };
        Self { unit_amount, personal_amount }
    }

    /// 月缴存额 (YJCE): the sum of the two rounded parts.
    pub fn monthly(self) -> Yuan {
        self.unit_amount + self.personal_amount
    }
}

impl Sum for Contribution {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| Self {
            unit_amount: sum.unit_amount + part.unit_amount,
            personal_amount: sum.personal_amount + part.personal_amount,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn yuan(text: &str) -> Yuan {
        text.parse().unwrap()
    }

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn eleven_methods_on_six_products() {
        let products = [
            ("5432.10", "0.08"),
            ("21142", "0.12"),
            ("1770", "0.05"),
            ("4567.89", "0.07"),
            ("2001", "0.05"),
            ("10000.50", "0.10"),
        ];
        let table = [
            (Rounding::HalfUpFen, ["434.57", "2537.04", "88.50", "319.75", "100.05", "1000.05"]),
            (Rounding::CeilFen, ["434.57", "2537.04", "88.50", "319.76", "100.05", "1000.05"]),
            (Rounding::FloorFen, ["434.56", "2537.04", "88.50", "319.75", "100.05", "1000.05"]),
            (Rounding::HalfUpJiao, ["434.6", "2537.0", "88.5", "319.8", "100.1", "1000.1"]),
            (Rounding::CeilJiao, ["434.6", "2537.1", "88.5", "319.8", "100.1", "1000.1"]),
            (Rounding::FloorJiao, ["434.5", "2537.0", "88.5", "319.7", "100.0", "1000.0"]),
            (Rounding::HalfUpYuan, ["435", "2537", "89", "320", "100", "1000"]),
            (Rounding::CeilYuan, ["435", "2538", "89", "320", "101", "1001"]),
            (Rounding::JiaoCeilYuan, ["435", "2537", "89", "320", "100", "1000"]),
            (Rounding::FloorYuan, ["434", "2537", "88", "319", "100", "1000"]),
            (Rounding::CeilEvenYuan, ["436", "2538", "90", "320", "102", "1002"]),
        ];
        assert_eq!(table.len(), Rounding::ALL.len(), "every method is in the table");
        for (method, expected) in table {
            for ((base, share), expected) in products.into_iter().zip(expected) {
                let rounded = Yuan::rounded(yuan(base).decimal() * ratio(share).decimal(), method);
                assert_eq!(rounded, yuan(expected), "{base} × {share} by {method:?}");
            }
        }
    }

    #[test]
    fn the_two_jiao_methods_differ_in_the_fen() {
        for (exact, jiao, fen) in [("100.09", "100", "101"), ("100.10", "101", "101"), ("100.00", "100", "100")] {
            let exact = Decimal::from_str(exact).unwrap();
            assert_eq!(Yuan::rounded(exact, Rounding::JiaoCeilYuan), yuan(jiao), "{exact}: the fen is cut first");
            assert_eq!(Yuan::rounded(exact, Rounding::CeilYuan), yuan(fen), "{exact}: the fen counts");
        }
    }

    #[test]
    fn a_product_on_the_edge_is_exact() {
        let exact = yuan("1000.05").decimal() * ratio("0.10").decimal();
        assert_eq!(Yuan::rounded(exact, Rounding::HalfUpFen), yuan("100.01"), "a double gives 100.00");
        let half = Decimal::from_str("88.5").unwrap();
        assert_eq!(Yuan::rounded(half, Rounding::HalfUpYuan), yuan("89"), "banker's rounding gives 88");
    }

    #[test]
    fn scopes_differ_where_the_parts_round_apart() {
        let of = |method, scope| Contribution::of(yuan("3333.33"), ratio("0.08"), ratio("0.05"), method, scope);
        for (method, each, total) in [(Rounding::HalfUpFen, "433.34", "433.33"), (Rounding::HalfUpYuan, "434", "433")] {
            assert_eq!(of(method, RoundingScope::EachSide).monthly(), yuan(each), "{method:?}, each side");
            assert_eq!(of(method, RoundingScope::Total).monthly(), yuan(total), "{method:?}, total");
        }
        let total = of(Rounding::HalfUpFen, RoundingScope::Total);
        assert_eq!(total.personal_amount, yuan("166.67"), "the personal part is rounded for itself");
        assert_eq!(total.unit_amount, yuan("266.66"), "the unit's part is what remains");
    }

    #[test]
    fn published_ceilings_pin_the_method() {
        for (base, monthly, method) in [
            ("21142", "5076", Rounding::CeilYuan),
            ("36072.25", "8657.34", Rounding::HalfUpFen),
            ("32744", "7858", Rounding::HalfUpYuan),
            ("25392", "6094", Rounding::HalfUpYuan),
        ] {
            let of = Contribution::of(yuan(base), ratio("0.12"), ratio("0.12"), method, RoundingScope::EachSide);
            assert_eq!(of.monthly(), yuan(monthly), "ceiling {base} by {method:?}");
        }
    }

    #[test]
    fn only_plain_digits_are_amounts() {
        for (text, printed) in [
            ("1234", "1234.00"),
            ("0.5", "0.50"),
            ("007.10", "7.10"),
            ("-0.01", "-0.01"),
            ("-0", "0.00"),
            ("1.500", "1.50"),
        ] {
            assert_eq!(yuan(text).to_string(), printed, "{text}");
        }
        for text in ["", "-", ".", "1.", ".5", "+1", "1e3", "1,000", "１", " 1", "NaN", "0x10", "1_000", "--1", "1.2.3"]
        {
            assert!(
                matches!(text.parse::<Yuan>(), Err(NotYuan::Unreadable(_))),
                "{text:?} is never zero, never guessed"
            );
        }
        assert!(matches!("0.001".parse::<Yuan>(), Err(NotYuan::Decimals(_))), "a third decimal is not dropped");
        assert_eq!(yuan("0099999999999.99").fen(), 9_999_999_999_999, "11 digits");
        assert!(matches!("100000000000".parse::<Yuan>(), Err(NotYuan::TooLarge(_))), "12 digits");
        let sheet: Yuan = std::iter::repeat_n(yuan("99999999999.99"), 200_000).sum();
        assert_eq!(sheet.to_string(), "19999999999998000.00", "a sheet of the most rows, all as large as can be read");
    }

    #[test]
    fn ratios_print_as_they_are_read() {
        for (text, percent) in [("0.08", "8%"), ("0.12", "12%"), ("0.055", "5.5%"), ("1", "100%"), ("0.10", "10%")] {
            assert_eq!(ratio(text).percent(), percent, "{text}");
        }
        for text in ["1.01", "", "-0.1", "8%", "0.00001", "."] {
            assert!(text.parse::<Ratio>().is_err(), "{text:?}");
        }
        assert_eq!(Ratio::from_basis_points(800), Ok(ratio("0.08")), "hundredths of a percent");
        assert!(Ratio::from_basis_points(10_001).is_err(), "above 100 %");
    }

    prop_compose! {
        fn any_base()(fen in 1i64..10_000_000) -> Yuan { Yuan::from_fen(fen) }
    }

    prop_compose! {
        fn any_ratio()(points in 0u16..=1200) -> Ratio { Ratio::from_basis_points(points).unwrap() }
    }

    fn any_rule() -> impl Strategy<Value = (Rounding, RoundingScope)> {
        let scopes = prop::sample::select(vec![RoundingScope::EachSide, RoundingScope::Total]);
        (prop::sample::select(Rounding::ALL.to_vec()), scopes)
    }

    proptest! {
        #[test]
        fn an_amount_is_what_a_decimal_reads(text in "-?[0-9]{0,15}([.][0-9]{0,3})?") {
            if let Ok(amount) = text.parse::<Yuan>() {
                prop_assert_eq!(Some(amount.decimal()), Decimal::from_str(&text).ok());
                prop_assert!(!amount.to_string().starts_with("-0.00"), "no −0");
            }
        }

        #[test]
        fn rounding_in_whole_numbers_is_that_of_decimals(units in prop_oneof![any::<i64>(), -20_000i64..20_000], scale in 0u32..12, places in 0u32..3) {
            let value = Decimal::new(units, scale);
            let away = RoundingStrategy::MidpointAwayFromZero;
            prop_assert_eq!(rounded(value, places, away, half), value.round_dp_with_strategy(places, away));
            let up = RoundingStrategy::AwayFromZero;
            prop_assert_eq!(rounded(value, places, up, anything), value.round_dp_with_strategy(places, up));
            let cut = RoundingStrategy::ToZero;
            prop_assert_eq!(rounded(value, places, cut, nothing), value.round_dp_with_strategy(places, cut));
        }

        #[test]
        fn sums_are_those_of_decimals(one in any::<i32>(), other in any::<i64>().prop_map(|fen| fen / 2)) {
            let (one, other) = (Yuan::from_fen(one.into()), Yuan::from_fen(other));
            prop_assert_eq!((one + other).decimal(), one.decimal() + other.decimal());
            prop_assert_eq!((one - other).decimal(), one.decimal() - other.decimal());
        }

        #[test]
        fn parse_undoes_print(fen in any::<i64>(), typed in -9_999_999_999_999i64..=9_999_999_999_999) {
            let typed = Yuan::from_fen(typed);
            prop_assert_eq!(typed.to_string().parse(), Ok(typed));
            let amount = Yuan::from_fen(fen);
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(&json, &format!("\"{amount}\""), "a string with two places on the wire");
            prop_assert_eq!(serde_json::from_str::<Yuan>(&json).unwrap(), amount);
        }

        #[test]
        fn ratios_survive_the_wire(points in 0u16..=10_000) {
            let ratio = Ratio::from_basis_points(points).unwrap();
            prop_assert_eq!(ratio.to_string().parse(), Ok(ratio));
            prop_assert_eq!(serde_json::from_str::<Ratio>(&serde_json::to_string(&ratio).unwrap()).unwrap(), ratio);
        }

        #[test]
        fn rounded_rows_add_up_to_the_total(
            bases in prop::collection::vec(any_base(), 1..60), unit in any_ratio(), personal in any_ratio(), (method, scope) in any_rule(),
        ) {
            let rows: Vec<_> = bases.iter().map(|base| Contribution::of(*base, unit, personal, method, scope)).collect();
            let total: Yuan = rows.iter().map(|row| row.monthly()).sum();
            let parts = rows.iter().map(|row| row.unit_amount).sum::<Yuan>() + rows.iter().map(|row| row.personal_amount).sum();
            prop_assert_eq!(total, parts, "no fen appears or goes in adding");
            let printed: Yuan = rows.iter().map(|row| row.monthly().to_string().parse::<Yuan>().unwrap()).sum();
            prop_assert_eq!(total, printed, "what is printed adds up too");
        }

        #[test]
        fn a_method_stays_within_its_step(base in any_base(), share in any_ratio(), (method, _) in any_rule()) {
            let exact = base.decimal() * share.decimal();
            let off = (Yuan::rounded(exact, method).decimal() - exact).abs();
            prop_assert!(off < Decimal::TWO, "{:?} moved {} by {}", method, exact, off);
        }

        #[test]
        fn differences_have_no_negative_zero(fen in any::<i32>()) {
            let amount = Yuan::from_fen(fen.into());
            prop_assert_eq!((amount - amount).to_string(), "0.00");
            prop_assert_eq!((-(amount - amount)).to_string(), "0.00");
            prop_assert_eq!(-(-amount), amount);
        }
    }
}
