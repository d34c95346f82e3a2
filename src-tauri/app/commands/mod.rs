//! The commands of the window, one per command of the desk: so that the capability file can name each.

use std::collections::BTreeMap;
use std::sync::Arc;

use huijiao_desk::views::{Ticket, UiError};
use huijiao_desk::{Desk, DeskError, calls};
use serde_json::Value;
use tauri::ipc::Invoke;
use tauri::{AppHandle, State, Wry};
use tauri_plugin_dialog::{DialogExt, FilePath};
use zeroize::Zeroizing;

use crate::Opened;
use crate::secret::{self, Ask, Secrets};

macro_rules! commands {
    ($($command:ident,)*) => {
        $(
            #[tauri::command]
            async fn $command(
                desk: State<'_, Arc<Desk>>,
                secrets: State<'_, Secrets>,
                args: Option<Value>,
            ) -> Result<Value, UiError> {
                let mut args = args.unwrap_or_default();
                if secrets.put_into(stringify!($command), &mut args).is_err() {
                    return Err(UiError::new("ui-secret-gone", BTreeMap::new(), &desk.trace()));
                }
                calls::call(&desk, stringify!($command), args).await
            }
        )*

        /// Every command, and nothing else, can be invoked.
        pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![choose_workbook, choose_workbooks, choose_profile, choose_attachment, choose_backup, choose_folder, choose_signed, choose_key_file, choose_module, choose_root, opened_file, ask_secret, secret_asked, secret_typed, secret_given_up, $($command,)*]
        }

        /// The names, for the test that compares them with the desk's.
        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($command),)*];
    };
}

commands! {
    start,
    unlock,
    set_passphrase,
    backups,
    backup_make,
    backup_check,
    backup_folder_set,
    passphrase_change,
    restore_look,
    restore,
    preferences,
    preferences_set,
    about,
    update_look,
    update_install,
    samples_export,
    diagnostics_export,
    connection_test,
    readiness,
    notices,
    notices_read,
    lock,
    unlock_screen,
    safety,
    safety_set,
    id_shown,
    erase,
    older_backups_delete,
    audit,
    audit_export,
    enter_demo,
    home,
    refresh,
    token_search,
    token_module,
    log_in,
    pulse,
    kinds,
    import_preview,
    import_accept,
    step,
    step_cancel,
    comparisons,
    compare_open,
    comparison,
    comparison_page,
    compare_decide,
    compare_mend,
    compare_undo,
    compare_confirm,
    compare_lookup,
    compare_to_drafts,
    compare_take_back,
    comparison_delete,
    draft,
    draft_page,
    draft_findings,
    draft_edit,
    draft_fix,
    draft_undo,
    draft_redo,
    draft_confirm,
    draft_new,
    draft_lookup,
    draft_values,
    draft_replace,
    draft_delete,
    draft_restore,
    review,
    sign_and_submit,
    month,
    chart_export,
    verification,
    verification_people,
    payments,
    order_review,
    order_sign,
    practice,
    approvals,
    approval_review,
    approval_open,
    approval_lines,
    approval_papers,
    approval_sign,
    approval_return,
    approval_to_file,
    approval_return_to_file,
    approval_send,
    approval_bring,
    filing,
    ask,
    filing_withdraw,
    filing_reopen,
    filing_export,
    filing_accounts,
    filing_accounts_export,
    draft_export_errors,
    units,
    units_month,
    unit_leave,
    unit_split,
    unit_save,
    unit_roots,
    unit_enter,
    unit_roster,
    unit_forget,
    units_joined,
    center_look,
    center_test,
    unit_join,
    unit_keys,
    unit_log_in,
    upload_export,
    upload_outcome,
    draft_attach,
    draft_detach,
    upload_refusals,
    template_export,
    cities,
    city,
    profiles,
    profile,
    profile_check,
    profile_save,
    profile_import,
    profile_export,
    profile_delete,
    template_learn,
    template_save,
    template_delete,
    calibrate,
    search,
    contributors,
    contributor,
    loan_ceiling,
    statement_match,
    query,
    query_export,
    receipt_chain,
    query_filing,
    help_pages,
    help_page,
    paper,
    paper_save,
    paper_open,
    certificates,
    certificate_enrol,
    certificate_abandon,
    certificate_import,
    certificate_renew,
    certificate_lost,
    certificate_pin,
    activation_code,
}

const WORKBOOKS: &[&str] = &["xlsx", "xls", "xlsb", "ods", "et", "csv", "txt"];

/// Lets the user choose a workbook in the system's own dialog; the page is given a ticket, never a path.
#[tauri::command]
async fn choose_workbook(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择工作簿", "工作簿", WORKBOOKS).await
}

/// Lets the user choose any number of workbooks, likewise; where one of them cannot be read, none is taken.
#[tauri::command]
async fn choose_workbooks(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Vec<Ticket>, UiError> {
    let (send, receive) = tokio::sync::oneshot::channel();
    app.dialog().file().set_title("选择工作簿").add_filter("工作簿", WORKBOOKS).pick_files(move |paths| {
        let _ = send.send(paths);
    });
    let chosen = receive.await.ok().flatten().unwrap_or_default();
    let tickets = chosen.into_iter().map(|path| ticket(&desk, Some(path)));
    tickets.filter_map(Result::transpose).collect()
}

/// Lets the user choose a file of rules, likewise.
#[tauri::command]
async fn choose_profile(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择规则文件", "中心规则", &["json"]).await
}

/// Lets the user choose a paper to go along with a filing, likewise.
#[tauri::command]
async fn choose_attachment(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择附件", "附件", &["pdf", "jpg", "jpeg", "png"]).await
}

/// Lets the user choose a backup, likewise.
#[tauri::command]
async fn choose_backup(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择备份文件", "汇缴通备份", &["hjb"]).await
}

/// Lets the user choose a folder to write into, likewise.
#[tauri::command]
async fn choose_folder(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    let (send, receive) = tokio::sync::oneshot::channel();
    app.dialog().file().set_title("选择文件夹").pick_folder(move |path| {
        let _ = send.send(path);
    });
    ticket(&desk, receive.await.ok().flatten())
}

/// Lets the user choose a signed filing, likewise.
#[tauri::command]
async fn choose_signed(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择签名文件", "签名的申报", &["p7m"]).await
}

/// Lets the user choose a file with a key, likewise.
#[tauri::command]
async fn choose_key_file(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择证书文件", "证书文件", &["p12", "pfx"]).await
}

/// Lets the user choose a driver of a token, likewise.
#[tauri::command]
async fn choose_module(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择 UKey 驱动", "驱动文件", &["dll", "so", "dylib"]).await
}

/// Lets the user choose a file with a center's root certificates, likewise.
#[tauri::command]
async fn choose_root(app: AppHandle, desk: State<'_, Arc<Desk>>) -> Result<Option<Ticket>, UiError> {
    choose(&app, &desk, "选择中心的根证书", "根证书", &["pem", "crt", "cer", "der"]).await
}

/// The signed file that the system opened the window with; `null` when there is none, or not any more.
#[tauri::command]
async fn opened_file(desk: State<'_, Arc<Desk>>, opened: State<'_, Opened>) -> Result<Option<Ticket>, UiError> {
    ticket(&desk, opened.take().map(FilePath::Path))
}

/// Has a PIN or a passphrase typed in a window of its own; the page is given what stands for it once, nothing where none was typed.
#[tauri::command]
async fn ask_secret(
    app: AppHandle,
    desk: State<'_, Arc<Desk>>,
    secrets: State<'_, Secrets>,
    args: Ask,
) -> Result<Option<String>, UiError> {
    secret::ask(&app, &secrets, args).await.map_err(|error| internal(&desk, &error))
}

/// What that window shows.
#[tauri::command]
async fn secret_asked(secrets: State<'_, Secrets>) -> Result<Option<Ask>, UiError> {
    Ok(secrets.asked())
}

/// What was typed there.
#[tauri::command]
async fn secret_typed(
    app: AppHandle,
    desk: State<'_, Arc<Desk>>,
    secrets: State<'_, Secrets>,
    typed: String,
) -> Result<(), UiError> {
    secrets.typed(Zeroizing::new(typed)).map_err(|error| internal(&desk, &error))?;
    secret::close(&app, &secrets);
    Ok(())
}

/// Nothing is typed there, or nobody wants it any more.
#[tauri::command]
async fn secret_given_up(app: AppHandle, secrets: State<'_, Secrets>) -> Result<(), UiError> {
    secrets.given_up();
    secret::close(&app, &secrets);
    Ok(())
}

fn internal(desk: &Desk, error: &dyn std::fmt::Display) -> UiError {
    desk.to_ui(&DeskError::Internal(error.to_string()), &desk.trace())
}

async fn choose(
    app: &AppHandle,
    desk: &Desk,
    title: &str,
    files: &str,
    endings: &[&str],
) -> Result<Option<Ticket>, UiError> {
    let (send, receive) = tokio::sync::oneshot::channel();
    app.dialog().file().set_title(title).add_filter(files, endings).pick_file(move |path| {
        let _ = send.send(path);
    });
    ticket(desk, receive.await.ok().flatten())
}

fn ticket(desk: &Desk, chosen: Option<FilePath>) -> Result<Option<Ticket>, UiError> {
    match chosen.and_then(|path| path.into_path().ok()) {
        Some(path) => match desk.ticket_of_file(&path) {
            Ok(ticket) => Ok(Some(ticket)),
            Err(error) => Err(desk.to_ui(&error, &desk.trace())),
        },
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn the_window_has_exactly_the_commands_of_the_desk() {
        assert_eq!(NAMES, huijiao_desk::calls::COMMANDS, "a command missing here cannot be reached from the window");
    }
}
