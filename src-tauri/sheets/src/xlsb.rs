//! Excel binary workbooks, by calamine's streaming reader.

use std::io::Cursor;

use calamine::{Reader as _, Xlsb, XlsbError};

use crate::archive::Archive;
use crate::error::SheetError;
use crate::grid::{Grid, Layout};
use crate::limits::Limits;
use crate::open::choose;
use crate::workbook::{Format, ReadChoice, Workbook};
use crate::xlsx::sheet_infos;

pub(crate) fn read(
    bytes: &[u8],
    _archive: &mut Archive<'_>,
    choice: &ReadChoice,
    limits: &Limits,
) -> Result<Workbook, SheetError> {
    let mut xlsb = Xlsb::new(Cursor::new(bytes)).map_err(|e| broken("workbook", &e))?;
    let sheets = sheet_infos(xlsb.sheets_metadata());
    let chosen = choose(&sheets, choice)?;
    let mut grid = Grid::new(limits);
    let mut cells = xlsb.worksheet_cells_reader(&sheets[chosen].name).map_err(|e| broken("worksheet", &e))?;
    while let Some(cell) = cells.next_cell().map_err(|e| broken("worksheet", &e))? {
        grid.put_value(cell.get_position(), cell.get_value())?;
    }
    grid.finish(Format::Xlsb, sheets, chosen, Layout::default())
}

fn broken(part: &str, error: &XlsbError) -> SheetError {
    match error {
        XlsbError::Password => SheetError::Encrypted,
        _other => SheetError::damaged(part),
    }
}
