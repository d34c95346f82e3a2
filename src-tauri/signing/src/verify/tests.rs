#![allow(clippy::unwrap_used)]

use rcgen::{CertificateParams, DnType, Issuer, KeyPair, SerialNumber};
use zeroize::Zeroizing;

use super::*;
use crate::cms::{add_signature, sign_attached};
use crate::issue::{DevelopmentCa, Operator, Validity, countersign_regardless, sign_regardless};
use crate::keys::{MemoryKey, SignSession};
use crate::tlv::{self, Tlv, wrap, wrap_set};

const SIGNED_AT: &str = "2026-07-15T10:20:30.75+08:00";
const CONTENT: &[u8] = r#"{"protocol":1,"unit":{"name":"演示单位"},"rows":[{"after":"8600.00"}]}"#.as_bytes();

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2026-07-15T12:00:00+08:00")
}

fn validity() -> Validity {
    Validity::years(time("2026-01-01T00:00:00Z"), 3)
}

fn unit(name: &str) -> Operator<'_> {
    Operator { name, unit_name: "演示市示例科技有限公司", credit_code: "91410800MA0000000Y" }
}

struct Desk {
    ca: DevelopmentCa,
    clerk: MemoryKey,
    approver: MemoryKey,
    receipt: MemoryKey,
}

impl Desk {
    fn new() -> Self {
        let ca = DevelopmentCa::new("演示根证书", validity()).unwrap();
        let clerk = ca.issue_operator_key(&unit("王晓梅"), validity()).unwrap();
        let approver = ca.issue_operator_key(&unit("李建国"), validity()).unwrap();
        let receipt = ca.issue_receipt("演示市住房公积金管理中心", validity()).unwrap();
        Self { ca, clerk, approver, receipt }
    }

    /// A certificate of the clerk's key, under a name and a serial number.
    fn another_for_the_clerks_key(&self, name: &str, serial: &[u8]) -> MemoryKey {
        let issuer_key = KeyPair::from_pem(&self.ca.key_pem()).unwrap();
        let issuer = Issuer::from_ca_cert_pem(&self.ca.certificate().pem(), issuer_key).unwrap();
        let key = KeyPair::from_pem(&self.clerk.key_pem()).unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.serial_number = Some(SerialNumber::from_slice(serial));
        let made = Certificate::from_der(params.signed_by(&key, &issuer).unwrap().der()).unwrap();
        MemoryKey::new(made, Vec::new(), Zeroizing::new(key.serialize_der())).unwrap()
    }

    fn filing(&mut self) -> Vec<u8> {
        sign_attached(&mut self.clerk, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap()
    }

    fn verify(&self, p7m: &[u8]) -> Result<Verified, VerifyError> {
        verify(p7m, &self.ca.anchors(), now(), Purpose::Filing, &[])
    }

    fn refusal(&self, p7m: &[u8]) -> &'static str {
        match self.verify(p7m) {
            Ok(_) => "accepted",
            Err(error) => error.code(),
        }
    }
}

/// The elements of a signed file, to be put together otherwise.
struct Parts {
    digests: Vec<Vec<u8>>,
    encapsulated: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    signers: Vec<Vec<u8>>,
}

impl Parts {
    fn of(p7m: &[u8]) -> Self {
        let all = |set: Tlv<'_>| {
            tlv::elements(set.value).unwrap().rest().unwrap().iter().map(|one| one.bytes.to_vec()).collect()
        };
        let mut info = tlv::single(p7m).unwrap().inside(tlv::SEQUENCE).unwrap();
        info.next().unwrap();
        let mut signed =
            info.next().unwrap().inside(tlv::context(0)).unwrap().next().unwrap().inside(tlv::SEQUENCE).unwrap();
        signed.next().unwrap();
        Self {
            digests: all(signed.next().unwrap()),
            encapsulated: signed.next().unwrap().bytes.to_vec(),
            certificates: all(signed.next().unwrap()),
            signers: all(signed.next().unwrap()),
        }
    }

    fn join(self) -> Vec<u8> {
        let signed = wrap(
            tlv::SEQUENCE,
            &[
                &wrap(tlv::INTEGER, &[&[1]]),
                &wrap_set(tlv::SET, self.digests),
                &self.encapsulated,
                &wrap_set(tlv::context(0), self.certificates),
                &wrap_set(tlv::SET, self.signers),
            ],
        );
        wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oids::SIGNED_DATA.as_bytes()]), &wrap(tlv::context(0), &[&signed])])
    }
}

/// The file with the one place where `old` stands changed to `new`.
fn replaced(p7m: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "lengths in the file must stay right");
    let places: Vec<usize> = (0..p7m.len()).filter(|at| p7m[*at..].starts_with(old)).collect();
    assert_eq!(places.len(), 1, "the bytes to be changed must stand once");
    let mut changed = p7m.to_vec();
    changed[places[0]..places[0] + new.len()].copy_from_slice(new);
    changed
}

#[test]
fn what_the_clerk_signs_comes_back_with_who_when_and_what_for() {
    let mut desk = Desk::new();
    let p7m = desk.filing();
    let verified = desk.verify(&p7m).unwrap();
    assert_eq!(verified.content, CONTENT, "the content is given back byte for byte");
    let [signer] = verified.signers.as_slice() else { panic!("one signer expected") };
    assert_eq!(signer.certificate, *desk.clerk.certificate());
    assert_eq!(signer.certificate.holder(), "王晓梅");
    assert_eq!(signer.certificate.unit_name(), Some("演示市示例科技有限公司"));
    assert_eq!(signer.certificate.credit_code(), Some("91410800MA0000000Y"));
    assert_eq!((signer.role, signer.purpose), (Role::Clerk, Purpose::Filing));
    assert_eq!(signer.signing_time, time("2026-07-15T02:20:30Z"), "CMS keeps the signing time to the second");
    assert_eq!(signer.approves, None);
}

#[test]
fn a_signature_holds_for_its_own_purpose_only() {
    let mut desk = Desk::new();
    let anchors = desk.ca.anchors();
    for made in Purpose::ALL.iter().copied() {
        for role in Role::ALL.iter().copied() {
            let key = match role {
                Role::Clerk => &mut desk.clerk,
                Role::Approver => &mut desk.approver,
                Role::Center => &mut desk.receipt,
            };
            let p7m = sign_attached(key, CONTENT, SIGNED_AT, role, made, None).unwrap();
            for want in Purpose::ALL.iter().copied() {
                let outcome = verify(&p7m, &anchors, now(), want, &[]);
                // An approval never stands alone: it approves a clerk's signature in the same file.
                let right = made == want && made != Purpose::Approval && made.allows(role);
                assert_eq!(outcome.is_ok(), right, "{role:?} signed for {made:?}, wanted {want:?}");
                if made == Purpose::Login && want == Purpose::Filing {
                    assert_eq!(outcome, Err(VerifyError::Purpose), "a login is never a filing");
                }
                if made == want && made != Purpose::Approval && !made.allows(role) {
                    assert_eq!(outcome, Err(VerifyError::Role), "{role:?} may not sign for {made:?}");
                }
            }
        }
    }
}

#[test]
fn only_the_centers_key_signs_receipts_and_it_signs_nothing_else() {
    let mut desk = Desk::new();
    let anchors = desk.ca.anchors();
    let forged = sign_attached(&mut desk.clerk, CONTENT, SIGNED_AT, Role::Center, Purpose::Receipt, None).unwrap();
    let outcome = verify(&forged, &anchors, now(), Purpose::Receipt, &[]);
    assert_eq!(outcome, Err(VerifyError::Role), "an operator who says he is the center");
    let posing = sign_attached(&mut desk.receipt, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap();
    assert_eq!(desk.refusal(&posing), "verify-role", "the receipt key must not file");
}

#[test]
fn every_kind_of_tampering_is_refused_with_its_own_code() {
    let mut desk = Desk::new();
    let good = desk.filing();
    assert_eq!(desk.refusal(&good), "accepted");

    assert_eq!(desk.refusal(&replaced(&good, b"8600.00", b"9600.00")), "verify-digest", "an amount in the content");
    assert_eq!(
        desk.refusal(&replaced(&good, b"260715022030Z", b"260715022031Z")),
        "verify-signature",
        "the signed time"
    );
    assert_eq!(desk.refusal(&replaced(&good, b"\x0c\x05clerk", b"\x0c\x05clerc")), "verify-role", "an unknown role");
    assert_eq!(
        desk.refusal(&replaced(&good, b"\x0c\x06filing", b"\x0c\x06fi1ing")),
        "verify-purpose",
        "an unknown purpose"
    );

    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(desk.refusal(&changed), "verify-signature", "the last byte is the signature's");

    let mut swapped = Parts::of(&good);
    swapped.certificates = vec![desk.approver.certificate().der().to_vec()];
    assert_eq!(desk.refusal(&swapped.join()), "verify-certificate-mismatch", "another operator's certificate");

    let mut bare = Parts::of(&good);
    bare.certificates.clear();
    assert_eq!(desk.refusal(&bare.join()), "verify-certificate-mismatch", "no certificate at all");

    let mut unsigned = Parts::of(&good);
    unsigned.signers.clear();
    assert_eq!(desk.refusal(&unsigned.join()), "verify-no-signer", "the SignerInfo is gone");

    let mut twice = Parts::of(&good);
    let other = desk.filing();
    twice.signers.extend(Parts::of(&other).signers);
    assert_eq!(desk.refusal(&twice.join()), "verify-purpose", "two filing signatures on one content");

    let mut repeated = Parts::of(&good);
    repeated.signers.extend(Parts::of(&good).signers);
    assert_eq!(desk.refusal(&repeated.join()), "verify-signed-twice", "the same signature again");

    let mut undeclared = Parts::of(&good);
    undeclared.digests.clear();
    assert_eq!(desk.refusal(&undeclared.join()), "verify-malformed", "digest algorithms not declared");

    let mut longer = good.clone();
    longer.push(0);
    assert_eq!(desk.refusal(&longer), "verify-trailing", "a byte behind the end");
    let doubled = [good.clone(), good.clone()].concat();
    assert_eq!(desk.refusal(&doubled), "verify-trailing", "a second file behind the first");

    let mut detached = Parts::of(&good);
    detached.encapsulated = wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oids::DATA.as_bytes()])]);
    assert_eq!(desk.refusal(&detached.join()), "verify-detached", "the content is not in the file");

    let mut pieces = Parts::of(&good);
    let string = wrap(tlv::OCTET_STRING, &[CONTENT]);
    let attached = wrap(tlv::context(0), &[&wrap(0x24, &[&string])]);
    pieces.encapsulated = wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oids::DATA.as_bytes()]), &attached]);
    assert_eq!(desk.refusal(&pieces.join()), "verify-ber", "a string in pieces");

    assert_eq!(desk.refusal(b""), "verify-malformed");
    assert_eq!(desk.refusal(b"-----BEGIN CMS-----"), "verify-malformed");
}

#[test]
fn the_certificate_is_bound_by_its_hash_not_only_by_its_number() {
    // The same key, name and serial number, issued again with another validity: the signature fits, the hash does not.
    let mut desk = Desk::new();
    let good = desk.filing();
    let twin = desk.another_for_the_clerks_key("王晓梅", desk.clerk.certificate().serial());
    let mut swapped = Parts::of(&good);
    swapped.certificates = vec![twin.certificate().der().to_vec()];
    assert_eq!(desk.refusal(&swapped.join()), "verify-certificate-mismatch");
}

#[test]
fn attributes_taken_away_or_doubled_are_refused() {
    let mut desk = Desk::new();
    // Signed properly, but without one of the attributes each time.
    let mut without = |left_out: &[u8]| -> Vec<u8> {
        let p7m = sign_attached(&mut desk.clerk, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap();
        let file = SignedFile::parse(&p7m).unwrap();
        let keep: Vec<Vec<u8>> = tlv::elements(file.signers[0].attributes)
            .unwrap()
            .rest()
            .unwrap()
            .iter()
            .filter(|one| !one.value.starts_with(&wrap(tlv::OID, &[left_out])))
            .map(|one| one.bytes.to_vec())
            .collect();
        let signature = desk.clerk.sign(&wrap_set(tlv::SET, keep.clone())).unwrap();
        resigned(&p7m, keep, &signature)
    };
    let cases = [
        (oids::CONTENT_TYPE.as_bytes(), "verify-malformed"),
        (oids::MESSAGE_DIGEST.as_bytes(), "verify-malformed"),
        (oids::SIGNING_TIME.as_bytes(), "verify-malformed"),
        (oids::SIGNING_CERTIFICATE_V2.as_bytes(), "verify-certificate-mismatch"),
        (oids::ROLE, "verify-role"),
        (oids::PURPOSE, "verify-purpose"),
    ];
    let files: Vec<_> = cases.iter().map(|(oid, code)| (without(oid), *code)).collect();
    for (p7m, code) in files {
        assert_eq!(desk.refusal(&p7m), code, "each attribute is needed");
    }

    let p7m = desk.filing();
    let file = SignedFile::parse(&p7m).unwrap();
    let mut all: Vec<Vec<u8>> = tlv::elements(file.signers[0].attributes)
        .unwrap()
        .rest()
        .unwrap()
        .iter()
        .map(|one| one.bytes.to_vec())
        .collect();
    let role = wrap(tlv::SET, &[&wrap(tlv::UTF8_STRING, &[b"approver"])]);
    all.push(wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oids::ROLE]), &role]));
    let signature = desk.clerk.sign(&wrap_set(tlv::SET, all.clone())).unwrap();
    assert_eq!(desk.refusal(&resigned(&p7m, all, &signature)), "verify-malformed", "two roles in one signature");
}

fn resigned(p7m: &[u8], attributes: Vec<Vec<u8>>, signature: &[u8]) -> Vec<u8> {
    let mut parts = Parts::of(p7m);
    let old = parts.signers[0].clone();
    let mut fields: Vec<Vec<u8>> = tlv::single(&old)
        .unwrap()
        .inside(tlv::SEQUENCE)
        .unwrap()
        .rest()
        .unwrap()
        .iter()
        .map(|one| one.bytes.to_vec())
        .collect();
    fields[3] = wrap_set(tlv::context(0), attributes);
    fields[5] = wrap(tlv::OCTET_STRING, &[signature]);
    let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
    parts.signers = vec![wrap(tlv::SEQUENCE, &fields)];
    parts.join()
}

#[test]
fn no_changed_byte_gives_other_content_or_another_signer() {
    let mut desk = Desk::new();
    let good = desk.filing();
    let true_reading = desk.verify(&good).unwrap();
    for at in 0..good.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = good.clone();
            changed[at] ^= bit;
            if let Ok(reading) = desk.verify(&changed) {
                assert_eq!(reading, true_reading, "byte {at} changed by {bit:#x} must not change what was signed");
            }
        }
        assert!(desk.verify(&good[..at]).is_err(), "the first {at} bytes are not a signed file");
    }
}

#[test]
fn a_file_is_judged_as_of_when_it_was_taken_and_what_was_added_as_of_then() {
    let mut desk = Desk::new();
    let good = desk.filing();
    let signed = time("2026-07-15T02:20:30Z");
    let [before, after] = ["2026-07-15T02:00:00Z", "2026-07-15T03:00:00Z"].map(time);
    assert_eq!(judged_at(&good, None, false), Ok(signed), "nobody has taken it");
    assert_eq!(judged_at(&good, Some(after), false), Ok(after));
    assert_eq!(judged_at(&good, Some(before), false), Ok(before), "a clerk's clock that is ahead");
    assert_eq!(judged_at(&good, Some(before), true), Ok(signed), "added after it was taken");
    assert_eq!(judged_at(&good, Some(after), true), Ok(after), "a clock that is behind makes nobody sign before that");
    assert!(judged_at(b"no file", None, false).is_err());
}

#[test]
fn bad_certificates_are_named_for_what_they_are() {
    let mut desk = Desk::new();
    let good = desk.filing();
    let anchors = desk.ca.anchors();
    let at = |when: &str| verify(&good, &anchors, time(when), Purpose::Filing, &[]).map(|_| ());
    assert_eq!(at("2029-12-31T00:00:00Z"), Err(VerifyError::CertificateExpired));
    assert_eq!(at("2025-12-31T00:00:00Z"), Err(VerifyError::CertificateNotYetValid));
    let ends = desk.clerk.certificate().not_after();
    assert!(verify(&good, &anchors, ends, Purpose::Filing, &[]).is_ok(), "the last second still counts");

    let foreign = DevelopmentCa::new("演示根证书", validity()).unwrap();
    let mut stranger = foreign.issue_operator_key(&unit("王晓梅"), validity()).unwrap();
    let p7m = sign_attached(&mut stranger, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap();
    assert_eq!(desk.refusal(&p7m), "verify-certificate-foreign", "a root of the same name is not our root");
    let mut brought = Parts::of(&p7m);
    brought.certificates.push(foreign.certificate().der().to_vec());
    assert_eq!(desk.refusal(&brought.join()), "verify-certificate-foreign", "a root in the file is not trusted");
    let none = verify(&good, &TrustAnchors::default(), now(), Purpose::Filing, &[]);
    assert_eq!(none, Err(VerifyError::CertificateForeign), "without roots nothing is trusted");

    let pin = crate::Pin::new("123456");
    let encryption = desk.ca.issue_encryption_only(&unit("王晓梅"), validity(), &pin).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let keys = crate::P12Folder::new(folder.path());
    keys.install("encryption", &encryption.p12, &pin).unwrap();
    let mut session = crate::KeyProvider::open(&keys, "encryption").unwrap();
    session.login(&pin).unwrap();
    let refused = sign_attached(&mut *session, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap_err();
    assert_eq!(refused.code(), "sign-certificate-encryption-only", "refused before it signs");
    let p7m = sign_regardless(&mut *session, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing).unwrap();
    assert_eq!(desk.refusal(&p7m), "verify-certificate-encryption-only", "and refused all the same");

    let mut server = desk.ca.issue_server(&["localhost", "127.0.0.1"], validity()).unwrap();
    assert!(!server.certificate().can_tls(), "a server's certificate is not a client's");
    let p7m = sign_regardless(&mut server, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing).unwrap();
    assert_eq!(desk.refusal(&p7m), "verify-certificate-usage", "a TLS server does not file");
}

#[test]
fn signing_is_refused_outside_the_certificates_validity() {
    let mut desk = Desk::new();
    let mut code = |when: &str| {
        sign_attached(&mut desk.clerk, CONTENT, when, Role::Clerk, Purpose::Filing, None).unwrap_err().code()
    };
    assert_eq!(code("2030-01-01T00:00:00+08:00"), "sign-certificate-expired");
    assert_eq!(code("2025-01-01T00:00:00+08:00"), "sign-certificate-not-yet-valid");
    assert_eq!(code("2026年7月15日"), "sign-time");
}

#[test]
fn revocation_counts_from_its_time_on_and_only_by_the_issuers_list() {
    let mut desk = Desk::new();
    let good = desk.filing();
    let anchors = desk.ca.anchors();
    let (made, due) = (time("2026-07-15T06:00:00Z"), time("2026-08-15T06:00:00Z"));
    let check =
        |crl: &Crl, at: &str| verify(&good, &anchors, time(at), Purpose::Filing, std::slice::from_ref(crl)).map(|_| ());
    let clerk = desk.clerk.certificate();
    let listed = desk.ca.revocation_list(&[(clerk, time("2026-07-15T03:00:00Z"))], made, due).unwrap();
    assert_eq!(check(&listed, "2026-07-15T03:00:00Z"), Err(VerifyError::CertificateRevoked));
    assert_eq!(check(&listed, "2026-07-15T02:59:59Z"), Ok(()), "it still held a second before");
    assert_eq!(Crl::from_pem(&listed.pem()).unwrap().der(), listed.der(), "PEM gives the same list");
    assert_eq!(listed.next_update(), Some(due));

    let other = desk.ca.revocation_list(&[(desk.approver.certificate(), made)], made, due).unwrap();
    assert_eq!(check(&other, "2026-07-15T12:00:00Z"), Ok(()), "somebody else's revocation");

    let impostor = DevelopmentCa::new("演示根证书", validity()).unwrap();
    let forged = impostor.revocation_list(&[], made, due).unwrap();
    assert_eq!(check(&forged, "2026-07-15T12:00:00Z"), Err(VerifyError::Crl), "an empty list by an impostor");
    let stranger = DevelopmentCa::new("别的根证书", validity()).unwrap();
    let unrelated = stranger.revocation_list(&[(clerk, made)], made, due).unwrap();
    assert_eq!(check(&unrelated, "2026-07-15T12:00:00Z"), Ok(()), "another authority's list says nothing here");
}

#[test]
fn what_was_taken_in_time_stays_signed_and_what_is_added_must_hold_itself() {
    let mut desk = Desk::new();
    let ends = Validity { not_after: time("2026-07-16T00:00:00Z"), ..validity() };
    desk.clerk = desk.ca.issue_operator_key(&unit("王晓梅"), ends).unwrap();
    let filed = desk.filing();
    let both = add_signature(&mut desk.approver, &filed, "2026-07-20T10:00:00+08:00").unwrap();
    let (anchors, later) = (desk.ca.anchors(), time("2026-07-20T12:00:00+08:00"));
    assert_eq!(
        verify(&both, &anchors, later, Purpose::Approval, &[]).map(|_| ()),
        Err(VerifyError::CertificateExpired),
        "all of it as of now"
    );
    let check = |taken: Timestamp, crls: &[Crl]| {
        let taken = AsOf { at: taken, crls };
        verify_taken(&both, &anchors, taken, AsOf { at: later, crls }, Purpose::Approval).map(|one| one.signers.len())
    };
    assert_eq!(check(now(), &[]), Ok(2), "the clerk's signature as of when it was taken");
    assert_eq!(check(later, &[]), Err(VerifyError::CertificateExpired), "nobody took it in time");
    let (since, due) = (time("2026-07-18T00:00:00Z"), time("2026-08-15T06:00:00Z"));
    let listed = |who: &MemoryKey| [desk.ca.revocation_list(&[(who.certificate(), since)], since, due).unwrap()];
    assert_eq!(check(now(), &listed(&desk.clerk)), Ok(2), "revoked after it was taken");
    assert_eq!(
        check(now(), &listed(&desk.approver)),
        Err(VerifyError::CertificateRevoked),
        "who adds his signature is judged as of then"
    );
}

#[test]
fn an_operator_can_not_issue_certificates() {
    let mut desk = Desk::new();
    let key = KeyPair::from_pem(&desk.clerk.key_pem()).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&desk.clerk.certificate().pem(), key).unwrap();
    let new = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "冒名者");
    let made = Certificate::from_der(params.signed_by(&new, &issuer).unwrap().der()).unwrap();
    let chain = vec![desk.clerk.certificate().clone()];
    let mut impostor = MemoryKey::new(made, chain, Zeroizing::new(new.serialize_der())).unwrap();
    let p7m = sign_attached(&mut impostor, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap();
    assert_eq!(desk.refusal(&p7m), "verify-certificate-usage");
    let approved = desk.filing();
    assert!(desk.verify(&approved).is_ok(), "the operator's own signature is not hurt by it");
}

#[test]
fn the_approver_adds_his_signature_and_leaves_the_clerks_as_it_was() {
    let mut desk = Desk::new();
    let anchors = desk.ca.anchors();
    let signed = desk.filing();
    assert_eq!(
        verify(&signed, &anchors, now(), Purpose::Approval, &[]),
        Err(VerifyError::NoSigner),
        "a filing without approver is not approved"
    );
    let approved = add_signature(&mut desk.approver, &signed, "2026-07-15T11:00:00+08:00").unwrap();
    let clerk = Parts::of(&signed).signers.remove(0);
    let both = Parts::of(&approved);
    assert_eq!(both.signers.len(), 2);
    assert!(both.signers.contains(&clerk), "the clerk's SignerInfo stands byte for byte");
    assert_eq!(both.encapsulated, Parts::of(&signed).encapsulated, "so does the content");

    let verified = verify(&approved, &anchors, now(), Purpose::Approval, &[]).unwrap();
    assert_eq!(verified.content, CONTENT);
    let [first, second] = verified.signers.as_slice() else { panic!("two signers expected") };
    assert_eq!((first.certificate.holder(), first.role), ("王晓梅", Role::Clerk));
    assert_eq!((second.certificate.holder(), second.role), ("李建国", Role::Approver));
    assert_eq!(second.approves, Some(first.signature_sha256));
    assert!(desk.verify(&approved).is_ok(), "an approved filing is a filing");

    assert!(only_adds_signatures(&approved, &signed).unwrap(), "nothing but a signature is added");
    assert!(!only_adds_signatures(&signed, &approved).unwrap(), "and none is taken away");
    assert!(!only_adds_signatures(&approved, &desk.filing()).unwrap(), "the same content signed anew is another file");

    let mut moved = Parts::of(&desk.filing());
    moved.signers.extend(both.signers.iter().filter(|one| **one != clerk).cloned());
    moved.certificates = both.certificates;
    assert_eq!(desk.refusal(&moved.join()), "verify-approves", "an approval moved to another signature");

    let login = sign_attached(&mut desk.clerk, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Login, None).unwrap();
    let refused = add_signature(&mut desk.approver, &login, SIGNED_AT).unwrap_err();
    assert_eq!(refused.code(), "verify-no-signer", "there is no filing signature to approve");
}

#[test]
fn nobody_approves_what_he_signed_himself() {
    let mut desk = Desk::new();
    let signed = desk.filing();
    let when = "2026-07-15T11:00:00+08:00";
    let other = desk.ca.issue_operator_key(&unit("王晓梅"), validity()).unwrap();
    let renewed = desk.another_for_the_clerks_key("王晓梅二", &[7]);
    let own = MemoryKey::from_pem(&desk.clerk.certificate().pem(), &desk.clerk.key_pem()).unwrap();
    for (mut key, whose) in [(own, "certificate"), (other, "name"), (renewed, "key")] {
        let refused = add_signature(&mut key, &signed, when).unwrap_err();
        assert_eq!(refused.code(), "verify-same-person", "the same {whose}: it is not signed");
        let forged = countersign_regardless(&mut key, &signed, when).unwrap();
        assert_eq!(desk.refusal(&forged), "verify-same-person", "the same {whose}: and signed, does not hold");
    }
    let approved = add_signature(&mut desk.approver, &signed, when).unwrap();
    let twice = add_signature(&mut desk.approver, &approved, when).unwrap_err();
    assert_eq!(twice.code(), "verify-same-person", "an approver signs once");
    let again = countersign_regardless(&mut desk.approver, &approved, "2026-07-15T12:00:00+08:00").unwrap();
    assert_eq!(desk.refusal(&again), "verify-same-person", "two approvals of one approver do not hold");
}

#[test]
fn the_authority_survives_being_kept_as_pem() {
    let desk = Desk::new();
    let again = DevelopmentCa::from_pem(&desk.ca.certificate().pem(), &desk.ca.key_pem()).unwrap();
    let mut key = again.issue_operator_key(&unit("赵敏"), validity()).unwrap();
    let p7m = sign_attached(&mut key, CONTENT, SIGNED_AT, Role::Clerk, Purpose::Filing, None).unwrap();
    assert_eq!(desk.refusal(&p7m), "accepted", "issued under the same root");
    let crl = again.revocation_list(&[(key.certificate(), now())], now(), validity().not_after).unwrap();
    let outcome = verify(&p7m, &desk.ca.anchors(), now(), Purpose::Filing, &[crl]);
    assert_eq!(outcome, Err(VerifyError::CertificateRevoked), "and revoked by it");
    let receipt = MemoryKey::from_pem(&desk.receipt.certificate().pem(), &desk.receipt.key_pem()).unwrap();
    assert_eq!(receipt.certificate(), desk.receipt.certificate());
    let mixed = MemoryKey::from_pem(&desk.receipt.certificate().pem(), &desk.clerk.key_pem()).unwrap_err();
    assert_eq!(mixed.code(), "sign-key-mismatch");
    let foreign = DevelopmentCa::new("演示根证书", validity()).unwrap();
    let mixed = DevelopmentCa::from_pem(&desk.ca.certificate().pem(), &foreign.key_pem()).unwrap_err();
    assert_eq!(mixed.code(), "sign-key-mismatch");
}
