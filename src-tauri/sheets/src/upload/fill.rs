//! A template filled with rows: cells with their places, ready for any kind of file, and all that cannot be written.

use std::borrow::Cow;

use encoding_rs::{EncoderResult, Encoding, GB18030, GBK};
use huijiao_domain::field::Field;
use huijiao_domain::identity::{ResidentId, Sex};
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::profile::upload::{
    self, ColumnValue, Piece, Placeholder, Quoting, TextEncoding, UploadColumn, UploadTemplate, ValueFormat,
};

use super::{Figures, Heading, Neutralised, Unwritable, Why};
use crate::write::inert;

/// Excel's own limit, in UTF-16.
const LONGEST_CELL: usize = 32_767;

/// One sheet, or one text.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// By rising row, zero-based, each with its cells by rising column.
    pub(super) rows: Vec<(u32, Vec<Cell>)>,
    /// First and last row and column, zero-based.
    pub(super) merged: Vec<((u32, u16), (u32, u16))>,
    /// Characters, by column.
    pub(super) widths: Vec<Option<u16>>,
    /// Whether the column's cells are numbers.
    pub(super) numbers: Vec<bool>,
    pub(super) neutralised: Vec<Neutralised>,
    /// How many of the rows are people's; they stand together.
    pub(super) people: usize,
}

#[derive(Debug)]
pub(super) struct Cell {
    /// Zero-based.
    pub(super) column: u16,
    pub(super) text: String,
    pub(super) look: Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Text,
    Title,
    /// A number with two decimals.
    Amount,
    /// A number as it is.
    Number,
}

pub(super) struct Filled {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) unwritable: Vec<Unwritable>,
}

/// Whether the name of its files can tell several apart.
pub(super) fn is_parted(template: &UploadTemplate) -> bool {
    upload::pieces(&template.file_name).is_ok_and(|all| all.contains(&Piece::Placeholder(Placeholder::Part)))
}

/// How many people a file of this template takes.
pub(super) fn most_people(template: &UploadTemplate) -> usize {
    let below: u32 = template.trailing.iter().map(|row| row.gap.saturating_add(1)).fold(0, u32::saturating_add);
    let room = template.file.room().map_or(u32::MAX, |(rows, _)| rows);
    let room = room.saturating_sub(template.first_row - 1).saturating_sub(below);
    room.min(template.row_cap.unwrap_or(u32::MAX)) as usize
}

pub(super) fn unclaimed(
    place: usize,
    row: &Figures,
    templates: &[&UploadTemplate],
    heading: Heading<'_>,
) -> Unwritable {
    let field = templates.iter().find_map(|template| template.only.as_ref()).map(|only| only.field);
    let value_of = |field| value(row, field, heading);
    Unwritable {
        row: Some(place),
        name: value_of(Field::Name),
        field,
        title: field.map_or("", Field::label).to_owned(),
        why: Why::Unclaimed { value: field.map(value_of).unwrap_or_default() },
    }
}

/// A field's filed value, or what follows from the others; empty where nothing does.
pub(super) fn value(row: &Figures, field: Field, heading: Heading<'_>) -> String {
    let own = |field: Field| row.iter().find(|(filed, _)| *filed == field).map(|(_, text)| text.as_str());
    if let Some(text) = own(field) {
        return text.to_owned();
    }
    let resident = || {
        let number = own(Field::IdNumber).filter(|_| own(Field::IdType).is_none_or(|kind| kind == "01"))?;
        ResidentId::parse(number, heading.today).ok()
    };
    let amount = |field| own(field).and_then(|text| text.parse::<Yuan>().ok());
    let followed = if field == Field::Sex {
        resident().map(|id| if id.sex() == Sex::Male { "1" } else { "2" }.to_owned())
    } else if field == Field::BirthDate {
        resident().map(|id| id.birth_date().to_string())
    } else if field == Field::MonthlyAmount {
        let parts = amount(Field::UnitAmount).zip(amount(Field::PersonalAmount));
        parts.map(|(unit, personal)| (unit + personal).to_string())
    } else if field == Field::UnitRatio {
        heading.ratios.map(|(unit, _)| unit.to_string())
    } else if field == Field::PersonalRatio {
        heading.ratios.map(|(_, personal)| personal.to_string())
    } else if field == Field::Month {
        Some(heading.period.to_string())
    } else {
        None
    };
    followed.unwrap_or_default()
}

pub(super) fn fill(
    template: &UploadTemplate,
    profile: &CenterProfile,
    people: &[(usize, &Figures)],
    part: usize,
    heading: Heading<'_>,
) -> Filled {
    let mut fill = Fill {
        template,
        profile,
        people,
        part,
        heading,
        page: Page::default(),
        unwritable: Vec::new(),
        around: Vec::new(),
    };
    fill.page.widths = template.columns.iter().map(|column| column.width).collect();
    fill.page.numbers = template.columns.iter().map(|column| !column.as_text && column.format.is_number()).collect();
    fill.page.merged = template.merged.iter().filter_map(|said| upload::range(said)).collect();
    fill.above();
    fill.people();
    fill.below();
    let name = fill.text(&template.file_name, "文件名");
    fill.page.rows.sort_by_key(|(row, _)| *row);
    fill.unwritable.append(&mut fill.around);
    Filled { page: fill.page, name, unwritable: fill.unwritable }
}

struct Fill<'a> {
    template: &'a UploadTemplate,
    profile: &'a CenterProfile,
    people: &'a [(usize, &'a Figures)],
    part: usize,
    heading: Heading<'a>,
    page: Page,
    unwritable: Vec<Unwritable>,
    /// Outside of the people, each once.
    around: Vec<Unwritable>,
}

impl Fill<'_> {
    /// Titles and the cells around them.
    fn above(&mut self) {
        let mut cells: Vec<(u32, Cell)> = Vec::new();
        for cell in &self.template.preamble {
            let Some((row, column)) = upload::address(&cell.at) else { continue };
            let text = self.text(&cell.text, &cell.at);
            let text = self.checked(text, None, None, &cell.at, !meant(&cell.text));
            cells.push((row, Cell { column, text, look: Look::Text }));
        }
        for (row, place) in (self.template.header_row.unwrap_or(1) - 1..).zip(0..self.template.header_rows() as usize) {
            for (column, said) in (0_u16..).zip(&self.template.columns) {
                let Some(title) = said.titles.get(place).filter(|title| !title.is_empty()) else { continue };
                let text = self.checked(title.clone(), None, None, title, false);
                cells.push((row, Cell { column, text, look: Look::Title }));
            }
        }
        cells.sort_by_key(|(row, cell)| (*row, cell.column));
        for (row, cell) in cells {
            match self.page.rows.last_mut() {
                Some((last, row_cells)) if *last == row => row_cells.push(cell),
                Some(_) | None => self.page.rows.push((row, vec![cell])),
            }
        }
    }

    fn people(&mut self) {
        let template = self.template;
        self.page.people = self.people.len();
        for (number, (row, (place, figures))) in (template.first_row - 1..).zip(self.people).enumerate() {
            let cells = (0_u16..)
                .zip(&template.columns)
                .map(|(column, said)| {
                    let text = self.cell(said, number + 1, *place, figures);
                    let amount = matches!(said.format, ValueFormat::Amount);
                    let look = match said.format.is_number() && !said.as_text && !text.is_empty() {
                        true if amount => Look::Amount,
                        true => Look::Number,
                        false => Look::Text,
                    };
                    Cell { column, text, look }
                })
                .collect();
            self.page.rows.push((row, cells));
        }
    }

    fn cell(&mut self, column: &UploadColumn, number: usize, place: usize, figures: &Figures) -> String {
        let template = self.template;
        let title = column.title();
        let field = match &column.value {
            ColumnValue::RunningNumber => return number.to_string(),
            ColumnValue::Constant(text) => {
                let filled = self.text(text, &title);
                return self.checked(filled, Some((place, figures)), None, &title, !meant(text));
            }
            ColumnValue::Empty | ColumnValue::Unbound => return String::new(),
            ColumnValue::Field(field) => *field,
        };
        let filed = value(figures, field, self.heading);
        let coded = column.codes.get(&filed);
        let written = match coded {
            Some(code) => Ok(code.clone()),
            None if filed.is_empty() => Ok(String::new()),
            None if !column.codes.is_empty() => Err(Why::NoCode { value: filed }),
            None if field == Field::IdType => Ok(self.profile.id_type_for(&template.name, &filed).to_owned()),
            None => column.format.write(&filed).ok_or(Why::Format { value: filed }),
        };
        let written = match written {
            Ok(text) if text.is_empty() && column.required => Err(Why::Missing),
            other => other,
        };
        match written {
            Ok(text) => {
                let foreign = coded.is_none() && !column.format.is_number();
                self.checked(text, Some((place, figures)), Some(field), &title, foreign)
            }
            Err(why) => {
                self.cannot(Some((place, figures)), Some(field), &title, why);
                String::new()
            }
        }
    }

    fn below(&mut self) {
        let template = self.template;
        let mut row = template.first_row - 1 + u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        for trailing in &template.trailing {
            row = row.saturating_add(trailing.gap);
            let mut cells: Vec<Cell> = Vec::new();
            for said in &trailing.cells {
                let Some(column) = upload::column(&said.column) else { continue };
                let filled = self.text(&said.text, &said.column);
                let look = match upload::pieces(&said.text).as_deref() {
                    Ok([Piece::Placeholder(Placeholder::Sum(_) | Placeholder::Total)]) => Look::Amount,
                    Ok([Piece::Placeholder(Placeholder::People)]) => Look::Number,
                    Ok(_) | Err(_) => Look::Text,
                };
                let text = self.checked(filled, None, None, &said.column, look == Look::Text && !meant(&said.text));
                cells.push(Cell { column, text, look });
            }
            cells.sort_by_key(|cell| cell.column);
            self.page.rows.push((row, cells));
            row = row.saturating_add(1);
        }
    }

    /// A text with its placeholders filled in; `said` names the cell.
    fn text(&mut self, text: &str, said: &str) -> String {
        let heading = self.heading;
        let mut filled = String::with_capacity(text.len());
        for piece in upload::pieces(text).unwrap_or_default() {
            let placeholder = match piece {
                Piece::Text(text) => {
                    filled.push_str(text);
                    continue;
                }
                Piece::Placeholder(placeholder) => placeholder,
            };
            let known = match placeholder {
                Placeholder::UnitAccount => Some(heading.unit_account.to_owned()),
                Placeholder::UnitAccountLast(last) => {
                    let skipped = heading.unit_account.chars().count().saturating_sub(last.into());
                    Some(heading.unit_account.chars().skip(skipped).collect())
                }
                Placeholder::UnitName => Some(heading.unit_name.to_owned()),
                Placeholder::Period(form) => Some(form.write(heading.period)),
                Placeholder::Today(form) => Some(form.write(heading.today)),
                Placeholder::People => Some(self.people.len().to_string()),
                Placeholder::Part => Some(self.part.to_string()),
                Placeholder::Total => self.sum(Field::MonthlyAmount),
                Placeholder::Sum(field) => self.sum(field),
            };
            match known {
                Some(known) if known.is_empty() => self.cannot(None, None, said, Why::Unit),
                Some(known) => filled.push_str(&known),
                None => self.cannot(None, None, said, Why::Sum),
            }
        }
        filled
    }

    fn sum(&self, field: Field) -> Option<String> {
        let amounts = self.people.iter().map(|(_, row)| value(row, field, self.heading).parse::<Yuan>().ok());
        amounts.sum::<Option<Yuan>>().map(|sum| sum.to_string())
    }

    /// A text that the file can hold; `foreign` texts are kept from being formulas.
    fn checked(
        &mut self,
        text: String,
        person: Option<(usize, &Figures)>,
        field: Option<Field>,
        title: &str,
        foreign: bool,
    ) -> String {
        let Some(form) = &self.template.text else {
            if text.encode_utf16().nth(LONGEST_CELL).is_some() {
                self.cannot(person, field, title, Why::TooLong);
            }
            return text;
        };
        if let Some(character) = lacking(&text, form.encoding) {
            let encoding = form.encoding.label();
            self.cannot(person, field, title, Why::Character { character, encoding });
        }
        if form.quoting == Quoting::Never && (text.contains(&form.separator) || text.contains(['\r', '\n'])) {
            self.cannot(person, field, title, Why::Separator);
        }
        match inert(&text) {
            Cow::Owned(inert) if foreign => {
                let row = person.map(|(place, _)| place);
                self.page.neutralised.push(Neutralised { row, title: title.to_owned() });
                inert
            }
            Cow::Owned(_) | Cow::Borrowed(_) => text,
        }
    }

    fn cannot(&mut self, person: Option<(usize, &Figures)>, field: Option<Field>, title: &str, why: Why) {
        let name = person.map(|(_, row)| value(row, Field::Name, self.heading)).unwrap_or_default();
        let row = person.map(|(place, _)| place);
        let found = Unwritable { row, name, field, title: title.to_owned(), why };
        if row.is_some() {
            self.unwritable.push(found);
        } else if !self.around.contains(&found) {
            self.around.push(found);
        }
    }
}

/// Whether a template's own text begins as a formula does: then its author wants it so.
fn meant(text: &str) -> bool {
    matches!(inert(text), Cow::Owned(_))
}

/// The first character that the encoding does not have.
fn lacking(text: &str, encoding: TextEncoding) -> Option<char> {
    let encoding: &'static Encoding = match encoding {
        TextEncoding::Utf8 | TextEncoding::Utf8Bom => return None,
        TextEncoding::Gb18030 => GB18030,
        TextEncoding::Gbk => GBK,
    };
    if text.is_ascii() {
        return None;
    }
    let mut encoder = encoding.new_encoder();
    let most = encoder.max_buffer_length_from_utf8_without_replacement(text.len()).unwrap_or(text.len() * 4);
    let mut out = vec![0; most];
    match encoder.encode_from_utf8_without_replacement(text, &mut out, true) {
        (EncoderResult::Unmappable(character), _, _) => Some(character),
        (EncoderResult::InputEmpty | EncoderResult::OutputFull, _, _) => None,
    }
}
