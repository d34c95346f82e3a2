//! Whether a profile that somebody wrote can be worked with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::calendar::is_weekend;
use super::{Approval, CenterProfile, Policy, upload};
use crate::attachment::AttachmentLimits;
use crate::money::Yuan;
use crate::texts;

/// What can be wrong with a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileFault {
    /// No code, or one that is no single short word.
    Code,
    /// No name of the center.
    Name,
    /// A value that cannot be read where it stands.
    Unreadable,
    /// A text that is too long, or has characters that nobody can see.
    Text,
    /// A district without a name or named twice, or a policy for one that is not listed.
    Districts,
    /// A personal account of no or of more than 30 characters.
    AccountLength,
    /// No identity document is taken, or one has no code or name.
    IdTypes,
    /// A target's code for a document that is not taken, no code at all, or one code for two documents.
    IdTypeCodes,
    /// No policy at all.
    NoPolicy,
    /// A policy ends before it begins.
    Months,
    /// Policies of one district out of order: the newest stands last.
    Order,
    /// Two policies of one district hold for one month.
    Overlap,
    /// The floor of the base is not below its ceiling.
    Bases,
    /// The floor of the monthly amount is not below its ceiling.
    Amounts,
    /// A limit at or below zero.
    NotPositive,
    /// The lowest ratio is above the highest, or the highest is nothing.
    Ratios,
    /// A step of nothing, or one that does not lead to the lowest or highest ratio.
    RatioStep,
    /// No title of the notice.
    Source,
    /// No reason, or one without code or name.
    SealReasons,
    /// Two reasons with one code, or one word for two reasons.
    SealReasonTwice,
    /// No kind of filing is taken.
    Kinds,
    /// Approval above a figure, and no figure.
    Approval,
    /// A limit of no change at all.
    ChangeLimit,
    /// Data of people who left are to go before the law lets them, or after a lifetime.
    Retention,
    /// A day that no month has.
    CutOffDay,
    /// A day of the month that no month has.
    RemittanceDay,
    /// A working Saturday or Sunday that is neither, or that is off as well.
    DaysOff,
    /// More or larger files than fit into a filing, or files of no size.
    Attachments,
    /// A server of timestamps without an address or without a root to believe it by.
    Timestamps,
    /// No step of 时间系数, or steps out of order.
    LoanSteps,
    /// A ceiling of no loan at all.
    LoanCeiling,
    /// No title of the notice of the formula.
    LoanSource,
    /// An upload template without name, or two of a kind with the same.
    UploadName,
    /// An upload template takes no rows.
    UploadOnly,
    /// Two upload templates of a kind take the same rows.
    UploadClaims,
    /// An upload template without columns, with more than its kind of file has, or with titles of unequal rows.
    UploadColumns,
    /// A column of an upload template that nobody has bound.
    UploadUnbound,
    /// A column of an upload template whose format does not suit what it holds.
    UploadFormat,
    /// A cell, a range or a row of an upload template is no place, or is taken.
    UploadCells,
    /// A placeholder of an upload template that means nothing.
    UploadPlaceholder,
    /// The name of the upload file lacks the ending of its kind.
    UploadFileName,
    /// An upload template for text without encoding and separator, or a workbook with them.
    UploadText,
    /// The name of the sheet is none that spreadsheet programs take, or stands where there is no sheet.
    UploadSheet,
    /// A kept blank that is no xlsx's, or too large.
    UploadBlank,
    /// The cap on rows is nothing, or the files it makes would have one name.
    UploadRowCap,
    /// A mapping of columns without header, for more columns than a sheet has, or twice for one.
    Mappings,
}

impl ProfileFault {
    /// Every fault.
    pub const ALL: [Self; 46] = [
        Self::Code,
        Self::Name,
        Self::Unreadable,
        Self::Text,
        Self::Districts,
        Self::AccountLength,
        Self::IdTypes,
        Self::IdTypeCodes,
        Self::NoPolicy,
        Self::Months,
        Self::Order,
        Self::Overlap,
        Self::Bases,
        Self::Amounts,
        Self::NotPositive,
        Self::Ratios,
        Self::RatioStep,
        Self::Source,
        Self::SealReasons,
        Self::SealReasonTwice,
        Self::Kinds,
        Self::Approval,
        Self::ChangeLimit,
        Self::Retention,
        Self::CutOffDay,
        Self::RemittanceDay,
        Self::DaysOff,
        Self::Attachments,
        Self::Timestamps,
        Self::LoanSteps,
        Self::LoanCeiling,
        Self::LoanSource,
        Self::UploadName,
        Self::UploadOnly,
        Self::UploadClaims,
        Self::UploadColumns,
        Self::UploadUnbound,
        Self::UploadFormat,
        Self::UploadCells,
        Self::UploadPlaceholder,
        Self::UploadFileName,
        Self::UploadText,
        Self::UploadSheet,
        Self::UploadBlank,
        Self::UploadRowCap,
        Self::Mappings,
    ];

    /// Key of the table of texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Code => "profile-code",
            Self::Name => "profile-name",
            Self::Unreadable => "profile-unreadable",
            Self::Text => "profile-text",
            Self::Districts => "profile-districts",
            Self::AccountLength => "profile-account-length",
            Self::IdTypes => "profile-id-types",
            Self::IdTypeCodes => "profile-id-type-codes",
            Self::NoPolicy => "profile-no-policy",
            Self::Months => "profile-months",
            Self::Order => "profile-order",
            Self::Overlap => "profile-overlap",
            Self::Bases => "profile-bases",
            Self::Amounts => "profile-amounts",
            Self::NotPositive => "profile-not-positive",
            Self::Ratios => "profile-ratios",
            Self::RatioStep => "profile-ratio-step",
            Self::Source => "profile-source",
            Self::SealReasons => "profile-seal-reasons",
            Self::SealReasonTwice => "profile-seal-reason-twice",
            Self::Kinds => "profile-kinds",
            Self::Approval => "profile-approval",
            Self::ChangeLimit => "profile-change-limit",
            Self::Retention => "profile-retention",
            Self::CutOffDay => "profile-cut-off-day",
            Self::RemittanceDay => "profile-remittance-day",
            Self::DaysOff => "profile-days-off",
            Self::Attachments => "profile-attachments",
            Self::Timestamps => "profile-timestamps",
            Self::LoanSteps => "profile-loan-steps",
            Self::LoanCeiling => "profile-loan-ceiling",
            Self::LoanSource => "profile-loan-source",
            Self::UploadName => "profile-upload-name",
            Self::UploadOnly => "profile-upload-only",
            Self::UploadClaims => "profile-upload-claims",
            Self::UploadColumns => "profile-upload-columns",
            Self::UploadUnbound => "profile-upload-unbound",
            Self::UploadFormat => "profile-upload-format",
            Self::UploadCells => "profile-upload-cells",
            Self::UploadPlaceholder => "profile-upload-placeholder",
            Self::UploadFileName => "profile-upload-file-name",
            Self::UploadText => "profile-upload-text",
            Self::UploadSheet => "profile-upload-sheet",
            Self::UploadBlank => "profile-upload-blank",
            Self::UploadRowCap => "profile-upload-row-cap",
            Self::Mappings => "profile-mappings",
        }
    }
}

/// One fault of a profile and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileProblem {
    /// What is wrong.
    pub fault: ProfileFault,
    /// The field it is about, as a JSON pointer (RFC 6901) into the profile: `/policies/1/base_floor`.
    pub pointer: String,
    /// Figures for its words.
    pub args: BTreeMap<String, String>,
}

impl ProfileProblem {
    pub(super) fn new(fault: ProfileFault, pointer: impl Into<String>) -> Self {
        Self { fault, pointer: pointer.into(), args: BTreeMap::new() }
    }

    /// A value that nobody can read, at its field.
    pub fn unreadable(pointer: impl Into<String>, value: &str) -> Self {
        // As much as fits beside a field.
        let shown: String = value.trim().chars().filter(|c| !c.is_control()).take(40).collect();
        Self::new(ProfileFault::Unreadable, pointer).arg("value", if shown.is_empty() { "空" } else { &shown })
    }

    pub(super) fn arg(mut self, name: &str, value: impl ToString) -> Self {
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
/// Years: 劳动合同法 第五十条 asks for two.
const RETENTION: std::ops::RangeInclusive<u8> = 2..=100;
/// Longest code of a profile, in characters.
const LONGEST_CODE: usize = 40;
/// Longest name, title or address, in characters.
const LONGEST_TEXT: usize = 300;
/// Longest note, in characters.
const LONGEST_NOTE: usize = 2000;

/// Columns that a sheet can have.
const MOST_COLUMNS: u16 = 16_384;

/// Everything that is wrong with a profile; empty where it can be worked with.
pub fn validate(profile: &CenterProfile) -> Vec<ProfileProblem> {
    let mut found = Vec::new();
    texts_of(profile, &mut found);
    let mut whole = |fault, pointer: &str| found.push(ProfileProblem::new(fault, pointer));
    let code = profile.code.as_str();
    if code.is_empty() || code.chars().count() > LONGEST_CODE || code.chars().any(char::is_whitespace) {
        whole(ProfileFault::Code, "/code");
    }
    if blank(&profile.name) {
        whole(ProfileFault::Name, "/name");
    }
    if profile.account_length.is_some_and(|length| !(1..=LONGEST_ACCOUNT).contains(&length)) {
        whole(ProfileFault::AccountLength, "/account_length");
    }
    if profile.cut_off_day.is_some_and(|day| !(1..=31).contains(&day)) {
        whole(ProfileFault::CutOffDay, "/cut_off_day");
    }
    if profile.remittance_day.is_some_and(|day| !(1..=31).contains(&day)) {
        whole(ProfileFault::RemittanceDay, "/remittance_day");
    }
    for (limit, field) in [
        (profile.limits.base_changes_per_year, "base_changes_per_year"),
        (profile.limits.status_changes_per_month, "status_changes_per_month"),
        (profile.limits.back_payment_months, "back_payment_months"),
        (Some(profile.limits.deferral_months), "deferral_months"),
    ] {
        if limit == Some(0) {
            whole(ProfileFault::ChangeLimit, &format!("/limits/{field}"));
        }
    }
    if !RETENTION.contains(&profile.retention_years) {
        whole(ProfileFault::Retention, "/retention_years");
    }
    let most = AttachmentLimits::MOST;
    if profile.attachments.count > most.count {
        whole(ProfileFault::Attachments, "/attachments/count");
    }
    if !(1..=most.kilobytes).contains(&profile.attachments.kilobytes) {
        whole(ProfileFault::Attachments, "/attachments/kilobytes");
    }
    if profile.timestamps.as_ref().is_some_and(|server| !server.is_usable()) {
        whole(ProfileFault::Timestamps, "/timestamps");
    }
    if profile.kinds.is_empty() {
        whole(ProfileFault::Kinds, "/kinds");
    }
    for (kind, approval) in &profile.kinds {
        if *approval == (Approval::Above { amount: None, people: None }) {
            found.push(ProfileProblem::new(ProfileFault::Approval, format!("/kinds/{}", wire(kind))));
        }
    }
    let days = &profile.days_off;
    if let Some(day) = days.worked.iter().find(|day| !is_weekend(**day) || days.holidays.contains(day)) {
        found.push(ProfileProblem::new(ProfileFault::DaysOff, "/days_off/worked").arg("day", day));
    }
    districts(profile, &mut found);
    id_types(profile, &mut found);
    seal_reasons(profile, &mut found);
    policies(profile, &mut found);
    loan(profile, &mut found);
    for (place, template) in profile.upload_templates.iter().enumerate() {
        found.extend(template.problems_at(&format!("/upload_templates/{place}")));
    }
    found.extend(upload::between(&profile.upload_templates));
    mappings(profile, &mut found);
    found
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A key as it stands in a JSON pointer.
fn key(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

fn wire(kind: &impl serde::Serialize) -> String {
    serde_json::to_value(kind).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Texts that cannot be shown as they are: too long, or with characters that order others about.
fn texts_of(profile: &CenterProfile, found: &mut Vec<ProfileProblem>) {
    let mut judge = |text: &str, pointer: String, longest: usize| {
        // Marks of direction make a name read as another one.
        let unseen = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        };
        if text.chars().count() > longest || text.chars().any(unseen) {
            found.push(ProfileProblem::new(ProfileFault::Text, pointer).arg("longest", longest));
        }
    };
    for (text, field) in [(&profile.code, "code"), (&profile.name, "name"), (&profile.city, "city")] {
        judge(text, format!("/{field}"), LONGEST_TEXT);
    }
    let note = profile.note.as_deref().unwrap_or_default().replace('\n', " ");
    judge(&note, "/note".into(), LONGEST_NOTE);
    for (place, district) in profile.districts.iter().enumerate() {
        judge(district, format!("/districts/{place}"), LONGEST_TEXT);
    }
    for (code, name) in &profile.id_types {
        judge(code, format!("/id_types/{}", key(code)), LONGEST_TEXT);
        judge(name, format!("/id_types/{}", key(code)), LONGEST_TEXT);
    }
    for (target, codes) in &profile.id_type_codes {
        judge(target, format!("/id_type_codes/{}", key(target)), LONGEST_TEXT);
        for (national, code) in codes {
            judge(code, format!("/id_type_codes/{}/{}", key(target), key(national)), LONGEST_TEXT);
        }
    }
    for (place, reason) in profile.seal_reasons.iter().enumerate() {
        judge(&reason.code, format!("/seal_reasons/{place}/code"), LONGEST_TEXT);
        judge(&reason.name, format!("/seal_reasons/{place}/name"), LONGEST_TEXT);
        for (word, synonym) in reason.synonyms.iter().enumerate() {
            judge(synonym, format!("/seal_reasons/{place}/synonyms/{word}"), LONGEST_TEXT);
        }
    }
    for (place, policy) in profile.policies.iter().enumerate() {
        judge(&policy.source_title, format!("/policies/{place}/source_title"), LONGEST_TEXT);
        let url = policy.source_url.as_deref().unwrap_or_default();
        judge(url, format!("/policies/{place}/source_url"), LONGEST_NOTE);
    }
    if let Some(rule) = &profile.loan {
        judge(&rule.source_title, "/loan/source_title".into(), LONGEST_TEXT);
        judge(rule.source_url.as_deref().unwrap_or_default(), "/loan/source_url".into(), LONGEST_NOTE);
    }
}

fn districts(profile: &CenterProfile, found: &mut Vec<ProfileProblem>) {
    let mut known = BTreeSet::new();
    for (place, district) in profile.districts.iter().enumerate() {
        if blank(district) || !known.insert(district.as_str()) {
            let problem = ProfileProblem::new(ProfileFault::Districts, format!("/districts/{place}"));
            found.push(problem.arg("district", district));
        }
    }
    for (place, policy) in profile.policies.iter().enumerate() {
        if let Some(district) = policy.district.as_deref().filter(|district| !known.contains(district)) {
            let problem = ProfileProblem::new(ProfileFault::Districts, format!("/policies/{place}/district"));
            found.push(problem.arg("district", district));
        }
    }
}

fn id_types(profile: &CenterProfile, found: &mut Vec<ProfileProblem>) {
    if profile.id_types.is_empty() {
        found.push(ProfileProblem::new(ProfileFault::IdTypes, "/id_types"));
    }
    for (code, name) in &profile.id_types {
        if blank(code) || blank(name) {
            found.push(ProfileProblem::new(ProfileFault::IdTypes, format!("/id_types/{}", key(code))));
        }
    }
    for (target, codes) in &profile.id_type_codes {
        let mut used = BTreeSet::new();
        for (national, code) in codes {
            if blank(target) || blank(code) || !profile.id_types.contains_key(national) || !used.insert(code) {
                let pointer = format!("/id_type_codes/{}/{}", key(target), key(national));
                let problem = ProfileProblem::new(ProfileFault::IdTypeCodes, pointer);
                found.push(problem.arg("target", target).arg("national", national).arg("code", code));
            }
        }
    }
}

fn seal_reasons(profile: &CenterProfile, found: &mut Vec<ProfileProblem>) {
    if profile.seal_reasons.is_empty() {
        found.push(ProfileProblem::new(ProfileFault::SealReasons, "/seal_reasons"));
    }
    let (mut codes, mut words) = (BTreeSet::new(), BTreeSet::new());
    for (place, reason) in profile.seal_reasons.iter().enumerate() {
        if blank(&reason.code) || blank(&reason.name) {
            found.push(ProfileProblem::new(ProfileFault::SealReasons, format!("/seal_reasons/{place}")));
        }
        let mut twice = |text: &str, field: &str, first: bool| {
            if !first {
                let problem =
                    ProfileProblem::new(ProfileFault::SealReasonTwice, format!("/seal_reasons/{place}/{field}"));
                found.push(problem.arg("text", text));
            }
        };
        twice(&reason.code, "code", codes.insert(&reason.code));
        twice(&reason.name, "name", words.insert(&reason.name));
        for synonym in &reason.synonyms {
            twice(synonym, "synonyms", words.insert(synonym));
        }
    }
}

fn mappings(profile: &CenterProfile, found: &mut Vec<ProfileProblem>) {
    let mut headers = BTreeSet::new();
    for (place, mapping) in profile.mappings.iter().enumerate() {
        let mut columns = BTreeSet::new();
        let once = mapping.columns.iter().all(|(column, _)| *column < MOST_COLUMNS && columns.insert(column));
        let long = mapping.header.chars().count() > LONGEST_TEXT;
        if blank(&mapping.header) || long || !headers.insert(&mapping.header) || !once {
            found.push(ProfileProblem::new(ProfileFault::Mappings, format!("/mappings/{place}")));
        }
    }
}

fn policies(profile: &CenterProfile, found: &mut Vec<ProfileProblem>) {
    if profile.policies.is_empty() {
        found.push(ProfileProblem::new(ProfileFault::NoPolicy, "/policies"));
    }
    for (place, policy) in profile.policies.iter().enumerate() {
        of_policy(policy, place, found);
    }
    let districts: BTreeSet<_> = profile.policies.iter().map(|policy| &policy.district).collect();
    for district in districts {
        let own: Vec<_> =
            profile.policies.iter().enumerate().filter(|(_, policy)| policy.district == *district).collect();
        for pair in own.windows(2) {
            if let [(_, earlier), (place, later)] = pair {
                of_pair(earlier, later, *place, found);
            }
        }
    }
}

fn of_policy(policy: &Policy, place: usize, found: &mut Vec<ProfileProblem>) {
    let about = |fault, field: &str| {
        ProfileProblem::new(fault, format!("/policies/{place}/{field}")).arg("month", policy.effective_from)
    };
    if let Some(last) = policy.effective_to.filter(|last| *last < policy.effective_from) {
        found.push(about(ProfileFault::Months, "effective_to").arg("last", last));
    }
    for (limit, field) in [
        (policy.base_floor, "base_floor"),
        (policy.base_ceiling, "base_ceiling"),
        (policy.amount_floor, "amount_floor"),
        (policy.amount_ceiling, "amount_ceiling"),
    ] {
        if let Some(limit) = limit.filter(|limit| *limit <= Yuan::ZERO) {
            found.push(about(ProfileFault::NotPositive, field).arg("limit", limit));
        }
    }
    for (fault, floor, ceiling, field) in [
        (ProfileFault::Bases, policy.base_floor, policy.base_ceiling, "base_floor"),
        (ProfileFault::Amounts, policy.amount_floor, policy.amount_ceiling, "amount_floor"),
    ] {
        if let Some((floor, ceiling)) = floor.zip(ceiling).filter(|(floor, ceiling)| floor >= ceiling) {
            found.push(about(fault, field).arg("floor", floor).arg("ceiling", ceiling));
        }
    }
    let ratios = |fault, field| {
        let problem = about(fault, field).arg("floor", policy.ratio_floor.percent());
        problem.arg("ceiling", policy.ratio_ceiling.percent())
    };
    // Neither can be above one: a ratio that is cannot be read.
    if policy.ratio_floor > policy.ratio_ceiling || policy.ratio_ceiling.decimal().is_zero() {
        found.push(ratios(ProfileFault::Ratios, "ratio_floor"));
    } else if let Some(step) = policy.ratio_step
        && !(policy.ratio_floor.steps(step) && policy.ratio_ceiling.steps(step))
    {
        found.push(ratios(ProfileFault::RatioStep, "ratio_step").arg("step", step.percent()));
    }
    if blank(&policy.source_title) {
        found.push(about(ProfileFault::Source, "source_title"));
    }
}

fn loan(profile: &CenterProfile, found: &mut Vec<ProfileProblem>) {
    let Some(rule) = &profile.loan else { return };
    if rule.coefficients.is_empty() {
        found.push(ProfileProblem::new(ProfileFault::LoanSteps, "/loan/coefficients"));
    }
    for (place, pair) in rule.coefficients.windows(2).enumerate() {
        if let [earlier, later] = pair
            && later.from_months <= earlier.from_months
        {
            let pointer = format!("/loan/coefficients/{}/from_months", place + 1);
            found.push(ProfileProblem::new(ProfileFault::LoanSteps, pointer));
        }
    }
    if rule.ceiling.is_some_and(|ceiling| ceiling <= Yuan::ZERO) {
        found.push(ProfileProblem::new(ProfileFault::LoanCeiling, "/loan/ceiling"));
    }
    if blank(&rule.source_title) {
        found.push(ProfileProblem::new(ProfileFault::LoanSource, "/loan/source_title"));
    }
}

fn of_pair(earlier: &Policy, later: &Policy, place: usize, found: &mut Vec<ProfileProblem>) {
    let about = |fault| {
        let problem = ProfileProblem::new(fault, format!("/policies/{place}/effective_from"));
        problem.arg("month", later.effective_from).arg("before", earlier.effective_from)
    };
    if later.effective_from < earlier.effective_from {
        found.push(about(ProfileFault::Order));
    } else if earlier.effective_to.is_none_or(|last| last >= later.effective_from) {
        found.push(about(ProfileFault::Overlap));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use jiff::civil::Date;

    use super::super::upload::{
        ColumnValue, FileKind, LineEnd, Only, PreambleCell, Quoting, TextEncoding, TextForm, TrailingCell, TrailingRow,
        UploadTemplate, ValueFormat,
    };
    use super::*;
    use crate::field::Field;
    use crate::filing::FilingKind;
    use crate::profile::{ColumnMapping, LoanRule, SealReason, TimestampServer};

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
        assert_eq!(faults(|p| p.code.clear()), [ProfileFault::Code]);
        assert_eq!(faults(|p| p.code = "演示 2".into()), [ProfileFault::Code], "two words");
        assert_eq!(faults(|p| p.code = "长".repeat(41)), [ProfileFault::Code]);
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
        assert_eq!(faults(|p| p.policies[0].ratio_step = "0".parse().ok()), [ProfileFault::RatioStep], "no step");
        assert_eq!(
            faults(|p| p.policies[0].ratio_step = "0.02".parse().ok()),
            [ProfileFault::RatioStep],
            "5% is no multiple of 2%"
        );
        assert_eq!(faults(|p| p.policies[0].ratio_step = "0.01".parse().ok()), [], "whole percents");
        assert_eq!(faults(|p| p.cut_off_day = Some(0)), [ProfileFault::CutOffDay]);
        assert_eq!(faults(|p| p.cut_off_day = Some(31)), [], "the last day of a long month");
        assert_eq!(faults(|p| p.remittance_day = Some(32)), [ProfileFault::RemittanceDay]);
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(faults(|p| _ = p.days_off.worked.insert(day("2026-10-10"))), [], "a Saturday");
        assert_eq!(faults(|p| _ = p.days_off.worked.insert(day("2026-10-09"))), [ProfileFault::DaysOff], "a Friday");
        let both = |p: &mut CenterProfile| {
            _ = p.days_off.worked.insert(day("2026-10-10"));
            _ = p.days_off.holidays.insert(day("2026-10-10"));
        };
        assert_eq!(faults(both), [ProfileFault::DaysOff], "worked and off");
        assert_eq!(faults(|p| p.limits.base_changes_per_year = Some(0)), [ProfileFault::ChangeLimit]);
        assert_eq!(faults(|p| p.limits.back_payment_months = Some(0)), [ProfileFault::ChangeLimit]);
        assert_eq!(faults(|p| p.limits.deferral_months = 0), [ProfileFault::ChangeLimit]);
        assert_eq!(faults(|p| p.retention_years = 1), [ProfileFault::Retention]);
        assert_eq!(faults(|p| p.retention_years = 2), [], "what the law asks for is enough");
        assert_eq!(faults(|p| p.retention_years = 101), [ProfileFault::Retention]);
        assert_eq!(faults(|p| p.limits.status_changes_per_month = None), [], "no limit is no fault");
        assert_eq!(faults(|p| p.kinds.clear()), [ProfileFault::Kinds]);
        assert_eq!(faults(|p| p.attachments.count = 0), [], "a center that takes none");
        assert_eq!(faults(|p| p.attachments.count = 11), [ProfileFault::Attachments], "no filing holds as many");
        assert_eq!(faults(|p| p.attachments.kilobytes = 0), [ProfileFault::Attachments]);
        let above = Approval::Above { amount: None, people: None };
        assert_eq!(
            faults(|p| _ = p.kinds.insert(FilingKind::BaseAdjustment, above)),
            [ProfileFault::Approval],
            "above what?"
        );
    }

    #[test]
    fn a_loan_formula_has_steps_in_order_and_a_source() {
        let loan = |change: fn(&mut LoanRule)| faults(|p| change(p.loan.as_mut().unwrap()));
        assert_eq!(faults(|p| p.loan = None), [], "a center without a formula is no fault");
        assert_eq!(loan(|rule| rule.coefficients.clear()), [ProfileFault::LoanSteps]);
        assert_eq!(loan(|rule| rule.coefficients.swap(0, 1)), [ProfileFault::LoanSteps], "fewest months first");
        assert_eq!(
            loan(|rule| rule.coefficients[1].from_months = rule.coefficients[0].from_months),
            [ProfileFault::LoanSteps],
            "two figures for one month"
        );
        assert_eq!(loan(|rule| rule.coefficients[1].coefficient = None), [], "a figure may be unpublished");
        assert_eq!(loan(|rule| rule.ceiling = Some(Yuan::ZERO)), [ProfileFault::LoanCeiling]);
        assert_eq!(loan(|rule| rule.ceiling = None), [], "no ceiling is no fault");
        assert_eq!(loan(|rule| rule.source_title.clear()), [ProfileFault::LoanSource], "figures need a source");
        assert_eq!(loan(|rule| rule.source_title.push('\u{202e}')), [ProfileFault::Text]);
    }

    #[test]
    fn districts_are_listed_and_ordered_each_for_itself() {
        let shun = || Some("顺山区".to_owned());
        let add = |profile: &mut CenterProfile| {
            profile.districts.extend(shun());
            let mut own = profile.policies[0].clone();
            own.district = shun();
            profile.policies.push(own);
        };
        assert_eq!(faults(add), [], "the district's older record after the center's newer one is in order");
        assert_eq!(faults(|p| p.policies[1].district = shun()), [ProfileFault::Districts], "not listed");
        assert_eq!(faults(|p| p.districts = vec![String::new()]), [ProfileFault::Districts], "no name");
        assert_eq!(faults(|p| p.districts.extend([shun(), shun()].into_iter().flatten())), [ProfileFault::Districts]);
        let twice = |p: &mut CenterProfile| {
            add(p);
            p.policies.push(p.policies[2].clone());
        };
        assert_eq!(faults(twice), [ProfileFault::Overlap], "two of one district in one month");
    }

    #[test]
    fn reasons_and_codes_mean_one_thing_each() {
        let reason = |p: &mut CenterProfile, code: &str, name: &str| {
            p.seal_reasons[0] =
                SealReason { code: code.into(), name: name.into(), withdrawal_months: None, synonyms: vec![] };
        };
        assert_eq!(faults(|p| p.seal_reasons.clear()), [ProfileFault::SealReasons]);
        assert_eq!(faults(|p| reason(p, "01", " ")), [ProfileFault::SealReasons]);
        assert_eq!(faults(|p| reason(p, "02", "离职")), [ProfileFault::SealReasonTwice], "one code for two");
        assert_eq!(faults(|p| reason(p, "01", "死亡")), [ProfileFault::SealReasonTwice], "one name for two");
        assert_eq!(faults(|p| p.seal_reasons[0].synonyms = vec!["退休".into()]), [ProfileFault::SealReasonTwice]);

        let codes = |p: &mut CenterProfile, codes: [(&str, &str); 2]| {
            let codes = codes.map(|(national, code)| (national.to_owned(), code.to_owned()));
            p.id_type_codes.insert("清册".into(), codes.into());
        };
        assert_eq!(faults(|p| codes(p, [("01", "0"), ("03", "2")])), [], "the center's own codes");
        assert_eq!(faults(|p| codes(p, [("01", "0"), ("03", "0")])), [ProfileFault::IdTypeCodes], "one for two");
        assert_eq!(faults(|p| codes(p, [("01", "0"), ("88", "2")])), [ProfileFault::IdTypeCodes], "not taken");
        assert_eq!(faults(|p| codes(p, [("01", "0"), ("03", "")])), [ProfileFault::IdTypeCodes], "no code");
    }

    #[test]
    fn mappings_name_each_column_once() {
        let mapping = |header: &str, columns: &[u16]| ColumnMapping {
            header: header.into(),
            columns: columns.iter().map(|column| (*column, None)).collect(),
        };
        assert_eq!(faults(|p| p.mappings = vec![mapping("a", &[0, 1]), mapping("b", &[0])]), []);
        for wrong in [mapping("", &[0]), mapping("a", &[1, 1]), mapping("a", &[16_384])] {
            assert_eq!(faults(|p| p.mappings = vec![wrong.clone()]), [ProfileFault::Mappings], "{wrong:?}");
        }
        assert_eq!(faults(|p| p.mappings = vec![mapping("a", &[]), mapping("a", &[])]), [ProfileFault::Mappings]);
    }

    #[test]
    fn hostile_texts_are_named_by_their_place() {
        let mut profile = demo();
        profile.name = "演示\u{202e}中心".into();
        profile.note = Some("第一行\n第二行\t".into());
        profile.policies[1].source_title = "长".repeat(301);
        profile.id_types.insert("a/b~c".into(), "\0".into());
        let found: Vec<_> = validate(&profile).into_iter().map(|problem| (problem.fault, problem.pointer)).collect();
        let at = |pointer: &str| (ProfileFault::Text, pointer.to_owned());
        let expected = [at("/name"), at("/note"), at("/id_types/a~1b~0c"), at("/policies/1/source_title")];
        assert_eq!(found, expected, "each once, where the field is");
    }

    /// What is wrong with the demo center's first upload template, changed.
    fn upload(change: impl FnOnce(&mut UploadTemplate)) -> Vec<ProfileFault> {
        faults(|profile| change(&mut profile.upload_templates[0]))
    }

    #[test]
    fn each_fault_of_an_upload_template_is_found_alone() {
        let cell = |at: &str| PreambleCell { at: at.into(), text: String::new() };
        assert_eq!(upload(|_| ()), [], "the shipped one is sound");
        assert_eq!(upload(|t| t.name.clear()), [ProfileFault::UploadName]);
        let nobody = Some(Only { field: Field::Name, values: BTreeSet::new() });
        assert_eq!(upload(|t| t.only = nobody), [ProfileFault::UploadOnly], "it takes nobody");
        assert_eq!(upload(|t| t.columns.clear()), [ProfileFault::UploadColumns]);
        assert_eq!(upload(|t| t.columns[1].titles.clear()), [ProfileFault::UploadColumns], "a column without title");
        let wide = |t: &mut UploadTemplate| t.columns = vec![t.columns[0].clone(); 257];
        assert_eq!(upload(wide), [ProfileFault::UploadColumns], "xls ends at 256");
        assert_eq!(upload(|t| t.columns[0].value = ColumnValue::Unbound), [ProfileFault::UploadUnbound]);
        assert_eq!(upload(|t| t.columns[1].format = ValueFormat::Amount), [ProfileFault::UploadFormat], "a name");
        assert_eq!(
            upload(|t| (t.columns[1].value, t.columns[1].format) = (ColumnValue::RunningNumber, ValueFormat::Amount)),
            [ProfileFault::UploadFormat]
        );
        for at in ["A3", "A4", "A1", "1A", "a2", "", "XFE1", "IW1", "A0", "A01B"] {
            assert_eq!(upload(|t| t.preamble.push(cell(at))), [ProfileFault::UploadCells], "{at:?} is no free place");
        }
        assert_eq!(upload(|t| t.preamble.push(cell("IV1"))), [], "the last column of an xls");
        for said in ["A1", "B1:A1", "A1:A1", "A1:B4", "A1:IW1"] {
            assert_eq!(upload(|t| t.merged.push(said.into())), [ProfileFault::UploadCells], "{said:?} is no range");
        }
        let meet = |t: &mut UploadTemplate| t.merged = vec!["A1:B2".into(), "B2:C2".into()];
        assert_eq!(upload(meet), [ProfileFault::UploadCells], "ranges that meet");
        assert_eq!(upload(|t| t.first_row = 3), [ProfileFault::UploadCells], "people on the titles");
        let below = |column: &str| TrailingRow {
            at: None,
            gap: 0,
            cells: vec![TrailingCell { column: column.into(), text: "合计".into() }],
        };
        assert_eq!(upload(|t| t.trailing.push(below("?"))), [ProfileFault::UploadCells]);
        assert_eq!(upload(|t| t.trailing.push(below("A"))), [], "a row of sums");
        for text in ["{salary}", "{sum:name}", "{period:MMM}", "{unit_account:last0}", "{total", "}", "{}"] {
            assert_eq!(upload(|t| t.preamble[3].text = text.into()), [ProfileFault::UploadPlaceholder], "{text:?}");
        }
        assert_eq!(upload(|t| t.preamble[3].text = "{{甲}}".into()), [], "braces written twice are braces");
        for name in ["{period}", ".xls", "{period}.xlsx", "{period}.txt"] {
            assert_eq!(upload(|t| t.file_name = name.into()), [ProfileFault::UploadFileName], "{name:?}");
        }
        let separated = |separator: &str| TextForm {
            encoding: TextEncoding::Gbk,
            separator: separator.into(),
            quoting: Quoting::Never,
            line_end: LineEnd::CrLf,
            last_line_ended: false,
        };
        let form = |separator: &str| {
            upload(|t| {
                (t.file, t.sheet, t.text) = (FileKind::Txt, None, Some(separated(separator)));
                t.file_name = "{period}.TXT".into();
            })
        };
        assert_eq!(form("#~#"), [], "any separator but those that end a line or a cell");
        for odd in ["", "\"", "\n"] {
            assert_eq!(form(odd), [ProfileFault::UploadText], "{odd:?}");
        }
        assert_eq!(upload(|t| t.text = Some(separated(","))), [ProfileFault::UploadText], "a workbook has no encoding");
        for name in ["", "甲/乙", "[表]", "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二"]
        {
            assert_eq!(upload(|t| t.sheet = Some(name.into())), [ProfileFault::UploadSheet], "{name:?}");
        }
        let blank = |file, sheet: &str| {
            upload(|t| (t.file, t.blank, t.file_name) = (file, Some(sheet.into()), "{period}.xlsx".into()))
        };
        assert_eq!(blank(FileKind::Xlsx, "UEsDBA=="), [], "the center's own file to write into");
        let long = "A".repeat(upload::LONGEST_BLANK + 1);
        assert_eq!(blank(FileKind::Xlsx, &long), [ProfileFault::UploadBlank], "no profile carries megabytes");
        let xls = upload(|t| t.blank = Some("0M8R4A==".into()));
        assert_eq!(xls, [ProfileFault::UploadBlank], "an xls is always written anew");
        assert_eq!(upload(|t| t.row_cap = Some(500)), [ProfileFault::UploadRowCap], "two files of one name");
        let parted = |cap| {
            upload(|t| {
                t.row_cap = Some(cap);
                t.file_name = "{period}-{part}.xls".into();
            })
        };
        assert_eq!(parted(500), []);
        assert_eq!(parted(0), [ProfileFault::UploadRowCap]);
    }

    #[test]
    fn upload_templates_of_a_kind_keep_apart() {
        let twice = |one: &[&str], other: &[&str]| {
            faults(|profile| {
                let only = |values: &[&str]| {
                    let values = values.iter().map(ToString::to_string).collect();
                    Some(Only { field: Field::ChangeKind, values })
                };
                let mut second = profile.upload_templates[0].clone();
                (second.name, second.only) = ("另一张".into(), only(other));
                profile.upload_templates[0].only = only(one);
                profile.upload_templates.insert(1, second);
            })
        };
        assert_eq!(twice(&["封存"], &["启封", "同城转入"]), [], "each takes its own");
        assert_eq!(twice(&["封存", "启封"], &["启封"]), [ProfileFault::UploadClaims], "both take 启封");
        let same = faults(|profile| profile.upload_templates.insert(0, profile.upload_templates[0].clone()));
        assert_eq!(same, [ProfileFault::UploadName, ProfileFault::UploadClaims], "one twice");
    }

    #[test]
    fn every_fault_is_said_in_full() {
        let mut profile = demo();
        let template = &mut profile.upload_templates[0];
        template.preamble.push(PreambleCell { at: "?".into(), text: "}".into() });
        template.columns[0].value = ColumnValue::Unbound;
        (template.columns[1].format, template.columns[2].titles) = (ValueFormat::Amount, Vec::new());
        (template.sheet, template.file_name, template.row_cap) = (None, String::new(), Some(0));
        template.blank = Some("UEsDBA==".into());
        template.text = Some(TextForm {
            encoding: TextEncoding::Utf8,
            separator: String::new(),
            quoting: Quoting::Always,
            line_end: LineEnd::Lf,
            last_line_ended: true,
        });
        profile.upload_templates.insert(0, profile.upload_templates[0].clone());
        let nobody = Only { field: Field::Name, values: BTreeSet::new() };
        profile.upload_templates.push(UploadTemplate { only: Some(nobody), ..profile.upload_templates[0].clone() });
        (profile.code, profile.name, profile.account_length) = (String::new(), String::new(), Some(0));
        profile.id_types.clear();
        profile.policies[0].base_floor = profile.policies[0].base_ceiling;
        profile.policies[0].amount_floor = Some(Yuan::ZERO);
        profile.policies[0].amount_ceiling = Some(Yuan::ZERO);
        profile.policies[0].ratio_floor = "0.2".parse().unwrap();
        profile.policies[0].source_title.clear();
        profile.policies[0].effective_to = None;
        profile.policies[1].effective_to = "2020-01".parse().ok();
        profile.policies[1].ratio_step = "0.05".parse().ok();
        profile.city = "\u{7}".into();
        profile.districts.push(String::new());
        profile.id_type_codes.insert("清册".into(), [("88".to_owned(), String::new())].into());
        profile.seal_reasons[0].name = "死亡".into();
        profile.seal_reasons[1].code.clear();
        profile.kinds.insert(FilingKind::BaseAdjustment, Approval::Above { amount: None, people: None });
        (profile.cut_off_day, profile.limits.base_changes_per_year, profile.retention_years) = (Some(32), Some(0), 0);
        profile.remittance_day = Some(0);
        profile.days_off.worked.insert("2026-10-09".parse().unwrap());
        profile.attachments.kilobytes = 0;
        profile.timestamps = Some(TimestampServer { url: String::new(), roots: Vec::new() });
        let loan = profile.loan.as_mut().unwrap();
        loan.coefficients.clear();
        loan.source_title.clear();
        loan.ceiling = Some(Yuan::ZERO);
        let mut found = validate(&profile);
        profile.kinds.clear();
        profile.policies.swap(0, 1);
        found.extend(validate(&profile));
        profile.policies.clear();
        profile.mappings = vec![ColumnMapping { header: String::new(), columns: Vec::new() }];
        found.extend(validate(&profile));
        found.push(ProfileProblem::unreadable("/cut_off_day", "三十\u{7}"));
        for fault in ProfileFault::ALL {
            let problem = found.iter().find(|problem| problem.fault == fault);
            let said = problem.unwrap_or_else(|| panic!("{fault:?} was not provoked")).message();
            assert!(!said.contains('{') && !said.contains('…') && !said.contains("profile-"), "{fault:?}: {said}");
        }
    }
}
