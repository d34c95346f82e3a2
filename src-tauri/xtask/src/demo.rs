//! `cargo xtask demo`: the app at the practice center; without a display the whole journey, photographed.

use std::path::Path;

use crate::needs;
use crate::run::{Step, say};

pub(crate) fn demo(root: &Path) -> Result<(), String> {
    let display = !cfg!(target_os = "linux")
        || std::env::var_os("DISPLAY").is_some()
        || std::env::var_os("WAYLAND_DISPLAY").is_some();
    if display {
        needs::ensure(&[&needs::BUILD])?;
    } else {
        needs::ensure(&[&needs::BUILD, &needs::WINDOW, &needs::FONTS])?;
    }
    needs::node_packages(root)?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Step::new(npm, &["run", "--silent", "build"]).within(&root.join("ui")).run()?;
    Step::cargo(&["build", "-p", "huijiao", "--profile", "demo"]).within(root).run()?;
    if display {
        say("opening 汇缴通 at the practice center");
        let program = root.join("target/demo").join(if cfg!(windows) { "huijiao.exe" } else { "huijiao" });
        return Step::new(&program.to_string_lossy(), &["--demo"]).within(root).run();
    }
    say("no display here: playing the journey in a virtual one");
    let out = root.join("target/demo");
    journey(root, "demo", &out)?;
    say("look under target/demo: *.png, filing.p7m, receipt.p7m, ca.pem, journey.log");
    say("check it: openssl cms -verify -inform DER -in target/demo/filing.p7m -CAfile target/demo/ca.pem");
    Ok(())
}

/// Plays the journey in the real window.
pub(crate) fn journey(root: &Path, profile: &str, out: &Path) -> Result<(), String> {
    in_window(root, "tests/desktop/journey.mjs", profile, out)
}

/// How fast the real window is as users have it, and what memory it takes.
pub(crate) fn speed(root: &Path) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("the real window is measured on Linux: nothing else here drives it".into());
    }
    Step::cargo(&["build", "-p", "huijiao", "--release"]).within(root).run()?;
    in_window(root, "tests/desktop/speed.mjs", "release", &root.join("target/speed"))
}

/// Runs what drives the real window, under a virtual display with a keyring of its own.
fn in_window(root: &Path, script: &str, profile: &str, out: &Path) -> Result<(), String> {
    std::fs::create_dir_all(out).map_err(|e| e.to_string())?;
    let app = root.join("target").join(profile).join("huijiao");
    Step::new(
        "dbus-run-session",
        &[
            "--",
            "xvfb-run",
            "--auto-servernum",
            "--server-args",
            "-screen 0 1440x900x24",
            "node",
            script,
            "--app",
            &app.to_string_lossy(),
            "--out",
            &out.to_string_lossy(),
        ],
    )
    .within(root)
    .run()
}
