//! `cargo xtask test`: cheap and pure things first, the window and the browser last.

use std::path::{Path, PathBuf};

use crate::needs;
use crate::run::{Step, capture, have, say};

/// Rooms that need no window system; tested before the app is compiled.
const ROOMS: &[&str] = &[
    "huijiao-domain",
    "huijiao-protocol",
    "huijiao-sheets",
    "huijiao-signing",
    "huijiao-store",
    "huijiao-gateway",
    "huijiao-documents",
    "huijiao-center",
    "huijiao-desk",
    "huijiao-demo",
    "huijiao-web",
    "huijiao-cli",
    "huijiao-tests",
    "huijiao-skf-token",
    "huijiao-pkcs11-token",
    "xtask",
];

pub(crate) fn test(root: &Path) -> Result<(), String> {
    needs::ensure(&[&needs::BUILD, &needs::WINDOW, &needs::FONTS, &needs::TEST])?;
    needs::node_packages(root)?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let ui = root.join("ui");
    // What is built once and thrown away is built faster, and smaller by half, without a thought of the next time.
    let once = std::env::var_os("CI").is_some();
    let cargo = |line: &[&str]| {
        let step = Step::cargo(line).within(root);
        let step = if once {
            step.with("CARGO_INCREMENTAL", "0").with("CARGO_PROFILE_DEV_DEBUG", "0")
        } else {
            step.with("CARGO_INCREMENTAL", "1")
        };
        step.run()
    };
    free_space(root);
    let npm = |script: &str| Step::new(npm, &["run", "--silent", script]).within(&ui).run();

    say("format and lint");
    cargo(&["fmt", "--all", "--check"])?;
    npm("format:check")?;
    npm("lint")?;

    if have("cargo-deny") {
        say("licences and sources of what is depended on");
        cargo(&["deny", "check", "licenses", "bans", "sources"])?;
        // Their list is somebody else's, and grows: here it is held against as far as it was fetched, in CI anew.
        if advisories_are_here() {
            cargo(&["deny", "--offline", "check", "advisories"])?;
        } else {
            say("SKIPPED: known faults of what is depended on, for want of their list (cargo deny fetch)");
        }
    } else {
        say(
            "SKIPPED: licences, sources and known faults of what is depended on, for want of cargo-deny (cargo install cargo-deny)",
        );
    }

    say("the rooms without a window");
    let mut rooms: Vec<&str> = Vec::new();
    for room in ROOMS {
        rooms.extend(["-p", room]);
    }
    let with = |head: &[&str], tail: &[&str]| {
        let line: Vec<&str> = head.iter().chain(&rooms).chain(tail).copied().collect();
        cargo(&line)
    };
    with(&["clippy", "--all-targets"], &["--", "-D", "warnings"])?;
    // The programs that tests start by name are built with the same features as the tests.
    with(&["build", "--bins"], &[])?;
    if have("cargo-nextest") {
        with(&["nextest", "run", "--no-fail-fast"], &[])?;
    } else {
        with(&["test", "--no-fail-fast"], &[])?;
    }

    free_space(root);
    say("the pages");
    npm("test")?;
    npm("build")?;

    say("the app");
    cargo(&["clippy", "-p", "huijiao", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&["test", "-p", "huijiao"])?;
    cargo(&["build", "-p", "huijiao"])?;

    say("the pages in a browser, on the true core");
    Step::new("node", &["tests/ui/grid.mjs"]).within(root).run()?;
    Step::new("node", &["tests/ui/journey.mjs"]).within(root).run()?;
    Step::new("node", &["tests/ui/screens.mjs"]).within(root).run()?;

    if cfg!(target_os = "linux") {
        say("the grid in the window's own engine");
        Step::new("xvfb-run", &["--auto-servernum", "node", "tests/ui/grid-webkit.mjs"]).within(root).run()?;
        say("the journey in the real window");
        crate::demo::journey(root, "debug", &root.join("target/window-test"))?;
    }
    free_space(root);
    say("all of it holds");
    Ok(())
}

/// A linker that finds the disk full says nothing of it: how much is free is said beforehand.
fn free_space(root: &Path) {
    if let Some(line) =
        capture("df", &["-Ph", &root.to_string_lossy()]).and_then(|all| Some(all.lines().nth(1)?.to_owned()))
    {
        say(&format!("room on the disk (all, used, free): {line}"));
    }
}

/// Whether cargo-deny has fetched a list of known faults by now, where it keeps them.
fn advisories_are_here() -> bool {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    cargo.is_some_and(|cargo| has_advisories(&cargo))
}

fn has_advisories(cargo: &Path) -> bool {
    std::fs::read_dir(cargo.join("advisory-dbs"))
        .is_ok_and(|lists| lists.flatten().any(|list| list.path().join("crates").is_dir()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    #[test]
    fn a_list_of_known_faults_is_here_once_it_was_fetched() {
        let cargo = std::env::temp_dir().join(format!("huijiao-advisories-{}", std::process::id()));
        assert!(!has_advisories(&cargo), "no folder at all");
        std::fs::create_dir_all(cargo.join("advisory-dbs")).unwrap();
        std::fs::write(cargo.join("advisory-dbs/db.lock"), "").unwrap();
        let begun = has_advisories(&cargo);
        std::fs::create_dir_all(cargo.join("advisory-dbs/advisory-db-1/crates")).unwrap();
        let fetched = has_advisories(&cargo);
        std::fs::remove_dir_all(&cargo).unwrap();
        assert!(!begun && fetched, "begun: {begun}, fetched: {fetched}");
    }
}
