//! `template`: a blank workbook with our own titles.

use std::path::Path;

use huijiao_domain::filing::FilingKind;
use serde::Serialize;

use crate::args::TemplateArgs;
use crate::refusal::Refusal;
use crate::{Report, pretty, profiles};

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    kind: FilingKind,
    profile: &'a str,
}

pub(crate) fn write(args: &TemplateArgs) -> Result<Report, Refusal> {
    let kind = args.kind;
    let profile = profiles::open(&args.profile)?;
    let bytes = huijiao_sheets::write::template(kind, &profile)?;
    std::fs::write(&args.out, bytes).map_err(|cause| Refusal::unwritable(&args.out, &cause))?;
    let json = pretty(&Written { file: &args.out, kind, profile: &profile.code });
    let text = format!("空白模板已写到 {}（{}）\n", args.out.display(), profile.name);
    Ok(Report { json, text, passed: true })
}
