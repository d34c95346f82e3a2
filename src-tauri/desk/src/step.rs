//! A step that takes long: how far it is, and that the user gave it up. One at a time: a new one is what the user waits
//! for, the one before it is given up.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};

use huijiao_sheets::CancelFlag;
use tokio::sync::Notify;

use crate::views::StepView;
use crate::{Desk, DeskError};

/// Whoever does the step asks it at every place where it can still end without a trace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    pub(crate) cancel: CancelFlag,
    /// Wakes whoever waits for somebody else meanwhile.
    gone: Arc<Notify>,
    done: Arc<AtomicU32>,
    /// Nothing where nobody knows yet.
    total: Arc<AtomicU32>,
}

impl Step {
    fn give_up(&self) {
        self.cancel.cancel();
        self.gone.notify_one();
    }

    /// What `work` comes to, unless the step is given up before. Only for what leaves nothing behind where it is dropped
    /// while it waits.
    ///
    /// # Errors
    /// [`DeskError::GIVEN_UP`].
    pub(crate) async fn or_given_up<T>(&self, work: impl Future<Output = T>) -> Result<T, DeskError> {
        tokio::select! {
            biased;
            () = self.gone.notified() => Err(DeskError::refusal(DeskError::GIVEN_UP)),
            outcome = work => Ok(outcome),
        }
    }

    /// How far it is; a break where nobody wants it any more.
    pub(crate) fn at(&self, done: u32, total: Option<u32>) -> ControlFlow<()> {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total.unwrap_or_default(), Ordering::Relaxed);
        if self.cancel.is_set() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether it goes on.
    ///
    /// # Errors
    /// [`DeskError::GIVEN_UP`].
    pub(crate) fn still_wanted(&self) -> Result<(), DeskError> {
        if self.cancel.is_set() { Err(DeskError::refusal(DeskError::GIVEN_UP)) } else { Ok(()) }
    }
}

impl Desk {
    /// The step under way; never held while anything is done, so that it can be looked at and given up at any time.
    fn step_under_way(&self) -> MutexGuard<'_, Option<Step>> {
        self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin_step(&self) -> Step {
        let step = Step::default();
        if let Some(before) = self.step_under_way().replace(step.clone()) {
            before.give_up();
        }
        step
    }

    /// From here on a step goes to its end: whoever gave it up before has nothing, whoever does so after has all of it.
    ///
    /// # Errors
    /// [`DeskError::GIVEN_UP`].
    pub(crate) fn settle_step(&self, step: &Step) -> Result<(), DeskError> {
        let mut under_way = self.step_under_way();
        step.still_wanted()?;
        // Another one would have given this one up.
        *under_way = None;
        Ok(())
    }

    /// How far the step under way is.
    pub fn step(&self) -> StepView {
        let of = |number: &AtomicU32| number.load(Ordering::Relaxed);
        let under_way = self.step_under_way();
        let (done, total) = under_way.as_ref().map(|step| (of(&step.done), of(&step.total))).unwrap_or_default();
        StepView { done, total }
    }

    /// Gives up the step under way, where there is one; it then ends and leaves nothing behind.
    pub fn step_cancel(&self) {
        if let Some(step) = self.step_under_way().take() {
            step.give_up();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_step_that_was_given_up_says_so_to_whoever_does_it() {
        let step = Step::default();
        assert!(step.at(1, None).is_continue() && step.still_wanted().is_ok());
        assert_eq!(step.or_given_up(async { 7 }).await.ok(), Some(7), "what is there is taken");
        step.clone().give_up();
        assert!(step.at(2, Some(9)).is_break(), "who holds it hears it");
        let given_up = Err(DeskError::GIVEN_UP.to_owned());
        assert_eq!(step.still_wanted().map_err(|error| error.code().to_owned()), given_up);
        let waited = step.or_given_up(std::future::pending::<()>()).await;
        assert_eq!(
            waited.map_err(|error| error.code().to_owned()),
            given_up,
            "and nobody waits for an answer any more"
        );
    }
}
