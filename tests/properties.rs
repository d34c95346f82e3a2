//! The same rules on both sides: what passes here is not refused at the center, and what is blocked here the center
//! would not take. Sheets and rosters are changed at random; the pure rules see thousands of them, a real center some.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use huijiao_demo::Practice;
use huijiao_demo::people::{UNIT_ACCOUNT, UnitRoster, practice_unit, unit_of};
use huijiao_demo::practice::{CLERK_KEY, PIN, seed};
use huijiao_domain::field::Field;
use huijiao_domain::filing::{CheckedSheet, Circumstances, FilingKind, Rows, check_sheet, to_ask};
use huijiao_domain::finding::{Finding, Level};
use huijiao_domain::profile::{BaseUnit, CenterProfile, SignedChallenge, UnitItem};
use huijiao_domain::roster::{AccountStatus, Asked, Contributor, Elsewhere, Known, Roster, Unit};
use huijiao_domain::sheet::{CellKind, RawCell, RawRow, RawSheet};
use huijiao_gateway::{Endpoint, Gateway, Identity, Proxy, Submission};
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::Person;
use huijiao_signing::{KeyProvider, P12Folder, Pin, Purpose, Role, sign_attached};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

const TODAY: Date = date(2026, 7, 6);
/// What nobody but the center can know: what was filed for a month of the past, and what is in an account.
const BOOKED: [&str; 3] = ["SPAN-FILED", "CORRECTION-FILED", "CORRECTION-BALANCE"];
/// People of the unit; those after them are strangers to it.
const HERE: usize = 24;
const STRANGERS: usize = 12;

/// A unit, people who are not in it, and what the center knows of them.
struct World {
    profile: CenterProfile,
    unit: Unit,
    roster: Roster,
    strangers: Vec<Contributor>,
    known: HashMap<String, Contributor>,
}

impl World {
    fn new() -> Self {
        let profile = CenterProfile::shipped("demo").unwrap();
        let UnitRoster { unit, roster } = unit_of(HERE + STRANGERS, &profile).unwrap();
        let mut contributors = roster.contributors;
        let strangers = contributors.split_off(HERE);
        let status = [AccountStatus::Sealed, AccountStatus::Normal, AccountStatus::ClosedByWithdrawal];
        // Every second stranger has an account somewhere.
        let known = strangers
            .iter()
            .step_by(2)
            .zip(status.iter().cycle())
            .map(|(person, status)| (person.id_number.to_string(), Contributor { status: *status, ..person.clone() }))
            .collect();
        Self { profile, unit, roster: Roster { version: 1, contributors }, strangers, known }
    }

    fn of<'a>(&'a self, elsewhere: &'a Elsewhere) -> Circumstances<'a> {
        Circumstances {
            books: None,
            profile: &self.profile,
            unit: Some(&self.unit),
            roster: Some(&self.roster),
            elsewhere: Some(elsewhere),
            period: self.unit.first_unverified,
            today: TODAY,
        }
    }

    /// What the center answers, by its own rule (protocol.md, look-up).
    fn ask(&self, id_number: &str, name: &str) -> Known {
        match self.known.get(id_number) {
            None => Known::Nobody,
            Some(person) if person.name != name => Known::OtherName,
            Some(person) => {
                Known::Account { personal_account: person.personal_account.to_string(), status: person.status }
            }
        }
    }

    /// The sheet as the client judges it, once it has asked about everybody it had to ask about.
    fn client(&self, kind: FilingKind, sheet: &RawSheet) -> CheckedSheet {
        let mut elsewhere = Elsewhere::default();
        let first = check_sheet(kind, sheet, self.of(&elsewhere));
        for person in asked(&first) {
            let answer = self.ask(&person.id_number, &person.name);
            elsewhere.0.insert(person.id_number, Asked { name: person.name, answer });
        }
        check_sheet(kind, sheet, self.of(&elsewhere))
    }

    /// What the center says of the rows, with what its register knows.
    fn center(&self, checked: &CheckedSheet) -> Vec<Finding> {
        let mut elsewhere = Elsewhere::default();
        for row in checked.rows.iter() {
            let Some((id_number, name)) = row.asked_about() else { continue };
            if self.roster.contributors.iter().all(|person| person.id_number != id_number) {
                let answer = self.ask(&id_number, &name);
                elsewhere.0.insert(id_number, Asked { name, answer });
            }
        }
        checked.rows.check(checked.totals, self.of(&elsewhere))
    }
}

/// The people whom a checked sheet wants to be asked about.
fn asked(checked: &CheckedSheet) -> Vec<Person> {
    let people = checked.findings.iter().filter_map(to_ask);
    people.map(|(id_number, name)| Person { id_number: id_number.to_owned(), name: name.to_owned() }).collect()
}

/// One change of a sheet, of the roster behind it or of the center's rules.
#[derive(Debug, Clone)]
enum Mutation {
    Kind { row: usize, field: usize, kind: usize },
    Person { person: usize, other: usize, how: usize },
    Rules { how: usize },
    Text { row: usize, field: usize, text: usize },
    Swap { row: usize, other: usize, field: usize },
    Repeat { row: usize },
    Remove { row: usize },
    Status { person: usize, status: usize },
    Rename { person: usize },
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let any = || 0..1_000_usize;
    prop_oneof![
        6 => (any(), any(), any()).prop_map(|(row, field, text)| Mutation::Text { row, field, text }),
        2 => (any(), any(), any()).prop_map(|(row, other, field)| Mutation::Swap { row, other, field }),
        1 => any().prop_map(|row| Mutation::Repeat { row }),
        1 => any().prop_map(|row| Mutation::Remove { row }),
        2 => (any(), any()).prop_map(|(person, status)| Mutation::Status { person, status }),
        1 => any().prop_map(|person| Mutation::Rename { person }),
        2 => (any(), any(), any()).prop_map(|(row, field, kind)| Mutation::Kind { row, field, kind }),
        2 => (any(), any(), any()).prop_map(|(person, other, how)| Mutation::Person { person, other, how }),
        1 => any().prop_map(|how| Mutation::Rules { how }),
    ]
}

/// Texts of every sort that real cells hold, right and wrong in every field.
fn texts(world: &World) -> Vec<String> {
    let fixed = [
        "",
        " ",
        "0",
        "-5",
        "5000",
        "5000.00",
        "5000.005",
        "1e9",
        "99999999",
        "2100",
        "2099.99",
        "27000",
        "27000.01",
        "12,345.60",
        "￥6000",
        "abc",
        "2026-07",
        "202607",
        "2026年7月",
        "2026-06",
        "2026-08",
        "2027-13",
        "封存",
        "启封",
        "同城转入",
        "同城转出",
        "销户",
        "解除或终止劳动关系",
        "离职",
        "不详",
        "13800000000",
        "12345",
        "１３８００００００００",
        "男",
        "女",
        "1990-01-01",
        "1990-02-30",
        "8%",
        "0.08",
        "8",
        "0.13",
        "护照",
        "03",
        "E12345678",
        "身份证",
        "张三",
        "张 三",
        "欧阳·娜",
        "某?",
        "6222020000000000000",
        "110105491231002",
        "11010519491231002x",
        "110105194912310021",
        "#N/A",
        "=1+1",
        "经办人姓名",
        "手机号码",
        "a@b.cn",
    ];
    let people = world.roster.contributors.iter().take(4).chain(world.strangers.iter().take(6));
    let theirs = people.flat_map(|p| [&p.name, &p.id_number, &p.personal_account]);
    fixed.iter().map(|text| (*text).to_owned()).chain(theirs.map(ToString::to_string)).collect()
}

fn put(row: &mut RawRow, columns: &BTreeMap<Field, u16>, field: Field, text: &str) {
    let Some(column) = columns.get(&field).copied() else { return };
    row.cells.remove(&field);
    if !text.is_empty() {
        row.cells.insert(field, RawCell { column, text: text.into(), kind: CellKind::Text });
    }
}

/// A sheet in the columns of our own template that is right as it stands.
fn right(kind: FilingKind, world: &World) -> RawSheet {
    let columns: BTreeMap<Field, u16> = huijiao_sheets::write::template_fields(kind).zip(0..).collect();
    let normal = || world.roster.contributors.iter().filter(|person| person.status == AccountStatus::Normal);
    let sealed = || world.roster.contributors.iter().filter(|person| person.status == AccountStatus::Sealed);
    let who = |person: &Contributor| {
        vec![
            (Field::PersonalAccount, person.personal_account.to_string()),
            (Field::Name, person.name.to_string()),
            (Field::IdNumber, person.id_number.to_string()),
        ]
    };
    let with = |person: &Contributor, more: &[(Field, &str)]| {
        let mut cells = who(person);
        cells.extend(more.iter().map(|(field, text)| (*field, (*text).to_owned())));
        cells
    };
    let rows: Vec<Vec<(Field, String)>> = match kind {
        FilingKind::BaseAdjustment => normal().map(|p| with(p, &[(Field::NewBase, "6543.21")])).collect(),
        FilingKind::ContributorRegistration => world
            .strangers
            .iter()
            .filter(|person| !world.known.contains_key(person.id_number.as_str()))
            .map(|p| with(p, &[(Field::Mobile, "13800000000"), (Field::NewBase, "6543.21")]))
            .collect(),
        FilingKind::StatusChange => {
            let seal = [(Field::ChangeKind, "封存"), (Field::Reason, "解除或终止劳动关系")];
            let away = [(Field::ChangeKind, "同城转出")];
            let back = [(Field::ChangeKind, "启封")];
            let come = [(Field::ChangeKind, "同城转入"), (Field::NewBase, "7000.00")];
            let theirs = world.strangers.iter().filter(|person| {
                world.known.get(person.id_number.as_str()).is_some_and(|known| known.status == AccountStatus::Sealed)
            });
            normal()
                .take(3)
                .map(|p| with(p, &seal))
                .chain(normal().skip(3).take(1).map(|p| with(p, &away)))
                .chain(sealed().map(|p| with(p, &back)))
                .chain(theirs.map(|p| with(p, &come)))
                .collect()
        }
        FilingKind::RatioAdjustment => {
            // What is right must change something, whatever was filed before.
            let next = ["9%", "10%"].into_iter().find(|next| *next != world.unit.unit_ratio.percent()).unwrap();
            vec![vec![(Field::UnitRatio, next.to_owned()), (Field::PersonalRatio, "0.07".to_owned())]]
        }
        FilingKind::ContributorUpdate => {
            let next = |p: &Contributor| if p.contact.mobile == "13900000001" { "13900000002" } else { "13900000001" };
            let stranger = world.strangers.iter().find(|person| !world.known.contains_key(person.id_number.as_str()));
            let renumbered =
                normal().take(1).zip(stranger).map(|(p, new)| with(p, &[(Field::NewIdNumber, &new.id_number)]));
            let reached = normal().skip(1).take(5).chain(sealed()).map(|p| with(p, &[(Field::Mobile, next(p))]));
            renumbered.chain(reached).collect()
        }
        FilingKind::UnitUpdate => {
            let said = |item: UnitItem, one: &str, other: &str| {
                let next = if world.unit.detail(item) == one { other } else { one };
                vec![(Field::Item, item.label().to_owned()), (Field::NewValue, next.to_owned())]
            };
            vec![
                said(UnitItem::ClerkName, "赵新来", "钱后来"),
                said(UnitItem::ClerkMobile, "13900000001", "13900000002"),
                said(UnitItem::ClerkPhone, "0391-5550124", "0391-5550125-801"),
                said(UnitItem::ClerkEmail, "gjj@example.com", "hr@example.com"),
            ]
        }
        FilingKind::BackPayment | FilingKind::Correction => {
            // Another month for every version of the roster: a month of the past is filed once.
            let back = usize::try_from(world.roster.version).unwrap();
            let last = world.unit.paid_through.min(world.unit.first_unverified.previous());
            let month = std::iter::successors(Some(last), |m| Some(m.previous())).nth(back).unwrap().to_string();
            let cells: Vec<(Field, &str)> = if kind == FilingKind::BackPayment {
                vec![
                    (Field::FromMonth, &month),
                    (Field::ToMonth, &month),
                    (Field::Reason, "漏缴补缴"),
                    (Field::UnitAmount, "420.00"),
                    (Field::PersonalAmount, "0"),
                ]
            } else {
                // So little is in every account, however often it is taken.
                vec![
                    (Field::Month, &month),
                    (Field::UnitAmount, "1.20"),
                    (Field::PersonalAmount, "420"),
                    (Field::RightUnitAmount, "0"),
                    (Field::RightPersonalAmount, "512.30"),
                    (Field::Reason, "其他"),
                ]
            };
            normal().chain(sealed()).map(|p| with(p, &cells)).collect()
        }
        FilingKind::Deferral => vec![vec![
            (Field::ChangeKind, "降低缴存比例".to_owned()),
            (Field::FromMonth, world.unit.first_unverified.to_string()),
            (Field::ToMonth, world.unit.first_unverified.next().to_string()),
            (Field::UnitRatio, "4%".to_owned()),
            (Field::PersonalRatio, "3%".to_owned()),
            (Field::Reason, "生产经营困难".to_owned()),
        ]],
        FilingKind::RemittanceVerification | FilingKind::Payment | FilingKind::PaymentClaim => {
            unreachable!("no sheet is made for it")
        }
    };
    let rows = rows
        .into_iter()
        .zip(2..)
        .map(|(cells, number)| {
            let mut row = RawRow { row: number, cells: Default::default() };
            for (field, text) in cells {
                put(&mut row, &columns, field, &text);
            }
            row
        })
        .collect();
    RawSheet { name: Arc::from("表"), columns, rows, totals: Vec::new() }
}

/// A number as the readers of workbooks give it.
fn number_text(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap();
    if rounded.abs() < 1e15 { rounded.to_string() } else { format!("{rounded:.0}") }
}

/// Somebody of the roster as real rosters have him too.
fn otherwise(person: &mut Contributor, other: &Contributor, how: usize) {
    match how % 7 {
        // The number of before 1999.
        0 if person.id_number.len() == 18 => {
            person.id_number = format!("{}{}", &person.id_number[..6], &person.id_number[8..17]).into();
        }
        1 => (person.id_type, person.id_number) = ("03".into(), "E12345678".into()),
        2 => (person.id_type, person.id_number) = ("99".into(), "12345678".into()),
        // Two accounts of one person, and two people of one name.
        3 => person.id_number = other.id_number.clone(),
        4 => person.name = other.name.clone(),
        5 => person.name = "欧阳·娜".into(),
        _ => person.personal_account = person.personal_account.trim_start_matches('0').into(),
    }
}

fn mutate(world: &mut World, sheet: &mut RawSheet, mutations: &[Mutation]) {
    let texts = texts(world);
    let columns = sheet.columns.clone();
    let fields: Vec<Field> = columns.keys().copied().collect();
    let status =
        [AccountStatus::Normal, AccountStatus::Sealed, AccountStatus::Frozen, AccountStatus::ClosedByWithdrawal];
    for mutation in mutations {
        let rows = sheet.rows.len();
        let people = world.roster.contributors.len();
        match mutation {
            Mutation::Status { person, status: to } => {
                world.roster.contributors[person % people].status = status[to % status.len()];
            }
            Mutation::Rename { person } => world.roster.contributors[person % people].name = "诸葛新".into(),
            Mutation::Person { person, other, how } => {
                let (person, other) = (person % people, world.roster.contributors[other % people].clone());
                otherwise(&mut world.roster.contributors[person], &other, *how);
            }
            Mutation::Rules { how } => match how % 4 {
                0 => world.profile.base_unit = BaseUnit::Yuan,
                1 => world.profile.account_length = None,
                2 => drop(world.profile.id_types.remove("03")),
                _ => world.unit.unit_ratio = "0.12".parse().unwrap(),
            },
            Mutation::Text { .. }
            | Mutation::Swap { .. }
            | Mutation::Repeat { .. }
            | Mutation::Remove { .. }
            | Mutation::Kind { .. }
                if rows == 0 => {}
            Mutation::Kind { row, field, kind } => {
                let kinds = [CellKind::Number, CellKind::Date, CellKind::Bool, CellKind::Error, CellKind::Edited];
                let kind = kinds[kind % kinds.len()];
                sheet.rows[row % rows].cells.change(|of, cell| {
                    let meant = *of == fields[field % fields.len()];
                    // A number has fifteen digits, and none but significant ones in front.
                    if meant && kind != CellKind::Number {
                        cell.kind = kind;
                    } else if meant && let Ok(number) = cell.text.parse::<f64>() {
                        (cell.kind, cell.text) = (kind, number_text(number).into());
                    }
                });
            }
            Mutation::Text { row, field, text } => {
                let text = &texts[text % texts.len()];
                put(&mut sheet.rows[row % rows], &columns, fields[field % fields.len()], text);
            }
            Mutation::Swap { row, other, field } => {
                let field = fields[field % fields.len()];
                let (one, two) = (row % rows, other % rows);
                let texts = [one, two].map(|row| sheet.rows[row].text(field).to_owned());
                put(&mut sheet.rows[one], &columns, field, &texts[1]);
                put(&mut sheet.rows[two], &columns, field, &texts[0]);
            }
            Mutation::Repeat { row } => {
                let last = sheet.rows[rows - 1].row;
                let again = RawRow { row: last + 1, ..sheet.rows[row % rows].clone() };
                sheet.rows.push(again);
            }
            Mutation::Remove { row } => {
                sheet.rows.remove(row % rows);
            }
        }
    }
}

/// Changes of what the clerk has, not of what the center has.
fn of_the_sheet(mutation: &Mutation) -> bool {
    match mutation {
        Mutation::Text { .. }
        | Mutation::Swap { .. }
        | Mutation::Repeat { .. }
        | Mutation::Remove { .. }
        | Mutation::Kind { .. } => true,
        Mutation::Status { .. } | Mutation::Rename { .. } | Mutation::Person { .. } | Mutation::Rules { .. } => false,
    }
}

/// What a case shows, said so that a failure can be read.
fn told(findings: &[Finding]) -> Vec<String> {
    let line = |f: &Finding| {
        let row = f.at.as_ref().map(|at| at.row.to_string()).or_else(|| f.args.get("index").cloned());
        format!("{} {:?} {:?} {:?} «{}»", f.code.as_str(), f.level, row, f.field, f.value)
    };
    findings.iter().map(line).collect()
}

fn blocked(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::blocks)
}

/// Every row could be filed as it is typed, and still it is an error: the center must see one too.
fn wrong_as_typed(checked: &CheckedSheet) -> bool {
    checked.places.iter().all(Option::is_some)
        && !checked.rows.is_empty()
        && checked.findings.iter().any(|finding| finding.level == Level::Error)
        && checked.findings.iter().all(|finding| finding.level != Level::Fix)
}

#[test]
fn right_sheets_pass_on_both_sides() {
    let world = World::new();
    for kind in FilingKind::SHEETS {
        let sheet = right(*kind, &world);
        let checked = world.client(*kind, &sheet);
        assert!(!checked.rows.is_empty(), "{}: there is something to file", kind.label());
        assert!(!blocked(&checked.findings), "{}: {:?}", kind.label(), told(&checked.findings));
        assert_eq!(told(&world.center(&checked)), Vec::<String>::new(), "{}: nor at the center", kind.label());
    }
}

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

#[test]
fn what_passes_here_is_not_refused_there_and_what_is_blocked_here_is_not_taken_there() {
    let seen = std::cell::RefCell::new(BTreeMap::<(FilingKind, &str), u32>::new());
    for kind in FilingKind::SHEETS {
        let mut runner = TestRunner::new(config(1_500));
        let outcome = runner.run(&proptest::collection::vec(mutation(), 0..4), |mutations| {
            let mut world = World::new();
            let mut sheet = right(*kind, &world);
            mutate(&mut world, &mut sheet, &mutations);
            let checked = world.client(*kind, &sheet);
            let there = world.center(&checked);
            let sort = if !blocked(&checked.findings) {
                prop_assert!(
                    !blocked(&there),
                    "passed here: {:?}, refused there: {:?}",
                    told(&checked.findings),
                    told(&there)
                );
                "passed"
            } else if wrong_as_typed(&checked) {
                prop_assert!(blocked(&there), "blocked here: {:?}, taken there", told(&checked.findings));
                "refused"
            } else {
                "not typed"
            };
            *seen.borrow_mut().entry((*kind, sort)).or_default() += 1;
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{}: {error}", kind.label());
        }
    }
    let seen = seen.into_inner();
    for kind in FilingKind::SHEETS {
        for (sort, fewest) in [("passed", 20), ("not typed", 20), ("refused", 5)] {
            let count = seen.get(&(*kind, sort)).copied().unwrap_or(0);
            assert!(count > fewest, "{} {sort}: {count}: each kind must be met on both sides: {seen:?}", kind.label());
        }
    }
}

struct RealCenter {
    practice: Practice,
    gateway: Gateway,
}

impl RealCenter {
    async fn open(folder: &std::path::Path) -> Self {
        let practice = Practice::open(folder, Timestamp::now()).await.unwrap();
        // The practice has some kinds approved by a second person; here the clerk's signature is enough.
        let mut profile = CenterProfile::shipped("demo").unwrap();
        profile.signatures.challenge = SignedChallenge::Optional;
        practice.center.seed(seed(&practice_unit(&profile).unwrap(), &profile)).await.unwrap();
        let tls = P12Folder::new(&practice.certificates).tls_identity(CLERK_KEY, &Pin::new(PIN)).unwrap();
        let mut endpoint = Endpoint::new(practice.center.base_url(), practice.center.anchors());
        endpoint.proxy = Proxy::None;
        let gateway = Gateway::connect(endpoint, Some(Identity { chain: tls.chain, key: tls.key })).unwrap();
        Self { practice, gateway }
    }

    async fn file(&self, world: &World, rows: &Rows, totals: huijiao_domain::filing::Totals) -> Submission {
        let id = Uuid::now_v7();
        let at = (Timestamp::now() + self.practice.clock_offset).to_string();
        let content = FilingContent {
            id,
            center: world.profile.code.clone(),
            unit: UnitRef {
                account: world.unit.account.clone(),
                credit_code: world.unit.credit_code.clone(),
                name: world.unit.name.clone(),
            },
            period: world.unit.first_unverified,
            created_at: at.clone(),
            roster_version: world.roster.version,
            source: Source { file_name: "表.xlsx".into(), sha256: "0".repeat(64), sheet: "表".into(), rows: 1 },
            totals,
            header: FilingHeader::default(),
            rows: rows.clone(),
        };
        let mut key = P12Folder::new(&self.practice.certificates).open(CLERK_KEY).unwrap();
        key.login(&Pin::new(PIN)).unwrap();
        let bytes = content.to_bytes().unwrap();
        let file = sign_attached(&mut *key, &bytes, &at, Role::Clerk, Purpose::Filing, None).unwrap();
        self.gateway.put_filing(id, file).await
    }
}

/// The same over the wire: the roster moves on with every filing that is taken, and the client follows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_center_says_what_the_client_said() {
    let folder = tempfile::tempdir().unwrap();
    let center = RealCenter::open(folder.path()).await;
    let mut runner = TestRunner::deterministic();
    let (mut taken, mut refused) = (0, 0);
    // An application waits for an officer, and no other is taken until then.
    let mut waits = false;
    for round in 0..90 {
        let kind = FilingKind::SHEETS[round % FilingKind::SHEETS.len()];
        // The people of the practice center as they are now, a few of them in the sheet.
        let mut world = World::new();
        world.known.clear();
        world.unit = center.gateway.unit(UNIT_ACCOUNT).await.unwrap();
        world.roster = center.gateway.roster(UNIT_ACCOUNT).await.unwrap();
        let here: Vec<_> = world.roster.contributors.iter().map(|p| p.id_number.clone()).collect();
        world.strangers.retain(|person| !here.contains(&person.id_number));
        let mut sheet = right(kind, &world);
        let mutations = proptest::collection::vec(mutation(), 0..3).new_tree(&mut runner).unwrap().current();
        let on_the_sheet: Vec<_> = mutations.into_iter().filter(of_the_sheet).collect();
        mutate(&mut world, &mut sheet, &on_the_sheet);

        let mut elsewhere = Elsewhere::default();
        let first = check_sheet(kind, &sheet, world.of(&elsewhere));
        let asked = asked(&first);
        let answers = center.gateway.lookup(UNIT_ACCOUNT, &asked).await.unwrap();
        for (person, answer) in asked.into_iter().zip(answers) {
            elsewhere.0.insert(person.id_number, Asked { name: person.name, answer });
        }
        let checked = check_sheet(kind, &sheet, world.of(&elsewhere));
        let version = world.roster.version;
        if !blocked(&checked.findings) {
            let outcome = center.file(&world, &checked.rows, checked.totals).await;
            match outcome {
                Submission::Answered(_) => {
                    taken += 1;
                    waits |= kind == FilingKind::Deferral;
                }
                Submission::Refused(problem)
                    if waits && kind == FilingKind::Deferral && problem.code == ProblemCode::FilingOpen =>
                {
                    continue;
                }
                // What an earlier round filed for a month only the center's books know.
                Submission::Refused(problem)
                    if !problem.errors.is_empty()
                        && problem.errors.iter().all(|e| BOOKED.contains(&e.code.as_str())) =>
                {
                    continue;
                }
                other @ (Submission::Refused(_) | Submission::NotSent(_) | Submission::Unknown(_)) => {
                    panic!("{} {on_the_sheet:?}: passed here, {other:?}", kind.label());
                }
            }
            assert!(center.gateway.roster(UNIT_ACCOUNT).await.unwrap().version > version, "and it was booked");
        } else if wrong_as_typed(&checked) {
            let outcome = center.file(&world, &checked.rows, checked.totals).await;
            let Submission::Refused(problem) = outcome else {
                panic!("{} {on_the_sheet:?}: {:?}, {outcome:?}", kind.label(), told(&checked.findings));
            };
            let first = waits && kind == FilingKind::Deferral;
            let code = if first { ProblemCode::FilingOpen } else { ProblemCode::ChecksFailed };
            assert_eq!(problem.code, code, "for what the client had seen");
            refused += 1;
            let after = center.gateway.roster(UNIT_ACCOUNT).await.unwrap().version;
            assert_eq!(after, version, "a refused filing changes nothing");
        }
    }
    assert!(taken >= 20 && refused >= 3, "{taken} taken, {refused} refused: both ways were gone");
    center.practice.center.shutdown().await;
}
