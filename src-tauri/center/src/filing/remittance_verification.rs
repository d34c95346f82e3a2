//! 汇缴核定 at the center: each month's list is frozen, its money is owed.

use huijiao_domain::filing::remittance_verification::VerificationRow;
use huijiao_domain::remittance::MonthFigures;

use crate::error::CenterError;
use crate::remittance::Desk;

/// Freezes the months; rows and figures agree, that was checked.
pub(super) fn book(
    rows: &[VerificationRow],
    figures: &[MonthFigures],
    roster_version: u64,
    desk: &Desk<'_>,
) -> Result<(), CenterError> {
    for figures in figures {
        let lines: Vec<_> = rows.iter().filter(|row| row.month == figures.month).map(VerificationRow::line).collect();
        desk.freeze(figures, &lines, roster_version)?;
    }
    Ok(())
}
