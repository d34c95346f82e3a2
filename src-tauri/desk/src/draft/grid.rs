//! What the grid and the list beside it show of a draft.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use huijiao_domain::attachment;
use huijiao_domain::filing::{FiledRow, FilingKind};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::mask;
use huijiao_domain::money::Yuan;
use huijiao_domain::sheet::{Field, column_letter};

use super::{Draft, PAGE, Returned};
use crate::attachments::Attached;
use crate::uploads::Upload;
use crate::views::{
    CellMark, CodeCount, ColumnFilter, ColumnValue, ColumnValues, DraftLine, DraftView, FindingView, FindingsView,
    GridColumn, GridFilter, GridRow, PageView,
};
use crate::{search, text};

/// What a cached filter is for.
pub type FilterKey = GridFilter;

/// A column of the grid: a field of the sheet, or a figure computed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Of(Field),
    RosterBase,
    /// The new base, where the sheet gives new amounts instead.
    BaseAfter,
    MonthlyBefore,
    UnitAfter,
    PersonalAfter,
    MonthlyAfter,
}

impl Column {
    /// Its name on the screen's side.
    fn key(self) -> &'static str {
        match self {
            Self::Of(field) => field.as_str(),
            Self::RosterBase => "roster_base",
            Self::BaseAfter => "base_after",
            Self::MonthlyBefore => "monthly_before",
            Self::UnitAfter => "unit_amount_after",
            Self::PersonalAfter => "personal_amount_after",
            Self::MonthlyAfter => "monthly_after",
        }
    }

    fn field(self) -> Option<Field> {
        if let Self::Of(field) = self { Some(field) } else { None }
    }
}

/// What a cell must be, read once for all rows.
enum Test {
    Contains(String),
    OneOf(BTreeSet<String>),
    Between(Option<Yuan>, Option<Yuan>),
    /// A bound that is no figure: nothing lies within it.
    Nothing,
}

impl Test {
    fn of(filter: &ColumnFilter) -> Self {
        let bound =
            |text: &Option<String>| text.as_deref().map(figure).map_or(Ok(None), |read| read.map(Some).ok_or(()));
        match filter {
            ColumnFilter::Contains { text, .. } => Self::Contains(text.trim().to_lowercase()),
            ColumnFilter::OneOf { texts, .. } => Self::OneOf(texts.iter().cloned().collect()),
            ColumnFilter::Between { least, most, .. } => match (bound(least), bound(most)) {
                (Ok(least), Ok(most)) => Self::Between(least, most),
                _ => Self::Nothing,
            },
        }
    }

    fn passes(&self, text: &str) -> bool {
        match self {
            // An amount is also found as it stands in the grid, with its thousands separated.
            Self::Contains(wanted) => {
                text.to_lowercase().contains(wanted.as_str())
                    || wanted.contains(',') && figure(wanted).is_some_and(|wanted| figure(text) == Some(wanted))
            }
            Self::OneOf(texts) => texts.contains(text),
            Self::Between(least, most) => figure(text).is_some_and(|figure| {
                least.is_none_or(|least| figure >= least) && most.is_none_or(|most| figure <= most)
            }),
            Self::Nothing => false,
        }
    }
}

/// A cell as figures, thousands separated or not.
fn figure(text: &str) -> Option<Yuan> {
    text.trim().replace(',', "").parse().ok()
}

impl Draft {
    fn grid_columns(&self) -> Vec<Column> {
        let kind = self.head.kind;
        let carried = |field: &Field| kind.fields().contains(field);
        // Who it is about, and what nobody can do without, is there to be filled in whatever the sheet has.
        let mut first: Vec<Field> =
            [Field::PersonalAccount, Field::Name, Field::IdNumber].into_iter().filter(carried).collect();
        let needed = kind.columns().iter().filter(|group| !group.iter().any(|f| self.head.columns.contains_key(f)));
        for field in needed.filter_map(|group| group.first()) {
            if !first.contains(field) {
                first.push(*field);
            }
        }
        if kind == FilingKind::ContributorRegistration {
            // Of a foreigner the center wants to know what his number does not tell.
            let personal = [Field::IdType, Field::Sex, Field::BirthDate, Field::Mobile];
            first.extend(personal.into_iter().filter(|field| !self.head.columns.contains_key(field)));
        }
        if self.head.by_hand {
            // As in the template, so that rows copied from one fall into their places.
            let mut filled: Vec<(u16, Field)> = self.head.columns.iter().map(|(field, at)| (*at, *field)).collect();
            filled.sort_unstable();
            let needed = first.iter().filter(|field| !self.head.columns.contains_key(field));
            let mut columns: Vec<Column> = filled.iter().map(|(_, field)| Column::Of(*field)).collect();
            columns.extend(needed.map(|field| Column::Of(*field)));
            if kind.moves_money() {
                columns.extend([Column::MonthlyBefore, Column::MonthlyAfter]);
            }
            return columns;
        }
        let mut rest: Vec<(u16, Field)> = self
            .head
            .columns
            .iter()
            .filter(|(field, _)| !first.contains(field))
            .map(|(field, column)| (*column, *field))
            .collect();
        rest.sort_unstable();
        let mut columns: Vec<Column> = first.into_iter().map(Column::Of).collect();
        if kind != FilingKind::BaseAdjustment {
            columns.extend(rest.into_iter().map(|(_, field)| Column::Of(field)));
            if kind.moves_money() {
                columns.extend([Column::MonthlyBefore, Column::MonthlyAfter]);
            }
            return columns;
        }
        columns.retain(|column| *column != Column::Of(Field::NewBase));
        if !self.head.columns.contains_key(&Field::OldBase) {
            columns.push(Column::RosterBase);
        }
        columns.extend(rest.iter().filter(|(_, f)| *f == Field::OldBase).map(|(_, f)| Column::Of(*f)));
        let given = |field| self.head.columns.contains_key(&field);
        let by_amount = !given(Field::NewBase) && given(Field::MonthlyAmount);
        columns.push(if by_amount { Column::BaseAfter } else { Column::Of(Field::NewBase) });
        columns.extend([Column::UnitAfter, Column::PersonalAfter, Column::MonthlyAfter]);
        let bases = [Field::OldBase, Field::NewBase];
        columns.extend(rest.iter().filter(|(_, f)| !bases.contains(f)).map(|(_, f)| Column::Of(*f)));
        columns
    }

    /// The head of the draft for the screen.
    pub fn view(&mut self, filter: &GridFilter) -> DraftView {
        let rows = self.filtered(filter);
        let totals = self.totals();
        DraftView {
            draft: self.place.id.to_string(),
            revision: self.place.revision,
            kind: self.head.kind.as_str().into(),
            period: self.head.period.to_string(),
            file_name: self.head.file_name.clone(),
            sheet: self.head.sheet.clone(),
            by_hand: self.head.by_hand,
            columns: self.grid_columns().into_iter().map(|column| self.column_view(column)).collect(),
            rows: count(rows.len()),
            flagged_rows: count((0..self.rows.len()).filter(|i| self.flagged(*i)).count()),
            excluded: self.excluded(),
            summary: self.summary(),
            blocking: self.head.blocking,
            unconfirmed: self.unconfirmed(),
            totals: text::totals(totals),
            can_undo: self.place.cursor > 0,
            can_redo: self.place.cursor < self.place.steps,
            saved_at: text::local_time(&self.place.saved_at),
            upload: self.head.upload.as_ref().map(|upload| upload.view(self)),
            signed_as: self.signed_as().map(|filing| filing.to_string()),
            // A file for upload has no room for papers.
            takes_attachments: attachment::taken_by(self.head.kind) && self.head.upload.is_none(),
            attachments: self.head.attachments.iter().map(Attached::view).collect(),
            returned: self.head.returned.iter().map(Returned::view).collect(),
        }
    }

    fn column_view(&self, column: Column) -> GridColumn {
        let offered = match column {
            Column::Of(field) => self.choices.get(&field),
            Column::RosterBase
            | Column::BaseAfter
            | Column::MonthlyBefore
            | Column::UnitAfter
            | Column::PersonalAfter
            | Column::MonthlyAfter => None,
        };
        column_view(self.head.kind, column, offered.map_or(&[], Vec::as_slice))
    }

    /// Findings by code: those that block first, then by how many.
    pub fn summary(&self) -> Vec<CodeCount> {
        let mut by_code: BTreeMap<(Code, Level), (u32, u32)> = BTreeMap::new();
        for finding in self.findings() {
            let entry = by_code.entry((finding.code, finding.level)).or_default();
            entry.0 += 1;
            entry.1 += u32::from(finding.fix.is_some());
        }
        let mut summary: Vec<(Level, CodeCount)> = by_code
            .into_iter()
            .map(|((code, level), (count, fixable))| {
                let confirmed =
                    if level == Level::Warning { self.head.confirmations.get(&code).cloned() } else { None };
                let count = CodeCount {
                    code: code.as_str().into(),
                    level: text::level(level).into(),
                    title: huijiao_domain::texts::title(code.as_str()).into(),
                    count,
                    fixable,
                    confirmed,
                };
                (level, count)
            })
            .collect();
        summary.sort_by_key(|(level, count)| (text::weight(*level), std::cmp::Reverse(count.count)));
        summary.into_iter().map(|(_, count)| count).collect()
    }

    /// The draft as a line of a list.
    pub fn line(&self) -> DraftLine {
        line(&self.place.id.to_string(), &self.head, &self.place.saved_at)
    }

    fn filtered(&mut self, filter: &GridFilter) -> Arc<Vec<u32>> {
        if let Some((key, rows)) = &self.filtered
            && key == filter
        {
            return rows.clone();
        }
        let rows: Arc<Vec<u32>> = Arc::new(self.behind(filter));
        self.filtered = Some((filter.clone(), rows.clone()));
        rows
    }

    /// The rows that a filter shows.
    pub(super) fn behind(&self, filter: &GridFilter) -> Vec<u32> {
        let code = filter.code.as_deref();
        let columns = self.grid_columns();
        let tests: Vec<(Option<Column>, Test)> = filter
            .columns
            .iter()
            .map(|test| (columns.iter().copied().find(|column| column.key() == test.field()), Test::of(test)))
            .collect();
        let find = filter.find.as_deref().map(str::trim).filter(|f| !f.is_empty()).map(str::to_lowercase);
        let keeps = |index: usize| {
            if filter.flagged && !self.flagged(index) {
                return false;
            }
            if let Some(code) = code
                && !self.of_row[index].iter().any(|n| self.findings()[*n as usize].code.as_str() == code)
            {
                return false;
            }
            // A column that is not there, for instance after another import, shows nothing rather than everything.
            let passes = |(column, test): &(Option<Column>, Test)| {
                column.is_some_and(|column| test.passes(&self.cell_text(count(index), column)))
            };
            if !tests.iter().all(passes) {
                return false;
            }
            find.as_ref().is_none_or(|find| {
                [Field::Name, Field::PersonalAccount, Field::IdNumber, Field::Department]
                    .into_iter()
                    .any(|field| self.rows[index].raw.text(field).to_lowercase().contains(find))
                    || search::spelled(self.rows[index].raw.text(Field::Name), find)
            })
        };
        (0..self.rows.len()).filter(|i| keeps(*i)).map(count).collect()
    }

    /// What stands in a column, in the rows that the rest of the filter shows; nothing for a column that is not there.
    pub fn values(&self, filter: &GridFilter, field: &str) -> ColumnValues {
        const MOST: usize = 200;
        let Some(column) = self.grid_columns().into_iter().find(|column| column.key() == field) else {
            return ColumnValues { values: Vec::new(), more: 0 };
        };
        let mut rest = filter.clone();
        rest.columns.retain(|test| test.field() != field);
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        for index in self.behind(&rest) {
            if !self.rows[index as usize].is_empty() {
                *found.entry(self.cell_text(index, column)).or_default() += 1;
            }
        }
        let mut values: Vec<ColumnValue> = found.into_iter().map(|(text, rows)| ColumnValue { text, rows }).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.rows));
        let more = count(values.len().saturating_sub(MOST));
        values.truncate(MOST);
        ColumnValues { values, more }
    }

    /// The fields whose cells can be edited, in the grid's order.
    pub(super) fn editable(&self) -> Vec<Field> {
        let fields = self.grid_columns().into_iter().filter_map(Column::field);
        fields.collect()
    }

    fn cell_text(&self, index: u32, column: Column) -> String {
        let filed = self.filed_at(index);
        let amount = |of: fn(&dyn FiledRow) -> Yuan| filed.map(|row| of(row).to_string()).unwrap_or_default();
        match column {
            Column::Of(field) => self.rows[index as usize].raw.text(field).to_owned(),
            Column::RosterBase => filed.map(|row| row.said(Field::OldBase)).unwrap_or_default(),
            Column::BaseAfter => filed.map(|row| row.said(Field::NewBase)).unwrap_or_default(),
            Column::MonthlyBefore => amount(|row| row.before().monthly()),
            Column::UnitAfter => amount(|row| row.after().unit_amount),
            Column::PersonalAfter => amount(|row| row.after().personal_amount),
            Column::MonthlyAfter => amount(|row| row.after().monthly()),
        }
    }

    /// One page of the grid.
    pub fn grid_page(&mut self, filter: &GridFilter, page: u32) -> PageView {
        let shown = self.filtered(filter);
        let columns = self.grid_columns();
        let from = (page as usize).saturating_mul(PAGE).min(shown.len());
        let to = (from + PAGE).min(shown.len());
        PageView {
            revision: self.place.revision,
            page,
            total: count(shown.len()),
            rows: shown[from..to].iter().map(|index| self.grid_row(*index, &columns)).collect(),
        }
    }

    fn grid_row(&self, index: u32, columns: &[Column]) -> GridRow {
        let row = &self.rows[index as usize];
        let cells = columns.iter().map(|column| self.cell_text(index, *column)).collect();
        let mut marks: BTreeMap<Option<u16>, (Level, Vec<String>)> = BTreeMap::new();
        for number in &self.of_row[index as usize] {
            let finding = &self.findings()[*number as usize];
            let column = grid_column(finding, columns);
            let mark = marks.entry(column).or_insert((finding.level, Vec::new()));
            if text::weight(finding.level) < text::weight(mark.0) {
                mark.0 = finding.level;
            }
            mark.1.push(finding.message_in(self.head.kind));
        }
        let edited = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| matches!(column, Column::Of(field) if row.edited.contains(field)))
            .filter_map(|(place, _)| u16::try_from(place).ok())
            .collect();
        GridRow {
            index,
            row: row.raw.row,
            cells,
            marks: marks
                .into_iter()
                .map(|(column, (level, messages))| CellMark {
                    column,
                    level: text::level(level).into(),
                    message: messages.join("\n"),
                })
                .collect(),
            excluded: row.excluded,
            edited,
        }
    }

    /// A stretch of the list of findings.
    pub fn findings_view(&mut self, filter: &GridFilter, code: Option<&str>, offset: u32) -> FindingsView {
        const MOST: usize = 200;
        let shown = self.filtered(filter);
        let columns = self.grid_columns();
        let wanted: Vec<&Finding> =
            self.findings().iter().filter(|f| code.is_none_or(|code| f.code.as_str() == code)).collect();
        let findings = wanted
            .iter()
            .skip(offset as usize)
            .take(MOST)
            .map(|finding| {
                let index = finding.at.as_ref().and_then(|at| self.index_of_row(at.row));
                FindingView {
                    message: finding.message_in(self.head.kind),
                    index,
                    position: index.and_then(|i| shown.binary_search(&i).ok()).map(count),
                    grid_column: grid_column(finding, &columns),
                    ..finding_view(finding)
                }
            })
            .collect();
        FindingsView { revision: self.place.revision, total: count(wanted.len()), findings }
    }
}

/// A draft's line from its stored head alone.
pub fn line(id: &str, head: &super::DraftHead, saved_at: &str) -> DraftLine {
    DraftLine {
        draft: id.to_owned(),
        kind: head.kind.as_str().into(),
        period: head.period.to_string(),
        file_name: head.file_name.clone(),
        people: head.people,
        blocking: head.blocking,
        saved_at: text::local_time(saved_at),
        upload: head.upload.as_ref().map(Upload::listed),
    }
}

/// A finding for the screen, without a place in any grid.
pub fn finding_view(finding: &Finding) -> FindingView {
    let value = if finding.shows_id_number() { mask::id_number(&finding.value) } else { finding.value.clone() };
    FindingView {
        code: finding.code.as_str().into(),
        level: text::level(finding.level).into(),
        title: huijiao_domain::texts::title(finding.code.as_str()).into(),
        message: finding.message(),
        sheet: finding.at.as_ref().map(|at| at.sheet.to_string()).unwrap_or_default(),
        row: finding.at.as_ref().map(|at| at.row),
        column: finding.at.as_ref().and_then(|at| at.column).map(column_letter),
        field: finding.field.map(|f| f.as_str().to_owned()),
        value,
        fix: finding.fix.clone(),
        index: None,
        position: None,
        grid_column: None,
    }
}

fn grid_column(finding: &Finding, columns: &[Column]) -> Option<u16> {
    let field = finding.field?;
    columns.iter().position(|c| *c == Column::Of(field)).and_then(|place| u16::try_from(place).ok())
}

fn column_view(kind: FilingKind, column: Column, choices: &[String]) -> GridColumn {
    let computed = |title: &str| GridColumn {
        field: column.key().into(),
        title: title.into(),
        editable: false,
        numeric: true,
        frozen: false,
        choices: Vec::new(),
        width: holding(title, 150),
    };
    match column {
        Column::RosterBase => computed("中心登记基数"),
        Column::BaseAfter => computed("缴存基数（计算）"),
        Column::MonthlyBefore => computed("变更前月缴存额（计算）"),
        Column::UnitAfter => computed("单位月缴存额（计算）"),
        Column::PersonalAfter => computed("个人月缴存额（计算）"),
        Column::MonthlyAfter => computed("月缴存额（计算）"),
        Column::Of(field) => {
            let (numeric, width) = shape(field);
            let title = kind.title(field);
            GridColumn {
                field: field.as_str().into(),
                title: title.into(),
                editable: true,
                numeric,
                frozen: matches!(field, Field::PersonalAccount | Field::Name),
                choices: choices.to_vec(),
                width: holding(title, width),
            }
        }
    }
}

/// A width that its title fits into: the grid writes titles at 13 pixels, with 17 around them, and shows all of it
/// larger together.
fn holding(title: &str, width: u16) -> u16 {
    let text: u16 = title.chars().map(|c| if c.is_ascii() { 8 } else { 13 }).sum();
    width.max(text + 20)
}

/// Whether a field is figures, and how wide its column is for what stands in it.
fn shape(field: Field) -> (bool, u16) {
    match field {
        Field::PersonalAccount => (false, 130),
        Field::Name => (false, 120),
        Field::IdNumber => (false, 180),
        Field::IdType | Field::Sex => (false, 80),
        Field::BirthDate | Field::Mobile => (false, 120),
        Field::OldBase
        | Field::NewBase
        | Field::UnitAmount
        | Field::PersonalAmount
        | Field::MonthlyAmount
        | Field::RightUnitAmount
        | Field::RightPersonalAmount
        | Field::Wage => (true, 120),
        Field::ChangeKind | Field::Month | Field::FromMonth | Field::ToMonth => (false, 90),
        Field::NewName => (false, 120),
        Field::NewIdType => (false, 80),
        Field::NewIdNumber => (false, 180),
        Field::UnitRatio | Field::PersonalRatio => (true, 90),
        Field::BankCard => (false, 170),
        Field::Reason
        | Field::BankName
        | Field::Item
        | Field::OldValue
        | Field::NewValue
        | Field::Department
        | Field::Remark => (false, 160),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_as_wide_as_its_title() {
        let computed = [
            Column::RosterBase,
            Column::BaseAfter,
            Column::MonthlyBefore,
            Column::UnitAfter,
            Column::PersonalAfter,
            Column::MonthlyAfter,
        ];
        let mut longest = 0_usize;
        for kind in FilingKind::SHEETS {
            let fields = kind.fields().iter().map(|field| Column::Of(*field));
            for column in fields.chain(computed) {
                let GridColumn { title, width, .. } = column_view(*kind, column, &[]);
                let needed = 13 * title.chars().count() + 17;
                assert!(usize::from(width) >= needed, "「{title}」 is cut at {width} of {needed}");
                longest = longest.max(needed);
            }
        }
        assert!(longest > 150, "the control: there are titles longer than what stands below them");
        let name = column_view(FilingKind::BaseAdjustment, Column::Of(Field::Name), &[]);
        assert_eq!(name.width, 120, "a short title makes no column wider");
    }
}
