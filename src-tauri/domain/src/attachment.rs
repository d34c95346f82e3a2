//! 附件: papers that go along with a filing, inside what is signed. Judged by both sides in the same way.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::filing::FilingKind;
use crate::finding::{Code, Finding, Level};

/// How much a center takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachmentLimits {
    /// Most files of one filing.
    pub count: u8,
    /// Most of one file, in units of 1024 bytes.
    pub kilobytes: u32,
}

impl AttachmentLimits {
    /// Most files that any center may allow: all of them have to fit into one filing with room to spare.
    pub const MOST: Self = Self { count: 10, kilobytes: 4 * 1024 };
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        Self { count: 5, kilobytes: 2 * 1024 }
    }
}

/// The kinds of files that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// pdf
    Pdf,
    /// jpg
    Jpeg,
    /// png
    Png,
}

impl MediaType {
    /// The endings that are taken, as people say them.
    pub const NAMES: &str = "pdf、jpg、png";

    /// As a filing says it (RFC 6838).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// What a name says the file is.
    fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            _ => None,
        }
    }

    /// What the first bytes say it is.
    fn of_content(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            _ => None,
        }
    }
}

/// Whether filings of a kind take papers along.
pub fn taken_by(kind: FilingKind) -> bool {
    match kind {
        FilingKind::BackPayment | FilingKind::Correction | FilingKind::Deferral => true,
        FilingKind::ContributorRegistration
        | FilingKind::StatusChange
        | FilingKind::BaseAdjustment
        | FilingKind::RatioAdjustment
        | FilingKind::ContributorUpdate
        | FilingKind::UnitUpdate
        | FilingKind::RemittanceVerification
        | FilingKind::Payment
        | FilingKind::PaymentClaim => false,
    }
}

/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 100;

/// What one file is, by its name and its content alike.
///
/// # Errors
/// The finding that stands against it.
pub fn judge(name: &str, bytes: &[u8], limits: AttachmentLimits) -> Result<MediaType, Box<Finding>> {
    let against = |code| {
        // Marks of direction would make the sentence itself read otherwise.
        let shown: String = name.chars().filter(|c| !is_unseen(*c)).take(LONGEST_NAME).collect();
        Finding::new(code, Level::Error).arg("name", shown)
    };
    if !is_name(name) {
        return Err(Box::new(against(Code::AttachmentName)));
    }
    if bytes.is_empty() {
        return Err(Box::new(against(Code::AttachmentEmpty)));
    }
    if bytes.len() as u64 > u64::from(limits.kilobytes) * 1024 {
        let limit = format!("{} KB", limits.kilobytes);
        return Err(Box::new(against(Code::AttachmentSize).arg("limit", limit)));
    }
    match (MediaType::of_name(name), MediaType::of_content(bytes)) {
        (Some(said), Some(found)) if said == found => Ok(found),
        (Some(_) | None, Some(_) | None) => Err(Box::new(against(Code::AttachmentType).arg("kinds", MediaType::NAMES))),
    }
}

/// Everything that stands against the files of a filing, each as a name and its bytes.
pub fn check(kind: FilingKind, files: &[(&str, &[u8])], limits: AttachmentLimits) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !files.is_empty() && !taken_by(kind) {
        findings.push(Finding::new(Code::AttachmentKind, Level::Error).arg("kind", kind.label()));
    }
    if files.len() > usize::from(limits.count) {
        findings.push(Finding::new(Code::AttachmentCount, Level::Error).arg("count", limits.count));
    }
    let (mut names, mut contents) = (HashSet::new(), HashSet::new());
    for (name, bytes) in files {
        findings.extend(judge(name, bytes, limits).err().map(|finding| *finding));
        // Both are asked: a file that repeats in both ways is named once.
        let (named, kept) = (names.insert(name.to_lowercase()), contents.insert(bytes));
        if !named || !kept {
            findings.push(Finding::new(Code::AttachmentTwice, Level::Error).arg("name", name));
        }
    }
    findings
}

/// A plain name: no folders, no devices, nothing that nobody can see, and not a dot at either end.
fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    (1..=LONGEST_NAME).contains(&length)
        && name.trim() == name
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        && !name.chars().any(is_unseen)
}

fn is_unseen(c: char) -> bool {
    c.is_control() || crate::characters::is_invisible(c) || crate::characters::is_bidi_control(c)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7 ...";
    const JPG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0];
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n...";

    fn code(name: &str, bytes: &[u8]) -> Code {
        let finding = judge(name, bytes, AttachmentLimits { count: 2, kilobytes: 1 }).unwrap_err();
        let said = finding.message();
        assert!(!said.contains(['{', '\u{202e}']) && said.contains(|c: char| c >= '\u{4e00}'), "{said}");
        finding.code
    }

    #[test]
    fn a_file_is_what_its_name_and_its_first_bytes_say() {
        let limits = AttachmentLimits::default();
        let taken = [("决议.pdf", PDF, "application/pdf"), ("1.JPG", JPG, "image/jpeg"), ("a.b.png", PNG, "image/png")];
        for (name, bytes, media) in taken {
            assert_eq!(judge(name, bytes, limits).map(MediaType::as_str), Ok(media), "{name}");
        }
        assert_eq!(code("决议.pdf", PNG), Code::AttachmentType, "a picture under the name of a pdf");
        assert_eq!(code("决议.pdf", b"MZ\x90\0"), Code::AttachmentType, "a program");
        assert_eq!(code("决议.docx", b"PK\x03\x04"), Code::AttachmentType, "another kind of file");
        assert_eq!(code("决议", PDF), Code::AttachmentType, "no ending");
        assert_eq!(code("决议.pdf", b""), Code::AttachmentEmpty);
        assert_eq!(code("决议.pdf", &[PDF, &[0; 1024]].concat()), Code::AttachmentSize, "above a kilobyte");
        assert!(judge("决议.pdf", &[PDF, &[0; 1012]].concat(), AttachmentLimits { count: 2, kilobytes: 1 }).is_ok());
    }

    #[test]
    fn a_name_is_a_name_and_no_way_to_anywhere() {
        let long = format!("{}.pdf", "长".repeat(97));
        for name in [
            "../决议.pdf",
            "C:\\决议.pdf",
            "a/b.pdf",
            "决议\u{202e}fdp.pdf",
            "决议\u{200b}.pdf",
            "决\n议.pdf",
            "",
            ".pdf",
            " 决议.pdf",
            "决议.pdf.",
            &long,
        ] {
            assert_eq!(code(name, PDF), Code::AttachmentName, "{name:?}");
        }
        assert!(judge("阿依古丽·买买提 𠮷.pdf", PDF, AttachmentLimits::default()).is_ok(), "all that can be seen");
    }

    #[test]
    fn a_filing_takes_so_many_files_once_each_and_only_some_kinds_do() {
        let limits = AttachmentLimits { count: 2, kilobytes: 1 };
        let codes = |kind, files: &[(&str, &[u8])]| {
            check(kind, files, limits).into_iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        let two: &[(&str, &[u8])] = &[("一.pdf", PDF), ("二.png", PNG)];
        assert_eq!(codes(FilingKind::Deferral, two), []);
        assert_eq!(codes(FilingKind::Deferral, &[]), [], "none is asked for");
        assert_eq!(codes(FilingKind::UnitUpdate, two), [Code::AttachmentKind]);
        assert_eq!(codes(FilingKind::UnitUpdate, &[]), []);
        let three = [two, &[("三.jpg", JPG)]].concat();
        assert_eq!(codes(FilingKind::BackPayment, &three), [Code::AttachmentCount]);
        assert_eq!(codes(FilingKind::Deferral, &[("一.pdf", PDF), ("二.pdf", PDF)]), [Code::AttachmentTwice], "again");
        let case: &[(&str, &[u8])] = &[("a.png", PNG), ("A.png", b"\x89PNG\r\n\x1a\nother")];
        assert_eq!(codes(FilingKind::Deferral, case), [Code::AttachmentTwice], "one name on most disks");
    }
}
