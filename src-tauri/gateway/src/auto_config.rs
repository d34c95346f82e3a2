//! Proxies that the system's settings choose by a script (PAC). This client runs no scripts; it can say that there is one.

use std::process::{Command, Stdio};

/// The address of the script by which this system chooses proxies, where its settings name one. Asks the system's own
/// program for its settings, which takes a moment.
pub fn auto_config() -> Option<String> {
    if cfg!(windows) {
        of_registry(&said(
            "reg",
            &["query", r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings", "/v", "AutoConfigURL"],
        )?)
    } else if cfg!(target_os = "macos") {
        of_scutil(&said("scutil", &["--proxy"])?)
    } else {
        let get = |key| said("gsettings", &["get", "org.gnome.system.proxy", key]);
        of_gsettings(&get("mode")?, &get("autoconfig-url")?)
    }
}

/// What a program says, where it is there and content.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        /// No console window flashes up.
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    let output = command.args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `    AutoConfigURL    REG_SZ    http://…`
fn of_registry(said: &str) -> Option<String> {
    let line = said.lines().find_map(|line| line.trim().strip_prefix("AutoConfigURL"))?;
    named(line.trim().strip_prefix("REG_SZ")?)
}

/// `  ProxyAutoConfigEnable : 1`, and the address in a line of its own.
fn of_scutil(said: &str) -> Option<String> {
    let value = |name: &str| {
        said.lines().find_map(|line| line.trim().strip_prefix(name)?.trim().strip_prefix(':').map(str::trim))
    };
    if value("ProxyAutoConfigEnable") != Some("1") {
        return None;
    }
    named(value("ProxyAutoConfigURLString")?)
}

/// `'auto'` and `'http://…'`. Without an address a script is looked for on the network.
fn of_gsettings(mode: &str, address: &str) -> Option<String> {
    if mode.trim() != "'auto'" {
        return None;
    }
    named(address.trim().trim_matches('\'')).or_else(|| Some("WPAD".into()))
}

fn named(address: &str) -> Option<String> {
    Some(address.trim().to_owned()).filter(|address| !address.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "http://proxy.example.cn/proxy.pac";

    #[test]
    fn f29_a_script_is_named_where_the_settings_of_a_system_name_one() {
        let script = Some(SCRIPT.to_owned());
        let registry = format!(
            "\r\nHKEY_CURRENT_USER\\Software\\…\\Internet Settings\r\n    AutoConfigURL    REG_SZ    {SCRIPT}\r\n\r\n"
        );
        assert_eq!(of_registry(&registry), script);
        assert_eq!(of_registry("    ProxyServer    REG_SZ    10.0.0.1:3128\r\n"), None);
        assert_eq!(of_registry("    AutoConfigURL    REG_SZ    \r\n"), None, "emptied");

        let dictionary = |on: &str| {
            format!(
                "<dictionary> {{\n  HTTPEnable : 0\n  ProxyAutoConfigEnable : {on}\n  ProxyAutoConfigURLString : {SCRIPT}\n}}\n"
            )
        };
        assert_eq!(of_scutil(&dictionary("1")), script);
        assert_eq!(of_scutil(&dictionary("0")), None, "named once, and switched off since");
        assert_eq!(of_scutil("<dictionary> {\n}\n"), None);

        assert_eq!(of_gsettings("'auto'\n", &format!("'{SCRIPT}'\n")), script);
        assert_eq!(of_gsettings("'manual'\n", &format!("'{SCRIPT}'\n")), None, "named once, not in use");
        assert_eq!(of_gsettings("'auto'\n", "''\n").as_deref(), Some("WPAD"), "looked for on the network");
    }

    #[test]
    fn f29_a_program_that_is_not_there_or_fails_says_nothing() {
        assert_eq!(said("huijiao-no-such-program", &[]), None);
        if cfg!(unix) {
            assert_eq!(said("false", &[]), None);
            assert_eq!(said("echo", &["'auto'"]).as_deref(), Some("'auto'\n"));
        }
    }
}
