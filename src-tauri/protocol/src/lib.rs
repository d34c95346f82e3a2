//! The gateway protocol, version 1: what client and center say to each other. No transport.
//!
//! A change to the center's books is one CMS-signed filing ([`filing`]); the center answers with one
//! CMS-signed receipt ([`receipt`]). Reads are plain resources ([`resources`], [`queries`]), refusals are problems
//! ([`problem`]), what is long comes line by line ([`stream`]); who asks is proved by TLS and by a signed challenge ([`session`]). Money is a string with two places, months are `YYYY-MM`, times RFC 3339 with an offset.
#![warn(missing_docs)]

pub mod certificates;
pub mod ending;
pub mod filing;
pub mod problem;
pub mod queries;
pub mod receipt;
pub mod resources;
pub mod session;
pub mod stream;

/// The version of the protocol that this code speaks.
pub const PROTOCOL: u8 = 1;
/// Media type of the content inside `filing.p7m`.
pub const FILING_CONTENT: &str = "application/vnd.huijiao.filing+json";
/// Media type of `filing.p7m` and `receipt.p7m` themselves.
pub const PKCS7: &str = "application/pkcs7-mime";
/// Largest filing file, inflated.
pub const MAX_BODY: usize = 64 * 1024 * 1024;
/// Most rows of one filing.
pub const MAX_ROWS: usize = 200_000;

/// Entries of one page of a list.
pub const MAX_PAGE: usize = 1_000;

/// People that one look-up may ask about.
pub const MAX_LOOKUP: usize = 1_000;
