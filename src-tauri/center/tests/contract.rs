//! The center's contract: what it answers to good and bad requests, over real HTTPS with real certificates.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{At, World, post_mortem};
use huijiao_center::{Fault, Operator, Target, UnitRole};
use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::money::Yuan;
use huijiao_domain::roster::{AccountStatus, Unit};
use huijiao_protocol::MAX_BODY;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::receipt::{FilingState, ReceiptContent};
use huijiao_protocol::resources::{CenterInfo, FilingStatus, Page, UnitOfOperator};
use huijiao_signing::{Purpose, Role, TrustAnchors, verify};
use uuid::Uuid;

fn openssl_says_yes(p7m: &Path, ca: &Path) -> bool {
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-inform", "DER", "-no_check_time", "-out", "/dev/null", "-in"])
        .arg(p7m)
        .arg("-CAfile")
        .arg(ca)
        .output()
        .unwrap();
    post_mortem("openssl", &output);
    output.status.success()
}

#[tokio::test]
async fn the_rules_are_for_everybody_all_else_needs_a_certificate() {
    let world = World::new().await;
    let nobody = world.client(None);
    let answer = nobody.get("/v1/center").await;
    assert_eq!(answer.date.as_deref(), Some("Sat, 15 Aug 2026 02:00:00 GMT"), "the Date of HTTP is the center's clock");
    let info: CenterInfo = answer.json(200);
    assert_eq!(info.profile.code, "demo", "the center tells its rules to anybody");
    assert_eq!(info.time, "2026-08-15T10:00:00+08:00", "the time is the center's clock in China's offset");
    for path in [
        "/v1/units".to_owned(),
        format!("/v1/units/{}", common::UNIT),
        format!("/v1/units/{}/roster", common::UNIT),
        "/v1/filings".to_owned(),
        format!("/v1/filings/{}", Uuid::now_v7()),
    ] {
        nobody.get(&path).await.problem(ProblemCode::CertificateMissing);
    }
    nobody.put(Uuid::now_v7(), b"x".to_vec()).await.problem(ProblemCode::CertificateMissing);

    let units: Vec<UnitOfOperator> = world.clerk().get("/v1/units").await.json(200);
    assert_eq!(units.len(), 1, "one unit, one role");
    assert_eq!((units[0].account.as_str(), units[0].role.as_str()), (common::UNIT, "clerk"), "his unit, his role");
}

#[tokio::test]
async fn a_certificate_sees_only_its_own_units() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let status: FilingStatus = world.clerk().put(id, p7m.clone()).await.json(201);
    let stranger = world.operator(common::OTHER_UNIT, "林外人", UnitRole::Clerk).await;
    let stranger = world.client(Some(&stranger));
    for path in [
        format!("/v1/units/{}", common::UNIT),
        format!("/v1/units/{}/roster", common::UNIT),
        format!("/v1/filings?unit={}", common::UNIT),
        format!("/v1/filings/{}", status.id),
    ] {
        let refused = stranger.get(&path).await;
        refused.problem(ProblemCode::NotFound);
        let nothing = stranger
            .get(&path.replace(common::UNIT, "000000000000").replace(&id.to_string(), &Uuid::now_v7().to_string()))
            .await;
        assert_eq!(refused.status, nothing.status, "{path}: what is not his looks like what is not there");
    }
    stranger.put(id, p7m).await.problem(ProblemCode::NotFound);
    let own: Page<FilingStatus> = stranger.get("/v1/filings").await.json(200);
    assert!(own.items.is_empty(), "filings of other units are not listed");
    let unit: Unit = stranger.get(&format!("/v1/units/{}", common::OTHER_UNIT)).await.json(200);
    assert_eq!(unit.account, common::OTHER_UNIT, "his own unit he sees");
}

#[tokio::test]
async fn a_certificate_of_another_authority_gets_no_connection() {
    let (world, elsewhere) = (World::new().await, World::new().await);
    let client = world.client(Some(&elsewhere.clerk));
    assert!(client.try_get("/v1/units").await.is_err(), "TLS must refuse a client certificate of another CA");
    assert!(client.try_get("/v1/center").await.is_err(), "a foreign certificate is worse than none");
}

#[tokio::test]
async fn an_unregistered_certificate_of_the_authority_sees_nothing() {
    let world = World::new().await;
    let unregistered = world.unregistered("周未录");
    let client = world.client(Some(&unregistered));
    let units: Vec<UnitOfOperator> = client.get("/v1/units").await.json(200);
    assert!(units.is_empty(), "the register gives roles, not the certificate");
    client.get(&format!("/v1/units/{}", common::UNIT)).await.problem(ProblemCode::NotFound);
    let (id, p7m) = world.filing(At { signer: Some(&unregistered), ..At::default() });
    client.put(id, p7m).await.problem(ProblemCode::RoleMissing);
}

#[tokio::test]
async fn a_good_filing_is_booked_and_its_receipt_verifies() {
    let world = World::new().await;
    let clerk = world.clerk();
    let before = clerk.roster(common::UNIT).await;
    let (id, p7m) = world.filing(At::default());
    let status: FilingStatus = clerk.put(id, p7m.clone()).await.json(201);
    assert_eq!((status.id, status.state), (id, FilingState::Settled), "a base adjustment is settled at once");
    assert_eq!(status.filing_number, "2026081500000001", "the day and eight digits");

    let receipt = common::base64(&status.receipt);
    let anchors = TrustAnchors::from_pem(&world.center.ca_pem()).unwrap();
    let verified = verify(&receipt, &anchors, world.clock.now(), Purpose::Receipt, &[]).unwrap();
    assert_eq!(verified.signers[0].role, Role::Center, "receipts are signed by the center's receipt key");
    let content: ReceiptContent = serde_json::from_slice(&verified.content).unwrap();
    assert_eq!(content.filing_id, id, "the receipt names the filing");
    assert_eq!(content.filing_sha256, common::sha256(&p7m), "the receipt is about exactly these bytes");
    assert_eq!(content.filing_number, status.filing_number, "one number");
    assert_eq!(content.signers[0].name, "王经办", "the receipt says who signed");
    assert_eq!(content.totals.people, 6, "the receipt repeats the figures");
    assert_eq!(content.previous_receipt, None, "the unit's first receipt");

    let folder = world.folder.path();
    for (name, bytes) in [("filing.p7m", &p7m), ("receipt.p7m", &receipt)] {
        let file = folder.join(name);
        std::fs::write(&file, bytes).unwrap();
        assert!(openssl_says_yes(&file, &folder.join("ca.pem")), "{name} must hold for OpenSSL with ca.pem alone");
    }

    let after = clerk.roster(common::UNIT).await;
    assert_eq!(after.version, before.version + 1, "one filing, one roster version");
    for (old, new) in before.contributors.iter().zip(&after.contributors) {
        if new.status == AccountStatus::Normal {
            assert_eq!(new.base, common::new_base(old), "the new base is in the roster");
            assert_eq!(new.amounts, common::contribution(new.base), "and so are its amounts");
        } else {
            assert_eq!(new, old, "who was not filed stays as he was");
        }
    }
}

#[tokio::test]
async fn receipts_of_a_unit_form_a_chain() {
    let world = World::new().await;
    let (first, p7m) = world.filing(At::default());
    let first: FilingStatus = world.clerk().put(first, p7m).await.json(201);
    let roster = world.clerk().roster(common::UNIT).await;
    let (second, p7m) = world.filing(At { roster: Some(roster), ..At::default() });
    let second: FilingStatus = world.clerk().put(second, p7m).await.json(201);
    let anchors = TrustAnchors::from_pem(&world.center.ca_pem()).unwrap();
    let verified =
        verify(&common::base64(&second.receipt), &anchors, world.clock.now(), Purpose::Receipt, &[]).unwrap();
    let content: ReceiptContent = serde_json::from_slice(&verified.content).unwrap();
    assert_eq!(
        content.previous_receipt,
        Some(common::sha256(&common::base64(&first.receipt))),
        "a missing receipt must show"
    );
    assert_ne!(first.filing_number, second.filing_number, "a number is given once");
    let all: Page<FilingStatus> = world.clerk().get(&format!("/v1/filings?unit={}", common::UNIT)).await.json(200);
    assert_eq!(all.items, [second, first], "the history, newest first");
}

#[tokio::test]
async fn the_same_bytes_again_get_the_same_receipt_other_bytes_do_not() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let first: FilingStatus = world.clerk().put(id, p7m.clone()).await.json(201);
    let again: FilingStatus = world.clerk().put(id, p7m).await.json(200);
    assert_eq!(again, first, "number, time and receipt to the byte");
    let (_, other) = world.filing(At { id: Some(id), ..At::default() });
    world.clerk().put(id, other).await.problem(ProblemCode::FilingDiffers);
    world.assert_filings(1).await;
    assert_eq!(world.clerk().roster(common::UNIT).await.version, 2, "booked once");
}

#[tokio::test]
async fn a_restart_keeps_authority_books_and_receipts() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let before: FilingStatus = world.clerk().put(id, p7m.clone()).await.json(201);
    let roster = world.clerk().roster(common::UNIT).await;
    let anchors = world.center.anchors();
    let world = world.restart().await;
    assert_eq!(world.center.anchors(), anchors, "the same authority: every certificate stays good");
    let after: FilingStatus = world.clerk().get(&format!("/v1/filings/{id}")).await.json(200);
    assert_eq!(after, before, "the same receipt to the byte");
    let again: FilingStatus = world.clerk().put(id, p7m).await.json(200);
    assert_eq!(again, before, "an outbox that sends again after the restart gets the same answer");
    assert_eq!(world.clerk().roster(common::UNIT).await, roster, "seeding again changes nothing");
}

#[tokio::test]
async fn a_roster_that_moved_under_the_filing_is_named_by_rows() {
    let world = World::new().await;
    let roster = world.clerk().roster(common::UNIT).await;
    let (id, p7m) = world.filing(At::default());
    let moved = &roster.contributors[2].personal_account;
    assert!(world.center.set_account_status(common::UNIT, moved, AccountStatus::Sealed).await.unwrap());
    let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::RosterChanged);
    let rows: Vec<_> = problem.errors.iter().map(|error| error.row).collect();
    assert_eq!(rows, [Some(2)], "exactly the person who moved");
    assert_eq!(problem.filing_id, Some(id), "the problem names the filing");
    world.assert_filings(0).await;
}

#[tokio::test]
async fn a_roster_that_moved_elsewhere_does_not_stand_in_the_way() {
    let world = World::new().await;
    let sealed = world.clerk().roster(common::UNIT).await.contributors[6].personal_account.clone();
    let (id, p7m) = world.filing(At::default());
    assert!(world.center.set_account_status(common::UNIT, &sealed, AccountStatus::Frozen).await.unwrap());
    let _: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    let (id, p7m) = world.filing(At { roster_version: Some(77), ..At::default() });
    world.clerk().put(id, p7m).await.problem(ProblemCode::RosterChanged);
}

#[tokio::test]
async fn a_base_above_the_ceiling_is_refused_with_its_row() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At { base_of_row: Some((4, "27000.01")), ..At::default() });
    let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
    let ceiling = problem.errors.iter().find(|e| e.code == "BASE-ABOVE-CEILING");
    let ceiling = ceiling.unwrap_or_else(|| panic!("the finding is missing in {:?}", problem.errors));
    assert_eq!(ceiling.row, Some(4), "the row of the filing");
    assert_eq!(ceiling.field.as_deref(), Some("new_base"), "the field");
    assert!(ceiling.message.contains("27000.00"), "the sentence names the ceiling: {}", ceiling.message);
    assert!(problem.errors.iter().all(|e| e.row == Some(4)), "no other row is blamed: {:?}", problem.errors);
    world.assert_filings(0).await;
    assert_eq!(world.clerk().roster(common::UNIT).await.version, 1, "nothing was booked");
}

#[tokio::test]
async fn a_month_outside_the_rules_is_refused() {
    let world = World::new().await;
    for period in ["2026-06", "2026-10"] {
        let (id, p7m) = world.filing(At { period: Some(period), ..At::default() });
        let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
        assert!(problem.errors.iter().any(|e| e.code == "PERIOD-NOT-ALLOWED"), "{period}: {:?}", problem.errors);
    }
    world.assert_filings(0).await;
}

#[tokio::test]
async fn figures_that_do_not_agree_with_the_rows_are_refused() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At { people: Some(7), ..At::default() });
    let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
    assert!(problem.errors.iter().any(|e| e.code == "FILING-TOTALS"), "{:?}", problem.errors);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn rows_made_by_hand_are_refused_whatever_is_signed() {
    let world = World::new().await;
    type Change = fn(&mut Vec<BaseAdjustmentRow>);
    let bad: [(&str, Option<u32>, Change); 12] = [
        ("SHEET-EMPTY", None, |rows| rows.clear()),
        ("ID-DUPLICATE", Some(6), |rows| rows.push(rows[0].clone())),
        ("ROSTER-ACCOUNT-DIFFERS", Some(1), |rows| {
            let first = rows[0].personal_account.clone();
            rows[0].personal_account = rows[1].personal_account.clone();
            rows[1].personal_account = first;
        }),
        ("ROSTER-UNKNOWN", Some(0), |rows| {
            rows[0].personal_account = "000000029999".into();
            rows[0].id_number = "11010519491231002X".into();
        }),
        ("ROSTER-NAME-DIFFERS", Some(0), |rows| rows[0].name = "赵二鸣".into()),
        ("ID-CHECKSUM", Some(2), |rows| rows[2].id_number = "110105194912310021".into()),
        ("AMOUNT-DIFFERS", Some(3), |rows| rows[3].after.unit_amount = Yuan::from_fen(100)),
        ("AMOUNT-DIFFERS", Some(3), |rows| rows[3].before.personal_amount = Yuan::from_fen(100)),
        ("BASE-OLD-DIFFERS", Some(5), |rows| rows[5].old_base = Yuan::from_fen(1)),
        ("BASE-BELOW-FLOOR", Some(5), |rows| {
            rows[5].new_base = Yuan::from_fen(1);
            rows[5].after = common::contribution(rows[5].new_base);
        }),
        ("AMOUNT-NEGATIVE", Some(5), |rows| {
            rows[5].new_base = -rows[5].new_base;
            rows[5].after = common::contribution(rows[5].new_base);
        }),
        ("ROSTER-NOT-NORMAL", Some(6), |rows| rows.push(common::row_of(&common::contributors(common::UNIT)[6]))),
    ];
    let mut unnamed = Vec::new();
    for (code, row, change) in bad {
        let (id, p7m) = world.filing(At { rows: Some(change), ..At::default() });
        let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
        if !problem.errors.iter().any(|e| e.code == code && e.row == row) {
            unnamed.push((code, row, problem.errors));
        }
    }
    assert!(unnamed.is_empty(), "each fault must be named with its row: {unnamed:#?}");
    world.assert_filings(0).await;
    assert_eq!(world.clerk().roster(common::UNIT).await.version, 1, "nothing was booked");
}

#[tokio::test]
async fn an_open_base_adjustment_stands_in_the_way_of_another() {
    let world = World::new().await;
    let (first, p7m) = world.filing(At::default());
    let _: FilingStatus = world.clerk().put(first, p7m).await.json(201);
    let database = rusqlite::Connection::open(world.folder.path().join("center.db")).unwrap();
    database.execute("update filing set state = 'in_review'", []).unwrap();
    let roster = world.clerk().roster(common::UNIT).await;
    let (id, p7m) = world.filing(At { roster: Some(roster), ..At::default() });
    world.clerk().put(id, p7m.clone()).await.problem(ProblemCode::FilingOpen);
    database.execute("update filing set state = 'refused'", []).unwrap();
    // A copy that comes late: its unit was told, and may have filed anew.
    world.clerk().put(id, p7m).await.problem(ProblemCode::FilingOpen);
    world.assert_filings(1).await;
    let roster = world.clerk().roster(common::UNIT).await;
    let (id, p7m) = world.filing(At { roster: Some(roster), ..At::default() });
    let _: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    let altered = database.execute("update filing set bytes = x'00'", []);
    assert!(altered.is_err(), "the database itself keeps filings as they came");
    assert!(database.execute("delete from receipt", []).is_err(), "and receipts");
}

#[tokio::test]
async fn a_filing_for_a_unit_of_another_name_is_refused() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At { unit_name: Some("别家有限公司"), ..At::default() });
    let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
    assert_eq!(problem.errors[0].code, "UNIT-MISMATCH", "{:?}", problem.errors);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn bytes_changed_after_signing_are_refused() {
    let world = World::new().await;
    let (id, good) = world.filing(At::default());
    let base = good.windows(7).position(|w| w == b"5500.00").unwrap();
    let mut tampered = good.clone();
    tampered[base] = b'6';
    world.clerk().put(id, tampered).await.problem(ProblemCode::SignatureInvalid);
    for cut in [0, 1, good.len() / 2, good.len() - 1] {
        world.clerk().put(id, good[..cut].to_vec()).await.problem(ProblemCode::Malformed);
    }
    world.assert_filings(0).await;
    let _: FilingStatus = world.clerk().put(id, good).await.json(201);
}

#[tokio::test]
async fn a_login_signature_never_passes_for_a_filing() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At { purpose: Some(Purpose::Login), ..At::default() });
    world.clerk().put(id, p7m).await.problem(ProblemCode::SignatureInvalid);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn a_receipt_is_no_filing() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let status: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    world.clerk().put(Uuid::now_v7(), common::base64(&status.receipt)).await.problem(ProblemCode::SignatureInvalid);
    world.assert_filings(1).await;
}

#[tokio::test]
async fn signers_that_must_not_sign_are_refused_each_for_his_reason() {
    let world = World::new().await;
    let elsewhere = World::new().await;
    let (id, p7m) = elsewhere.filing(At::default());
    world.clerk().put(id, p7m).await.problem(ProblemCode::CertificateForeign);
    let (id, p7m) = world.filing_by_expired();
    world.clerk().put(id, p7m).await.problem(ProblemCode::CertificateExpired);
    let (id, p7m) = world.filing_by_encryption_only();
    world.clerk().put(id, p7m).await.problem(ProblemCode::CertificateUsage);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn signer_and_caller_must_be_one_clerk_of_the_unit() {
    let world = World::new().await;
    let second = world.operator(common::UNIT, "李经办", UnitRole::Clerk).await;
    let viewer = world.operator(common::UNIT, "赵查询", UnitRole::Viewer).await;
    let (id, p7m) = world.filing(At::default());
    world.client(Some(&second)).put(id, p7m).await.problem(ProblemCode::RoleMissing);
    let (id, p7m) = world.filing(At { signer: Some(&viewer), ..At::default() });
    world.client(Some(&viewer)).put(id, p7m).await.problem(ProblemCode::RoleMissing);
    let (id, p7m) = world.filing(At { signer: Some(&second), ..At::default() });
    let _: FilingStatus = world.client(Some(&second)).put(id, p7m).await.json(201);
    let seen: FilingStatus = world.client(Some(&viewer)).get(&format!("/v1/filings/{id}")).await.json(200);
    assert_eq!(seen.id, id, "whoever has a role in the unit may read");
}

#[tokio::test]
async fn f16_whose_role_has_ended_files_nothing_and_hears_of_what_he_filed() {
    let world = World::new().await;
    let left = world.operator(common::UNIT, "李经办", UnitRole::Clerk).await;
    let elsewhere = world.operator(common::OTHER_UNIT, "别经办", UnitRole::Clerk).await;
    let own = left.certificate();
    let (client, center) = (world.client(Some(&left)), &world.center);
    center.register_operator(common::UNIT, own.der(), UnitRole::Viewer).await.unwrap();
    let (id, p7m) = world.filing(At { signer: Some(&left), ..At::default() });
    let taken: FilingStatus = client.put(id, p7m.clone()).await.json(201);
    let (late, signed_before) = world.filing(At { signer: Some(&left), ..At::default() });

    assert!(center.end_role(common::UNIT, own.der(), UnitRole::Clerk).await.unwrap());
    assert!(!center.end_role(common::UNIT, own.der(), UnitRole::Clerk).await.unwrap(), "it is over");
    assert!(!center.end_role(common::UNIT, b"nobody's", UnitRole::Clerk).await.unwrap(), "nobody has one");
    client.put(late, signed_before.clone()).await.problem(ProblemCode::RoleEnded);
    let seen: FilingStatus = client.get(&format!("/v1/filings/{id}")).await.json(200);
    assert_eq!(seen, taken, "his other role is as it was");

    assert!(center.end_role(common::UNIT, own.der(), UnitRole::Viewer).await.unwrap());
    let reads = [format!("/v1/filings/{id}"), format!("/v1/filings/{id}/file"), format!("/v1/units/{}", common::UNIT)];
    for read in reads {
        client.get(&read).await.problem(ProblemCode::RoleEnded);
        world.client(Some(&elsewhere)).get(&read).await.problem(ProblemCode::NotFound);
    }
    client.put(late, signed_before.clone()).await.problem(ProblemCode::RoleEnded);
    let again: FilingStatus = client.put(id, p7m.clone()).await.json(200);
    assert_eq!(again, taken, "who sends the very bytes that he filed hears that they were taken");
    let (_, other) = world.filing(At { id: Some(id), signer: Some(&left), ..At::default() });
    client.put(id, other).await.problem(ProblemCode::RoleEnded);
    world.client(Some(&elsewhere)).put(id, p7m).await.problem(ProblemCode::NotFound);
    world.assert_filings(1).await;

    center.register_operator(common::UNIT, own.der(), UnitRole::Clerk).await.unwrap();
    let read: FilingStatus = client.get(&format!("/v1/filings/{id}")).await.json(200);
    assert_eq!(read, taken, "given again, it is as before");
}

#[tokio::test]
async fn a_seed_registers_operators_by_certificate() {
    let world = World::new().await;
    let person = world.unregistered("周后录");
    let mut seed = common::seed(common::UNIT);
    seed.contributors.clear();
    seed.operators.push(Operator {
        name: "周后录".into(),
        role: UnitRole::Approver,
        certificate_sha256: person.certificate().sha256_hex(),
    });
    let mut broken = seed.clone();
    broken.profile.code = "other".into();
    broken.operators[0].certificate_sha256 = "no hash".into();
    assert_eq!(world.center.seed(broken).await.unwrap_err().code(), "center-seed", "a seed is checked");
    let info: CenterInfo = world.client(None).get("/v1/center").await.json(200);
    assert_eq!(info.profile.code, "demo", "a broken seed leaves nothing behind");

    world.center.seed(seed).await.unwrap();
    let client = world.client(Some(&person));
    let units: Vec<UnitOfOperator> = client.get("/v1/units").await.json(200);
    assert_eq!(units[0].role, "approver", "the seed gave the role");
    assert_eq!(client.roster(common::UNIT).await.contributors.len(), 7, "a unit that is there keeps its people");
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_from_the_next_request_on() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let clerk = world.clerk();
    let _: Vec<UnitOfOperator> = clerk.get("/v1/units").await.json(200);
    assert!(world.center.revoke(world.clerk.certificate().der()).await.unwrap(), "the certificate is known");
    clerk.get("/v1/units").await.problem(ProblemCode::CertificateRevoked);
    clerk.put(id, p7m).await.problem(ProblemCode::CertificateRevoked);
    let approver = world.operator(common::UNIT, "孙主管", UnitRole::Clerk).await;
    let list: Page<FilingStatus> = world.client(Some(&approver)).get("/v1/filings").await.json(200);
    assert!(list.items.is_empty(), "nothing was booked for the revoked certificate");
}

#[tokio::test]
async fn the_signing_time_may_be_long_past_but_not_to_come() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At { signed: Some("2026-08-15T10:11:00+08:00"), ..At::default() });
    world.clerk().put(id, p7m).await.problem(ProblemCode::SigningTime);
    let (id, p7m) = world.filing(At { signed: Some("2026-08-15T10:09:00+08:00"), ..At::default() });
    world.clock.advance(Duration::from_secs(9 * 24 * 3600));
    let _: FilingStatus = world.clerk().put(id, p7m).await.json(201);
}

#[tokio::test]
async fn the_address_and_the_signed_id_must_agree() {
    let world = World::new().await;
    let (_, p7m) = world.filing(At::default());
    world.clerk().put(Uuid::now_v7(), p7m).await.problem(ProblemCode::IdDiffers);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn signed_nonsense_is_refused() {
    let world = World::new().await;
    for content in [b"{}".as_slice(), b"", b"\xff\xfe", b"{\"protocol\":2}", b"[[[[[[[["] {
        let p7m = world.clerk.sign(content, Purpose::Filing, "2026-08-15T10:00:00+08:00");
        world.clerk().put(Uuid::now_v7(), p7m).await.problem(ProblemCode::Malformed);
    }
    let (id, p7m) = world.filing(At { extra_field: true, ..At::default() });
    world.clerk().put(id, p7m).await.problem(ProblemCode::Malformed);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn requests_for_nothing_get_problems_not_pages() {
    let world = World::new().await;
    let clerk = world.clerk();
    for path in ["/", "/v1", "/v1/filings/not-an-id", "/v1/units/%00", "/v2/center", "/v1/center/x"] {
        clerk.get(path).await.problem(ProblemCode::NotFound);
    }
    for path in ["/v1/units/%ff%fe", "/v1/filings?unit=%ff&unit=2"] {
        clerk.get(path).await.problem(ProblemCode::Malformed);
    }
}

#[tokio::test]
async fn an_answer_lost_after_commit_is_found_by_asking() {
    let world = World::new().await;
    let faults = [
        Fault::DropAfterCommit,
        Fault::CutAnswer,
        Fault::CutAnswerAfter(0),
        Fault::CutAnswerAfter(300),
        Fault::InternalAfterCommit,
        Fault::ProxyAfterCommit(502),
        Fault::Garbled,
        Fault::Html,
    ];
    for fault in faults {
        let roster = world.clerk().roster(common::UNIT).await;
        let (id, p7m) = world.filing(At { roster: Some(roster), ..At::default() });
        world.center.faults().next(Target::Put, fault);
        match world.clerk().try_put(id, p7m.clone()).await {
            Err(error) => {
                let cut = matches!(fault, Fault::DropAfterCommit | Fault::CutAnswer | Fault::CutAnswerAfter(_));
                assert!(cut, "{fault:?}: {error}");
            }
            Ok(answer) => {
                let is_status = serde_json::from_slice::<FilingStatus>(&answer.body).is_ok();
                assert!(!is_status, "{fault:?} must hide the answer");
            }
        }
        let found: FilingStatus = world.clerk().get(&format!("/v1/filings/{id}")).await.json(200);
        assert_eq!(found.filing_sha256, common::sha256(&p7m), "{fault:?}: the center has the filing");
        let again: FilingStatus = world.clerk().put(id, p7m).await.json(200);
        assert_eq!(again, found, "{fault:?}: sending again changes nothing");
    }
    assert_eq!(world.center.faults().waiting(), 0, "each fault hit one request");
    world.assert_filings(faults.len()).await;
    assert_eq!(world.center.contradictions().await.unwrap(), [""; 0], "the books hold");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_late_or_twice_is_one_filing() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    world.center.faults().next(Target::Put, Fault::Late);
    assert!(world.clerk().try_put(id, p7m.clone()).await.is_err(), "the connection ended");
    world.clerk().get(&format!("/v1/filings/{id}")).await.problem(ProblemCode::NotFound);
    let first: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    assert!(world.center.faults().let_arrive().await, "it was on its way");

    let roster = world.clerk().roster(common::UNIT).await;
    let (second, p7m) = world.filing(At { roster: Some(roster), ..At::default() });
    world.center.faults().next(Target::Put, Fault::Twice);
    let answer = world.clerk().put(second, p7m).await;
    assert!([200, 201].contains(&answer.status), "either of the two: {}", answer.status);
    let again: FilingStatus = world.clerk().get(&format!("/v1/filings/{id}")).await.json(200);
    assert_eq!(again, first, "what came late changed nothing");
    world.assert_filings(2).await;
    assert_eq!(world.center.contradictions().await.unwrap(), [""; 0], "the books hold");
}

#[tokio::test]
async fn a_cut_answer_begins_before_it_breaks_off() {
    let world = World::new().await;
    world.center.faults().next(Target::Get, Fault::CutAnswer);
    let error = world.clerk().try_get("/v1/units").await.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "the head must arrive, then the body must break: {error:?}");
}

#[tokio::test]
async fn a_fault_before_the_work_leaves_nothing_behind() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    world.center.faults().next(Target::Put, Fault::Unavailable(7));
    let busy = world.clerk().put(id, p7m.clone()).await;
    busy.problem(ProblemCode::Unavailable);
    assert_eq!(busy.retry_after.as_deref(), Some("7"), "the client is told when to come again");
    world.center.faults().next(Target::Put, Fault::RateLimited(3));
    world.clerk().put(id, p7m.clone()).await.problem(ProblemCode::RateLimited);
    world.center.faults().next(Target::Put, Fault::DropBefore);
    assert!(world.clerk().try_put(id, p7m.clone()).await.is_err(), "no answer at all");
    world.clerk().get(&format!("/v1/filings/{id}")).await.problem(ProblemCode::NotFound);
    world.assert_filings(0).await;
    world.center.faults().next(Target::Put, Fault::Delay(Duration::from_millis(1)));
    let _: FilingStatus = world.clerk().put(id, p7m).await.json(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_with_one_id_end_as_one_filing() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let (a, b) = (world.clerk(), world.clerk());
    let (a, b) = tokio::join!(a.put(id, p7m.clone()), b.put(id, p7m.clone()));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201], "one is the first, the other hears of it");
    assert_eq!(a.body, b.body, "both hold the same receipt");
    world.assert_filings(1).await;
    assert_eq!(world.clerk().roster(common::UNIT).await.version, 2, "booked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_with_two_filings_on_one_roster_end_with_one_filing_and_one_conflict() {
    let world = World::new().await;
    let ((one, first), (two, second)) = (world.filing(At::default()), world.filing(At::default()));
    let (a, b) = (world.clerk(), world.clerk());
    let (a, b) = tokio::join!(a.put(one, first), b.put(two, second));
    let (won, lost) = if a.status == 201 { (a, b) } else { (b, a) };
    let _: FilingStatus = won.json(201);
    let problem = lost.problem(ProblemCode::RosterChanged);
    assert_eq!(problem.errors.len(), 6, "all six people have moved: {:?}", problem.errors);
    world.assert_filings(1).await;
}

#[tokio::test]
async fn the_roster_says_its_version_and_where_it_ends() {
    let world = World::new().await;
    let clerk = world.clerk();
    let path = format!("/v1/units/{}/roster", common::UNIT);
    let answer = clerk.get(&path).await;
    assert_eq!(answer.status, 200, "the roster is there");
    let text = String::from_utf8(answer.body).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("{{\"version\":1,\"unit\":\"{}\"}}", common::UNIT), "the head line");
    assert_eq!(lines[lines.len() - 1], "{\"end\":7}", "the last line counts, so that a cut stream shows");
    assert_eq!(lines.len(), 9, "one line per person between them");
    let tag = answer.etag.unwrap();
    assert_eq!(clerk.get_if_none(&path, &tag).await.status, 304, "nothing new, nothing sent");
    let (id, p7m) = world.filing(At::default());
    let _: FilingStatus = clerk.put(id, p7m).await.json(201);
    assert_eq!(clerk.get_if_none(&path, &tag).await.status, 200, "a new version is sent whole");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_an_answer() {
    let world = World::new().await;
    let id = Uuid::now_v7();
    world.clerk().put(id, vec![0; MAX_BODY + 1]).await.problem(ProblemCode::TooLarge);
    world.clerk().put(id, vec![0; MAX_BODY]).await.problem(ProblemCode::Malformed);
    world.assert_filings(0).await;
}

#[tokio::test]
async fn what_is_packed_is_refused_before_it_can_swell() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let bomb = gzip(MAX_BODY + 1);
    assert!(bomb.len() < MAX_BODY / 500, "small on the wire, over the limit once inflated: {}", bomb.len());
    for (body, coding) in [(bomb, "gzip"), (p7m.clone(), "zstd"), (p7m.clone(), "identity, gzip")] {
        world.clerk().put_encoded(id, body, coding).await.problem(ProblemCode::EncodingRefused);
    }
    world.assert_filings(0).await;
    let _: FilingStatus = world.clerk().put_encoded(id, p7m, "identity").await.json(201);
}

#[tokio::test]
async fn a_large_unit_is_streamed_and_booked_whole() {
    const PEOPLE: u32 = 5000;
    let unit = "410800000003";
    let world = World::new().await;
    world.center.seed(common::large_seed(unit, PEOPLE)).await.unwrap();
    let person = world.operator(unit, "陈大单", UnitRole::Clerk).await;
    let client = world.client(Some(&person));
    let roster = client.roster(unit).await;
    assert_eq!(roster.contributors.len(), PEOPLE as usize, "everybody is in the stream");
    let (id, p7m) =
        world.filing(At { unit: Some(unit), roster: Some(roster.clone()), signer: Some(&person), ..At::default() });
    let _: FilingStatus = client.put(id, p7m).await.json(201);
    let after = client.roster(unit).await;
    for (old, new) in roster.contributors.iter().zip(&after.contributors) {
        assert_eq!(new.base, common::new_base(old), "every base is booked");
    }
    assert_eq!(after.contributors.len(), PEOPLE as usize, "nobody is lost");
}

#[cfg(unix)]
#[tokio::test]
async fn keys_and_books_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new().await;
    for name in ["ca-key.pem", "receipt.pem", "center.db"] {
        let mode = std::fs::metadata(world.folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} must not be readable by others");
    }
}

/// So many zeros, packed.
fn gzip(zeros: usize) -> Vec<u8> {
    let mut program = Command::new("gzip").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut packed = program.stdout.take().unwrap();
    let mut plain = program.stdin.take().unwrap();
    let writer = std::thread::spawn(move || std::io::copy(&mut std::io::repeat(0).take(zeros as u64), &mut plain));
    let mut bytes = Vec::new();
    packed.read_to_end(&mut bytes).unwrap();
    assert_eq!(writer.join().unwrap().unwrap(), zeros as u64);
    assert!(program.wait().unwrap().success());
    bytes
}
