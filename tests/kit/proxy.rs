//! A network between desk and center that fails on demand.
//!
//! TLS passes through: what it says stays unread, but where its records begin and end is in the clear. So a fault has a
//! place: after or in the middle of a record of a connection, on its way out or back. What places there are the test
//! learns from the proxy itself, by doing once without a fault what it will then do with one at each place.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the desk to the center.
    Out,
    /// From the center to the desk.
    Back,
}

/// Where a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Whose record it is.
    pub way: Way,
    /// Records of that way are counted from the arming on, on each connection for itself: which of them carries what is
    /// the desk's to choose.
    pub record: usize,
    /// After the whole record; else in its middle.
    pub whole: bool,
}

/// What happens at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection ends.
    Cut,
    /// Nothing passes any more and nobody is told, until [`Proxy::wake`]: then it ends.
    Silence,
}

#[derive(Debug, Default)]
struct State {
    armed: u64,
    fault: Option<(Place, Trouble)>,
    /// The most records that a connection had of a way.
    seen: BTreeMap<Way, usize>,
    refuses: bool,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    reached: Notify,
    woken: Notify,
}

/// The proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    target: watch::Sender<SocketAddr>,
    hung_up: watch::Sender<u64>,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Proxy {
    /// Between whoever connects and `target`.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (target, towards) = watch::channel(target);
        let (hung_up, hearing) = watch::channel(0);
        let shared = Arc::new(Shared { state: Mutex::default(), reached: Notify::new(), woken: Notify::new() });
        let sharing = shared.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if sharing.state().refuses {
                    continue;
                }
                let target = *towards.borrow();
                tokio::spawn(connection(stream, target, hearing.clone(), sharing.clone()));
            }
        });
        Self { address, target, hung_up, shared, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends new connections elsewhere.
    pub fn lead_to(&self, target: SocketAddr) {
        self.target.send_replace(target);
    }

    /// Ends every connection.
    pub fn hang_up(&self) {
        self.hung_up.send_modify(|times| *times += 1);
    }

    /// Whether new connections end at once.
    pub fn refuse(&self, refuses: bool) {
        self.shared.state().refuses = refuses;
    }

    /// Begins to count, with a fault at a place or without one.
    pub fn arm(&self, fault: Option<(Place, Trouble)>) {
        let mut state = self.shared.state();
        *state = State { armed: state.armed + 1, fault, refuses: state.refuses, ..State::default() };
    }

    /// Whether the fault is still waited for; from now on there is none.
    pub fn disarm(&self) -> bool {
        self.shared.state().fault.take().is_some()
    }

    /// Ends once the place of a silence is reached.
    pub async fn reached(&self) {
        self.shared.reached.notified().await;
    }

    /// Ends a silence.
    pub fn wake(&self) {
        self.shared.woken.notify_one();
    }

    /// Every place there was since the arming, on the connection that had the most.
    pub fn places(&self) -> Vec<Place> {
        let state = self.shared.state();
        let records = state.seen.iter().flat_map(|(&way, &records)| {
            (0..records).flat_map(move |record| [false, true].map(|whole| Place { way, record, whole }))
        });
        records.collect()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a record of a connection; what is to happen there.
    fn count(&self, counted: &mut Counted, way: Way) -> Option<(bool, Trouble)> {
        let mut state = self.state();
        if counted.armed != state.armed {
            // A connection from before that only listens is not meant: it counts once the desk uses it again.
            if way == Way::Back {
                return None;
            }
            *counted = Counted { armed: state.armed, records: BTreeMap::new() };
        }
        let records = counted.records.entry(way).or_default();
        let record = *records;
        *records += 1;
        let most = state.seen.entry(way).or_default();
        *most = (*most).max(*records);
        let (place, trouble) = state.fault?;
        let here = Place { way, record, whole: place.whole } == place;
        here.then(|| state.fault = None).map(|()| (place.whole, trouble))
    }
}

/// Records of one connection since an arming.
#[derive(Debug, Default)]
struct Counted {
    armed: u64,
    records: BTreeMap<Way, usize>,
}

async fn connection(stream: TcpStream, target: SocketAddr, mut hung_up: watch::Receiver<u64>, shared: Arc<Shared>) {
    hung_up.mark_unchanged();
    let Ok(onwards) = TcpStream::connect(target).await else { return };
    for stream in [&stream, &onwards] {
        let _ = stream.set_nodelay(true);
    }
    let ((here_in, here_out), (there_in, there_out)) = (stream.into_split(), onwards.into_split());
    let counted = Mutex::default();
    // Whichever way ends first ends both: what one side has closed the other needs no more.
    tokio::select! {
        () = pump(here_in, there_out, Way::Out, &counted, &shared) => {}
        () = pump(there_in, here_out, Way::Back, &counted, &shared) => {}
        _ = hung_up.changed() => {}
    }
}

/// TLS: a warning or farewell, not counted.
const ALERT: u8 = 21;

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, counted: &Mutex<Counted>, shared: &Shared) {
    loop {
        let mut record = vec![0; 5];
        if from.read_exact(&mut record).await.is_err() {
            return;
        }
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        record.resize(5 + length, 0);
        if from.read_exact(&mut record[5..]).await.is_err() {
            return;
        }
        let fault = match record[0] {
            ALERT => None,
            _ => shared.count(&mut counted.lock().unwrap_or_else(PoisonError::into_inner), way),
        };
        let some = match fault {
            Some((false, _)) => record.len() / 2,
            Some((true, _)) | None => record.len(),
        };
        if to.write_all(&record[..some]).await.is_err() {
            return;
        }
        match fault {
            Some((_, Trouble::Cut)) => return,
            Some((_, Trouble::Silence)) => {
                shared.reached.notify_one();
                return shared.woken.notified().await;
            }
            None => {}
        }
    }
}
