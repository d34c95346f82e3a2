//! The center itself: what it holds, how it starts, what its staff can do.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_domain::money::Yuan;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::MonthTable;
use huijiao_protocol::resources::About;
use huijiao_signing::TrustAnchors;
use huijiao_signing::issue::Validity;
use rusqlite::Transaction;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::bank;
use crate::certificates::Revoked;
use crate::clock::CenterClock;
use crate::counter::Counter;
use crate::error::CenterError;
use crate::faults::FaultSwitch;
use crate::filing;
use crate::http;
use crate::http::admin::{self, Admin, AdminConfig};
use crate::keys::{self, Authority, ReceiptKey};
use crate::limits::{Counts, Limits};
use crate::register::{self, Register, dues, events, operators, units};
use crate::remittance::{self, Desk};
use crate::review;
use crate::seed::{PastWithdrawal, Seed};
use crate::sessions::Sessions;
use crate::transport;

/// Filings that come in at once; each may take 64 MiB of memory.
const UPLOADS: usize = 8;

/// How to start a center.
#[derive(Debug, Clone)]
pub struct CenterConfig {
    /// Where everything is kept: `center.db`, `ca.pem`, keys. Made if it is not there.
    pub folder: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names and addresses in the server certificate, besides `localhost`, `127.0.0.1` and the listening address.
    pub names: Vec<String>,
    /// The center's clock.
    pub clock: CenterClock,
    /// From when to when the certificates hold that the center issues, its own too; some years from its clock's now
    /// where absent. A center whose clock is elsewhere needs dates that cover its clients' clocks too: TLS is judged
    /// by those.
    pub validity: Option<Validity>,
    /// What it knows from the start; what is there already stays as it is.
    pub seed: Option<Seed>,
    /// A door for the center's staff; none where absent.
    pub admin: Option<AdminConfig>,
    /// How often somebody may ask. `None` is for a center that serves the program it runs in.
    pub limits: Option<Limits>,
}

impl CenterConfig {
    /// On a free port of this machine, by the system's clock, with whatever the folder holds.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            names: Vec::new(),
            clock: CenterClock::system(),
            validity: None,
            seed: None,
            admin: None,
            limits: None,
        }
    }
}

/// The reference center.
#[derive(Debug)]
pub struct Center {
    pub(crate) register: Register,
    pub(crate) clock: CenterClock,
    pub(crate) faults: FaultSwitch,
    pub(crate) anchors: TrustAnchors,
    pub(crate) receipt_key: ReceiptKey,
    pub(crate) uploads: Arc<Semaphore>,
    /// True, or without a sender, once the center stops.
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) authority: Authority,
    pub(crate) revoked: Revoked,
    pub(crate) sessions: Sessions,
    pub(crate) counts: Option<Counts>,
}

impl Center {
    /// Opens or makes the folder and listens. A second start on the same folder goes on where the first ended:
    /// same authority, same books.
    ///
    /// # Errors
    /// [`CenterError`] when the folder, the database, the keys or the address cannot be used.
    pub async fn start(config: CenterConfig) -> Result<RunningCenter, CenterError> {
        let CenterConfig { folder, listen, names, clock, validity, seed, admin, limits } = config;
        let opening = clock.clone();
        let (stop, stopped) = watch::channel(false);
        let listening = stopped.clone();
        let center = blocking(move || Self::open(&folder, opening, validity, seed.as_ref(), stopped)).await?;
        let center = Self { counts: limits.map(Counts::new), ..center };
        let no_address = |source| CenterError::Address { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(no_address)?;
        let address = listener.local_addr().map_err(no_address)?;

        let mut server_names = vec!["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string()];
        if !address.ip().is_unspecified() {
            server_names.push(address.ip().to_string());
        }
        server_names.extend(names);
        server_names.sort();
        server_names.dedup();
        let server = center.authority.server(&server_names, clock.now())?;
        let tls = transport::tls(&server, center.authority.certificate().der(), &clock, center.revoked.clone())?;

        let counter = Counter { center: Arc::new(center) };
        let admin = match admin {
            Some(config) => Some(admin::open(config, counter.clone(), listening.clone()).await?),
            None => None,
        };
        let serving = tokio::spawn(transport::serve(listener, tls, http::router(counter.center.clone()), listening));
        Ok(RunningCenter { counter, address, admin, stop, serving })
    }

    fn open(
        folder: &Path,
        clock: CenterClock,
        validity: Option<Validity>,
        seed: Option<&Seed>,
        stopped: watch::Receiver<bool>,
    ) -> Result<Self, CenterError> {
        keys::make_private(folder)?;
        let database = folder.join("center.db");
        keys::touch_private(&database)?;
        let register = Register::open(&database)?;
        let revoked = register.read(Revoked::load)?;
        let kept = match seed {
            Some(seed) => Some(seed.profile.clone()),
            None => register.read(register::profile)?,
        };
        let signatures = kept.map(|profile| profile.signatures).unwrap_or_default();
        let authority = Authority::open(folder, clock.now(), validity, signatures.knows_sm2())?;
        let receipt_key = authority.receipt_key(folder, clock.now(), signatures.receipts)?;
        let center = Self {
            register,
            revoked,
            clock,
            faults: FaultSwitch::default(),
            anchors: TrustAnchors::new(authority.certificates().into_iter().cloned().collect()),
            receipt_key,
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            stopped,
            authority,
            sessions: Sessions::default(),
            counts: None,
        };
        if let Some(seed) = seed {
            center.plant(seed)?;
        }
        center.register.write(|tx| match register::profile(tx)? {
            Some(_) => Ok(()),
            None => {
                let demo = CenterProfile::shipped("demo").ok_or_else(|| CenterError::Seed("no demo profile".into()))?;
                register::set_profile(tx, &demo)
            }
        })?;
        Ok(center)
    }

    /// Does everything whose day has come.
    pub(crate) fn work(&self) -> Result<(), CenterError> {
        bank::work(self)?;
        review::work(self)?;
        filing::deferral::end_terms(self)
    }

    pub(crate) fn plant(&self, seed: &Seed) -> Result<(), CenterError> {
        self.register.write(|tx| {
            register::set_profile(tx, &seed.profile)?;
            if units::add(tx, &seed.unit, &seed.contributors)? {
                self.begin(tx, seed)?;
            }
            for operator in &seed.operators {
                let hash = operator.certificate_sha256.to_ascii_lowercase();
                if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(CenterError::Seed("certificate_sha256 is not 64 hex digits".into()));
                }
                operators::add(tx, &seed.unit.account, &operator.name, operator.role, &hash, None)?;
            }
            Ok(())
        })
    }

    /// Books that a person takes money out of his account, now.
    pub(crate) fn withdraw(
        &self,
        unit: &str,
        personal_account: &str,
        reason: &str,
        amount: Yuan,
    ) -> Result<(), CenterError> {
        let (at, today) = (self.clock.rfc3339(), self.clock.today());
        self.register.write(|connection| {
            let desk = Desk { center: self, connection, unit, at: &at, today, filing: None };
            desk.withdraw(personal_account, reason, amount)?;
            events::moved(connection, unit, About::Books, &at)
        })
    }

    /// What a new unit's books begin with.
    fn begin(&self, connection: &Transaction<'_>, seed: &Seed) -> Result<(), CenterError> {
        let unit = &seed.unit;
        let months: Vec<_> = seed.months.iter().map(|past| (past.month, past.lines.clone())).collect();
        let follows = seed.months.windows(2).all(|pair| pair[0].month.next() == pair[1].month);
        let last = seed.months.last().is_none_or(|last| last.month.next() == unit.first_unverified);
        if !follows || !last || seed.months.iter().any(|past| past.lines.is_empty()) {
            return Err(CenterError::Seed("months do not lead up to the first unverified one".into()));
        }
        let (now, today) = (self.clock.rfc3339(), self.clock.today());
        let desk = Desk { center: self, connection, unit: &unit.account, at: &now, today, filing: None };
        let before = months.first().map(|(month, _)| format!("{month}-01T09:00:00+08:00"));
        Desk { at: before.as_deref().unwrap_or(&now), ..desk }.begin(unit.suspense_balance)?;
        let mut withdrawals: Vec<_> = seed.withdrawals.iter().collect();
        withdrawals.sort_by_key(|one| one.on);
        let mut withdrawals = withdrawals.into_iter().peekable();
        let withdraw = |one: &PastWithdrawal| {
            let at = format!("{}T10:00:00+08:00", one.on);
            Desk { at: &at, today: one.on, ..desk }.withdraw(&one.personal_account, &one.reason, one.amount)
        };
        for (table, (month, lines)) in MonthTable::in_a_row(&[], &months).iter().zip(&months) {
            let (at, today) = remittance::payday(*month);
            while let Some(one) = withdrawals.next_if(|one| one.on < today) {
                withdraw(one)?;
            }
            Desk { at: &at, today, ..desk }.paid_before(&table.figures, lines)?;
        }
        withdrawals.try_for_each(withdraw)?;
        if let Some(last_day) = seed.debit_agreement {
            dues::agree_on_debits(connection, &unit.account, last_day)?;
        }
        Ok(())
    }
}

/// A center that listens. Dropped, it stops listening; [`RunningCenter::shutdown`] also waits for the end. What its
/// staff can do is its [`Counter`]'s.
#[derive(Debug)]
pub struct RunningCenter {
    counter: Counter,
    address: SocketAddr,
    admin: Option<Admin>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Deref for RunningCenter {
    type Target = Counter;

    fn deref(&self) -> &Counter {
        &self.counter
    }
}

impl RunningCenter {
    /// `https://127.0.0.1:PORT`, without `/v1`; this machine's own where it listens everywhere.
    pub fn base_url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("https://{address}")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the center's staff reaches it and by which token; `None` where no such door was asked for.
    pub fn admin(&self) -> Option<&Admin> {
        self.admin.as_ref()
    }

    /// The certificates a client must trust, DER.
    pub fn anchors(&self) -> Vec<Vec<u8>> {
        self.counter.center.authority.certificates().into_iter().map(|root| root.der().to_vec()).collect()
    }

    /// The authority's certificate, PEM; what `openssl cms -verify -CAfile` wants.
    pub fn ca_pem(&self) -> String {
        self.counter.center.authority.certificate().pem()
    }

    /// The fault switch.
    pub fn faults(&self) -> FaultSwitch {
        self.counter.center.faults.clone()
    }

    /// The clock.
    pub fn clock(&self) -> CenterClock {
        self.counter.center.clock.clone()
    }

    /// Stops listening and waits until what is under way has ended.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        let _ = self.serving.await;
    }
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CenterError> + Send + 'static,
) -> Result<T, CenterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(CenterError::Content(error.to_string())),
    }
}
