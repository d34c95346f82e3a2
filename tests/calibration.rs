//! The method of computing, worked out on screen from a list that the center has accepted.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_demo::Practice;
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{CalibrationView, HomeView, ImportChoice, PreviewView, UiError};
use huijiao_domain::money::{Contribution, Rounding, RoundingScope, Yuan};
use huijiao_tests::{call, desk};
use rust_xlsxwriter::Workbook;
use serde_json::json;
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
const BASES: [&str; 6] = ["5432.10", "21142", "1770", "4567.89", "2001", "10000.50"];

async fn scene() -> (TempDir, Arc<Desk>) {
    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let desk = desk(folder.path(), Path::new(WORKER));
    desk.enter(practice.connection()).await.unwrap();
    (folder, desk)
}

fn of(base: &str, method: Rounding) -> Contribution {
    let base: Yuan = base.parse().unwrap();
    Contribution::of(base, "0.12".parse().unwrap(), "0.08".parse().unwrap(), method, RoundingScope::EachSide)
}

/// A list as a center that computes this way accepted it; the title of the unit's part is the caller's.
fn list(folder: &TempDir, method: Rounding, unit_title: &str, change: impl Fn(usize, &mut [String; 4])) -> PathBuf {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, title) in (0u16..).zip(["姓名", "缴存基数", unit_title, "个人月缴存额"]) {
        sheet.write_string(0, column, title).unwrap();
    }
    for (place, base) in BASES.iter().enumerate() {
        let due = of(base, method);
        let amounts = [due.unit_amount.to_string(), due.personal_amount.to_string()];
        let [unit, personal] = amounts;
        let mut cells = [format!("职工{place}"), (*base).to_owned(), unit, personal];
        change(place, &mut cells);
        for (column, cell) in (0u16..).zip(cells) {
            sheet.write_string(u32::try_from(place).unwrap() + 1, column, cell).unwrap();
        }
    }
    let path = folder.path().join("已受理清册.xlsx");
    workbook.save(&path).unwrap();
    path
}

fn choice(desk: &Desk, file: &Path) -> ImportChoice {
    ImportChoice { ticket: desk.ticket_of_file(file).unwrap().ticket, ..ImportChoice::default() }
}

async fn ask(desk: &Arc<Desk>, choice: &ImportChoice, ratios: (&str, &str)) -> Result<CalibrationView, UiError> {
    let args = json!({ "choice": choice, "unit_ratio": ratios.0, "personal_ratio": ratios.1 });
    call(desk, "calibrate", args).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_method_that_reproduces_every_row_is_named() {
    let (folder, desk) = scene().await;
    let file = list(&folder, Rounding::CeilYuan, "单位月缴存额", |_, _| ());
    let view = ask(&desk, &choice(&desk, &file), ("12", "8%")).await.unwrap();
    assert_eq!((view.rows, view.skipped_total, view.nearest.is_some()), (6, 0, false), "{view:?}");
    assert_eq!(view.fits[0].label, "见角分进元（单位、个人分别计算）", "and it is the first");
    assert_eq!(view.fits[0].rounding, "ceil_yuan", "as rules keep it");
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    assert!(home.drafts.is_empty(), "a list that is compared is no draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_speak_against_every_method_are_shown() {
    let (folder, desk) = scene().await;
    let file = list(&folder, Rounding::HalfUpYuan, "单位月缴存额", |place, cells| {
        if place == 2 {
            cells[2] = "999".into();
        }
        if place == 4 {
            cells[1] = "约两千".into();
        }
    });
    let view = ask(&desk, &choice(&desk, &file), ("12%", "8%")).await.unwrap();
    assert!(view.fits.is_empty(), "nothing is claimed: {view:?}");
    assert_eq!((view.skipped, view.skipped_total), (vec![6], 1), "what cannot be read proves nothing");
    assert_eq!(view.nearest.unwrap().rounding, "half_up_yuan");
    let row = &view.contradicting[0];
    assert_eq!((view.contradicting_total, row.row, row.unit_amount.as_str()), (1, 4, "999.00"), "by its row");
    assert_eq!(row.computed_unit_amount, of("1770", Rounding::HalfUpYuan).unit_amount.to_string(), "beside it");
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_chosen_and_what_is_missing_is_said() {
    let (folder, desk) = scene().await;
    let file = list(&folder, Rounding::HalfUpFen, "公司承担", |_, _| ());
    let mut choice = choice(&desk, &file);
    let refused = ask(&desk, &choice, ("12%", "8%")).await.unwrap_err();
    assert_eq!(refused.code, "sheet-columns-missing", "no title says which column it is");
    let preview: PreviewView = call(&desk, "import_preview", json!({ "choice": choice })).await.unwrap();
    let chosen = preview.columns.iter().map(|column| {
        let field = if column.header == "公司承担" { Some("unit_amount".to_owned()) } else { column.field.clone() };
        (column.column, field)
    });
    choice.columns = Some(chosen.collect());
    let view = ask(&desk, &choice, ("12%", "8%")).await.unwrap();
    assert_eq!(view.fits[0].rounding, "half_up_fen", "{view:?}");

    assert_eq!(ask(&desk, &choice, ("", "")).await.unwrap_err().code, "sheet-columns-missing", "no ratios anywhere");
    for ratios in [("12%", ""), ("许多", "8%"), ("120", "8")] {
        assert_eq!(ask(&desk, &choice, ratios).await.unwrap_err().code, "desk-ratio-unreadable", "{ratios:?}");
    }
    let blank = list(&folder, Rounding::HalfUpFen, "单位月缴存额", |_, cells| cells[1] = "—".into());
    let blank = self::choice(&desk, &blank);
    assert_eq!(ask(&desk, &blank, ("12%", "8%")).await.unwrap_err().code, "desk-list-empty", "no rows, no answer");
}
