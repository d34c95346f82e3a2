//! `cargo xtask`: what a newcomer types. Installs what is missing, says what it does, is quick the second time.

mod demo;
mod dist;
mod faults;
mod needs;
mod run;
mod test;
mod windows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use run::{Step, say};

const USAGE: &str = "\
cargo xtask demo    build the app and open it at the practice center (without a display: play the journey)
cargo xtask test    everything that must hold, failures first
cargo xtask certs   make the test certificates in certs/test
cargo xtask screenshots   pictures of every screen into docs/pictures
cargo xtask faults  what bears which fault, row by row; --night adds what takes hours
cargo xtask contract  an outside tool against the center's description of its interface
cargo xtask bench [--window]   speed, as ratios measured side by side; --window adds the real window (Linux)
cargo xtask corpus FOLDER   every workbook of a folder through the import, with time and memory
cargo xtask dist [--fonts]       the packages for this system; --fonts: only the fonts that they carry
cargo xtask windows [--release]   the programs for Windows, built on Debian, and the rooms' tests under Wine
cargo xtask setup   only install what is missing";

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    // As it is written: what Windows makes of it otherwise begins with `\\?\`, which neither npm nor the bundler takes.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned();
    let outcome = match task.as_str() {
        "demo" => demo::demo(&root),
        "test" => test::test(&root),
        "certs" => certs(&root),
        "screenshots" => screenshots(&root),
        "faults" => faults::faults(&root, std::env::args().any(|argument| argument == "--night")),
        "contract" => contract(&root),
        "bench" => bench(&root, std::env::args().any(|argument| argument == "--window")),
        "corpus" => corpus(&root),
        "dist" => dist::dist(&root),
        "windows" => windows::windows(&root),
        "setup" => needs::ensure(&[&needs::BUILD, &needs::WINDOW, &needs::FONTS, &needs::TEST])
            .and_then(|()| needs::node_packages(&root)),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}

/// Makes the test certificates, the bad ones too; nothing of it is ever committed.
fn certs(root: &Path) -> Result<(), String> {
    Step::cargo(&["run", "--quiet", "-p", "huijiao-signing", "--bin", "huijiao-certs", "--", "--out", "certs/test"])
        .within(root)
        .run()
}

/// Every screen in both themes, small and large, looked at and kept as pictures.
fn screenshots(root: &Path) -> Result<(), String> {
    needs::ensure(&[&needs::BUILD, &needs::FONTS, &needs::TEST])?;
    needs::node_packages(root)?;
    Step::cargo(&["build", "--bins", "-p", "huijiao-web"]).within(root).run()?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Step::new(npm, &["run", "--silent", "build"]).within(&root.join("ui")).run()?;
    Step::new("node", &["tests/ui/screens.mjs", "--pictures", "docs/pictures"]).within(root).run()
}

/// The center under requests that another program makes up from its description. That program lives in a folder of its own.
fn contract(root: &Path) -> Result<(), String> {
    let venv = root.join("target/venv");
    let programs = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let schemathesis = programs.join("schemathesis");
    if !schemathesis.is_file() {
        let pip = programs.join("pip");
        let installed = needs::python()
            .and_then(|()| Step::new("python3", &["-m", "venv", &venv.to_string_lossy()]).within(root).run())
            .and_then(|()| {
                let install = ["install", "--quiet", "schemathesis==4.32.5"];
                Step::new(&pip.to_string_lossy(), &install).within(root).run()
            });
        installed.map_err(|why| format!("NOT TRIED: the center's interface, for want of schemathesis ({why})"))?;
    }
    Step::cargo(&["test", "-p", "huijiao-center", "--test", "schemathesis", "--", "--ignored", "--nocapture"])
        .with("SCHEMATHESIS", &schemathesis.to_string_lossy())
        .within(root)
        .run()
}

/// Other people's odd workbooks, which the repository does not hold.
fn corpus(root: &Path) -> Result<(), String> {
    let folder = std::env::args_os().nth(2).map(PathBuf::from).ok_or_else(|| USAGE.to_owned())?;
    let folder = folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()))?;
    let test = ["test", "--release", "-p", "huijiao-sheets", "--test", "suite", "odd::", "--"];
    Step::cargo(&[&test[..], &["--ignored", "--nocapture"]].concat())
        .with("HUIJIAO_CORPUS", &folder.to_string_lossy())
        .within(root)
        .run()
}

/// `window` adds the real one, which has to be built for it.
fn bench(root: &Path, window: bool) -> Result<(), String> {
    needs::ensure(&[&needs::TEST])?;
    if window {
        needs::ensure(&[&needs::BUILD, &needs::WINDOW, &needs::FONTS])?;
    }
    needs::python()?;
    needs::node_packages(root)?;
    let (node, python) = (needs::node_readers(root), needs::python_readers(root));
    Step::cargo(&["run", "--release", "-p", "huijiao-tests", "--bin", "huijiao-bench"])
        .with("NODE_PATH", &node.to_string_lossy())
        .with("PYTHONPATH", &python.to_string_lossy())
        .within(root)
        .run()?;
    Step::cargo(&["run", "--release", "-p", "huijiao-tests", "--bin", "huijiao-bench-center"]).within(root).run()?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Step::new(npm, &["run", "--silent", "build"]).within(&root.join("ui")).run()?;
    Step::new("node", &["tests/ui/size.mjs"]).within(root).run()?;
    Step::new("node", &["tests/ui/grid.mjs", "--bench"]).within(root).run()?;
    if window { demo::speed(root) } else { Ok(()) }
}
