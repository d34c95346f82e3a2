//! A signed filing, of P-256 and of SM2, changed in every way that somebody might think of: the client's own verification,
//! `huijiao-cli verify` and the center, over HTTPS, refuse each for the same reason, nothing is booked, and the untouched
//! file is taken by all.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

#[path = "../../center/tests/common/mod.rs"]
mod common;

use std::collections::BTreeSet;
use std::process::Command;

use common::{At, Client, OTHER_UNIT, PIN, Person, UNIT, World, authority, content, seed};
use der::{Any, Decode, Encode};
use huijiao_center::UnitRole;
use huijiao_domain::profile::{ClientTls, SignatureAlgorithm, SignatureRules};
use huijiao_protocol::problem::Problem;
use huijiao_signing::issue::{DevelopmentCa, IssuedOperator, Operator, Sm2Ca, Validity, sign_regardless};
use huijiao_signing::{Certificate, Crl, MemoryKey, Pin, Purpose, Role, TrustAnchors, verify};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const SHA256: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SM3: &[u8] = &[0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x11];
const SHA1: &[u8] = &[0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a];
const ECDSA_SHA256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SM2_SM3: &[u8] = &[0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
/// The signed attribute that names the signer's certificate.
const SIGNING_CERTIFICATE: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

/// One element around others.
fn wrap(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let value = parts.concat();
    let mut out = vec![tag];
    match u8::try_from(value.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        Ok(_) | Err(_) => {
            let digits: Vec<u8> = value.len().to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
            out.push(0x80 | digits.len() as u8);
            out.extend(digits);
        }
    }
    [out, value].concat()
}

/// The elements inside of one.
fn inside(element: &[u8]) -> Vec<Vec<u8>> {
    let value = Any::from_der(element).unwrap().value().to_vec();
    let mut rest = value.as_slice();
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (one, behind) = Any::from_der_partial(rest).unwrap();
        all.push(one.to_der().unwrap());
        rest = behind;
    }
    all
}

/// A signed file taken apart: version, digests, content, certificates, signers.
struct Parts {
    fields: Vec<Vec<u8>>,
    signers: Vec<Vec<u8>>,
}

impl Parts {
    fn of(p7m: &[u8]) -> Self {
        let mut fields = inside(&inside(&inside(p7m)[1])[0]);
        let signers = inside(&fields.pop().unwrap());
        Self { fields, signers }
    }

    fn join(&self) -> Vec<u8> {
        let mut signers = self.signers.clone();
        signers.sort();
        let signed = wrap(0x30, &[self.fields.concat(), wrap(0x31, &signers)]);
        let oid = vec![0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
        wrap(0x30, &[oid, wrap(0xa0, &[signed])])
    }
}

/// The same file with some of its bytes exchanged for as many others, wherever they stand first.
fn exchanged(p7m: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = p7m.windows(from.len()).position(|some| some == from).expect("the bytes stand in the file");
    [&p7m[..at], to, &p7m[at + from.len()..]].concat()
}

/// The first signature made anew by its own signer, over signed attributes that say something else.
fn signed_again(p7m: &[u8], person: &Person, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut parts = Parts::of(p7m);
    let mut fields = inside(&parts.signers[0]);
    fields[3] = exchanged(&fields[3], from, to);
    let mut as_signed = fields[3].clone();
    as_signed[0] = 0x31;
    fields[5] = wrap(0x04, &[person.session().sign(&as_signed).unwrap()]);
    parts.signers[0] = wrap(0x30, &fields);
    parts.join()
}

/// The hash of the signer's certificate in the signed attributes: SHA-256 or SM3, and the end of its attribute.
fn certificate_hash(p7m: &[u8]) -> Vec<u8> {
    let attributes = inside(&inside(&Parts::of(p7m).signers[0])[3]);
    let names_it = |one: &&Vec<u8>| one.windows(SIGNING_CERTIFICATE.len()).any(|some| some == SIGNING_CERTIFICATE);
    let attribute = attributes.iter().find(names_it).expect("the file names its signer's certificate");
    attribute[attribute.len() - 32..].to_vec()
}

/// The center's authority for one family of algorithms.
enum Authority {
    P256(Box<DevelopmentCa>),
    Sm2(Box<Sm2Ca>),
}

impl Authority {
    fn of(world: &World, family: SignatureAlgorithm) -> Self {
        if family != SignatureAlgorithm::Sm2 {
            return Self::P256(Box::new(authority(world.folder.path())));
        }
        let read = |name| std::fs::read_to_string(world.folder.path().join(name)).unwrap();
        Self::Sm2(Box::new(Sm2Ca::from_pem(&read("ca-sm2.pem"), &read("ca-sm2-key.pem")).unwrap()))
    }

    fn issue(&self, operator: &Operator<'_>, validity: Validity) -> IssuedOperator {
        let pin = Pin::new(PIN);
        match self {
            Self::P256(ca) => ca.issue_operator(operator, validity, &pin).unwrap(),
            Self::Sm2(ca) => ca.issue_operator(operator, validity, &pin).unwrap(),
        }
    }

    fn for_encryption(&self, operator: &Operator<'_>) -> IssuedOperator {
        let pin = Pin::new(PIN);
        match self {
            Self::P256(ca) => ca.issue_encryption_only(operator, in_2026(), &pin).unwrap(),
            Self::Sm2(ca) => ca.issue_encryption_only(operator, in_2026(), &pin).unwrap(),
        }
    }

    /// A key whose certificate is for something else than signing files: a server's, or the authority's own.
    fn for_other_things(&self) -> MemoryKey {
        match self {
            Self::P256(ca) => ca.issue_server(&["localhost"], in_2026()).unwrap(),
            Self::Sm2(ca) => MemoryKey::from_pem(&ca.certificate().pem(), &ca.key_pem()).unwrap(),
        }
    }

    /// Another authority of the same name.
    fn namesake(&self) -> Self {
        match self {
            Self::P256(ca) => Self::P256(Box::new(DevelopmentCa::new(ca.certificate().holder(), in_2026()).unwrap())),
            Self::Sm2(ca) => Self::Sm2(Box::new(Sm2Ca::new(ca.certificate().holder(), in_2026()).unwrap())),
        }
    }

    fn list(&self, revoked: &Certificate, at: Timestamp, next: Timestamp) -> Crl {
        match self {
            Self::P256(ca) => ca.revocation_list(&[(revoked, at)], at, next).unwrap(),
            Self::Sm2(ca) => ca.revocation_list(&[(revoked, at)], at, next).unwrap(),
        }
    }
}

/// What a client says of a file.
fn client(world: &World, p7m: &[u8], crls: &[Crl]) -> String {
    let anchors = TrustAnchors::from_der(world.center.anchors()).unwrap();
    let outcome = verify(p7m, &anchors, world.clock.now(), Purpose::Filing, crls);
    outcome.map_or_else(|error| error.code().to_owned(), |_| "accepted".to_owned())
}

/// What the program says of it to whoever has it and the center's roots.
fn program(world: &World, p7m: &[u8]) -> String {
    let (file, ca) = (world.folder.path().join("judged.p7m"), world.folder.path().join("judged-ca.pem"));
    std::fs::write(&file, p7m).unwrap();
    let anchors = TrustAnchors::from_der(world.center.anchors()).unwrap();
    std::fs::write(&ca, anchors.certificates().iter().map(Certificate::pem).collect::<String>()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_huijiao-cli"))
        .arg("verify")
        .arg(&file)
        .arg("--ca")
        .arg(&ca)
        .args(["--at", "2026-08-15", "--json"])
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let refused = said["error"]["code"].as_str().map(str::to_owned);
    assert_eq!(refused.is_none(), output.status.success(), "{said}");
    refused.unwrap_or_else(|| "accepted".to_owned())
}

/// What the center says of it: the exact reason, where it gives one beside the sort of its refusal.
async fn center(sender: &Client, id: Uuid, p7m: Vec<u8>) -> String {
    let answer = sender.put(id, p7m).await;
    let problem: Problem = answer.json(answer.status);
    let exact = problem.errors.first().map(|error| error.code.clone());
    exact.unwrap_or_else(|| problem.code.as_str().to_owned())
}

fn in_2026() -> Validity {
    Validity::years("2026-01-01T00:00:00Z".parse().unwrap(), 3)
}

#[tokio::test]
async fn every_tampered_filing_is_refused_by_both_sides_for_its_own_reason() {
    tampered(SignatureAlgorithm::P256).await;
}

#[tokio::test]
async fn every_tampered_filing_of_sm2_is_refused_by_both_sides_for_its_own_reason() {
    tampered(SignatureAlgorithm::Sm2).await;
}

/// Everything, of files of this family.
async fn tampered(family: SignatureAlgorithm) {
    let rules = SignatureRules {
        algorithms: BTreeSet::from([SignatureAlgorithm::P256, SignatureAlgorithm::Sm2]),
        client_tls: ClientTls::Optional,
        receipts: family,
        ..common::by_one_proof()
    };
    let world = World::under(rules).await;
    let sm2 = family == SignatureAlgorithm::Sm2;
    let (digest, [algorithm, other_algorithm]) =
        if sm2 { (SM3, [SM2_SM3, ECDSA_SHA256]) } else { (SHA256, [ECDSA_SHA256, SM2_SM3]) };
    let person = async |sm2: bool, name: &str, role: UnitRole| {
        if sm2 { world.sm2_operator(UNIT, name, role).await } else { world.operator(UNIT, name, role).await }
    };
    let clerk = person(sm2, "赵经办", UnitRole::Clerk).await;
    let approver = person(sm2, "李复核", UnitRole::Approver).await;
    let other_family = person(!sm2, "周复核", UnitRole::Approver).await;
    let sender = if sm2 { world.session_of(&clerk).await } else { world.client(Some(&clerk)) };
    let before = world.clerk().roster(UNIT).await.version;
    let now = world.clock.rfc3339();
    let unit = seed(UNIT).unit;
    let named = |name| Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
    let ca = Authority::of(&world, family);
    let issued = |validity| ca.issue(&named("赵经办"), validity);
    let regardless = |issued: &IssuedOperator, role, purpose| {
        let (id, content) = content(&At::default());
        let mut session = Person::new(&issued.p12).session();
        (id, sign_regardless(session.as_mut(), &content, &now, role, purpose).unwrap())
    };

    let by_clerk = || At { signer: Some(&clerk), ..At::default() };
    let (id, good) = world.filing(by_clerk());
    let (_, other) = world.filing(At { base_of_row: Some((0, "9000.00")), ..by_clerk() });
    // At another time: SM2 signs the same twice in the same way.
    let earlier = world.clock.now().checked_sub(SignedDuration::from_mins(1)).unwrap().to_string();
    let again = clerk.sign(&content(&At { id: Some(id), ..At::default() }).1, Purpose::Filing, &earlier);
    let mut variants: Vec<(&str, Uuid, Vec<u8>, &str)> = Vec::new();
    let mut of_good = |what, p7m, why| variants.push((what, id, p7m, why));

    of_good("an amount in the content", exchanged(&good, b"\"new_base\":\"", b"\"new_base\":'"), "verify-digest");
    let mut swapped = Parts::of(&good);
    swapped.fields[2] = Parts::of(&other).fields[2].clone();
    of_good("the content of another filing", swapped.join(), "verify-digest");
    of_good("the time of signing", exchanged(&good, b"260815020000Z", b"260815020001Z"), "verify-signature");
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    of_good("a bit of the signature", flipped, "verify-signature");
    let mut moved = Parts::of(&good);
    let (mut mine, theirs) = (inside(&moved.signers[0]), inside(&Parts::of(&other).signers[0]));
    mine[5] = theirs[5].clone();
    moved.signers[0] = wrap(0x30, &mine);
    of_good("the signature value of another filing", moved.join(), "verify-signature");
    let mut unsigned = Parts::of(&good);
    unsigned.signers.clear();
    of_good("the signer is gone", unsigned.join(), "verify-no-signer");
    let mut twice = Parts::of(&good);
    twice.signers.push(twice.signers[0].clone());
    of_good("the signer stands twice", twice.join(), "verify-signed-twice");
    let mut weaker = Parts::of(&good);
    let downgrade = |bytes: &Vec<u8>| {
        let identifiers = inside(bytes).into_iter();
        let old = wrap(0x30, &[digest.to_vec()]);
        identifiers.map(|one| if one == old { wrap(0x30, &[SHA1.to_vec()]) } else { one }).collect::<Vec<_>>()
    };
    weaker.fields[1] = wrap(0x31, &downgrade(&weaker.fields[1]));
    weaker.signers[0] = wrap(0x30, &downgrade(&weaker.signers[0]));
    of_good("the digest is called SHA-1", weaker.join(), "verify-algorithm");
    let mut renamed = Parts::of(&good);
    renamed.signers[0] = exchanged(&renamed.signers[0], algorithm, other_algorithm);
    of_good("the signature is called one of the other family", renamed.join(), "verify-algorithm");
    of_good("a byte behind the end", [&good[..], &[0]].concat(), "verify-trailing");
    of_good("the end is cut off", good[..good.len() - 1].to_vec(), "verify-malformed");
    let indefinite = [&[0x30, 0x80][..], &inside(&good).concat(), &[0, 0]].concat();
    of_good("lengths left open", indefinite, "verify-ber");
    let mut detached = Parts::of(&good);
    detached.fields[2] = wrap(0x30, &[inside(&detached.fields[2])[0].clone()]);
    of_good("the content is elsewhere", detached.join(), "verify-detached");
    let mut exchanged_certificate = Parts::of(&good);
    exchanged_certificate.fields[3] = wrap(0xa0, &[approver.certificate().der().to_vec()]);
    of_good("another operator's certificate", exchanged_certificate.join(), "verify-certificate-mismatch");
    let by_approver = approver.sign(&content(&At::default()).1, Purpose::Filing, &now);
    let bound = signed_again(&good, &clerk, &certificate_hash(&good), &certificate_hash(&by_approver));
    of_good("signed for another certificate", bound, "verify-certificate-mismatch");
    let role = signed_again(&good, &clerk, b"\x0c\x05clerk", b"\x0c\x05owner");
    of_good("a role that there is not", role, "verify-role");
    let approved = approver.countersign(&again, &now);
    let mut elsewhere = Parts::of(&good);
    let approval = Parts::of(&approved).signers.into_iter().find(|one| !Parts::of(&again).signers.contains(one));
    elsewhere.signers.push(approval.unwrap());
    elsewhere.fields[3] = Parts::of(&approved).fields[3].clone();
    of_good("the approval of another signature", elsewhere.join(), "verify-approves");
    of_good("the clerk approves himself", clerk.countersign(&good, &now), "verify-same-person");
    of_good("SM2 and P-256 in one", other_family.countersign(&good, &now), "verify-mixed-algorithms");

    let mut add = |what, (id, p7m), why| variants.push((what, id, p7m, why));
    let login = world.filing(At { purpose: Some(Purpose::Login), ..by_clerk() });
    add("a login as filing", login, "verify-purpose");
    let withdrawal = world.filing(At { purpose: Some(Purpose::Withdrawal), ..by_clerk() });
    add("a withdrawal as filing", withdrawal, "verify-purpose");
    let current = issued(in_2026());
    add("signed as the approver", regardless(&current, Role::Approver, Purpose::Filing), "verify-role");
    let past = issued(Validity::years("2023-01-01T00:00:00Z".parse().unwrap(), 3));
    add("an expired certificate", regardless(&past, Role::Clerk, Purpose::Filing), "verify-certificate-expired");
    let future = issued(Validity::years("2027-01-01T00:00:00Z".parse().unwrap(), 3));
    add(
        "one that is not valid yet",
        regardless(&future, Role::Clerk, Purpose::Filing),
        "verify-certificate-not-yet-valid",
    );
    let encrypted = regardless(&ca.for_encryption(&named("赵经办")), Role::Clerk, Purpose::Filing);
    add("one for encryption only", encrypted, "verify-certificate-encryption-only");
    let (other_id, said) = content(&At::default());
    let mut for_others = ca.for_other_things();
    let by_others = sign_regardless(&mut for_others, &said, &now, Role::Clerk, Purpose::Filing).unwrap();
    add("one for other things", (other_id, by_others), "verify-certificate-usage");
    let stranger = ca.namesake().issue(&named("赵经办"), in_2026());
    add("one of another authority", regardless(&stranger, Role::Clerk, Purpose::Filing), "verify-certificate-foreign");

    assert!(variants.len() >= 20, "{} variants", variants.len());
    let reasons: BTreeSet<&str> = variants.iter().map(|(_, _, _, why)| *why).collect();
    assert!(reasons.len() >= 20, "twenty reasons, and several variants for some of them: {reasons:?}");
    for (what, id, p7m, why) in variants {
        assert_eq!(client(&world, &p7m, &[]), why, "the client, {what}");
        assert_eq!(program(&world, &p7m), why, "the program, {what}");
        assert_eq!(center(&sender, id, p7m).await, why, "the center, {what}");
        let words = huijiao_domain::texts::lookup(why);
        assert!(words.is_some_and(|words| !words.happened.is_empty()), "{why} has words");
    }

    // Revoked: the client by the authority's list, the center by its register.
    let gone = person(sm2, "赵离任", UnitRole::Clerk).await;
    let (revoked_id, revoked) = world.filing(At { signer: Some(&gone), ..At::default() });
    assert!(world.center.revoke(gone.certificate().der()).await.unwrap());
    let day = |days: i64| world.clock.now().checked_add(SignedDuration::from_hours(24 * days)).unwrap();
    let list = ca.list(&gone.certificate(), day(-1), day(30));
    assert_eq!(client(&world, &revoked, &[list]), "verify-certificate-revoked");
    assert_eq!(center(&sender, revoked_id, revoked).await, "certificate_revoked");
    // What holds as a signature and is still not this filing, by what its content says.
    assert_eq!(center(&sender, Uuid::now_v7(), good.clone()).await, "id_differs", "under another id");
    let (foreign_id, of_others) = world.filing(At { unit: Some(OTHER_UNIT), ..by_clerk() });
    assert_eq!(center(&sender, foreign_id, of_others).await, "role_missing", "for another unit");

    world.assert_filings(0).await;
    assert_eq!(world.clerk().roster(UNIT).await.version, before, "no book entry was made");
    assert_eq!([client(&world, &good, &[]), program(&world, &good)], ["accepted", "accepted"]);
    assert_eq!(sender.put(id, good).await.status, 201, "the untouched file is taken");
    world.assert_filings(1).await;
}
