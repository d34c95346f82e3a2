//! Which column holds which field, by the titles that real sheets use.

use std::collections::BTreeMap;

use huijiao_domain::field::{Field, normalise_header};
use huijiao_domain::filing::FilingKind;
use serde::{Deserialize, Serialize};

use crate::header::Header;

/// Why a column was mapped as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its title means the field.
    Title,
    /// Its own title means the field; the group title above adds nothing.
    LowerTitle,
    /// Its title means a field that another column holds more surely.
    Duplicate,
    /// Its title is unknown.
    Unknown,
}

/// One column with the field it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// Zero-based column.
    pub column: u16,
    /// Its title.
    pub title: String,
    /// The field; `None` leaves the column out.
    pub field: Option<Field>,
    /// Why.
    pub why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Match {
    lower_only: bool,
    rank: usize,
    pub(crate) field: Field,
}

/// Maps every column by its title. Where two mean the same field the surer title wins, and of two equals the
/// first.
pub fn map_columns(header: &Header, kind: FilingKind) -> Vec<MappedColumn> {
    map_fields(header, kind.fields())
}

/// As [`map_columns`], for a sheet that carries these fields; a title that means another one is unknown in it.
pub fn map_fields(header: &Header, fields: &[Field]) -> Vec<MappedColumn> {
    let matches: Vec<Option<Match>> = header
        .columns
        .iter()
        .map(|column| match_parts(&column.parts).filter(|found| fields.contains(&found.field)))
        .collect();
    let mut winners: BTreeMap<Field, (Match, usize)> = BTreeMap::new();
    for (index, found) in matches.iter().enumerate() {
        let Some(found) = found else { continue };
        match winners.get(&found.field) {
            Some((before, _)) if before <= found => {}
            Some(_) | None => {
                winners.insert(found.field, (*found, index));
            }
        }
    }
    header
        .columns
        .iter()
        .zip(&matches)
        .enumerate()
        .map(|(index, (column, found))| {
            let (field, why) = match found {
                None => (None, Why::Unknown),
                Some(found) if winners.get(&found.field).is_some_and(|(_, winner)| *winner == index) => {
                    (Some(found.field), if found.lower_only { Why::LowerTitle } else { Why::Title })
                }
                Some(_) => (None, Why::Duplicate),
            };
            MappedColumn { column: column.column, title: column.title.clone(), field, why }
        })
        .collect()
}

/// The fields that this kind of filing cannot do without and that no column holds. Where either of two would
/// do (证件号码 or 个人账号), the first is named.
pub fn missing_required(columns: &[MappedColumn], kind: FilingKind) -> Vec<Field> {
    missing_columns(columns, kind.columns())
}

/// As [`missing_required`], for a sheet that cannot do without one field of each of these groups.
pub fn missing_columns(columns: &[MappedColumn], groups: &[&[Field]]) -> Vec<Field> {
    let has = |field: &Field| columns.iter().any(|c| c.field == Some(*field));
    groups.iter().filter(|group| !group.iter().any(has)).filter_map(|group| group.first().copied()).collect()
}

/// The field that titles from top to bottom mean together.
pub(crate) fn match_parts(parts: &[String]) -> Option<Match> {
    let (lower, upper) = parts.split_last()?;
    if upper.is_empty() {
        return Field::match_header(lower).map(|(field, rank)| Match { lower_only: false, rank, field });
    }
    // A unit of measure below a title: 缴存基数 above （元）.
    if normalise_header(lower).is_empty() {
        return match_parts(upper);
    }
    let top = upper.concat();
    // 缴存基数 above 调整前 means the same as the other way round, and 月缴存额 above 单位 as 月缴存额（单位）. Any
    // other word in brackets would be dropped as a hint, and two years' bases would both be the new one.
    let whose = matches!(normalise_header(lower).as_str(), "单位" | "个人" | "职工");
    let joined = Field::match_header(&format!("{top}{lower}"))
        .or_else(|| Field::match_header(&format!("{lower}{top}")))
        .or_else(|| whose.then(|| Field::match_header(&format!("{top}({lower})"))).flatten());
    if let Some((field, rank)) = joined {
        return Some(Match { lower_only: false, rank, field });
    }
    // The group may turn the meaning: 月缴存额 below 调整前 is not what will be paid.
    if ["前", "原", "旧", "上年"].iter().any(|turn| top.contains(turn)) {
        return None;
    }
    match_parts(std::slice::from_ref(lower)).map(|found| Match { lower_only: true, ..found })
}
