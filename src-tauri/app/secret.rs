//! PINs are typed into a window of their own. The page that asks for one gets a handle in its place, which stands for
//! the PIN once: where a command is called with it, the PIN is put in on its way to the desk.

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

/// How long a PIN waits for the command that it was typed for.
const WAITS: Duration = Duration::from_secs(120);

/// The arguments of commands that a PIN of a key is handed over by. Nowhere else is one put in: another argument may come
/// back to the page.
const PLACES: [&str; 2] = ["pin", "secret"];

const PREFIX: &str = "pin:";

/// What the window shows, in the page's words.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Ask {
    title: Said,
    /// Whose PIN it is, and what else tells the certificate from others.
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
}

/// A text of limited length.
#[derive(Clone, Serialize)]
struct Said(String);

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.chars().take(200).collect()))
    }
}

/// What is asked for, and what was typed and not used yet.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<State>);

#[derive(Default)]
struct State {
    asked: Option<Asked>,
    kept: Option<Kept>,
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

    /// The answer comes when the window is gone; none while another question is open. What was typed before is wiped.
    fn ask(&self, ask: Ask) -> Option<oneshot::Receiver<Option<String>>> {
        let mut state = self.lock();
        if state.asked.is_some() {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        state.kept = None;
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
            state.kept = Some(Kept { handle, secret, until: Instant::now() + WAITS });
        }
        Ok(())
    }

    /// Nobody wants it any more.
    pub(crate) fn given_up(&self) {
        let mut state = self.lock();
        state.kept = None;
        if let Some(asked) = state.asked.as_mut() {
            asked.handle = None;
        }
    }

    /// The window is gone: whoever asked is told what stands for what was typed.
    fn ended(&self) {
        if let Some(Asked { answer, handle, .. }) = self.lock().asked.take() {
            // The page that asked may be gone too.
            let _ = answer.send(handle);
        }
    }

    /// Puts what was typed into the arguments of a command, in the place of its handle.
    ///
    /// # Errors
    /// When there is a handle that stands for nothing any more.
    pub(crate) fn put_into(&self, args: &mut Value) -> Result<(), Gone> {
        for place in PLACES {
            if let Some(Value::String(given)) = args.get_mut(place)
                && is_handle(given)
            {
                *given = self.take(given).ok_or(Gone)?;
            }
        }
        Ok(())
    }

    fn take(&self, handle: &str) -> Option<String> {
        let mut kept = self.lock().kept.take_if(|kept| kept.handle == handle)?;
        (Instant::now() < kept.until).then(|| std::mem::take(&mut *kept.secret))
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

/// Has a PIN typed in the window; nothing where none was, or where the window is asking already.
pub(crate) async fn ask(app: &AppHandle, secrets: &Secrets, ask: Ask) -> tauri::Result<Option<String>> {
    let zoom = f64::from(ask.scale.clamp(50, 300)) / 100.0;
    let Some(answer) = secrets.ask(ask) else {
        if let Some(window) = app.get_webview_window(LABEL) {
            window.set_focus()?;
        }
        return Ok(None);
    };
    if let Err(error) = open(app, zoom) {
        secrets.ended();
        return Err(error);
    }
    Ok(answer.await.unwrap_or_default())
}

/// Opens the window in the middle of the program's, before it.
fn open(app: &AppHandle, zoom: f64) -> tauri::Result<()> {
    let main = app.get_webview_window("main").ok_or(tauri::Error::WindowNotFound)?;
    let factor = main.scale_factor()?;
    let at = main.outer_position()?.to_logical::<f64>(factor);
    let size = main.outer_size()?.to_logical::<f64>(factor);
    let (width, height) = (WIDTH * zoom, HEIGHT * zoom);
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("secret.html".into()))
        .title("输入 PIN")
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

    use super::{Ask, Gone, Secrets, is_handle};

    const PIN: &str = "840275";

    fn question() -> Ask {
        let text = "签名";
        let asked = json!({
            "title": text, "holder": text, "about": text, "purpose": text, "warning": "", "hints": ["", ""],
            "action": text, "theme": "dark", "scale": 100, "contrast": false,
        });
        serde_json::from_value(asked).unwrap()
    }

    /// Asks, types and closes the window; what stands for the PIN then.
    fn typed(secrets: &Secrets, pin: &str) -> String {
        let mut answer = secrets.ask(question()).unwrap();
        secrets.typed(Zeroizing::new(pin.into())).unwrap();
        assert!(answer.try_recv().is_err(), "whoever asked is told when the window is gone");
        secrets.ended();
        answer.try_recv().unwrap().unwrap()
    }

    /// The arguments of a command as the desk gets them.
    fn passed(secrets: &Secrets, mut args: Value) -> Result<Value, Gone> {
        secrets.put_into(&mut args).map(|()| args)
    }

    #[test]
    fn a_typed_pin_is_put_in_once() {
        let secrets = Secrets::default();
        let handle = typed(&secrets, PIN);
        assert!(is_handle(&handle) && !handle.contains(PIN), "{handle}");
        let args = json!({ "certificate": "c1", "pin": handle });
        assert_eq!(passed(&secrets, args.clone()), Ok(json!({ "certificate": "c1", "pin": PIN })));
        assert_eq!(passed(&secrets, args), Err(Gone), "a handle is sent to no token as a PIN");
        let handle = typed(&secrets, PIN);
        assert_eq!(passed(&secrets, json!({ "secret": handle })), Ok(json!({ "secret": PIN })), "the locked screen's");
        assert_ne!(typed(&secrets, PIN), typed(&secrets, PIN), "nobody guesses the next one");
    }

    #[test]
    fn what_could_come_back_to_the_page_stays_a_handle() {
        let secrets = Secrets::default();
        let handle = typed(&secrets, PIN);
        for args in [
            json!({ "find": handle }),
            json!({ "new_pin": handle }),
            json!({ "unit": { "pin": handle } }),
            json!({ "pin": [handle] }),
            json!({ "pin": format!("{handle} ") }),
            json!([handle]),
            json!(handle),
            Value::Null,
        ] {
            assert_eq!(passed(&secrets, args.clone()), Ok(args), "passed on as it came");
        }
        assert_eq!(passed(&secrets, json!({ "pin": handle })), Ok(json!({ "pin": PIN })), "and it was not used up");
    }

    #[test]
    fn what_is_no_handle_passes_through_unchanged() {
        let secrets = Secrets::default();
        let handle = typed(&secrets, PIN);
        for pin in ["", PIN, "pin:", "pin:840275", handle.to_uppercase().as_str(), &handle[4..]] {
            assert_eq!(passed(&secrets, json!({ "pin": pin })), Ok(json!({ "pin": pin })), "{pin}");
        }
        let strange = format!("pin:{}", "0".repeat(32));
        assert_eq!(passed(&secrets, json!({ "pin": strange })), Err(Gone), "nobody typed anything for that");
        assert!(passed(&secrets, json!({ "pin": handle })).is_ok(), "nor does asking for it wipe another");
    }

    #[test]
    fn a_pin_is_wiped_when_another_is_asked_for_given_up_or_left_lying() {
        let secrets = Secrets::default();
        let kept = |secrets: &Secrets| secrets.lock().kept.is_some();
        let first = typed(&secrets, PIN);
        let _next = secrets.ask(question()).unwrap();
        assert!(!kept(&secrets), "before anything else is typed");
        assert_eq!(passed(&secrets, json!({ "pin": first })), Err(Gone));
        secrets.ended();

        typed(&secrets, PIN);
        secrets.given_up();
        assert!(!kept(&secrets));

        let late = typed(&secrets, PIN);
        secrets.lock().kept.as_mut().unwrap().until = Instant::now();
        assert_eq!(passed(&secrets, json!({ "pin": late })), Err(Gone), "whoever comes too late types again");
        assert!(!kept(&secrets));
    }

    #[test]
    fn one_question_at_a_time_and_a_closed_window_answers_it_with_nothing() {
        let secrets = Secrets::default();
        assert!(secrets.asked().is_none(), "nobody asks");
        secrets.typed(Zeroizing::new(PIN.into())).unwrap();
        assert!(secrets.lock().kept.is_none(), "so nothing that comes is kept");

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
        assert!(secrets.lock().kept.is_none());
    }

    #[test]
    fn what_the_window_shows_is_of_limited_length() {
        let mut asked = serde_json::to_value(question()).unwrap();
        asked["purpose"] = json!("长".repeat(5000));
        let asked: Ask = serde_json::from_value(asked).unwrap();
        assert_eq!(asked.purpose.0.chars().count(), 200);
    }
}
