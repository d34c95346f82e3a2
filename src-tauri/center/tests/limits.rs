//! Who asks too often is asked to wait: by certificate, by address, and sooner where something can be guessed.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{At, OTHER_UNIT, Person, UNIT, World};
use huijiao_center::{ActivationFor, Limits, UnitRole};
use huijiao_domain::profile::{ClientTls, SignatureRules};
use huijiao_protocol::certificates::{Enrolled, Enrollment};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::FilingStatus;
use huijiao_protocol::session::{Challenge, ChallengeWanted, SessionGranted};
use huijiao_signing::Purpose;
use jiff::SignedDuration;
use uuid::Uuid;

const PLENTY: Limits = Limits { certificate: 10_000, address: 10_000, attempts: 10_000 };

impl World {
    async fn with_limits(limits: Limits) -> Self {
        let signatures = SignatureRules { client_tls: ClientTls::Optional, ..common::by_one_proof() };
        Self::limited(signatures, limits).await
    }

    fn wait(&self, seconds: i64) {
        self.clock.shift(SignedDuration::from_secs(seconds));
    }

    /// Logs in, whatever becomes of it.
    async fn log_in(&self, by: &Person) -> common::Answer {
        let client = self.client(None);
        let asked = client.post("/v1/sessions/challenge", &ChallengeWanted { unit: UNIT.into() }).await;
        if asked.status != 200 {
            return asked;
        }
        let challenge: Challenge = serde_json::from_slice(&asked.body).unwrap();
        let signed = by.sign(&asked.body, Purpose::Login, &challenge.issued_at);
        client.post_bytes("/v1/sessions", signed).await
    }
}

#[tokio::test]
async fn a_certificate_is_held_up_alone_and_for_as_long_as_it_is_told() {
    let world = World::with_limits(Limits { certificate: 3, ..PLENTY }).await;
    let approver = world.operator(UNIT, "李复核", UnitRole::Approver).await;
    let (id, p7m) = world.filing(At::default());
    for _ in 0..3 {
        assert_eq!(world.clerk().get("/v1/units").await.status, 200);
    }
    let answer = world.clerk().put(id, p7m.clone()).await;
    answer.problem(ProblemCode::RateLimited);
    assert_eq!(answer.retry_after.as_deref(), Some("21"), "a third of a minute, and not a moment too short");
    world.clerk().put(Uuid::now_v7(), vec![0; 8 << 20]).await.problem(ProblemCode::RateLimited);

    let others = world.client(Some(&approver));
    assert_eq!(others.get("/v1/units").await.status, 200, "others of the same unit and address go on");
    others.get(&format!("/v1/filings/{id}")).await.problem(ProblemCode::NotFound);

    // The same certificate is no other one for being shown by a session in place of the connection.
    let granted = world.log_in(&world.clerk).await.json::<SessionGranted>(201);
    let bearer = world.client(None).bearing(&granted.token);
    bearer.get("/v1/units").await.problem(ProblemCode::RateLimited);

    world.wait(21);
    let _: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    world.clerk().get("/v1/units").await.problem(ProblemCode::RateLimited);
}

#[tokio::test]
async fn an_address_is_held_up_whoever_asks_from_there() {
    let world = World::with_limits(Limits { address: 3, ..PLENTY }).await;
    for _ in 0..3 {
        assert_eq!(world.client(None).get("/v1/center").await.status, 200);
    }
    for client in [world.client(None), world.clerk()] {
        client.get("/v1/center").await.problem(ProblemCode::RateLimited);
    }
    world.wait(21);
    assert_eq!(world.clerk().get("/v1/units").await.status, 200);
}

#[tokio::test]
async fn what_can_be_guessed_at_is_limited_harder_and_success_costs_nothing() {
    let world = World::with_limits(Limits { attempts: 4, ..PLENTY }).await;
    for _ in 0..6 {
        let _: SessionGranted = world.log_in(&world.clerk).await.json(201);
    }
    let stranger = world.operator(OTHER_UNIT, "陈外人", UnitRole::Clerk).await;
    world.log_in(&stranger).await.problem(ProblemCode::RoleMissing);

    let wanted = ActivationFor { unit: UNIT.into(), name: "赵新人".into(), role: UnitRole::Clerk, days: None };
    let code = world.center.activation(wanted).await.unwrap().code;
    let (_, request) = Person::asking();
    let enrol = async |code: &str| {
        let asked = Enrollment { code: code.into(), request: STANDARD.encode(request.der()) };
        world.client(None).post("/v1/enrollments", &asked).await
    };
    for _ in 0..2 {
        enrol("0000-0000-0000").await.problem(ProblemCode::ActivationUnknown);
    }
    let refused = enrol(&code).await;
    refused.problem(ProblemCode::RateLimited);
    assert_eq!(refused.retry_after.as_deref(), Some("226"), "a quarter of the quarter of an hour");
    world.log_in(&world.clerk).await.problem(ProblemCode::RateLimited);
    assert_eq!(world.clerk().get("/v1/units").await.status, 200, "whoever is in goes on working");

    world.wait(226);
    let _: Enrolled = enrol(&code).await.json(201);
}
