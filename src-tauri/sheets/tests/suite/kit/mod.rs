//! Builders for the files that the tests read.

pub(crate) mod biff5;
pub(crate) mod book;
pub(crate) mod people;
pub(crate) mod raw;
pub(crate) mod summary;
pub(crate) mod wrap;
pub(crate) mod xlsb;
