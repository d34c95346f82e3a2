//! The practice workbooks hold what their names promise.
#![allow(clippy::unwrap_used)]
