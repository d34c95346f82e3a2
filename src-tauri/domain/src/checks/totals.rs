//! 小计 and 合计 rows of a sheet against the sums of its columns.

use super::about;
use super::base::{Use, amount};
use crate::finding::{Code, Finding, Level};
use crate::money::Yuan;
use crate::sheet::{Field, RawRow, RawSheet, TotalRow};

/// What a row adds to the sums of N columns: `Some(None)` where its text cannot be read.
pub(crate) type Addends<const N: usize> = [Option<Option<Yuan>>; N];

/// Compares every total row with the sums of these columns; `place` is given its row and its findings.
pub(crate) fn totals<const N: usize>(
    sheet: &RawSheet,
    summed: [Field; N],
    addends: &[Addends<N>],
    mut place: impl FnMut(&RawRow, &mut Vec<Finding>),
) {
    let mut order: Vec<&TotalRow> = sheet.totals.iter().collect();
    order.sort_by_key(|total| total.row.row);
    let all = sum(addends.iter());
    let mut scratch = Vec::new();
    let mut numbered: Vec<(u32, &Addends<N>)> = sheet.rows.iter().map(|row| row.row).zip(addends).collect();
    numbered.sort_by_key(|(row, _)| *row);
    let mut rest = numbered.as_slice();
    for total in order {
        let sums = if total.grand {
            all
        } else {
            let end = rest.partition_point(|(row, _)| *row < total.row.row);
            let (block, behind) = rest.split_at(end);
            rest = behind;
            sum(block.iter().map(|(_, addends)| *addends))
        };
        for (field, sum) in summed.into_iter().zip(sums) {
            let Some(cell) = total.row.cells.get(&field) else { continue };
            let said = amount(cell.text, cell.kind, field, Use::Compared, &mut scratch);
            // A column with an unreadable cell has no sum; the cell has its own finding.
            if let (Some(said), Some(computed)) = (said.meant, sum)
                && said != computed
            {
                scratch.push(about(field, Code::TotalDiffers, Level::Warning).arg("computed", computed));
            }
        }
        place(&total.row, &mut scratch);
    }
}

fn sum<'a, const N: usize>(rows: impl Iterator<Item = &'a Addends<N>>) -> [Option<Yuan>; N] {
    let mut sums = [Some(Yuan::ZERO); N];
    for row in rows {
        for (sum, addend) in sums.iter_mut().zip(row) {
            if let Some(addend) = addend {
                *sum = sum.zip(*addend).map(|(sum, amount)| sum + amount);
            }
        }
    }
    sums
}
