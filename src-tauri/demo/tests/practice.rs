//! The practice door opens on a center that works, on any day, again and again.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_demo::people::UNIT_ACCOUNT;
use huijiao_demo::practice::{APPROVER_KEY, BEGINS, CLERK, CLERK_KEY, PIN};
use huijiao_demo::workbooks::CLEAN;
use huijiao_demo::{Door, Practice};
use huijiao_desk::ports::PracticeDoor;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::base_adjustment::{BaseAdjustmentRow, check_sheet};
use huijiao_domain::filing::{Checked, Circumstances, Rows};
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{Roster, Unit};
use huijiao_gateway::{Endpoint, Gateway, Identity, Login, Proxy, Submission};
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_sheets::{Limits, ReadChoice};
use huijiao_signing::{KeyProvider, P12Folder, Pin, Purpose, Role, SignError, TrustAnchors, sign_attached, verify};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

fn client(practice: &Practice, key: &str) -> Gateway {
    let mut endpoint = Endpoint::new(practice.center.base_url(), practice.center.anchors());
    endpoint.proxy = Proxy::None;
    logged_in(endpoint, &practice.certificates, key, PIN)
}

/// By certificate and by challenge, as the practice wants it.
fn logged_in(endpoint: Endpoint, certificates: &Path, key: &str, pin: &str) -> Gateway {
    let (keys, key, pin) = (P12Folder::new(certificates), key.to_owned(), Pin::new(pin));
    let tls = keys.tls_identity(&key, &pin).unwrap();
    let login = Login::new(UNIT_ACCOUNT, move |challenge, bytes| {
        let mut session = keys.open(&key).unwrap();
        session.login(&pin).unwrap();
        Ok(sign_attached(&mut *session, bytes, &challenge.issued_at, Role::Clerk, Purpose::Login, None).unwrap())
    });
    Gateway::connect(endpoint, Some(Identity { chain: tls.chain, key: tls.key })).unwrap().logging_in(login)
}

fn check(path: &Path, unit: &Unit, roster: &Roster) -> Checked<BaseAdjustmentRow> {
    let workbook = huijiao_sheets::read(fs::read(path).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    let header = huijiao_sheets::find_header(&workbook).unwrap();
    let columns = huijiao_sheets::map_columns(&header, FilingKind::BaseAdjustment);
    let mapping: Vec<_> = columns.iter().filter_map(|c| c.field.map(|field| (c.column, field))).collect();
    let profile = CenterProfile::shipped("demo").unwrap();
    check_sheet(
        &huijiao_sheets::rows(&workbook, &header, &mapping).sheet,
        Circumstances {
            books: None,
            profile: &profile,
            unit: Some(unit),
            roster: Some(roster),
            elsewhere: None,
            period: unit.first_unverified,
            today: date(2026, 7, 6),
        },
    )
}

fn content(id: Uuid, unit: &Unit, roster: &Roster, checked: &Checked<BaseAdjustmentRow>) -> Vec<u8> {
    FilingContent {
        id,
        center: "demo".into(),
        unit: UnitRef { account: unit.account.clone(), credit_code: unit.credit_code.clone(), name: unit.name.clone() },
        period: unit.first_unverified,
        created_at: "2026-07-06T09:00:00+08:00".into(),
        roster_version: roster.version,
        source: Source { file_name: CLEAN.into(), sha256: "0".repeat(64), sheet: "基数调整".into(), rows: 228 },
        totals: checked.totals,
        header: FilingHeader::default(),
        rows: Rows::BaseAdjustment(checked.rows.iter().flatten().cloned().collect()),
    }
    .to_bytes()
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clean_workbook_is_filed_and_the_center_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::open(folder.path(), Timestamp::now()).await.unwrap();
    let gateway = client(&practice, CLERK_KEY);
    let unit = gateway.unit(UNIT_ACCOUNT).await.unwrap();
    assert_eq!((unit.contributors, unit.sealed), (228, 12), "the center knows the whole unit");
    let roster = gateway.roster(UNIT_ACCOUNT).await.unwrap();
    assert_eq!(roster.contributors.len(), 240, "sealed people too");
    let book = practice.workbooks.iter().find(|b| b.path.ends_with(CLEAN)).unwrap();
    let checked = check(&book.path, &unit, &roster);
    assert_eq!(checked.findings, [], "the workbook on disk fits the roster of the center");

    let id = Uuid::now_v7();
    let bytes = content(id, &unit, &roster, &checked);
    let at = Timestamp::now() + practice.clock_offset;
    let keys = P12Folder::new(&practice.certificates);
    let mut session = keys.open(CLERK_KEY).unwrap();
    session.login(&Pin::new(PIN)).unwrap();
    let filing = sign_attached(&mut *session, &bytes, &at.to_string(), Role::Clerk, Purpose::Filing, None).unwrap();
    let Submission::Answered(status) = gateway.put_filing(id, filing).await else { panic!("the center takes it") };
    assert!(status.accepted_at.starts_with("2026-07-06T09:0"), "by the practice clock: {}", status.accepted_at);
    let receipt = STANDARD.decode(&status.receipt).unwrap();
    let anchors = TrustAnchors::from_der(practice.center.anchors()).unwrap();
    let verified =
        verify(&receipt, &anchors, Timestamp::now(), Purpose::Receipt, &[]).expect("the receipt holds today");
    assert_eq!(verified.signers.len(), 1, "signed by the center alone");
    practice.center.shutdown().await;

    let again = Practice::open(folder.path(), Timestamp::now()).await.unwrap();
    let gateway = client(&again, CLERK_KEY);
    let kept = gateway.filing(id).await.unwrap().expect("what was filed is still there");
    assert_eq!(kept.filing_sha256, status.filing_sha256, "byte for byte");
    assert_eq!(kept.receipt, status.receipt, "with its receipt");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_kept_and_a_locked_one_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let serial = |practice: &Practice, key: &str| {
        P12Folder::new(&practice.certificates).open(key).unwrap().certificate().serial_hex()
    };
    let first = Practice::open(folder.path(), Timestamp::now()).await.unwrap();
    let (clerk, approver) = (serial(&first, CLERK_KEY), serial(&first, APPROVER_KEY));
    let keys = P12Folder::new(&first.certificates);
    let certificate = keys.open(CLERK_KEY).unwrap().certificate().clone();
    assert_eq!(certificate.holder(), CLERK, "the clerk's own");
    assert_eq!(certificate.unit_name(), Some("演示市晨光机电有限公司"), "of the practice unit");
    let anchors = TrustAnchors::from_der(first.center.anchors()).unwrap();
    for day in ["2021-05-01T00:00:00Z", BEGINS, "2048-05-01T00:00:00Z"] {
        anchors.check(&certificate, &[], day.parse().unwrap(), &[]).expect("valid on any day a practice may happen");
    }
    first.center.shutdown().await;

    let second = Practice::open(folder.path(), Timestamp::now()).await.unwrap();
    assert_eq!(
        (serial(&second, CLERK_KEY), serial(&second, APPROVER_KEY)),
        (clerk.clone(), approver.clone()),
        "reused"
    );
    for _ in 0..3 {
        keys.open(CLERK_KEY).unwrap().login(&Pin::new("000000")).unwrap_err();
    }
    let locked = keys.open(CLERK_KEY).unwrap().login(&Pin::new(PIN)).unwrap_err();
    assert!(matches!(locked, SignError::PinLocked), "three wrong tries lock it for now");
    second.center.shutdown().await;

    let third = Practice::open(folder.path(), Timestamp::now()).await.unwrap();
    assert_ne!(serial(&third, CLERK_KEY), clerk, "the practice begins anew with another certificate");
    assert_eq!(serial(&third, APPROVER_KEY), approver, "the other one stays");
    client(&third, CLERK_KEY).unit(UNIT_ACCOUNT).await.expect("and the center knows it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_practice_clock_runs_on_across_openings() {
    let folder = tempfile::tempdir().unwrap();
    let day = |text: &str| text.parse::<Timestamp>().unwrap();
    let first = Practice::open(folder.path(), day("2031-03-01T10:00:00+08:00")).await.unwrap();
    assert_eq!(day("2031-03-01T10:00:00+08:00") + first.clock_offset, day(BEGINS), "it begins in July 2026");
    drop(first);
    let later = Practice::open(folder.path(), day("2031-03-02T10:00:00+08:00")).await.unwrap();
    let there = day("2031-03-02T10:00:00+08:00") + later.clock_offset;
    assert_eq!(there.duration_since(day(BEGINS)), SignedDuration::from_hours(24), "a day later a day later");
    drop(later);
    let back = Practice::open(folder.path(), day("2025-01-01T10:00:00+08:00")).await.unwrap();
    let there = day("2025-01-01T10:00:00+08:00") + back.clock_offset;
    assert_eq!(there, day(BEGINS), "a computer whose clock was put back is never before July");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_finds_everything_behind_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let door = Door::default();
    let connection = door.open(folder.path()).await.unwrap();
    assert!(connection.demo, "the orange strip is shown");
    assert_eq!(connection.workbooks.len(), 4, "four workbooks to try");
    assert!(connection.workbooks.iter().all(|(path, note)| path.is_file() && !note.is_empty()), "on disk, explained");
    let (key, pin) = connection.login.clone().unwrap();
    let mut endpoint = Endpoint::new(connection.base_url.clone(), connection.anchors.clone());
    endpoint.proxy = Proxy::None;
    let gateway = logged_in(endpoint, &connection.certificates, &key, &pin);
    assert_eq!(gateway.unit(&connection.unit_account).await.unwrap().contributors, 228, "the center answers");
    let again = door.open(folder.path()).await.unwrap();
    assert_eq!(again.base_url, connection.base_url, "the running center is reused");

    let blocked = folder.path().join("file");
    let door = Door::default();
    fs::write(&blocked, b"").unwrap();
    let error = door.open(&blocked).await.unwrap_err();
    assert_eq!(error.code(), "demo-disk", "a folder that cannot be made is said, not panicked over");
}
