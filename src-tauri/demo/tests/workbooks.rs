//! The practice workbooks hold what their names promise.
#![allow(clippy::unwrap_used)]

use std::fs;

use huijiao_demo::people::{UnitRoster, practice_unit};
use huijiao_demo::workbooks::{
    CLEAN, ERP, FAULTS, PAYROLL, PLANTED, PLANTED_CHANGES, ROSTER, SHEET, clean, erp_export, large, lay, payroll,
    with_faults,
};
use huijiao_domain::compare::{FIELDS, ProposalKind, compare};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::filing::base_adjustment::{BaseAdjustmentRow, check_sheet};
use huijiao_domain::filing::{Checked, Circumstances};
use huijiao_domain::finding::Code;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::sheet::{Field, column_letter};
use huijiao_sheets::{Limits, ReadChoice, Taken};
use jiff::civil::date;

fn profile() -> CenterProfile {
    CenterProfile::shipped("demo").unwrap()
}

fn unit() -> UnitRoster {
    practice_unit(&profile()).unwrap()
}

#[test]
fn files_are_laid_once_and_put_back_when_changed() {
    let folder = tempfile::tempdir().unwrap();
    let books = lay(folder.path(), &unit(), &profile()).unwrap();
    let names: Vec<_> = books.iter().map(|b| b.path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names, [CLEAN, FAULTS, ERP, PAYROLL], "in the order a newcomer should try them");
    let roster: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    assert_eq!(roster, unit(), "the roster on disk is the center's");

    let kept = fs::metadata(&books[0].path).unwrap().modified().unwrap();
    let before = fs::read(&books[1].path).unwrap();
    fs::write(&books[1].path, b"changed").unwrap();
    lay(folder.path(), &unit(), &profile()).unwrap();
    assert_eq!(
        fs::metadata(&books[0].path).unwrap().modified().unwrap(),
        kept,
        "an untouched file is not written again"
    );
    assert_eq!(fs::read(&books[1].path).unwrap(), before, "a changed one is put back, byte for byte");
}

/// As a clerk would: opened, header and columns found, checked against the unit's roster.
fn checked(bytes: Vec<u8>, unit: &UnitRoster) -> (Taken, Checked<BaseAdjustmentRow>) {
    let workbook = huijiao_sheets::read(bytes, &ReadChoice::default(), &Limits::default()).unwrap();
    let header = huijiao_sheets::find_header(&workbook).unwrap();
    let columns = huijiao_sheets::map_columns(&header, FilingKind::BaseAdjustment);
    let mapping: Vec<(u16, Field)> = columns.iter().filter_map(|c| c.field.map(|field| (c.column, field))).collect();
    let taken = huijiao_sheets::rows(&workbook, &header, &mapping);
    let profile = profile();
    let checked = check_sheet(
        &taken.sheet,
        Circumstances {
            books: None,
            profile: &profile,
            unit: Some(&unit.unit),
            roster: Some(&unit.roster),
            elsewhere: None,
            period: "2026-07".parse().unwrap(),
            today: date(2026, 7, 6),
        },
    );
    (taken, checked)
}

/// Code, row and column of everything that was said.
fn said(taken: &Taken, checked: &Checked<BaseAdjustmentRow>) -> Vec<(Code, Option<u32>, Option<String>)> {
    let all = taken.findings.iter().chain(&checked.findings);
    all.map(|f| {
        let at = f.at.as_ref();
        (f.code, at.map(|at| at.row), at.and_then(|at| at.column).map(column_letter))
    })
    .collect()
}

#[test]
fn the_clean_workbook_gives_no_finding_at_all() {
    let unit = unit();
    let (taken, checked) = checked(clean(&unit, &profile()).unwrap(), &unit);
    assert_eq!(&*taken.sheet.name, SHEET, "the sheet is called what it is");
    assert_eq!(said(&taken, &checked), [], "nothing to say, not even a warning");
    assert_eq!(taken.sheet.rows.len(), 228, "everybody whose account is open");
    assert!(checked.rows.iter().all(Option::is_some), "every row can be filed");
    assert_eq!(checked.totals.people, 228, "and is counted");
    assert!(checked.totals.difference > huijiao_domain::money::Yuan::ZERO, "bases rose");
}

#[test]
fn the_faulty_workbook_gives_the_planted_findings_and_no_other() {
    let unit = unit();
    let (taken, checked) = checked(with_faults(&unit, &profile()).unwrap(), &unit);
    let planted: Vec<_> = PLANTED.iter().map(|p| (p.code, Some(p.row), Some(p.column.to_string()))).collect();
    assert_eq!(said(&taken, &checked), planted, "each fault is found in its cell, and nothing else is");
    let asked: Vec<_> = checked.findings.iter().filter(|f| !f.blocks()).map(|f| f.code).collect();
    assert_eq!(asked, [Code::IdNumeric], "each of them stands in the way, but the roster knows whose ID was rounded");
    assert_eq!(taken.sheet.rows.len(), 230, "a stranger and a twin came in");
}

#[test]
fn the_erp_export_is_read_through_its_titles_groups_and_sums() {
    let unit = unit();
    let (taken, checked) = checked(erp_export(&unit, &profile()).unwrap(), &unit);
    let blocking: Vec<_> = checked.findings.iter().chain(&taken.findings).filter(|f| f.blocks()).collect();
    assert!(blocking.is_empty(), "nothing stands in the way: {blocking:?}");
    assert_eq!(said(&taken, &checked), [], "amounts and sums agree, so there is nothing to confirm either");
    assert_eq!(taken.sheet.rows.len(), 228, "neither sums nor footers are people");
    let (grand, parts): (Vec<_>, Vec<_>) = taken.sheet.totals.iter().partition(|total| total.grand);
    assert_eq!((parts.len(), grand.len()), (6, 1), "six departments and one sum");
    assert_eq!(taken.unit.account.as_deref(), Some("041000000001"), "the head line names the unit");
    assert_eq!(taken.unit.name.as_deref(), Some("演示市晨光机电有限公司"), "by name too");
    for (field, column) in [
        (Field::OldBase, 6),
        (Field::NewBase, 10),
        (Field::UnitAmount, 11),
        (Field::PersonalAmount, 12),
        (Field::MonthlyAmount, 13),
    ] {
        assert_eq!(taken.sheet.columns.get(&field), Some(&column), "{field:?} is the one of its group");
    }
}

#[test]
fn the_clean_and_the_exported_sheet_say_the_same() {
    let unit = unit();
    let (_, one) = checked(clean(&unit, &profile()).unwrap(), &unit);
    let (_, other) = checked(erp_export(&unit, &profile()).unwrap(), &unit);
    assert_eq!(one.totals, other.totals, "one unit, one year, one sum");
    assert_eq!(one.rows, other.rows, "in one order");
}

#[test]
fn the_payroll_yields_exactly_its_nine_changes() {
    let unit = unit();
    let workbook = huijiao_sheets::read(payroll(&unit).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    let header = huijiao_sheets::find_header(&workbook).unwrap();
    let columns = huijiao_sheets::map_fields(&header, &FIELDS);
    let mapping: Vec<(u16, Field)> = columns.iter().filter_map(|c| c.field.map(|field| (c.column, field))).collect();
    assert!(mapping.iter().all(|(_, field)| *field != Field::PersonalAccount), "a payroll has no accounts");
    let taken = huijiao_sheets::rows(&workbook, &header, &mapping);
    assert_eq!(taken.findings, [], "title, sum and footers are no obstacle");
    let profile = profile();
    let of = Circumstances {
        books: None,
        profile: &profile,
        unit: Some(&unit.unit),
        roster: None,
        elsewhere: None,
        period: "2026-07".parse().unwrap(),
        today: date(2026, 7, 6),
    };
    let comparison = compare(&taken.sheet, &unit.roster, of);
    assert_eq!(comparison.findings, [], "each change is a proposal, none a fault");
    let changes: Vec<_> = comparison.proposals.iter().filter(|p| p.kind != ProposalKind::Unchanged).collect();
    let found: Vec<_> = changes.iter().map(|p| (p.kind, p.person.map(|place| place as usize))).collect();
    assert_eq!(found, PLANTED_CHANGES.map(|change| (change.kind, change.person)), "exactly these, in this order");
    for (proposal, planted) in changes.iter().zip(PLANTED_CHANGES) {
        let said = match planted.kind {
            ProposalKind::New => proposal.name.to_string(),
            ProposalKind::NameDiffers => proposal.said.to_string(),
            ProposalKind::BaseChanged => proposal.after.unwrap().base.to_string(),
            ProposalKind::Returned
            | ProposalKind::Left
            | ProposalKind::IdDiffers
            | ProposalKind::Unchanged
            | ProposalKind::NotComparable => String::new(),
        };
        assert_eq!(said, planted.says, "{:?}", planted.kind);
        assert!(proposal.also.is_empty(), "one change each: {proposal:?}");
    }
    assert_eq!(comparison.totals[&ProposalKind::Unchanged], 240 - 7, "everybody else, the sealed too");
    assert_eq!(comparison.questions.len(), 4, "whoever is missing or differs is asked about");
}

#[test]
fn a_large_workbook_is_clean_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.xlsx");
    let unit = large(&path, 2_000, &profile()).unwrap();
    let (taken, checked) = checked(fs::read(&path).unwrap(), &unit);
    assert_eq!(said(&taken, &checked), [], "valid, distinct people");
    assert_eq!(taken.sheet.rows.len(), 2_000, "as many as asked for");
}
