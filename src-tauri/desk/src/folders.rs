//! Folders on disks and shares that may be away.
//!
//! A share whose server is gone answers nobody for minutes, and whoever asks it waits as long. So each is asked by a
//! thread of its own, with patience, and not again while that one still waits. Whoever is about to hold the desk asks
//! first: then nobody waits while it is held.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a disk that sleeps needs to wake up.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a folder has not answered yet; locked while somebody waits for it.
type Waiting = Arc<Mutex<Option<Receiver<bool>>>>;

#[derive(Default)]
pub(crate) struct Folders {
    waiting: Mutex<HashMap<PathBuf, Waiting>>,
}

impl Folders {
    /// Whether a folder is there, and says so in time.
    pub(crate) fn answers(&self, folder: &Path) -> bool {
        self.asked(folder, PATIENCE, Path::is_dir)
    }

    fn asked(&self, folder: &Path, patience: Duration, ask: impl FnOnce(&Path) -> bool + Send + 'static) -> bool {
        let waiting = self.waiting(folder);
        // Two do not ask the same folder at once.
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if is_silent(&mut waiting) {
            return false;
        }
        let (say, answer) = channel();
        let of = folder.to_owned();
        let asking = std::thread::Builder::new().name("folder".into()).spawn(move || {
            // Whoever asked may have gone on long ago.
            let _ = say.send(ask(&of));
        });
        if asking.is_err() {
            return false;
        }
        match answer.recv_timeout(patience) {
            Ok(there) => there,
            Err(RecvTimeoutError::Timeout) => {
                *waiting = Some(answer);
                false
            }
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    fn waiting(&self, folder: &Path) -> Waiting {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(folder.to_owned()).or_default().clone()
    }
}

/// Whether somebody still waits for its answer.
fn is_silent(waiting: &mut Option<Receiver<bool>>) -> bool {
    let silent = waiting.as_ref().is_some_and(|answer| answer.try_recv() == Err(TryRecvError::Empty));
    if !silent {
        *waiting = None;
    }
    silent
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    #[test]
    fn a_dead_share_is_waited_for_once_and_believed_again_when_it_answers() {
        let (folders, share) = (Folders::default(), Path::new("/share"));
        let (come_back, dead) = channel::<()>();
        let asked = Arc::new(AtomicU32::new(0));
        let by = asked.clone();
        let never = move |_: &Path| {
            by.fetch_add(1, Ordering::SeqCst);
            dead.recv().is_ok()
        };
        assert!(!folders.asked(share, Duration::from_millis(1), never), "who does not answer is away");
        for _ in 0..3 {
            let again = |_: &Path| -> bool { unreachable!("nobody else is sent to a share that does not answer") };
            assert!(!folders.asked(share, Duration::from_secs(600), again), "and nobody waits for it again");
        }
        let here = tempfile::tempdir().unwrap();
        assert!(folders.answers(here.path()), "others are asked meanwhile");
        assert!(!folders.answers(&here.path().join("nowhere")));

        come_back.send(()).unwrap();
        while is_silent(&mut folders.waiting(share).lock().unwrap()) {
            std::thread::yield_now();
        }
        assert!(folders.asked(share, Duration::from_secs(600), |_| true), "it is asked anew");
        assert_eq!(asked.load(Ordering::SeqCst), 1, "once for all the time it was dead");
    }

    #[test]
    fn two_who_ask_a_dead_share_at_once_send_one_there() {
        let (folders, share) = (Arc::new(Folders::default()), Path::new("/share"));
        let (answered, second) = channel();
        let sent = Arc::new(AtomicBool::new(false));
        let (others, noted) = (folders.clone(), sent.clone());
        // Somebody else asks while this one has no answer yet.
        let slow = move |share: &Path| {
            let again = move |_: &Path| {
                noted.store(true, Ordering::SeqCst);
                true
            };
            let _ = answered.send(others.asked(share, Duration::from_secs(600), again));
            true
        };
        assert!(!folders.asked(share, Duration::from_millis(100), slow));
        assert!(!second.recv().unwrap(), "the second is told as soon as the first has given up");
        assert!(!sent.load(Ordering::SeqCst), "and sends nobody");
    }
}
