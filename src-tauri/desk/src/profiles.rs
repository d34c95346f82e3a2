//! Rules of centers: those that come with the program, the open center's, and the user's own.
//!
//! Only the user's own are ever changed. A shipped one is edited by saving a copy under another code.

use huijiao_domain::city::{self, CAUTION};
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, ColumnMapping, Policy, unfit, validate};
use huijiao_domain::sheet::Field;
use huijiao_sheets::write::safe_stem;

use crate::profile_form::{choices, form_of, problem_views, profile_of};
use crate::views::{
    ExportedFile, PolicyLine, ProfileForm, ProfileLine, ProfileOrigin, ProfileProblemView, ProfileSaved, ProfileView,
    ProfilesView,
};
use crate::workbooks::{LONGEST, put};
use crate::{Desk, DeskError, Inner, templates, text};

/// A profile is a few kilobytes, and centers' blank files beside them; anything much larger is another file.
const LARGEST_FILE: u64 = 8 << 20;
/// What stands before a ticket where a profile was read from a file.
const FILE_PREFIX: &str = "file:";

impl Desk {
    /// The rules there are. The user's own are listed once the local data is open.
    ///
    /// # Errors
    /// The local data is damaged.
    pub fn profiles(&self) -> Result<ProfilesView, DeskError> {
        let inner = self.inner();
        let month = Month::of(text::local(self.now(&inner)).date()).ok();
        let mut lines = Vec::new();
        let center = inner.of_center();
        lines.extend(center.map(|profile| line(profile, ProfileOrigin::Center, month, None)));
        if let Some(store) = &inner.store {
            for (_, profile, saved_at) in store.profiles::<CenterProfile>()? {
                lines.push(line(&profile, ProfileOrigin::Own, month, Some(text::local_time(&saved_at))));
            }
        }
        for code in CenterProfile::shipped_codes().filter(|code| center.is_none_or(|center| center.code != *code)) {
            lines.extend(
                CenterProfile::shipped(code).map(|profile| line(&profile, ProfileOrigin::Shipped, month, None)),
            );
        }
        Ok(ProfilesView { profiles: lines, caution: CAUTION.into() })
    }

    /// One profile whole: by its code, or that of a city.
    ///
    /// # Errors
    /// `desk-no-such-profile`.
    pub fn profile(&self, code: &str) -> Result<ProfileView, DeskError> {
        let inner = self.inner();
        let (profile, origin) = known(&inner, code)?;
        Ok(view(&profile, origin, profile.code.clone()))
    }

    /// Reads a file of rules; nothing is kept until it is saved.
    ///
    /// # Errors
    /// `desk-ticket-gone`, `desk-file-read`, `desk-profile-file`.
    pub fn profile_import(&self, ticket: &str) -> Result<ProfileView, DeskError> {
        let profile = self.profile_of_file(ticket)?;
        let view = view(&profile, ProfileOrigin::File, format!("{FILE_PREFIX}{ticket}"));
        self.inner().profile_file = Some((ticket.to_owned(), profile));
        Ok(view)
    }

    fn profile_of_file(&self, ticket: &str) -> Result<CenterProfile, DeskError> {
        let (name, bytes) = self.bytes_of_ticket(ticket, LARGEST_FILE, |name| refused(name, "文件超过 8 MB"))?;
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        serde_json::from_slice(text).map_err(|error| refused(&name, &unfit(text, &error)))
    }

    /// What is wrong with a form; nothing is kept.
    ///
    /// # Errors
    /// `desk-no-such-profile`.
    pub fn profile_check(&self, form: &ProfileForm, base: &str) -> Result<Vec<ProfileProblemView>, DeskError> {
        let base = under(&self.inner(), base)?;
        Ok(profile_of(form, base).map_or_else(|problems| problem_views(&problems), |_| Vec::new()))
    }

    /// Saves a form as rules of the user's own, in the place of the own ones whose code is `replaces`.
    ///
    /// # Errors
    /// `desk-locked`, `desk-no-such-profile`, `desk-profile-taken`, `desk-profile-not-own`.
    pub fn profile_save(
        &self,
        form: &ProfileForm,
        base: &str,
        replaces: Option<&str>,
    ) -> Result<ProfileSaved, DeskError> {
        let mut inner = self.inner();
        let mut profile = match profile_of(form, under(&inner, base)?) {
            Ok(profile) => profile,
            Err(problems) => {
                return Ok(ProfileSaved { saved: false, problems: problem_views(&problems), mappings: 0 });
            }
        };
        let code = profile.code.clone();
        if let Some(replaced) = replaces
            && inner.store()?.profile::<CenterProfile>(replaced)?.is_none()
        {
            return Err(DeskError::refusal_with(DeskError::PROFILE_NOT_OWN, "profile", replaced));
        }
        if replaces != Some(code.as_str()) && known(&inner, &code).is_ok() {
            return Err(DeskError::refusal_with(DeskError::PROFILE_TAKEN, "profile", &code));
        }
        let at = text::stamp(self.now(&inner));
        // Mappings are kept with the others: a sheet is known by its header, whatever the rules.
        let brought = std::mem::take(&mut profile.mappings);
        let store = inner.store()?;
        store.put_profile(&code, &profile, replaces, &at)?;
        let mut mappings = 0;
        for ColumnMapping { header, columns } in brought {
            // What was chosen on this computer stays.
            if store.mapping::<Vec<(u16, Option<Field>)>>(&header)?.is_none() {
                store.remember_mapping(&header, &columns)?;
                mappings += 1;
            }
        }
        inner.profile_file = None;
        inner.follow_rules(&profile);
        Ok(ProfileSaved { saved: true, problems: Vec::new(), mappings })
    }

    /// Deletes rules of the user's own.
    ///
    /// # Errors
    /// `desk-locked`, `desk-profile-not-own`.
    pub fn profile_delete(&self, code: &str) -> Result<ProfilesView, DeskError> {
        if !self.inner().store()?.delete_profile(code)? {
            return Err(DeskError::refusal_with(DeskError::PROFILE_NOT_OWN, "profile", code));
        }
        self.profiles()
    }

    /// Writes rules to the export folder, with the mappings of columns remembered on this computer if wanted.
    ///
    /// # Errors
    /// `desk-no-such-profile`; the folder cannot be written to.
    pub fn profile_export(&self, code: &str, with_mappings: bool) -> Result<ExportedFile, DeskError> {
        let profile = {
            let mut inner = self.inner();
            let (mut profile, _) = known(&inner, code)?;
            if with_mappings {
                let remembered = inner.store()?.mappings()?.into_iter();
                profile.mappings = remembered.map(|(header, columns)| ColumnMapping { header, columns }).collect();
            }
            profile
        };
        let mut json =
            serde_json::to_string_pretty(&profile).map_err(|error| DeskError::Internal(error.to_string()))?;
        json.push('\n');
        let folder = &self.config.export_folder;
        let place = if profile.city.is_empty() { &profile.name } else { &profile.city };
        let stem = safe_stem(place, LONGEST);
        let file = put(folder, &format!("{stem}-公积金规则"), "json", json.as_bytes())?;
        Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
    }
}

impl Inner {
    /// The rules that the open unit's center says itself; a unit without a gateway lives by rules that are kept here.
    fn of_center(&self) -> Option<&CenterProfile> {
        let session = self.session.as_ref().filter(|session| session.gateway.is_some());
        session.map(|session| &session.info.profile)
    }

    /// The open unit goes by rules that were changed, where they are its own.
    pub(crate) fn follow_rules(&mut self, profile: &CenterProfile) {
        let session = self.session.as_mut().filter(|session| session.gateway.is_none());
        if let Some(session) = session.filter(|session| session.info.profile.code == profile.code) {
            session.info.profile = profile.clone();
            self.drafts.clear();
        }
    }
}

/// A profile by its code: the open center's, the user's own, one that comes with the program, one of a city.
pub(crate) fn known(inner: &Inner, code: &str) -> Result<(CenterProfile, ProfileOrigin), DeskError> {
    if let Some(profile) = inner.of_center().filter(|profile| profile.code == code) {
        return Ok((profile.clone(), ProfileOrigin::Center));
    }
    let own = match &inner.store {
        Some(store) => store.profile::<CenterProfile>(code)?,
        None => None,
    };
    let found = own.map(|profile| (profile, ProfileOrigin::Own));
    found
        .or_else(|| CenterProfile::shipped(code).map(|profile| (profile, ProfileOrigin::Shipped)))
        .or_else(|| {
            let city = city::by_name(code.strip_prefix(city::CODE_PREFIX)?)?;
            Some((CenterProfile::from_city(city), ProfileOrigin::City))
        })
        .ok_or_else(|| DeskError::refusal_with(DeskError::NO_SUCH_PROFILE, "profile", code))
}

/// What a form is laid on top of.
fn under(inner: &Inner, base: &str) -> Result<CenterProfile, DeskError> {
    let Some(ticket) = base.strip_prefix(FILE_PREFIX) else { return known(inner, base).map(|(profile, _)| profile) };
    let file = inner.profile_file.as_ref().filter(|(read, _)| read == ticket);
    file.map(|(_, profile)| profile.clone()).ok_or_else(|| DeskError::refusal(DeskError::TICKET_GONE))
}

fn view(profile: &CenterProfile, origin: ProfileOrigin, base: String) -> ProfileView {
    ProfileView {
        origin,
        base,
        form: form_of(profile),
        problems: problem_views(&validate(profile)),
        choices: choices(),
        mappings: u32::try_from(profile.mappings.len()).unwrap_or(u32::MAX),
        templates: templates::lines(profile),
        caution: CAUTION.into(),
    }
}

fn line(profile: &CenterProfile, origin: ProfileOrigin, month: Option<Month>, saved_at: Option<String>) -> ProfileLine {
    ProfileLine {
        code: profile.code.clone(),
        name: profile.name.clone(),
        city: profile.city.clone(),
        origin,
        policy: month.and_then(|month| profile.policy(month)).map(policy_line),
        saved_at,
    }
}

fn policy_line(policy: &Policy) -> PolicyLine {
    PolicyLine {
        base_floor: policy.base_floor.map(|limit| limit.to_string()),
        base_ceiling: policy.base_ceiling.map(|limit| limit.to_string()),
        ratio: format!("{}–{}", policy.ratio_floor.percent(), policy.ratio_ceiling.percent()),
        method: policy.rounding.label().to_owned(),
        source_title: policy.source_title.clone(),
        source_date: policy.source_date.map(|date| date.to_string()),
    }
}

fn refused(name: &str, detail: &str) -> DeskError {
    let DeskError::Refusal { code, mut args } = DeskError::refusal_with(DeskError::PROFILE_FILE, "file", name) else {
        return DeskError::refusal(DeskError::PROFILE_FILE);
    };
    args.insert("detail".into(), detail.to_owned());
    DeskError::Refusal { code, args }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;
    use std::sync::Arc;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use huijiao_domain::profile::{DaysOff, TimestampServer};
    use huijiao_sheets::WorkerProgram;
    use huijiao_signing::issue::{DevelopmentCa, Validity};
    use jiff::civil::date;
    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;
    use crate::ports::SystemClock;
    use crate::{DeskConfig, KeyringUse, calls};

    struct Scene {
        folder: TempDir,
        desk: Arc<Desk>,
    }

    /// A desk whose local data is open, with nobody logged in.
    fn scene() -> Scene {
        let folder = TempDir::new().unwrap();
        let desk = Arc::new(Desk::new(DeskConfig {
            folder: folder.path().join("data"),
            export_folder: folder.path().join("导出"),
            worker: WorkerProgram::current().unwrap(),
            keyring: KeyringUse::None,
            clock: Arc::new(SystemClock),
            practice: None,
            updates: None,
            tokens: huijiao_signing::Tokens::none(),
            pauses: Vec::new(),
            version: "0".into(),
        }));
        desk.start().unwrap();
        desk.set_passphrase("一句够长的口令 2026").unwrap();
        Scene { folder, desk }
    }

    impl Scene {
        async fn ask(&self, command: &str, args: Value) -> Result<Value, String> {
            calls::call(&self.desk, command, args).await.map_err(|error| error.code)
        }

        async fn of<T: serde::de::DeserializeOwned>(&self, command: &str, args: Value) -> T {
            serde_json::from_value(self.ask(command, args).await.unwrap()).unwrap()
        }

        async fn shown(&self, code: &str) -> ProfileView {
            self.of("profile", json!({ "profile": code })).await
        }

        async fn save(&self, form: &ProfileForm, base: &str, replaces: Option<&str>) -> Result<ProfileSaved, String> {
            let saved = self.ask("profile_save", json!({ "form": form, "base": base, "replaces": replaces })).await;
            saved.map(|saved| serde_json::from_value(saved).unwrap())
        }

        async fn own(&self) -> Vec<String> {
            let view: ProfilesView = self.of("profiles", json!({})).await;
            view.profiles.into_iter().filter(|p| p.origin == ProfileOrigin::Own).map(|p| p.code).collect()
        }

        /// A file as a browser sends it.
        fn sent(&self, bytes: impl Into<Vec<u8>>) -> String {
            self.desk.ticket_of_bytes("规则.json", bytes.into()).ticket
        }
    }

    fn pointers(problems: &[ProfileProblemView]) -> Vec<&str> {
        problems.iter().map(|problem| problem.pointer.as_str()).collect()
    }

    #[tokio::test]
    async fn a_shipped_profile_is_changed_in_a_copy() {
        let scene = scene();
        let view = scene.shown("hengyang").await;
        assert_eq!((view.origin, &view.problems), (ProfileOrigin::Shipped, &Vec::new()), "it comes with the program");
        let mut form = view.form.clone();
        form.policies[1].base_ceiling = "22,000".into();
        assert_eq!(scene.save(&form, &view.base, None).await.unwrap_err(), DeskError::PROFILE_TAKEN, "never in place");
        let replacing = scene.save(&form, &view.base, Some("hengyang")).await.unwrap_err();
        assert_eq!(replacing, DeskError::PROFILE_NOT_OWN, "not even when asked to");
        assert!(scene.own().await.is_empty(), "and nothing was kept");

        form.code = "衡阳-自用".into();
        assert!(scene.save(&form, &view.base, None).await.unwrap().saved, "under a code of its own");
        assert_eq!(scene.own().await, ["衡阳-自用"]);
        let own = scene.shown("衡阳-自用").await;
        assert_eq!(own.form.policies[1].base_ceiling, "22000.00", "as it was meant");
        assert_eq!(scene.shown("hengyang").await.form, view.form, "the shipped one is as it was");

        let mut renamed = own.form.clone();
        renamed.code = "衡阳-2".into();
        assert!(scene.save(&renamed, &own.base, Some("衡阳-自用")).await.unwrap().saved);
        assert_eq!(scene.own().await, ["衡阳-2"], "renamed, not doubled");
        let gone = scene.ask("profile_delete", json!({ "profile": "hengyang" })).await.unwrap_err();
        assert_eq!(gone, DeskError::PROFILE_NOT_OWN, "what ships stays");
        scene.ask("profile_delete", json!({ "profile": "衡阳-2" })).await.unwrap();
        assert!(scene.own().await.is_empty());
    }

    #[tokio::test]
    async fn every_form_gives_back_its_profile() {
        for code in CenterProfile::shipped_codes() {
            let profile = CenterProfile::shipped(code).unwrap();
            assert_eq!(profile_of(&form_of(&profile), profile.clone()), Ok(profile), "{code}: nothing is lost");
        }
        let at = "2026-07-06T00:00:00Z".parse().unwrap();
        let root = |name| DevelopmentCa::new(name, Validity::years(at, 1)).unwrap().certificate().clone();
        let roots = [root("时间戳甲"), root("时间戳乙")];
        let timestamps = Some(TimestampServer {
            url: "http://tsa.example/tsr".into(),
            roots: roots.iter().map(|root| STANDARD.encode(root.der())).collect(),
        });
        let profile = CenterProfile { timestamps, ..CenterProfile::shipped("demo").unwrap() };
        let form = form_of(&profile);
        assert_eq!(form.timestamp_roots, roots.map(|root| root.pem()).concat(), "as roots are handed over");
        assert_eq!(profile_of(&form, profile.clone()), Ok(profile), "nor of who stamps the time");
    }

    #[tokio::test]
    async fn days_off_are_typed_as_the_notice_has_them() {
        let mut profile = CenterProfile::shipped("demo").unwrap();
        profile.days_off = DaysOff {
            moves: true,
            holidays: [(9, 25), (10, 1), (10, 2), (10, 3)].map(|(month, day)| date(2026, month, day)).into(),
            worked: [date(2026, 10, 10)].into(),
        };
        let form = form_of(&profile);
        assert_eq!(form.holidays, "2026-09-25、2026-10-01至2026-10-03", "days in a row as one span");
        assert_eq!(profile_of(&form, profile.clone()), Ok(profile.clone()), "and nothing is lost");
        let typed = |holidays: &str| {
            let form = ProfileForm { holidays: holidays.into(), ..form.clone() };
            profile_of(&form, profile.clone()).map(|profile| profile.days_off.holidays.len())
        };
        assert_eq!(typed(" 2026-10-01 ~ 2026-10-07，2026-09-25\n"), Ok(8), "however they are separated");
        assert_eq!(typed(""), Ok(0), "a center that has typed in none");
        for wrong in ["十月一日", "2026-10-07至2026-10-01", "2026-01-01至2026-12-31", "2026-02-30", "2026-10-01至"]
        {
            let found = typed(wrong).unwrap_err();
            assert_eq!(found.iter().map(|p| p.pointer.as_str()).collect::<Vec<_>>(), ["/days_off/holidays"], "{wrong}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_a_problem_at_its_field_and_nothing_is_saved() {
        let scene = scene();
        let view = scene.shown("jiaozuo").await;
        let mut form = view.form.clone();
        form.code = "焦作-自用".into();
        form.policies[0].base_floor = "约两千".into();
        form.policies[0].ratio_ceiling = "120%".into();
        form.policies[0].effective_from = "2026年".into();
        form.cut_off_day = "三十".into();
        form.account_length = "-1".into();
        form.window_first = "07-01".into();
        form.kinds[0].approval = "sometimes".into();
        form.seal_reasons[0].withdrawal_months = "半年".into();
        form.loan.multiple = "三十".into();
        form.loan.steps[0].from_months.clear();
        form.loan.steps[1].coefficient = "1.5倍".into();
        form.timestamp_url = "http://tsa.example/tsr".into();
        form.timestamp_roots = "MIIB 不是证书".into();
        form.name = "中心\u{202e}".into();
        let saved = scene.save(&form, &view.base, None).await.unwrap();
        assert!(!saved.saved && scene.own().await.is_empty(), "nothing is kept by halves");
        let kind = format!("/kinds/{}", form.kinds[0].kind);
        let wanted = [
            "/account_length",
            "/seal_reasons/0/withdrawal_months",
            &kind,
            "/cut_off_day",
            "/base_window/last",
            "/loan/multiple",
            "/loan/coefficients/0/from_months",
            "/loan/coefficients/1/coefficient",
            "/policies/0/effective_from",
            "/policies/0/base_floor",
            "/policies/0/ratio_ceiling",
            "/name",
            "/timestamps",
        ];
        assert_eq!(pointers(&saved.problems), wanted, "all of them, each once");
        assert!(saved.problems.iter().all(|problem| !problem.message.contains(['{', '…'])), "{:?}", saved.problems);
        let checked: Vec<ProfileProblemView> =
            scene.of("profile_check", json!({ "form": form, "base": view.base })).await;
        assert_eq!(checked, saved.problems, "the same while it is typed");
    }

    #[tokio::test]
    async fn what_is_exported_is_imported_again_with_its_mappings() {
        let scene = scene();
        let mapping: Vec<(u16, Option<Field>)> = vec![(0, Some(Field::Name)), (1, None)];
        scene.desk.inner().store().unwrap().remember_mapping("base_adjustment:ab", &mapping).unwrap();
        let view = scene.shown("hengyang").await;
        let form = ProfileForm { code: "hy2".into(), city: "../衡阳".into(), ..view.form };
        assert!(scene.save(&form, &view.base, None).await.unwrap().saved);
        let export = json!({ "profile": "hy2", "mappings": true });
        let exported: ExportedFile = scene.of("profile_export", export.clone()).await;
        assert_eq!(exported.file, ".._衡阳-公积金规则.json", "a name, not a path");
        let path = scene.folder.path().join("导出").join(&exported.file);
        let bytes = std::fs::read(&path).unwrap();
        let again: ExportedFile = scene.of("profile_export", export).await;
        assert_ne!(again.file, exported.file, "nothing is written over");

        let other = self::scene();
        let shown: ProfileView = other.of("profile_import", json!({ "ticket": other.sent(bytes) })).await;
        assert_eq!((shown.origin, shown.mappings), (ProfileOrigin::File, 1), "{:?}", shown.problems);
        assert!(other.own().await.is_empty(), "read, not kept");
        let saved = other.save(&shown.form, &shown.base, None).await.unwrap();
        assert_eq!((saved.saved, saved.mappings), (true, 1), "{saved:?}");
        assert_eq!(other.own().await, ["hy2"]);
        let kept = other.desk.inner().store().unwrap().mapping("base_adjustment:ab").unwrap();
        assert_eq!(kept, Some(mapping), "a sheet with that header is now known here too");
        let once = other.save(&shown.form, &shown.base, None).await.unwrap_err();
        assert_eq!(once, DeskError::TICKET_GONE, "a file is saved once");
    }

    #[tokio::test]
    async fn mappings_chosen_here_are_not_replaced_by_a_file() {
        let scene = scene();
        let mine: Vec<(u16, Option<Field>)> = vec![(0, Some(Field::Name))];
        scene.desk.inner().store().unwrap().remember_mapping("ab", &mine).unwrap();
        let mut profile = CenterProfile::shipped("huangshi").unwrap();
        profile.code = "hs2".into();
        profile.mappings = vec![ColumnMapping { header: "ab".into(), columns: vec![(0, None)] }];
        let ticket = scene.sent(serde_json::to_vec(&profile).unwrap());
        let shown: ProfileView = scene.of("profile_import", json!({ "ticket": ticket })).await;
        let saved = scene.save(&shown.form, &shown.base, None).await.unwrap();
        assert_eq!((saved.saved, saved.mappings), (true, 0), "{saved:?}");
        assert_eq!(scene.desk.inner().store().unwrap().mapping("ab").unwrap(), Some(mine), "the clerk's own choice");
    }

    #[tokio::test]
    async fn files_that_are_no_rules_are_refused_and_faulty_ones_shown() {
        let scene = scene();
        let sound = serde_json::to_value(CenterProfile::shipped("demo").unwrap()).unwrap();
        let with = |field: &str, value: Value| {
            let mut profile = sound.clone();
            profile[field] = value;
            profile.to_string().into_bytes()
        };
        let deep = "[".repeat(100_000).into_bytes();
        let large = vec![b' '; usize::try_from(LARGEST_FILE).unwrap() + 1];
        for (what, bytes, detail) in [
            ("nothing", Vec::new(), "不是 JSON"),
            ("no JSON", b"PK\x03\x04".to_vec(), "不是 JSON"),
            ("another list", b"[1,2]".to_vec(), "不符合格式"),
            ("too deep", deep, "不符合格式"),
            ("too large", large, "8 MB"),
            ("a rule of a later version", with("quota", json!(1)), "「quota」本版本不认识"),
            ("a figure that is none", with("cut_off_day", json!("soon")), "「/cut_off_day」的内容不符合格式"),
            ("an unknown method", with("channel", json!("pigeon")), "不认识"),
            ("no policies", json!({ "code": "x", "name": "x", "city": "x" }).to_string().into_bytes(), "「policies」"),
        ] {
            let ticket = scene.sent(bytes);
            let args = json!({ "ticket": ticket });
            let error = calls::call(&scene.desk, "profile_import", args).await.unwrap_err();
            assert_eq!(error.code, DeskError::PROFILE_FILE, "{what}");
            let said = error.args.get("detail").cloned().unwrap_or_default();
            assert!(said.contains(detail) || what == "an unknown method", "{what}: {said}");
        }
        assert!(scene.own().await.is_empty(), "none of them was kept");
        let gone = scene.ask("profile_import", json!({ "ticket": "nobody" })).await.unwrap_err();
        assert_eq!(gone, DeskError::TICKET_GONE);

        let faulty = with("name", json!("<img src=x onerror=alert(1)>\u{7}"));
        let shown: ProfileView = scene.of("profile_import", json!({ "ticket": scene.sent(faulty) })).await;
        assert_eq!(pointers(&shown.problems), ["/name"], "it can be mended on the form");
        let saved = scene.save(&shown.form, &shown.base, None).await.unwrap();
        assert!(!saved.saved, "and is not saved before");
    }

    #[tokio::test]
    async fn without_the_local_data_only_what_ships_is_there() {
        let folder = TempDir::new().unwrap();
        let desk = Arc::new(Desk::new(DeskConfig {
            folder: folder.path().join("data"),
            export_folder: folder.path().join("导出"),
            worker: WorkerProgram::current().unwrap(),
            keyring: KeyringUse::None,
            clock: Arc::new(SystemClock),
            practice: None,
            updates: None,
            tokens: huijiao_signing::Tokens::none(),
            pauses: Vec::new(),
            version: "0".into(),
        }));
        let codes: Vec<_> = desk.profiles().unwrap().profiles.into_iter().map(|profile| profile.code).collect();
        assert_eq!(codes, ["demo", "jiaozuo", "dezhou", "hengyang", "huangshi"]);
        let view = desk.profile("city:北京").unwrap();
        assert_eq!(view.origin, ProfileOrigin::City, "what a city has published, as rules");
        let form = ProfileForm { code: "bj".into(), ..view.form };
        assert_eq!(desk.profile_save(&form, &view.base, None).unwrap_err().code(), DeskError::LOCKED);
        assert!(!Path::new(&folder.path().join("data")).exists(), "nothing was written");
    }
}
