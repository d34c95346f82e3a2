//! 汇缴通: the desktop app. Also its own import worker, and a native message when it cannot start.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    if huijiao_desk::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    match huijiao_app::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "汇缴通无法启动：{error}");
            ExitCode::FAILURE
        }
    }
}
