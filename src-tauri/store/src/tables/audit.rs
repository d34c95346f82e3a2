//! The log of operations: only added to, each entry bound to the one before it.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::seal::Sealer;
use crate::{Store, StoreError};

const EVENT: &str = "audit.event";
const HEAD: &str = "settings.body";
/// The setting that knows the end of the chain: taking entries off the end is seen as well.
const END: &str = "audit-end";

/// Who did what when. Of whom it was done to, names and numbers have no place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When, RFC 3339.
    pub at: String,
    /// The operator's name and the serial number of his certificate, or who acts without one. It may
    /// be the id of his key instead, or empty.
    pub who: String,
    /// Stable code of the operation.
    pub what: String,
    /// Account, filing, draft or file that it was done to; empty where there is none.
    pub on: String,
    /// Code of what stood in the way; empty where it was done.
    pub outcome: String,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub seq: u64,
    /// What it says; `None` where it does not open any more.
    pub event: Option<AuditEvent>,
    /// SHA-256 over all until here, lower-case hex.
    pub hash: String,
}

/// Where a log stood at some moment, for others to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPlace {
    /// Which log.
    pub log: Uuid,
    /// Place of its last entry.
    pub seq: u64,
    /// SHA-256 over all until there, lower-case hex.
    pub hash: String,
}

/// The whole log, the oldest first, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditLog {
    /// Which log it is; absent before its first entry.
    pub log: Option<Uuid>,
    /// Every entry that is there.
    pub entries: Vec<AuditEntry>,
    /// The first place that is missing or is not what was written.
    pub broken: Option<u64>,
}

impl AuditLog {
    /// Whether it is another log, or has at this place what it had when somebody kept it.
    pub fn agrees(&self, kept: &AuditPlace) -> bool {
        if self.log != Some(kept.log) {
            return true;
        }
        // Places are in order, and without a gap unless something was taken out.
        let found = self.entries.binary_search_by_key(&kept.seq, |entry| entry.seq);
        found.is_ok_and(|at| self.entries.get(at).is_some_and(|entry| entry.hash == kept.hash))
    }
}

#[derive(Serialize, Deserialize)]
struct End {
    seq: u64,
    hash: Vec<u8>,
    /// Name of the log; not every log has one.
    #[serde(default)]
    log: Option<Uuid>,
}

impl Store {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn audit(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(event).map_err(StoreError::Shape)?;
        let transaction = self.connection.savepoint()?;
        let last: Option<(u64, Vec<u8>)> = transaction
            .query_row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (seq, before) = last.unwrap_or_default();
        // What was taken off the end leaves its place empty for ever.
        let end = end(&transaction, &self.sealer)?;
        let seq = 1 + seq.max(end.as_ref().map_or(0, |end| end.seq));
        let log = end.and_then(|end| end.log).unwrap_or_else(Uuid::now_v7);
        let hash = chained(&before, &bytes);
        transaction.execute(
            "INSERT INTO audit (seq, event, hash) VALUES (?1, ?2, ?3)",
            (seq, self.sealer.seal(EVENT, &seq.to_string(), &bytes)?, &hash),
        )?;
        put_end(&transaction, &self.sealer, &End { seq, hash, log: Some(log) })?;
        Ok(transaction.commit()?)
    }

    /// Where the log stands; `None` while it is empty.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn audit_place(&self) -> Result<Option<AuditPlace>, StoreError> {
        let end = end(&self.connection, &self.sealer)?;
        Ok(end.and_then(|End { seq, hash, log }| Some(AuditPlace { log: log?, seq, hash: hex(&hash) })))
    }

    /// The log goes on under another name: after a backup was restored it is not the one any more that others know.
    ///
    /// # Errors
    /// [`StoreError::Full`] and the like.
    pub fn audit_branch(&mut self) -> Result<(), StoreError> {
        match end(&self.connection, &self.sealer)? {
            Some(end) => put_end(&self.connection, &self.sealer, &End { log: Some(Uuid::now_v7()), ..end }),
            None => Ok(()),
        }
    }

    /// Reads and proves the log.
    ///
    /// # Errors
    /// Only where the database cannot be read: a log that does not hold is no error.
    pub fn audit_log(&self) -> Result<AuditLog, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT seq, event, hash FROM audit ORDER BY seq")?;
        let mut rows = statement.query([])?;
        let mut log = AuditLog::default();
        let (mut place, mut before) = (0, Vec::new());
        while let Some(row) = rows.next()? {
            let (seq, sealed, hash): (u64, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let bytes = self.sealer.open(EVENT, &seq.to_string(), &sealed).ok();
            let holds = bytes.as_ref().is_some_and(|bytes| chained(&before, bytes) == hash);
            if log.broken.is_none() && !(holds && seq == place + 1) {
                log.broken = Some(place + 1);
            }
            let event = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            log.entries.push(AuditEntry { seq, event, hash: hex(&hash) });
            (place, before) = (seq, hash);
        }
        let end = end(&self.connection, &self.sealer)?;
        log.log = end.as_ref().and_then(|end| end.log);
        let complete = end.map_or(log.entries.is_empty(), |end| (end.seq, end.hash) == (place, before));
        if log.broken.is_none() && !complete {
            log.broken = Some(place + 1);
        }
        Ok(log)
    }
}

fn end(connection: &Connection, sealer: &Sealer) -> Result<Option<End>, StoreError> {
    let sealed: Option<Vec<u8>> =
        connection.query_row("SELECT body FROM settings WHERE name = ?1", [END], |row| row.get(0)).optional()?;
    sealed.map(|sealed| sealer.open_json(HEAD, END, &sealed)).transpose()
}

fn put_end(connection: &Connection, sealer: &Sealer, end: &End) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO settings (name, body) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        (END, sealer.seal_json(HEAD, END, end)?),
    )?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn chained(before: &[u8], event: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(before).chain_update(event).finalize().to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::StoreKey;

    fn event(on: &str) -> AuditEvent {
        AuditEvent {
            at: "2026-07-06T14:32:00+08:00".into(),
            who: "clerk".into(),
            what: "audit-entered".into(),
            on: on.into(),
            outcome: String::new(),
        }
    }

    fn three() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), &StoreKey::from_slice(&[7; 32]).unwrap()).unwrap();
        assert_eq!(store.audit_log().unwrap(), AuditLog::default(), "a new log is empty and holds");
        for on in ["a", "b", "c"] {
            store.audit(&event(on)).unwrap();
        }
        (folder, store)
    }

    #[test]
    fn each_entry_is_bound_to_all_before_it() {
        let (_folder, store) = three();
        let log = store.audit_log().unwrap();
        assert_eq!(log.broken, None);
        let said: Vec<_> = log.entries.iter().map(|entry| (entry.seq, entry.event.clone().unwrap().on)).collect();
        assert_eq!(said, [(1, "a".into()), (2, "b".into()), (3, "c".into())]);
        // As anybody can work it out who has the events.
        let mut before = Vec::new();
        for entry in &log.entries {
            let bytes = serde_json::to_vec(entry.event.as_ref().unwrap()).unwrap();
            before = Sha256::digest([before, bytes].concat()).to_vec();
            assert_eq!(entry.hash, before.iter().map(|b| format!("{b:02x}")).collect::<String>());
        }
    }

    #[test]
    fn whoever_kept_its_place_sees_whether_the_end_was_cut_off() {
        let (_folder, mut store) = three();
        let then = store.audit_place().unwrap().unwrap();
        assert_eq!(then.seq, 3);
        assert!(store.audit_log().unwrap().agrees(&then), "as it was");
        store.audit(&event("d")).unwrap();
        assert!(store.audit_log().unwrap().agrees(&then), "what is added changes nothing of before");
        // Somebody who has the key puts an older copy in its place, its own idea of the end included.
        let (_older, other) = three();
        let shorter = AuditLog { log: Some(then.log), ..other.audit_log().unwrap() };
        let later = store.audit_place().unwrap().unwrap();
        assert!(!shorter.agrees(&later), "the fourth is gone");
        let forged = AuditPlace { hash: "0".repeat(64), ..then.clone() };
        assert!(!store.audit_log().unwrap().agrees(&forged), "another entry at the same place");
        store.audit_branch().unwrap();
        assert!(store.audit_log().unwrap().agrees(&forged), "a restored log is another one");
        assert_eq!(store.audit_log().unwrap().broken, None);
    }

    #[test]
    fn the_program_itself_cannot_change_or_take_out_an_entry() {
        let (_folder, store) = three();
        for sql in ["DELETE FROM audit", "UPDATE audit SET hash = x'00' WHERE seq = 2"] {
            assert!(store.connection.execute(sql, []).is_err(), "{sql}");
        }
        assert_eq!(store.audit_log().unwrap().broken, None);
    }

    /// Whoever writes to the file past the program can drop the triggers as well.
    #[test]
    fn every_change_from_outside_is_seen_where_it_was_made_and_the_log_goes_on() {
        let cases = [
            ("DELETE FROM audit WHERE seq = 1", 1),
            ("DELETE FROM audit WHERE seq = 2", 2),
            ("DELETE FROM audit WHERE seq = 3", 3),
            ("DELETE FROM audit", 1),
            ("UPDATE audit SET event = (SELECT event FROM audit WHERE seq = 1) WHERE seq = 2", 2),
            ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 2", 2),
            ("UPDATE audit SET seq = 9 WHERE seq = 3", 3),
            ("DELETE FROM settings WHERE name = 'audit-end'", 4),
        ];
        for (sql, place) in cases {
            let (_folder, mut store) = three();
            store
                .connection
                .execute_batch("DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted;")
                .unwrap();
            store.connection.execute_batch(sql).unwrap();
            let left = store.audit_log().unwrap();
            assert_eq!(left.broken, Some(place), "{sql}");
            store.audit(&event("d")).unwrap();
            let after = store.audit_log().unwrap();
            assert_eq!(after.entries.len(), left.entries.len() + 1, "{sql}: nothing is deleted, and it goes on");
            assert_eq!(after.entries.last().unwrap().event, Some(event("d")), "{sql}");
            if !sql.contains("settings") {
                assert_eq!(after.broken, Some(place), "{sql}: later entries do not cover it up");
            }
        }
    }
}
