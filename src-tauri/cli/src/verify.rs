//! `verify`: who signed a file, and what it says.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use huijiao_domain::mask;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::receipt::ReceiptContent;
use huijiao_signing::{Purpose, Role, Signer, TrustAnchors, Verified, VerifyError};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Report;
use crate::args::VerifyArgs;
use crate::evidence::verify_folder;
use crate::pretty;
use crate::refusal::{Refusal, Words};

/// China has one time, without summer time; a day given means its noon there.
const CHINA: Offset = Offset::constant(8);

/// Roots of a center, from a file or from the folder of evidence that brings them along.
pub(crate) fn roots(ca: Option<&Path>, file: &Path) -> Result<TrustAnchors, Refusal> {
    let roots = match ca {
        Some(ca) => ca.to_owned(),
        None if file.is_dir() => file.join("ca.pem"),
        None => return Err(Refusal::new(Refusal::ARGUMENTS).arg("detail", "缺少 --ca <FILE>")),
    };
    let ca = fs::read(&roots).map_err(|cause| Refusal::file(&roots, &cause))?;
    let no_root = || Refusal::new(Refusal::CA_UNREADABLE).arg("file", roots.display());
    let anchors = TrustAnchors::from_pem(&String::from_utf8_lossy(&ca)).map_err(|_| no_root())?;
    if anchors.certificates().is_empty() { Err(no_root()) } else { Ok(anchors) }
}

/// The moment that a day stands for.
pub(crate) fn noon(day: Option<Date>) -> Result<Option<Timestamp>, Refusal> {
    let noon = day.map(|day| CHINA.to_timestamp(day.at(12, 0, 0, 0))).transpose();
    noon.map_err(|error| Refusal::new(Refusal::ARGUMENTS).arg("detail", error))
}

pub(crate) fn verify(args: &VerifyArgs) -> Result<Report, Refusal> {
    let anchors = roots(args.ca.as_deref(), &args.file)?;
    let at = noon(args.at)?;
    if args.file.is_dir() {
        return verify_folder(&args.file, &anchors, at);
    }
    let file = fs::read(&args.file).map_err(|cause| Refusal::file(&args.file, &cause))?;
    match either(&file, &anchors, at.unwrap_or_else(Timestamp::now)) {
        Ok((purpose, verified)) => Ok(valid(purpose, &verified)),
        // Bytes that are no signed file at all cannot be judged.
        Err(error @ (VerifyError::Malformed(_) | VerifyError::Trailing | VerifyError::Detached | VerifyError::Ber)) => {
            Err(error.into())
        }
        Err(error) => Ok(invalid(error)),
    }
}

/// The file says itself what it was signed for: a filing, or the center's receipt.
fn either(file: &[u8], anchors: &TrustAnchors, at: Timestamp) -> Result<(Purpose, Verified), VerifyError> {
    match huijiao_signing::verify(file, anchors, at, Purpose::Filing, &[]) {
        Ok(verified) => Ok((Purpose::Filing, verified)),
        Err(of_filing @ (VerifyError::Purpose | VerifyError::NoSigner | VerifyError::Role)) => {
            match huijiao_signing::verify(file, anchors, at, Purpose::Receipt, &[]) {
                Ok(verified) => Ok((Purpose::Receipt, verified)),
                // It is no receipt: what is wrong with it as a filing says more.
                Err(VerifyError::Purpose) => Err(of_filing),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

fn invalid(error: VerifyError) -> Report {
    let refusal = Refusal::from(error);
    Report {
        json: pretty(&Outcome {
            valid: false,
            signers: Vec::new(),
            content_type: "unknown",
            content: Value::Null,
            error: Some(refusal.words()),
        }),
        text: format!("签名无效。\n{}\n", refusal.sentence()),
        passed: false,
    }
}

fn valid(purpose: Purpose, verified: &Verified) -> Report {
    let Summary { content_type, content, words } = summary(purpose, &verified.content);
    let signers = verified.signers.iter().map(SignerLine::of).collect();
    let mut text = String::from("签名有效。\n");
    for one in &verified.signers {
        let unit = one.certificate.unit_name().unwrap_or("—");
        let _ = writeln!(
            text,
            "  {}：{}（{unit}），{}",
            role_name(one.role),
            mask::id_numbers_in(one.certificate.holder()),
            china(one.signing_time)
        );
    }
    text.push_str(&words);
    Report { json: pretty(&Outcome { valid: true, signers, content_type, content, error: None }), text, passed: true }
}

/// The wire form of `verify --json`.
#[derive(Serialize)]
struct Outcome {
    valid: bool,
    signers: Vec<SignerLine>,
    content_type: &'static str,
    content: Value,
    error: Option<Words>,
}

#[derive(Serialize)]
struct SignerLine {
    holder: String,
    unit: Option<String>,
    role: &'static str,
    purpose: &'static str,
    signing_time: String,
    certificate_sha256: String,
}

impl SignerLine {
    fn of(one: &Signer) -> Self {
        Self {
            holder: mask::id_numbers_in(one.certificate.holder()),
            unit: one.certificate.unit_name().map(str::to_owned),
            role: one.role.as_str(),
            purpose: one.purpose.as_str(),
            signing_time: china(one.signing_time),
            certificate_sha256: one.certificate.sha256_hex(),
        }
    }
}

/// RFC 3339 with China's offset.
pub(crate) fn china(at: Timestamp) -> String {
    format!("{}+08:00", CHINA.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S"))
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Clerk => "经办人",
        Role::Approver => "复核人",
        Role::Center => "公积金中心",
    }
}

struct Summary {
    content_type: &'static str,
    content: Value,
    words: String,
}

impl Summary {
    fn unknown() -> Self {
        Self {
            content_type: "unknown", content: Value::Null, words: "  内容：不是本程序认识的申报或回执。\n".into()
        }
    }
}

/// What was signed, where it is of a form that this version knows; the signature holds in any case.
fn summary(purpose: Purpose, content: &[u8]) -> Summary {
    match purpose {
        Purpose::Filing => FilingContent::from_bytes(content).map_or_else(|_| Summary::unknown(), |f| filing(&f)),
        Purpose::Receipt => serde_json::from_slice(content).map_or_else(|_| Summary::unknown(), |r| receipt(&r)),
        Purpose::Login
        | Purpose::Approval
        | Purpose::Rejection
        | Purpose::Withdrawal
        | Purpose::Renewal
        | Purpose::Revocation => Summary::unknown(),
    }
}

fn filing(filing: &FilingContent) -> Summary {
    let totals = filing.totals;
    Summary {
        content_type: "filing",
        content: json!({
            "id": filing.id,
            "center": filing.center,
            "unit_account": filing.unit.account,
            "unit_name": filing.unit.name,
            "kind": filing.rows.kind(),
            "period": filing.period,
            "created_at": filing.created_at,
            "file_name": filing.source.file_name,
            "totals": totals,
        }),
        words: format!(
            "  申报：{}，生效年月 {}，{}（{}）\n  人数 {}；月缴存额 调整前 {} 元，调整后 {} 元，差额 {} 元\n",
            filing.rows.kind().label(),
            filing.period,
            filing.unit.name,
            filing.unit.account,
            totals.people,
            totals.before,
            totals.after,
            totals.difference,
        ),
    }
}

fn receipt(receipt: &ReceiptContent) -> Summary {
    let totals = receipt.totals;
    Summary {
        content_type: "receipt",
        content: json!({
            "filing_id": receipt.filing_id,
            "filing_number": receipt.filing_number,
            "filing_sha256": receipt.filing_sha256,
            "approved_sha256": receipt.approved_sha256,
            "center": receipt.center,
            "unit_account": receipt.unit_account,
            "kind": receipt.kind,
            "period": receipt.period,
            "accepted_at": receipt.accepted_at,
            "state": receipt.state,
            "totals": totals,
        }),
        words: format!(
            "  回执：业务流水号 {}，{}，{}，受理时间 {}\n  人数 {}；月缴存额 调整前 {} 元，调整后 {} 元，差额 {} 元\n",
            receipt.filing_number,
            receipt.kind.label(),
            receipt.state.label(),
            receipt.accepted_at,
            totals.people,
            totals.before,
            totals.after,
            totals.difference,
        ),
    }
}
