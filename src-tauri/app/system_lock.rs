//! Locks the screen of the desk with that of the computer, by what Linux desktops say on D-Bus.
//!
//! Heard are `ActiveChanged` of a screen saver (GNOME, KDE, Cinnamon, MATE) and, of logind, the lock of a session and the
//! computer going to sleep. A desktop that says neither leaves it to the time without a sign of life.

use std::sync::Arc;

use huijiao_desk::{Desk, calls};
use serde_json::Value;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Message;

/// Signals that may tell of a lock, on the session's bus and on the system's.
const OF_SESSION: &[&str] = &["type='signal',member='ActiveChanged'"];
const OF_SYSTEM: &[&str] = &[
    "type='signal',interface='org.freedesktop.login1.Session',member='Lock'",
    "type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForSleep'",
];

/// Listens as long as the program runs. Where there is no bus there is nothing to hear.
pub(crate) fn follow(desk: &Arc<Desk>) {
    for rule in OF_SESSION {
        listen(desk.clone(), Connection::session, rule);
    }
    for rule in OF_SYSTEM {
        listen(desk.clone(), Connection::system, rule);
    }
}

fn listen(desk: Arc<Desk>, bus: fn() -> zbus::Result<Connection>, rule: &'static str) {
    std::thread::spawn(move || {
        let signals = bus().and_then(|bus| MessageIterator::for_match_rule(rule, &bus, None));
        let Ok(signals) = signals else { return };
        for signal in signals.flatten() {
            if !tells_of_a_lock(&signal) {
                continue;
            }
            // Refused where it is locked already, or nothing could unlock it.
            let _ = tauri::async_runtime::block_on(calls::call(&desk, "lock", Value::Null));
        }
    });
}

fn tells_of_a_lock(signal: &Message) -> bool {
    let header = signal.header();
    let said = || signal.body().deserialize::<bool>().unwrap_or(false);
    match (header.interface().map(|name| name.as_str()), header.member().map(|name| name.as_str())) {
        (Some("org.freedesktop.login1.Session"), Some("Lock")) => true,
        (Some("org.freedesktop.login1.Manager"), Some("PrepareForSleep")) => said(),
        (Some(interface), Some("ActiveChanged")) => interface.ends_with(".ScreenSaver") && said(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

    use super::*;

    fn signal(interface: &str, member: &str, said: Option<bool>) -> Message {
        let signal = Message::signal("/", interface, member).unwrap();
        match said {
            Some(said) => signal.build(&said).unwrap(),
            None => signal.build(&()).unwrap(),
        }
    }

    #[test]
    fn only_a_lock_or_sleep_locks_and_not_their_ends() {
        let locks = |interface, member, said| tells_of_a_lock(&signal(interface, member, said));
        assert!(locks("org.gnome.ScreenSaver", "ActiveChanged", Some(true)));
        assert!(locks("org.freedesktop.ScreenSaver", "ActiveChanged", Some(true)));
        assert!(locks("org.freedesktop.login1.Session", "Lock", None));
        assert!(locks("org.freedesktop.login1.Manager", "PrepareForSleep", Some(true)));
        assert!(!locks("org.gnome.ScreenSaver", "ActiveChanged", Some(false)), "it was unlocked");
        assert!(!locks("org.freedesktop.login1.Manager", "PrepareForSleep", Some(false)), "it woke up");
        assert!(!locks("org.freedesktop.login1.Session", "Unlock", None));
        assert!(!locks("org.example.Panel", "ActiveChanged", Some(true)), "something else became active");
    }
}
