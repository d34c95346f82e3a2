//! The reference center: the other side of the gateway protocol, complete and real.
//!
//! A center keeps a register of units, contributors and operators in SQLite, is the certificate authority of its
//! operators, checks filings by the same domain code as the client, books them in one transaction, and signs a
//! receipt for each. It runs in-process ([`Center::start`] on port 0) for the demo and the tests, and as the binary
//! `huijiao-center` for a network. A test can move its [`CenterClock`] and set its [`FaultSwitch`].
//!
//! Another kind of filing is another room in `filing/`; another ledger is another module of `register/`.
#![warn(missing_docs)]

mod bank;
mod center;
mod certificates;
mod clock;
mod counter;
mod error;
mod faults;
mod filing;
mod hex;
mod http;
mod keys;
mod limits;
mod register;
mod remittance;
mod review;
mod seed;
mod sessions;
mod transport;

pub use center::{Center, CenterConfig, RunningCenter};
pub use certificates::{ActivationCode, ActivationFor};
pub use clock::CenterClock;
pub use counter::{Counter, Undecided};
pub use error::CenterError;
pub use faults::{Fault, FaultSwitch, Target};
pub use http::admin::{ADMIN_TOKEN_FILE, Admin, AdminConfig};
pub use keys::CA_FILE;
pub use limits::Limits;
pub use register::incoming::StatementLine;
pub use review::{Decision, InReview, RefusedRow, ReviewRule, RuledDecision};
pub use seed::{Operator, PastMonth, PastWithdrawal, Seed, UnitRole};
