//! 年度基数调整 at the center: every contributor's new base at once.

use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::roster::Contributor;

use super::Facts;
use crate::error::CenterError;
use crate::register::people::Booking;

pub(super) fn book(rows: &[BaseAdjustmentRow], facts: &Facts<'_>, on: &Booking<'_>) -> Result<(), CenterError> {
    let people = facts.people();
    for row in rows {
        let before = people.of(&row.personal_account)?;
        let earlier = before.until(facts.period);
        on.change(before, &Contributor { base: row.new_base, amounts: row.after, earlier, ..before.clone() })?;
    }
    Ok(())
}
