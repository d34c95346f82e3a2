//! 复核 over HTTP: what waits for an approver, what he may say of it, and that nothing is booked before he has.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Answer, At, OTHER_UNIT, Person, UNIT, World};
use huijiao_center::UnitRole;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::{Approval, CenterProfile};
use huijiao_domain::roster::{AccountStatus, Roster, Unit};
use huijiao_protocol::PROTOCOL;
use huijiao_protocol::ending::Ending;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::{FilingState, ReceiptContent};
use huijiao_protocol::resources::{Event, FilingStatus, Page};
use huijiao_signing::{Certificate, Purpose, TrustAnchors, verify};
use jiff::SignedDuration;
use uuid::Uuid;

/// A center that has bases approved above five people, and an approver of the unit.
async fn strict() -> (World, Person) {
    let world = World::new().await;
    let mut seed = common::seed(UNIT);
    seed.profile = strict_profile();
    world.center.seed(seed).await.unwrap();
    let approver = world.operator(UNIT, "孙主管", UnitRole::Approver).await;
    (world, approver)
}

fn strict_profile() -> CenterProfile {
    let mut profile = common::seed(UNIT).profile;
    profile.kinds.insert(FilingKind::BaseAdjustment, Approval::Above { amount: None, people: Some(5) });
    profile
}

/// A filing of all six people, which the center has taken and not booked.
async fn waiting(world: &World) -> (Uuid, Vec<u8>, FilingStatus) {
    let (id, p7m) = world.filing(At { roster: Some(world.clerk().roster(UNIT).await), ..At::default() });
    let status: FilingStatus = world.clerk().put(id, p7m.clone()).await.json(201);
    assert_eq!(status.state, FilingState::AwaitingApproval, "it waits");
    (id, p7m, status)
}

fn rejection(status: &FilingStatus) -> Vec<u8> {
    let content = Ending {
        protocol: PROTOCOL,
        filing_id: status.id,
        filing_sha256: status.filing_sha256.clone(),
        unit_account: status.unit_account.clone(),
        reason: "钱二丽的基数请再核对".into(),
        created_at: "2026-08-15T10:00:00+08:00".into(),
    };
    content.to_bytes().unwrap()
}

async fn approve(world: &World, by: &Person, id: Uuid, file: Vec<u8>) -> Answer {
    world.client(Some(by)).put_about(id, "approval", file).await
}

async fn reject(world: &World, by: &Person, status: &FilingStatus) -> Answer {
    let signed = by.sign(&rejection(status), Purpose::Rejection, &world.clock.rfc3339());
    world.client(Some(by)).put_about(status.id, "rejection", signed).await
}

fn receipt(world: &World, text: &str) -> ReceiptContent {
    let anchors = TrustAnchors::from_der(world.center.anchors()).unwrap();
    let verified = verify(&common::base64(text), &anchors, world.clock.now(), Purpose::Receipt, &[]).unwrap();
    serde_json::from_slice(&verified.content).unwrap()
}

/// Nothing of a filing is booked.
async fn untouched(world: &World, before: &Roster) {
    assert_eq!(world.clerk().roster(UNIT).await, *before, "nothing is booked");
}

#[tokio::test]
async fn a_filing_is_booked_once_its_approver_has_signed() {
    let (world, approver) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let (id, p7m, waits) = waiting(&world).await;
    untouched(&world, &before).await;
    let said = receipt(&world, &waits.receipt);
    assert_eq!((said.state, said.signers.len()), (FilingState::AwaitingApproval, 1), "the receipt says so");
    let list = format!("/v1/filings?unit={UNIT}&state=awaiting_approval");
    let seen: Page<FilingStatus> = world.client(Some(&approver)).get(&list).await.json(200);
    assert_eq!(seen.items, std::slice::from_ref(&waits), "the approver finds it");
    let file = world.client(Some(&approver)).get(&format!("/v1/filings/{id}/file")).await;
    assert_eq!((file.status, &file.body), (200, &p7m), "as the clerk signed it, byte for byte");

    let signed = approver.countersign(&file.body, &world.clock.rfc3339());
    let settled: FilingStatus = approve(&world, &approver, id, signed.clone()).await.json(200);
    assert_eq!(settled.state, FilingState::Settled, "and is booked");
    let after = world.clerk().roster(UNIT).await;
    assert_eq!(after.contributors[0].base, common::new_base(&before.contributors[0]), "with what was filed");
    assert_eq!(settled.earlier_receipts, std::slice::from_ref(&waits.receipt), "its receipts follow one another");
    let said = receipt(&world, &settled.receipt);
    let signers: Vec<_> = said.signers.iter().map(|one| (one.role.as_str(), one.name.as_str())).collect();
    assert_eq!(signers, [("clerk", "王经办"), ("approver", "孙主管")], "who signed");
    assert_eq!(said.filing_sha256, common::sha256(&p7m), "the clerk's file");
    assert_eq!(said.approved_sha256, Some(common::sha256(&signed)), "and the approver's");
    assert_eq!(settled.approved_sha256, said.approved_sha256, "which the answer names as well");
    assert_eq!(world.clerk().get(&format!("/v1/filings/{id}/file")).await.body, signed, "the file with both");

    let again: FilingStatus = approve(&world, &approver, id, signed).await.json(200);
    assert_eq!(again, settled, "a second time is the same answer");
    let again: FilingStatus = world.clerk().put(id, p7m.clone()).await.json(200);
    assert_eq!(again, settled, "so is the clerk's file");
    assert_eq!(world.clerk().roster(UNIT).await.version, after.version, "and nothing is booked twice");
    let other = approver.countersign(&p7m, "2026-08-15T09:00:00+08:00");
    approve(&world, &approver, id, other).await.problem(ProblemCode::ApprovalEnded);
    reject(&world, &approver, &settled).await.problem(ProblemCode::ApprovalEnded);
    let events: Vec<Event> = world.client(Some(&approver)).get("/v1/events?poll=true").await.json(200);
    let states: Vec<_> = events.iter().filter_map(|event| event.state).collect();
    assert_eq!(states, [FilingState::AwaitingApproval, FilingState::Settled], "both are told");
}

#[tokio::test]
async fn a_returned_filing_is_ended_with_its_reason() {
    let (world, approver) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let (id, p7m, waits) = waiting(&world).await;
    let (second, other) = world.filing(At::default());
    world.clerk().put(second, other).await.problem(ProblemCode::FilingOpen);
    let returned: FilingStatus = reject(&world, &approver, &waits).await.json(200);
    assert_eq!(returned.state, FilingState::Refused, "it goes back");
    let said = receipt(&world, &returned.receipt);
    assert_eq!(said.reason, "钱二丽的基数请再核对", "the approver's words");
    assert_eq!(said.returned_by.unwrap().name, "孙主管", "and his name");
    untouched(&world, &before).await;
    let late = approver.countersign(&p7m, &world.clock.rfc3339());
    approve(&world, &approver, id, late).await.problem(ProblemCode::ApprovalEnded);
    untouched(&world, &before).await;
    let (anew, ..) = waiting(&world).await;
    assert_ne!(anew, id, "mended, it is another filing");
}

#[tokio::test]
async fn the_clerk_may_take_back_what_waits() {
    let (world, approver) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let (id, p7m, waits) = waiting(&world).await;
    let signed = world.clerk.sign(&rejection(&waits), Purpose::Withdrawal, &world.clock.rfc3339());
    let gone: FilingStatus = world.clerk().put_withdrawal(id, signed).await.json(200);
    assert_eq!(gone.state, FilingState::Withdrawn, "nothing stands in the way");
    let late = approver.countersign(&p7m, &world.clock.rfc3339());
    approve(&world, &approver, id, late).await.problem(ProblemCode::ApprovalEnded);
    untouched(&world, &before).await;
}

#[tokio::test]
async fn nobody_approves_his_own_filing() {
    let (world, approver) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let (id, p7m, waits) = waiting(&world).await;
    let now = world.clock.rfc3339();
    let namesake = world.operator(UNIT, "王经办", UnitRole::Approver).await;
    approve(&world, &namesake, id, namesake.countersign(&p7m, &now)).await.problem(ProblemCode::ApprovalSamePerson);
    let own = world.clerk.certificate();
    world.center.register_operator(UNIT, own.der(), UnitRole::Approver).await.unwrap();
    let by_himself = world.clerk.countersign(&p7m, &now);
    approve(&world, &world.clerk, id, by_himself).await.problem(ProblemCode::ApprovalSamePerson);
    reject(&world, &world.clerk, &waits).await.problem(ProblemCode::ApprovalSamePerson);
    let viewer = world.operator(UNIT, "周查询", UnitRole::Viewer).await;
    approve(&world, &viewer, id, viewer.countersign(&p7m, &now)).await.problem(ProblemCode::RoleMissing);
    reject(&world, &viewer, &waits).await.problem(ProblemCode::RoleMissing);
    let clerk = world.operator(UNIT, "钱经办", UnitRole::Clerk).await;
    approve(&world, &clerk, id, clerk.countersign(&p7m, &now)).await.problem(ProblemCode::RoleMissing);
    let elsewhere = world.operator(OTHER_UNIT, "别主管", UnitRole::Approver).await;
    approve(&world, &elsewhere, id, elsewhere.countersign(&p7m, &now)).await.problem(ProblemCode::NotFound);
    let stolen = approver.countersign(&p7m, &now);
    approve(&world, &viewer, id, stolen).await.problem(ProblemCode::RoleMissing);
    untouched(&world, &before).await;
}

#[tokio::test]
async fn one_key_under_two_names_is_one_person() {
    let (world, _) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let [clerk, other] = Person::of_one_key(&world, ["赵经办", "钱主管"]);
    for (person, role) in [(&clerk, UnitRole::Clerk), (&other, UnitRole::Approver)] {
        world.center.register_operator(UNIT, person.certificate().der(), role).await.unwrap();
    }
    let roster = Some(before.clone());
    let (id, p7m) = world.filing(At { roster, signer: Some(&clerk), ..At::default() });
    let waits: FilingStatus = world.client(Some(&clerk)).put(id, p7m).await.json(201);
    assert_eq!(waits.state, FilingState::AwaitingApproval);
    // That he can't approve it either is the signature's own affair: `nobody_approves_what_he_signed_himself`.
    reject(&world, &other, &waits).await.problem(ProblemCode::ApprovalSamePerson);
    untouched(&world, &before).await;
}

#[tokio::test]
async fn namesakes_are_two_people_where_their_certificates_number_them_and_one_otherwise() {
    let (world, _) = strict().await;
    let [clerk, namesake, himself] = ["1001", "1002", " 1001"].map(|number| world.numbered("张伟", number));
    let (unnumbered, blank) = (world.unregistered("张伟"), world.numbered("张伟", " "));
    for (person, role) in [
        (&clerk, UnitRole::Clerk),
        (&namesake, UnitRole::Approver),
        (&himself, UnitRole::Approver),
        (&unnumbered, UnitRole::Approver),
        (&blank, UnitRole::Approver),
    ] {
        world.center.register_operator(UNIT, person.certificate().der(), role).await.unwrap();
    }
    let roster = Some(world.clerk().roster(UNIT).await);
    let (id, p7m) = world.filing(At { roster, signer: Some(&clerk), ..At::default() });
    let waits: FilingStatus = world.client(Some(&clerk)).put(id, p7m.clone()).await.json(201);
    let now = world.clock.rfc3339();
    for same in [&himself, &unnumbered, &blank] {
        approve(&world, same, id, same.countersign(&p7m, &now)).await.problem(ProblemCode::ApprovalSamePerson);
        reject(&world, same, &waits).await.problem(ProblemCode::ApprovalSamePerson);
    }
    let settled: FilingStatus = approve(&world, &namesake, id, namesake.countersign(&p7m, &now)).await.json(200);
    assert_eq!(settled.state, FilingState::Settled, "somebody else of the same name");
}

#[tokio::test]
async fn a_certificate_of_another_unit_signs_nothing_here_whatever_its_holder_may_do() {
    let (world, approver) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let (id, p7m, waits) = waiting(&world).await;
    let now = world.clock.rfc3339();
    let both = world.operator(OTHER_UNIT, "别主管", UnitRole::Approver).await;
    world.center.register_operator(UNIT, both.certificate().der(), UnitRole::Approver).await.unwrap();
    approve(&world, &both, id, both.countersign(&p7m, &now)).await.problem(ProblemCode::RoleMissing);
    reject(&world, &both, &waits).await.problem(ProblemCode::RoleMissing);
    let clerk = world.operator(OTHER_UNIT, "别经办", UnitRole::Clerk).await;
    world.center.register_operator(UNIT, clerk.certificate().der(), UnitRole::Clerk).await.unwrap();
    let taken_back = clerk.sign(&rejection(&waits), Purpose::Withdrawal, &now);
    world.client(Some(&clerk)).put_withdrawal(id, taken_back).await.problem(ProblemCode::RoleMissing);
    reject(&world, &approver, &waits).await.json::<FilingStatus>(200);
    let (another, filed) = world.filing(At { signer: Some(&clerk), ..At::default() });
    world.client(Some(&clerk)).put(another, filed).await.problem(ProblemCode::RoleMissing);
    untouched(&world, &before).await;
}

#[tokio::test]
async fn only_what_the_center_has_can_be_approved() {
    let (world, approver) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let (id, p7m, waits) = waiting(&world).await;
    let now = world.clock.rfc3339();
    approve(&world, &approver, id, p7m.clone()).await.problem(ProblemCode::SignatureInvalid);
    let (_, anew) = world.filing(At { id: Some(id), base_of_row: Some((0, "9000.00")), ..At::default() });
    approve(&world, &approver, id, approver.countersign(&anew, &now)).await.problem(ProblemCode::ApprovalDiffers);
    let (_, same) = world.filing(At { id: Some(id), signed: Some("2026-08-15T09:59:00+08:00"), ..At::default() });
    approve(&world, &approver, id, approver.countersign(&same, &now)).await.problem(ProblemCode::ApprovalDiffers);
    let good = approver.countersign(&p7m, &now);
    approve(&world, &approver, Uuid::now_v7(), good.clone()).await.problem(ProblemCode::IdDiffers);
    let other = FilingStatus { filing_sha256: "00".repeat(32), ..waits.clone() };
    reject(&world, &approver, &other).await.problem(ProblemCode::FilingDiffers);
    let wrong = world.clerk.sign(&rejection(&waits), Purpose::Withdrawal, &now);
    world.clerk().put_about(id, "rejection", wrong).await.problem(ProblemCode::SignatureInvalid);

    let sealed = &before.contributors[1].personal_account;
    assert!(world.center.set_account_status(UNIT, sealed, AccountStatus::Sealed).await.unwrap());
    let problem = approve(&world, &approver, id, good).await.problem(ProblemCode::RosterChanged);
    assert_eq!(problem.errors.len(), 1, "what moved meanwhile is found when it is booked");
    let list: Page<FilingStatus> = world.clerk().get("/v1/filings?state=awaiting_approval").await.json(200);
    assert_eq!(list.items.len(), 1, "it still waits: the approver may return it");
}

#[tokio::test]
async fn approval_is_asked_by_rule_and_by_the_register() {
    let (world, approver) = strict().await;
    let five = At { rows: Some(|rows| drop(rows.pop())), ..At::default() };
    let (id, p7m) = world.filing(five);
    let taken: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    assert_eq!(taken.state, FilingState::Settled, "five people are below the limit");
    let roster = world.clerk().roster(UNIT).await;
    let (id, p7m) = world.filing(At { roster: Some(roster), ..At::default() });
    let both = approver.countersign(&p7m, &world.clock.rfc3339());
    let taken: FilingStatus = world.clerk().put(id, both).await.json(201);
    assert_eq!((taken.state, taken.approved_sha256), (FilingState::Settled, None), "approved before it was sent");

    let alone = "410800000003";
    let mut seed = common::seed(alone);
    seed.profile = strict_profile();
    seed.unit.single_operator = true;
    world.center.seed(seed).await.unwrap();
    let clerk = world.operator(alone, "独一人", UnitRole::Clerk).await;
    let unit: Unit = world.client(Some(&clerk)).get(&format!("/v1/units/{alone}")).await.json(200);
    assert!(unit.single_operator, "the client is told");
    let roster = world.client(Some(&clerk)).roster(alone).await;
    let (id, p7m) = world.filing(At { unit: Some(alone), signer: Some(&clerk), roster: Some(roster), ..At::default() });
    let taken: FilingStatus = world.client(Some(&clerk)).put(id, p7m).await.json(201);
    assert_eq!(taken.state, FilingState::Settled, "a single operator files alone where the register says so");
}

#[tokio::test]
async fn a_revoked_approver_s_signature_books_nothing() {
    let (world, approver) = strict().await;
    let before = world.clerk().roster(UNIT).await;
    let (id, p7m, _) = waiting(&world).await;
    let signed = approver.countersign(&p7m, &world.clock.rfc3339());
    let certificate: Certificate = approver.certificate();
    assert!(world.center.revoke(certificate.der()).await.unwrap());
    // The clerk hands it in: whose connection it is does not matter, whose signatures are in it does.
    world.clerk().put_about(id, "approval", signed).await.problem(ProblemCode::CertificateRevoked);
    untouched(&world, &before).await;
}

#[tokio::test]
async fn what_becomes_of_the_clerk_s_certificate_after_the_filing_was_taken_is_no_matter() {
    for revoked in [true, false] {
        let (world, approver) = strict().await;
        let ends = "2026-08-20T00:00:00Z".parse().unwrap();
        let clerk = world.unregistered_until("赵经办", ends);
        let certificate: Certificate = clerk.certificate();
        world.center.register_operator(UNIT, certificate.der(), UnitRole::Clerk).await.unwrap();
        let roster = world.clerk().roster(UNIT).await;
        let (id, p7m) = world.filing(At { roster: Some(roster.clone()), signer: Some(&clerk), ..At::default() });
        let waits: FilingStatus = world.client(Some(&clerk)).put(id, p7m.clone()).await.json(201);
        assert_eq!(waits.state, FilingState::AwaitingApproval);
        if revoked {
            assert!(world.center.revoke(certificate.der()).await.unwrap());
        } else {
            world.clock.shift(SignedDuration::from_hours(10 * 24));
            assert!(world.clock.now() > ends, "the certificate is over");
        }
        let signed = approver.countersign(&p7m, &world.clock.rfc3339());
        let settled: FilingStatus = approve(&world, &approver, id, signed).await.json(200);
        assert_eq!(settled.state, FilingState::Settled, "revoked: {revoked}");
        // What it signs from then on is refused; by one that is over nothing is signed at all.
        if revoked {
            let (late, filed) = world.filing(At { signer: Some(&clerk), ..At::default() });
            world.clerk().put(late, filed).await.problem(ProblemCode::CertificateRevoked);
        }
    }
}

/// One base up and another down by the same.
fn shift(rows: &mut Vec<BaseAdjustmentRow>) {
    rows.truncate(2);
    for (row, fen) in rows.iter_mut().zip([100_000, -100_000]) {
        row.new_base = row.old_base + Yuan::from_fen(fen);
        row.after = common::contribution(row.new_base);
    }
}

#[tokio::test]
async fn raising_some_by_what_others_lose_is_no_less_a_change() {
    for (limit, state) in [("320", FilingState::Settled), ("319.99", FilingState::AwaitingApproval)] {
        let world = World::new().await;
        let above = Approval::Above { amount: Some(limit.parse().unwrap()), people: None };
        world.center.set_approval(FilingKind::BaseAdjustment, above).await.unwrap();
        let (id, p7m) = world.filing(At { rows: Some(shift), ..At::default() });
        let taken: FilingStatus = world.clerk().put(id, p7m).await.json(201);
        let totals = receipt(&world, &taken.receipt).totals;
        assert_eq!(totals.difference, Yuan::ZERO, "the sums stay as they were");
        assert_eq!(taken.state, state, "160 more and 160 less a month is 320, above {limit}");
    }
}
