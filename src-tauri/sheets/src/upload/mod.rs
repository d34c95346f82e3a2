//! Upload files (上传文件): filed rows in the form that a center without a gateway takes, and what it sends back.
//!
//! ```text
//! rows + template ─▶ write ─▶ files       the center's blank file ─▶ learn ─▶ template
//! the center's list of refused rows ─▶ error_list ─▶ entries on the rows
//! ```
//!
//! All or nothing: a value that cannot be written as the template wants it (no code, no such character in the
//! encoding, a separator inside) stops the whole filing before any file is made, and every such value is named.

mod blank;
mod book;
mod error;
mod fill;
mod learn;
mod refusals;
mod text;
mod xls;

pub use error::{Unwritable, UploadError, Why};
pub use learn::{LearnNote, Learned, learn, learnable};
pub use refusals::{ErrorList, Key, Refused, Whose, error_list, lines};

use std::ops::ControlFlow;

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::Ratio;
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::profile::upload::{FileKind, UploadTemplate};
use jiff::civil::Date;

use crate::error::SheetError;
use crate::write::Progress;

use crate::write::safe_stem;

/// One filed row: its fields in filed form (amounts `1234.50`, months `2026-11`, ratios `0.08`, national codes).
pub type Figures = Vec<(Field, String)>;

/// The longest name of a file, bytes.
const LONGEST_NAME: usize = 200;

/// What a file says besides its rows.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// 单位账号
    pub unit_account: &'a str,
    /// 单位名称
    pub unit_name: &'a str,
    /// The month the filing takes effect.
    pub period: Month,
    /// The day it is written.
    pub today: Date,
    /// 单位缴存比例 and 个人缴存比例, for columns of ratios where rows have none of their own.
    pub ratios: Option<(Ratio, Ratio)>,
}

/// A file to hand to the center.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFile {
    /// Its name, as every system takes it.
    pub name: String,
    /// The template it was made by.
    pub template: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// The row of its first person, one-based; an error list of the center counts in these.
    pub first_row: u32,
    /// Which rows it holds, by their place among the filed ones.
    pub rows: Vec<usize>,
    /// Texts that a spreadsheet would have run as formulas, written with a `'` in front.
    pub neutralised: Vec<Neutralised>,
}

/// A text that was kept from being a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neutralised {
    /// Place of the row among the filed ones; `None` for cells outside of the people.
    pub row: Option<usize>,
    /// The column's title, or the cell.
    pub title: String,
}

/// Writes a filing's rows by the center's templates for its kind: one file, or several where the center has a file
/// for each change or takes no more than so many people at once.
///
/// # Errors
/// [`UploadError`]; nothing has been made then.
pub fn write(
    profile: &CenterProfile,
    kind: FilingKind,
    rows: &[Figures],
    heading: Heading<'_>,
) -> Result<Vec<UploadFile>, UploadError> {
    write_until(profile, kind, rows, heading, &mut |_, _| ControlFlow::Continue(()))
}

/// As [`write`]; `progress` hears how many of how many people are written, and may end it.
///
/// # Errors
/// As [`write`]; [`SheetError::Cancelled`](crate::SheetError::Cancelled) where `progress` ends it.
pub fn write_until(
    profile: &CenterProfile,
    kind: FilingKind,
    rows: &[Figures],
    heading: Heading<'_>,
    progress: &mut Progress<'_>,
) -> Result<Vec<UploadFile>, UploadError> {
    let all = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let mut done = 0;
    let mut told = |people: u32| match progress(people, all) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(SheetError::Cancelled),
    };
    let templates: Vec<&UploadTemplate> = profile.upload_templates.iter().filter(|one| one.kind == kind).collect();
    if templates.is_empty() {
        return Err(UploadError::NoTemplate);
    }
    if rows.is_empty() {
        return Err(UploadError::Empty);
    }
    if let Some(broken) = templates.iter().find(|template| !template.problems().is_empty()) {
        return Err(UploadError::Template { problems: broken.problems() });
    }
    let mut unwritable = Vec::new();
    let mut shares: Vec<Vec<usize>> = vec![Vec::new(); templates.len()];
    for (place, row) in rows.iter().enumerate() {
        let taken = templates.iter().position(|one| one.takes(|field| fill::value(row, field, heading)));
        match taken {
            Some(share) => shares[share].push(place),
            None => unwritable.push(fill::unclaimed(place, row, &templates, heading)),
        }
    }
    let mut pages = Vec::new();
    for (template, share) in templates.iter().zip(&shares).filter(|(_, share)| !share.is_empty()) {
        let most = fill::most_people(template);
        let parts = share.len().div_ceil(most.max(1));
        if most == 0 || (parts > 1 && !fill::is_parted(template)) {
            return Err(UploadError::Rows { people: share.len(), most });
        }
        for (part, places) in share.chunks(most).enumerate() {
            let people: Vec<(usize, &Figures)> = places.iter().map(|place| (*place, &rows[*place])).collect();
            let filled = fill::fill(template, profile, &people, part + 1, heading);
            unwritable.extend(filled.unwritable);
            pages.push((*template, places, filled.page, filled.name));
        }
    }
    if !unwritable.is_empty() {
        return Err(UploadError::Unwritable { cells: unwritable });
    }
    let mut files: Vec<UploadFile> = Vec::with_capacity(pages.len());
    for (template, places, page, name) in pages {
        told(done)?;
        let name = file_name(&name);
        if files.iter().any(|file| file.name.to_lowercase() == name.to_lowercase()) {
            return Err(UploadError::SameName { name });
        }
        let bytes = match (template.file, &template.text) {
            (FileKind::Csv | FileKind::Txt, Some(form)) => text::write(&page, form),
            (FileKind::Xls, _) => xls::write(&page, template.sheet.as_deref().unwrap_or_default())?,
            (FileKind::Xlsx, _) if template.blank.is_some() => {
                blank::write(&page, template).map_err(|_| UploadError::Blank { template: template.name.clone() })?
            }
            (FileKind::Xlsx | FileKind::Csv | FileKind::Txt, _) => {
                let sheet = template.sheet.as_deref().unwrap_or_default();
                book::write(&page, sheet, heading.today, &mut |rows| told(done + rows))?
            }
        };
        done += u32::try_from(places.len()).unwrap_or(u32::MAX);
        files.push(UploadFile {
            name,
            template: template.name.clone(),
            bytes,
            first_row: template.first_row,
            rows: places.to_vec(),
            neutralised: page.neutralised,
        });
    }
    Ok(files)
}

/// The name with its ending, without what no system takes.
fn file_name(filled: &str) -> String {
    let (stem, ending) = filled.rsplit_once('.').unwrap_or((filled, ""));
    let stem = safe_stem(stem, LONGEST_NAME);
    let stem = if stem.is_empty() { "上传文件".to_owned() } else { stem };
    format!("{stem}.{ending}")
}
