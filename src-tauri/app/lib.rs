//! The window: the only room that says `tauri`.
//!
//! Commands come from the page by name and go straight to the desk; nothing is decided here.

use std::path::PathBuf;
use std::sync::Arc;

use huijiao_demo::Door;
use huijiao_desk::ports::SystemClock;
use huijiao_desk::{Desk, DeskConfig, KeyringUse, Tokens};
use huijiao_sheets::WorkerProgram;
use tauri::{AppHandle, DragDropEvent, Emitter, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent};

mod commands;

/// Runs the app until its window closes.
///
/// # Errors
/// When the window system or the web view cannot be started.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    let folder = data_folder().ok_or("no data folder")?;
    start_log(&folder);
    let desk = Arc::new(Desk::new(DeskConfig {
        export_folder: export_folder(&folder),
        folder,
        worker: WorkerProgram(std::env::current_exe()?),
        keyring: KeyringUse::System,
        clock: Arc::new(SystemClock),
        practice: Some(Arc::new(Door::default())),
        tokens: Tokens::usual(),
        pauses: huijiao_desk::PAUSES.into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }));
    let demo = std::env::args().any(|a| a == "--demo");
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            if let Some(window) = app.get_webview_window("main") {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .manage(desk)
        .invoke_handler(commands::handler())
        .setup(move |app| {
            if demo {
                // Straight to the practice center; where that cannot be, the start page says why.
                let desk = app.state::<Arc<Desk>>().inner().clone();
                tauri::async_runtime::block_on(async {
                    for command in ["start", "enter_demo"] {
                        let _ = huijiao_desk::calls::call(&desk, command, serde_json::Value::Null).await;
                    }
                });
            }
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .title("汇缴通")
                .inner_size(1280.0, 820.0)
                .min_inner_size(1024.0, 640.0)
                // The page stays what it is: nothing else is ever loaded into this window.
                .on_navigation(|url| is_own_page(url.scheme(), url.host_str()))
                .build()?;
            let handle = app.handle().clone();
            window.on_window_event(move |event| {
                if let WindowEvent::DragDrop(event) = event {
                    dragged(&handle, event);
                }
            });
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}

/// The app's own pages: `tauri://localhost`, and on Windows `http://tauri.localhost`. What else listens on this
/// computer is a stranger.
fn is_own_page(scheme: &str, host: Option<&str>) -> bool {
    matches!((scheme, host), ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")))
}

/// Tells the page when files hover over the window, and gives it a ticket for each that is dropped.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and open")]
fn dragged(app: &AppHandle, event: &DragDropEvent) {
    // A page that is gone has nothing to show.
    let hovers = |over: bool| drop(app.emit("dragging", over));
    match event {
        DragDropEvent::Enter { .. } => hovers(true),
        DragDropEvent::Leave => hovers(false),
        DragDropEvent::Drop { paths, .. } => {
            hovers(false);
            let desk = app.state::<Arc<Desk>>();
            for path in paths {
                let _ = match desk.ticket_of_file(path) {
                    Ok(ticket) => app.emit("dropped", ticket),
                    Err(error) => app.emit("drop_failed", desk.to_ui(&error, &desk.trace())),
                };
            }
        }
        _ => {}
    }
}

/// `HUIJIAO_DATA` where it is set (portable installations, tests), else the user's own data folder.
fn data_folder() -> Option<PathBuf> {
    std::env::var_os("HUIJIAO_DATA").map(PathBuf::from).or_else(huijiao_desk::data_folder)
}

fn export_folder(data: &std::path::Path) -> PathBuf {
    std::env::var_os("HUIJIAO_EXPORT")
        .map(PathBuf::from)
        .or_else(huijiao_desk::documents_folder)
        .unwrap_or_else(|| data.join("export"))
}

/// A rolling log without personal data: codes and traces only (release builds write nothing below WARN).
fn start_log(folder: &std::path::Path) {
    let logs = folder.join("logs");
    if std::fs::create_dir_all(&logs).is_err() {
        return;
    }
    let level = if cfg!(debug_assertions) { tracing::Level::INFO } else { tracing::Level::WARN };
    let Ok(file) = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("huijiao")
        .filename_suffix("log")
        .max_log_files(14)
        .build(logs)
    else {
        return;
    };
    let _ = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(file).try_init();
}

#[cfg(test)]
mod tests {
    use super::is_own_page;

    #[test]
    fn the_window_shows_nothing_but_its_own_pages() {
        assert!(is_own_page("tauri", Some("localhost")) && is_own_page("http", Some("tauri.localhost")));
        for (scheme, host) in [("http", "localhost"), ("https", "example.com"), ("tauri", "example.com"), ("file", "")]
        {
            assert!(!is_own_page(scheme, Some(host)), "{scheme}://{host}");
        }
        assert!(!is_own_page("about", None));
    }
}
