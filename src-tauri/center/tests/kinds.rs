//! What filings of ratios, of contributors' data and of the unit's own data leave in the center's books, and which of
//! them it refuses.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{At, UNIT, World};
use huijiao_center::Seed;
use huijiao_domain::field::Field;
use huijiao_domain::filing::{Circumstances, FilingKind, Rows, Totals, check_sheet};
use huijiao_domain::finding::Finding;
use huijiao_domain::money::{Contribution, Ratio};
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, UnitItem};
use huijiao_domain::roster::{AccountStatus, Asked, Changes, Elsewhere, Known, Roster, Unit};
use huijiao_domain::sheet::{CellKind, RawCell, RawRow, RawSheet};
use huijiao_protocol::filing::{Attachment, FilingContent, FilingHeader, Source, UnitRef};
use huijiao_protocol::problem::{Problem, ProblemCode};
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::Purpose;
use uuid::Uuid;

const RATIO: FilingKind = FilingKind::RatioAdjustment;
const PERSON: FilingKind = FilingKind::ContributorUpdate;
const OWN: FilingKind = FilingKind::UnitUpdate;
const DEFERRAL: FilingKind = FilingKind::Deferral;

/// A unit and its people as a client has them.
struct Client {
    unit: Unit,
    roster: Roster,
}

impl Client {
    async fn fresh(world: &World) -> Self {
        let unit = world.clerk().get(&format!("/v1/units/{UNIT}")).await.json(200);
        Self { unit, roster: world.clerk().roster(UNIT).await }
    }

    /// The rows of a sheet that the client finds nothing against.
    fn rows(&self, kind: FilingKind, rows: &[&[(Field, &str)]]) -> (Rows, Totals) {
        let columns = kind.fields().iter().copied().zip(0..).collect();
        let row = |(number, cells): (u32, &&[(Field, &str)])| {
            let cell = |(field, text): &(Field, &str)| {
                (*field, RawCell { column: 0, text: (*text).into(), kind: CellKind::Text })
            };
            RawRow { row: number, cells: cells.iter().map(cell).collect() }
        };
        let rows = (2..).zip(rows).map(row).collect();
        let sheet = RawSheet { name: Arc::from("表"), columns, rows, totals: Vec::new() };
        let profile = CenterProfile::shipped("demo").unwrap();
        let of = Circumstances {
            books: None,
            profile: &profile,
            unit: Some(&self.unit),
            roster: Some(&self.roster),
            elsewhere: None,
            period: self.period(kind),
            today: "2026-08-15".parse().unwrap(),
        };
        let checked = check_sheet(kind, &sheet, of);
        let blocking: Vec<_> = checked.findings.iter().filter(|f| f.blocks()).map(Finding::message).collect();
        assert_eq!(blocking, Vec::<String>::new(), "the client has nothing against it");
        (checked.rows, checked.totals)
    }

    /// An application is for the first month that is not verified.
    fn period(&self, kind: FilingKind) -> Month {
        if kind == DEFERRAL { self.unit.first_unverified } else { "2026-08".parse().unwrap() }
    }

    fn sign(&self, world: &World, filed: (Rows, Totals)) -> (Uuid, Vec<u8>) {
        self.sign_with(world, filed, Vec::new())
    }

    fn sign_with(
        &self,
        world: &World,
        (rows, totals): (Rows, Totals),
        attachments: Vec<Attachment>,
    ) -> (Uuid, Vec<u8>) {
        let id = Uuid::now_v7();
        let (account, credit_code, name) =
            (self.unit.account.clone(), self.unit.credit_code.clone(), self.unit.name.clone());
        let content = FilingContent {
            id,
            center: "demo".into(),
            unit: UnitRef { account, credit_code, name },
            period: self.period(rows.kind()),
            created_at: "2026-08-15T09:30:00+08:00".into(),
            roster_version: self.roster.version,
            source: Source { file_name: "表.xlsx".into(), sha256: common::sha256(b"x"), sheet: "表".into(), rows: 1 },
            totals,
            header: FilingHeader { attachments, ..FilingHeader::default() },
            rows,
        };
        (id, world.clerk.sign(&content.to_bytes().unwrap(), Purpose::Filing, &world.clock.rfc3339()))
    }

    async fn taken(&self, world: &World, filed: (Rows, Totals)) -> FilingStatus {
        let (id, p7m) = self.sign(world, filed);
        let status: FilingStatus = world.clerk().put(id, p7m.clone()).await.json(201);
        assert_eq!(status.state, FilingState::Settled, "settled at once");
        let again: FilingStatus = world.clerk().put(id, p7m).await.json(200);
        assert_eq!(again, status, "the same bytes again book nothing");
        status
    }

    async fn refused(&self, world: &World, filed: (Rows, Totals), code: ProblemCode) -> Problem {
        let before = Self::fresh(world).await;
        let (id, p7m) = self.sign(world, filed);
        let problem = world.clerk().put(id, p7m).await.problem(code);
        let after = Self::fresh(world).await;
        assert_eq!((&after.unit, &after.roster), (&before.unit, &before.roster), "a refused filing changes nothing");
        problem
    }
}

fn codes(problem: &Problem) -> Vec<&str> {
    problem.errors.iter().map(|error| error.code.as_str()).collect()
}

/// How many rows the register's own table has.
fn count(world: &World, table: &str) -> u32 {
    let database = rusqlite::Connection::open(world.folder.path().join("center.db")).unwrap();
    database.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap()
}

fn ratio(percent: u16) -> Ratio {
    Ratio::from_basis_points(percent * 100).unwrap()
}

#[tokio::test]
async fn new_ratios_are_booked_for_everybody_and_for_who_is_sealed() {
    let world = World::new().await;
    let before = Client::fresh(&world).await;
    let filed = before.rows(RATIO, &[&[(Field::UnitRatio, "10%"), (Field::PersonalRatio, "9")]]);
    assert_eq!(filed.1.people, 6, "everybody whose account is in use");
    before.taken(&world, filed.clone()).await;

    let after = Client::fresh(&world).await;
    assert_eq!((after.unit.unit_ratio, after.unit.personal_ratio), (ratio(10), ratio(9)), "the unit's ratios");
    assert_eq!(after.roster.version, before.roster.version + 1, "one filing, one version");
    let profile = CenterProfile::shipped("demo").unwrap();
    let policy = profile.policy("2026-08".parse().unwrap()).unwrap();
    for (old, new) in before.roster.contributors.iter().zip(&after.roster.contributors) {
        let amounts: Contribution = policy.contribution(old.base, ratio(10), ratio(9));
        assert_eq!(new.amounts, amounts, "{}: each part of the base, sealed or not", old.name);
        let july = "2026-07".parse().unwrap();
        assert_eq!(new.due_in(july), old.due_in(july), "{}: July as it was, they hold from August on", old.name);
        let same =
            huijiao_domain::roster::Contributor { amounts: old.amounts, earlier: old.earlier.clone(), ..new.clone() };
        assert_eq!(&same, old, "nothing else moves: base, status, name");
    }
    let normal = after.roster.contributors.iter().filter(|one| one.status == AccountStatus::Normal);
    let due: huijiao_domain::money::Yuan = normal.map(|one| one.amounts.monthly()).sum();
    assert_eq!(due, filed.1.after, "the figures signed are those in the books");
    assert_eq!((count(&world, "contributor_past"), count(&world, "unit_past")), (7, 1), "what was there is kept");

    let (id, p7m) = world.filing(At::default());
    let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::RosterChanged);
    assert_eq!(problem.errors.len(), 6, "amounts computed with the old ratios are nobody's any more");
    let world = world.restart().await;
    assert_eq!(Client::fresh(&world).await.unit, after.unit, "a restart changes nothing");
}

#[tokio::test]
async fn ratios_against_another_roster_or_with_other_figures_are_refused() {
    let world = World::new().await;
    let old = Client::fresh(&world).await;
    let filed = old.rows(RATIO, &[&[(Field::UnitRatio, "10%"), (Field::PersonalRatio, "10%")]]);
    let (Rows::RatioAdjustment(rows), totals) = &filed else { panic!("ratios") };
    let mut more = rows.clone();
    more[0].people += 1;
    let tampered = (Rows::RatioAdjustment(more), Totals { people: totals.people + 1, ..*totals });
    let problem = old.refused(&world, tampered, ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["FILING-TOTALS"], "not the people there are");
    let head = (filed.0.clone(), Totals { people: 1, ..*totals });
    let problem = old.refused(&world, head, ProblemCode::ChecksFailed).await;
    assert_eq!((codes(&problem), problem.errors[0].row), (vec!["FILING-TOTALS"], None), "the head against its row");
    let mut high = rows.clone();
    high[0].unit_ratio = ratio(20);
    let problem = old.refused(&world, (Rows::RatioAdjustment(high), *totals), ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem)[0], "RATIO-RANGE", "above the law");

    let person = &old.roster.contributors[0];
    let who = [(Field::Name, &*person.name), (Field::IdNumber, &*person.id_number), (Field::Mobile, "13900000001")];
    old.taken(&world, old.rows(PERSON, &[&who])).await;
    let problem = old.refused(&world, filed, ProblemCode::RosterChanged).await;
    assert_eq!(problem.errors.iter().map(|error| error.row).collect::<Vec<_>>(), [Some(0)], "anybody touches it");
    let fresh = Client::fresh(&world).await;
    let filed = fresh.rows(RATIO, &[&[(Field::UnitRatio, "10%"), (Field::PersonalRatio, "10%")]]);
    fresh.taken(&world, filed).await;
    let again = fresh.sign(&world, fresh.rows(RATIO, &[&[(Field::UnitRatio, "9"), (Field::PersonalRatio, "9")]]));
    world.clerk().put(again.0, again.1).await.problem(ProblemCode::RosterChanged);
}

#[tokio::test]
async fn a_second_adjustment_of_ratios_waits_for_the_first() {
    let world = World::new().await;
    let client = Client::fresh(&world).await;
    client.taken(&world, client.rows(RATIO, &[&[(Field::UnitRatio, "10"), (Field::PersonalRatio, "10")]])).await;
    let database = rusqlite::Connection::open(world.folder.path().join("center.db")).unwrap();
    database.execute("update filing set state = 'in_review'", []).unwrap();
    let client = Client::fresh(&world).await;
    let second = client.rows(RATIO, &[&[(Field::UnitRatio, "9"), (Field::PersonalRatio, "9")]]);
    client.refused(&world, second, ProblemCode::FilingOpen).await;
    let person = &client.roster.contributors[1];
    let row = [(Field::Name, &*person.name), (Field::IdNumber, &*person.id_number), (Field::NewBase, "6543.21")];
    let bases = client.rows(FilingKind::BaseAdjustment, &[&row]);
    client.refused(&world, bases, ProblemCode::FilingOpen).await;
}

#[tokio::test]
async fn a_contributor_s_data_are_replaced_and_his_money_is_not() {
    let world = World::new().await;
    let before = Client::fresh(&world).await;
    let person = &before.roster.contributors[1];
    let number = common::large_seed("410800000003", 3).contributors[2].id_number.clone();
    let row = [
        (Field::PersonalAccount, &*person.personal_account),
        (Field::Name, &*person.name),
        (Field::IdNumber, &*person.id_number),
        (Field::NewName, "钱改名"),
        (Field::NewIdNumber, &*number),
        (Field::Mobile, "13900000001"),
        (Field::BankName, "演示银行"),
        (Field::BankCard, "4111111111111111"),
    ];
    before.taken(&world, before.rows(PERSON, &[&row])).await;
    let after = Client::fresh(&world).await;
    let new = &after.roster.contributors[1];
    assert_eq!((&*new.name, &new.id_number), ("钱改名", &number), "who he is");
    let contact = &new.contact;
    let told = (&*contact.mobile, &*contact.bank_name, &*contact.bank_card);
    assert_eq!(told, ("13900000001", "演示银行", "4111111111111111"), "how to reach and pay him");
    assert_eq!(
        (&new.personal_account, new.base, new.amounts, new.status),
        (&person.personal_account, person.base, person.amounts, person.status),
        "account and money stay"
    );
    for (place, (old, new)) in before.roster.contributors.iter().zip(&after.roster.contributors).enumerate() {
        assert!(place == 1 || old == new, "nobody else moves: {}", old.name);
    }
    assert_eq!(after.unit, before.unit, "nor does the unit");
    assert_eq!((after.roster.version, count(&world, "contributor_past")), (2, 1), "one version, one past");
    let (id, p7m) = world.filing(At::default());
    let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::RosterChanged);
    assert_eq!(problem.errors.iter().map(|error| error.row).collect::<Vec<_>>(), [Some(1)], "of six, the one");
}

#[tokio::test]
async fn whoever_comes_back_after_his_account_was_closed_is_registered_or_transferred_in() {
    let world = World::new().await;
    // At the counter, which has no interface; the other unit has the same people.
    let closed = "update contributor set status = 'closed_by_withdrawal' where position in (4, 5)";
    let database = rusqlite::Connection::open(world.folder.path().join("center.db")).unwrap();
    database.execute(closed, []).unwrap();
    let client = Client::fresh(&world).await;
    let [old, second] = [4, 5].map(|place: usize| client.roster.contributors[place].clone());
    assert!(old.status.is_closed() && second.status.is_closed(), "both have left for good");
    let row = [
        (Field::Name, &*old.name),
        (Field::IdNumber, &*old.id_number),
        (Field::Mobile, "13900000001"),
        (Field::NewBase, "6000"),
    ];
    client.taken(&world, client.rows(FilingKind::ContributorRegistration, &[&row])).await;
    let after = Client::fresh(&world).await.roster.contributors;
    let his: Vec<_> = after.iter().filter(|one| one.id_number == old.id_number).collect();
    assert_eq!(his.len(), 2, "a new account beside the old one");
    assert_eq!((his[0], his[1].status), (&old, AccountStatus::Normal), "which stays as it was");

    // Nobody holds an account of the other one: a transfer is refused for that, not for the account that was closed.
    let client = Client::fresh(&world).await;
    let row = [
        (Field::PersonalAccount, "800000000001"),
        (Field::Name, &*second.name),
        (Field::IdNumber, &*second.id_number),
        (Field::ChangeKind, "同城转入"),
        (Field::NewBase, "6000"),
    ];
    let filed = client.rows(FilingKind::StatusChange, &[&row]);
    let problem = client.refused(&world, filed, ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["TRANSFER-UNKNOWN"]);
}

#[tokio::test]
async fn a_number_of_somebody_else_is_nobody_s_new_number() {
    let world = World::new().await;
    let there = common::large_seed("410800000003", 3);
    let stranger = there.contributors[0].clone();
    world.center.seed(there).await.unwrap();
    let client = Client::fresh(&world).await;
    let person = &client.roster.contributors[0];
    let with = |name: &'static str| {
        let (account, id) = (person.personal_account.clone(), person.id_number.clone());
        let row = [
            (Field::PersonalAccount, &*account),
            (Field::Name, &*person.name),
            (Field::IdNumber, &*id),
            (Field::NewName, name),
            (Field::NewIdNumber, &*stranger.id_number),
        ];
        client.rows(PERSON, &[&row])
    };
    let problem = client.refused(&world, with("赵改名"), ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["KNOWN-OTHER-NAME"], "another person of the city");
    let problem = client.refused(&world, with("王小明"), ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["UPDATE-ID-KNOWN"], "an account that would be a second one");

    let filed = client.rows(
        PERSON,
        &[&[(Field::Name, &*person.name), (Field::IdNumber, &*person.id_number), (Field::Mobile, "13900000001")]],
    );
    let Rows::ContributorUpdate(mut rows) = filed.0 else { panic!("data of contributors") };
    rows[0].updated.id_number = client.roster.contributors[5].id_number.to_string();
    let problem = client.refused(&world, (Rows::ContributorUpdate(rows.clone()), filed.1), ProblemCode::ChecksFailed);
    assert_eq!(codes(&problem.await), ["UPDATE-ID-TAKEN"], "a colleague's");
    rows[0].updated = rows[0].registered.clone();
    rows[0].updated.name.clear();
    let problem = client.refused(&world, (Rows::ContributorUpdate(rows), filed.1), ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["VALUE-MISSING"], "a name is not erased");
    let asked = Asked { name: "王小明".into(), answer: Known::Nobody };
    let told = Elsewhere([(stranger.id_number.to_string(), asked)].into());
    assert_eq!(told.about(&stranger.id_number, "赵改名"), None, "an answer holds for the name asked with");
}

#[tokio::test]
async fn the_unit_s_own_data_are_replaced_and_nobody_else_s() {
    let world = World::new().await;
    let before = Client::fresh(&world).await;
    assert_eq!(before.unit.detail(UnitItem::ClerkMobile), "", "the center has none yet");
    let mobile = [(Field::Item, "经办人手机"), (Field::NewValue, "13900000001")];
    let phone = [(Field::Item, "固定电话"), (Field::NewValue, "0391-5550123")];
    let filed = before.rows(OWN, &[&mobile, &phone]);
    assert_eq!(filed.1.difference.to_string(), "0.00", "no money moves");
    before.taken(&world, filed.clone()).await;
    let after = Client::fresh(&world).await;
    let told = [UnitItem::ClerkMobile, UnitItem::ClerkPhone, UnitItem::ClerkName].map(|item| after.unit.detail(item));
    assert_eq!(told, ["13900000001", "0391-5550123", ""], "the two items, no other");
    let same = Unit { details: before.unit.details.clone(), ..after.unit.clone() };
    assert_eq!(same, before.unit, "nothing else of the unit");
    assert_eq!(after.roster.contributors, before.roster.contributors, "nor of its people");
    assert_eq!((count(&world, "unit_past"), count(&world, "contributor_past")), (1, 0), "what was there is kept");

    let problem = before.refused(&world, filed, ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["UPDATE-NOTHING", "UPDATE-OLD-DIFFERS", "UPDATE-NOTHING", "UPDATE-OLD-DIFFERS"]);
    let other = before.rows(OWN, &[&[(Field::Item, "经办人手机"), (Field::NewValue, "13900000002")]]);
    let problem = before.refused(&world, other, ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["UPDATE-OLD-DIFFERS"], "somebody else changed it meanwhile");
}

#[tokio::test]
async fn the_center_s_rules_say_what_may_be_filed_online() {
    let world = World::new().await;
    let client = Client::fresh(&world).await;
    let item = client.rows(OWN, &[&[(Field::Item, "经办人手机"), (Field::NewValue, "13900000001")]]);
    let seed = common::seed(UNIT);
    let mut profile = seed.profile.clone();
    profile.limits.unit_items = BTreeSet::from([UnitItem::ClerkEmail]);
    profile.kinds.remove(&RATIO);
    world.center.seed(Seed { profile, ..seed }).await.unwrap();
    let problem = client.refused(&world, item, ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["ITEM-NOT-ALLOWED"], "at the counter only");
    let ratios = client.rows(RATIO, &[&[(Field::UnitRatio, "10%"), (Field::PersonalRatio, "10%")]]);
    let problem = client.refused(&world, ratios, ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["KIND-NOT-OFFERED"], "a kind that it does not take");
}

#[tokio::test]
async fn a_person_is_sealed_and_unsealed_as_often_as_the_center_allows() {
    let world = World::new().await;
    let kind = FilingKind::StatusChange;
    let row = |client: &Client, change: &'static str, reason: &'static str| {
        let person = client.roster.contributors[0].clone();
        let cells = [
            (Field::PersonalAccount, &*person.personal_account),
            (Field::Name, &*person.name),
            (Field::IdNumber, &*person.id_number),
            (Field::ChangeKind, change),
            (Field::Reason, reason),
        ];
        client.rows(kind, &[&cells])
    };
    for (change, reason) in [("封存", "停薪留职或长期休假"), ("启封", "")] {
        let client = Client::fresh(&world).await;
        client.taken(&world, row(&client, change, reason)).await;
    }
    let client = Client::fresh(&world).await;
    let changes = &client.roster.contributors[0].changes;
    assert_eq!((changes.sealed.len(), changes.unsealed.len(), changes.base.len()), (1, 1, 0), "the roster tells");
    let mut forgetful = client;
    forgetful.roster.contributors[0].changes = Changes::default();
    let again = row(&forgetful, "封存", "停薪留职或长期休假");
    let problem = forgetful.refused(&world, again, ProblemCode::ChecksFailed).await;
    assert_eq!(codes(&problem), ["STATUS-CHANGES"], "a client that does not count is told");
}

fn paper(name: &str, media_type: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        name: name.into(),
        media_type: media_type.into(),
        sha256: common::sha256(bytes),
        size: bytes.len() as u64,
        content: STANDARD.encode(bytes),
    }
}

const PDF: &[u8] = b"%PDF-1.7 resolution";

fn application(client: &Client) -> (Rows, Totals) {
    let first = client.unit.first_unverified;
    let (from, to) = (first.to_string(), first.next().next().to_string());
    client.rows(
        DEFERRAL,
        &[&[
            (Field::ChangeKind, "缓缴"),
            (Field::FromMonth, &from),
            (Field::ToMonth, &to),
            (Field::Reason, "生产经营困难"),
        ]],
    )
}

#[tokio::test]
async fn an_application_is_kept_with_its_papers_and_changes_nothing_before_a_decision() {
    let world = World::new().await;
    let client = Client::fresh(&world).await;
    let papers = vec![paper("决议.pdf", "application/pdf", PDF), paper("报表.png", "image/png", b"\x89PNG\r\n\x1a\n1")];
    let (id, p7m) = client.sign_with(&world, application(&client), papers);
    let status: FilingStatus = world.clerk().put(id, p7m.clone()).await.json(201);
    assert_eq!(status.state, FilingState::InReview, "an officer decides");
    let after = Client::fresh(&world).await;
    assert_eq!(after.unit, client.unit, "the unit pays as before until then");
    assert_eq!(after.roster.contributors, client.roster.contributors, "and so do its people");
    let again: FilingStatus = world.clerk().put(id, p7m).await.json(200);
    assert_eq!(again, status, "the same bytes again are the same application");
    after.refused(&world, application(&after), ProblemCode::FilingOpen).await;
}

#[tokio::test]
async fn papers_that_are_not_what_was_signed_are_refused() {
    let world = World::new().await;
    let client = Client::fresh(&world).await;
    let refused = async |filed: (Rows, Totals), papers: Vec<Attachment>| {
        let (id, p7m) = client.sign_with(&world, filed, papers);
        let problem = world.clerk().put(id, p7m).await.problem(ProblemCode::ChecksFailed);
        codes(&problem).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let pdf = |name: &str| paper(name, "application/pdf", PDF);
    let with = |change: fn(&mut Attachment)| {
        let mut paper = pdf("决议.pdf");
        change(&mut paper);
        vec![paper]
    };
    let large = [PDF, &vec![0; 2 << 20]].concat();
    for (what, papers, code) in [
        ("other bytes", with(|p| p.content = STANDARD.encode(b"%PDF-1.7 other")), "ATTACHMENT-CHANGED"),
        ("another size", with(|p| p.size += 1), "ATTACHMENT-CHANGED"),
        ("another type", with(|p| p.media_type = "image/png".into()), "ATTACHMENT-CHANGED"),
        ("no base64", with(|p| p.content = "%%%".into()), "ATTACHMENT-EMPTY"),
        ("a program", vec![paper("决议.pdf", "application/pdf", b"MZ")], "ATTACHMENT-TYPE"),
        ("a path", vec![pdf("../决议.pdf")], "ATTACHMENT-NAME"),
        ("a mark of direction", vec![pdf("决议\u{202e}.pdf")], "ATTACHMENT-NAME"),
        ("too large", vec![paper("决议.pdf", "application/pdf", &large)], "ATTACHMENT-SIZE"),
        ("twice", vec![pdf("一.pdf"), pdf("二.pdf")], "ATTACHMENT-TWICE"),
    ] {
        assert_eq!(refused(application(&client), papers).await, [code], "{what}");
    }
    let six: Vec<_> =
        (0..6).map(|n| paper(&format!("{n}.pdf"), "application/pdf", format!("%PDF-{n}").as_bytes())).collect();
    assert_eq!(refused(application(&client), six).await, ["ATTACHMENT-COUNT"], "five is what this center takes");
    let own = [(Field::Item, UnitItem::Department.label()), (Field::NewValue, "财务部")];
    assert_eq!(refused(client.rows(OWN, &[&own]), vec![pdf("决议.pdf")]).await, ["ATTACHMENT-KIND"], "no papers here");
    assert_eq!(count(&world, "filing"), 0, "nothing is kept of any of them");
}
