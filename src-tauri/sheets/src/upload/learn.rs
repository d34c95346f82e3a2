//! A center's blank file → the template that makes files like it.
//!
//! What the file says is taken as it stands: titles, the cells above, the notes below. What a column means is known
//! only by its title; columns that no title explains are left unbound and listed, and everything that was concluded
//! rather than read is listed too, for the person who completes the template.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use huijiao_domain::characters::{half_width, is_blank};
use huijiao_domain::field::{Field, normalise_header};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::status_change::Change;
use huijiao_domain::identity::Sex;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::profile::upload::{
    ColumnValue, DateForm, FileKind, LONGEST_BLANK, LineEnd, MonthForm, Piece, Placeholder, PreambleCell, Quoting,
    RatioForm, TextEncoding, TextForm, TrailingCell, TrailingRow, UploadColumn, UploadTemplate, ValueFormat, literal,
    pieces, usual_format,
};
use huijiao_domain::sheet::{CellKind, column_letter};
use huijiao_domain::texts;

use super::UploadError;
use crate::delimited::delimiter;
use crate::header::{Header, find_header};
use crate::mapping::{MappedColumn, Why, map_fields};
use crate::roles::RowRole;
use crate::rows::rows;
use crate::text;
use crate::workbook::{Format, MergedRange, SheetRow, Workbook};

/// What a filed row gives besides the columns of its own sheets: it follows from the ID number, the unit or the parts.
const FOLLOWING: [Field; 8] = [
    Field::Sex,
    Field::BirthDate,
    Field::UnitRatio,
    Field::PersonalRatio,
    Field::UnitAmount,
    Field::PersonalAmount,
    Field::MonthlyAmount,
    Field::Month,
];

/// What stands in front of a value above the titles, and what belongs there. Longer ones first.
const LABELS: [(&str, Slot); 24] = [
    ("单位住房公积金账号", Slot::Account),
    ("单位公积金账号", Slot::Account),
    ("单位账号", Slot::Account),
    ("单位帐号", Slot::Account),
    ("单位编号", Slot::Account),
    ("单位代码", Slot::Account),
    ("单位登记号", Slot::Account),
    ("缴存单位名称", Slot::Name),
    ("单位名称", Slot::Name),
    ("单位全称", Slot::Name),
    ("公司名称", Slot::Name),
    ("填报单位", Slot::Name),
    ("缴存单位", Slot::Name),
    ("调整年月", Slot::Period),
    ("缴存年月", Slot::Period),
    ("汇缴年月", Slot::Period),
    ("所属年月", Slot::Period),
    ("生效年月", Slot::Period),
    ("变更年月", Slot::Period),
    ("执行年月", Slot::Period),
    ("职工人数", Slot::People),
    ("缴存人数", Slot::People),
    ("填表日期", Slot::Today),
    ("制表日期", Slot::Today),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Account,
    Name,
    Period,
    People,
    Today,
}

impl Slot {
    /// The placeholder, in the form of what stands there now.
    fn placeholder(self, sample: &str) -> String {
        match self {
            Self::Account => "{unit_account}".to_owned(),
            Self::Name => "{unit_name}".to_owned(),
            Self::People => "{people}".to_owned(),
            Self::Period => {
                let form = shaped(sample, &MONTHS).unwrap_or(MonthForm::Plain);
                format!("{{period:{}}}", name_of(form, &MONTHS))
            }
            Self::Today => {
                let form = shaped(sample, &DATES).unwrap_or(DateForm::Dashed);
                format!("{{today:{}}}", name_of(form, &DATES))
            }
        }
    }
}

/// Forms with their names; years, months and days are letters or digits.
const MONTHS: [(&str, MonthForm); 5] = [
    ("yyyy年MM月", MonthForm::Chinese),
    ("yyyy-MM", MonthForm::Dashed),
    ("yyyy/MM", MonthForm::Slashed),
    ("yyyy.MM", MonthForm::Dotted),
    ("yyyyMM", MonthForm::Plain),
];
const DATES: [(&str, DateForm); 5] = [
    ("yyyy年MM月dd日", DateForm::Chinese),
    ("yyyy-MM-dd", DateForm::Dashed),
    ("yyyy/MM/dd", DateForm::Slashed),
    ("yyyy.MM.dd", DateForm::Dotted),
    ("yyyyMMdd", DateForm::Plain),
];

/// A template with what its reader should know before completing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The draft; [`UploadTemplate::problems`] says what it still lacks.
    pub template: UploadTemplate,
    /// What was not understood, concluded or left out.
    pub notes: Vec<LearnNote>,
}

/// What to know about a learned template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LearnNote {
    /// No title explains the column: somebody has to bind it.
    UnknownColumn {
        /// Zero-based.
        column: u16,
        /// Its title.
        title: String,
    },
    /// Another column means the same field; this one is unbound.
    SecondColumn {
        /// Zero-based.
        column: u16,
        /// Its title.
        title: String,
    },
    /// The file does not say how the column is written; the usual form was taken.
    AssumedFormat {
        /// Zero-based.
        column: u16,
        /// Its title.
        title: String,
    },
    /// Codes of a legend, and the words of it that mean nothing here.
    Codes {
        /// Zero-based.
        column: u16,
        /// Its title.
        title: String,
        /// Filed value and code, for people.
        codes: String,
        /// Words of the legend that are not known.
        unknown: String,
    },
    /// A cell above the titles where a value of the filing was put.
    Filled {
        /// The cell.
        at: String,
        /// Its text now.
        text: String,
    },
    /// Example rows, which are not kept.
    Examples {
        /// One-based.
        rows: Vec<u32>,
    },
    /// The file has more than this template makes: other sheets, merged cells below the titles, another kind of file.
    NotKept {
        /// What, for people.
        what: String,
    },
    /// GB18030 was found; GBK looks the same until a rare character comes.
    Encoding,
}

impl LearnNote {
    /// Every code, for the table of texts.
    pub const CODES: &[&str] = &[
        "sheet-learn-unknown-column",
        "sheet-learn-second-column",
        "sheet-learn-assumed-format",
        "sheet-learn-codes",
        "sheet-learn-filled",
        "sheet-learn-examples",
        "sheet-learn-not-kept",
        "sheet-learn-encoding",
    ];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumn { .. } => "sheet-learn-unknown-column",
            Self::SecondColumn { .. } => "sheet-learn-second-column",
            Self::AssumedFormat { .. } => "sheet-learn-assumed-format",
            Self::Codes { .. } => "sheet-learn-codes",
            Self::Filled { .. } => "sheet-learn-filled",
            Self::Examples { .. } => "sheet-learn-examples",
            Self::NotKept { .. } => "sheet-learn-not-kept",
            Self::Encoding => "sheet-learn-encoding",
        }
    }

    /// What fills the placeholders of the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        let column = |column: u16, title: &str| vec![("column", column_letter(column)), ("title", title.to_owned())];
        let pairs = match self {
            Self::UnknownColumn { column: at, title }
            | Self::SecondColumn { column: at, title }
            | Self::AssumedFormat { column: at, title } => column(*at, title),
            Self::Codes { column: at, title, codes, unknown } => {
                let or_none = |text: &str| if text.is_empty() { "无".to_owned() } else { text.to_owned() };
                let mut pairs = column(*at, title);
                pairs.extend([("codes", or_none(codes)), ("unknown", or_none(unknown))]);
                pairs
            }
            Self::Filled { at, text } => vec![("at", at.clone()), ("text", in_words(text))],
            Self::Examples { rows } => {
                vec![("rows", rows.iter().map(u32::to_string).collect::<Vec<_>>().join("、"))]
            }
            Self::NotKept { what } => vec![("what", what.clone())],
            Self::Encoding => vec![],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl fmt::Display for LearnNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = texts::lookup(self.code()) else { return f.write_str(self.code()) };
        let args = self.args();
        f.write_str(&texts::fill(&text.happened, &args))?;
        f.write_str(&texts::fill(&text.remedy, &args))
    }
}

/// What a column of a template for this kind can hold: the fields of its sheets, and what follows from them.
pub fn learnable(kind: FilingKind) -> Vec<Field> {
    let mut fields = kind.fields().to_vec();
    fields.extend(FOLLOWING.into_iter().filter(|field| !kind.fields().contains(field)));
    fields
}

/// Learns from a blank file that was read; `bytes` are the file itself. `profile` knows types of documents and reasons,
/// by which the codes of a legend are understood.
///
/// # Errors
/// [`crate::SheetError::NoHeader`] where no row of titles is found, [`crate::SheetError::BrokenText`] for a text.
pub fn learn(book: &Workbook, bytes: &[u8], kind: FilingKind, profile: &CenterProfile) -> Result<Learned, UploadError> {
    let header = find_header(book)?;
    let fields = learnable(kind);
    let mapped = map_fields(&header, &fields);
    let mapping: Vec<(u16, Field)> = mapped.iter().filter_map(|m| m.field.map(|field| (m.column, field))).collect();
    let roles = rows(book, &header, &mapping).roles;
    let mut learner = Learner { book, header, mapped, roles, profile, kept: false, notes: Vec::new() };
    let blank = learner.blank(bytes);
    let file = learner.file();
    let text = if file.is_workbook() { None } else { Some(learner.text_form(bytes, file)?) };
    let first_row = learner.first_row();
    let columns = learner.columns(file);
    let preamble = learner.preamble(first_row);
    let trailing = learner.trailing(first_row, &columns);
    let merged = learner.merged(first_row);
    let ending = match file {
        FileKind::Xlsx => "xlsx",
        FileKind::Xls => "xls",
        FileKind::Csv => "csv",
        FileKind::Txt => "txt",
    };
    let template = UploadTemplate {
        kind,
        name: kind.label().to_owned(),
        only: None,
        file,
        text,
        sheet: file.is_workbook().then(|| learner.book.sheet_name().to_owned()),
        blank,
        preamble,
        merged: if file.is_workbook() { merged } else { Vec::new() },
        header_row: Some(learner.header.first),
        first_row,
        columns,
        trailing,
        file_name: format!("{{unit_account}}_{}_{{period:yyyyMM}}.{ending}", kind.label()),
        row_cap: None,
    };
    Ok(Learned { template, notes: learner.notes })
}

struct Learner<'a> {
    book: &'a Workbook,
    header: Header,
    mapped: Vec<MappedColumn>,
    roles: Vec<(u32, RowRole)>,
    profile: &'a CenterProfile,
    /// The blank itself is kept, and with it whatever is not learned.
    kept: bool,
    notes: Vec<LearnNote>,
}

impl Learner<'_> {
    /// The blank as it is kept; `None` where files have to be made anew.
    fn blank(&mut self, bytes: &[u8]) -> Option<String> {
        if self.book.format != Format::Xlsx {
            return None;
        }
        let formulas = super::blank::formulas(bytes, self.book.sheet_name(), self.first_row());
        let blank = super::blank::kept(bytes);
        let not_kept = match formulas {
            _ if blank.len() > LONGEST_BLANK => Some("空白表超过 1 MB，其中的样式和下拉列表".to_owned()),
            Err(_) => Some("空白表的写法少见，其中的样式和下拉列表".to_owned()),
            Ok(cells) => {
                self.kept = true;
                let named: Vec<&str> = cells.iter().take(5).map(String::as_str).collect();
                (!named.is_empty()).then(|| format!("标题以下的公式 {}", named.join("、")))
            }
        };
        self.notes.extend(not_kept.map(|what| LearnNote::NotKept { what }));
        self.kept.then_some(blank)
    }

    /// The kind of file to make, and what of this one it will not have.
    fn file(&mut self) -> FileKind {
        let (kind, other) = match self.book.format {
            Format::Xlsx => (FileKind::Xlsx, None),
            Format::Xls => (FileKind::Xls, None),
            Format::Csv => (FileKind::Csv, None),
            Format::Html => (FileKind::Xls, Some("网页形式的工作簿，将写成真正的 xls")),
            Format::Xml2003 => (FileKind::Xls, Some("XML 形式的工作簿，将写成真正的 xls")),
            Format::Xlsb => (FileKind::Xlsx, Some("xlsb 格式，将写成 xlsx")),
            Format::Ods => (FileKind::Xlsx, Some("ods 格式，将写成 xlsx")),
        };
        self.notes.extend(other.map(|what| LearnNote::NotKept { what: what.to_owned() }));
        let others: Vec<&str> = self.book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        let others: Vec<&str> = others.into_iter().filter(|name| *name != self.book.sheet_name()).collect();
        if !others.is_empty() && !self.kept {
            self.notes.push(LearnNote::NotKept { what: format!("其他工作表「{}」", others.join("」「")) });
        }
        kind
    }

    fn text_form(&mut self, bytes: &[u8], file: FileKind) -> Result<TextForm, UploadError> {
        let (encoding, content) = text::decode(bytes, self.book.encoding.as_deref())?;
        let encoding = match encoding {
            "utf-8" if bytes.starts_with(b"\xef\xbb\xbf") => TextEncoding::Utf8Bom,
            "gb18030" => {
                self.notes.push(LearnNote::Encoding);
                TextEncoding::Gb18030
            }
            "utf-8" => TextEncoding::Utf8,
            other => {
                self.notes.push(LearnNote::NotKept { what: format!("{other} 编码，将写成 UTF-8") });
                TextEncoding::Utf8Bom
            }
        };
        let separator = delimiter(&content).unwrap_or(",");
        let quoted = content.contains('"');
        let plain = file == FileKind::Csv && separator == ",";
        Ok(TextForm {
            encoding,
            separator: separator.into(),
            quoting: if quoted || plain { Quoting::Needed } else { Quoting::Never },
            line_end: if content.contains('\n') && !content.contains("\r\n") { LineEnd::Lf } else { LineEnd::CrLf },
            last_line_ended: content.ends_with('\n'),
        })
    }

    /// The row below the titles, or below the numbers of the columns.
    fn first_row(&self) -> u32 {
        let below = self.header.last + 1;
        let numbers = self.role(below) == Some(RowRole::Note)
            && self.book.row(below).is_some_and(|row| {
                row.cells.len() >= 3 && row.cells.iter().all(|cell| cell.text.trim().chars().count() <= 4)
            });
        if numbers { below + 1 } else { below }
    }

    fn role(&self, row: u32) -> Option<RowRole> {
        self.roles.iter().find(|(at, _)| *at == row).map(|(_, role)| *role)
    }

    fn columns(&mut self, file: FileKind) -> Vec<UploadColumn> {
        let examples: Vec<u32> =
            self.roles.iter().filter(|(_, role)| *role == RowRole::Person).map(|(row, _)| *row).collect();
        let example = examples.first().and_then(|row| self.book.row(*row));
        let last = self.header.columns.last().map_or(0, |column| column.column);
        let columns = (0..=last).map(|column| self.column(column, example, file)).collect();
        if !examples.is_empty() {
            self.notes.push(LearnNote::Examples { rows: examples });
        }
        columns
    }

    fn column(&mut self, column: u16, example: Option<&SheetRow>, file: FileKind) -> UploadColumn {
        let raw = |row: u32| self.book.row(row).map_or("", |row| row.text(column)).to_owned();
        let titles: Vec<String> = (self.header.first..=self.header.last).map(raw).collect();
        let mapped = self.mapped.iter().find(|mapped| mapped.column == column).cloned();
        let title = mapped.as_ref().map(|mapped| mapped.title.clone()).unwrap_or_default();
        let said = titles.concat();
        let mut learned = UploadColumn {
            required: said.contains(['*', '＊', '★']) || said.contains("必填"),
            titles,
            value: ColumnValue::Empty,
            format: ValueFormat::Text,
            as_text: false,
            codes: BTreeMap::new(),
            width: None,
        };
        let Some(mapped) = mapped else { return learned };
        if file.is_workbook() {
            let wide = u16::try_from(title.chars().count()).unwrap_or(20).min(20) * 2 + 2;
            learned.width = Some(if mapped.field == Some(Field::IdNumber) { 22 } else { wide.max(12) });
        }
        let Some(field) = mapped.field else {
            if matches!(normalise_header(&title).as_str(), "序号" | "序" | "NO" | "NO.") {
                learned.value = ColumnValue::RunningNumber;
                return learned;
            }
            learned.value = ColumnValue::Unbound;
            self.notes.push(match mapped.why {
                Why::Duplicate => LearnNote::SecondColumn { column, title },
                Why::Unknown | Why::Title | Why::LowerTitle => LearnNote::UnknownColumn { column, title },
            });
            return learned;
        };
        learned.value = ColumnValue::Field(field);
        let sample = example.and_then(|row| row.cell(column));
        let shown = sample.map_or("", |cell| cell.text.trim());
        learned.format = usual_format(field);
        let told = match learned.format {
            ValueFormat::Text | ValueFormat::Amount | ValueFormat::WholeYuan => Some(learned.format),
            ValueFormat::Month(_) => shaped(&said, &MONTHS).or_else(|| shaped(shown, &MONTHS)).map(ValueFormat::Month),
            ValueFormat::Date(_) => shaped(&said, &DATES).or_else(|| shaped(shown, &DATES)).map(ValueFormat::Date),
            ValueFormat::Ratio(_) => ratio_form(&said, shown).map(ValueFormat::Ratio),
        };
        match told {
            Some(format) => learned.format = format,
            None => self.notes.push(LearnNote::AssumedFormat { column, title: title.clone() }),
        }
        learned.as_text = learned.format.is_number() && sample.is_some_and(|cell| cell.kind == CellKind::Text);
        if learned.format == ValueFormat::Text {
            learned.codes = self.codes(column, field, &title, &said);
        }
        learned
    }

    /// Codes from the column's own title, or from a note that names it: 证件类型：0身份证 1户口簿.
    fn codes(&mut self, column: u16, field: Field, title: &str, said: &str) -> BTreeMap<String, String> {
        if !matches!(field, Field::IdType | Field::NewIdType | Field::ChangeKind | Field::Sex | Field::Reason) {
            return BTreeMap::new();
        }
        let bare = normalise_header(title);
        let mut legend = legend(said);
        if legend.is_empty() {
            let people: BTreeSet<u32> =
                self.roles.iter().filter(|(_, role)| *role == RowRole::Person).map(|(row, _)| *row).collect();
            let titles = self.header.first..=self.header.last;
            let outside = |row: &&SheetRow| !titles.contains(&row.row) && !people.contains(&row.row);
            let cells = self.book.rows.iter().filter(outside).flat_map(|row| &row.cells);
            let noted = cells.filter_map(|cell| {
                let (_, after) = cell.text.split_once(&bare)?;
                let others = self.mapped.iter().map(|other| normalise_header(&other.title));
                let ends = others.filter(|other| !other.is_empty()).filter_map(|other| after.find(&other));
                Some(after[..ends.min().unwrap_or(after.len())].to_owned())
            });
            legend = noted.map(|text| self::legend(&text)).find(|pairs| !pairs.is_empty()).unwrap_or_default();
        }
        let mut codes = BTreeMap::new();
        let mut unknown = Vec::new();
        for (code, word) in legend {
            match self.filed(field, &word) {
                Some(value) => {
                    codes.entry(value).or_insert(code);
                }
                None => unknown.push(format!("{code}{word}")),
            }
        }
        if !codes.is_empty() || !unknown.is_empty() {
            let list: Vec<String> = codes.iter().map(|(value, code)| format!("{value}→{code}")).collect();
            let (codes, unknown) = (list.join("、"), unknown.join("、"));
            self.notes.push(LearnNote::Codes { column, title: title.to_owned(), codes, unknown });
        }
        codes
    }

    /// What is filed for a word of a legend.
    fn filed(&self, field: Field, word: &str) -> Option<String> {
        if matches!(field, Field::IdType | Field::NewIdType) {
            self.profile.id_type(word).map(str::to_owned)
        } else if field == Field::ChangeKind {
            Change::parse(word).map(|change| change.label().to_owned())
        } else if field == Field::Sex {
            Sex::parse(word).map(|sex| if sex == Sex::Male { "1" } else { "2" }.to_owned())
        } else if field == Field::Reason {
            self.profile.seal_reasons.iter().find(|reason| reason.meant_by(word)).map(|reason| reason.name.clone())
        } else {
            None
        }
    }

    /// The cells between the top and the first person, without the titles, with placeholders behind the labels.
    fn preamble(&mut self, first_row: u32) -> Vec<PreambleCell> {
        let mut cells: BTreeMap<(u32, u16), String> = BTreeMap::new();
        let titles = self.header.first..=self.header.last;
        for row in self.book.rows.iter().filter(|row| row.row < first_row && !titles.contains(&row.row)) {
            for cell in row.cells.iter().filter(|cell| !cell.text.trim().is_empty()) {
                cells.insert((row.row, cell.column), literal(cell.text));
            }
        }
        let mut filled: BTreeSet<(u32, u16)> = BTreeSet::new();
        for ((row, column), text) in self.above() {
            if let Some(slot) = label(&text) {
                let Some(place) = self.value_place(row, column, &text) else { continue };
                let sample = self.book.row(place.0).map_or("", |row| row.text(place.1)).to_owned();
                let placeholder = slot.placeholder(&sample);
                let text = if place == (row, column) { literal(&text) + &placeholder } else { placeholder };
                cells.insert(place, text);
                filled.insert(place);
            } else if let Some(text) = within(&text) {
                cells.insert((row, column), text);
                filled.insert((row, column));
            }
        }
        for place in filled {
            let text = cells.get(&place).cloned().unwrap_or_default();
            self.notes.push(LearnNote::Filled { at: name(place), text });
        }
        cells.into_iter().map(|(place, text)| PreambleCell { at: name(place), text }).collect()
    }

    /// What stands above the titles.
    fn above(&self) -> Vec<((u32, u16), String)> {
        let rows = self.book.rows.iter().filter(|row| row.row < self.header.first);
        rows.flat_map(|row| row.cells.iter().map(|cell| ((row.row, cell.column), cell.text.to_string()))).collect()
    }

    /// Where the value of a label goes: behind it in a merged cell, to its right, or below a row of labels.
    fn value_place(&self, row: u32, column: u16, text: &str) -> Option<(u32, u16)> {
        let merged = self.book.merged_at(row, column);
        let (last_row, last_column) = merged.map_or((row, column), |range| (range.last_row, range.last_column));
        let is_label =
            |row: u32, column: u16| self.book.row(row).is_some_and(|cells| label(cells.text(column)).is_some());
        if last_column > column && text.trim_end().ends_with([':', '：']) {
            return Some((row, column));
        }
        let right = last_column.checked_add(1)?;
        let left = column.checked_sub(1).is_some_and(|left| is_label(row, left));
        if is_label(row, right) || left {
            return Some((last_row + 1, column)).filter(|(row, _)| *row < self.header.first);
        }
        Some((row, right))
    }

    fn trailing(&self, first_row: u32, columns: &[UploadColumn]) -> Vec<TrailingRow> {
        let mut trailing = Vec::new();
        let mut before = None;
        for (at, role) in self.roles.iter().filter(|(row, _)| *row >= first_row) {
            let sums = matches!(role, RowRole::Total | RowRole::Subtotal);
            if matches!(role, RowRole::Person | RowRole::Blank) {
                continue;
            }
            let Some(row) = self.book.row(*at) else { continue };
            let gap = match before {
                Some(before) => at - before - 1,
                // How many rows the blank has for people says nothing; notes keep apart from them all the same.
                None => u32::from(!sums && *at > first_row),
            };
            before = Some(*at);
            let mut cells: BTreeMap<u16, String> = BTreeMap::new();
            for cell in row.cells.iter().filter(|cell| !cell.text.trim().is_empty()) {
                cells.insert(cell.column, literal(cell.text));
            }
            for (column, said) in (0_u16..).zip(columns).filter(|_| sums) {
                let free = row.cell(column).is_none_or(|cell| cell.kind != CellKind::Text);
                if let (ColumnValue::Field(field), ValueFormat::Amount, true) = (&said.value, said.format, free) {
                    cells.insert(column, format!("{{sum:{}}}", field.as_str()));
                }
            }
            let cells = cells.into_iter().map(|(column, text)| TrailingCell { column: column_letter(column), text });
            trailing.push(TrailingRow { gap, at: self.kept.then_some(*at), cells: cells.collect() });
        }
        trailing
    }

    fn merged(&mut self, first_row: u32) -> Vec<String> {
        let (above, below): (Vec<&MergedRange>, Vec<&MergedRange>) =
            self.book.merged.iter().partition(|range| range.last_row < first_row);
        if !below.is_empty() && !self.kept {
            let names: Vec<String> = below.iter().take(5).map(|range| range.name()).collect();
            self.notes
                .push(LearnNote::NotKept { what: format!("标题以下的合并单元格 {}", names.join("、")) });
        }
        above.into_iter().map(|range| range.name()).collect()
    }
}

/// A text whose placeholders are words that a clerk reads.
fn in_words(text: &str) -> String {
    let word = |placeholder: Placeholder| match placeholder {
        Placeholder::UnitAccount | Placeholder::UnitAccountLast(_) => "【单位账号】",
        Placeholder::UnitName => "【单位名称】",
        Placeholder::Period(_) => "【年月】",
        Placeholder::Today(_) => "【日期】",
        Placeholder::People => "【人数】",
        Placeholder::Total | Placeholder::Sum(_) => "【合计】",
        Placeholder::Part => "【第几个文件】",
    };
    let pieces = pieces(text).unwrap_or_default();
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Placeholder(one) => word(one),
        })
        .collect()
}

fn name((row, column): (u32, u16)) -> String {
    format!("{}{row}", column_letter(column))
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).map(half_width).collect()
}

/// A cell that is a label and nothing else.
fn label(text: &str) -> Option<Slot> {
    let said = squeezed(text);
    let said = said.trim_matches([':', '*', '_']);
    LABELS.iter().find(|(label, _)| *label == said).map(|(_, slot)| *slot)
}

/// A text with labels in its midst, each with its placeholder in the blank or in place of the value behind it; `None`
/// where there is no such label.
fn within(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut any = false;
    while !rest.is_empty() {
        let starts = out.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let here = LABELS.iter().filter(|_| starts).find_map(|(label, slot)| {
            let behind = rest.strip_prefix(label)?;
            let colon = behind.trim_start();
            let value = colon.strip_prefix([':', '：'])?;
            Some((&rest[..rest.len() - value.len()], value, *slot))
        });
        let Some((said, value, slot)) = here else {
            let next = rest.chars().next().map_or(rest.len(), char::len_utf8);
            out.push_str(&literal(&rest[..next]));
            rest = &rest[next..];
            continue;
        };
        any = true;
        out.push_str(&literal(said));
        let blank = |c: char| c.is_whitespace() || matches!(c, '_' | '＿');
        let slot_length = value.chars().take_while(|c| blank(*c)).count();
        let after = value.trim_start_matches(blank);
        if slot_length >= 2 || after.is_empty() {
            out.push_str(&slot.placeholder(""));
            out.push_str(if after.is_empty() { "" } else { "  " });
            rest = after;
        } else {
            let end = after.find(|c: char| blank(c) || matches!(c, '(' | '（' | ')' | '）' | ',' | '，' | ';' | '；'));
            let (sample, behind) = after.split_at(end.unwrap_or(after.len()));
            out.push_str(&slot.placeholder(sample));
            rest = behind;
        }
    }
    any.then_some(out)
}

/// Pairs of code and word: `1开户2启封3封存`, `0-身份证，1-户口簿`. One alone is no legend.
fn legend(text: &str) -> Vec<(String, String)> {
    let text = squeezed(text);
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut code = String::new();
    let mut word = String::new();
    let mut close = |code: &mut String, word: &mut String| {
        if !code.is_empty() && !word.is_empty() {
            pairs.push((code.clone(), word.clone()));
        }
        word.clear();
        code.clear();
    };
    for character in text.chars() {
        if character.is_ascii_digit() {
            if !word.is_empty() {
                close(&mut code, &mut word);
            }
            code.push(character);
        } else if character.is_alphabetic() {
            if !code.is_empty() {
                word.push(character);
            }
        } else if !word.is_empty() {
            close(&mut code, &mut word);
        }
    }
    close(&mut code, &mut word);
    let apart: BTreeSet<&String> = pairs.iter().map(|(code, _)| code).collect();
    if pairs.len() < 2 || apart.len() < pairs.len() { Vec::new() } else { pairs }
}

/// The form that a text shows by letters (`YYYYMM`) or by an example (`202601`).
fn shaped<F: Copy>(text: &str, forms: &[(&str, F)]) -> Option<F> {
    let figure = |c: char| if c.is_ascii_digit() || "yYmMdD".contains(c) { '0' } else { c };
    let shape: String = text.chars().map(half_width).map(figure).collect();
    forms.iter().find_map(|(name, form)| {
        let wanted: String = name.chars().map(figure).collect();
        let alone = shape.match_indices(&wanted).any(|(at, found)| {
            let before = shape[..at].chars().next_back();
            let after = shape[at + found.len()..].chars().next();
            // 2026-01 is not what 2026-01-31 shows.
            let more = |c: Option<char>| c.is_some_and(|c| matches!(c, '0' | '-' | '/' | '.'));
            !more(before) && !more(after)
        });
        alone.then_some(*form)
    })
}

fn name_of<F: PartialEq>(form: F, forms: &[(&'static str, F)]) -> &'static str {
    forms.iter().find(|(_, known)| *known == form).map_or("", |(name, _)| name)
}

fn ratio_form(title: &str, example: &str) -> Option<RatioForm> {
    if example.ends_with(['%', '％']) {
        return Some(RatioForm::Percent);
    }
    if title.contains(['%', '％']) {
        return Some(RatioForm::Hundredths);
    }
    if example.starts_with("0.") {
        return Some(RatioForm::Fraction);
    }
    let whole = example.split('.').next().unwrap_or_default();
    (!whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit())).then_some(RatioForm::Hundredths)
}
