//! 设置 of this computer: how the program looks and goes out. They lie beside the data, not in them: the window looks
//! as its user wants before the data are open.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use huijiao_documents::Shift;
use huijiao_gateway::{Endpoint, Gateway, Probe, Proxy, ProxyAccount, Way};
use secrecy::{ExposeSecret, SecretString};

use crate::calls::blocking;
use crate::ports::Connection;
use crate::session::{SKEW_MINUTES, skew};
use crate::views::{
    COLUMN_WIDTHS, ConnectionStep, ConnectionTest, Preferences, PrintShift, ProxyPassword, ProxyWay, SCALES,
    TableColumns, WayState, WayStep,
};
use crate::{Desk, DeskError};

const FILE: &str = "preferences.json";

/// How long a part of the way may take when it is tried by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// More tables and columns than there can be: what is kept stays small, whatever is asked for.
const MOST_TABLES: usize = 32;
const MOST_COLUMNS: usize = 100;
const LONGEST_NAME: usize = 64;

const WAY: [WayStep; 6] = [WayStep::Name, WayStep::Proxy, WayStep::Tcp, WayStep::Tls, WayStep::Http, WayStep::Clock];

impl Desk {
    /// What was chosen on this computer; the usual where nothing was, or what was kept cannot be read.
    ///
    /// # Errors
    /// None today; as every step.
    pub fn preferences(&self) -> Result<Preferences, DeskError> {
        let kept = kept(&self.config.folder);
        // One that ended with the program.
        let gone = kept.proxy_password == ProxyPassword::Session && self.proxy_password().is_none();
        Ok(Preferences { proxy_password: if gone { ProxyPassword::None } else { kept.proxy_password }, ..kept })
    }

    /// Chooses them. A password of the proxy goes into the system's keyring, or stays with the program where there is
    /// none; without one the password stays that is there, as long as proxy and user stay: another proxy does not get
    /// to see it.
    ///
    /// # Errors
    /// `desk-proxy-address`; a size that cannot be chosen, columns that no table can have, forms shifted too far; a
    /// folder that cannot be written.
    pub fn preferences_set(
        &self,
        wanted: &Preferences,
        password: Option<SecretString>,
    ) -> Result<Preferences, DeskError> {
        let tables_fit = wanted.columns.len() <= MOST_TABLES
            && wanted.columns.iter().all(|(table, columns)| table.len() <= LONGEST_NAME && can_be_laid_out(columns));
        let PrintShift { right, down } = wanted.print_shift;
        if !SCALES.contains(&wanted.scale) || !tables_fit || !(Shift { right, down }).fits() {
            return Err(DeskError::refusal(DeskError::BAD_ARGUMENTS));
        }
        let typed = wanted.proxy_address.trim();
        if wanted.proxy == ProxyWay::Manual && proxy_url(typed).is_none() {
            return Err(DeskError::refusal_with(DeskError::PROXY_ADDRESS, "address", typed));
        }
        let before = self.preferences()?;
        let user = wanted.proxy_user.trim();
        let same = before.proxy_address == typed && before.proxy_user == user;
        let proxy_password = match password.filter(|password| !user.is_empty() && !password.expose_secret().is_empty())
        {
            Some(password) => self.keep_proxy_password(password),
            None if same && !user.is_empty() => before.proxy_password,
            None => self.forget_proxy_password(before.proxy_password),
        };
        let (proxy_address, proxy_user) = (typed.to_owned(), user.to_owned());
        let wanted = Preferences { proxy_address, proxy_user, proxy_password, ..wanted.clone() };
        let folder = &self.config.folder;
        let failed = |source| DeskError::FileWrite { name: FILE.into(), source };
        let bytes = serde_json::to_vec(&wanted).map_err(|error| failed(error.into()))?;
        huijiao_files::replace(&folder.join(FILE), &bytes).map_err(failed)?;
        Ok(wanted)
    }

    /// How centers are gone out to, as chosen.
    pub(crate) fn proxy(&self) -> Proxy {
        let kept = kept(&self.config.folder);
        match kept.proxy {
            ProxyWay::System => Proxy::System,
            ProxyWay::Off => Proxy::None,
            ProxyWay::Manual => proxy_url(&kept.proxy_address).map_or(Proxy::System, |address| {
                let password = (!kept.proxy_user.is_empty()).then(|| self.proxy_password()).flatten();
                let account = password.map(|password| ProxyAccount { user: kept.proxy_user, password });
                Proxy::Manual { address, account }
            }),
        }
    }

    /// As [`Desk::proxy`], off the async threads: a keyring may ask the user first.
    pub(crate) async fn proxy_of_now(self: &Arc<Self>) -> Result<Proxy, DeskError> {
        blocking(self, |desk| Ok(desk.proxy())).await
    }

    /// The password that is with the program, or else in the keyring.
    fn proxy_password(&self) -> Option<SecretString> {
        let mut held = self.proxy_password.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() && kept(&self.config.folder).proxy_password == ProxyPassword::Kept {
            let found = self.keyring().map(|keyring| keyring.password());
            *held = found.and_then(|found| {
                found.unwrap_or_else(|error| {
                    tracing::warn!(%error, "the password of the proxy is not to be had");
                    None
                })
            });
        }
        held.clone()
    }

    fn keep_proxy_password(&self, password: SecretString) -> ProxyPassword {
        let in_keyring = self.keyring().is_some_and(|keyring| keyring.keep_password(Some(&password)).is_ok());
        *self.proxy_password.lock().unwrap_or_else(PoisonError::into_inner) = Some(password);
        if in_keyring { ProxyPassword::Kept } else { ProxyPassword::Session }
    }

    fn forget_proxy_password(&self, before: ProxyPassword) -> ProxyPassword {
        *self.proxy_password.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if before == ProxyPassword::Kept
            && let Some(keyring) = self.keyring()
            && let Err(error) = keyring.keep_password(None)
        {
            tracing::warn!(%error, "the password of the proxy stays in the keyring");
        }
        ProxyPassword::None
    }

    /// How far the way to the open unit's center is open, by what is chosen now.
    ///
    /// # Errors
    /// `desk-no-gateway`, no session. What stands in the way is said in the answer.
    pub async fn connection_test(self: &Arc<Self>) -> Result<ConnectionTest, DeskError> {
        let connection = {
            let inner = self.inner();
            let session = inner.session()?;
            if session.gateway.is_none() {
                return Err(DeskError::refusal(DeskError::NO_GATEWAY));
            }
            session.connection.clone()
        };
        self.way_to(connection).await
    }

    /// How far the way to a center is open.
    pub(crate) async fn way_to(self: &Arc<Self>, connection: Connection) -> Result<ConnectionTest, DeskError> {
        let endpoint = endpoint(&connection, self.proxy_of_now().await?);
        let proxy = endpoint.proxy.clone();
        let gateway = Gateway::connect(endpoint, None)?;
        let probe = gateway.probe(&proxy, PATIENCE).await;
        let auto_config = match proxy {
            Proxy::System => tokio::task::spawn_blocking(huijiao_gateway::auto_config).await.ok().flatten(),
            Proxy::None | Proxy::Manual { .. } => None,
        };
        let at = self.config.clock.now().checked_add(connection.clock_offset).unwrap_or_default();
        Ok(ConnectionTest { address: gateway.address(), steps: self.steps(&probe, &proxy, at), auto_config })
    }

    fn steps(&self, probe: &Probe, proxy: &Proxy, at: jiff::Timestamp) -> Vec<ConnectionStep> {
        let failed = |error: &DeskError| (WayState::Failed, Some(self.to_ui(error, "")));
        let (end, why, late) = match probe {
            Probe::Open(info) => {
                let minutes = skew(info, at).abs();
                let off = DeskError::refusal_with(DeskError::CLOCK_OFF, "minutes", minutes);
                (WayStep::Clock, off, minutes > SKEW_MINUTES)
            }
            Probe::Ends(way, error) => (step_of(*way), DeskError::Net(error.clone()), true),
        };
        let at_end = WAY.iter().position(|step| *step == end).unwrap_or_default();
        let steps = WAY.iter().enumerate().map(|(place, step)| {
            let (state, why) = match (place.cmp(&at_end), step, proxy) {
                (std::cmp::Ordering::Equal, ..) if late => failed(&why),
                (std::cmp::Ordering::Greater, ..) => (WayState::Skipped, None),
                // Straight there is no proxy, and a proxy finds the center's name by itself.
                (_, WayStep::Proxy, Proxy::None) | (_, WayStep::Name, Proxy::Manual { .. }) => {
                    (WayState::Skipped, None)
                }
                _ => (WayState::Passed, None),
            };
            ConnectionStep { step: *step, state, why }
        });
        steps.collect()
    }
}

/// A center as it is gone out to.
pub(crate) fn endpoint(connection: &Connection, proxy: Proxy) -> Endpoint {
    let mut endpoint = Endpoint::new(connection.base_url.clone(), connection.anchors.clone());
    // The practice center is on this computer; a proxy could not reach it.
    endpoint.proxy = if connection.demo { Proxy::None } else { proxy };
    endpoint.minimum_tls = connection.minimum_tls;
    endpoint
}

fn step_of(way: Way) -> WayStep {
    match way {
        Way::Name => WayStep::Name,
        Way::Proxy => WayStep::Proxy,
        Way::Tcp => WayStep::Tcp,
        Way::Tls => WayStep::Tls,
        Way::Http => WayStep::Http,
    }
}

fn kept(folder: &Path) -> Preferences {
    let Ok(text) = std::fs::read(folder.join(FILE)) else { return Preferences::default() };
    match serde_json::from_slice(&text) {
        Ok(kept) => kept,
        Err(error) => {
            tracing::warn!(%error, "the preferences cannot be read");
            Preferences::default()
        }
    }
}

/// `host:port` as people write a proxy, or a whole `http://` address, as the client takes it.
fn proxy_url(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let rest = typed.strip_prefix("http://").unwrap_or(typed).trim_end_matches('/');
    let (host, port) = rest.rsplit_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    // An account in the address would lie in a plain file.
    let good = !host.is_empty() && host.chars().all(plain) && port.parse::<u16>().is_ok_and(|port| port > 0);
    good.then(|| format!("http://{rest}"))
}

fn can_be_laid_out(columns: &TableColumns) -> bool {
    let TableColumns { order, hidden, widths } = columns;
    order.len().max(hidden.len()).max(widths.len()) <= MOST_COLUMNS
        && order.iter().chain(hidden).chain(widths.keys()).all(|field| field.len() <= LONGEST_NAME)
        && widths.values().all(|width| COLUMN_WIDTHS.contains(width))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use huijiao_store::vault::KeyVault as _;

    use super::*;
    use crate::{DeskConfig, KeyringUse};

    #[test]
    fn a_proxy_as_people_write_it() {
        for (typed, url) in [
            ("proxy.example.cn:8080", Some("http://proxy.example.cn:8080")),
            (" http://10.0.0.1:3128/ ", Some("http://10.0.0.1:3128")),
            ("proxy.example.cn", None),
            (":8080", None),
            ("proxy:0", None),
            ("proxy:99999", None),
            ("user:secret@proxy:8080", None),
            ("https://proxy:8080", None),
            ("代理:8080", None),
        ] {
            assert_eq!(proxy_url(typed).as_deref(), url, "{typed:?}");
        }
    }

    #[test]
    fn columns_are_kept_as_they_were_laid_out_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let columns = TableColumns {
            order: vec!["phone".into(), "name".into()],
            hidden: vec!["note".into()],
            widths: [("name".to_owned(), 140)].into(),
        };
        let with = |columns: TableColumns| Preferences {
            columns: [("base_adjust".to_owned(), columns)].into(),
            ..Preferences::default()
        };
        let wanted = with(columns.clone());
        desk(folder.path(), KeyringUse::None).preferences_set(&wanted, None).unwrap();
        assert_eq!(desk(folder.path(), KeyringUse::None).preferences().unwrap(), wanted, "the next start has them");

        let wide = TableColumns { widths: [("name".to_owned(), 9_000)].into(), ..columns.clone() };
        let many = TableColumns { hidden: vec!["note".into(); 5_000], ..columns.clone() };
        let long = TableColumns { order: vec!["n".repeat(5_000)], ..columns };
        for wrong in [wide, many, long] {
            let refused = desk(folder.path(), KeyringUse::None).preferences_set(&with(wrong), None).unwrap_err();
            assert_eq!(refused.code(), DeskError::BAD_ARGUMENTS);
        }
        assert_eq!(desk(folder.path(), KeyringUse::None).preferences().unwrap(), wanted, "nothing refused is kept");
    }

    #[test]
    fn printed_forms_are_shifted_by_their_margins_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path(), KeyringUse::None);
        let with = |right, down| Preferences { print_shift: PrintShift { right, down }, ..Preferences::default() };
        assert_eq!(desk.preferences_set(&with(-15, 100), None).unwrap().print_shift.down, 100, "ten millimetres");
        for (right, down) in [(101, 0), (0, -101)] {
            let refused = desk.preferences_set(&with(right, down), None).unwrap_err();
            assert_eq!(refused.code(), DeskError::BAD_ARGUMENTS, "{right} {down}");
        }
        assert_eq!(desk.preferences().unwrap(), with(-15, 100), "nothing refused is kept");
    }

    fn desk(folder: &Path, keyring: KeyringUse) -> Desk {
        Desk::new(DeskConfig {
            folder: folder.into(),
            export_folder: folder.join("export"),
            worker: huijiao_sheets::WorkerProgram("none".into()),
            keyring,
            clock: Arc::new(crate::ports::SystemClock),
            practice: None,
            updates: None,
            tokens: huijiao_signing::Tokens::none(),
            pauses: Vec::new(),
            version: "9.8.7".into(),
        })
    }

    fn through(desk: &Desk) -> Option<(String, String)> {
        let Proxy::Manual { account, .. } = desk.proxy() else { panic!("by hand") };
        account.map(|account| (account.user, account.password.expose_secret().to_owned()))
    }

    #[test]
    fn the_password_of_a_proxy_is_in_the_keyring_and_in_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Arc::new(huijiao_store::vault::MemoryVault::default());
        let open = || desk(folder.path(), KeyringUse::Given(vault.clone()));
        let by_hand = Preferences {
            proxy: ProxyWay::Manual,
            proxy_address: "10.0.0.1:3128".into(),
            proxy_user: "zhoumin".into(),
            ..Preferences::default()
        };
        let set = open().preferences_set(&by_hand, Some("Geheim-1".into())).unwrap();
        assert_eq!(set.proxy_password, ProxyPassword::Kept);
        let file = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(file.contains("zhoumin") && !file.contains("Geheim"), "{file}");
        let account = Some(("zhoumin".to_owned(), "Geheim-1".to_owned()));
        assert_eq!(through(&open()), account, "the next start has it");

        let larger = Preferences { scale: 125, ..set.clone() };
        assert_eq!(open().preferences_set(&larger, None).unwrap().proxy_password, ProxyPassword::Kept);
        assert_eq!(through(&open()), account, "another setting leaves it alone");
        let elsewhere = Preferences { proxy_address: "10.0.0.2:3128".into(), ..larger };
        let moved = open().preferences_set(&elsewhere, None).unwrap();
        assert_eq!(
            (moved.proxy_password, through(&open())),
            (ProxyPassword::None, None),
            "another proxy does not get it"
        );
        assert!(vault.password().unwrap().is_none(), "and it is gone from the keyring");
    }

    #[test]
    fn without_a_keyring_the_password_ends_with_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let by_hand = Preferences {
            proxy: ProxyWay::Manual,
            proxy_address: "10.0.0.1:3128".into(),
            proxy_user: "zhoumin".into(),
            ..Preferences::default()
        };
        let first = desk(folder.path(), KeyringUse::None);
        let set = first.preferences_set(&by_hand, Some("Geheim-1".into())).unwrap();
        assert_eq!(set.proxy_password, ProxyPassword::Session);
        assert!(through(&first).is_some());
        let second = desk(folder.path(), KeyringUse::None);
        assert_eq!(through(&second), None);
        assert_eq!(second.preferences().unwrap().proxy_password, ProxyPassword::None, "and it is said");
    }

    #[test]
    fn what_cannot_be_read_is_the_usual_and_what_is_missing_too() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(kept(folder.path()), Preferences::default(), "nothing chosen yet");
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(kept(folder.path()), Preferences::default(), "half a file does not keep the program shut");
        std::fs::write(folder.path().join(FILE), r#"{"scale":125,"of_a_newer_version":1}"#).unwrap();
        let wanted = Preferences { scale: 125, ..Preferences::default() };
        assert_eq!(kept(folder.path()), wanted, "what older or newer versions kept is understood");
    }
}
