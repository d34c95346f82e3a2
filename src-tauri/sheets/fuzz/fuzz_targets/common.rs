//! What every target does with its bytes.

use std::panic::{Location, set_hook};
use std::sync::Once;

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::Level;
use huijiao_sheets::write::{Mark, annotate, rebuild};
use huijiao_sheets::{
    Limits, ReadChoice, Workbook, find_header, fingerprint, header_at, map_columns, read, read_both_ways, rows,
    take_rows,
};

pub(crate) fn limits() -> Limits {
    Limits {
        file_bytes: 1 << 20,
        zip_entries: 100,
        entry_bytes: 1 << 20,
        total_bytes: 4 << 20,
        shared_string_bytes: 1 << 20,
        rows: 2_000,
        columns: 256,
        cells: 20_000,
        ..Limits::default()
    }
}

/// A panic of a reader that is not ours is caught by `read`, which calls the file damaged; one of our own ends the run.
pub(crate) fn ours_only() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_hook(Box::new(|panic| {
            let file = panic.location().map_or("", Location::file);
            if !["/calamine-", "/cfb-"].iter().any(|name| file.contains(name)) {
                eprintln!("{panic}\n{}", std::backtrace::Backtrace::force_capture());
                std::process::abort();
            }
        }));
    });
}

/// Arbitrary bytes end in rows or a refusal; rows lead on to people and back to a marked workbook.
pub(crate) fn whole_way(bytes: Vec<u8>, choice: &ReadChoice) {
    ours_only();
    if let Ok(book) = read(bytes.clone(), choice, &limits()) {
        lead_on(&book);
        lead_back(&bytes, &book);
    }
}

/// What was read is marked, and reads as before.
pub(crate) fn lead_back(bytes: &[u8], book: &Workbook) {
    let first = book.rows.first();
    let marks = [Mark {
        row: first.map_or(1, |row| row.row),
        column: first.and_then(|row| row.cells.iter().next()).map_or(0, |cell| cell.column),
        level: Level::Error,
        text: "=1+1".into(),
    }];
    if let Ok(marked) = annotate(bytes, book.sheet_name(), &marks, None, &[], &limits()) {
        let choice = ReadChoice { sheet: Some(book.sheet_name().to_owned()), encoding: None };
        // What is added may be what is too much.
        if let Ok(again) = read(marked, &choice, &Limits::default()) {
            assert_eq!(again.rows, book.rows, "marked, it reads as before");
        }
    }
    let _ = rebuild(book, &marks, None, &[]);
}

/// What the reader of plain xlsx takes on it reads as calamine does.
pub(crate) fn both_ways(bytes: &[u8]) {
    ours_only();
    let (plain, reference) = read_both_ways(bytes, &ReadChoice::default(), &limits());
    if let Some(plain) = plain {
        assert_eq!(Ok(plain), reference, "two readers, one workbook");
    }
}

pub(crate) fn lead_on(book: &Workbook) {
    assert!(book.rows.windows(2).all(|pair| pair[0].row < pair[1].row), "rows rise");
    for header in [find_header(book), header_at(book, 1, 1), header_at(book, 1, 3)].into_iter().flatten() {
        let columns = map_columns(&header, FilingKind::BaseAdjustment);
        let mapping: Vec<(u16, Field)> = columns.iter().filter_map(|c| c.field.map(|f| (c.column, f))).collect();
        let taken = rows(book, &header, &mapping);
        assert_eq!(taken.roles.len(), book.rows.len(), "every row has a role");
        assert_eq!(take_rows(&mut book.clone(), &header, &mapping), taken, "the same, copied or not");
        fingerprint(&header);
    }
}
