//! An open unit: the center it belongs to, its data, its people, and whether the center answers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use huijiao_domain::filing::Circumstances;
use huijiao_domain::mask;
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, SignatureIdentifiers, StaleCrl};
use huijiao_domain::remittance::Books;
use huijiao_domain::roster::{Deferral, Elsewhere, Roster, Unit};
use huijiao_gateway::{Gateway, Identity, Login, NetError, Proxy, Unsigned};
use huijiao_protocol::queries::Days;
use huijiao_protocol::resources::{CenterInfo, FilingStatus, PaymentOrder};
use huijiao_protocol::session::Challenge;
use huijiao_signing::{
    Certificate, Crl, Identifiers, KeyInfo, KeyProvider, Keys, P12Folder, Pin, Purpose, Role, SignError, Tokens,
    TrustAnchors, sign_attached,
};
use huijiao_store::{Store, StoreError};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::background::in_place;
use crate::error::DeskError;
use crate::import::TicketSource;
use crate::ports::{Clock, Connection};
use crate::preferences::endpoint;
use crate::units::band_of;
use crate::views::{DraftLine, HomeView, PracticeOperator, RosterAge, SessionView, Ticket};
use crate::{Desk, audit, certificates, text};

/// A clock that is off by more than this is worth a warning.
pub(crate) const SKEW_MINUTES: i64 = 5;

/// And with one that is off by more than this nothing is signed: the time of signing is part of what is signed.
pub(crate) const SKEW_REFUSED: i64 = 60;

/// What [`Session::reached`] says of a center that answers.
const REACHABLE: &str = "reachable";

static NOBODY: Elsewhere = Elsewhere(BTreeMap::new());

/// An open unit.
pub(crate) struct Session {
    pub(crate) connection: Connection,
    pub(crate) info: CenterInfo,
    pub(crate) unit: Option<Unit>,
    pub(crate) roster: Option<Arc<Roster>>,
    roster_taken_at: String,
    /// Months, dues and money, taken with the roster; `None` at a center without a gateway.
    pub(crate) books: Option<Arc<UnitBooks>>,
    pub(crate) gateway: Option<Arc<Gateway>>,
    pub(crate) operator: String,
    /// That is logged in with; `None` where nobody is.
    certificate: Option<Certificate>,
    /// Key id of the certificate that somebody logged in with himself; `None` for the connection's own.
    by: Option<String>,
    tokens: Tokens,
    /// The operator's roles in this unit, by the center's register; empty until the center has said so.
    roles: Vec<String>,
    /// What waits for an approver, as of the last time the center answered.
    pub(crate) awaiting: Arc<Vec<FilingStatus>>,
    /// `reachable`, or the code of the fault.
    reached: String,
    /// What the center's clock said when it answered last in this run, and the steady time of then.
    center_time: Option<(Timestamp, SignedDuration)>,
    clock: Arc<dyn Clock>,
    workbooks: Vec<Ticket>,
    /// The center's revocation lists, one for each of its roots, as new as they could be had.
    pub(crate) crls: Vec<Crl>,
    /// Number of the colour by which the unit is told from others.
    pub(crate) band: u8,
}

/// What one visit to the center brought.
struct Fetched {
    info: CenterInfo,
    /// Its time, and the steady one as it came: what is fetched after it may take long.
    center_time: Option<(Timestamp, SignedDuration)>,
    roles: Vec<String>,
    standing: Standing,
}

/// What the center's books say of a unit beside its roster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UnitBooks {
    pub(crate) books: Books,
    /// Newest first.
    pub(crate) orders: Vec<PaymentOrder>,
}

/// How a unit stands at its center.
pub(crate) struct Standing {
    pub(crate) unit: Unit,
    pub(crate) roster: Roster,
    pub(crate) books: UnitBooks,
    awaiting: Vec<FilingStatus>,
}

impl Standing {
    /// Fetches all of it.
    pub(crate) async fn fetch(gateway: &Gateway, account: &str) -> Result<Self, NetError> {
        let unit = gateway.unit(account).await?;
        let roster = gateway.roster(account).await?;
        let (books, orders) = (gateway.books(account).await?, gateway.payments(account, Days::default()).await?);
        let awaiting = [("state", Some("awaiting_approval"))];
        let awaiting = gateway.filings(account, Days::default(), &awaiting).await?;
        Ok(Self { unit, roster, books: UnitBooks { books, orders }, awaiting })
    }

    /// Keeps all of it as the local copy.
    fn keep(&self, store: &mut Store, stamp: &str) -> Result<(), StoreError> {
        store.put_roster(&self.unit.account, &self.roster, stamp)?;
        self.keep_beside_roster(store, stamp)
    }

    /// Keeps what goes with a roster that is kept already.
    pub(crate) fn keep_beside_roster(&self, store: &mut Store, stamp: &str) -> Result<(), StoreError> {
        store.put_unit(&self.unit.account, &self.unit, stamp)?;
        store.put_books(&self.unit.account, &self.books, stamp)
    }
}

/// What the checks know besides the sheet, apart from the session: checking a large sheet takes a while, and the
/// rest of the desk goes on meanwhile.
pub(crate) struct Known {
    pub(crate) profile: CenterProfile,
    pub(crate) unit: Option<Unit>,
    pub(crate) roster: Option<Arc<Roster>>,
    pub(crate) books: Option<Arc<UnitBooks>>,
    pub(crate) today: Date,
    /// There is a gateway that can be asked about people who are not in the unit.
    asks: bool,
}

impl Known {
    pub(crate) fn circumstances(&self, period: Month) -> Circumstances<'_> {
        Circumstances {
            books: self.books.as_ref().map(|books| &books.books),
            profile: &self.profile,
            unit: self.unit.as_ref(),
            roster: self.roster.as_deref(),
            // What is known is kept with each draft.
            elsewhere: self.asks.then_some(&NOBODY),
            period,
            today: self.today,
        }
    }

    pub(crate) fn roster_version(&self) -> Option<u64> {
        self.roster.as_ref().map(|r| r.version)
    }

    /// Whether the session still knows the same.
    pub(crate) fn still_holds(&self, session: &Session) -> bool {
        let same_roster = match (&self.roster, &session.roster) {
            (Some(here), Some(there)) => Arc::ptr_eq(here, there),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_roster && self.unit == session.unit && self.profile == session.info.profile
    }
}

impl Session {
    /// The way to the center for what was signed for a unit there: nobody else is shown it.
    ///
    /// # Errors
    /// [`DeskError::FILING_OTHER_UNIT`] while another unit is open, [`DeskError::NO_GATEWAY`].
    pub(crate) fn gateway_for(&self, center: &str, unit_account: &str) -> Result<Arc<Gateway>, DeskError> {
        self.must_be_of(center, unit_account)?;
        self.gateway.clone().ok_or_else(|| DeskError::refusal(DeskError::NO_GATEWAY))
    }

    /// Refuses what belongs to another unit than the open one.
    pub(crate) fn must_be_of(&self, center: &str, unit_account: &str) -> Result<(), DeskError> {
        if self.info.profile.code == center && self.connection.unit_account == unit_account {
            return Ok(());
        }
        Err(DeskError::refusal_with(DeskError::FILING_OTHER_UNIT, "unit", unit_account))
    }

    /// A unit at a center without a gateway: everything is what the user keeps.
    pub(crate) fn of_files(
        connection: Connection,
        info: CenterInfo,
        unit: Unit,
        roster: Arc<Roster>,
        roster_taken_at: String,
        tokens: Tokens,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            connection,
            info,
            unit: Some(unit),
            roster: Some(roster),
            roster_taken_at,
            books: None,
            gateway: None,
            operator: String::new(),
            certificate: None,
            by: None,
            tokens,
            roles: Vec::new(),
            awaiting: Arc::default(),
            reached: REACHABLE.into(),
            center_time: None,
            clock,
            workbooks: Vec::new(),
            crls: Vec::new(),
            band: 0,
        }
    }

    /// What was revoked, as far as it is known here.
    pub(crate) fn crls(&self) -> &[Crl] {
        &self.crls
    }

    /// Whether there is an authority whose certificates sign for this unit; a center with a gateway has one.
    pub(crate) fn signs(&self) -> bool {
        !self.connection.anchors.is_empty()
    }

    /// Refuses to sign or to judge what was signed where nobody says which certificates hold.
    pub(crate) fn must_have_roots(&self) -> Result<(), DeskError> {
        if self.signs() { Ok(()) } else { Err(DeskError::refusal(DeskError::NO_ROOTS)) }
    }

    /// Whether a root of the center's is without a revocation list, or a newer one of it is due. Where there is no gateway
    /// nobody gives any.
    pub(crate) fn crl_is_stale(&self, now: Timestamp) -> bool {
        if self.gateway.is_none() {
            return false;
        }
        let fresh = |root: &Certificate| {
            self.crls.iter().any(|crl| crl.is_of(root) && crl.next_update().is_none_or(|next| now <= next))
        };
        let anchors = TrustAnchors::from_der(&self.connection.anchors);
        !anchors.is_ok_and(|anchors| anchors.certificates().iter().all(fresh))
    }

    /// Whether the center's rules want newer revocation lists than are at hand, before anything is signed or believed.
    pub(crate) fn wants_newer_crls(&self, now: Timestamp) -> bool {
        self.info.profile.stale_crl == StaleCrl::Refuse && self.crl_is_stale(now)
    }

    /// What the checks know besides the sheet, as of now; today is the center's where its clock is off ours.
    pub(crate) fn known(&self, now: Timestamp) -> Known {
        Known {
            profile: self.info.profile.clone(),
            unit: self.unit.clone(),
            roster: self.roster.clone(),
            books: self.books.clone(),
            today: text::local(self.at_center(now)).date(),
            asks: self.gateway.is_some(),
        }
    }

    pub(crate) fn view(&self, now: Timestamp) -> SessionView {
        let skew = self.skew_minutes(now);
        let this_month = Month::of(text::local(self.at_center(now)).date()).map(|m| m.to_string()).unwrap_or_default();
        let unit = self.unit.as_ref();
        let of_unit = |f: &dyn Fn(&Unit) -> String| unit.map(f).unwrap_or_default();
        SessionView {
            demo: self.connection.demo,
            band: (!self.connection.demo).then_some(self.band),
            channel: if self.gateway.is_some() { "gateway" } else { "upload_file" }.into(),
            signs: self.signs(),
            center_name: self.info.profile.name.clone(),
            unit_name: of_unit(&|u| u.name.clone()),
            unit_account: self.connection.unit_account.clone(),
            credit_code: of_unit(&|u| u.credit_code.clone()),
            unit_status: of_unit(&|u| text::unit_status(u.status).into()),
            deferral: unit.and_then(|u| u.deferral.as_ref()).map(Deferral::label).unwrap_or_default(),
            contributors: unit.map_or(0, |u| u.contributors),
            sealed: unit.map_or(0, |u| u.sealed),
            unit_ratio: of_unit(&|u| u.unit_ratio.percent()),
            personal_ratio: of_unit(&|u| u.personal_ratio.percent()),
            paid_through: of_unit(&|u| u.paid_through.to_string()),
            first_month: of_unit(&|u| u.first_unverified.to_string()),
            last_month: this_month,
            proposed_month: of_unit(&|u| u.first_unverified.to_string()),
            operator: mask::id_numbers_in(&self.operator),
            role: self.role_name(),
            approves_only: !self.roles.is_empty() && self.has_role(Role::Approver) && !self.has_role(Role::Clerk),
            awaiting: u32::try_from(self.awaiting.len()).unwrap_or(u32::MAX),
            operators: self
                .connection
                .operators
                .iter()
                .map(|(key, name)| PracticeOperator {
                    key: key.clone(),
                    name: name.clone(),
                    on: self.login_key().is_some_and(|login| login == key),
                })
                .collect(),
            connection: self.reached.clone(),
            roster: self.roster.as_ref().map(|roster| RosterAge {
                version: roster.version,
                taken_at: self.as_of(),
                people: u32::try_from(roster.contributors.len()).unwrap_or(u32::MAX),
                mended: 0,
            }),
            clock_skew_minutes: (skew.abs() > SKEW_MINUTES).then(|| i32::try_from(skew).unwrap_or(i32::MAX)),
            // Whoever enrolled has a PIN of his own, which is nobody's business.
            demo_pin: self
                .connection
                .practice_login()
                .filter(|(key, _)| self.login_key() == Some(key))
                .map(|(_, pin)| pin.clone()),
            certificate_days: self
                .certificate
                .as_ref()
                .and_then(|certificate| text::days_left(now, certificate.not_after()))
                .filter(|days| *days <= certificates::WARNED),
        }
    }

    /// Whether the operator may act so, as far as is known: without the center's word it is left to the center.
    pub(crate) fn has_role(&self, role: Role) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|known| known == role.as_str())
    }

    /// What the operator is in this unit, Chinese; empty where it is not known here.
    pub(crate) fn role_name(&self) -> String {
        self.roles.iter().map(|role| text::role(role)).collect::<Vec<_>>().join("、")
    }

    /// Whether the center's rules have a filing of these rows signed by a second person.
    pub(crate) fn wants_approval(&self, kind: &str, people: u32, moved: Yuan) -> bool {
        let rule = self.info.profile.kinds.iter().find(|(known, _)| known.as_str() == kind);
        self.signs() && !self.is_alone() && rule.is_some_and(|(_, rule)| rule.asked(people, moved))
    }

    /// Whether one person files for the unit, and nobody is there to approve.
    pub(crate) fn is_alone(&self) -> bool {
        self.unit.as_ref().is_some_and(|unit| unit.single_operator)
    }

    /// When the local copy was taken, roster and books at once; local time.
    pub(crate) fn as_of(&self) -> String {
        text::local_time(&self.roster_taken_at)
    }

    /// Minutes that this computer's clock is off the center's, where that is too much to sign with.
    pub(crate) fn clock_off(&self, now: Timestamp) -> Option<i64> {
        Some(self.skew_minutes(now).abs()).filter(|minutes| *minutes > SKEW_REFUSED)
    }

    /// Whether the center has said in this run what time it is.
    pub(crate) fn heard_the_time(&self) -> bool {
        self.center_time.is_some()
    }

    /// Minutes that the center's clock is ahead of ours: what it said last, carried on by the steady clock. So it shows
    /// at once that somebody has set ours, also while the center is out of reach.
    fn skew_minutes(&self, now: Timestamp) -> i64 {
        if self.gateway.is_none() {
            return 0;
        }
        match self.center_time {
            Some((said, then)) => {
                let by = self.clock.steady().saturating_sub(then);
                said.checked_add(by).unwrap_or(said).duration_since(now).as_mins()
            }
            // What it said in an earlier run: it is later there by now, nobody knows by how much.
            None => skew(&self.info, now).max(0),
        }
    }

    /// What time it is at the center.
    fn at_center(&self, now: Timestamp) -> Timestamp {
        now.checked_add(SignedDuration::from_mins(self.skew_minutes(now))).unwrap_or(now)
    }

    /// The center did not answer last time: everything shown is the local copy.
    pub(crate) fn is_stale(&self) -> bool {
        self.reached != REACHABLE
    }

    fn take(&mut self, standing: Standing, stamp: String) {
        self.unit = Some(standing.unit);
        self.roster = Some(Arc::new(standing.roster));
        self.books = Some(Arc::new(standing.books));
        self.awaiting = Arc::new(standing.awaiting);
        self.roster_taken_at = stamp;
        self.reached = REACHABLE.into();
    }

    /// Notes why the center does not answer, by the code of the fault.
    pub(crate) fn out_of_reach(&mut self, code: &str) {
        code.clone_into(&mut self.reached);
    }

    /// How the center wants SM2 files written.
    pub(crate) fn identifiers(&self) -> Identifiers {
        match self.info.profile.signatures.identifiers {
            SignatureIdentifiers::Rfc => Identifiers::Rfc,
            SignatureIdentifiers::Gmt => Identifiers::Gmt,
        }
    }

    /// The operators' certificates, in files and on tokens.
    pub(crate) fn keys(&self) -> Keys {
        keys(&self.connection, &self.tokens)
    }

    /// What is logged in with; `None` where nobody is.
    pub(crate) fn login_certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Who is logged in, as the log of operations names him.
    pub(crate) fn who(&self) -> Option<String> {
        self.certificate.as_ref().map(|own| audit::named(own.holder(), &own.serial_hex()))
    }

    /// Serial number of the certificate that is logged in with; empty where nobody is.
    pub(crate) fn serial(&self) -> String {
        self.certificate.as_ref().map(Certificate::serial_hex).unwrap_or_default()
    }

    /// Whether a certificate is the operator's, as far as certificates tell.
    pub(crate) fn is_own(&self, certificate: &Certificate) -> bool {
        let by_name = || certificate.holder() == self.operator;
        self.certificate.as_ref().map_or_else(by_name, |own| own.same_holder(certificate))
    }

    /// Whether somebody whom a receipt names is the operator. Where his certificate tells him from namesakes, a name alone
    /// does not say so.
    pub(crate) fn is_named(&self, name: &str, serial: &str) -> bool {
        let numbered = self.certificate.as_ref().is_some_and(Certificate::is_numbered);
        name == self.operator && (!numbered || serial == self.serial())
    }

    /// Id of the key that the operator logged in with.
    pub(crate) fn login_key(&self) -> Option<&str> {
        self.by.as_deref().or(self.connection.login.as_ref().map(|(key, _)| key.as_str()))
    }
}

impl Desk {
    /// Opens the practice center and its unit.
    ///
    /// # Errors
    /// When it does not start, or the local data is locked.
    pub async fn enter_demo(self: &Arc<Self>) -> Result<SessionView, DeskError> {
        let door = self.config.practice.clone().ok_or_else(|| DeskError::refusal(DeskError::NO_PRACTICE))?;
        let connection = door.open(&self.practice_folder()).await?;
        self.enter(connection).await
    }

    pub(crate) fn practice_folder(&self) -> PathBuf {
        self.config.folder.join("practice")
    }

    /// Opens a unit at a center: logs in, fetches its data, and settles what an earlier run left open.
    ///
    /// # Errors
    /// When the center is not reached and there is no local copy either, or the local data is locked.
    pub async fn enter(self: &Arc<Self>, connection: Connection) -> Result<SessionView, DeskError> {
        self.enter_as(connection, None).await
    }

    /// As [`Desk::enter`], by another certificate than the connection's own.
    pub(crate) async fn enter_as(
        self: &Arc<Self>,
        connection: Connection,
        by: Option<(String, Pin)>,
    ) -> Result<SessionView, DeskError> {
        self.name_modules()?;
        let key = by.as_ref().map(|(key, _)| key.clone());
        let LoggedIn { gateway, certificate } = {
            let (connection, desk) = (connection.clone(), self.clone());
            tokio::task::spawn_blocking(move || log_in(&connection, desk.proxy(), &desk.config.tokens, by))
                .await
                .map_err(|e| DeskError::Internal(e.to_string()))??
        };
        let operator = certificate.as_ref().map(|own| own.holder().to_owned()).unwrap_or_default();
        let workbooks = connection
            .workbooks
            .iter()
            .filter_map(|(path, note)| self.workbook_ticket(path.clone(), note.clone()))
            .collect();
        // What is known of the last time holds before the first word.
        let kept = self.inner().store()?.crls(&connection.unit_account)?;
        let kept = kept.and_then(|kept| Crl::all_from_der(&kept.der).ok()).unwrap_or_default();
        certificates::refuse_revoked(&gateway, &kept);
        let fetched = fetch(&gateway, &connection.unit_account, &*self.config.clock).await;
        let reachable = fetched.is_ok();
        in_place(|| -> Result<(), DeskError> {
            let mut inner = self.inner();
            let at = self.config.clock.now().checked_add(connection.clock_offset).unwrap_or_default();
            let cache = format!("center:{}", connection.unit_account);
            let store = inner.store()?;
            let band = if connection.demo { 0 } else { band_of(store, &connection.unit_account)? };
            let session = match fetched {
                Ok(fetched) => {
                    let stamp = text::stamp(at);
                    store.set_setting(&cache, &fetched.info)?;
                    fetched.standing.keep(store, &stamp)?;
                    Session {
                        center_time: fetched.center_time,
                        clock: self.config.clock.clone(),
                        info: fetched.info,
                        unit: Some(fetched.standing.unit),
                        roster: Some(Arc::new(fetched.standing.roster)),
                        books: Some(Arc::new(fetched.standing.books)),
                        roster_taken_at: stamp,
                        gateway: Some(Arc::new(gateway)),
                        operator,
                        certificate,
                        by: key,
                        tokens: self.config.tokens.clone(),
                        roles: fetched.roles,
                        awaiting: Arc::new(fetched.standing.awaiting),
                        reached: REACHABLE.into(),
                        workbooks,
                        crls: Vec::new(),
                        band,
                        connection,
                    }
                }
                // Without the center everything but filing goes on with the local copy.
                Err(error) => {
                    let Some(info) = store.setting::<CenterInfo>(&cache)? else { return Err(error) };
                    let roster = store.roster(&connection.unit_account)?;
                    let (roster, taken_at) = roster.map_or((None, String::new()), |(r, t)| (Some(Arc::new(r)), t));
                    Session {
                        info,
                        unit: store.unit(&connection.unit_account)?.map(|(unit, _)| unit),
                        roster,
                        books: store.books(&connection.unit_account)?.map(|(books, _)| Arc::new(books)),
                        roster_taken_at: taken_at,
                        gateway: Some(Arc::new(gateway)),
                        operator,
                        certificate,
                        by: key,
                        tokens: self.config.tokens.clone(),
                        roles: Vec::new(),
                        awaiting: Arc::default(),
                        reached: error.code().to_owned(),
                        center_time: None,
                        clock: self.config.clock.clone(),
                        workbooks,
                        crls: Vec::new(),
                        band,
                        connection,
                    }
                }
            };
            inner.session = Some(session);
            certificates::take_crls(&mut inner, &[], at)?;
            inner.drafts.clear();
            inner.reviewing = None;
            inner.prepared = None;
            inner.chain = None;
            inner.checking = None;
            Ok(())
        })?;
        if reachable {
            self.fetch_crls().await;
            self.settle_open_filings().await;
            self.check_chain_later();
        }
        self.ask_later();
        self.listen();
        let inner = self.inner();
        Ok(inner.session()?.view(self.now(&inner)))
    }

    fn workbook_ticket(&self, path: PathBuf, note: String) -> Option<Ticket> {
        let size = std::fs::metadata(&path).ok()?.len();
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some(self.keep_ticket(TicketSource::File(path), name, size, note))
    }

    /// Fetches unit, roster, books and revocation lists anew.
    ///
    /// # Errors
    /// When the center is not reached.
    pub async fn refresh(self: &Arc<Self>) -> Result<SessionView, DeskError> {
        self.take_anew().await?;
        // After what was fetched is kept: lists may be slow, and newer data must not be overtaken by these.
        self.fetch_crls().await;
        let inner = self.inner();
        Ok(inner.session()?.view(self.now(&inner)))
    }

    /// Fetches unit, roster and books anew; revocation lists only where the kept ones have run out.
    ///
    /// # Errors
    /// As [`Desk::refresh`].
    pub(crate) async fn fetch_anew(self: &Arc<Self>) -> Result<SessionView, DeskError> {
        let view = self.take_anew().await?;
        self.freshen_crls().await;
        Ok(view)
    }

    async fn take_anew(self: &Arc<Self>) -> Result<SessionView, DeskError> {
        let (gateway, account) = self.reach()?;
        let fetched = fetch(&gateway, &account, &*self.config.clock).await;
        in_place(|| self.take_fetched(fetched, &account))
    }

    /// Keeps what a visit to the center brought for a unit, or that it brought nothing.
    fn take_fetched(&self, fetched: Result<Fetched, DeskError>, account: &str) -> Result<SessionView, DeskError> {
        let mut inner = self.inner();
        match fetched {
            Ok(fetched) => {
                let at = self.now(&inner);
                let stamp = text::stamp(at);
                fetched.standing.keep(inner.store()?, &stamp)?;
                // Unless another unit was opened meanwhile.
                if let Some(session) = inner.session.as_mut().filter(|s| s.connection.unit_account == account) {
                    session.center_time = fetched.center_time;
                    session.info = fetched.info;
                    session.roles = fetched.roles;
                    session.take(fetched.standing, stamp);
                }
                // Drafts are checked against the new roster when they are opened again.
                inner.drafts.clear();
                Ok(inner.session()?.view(at))
            }
            Err(error) => {
                let told = inner.session.as_mut().filter(|session| session.connection.unit_account == account);
                if let Some(session) = told.filter(|session| session.reached != error.code()) {
                    session.out_of_reach(error.code());
                    inner.revision += 1;
                }
                Err(error)
            }
        }
    }

    /// The keys of the open unit's operators. A token takes its time, and one that hangs all that it is given: whoever
    /// asks does not hold the desk meanwhile.
    pub(crate) fn keys_here(&self) -> Result<Vec<KeyInfo>, DeskError> {
        let keys = self.inner().session()?.keys();
        Ok(keys.list()?)
    }

    /// The way to the center, and the unit's account.
    pub(crate) fn reach(&self) -> Result<(Arc<Gateway>, String), DeskError> {
        let inner = self.inner();
        let session = inner.session()?;
        let gateway = session.gateway.clone().ok_or_else(|| DeskError::refusal(DeskError::NO_GATEWAY))?;
        Ok((gateway, session.connection.unit_account.clone()))
    }

    /// Takes what the center just gave and the store has kept, unless another unit was opened meanwhile.
    pub(crate) fn take_standing(&self, standing: Standing, stamp: String) {
        let mut inner = self.inner();
        let of = &standing.unit.account;
        if let Some(session) = inner.session.as_mut().filter(|session| session.connection.unit_account == *of) {
            session.take(standing, stamp);
        }
        inner.drafts.clear();
    }

    /// Drafts and filings of the unit, and practice workbooks.
    pub fn home(&self) -> Result<HomeView, DeskError> {
        let mut inner = self.inner();
        let now = self.now(&inner);
        let session = inner.session()?;
        let session_view = session.view(now);
        let workbooks = session.workbooks.clone();
        let workbook_folder = session
            .connection
            .workbooks
            .first()
            .and_then(|(path, _)| path.parent())
            .map(|folder| folder.to_string_lossy().into_owned());
        let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
        let drafts: Vec<DraftLine> = self.draft_lines(inner.store()?, (&center, &unit))?;
        let filings = self.filing_lines(inner.store()?, (&center, &unit))?;
        Ok(HomeView { session: session_view, drafts, filings, workbooks, workbook_folder })
    }
}

fn keys(connection: &Connection, tokens: &Tokens) -> Keys {
    Keys { files: P12Folder::new(connection.certificates.clone()), tokens: tokens.clone() }
}

/// The way to the center as somebody.
struct LoggedIn {
    gateway: Gateway,
    /// His.
    certificate: Option<Certificate>,
}

fn log_in(
    connection: &Connection,
    proxy: Proxy,
    tokens: &Tokens,
    by: Option<(String, Pin)>,
) -> Result<LoggedIn, DeskError> {
    let endpoint = endpoint(connection, proxy);
    let own = || connection.login.as_ref().map(|(key, pin)| (key.clone(), Pin::new(pin.as_str())));
    let Some((id, pin)) = by.or_else(own) else {
        return Ok(LoggedIn { gateway: Gateway::connect(endpoint, None)?, certificate: None });
    };
    let keys = keys(connection, tokens);
    let mut key = keys.open(&id)?;
    let certificate = Some(key.certificate().clone());
    key.login(&pin)?;
    // He proves himself twice where his key can: TLS knows no SM2, the challenge serves for every key.
    let identity = key.certificate().can_tls().then(|| key.tls_identity());
    key.logout();
    let identity = identity.transpose()?.map(|identity| Identity { chain: identity.chain, key: identity.key });
    let login =
        Login::new(connection.unit_account.clone(), move |challenge, bytes| answer(&keys, &id, &pin, challenge, bytes));
    let gateway = Gateway::connect(endpoint, identity)?.logging_in(login);
    Ok(LoggedIn { gateway, certificate })
}

/// The signature of a login. Its time is the challenge's: it proves that the key is here now, by the center's clock.
fn answer(keys: &Keys, key: &str, pin: &Pin, challenge: &Challenge, bytes: &[u8]) -> Result<Vec<u8>, Unsigned> {
    let mut session = keys.open(key).map_err(|error| Unsigned::ForNow(error.code()))?;
    session.login(pin).map_err(|error| {
        // Of a token that is not there nobody was asked. Else the PIN may be another by now, and a token may count a try
        // that it did not answer.
        let asked = !matches!(error, SignError::TokenRemoved);
        if asked { Unsigned::ForGood(error.code()) } else { Unsigned::ForNow(error.code()) }
    })?;
    // Who he is in the unit the center says only after this: the role of a login means nothing.
    let signed = sign_attached(&mut *session, bytes, &challenge.issued_at, Role::Clerk, Purpose::Login, None);
    session.logout();
    signed.map_err(|error| {
        let refused = matches!(error, SignError::Cancelled);
        if refused { Unsigned::ForGood(error.code()) } else { Unsigned::ForNow(error.code()) }
    })
}

async fn fetch(gateway: &Gateway, account: &str, clock: &dyn Clock) -> Result<Fetched, DeskError> {
    let info = gateway.center().await?;
    let center_time = reckoned(&info, clock);
    let mine = gateway.units().await?.into_iter().filter(|unit| unit.account == account);
    let roles = mine.map(|unit| unit.role).collect();
    let standing = Standing::fetch(gateway, account).await?;
    Ok(Fetched { info, center_time, roles, standing })
}

/// What the center's clock says, and the steady time of now.
fn reckoned(info: &CenterInfo, clock: &dyn Clock) -> Option<(Timestamp, SignedDuration)> {
    info.time.parse().ok().map(|said| (said, clock.steady()))
}

/// Minutes that the center's clock is ahead of ours.
pub(crate) fn skew(info: &CenterInfo, now: Timestamp) -> i64 {
    info.time.parse::<Timestamp>().map_or(0, |time| time.duration_since(now).as_mins())
}
