//! `print`: the forms of a signed filing and of its receipt, as a PDF.

use std::fs;
use std::path::Path;

use huijiao_desk::papers::{Files, WrittenDown};
use huijiao_desk::text;
use huijiao_documents::Fonts;
use huijiao_domain::profile::CenterProfile;
use jiff::Timestamp;
use serde::Serialize;

use crate::args::PrintArgs;
use crate::evidence::{FILING, RECEIPT};
use crate::refusal::Refusal;
use crate::verify::{noon, roots};
use crate::{Report, pretty, profiles};

#[derive(Serialize)]
struct Outcome<'a> {
    file: &'a Path,
    pages: u32,
    /// 业务流水号, by the receipt or as the clerk wrote it down; none where neither says one.
    filing_number: Option<&'a str>,
}

/// Nothing is printed of what does not verify.
pub(crate) fn print(args: &PrintArgs) -> Result<Report, Refusal> {
    let read = |path: &Path| fs::read(path).map_err(|cause| Refusal::file(path, &cause));
    let folder = args.file.is_dir();
    let anchors = roots(args.ca.as_deref(), &args.file)?;
    let at = noon(args.at)?.unwrap_or_else(Timestamp::now);
    let filing = if folder { read(&args.file.join(FILING))? } else { read(&args.file)? };
    // A folder without one is of a filing that nobody answered yet.
    let own = Some(args.file.join(RECEIPT)).filter(|path| folder && path.exists());
    let receipt = args.receipt.clone().or(own).map(|path| read(&path)).transpose()?;
    let written = args.file.join(WrittenDown::FILE);
    let recorded = if folder && receipt.is_none() && written.exists() { Some(written_down(&written)?) } else { None };
    let files = Files { filing, signed_at: at, receipt: receipt.map(|bytes| (bytes, at)), recorded };
    let signed = files.read(&anchors)?;
    let profile = match &args.profile {
        Some(profile) => Some(profiles::open(profile)?),
        None => CenterProfile::shipped(&signed.content.center),
    };
    let printed_at = text::local_time(&text::stamp(Timestamp::now()));
    let mut fonts = Fonts::of_this_computer()?;
    let forms = signed.forms(profile.as_ref(), &printed_at);
    let pdf = huijiao_documents::print(&forms, &mut fonts)?;
    fs::write(&args.out, &pdf.bytes).map_err(|cause| Refusal::unwritable(&args.out, &cause))?;
    let outcome = Outcome { file: &args.out, pages: pdf.pages, filing_number: signed.number() };
    let number = signed.number().map_or_else(|| signed.word().to_owned(), |number| format!("业务流水号 {number}"));
    Ok(Report {
        json: pretty(&outcome),
        text: format!("已生成 {}：{} 页，{number}\n", args.out.display(), pdf.pages),
        passed: true,
    })
}

/// What the clerk wrote down of the center's answer, where there is never a receipt.
fn written_down(file: &Path) -> Result<WrittenDown, Refusal> {
    let said = fs::read(file).map_err(|cause| Refusal::file(file, &cause))?;
    serde_json::from_slice(&said).map_err(|_| Refusal::new(Refusal::EVIDENCE_CHANGED))
}
