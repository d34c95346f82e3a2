//! The practice workbooks: what a clerk's folder looks like in July.

use std::fs;
use std::path::{Path, PathBuf};

use huijiao_domain::compare::ProposalKind;
use huijiao_domain::finding::Code;
use huijiao_domain::money::{Contribution, Ratio, Rounding, RoundingScope, Yuan};
use huijiao_domain::profile::{CenterProfile, Policy};
use huijiao_domain::roster::{AccountStatus, Contributor};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet};

use crate::DemoError;
use crate::people::{Dice, FIRST_MONTH, UNIT_NAME, UnitRoster, check_character, unit_of};

/// The base adjustment without a fault.
pub const CLEAN: &str = "01-基数调整-无差错.xlsx";
/// The same with the faults of [`PLANTED`].
pub const FAULTS: &str = "02-基数调整-含12处差错.xlsx";
/// The same as a payroll program exports it: titles, grouped header, departments with 小计, a 合计, footers.
pub const ERP: &str = "03-ERP导出-带表头.xlsx";
/// July's payroll without accounts; among the unit's people the changes of [`PLANTED_CHANGES`].
pub const PAYROLL: &str = "04-七月工资表-9处变动.xlsx";
/// The roster in our own form, for the command line.
pub const ROSTER: &str = "roster.json";
/// Sheet name of [`CLEAN`] and [`FAULTS`].
pub const SHEET: &str = "基数调整";

/// A fault of [`FAULTS`], and the finding that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planted {
    /// What the check says.
    pub code: Code,
    /// One-based row.
    pub row: u32,
    /// Column letter.
    pub column: char,
}

/// The twelve faults of [`FAULTS`]; the check finds exactly these, and nothing else that blocks.
pub const PLANTED: [Planted; 12] = [
    planted(Code::IdChecksum, 12, 'E'),
    planted(Code::NameBlanks, 17, 'C'),
    planted(Code::IdNumeric, 27, 'E'),
    planted(Code::IdForm, ROW_OF_X, 'E'),
    planted(Code::NameSeparator, 74, 'C'),
    planted(Code::AmountForm, 88, 'G'),
    planted(Code::AccountZeros, 101, 'B'),
    planted(Code::BaseAboveCeiling, 133, 'G'),
    planted(Code::BaseBelowFloor, 160, 'G'),
    planted(Code::AmountFormulaError, 190, 'G'),
    planted(Code::RosterUnknown, 230, 'E'),
    planted(Code::IdDuplicate, 231, 'E'),
];

/// Front of the ID number and name of the one of the new people who has a sealed account at another unit.
pub(crate) const TRANSFERRED: (&str, &str) = ("65010220010506128", "阿依努尔·艾尔肯");

/// A person whose ID ends with X.
const ROW_OF_X: u32 = 44;
/// Whose line stands in the sheet a second time.
const ROW_OF_TWIN: u32 = 66;

const fn planted(code: Code, row: u32, column: char) -> Planted {
    Planted { code, row, column }
}

/// A change of [`PAYROLL`], and the proposal that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlantedChange {
    /// What the comparison proposes.
    pub kind: ProposalKind,
    /// Place in the unit's roster; absent for whoever is new.
    pub person: Option<usize>,
    /// What the payroll says otherwise: the name of whoever is new or called otherwise, the base that changed;
    /// empty where only presence, or the ID number, tells.
    pub says: &'static str,
}

/// The nine personnel changes of [`PAYROLL`]; everybody else is unchanged.
pub const PLANTED_CHANGES: [PlantedChange; 9] = [
    change(ProposalKind::NameDiffers, Some(17), "欧阳文婧"),
    change(ProposalKind::Returned, Some(33), ""),
    change(ProposalKind::BaseChanged, Some(62), "9800.00"),
    change(ProposalKind::IdDiffers, Some(85), ""),
    change(ProposalKind::BaseChanged, Some(188), "6450.50"),
    change(ProposalKind::New, None, "钱新来"),
    change(ProposalKind::New, None, TRANSFERRED.1),
    change(ProposalKind::Left, Some(50), ""),
    change(ProposalKind::Left, Some(121), ""),
];

const fn change(kind: ProposalKind, person: Option<usize>, says: &'static str) -> PlantedChange {
    PlantedChange { kind, person, says }
}

/// A practice workbook on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeBook {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is for, in Chinese.
    pub note: &'static str,
}

/// One line of a simple sheet, before it is spoilt.
#[derive(Clone)]
struct Line {
    account: String,
    name: String,
    id_number: String,
    id_as_number: bool,
    old_base: Yuan,
    new_base: Base,
}

#[derive(Clone)]
enum Base {
    Number(Yuan),
    Text(String),
    FormulaError,
}

/// Writes the four workbooks and the roster into a folder and says where they are.
///
/// A file that already holds exactly this is left alone; one that was changed is put back, so the practice
/// begins anew each time.
///
/// # Errors
/// [`DemoError::Disk`] with the file that cannot be written, [`DemoError::Workbook`] or [`DemoError::Profile`]
/// if one cannot be made.
pub fn lay(folder: &Path, unit: &UnitRoster, profile: &CenterProfile) -> Result<Vec<PracticeBook>, DemoError> {
    fs::create_dir_all(folder).map_err(|cause| DemoError::disk(folder, cause))?;
    let put = |name: &str, bytes: &[u8]| put(folder, name, bytes);
    let mut roster = serde_json::to_vec_pretty(unit).map_err(|_| DemoError::Profile)?;
    roster.push(b'\n');
    put(ROSTER, &roster)?;
    Ok(vec![
        PracticeBook { path: put(CLEAN, &clean(unit, profile)?)?, note: "228 人，全部正确，可直接申报" },
        PracticeBook {
            path: put(FAULTS, &with_faults(unit, profile)?)?, note: "同一份表，埋了 12 处常见差错"
        },
        PracticeBook {
            path: put(ERP, &erp_export(unit, profile)?)?,
            note: "工资系统导出：标题、两行表头、部门小计、合计和落款",
        },
        PracticeBook {
            path: put(PAYROLL, &payroll(unit)?)?,
            note: "七月工资表，没有个人账号，有 9 处人员变动，供智能比对",
        },
    ])
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, DemoError> {
    let path = folder.join(name);
    if fs::read(&path).is_ok_and(|there| there == bytes) {
        return Ok(path);
    }
    fs::write(&path, bytes).map_err(|cause| DemoError::disk(&path, cause))?;
    Ok(path)
}

/// The bytes of [`CLEAN`].
///
/// # Errors
/// [`DemoError`] as [`lay`].
pub fn clean(unit: &UnitRoster, profile: &CenterProfile) -> Result<Vec<u8>, DemoError> {
    simple(&lines(unit, profile)?)
}

/// The bytes of [`FAULTS`].
///
/// # Errors
/// [`DemoError`] as [`lay`].
pub fn with_faults(unit: &UnitRoster, profile: &CenterProfile) -> Result<Vec<u8>, DemoError> {
    let mut lines = lines(unit, profile)?;
    spoil(&mut lines);
    simple(&lines)
}

/// A workbook like [`CLEAN`] with any number of rows, for measurements, and the unit it is of.
///
/// # Errors
/// [`DemoError`] as [`lay`].
pub fn large(path: &Path, rows: usize, profile: &CenterProfile) -> Result<UnitRoster, DemoError> {
    // One in twenty is sealed and not in the sheet.
    let mut unit = unit_of(rows + rows / 19 + 1, profile)?;
    let mut left = rows;
    unit.roster.contributors.retain(|person| {
        let here = left > 0;
        left -= usize::from(here && person.status == AccountStatus::Normal);
        here
    });
    fs::write(path, clean(&unit, profile)?).map_err(|cause| DemoError::disk(path, cause))?;
    Ok(unit)
}

/// Plants the faults of [`PLANTED`], in its order.
fn spoil(lines: &mut Vec<Line>) {
    for fault in PLANTED {
        let at = usize::try_from(fault.row).unwrap_or(usize::MAX) - 2;
        if let Some(line) = lines.get_mut(at) {
            spoil_line(line, fault.code);
        }
    }
    lines.push(stranger());
    let twin = usize::try_from(ROW_OF_TWIN).unwrap_or(usize::MAX) - 2;
    if let Some(again) = lines.get(twin).cloned() {
        lines.push(again);
    }
}

fn spoil_line(line: &mut Line, code: Code) {
    let amount = |text: &str| text.parse().map_or(Base::FormulaError, Base::Number);
    if code == Code::IdChecksum {
        let wrong = if line.id_number.ends_with('7') { '8' } else { '7' };
        line.id_number.pop();
        line.id_number.push(wrong);
    } else if code == Code::IdNumeric {
        line.id_as_number = true;
    } else if code == Code::IdForm {
        line.id_number = line.id_number.to_lowercase();
    } else if code == Code::NameBlanks {
        // As typed to make two characters as wide as three.
        let mut spaced = line.name.clone();
        if let Some((second, _)) = line.name.char_indices().nth(1) {
            spaced.insert(second, ' ');
        }
        line.name = spaced;
    } else if code == Code::NameSeparator {
        line.name = line.name.replace('·', "•");
    } else if code == Code::AmountForm {
        line.new_base = Base::Text("12,345.00".into());
    } else if code == Code::AccountZeros {
        line.account = line.account.trim_start_matches('0').into();
    } else if code == Code::BaseAboveCeiling {
        line.new_base = amount("27600");
    } else if code == Code::BaseBelowFloor {
        line.new_base = amount("1980");
    } else if code == Code::AmountFormulaError {
        line.new_base = Base::FormulaError;
    }
}

/// Somebody with a good ID who has no account in this unit.
fn stranger() -> Line {
    let body = "41080219991120314";
    Line {
        account: "041000009901".into(),
        name: "钱新来".into(),
        id_number: format!("{body}{}", check_character(body)),
        id_as_number: false,
        old_base: Yuan::from_fen(480_000),
        new_base: Base::Number(Yuan::from_fen(510_000)),
    }
}

fn policy(profile: &CenterProfile) -> Result<&Policy, DemoError> {
    let month = FIRST_MONTH.parse().map_err(|_| DemoError::Profile)?;
    profile.policy(month).ok_or(DemoError::Profile)
}

/// Everybody whose account is open, with the base of the new year: 3 to 9 percent more, within the limits.
fn raised<'a>(unit: &'a UnitRoster, policy: &Policy) -> Vec<(&'a Contributor, Yuan)> {
    let mut dice = Dice::new(202_607);
    unit.roster
        .contributors
        .iter()
        .map(|person| (person, dice.between(1030, 1090)))
        .filter(|(person, _)| person.status == AccountStatus::Normal)
        .map(|(person, per_mille)| {
            let factor = Ratio::from_basis_points(u16::try_from(per_mille - 1000).unwrap_or(0) * 10);
            let more = factor.map_or(Yuan::ZERO, |f| {
                Contribution::of(person.base, f, f, policy.rounding, policy.rounding_scope).personal_amount
            });
            let new_base = person.base + more;
            let low = policy.base_floor.unwrap_or(new_base);
            let high = policy.base_ceiling.unwrap_or(new_base);
            (person, new_base.clamp(low, high.max(low)))
        })
        .collect()
}

fn lines(unit: &UnitRoster, profile: &CenterProfile) -> Result<Vec<Line>, DemoError> {
    Ok(raised(unit, policy(profile)?)
        .into_iter()
        .map(|(person, new_base)| Line {
            account: person.personal_account.to_string(),
            name: person.name.to_string(),
            id_number: person.id_number.to_string(),
            id_as_number: false,
            old_base: person.base,
            new_base: Base::Number(new_base),
        })
        .collect())
}

/// One line of a payroll.
struct Wage {
    name: String,
    id_number: String,
    base: Yuan,
}

/// Everybody who is paid in July: whose account is open, and the changes of [`PLANTED_CHANGES`].
fn paid(unit: &UnitRoster) -> Result<Vec<Wage>, DemoError> {
    let mut paid = Vec::with_capacity(unit.roster.contributors.len());
    for (place, person) in unit.roster.contributors.iter().enumerate() {
        let planted = PLANTED_CHANGES.iter().find(|change| change.person == Some(place));
        let mut line =
            Wage { name: person.name.to_string(), id_number: person.id_number.to_string(), base: person.base };
        match planted.map(|change| (change.kind, change.says)) {
            Some((ProposalKind::Left, _)) => continue,
            Some((ProposalKind::BaseChanged, says)) => line.base = says.parse().map_err(|_| DemoError::Profile)?,
            Some((ProposalKind::NameDiffers, says)) => line.name = says.into(),
            Some((ProposalKind::IdDiffers, _)) => line.id_number = neighbour(&person.id_number),
            Some((ProposalKind::Returned, _)) => {}
            Some((ProposalKind::New | ProposalKind::Unchanged | ProposalKind::NotComparable, _)) | None => {
                if person.status != AccountStatus::Normal {
                    continue;
                }
            }
        }
        paid.push(line);
    }
    let new = PLANTED_CHANGES.iter().filter(|change| change.kind == ProposalKind::New);
    for (change, (body, base)) in new.zip([("41080219991120314", 510_000), (TRANSFERRED.0, 486_050)]) {
        let id_number = format!("{body}{}", check_character(body));
        paid.push(Wage { name: change.says.into(), id_number, base: Yuan::from_fen(base) });
    }
    Ok(paid)
}

/// A valid number of somebody born the same day, as after a correction of the register.
fn neighbour(id_number: &str) -> String {
    let sequence: u32 = id_number.get(14..17).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let body = format!("{}{:03}", id_number.get(..14).unwrap_or_default(), (sequence + 2) % 1000);
    format!("{body}{}", check_character(&body))
}

/// The bytes of [`PAYROLL`]: title, one header row, departments in a column, a 合计, footers, no account.
///
/// # Errors
/// [`DemoError`] as [`lay`].
pub fn payroll(unit: &UnitRoster) -> Result<Vec<u8>, DemoError> {
    const TITLES: [(&str, f64); 8] = [
        ("序号", 6.0),
        ("部门", 12.0),
        ("姓名", 16.0),
        ("身份证号码", 22.0),
        ("应发工资", 12.0),
        ("住房公积金缴存基数", 20.0),
        ("代扣公积金", 12.0),
        ("实发工资", 12.0),
    ];
    let mut workbook = new_workbook()?;
    let look = Look::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("工资表")?;
    sheet.merge_range(0, 0, 0, 7, "2026年7月职工工资表", &look.title)?;
    sheet.write_string(1, 0, format!("单位名称：{}", unit.unit.name))?;
    for (column, (title, width)) in (0..).zip(TITLES) {
        sheet.write_string_with_format(2, column, title, &look.head)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(3, 3)?;
    let mut dice = Dice::new(7);
    let mut departments = DEPARTMENTS.iter().flat_map(|(name, size)| std::iter::repeat_n(*name, *size));
    let mut sums = [Yuan::ZERO; 4];
    let mut row = 3;
    for (counter, line) in (1_u32..).zip(paid(unit)?) {
        // A month's wage is not the base: overtime and sick days make it differ.
        let fen = i64::try_from(dice.between(0, 90_000)).unwrap_or(0) - 30_000;
        let wage = line.base + Yuan::from_fen(fen);
        let share = Contribution::of(
            line.base,
            unit.unit.unit_ratio,
            unit.unit.personal_ratio,
            Rounding::HalfUpYuan,
            RoundingScope::EachSide,
        );
        let kept = share.personal_amount;
        sheet.write_number_with_format(row, 0, counter, &look.plain)?;
        sheet.write_string_with_format(row, 1, departments.next().unwrap_or_default(), &look.text)?;
        sheet.write_string_with_format(row, 2, &line.name, &look.text)?;
        sheet.write_string_with_format(row, 3, &line.id_number, &look.text)?;
        let figures = [wage, line.base, kept, wage - kept];
        for ((column, amount), sum) in (4..).zip(figures).zip(&mut sums) {
            number(sheet, row, column, amount, &look.money)?;
            *sum += amount;
        }
        row += 1;
    }
    sheet.write_string_with_format(row, 0, "合计", &look.head)?;
    for (column, sum) in (4..).zip(sums) {
        number(sheet, row, column, sum, &look.money)?;
    }
    sheet.write_string(row + 2, 0, "制表人：王晓敏")?;
    sheet.write_string(row + 2, 3, "复核人：李建国")?;
    Ok(workbook.save_to_buffer()?)
}

/// One look for every practice workbook.
struct Look {
    title: Format,
    head: Format,
    text: Format,
    money: Format,
    plain: Format,
}

impl Look {
    fn new() -> Self {
        let lined = || Format::new().set_border(FormatBorder::Thin);
        Self {
            title: Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
            head: lined().set_bold().set_align(FormatAlign::Center).set_background_color("#E8EEF7"),
            text: lined().set_num_format("@"),
            money: lined().set_num_format("0.00"),
            plain: lined(),
        }
    }
}

fn new_workbook() -> Result<Workbook, DemoError> {
    let mut workbook = Workbook::new();
    // The time of writing would make every copy differ.
    let made = ExcelDateTime::from_ymd(2026, 7, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made).set_company(UNIT_NAME));
    Ok(workbook)
}

fn number(sheet: &mut Worksheet, row: u32, column: u16, amount: Yuan, format: &Format) -> Result<(), DemoError> {
    // The file format holds doubles; two decimals survive the way there and back.
    let value: f64 = amount.to_string().parse().map_err(|_| DemoError::Profile)?;
    sheet.write_number_with_format(row, column, value, format)?;
    Ok(())
}

fn simple(lines: &[Line]) -> Result<Vec<u8>, DemoError> {
    const TITLES: [(&str, f64); 8] = [
        ("序号", 6.0),
        ("个人账号", 16.0),
        ("姓名", 14.0),
        ("证件类型", 10.0),
        ("证件号码", 22.0),
        ("调整前缴存基数", 16.0),
        ("调整后缴存基数", 16.0),
        ("备注", 18.0),
    ];
    let mut workbook = new_workbook()?;
    let look = Look::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(SHEET)?;
    for (column, (title, width)) in (0..).zip(TITLES) {
        sheet.write_string_with_format(0, column, title, &look.head)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 3)?;
    for (row, line) in (1..).zip(lines) {
        sheet.write_number_with_format(row, 0, row, &look.plain)?;
        sheet.write_string_with_format(row, 1, &line.account, &look.text)?;
        sheet.write_string_with_format(row, 2, &line.name, &look.text)?;
        sheet.write_string_with_format(row, 3, "身份证", &look.text)?;
        if line.id_as_number {
            let digits: f64 = line.id_number.parse().map_err(|_| DemoError::Profile)?;
            sheet.write_number_with_format(row, 4, digits, &look.plain)?;
        } else {
            sheet.write_string_with_format(row, 4, &line.id_number, &look.text)?;
        }
        number(sheet, row, 5, line.old_base, &look.money)?;
        match &line.new_base {
            Base::Number(amount) => number(sheet, row, 6, *amount, &look.money)?,
            Base::Text(text) => {
                sheet.write_string_with_format(row, 6, text, &look.text)?;
            }
            Base::FormulaError => {
                let formula = Formula::new("=NA()").set_result("#N/A");
                sheet.write_formula_with_format(row, 6, formula, &look.money)?;
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

const DEPARTMENTS: [(&str, usize); 6] =
    [("综合办公室", 16), ("财务部", 12), ("销售部", 34), ("质量部", 26), ("生产一部", 72), ("生产二部", usize::MAX)];

/// The bytes of [`ERP`].
///
/// # Errors
/// [`DemoError`] as [`lay`].
pub fn erp_export(unit: &UnitRoster, profile: &CenterProfile) -> Result<Vec<u8>, DemoError> {
    const LAST: u16 = 13;
    let policy = policy(profile)?;
    let mut workbook = new_workbook()?;
    let look = Look::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("公积金基数调整表")?;
    sheet.merge_range(0, 0, 0, LAST, "2026年度住房公积金缴存基数调整明细表", &look.title)?;
    sheet.write_string(1, 0, format!("单位名称：{}", unit.unit.name))?;
    sheet.write_string(1, 5, format!("单位账号：{}", unit.unit.account))?;
    sheet.write_string(1, 10, "制表日期：2026-07-03")?;
    for (column, title) in [(0, "序号"), (1, "部门"), (2, "个人账号"), (3, "姓名"), (4, "证件类型"), (5, "证件号码")]
    {
        sheet.merge_range(2, column, 3, column, title, &look.head)?;
    }
    sheet.merge_range(2, 6, 2, 9, "调整前", &look.head)?;
    sheet.merge_range(2, 10, 2, 13, "调整后", &look.head)?;
    for group in [6, 10] {
        for (column, title) in (group..).zip(["缴存基数", "单位月缴存额", "个人月缴存额", "合计"]) {
            sheet.write_string_with_format(3, column, title, &look.head)?;
        }
    }
    for (column, width) in (0..).zip([6.0, 12.0, 16.0, 14.0, 10.0, 22.0]) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_column_range_width(6, LAST, 14.0)?;
    sheet.set_freeze_panes(4, 4)?;

    let people = raised(unit, policy);
    let mut rest = people.as_slice();
    let mut row = 4;
    let mut grand = [Yuan::ZERO; 8];
    let mut counter = 0_u32;
    for (department, size) in DEPARTMENTS {
        let (here, others) = rest.split_at(size.min(rest.len()));
        rest = others;
        let mut sub = [Yuan::ZERO; 8];
        for (person, new_base) in here {
            counter += 1;
            let after = policy.contribution(*new_base, unit.unit.unit_ratio, unit.unit.personal_ratio);
            let figures = figures(person.base, person.amounts).into_iter().chain(figures(*new_base, after));
            sheet.write_number_with_format(row, 0, counter, &look.plain)?;
            sheet.write_string_with_format(row, 1, department, &look.text)?;
            sheet.write_string_with_format(row, 2, person.personal_account.as_str(), &look.text)?;
            sheet.write_string_with_format(row, 3, person.name.as_str(), &look.text)?;
            sheet.write_string_with_format(row, 4, "身份证", &look.text)?;
            sheet.write_string_with_format(row, 5, person.id_number.as_str(), &look.text)?;
            for ((column, amount), sum) in (6..).zip(figures).zip(&mut sub) {
                number(sheet, row, column, amount, &look.money)?;
                *sum += amount;
            }
            row += 1;
        }
        sum_row(sheet, row, "小计", &sub, &look)?;
        row += 1;
        for (sum, part) in grand.iter_mut().zip(sub) {
            *sum += part;
        }
    }
    sum_row(sheet, row, "合计", &grand, &look)?;
    sheet.write_string(row + 2, 0, "制表人：王晓敏")?;
    sheet.write_string(row + 2, 5, "复核人：李建国")?;
    sheet.write_string(row + 2, 10, "单位（盖章）：")?;
    Ok(workbook.save_to_buffer()?)
}

fn figures(base: Yuan, parts: Contribution) -> [Yuan; 4] {
    [base, parts.unit_amount, parts.personal_amount, parts.monthly()]
}

fn sum_row(sheet: &mut Worksheet, row: u32, title: &str, sums: &[Yuan; 8], look: &Look) -> Result<(), DemoError> {
    sheet.write_string_with_format(row, 0, title, &look.head)?;
    for column in 1..6 {
        sheet.write_blank(row, column, &look.plain)?;
    }
    for (column, sum) in (6..).zip(sums) {
        number(sheet, row, column, *sum, &look.money)?;
    }
    Ok(())
}
