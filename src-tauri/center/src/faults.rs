//! The fault switch: what a network and a busy center do to a client, on demand.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use tokio::sync::Notify;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends before anything is done.
    DropBefore,
    /// Everything is done and committed, then the connection ends without an answer.
    DropAfterCommit,
    /// Everything is done and committed, then the connection ends in the middle of the answer's body.
    CutAnswer,
    /// Everything is done and committed, then the connection ends after so many bytes of the answer, its head included.
    CutAnswerAfter(u64),
    /// The connection ends, and what had come is done on [`FaultSwitch::let_arrive`]: it was on its way.
    Late,
    /// The request comes twice at once; one of the answers is given.
    Twice,
    /// Waits, then goes on as ever.
    Delay(Duration),
    /// Waits until [`FaultSwitch::release`], then goes on as ever.
    Hold,
    /// 503 with `Retry-After` in seconds; nothing is done.
    Unavailable(u32),
    /// 429 with `Retry-After` in seconds; nothing is done.
    RateLimited(u32),
    /// Everything is done and committed, then the answer is 500.
    InternalAfterCommit,
    /// Everything is done and committed, then something on the way answers in its place with this status and a page.
    ProxyAfterCommit(u16),
    /// Everything is done and committed, then the answer is half of one: its length fits, its JSON does not end.
    Garbled,
    /// Everything is done and committed, then the answer is a web page with status 200.
    Html,
    /// Everything is done and committed, then the receipt in the answer is one whose signature does not hold.
    FalseReceipt,
    /// Everything is done and committed, then the receipt in the answer is another unit's, rightly signed.
    OthersReceipt,
}

/// Which requests a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The next request, whichever.
    Any,
    /// The next `PUT`.
    Put,
    /// The next `POST`.
    Post,
    /// The next `GET`.
    Get,
    /// The next for a revocation list. These come by themselves, and no other target means them.
    Lists,
}

impl Target {
    fn matches(self, method: &Method, lists: bool) -> bool {
        match self {
            Self::Lists => lists,
            Self::Any => !lists,
            Self::Put => !lists && method == Method::PUT,
            Self::Post => !lists && method == Method::POST,
            Self::Get => !lists && method == Method::GET,
        }
    }
}

/// Faults waiting for requests, each for one; clones are one switch.
#[derive(Debug, Clone, Default)]
pub struct FaultSwitch {
    waiting: Arc<Mutex<VecDeque<(Target, Fault)>>>,
    held: Arc<Notify>,
    late: Arc<Late>,
}

/// Requests that are late.
#[derive(Debug, Default)]
struct Late {
    waiting: AtomicUsize,
    go: Notify,
    done: Notify,
}

impl FaultSwitch {
    /// One fault for the next request of that sort; several wait in line.
    pub fn next(&self, target: Target, fault: Fault) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back((target, fault));
    }

    /// Lets a request go on that is held, or the next one that will be.
    pub fn release(&self) {
        self.held.notify_one();
    }

    /// Lets a request arrive that is late, and waits until it is done; `false` where none is.
    pub async fn let_arrive(&self) -> bool {
        if self.late.waiting.load(Ordering::SeqCst) == 0 {
            return false;
        }
        self.late.go.notify_one();
        self.late.done.notified().await;
        true
    }

    /// Does what is late once it may arrive.
    pub(crate) async fn late(&self, work: impl Future<Output = ()>) {
        self.late.go.notified().await;
        work.await;
        self.late.waiting.fetch_sub(1, Ordering::SeqCst);
        self.late.done.notify_one();
    }

    /// Notes that something will be late.
    pub(crate) fn is_late(&self) {
        self.late.waiting.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends with [`FaultSwitch::release`].
    pub(crate) async fn released(&self) {
        self.held.notified().await;
    }

    /// Forgets what waits.
    pub fn clear(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many faults still wait.
    pub fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes the first fault that waits for such a request, for a revocation list or for something else.
    pub(crate) fn take(&self, method: &Method, lists: bool) -> Option<Fault> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().position(|(target, _)| target.matches(method, lists))?;
        waiting.remove(at).map(|(_, fault)| fault)
    }
}
