//! Upload files from the command line.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use huijiao_demo::people::UnitRoster;
use huijiao_demo::workbooks::{CLEAN, FAULTS, ROSTER};
use huijiao_domain::field::Field;
use huijiao_domain::identity::ResidentId;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::{AccountStatus, Contributor};
use huijiao_sheets::{Limits, ReadChoice, read};
use jiff::civil::date;
use serde_json::{Value, json};
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huijiao-cli")).args(args).output().unwrap()
}

fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn practice() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["demo", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "the practice files are laid");
    folder
}

fn export(folder: &Path, sheet: &str, more: &[&str]) -> Output {
    let (sheet, roster, out) = (folder.join(sheet), folder.join(ROSTER), folder.join("上传"));
    let mut args = vec!["export", sheet.to_str().unwrap(), "--kind", "base-adjustment"];
    args.extend(["--roster", roster.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    args.extend(["--today", "2026-07-06", "--json"]);
    if !more.contains(&"--profile") {
        args.extend(["--profile", "demo"]);
    }
    args.extend(more);
    run(&args)
}

#[test]
fn a_clean_sheet_becomes_the_centers_file() {
    let folder = practice();
    let output = export(folder.path(), CLEAN, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = said(&output);
    assert_eq!(said["kind"], "base_adjustment");
    let [file] = &said["files"].as_array().unwrap()[..] else { panic!("one file: {said}") };
    assert_eq!((file["first_row"].as_u64(), &file["unwritable"]), (Some(4), &Value::Null));
    let path = Path::new(file["file"].as_str().unwrap());
    assert!(path.starts_with(folder.path().join("上传")) && path.extension().is_some_and(|e| e == "xls"), "{path:?}");

    let unit: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    let book = read(fs::read(path).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    assert_eq!(book.row(2).unwrap().text(0), unit.unit.account, "the unit's account from the roster");
    let people = said["rows"].as_u64().unwrap() as usize;
    assert_eq!(book.rows.len(), 3 + people, "everybody, and nobody else");
    for row in &book.rows[3..] {
        let account = row.text(0);
        let person = unit.roster.contributors.iter().find(|person| person.personal_account == account).unwrap();
        assert_eq!((row.text(1), row.text(2)), (&*person.name, &*person.id_number), "as the center has them");
        let old: f64 = person.base.to_string().parse().unwrap();
        assert_eq!(row.text(3).parse(), Ok(old), "the base before is the roster's");
    }
}

#[test]
fn a_sheet_that_something_blocks_becomes_no_file() {
    let folder = practice();
    let output = export(folder.path(), FAULTS, &[]);
    assert_eq!(output.status.code(), Some(1), "something blocks: {output:?}");
    assert!(!said(&output)["findings"].as_array().unwrap().is_empty(), "and it is said");
    assert_eq!(said(&output)["files"], json!([]));
    assert!(!folder.path().join("上传").exists(), "nothing is made");
}

#[test]
fn a_center_without_a_template_is_said() {
    let folder = practice();
    let profile = CenterProfile { upload_templates: vec![], ..CenterProfile::shipped("demo").unwrap() };
    let path = folder.path().join("规则.json");
    fs::write(&path, serde_json::to_vec(&profile).unwrap()).unwrap();
    let output = export(folder.path(), CLEAN, &["--profile", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(said(&output)["error"]["code"], "sheet-upload-no-template");
    let payroll = folder.path().join(CLEAN);
    let args = ["export", payroll.to_str().unwrap(), "--kind", "payroll", "--profile", "demo", "--out", "x", "--json"];
    let output = run(&args);
    assert_eq!(output.status.code(), Some(2), "a payroll is no filing: {output:?}");
    assert_eq!(said(&output)["error"]["code"], "cli-arguments");
}

#[test]
fn what_the_centers_file_cannot_hold_is_named_with_its_row() {
    let folder = practice();
    let mut profile = CenterProfile::shipped("demo").unwrap();
    let template = &mut profile.upload_templates[0];
    template.columns[1].codes = [("谁也不是".to_owned(), "1".to_owned())].into();
    assert_eq!(template.columns[1].value, huijiao_domain::profile::upload::ColumnValue::Field(Field::Name));
    let path = folder.path().join("规则.json");
    fs::write(&path, serde_json::to_vec(&profile).unwrap()).unwrap();
    let output = export(folder.path(), CLEAN, &["--profile", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = said(&output);
    let cells = said["unwritable"].as_array().unwrap();
    assert_eq!(cells.len() as u64, said["rows"].as_u64().unwrap(), "every one of them");
    assert_eq!((cells[0]["code"].as_str(), cells[0]["field"].as_str()), (Some("sheet-upload-no-code"), Some("name")));
    let sheet = read(fs::read(folder.path().join(CLEAN)).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    let row = sheet.row(u32::try_from(cells[0]["row"].as_u64().unwrap()).unwrap()).unwrap();
    let name = row.cells.iter().find(|cell| cells[0]["message"].as_str().unwrap().contains(cell.text));
    assert!(name.is_some(), "the row of the clerk's own sheet: {}", cells[0]);
    assert!(!folder.path().join("上传").exists(), "nothing is made");
}

#[test]
fn without_roster_nobody_says_what_the_base_was() {
    let folder = practice();
    let sheet = folder.path().join("新表.csv");
    let unit: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    let person = &unit.roster.contributors[0];
    let line = format!("{},{},{},8000.00", person.personal_account, person.name, person.id_number);
    fs::write(&sheet, format!("个人账号,姓名,证件号码,调整后缴存基数\n{line}\n")).unwrap();
    let out = folder.path().join("上传");
    let mut args = vec!["export", sheet.to_str().unwrap(), "--kind", "base-adjustment", "--profile", "demo"];
    args.extend(["--out", out.to_str().unwrap(), "--today", "2026-07-06", "--json"]);
    let nameless = run(&args);
    assert_eq!(nameless.status.code(), Some(1), "nobody knows whose file it is: {nameless:?}");
    assert_eq!(said(&nameless)["unwritable"][0]["code"], "sheet-upload-unit");
    args.extend(["--unit-account", "800100200300", "--unit-name", "演示/单位"]);
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let file = said(&output)["files"][0]["file"].as_str().unwrap().to_owned();
    let book = read(fs::read(&file).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    assert_eq!(book.row(2).unwrap().text(1), "演示/单位");
    assert_eq!(
        (book.row(4).unwrap().text(3), book.row(4).unwrap().text(4)),
        ("", "8000"),
        "an unknown base is no zero"
    );
    let again = run(&args);
    assert_eq!(again.status.code(), Some(0), "written anew");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "and nothing is left lying about");
}

#[test]
fn a_centers_blank_file_becomes_a_template_and_the_template_a_file() {
    let folder = practice();
    let blank = folder.path().join("空白.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, text) in [(0, "单位编号"), (2, "单位名称")] {
        sheet.write(0, column, text).unwrap();
    }
    for (column, title) in (0..).zip(["职工编号", "职工姓名", "证件号码", "调整后工资基数", "办理渠道"])
    {
        sheet.write(2, column, title).unwrap();
    }
    book.save(&blank).unwrap();
    let out = folder.path().join("模板.json");
    let args =
        ["learn", blank.to_str().unwrap(), "--kind", "base-adjustment", "--out", out.to_str().unwrap(), "--json"];
    let output = run(&args);
    assert_eq!(output.status.code(), Some(1), "one column is still to be bound: {output:?}");
    let told = said(&output);
    assert_eq!(told["problems"][0]["pointer"], "/columns/4/value");
    assert!(
        told["notes"].as_array().unwrap().iter().any(|note| note["code"] == "sheet-learn-unknown-column"),
        "{told}"
    );
    let mut template: Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    assert_eq!(template, told["template"], "the file is what is shown");

    // Completed by hand and put into the rules.
    template["columns"][4]["value"] = json!({ "constant": "2" });
    let mut profile = serde_json::to_value(CenterProfile::shipped("demo").unwrap()).unwrap();
    profile["upload_templates"] = json!([template]);
    let rules = folder.path().join("规则.json");
    fs::write(&rules, profile.to_string()).unwrap();
    let output = export(folder.path(), CLEAN, &["--profile", rules.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let file = said(&output)["files"][0]["file"].as_str().unwrap().to_owned();
    let book = read(fs::read(&file).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    assert_eq!((book.row(3).unwrap().text(4), book.row(4).unwrap().text(4)), ("办理渠道", "2"));
    let unit: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    assert_eq!((book.row(1).unwrap().text(1), book.row(1).unwrap().text(3)), (&*unit.unit.account, &*unit.unit.name));

    let words = run(&args[..args.len() - 1]);
    let text = String::from_utf8(words.stdout).unwrap();
    assert!(text.contains("办理渠道") && !text.contains('…'), "people are told which column: {text}");
    let nothing = folder.path().join("无.csv");
    fs::write(&nothing, "甲,乙\n1,2\n").unwrap();
    let refused = run(&["learn", nothing.to_str().unwrap(), "--kind", "status-change", "--out", "x.json", "--json"]);
    assert_eq!((refused.status.code(), &said(&refused)["error"]["code"]), (Some(2), &json!("sheet-no-header")));
}

/// A number that belongs to nobody.
fn new_id(sequence: u32) -> String {
    let front = format!("41080119900101{sequence:03}");
    let ids = "0123456789X".chars().map(|check| format!("{front}{check}"));
    ids.into_iter().find(|id| ResidentId::parse(id, date(2026, 7, 6)).is_ok()).unwrap()
}

#[test]
fn registrations_and_changes_leave_in_the_files_of_their_kinds() {
    let folder = practice();
    let unit: UnitRoster = serde_json::from_slice(&fs::read(folder.path().join(ROSTER)).unwrap()).unwrap();
    let with = |status: AccountStatus| unit.roster.contributors.iter().find(|person| person.status == status).unwrap();
    let (normal, sealed) = (with(AccountStatus::Normal), with(AccountStatus::Sealed));
    let line = |person: &Contributor, rest: &str| {
        format!("{},{},{},{rest}\n", person.personal_account, person.name, person.id_number)
    };
    let text = ["个人账号,姓名,证件号码,变更类型,变更原因,变更年月\n"]
        .map(str::to_owned)
        .into_iter()
        .chain([line(normal, "封存,解除或终止劳动关系,2026-07"), line(sealed, "启封,,2026-07")])
        .collect::<String>();
    let sheet = folder.path().join("变更.csv");
    fs::write(&sheet, text).unwrap();
    let roster = folder.path().join(ROSTER);
    let out = folder.path().join("上传");
    let export = |sheet: &Path, kind: &str| {
        let files = ["--roster", roster.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let mut args = vec!["export", sheet.to_str().unwrap(), "--kind", kind, "--profile", "demo"];
        args.extend(files);
        args.extend(["--today", "2026-07-06", "--json"]);
        run(&args)
    };
    let output = export(&sheet, "status-change");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told = said(&output);
    let read = |place: usize| {
        let bytes = fs::read(told["files"][place]["file"].as_str().unwrap()).unwrap();
        encoding_rs::GB18030.decode(&bytes).0.into_owned()
    };
    assert_eq!(
        told["files"].as_array().unwrap().len(),
        2,
        "a file for those who leave, one for those who come: {told}"
    );
    let (account, name) = (&normal.personal_account, &normal.name);
    assert_eq!(read(0), format!("1|7|{account}|{name}|解除或终止劳动关系|202607|"));
    let (account, name, id) = (&sealed.personal_account, &sealed.name, &sealed.id_number);
    let (ratio, base) = (unit.unit.unit_ratio, sealed.base);
    assert_eq!(read(1), format!("1|2|{account}|{name}|{ratio}|1010|{id}|{base}|202607|-1|"));

    let sheet = folder.path().join("新人.csv");
    let people = [(new_id(11), "陈新", "13800000001"), (new_id(12), "王新", "13800000002")];
    let lines = people.iter().map(|(id, name, mobile)| format!("{name},{id},{mobile},6000\n")).collect::<String>();
    fs::write(&sheet, format!("姓名,证件号码,手机号码,缴存基数\n{lines}")).unwrap();
    let output = export(&sheet, "contributor-registration");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let file = said(&output)["files"][0]["file"].as_str().unwrap().to_owned();
    let book = huijiao_sheets::read(fs::read(file).unwrap(), &ReadChoice::default(), &Limits::default()).unwrap();
    let row = book.row(5).unwrap();
    let sex = if people[0].0.as_bytes()[16] % 2 == 1 { "1" } else { "2" };
    assert_eq!(
        [0, 1, 2, 3, 4, 5, 6].map(|column| row.text(column)),
        ["1", "陈新", "0", &people[0].0, "19900101", sex, "13800000001"],
        "the center's own codes and forms"
    );
    let amount: f64 = row.text(8).parse().unwrap();
    let wanted: f64 = unit.unit.unit_ratio.to_string().parse::<f64>().unwrap() * 6000.0;
    assert!((amount - wanted).abs() < 0.5, "the unit's part of 6000: {amount}");
    assert_eq!((book.row(7).unwrap().text(0), book.row(7).unwrap().text(1)), ("合计", "2"), "and the sums");
}
