//! huijiao-web: opens the desk in the system browser.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use huijiao_demo::Door;
use huijiao_desk::{Desk, DeskConfig, KeyringUse, Tokens, ports::SystemClock};
use huijiao_sheets::WorkerProgram;

const USAGE: &str = "huijiao-web [--folder DIR] [--pages DIR] [--port N] [--no-keyring] [--no-browser]\n\
    在系统浏览器中使用汇缴通；数据只在本机。 / Use 汇缴通 in the system browser; data stays on this computer.";

fn main() -> ExitCode {
    huijiao_desk::never_dumped();
    if huijiao_desk::serve_if_asked() {
        return ExitCode::SUCCESS;
    }
    huijiao_desk::note_panics_by_place();
    let mut folder = None;
    let mut pages = None;
    let mut port = 0;
    let mut keyring = KeyringUse::System;
    let mut browser = true;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--folder" => folder = arguments.next().map(PathBuf::from),
            "--pages" => pages = arguments.next().map(PathBuf::from),
            "--port" => port = arguments.next().and_then(|p| p.parse().ok()).unwrap_or(0),
            "--no-keyring" => keyring = KeyringUse::None,
            "--no-browser" => browser = false,
            _ => return end(USAGE, if argument == "--help" { ExitCode::SUCCESS } else { ExitCode::from(2) }),
        }
    }
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(e) => return end(&e.to_string(), ExitCode::FAILURE),
    };
    let Some(folder) = folder.or_else(huijiao_desk::data_folder) else {
        return end("没有可用的数据文件夹 / no data folder", ExitCode::FAILURE);
    };
    let pages = pages.unwrap_or_else(|| program.with_file_name("ui"));
    let desk = Desk::new(DeskConfig {
        export_folder: folder.join("export"),
        folder,
        worker: WorkerProgram(program),
        keyring,
        clock: Arc::new(SystemClock),
        practice: Some(Arc::new(Door::default())),
        updates: None,
        tokens: Tokens::usual(),
        pauses: huijiao_desk::PAUSES.into(),
        version: env!("CARGO_PKG_VERSION").into(),
    });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return end(&e.to_string(), ExitCode::FAILURE),
    };
    runtime.block_on(async {
        match huijiao_web::serve(Arc::new(desk), pages, port).await {
            Ok(running) => {
                // The address carries the token: it goes to the one who started the program and nowhere else.
                let said = end(&running.url, ExitCode::SUCCESS);
                if browser {
                    // Who has no browser to be opened is told the address anyway.
                    let _ = huijiao_desk::papers::open_with_system(running.url.as_ref());
                }
                if running.wait().await.is_err() { ExitCode::FAILURE } else { said }
            }
            Err(e) => end(&e.to_string(), ExitCode::FAILURE),
        }
    })
}

fn end(line: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{line}");
    code
}
