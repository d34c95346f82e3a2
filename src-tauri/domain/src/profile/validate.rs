//! Whether a profile that somebody wrote can be worked with.

use std::collections::BTreeMap;
use std::fmt;

use super::{CenterProfile, Policy};
use crate::money::Yuan;
use crate::month::Month;
use crate::texts;

/// What can be wrong with a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileFault {
    /// No code.
    Code,
    /// No name of the center.
    Name,
    /// A personal account of no or of more than 30 characters.
    AccountLength,
    /// No identity document is taken, or one has no code or name.
    IdTypes,
    /// No policy at all.
    NoPolicy,
    /// A policy ends before it begins.
    Months,
    /// Policies out of order: the newest stands last.
    Order,
    /// Two policies hold for one month.
    Overlap,
    /// The floor of the base is not below its ceiling.
    Bases,
    /// The floor of the monthly amount is not below its ceiling.
    Amounts,
    /// A limit at or below zero.
    NotPositive,
    /// The lowest ratio is above the highest, or the highest is nothing.
    Ratios,
    /// No title of the notice.
    Source,
}

impl ProfileFault {
    /// Every fault.
    pub const ALL: [Self; 13] = [
        Self::Code,
        Self::Name,
        Self::AccountLength,
        Self::IdTypes,
        Self::NoPolicy,
        Self::Months,
        Self::Order,
        Self::Overlap,
        Self::Bases,
        Self::Amounts,
        Self::NotPositive,
        Self::Ratios,
        Self::Source,
    ];

    /// Key of the table of texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Code => "profile-code",
            Self::Name => "profile-name",
            Self::AccountLength => "profile-account-length",
            Self::IdTypes => "profile-id-types",
            Self::NoPolicy => "profile-no-policy",
            Self::Months => "profile-months",
            Self::Order => "profile-order",
            Self::Overlap => "profile-overlap",
            Self::Bases => "profile-bases",
            Self::Amounts => "profile-amounts",
            Self::NotPositive => "profile-not-positive",
            Self::Ratios => "profile-ratios",
            Self::Source => "profile-source",
        }
    }
}

/// One fault of a profile and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileProblem {
    /// What is wrong.
    pub fault: ProfileFault,
    /// First month of the policy it is about; `None` for the profile as a whole.
    pub policy: Option<Month>,
    /// Figures for its words.
    pub args: BTreeMap<String, String>,
}

impl ProfileProblem {
    fn new(fault: ProfileFault, policy: Option<Month>) -> Self {
        let mut args = BTreeMap::new();
        if let Some(month) = policy {
            args.insert("month".into(), month.to_string());
        }
        Self { fault, policy, args }
    }

    fn arg(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.into(), value.to_string());
        self
    }

    /// What happened and what to do, in Chinese.
    pub fn message(&self) -> String {
        let code = self.fault.code();
        texts::lookup(code).map_or_else(
            || code.to_owned(),
            |text| texts::fill(&text.happened, &self.args) + &texts::fill(&text.remedy, &self.args),
        )
    }
}

impl fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

/// Longest personal account any center could have.
const LONGEST_ACCOUNT: u8 = 30;

/// Everything that is wrong with a profile; empty where it can be worked with.
pub fn validate(profile: &CenterProfile) -> Vec<ProfileProblem> {
    let mut found = Vec::new();
    let mut whole = |fault| found.push(ProfileProblem::new(fault, None));
    if profile.code.trim().is_empty() {
        whole(ProfileFault::Code);
    }
    if profile.name.trim().is_empty() {
        whole(ProfileFault::Name);
    }
    if profile.account_length.is_some_and(|length| !(1..=LONGEST_ACCOUNT).contains(&length)) {
        whole(ProfileFault::AccountLength);
    }
    let blank = |text: &String| text.trim().is_empty();
    if profile.id_types.is_empty() || profile.id_types.iter().any(|(code, name)| blank(code) || blank(name)) {
        whole(ProfileFault::IdTypes);
    }
    if profile.policies.is_empty() {
        whole(ProfileFault::NoPolicy);
    }
    for policy in &profile.policies {
        of_policy(policy, &mut found);
    }
    for pair in profile.policies.windows(2) {
        if let [earlier, later] = pair {
            of_pair(earlier, later, &mut found);
        }
    }
    found
}

fn of_policy(policy: &Policy, found: &mut Vec<ProfileProblem>) {
    let about = |fault| ProfileProblem::new(fault, Some(policy.effective_from));
    if let Some(last) = policy.effective_to.filter(|last| *last < policy.effective_from) {
        found.push(about(ProfileFault::Months).arg("last", last));
    }
    let limits = [policy.base_floor, policy.base_ceiling, policy.amount_floor, policy.amount_ceiling];
    if let Some(limit) = limits.into_iter().flatten().find(|limit| *limit <= Yuan::ZERO) {
        found.push(about(ProfileFault::NotPositive).arg("limit", limit));
    }
    for (fault, floor, ceiling) in [
        (ProfileFault::Bases, policy.base_floor, policy.base_ceiling),
        (ProfileFault::Amounts, policy.amount_floor, policy.amount_ceiling),
    ] {
        if let Some((floor, ceiling)) = floor.zip(ceiling).filter(|(floor, ceiling)| floor >= ceiling) {
            found.push(about(fault).arg("floor", floor).arg("ceiling", ceiling));
        }
    }
    // Neither can be above one: a ratio that is cannot be read.
    if policy.ratio_floor > policy.ratio_ceiling || policy.ratio_ceiling.decimal().is_zero() {
        let ratios = about(ProfileFault::Ratios).arg("floor", policy.ratio_floor.percent());
        found.push(ratios.arg("ceiling", policy.ratio_ceiling.percent()));
    }
    if policy.source_title.trim().is_empty() {
        found.push(about(ProfileFault::Source));
    }
}

fn of_pair(earlier: &Policy, later: &Policy, found: &mut Vec<ProfileProblem>) {
    let about = |fault| ProfileProblem::new(fault, Some(later.effective_from)).arg("before", earlier.effective_from);
    if later.effective_from < earlier.effective_from {
        found.push(about(ProfileFault::Order));
    } else if earlier.effective_to.is_none_or(|last| last >= later.effective_from) {
        found.push(about(ProfileFault::Overlap));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn demo() -> CenterProfile {
        CenterProfile::shipped("demo").unwrap()
    }

    fn faults(change: impl FnOnce(&mut CenterProfile)) -> Vec<ProfileFault> {
        let mut profile = demo();
        change(&mut profile);
        validate(&profile).into_iter().map(|problem| problem.fault).collect()
    }

    #[test]
    fn shipped_profiles_are_sound() {
        for code in CenterProfile::shipped_codes() {
            assert_eq!(validate(&CenterProfile::shipped(code).unwrap()), [], "{code}");
        }
    }

    #[test]
    fn each_fault_is_found_alone() {
        let yuan = |text: &str| Some(text.parse::<Yuan>().unwrap());
        assert_eq!(faults(|p| p.code = " ".into()), [ProfileFault::Code]);
        assert_eq!(faults(|p| p.name.clear()), [ProfileFault::Name]);
        assert_eq!(faults(|p| p.account_length = Some(0)), [ProfileFault::AccountLength]);
        assert_eq!(faults(|p| p.account_length = Some(31)), [ProfileFault::AccountLength]);
        assert_eq!(faults(|p| p.account_length = Some(30)), [], "thirty is the longest");
        assert_eq!(faults(|p| p.account_length = None), [], "no one length is no fault");
        assert_eq!(faults(|p| p.id_types.clear()), [ProfileFault::IdTypes]);
        assert_eq!(faults(|p| _ = p.id_types.insert("05".into(), String::new())), [ProfileFault::IdTypes]);
        assert_eq!(faults(|p| p.policies.clear()), [ProfileFault::NoPolicy]);
        assert_eq!(faults(|p| p.policies[1].effective_to = "2026-06".parse().ok()), [ProfileFault::Months]);
        assert_eq!(faults(|p| p.policies.swap(0, 1)), [ProfileFault::Order]);
        assert_eq!(
            faults(|p| p.policies[0].effective_to = None),
            [ProfileFault::Overlap],
            "open, and yet another follows"
        );
        assert_eq!(
            faults(|p| p.policies[0].effective_to = "2026-07".parse().ok()),
            [ProfileFault::Overlap],
            "one month"
        );
        assert_eq!(faults(|p| p.policies[0].effective_to = "2026-05".parse().ok()), [], "a gap is not a fault");
        assert_eq!(faults(|p| p.policies[0].base_floor = yuan("24018")), [ProfileFault::Bases], "equal limits");
        assert_eq!(faults(|p| p.policies[0].base_floor = None), [], "an unknown limit crosses nothing");
        assert_eq!(
            faults(|p| (p.policies[0].amount_floor, p.policies[0].amount_ceiling) = (yuan("9"), yuan("8"))),
            [ProfileFault::Amounts]
        );
        assert_eq!(faults(|p| p.policies[0].base_floor = yuan("0")), [ProfileFault::NotPositive]);
        assert_eq!(faults(|p| p.policies[0].ratio_floor = "0.13".parse().unwrap()), [ProfileFault::Ratios]);
        assert_eq!(faults(|p| p.policies[0].ratio_floor = "0.12".parse().unwrap()), [], "one ratio only is a range");
        assert_eq!(faults(|p| p.policies[0].source_title.clear()), [ProfileFault::Source]);
    }

    #[test]
    fn every_fault_is_said_in_full() {
        let mut profile = demo();
        (profile.code, profile.name, profile.account_length) = (String::new(), String::new(), Some(0));
        profile.id_types.clear();
        profile.policies[0].base_floor = profile.policies[0].base_ceiling;
        profile.policies[0].amount_floor = Some(Yuan::ZERO);
        profile.policies[0].amount_ceiling = Some(Yuan::ZERO);
        profile.policies[0].ratio_floor = "0.2".parse().unwrap();
        profile.policies[0].source_title.clear();
        profile.policies[0].effective_to = None;
        profile.policies[1].effective_to = "2020-01".parse().ok();
        let mut found = validate(&profile);
        profile.policies.swap(0, 1);
        found.extend(validate(&profile));
        profile.policies.clear();
        found.extend(validate(&profile));
        for fault in ProfileFault::ALL {
            let problem = found.iter().find(|problem| problem.fault == fault);
            let said = problem.unwrap_or_else(|| panic!("{fault:?} was not provoked")).message();
            assert!(!said.contains('{') && !said.contains('…') && !said.contains("profile-"), "{fault:?}: {said}");
        }
    }
}
