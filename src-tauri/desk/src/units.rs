//! Units of the user's own at centers without a gateway: entered by hand, their rosters from the center's exports.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::amount::typed_ratio;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::identity::CreditCode;
use huijiao_domain::money::{Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, MinimumTls};
use huijiao_domain::roster::{AccountStatus, Roster, Unit, UnitStatus};
use huijiao_protocol::PROTOCOL;
use huijiao_protocol::resources::CenterInfo;
use huijiao_signing::TrustAnchors;
use huijiao_store::Store;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::joining::{joined_units, root_line};
use crate::ports::Connection;
use crate::session::Session;
use crate::views::{FormProblem, RootLine, SessionView, UnitForm, UnitLine, UnitSaved};
use crate::{Desk, DeskError, Inner, joining, profiles, text};

/// Under this name the list of the user's own units is kept.
const UNITS: &str = "own-units";

/// What is kept of a unit beside its data and its roster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OwnUnit {
    pub(crate) account: String,
    /// Code of the rules it works by.
    pub(crate) profile: String,
    /// Roots of whoever issues its operators' certificates, DER in Base64; none where nothing is signed.
    #[serde(default)]
    pub(crate) roots: Vec<String>,
}

impl OwnUnit {
    fn anchors(&self) -> Result<TrustAnchors, DeskError> {
        let der = |text: &String| STANDARD.decode(text).map_err(|error| DeskError::Internal(error.to_string()));
        let roots = self.roots.iter().map(der).collect::<Result<Vec<_>, _>>()?;
        Ok(TrustAnchors::from_der(roots)?)
    }
}

/// Under this name the colours of units are kept, by account.
const BANDS_KEPT: &str = "unit-bands";

/// Colours by which units are told apart.
const BANDS: u8 = 6;

/// The colour for one unit more: the first that fewest have.
fn next_band(given: &BTreeMap<String, u8>) -> u8 {
    (0..BANDS).min_by_key(|band| given.values().filter(|one| *one == band).count()).unwrap_or_default()
}

/// The number of a unit's colour; it keeps the one that it was given first.
pub(crate) fn band_of(store: &mut Store, account: &str) -> Result<u8, DeskError> {
    let mut given: BTreeMap<String, u8> = store.setting(BANDS_KEPT)?.unwrap_or_default();
    if let Some(band) = given.get(account) {
        return Ok(*band);
    }
    let band = next_band(&given);
    given.insert(account.to_owned(), band);
    store.set_setting(BANDS_KEPT, &given)?;
    Ok(band)
}

pub(crate) fn own_units(store: &Store) -> Result<Vec<OwnUnit>, DeskError> {
    Ok(store.setting(UNITS)?.unwrap_or_default())
}

impl Desk {
    /// The user's own units.
    ///
    /// # Errors
    /// The local data is locked or damaged.
    pub fn units(&self) -> Result<Vec<UnitLine>, DeskError> {
        let mut inner = self.inner();
        let store = inner.store()?;
        let mut lines = Vec::new();
        for own in own_units(store)? {
            let Some((unit, _)) = store.unit::<Unit>(&own.account)? else { continue };
            let taken_at = store.roster(&own.account)?.map(|(_, at)| at).unwrap_or_default();
            let form = UnitForm {
                profile: own.profile.clone(),
                account: unit.account,
                name: unit.name.clone(),
                credit_code: unit.credit_code,
                unit_ratio: unit.unit_ratio.percent(),
                personal_ratio: unit.personal_ratio.percent(),
                first_month: unit.first_unverified.to_string(),
                district: unit.district.unwrap_or_default(),
                single_operator: unit.single_operator,
                roster: None,
                encoding: None,
                roots: None,
                unsigned: false,
            };
            lines.push(UnitLine {
                roots: own.anchors()?.certificates().iter().map(root_line).collect(),
                form,
                account: own.account,
                name: unit.name,
                profile: own.profile,
                people: unit.contributors + unit.sealed,
                roster_taken_at: text::local_time(&taken_at),
            });
        }
        Ok(lines)
    }

    /// Adds a unit, or changes what is kept of the open one (`replaces`), and opens it.
    ///
    /// # Errors
    /// A roster that cannot be read; the local data is locked. What is wrong with the form is said in the answer, and
    /// nothing is kept then.
    pub fn unit_save(&self, form: &UnitForm, replaces: bool) -> Result<UnitSaved, DeskError> {
        let refused = |problems| Ok(UnitSaved { session: None, problems });
        let (profile, taken) = {
            let mut inner = self.inner();
            let store = inner.store()?;
            let own = own_units(store)?;
            let known = own.iter().any(|unit| unit.account == form.account)
                || joined_units(store)?.iter().any(|unit| unit.account == form.account)
                || store.roster(&form.account)?.is_some();
            if replaces && !own.iter().any(|unit| unit.account == form.account) {
                return Err(DeskError::refusal(DeskError::NO_SUCH_UNIT));
            }
            (profiles::known(&inner, &form.profile).map(|(profile, _)| profile).ok(), known && !replaces)
        };
        let (unit, mut problems) = match read(form) {
            Ok(unit) => (Some(unit), Vec::new()),
            Err(problems) => (None, problems),
        };
        if taken {
            problems.push(problem("account", DeskError::UNIT_TAKEN));
        }
        if profile.is_none() {
            problems.push(problem("profile", "desk-unit-profile"));
        }
        let known = |district: &String| profile.as_ref().is_some_and(|profile| profile.districts.contains(district));
        if unit.as_ref().and_then(|unit| unit.district.as_ref()).is_some_and(|district| !known(district)) {
            problems.push(problem("district", "desk-unit-district"));
        }
        if form.roster.is_none() && !replaces {
            problems.push(problem("roster", "desk-unit-roster"));
        }
        let (Some(profile), Some(mut unit), true) = (profile, unit, problems.is_empty()) else {
            return refused(problems);
        };
        let roots = form.roots.as_ref().map(|ticket| self.roots_of(ticket)).transpose()?;
        let ratios = Some((unit.unit_ratio, unit.personal_ratio));
        let (people, mended) = match &form.roster {
            Some(ticket) => {
                let (people, mended) = self.roster_of_file((ticket, form.encoding.as_deref()), &profile, ratios)?;
                (Some(people), mended)
            }
            None => (None, 0),
        };
        let mut inner = self.inner();
        let at = text::stamp(self.config.clock.now());
        let store = inner.store()?;
        let before = store.roster(&unit.account)?;
        let roster = match (people, before) {
            (Some(people), before) => {
                let version = before.map_or(1, |(before, _)| before.version + 1);
                let roster = Roster { version, ..people };
                store.put_roster(&unit.account, &roster, &at)?;
                roster
            }
            (None, Some((before, _))) => before,
            (None, None) => return refused(vec![problem("roster", "desk-unit-roster")]),
        };
        count(&mut unit, &roster);
        store.put_unit(&unit.account, &unit, &at)?;
        let mut own = own_units(store)?;
        let kept = own.iter().find(|one| one.account == unit.account && !form.unsigned).map(|one| one.roots.clone());
        let chosen = roots.map(|roots| roots.iter().map(|root| STANDARD.encode(root.der())).collect());
        own.retain(|one| one.account != unit.account);
        own.push(OwnUnit {
            account: unit.account.clone(),
            profile: form.profile.clone(),
            roots: chosen.or(kept).unwrap_or_default(),
        });
        store.set_setting(UNITS, &own)?;
        drop(inner);
        let session = mending(self.unit_enter(&form.account)?, mended);
        Ok(UnitSaved { session: Some(session), problems: Vec::new() })
    }

    /// The root certificates of a file, to be looked at before a unit's signatures are judged by them.
    ///
    /// # Errors
    /// `desk-center-root`
    pub fn unit_roots(&self, ticket: &str) -> Result<Vec<RootLine>, DeskError> {
        Ok(self.roots_of(ticket)?.iter().map(root_line).collect())
    }

    /// Takes the center's newest export as the roster of the open unit.
    ///
    /// # Errors
    /// A roster that cannot be read; then the one before stays. A unit whose center has a gateway.
    pub fn unit_roster(&self, ticket: &str, encoding: Option<&str>) -> Result<SessionView, DeskError> {
        let (account, profile, ratios) = {
            let inner = self.inner();
            let session = inner.session()?;
            if session.gateway.is_some() {
                return Err(DeskError::refusal(DeskError::GATEWAY_ONLY));
            }
            let unit = session.unit.as_ref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
            (unit.account.clone(), session.info.profile.clone(), (unit.unit_ratio, unit.personal_ratio))
        };
        let (people, mended) = self.roster_of_file((ticket, encoding), &profile, Some(ratios))?;
        let mut inner = self.inner();
        let at = text::stamp(self.config.clock.now());
        let store = inner.store()?;
        let version = store.roster(&account)?.map_or(1, |(before, _)| before.version + 1);
        let roster = Roster { version, ..people };
        store.put_roster(&account, &roster, &at)?;
        if let Some((mut unit, _)) = store.unit::<Unit>(&account)? {
            count(&mut unit, &roster);
            store.put_unit(&account, &unit, &at)?;
        }
        drop(inner);
        Ok(mending(self.unit_enter(&account)?, mended))
    }

    /// Opens one of the user's own units.
    ///
    /// # Errors
    /// `desk-no-such-unit`, `desk-no-such-profile`; the local data is locked or damaged.
    pub fn unit_enter(&self, account: &str) -> Result<SessionView, DeskError> {
        self.name_modules()?;
        let mut inner = self.inner();
        let gone = || DeskError::refusal(DeskError::NO_SUCH_UNIT);
        let store = inner.store()?;
        let own = own_units(store)?.into_iter().find(|unit| unit.account == account).ok_or_else(gone)?;
        let (unit, _) = store.unit::<Unit>(account)?.ok_or_else(gone)?;
        let (roster, taken_at) = store.roster(account)?.ok_or_else(gone)?;
        let band = band_of(store, account)?;
        // The user's rules may have changed since; those of the session before do not count.
        inner.leave();
        let (profile, _) = profiles::known(&inner, &own.profile)?;
        let time = text::stamp(self.config.clock.now());
        let connection = Connection {
            demo: false,
            base_url: String::new(),
            anchors: own.anchors()?.certificates().iter().map(|root| root.der().to_vec()).collect(),
            minimum_tls: MinimumTls::default(),
            certificates: self.config.folder.join("units").join(account).join("certificates"),
            unit_account: account.to_owned(),
            login: None,
            operators: Vec::new(),
            clock_offset: SignedDuration::ZERO,
            workbooks: Vec::new(),
        };
        let info = CenterInfo { protocol: PROTOCOL, time, profile, kinds: FilingKind::ALL.to_vec() };
        let (tokens, clock) = (self.config.tokens.clone(), self.config.clock.clone());
        let mut session = Session::of_files(connection, info, unit, Arc::new(roster), taken_at, tokens, clock);
        session.band = band;
        inner.session = Some(session);
        let now = self.now(&inner);
        Ok(inner.session()?.view(now))
    }

    /// Forgets a unit; its drafts and filings stay in the local data.
    ///
    /// # Errors
    /// `desk-no-such-unit`; the local data is locked.
    pub fn unit_forget(&self, account: &str) -> Result<Vec<UnitLine>, DeskError> {
        {
            let mut inner = self.inner();
            let store = inner.store()?;
            let mut own = own_units(store)?;
            let before = own.len();
            own.retain(|unit| unit.account != account);
            if own.len() == before && !joining::forget(store, account)? {
                return Err(DeskError::refusal(DeskError::NO_SUCH_UNIT));
            }
            store.set_setting(UNITS, &own)?;
            close(&mut inner, account);
        }
        self.units()
    }

    fn roster_of_file(
        &self,
        (ticket, encoding): (&str, Option<&str>),
        profile: &CenterProfile,
        ratios: Option<(Ratio, Ratio)>,
    ) -> Result<(Roster, usize), DeskError> {
        let (_, mut book) = self.workbook_of_ticket(ticket, encoding, &self.begin_step())?;
        Ok(huijiao_sheets::roster_as_meant(&mut book, profile, ratios)?)
    }
}

fn close(inner: &mut Inner, account: &str) {
    if inner.session.as_ref().is_some_and(|session| session.connection.unit_account == account) {
        inner.session = None;
        inner.drafts.clear();
    }
}

/// The session with what was mended in the roster that it was opened with.
fn mending(mut session: SessionView, mended: usize) -> SessionView {
    if let Some(roster) = &mut session.roster {
        roster.mended = u32::try_from(mended).unwrap_or(u32::MAX);
    }
    session
}

fn count(unit: &mut Unit, roster: &Roster) {
    let of = |status| {
        let people = roster.contributors.iter().filter(|person| person.status == status).count();
        u32::try_from(people).unwrap_or(u32::MAX)
    };
    unit.contributors = of(AccountStatus::Normal);
    unit.sealed = of(AccountStatus::Sealed);
}

fn problem(field: &str, code: &'static str) -> FormProblem {
    let text = huijiao_domain::texts::lookup(code);
    FormProblem { field: field.into(), message: text.map_or_else(|| code.into(), |text| text.happened.clone()) }
}

/// The unit that a form describes, or what is wrong with it.
fn read(form: &UnitForm) -> Result<Unit, Vec<FormProblem>> {
    let mut problems = Vec::new();
    let mut must = |holds: bool, field: &str, code| {
        if !holds {
            problems.push(problem(field, code));
        }
    };
    let account = form.account.trim();
    must(is_account(account), "account", DeskError::UNIT_ACCOUNT);
    must(form.name.trim().chars().count() >= 2, "name", "desk-unit-name");
    must(CreditCode::parse(&form.credit_code).is_ok(), "credit_code", "desk-unit-credit-code");
    let (unit_ratio, personal_ratio) = (typed_ratio(&form.unit_ratio), typed_ratio(&form.personal_ratio));
    must(unit_ratio.is_some(), "unit_ratio", "desk-unit-ratio");
    must(personal_ratio.is_some(), "personal_ratio", "desk-unit-ratio");
    let first_unverified = form.first_month.parse::<Month>().ok();
    must(first_unverified.is_some(), "first_month", "desk-unit-month");
    match (unit_ratio, personal_ratio, first_unverified) {
        (Some(unit_ratio), Some(personal_ratio), Some(first_unverified)) if problems.is_empty() => Ok(Unit {
            account: account.to_owned(),
            credit_code: form.credit_code.clone(),
            name: form.name.trim().to_owned(),
            status: UnitStatus::Normal,
            unit_ratio,
            personal_ratio,
            contributors: 0,
            sealed: 0,
            paid_through: first_unverified.previous(),
            first_unverified,
            single_operator: form.single_operator,
            suspense_balance: Yuan::ZERO,
            details: Default::default(),
            district: district_of(&form.district),
            deferral: None,
        }),
        _ => Err(problems),
    }
}

/// What a 单位账号 looks like; it also names folders.
pub(crate) fn is_account(text: &str) -> bool {
    !text.is_empty() && text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn district_of(said: &str) -> Option<String> {
    let said = said.trim();
    (!said.is_empty()).then(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_colours_of_their_own_as_long_as_there_are_colours() {
        let mut given = BTreeMap::new();
        for unit in 0..=BANDS {
            given.insert(format!("unit {unit}"), next_band(&given));
        }
        let bands: Vec<u8> = given.values().copied().collect();
        assert_eq!(bands, [0, 1, 2, 3, 4, 5, 0]);
        given.remove("unit 3");
        assert_eq!(next_band(&given), 3, "one that nobody has any more");
    }
}
