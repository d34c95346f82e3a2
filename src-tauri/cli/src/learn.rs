//! `learn`: a center's blank file as a template to complete.

use std::fmt::Write;
use std::path::Path;

use huijiao_domain::profile::upload::UploadTemplate;
use huijiao_sheets::ReadChoice;
use huijiao_sheets::upload::learn;
use serde::Serialize;

use crate::args::LearnArgs;
use crate::refusal::Refusal;
use crate::{Report, pretty, profiles, sheet};

/// The wire form of `learn --json`.
#[derive(Serialize)]
struct Outcome<'a> {
    file: &'a Path,
    template: &'a UploadTemplate,
    /// What was not understood, concluded or left out.
    notes: Vec<Said>,
    /// What the template still lacks.
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Said {
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    /// JSON pointer into the template.
    pointer: String,
    message: String,
}

pub(crate) fn run(args: &LearnArgs) -> Result<Report, Refusal> {
    let profile = profiles::open(&args.profile)?;
    let bytes = sheet::bytes(&args.file)?;
    let book = sheet::read(bytes.clone(), &ReadChoice { sheet: args.sheet.clone(), encoding: None })?;
    let learned = learn(&book, &bytes, args.kind, &profile)?;
    std::fs::write(&args.out, pretty(&learned.template)).map_err(|cause| Refusal::unwritable(&args.out, &cause))?;
    let notes: Vec<Said> =
        learned.notes.iter().map(|note| Said { code: note.code(), message: note.to_string() }).collect();
    let problems: Vec<Problem> = learned
        .template
        .problems()
        .into_iter()
        .map(|problem| Problem { code: problem.fault.code(), message: problem.message(), pointer: problem.pointer })
        .collect();
    let mut text = format!("上传模板已写到 {}，共 {} 列\n", args.out.display(), learned.template.columns.len());
    for message in notes.iter().map(|note| &note.message).chain(problems.iter().map(|problem| &problem.message)) {
        let _ = writeln!(text, "  {message}");
    }
    let passed = problems.is_empty();
    text.push_str(if passed {
        "核对后可加入中心规则的 upload_templates。\n"
    } else {
        "补全后才能用来生成上传文件。\n"
    });
    let json = pretty(&Outcome { file: &args.out, template: &learned.template, notes, problems });
    Ok(Report { json, text, passed })
}
