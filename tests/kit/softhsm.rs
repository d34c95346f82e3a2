//! USB tokens for the tests: SoftHSM2, which is one by PKCS#11 in every respect but the plug.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use huijiao_pkcs11_token::{CRASH, FOLDER, HANG, HANGING, TRIES};
use tempfile::TempDir;

/// Where SoftHSM reads its settings from.
const SETTINGS: &str = "SOFTHSM2_CONF";

/// The tokens of one test, in a folder of its own.
pub struct SoftHsm {
    folder: PathBuf,
}

/// Runs a test in a process of its own: SoftHSM finds its tokens by the environment, once for a whole process.
///
/// # Panics
/// When the test fails.
pub fn alone<T: Future<Output = ()>>(name: &str, test: impl FnOnce(SoftHsm) -> T) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        return runtime.block_on(test(SoftHsm { folder: folder.into() }));
    }
    let folder = TempDir::new().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let settings = folder.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
    std::fs::write(&settings, text).unwrap();
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(SETTINGS, &settings)
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{said}{}", String::from_utf8_lossy(&outcome.stderr));
    assert!(said.contains("1 passed"), "{name} must be the name of the test: {said}");
}

impl SoftHsm {
    /// SoftHSM's PKCS#11 module.
    ///
    /// # Panics
    /// Without softhsm2.
    pub fn module() -> PathBuf {
        [
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib64/softhsm/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so",
        ]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
        .expect("softhsm2 is not installed: cargo xtask test installs it")
    }

    /// The library in `tests/pkcs11-token` for the same tokens: it counts wrong PINs, and lets them be pulled out one by
    /// one.
    ///
    /// # Panics
    /// When it was not built with the tests.
    pub fn driver(&self) -> PathBuf {
        std::fs::write(self.folder.join("softhsm"), Self::module().display().to_string()).unwrap();
        built("huijiao_pkcs11_token")
    }

    /// What each login by [`SoftHsm::driver`] came to, in PKCS#11's own codes.
    pub fn logins(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder.join("logins")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Has [`SoftHsm::driver`] give the token another PIN right before the next login.
    pub fn change_pin(&self, old: &str, new: &str) {
        std::fs::write(self.folder.join("new-pin"), format!("{old} {new}")).unwrap();
    }

    /// Unlocks a token of [`SoftHsm::driver`], as whoever issued it does.
    pub fn unlock(&self, label: &str) {
        std::fs::write(self.folder.join(format!("{label}.tries")), TRIES.to_string()).unwrap();
    }

    /// Pulls out a token of [`SoftHsm::driver`]; plugs it in where it is out.
    pub fn replug(&self, label: &str) {
        let file = self.folder.join(format!("{label}.plug"));
        let before: u32 = std::fs::read_to_string(&file).map_or(0, |count| count.parse().unwrap());
        std::fs::write(file, (before + 1).to_string()).unwrap();
    }

    /// Has [`SoftHsm::driver`] crash whoever signs next, or not any more.
    pub fn crash_while_signing(&self, crashes: bool) {
        let file = self.folder.join(CRASH);
        if crashes { std::fs::write(file, "").unwrap() } else { std::fs::remove_file(file).unwrap() }
    }

    /// Has [`SoftHsm::driver`] hang with the next logout, or not any more.
    pub fn hang_while_logging_out(&self, hangs: bool) {
        let file = self.folder.join(HANG);
        if hangs { std::fs::write(file, "").unwrap() } else { std::fs::remove_file(file).unwrap() }
    }

    /// Waits until a logout hangs.
    ///
    /// # Panics
    /// When none does.
    pub async fn hangs(&self) {
        let file = self.folder.join(HANGING);
        let begun = async {
            while !file.exists() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), begun).await.expect("a logout hangs");
    }

    /// A folder for the test.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Plugs in a new token.
    pub fn token(&self, label: &str, pin: &str) {
        run("softhsm2-util", &["--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", pin]);
    }

    /// Puts the key and the certificate of a PKCS#12 file onto a token, under the id `01`.
    pub fn put(&self, label: &str, pin: &str, p12: &Path, p12_pin: &str) {
        let at = |name: &str| self.folder.join(format!("{label}-{name}")).display().to_string();
        let (p12, pass) = (p12.display().to_string(), format!("pass:{p12_pin}"));
        run("openssl", &["pkcs12", "-in", &p12, "-passin", &pass, "-nodes", "-nocerts", "-out", &at("any.pem")]);
        run("openssl", &["pkcs8", "-topk8", "-nocrypt", "-in", &at("any.pem"), "-out", &at("key.pem")]);
        run("openssl", &["pkcs12", "-in", &p12, "-passin", &pass, "-nokeys", "-clcerts", "-out", &at("cert.pem")]);
        self.put_pem(label, pin, "01", Path::new(&at("key.pem")), Path::new(&at("cert.pem")));
        std::fs::remove_file(at("key.pem")).unwrap();
        std::fs::remove_file(at("any.pem")).unwrap();
    }

    /// Puts a key and a certificate onto a token.
    pub fn put_pem(&self, label: &str, pin: &str, id: &str, key: &Path, certificate: &Path) {
        let key = key.display().to_string();
        run("softhsm2-util", &["--import", &key, "--token", label, "--label", id, "--id", id, "--pin", pin]);
        self.put_certificate(label, pin, id, certificate);
    }

    /// Puts a certificate alone onto a token.
    pub fn put_certificate(&self, label: &str, pin: &str, id: &str, certificate: &Path) {
        let der = self.folder.join(format!("{label}-{id}.der")).display().to_string();
        run("openssl", &["x509", "-in", &certificate.display().to_string(), "-outform", "DER", "-out", &der]);
        let module = Self::module().display().to_string();
        let at = ["--module", &module, "--token-label", label, "--login", "--pin", pin];
        run("pkcs11-tool", &[&at[..], &["--write-object", &der, "--type", "cert", "--id", id, "--label", id]].concat());
    }

    /// Pulls out every token.
    pub fn pull_out(&self) {
        std::fs::rename(self.folder.join("tokens"), self.folder.join("away")).unwrap();
        std::fs::create_dir(self.folder.join("tokens")).unwrap();
    }

    /// Plugs them in again.
    pub fn plug_in(&self) {
        std::fs::remove_dir_all(self.folder.join("tokens")).unwrap();
        std::fs::rename(self.folder.join("away"), self.folder.join("tokens")).unwrap();
    }
}

/// A library that lies beside the tests.
pub(crate) fn built(name: &str) -> PathBuf {
    let file = format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = std::env::current_exe().unwrap().with_file_name(file);
    assert!(library.is_file(), "{} was not built with the tests", library.display());
    library
}

pub(crate) fn run(program: &str, arguments: &[&str]) {
    let outcome = Command::new(program).args(arguments).output();
    let outcome = outcome.unwrap_or_else(|error| panic!("{program}: {error}; cargo xtask test installs it"));
    let said = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "{program} {arguments:?}: {said}{}", String::from_utf8_lossy(&outcome.stdout));
}
