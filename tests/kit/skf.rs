//! USB tokens with SM2 keys for the tests: a copy of the driver's library in `tests/skf-token`, with tokens of its own.

use std::fs;
use std::path::{Path, PathBuf};

use huijiao_signing::Certificate;

use crate::softhsm::{built, run};

/// A driver that is installed, and what is plugged in.
pub struct SkfDriver {
    folder: PathBuf,
}

impl SkfDriver {
    /// Installs it into a folder of its own.
    ///
    /// # Panics
    /// When its library was not built with the tests.
    pub fn install(folder: &Path) -> Self {
        let driver = Self { folder: folder.to_owned() };
        fs::create_dir_all(folder).unwrap();
        fs::copy(built("huijiao_skf_token"), driver.library()).unwrap();
        driver
    }

    /// Its library.
    pub fn library(&self) -> PathBuf {
        self.folder.join(format!("driver{}", std::env::consts::DLL_SUFFIX))
    }

    /// Plugs in a new token.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn token(&self, name: &str, pin: &str) {
        let token = self.folder.join(name);
        fs::create_dir(&token).unwrap();
        for (file, text) in [("label", name), ("serial", &format!("SN-{name}")), ("pin", pin)] {
            fs::write(token.join(file), text).unwrap();
        }
    }

    /// Puts a certificate and the key of a PKCS#12 file into a container.
    ///
    /// # Panics
    /// When openssl does not read the file.
    pub fn put(&self, token: &str, container: &str, certificate: &Certificate, p12: &Path, password: &str) {
        let folder = self.rsa(token, container, certificate);
        let at = |name: &str| folder.join(name).display().to_string();
        let (p12, password) = (p12.display().to_string(), format!("pass:{password}"));
        run("openssl", &["pkcs12", "-in", &p12, "-passin", &password, "-nodes", "-nocerts", "-out", &at("any.pem")]);
        run(
            "openssl",
            &["pkcs8", "-topk8", "-nocrypt", "-in", &at("any.pem"), "-outform", "DER", "-out", &at("key.der")],
        );
    }

    /// Makes a container that has no key of SM2; where it is.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn rsa(&self, token: &str, container: &str, certificate: &Certificate) -> PathBuf {
        let folder = self.folder.join(token).join(container);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("sign.der"), certificate.der()).unwrap();
        folder
    }

    /// Pulls a token out.
    ///
    /// # Panics
    /// When it is not there.
    pub fn pull(&self, token: &str) {
        fs::rename(self.folder.join(token), self.pulled(token)).unwrap();
    }

    /// Plugs one in again.
    ///
    /// # Panics
    /// When it was not pulled out.
    pub fn plug(&self, token: &str) {
        fs::rename(self.pulled(token), self.folder.join(token)).unwrap();
    }

    fn pulled(&self, token: &str) -> PathBuf {
        let mut name = self.folder.file_name().unwrap().to_owned();
        name.push(format!("-{token}"));
        self.folder.with_file_name(name)
    }

    /// How much of it is open.
    ///
    /// # Panics
    /// When nobody has opened anything yet.
    pub fn open(&self) -> String {
        fs::read_to_string(self.folder.join("open")).unwrap()
    }
}
