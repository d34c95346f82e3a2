//! Logging in by a signed challenge: for every kind of key, once, in time, and for nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod common;

use std::collections::BTreeSet;

use common::{At, Client, OTHER_UNIT, Person, UNIT, World, by_one_proof, seed};
use huijiao_center::{Seed, UnitRole};
use huijiao_domain::profile::{CenterProfile, ClientTls, SignatureAlgorithm, SignatureRules};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::{FilingStatus, Page, UnitOfOperator};
use huijiao_protocol::session::{Challenge, ChallengeWanted, SessionGranted};
use huijiao_signing::Purpose;
use jiff::SignedDuration;

/// Every algorithm, and one proof will do: a certificate in TLS, or a signed challenge.
fn open_rules() -> SignatureRules {
    SignatureRules {
        algorithms: BTreeSet::from(SignatureAlgorithm::ALL),
        client_tls: ClientTls::Optional,
        ..by_one_proof()
    }
}

/// A challenge's bytes.
async fn challenge(client: &Client, unit: &str) -> Vec<u8> {
    let answer = client.post("/v1/sessions/challenge", &ChallengeWanted { unit: unit.into() }).await;
    let challenge: Challenge = answer.json(200);
    assert_eq!((challenge.unit.as_str(), challenge.nonce.len()), (unit, 64));
    answer.body
}

fn signed(person: &Person, challenge: &[u8]) -> Vec<u8> {
    let said: Challenge = serde_json::from_slice(challenge).unwrap();
    person.sign(challenge, Purpose::Login, &said.issued_at)
}

async fn token(client: &Client, person: &Person) -> String {
    let signed = signed(person, &challenge(client, UNIT).await);
    client.post_bytes("/v1/sessions", signed).await.json::<SessionGranted>(201).token
}

#[tokio::test]
async fn whoever_signs_the_challenge_is_logged_in_with_every_kind_of_key() {
    let world = World::under(open_rules()).await;
    let national = world.sm2_operator(UNIT, "国密经办", UnitRole::Clerk).await;
    for person in [&world.clerk, &national] {
        let nobody = world.client(None);
        nobody.get("/v1/units").await.problem(ProblemCode::CertificateMissing);
        let token = token(&nobody, person).await;
        let somebody = nobody.bearing(&token);
        let units: Vec<UnitOfOperator> = somebody.get("/v1/units").await.json(200);
        assert_eq!(units.iter().map(|unit| unit.account.as_str()).collect::<Vec<_>>(), [UNIT]);
        somebody.get(&format!("/v1/units/{OTHER_UNIT}")).await.problem(ProblemCode::NotFound);
        world.client(None).bearing("made up").get("/v1/units").await.problem(ProblemCode::SessionEnded);

        assert!(world.center.revoke(person.certificate().der()).await.unwrap());
        somebody.get("/v1/units").await.problem(ProblemCode::CertificateRevoked);
    }
}

#[tokio::test]
async fn the_role_in_a_login_says_nothing_and_the_register_says_who_one_is() {
    let world = World::under(open_rules()).await;
    let approver = world.operator(UNIT, "李复核", UnitRole::Approver).await;
    let session = world.session_of(&approver).await;
    let units: Vec<UnitOfOperator> = session.get("/v1/units").await.json(200);
    let roles: Vec<_> = units.iter().map(|unit| (unit.account.as_str(), unit.role.as_str())).collect();
    assert_eq!(roles, [(UNIT, "approver")], "though he signed the challenge as everybody does, as a clerk");
}

/// What is told until the stream ends.
async fn told(mut stream: reqwest::Response) -> String {
    let mut told = Vec::new();
    while let Some(more) = stream.chunk().await.unwrap() {
        told.extend_from_slice(&more);
    }
    String::from_utf8(told).unwrap()
}

#[tokio::test]
async fn an_open_stream_of_events_ends_with_what_opened_it() {
    let world = World::under(open_rules()).await;
    let by_certificate = world.operator(UNIT, "周查询", UnitRole::Viewer).await;
    let stream = world.client(Some(&by_certificate)).open("/v1/events").await;
    assert_eq!(stream.status(), 200);
    assert!(world.center.revoke(by_certificate.certificate().der()).await.unwrap());
    let (id, p7m) = world.filing(At::default());
    world.clerk().put(id, p7m).await.json::<FilingStatus>(201);
    let said = told(stream).await;
    assert!(!said.contains(&id.to_string()), "nothing is told after the revocation: {said}");

    let by_session = world.client(None).bearing(&token(&world.client(None), &world.clerk).await);
    let last = format!("/v1/events?after={}", u32::MAX);
    let stream = by_session.open(&last).await;
    assert_eq!(stream.status(), 200);
    world.clock.shift(SignedDuration::from_mins(16));
    // Whatever moves: every turn asks whether the session still holds.
    world.operator(UNIT, "吴经办", UnitRole::Clerk).await;
    assert_eq!(told(stream).await, "", "a session that ended hears nothing more");
    by_session.get("/v1/events?poll=true").await.problem(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn a_session_ends_and_does_not_outlive_the_centers_program() {
    let world = World::under(open_rules()).await;
    let client = world.client(None);
    let first = token(&client, &world.clerk).await;
    let client = client.bearing(&first);
    world.clock.move_to(world.clock.now().checked_add(SignedDuration::from_mins(14)).unwrap());
    assert_eq!(client.get("/v1/units").await.status, 200, "still in time");
    world.clock.move_to(world.clock.now().checked_add(SignedDuration::from_mins(2)).unwrap());
    client.get("/v1/units").await.problem(ProblemCode::SessionEnded);
    let again = token(&world.client(None), &world.clerk).await;
    let world = world.restart().await;
    world.client(None).bearing(&again).get("/v1/units").await.problem(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn a_challenge_is_answered_once_in_time_by_its_unit_and_only_as_it_was_given() {
    let world = World::under(open_rules()).await;
    let client = world.client(None);
    let log_in = async |signed: Vec<u8>| client.post_bytes("/v1/sessions", signed).await;

    let once = signed(&world.clerk, &challenge(&client, UNIT).await);
    assert_eq!(log_in(once.clone()).await.status, 201);
    log_in(once).await.problem(ProblemCode::ChallengeUnknown);

    let late = signed(&world.clerk, &challenge(&client, UNIT).await);
    world.clock.move_to(world.clock.now().checked_add(SignedDuration::from_secs(121)).unwrap());
    log_in(late).await.problem(ProblemCode::ChallengeExpired);

    let other = World::under(open_rules()).await;
    let foreign = challenge(&other.client(None), UNIT).await;
    log_in(signed(&world.clerk, &foreign)).await.problem(ProblemCode::ChallengeUnknown);

    let of_others = challenge(&client, OTHER_UNIT).await;
    log_in(signed(&world.clerk, &of_others)).await.problem(ProblemCode::RoleMissing);
    // The nonce of one unit's challenge under the name of another.
    let mine = String::from_utf8(challenge(&client, UNIT).await).unwrap();
    let renamed = mine.replace(UNIT, OTHER_UNIT);
    log_in(signed(&world.clerk, renamed.as_bytes())).await.problem(ProblemCode::ChallengeUnknown);
    log_in(signed(&world.clerk, mine.as_bytes())).await.problem(ProblemCode::ChallengeUnknown);

    let stranger = world.unregistered("生人");
    let asked = challenge(&client, UNIT).await;
    log_in(signed(&stranger, &asked)).await.problem(ProblemCode::RoleMissing);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn a_login_is_no_filing_and_a_filing_is_no_login() {
    let world = World::under(open_rules()).await;
    let client = world.client(None);
    let asked = challenge(&client, UNIT).await;
    let as_filing = world.clerk.sign(&asked, Purpose::Filing, &world.clock.rfc3339());
    let refused = client.post_bytes("/v1/sessions", as_filing).await.problem(ProblemCode::SignatureInvalid);
    assert_eq!(refused.errors[0].code, "verify-purpose");

    let (id, login) = world.filing(At { purpose: Some(Purpose::Login), ..At::default() });
    let refused = world.clerk().put(id, login).await.problem(ProblemCode::SignatureInvalid);
    assert_eq!(refused.errors[0].code, "verify-purpose");
    world.assert_filings(0).await;
}

#[tokio::test]
async fn connection_and_session_have_to_be_of_one_certificate_and_the_rules_say_whether_one_will_do() {
    let strict = World::new().await;
    let (bare, shown) = (strict.client(None), strict.clerk());
    let session = token(&bare, &strict.clerk).await;
    bare.bearing(&session).get("/v1/units").await.problem(ProblemCode::CertificateMissing);
    let both = shown.bearing(&session);
    assert_eq!(both.get("/v1/units").await.status, 200, "proved twice");

    let other = strict.operator(UNIT, "李复核", UnitRole::Approver).await;
    let mixed = strict.client(Some(&other)).bearing(&session);
    mixed.get("/v1/units").await.problem(ProblemCode::SessionDiffers);
    let asked = challenge(&both, UNIT).await;
    let refused = strict.client(Some(&other)).post_bytes("/v1/sessions", signed(&strict.clerk, &asked)).await;
    refused.problem(ProblemCode::SessionDiffers);
}

#[tokio::test]
async fn where_the_rules_say_nothing_else_a_certificate_in_tls_alone_reads_and_files_nothing() {
    let world = World::under(SignatureRules::default()).await;
    let shown = world.clerk();
    let (id, filing) = world.filing(At::default());
    for path in ["/v1/units".to_owned(), format!("/v1/units/{UNIT}"), format!("/v1/filings/{id}")] {
        shown.get(&path).await.problem(ProblemCode::SessionEnded);
    }
    shown.open("/v1/events").await.error_for_status().expect_err("nor is anything told");
    shown.put(id, filing.clone()).await.problem(ProblemCode::SessionEnded);

    let session = token(&shown, &world.clerk).await;
    let twice = shown.bearing(&session);
    let taken: Page<FilingStatus> = twice.get(&format!("/v1/filings?unit={UNIT}")).await.json(200);
    assert!(taken.items.is_empty(), "{taken:?}");
    twice.put(id, filing).await.json::<FilingStatus>(201);
    assert_eq!(twice.get("/v1/units").await.status, 200, "by certificate and challenge");
    world.clock.shift(SignedDuration::from_mins(16));
    twice.get("/v1/units").await.problem(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn a_center_that_takes_no_sm2_says_so() {
    let world = World::under(open_rules()).await;
    let national = world.sm2_operator(UNIT, "国密经办", UnitRole::Clerk).await;
    let rules = SignatureRules { client_tls: ClientTls::Optional, ..by_one_proof() };
    let first = seed(UNIT);
    let profile = CenterProfile { signatures: rules, ..first.profile };
    world.center.seed(Seed { profile, ..first }).await.unwrap();
    let client = world.client(None);
    let asked = challenge(&client, UNIT).await;
    let refused = client.post_bytes("/v1/sessions", signed(&national, &asked)).await;
    refused.problem(ProblemCode::AlgorithmRefused);
    let (id, filing) = world.filing(At { signer: Some(&national), ..At::default() });
    world.clerk().put(id, filing).await.problem(ProblemCode::AlgorithmRefused);
    world.assert_filings(0).await;
}
