//! The books after any sequence of events, against a bookkeeper who knows nothing of the product's own: he keeps a
//! timeline of every person, a list of what is owed, and the bank's queue, in fen.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::filing::contributor_registration::ContributorRegistrationRow;
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::filing::deferral::{Asked, DeferralRow};
use huijiao_domain::filing::payment::PaymentRow;
use huijiao_domain::filing::payment_claim::{ClaimRow, ClaimTo};
use huijiao_domain::filing::ratio_adjustment::RatioAdjustmentRow;
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::filing::status_change::{Change, StatusChangeRow};
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::money::{Contribution, Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::{Books, DueLine, DueState, MonthFigures, PaidDue, PaymentMethod};
use huijiao_domain::roster::{AccountStatus, Changes, Contributor, Deferral, Roster, Unit, UnitStatus};
use huijiao_protocol::PROTOCOL;
use huijiao_protocol::ending::Ending;
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_protocol::queries::LedgerPage;
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::{KeyProvider, P12Folder, Pin, Purpose, Role, SignSession, sign_attached};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rusqlite::Connection;
use uuid::Uuid;

use crate::filing::{Taken, take, withdrawal};
use crate::http::caller::Caller;
use crate::register::queries::{self, Book, Mark, Period};
use crate::register::{self, operators, proof, units};
use crate::review::{self, Decision, RefusedRow, ReviewRule};
use crate::{Center, CenterClock, CenterConfig, PastMonth, RunningCenter, Seed, UnitRole, bank};

const UNIT: &str = "410800000001";
const JUNE: &str = "2026-06";

/// xorshift64*, the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }
}

/// Both parts in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Parts(i64, i64);

impl Parts {
    fn sum(self) -> i64 {
        self.0 + self.1
    }

    fn wire(self) -> Contribution {
        Contribution { unit_amount: Yuan::from_fen(self.0), personal_amount: Yuan::from_fen(self.1) }
    }
}

/// Whole yuan, half up, each side for itself: what the demo center does.
fn cost(base: i64, (unit, personal): (i64, i64)) -> Parts {
    let side = |percent: i64| (base * percent + 5_000) / 10_000 * 100;
    Parts(side(unit), side(personal))
}

fn percent(ratio: Ratio) -> i64 {
    ratio.percent().trim_end_matches('%').parse().unwrap()
}

#[derive(Debug, Clone)]
struct Somebody {
    normal: bool,
    base: i64,
    /// What is due from a month on; the last entry at or before a month says it.
    timeline: BTreeMap<Month, Option<Parts>>,
    held: Parts,
}

impl Somebody {
    fn from(&mut self, month: Month, due: Option<Parts>) {
        self.timeline.retain(|known, _| *known < month);
        self.timeline.insert(month, due);
    }

    fn due(&self, month: Month) -> Option<Parts> {
        self.timeline.range(..=month).next_back().and_then(|(_, due)| *due)
    }
}

#[derive(Debug, Clone)]
struct Owed {
    pays: PaidDue,
    parts: Vec<(String, Parts)>,
    order: Option<String>,
}

impl Owed {
    fn sum(&self) -> i64 {
        self.parts.iter().map(|(_, parts)| parts.sum()).sum()
    }
}

#[derive(Debug, Clone)]
enum Errand {
    Transfer { remark: String, fen: i64 },
    Debit { order: String, refused: bool },
    Return { fen: i64 },
}

/// The other bookkeeper.
#[derive(Debug, Default)]
struct Model {
    people: BTreeMap<String, Somebody>,
    ratios: (i64, i64),
    owed: Vec<Owed>,
    orders: BTreeMap<String, Vec<PaidDue>>,
    bank: Vec<(Date, Errand)>,
    received: i64,
    suspense: i64,
    returned: i64,
    withdrawn: i64,
    /// Came in and is nobody's, as it came: its remark and how much.
    unprocessed: Vec<i64>,
    returning: i64,
    paid_through: Option<Month>,
    /// 缓缴 or lower ratios that run: the last month, and for lower ones what comes back.
    term: Option<(Month, Option<(i64, i64)>)>,
    ever_paid: BTreeSet<PaidDue>,
}

impl Model {
    /// Everybody's dues from a month on, at other ratios.
    fn at_ratios(&mut self, ratios: (i64, i64), month: Month) {
        self.ratios = ratios;
        for person in self.people.values_mut() {
            let due = person.normal.then(|| cost(person.base, ratios));
            person.from(month, due);
        }
    }

    fn end_term(&mut self, current: Month, first_unverified: Month) {
        let Some((to, before)) = self.term else { return };
        if current > to || (before.is_some() && first_unverified > to) {
            self.term = None;
            if let Some(ratios) = before {
                self.at_ratios(ratios, to.next());
            }
        }
    }

    fn allot(&mut self, place: usize) {
        let owed = self.owed.remove(place);
        assert!(self.ever_paid.insert(owed.pays.clone()), "{:?} is paid once", owed.pays);
        self.suspense -= owed.sum();
        for (account, parts) in owed.parts {
            let held = &mut self.people.get_mut(&account).unwrap().held;
            *held = Parts(held.0 + parts.0, held.1 + parts.1);
        }
        if let PaidDue::Month(month) = owed.pays {
            self.paid_through = self.paid_through.max(Some(month));
        }
    }

    fn pay(&mut self, order: &str) {
        for pays in self.orders.remove(order).unwrap() {
            let place = self.owed.iter().position(|owed| owed.pays == pays).unwrap();
            self.allot(place);
        }
    }

    fn fail(&mut self, order: &str) {
        self.orders.remove(order);
        for owed in self.owed.iter_mut().filter(|owed| owed.order.as_deref() == Some(order)) {
            owed.order = None;
        }
    }

    fn sum_of(&self, order: &str) -> i64 {
        self.owed.iter().filter(|owed| owed.order.as_deref() == Some(order)).map(Owed::sum).sum()
    }

    fn work(&mut self, today: Date) {
        // Those of one day in the order they were given, which is how they stand here.
        self.bank.sort_by_key(|(day, _)| *day);
        while self.bank.first().is_some_and(|(day, _)| *day <= today) {
            match self.bank.remove(0).1 {
                Errand::Transfer { remark, fen } => {
                    self.received += fen;
                    self.suspense += fen;
                    if !self.orders.contains_key(&remark) || self.debited(&remark) {
                        self.unprocessed.push(fen);
                    } else if fen < self.sum_of(&remark) {
                        self.unprocessed.push(fen);
                        self.fail(&remark);
                    } else {
                        self.pay(&remark);
                    }
                }
                Errand::Debit { order, refused } => {
                    if refused {
                        self.fail(&order);
                    } else {
                        let fen = self.sum_of(&order);
                        self.received += fen;
                        self.suspense += fen;
                        self.pay(&order);
                    }
                }
                Errand::Return { fen } => {
                    self.returning -= fen;
                    self.suspense -= fen;
                    self.returned += fen;
                }
            }
        }
    }

    fn debited(&self, order: &str) -> bool {
        self.bank.iter().any(|(_, errand)| matches!(errand, Errand::Debit { order: other, .. } if other == order))
    }
}

/// What a filing in review is about.
#[derive(Debug, Clone)]
enum Pending {
    /// Account, new base and what that costs, by row.
    Bases(Vec<(String, i64, Parts)>, Month),
    /// Until when, and lower ratios where they are asked for.
    Term(Month, Month, Option<(i64, i64)>),
}

/// What taking a filing back undoes.
#[derive(Debug, Clone)]
enum Undo {
    /// What was due of everybody before, and the ratios.
    People(BTreeMap<String, Somebody>, (i64, i64)),
    /// These are owed no more.
    Owed(Vec<PaidDue>),
    Order(String),
}

struct World {
    running: RunningCenter,
    session: Box<dyn SignSession>,
    caller: Caller,
    clock: CenterClock,
    dice: Dice,
    model: Model,
    people: usize,
    /// How many of each kind of event were booked.
    booked: BTreeMap<&'static str, usize>,
    last: Option<(Uuid, Vec<u8>, FilingStatus)>,
    /// The filings that might be taken back, the newest last.
    undo: Vec<(FilingStatus, Undo)>,
    /// Those that wait for an officer.
    pending: Vec<(FilingStatus, Pending)>,
    _folders: (tempfile::TempDir, tempfile::TempDir),
}

fn id_number(person: usize) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("4108011990{:02}{:02}{:03}", 1 + person / 25 % 12, 1 + person % 25, 100 + person / 300 * 2);
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

fn name(person: usize) -> String {
    let han = |offset: usize| char::from_u32(0x4e00 + offset as u32).unwrap();
    format!("王{}{}", han(person % 40), han(100 + person / 40))
}

impl World {
    async fn new(seed: u64) -> Self {
        let (folder, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let june: Month = JUNE.parse().unwrap();
        let mut model = Model { ratios: (8, 8), paid_through: Some(june), ..Model::default() };
        let mut contributors = Vec::new();
        for person in 0..6 {
            let base = 400_000 + person as i64 * 12_300;
            let parts = cost(base, (8, 8));
            let account = format!("{:012}", 100 + person);
            let timeline = [(june, Some(parts))].into();
            model.received += parts.sum();
            model.people.insert(account.clone(), Somebody { normal: true, base, timeline, held: parts });
            contributors.push(Contributor {
                personal_account: account.into(),
                name: name(person).into(),
                id_type: "01".into(),
                id_number: id_number(person).into(),
                status: AccountStatus::Normal,
                base: Yuan::from_fen(base),
                amounts: parts.wire(),
                contact: Default::default(),
                earlier: Vec::new(),
                changes: Changes::default(),
            });
        }
        model.ever_paid.insert(PaidDue::Month(june));
        let ratio = Ratio::from_basis_points(800).unwrap();
        let lines = contributors.iter().map(|person| DueLine {
            personal_account: person.personal_account.to_string(),
            name: person.name.to_string(),
            id_number: person.id_number.to_string(),
            base: person.base,
            amounts: person.amounts,
        });
        let seeded = Seed {
            profile: CenterProfile::shipped("demo").unwrap(),
            unit: Unit {
                account: UNIT.into(),
                credit_code: "91350100M000100Y43".into(),
                name: "演示第一有限公司".into(),
                status: UnitStatus::Normal,
                unit_ratio: ratio,
                personal_ratio: ratio,
                contributors: 6,
                sealed: 0,
                paid_through: june,
                first_unverified: june.next(),
                single_operator: false,
                suspense_balance: Yuan::ZERO,
                district: None,
                deferral: None,
                details: BTreeMap::new(),
            },
            months: vec![PastMonth { month: june, lines: lines.collect() }],
            contributors,
            withdrawals: Vec::new(),
            debit_agreement: Some(date(2049, 12, 31)),
            operators: Vec::new(),
        };
        let clock = CenterClock::fixed("2026-07-06T02:00:00Z".parse().unwrap());
        let config =
            CenterConfig { clock: clock.clone(), seed: Some(seeded), ..CenterConfig::in_folder(folder.path()) };
        let running = Center::start(config).await.unwrap();
        let pin = Pin::new("246810");
        let issued = running.issue_operator(UNIT, "王经办", UnitRole::Clerk, pin.clone()).await.unwrap();
        let provider = P12Folder::new(keys.path());
        provider.install("key", &issued.p12, &pin).unwrap();
        let mut session = provider.open("key").unwrap();
        session.login(&pin).unwrap();
        let hash = issued.certificate.sha256_hex();
        let holder = running.center.register.read(|c| operators::holder(c, &hash)).unwrap().unwrap();
        Self {
            running,
            session,
            caller: Caller { operator: Some(holder.operator) },
            clock,
            dice: Dice(seed),
            model,
            people: 6,
            booked: BTreeMap::new(),
            last: None,
            undo: Vec::new(),
            pending: Vec::new(),
            _folders: (folder, keys),
        }
    }

    fn center(&self) -> &Center {
        &self.running.center
    }

    /// Unit, roster and books, read as the HTTP handlers read them.
    fn now(&self) -> (Unit, Roster, Books) {
        let read = |c: &Connection| -> Result<_, crate::CenterError> {
            let unit = units::unit(c, UNIT)?.unwrap();
            let books = register::books::of_unit(c, &unit)?;
            let (mut roster, _) = units::roster(c, UNIT)?.unwrap();
            for person in &mut roster.contributors {
                person.earlier.retain(|earlier| earlier.through >= unit.first_unverified);
            }
            Ok((unit, roster, books))
        };
        self.center().register.read(read).unwrap()
    }

    fn file(
        &mut self,
        what: &'static str,
        rows: Rows,
        figures: &[MonthFigures],
        period: Month,
    ) -> Option<FilingStatus> {
        let (unit, roster, _) = self.now();
        let id = Uuid::now_v7();
        let at = self.clock.rfc3339();
        let content = FilingContent {
            id,
            center: "demo".into(),
            unit: UnitRef { account: unit.account, credit_code: unit.credit_code, name: unit.name },
            period,
            created_at: at.clone(),
            roster_version: roster.version,
            source: Source { file_name: String::new(), sha256: String::new(), sheet: String::new(), rows: 0 },
            totals: rows.totals(),
            header: FilingHeader { figures: figures.to_vec(), ..FilingHeader::default() },
            rows,
        };
        let content = content.to_bytes().unwrap();
        let p7m = sign_attached(self.session.as_mut(), &content, &at, Role::Clerk, Purpose::Filing, None).unwrap();
        match take(&self.running.center, self.caller, id, &p7m) {
            Ok(Taken::New(status)) => {
                *self.booked.entry(what).or_default() += 1;
                self.last = Some((id, p7m, status.clone()));
                Some(status)
            }
            Ok(Taken::Again(_)) => panic!("{what}: a new id was known"),
            Err(refusal) => {
                let said = format!("{refusal:?}");
                assert!(!said.contains("Internal"), "{what}: the center broke: {said}");
                None
            }
        }
    }

    fn month(&mut self) -> Month {
        let (unit, ..) = self.now();
        let current = Month::of(self.clock.today()).unwrap();
        let months: Vec<_> = std::iter::successors(Some(unit.first_unverified), |month| Some(month.next()))
            .take_while(|m| *m <= current)
            .collect();
        *self.dice.pick(&months).unwrap_or(&current)
    }

    fn hire(&mut self) {
        let (person, month) = (self.people, self.month());
        self.people += 1;
        let base = 300_000 + self.dice.below(900_000) as i64;
        let parts = cost(base, self.model.ratios);
        let id_number = id_number(person);
        let row = ContributorRegistrationRow {
            name: name(person),
            id_type: "01".into(),
            sex: "2".into(),
            birth_date: format!("{}-{}-{}", &id_number[6..10], &id_number[10..12], &id_number[12..14]).parse().unwrap(),
            id_number: id_number.clone(),
            mobile: "13800000000".into(),
            bank_card: String::new(),
            base: Yuan::from_fen(base),
            amounts: parts.wire(),
        };
        if let Some(status) = self.file("hire", Rows::ContributorRegistration(vec![row]), &[], month) {
            self.undo.push((status, Undo::People(self.model.people.clone(), self.model.ratios)));
            let (_, roster, _) = self.now();
            let account = roster.contributors.iter().find(|one| one.id_number == id_number).unwrap();
            let timeline = [(month, Some(parts))].into();
            let new = Somebody { normal: true, base, timeline, held: Parts::default() };
            self.model.people.insert(account.personal_account.to_string(), new);
        }
    }

    fn status(&mut self) {
        let (unit, roster, _) = self.now();
        let month = self.month();
        let Some(person) = self.dice.pick(&roster.contributors).cloned() else { return };
        let normal = person.status == AccountStatus::Normal;
        let out = self.dice.below(4) == 0 && roster.contributors.len() > 6;
        let change = if out {
            Change::TransferOut
        } else if normal {
            Change::Seal
        } else {
            Change::Unseal
        };
        let nothing = Parts::default().wire();
        let coming = change == Change::Unseal;
        let row = StatusChangeRow {
            personal_account: person.personal_account.to_string(),
            name: person.name.to_string(),
            id_type: person.id_type.to_string(),
            id_number: person.id_number.to_string(),
            change,
            reason: if change == Change::Seal { "其他".into() } else { String::new() },
            month,
            base: person.base,
            before: if coming { nothing } else { person.amounts },
            after: if coming { person.amounts } else { nothing },
        };
        let what = if out { "leave" } else { "status" };
        if let Some(status) = self.file(what, Rows::StatusChange(vec![row]), &[], month) {
            self.undo.push((status, Undo::People(self.model.people.clone(), self.model.ratios)));
            assert!(!out || month == unit.first_unverified, "nobody leaves before earlier months are verified");
            let ratios = self.model.ratios;
            let known = self.model.people.get_mut(person.personal_account.as_str()).unwrap();
            known.normal = coming;
            let due = coming.then(|| cost(known.base, ratios));
            known.from(month, due);
        }
    }

    fn bases(&mut self) {
        let (_, roster, _) = self.now();
        let month = self.month();
        let mut rows = Vec::new();
        let mut raised = Vec::new();
        for person in roster.contributors.iter().filter(|one| one.status == AccountStatus::Normal) {
            if self.dice.below(3) > 0 {
                continue;
            }
            let base = 300_000 + self.dice.below(1_500_000) as i64;
            let parts = cost(base, self.model.ratios);
            raised.push((person.personal_account.to_string(), base, parts));
            rows.push(BaseAdjustmentRow {
                personal_account: person.personal_account.as_str().into(),
                name: person.name.as_str().into(),
                id_type: person.id_type.as_str().into(),
                id_number: person.id_number.as_str().into(),
                old_base: person.base,
                new_base: Yuan::from_fen(base),
                before: person.amounts,
                after: parts.wire(),
            });
        }
        let rule = if self.dice.below(4) > 0 { ReviewRule::Officer } else { ReviewRule::Book };
        review::set_rule(self.center(), FilingKind::BaseAdjustment, &rule).unwrap();
        if let Some(status) = self.file("bases", Rows::BaseAdjustment(rows), &[], month) {
            match rule {
                ReviewRule::Officer => self.pending.push((status, Pending::Bases(raised, month))),
                ReviewRule::Book | ReviewRule::ByItself { .. } => self.raise(status, &raised, month),
            }
        }
    }

    fn raise(&mut self, status: FilingStatus, raised: &[(String, i64, Parts)], month: Month) {
        self.undo.push((status, Undo::People(self.model.people.clone(), self.model.ratios)));
        for (account, base, parts) in raised {
            let known = self.model.people.get_mut(account).unwrap();
            known.base = *base;
            known.from(month, Some(*parts));
        }
    }

    fn apply(&mut self) {
        let (unit, ..) = self.now();
        let from = unit.first_unverified;
        let to = (0..self.dice.below(2)).fold(from, |month, _| month.next());
        let lower = (self.dice.below(2) == 0).then(|| {
            let mut below = |most: i64| 1 + self.dice.below(most as usize) as i64;
            (below(self.model.ratios.0), below(self.model.ratios.1))
        });
        let percent = |percent: i64| Ratio::from_basis_points(percent as u16 * 100).unwrap();
        let row = DeferralRow {
            asked: if lower.is_some() { Asked::LowerRatio } else { Asked::Defer },
            from,
            to,
            unit_ratio: lower.map(|(unit, _)| percent(unit)),
            personal_ratio: lower.map(|(_, personal)| percent(personal)),
            reason: "生产经营困难".into(),
        };
        if let Some(status) = self.file("application", Rows::Deferral(vec![row]), &[], from) {
            assert!(self.model.term.is_none_or(|(last, _)| from > last), "one term at a time");
            self.pending.push((status, Pending::Term(from, to, lower)));
        }
    }

    /// The officer takes up something that waits, or the unit takes it back.
    fn decide(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let place = self.dice.below(self.pending.len());
        let (status, pending) = self.pending[place].clone();
        let rows = match &pending {
            Pending::Bases(raised, _) => raised.len(),
            Pending::Term(..) => 1,
        };
        let refused: BTreeSet<usize> = [self.dice.below(rows)].into();
        let row = |row: &usize| RefusedRow { row: *row as u32, reason: "材料不全".into(), code: None };
        let (what, decision) = match self.dice.below(6) {
            // What has several rows is seldom wholly right.
            2.. if rows > 1 => ("partly accepted", Decision::Partly { rows: refused.iter().map(row).collect() }),
            0 => {
                if self.take_back(&status).is_some() {
                    self.pending.remove(place);
                    *self.booked.entry("application withdrawn").or_default() += 1;
                }
                return;
            }
            1 => ("refused by the officer", Decision::Refuse { reason: "材料不全".into() }),
            _ => ("accepted by the officer", Decision::Accept),
        };
        match review::decide(self.center(), status.id, &decision) {
            Ok(_) => *self.booked.entry(what).or_default() += 1,
            Err(refusal) => {
                let said = format!("{refusal:?}");
                assert!(!said.contains("Internal"), "{what}: the center broke: {said}");
                return;
            }
        }
        self.pending.remove(place);
        let left = |place: usize| match &decision {
            Decision::Accept => true,
            Decision::Refuse { .. } => false,
            Decision::Partly { .. } => !refused.contains(&place),
        };
        match pending {
            Pending::Bases(raised, month) => {
                let taken: Vec<_> =
                    raised.into_iter().enumerate().filter(|(place, _)| left(*place)).map(|(_, one)| one).collect();
                if !taken.is_empty() {
                    self.raise(status, &taken, month);
                }
            }
            Pending::Term(from, to, lower) if left(0) => {
                let before = lower.map(|_| self.model.ratios);
                self.model.term = Some((to, before));
                if let Some(ratios) = lower {
                    *self.booked.entry("lower ratios").or_default() += 1;
                    self.model.at_ratios(ratios, from);
                }
            }
            Pending::Term(..) => {}
        }
    }

    fn ratios(&mut self) {
        let (unit, roster, _) = self.now();
        let month = self.month();
        let percent = |dice: &mut Dice| 5 + dice.below(8) as i64;
        let ratios = (percent(&mut self.dice), percent(&mut self.dice));
        let normal = || roster.contributors.iter().filter(|one| one.status == AccountStatus::Normal);
        let after: Vec<_> =
            normal().map(|one| cost(self.model.people[one.personal_account.as_str()].base, ratios).wire()).collect();
        let row = RatioAdjustmentRow {
            old_unit_ratio: unit.unit_ratio,
            old_personal_ratio: unit.personal_ratio,
            unit_ratio: Ratio::from_basis_points(ratios.0 as u16 * 100).unwrap(),
            personal_ratio: Ratio::from_basis_points(ratios.1 as u16 * 100).unwrap(),
            month,
            people: normal().count() as u32,
            before: normal().map(|one| one.amounts).sum(),
            after: after.into_iter().sum(),
        };
        if let Some(status) = self.file("ratios", Rows::RatioAdjustment(vec![row]), &[], month) {
            self.undo.push((status, Undo::People(self.model.people.clone(), self.model.ratios)));
            self.model.ratios = ratios;
            for person in &roster.contributors {
                let known = self.model.people.get_mut(person.personal_account.as_str()).unwrap();
                let due = known.normal.then(|| cost(known.base, ratios));
                known.from(month, due);
            }
        }
    }

    fn verify(&mut self) {
        let (unit, roster, books) = self.now();
        let through = self.month();
        let verification = Verification::compute(&roster, &books.previous, unit.first_unverified, through);
        let (rows, figures) = (verification.rows.clone(), verification.figures());
        if let Some(status) = self.file("verify", Rows::RemittanceVerification(rows), &figures, through) {
            let months = figures.iter().map(|figures| PaidDue::Month(figures.month)).collect();
            self.undo.push((status, Undo::Owed(months)));
            for month in
                std::iter::successors(Some(unit.first_unverified), |m| Some(m.next())).take_while(|m| *m <= through)
            {
                let here: BTreeSet<_> = roster.contributors.iter().map(|one| one.personal_account.as_str()).collect();
                let people = self.model.people.iter().filter(|(account, _)| here.contains(account.as_str()));
                let parts = people.filter_map(|(account, one)| Some((account.clone(), one.due(month)?)));
                self.model.owed.push(Owed { pays: PaidDue::Month(month), parts: parts.collect(), order: None });
            }
        }
    }

    fn order(&mut self) {
        let (_, _, books) = self.now();
        let open: Vec<_> = books.dues.iter().filter(|due| due.state == DueState::Open).collect();
        if open.is_empty() {
            return;
        }
        let some = &open[..1 + self.dice.below(open.len())];
        let method = *self.dice.pick(&PaymentMethod::ALL).unwrap();
        let rows: Vec<_> = some.iter().map(|due| PaymentRow::of(due, method)).collect();
        let pays: Vec<_> = rows.iter().map(|row| row.pays.clone()).collect();
        let what = match method {
            PaymentMethod::Transfer => "order by transfer",
            PaymentMethod::Suspense => "order from suspense",
            PaymentMethod::DirectDebit => "order by debit",
        };
        let period = Month::of(self.clock.today()).unwrap();
        let refused = method == PaymentMethod::DirectDebit && self.dice.below(3) == 0;
        let Some(status) = self.file(what, Rows::Payment(rows), &[], period) else { return };
        let number = status.filing_number.clone();
        if !refused {
            self.undo.push((status, Undo::Order(number.clone())));
        }
        for owed in self.model.owed.iter_mut().filter(|owed| pays.contains(&owed.pays)) {
            owed.order = Some(number.clone());
        }
        self.model.orders.insert(number.clone(), pays);
        match method {
            PaymentMethod::Transfer => {}
            PaymentMethod::Suspense => self.model.pay(&number),
            PaymentMethod::DirectDebit => {
                // The answer is for the next debit of all: only when none is on its way it is this one's.
                let alone = !self.model.bank.iter().any(|(_, errand)| matches!(errand, Errand::Debit { .. }));
                let refused = refused && alone;
                if refused {
                    let say = |c: &rusqlite::Transaction<'_>| register::incoming::set_debit_answer(c, UNIT, "余额不足");
                    self.center().register.write(say).unwrap();
                }
                let day = self.clock.today().checked_add(1.day()).unwrap();
                self.model.bank.push((day, Errand::Debit { order: number, refused }));
            }
        }
    }

    fn transfer(&mut self) {
        let waiting: Vec<_> = self.model.orders.keys().filter(|order| !self.model.debited(order)).cloned().collect();
        let order = self.dice.pick(&waiting).cloned();
        let exact = order.as_deref().map_or(50_000, |order| self.model.sum_of(order));
        let code = order.unwrap_or_else(|| "七月公积金".into());
        let (remark, fen, times) = match self.dice.below(8) {
            0 => (code, exact - 1, 1),
            1 => (code, exact + 12_345, 1),
            2 => (String::new(), exact, 1),
            3 => (format!("{code}9"), exact, 1),
            4 => (code, exact, 2),
            _ => (code, exact, 1),
        };
        let today = self.clock.today();
        for _ in 0..times {
            let pay = |c: &rusqlite::Transaction<'_>| {
                bank::transfer(c, &bank::unit(c, UNIT)?, today, Yuan::from_fen(fen), &remark)
            };
            self.center().register.write(pay).unwrap();
            let day = today.checked_add(1.day()).unwrap();
            self.model.bank.push((day, Errand::Transfer { remark: remark.clone(), fen }));
        }
        *self.booked.entry("transfer").or_default() += 1;
    }

    fn claim(&mut self) {
        let (_, _, books) = self.now();
        let Some(incoming) = self.dice.pick(&books.unprocessed).cloned() else { return };
        let fen = incoming.amount.fen();
        let due = self.dice.pick(&books.dues).map(|due| due.pays.clone());
        let to = match (self.dice.below(4), due) {
            (0, _) => ClaimTo::Return,
            (1, _) | (_, None) => ClaimTo::Suspense,
            (_, Some(pays)) => ClaimTo::Due(pays),
        };
        let what = match &to {
            ClaimTo::Return => "return",
            ClaimTo::Suspense => "claim to suspense",
            ClaimTo::Due(_) => "claim to a due",
        };
        let row = ClaimRow { incoming: incoming.number.clone(), amount: incoming.amount, to: to.clone() };
        let period = Month::of(self.clock.today()).unwrap();
        if self.file(what, Rows::PaymentClaim(vec![row]), &[], period).is_none() {
            return;
        }
        let place = self.model.unprocessed.iter().position(|one| *one == fen).unwrap();
        self.model.unprocessed.remove(place);
        match to {
            ClaimTo::Suspense => {}
            ClaimTo::Return => {
                self.model.returning += fen;
                let day = self.clock.today().checked_add(1.day()).unwrap();
                self.model.bank.push((day, Errand::Return { fen }));
            }
            ClaimTo::Due(pays) => {
                let place = self.model.owed.iter().position(|owed| owed.pays == pays).unwrap();
                match self.model.owed[place].order.clone() {
                    Some(order) => self.model.pay(&order),
                    None => self.model.allot(place),
                }
            }
        }
    }

    fn back_payment(&mut self) {
        let (unit, roster, _) = self.now();
        let Some(person) = self.dice.pick(&roster.contributors).cloned() else { return };
        let parts = Parts(10_000 + self.dice.below(50_000) as i64, self.dice.below(50_000) as i64);
        let month = unit.first_unverified.previous();
        let row = BackPaymentRow {
            personal_account: person.personal_account.to_string(),
            name: person.name.into(),
            id_type: person.id_type.into(),
            id_number: person.id_number.into(),
            from: month,
            to: month,
            reason: "漏缴补缴".into(),
            base: None,
            amounts: parts.wire(),
        };
        let period = Month::of(self.clock.today()).unwrap();
        if let Some(status) = self.file("back payment", Rows::BackPayment(vec![row]), &[], period) {
            let pays = PaidDue::Filing(status.filing_number.clone());
            self.undo.push((status, Undo::Owed(vec![pays.clone()])));
            self.model.owed.push(Owed { pays, parts: vec![(person.personal_account.into(), parts)], order: None });
        }
    }

    fn correction(&mut self) {
        let (unit, roster, _) = self.now();
        let Some(person) = self.dice.pick(&roster.contributors).cloned() else { return };
        let mut part = || self.dice.below(60_000) as i64;
        let (wrong, right) = (Parts(part(), part()), Parts(part(), part()));
        let row = CorrectionRow {
            personal_account: person.personal_account.to_string(),
            name: person.name.into(),
            id_type: person.id_type.into(),
            id_number: person.id_number.into(),
            month: unit.paid_through,
            reason: "其他".into(),
            wrong: wrong.wire(),
            right: right.wire(),
        };
        let period = Month::of(self.clock.today()).unwrap();
        if let Some(status) = self.file("correction", Rows::Correction(vec![row]), &[], period) {
            let back = Parts((wrong.0 - right.0).max(0), (wrong.1 - right.1).max(0));
            let lack = Parts((right.0 - wrong.0).max(0), (right.1 - wrong.1).max(0));
            let held = &mut self.model.people.get_mut(person.personal_account.as_str()).unwrap().held;
            *held = Parts(held.0 - back.0, held.1 - back.1);
            assert!(held.0 >= 0 && held.1 >= 0, "a correction takes no more than is there");
            self.model.suspense += back.sum();
            if lack.sum() > 0 {
                let pays = PaidDue::Filing(status.filing_number.clone());
                if back.sum() > 0 {
                    let taken = self.take_back(&status);
                    assert!(taken.is_none(), "what went back to suspense already is not taken back with the rest");
                } else {
                    self.undo.push((status, Undo::Owed(vec![pays.clone()])));
                }
                self.model.owed.push(Owed { pays, parts: vec![(person.personal_account.into(), lack)], order: None });
            }
        }
    }

    fn take_back(&mut self, status: &FilingStatus) -> Option<FilingStatus> {
        let at = self.clock.rfc3339();
        let content = Ending {
            protocol: PROTOCOL,
            filing_id: status.id,
            filing_sha256: status.filing_sha256.clone(),
            unit_account: UNIT.into(),
            reason: "填错了".into(),
            created_at: at.clone(),
        };
        let content = content.to_bytes().unwrap();
        let p7m = sign_attached(self.session.as_mut(), &content, &at, Role::Clerk, Purpose::Withdrawal, None).unwrap();
        match withdrawal::take_back(&self.running.center, self.caller, status.id, &p7m) {
            Ok(status) => Some(status),
            Err(refusal) => {
                let said = format!("{refusal:?}");
                assert!(!said.contains("Internal"), "the center broke: {said}");
                None
            }
        }
    }

    fn withdraw(&mut self) {
        // Old ones too, of which most cannot be taken back any more.
        let newest = self.undo.len().saturating_sub(1 + self.dice.below(3));
        let Some((status, undo)) = self.undo.get(newest).cloned() else { return };
        if self.take_back(&status).is_none() {
            return;
        }
        self.undo.remove(newest);
        let what = match undo {
            Undo::People(before, ratios) => {
                for (account, person) in &mut self.model.people {
                    let held = person.held;
                    *person = before.get(account).cloned().unwrap_or_else(|| Somebody {
                        normal: false,
                        timeline: BTreeMap::new(),
                        ..person.clone()
                    });
                    person.held = held;
                }
                self.model.ratios = ratios;
                "people withdrawn"
            }
            Undo::Owed(pays) => {
                let place = |model: &Model, pays: &PaidDue| model.owed.iter().position(|owed| owed.pays == *pays);
                for pays in &pays {
                    let owed = self.model.owed.remove(place(&self.model, pays).unwrap());
                    assert_eq!(owed.order, None, "nobody was paying it");
                }
                if matches!(pays[0], PaidDue::Month(_)) { "verification withdrawn" } else { "money withdrawn" }
            }
            Undo::Order(number) => {
                let its = |errand: &Errand| matches!(errand, Errand::Debit { order, .. } if *order == number);
                self.model.bank.retain(|(_, errand)| !its(errand));
                self.model.fail(&number);
                "order withdrawn"
            }
        };
        *self.booked.entry(what).or_default() += 1;
    }

    /// The same bytes again are the same filing.
    fn again(&mut self) {
        let Some((id, p7m, status)) = self.last.clone() else { return };
        match take(self.center(), self.caller, id, &p7m) {
            Ok(Taken::Again(known)) => assert_eq!(known.filing_number, status.filing_number, "the same filing"),
            Ok(Taken::New(_)) => panic!("booked twice"),
            Err(refusal) => panic!("{refusal:?}"),
        }
    }

    /// Somebody takes money out of his account, sometimes more than there is.
    fn take_out(&mut self) {
        let (_, roster, _) = self.now();
        let Some(person) = self.dice.pick(&roster.contributors) else { return };
        let held = self.model.people[person.personal_account.as_str()].held;
        let fen = 1 + self.dice.below(100_000) as i64;
        let booked = self.center().withdraw(UNIT, &person.personal_account, "租赁住房", Yuan::from_fen(fen));
        assert_eq!(booked.is_ok(), fen <= held.sum(), "what is there can be taken out, no more");
        if booked.is_ok() {
            let own = fen.min(held.1);
            let left = Parts(held.0 - (fen - own), held.1 - own);
            self.model.people.get_mut(person.personal_account.as_str()).unwrap().held = left;
            self.model.withdrawn += fen;
            *self.booked.entry("personal withdrawal").or_default() += 1;
        }
    }

    /// Ledgers of any period, page by page while time goes by, add up to the fen and speak of one moment.
    fn look(&mut self) {
        let (_, roster, _) = self.now();
        let person = self.dice.pick(&roster.contributors).map(|one| one.personal_account.clone());
        let of = |contribution: &Contribution| [contribution.unit_amount, contribution.personal_amount, Yuan::ZERO];
        let all = self.read(&queries::UNIT, UNIT, |unit| [unit.due, unit.suspense, unit.posted]);
        let suspense = self.read(&queries::SUSPENSE, UNIT, |suspense| [*suspense, Yuan::ZERO, Yuan::ZERO]);
        if let Some(person) = person {
            self.read(&queries::PERSON, &person, of);
        }
        if all && suspense {
            *self.booked.entry("ledger of several pages").or_default() += 1;
        }
    }

    /// Whether it took several pages.
    fn read<B: Clone + PartialEq + std::fmt::Debug>(
        &mut self,
        book: &Book<B>,
        key: &str,
        fens: fn(&B) -> [Yuan; 3],
    ) -> bool {
        let days = |days: usize| (days as i64).days();
        let from = self.clock.today().checked_sub(days(self.dice.below(300))).unwrap();
        let period = Period { from, to: from.checked_add(days(self.dice.below(300))).unwrap() };
        let page = |world: &Self, cursor: Option<&str>, most: usize| -> LedgerPage<B> {
            let read = |c: &Connection| {
                let mark = cursor.map(|cursor| Mark::read(c, cursor, period).map(Option::unwrap)).transpose()?;
                book.page(c, (UNIT, key), period, mark, most)
            };
            world.center().register.read::<_, crate::CenterError>(read).unwrap()
        };
        let whole = page(self, None, 10_000);
        assert!(
            whole.next.is_none() && whole.items.iter().all(|entry| period.from <= entry.on && entry.on <= period.to)
        );
        let mut running = fens(&whole.opening);
        for entry in &whole.items {
            let moved = fens(&entry.moved);
            running = std::array::from_fn(|place| running[place] + moved[place]);
            assert_eq!(fens(&entry.balance), running, "what there is after {}", entry.label);
        }
        assert_eq!(fens(&whole.closing), running, "opening + Σ = closing");
        let most = 1 + self.dice.below(6);
        let mut again = page(self, None, most);
        self.days();
        while let Some(next) = again.next.take() {
            let more = page(self, Some(&next), most);
            assert_eq!((&more.opening, &more.closing), (&whole.opening, &whole.closing), "every page says the same");
            assert!(!more.items.is_empty() && more.items.len() <= most, "a page after the last there is none");
            again.items.extend(more.items);
            again.next = more.next;
        }
        assert_eq!(again, whole, "what was booked meanwhile is on none of the pages");
        whole.items.len() > most
    }

    fn days(&mut self) {
        let days = 1 + self.dice.below(12);
        self.clock.advance(Duration::from_secs(86_400 * days as u64));
        self.model.work(self.clock.today());
        self.work();
    }

    /// As the center does before every request.
    fn work(&mut self) {
        self.center().work().unwrap();
        let (unit, ..) = self.now();
        self.model.end_term(Month::of(self.clock.today()).unwrap(), unit.first_unverified);
    }

    fn step(&mut self) {
        self.work();
        match self.dice.below(32) {
            0 => self.hire(),
            1 | 2 => self.status(),
            3 | 4 => self.bases(),
            5 | 6 => self.ratios(),
            7 | 8 => self.verify(),
            9..12 => self.order(),
            12..15 => self.transfer(),
            15 | 16 => self.claim(),
            17 => self.back_payment(),
            18 => self.correction(),
            19 => self.again(),
            20 | 21 => self.withdraw(),
            22 => self.apply(),
            23..28 => self.decide(),
            28 => self.take_out(),
            29 => self.look(),
            _ => self.days(),
        }
        self.check();
    }

    /// What must hold after every step.
    fn check(&self) {
        let (unit, _, books) = self.now();
        let model = &self.model;
        let term = unit.deferral.as_ref();
        let own = |term: &Deferral| (percent(term.unit_ratio), percent(term.personal_ratio));
        let running = term.map(|term| (term.to, term.lowers_ratios().then(|| own(term))));
        assert_eq!(running, model.term, "the term that runs");
        assert_eq!((percent(unit.unit_ratio), percent(unit.personal_ratio)), model.ratios, "the ratios in force");
        let defers = term.is_some_and(|term| !term.lowers_ratios());
        assert_eq!(unit.status == UnitStatus::Deferred, defers, "缓缴 while its term runs, no longer");
        let free = model.suspense - model.unprocessed.iter().sum::<i64>() - model.returning;
        assert_eq!(unit.suspense_balance.fen(), model.suspense, "the suspense balance");
        assert_eq!(books.available.fen(), free, "what can be used of it");
        assert!(free >= 0 && model.suspense >= 0, "no money is used twice");
        assert_eq!(Some(unit.paid_through), model.paid_through, "缴至年月");
        let mut waiting: Vec<_> = books.unprocessed.iter().map(|one| one.amount.fen()).collect();
        let mut expected = model.unprocessed.clone();
        waiting.sort_unstable();
        expected.sort_unstable();
        assert_eq!(waiting, expected, "未处理缴款");
        let owed: Vec<_> = books.dues.iter().map(|due| (due.pays.clone(), due.amounts.monthly().fen())).collect();
        let expected: Vec<_> = model.owed.iter().map(|owed| (owed.pays.clone(), owed.sum())).collect();
        assert_eq!(owed, expected, "what is owed");

        let ledger = |c: &Connection| -> Result<(), crate::CenterError> {
            let sums = |query: &str| -> BTreeMap<String, i64> {
                let mut statement = c.prepare(query).unwrap();
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
                rows.map(Result::unwrap).collect()
            };
            assert_eq!(proof::contradictions(c).unwrap(), [""; 0], "the books hold by themselves");
            let of = sums("select account, sum(fen) from posting group by account");
            let at = |account: &str| of.get(account).copied().unwrap_or(0);
            assert_eq!(
                (at("received"), -at("returned")),
                (model.received, model.returned),
                "what came, what went back"
            );
            assert_eq!(-at("withdrawn"), model.withdrawn, "what persons took out");
            let allotted = -at("unit_part") - at("personal_part") - at("withdrawn");
            assert_eq!(
                at("received"),
                allotted - at("suspense") - at("returned"),
                "Σ received = Σ allotted + suspense + returned"
            );
            let owed: i64 = model.owed.iter().map(Owed::sum).sum();
            assert_eq!((at("due"), at("pending")), (owed, -owed), "due in the ledger");
            for (account, person) in &model.people {
                let part = |part: &str| -> i64 {
                    let query =
                        "select coalesce(-sum(fen), 0) from posting where personal_account = ?1 and account = ?2";
                    c.query_row(query, [account.as_str(), part], |row| row.get(0)).unwrap()
                };
                let held = Parts(part("unit_part"), part("personal_part"));
                assert_eq!(held, person.held, "balance of {account}");
                assert!(held.0 >= 0 && held.1 >= 0, "no account below zero");
            }
            let lists = sums("select month, count(*) from month_line group by month");
            let mut months: Vec<Month> = lists.keys().map(|month| month.parse().unwrap()).collect();
            months.push(unit.first_unverified);
            assert!(months.windows(2).all(|pair| pair[0].next() == pair[1]), "months without a gap: {months:?}");
            Ok(())
        };
        self.center().register.read(ledger).unwrap();
    }
}

async fn play(seed: u64, steps: usize) -> BTreeMap<&'static str, usize> {
    let mut world = World::new(seed).await;
    for _ in 0..steps {
        world.step();
    }
    let World { running, booked, .. } = world;
    running.shutdown().await;
    booked
}

#[tokio::test]
async fn the_books_balance_after_any_sequence_of_events() {
    let mut all: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (seed, steps) in [(0x5eed_0001, 500), (0x5eed_0002, 500), (0x5eed_0003, 500)] {
        for (what, count) in play(seed, steps).await {
            *all.entry(what).or_default() += count;
        }
    }
    let every = [
        "hire",
        "status",
        "leave",
        "bases",
        "ratios",
        "verify",
        "order by transfer",
        "order from suspense",
        "order by debit",
        "transfer",
        "claim to suspense",
        "claim to a due",
        "return",
        "back payment",
        "correction",
        "people withdrawn",
        "verification withdrawn",
        "money withdrawn",
        "order withdrawn",
        "application",
        "application withdrawn",
        "accepted by the officer",
        "partly accepted",
        "refused by the officer",
        "lower ratios",
        "personal withdrawal",
        "ledger of several pages",
    ];
    for what in every {
        assert!(all.get(what).is_some_and(|count| *count >= 3), "{what} hardly ever happened: {all:?}");
    }
}
