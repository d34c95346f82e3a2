//! Newer programs, by Tauri's own updater: off as long as `tauri.conf.json` names no place where they are announced.
//!
//! A package is installed only where the publisher's key signed it for the very version that was announced, and that
//! version is newer than this one.

use std::sync::{Arc, OnceLock};

use huijiao_desk::DeskError;
use huijiao_desk::ports::{Answer, Coming, Install, Proxy, Release, UpdateDoor};
use tauri::{AppHandle, Config, Runtime};
use tauri_plugin_updater::{Error, Update, UpdaterExt};

/// The updater of the program, once the program is there.
pub(crate) struct Updates<R: Runtime>(OnceLock<AppHandle<R>>);

impl<R: Runtime> Updates<R> {
    /// Where the configuration names a place.
    pub(crate) fn configured(config: &Config) -> Option<Arc<Self>> {
        let places = config.plugins.0.get("updater")?.get("endpoints")?.as_array()?;
        (!places.is_empty()).then(|| Arc::new(Self(OnceLock::new())))
    }

    /// The program is there.
    pub(crate) fn open(&self, app: &AppHandle<R>) {
        // Told once, at the start.
        let _ = self.0.set(app.clone());
    }

    async fn announced(&self, proxy: &Proxy) -> Result<Option<Update>, DeskError> {
        let app = self.0.get().ok_or_else(|| DeskError::refusal(DeskError::UPDATE_OFF))?;
        let builder = app.updater_builder();
        let builder = match (proxy, proxy.by_hand()?) {
            (Proxy::None, _) => builder.no_proxy(),
            (_, Some(address)) => builder.proxy(address),
            (_, None) => builder,
        };
        let updater = builder.build().map_err(|error| unreached(&error))?;
        updater.check().await.map_err(|error| unreached(&error))
    }
}

impl<R: Runtime> UpdateDoor for Updates<R> {
    fn look(&self, proxy: Proxy) -> Answer<'_, Option<Release>> {
        Box::pin(async move {
            Ok(self.announced(&proxy).await?.map(|update| Release {
                version: update.version,
                notes: update.body,
                date: update.date.map(|at| at.date().to_string()),
            }))
        })
    }

    fn fetch<'a>(&'a self, version: &'a str, proxy: Proxy, coming: Coming<'a>) -> Answer<'a, Install> {
        Box::pin(async move {
            let announced = self.announced(&proxy).await?.filter(|update| update.version == version);
            let other = || DeskError::refusal_with(DeskError::UPDATE_OTHER, "version", version);
            let update = announced.ok_or_else(other)?;
            let mut come = 0;
            let counted = |piece: usize, whole| {
                come += piece as u64;
                coming(come, whole);
            };
            let package = update.download(counted, || {}).await.map_err(|error| of_package(&error, version))?;
            let install: Install = Box::new(move || {
                let failed = |error: Error| DeskError::refusal_with(DeskError::UPDATE_FAILED, "reason", error);
                update.install(&package).map_err(failed)
            });
            Ok(install)
        })
    }
}

fn unreached(error: &Error) -> DeskError {
    DeskError::refusal_with(DeskError::UPDATE_UNREACHED, "reason", error)
}

/// What came is not the publisher's, or it did not come.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and open")]
fn of_package(error: &Error, version: &str) -> DeskError {
    match error {
        Error::Minisign(_)
        | Error::Base64(_)
        | Error::SignatureUtf8(_)
        | Error::SignedVersionMismatch { .. }
        | Error::MissingSignedVersion => DeskError::refusal_with(DeskError::UPDATE_UNPROVEN, "version", version),
        _ => unreached(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Mutex;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use minisign::KeyPair;
    use serde_json::{Value, json};
    use tauri::test::{MockRuntime, mock_builder, mock_context, noop_assets};

    use super::*;

    const PACKAGE: &[u8] = b"a package of the publisher's";

    /// A place where one release is announced: `announced` under `/`, `package` elsewhere, cut off where `cut`.
    struct Place {
        address: String,
        announced: Arc<Mutex<Value>>,
        asked: Arc<Mutex<Vec<String>>>,
    }

    fn place(package: &'static [u8], cut: bool) -> Place {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let announced = Arc::new(Mutex::new(Value::Null));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (says, hears) = (announced.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut octet = [0];
                    if stream.read(&mut octet).unwrap() == 0 {
                        break;
                    }
                    request.extend(octet);
                }
                let wanted = String::from_utf8(request).unwrap();
                let wanted = wanted.split(' ').nth(1).unwrap_or_default().to_owned();
                let body = match wanted.as_str() {
                    "/" => serde_json::to_vec(&*says.lock().unwrap()).unwrap(),
                    _ => package.to_vec(),
                };
                hears.lock().unwrap().push(wanted.clone());
                let sent = if cut && wanted != "/" { &body[..body.len() / 2] } else { &body[..] };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                stream.write_all(&[head.as_bytes(), sent].concat()).unwrap();
            }
        });
        Place { address, announced, asked }
    }

    impl Place {
        /// Announces `version`, with a signature by `key` over `signed` that says `comment`.
        fn announces(&self, version: &str, key: &KeyPair, signed: &[u8], comment: &str) {
            let signature = minisign::sign(None, &key.sk, signed, Some(comment), None).unwrap();
            let signature = STANDARD.encode(signature.into_string());
            *self.announced.lock().unwrap() = json!({
                "version": version,
                "notes": "更正一处错误。",
                "pub_date": "2026-08-01T08:00:00Z",
                "url": format!("{}/package", self.address),
                "signature": signature,
            });
        }

        fn packages_asked(&self) -> usize {
            self.asked.lock().unwrap().iter().filter(|path| *path == "/package").count()
        }
    }

    /// The true updater in a program without a window, as our configuration sets it up, but for the place and the key.
    fn program(place: &Place, key: &KeyPair) -> (tauri::App<MockRuntime>, Arc<Updates<MockRuntime>>) {
        let ours: Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        let mut updater = ours["plugins"]["updater"].clone();
        updater["endpoints"] = json!([place.address]);
        updater["pubkey"] = STANDARD.encode(key.pk.to_box().unwrap().into_string()).into();
        updater["dangerousInsecureTransportProtocol"] = true.into();
        let mut context = mock_context(noop_assets());
        context.config_mut().version = Some("0.1.0".into());
        context.package_info_mut().version = "0.1.0".parse().unwrap();
        context.config_mut().plugins.0.insert("updater".into(), updater);
        let updates = Updates::configured(context.config()).unwrap();
        let app = mock_builder().plugin(tauri_plugin_updater::Builder::new().build()).build(context).unwrap();
        updates.open(app.handle());
        (app, updates)
    }

    fn key() -> KeyPair {
        KeyPair::generate_unencrypted_keypair().unwrap()
    }

    fn signed_for(version: &str) -> String {
        format!("timestamp:1\tfile:package\tversion:{version}")
    }

    async fn fetched(updates: &Updates<MockRuntime>, version: &str) -> Result<u64, DeskError> {
        let come = Mutex::new(0);
        let install = updates.fetch(version, Proxy::None, &|done, _| *come.lock().unwrap() = done).await;
        install.map(|_| come.into_inner().unwrap())
    }

    #[test]
    fn as_delivered_the_updater_is_off_and_nothing_dangerous_is_on() {
        let ours: Config = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        assert!(Updates::<MockRuntime>::configured(&ours).is_none(), "nobody is asked");
        let updater = ours.plugins.0["updater"].as_object().unwrap();
        assert_eq!(updater["requireSignedVersion"], true, "an older package under a newer number is refused");
        let dangerous: Vec<_> = updater.keys().filter(|key| key.starts_with("dangerous")).collect();
        assert!(dangerous.is_empty() && !updater.contains_key("allowDowngrades"), "{dangerous:?}");
    }

    #[tokio::test]
    async fn a_newer_release_is_shown_and_fetched_when_it_is_still_the_one_that_was_shown() {
        let (place, key) = (place(PACKAGE, false), key());
        let (_app, updates) = program(&place, &key);
        place.announces("0.2.0", &key, PACKAGE, &signed_for("0.2.0"));
        let shown = updates.look(Proxy::None).await.unwrap().unwrap();
        let notes = Some("更正一处错误。".to_owned());
        assert_eq!(shown, Release { version: "0.2.0".into(), notes, date: Some("2026-08-01".into()) });
        assert_eq!(place.packages_asked(), 0, "looking fetches nothing");
        assert_eq!(fetched(&updates, "0.2.0").await.unwrap(), PACKAGE.len() as u64, "it is told how much came");

        place.announces("0.3.0", &key, PACKAGE, &signed_for("0.3.0"));
        let refused = fetched(&updates, "0.2.0").await.unwrap_err();
        assert_eq!(refused.code(), DeskError::UPDATE_OTHER, "what was not shown is not fetched");
        assert_eq!(place.packages_asked(), 1);
    }

    #[tokio::test]
    async fn f54_what_is_older_cut_or_not_the_publisher_s_is_never_installed() {
        let (here, key) = (place(PACKAGE, false), key());
        let (_app, updates) = program(&here, &key);
        for version in ["0.1.0", "0.0.9"] {
            here.announces(version, &key, PACKAGE, &signed_for(version));
            assert_eq!(updates.look(Proxy::None).await.unwrap(), None, "{version} is no update");
            assert_eq!(fetched(&updates, version).await.unwrap_err().code(), DeskError::UPDATE_OTHER);
        }
        assert_eq!(here.packages_asked(), 0, "nothing older is even fetched");

        let stranger = KeyPair::generate_unencrypted_keypair().unwrap();
        for (why, signer, signed, comment) in [
            ("another key", &stranger, PACKAGE, signed_for("0.2.0")),
            ("another package", &key, &b"another package"[..], signed_for("0.2.0")),
            ("an older one under a newer number", &key, PACKAGE, signed_for("0.0.9")),
            ("no version in the signature", &key, PACKAGE, "timestamp:1\tfile:package".to_owned()),
        ] {
            here.announces("0.2.0", signer, signed, &comment);
            let refused = fetched(&updates, "0.2.0").await.unwrap_err();
            assert_eq!(refused.code(), DeskError::UPDATE_UNPROVEN, "{why}");
        }

        let cut = place(PACKAGE, true);
        let (_app, updates) = program(&cut, &key);
        cut.announces("0.2.0", &key, PACKAGE, &signed_for("0.2.0"));
        assert_eq!(fetched(&updates, "0.2.0").await.unwrap_err().code(), DeskError::UPDATE_UNREACHED, "cut off");
    }

    #[tokio::test]
    async fn an_answer_that_is_none_says_why() {
        let (place, key) = (place(PACKAGE, false), key());
        let (_app, updates) = program(&place, &key);
        *place.announced.lock().unwrap() = json!({ "hello": 1 });
        let refused = updates.look(Proxy::None).await.unwrap_err();
        assert_eq!(refused.code(), DeskError::UPDATE_UNREACHED);
        assert!(!refused.args()["reason"].is_empty(), "with the reason");
    }
}
