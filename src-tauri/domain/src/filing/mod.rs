//! Filings (业务申报): one file per kind, and what all kinds have in common.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};

use crate::checks::account::without_own_numbers;
pub use crate::checks::elsewhere::to_ask;
use crate::field::Field;
use crate::finding::{Code, Finding, Level};
use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::profile::{CenterProfile, Policy};
use crate::remittance::Books;
use crate::roster::{Elsewhere, Roster, Unit};
use crate::sheet::RawSheet;

pub mod back_payment;
pub mod base_adjustment;
mod choices;
pub mod contributor_registration;
pub mod contributor_update;
pub mod correction;
pub mod deferral;
pub mod payment;
pub mod payment_claim;
pub(crate) mod people;
pub mod ratio_adjustment;
pub mod remittance_verification;
pub mod status_change;
pub mod unit_update;

pub use choices::choices;

/// What the checks know besides the sheet.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The center's rules.
    pub profile: &'a CenterProfile,
    /// The unit; `None` when a sheet is checked without one (command line).
    pub unit: Option<&'a Unit>,
    /// The unit's contributors; `None` when a sheet is checked without one (command line).
    pub roster: Option<&'a Roster>,
    /// What the center knows of people who are not in the unit; `None` when nobody can be asked (command line).
    pub elsewhere: Option<&'a Elsewhere>,
    /// What the center's books say of months, dues and money; `None` where they are not at hand.
    pub books: Option<&'a Books>,
    /// The month the filing takes effect.
    pub period: Month,
    /// Today, by the center's clock where it is known.
    pub today: Date,
}

impl<'a> Circumstances<'a> {
    /// The policy of the month in the unit's district.
    pub fn policy(self) -> Option<&'a Policy> {
        self.policy_of(self.period)
    }

    /// The policy of another month in the unit's district.
    pub fn policy_of(self, month: Month) -> Option<&'a Policy> {
        self.profile.policy_in(month, self.unit.and_then(|unit| unit.district.as_deref()))
    }
}

/// The finding on a kind of filing that the center does not take; both sides say it.
fn not_offered(kind: FilingKind, of: Circumstances<'_>) -> Option<Finding> {
    let offered = of.profile.kinds.contains_key(&kind);
    (!offered).then(|| Finding::new(Code::KindNotOffered, Level::Error).arg("kind", kind.label()))
}

/// The figures on a filing's head; both sides compute them from the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// 人数, each person once however many months his rows are about; of a filing about the unit's own data, the number
    /// of items
    pub people: u32,
    /// 调整前月缴存额合计, yuan
    pub before: Yuan,
    /// 调整后月缴存额合计, yuan
    pub after: Yuan,
    /// after − before, yuan
    pub difference: Yuan,
}

impl Totals {
    /// Nobody, nothing.
    pub const NONE: Self = Self { people: 0, before: Yuan::ZERO, after: Yuan::ZERO, difference: Yuan::ZERO };

    /// The figures over rows; both sides compute them with this.
    pub fn of<'a, R: FiledRow + 'a>(rows: impl IntoIterator<Item = &'a R>) -> Self {
        let mut sums = Self::NONE;
        let mut met = HashSet::new();
        for row in rows {
            let again = row.one_of_several().is_some_and(|person| !met.insert(person));
            sums.people += if again { 0 } else { row.people() };
            sums.before += row.before().monthly();
            sums.after += row.after().monthly();
        }
        sums.difference = sums.after - sums.before;
        sums
    }
}

/// One row of a filing, as it is signed.
pub trait FiledRow {
    /// Every filed value by its field, in filed form: amounts `1234.50`, months `2026-11`, ratios `0.08`, codes
    /// national. The account before the name before the ID number.
    fn figures(&self) -> Vec<(Field, String)>;

    /// What is due a month before; nothing for rows that move no money.
    fn before(&self) -> Contribution;

    /// What is due a month after; nothing for rows that move no money.
    fn after(&self) -> Contribution;

    /// How many people it is about.
    fn people(&self) -> u32 {
        1
    }

    /// Whose row it is, by ID number, where a person may have several; `None` where nobody has.
    fn one_of_several(&self) -> Option<&str> {
        None
    }

    /// With whose ID number and name the center is asked what it knows elsewhere; `None` where nobody is.
    fn asked_about(&self) -> Option<(String, String)> {
        Some((self.said(Field::IdNumber), self.said(Field::Name)))
    }

    /// A field's filed value; empty for fields that are not filed.
    fn said(&self, field: Field) -> String {
        self.figures().into_iter().find(|(filed, _)| *filed == field).map(|(_, text)| text).unwrap_or_default()
    }
}

/// A checked sheet of one kind: what can be filed, and everything there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<R> {
    /// One entry per row of the sheet, in its order; `None` where the row has no usable values.
    pub rows: Vec<Option<R>>,
    /// Findings, by row and then column; those on the whole sheet first.
    pub findings: Vec<Finding>,
    /// Sums over the usable rows.
    pub totals: Totals,
}

/// A checked sheet of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedSheet {
    /// The usable rows, in the sheet's order.
    pub rows: Rows,
    /// For each row of the sheet its place in `rows`; `None` where it has no usable values.
    pub places: Vec<Option<u32>>,
    /// Findings, by row and then column; those on the whole sheet first.
    pub findings: Vec<Finding>,
    /// Sums over the usable rows.
    pub totals: Totals,
}

impl CheckedSheet {
    /// Of a sheet nobody has looked at.
    pub fn none(kind: FilingKind) -> Self {
        Self { rows: Rows::none(kind), places: Vec::new(), findings: Vec::new(), totals: Totals::NONE }
    }

    fn of<R>(checked: Checked<R>, rows: impl FnOnce(Vec<R>) -> Rows) -> Self {
        let mut usable = 0;
        let places = checked
            .rows
            .iter()
            .map(|row| {
                row.as_ref().map(|_| {
                    usable += 1;
                    usable - 1
                })
            })
            .collect();
        let filed = rows(checked.rows.into_iter().flatten().collect());
        Self { rows: filed, places, findings: checked.findings, totals: checked.totals }
    }
}

fn left<R: Clone>(rows: &[R], without: &BTreeSet<usize>) -> Vec<R> {
    rows.iter().enumerate().filter(|(place, _)| !without.contains(place)).map(|(_, row)| row.clone()).collect()
}

macro_rules! kinds {
    (
        sheets { $($(#[$doc:meta])* $kind:ident: $module:ident::$row:ident = $wire:literal, $label:literal;)+ }
        orders { $($(#[$odoc:meta])* $okind:ident: $omodule:ident::$orow:ident = $owire:literal, $olabel:literal;)+ }
    ) => {
        /// The kinds of filings; the wire form is `snake_case`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FilingKind {
            $($(#[$doc])* #[serde(rename = $wire)] $kind,)+
            $($(#[$odoc])* #[serde(rename = $owire)] $okind,)+
        }

        impl FilingKind {
            /// Every kind, in the order of a clerk's month.
            pub const ALL: &[Self] = &[$(Self::$kind,)+ $(Self::$okind,)+];

            /// Those whose rows are typed or read from a sheet; the others are made from the center's books.
            pub const SHEETS: &[Self] = &[$(Self::$kind,)+];

            /// The wire form, the same as in JSON.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $wire,)+
                    $(Self::$okind => $owire,)+
                }
            }

            /// The name on screen.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$kind => $label,)+
                    $(Self::$okind => $olabel,)+
                }
            }

            /// What a sheet of this kind carries; nothing for kinds that no sheet is made for.
            pub fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$kind => &$module::FIELDS,)+
                    $(Self::$okind => &[],)+
                }
            }

            /// The columns it cannot do without; of each group one is enough, and the first is named.
            pub fn columns(self) -> &'static [&'static [Field]] {
                match self {
                    $(Self::$kind => $module::COLUMNS,)+
                    $(Self::$okind => &[],)+
                }
            }

            /// The columns whose lack stands in the way of all of it, each with what is found then.
            pub fn required(self) -> &'static [(Field, Code)] {
                match self {
                    $(Self::$kind => &$module::REQUIRED,)+
                    $(Self::$okind => &[],)+
                }
            }
        }

        /// The rows of one filing.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Rows {
            $($(#[$doc])* $kind(Vec<$module::$row>),)+
            $($(#[$odoc])* $okind(Vec<$omodule::$orow>),)+
        }

        impl Rows {
            /// Without a row.
            pub fn none(kind: FilingKind) -> Self {
                match kind {
                    $(FilingKind::$kind => Self::$kind(Vec::new()),)+
                    $(FilingKind::$okind => Self::$okind(Vec::new()),)+
                }
            }

            /// Their kind.
            pub fn kind(&self) -> FilingKind {
                match self {
                    $(Self::$kind(_) => FilingKind::$kind,)+
                    $(Self::$okind(_) => FilingKind::$okind,)+
                }
            }

            /// How many there are.
            pub fn len(&self) -> usize {
                match self {
                    $(Self::$kind(rows) => rows.len(),)+
                    $(Self::$okind(rows) => rows.len(),)+
                }
            }

            /// A row by its place.
            pub fn get(&self, place: usize) -> Option<&dyn FiledRow> {
                match self {
                    $(Self::$kind(rows) => rows.get(place).map(|row| row as &dyn FiledRow),)+
                    $(Self::$okind(rows) => rows.get(place).map(|row| row as &dyn FiledRow),)+
                }
            }

            /// The rows without those at some places.
            #[must_use]
            pub fn without(&self, places: &BTreeSet<usize>) -> Self {
                match self {
                    $(Self::$kind(rows) => Self::$kind(left(rows, places)),)+
                    $(Self::$okind(rows) => Self::$okind(left(rows, places)),)+
                }
            }

            /// The figures over them; both sides compute them with this.
            pub fn totals(&self) -> Totals {
                match self {
                    $(Self::$kind(rows) => Totals::of(rows),)+
                    $(Self::$okind(rows) => Totals::of(rows),)+
                }
            }

            /// Checks rows that arrive signed, by the rules of [`check_sheet`]; see the kinds' own `check_rows`.
            pub fn check(&self, totals: Totals, of: Circumstances<'_>) -> Vec<Finding> {
                let mut findings = match self {
                    $(Self::$kind(rows) => $module::check_rows(rows, totals, of),)+
                    $(Self::$okind(rows) => $omodule::check_rows(rows, totals, of),)+
                };
                findings.splice(0..0, not_offered(self.kind(), of));
                findings
            }

            /// Reads the JSON of rows of a kind.
            ///
            /// # Errors
            /// Any other shape; unknown fields are refused.
            pub fn from_json(kind: FilingKind, json: &str) -> Result<Self, serde_json::Error> {
                Ok(match kind {
                    $(FilingKind::$kind => Self::$kind(serde_json::from_str(json)?),)+
                    $(FilingKind::$okind => Self::$okind(serde_json::from_str(json)?),)+
                })
            }
        }

        impl Serialize for Rows {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$kind(rows) => rows.serialize(serializer),)+
                    $(Self::$okind(rows) => rows.serialize(serializer),)+
                }
            }
        }

        /// Checks a whole sheet of a kind: every row, every finding, never only the first. Of kinds that no sheet is
        /// made for nothing is filed.
        pub fn check_sheet(kind: FilingKind, sheet: &RawSheet, of: Circumstances<'_>) -> CheckedSheet {
            let own = without_own_numbers(sheet, of.roster, of.profile.account_length);
            let sheet = own.as_ref().map_or(sheet, |(without, _)| without);
            let mut checked = match kind {
                $(FilingKind::$kind => CheckedSheet::of($module::check_sheet(sheet, of), Rows::$kind),)+
                $(FilingKind::$okind => CheckedSheet::none(kind),)+
            };
            checked.findings.splice(0..0, not_offered(kind, of));
            if let Some((_, question)) = own {
                checked.findings.push(question);
                checked.findings.sort_by(|one, other| one.at.cmp(&other.at));
            }
            checked
        }
    };
}

kinds! {
    sheets {
        /// 缴存人登记
        ContributorRegistration: contributor_registration::ContributorRegistrationRow
            = "contributor_registration", "缴存人登记";
        /// 缴存人状态变更
        StatusChange: status_change::StatusChangeRow = "status_change", "缴存人状态变更";
        /// 年度基数调整
        BaseAdjustment: base_adjustment::BaseAdjustmentRow = "base_adjustment", "年度基数调整";
        /// 缴存比例调整
        RatioAdjustment: ratio_adjustment::RatioAdjustmentRow = "ratio_adjustment", "缴存比例调整";
        /// 缴存人信息变更
        ContributorUpdate: contributor_update::ContributorUpdateRow = "contributor_update", "缴存人信息变更";
        /// 单位信息变更
        UnitUpdate: unit_update::UnitUpdateRow = "unit_update", "单位信息变更";
        /// 补缴
        BackPayment: back_payment::BackPaymentRow = "back_payment", "补缴";
        /// 错缴更正
        Correction: correction::CorrectionRow = "correction", "错缴更正";
        /// 缓缴 / 降低缴存比例申请
        Deferral: deferral::DeferralRow = "deferral", "缓缴与降比申请";
    }
    orders {
        /// 汇缴核定
        RemittanceVerification: remittance_verification::VerificationRow = "remittance_verification", "汇缴核定";
        /// 单位缴款
        Payment: payment::PaymentRow = "payment", "单位缴款";
        /// 未处理缴款认领
        PaymentClaim: payment_claim::ClaimRow = "payment_claim", "未处理缴款认领";
    }
}

impl Rows {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &dyn FiledRow> {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// What changes of what is due a month, more and less added up, the unit's part and the person's apart: what one takes
    /// from another is moved twice, and not nothing. Both sides compute it with this.
    pub fn moved(&self) -> Yuan {
        let size = |change: Yuan| change.max(-change);
        let moved = self.iter().map(|row| {
            let (before, after) = (row.before(), row.after());
            size(after.unit_amount - before.unit_amount) + size(after.personal_amount - before.personal_amount)
        });
        moved.sum()
    }
}

impl FilingKind {
    /// Reads the wire form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// Whether its rows are typed or read from a sheet.
    pub fn from_sheet(self) -> bool {
        Self::SHEETS.contains(&self)
    }

    /// Whether the rows change what is due a month.
    pub fn moves_money(self) -> bool {
        match self {
            Self::ContributorRegistration | Self::StatusChange | Self::BaseAdjustment | Self::RatioAdjustment => true,
            // Months of the past are outside of the monthly list.
            Self::ContributorUpdate
            | Self::UnitUpdate
            | Self::BackPayment
            | Self::Correction
            // Nothing changes before the center has accepted it.
            | Self::Deferral
            | Self::RemittanceVerification
            | Self::Payment
            | Self::PaymentClaim => false,
        }
    }

    /// Whether a row is about everybody of the unit at once, so that a change of anybody touches it.
    pub fn of_everybody(self) -> bool {
        match self {
            Self::RatioAdjustment => true,
            Self::ContributorRegistration
            | Self::StatusChange
            | Self::BaseAdjustment
            | Self::ContributorUpdate
            | Self::UnitUpdate
            | Self::BackPayment
            | Self::Correction
            | Self::Deferral
            | Self::RemittanceVerification
            | Self::Payment
            | Self::PaymentClaim => false,
        }
    }

    /// What a field is called in this kind of filing.
    pub fn title(self, field: Field) -> &'static str {
        match (self, field) {
            (Self::BaseAdjustment, Field::NewBase) => "调整后缴存基数",
            (Self::BackPayment, Field::UnitAmount) => "单位补缴金额",
            (Self::BackPayment, Field::PersonalAmount) => "个人补缴金额",
            (Self::BackPayment, Field::MonthlyAmount) => "补缴金额合计",
            (Self::BackPayment, Field::Reason) => "补缴原因",
            (Self::Correction, Field::Month) => "更正年月",
            (Self::Correction, Field::UnitAmount) => "更正前单位月缴存额",
            (Self::Correction, Field::PersonalAmount) => "更正前个人月缴存额",
            (Self::Correction, Field::Reason) => "更正原因",
            (Self::Deferral, Field::ChangeKind) => "申请事项",
            (Self::Deferral, Field::Reason) => "申请原因",
            (Self::RemittanceVerification, Field::Month) => "汇缴年月",
            (Self::Payment, Field::Item) => "缴款内容",
            (Self::Payment, Field::ChangeKind) => "缴款方式",
            (Self::Payment, Field::UnitAmount) => "单位部分",
            (Self::Payment, Field::PersonalAmount) => "个人部分",
            (Self::Payment | Self::PaymentClaim, Field::MonthlyAmount) => "金额",
            (Self::PaymentClaim, Field::Item) => "到账流水号",
            (Self::PaymentClaim, Field::NewValue) => "认领为",
            (_, field) => field.label(),
        }
    }
}
