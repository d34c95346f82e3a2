//! 计算方法自动识别: which method reproduces a list that the center has accepted.

use huijiao_domain::calibrate::{Contradiction, Listed, Method, calibrate};
use huijiao_domain::money::Ratio;
use huijiao_sheets::SheetError;

use crate::profile_form::{percent, wire};
use crate::views::{CalibrationView, ContradictionView, ImportChoice, MethodView};
use crate::{Desk, DeskError};

/// Rows that are shown; the figures count all of them.
const SHOWN: usize = 200;

impl Desk {
    /// Compares an accepted list, its columns chosen as for an import, with every method. The ratios asked for hold
    /// where the list has none; both are percents, or both empty.
    ///
    /// # Errors
    /// As an import; `sheet-columns-missing`, `desk-ratio-unreadable`, `desk-list-empty`.
    pub fn calibrate(
        &self,
        choice: &ImportChoice,
        unit_ratio: &str,
        personal_ratio: &str,
    ) -> Result<CalibrationView, DeskError> {
        let asked = ratios(unit_ratio, personal_ratio)?;
        let (file_name, sheet) = self.sheet_of(choice)?;
        let listed = Listed::read(&sheet, asked).map_err(|fields| SheetError::ColumnsMissing { fields })?;
        if listed.samples.is_empty() {
            return Err(DeskError::refusal_with(DeskError::LIST_EMPTY, "file", file_name));
        }
        let said = calibrate(&listed.samples);
        let contradicting = said.nearest.as_ref().map(|nearest| nearest.contradicting.as_slice()).unwrap_or_default();
        Ok(CalibrationView {
            rows: count(listed.samples.len()),
            skipped: listed.skipped.iter().take(SHOWN).copied().collect(),
            skipped_total: count(listed.skipped.len()),
            fits: said.fits.iter().copied().map(method).collect(),
            nearest: said.nearest.as_ref().map(|nearest| method(nearest.method)),
            contradicting: contradicting.iter().take(SHOWN).filter_map(|found| contradiction(found, &listed)).collect(),
            contradicting_total: count(contradicting.len()),
        })
    }
}

fn ratios(unit: &str, personal: &str) -> Result<Option<(Ratio, Ratio)>, DeskError> {
    if unit.trim().is_empty() && personal.trim().is_empty() {
        return Ok(None);
    }
    let read = percent(unit).zip(percent(personal));
    read.map(Some).ok_or_else(|| DeskError::refusal(DeskError::RATIO_UNREADABLE))
}

fn method(method: Method) -> MethodView {
    MethodView { rounding: wire(&method.rounding), rounding_scope: wire(&method.scope), label: method.label() }
}

fn contradiction(found: &Contradiction, listed: &Listed) -> Option<ContradictionView> {
    let (sample, row) = (listed.samples.get(found.sample)?, listed.rows.get(found.sample)?);
    Some(ContradictionView {
        row: *row,
        base: sample.base.to_string(),
        unit_amount: sample.accepted.unit_amount.to_string(),
        personal_amount: sample.accepted.personal_amount.to_string(),
        computed_unit_amount: found.computed.unit_amount.to_string(),
        computed_personal_amount: found.computed.personal_amount.to_string(),
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
