//! 贷款额度: the formula by which a center works out how much a contributor may borrow.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Yuan;

/// A factor of the formula: above zero, at most 1000, with at most four decimals; on the wire a string such as `"1.2"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Factor(Decimal);

/// Not a factor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a factor: {0}")]
pub struct NotAFactor(pub String);

impl Factor {
    /// The factor as an exact decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Factor {
    type Err = NotAFactor;

    fn from_str(text: &str) -> Result<Self, NotAFactor> {
        let wrong = || NotAFactor(text.into());
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(wrong());
        }
        let value = Decimal::from_str(text).map_err(|_| wrong())?.normalize();
        if value <= Decimal::ZERO || value > Decimal::ONE_THOUSAND || value.scale() > 4 {
            return Err(wrong());
        }
        Ok(Self(value))
    }
}

impl TryFrom<String> for Factor {
    type Error = NotAFactor;

    fn try_from(text: String) -> Result<Self, NotAFactor> {
        text.parse()
    }
}

impl From<Factor> for String {
    fn from(factor: Factor) -> Self {
        factor.to_string()
    }
}

/// 贷款额度 = 缴存余额 × 倍数 × 时间系数, at most a ceiling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanRule {
    /// 倍数
    pub multiple: Factor,
    /// 时间系数 by months of contribution in a row, fewest months first.
    pub coefficients: Vec<TimeCoefficient>,
    /// 最高贷款额度, yuan; `None` where the center has none or it is not known
    #[serde(default)]
    pub ceiling: Option<Yuan>,
    /// Title of the notice.
    pub source_title: String,
    /// Address of the notice.
    #[serde(default)]
    pub source_url: Option<String>,
    /// Date of the notice.
    #[serde(default)]
    pub source_date: Option<Date>,
}

impl LoanRule {
    /// The step that holds after so many months of contribution in a row; `None` below the first.
    pub fn step(&self, months: u16) -> Option<&TimeCoefficient> {
        self.coefficients.iter().rev().find(|step| step.from_months <= months)
    }
}

/// One step of 时间系数.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeCoefficient {
    /// From this many months of contribution in a row.
    pub from_months: u16,
    /// `None` where the center has not published the figure
    pub coefficient: Option<Factor>,
}

#[cfg(test)]
mod tests {
    use super::Factor;

    #[test]
    fn a_factor_is_a_plain_figure_above_nothing() {
        for (text, shown) in [("30", "30"), ("1.20", "1.2"), ("0.0001", "0.0001"), ("1000", "1000")] {
            assert_eq!(text.parse::<Factor>().map(|factor| factor.to_string()).as_deref(), Ok(shown), "{text}");
        }
        for text in ["", "0", "0.00001", "1000.1", "-1", "+1", "1e2", "三十", ".", "1.2.3"] {
            assert!(text.parse::<Factor>().is_err(), "{text:?} multiplies nothing sensibly");
        }
    }
}
