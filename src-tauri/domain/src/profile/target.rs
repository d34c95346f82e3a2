//! How filings reach a center, and what its files can hold.

use serde::{Deserialize, Serialize};

use crate::money::{Rounding, Yuan};

/// How filings reach a center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Over the gateway, signed.
    #[default]
    Gateway,
    /// As the center's own upload file, which the clerk hands in by the web hall.
    UploadFile,
}

impl Channel {
    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Gateway => "联网申报",
            Self::UploadFile => "上传文件",
        }
    }
}

/// What a center's files are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Every character.
    #[default]
    Utf8,
    /// Every character too, in the national standard's bytes.
    Gb18030,
    /// The older half of it: rare characters of names are missing.
    Gbk,
}

impl Encoding {
    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Gbk => "GBK",
        }
    }
}

/// The smallest step of a filed base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum BaseUnit {
    /// 元
    Yuan,
    /// 角
    Jiao,
    /// 分
    #[default]
    Fen,
}

impl BaseUnit {
    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Yuan => "元",
            Self::Jiao => "角",
            Self::Fen => "分",
        }
    }

    /// One step, fen.
    pub(super) fn fen(self) -> i64 {
        match self {
            Self::Yuan => 100,
            Self::Jiao => 10,
            Self::Fen => 1,
        }
    }

    /// The nearest base in whole steps, half up.
    pub fn nearest(self, base: Yuan) -> Yuan {
        if base.fen() % self.fen() == 0 {
            return base;
        }
        let method = match self {
            Self::Yuan => Rounding::HalfUpYuan,
            Self::Jiao => Rounding::HalfUpJiao,
            Self::Fen => Rounding::HalfUpFen,
        };
        Yuan::rounded(base.decimal(), method)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_base_goes_to_the_nearest_whole_step() {
        let nearest = |unit: BaseUnit, base: &str| unit.nearest(base.parse().unwrap()).to_string();
        assert_eq!(nearest(BaseUnit::Yuan, "5432.50"), "5433.00", "half up");
        assert_eq!(nearest(BaseUnit::Yuan, "5432.49"), "5432.00", "down");
        assert_eq!(nearest(BaseUnit::Jiao, "5432.45"), "5432.50", "half up to the jiao");
        assert_eq!(nearest(BaseUnit::Fen, "5432.45"), "5432.45", "every amount is whole fen");
    }
}
