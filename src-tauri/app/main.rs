//! 汇缴通: the desktop app. Also its own import worker, the place where a token's driver works, and a native message when it cannot
//! start.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    huijiao_desk::never_dumped();
    if huijiao_desk::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    huijiao_desk::note_panics_by_place();
    #[cfg(target_os = "linux")]
    without_shared_buffers();
    let ended = std::panic::catch_unwind(huijiao_app::run).unwrap_or(Err(huijiao_app::Trouble::Stopped));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            trouble.say();
            ExitCode::FAILURE
        }
    }
}

/// WebKitGTK stays white where it shares buffers with NVIDIA's own driver. The switch is read when a process begins, so
/// the program takes its own place with the switch set; whoever sets it, to whatever, has chosen.
#[cfg(target_os = "linux")]
fn without_shared_buffers() {
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::Command;

    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(SWITCH).is_some() || !Path::new("/proc/driver/nvidia/version").exists() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // Returns only where it cannot be done; then the window is tried as it is.
        let _ = Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec();
    }
}
