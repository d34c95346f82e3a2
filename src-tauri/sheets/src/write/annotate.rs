//! The clerk's own xlsx with findings as colours and comments.
//!
//! Only what must change is written anew: the marked sheet's cells, the styles, the comments with their drawing,
//! and a first sheet 汇总 with the entries that name it. Every other entry is copied byte for byte.

use std::collections::BTreeMap;

use super::cells::{Plan, rewrite, survey};
use super::package::{Found, OFFICE, Package, prefix_of, scan, splice, with_attributes};
use super::spots::gather;
use super::{Mark, Notes, WriteError, comments, notes, styles, summary};
use crate::archive::Archive;
use crate::limits::Limits;
use crate::workbook::Format;
use crate::xlsx::sheet_part;
use crate::xml::attribute;

const BOOK: &str = "xl/workbook.xml";
const SHEET_KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
const STYLES_KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml";

/// Marks cells of one sheet of an xlsx that an import has accepted; `counts` heads the summary sheet. With `said`, what
/// is wrong stands in words behind each row too.
///
/// Cells that the file does not have are added empty; formulas, formats, widths, merged cells and other sheets
/// stay; the sheet that was open when the file was saved is open again. What an earlier export added is written over.
/// A sheet's threaded comments stay threaded and are not added to by Excel's own view.
///
/// # Errors
/// [`WriteError::NotEditable`] for other kinds of files and for unusual parts: then [`super::rebuild`] helps.
/// [`WriteError::Sheet`] for what no import accepts.
pub fn annotate(
    original: &[u8],
    sheet: &str,
    marks: &[Mark],
    said: Option<Notes>,
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
        survey(entry, &part, &spots, said.map(|notes| notes.titles))?
    };
    let notes = said.and_then(|place| notes::column(place, survey.last, &spots));
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
    put_summary(&mut package, &part, xml)?;
    package.put(styles::PART, looks.finish()?);
    let drawing =
        if spots.is_empty() { None } else { comments::add(&mut package, &part, survey.drawing.as_deref(), &spots)? };
    package.finish(&part, |archive, zip| {
        let entry = archive.entry(&part)?.ok_or_else(|| WriteError::odd(&part))?;
        let plan = Plan {
            part: &part,
            spots: &spots,
            notes: notes.as_ref(),
            survey: &survey,
            styles: &new_styles,
            drawing: drawing.as_deref(),
        };
        rewrite(entry, zip, &plan)
    })
}

/// Puts the summary in the place of an earlier one, or before all other sheets.
fn put_summary(package: &mut Package<'_>, marked: &str, xml: String) -> Result<(), WriteError> {
    let book = package.text(BOOK)?.ok_or_else(|| WriteError::odd(BOOK))?;
    let (mut names, mut last, mut earlier) = (Vec::new(), 0_u32, None);
    scan(&book, BOOK, |found| {
        if let Found::Tag { element, .. } = found
            && element.local_name().as_ref() == "sheet"
        {
            let name = attribute(element, "name", BOOK)?.unwrap_or_default();
            if name == summary::NAME {
                earlier = attribute(element, "id", BOOK)?;
            }
            names.push(name);
            let id = attribute(element, "sheetId", BOOK)?.and_then(|id| id.parse().ok());
            last = last.max(id.unwrap_or(0));
        }
        Ok(())
    })?;
    if let Some(id) = earlier
        && let Some(part) = package.related(BOOK, |relation| relation.id == id)?
        && part != marked
    {
        package.put(&part, xml);
        return Ok(());
    }
    let name = summary::free_name(names.iter().map(String::as_str));
    let part = package.free_name("xl/worksheets/sheet", ".xml")?;
    package.put(&part, xml);
    package.declare(&part, SHEET_KIND)?;
    let id = package.relate(BOOK, &format!("{OFFICE}/worksheet"), &part)?;
    let number = last.checked_add(1).ok_or_else(|| WriteError::odd(BOOK))?;
    let book = with_first(&book, |p| {
        format!(r#"<{p}sheet xmlns:r="{OFFICE}" name="{name}" sheetId="{number}" r:id="{id}"/>"#)
    })?;
    package.put(BOOK, book);
    Ok(())
}

/// The workbook with one sheet more before all others. What counts sheets counts on: the one that is open, the first
/// whose tab is seen, and names that hold for one sheet only, such as what is printed.
fn with_first(book: &str, sheet: impl Fn(&str) -> String) -> Result<String, WriteError> {
    let mut changes = Vec::new();
    let (mut open, mut placed) = (false, false);
    scan(book, BOOK, |found| {
        let Found::Tag { element, range, empty } = found else { return Ok(()) };
        let count = |name| -> Result<Option<u32>, WriteError> {
            Ok(attribute(element, name, BOOK)?.and_then(|text| text.parse::<u32>().ok()))
        };
        let mut set = Vec::new();
        match element.local_name().as_ref() {
            "workbookView" => {
                open = true;
                set.push(("activeTab", count("activeTab")?.unwrap_or(0).saturating_add(1).to_string()));
                if let Some(first) = count("firstSheet")?.filter(|first| *first > 0) {
                    set.push(("firstSheet", first.saturating_add(1).to_string()));
                }
            }
            "definedName" => {
                let of = count("localSheetId")?.map(|sheet| sheet.saturating_add(1).to_string());
                set.extend(of.map(|of| ("localSheetId", of)));
            }
            "sheets" if !empty && !placed => {
                let p = prefix_of(element);
                if !open {
                    let view = format!(r#"<{p}bookViews><{p}workbookView activeTab="1"/></{p}bookViews>"#);
                    changes.push((range.start..range.start, view));
                }
                changes.push((range.end..range.end, sheet(&p)));
                placed = true;
            }
            _other => {}
        }
        if !set.is_empty() {
            let tag = with_attributes(element, &set, &[], BOOK)?;
            let tag: &str = tag.as_ref();
            changes.push((range, if empty { format!("<{tag}/>") } else { format!("<{tag}>") }));
        }
        Ok(())
    })?;
    if placed { Ok(splice(book, changes)) } else { Err(WriteError::odd(BOOK)) }
}
