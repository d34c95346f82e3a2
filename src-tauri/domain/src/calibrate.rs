//! 计算方法自动识别: which rounding method a center uses, worked out from a list that it has accepted.

use crate::amount::{self, AmountText};
use crate::money::{Contribution, Ratio, Rounding, RoundingScope, Yuan};
use crate::sheet::{Field, RawRow, RawSheet};

/// One person of an accepted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// 个人缴存基数, yuan
    pub base: Yuan,
    /// 单位缴存比例
    pub unit_ratio: Ratio,
    /// 个人缴存比例
    pub personal_ratio: Ratio,
    /// What the center had both sides pay.
    pub accepted: Contribution,
}

/// What an accepted list gives to compare.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// People whose figures can all be read.
    pub samples: Vec<Sample>,
    /// Row of the sheet of each of them.
    pub rows: Vec<u32>,
    /// Rows with a figure missing or unreadable; nothing is concluded from them.
    pub skipped: Vec<u32>,
}

impl Listed {
    /// Reads a list. The base is the new one where there are two; a row's own ratios go before `asked`, which are
    /// the unit's and the personal one.
    ///
    /// # Errors
    /// The fields for which the sheet has no column.
    pub fn read(sheet: &RawSheet, asked: Option<(Ratio, Ratio)>) -> Result<Self, Vec<Field>> {
        let has = |field: Field| sheet.columns.contains_key(&field);
        let base = if has(Field::NewBase) || !has(Field::OldBase) { Field::NewBase } else { Field::OldBase };
        let mut wanted = vec![base, Field::UnitAmount, Field::PersonalAmount];
        if asked.is_none() {
            wanted.extend([Field::UnitRatio, Field::PersonalRatio]);
        }
        wanted.retain(|field| !has(*field));
        if !wanted.is_empty() {
            return Err(wanted);
        }
        let mut listed = Self::default();
        for row in &sheet.rows {
            match Sample::read(row, base, asked) {
                Some(sample) => {
                    listed.samples.push(sample);
                    listed.rows.push(row.row);
                }
                None => listed.skipped.push(row.row),
            }
        }
        Ok(listed)
    }
}

impl Sample {
    fn read(row: &RawRow, base: Field, asked: Option<(Ratio, Ratio)>) -> Option<Self> {
        let cell = |field: Field| row.cells.get(&field);
        let figure = |field: Field| cell(field).and_then(|cell| AmountText::read(cell.text, cell.kind).meant());
        let ratio = |field: Field| cell(field).and_then(|cell| amount::ratio(cell.text, cell.kind));
        Some(Self {
            base: figure(base)?,
            unit_ratio: ratio(Field::UnitRatio).or(asked.map(|(unit, _)| unit))?,
            personal_ratio: ratio(Field::PersonalRatio).or(asked.map(|(_, personal)| personal))?,
            accepted: Contribution {
                unit_amount: figure(Field::UnitAmount)?,
                personal_amount: figure(Field::PersonalAmount)?,
            },
        })
    }
}

/// A way of computing: the method and what it is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Method {
    /// 计算方法
    pub rounding: Rounding,
    /// What it is applied to.
    pub scope: RoundingScope,
}

impl Method {
    /// Its name on screen.
    pub fn label(self) -> String {
        format!("{}（{}）", self.rounding.label(), self.scope.label())
    }

    /// Every way, the commonest first.
    pub fn all() -> impl Iterator<Item = Self> {
        let scopes = [RoundingScope::EachSide, RoundingScope::Total];
        let every = scopes.into_iter().flat_map(|scope| Rounding::ALL.map(|rounding| Self { rounding, scope }));
        std::iter::once(Self::default()).chain(every.filter(|method| *method != Self::default()))
    }

    /// What a sample's base costs when computed this way.
    pub fn of(self, sample: &Sample) -> Contribution {
        Contribution::of(sample.base, sample.unit_ratio, sample.personal_ratio, self.rounding, self.scope)
    }
}

/// A row that a method does not reproduce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction {
    /// Its place among the samples.
    pub sample: usize,
    /// What the method gives instead.
    pub computed: Contribution,
}

/// The method that comes nearest where none reproduces every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The method with the fewest contradictions; the commoner one where two have as few.
    pub method: Method,
    /// The rows that contradict it, never none.
    pub contradicting: Vec<Contradiction>,
}

/// What a list says about the method behind it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calibration {
    /// Every method that reproduces every row, the commonest first.
    pub fits: Vec<Method>,
    /// Only where nothing fits; absent too where there are no rows, which say nothing.
    pub nearest: Option<Nearest>,
}

/// Names every method that reproduces all rows, or the nearest one with the rows that speak against it.
pub fn calibrate(rows: &[Sample]) -> Calibration {
    if rows.is_empty() {
        return Calibration::default();
    }
    let wrong = |method: Method| rows.iter().filter(|row| method.of(row) != row.accepted).count();
    let counted: Vec<(Method, usize)> = Method::all().map(|method| (method, wrong(method))).collect();
    let fits: Vec<Method> = counted.iter().filter(|(_, wrong)| *wrong == 0).map(|(method, _)| *method).collect();
    if !fits.is_empty() {
        return Calibration { fits, nearest: None };
    }
    let nearest = counted.iter().min_by_key(|(_, wrong)| *wrong).map(|(method, _)| Nearest {
        method: *method,
        contradicting: rows
            .iter()
            .enumerate()
            .map(|(sample, row)| (Contradiction { sample, computed: method.of(row) }, row.accepted))
            .filter(|(contradiction, accepted)| contradiction.computed != *accepted)
            .map(|(contradiction, _)| contradiction)
            .collect(),
    });
    Calibration { fits, nearest }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn sample(base: &str, ratio: &str, unit: &str, personal: &str) -> Sample {
        let ratio = ratio.parse().unwrap();
        let accepted = Contribution { unit_amount: unit.parse().unwrap(), personal_amount: personal.parse().unwrap() };
        Sample { base: base.parse().unwrap(), unit_ratio: ratio, personal_ratio: ratio, accepted }
    }

    fn each_side(rounding: Rounding) -> Method {
        Method { rounding, scope: RoundingScope::EachSide }
    }

    #[test]
    fn hengyang_fits_one_method_only() {
        // 21142: at most 5076 a month; 1700: at least 170 (cap at 12 %, floor at 5 %).
        let rows = [sample("21142", "0.12", "2538", "2538"), sample("1700", "0.05", "85", "85")];
        assert_eq!(calibrate(&rows).fits, [each_side(Rounding::CeilYuan)], "up to the yuan, each side");
        let cap = calibrate(&rows[..1]).fits;
        assert!(cap.contains(&each_side(Rounding::CeilEvenYuan)), "the cap alone leaves the even yuan open: {cap:?}");
    }

    #[test]
    fn wuhan_keeps_the_fen() {
        let fits = calibrate(&[sample("36072.25", "0.12", "4328.67", "4328.67")]).fits;
        assert!(fits.contains(&each_side(Rounding::HalfUpFen)), "the method it uses");
        let fen = [Rounding::HalfUpFen, Rounding::FloorFen, Rounding::CeilFen];
        assert!(fits.iter().all(|fit| fen.contains(&fit.rounding)), "nothing coarser gives 8657.34: {fits:?}");
        // The product has no third decimal; one that has tells the three apart.
        let rows = [sample("36072.25", "0.12", "4328.67", "4328.67"), sample("5432.10", "0.08", "434.57", "434.57")];
        let fits = calibrate(&rows).fits;
        assert!(!fits.contains(&each_side(Rounding::FloorFen)), "434.5680 cut would be 434.56");
    }

    #[test]
    fn changsha_and_guiyang_round_half_up_to_the_yuan() {
        let changsha = calibrate(&[sample("32744", "0.12", "3929", "3929"), sample("2200", "0.05", "110", "110")]).fits;
        let guiyang = calibrate(&[sample("25392", "0.12", "3047", "3047"), sample("2130", "0.05", "107", "107")]).fits;
        for (city, fits) in [("长沙", &changsha), ("贵阳", &guiyang)] {
            assert_eq!(fits.first(), Some(&Method::default()), "{city}: the commonest method comes first");
            assert!(!fits.contains(&each_side(Rounding::CeilYuan)), "{city}: not up");
            assert!(!fits.contains(&each_side(Rounding::HalfUpFen)), "{city}: no fen");
        }
        assert!(!guiyang.contains(&each_side(Rounding::FloorYuan)), "106.50 cut would be 106");
    }

    #[test]
    fn a_list_that_no_method_made_names_the_nearest_and_the_rows() {
        let rows = [
            sample("5432.10", "0.08", "435", "435"),
            sample("21142", "0.12", "2537", "2537"),
            sample("1770", "0.05", "89", "89"),
            // Typed by hand: half up gives 100.
            sample("2001", "0.05", "110", "100"),
        ];
        let said = calibrate(&rows);
        assert_eq!(said.fits, [], "nothing gives 110");
        let nearest = said.nearest.unwrap();
        assert_eq!(nearest.method, Method::default(), "three of four rows");
        let computed = Contribution { unit_amount: "100".parse().unwrap(), personal_amount: "100".parse().unwrap() };
        assert_eq!(nearest.contradicting, [Contradiction { sample: 3, computed }], "the row that speaks against it");
    }

    #[test]
    fn no_rows_say_nothing() {
        assert_eq!(calibrate(&[]), Calibration::default(), "not even that everything fits");
    }

    #[test]
    fn every_method_is_tried_once() {
        let all: Vec<_> = Method::all().collect();
        assert_eq!(all.len(), 2 * Rounding::ALL.len(), "each method on either scope");
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "none twice");
    }

    proptest! {
        #[test]
        fn the_method_behind_a_list_is_among_the_fits(
            bases in prop::collection::vec(1i64..5_000_000, 1..40),
            unit in 1u16..=1200, personal in 1u16..=1200, which in 0usize..22,
        ) {
            let method = Method::all().nth(which).unwrap();
            let ratio = |points| Ratio::from_basis_points(points).unwrap();
            let zero = Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO };
            let rows: Vec<Sample> = bases
                .into_iter()
                .map(|fen| {
                    let asked = Sample {
                        base: Yuan::from_fen(fen), unit_ratio: ratio(unit), personal_ratio: ratio(personal), accepted: zero,
                    };
                    Sample { accepted: method.of(&asked), ..asked }
                })
                .collect();
            let said = calibrate(&rows);
            prop_assert!(said.fits.contains(&method), "{:?} made the list, but {:?} fit", method, said.fits);
            prop_assert_eq!(said.nearest, None, "nothing is nearest where something fits");
        }

        #[test]
        fn one_changed_row_is_named(bases in prop::collection::vec(100_000i64..5_000_000, 3..20), at in 0usize..20) {
            let ratio: Ratio = "0.08".parse().unwrap();
            let at = at % bases.len();
            let zero = Contribution { unit_amount: Yuan::ZERO, personal_amount: Yuan::ZERO };
            let mut rows: Vec<Sample> = bases
                .into_iter()
                .map(|fen| Sample { base: Yuan::from_fen(fen), unit_ratio: ratio, personal_ratio: ratio, accepted: zero })
                .map(|row| Sample { accepted: Method::default().of(&row), ..row })
                .collect();
            // Further off than any method is from another.
            rows[at].accepted.unit_amount += "50".parse().unwrap();
            let nearest = calibrate(&rows).nearest.unwrap();
            prop_assert!(nearest.contradicting.iter().any(|row| row.sample == at), "the changed row is among them");
            prop_assert!(nearest.contradicting.len() == 1, "and the rest is reproduced: {:?}", nearest);
        }
    }
}
