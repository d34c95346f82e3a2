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

/// A sheet of a kind against the roster of the practice unit: exit code and what is said.
fn checked(kind: &str, sheet: &str) -> (Option<i32>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let profile = huijiao_domain::profile::CenterProfile::shipped("demo").unwrap();
    let roster = huijiao_demo::people::practice_unit(&profile).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("roster.json"), serde_json::to_vec(&roster).unwrap()).unwrap();
    std::fs::write(path("表.csv"), sheet).unwrap();
    let (file, roster) = (path("表.csv"), path("roster.json"));
    let output = run(&["check", &file, "--kind", kind, "--profile", "demo", "--roster", &roster, "--json"]);
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

/// Code and cell of every finding.
fn cells(said: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cell = |f: &Value| format!("{}{}", text(&f["column"]), text(&f["row"]));
    said["findings"].as_array().unwrap().iter().map(|f| (text(&f["code"]), cell(f))).collect()
}

#[test]
fn ratios_data_of_contributors_and_of_the_unit_are_checked_from_small_sheets() {
    let profile = huijiao_domain::profile::CenterProfile::shipped("demo").unwrap();
    let people = huijiao_demo::people::practice_unit(&profile).unwrap().roster.contributors;
    let (name, id) = (&people[0].name, &people[0].id_number);
    let found = |code: &str, cell: &str| vec![(code.to_owned(), cell.to_owned())];

    let (code, said) = checked("ratio-adjustment", "单位缴存比例,个人缴存比例,变更年月\n10%,9,202607\n");
    assert_eq!((code, cells(&said)), (Some(0), Vec::new()), "{said}");
    assert_eq!(said["totals"]["people"], 228, "everybody of the 240 who is not sealed");
    assert!(said["totals"]["after"].as_str() > said["totals"]["before"].as_str(), "{}", said["totals"]);
    let (code, said) = checked("ratio-adjustment", "单位缴存比例,个人缴存比例\n20%,10%\n");
    assert_eq!((code, cells(&said)), (Some(1), found("RATIO-RANGE", "A2")), "{said}");

    let sheet = format!("姓名,证件号码,变更后姓名,手机号码\n{name},{id},王改名,13900000001\n");
    let (code, said) = checked("contributor-update", &sheet);
    assert_eq!((code, cells(&said)), (Some(0), Vec::new()), "{said}");
    assert_eq!((&said["totals"]["people"], &said["totals"]["after"]), (&1.into(), &Value::Null), "no money moves");
    let (code, said) = checked("contributor-update", &sheet.replace("13900000001", "12900000001"));
    assert_eq!((code, cells(&said)), (Some(1), found("MOBILE-INVALID", "D2")), "{said}");

    let sheet = "变更项目,变更前内容,变更后内容\n经办人姓名,王晓敏,赵新来\n经办人固定电话,,(0391)5550124\n";
    let (code, said) = checked("unit-update", sheet);
    assert_eq!((code, cells(&said)), (Some(1), found("PHONE-FORM", "C3")), "经办人 in front is no footer: {said}");
    let (code, said) = checked("unit-update", &sheet.replace("(0391)5550124", "0391-5550124"));
    assert_eq!((code, cells(&said), &said["rows"]), (Some(0), Vec::new(), &2.into()), "{said}");
}
