//! PINs and passphrases are typed into a window of their own. The page that asks for one gets a handle in its place,
//! which stands for it once: where a command is called with it, what was typed is put in on its way to the desk.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::is_own_page;

pub(crate) const LABEL: &str = "secret";

/// Logical pixels, at the usual size of everything.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 340.0;
/// With a second field, and a rule for what is chosen.
const TALLER: f64 = 440.0;

/// How long what was typed waits for its command.
const WAITS: Duration = Duration::from_secs(120);

/// The arguments of commands that secrets are handed over by. Nowhere else is one put in: another argument may come back
/// to the page.
const PLACES: [&str; 6] = ["/pin", "/new_pin", "/secret", "/passphrase", "/password", "/way/password"];

/// Takes a password that is sent to a proxy, whose address is the page's to say.
const SENDS_ON: &str = "preferences_set";

const PREFIX: &str = "typed:";

/// What the window shows, in the page's words.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Ask {
    title: Said,
    /// A PIN or a passphrase, what it is called, and whether it is chosen here: twice, and long enough.
    secret: Said,
    label: Said,
    choose: bool,
    /// Whose it is, and what else tells the certificate from others.
    holder: Said,
    about: Said,
    /// What it is used for.
    purpose: Said,
    /// What a wrong one would do, and other things to know of it.
    warning: Said,
    hints: [Said; 2],
    /// What the button says.
    action: Said,
    /// Looks, as they were chosen.
    theme: Said,
    scale: u16,
    contrast: bool,
    /// What was typed before, by its handle, and goes along with this.
    #[serde(skip_serializing)]
    along: Option<String>,
}

/// A text of limited length.
#[derive(Clone, Serialize)]
struct Said(String);

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.chars().take(200).collect()))
    }
}

/// What is asked for, and what was typed and is not used yet.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<State>);

#[derive(Default)]
struct State {
    asked: Option<Asked>,
    kept: Vec<Kept>,
}

struct Asked {
    ask: Ask,
    /// Told when the window is gone.
    answer: oneshot::Sender<Option<String>>,
    /// Of what was typed.
    handle: Option<String>,
}

struct Kept {
    handle: String,
    secret: Zeroizing<String>,
    until: Instant,
}

/// A handle that stands for nothing any more. It is sent nowhere: a token would count it as a wrong PIN.
#[derive(Debug, PartialEq)]
pub(crate) struct Gone;

impl Secrets {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer comes when the window is gone; none while another question is open. What was typed before is wiped, but
    /// for what goes along.
    fn ask(&self, mut ask: Ask) -> Option<oneshot::Receiver<Option<String>>> {
        let mut state = self.lock();
        if state.asked.is_some() {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        let along = ask.along.take();
        state.kept.retain(|kept| along.as_ref() == Some(&kept.handle));
        state.asked = Some(Asked { ask, answer, handle: None });
        Some(answered)
    }

    /// What the window shows; nothing where nobody asks.
    pub(crate) fn asked(&self) -> Option<Ask> {
        self.lock().asked.as_ref().map(|asked| asked.ask.clone())
    }

    /// Keeps what was typed, under a new handle.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn typed(&self, secret: Zeroizing<String>) -> Result<(), getrandom::Error> {
        let handle = new_handle()?;
        let mut state = self.lock();
        // Where nobody asks any more, it is wiped here.
        if let Some(asked) = state.asked.as_mut() {
            asked.handle = Some(handle.clone());
            state.kept.push(Kept { handle, secret, until: Instant::now() + WAITS });
        }
        Ok(())
    }

    /// Nobody wants it any more.
    pub(crate) fn given_up(&self) {
        let mut state = self.lock();
        state.kept.clear();
        if let Some(asked) = state.asked.as_mut() {
            asked.handle = None;
        }
    }

    /// The window is gone: whoever asked is told what stands for what was typed.
    fn ended(&self) {
        let mut state = self.lock();
        let Some(Asked { answer, handle, .. }) = state.asked.take() else { return };
        if handle.is_none() {
            // What it would have gone along with is of no use.
            state.kept.clear();
        }
        // The page that asked may be gone too.
        let _ = answer.send(handle);
    }

    /// Puts what was typed into the arguments of a command, in the place of its handle.
    ///
    /// # Errors
    /// When there is a handle that stands for nothing any more.
    pub(crate) fn put_into(&self, command: &str, args: &mut Value) -> Result<(), Gone> {
        if command == SENDS_ON {
            return Ok(());
        }
        let handle = |place: &&'static str| {
            let given = args.pointer(place)?.as_str().filter(|text| is_handle(text))?;
            Some((*place, given.to_owned()))
        };
        let given: Vec<(&str, String)> = PLACES.iter().filter_map(handle).collect();
        let taken: Option<Vec<_>> = given.iter().map(|(_, handle)| self.take(handle)).collect();
        for ((place, _), mut secret) in given.iter().zip(taken.ok_or(Gone)?) {
            if let Some(argument) = args.pointer_mut(place) {
                *argument = Value::String(std::mem::take(&mut *secret));
            }
        }
        Ok(())
    }

    fn take(&self, handle: &str) -> Option<Zeroizing<String>> {
        let mut state = self.lock();
        let at = state.kept.iter().position(|kept| kept.handle == handle)?;
        let kept = state.kept.swap_remove(at);
        (Instant::now() < kept.until).then_some(kept.secret)
    }
}

fn new_handle() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{:032x}", u128::from_be_bytes(bytes)))
}

fn is_handle(text: &str) -> bool {
    let hex = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    text.strip_prefix(PREFIX).is_some_and(|digits| digits.len() == 32 && digits.bytes().all(hex))
}

/// Has a secret typed in the window; nothing where none was, or where the window is asking already.
pub(crate) async fn ask(app: &AppHandle, secrets: &Secrets, ask: Ask) -> tauri::Result<Option<String>> {
    let zoom = f64::from(ask.scale.clamp(50, 300)) / 100.0;
    let height = if ask.choose { TALLER } else { HEIGHT };
    let Some(answer) = secrets.ask(ask) else {
        if let Some(window) = app.get_webview_window(LABEL) {
            window.set_focus()?;
        }
        return Ok(None);
    };
    if let Err(error) = open(app, WIDTH * zoom, height * zoom) {
        secrets.ended();
        return Err(error);
    }
    Ok(answer.await.unwrap_or_default())
}

/// Opens the window in the middle of the program's, before it.
fn open(app: &AppHandle, width: f64, height: f64) -> tauri::Result<()> {
    let main = app.get_webview_window("main").ok_or(tauri::Error::WindowNotFound)?;
    let factor = main.scale_factor()?;
    let at = main.outer_position()?.to_logical::<f64>(factor);
    let size = main.outer_size()?.to_logical::<f64>(factor);
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("secret.html".into()))
        .title("输入 PIN 或口令")
        .parent(&main)?
        .inner_size(width, height)
        // Not every window system keeps the size of what cannot be resized.
        .min_inner_size(width, height)
        .resizable(false)
        .minimizable(false)
        .maximizable(false)
        .position(at.x + (size.width - width) / 2.0, at.y + (size.height - height) / 2.0)
        .on_navigation(|url| is_own_page(url.scheme(), url.host_str()))
        .build()?;
    Ok(())
}

/// Closes the window, whose end answers.
pub(crate) fn close(app: &AppHandle, secrets: &Secrets) {
    let closing = app.get_webview_window(LABEL).is_some_and(|window| window.destroy().is_ok());
    if !closing {
        secrets.ended();
    }
}

/// The window does not outlive the one that it asks for.
pub(crate) fn follow(window: &Window, event: &WindowEvent) {
    if !matches!(event, WindowEvent::Destroyed) {
        return;
    }
    let secrets = window.state::<Secrets>();
    if window.label() == LABEL {
        secrets.ended();
    } else {
        secrets.given_up();
        close(window.app_handle(), &secrets);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use std::time::Instant;

    use serde_json::{Value, json};
    use zeroize::Zeroizing;

    use super::{Ask, Gone, PREFIX, Secrets, is_handle};

    const PIN: &str = "840275";

    fn question() -> Ask {
        let text = "签名";
        let asked = json!({
            "title": text, "secret": "pin", "label": text, "choose": false, "holder": text, "about": text, "purpose": text,
            "warning": "", "hints": ["", ""], "action": text, "theme": "dark", "scale": 100, "contrast": false,
        });
        serde_json::from_value(asked).unwrap()
    }

    /// Asks, types and closes the window; what stands for the PIN then.
    fn typed(secrets: &Secrets, pin: &str) -> String {
        typed_along(secrets, pin, None)
    }

    fn typed_along(secrets: &Secrets, pin: &str, along: Option<&String>) -> String {
        let mut answer = secrets.ask(Ask { along: along.cloned(), ..question() }).unwrap();
        secrets.typed(Zeroizing::new(pin.into())).unwrap();
        assert!(answer.try_recv().is_err(), "whoever asked is told when the window is gone");
        secrets.ended();
        answer.try_recv().unwrap().unwrap()
    }

    /// The arguments of a command as the desk gets them.
    fn passed(secrets: &Secrets, mut args: Value) -> Result<Value, Gone> {
        secrets.put_into("sign_and_submit", &mut args).map(|()| args)
    }

    #[test]
    fn a_typed_pin_is_put_in_once() {
        let secrets = Secrets::default();
        let handle = typed(&secrets, PIN);
        assert!(is_handle(&handle), "{handle}");
        let args = json!({ "certificate": "c1", "pin": handle });
        assert_eq!(passed(&secrets, args.clone()), Ok(json!({ "certificate": "c1", "pin": PIN })));
        assert_eq!(passed(&secrets, args), Err(Gone), "a handle is sent to no token as a PIN");
        for place in ["secret", "new_pin", "passphrase", "password"] {
            let handle = typed(&secrets, PIN);
            assert_eq!(passed(&secrets, json!({ place: handle })), Ok(json!({ place: PIN })));
        }
        let way = |password: &str| json!({ "account": "042", "way": { "by": "file", "password": password } });
        assert_eq!(passed(&secrets, way(&typed(&secrets, PIN))), Ok(way(PIN)), "of a file that a unit is joined by");
        assert_ne!(typed(&secrets, PIN), typed(&secrets, PIN), "nobody guesses the next one");
    }

    #[test]
    fn what_could_come_back_to_the_page_stays_a_handle() {
        let secrets = Secrets::default();
        let handle = typed(&secrets, PIN);
        for args in [
            json!({ "find": handle }),
            json!({ "way": { "by": "code", "code": handle } }),
            json!({ "unit": { "pin": handle } }),
            json!({ "pin": [handle] }),
            json!({ "pin": format!("{handle} ") }),
            json!([handle]),
            json!(handle),
            Value::Null,
        ] {
            assert_eq!(passed(&secrets, args.clone()), Ok(args), "passed on as it came");
        }
        let mut proxy = json!({ "preferences": { "proxy_address": "http://localhost:1" }, "password": handle });
        let as_it_came = proxy.clone();
        assert_eq!(secrets.put_into("preferences_set", &mut proxy), Ok(()));
        assert_eq!(proxy, as_it_came, "a proxy would be sent it");
        assert_eq!(passed(&secrets, json!({ "pin": handle })), Ok(json!({ "pin": PIN })), "and it was not used up");
    }

    #[test]
    fn what_is_no_handle_passes_through_unchanged() {
        let secrets = Secrets::default();
        let handle = typed(&secrets, PIN);
        for pin in ["", PIN, PREFIX, "typed:840275", handle.to_uppercase().as_str(), &handle[PREFIX.len()..]] {
            assert_eq!(passed(&secrets, json!({ "pin": pin })), Ok(json!({ "pin": pin })), "{pin}");
        }
        let strange = format!("{PREFIX}{}", "0".repeat(32));
        assert_eq!(passed(&secrets, json!({ "pin": strange })), Err(Gone), "nobody typed anything for that");
        assert!(passed(&secrets, json!({ "pin": handle })).is_ok(), "nor does asking for it wipe another");
    }

    #[test]
    fn a_pin_is_wiped_when_another_is_asked_for_given_up_or_left_lying() {
        let secrets = Secrets::default();
        let kept = |secrets: &Secrets| secrets.lock().kept.len();
        let first = typed(&secrets, PIN);
        let _next = secrets.ask(question()).unwrap();
        assert_eq!(kept(&secrets), 0, "before anything else is typed");
        assert_eq!(passed(&secrets, json!({ "pin": first })), Err(Gone));
        secrets.ended();

        typed(&secrets, PIN);
        secrets.given_up();
        assert_eq!(kept(&secrets), 0);

        let late = typed(&secrets, PIN);
        secrets.lock().kept[0].until = Instant::now();
        assert_eq!(passed(&secrets, json!({ "pin": late })), Err(Gone), "whoever comes too late types again");
        assert_eq!(kept(&secrets), 0);
    }

    #[test]
    fn an_old_pin_goes_along_with_a_new_one_and_with_nothing_else() {
        let secrets = Secrets::default();
        let kept = |secrets: &Secrets| secrets.lock().kept.len();
        let other = typed(&secrets, PIN);
        let old = typed(&secrets, "111111");
        let new = typed_along(&secrets, "222222", Some(&old));
        let both = json!({ "certificate": "c1", "pin": old, "new_pin": new });
        let sent = json!({ "certificate": "c1", "pin": "111111", "new_pin": "222222" });
        assert_eq!(passed(&secrets, both), Ok(sent));
        assert_eq!(passed(&secrets, json!({ "pin": other })), Err(Gone));

        let old = typed(&secrets, "111111");
        let mut answer = secrets.ask(Ask { along: Some(old), ..question() }).unwrap();
        assert_eq!(kept(&secrets), 1);
        secrets.ended();
        assert_eq!(answer.try_recv(), Ok(None));
        assert_eq!(kept(&secrets), 0, "whoever chooses no new one has no use for the old one");
        let shown = serde_json::to_value(question()).unwrap();
        assert!(shown.get("along").is_none(), "the window is told nothing of it");
    }

    #[test]
    fn one_question_at_a_time_and_a_closed_window_answers_it_with_nothing() {
        let secrets = Secrets::default();
        assert!(secrets.asked().is_none(), "nobody asks");
        secrets.typed(Zeroizing::new(PIN.into())).unwrap();
        assert!(secrets.lock().kept.is_empty(), "so nothing that comes is kept");

        let mut answer = secrets.ask(question()).unwrap();
        assert!(secrets.ask(question()).is_none(), "the window shows one");
        assert!(secrets.asked().is_some());
        secrets.ended();
        assert_eq!(answer.try_recv(), Ok(None), "closed");

        let mut answer = secrets.ask(question()).unwrap();
        secrets.typed(Zeroizing::new(PIN.into())).unwrap();
        secrets.given_up();
        secrets.ended();
        assert_eq!(answer.try_recv(), Ok(None), "the page gave it up while it was typed");
        assert!(secrets.lock().kept.is_empty());
    }

    #[test]
    fn what_the_window_shows_is_of_limited_length() {
        let mut asked = serde_json::to_value(question()).unwrap();
        asked["purpose"] = json!("长".repeat(5000));
        let asked: Ask = serde_json::from_value(asked).unwrap();
        assert_eq!(asked.purpose.0.chars().count(), 200);
    }
}
