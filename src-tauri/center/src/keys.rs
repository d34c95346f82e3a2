//! The center's own keys: its certificate authority, its receipt key, its server certificate.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use huijiao_domain::roster::Unit;
use huijiao_signing::issue::{DevelopmentCa, IssuedOperator, Operator, Validity};
use huijiao_signing::{
    Certificate, MemoryKey, Pin, Purpose, Request, Role, SignError, SignSession, TlsIdentity, sign_attached,
};
use jiff::{SignedDuration, Timestamp};

use crate::error::CenterError;

/// The authority's certificate in the center's folder, PEM: what clients must trust.
pub const CA_FILE: &str = "ca.pem";
/// The authority's private key, PEM.
const CA_KEY_FILE: &str = "ca-key.pem";
/// The receipt certificate and its private key in one file, so that they are replaced together.
const RECEIPT_FILE: &str = "receipt.pem";

/// The name on the authority's certificate.
const CA_NAME: &str = "住房公积金参考中心根证书";
/// The name on the receipt certificate.
const RECEIPT_NAME: &str = "住房公积金参考中心";

const CA_YEARS: u16 = 20;
const RECEIPT_YEARS: u16 = 10;
const OPERATOR_YEARS: u16 = 3;
const SERVER_YEARS: u16 = 3;
/// Days that a certificate holds which an operator asked for himself.
pub(crate) const OPERATOR_DAYS: i64 = 365 * OPERATOR_YEARS as i64;
/// A client that has not seen a newer revocation list by then has an old one.
const CRL_HOLDS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A receipt key with less time than this left is replaced at the next start.
const RECEIPT_RENEWAL: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Clients' clocks may be behind.
const BACKDATED: SignedDuration = SignedDuration::from_hours(24);

/// The center's certificate authority, kept in its folder.
#[derive(Debug)]
pub(crate) struct Authority {
    ca: DevelopmentCa,
    /// The same dates on every certificate, where the center is told so.
    dates: Option<Validity>,
}

impl Authority {
    /// Reads the authority from the folder, or makes one there. Both are made if missing.
    pub(crate) fn open(folder: &Path, now: Timestamp, dates: Option<Validity>) -> Result<Self, CenterError> {
        make_private(folder)?;
        let (certificate, key) = (folder.join(CA_FILE), folder.join(CA_KEY_FILE));
        if exists(&certificate)? {
            let ca = DevelopmentCa::from_pem(&read(&certificate)?, &read(&key)?)?;
            return Ok(Self { ca, dates });
        }
        let ca = DevelopmentCa::new(CA_NAME, dates.unwrap_or_else(|| validity(now, CA_YEARS)))?;
        // The certificate last: it says that the key beside it is complete and belongs to it.
        write(&key, &ca.key_pem(), Reader::Owner)?;
        write(&certificate, &ca.certificate().pem(), Reader::Anybody)?;
        Ok(Self { ca, dates })
    }

    fn validity(&self, now: Timestamp, years: u16) -> Validity {
        self.dates.unwrap_or_else(|| validity(now, years))
    }

    /// What clients must trust.
    pub(crate) fn certificate(&self) -> &Certificate {
        self.ca.certificate()
    }

    /// The key that signs receipts; made or renewed where needed.
    pub(crate) fn receipt_key(&self, folder: &Path, now: Timestamp) -> Result<ReceiptKey, CenterError> {
        let file = folder.join(RECEIPT_FILE);
        if exists(&file)? {
            let text = read(&file)?;
            let key = MemoryKey::from_pem(&text, &text)?;
            if key.certificate().not_after().duration_since(now) > RECEIPT_RENEWAL {
                return Ok(ReceiptKey(Mutex::new(key)));
            }
        }
        let key = self.ca.issue_receipt(RECEIPT_NAME, self.validity(now, RECEIPT_YEARS))?;
        write(&file, &format!("{}{}", key.certificate().pem(), key.key_pem().as_str()), Reader::Owner)?;
        Ok(ReceiptKey(Mutex::new(key)))
    }

    /// A certificate for the server under these names. A new one for every start: clients know the authority.
    pub(crate) fn server(&self, names: &[String], now: Timestamp) -> Result<TlsIdentity, CenterError> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(self.ca.issue_server(&names, self.validity(now, SERVER_YEARS))?.tls_identity()?)
    }

    /// An operator's certificate and key file for a unit.
    pub(crate) fn operator(
        &self,
        unit: &Unit,
        name: &str,
        pin: &Pin,
        now: Timestamp,
    ) -> Result<IssuedOperator, CenterError> {
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        Ok(self.ca.issue_operator(&operator, self.validity(now, OPERATOR_YEARS), pin)?)
    }

    /// An operator's certificate for a key that only he has. It holds from now on, by the center's own clock: it is
    /// judged by no other.
    pub(crate) fn certify(
        &self,
        unit: &Unit,
        name: &str,
        request: &Request,
        days: i64,
        now: Timestamp,
    ) -> Result<Certificate, CenterError> {
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        let not_after = now.checked_add(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MAX);
        let root = self.ca.certificate().not_after();
        let validity = Validity { not_after: not_after.min(root), ..validity(now, 0) };
        Ok(self.ca.issue_for(&operator, request, validity)?)
    }

    /// A revocation list, DER.
    pub(crate) fn revocation_list(
        &self,
        revoked: &[(Certificate, Timestamp)],
        now: Timestamp,
    ) -> Result<Vec<u8>, CenterError> {
        let revoked: Vec<_> = revoked.iter().map(|(certificate, at)| (certificate, *at)).collect();
        let next = now.checked_add(CRL_HOLDS).unwrap_or(Timestamp::MAX);
        Ok(self.ca.revocation_list(&revoked, now, next)?.der().to_vec())
    }
}

/// The key that signs receipts.
#[derive(Debug)]
pub(crate) struct ReceiptKey(Mutex<MemoryKey>);

impl ReceiptKey {
    /// The receipt file with this content.
    pub(crate) fn sign(&self, content: &[u8], at: &str) -> Result<Vec<u8>, CenterError> {
        let mut key = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(sign_attached(&mut *key, content, at, Role::Center, Purpose::Receipt, None)?)
    }
}

impl From<SignError> for CenterError {
    fn from(error: SignError) -> Self {
        Self::Keys(error.to_string())
    }
}

fn validity(now: Timestamp, years: u16) -> Validity {
    Validity { not_before: now.checked_sub(BACKDATED).unwrap_or(now), not_after: Validity::years(now, years).not_after }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Owner,
    Anybody,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> CenterError {
    move |source| CenterError::Folder { path: path.to_owned(), source }
}

fn exists(path: &Path) -> Result<bool, CenterError> {
    path.try_exists().map_err(failed(path))
}

fn read(path: &Path) -> Result<String, CenterError> {
    fs::read_to_string(path).map_err(failed(path))
}

/// Makes a folder that only its owner may enter; one that is there stays as it is.
fn make_private(folder: &Path) -> Result<(), CenterError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed(folder))
}

/// Makes an empty file that only its owner may read, where there is none.
pub(crate) fn touch_private(path: &Path) -> Result<(), CenterError> {
    private(OpenOptions::new().append(true).create(true), Reader::Owner).open(path).map(drop).map_err(failed(path))
}

/// Writes a file so that it is there whole or not at all, also after a power cut.
fn write(path: &Path, text: &str, reader: Reader) -> Result<(), CenterError> {
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let mut file = private(OpenOptions::new().write(true).create_new(true), reader).open(&new).map_err(failed(&new))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed(&new))?;
    drop(file);
    fs::rename(&new, path).map_err(failed(path))?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))?;
    }
    Ok(())
}

#[cfg(unix)]
fn private(options: &mut OpenOptions, reader: Reader) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(match reader {
        Reader::Owner => 0o600,
        Reader::Anybody => 0o644,
    })
}

/// Elsewhere the folder's own access list decides.
#[cfg(not(unix))]
fn private(options: &mut OpenOptions, _reader: Reader) -> &mut OpenOptions {
    options
}
