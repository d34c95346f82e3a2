//! One file per table, its SQL beside it.

mod attachments;
pub(crate) mod audit;
pub(crate) mod comparisons;
pub(crate) mod copies;
pub(crate) mod crls;
mod departures;
pub(crate) mod drafts;
pub(crate) mod filings;
pub(crate) mod imports;
pub(crate) mod profiles;
pub(crate) mod quarantine;
mod queries;
pub(crate) mod receipts;
pub(crate) mod rosters;
pub(crate) mod settings;
pub(crate) mod stamps;
pub(crate) mod verdicts;
pub(crate) mod withdrawals;
