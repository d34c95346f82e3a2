//! The commands of the UI by name: parse, call, view. Both shells (the window and the browser) come in here.

use std::sync::Arc;

use huijiao_signing::Pin;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Desk;
use crate::audit::{Trace, is_traced};
use crate::error::DeskError;
use crate::secret::Secret;
use crate::views::{
    AuditFilter, BackupChoice, CenterForm, ComparisonDecision, ComparisonFilter, ComparisonMend, EditOp, FigureKey,
    GridFilter, IdScreen, ImportChoice, JoinWay, OrderForm, PaperForm, PracticeAct, Preferences, ProfileForm,
    QueryForm, Replacement, RevocationReason, TemplateForm, UiError, UnitForm, UploadStage,
};

/// Every command, in the order a clerk meets them.
pub const COMMANDS: &[&str] = &[
    "start",
    "unlock",
    "set_passphrase",
    "backups",
    "backup_make",
    "backup_check",
    "backup_folder_set",
    "passphrase_change",
    "restore_look",
    "restore",
    "preferences",
    "preferences_set",
    "about",
    "update_look",
    "update_install",
    "samples_export",
    "diagnostics_export",
    "connection_test",
    "readiness",
    "notices",
    "notices_read",
    "lock",
    "unlock_screen",
    "safety",
    "safety_set",
    "id_shown",
    "erase",
    "older_backups_delete",
    "audit",
    "audit_export",
    "enter_demo",
    "home",
    "refresh",
    "token_search",
    "token_module",
    "log_in",
    "pulse",
    "kinds",
    "import_preview",
    "import_accept",
    "step",
    "step_cancel",
    "comparisons",
    "compare_open",
    "comparison",
    "comparison_page",
    "compare_decide",
    "compare_mend",
    "compare_undo",
    "compare_confirm",
    "compare_lookup",
    "compare_to_drafts",
    "compare_take_back",
    "comparison_delete",
    "draft",
    "draft_page",
    "draft_findings",
    "draft_edit",
    "draft_fix",
    "draft_undo",
    "draft_redo",
    "draft_confirm",
    "draft_new",
    "draft_lookup",
    "draft_values",
    "draft_replace",
    "draft_delete",
    "draft_restore",
    "review",
    "sign_and_submit",
    "month",
    "chart_export",
    "verification",
    "verification_people",
    "payments",
    "order_review",
    "order_sign",
    "practice",
    "approvals",
    "approval_review",
    "approval_open",
    "approval_lines",
    "approval_papers",
    "approval_sign",
    "approval_return",
    "approval_to_file",
    "approval_return_to_file",
    "approval_send",
    "approval_bring",
    "filing",
    "ask",
    "filing_withdraw",
    "filing_reopen",
    "filing_export",
    "filing_accounts",
    "filing_accounts_export",
    "draft_export_errors",
    "units",
    "units_month",
    "unit_leave",
    "unit_split",
    "unit_save",
    "unit_roots",
    "unit_enter",
    "unit_roster",
    "unit_forget",
    "units_joined",
    "center_look",
    "center_test",
    "unit_join",
    "unit_keys",
    "unit_log_in",
    "upload_export",
    "upload_outcome",
    "draft_attach",
    "draft_detach",
    "upload_refusals",
    "template_export",
    "cities",
    "city",
    "profiles",
    "profile",
    "profile_check",
    "profile_save",
    "profile_import",
    "profile_export",
    "profile_delete",
    "template_learn",
    "template_save",
    "template_delete",
    "calibrate",
    "search",
    "contributors",
    "contributor",
    "loan_ceiling",
    "statement_match",
    "query",
    "query_export",
    "receipt_chain",
    "query_filing",
    "help_pages",
    "help_page",
    "paper",
    "paper_save",
    "paper_open",
    "certificates",
    "certificate_enrol",
    "certificate_abandon",
    "certificate_import",
    "certificate_renew",
    "certificate_lost",
    "certificate_pin",
    "activation_code",
];

#[derive(Deserialize)]
struct Passphrase {
    passphrase: Secret,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Restoring {
    choice: BackupChoice,
    #[serde(default)]
    passphrase: Secret,
}

#[derive(Deserialize)]
struct Unlocking {
    #[serde(default)]
    certificate: String,
    secret: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfModule {
    /// Of a driver that the user chose; none for none any more.
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct LoggingIn {
    certificate: String,
    pin: Secret,
}

#[derive(Deserialize)]
struct Safe {
    lock_minutes: u32,
    masked: bool,
    retention_days: u32,
}

#[derive(Deserialize)]
struct OnScreen {
    screen: IdScreen,
}

#[derive(Deserialize)]
struct Preferring {
    preferences: Preferences,
    #[serde(default)]
    password: Option<Secret>,
}

#[derive(Deserialize)]
struct LookedAt {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct Audited {
    #[serde(default)]
    filter: AuditFilter,
}

#[derive(Deserialize)]
struct IntoFolder {
    /// Of a folder that the user chose.
    #[serde(default)]
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    choice: ImportChoice,
}

#[derive(Deserialize)]
struct OfRelease {
    version: String,
}

#[derive(Deserialize)]
struct OfComparison {
    comparison: String,
    #[serde(default)]
    filter: ComparisonFilter,
    #[serde(default)]
    page: u32,
}

#[derive(Deserialize)]
struct ChangeOfComparison {
    comparison: String,
    revision: u64,
    #[serde(default)]
    decision: ComparisonDecision,
    #[serde(default)]
    code: String,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize)]
struct Blank {
    ticket: String,
    kind: String,
    profile: String,
}

#[derive(Deserialize)]
struct OfTemplate {
    profile: String,
    form: TemplateForm,
}

#[derive(Deserialize)]
struct NamedTemplate {
    profile: String,
    kind: String,
    name: String,
}

#[derive(Deserialize)]
struct MendOfComparison {
    comparison: String,
    revision: u64,
    mend: ComparisonMend,
}

#[derive(Deserialize)]
struct OfDraft {
    draft: String,
    #[serde(default)]
    filter: GridFilter,
    #[serde(default)]
    page: u32,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    offset: u32,
}

#[derive(Deserialize)]
struct ChangeOfDraft {
    draft: String,
    revision: u64,
    #[serde(default)]
    filter: GridFilter,
    #[serde(default)]
    ops: Vec<EditOp>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize)]
struct Signing {
    draft: String,
    revision: u64,
    #[serde(default)]
    digest: Option<String>,
    certificate: String,
    pin: Secret,
}

#[derive(Deserialize)]
struct Verifying {
    through: Option<String>,
}

#[derive(Deserialize)]
struct Behind {
    month: String,
    figure: FigureKey,
    #[serde(default)]
    page: u32,
}

#[derive(Deserialize)]
struct Ordering {
    order: OrderForm,
}

#[derive(Deserialize)]
struct Practising {
    act: PracticeAct,
}

#[derive(Deserialize)]
struct SigningOrder {
    order: OrderForm,
    fingerprint: String,
    #[serde(default)]
    digest: Option<String>,
    certificate: String,
    pin: Secret,
}

#[derive(Deserialize)]
struct Beginning {
    kind: String,
    period: String,
    #[serde(default)]
    with_roster: bool,
}

#[derive(Deserialize)]
struct OfColumn {
    draft: String,
    #[serde(default)]
    filter: GridFilter,
    field: String,
}

#[derive(Deserialize)]
struct Replacing {
    draft: String,
    revision: u64,
    #[serde(default)]
    filter: GridFilter,
    replacement: Replacement,
}

#[derive(Deserialize)]
struct Finding {
    #[serde(default)]
    find: String,
}

#[derive(Deserialize)]
struct SaveUnit {
    form: UnitForm,
    #[serde(default)]
    replaces: bool,
}

#[derive(Deserialize)]
struct OfUnit {
    account: String,
}

#[derive(Deserialize)]
struct Answered {
    draft: String,
    revision: u64,
    stage: UploadStage,
    #[serde(default)]
    number: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    filter: GridFilter,
}

#[derive(Deserialize)]
struct FileOfDraft {
    draft: String,
    revision: u64,
    ticket: String,
    #[serde(default)]
    filter: GridFilter,
}

#[derive(Deserialize)]
struct Detaching {
    draft: String,
    revision: u64,
    place: u32,
    #[serde(default)]
    filter: GridFilter,
}

#[derive(Deserialize)]
struct OfKind {
    kind: String,
}

#[derive(Deserialize)]
struct Withdraw {
    filing: String,
    reason: String,
    certificate: String,
    pin: Secret,
}

#[derive(Deserialize)]
struct EvidenceOf {
    filing: String,
    #[serde(default)]
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct OfFiling {
    filing: String,
}

#[derive(Deserialize)]
struct Approving {
    filing: String,
    #[serde(default)]
    page: u32,
    #[serde(default)]
    fingerprint: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    certificate: String,
    #[serde(default)]
    pin: Secret,
    #[serde(default)]
    ticket: String,
}

#[derive(Deserialize)]
struct OfCity {
    #[serde(default)]
    find: String,
    #[serde(default)]
    city: String,
}

#[derive(Deserialize)]
struct OfProfile {
    profile: String,
    /// With the mappings of columns remembered here.
    #[serde(default)]
    mappings: bool,
}

#[derive(Deserialize)]
struct Saving {
    form: ProfileForm,
    base: String,
    #[serde(default)]
    replaces: Option<String>,
}

#[derive(Deserialize)]
struct OfTicket {
    ticket: String,
}

#[derive(Deserialize)]
struct ReadingFile {
    ticket: String,
    #[serde(default)]
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Calibrating {
    choice: ImportChoice,
    #[serde(default)]
    unit_ratio: String,
    #[serde(default)]
    personal_ratio: String,
}

#[derive(Deserialize)]
struct Searching {
    find: String,
    /// Names of screens that are searched too.
    places: Vec<String>,
}

#[derive(Deserialize)]
struct OfContributor {
    #[serde(default)]
    find: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    sealed_on: String,
}

#[derive(Deserialize)]
struct Borrowing {
    balance: String,
    months: String,
    #[serde(default)]
    coefficient: String,
}

#[derive(Deserialize)]
struct Querying {
    form: QueryForm,
    #[serde(default)]
    page: u32,
    /// Asked of the center anew, not of what it answered last.
    #[serde(default)]
    fresh: bool,
}

#[derive(Deserialize)]
struct Charting {
    /// PNG, base64; a workbook is written without.
    #[serde(default)]
    picture: Option<String>,
}

#[derive(Deserialize)]
struct OfNumber {
    number: String,
}

#[derive(Deserialize)]
struct Printing {
    form: PaperForm,
}

#[derive(Deserialize)]
struct OfCertificate {
    #[serde(default)]
    certificate: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    pin: Secret,
    #[serde(default)]
    new_pin: Secret,
}

#[derive(Deserialize)]
struct Joining {
    center: CenterForm,
    account: String,
    way: JoinWay,
    pin: Secret,
}

#[derive(Deserialize)]
struct UnitLoggingIn {
    account: String,
    certificate: String,
    pin: Secret,
}

#[derive(Deserialize)]
struct Losing {
    sha256: String,
    reason: RevocationReason,
    certificate: String,
    pin: Secret,
}

#[derive(Deserialize)]
struct OfHelp {
    #[serde(default)]
    find: String,
    #[serde(default)]
    page: String,
}

/// Calls a command.
///
/// # Errors
/// What the step says, ready for the table of texts.
pub async fn call(desk: &Arc<Desk>, command: &str, args: Value) -> Result<Value, UiError> {
    let step = {
        let (desk, command) = (desk.clone(), command.to_owned());
        // A task of its own: a page that is closed meanwhile does not leave a step half done.
        tokio::spawn(async move { run(&desk, &command, args).await })
    };
    match step.await.unwrap_or_else(|e| Err(DeskError::Internal(e.to_string()))) {
        Ok(view) => Ok(view),
        Err(error) => Err(refused(desk, command, error).await),
    }
}

/// A refusal as the page is told it, and remembered for support.
async fn refused(desk: &Arc<Desk>, command: &str, error: DeskError) -> UiError {
    let trace = desk.trace();
    // Codes only: figures and causes can hold names and numbers of people.
    tracing::warn!(command, code = error.code(), trace, "refused");
    let told = desk.to_ui(&error, &trace);
    let (desk, command, code) = (desk.clone(), command.to_owned(), error.code().to_owned());
    // Whether it is remembered changes nothing of it.
    let _ = tokio::task::spawn_blocking(move || desk.remember_refusal(&command, &code, &trace)).await;
    told
}

/// What can be called while the screen is locked: nothing that says anything about anybody.
const WHILE_LOCKED: [&str; 8] =
    ["start", "unlock_screen", "pulse", "help_pages", "help_page", "preferences", "step", "step_cancel"];

/// Runs a command, and leaves a trace of it where it leaves one.
async fn run(desk: &Arc<Desk>, command: &str, args: Value) -> Result<Value, DeskError> {
    let always = WHILE_LOCKED.contains(&command);
    // These wait for nobody: a step can be looked at and given up while it holds the data.
    if always && !is_traced(command) {
        return step(desk, command, args).await;
    }
    let asked = command.to_owned();
    // An async thread that waited for the data would keep others from being served, who need none.
    let (trace, args) = blocking(desk, move |desk| {
        if !always && desk.is_locked() {
            return Err(DeskError::refusal(DeskError::SCREEN_LOCKED));
        }
        let trace = Trace::of(desk, &asked, &args).map(|trace| trace.with_key(desk));
        Ok((trace, args))
    })
    .await?;
    let outcome = step(desk, command, args).await;
    let Some(trace) = trace else { return outcome };
    let desk = desk.clone();
    let recorded = tokio::task::spawn_blocking(move || {
        desk.record(&trace, &outcome);
        outcome
    });
    recorded.await.map_err(|e| DeskError::Internal(e.to_string()))?
}

async fn step(desk: &Arc<Desk>, command: &str, args: Value) -> Result<Value, DeskError> {
    match command {
        "start" => view(blocking(desk, Desk::start).await?),
        "unlock" => {
            let a: Passphrase = parse(args)?;
            view(blocking(desk, move |d| d.unlock(&a.passphrase)).await?)
        }
        "set_passphrase" => {
            let a: Passphrase = parse(args)?;
            view(blocking(desk, move |d| d.set_passphrase(&a.passphrase)).await?)
        }
        "backups" => view(blocking(desk, Desk::backups).await?),
        "backup_make" => {
            let a: IntoFolder = parse(args)?;
            view(blocking(desk, move |d| d.backup_make(a.ticket.as_deref())).await?)
        }
        "backup_check" => {
            let a: Named = parse(args)?;
            view(blocking(desk, move |d| d.backup_check(&a.name)).await?)
        }
        "backup_folder_set" => {
            let a: IntoFolder = parse(args)?;
            view(blocking(desk, move |d| d.backup_folder_set(a.ticket.as_deref())).await?)
        }
        "passphrase_change" => {
            let a: Passphrase = parse(args)?;
            view(blocking(desk, move |d| d.passphrase_change(&a.passphrase)).await?)
        }
        "restore_look" => {
            let a: Restoring = parse(args)?;
            view(blocking(desk, move |d| d.restore_look(&a.choice)).await?)
        }
        "restore" => {
            let a: Restoring = parse(args)?;
            view(blocking(desk, move |d| d.restore(&a.choice, &a.passphrase)).await?)
        }
        "preferences" => view(blocking(desk, Desk::preferences).await?),
        "preferences_set" => {
            let a: Preferring = parse(args)?;
            view(blocking(desk, move |d| d.preferences_set(&a.preferences, a.password.map(Into::into))).await?)
        }
        "about" => view(blocking(desk, Desk::about).await?),
        "update_look" => view(desk.update_look().await?),
        "update_install" => {
            let a: OfRelease = parse(args)?;
            view(desk.update_install(&a.version).await?)
        }
        "samples_export" => view(desk.samples_export().await?),
        "diagnostics_export" => view(desk.diagnostics_export().await?),
        "connection_test" => view(desk.connection_test().await?),
        "readiness" => view(blocking(desk, Desk::readiness).await?),
        "notices" => view(blocking(desk, Desk::notices).await?),
        "notices_read" => {
            let a: LookedAt = parse(args)?;
            view(blocking(desk, move |d| d.notices_read(&a.keys)).await?)
        }
        "lock" => view(blocking(desk, Desk::lock).await?),
        "unlock_screen" => {
            let a: Unlocking = parse(args)?;
            view(blocking(desk, move |d| d.unlock_screen(&a.certificate, &a.secret)).await?)
        }
        "safety" => view(blocking(desk, Desk::safety).await?),
        "safety_set" => {
            let a: Safe = parse(args)?;
            view(blocking(desk, move |d| d.safety_set(a.lock_minutes, a.masked, a.retention_days)).await?)
        }
        "id_shown" => {
            let a: OnScreen = parse(args)?;
            view(blocking(desk, move |d| d.id_shown(a.screen)).await?)
        }
        "erase" => view(blocking(desk, Desk::erase).await?),
        "older_backups_delete" => view(blocking(desk, Desk::older_backups_delete).await?),
        "audit" => {
            let a: Audited = parse(args)?;
            view(blocking(desk, move |d| d.audit(&a.filter)).await?)
        }
        "audit_export" => view(blocking(desk, Desk::audit_export).await?),
        "enter_demo" => view(desk.enter_demo().await?),
        "home" => {
            desk.back_up_later();
            view(blocking(desk, Desk::home).await?)
        }
        "refresh" => view(desk.refresh().await?),
        "token_search" => view(blocking(desk, Desk::token_search).await?),
        "token_module" => {
            let a: OfModule = parse(args)?;
            view(blocking(desk, move |d| d.token_module(a.ticket.as_deref())).await?)
        }
        "log_in" => {
            let a: LoggingIn = parse(args)?;
            view(desk.log_in(a.certificate, a.pin.into()).await?)
        }
        "pulse" => view(blocking(desk, |d| Ok(d.pulse())).await?),
        "kinds" => view(blocking(desk, Desk::kinds).await?),
        "import_preview" => {
            let a: Choice = parse(args)?;
            view(blocking(desk, move |d| d.import_preview(&a.choice)).await?)
        }
        "import_accept" => {
            let a: Choice = parse(args)?;
            view(blocking(desk, move |d| d.import_accept(&a.choice)).await?)
        }
        // At once: the import that it ends holds a thread of its own.
        "step" => view(desk.step()),
        "step_cancel" => {
            desk.step_cancel();
            Ok(Value::Null)
        }
        "comparisons" => view(blocking(desk, Desk::comparisons).await?),
        "compare_open" => {
            let a: Choice = parse(args)?;
            view(desk.compare_open(a.choice).await?)
        }
        "comparison" => {
            let a: OfComparison = parse(args)?;
            view(blocking(desk, move |d| d.comparison(&a.comparison)).await?)
        }
        "comparison_page" => {
            let a: OfComparison = parse(args)?;
            view(blocking(desk, move |d| d.comparison_page(&a.comparison, &a.filter, a.page)).await?)
        }
        "compare_decide" => {
            let a: ChangeOfComparison = parse(args)?;
            view(blocking(desk, move |d| d.compare_decide(&a.comparison, a.revision, &a.decision)).await?)
        }
        "compare_mend" => {
            let a: MendOfComparison = parse(args)?;
            view(desk.compare_mend(a.comparison, a.revision, a.mend).await?)
        }
        "compare_undo" => {
            let a: ChangeOfComparison = parse(args)?;
            view(blocking(desk, move |d| d.compare_undo(&a.comparison, a.revision)).await?)
        }
        "compare_confirm" => {
            let a: ChangeOfComparison = parse(args)?;
            view(blocking(desk, move |d| d.compare_confirm(&a.comparison, a.revision, &a.code, a.note)).await?)
        }
        "compare_lookup" => {
            let a: OfComparison = parse(args)?;
            view(desk.compare_lookup(a.comparison).await?)
        }
        "compare_to_drafts" => {
            let a: ChangeOfComparison = parse(args)?;
            view(desk.compare_to_drafts(a.comparison, a.revision).await?)
        }
        "compare_take_back" => {
            let a: ChangeOfComparison = parse(args)?;
            view(blocking(desk, move |d| d.compare_take_back(&a.comparison, a.revision)).await?)
        }
        "comparison_delete" => {
            let a: OfComparison = parse(args)?;
            view(blocking(desk, move |d| d.comparison_delete(&a.comparison)).await?)
        }
        "draft" => {
            let a: OfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft(&a.draft, &a.filter)).await?)
        }
        "draft_page" => {
            let a: OfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_page(&a.draft, &a.filter, a.page)).await?)
        }
        "draft_findings" => {
            let a: OfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_findings(&a.draft, &a.filter, a.code.as_deref(), a.offset)).await?)
        }
        "draft_edit" => {
            let a: ChangeOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_edit(&a.draft, a.revision, &a.ops, &a.filter)).await?)
        }
        "draft_fix" => {
            let a: ChangeOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_fix(&a.draft, a.revision, &a.code, &a.filter)).await?)
        }
        "draft_undo" => {
            let a: ChangeOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_undo(&a.draft, a.revision, &a.filter)).await?)
        }
        "draft_redo" => {
            let a: ChangeOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_redo(&a.draft, a.revision, &a.filter)).await?)
        }
        "draft_confirm" => {
            let a: ChangeOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_confirm(&a.draft, a.revision, &a.code, a.note, &a.filter)).await?)
        }
        "draft_new" => {
            let a: Beginning = parse(args)?;
            view(blocking(desk, move |d| d.draft_new(&a.kind, &a.period, a.with_roster)).await?)
        }
        "draft_lookup" => {
            let a: OfDraft = parse(args)?;
            view(desk.draft_lookup(a.draft, a.filter).await?)
        }
        "draft_delete" => {
            let a: OfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_delete(&a.draft)).await?)
        }
        "draft_restore" => {
            let a: OfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_restore(&a.draft)).await?)
        }
        "draft_values" => {
            let a: OfColumn = parse(args)?;
            view(blocking(desk, move |d| d.draft_values(&a.draft, &a.filter, &a.field)).await?)
        }
        "draft_replace" => {
            let a: Replacing = parse(args)?;
            view(blocking(desk, move |d| d.draft_replace(&a.draft, a.revision, &a.replacement, &a.filter)).await?)
        }
        "review" => {
            let a: OfDraft = parse(args)?;
            view(blocking(desk, move |d| d.review(&a.draft)).await?)
        }
        "sign_and_submit" => {
            let a: Signing = parse(args)?;
            view(desk.sign_and_submit(a.draft, a.revision, a.digest, a.certificate, a.pin.into()).await?)
        }
        "month" => view(blocking(desk, Desk::month).await?),
        "chart_export" => {
            let a: Charting = parse(args)?;
            view(blocking(desk, move |d| d.chart_export(a.picture.as_deref())).await?)
        }
        "verification" => {
            let a: Verifying = parse(args)?;
            view(desk.verification(a.through).await?)
        }
        "verification_people" => {
            let a: Behind = parse(args)?;
            view(desk.verification_people(a.month, a.figure, a.page).await?)
        }
        "payments" => view(blocking(desk, Desk::payments).await?),
        "order_review" => {
            let a: Ordering = parse(args)?;
            view(desk.order_review(a.order).await?)
        }
        "order_sign" => {
            let a: SigningOrder = parse(args)?;
            view(desk.order_sign(a.order, a.fingerprint, a.digest, a.certificate, a.pin.into()).await?)
        }
        "practice" => {
            let a: Practising = parse(args)?;
            view(desk.practice(a.act).await?)
        }
        "approvals" => view(blocking(desk, Desk::approvals).await?),
        "approval_review" => {
            let a: Approving = parse(args)?;
            view(desk.approval_review(a.filing).await?)
        }
        "approval_open" => {
            let a: OfTicket = parse(args)?;
            view(desk.approval_open(a.ticket).await?)
        }
        "approval_lines" => {
            let a: Approving = parse(args)?;
            view(blocking(desk, move |d| d.approval_lines(&a.filing, a.page)).await?)
        }
        "approval_papers" => {
            let a: Approving = parse(args)?;
            view(blocking(desk, move |d| d.approval_papers(&a.filing)).await?)
        }
        "approval_sign" => {
            let a: Approving = parse(args)?;
            view(desk.approval_sign(a.filing, a.fingerprint, a.certificate, a.pin.into()).await?)
        }
        "approval_return" => {
            let a: Approving = parse(args)?;
            view(desk.approval_return(a.filing, a.fingerprint, a.reason, a.certificate, a.pin.into()).await?)
        }
        "approval_to_file" => {
            let a: Approving = parse(args)?;
            view(desk.approval_to_file(a.filing, a.fingerprint, a.certificate, a.pin.into()).await?)
        }
        "approval_return_to_file" => {
            let a: Approving = parse(args)?;
            view(desk.approval_return_to_file(a.filing, a.fingerprint, a.reason, a.certificate, a.pin.into()).await?)
        }
        "approval_send" => {
            let a: OfFiling = parse(args)?;
            view(desk.approval_send(a.filing).await?)
        }
        "approval_bring" => {
            let a: Approving = parse(args)?;
            view(desk.approval_bring(a.filing, a.ticket).await?)
        }
        "filing" => {
            let a: OfFiling = parse(args)?;
            view(blocking(desk, move |d| d.filing(&a.filing)).await?)
        }
        "ask" => {
            let a: OfFiling = parse(args)?;
            view(desk.ask(a.filing).await?)
        }
        "filing_withdraw" => {
            let a: Withdraw = parse(args)?;
            view(desk.filing_withdraw(a.filing, a.reason, a.certificate, a.pin.into()).await?)
        }
        "filing_reopen" => {
            let a: OfFiling = parse(args)?;
            view(blocking(desk, move |d| d.filing_reopen(&a.filing)).await?)
        }
        "filing_export" => {
            let a: EvidenceOf = parse(args)?;
            view(blocking(desk, move |d| d.filing_export(&a.filing, a.ticket.as_deref())).await?)
        }
        "filing_accounts" => {
            let a: OfFiling = parse(args)?;
            view(blocking(desk, move |d| d.filing_accounts(&a.filing)).await?)
        }
        "filing_accounts_export" => {
            let a: OfFiling = parse(args)?;
            view(blocking(desk, move |d| d.filing_accounts_export(&a.filing)).await?)
        }
        "cities" => {
            let a: OfCity = parse(args)?;
            view(blocking(desk, move |d| d.cities(&a.find)).await?)
        }
        "city" => {
            let a: OfCity = parse(args)?;
            view(blocking(desk, move |d| d.city(&a.city)).await?)
        }
        "profiles" => view(blocking(desk, Desk::profiles).await?),
        "profile" => {
            let a: OfProfile = parse(args)?;
            view(blocking(desk, move |d| d.profile(&a.profile)).await?)
        }
        "profile_check" => {
            let a: Saving = parse(args)?;
            view(blocking(desk, move |d| d.profile_check(&a.form, &a.base)).await?)
        }
        "profile_save" => {
            let a: Saving = parse(args)?;
            view(blocking(desk, move |d| d.profile_save(&a.form, &a.base, a.replaces.as_deref())).await?)
        }
        "profile_import" => {
            let a: OfTicket = parse(args)?;
            view(blocking(desk, move |d| d.profile_import(&a.ticket)).await?)
        }
        "profile_export" => {
            let a: OfProfile = parse(args)?;
            view(blocking(desk, move |d| d.profile_export(&a.profile, a.mappings)).await?)
        }
        "profile_delete" => {
            let a: OfProfile = parse(args)?;
            view(blocking(desk, move |d| d.profile_delete(&a.profile)).await?)
        }
        "template_learn" => {
            let a: Blank = parse(args)?;
            view(blocking(desk, move |d| d.template_learn(&a.ticket, &a.kind, &a.profile)).await?)
        }
        "template_save" => {
            let a: OfTemplate = parse(args)?;
            view(blocking(desk, move |d| d.template_save(&a.profile, &a.form)).await?)
        }
        "template_delete" => {
            let a: NamedTemplate = parse(args)?;
            view(blocking(desk, move |d| d.template_delete(&a.profile, &a.kind, &a.name)).await?)
        }
        "help_pages" => {
            let a: OfHelp = parse(args)?;
            view(desk.help_pages(&a.find)?)
        }
        "help_page" => {
            let a: OfHelp = parse(args)?;
            view(desk.help_page(&a.page)?)
        }
        "paper" => {
            let a: Printing = parse(args)?;
            view(desk.paper(a.form).await?)
        }
        "paper_save" => {
            let a: Printing = parse(args)?;
            view(desk.paper_save(a.form).await?)
        }
        "paper_open" => {
            let a: Printing = parse(args)?;
            view(desk.paper_open(a.form).await?)
        }
        "calibrate" => {
            let a: Calibrating = parse(args)?;
            view(blocking(desk, move |d| d.calibrate(&a.choice, &a.unit_ratio, &a.personal_ratio)).await?)
        }
        "search" => {
            let a: Searching = parse(args)?;
            view(blocking(desk, move |d| d.search(&a.find, &a.places)).await?)
        }
        "contributors" => {
            let a: OfContributor = parse(args)?;
            view(blocking(desk, move |d| d.contributors(&a.find)).await?)
        }
        "contributor" => {
            let a: OfContributor = parse(args)?;
            view(blocking(desk, move |d| d.contributor(&a.account, &a.sealed_on)).await?)
        }
        "loan_ceiling" => {
            let a: Borrowing = parse(args)?;
            view(blocking(desk, move |d| d.loan_ceiling(&a.balance, &a.months, &a.coefficient)).await?)
        }
        "statement_match" => {
            let a: ReadingFile = parse(args)?;
            view(desk.statement_match(a.ticket, a.encoding).await?)
        }
        "query" => {
            let a: Querying = parse(args)?;
            view(desk.query(a.form, a.page, a.fresh).await?)
        }
        "receipt_chain" => view(desk.receipt_chain().await?),
        "query_export" => {
            let a: Querying = parse(args)?;
            view(desk.query_export(a.form).await?)
        }
        "query_filing" => {
            let a: OfNumber = parse(args)?;
            view(desk.query_filing(a.number).await?)
        }
        "units" => view(blocking(desk, Desk::units).await?),
        "units_month" => {
            let a: Finding = parse(args)?;
            view(blocking(desk, move |d| d.units_month(&a.find)).await?)
        }
        "unit_split" => {
            let a: ReadingFile = parse(args)?;
            view(blocking(desk, move |d| d.unit_split(&a.ticket, a.encoding.as_deref())).await?)
        }
        "unit_leave" => view(blocking(desk, Desk::unit_leave).await?),
        "unit_save" => {
            let a: SaveUnit = parse(args)?;
            view(blocking(desk, move |d| d.unit_save(&a.form, a.replaces)).await?)
        }
        "unit_roots" => {
            let a: OfTicket = parse(args)?;
            view(blocking(desk, move |d| d.unit_roots(&a.ticket)).await?)
        }
        "unit_enter" => {
            let a: OfUnit = parse(args)?;
            view(blocking(desk, move |d| d.unit_enter(&a.account)).await?)
        }
        "unit_roster" => {
            let a: ReadingFile = parse(args)?;
            view(blocking(desk, move |d| d.unit_roster(&a.ticket, a.encoding.as_deref())).await?)
        }
        "unit_forget" => {
            let a: OfUnit = parse(args)?;
            view(blocking(desk, move |d| d.unit_forget(&a.account)).await?)
        }
        "units_joined" => view(blocking(desk, Desk::units_joined).await?),
        "center_look" => {
            let form: CenterForm = parse(args)?;
            view(desk.center_look(&form).await?)
        }
        "center_test" => {
            let form: CenterForm = parse(args)?;
            view(desk.center_test(&form).await?)
        }
        "unit_join" => {
            let a: Joining = parse(args)?;
            view(desk.unit_join(a.center, a.account, a.way, a.pin.into()).await?)
        }
        "unit_keys" => {
            let a: OfUnit = parse(args)?;
            view(desk.unit_keys(&a.account).await?)
        }
        "unit_log_in" => {
            let a: UnitLoggingIn = parse(args)?;
            view(desk.unit_log_in(&a.account, a.certificate, a.pin.into()).await?)
        }
        "upload_export" => {
            let a: ChangeOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.upload_export(&a.draft, a.revision, &a.filter)).await?)
        }
        "upload_outcome" => {
            let a: Answered = parse(args)?;
            let step = move |d: &Desk| d.upload_outcome(&a.draft, a.revision, a.stage, &a.number, &a.note, &a.filter);
            view(blocking(desk, step).await?)
        }
        "draft_attach" => {
            let a: FileOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_attach(&a.draft, a.revision, &a.ticket, &a.filter)).await?)
        }
        "draft_detach" => {
            let a: Detaching = parse(args)?;
            view(blocking(desk, move |d| d.draft_detach(&a.draft, a.revision, a.place, &a.filter)).await?)
        }
        "upload_refusals" => {
            let a: FileOfDraft = parse(args)?;
            view(blocking(desk, move |d| d.upload_refusals(&a.draft, a.revision, &a.ticket, &a.filter)).await?)
        }
        "draft_export_errors" => {
            let a: OfDraft = parse(args)?;
            view(blocking(desk, move |d| d.draft_export_errors(&a.draft)).await?)
        }
        "template_export" => {
            let a: OfKind = parse(args)?;
            view(blocking(desk, move |d| d.template_export(&a.kind)).await?)
        }
        "certificates" => view(desk.certificates().await?),
        "certificate_enrol" => {
            let a: OfCertificate = parse(args)?;
            view(desk.certificate_enrol(a.code, a.pin.into()).await?)
        }
        "certificate_abandon" => {
            blocking(desk, Desk::certificate_abandon).await?;
            Ok(Value::Null)
        }
        "certificate_import" => {
            let a: OfCertificate = parse(args)?;
            view(
                blocking(desk, move |d| d.certificate_import(&a.ticket, &Pin::from(a.password), &Pin::from(a.pin)))
                    .await?,
            )
        }
        "certificate_renew" => {
            let a: OfCertificate = parse(args)?;
            view(desk.certificate_renew(a.certificate, a.pin.into(), a.new_pin.into()).await?)
        }
        "certificate_lost" => {
            let a: Losing = parse(args)?;
            desk.certificate_lost(a.sha256, a.reason.into(), a.certificate, a.pin.into()).await?;
            Ok(Value::Null)
        }
        "certificate_pin" => {
            let a: OfCertificate = parse(args)?;
            desk.certificate_pin(a.certificate, a.pin.into(), a.new_pin.into()).await?;
            Ok(Value::Null)
        }
        "activation_code" => view(desk.activation_code().await?),
        _ => Err(DeskError::refusal(DeskError::NO_SUCH_COMMAND)),
    }
}

fn parse<T: DeserializeOwned>(args: Value) -> Result<T, DeskError> {
    serde_json::from_value(args).map_err(|_| DeskError::refusal(DeskError::BAD_ARGUMENTS))
}

fn view<T: serde::Serialize>(view: T) -> Result<Value, DeskError> {
    serde_json::to_value(view).map_err(|e| DeskError::Internal(e.to_string()))
}

/// Runs a step that reads files or computes off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    desk: &Arc<Desk>,
    step: impl FnOnce(&Desk) -> Result<T, DeskError> + Send + 'static,
) -> Result<T, DeskError> {
    let desk = desk.clone();
    tokio::task::spawn_blocking(move || step(&desk)).await.map_err(|e| DeskError::Internal(e.to_string()))?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::path::Path;
    use std::sync::mpsc::{Sender, channel};
    use std::thread::JoinHandle;

    use huijiao_sheets::WorkerProgram;

    use super::*;
    use crate::ports::SystemClock;
    use crate::{DeskConfig, KeyringUse};

    fn desk_in(folder: &Path) -> Arc<Desk> {
        Arc::new(Desk::new(DeskConfig {
            folder: folder.into(),
            export_folder: folder.join("export"),
            worker: WorkerProgram("none".into()),
            keyring: KeyringUse::None,
            clock: Arc::new(SystemClock),
            practice: None,
            updates: None,
            tokens: huijiao_signing::Tokens::none(),
            pauses: Vec::new(),
            version: "9.8.7".into(),
        }))
    }

    /// Somebody who holds the data until he is told to end.
    fn held(desk: &Arc<Desk>) -> (Sender<()>, JoinHandle<()>) {
        let ((has, held), (end, ended)) = (channel(), channel::<()>());
        let holder = desk.clone();
        let holding = std::thread::spawn(move || {
            let _inner = holder.inner();
            has.send(()).unwrap();
            let _ = ended.recv();
        });
        held.recv().unwrap();
        (end, holding)
    }

    /// There is one async thread, and it has come to where a step needs the data between two answers of the center.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn an_async_thread_that_waits_for_the_data_has_handed_over_whom_else_it_serves() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk_in(folder.path());
        let (end, holding) = held(&desk);
        let (says, came) = tokio::sync::oneshot::channel();
        let there = desk.clone();
        let waiting = tokio::spawn(async move {
            says.send(()).unwrap();
            there.reach().map(|_| ()).map_err(|error| error.code().to_owned())
        });
        came.await.unwrap();
        assert_eq!(tokio::spawn(async { "served" }).await.unwrap(), "served");
        assert!(!waiting.is_finished(), "the control: the data are held");
        end.send(()).unwrap();
        holding.join().unwrap();
        assert_eq!(waiting.await.unwrap(), Err(DeskError::NO_SESSION.to_owned()), "and then it has them");
    }

    /// There is one async thread: were it to wait for the data, nobody would be answered any more.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn whoever_waits_for_the_data_keeps_nobody_from_giving_up_what_holds_them() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk_in(folder.path());
        let (end, holding) = held(&desk);
        let others = desk.clone();
        // One that leaves a trace, and one that leaves none.
        let waiting = ["month", "audit_export"].map(|command| {
            let desk = others.clone();
            tokio::spawn(async move { call(&desk, command, Value::Null).await })
        });
        for command in ["step", "step_cancel"] {
            call(&desk, command, Value::Null).await.unwrap();
        }
        assert!(waiting.iter().all(|call| !call.is_finished()), "the control: the data are held");
        end.send(()).unwrap();
        holding.join().unwrap();
        for call in waiting {
            assert!(call.await.unwrap().is_err(), "no data are open");
        }
    }
}
