//! Opening a workbook: tickets, preview, and the draft that comes of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_domain::compare;
use huijiao_domain::filing::{FilingKind, check_sheet};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::month::Month;
use huijiao_domain::roster::Elsewhere;
use huijiao_domain::sheet::{Field, RawSheet, column_letter};
use huijiao_sheets::write::Notes;
use huijiao_sheets::{
    CancelFlag, Header, Limits, MappedColumn, Measure, ReadChoice, RowRole, SheetError, Taken, Workbook, find_header,
    map_fields, missing_columns, other_unit, read_in_worker_until,
};
use huijiao_store::Store;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::draft::{Draft, DraftHead, DraftRow, Place};
use crate::error::DeskError;
use crate::session::Known;
use crate::step::Step;
use crate::views::{
    ColumnChoice, DraftView, FieldChoice, GridFilter, ImportChoice, PreviewView, SampleRow, SheetChoice, Ticket,
};
use crate::{Desk, Inner, text};

/// Rows of the sheet that the preview shows.
const SAMPLE: usize = 40;
/// Workbooks sent by a browser that are kept.
const UPLOADS: usize = 3;

/// The field of each column; `None` leaves it out.
type Mapping = Vec<(u16, Option<Field>)>;

/// A workbook that the user chose.
#[derive(Debug, Clone)]
pub(crate) enum TicketSource {
    /// A file on this computer.
    File(PathBuf),
    /// Bytes that a browser sent.
    Bytes(String, Arc<Vec<u8>>),
}

/// A workbook read for a ticket.
pub(crate) struct Opened {
    ticket: String,
    choice: ReadChoice,
    file_name: String,
    size: u64,
    sha256: String,
    /// The file itself: a draft keeps it.
    bytes: Vec<u8>,
    book: Workbook,
}

/// Everything the preview and the draft take from an opened workbook.
struct Reading {
    header: Header,
    columns: Vec<MappedColumn>,
    /// Why a column has its field: by its title, remembered, or chosen just now.
    whys: BTreeMap<u16, &'static str>,
    taken: Taken,
}

/// A sheet read as it was previewed, to be kept.
pub(crate) struct Accepted {
    opened: Arc<Opened>,
    /// Findings on the file as a whole.
    pub(crate) file_findings: Vec<Finding>,
    /// What it is judged by.
    pub(crate) known: Known,
    pub(crate) period: Month,
    pub(crate) center: String,
    pub(crate) unit_account: String,
    pub(crate) now: Timestamp,
    notes: Notes,
    pub(crate) step: Step,
    /// What the import is known by again.
    mark: String,
    /// The columns as the clerk chose them, and under what they are remembered.
    chosen: Option<(String, Mapping)>,
}

impl Accepted {
    /// File name and SHA-256 of the workbook.
    pub(crate) fn file(&self) -> (String, String) {
        (self.opened.file_name.clone(), self.opened.sha256.clone())
    }

    /// Keeps what became of the sheet, and remembers the file and its columns.
    pub(crate) fn keep(
        &self,
        desk: &Desk,
        inner: &mut Inner,
        at: &str,
        create: impl FnOnce(&mut Store) -> Result<(), DeskError>,
    ) -> Result<(), DeskError> {
        desk.settle_step(&self.step).map_err(|_| SheetError::Cancelled)?;
        let store = inner.store()?;
        create(store)?;
        store.note_import(&self.mark, &self.opened.file_name, at)?;
        if let Some((print, chosen)) = &self.chosen {
            store.remember_mapping(print, chosen)?;
        }
        inner.opened = None;
        Ok(())
    }
}

impl Desk {
    /// A ticket for a file that the user chose or dropped.
    pub fn ticket_of_file(&self, path: &Path) -> Result<Ticket, DeskError> {
        let file_name = name_of(path);
        let size =
            std::fs::metadata(path).map_err(|source| DeskError::FileRead { name: file_name.clone(), source })?.len();
        Ok(self.keep_ticket(TicketSource::File(path.to_owned()), file_name, size, String::new()))
    }

    /// A ticket for bytes that a browser sent. The last few are kept: each may be of fifty megabytes.
    pub fn ticket_of_bytes(&self, name: &str, bytes: Vec<u8>) -> Ticket {
        let name = name_of(Path::new(name));
        let size = bytes.len() as u64;
        {
            let mut inner = self.inner();
            let sent = |source: &TicketSource| matches!(source, TicketSource::Bytes(..));
            // Tickets are UUIDv7: the first in order is the oldest.
            let oldest = inner.tickets.iter().find(|(_, source)| sent(source)).map(|(ticket, _)| ticket.clone());
            if inner.tickets.values().filter(|source| sent(source)).count() >= UPLOADS
                && let Some(oldest) = oldest
            {
                inner.tickets.remove(&oldest);
            }
        }
        self.keep_ticket(TicketSource::Bytes(name.clone(), bytes.into()), name, size, String::new())
    }

    /// Keeps a chosen workbook under a new ticket.
    pub(crate) fn keep_ticket(&self, source: TicketSource, file_name: String, size: u64, note: String) -> Ticket {
        let ticket = self.config.clock.new_id().to_string();
        self.inner().tickets.insert(ticket.clone(), source);
        Ticket { ticket, file_name, size, note }
    }

    /// The sheet as it is, with what the program took from it.
    pub fn import_preview(&self, choice: &ImportChoice) -> Result<PreviewView, DeskError> {
        let cancel = self.begin_step().cancel;
        let opened = self.open_workbook(choice, &cancel)?;
        let reading = read(&opened.book, choice, |print| self.remembered(print));
        let mut inner = self.inner();
        let seen = inner.store()?.seen::<String>(&mark_of(&opened, SheetKind::of(choice)?))?.map(|(_, at)| at);
        let unit = inner.session()?.unit.clone();
        drop(inner);
        preview(&opened, reading, SheetKind::of(choice)?, unit.as_ref(), seen)
    }

    /// Makes a draft of the sheet as it was previewed.
    pub fn import_accept(&self, choice: &ImportChoice) -> Result<DraftView, DeskError> {
        let SheetKind::Filing(kind) = SheetKind::of(choice)? else {
            return Err(DeskError::refusal(DeskError::BAD_ARGUMENTS));
        };
        let (mut accepted, taken) = self.accept(choice)?;
        let mut file_findings = std::mem::take(&mut accepted.file_findings);
        let (known, period) = (&accepted.known, accepted.period);
        if !taken.totals.is_empty() {
            // The sheet's own sums are compared with the sheet as it came, once: later changes are the clerk's.
            let checked = check_sheet(kind, &taken, known.circumstances(period));
            file_findings.extend(checked.findings.into_iter().filter(|f| f.code == Code::TotalDiffers));
        }
        let head = DraftHead {
            kind,
            period,
            center: accepted.center.clone(),
            unit_account: accepted.unit_account.clone(),
            file_name: accepted.opened.file_name.clone(),
            sha256: accepted.opened.sha256.clone(),
            sheet: taken.name.to_string(),
            encoding: accepted.opened.book.encoding.clone(),
            columns: taken.columns,
            notes: Some(accepted.notes),
            totals: taken.totals,
            file_findings,
            confirmations: BTreeMap::new(),
            upload: None,
            signed: None,
            attachments: Vec::new(),
            returned: Vec::new(),
            elsewhere: Elsewhere::default(),
            by_hand: false,
            roster_version: known.roster_version(),
            people: 0,
            blocking: 0,
        };
        let row = |raw| DraftRow { raw, excluded: false, edited: Default::default() };
        let rows = taken.rows.into_iter().map(row).collect();
        let id = self.config.clock.new_id();
        let saved_at = text::stamp(accepted.now);
        let place = Place::first(id, saved_at.clone());
        let mut draft = Draft::new(place, head, rows, known.circumstances(period));
        let pages = draft.rows.len().div_ceil(crate::draft::PAGE);
        let mut inner = self.inner();
        accepted.keep(self, &mut inner, &saved_at, |store| {
            let pages = (0..pages).map(|p| (count(p), draft.page(p)));
            Ok(store.create_draft_of(id, &saved_at, &draft.head, pages, &accepted.opened.bytes).map(drop)?)
        })?;
        let view = draft.view(&GridFilter::default());
        // Checked against a roster that was replaced meanwhile, it is opened anew from the store.
        if known.still_holds(inner.session()?) {
            inner.drafts.insert(id, draft);
        }
        Ok(view)
    }

    /// Reads a sheet as it was previewed, with what there is to say about the file.
    pub(crate) fn accept(&self, choice: &ImportChoice) -> Result<(Accepted, RawSheet), DeskError> {
        let period: Month = choice
            .period
            .as_deref()
            .and_then(|p| p.parse().ok())
            .ok_or_else(|| DeskError::refusal(DeskError::PERIOD_UNREADABLE))?;
        let step = self.begin_step();
        let opened = self.open_workbook(choice, &step.cancel)?;
        let Reading { header, columns, taken, .. } = read(&opened.book, choice, |print| self.remembered(print))?;
        let kind = SheetKind::of(choice)?;
        let missing = missing_columns(&columns, kind.columns());
        if !missing.is_empty() {
            return Err(SheetError::ColumnsMissing { fields: missing }.into());
        }
        let (known, center, unit_account, now, seen) = {
            let mut inner = self.inner();
            let seen = inner.store()?.seen::<String>(&mark_of(&opened, kind))?.map(|(_, at)| text::local_time(&at));
            let now = self.now(&inner);
            let session = inner.session()?;
            (session.known(now), session.info.profile.code.clone(), session.connection.unit_account.clone(), now, seen)
        };
        let mut file_findings = taken.findings.clone();
        file_findings.extend(known.unit.as_ref().and_then(|unit| other_unit(&taken.unit, unit)));
        file_findings.extend(taken.period.differs(period));
        file_findings.extend(seen.map(|when| Finding::new(Code::FileRepeated, Level::Warning).arg("when", when)));
        file_findings.extend(self.other_sheets(&opened, &taken, kind, &step.cancel));
        let chosen = choice
            .columns
            .is_some()
            .then(|| (print_of(&header, kind), columns.iter().map(|c| (c.column, c.field)).collect()));
        let mark = mark_of(&opened, kind);
        let notes = Notes::of(&opened.book, &header);
        let accepted =
            Accepted { opened, file_findings, known, period, center, unit_account, now, notes, step, mark, chosen };
        Ok((accepted, taken.sheet))
    }

    /// What stands in the other sheets of the workbook; each is read by the worker like the one that was chosen.
    fn other_sheets(&self, opened: &Opened, taken: &Taken, kind: SheetKind, cancel: &CancelFlag) -> Vec<Finding> {
        huijiao_sheets::other_sheets(&opened.book, taken, kind.fields(), |sheet| {
            let choice = ReadChoice { sheet: Some(sheet.to_owned()), encoding: opened.choice.encoding.clone() };
            read_in_worker_until(&self.config.worker, opened.bytes.clone(), &choice, &Limits::default(), cancel).ok()
        })
    }

    /// The rows of a sheet under the columns as chosen, with the name of its file; nothing is kept.
    pub(crate) fn sheet_of(&self, choice: &ImportChoice) -> Result<(String, RawSheet), DeskError> {
        let cancel = self.begin_step().cancel;
        let opened = self.open_workbook(choice, &cancel)?;
        let Reading { taken, .. } = read(&opened.book, choice, |print| self.remembered(print))?;
        Ok((opened.file_name.clone(), taken.sheet))
    }

    /// The bytes of a small file that the user chose, and its name; `large` refuses one above `limit`.
    pub(crate) fn bytes_of_ticket(
        &self,
        ticket: &str,
        limit: u64,
        large: impl Fn(&str) -> DeskError,
    ) -> Result<(String, Vec<u8>), DeskError> {
        let source = self.inner().tickets.get(ticket).cloned();
        match source.ok_or_else(|| DeskError::refusal(DeskError::TICKET_GONE))? {
            TicketSource::File(path) => {
                let name = name_of(&path);
                let failed = |source| DeskError::FileRead { name: name.clone(), source };
                // Looked at before reading: a file of gigabytes must not come into memory first, and a pipe would be
                // waited for without end.
                let there = std::fs::metadata(&path).map_err(failed)?;
                if !there.is_file() {
                    return Err(failed(std::io::ErrorKind::InvalidInput.into()));
                }
                if there.len() > limit {
                    return Err(large(&name));
                }
                let bytes = std::fs::read(&path).map_err(failed)?;
                Ok((name, bytes))
            }
            TicketSource::Bytes(name, bytes) if bytes.len() as u64 > limit => Err(large(&name)),
            TicketSource::Bytes(name, bytes) => Ok((name, bytes.to_vec())),
        }
    }

    /// A file that the user chose, as a workbook: read in the worker, on its first visible sheet, a text in the
    /// encoding that fits unless the user says which; and the step of it, which is that of what is made of it too.
    pub(crate) fn workbook_of_ticket(
        &self,
        ticket: &str,
        encoding: Option<&str>,
        step: &Step,
    ) -> Result<(String, Workbook), DeskError> {
        let limits = Limits::default();
        let large = |_: &str| SheetError::TooLarge { measure: Measure::FileBytes, limit: limits.file_bytes }.into();
        let (name, bytes) = self.bytes_of_ticket(ticket, limits.file_bytes, large)?;
        let choice = ReadChoice { sheet: None, encoding: encoding.map(str::to_owned) };
        Ok((name, read_in_worker_until(&self.config.worker, bytes, &choice, &limits, &step.cancel)?))
    }

    fn remembered(&self, print: &str) -> Result<Option<Mapping>, DeskError> {
        Ok(self.inner().store()?.mapping(print)?)
    }

    /// The workbook of a ticket: the one read last, or read now. The lock is not held while the worker reads: the
    /// rest of the program goes on.
    fn open_workbook(&self, choice: &ImportChoice, cancel: &CancelFlag) -> Result<Arc<Opened>, DeskError> {
        let wanted = ReadChoice { sheet: choice.sheet.clone(), encoding: choice.encoding.clone() };
        {
            let inner = self.inner();
            inner.session()?;
            if let Some(opened) = inner.opened.as_ref().filter(|o| o.ticket == choice.ticket && o.choice == wanted) {
                return Ok(opened.clone());
            }
        }
        let limits = Limits::default();
        let large = |_: &str| SheetError::TooLarge { measure: Measure::FileBytes, limit: limits.file_bytes }.into();
        let (file_name, bytes) = self.bytes_of_ticket(&choice.ticket, limits.file_bytes, large)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let size = bytes.len() as u64;
        let book = read_in_worker_until(&self.config.worker, bytes.clone(), &wanted, &limits, cancel)?;
        let ticket = choice.ticket.clone();
        let opened = Arc::new(Opened { ticket, choice: wanted, file_name, size, sha256, bytes, book });
        self.inner().opened = Some(opened.clone());
        Ok(opened)
    }
}

/// What a sheet is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SheetKind {
    /// The rows of one filing.
    Filing(FilingKind),
    /// This month's payroll, to be compared with the roster.
    Payroll,
}

impl SheetKind {
    fn of(choice: &ImportChoice) -> Result<Self, DeskError> {
        match choice.kind.as_deref() {
            None => Ok(Self::Filing(FilingKind::BaseAdjustment)),
            Some("payroll") => Ok(Self::Payroll),
            Some(kind) => FilingKind::parse(kind)
                .filter(|kind| kind.from_sheet())
                .map(Self::Filing)
                .ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS)),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Filing(kind) => kind.as_str(),
            Self::Payroll => "payroll",
        }
    }

    /// What its sheet carries.
    fn fields(self) -> &'static [Field] {
        match self {
            Self::Filing(kind) => kind.fields(),
            Self::Payroll => &compare::FIELDS,
        }
    }

    /// The columns it cannot do without; of each group one is enough, and the first is named.
    fn columns(self) -> &'static [&'static [Field]] {
        match self {
            Self::Filing(kind) => kind.columns(),
            Self::Payroll => compare::COLUMNS,
        }
    }

    /// What a field is called in it.
    fn title(self, field: Field) -> &'static str {
        match self {
            Self::Filing(kind) => kind.title(field),
            Self::Payroll => field.label(),
        }
    }
}

/// What an import is known by again: one file may become filings of several kinds.
fn mark_of(opened: &Opened, kind: SheetKind) -> String {
    format!("{} {}", opened.sha256, kind.as_str())
}

/// Under what a mapping is remembered: the same titles may mean other things in another kind of sheet.
fn print_of(header: &Header, kind: SheetKind) -> String {
    format!("{}:{}", kind.as_str(), huijiao_sheets::fingerprint(header))
}

/// Finds header, columns and rows as the user chose or as the program finds them.
fn read(
    book: &Workbook,
    choice: &ImportChoice,
    remembered: impl FnOnce(&str) -> Result<Option<Mapping>, DeskError>,
) -> Result<Reading, DeskError> {
    let header = match choice.header_rows {
        Some((first, last)) => huijiao_sheets::header_at(book, first, last)?,
        None => find_header(book)?,
    };
    let kind = SheetKind::of(choice)?;
    let mut columns = map_fields(&header, kind.fields());
    let mut whys: BTreeMap<u16, &'static str> =
        columns.iter().filter(|c| c.field.is_some()).map(|c| (c.column, "alias")).collect();
    if let Some(chosen) = &choice.columns {
        for (column, field) in chosen {
            if let Some(mapped) = columns.iter_mut().find(|c| c.column == *column) {
                let field = field.as_deref().and_then(Field::parse);
                if mapped.field != field {
                    mapped.field = field;
                    whys.insert(mapped.column, "chosen");
                }
            }
        }
    } else if let Some(chosen) = remembered(&print_of(&header, kind))? {
        for (column, field) in chosen {
            if let Some(mapped) = columns.iter_mut().find(|c| c.column == column)
                && mapped.field != field
            {
                mapped.field = field;
                whys.insert(mapped.column, "remembered");
            }
        }
    }
    let mapping: Vec<(u16, Field)> = columns.iter().filter_map(|c| c.field.map(|f| (c.column, f))).collect();
    let taken = huijiao_sheets::rows(book, &header, &mapping);
    Ok(Reading { header, columns, whys, taken })
}

fn preview(
    opened: &Opened,
    reading: Result<Reading, DeskError>,
    kind: SheetKind,
    unit: Option<&huijiao_domain::roster::Unit>,
    seen: Option<String>,
) -> Result<PreviewView, DeskError> {
    let book = &opened.book;
    // Without a header the sheet is still shown: the user says where it is.
    let reading = match reading {
        Ok(reading) => Some(reading),
        Err(DeskError::Sheet(error)) if ["sheet-no-header", "sheet-blank"].contains(&error.code()) => None,
        Err(error) => return Err(error),
    };
    let roles: BTreeMap<u32, RowRole> =
        reading.as_ref().map(|r| r.taken.roles.iter().copied().collect()).unwrap_or_default();
    let header_rows = reading.as_ref().map(|r| (r.header.first, r.header.last));
    let width = book.rows.iter().take(SAMPLE).flat_map(|r| r.cells.iter().map(|c| c.column + 1)).max().unwrap_or(0);
    let sample = book
        .rows
        .iter()
        .take(SAMPLE)
        .map(|row| {
            let mut cells = vec![String::new(); usize::from(width)];
            for cell in &row.cells {
                if let Some(place) = cells.get_mut(usize::from(cell.column)) {
                    cell.text.clone_into(place);
                }
            }
            let in_header = header_rows.is_some_and(|(first, last)| (first..=last).contains(&row.row));
            let role = if in_header { RowRole::Header } else { roles.get(&row.row).copied().unwrap_or(RowRole::Note) };
            SampleRow { row: row.row, cells, role: role_name(role).into() }
        })
        .collect();
    let columns = match &reading {
        Some(reading) => reading
            .columns
            .iter()
            .map(|c| ColumnChoice {
                column: c.column,
                letter: column_letter(c.column),
                header: c.title.clone(),
                field: c.field.map(|f| f.as_str().to_owned()),
                why: reading.whys.get(&c.column).copied().unwrap_or_default().into(),
            })
            .collect(),
        None => (0..width)
            .map(|column| ColumnChoice {
                column,
                letter: column_letter(column),
                header: String::new(),
                field: None,
                why: String::new(),
            })
            .collect(),
    };
    let mut findings: Vec<Finding> = reading.as_ref().map(|r| r.taken.findings.clone()).unwrap_or_default();
    if let Some(reading) = &reading {
        findings.extend(unit.and_then(|unit| other_unit(&reading.taken.unit, unit)));
    }
    Ok(PreviewView {
        ticket: Ticket {
            ticket: opened.ticket.clone(),
            file_name: opened.file_name.clone(),
            size: opened.size,
            note: String::new(),
        },
        format: format!("{:?}", book.format).to_lowercase(),
        encoding: book.encoding.as_deref().map(str::to_ascii_uppercase),
        encodings: encodings(book.encoding.as_deref()),
        sheets: book.sheets.iter().map(|s| SheetChoice { name: s.name.clone(), hidden: s.hidden }).collect(),
        sheet: book.sheets.get(book.sheet).map(|s| s.name.clone()).unwrap_or_default(),
        header_rows,
        columns,
        kind: kind.as_str().into(),
        fields: kind
            .fields()
            .iter()
            .map(|f| FieldChoice {
                field: f.as_str().into(),
                label: kind.title(*f).into(),
                required: kind.columns().iter().any(|group| group.first() == Some(f)),
            })
            .collect(),
        missing: match &reading {
            Some(reading) => missing_columns(&reading.columns, kind.columns())
                .into_iter()
                .filter_map(|field| kind.columns().iter().find(|group| group.first() == Some(&field)))
                .map(|group| text::any_of(group, |field| kind.title(field)))
                .collect(),
            None => Vec::new(),
        },
        sample,
        people: reading.as_ref().map_or(0, |r| count(r.taken.sheet.rows.len())),
        total_rows: reading.as_ref().map_or(0, |r| count(r.taken.sheet.totals.len())),
        findings: findings.iter().map(crate::draft::finding_view).collect(),
        seen_before: seen.map(|at| text::local_time(&at)),
    })
}

fn role_name(role: RowRole) -> &'static str {
    match role {
        RowRole::Title => "title",
        RowRole::Header => "header",
        RowRole::Person => "person",
        RowRole::Subtotal => "subtotal",
        RowRole::Total => "total",
        RowRole::Note => "note",
        RowRole::Blank => "blank",
    }
}

/// A file's name as it is shown and kept: without what turns it around or breaks its line, no longer than file systems
/// take. The file itself is found by its path.
fn name_of(path: &Path) -> String {
    const LONGEST: usize = 255;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.chars().filter(|c| !c.is_control() && !turns(*c)).take(LONGEST).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The encodings that a text can be read in.
pub(crate) const OFFERED: [&str; 5] = ["UTF-8", "GB18030", "BIG5", "UTF-16LE", "UTF-16BE"];

/// The encodings to choose from, the one it was read in among them; none for a workbook that has its own.
fn encodings(read_in: Option<&str>) -> Vec<String> {
    let Some(read_in) = read_in.map(str::to_ascii_uppercase) else {
        return Vec::new();
    };
    let other = (!OFFERED.contains(&read_in.as_str())).then_some(read_in);
    OFFERED.into_iter().map(str::to_owned).chain(other).collect()
}
