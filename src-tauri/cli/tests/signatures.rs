//! `verify` on files that were really signed.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use huijiao_domain::filing::Rows;
use huijiao_domain::filing::{FilingKind, Totals};
use huijiao_domain::money::Yuan;
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_protocol::receipt::{FilingState, ReceiptContent};
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{KeyProvider, P12Folder, Pin, Purpose, Role, sign_attached};
use serde_json::Value;
use tempfile::TempDir;

const AT: &str = "2026-07-06T09:30:00+08:00";
const ID: &str = "01981a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b";

struct Signed {
    folder: TempDir,
    ca: PathBuf,
    filing: PathBuf,
    receipt: PathBuf,
}

fn validity() -> Validity {
    Validity { not_before: "2020-01-01T00:00:00Z".parse().unwrap(), not_after: "2040-01-01T00:00:00Z".parse().unwrap() }
}

fn totals() -> Totals {
    let yuan = |text: &str| text.parse::<Yuan>().unwrap();
    Totals { people: 1, before: yuan("800.00"), after: yuan("880.00"), difference: yuan("80.00") }
}

fn filing() -> Vec<u8> {
    FilingContent {
        id: ID.parse().unwrap(),
        center: "demo".into(),
        unit: UnitRef {
            account: "041000000001".into(),
            credit_code: "91999999MA0HJT026B".into(),
            name: "演示市晨光机电有限公司".into(),
        },
        period: "2026-07".parse().unwrap(),
        created_at: AT.into(),
        roster_version: 1,
        source: Source { file_name: "基数.xlsx".into(), sha256: "0".repeat(64), sheet: "一".into(), rows: 1 },
        totals: totals(),
        header: FilingHeader::default(),
        rows: Rows::none(FilingKind::BaseAdjustment),
    }
    .to_bytes()
    .unwrap()
}

fn receipt() -> Vec<u8> {
    serde_json::to_vec(&ReceiptContent {
        protocol: 1,
        filing_id: ID.parse().unwrap(),
        filing_number: "20260706000001".into(),
        filing_sha256: "0".repeat(64),
        approved_sha256: None,
        center: "demo".into(),
        unit_account: "041000000001".into(),
        kind: FilingKind::BaseAdjustment,
        period: "2026-07".parse().unwrap(),
        totals: totals(),
        signers: Vec::new(),
        accepted_at: AT.into(),
        state: FilingState::Accepted,
        reason: String::new(),
        returned_by: None,
        row_results: Vec::new(),
        previous_receipt: None,
        audit: None,
    })
    .unwrap()
}

fn signed() -> Signed {
    let folder = tempfile::tempdir().unwrap();
    let ca = DevelopmentCa::new("测试根证书", validity()).unwrap();
    let pin = Pin::new("123456");
    let operator = Operator {
        name: "王晓敏", unit_name: "演示市晨光机电有限公司", credit_code: "91999999MA0HJT026B"
    };
    let keys = P12Folder::new(folder.path().join("keys"));
    keys.install("clerk", &ca.issue_operator(&operator, validity(), &pin).unwrap().p12, &pin).unwrap();
    let mut clerk = keys.open("clerk").unwrap();
    clerk.login(&pin).unwrap();
    let mut center = ca.issue_receipt("演示中心", validity()).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let of_clerk = sign_attached(&mut *clerk, &filing(), AT, Role::Clerk, Purpose::Filing, None).unwrap();
    let of_center = sign_attached(&mut center, &receipt(), AT, Role::Center, Purpose::Receipt, None).unwrap();
    Signed {
        ca: write("ca.pem", ca.certificate().pem().as_bytes()),
        filing: write("filing.p7m", &of_clerk),
        receipt: write("receipt.p7m", &of_center),
        folder,
    }
}

fn verify(file: &PathBuf, ca: &PathBuf, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huijiao-cli"))
        .arg("verify")
        .arg(file)
        .arg("--ca")
        .arg(ca)
        .arg("--json")
        .args(more)
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("standard output is one JSON document")
}

#[test]
fn a_filing_and_a_receipt_are_told_apart_by_what_was_signed() {
    let signed = signed();
    let output = verify(&signed.filing, &signed.ca, &["--at", "2026-07-07"]);
    assert_eq!(output.status.code(), Some(0), "valid: {output:?}");
    let mut said = json(&output);
    let sha = said["signers"][0]["certificate_sha256"].take();
    assert_eq!(sha.as_str().map(str::len), Some(64), "the certificate is named by its hash");
    insta::assert_json_snapshot!("filing", said);

    let output = verify(&signed.receipt, &signed.ca, &["--at", "2026-07-07"]);
    assert_eq!(output.status.code(), Some(0), "valid: {output:?}");
    let mut said = json(&output);
    said["signers"][0]["certificate_sha256"].take();
    insta::assert_json_snapshot!("receipt", said);
}

#[test]
fn a_changed_file_does_not_hold_and_says_nothing_of_its_content() {
    let signed = signed();
    let mut bytes = fs::read(&signed.filing).unwrap();
    let at = bytes.windows(6).position(|part| part == b"880.00").unwrap();
    bytes[at] = b'9';
    let changed = signed.folder.path().join("changed.p7m");
    fs::write(&changed, bytes).unwrap();
    let output = verify(&changed, &signed.ca, &[]);
    assert_eq!(output.status.code(), Some(1), "not valid");
    let said = json(&output);
    assert_eq!(said["valid"], false, "it says so");
    assert_eq!(said["error"]["code"], "verify-digest", "and why");
    assert!(said["content"].is_null() && said["signers"].as_array().unwrap().is_empty(), "nothing unproven is shown");
}

#[test]
fn another_root_or_another_time_does_not_hold() {
    let signed = signed();
    let foreign = signed.folder.path().join("foreign.pem");
    fs::write(&foreign, DevelopmentCa::new("别家", validity()).unwrap().certificate().pem()).unwrap();
    for (ca, at, code) in [
        (&foreign, "2026-07-07", "verify-certificate-foreign"),
        (&signed.ca, "2041-01-01", "verify-certificate-expired"),
        (&signed.ca, "2019-01-01", "verify-certificate-not-yet-valid"),
    ] {
        let output = verify(&signed.filing, ca, &["--at", at]);
        assert_eq!(output.status.code(), Some(1), "{code}: not valid");
        assert_eq!(json(&output)["error"]["code"], code, "named by its cause");
    }
}

#[test]
fn what_is_no_signed_file_cannot_be_judged() {
    let signed = signed();
    let text = signed.folder.path().join("text.p7m");
    fs::write(&text, "不是签名文件").unwrap();
    for (file, ca, code) in [
        (&text, &signed.ca, "verify-malformed"),
        (&signed.folder.path().join("none.p7m"), &signed.ca, "cli-file-missing"),
        (&signed.filing, &text, "cli-ca-unreadable"),
        (&signed.filing, &signed.filing, "cli-ca-unreadable"),
    ] {
        let output = verify(file, ca, &[]);
        assert_eq!(output.status.code(), Some(2), "{code}: {output:?}");
        assert_eq!(json(&output)["error"]["code"], code, "named by its cause");
    }
}
