//! What the reference center bears, asked over TLS as clients ask: filings one after another and from many units at
//! once, a month's end of 200 units, a filing and a roster of 100 000 people.
//!
//! `cargo run --release -p huijiao-tests --bin huijiao-bench-center`. Clients and center share this machine and its
//! processor, so that the figures are of both together. Files are signed before the clock starts; at the month's end each
//! unit signs what it has computed of the center's answer, which is part of what is measured.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot start has failed; its output is the point"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huijiao_center::{Center, CenterClock, CenterConfig, RunningCenter, UnitRole};
use huijiao_demo::people::{UnitRoster, unit_of};
use huijiao_demo::practice::seed;
use huijiao_domain::filing::Rows;
use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, SignedChallenge};
use huijiao_domain::remittance::MonthFigures;
use huijiao_domain::roster::AccountStatus;
use huijiao_gateway::{Endpoint, Gateway, Identity, Proxy, Submission};
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_signing::issue::Validity;
use huijiao_signing::{KeyProvider, P12Folder, Pin, Purpose, Role, SignSession, sign_attached};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

const PIN: &str = "246810";
const NOW: &str = "2026-07-06T10:00:00+08:00";
/// Units at month's end.
const UNITS: usize = 200;
/// People of each.
const PEOPLE: usize = 20;
/// People of the large one.
const MANY: usize = 100_000;
/// Who asks at the same time where many do.
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() {
    let mut profile = CenterProfile::shipped("demo").unwrap();
    profile.signatures.challenge = SignedChallenge::Optional;
    let folder = TempDir::new().unwrap();
    let center = start(folder.path()).await;
    let everybody = unit_of(MANY + UNITS * PEOPLE, &profile).unwrap();
    let (large, rest) = everybody.roster.contributors.split_at(MANY);
    let mut units = Vec::new();
    for (place, people) in rest.chunks(PEOPLE).enumerate() {
        let mut unit = UnitRoster { unit: everybody.unit.clone(), roster: everybody.roster.clone() };
        unit.unit.account = format!("0420{place:08}");
        unit.roster.contributors = people.to_vec();
        units.push(Arc::new(Client::new(&center, unit, &profile).await));
    }
    let mut unit = everybody.clone();
    unit.roster.contributors = large.to_vec();
    let large = Client::new(&center, unit, &profile).await;

    println!("{} units of {PEOPLE} people, one of {MANY}\n", units.len());
    let adjusted = |unit: &Client| unit.signed(unit.adjustment(&profile), &[], 1);
    let (first, second) = units.split_at(UNITS / 2);
    let mut one_by_one = Vec::new();
    for unit in first {
        let (id, file) = adjusted(unit);
        one_by_one.push(timed(unit.put(id, file)).await);
    }
    tell("a filing, one after another", &one_by_one, None);

    let files: Vec<_> = second.iter().map(|unit| (unit.clone(), adjusted(unit))).collect();
    let whole = Instant::now();
    let mut together = Vec::new();
    for some in files.chunks(files.len() / AT_ONCE + 1).map(<[_]>::to_vec).collect::<Vec<_>>() {
        together.push(async move {
            let mut took = Vec::new();
            for (unit, (id, file)) in some {
                took.push(timed(unit.put(id, file)).await);
            }
            took
        });
    }
    let took = all(together).await.concat();
    tell(&format!("a filing, {AT_ONCE} clients at once"), &took, Some(whole.elapsed()));

    // The end of a month: everybody asks for his people and books, verifies, and asks what became of it.
    let whole = Instant::now();
    let took = all(units.iter().cloned().map(|unit| async move { timed(unit.verify()).await })).await;
    tell(&format!("month's end: {UNITS} units verify at once"), &took, Some(whole.elapsed()));

    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(
            timed(async {
                assert_eq!(large.gateway.roster(&large.unit.unit.account).await.unwrap().contributors.len(), MANY)
            })
            .await,
        );
    }
    tell(&format!("the roster of {MANY} people"), &streams, None);
    let (id, file) = adjusted(&large);
    let size = file.len();
    tell(&format!("a filing of {MANY} rows, {} MB", size >> 20), &[timed(large.put(id, file)).await], None);
    assert_eq!(center.contradictions().await.unwrap(), [""; 0], "the books hold together");
    center.shutdown().await;
}

async fn start(folder: &Path) -> RunningCenter {
    let day = |text: &str| text.parse::<Timestamp>().unwrap();
    let offset = day(NOW).duration_since(Timestamp::now());
    let validity = Validity { not_before: day("2020-01-01T00:00:00Z"), not_after: day("2049-12-31T00:00:00Z") };
    let clock = CenterClock::ahead(offset);
    Center::start(CenterConfig { clock, validity: Some(validity), ..CenterConfig::in_folder(folder) }).await.unwrap()
}

/// A unit's clerk at a connection of his own.
struct Client {
    unit: UnitRoster,
    gateway: Gateway,
    key: std::sync::Mutex<Box<dyn SignSession>>,
    _folder: TempDir,
}

impl Client {
    async fn new(center: &RunningCenter, unit: UnitRoster, profile: &CenterProfile) -> Self {
        let mut known = seed(&unit, profile);
        // Of the past only what the first month is held against.
        known.months.drain(..known.months.len() - 1);
        known.withdrawals.clear();
        center.seed(known).await.unwrap();
        let account = &unit.unit.account;
        let issued = center.issue_operator(account, "王经办", UnitRole::Clerk, Pin::new(PIN)).await.unwrap();
        let folder = TempDir::new().unwrap();
        let keys = P12Folder::new(folder.path());
        keys.install("key", &issued.p12, &Pin::new(PIN)).unwrap();
        let mut key = keys.open("key").unwrap();
        key.login(&Pin::new(PIN)).unwrap();
        let identity = key.tls_identity().unwrap();
        let endpoint = Endpoint { proxy: Proxy::None, ..Endpoint::new(center.base_url(), center.anchors()) };
        let identity = Identity { chain: identity.chain, key: identity.key };
        let gateway = Gateway::connect(endpoint, Some(identity)).unwrap();
        Self { unit, gateway, key: key.into(), _folder: folder }
    }

    /// Everybody's base rises by a hundred yuan.
    fn adjustment(&self, profile: &CenterProfile) -> Rows {
        let unit = &self.unit.unit;
        let policy = profile.policy(unit.first_unverified).unwrap();
        let normal = self.unit.roster.contributors.iter().filter(|person| person.status == AccountStatus::Normal);
        let rows = normal.map(|person| {
            let raised = person.base + Yuan::from_fen(10_000);
            let new_base = policy.base_ceiling.map_or(raised, |most| if raised > most { person.base } else { raised });
            BaseAdjustmentRow {
                personal_account: person.personal_account.as_str().into(),
                name: person.name.as_str().into(),
                id_type: person.id_type.as_str().into(),
                id_number: person.id_number.as_str().into(),
                old_base: person.base,
                new_base,
                before: person.amounts,
                after: policy.contribution(new_base, unit.unit_ratio, unit.personal_ratio),
            }
        });
        Rows::BaseAdjustment(rows.filter(|row| row.old_base != row.new_base).collect())
    }

    fn signed(&self, rows: Rows, figures: &[MonthFigures], roster_version: u64) -> (Uuid, Vec<u8>) {
        let unit = &self.unit.unit;
        let id = Uuid::now_v7();
        let content = FilingContent {
            id,
            center: "demo".into(),
            unit: UnitRef {
                account: unit.account.clone(),
                credit_code: unit.credit_code.clone(),
                name: unit.name.clone(),
            },
            period: month(),
            created_at: NOW.into(),
            roster_version,
            source: Source { file_name: String::new(), sha256: String::new(), sheet: String::new(), rows: 0 },
            totals: rows.totals(),
            header: FilingHeader { figures: figures.to_vec(), ..FilingHeader::default() },
            rows,
        };
        let bytes = content.to_bytes().unwrap();
        let mut key = self.key.lock().unwrap();
        (id, sign_attached(&mut **key, &bytes, NOW, Role::Clerk, Purpose::Filing, None).unwrap())
    }

    async fn put(&self, id: Uuid, file: Vec<u8>) {
        let answer = self.gateway.put_filing(id, file).await;
        assert!(matches!(answer, Submission::Answered(_)), "taken: {answer:?}");
    }

    async fn verify(&self) {
        let account = &self.unit.unit.account;
        let roster = self.gateway.roster(account).await.unwrap();
        let books = self.gateway.books(account).await.unwrap();
        let verification = Verification::compute(&roster, &books.previous, month(), month());
        let figures = verification.figures();
        let (id, file) = self.signed(Rows::RemittanceVerification(verification.rows), &figures, roster.version);
        self.put(id, file).await;
        assert!(self.gateway.filing(id).await.unwrap().is_some(), "it is there");
    }
}

fn month() -> Month {
    "2026-07".parse().unwrap()
}

async fn all<F: Future<Output: Send + 'static> + Send + 'static>(work: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let set: JoinSet<_> = work.into_iter().collect();
    set.join_all().await
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

fn tell(what: &str, took: &[Duration], whole: Option<Duration>) {
    let mut took = took.to_vec();
    took.sort();
    // The nearest rank: the least figure that so many hundredths of all do not exceed.
    let at = |hundredths: usize| took[(took.len() * hundredths).div_ceil(100) - 1].as_secs_f64() * 1000.0;
    let rate = took.len() as f64 / whole.unwrap_or_else(|| took.iter().sum()).as_secs_f64();
    // Of a few, the 99th hundredth would be the largest by another name.
    let most = if took.len() < 20 { String::new() } else { format!("p99 {:>8.1} ms", at(99)) };
    println!("{what:<44} {:>4} × p50 {:>8.1} ms  {most:<15}  {rate:>7.1}/s", took.len(), at(50));
}
