//! Rules and cities as a script meets them: listing, checking by city or by file, working out the method.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use huijiao_domain::money::{Contribution, Rounding, RoundingScope, Yuan};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huijiao-cli")).args(args).output().unwrap()
}

fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("standard output is one JSON document")
}

fn refused(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(2), "what cannot be read is exit 2: {output:?}");
    let error = said(output)["error"].clone();
    for part in ["title", "happened", "remedy"] {
        let text = error[part].as_str().unwrap();
        assert!(!text.is_empty() && !text.contains('{') && !text.contains('…'), "{part} is said in full: {text}");
    }
    error
}

/// A list with a header and these rows; numbers go in as numbers.
fn list(folder: &TempDir, titles: &[&str], rows: &[Vec<&str>]) -> PathBuf {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, title) in (0u16..).zip(titles) {
        sheet.write_string(0, column, *title).unwrap();
    }
    for (row, cells) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            match cell.parse::<f64>() {
                Ok(number) if cell.len() < 12 => sheet.write_number(row, column, number).unwrap(),
                Ok(_) | Err(_) => sheet.write_string(row, column, *cell).unwrap(),
            };
        }
    }
    let path = folder.path().join("清册.xlsx");
    workbook.save(&path).unwrap();
    path
}

fn check(file: &Path, profile: &str, period: &str, more: &[&str]) -> Output {
    let mut args = vec!["check", file.to_str().unwrap(), "--kind", "base-adjustment", "--profile", profile];
    args.extend(["--period", period, "--today", "2026-09-10", "--unit-ratio", "0.08", "--personal-ratio", "0.08"]);
    args.extend(more);
    run(&args)
}

/// One made-up person with a base.
fn one_person(folder: &TempDir, base: &str) -> PathBuf {
    list(folder, &["姓名", "证件号码", "缴存基数"], &[vec!["欧阳晓", "430401199202290042", base]])
}

fn codes(output: &Output) -> Vec<(String, String)> {
    let text = |finding: &Value, part: &str| finding[part].as_str().unwrap().to_owned();
    said(output)["findings"].as_array().unwrap().iter().map(|f| (text(f, "code"), text(f, "level"))).collect()
}

#[test]
fn every_city_is_listed_with_its_source() {
    let output = run(&["profiles", "--json"]);
    assert_eq!(output.status.code(), Some(0), "a list is an answer");
    let listed = said(&output);
    assert_eq!(listed["profiles"][0]["code"], "demo", "the practice center");
    let cities = listed["cities"].as_array().unwrap();
    assert_eq!(cities.len(), 136, "134 of the collection, 焦作 and 德州");
    for city in cities {
        let figures = !city["base_floor"].is_null() || !city["base_ceiling"].is_null();
        assert!(!figures || !city["sources"][0]["url"].is_null(), "no figure without its source: {city}");
    }
    let text = String::from_utf8(run(&["profiles"]).stdout).unwrap();
    assert!(text.contains("以中心公布为准"), "the caution stands above the figures");
    assert!(text.contains("焦作（河南省）  — 至 —"), "what is not known is not zero: {text}");
    assert!(text.contains("衡阳（湖南省）  1700.00 至 21142.00"), "{text}");
}

#[test]
fn one_city_is_shown_whole_and_can_be_saved_as_a_file() {
    let text = String::from_utf8(run(&["profiles", "黄石市"]).stdout).unwrap();
    for part in ["24018.00", "2025年7月1日至2026年6月30日", "gjj.huangshi.gov.cn", "以中心公布为准", "来源"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let shown = said(&run(&["profiles", "黄石", "--json"]));
    assert_eq!(shown["city"]["sources"][0]["date"], "2025-08", "the date as published");
    assert!(said(&run(&["profiles", "demo", "--json"]))["city"].is_null(), "the practice center is no city");

    let folder = tempfile::tempdir().unwrap();
    let mut profile = shown["profile"].clone();
    profile["account_length"] = json!(12);
    let path = folder.path().join("黄石.json");
    fs::write(&path, format!("\u{feff}{profile}")).unwrap();
    let sheet = one_person(&folder, "24019");
    let by_file = check(&sheet, path.to_str().unwrap(), "2026-06", &["--json"]);
    let by_city = check(&sheet, "黄石", "2026-06", &["--json"]);
    let above = ("BASE-ABOVE-CEILING".to_owned(), "fix".to_owned());
    assert!(codes(&by_file).contains(&above), "the file's own ceiling holds: {by_file:?}");
    assert_eq!(codes(&by_file), codes(&by_city), "the same rules, by name or by file");

    assert_eq!(refused(&run(&["profiles", "火星", "--json"]))["code"], "cli-profile-unknown", "no such city");
}

#[test]
fn a_check_by_city_says_where_the_limits_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let sheet = one_person(&folder, "21143");
    let output = check(&sheet, "衡阳", "2026-09", &["--json"]);
    assert_eq!(output.status.code(), Some(1), "above the ceiling");
    assert_eq!(codes(&output), [("BASE-ABOVE-CEILING".to_owned(), "fix".to_owned())], "a proposal, nothing else");
    let reference = &said(&output)["reference"];
    assert_eq!(reference["caution"], "以中心公布为准", "the center's word wins");
    assert!(reference["source_url"].as_str().unwrap().starts_with("https://hy.bendibao.com"), "{reference}");
    let text = String::from_utf8(check(&sheet, "衡阳", "2026-09", &[]).stdout).unwrap();
    assert!(text.contains("衡阳的上下限依据：") && text.contains("以中心公布为准"), "{text}");

    let ends = check(&one_person(&folder, "21142"), "city:衡阳", "2026-09", &["--json"]);
    assert_eq!(ends.status.code(), Some(0), "the ceiling itself is allowed: {ends:?}");
}

#[test]
fn a_city_without_figures_warns_and_blocks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let sheet = one_person(&folder, "99999");
    for (city, period) in [("焦作", "2026-09"), ("黄石", "2026-09")] {
        let output = check(&sheet, city, period, &["--json"]);
        assert_eq!(output.status.code(), Some(0), "{city}: no limit is made up: {output:?}");
        assert_eq!(codes(&output), [("POLICY-MISSING".to_owned(), "warning".to_owned())], "{city}");
        assert!(said(&output)["reference"]["source_title"].is_null(), "{city}: no source speaks of that month");
        let text = String::from_utf8(check(&sheet, city, period, &[]).stdout).unwrap();
        assert!(text.contains("请向中心核实"), "{city}: {text}");
    }
}

#[test]
fn the_practice_rules_name_no_city() {
    let folder = tempfile::tempdir().unwrap();
    let output = check(&one_person(&folder, "5000"), "demo", "2026-07", &["--json"]);
    assert!(said(&output).get("reference").is_none(), "made-up rules have no source to name");
}

#[test]
fn a_profile_file_that_contradicts_itself_is_refused_with_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let sheet = one_person(&folder, "5000");
    let path = folder.path().join("规则.json");
    let mut profile = said(&run(&["profiles", "demo", "--json"]))["profile"].clone();
    profile["policies"][0]["base_floor"] = json!("24018.00");
    profile["policies"][0]["effective_to"] = Value::Null;
    profile["account_length"] = json!(0);
    fs::write(&path, profile.to_string()).unwrap();
    let error = refused(&check(&sheet, path.to_str().unwrap(), "2026-07", &["--json"]));
    assert_eq!(error["code"], "cli-profile-invalid", "read, but not to be worked with");
    let happened = error["happened"].as_str().unwrap();
    for part in ["3 处", "24018.00", "重叠", "account_length"] {
        assert!(happened.contains(part), "{part} in {happened}");
    }

    for (name, text) in [("坏.json", "{"), ("多.json", r#"{"code":"x","surplus":1}"#), ("空.json", "")] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let error = refused(&check(&sheet, path.to_str().unwrap(), "2026-07", &["--json"]));
        assert_eq!(error["code"], "cli-profile-unreadable", "{name}");
    }
    let error = refused(&check(&sheet, "没有.json", "2026-07", &["--json"]));
    assert_eq!(error["code"], "cli-file-missing", "a path, not a city");
}

#[test]
fn a_profile_file_is_validated_with_every_fault_and_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("规则.json");
    let file = path.to_str().unwrap();
    let mut profile = said(&run(&["profiles", "hengyang", "--json"]))["profile"].clone();
    fs::write(&path, profile.to_string()).unwrap();
    let sound = run(&["profiles", "--validate", file, "--json"]);
    assert_eq!(sound.status.code(), Some(0), "what the program gives out it takes back: {sound:?}");
    assert_eq!(said(&sound)["problems"], json!([]), "{sound:?}");

    profile["policies"][1]["base_floor"] = json!("21142.00");
    profile["seal_reasons"][1]["name"] = json!("死亡");
    profile["cut_off_day"] = json!(32);
    fs::write(&path, profile.to_string()).unwrap();
    let faulty = run(&["profiles", "--validate", file, "--json"]);
    assert_eq!(faulty.status.code(), Some(1), "faults are exit 1");
    let answer = said(&faulty);
    let places: Vec<_> =
        answer["problems"].as_array().unwrap().iter().map(|p| p["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/cut_off_day", "/seal_reasons/5/name", "/policies/1/base_floor"], "each by its place");
    let text = String::from_utf8(run(&["profiles", "--validate", file]).stdout).unwrap();
    assert!(text.contains("3 处问题") && text.contains("21142.00"), "{text}");

    let mut other = profile.clone();
    other["policies"][0]["equal_ratio"] = json!("yes");
    let mut lacking = profile.clone();
    lacking.as_object_mut().unwrap().remove("city");
    for (text, chinese, detail) in [
        (r#"{"code":"x","surplus":1}"#.to_owned(), "「surplus」本版本不认识", "unknown field"),
        (other.to_string(), "「/policies/0/equal_ratio」的内容不符合格式", "invalid type"),
        (lacking.to_string(), "缺少「city」", "missing field"),
        ("[".to_owned(), "内容不是 JSON", "EOF"),
    ] {
        fs::write(&path, text).unwrap();
        let error = refused(&run(&["profiles", "--validate", file, "--json"]));
        assert_eq!(error["code"], "cli-profile-unreadable");
        let happened = error["happened"].as_str().unwrap();
        let (said, technical) = happened.split_once("（技术细节：").unwrap();
        assert!(said.contains(chinese) && technical.contains(detail), "in Chinese first: {happened}");
    }
    fs::write(&path, vec![b' '; (1 << 20) + 1]).unwrap();
    let large = refused(&run(&["profiles", "--validate", file, "--json"]));
    assert!(large["happened"].as_str().unwrap().contains("1 MB"), "no file of that size is a profile: {large}");
}

#[test]
fn the_source_cities_have_rules_of_their_own() {
    let text = String::from_utf8(run(&["profiles", "衡阳"]).stdout).unwrap();
    for part in ["hengyang", "见角分进元", "5076.00", "封存满 6 个月可提取", "2026-07-29", "上传文件", "以中心公布为准"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let collected = said(&run(&["profiles", "city:衡阳", "--json"]));
    assert_eq!(collected["profile"]["policies"][1]["rounding"], "half_up_yuan", "the collection knows no method");
    let jiaozuo = String::from_utf8(run(&["profiles", "jiaozuo"]).stdout).unwrap();
    assert!(jiaozuo.contains("缴存基数 — 至 — 元") && jiaozuo.contains("请向中心核实"), "{jiaozuo}");
}

/// A list as a center that computes this way would have accepted it.
fn accepted(method: Rounding, unit: &str, personal: &str) -> Vec<Vec<String>> {
    ["5432.10", "21142", "1770", "4567.89", "2001", "10000.50"]
        .iter()
        .map(|base| {
            let amount: Yuan = base.parse().unwrap();
            let (unit, personal) = (unit.parse().unwrap(), personal.parse().unwrap());
            let of = Contribution::of(amount, unit, personal, method, RoundingScope::EachSide);
            vec!["欧阳晓".into(), (*base).into(), of.unit_amount.to_string(), of.personal_amount.to_string()]
        })
        .collect()
}

const TITLES: [&str; 4] = ["姓名", "缴存基数", "单位月缴存额", "个人月缴存额"];
const RATIOS: [&str; 4] = ["--unit-ratio", "0.12", "--personal-ratio", "0.08"];

fn calibrate(file: &Path, more: &[&str]) -> Output {
    let mut args = vec!["calibrate", file.to_str().unwrap()];
    args.extend(more);
    run(&args)
}

#[test]
fn the_method_behind_a_list_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (method, wire, name) in [
        (Rounding::CeilYuan, "ceil_yuan", "见角分进元（单位、个人分别计算）"),
        (Rounding::HalfUpFen, "half_up_fen", "四舍五入到分（单位、个人分别计算）"),
    ] {
        let rows = accepted(method, "0.12", "0.08");
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let file = list(&folder, &TITLES, &rows);
        let output = calibrate(&file, &[&RATIOS[..], &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "a method fits: {output:?}");
        let answer = said(&output);
        assert_eq!((&answer["rows"], &answer["nearest"]), (&json!(6), &Value::Null), "every row was compared");
        let fits = answer["fits"].as_array().unwrap();
        assert!(fits.iter().any(|fit| fit["rounding"] == wire && fit["name"] == name), "{wire} in {fits:?}");
        assert!(!fits.iter().any(|fit| fit["rounding"] == "floor_jiao"), "and not just anything: {fits:?}");
        let text = String::from_utf8(calibrate(&file, &RATIOS).stdout).unwrap();
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn rows_that_no_method_gives_are_shown_and_incomplete_ones_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = accepted(Rounding::HalfUpYuan, "0.12", "0.08");
    rows[2][2] = "999".into();
    rows[4][1] = "约两千".into();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let file = list(&folder, &TITLES, &rows);
    let output = calibrate(&file, &[&RATIOS[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(1), "nothing gives 999");
    let answer = said(&output);
    assert_eq!(answer["fits"], json!([]), "no method is claimed");
    assert_eq!(answer["skipped"], json!([6]), "nothing is concluded from a base nobody can read");
    assert_eq!(answer["nearest"]["method"]["rounding"], "half_up_yuan", "the nearest");
    let rows = answer["nearest"]["contradicting"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(
        (&rows[0]["row"], &rows[0]["unit_amount"]),
        (&json!(4), &json!("999.00")),
        "the row as the sheet has it"
    );
    assert_eq!(rows[0]["computed_unit_amount"], "212.00", "and what the method gives");
    let text = String::from_utf8(calibrate(&file, &RATIOS).stdout).unwrap();
    assert!(text.contains("第 4 行") && text.contains("另有 1 行数字不全"), "{text}");
}

#[test]
fn ratios_of_the_sheet_are_used_and_missing_columns_named() {
    let folder = tempfile::tempdir().unwrap();
    let rows = accepted(Rounding::HalfUpYuan, "0.12", "0.08");
    let rows: Vec<Vec<&str>> =
        rows.iter().map(|row| row.iter().map(String::as_str).chain(["12%", "8%"]).collect()).collect();
    let with = [&TITLES[..], &["单位缴存比例", "个人缴存比例"]].concat();
    let output = calibrate(&list(&folder, &with, &rows), &["--json"]);
    assert_eq!(said(&output)["fits"][0]["rounding"], "half_up_yuan", "{output:?}");

    let file = list(&folder, &TITLES, &rows.iter().map(|row| row[..4].to_vec()).collect::<Vec<_>>());
    let error = refused(&calibrate(&file, &["--json"]));
    assert_eq!(error["code"], "sheet-columns-missing", "without ratios nothing can be computed");
    assert!(error["happened"].as_str().unwrap().contains("单位缴存比例"), "{error}");

    let file = list(&folder, &TITLES, &[vec!["欧阳晓", "—", "1", "1"]]);
    let error = refused(&calibrate(&file, &[&RATIOS[..], &["--json"]].concat()));
    assert_eq!(error["code"], "cli-list-empty", "no rows, no answer");
}
