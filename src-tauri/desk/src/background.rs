//! What goes on behind the screens of an open unit, and beside what takes its time.

use std::future::Future;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{JoinHandle, block_in_place};

/// Does what waits or reads or computes for a while where it stands. An async thread hands over what else it serves
/// before: nobody waits who needs nothing of this.
pub(crate) fn in_place<T>(work: impl FnOnce() -> T) -> T {
    // With one thread alone, which only tests have, there is nobody to hand over to.
    let several = Handle::try_current().is_ok_and(|here| here.runtime_flavor() == RuntimeFlavor::MultiThread);
    if several { block_in_place(work) } else { work() }
}

/// A task that ends when this is dropped.
pub(crate) struct Background(JoinHandle<()>);

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Background {
    pub(crate) fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Whether it has come to its end.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_finished()
    }

    /// Ends it, and waits until it has let go of what it held.
    pub(crate) async fn end(mut self) {
        self.0.abort();
        // Only that it is over.
        let _ = (&mut self.0).await;
    }
}
