//! The roster that a sheet is checked against: our `roster.json`, or a workbook as a center exports it.

use std::path::Path;

use huijiao_demo::people::UnitRoster;
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::money::{Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{Roster, Unit, UnitStatus};
use huijiao_domain::texts;
use huijiao_sheets::{ReadChoice, RosterError, SheetError};

use crate::refusal::Refusal;
use crate::sheet;

/// What is known besides the sheet.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) unit: Option<Unit>,
    pub(crate) roster: Option<Roster>,
    /// People of a center's export who were not written as they are meant.
    pub(crate) mended: usize,
}

impl Known {
    /// A question where the roster was not taken as it stands.
    pub(crate) fn as_meant(&self) -> Option<Finding> {
        (self.mended > 0).then(|| Finding::new(Code::RosterMended, Level::Warning).arg("people", self.mended))
    }
}

/// The unit's ratios, from the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratios {
    pub(crate) unit: Ratio,
    pub(crate) personal: Ratio,
}

impl Ratios {
    /// A unit of which nothing but the ratios is known; it stands in the way of nothing.
    pub(crate) fn stand_in(self, period: Month) -> Unit {
        Unit {
            account: String::new(),
            credit_code: String::new(),
            name: String::new(),
            status: UnitStatus::Normal,
            unit_ratio: self.unit,
            personal_ratio: self.personal,
            contributors: 0,
            sealed: 0,
            paid_through: period.previous(),
            first_unverified: period,
            single_operator: false,
            suspense_balance: Yuan::ZERO,
            district: None,
            deferral: None,
            details: Default::default(),
        }
    }
}

pub(crate) fn read(path: &Path, profile: &CenterProfile, ratios: Option<Ratios>) -> Result<Known, Refusal> {
    let wrong =
        |detail: String| Refusal::new(Refusal::ROSTER_UNREADABLE).arg("file", path.display()).arg("detail", detail);
    let bytes = sheet::bytes(path)?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if text.trim_ascii_start().starts_with(b"{") {
        let UnitRoster { mut unit, roster } =
            serde_json::from_slice(text).map_err(|error| wrong(format!("不是清册的 JSON（{error}）。")))?;
        if let Some(ratios) = ratios {
            (unit.unit_ratio, unit.personal_ratio) = (ratios.unit, ratios.personal);
        }
        return Ok(Known { unit: Some(unit), roster: Some(roster), mended: 0 });
    }
    let mut workbook = sheet::read(bytes, &ReadChoice::default())?;
    let ratios = ratios.map(|ratios| (ratios.unit, ratios.personal));
    let read = huijiao_sheets::roster_as_meant(&mut workbook, profile, ratios);
    let (roster, mended) = read.map_err(|error| match error {
        RosterError::Sheet(error) if !matches!(error, SheetError::ColumnsMissing { .. }) => error.into(),
        RosterError::Sheet(_) | RosterError::Empty | RosterError::Rows { .. } => {
            let text = texts::lookup(error.code());
            wrong(text.map_or_else(String::new, |text| texts::fill(&text.happened, &error.args())))
        }
    })?;
    Ok(Known { unit: None, roster: Some(roster), mended })
}
