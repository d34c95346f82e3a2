//! A clerk in a process of her own: opens her desk, settles what is open, and files the workbook if she has not yet, or
//! the order that stands in its place; or takes back what she filed, hands in what an approver has signed, or writes its
//! evidence; or says as the approver what becomes of a filing; or restores a backup.
//!
//! Started with HUIJIAO_ABORT_AT it dies at that point of the submission, as in a power cut.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use huijiao_desk::Desk;
use huijiao_desk::views::{
    ApprovalDone, ApprovalView, ApprovalsView, DraftView, Exported, FilingStage, FilingView, HomeView, StartView,
};
use huijiao_tests::{call, connection_of, desk, import, order, settle, sign};
use serde_json::json;

/// In place of a workbook: the newest filing is taken back.
const WITHDRAW: &str = "withdraw";
/// In place of a workbook: the evidence of the newest filing is written.
const EVIDENCE: &str = "evidence";
/// In place of a workbook: the approver approves what waits, or returns it.
const APPROVE: &str = "approve";
const RETURN: &str = "return";
/// What the file of an approved filing ends with, which stands for a workbook.
const APPROVED: &str = "已复核.p7m";

/// In place of a connection: the backup that stands for the workbook is restored, by the passphrase behind it.
const RESTORE: &str = "restore";

#[tokio::main]
async fn main() -> ExitCode {
    if huijiao_desk::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(connection), Some(workbook)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return ExitCode::from(2);
    };
    let Ok(program) = std::env::current_exe() else { return ExitCode::from(2) };
    let desk = desk(Path::new(&folder), &program);
    if connection == RESTORE {
        let Ok(ticket) = desk.ticket_of_file(Path::new(&workbook)) else { return ExitCode::from(5) };
        let passphrase = arguments.next().unwrap_or_default();
        let args = json!({ "choice": { "ticket": ticket.ticket }, "passphrase": passphrase });
        let done = call::<StartView>(&desk, "restore", args).await;
        return if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(7) };
    }
    let connection = connection_of(&connection);
    let (key, pin) = connection.login.clone().unwrap_or_default();
    if desk.enter(connection).await.is_err() {
        return ExitCode::from(3);
    }
    if workbook == APPROVE || workbook == RETURN {
        return says(&desk, workbook == APPROVE, &key, &pin).await;
    }
    let Ok(home) = call::<HomeView>(&desk, "home", json!({})).await else { return ExitCode::from(4) };
    if workbook.ends_with(APPROVED) {
        let Some(filing) = home.filings.first() else { return ExitCode::from(5) };
        if filing.stage == FilingStage::Settled {
            return ExitCode::SUCCESS;
        }
        let Ok(ticket) = desk.ticket_of_file(Path::new(&workbook)) else { return ExitCode::from(5) };
        let args = json!({ "filing": filing.filing, "ticket": ticket.ticket });
        let brought = call::<FilingView>(&desk, "approval_bring", args).await;
        let settled = brought.is_ok_and(|filing| filing.line.stage == FilingStage::Settled);
        return if settled { ExitCode::SUCCESS } else { ExitCode::from(7) };
    }
    if workbook == EVIDENCE {
        let Some(filing) = home.filings.first() else { return ExitCode::from(5) };
        let written = call::<Exported>(&desk, "filing_export", json!({ "filing": filing.filing })).await;
        return if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(7) };
    }
    if workbook == WITHDRAW {
        let Some(filing) = home.filings.first() else { return ExitCode::from(5) };
        let taken_back = FilingStage::Withdrawn;
        if filing.stage == taken_back {
            return ExitCode::SUCCESS;
        }
        let args = json!({ "filing": filing.filing, "reason": "填错了", "certificate": key, "pin": pin });
        let gone = call::<FilingView>(&desk, "filing_withdraw", args).await;
        return if gone.is_ok_and(|gone| gone.line.stage == taken_back) {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(7)
        };
    }
    // A month that was verified before it is paid is another filing.
    let kind = if workbook.contains("\"pays\"") { Some("payment") } else { None };
    let mut known = home.filings.iter().filter(|filing| kind.is_none_or(|kind| filing.kind == kind));
    let filing = match known.next() {
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
    // An order waits for its money, and what must be countersigned for an approver.
    let waits = kind.is_some() && filing == FilingStage::Accepted || filing == FilingStage::AwaitingApproval;
    if filing == FilingStage::Settled || waits { ExitCode::SUCCESS } else { ExitCode::from(8) }
}

/// The approver's life: what an earlier one signed was sent when the unit was opened, and nothing is said twice.
async fn says(desk: &Arc<Desk>, approved: bool, key: &str, pin: &str) -> ExitCode {
    let Ok(approvals) = call::<ApprovalsView>(desk, "approvals", json!({})).await else { return ExitCode::from(4) };
    let said = match (approvals.signed.first(), approvals.waiting.first()) {
        (Some(said), _) => return if said.open { ExitCode::from(8) } else { ExitCode::SUCCESS },
        (None, None) => return ExitCode::from(5),
        (None, Some(waits)) => {
            let named = json!({ "filing": waits.filing });
            let Ok(view) = call::<ApprovalView>(desk, "approval_review", named).await else { return ExitCode::from(6) };
            let (filing, fingerprint) = (view.filing, view.review.fingerprint);
            let mut args = json!({ "filing": filing, "fingerprint": fingerprint, "certificate": key, "pin": pin });
            if approved {
                call::<ApprovalDone>(desk, "approval_sign", args).await
            } else {
                args["reason"] = "请再核对".into();
                call::<ApprovalDone>(desk, "approval_return", args).await
            }
        }
    };
    let ended = if approved { FilingStage::Settled } else { FilingStage::Refused };
    if said.is_ok_and(|done| done.stage == ended) { ExitCode::SUCCESS } else { ExitCode::from(7) }
}
