//! The upload-file channel: a checked draft leaves as the center's own file; what came of it is recorded, and the
//! center's list of refused rows comes back onto the rows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::profile::Channel;
use huijiao_domain::sheet::CellRef;
use huijiao_sheets::upload::{Figures, Heading, UploadFile, Whose, error_list, lines, write_until};
use huijiao_sheets::write::safe_stem;
use huijiao_sheets::{Limits, Measure, ReadChoice, SheetError, read_in_worker};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::draft::{Draft, DraftRow};
use crate::import::hex;
use crate::kept::{of_export, of_outcome};
use crate::review::obstacles;
use crate::views::{DraftView, GridFilter, UploadExported, UploadFileView, UploadRefusals, UploadStage, UploadView};
use crate::workbooks::LONGEST;
use crate::{Desk, DeskError, text, workbooks};

/// How a draft left, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// RFC 3339.
    pub exported_at: String,
    /// SHA-256 of the filed rows as they were written.
    pub content: String,
    /// The files.
    pub files: Vec<Uploaded>,
    /// What the clerk recorded of the center's answer.
    pub outcome: Option<Outcome>,
    /// The signed filing whose content they hold; none where nobody signed it.
    #[serde(default)]
    pub filing: Option<Uuid>,
    /// Some of an earlier export of it was taken.
    #[serde(default)]
    pub partly: bool,
    /// What the center said about rows, by row of the sheet.
    pub refused: BTreeMap<u32, RefusedRow>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    /// Its name.
    pub name: String,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Name of the template.
    pub template: String,
    /// Row of its first person, one-based.
    pub first_row: u32,
    /// Which of the filed rows it holds.
    pub rows: Vec<usize>,
}

/// The center's answer, as the clerk recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Accepted, partly or refused.
    pub stage: UploadStage,
    /// 业务流水号; empty where the center gave none.
    pub number: String,
    /// The clerk's words.
    pub note: String,
    /// RFC 3339.
    pub at: String,
}

/// What the center said about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// Its sentences.
    pub messages: Vec<String>,
    /// SHA-256 of the row as it was then: once the row is changed, what was said of it is settled.
    pub was: String,
}

impl Upload {
    /// What the center said about rows that are as they were.
    pub(crate) fn said(&self, sheet: &Arc<str>, rows: &[DraftRow]) -> Vec<Finding> {
        let standing = rows.iter().filter(|row| !row.excluded).filter_map(|row| {
            let refused = self.refused.get(&row.raw.row).filter(|refused| refused.was == digest_of(row))?;
            Some((row.raw.row, refused))
        });
        standing
            .flat_map(|(row, refused)| {
                refused.messages.iter().map(move |message| {
                    let at = CellRef { sheet: sheet.clone(), row, column: None };
                    let mut finding = Finding::new(Code::CenterSaid, Level::Warning).arg("message", message);
                    finding.at = Some(at);
                    finding
                })
            })
            .collect()
    }

    fn stage(&self, draft: &Draft) -> UploadStage {
        match &self.outcome {
            Some(outcome) if outcome.stage == UploadStage::Accepted => UploadStage::Accepted,
            _ if self.content != content_of(draft) => UploadStage::Changed,
            Some(outcome) => outcome.stage,
            None => UploadStage::Exported,
        }
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.stage == UploadStage::Accepted)
    }

    /// Whether the center may have it, or some of it: nobody has recorded that it was refused.
    pub(crate) fn is_undecided(&self) -> bool {
        self.partly || self.outcome.as_ref().is_none_or(|outcome| outcome.stage != UploadStage::Refused)
    }

    /// Where it stands, for lists: whether the draft was changed since is only known once it is open.
    pub(crate) fn listed(&self) -> UploadStage {
        self.outcome.as_ref().map_or(UploadStage::Exported, |outcome| outcome.stage)
    }

    pub(crate) fn view(&self, draft: &Draft) -> UploadView {
        UploadView {
            stage: self.stage(draft),
            exported_at: text::local_time(&self.exported_at),
            files: self
                .files
                .iter()
                .map(|file| UploadFileView {
                    name: file.name.clone(),
                    people: u32::try_from(file.rows.len()).unwrap_or(u32::MAX),
                    sha256: file.sha256.clone(),
                })
                .collect(),
            number: self.outcome.as_ref().map(|outcome| outcome.number.clone()).unwrap_or_default(),
            note: self.outcome.as_ref().map(|outcome| outcome.note.clone()).unwrap_or_default(),
            recorded_at: self.outcome.as_ref().map(|outcome| text::local_time(&outcome.at)),
            filing: self.filing.map(|filing| filing.to_string()),
            undecided: self.is_undecided(),
        }
    }
}

fn digest_of(row: &DraftRow) -> String {
    let texts: Vec<_> = row.raw.cells.iter().map(|(field, cell)| (field.as_str(), cell.text)).collect();
    hex(&Sha256::digest(serde_json::to_vec(&texts).unwrap_or_default()))
}

fn figures_of(draft: &Draft) -> Vec<Figures> {
    draft.filed().iter().map(|row| row.figures()).collect()
}

fn content_of(draft: &Draft) -> String {
    hex(&Sha256::digest(serde_json::to_vec(draft.filed()).unwrap_or_default()))
}

impl Desk {
    /// Writes a checked draft as the center's own file, or files.
    ///
    /// # Errors
    /// Findings in the way; a draft of a unit that signs without the signatures that it needs; a center with a gateway; no
    /// template, or a value that it cannot hold. No file is left behind then.
    pub fn upload_export(&self, draft: &str, revision: u64, filter: &GridFilter) -> Result<UploadExported, DeskError> {
        let step = self.begin_step();
        let (kind, period, figures, content, partly) = self.with_draft(draft, |d| {
            if d.place.revision != revision {
                return Err(DeskError::refusal(DeskError::DRAFT_STALE));
            }
            let before = d.head.upload.as_ref();
            if before.is_some_and(Upload::is_accepted) {
                return Err(DeskError::refusal(DeskError::UPLOAD_ACCEPTED));
            }
            let partly = before.is_some_and(|before| {
                before.partly || before.outcome.as_ref().is_some_and(|said| said.stage == UploadStage::PartlyAccepted)
            });
            if !obstacles(d).is_empty() {
                return Err(DeskError::refusal(DeskError::OBSTACLES));
            }
            Ok((d.head.kind, d.head.period, figures_of(d), content_of(d), partly))
        })?;
        let filing = self.signed_to_leave(draft)?;
        let (profile, unit, now) = {
            let inner = self.inner();
            let session = inner.session()?;
            if session.gateway.is_some() && session.info.profile.channel != Channel::UploadFile {
                return Err(DeskError::refusal(DeskError::GATEWAY_ONLY));
            }
            let unit = session.unit.clone().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
            (session.info.profile.clone(), unit, self.now(&inner))
        };
        let heading = Heading {
            unit_account: &unit.account,
            unit_name: &unit.name,
            period,
            today: text::local(now).date(),
            ratios: Some((unit.unit_ratio, unit.personal_ratio)),
        };
        let files = write_until(&profile, kind, &figures, heading, &mut |done, all| step.at(done, Some(all)));
        step.still_wanted()?;
        let files = files?;
        let folder = self.folder_of_uploads(&unit.name);
        let mut uploaded = Vec::with_capacity(files.len());
        let neutralised = files.iter().map(|file| file.neutralised.len()).sum::<usize>();
        let put = || {
            for file in files {
                step.still_wanted()?;
                let (stem, ending) = file.name.rsplit_once('.').unwrap_or((&file.name, ""));
                let name = workbooks::put(&folder, stem, ending, &file.bytes)?;
                uploaded.push(Uploaded {
                    name,
                    sha256: hex(&Sha256::digest(&file.bytes)),
                    template: file.template,
                    first_row: file.first_row,
                    rows: file.rows,
                });
            }
            self.settle_step(&step)
        };
        let written = put();
        let names: Vec<String> = uploaded.iter().map(|file| file.name.clone()).collect();
        let exported_at = text::stamp(now);
        let at = exported_at.clone();
        let refused = BTreeMap::new();
        let upload = Upload { exported_at, content, files: uploaded, outcome: None, filing, partly, refused };
        let said = Some(of_export(&at, &names));
        let view = written.and_then(|()| self.set_upload(draft, revision, filter, upload, said)).inspect_err(|_| {
            // A file that no draft knows of would be handed in.
            for name in &names {
                let _ = std::fs::remove_file(folder.join(name));
            }
        })?;
        let neutralised = u32::try_from(neutralised).unwrap_or(u32::MAX);
        Ok(UploadExported { draft: view, folder: folder.to_string_lossy().into_owned(), neutralised })
    }

    /// Records what the center answered.
    ///
    /// # Errors
    /// `desk-not-exported`; `desk-number-missing` where something was accepted without a number.
    pub fn upload_outcome(
        &self,
        draft: &str,
        revision: u64,
        stage: UploadStage,
        number: &str,
        note: &str,
        filter: &GridFilter,
    ) -> Result<DraftView, DeskError> {
        let answered = match stage {
            UploadStage::Accepted | UploadStage::PartlyAccepted => true,
            UploadStage::Refused => false,
            UploadStage::Exported | UploadStage::Changed => {
                return Err(DeskError::refusal(DeskError::BAD_ARGUMENTS));
            }
        };
        let number = number.trim();
        if answered && number.is_empty() {
            return Err(DeskError::refusal(DeskError::NUMBER_MISSING));
        }
        let upload = self.uploaded(draft)?;
        let at = text::stamp(self.now(&self.inner()));
        let outcome = Outcome { stage, number: number.to_owned(), note: note.trim().to_owned(), at };
        let said = Some(of_outcome(&outcome));
        let upload = Upload { outcome: Some(outcome), ..upload };
        self.set_upload(draft, revision, filter, upload, said)
    }

    /// Brings the center's list of refused rows back onto the rows of a draft.
    ///
    /// # Errors
    /// `desk-not-exported`; a file that is no list of refused rows.
    pub fn upload_refusals(
        &self,
        draft: &str,
        revision: u64,
        ticket: &str,
        filter: &GridFilter,
    ) -> Result<UploadRefusals, DeskError> {
        let mut upload = self.uploaded(draft)?;
        let limits = Limits::default();
        let large = |_: &str| SheetError::TooLarge { measure: Measure::FileBytes, limit: limits.file_bytes }.into();
        let (_, bytes) = self.bytes_of_ticket(ticket, limits.file_bytes, large)?;
        let book = match read_in_worker(&self.config.worker, bytes.clone(), &ReadChoice::default(), &limits) {
            Ok(book) => book,
            Err(SheetError::NotAWorkbook { .. }) => lines(&bytes)?,
            Err(error) => return Err(error.into()),
        };
        let one_file = (upload.files.len() == 1).then(|| upload.files.first()).flatten().map(|file| UploadFile {
            name: file.name.clone(),
            template: file.template.clone(),
            bytes: Vec::new(),
            first_row: file.first_row,
            rows: file.rows.clone(),
            neutralised: Vec::new(),
        });
        let (matched, unmatched, refused) = self.with_draft(draft, |d| {
            let list = error_list(&book, &figures_of(d), one_file.as_ref())?;
            let places = d.filed_places();
            let mut unmatched = Vec::new();
            let mut refused: BTreeMap<u32, RefusedRow> = BTreeMap::new();
            for entry in list.refused {
                let row = match entry.whose {
                    Whose::One { place, .. } => places.get(place).and_then(|index| d.rows.get(*index as usize)),
                    Whose::Several { .. } | Whose::Nobody => None,
                };
                let Some(row) = row else {
                    unmatched.push(format!("第{}行：{}", entry.row, entry.message));
                    continue;
                };
                let said = refused
                    .entry(row.raw.row)
                    .or_insert_with(|| RefusedRow { messages: Vec::new(), was: digest_of(row) });
                said.messages.push(entry.message);
            }
            Ok((refused.len(), unmatched, refused))
        })?;
        upload.refused = refused;
        let view = self.set_upload(draft, revision, filter, upload, None)?;
        Ok(UploadRefusals { draft: view, matched: u32::try_from(matched).unwrap_or(u32::MAX), unmatched })
    }

    fn uploaded(&self, draft: &str) -> Result<Upload, DeskError> {
        let upload = self.with_draft(draft, |d| Ok(d.head.upload.clone()))?;
        upload.ok_or_else(|| DeskError::refusal(DeskError::NOT_EXPORTED))
    }

    fn folder_of_uploads(&self, unit: &str) -> PathBuf {
        self.config.export_folder.join("上传文件").join(safe_stem(unit, LONGEST))
    }
}
