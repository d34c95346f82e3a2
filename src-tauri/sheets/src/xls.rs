//! Excel 5.0 to 2003. calamine has no streaming reader for it, so the records are surveyed first.

use std::io::{Cursor, Read};

use calamine::{Data, DataRef, Reader as _, Xls, XlsError};

use crate::biff;
use crate::error::{Looks, SheetError};
use crate::grid::Grid;
use crate::limits::Limits;
use crate::open::choose;
use crate::workbook::{Format, ReadChoice, SheetInfo, Workbook};

pub(crate) fn read(bytes: &[u8], choice: &ReadChoice, limits: &Limits) -> Result<Workbook, SheetError> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| SheetError::damaged("compound file"))?;
    if file.is_stream("/EncryptedPackage") {
        return Err(SheetError::Encrypted);
    }
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)) else {
        if file.walk().any(|entry| is_of_wps(entry.name())) {
            return Err(SheetError::OldFormat { what: "WPS 表格的旧格式（.et）".to_owned() });
        }
        let looks = if file.is_stream("/WordDocument") {
            Looks::Word
        } else if file.is_stream("/PowerPoint Document") {
            Looks::Slides
        } else {
            Looks::Unknown
        };
        return Err(SheetError::NotAWorkbook { looks });
    };
    let macros = file.is_storage("/_VBA_PROJECT_CUR");
    let mut stream = Vec::new();
    file.open_stream(name)
        .and_then(|mut s| s.read_to_end(&mut stream))
        .map_err(|_| SheetError::damaged("workbook stream"))?;
    let mut layouts = biff::survey(&stream, limits)?;
    drop(stream);

    let mut xls = Xls::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    let all = xls.sheets_metadata();
    // Chart and macro sheets are left out of the list but not out of the layouts' count.
    let places: Vec<usize> = (0..all.len()).filter(|i| all[*i].typ == calamine::SheetType::WorkSheet).collect();
    let sheets: Vec<SheetInfo> = crate::xlsx::sheet_infos(all);
    let chosen = choose(&sheets, choice)?;
    let layout = layouts.remove(&places[chosen]).unwrap_or_default();
    let range = xls.worksheet_range(&sheets[chosen].name).map_err(|e| broken(&e))?;
    let dates_1904 = xls.has_1904_epoch();
    drop(xls);
    let mut grid = Grid::new(limits);
    if let Some((top, left)) = range.start() {
        for (row, column, value) in range.used_cells() {
            let at = (top + row as u32, left + column as u32);
            grid.put_value(at, &borrowed(value))?;
        }
    }
    let mut workbook = grid.finish(Format::Xls, sheets, chosen, layout)?;
    workbook.macros = macros;
    workbook.dates_1904 = dates_1904;
    Ok(workbook)
}

fn is_of_wps(stream: &str) -> bool {
    let name = stream.to_ascii_lowercase();
    name == "et" || name.starts_with("etext") || name.starts_with("wps") && name != "wpsdocument"
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(date) => DataRef::DateTime(*date),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

fn broken(error: &XlsError) -> SheetError {
    if let XlsError::Password = error {
        return SheetError::Encrypted;
    }
    SheetError::damaged("workbook stream")
}
