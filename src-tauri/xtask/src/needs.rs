//! What the machine must have, and how it gets there.
//!
//! On Debian-like systems missing packages are installed with apt (as root or by sudo); elsewhere the
//! missing parts are named with the exact thing to install. Nothing is installed twice.

use std::path::{Path, PathBuf};

use crate::run::{Step, capture, have, say};

/// A group of Debian packages and what they are for.
pub(crate) struct Need {
    /// Why these packages are wanted, said before they are installed.
    pub(crate) why: &'static str,
    /// Debian 12 package names.
    pub(crate) packages: &'static [&'static str],
}

/// To compile the window.
pub(crate) const BUILD: Need = Need {
    why: "building the window (WebKitGTK, GTK, a C compiler)",
    packages: &[
        "build-essential",
        "pkg-config",
        "libwebkit2gtk-4.1-dev",
        "libayatana-appindicator3-dev",
        "librsvg2-dev",
    ],
};

/// To run the window without a display, drive it and photograph it.
pub(crate) const WINDOW: Need = Need {
    why: "a virtual display, a keyring, a driver for the window and a hand for what is no page",
    packages: &["xvfb", "xauth", "webkit2gtk-driver", "dbus", "dbus-x11", "gnome-keyring", "openssl", "xdotool"],
};

/// What printed forms are set in; the window shows Chinese with the first.
pub(crate) const FONTS: Need =
    Need { why: "the fonts of printed forms", packages: &["fonts-noto-cjk", "fonts-hanazono"] };

/// Independent readers and a browser, for the tests.
pub(crate) const TEST: Need = Need {
    why: "a browser, independent readers and a token for the tests",
    packages: &["chromium", "libreoffice-calc", "poppler-utils", "qpdf", "softhsm2", "opensc"],
};

/// For other people's Python programs, where the Python that is there cannot hold them.
const PYTHON: Need = Need {
    why: "other readers of workbooks, and the tool that tries the center's interface",
    packages: &["python3", "python3-venv", "python3-pip"],
};

/// A compiler for Windows, the sources of its standard library, and something to run the result in.
pub(crate) const WINDOWS: Need = Need {
    why: "building for Windows and running the tests under Wine",
    packages: &[
        "rustc-web",
        "cargo-web",
        "rust-web-src",
        "gcc-mingw-w64-x86-64-posix",
        "g++-mingw-w64-x86-64-posix",
        "wine64",
    ],
};

/// Installs what is missing of the given groups, or says exactly what to install.
///
/// # Errors
/// When something is missing and cannot be installed from here.
pub(crate) fn ensure(needs: &[&Need]) -> Result<(), String> {
    if cfg!(target_os = "linux") && have("dpkg-query") {
        return ensure_debian(needs);
    }
    let missing = if cfg!(target_os = "windows") {
        missing_on_windows()
    } else if cfg!(target_os = "macos") {
        missing_on_macos()
    } else {
        // Without dpkg nothing is known about the packages: the equals of Debian's are named.
        say("This system has no dpkg. Needed are the equals of these Debian packages:");
        for need in needs {
            say(&format!("  {}: {}", need.why, need.packages.join(" ")));
        }
        Vec::new()
    };
    if missing.is_empty() { Ok(()) } else { Err(format!("please install first:\n  {}", missing.join("\n  "))) }
}

/// Makes sure of a Python that can install packages into a folder of their own; one that is not Debian's will do.
///
/// # Errors
/// When there is none and none can be installed from here.
pub(crate) fn python() -> Result<(), String> {
    if capture("python3", &["-c", "import ensurepip, pip, venv"]).is_some() { Ok(()) } else { ensure(&[&PYTHON]) }
}

fn missing_on_windows() -> Vec<String> {
    let mut missing = Vec::new();
    let vswhere = r"C:\Program Files (x86)\Microsoft Visual Studio\Installer\vswhere.exe";
    let tools = ["-latest", "-products", "*", "-requires", "Microsoft.VisualStudio.Component.VC.Tools.x86.x64"];
    if capture(vswhere, &tools).is_none_or(|found| found.is_empty()) {
        missing.push("Visual Studio Build Tools with the workload «Desktop development with C++»".to_owned());
    }
    // The id is the one under which the WebView2 runtime registers itself everywhere.
    let webview = r"EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
    let places = [r"HKLM\SOFTWARE\WOW6432Node\Microsoft", r"HKCU\Software\Microsoft"];
    if !places.iter().any(|place| capture("reg", &["query", &format!(r"{place}\{webview}"), "/v", "pv"]).is_some()) {
        missing.push(
            "the WebView2 runtime: «Evergreen Standalone Installer» of Microsoft (part of Windows 11)".to_owned(),
        );
    }
    missing.extend(missing_node());
    missing
}

fn missing_on_macos() -> Vec<String> {
    let mut missing = Vec::new();
    if capture("xcode-select", &["-p"]).is_none() {
        missing.push("the Xcode command line tools: xcode-select --install".to_owned());
    }
    missing.extend(missing_node());
    missing
}

fn missing_node() -> Option<String> {
    (!have("node") || !have("npm")).then(|| "Node.js 20 or newer, with npm".to_owned())
}

fn ensure_debian(needs: &[&Need]) -> Result<(), String> {
    let mut wanted: Vec<&str> = Vec::new();
    for need in needs {
        let missing: Vec<&str> = need.packages.iter().copied().filter(|p| !installed(p)).collect();
        if !missing.is_empty() {
            say(&format!("missing, for {}: {}", need.why, missing.join(" ")));
            wanted.extend(missing);
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let sudo: &[&str] = if capture("id", &["-u"]).as_deref() == Some("0") {
        &[]
    } else if have("sudo") {
        &["sudo"]
    } else {
        return Err(format!(
            "these packages are missing and this user can install nothing; as root run:\n  apt-get install -y {}",
            wanted.join(" ")
        ));
    };
    let apt = |arguments: &[&str]| {
        let mut line: Vec<&str> = sudo.to_vec();
        line.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        line.extend(arguments);
        Step::new(line[0], &line[1..]).quiet().run()
    };
    say("installing them with apt (once)");
    apt(&["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(&wanted);
    apt(&install)
}

fn installed(package: &str) -> bool {
    capture("dpkg-query", &["-W", "-f=${Status}", package]).is_some_and(|s| s.ends_with("ok installed"))
}

/// Installs the npm packages of `ui/` where the lock file is newer than what is installed.
///
/// # Errors
/// When Node.js is missing or npm fails.
pub(crate) fn node_packages(root: &Path) -> Result<(), String> {
    if let Some(missing) = missing_node() {
        return Err(format!("please install first: {missing}"));
    }
    let ui = root.join("ui");
    let lock =
        std::fs::read_to_string(ui.join("package-lock.json")).map_err(|e| format!("ui/package-lock.json: {e}"))?;
    // What was installed is remembered beside it: npm's own check takes seconds even when nothing changed.
    let stamp = ui.join("node_modules/.huijiao-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|s| s == lock) {
        return Ok(());
    }
    say("installing the packages of ui/ with npm ci");
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Step::new(npm, &["ci", "--no-audit", "--no-fund"]).within(&ui).quiet().run()?;
    std::fs::write(&stamp, lock).map_err(|e| e.to_string())
}

/// Those whose figures ours are held against, each in the version that the figures are of.
const NODE_READERS: [(&str, &str); 2] = [("xlsx", "0.18.5"), ("exceljs", "4.4.0")];
const PYTHON_READERS: [(&str, &str); 5] = [
    ("polars", "2.1.0"),
    ("fastexcel", "0.21.0"),
    ("pandas", "3.1.1"),
    ("python-calamine", "0.9.1"),
    ("openpyxl", "3.1.5"),
];

/// SheetJS and ExcelJS in a folder of their own under `target`, to be compared with; gives where Node.js finds them.
/// Without a network they are not there, which the bench says.
pub(crate) fn node_readers(root: &Path) -> PathBuf {
    let folder = root.join("target/other-readers");
    let modules = folder.join("node_modules");
    if !NODE_READERS.iter().all(|(name, version)| has_node_package(&modules, name, version)) {
        say("installing SheetJS and ExcelJS (npm packages) under target, to be compared with");
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let install = ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
        let wanted = NODE_READERS.map(|(name, version)| format!("{name}@{version}"));
        let wanted = wanted.each_ref().map(String::as_str);
        let installed = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join("package.json"), "{}"))
            .map_err(|e| e.to_string())
            .and_then(|()| Step::new(npm, &[&install[..], &wanted].concat()).within(&folder).quiet().run());
        if let Err(why) = installed {
            say(&format!("SheetJS and ExcelJS cannot be installed here ({why}): not compared"));
        }
    }
    modules
}

fn has_node_package(modules: &Path, name: &str, version: &str) -> bool {
    let manifest = std::fs::read_to_string(modules.join(name).join("package.json")).unwrap_or_default();
    let wanted = format!("\"version\":\"{version}\"");
    manifest.split_whitespace().collect::<String>().contains(&wanted)
}

/// polars, pandas and their readers of workbooks, likewise; gives where Python finds them.
pub(crate) fn python_readers(root: &Path) -> PathBuf {
    let folder = root.join("target/other-readers/python");
    if !PYTHON_READERS.iter().all(|(name, version)| has_python_package(&folder, name, version)) {
        say(
            "installing polars, pandas with their readers and openpyxl (Python packages) under target, to be compared with",
        );
        let target = folder.to_string_lossy();
        // As they are published: to build them takes a compiler and an hour.
        let install = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", &target];
        let wanted = PYTHON_READERS.map(|(name, version)| format!("{name}=={version}"));
        let wanted = wanted.each_ref().map(String::as_str);
        // pip puts nothing over what is in such a folder already.
        let emptied = if folder.exists() { std::fs::remove_dir_all(&folder) } else { Ok(()) };
        let installed = emptied
            .map_err(|e| e.to_string())
            .and_then(|()| Step::new("python3", &[&install[..], &wanted].concat()).within(root).quiet().run());
        if let Err(why) = installed {
            say(&format!("polars, pandas and openpyxl cannot be installed here ({why}): not compared"));
        }
    }
    folder
}

/// By the record that pip keeps beside what it has installed.
fn has_python_package(folder: &Path, name: &str, version: &str) -> bool {
    folder.join(format!("{}-{version}.dist-info", name.replace('-', "_"))).is_dir()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    #[test]
    fn a_reader_is_there_only_in_the_version_that_is_compared_with() {
        let folder = std::env::temp_dir().join(format!("huijiao-needs-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("python_calamine-0.9.1.dist-info")).unwrap();
        std::fs::create_dir_all(folder.join("xlsx")).unwrap();
        std::fs::write(folder.join("xlsx/package.json"), "{\n  \"name\": \"xlsx\",\n  \"version\": \"0.18.5\"\n}\n")
            .unwrap();
        let python = |name, version| has_python_package(&folder, name, version);
        let node = |name, version| has_node_package(&folder, name, version);
        let found = [python("python-calamine", "0.9.1"), node("xlsx", "0.18.5")];
        let others = [
            python("python-calamine", "0.9.0"),
            python("openpyxl", "3.1.5"),
            node("xlsx", "0.18.4"),
            node("exceljs", "4.4.0"),
        ];
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, [true, true]);
        assert_eq!(others, [false; 4], "another version, or nothing at all");
    }
}
