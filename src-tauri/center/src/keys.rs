//! The center's own keys: its certificate authority, its receipt key, its server certificate.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use huijiao_domain::profile::SignatureAlgorithm;
use huijiao_domain::roster::Unit;
use huijiao_signing::issue::{DevelopmentCa, IssuedOperator, Operator, Sm2Ca, Validity};
use huijiao_signing::{
    Algorithm, Certificate, MemoryKey, Pin, Purpose, Request, Role, SignError, SignSession, TlsIdentity, TrustAnchors,
    sign_attached,
};
use jiff::{SignedDuration, Timestamp};

use crate::error::CenterError;

/// The authority's certificate in the center's folder, PEM: what clients must trust.
pub const CA_FILE: &str = "ca.pem";
/// The authority's private key, PEM.
const CA_KEY_FILE: &str = "ca-key.pem";
/// The same for the SM2 branch, which is there where the center's rules know SM2.
const SM2_CA_FILE: &str = "ca-sm2.pem";
const SM2_CA_KEY_FILE: &str = "ca-sm2-key.pem";
/// The receipt certificate and its private key in one file, so that they are replaced together.
const RECEIPT_FILE: &str = "receipt.pem";
const SM2_RECEIPT_FILE: &str = "receipt-sm2.pem";

/// The name on the authority's certificate.
const CA_NAME: &str = "住房公积金参考中心根证书";
const SM2_CA_NAME: &str = "住房公积金参考中心国密根证书";
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
    /// The SM2 branch: its TLS server certificate is still the other's.
    sm2: Option<Sm2Ca>,
    /// The same dates on every certificate, where the center is told so.
    dates: Option<Validity>,
}

impl Authority {
    /// Reads the authority from the folder, or makes one there. Both are made if missing; so is the SM2 branch, where
    /// it is wanted.
    pub(crate) fn open(folder: &Path, now: Timestamp, dates: Option<Validity>, sm2: bool) -> Result<Self, CenterError> {
        let holds = dates.unwrap_or_else(|| validity(now, CA_YEARS));
        let (certificate, key) = (folder.join(CA_FILE), folder.join(CA_KEY_FILE));
        let ca = if exists(&certificate)? {
            DevelopmentCa::from_pem(&read(&certificate)?, &read(&key)?)?
        } else {
            let ca = DevelopmentCa::new(CA_NAME, holds)?;
            keep_root(&certificate, &ca.certificate().pem(), &key, &ca.key_pem())?;
            ca
        };
        let (certificate, key) = (folder.join(SM2_CA_FILE), folder.join(SM2_CA_KEY_FILE));
        let sm2 = if exists(&certificate)? {
            Some(Sm2Ca::from_pem(&read(&certificate)?, &read(&key)?)?)
        } else if sm2 {
            let ca = Sm2Ca::new(SM2_CA_NAME, holds)?;
            keep_root(&certificate, &ca.certificate().pem(), &key, &ca.key_pem())?;
            Some(ca)
        } else {
            None
        };
        Ok(Self { ca, sm2, dates })
    }

    /// The roots: what clients must trust.
    pub(crate) fn certificates(&self) -> Vec<&Certificate> {
        std::iter::once(self.ca.certificate()).chain(self.sm2.as_ref().map(Sm2Ca::certificate)).collect()
    }

    fn sm2(&self) -> Result<&Sm2Ca, CenterError> {
        self.sm2.as_ref().ok_or_else(|| CenterError::Keys("this center's rules know no SM2".into()))
    }

    fn validity(&self, now: Timestamp, years: u16) -> Validity {
        self.dates.unwrap_or_else(|| validity(now, years))
    }

    /// What the server's and the clients' TLS certificates are issued under.
    pub(crate) fn certificate(&self) -> &Certificate {
        self.ca.certificate()
    }

    /// The key that signs receipts; made or renewed where needed.
    pub(crate) fn receipt_key(
        &self,
        folder: &Path,
        now: Timestamp,
        algorithm: SignatureAlgorithm,
    ) -> Result<ReceiptKey, CenterError> {
        let sm2 = algorithm == SignatureAlgorithm::Sm2;
        let file = folder.join(if sm2 { SM2_RECEIPT_FILE } else { RECEIPT_FILE });
        if exists(&file)? {
            let text = read(&file)?;
            let key = MemoryKey::from_pem(&text, &text)?;
            if key.certificate().not_after().duration_since(now) > RECEIPT_RENEWAL {
                return Ok(ReceiptKey(Mutex::new(key)));
            }
        }
        let holds = self.validity(now, RECEIPT_YEARS);
        let key = if sm2 {
            self.sm2()?.issue_receipt(RECEIPT_NAME, holds)?
        } else {
            self.ca.issue_receipt(RECEIPT_NAME, holds)?
        };
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
        algorithm: SignatureAlgorithm,
    ) -> Result<IssuedOperator, CenterError> {
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        let holds = self.validity(now, OPERATOR_YEARS);
        match algorithm {
            SignatureAlgorithm::P256 => Ok(self.ca.issue_operator(&operator, holds, pin)?),
            SignatureAlgorithm::Sm2 => Ok(self.sm2()?.issue_operator(&operator, holds, pin)?),
            SignatureAlgorithm::Rsa => Err(CenterError::Keys("this authority issues no RSA".into())),
        }
    }

    /// An operator's certificate for a key that only he has. It holds from now on, by the center's own clock: it is
    /// judged by no other. `None` for an SM2 key at a center that has nothing to do with SM2.
    pub(crate) fn certify(
        &self,
        unit: &Unit,
        name: &str,
        request: &Request,
        days: i64,
        now: Timestamp,
    ) -> Result<Option<Certificate>, CenterError> {
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        let not_after = now.checked_add(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MAX);
        let until = |root: &Certificate| Validity { not_after: not_after.min(root.not_after()), ..validity(now, 0) };
        if request.algorithm() != Some(Algorithm::Sm2) {
            return Ok(Some(self.ca.issue_for(&operator, request, until(self.ca.certificate()))?));
        }
        let Some(sm2) = &self.sm2 else { return Ok(None) };
        Ok(Some(sm2.issue_for(&operator, request, until(sm2.certificate()))?))
    }

    /// The revocation list of the root with this SHA-256 (hex), DER, with those of the revoked that it issued; of the
    /// one that TLS certificates are issued under where none is named. `None` for a root that is not this center's.
    pub(crate) fn revocation_list(
        &self,
        root: Option<&str>,
        revoked: &[(Certificate, Timestamp)],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, CenterError> {
        let named = |certificate: &Certificate| root.is_none_or(|root| certificate.sha256_hex() == root);
        let next = now.checked_add(CRL_HOLDS).unwrap_or(Timestamp::MAX);
        let of = |root: &Certificate| -> Vec<_> {
            let root = TrustAnchors::new(vec![root.clone()]);
            revoked.iter().filter(|(one, _)| root.leads_here(one, &[])).map(|(one, at)| (one, *at)).collect()
        };
        let list = if named(self.ca.certificate()) {
            self.ca.revocation_list(&of(self.ca.certificate()), now, next)?
        } else if let Some(sm2) = self.sm2.as_ref().filter(|sm2| named(sm2.certificate())) {
            sm2.revocation_list(&of(sm2.certificate()), now, next)?
        } else {
            return Ok(None);
        };
        Ok(Some(list.der().to_vec()))
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

fn keep_root(certificate: &Path, pem: &str, key: &Path, key_pem: &str) -> Result<(), CenterError> {
    // The certificate last: it says that the key beside it is complete and belongs to it.
    write(key, key_pem, Reader::Owner)?;
    write(certificate, pem, Reader::Anybody)
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
pub(crate) fn make_private(folder: &Path) -> Result<(), CenterError> {
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
    huijiao_files::rename(&new, path).map_err(failed(path))
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
