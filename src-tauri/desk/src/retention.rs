//! 清理: copies of people's data that nobody needs any more go when they are older than the user keeps them.

use huijiao_store::Copies;
use jiff::ToSpan;

use crate::error::DeskError;
use crate::lock;
use crate::views::ErasableView;
use crate::{Desk, Inner, text};

impl Desk {
    /// How much is older than it is kept.
    pub(crate) fn erasable(&self, inner: &mut Inner) -> Result<ErasableView, DeskError> {
        let Some(before) = self.keep_since(inner)? else { return Ok(ErasableView::default()) };
        let Copies { comparisons, workbooks, imports, answers, rosters } = inner.store()?.copies_before(&before)?;
        Ok(ErasableView { comparisons, workbooks, imports, answers, rosters })
    }

    /// Erases it. Filings and receipts stay: they are the unit's own proof.
    ///
    /// # Errors
    /// When it cannot be written; then all of it is still there.
    pub fn erase(&self) -> Result<ErasableView, DeskError> {
        let mut inner = self.inner();
        let erased = self.erasable(&mut inner)?;
        self.erase_old(&mut inner)?;
        Ok(erased)
    }

    /// Erases what is kept no longer.
    pub(crate) fn erase_old(&self, inner: &mut Inner) -> Result<(), DeskError> {
        if let Some(before) = self.keep_since(inner)? {
            inner.store()?.erase_before(&before)?;
        }
        Ok(())
    }

    /// The moment before which copies are not kept; `None` where they are for ever.
    fn keep_since(&self, inner: &mut Inner) -> Result<Option<String>, DeskError> {
        let days = lock::kept(inner)?.retention_days;
        if days == 0 {
            return Ok(None);
        }
        let since = text::local(self.now(inner)).checked_sub(i64::from(days).days());
        Ok(since.ok().map(|since| text::stamp(since.timestamp())))
    }
}
