//! `cargo xtask dist`: the packages that users install, for the system this runs on.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

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
        // Signing is the business of whoever publishes: docs/manual-checklist.md.
        let signing = folder.join("signing.json");
        if signing.is_file() {
            line.extend(["--config".into(), signing.to_string_lossy().into_owned()]);
        }
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        // One that cannot be packed here, say for want of a network, does not keep the others from being packed.
        if let Err(why) = Step::new("node", &line).within(root).run() {
            failed.push(format!("{}: {why}", package.bundle));
        }
    }
    let bundles = root.join("target/release/bundle");
    sums(&bundles)?;
    say("what was packed lies under target/release/bundle, its hashes in SHA256SUMS there");
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// What users download ends so; what else lies there is the bundler's own.
const PACKED: [&str; 5] = ["deb", "AppImage", "exe", "msi", "dmg"];

/// Writes the hashes of all packages, as `sha256sum --check` reads them. They are of packages that are signed already:
/// a signature changes the file.
fn sums(bundles: &Path) -> Result<(), String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut lines = Vec::new();
    for kind in std::fs::read_dir(bundles).map_err(|error| failed(bundles, error))? {
        let kind = kind.map_err(|error| failed(bundles, error))?.path();
        if !kind.is_dir() {
            continue;
        }
        for package in std::fs::read_dir(&kind).map_err(|error| failed(&kind, error))? {
            let package = package.map_err(|error| failed(&kind, error))?.path();
            let packed = package.extension().is_some_and(|end| PACKED.iter().any(|one| end == *one));
            if !packed || !package.is_file() {
                continue;
            }
            let bytes = std::fs::read(&package).map_err(|error| failed(&package, error))?;
            let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let name = package.strip_prefix(bundles).unwrap_or(&package).to_string_lossy().replace('\\', "/");
            lines.push((name, hash));
        }
    }
    lines.sort_unstable();
    let text: String = lines.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    let list = bundles.join("SHA256SUMS");
    std::fs::write(&list, text).map_err(|error| failed(&list, error))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    #[test]
    fn every_package_has_its_hash_and_nothing_else_does() {
        let bundles = std::env::temp_dir().join(format!("huijiao-dist-{}", std::process::id()));
        for (name, content) in [
            ("nsis/汇缴通_0.1.0_x64-setup.exe", "abc"),
            ("deb/汇缴通_0.1.0_amd64.deb", ""),
            ("deb/汇缴通_0.1.0_amd64/control.tar.gz", "not what users download"),
        ] {
            let path = bundles.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        sums(&bundles).unwrap();
        // Once more: the list is not in the list.
        sums(&bundles).unwrap();
        let said = std::fs::read_to_string(bundles.join("SHA256SUMS")).unwrap();
        std::fs::remove_dir_all(&bundles).unwrap();
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  deb/汇缴通_0.1.0_amd64.deb\n\
                        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  nsis/汇缴通_0.1.0_x64-setup.exe\n";
        assert_eq!(said, expected);
    }
}
