//! `verify` of a folder of evidence: what holds and what does not, part by part.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use huijiao_domain::mask;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_signing::{
    AsOf, Certificate, Crl, Purpose, TrustAnchors, Verified, VerifyError, claimed_time, judged_at,
    only_adds_signatures, verify, verify_stamp, verify_taken,
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
    /// It contradicts nothing, and when it was signed only the signer's own clock says.
    warns: bool,
    /// Stable code of what is wrong; empty where nothing is.
    code: &'static str,
    /// Chinese.
    words: String,
}

impl Part {
    fn good(part: &str, words: impl Into<String>) -> Self {
        Self { part: part.into(), holds: true, warns: false, code: "", words: words.into() }
    }

    fn bad(part: &str, code: &'static str) -> Self {
        Self { part: part.into(), holds: false, warns: false, code, words: Refusal::new(code).sentence() }
    }

    fn unproven(part: &str, words: &str) -> Self {
        let code = Refusal::EVIDENCE_CLOCK;
        let words = format!("{words}。{}", Refusal::new(code).sentence());
        Self { part: part.into(), holds: false, warns: true, code, words }
    }

    fn of(part: &str, error: VerifyError) -> Self {
        let words = Refusal::from(error).sentence();
        Self { part: part.into(), holds: false, warns: false, code: error.code(), words }
    }
}

/// A moment as of which signatures are judged.
#[derive(Debug, Clone, Copy)]
struct Moment {
    at: Timestamp,
    /// How it is known, Chinese.
    by: &'static str,
    /// Somebody else than the signer says so.
    proven: bool,
}

impl Moment {
    fn proven(at: Timestamp, by: &'static str) -> Self {
        Self { at, by, proven: true }
    }

    fn claimed(at: Timestamp) -> Self {
        Self { at, by: "签名人自己的时钟", proven: false }
    }

    fn words(self) -> String {
        format!("{}（{}）", china(self.at), self.by)
    }
}

/// What the folder says of when its filing was signed.
struct Times {
    /// The day that was asked for.
    asked: Option<Moment>,
    /// When the clerk's signature was there already: the center had taken it, or a timestamp was made.
    filed: Option<Moment>,
    /// When the center first named the file with the approver's signature.
    named: Option<Timestamp>,
    /// The newest that somebody else than the signers says.
    newest: Option<Moment>,
}

impl Times {
    /// As of when the clerk's signature is judged.
    fn of_clerk(&self, file: &[u8]) -> Result<Moment, VerifyError> {
        self.asked.or(self.filed).map_or_else(|| claimed_time(file).map(Moment::claimed), Ok)
    }

    /// As of when an approver's signature is judged that was added since. He may put any time into it; where the center
    /// has named his signature, it was there by then.
    fn of_approver(&self, file: &[u8]) -> Result<Moment, VerifyError> {
        if let Some(asked) = self.asked {
            return Ok(asked);
        }
        Ok(match (self.named, self.newest) {
            (Some(named), _) => Moment::proven(named, "中心的回执写明了它"),
            (None, Some(newest)) => newest,
            (None, None) => Moment::claimed(self.claimed_by_approver(file)?),
        })
    }

    /// When he says himself that he made it, which is not before the filing was taken.
    fn claimed_by_approver(&self, file: &[u8]) -> Result<Timestamp, VerifyError> {
        judged_at(file, self.filed.map(|filed| filed.at), true)
    }
}

#[derive(Serialize)]
struct Outcome {
    /// Nothing contradicts.
    valid: bool,
    /// SHA-256 of the first root; it is to be compared with what the center publishes.
    root_sha256: String,
    parts: Vec<Part>,
}

/// Each signature is judged as of its own moment, unless a day is given, under the revocation lists that lie in the folder:
/// the filing's when the center took it, an approver's when a receipt first names it and as of the newest time
/// that somebody else says where none does, a receipt's when it was made. Where nobody but the signer says when, that is
/// a warning.
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
    let clerk = folder.join(CLERK).exists().then(|| read(&folder.join(CLERK))).transpose()?;
    let (answered, approved) = (hash(clerk.as_ref().unwrap_or(&filing)), clerk.is_some().then(|| hash(&filing)));
    let stamp = stamp(folder, clerk.as_ref().unwrap_or(&filing))?;
    let stamped = stamp.as_ref().and_then(|(_, at)| *at);
    let times = times(&answers, (&answered, approved.as_ref()), stamped, at);

    let mut id = None;
    for (name, bytes, added_since) in [(FILING, Some(&filing), clerk.is_some()), (CLERK, clerk.as_ref(), false)] {
        let Some(bytes) = bytes else { continue };
        parts.push(match judged(bytes, added_since, anchors, &times, &lists) {
            Ok((verified, moments)) => {
                let holders: Vec<_> =
                    verified.signers.iter().map(|one| mask::id_numbers_in(one.certificate.holder())).collect();
                let by: Vec<_> = moments.iter().map(|moment| moment.words()).collect();
                let words = format!("签名有效：{}；证书有效期按 {} 判断", holders.join("、"), by.join("、"));
                id = FilingContent::from_bytes(&verified.content).ok().map(|content| content.id).or(id);
                signers.extend(verified.signers.into_iter().map(|one| one.certificate));
                if moments.iter().all(|moment| moment.proven) {
                    Part::good(name, words)
                } else {
                    Part::unproven(name, &words)
                }
            }
            Err(error) => Part::of(name, error),
        });
    }
    if let Some(clerk) = &clerk
        && !only_adds_signatures(&filing, clerk).unwrap_or(false)
    {
        parts.push(Part::bad(CLERK, Refusal::EVIDENCE_CLERK));
    }
    parts.extend(stamp.map(|(part, _)| part));
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

/// What others than the signers say of when a filing, by the hashes of the clerk's file and of the approved one, was
/// signed. What does not hold, or is of another filing, says nothing.
fn times(
    answers: &[&Answer],
    (answered, approved): (&String, Option<&String>),
    stamped: Option<Timestamp>,
    asked: Option<Timestamp>,
) -> Times {
    let own: Vec<_> = answers.iter().filter(|one| one.content.filing_sha256 == *answered).collect();
    let taken = own.iter().find_map(|one| one.content.accepted_at.parse::<Timestamp>().ok());
    let taken = taken.map(|at| Moment::proven(at, "中心受理时"));
    let stamped = stamped.map(|at| Moment::proven(at, "时间戳"));
    let said = own.iter().map(|one| Moment::proven(one.signed, "中心最新的回执"));
    Times {
        asked: asked.map(|at| Moment::proven(at, "指定的日期")),
        filed: taken.or(stamped),
        named: own
            .iter()
            .filter(|one| one.content.approved_sha256.as_ref() == approved && approved.is_some())
            .map(|one| one.signed)
            .min(),
        newest: said.chain(stamped).max_by_key(|moment| moment.at),
    }
}

/// Who signed a file, and as of when each was judged; approvals were `added_since` the filing was taken.
fn judged(
    file: &[u8],
    added_since: bool,
    anchors: &TrustAnchors,
    times: &Times,
    lists: &[Crl],
) -> Result<(Verified, Vec<Moment>), VerifyError> {
    let filed = times.of_clerk(file)?;
    let added = if added_since { times.of_approver(file)? } else { filed };
    let as_of = |moment: Moment| AsOf { at: moment.at, crls: lists };
    let under = |added: Moment| verify_taken(file, anchors, as_of(filed), as_of(added), Purpose::Filing);
    let (verified, added) = match under(added) {
        // His certificate is younger than all that others say: he signed after that, and nobody else knows when.
        Err(VerifyError::CertificateNotYetValid) if added_since && times.asked.is_none() && times.named.is_none() => {
            let claimed = Moment::claimed(claimed_time(file)?);
            (under(claimed)?, claimed)
        }
        // It does not hold any more when the center first names it: that he signed while it did, he says himself.
        Err(error) if added_since && times.asked.is_none() => {
            let Some(named) = times.named else { return Err(error) };
            let at = times.claimed_by_approver(file)?.min(named);
            let claimed = Moment {
                by: "复核人自称的签名时间，中心的回执写明它时证书已失效", ..Moment::claimed(at)
            };
            (under(claimed).map_err(|_| error)?, claimed)
        }
        outcome => (outcome?, added),
    };
    let moments = if added_since { vec![filed, added] } else { vec![filed] };
    Ok((verified, moments))
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

/// The timestamp, where there is one, and what it says, by the roots that lie beside it: whose they are is for the reader to
/// say, as with `ca.pem`.
fn stamp(folder: &Path, filing: &[u8]) -> Result<Option<(Part, Option<Timestamp>)>, Refusal> {
    if !folder.join(STAMP).exists() {
        return Ok(None);
    }
    let roots = read(&folder.join(STAMPERS))?;
    let Ok(roots) = TrustAnchors::from_pem(&String::from_utf8_lossy(&roots)) else {
        return Ok(Some((Part::bad(STAMPERS, Refusal::EVIDENCE_CERTIFICATE), None)));
    };
    Ok(Some(match verify_stamp(&read(&folder.join(STAMP))?, filing, &roots) {
        Ok(stamp) => {
            let words = format!("时间戳有效：{}，{}", china(stamp.at), stamp.certificate.holder());
            (Part::good(STAMP, words), Some(stamp.at))
        }
        Err(error) => (Part::bad(STAMP, error.code()), None),
    }))
}

fn report(anchors: &TrustAnchors, parts: Vec<Part>) -> Report {
    let valid = parts.iter().all(|part| part.holds || part.warns);
    let proven = parts.iter().all(|part| part.holds);
    let root_sha256 = anchors.certificates().first().map(Certificate::sha256_hex).unwrap_or_default();
    let mut text = String::from(match (valid, proven) {
        (true, true) => "证据包全部成立。\n",
        (true, false) => "证据包没有不成立的部分，但有的签名时间没有旁证。\n",
        (false, _) => "证据包有不成立的部分。\n",
    });
    for part in &parts {
        let how = match (part.holds, part.warns) {
            (true, _) => "成立  ",
            (false, true) => "存疑  ",
            (false, false) => "不成立",
        };
        let _ = writeln!(text, "  {how} {}：{}", part.part, part.words);
    }
    let _ = writeln!(text, "  根证书指纹（SHA-256，请与中心或发证机构公布的比对）：{root_sha256}");
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
