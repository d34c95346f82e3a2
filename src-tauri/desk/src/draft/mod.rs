//! A draft: the rows of a sheet on the way to a filing, with the clerk's changes and what the checks say.
//!
//! The workbook itself is never touched. Every change is in the store before it is on the screen; a draft
//! can be closed at any moment and nothing is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use huijiao_domain::filing::{
    CheckedSheet, Circumstances, FiledRow, FilingKind, Rows, Totals, check_sheet, choices, to_ask,
};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::mask;
use huijiao_domain::month::Month;
use huijiao_domain::roster::Elsewhere;
use huijiao_domain::sheet::{Field, RawRow, RawSheet, RowCells, TotalRow};
use huijiao_protocol::resources::Person;
use huijiao_sheets::write::Notes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::attachments::Attached;
use crate::kept::SignedAs;
use crate::text;
use crate::uploads::Upload;
use crate::views::RoundView;

mod edit;
mod grid;

pub use edit::Step;
pub use grid::{FilterKey, finding_view, line};

/// Rows of one stored page, and of one page of the grid.
pub const PAGE: usize = 200;

/// What is stored of a draft beside its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftHead {
    /// Kind of filing it becomes.
    pub kind: FilingKind,
    /// Effective month.
    pub period: Month,
    /// Code of the center.
    pub center: String,
    /// 单位账号
    pub unit_account: String,
    /// Workbook without folder.
    pub file_name: String,
    /// SHA-256 of the workbook, lower-case hex.
    pub sha256: String,
    /// Sheet name.
    pub sheet: String,
    /// Encoding of a csv, as it was read.
    #[serde(default)]
    pub encoding: Option<String>,
    /// Column of each field.
    pub columns: BTreeMap<Field, u16>,
    /// Where an export says in words what is wrong with the rows.
    #[serde(default)]
    pub notes: Option<Notes>,
    /// The sheet's own 小计 and 合计 rows.
    pub totals: Vec<TotalRow>,
    /// Findings on the file as a whole, found at import.
    pub file_findings: Vec<Finding>,
    /// Warnings that the clerk confirmed: code → note.
    pub confirmations: BTreeMap<Code, String>,
    /// The center's own file that the draft left as, where the center has no gateway.
    #[serde(default)]
    pub upload: Option<Upload>,
    /// The filing that it was signed as for the unit's own books, where the center has no gateway.
    #[serde(default)]
    pub signed: Option<SignedAs>,
    /// 附件, in the clerk's order.
    #[serde(default)]
    pub attachments: Vec<Attached>,
    /// Filings that were made of it and returned by an approver, the first of them first.
    #[serde(default)]
    pub returned: Vec<Returned>,
    /// What the center answered about people who are not in the unit.
    #[serde(default)]
    pub elsewhere: Elsewhere,
    /// No workbook stands behind it: rows can be added.
    #[serde(default)]
    pub by_hand: bool,
    /// Roster the draft was last checked against.
    pub roster_version: Option<u64>,
    /// For lists: people who will be filed.
    pub people: u32,
    /// For lists: findings that block.
    pub blocking: u32,
}

/// A filing that an approver returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Its own id.
    pub filing: Uuid,
    /// The approver.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub reason: String,
}

impl Returned {
    pub(crate) fn view(&self) -> RoundView {
        RoundView { by: mask::id_numbers_in(&self.by), at: text::local_time(&self.at), reason: self.reason.clone() }
    }
}

/// One row as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRow {
    /// The row with the clerk's changes in it.
    pub raw: RawRow,
    /// Left out by the clerk.
    pub excluded: bool,
    /// Fields whose text is no longer the workbook's.
    pub edited: BTreeSet<Field>,
}

impl DraftRow {
    /// A row that nothing has been typed into.
    pub fn empty(row: u32) -> Self {
        Self { raw: RawRow { row, cells: RowCells::new() }, excluded: false, edited: BTreeSet::new() }
    }

    /// Nothing stands in it: the sheet that is checked has no such row.
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.cells.values().all(|cell| cell.text.trim().is_empty())
    }
}

/// Where a draft stands in the store.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its id.
    pub id: Uuid,
    /// Rises with every change.
    pub revision: u64,
    /// The revision that last changed a row or a confirmation: what somebody saw since then is still so.
    pub rows_revision: u64,
    /// How many steps of the undo log are applied.
    pub cursor: u32,
    /// How many steps the undo log holds.
    pub steps: u32,
    /// When it was last stored, RFC 3339.
    pub saved_at: String,
}

impl Place {
    /// Where a new draft stands.
    pub fn first(id: Uuid, saved_at: String) -> Self {
        Self { id, revision: 1, rows_revision: 1, cursor: 0, steps: 0, saved_at }
    }
}

/// A draft in memory, checked.
#[derive(Debug)]
pub struct Draft {
    /// Where it stands in the store.
    pub place: Place,
    /// What is stored beside the rows.
    pub head: DraftHead,
    /// The rows.
    pub rows: Vec<DraftRow>,
    checked: CheckedSheet,
    /// What can be chosen, by field.
    choices: BTreeMap<Field, Vec<String>>,
    /// Index of each checked row in `rows`.
    positions: Vec<u32>,
    /// Findings of each row, by index in `checked.findings`.
    of_row: Vec<Vec<u32>>,
    filtered: Option<(FilterKey, Arc<Vec<u32>>)>,
}

impl Draft {
    /// A draft of stored or freshly imported rows, checked.
    pub fn new(place: Place, head: DraftHead, rows: Vec<DraftRow>, circumstances: Circumstances<'_>) -> Self {
        let kind = head.kind;
        let mut draft = Self {
            place,
            head,
            rows,
            checked: CheckedSheet::none(kind),
            choices: BTreeMap::new(),
            positions: Vec::new(),
            of_row: Vec::new(),
            filtered: None,
        };
        draft.check(circumstances);
        draft
    }

    /// Checks everything anew; called after every change.
    pub fn check(&mut self, circumstances: Circumstances<'_>) {
        // Excluded rows are no part of the sheet that is checked. Rows are moved in and out, not copied:
        // a draft may hold a hundred thousand.
        let mut positions = Vec::with_capacity(self.rows.len());
        let mut included = Vec::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter_mut().enumerate() {
            if !row.excluded && !row.is_empty() {
                positions.push(u32::try_from(index).unwrap_or(u32::MAX));
                let empty = RawRow { row: row.raw.row, cells: RowCells::new() };
                included.push(std::mem::replace(&mut row.raw, empty));
            }
        }
        let sheet = RawSheet {
            name: Arc::from(self.head.sheet.as_str()),
            columns: self.head.columns.clone(),
            rows: included,
            // The sheet's own totals speak of the sheet as it was: with rows left out or amounts changed they
            // are compared at import, and their findings kept with the file's.
            totals: Vec::new(),
        };
        // Where nobody can be asked, nobody has to be.
        let of = Circumstances { elsewhere: circumstances.elsewhere.map(|_| &self.head.elsewhere), ..circumstances };
        let mut checked = check_sheet(self.head.kind, &sheet, of);
        for (row, position) in sheet.rows.into_iter().zip(&positions) {
            self.rows[*position as usize].raw = row;
        }
        if let Some(upload) = &self.head.upload {
            checked.findings.extend(upload.said(&sheet.name, &self.rows));
        }
        checked.findings.splice(0..0, self.head.file_findings.iter().cloned());
        self.of_row = vec![Vec::new(); self.rows.len()];
        for (number, finding) in checked.findings.iter().enumerate() {
            let Some(index) = finding.at.as_ref().and_then(|at| self.index_of_row(at.row)) else { continue };
            self.of_row[index as usize].push(u32::try_from(number).unwrap_or(u32::MAX));
        }
        let offered = |field: &Field| (*field, choices(self.head.kind, *field, of.profile));
        self.choices = self.head.kind.fields().iter().map(offered).collect();
        self.head.people = checked.totals.people;
        self.head.blocking = u32::try_from(checked.findings.iter().filter(|f| f.blocks()).count()).unwrap_or(u32::MAX);
        self.checked = checked;
        self.positions = positions;
        self.filtered = None;
    }

    /// Confirms a kind of warning with a note, or takes the confirmation back.
    pub fn confirm(&mut self, code: Code, note: Option<String>) {
        match note {
            Some(note) => self.head.confirmations.insert(code, note),
            None => self.head.confirmations.remove(&code),
        };
        // What waits for a confirmation is among what a filter shows.
        self.filtered = None;
    }

    /// Index of the draft's row with this sheet row.
    fn index_of_row(&self, sheet_row: u32) -> Option<u32> {
        self.rows.binary_search_by_key(&sheet_row, |r| r.raw.row).ok().and_then(|i| u32::try_from(i).ok())
    }

    /// Everything the checks say.
    pub fn findings(&self) -> &[Finding] {
        &self.checked.findings
    }

    /// Sums over the usable rows.
    pub fn totals(&self) -> Totals {
        self.checked.totals
    }

    /// The typed rows that would be signed, in the sheet's order.
    pub fn filed(&self) -> &Rows {
        &self.checked.rows
    }

    /// The typed row of a draft row, where it is usable and not left out.
    fn filed_at(&self, index: u32) -> Option<&dyn FiledRow> {
        let place = self.positions.binary_search(&index).ok()?;
        self.checked.rows.get((*self.checked.places.get(place)?)? as usize)
    }

    /// For each filed row its index in the draft.
    pub(crate) fn filed_places(&self) -> Vec<u32> {
        let usable = self.positions.iter().zip(&self.checked.places).filter(|(_, place)| place.is_some());
        usable.map(|(index, _)| *index).collect()
    }

    /// The people whom the center has to be asked about.
    pub fn not_asked(&self) -> Vec<Person> {
        let asked = self.checked.findings.iter().filter_map(to_ask);
        asked.map(|(id_number, name)| Person { id_number: id_number.to_owned(), name: name.to_owned() }).collect()
    }

    /// Rows left out by the clerk.
    pub fn excluded(&self) -> u32 {
        u32::try_from(self.rows.iter().filter(|r| r.excluded).count()).unwrap_or(u32::MAX)
    }

    /// Warnings that nobody has confirmed yet.
    pub fn unconfirmed(&self) -> u32 {
        let waiting = |f: &&Finding| f.level == Level::Warning && !self.head.confirmations.contains_key(&f.code);
        u32::try_from(self.checked.findings.iter().filter(waiting).count()).unwrap_or(u32::MAX)
    }

    /// Rows with a finding that blocks or waits for confirmation.
    fn flagged(&self, index: usize) -> bool {
        self.of_row[index].iter().any(|n| {
            let finding = &self.checked.findings[*n as usize];
            finding.blocks() || !self.head.confirmations.contains_key(&finding.code)
        })
    }

    /// The stored form of the rows, in pages.
    pub fn page(&self, page: usize) -> &[DraftRow] {
        let from = (page * PAGE).min(self.rows.len());
        let to = (from + PAGE).min(self.rows.len());
        &self.rows[from..to]
    }
}
