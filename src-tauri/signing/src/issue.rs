//! A certificate authority for development: what the reference center, the demo and the tests issue their certificates
//! with, the bad ones too. Every time comes in as an argument.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    RevocationReason, RevokedCertParams, SanType, SerialNumber, SubjectPublicKeyInfo,
};
use ring::rand::{SecureRandom, SystemRandom};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::certificate::{Certificate, Crl};
use crate::chain::TrustAnchors;
use crate::cms::{self, Identifiers, Purpose, Role, Said};
use crate::error::SignError;
use crate::keys::{MemoryKey, SignSession};
use crate::oids;
use crate::p12::{self, P12Folder};
use crate::pin::Pin;
use crate::request::Request;
use crate::tlv::{self, wrap};

mod sm2;

pub use sm2::Sm2Ca;
pub(crate) use sm2::sm2_request;

/// The PIN of every generated test key.
pub const TEST_PIN: &str = "123456";

/// From when to when a certificate holds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: Timestamp,
    /// Last moment.
    pub not_after: Timestamp,
}

impl Validity {
    /// So many years of 365 days from a moment on.
    pub fn years(from: Timestamp, years: u16) -> Self {
        let span = SignedDuration::from_hours(i64::from(years) * 365 * 24);
        Self { not_before: from, not_after: from.checked_add(span).unwrap_or(Timestamp::MAX) }
    }
}

/// Who an operator certificate is for. His roles are in the center's register, not in the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator<'a> {
    /// The operator's name.
    pub name: &'a str,
    /// The unit's name.
    pub unit_name: &'a str,
    /// The unit's 统一社会信用代码.
    pub credit_code: &'a str,
}

/// An operator's new key.
#[derive(Debug, Clone)]
pub struct IssuedOperator {
    /// PKCS#12 with key and certificate, under the PIN.
    pub p12: Vec<u8>,
    /// The certificate in it.
    pub certificate: Certificate,
}

/// A self-signed P-256 root with its key.
pub struct DevelopmentCa {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

impl std::fmt::Debug for DevelopmentCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevelopmentCa").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl DevelopmentCa {
    /// Makes a new root, such as «演示根证书».
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn new(name: &str, validity: Validity) -> Result<Self, SignError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let mut params = params(validity)?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = Certificate::from_der(params.self_signed(&key).map_err(failed)?.der())?;
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// The root that [`DevelopmentCa::certificate`] and [`DevelopmentCa::key_pem`] were kept of.
    ///
    /// # Errors
    /// [`SignError::Issue`], [`SignError::CertificateMalformed`].
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, SignError> {
        let certificate = Certificate::from_pem(certificate)?;
        let key = KeyPair::from_pem(key).map_err(failed)?;
        if certificate.public_key().is_none_or(|own| own.bits != rcgen::PublicKeyData::der_bytes(&key)) {
            return Err(SignError::KeyMismatch);
        }
        let issuer = Issuer::from_ca_cert_pem(&certificate.pem(), key).map_err(failed)?;
        Ok(Self { issuer, certificate })
    }

    /// The root certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The root's private key as PEM; secret.
    pub fn key_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.issuer.key().serialize_pem())
    }

    /// Trust in this root alone.
    pub fn anchors(&self) -> TrustAnchors {
        TrustAnchors::new(vec![self.certificate.clone()])
    }

    /// An operator's key and certificate: for signing and for TLS.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_operator(
        &self,
        operator: &Operator<'_>,
        validity: Validity,
        pin: &Pin,
    ) -> Result<IssuedOperator, SignError> {
        let key = self.issue_operator_key(operator, validity)?;
        in_p12(operator, &key, pin)
    }

    /// As [`DevelopmentCa::issue_operator`], with the key in memory instead of a file.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_operator_key(&self, operator: &Operator<'_>, validity: Validity) -> Result<MemoryKey, SignError> {
        self.operator(operator, &[KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment], validity)
    }

    /// As [`DevelopmentCa::issue_operator`], with a number that tells the holder from others of his name.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_person(
        &self,
        operator: &Operator<'_>,
        number: &str,
        validity: Validity,
        pin: &Pin,
    ) -> Result<IssuedOperator, SignError> {
        let usages = [KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        let mut params = operator_params(operator, &usages, validity)?;
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), number);
        let (certificate, key) = self.issue(params)?;
        in_p12(operator, &MemoryKey::new(certificate, Vec::new(), key)?, pin)
    }

    /// As [`DevelopmentCa::issue_operator`], but for encryption only, as dual-certificate authorities issue them beside
    /// the signing one.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_encryption_only(
        &self,
        operator: &Operator<'_>,
        validity: Validity,
        pin: &Pin,
    ) -> Result<IssuedOperator, SignError> {
        let usages = [KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::DataEncipherment];
        in_p12(operator, &self.operator(operator, &usages, validity)?, pin)
    }

    fn operator(
        &self,
        operator: &Operator<'_>,
        usages: &[KeyUsagePurpose],
        validity: Validity,
    ) -> Result<MemoryKey, SignError> {
        let (certificate, key) = self.issue(operator_params(operator, usages, validity)?)?;
        MemoryKey::new(certificate, Vec::new(), key)
    }

    /// An operator's certificate for the key of a request. The subject is this operator, whatever the request says.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_for(
        &self,
        operator: &Operator<'_>,
        request: &Request,
        validity: Validity,
    ) -> Result<Certificate, SignError> {
        let usages = [KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        let key = SubjectPublicKeyInfo::from_der(request.spki()).map_err(failed)?;
        let params = operator_params(operator, &usages, validity)?;
        Certificate::from_der(params.signed_by(&key, &self.issuer).map_err(failed)?.der())
    }

    /// A TLS server's certificate for these DNS names and IP addresses, and its key.
    ///
    /// # Errors
    /// [`SignError::Issue`], also for a name that is none.
    pub fn issue_server(&self, names: &[&str], validity: Validity) -> Result<MemoryKey, SignError> {
        let mut params = params(validity)?;
        params.distinguished_name.push(DnType::CommonName, names.first().copied().unwrap_or("localhost"));
        for name in names {
            params.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName((*name).try_into().map_err(failed)?),
            });
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let (certificate, key) = self.issue(params)?;
        MemoryKey::new(certificate, Vec::new(), key)
    }

    /// The key that a center signs its receipts with. Keep it by [`MemoryKey::key_pem`] and the certificate's PEM.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_receipt(&self, center_name: &str, validity: Validity) -> Result<MemoryKey, SignError> {
        let mut params = params(validity)?;
        params.distinguished_name.push(DnType::CommonName, format!("{center_name}回执签名"));
        params.distinguished_name.push(DnType::OrganizationName, center_name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        // By hand: the identifier of receiptSigning is longer than rcgen's numbers.
        let usages = wrap(
            tlv::SEQUENCE,
            &[&wrap(tlv::OID, &[oids::EMAIL_PROTECTION.as_bytes()]), &wrap(tlv::OID, &[oids::RECEIPT_SIGNING])],
        );
        params.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 37], usages));
        let (certificate, key) = self.issue(params)?;
        MemoryKey::new(certificate, Vec::new(), key)
    }

    /// A revocation list with these certificates, each with its time of revocation.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn revocation_list(
        &self,
        revoked: &[(&Certificate, Timestamp)],
        this_update: Timestamp,
        next_update: Timestamp,
    ) -> Result<Crl, SignError> {
        let list = CertificateRevocationListParams {
            this_update: date(this_update),
            next_update: date(next_update),
            crl_number: SerialNumber::from(u64::try_from(this_update.as_second()).unwrap_or(0)),
            issuing_distribution_point: None,
            revoked_certs: revoked
                .iter()
                .map(|(certificate, since)| RevokedCertParams {
                    serial_number: SerialNumber::from_slice(certificate.serial()),
                    revocation_time: date(*since),
                    reason_code: Some(RevocationReason::KeyCompromise),
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Crl::from_der(list.signed_by(&self.issuer).map_err(failed)?.der())
    }

    fn issue(&self, params: CertificateParams) -> Result<(Certificate, Zeroizing<Vec<u8>>), SignError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let certificate = Certificate::from_der(params.signed_by(&key, &self.issuer).map_err(failed)?.der())?;
        Ok((certificate, Zeroizing::new(key.serialize_der())))
    }
}

/// Signs as [`crate::sign_attached`] does, without asking whether the certificate may: for the signatures that a center
/// and a client must refuse.
///
/// # Errors
/// The time is none, or the key can't sign.
pub fn sign_regardless(
    session: &mut dyn SignSession,
    content: &[u8],
    signing_time: &str,
    role: Role,
    purpose: Purpose,
) -> Result<Vec<u8>, SignError> {
    let at = signing_time.parse().map_err(|_| SignError::SigningTime(signing_time.to_owned()))?;
    cms::sign_unasked(session, content, Said { at, role, purpose, approves: None }, Identifiers::Rfc)
}

/// Countersigns as [`crate::add_signature`] without asking who signs: for tests of those who verify.
///
/// # Errors
/// As [`crate::add_signature`], but for who signs.
pub fn countersign_regardless(
    session: &mut dyn SignSession,
    p7m: &[u8],
    signing_time: &str,
) -> Result<Vec<u8>, SignError> {
    let at = signing_time.parse().map_err(|_| SignError::SigningTime(signing_time.to_owned()))?;
    cms::add_unasked(session, &cms::SignedFile::parse(p7m)?, at)
}

/// Writes a set of test certificates, good and bad, all under [`TEST_PIN`]: see `certs/README.md`.
///
/// # Errors
/// [`SignError::Issue`], [`SignError::File`].
pub fn write_test_certificates(folder: &Path, now: Timestamp) -> Result<(), SignError> {
    fs::create_dir_all(folder).map_err(|source| p12::file_error(folder, source))?;
    let pin = Pin::new(TEST_PIN);
    let keys = P12Folder::new(folder);
    let days = |days: i64| now.checked_add(SignedDuration::from_hours(days * 24)).unwrap_or(now);
    let current = Validity { not_before: days(-1), not_after: Validity::years(now, 3).not_after };
    let root = Validity { not_before: days(-1000), not_after: Validity::years(now, 10).not_after };
    let unit =
        |name| Operator { name, unit_name: "演示市示例科技有限公司", credit_code: "91410800MA0000000Y" };
    let write = |name: &str, text: &str| p12::replace(&folder.join(name), text.as_bytes());

    let ca = DevelopmentCa::new("演示根证书", root)?;
    write("ca.pem", &ca.certificate().pem())?;
    write("ca.key", &ca.key_pem())?;

    let install = |id: &str, issued: &IssuedOperator| keys.install(id, &issued.p12, &pin).map(|_| ());
    install("clerk", &ca.issue_operator(&unit("王晓梅"), current, &pin)?)?;
    install("approver", &ca.issue_operator(&unit("李建国"), current, &pin)?)?;
    let past = Validity { not_before: days(-800), not_after: days(-30) };
    install("expired", &ca.issue_operator(&unit("王晓梅"), past, &pin)?)?;
    let future = Validity { not_before: days(30), not_after: days(800) };
    install("not-yet-valid", &ca.issue_operator(&unit("王晓梅"), future, &pin)?)?;
    install("encryption-only", &ca.issue_encryption_only(&unit("王晓梅"), current, &pin)?)?;
    let revoked = ca.issue_operator(&unit("王晓梅"), current, &pin)?;
    install("revoked", &revoked)?;
    write("ca.crl.pem", &ca.revocation_list(&[(&revoked.certificate, days(-1))], now, days(30))?.pem())?;

    // The same name as the real root: only the signature tells them apart.
    let foreign = DevelopmentCa::new("演示根证书", root)?;
    write("foreign-ca.pem", &foreign.certificate().pem())?;
    install("foreign", &foreign.issue_operator(&unit("王晓梅"), current, &pin)?)?;

    let server = ca.issue_server(&["localhost", "127.0.0.1", "::1"], current)?;
    write("server.pem", &server.certificate().pem())?;
    write("server.key", &server.key_pem())?;
    let receipt = ca.issue_receipt("演示市住房公积金管理中心", current)?;
    write("receipt.pem", &receipt.certificate().pem())?;
    write("receipt.key", &receipt.key_pem())
}

fn in_p12(operator: &Operator<'_>, key: &MemoryKey, pin: &Pin) -> Result<IssuedOperator, SignError> {
    let p12 = p12::encode(operator.name, key.certificate(), key.chain(), key.key_pkcs8(), pin)?;
    Ok(IssuedOperator { p12, certificate: key.certificate().clone() })
}

fn operator_params(
    operator: &Operator<'_>,
    usages: &[KeyUsagePurpose],
    validity: Validity,
) -> Result<CertificateParams, SignError> {
    let mut params = params(validity)?;
    params.distinguished_name.push(DnType::CommonName, operator.name);
    params.distinguished_name.push(DnType::OrganizationName, operator.unit_name);
    params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 97]), operator.credit_code);
    params.key_usages = usages.to_vec();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::EmailProtection];
    Ok(params)
}

fn params(validity: Validity) -> Result<CertificateParams, SignError> {
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&serial()?));
    params.distinguished_name = DistinguishedName::new();
    params.not_before = date(validity.not_before);
    params.not_after = date(validity.not_after);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// A serial number of a certificate's own, whatever key it is of: revocation lists name it and nothing else.
fn serial() -> Result<[u8; 16], SignError> {
    let mut serial = [0; 16];
    SystemRandom::new().fill(&mut serial).map_err(|_| no_random())?;
    // Positive, and never shorter: DER wants no leading zero.
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

fn no_random() -> SignError {
    SignError::Issue("no random numbers".into())
}

/// Moments before 1970 become 1970.
fn date(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0))
}

fn failed(error: rcgen::Error) -> SignError {
    SignError::Issue(error.to_string())
}
