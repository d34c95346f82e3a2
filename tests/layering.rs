//! Who may know whom: the arrows of src-tauri/README.md, proved.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use huijiao_desk::calls::COMMANDS;
use serde_json::Value;

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

const ROOMS: [&str; 13] = [
    "huijiao-files",
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
    let allowed: [(&str, &[&str]); 11] = [
        ("huijiao-files", &[]),
        ("huijiao-domain", &[]),
        ("huijiao-signing", &["huijiao-files"]),
        ("huijiao-protocol", &["huijiao-domain"]),
        ("huijiao-sheets", &["huijiao-domain"]),
        ("huijiao-store", &["huijiao-domain", "huijiao-files"]),
        ("huijiao-documents", &["huijiao-domain"]),
        ("huijiao-gateway", &["huijiao-domain", "huijiao-protocol"]),
        ("huijiao-center", &["huijiao-domain", "huijiao-files", "huijiao-protocol", "huijiao-signing"]),
        (
            "huijiao-desk",
            &[
                "huijiao-domain",
                "huijiao-files",
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
                "huijiao-files",
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

fn manifest(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(root().join(path)).unwrap()).unwrap()
}

/// A policy by its directives.
fn directives(policy: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let each = policy.split(';').filter(|part| !part.trim().is_empty()).map(|part| part.split_whitespace());
    let named = each.map(|mut words| (words.next().unwrap(), words.collect()));
    named.collect()
}

/// What scripts, requests, frames and forms of the pages may do, of everything that is not the pages' own.
fn loosened(policy: &str, own: &[&str]) -> Vec<String> {
    let directives = directives(policy);
    let mut loose = Vec::new();
    for must in ["default-src", "script-src", "style-src", "connect-src", "object-src", "base-uri", "form-action"] {
        if !directives.contains_key(must) {
            loose.push(format!("nothing is said of {must}"));
        }
    }
    for (directive, sources) in &directives {
        // Pictures and papers are made in the page; neither scheme reaches anybody.
        let made = if *directive == "img-src" { &["data:", "blob:"][..] } else { &[] };
        let strange = sources.iter().filter(|source| !["'none'", "'self'"].contains(source));
        let strange = strange.filter(|source| !made.contains(source));
        loose.extend(
            strange
                .filter(|source| !(*directive == "connect-src" && own.contains(source)))
                .map(|source| format!("{directive} {source}")),
        );
    }
    loose
}

#[test]
fn the_pages_run_their_own_scripts_and_reach_the_core_only() {
    let app = manifest("tauri.conf.json");
    let security = &app["app"]["security"];
    let own = ["ipc:", "http://ipc.localhost"];
    let policy = security["csp"].as_str().expect("one policy for all builds");
    assert_eq!(loosened(policy, &own), [""; 0], "the window's policy");
    let browser = std::fs::read_to_string(root().join("src-tauri/web/src/lib.rs")).unwrap();
    let browser = browser.split("const CSP: &str = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(loosened(browser, &[]), [""; 0], "the browser's policy");
    assert!(directives(browser)["frame-ancestors"].contains("'none'"), "no other page can put it into a frame");
    for (loose, why) in [
        ("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        ("script-src 'self'", "script-src 'self' 'unsafe-eval'"),
        ("connect-src ipc:", "connect-src https://example.com ipc:"),
        ("form-action 'none'", ""),
    ] {
        assert_eq!(loosened(&policy.replace(loose, why), &own).len(), 1, "{why}: it would be seen");
    }

    assert!(security.get("devCsp").is_none(), "what is tried is what is delivered");
    assert!(security.get("dangerousDisableAssetCspModification").is_none_or(|off| off == false));
    assert!(security.get("assetProtocol").is_none_or(|open| open["enable"] != true), "no files by address");
    assert!(app["app"].get("withGlobalTauri").is_none_or(|global| global == false), "no door that is known by name");
    assert!(app["build"].get("devUrl").is_none(), "the pages come out of the program");
    let plugins: Vec<&String> = app["plugins"].as_object().unwrap().keys().collect();
    assert_eq!(plugins, ["updater"], "nothing else is set up that fetches or starts anything");
    assert_eq!(app["plugins"]["updater"]["endpoints"], serde_json::json!([]), "and it has nowhere to look");
}

#[test]
fn each_window_may_call_the_desks_commands_and_nothing_of_a_plugins() {
    let folder = root().join("src-tauri/app/capabilities");
    let files: BTreeSet<String> =
        std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, BTreeSet::from(["main.json", "secret.json"].map(str::to_owned)), "two windows");
    assert_eq!(manifest("tauri.conf.json")["app"]["security"]["capabilities"], serde_json::json!(["main", "secret"]));
    // A choice is the system's own dialog, which gives the page a ticket and no path.
    let choices =
        ["workbook", "workbooks", "profile", "attachment", "backup", "folder", "signed", "key-file", "module", "root"];
    let mut may: BTreeSet<String> = choices.iter().map(|what| format!("allow-choose-{what}")).collect();
    may.extend(COMMANDS.iter().map(|command| format!("allow-{}", command.replace('_', "-"))));
    // So does a file that the system passed on.
    may.insert("allow-opened-file".into());
    // A PIN is asked for in the other window, or is not wanted any more.
    may.extend(["allow-ask-secret", "allow-secret-given-up"].map(str::to_owned));
    may.extend(["core:event:allow-listen", "core:event:allow-unlisten"].map(str::to_owned));
    assert_eq!(permissions("main"), may, "no shell, no files, no network, no command that the desk does not have");
    assert!(!may.contains("allow-secret-typed"), "nor can the page say what was typed");
}

#[test]
fn the_window_for_a_pin_may_take_it_and_nothing_else() {
    let may = ["allow-secret-asked", "allow-secret-given-up", "allow-secret-typed"].map(str::to_owned);
    assert_eq!(permissions("secret"), BTreeSet::from(may), "no command of the desk's, no events");
    let page = std::fs::read_to_string(root().join("ui/secret.html")).unwrap();
    let scripts: Vec<&str> = page.split("<script").skip(1).collect();
    assert_eq!(scripts.len(), 1, "{page}");
    assert!(
        scripts[0].starts_with(" type=\"module\" src=\"/src/secret.ts\"></script>"),
        "a small one of its own: {page}"
    );
    // What is loaded with it knows neither the desk nor what the other page keeps.
    let entry = std::fs::read_to_string(root().join("ui/src/secret.ts")).unwrap();
    let window = std::fs::read_to_string(root().join("ui/src/screens/secret/SecretWindow.vue")).unwrap();
    for (text, own) in [(entry, "backend/secret"), (window, "type=\"password\"")] {
        assert!(text.contains(own), "else this test looks at the wrong file: {own}");
        for strange in ["state/app", "commands", "backend/tauri", "localStorage", "sessionStorage"] {
            assert!(!text.contains(strange), "{strange}");
        }
    }
}

/// What a window may call, by the capability of its name.
fn permissions(window: &str) -> BTreeSet<String> {
    let capability = manifest(&format!("src-tauri/app/capabilities/{window}.json"));
    assert_eq!(capability["identifier"], window);
    assert_eq!(capability["windows"], serde_json::json!([window]));
    let said: BTreeSet<&str> = capability.as_object().unwrap().keys().map(String::as_str).collect();
    let known = BTreeSet::from(["identifier", "description", "windows", "permissions"]);
    assert_eq!(said, known, "no remote pages, no web views beside the windows");
    let permissions: Vec<String> = serde_json::from_value(capability["permissions"].clone()).unwrap();
    let once: BTreeSet<String> = permissions.iter().cloned().collect();
    assert_eq!(once.len(), permissions.len(), "each once");
    once
}

#[test]
fn the_windows_title_names_nobody() {
    let mut set = Vec::new();
    for (folder, words) in [("ui/src", "document\\.title"), ("src-tauri/app", "window\\.set_title|\\.title\\(")] {
        let output =
            Command::new("git").args(["grep", "-n", "-E", words, "--", folder]).current_dir(root()).output().unwrap();
        set.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
    }
    // What the system is asked to say has a title of its own.
    set.retain(|line| !line.contains("notification()"));
    assert_eq!(set.len(), 2, "set once each, where the windows are made: {set:?}");
    for (title, page) in [("汇缴通", "index.html"), ("输入 PIN 或口令", "secret.html")] {
        assert!(set.iter().any(|line| line.contains(&format!(".title(\"{title}\")"))), "{title}: {set:?}");
        let page = std::fs::read_to_string(root().join("ui").join(page)).unwrap();
        assert!(page.contains(&format!("<title>{title}</title>")), "and by the page");
    }
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
