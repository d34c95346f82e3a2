//! 签名: what a center takes signatures of, and how an operator proves himself to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What keys sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    P256,
    /// RSA of 2048 bits or more with SHA-256.
    Rsa,
    /// SM2 with SM3.
    Sm2,
}

impl SignatureAlgorithm {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::P256, Self::Rsa, Self::Sm2];

    /// As profiles write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::Rsa => "rsa",
            Self::Sm2 => "sm2",
        }
    }

    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::P256 => "ECDSA P-256",
            Self::Rsa => "RSA",
            Self::Sm2 => "国密 SM2",
        }
    }
}

/// Whose object identifiers SM2 files are written with; both are read everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureIdentifiers {
    /// Those of the RFCs.
    #[default]
    Rfc,
    /// Those of GM/T 0010.
    Gmt,
}

/// Whether a connection has to show the operator's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientTls {
    /// Always: without it nobody logs in. SM2 certificates cannot: TLS here knows no SM2.
    #[default]
    Required,
    /// A login by a signed challenge alone will do.
    Optional,
}

/// Whether whoever shows his certificate to the connection signs a challenge as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedChallenge {
    /// Always: he proves himself twice.
    #[default]
    Required,
    /// The certificate that he shows alone will do.
    Optional,
}

impl SignedChallenge {
    /// As most centers have it: left out of a file of rules.
    pub fn is_usual(&self) -> bool {
        *self == Self::Required
    }
}

/// A center's rules of signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureRules {
    /// What it takes signatures of. Of the national ones and the others, one file has only the one sort.
    #[serde(default = "SignatureRules::usual")]
    pub algorithms: BTreeSet<SignatureAlgorithm>,
    /// How SM2 files are to be written.
    #[serde(default)]
    pub identifiers: SignatureIdentifiers,
    /// Whether connections show a certificate.
    #[serde(default)]
    pub client_tls: ClientTls,
    /// Whether whoever shows one signs a challenge as well.
    #[serde(default, skip_serializing_if = "SignedChallenge::is_usual")]
    pub challenge: SignedChallenge,
    /// What it signs its receipts with.
    #[serde(default = "SignatureRules::of_receipts")]
    pub receipts: SignatureAlgorithm,
}

impl Default for SignatureRules {
    fn default() -> Self {
        Self {
            algorithms: Self::usual(),
            identifiers: SignatureIdentifiers::default(),
            client_tls: ClientTls::default(),
            challenge: SignedChallenge::default(),
            receipts: Self::of_receipts(),
        }
    }
}

impl SignatureRules {
    fn usual() -> BTreeSet<SignatureAlgorithm> {
        BTreeSet::from([SignatureAlgorithm::P256, SignatureAlgorithm::Rsa])
    }

    fn of_receipts() -> SignatureAlgorithm {
        SignatureAlgorithm::P256
    }

    /// Whether they are what most centers have.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether signatures of a key are taken, by the word of its algorithm.
    pub fn takes(&self, algorithm: Option<&str>) -> bool {
        algorithm.and_then(SignatureAlgorithm::parse).is_some_and(|algorithm| self.algorithms.contains(&algorithm))
    }

    /// Whether it has to do with SM2 at all.
    pub fn knows_sm2(&self) -> bool {
        self.receipts == SignatureAlgorithm::Sm2 || self.algorithms.contains(&SignatureAlgorithm::Sm2)
    }

    /// What it takes, as one says it.
    pub fn labels(&self) -> String {
        let labels: Vec<&str> = self.algorithms.iter().map(|one| one.label()).collect();
        labels.join("、")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rules_that_say_nothing_take_no_sm2_and_want_a_certificate_and_a_challenge() {
        let rules: SignatureRules = serde_json::from_str("{}").unwrap();
        assert!(rules.is_usual());
        assert!(rules.takes(Some("p256")) && rules.takes(Some("rsa")));
        assert!(!rules.takes(Some("sm2")), "national certificates only where the center says so");
        assert!(!rules.takes(Some("sha1")) && !rules.takes(None), "what nobody knows is not taken");
        assert_eq!(
            (rules.client_tls, rules.challenge),
            (ClientTls::Required, SignedChallenge::Required),
            "both proofs"
        );
        let known_before = serde_json::to_value(&rules).unwrap();
        assert!(known_before.get("challenge").is_none(), "programs that do not know it read what most centers have");
        let national: SignatureRules =
            serde_json::from_str(r#"{"algorithms":["sm2"],"client_tls":"optional","receipts":"sm2"}"#).unwrap();
        assert!(!national.takes(Some("p256")) && national.takes(Some("sm2")) && national.knows_sm2());
        assert_eq!(national.labels(), "国密 SM2");
        assert!(serde_json::from_str::<SignatureRules>(r#"{"algorithms":["md5"]}"#).is_err());
    }
}
