//! The one thread that speaks to a module. Modules are native code of others', not all of which bears two threads at
//! once, and one that hangs must hold up nobody but whoever waits for it, and him not for ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::ModuleAnswer;
use super::pkcs11::Pkcs11Module;
use super::process::{Ending, ModuleProcess};
#[cfg(feature = "skf")]
use super::skf::Skf;
use crate::certificate::Certificate;
use crate::error::SignError;
use crate::pin::Pin;

/// Longest wait for a module that is loaded and lists what it has.
pub(super) const LOOKING: Duration = Duration::from_secs(15);
/// Longest wait for a PIN that is typed at the token itself, or a signature that is confirmed there.
pub(super) const OPERATING: Duration = Duration::from_secs(120);

type Job = Box<dyn FnOnce(&mut dyn Driver) + Send>;

/// What a module is at.
#[derive(Clone, Copy)]
struct Work {
    job: u64,
    since: Instant,
    /// Longest that it may take.
    patience: Duration,
}

impl Work {
    fn left(self) -> Duration {
        self.patience.saturating_sub(self.since.elapsed())
    }
}

/// A module's thread. There is one for each module in a process, because a module can be initialized only once in it.
pub(super) struct Owner {
    jobs: Sender<Job>,
    path: PathBuf,
    /// It did not answer in time, and has not answered since.
    silent: Arc<AtomicBool>,
    at: Arc<Mutex<Option<Work>>>,
    /// Of the process that the module runs in, where it has one of its own.
    ending: Option<Ending>,
}

/// By the file, and by the program that serves it in a process of its own.
type Owners = BTreeMap<(PathBuf, Option<PathBuf>), Arc<Owner>>;

static OWNERS: Mutex<Owners> = Mutex::new(BTreeMap::new());
static HOLDS: AtomicU64 = AtomicU64::new(0);
static JOBS: AtomicU64 = AtomicU64::new(0);

impl Owner {
    /// Of the module in this file, in a process of `program` where there is one; nothing is loaded before it is asked for
    /// something.
    pub(super) fn of(path: &Path, program: Option<&Path>) -> Arc<Self> {
        let mut owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = owners.entry((path.to_owned(), program.map(Path::to_owned))).or_insert_with(|| {
            let (jobs, inbox) = mpsc::channel::<Job>();
            let file = path.to_owned();
            let process = program.map(|program| ModuleProcess::new(program, path));
            let ending = process.as_ref().map(ModuleProcess::ending);
            thread::spawn(move || {
                let mut module = process.map(|process| -> Box<dyn Driver> { Box::new(process) });
                for job in inbox {
                    job(module.get_or_insert_with(|| driver(&file)).as_mut());
                }
            });
            let (path, silent, at) = (path.to_owned(), Arc::default(), Arc::default());
            Arc::new(Self { jobs, path, silent, at, ending })
        });
        owner.clone()
    }

    /// Has the module do something. One that takes longer over it is ended, where it runs in a process of its own.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut dyn Driver) -> Result<T, SignError> + Send + 'static,
    ) -> Result<T, SignError> {
        let silent = || SignError::TokenSilent { path: self.path.display().to_string() };
        // Nobody waits twice for a module that hangs; it is asked again as soon as it has said something.
        if self.silent.load(Ordering::Acquire) {
            self.end_overdue(*self.at());
            return Err(silent());
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let (begun, given_up) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (beginning, unwanted) = (begun.clone(), given_up.clone());
        let job = self.send(patience, move |module| {
            // Nobody waits for it any more, and a PIN is not tried behind anybody's back.
            if unwanted.load(Ordering::Acquire) {
                return;
            }
            beginning.store(true, Ordering::Release);
            // Whoever asked may have given up.
            let _ = answer.send(work(module));
        });
        let mut wait = patience;
        loop {
            match answered.recv_timeout(wait) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Err(silent()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            // Held, so that what is ended is what it is at and nothing later.
            let at = self.at();
            // Whoever waited for others first still has all of his own time.
            wait = at.filter(|work| work.job == job).map_or(Duration::ZERO, Work::left);
            if !wait.is_zero() {
                continue;
            }
            if at.is_none_or(|work| work.job != job) && begun.load(Ordering::Acquire) {
                // It is done: its answer is on its way.
                drop(at);
                return answered.recv().map_err(|_| silent())?;
            }
            given_up.store(true, Ordering::Release);
            self.silent.store(true, Ordering::Release);
            self.end_overdue(*at);
            return Err(silent());
        }
    }

    /// Has the module do something when its turn comes; the number that [`Work`] has meanwhile.
    fn send(&self, patience: Duration, work: impl FnOnce(&mut dyn Driver) + Send + 'static) -> u64 {
        let (said, at) = (self.silent.clone(), self.at.clone());
        let job = JOBS.fetch_add(1, Ordering::Relaxed);
        // A thread that is gone answers nobody, which whoever waits sees.
        let _ = self.jobs.send(Box::new(move |module| {
            let now_at = |work| *at.lock().unwrap_or_else(PoisonError::into_inner) = work;
            now_at(Some(Work { job, since: Instant::now(), patience }));
            work(module);
            now_at(None);
            said.store(false, Ordering::Release);
        }));
        job
    }

    fn at(&self) -> MutexGuard<'_, Option<Work>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a module in a process of its own that takes too long over what it is at, whoever asked for that.
    fn end_overdue(&self, at: Option<Work>) {
        if let (Some(work), Some(ending)) = (at, &self.ending)
            && work.left().is_zero()
        {
            ending.end();
        }
    }

    /// A place at a token, to be filled by a login.
    pub(super) fn hold(self: &Arc<Self>, token: &str) -> Hold {
        Hold { owner: self.clone(), token: token.to_owned(), id: HOLDS.fetch_add(1, Ordering::Relaxed) }
    }
}

/// A right to use a token that is logged in; with the last one the token is logged out.
pub(super) struct Hold {
    pub(super) owner: Arc<Owner>,
    /// Serial number of the token.
    pub(super) token: String,
    pub(super) id: u64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let (token, id) = (std::mem::take(&mut self.token), self.id);
        // Nobody waits: a token that is gone has nothing to be logged out of.
        self.owner.send(LOOKING, move |module| module.leave(&token, id));
    }
}

/// How modules are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Interface {
    Pkcs11,
    #[cfg(feature = "skf")]
    Skf,
}

/// What is asked of a module, whatever its interface.
pub(super) trait Driver: Send {
    /// What it has. Where nobody is logged in, a new look also finds what a module notices only when it starts.
    fn look(&mut self, anew: bool) -> Result<ModuleAnswer, SignError>;

    /// Whether a token that was here can still be read; where it cannot, nothing of it is remembered.
    fn still_has(&mut self, token: &str) -> Result<bool, SignError>;

    /// Proves the PIN at the token, whoever is logged in already, and takes a place there. Says whether the key can
    /// sign by PSS.
    fn log_in(&mut self, token: &str, hold: u64, pin: &Pin) -> Result<bool, SignError>;

    /// Gives a token another PIN, whoever is logged in; nobody is by that.
    ///
    /// # Errors
    /// Those of a login for the old PIN, and [`SignError::TokenPinForm`] for the new one: the old one holds then.
    fn change_pin(&mut self, token: &str, old: &Pin, new: &Pin) -> Result<(), SignError>;

    /// Takes another place at a token where one has one.
    fn join(&mut self, token: &str, hold: u64, another: u64) -> Result<(), SignError>;

    /// Gives a place back.
    fn leave(&mut self, token: &str, hold: u64);

    /// Signs with the private key that is paired with a certificate: DER for curves.
    fn sign(
        &mut self,
        token: &str,
        hold: u64,
        key: &[u8],
        scheme: Scheme,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError>;
}

/// The module in this file, by the interface that it has.
pub(super) fn driver(path: &Path) -> Box<dyn Driver> {
    #[cfg(feature = "skf")]
    if let Some(skf) = Skf::of(path) {
        return Box::new(skf);
    }
    Box::new(Pkcs11Module::new(path))
}

/// How something is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Scheme {
    /// ECDSA on P-256 with SHA-256, as DER
    Ecdsa,
    /// RSA by PKCS#1 v1.5 with SHA-256
    Pkcs1,
    /// RSA by PSS with SHA-256, as TLS 1.3 wants it
    Pss,
    /// SM2, as DER, of a digest that the signer's Z went into already
    Sm2,
}

/// A certificate of an operator's on a token, and what of the token leads towards its root.
#[derive(Clone)]
pub(super) struct OnToken {
    pub(super) certificate: Certificate,
    pub(super) chain: Vec<Certificate>,
    /// What pairs it with its private key: CKA_ID, or its container's name.
    pub(super) id: Vec<u8>,
}
