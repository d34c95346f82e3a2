//! How much of a file is read before it is refused.

use serde::{Deserialize, Serialize};

/// The limits of one import. [`Limits::default`] holds the figures that the clerk's program uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Entries of a zip archive.
    pub zip_entries: u64,
    /// Bytes of one archive entry once unpacked; counted, whatever the archive declares.
    pub entry_bytes: u64,
    /// Bytes of all archive entries once unpacked; counted.
    pub total_bytes: u64,
    /// Bytes of the shared strings once unpacked; each string costs several times its bytes in memory.
    pub shared_string_bytes: u64,
    /// The last row that may hold anything, one-based.
    pub rows: u32,
    /// The last column that may hold anything, one-based.
    pub columns: u16,
    /// Cells of the sheet, empty but formatted ones included.
    pub cells: u64,
    /// Characters of one cell (Excel's own limit).
    pub cell_chars: u32,
    /// Seconds that a worker may take.
    pub seconds: u64,
    /// Bytes of memory that a worker may take on top of its own program.
    pub worker_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const MB: u64 = 1024 * 1024;
        Self {
            file_bytes: 50 * MB,
            zip_entries: 2_000,
            entry_bytes: 256 * MB,
            total_bytes: 512 * MB,
            shared_string_bytes: 128 * MB,
            rows: 200_000,
            columns: 256,
            cells: 5_000_000,
            cell_chars: 32_767,
            seconds: 60,
            worker_memory: 1_024 * MB,
        }
    }
}
