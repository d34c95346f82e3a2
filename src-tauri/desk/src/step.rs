//! A step that takes long: how far it is, and that the user gave it up. One at a time: a new one is what the user waits
//! for, the one before it is given up.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use huijiao_sheets::CancelFlag;

use crate::views::StepView;
use crate::{Desk, DeskError};

/// Whoever does the step asks it at every place where it can still end without a trace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    pub(crate) cancel: CancelFlag,
    done: Arc<AtomicU32>,
    /// Nothing where nobody knows yet.
    total: Arc<AtomicU32>,
}

impl Step {
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
    pub(crate) fn begin_step(&self) -> Step {
        let step = Step::default();
        if let Some(before) = self.inner().step.replace(step.clone()) {
            before.cancel.cancel();
        }
        step
    }

    /// How far the step under way is.
    pub fn step(&self) -> StepView {
        let of = |number: &AtomicU32| number.load(Ordering::Relaxed);
        let (done, total) =
            self.inner().step.as_ref().map(|step| (of(&step.done), of(&step.total))).unwrap_or_default();
        StepView { done, total }
    }

    /// Gives up the step under way, where there is one; it then ends and leaves nothing behind.
    pub fn step_cancel(&self) {
        if let Some(step) = self.inner().step.take() {
            step.cancel.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_was_given_up_says_so_to_whoever_does_it() {
        let step = Step::default();
        assert!(step.at(1, None).is_continue() && step.still_wanted().is_ok());
        step.clone().cancel.cancel();
        assert!(step.at(2, Some(9)).is_break(), "who holds it hears it");
        assert_eq!(step.still_wanted().map_err(|error| error.code().to_owned()), Err(DeskError::GIVEN_UP.to_owned()));
    }
}
