//! Workbooks as clerks make them: opened by content, never by name; read within limits; turned into rows
//! that know their cells.
//!
//! ```text
//! bytes ─▶ read_in_worker ─▶ Workbook ─▶ find_header ─▶ map_columns ─▶ rows ─▶ domain checks
//! ```
//!
//! A file comes from anywhere, so nothing here trusts it: archives are counted before they are read, cells
//! come from streaming readers only, and the reading itself happens in a worker process with a memory cap
//! (see [`worker`]). Values are never mended: a number stays a number, an error stays an error, and what was
//! merged, hidden or left out is said.
#![warn(missing_docs)]

mod archive;
mod biff;
mod delimited;
mod entity;
mod error;
mod grid;
mod header;
mod html;
mod limits;
mod mapping;
mod number;
mod ods;
mod open;
mod others;
mod roles;
mod roster;
mod rows;
mod said_period;
mod statement;
mod tags;
mod text;
mod unit_line;
pub mod upload;
mod workbook;
pub mod worker;
pub mod write;
mod xls;
mod xlsb;
mod xlsx;
mod xml;
mod xml2003;

pub use error::{Looks, Measure, SheetError};
pub use header::{Header, HeaderColumn, find_header, fingerprint, header_at};
pub use limits::Limits;
pub use mapping::{MappedColumn, Why, map_columns, map_fields, missing_columns, missing_required};
pub use open::read;
#[doc(hidden)]
pub use open::read_both_ways;
pub use others::{MOST_OTHERS, other_sheets};
pub use roles::RowRole;
pub use roster::{RosterError, RosterFault, RosterProblem, roster, roster_as_meant};
pub use rows::{Taken, rows, take_rows};
pub use said_period::SaidPeriod;
pub use statement::{Statement, StatementError, StatementProblem, statement};
pub use unit_line::{UnitLine, other_unit};
pub use workbook::{Format, MergedRange, ReadChoice, SheetInfo, SheetRow, Workbook};
pub use worker::{CancelFlag, WorkerProgram, read_in_worker, read_in_worker_until};
