//! Units at centers with a gateway: joined once by what the center hands over (its address, its root certificates, an
//! activation code or a key), and logged in to from then on.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::profile::MinimumTls;
use huijiao_domain::roster::Unit;
use huijiao_gateway::{Gateway, NetError};
use huijiao_protocol::resources::CenterInfo;
use huijiao_signing::{Certificate, KeyInfo, KeyProvider, Keys, P12Folder, Pin, Role, TrustAnchors};
use huijiao_store::Store;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::certificates::{Scene, asked_for, issued_here, off_thread};
use crate::error::DeskError;
use crate::import::hex;
use crate::ports::Connection;
use crate::preferences::endpoint;
use crate::profiles::known;
use crate::review::{among, certificate_view, in_itself};
use crate::session::{SKEW_REFUSED, skew};
use crate::units::{is_account, own_units};
use crate::views::{
    CenterForm, CenterLook, CertificateView, ConnectionTest, JoinWay, JoinedLine, RootLine, SessionView,
};
use crate::{Desk, text};

/// Under this name the list of these units is kept.
const JOINED: &str = "joined-units";
/// No file of root certificates is as large.
const LARGEST_ROOTS: u64 = 256 * 1024;

/// What is kept of a unit beside its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Joined {
    pub(crate) account: String,
    name: String,
    base_url: String,
    /// The center's roots, DER in Base64.
    anchors: Vec<String>,
    /// By the rules under which it was joined.
    #[serde(default)]
    minimum_tls: MinimumTls,
}

pub(crate) fn joined_units(store: &Store) -> Result<Vec<Joined>, DeskError> {
    Ok(store.setting(JOINED)?.unwrap_or_default())
}

/// What the center says of itself in the unit's local copy.
pub(crate) fn center_of(store: &Store, account: &str) -> Result<Option<CenterInfo>, DeskError> {
    Ok(store.setting(&format!("center:{account}"))?)
}

/// A center as it was named, and what it answered.
struct Met {
    base_url: String,
    roots: Vec<Certificate>,
    info: CenterInfo,
    minimum_tls: MinimumTls,
}

impl Desk {
    /// The units that were joined.
    ///
    /// # Errors
    /// The local data is locked or damaged.
    pub fn units_joined(&self) -> Result<Vec<JoinedLine>, DeskError> {
        let mut inner = self.inner();
        let store = inner.store()?;
        let line = |unit: Joined| {
            let center = center_of(store, &unit.account)?.map(|info| info.profile.name).unwrap_or_default();
            Ok(JoinedLine { center, account: unit.account, name: unit.name, address: unit.base_url })
        };
        joined_units(store)?.into_iter().map(line).collect()
    }

    /// Asks a center who it is, by the root certificates of a file: nothing is kept, and nothing said of the user.
    ///
    /// # Errors
    /// `desk-center-address`, `desk-center-root`; when nobody answers there whom one of these roots vouches for.
    pub async fn center_look(self: &Arc<Self>, form: &CenterForm) -> Result<CenterLook, DeskError> {
        let Met { base_url, roots, info, minimum_tls } = self.meet(form).await?;
        let desk = self.clone();
        let connection = self.connection_to(String::new(), base_url.clone(), &roots, minimum_tls);
        let now = self.config.clock.now();
        let certificates = off_thread(move || desk.keys_for(&connection, now)).await?;
        Ok(CenterLook {
            address: base_url,
            center: info.profile.name,
            city: info.profile.city,
            roots: roots.iter().map(root_line).collect(),
            certificates,
        })
    }

    /// How far the way to a center is open before anything is known of it but its address and its root certificates.
    ///
    /// # Errors
    /// `desk-center-address`, `desk-center-root`. What stands in the way is said in the answer.
    pub async fn center_test(self: &Arc<Self>, form: &CenterForm) -> Result<ConnectionTest, DeskError> {
        let (base_url, roots) = (address(&form.address)?, self.roots_of(&form.roots)?);
        let connection = self.connection_to(String::new(), base_url, &roots, self.minimum_tls(form)?);
        self.way_to(connection).await
    }

    /// Joins a unit at this center, logs in and opens it. A certificate that was got on the way stays here should the
    /// rest go wrong.
    ///
    /// # Errors
    /// As [`Desk::center_look`]; what the center refuses; a weak or wrong PIN; `desk-unit-account`, `desk-unit-taken`.
    pub async fn unit_join(
        self: &Arc<Self>,
        form: CenterForm,
        account: String,
        way: JoinWay,
        pin: Pin,
    ) -> Result<SessionView, DeskError> {
        let account = account.trim().to_owned();
        if !is_account(&account) {
            return Err(DeskError::refusal(DeskError::UNIT_ACCOUNT));
        }
        if own_units(self.inner().store()?)?.iter().any(|own| own.account == account) {
            return Err(DeskError::refusal(DeskError::UNIT_TAKEN));
        }
        let Met { base_url, roots, info, minimum_tls } = self.meet(&form).await?;
        let now = self.config.clock.now();
        let off = skew(&info, now).abs();
        if off > SKEW_REFUSED {
            return Err(DeskError::refusal_with(DeskError::CLOCK_OFF, "minutes", off));
        }
        let connection = self.connection_to(account.clone(), base_url.clone(), &roots, minimum_tls);
        let certificate = match way {
            JoinWay::Code { code } => {
                let gateway = Arc::new(Gateway::connect(endpoint(&connection, self.proxy_of_now().await?), None)?);
                let scene = Scene {
                    center: info.profile.code.clone(),
                    keys: self.keys_of(&connection),
                    connection: connection.clone(),
                    gateway,
                    personal: Vec::new(),
                    role: Role::Clerk,
                    crls: Vec::new(),
                    credit_code: None,
                    algorithm: asked_for(&info.profile.signatures),
                    now,
                };
                self.enrol(scene, code, pin.clone()).await?.certificate
            }
            JoinWay::File { ticket, password } => {
                let (desk, keys, pin) = (self.clone(), self.keys_of(&connection), pin.clone());
                let there = connection.clone();
                let take = move || {
                    let fits = |key: &Certificate, chain: &[Certificate]| issued_here(&there, key, chain, now, &[]);
                    let password = Pin::from(password);
                    desk.take_key_file(&keys, &ticket, &password, &pin, |_| Ok(Vec::new()), fits)
                };
                off_thread(take).await?.certificate
            }
            JoinWay::Here { certificate } => {
                let (desk, there, wanted) = (self.clone(), connection.clone(), certificate.clone());
                off_thread(move || desk.must_fit(&there, &wanted, now)).await?;
                certificate
            }
        };
        let joined = Joined {
            account,
            name: String::new(),
            base_url,
            anchors: roots.iter().map(|root| STANDARD.encode(root.der())).collect(),
            minimum_tls,
        };
        let entered = self.enter_as(connection, Some((certificate, pin))).await;
        match &entered {
            Ok(session) => self.keep_joined(Joined { name: session.unit_name.clone(), ..joined })?,
            // Whoever knows the unit could not be asked: it is there, to be logged in to later.
            Err(DeskError::Net(error)) if !matches!(error, NetError::Problem(_)) => self.keep_joined(joined)?,
            Err(_) => {}
        }
        if entered.is_ok() {
            self.join_the_others().await;
        }
        entered
    }

    /// The certificates by which one can log in at a unit's center.
    ///
    /// # Errors
    /// `desk-no-such-unit`; the folder of certificates cannot be read.
    pub async fn unit_keys(self: &Arc<Self>, account: &str) -> Result<Vec<CertificateView>, DeskError> {
        let connection = self.joined(account)?;
        let (desk, now) = (self.clone(), self.config.clock.now());
        off_thread(move || desk.keys_for(&connection, now)).await
    }

    /// Logs in at a unit's center and opens the unit; without the center, on its local copy.
    ///
    /// # Errors
    /// `desk-no-such-unit`, a wrong PIN; when the center is not reached and there is no local copy either.
    pub async fn unit_log_in(
        self: &Arc<Self>,
        account: &str,
        certificate: String,
        pin: Pin,
    ) -> Result<SessionView, DeskError> {
        let connection = self.joined(account)?;
        let session = self.enter_as(connection, Some((certificate, pin))).await?;
        let known = joined_units(self.inner().store()?)?.into_iter().find(|unit| unit.account == account);
        if let Some(unit) = known.filter(|unit| unit.name != session.unit_name && !session.unit_name.is_empty()) {
            self.keep_joined(Joined { name: session.unit_name.clone(), ..unit })?;
        }
        Ok(session)
    }

    /// The other units of whoever has just logged in: he need not join each.
    async fn join_the_others(self: &Arc<Self>) {
        let mine = match self.reach() {
            Ok((gateway, _)) => gateway.units().await,
            Err(_) => return,
        };
        let outcome = mine.map_err(DeskError::from).and_then(|mine| {
            let open = self.inner().session()?.connection.clone();
            let (own, here) = {
                let mut inner = self.inner();
                let store = inner.store()?;
                (own_units(store)?, joined_units(store)?)
            };
            for unit in mine {
                let known = own.iter().any(|own| own.account == unit.account)
                    || here.iter().any(|joined| joined.account == unit.account);
                if !known && is_account(&unit.account) {
                    let anchors = open.anchors.iter().map(|root| STANDARD.encode(root)).collect();
                    let (base_url, minimum_tls) = (open.base_url.clone(), open.minimum_tls);
                    let joined = Joined { account: unit.account, name: unit.name, base_url, anchors, minimum_tls };
                    self.keep_joined(joined)?;
                }
            }
            Ok(())
        });
        if let Err(error) = outcome {
            tracing::warn!(code = error.code(), "the operator's other units are not listed");
        }
    }

    /// Meets the center of a form.
    async fn meet(self: &Arc<Self>, form: &CenterForm) -> Result<Met, DeskError> {
        let base_url = address(&form.address)?;
        let (roots, minimum_tls) = (self.roots_of(&form.roots)?, self.minimum_tls(form)?);
        let connection = self.connection_to(String::new(), base_url.clone(), &roots, minimum_tls);
        let endpoint = endpoint(&connection, self.proxy_of_now().await?);
        let info = Gateway::connect(endpoint, None)?.center().await?;
        Ok(Met { base_url, roots, info, minimum_tls })
    }

    /// The oldest TLS that is spoken with the center of a form. A center cannot lower it for a first connection: the
    /// rules are the user's own, which he was handed.
    fn minimum_tls(&self, form: &CenterForm) -> Result<MinimumTls, DeskError> {
        if form.rules.is_empty() {
            return Ok(MinimumTls::default());
        }
        known(&self.inner(), &form.rules).map(|(rules, _)| rules.minimum_tls)
    }

    /// The root certificates of a file, PEM or DER.
    pub(crate) fn roots_of(&self, ticket: &str) -> Result<Vec<Certificate>, DeskError> {
        let refused = |_: &str| DeskError::refusal(DeskError::CENTER_ROOT);
        let (_, bytes) = self.bytes_of_ticket(ticket, LARGEST_ROOTS, refused)?;
        let read = match std::str::from_utf8(&bytes) {
            Ok(pem) if pem.contains("-----BEGIN") => Certificate::all_from_pem(pem),
            Ok(_) | Err(_) => Certificate::from_der(&bytes).map(|one| vec![one]),
        };
        match read {
            Ok(roots) if !roots.is_empty() && roots.iter().all(Certificate::is_root) => Ok(roots),
            Ok(_) | Err(_) => Err(DeskError::refusal(DeskError::CENTER_ROOT)),
        }
    }

    /// Certificates lie by center: whoever works for several units there has one for all of them.
    fn connection_to(
        &self,
        account: String,
        base_url: String,
        roots: &[Certificate],
        minimum_tls: MinimumTls,
    ) -> Connection {
        let mut anchors: Vec<Vec<u8>> = roots.iter().map(|root| root.der().to_vec()).collect();
        anchors.sort();
        Connection {
            demo: false,
            base_url,
            certificates: self.certificates_at(&anchors),
            anchors,
            minimum_tls,
            unit_account: account,
            login: None,
            operators: Vec::new(),
            clock_offset: SignedDuration::ZERO,
            workbooks: Vec::new(),
        }
    }

    fn certificates_at(&self, anchors: &[Vec<u8>]) -> PathBuf {
        let center = hex(&Sha256::digest(anchors.concat()));
        self.config.folder.join("units").join(format!("center-{center}")).join("certificates")
    }

    fn joined(&self, account: &str) -> Result<Connection, DeskError> {
        let (unit, said) = {
            let mut inner = self.inner();
            let store = inner.store()?;
            let unit = joined_units(store)?.into_iter().find(|unit| unit.account == account);
            (unit, center_of(store, account)?.map(|info| info.profile.minimum_tls).unwrap_or_default())
        };
        let unit = unit.ok_or_else(|| DeskError::refusal(DeskError::NO_SUCH_UNIT))?;
        let der = |text: &String| STANDARD.decode(text).map_err(|error| DeskError::Internal(error.to_string()));
        let roots = unit.anchors.iter().map(der).collect::<Result<Vec<_>, _>>()?;
        let roots = TrustAnchors::from_der(&roots)?;
        Ok(self.connection_to(unit.account, unit.base_url, roots.certificates(), unit.minimum_tls.min(said)))
    }

    fn keep_joined(&self, unit: Joined) -> Result<(), DeskError> {
        let mut inner = self.inner();
        let store = inner.store()?;
        let mut all = joined_units(store)?;
        match all.iter_mut().find(|known| known.account == unit.account) {
            Some(known) => *known = unit,
            None => all.push(unit),
        }
        Ok(store.set_setting(JOINED, &all)?)
    }

    fn keys_of(&self, connection: &Connection) -> Keys {
        Keys { files: P12Folder::new(connection.certificates.clone()), tokens: self.config.tokens.clone() }
    }

    /// Why a key cannot log in at a unit's center, as far as it is known here.
    fn unfit(
        &self,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<impl Fn(&KeyInfo) -> Option<DeskError>, DeskError> {
        self.name_modules()?;
        let anchors = TrustAnchors::from_der(&connection.anchors)?;
        let credit_code = {
            let mut inner = self.inner();
            inner.store()?.unit::<Unit>(&connection.unit_account)?.map(|(unit, _)| unit.credit_code)
        };
        Ok(move |key: &KeyInfo| {
            let Some(certificate) = &key.certificate else {
                return Some(DeskError::refusal(DeskError::CERTIFICATE_UNUSABLE));
            };
            if credit_code.as_ref().is_some_and(|code| certificate.credit_code() != Some(code)) {
                return Some(DeskError::refusal(DeskError::CERTIFICATE_OTHER_UNIT));
            }
            let holds = in_itself(certificate, now).map_err(DeskError::from);
            let ours = || anchors.check(certificate, &key.chain, now, &[]).map_err(DeskError::from);
            holds.and_then(|()| ours()).err()
        })
    }

    fn must_fit(&self, connection: &Connection, certificate: &str, now: Timestamp) -> Result<(), DeskError> {
        let unfit = self.unfit(connection, now)?;
        let keys = self.keys_of(connection).list()?;
        unfit(among(&keys, certificate)?).map_or(Ok(()), Err)
    }

    fn keys_for(&self, connection: &Connection, now: Timestamp) -> Result<Vec<CertificateView>, DeskError> {
        let unfit = self.unfit(connection, now)?;
        let mut views: Vec<_> = self
            .keys_of(connection)
            .list()?
            .into_iter()
            .map(|key| {
                let reason = unfit(&key).map(|error| error.code().to_owned());
                certificate_view(key, String::new(), reason)
            })
            .collect();
        views.sort_by(|a, b| (!a.usable, &b.valid_to).cmp(&(!b.usable, &a.valid_to)));
        Ok(views)
    }
}

/// A root certificate as it is shown before it is trusted.
pub(crate) fn root_line(root: &Certificate) -> RootLine {
    RootLine {
        name: root.holder().to_owned(),
        sha256: root.sha256_hex(),
        valid_to: text::local(root.not_after()).date().to_string(),
    }
}

/// Forgets a unit that was joined; whether there was one.
pub(crate) fn forget(store: &mut Store, account: &str) -> Result<bool, DeskError> {
    let mut all = joined_units(store)?;
    let before = all.len();
    all.retain(|unit| unit.account != account);
    if all.len() == before {
        return Ok(false);
    }
    store.set_setting(JOINED, &all)?;
    Ok(true)
}

/// `https://host:port`; people type the host alone, or a slash after it.
fn address(typed: &str) -> Result<String, DeskError> {
    let typed = typed.trim();
    let refused = || DeskError::refusal(DeskError::CENTER_ADDRESS);
    let host = match typed.split_once("://") {
        Some(("https", host)) => host,
        Some(_) => return Err(refused()),
        None => typed,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let host = host.trim_end_matches('/');
    if host.is_empty() || !host.chars().all(plain) { Err(refused()) } else { Ok(format!("https://{host}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        for typed in ["https://gjj.example.cn:8443", " gjj.example.cn:8443/ ", "https://gjj.example.cn:8443/"] {
            assert_eq!(address(typed).ok().as_deref(), Some("https://gjj.example.cn:8443"), "{typed}");
        }
        for typed in ["", "https://", "http://gjj.example.cn", "gjj.example.cn/v1", "a@b", "公积金.cn", "a b"] {
            assert!(address(typed).is_err(), "{typed:?} is not guessed");
        }
    }
}
