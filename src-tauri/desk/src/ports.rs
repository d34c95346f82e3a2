//! What the desk needs of the world, as traits: time, new ids, the practice center, newer programs.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::MinimumTls;
pub use huijiao_gateway::Proxy;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::error::DeskError;
use crate::views::{ActivationCodeView, PracticeDecision};

/// Time and chance.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Time since some moment, by a clock that nobody sets and that goes on while the computer sleeps.
    fn steady(&self) -> SignedDuration;

    /// A new UUIDv7.
    fn new_id(&self) -> Uuid;
}

/// This computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the desk's time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[cfg(unix)]
    fn steady(&self) -> SignedDuration {
        use rustix::time::{ClockId, clock_gettime};
        // Elsewhere than on Linux the other one goes on in sleep as well.
        #[cfg(target_os = "linux")]
        let id = ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let id = ClockId::Monotonic;
        let time = clock_gettime(id);
        SignedDuration::new(time.tv_sec, i32::try_from(time.tv_nsec).unwrap_or_default())
    }

    #[cfg(not(unix))]
    #[expect(clippy::disallowed_methods, reason = "the one place where the desk's time comes from")]
    fn steady(&self) -> SignedDuration {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        let start = START.get_or_init(std::time::Instant::now);
        SignedDuration::try_from(start.elapsed()).unwrap_or_default()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the desk's ids come from")]
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A center as the desk reaches it, and the unit it works for there.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Practice: fictitious data, the orange strip is shown.
    pub demo: bool,
    /// `https://host:port`
    pub base_url: String,
    /// Trust anchors of this center, DER: for TLS, certificates of operators and receipts.
    pub anchors: Vec<Vec<u8>>,
    /// The oldest TLS that is spoken with it.
    pub minimum_tls: MinimumTls,
    /// Folder with the operator's certificate files.
    pub certificates: PathBuf,
    /// 单位账号
    pub unit_account: String,
    /// Key id of the operator that logs in, and the PIN where it is no secret (practice).
    pub login: Option<(String, String)>,
    /// Practice: everybody who may log in here, by key id and name.
    pub operators: Vec<(String, String)>,
    /// What to add to this computer's time to be at the center's; practice centers stand in a fixed month.
    pub clock_offset: SignedDuration,
    /// Practice workbooks: path and a sentence on what each is for.
    pub workbooks: Vec<(PathBuf, String)>,
}

impl Connection {
    /// Practice: the login of somebody whom one can be there; its PIN is no secret.
    pub(crate) fn practice_login(&self) -> Option<&(String, String)> {
        let login = self.login.as_ref()?;
        self.operators.iter().any(|(key, _)| *key == login.0).then_some(login)
    }
}

/// What happens outside of the unit, in the practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The unit's bank transfers money to the center.
    Transfer {
        /// Yuan.
        amount: Yuan,
        /// The bank remark.
        remark: String,
    },
    /// Days go by.
    Days(u16),
    /// An officer of the center decides of a filing.
    Decide {
        /// The filing's own id.
        filing: Uuid,
        /// What he decides.
        decision: PracticeDecision,
    },
    /// Filings of a kind go to an officer from now on, or are booked at once.
    Review {
        /// The kind.
        kind: FilingKind,
        /// Whether an officer decides.
        officer: bool,
    },
    /// Filings of a kind need the approver's signature from now on, or do not.
    Countersign {
        /// The kind.
        kind: FilingKind,
        /// Whether he signs.
        wanted: bool,
    },
}

/// A future that a port answers with.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeskError>> + Send + 'a>>;

/// The practice center, started in this process.
pub trait PracticeDoor: Send + Sync {
    /// Starts it on `folder` (or reuses the running one) and says how to reach it.
    fn open<'a>(&'a self, folder: &'a Path) -> Answer<'a, Connection>;

    /// Lets something happen outside of the unit, and says how the practice is reached from then on: its clock may
    /// have moved.
    fn practise<'a>(&'a self, folder: &'a Path, happening: Happening) -> Answer<'a, Connection>;

    /// An activation code of the practice center's counter for somebody of this name in this role.
    fn activation<'a>(&'a self, name: &'a str, approver: bool) -> Answer<'a, ActivationCodeView>;
}

/// A newer program, as whoever publishes it announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its version, newer than this one's.
    pub version: String,
    /// What is new in it, as it was written.
    pub notes: Option<String>,
    /// The day it was published, `YYYY-MM-DD`.
    pub date: Option<String>,
}

/// Installs a package whose signature was found good. On some systems this program ends within it.
pub type Install = Box<dyn FnOnce() -> Result<(), DeskError> + Send>;

/// How much of a package has come, in bytes, and how much it is where that is known.
pub type Coming<'a> = &'a (dyn Fn(u64, Option<u64>) + Send + Sync);

/// Where newer programs come from.
pub trait UpdateDoor: Send + Sync {
    /// What is announced, where it is newer than this program.
    fn look(&self, proxy: Proxy) -> Answer<'_, Option<Release>>;

    /// Fetches the package of `version` and proves it to be that; anything else that is announced meanwhile is refused
    /// with [`DeskError::UPDATE_OTHER`], what is not signed by the publisher with [`DeskError::UPDATE_UNPROVEN`].
    fn fetch<'a>(&'a self, version: &'a str, proxy: Proxy, coming: Coming<'a>) -> Answer<'a, Install>;
}
