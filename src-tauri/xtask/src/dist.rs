//! `cargo xtask dist`: the packages that users install, for the system this runs on.

use std::path::{Path, PathBuf};

use crate::needs;
use crate::run::{Step, have, say};

/// The bundler, from npm: compiling it takes longer than compiling the app.
const BUNDLER: &str = "@tauri-apps/cli@2.12.5";

/// What forms are printed in, with their licences, and where Debian's packages keep them.
const FONTS: &[(&str, &str)] = &[
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "NotoSansCJK-Regular.ttc"),
    ("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", "HanaMinB.ttf"),
    ("/usr/share/doc/fonts-noto-cjk/copyright", "NotoSansCJK-copyright.txt"),
    ("/usr/share/doc/fonts-hanazono/copyright", "HanaMin-copyright.txt"),
];

/// What is packed for each system. The Debian package names the fonts as packages; all others carry them.
struct Package {
    bundle: &'static str,
    with_fonts: bool,
}

const PACKAGES: &[Package] = if cfg!(target_os = "windows") {
    &[Package { bundle: "nsis", with_fonts: true }, Package { bundle: "msi", with_fonts: true }]
} else if cfg!(target_os = "macos") {
    &[Package { bundle: "dmg", with_fonts: true }]
} else {
    &[Package { bundle: "deb", with_fonts: false }, Package { bundle: "appimage", with_fonts: true }]
};

pub(crate) fn dist(root: &Path) -> Result<(), String> {
    let folder = root.join("target/dist");
    if std::env::args().any(|argument| argument == "--fonts") {
        return fonts(&folder).map(drop);
    }
    needs::ensure(&[&needs::BUILD, &needs::FONTS])?;
    needs::node_packages(root)?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Step::new(npm, &["run", "--silent", "build"]).within(&root.join("ui")).run()?;
    let bundler = bundler(&folder)?;
    let mut failed = Vec::new();
    for package in PACKAGES {
        let mut line = vec![bundler.to_string_lossy().into_owned(), "build".into()];
        line.extend(["--bundles".into(), package.bundle.into()]);
        if package.with_fonts {
            line.extend(["--config".into(), with_fonts(&folder)?.to_string_lossy().into_owned()]);
        }
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        // One that cannot be packed here, say for want of a network, does not keep the others from being packed.
        if let Err(why) = Step::new("node", &line).within(root).run() {
            failed.push(format!("{}: {why}", package.bundle));
        }
    }
    say("what was packed lies under target/release/bundle");
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn bundler(folder: &Path) -> Result<PathBuf, String> {
    let program = folder.join("node_modules/@tauri-apps/cli/tauri.js");
    if !program.is_file() {
        say("installing the bundler under target");
        let install = ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", BUNDLER];
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(folder.join("package.json"), "{}"))
            .map_err(|e| format!("{}: {e}", folder.display()))?;
        Step::new(npm, &install).within(folder).quiet().run()?;
    }
    Ok(program)
}

/// The bundler's settings that put the fonts beside the program.
fn with_fonts(folder: &Path) -> Result<PathBuf, String> {
    // As JSON wants it on every system.
    let fonts = fonts(folder)?.to_string_lossy().replace('\\', "/");
    let settings = folder.join("with-fonts.json");
    let text = format!("{{ \"bundle\": {{ \"resources\": {{ \"{fonts}/\": \"fonts/\" }} }} }}\n");
    std::fs::write(&settings, text).map_err(|e| format!("{}: {e}", settings.display()))?;
    Ok(settings)
}

/// Collects the fonts from Debian's packages; elsewhere they must have been put there from a Debian system.
fn fonts(folder: &Path) -> Result<PathBuf, String> {
    let fonts = folder.join("fonts");
    std::fs::create_dir_all(&fonts).map_err(|e| format!("{}: {e}", fonts.display()))?;
    if cfg!(target_os = "linux") && have("dpkg-query") {
        needs::ensure(&[&needs::FONTS])?;
        for (from, name) in FONTS {
            std::fs::copy(from, fonts.join(name)).map_err(|e| format!("{from}: {e}"))?;
        }
    }
    let missing: Vec<&str> = FONTS.iter().map(|(_, name)| *name).filter(|name| !fonts.join(name).is_file()).collect();
    if missing.is_empty() {
        return Ok(fonts);
    }
    Err(format!(
        "{} has no {}: run `cargo xtask dist --fonts` on a Debian system and copy that folder here",
        fonts.display(),
        missing.join(", ")
    ))
}
