//! Search everywhere.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ContributorLine, FilingLine, HelpLine};

/// `search`: what fits a few letters, of each sort the first ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SearchView {
    /// People of the roster.
    pub people: Vec<ContributorLine>,
    /// How many people fit in all.
    pub people_found: u32,
    /// Filings of the unit, newest first.
    pub filings: Vec<FilingLine>,
    /// Of the places that were asked about, those that fit, by their index.
    pub places: Vec<u32>,
    /// Pages of the help.
    pub pages: Vec<HelpLine>,
}
