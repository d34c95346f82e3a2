//! 更新: looked for when the user asks, shown before anything is fetched, installed when he says so, and never into the
//! middle of a submission.

use std::sync::Arc;

use crate::calls::blocking;
use crate::ports::{Release, UpdateDoor};
use crate::views::ReleaseView;
use crate::{Desk, DeskError};

/// A package is told in kilobytes: more than 4 GB of them fit.
const KILOBYTE: u64 = 1000;

impl Desk {
    fn update_door(&self) -> Result<&dyn UpdateDoor, DeskError> {
        self.config.updates.as_deref().ok_or_else(|| DeskError::refusal(DeskError::UPDATE_OFF))
    }

    /// What is announced, where it is newer than this program. Nothing is fetched, and nothing is told but the version
    /// and the system.
    ///
    /// # Errors
    /// `desk-update-off` where this program has no place to look; otherwise as [`UpdateDoor::look`].
    pub async fn update_look(self: &Arc<Self>) -> Result<Option<ReleaseView>, DeskError> {
        let release = self.update_door()?.look(self.proxy_of_now().await?).await?;
        Ok(release.map(|Release { version, notes, date }| ReleaseView { version, notes, date }))
    }

    /// Fetches and installs the release that was shown. A submission under way is waited for, and none begins while it
    /// is installed; nothing is being written either.
    ///
    /// # Errors
    /// `desk-update-off`; [`DeskError::GIVEN_UP`]; otherwise as [`UpdateDoor::fetch`] and what it gives.
    pub async fn update_install(self: &Arc<Self>, version: &str) -> Result<(), DeskError> {
        let step = self.begin_step();
        let kilobytes = |bytes: u64| u32::try_from(bytes / KILOBYTE).unwrap_or(u32::MAX);
        let coming = |done: u64, total: Option<u64>| {
            // Whoever gives it up wakes the step itself.
            let _ = step.at(kilobytes(done), total.map(kilobytes));
        };
        let (door, proxy) = (self.update_door()?, self.proxy_of_now().await?);
        let install = step.or_given_up(door.fetch(version, proxy, &coming)).await??;
        let _held = step.or_given_up(self.submitting.lock()).await?;
        self.settle_step(&step)?;
        blocking(self, move |desk| {
            // In this order, as everywhere: a backup under way is made to its end.
            let _none = desk.one_backup();
            let _still = desk.inner();
            install()
        })
        .await
    }
}
