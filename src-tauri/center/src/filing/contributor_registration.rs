//! 缴存人登记 at the center: a new account for everybody.

use huijiao_domain::filing::contributor_registration::ContributorRegistrationRow;
use huijiao_domain::roster::{AccountStatus, Changes, Contact, Contributor};

use super::Facts;
use crate::error::CenterError;
use crate::register::people::{self, Booking};

pub(super) fn book(
    rows: &[ContributorRegistrationRow],
    facts: &Facts<'_>,
    on: &Booking<'_>,
) -> Result<(), CenterError> {
    for row in rows {
        on.join(&Contributor {
            personal_account: people::new_account(on.connection, facts.profile.account_length)?.into(),
            name: row.name.as_str().into(),
            id_type: row.id_type.as_str().into(),
            id_number: row.id_number.as_str().into(),
            status: AccountStatus::Normal,
            base: row.base,
            amounts: row.amounts,
            contact: Contact {
                mobile: row.mobile.as_str().into(),
                bank_card: row.bank_card.as_str().into(),
                ..Contact::default()
            }
            .into(),
            changes: Changes::default(),
            earlier: Contributor::not_before(facts.period),
        })?;
    }
    Ok(())
}
