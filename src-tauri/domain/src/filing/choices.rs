//! The words that a column takes where a field has a fixed set: drop-downs in templates and in the grid.

use super::status_change::Change;
use super::{FilingKind, back_payment, correction, deferral};
use crate::field::Field;
use crate::profile::CenterProfile;

/// What can be chosen in a column of this kind of filing, in the order of lists; empty where it is typed.
///
/// The checks read more than these words (synonyms, codes): the list proposes, it does not judge.
pub fn choices(kind: FilingKind, field: Field, profile: &CenterProfile) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    if field == Field::IdType || field == Field::NewIdType {
        profile.id_types.values().cloned().collect()
    } else if field == Field::Sex {
        words(&["男", "女"])
    } else if field == Field::ChangeKind && kind == FilingKind::Deferral {
        words(&deferral::Asked::ALL.map(deferral::Asked::label))
    } else if field == Field::ChangeKind {
        words(&Change::ALL.map(Change::label))
    } else if field == Field::Reason {
        match kind {
            FilingKind::StatusChange => profile.seal_reasons.iter().map(|reason| reason.name.clone()).collect(),
            FilingKind::BackPayment => words(&back_payment::REASONS),
            FilingKind::Correction => words(&correction::REASONS),
            FilingKind::ContributorRegistration
            | FilingKind::BaseAdjustment
            | FilingKind::RatioAdjustment
            | FilingKind::ContributorUpdate
            | FilingKind::UnitUpdate
            | FilingKind::Deferral
            | FilingKind::RemittanceVerification
            | FilingKind::Payment
            | FilingKind::PaymentClaim => Vec::new(),
        }
    } else if field == Field::Item {
        profile.unit_items().iter().map(|item| item.label().to_owned()).collect()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;
    use crate::identity::Sex;
    use crate::profile::UnitItem;

    #[test]
    fn every_word_that_is_offered_is_one_that_the_checks_read() {
        let profile = CenterProfile::shipped("demo").unwrap();
        let of = |field| choices(FilingKind::StatusChange, field, &profile);
        assert!(of(Field::ChangeKind).iter().all(|word| Change::parse(word).is_some()));
        assert!(of(Field::Sex).iter().all(|word| Sex::parse(word).is_some()));
        let types = of(Field::IdType);
        assert!(!types.is_empty() && types.iter().all(|word| profile.id_type(word).is_some()));
        let reasons = of(Field::Reason);
        assert!(!reasons.is_empty() && reasons.iter().all(|word| profile.seal_reason(word).is_some()));
        let items = of(Field::Item);
        assert!(!items.is_empty() && items.iter().all(|word| UnitItem::parse(word).is_some()));
        assert!(of(Field::Name).is_empty(), "names are typed");
        assert!(choices(FilingKind::BaseAdjustment, Field::Reason, &profile).is_empty(), "a reason of another kind");
    }
}
