//! OpenSSL as the other side: it accepts what this crate signs, this crate accepts what it signs.
#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{
    KeyProvider, P12Folder, Pin, Purpose, Role, TrustAnchors, VerifyError, add_signature, sign_attached, verify,
    verify_foreign,
};
use jiff::{SignedDuration, Timestamp};
use kit::without_openssl;
use tempfile::TempDir;

const CONTENT: &str = "{\"name\":\"演示单位\",\r\n \"rows\":[]}\n";

fn openssl(folder: &Path, arguments: &str) -> Output {
    Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap()
}

#[track_caller]
fn run(folder: &Path, arguments: &str) -> Vec<u8> {
    let output = openssl(folder, arguments);
    assert!(output.status.success(), "openssl {arguments} must succeed: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// OpenSSL looks at the computer's clock, so these certificates hold today.
fn today() -> Validity {
    let yesterday = Timestamp::now().checked_sub(SignedDuration::from_hours(24)).unwrap();
    Validity::years(yesterday, 2)
}

fn clerk() -> Operator<'static> {
    Operator { name: "王晓梅", unit_name: "演示市示例科技有限公司", credit_code: "91410800MA0000000Y" }
}

fn authority(folder: &Path) -> DevelopmentCa {
    let ca = DevelopmentCa::new("演示根证书", today()).unwrap();
    fs::write(folder.join("ca.pem"), ca.certificate().pem()).unwrap();
    ca
}

#[test]
fn openssl_accepts_every_kind_of_file_that_we_sign() {
    if without_openssl() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let ca = authority(folder.path());
    let now = Timestamp::now().to_string();
    let mut key = ca.issue_operator_key(&clerk(), today()).unwrap();
    let mut approver = ca.issue_operator_key(&Operator { name: "李建国", ..clerk() }, today()).unwrap();
    let mut receipt = ca.issue_receipt("演示市住房公积金管理中心", today()).unwrap();

    let filing = sign_attached(&mut key, CONTENT.as_bytes(), &now, Role::Clerk, Purpose::Filing, None).unwrap();
    let approved = add_signature(&mut approver, &filing, &now).unwrap();
    let receipt = sign_attached(&mut receipt, CONTENT.as_bytes(), &now, Role::Center, Purpose::Receipt, None).unwrap();
    let mut sign = |role, purpose| sign_attached(&mut key, CONTENT.as_bytes(), &now, role, purpose, None).unwrap();
    for (name, bytes) in [
        ("filing.p7m", filing),
        ("approved.p7m", approved),
        ("receipt.p7m", receipt),
        ("rejection.p7m", sign(Role::Approver, Purpose::Rejection)),
        ("withdrawal.p7m", sign(Role::Clerk, Purpose::Withdrawal)),
        ("login.p7m", sign(Role::Clerk, Purpose::Login)),
        ("renewal.p7m", sign(Role::Clerk, Purpose::Renewal)),
        ("revocation.p7m", sign(Role::Approver, Purpose::Revocation)),
    ] {
        fs::write(folder.path().join(name), &bytes).unwrap();
        // The command of the protocol, without further options.
        let content = run(folder.path(), &format!("cms -verify -inform DER -in {name} -CAfile ca.pem"));
        assert_eq!(content, CONTENT.as_bytes(), "{name}: the content comes out byte for byte");
        run(folder.path(), &format!("cms -verify -cades -inform DER -in {name} -CAfile ca.pem -out content"));

        let place = bytes.windows(4).position(|four| four == b"rows").unwrap();
        let mut changed = bytes;
        changed[place] = b'R';
        fs::write(folder.path().join("changed.p7m"), changed).unwrap();
        let refused = openssl(folder.path(), "cms -verify -inform DER -in changed.p7m -CAfile ca.pem");
        assert!(!refused.status.success(), "{name}: the command must notice a changed byte");
    }
    let printed = run(folder.path(), "cms -cmsout -print -inform DER -in approved.p7m");
    let printed = String::from_utf8_lossy(&printed);
    for attribute in [1, 2, 3] {
        let name = format!("2.25.15002598069684235779154861484069384602.{attribute}");
        assert!(printed.contains(&name), "the documented identifier {name} stands in the file");
    }
}

#[test]
fn openssl_reads_our_p12_and_sees_pbes2_with_100_000_iterations() {
    if without_openssl() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let issued = authority(folder.path()).issue_operator(&clerk(), today(), &Pin::new("123456")).unwrap();
    fs::write(folder.path().join("x.p12"), &issued.p12).unwrap();
    let pem = run(folder.path(), "pkcs12 -in x.p12 -passin pass:123456 -nokeys");
    let pem = String::from_utf8_lossy(&pem);
    assert!(pem.contains("BEGIN CERTIFICATE") && !pem.contains("PRIVATE KEY"));
    let details = openssl(folder.path(), "pkcs12 -in x.p12 -passin pass:123456 -noout -info");
    let details = String::from_utf8_lossy(&details.stderr).into_owned();
    let strong = "PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256";
    assert_eq!(details.matches(strong).count(), 2, "certificates and key are both under it: {details}");
    assert!(details.contains("MAC: sha256, Iteration 100000"), "{details}");
    assert!(!openssl(folder.path(), "pkcs12 -in x.p12 -passin pass:123457 -nokeys").status.success());
}

/// A root and an operator made by openssl alone, with this kind of key.
fn foreign(key: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("leaf.cnf"),
        "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n\
         extendedKeyUsage=clientAuth,emailProtection\nsubjectKeyIdentifier=hash\n",
    )
    .unwrap();
    fs::write(at.join("content"), CONTENT).unwrap();
    run(at, &format!("req -x509 -newkey {key} -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=ForeignRoot"));
    run(at, &format!("req -new -newkey {key} -nodes -keyout leaf.key -out leaf.csr -subj /O=Unit/CN=Operator"));
    run(at, "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile leaf.cnf -out leaf.pem");
    folder
}

const P256: &str = "ec -pkeyopt ec_paramgen_curve:P-256";

#[test]
fn we_accept_what_openssl_signs_with_p256_and_with_rsa() {
    if without_openssl() {
        return;
    }
    for key in [P256, "rsa:2048", "rsa:3072"] {
        let folder = foreign(key);
        let at = folder.path();
        let anchors = TrustAnchors::from_pem(&fs::read_to_string(at.join("ca.pem")).unwrap()).unwrap();
        let sign = "cms -sign -nodetach -binary -outform DER -in content -signer leaf.pem -inkey leaf.key";
        for options in ["-cades", "-nosmimecap", "-keyid -cades", "-cades -certfile ca.pem"] {
            run(at, &format!("{sign} -md sha256 {options} -out foreign.p7m"));
            let p7m = fs::read(at.join("foreign.p7m")).unwrap();
            let verified = verify_foreign(&p7m, &anchors, Timestamp::now(), &[])
                .unwrap_or_else(|error| panic!("{key} {options}: {error}"));
            assert_eq!(verified.content, CONTENT.as_bytes());
            assert_eq!(verified.signers.len(), 1);
            assert_eq!(verified.signers[0].certificate.holder(), "Operator");
            assert!(verified.signers[0].signing_time.is_some());
            let ours = verify(&p7m, &anchors, Timestamp::now(), Purpose::Filing, &[]);
            assert!(ours.is_err(), "{key} {options}: without our attributes it is no filing");

            let place = p7m.windows(4).position(|four| four == b"rows").unwrap();
            let mut changed = p7m;
            changed[place] = b'R';
            let refused = verify_foreign(&changed, &anchors, Timestamp::now(), &[]);
            assert_eq!(refused, Err(VerifyError::Digest), "{key} {options}");
        }

        run(at, &format!("{sign} -md sha256 -stream -out streamed.p7m"));
        let streamed = fs::read(at.join("streamed.p7m")).unwrap();
        let refused = verify_foreign(&streamed, &anchors, Timestamp::now(), &[]);
        assert_eq!(refused, Err(VerifyError::Ber), "{key}: streamed output is BER and said to be");

        run(at, &format!("{sign} -md sha1 -out weak.p7m"));
        let refused = verify_foreign(&fs::read(at.join("weak.p7m")).unwrap(), &anchors, Timestamp::now(), &[]);
        assert_eq!(refused, Err(VerifyError::Algorithm), "{key}: SHA-1");

        run(at, &format!("{sign} -md sha256 -noattr -out bare.p7m"));
        let refused = verify_foreign(&fs::read(at.join("bare.p7m")).unwrap(), &anchors, Timestamp::now(), &[]);
        assert_eq!(refused.unwrap_err().code(), "verify-malformed", "{key}: no signed attributes");
    }
}

#[test]
fn short_rsa_keys_are_refused_as_an_algorithm() {
    if without_openssl() {
        return;
    }
    let folder = foreign("rsa:1024");
    let at = folder.path();
    let anchors = TrustAnchors::from_pem(&fs::read_to_string(at.join("ca.pem")).unwrap()).unwrap();
    run(
        at,
        "cms -sign -nodetach -binary -outform DER -in content -signer leaf.pem -inkey leaf.key -md sha256 -out s.p7m",
    );
    let refused = verify_foreign(&fs::read(at.join("s.p7m")).unwrap(), &anchors, Timestamp::now(), &[]);
    assert_eq!(refused, Err(VerifyError::Algorithm));
}

#[test]
fn a_p12_made_by_openssl_signs_filings_that_openssl_accepts() {
    if without_openssl() {
        return;
    }
    // The second is how older authorities still hand them out: SHA-1 and triple DES.
    let old = "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1";
    for (key, options) in [(P256, ""), ("rsa:2048", ""), ("rsa:2048", old)] {
        let folder = foreign(key);
        let at = folder.path();
        let export = format!("pkcs12 -export -in leaf.pem -inkey leaf.key -passout pass:88888888 -out x.p12 {options}");
        run(at, export.trim_end());
        let keys = P12Folder::new(at.join("keys"));
        let pin = Pin::new("88888888");
        keys.install("operator", &fs::read(at.join("x.p12")).unwrap(), &pin).unwrap();
        let mut session = keys.open("operator").unwrap();
        session.login(&pin).unwrap();
        let now = Timestamp::now();
        let anchors = TrustAnchors::from_pem(&fs::read_to_string(at.join("ca.pem")).unwrap()).unwrap();
        for (role, purpose) in [
            (Role::Clerk, Purpose::Filing),
            (Role::Approver, Purpose::Rejection),
            (Role::Clerk, Purpose::Withdrawal),
            (Role::Clerk, Purpose::Login),
            (Role::Clerk, Purpose::Renewal),
            (Role::Approver, Purpose::Revocation),
        ] {
            let at_once = now.to_string();
            let p7m = sign_attached(&mut *session, CONTENT.as_bytes(), &at_once, role, purpose, None).unwrap();
            let verified = verify(&p7m, &anchors, now, purpose, &[]).unwrap();
            assert_eq!(verified.signers[0].certificate.unit_name(), Some("Unit"));
            fs::write(at.join("signed.p7m"), p7m).unwrap();
            assert_eq!(run(at, "cms -verify -inform DER -in signed.p7m -CAfile ca.pem"), CONTENT.as_bytes());
        }
    }
}

#[test]
fn an_authority_between_root_and_operator_travels_in_the_file() {
    if without_openssl() {
        return;
    }
    let folder = foreign(P256);
    let at = folder.path();
    fs::write(at.join("between.cnf"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n").unwrap();
    run(at, &format!("req -new -newkey {P256} -nodes -keyout between.key -out between.csr -subj /CN=Between"));
    run(at, "x509 -req -in between.csr -CA ca.pem -CAkey ca.key -days 20 -extfile between.cnf -out between.pem");
    run(at, "x509 -req -in leaf.csr -CA between.pem -CAkey between.key -days 20 -extfile leaf.cnf -out below.pem");
    run(at, "pkcs12 -export -in below.pem -inkey leaf.key -certfile between.pem -passout pass:88888888 -out x.p12");
    let keys = P12Folder::new(at.join("keys"));
    let pin = Pin::new("88888888");
    keys.install("operator", &fs::read(at.join("x.p12")).unwrap(), &pin).unwrap();
    assert_eq!(keys.tls_identity("operator", &pin).unwrap().chain.len(), 2, "TLS shows both as well");
    let mut session = keys.open("operator").unwrap();
    session.login(&pin).unwrap();
    let now = Timestamp::now();
    let p7m =
        sign_attached(&mut *session, CONTENT.as_bytes(), &now.to_string(), Role::Clerk, Purpose::Filing, None).unwrap();
    let anchors = TrustAnchors::from_pem(&fs::read_to_string(at.join("ca.pem")).unwrap()).unwrap();
    assert!(verify(&p7m, &anchors, now, Purpose::Filing, &[]).is_ok());
    fs::write(at.join("filing.p7m"), p7m).unwrap();
    run(at, "cms -verify -inform DER -in filing.p7m -CAfile ca.pem");
}
