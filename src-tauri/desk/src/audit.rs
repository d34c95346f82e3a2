//! 操作日志: which operations leave a trace, and the log as the user sees it.

use std::collections::{BTreeMap, BTreeSet};

use huijiao_domain::mask;
use huijiao_domain::texts;
use huijiao_sheets::write::table;
use huijiao_signing::KeyProvider;
use huijiao_store::{AuditEntry, AuditEvent};
use serde_json::Value;

use crate::error::DeskError;
use crate::views::{AuditFilter, AuditLine, AuditView, Choice, ExportedFile};
use crate::{Desk, text, workbooks};

const PAGE: usize = 50;

/// Who acts where nobody is logged in.
const USER: &str = "本机用户";
/// Who acts where nobody asked for it.
pub(crate) const PROGRAM: &str = "系统";

/// Somebody as the log names him: by the certificate that he acts with.
pub(crate) fn named(holder: &str, serial: &str) -> String {
    format!("{}（证书 {serial}）", mask::id_numbers_in(holder))
}

/// Where an operation says what it was done to.
#[derive(Clone, Copy)]
enum On {
    Nothing,
    /// In its arguments.
    Asked(&'static str),
    /// In its answer.
    Answered(&'static str),
}

/// Command, code of the entry, what it was done to. What only looks leaves no trace, nor does each cell that is typed.
const TRACED: &[(&str, &str, On)] = &[
    ("unlock", "audit-opened", On::Nothing),
    ("set_passphrase", "audit-passphrase", On::Nothing),
    ("passphrase_change", "audit-passphrase", On::Nothing),
    ("backup_make", "audit-backup", On::Answered("/file")),
    ("backup_folder_set", "audit-backup-folder", On::Nothing),
    ("restore", "audit-restored", On::Asked("/choice/name")),
    ("lock", "audit-locked", On::Nothing),
    ("unlock_screen", "audit-unlocked", On::Nothing),
    ("safety_set", "audit-safety", On::Nothing),
    ("preferences_set", "audit-preferences", On::Nothing),
    ("update_install", "audit-updated", On::Asked("/version")),
    ("id_shown", "audit-id-shown", On::Answered("/screen")),
    ("erase", "audit-erased", On::Answered("/summary")),
    ("older_backups_delete", "audit-backups-deleted", On::Answered("/summary")),
    ("audit_export", "audit-exported-log", On::Answered("/file")),
    ("enter_demo", "audit-entered", On::Answered("/unit_account")),
    ("unit_enter", "audit-entered", On::Asked("/account")),
    ("unit_join", "audit-joined", On::Asked("/account")),
    ("unit_log_in", "audit-entered", On::Asked("/account")),
    ("log_in", "audit-logged-in", On::Asked("/certificate")),
    ("token_module", "audit-token-module", On::Nothing),
    ("unit_leave", "audit-left", On::Nothing),
    ("unit_split", "audit-split", On::Nothing),
    ("unit_save", "audit-unit", On::Asked("/form/account")),
    ("unit_forget", "audit-unit-forgotten", On::Asked("/account")),
    ("unit_roster", "audit-roster", On::Answered("/unit_account")),
    ("import_accept", "audit-imported", On::Answered("/draft")),
    ("compare_open", "audit-comparison-opened", On::Answered("/comparison")),
    ("compare_confirm", "audit-confirmed", On::Asked("/comparison")),
    ("compare_lookup", "audit-looked-up", On::Asked("/comparison")),
    ("compare_to_drafts", "audit-compared", On::Asked("/comparison")),
    ("compare_take_back", "audit-comparison-taken-back", On::Asked("/comparison")),
    ("comparison_delete", "audit-comparison-deleted", On::Asked("/comparison")),
    ("draft_new", "audit-drafted", On::Answered("/draft")),
    ("draft_confirm", "audit-confirmed", On::Asked("/draft")),
    ("draft_lookup", "audit-looked-up", On::Asked("/draft")),
    ("draft_attach", "audit-attached", On::Asked("/draft")),
    ("draft_detach", "audit-detached", On::Asked("/draft")),
    ("draft_delete", "audit-draft-deleted", On::Asked("/draft")),
    ("draft_restore", "audit-draft-restored", On::Asked("/draft")),
    ("sign_and_submit", "audit-filed", On::Answered("/line/filing")),
    ("order_sign", "audit-filed", On::Answered("/line/filing")),
    ("filing_withdraw", "audit-withdrawn", On::Asked("/filing")),
    ("filing_reopen", "audit-reopened", On::Asked("/filing")),
    ("filing_export", "audit-exported", On::Asked("/filing")),
    ("filing_accounts_export", "audit-exported", On::Asked("/filing")),
    ("approval_sign", "audit-approved", On::Asked("/filing")),
    ("approval_return", "audit-returned", On::Asked("/filing")),
    ("approval_to_file", "audit-approved", On::Asked("/filing")),
    ("approval_return_to_file", "audit-returned", On::Asked("/filing")),
    ("approval_send", "audit-approval-sent", On::Asked("/filing")),
    ("approval_papers", "audit-exported", On::Asked("/filing")),
    ("approval_bring", "audit-approval-brought", On::Asked("/filing")),
    ("certificate_enrol", "audit-certificate-enrolled", On::Answered("/certificate")),
    ("certificate_abandon", "audit-certificate-abandoned", On::Asked("/certificate")),
    ("certificate_import", "audit-certificate-imported", On::Answered("/certificate")),
    ("certificate_renew", "audit-certificate-renewed", On::Answered("/certificate")),
    ("certificate_lost", "audit-certificate-lost", On::Asked("/sha256")),
    ("certificate_pin", "audit-certificate-pin", On::Asked("/certificate")),
    ("upload_export", "audit-exported", On::Asked("/draft")),
    ("upload_outcome", "audit-upload-outcome", On::Asked("/draft")),
    ("upload_refusals", "audit-refusals-taken", On::Asked("/draft")),
    ("draft_export_errors", "audit-exported", On::Asked("/draft")),
    ("paper_save", "audit-printed", On::Asked("/form/filing")),
    ("paper_open", "audit-printed", On::Asked("/form/filing")),
    ("query_export", "audit-query-exported", On::Asked("/form/query")),
    ("chart_export", "audit-query-exported", On::Answered("/file")),
    ("template_save", "audit-rules", On::Asked("/profile")),
    ("template_delete", "audit-rules", On::Asked("/profile")),
    ("profile_save", "audit-rules", On::Asked("/form/code")),
    ("profile_delete", "audit-rules-deleted", On::Asked("/profile")),
    ("profile_export", "audit-exported", On::Asked("/profile")),
    ("template_export", "audit-exported", On::Asked("/kind")),
    ("samples_export", "audit-samples", On::Nothing),
    ("practice", "audit-practice", On::Nothing),
    ("activation_code", "audit-practice", On::Nothing),
    ("diagnostics_export", "audit-diagnostics", On::Answered("/file")),
];

/// Whether a command leaves a trace.
pub(crate) fn is_traced(command: &str) -> bool {
    TRACED.iter().any(|(traced, ..)| *traced == command)
}

/// An operation that is about to be done and leaves a trace.
pub(crate) struct Trace {
    what: &'static str,
    on: On,
    asked: String,
    /// Id of the key that was chosen for it; empty where there is none to choose.
    chosen: String,
    /// Whose key that is, once [`Trace::with_key`] has looked.
    with: Option<String>,
    /// Who was logged in when it began.
    who: Option<String>,
}

impl Trace {
    pub(crate) fn of(desk: &Desk, command: &str, args: &Value) -> Option<Self> {
        let (_, what, on) = TRACED.iter().find(|(traced, ..)| *traced == command)?;
        let asked = match on {
            On::Asked(place) => word(args, place),
            On::Nothing | On::Answered(_) => String::new(),
        };
        let chosen = word(args, "/certificate");
        let who = desk.who_is_here(&chosen);
        Some(Self { what, on: *on, asked, chosen, with: None, who })
    }

    /// Looks whose key was chosen, before anything is done with it: a token may be gone afterwards. Blocking.
    pub(crate) fn with_key(self, desk: &Desk) -> Self {
        Self { with: desk.who_with(&self.chosen), ..self }
    }

    /// Of what the program does by itself.
    pub(crate) fn by_program(desk: &Desk, command: &str) -> Option<Self> {
        let nobody = Self::of(desk, command, &Value::Null)?;
        Some(Self { who: Some(PROGRAM.to_owned()), ..nobody })
    }
}

fn word(value: &Value, place: &str) -> String {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Desk {
    /// Who is logged in; while a locked screen waits for somebody, who that is, where he comes with his own key.
    fn who_is_here(&self, chosen: &str) -> Option<String> {
        let inner = self.inner();
        match (&inner.session, &inner.locked_by) {
            (Some(session), _) => session.who(),
            (None, Some(by)) => by.who(chosen),
            (None, None) => None,
        }
    }

    /// Whose key somebody acted with: one person may have several certificates.
    fn who_with(&self, chosen: &str) -> Option<String> {
        if chosen.is_empty() {
            return None;
        }
        {
            let inner = self.inner();
            let session = inner.session.as_ref()?;
            // Without asking a token.
            if session.login_key() == Some(chosen) {
                return session.who();
            }
        }
        let certificate = self.keys_here().ok()?.into_iter().find(|key| key.id == chosen)?.certificate?;
        Some(named(certificate.holder(), &certificate.serial_hex()))
    }

    /// Adds what was done, or what stood in the way, to the log. Where that fails, the operation itself stands.
    pub(crate) fn record(&self, trace: &Trace, outcome: &Result<Value, DeskError>) {
        let on = match (trace.on, outcome) {
            (On::Answered(place), Ok(answer)) => word(answer, place),
            (On::Nothing | On::Asked(_), _) | (On::Answered(_), Err(_)) => trace.asked.clone(),
        };
        let program = trace.who.clone().filter(|who| who == PROGRAM);
        // What was refused was done with no key.
        let with = trace.with.clone().filter(|_| outcome.is_ok());
        // Whoever left did it himself.
        let here = || self.who_is_here(&trace.chosen).or_else(|| trace.who.clone());
        let who = program.or(with).or_else(here).unwrap_or_else(|| USER.to_owned());
        let outcome = outcome.as_ref().err().map(DeskError::code).unwrap_or_default().to_owned();
        let at = text::stamp(self.config.clock.now());
        let mut inner = self.inner();
        // Before the data are open there is nowhere to write.
        let Some(store) = inner.store.as_mut() else { return };
        if let Err(error) = store.audit(&AuditEvent { at, who, what: trace.what.into(), on, outcome }) {
            tracing::warn!(code = error.code(), "an operation is not in the log");
        }
    }

    /// A page of the log, the newest first.
    ///
    /// # Errors
    /// When the data are not open.
    pub fn audit(&self, filter: &AuditFilter) -> Result<AuditView, DeskError> {
        let mut inner = self.inner();
        let log = inner.store()?.audit_log()?;
        let keys = inner.session.as_ref().map(|session| session.keys());
        drop(inner);
        // An entry may name the id of a key instead of its holder.
        let holders: BTreeMap<String, String> = keys
            .and_then(|keys| keys.list().ok())
            .unwrap_or_default()
            .into_iter()
            .filter_map(|key| Some((key.id, mask::id_numbers_in(key.certificate?.holder()))))
            .collect();
        let codes: BTreeSet<String> =
            log.entries.iter().filter_map(|entry| Some(entry.event.as_ref()?.what.clone())).collect();
        let lines: Vec<AuditLine> = log.entries.iter().rev().map(|entry| line(entry, &holders)).collect();
        let entries = lines.len();
        let find = filter.find.trim().to_lowercase();
        let wanted = |line: &AuditLine| {
            let texts = [&line.at, &line.who, &line.title, &line.on, &line.outcome];
            (filter.what.is_empty() || line.what == filter.what)
                && (find.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&find)))
        };
        let found: Vec<AuditLine> = lines.into_iter().filter(wanted).collect();
        let pages = found.len().div_ceil(PAGE).max(1);
        let page = (filter.page as usize).min(pages - 1);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(AuditView {
            entries: count(entries),
            found: count(found.len()),
            page: count(page),
            pages: count(pages),
            lines: found.into_iter().skip(page * PAGE).take(PAGE).collect(),
            kinds: codes.into_iter().map(|code| Choice { label: texts::title(&code).into(), value: code }).collect(),
            head: log.entries.last().map(|entry| entry.hash.clone()).unwrap_or_default(),
            broken: log.broken,
        })
    }

    /// Writes the whole log to a workbook, with the hash of each entry.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn audit_export(&self) -> Result<ExportedFile, DeskError> {
        let log = self.inner().store()?.audit_log()?;
        let rows = log.entries.iter().map(|entry| {
            let line = line(entry, &BTreeMap::new());
            vec![entry.seq.to_string(), line.at, line.who, line.title, line.on, line.outcome, line.hash]
        });
        let heads = ["序号", "时间", "操作员", "操作", "对象", "未成原因", "摘要"];
        let bytes = table("操作日志", &heads, rows)?;
        let folder = self.config.export_folder.join("操作日志");
        let file = workbooks::put(&folder, "操作日志", "xlsx", &bytes)?;
        Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
    }
}

fn line(entry: &AuditEntry, holders: &BTreeMap<String, String>) -> AuditLine {
    let blank = AuditLine {
        seq: entry.seq,
        at: String::new(),
        who: String::new(),
        what: String::new(),
        title: texts::title("audit-unreadable").into(),
        on: String::new(),
        outcome: String::new(),
        hash: entry.hash.clone(),
    };
    let Some(event) = &entry.event else { return blank };
    AuditLine {
        at: text::local_time(&event.at),
        who: holders.get(&event.who).unwrap_or(&event.who).clone(),
        what: event.what.clone(),
        title: texts::title(&event.what).into(),
        on: event.on.clone(),
        outcome: if event.outcome.is_empty() { String::new() } else { texts::title(&event.outcome).into() },
        ..blank
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The functions of this crate, but for its tests: name and text.
    fn functions(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                functions(&path, found);
                continue;
            }
            // What calls all of them is no writer itself.
            if path.ends_with("calls.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.extend(code.split(" fn ").skip(1).map(|text| {
                let name = text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                (name.to_owned(), text.to_owned())
            }));
        }
    }

    /// Everything that leaves the program goes into the folder of exports, or into one that the user chose.
    #[test]
    fn every_command_that_writes_where_others_read_leaves_a_trace() {
        let mut functions_here = Vec::new();
        functions(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut functions_here);
        let calls = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/calls.rs")).unwrap();
        let mut writers: BTreeSet<String> = BTreeSet::from(["chosen_folder".to_owned()]);
        loop {
            let before = writers.len();
            for (name, text) in &functions_here {
                let calls = |writer: &String| [".", "::"].iter().any(|by| text.contains(&format!("{by}{writer}(")));
                // `about` says where the folder is, and writes nothing.
                if name != "about" && (text.contains("config.export_folder") || writers.iter().any(calls)) {
                    writers.insert(name.clone());
                }
            }
            if writers.len() == before {
                break;
            }
        }
        let steps = calls.split("\n        \"").skip(1).filter_map(|step| step.split_once("\" =>"));
        let mut writing = 0;
        for (command, step) in steps {
            let calls = |writer: &String| {
                [format!(".{writer}("), format!("Desk::{writer})")].iter().any(|call| step.contains(call.as_str()))
            };
            if writers.iter().any(calls) {
                writing += 1;
                let traced = TRACED.iter().any(|(traced, ..)| *traced == command);
                assert!(traced, "{command} writes a file that others can read, and leaves no trace");
            }
        }
        assert!(writing >= 15, "the commands that write are found: {writing}");
    }

    /// What only looks, what only the program does for itself, and each cell that is typed.
    const UNTRACED: &[&str] = &[
        // Looks, here or at the center.
        "start",
        "backups",
        "backup_check",
        "restore_look",
        "preferences",
        "about",
        "update_look",
        "connection_test",
        "readiness",
        "notices",
        "notices_read",
        "safety",
        "audit",
        "home",
        "refresh",
        "token_search",
        "pulse",
        "kinds",
        "import_preview",
        "comparisons",
        "comparison",
        "comparison_page",
        "draft",
        "draft_page",
        "draft_findings",
        "draft_values",
        "review",
        "month",
        "verification",
        "verification_people",
        "payments",
        "order_review",
        "approvals",
        "approval_review",
        "approval_open",
        "approval_lines",
        "filing",
        "filing_accounts",
        "ask",
        "units",
        "units_month",
        "units_joined",
        "unit_keys",
        "unit_roots",
        "center_look",
        "center_test",
        "cities",
        "city",
        "profiles",
        "profile",
        "profile_check",
        "profile_import",
        "template_learn",
        "calibrate",
        "search",
        "contributors",
        "contributor",
        "loan_ceiling",
        "statement_match",
        "query",
        "receipt_chain",
        "query_filing",
        "help_pages",
        "help_page",
        "paper",
        "certificates",
        // A long step under way.
        "step",
        "step_cancel",
        // Typed: what comes of it is traced where it is signed, exported or deleted.
        "compare_decide",
        "compare_mend",
        "compare_undo",
        "draft_edit",
        "draft_fix",
        "draft_undo",
        "draft_redo",
        "draft_replace",
    ];

    #[test]
    fn every_command_leaves_a_trace_or_is_known_to_change_nothing_worth_one() {
        for command in crate::calls::COMMANDS {
            let traced = TRACED.iter().any(|(traced, ..)| traced == command);
            assert_ne!(traced, UNTRACED.contains(command), "{command}: one of the two, and not both");
        }
        for command in UNTRACED {
            assert!(crate::calls::COMMANDS.contains(command), "{command} is none any more");
        }
    }

    #[test]
    fn every_trace_is_of_a_command_and_has_words() {
        for (command, code, _) in TRACED {
            assert!(crate::calls::COMMANDS.contains(command), "{command}");
            assert!(texts::lookup(code).is_some(), "{code}");
        }
        assert!(texts::lookup("audit-unreadable").is_some());
    }
}
