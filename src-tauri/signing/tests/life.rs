//! How a key comes and goes: asked for, imported, under another PIN. OpenSSL is the other side.
#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;
use std::path::Path;
use std::process::Command;

use huijiao_signing::issue::{DevelopmentCa, Operator, Sm2Ca, Validity};
use huijiao_signing::{
    Algorithm, KeyProvider, P12Folder, P12Key, Pin, Purpose, Request, Role, SignError, VerifyError, sign_attached,
    verify,
};
use jiff::Timestamp;
use kit::without_openssl;
use tempfile::TempDir;

const PIN: &str = "840275";

#[track_caller]
fn openssl(folder: &Path, arguments: &str) -> String {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {arguments} must succeed: {said}");
    format!("{said}{}", String::from_utf8_lossy(&output.stdout))
}

fn validity() -> Validity {
    Validity::years("2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap(), 3)
}

fn operator() -> Operator<'static> {
    Operator { name: "王晓梅", unit_name: "演示市示例科技有限公司", credit_code: "91410800MA0000000Y" }
}

struct Scene {
    folder: TempDir,
    keys: P12Folder,
    ca: DevelopmentCa,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let keys = P12Folder::new(folder.path().join("keys"));
    Scene { keys, ca: DevelopmentCa::new("演示根证书", validity()).unwrap(), folder }
}

impl Scene {
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("keys")).into_iter().flatten();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[expect(clippy::unwrap_in_result, reason = "a test that cannot start has failed")]
    fn opens(&self, id: &str, pin: &str) -> Result<(), SignError> {
        self.keys.open(id).unwrap().login(&Pin::new(pin))
    }
}

/// The PKCS#12 file of one that is kept, and its password, by the description of it.
fn unsealed(file: &[u8]) -> (String, &[u8]) {
    let end = file.iter().position(|byte| *byte == b'\n').unwrap();
    let line = std::str::from_utf8(&file[..end]).unwrap();
    let salt = line.strip_prefix("huijiao-key argon2id m=65536 t=2 p=1 salt=").expect("the line says how");
    let octet = |at: usize| u8::from_str_radix(&salt[at..at + 2], 16).unwrap();
    let salt: Vec<u8> = (0..salt.len()).step_by(2).map(octet).collect();
    let params = argon2::Params::new(65_536, 2, 1, Some(32)).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let opened = [PIN, "246810"].into_iter().find_map(|pin| {
        let mut hash = [0; 32];
        argon2.hash_password_into(pin.as_bytes(), &salt, &mut hash).unwrap();
        let password: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
        P12Key::open(&file[end + 1..], &Pin::new(password.as_str())).is_ok().then_some(password)
    });
    (opened.expect("one of the PINs of these tests"), &file[end + 1..])
}

#[test]
fn a_key_waits_for_its_certificate_and_openssl_reads_the_request_and_the_file() {
    let scene = scene();
    let pin = Pin::new(PIN);
    let request = scene.keys.request("new", Algorithm::P256, &pin).unwrap();
    if !without_openssl() {
        fs::write(scene.folder.path().join("r.pem"), request.pem()).unwrap();
        let said = openssl(scene.folder.path(), "req -in r.pem -verify -noout -text");
        assert!(said.contains("verify OK") && said.contains("prime256v1"), "{said}");
    }
    assert!(scene.keys.list().unwrap().is_empty(), "a key without certificate is not offered");

    // The program ended here: another one finds the same request.
    let again = P12Folder::new(scene.folder.path().join("keys"));
    let waiting = again.pending().unwrap();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0].request.der(), request.der(), "the same request, byte for byte");
    assert!(matches!(again.try_pending("new", &Pin::new("111112")), Err(SignError::WrongPassword)), "PIN is asked");

    let other = scene.ca.issue_operator_key(&operator(), validity()).unwrap();
    let foreign = huijiao_signing::SignSession::certificate(&other).clone();
    let refused = again.complete("new", &pin, foreign, Vec::new()).unwrap_err();
    assert!(matches!(refused, SignError::KeyMismatch), "{refused}");
    assert_eq!(again.pending().unwrap().len(), 1, "it goes on waiting for its own");

    let parsed = Request::from_der(request.der()).unwrap();
    let certificate = scene.ca.issue_for(&operator(), &parsed, validity()).unwrap();
    assert!(parsed.is_of(&certificate));
    assert_eq!(certificate.holder(), "王晓梅", "the subject is the register's, not the request's");
    again.complete("new", &pin, certificate.clone(), Vec::new()).unwrap();
    assert!(again.pending().unwrap().is_empty());
    assert_eq!(scene.files(), ["new.crt", "new.p12", "new.tries"], "nothing else is left lying");
    scene.opens("new", PIN).unwrap();
    if without_openssl() {
        return;
    }
    let kept = fs::read(scene.folder.path().join("keys/new.p12")).unwrap();
    let (password, p12) = unsealed(&kept);
    fs::write(scene.folder.path().join("inside.p12"), p12).unwrap();
    let said = openssl(scene.folder.path(), &format!("pkcs12 -in inside.p12 -passin pass:{password} -info -nodes"));
    assert!(said.contains("PBES2, PBKDF2, AES-256-CBC") && said.contains("BEGIN PRIVATE KEY"), "{said}");
    let by_pin = ["pkcs12", "-in", "inside.p12", "-passin", &format!("pass:{PIN}"), "-nodes"];
    let refused = Command::new("openssl").args(by_pin).current_dir(scene.folder.path()).output().unwrap();
    assert!(!refused.status.success(), "the PIN alone, without Argon2id, opens nothing");
}

#[test]
fn an_sm2_key_is_asked_for_and_certified_by_an_sm2_authority_alone() {
    let scene = scene();
    let pin = Pin::new(PIN);
    let request = scene.keys.request("new", Algorithm::Sm2, &pin).unwrap();
    if !without_openssl() {
        fs::write(scene.folder.path().join("r.pem"), request.pem()).unwrap();
        let check = "req -in r.pem -verify -noout -text -vfyopt distid:1234567812345678 -sm3";
        let said = openssl(scene.folder.path(), check);
        assert!(said.contains("verify OK") && said.to_lowercase().contains("sm2"), "{said}");
    }
    let parsed = Request::from_der(request.der()).unwrap();
    assert_eq!(parsed.algorithm(), Some(Algorithm::Sm2));
    let mut changed = request.der().to_vec();
    let at = changed.windows(3).position(|part| part == b"new").unwrap();
    changed[at] ^= 1;
    assert!(matches!(Request::from_der(&changed), Err(SignError::RequestSignature)), "it is not what was signed");

    let authority = Sm2Ca::new("演示国密根证书", validity()).unwrap();
    let other = scene.keys.request("other", Algorithm::P256, &pin).unwrap();
    let mixed = authority.issue_for(&operator(), &other, validity()).unwrap_err();
    assert!(matches!(mixed, SignError::RequestKey), "it certifies nothing else: {mixed}");
    let certificate = authority.issue_for(&operator(), &parsed, validity()).unwrap();
    assert!(parsed.is_of(&certificate) && certificate.algorithm() == Some(Algorithm::Sm2));
    assert_eq!((certificate.holder(), certificate.credit_code()), ("王晓梅", Some(operator().credit_code)));
    if !without_openssl() {
        fs::write(scene.folder.path().join("root.pem"), authority.certificate().pem()).unwrap();
        fs::write(scene.folder.path().join("leaf.pem"), certificate.pem()).unwrap();
        openssl(scene.folder.path(), "verify -vfyopt distid:1234567812345678 -CAfile root.pem leaf.pem");
    }

    scene.keys.complete("new", &pin, certificate.clone(), Vec::new()).unwrap();
    let mut key = scene.keys.open("new").unwrap();
    key.login(&pin).unwrap();
    let at = "2026-07-06T10:00:00+08:00";
    let file = sign_attached(&mut *key, b"what is filed", at, Role::Clerk, Purpose::Filing, None).unwrap();
    let signed = verify(&file, &authority.anchors(), at.parse().unwrap(), Purpose::Filing, &[]).unwrap();
    assert_eq!(signed.signers[0].certificate, certificate, "and what it signs holds");
}

#[test]
fn of_two_certificates_of_one_key_a_list_revokes_the_one_that_it_names() {
    let scene = scene();
    let request = scene.keys.request("new", Algorithm::P256, &Pin::new(PIN)).unwrap();
    let [lost, kept] = [(); 2].map(|()| scene.ca.issue_for(&operator(), &request, validity()).unwrap());
    let at: Timestamp = "2026-07-06T10:00:00+08:00".parse().unwrap();
    let list = scene.ca.revocation_list(&[(&lost, at)], at, at + jiff::SignedDuration::from_hours(24)).unwrap();
    let check = |one| scene.ca.anchors().check(one, &[], at, std::slice::from_ref(&list));
    assert!(matches!(check(&lost), Err(VerifyError::CertificateRevoked)));
    check(&kept).expect("the other was not reported lost");
}

#[test]
fn a_request_that_was_changed_or_is_of_a_weak_key_is_refused() {
    let scene = scene();
    let request = scene.keys.request("new", Algorithm::P256, &Pin::new(PIN)).unwrap();
    let mut changed = request.der().to_vec();
    let at = changed.windows(3).position(|part| part == b"new").unwrap();
    changed[at] ^= 1;
    assert!(matches!(Request::from_der(&changed), Err(SignError::RequestSignature)), "it is not what was signed");
    assert!(matches!(Request::from_der(&request.der()[1..]), Err(SignError::RequestMalformed)));
    let mut longer = request.der().to_vec();
    longer.push(0);
    assert!(matches!(Request::from_der(&longer), Err(SignError::RequestMalformed)), "nothing may follow it");
    if without_openssl() {
        return;
    }
    let made = |key: &str| {
        openssl(scene.folder.path(), &format!("req -new {key} -nodes -keyout k.pem -subj /CN=x -outform DER -out r"));
        Request::from_der(&fs::read(scene.folder.path().join("r")).unwrap())
    };
    assert!(matches!(made("-newkey rsa:1024"), Err(SignError::RequestKey)), "a short RSA key");
    assert!(matches!(made("-newkey ec -pkeyopt ec_paramgen_curve:secp384r1"), Err(SignError::RequestKey)));
    let rsa = made("-newkey rsa:2048").unwrap();
    assert!(rsa.is_of(&scene.ca.issue_for(&operator(), &rsa, validity()).unwrap()), "RSA of 2048 bits is served");
}

#[test]
fn files_of_other_issuers_are_kept_under_our_own_encryption_or_refused_by_name() {
    if without_openssl() {
        return;
    }
    let scene = scene();
    let folder = scene.folder.path();
    let key = scene.ca.issue_operator_key(&operator(), validity()).unwrap();
    fs::write(folder.join("c.pem"), huijiao_signing::SignSession::certificate(&key).pem()).unwrap();
    fs::write(folder.join("k.pem"), key.key_pem().as_bytes()).unwrap();
    let export = |how: &str| {
        openssl(folder, &format!("pkcs12 -export -out f.p12 -passout pass:old-secret {how}"));
        fs::read(folder.join("f.p12")).unwrap()
    };
    let right = Pin::new("old-secret");
    for (how, old) in [
        ("-in c.pem -inkey k.pem", false),
        ("-in c.pem -inkey k.pem -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1", true),
        ("-in c.pem -inkey k.pem -legacy -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1", true),
    ] {
        let file = export(how);
        let wrong = P12Key::open(&file, &Pin::new("other")).unwrap_err();
        assert!(matches!(wrong, SignError::WrongPassword), "{how}: {wrong}");
        let opened = P12Key::open(&file, &right).unwrap();
        assert_eq!(opened.old_encryption(), old, "{how}");
        scene.keys.keep("in", &opened, &Pin::new(PIN)).unwrap();
        scene.opens("in", PIN).unwrap();
        let kept = fs::read(folder.join("keys/in.p12")).unwrap();
        let (password, p12) = unsealed(&kept);
        fs::write(folder.join("inside.p12"), p12).unwrap();
        let said = openssl(folder, &format!("pkcs12 -in inside.p12 -passin pass:{password} -info -nodes"));
        let strong = said.matches("PBES2, PBKDF2, AES-256-CBC, Iteration 1000, PRF hmacWithSHA256").count();
        assert_eq!(strong, 2, "{how}: key and certificates: {said}");
    }
    scene.keys.remove("in").unwrap();
    assert!(scene.files().is_empty(), "removed is removed: {:?}", scene.files());

    for how in ["-iter 1000001", "-iter 1000001 -macalg sha1 -legacy", "-iter 1000001 -nomac"] {
        let file = export(&format!("-in c.pem -inkey k.pem {how}"));
        let endless = P12Key::open(&file, &right).unwrap_err();
        assert!(matches!(endless, SignError::TooManyRounds), "{how}: {endless}");
    }
    let no_key = P12Key::open(&export("-in c.pem -nokeys"), &right).unwrap_err();
    assert!(matches!(no_key, SignError::NoPrivateKey), "{no_key}");
    let no_certificate = P12Key::open(&export("-inkey k.pem -nocerts"), &right).unwrap_err();
    assert!(matches!(no_certificate, SignError::KeyMismatch), "{no_certificate}");
    let no_file = P12Key::open(b"-----BEGIN CERTIFICATE-----", &right).unwrap_err();
    assert!(matches!(no_file, SignError::Damaged { .. }), "{no_file}");
    assert!(scene.files().is_empty(), "nothing of it was kept: {:?}", scene.files());
}

#[test]
fn another_pin_opens_the_key_and_the_old_one_does_not() {
    let scene = scene();
    let issued = scene.ca.issue_operator(&operator(), validity(), &Pin::new("246810")).unwrap();
    scene.keys.install("clerk", &issued.p12, &Pin::new("246810")).unwrap();
    let wrong = scene.keys.change_pin("clerk", &Pin::new("246811"), &Pin::new(PIN)).unwrap_err();
    assert!(matches!(wrong, SignError::WrongPin { left: 2 }), "the old PIN is asked for and counted: {wrong}");
    let file = scene.folder.path().join("keys/clerk.p12");
    assert_eq!(fs::read(&file).unwrap(), issued.p12, "and nothing is changed");

    // As the versions before kept it.
    scene.opens("clerk", "246810").unwrap();
    let sealed = fs::read(&file).unwrap();
    let (password, p12) = unsealed(&sealed);
    assert!(P12Key::open(p12, &Pin::new(password)).is_ok(), "its first login puts it under Argon2id");
    let by_pin = P12Key::open(p12, &Pin::new("246810")).unwrap_err();
    assert!(matches!(by_pin, SignError::WrongPassword), "{by_pin}");
    scene.opens("clerk", "246810").unwrap();
    assert_eq!(fs::read(&file).unwrap(), sealed, "once");
    assert!(P12Key::open(&sealed, &Pin::new("246810")).is_ok(), "and it can be brought to another computer as it is");
    for (line, why) in [
        ("huijiao-key argon2id m=65536 t=99999 p=1 salt=00112233445566778899aabbccddeeff", "rounds"),
        ("huijiao-key argon2id m=65536 t=2 p=1 salt=0011", "damaged"),
        ("huijiao-key scrypt", "damaged"),
    ] {
        let refused = P12Key::open(&[line.as_bytes(), b"\n", p12].concat(), &Pin::new("246810")).unwrap_err();
        let as_said = match why {
            "rounds" => matches!(refused, SignError::TooManyRounds),
            _other => matches!(refused, SignError::Damaged { .. }),
        };
        assert!(as_said, "{line}: {refused}");
    }

    // A crash while the new file is being written leaves a part of it beside the old one.
    fs::write(scene.folder.path().join("keys/clerk.p12.part"), b"half").unwrap();
    scene.opens("clerk", "246810").unwrap();

    scene.keys.change_pin("clerk", &Pin::new("246810"), &Pin::new(PIN)).unwrap();
    let old = scene.opens("clerk", "246810").unwrap_err();
    assert!(matches!(old, SignError::WrongPin { left: 2 }), "{old}");
    scene.opens("clerk", PIN).unwrap();
    assert_eq!(scene.files(), ["clerk.crt", "clerk.p12", "clerk.tries"], "no part of it is left");
}

#[test]
fn a_pin_that_is_easily_guessed_is_not_taken() {
    let personal = ["410802199001011234", "13800138000", "41080219900101123X"];
    for (pin, code) in [
        ("84027", "sign-pin-short"),
        ("", "sign-pin-short"),
        ("777777", "sign-pin-repeated"),
        ("123456", "sign-pin-sequence"),
        ("987654", "sign-pin-sequence"),
        ("abcdefgh", "sign-pin-sequence"),
        ("19900101", "sign-pin-personal"),
        ("138000", "sign-pin-personal"),
        ("01123x", "sign-pin-personal"),
    ] {
        let refused = Pin::new(pin).check_new(&personal).unwrap_err();
        assert_eq!(refused.code(), code, "{pin}");
    }
    for pin in ["840275", "112233", "135792", "春江花月夜潮"] {
        assert!(Pin::new(pin).check_new(&personal).is_ok(), "{pin} is as good as six characters can be");
    }
}
