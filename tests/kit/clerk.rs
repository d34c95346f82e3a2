//! A clerk in a process of her own: opens her desk, settles what is open, and files the workbook if she has not yet, or
//! the order that stands in its place.
//!
//! Started with HUIJIAO_ABORT_AT it dies at that point of the submission, as in a power cut.

use std::path::Path;
use std::process::ExitCode;

use huijiao_desk::views::{DraftView, FilingStage, HomeView};
use huijiao_tests::{call, connection_of, desk, import, order, settle, sign};
use serde_json::json;

#[tokio::main]
async fn main() -> ExitCode {
    if huijiao_sheets::worker::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(connection), Some(workbook)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return ExitCode::from(2);
    };
    let Ok(program) = std::env::current_exe() else { return ExitCode::from(2) };
    let desk = desk(Path::new(&folder), &program);
    let connection = connection_of(&connection);
    let (key, pin) = connection.login.clone().unwrap_or_default();
    if desk.enter(connection).await.is_err() {
        return ExitCode::from(3);
    }
    let Ok(home) = call::<HomeView>(&desk, "home", json!({})).await else { return ExitCode::from(4) };
    let filing = match home.filings.first() {
        // An earlier life signed it already: it was settled when the desk was opened.
        Some(filing) => filing.stage,
        None if workbook.starts_with('{') => {
            let Ok(wanted) = serde_json::from_str(&workbook) else { return ExitCode::from(5) };
            match order(&desk, wanted).await {
                Ok(filing) => filing.line.stage,
                Err(_) => return ExitCode::from(7),
            }
        }
        None => {
            // What an earlier life was working on is still there.
            let draft = match home.drafts.first() {
                Some(line) => call::<DraftView>(&desk, "draft", json!({ "draft": line.draft })).await,
                None => import(&desk, Path::new(&workbook), "2026-07").await,
            };
            let Ok(draft) = draft else { return ExitCode::from(5) };
            let Ok(draft) = settle(&desk, draft).await else { return ExitCode::from(6) };
            match sign(&desk, &draft, &key, &pin).await {
                Ok(filing) => filing.line.stage,
                Err(_) => return ExitCode::from(7),
            }
        }
    };
    if filing == FilingStage::Settled { ExitCode::SUCCESS } else { ExitCode::from(8) }
}
