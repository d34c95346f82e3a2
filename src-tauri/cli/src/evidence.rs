//! `verify` of a folder of evidence: what holds and what does not, part by part.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use huijiao_domain::mask;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_signing::{
    AsOf, Certificate, Crl, Purpose, TrustAnchors, VerifyError, claimed_time, judged_at, only_adds_signatures, verify,
    verify_stamp, verify_taken,
};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::refusal::Refusal;
use crate::verify::china;
use crate::{Report, pretty};

pub(crate) const FILING: &str = "filing.p7m";
const CLERK: &str = "filing-clerk.p7m";
pub(crate) const RECEIPT: &str = "receipt.p7m";
const STAMP: &str = "filing.tsr";
const STAMPERS: &str = "tsa.pem";
const SUMS: &str = "SHA256SUMS.txt";
const CERTIFICATES: &str = "certificates";
const ROOTS: &str = "ca.pem";
/// Roots and revocation lists in one file, for openssl.
const BOTH: &str = "ca-crl.pem";

/// A part of the folder and whether it is what it has to be.
#[derive(Debug, Clone, Serialize)]
struct Part {
    /// The file, by its path in the folder.
    part: String,
    holds: bool,
    /// Stable code of what is wrong; empty where nothing is.
    code: &'static str,
    /// Chinese.
    words: String,
}

impl Part {
    fn good(part: &str, words: impl Into<String>) -> Self {
        Self { part: part.into(), holds: true, code: "", words: words.into() }
    }

    fn bad(part: &str, code: &'static str) -> Self {
        Self { part: part.into(), holds: false, code, words: Refusal::new(code).sentence() }
    }

    fn of(part: &str, error: VerifyError) -> Self {
        Self { part: part.into(), holds: false, code: error.code(), words: Refusal::from(error).sentence() }
    }
}

#[derive(Serialize)]
struct Outcome {
    valid: bool,
    /// SHA-256 of the first root; it is to be compared with what the center publishes.
    root_sha256: String,
    parts: Vec<Part>,
}

/// Each signature is judged as of its own moment, unless a day is given: the filing's when the center took it, an
/// approver's and a receipt's when it was made, under the revocation lists that lie in the folder.
pub(crate) fn verify_folder(folder: &Path, anchors: &TrustAnchors, at: Option<Timestamp>) -> Result<Report, Refusal> {
    let filing = read(&folder.join(FILING))?;
    let mut parts = Vec::new();
    let mut signers: Vec<Certificate> = Vec::new();
    let lists = lists(folder, anchors, &mut parts)?;
    let receipts = receipts(folder)?;
    let mut said = Vec::new();
    for (name, bytes) in &receipts {
        let outcome = claimed_time(bytes)
            .and_then(|signed| Ok((signed, verify(bytes, anchors, at.unwrap_or(signed), Purpose::Receipt, &lists)?)));
        said.push(match outcome {
            Ok((signed, verified)) => {
                signers.extend(verified.signers.into_iter().map(|one| one.certificate));
                match serde_json::from_slice::<ReceiptContent>(&verified.content) {
                    Ok(content) => Ok(Answer { name: name.clone(), sha256: hash(bytes), signed, content }),
                    Err(_) => Err(Part::bad(name, Refusal::EVIDENCE_OTHER)),
                }
            }
            Err(error) => Err(Part::of(name, error)),
        });
    }
    let answers: Vec<&Answer> = said.iter().flatten().collect();
    // What does not hold says nothing about when the filing was taken.
    let taken = answers.iter().find_map(|one| one.content.accepted_at.parse::<Timestamp>().ok());

    let clerk = folder.join(CLERK).exists().then(|| read(&folder.join(CLERK))).transpose()?;
    let mut id = None;
    for (name, bytes, added_since) in [(FILING, Some(&filing), clerk.is_some()), (CLERK, clerk.as_ref(), false)] {
        let Some(bytes) = bytes else { continue };
        let then = |added: bool| {
            at.map_or_else(|| judged_at(bytes, taken, added), Ok).map(|at| AsOf { at, crls: lists.as_slice() })
        };
        let verified =
            then(false).and_then(|filed| verify_taken(bytes, anchors, filed, then(added_since)?, Purpose::Filing));
        parts.push(match verified {
            Ok(verified) => {
                let holders: Vec<_> =
                    verified.signers.iter().map(|one| mask::id_numbers_in(one.certificate.holder())).collect();
                let words = format!("签名有效：{}", holders.join("、"));
                id = FilingContent::from_bytes(&verified.content).ok().map(|content| content.id).or(id);
                signers.extend(verified.signers.into_iter().map(|one| one.certificate));
                Part::good(name, words)
            }
            Err(error) => Part::of(name, error),
        });
    }
    if let Some(clerk) = &clerk
        && !only_adds_signatures(&filing, clerk).unwrap_or(false)
    {
        parts.push(Part::bad(CLERK, Refusal::EVIDENCE_CLERK));
    }
    if folder.join(STAMP).exists() {
        parts.push(stamp(folder, clerk.as_ref().unwrap_or(&filing))?);
    }
    let answered = hash(clerk.as_ref().unwrap_or(&filing));
    let approved = clerk.is_some().then(|| hash(&filing));
    let contradicts = contradiction(&answers);
    for one in &said {
        parts.push(match one {
            Ok(Answer { name, content, .. }) => {
                let own = content.filing_sha256 == answered
                    && id.is_none_or(|id| id == content.filing_id)
                    && content.approved_sha256.as_ref().is_none_or(|sha| Some(sha) == approved.as_ref());
                if !own {
                    Part::bad(name, Refusal::EVIDENCE_OTHER)
                } else if contradicts.as_ref() == Some(name) {
                    Part::bad(name, Refusal::EVIDENCE_CHAIN)
                } else {
                    let (number, state) = (&content.filing_number, content.state.label());
                    Part::good(name, format!("中心签名有效，说的是这份申报：业务流水号 {number}，{state}"))
                }
            }
            Err(part) => part.clone(),
        });
    }
    for path in files(&folder.join(CERTIFICATES))? {
        let name = format!("{CERTIFICATES}/{}", file_name(&path));
        let text = String::from_utf8_lossy(&read(&path)?).into_owned();
        let known =
            Certificate::from_pem(&text).is_ok_and(|one| signers.iter().any(|signer| signer.der() == one.der()));
        parts.push(if known {
            Part::good(&name, "签名人的证书")
        } else {
            Part::bad(&name, Refusal::EVIDENCE_CERTIFICATE)
        });
    }
    parts.extend(sums(folder)?);
    Ok(report(anchors, parts))
}

/// A receipt that the center signed.
struct Answer {
    name: String,
    sha256: String,
    signed: Timestamp,
    content: ReceiptContent,
}

/// The receipt of several of one filing, in their order, that cannot follow those before it. Receipts of other filings
/// of the unit may lie between two of them.
fn contradiction(answers: &[&Answer]) -> Option<String> {
    let cannot = |(place, one): (usize, &&Answer)| {
        let (before, after) = answers.split_at(place);
        let previous = one.content.previous_receipt.as_ref();
        let follows = before.last().is_none_or(|last| {
            let (now, then) = (&one.content, &last.content);
            last.signed <= one.signed
                && (&now.filing_number, &now.accepted_at) == (&then.filing_number, &then.accepted_at)
        });
        // Each is the next of the unit's but once, and none follows itself or one that came later.
        let taken = before
            .iter()
            .any(|other| other.sha256 == one.sha256 || other.content.previous_receipt.as_ref() == previous);
        let skips = before.iter().rev().skip(1).any(|other| previous == Some(&other.sha256));
        let ahead = after.iter().any(|other| previous == Some(&other.sha256));
        (!follows || taken || skips || ahead).then(|| one.name.clone())
    };
    answers.iter().enumerate().find_map(cannot)
}

/// The revocation lists of the folder, each proven by a root; and that what openssl is given are these and the roots.
fn lists(folder: &Path, anchors: &TrustAnchors, parts: &mut Vec<Part>) -> Result<Vec<Crl>, Refusal> {
    let (mut lists, mut together) = (Vec::new(), Vec::new());
    for (name, text) in numbered(folder, "crl", ".pem", 1)? {
        let list = Crl::from_pem(&String::from_utf8_lossy(&text));
        parts.push(match list.map_err(|_| VerifyError::Crl).and_then(|list| anchors.check_crl(&list).map(|()| list)) {
            Ok(list) => {
                let words = format!("中心签发的吊销列表：{}", china(list.this_update()));
                lists.push(list);
                Part::good(&name, words)
            }
            Err(error) => Part::of(&name, error),
        });
        together.extend(text);
    }
    let both = folder.join(BOTH);
    if both.exists() {
        let roots = folder.join(ROOTS);
        let wanted = [if roots.exists() { read(&roots)? } else { Vec::new() }, together].concat();
        parts.push(if read(&both)? == wanted {
            Part::good(BOTH, "根证书和吊销列表")
        } else {
            Part::bad(BOTH, Refusal::EVIDENCE_ROOTS)
        });
    }
    Ok(lists)
}

/// The timestamp, by the roots that lie beside it: whose they are is for the reader to say, as with `ca.pem`.
fn stamp(folder: &Path, filing: &[u8]) -> Result<Part, Refusal> {
    let roots = read(&folder.join(STAMPERS))?;
    let Ok(roots) = TrustAnchors::from_pem(&String::from_utf8_lossy(&roots)) else {
        return Ok(Part::bad(STAMPERS, Refusal::EVIDENCE_CERTIFICATE));
    };
    Ok(match verify_stamp(&read(&folder.join(STAMP))?, filing, &roots) {
        Ok(stamp) => Part::good(STAMP, format!("时间戳有效：{}，{}", china(stamp.at), stamp.certificate.holder())),
        Err(error) => Part::bad(STAMP, error.code()),
    })
}

fn report(anchors: &TrustAnchors, parts: Vec<Part>) -> Report {
    let valid = parts.iter().all(|part| part.holds);
    let root_sha256 = anchors.certificates().first().map(Certificate::sha256_hex).unwrap_or_default();
    let mut text =
        String::from(if valid { "证据包全部成立。\n" } else { "证据包有不成立的部分。\n" });
    for part in &parts {
        let _ = writeln!(text, "  {} {}：{}", if part.holds { "成立  " } else { "不成立" }, part.part, part.words);
    }
    let _ = writeln!(text, "  根证书指纹（SHA-256，请与中心公布的比对）：{root_sha256}");
    Report { json: pretty(&Outcome { valid, root_sha256, parts }), text, passed: valid }
}

/// In the order in which the center gave them: the newest, which has the plain name, last.
fn receipts(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    numbered(folder, "receipt", ".p7m", u32::MAX)
}

/// Files of one name that are told apart by their numbers, in the order of these; the one without has the number `plain`.
fn numbered(folder: &Path, name: &str, ending: &str, plain: u32) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let mut found = Vec::new();
    for path in files(folder)? {
        let own = file_name(&path);
        let Some(number) = own.strip_prefix(name).and_then(|rest| rest.strip_suffix(ending)) else { continue };
        let place = number.strip_prefix('-').and_then(|number| number.parse().ok()).unwrap_or(plain);
        found.push((place, own, read(&path)?));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name, bytes)| (name, bytes)).collect())
}

/// What the list of hashes says of each file.
fn sums(folder: &Path) -> Result<Vec<Part>, Refusal> {
    let list = folder.join(SUMS);
    if !list.exists() {
        return Ok(vec![Part::bad(SUMS, Refusal::EVIDENCE_MISSING)]);
    }
    let text = String::from_utf8_lossy(&read(&list)?).into_owned();
    let mut parts = Vec::new();
    for (sha256, name) in text.lines().filter_map(|line| line.split_once("  ")) {
        let inside = !name.contains(['\\', ':']) && name.split('/').all(|step| !["", ".", ".."].contains(&step));
        let path = folder.join(name);
        if !inside || !path.is_file() {
            parts.push(Part::bad(name, Refusal::EVIDENCE_MISSING));
        } else if hash(&read(&path)?) != sha256 {
            parts.push(Part::bad(name, Refusal::EVIDENCE_CHANGED));
        }
    }
    if parts.is_empty() {
        parts.push(Part::good(SUMS, "各文件都与导出时相同"));
    }
    Ok(parts)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Refusal> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|cause| Refusal::file(folder, &cause))?;
    let mut paths: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.is_file()).collect();
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    fs::read(path).map_err(|cause| Refusal::file(path, &cause))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
