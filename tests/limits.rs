//! A center that asks to wait, and a client that does: nothing is sent twice, nothing is lost, nothing is guessed.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use huijiao_center::{Center, CenterClock, CenterConfig, Limits, UnitRole};
use huijiao_demo::people::{UNIT_ACCOUNT, unit_of};
use huijiao_demo::practice::{CLERK, PIN, seed};
use huijiao_domain::profile::{CenterProfile, SignedChallenge};
use huijiao_gateway::{Endpoint, Gateway, Identity, NetError, Proxy, Submission};
use huijiao_protocol::problem::ProblemCode;
use huijiao_signing::{P12Folder, Pin};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_to_wait_has_sent_nothing_and_is_heard_after_it() {
    let folder = TempDir::new().unwrap();
    let mut profile = CenterProfile::shipped("demo").unwrap();
    // Each request is counted, those of a login too: here there is none.
    profile.signatures.challenge = SignedChallenge::Optional;
    let clock = CenterClock::fixed(Timestamp::now());
    let center = Center::start(CenterConfig {
        clock: clock.clone(),
        seed: Some(seed(&unit_of(3, &profile).unwrap(), &profile)),
        limits: Some(Limits { certificate: 2, address: 100, attempts: 100 }),
        ..CenterConfig::in_folder(folder.path().join("center"))
    })
    .await
    .unwrap();
    let issued = center.issue_operator(UNIT_ACCOUNT, CLERK, UnitRole::Clerk, Pin::new(PIN)).await.unwrap();
    let keys = P12Folder::new(folder.path().join("keys"));
    keys.install("clerk", &issued.p12, &Pin::new(PIN)).unwrap();
    let own = keys.tls_identity("clerk", &Pin::new(PIN)).unwrap();
    let endpoint = Endpoint { proxy: Proxy::None, ..Endpoint::new(center.base_url(), center.anchors()) };
    let identity = Identity { chain: own.chain, key: own.key };
    let gateway = Gateway::connect(endpoint, Some(identity)).unwrap();

    gateway.units().await.unwrap();
    gateway.units().await.unwrap();
    let busy = gateway.units().await.unwrap_err();
    assert!(matches!(busy, NetError::Busy { retry_after: Some(31) }), "half a minute: {busy:?}");
    let id = Uuid::now_v7();
    // More than any buffer on the way: the center hears it out before it answers.
    let submission = gateway.put_filing(id, vec![0; 8 << 20]).await;
    assert!(
        matches!(submission, Submission::NotSent(NetError::Busy { retry_after: Some(31) })),
        "surely not taken, not merely unknown: {submission:?}"
    );

    clock.shift(SignedDuration::from_secs(31));
    let Submission::Refused(problem) = gateway.put_filing(id, b"no filing".to_vec()).await else {
        panic!("it is read now");
    };
    assert_eq!(problem.code, ProblemCode::Malformed);
}
