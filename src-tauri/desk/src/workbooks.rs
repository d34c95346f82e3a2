//! Workbooks for the clerk: her own file back with its findings, and blank templates.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::{Finding, Level};
use huijiao_domain::sheet::Field;
use huijiao_sheets::write::{Mark, WriteError, annotate, rebuild_whole, safe_stem, template};
use huijiao_sheets::{Limits, MOST_OTHERS, ReadChoice, read_in_worker_until};

use crate::draft::Draft;
use crate::error::DeskError;
use crate::views::{ErrorsExported, TemplateExported};
use crate::{Desk, drafts};

/// Bytes of a file name before its ending: file systems take 255.
pub(crate) const LONGEST: usize = 180;
/// How many of the same name there may be.
pub(crate) const MOST_COPIES: u32 = 1_000;

impl Desk {
    /// Writes the workbook that a draft came from with today's findings in it.
    pub fn draft_export_errors(&self, draft: &str) -> Result<ErrorsExported, DeskError> {
        let id = drafts::id_of(draft)?;
        let step = self.begin_step();
        let (head, marks, counts) = self.with_draft(draft, |draft| {
            let (marks, counts) = marks(draft);
            Ok((draft.head.clone(), marks, counts))
        })?;
        let source = self.inner().store()?.draft_source(id)?;
        let source = source.ok_or_else(|| DeskError::refusal(DeskError::SOURCE_GONE))?;
        // The lock is not held from here on: a large workbook takes seconds.
        let limits = Limits::default();
        let (bytes, layout_kept, sheets_lost) =
            match annotate(&source, &head.sheet, &marks, head.notes, &counts, &limits) {
                Ok(bytes) => (bytes, true, 0),
                Err(WriteError::NotEditable { .. }) => {
                    let read = |sheet: Option<&str>| {
                        let choice = ReadChoice { sheet: sheet.map(str::to_owned), encoding: head.encoding.clone() };
                        let book =
                            read_in_worker_until(&self.config.worker, source.clone(), &choice, &limits, &step.cancel);
                        step.still_wanted()?;
                        Ok::<_, DeskError>(book)
                    };
                    let book = read(Some(head.sheet.as_str()).filter(|name| !name.is_empty()))??;
                    let mut others = Vec::new();
                    let names = book.sheets.iter().enumerate().filter(|(place, _)| *place != book.sheet);
                    let names: Vec<&str> = names.map(|(_, info)| info.name.as_str()).collect();
                    let mut cells = 0;
                    for name in names.iter().take(MOST_OTHERS) {
                        // What cannot be read, or would be too much together, is counted below.
                        let other = read(Some(name))?.ok().filter(|other| {
                            cells += other.rows.iter().map(|row| row.cells.len() as u64).sum::<u64>();
                            cells <= limits.cells
                        });
                        others.extend(other);
                    }
                    let lost = u32::try_from(names.len() - others.len()).unwrap_or(u32::MAX);
                    (rebuild_whole(&book, &others, &marks, head.notes, &counts)?, false, lost)
                }
                Err(error) => return Err(error.into()),
            };
        step.still_wanted()?;
        let stem = stem_of(&head.file_name);
        let folder = self.config.export_folder.join("错误表");
        let file = put(&folder, &format!("{stem}-错误表"), "xlsx", &bytes)?;
        Ok(ErrorsExported {
            folder: folder.to_string_lossy().into_owned(),
            file,
            marked: u32::try_from(marks.len()).unwrap_or(u32::MAX),
            layout_kept,
            sheets_lost,
        })
    }

    /// Writes a blank workbook for a kind of filing.
    pub fn template_export(&self, kind: &str) -> Result<TemplateExported, DeskError> {
        let kind: FilingKind = serde_json::from_value(serde_json::Value::String(kind.to_owned()))
            .map_err(|_| DeskError::refusal(DeskError::BAD_ARGUMENTS))?;
        let profile = self.inner().session()?.info.profile.clone();
        let bytes = template(kind, &profile)?;
        let folder = self.config.export_folder.join("模板");
        let file = put(&folder, &format!("{}-模板", kind.label()), "xlsx", &bytes)?;
        Ok(TemplateExported { folder: folder.to_string_lossy().into_owned(), file })
    }
}

/// What to mark, and how many there are of each kind of finding.
///
/// The clerk's own changes are marked too: her file still says what it said.
fn marks(draft: &Draft) -> (Vec<Mark>, Vec<(String, u64)>) {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut marks = Vec::new();
    let first = draft.head.columns.values().copied().min().unwrap_or(0);
    let column_of = |field: Option<Field>| field.and_then(|field| draft.head.columns.get(&field).copied());
    for finding in draft.findings() {
        *counts.entry(finding.title()).or_default() += 1;
        let Some(at) = &finding.at else { continue };
        // A finding on a whole row stands in its first column.
        let column = at.column.or_else(|| column_of(finding.field)).unwrap_or(first);
        marks.push(Mark { row: at.row, column, level: finding.level, text: said(finding, draft.head.kind) });
    }
    for row in &draft.rows {
        for field in &row.edited {
            let Some(column) = column_of(Some(*field)) else { continue };
            let now = row.raw.text(*field);
            let text = if now.is_empty() {
                "已在汇缴通中清空".into()
            } else {
                format!("已在汇缴通中改为：{now}")
            };
            marks.push(Mark { row: row.raw.row, column, level: Level::Fix, text });
        }
    }
    (marks, counts.into_iter().map(|(title, count)| (title.to_owned(), count)).collect())
}

fn said(finding: &Finding, kind: FilingKind) -> String {
    format!("{}：{}", finding.title(), finding.message_in(kind))
}

/// A file name without folder and ending, as every system takes it.
fn stem_of(file_name: &str) -> String {
    let stem = Path::new(file_name).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let safe = safe_stem(&stem, LONGEST);
    if safe.is_empty() { "工作簿".to_owned() } else { safe }
}

/// Writes a file whole, or not at all, and never over another; gives its name.
pub(crate) fn put(folder: &Path, stem: &str, ending: &str, bytes: &[u8]) -> Result<String, DeskError> {
    let failed = |source| DeskError::FileWrite { name: format!("{stem}.{ending}"), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut aside = tempfile::Builder::new().prefix(".huijiao-").tempfile_in(folder).map_err(failed)?;
    aside.write_all(bytes).and_then(|()| aside.as_file().sync_all()).map_err(failed)?;
    let mut aside = aside.into_temp_path();
    for copy in 1..=MOST_COPIES {
        let name = if copy == 1 { format!("{stem}.{ending}") } else { format!("{stem}({copy}).{ending}") };
        let path: PathBuf = folder.join(&name);
        match huijiao_files::put_beside(aside, &path) {
            Ok(()) => return Ok(name),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => aside = error.path,
            Err(error) => return Err(failed(error.error)),
        }
    }
    Err(failed(std::io::ErrorKind::AlreadyExists.into()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    #[test]
    fn file_names_that_every_system_takes() {
        for (name, stem) in [
            ("基数调整 7月.xlsx", "基数调整 7月"),
            ("\"引号\"<x>|?*.xlsx", "_引号__x____"),
            ("\u{202e}xslx.表.xls", "xslx.表"),
            ("..\u{7}.xlsx", "工作簿"),
            ("", "工作簿"),
            ("CON.xlsx", "CON_"),
            ("尾点...csv", "尾点"),
        ] {
            assert_eq!(stem_of(name), stem, "{name:?}");
        }
        let long = stem_of(&format!("{}.xlsx", "基".repeat(200)));
        assert_eq!(long.chars().count(), LONGEST / 3, "cut between characters: with its ending it fits 255 bytes");
    }

    #[test]
    fn nothing_is_ever_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("错误表");
        for (place, wanted) in ["甲-错误表.xlsx", "甲-错误表(2).xlsx", "甲-错误表(3).xlsx"].iter().enumerate()
        {
            assert_eq!(
                put(&inside, "甲-错误表", "xlsx", &[place as u8]).unwrap(),
                *wanted,
                "each export has a name of its own"
            );
        }
        let names = std::fs::read_dir(&inside).unwrap().count();
        assert_eq!(names, 3, "and nothing is left lying about");
        assert_eq!(std::fs::read(inside.join("甲-错误表.xlsx")).unwrap(), [0], "the first is as it was");
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        assert_eq!(put(&blocked, "甲", "xlsx", b"x").unwrap_err().code(), "desk-file-write", "said, not swallowed");
    }
}
