//! `profiles`: the rules that come with the program, and what cities have published; also where `--profile` looks.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use huijiao_domain::city::{self, CAUTION, CityPolicy};
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, Policy, validate};
use serde::Serialize;

use crate::args::ProfilesArgs;
use crate::refusal::Refusal;
use crate::{Report, pretty};

/// A profile is a few kilobytes; anything much larger is another file.
const LARGEST_FILE: u64 = 1 << 20;

/// The rules meant: a code, a city, or the path of a file.
pub(crate) fn open(said: &str) -> Result<CenterProfile, Refusal> {
    if let Some(shipped) = CenterProfile::shipped(said) {
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

fn from_file(path: &Path) -> Result<CenterProfile, Refusal> {
    let unreadable =
        |detail: String| Refusal::new(Refusal::PROFILE_UNREADABLE).arg("file", path.display()).arg("detail", detail);
    let size = fs::metadata(path).map_err(|cause| Refusal::file(path, &cause))?.len();
    if size > LARGEST_FILE {
        return Err(unreadable("文件超过 1 MB".into()));
    }
    let bytes = fs::read(path).map_err(|cause| Refusal::file(path, &cause))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let profile: CenterProfile = serde_json::from_slice(text).map_err(|error| unreadable(error.to_string()))?;
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

pub(crate) fn profiles(args: &ProfilesArgs) -> Result<Report, Refusal> {
    let Some(name) = &args.name else { return Ok(list()) };
    let city = city::by_name(name);
    let profile = match (CenterProfile::shipped(name), city) {
        (Some(shipped), _) => shipped,
        (None, Some(city)) => CenterProfile::from_city(city),
        (None, None) => return Err(unknown(name)),
    };
    let text = match city {
        Some(city) => of_city(city),
        None => of_profile(&profile),
    };
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
    for policy in &profile.policies {
        let last = policy.effective_to.map_or_else(|| "今".to_owned(), |last| last.to_string());
        let _ = writeln!(
            text,
            "  {} 至 {last}  缴存基数 {} 至 {} 元，缴存比例 {} 至 {}，{}，{}",
            policy.effective_from,
            yuan(policy.base_floor),
            yuan(policy.base_ceiling),
            policy.ratio_floor.percent(),
            policy.ratio_ceiling.percent(),
            policy.rounding.label(),
            policy.rounding_scope.label(),
        );
        let _ = writeln!(text, "    来源  {}", policy.source_title);
    }
    text
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
        let city = profile.code.starts_with(city::CODE_PREFIX).then(|| city::by_name(&profile.code))??;
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
