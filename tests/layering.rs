//! Who may know whom: the arrows of src-tauri/README.md, proved.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Everything that a room is built with, tests not counted, on any platform.
fn dependencies(room: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}", "-p", room])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo tree -p {room}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != room)
        .collect()
}

const ROOMS: [&str; 12] = [
    "huijiao-domain",
    "huijiao-protocol",
    "huijiao-sheets",
    "huijiao-signing",
    "huijiao-store",
    "huijiao-gateway",
    "huijiao-documents",
    "huijiao-desk",
    "huijiao-center",
    "huijiao-demo",
    "huijiao-web",
    "huijiao-cli",
];

#[test]
fn only_the_app_says_tauri() {
    for room in ROOMS {
        let tauri: Vec<String> =
            dependencies(room).into_iter().filter(|d| d.starts_with("tauri") || d == "wry").collect();
        assert!(tauri.is_empty(), "{room} must run without a window, but needs {tauri:?}");
    }
    assert!(dependencies("huijiao").contains("tauri"), "else this test looks for the wrong name");
}

#[test]
fn the_domain_knows_no_file_network_clock_or_chance() {
    let known = dependencies("huijiao-domain");
    for forbidden in
        ["tokio", "reqwest", "rusqlite", "rand", "getrandom", "uuid", "calamine", "ring", "hyper", "tempfile"]
    {
        assert!(!known.contains(forbidden), "the rules must stay pure, but need {forbidden}");
    }
}

#[test]
fn arrows_point_downwards_only() {
    let allowed: [(&str, &[&str]); 10] = [
        ("huijiao-domain", &[]),
        ("huijiao-signing", &[]),
        ("huijiao-protocol", &["huijiao-domain"]),
        ("huijiao-sheets", &["huijiao-domain"]),
        ("huijiao-store", &["huijiao-domain"]),
        ("huijiao-documents", &["huijiao-domain"]),
        ("huijiao-gateway", &["huijiao-domain", "huijiao-protocol"]),
        ("huijiao-center", &["huijiao-domain", "huijiao-protocol", "huijiao-signing"]),
        (
            "huijiao-desk",
            &[
                "huijiao-domain",
                "huijiao-protocol",
                "huijiao-sheets",
                "huijiao-signing",
                "huijiao-store",
                "huijiao-gateway",
                "huijiao-documents",
            ],
        ),
        (
            "huijiao-cli",
            &[
                "huijiao-domain",
                "huijiao-protocol",
                "huijiao-sheets",
                "huijiao-signing",
                "huijiao-store",
                "huijiao-gateway",
                "huijiao-documents",
                "huijiao-desk",
                "huijiao-center",
                "huijiao-demo",
            ],
        ),
    ];
    for (room, may) in allowed {
        let knows: Vec<String> = dependencies(room).into_iter().filter(|d| d.starts_with("huijiao")).collect();
        for known in knows {
            assert!(may.contains(&known.as_str()), "{room} must not know {known}");
        }
    }
}

#[test]
fn the_pages_reach_the_window_through_one_folder() {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root().join("ui/src"), &mut files);
    assert!(files.len() > 20, "the pages are somewhere else now");
    let mut inside = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let imports = text.contains("from '@tauri-apps")
            || text.contains("from \"@tauri-apps")
            || text.contains("import('@tauri-apps");
        let door = file.starts_with(root().join("ui/src/backend"));
        inside += usize::from(imports && door);
        assert!(!imports || door, "{} goes around the one door", file.display());
    }
    assert!(inside > 0, "else this test looks for the wrong words");
}

#[test]
fn a_private_key_is_nowhere_in_the_repository() {
    let output = Command::new("git")
        .args(["grep", "-l", "-e", "-----BEGIN \\(EC \\|RSA \\|ENCRYPTED \\)\\?PRIVATE KEY"])
        .current_dir(root())
        .output()
        .unwrap();
    let hits = String::from_utf8(output.stdout).unwrap();
    let hits: Vec<&str> =
        hits.lines().filter(|f| !f.ends_with("layering.rs")).filter(|f| !f.ends_with(".rs")).collect();
    assert!(hits.is_empty(), "private keys are generated, never committed: {hits:?}");
    let files = Command::new("git").args(["ls-files", "*.p12", "*.pfx", "*.key"]).current_dir(root()).output().unwrap();
    assert!(files.stdout.is_empty(), "key files are generated: {}", String::from_utf8_lossy(&files.stdout));
}

#[test]
fn generated_types_are_what_the_views_say() {
    // The exports of ts-rs run with the desk's own tests, before these: what differs from the commit is stale.
    let output = Command::new("git")
        .args(["status", "--porcelain", "--", "ui/src/backend/generated"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.stdout.is_empty(), "commit the generated types: {}", String::from_utf8_lossy(&output.stdout));
}
