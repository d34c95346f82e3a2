//! `check`: everything there is to say about a sheet, before anybody signs it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use huijiao_demo::people::FIRST_MONTH;
use huijiao_domain::compare;
use huijiao_domain::filing::{Circumstances, FilingKind, Totals, check_sheet};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::Unit;
use huijiao_domain::sheet::{Field, RawSheet, column_letter};
use huijiao_domain::texts;
use huijiao_sheets::{ReadChoice, SheetError, Taken};
use jiff::civil::{Date, date};
use serde::Serialize;

use crate::args::{CheckArgs, Kind};
use crate::profiles::{self, Reference};
use crate::refusal::Refusal;
use crate::roster::{Known, Ratios};
use crate::{Report, pretty, roster, sheet};

/// The practice center's calendar starts here; on a computer whose clock is behind, its first month is not
/// thereby in the future.
const PRACTICE_DAY: Date = date(2026, 7, 6);

pub(crate) fn check(args: &CheckArgs) -> Result<Report, Refusal> {
    let gathered = gather(args)?;
    let (said, totals) = judge(args.kind, &gathered.taken.sheet, gathered.circumstances());
    let filed = gathered.amounts_known(args.kind);
    let before = filed && gathered.before_known(args.kind);
    let Gathered { profile, period, taken, mut findings, .. } = gathered;
    findings.extend(said);

    let passed = !findings.iter().any(Finding::blocks);
    let rows = taken.sheet.rows.len();
    let totals = Figures::of(totals, filed, before);
    let reference = Reference::of(&profile, period);
    let mut text = words(args, period, &findings, rows, &totals, passed);
    text.extend(reference.iter().map(|reference| reference.words(period)));
    let findings = findings.iter().map(|finding| Line::of(finding, &taken.sheet.name, args.kind)).collect();
    Ok(Report { json: pretty(&Outcome { kind: args.kind.as_str(), rows, findings, totals, reference }), text, passed })
}

/// A sheet with all that it is checked against, and what is to say about it before any row is looked at.
pub(crate) struct Gathered {
    pub(crate) profile: CenterProfile,
    pub(crate) known: Known,
    /// The roster's unit, or one of which nothing but the ratios is known.
    pub(crate) unit: Option<Unit>,
    pub(crate) period: Month,
    pub(crate) today: Date,
    pub(crate) taken: Taken,
    pub(crate) findings: Vec<Finding>,
}

impl Gathered {
    pub(crate) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            books: None,
            profile: &self.profile,
            unit: self.unit.as_ref(),
            roster: self.known.roster.as_ref(),
            // Without a center there is nobody to ask.
            elsewhere: None,
            period: self.period,
            today: self.today,
        }
    }

    /// Whether anybody can say what the rows of a filing cost a month.
    pub(crate) fn amounts_known(&self, kind: Kind) -> bool {
        match kind {
            Kind::Filing(FilingKind::BaseAdjustment | FilingKind::ContributorRegistration) => {
                self.unit.is_some() || own_ratios(&self.taken.sheet)
            }
            // What is due of somebody's base, or of everybody's, the roster knows.
            Kind::Filing(kind) => kind.moves_money() && self.unit.is_some() && self.known.roster.is_some(),
            Kind::Payroll | Kind::Roster => false,
        }
    }

    /// Whether anybody can say what they cost until now: nothing, where somebody is new.
    fn before_known(&self, kind: Kind) -> bool {
        let own = self.taken.sheet.columns.contains_key(&Field::OldBase);
        kind == Kind::Filing(FilingKind::ContributorRegistration) || own || self.known.roster.is_some()
    }
}

pub(crate) fn gather(args: &CheckArgs) -> Result<Gathered, Refusal> {
    let profile = profiles::open(&args.profile)?;
    let ratios = args.unit_ratio.zip(args.personal_ratio).map(|(unit, personal)| Ratios { unit, personal });
    let today = today(args.today, &profile);
    let known = match &args.roster {
        Some(path) => roster::read(path, &profile, ratios)?,
        None => Known::default(),
    };
    let period = period(args.period, &profile, &known, today)?;
    let unit = known.unit.clone().or_else(|| ratios.map(|ratios| ratios.stand_in(period)));
    let choice = ReadChoice { sheet: args.sheet.clone(), encoding: args.encoding.clone() };
    let mut taken = open(&args.file, &choice, args.kind)?;
    let mut findings: Vec<Finding> =
        known.unit.as_ref().and_then(|unit| huijiao_sheets::other_unit(&taken.unit, unit)).into_iter().collect();
    findings.append(&mut taken.findings);
    findings.extend(taken.period.differs(period));
    findings.extend(known.as_meant());
    Ok(Gathered { profile, known, unit, period, today, taken, findings })
}

/// What the rules of a kind say, and the sums over what can be filed; lists that file nothing have none.
fn judge(kind: Kind, sheet: &RawSheet, of: Circumstances<'_>) -> (Vec<Finding>, Totals) {
    let list = |required: &[Field]| {
        let people = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
        let none = Totals { people, ..Totals::NONE };
        (compare::check_people(sheet, of, required), none)
    };
    match kind {
        Kind::Filing(kind) => {
            let checked = check_sheet(kind, sheet, of);
            (checked.findings, checked.totals)
        }
        Kind::Payroll => list(&[Field::Name]),
        Kind::Roster => list(&[Field::PersonalAccount, Field::Name, Field::IdNumber]),
    }
}

/// The wire form of `check --json`.
#[derive(Serialize)]
struct Outcome {
    kind: &'static str,
    /// People in the sheet.
    rows: usize,
    findings: Vec<Line>,
    totals: Figures,
    /// Where the limits come from, for rules made from a city's publications.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Reference>,
}

#[derive(Serialize)]
pub(crate) struct Line {
    code: &'static str,
    level: Level,
    sheet: String,
    row: Option<u32>,
    column: Option<String>,
    field: Option<&'static str>,
    value: String,
    message: String,
    fix: Option<String>,
}

impl Line {
    pub(crate) fn of(finding: &Finding, sheet: &str, kind: Kind) -> Self {
        let at = finding.at.as_ref();
        Self {
            code: finding.code.as_str(),
            level: finding.level,
            sheet: at.map_or(sheet, |at| &at.sheet).into(),
            row: at.map(|at| at.row),
            column: at.and_then(|at| at.column).map(column_letter),
            field: finding.field.map(Field::as_str),
            value: finding.value.clone(),
            message: kind.message(finding),
            fix: finding.fix.clone(),
        }
    }
}

/// The sums over the rows that can be filed.
#[derive(Serialize)]
struct Figures {
    people: u32,
    before: Option<Yuan>,
    after: Option<Yuan>,
    difference: Option<Yuan>,
}

impl Figures {
    /// Without ratios nobody can say what a base costs, nor without the base before what it cost; then the sums are
    /// absent, not zero.
    fn of(totals: Totals, after_known: bool, before_known: bool) -> Self {
        Self {
            people: totals.people,
            before: before_known.then_some(totals.before),
            after: after_known.then_some(totals.after),
            difference: before_known.then_some(totals.difference),
        }
    }
}

fn own_ratios(sheet: &RawSheet) -> bool {
    [Field::UnitRatio, Field::PersonalRatio].iter().all(|field| sheet.columns.contains_key(field))
}

pub(crate) fn today(asked: Option<Date>, profile: &CenterProfile) -> Date {
    let system = || jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8))).date();
    let today = asked.unwrap_or_else(system);
    if asked.is_none() && profile.code == "demo" { today.max(PRACTICE_DAY) } else { today }
}

/// The month asked for, the unit's first month not yet verified, or the current month.
pub(crate) fn period(
    asked: Option<Month>,
    profile: &CenterProfile,
    known: &Known,
    today: Date,
) -> Result<Month, Refusal> {
    let asked = asked.or_else(|| known.unit.as_ref().map(|unit| unit.first_unverified));
    let practice = || if profile.code == "demo" { FIRST_MONTH.parse().ok() } else { None };
    match asked.or_else(practice) {
        Some(month) => Ok(month),
        None => Month::of(today).map_err(|error| Refusal::new(Refusal::ARGUMENTS).arg("detail", error)),
    }
}

pub(crate) fn open(path: &Path, choice: &ReadChoice, kind: Kind) -> Result<Taken, Refusal> {
    let bytes = sheet::bytes(path)?;
    let mut workbook = sheet::read(bytes.clone(), choice)?;
    let header = huijiao_sheets::find_header(&workbook)?;
    let columns = huijiao_sheets::map_fields(&header, kind.fields());
    let has = |field: &Field| columns.iter().any(|column| column.field == Some(*field));
    let missing: Vec<Field> = kind
        .required()
        .iter()
        .filter(|group| !group.iter().any(has))
        .filter_map(|group| group.first().copied())
        .collect();
    if !missing.is_empty() {
        return Err(SheetError::ColumnsMissing { fields: missing }.into());
    }
    let mapping: Vec<(u16, Field)> = columns.iter().filter_map(|c| c.field.map(|field| (c.column, field))).collect();
    let mut taken = huijiao_sheets::take_rows(&mut workbook, &header, &mapping);
    let others = huijiao_sheets::other_sheets(&workbook, &taken, kind.fields(), |name| {
        let choice = ReadChoice { sheet: Some(name.to_owned()), encoding: choice.encoding.clone() };
        sheet::read(bytes.clone(), &choice).ok()
    });
    taken.findings.extend(others);
    Ok(taken)
}

fn words(args: &CheckArgs, period: Month, findings: &[Finding], rows: usize, totals: &Figures, passed: bool) -> String {
    let mut text = String::new();
    let of_people = match args.kind {
        Kind::Filing(kind) => kind.fields().contains(&Field::Name),
        Kind::Payroll | Kind::Roster => true,
    };
    let unit = if of_people { "人" } else { "项" };
    let _ = writeln!(text, "{}：{rows} {unit}，生效年月 {period}", args.file.display());
    list(&mut text, findings, args.kind);
    let sum = |amount: Option<Yuan>| amount.map_or_else(|| "—".to_owned(), |amount| amount.to_string());
    let money = match args.kind {
        Kind::Filing(kind) => kind.moves_money(),
        Kind::Payroll | Kind::Roster => {
            text.push_str(if passed { "没有必须处理的问题。\n" } else { "有必须先处理的问题。\n" });
            return text;
        }
    };
    if money {
        let _ = writeln!(
            text,
            "可申报 {} 人；月缴存额 调整前 {} 元，调整后 {} 元，差额 {} 元。",
            totals.people,
            sum(totals.before),
            sum(totals.after),
            sum(totals.difference),
        );
    } else {
        let _ = writeln!(text, "可申报 {} {unit}。", totals.people);
    }
    text.push_str(if passed {
        "没有阻碍申报的问题。\n"
    } else {
        "有必须先处理的问题，处理后才能申报。\n"
    });
    text
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "错误",
        Level::Warning => "警告",
        Level::Fix => "可修正",
    }
}

/// So many findings on the whole sheet of one kind are listed; people who are not in it may be hundreds.
const LISTED: usize = 10;

/// The findings, one a line, and how many of each level.
pub(crate) fn list(text: &mut String, findings: &[Finding], kind: Kind) {
    let mut counts: BTreeMap<Level, usize> = BTreeMap::new();
    let mut whole: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.level).or_default() += 1;
        if finding.at.is_none() {
            let told = whole.entry(finding.code).or_default();
            *told += 1;
            if *told > LISTED {
                continue;
            }
        }
        let cell = match &finding.at {
            Some(at) => format!("{}{}", at.column.map(column_letter).unwrap_or_default(), at.row),
            None => "整表".into(),
        };
        // A cell may have lines of its own.
        let message = kind.message(finding).replace(['\r', '\n'], " ");
        let _ = writeln!(text, "  {cell:<8}[{}] {}：{message}", level(finding.level), finding.title());
    }
    for (code, told) in whole.into_iter().filter(|(_, told)| *told > LISTED) {
        let title = texts::title(code.as_str());
        let _ = writeln!(text, "  整表      另有 {} 条「{title}」没有列出，加 --json 可看全部。", told - LISTED);
    }
    let count = |level| counts.get(&level).copied().unwrap_or(0);
    let _ = writeln!(
        text,
        "错误 {} 个，可修正 {} 个，警告 {} 个。",
        count(Level::Error),
        count(Level::Fix),
        count(Level::Warning)
    );
}
