//! 年度基数调整 at the center: the domain's checks, then every contributor's new base at once.

use huijiao_domain::filing::Totals;
use huijiao_domain::filing::base_adjustment::{BaseAdjustmentRow, Circumstances, check_rows};
use huijiao_domain::finding::Finding;
use huijiao_domain::month::Month;
use huijiao_protocol::receipt::FilingState;
use rusqlite::Transaction;

use super::{Booked, Facts, Room, Touched};
use crate::error::CenterError;
use crate::register::units::{self, NewBase};

pub(super) struct BaseAdjustment<'a> {
    pub(super) rows: &'a [BaseAdjustmentRow],
    pub(super) totals: Totals,
    pub(super) period: Month,
}

impl Room for BaseAdjustment<'_> {
    fn touched(&self) -> Vec<Touched<'_>> {
        (0..)
            .zip(self.rows)
            .map(|(row, filed)| Touched { row, personal_account: &filed.personal_account, id_number: &filed.id_number })
            .collect()
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Finding> {
        check_rows(
            self.rows,
            self.totals,
            Circumstances {
                profile: facts.profile,
                unit: Some(facts.unit),
                roster: Some(facts.roster),
                period: self.period,
                today: facts.today,
            },
        )
    }

    fn book(&self, booking: &Transaction<'_>, on: &Booked<'_>) -> Result<FilingState, CenterError> {
        let version = units::next_roster_version(booking, on.unit)?;
        for row in self.rows {
            units::set_base(
                booking,
                &NewBase {
                    unit: on.unit,
                    personal_account: &row.personal_account,
                    base: row.new_base,
                    amounts: row.after,
                    version,
                    filing: on.filing,
                },
            )?;
        }
        Ok(FilingState::Settled)
    }
}
