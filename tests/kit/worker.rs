//! The worker of the tests, for workbooks and drivers: the same code that the app's own program runs.

fn main() {
    assert!(huijiao_desk::serve_if_asked(), "only ever started as a worker");
}
