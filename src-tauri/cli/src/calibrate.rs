//! `calibrate`: which method of computing the center uses, from a list that it has accepted.

use std::fmt::Write;

use huijiao_domain::calibrate::{Calibration, Listed, Method, Sample, calibrate};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::{Rounding, RoundingScope, Yuan};
use huijiao_domain::sheet::Field;
use huijiao_sheets::{ReadChoice, SheetError};
use serde::Serialize;

use crate::args::CalibrateArgs;
use crate::refusal::Refusal;
use crate::{Report, pretty, sheet};

pub(crate) fn run(args: &CalibrateArgs) -> Result<Report, Refusal> {
    let choice = ReadChoice { sheet: args.sheet.clone(), encoding: None };
    let workbook = sheet::open(&args.file, &choice)?;
    let header = huijiao_sheets::find_header(&workbook)?;
    let mapping: Vec<(u16, Field)> = huijiao_sheets::map_columns(&header, FilingKind::BaseAdjustment)
        .iter()
        .filter_map(|column| column.field.map(|field| (column.column, field)))
        .collect();
    let taken = huijiao_sheets::rows(&workbook, &header, &mapping);
    let asked = args.unit_ratio.zip(args.personal_ratio);
    let Listed { samples, rows, skipped } =
        Listed::read(&taken.sheet, asked).map_err(|fields| SheetError::ColumnsMissing { fields })?;
    if samples.is_empty() {
        return Err(Refusal::new(Refusal::LIST_EMPTY).arg("file", args.file.display()));
    }
    let outcome = Outcome::of(&calibrate(&samples), &samples, &rows, skipped);
    let passed = !outcome.fits.is_empty();
    Ok(Report { json: pretty(&outcome), text: outcome.words(), passed })
}

#[derive(Serialize)]
struct Outcome {
    /// Rows that were compared.
    rows: usize,
    /// Rows with a figure missing or unreadable; nothing is concluded from them.
    skipped: Vec<u32>,
    fits: Vec<Named>,
    nearest: Option<Nearest>,
}

#[derive(Serialize)]
struct Named {
    rounding: Rounding,
    rounding_scope: RoundingScope,
    name: String,
}

#[derive(Serialize)]
struct Nearest {
    method: Named,
    contradicting: Vec<Contradiction>,
}

#[derive(Serialize)]
struct Contradiction {
    row: u32,
    base: Yuan,
    unit_amount: Yuan,
    personal_amount: Yuan,
    computed_unit_amount: Yuan,
    computed_personal_amount: Yuan,
}

impl From<Method> for Named {
    fn from(method: Method) -> Self {
        Self { rounding: method.rounding, rounding_scope: method.scope, name: method.label() }
    }
}

impl Outcome {
    fn of(said: &Calibration, samples: &[Sample], rows: &[u32], skipped: Vec<u32>) -> Self {
        let nearest = said.nearest.as_ref().map(|nearest| Nearest {
            method: nearest.method.into(),
            contradicting: nearest
                .contradicting
                .iter()
                .filter_map(|found| {
                    let (sample, row) = (samples.get(found.sample)?, rows.get(found.sample)?);
                    Some(Contradiction {
                        row: *row,
                        base: sample.base,
                        unit_amount: sample.accepted.unit_amount,
                        personal_amount: sample.accepted.personal_amount,
                        computed_unit_amount: found.computed.unit_amount,
                        computed_personal_amount: found.computed.personal_amount,
                    })
                })
                .collect(),
        });
        Self { rows: samples.len(), skipped, fits: said.fits.iter().copied().map(Named::from).collect(), nearest }
    }

    fn words(&self) -> String {
        let mut text = format!("比较了 {} 行", self.rows);
        if !self.skipped.is_empty() {
            let _ = write!(text, "，另有 {} 行数字不全，没有比较", self.skipped.len());
        }
        text.push_str("。\n");
        if let Some(nearest) = &self.nearest {
            let wrong = nearest.contradicting.len();
            let _ =
                writeln!(text, "没有一种计算方法能算出每一行。最接近的是「{}」，{wrong} 行不符：", nearest.method.name);
            for row in &nearest.contradicting {
                let _ = writeln!(
                    text,
                    "  第 {} 行  基数 {}  表中 单位 {} 个人 {}，算得 单位 {} 个人 {}",
                    row.row,
                    row.base,
                    row.unit_amount,
                    row.personal_amount,
                    row.computed_unit_amount,
                    row.computed_personal_amount,
                );
            }
        } else {
            text.push_str("能算出每一行的计算方法：\n");
            for fit in &self.fits {
                let _ = writeln!(text, "  {}", fit.name);
            }
            if self.fits.len() > 1 {
                text.push_str("不止一种，这份表分不出来；请换一份基数更多样的已受理清册再试。\n");
            }
        }
        text
    }
}
