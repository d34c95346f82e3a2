//! 证书: applied for, imported, renewed, reported lost, their PINs; and the center's revocation list.
//!
//! A private key never leaves the folder of certificates. Between a request and its certificate it waits there under the
//! new PIN, bound to center, unit and application; asking again sends the same request, and the center answers with the
//! same certificate.

use std::cmp::Reverse;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::mask;
use huijiao_domain::profile::{SignatureRules, StaleCrl};
use huijiao_gateway::{Gateway, NetError};
use huijiao_protocol::certificates::{
    CertificateStatus, Enrolled, Enrollment, RENEWAL_DAYS, Revocation, RevocationReason,
};
use huijiao_signing::{
    Algorithm, Certificate, Crl, Kept, KeyInfo, KeyProvider, Keys, P12Key, PendingKey, Pin, Purpose, Request, Role,
    TrustAnchors, VerifyError, sign_attached,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::error::DeskError;
use crate::import::hex;
use crate::ports::Connection;
use crate::preferences::endpoint;
use crate::review::{As, among, kept, unusable};
use crate::session::Session;
use crate::submit::with_key;
use crate::views::{
    ActivationCodeView, CertificateElsewhere, CertificateLine, CertificateState, CertificateTaken, CertificatesView,
    CrlView,
};
use crate::{Desk, Inner, text};

/// Days before its end from which on a certificate's end is worth a warning.
pub(crate) const WARNED: i32 = 60;
/// Largest PKCS#12 file that is read.
const LARGEST_FILE: u64 = 256 * 1024;

/// A key that waits for its certificate.
struct Waiting {
    id: String,
    request: Request,
    /// It was made just now.
    fresh: bool,
}

/// What the steps at the center need to know.
pub(crate) struct Scene {
    /// Code of the center.
    pub(crate) center: String,
    pub(crate) connection: Connection,
    pub(crate) keys: Keys,
    pub(crate) gateway: Arc<Gateway>,
    /// What others can know of the operator.
    pub(crate) personal: Vec<String>,
    pub(crate) role: Role,
    pub(crate) crls: Vec<Crl>,
    /// 统一社会信用代码 of the unit, where it is known.
    pub(crate) credit_code: Option<String>,
    /// What a new key is made for.
    pub(crate) algorithm: Algorithm,
    pub(crate) now: Timestamp,
}

impl Desk {
    /// The certificates of this computer, and what the center says of the operator's.
    ///
    /// # Errors
    /// When no unit is open or the folder cannot be read.
    pub async fn certificates(self: &Arc<Self>) -> Result<CertificatesView, DeskError> {
        let gateway = self.inner().session()?.gateway.clone();
        let (listed, unasked) = match &gateway {
            Some(gateway) => match gateway.certificates().await {
                Ok(listed) => (listed, String::new()),
                Err(error) => (Vec::new(), error.code().to_owned()),
            },
            None => (Vec::new(), String::new()),
        };
        self.freshen_crls().await;
        let desk = self.clone();
        let (keys, pending) = off_thread(move || {
            let keys = desk.inner().session()?.keys();
            Ok((keys.list()?, keys.files.pending()?))
        })
        .await?;
        let inner = self.inner();
        let (now, session) = (self.now(&inner), inner.session()?);
        let mut certificates: Vec<_> = keys.iter().map(|key| line(session, key, &listed, now)).collect();
        certificates.sort_by_key(|line| (line.reason.is_some(), !line.own, Reverse(line.valid_to.clone())));
        let here = |sha256: &str| certificates.iter().any(|line| line.sha256 == sha256);
        let elsewhere = listed.iter().filter(|one| !here(&one.sha256)).map(|one| elsewhere(one, now)).collect();
        Ok(CertificatesView {
            elsewhere,
            unasked,
            pending: pending
                .iter()
                .any(|key| of_unit_here(&session.info.profile.code, &session.connection.unit_account, key)),
            gateway: gateway.is_some(),
            practice: session.connection.demo,
            // The one of which a newer one is due first.
            crl: session.crls().iter().min_by_key(|crl| crl.next_update()).map(|crl| CrlView {
                made_at: text::local_time(&crl.this_update().to_string()),
                next_at: crl.next_update().map(|next| text::local_time(&next.to_string())).unwrap_or_default(),
                stale: session.crl_is_stale(now),
                refuses: session.info.profile.stale_crl == StaleCrl::Refuse,
            }),
            certificates,
        })
    }

    /// Asks the center for a certificate by an activation code.
    ///
    /// # Errors
    /// What the center refuses; a weak PIN, or another one than a key that waits was made under.
    pub async fn certificate_enrol(self: &Arc<Self>, code: String, pin: Pin) -> Result<CertificateTaken, DeskError> {
        self.enrol(self.scene()?, code, pin).await
    }

    /// As [`Desk::certificate_enrol`], at any center.
    pub(crate) async fn enrol(
        self: &Arc<Self>,
        scene: Scene,
        code: String,
        pin: Pin,
    ) -> Result<CertificateTaken, DeskError> {
        let (waiting, scene, pin) = self.waiting(scene, typed(&code), pin).await?;
        // Whoever has no certificate yet, or a revoked one, shows none.
        let gateway = Gateway::connect(endpoint(&scene.connection, self.proxy_of_now().await?), None)?;
        let asked = Enrollment { code, request: STANDARD.encode(waiting.request.der()) };
        let answer = gateway.enrol(&asked).await;
        self.take(scene, waiting, pin, answer).await
    }

    /// Asks the center for the certificate that follows this one.
    ///
    /// # Errors
    /// What the center refuses; a wrong PIN; a weak new one; a certificate on a token: what its issuer put there is
    /// followed by what he puts there.
    pub async fn certificate_renew(
        self: &Arc<Self>,
        certificate: String,
        pin: Pin,
        new_pin: Pin,
    ) -> Result<CertificateTaken, DeskError> {
        let mut scene = self.scene()?;
        let key = self.must_speak(&certificate).await?;
        if key.kept != Kept::File {
            return Err(DeskError::refusal(DeskError::TOKEN_RENEWAL));
        }
        let follows = key.certificate.as_ref().map(Certificate::sha256_hex).unwrap_or_default();
        // What follows a certificate of the national algorithms is one of them too.
        if key.certificate.and_then(|certificate| certificate.algorithm()) == Some(Algorithm::Sm2) {
            scene.algorithm = Algorithm::Sm2;
        }
        let (waiting, scene, new_pin) = self.waiting(scene, follows, new_pin).await?;
        let content = waiting.request.der().to_vec();
        let signed = self.sign_for_center(&scene, certificate, pin, content, Purpose::Renewal).await;
        let signed = match signed {
            Ok(signed) => signed,
            Err(error) => {
                // Nothing was asked for with the new key.
                if waiting.fresh {
                    scene.keys.files.abandon(&waiting.id)?;
                }
                return Err(error);
            }
        };
        let answer = scene.gateway.renew(signed).await;
        self.take(scene, waiting, new_pin, answer).await
    }

    /// Reports a certificate lost, signed with another one.
    ///
    /// # Errors
    /// What the center refuses; a wrong PIN.
    pub async fn certificate_lost(
        self: &Arc<Self>,
        sha256: String,
        reason: RevocationReason,
        certificate: String,
        pin: Pin,
    ) -> Result<(), DeskError> {
        let scene = self.scene()?;
        self.must_speak(&certificate).await?;
        let itself = scene.keys.open(&certificate)?.certificate().sha256_hex() == sha256;
        if itself {
            return Err(DeskError::refusal(DeskError::LOST_BY_ITSELF));
        }
        let content = serde_json::to_vec(&Revocation { certificate_sha256: sha256, reason })
            .map_err(|e| DeskError::Internal(e.to_string()))?;
        let signed = self.sign_for_center(&scene, certificate, pin, content, Purpose::Revocation).await?;
        scene.gateway.report_lost(signed).await?;
        self.fetch_crls().await;
        Ok(())
    }

    /// Forgets the keys of the open unit that wait for their certificates.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn certificate_abandon(&self) -> Result<(), DeskError> {
        let (keys, center, account) = {
            let inner = self.inner();
            let session = inner.session()?;
            let account = session.connection.unit_account.clone();
            (session.keys().files, session.info.profile.code.clone(), account)
        };
        for waiting in keys.pending()?.into_iter().filter(|key| of_unit_here(&center, &account, key)) {
            keys.abandon(&waiting.id)?;
        }
        Ok(())
    }

    /// Takes a key that somebody was given as a file. It is kept under a PIN of its own, and takes the place of itself
    /// where that is locked or damaged.
    ///
    /// # Errors
    /// A file that cannot be used, each for its reason; a weak PIN. Nothing is kept then.
    pub fn certificate_import(&self, ticket: &str, password: &Pin, pin: &Pin) -> Result<CertificateTaken, DeskError> {
        let keys = self.inner().session()?.keys();
        let known = |holder: &str| -> Result<_, DeskError> { Ok(personal(self.inner().session()?, holder)) };
        let fits = |certificate: &Certificate, chain: &[Certificate]| {
            let inner = self.inner();
            belongs(inner.session()?, certificate, chain, self.now(&inner))
        };
        self.take_key_file(&keys, ticket, password, pin, known, fits)
    }

    /// As [`Desk::certificate_import`], into any folder; `known` says what others know of a holder.
    pub(crate) fn take_key_file(
        &self,
        keys: &Keys,
        ticket: &str,
        password: &Pin,
        pin: &Pin,
        known: impl FnOnce(&str) -> Result<Vec<String>, DeskError>,
        fits: impl FnOnce(&Certificate, &[Certificate]) -> Result<(), DeskError>,
    ) -> Result<CertificateTaken, DeskError> {
        let too_large = |name: &str| {
            let what = "larger than a key file is";
            huijiao_signing::SignError::Damaged { name: name.to_owned(), what }.into()
        };
        let (_, file) = self.bytes_of_ticket(ticket, LARGEST_FILE, too_large)?;
        let key = P12Key::open(&file, password)?;
        let certificate = key.certificate();
        certificate.can_sign()?;
        fits(certificate, key.chain())?;
        let personal = known(certificate.holder())?;
        let same: Vec<KeyInfo> =
            keys.list()?.into_iter().filter(|one| one.certificate.as_ref() == Some(certificate)).collect();
        if same.iter().any(|one| one.kept != Kept::File || keys.files.is_sound(&one.id)) {
            return Err(DeskError::refusal(DeskError::CERTIFICATE_KNOWN));
        }
        pin.check_new(&personal.iter().map(String::as_str).collect::<Vec<_>>())?;
        // One that is locked or damaged becomes usable again in its place.
        let id = same.into_iter().next().map_or_else(|| self.new_key_id(), |one| one.id);
        let kept = keys.files.keep(&id, &key, pin)?;
        Ok(taken(id, &kept, key.old_encryption()))
    }

    /// Gives a key another PIN, or the token that it is on.
    ///
    /// # Errors
    /// A wrong old PIN, a weak new one, one that the token does not take.
    pub async fn certificate_pin(self: &Arc<Self>, certificate: String, old: Pin, new: Pin) -> Result<(), DeskError> {
        let desk = self.clone();
        let login = off_thread(move || {
            let (keys, personal, login) = {
                let here = desk.keys_here()?;
                let inner = desk.inner();
                let session = inner.session()?;
                let known = among(&here, &certificate)?;
                if is_fixed(&session.connection, &certificate) {
                    return Err(DeskError::refusal(DeskError::PRACTICE_PIN));
                }
                let login = (session.login_key() == Some(&certificate)).then(|| session.connection.clone());
                let holder = known.certificate.as_ref().map(Certificate::holder).unwrap_or_default();
                (session.keys(), personal(session, holder), login)
            };
            if old.is(&new) {
                return Err(DeskError::refusal(DeskError::PIN_UNCHANGED));
            }
            new.check_new(&personal.iter().map(String::as_str).collect::<Vec<_>>())?;
            keys.change_pin(&certificate, &old, &new)?;
            Ok(login.map(|connection| (connection, certificate, new)))
        })
        .await?;
        // Logging in again, which the center asks for now and then, is done with the PIN one came in by.
        if let Some((connection, certificate, pin)) = login {
            self.enter_as(connection, Some((certificate, pin))).await?;
        }
        Ok(())
    }

    /// Practice: what the center's counter would hand over.
    ///
    /// # Errors
    /// Outside of a practice.
    pub async fn activation_code(self: &Arc<Self>) -> Result<ActivationCodeView, DeskError> {
        let refusal = || DeskError::refusal(DeskError::NO_PRACTICE);
        let door = self.config.practice.clone().ok_or_else(refusal)?;
        let (name, approver) = {
            let inner = self.inner();
            let session = inner.session()?;
            if !session.connection.demo {
                return Err(refusal());
            }
            (session.operator.clone(), role(session) == Role::Approver)
        };
        door.activation(&name, approver).await
    }

    /// Fetches the center's revocation lists where the kept ones say that newer ones are due.
    pub(crate) async fn freshen_crls(self: &Arc<Self>) {
        let stale = {
            let inner = self.inner();
            inner.session().is_ok_and(|session| session.crl_is_stale(self.now(&inner)))
        };
        if stale {
            self.fetch_crls().await;
        }
    }

    /// Fetches the revocation lists of the center's roots and keeps them: all or none, so that what is at hand never
    /// seems whole and is not. Without them, the last ones go on.
    pub(crate) async fn fetch_crls(self: &Arc<Self>) {
        if let Err(error) = self.try_fetch_crls().await {
            tracing::warn!(code = error.code(), "no fresh revocation lists");
        }
    }

    async fn try_fetch_crls(self: &Arc<Self>) -> Result<(), DeskError> {
        let (gateway, _) = self.reach()?;
        let anchors = TrustAnchors::from_der(&self.inner().session()?.connection.anchors)?;
        let mut lists = Vec::new();
        for root in anchors.certificates() {
            lists.extend(gateway.crl(&root.sha256_hex()).await?);
        }
        let mut inner = self.inner();
        let now = self.now(&inner);
        take_crls(&mut inner, &lists, now)
    }

    fn new_key_id(&self) -> String {
        self.config.clock.new_id().simple().to_string()
    }

    fn scene(&self) -> Result<Scene, DeskError> {
        let inner = self.inner();
        let (now, session) = (self.now(&inner), inner.session()?);
        if let Some(minutes) = session.clock_off(now) {
            return Err(DeskError::refusal_with(DeskError::CLOCK_OFF, "minutes", minutes));
        }
        let gateway = session.gateway.clone().ok_or_else(|| DeskError::refusal(DeskError::NO_GATEWAY))?;
        Ok(Scene {
            center: session.info.profile.code.clone(),
            connection: session.connection.clone(),
            keys: session.keys(),
            gateway,
            personal: personal(session, &session.operator),
            role: role(session),
            crls: session.crls().to_vec(),
            credit_code: session.unit.as_ref().map(|unit| unit.credit_code.clone()),
            algorithm: asked_for(&session.info.profile.signatures),
            now,
        })
    }

    /// The key of a certificate that the center listens to; refuses any other.
    async fn must_speak(self: &Arc<Self>, certificate: &str) -> Result<KeyInfo, DeskError> {
        let desk = self.clone();
        let here = off_thread(move || desk.keys_here()).await?;
        let inner = self.inner();
        let (now, session) = (self.now(&inner), inner.session()?);
        let key = among(&here, certificate)?;
        unusable(session, key, now, As::Himself).map_or_else(|| Ok(key.clone()), Err)
    }

    /// The key that waits for what this application asks for, if the PIN opens it; else a new one. Whoever else at this
    /// computer waits for a certificate, for this unit or another, is not touched.
    async fn waiting(
        self: &Arc<Self>,
        scene: Scene,
        application: String,
        pin: Pin,
    ) -> Result<(Waiting, Scene, Pin), DeskError> {
        let bound = format!(
            "{}-{}-",
            unit_mark(&scene.center, &scene.connection.unit_account),
            mark(&[application.as_bytes()])
        );
        let id = format!("{bound}{}", self.new_key_id());
        off_thread(move || {
            let files = &scene.keys.files;
            let mut pending = files.pending()?;
            pending.retain(|one| one.request.algorithm() == Some(scene.algorithm));
            let own = pending.iter().find(|one| one.id.starts_with(&bound)).cloned();
            // One whose id names no unit and no application is bound to none: whose PIN opens it has made it.
            let mut unbound = pending.into_iter().filter(|one| !one.id.contains('-'));
            let waiting = match own.or_else(|| unbound.find(|one| files.try_pending(&one.id, &pin).is_ok())) {
                Some(waiting) => {
                    files.try_pending(&waiting.id, &pin)?;
                    Waiting { id: waiting.id, request: waiting.request, fresh: false }
                }
                None => {
                    pin.check_new(&scene.personal.iter().map(String::as_str).collect::<Vec<_>>())?;
                    let request = files.request(&id, scene.algorithm, &pin)?;
                    Waiting { id, request, fresh: true }
                }
            };
            Ok((waiting, scene, pin))
        })
        .await
    }

    async fn sign_for_center(
        self: &Arc<Self>,
        scene: &Scene,
        certificate: String,
        pin: Pin,
        content: Vec<u8>,
        purpose: Purpose,
    ) -> Result<Vec<u8>, DeskError> {
        let (keys, role, at) = (scene.keys.clone(), scene.role, text::stamp(scene.now));
        off_thread(move || {
            let sign =
                |key: &mut dyn huijiao_signing::SignSession| sign_attached(key, &content, &at, role, purpose, None);
            Ok(with_key(&keys, &certificate, &pin, sign)?.0)
        })
        .await
    }

    /// Takes what the center answered to a request. Where it is not known whether it answered, the key goes on waiting.
    async fn take(
        self: &Arc<Self>,
        scene: Scene,
        waiting: Waiting,
        pin: Pin,
        answer: Result<Enrolled, NetError>,
    ) -> Result<CertificateTaken, DeskError> {
        let enrolled = match answer {
            Ok(enrolled) => enrolled,
            Err(error) => {
                // Refused in words: nothing was given for a key that nobody has seen before.
                if waiting.fresh && matches!(error, NetError::Problem(_)) {
                    scene.keys.files.abandon(&waiting.id)?;
                }
                return Err(error.into());
            }
        };
        let broken = || DeskError::refusal(DeskError::CERTIFICATE_ANSWER);
        let read = |text: &String| {
            let der = STANDARD.decode(text).map_err(|_| broken())?;
            Certificate::from_der(&der).map_err(|_| broken())
        };
        let certificate = read(&enrolled.certificate)?;
        let chain = enrolled.chain.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if !waiting.request.is_of(&certificate) {
            return Err(broken());
        }
        issued_here(&scene.connection, &certificate, &chain, scene.now, &scene.crls)?;
        of_unit(scene.credit_code.as_deref(), &certificate)?;
        off_thread(move || {
            let kept = scene.keys.files.complete(&waiting.id, &pin, certificate, chain)?;
            Ok(taken(waiting.id, &kept, false))
        })
        .await
    }
}

/// A mark that says nothing of what it is made of.
fn mark(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())[..12].to_owned()
}

/// What the keys that wait for certificates of a center and a unit begin with, whatever roots are trusted meanwhile.
fn unit_mark(center: &str, account: &str) -> String {
    mark(&[center.as_bytes(), account.as_bytes()])
}

/// Whether a key waits for a certificate of this center and unit, or of nobody knows which.
fn of_unit_here(center: &str, account: &str, key: &PendingKey) -> bool {
    key.id.split_once('-').is_none_or(|(unit, _)| unit == unit_mark(center, account))
}

/// An activation code however it was typed, as centers read it: it names one application.
fn typed(code: &str) -> String {
    let plain = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase());
    plain
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// What a center takes signatures of that a new key can be made for: P-256, which does for connections as well, if at
/// all possible.
pub(crate) fn asked_for(rules: &SignatureRules) -> Algorithm {
    let takes = |algorithm: Algorithm| rules.takes(Some(algorithm.as_str()));
    if takes(Algorithm::Sm2) && !takes(Algorithm::P256) { Algorithm::Sm2 } else { Algorithm::P256 }
}

pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DeskError> + Send + 'static,
) -> Result<T, DeskError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| DeskError::Internal(e.to_string()))?
}

/// Takes newly fetched revocation lists into the store and the session; the kept ones where there are none. One that is
/// not the center's is refused, one that is older than what is known is left.
pub(crate) fn take_crls(inner: &mut Inner, fetched: &[Vec<u8>], now: Timestamp) -> Result<(), DeskError> {
    let session = inner.session()?;
    let account = session.connection.unit_account.clone();
    let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
    let store = inner.store()?;
    let on_file = store.crls(&account)?.map(|kept| kept.der);
    let kept = on_file.as_ref().and_then(|der| Crl::all_from_der(der).ok()).unwrap_or_default();
    // One of a center that was set up anew since is not worth an error.
    let mut newest: Vec<Crl> = kept.into_iter().filter(|crl| anchors.check_crl(crl).is_ok()).collect();
    for list in fetched {
        let crl = Crl::from_der(list)?;
        anchors.check_crl(&crl)?;
        match newest.iter_mut().find(|known| known.same_issuer(&crl)) {
            Some(known) if known.this_update() <= crl.this_update() => *known = crl,
            Some(_) => {}
            None => newest.push(crl),
        }
    }
    let der: Vec<u8> = newest.iter().flat_map(Crl::der).copied().collect();
    // The same lists again are archived once.
    if !fetched.is_empty() && on_file.as_ref() != Some(&der) {
        store.put_crls(&account, &der, &text::stamp(now))?;
    }
    if let Some(session) = inner.session.as_mut() {
        if let Some(gateway) = &session.gateway {
            refuse_revoked(gateway, &newest);
        }
        session.crls = newest;
    }
    Ok(())
}

/// Has connections go by these lists. TLS reads lists more narrowly than signatures do: what it cannot use still holds
/// for these.
pub(crate) fn refuse_revoked(gateway: &Gateway, crls: &[Crl]) {
    let lists: Vec<Vec<u8>> = crls.iter().map(|crl| crl.der().to_vec()).collect();
    if let Err(error) = gateway.refuse_revoked(&lists) {
        tracing::warn!(code = error.code(), "revocation lists that connections cannot use");
    }
}

/// Refuses a certificate that is not of this center, not of this unit, has ended or is revoked. One that will hold later
/// is taken.
fn belongs(
    session: &Session,
    certificate: &Certificate,
    chain: &[Certificate],
    now: Timestamp,
) -> Result<(), DeskError> {
    // Without roots nobody says which authority is the right one.
    if session.signs() {
        issued_here(&session.connection, certificate, chain, now, session.crls())?;
    }
    of_unit(session.unit.as_ref().map(|unit| unit.credit_code.as_str()), certificate)
}

/// Refuses a certificate that is not of this center, has ended or is revoked.
pub(crate) fn issued_here(
    connection: &Connection,
    certificate: &Certificate,
    chain: &[Certificate],
    now: Timestamp,
    crls: &[Crl],
) -> Result<(), DeskError> {
    let anchors = TrustAnchors::from_der(&connection.anchors)?;
    match anchors.check(certificate, chain, now.max(certificate.not_before()), crls) {
        Err(VerifyError::CertificateForeign) if chain.is_empty() && !anchors.leads_here(certificate, chain) => {
            Err(DeskError::refusal(DeskError::CERTIFICATE_CHAIN))
        }
        other => Ok(other?),
    }
}

fn of_unit(credit_code: Option<&str>, certificate: &Certificate) -> Result<(), DeskError> {
    match credit_code {
        Some(code) if certificate.credit_code() != Some(code) => {
            Err(DeskError::refusal(DeskError::CERTIFICATE_OTHER_UNIT))
        }
        Some(_) | None => Ok(()),
    }
}

/// What others can know of somebody of this name: what the unit's roster has.
fn personal(session: &Session, holder: &str) -> Vec<String> {
    let people = session.roster.iter().flat_map(|roster| &roster.contributors).filter(|person| person.name == holder);
    people.flat_map(|person| [person.id_number.to_string(), person.contact.mobile.to_string()]).collect()
}

fn role(session: &Session) -> Role {
    if session.has_role(Role::Clerk) { Role::Clerk } else { Role::Approver }
}

fn is_fixed(connection: &Connection, key: &str) -> bool {
    connection.demo && connection.operators.iter().any(|(operator, _)| operator == key)
}

fn key_name(algorithm: Algorithm) -> String {
    match algorithm {
        Algorithm::P256 => "P-256".to_owned(),
        Algorithm::Rsa => "RSA".to_owned(),
        Algorithm::Sm2 => "SM2".to_owned(),
    }
}

fn taken(certificate: String, kept: &Certificate, old_encryption: bool) -> CertificateTaken {
    CertificateTaken {
        certificate,
        holder: mask::id_numbers_in(kept.holder()),
        valid_to: day(kept.not_after()),
        old_encryption,
    }
}

fn day(at: Timestamp) -> String {
    text::local(at).date().to_string()
}

fn elsewhere(status: &CertificateStatus, now: Timestamp) -> CertificateElsewhere {
    let until = status.not_after.parse::<Timestamp>().ok();
    CertificateElsewhere {
        sha256: status.sha256.clone(),
        serial: status.serial.clone(),
        holder: mask::id_numbers_in(&status.holder),
        valid_to: until.map(day).unwrap_or_default(),
        revoked_at: status.revoked_at.as_deref().map(text::local_time),
        expired: until.is_some_and(|until| until < now),
        own: status.own,
    }
}

/// A certificate of this computer as the screen shows it.
fn line(session: &Session, key: &KeyInfo, listed: &[CertificateStatus], now: Timestamp) -> CertificateLine {
    let certificate = key.certificate.as_ref();
    let of = |f: &dyn Fn(&Certificate) -> String| certificate.map(f).unwrap_or_default();
    let sha256 = of(&Certificate::sha256_hex);
    let revoked = listed.iter().any(|one| one.sha256 == sha256 && one.revoked_at.is_some())
        || certificate.is_some_and(|certificate| session.crls().iter().any(|crl| crl.lists(certificate, now)));
    let reason = unusable(session, key, now, As::Himself).map(|error| error.code().to_owned());
    let reason = match reason.as_deref() {
        None | Some(DeskError::CERTIFICATE_OTHER_OPERATOR) if revoked => {
            Some(VerifyError::CertificateRevoked.code().to_owned())
        }
        None | Some(_) => reason,
    };
    let days_left = certificate.and_then(|c| text::days_left(now, c.not_after())).unwrap_or(-1);
    let state = match reason.as_deref() {
        _ if key.tries_left == Some(0) => CertificateState::Locked,
        _ if certificate.is_some_and(|c| now > c.not_after()) => CertificateState::Expired,
        _ if certificate.is_some_and(|c| now < c.not_before()) => CertificateState::NotYet,
        Some("verify-certificate-revoked") => CertificateState::Revoked,
        // A colleague's certificate is as good as it is; it is only not for the one who is logged in.
        None | Some(DeskError::CERTIFICATE_OTHER_OPERATOR) if days_left <= WARNED => CertificateState::Ending,
        None | Some(DeskError::CERTIFICATE_OTHER_OPERATOR) => CertificateState::Valid,
        Some(_) => CertificateState::Unusable,
    };
    let due = reason.is_none() && session.gateway.is_some() && i64::from(days_left) <= RENEWAL_DAYS;
    let usage = certificate.map_or("", |c| match (c.can_sign().is_ok(), c.can_tls()) {
        (true, true) => "签名、登录",
        (true, false) => "签名",
        (false, true) => "登录",
        (false, false) => "加密",
    });
    CertificateLine {
        holder: of(&|c| mask::id_numbers_in(c.holder())),
        unit_name: of(&|c| c.unit_name().unwrap_or_default().to_owned()),
        issuer: of(&Certificate::issuer_name),
        role: certificate.filter(|c| session.is_own(c)).map(|_| session.role_name()).unwrap_or_default(),
        state,
        usage: usage.to_owned(),
        key: certificate.and_then(Certificate::algorithm).map(key_name).unwrap_or_default(),
        valid_from: of(&|c| day(c.not_before())),
        valid_to: of(&|c| day(c.not_after())),
        days_left,
        serial: of(&Certificate::serial_hex),
        sha256,
        kept: kept(&key.kept),
        tries_left: key.tries_left,
        own: certificate.is_some_and(|c| session.is_own(c)),
        on: session.login_key() == Some(&key.id),
        renewable: due && key.kept == Kept::File,
        renewed_by_issuer: due && key.kept != Kept::File,
        fixed_pin: is_fixed(&session.connection, &key.id),
        reason,
        certificate: key.id.clone(),
    }
}
