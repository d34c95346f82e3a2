//! 封存原因: why an account is sealed, and what it means for a withdrawal.

use serde::{Deserialize, Serialize};

use crate::characters::{half_width, is_blank};

/// A reason that a center knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealReason {
    /// The center's code.
    pub code: String,
    /// Its name, which is what is filed.
    pub name: String,
    /// Months sealed before the contributor can withdraw, 0 at once; `None` where the reason allows no withdrawal
    #[serde(default)]
    pub withdrawal_months: Option<u8>,
    /// What sheets write and can only mean this.
    #[serde(default)]
    pub synonyms: Vec<String>,
}

impl SealReason {
    /// The reasons of most centers, with the waits that most have.
    pub fn typical() -> Vec<Self> {
        let left: &[&str] =
            &["离职", "辞职", "辞退", "解除劳动关系", "终止劳动关系", "解除劳动合同", "终止劳动合同", "合同到期"];
        let reasons: [(&str, &str, Option<u8>, &[&str]); 9] = [
            ("01", "解除或终止劳动关系", Some(6), left),
            ("02", "离休退休", Some(0), &["退休", "离休", "离退休", "正常退休"]),
            ("03", "调出本市", None, &[]),
            ("04", "完全丧失劳动能力", Some(0), &[]),
            ("05", "出境定居", Some(0), &["出国定居", "出国出境定居"]),
            ("06", "死亡", Some(0), &["身故", "去世"]),
            ("07", "判处刑罚", Some(0), &[]),
            ("08", "停薪留职或长期休假", None, &["停薪留职", "长期休假"]),
            ("99", "其他", None, &[]),
        ];
        reasons
            .map(|(code, name, withdrawal_months, synonyms)| Self {
                code: code.into(),
                name: name.into(),
                withdrawal_months,
                synonyms: synonyms.iter().map(|word| (*word).to_owned()).collect(),
            })
            .into()
    }

    /// Whether a cell means this reason: its name with blanks or full-width letters, or a synonym.
    pub fn meant_by(&self, text: &str) -> bool {
        let said: String = text.chars().filter(|c| !is_blank(*c)).map(half_width).collect();
        said == self.name || self.synonyms.contains(&said)
    }
}
