//! The roster as it comes over the wire: NDJSON, a head, one contributor per line, and an end that counts them.

use std::collections::HashSet;

use huijiao_domain::roster::{Contributor, Roster};
use huijiao_protocol::MAX_ROWS;
use serde::Deserialize;

use crate::error::NetError;

/// Longest line; a contributor takes a few hundred bytes.
const LINE: usize = 64 * 1024;

#[derive(Deserialize)]
struct Head {
    version: u64,
    unit: String,
}

#[derive(Deserialize)]
struct End {
    end: usize,
}

/// Takes chunks as they come; gives the roster only once the end line agrees.
pub(crate) struct RosterReader<'a> {
    unit: &'a str,
    rest: Vec<u8>,
    version: Option<u64>,
    contributors: Vec<Contributor>,
    accounts: HashSet<String>,
    ended: bool,
}

impl<'a> RosterReader<'a> {
    pub(crate) fn new(unit: &'a str) -> Self {
        Self { unit, rest: Vec::new(), version: None, contributors: Vec::new(), accounts: HashSet::new(), ended: false }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), NetError> {
        let mut chunk = chunk;
        while let Some(at) = chunk.iter().position(|byte| *byte == b'\n') {
            let (line, behind) = chunk.split_at(at);
            self.hold(line)?;
            let line = std::mem::take(&mut self.rest);
            self.line(&line)?;
            chunk = behind.get(1..).unwrap_or_default();
        }
        self.hold(chunk)
    }

    pub(crate) fn finish(self) -> Result<Roster, NetError> {
        match self.version {
            Some(version) if self.ended && self.rest.is_empty() => {
                Ok(Roster { version, contributors: self.contributors })
            }
            Some(_) | None => Err(broken("the roster ends before its end")),
        }
    }

    fn hold(&mut self, part: &[u8]) -> Result<(), NetError> {
        if self.rest.len() + part.len() > LINE {
            return Err(broken("a line of the roster is too long"));
        }
        self.rest.extend_from_slice(part);
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), NetError> {
        if self.ended {
            return Err(broken("something follows the end of the roster"));
        }
        if self.version.is_none() {
            let head: Head = serde_json::from_slice(line).map_err(|error| broken(&error.to_string()))?;
            if head.unit != self.unit {
                return Err(broken("the roster of another unit"));
            }
            self.version = Some(head.version);
            return Ok(());
        }
        if let Ok(End { end }) = serde_json::from_slice(line) {
            if end != self.contributors.len() {
                return Err(broken("the roster's count does not agree"));
            }
            self.ended = true;
            return Ok(());
        }
        // The cause is left out: it may quote the person.
        let person: Contributor =
            serde_json::from_slice(line).map_err(|_| broken("a contributor of the roster cannot be read"))?;
        if self.contributors.len() >= MAX_ROWS {
            return Err(broken("more contributors than a unit can have"));
        }
        if !self.accounts.insert(person.personal_account.clone()) {
            return Err(broken("one account twice in the roster"));
        }
        self.contributors.push(person);
        Ok(())
    }
}

fn broken(what: &str) -> NetError {
    NetError::AnswerBroken(what.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn person(account: &str) -> String {
        format!(
            r#"{{"personal_account":"{account}","name":"测试","id_type":"01","id_number":"410801199001011236","status":"normal","base":"8000.00","amounts":{{"unit_amount":"640.00","personal_amount":"640.00"}}}}"#
        )
    }

    fn whole() -> String {
        format!("{{\"version\":42,\"unit\":\"u\"}}\n{}\n{}\n{{\"end\":2}}\n", person("1"), person("2"))
    }

    fn read(text: &[u8], step: usize) -> Result<Roster, NetError> {
        let mut reader = RosterReader::new("u");
        for chunk in text.chunks(step) {
            reader.push(chunk)?;
        }
        reader.finish()
    }

    #[test]
    fn chunks_may_fall_anywhere() {
        for step in [1, 7, 100, 10_000] {
            let roster = read(whole().as_bytes(), step).unwrap();
            assert_eq!((roster.version, roster.contributors.len()), (42, 2), "chunks of {step}");
        }
    }

    #[test]
    fn a_roster_cut_anywhere_is_no_roster() {
        let text = whole();
        for at in 0..text.len() {
            assert!(read(&text.as_bytes()[..at], 100).is_err(), "cut at byte {at}");
        }
    }

    #[test]
    fn a_roster_that_contradicts_itself_is_refused() {
        let cases = [
            ("count", whole().replace("\"end\":2", "\"end\":3")),
            ("unit", whole().replace("\"unit\":\"u\"", "\"unit\":\"v\"")),
            ("twice", whole().replace("account\":\"2\"", "account\":\"1\"")),
            ("money", whole().replace("8000.00", "lots")),
            ("after the end", whole() + &person("3") + "\n"),
            ("page", "<html>login</html>\n".into()),
            ("line", format!("{{\"version\":1,\"unit\":\"u\"}}\n{}", "x".repeat(100_000))),
        ];
        for (what, text) in cases {
            let error = read(text.as_bytes(), 100).unwrap_err();
            assert_eq!(error.code(), "net-answer-broken", "{what}");
            assert!(!error.to_string().contains("410801199001011236"), "{what}: no person in an error");
        }
    }
}
