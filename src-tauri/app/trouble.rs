//! Why the program cannot run, said in a message box of the system's own: there is no page that could say it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use huijiao_domain::texts;

/// What the program is called.
const NAME: &str = "汇缴通";

/// What keeps the program from running.
#[derive(Debug)]
pub enum Trouble {
    /// The system knows of no folder for the user's data.
    NoFolder,
    /// The folder for the data cannot be made or read.
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system has no web view.
    NoWebView {
        /// What the system says.
        reason: String,
    },
    /// The window cannot be opened.
    NoWindow {
        /// What the system says.
        reason: String,
    },
    /// A defect of the program's.
    Stopped,
}

impl Trouble {
    /// A window that cannot be opened.
    pub(crate) fn window(error: impl std::fmt::Display) -> Self {
        Self::NoWindow { reason: error.to_string() }
    }

    /// Stable code, which the table of words knows.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFolder => "app-no-folder",
            Self::Folder { .. } => "app-folder",
            Self::NoWebView { .. } => "app-no-web-view",
            Self::NoWindow { .. } => "app-no-window",
            Self::Stopped => "app-stopped",
        }
    }

    fn args(&self) -> BTreeMap<String, String> {
        let named =
            |pairs: &[(&str, String)]| pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        match self {
            Self::NoFolder | Self::Stopped => BTreeMap::new(),
            Self::Folder { path, source } => {
                named(&[("path", path.display().to_string()), ("reason", source.to_string())])
            }
            Self::NoWebView { reason } | Self::NoWindow { reason } => named(&[("reason", reason.clone())]),
        }
    }

    /// A heading, and what happened with what to do.
    fn words(&self) -> (String, String) {
        let Some(text) = texts::lookup(self.code()) else { return (self.code().into(), String::new()) };
        let args = self.args();
        let said = format!("{}\n\n{}", texts::fill(&text.happened, &args), texts::fill(&text.remedy, &args));
        (text.title.clone(), said)
    }

    /// Says it to whoever started the program: on the terminal, and in a message box where there is a screen. Returns
    /// when the box is closed.
    pub fn say(&self) {
        let (title, text) = self.words();
        // Whoever has no terminal has the box.
        let _ = writeln!(std::io::stderr(), "{title}\n{text}");
        tracing::error!(code = self.code(), "the program cannot run");
        message_box(&title, &text);
    }
}

#[cfg(target_os = "linux")]
fn message_box(title: &str, text: &str) {
    use gtk::prelude::{DialogExt, GtkWindowExt, MessageDialogExt};

    // Without a screen the terminal has to do.
    if gtk::init().is_err() {
        return;
    }
    let (flags, kind) = (gtk::DialogFlags::MODAL, gtk::MessageType::Error);
    let dialog = gtk::MessageDialog::new(None::<&gtk::Window>, flags, kind, gtk::ButtonsType::None, title);
    dialog.set_title(NAME);
    dialog.set_secondary_text(Some(text));
    dialog.add_button("关闭", gtk::ResponseType::Close);
    dialog.run();
}

#[cfg(not(target_os = "linux"))]
fn message_box(title: &str, text: &str) {
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(NAME)
        .set_description(format!("{title}\n\n{text}"))
        .set_buttons(rfd::MessageButtons::Ok)
        .show();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

    use super::*;

    #[test]
    fn every_trouble_has_its_words_and_says_what_the_system_said() {
        let reason = || "denied".to_owned();
        let all = [
            Trouble::NoFolder,
            Trouble::Folder { path: "/data/某".into(), source: std::io::Error::other("denied") },
            Trouble::NoWebView { reason: reason() },
            Trouble::NoWindow { reason: reason() },
            Trouble::Stopped,
        ];
        for trouble in all {
            let text = texts::lookup(trouble.code()).unwrap();
            let (title, said) = trouble.words();
            assert_eq!(title, text.title);
            assert!(!said.contains(['{', '…']), "every figure is filled in: {said}");
            let told = !trouble.args().contains_key("reason") || said.contains("denied");
            assert!(told, "whoever is called for help needs it: {said}");
        }
        let (_, said) = Trouble::Folder { path: "/data/某".into(), source: std::io::Error::other("denied") }.words();
        assert!(said.contains("/data/某"), "{said}");
    }
}
