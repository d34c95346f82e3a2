//! The clerk's own xlsx with findings as colours and comments.
//!
//! Only what must change is written anew: the marked sheet's cells, the styles, the comments with their drawing,
//! and a last sheet 错误汇总 with the entries that name it. Every other entry is copied byte for byte.

use std::collections::BTreeMap;

use super::cells::{Plan, rewrite, survey};
use super::package::{Found, OFFICE, Package, scan};
use super::spots::gather;
use super::{Mark, WriteError, comments, styles, summary};
use crate::archive::Archive;
use crate::limits::Limits;
use crate::workbook::Format;
use crate::xlsx::sheet_part;
use crate::xml::attribute;

const BOOK: &str = "xl/workbook.xml";
const SHEET_KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
const STYLES_KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml";

/// Marks cells of one sheet of an xlsx that an import has accepted; `counts` heads the summary sheet.
///
/// Cells that the file does not have are added empty; formulas, formats, widths, merged cells and other sheets
/// stay. A sheet's threaded comments stay threaded and are not added to by Excel's own view.
///
/// # Errors
/// [`WriteError::NotEditable`] for other kinds of files and for unusual parts: then [`super::rebuild`] helps.
/// [`WriteError::Sheet`] for what no import accepts.
pub fn annotate(
    original: &[u8],
    sheet: &str,
    marks: &[Mark],
    counts: &[(String, u64)],
    limits: &Limits,
) -> Result<Vec<u8>, WriteError> {
    if !original.starts_with(b"PK") {
        return Err(WriteError::odd("not a zip archive"));
    }
    let mut archive = Archive::open(original, limits)?;
    if archive.format()? != Format::Xlsx {
        return Err(WriteError::odd("not xlsx"));
    }
    let part = sheet_part(&mut archive, sheet)?.ok_or_else(|| WriteError::odd(BOOK))?;
    let spots = gather(marks);
    let survey = {
        let entry = archive.entry(&part)?.ok_or_else(|| WriteError::odd(&part))?;
        survey(entry, &part, &spots)?
    };
    let mut package = Package::new(archive);

    let text = match package.text(styles::PART)? {
        Some(text) => text,
        None => {
            package.declare(styles::PART, STYLES_KIND)?;
            package.relate(BOOK, &format!("{OFFICE}/styles"), styles::PART)?;
            styles::PLAIN.to_owned()
        }
    };
    let mut looks = styles::Styles::read(text)?;
    let mut new_styles = BTreeMap::new();
    for (row, cells) in &spots {
        for (column, spot) in cells {
            new_styles.insert((*row, *column), looks.coloured(survey.style(*row, *column), spot.level));
        }
    }
    let lines = summary::lines(&spots, counts);
    let xml = summary::xml(&lines, |level| looks.coloured(0, level));
    add_sheet(&mut package, xml)?;
    package.put(styles::PART, looks.finish()?);
    let drawing =
        if spots.is_empty() { None } else { comments::add(&mut package, &part, survey.drawing.as_deref(), &spots)? };
    package.finish(&part, |archive, zip| {
        let entry = archive.entry(&part)?.ok_or_else(|| WriteError::odd(&part))?;
        let plan =
            Plan { part: &part, spots: &spots, survey: &survey, styles: &new_styles, drawing: drawing.as_deref() };
        rewrite(entry, zip, &plan)
    })
}

/// Adds the summary as the last sheet: nothing that counts sheets is disturbed.
fn add_sheet(package: &mut Package<'_>, xml: String) -> Result<(), WriteError> {
    let book = package.text(BOOK)?.ok_or_else(|| WriteError::odd(BOOK))?;
    let (mut names, mut last) = (Vec::new(), 0_u32);
    scan(&book, BOOK, |found| {
        if let Found::Tag { element, .. } = found
            && element.local_name().as_ref() == "sheet"
        {
            names.extend(attribute(element, "name", BOOK)?);
            let id = attribute(element, "sheetId", BOOK)?.and_then(|id| id.parse().ok());
            last = last.max(id.unwrap_or(0));
        }
        Ok(())
    })?;
    let name = (1..=names.len() + 1)
        .map(|n| if n == 1 { summary::NAME.to_owned() } else { format!("{}({n})", summary::NAME) })
        .find(|name| !names.contains(name))
        .ok_or_else(|| WriteError::odd(BOOK))?;
    let part = package.free_name("xl/worksheets/sheet", ".xml")?;
    package.put(&part, xml);
    package.declare(&part, SHEET_KIND)?;
    let id = package.relate(BOOK, &format!("{OFFICE}/worksheet"), &part)?;
    let number = last.checked_add(1).ok_or_else(|| WriteError::odd(BOOK))?;
    package.change(BOOK, "sheets", |p| {
        format!(r#"<{p}sheet xmlns:r="{OFFICE}" name="{name}" sheetId="{number}" r:id="{id}"/>"#)
    })
}
