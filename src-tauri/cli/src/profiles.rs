//! `profiles`: the rules that come with the program, and what cities have published; also where `--profile` looks.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use huijiao_domain::city::{self, CAUTION, CityPolicy};
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, Policy, unfit, validate};
use serde::Serialize;

use crate::args::ProfilesArgs;
use crate::refusal::Refusal;
use crate::{Report, pretty};

/// A profile is a few kilobytes; anything much larger is another file.
const LARGEST_FILE: u64 = 1 << 20;

/// The rules meant: a code, a city, or the path of a file.
pub(crate) fn open(said: &str) -> Result<CenterProfile, Refusal> {
    if let Some(shipped) = shipped(said) {
        return Ok(shipped);
    }
    if let Some(city) = city::by_name(said) {
        return Ok(CenterProfile::from_city(city));
    }
    let path = Path::new(said);
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) || path.is_file() {
        return from_file(path);
    }
    Err(unknown(said))
}

fn unknown(said: &str) -> Refusal {
    let shipped: Vec<_> = CenterProfile::shipped_codes().collect();
    let known = format!("{}，以及 {} 个城市", shipped.join("、"), city::all().len());
    Refusal::new(Refusal::PROFILE_UNKNOWN).arg("profile", said).arg("known", known)
}

/// A profile that comes with the program, by its code or its city; `city:` asks for the collection instead.
fn shipped(said: &str) -> Option<CenterProfile> {
    CenterProfile::shipped(said).or_else(|| CenterProfile::shipped_for(said))
}

fn from_file(path: &Path) -> Result<CenterProfile, Refusal> {
    let profile = read(path)?;
    let problems = validate(&profile);
    if problems.is_empty() {
        return Ok(profile);
    }
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Err(Refusal::new(Refusal::PROFILE_INVALID)
        .arg("file", path.display())
        .arg("count", problems.len())
        .arg("problems", said.join("")))
}

/// A profile file as it stands, sound or not.
fn read(path: &Path) -> Result<CenterProfile, Refusal> {
    let unreadable =
        |detail: String| Refusal::new(Refusal::PROFILE_UNREADABLE).arg("file", path.display()).arg("detail", detail);
    let size = fs::metadata(path).map_err(|cause| Refusal::file(path, &cause))?.len();
    if size > LARGEST_FILE {
        return Err(unreadable("文件超过 1 MB".into()));
    }
    let bytes = fs::read(path).map_err(|cause| Refusal::file(path, &cause))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|error| unreadable(format!("{}（技术细节：{error}）", unfit(text, &error))))
}

/// A file's faults.
#[derive(Serialize)]
struct Validated<'a> {
    code: &'a str,
    name: &'a str,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    pointer: String,
    message: String,
}

fn validated(path: &Path) -> Result<Report, Refusal> {
    let profile = read(path)?;
    let found = validate(&profile);
    let mut text = match found.len() {
        0 => format!("{}（{}）可以使用。\n", profile.name, profile.code),
        count => format!("{count} 处问题：\n"),
    };
    for problem in &found {
        let _ = writeln!(text, "  {}  {problem}", problem.pointer);
    }
    let passed = found.is_empty();
    let problems = found
        .into_iter()
        .map(|problem| Problem { code: problem.fault.code(), message: problem.message(), pointer: problem.pointer })
        .collect();
    Ok(Report { json: pretty(&Validated { code: &profile.code, name: &profile.name, problems }), text, passed })
}

pub(crate) fn profiles(args: &ProfilesArgs) -> Result<Report, Refusal> {
    if let Some(file) = &args.validate {
        return validated(file);
    }
    let Some(name) = &args.name else { return Ok(list()) };
    let (profile, city) = match (shipped(name), city::by_name(name)) {
        (Some(shipped), _) => {
            let city = city::by_name(&shipped.city);
            (shipped, city)
        }
        (None, Some(city)) => (CenterProfile::from_city(city), Some(city)),
        (None, None) => return Err(unknown(name)),
    };
    let mut text = city.map(of_city).unwrap_or_default();
    text.push_str(&of_profile(&profile));
    Ok(Report { json: pretty(&Shown { city, profile: &profile, caution: CAUTION }), text, passed: true })
}

/// One profile whole; `profile` is what a file for `--profile` holds.
#[derive(Serialize)]
struct Shown<'a> {
    city: Option<&'a CityPolicy>,
    profile: &'a CenterProfile,
    caution: &'static str,
}

#[derive(Serialize)]
struct Listed<'a> {
    caution: &'static str,
    profiles: Vec<CenterProfile>,
    cities: &'a [CityPolicy],
}

fn list() -> Report {
    let profiles: Vec<_> = CenterProfile::shipped_codes().filter_map(CenterProfile::shipped).collect();
    let mut text = String::from("中心规则：\n");
    for profile in &profiles {
        let _ = writeln!(text, "  {}  {}", profile.code, profile.name);
    }
    let _ = writeln!(text, "城市公布的缴存基数上下限（{CAUTION}；— 表示没有查到公布值）：");
    for city in city::all() {
        let months = city.period_text.as_deref().unwrap_or("—");
        let source = city.sources.first();
        let source = source.map_or_else(|| "—".into(), |source| format!("{}（{}）", source.title, source.date));
        let _ = writeln!(text, "  {}（{}）  {}  {months}  来源：{source}", city.city, city.province, limits(city));
    }
    Report { json: pretty(&Listed { caution: CAUTION, profiles, cities: city::all() }), text, passed: true }
}

fn limits(city: &CityPolicy) -> String {
    format!("{} 至 {}", yuan(city.base_floor), yuan(city.base_ceiling))
}

fn yuan(amount: Option<Yuan>) -> String {
    amount.map_or_else(|| "—".to_owned(), |amount| amount.to_string())
}

fn of_city(city: &CityPolicy) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".into());
    let mut text = format!("{}（{}），{} 收集，{CAUTION}\n", city.city, city.province, city.as_of);
    let _ = writeln!(text, "  缴存基数  {} 元", limits(city));
    let _ = writeln!(text, "  缴存比例  {}", or_dash(&city.ratio_text));
    let _ = writeln!(text, "  执行时间  {}", or_dash(&city.period_text));
    let _ = writeln!(text, "  中心网站  {}", or_dash(&city.official_site));
    let _ = writeln!(text, "  说明      {}", or_dash(&city.note));
    for source in &city.sources {
        let _ = writeln!(text, "  来源      {}（{}）{}", source.title, source.date, source.url);
    }
    text
}

fn of_profile(profile: &CenterProfile) -> String {
    let mut text = format!("{}  {}\n", profile.code, profile.name);
    if let Some(note) = &profile.note {
        let _ = writeln!(text, "  说明      {note}");
    }
    for policy in &profile.policies {
        of_policy(policy, &mut text);
    }
    let listed = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join("、");
    let _ = writeln!(
        text,
        "  证件类型  {}",
        listed(&mut profile.id_types.iter().map(|(code, name)| format!("{code} {name}")))
    );
    let reasons = listed(&mut profile.seal_reasons.iter().map(|reason| {
        let wait = match reason.withdrawal_months {
            None => "不能提取".to_owned(),
            Some(0) => "封存后即可提取".to_owned(),
            Some(months) => format!("封存满 {months} 个月可提取"),
        };
        format!("{} {}（{wait}）", reason.code, reason.name)
    }));
    let _ = writeln!(text, "  封存原因  {reasons}");
    let limits = &profile.limits;
    let times = |limit: Option<u8>| limit.map_or_else(|| "不限".to_owned(), |limit| format!("{limit} 次"));
    let _ = writeln!(
        text,
        "  变更限制  每人每年调整基数 {}，每人每月封存、启封各 {}；补缴 {}；缓缴、降低比例最长 {} 个月；姓名{}，证件{}",
        times(limits.base_changes_per_year),
        times(limits.status_changes_per_month),
        limits.back_payment_months.map_or_else(|| "月数不限".to_owned(), |most| format!("超过 {most} 个月由中心审核")),
        limits.deferral_months,
        limits.name_update.label(),
        limits.id_update.label(),
    );
    let _ = writeln!(text, "  资料保留  离职人员 {} 年", profile.retention_years);
    let _ = writeln!(
        text,
        "  单位信息  可变更 {}",
        listed(&mut profile.unit_items().iter().map(|item| item.label().into()))
    );
    let cut_off = profile.cut_off_day.map_or_else(|| "没有规定".to_owned(), |day| format!("每月 {day} 日"));
    let window = profile
        .base_window
        .map_or_else(|| "没有规定".to_owned(), |window| format!("{} 至 {}", window.first, window.last));
    let _ = writeln!(
        text,
        "  期限      月度截止日 {cut_off}，年度基数调整 {window}，{}{}",
        if profile.days_off.moves { "遇非工作日顺延，" } else { "" },
        if profile.prepayment { "可以预缴" } else { "不可预缴" }
    );
    let _ = writeln!(
        text,
        "  申报方式  {}，文字编码 {}，基数以{}为单位",
        profile.channel.label(),
        profile.encoding.label(),
        profile.base_unit.label(),
    );
    text
}

fn of_policy(policy: &Policy, text: &mut String) {
    let last = policy.effective_to.map_or_else(|| "今".to_owned(), |last| last.to_string());
    let _ = write!(
        text,
        "  {}{} 至 {last}  缴存基数 {} 至 {} 元，缴存比例 {} 至 {}",
        policy.district.as_ref().map(|district| format!("{district}  ")).unwrap_or_default(),
        policy.effective_from,
        yuan(policy.base_floor),
        yuan(policy.base_ceiling),
        policy.ratio_floor.percent(),
        policy.ratio_ceiling.percent(),
    );
    if let Some(step) = policy.ratio_step {
        let _ = write!(text, "（{} 的整数倍）", step.percent());
    }
    if policy.equal_ratio {
        text.push_str("（单位、个人一致）");
    }
    if policy.amount_floor.is_some() || policy.amount_ceiling.is_some() {
        let _ = write!(text, "，月缴存额 {} 至 {} 元", yuan(policy.amount_floor), yuan(policy.amount_ceiling));
    }
    let _ = writeln!(text, "，{}，{}", policy.rounding.label(), policy.rounding_scope.label());
    let date = policy.source_date.map(|date| format!("（{date}）")).unwrap_or_default();
    let _ = writeln!(
        text,
        "    来源  {}{date}{}",
        policy.source_title,
        policy.source_url.as_ref().map(|url| format!("  {url}")).unwrap_or_default()
    );
}

/// Where a check has the limits of a city from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reference {
    city: &'static str,
    source_title: Option<&'static str>,
    source_url: Option<&'static str>,
    source_date: Option<&'static str>,
    note: Option<&'static str>,
    caution: &'static str,
}

impl Reference {
    /// Only for rules made from a city's publications; its source only where these speak of the month.
    pub(crate) fn of(profile: &CenterProfile, period: Month) -> Option<Self> {
        let collected = profile.code.starts_with(city::CODE_PREFIX).then_some(profile.code.as_str());
        let shipped = || CenterProfile::shipped(&profile.code).filter(|shipped| shipped == profile);
        let city = collected.map_or_else(|| city::by_name(&shipped()?.city), city::by_name)?;
        let limited = |policy: &Policy| policy.base_floor.is_some() || policy.base_ceiling.is_some();
        let speaks = profile.policy(period).is_some_and(limited);
        let source = city.sources.first().filter(|_| speaks);
        Some(Self {
            city: &city.city,
            source_title: source.map(|source| source.title.as_str()),
            source_url: source.map(|source| source.url.as_str()),
            source_date: source.map(|source| source.date.as_str()),
            note: city.note.as_deref(),
            caution: CAUTION,
        })
    }

    /// One line or two for people.
    pub(crate) fn words(&self, period: Month) -> String {
        let mut text = match (self.source_title, self.source_date) {
            (Some(title), Some(date)) => format!("{}的上下限依据：{title}（{date}），{CAUTION}。\n", self.city),
            (_, _) => format!("没有查到{} {period} 的缴存基数上下限，请向中心核实。\n", self.city),
        };
        if let Some(note) = self.note {
            let _ = writeln!(text, "  说明：{note}");
        }
        text
    }
}
