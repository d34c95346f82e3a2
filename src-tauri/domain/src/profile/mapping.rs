//! Columns of sheets that a clerk has mapped once, so that files with the same header are read at once.

use serde::{Deserialize, Serialize};

use crate::sheet::Field;

/// How the columns under one header are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMapping {
    /// Fingerprint of the header, with what the sheet is read as; nothing of its cells.
    pub header: String,
    /// The field of each column, counted from 0; `None` leaves the column out.
    pub columns: Vec<(u16, Option<Field>)>,
}
