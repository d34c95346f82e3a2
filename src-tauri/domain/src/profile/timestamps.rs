//! 时间戳: who outside confirms when a filing existed.

use serde::{Deserialize, Serialize};

/// A server that stamps the hash of a filing (RFC 3161).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimestampServer {
    /// `http://…` or `https://…`: a stamp proves itself, whatever brought it.
    pub url: String,
    /// The only roots that its certificate may lead to, DER in base64. Of `https` they are the anchors too.
    pub roots: Vec<String>,
}

impl TimestampServer {
    /// Whether it can be asked and believed at all.
    pub(super) fn is_usable(&self) -> bool {
        let place = ["http://", "https://"].into_iter().find_map(|scheme| self.url.strip_prefix(scheme));
        place.is_some_and(|place| !place.is_empty() && place.chars().all(|c| c.is_ascii_graphic()))
            && !self.roots.is_empty()
            && self.roots.iter().all(|root| !root.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::{CenterProfile, ProfileFault, validate};

    #[test]
    fn a_server_without_address_or_root_is_none() {
        let mut profile = CenterProfile::shipped("demo").unwrap();
        assert_eq!(profile.timestamps, None, "nobody is asked for stamps unless the rules say so");
        let good = TimestampServer { url: "http://tsa.example/tsr".into(), roots: vec!["MIIB".into()] };
        for (server, usable) in [
            (good.clone(), true),
            (TimestampServer { url: "https://tsa.example".into(), ..good.clone() }, true),
            (TimestampServer { url: "http://".into(), ..good.clone() }, false),
            (TimestampServer { url: "tsa.example".into(), ..good.clone() }, false),
            (TimestampServer { url: "file:///etc/passwd".into(), ..good.clone() }, false),
            (TimestampServer { url: "http://tsa example".into(), ..good.clone() }, false),
            (TimestampServer { roots: Vec::new(), ..good.clone() }, false),
            (TimestampServer { roots: vec![" ".into()], ..good }, false),
        ] {
            let url = server.url.clone();
            profile.timestamps = Some(server);
            let found: Vec<_> = validate(&profile).into_iter().map(|problem| problem.fault).collect();
            assert_eq!(found.is_empty(), usable, "{url}: {found:?}");
            assert!(usable || found == [ProfileFault::Timestamps]);
        }
    }
}
