//! Keys in files: PINs, tries, damage.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use huijiao_signing::issue::{DevelopmentCa, Operator, Validity, write_test_certificates};
use huijiao_signing::{Certificate, KeyProvider, P12Folder, Pin, SignError, SignSession};
use jiff::Timestamp;
use tempfile::TempDir;

const RIGHT: &str = "246810";
const WRONG: &str = "246811";

struct Keys {
    folder: TempDir,
    keys: P12Folder,
    ca: DevelopmentCa,
    p12: Vec<u8>,
    certificate: Certificate,
}

fn validity() -> Validity {
    Validity::years("2026-01-01T00:00:00Z".parse().unwrap(), 3)
}

fn operator(name: &str) -> Operator<'_> {
    Operator { name, unit_name: "演示市示例科技有限公司", credit_code: "91410800MA0000000Y" }
}

fn keys() -> Keys {
    let folder = tempfile::tempdir().unwrap();
    let keys = P12Folder::new(folder.path().join("keys"));
    let ca = DevelopmentCa::new("演示根证书", validity()).unwrap();
    let issued = ca.issue_operator(&operator("王晓梅"), validity(), &Pin::new(RIGHT)).unwrap();
    let certificate = keys.install("clerk", &issued.p12, &Pin::new(RIGHT)).unwrap();
    assert_eq!(certificate, issued.certificate);
    Keys { folder, keys, ca, p12: issued.p12, certificate }
}

impl Keys {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("keys").join(name)
    }

    fn login(&self, pin: &str) -> Result<Box<dyn SignSession>, SignError> {
        let mut session = self.keys.open("clerk")?;
        session.login(&Pin::new(pin)).map(|()| session)
    }

    #[track_caller]
    fn refusal(&self, pin: &str) -> SignError {
        match self.login(pin) {
            Ok(_) => panic!("the key opened"),
            Err(error) => error,
        }
    }

    fn tries_left(&self) -> u8 {
        self.keys.list().unwrap()[0].tries_left.unwrap()
    }
}

#[test]
fn a_key_is_sound_until_it_is_locked_or_its_file_is_another() {
    let keys = keys();
    assert!(keys.keys.is_sound("clerk"), "as it was installed");
    drop(keys.login(RIGHT).unwrap());
    assert!(keys.keys.is_sound("clerk"), "and as it is kept from the first login on");
    let good = fs::read(keys.path("clerk.p12")).unwrap();
    let mut changed = good.clone();
    changed[good.len() / 2] ^= 1;
    for harmed in [&good[..good.len() / 2], &good[..20], changed.as_slice(), b""] {
        fs::write(keys.path("clerk.p12"), harmed).unwrap();
        assert!(!keys.keys.is_sound("clerk"), "{} octets of {}", harmed.len(), good.len());
    }
    fs::write(keys.path("clerk.p12"), &good).unwrap();
    assert!(keys.keys.is_sound("clerk") && !keys.keys.is_sound("nobody"));
    for left in [2, 1, 0] {
        keys.refusal(WRONG);
        assert_eq!((keys.tries_left(), keys.keys.is_sound("clerk")), (left, left > 0), "until it is locked");
    }
}

#[test]
fn the_list_shows_certificates_without_a_pin() {
    let keys = keys();
    let listed = keys.keys.list().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].id.as_str(), listed[0].tries_left), ("clerk", Some(3)));
    assert_eq!(listed[0].certificate.as_ref(), Some(&keys.certificate));
    assert!(P12Folder::new("/nowhere/at/all").list().unwrap().is_empty(), "no folder means no keys, not an error");

    fs::remove_file(keys.path("clerk.crt")).unwrap();
    let listed = keys.keys.list().unwrap();
    assert_eq!(listed.len(), 1, "a key whose certificate is gone does not vanish from the list");
    assert!(listed[0].certificate.is_none());
    assert_eq!(keys.refusal(RIGHT).code(), "sign-key-damaged");
}

#[test]
fn signing_needs_a_login_and_ends_with_the_logout() {
    let keys = keys();
    let mut session = keys.keys.open("clerk").unwrap();
    assert_eq!(session.sign(b"message").unwrap_err().code(), "sign-not-logged-in");
    session.login(&Pin::new(RIGHT)).unwrap();
    assert!(session.sign(b"message").is_ok());
    assert_eq!(session.login(&Pin::new(WRONG)).unwrap_err().code(), "sign-wrong-pin");
    assert_eq!(
        session.sign(b"message").unwrap_err().code(),
        "sign-not-logged-in",
        "a failed login leaves nothing unlocked"
    );
    session.login(&Pin::new(RIGHT)).unwrap();
    session.logout();
    assert_eq!(session.sign(b"message").unwrap_err().code(), "sign-not-logged-in");
}

#[test]
fn three_wrong_pins_lock_the_key_even_for_the_right_one_and_across_a_restart() {
    let keys = keys();
    assert!(matches!(keys.refusal(WRONG), SignError::WrongPin { left: 2 }));
    assert!(matches!(keys.refusal(WRONG), SignError::WrongPin { left: 1 }));
    assert_eq!(keys.tries_left(), 1);
    assert_eq!(keys.refusal(WRONG).code(), "sign-pin-locked");
    assert_eq!(keys.refusal(RIGHT).code(), "sign-pin-locked", "the right PIN comes too late");
    let after_restart = P12Folder::new(keys.folder.path().join("keys"));
    let refused = after_restart.tls_identity("clerk", &Pin::new(RIGHT)).unwrap_err();
    assert_eq!(refused.code(), "sign-pin-locked", "TLS is no way around the lock, nor is a new start");
    assert_eq!(after_restart.list().unwrap()[0].tries_left, Some(0));

    keys.keys.install("clerk", &keys.p12, &Pin::new(RIGHT)).unwrap();
    assert!(keys.login(RIGHT).is_ok(), "installed again with the right PIN it opens");
}

#[test]
fn a_right_pin_gives_the_tries_back() {
    let keys = keys();
    assert!(matches!(keys.refusal(WRONG), SignError::WrongPin { left: 2 }));
    assert!(matches!(keys.refusal(WRONG), SignError::WrongPin { left: 1 }));
    assert!(keys.login(RIGHT).is_ok());
    assert_eq!(keys.tries_left(), 3);
    assert!(matches!(keys.refusal(WRONG), SignError::WrongPin { left: 2 }), "counting starts anew");
    assert!(matches!(keys.keys.tls_identity("clerk", &Pin::new(WRONG)), Err(SignError::WrongPin { left: 1 })));
}

#[test]
fn a_damaged_file_is_never_called_a_wrong_pin() {
    let keys = keys();
    for recorded in [true, false] {
        for at in (0..keys.p12.len()).step_by(31) {
            let mut damaged = keys.p12.clone();
            damaged[at] ^= 0x10;
            fs::write(keys.path("clerk.p12"), &damaged).unwrap();
            if !recorded {
                fs::remove_file(keys.path("clerk.tries")).unwrap();
            }
            if let Err(error) = keys.login(RIGHT) {
                let code = error.code();
                assert!(
                    matches!(code, "sign-key-damaged" | "sign-unsupported"),
                    "byte {at}, file recorded: {recorded}: {code}"
                );
                assert_eq!(keys.tries_left(), 3, "byte {at}: damage costs no try");
            }
        }
    }
    fs::write(keys.path("clerk.p12"), b"").unwrap();
    assert_eq!(keys.refusal(RIGHT).code(), "sign-key-damaged", "an empty file");
    fs::write(keys.path("clerk.p12"), &keys.p12[..keys.p12.len() / 2]).unwrap();
    assert_eq!(keys.refusal(WRONG).code(), "sign-key-damaged", "half a file");
    fs::write(keys.path("clerk.p12"), &keys.p12).unwrap();
    assert!(keys.login(RIGHT).is_ok(), "the whole file opens again");
}

#[test]
fn a_wrong_pin_on_a_file_copied_in_by_hand_is_a_wrong_pin() {
    let keys = keys();
    fs::remove_file(keys.path("clerk.tries")).unwrap();
    assert!(matches!(keys.refusal(WRONG), SignError::WrongPin { left: 2 }));
    assert!(keys.login(RIGHT).is_ok());
}

#[test]
fn another_operators_file_under_the_name_is_noticed() {
    let keys = keys();
    let other = keys.ca.issue_operator(&operator("李建国"), validity(), &Pin::new(RIGHT)).unwrap();
    fs::write(keys.path("clerk.p12"), &other.p12).unwrap();
    assert_eq!(keys.refusal(RIGHT).code(), "sign-key-mismatch", "key and shown certificate must be a pair");
    assert_eq!(keys.tries_left(), 3);
}

#[test]
fn a_record_of_tries_that_can_not_be_read_is_not_zero_tries() {
    let keys = keys();
    fs::write(keys.path("clerk.tries"), "wrong ").unwrap();
    assert_eq!(keys.refusal(RIGHT).code(), "sign-key-damaged");
    assert_eq!(keys.tries_left(), 0);
}

#[test]
fn installing_needs_the_pin_and_writes_nothing_without_it() {
    let keys = keys();
    let refused = keys.keys.install("second", &keys.p12, &Pin::new(WRONG)).unwrap_err();
    assert_eq!(refused.code(), "sign-wrong-pin");
    let refused = keys.keys.install("second", b"not a key file", &Pin::new(RIGHT)).unwrap_err();
    assert_eq!(refused.code(), "sign-key-damaged");
    for id in ["", "../clerk", "a/b", "a\\b", ".hidden", "C:clerk"] {
        let refused = keys.keys.install(id, &keys.p12, &Pin::new(RIGHT)).unwrap_err();
        assert_eq!(refused.code(), "sign-no-key", "{id:?} leads out of the folder");
        assert!(matches!(keys.keys.open(id), Err(SignError::NoSuchKey { .. })), "{id:?}");
    }
    assert!(matches!(keys.keys.open("nobody"), Err(SignError::NoSuchKey { .. })));
    assert_eq!(keys.keys.list().unwrap().len(), 1);
    assert_eq!(names(&keys.folder.path().join("keys")), ["clerk.crt", "clerk.p12", "clerk.tries"]);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn neither_pins_nor_keys_show_in_debug_output() {
    let keys = keys();
    let pin = Pin::new(RIGHT);
    assert!(!format!("{pin:?}").contains(RIGHT));
    assert!(!format!("{:?}", keys.refusal(WRONG)).contains(WRONG));
    let identity = keys.keys.tls_identity("clerk", &pin).unwrap();
    assert_eq!(identity.chain, [keys.certificate.der().to_vec()]);
    let shown = format!("{identity:?}");
    assert!(shown.len() < 60, "no key material: {shown}");
}

#[test]
fn the_test_set_holds_the_good_and_the_bad_ones() {
    let folder = tempfile::tempdir().unwrap();
    let now: Timestamp = "2026-07-15T12:00:00Z".parse().unwrap();
    write_test_certificates(folder.path(), now).unwrap();
    let keys = P12Folder::new(folder.path());
    let listed = keys.list().unwrap();
    let find = |id: &str| listed.iter().find(|key| key.id == id).unwrap().certificate.clone().unwrap();
    assert!(find("clerk").can_sign().is_ok() && find("clerk").can_tls());
    assert!(find("approver").can_sign().is_ok());
    assert_ne!(find("clerk").holder(), find("approver").holder());
    assert!(find("expired").not_after() < now);
    assert!(find("not-yet-valid").not_before() > now);
    assert_eq!(find("encryption-only").can_sign().unwrap_err().code(), "sign-certificate-encryption-only");
    for name in ["ca.pem", "ca.key", "ca.crl.pem", "foreign-ca.pem", "server.pem", "server.key", "receipt.pem"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    let mut session = keys.open("clerk").unwrap();
    session.login(&Pin::new("123456")).unwrap();
    assert!(session.sign(b"message").is_ok());
}
