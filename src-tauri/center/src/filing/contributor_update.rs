//! 缴存人信息变更 at the center: the person's data replaced; base, amounts and status stay.

use huijiao_domain::filing::contributor_update::{ContributorUpdateRow, PersonalData};
use huijiao_domain::roster::{Contact, Contributor};

use super::Facts;
use crate::error::CenterError;
use crate::register::people::Booking;

pub(super) fn book(rows: &[ContributorUpdateRow], facts: &Facts<'_>, on: &Booking<'_>) -> Result<(), CenterError> {
    let people = facts.people();
    for row in rows {
        let before = people.of(&row.personal_account)?;
        let PersonalData { name, id_type, id_number, mobile, bank_name, bank_card } = row.updated.clone();
        let contact =
            Contact { mobile: mobile.into(), bank_name: bank_name.into(), bank_card: bank_card.into() }.into();
        let (name, id_type, id_number) = (name.into(), id_type.into(), id_number.into());
        on.change(before, &Contributor { name, id_type, id_number, contact, ..before.clone() })?;
    }
    Ok(())
}
