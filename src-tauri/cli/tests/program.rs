//! The program as a script meets it: arguments in, JSON and exit code out.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use huijiao_demo::people::UnitRoster;
use huijiao_demo::workbooks::{CLEAN, ERP, FAULTS, PAYROLL, PLANTED, PLANTED_CHANGES, ROSTER};
use huijiao_domain::roster::AccountStatus;
use serde_json::Value;
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huijiao-cli")).args(args).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("standard output is one JSON document")
}

/// A folder as `demo --out` leaves it.
fn practice() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["demo", "--out", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(0), "the practice files are laid");
    assert_eq!(json(&output)["workbooks"].as_array().unwrap().len(), 4, "four workbooks");
    let seed = fs::read(json(&output)["seed"].as_str().unwrap()).unwrap();
    let seed: Value = serde_json::from_slice(&seed).unwrap();
    assert_eq!(seed["contributors"].as_array().unwrap().len(), 240, "and what a center is seeded with");
    folder
}

fn check(file: &Path, roster: Option<&Path>, more: &[&str]) -> Output {
    let mut args = vec!["check", file.to_str().unwrap(), "--kind", "base-adjustment", "--profile", "demo"];
    args.extend(["--today", "2026-07-06", "--json"]);
    args.extend(roster.iter().flat_map(|path| ["--roster", path.to_str().unwrap()]));
    args.extend(more);
    run(&args)
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "what cannot be read is exit 2: {output:?}");
    let error = &json(output)["error"];
    for part in ["title", "happened", "remedy"] {
        let text = error[part].as_str().unwrap();
        assert!(!text.is_empty() && !text.contains('{') && !text.contains('…'), "{part} is said in full: {text}");
    }
    let sentence = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(sentence.contains(error["title"].as_str().unwrap()), "people are told too: {sentence}");
    error["code"].as_str().unwrap().to_owned()
}

#[test]
fn the_clean_workbook_passes() {
    let folder = practice();
    let output = check(&folder.path().join(CLEAN), Some(&folder.path().join(ROSTER)), &[]);
    assert_eq!(output.status.code(), Some(0), "nothing blocks: {output:?}");
    insta::assert_snapshot!("clean", String::from_utf8(output.stdout).unwrap());
    assert!(output.stderr.is_empty(), "nothing went wrong");
}

#[test]
fn the_faulty_workbook_is_stopped_at_the_planted_cells() {
    let folder = practice();
    let output = check(&folder.path().join(FAULTS), Some(&folder.path().join(ROSTER)), &[]);
    assert_eq!(output.status.code(), Some(1), "something blocks");
    let said = json(&output);
    assert_eq!(said["rows"], 230, "people in the sheet");
    let found: Vec<_> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["code"].as_str().unwrap(), f["row"].as_u64().unwrap(), f["column"].as_str().unwrap().to_owned()))
        .collect();
    let planted: Vec<_> = PLANTED.iter().map(|p| (p.code.as_str(), u64::from(p.row), p.column.to_string())).collect();
    assert_eq!(found, planted, "exactly the planted faults, each in its cell");
    insta::assert_snapshot!("faults", String::from_utf8(output.stdout).unwrap());
}

#[test]
fn the_erp_export_and_the_clean_sheet_give_the_same_sums() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    let erp = check(&folder.path().join(ERP), Some(&roster), &[]);
    assert_eq!(erp.status.code(), Some(0), "titles, groups and sums are no obstacle: {erp:?}");
    let clean = json(&check(&folder.path().join(CLEAN), Some(&roster), &[]));
    assert_eq!(json(&erp)["totals"], clean["totals"], "the same people, the same money");
    let without = check(&folder.path().join(CLEAN), None, &["--unit-ratio", "0.08", "--personal-ratio", "0.08"]);
    assert_eq!(json(&without)["totals"], clean["totals"], "ratios alone give the same sums");
    for [unit, personal] in [["8", "8%"], ["８％", "0.080"], ["8.0", " 8 %"]] {
        let said = check(&folder.path().join(CLEAN), None, &["--unit-ratio", unit, "--personal-ratio", personal]);
        assert_eq!(json(&said)["totals"], clean["totals"], "{unit} and {personal} are what they are in a sheet");
    }
}

#[test]
fn without_ratios_sums_are_absent_not_zero() {
    let folder = practice();
    let output = check(&folder.path().join(CLEAN), None, &[]);
    assert_eq!(output.status.code(), Some(0), "structure, identity and limits can be checked alone");
    let totals = &json(&output)["totals"];
    assert_eq!(totals["people"], 228, "people are counted");
    assert!(totals["before"].is_null() && totals["after"].is_null(), "money is not made up: {totals}");
}

#[test]
fn without_a_roster_what_was_due_before_is_absent_not_zero() {
    let folder = practice();
    let sums = |kind: &str, sheet: &str| {
        let file = write(&folder, "表.csv", sheet.as_bytes());
        let mut args = vec!["check", file.to_str().unwrap(), "--kind", kind, "--profile", "demo", "--json"];
        args.extend(["--today", "2026-07-06", "--unit-ratio", "0.08", "--personal-ratio", "0.08"]);
        let totals = &json(&run(&args))["totals"];
        ["before", "after", "difference"].map(|sum| totals[sum].as_str().map(str::to_owned))
    };
    let known = |sum: &str| Some(sum.to_owned());
    let who = "041000000103,钱新来,430401199202290042";
    let after_alone = sums("base-adjustment", &format!("个人账号,姓名,证件号码,调整后缴存基数\n{who},5000\n"));
    assert_eq!(after_alone, [None, known("800.00"), None], "nobody said what the base was");
    let both =
        sums("base-adjustment", &format!("个人账号,姓名,证件号码,调整前缴存基数,调整后缴存基数\n{who},4000,5000\n"));
    assert_eq!(both, [known("640.00"), known("800.00"), known("160.00")], "the sheet says it");
    let sealed =
        sums("status-change", &format!("个人账号,姓名,证件号码,变更类型,变更原因,变更年月\n{who},封存,其他,202607\n"));
    assert_eq!(sealed, [None, None, None], "whose base nobody knows");
}

#[test]
fn the_faults_that_need_no_roster_are_found_without_one() {
    let folder = practice();
    let output = check(&folder.path().join(FAULTS), None, &[]);
    assert_eq!(output.status.code(), Some(1), "something blocks");
    let said = json(&output);
    let codes: Vec<_> = said["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert!(!codes.contains(&"ROSTER-UNKNOWN"), "nobody is unknown where no roster is known");
    assert_eq!(codes.len(), PLANTED.len() - 1, "all the others are: {codes:?}");
}

#[test]
fn a_month_outside_the_rules_is_said() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    for (period, why) in [("2026-06", "already verified"), ("2026-08", "not yet begun")] {
        let output = check(&folder.path().join(CLEAN), Some(&roster), &["--period", period]);
        assert_eq!(output.status.code(), Some(1), "{period} is {why}");
        let said = json(&output);
        let first = &said["findings"][0];
        assert_eq!(first["code"], "PERIOD-NOT-ALLOWED", "{period} is {why}");
        assert!(first["row"].is_null() && first["column"].is_null(), "no cell is to blame");
    }
}

fn csv(unit: &UnitRoster) -> String {
    let mut text = String::from("个人账号,姓名,证件号码,个人账户状态,缴存基数\r\n");
    for person in &unit.roster.contributors {
        let status = if person.status == AccountStatus::Normal { "正常" } else { "封存" };
        text.push_str(&format!(
            "{},{},{},{status},{}\r\n",
            person.personal_account, person.name, person.id_number, person.base
        ));
    }
    text
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_gb18030_csv_is_read_and_a_roster_may_be_one_too() {
    let folder = practice();
    let unit: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    let text = csv(&unit);
    let (bytes, _, lossy) = encoding_rs::GB18030.encode(&text);
    assert!(!lossy, "GB18030 holds every name");
    let roster = write(&folder, "清册.csv", &bytes);
    let clean = check(&folder.path().join(CLEAN), Some(&roster), &["--unit-ratio", "0.08", "--personal-ratio", "0.08"]);
    assert_eq!(clean.status.code(), Some(0), "the csv is as good a roster as roster.json: {clean:?}");
    assert_eq!(json(&clean)["findings"], Value::Array(Vec::new()), "nothing to say");
    let by_json = check(&folder.path().join(CLEAN), Some(&folder.path().join(ROSTER)), &[]);
    assert_eq!(json(&clean)["totals"], json(&by_json)["totals"], "the same sums");

    // The same csv as the sheet: the sealed are in it, and nobody else stands in the way.
    let sheet = check(&roster, Some(&folder.path().join(ROSTER)), &[]);
    assert_eq!(sheet.status.code(), Some(1), "sealed accounts block");
    let said = json(&sheet);
    let codes: Vec<_> = said["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["ROSTER-NOT-NORMAL"; 12], "rare characters and separators came through");
}

#[test]
fn what_cannot_be_read_is_said_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let roster = None;
    assert_eq!(refused(&check(&folder.path().join("没有.xlsx"), roster, &[])), "cli-file-missing");
    assert_eq!(refused(&check(folder.path(), roster, &[])), "cli-file-unreadable");
    let pdf = write(&folder, "其实是.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n");
    assert_eq!(refused(&check(&pdf, roster, &[])), "sheet-not-a-workbook");
    assert_eq!(refused(&check(&write(&folder, "空.xlsx", b""), roster, &[])), "sheet-empty-file");
    let no_header = write(&folder, "无表头.csv", "1,2,3\n4,5,6\n".as_bytes());
    assert_eq!(refused(&check(&no_header, roster, &[])), "sheet-no-header");
    assert_eq!(refused(&check(&write(&folder, "空表.csv", b",,\n, ,\n"), roster, &[])), "sheet-blank");
    let practice = practice();
    let clean = practice.path().join(CLEAN);
    assert_eq!(refused(&check(&clean, roster, &["--sheet", "不存在"])), "sheet-no-such-sheet");
    let broken = write(&folder, "roster.json", b"{\"unit\":1}");
    assert_eq!(refused(&check(&clean, Some(&broken), &[])), "cli-roster-unreadable");
    let short = write(&folder, "清册.csv", "姓名,证件号码,缴存基数\n张三,1,5000\n".as_bytes());
    assert_eq!(refused(&check(&clean, Some(&short), &[])), "cli-roster-unreadable");
}

#[test]
fn a_workbook_of_two_cells_far_apart_is_refused() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "姓名").unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "A1和XFD1048576.xlsx", &workbook.save_to_buffer().unwrap());
    assert_eq!(refused(&check(&path, None, &[])), "sheet-too-large", "refused, not died of");
}

#[test]
fn arguments_that_are_none_are_refused_in_chinese() {
    for (args, said) in [
        (&["check", "x.xlsx", "--kind", "nope", "--profile", "demo", "--json"][..], "nope"),
        (&["check", "x.xlsx", "--profile", "demo", "--json"], "--kind"),
        (
            &["check", "x.xlsx", "--kind", "base-adjustment", "--profile", "demo", "--period", "2026-13", "--json"],
            "2026-13",
        ),
        (
            &["check", "x.xlsx", "--kind", "base-adjustment", "--profile", "demo", "--unit-ratio", "0.08", "--json"],
            "--personal-ratio",
        ),
        (
            &["check", "x.xlsx", "--kind", "base-adjustment", "--profile", "demo", "--unit-ratio", "八", "--json"],
            "「八」",
        ),
        (
            &["check", "x.xlsx", "--kind", "base-adjustment", "--profile", "demo", "--unit-ratio", "0.8", "--json"],
            "「0.8」不对，比例要写成8%",
        ),
        (
            &["check", "x.xlsx", "--kind", "base-adjustment", "--profile", "demo", "--personal-ratio", "1", "--json"],
            "「1」不对",
        ),
        (&["calibrate", "x.xlsx", "--unit-ratio", "0.08%", "--personal-ratio", "8", "--json"], "「0.08%」不对"),
        (&["check", "--unknown", "--json"], "--unknown"),
        (&["frobnicate", "--json"], "frobnicate"),
        (&["--json"], "--json"),
    ] {
        let output = run(args);
        assert_eq!(refused(&output), "cli-arguments", "{args:?}");
        assert!(json(&output)["error"]["happened"].as_str().unwrap().contains(said), "{args:?}: names {said}");
    }
    let output = run(&["check", "x.xlsx", "--kind", "base-adjustment", "--profile", "nowhere", "--json"]);
    assert_eq!(refused(&output), "cli-profile-unknown", "profiles are not made up");
    assert_eq!(run(&[]).status.code(), Some(2), "nothing asked for");
}

#[test]
fn help_stands_in_both_languages() {
    let commands = ["check", "diff", "profiles", "calibrate", "template", "verify", "print", "demo"];
    for args in commands.map(|command| vec![command, "--help"]).into_iter().chain([vec!["--help"]]) {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(0), "help is an answer");
        let text = String::from_utf8(output.stdout).unwrap();
        let options: Vec<_> = text.lines().filter(|line| line.trim_start().starts_with('-')).collect();
        assert!(!options.is_empty(), "{args:?}: at least --help is explained");
        for line in options {
            let both = line.contains(" / ") && line.chars().any(|c| c >= '\u{4e00}');
            assert!(both, "{args:?}: both languages on one line: {line}");
        }
        assert!(text.contains("用法 Usage"), "{args:?}: {text}");
    }
}

#[test]
fn what_a_sheet_says_moves_no_terminal() {
    let folder = practice();
    let text = "姓名,证件号码,缴存基数\n赵晓明,410801198512310022,\"五\u{1b}[2J\u{202e}千\n六千\"\n";
    let sheet = write(&folder, "控制字符.csv", text.as_bytes());
    let output = run(&["check", sheet.to_str().unwrap(), "--kind", "base-adjustment", "--profile", "demo"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains(['\u{1b}', '\u{202e}']), "nothing of a cell is an order to the terminal: {said:?}");
    let line = said.lines().find(|line| line.contains("六千")).unwrap();
    assert!(line.contains("[错误]") && line.contains('五'), "a finding is one line, whatever the cell: {line}");
}

#[test]
fn people_get_a_list_they_can_act_on() {
    let folder = practice();
    let faults = folder.path().join(FAULTS);
    let roster = folder.path().join(ROSTER);
    let output = run(&[
        "check",
        faults.to_str().unwrap(),
        "--kind",
        "base-adjustment",
        "--profile",
        "demo",
        "--roster",
        roster.to_str().unwrap(),
        "--today",
        "2026-07-06",
    ]);
    let text = String::from_utf8(output.stdout).unwrap().replace(faults.to_str().unwrap(), FAULTS);
    insta::assert_snapshot!("faults_for_people", text);
    for person in serde_json::from_slice::<UnitRoster>(&fs::read(&roster).unwrap()).unwrap().roster.contributors {
        assert!(!text.contains(person.id_number.as_str()), "no whole ID number on screen");
    }
}

#[test]
fn hundreds_of_people_who_are_not_in_the_sheet_do_not_hide_what_is_wrong_in_it() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    let unit: UnitRoster = serde_json::from_slice(&fs::read(&roster).unwrap()).unwrap();
    let person = unit.roster.contributors.iter().find(|person| person.status == AccountStatus::Normal).unwrap();
    let sheet = folder.path().join("一个人.csv");
    let row = format!("{},{},{},五千", person.personal_account, person.name, person.id_number);
    fs::write(&sheet, format!("个人账号,姓名,证件号码,调整后缴存基数\n{row}\n")).unwrap();
    let missing = |f: &&Value| f["code"] == "ROSTER-MISSING";
    let all = json(&check(&sheet, Some(&roster), &[]))["findings"].as_array().unwrap().iter().filter(missing).count();
    assert_eq!(all, 227, "scripts get everybody");
    let arguments = ["check", sheet.to_str().unwrap(), "--kind", "base-adjustment", "--profile", "demo"];
    let more = ["--roster", roster.to_str().unwrap(), "--today", "2026-07-06"];
    let text = String::from_utf8(run(&[&arguments[..], &more].concat()).stdout).unwrap();
    assert_eq!(text.matches("[警告] 清册中有人未申报").count(), 10, "people get the first: {text}");
    assert!(text.contains("另有 217 条「清册中有人未申报」"), "and how many more there are: {text}");
    assert!(text.contains("D2      [错误] 金额无法识别"), "what is wrong is in sight: {text}");
}

fn diff(file: &Path, roster: &Path, more: &[&str]) -> Output {
    let mut args = vec!["diff", file.to_str().unwrap(), "--roster", roster.to_str().unwrap(), "--profile", "demo"];
    args.extend(["--today", "2026-07-06"]);
    args.extend(more);
    run(&args)
}

#[test]
fn the_payroll_gives_its_nine_changes_and_its_questions() {
    let folder = practice();
    let (payroll, roster) = (folder.path().join(PAYROLL), folder.path().join(ROSTER));
    let output = diff(&payroll, &roster, &["--json"]);
    assert_eq!(output.status.code(), Some(1), "there are questions: {output:?}");
    let said = json(&output);
    assert_eq!(said["period"], "2026-07", "the unit's first month that is not verified");
    let changes: Vec<_> =
        said["proposals"].as_array().unwrap().iter().filter(|p| p["kind"] != "unchanged").cloned().collect();
    let kinds: Vec<_> = changes.iter().map(|p| p["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, PLANTED_CHANGES.map(|change| change.kind.as_str()), "exactly the planted ones");
    insta::assert_snapshot!("diff", serde_json::to_string_pretty(&changes).unwrap());
    assert_eq!(said["totals"]["unchanged"], 233, "everybody else");
    assert_eq!(said["findings"], Value::Array(Vec::new()), "no fault among them");
    let text = String::from_utf8(diff(&payroll, &roster, &[]).stdout).unwrap();
    insta::assert_snapshot!("diff_for_people", text.replace(payroll.to_str().unwrap(), PAYROLL));
    for person in serde_json::from_slice::<UnitRoster>(&fs::read(&roster).unwrap()).unwrap().roster.contributors {
        assert!(!text.contains(person.id_number.as_str()), "no whole ID number on screen");
    }
}

#[test]
fn a_payroll_that_agrees_asks_nothing() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    let mut unit: UnitRoster = serde_json::from_slice(&fs::read(&roster).unwrap()).unwrap();
    unit.roster.contributors.retain(|person| person.status == AccountStatus::Normal);
    let payroll = write(&folder, "工资.csv", csv(&unit).as_bytes());
    let output = diff(&payroll, &roster, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "nothing to answer, nothing in the way: {output:?}");
    assert_eq!(json(&output)["totals"]["unchanged"], 240, "the sealed stay sealed");
    let missing = write(&folder, "无姓名.csv", "证件号码,缴存基数\n1,5000\n2,6000\n".as_bytes());
    assert_eq!(refused(&diff(&missing, &roster, &["--json"])), "sheet-columns-missing", "who are they?");
}

fn check_kind(file: &Path, kind: &str, roster: Option<&Path>) -> Output {
    let mut args = vec!["check", file.to_str().unwrap(), "--kind", kind, "--profile", "demo"];
    args.extend(["--today", "2026-07-06", "--json"]);
    args.extend(roster.iter().flat_map(|path| ["--roster", path.to_str().unwrap()]));
    run(&args)
}

fn codes(output: &Output) -> Vec<String> {
    let findings = json(output)["findings"].as_array().unwrap().clone();
    findings.iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn new_people_and_changes_of_status_are_checked() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    let unit: UnitRoster = serde_json::from_slice(&fs::read(&roster).unwrap()).unwrap();
    let new = "姓名,身份证号,手机号码,缴存基数\n钱新来,430401199202290042,13812345678,5100\n";
    let sound = check_kind(&write(&folder, "新增.csv", new.as_bytes()), "contributor-registration", Some(&roster));
    assert_eq!((sound.status.code(), codes(&sound)), (Some(0), Vec::new()), "nothing to say");
    assert_eq!(json(&sound)["kind"], "contributor_registration", "the kind is named");
    assert_eq!(json(&sound)["totals"]["after"], "816.00", "8 % of 5100, each side");
    let known = format!(
        "姓名,身份证号,手机号码,缴存基数\n{},{},1381234,5100\n",
        "钱新来", unit.roster.contributors[0].id_number
    );
    let wrong = check_kind(&write(&folder, "新增2.csv", known.as_bytes()), "contributor-registration", Some(&roster));
    assert_eq!(wrong.status.code(), Some(1), "it blocks");
    assert_eq!(codes(&wrong), ["ROSTER-KNOWN", "MOBILE-INVALID"], "he is here already, and cannot be called");

    let person = &unit.roster.contributors[0];
    let line = |change: &str, reason: &str| {
        let who = format!("{},{},{}", person.personal_account, person.name, person.id_number);
        format!("个人账号,姓名,证件号码,变更类型,变更原因,变更年月\n{who},{change},{reason},202607\n")
    };
    let seal = write(&folder, "封存.csv", line("封存", "离休退休").as_bytes());
    let sound = check_kind(&seal, "status-change", Some(&roster));
    assert_eq!((sound.status.code(), codes(&sound)), (Some(0), Vec::new()), "nothing to say");
    assert_eq!(json(&sound)["totals"]["after"], "0.00", "nothing is due for the sealed");
    let unseal = write(&folder, "启封.csv", line("启封", "").as_bytes());
    assert_eq!(codes(&check_kind(&unseal, "status-change", Some(&roster))), ["ROSTER-STATUS"], "he is not sealed");
}

#[test]
fn payrolls_and_rosters_are_checked_by_themselves() {
    let folder = practice();
    let unit: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    let payroll = check_kind(&folder.path().join(PAYROLL), "payroll", None);
    assert_eq!((payroll.status.code(), codes(&payroll)), (Some(0), Vec::new()), "a payroll without accounts");
    assert_eq!(json(&payroll)["rows"], 229, "everybody who is paid");
    assert!(json(&payroll)["totals"]["after"].is_null(), "a list files nothing");
    let list = check_kind(&write(&folder, "清册.csv", csv(&unit).as_bytes()), "roster", None);
    assert_eq!((list.status.code(), codes(&list)), (Some(0), Vec::new()), "the center's own list");
    let twice =
        csv(&unit).replacen(unit.roster.contributors[1].id_number.as_str(), &unit.roster.contributors[0].id_number, 1);
    let wrong = check_kind(&write(&folder, "清册2.csv", twice.as_bytes()), "roster", None);
    assert_eq!(codes(&wrong), ["ID-TWO-NAMES"], "one number, two people");
    let refusal = check_kind(&folder.path().join(PAYROLL), "roster", None);
    assert_eq!(refused(&refusal), "sheet-columns-missing", "a roster has accounts");
}

#[test]
fn a_text_is_read_in_the_encoding_that_is_asked_for() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    let mut unit: UnitRoster = serde_json::from_slice(&fs::read(&roster).unwrap()).unwrap();
    unit.roster.contributors.retain(|person| person.status == AccountStatus::Normal);
    let text = csv(&unit);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = write(&folder, "宽.csv", &wide);
    let plain = write(&folder, "窄.csv", text.as_bytes());
    assert_eq!(check(&wide, Some(&roster), &[]).status.code(), Some(2), "without a mark nobody can know");
    let found = check(&wide, Some(&roster), &["--encoding", "utf-16le"]);
    assert_eq!(json(&found)["rows"], json(&check(&plain, Some(&roster), &[]))["rows"], "the same people");
    let compared = diff(&wide, &roster, &["--encoding", "utf-16le", "--json"]);
    assert_eq!(json(&compared)["totals"]["unchanged"], 240, "of the payroll too: {compared:?}");
    assert_eq!(refused(&check(&plain, Some(&roster), &["--encoding", "utf-99"])), "sheet-unknown-encoding");
    assert_eq!(refused(&diff(&plain, &roster, &["--encoding", "utf-99", "--json"])), "sheet-unknown-encoding");
}

#[test]
fn a_payroll_of_another_year_is_asked_about() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    let mut unit: UnitRoster = serde_json::from_slice(&fs::read(&roster).unwrap()).unwrap();
    unit.roster.contributors.retain(|person| person.status == AccountStatus::Normal);
    for (title, asked) in [("2024年度工资表", true), ("2026年度工资表", false)] {
        let payroll = write(&folder, "工资.csv", format!("{title},,,,\r\n{}", csv(&unit)).as_bytes());
        let says = |output: &Output| codes(output).contains(&"SHEET-PERIOD".to_owned());
        assert_eq!(says(&diff(&payroll, &roster, &["--json"])), asked, "{title}");
        assert_eq!(says(&check_kind(&payroll, "payroll", Some(&roster))), asked, "{title}: as check says");
    }
}

#[test]
fn another_unit_is_named_as_the_sheet_names_it() {
    let folder = practice();
    let roster = folder.path().join(ROSTER);
    let mut unit: UnitRoster = serde_json::from_slice(&fs::read(&roster).unwrap()).unwrap();
    unit.roster.contributors.retain(|person| person.status == AccountStatus::Normal);
    let of = |line: &str| write(&folder, "单位.csv", format!("{line},,,,\r\n{}", csv(&unit)).as_bytes());
    let own = [
        format!("单位名称（盖章）：{}", unit.unit.name),
        format!("单位名称：{} 2026年7月", unit.unit.name),
        format!("单位账号：{}", unit.unit.account.trim_start_matches('0')),
        "单位：人民币元".to_owned(),
        "填报单位：人力资源部".to_owned(),
    ];
    for line in own {
        let output = check(&of(&line), Some(&roster), &[]);
        assert!(!codes(&output).contains(&"UNIT-MISMATCH".to_owned()), "{line}: {output:?}");
    }
    let output = check(&of("单位名称：别的公司"), Some(&roster), &[]);
    let said = json(&output);
    let finding = said["findings"].as_array().unwrap().iter().find(|f| f["code"] == "UNIT-MISMATCH").unwrap();
    assert_eq!((&finding["level"], &finding["value"]), (&Value::from("error"), &Value::from("别的公司")));
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("别的公司") && !message.contains(&unit.unit.name), "whose it is: {message}");
}

#[test]
fn a_roster_is_taken_as_the_center_means_it_and_that_is_said() {
    let folder = practice();
    let unit: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    let person = &unit.roster.contributors[0];
    let (first, rest) = person.name.split_at(person.name.chars().next().unwrap().len_utf8());
    let text = csv(&unit).replacen(
        &format!("{},{},", person.personal_account, person.name),
        &format!("'{},{first} {rest},", person.personal_account),
        1,
    );
    let roster = write(&folder, "清册.csv", text.as_bytes());
    let clean = check(&folder.path().join(CLEAN), Some(&roster), &["--unit-ratio", "0.08", "--personal-ratio", "0.08"]);
    assert_eq!(clean.status.code(), Some(0), "everybody is found: {clean:?}");
    assert_eq!(codes(&clean), ["ROSTER-MENDED"], "and that one was mended is said");
    assert!(json(&clean)["findings"][0]["message"].as_str().unwrap().contains("有 1 人"), "with how many");

    let broken = write(&folder, "清册.json", b"{\"unit\":1}");
    for roster in [broken, write(&folder, "缺列.csv", "姓名,证件号码,缴存基数\n张三,1,5000\n".as_bytes())]
    {
        let output = check(&folder.path().join(CLEAN), Some(&roster), &[]);
        assert_eq!(refused(&output), "cli-roster-unreadable");
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert!(
            !sentence.contains("。。") && !sentence.contains("demo"),
            "one full stop, words for a clerk: {sentence}"
        );
    }
}
