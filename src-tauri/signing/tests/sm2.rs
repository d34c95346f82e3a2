//! SM2 with SM3: by the standard's own vectors, and with OpenSSL as the other side.
#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use const_oid::ObjectIdentifier;
use der::asn1::SetOfVec;
use der::{Any, Decode, Encode};
use huijiao_signing::issue::{DevelopmentCa, Operator, Sm2Ca, Validity};
use huijiao_signing::{
    Algorithm, Identifiers, KeyProvider, MemoryKey, P12Folder, Pin, Purpose, Role, SignError, SignSession,
    TrustAnchors, VerifyError, add_signature, sign_attached, sign_attached_by, verify,
};
use jiff::{SignedDuration, Timestamp};
use kit::without_openssl;

const CONTENT: &[u8] = "{\"name\":\"演示单位\",\"rows\":[]}".as_bytes();
/// «1234567812345678», what OpenSSL leaves empty unless it is told.
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const ID: &str = "distid:1234567812345678";

fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(folder).output().unwrap()
}

#[track_caller]
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = openssl(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {arguments:?} must succeed: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn today() -> Validity {
    let yesterday = Timestamp::now().checked_sub(SignedDuration::from_hours(24)).unwrap();
    Validity::years(yesterday, 2)
}

fn clerk() -> Operator<'static> {
    Operator { name: "王晓梅", unit_name: "演示市示例科技有限公司", credit_code: "91410800MA0000000Y" }
}

fn approver() -> Operator<'static> {
    Operator { name: "李建国", ..clerk() }
}

fn now() -> String {
    Timestamp::now().to_string()
}

/// The parts of a SignerInfo that an independent check needs.
struct SignerParts {
    /// The signed attributes as SET OF: what was signed.
    signed: Vec<u8>,
    /// Identifiers of the digest and of the signature algorithm.
    algorithms: [ObjectIdentifier; 2],
    digest: Vec<u8>,
    signature: Vec<u8>,
}

/// Reads with the `der` crate's own types, not with the code under test.
fn signers(p7m: &[u8]) -> (ObjectIdentifier, ObjectIdentifier, Vec<SignerParts>) {
    let info = Vec::<Any>::from_der(p7m).unwrap();
    let signed = Vec::<Any>::from_der(info[1].value()).unwrap();
    let encapsulated: Vec<Any> = signed[2].decode_as().unwrap();
    let set: SetOfVec<Any> = signed.last().unwrap().decode_as().unwrap();
    let parts = set.iter().map(|signer| {
        let fields: Vec<Any> = signer.decode_as().unwrap();
        let named = |field: &Any| field.decode_as::<Vec<Any>>().unwrap()[0].decode_as().unwrap();
        let attributes = &fields[3];
        let mut as_set = attributes.to_der().unwrap();
        as_set[0] = 0x31;
        let of: SetOfVec<Any> = SetOfVec::from_der(&as_set).unwrap();
        let digest = of.iter().find_map(|attribute| {
            let pair: Vec<Any> = attribute.decode_as().unwrap();
            let value: SetOfVec<Any> = pair[1].decode_as().unwrap();
            // Our own identifiers have arcs that the library cannot hold: names are compared as octets.
            (pair[0].value() == MESSAGE_DIGEST.as_bytes()).then(|| value.iter().next().unwrap().value().to_vec())
        });
        SignerParts {
            signed: as_set,
            algorithms: [named(&fields[2]), named(&fields[4])],
            digest: digest.unwrap(),
            signature: fields[5].value().to_vec(),
        }
    });
    (info[0].decode_as().unwrap(), encapsulated[0].decode_as().unwrap(), parts.collect())
}

fn public_key(folder: &Path, key: &MemoryKey, name: &str) {
    fs::write(folder.join("signer.pem"), key.certificate().pem()).unwrap();
    let pem = run(folder, &["x509", "-in", "signer.pem", "-noout", "-pubkey"]);
    fs::write(folder.join(name), pem).unwrap();
}

/// Whether OpenSSL, told who signs, accepts a signature with this key.
fn openssl_accepts(folder: &Path, signed: &[u8], signature: &[u8], key: &str) -> bool {
    fs::write(folder.join("signed"), signed).unwrap();
    fs::write(folder.join("signature"), signature).unwrap();
    let verify = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-digest", "sm3", "-pkeyopt", ID];
    openssl(folder, &[&verify[..], &["-in", "signed", "-sigfile", "signature"]].concat()).status.success()
}

#[test]
fn openssl_accepts_every_sm2_signature_of_ours_and_no_changed_one() {
    if without_openssl() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let ca = Sm2Ca::new("演示国密根证书", today()).unwrap();
    let mut first = ca.issue_operator_key(&clerk(), today()).unwrap();
    let mut second = ca.issue_operator_key(&approver(), today()).unwrap();
    let mut center = ca.issue_receipt("演示市住房公积金管理中心", today()).unwrap();
    public_key(at, &first, "clerk.pub");
    public_key(at, &second, "approver.pub");
    public_key(at, &center, "center.pub");

    for identifiers in [Identifiers::Rfc, Identifiers::Gmt] {
        let sign = |key: &mut MemoryKey, role, purpose| {
            sign_attached_by(key, CONTENT, &now(), role, purpose, None, identifiers).unwrap()
        };
        let filing = sign(&mut first, Role::Clerk, Purpose::Filing);
        let approved = add_signature(&mut second, &filing, &now()).unwrap();
        let files = [
            (filing, Purpose::Filing, vec!["clerk.pub"]),
            (approved, Purpose::Approval, vec!["clerk.pub", "approver.pub"]),
            (sign(&mut second, Role::Approver, Purpose::Rejection), Purpose::Rejection, vec!["approver.pub"]),
            (sign(&mut first, Role::Clerk, Purpose::Withdrawal), Purpose::Withdrawal, vec!["clerk.pub"]),
            (sign(&mut first, Role::Clerk, Purpose::Login), Purpose::Login, vec!["clerk.pub"]),
            (sign(&mut first, Role::Clerk, Purpose::Renewal), Purpose::Renewal, vec!["clerk.pub"]),
            (sign(&mut second, Role::Approver, Purpose::Revocation), Purpose::Revocation, vec!["approver.pub"]),
            (sign(&mut center, Role::Center, Purpose::Receipt), Purpose::Receipt, vec!["center.pub"]),
        ];
        for (file, purpose, keys) in files {
            let verified = verify(&file, &ca.anchors(), Timestamp::now(), purpose, &[]).unwrap();
            assert_eq!(verified.content, CONTENT);
            let (container, content, parts) = signers(&file);
            let (outer, inner, names) = match identifiers {
                Identifiers::Rfc => ("1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1", "1.2.156.10197.1.501"),
                Identifiers::Gmt => ("1.2.156.10197.6.1.4.2.2", "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.1.301.1"),
            };
            assert_eq!((container.to_string(), content.to_string()), (outer.into(), inner.into()));
            assert_eq!(parts.len(), keys.len());
            for signer in &parts {
                assert_eq!(signer.algorithms.map(|oid| oid.to_string()), ["1.2.156.10197.1.401", names]);
                fs::write(at.join("content"), CONTENT).unwrap();
                let sm3 = run(at, &["dgst", "-sm3", "-r", "content"]);
                let digest: String = signer.digest.iter().map(|octet| format!("{octet:02x}")).collect();
                assert!(sm3.starts_with(&digest), "{purpose:?}: OpenSSL's SM3 of the content is the attribute's");
            }
            for key in &keys {
                let held = parts.iter().filter(|one| openssl_accepts(at, &one.signed, &one.signature, key)).count();
                assert_eq!(held, 1, "{purpose:?} {identifiers:?}: exactly one signature is of {key}");
            }
            let mut changed = parts.into_iter().next().unwrap();
            *changed.signed.last_mut().unwrap() ^= 1;
            assert!(
                !keys.iter().any(|key| openssl_accepts(at, &changed.signed, &changed.signature, key)),
                "a changed bit is noticed"
            );
        }
    }
}

#[test]
fn openssl_accepts_the_chain_and_the_revocation_list() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let ca = Sm2Ca::new("演示国密根证书", today()).unwrap();
    let good = ca.issue_operator_key(&clerk(), today()).unwrap();
    let bad = ca.issue_operator_key(&approver(), today()).unwrap();
    let other = Sm2Ca::new("演示国密根证书", today()).unwrap();
    let tomorrow = Timestamp::now().checked_add(SignedDuration::from_hours(24)).unwrap();
    let yesterday = today().not_before;
    let crl = ca.revocation_list(&[(bad.certificate(), yesterday)], yesterday, tomorrow).unwrap();
    let empty = ca.revocation_list(&[], yesterday, tomorrow).unwrap();
    let (held, revoked) = (good.certificate(), bad.certificate());
    let check = |certificate, crl| ca.anchors().check(certificate, &[], Timestamp::now(), crl);
    assert_eq!(check(held, std::slice::from_ref(&crl)), Ok(()));
    assert_eq!(check(revoked, std::slice::from_ref(&crl)), Err(VerifyError::CertificateRevoked));
    assert_eq!(other.anchors().check(held, &[], Timestamp::now(), &[]), Err(VerifyError::CertificateForeign));
    assert_eq!(held.algorithm(), Some(Algorithm::Sm2));
    assert!(!held.can_tls(), "the TLS of this program knows no SM2");

    if without_openssl() {
        return;
    }
    for (name, pem) in [
        ("ca.pem", ca.certificate().pem()),
        ("other.pem", other.certificate().pem()),
        ("good.pem", good.certificate().pem()),
    ] {
        fs::write(at.join(name), pem).unwrap();
    }
    let verify =
        |root: &str, leaf: &str| openssl(at, &["verify", "-vfyopt", ID, "-CAfile", root, leaf]).status.success();
    assert!(verify("ca.pem", "good.pem"), "the chain holds");
    assert!(!verify("other.pem", "good.pem"), "under a root of the same name it does not");
    // OpenSSL checks lists under an empty name whatever it is told, so its check of signatures has to do.
    let key = run(at, &["x509", "-in", "ca.pem", "-noout", "-pubkey"]);
    fs::write(at.join("ca.pub"), key).unwrap();
    for (list, entries) in [(&crl, true), (&empty, false)] {
        let parts = Vec::<Any>::from_der(list.der()).unwrap();
        let signed = parts[0].to_der().unwrap();
        assert!(openssl_accepts(at, &signed, &parts[2].value()[1..], "ca.pub"), "the list is the authority's");
        fs::write(at.join("list.pem"), list.pem()).unwrap();
        let printed = run(at, &["crl", "-in", "list.pem", "-noout", "-text"]);
        assert!(printed.contains("X509v3 CRL Number"), "{printed}");
        let serial = bad.certificate().serial_hex().to_uppercase();
        assert_eq!(printed.contains(&serial), entries, "OpenSSL reads who is revoked: {printed}");
    }
    let printed = run(at, &["x509", "-in", "good.pem", "-noout", "-text"]);
    assert!(printed.contains("SM2-with-SM3") && printed.contains("TLS Web Client Authentication"), "{printed}");
}

#[test]
fn we_accept_a_certificate_and_a_signature_that_openssl_made() {
    if without_openssl() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("leaf.cnf"),
        "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n\
         extendedKeyUsage=clientAuth,emailProtection\n",
    )
    .unwrap();
    for name in ["ca", "leaf"] {
        let key = format!("{name}.key");
        run(at, &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", &key]);
    }
    let id = ["-sm3", "-sigopt", ID];
    run(at, &[&["req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=Root", "-out", "ca.pem"], &id[..]].concat());
    run(
        at,
        &[&["req", "-new", "-key", "leaf.key", "-subj", "/O=Unit/CN=Operator", "-out", "leaf.csr"], &id[..]].concat(),
    );
    let issue = ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    let to = ["-vfyopt", ID, "-extfile", "leaf.cnf", "-out", "leaf.pem"];
    run(at, &[&issue[..], &to[..], &id[..]].concat());

    let read = |name: &str| fs::read_to_string(at.join(name)).unwrap();
    let anchors = TrustAnchors::from_pem(&read("ca.pem")).unwrap();
    let mut key = MemoryKey::from_pem(&read("leaf.pem"), &read("leaf.key")).unwrap();
    let p7m = sign_attached(&mut key, CONTENT, &now(), Role::Clerk, Purpose::Filing, None).unwrap();
    let verified = verify(&p7m, &anchors, Timestamp::now(), Purpose::Filing, &[]).unwrap();
    assert_eq!(verified.signers[0].certificate.holder(), "Operator");

    // The same signed attributes, signed by OpenSSL, put in the place of our signature.
    let (_, _, parts) = signers(&p7m);
    fs::write(at.join("signed"), &parts[0].signed).unwrap();
    let mut theirs = Vec::new();
    while theirs.len() != parts[0].signature.len() {
        let sign = ["pkeyutl", "-sign", "-inkey", "leaf.key", "-rawin", "-digest", "sm3", "-pkeyopt", ID];
        run(at, &[&sign[..], &["-in", "signed", "-out", "theirs"]].concat());
        theirs = fs::read(at.join("theirs")).unwrap();
    }
    let length = p7m.len() - theirs.len();
    assert_eq!(p7m[length..], parts[0].signature, "the signature is what the file ends with");
    let signed_by_openssl = [&p7m[..length], &theirs[..]].concat();
    assert_ne!(signed_by_openssl, p7m, "OpenSSL's is another one");
    assert!(verify(&signed_by_openssl, &anchors, Timestamp::now(), Purpose::Filing, &[]).is_ok());

    let pin = Pin::new("88888888");
    run(
        at,
        &["pkcs12", "-export", "-in", "leaf.pem", "-inkey", "leaf.key", "-passout", "pass:88888888", "-out", "x.p12"],
    );
    let keys = P12Folder::new(at.join("keys"));
    keys.install("operator", &fs::read(at.join("x.p12")).unwrap(), &pin).unwrap();
    let mut session = keys.open("operator").unwrap();
    session.login(&pin).unwrap();
    let p7m = sign_attached(&mut *session, CONTENT, &now(), Role::Clerk, Purpose::Filing, None).unwrap();
    assert!(verify(&p7m, &anchors, Timestamp::now(), Purpose::Filing, &[]).is_ok(), "with OpenSSL's PKCS#12 too");
}

#[test]
fn a_p12_with_an_sm2_key_opens_by_its_pin_here_and_in_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let ca = Sm2Ca::new("演示国密根证书", today()).unwrap();
    let pin = Pin::new("123456");
    let issued = ca.issue_operator(&clerk(), today(), &pin).unwrap();
    fs::write(at.join("x.p12"), &issued.p12).unwrap();
    if !without_openssl() {
        let key = run(at, &["pkcs12", "-in", "x.p12", "-passin", "pass:123456", "-nocerts", "-nodes"]);
        fs::write(at.join("x.key"), key).unwrap();
        let read = run(at, &["pkey", "-in", "x.key", "-noout", "-text"]);
        assert!(read.contains("SM2"), "OpenSSL finds the SM2 key in it");
    }

    let keys = P12Folder::new(at.join("keys"));
    keys.install("clerk", &issued.p12, &pin).unwrap();
    let mut session = keys.open("clerk").unwrap();
    assert!(matches!(session.login(&Pin::new("654321")), Err(SignError::WrongPin { left: 2 })));
    session.login(&pin).unwrap();
    let p7m = sign_attached(&mut *session, CONTENT, &now(), Role::Clerk, Purpose::Filing, None).unwrap();
    assert!(verify(&p7m, &ca.anchors(), Timestamp::now(), Purpose::Filing, &[]).is_ok());

    let kept = Sm2Ca::from_pem(&ca.certificate().pem(), &ca.key_pem()).unwrap();
    let again = kept.issue_operator(&clerk(), today(), &pin).unwrap();
    assert!(ca.anchors().check(&again.certificate, &[], Timestamp::now(), &[]).is_ok(), "a kept authority goes on");
    let encryption = ca.issue_encryption_only(&clerk(), today(), &pin).unwrap();
    assert!(matches!(encryption.certificate.can_sign(), Err(SignError::CertificateEncryptionOnly)));
}

#[test]
fn national_and_other_signatures_never_stand_in_one_file() {
    let (national, other) = (Sm2Ca::new("国密根", today()).unwrap(), DevelopmentCa::new("根", today()).unwrap());
    let both = TrustAnchors::new(vec![national.certificate().clone(), other.certificate().clone()]);
    let mut sm2 = national.issue_operator_key(&clerk(), today()).unwrap();
    let mut p256 = other.issue_operator_key(&approver(), today()).unwrap();
    let filing = sign_attached(&mut sm2, CONTENT, &now(), Role::Clerk, Purpose::Filing, None).unwrap();
    let refused = add_signature(&mut p256, &filing, &now()).unwrap_err();
    assert_eq!(refused.code(), "verify-mixed-algorithms", "the approver's side does not make it");
    let forced = huijiao_signing::issue::countersign_regardless(&mut p256, &filing, &now()).unwrap();
    let refused = verify(&forced, &both, Timestamp::now(), Purpose::Filing, &[]);
    assert_eq!(refused, Err(VerifyError::Mixed), "and nobody takes it");
    assert!(verify(&filing, &both, Timestamp::now(), Purpose::Filing, &[]).is_ok(), "the clerk's alone is fine");
}
