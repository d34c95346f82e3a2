//! The program itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_desk_that_crashes_leaves_no_keys_and_no_people_in_a_core_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Command::new(env!("CARGO_BIN_EXE_huijiao-web"))
        .args(["--no-keyring", "--no-browser", "--folder"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(desk.stdout.take().unwrap());
    let mut address = String::new();
    said.read_line(&mut address).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", desk.id())).unwrap();
    desk.kill().unwrap();
    desk.wait().unwrap();
    assert!(address.starts_with("http://127.0.0.1:"), "it was at work: {address}");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "{limits}");
}
