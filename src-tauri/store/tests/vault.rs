//! Where the key is kept: passphrase file, memory, and the true keyring of a desktop session.
#![allow(clippy::unwrap_used)]

use huijiao_store::StoreKey;
use huijiao_store::vault::{KeyVault, MemoryVault, PassphraseFile, WrappedKey};

#[test]
fn memory_keeps_and_forgets() {
    let vault = MemoryVault::default();
    assert_eq!(vault.load().unwrap(), None);
    let key = StoreKey::generate().unwrap();
    vault.keep(&key).unwrap();
    assert_eq!(vault.load().unwrap(), Some(key));
    assert_eq!(MemoryVault::default().load().unwrap(), None);
}

#[test]
fn a_passphrase_opens_its_file_and_no_other_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = PassphraseFile::at(folder.path().join("deeper/huijiao.key"));
    assert!(!file.exists());
    assert_eq!(file.create("1234567").unwrap_err().code(), "vault-weak-passphrase");
    assert!(!file.exists(), "a weak passphrase leaves nothing behind");
    let key = file.create("一个好记的数据口令").unwrap();
    assert_eq!(file.open("一个好记的数据口令").unwrap(), key);
    assert_eq!(file.open("一个好记的数据口令 ").unwrap_err().code(), "vault-wrong-passphrase");
    assert_eq!(file.create("另一个数据口令也好记").unwrap_err().code(), "vault-exists");
    assert_eq!(file.open("一个好记的数据口令").unwrap(), key, "the first key is still there");
    let names: Vec<_> = std::fs::read_dir(folder.path().join("deeper")).unwrap().collect();
    assert_eq!(names.len(), 1, "no half file beside it");
}

#[test]
fn a_damaged_key_file_is_named_and_cannot_stall_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huijiao.key");
    let file = PassphraseFile::at(&path);
    file.create("一个好记的数据口令").unwrap();
    let sound = std::fs::read_to_string(&path).unwrap();
    let hungry = sound.replace("\"memory_kib\": 65536", "\"memory_kib\": 4000000000");
    assert_ne!(hungry, sound, "the parameters are written down");
    for bad in [hungry.as_str(), "", "{}", &sound[..sound.len() / 2]] {
        std::fs::write(&path, bad).unwrap();
        assert_eq!(file.open("一个好记的数据口令").unwrap_err().code(), "vault-damaged");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), bad, "left as it is");
    }
}

#[test]
fn a_wrapped_key_says_which_one_it_is_and_one_of_before_can_be_any() {
    let (one, other) = (StoreKey::generate().unwrap(), StoreKey::generate().unwrap());
    let prints = [&one, &other].map(|key| key.fingerprint().unwrap());
    let wrapped = WrappedKey::wrap(&one, "一个好记的数据口令").unwrap();
    assert_eq!(prints.each_ref().map(|print| wrapped.may_be(print)), [true, false]);
    let mut json = serde_json::to_value(&wrapped).unwrap();
    json.as_object_mut().unwrap().remove("fingerprint").unwrap();
    let before: WrappedKey = serde_json::from_value(json).unwrap();
    assert_eq!(prints.each_ref().map(|print| before.may_be(print)), [true, true]);
    assert_eq!(before.open("一个好记的数据口令").unwrap(), one, "it opens as ever");
    let named = before.of(&prints[0]);
    assert_eq!(prints.each_ref().map(|print| named.may_be(print)), [true, false]);
}

#[test]
fn a_key_says_nothing_about_itself() {
    let key = StoreKey::from_slice(&[0x41; 32]).unwrap();
    assert!(!format!("{key:?}").contains("41"));
    assert_eq!(StoreKey::from_slice(&[0; 31]), None);
}

#[cfg(target_os = "linux")]
mod secret_service {
    use std::process::{Command, Output};
    use std::time::Duration;

    use super::*;
    use huijiao_store::vault::{OsKeyring, VaultError};

    /// Runs one of the ignored tests of this file in another process.
    fn run(test: &str, mut command: Command) -> Output {
        let program = std::env::current_exe().unwrap();
        command.env("HUIJIAO_VAULT_TEST", program).env("HUIJIAO_VAULT_NAME", test).output().unwrap()
    }

    const START: &str = r#""$HUIJIAO_VAULT_TEST" --ignored --exact "$HUIJIAO_VAULT_NAME" --nocapture"#;

    #[test]
    fn the_keyring_of_a_session_keeps_the_key() {
        if Command::new("gnome-keyring-daemon").arg("--version").output().is_err() {
            eprintln!("not run: gnome-keyring-daemon is not installed");
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "bash", "-c"]).arg(format!(
            "echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && {START}; \
             status=$?; kill %% 2>/dev/null; exit $status"
        ));
        for variable in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"] {
            command.env(variable, home.path());
        }
        let output = run("secret_service::inside_a_session", command);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "it did run");
    }

    #[test]
    #[ignore = "run by the_keyring_of_a_session_keeps_the_key"]
    fn inside_a_session() {
        let vault = OsKeyring::new("cn.huijiao.test", "store key").with_patience(Duration::from_secs(30));
        assert_eq!(vault.load().unwrap(), None);
        let key = StoreKey::generate().unwrap();
        vault.keep(&key).unwrap();
        assert_eq!(vault.load().unwrap(), Some(key), "read back");
        let next = StoreKey::generate().unwrap();
        vault.keep(&next).unwrap();
        assert_eq!(vault.load().unwrap(), Some(next), "replaced, not added");
        vault.forget().unwrap();
        assert_eq!(vault.load().unwrap(), None);
        vault.forget().expect("nothing to forget is fine");
    }

    #[test]
    fn without_a_session_the_answer_comes_at_once() {
        let empty = tempfile::tempdir().unwrap();
        let mut command = Command::new("bash");
        command.args(["-c", START]).env_remove("DBUS_SESSION_BUS_ADDRESS").env("XDG_RUNTIME_DIR", empty.path());
        let output = run("secret_service::outside_a_session", command);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "it did run");
    }

    #[test]
    #[ignore = "run by without_a_session_the_answer_comes_at_once"]
    fn outside_a_session() {
        let vault = OsKeyring::new("cn.huijiao.test", "store key");
        let key = StoreKey::generate().unwrap();
        for error in [vault.load().map(|_| ()).unwrap_err(), vault.keep(&key).unwrap_err()] {
            assert_eq!(error.code(), "vault-unavailable");
            let VaultError::Unavailable(why) = &error else { unreachable!() };
            assert_ne!(why, "no answer", "found out, not waited out");
        }
    }

    #[tokio::test]
    async fn it_may_be_asked_from_an_async_thread() {
        // Whatever this computer has: no panic of one runtime inside another.
        let _ = OsKeyring::new("cn.huijiao.test", "nothing").with_patience(Duration::from_secs(30)).load();
    }
}
