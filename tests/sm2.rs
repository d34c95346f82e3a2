//! 国密 from end to end: clerk and approver with SM2 certificates, logged in by signed challenge over TLS without a
//! certificate, at a center that signs its receipts with SM2; and OpenSSL, told who signs, says so of every signature.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::asn1::SetOfVec;
use der::{Any, Decode, Encode};
use huijiao_center::{ActivationFor, Center, CenterClock, CenterConfig, RunningCenter, UnitRole};
use huijiao_demo::people::practice_unit;
use huijiao_demo::practice::{APPROVER, APPROVER_KEY, CLERK, CLERK_KEY, PIN, seed};
use huijiao_demo::workbooks;
use huijiao_desk::Desk;
use huijiao_desk::ports::Connection;
use huijiao_desk::views::{
    ApprovalDone, ApprovalView, CertificateTaken, CertificatesView, FilingStage, FilingView, SessionView, UiError,
};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::{
    Approval, CenterProfile, ClientTls, MinimumTls, SignatureAlgorithm, SignatureIdentifiers, SignatureRules,
};
use huijiao_gateway::{Endpoint, Gateway, Login, NetError, Proxy};
use huijiao_protocol::problem::ProblemCode;
use huijiao_signing::issue::Validity;
use huijiao_signing::{
    Algorithm, Certificate, Crl, KeyProvider, P12Folder, Pin, Purpose, Role, TrustAnchors, sign_attached, verify,
};
use huijiao_tests::{call, desk, import, settle, sign};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tempfile::TempDir;

mod skf;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
/// An approver whose certificate is not of the national algorithm.
const OTHER_KEY: &str = "approver-p256";
const OTHER: &str = "陈立新";

/// Where the data of a desk on this folder lie.
fn data(folder: &Path) -> PathBuf {
    folder.join("desk/practice/data")
}

struct Scene {
    folder: TempDir,
    center: RunningCenter,
    unit: String,
    books: PathBuf,
    offset: SignedDuration,
    clerk: Arc<Desk>,
}

impl Scene {
    async fn open(identifiers: SignatureIdentifiers) -> Self {
        Self::of([SignatureAlgorithm::Sm2, SignatureAlgorithm::P256].into(), identifiers).await
    }

    async fn of(algorithms: BTreeSet<SignatureAlgorithm>, identifiers: SignatureIdentifiers) -> Self {
        let folder = TempDir::new().unwrap();
        let mut profile = CenterProfile::shipped("demo").unwrap();
        profile.kinds.insert(FilingKind::BaseAdjustment, Approval::Always);
        profile.signatures = SignatureRules {
            algorithms,
            identifiers,
            client_tls: ClientTls::Optional,
            receipts: SignatureAlgorithm::Sm2,
            ..SignatureRules::default()
        };
        let unit = practice_unit(&profile).unwrap();
        let books = folder.path().join("表格");
        workbooks::lay(&books, &unit, &profile).unwrap();
        let day = |text: &str| text.parse::<Timestamp>().unwrap();
        let offset = day("2026-07-06T09:00:00+08:00").duration_since(Timestamp::now());
        let center = Center::start(CenterConfig {
            clock: CenterClock::ahead(offset),
            validity: Some(Validity {
                not_before: day("2020-01-01T00:00:00Z"),
                not_after: day("2049-12-31T00:00:00Z"),
            }),
            seed: Some(seed(&unit, &profile)),
            ..CenterConfig::in_folder(folder.path().join("center"))
        })
        .await
        .unwrap();
        let unit = unit.unit.account;
        let keys = P12Folder::new(folder.path().join("keys"));
        for (key, name, role, algorithm) in [
            (CLERK_KEY, CLERK, UnitRole::Clerk, SignatureAlgorithm::Sm2),
            (APPROVER_KEY, APPROVER, UnitRole::Approver, SignatureAlgorithm::Sm2),
            (OTHER_KEY, OTHER, UnitRole::Approver, SignatureAlgorithm::P256),
        ] {
            let issued = center.issue_operator_of(algorithm, &unit, name, role, Pin::new(PIN)).await.unwrap();
            keys.install(key, &issued.p12, &Pin::new(PIN)).unwrap();
            std::fs::write(folder.path().join(format!("{key}-issued.p12")), &issued.p12).unwrap();
        }
        let clerk = desk(&folder.path().join("clerk"), Path::new(WORKER));
        let scene = Self { folder, center, unit, books, offset, clerk };
        scene.clerk.enter(scene.connection(CLERK_KEY)).await.unwrap();
        scene
    }

    fn connection(&self, key: &str) -> Connection {
        Connection {
            demo: true,
            base_url: self.center.base_url(),
            anchors: self.center.anchors(),
            minimum_tls: MinimumTls::default(),
            certificates: self.folder.path().join("keys"),
            unit_account: self.unit.clone(),
            login: Some((key.into(), PIN.into())),
            operators: Vec::new(),
            clock_offset: self.offset,
            workbooks: Vec::new(),
        }
    }

    async fn desk_of(&self, key: &str) -> Arc<Desk> {
        let desk = desk(&self.folder.path().join(key), Path::new(WORKER));
        desk.enter(self.connection(key)).await.unwrap();
        desk
    }

    /// A filing of the clerk's that waits for its approver.
    async fn waiting(&self) -> FilingView {
        let draft = import(&self.clerk, &self.books.join(workbooks::CLEAN), "2026-07").await.unwrap();
        let draft = settle(&self.clerk, draft).await.unwrap();
        let filed = sign(&self.clerk, &draft, CLERK_KEY, PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        filed
    }

    /// A client of its own, with no certificate in TLS.
    fn gateway(&self) -> Gateway {
        let keys = P12Folder::new(self.folder.path().join("keys"));
        let login = Login::new(self.unit.clone(), move |challenge, bytes| {
            let mut session = keys.open(CLERK_KEY).unwrap();
            session.login(&Pin::new(PIN)).unwrap();
            Ok(sign_attached(&mut *session, bytes, &challenge.issued_at, Role::Clerk, Purpose::Login, None).unwrap())
        });
        Gateway::connect(self.endpoint(), None).unwrap().logging_in(login)
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint { proxy: Proxy::None, ..Endpoint::new(self.center.base_url(), self.center.anchors()) }
    }
}

fn openssl(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asserts that OpenSSL finds one signature in the file for each of these certificates, and no other.
fn independent(p7m: &[u8], certificates: &[&Certificate]) {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let info = Vec::<Any>::from_der(p7m).unwrap();
    let signed = Vec::<Any>::from_der(info[1].value()).unwrap();
    let signers: SetOfVec<Any> = signed.last().unwrap().decode_as().unwrap();
    let mut held = BTreeSet::new();
    for signer in signers.iter() {
        let fields: Vec<Any> = signer.decode_as().unwrap();
        let mut attributes = fields[3].to_der().unwrap();
        attributes[0] = 0x31;
        std::fs::write(at.join("signed"), attributes).unwrap();
        std::fs::write(at.join("signature"), fields[5].value()).unwrap();
        for certificate in certificates {
            std::fs::write(at.join("signer.pem"), certificate.pem()).unwrap();
            let key = openssl(at, &["x509", "-in", "signer.pem", "-noout", "-pubkey"]).1;
            std::fs::write(at.join("key.pem"), key).unwrap();
            let id = "distid:1234567812345678";
            let how = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-digest", "sm3", "-pkeyopt", id];
            if openssl(at, &[&how[..], &["-in", "signed", "-sigfile", "signature"]].concat()).0 {
                held.insert(certificate.holder().to_owned());
            }
        }
    }
    assert_eq!(
        (held.len(), signers.len()),
        (certificates.len(), certificates.len()),
        "one signature of each: {held:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_sm2_is_filed_approved_and_receipted_and_openssl_agrees() {
    for identifiers in [SignatureIdentifiers::Rfc, SignatureIdentifiers::Gmt] {
        let scene = Scene::open(identifiers).await;
        let filed = scene.waiting().await;
        assert!(filed.receipt.as_ref().is_some_and(|receipt| receipt.valid), "a receipt of an SM2 key is verified");

        let approver = scene.desk_of(APPROVER_KEY).await;
        let args = json!({ "filing": filed.line.filing });
        let view: ApprovalView = call(&approver, "approval_review", args.clone()).await.unwrap();
        let own = view.review.certificates.iter().find(|one| one.certificate == APPROVER_KEY).unwrap();
        assert_eq!((own.algorithm.as_str(), own.usable), ("国密 SM2", true), "it says what it is");
        let signing = json!({
            "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": APPROVER_KEY, "pin": PIN
        });
        let done: ApprovalDone = call(&approver, "approval_sign", signing).await.unwrap();
        assert_eq!(done.stage, FilingStage::Settled);
        let after: FilingView = call(&scene.clerk, "ask", args).await.unwrap();
        assert_eq!(after.line.stage, FilingStage::Settled, "the clerk's side believes the receipt");

        let gateway = scene.gateway();
        let id = filed.line.filing.parse().unwrap();
        let file = gateway.filing_file(id).await.unwrap();
        let anchors = TrustAnchors::from_der(scene.center.anchors()).unwrap();
        let now = scene.center.clock().now();
        let verified = verify(&file, &anchors, now, Purpose::Approval, &[]).unwrap();
        let signers: Vec<&Certificate> = verified.signers.iter().map(|signer| &signer.certificate).collect();
        assert!(signers.iter().all(|one| one.algorithm() == Some(Algorithm::Sm2)));
        assert_eq!(signers.iter().map(|one| one.holder()).collect::<Vec<_>>(), [CLERK, APPROVER]);
        independent(&file, &signers);
        let national = file.windows(8).any(|some| some == [0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x06, 0x01, 0x04]);
        assert_eq!(national, identifiers == SignatureIdentifiers::Gmt, "the container is what the profile says");

        let status = gateway.filing(id).await.unwrap().unwrap();
        let receipt = STANDARD.decode(&status.receipt).unwrap();
        let verified = verify(&receipt, &anchors, now, Purpose::Receipt, &[]).unwrap();
        independent(&receipt, &[&verified.signers[0].certificate]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_center_of_sm2_alone_a_certificate_is_applied_for_and_renewed_as_sm2() {
    let scene = Scene::of([SignatureAlgorithm::Sm2].into(), SignatureIdentifiers::Rfc).await;
    let wanted = ActivationFor { unit: scene.unit.clone(), name: CLERK.into(), role: UnitRole::Clerk, days: Some(50) };
    let code = scene.center.activation(wanted).await.unwrap().code;
    let args = json!({ "code": code, "pin": "840275" });
    let first: CertificateTaken = call(&scene.clerk, "certificate_enrol", args).await.unwrap();
    let args = json!({ "certificate": first.certificate, "pin": "840275", "new_pin": "518203" });
    let second: CertificateTaken = call(&scene.clerk, "certificate_renew", args).await.unwrap();
    let view: CertificatesView = call(&scene.clerk, "certificates", json!({})).await.unwrap();
    for taken in [&first, &second] {
        let line = view.certificates.iter().find(|line| line.certificate == taken.certificate).unwrap();
        assert_eq!((line.key.as_str(), line.reason.as_deref()), ("SM2", None), "{line:?}");
        assert_eq!(line.usage, "签名", "TLS here knows no SM2");
    }
    let draft = import(&scene.clerk, &scene.books.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let draft = settle(&scene.clerk, draft).await.unwrap();
    let filed = sign(&scene.clerk, &draft, &second.certificate, "518203").await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "the new one signs: {:?}", filed.trouble);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_ended_is_renewed_by_itself() {
    let scene = Scene::open(SignatureIdentifiers::Rfc).await;
    let gateway = scene.gateway();
    assert_eq!(gateway.units().await.unwrap().len(), 1, "logged in before the first question");
    scene.center.clock().run_ahead(scene.offset + SignedDuration::from_mins(30));
    assert_eq!(gateway.units().await.unwrap().len(), 1, "logged in again after a 401, without being told");
    let session: SessionView = call(&scene.clerk, "refresh", json!({})).await.unwrap();
    assert_eq!(session.role, "经办人", "the desk's own session too");
    assert!(gateway.filing("0197d000-0000-7000-8000-000000000000".parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_with_another_sort_of_certificate_is_refused_by_name() {
    let scene = Scene::open(SignatureIdentifiers::Rfc).await;
    let filed = scene.waiting().await;
    let other = scene.desk_of(OTHER_KEY).await;
    let args = json!({ "filing": filed.line.filing });
    let view: ApprovalView = call(&other, "approval_review", args.clone()).await.unwrap();
    let own = view.review.certificates.iter().find(|one| one.certificate == OTHER_KEY).unwrap();
    assert_eq!((own.usable, own.reason.as_deref()), (false, Some("verify-mixed-algorithms")));
    let signing = json!({
        "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": OTHER_KEY, "pin": PIN
    });
    let refused: UiError = call::<ApprovalDone>(&other, "approval_sign", signing).await.unwrap_err();
    assert_eq!(refused.code, "verify-mixed-algorithms");
    let still: FilingView = call(&scene.clerk, "ask", args).await.unwrap();
    assert_eq!(still.line.stage, FilingStage::AwaitingApproval, "nothing was booked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_sm2_certificate_is_on_its_own_root_s_list_and_refused_by_both_sides() {
    let scene = Scene::open(SignatureIdentifiers::Rfc).await;
    let filed = scene.waiting().await;
    let args = json!({ "filing": filed.line.filing });
    let before = scene.desk_of(APPROVER_KEY).await;
    let view: ApprovalView = call(&before, "approval_review", args.clone()).await.unwrap();
    assert!(view.review.certificates.iter().any(|one| one.usable), "nothing is wrong yet");

    let keys = P12Folder::new(scene.folder.path().join("keys"));
    let lost = keys.open(CLERK_KEY).unwrap().certificate().clone();
    // What is revoked in the second in which a filing is taken held no more when it was taken.
    scene.center.clock().shift(SignedDuration::from_mins(2));
    assert!(scene.center.revoke(lost.der()).await.unwrap());
    let NetError::Problem(refused) = scene.gateway().units().await.unwrap_err() else { panic!("the center refuses") };
    assert_eq!(refused.code, ProblemCode::CertificateRevoked, "he logs in no more");

    // A computer that knew nothing fetches both lists, and believes the one of the root that issued the certificate.
    let there = desk(&scene.folder.path().join("there"), Path::new(WORKER));
    there.enter(scene.connection(APPROVER_KEY)).await.unwrap();
    let view: ApprovalView = call(&there, "approval_review", args).await.unwrap();
    let open: Vec<_> = view.steps.iter().filter(|step| !step.passed).map(|step| step.code.as_str()).collect();
    assert_eq!(open, ["clerk_now"], "it held when the filing was taken, and is told to hold no more");

    let other = keys.open(OTHER_KEY).unwrap().certificate().clone();
    assert!(scene.center.revoke(other.der()).await.unwrap());
    let gateway = Gateway::connect(scene.endpoint(), None).unwrap();
    let anchors = TrustAnchors::from_der(scene.center.anchors()).unwrap();
    let now = scene.center.clock().now();
    let mut listed = Vec::new();
    for root in anchors.certificates() {
        let list = Crl::from_der(&gateway.crl(&root.sha256_hex()).await.unwrap().unwrap()).unwrap();
        assert_eq!(TrustAnchors::new(vec![root.clone()]).check_crl(&list), Ok(()), "signed by that root");
        listed.push((root.algorithm().unwrap(), list.lists(&lost, now), list.lists(&other, now)));
    }
    assert_eq!(listed, [(Algorithm::P256, false, true), (Algorithm::Sm2, true, false)], "each its own");
    assert_eq!(gateway.crl(&lost.sha256_hex()).await.unwrap(), None, "who is no root has no list");
}

/// Kept by an earlier version, or before the center had a list of its second root.
#[tokio::test(flavor = "multi_thread")]
async fn lists_that_lack_the_one_of_a_root_are_not_fresh_and_it_is_fetched() {
    let scene = Scene::open(SignatureIdentifiers::Rfc).await;
    let place = scene.folder.path().join("clerk");
    let store = rusqlite::Connection::open(data(&place).join("huijiao.db")).unwrap();
    let kept = || {
        let newest = "SELECT der FROM crls ORDER BY seq DESC LIMIT 1";
        Crl::all_from_der(&store.query_row(newest, [], |row| row.get::<_, Vec<u8>>(0)).unwrap()).unwrap()
    };
    let roots = TrustAnchors::from_der(scene.center.anchors()).unwrap();
    let of = |list: &Crl| roots.certificates().iter().find(|root| list.is_of(root)).and_then(Certificate::algorithm);
    let alone = kept().into_iter().find(|list| of(list) == Some(Algorithm::P256)).unwrap();
    let next = alone.next_update().unwrap();
    assert!(scene.center.clock().now() < next, "by itself it is fresh");
    store.execute("UPDATE crls SET der = ?1", [alone.der()]).unwrap();

    let keys = P12Folder::new(scene.folder.path().join("keys"));
    let lost = keys.open(APPROVER_KEY).unwrap().certificate().clone();
    assert!(scene.center.revoke(lost.der()).await.unwrap());
    scene.clerk.enter(scene.connection(CLERK_KEY)).await.unwrap();
    let now = kept();
    assert_eq!(now.len(), 2, "each root has its list");
    let at = scene.center.clock().now();
    assert!(now.iter().any(|list| of(list) == Some(Algorithm::Sm2) && list.lists(&lost, at)), "and it is the newest");
}
