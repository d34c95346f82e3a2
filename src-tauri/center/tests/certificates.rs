//! The life of operators' certificates at the center.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{At, OTHER_UNIT, Person, UNIT, World};
use huijiao_center::{ActivationFor, UnitRole};
use huijiao_protocol::certificates::{CertificateStatus, Enrolled, Enrollment, Revocation, RevocationReason};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::{FilingStatus, UnitOfOperator};
use huijiao_signing::{Certificate, Crl, Purpose, Request, TrustAnchors, VerifyError, verify};
use jiff::SignedDuration;
use uuid::Uuid;

const NAME: &str = "赵新人";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

fn asked(code: &str, request: &Request) -> Enrollment {
    Enrollment { code: code.into(), request: STANDARD.encode(request.der()) }
}

impl World {
    async fn code(&self, name: &str, days: Option<u16>) -> String {
        let wanted = ActivationFor { unit: UNIT.into(), name: name.into(), role: UnitRole::Clerk, days };
        self.center.activation(wanted).await.unwrap().code
    }

    /// Somebody who has enrolled.
    async fn enrolled(&self, name: &str, days: Option<u16>) -> (Person, Certificate) {
        let (person, request) = Person::asking();
        let code = self.code(name, days).await;
        let given: Enrolled = self.client(None).post("/v1/enrollments", &asked(&code, &request)).await.json(201);
        let certificate = person.take(&given);
        (person, certificate)
    }

    async fn refused(&self, code: &str, request: &Request, because: ProblemCode) {
        self.client(None).post("/v1/enrollments", &asked(code, request)).await.problem(because);
    }

    fn renewal(&self, by: &Person, request: &[u8]) -> Vec<u8> {
        by.sign(request, Purpose::Renewal, &self.clock.rfc3339())
    }

    fn loss(&self, by: &Person, of: &Certificate) -> Vec<u8> {
        let said = Revocation { certificate_sha256: of.sha256_hex(), reason: RevocationReason::Lost };
        by.sign(&serde_json::to_vec(&said).unwrap(), Purpose::Revocation, &self.clock.rfc3339())
    }

    async fn crl(&self) -> Crl {
        let answer = self.client(None).get("/v1/crl").await;
        assert_eq!(answer.status, 200);
        Crl::from_der(&answer.body).unwrap()
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(self.center.anchors()).unwrap()
    }
}

#[tokio::test]
async fn a_code_brings_one_certificate_in_the_name_that_the_register_has() {
    let world = World::new().await;
    let code = world.code(NAME, None).await;
    let (person, request) = Person::asking();
    // As people type what they were handed on paper.
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    let given: Enrolled = world.client(None).post("/v1/enrollments", &asked(&typed, &request)).await.json(201);
    let again: Enrolled = world.client(None).post("/v1/enrollments", &asked(&code, &request)).await.json(200);
    assert_eq!(given, again, "whoever lost the answer asks again and has the same certificate");
    let certificate = person.take(&given);
    let unit = common::seed(UNIT).unit;
    assert_eq!(
        (certificate.holder(), certificate.credit_code(), certificate.unit_name()),
        (NAME, Some(unit.credit_code.as_str()), Some(unit.name.as_str())),
        "the request said otherwise"
    );
    let (_, second) = Person::asking();
    world.refused(&code, &second, ProblemCode::ActivationUsed).await;

    let client = world.client(Some(&person));
    let units: Vec<UnitOfOperator> = client.get("/v1/units").await.json(200);
    assert_eq!(units.len(), 1, "{units:?}");
    let (id, p7m) = world.filing(At { signer: Some(&person), ..At::default() });
    let _: FilingStatus = client.put(id, p7m).await.json(201);

    // The same key is not certified for another code, and the code is not spent by the attempt.
    let other = world.code("钱某某", None).await;
    world.refused(&other, &request, ProblemCode::RequestKey).await;
    world.client(None).post("/v1/enrollments", &asked(&other, &second)).await.json::<Enrolled>(201);
}

#[tokio::test]
async fn codes_that_are_wrong_old_or_tried_too_often_bring_nothing() {
    let world = World::new().await;
    let (_, request) = Person::asking();
    for nonsense in ["", "7K3M", "一二三四五六七八九十一二", "0000-0000-0000"] {
        world.refused(nonsense, &request, ProblemCode::ActivationUnknown).await;
    }
    let code = world.code(NAME, None).await;
    let last = if code.ends_with('A') { 'B' } else { 'A' };
    let wrong = format!("{}{last}", &code[..code.len() - 1]);
    for _ in 0..5 {
        world.refused(&wrong, &request, ProblemCode::ActivationUnknown).await;
    }
    world.refused(&code, &request, ProblemCode::ActivationLocked).await;

    let late = world.code(NAME, None).await;
    world.clock.shift(days(15));
    world.refused(&late, &request, ProblemCode::ActivationExpired).await;

    let good = world.code(NAME, None).await;
    let mut bytes = request.der().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let broken = Enrollment { code: good.clone(), request: STANDARD.encode(&bytes) };
    world.client(None).post("/v1/enrollments", &broken).await.problem(ProblemCode::RequestInvalid);
    let garbage = Enrollment { request: "!".into(), ..broken };
    world.client(None).post("/v1/enrollments", &garbage).await.problem(ProblemCode::RequestInvalid);
    world.client(None).post("/v1/enrollments", &asked(&good, &request)).await.json::<Enrolled>(201);
}

#[tokio::test]
async fn a_renewed_certificate_and_the_one_before_both_hold_until_the_older_one_ends() {
    let world = World::new().await;
    let (old, first) = world.enrolled(NAME, Some(90)).await;
    let (new, request) = Person::asking();
    let client = world.client(Some(&old));
    client.post_signed("renewals", world.renewal(&old, request.der())).await.problem(ProblemCode::RenewalEarly);
    world.clock.shift(days(31));
    let wrong = old.sign(request.der(), Purpose::Withdrawal, &world.clock.rfc3339());
    client.post_signed("renewals", wrong).await.problem(ProblemCode::SignatureInvalid);
    let by_another = world.clerk().post_signed("renewals", world.renewal(&old, request.der())).await;
    by_another.problem(ProblemCode::RoleMissing);
    client.post_signed("renewals", world.renewal(&old, b"no request")).await.problem(ProblemCode::RequestInvalid);

    let given: Enrolled = client.post_signed("renewals", world.renewal(&old, request.der())).await.json(201);
    let again: Enrolled = client.post_signed("renewals", world.renewal(&old, request.der())).await.json(200);
    assert_eq!(given, again, "the same request, the same certificate");
    let second = new.take(&given);
    assert_eq!((second.holder(), second.credit_code()), (first.holder(), first.credit_code()));
    assert!(second.not_after() > first.not_after());

    for person in [&old, &new] {
        let client = world.client(Some(person));
        let units: Vec<UnitOfOperator> = client.get("/v1/units").await.json(200);
        assert_eq!(units.len(), 1, "both are the same operator");
    }
    // Signed with the one, sent with the other.
    let (id, p7m) = world.filing(At { signer: Some(&new), ..At::default() });
    let _: FilingStatus = client.put(id, p7m).await.json(201);

    world.clock.shift(days(60));
    assert!(world.client(Some(&old)).try_get("/v1/units").await.is_err(), "the older one has ended: no connection");
    let _: Vec<UnitOfOperator> = world.client(Some(&new)).get("/v1/units").await.json(200);
    let late = world.client(Some(&new)).post_signed("renewals", world.renewal_regardless(&old)).await;
    late.problem(ProblemCode::CertificateExpired);
}

impl World {
    /// A request that is signed with a certificate that has ended meanwhile, as of while it held.
    fn renewal_regardless(&self, by: &Person) -> Vec<u8> {
        let (_, request) = Person::asking();
        by.sign(request.der(), Purpose::Renewal, "2026-09-01T00:00:00Z")
    }
}

#[tokio::test]
async fn what_is_reported_lost_is_refused_from_then_on_and_what_it_signed_stays() {
    let world = World::new().await;
    let (lost, certificate) = world.enrolled(NAME, None).await;
    let (other, _) = world.enrolled(NAME, None).await;
    let (id, p7m) = world.filing(At { signer: Some(&lost), ..At::default() });
    let taken: FilingStatus = world.client(Some(&lost)).put(id, p7m.clone()).await.json(201);
    let before = world.clock.now();
    world.clock.shift(days(1));
    assert!(verify(&p7m, &world.anchors(), world.clock.now(), Purpose::Filing, &[world.crl().await]).is_ok());

    let stranger = world.operator(OTHER_UNIT, "外人", UnitRole::Approver).await;
    let client = world.client(Some(&stranger));
    client
        .post_signed("revocations", world.loss(&stranger, &certificate))
        .await
        .problem(ProblemCode::CertificateUnknown);
    world
        .clerk()
        .post_signed("revocations", world.loss(&world.clerk, &certificate))
        .await
        .problem(ProblemCode::CertificateUnknown);
    let _: Vec<UnitOfOperator> = world.client(Some(&lost)).get("/v1/units").await.json(200);

    let client = world.client(Some(&other));
    let said: CertificateStatus = client.post_signed("revocations", world.loss(&other, &certificate)).await.json(200);
    assert_eq!(said.sha256, certificate.sha256_hex());
    let when = said.revoked_at.clone();
    assert!(when.is_some());
    world.clock.shift(days(1));
    let again: CertificateStatus = client.post_signed("revocations", world.loss(&other, &certificate)).await.json(200);
    assert_eq!(again.revoked_at, when, "it stays revoked as of then");

    // By TLS, in a handshake of its own.
    let error = world.client(Some(&lost)).try_get("/v1/units").await.unwrap_err();
    assert!(format!("{error:?}").contains("CertificateRevoked"), "{error:?}");
    // Why, is heard as well by whoever has sent much behind his certificate, which nobody reads.
    for _ in 0..20 {
        let error = world.client(Some(&lost)).try_put(Uuid::now_v7(), vec![0; 48 * 1024]).await.unwrap_err();
        assert!(format!("{error:?}").contains("CertificateRevoked"), "{error:?}");
    }
    // By its signature, whoever sends it.
    let (id, late) = world.filing(At { signer: Some(&lost), ..At::default() });
    client.put(id, late.clone()).await.problem(ProblemCode::CertificateRevoked);
    let listed: Vec<CertificateStatus> = client.get("/v1/certificates").await.json(200);
    assert_eq!(listed.iter().filter(|one| one.revoked_at.is_some()).count(), 1, "{listed:?}");
    assert!(listed.iter().all(|one| one.own), "a clerk sees his own");

    let crl = world.crl().await;
    let now = world.clock.now();
    let outcome = verify(&late, &world.anchors(), now, Purpose::Filing, std::slice::from_ref(&crl)).unwrap_err();
    assert_eq!(outcome, VerifyError::CertificateRevoked, "whoever has the list knows as well");
    assert!(verify(&p7m, &world.anchors(), before, Purpose::Filing, &[crl]).is_ok(), "as of before it held");
    let still: FilingStatus = client.get(&format!("/v1/filings/{}", taken.id)).await.json(200);
    assert_eq!(still.state, taken.state, "what was taken stays taken");

    let world = world.restart().await;
    assert!(world.client(Some(&lost)).try_get("/v1/units").await.is_err(), "also after a restart");
}

#[tokio::test]
async fn an_approver_reports_a_colleague_s_certificate_lost() {
    let world = World::new().await;
    let (_, certificate) = world.enrolled(NAME, None).await;
    let approver = world.operator(UNIT, "孙主管", UnitRole::Approver).await;
    let client = world.client(Some(&approver));
    let listed: Vec<CertificateStatus> = client.get("/v1/certificates").await.json(200);
    let mine: Vec<_> = listed.iter().map(|one| (one.holder.as_str(), one.own)).collect();
    assert!(mine.contains(&(NAME, false)) && mine.contains(&("孙主管", true)), "{mine:?}");
    let said: CertificateStatus =
        client.post_signed("revocations", world.loss(&approver, &certificate)).await.json(200);
    assert!(said.revoked_at.is_some());
}

#[tokio::test]
async fn an_approver_has_nothing_to_do_with_the_certificates_of_other_units() {
    let world = World::new().await;
    let approver = world.operator(UNIT, "孙主管", UnitRole::Approver).await;
    // One person acts for two units, with a certificate of each.
    world.center.register_operator(OTHER_UNIT, world.clerk.certificate().der(), UnitRole::Clerk).await.unwrap();
    let wanted = ActivationFor { unit: OTHER_UNIT.into(), name: "王经办".into(), role: UnitRole::Clerk, days: None };
    let (person, request) = Person::asking();
    let code = world.center.activation(wanted).await.unwrap().code;
    let given: Enrolled = world.client(None).post("/v1/enrollments", &asked(&code, &request)).await.json(201);
    let of_other_unit = person.take(&given);
    let listed: Vec<CertificateStatus> = world.client(Some(&person)).get("/v1/certificates").await.json(200);
    assert!(listed.len() == 2 && listed.iter().all(|one| one.own), "both are his own: {listed:?}");

    let client = world.client(Some(&approver));
    let listed: Vec<CertificateStatus> = client.get("/v1/certificates").await.json(200);
    let seen: Vec<_> = listed.iter().map(|one| one.sha256.as_str()).collect();
    assert!(seen.contains(&world.clerk.certificate().sha256_hex().as_str()), "the one of his unit: {listed:?}");
    assert!(!seen.contains(&of_other_unit.sha256_hex().as_str()), "and not the other unit's: {listed:?}");
    let lost = world.loss(&approver, &of_other_unit);
    client.post_signed("revocations", lost).await.problem(ProblemCode::CertificateUnknown);
    assert_eq!(world.client(Some(&person)).get("/v1/units").await.status, 200, "it still holds");
}
