//! Money and ratios: exact decimals, rounded by the center's rule (domain.md section 4).

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An amount in yuan with exactly two decimals; on the wire a string such as `"1234.50"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(try_from = "String", into = "String")]
pub struct Yuan(Decimal);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotYuan {
    /// Not digits with at most one point and one leading minus.
    #[error("not an amount: {0}")]
    Unreadable(String),
    /// More than two decimals.
    #[error("more than two decimals: {0}")]
    Decimals(String),
    /// Above 10¹³ yuan.
    #[error("too large: {0}")]
    TooLarge(String),
}

impl Yuan {
    /// 0.00
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// An amount from fen (分).
    pub fn from_fen(fen: i64) -> Self {
        Self(Decimal::new(fen, 2))
    }

    /// The amount as an exact decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self < Self::ZERO
    }

    /// Rounds an exact product to an amount by a center's method.
    pub fn rounded(exact: Decimal, method: Rounding) -> Self {
        Self(unsigned_zero(method.apply(exact)))
    }
}

/// Decimals know −0, clerks do not.
fn unsigned_zero(value: Decimal) -> Decimal {
    if value.is_zero() { Decimal::ZERO } else { value }
}

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

impl FromStr for Yuan {
    type Err = NotYuan;

    /// Reads plain decimal digits: `1234`, `1234.5`, `-0.01`. No separators, no exponents.
    fn from_str(text: &str) -> Result<Self, NotYuan> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, cents) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(cents) {
            return Err(NotYuan::Unreadable(text.into()));
        }
        if cents.trim_end_matches('0').len() > 2 {
            return Err(NotYuan::Decimals(text.into()));
        }
        if whole.trim_start_matches('0').len() > 13 {
            return Err(NotYuan::TooLarge(text.into()));
        }
        let value = Decimal::from_str(text).map_err(|_| NotYuan::Unreadable(text.into()))?;
        Ok(Self(unsigned_zero(value.round_dp(2))))
    }
}

impl TryFrom<String> for Yuan {
    type Error = NotYuan;

    fn try_from(text: String) -> Result<Self, NotYuan> {
        text.parse()
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
        Self(self.0 + other.0)
    }
}

impl AddAssign for Yuan {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Yuan {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Yuan {
    type Output = Self;
    fn neg(self) -> Self {
        Self(unsigned_zero(-self.0))
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

    fn apply(self, exact: Decimal) -> Decimal {
        // Half up means away from zero; the library's default would be banker's rounding.
        let half_up = |places| exact.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        let cut = |places| exact.round_dp_with_strategy(places, RoundingStrategy::ToZero);
        let up = |value: Decimal, places| value.round_dp_with_strategy(places, RoundingStrategy::AwayFromZero);
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

/// What a base costs a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
        let personal_amount = Yuan::rounded(base.0 * personal.0, method);
        let unit_amount = match scope {
            RoundingScope::EachSide => Yuan::rounded(base.0 * unit.0, method),
            RoundingScope::Total => Yuan::rounded(base.0 * (unit.0 + personal.0), method) - personal_amount,
        };
        Self { unit_amount, personal_amount }
    }

    /// 月缴存额 (YJCE): the sum of the two rounded parts.
    pub fn monthly(self) -> Yuan {
        self.unit_amount + self.personal_amount
    }
}
