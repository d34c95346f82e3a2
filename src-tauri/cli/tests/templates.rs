//! Blank templates from the command line: written, filled, checked.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huijiao-cli")).args(args).output().unwrap()
}

#[test]
fn a_template_is_written_and_read_back_by_check() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("模板.xlsx");
    let path = file.to_str().unwrap();
    let output = run(&["template", "base-adjustment", "--profile", "demo", "--out", path, "--json"]);
    assert_eq!(output.status.code(), Some(0), "written: {output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((said["file"].as_str(), said["kind"].as_str()), (Some(path), Some("base_adjustment")), "and where");

    let output = run(&["check", path, "--kind", "base-adjustment", "--profile", "demo", "--json"]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["rows"], 0, "the example of the notes sheet is nobody's row");
    let codes: Vec<&str> = said["findings"].as_array().unwrap().iter().filter_map(|f| f["code"].as_str()).collect();
    assert_eq!(codes, ["SHEET-EMPTY"], "an empty template says that it is empty, nothing else");
}

#[test]
fn a_template_that_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("没有/模板.xlsx");
    let output =
        run(&["template", "base-adjustment", "--profile", "demo", "--out", nowhere.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(2), "exit 2: {output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["error"]["code"], "cli-file-unwritable", "with its code");
    assert!(!nowhere.exists(), "and nothing is there");
}
