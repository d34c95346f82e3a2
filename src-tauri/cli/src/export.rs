//! `export`: a sheet that nothing blocks, as the files that the center takes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use huijiao_domain::field::Field;
use huijiao_domain::filing::{CheckedSheet, FilingKind, check_sheet};
use huijiao_domain::finding::Finding;
use huijiao_sheets::upload::{self, Figures, Heading, Unwritable, UploadError, UploadFile};
use serde::Serialize;

use crate::args::{ExportArgs, Kind};
use crate::check::{self, Gathered, Line};
use crate::refusal::Refusal;
use crate::{Report, pretty};

pub(crate) fn export(args: &ExportArgs) -> Result<Report, Refusal> {
    let Kind::Filing(kind) = args.check.kind else {
        let detail = format!("{} 不是申报，没有上传文件", args.check.kind.as_str());
        return Err(Refusal::new(Refusal::ARGUMENTS).arg("detail", detail));
    };
    let mut gathered = check::gather(&args.check)?;
    // Before anybody mends a sheet that could not be written anyway.
    if !gathered.profile.upload_templates.iter().any(|template| template.kind == kind) {
        return Err(UploadError::NoTemplate.into());
    }
    let checked = check_sheet(kind, &gathered.taken.sheet, gathered.circumstances());
    gathered.findings.extend(checked.findings.iter().cloned());
    let mut text =
        format!("{}：{} 人，生效年月 {}\n", args.check.file.display(), checked.places.len(), gathered.period);
    check::list(&mut text, &gathered.findings, args.check.kind);
    // A row without values is not left out of the file.
    let blocked = gathered.findings.iter().any(Finding::blocks) || checked.places.contains(&None);
    let written = if blocked {
        text.push_str("有必须先处理的问题，没有生成上传文件。\n");
        Written::default()
    } else {
        write(args, kind, &gathered, &checked, &mut text)?
    };
    let passed = !blocked && written.unwritable.is_empty();
    let findings = gathered
        .findings
        .iter()
        .map(|finding| Line::of(finding, &gathered.taken.sheet.name, args.check.kind))
        .collect();
    let outcome = Outcome { kind, rows: checked.places.len(), findings, written };
    Ok(Report { json: pretty(&outcome), text, passed })
}

/// The wire form of `export --json`.
#[derive(Serialize)]
struct Outcome {
    kind: FilingKind,
    /// People in the sheet.
    rows: usize,
    findings: Vec<Line>,
    #[serde(flatten)]
    written: Written,
}

#[derive(Default, Serialize)]
struct Written {
    /// Empty where something is in the way.
    files: Vec<Laid>,
    unwritable: Vec<Obstacle>,
}

#[derive(Serialize)]
struct Laid {
    file: PathBuf,
    template: String,
    people: usize,
    /// Row of the first person, one-based.
    first_row: u32,
    /// Texts with a `'` in front, so that no spreadsheet runs them.
    neutralised: Vec<Place>,
}

/// A value that the template or its encoding cannot hold.
#[derive(Serialize)]
struct Obstacle {
    code: &'static str,
    #[serde(flatten)]
    place: Place,
    field: Option<Field>,
    message: String,
}

#[derive(Serialize)]
struct Place {
    /// Row of the clerk's sheet, one-based; none for cells outside of the people.
    row: Option<u32>,
    /// The column of the upload file.
    title: String,
}

fn write(
    args: &ExportArgs,
    kind: FilingKind,
    gathered: &Gathered,
    checked: &CheckedSheet,
    text: &mut String,
) -> Result<Written, Refusal> {
    let own = &gathered.taken.unit;
    let known = gathered.known.unit.as_ref();
    let first = |asked: &Option<String>, known: Option<&String>, own: &Option<String>| {
        asked.as_ref().or(known).or(own.as_ref()).cloned().unwrap_or_default()
    };
    let (account, name) = (
        first(&args.unit_account, known.map(|unit| &unit.account), &own.account),
        first(&args.unit_name, known.map(|unit| &unit.name), &own.name),
    );
    let heading = Heading {
        unit_account: &account,
        unit_name: &name,
        period: gathered.period,
        today: gathered.today,
        ratios: gathered.unit.as_ref().map(|unit| (unit.unit_ratio, unit.personal_ratio)),
    };
    let rows: Vec<Figures> = checked.rows.iter().map(|row| known_figures(row.figures(), gathered, kind)).collect();
    let people = gathered.taken.sheet.rows.iter().zip(&checked.places);
    let sheet_rows: Vec<u32> = people.filter(|(_, place)| place.is_some()).map(|(row, _)| row.row).collect();
    let row_of = |place: usize| sheet_rows.get(place).copied();
    let files = match upload::write(&gathered.profile, kind, &rows, heading) {
        Ok(files) => files,
        Err(UploadError::Unwritable { cells }) => {
            for cell in &cells {
                let _ = writeln!(text, "  {cell}");
            }
            let _ = writeln!(text, "有 {} 处写不进中心的文件，没有生成上传文件。", cells.len());
            let obstacle = |cell: Unwritable| Obstacle {
                code: cell.why.code(),
                message: cell.to_string(),
                field: cell.field,
                place: Place { row: cell.row.and_then(row_of), title: cell.title },
            };
            return Ok(Written { files: Vec::new(), unwritable: cells.into_iter().map(obstacle).collect() });
        }
        Err(error) => return Err(error.into()),
    };
    lay(&args.out, &files)?;
    let files = files.into_iter().map(|file| {
        let path = args.out.join(&file.name);
        let _ = writeln!(text, "已生成 {}（{}，{} 人）", path.display(), file.template, file.rows.len());
        for one in &file.neutralised {
            let _ = writeln!(text, "  「{}」有一处以公式的写法开头，前面加了单引号。", one.title);
        }
        let neutralised =
            file.neutralised.into_iter().map(|one| Place { row: one.row.and_then(row_of), title: one.title });
        Laid {
            file: path,
            template: file.template,
            people: file.rows.len(),
            first_row: file.first_row,
            neutralised: neutralised.collect(),
        }
    });
    Ok(Written { files: files.collect(), unwritable: Vec::new() })
}

/// A row's figures without those that nobody has said: without roster and ratios bases and amounts stand at zero.
fn known_figures(figures: Figures, gathered: &Gathered, kind: FilingKind) -> Figures {
    let amounts = gathered.amounts_known(Kind::Filing(kind));
    let bases = gathered.known.roster.is_some();
    let unsaid = |field: Field, text: &str| {
        let amount = matches!(field, Field::UnitAmount | Field::PersonalAmount | Field::MonthlyAmount);
        let base = matches!(field, Field::OldBase | Field::NewBase);
        text == "0.00" && ((amount && !amounts) || (base && !bases))
    };
    figures.into_iter().filter(|(field, text)| !unsaid(*field, text)).collect()
}

/// Every file whole, or none: they are written aside first.
fn lay(folder: &Path, files: &[UploadFile]) -> Result<(), Refusal> {
    std::fs::create_dir_all(folder).map_err(|cause| Refusal::unwritable(folder, &cause))?;
    let mut aside = Vec::with_capacity(files.len());
    for file in files {
        let path = folder.join(&file.name);
        let mut whole = tempfile::NamedTempFile::new_in(folder).map_err(|cause| Refusal::unwritable(&path, &cause))?;
        whole.write_all(&file.bytes).map_err(|cause| Refusal::unwritable(&path, &cause))?;
        aside.push((whole, path));
    }
    for (whole, path) in aside {
        huijiao_files::put(whole.into_temp_path(), &path).map_err(|cause| Refusal::unwritable(&path, &cause))?;
    }
    Ok(())
}
