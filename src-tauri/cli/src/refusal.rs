//! Why nothing could be read, in the words of the one table of texts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use huijiao_demo::DemoError;
use huijiao_desk::error::DeskError;
use huijiao_documents::PaperError;
use huijiao_domain::texts;
use huijiao_sheets::SheetError;
use huijiao_sheets::upload::UploadError;
use huijiao_sheets::write::WriteError;
use huijiao_signing::{SignError, VerifyError};
use serde::Serialize;

/// A stable code with the figures for its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    code: Cow<'static, str>,
    args: BTreeMap<String, String>,
}

impl Refusal {
    /// The arguments are not what is asked for; args `detail`.
    pub(crate) const ARGUMENTS: &'static str = "cli-arguments";
    /// No such file; args `file`.
    pub(crate) const FILE_MISSING: &'static str = "cli-file-missing";
    /// The system does not give the file; args `file`, `cause`.
    pub(crate) const FILE_UNREADABLE: &'static str = "cli-file-unreadable";
    /// Another program has the file open; args `name`.
    pub(crate) const FILE_HELD: &'static str = "desk-file-held";
    /// No such profile; args `profile`, `known`.
    pub(crate) const PROFILE_UNKNOWN: &'static str = "cli-profile-unknown";
    /// The file with the rules is not one; args `file`, `detail`.
    pub(crate) const PROFILE_UNREADABLE: &'static str = "cli-profile-unreadable";
    /// The rules contradict themselves; args `file`, `count`, `problems`.
    pub(crate) const PROFILE_INVALID: &'static str = "cli-profile-invalid";
    /// No row of a list has all its figures; args `file`.
    pub(crate) const LIST_EMPTY: &'static str = "cli-list-empty";
    /// The roster is not one; args `file`, `detail`.
    pub(crate) const ROSTER_UNREADABLE: &'static str = "cli-roster-unreadable";
    /// The file with the roots holds no certificate; args `file`.
    pub(crate) const CA_UNREADABLE: &'static str = "cli-ca-unreadable";
    /// The system does not take the file; args `file`, `cause`.
    pub(crate) const FILE_UNWRITABLE: &'static str = "cli-file-unwritable";
    /// The clerk's file is not the approved one without its last signature.
    pub(crate) const EVIDENCE_CLERK: &'static str = "cli-evidence-clerk";
    /// A receipt of another filing.
    pub(crate) const EVIDENCE_OTHER: &'static str = "cli-evidence-other";
    /// Receipts of one filing that contradict each other.
    pub(crate) const EVIDENCE_CHAIN: &'static str = "cli-evidence-chain";
    /// Roots and lists in one file that are not those that lie beside it.
    pub(crate) const EVIDENCE_ROOTS: &'static str = "cli-evidence-roots";
    /// Nobody but the signer says when he signed.
    pub(crate) const EVIDENCE_CLOCK: &'static str = "cli-evidence-clock";
    /// A certificate of nobody who signed.
    pub(crate) const EVIDENCE_CERTIFICATE: &'static str = "cli-evidence-certificate";
    /// A file of the list that is not there.
    pub(crate) const EVIDENCE_MISSING: &'static str = "cli-evidence-missing";
    /// A file that is not as it was exported.
    pub(crate) const EVIDENCE_CHANGED: &'static str = "cli-evidence-changed";
    /// The result cannot be written to standard output; args `cause`.
    pub(crate) const OUTPUT: &'static str = "cli-output";

    /// Every code of this program's own.
    #[cfg(test)]
    pub(crate) const CODES: [&'static str; 20] = [
        Self::FILE_HELD,
        Self::EVIDENCE_CLERK,
        Self::EVIDENCE_OTHER,
        Self::EVIDENCE_CHAIN,
        Self::EVIDENCE_ROOTS,
        Self::EVIDENCE_CLOCK,
        Self::EVIDENCE_CERTIFICATE,
        Self::EVIDENCE_MISSING,
        Self::EVIDENCE_CHANGED,
        Self::FILE_UNWRITABLE,
        Self::ARGUMENTS,
        Self::FILE_MISSING,
        Self::FILE_UNREADABLE,
        Self::PROFILE_UNKNOWN,
        Self::PROFILE_UNREADABLE,
        Self::PROFILE_INVALID,
        Self::LIST_EMPTY,
        Self::ROSTER_UNREADABLE,
        Self::CA_UNREADABLE,
        Self::OUTPUT,
    ];

    pub(crate) fn new(code: &'static str) -> Self {
        Self { code: code.into(), args: BTreeMap::new() }
    }

    pub(crate) fn arg(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.into(), value.to_string());
        self
    }

    pub(crate) fn file(path: &Path, cause: &std::io::Error) -> Self {
        if huijiao_files::is_held(cause) {
            return Self::new(Self::FILE_HELD).arg("name", path.display());
        }
        let missing = cause.kind() == std::io::ErrorKind::NotFound;
        let code = if missing { Self::FILE_MISSING } else { Self::FILE_UNREADABLE };
        Self::new(code).arg("file", path.display()).arg("cause", cause)
    }

    pub(crate) fn unwritable(path: &Path, cause: &std::io::Error) -> Self {
        if huijiao_files::is_held(cause) {
            return Self::new(Self::FILE_HELD).arg("name", path.display());
        }
        Self::new(Self::FILE_UNWRITABLE).arg("file", path.display()).arg("cause", cause)
    }

    pub(crate) fn words(&self) -> Words {
        let fill = |template: &str| texts::fill(template, &self.args);
        let text = texts::lookup(&self.code);
        Words {
            code: self.code.clone(),
            title: text.map_or_else(|| self.code.to_string(), |text| fill(&text.title)),
            happened: text.map_or_else(String::new, |text| fill(&text.happened)),
            remedy: text.map_or_else(String::new, |text| fill(&text.remedy)),
        }
    }

    /// One Chinese sentence or two.
    pub(crate) fn sentence(&self) -> String {
        let Words { code, title, happened, remedy } = self.words();
        format!("{title}：{happened}{remedy}（{code}）")
    }
}

/// What a script is told about a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Words {
    code: Cow<'static, str>,
    title: String,
    happened: String,
    remedy: String,
}

impl From<SheetError> for Refusal {
    fn from(error: SheetError) -> Self {
        Self { code: error.code().into(), args: error.args() }
    }
}

impl From<WriteError> for Refusal {
    fn from(error: WriteError) -> Self {
        Self { code: error.code().into(), args: error.args() }
    }
}

impl From<UploadError> for Refusal {
    fn from(error: UploadError) -> Self {
        Self { code: error.code().into(), args: error.args() }
    }
}

impl From<SignError> for Refusal {
    fn from(error: SignError) -> Self {
        Self {
            code: error.code().into(),
            args: error.args().into_iter().map(|(name, value)| (name.into(), value)).collect(),
        }
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        Self::new(error.code())
    }
}

impl From<DeskError> for Refusal {
    fn from(error: DeskError) -> Self {
        Self { code: error.code().to_owned().into(), args: error.args() }
    }
}

impl From<PaperError> for Refusal {
    fn from(error: PaperError) -> Self {
        Self { code: error.code().into(), args: error.args() }
    }
}

impl From<DemoError> for Refusal {
    fn from(error: DemoError) -> Self {
        Self { code: error.code().into(), args: error.args() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_code_has_its_words() {
        for code in Refusal::CODES.into_iter().chain(DemoError::CODES.iter().copied()) {
            let text = texts::lookup(code).unwrap_or_else(|| panic!("{code} has no words"));
            for part in [&text.title, &text.happened, &text.remedy] {
                assert!(!part.trim().is_empty(), "{code} lacks a part");
            }
        }
    }

    #[test]
    fn a_file_that_another_program_holds_is_told_by_one_code() {
        let held = std::io::Error::from(std::io::ErrorKind::ResourceBusy);
        for refusal in
            [Refusal::file(Path::new("工资.xlsx"), &held), Refusal::unwritable(Path::new("工资.xlsx"), &held)]
        {
            let said = refusal.sentence();
            assert_eq!(refusal.code, "desk-file-held");
            assert!(
                said.contains("工资.xlsx") && said.contains("Excel 或 WPS") && said.contains("换一个文件名"),
                "{said}"
            );
        }
    }
}
