//! `verify` and `print` on files that were really signed.
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
use huijiao_signing::{
    Certificate, KeyProvider, MemoryKey, P12Folder, Pin, Purpose, Role, SignSession, add_signature, sign_attached,
};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const AT: &str = "2026-07-06T09:30:00+08:00";
const ID: &str = "01981a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b";

struct Signed {
    folder: TempDir,
    ca: PathBuf,
    filing: PathBuf,
    receipt: PathBuf,
    authority: DevelopmentCa,
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
    signed_by("王晓敏")
}

fn signed_by(name: &str) -> Signed {
    let folder = tempfile::tempdir().unwrap();
    let ca = DevelopmentCa::new("测试根证书", validity()).unwrap();
    let pin = Pin::new("123456");
    let operator = Operator { name, unit_name: "演示市晨光机电有限公司", credit_code: "91999999MA0HJT026B" };
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
        authority: ca,
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
fn an_id_number_in_the_signers_certificate_is_masked() {
    let signed = signed_by("张三 410801198512310031");
    let output = verify(&signed.filing, &signed.ca, &["--at", "2026-07-07"]);
    assert_eq!(json(&output)["signers"][0]["holder"], "张三 4108**********0031");
    let output = Command::new(env!("CARGO_BIN_EXE_huijiao-cli"))
        .args(["verify", "--at", "2026-07-07", "--ca"])
        .args([&signed.ca, &signed.filing])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("张三 4108**********0031") && !said.contains("410801198512310031"), "{said}");
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

/// A folder of evidence as the desk writes it.
fn evidence(signed: &Signed) -> PathBuf {
    let folder = signed.folder.path().join("evidence");
    fs::create_dir_all(folder.join("certificates")).unwrap();
    let filing = fs::read(&signed.filing).unwrap();
    let keys = P12Folder::new(signed.folder.path().join("keys")).list().unwrap();
    let clerk = keys[0].certificate.as_ref().unwrap().pem();
    let content = ReceiptContent { filing_sha256: sha256(&filing), ..serde_json::from_slice(&receipt()).unwrap() };
    let content = serde_json::to_vec(&content).unwrap();
    let mut center = signed.authority.issue_receipt("演示中心", validity()).unwrap();
    let receipt = sign_attached(&mut center, &content, AT, Role::Center, Purpose::Receipt, None).unwrap();
    let mut sums = String::new();
    for (name, bytes) in [
        ("ca.pem", fs::read(&signed.ca).unwrap()),
        ("certificates/clerk-1.pem", clerk.into_bytes()),
        ("filing.p7m", filing),
        ("receipt.p7m", receipt),
        ("单证.pdf", b"%PDF".to_vec()),
    ] {
        fs::write(folder.join(name), &bytes).unwrap();
        sums.push_str(&format!("{}  {name}\n", sha256(&bytes)));
    }
    fs::write(folder.join("SHA256SUMS.txt"), sums).unwrap();
    folder
}

#[test]
fn a_filing_and_its_receipt_are_printed_and_what_does_not_verify_is_not() {
    let signed = signed();
    let folder = evidence(&signed);
    let out = signed.folder.path().join("单证.pdf");
    let print = |file: &PathBuf, more: &[&str]| {
        let _ = fs::remove_file(&out);
        let mut command = Command::new(env!("CARGO_BIN_EXE_huijiao-cli"));
        command.arg("print").arg(file).arg("--out").arg(&out).arg("--json").args(more).output().unwrap()
    };
    let read = || {
        let output = Command::new("pdftotext").args(["-raw", "-enc", "UTF-8"]).arg(&out).arg("-").output();
        String::from_utf8(output.expect("pdftotext is installed by `cargo xtask setup`").stdout).unwrap()
    };
    let ca = signed.ca.to_str().unwrap();
    let output = print(&folder, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = json(&output);
    assert_eq!((said["filing_number"].as_str(), said["pages"].as_u64()), (Some("20260706000001"), Some(2)), "{said}");
    let text = read();
    assert!(text.contains("业务流水号 20260706000001") && text.contains("经办人 王晓敏 已电子签名"), "{text}");
    assert!(text.contains("演示市住房公积金管理中心"), "the center by its name: {text}");

    let output = print(&signed.filing, &["--ca", ca]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(json(&output)["filing_number"].is_null(), "nobody gave it a number");
    assert!(!read().contains("业务流水号"), "and it is not printed as if somebody had");

    let foreign = ["--ca", ca, "--receipt", signed.receipt.to_str().unwrap()];
    for (file, more, code) in [
        (&signed.filing, &foreign[..], "desk-receipt-invalid"),
        (&signed.receipt, &foreign[..2], "verify-purpose"),
        (&signed.filing, &[], "cli-arguments"),
    ] {
        let output = print(file, more);
        assert_eq!((output.status.code(), json(&output)["error"]["code"].as_str()), (Some(2), Some(code)));
        assert!(!out.exists(), "{code}: nothing was printed");
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn verify_folder(folder: &PathBuf) -> (Option<i32>, Value) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_huijiao-cli")).arg("verify").arg(folder).arg("--json").output().unwrap();
    (output.status.code(), json(&output))
}

/// Part and code of what does not hold.
fn broken(said: &Value) -> Vec<(&str, &str)> {
    let parts = said["parts"].as_array().unwrap();
    let bad = parts.iter().filter(|part| part["holds"] == false);
    bad.map(|part| (part["part"].as_str().unwrap(), part["code"].as_str().unwrap())).collect()
}

#[test]
fn a_folder_of_evidence_holds_and_each_part_that_was_tampered_with_is_named() {
    let signed = signed();
    let (code, said) = verify_folder(&evidence(&signed));
    assert_eq!((code, broken(&said)), (Some(0), Vec::new()), "{said}");
    assert_eq!(said["root_sha256"].as_str().map(str::len), Some(64), "to be compared with the center's own word");

    let flip = |name: &str| {
        let folder = evidence(&signed);
        let mut bytes = fs::read(folder.join(name)).unwrap();
        // In the content, past the headers; the last bytes are the signature.
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(folder.join(name), bytes).unwrap();
        verify_folder(&folder)
    };
    for name in ["filing.p7m", "receipt.p7m", "certificates/clerk-1.pem", "单证.pdf"] {
        let (code, said) = flip(name);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(broken(&said).contains(&(name, "cli-evidence-changed")), "{name}: {said}");
    }
    let folder = evidence(&signed);
    fs::write(folder.join("receipt.p7m"), fs::read(&signed.receipt).unwrap()).unwrap();
    let (code, said) = verify_folder(&folder);
    assert!(code == Some(1) && broken(&said).contains(&("receipt.p7m", "cli-evidence-other")), "of another: {said}");

    let folder = evidence(&signed);
    fs::write(folder.join("filing.tsr"), "no stamp").unwrap();
    fs::copy(folder.join("ca.pem"), folder.join("tsa.pem")).unwrap();
    let (code, said) = verify_folder(&folder);
    assert_eq!((code, broken(&said)), (Some(1), vec![("filing.tsr", "stamp-malformed")]), "{said}");

    let folder = evidence(&signed);
    let other = DevelopmentCa::new("别家", validity()).unwrap();
    fs::write(folder.join("ca.pem"), other.certificate().pem()).unwrap();
    let (code, said) = verify_folder(&folder);
    assert_eq!(code, Some(1), "{said}");
    assert!(broken(&said).contains(&("filing.p7m", "verify-certificate-foreign")), "{said}");
    fs::remove_file(folder.join("filing.p7m")).unwrap();
    assert_eq!(verify_folder(&folder).0, Some(2), "without the filing there is nothing to judge");
}

/// A receipt of the evidence's filing, signed by this key at this moment.
fn another_receipt(
    key: &mut MemoryKey,
    filing: &[u8],
    state: FilingState,
    at: &str,
    previous: Option<&[u8]>,
) -> Vec<u8> {
    let content = ReceiptContent {
        filing_sha256: sha256(filing),
        state,
        previous_receipt: previous.map(sha256),
        ..serde_json::from_slice(&receipt()).unwrap()
    };
    sign_attached(key, &serde_json::to_vec(&content).unwrap(), at, Role::Center, Purpose::Receipt, None).unwrap()
}

#[test]
fn what_was_revoked_before_proves_nothing_and_what_was_revoked_later_still_does() {
    let signed = signed();
    let filing = fs::read(&signed.filing).unwrap();
    let mut center = signed.authority.issue_receipt("演示中心", validity()).unwrap();
    let answer = another_receipt(&mut center, &filing, FilingState::Settled, AT, None);
    let keys = P12Folder::new(signed.folder.path().join("keys")).list().unwrap();
    let clerk = keys[0].certificate.clone().unwrap();
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let list = |of: &DevelopmentCa, revoked: &[(&Certificate, &str)]| {
        let revoked: Vec<_> = revoked.iter().map(|(one, at)| (*one, time(at))).collect();
        let (made, due) = (time("2026-07-06T01:00:00Z"), time("2026-08-06T01:00:00Z"));
        of.revocation_list(&revoked, made, due).unwrap().pem()
    };
    let (before, later) = ("2026-07-06T08:00:00+08:00", "2026-07-06T12:00:00+08:00");
    let foreign = DevelopmentCa::new("测试根证书", validity()).unwrap();
    for (crl, bad) in [
        (
            list(&signed.authority, &[(center.certificate(), before)]),
            // Without it nobody but the clerk says when the clerk signed.
            vec![("filing.p7m", "cli-evidence-clock"), ("receipt.p7m", "verify-certificate-revoked")],
        ),
        (list(&signed.authority, &[(&clerk, before)]), vec![("filing.p7m", "verify-certificate-revoked")]),
        (list(&signed.authority, &[(center.certificate(), later), (&clerk, later)]), Vec::new()),
        (list(&foreign, &[(&clerk, before)]), vec![("crl.pem", "verify-crl")]),
        ("no list".to_owned(), vec![("crl.pem", "verify-crl")]),
    ] {
        let folder = evidence(&signed);
        fs::write(folder.join("receipt.p7m"), &answer).unwrap();
        fs::write(folder.join("crl.pem"), crl).unwrap();
        let (code, said) = verify_folder(&folder);
        let mut found = broken(&said);
        // The list of hashes is of the receipt that was there, a certificate whose signature does not hold is nobody's.
        found.retain(|(_, code)| !["cli-evidence-changed", "cli-evidence-certificate"].contains(code));
        assert_eq!(found, bad, "{said}");
        assert!(code == Some(1), "the receipt is another: {said}");
    }
}

/// An approver may put any time into what he signs: that the center names his signature proves that it was there by
/// then, and not that it was there before his certificate ended.
#[test]
fn an_approver_s_own_clock_proves_nothing() {
    let signed = signed();
    let clerks = fs::read(&signed.filing).unwrap();
    let mut center = signed.authority.issue_receipt("演示中心", validity()).unwrap();
    let approved_by = |begins: &str, ends: &str| {
        let operator =
            Operator {
                name: "李建国", unit_name: "演示市晨光机电有限公司", credit_code: "91999999MA0HJT026B"
            };
        let validity = Validity { not_before: begins.parse().unwrap(), not_after: ends.parse().unwrap() };
        let mut key = signed.authority.issue_operator_key(&operator, validity).unwrap();
        add_signature(&mut key, &clerks, "2026-07-20T10:00:00+08:00").unwrap()
    };
    let ended = approved_by("2026-01-01T00:00:00Z", "2026-08-01T00:00:00Z");
    let young = approved_by("2026-07-10T00:00:00Z", "2027-07-10T00:00:00Z");
    let mut answer = |approved: Option<&[u8]>, at: &str| {
        let content = ReceiptContent {
            filing_sha256: sha256(&clerks),
            approved_sha256: approved.map(sha256),
            ..serde_json::from_slice(&receipt()).unwrap()
        };
        let content = serde_json::to_vec(&content).unwrap();
        sign_attached(&mut center, &content, at, Role::Center, Purpose::Receipt, None).unwrap()
    };
    let (then, meanwhile, later) = (AT, "2026-07-25T10:00:00+08:00", "2026-09-01T10:00:00+08:00");
    let clock = "cli-evidence-clock";
    for (why, approved, answer, by, bad) in [
        ("the center had the filing while he could sign", &ended, Some(answer(None, then)), "中心最新的回执", vec![]),
        ("dated back", &ended, Some(answer(None, later)), "", vec![("filing.p7m", "verify-certificate-expired")]),
        ("named by the center", &ended, Some(answer(Some(&ended), meanwhile)), "中心的回执写明了它", vec![]),
        (
            "named when his certificate had ended",
            &ended,
            Some(answer(Some(&ended), later)),
            "复核人自称",
            vec![("filing.p7m", clock)],
        ),
        (
            "named is another file",
            &ended,
            Some(answer(Some(&young), later)),
            "",
            vec![("filing.p7m", "verify-certificate-expired"), ("receipt.p7m", "cli-evidence-other")],
        ),
        ("younger than all others say", &young, Some(answer(None, then)), "自己的时钟", vec![("filing.p7m", clock)]),
        ("nobody says", &ended, None, "自己的时钟", vec![("filing.p7m", clock), ("filing-clerk.p7m", clock)]),
    ] {
        let folder = evidence(&signed);
        fs::write(folder.join("filing-clerk.p7m"), &clerks).unwrap();
        fs::write(folder.join("filing.p7m"), approved).unwrap();
        fs::remove_file(folder.join("receipt.p7m")).unwrap();
        if let Some(answer) = answer {
            fs::write(folder.join("receipt.p7m"), answer).unwrap();
        }
        // What was exported is not what this is about.
        fs::write(folder.join("SHA256SUMS.txt"), "").unwrap();
        let (code, said) = verify_folder(&folder);
        assert_eq!(broken(&said), bad, "{why}: {said}");
        let warned = bad.iter().all(|(_, code)| *code == clock);
        assert_eq!(code, Some(i32::from(!warned)), "{why}: a warning is none of what does not hold");
        let parts = said["parts"].as_array().unwrap();
        let part = parts.iter().find(|part| part["part"] == "filing.p7m").unwrap();
        assert!(part["words"].as_str().unwrap().contains(by), "{why}: it says by which time: {said}");
        assert_eq!(part["warns"].as_bool(), Some(bad.contains(&("filing.p7m", clock))), "{why}");
    }
}

/// A center with two roots has a list of each: what only the second one says counts as much.
#[test]
fn every_revocation_list_of_a_folder_is_asked() {
    let signed = signed();
    let other = DevelopmentCa::new("另一个根证书", validity()).unwrap();
    let keys = P12Folder::new(signed.folder.path().join("keys")).list().unwrap();
    let clerk = keys[0].certificate.clone().unwrap();
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let list = |of: &DevelopmentCa, revoked: &[(&Certificate, Timestamp)]| {
        of.revocation_list(revoked, time("2026-07-06T01:00:00Z"), time("2026-08-06T01:00:00Z")).unwrap().pem()
    };
    let before = time("2026-07-06T08:00:00+08:00");
    for (lists, bad) in [
        ([list(&other, &[]), list(&signed.authority, &[])], None),
        ([list(&other, &[]), list(&signed.authority, &[(&clerk, before)])], Some("verify-certificate-revoked")),
        // The same serial number on the list of the other root is somebody else's.
        ([list(&signed.authority, &[]), list(&other, &[(&clerk, before)])], None),
    ] {
        let folder = evidence(&signed);
        let roots = [signed.authority.certificate().pem(), other.certificate().pem()].concat();
        for (name, text) in [("ca.pem", &roots), ("crl.pem", &lists[0]), ("crl-2.pem", &lists[1])] {
            fs::write(folder.join(name), text).unwrap();
        }
        fs::write(folder.join("ca-crl.pem"), format!("{roots}{}{}", lists[0], lists[1])).unwrap();
        fs::write(folder.join("SHA256SUMS.txt"), "").unwrap();
        let (code, said) = verify_folder(&folder);
        let mut found = broken(&said);
        found.retain(|(_, code)| *code != "cli-evidence-certificate");
        assert_eq!(found, Vec::from_iter(bad.map(|code| ("filing.p7m", code))), "{said}");
        assert_eq!(code, Some(i32::from(bad.is_some())));
        let parts = said["parts"].as_array().unwrap();
        assert!(parts.iter().any(|part| part["part"] == "crl-2.pem" && part["holds"] == true), "{said}");
        for name in ["crl.pem", "crl-2.pem", "ca-crl.pem"] {
            fs::remove_file(folder.join(name)).unwrap();
        }
    }
}

#[test]
fn receipts_that_cannot_follow_each_other_are_named() {
    let signed = signed();
    let filing = fs::read(&signed.filing).unwrap();
    let mut center = signed.authority.issue_receipt("演示中心", validity()).unwrap();
    let (then, later) = ("2026-07-06T10:00:00+08:00", "2026-07-07T10:00:00+08:00");
    let first = another_receipt(&mut center, &filing, FilingState::Accepted, then, None);
    let second = another_receipt(&mut center, &filing, FilingState::Settled, later, Some(&first));
    let of_others = another_receipt(&mut center, &filing, FilingState::Settled, later, Some(b"another filing's"));
    let fork = another_receipt(&mut center, &filing, FilingState::Refused, later, None);
    let earlier = another_receipt(&mut center, &filing, FilingState::Settled, AT, Some(&first));
    for (why, receipts, bad) in [
        ("one after the other", [&first, &second], None),
        ("others' receipts between them", [&first, &of_others], None),
        ("swapped", [&second, &first], Some("receipt-1.p7m")),
        ("both the first of the unit", [&first, &fork], Some("receipt.p7m")),
        ("dated back", [&first, &earlier], Some("receipt.p7m")),
        ("the same twice", [&first, &first], Some("receipt.p7m")),
    ] {
        let folder = evidence(&signed);
        for (name, bytes) in ["receipt-1.p7m", "receipt.p7m"].iter().zip(receipts) {
            fs::write(folder.join(name), bytes).unwrap();
        }
        let (_, said) = verify_folder(&folder);
        fs::remove_file(folder.join("receipt-1.p7m")).unwrap();
        let found = broken(&said);
        let found: Vec<_> =
            found.iter().filter(|(_, code)| *code == "cli-evidence-chain").map(|(part, _)| *part).collect();
        assert_eq!(found, Vec::from_iter(bad), "{why}: {said}");
    }
}

#[test]
fn roots_laid_beside_the_lists_for_openssl_are_those_that_are_compared() {
    let signed = signed();
    let folder = evidence(&signed);
    let (made, due) = ("2026-07-06T01:00:00Z".parse().unwrap(), "2026-08-06T01:00:00Z".parse().unwrap());
    let crl = signed.authority.revocation_list(&[], made, due).unwrap().pem();
    fs::write(folder.join("crl.pem"), &crl).unwrap();
    let roots = fs::read_to_string(folder.join("ca.pem")).unwrap();
    fs::write(folder.join("ca-crl.pem"), format!("{roots}{crl}")).unwrap();
    let (code, said) = verify_folder(&folder);
    assert_eq!((code, broken(&said)), (Some(0), Vec::new()), "{said}");
    let more = DevelopmentCa::new("别家", validity()).unwrap().certificate().pem();
    fs::write(folder.join("ca-crl.pem"), format!("{roots}{more}{crl}")).unwrap();
    let (code, said) = verify_folder(&folder);
    assert_eq!((code, broken(&said)), (Some(1), vec![("ca-crl.pem", "cli-evidence-roots")]), "{said}");
}
