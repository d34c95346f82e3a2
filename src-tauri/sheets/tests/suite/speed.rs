//! How long reading takes, for whoever changes a reader: prints, asserts nothing about time.
//! `cargo test --release -p huijiao-sheets --test suite -- --ignored --nocapture speed`

use std::time::Instant;

use crate::kit::book::{book, delimited, list};
use crate::kit::people::people;
use crate::kit::summary::{open, take_workbook};

#[test]
#[ignore = "prints times"]
fn ten_thousand_and_a_hundred_thousand_people() {
    for count in [10_000, 100_000] {
        let xlsx = book(|sheet| {
            list(sheet, 0, &people(count));
            for column in 6..14 {
                sheet.write(0, column, format!("工资项{column}")).unwrap();
                for row in 1..=count {
                    sheet.write(row, column, f64::from(row) + 0.25).unwrap();
                }
            }
        });
        let csv = delimited(&people(count), ',').into_bytes();
        for (name, bytes) in [("xlsx", xlsx), ("csv", csv)] {
            let start = Instant::now();
            let workbook = open(bytes).unwrap();
            let read = start.elapsed();
            let people = take_workbook(workbook).taken.sheet.rows.len();
            eprintln!("{name} × {people}: read {read:?}, with rows {:?}", start.elapsed());
            assert_eq!(people, count as usize, "everybody");
        }
    }
}
