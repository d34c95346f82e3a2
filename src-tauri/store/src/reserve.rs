//! Room for the answer: a file that stands in for what the center will answer. It is there before anything is signed, and
//! goes when the disk is full: a filing that the center took is never without its receipt for want of a few megabytes.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{Store, StoreError};

const FILE: &str = "huijiao.reserve";
/// Bytes that are kept: a receipt with the results of 100 000 rows and the roster after it are smaller.
pub(crate) const BYTES: u64 = 16 << 20;
const CHUNK: usize = 1 << 20;

impl Store {
    /// Makes sure of the room for an answer.
    ///
    /// # Errors
    /// [`StoreError::Full`]: then nothing is to be sent. [`StoreError::ReadOnly`].
    pub fn reserve(&self) -> Result<(), StoreError> {
        let Some(path) = self.reserve_file() else { return Ok(()) };
        if std::fs::metadata(&path).is_ok_and(|file| file.len() == BYTES) {
            return Ok(());
        }
        let taken = File::create(&path).and_then(|file| take(&file));
        taken.map_err(|error| {
            // Half of it is no reserve.
            let _ = std::fs::remove_file(&path);
            error.into()
        })
    }

    /// Does it; on a full disk once more with the reserve's room.
    pub(crate) fn with_reserve<T>(
        &mut self,
        work: impl Fn(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Of a part of something larger the rest is taken back: alone it must not be done again.
        let whole = self.connection.is_autocommit();
        match work(self) {
            Err(StoreError::Full)
                if whole && self.reserve_file().is_some_and(|file| std::fs::remove_file(file).is_ok()) =>
            {
                work(self)
            }
            outcome => outcome,
        }
    }

    fn reserve_file(&self) -> Option<PathBuf> {
        self.connection.path().map(|database| Path::new(database).with_file_name(FILE))
    }
}

/// Fills the file, so that its room is really taken.
#[cfg(target_os = "linux")]
fn take(file: &File) -> std::io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, BYTES) {
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => zeros(file),
        taken => Ok(taken?),
    }
}

/// Fills the file, so that its room is really taken.
#[cfg(not(target_os = "linux"))]
fn take(file: &File) -> std::io::Result<()> {
    zeros(file)
}

fn zeros(mut file: &File) -> std::io::Result<()> {
    let chunk = vec![0; CHUNK];
    for _ in 0..BYTES / CHUNK as u64 {
        file.write_all(&chunk)?;
    }
    file.sync_all()
}
