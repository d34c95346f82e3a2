//! 缴存人状态变更 at the center: accounts sealed, unsealed, taken in and given away.

use huijiao_domain::filing::status_change::{Change, StatusChangeRow};
use huijiao_domain::roster::{AccountStatus, Contributor};

use super::Facts;
use crate::error::CenterError;
use crate::register::people::Booking;

pub(super) fn book(rows: &[StatusChangeRow], facts: &Facts<'_>, on: &Booking<'_>) -> Result<(), CenterError> {
    let people = facts.people();
    for row in rows {
        let with = |status| {
            let before = people.of(&row.personal_account)?;
            let mut after = Contributor { status, earlier: before.until(row.month), ..before.clone() };
            let filed =
                if row.change == Change::Seal { &mut after.changes.sealed } else { &mut after.changes.unsealed };
            filed.push(row.month);
            on.change(before, &after)
        };
        match row.change {
            Change::Seal => with(AccountStatus::Sealed)?,
            Change::Unseal => with(AccountStatus::Normal)?,
            Change::TransferOut => on.leave(people.of(&row.personal_account)?)?,
            Change::TransferIn => {
                let person = on.fetch(&row.personal_account)?;
                let here = Contributor {
                    status: AccountStatus::Normal,
                    base: row.base,
                    amounts: row.after,
                    earlier: Contributor::not_before(row.month),
                    ..person
                };
                on.join(&here)?;
            }
        }
    }
    Ok(())
}
