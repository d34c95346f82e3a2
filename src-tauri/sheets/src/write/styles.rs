//! The cell styles of a workbook, with coloured twins of those that are marked.

use std::collections::BTreeMap;
use std::ops::Range;

use huijiao_domain::finding::Level;
use quick_xml::events::BytesStart;

use super::WriteError;
use super::package::{Found, prefix_of, scan, splice, with_attributes};
use super::spots::colour;

pub(super) const PART: &str = "xl/styles.xml";
/// What Excel takes.
const MOST_STYLES: usize = 64_000;
const LEVELS: [Level; 3] = [Level::Error, Level::Fix, Level::Warning];

/// For workbooks without any.
pub(super) const PLAIN: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"#;

/// One `xf`: its tag, and what follows up to its end.
struct Look {
    tag: BytesStart<'static>,
    rest: String,
}

/// A list such as `cellXfs`: its tag and where its end begins.
#[derive(Default)]
struct List {
    tag: Option<(BytesStart<'static>, Range<usize>)>,
    end: usize,
}

pub(super) struct Styles {
    text: String,
    prefix: String,
    fills: List,
    fill_count: usize,
    cells: List,
    looks: Vec<Look>,
    /// Coloured twins: the style they are of, and the level.
    twins: Vec<(usize, Level)>,
    index: BTreeMap<(usize, Level), usize>,
}

impl Styles {
    pub(super) fn read(text: String) -> Result<Self, WriteError> {
        let (mut fills, mut cells) = (List::default(), List::default());
        let mut fill_count = 0;
        let mut looks = Vec::new();
        let mut path: Vec<String> = Vec::new();
        let mut open: Option<(BytesStart<'static>, usize)> = None;
        let mut prefix = String::new();
        scan(&text, PART, |found| {
            match found {
                Found::Tag { element, range, empty } => {
                    let name = element.local_name().as_ref().to_owned();
                    match (path.len(), path.last().map(String::as_str), name.as_str()) {
                        (0, _, _) => prefix = prefix_of(element),
                        (1, _, "fills") if !empty => fills.tag = Some((element.to_owned(), range.clone())),
                        (1, _, "cellXfs") if !empty => cells.tag = Some((element.to_owned(), range.clone())),
                        (2, Some("fills"), "fill") => fill_count += 1,
                        (2, Some("cellXfs"), "xf") if empty => {
                            looks.push(Look { tag: element.to_owned(), rest: String::new() });
                        }
                        (2, Some("cellXfs"), "xf") => open = Some((element.to_owned(), range.end)),
                        _elsewhere => {}
                    }
                    if !empty {
                        path.push(name);
                    }
                }
                Found::End { name, at } => {
                    path.pop();
                    match (path.len(), name) {
                        (1, "fills") => fills.end = at,
                        (1, "cellXfs") => cells.end = at,
                        (2, "xf") => {
                            if let Some((tag, from)) = open.take() {
                                looks.push(Look { tag, rest: text[from..at].to_owned() });
                            }
                        }
                        _elsewhere => {}
                    }
                }
                Found::Text(_) => {}
            }
            Ok(())
        })?;
        if looks.is_empty() || fills.tag.is_none() || cells.tag.is_none() || fills.end > cells.end {
            return Err(WriteError::odd(PART));
        }
        Ok(Self { text, prefix, fills, fill_count, cells, looks, twins: Vec::new(), index: BTreeMap::new() })
    }

    /// The style that is `base` in the colour of `level`: number format, font, borders and alignment stay.
    pub(super) fn coloured(&mut self, base: usize, level: Level) -> usize {
        let base = if base < self.looks.len() { base } else { 0 };
        let (looks, twins) = (self.looks.len(), &mut self.twins);
        *self.index.entry((base, level)).or_insert_with(|| {
            twins.push((base, level));
            looks + twins.len() - 1
        })
    }

    pub(super) fn finish(self) -> Result<String, WriteError> {
        let total = self.looks.len() + self.twins.len();
        let (Some((fills_tag, fills_range)), Some((cells_tag, cells_range))) = (self.fills.tag, self.cells.tag) else {
            return Err(WriteError::odd(PART));
        };
        if total > MOST_STYLES {
            return Err(WriteError::odd(PART));
        }
        let p = &self.prefix;
        let fills: String = LEVELS
            .iter()
            .map(|level| {
                format!(
                    r#"<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="FF{:06X}"/><{p}bgColor indexed="64"/></{p}patternFill></{p}fill>"#,
                    colour(*level)
                )
            })
            .collect();
        let mut twins = String::new();
        for (base, level) in &self.twins {
            let look = &self.looks[*base];
            let fill = self.fill_count + LEVELS.iter().position(|l| l == level).unwrap_or(0);
            let set = [("fillId", fill.to_string()), ("applyFill", "1".to_owned())];
            let tag = with_attributes(&look.tag, &set, &[], PART)?;
            let tag: &str = tag.as_ref();
            if look.rest.is_empty() {
                twins.push_str(&format!("<{tag}/>"));
            } else {
                twins.push_str(&format!("<{tag}>{}</{p}xf>", look.rest));
            }
        }
        let counted = |tag: &BytesStart<'_>, count: usize| {
            with_attributes(tag, &[("count", count.to_string())], &[], PART).map(|tag| {
                let tag: &str = tag.as_ref();
                format!("<{tag}>")
            })
        };
        let changes = [
            (fills_range, counted(&fills_tag, self.fill_count + LEVELS.len())?),
            (self.fills.end..self.fills.end, fills),
            (cells_range, counted(&cells_tag, total)?),
            (self.cells.end..self.cells.end, twins),
        ];
        Ok(splice(&self.text, changes))
    }
}
