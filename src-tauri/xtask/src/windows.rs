//! `cargo xtask windows`: the programs for Windows, built on Debian, and the rooms' tests run under Wine.
//!
//! Debian carries the sources of a current Rust, so the standard library for Windows is built here too. What is not
//! here is WebView2: the window itself is proven only on a real Windows (docs/manual-checklist.md).

use std::path::{Path, PathBuf};

use crate::needs;
use crate::run::{Step, capture, say};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Rooms whose tests need neither a browser nor a Linux of their own.
const ROOMS: &[&str] = &[
    "huijiao-domain",
    "huijiao-protocol",
    "huijiao-files",
    "huijiao-sheets",
    "huijiao-signing",
    "huijiao-store",
    "huijiao-gateway",
    "huijiao-documents",
];

/// Debian's own toolchain: the standard library must come from the very compiler that built the sources.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";

pub(crate) fn windows(root: &Path) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("on Windows itself the usual `cargo xtask demo` and `cargo xtask test` do".into());
    }
    needs::ensure(&[&needs::BUILD, &needs::WINDOWS, &needs::FONTS])?;
    needs::node_packages(root)?;
    let release = std::env::args().any(|argument| argument == "--release");
    let folder = root.join("target/windows");
    let sysroot = standard_library(&folder)?;
    let random = random(&folder)?;
    let cross = |arguments: &[&str]| {
        Step::new(CARGO, arguments)
            .within(root)
            .with("RUSTC", RUSTC)
            .with("CARGO_TARGET_DIR", &folder.to_string_lossy())
            .with("CARGO_BUILD_TARGET", TARGET)
            .with("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc-posix")
            .with("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS", &format!("--sysroot {}", sysroot.display()))
            .with("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "/usr/lib/wine/wine64")
            // Under Wine there are no other programs than ours.
            .with("HUIJIAO_WITHOUT_OFFICE", "1")
            .with("HUIJIAO_WITHOUT_ICONV", "1")
            .with("HUIJIAO_WITHOUT_OPENSSL", "1")
            .with("HUIJIAO_WITHOUT_PDF_READERS", "1")
            // Else insta would ask cargo where its snapshots are.
            .with("INSTA_WORKSPACE_ROOT", &root.to_string_lossy())
            .with("CC_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-gcc-posix")
            .with("CXX_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-g++-posix")
            .with("AR_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-ar")
            .with("WINEPREFIX", &folder.join("wine").to_string_lossy())
            .with("WINEPATH", &format!("Z:{}", random.to_string_lossy().replace('/', "\\")))
            .with("WINEDEBUG", "-all")
    };

    say("the pages");
    Step::new("npm", &["run", "--silent", "build"]).within(&root.join("ui")).run()?;

    say("the programs");
    let mut build = vec!["build", "-p", "huijiao", "-p", "huijiao-center", "-p", "huijiao-cli"];
    if release {
        build.push("--release");
    }
    cross(&build).run()?;
    let built = folder.join(TARGET).join(if release { "release" } else { "debug" });
    for program in ["huijiao.exe", "huijiao-center.exe", "huijiao-cli.exe"] {
        let size = std::fs::metadata(built.join(program)).map_err(|e| format!("{program}: {e}"))?.len();
        say(&format!("  {program}: {} MB", size / 1_000_000));
    }

    say(
        "the rooms' tests under Wine; what they hold against LibreOffice, OpenSSL, qpdf and poppler is held on Linux only",
    );
    let mut test = vec!["test", "--no-fail-fast", "--lib", "--bins", "--tests"];
    for room in ROOMS {
        test.extend(["-p", room]);
    }
    cross(&test).run()
}

/// Where Rust's library has its random octets from under Windows; Debian's Wine is older than that, and has them under
/// another name.
const RANDOM: &str = "\
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) { return RtlGenRandom(data, (ULONG)length); }
";

/// Builds `bcryptprimitives.dll` for Wine; gives the folder that holds it.
fn random(folder: &Path) -> Result<PathBuf, String> {
    let built = folder.join("random");
    std::fs::create_dir_all(&built)
        .and_then(|()| std::fs::write(built.join("bcryptprimitives.c"), RANDOM))
        .map_err(|e| format!("{}: {e}", built.display()))?;
    let line = ["-shared", "-o", "bcryptprimitives.dll", "bcryptprimitives.c", "-ladvapi32"];
    Step::new("x86_64-w64-mingw32-gcc-posix", &line).within(&built).run()?;
    Ok(built)
}

/// The standard library for Windows, built once for each compiler; gives the folder that holds it.
fn standard_library(folder: &Path) -> Result<PathBuf, String> {
    let version = capture(RUSTC, &["--version"]).ok_or("Debian's rustc does not answer")?;
    let sysroot = folder.join("sysroot");
    let stamp = sysroot.join("version");
    if std::fs::read_to_string(&stamp).is_ok_and(|built| built == version) {
        return Ok(sysroot);
    }
    say(&format!("the standard library of {version} for Windows"));
    let empty = folder.join("standard-library");
    let write = |name: &str, text: &str| std::fs::write(empty.join(name), text);
    std::fs::create_dir_all(empty.join("src"))
        .and_then(|()| write("src/lib.rs", ""))
        .and_then(|()| {
            let manifest =
                "[package]\nname = \"standard-library\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
            write("Cargo.toml", manifest)
        })
        .map_err(|e| format!("{}: {e}", empty.display()))?;
    Step::new(
        CARGO,
        &["build", "--release", "-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro", "--target", TARGET],
    )
    .within(&empty)
    .with("RUSTC", RUSTC)
    .with("RUSTC_BOOTSTRAP", "1")
    .with("CARGO_TARGET_DIR", &empty.join("target").to_string_lossy())
    .run()?;
    let parts = empty.join("target").join(TARGET).join("release/deps");
    let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let copied = std::fs::create_dir_all(&library).and_then(|()| {
        for part in std::fs::read_dir(&parts)? {
            let part = part?.path();
            let name = part.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".rlib") && !name.contains("standard_library") {
                std::fs::copy(&part, library.join(&*name))?;
            }
        }
        std::fs::write(&stamp, &version)
    });
    copied.map_err(|e| format!("{}: {e}", library.display()))?;
    Ok(sysroot)
}
