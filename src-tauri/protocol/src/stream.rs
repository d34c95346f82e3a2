//! What comes over the wire line by line: the roster, and the events.

use std::collections::HashSet;

use huijiao_domain::money::Yuan;
use huijiao_domain::roster::{Contributor, Roster};
use serde::{Deserialize, Serialize};

use crate::MAX_ROWS;
use crate::resources::Event;

/// Longest line of a roster; a contributor takes a few hundred bytes.
const LINE: usize = 64 * 1024;

/// Why a stream is not what it should be. Never quotes a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrokenStream(String);

/// First line of `GET /v1/units/{account}/roster`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterHead {
    /// Rises with each change of the roster.
    pub version: u64,
    /// 单位账号 (DWZH)
    pub unit: String,
}

/// Last line of `GET /v1/units/{account}/roster`: without it a cut stream could pass for a whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEnd {
    /// How many contributors came before.
    pub end: u64,
}

/// Reads a roster: NDJSON, a [`RosterHead`], one contributor per line, a [`RosterEnd`]. Takes chunks as they come;
/// gives the roster only once the end agrees.
#[derive(Debug)]
pub struct RosterReader<'a> {
    unit: &'a str,
    rest: Vec<u8>,
    version: Option<u64>,
    contributors: Vec<Contributor>,
    accounts: HashSet<String>,
    ended: bool,
}

impl<'a> RosterReader<'a> {
    /// Of the unit with this 单位账号 (DWZH).
    pub fn new(unit: &'a str) -> Self {
        Self { unit, rest: Vec::new(), version: None, contributors: Vec::new(), accounts: HashSet::new(), ended: false }
    }

    /// Takes the next bytes, wherever they end.
    ///
    /// # Errors
    /// [`BrokenStream`]: a line that is none of a roster, another unit, a wrong count, an account twice, an amount below
    /// zero, more people than [`MAX_ROWS`].
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), BrokenStream> {
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

    /// What was read, once all has come.
    ///
    /// # Errors
    /// [`BrokenStream`]: the end is missing.
    pub fn finish(self) -> Result<Roster, BrokenStream> {
        match self.version {
            Some(version) if self.ended && self.rest.is_empty() => {
                Ok(Roster { version, contributors: self.contributors })
            }
            Some(_) | None => Err(broken("the roster ends before its end")),
        }
    }

    fn hold(&mut self, part: &[u8]) -> Result<(), BrokenStream> {
        if self.rest.len() + part.len() > LINE {
            return Err(broken("a line of the roster is too long"));
        }
        self.rest.extend_from_slice(part);
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), BrokenStream> {
        if self.ended {
            return Err(broken("something follows the end of the roster"));
        }
        if self.version.is_none() {
            let head: RosterHead = serde_json::from_slice(line).map_err(|error| broken(&error.to_string()))?;
            if head.unit != self.unit {
                return Err(broken("the roster of another unit"));
            }
            self.version = Some(head.version);
            return Ok(());
        }
        if let Ok(RosterEnd { end }) = serde_json::from_slice(line) {
            if usize::try_from(end) != Ok(self.contributors.len()) {
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
        if is_below_zero(&person) {
            return Err(broken("an amount of the roster is below zero"));
        }
        if !self.accounts.insert(person.personal_account.to_string()) {
            return Err(broken("one account twice in the roster"));
        }
        self.contributors.push(person);
        Ok(())
    }
}

/// Nobody is paid for what he contributes.
fn is_below_zero(person: &Contributor) -> bool {
    let earlier = person.earlier.iter().filter_map(|earlier| earlier.due).map(|due| (due.base, due.amounts));
    earlier
        .chain([(person.base, person.amounts)])
        .any(|(base, amounts)| [base, amounts.unit_amount, amounts.personal_amount].into_iter().any(Yuan::is_negative))
}

fn broken(what: &str) -> BrokenStream {
    BrokenStream(what.to_owned())
}

/// Takes the events of `GET /v1/events` that are there whole; what has only begun stays.
///
/// # Errors
/// [`BrokenStream`]: something that is no event.
pub fn whole_events(rest: &mut Vec<u8>) -> Result<Vec<Event>, BrokenStream> {
    let Some(end) = rest.windows(2).rposition(|pair| pair == b"\n\n") else { return Ok(Vec::new()) };
    let behind = rest.split_off(end + 2);
    let text = std::mem::replace(rest, behind);
    let text = std::str::from_utf8(&text).map_err(|error| broken(&error.to_string()))?;
    text.lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| serde_json::from_str(data.trim_start()).map_err(|error| broken(&error.to_string())))
        .collect()
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

    fn read(text: &[u8], step: usize) -> Result<Roster, BrokenStream> {
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
            ("money that is a number", whole().replace("\"8000.00\"", "8000.00")),
            ("a base below zero", whole().replace("8000.00", "-8000.00")),
            ("a part below zero", whole().replace("\"personal_amount\":\"640.00\"", "\"personal_amount\":\"-0.01\"")),
            ("a status of no version", whole().replace("\"normal\"", "\"asleep\"")),
            ("a status that is a number", whole().replace("\"normal\"", "1")),
            ("a name as deep as a line", whole().replace("\"测试\"", &deep())),
            ("a list of people", format!("{{\"version\":42,\"unit\":\"u\"}}\n[{}]\n{{\"end\":1}}\n", person("1"))),
            ("after the end", whole() + &person("3") + "\n"),
            ("page", "<html>login</html>\n".into()),
            ("line", format!("{{\"version\":1,\"unit\":\"u\"}}\n{}", "x".repeat(100_000))),
        ];
        for (what, text) in cases {
            let error = read(text.as_bytes(), 100).unwrap_err();
            assert!(!error.to_string().contains("410801199001011236"), "{what}: no person in an error");
        }
    }

    /// Brackets in brackets, nearly as many as a line may hold.
    fn deep() -> String {
        format!("{}{}", "[".repeat(30_000), "]".repeat(30_000))
    }

    #[test]
    fn f52_markup_and_depth_in_a_roster_are_text_and_nothing() {
        let marked = whole().replace("测试", "<img src=x onerror=alert(1)>");
        let roster = read(marked.as_bytes(), 100).unwrap();
        assert_eq!(roster.contributors[0].name, "<img src=x onerror=alert(1)>", "a name is a text, to be shown as one");
        let later = whole().replace("\"name\"", &format!("\"of_later\":{},\"name\"", deep()));
        let roster = read(later.as_bytes(), 10_000).unwrap();
        assert_eq!(roster.contributors.len(), 2, "what a later version says is passed over, however deep it is");
    }

    #[test]
    fn f52_a_roster_without_an_end_is_refused_where_a_unit_ends() {
        let mut reader = RosterReader::new("u");
        reader.push(b"{\"version\":42,\"unit\":\"u\"}\n").unwrap();
        for account in 0..MAX_ROWS {
            reader.push((person(&account.to_string()) + "\n").as_bytes()).unwrap();
        }
        let one_more = (person("one more") + "\n").into_bytes();
        let error = reader.push(&one_more).unwrap_err();
        assert_eq!(error.to_string(), "more contributors than a unit can have");
    }

    #[test]
    fn events_are_taken_whole_wherever_the_chunks_fall() {
        let text = concat!(
            ":\n\n",
            "id: 7\ndata: {\"number\":7,\"unit_account\":\"u\",\"about\":\"books\",\"filing\":null,\"state\":null,\"at\":\"t\"}\n\n",
            "id: 8\ndata: {\"number\":8,\"unit_account\":\"u\",\"about\":\"new\",\"filing\":null,\"state\":null,\"at\":\"t\"}\n\n",
        );
        for step in [1, 5, 60, 1000] {
            let (mut rest, mut numbers) = (Vec::new(), Vec::new());
            for chunk in text.as_bytes().chunks(step) {
                rest.extend_from_slice(chunk);
                numbers.extend(whole_events(&mut rest).unwrap().into_iter().map(|event| event.number));
            }
            assert_eq!((numbers, rest.len()), (vec![7, 8], 0), "chunks of {step}; keep-alives tell nothing");
        }
        assert!(whole_events(&mut b"data: <html>\n\n".to_vec()).is_err(), "what is no event is not passed over");
    }
}
