//! `verify` of a folder of evidence: what holds and what does not, part by part.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use huijiao_domain::mask;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_signing::{Certificate, Purpose, TrustAnchors, VerifyError, only_adds_signatures, verify, verify_stamp};
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

/// A part of the folder and whether it is what it has to be.
#[derive(Debug, Serialize)]
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

/// Certificates are judged as of the newest receipt, unless a day is given.
pub(crate) fn verify_folder(folder: &Path, anchors: &TrustAnchors, at: Option<Timestamp>) -> Result<Report, Refusal> {
    let filing = read(&folder.join(FILING))?;
    let mut parts = Vec::new();
    let mut signers: Vec<Certificate> = Vec::new();
    let receipts = receipts(folder)?;
    let enclosed = files(&folder.join(CERTIFICATES))?;
    let mut held = vec![Timestamp::now()];
    for path in &enclosed {
        held.extend(Certificate::from_pem(&String::from_utf8_lossy(&read(path)?)).map(|one| one.not_after()));
    }
    let said = |p7m: &[u8]| signed_at(p7m, anchors, &held);
    let then = at.or_else(|| said(&receipts.first()?.1)).or_else(|| said(&filing));
    let then = then.unwrap_or_else(Timestamp::now);

    let clerk = folder.join(CLERK).exists().then(|| read(&folder.join(CLERK))).transpose()?;
    let mut id = None;
    for (name, bytes) in [(FILING, Some(&filing)), (CLERK, clerk.as_ref())] {
        let Some(bytes) = bytes else { continue };
        parts.push(match verify(bytes, anchors, then, Purpose::Filing, &[]) {
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
    for (name, bytes) in &receipts {
        parts.push(match verify(bytes, anchors, then, Purpose::Receipt, &[]) {
            Ok(verified) => {
                signers.extend(verified.signers.into_iter().map(|one| one.certificate));
                match serde_json::from_slice::<ReceiptContent>(&verified.content) {
                    Ok(said)
                        if said.filing_sha256 == answered
                            && id.is_none_or(|id| id == said.filing_id)
                            && said.approved_sha256.as_ref().is_none_or(|sha| Some(sha) == approved.as_ref()) =>
                    {
                        let (number, state) = (said.filing_number, said.state.label());
                        Part::good(name, format!("中心签名有效，说的是这份申报：业务流水号 {number}，{state}"))
                    }
                    Ok(_) | Err(_) => Part::bad(name, Refusal::EVIDENCE_OTHER),
                }
            }
            Err(error) => Part::of(name, error),
        });
    }
    for path in enclosed {
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

/// The newest first, then by their names.
fn receipts(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let mut found = Vec::new();
    for path in files(folder)? {
        let name = file_name(&path);
        if name.starts_with("receipt") && name.ends_with(".p7m") {
            found.push((name, read(&path)?));
        }
    }
    found.sort_by_key(|(name, _)| name != RECEIPT);
    Ok(found)
}

/// When a file says that it was signed: the moment at which its certificates have to hold. They may have expired since,
/// so it is read as of moments at which those in the folder held.
fn signed_at(p7m: &[u8], anchors: &TrustAnchors, held: &[Timestamp]) -> Option<Timestamp> {
    let moments = held.iter().flat_map(|at| [(*at, Purpose::Receipt), (*at, Purpose::Filing)]);
    moments.into_iter().find_map(|(at, purpose)| {
        verify(p7m, anchors, at, purpose, &[]).ok()?.signers.first().map(|one| one.signing_time)
    })
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
