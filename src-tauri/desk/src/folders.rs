//! Folders on disks and shares that may be away.
//!
//! A share whose server is gone answers nobody for minutes, and whoever asks it waits as long. So each is asked by a
//! thread of its own, with patience, and not again while that one still waits. Whoever is about to hold the desk asks
//! first: then nobody waits while it is held.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a disk that sleeps needs to wake up.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Default)]
pub(crate) struct Folders {
    /// Those that have not answered yet.
    waiting: Mutex<HashMap<PathBuf, Receiver<bool>>>,
}

impl Folders {
    /// Whether a folder is there, and says so in time.
    pub(crate) fn answers(&self, folder: &Path) -> bool {
        self.asked(folder, PATIENCE, Path::is_dir)
    }

    fn asked(&self, folder: &Path, patience: Duration, ask: impl FnOnce(&Path) -> bool + Send + 'static) -> bool {
        if self.is_silent(folder) {
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
                self.waiting().insert(folder.to_owned(), answer);
                false
            }
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Whether somebody still waits for its answer.
    fn is_silent(&self, folder: &Path) -> bool {
        let mut waiting = self.waiting();
        let silent = waiting.get(folder).is_some_and(|answer| answer.try_recv() == Err(TryRecvError::Empty));
        if !silent {
            waiting.remove(folder);
        }
        silent
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<PathBuf, Receiver<bool>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

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
        while folders.is_silent(share) {
            std::thread::yield_now();
        }
        assert!(folders.asked(share, Duration::from_secs(600), |_| true), "it is asked anew");
        assert_eq!(asked.load(Ordering::SeqCst), 1, "once for all the time it was dead");
    }
}
