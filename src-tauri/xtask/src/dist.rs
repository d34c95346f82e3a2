//! `cargo xtask dist`: the packages that users install, for the system this runs on.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::needs;
use crate::run::{Step, capture, have, say};

/// The bundler, from npm: compiling it takes longer than compiling the app.
const BUNDLER: &str = "@tauri-apps/cli@2.12.5";

/// What forms are printed in, with their licences, and where Debian's packages keep them.
const FONTS: &[(&str, &str)] = &[
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "NotoSansCJK-Regular.ttc"),
    ("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", "HanaMinB.ttf"),
    ("/usr/share/doc/fonts-noto-cjk/copyright", "NotoSansCJK-copyright.txt"),
    ("/usr/share/doc/fonts-hanazono/copyright", "HanaMin-copyright.txt"),
];

/// What the Debian package is called. The bundler takes a package's name from the product's, and dpkg installs none
/// that begins with another character than an ASCII letter or digit.
const DEBIAN_NAME: &str = "huijiao";

/// What the menu of a Debian desktop shows: the product's name is the package's there, so the one people read stands here.
const DESKTOP_TEMPLATE: &str = "src-tauri/xtask/huijiao.desktop";

/// What is packed for each system.
const PACKAGES: &[&str] = if cfg!(target_os = "windows") {
    &["nsis", "msi"]
} else if cfg!(target_os = "macos") {
    &["dmg"]
} else {
    &["deb", "appimage"]
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
    let bundles = root.join("target/release/bundle");
    // What an earlier run has packed is not handed out as this one's.
    match std::fs::remove_dir_all(&bundles) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(format!("{}: {error}", bundles.display()));
        }
        Ok(()) | Err(_) => {}
    }
    let mut failed = Vec::new();
    for bundle in PACKAGES {
        // One that cannot be packed here, say for want of a network, does not keep the others from being packed.
        if let Err(why) = pack(root, &folder, &bundler, bundle) {
            failed.push(format!("{bundle}: {why}"));
        }
    }
    if failed.len() < PACKAGES.len() {
        match sums(&bundles) {
            Ok(()) => say("what was packed lies under target/release/bundle, its hashes in SHA256SUMS there"),
            Err(why) => failed.push(why),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// Packs one of them, and looks at what came of it.
fn pack(root: &Path, folder: &Path, bundler: &Path, bundle: &str) -> Result<(), String> {
    let mut line = vec![bundler.to_string_lossy().into_owned(), "build".into(), "--bundles".into(), bundle.into()];
    // The Debian package names the fonts as packages; all others carry them.
    let settings = if bundle == "deb" { for_debian(root, folder)? } else { with_fonts(folder)? };
    line.extend(["--config".into(), settings.to_string_lossy().into_owned()]);
    // Signing is the business of whoever publishes: docs/manual-checklist.md.
    let signing = folder.join("signing.json");
    if signing.is_file() {
        line.extend(["--config".into(), signing.to_string_lossy().into_owned()]);
    }
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    Step::new("node", &line).within(root).run()?;
    if bundle == "deb" { look_at_debian(&root.join("target/release/bundle/deb")) } else { Ok(()) }
}

/// Asks dpkg what the package is called, by which it would be installed.
fn look_at_debian(folder: &Path) -> Result<(), String> {
    if !have("dpkg-deb") {
        say("dpkg-deb is not here: whether the package can be installed was not looked at");
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut packages: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    packages.retain(|path| path.extension().is_some_and(|end| end == "deb"));
    if packages.is_empty() {
        return Err(format!("{}: there is no package", folder.display()));
    }
    for package in packages {
        let name = capture("dpkg-deb", &["-f", &package.to_string_lossy(), "Package"])
            .ok_or_else(|| format!("{}: dpkg-deb does not read it", package.display()))?;
        if !debian_takes(&name) {
            return Err(format!("{}: dpkg takes no package called «{name}»", package.display()));
        }
        say(&format!("{}: dpkg would install it as {name}", package.display()));
    }
    Ok(())
}

/// Whether this may be the name of a Debian package, by Debian's policy (5.6.7).
fn debian_takes(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() >= 2
        && name.bytes().all(|byte| plain(byte) || b"+-.".contains(&byte))
        && name.bytes().next().is_some_and(plain)
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
    let fonts = in_json(&fonts(folder)?);
    let text = format!("{{ \"bundle\": {{ \"resources\": {{ \"{fonts}/\": \"fonts/\" }} }} }}\n");
    settings(&folder.join("with-fonts.json"), &text)
}

/// The bundler's settings by which the Debian package has a name that dpkg takes, and the menu the one that people know.
fn for_debian(root: &Path, folder: &Path) -> Result<PathBuf, String> {
    let template = in_json(&root.join(DESKTOP_TEMPLATE));
    let linux = format!("{{ \"deb\": {{ \"desktopTemplate\": \"{template}\" }} }}");
    let text = format!("{{ \"productName\": \"{DEBIAN_NAME}\", \"bundle\": {{ \"linux\": {linux} }} }}\n");
    settings(&folder.join("for-debian.json"), &text)
}

/// As JSON wants a path on every system.
fn in_json(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn settings(file: &Path, text: &str) -> Result<PathBuf, String> {
    std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(file.to_owned())
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
    fn the_debian_package_has_a_name_that_dpkg_takes_and_the_menu_the_one_that_people_know() {
        for name in [DEBIAN_NAME, "g++", "libc6", "0ad", "python3.11"] {
            assert!(debian_takes(name), "{name}");
        }
        for name in ["汇缴通", "Huijiao", "h", "", "-huijiao", "hui_jiao", "hui jiao", "huijiao通"] {
            assert!(!debian_takes(name), "{name}");
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
        let shown = read("tauri.conf.json");
        let shown = shown.lines().find_map(|line| line.trim().strip_prefix("\"productName\": \"")).unwrap();
        let shown = shown.trim_end_matches(',').trim_matches('"');
        let template = read(DESKTOP_TEMPLATE);
        assert!(template.lines().any(|line| line == format!("Name={shown}")), "{shown}: {template}");
        assert!(
            template.lines().any(|line| line.starts_with("Exec=") && line.ends_with(" %f")),
            "a file is handed over"
        );

        let folder = std::env::temp_dir().join(format!("huijiao-debian-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let said = std::fs::read_to_string(for_debian(Path::new("/here"), &folder).unwrap()).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let expected = r#"{ "productName": "huijiao", "bundle": { "linux": { "deb": { "desktopTemplate": "/here/src-tauri/xtask/huijiao.desktop" } } } }"#;
        assert_eq!(said.trim_end(), expected, "nothing else of the settings is touched");
    }

    #[test]
    fn every_package_has_its_hash_and_nothing_else_does() {
        let bundles = std::env::temp_dir().join(format!("huijiao-dist-{}", std::process::id()));
        for (name, content) in [
            ("nsis/汇缴通_0.1.0_x64-setup.exe", "abc"),
            ("deb/huijiao_0.1.0_amd64.deb", ""),
            ("deb/huijiao_0.1.0_amd64/control.tar.gz", "not what users download"),
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
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  deb/huijiao_0.1.0_amd64.deb\n\
                        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  nsis/汇缴通_0.1.0_x64-setup.exe\n";
        assert_eq!(said, expected);
    }
}
