//! What goes on behind the screens of an open unit.

use std::future::Future;

use tokio::task::JoinHandle;

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
