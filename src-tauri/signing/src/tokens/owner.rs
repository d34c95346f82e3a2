//! The one thread that speaks to a module. Modules are native code of others', not all of which bears two threads at
//! once, and one that hangs must hold up nobody but whoever waits for it, and him not for ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::ModuleAnswer;
use super::pkcs11::Pkcs11Module;
#[cfg(feature = "skf")]
use super::skf::Skf;
use crate::certificate::Certificate;
use crate::error::SignError;
use crate::pin::Pin;

/// Longest wait for a module that lists what it has.
pub(super) const LOOKING: Duration = Duration::from_secs(5);
/// Longest wait for a PIN that is typed at the token itself, or a signature that is confirmed there.
pub(super) const OPERATING: Duration = Duration::from_secs(120);

type Job = Box<dyn FnOnce(&mut dyn Driver) + Send>;

/// A module's thread. There is one for each module in a process, because a module can be initialized only once in it.
pub(super) struct Owner {
    jobs: Sender<Job>,
    path: PathBuf,
    /// It did not answer in time, and has not answered since.
    silent: Arc<AtomicBool>,
}

static OWNERS: Mutex<BTreeMap<PathBuf, Arc<Owner>>> = Mutex::new(BTreeMap::new());
static HOLDS: AtomicU64 = AtomicU64::new(0);

impl Owner {
    /// Of the module in this file; nothing is loaded before it is asked for something.
    pub(super) fn of(path: &Path) -> Arc<Self> {
        let mut owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = owners.entry(path.to_owned()).or_insert_with(|| {
            let (jobs, inbox) = mpsc::channel::<Job>();
            let file = path.to_owned();
            thread::spawn(move || {
                let mut module: Option<Box<dyn Driver>> = None;
                for job in inbox {
                    job(module.get_or_insert_with(|| driver(&file)).as_mut());
                }
            });
            Arc::new(Self { jobs, path: path.to_owned(), silent: Arc::default() })
        });
        owner.clone()
    }

    /// Has the module do something.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut dyn Driver) -> Result<T, SignError> + Send + 'static,
    ) -> Result<T, SignError> {
        let silent = || SignError::TokenSilent { path: self.path.display().to_string() };
        // Nobody waits twice for a module that hangs; it is asked again as soon as it has said something.
        if self.silent.load(Ordering::Acquire) {
            return Err(silent());
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let said = self.silent.clone();
        let job = move |module: &mut dyn Driver| {
            let outcome = work(module);
            said.store(false, Ordering::Release);
            // Whoever asked may have given up.
            let _ = answer.send(outcome);
        };
        self.jobs.send(Box::new(job)).map_err(|_| silent())?;
        answered.recv_timeout(patience).map_err(|_| {
            self.silent.store(true, Ordering::Release);
            silent()
        })?
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
        let _ = self.owner.jobs.send(Box::new(move |module| module.leave(&token, id)));
    }
}

/// How modules are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
