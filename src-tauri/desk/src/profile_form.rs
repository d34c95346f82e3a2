//! A profile as a form of texts, and back: what cannot be read is a problem at its field, never a default.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::amount::{self, AmountText};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::{Ratio, Rounding, RoundingScope, Yuan};
use huijiao_domain::profile::{
    Approval, BaseUnit, BaseWindow, CenterProfile, Channel, DaysOff, Encoding, LoanRule, MinimumTls, Policy,
    ProfileProblem, SealReason, TimeCoefficient, TimestampServer, UnitItem, UpdateWay, validate,
};
use huijiao_domain::sheet::CellKind;
use huijiao_signing::Certificate;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::views::{
    Choice, IdTypeCodeForm, IdTypeForm, KindForm, LoanForm, LoanStepForm, PolicyForm, ProfileChoices, ProfileForm,
    ProfileProblemView, SealReasonForm,
};

/// What can be chosen.
pub(crate) fn choices() -> ProfileChoices {
    let choice = |value: String, label: &str| Choice { value, label: label.to_owned() };
    ProfileChoices {
        roundings: Rounding::ALL.map(|each| choice(wire(&each), each.label())).into(),
        scopes: [RoundingScope::EachSide, RoundingScope::Total].map(|each| choice(wire(&each), each.label())).into(),
        approvals: [("none", "不需复核"), ("always", "一律复核"), ("above", "超过界限才复核")]
            .map(|(value, label)| choice(value.into(), label))
            .into(),
        unit_items: UnitItem::ALL.map(|each| choice(wire(&each), each.label())).into(),
        update_ways: [UpdateWay::Filing, UpdateWay::Counter].map(|each| choice(wire(&each), each.label())).into(),
        channels: [Channel::Gateway, Channel::UploadFile].map(|each| choice(wire(&each), each.label())).into(),
        encodings: [Encoding::Utf8, Encoding::Gb18030, Encoding::Gbk]
            .map(|each| choice(wire(&each), each.label()))
            .into(),
        base_units: [BaseUnit::Yuan, BaseUnit::Jiao, BaseUnit::Fen]
            .map(|each| choice(wire(&each), each.label()))
            .into(),
        minimum_tls: MinimumTls::ALL.map(|each| choice(wire(&each), each.label())).into(),
    }
}

/// The word that JSON has for a value.
pub(crate) fn wire(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

fn of_wire<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

fn said<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A profile as a form.
pub(crate) fn form_of(profile: &CenterProfile) -> ProfileForm {
    ProfileForm {
        code: profile.code.clone(),
        name: profile.name.clone(),
        city: profile.city.clone(),
        note: profile.note.clone().unwrap_or_default(),
        districts: profile.districts.clone(),
        account_length: said(profile.account_length),
        id_types: profile
            .id_types
            .iter()
            .map(|(code, name)| IdTypeForm { code: code.clone(), name: name.clone() })
            .collect(),
        id_type_codes: profile
            .id_type_codes
            .iter()
            .flat_map(|(target, codes)| {
                codes.iter().map(|(national, code)| IdTypeCodeForm {
                    target: target.clone(),
                    national: national.clone(),
                    code: code.clone(),
                })
            })
            .collect(),
        seal_reasons: profile
            .seal_reasons
            .iter()
            .map(|reason| SealReasonForm {
                code: reason.code.clone(),
                name: reason.name.clone(),
                withdrawal_months: said(reason.withdrawal_months),
                synonyms: reason.synonyms.join("、"),
            })
            .collect(),
        kinds: FilingKind::ALL.iter().map(|kind| kind_form(*kind, profile.kinds.get(kind).copied())).collect(),
        base_changes_per_year: said(profile.limits.base_changes_per_year),
        status_changes_per_month: said(profile.limits.status_changes_per_month),
        deferral_months: profile.limits.deferral_months.to_string(),
        retention_years: profile.retention_years.to_string(),
        unit_items: profile.unit_items().iter().map(wire).collect(),
        name_update: wire(&profile.limits.name_update),
        id_update: wire(&profile.limits.id_update),
        cut_off_day: said(profile.cut_off_day),
        remittance_day: said(profile.remittance_day),
        attachment_count: profile.attachments.count.to_string(),
        attachment_kilobytes: profile.attachments.kilobytes.to_string(),
        window_first: said(profile.base_window.map(|window| window.first)),
        window_last: said(profile.base_window.map(|window| window.last)),
        deadlines_move: profile.days_off.moves,
        holidays: days_text(&profile.days_off.holidays),
        worked: days_text(&profile.days_off.worked),
        prepayment: profile.prepayment,
        channel: wire(&profile.channel),
        encoding: wire(&profile.encoding),
        base_unit: wire(&profile.base_unit),
        minimum_tls: wire(&profile.minimum_tls),
        loan: profile.loan.as_ref().map(loan_form).unwrap_or_default(),
        timestamp_url: profile.timestamps.as_ref().map(|server| server.url.clone()).unwrap_or_default(),
        timestamp_roots: profile.timestamps.iter().flat_map(|server| &server.roots).map(|root| pem(root)).collect(),
        policies: profile.policies.iter().map(policy_form).collect(),
    }
}

fn loan_form(rule: &LoanRule) -> LoanForm {
    LoanForm {
        multiple: rule.multiple.to_string(),
        steps: rule
            .coefficients
            .iter()
            .map(|step| LoanStepForm { from_months: step.from_months.to_string(), coefficient: said(step.coefficient) })
            .collect(),
        ceiling: said(rule.ceiling),
        source_title: rule.source_title.clone(),
        source_url: rule.source_url.clone().unwrap_or_default(),
        source_date: said(rule.source_date),
    }
}

/// A root as it is handed over; what is none stays as it stands there, for its field to say so.
fn pem(root: &str) -> String {
    let certificate = STANDARD.decode(root).ok().and_then(|der| Certificate::from_der(&der).ok());
    certificate.map_or_else(|| format!("{root}\n"), |certificate| certificate.pem())
}

fn kind_form(kind: FilingKind, approval: Option<Approval>) -> KindForm {
    let (word, amount, people) = match approval {
        None | Some(Approval::None) => ("none", None, None),
        Some(Approval::Always) => ("always", None, None),
        Some(Approval::Above { amount, people }) => ("above", amount, people),
    };
    KindForm {
        kind: kind.as_str().to_owned(),
        label: kind.label().to_owned(),
        offered: approval.is_some(),
        approval: word.to_owned(),
        amount: said(amount),
        people: said(people),
    }
}

fn policy_form(policy: &Policy) -> PolicyForm {
    PolicyForm {
        district: policy.district.clone().unwrap_or_default(),
        effective_from: policy.effective_from.to_string(),
        effective_to: said(policy.effective_to),
        base_floor: said(policy.base_floor),
        base_ceiling: said(policy.base_ceiling),
        amount_floor: said(policy.amount_floor),
        amount_ceiling: said(policy.amount_ceiling),
        ratio_floor: policy.ratio_floor.percent(),
        ratio_ceiling: policy.ratio_ceiling.percent(),
        ratio_step: said(policy.ratio_step.map(Ratio::percent)),
        equal_ratio: policy.equal_ratio,
        rounding: wire(&policy.rounding),
        rounding_scope: wire(&policy.rounding_scope),
        source_title: policy.source_title.clone(),
        source_url: policy.source_url.clone().unwrap_or_default(),
        source_date: said(policy.source_date),
    }
}

/// What a form says on top of `base`, or everything that is wrong with it.
///
/// # Errors
/// The problems, each at its field.
pub(crate) fn profile_of(form: &ProfileForm, base: CenterProfile) -> Result<CenterProfile, Vec<ProfileProblem>> {
    let mut read = Reading { problems: Vec::new() };
    let profile = read.profile(form, base);
    let mut problems = read.problems;
    // What could not be read stands in for nothing: it says no more about its policy or its neighbours.
    let unread: BTreeSet<&str> = problems.iter().map(|problem| room(&problem.pointer)).collect();
    let more: Vec<_> = validate(&profile).into_iter().filter(|p| !unread.contains(room(&p.pointer))).collect();
    problems.extend(more);
    if problems.is_empty() { Ok(profile) } else { Err(problems) }
}

/// The first part of a pointer.
fn room(pointer: &str) -> &str {
    pointer.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// Problems as a screen shows them.
pub(crate) fn problem_views(problems: &[ProfileProblem]) -> Vec<ProfileProblemView> {
    problems
        .iter()
        .map(|problem| ProfileProblemView {
            pointer: problem.pointer.clone(),
            code: problem.fault.code().to_owned(),
            title: huijiao_domain::texts::title(problem.fault.code()).to_owned(),
            message: problem.message(),
        })
        .collect()
}

struct Reading {
    problems: Vec<ProfileProblem>,
}

impl Reading {
    fn wrong(&mut self, pointer: impl Into<String>, text: &str) {
        self.problems.push(ProfileProblem::unreadable(pointer, text));
    }

    /// Nothing where the field is empty, and where it cannot be read: then a problem says so.
    fn some<T>(&mut self, text: &str, pointer: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let said = text.trim();
        if said.is_empty() {
            return None;
        }
        let value = parse(said);
        if value.is_none() {
            self.wrong(pointer, text);
        }
        value
    }

    /// As [`Reading::some`], for a field that must be filled.
    fn need<T>(&mut self, text: &str, pointer: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = parse(text.trim());
        if value.is_none() {
            self.wrong(pointer, text);
        }
        value
    }

    fn profile(&mut self, form: &ProfileForm, base: CenterProfile) -> CenterProfile {
        let mut profile = base;
        let text = |text: &String| text.trim().to_owned();
        profile.code = text(&form.code);
        profile.name = text(&form.name);
        profile.city = text(&form.city);
        profile.note = Some(text(&form.note)).filter(|note| !note.is_empty());
        profile.districts = form.districts.iter().map(text).collect();
        profile.account_length = self.some(&form.account_length, "/account_length", number);
        profile.id_types = self.id_types(&form.id_types);
        profile.id_type_codes = self.id_type_codes(&form.id_type_codes);
        profile.seal_reasons =
            form.seal_reasons.iter().enumerate().map(|(place, reason)| self.seal_reason(reason, place)).collect();
        profile.kinds = form.kinds.iter().filter_map(|kind| self.kind(kind)).collect();
        let limits = &mut profile.limits;
        limits.base_changes_per_year = self.some(&form.base_changes_per_year, "/limits/base_changes_per_year", number);
        limits.status_changes_per_month =
            self.some(&form.status_changes_per_month, "/limits/status_changes_per_month", number);
        limits.deferral_months =
            self.need(&form.deferral_months, "/limits/deferral_months", number).unwrap_or(limits.deferral_months);
        limits.unit_items = form
            .unit_items
            .iter()
            .filter_map(|item| self.some(item, "/limits/unit_items", of_wire::<UnitItem>))
            .collect();
        limits.name_update = self.need(&form.name_update, "/limits/name_update", of_wire).unwrap_or(limits.name_update);
        limits.id_update = self.need(&form.id_update, "/limits/id_update", of_wire).unwrap_or(limits.id_update);
        profile.retention_years =
            self.need(&form.retention_years, "/retention_years", number).unwrap_or(profile.retention_years);
        profile.cut_off_day = self.some(&form.cut_off_day, "/cut_off_day", number);
        profile.remittance_day = self.some(&form.remittance_day, "/remittance_day", number);
        let papers = &mut profile.attachments;
        papers.count = self.need(&form.attachment_count, "/attachments/count", number).unwrap_or(papers.count);
        papers.kilobytes =
            self.need(&form.attachment_kilobytes, "/attachments/kilobytes", number).unwrap_or(papers.kilobytes);
        profile.base_window = self.window(form);
        profile.days_off = DaysOff {
            moves: form.deadlines_move,
            holidays: self.days(&form.holidays, "/days_off/holidays"),
            worked: self.days(&form.worked, "/days_off/worked"),
        };
        profile.prepayment = form.prepayment;
        profile.channel = self.need(&form.channel, "/channel", of_wire).unwrap_or(profile.channel);
        profile.encoding = self.need(&form.encoding, "/encoding", of_wire).unwrap_or(profile.encoding);
        profile.base_unit = self.need(&form.base_unit, "/base_unit", of_wire).unwrap_or(profile.base_unit);
        profile.minimum_tls = self.need(&form.minimum_tls, "/minimum_tls", of_wire).unwrap_or(profile.minimum_tls);
        profile.loan = self.loan(&form.loan);
        profile.timestamps = timestamps(form);
        profile.policies =
            form.policies.iter().enumerate().filter_map(|(place, policy)| self.policy(policy, place)).collect();
        profile
    }

    fn id_types(&mut self, form: &[IdTypeForm]) -> BTreeMap<String, String> {
        let mut types = BTreeMap::new();
        for each in form {
            let code = each.code.trim().to_owned();
            let pointer = format!("/id_types/{}", key(&code));
            if types.insert(code, each.name.trim().to_owned()).is_some() {
                self.wrong(pointer, &each.code);
            }
        }
        types
    }

    fn id_type_codes(&mut self, form: &[IdTypeCodeForm]) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut codes: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for each in form {
            let (target, national) = (each.target.trim(), each.national.trim());
            let of_target = codes.entry(target.to_owned()).or_default();
            if of_target.insert(national.to_owned(), each.code.trim().to_owned()).is_some() {
                self.wrong(format!("/id_type_codes/{}/{}", key(target), key(national)), national);
            }
        }
        codes
    }

    fn seal_reason(&mut self, form: &SealReasonForm, place: usize) -> SealReason {
        let pointer = format!("/seal_reasons/{place}/withdrawal_months");
        let words = form.synonyms.split(['、', ',', '，', ';', '；']).map(str::trim).filter(|word| !word.is_empty());
        SealReason {
            code: form.code.trim().to_owned(),
            name: form.name.trim().to_owned(),
            withdrawal_months: self.some(&form.withdrawal_months, &pointer, number),
            synonyms: words.map(str::to_owned).collect(),
        }
    }

    fn kind(&mut self, form: &KindForm) -> Option<(FilingKind, Approval)> {
        let pointer = format!("/kinds/{}", key(&form.kind));
        let Some(kind) = FilingKind::parse(&form.kind) else {
            self.wrong(pointer, &form.kind);
            return None;
        };
        if !form.offered {
            return None;
        }
        let approval = match form.approval.as_str() {
            "none" => Approval::None,
            "always" => Approval::Always,
            "above" => Approval::Above {
                amount: self.some(&form.amount, &pointer, yuan),
                people: self.some(&form.people, &pointer, number),
            },
            other => {
                self.wrong(pointer, other);
                return None;
            }
        };
        Some((kind, approval))
    }

    fn window(&mut self, form: &ProfileForm) -> Option<BaseWindow> {
        let (first, last) = (form.window_first.trim(), form.window_last.trim());
        if first.is_empty() && last.is_empty() {
            return None;
        }
        let day = |text: &str| text.parse().ok();
        match (day(first), day(last)) {
            (Some(first), Some(last)) => return Some(BaseWindow { first, last }),
            (None, _) => self.wrong("/base_window/first", first),
            (Some(_), None) => self.wrong("/base_window/last", last),
        }
        None
    }

    fn days(&mut self, text: &str, pointer: &str) -> BTreeSet<Date> {
        let mut days = BTreeSet::new();
        for said in text.split(['、', ',', '，', ';', '；', '\n']).map(str::trim).filter(|said| !said.is_empty()) {
            match span_of_days(said) {
                Some(span) => days.extend(span),
                None => {
                    self.wrong(pointer, said);
                    break;
                }
            }
        }
        days
    }

    /// `None` where nothing is filled in, and where what makes it a formula cannot be read.
    fn loan(&mut self, form: &LoanForm) -> Option<LoanRule> {
        if *form == LoanForm::default() {
            return None;
        }
        let multiple = self.need(&form.multiple, "/loan/multiple", parsed);
        let mut step = |(place, step): (usize, &LoanStepForm)| {
            let at = |field: &str| format!("/loan/coefficients/{place}/{field}");
            let coefficient = self.some(&step.coefficient, &at("coefficient"), parsed);
            let from_months = self.need(&step.from_months, &at("from_months"), number)?;
            Some(TimeCoefficient { from_months, coefficient })
        };
        let coefficients = form.steps.iter().enumerate().filter_map(&mut step).collect();
        let ceiling = self.some(&form.ceiling, "/loan/ceiling", yuan);
        let source_date = self.some(&form.source_date, "/loan/source_date", parsed);
        Some(LoanRule {
            multiple: multiple?,
            coefficients,
            ceiling,
            source_title: form.source_title.trim().to_owned(),
            source_url: filled(&form.source_url),
            source_date,
        })
    }

    /// `None` where what makes it a policy cannot be read: then there is nothing to judge it by.
    fn policy(&mut self, form: &PolicyForm, place: usize) -> Option<Policy> {
        let at = |field: &str| format!("/policies/{place}/{field}");
        let effective_from = self.need(&form.effective_from, &at("effective_from"), parsed);
        let effective_to = self.some(&form.effective_to, &at("effective_to"), parsed);
        let base_floor = self.some(&form.base_floor, &at("base_floor"), yuan);
        let base_ceiling = self.some(&form.base_ceiling, &at("base_ceiling"), yuan);
        let amount_floor = self.some(&form.amount_floor, &at("amount_floor"), yuan);
        let amount_ceiling = self.some(&form.amount_ceiling, &at("amount_ceiling"), yuan);
        let ratio_floor = self.need(&form.ratio_floor, &at("ratio_floor"), percent);
        let ratio_ceiling = self.need(&form.ratio_ceiling, &at("ratio_ceiling"), percent);
        let ratio_step = self.some(&form.ratio_step, &at("ratio_step"), percent);
        let rounding = self.need(&form.rounding, &at("rounding"), of_wire);
        let rounding_scope = self.need(&form.rounding_scope, &at("rounding_scope"), of_wire);
        let source_date = self.some(&form.source_date, &at("source_date"), parsed);
        Some(Policy {
            district: filled(&form.district),
            effective_from: effective_from?,
            effective_to,
            base_floor,
            base_ceiling,
            amount_floor,
            amount_ceiling,
            ratio_floor: ratio_floor?,
            ratio_ceiling: ratio_ceiling?,
            ratio_step,
            equal_ratio: form.equal_ratio,
            rounding: rounding?,
            rounding_scope: rounding_scope?,
            source_title: form.source_title.trim().to_owned(),
            source_url: filled(&form.source_url),
            source_date,
        })
    }
}

fn timestamps(form: &ProfileForm) -> Option<TimestampServer> {
    let (url, text) = (form.timestamp_url.trim(), form.timestamp_roots.trim());
    if url.is_empty() && text.is_empty() {
        return None;
    }
    // None where they cannot be read: the check of the whole says what a server needs.
    let roots = Certificate::all_from_pem(text).unwrap_or_default();
    let roots = roots.iter().map(|root| STANDARD.encode(root.der())).collect();
    Some(TimestampServer { url: url.to_owned(), roots })
}

/// Longest stretch of days off that one field could mean.
const LONGEST_SPAN: usize = 31;

/// A day, or the days from one to another: `2026-10-01至2026-10-07`, as notices have them.
fn span_of_days(text: &str) -> Option<Vec<Date>> {
    let day = |text: &str| text.trim().parse::<Date>().ok();
    let (first, last) = match text.split_once(['至', '~', '～']) {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(text)?, day(text)?),
    };
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
    let days: Vec<Date> = days.take_while(|day| *day <= last).take(LONGEST_SPAN + 1).collect();
    (1..=LONGEST_SPAN).contains(&days.len()).then_some(days)
}

/// The days as [`Reading::days`] reads them, those in a row as one span.
fn days_text(days: &BTreeSet<Date>) -> String {
    let mut spans: Vec<(Date, Date, usize)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last, count)) if last.tomorrow().ok() == Some(*day) && *count < LONGEST_SPAN => {
                (*last, *count) = (*day, *count + 1);
            }
            _ => spans.push((*day, *day, 1)),
        }
    }
    let said =
        spans.iter().map(|(first, last, _)| if first == last { first.to_string() } else { format!("{first}至{last}") });
    said.collect::<Vec<_>>().join("、")
}

/// A key as it stands in a JSON pointer.
fn key(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(crate) fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

pub(crate) fn number<T: FromStr>(text: &str) -> Option<T> {
    // `+3` parses too; nobody writes a count so.
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// An amount as people write it: `1,234.5`, `￥1234`.
pub(crate) fn yuan(text: &str) -> Option<Yuan> {
    AmountText::read(text, CellKind::Edited).meant()
}

/// Always percent: `5`, `5%` and `5.5%`.
pub(crate) fn percent(text: &str) -> Option<Ratio> {
    let digits = text.trim().trim_end_matches(['%', '％']);
    amount::ratio(&format!("{digits}%"), CellKind::Edited)
}
