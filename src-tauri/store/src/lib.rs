//! The encrypted local database: settings, drafts, the outbox with its filings, receipts, the roster cache.
//!
//! SQLite in WAL mode with `synchronous=FULL`, so that what was committed is on disk. Whatever says something
//! about a person is sealed (see [`Store`]); ids, months, states and hashes of filings are in clear, because
//! they are searched and say nothing about anybody. Calls block: use them off the async threads.
//! Times are RFC 3339 texts given by the caller, who owns the clock.
#![warn(missing_docs)]

mod backup;
mod error;
pub mod failpoint;
mod key;
mod place;
mod reserve;
mod schema;
mod seal;
mod store;
mod tables;
pub mod vault;

pub use backup::{Backup, BackupError, BackupHead, BackupNote, BackupReason, Onlooker};
pub use error::StoreError;
pub use key::StoreKey;
pub use schema::SCHEMA;
pub use store::Store;
pub use tables::audit::{AuditEntry, AuditEvent, AuditLog, AuditPlace};
pub use tables::comparisons::{Comparison, ComparisonChange, DraftLife};
pub use tables::copies::{Copies, Expiry, UnitExpiry};
pub use tables::crls::KeptCrls;
pub use tables::drafts::{DeletedDraft, Draft, DraftChange, Step};
pub use tables::filings::{Filing, FilingEvent, FilingRecord, OutboxState};
pub use tables::quarantine::Quarantined;
pub use tables::receipts::{Receipt, ReceiptFile, ReceiptLink, ReceiptRecord};
pub use tables::stamps::KeptStamp;
pub use tables::verdicts::Verdict;
