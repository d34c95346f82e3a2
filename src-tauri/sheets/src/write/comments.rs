//! Comments on cells, and the drawing that Excel shows them with.
//!
//! Comments that the sheet has stay: where one stands on a marked cell, what we say is added to its end.

use std::collections::BTreeMap;

use huijiao_domain::sheet::column_letter;

use super::package::{Found, Package, escape, prefix_of, scan, splice};
use super::spots::{Spots, commented};
use super::{AUTHOR, WriteError};
use crate::xlsx::parse_cell;
use crate::xml::attribute;

const EMPTY: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors/><commentList/></comments>"#;
const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
const DRAWING_KIND: &str = "application/vnd.openxmlformats-officedocument.vmlDrawing";
const SHAPE: &str = "_x0000_s";

/// A comment that was not there: row, column, and the lines that it takes.
type New = (u32, u16, usize);

/// Adds the comments of a sheet; gives the relationship of a new drawing where the sheet has none.
pub(super) fn add(
    package: &mut Package<'_>,
    sheet: &str,
    drawing: Option<&str>,
    spots: &Spots,
) -> Result<Option<String>, WriteError> {
    let office = super::package::OFFICE;
    let comments = package.related(sheet, |r| r.kind.ends_with("/comments"))?;
    let (part, text) = match comments {
        Some(part) => {
            let text = package.text(&part)?.ok_or_else(|| WriteError::odd(&part))?;
            (part, text)
        }
        None => {
            let part = package.free_name("xl/comments", ".xml")?;
            package.declare(&part, KIND)?;
            package.relate(sheet, &format!("{office}/comments"), &part)?;
            (part, EMPTY.to_owned())
        }
    };
    let (text, new) = merge(&text, &part, spots)?;
    package.put(&part, text);

    let drawn = match drawing {
        Some(id) => package.related(sheet, |r| r.id == id)?,
        None => None,
    };
    match drawn {
        Some(part) => {
            let text = package.text(&part)?.ok_or_else(|| WriteError::odd(&part))?;
            let end = text.rfind("</xml>").ok_or_else(|| WriteError::odd(&part))?;
            let shapes = shapes(&new, last_shape(&text) + 1);
            let kind = if text.contains(r#"id="_x0000_t202""#) { "" } else { SHAPE_TYPE };
            package.put(&part, format!("{}{kind}{shapes}{}", &text[..end], &text[end..]));
            Ok(None)
        }
        None => {
            let part = package.free_name("xl/drawings/vmlDrawing", ".vml")?;
            package.declare_ending("vml", DRAWING_KIND)?;
            let id = package.relate(sheet, &format!("{office}/vmlDrawing"), &part)?;
            // Shape numbers go by the thousand; each thousand in use is named.
            let blocks: Vec<String> = (1..=(1_024 + new.len()) / 1_024).map(|block| block.to_string()).collect();
            package.put(
                &part,
                format!(
                    r#"<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{}"/></o:shapelayout>{SHAPE_TYPE}{}</xml>"#,
                    blocks.join(","),
                    shapes(&new, 1_025)
                ),
            );
            Ok(Some(id))
        }
    }
}

/// The comments with ours in them, and the cells that had none before.
fn merge(text: &str, part: &str, spots: &Spots) -> Result<(String, Vec<New>), WriteError> {
    let mut there: BTreeMap<(u32, u16), (String, Option<usize>)> = BTreeMap::new();
    let mut authors = 0_usize;
    let mut prefix = String::new();
    let mut open: Option<(u32, u16)> = None;
    let mut list_ends: BTreeMap<&str, (std::ops::Range<usize>, bool)> = BTreeMap::new();
    scan(text, part, |found| {
        match found {
            Found::Tag { element, range, empty } => match element.local_name().as_ref() {
                "comments" => prefix = prefix_of(element),
                "author" => authors += 1,
                "authors" if empty => {
                    list_ends.insert("authors", (range, true));
                }
                "commentList" if empty => {
                    list_ends.insert("commentList", (range, true));
                }
                "comment" if !empty => {
                    open = attribute(element, "ref", part)?.as_deref().and_then(parse_cell).map(|(c, r)| (r, c));
                    if let Some(cell) = open {
                        there.entry(cell).or_default();
                    }
                }
                // Runs come before these in a text.
                "rPh" | "phoneticPr" => {
                    if let Some(place) = open.and_then(|cell| there.get_mut(&cell)) {
                        place.1.get_or_insert(range.start);
                    }
                }
                _other => {}
            },
            Found::Text(said) => {
                if let Some(place) = open.and_then(|cell| there.get_mut(&cell)) {
                    place.0.push_str(said);
                }
            }
            Found::End { name, at } => match name {
                "text" => {
                    if let Some(place) = open.and_then(|cell| there.get_mut(&cell)) {
                        place.1.get_or_insert(at);
                    }
                }
                "comment" => open = None,
                "authors" => {
                    list_ends.entry("authors").or_insert((at..at, false));
                }
                "commentList" => {
                    list_ends.entry("commentList").or_insert((at..at, false));
                }
                _other => {}
            },
        }
        Ok(())
    })?;
    let p = &prefix;
    let mut changes: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let (mut added, mut new) = (String::new(), Vec::new());
    for (row, column, spot) in commented(spots) {
        let said = format!("{AUTHOR}：{}", spot.text);
        match there.get(&(row, column)) {
            // Said already: the file is one that was marked before.
            Some((before, _)) if squeeze(before).contains(&squeeze(&said)) => {}
            Some((_, Some(end))) => {
                let run = format!(r#"<{p}r><{p}t xml:space="preserve">{}</{p}t></{p}r>"#, escape(&format!("\n{said}")));
                changes.push((*end..*end, run));
            }
            Some((_, None)) => return Err(WriteError::odd(part)),
            None => {
                added.push_str(&format!(
                    r#"<{p}comment ref="{}{row}" authorId="{authors}"><{p}text><{p}r><{p}t xml:space="preserve">{}</{p}t></{p}r></{p}text></{p}comment>"#,
                    column_letter(column),
                    escape(&said)
                ));
                new.push((row, column, lines(&said)));
            }
        }
    }
    for (list, more) in [("authors", format!("<{p}author>{AUTHOR}</{p}author>")), ("commentList", added)] {
        let (range, empty) = list_ends.remove(list).ok_or_else(|| WriteError::odd(part))?;
        let more = if empty { format!("<{p}{list}>{more}</{p}{list}>") } else { more };
        changes.push((range, more));
    }
    changes.sort_by_key(|(range, _)| range.start);
    Ok((splice(text, changes), new))
}

/// Text for comparison: spreadsheet programs change line breaks.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// How many lines a comment takes in a box of 22 characters.
fn lines(text: &str) -> usize {
    text.lines().map(|line| line.chars().count() / 22 + 1).sum::<usize>().clamp(3, 20)
}

const SHAPE_TYPE: &str = r#"<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>"#;

fn shapes(new: &[New], first: usize) -> String {
    let mut shapes = String::new();
    for (number, (row, column, lines)) in new.iter().enumerate() {
        let (row, column) = (row - 1, u32::from(*column));
        let top = row.saturating_sub(1);
        shapes.push_str(&format!(
            r##"<v:shape id="{SHAPE}{}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;margin-top:2pt;width:240pt;height:{}pt;z-index:{};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{}, 15, {top}, 10, {}, 15, {}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"##,
            first + number,
            lines * 16,
            number + 1,
            column + 1,
            column + 5,
            top as usize + lines + 1,
        ));
    }
    shapes
}

/// The highest shape number in a drawing.
fn last_shape(text: &str) -> usize {
    let numbers = text.split(SHAPE).skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).take(9).collect();
        digits.parse().ok()
    });
    numbers.max().unwrap_or(1_024)
}
