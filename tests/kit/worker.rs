//! The import worker of the tests: the same code that the app's own program runs.

fn main() {
    assert!(huijiao_sheets::worker::serve_if_asked(), "only ever started to read a workbook");
}
