//! Keys in PKCS#12 files: one folder, `<id>.p12` each.
//!
//! Beside each file lie `<id>.crt` (its certificates in PEM, so that they can be shown without the PIN) and
//! `<id>.tries` (wrong tries since the last right one, and which file they were for). The counter guards against
//! somebody trying PINs in this program. Somebody who copies the file is held up by the PIN's strength and by Argon2id
//! only: that is what a token is for. A file that was installed as it came is put under Argon2id at its next login.
//!
//! The session's copy of the key is wiped; the PKCS#12 library's own copy, freed right after opening, is not.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use p12_keystore::{EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12Archive, PrivateKeyChain};
use zeroize::Zeroizing;

use crate::certificate::{Certificate, hex, sha256};
use crate::error::SignError;
use crate::keys::{self, Kept, KeyInfo, KeyProvider, SignSession, TlsIdentity};
use crate::oids;
use crate::pin::Pin;
use crate::public_key::Algorithm;
use crate::request::{self, Request};
use crate::tlv::{self, Broken, wrap};

mod at_rest;

use at_rest::Stretched;

/// Wrong tries that lock a key.
const TRIES: u8 = 3;
/// Of PBKDF2-SHA256 and of the MAC's key derivation, under a password that somebody types.
const ITERATIONS: u32 = 100_000;
/// The same where the password is 256 bits that nobody can try.
const ITERATIONS_AT_REST: u32 = 1_000;
/// Ending of the file of a key that waits for its certificate: a PKCS#12 file with a certificate of its own making.
const PENDING: &str = "pending";
/// How pbeWithSHAAnd… of PKCS#12 (RC4, 3DES, RC2) begin: 1.2.840.113549.1.12.1, as an identifier with one arc more.
const OLD_ENCRYPTION: [u8; 11] = [0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];

/// A folder of PKCS#12 files.
#[derive(Debug, Clone)]
pub struct P12Folder {
    folder: PathBuf,
}

impl P12Folder {
    /// The folder need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Puts a PKCS#12 file into the folder, with its certificate beside it and its tries at zero. An older one of the
    /// same id is replaced. The PIN stays the file's.
    ///
    /// # Errors
    /// Wrong PIN (nothing is counted, nothing is written), a damaged or unsupported file, no certificate for the key.
    pub fn install(&self, id: &str, p12: &[u8], pin: &Pin) -> Result<Certificate, SignError> {
        if id.is_empty() || !is_plain(id) {
            return Err(SignError::NoSuchKey { id: id.to_owned() });
        }
        let opened = match open(p12, pin) {
            Ok(opened) => opened,
            Err(Refused::Pin) => return Err(SignError::WrongPin { left: TRIES }),
            Err(other) => return Err(other.of(|| format!("{id}.p12"))),
        };
        let (certificate, chain) = opened.split()?;
        self.put(id, p12, certificate, &chain)
    }

    fn put(
        &self,
        id: &str,
        p12: &[u8],
        certificate: Certificate,
        chain: &[Certificate],
    ) -> Result<Certificate, SignError> {
        let pem: String = std::iter::once(&certificate).chain(chain).map(Certificate::pem).collect();
        fs::create_dir_all(&self.folder).map_err(|source| file_error(&self.folder, source))?;
        replace(&self.path(id, "crt"), pem.as_bytes())?;
        replace(&self.path(id, "p12"), p12)?;
        Tries::anew(&self.path(id, "tries"))?.set(0, &hex(&sha256(p12)))?;
        Ok(certificate)
    }

    /// Whether a key waits for nothing but its PIN: it is not locked, and its file is still the one that was installed
    /// or opened last. Asks no PIN and counts nothing.
    pub fn is_sound(&self, id: &str) -> bool {
        let Ok(bytes) = fs::read(self.path(id, "p12")) else { return false };
        let (wrong, known) = Tries::read(&self.path(id, "tries")).unwrap_or((TRIES, None));
        let whole = at_rest::inside(&bytes).is_some_and(|p12| Pfx::parse(p12).is_ok());
        wrong < TRIES && whole && known.is_none_or(|known| known == hex(&sha256(&bytes)))
    }

    /// Keeps a key of another file under a PIN of its own, as [`P12Folder::install`] does, whatever encryption and
    /// password it came under.
    ///
    /// # Errors
    /// [`SignError::NoSuchKey`] for an id that is no file name, [`SignError::File`].
    pub fn keep(&self, id: &str, key: &P12Key, pin: &Pin) -> Result<Certificate, SignError> {
        if id.is_empty() || !is_plain(id) {
            return Err(SignError::NoSuchKey { id: id.to_owned() });
        }
        let p12 = sealed(key.certificate.holder(), &key.certificate, &key.chain, &key.key, pin)?;
        self.put(id, &p12, key.certificate.clone(), &key.chain)
    }

    /// Makes a new key, of SM2 where that is wanted and of P-256 otherwise, and the request for its certificate. The key
    /// stays here, under the PIN, until [`P12Folder::complete`] brings the certificate, however often the program ends
    /// in between.
    ///
    /// # Errors
    /// [`SignError::NoSuchKey`] for an id that is no file name, [`SignError::File`].
    pub fn request(&self, id: &str, algorithm: Algorithm, pin: &Pin) -> Result<Request, SignError> {
        if id.is_empty() || !is_plain(id) {
            return Err(SignError::NoSuchKey { id: id.to_owned() });
        }
        let (key, request, own) = request::new_key(id, algorithm)?;
        fs::create_dir_all(&self.folder).map_err(|source| file_error(&self.folder, source))?;
        replace(&self.path(id, PENDING), &sealed(id, &own, &[], &key, pin)?)?;
        // Last: it says that the key beside it is there.
        replace(&self.path(id, "csr"), request.der())?;
        Ok(request)
    }

    /// The keys that wait for their certificates.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn pending(&self) -> Result<Vec<PendingKey>, SignError> {
        let mut found = Vec::new();
        for id in self.ids("csr")? {
            // What was completed may have been left lying by a crash.
            if self.path(&id, "p12").exists() || !self.path(&id, PENDING).is_file() {
                continue;
            }
            let path = self.path(&id, "csr");
            let der = fs::read(&path).map_err(|source| file_error(&path, source))?;
            if let Ok(request) = Request::from_der(&der) {
                found.push(PendingKey { id, request });
            }
        }
        Ok(found)
    }

    /// Proves that a PIN opens a key that waits, before its certificate is asked for.
    ///
    /// # Errors
    /// As [`P12Folder::complete`].
    pub fn try_pending(&self, id: &str, pin: &Pin) -> Result<(), SignError> {
        self.open_pending(id, pin).map(|_| ())
    }

    /// Joins a key that waits with its certificate.
    ///
    /// # Errors
    /// [`SignError::NoSuchKey`], [`SignError::WrongPassword`] for another PIN than the key was made under,
    /// [`SignError::KeyMismatch`] for another key's certificate; then the key goes on waiting.
    pub fn complete(
        &self,
        id: &str,
        pin: &Pin,
        certificate: Certificate,
        chain: Vec<Certificate>,
    ) -> Result<Certificate, SignError> {
        let key = self.open_pending(id, pin)?;
        keys::require_match(&key, &certificate)?;
        let certificate = self.keep(id, &P12Key { key, certificate, chain, old_encryption: false }, pin)?;
        self.abandon(id)?;
        Ok(certificate)
    }

    fn open_pending(&self, id: &str, pin: &Pin) -> Result<Zeroizing<Vec<u8>>, SignError> {
        let path = self.path(id, PENDING);
        if id.is_empty() || !is_plain(id) || !path.is_file() {
            return Err(SignError::NoSuchKey { id: id.to_owned() });
        }
        let bytes = fs::read(&path).map_err(|source| file_error(&path, source))?;
        open(&bytes, pin).map(|opened| opened.key).map_err(|refused| refused.of(|| format!("{id}.{PENDING}")))
    }

    /// Forgets a key that waits for its certificate.
    ///
    /// # Errors
    /// [`SignError::NoSuchKey`] for an id that is no file name, [`SignError::File`].
    pub fn abandon(&self, id: &str) -> Result<(), SignError> {
        self.delete(id, &["csr", PENDING])
    }

    /// Removes a key with its certificate, for good.
    ///
    /// # Errors
    /// [`SignError::NoSuchKey`] for an id that is no file name, [`SignError::File`].
    pub fn remove(&self, id: &str) -> Result<(), SignError> {
        self.delete(id, &["p12", "crt", "tries"])
    }

    fn delete(&self, id: &str, endings: &[&str]) -> Result<(), SignError> {
        if id.is_empty() || !is_plain(id) {
            return Err(SignError::NoSuchKey { id: id.to_owned() });
        }
        for ending in endings {
            let path = self.path(id, ending);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file_error(&path, error)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Gives a key another PIN: the file is replaced whole or not at all, so that one of the two PINs always opens it.
    /// Whether the new one is good enough is for [`Pin::check_new`].
    ///
    /// # Errors
    /// As [`SignSession::login`] for the old PIN, which is counted as there; [`SignError::File`].
    pub fn change_pin(&self, id: &str, old: &Pin, new: &Pin) -> Result<(), SignError> {
        let session = self.session(id)?;
        let key = session.unlock(old)?;
        let P12Session { certificate, chain, .. } = session;
        let p12 = sealed(certificate.holder(), &certificate, &chain, &key, new)?;
        let mut tries = Tries::open(&self.path(id, "tries"))?;
        replace(&self.path(id, "p12"), &p12)?;
        tries.set(0, &hex(&sha256(&p12)))
    }

    /// Certificate, chain and key for TLS. Counts PIN tries as a login does.
    ///
    /// # Errors
    /// As [`SignSession::login`].
    pub fn tls_identity(&self, id: &str, pin: &Pin) -> Result<TlsIdentity, SignError> {
        let mut session = self.session(id)?;
        session.login(pin)?;
        session.tls_identity()
    }

    fn session(&self, id: &str) -> Result<P12Session, SignError> {
        let no_key = || SignError::NoSuchKey { id: id.to_owned() };
        if id.is_empty() || !is_plain(id) || !self.path(id, "p12").is_file() {
            return Err(no_key());
        }
        let damaged = |what| SignError::Damaged { name: format!("{id}.crt"), what };
        let mut chain = self.sidecar(id).map_err(damaged)?.into_iter();
        let certificate = chain.next().ok_or_else(|| damaged("no certificate in it"))?;
        Ok(P12Session {
            p12: self.path(id, "p12"),
            tries: self.path(id, "tries"),
            certificate,
            chain: between(chain),
            key: None,
        })
    }

    /// What lies in the folder with this ending, sorted.
    fn ids(&self, ending: &str) -> Result<Vec<String>, SignError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(file_error(&self.folder, source)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(|source| file_error(&self.folder, source))?.path();
            if path.extension().is_some_and(|its| its == ending) {
                found.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
            }
        }
        found.sort();
        Ok(found)
    }

    fn sidecar(&self, id: &str) -> Result<Vec<Certificate>, &'static str> {
        let pem = fs::read_to_string(self.path(id, "crt")).map_err(|_| "the certificate file can't be read")?;
        Certificate::all_from_pem(&pem).map_err(|_| "not a certificate file")
    }

    fn path(&self, id: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{id}.{ending}"))
    }
}

/// A key that waits for its certificate.
#[derive(Debug, Clone)]
pub struct PendingKey {
    /// For [`P12Folder::complete`].
    pub id: String,
    /// What was asked for.
    pub request: Request,
}

/// A key out of a PKCS#12 file, not yet kept anywhere.
pub struct P12Key {
    key: Zeroizing<Vec<u8>>,
    certificate: Certificate,
    chain: Vec<Certificate>,
    old_encryption: bool,
}

impl std::fmt::Debug for P12Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("P12Key").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl P12Key {
    /// Opens a file that somebody was given. RC2 and 3DES are read too.
    ///
    /// # Errors
    /// [`SignError::WrongPassword`], [`SignError::NoPrivateKey`], [`SignError::SeveralKeys`],
    /// [`SignError::TooManyRounds`], [`SignError::KeyMismatch`] without the key's certificate, a damaged or unsupported file.
    pub fn open(p12: &[u8], password: &Pin) -> Result<Self, SignError> {
        let opened = open(p12, password).map_err(|refused| refused.of(|| "PKCS#12".to_owned()))?;
        let (certificate, chain) = opened.split()?;
        let old_encryption = p12.windows(OLD_ENCRYPTION.len()).any(|part| part == OLD_ENCRYPTION);
        Ok(Self { key: opened.key, certificate, chain, old_encryption })
    }

    /// The key's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What lies between the certificate and the root, nearest first.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// Whether it came under RC2 or 3DES.
    pub fn old_encryption(&self) -> bool {
        self.old_encryption
    }
}

/// What of a chain lies between the key's own certificate and the root.
fn between(rest: impl Iterator<Item = Certificate>) -> Vec<Certificate> {
    rest.filter(|one| !one.is_self_issued()).collect()
}

/// One file name, nothing that leads out of the folder.
fn is_plain(id: &str) -> bool {
    !id.starts_with('.') && !id.contains(['/', '\\', ':', '\0'])
}

impl KeyProvider for P12Folder {
    fn list(&self) -> Result<Vec<KeyInfo>, SignError> {
        let info = |id: String| {
            let mut chain = self.sidecar(&id).unwrap_or_default().into_iter();
            KeyInfo {
                certificate: chain.next(),
                chain: between(chain),
                tries_left: Some(Tries::left(&self.path(&id, "tries"))),
                kept: Kept::File,
                id,
            }
        };
        Ok(self.ids("p12")?.into_iter().map(info).collect())
    }

    fn open(&self, id: &str) -> Result<Box<dyn SignSession>, SignError> {
        Ok(Box::new(self.session(id)?))
    }
}

struct P12Session {
    p12: PathBuf,
    tries: PathBuf,
    certificate: Certificate,
    chain: Vec<Certificate>,
    key: Option<Zeroizing<Vec<u8>>>,
}

impl P12Session {
    /// A try is written down before it is made, so that ending the program gives none back.
    fn unlock(&self, pin: &Pin) -> Result<Zeroizing<Vec<u8>>, SignError> {
        let mut tries = Tries::open(&self.tries)?;
        // Behind the lock: somebody may be giving it another PIN.
        let bytes = fs::read(&self.p12).map_err(|source| file_error(&self.p12, source))?;
        let found = hex(&sha256(&bytes));
        let before = tries.wrong;
        if before >= TRIES {
            return Err(SignError::PinLocked);
        }
        let known = tries.known.clone().unwrap_or_else(|| found.clone());
        tries.set(before + 1, &known)?;
        let name = || self.p12.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let outcome = match open(&bytes, pin) {
            Ok(opened) => keys::require_match(&opened.key, &self.certificate).map(|()| opened.key),
            Err(Refused::Pin) if known == found => {
                return Err(match TRIES - before - 1 {
                    0 => SignError::PinLocked,
                    left => SignError::WrongPin { left },
                });
            }
            Err(Refused::Pin) => {
                Err(SignError::Damaged { name: name(), what: "it is not the file that was installed" })
            }
            Err(other) => Err(other.of(name)),
        };
        match outcome {
            Ok(key) => {
                // The PIN is right, whatever becomes of what follows.
                tries.set(0, &found)?;
                if let Some(kept) = self.put_at_rest(&bytes, &key, pin) {
                    tries.set(0, &kept)?;
                }
                Ok(key)
            }
            Err(error) => {
                tries.set(before, &known)?;
                Err(error)
            }
        }
    }
}

impl P12Session {
    /// Puts a file that was kept as it came under Argon2id; the new one's hash. Where it cannot be written it stays as it
    /// is: whoever logs in has his key.
    fn put_at_rest(&self, bytes: &[u8], key: &[u8], pin: &Pin) -> Option<String> {
        if at_rest::is_sealed(bytes) {
            return None;
        }
        let file = sealed(self.certificate.holder(), &self.certificate, &self.chain, key, pin).ok()?;
        replace(&self.p12, &file).ok()?;
        Some(hex(&sha256(&file)))
    }
}

impl SignSession for P12Session {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn login(&mut self, pin: &Pin) -> Result<(), SignError> {
        self.key = None;
        self.key = Some(self.unlock(pin)?);
        Ok(())
    }

    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        keys::sign_with(self.key.as_ref().ok_or(SignError::NotLoggedIn)?, message)
    }

    fn tls_identity(&mut self) -> Result<TlsIdentity, SignError> {
        keys::tls_identity(&self.certificate, &self.chain, self.key.as_ref().ok_or(SignError::NotLoggedIn)?)
    }

    fn logout(&mut self) {
        self.key = None;
    }
}

/// Wrong tries, on disk, locked against a second process while it is open. The text has a fixed length and is
/// overwritten in place, so no moment has an empty file.
struct Tries {
    path: PathBuf,
    file: File,
    wrong: u8,
    /// The file that was installed or last opened, hex.
    known: Option<String>,
}

impl Tries {
    fn open(path: &Path) -> Result<Self, SignError> {
        let failed = |source| file_error(path, source);
        let mut file = Self::locked(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let (wrong, known) = Self::parse(&text).ok_or_else(|| SignError::Damaged {
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            what: "the record of PIN tries",
        })?;
        Ok(Self { path: path.to_owned(), file, wrong, known })
    }

    /// For a file that was just put in place: whatever was noted of another one is gone.
    fn anew(path: &Path) -> Result<Self, SignError> {
        let file = Self::locked(path)?;
        file.set_len(0).map_err(|source| file_error(path, source))?;
        Ok(Self { path: path.to_owned(), file, wrong: 0, known: None })
    }

    fn locked(path: &Path) -> Result<File, SignError> {
        let failed = |source| file_error(path, source);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }

    /// For showing; a record that can't be read shows as locked.
    fn left(path: &Path) -> u8 {
        Self::read(path).map_or(0, |(wrong, _)| TRIES.saturating_sub(wrong))
    }

    /// What is noted; `None` of a record that can't be read. Waits for a login under way.
    fn read(path: &Path) -> Option<(u8, Option<String>)> {
        let read = File::open(path).and_then(|mut file| {
            file.lock_shared()?;
            let mut text = String::new();
            file.read_to_string(&mut text).map(|_| text)
        });
        match read {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some((0, None)),
            Err(_) => None,
        }
    }

    fn parse(text: &str) -> Option<(u8, Option<String>)> {
        if text.is_empty() {
            return Some((0, None));
        }
        let (wrong, known) = text.strip_prefix("wrong ")?.strip_suffix('\n')?.split_once(" sha256 ")?;
        let wrong = wrong.parse().ok().filter(|wrong| *wrong <= TRIES)?;
        (known.len() == 64).then(|| (wrong, Some(known.to_owned())))
    }

    fn set(&mut self, wrong: u8, known: &str) -> Result<(), SignError> {
        let text = format!("wrong {wrong} sha256 {known}\n");
        let written = self
            .file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(text.as_bytes()))
            .and_then(|()| self.file.sync_all());
        written.map_err(|source| file_error(&self.path, source))?;
        self.wrong = wrong;
        self.known = Some(known.to_owned());
        Ok(())
    }
}

/// What a file gives with the right PIN.
struct Opened {
    key: Zeroizing<Vec<u8>>,
    certificates: Vec<Certificate>,
}

impl Opened {
    /// The key's certificate, and what lies between it and the root, nearest first.
    fn split(&self) -> Result<(Certificate, Vec<Certificate>), SignError> {
        let own = self
            .certificates
            .iter()
            .find(|one| keys::require_match(&self.key, one).is_ok())
            .ok_or(SignError::KeyMismatch)?;
        let mut chain: Vec<Certificate> = Vec::new();
        let mut last = own;
        while let Some(issuer) = self.certificates.iter().find(|one| {
            one.subject_der() == last.issuer_der() && !one.is_self_issued() && *one != own && !chain.contains(one)
        }) {
            chain.push(issuer.clone());
            last = issuer;
        }
        Ok((own.clone(), chain))
    }
}

enum Refused {
    Pin,
    NoKey,
    SeveralKeys,
    Rounds,
    Damaged(&'static str),
    Unsupported(&'static str),
}

impl Refused {
    /// Where no tries are counted.
    fn of(self, name: impl FnOnce() -> String) -> SignError {
        match self {
            Self::Pin => SignError::WrongPassword,
            Self::NoKey => SignError::NoPrivateKey,
            Self::SeveralKeys => SignError::SeveralKeys,
            Self::Rounds => SignError::TooManyRounds,
            Self::Damaged(what) => SignError::Damaged { name: name(), what },
            Self::Unsupported(what) => SignError::Unsupported { what },
        }
    }
}

/// Opens a file as it is kept, or as it came.
fn open(file: &[u8], pin: &Pin) -> Result<Opened, Refused> {
    match at_rest::unsealed(file, pin)? {
        Some((password, p12)) => decode(p12, &password),
        None => decode(file, pin),
    }
}

/// Opens a PKCS#12 file. A MAC that does not fit is a wrong PIN, unless some part of the file opens with this PIN: then
/// the PIN is right and the file is damaged.
fn decode(p12: &[u8], pin: &Pin) -> Result<Opened, Refused> {
    use p12_keystore::error::Error;
    let pfx = Pfx::parse(p12).map_err(|_| Refused::Damaged("not a PKCS#12 file"))?;
    let archive = Pkcs12Archive::from_pkcs12(p12, pin.expose()).map_err(|error| match error {
        Error::MacError(_) if pfx.any_part_opens(pin) => Refused::Damaged("its contents were changed"),
        Error::MacError(_) => Refused::Pin,
        // Behind a MAC that fits the PIN is proven.
        Error::Pkcs5Error(_) | Error::UnpadError if !pfx.has_mac => Refused::Pin,
        // More than a million iterations, or more than 1 GiB: told before the first one is made.
        Error::InvalidParameters => Refused::Rounds,
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            Refused::Unsupported("the encryption of the PKCS#12 file")
        }
        Error::UnsupportedContentType | Error::UnsupportedCertificateType => {
            Refused::Unsupported("the content of the PKCS#12 file")
        }
        Error::IoError(_)
        | Error::DerError(_)
        | Error::InvalidVersion
        | Error::X509Error(_)
        | Error::InvalidLength
        | Error::UnpadError
        | Error::InvalidData
        | Error::Pkcs5Error(_)
        | Error::InvalidPrivateKey => Refused::Damaged("its contents can't be read"),
    })?;
    let [key] = archive.keys.as_slice() else {
        return Err(match archive.keys.len() {
            0 => Refused::NoKey,
            _ => Refused::SeveralKeys,
        });
    };
    let certificates = archive
        .certs
        .iter()
        .map(|bag| Certificate::from_der(bag.cert.as_der()))
        .collect::<Result<_, _>>()
        .map_err(|_| Refused::Damaged("a certificate in it can't be read"))?;
    Ok(Opened { key: Zeroizing::new(key.key.as_der().to_vec()), certificates })
}

/// The outer layers of a PKCS#12 file.
struct Pfx<'a> {
    /// ContentInfos of the AuthenticatedSafe, whole.
    parts: Vec<&'a [u8]>,
    has_mac: bool,
}

impl<'a> Pfx<'a> {
    fn parse(p12: &'a [u8]) -> Result<Self, Broken> {
        let mut pfx = tlv::single(p12)?.inside(tlv::SEQUENCE)?;
        pfx.next()?.expect(tlv::INTEGER)?;
        let mut safe = pfx.next()?.inside(tlv::SEQUENCE)?;
        safe.next()?.expect(tlv::OID)?;
        let octets = safe.next()?.inside(tlv::context(0))?.next()?.expect(tlv::OCTET_STRING)?;
        let parts = tlv::single(octets)?.inside(tlv::SEQUENCE)?.rest()?.into_iter().map(|part| part.bytes).collect();
        Ok(Self { parts, has_mac: pfx.peek().is_some() })
    }

    /// Whether one part alone, in a file without MAC, opens and holds something.
    fn any_part_opens(&self, pin: &Pin) -> bool {
        self.parts.iter().any(|part| {
            let octets = wrap(tlv::OCTET_STRING, &[&wrap(tlv::SEQUENCE, &[part])]);
            let safe =
                wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oids::DATA.as_bytes()]), &wrap(tlv::context(0), &[&octets])]);
            let alone = wrap(tlv::SEQUENCE, &[&wrap(tlv::INTEGER, &[&[3]]), &safe]);
            Pkcs12Archive::from_pkcs12(&alone, pin.expose())
                .is_ok_and(|archive| !archive.keys.is_empty() || !archive.certs.is_empty())
        })
    }
}

/// Writes a PKCS#12 file that its password alone opens: PBES2 (PBKDF2-SHA256, AES-256), MAC with SHA-256.
pub(crate) fn encode(
    friendly_name: &str,
    certificate: &Certificate,
    chain: &[Certificate],
    key_pkcs8: &[u8],
    password: &Pin,
) -> Result<Vec<u8>, SignError> {
    written(friendly_name, certificate, chain, key_pkcs8, password, ITERATIONS)
}

/// Writes a file as it is kept.
fn sealed(
    friendly_name: &str,
    certificate: &Certificate,
    chain: &[Certificate],
    key_pkcs8: &[u8],
    pin: &Pin,
) -> Result<Vec<u8>, SignError> {
    let stretched = Stretched::new(pin)?;
    let password = &stretched.password;
    Ok(stretched.seal(&written(friendly_name, certificate, chain, key_pkcs8, password, ITERATIONS_AT_REST)?))
}

fn written(
    friendly_name: &str,
    certificate: &Certificate,
    chain: &[Certificate],
    key_pkcs8: &[u8],
    password: &Pin,
    iterations: u32,
) -> Result<Vec<u8>, SignError> {
    let failed = |error: p12_keystore::error::Error| SignError::Issue(error.to_string());
    let key = p12_keystore::PrivateKey::from_der(key_pkcs8).map_err(failed)?;
    let certificates = std::iter::once(certificate)
        .chain(chain)
        .map(|one| p12_keystore::Certificate::from_der(one.der()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    let mut store = KeyStore::new();
    let entry = PrivateKeyChain::new(certificate.sha256().as_slice(), key, certificates);
    store.add_entry(friendly_name, KeyStoreEntry::PrivateKeyChain(entry));
    store
        .writer(password.expose())
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .encryption_iterations(iterations)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .mac_iterations(iterations)
        .write()
        .map_err(failed)
}

/// Writes a file whole or not at all.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), SignError> {
    huijiao_files::replace(path, bytes).map_err(|source| file_error(path, source))
}

pub(crate) fn file_error(path: &Path, source: std::io::Error) -> SignError {
    SignError::File { path: path.display().to_string(), source }
}
