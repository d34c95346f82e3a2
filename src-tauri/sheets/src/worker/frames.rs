//! What goes over the pipes: a length in four bytes, little end first, then postcard.

use std::io::{self, Read, Write};

use huijiao_domain::sheet::{Cell, Gathered};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::SheetError;
use crate::limits::Limits;
use crate::workbook::{ReadChoice, SheetRow, Workbook};

/// No honest frame is larger: 2 000 rows of 256 full cells stay below.
const LARGEST: u32 = 1 << 30;

/// The first frame to the worker; the file's bytes follow without a frame.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) choice: ReadChoice,
    pub(super) limits: Limits,
    pub(super) bytes: u64,
}

/// The frames from the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Frame {
    /// The workbook without its rows.
    Head(Workbook),
    Rows(#[serde(deserialize_with = "rows")] Vec<SheetRow>),
    /// Everything was said.
    End,
    Failed(SheetError),
}

/// The rows of a frame, whose cells lie in one block.
fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SheetRow>, D::Error> {
    #[derive(Deserialize)]
    struct Line<'l> {
        row: u32,
        #[serde(borrow)]
        cells: Vec<Cell<'l>>,
    }

    let lines = Vec::<Line<'de>>::deserialize(deserializer)?;
    let mut gathered = Gathered::default();
    for line in &lines {
        for Cell { column, text, kind } in &line.cells {
            gathered.push(*column, text, *kind);
        }
        gathered.end_row();
    }
    Ok(lines.iter().zip(gathered.take()).map(|(line, cells)| SheetRow { row: line.row, cells }).collect())
}

pub(super) fn write_frame<T: Serialize>(output: &mut impl Write, frame: &T) -> io::Result<()> {
    let bytes = postcard::to_stdvec(frame).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(&bytes)
}

pub(super) fn read_frame<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LARGEST {
        return Err(io::Error::other("frame too large"));
    }
    let mut bytes = Vec::new();
    input.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != u64::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&bytes).map_err(io::Error::other)
}
