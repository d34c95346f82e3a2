//! The center itself: what it holds, how it starts, what its staff can do.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_domain::money::Yuan;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::MonthTable;
use huijiao_domain::roster::{AccountStatus, Unit};
use huijiao_protocol::resources::About;
use huijiao_signing::issue::{IssuedOperator, Validity};
use huijiao_signing::{Certificate, Pin, TrustAnchors};
use jiff::civil::Date;
use rusqlite::Transaction;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::bank;
use crate::clock::CenterClock;
use crate::error::CenterError;
use crate::faults::FaultSwitch;
use crate::http;
use crate::keys::{self, Authority, ReceiptKey};
use crate::register::incoming::{self, StatementLine};
use crate::register::{self, Register, dues, events, operators, units};
use crate::remittance::{self, Desk};
use crate::seed::{Seed, UnitRole};
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
    authority: Authority,
}

impl Center {
    /// Opens or makes the folder and listens. A second start on the same folder goes on where the first ended:
    /// same authority, same books.
    ///
    /// # Errors
    /// [`CenterError`] when the folder, the database, the keys or the address cannot be used.
    pub async fn start(config: CenterConfig) -> Result<RunningCenter, CenterError> {
        let CenterConfig { folder, listen, names, clock, validity, seed } = config;
        let opening = clock.clone();
        let (stop, stopped) = watch::channel(false);
        let listening = stopped.clone();
        let center = blocking(move || Self::open(&folder, opening, validity, seed.as_ref(), stopped)).await?;
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
        let tls = transport::tls(&server, center.authority.certificate().der(), &clock)?;

        let center = Arc::new(center);
        let serving = tokio::spawn(transport::serve(listener, tls, http::router(center.clone()), listening));
        Ok(RunningCenter { center, address, stop, serving })
    }

    fn open(
        folder: &Path,
        clock: CenterClock,
        validity: Option<Validity>,
        seed: Option<&Seed>,
        stopped: watch::Receiver<bool>,
    ) -> Result<Self, CenterError> {
        let authority = Authority::open(folder, clock.now(), validity)?;
        let receipt_key = authority.receipt_key(folder, clock.now())?;
        let database = folder.join("center.db");
        keys::touch_private(&database)?;
        let register = Register::open(&database)?;
        let center = Self {
            register,
            clock,
            faults: FaultSwitch::default(),
            anchors: TrustAnchors::new(vec![authority.certificate().clone()]),
            receipt_key,
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            stopped,
            authority,
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

    fn plant(&self, seed: &Seed) -> Result<(), CenterError> {
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
                operators::add(tx, &seed.unit.account, &operator.name, operator.role, &hash)?;
            }
            Ok(())
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
        desk.begin(unit.suspense_balance)?;
        for (table, (month, lines)) in MonthTable::in_a_row(&[], &months).iter().zip(&months) {
            let (at, today) = remittance::payday(*month);
            Desk { at: &at, today, ..desk }.paid_before(&table.figures, lines)?;
        }
        if let Some(last_day) = seed.debit_agreement {
            dues::agree_on_debits(connection, &unit.account, last_day)?;
        }
        Ok(())
    }
}

/// A center that listens. Dropped, it stops listening; [`RunningCenter::shutdown`] also waits for the end.
#[derive(Debug)]
pub struct RunningCenter {
    pub(crate) center: Arc<Center>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
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

    /// The certificates a client must trust, DER.
    pub fn anchors(&self) -> Vec<Vec<u8>> {
        vec![self.center.authority.certificate().der().to_vec()]
    }

    /// The authority's certificate, PEM; what `openssl cms -verify -CAfile` wants.
    pub fn ca_pem(&self) -> String {
        self.center.authority.certificate().pem()
    }

    /// The fault switch.
    pub fn faults(&self) -> FaultSwitch {
        self.center.faults.clone()
    }

    /// The clock.
    pub fn clock(&self) -> CenterClock {
        self.center.clock.clone()
    }

    /// Adds what the seed has and the center lacks; sets the profile.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses or the seed is not one; then nothing of it is added.
    pub async fn seed(&self, seed: Seed) -> Result<(), CenterError> {
        let center = self.center.clone();
        blocking(move || center.plant(&seed)).await
    }

    /// A unit as the center has it now.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn unit(&self, account: &str) -> Result<Option<Unit>, CenterError> {
        let (center, account) = (self.center.clone(), account.to_owned());
        blocking(move || center.register.read(|c| units::unit(c, &account))).await
    }

    /// Gives the holder of a certificate (DER) a role in a unit.
    ///
    /// # Errors
    /// [`CenterError`] when it is no certificate or there is no such unit.
    pub async fn register_operator(&self, unit: &str, certificate: &[u8], role: UnitRole) -> Result<(), CenterError> {
        let certificate = Certificate::from_der(certificate).map_err(|e| CenterError::Keys(e.to_string()))?;
        let (center, unit) = (self.center.clone(), unit.to_owned());
        blocking(move || {
            center.register.write(|tx| {
                if units::roster_version(tx, &unit)?.is_none() {
                    return Err(CenterError::Seed(format!("no unit {unit}")));
                }
                operators::add(tx, &unit, certificate.holder(), role, &certificate.sha256_hex())
            })
        })
        .await
    }

    /// Issues an operator's certificate for a unit of the register, registers it, and hands over the key file
    /// (PKCS#12) under the PIN. The center does not keep the key.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit or the certificate cannot be made.
    pub async fn issue_operator(
        &self,
        unit: &str,
        name: &str,
        role: UnitRole,
        pin: Pin,
    ) -> Result<IssuedOperator, CenterError> {
        let missing = || CenterError::Seed(format!("no unit {unit}"));
        let of = self.unit(unit).await?.ok_or_else(missing)?;
        let (center, name) = (self.center.clone(), name.to_owned());
        let issued = blocking(move || center.authority.operator(&of, &name, &pin, center.clock.now())).await?;
        self.register_operator(unit, issued.certificate.der(), role).await?;
        Ok(issued)
    }

    /// Revokes a certificate (DER): its holder is refused from the next request on. `false` if it is unknown.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn revoke(&self, certificate: &[u8]) -> Result<bool, CenterError> {
        let hash = crate::hex::sha256_hex(certificate);
        let center = self.center.clone();
        let at = self.center.clock.rfc3339();
        blocking(move || center.register.write(|tx| operators::revoke(tx, &hash, &at))).await
    }

    /// What a clerk at the center's counter does: changes one account's status, which raises the roster version.
    /// `false` without such an account.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn set_account_status(
        &self,
        unit: &str,
        personal_account: &str,
        status: AccountStatus,
    ) -> Result<bool, CenterError> {
        let (center, unit, account) = (self.center.clone(), unit.to_owned(), personal_account.to_owned());
        let at = self.center.clock.rfc3339();
        blocking(move || {
            center.register.write(|tx| {
                let changed = units::set_status(tx, &unit, &account, status)?;
                if changed {
                    events::moved(tx, &unit, About::Roster, &at)?;
                }
                Ok(changed)
            })
        })
        .await
    }

    /// The bank does everything whose day has come; requests have it done too, before they are answered.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn work(&self) -> Result<(), CenterError> {
        let center = self.center.clone();
        blocking(move || bank::work(&center)).await
    }

    /// What a unit does at its bank: it transfers money to the collection account, which comes in the next day.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit, or the amount is not above zero.
    pub async fn transfer(&self, unit: &str, amount: Yuan, remark: &str) -> Result<(), CenterError> {
        if amount <= Yuan::ZERO {
            return Err(CenterError::Seed(format!("a transfer of {amount}")));
        }
        let (center, unit, remark) = (self.center.clone(), unit.to_owned(), remark.to_owned());
        blocking(move || {
            let today = center.clock.today();
            center.register.write(|tx| bank::transfer(tx, &bank::unit(tx, &unit)?, today, amount, &remark))
        })
        .await
    }

    /// What the bank will say to the unit's next debit instead of paying (余额不足); it is then forgotten.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit.
    pub async fn refuse_next_debit(&self, unit: &str, answer: &str) -> Result<(), CenterError> {
        let (center, unit, answer) = (self.center.clone(), unit.to_owned(), answer.to_owned());
        blocking(move || center.register.write(|tx| incoming::set_debit_answer(tx, &unit, &answer))).await
    }

    /// Sets the last day of a unit's agreement on 委托收款.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit.
    pub async fn agree_on_debits(&self, unit: &str, last_day: Date) -> Result<(), CenterError> {
        let (center, unit) = (self.center.clone(), unit.to_owned());
        blocking(move || center.register.write(|tx| dues::agree_on_debits(tx, &unit, last_day))).await
    }

    /// The statement of the collection account over some days, both included.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn statement(&self, from: Date, to: Date) -> Result<Vec<StatementLine>, CenterError> {
        let center = self.center.clone();
        blocking(move || center.register.read(|c| incoming::statement(c, from, to))).await
    }

    /// Stops listening and waits until what is under way has ended.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        let _ = self.serving.await;
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CenterError> + Send + 'static,
) -> Result<T, CenterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(CenterError::Content(error.to_string())),
    }
}
