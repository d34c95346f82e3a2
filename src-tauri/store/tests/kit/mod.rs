//! Builders shared by the tests of this crate. Every person is made up.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::path::Path;

use huijiao_domain::roster::Roster;
use huijiao_store::{FilingRecord, Store, StoreKey};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use uuid::Uuid;

pub const NAME: &str = "欧阳测试";
pub const ID_NUMBER: &str = "410801199001011236";
pub const AT: &str = "2026-07-06T14:32:00+08:00";
pub const UNIT: &str = "000100200300";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub text: String,
}

pub fn head(text: &str) -> Head {
    Head { text: text.into() }
}

pub fn key(byte: u8) -> StoreKey {
    StoreKey::from_slice(&[byte; 32]).unwrap()
}

pub fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key(7)).unwrap();
    (folder, store)
}

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn filing(n: u128) -> FilingRecord<Head> {
    FilingRecord {
        id: id(n),
        draft: None,
        center: "demo".into(),
        unit_account: UNIT.into(),
        kind: "base_adjustment".into(),
        period: "2026-07".into(),
        sha256: format!("{n:064x}"),
        signed_at: AT.into(),
        events: Vec::new(),
        head: head(NAME),
    }
}

pub fn roster(version: u64) -> Roster {
    serde_json::from_value(serde_json::json!({
        "version": version,
        "contributors": [{
            "personal_account": "100200300400", "name": NAME, "id_type": "01", "id_number": ID_NUMBER,
            "status": "normal", "base": "8000.00",
            "amounts": {"unit_amount": "640.00", "personal_amount": "640.00"},
        }],
    }))
    .unwrap()
}

/// Takes filled data back to the first schema.
pub fn age(folder: &Path) {
    let connection = Connection::open(folder.join("huijiao.db")).unwrap();
    let receipts = "ALTER TABLE receipts RENAME TO receipts_now; DROP INDEX receipts_by_unit;";
    connection.execute_batch(receipts).unwrap();
    connection.execute_batch(include_str!("../../src/tables/receipts.sql")).unwrap();
    connection
        .execute_batch(
            "INSERT INTO receipts SELECT seq, filing, unit_account, number, sha256, previous, kept_at, file \
         FROM receipts_now; DROP TABLE receipts_now;",
        )
        .unwrap();
    // Whatever the first schema did not have.
    let first = [
        "canary",
        "settings",
        "drafts",
        "draft_pages",
        "draft_steps",
        "filings",
        "filing_events",
        "receipts",
        "rosters",
        "units",
        "imports",
        "mappings",
    ];
    let later: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        .unwrap()
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap()
        .map(Result::unwrap)
        .filter(|name| !first.contains(&name.as_str()))
        .collect();
    for name in later {
        connection.execute_batch(&format!("DROP TABLE {name}")).unwrap();
    }
    connection.execute_batch("ALTER TABLE mappings DROP COLUMN named; PRAGMA user_version = 1;").unwrap();
    connection.close().unwrap();
}
