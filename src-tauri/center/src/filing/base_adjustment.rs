//! 年度基数调整 at the center: every contributor's new base at once.

use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;

use super::Facts;
use crate::error::CenterError;
use crate::register::people::Booking;

pub(super) fn book(rows: &[BaseAdjustmentRow], facts: &Facts<'_>, on: &Booking<'_>) -> Result<(), CenterError> {
    let people = facts.people();
    for row in rows {
        let before = people.of(&row.personal_account)?;
        let mut after = before.clone();
        (after.base, after.amounts, after.earlier) = (row.new_base, row.after, before.until(facts.period));
        after.changes.base.push(facts.period);
        on.change(before, &after)?;
    }
    Ok(())
}
