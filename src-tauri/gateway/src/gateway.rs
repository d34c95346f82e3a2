//! One connection to one center.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::MinimumTls;
use huijiao_domain::remittance::Books;
use huijiao_domain::roster::{Known, Roster, Unit};
use huijiao_protocol::certificates::{CertificateStatus, Enrolled, Enrollment, PKIX_CRL};
use huijiao_protocol::problem::{Problem, ProblemCode};
use huijiao_protocol::queries::{ContributorAccount, Days, LedgerPage, PersonalWithdrawal, UnitMoney};
use huijiao_protocol::resources::{
    CenterInfo, FilingStatus, Lookup, LookupAnswer, MonthList, Page, PaymentOrder, Person, UnitOfOperator,
};
use huijiao_protocol::session::{ChallengeWanted, SessionGranted};
use huijiao_protocol::stream::RosterReader;
use huijiao_protocol::{MAX_LOOKUP, PKCS7};
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::{NetError, Stage, of_body, of_transport};
use crate::login::{Login, Session, Standing};
use crate::time;
use crate::tls::{self, Identity, Servers};

/// Largest answer that is not a stream; a receipt with many row results is the largest there is.
const ANSWER: usize = 64 * 1024 * 1024;

/// How the network is left.
#[derive(Debug, Clone, Default)]
pub enum Proxy {
    /// What the system says (settings, environment).
    #[default]
    System,
    /// Straight; also right for a center on this computer.
    None,
    /// This one.
    Manual {
        /// Such as `http://proxy.example:3128`.
        address: String,
        /// Who goes through, where it asks.
        account: Option<ProxyAccount>,
    },
}

impl Proxy {
    /// Where a proxy was set by hand: its address, and in it the account that it asks for.
    ///
    /// # Errors
    /// [`NetError::Setup`] where the address is none.
    pub fn by_hand(&self) -> Result<Option<Url>, NetError> {
        let Self::Manual { address, account } = self else { return Ok(None) };
        let unfit = || NetError::Setup(format!("no address of a proxy: {address}"));
        let mut url = Url::parse(address).map_err(|_| unfit())?;
        if let Some(ProxyAccount { user, password }) = account {
            url.set_username(user).map_err(|()| unfit())?;
            url.set_password(Some(password.expose_secret())).map_err(|()| unfit())?;
        }
        Ok(Some(url))
    }
}

/// User and password of a proxy (Basic, RFC 7617). They go to the proxy alone, in the clear as it wants them.
#[derive(Debug, Clone)]
pub struct ProxyAccount {
    /// User.
    pub user: String,
    /// Password.
    pub password: SecretString,
}

/// How long to wait, and how often to try a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// A whole read, answer included.
    pub read: Duration,
    /// A whole submission, answer included.
    pub submit: Duration,
    /// Tries of a read that failed for a fault that may pass.
    pub tries: usize,
    /// Pause before the second try; it doubles, with jitter.
    pub pause: Duration,
    /// Longest time that the center may ask to be left alone; after it, it is asked again whatever it said.
    pub wait: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(60),
            submit: Duration::from_secs(60),
            tries: 3,
            pause: Duration::from_millis(300),
            wait: Duration::from_secs(600),
        }
    }
}

/// Where a center is, and how to know that it is the one.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `https://…`, without `/v1`.
    pub base_url: String,
    /// The only CA certificates that are trusted, DER.
    pub anchors: Vec<Vec<u8>>,
    /// The way out.
    pub proxy: Proxy,
    /// Patience.
    pub timing: Timing,
    /// The oldest TLS that is spoken.
    pub minimum_tls: MinimumTls,
}

impl Endpoint {
    /// With the system's proxy, the usual patience, and TLS 1.3 alone.
    pub fn new(base_url: impl Into<String>, anchors: Vec<Vec<u8>>) -> Self {
        Self {
            base_url: base_url.into(),
            anchors,
            proxy: Proxy::default(),
            timing: Timing::default(),
            minimum_tls: MinimumTls::default(),
        }
    }
}

/// What became of a submission.
#[derive(Debug, Clone)]
pub enum Submission {
    /// The center has it.
    Answered(Box<FilingStatus>),
    /// The center has read it and will not take it; nothing was booked.
    Refused(Box<Problem>),
    /// Surely not taken: sending it again is the only thing to do.
    NotSent(NetError),
    /// It may have been taken. Ask for it by its id before anything else.
    Unknown(NetError),
}

/// The client of one center.
#[derive(Debug)]
pub struct Gateway {
    client: Client,
    base: Url,
    timing: Timing,
    manual_proxy: bool,
    date: Mutex<Option<String>>,
    /// Until when the center asked to be left alone.
    rest: Mutex<Option<Instant>>,
    session: Option<Session>,
    servers: Arc<Servers>,
}

impl Gateway {
    /// Makes the client; nothing is sent yet. With an identity, that certificate proves the operator.
    ///
    /// # Errors
    /// [`NetError::Setup`], [`NetError::ClientCertificate`] if certificate and key do not fit.
    pub fn connect(endpoint: Endpoint, identity: Option<Identity>) -> Result<Self, NetError> {
        let base = Url::parse(&endpoint.base_url).map_err(|error| NetError::Setup(error.to_string()))?;
        if base.scheme() != "https" || base.cannot_be_a_base() {
            return Err(NetError::Setup("not an https address".into()));
        }
        let servers = tls::servers(&endpoint.anchors)?;
        let (client, manual_proxy) =
            client(&endpoint, tls::config(servers.clone(), identity, endpoint.minimum_tls)?, true)?;
        let (date, rest) = (Mutex::new(None), Mutex::new(None));
        Ok(Self { client, base, timing: endpoint.timing, manual_proxy, date, rest, session: None, servers })
    }

    /// From now on no connection is made to a server whose certificate is on one of these revocation lists (DER).
    ///
    /// # Errors
    /// [`NetError::Setup`] for a list that cannot be read; what was known before goes on.
    pub fn refuse_revoked(&self, crls: &[Vec<u8>]) -> Result<(), NetError> {
        self.servers.refuse(crls)
    }

    /// Has the operator answer the center's challenge too, before the first request that is not for everybody, and again
    /// when a session has ended.
    #[must_use]
    pub fn logging_in(mut self, login: Login) -> Self {
        self.session = Some(Session { login, standing: tokio::sync::Mutex::new(Standing::Out) });
        self
    }

    /// The `Date` header of the last answer, for [`crate::skew_seconds`].
    pub fn last_date(&self) -> Option<String> {
        self.date.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much longer the center asks to be left alone (`Retry-After` of a 429 or 503), [`Timing::wait`] at most: whoever
    /// asks again by himself waits at least so long.
    pub fn wait(&self) -> Duration {
        let until = *self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// The center's host and port.
    pub(crate) fn host(&self) -> (String, u16) {
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']);
        (host.to_owned(), self.base.port_or_known_default().unwrap_or(443))
    }

    /// `GET /v1/center`: the center's rules and its time. Needs no certificate.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn center(&self) -> Result<CenterInfo, NetError> {
        self.not_ended().await?;
        let once = || async {
            let request = self.client.request(Method::GET, self.url(&["center"])).timeout(self.timing.read);
            let response = request.send().await.map_err(|error| of_transport(&error, self.manual_proxy).0)?;
            self.note(&response);
            json(accept(response).await?).await
        };
        self.patiently(once).await
    }

    /// `POST /v1/enrollments`: a certificate for an activation code. The same request again brings the same
    /// certificate. Needs no certificate.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn enrol(&self, asked: &Enrollment) -> Result<Enrolled, NetError> {
        let once = || async {
            let request = self.client.request(Method::POST, self.url(&["enrollments"])).json(asked);
            json(accept(self.ask(request).await?).await?).await
        };
        self.patiently(once).await
    }

    /// `POST /v1/certificates/renewals`: the certificate after the one that signed. The same request again brings the
    /// same certificate.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn renew(&self, signed: Vec<u8>) -> Result<Enrolled, NetError> {
        self.say(&["certificates", "renewals"], signed).await
    }

    /// `POST /v1/certificates/revocations`: what was reported lost is revoked; once more, and it stays so.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn report_lost(&self, signed: Vec<u8>) -> Result<CertificateStatus, NetError> {
        self.say(&["certificates", "revocations"], signed).await
    }

    /// Sends a signed file that may be sent again.
    async fn say<T: DeserializeOwned>(&self, path: &[&str], signed: Vec<u8>) -> Result<T, NetError> {
        let once = || async {
            let request = self.client.request(Method::POST, self.url(path));
            let request = request.header(CONTENT_TYPE, PKCS7).body(signed.clone());
            json(accept(self.ask(request).await?).await?).await
        };
        self.patiently(once).await
    }

    /// `GET /v1/certificates`: the operator's own, and for an approver everybody's in his units.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn certificates(&self) -> Result<Vec<CertificateStatus>, NetError> {
        self.read(&["certificates"]).await
    }

    /// `GET /v1/crl`: the revocation list of the center's root with this SHA-256 (hex), DER; `None` only if the center
    /// itself says that it has none of that root. Needs no certificate.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn crl(&self, root: &str) -> Result<Option<Vec<u8>>, NetError> {
        let mut url = self.url(&["crl"]);
        url.query_pairs_mut().append_pair("root", root);
        let once = || async {
            let request = self.client.request(Method::GET, url.clone()).header(ACCEPT, PKIX_CRL);
            let response = accept(self.ask(request).await?).await?;
            expect_type(&response, PKIX_CRL)?;
            whole(response).await
        };
        match self.patiently(once).await {
            Ok(list) => Ok(Some(list)),
            Err(NetError::Problem(problem)) if problem.code == ProblemCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `GET /v1/units`: the operator's units.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn units(&self) -> Result<Vec<UnitOfOperator>, NetError> {
        self.read(&["units"]).await
    }

    /// `GET /v1/units/{account}`: a unit's basic data.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn unit(&self, account: &str) -> Result<Unit, NetError> {
        let unit: Unit = self.read(&["units", account]).await?;
        if unit.account == account { Ok(unit) } else { Err(NetError::AnswerBroken("another unit".into())) }
    }

    /// `POST /v1/units/{account}/lookup`: what the center knows of people who are not in the unit, in their order.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn lookup(&self, account: &str, people: &[Person]) -> Result<Vec<Known>, NetError> {
        let mut known = Vec::with_capacity(people.len());
        for some in people.chunks(MAX_LOOKUP) {
            let body = Lookup { people: some.to_vec() };
            let once = || async {
                let request = self.client.request(Method::POST, self.url(&["units", account, "lookup"])).json(&body);
                json::<LookupAnswer>(accept(self.ask(request).await?).await?).await
            };
            let answers = self.patiently(once).await?.answers;
            if answers.len() != some.len() {
                return Err(NetError::AnswerBroken("answers for other people".into()));
            }
            known.extend(answers);
        }
        Ok(known)
    }

    /// `GET /v1/units/{account}/roster`: the whole roster, or none of it.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn roster(&self, account: &str) -> Result<Roster, NetError> {
        let once = || async {
            let mut response = accept(self.get(&["units", account, "roster"]).await?).await?;
            expect_type(&response, "application/x-ndjson")?;
            let mut reader = RosterReader::new(account);
            while let Some(chunk) = response.chunk().await.map_err(|error| of_body(&error))? {
                reader.push(&chunk)?;
            }
            Ok(reader.finish()?)
        };
        self.patiently(once).await
    }

    /// `GET /v1/units/{account}/books`: months, dues and money of a unit.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn books(&self, account: &str) -> Result<Books, NetError> {
        self.read(&["units", account, "books"]).await
    }

    /// `GET /v1/units/{account}/months/{month}/list`: who is due in a month, as the center has it.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn month_list(&self, account: &str, month: Month) -> Result<MonthList, NetError> {
        let list: MonthList = self.read(&["units", account, "months", &month.to_string(), "list"]).await?;
        if list.month == month { Ok(list) } else { Err(NetError::AnswerBroken("another month".into())) }
    }

    /// `GET /v1/units/{account}/payments`: every order to pay made on these days, newest first.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn payments(&self, account: &str, days: Days) -> Result<Vec<PaymentOrder>, NetError> {
        self.pages(self.list(&["units", account, "payments"], days, &[])).await
    }

    /// `GET /v1/units/{account}/ledger`: 单位明细账
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn ledger(&self, account: &str, days: Days) -> Result<LedgerPage<UnitMoney>, NetError> {
        self.whole_ledger(self.list(&["units", account, "ledger"], days, &[])).await
    }

    /// `GET /v1/units/{account}/suspense`: 暂存款明细
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn suspense(&self, account: &str, days: Days) -> Result<LedgerPage<Yuan>, NetError> {
        self.whole_ledger(self.list(&["units", account, "suspense"], days, &[])).await
    }

    /// `GET /v1/units/{account}/contributors/{person}/ledger`: 个人明细账
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn contributor_ledger(
        &self,
        account: &str,
        person: &str,
        days: Days,
    ) -> Result<LedgerPage<Contribution>, NetError> {
        self.whole_ledger(self.list(&["units", account, "contributors", person, "ledger"], days, &[])).await
    }

    /// `GET /v1/units/{account}/contributors`: the accounts of the unit's contributors, perhaps of one status only.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn contributor_accounts(
        &self,
        account: &str,
        status: Option<&str>,
    ) -> Result<Vec<ContributorAccount>, NetError> {
        self.pages(self.list(&["units", account, "contributors"], Days::default(), &[("status", status)])).await
    }

    /// `GET /v1/units/{account}/contributors/{person}`: one of these accounts.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn contributor_account(&self, account: &str, person: &str) -> Result<ContributorAccount, NetError> {
        let found: ContributorAccount = self.read(&["units", account, "contributors", person]).await?;
        if found.personal_account == person { Ok(found) } else { Err(NetError::AnswerBroken("another person".into())) }
    }

    /// `GET /v1/units/{account}/withdrawals`: 提取记录
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn withdrawals(&self, account: &str, days: Days) -> Result<Vec<PersonalWithdrawal>, NetError> {
        self.pages(self.list(&["units", account, "withdrawals"], days, &[])).await
    }

    /// `GET /v1/filings`: a unit's filings accepted on these days, perhaps of one kind, in one state or with one
    /// 业务流水号, newest first.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn filings(
        &self,
        account: &str,
        days: Days,
        narrowed: &[(&str, Option<&str>)],
    ) -> Result<Vec<FilingStatus>, NetError> {
        let mut url = self.list(&["filings"], days, narrowed);
        url.query_pairs_mut().append_pair("unit", account);
        let filings: Vec<FilingStatus> = self.pages(url).await?;
        if filings.iter().all(|filing| filing.unit_account == account) {
            Ok(filings)
        } else {
            Err(NetError::AnswerBroken("another unit".into()))
        }
    }

    /// `GET /v1/filings/{id}`: what the center knows of a filing; `None` only if the center itself says that it
    /// has no such filing.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn filing(&self, id: Uuid) -> Result<Option<FilingStatus>, NetError> {
        match self.read::<FilingStatus>(&["filings", &id.to_string()]).await {
            Ok(status) if status.id == id => Ok(Some(status)),
            Ok(_) => Err(NetError::AnswerBroken("another filing".into())),
            Err(NetError::Problem(problem)) if problem.code == ProblemCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `GET /v1/filings/{id}/file`: the signed filing as the center has it.
    ///
    /// # Errors
    /// [`NetError`]
    pub async fn filing_file(&self, id: Uuid) -> Result<Vec<u8>, NetError> {
        let url = self.url(&["filings", &id.to_string(), "file"]);
        let once = || async {
            let request = self.client.request(Method::GET, url.clone()).header(ACCEPT, PKCS7);
            let response = accept(self.ask(request).await?).await?;
            expect_type(&response, PKCS7)?;
            whole(response).await
        };
        self.patiently(once).await
    }

    /// `PUT /v1/filings/{id}/approval`, once, never repeated from here.
    pub async fn put_approval(&self, id: Uuid, bytes: Vec<u8>) -> Submission {
        self.put(id, &["filings", &id.to_string(), "approval"], bytes).await
    }

    /// `PUT /v1/filings/{id}/rejection`, once, never repeated from here.
    pub async fn put_rejection(&self, id: Uuid, bytes: Vec<u8>) -> Submission {
        self.put(id, &["filings", &id.to_string(), "rejection"], bytes).await
    }

    /// `PUT /v1/filings/{id}`, once, never repeated from here.
    pub async fn put_filing(&self, id: Uuid, bytes: Vec<u8>) -> Submission {
        self.put(id, &["filings", &id.to_string()], bytes).await
    }

    /// `PUT /v1/filings/{id}/withdrawal`, once, never repeated from here. An answer says where the filing stands.
    pub async fn put_withdrawal(&self, id: Uuid, bytes: Vec<u8>) -> Submission {
        self.put(id, &["filings", &id.to_string(), "withdrawal"], bytes).await
    }

    async fn put(&self, id: Uuid, path: &[&str], bytes: Vec<u8>) -> Submission {
        let request = self
            .client
            .request(Method::PUT, self.url(path))
            .header(CONTENT_TYPE, PKCS7)
            .header(ACCEPT, "application/json, application/problem+json")
            .timeout(self.timing.submit)
            .body(bytes);
        let response = match self.send(request).await {
            Ok(response) => response,
            Err((fault, Stage::NotSent)) => return Submission::NotSent(fault),
            Err((fault, Stage::MaybeSent)) => return Submission::Unknown(fault),
        };
        match response.status() {
            StatusCode::OK | StatusCode::CREATED => match json::<FilingStatus>(response).await {
                Ok(status) if status.id == id => Submission::Answered(Box::new(status)),
                Ok(_) => Submission::Unknown(NetError::AnswerBroken("another filing".into())),
                Err(error) => Submission::Unknown(error),
            },
            StatusCode::TOO_MANY_REQUESTS => {
                Submission::NotSent(NetError::Busy { retry_after: retry_after(&response) })
            }
            _ => match refusal(response).await {
                Ok(problem) if problem.filing_id.is_none_or(|about| about == id) => Submission::Refused(problem),
                Ok(_) => Submission::Unknown(NetError::AnswerBroken("about another filing".into())),
                Err(error) => Submission::Unknown(error),
            },
        }
    }

    /// Opens `GET /v1/events?after`; the stream goes on until something breaks it.
    pub(crate) async fn open_events(&self, after: u64) -> Result<Response, NetError> {
        let mut url = self.url(&["events"]);
        url.query_pairs_mut().append_pair("after", &after.to_string());
        let request = self.client.request(Method::GET, url).header(ACCEPT, "text/event-stream");
        let response = tokio::time::timeout(self.timing.read, self.send(request));
        let response = response.await.map_err(|_| NetError::Timeout)?.map_err(|(fault, _)| fault)?;
        let response = accept(response).await?;
        expect_type(&response, "text/event-stream")?;
        Ok(response)
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // Never an error: `connect` refuses addresses that cannot be a base.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        url
    }

    /// Tries what may be tried again, for faults that pass, and no sooner than the center wants.
    async fn patiently<T, F: Future<Output = Result<T, NetError>>>(
        &self,
        once: impl FnMut() -> F,
    ) -> Result<T, NetError> {
        let patience = ExponentialBuilder::default()
            .with_min_delay(self.timing.pause)
            .with_max_times(self.timing.tries.saturating_sub(1))
            .with_jitter();
        once.retry(patience).when(NetError::passes).adjust(NetError::at_least).await
    }

    /// Keeps the center's time, and until when it asks to be left alone.
    fn note(&self, response: &Response) {
        if let Some(date) = response.headers().get(DATE).and_then(|date| date.to_str().ok()) {
            *self.date.lock().unwrap_or_else(PoisonError::into_inner) = Some(date.to_owned());
        }
        let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&response.status());
        if busy && let Some(seconds) = retry_after(response) {
            let until = Instant::now() + Duration::from_secs(seconds).min(self.timing.wait);
            *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
    }

    async fn get(&self, path: &[&str]) -> Result<Response, NetError> {
        self.ask(self.client.request(Method::GET, self.url(path))).await
    }

    /// Sends a request that changes nothing at the center.
    async fn ask(&self, request: RequestBuilder) -> Result<Response, NetError> {
        let request = request
            .header(ACCEPT, "application/json, application/x-ndjson, application/problem+json")
            .timeout(self.timing.read);
        self.send(request).await.map_err(|(fault, _)| fault)
    }

    /// Sends a request as the operator. Where his session has ended the center has taken nothing: he logs in again,
    /// once, and the same request goes out again.
    async fn send(&self, request: RequestBuilder) -> Result<Response, (NetError, Stage)> {
        let Some(session) = &self.session else { return self.plainly(request).await };
        let again = request.try_clone();
        let token = self.token(session, None).await?;
        let response = self.plainly(request.bearer_auth(&token)).await?;
        match again {
            Some(again) if response.status() == StatusCode::UNAUTHORIZED => {
                let token = self.token(session, Some(&token)).await?;
                self.plainly(again.bearer_auth(token)).await
            }
            Some(_) | None => Ok(response),
        }
    }

    async fn plainly(&self, request: RequestBuilder) -> Result<Response, (NetError, Stage)> {
        let response = request.send().await.map_err(|error| of_transport(&error, self.manual_proxy))?;
        self.note(&response);
        Ok(response)
    }

    /// The token of the session; of a new one where there is none, or only the one that has ended. What fails here
    /// fails before the request. A key that refused is not asked again, whoever wants what how often.
    async fn token(&self, session: &Session, ended: Option<&str>) -> Result<String, (NetError, Stage)> {
        let mut standing = session.standing.lock().await;
        match &*standing {
            Standing::In(token) if ended != Some(token.as_str()) => return Ok(token.clone()),
            Standing::Ended(code) => return Err((NetError::LoginEnded(code), Stage::NotSent)),
            Standing::In(_) | Standing::Out => {}
        }
        *standing = Standing::Out;
        let outcome = self.log_in(&session.login).await;
        match &outcome {
            Ok(token) => *standing = Standing::In(token.clone()),
            Err(NetError::LoginEnded(code)) => *standing = Standing::Ended(code),
            Err(_) => {}
        }
        outcome.map_err(|fault| (fault, Stage::NotSent))
    }

    /// Where the key has refused, nothing is asked by its certificate either: a token that refused a PIN signs no handshake.
    async fn not_ended(&self) -> Result<(), NetError> {
        let Some(session) = &self.session else { return Ok(()) };
        match &*session.standing.lock().await {
            Standing::Ended(code) => Err(NetError::LoginEnded(code)),
            Standing::In(_) | Standing::Out => Ok(()),
        }
    }

    async fn log_in(&self, login: &Login) -> Result<String, NetError> {
        let post = |path: &[&str]| self.client.request(Method::POST, self.url(path)).timeout(self.timing.read);
        let once = || async {
            let wanted = ChallengeWanted { unit: login.unit().to_owned() };
            let response =
                self.plainly(post(&["sessions", "challenge"]).json(&wanted)).await.map_err(|(fault, _)| fault)?;
            let response = accept(response).await?;
            expect_type(&response, "application/json")?;
            let signed = login.answer(whole(response).await?).await?;
            let request = post(&["sessions"]).header(CONTENT_TYPE, PKCS7).body(signed);
            let response = self.plainly(request).await.map_err(|(fault, _)| fault)?;
            Ok(json::<SessionGranted>(accept(response).await?).await?.token)
        };
        // A challenge serves once: what fails for a fault that may pass begins with a new one.
        self.patiently(once).await
    }

    async fn read<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, NetError> {
        self.read_from(self.url(path)).await
    }

    async fn read_from<T: DeserializeOwned>(&self, url: Url) -> Result<T, NetError> {
        let once = || async {
            let answer = self.ask(self.client.request(Method::GET, url.clone())).await?;
            json(accept(answer).await?).await
        };
        self.patiently(once).await
    }

    /// The address of a list and what it is narrowed to.
    fn list(&self, path: &[&str], days: Days, narrowed: &[(&str, Option<&str>)]) -> Url {
        let mut url = self.url(path);
        let (from, to) = (days.from.map(|day| day.to_string()), days.to.map(|day| day.to_string()));
        let said = [("from", from.as_deref()), ("to", to.as_deref())];
        for (name, value) in said.iter().chain(narrowed) {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        url
    }

    /// A list to its end.
    async fn pages<T: DeserializeOwned>(&self, url: Url) -> Result<Vec<T>, NetError> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page: Page<T> = self.read_from(at(&url, cursor.as_deref())).await?;
            items.extend(page.items);
            cursor = further(cursor, page.next)?;
            if cursor.is_none() {
                return Ok(items);
            }
        }
    }

    /// A ledger to its end, all of it as of one moment.
    async fn whole_ledger<B: DeserializeOwned + PartialEq>(&self, url: Url) -> Result<LedgerPage<B>, NetError> {
        let mut whole: LedgerPage<B> = self.read_from(url.clone()).await?;
        let mut cursor = further(None, whole.next.take())?;
        while cursor.is_some() {
            let page: LedgerPage<B> = self.read_from(at(&url, cursor.as_deref())).await?;
            if (&page.opening, &page.closing) != (&whole.opening, &whole.closing) {
                return Err(NetError::AnswerBroken("pages of two moments".into()));
            }
            whole.items.extend(page.items);
            cursor = further(cursor, page.next)?;
        }
        Ok(whole)
    }
}

/// What goes out as an endpoint says, and whether by a proxy that the user set.
pub(crate) fn client(endpoint: &Endpoint, tls: ClientConfig, https_only: bool) -> Result<(Client, bool), NetError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(https_only)
        .connect_timeout(endpoint.timing.connect)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("huijiao/", env!("CARGO_PKG_VERSION")));
    let mut manual_proxy = false;
    let builder = match &endpoint.proxy {
        Proxy::System => builder,
        Proxy::None => builder.no_proxy(),
        Proxy::Manual { address, account } => {
            manual_proxy = true;
            let proxy = reqwest::Proxy::all(address).map_err(|error| NetError::Setup(error.to_string()))?;
            let proxy = match account {
                Some(ProxyAccount { user, password }) => proxy.basic_auth(user, password.expose_secret()),
                None => proxy,
            };
            builder.no_proxy().proxy(proxy)
        }
    };
    let client = builder.build().map_err(|error| of_transport(&error, manual_proxy).0)?;
    Ok((client, manual_proxy))
}

/// The address of a list's page.
fn at(list: &Url, cursor: Option<&str>) -> Url {
    let mut url = list.clone();
    if let Some(cursor) = cursor {
        url.query_pairs_mut().append_pair("cursor", cursor);
    }
    url
}

/// Where a list goes on. A cursor that leads to itself would never end.
fn further(cursor: Option<String>, next: Option<String>) -> Result<Option<String>, NetError> {
    if next.is_some() && next == cursor {
        return Err(NetError::AnswerBroken("a page without an end".into()));
    }
    Ok(next)
}

/// Lets a success through; anything else becomes the fault it is.
pub(crate) async fn accept(response: Response) -> Result<Response, NetError> {
    if [StatusCode::OK, StatusCode::CREATED].contains(&response.status()) {
        return Ok(response);
    }
    Err(match refusal(response).await {
        Ok(problem) => NetError::Problem(problem),
        Err(fault) => fault,
    })
}

/// What is behind an answer that is no success. A problem only where the center surely speaks: the right
/// media type, readable, and not a fault of the server's own.
async fn refusal(response: Response) -> Result<Box<Problem>, NetError> {
    let status = response.status();
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            NetError::Busy { retry_after: retry_after(&response) }
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => NetError::Server(status.as_u16()),
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => NetError::ProxyAccount,
        _ if status.is_server_error() => NetError::Server(status.as_u16()),
        _ if status.is_redirection() => NetError::Portal,
        _ if status.is_client_error() && media_type(&response) == "application/problem+json" => {
            let body = whole(response).await?;
            return serde_json::from_slice(&body).map_err(|error| NetError::AnswerBroken(error.to_string()));
        }
        _ => NetError::AnswerBroken(format!("status {status}")),
    })
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T, NetError> {
    expect_type(&response, "application/json")?;
    let body = whole(response).await?;
    serde_json::from_slice(&body).map_err(|error| NetError::AnswerBroken(error.to_string()))
}

pub(crate) async fn whole(mut response: Response) -> Result<Vec<u8>, NetError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| of_body(&error))? {
        if body.len() + chunk.len() > ANSWER {
            return Err(NetError::AnswerBroken("too large".into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn media_type(response: &Response) -> &str {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

pub(crate) fn expect_type(response: &Response, wanted: &str) -> Result<(), NetError> {
    match media_type(response) {
        found if found.eq_ignore_ascii_case(wanted) => Ok(()),
        found if found.eq_ignore_ascii_case("text/html") => Err(NetError::Portal),
        found => Err(NetError::AnswerBroken(format!("content type {found}"))),
    }
}

/// Seconds to wait: a number, or a date against the answer's own date.
fn retry_after(response: &Response) -> Option<u64> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let value = header(RETRY_AFTER)?;
    if let Ok(seconds) = value.trim().parse() {
        return Some(seconds);
    }
    let until = time::read(value)?;
    let now = time::read(header(DATE)?)?;
    Some(u64::try_from(until.as_second() - now.as_second()).unwrap_or(0))
}
