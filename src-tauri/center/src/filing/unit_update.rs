//! 单位信息变更 at the center: items of the unit's data replaced.

use huijiao_domain::filing::unit_update::UnitUpdateRow;

use super::Facts;
use crate::error::CenterError;
use crate::register::people::Booking;
use crate::register::units;

pub(super) fn book(rows: &[UnitUpdateRow], facts: &Facts<'_>, on: &Booking<'_>) -> Result<(), CenterError> {
    let mut after = facts.unit.clone();
    for row in rows {
        after.details.insert(row.item.as_str().to_owned(), row.new_value.clone());
    }
    units::change(on, facts.unit, &after)
}
