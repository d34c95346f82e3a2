//! Tells Tauri where the capabilities lie (the manifest is at the root, the app room is not) and which commands
//! there are: a command that is not listed here cannot be allowed to any window.

const COMMANDS: &[&str] = &[
    "choose_workbook",
    "choose_profile",
    "start",
    "unlock",
    "set_passphrase",
    "enter_demo",
    "home",
    "refresh",
    "kinds",
    "import_preview",
    "import_accept",
    "import_cancel",
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
    "draft_delete",
    "review",
    "sign_and_submit",
    "filing",
    "ask",
    "filing_reopen",
    "filing_export",
    "draft_export_errors",
    "units",
    "unit_save",
    "unit_enter",
    "unit_roster",
    "unit_forget",
    "upload_export",
    "upload_outcome",
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
    "calibrate",
    "help_pages",
    "help_page",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("src-tauri/app/capabilities/**/*")
            .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS)),
    )?;
    Ok(())
}
