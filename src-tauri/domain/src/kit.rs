//! What the tests of several modules build on: a center, a unit, a roster and sheets that agree with them.
#![allow(clippy::unwrap_used)]

use jiff::civil::{Date, date};

use crate::field::Field;
use crate::filing::Circumstances;
use crate::finding::{Code, Finding};
use crate::identity::ResidentId;
use crate::money::Yuan;
use crate::profile::CenterProfile;
use crate::roster::{AccountStatus, Changes, Contributor, Roster, Unit, UnitStatus};
use crate::sheet::{CellKind, RawCell, RawRow, RawSheet, RowCells};

pub(crate) const TODAY: Date = date(2026, 7, 6);

pub(crate) fn yuan(text: &str) -> Yuan {
    text.parse().unwrap()
}

/// A valid number, another one for every person below 10 000.
pub(crate) fn id_number(person: usize) -> String {
    let front = format!(
        "410801{:04}{:02}{:02}{:03}",
        1970 + person / 336 % 30,
        1 + person % 12,
        1 + person / 12 % 28,
        1 + person % 990
    );
    "0123456789X"
        .chars()
        .map(|check| format!("{front}{check}"))
        .find(|id| ResidentId::parse(id, TODAY).is_ok())
        .unwrap()
}

pub(crate) fn name(person: usize) -> String {
    let han = |offset: u32| char::from_u32(0x4e00 + offset).unwrap();
    let place = u32::try_from(person).unwrap();
    format!("{}{}", ["王", "李", "赵"][person % 3], han(place % 5000))
}

pub(crate) struct Case {
    pub(crate) profile: CenterProfile,
    pub(crate) unit: Unit,
    pub(crate) roster: Roster,
    pub(crate) sheet: RawSheet,
    pub(crate) period: &'static str,
}

impl Case {
    /// Everybody of the roster is 正常; the sheet has its columns and no rows.
    pub(crate) fn of(people: usize, fields: &[Field]) -> Self {
        let profile = CenterProfile::shipped("demo").unwrap();
        let ratio = "0.08".parse().unwrap();
        let contributors = (0..people)
            .map(|person| {
                let base = Yuan::from_fen(500_000 + i64::try_from(person).unwrap() * 100);
                Contributor {
                    personal_account: format!("0080{person:08}").into(),
                    name: name(person).into(),
                    id_type: "01".into(),
                    id_number: id_number(person).into(),
                    status: AccountStatus::Normal,
                    base,
                    amounts: profile.policies[0].contribution(base, ratio, ratio),
                    contact: Default::default(),
                    earlier: Vec::new(),
                    changes: Changes::default(),
                }
            })
            .collect();
        let unit = Unit {
            account: "800100".into(),
            credit_code: "91350100M000100Y43".into(),
            name: "演示单位".into(),
            status: UnitStatus::Normal,
            unit_ratio: ratio,
            personal_ratio: ratio,
            contributors: u32::try_from(people).unwrap(),
            sealed: 0,
            paid_through: "2026-06".parse().unwrap(),
            first_unverified: "2026-07".parse().unwrap(),
            single_operator: false,
            suspense_balance: Yuan::ZERO,
            district: None,
            deferral: None,
            details: Default::default(),
        };
        let columns = fields.iter().copied().zip(0..).collect();
        let sheet = RawSheet { name: "表".into(), columns, rows: Vec::new(), totals: Vec::new() };
        Self { profile, unit, roster: Roster { version: 7, contributors }, sheet, period: "2026-07" }
    }

    pub(crate) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            books: None,
            profile: &self.profile,
            unit: Some(&self.unit),
            roster: Some(&self.roster),
            elsewhere: None,
            period: self.period.parse().unwrap(),
            today: TODAY,
        }
    }

    /// Adds a row; texts of fields without a column are left out.
    pub(crate) fn row(&mut self, cells: &[(Field, &str)]) -> usize {
        let place = self.sheet.rows.len();
        self.sheet.rows.push(RawRow { row: 2 + u32::try_from(place).unwrap(), cells: RowCells::new() });
        for (field, text) in cells {
            self.set(place, *field, text);
        }
        place
    }

    pub(crate) fn set(&mut self, row: usize, field: Field, text: &str) {
        self.set_kind(row, field, text, CellKind::Text);
    }

    pub(crate) fn set_kind(&mut self, row: usize, field: Field, text: &str, kind: CellKind) {
        let Some(column) = self.sheet.columns.get(&field).copied() else { return };
        let cells = &mut self.sheet.rows[row].cells;
        if text.is_empty() {
            cells.remove(&field);
        } else {
            cells.insert(field, RawCell { column, text: text.into(), kind });
        }
    }
}

/// Code and row of findings.
pub(crate) fn said(findings: &[Finding]) -> Vec<(Code, Option<u32>)> {
    findings.iter().map(|f| (f.code, f.at.as_ref().map(|at| at.row))).collect()
}
