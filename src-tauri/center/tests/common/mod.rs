//! A center on a free port with two units, real operators, and clients that speak plain HTTPS to it.

#![allow(dead_code, reason = "each test program uses its part")]

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_center::{
    AdminConfig, Center, CenterClock, CenterConfig, Limits, PastMonth, RunningCenter, Seed, UnitRole,
};
use huijiao_domain::filing::Rows;
use huijiao_domain::filing::Totals;
use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::money::{Contribution, Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, SignatureAlgorithm, SignatureRules, SignedChallenge};
use huijiao_domain::remittance::{MonthFigures, due_list};
use huijiao_domain::roster::{AccountStatus, Changes, Contributor, Roster, Unit, UnitStatus};
use huijiao_protocol::certificates::Enrolled;
use huijiao_protocol::filing::{FilingContent, FilingHeader, Source, UnitRef};
use huijiao_protocol::problem::{Problem, ProblemCode};
use huijiao_protocol::resources::{FilingStatus, Page};
use huijiao_protocol::session::{Challenge, ChallengeWanted, SessionGranted};
use huijiao_signing::issue::{
    DevelopmentCa, IssuedOperator, Operator, Validity, countersign_regardless, sign_regardless,
};
use huijiao_signing::{
    Algorithm, Certificate, KeyProvider, P12Folder, Pin, Purpose, Request, Role, SignSession, TlsIdentity,
    sign_attached,
};
use jiff::Timestamp;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const UNIT: &str = "410800000001";
pub(crate) const OTHER_UNIT: &str = "410800000002";
const NOW: &str = "2026-08-15T02:00:00Z";
pub(crate) const PIN: &str = "246810";

/// A center with everything around it.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: CenterClock,
    pub(crate) center: RunningCenter,
    pub(crate) clerk: Person,
    signatures: SignatureRules,
    limits: Option<Limits>,
}

/// An operator with his key.
pub(crate) struct Person {
    keys: P12Folder,
    id: String,
    _folder: TempDir,
}

/// What a filing differs in from a good one.
#[derive(Default)]
pub(crate) struct At<'a> {
    pub(crate) id: Option<Uuid>,
    pub(crate) signer: Option<&'a Person>,
    pub(crate) roster: Option<Roster>,
    pub(crate) roster_version: Option<u64>,
    pub(crate) base_of_row: Option<(usize, &'a str)>,
    pub(crate) period: Option<&'a str>,
    pub(crate) people: Option<u32>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) unit_name: Option<&'a str>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) signed: Option<&'a str>,
    pub(crate) extra_field: bool,
    pub(crate) rows: Option<fn(&mut Vec<BaseAdjustmentRow>)>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::under(by_one_proof()).await
    }

    /// At a center with other rules of signatures than most.
    pub(crate) async fn under(signatures: SignatureRules) -> Self {
        Self::with(signatures, None).await
    }

    /// At a center where one may not ask as often as one likes.
    pub(crate) async fn limited(signatures: SignatureRules, limits: Limits) -> Self {
        Self::with(signatures, Some(limits)).await
    }

    async fn with(signatures: SignatureRules, limits: Option<Limits>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = CenterClock::fixed(NOW.parse().unwrap());
        let center = start(&folder, &clock, &signatures, limits).await;
        let other = seed(OTHER_UNIT);
        let profile = CenterProfile { signatures: signatures.clone(), ..other.profile };
        center.seed(Seed { profile, ..other }).await.unwrap();
        let clerk =
            Person::new(&center.issue_operator(UNIT, "王经办", UnitRole::Clerk, Pin::new(PIN)).await.unwrap().p12);
        Self { folder, clock, center, clerk, signatures, limits }
    }

    /// Ends the center and starts it again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        self.center.shutdown().await;
        let center = start(&self.folder, &self.clock, &self.signatures, self.limits).await;
        Self { center, ..self }
    }

    /// A new operator with a role in a unit.
    pub(crate) async fn operator(&self, unit: &str, name: &str, role: UnitRole) -> Person {
        Person::new(&self.center.issue_operator(unit, name, role, Pin::new(PIN)).await.unwrap().p12)
    }

    /// As [`World::operator`], with a key of the national algorithm.
    pub(crate) async fn sm2_operator(&self, unit: &str, name: &str, role: UnitRole) -> Person {
        let sm2 = SignatureAlgorithm::Sm2;
        Person::new(&self.center.issue_operator_of(sm2, unit, name, role, Pin::new(PIN)).await.unwrap().p12)
    }

    /// Somebody with a certificate of the center's authority whom the register does not know.
    pub(crate) fn unregistered(&self, name: &str) -> Person {
        let unit = seed(UNIT).unit;
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        let validity = Validity::years("2026-01-01T00:00:00Z".parse().unwrap(), 3);
        Person::new(&authority(self.folder.path()).issue_operator(&operator, validity, &Pin::new(PIN)).unwrap().p12)
    }

    /// As [`World::unregistered`], with a certificate that ends then.
    pub(crate) fn unregistered_until(&self, name: &str, not_after: Timestamp) -> Person {
        let unit = seed(UNIT).unit;
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        let validity = Validity { not_before: "2026-01-01T00:00:00Z".parse().unwrap(), not_after };
        Person::new(&authority(self.folder.path()).issue_operator(&operator, validity, &Pin::new(PIN)).unwrap().p12)
    }

    /// As [`World::unregistered`], with a number that tells him from others of his name.
    pub(crate) fn numbered(&self, name: &str, number: &str) -> Person {
        let unit = seed(UNIT).unit;
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        let validity = Validity::years("2026-01-01T00:00:00Z".parse().unwrap(), 3);
        let authority = authority(self.folder.path());
        Person::new(&authority.issue_person(&operator, number, validity, &Pin::new(PIN)).unwrap().p12)
    }

    fn filing_regardless(&self, issued: &IssuedOperator) -> (Uuid, Vec<u8>) {
        let (id, content) = content(&At::default());
        let mut session = Person::new(&issued.p12).session();
        let p7m = sign_regardless(session.as_mut(), &content, &self.clock.rfc3339(), Role::Clerk, Purpose::Filing);
        (id, p7m.unwrap())
    }

    /// A good filing, but the signer's certificate has expired.
    pub(crate) fn filing_by_expired(&self) -> (Uuid, Vec<u8>) {
        let unit = seed(UNIT).unit;
        let operator = Operator { name: "王经办", unit_name: &unit.name, credit_code: &unit.credit_code };
        let validity = Validity::years("2023-01-01T00:00:00Z".parse().unwrap(), 3);
        self.filing_regardless(
            &authority(self.folder.path()).issue_operator(&operator, validity, &Pin::new(PIN)).unwrap(),
        )
    }

    /// A good filing, but the signer's certificate is for encryption.
    pub(crate) fn filing_by_encryption_only(&self) -> (Uuid, Vec<u8>) {
        let unit = seed(UNIT).unit;
        let operator = Operator { name: "王经办", unit_name: &unit.name, credit_code: &unit.credit_code };
        let validity = Validity::years("2026-01-01T00:00:00Z".parse().unwrap(), 3);
        self.filing_regardless(
            &authority(self.folder.path()).issue_encryption_only(&operator, validity, &Pin::new(PIN)).unwrap(),
        )
    }

    pub(crate) fn client(&self, identity: Option<&Person>) -> Client {
        Client::new(self.center.base_url(), self.center.anchors(), &self.clock, identity)
    }

    pub(crate) fn clerk(&self) -> Client {
        self.client(Some(&self.clerk))
    }

    /// Somebody logged in by a signed challenge alone, with no certificate in TLS.
    pub(crate) async fn session_of(&self, person: &Person) -> Client {
        let nobody = self.client(None);
        let answer = nobody.post("/v1/sessions/challenge", &ChallengeWanted { unit: UNIT.into() }).await;
        let challenge: Challenge = answer.json(200);
        let signed = person.sign(&answer.body, Purpose::Login, &challenge.issued_at);
        let granted: SessionGranted = nobody.post_bytes("/v1/sessions", signed).await.json(201);
        nobody.bearing(&granted.token)
    }

    /// A filing of everybody with a normal account, good but for what is asked.
    pub(crate) fn filing(&self, at: At<'_>) -> (Uuid, Vec<u8>) {
        let (id, content) = content(&at);
        let signed = at.signed.map_or_else(|| self.clock.rfc3339(), str::to_owned);
        let signer = at.signer.unwrap_or(&self.clerk);
        (id, signer.sign(&content, at.purpose.unwrap_or(Purpose::Filing), &signed))
    }

    /// A filing of any rows as they are now, signed by the clerk.
    pub(crate) fn signed(&self, rows: Rows, figures: &[MonthFigures], period: Month, version: u64) -> (Uuid, Vec<u8>) {
        let totals = rows.totals();
        self.signed_with(rows, totals, figures, period, version)
    }

    /// As [`World::signed`], with a head that may say something else.
    pub(crate) fn signed_with(
        &self,
        rows: Rows,
        totals: Totals,
        figures: &[MonthFigures],
        period: Month,
        roster_version: u64,
    ) -> (Uuid, Vec<u8>) {
        let unit = seed(UNIT).unit;
        let id = Uuid::now_v7();
        let content = FilingContent {
            id,
            center: "demo".into(),
            unit: UnitRef { account: unit.account, credit_code: unit.credit_code, name: unit.name },
            period,
            created_at: self.clock.rfc3339(),
            roster_version,
            source: Source { file_name: String::new(), sha256: String::new(), sheet: String::new(), rows: 0 },
            totals,
            header: FilingHeader { figures: figures.to_vec(), ..FilingHeader::default() },
            rows,
        };
        (id, self.clerk.sign(&content.to_bytes().unwrap(), Purpose::Filing, &self.clock.rfc3339()))
    }

    /// Asserts how many filings the unit has at the center.
    pub(crate) async fn assert_filings(&self, count: usize) {
        let all: Page<FilingStatus> = self.clerk().get(&format!("/v1/filings?unit={UNIT}")).await.json(200);
        assert_eq!(all.items.len(), count, "filings that the center has of the unit");
    }
}

/// A good row for somebody.
pub(crate) fn row_of(person: &Contributor) -> BaseAdjustmentRow {
    let base = new_base(person);
    BaseAdjustmentRow {
        personal_account: person.personal_account.as_str().into(),
        name: person.name.as_str().into(),
        id_type: person.id_type.as_str().into(),
        id_number: person.id_number.as_str().into(),
        old_base: person.base,
        new_base: base,
        before: person.amounts,
        after: contribution(base),
    }
}

/// The content of a filing and its id.
pub(crate) fn content(at: &At<'_>) -> (Uuid, Vec<u8>) {
    let first = Roster { version: 1, contributors: contributors(UNIT) };
    let roster = at.roster.as_ref().unwrap_or(&first);
    let mut rows: Vec<_> =
        roster.contributors.iter().filter(|person| person.status == AccountStatus::Normal).map(row_of).collect();
    if let Some((row, base)) = at.base_of_row {
        rows[row].new_base = base.parse().unwrap();
        rows[row].after = contribution(rows[row].new_base);
    }
    if let Some(change) = at.rows {
        change(&mut rows);
    }
    let before: Yuan = rows.iter().map(|row| row.before.monthly()).sum();
    let after: Yuan = rows.iter().map(|row| row.after.monthly()).sum();
    let people = at.people.unwrap_or(rows.len() as u32);
    let id = at.id.unwrap_or_else(Uuid::now_v7);
    let unit = seed(at.unit.unwrap_or(UNIT)).unit;
    let content = FilingContent {
        id,
        center: "demo".into(),
        unit: UnitRef {
            account: unit.account,
            credit_code: unit.credit_code,
            name: at.unit_name.map_or(unit.name, str::to_owned),
        },
        period: at.period.unwrap_or("2026-08").parse().unwrap(),
        created_at: "2026-08-15T09:30:00+08:00".into(),
        roster_version: at.roster_version.unwrap_or(roster.version),
        source: Source {
            file_name: "2026年度基数.xlsx".into(),
            sha256: sha256(b"workbook"),
            sheet: "Sheet1".into(),
            rows: rows.len() as u32,
        },
        totals: Totals { people, before, after, difference: after - before },
        header: FilingHeader::default(),
        rows: Rows::BaseAdjustment(rows),
    };
    let mut bytes = content.to_bytes().unwrap();
    if at.extra_field {
        bytes.pop();
        bytes.extend_from_slice(b",\"surprise\":1}");
    }
    (id, bytes)
}

/// The certificate authority of a center's folder.
pub(crate) fn authority(folder: &Path) -> DevelopmentCa {
    let read = |name| std::fs::read_to_string(folder.join(name)).unwrap();
    DevelopmentCa::from_pem(&read("ca.pem"), &read("ca-key.pem")).unwrap()
}

async fn start(
    folder: &TempDir,
    clock: &CenterClock,
    signatures: &SignatureRules,
    limits: Option<Limits>,
) -> RunningCenter {
    let first = seed(UNIT);
    let profile = CenterProfile { signatures: signatures.clone(), ..first.profile };
    let config = CenterConfig {
        clock: clock.clone(),
        seed: Some(Seed { profile, ..first }),
        admin: Some(AdminConfig { listen: (Ipv4Addr::LOCALHOST, 0).into(), token: None }),
        limits,
        ..CenterConfig::in_folder(folder.path())
    };
    Center::start(config).await.unwrap()
}

impl Person {
    pub(crate) fn new(p12: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = P12Folder::new(folder.path());
        keys.install("key", p12, &Pin::new(PIN)).unwrap();
        Self { keys, id: "key".into(), _folder: folder }
    }

    /// Somebody who made a key of his own and asks for its certificate.
    pub(crate) fn asking() -> (Self, Request) {
        let folder = tempfile::tempdir().unwrap();
        let keys = P12Folder::new(folder.path());
        let request = keys.request("key", Algorithm::P256, &Pin::new(PIN)).unwrap();
        (Self { keys, id: "key".into(), _folder: folder }, request)
    }

    /// One key of which the center's authority has certified that it is of each of these people.
    pub(crate) fn of_one_key<const N: usize>(world: &World, names: [&str; N]) -> [Self; N] {
        let (asking, request) = Self::asking();
        let unit = seed(UNIT).unit;
        let validity = Validity::years("2026-01-01T00:00:00Z".parse().unwrap(), 3);
        names.map(|name| {
            let folder = tempfile::tempdir().unwrap();
            for file in std::fs::read_dir(asking._folder.path()).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
            }
            let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
            let certificate = authority(world.folder.path()).issue_for(&operator, &request, validity).unwrap();
            let keys = P12Folder::new(folder.path());
            keys.complete("key", &Pin::new(PIN), certificate, Vec::new()).unwrap();
            Self { keys, id: "key".into(), _folder: folder }
        })
    }

    /// Takes the certificate that he asked for.
    pub(crate) fn take(&self, enrolled: &Enrolled) -> Certificate {
        let certificate = Certificate::from_der(&base64(&enrolled.certificate)).unwrap();
        self.keys.complete("key", &Pin::new(PIN), certificate, Vec::new()).unwrap()
    }

    pub(crate) fn session(&self) -> Box<dyn SignSession> {
        let mut session = self.keys.open(&self.id).unwrap();
        session.login(&Pin::new(PIN)).unwrap();
        session
    }

    fn tls(&self) -> TlsIdentity {
        self.keys.tls_identity(&self.id, &Pin::new(PIN)).unwrap()
    }

    pub(crate) fn certificate(&self) -> Certificate {
        self.session().certificate().clone()
    }

    pub(crate) fn sign(&self, content: &[u8], purpose: Purpose, at: &str) -> Vec<u8> {
        let role = if purpose == Purpose::Rejection { Role::Approver } else { Role::Clerk };
        sign_attached(self.session().as_mut(), content, at, role, purpose, None).unwrap()
    }

    /// Adds his signature, whoever he is.
    pub(crate) fn countersign(&self, p7m: &[u8], at: &str) -> Vec<u8> {
        countersign_regardless(self.session().as_mut(), p7m, at).unwrap()
    }
}

/// What the center answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) etag: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) date: Option<String>,
    kind: String,
}

impl Answer {
    async fn of(response: reqwest::Response) -> reqwest::Result<Self> {
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, etag) = (response.status().as_u16(), header("etag"));
        let (retry_after, date) = (header("retry-after"), header("date"));
        let kind = header("content-type").unwrap_or_default();
        Ok(Self { status, etag, retry_after, date, kind, body: response.bytes().await?.to_vec() })
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, status: u16) -> T {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "status of {text}");
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    /// Asserts that it is this refusal, with words.
    pub(crate) fn problem(&self, code: ProblemCode) -> Problem {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.kind, "application/problem+json", "{code:?} must be a problem, is {} {text}", self.status);
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.code, code, "the reason in {text}");
        assert_eq!((self.status, problem.status), (code.status(), code.status()), "the status of {text}");
        for words in [&problem.title, &problem.detail] {
            assert!(!words.is_ascii() && !words.contains('{'), "Chinese words, all filled in: {text}");
        }
        problem
    }
}

/// A plain HTTPS client.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    pub(crate) fn new(base: String, anchors: Vec<Vec<u8>>, clock: &CenterClock, identity: Option<&Person>) -> Self {
        let mut roots = RootCertStore::empty();
        for anchor in anchors {
            roots.add(CertificateDer::from(anchor)).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_details(provider, Arc::new(clock.clone()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let tls = match identity.map(Person::tls) {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let chain = identity.chain.into_iter().map(CertificateDer::from).collect();
                let own = CertifiedKey::new(chain, identity.key);
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own)))
            }
        };
        // No connection is used twice, so that no retry of the client library's hides a fault.
        let http =
            reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().pool_max_idle_per_host(0).build();
        Self { http: http.unwrap(), base, token: None }
    }

    /// With the session of a login.
    pub(crate) fn bearing(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    fn proved(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.proved(self.http.post(format!("{}{path}", self.base)));
        Answer::of(request.body(body).send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::of(self.proved(self.http.get(format!("{}{path}", self.base))).send().await?).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap()
    }

    /// An answer that goes on.
    pub(crate) async fn open(&self, path: &str) -> reqwest::Response {
        self.proved(self.http.get(format!("{}{path}", self.base))).send().await.unwrap()
    }

    pub(crate) async fn get_if_none(&self, path: &str, etag: &str) -> Answer {
        let request = self.proved(self.http.get(format!("{}{path}", self.base))).header("if-none-match", etag);
        Answer::of(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &impl serde::Serialize) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        let request =
            self.proved(self.http.post(format!("{}{path}", self.base))).header("content-type", "application/json");
        Answer::of(request.body(body).send().await.unwrap()).await.unwrap()
    }

    /// A signed file about certificates: `renewals`, `revocations`.
    pub(crate) async fn post_signed(&self, what: &str, body: Vec<u8>) -> Answer {
        let request = self.http.post(format!("{}/v1/certificates/{what}", self.base)).body(body);
        Answer::of(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn try_put(&self, id: Uuid, body: Vec<u8>) -> reqwest::Result<Answer> {
        Answer::of(self.proved(self.http.put(format!("{}/v1/filings/{id}", self.base))).body(body).send().await?).await
    }

    pub(crate) async fn put(&self, id: Uuid, body: Vec<u8>) -> Answer {
        self.try_put(id, body).await.unwrap()
    }

    pub(crate) async fn put_withdrawal(&self, id: Uuid, body: Vec<u8>) -> Answer {
        self.put_about(id, "withdrawal", body).await
    }

    /// What is said of a filing that is there: `withdrawal`, `approval`, `rejection`.
    pub(crate) async fn put_about(&self, id: Uuid, what: &str, body: Vec<u8>) -> Answer {
        let request = self.proved(self.http.put(format!("{}/v1/filings/{id}/{what}", self.base))).body(body);
        Answer::of(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn put_encoded(&self, id: Uuid, body: Vec<u8>, coding: &str) -> Answer {
        let request =
            self.proved(self.http.put(format!("{}/v1/filings/{id}", self.base))).header("content-encoding", coding);
        Answer::of(request.body(body).send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn roster(&self, unit: &str) -> Roster {
        #[derive(serde::Deserialize)]
        struct Head {
            version: u64,
        }
        let answer = self.get(&format!("/v1/units/{unit}/roster")).await;
        let text = String::from_utf8(answer.body).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let head: Head = serde_json::from_str(lines[0]).unwrap();
        let contributors = lines[1..lines.len() - 1].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        Roster { version: head.version, contributors }
    }
}

pub(crate) fn contribution(base: Yuan) -> Contribution {
    let profile = CenterProfile::shipped("demo").unwrap();
    let policy = profile.policy("2026-08".parse().unwrap()).unwrap();
    let ratio = Ratio::from_basis_points(800).unwrap();
    policy.contribution(base, ratio, ratio)
}

/// What the filings of these tests propose: 500 more than before.
pub(crate) fn new_base(person: &Contributor) -> Yuan {
    person.base + Yuan::from_fen(50_000)
}

/// Rules by which the certificate of the connection alone proves who calls: most tests are about something else.
pub(crate) fn by_one_proof() -> SignatureRules {
    SignatureRules { challenge: SignedChallenge::Optional, ..SignatureRules::default() }
}

/// A made-up unit with six people and a sealed one.
pub(crate) fn seed(account: &str) -> Seed {
    let ratio = Ratio::from_basis_points(800).unwrap();
    let other = account == OTHER_UNIT;
    Seed {
        profile: CenterProfile { signatures: by_one_proof(), ..CenterProfile::shipped("demo").unwrap() },
        unit: Unit {
            account: account.into(),
            credit_code: if other { "914403001922038216" } else { "91350100M000100Y43" }.into(),
            name: if other { "演示第二有限公司" } else { "演示第一有限公司" }.into(),
            status: UnitStatus::Normal,
            unit_ratio: ratio,
            personal_ratio: ratio,
            contributors: 6,
            sealed: 1,
            paid_through: "2026-06".parse().unwrap(),
            first_unverified: "2026-07".parse().unwrap(),
            single_operator: false,
            suspense_balance: Yuan::ZERO,
            district: None,
            deferral: None,
            details: Default::default(),
        },
        contributors: contributors(account),
        months: months(account),
        withdrawals: Vec::new(),
        debit_agreement: None,
        operators: Vec::new(),
    }
}

/// May, without the first of the six people, and June with all of them; both paid.
pub(crate) fn months(account: &str) -> Vec<PastMonth> {
    let roster = Roster { version: 1, contributors: contributors(account) };
    let (may, june) = ("2026-05".parse().unwrap(), "2026-06".parse().unwrap());
    let lines = due_list(&roster, june);
    vec![PastMonth { month: may, lines: lines[1..].to_vec() }, PastMonth { month: june, lines }]
}

pub(crate) fn contributors(account: &str) -> Vec<Contributor> {
    ["赵一鸣", "钱二丽", "孙三强", "李四海", "周五洲", "吴六合", "郑七夕"]
        .iter()
        .zip(0_u32..)
        .map(|(name, n)| {
            let base = Yuan::from_fen(500_000 + i64::from(n) * 10_000);
            Contributor {
                personal_account: format!("{}{n:04}", &account[4..]).into(),
                name: (*name).into(),
                id_type: "01".into(),
                id_number: id_number(&format!("4108011990010{}00{}", n + 1, n + 1)).into(),
                status: if n == 6 { AccountStatus::Sealed } else { AccountStatus::Normal },
                base,
                amounts: contribution(base),
                contact: Default::default(),
                earlier: Vec::new(),
                changes: Changes::default(),
            }
        })
        .collect()
}

/// A unit with many people.
pub(crate) fn large_seed(account: &str, people: u32) -> Seed {
    let contributors = (0..people)
        .map(|n| {
            let (month, day, order) = (n / 25_200 % 12 + 1, n / 900 % 28 + 1, n % 900 + 100);
            let base = Yuan::from_fen(400_000 + i64::from(n % 1000) * 100);
            Contributor {
                personal_account: format!("{}{n:08}", &account[8..]).into(),
                name: "王小明".into(),
                id_type: "01".into(),
                id_number: id_number(&format!("4108011985{month:02}{day:02}{order:03}")).into(),
                status: AccountStatus::Normal,
                base,
                amounts: contribution(base),
                contact: Default::default(),
                earlier: Vec::new(),
                changes: Changes::default(),
            }
        })
        .collect();
    Seed { contributors, months: Vec::new(), ..seed(account) }
}

/// With its check character (GB 11643-1999).
fn id_number(seventeen: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    assert_eq!(seventeen.len(), 17, "seventeen digits: {seventeen}");
    let sum: u32 = seventeen.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{seventeen}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

/// Shows in a failed test's output what a program said.
pub(crate) fn post_mortem(name: &str, output: &std::process::Output) {
    if !output.status.success() {
        eprintln!("{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
