//! The window: the only room that says `tauri`.
//!
//! Commands come from the page by name and go straight to the desk; nothing is decided here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use huijiao_demo::Door;
use huijiao_desk::ports::{SystemClock, UpdateDoor};
use huijiao_desk::{Desk, DeskConfig, KeyringUse, Tokens};
use huijiao_sheets::WorkerProgram;
use tauri::{AppHandle, DragDropEvent, Emitter, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use tauri_plugin_notification::NotificationExt;

mod commands;
mod secret;
#[cfg(target_os = "linux")]
mod system_lock;
mod trouble;
mod updates;

pub use trouble::Trouble;

/// Runs the app until its window closes.
///
/// # Errors
/// When there is no folder for the data, or the window system or the web view cannot be started.
pub fn run() -> Result<(), Trouble> {
    let folder = data_folder().ok_or(Trouble::NoFolder)?;
    let usable = std::fs::create_dir_all(&folder).and_then(|()| std::fs::read_dir(&folder).map(drop));
    usable.map_err(|source| Trouble::Folder { path: folder.clone(), source })?;
    start_log(&folder);
    tauri::webview_version().map_err(|error| Trouble::NoWebView { reason: error.to_string() })?;
    let context = tauri::generate_context!();
    let updates = updates::Updates::configured(context.config());
    let desk = Arc::new(Desk::new(DeskConfig {
        export_folder: export_folder(&folder),
        folder,
        worker: WorkerProgram(std::env::current_exe().map_err(Trouble::window)?),
        keyring: KeyringUse::System,
        clock: Arc::new(SystemClock),
        practice: Some(Arc::new(Door::default())),
        updates: updates.clone().map(|updates| updates as Arc<dyn UpdateDoor>),
        tokens: Tokens::usual(),
        pauses: huijiao_desk::PAUSES.into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }));
    let demo = std::env::args().any(|a| a == "--demo");
    let opened = Opened::default();
    // Somebody may have removed the folder that the program was started in.
    let here = std::env::current_dir().unwrap_or_default();
    if let Some(file) = signed_file(std::env::args().skip(1), &here) {
        opened.put(file);
    }
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, args, folder| {
            if let Some(file) = signed_file(args.into_iter().skip(1), Path::new(&folder)) {
                pass_on(app, file);
            }
            if let Some(window) = app.get_webview_window("main") {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        }))
        .plugin(tauri_plugin_window_state::Builder::default().with_denylist(&[secret::LABEL]).build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_updater::Builder::new().build())
        .manage(desk)
        .manage(opened)
        .manage(secret::Secrets::default())
        .on_window_event(secret::follow)
        .invoke_handler(commands::handler())
        .setup(move |app| {
            if let Some(updates) = &updates {
                updates.open(app.handle());
            }
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
                .build();
            let window = match window {
                Ok(window) => window,
                Err(error) => {
                    // What is given back from here ends in a panic that does not say why.
                    Trouble::window(error).say();
                    std::process::exit(1);
                }
            };
            let handle = app.handle().clone();
            window.on_window_event(move |event| {
                if let WindowEvent::DragDrop(event) = event {
                    dragged(&handle, event);
                }
            });
            tauri::async_runtime::spawn(announce(app.handle().clone()));
            #[cfg(target_os = "linux")]
            system_lock::follow(app.state::<Arc<Desk>>().inner());
            Ok(())
        })
        .build(context)
        .map_err(Trouble::window)?
        .run(happened);
    Ok(())
}

/// macOS names a file that is opened with the program in an event, not by an argument.
#[cfg(target_os = "macos")]
fn happened(app: &AppHandle, event: tauri::RunEvent) {
    if let tauri::RunEvent::Opened { urls } = event {
        let paths = urls.iter().filter_map(|url| url.to_file_path().ok());
        let named = paths.map(|path| path.to_string_lossy().into_owned());
        if let Some(file) = signed_file(named, Path::new("/")) {
            pass_on(app, file);
        }
    }
}

#[cfg(not(target_os = "macos"))]
fn happened(_app: &AppHandle, _event: tauri::RunEvent) {}

/// Keeps a signed file for the page, and tells it so.
fn pass_on(app: &AppHandle, file: PathBuf) {
    app.state::<Opened>().put(file);
    // A page that is not there yet asks when it comes.
    let _ = app.emit("opened", ());
}

/// How often the desk is asked whether the system is to say something.
const ASKED_EVERY: Duration = Duration::from_secs(60);

/// Has the system say what the desk wants said, as long as the program runs.
async fn announce(app: AppHandle) {
    let mut rounds = tokio::time::interval(ASKED_EVERY);
    loop {
        rounds.tick().await;
        let in_front = app.get_webview_window("main").is_some_and(|window| window.is_focused().unwrap_or(false));
        let desk = app.state::<Arc<Desk>>().inner().clone();
        match tauri::async_runtime::spawn_blocking(move || desk.announcement(in_front)).await {
            Ok(Ok(Some(said))) => {
                if let Err(error) = app.notification().builder().title(said.title).body(said.text).show() {
                    tracing::warn!(%error, "the system says nothing");
                }
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::warn!(code = error.code(), "what waits is not known"),
            // Why is in the log already, by its place.
            Err(_) => tracing::warn!(code = "desk-internal", "what waits is not known"),
        }
    }
}

/// The signed file that the user opened with this program, until the page takes it up. The page never names a path: it
/// gets what the system passed on, once.
#[derive(Default)]
struct Opened(Mutex<Option<PathBuf>>);

impl Opened {
    /// A later file takes the place of one that nobody has taken up.
    fn put(&self, file: PathBuf) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(file);
    }

    fn take(&self) -> Option<PathBuf> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

/// The first argument that names a signed file; the system passes a double-clicked one on so.
fn signed_file(args: impl IntoIterator<Item = String>, folder: &Path) -> Option<PathBuf> {
    let is_signed = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("p7m"));
    args.into_iter().filter(|arg| !arg.starts_with('-')).map(|arg| folder.join(arg)).find(|path| is_signed(path))
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
    use std::path::{Path, PathBuf};

    use super::{Opened, is_own_page, signed_file};

    #[test]
    fn only_a_signed_file_that_the_system_passed_on_is_opened_and_once() {
        let found = |args: &[&str]| signed_file(args.iter().map(|arg| (*arg).to_owned()), Path::new("/home/某"));
        assert_eq!(found(&["--demo", "申报.P7M"]), Some(PathBuf::from("/home/某/申报.P7M")), "from where it was said");
        assert_eq!(found(&["/a/filing.p7m", "/b/other.p7m"]), Some(PathBuf::from("/a/filing.p7m")));
        for args in [&["--demo"][..], &["工资表.xlsx"], &["--x.p7m"], &["p7m"]] {
            assert_eq!(found(args), None, "{args:?}");
        }
        let opened = Opened::default();
        assert_eq!(opened.take(), None, "there is nothing that a page could ask for by itself");
        opened.put("/a/filing.p7m".into());
        opened.put("/b/other.p7m".into());
        assert_eq!((opened.take(), opened.take()), (Some("/b/other.p7m".into()), None), "the last one, once");
    }

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
