//! Certificates and revocation lists, kept as the bytes they came in.

use std::fmt;
use std::time::Duration;

use const_oid::ObjectIdentifier;
use der::asn1::BmpString;
use der::{Decode, Tag, Tagged};
use jiff::Timestamp;
use ring::digest;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::error::SignError;
use crate::oids;
use crate::public_key::{Algorithm, PublicKey};
use crate::tlv::{self, Broken};

/// An X.509 certificate: the original DER and what this program asks of it.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    holder: String,
    /// The subject's serialNumber: whom of several of one name it means; a blank one means nobody.
    person: Option<String>,
    unit_name: Option<String>,
    credit_code: Option<String>,
    /// Issuer as DER.
    issuer: Vec<u8>,
    /// Subject as DER.
    subject: Vec<u8>,
    /// Serial number: content octets of the INTEGER.
    serial: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: Option<PublicKey>,
    key_usage: Option<KeyUsage>,
    /// Content octets of each identifier.
    extended_key_usage: Option<Vec<Vec<u8>>>,
    /// The extended key usage is marked critical.
    critical_usage: bool,
    /// Path length, if the certificate is an authority's.
    authority: Option<Option<u8>>,
    subject_key_id: Option<Vec<u8>>,
    unknown_critical: bool,
}

impl Certificate {
    /// Reads a DER certificate.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`] if it is none, or if anything follows it.
    pub fn from_der(der: &[u8]) -> Result<Self, SignError> {
        parse(der).map_err(|what| SignError::CertificateMalformed { what })
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`].
    pub fn from_pem(pem: &str) -> Result<Self, SignError> {
        Self::all_from_pem(pem)?
            .into_iter()
            .next()
            .ok_or(SignError::CertificateMalformed { what: "no certificate in the PEM text" })
    }

    /// Reads every certificate of a PEM text, in its order.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`].
    pub fn all_from_pem(pem: &str) -> Result<Vec<Self>, SignError> {
        pem_blocks(pem, "CERTIFICATE").iter().map(|der| Self::from_der(der.as_ref().map_err(bad_pem)?)).collect()
    }

    /// The certificate as it came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        to_pem("CERTIFICATE", &self.der)
    }

    /// The subject's common name: the operator, or the center's seal; empty if there is none.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The subject's organization: the unit's name.
    pub fn unit_name(&self) -> Option<&str> {
        self.unit_name.as_deref()
    }

    /// The subject's organizationIdentifier (2.5.4.97): the unit's 统一社会信用代码.
    pub fn credit_code(&self) -> Option<&str> {
        self.credit_code.as_deref()
    }

    /// Serial number, lower-case hex without a leading zero octet.
    pub fn serial_hex(&self) -> String {
        hex(
            if let [0, rest @ ..] = self.serial.as_slice()
                && !rest.is_empty()
            {
                rest
            } else {
                &self.serial
            },
        )
    }

    /// First moment of validity.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Last moment of validity.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// SHA-256 of the DER, lower-case hex.
    pub fn sha256_hex(&self) -> String {
        hex(&self.sha256())
    }

    /// Whether filings and logins can be signed with it; says nothing about its validity or its issuer.
    ///
    /// # Errors
    /// [`SignError::CertificateEncryptionOnly`], [`SignError::CertificateUsage`], or [`SignError::Unsupported`] for a
    /// key other than P-256, SM2 and RSA of 2048 bits or more.
    pub fn can_sign(&self) -> Result<(), SignError> {
        if let Some(usage) = &self.key_usage
            && !usage.digital_signature()
            && !usage.non_repudiation()
        {
            return Err(if usage.key_encipherment() || usage.data_encipherment() || usage.key_agreement() {
                SignError::CertificateEncryptionOnly
            } else {
                SignError::CertificateUsage
            });
        }
        let fits = self.extended_key_usage.as_ref().is_none_or(|usages| {
            [oids::EMAIL_PROTECTION, oids::CLIENT_AUTH, oids::ANY_EXTENDED_KEY_USAGE]
                .iter()
                .any(|wanted| usages.iter().any(|usage| usage == wanted.as_bytes()))
        });
        if !fits {
            return Err(SignError::CertificateUsage);
        }
        match self.algorithm() {
            Some(_) => Ok(()),
            None => Err(SignError::Unsupported {
                what: "a certificate that is neither P-256 nor SM2 nor RSA of 2048 bits or more",
            }),
        }
    }

    /// What its key signs files with; `None` for a key that may not.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.public_key.as_ref().and_then(|key| key.kind.algorithm())
    }

    /// Common name of who issued it; empty if there is none.
    pub fn issuer_name(&self) -> String {
        Name::from_der(&self.issuer).ok().and_then(|name| text(&name, oids::COMMON_NAME)).unwrap_or_default()
    }

    /// Whether a number of its holder's tells him from others of his name.
    pub fn is_numbered(&self) -> bool {
        self.person.is_some()
    }

    /// Whether two certificates are one holder's, as far as their subjects tell: the same name, and no two numbers of
    /// persons (serialNumber, 2.5.4.5) that differ. Namesakes of whom one has no number cannot be told apart, and count as
    /// one.
    pub fn same_holder(&self, other: &Self) -> bool {
        let differ = |(own, its): (&String, &String)| !own.trim().eq_ignore_ascii_case(its.trim());
        self.holder == other.holder && !self.person.as_ref().zip(other.person.as_ref()).is_some_and(differ)
    }

    /// Whether two certificates are one person's: the same certificate, key or holder.
    pub fn same_person(&self, other: &Self) -> bool {
        let same_key = match (&self.public_key, &other.public_key) {
            (Some(own), Some(its)) => own.bits == its.bits,
            (None, _) | (_, None) => false,
        };
        self.der == other.der || same_key || self.same_holder(other)
    }

    /// Whether it can be shown as the client's certificate in TLS. The TLS of this program knows no SM2.
    pub fn can_tls(&self) -> bool {
        self.algorithm() != Some(Algorithm::Sm2)
            && self.key_usage.as_ref().is_none_or(KeyUsage::digital_signature)
            && self.extended_key_usage.as_ref().is_none_or(|usages| {
                [oids::CLIENT_AUTH, oids::ANY_EXTENDED_KEY_USAGE]
                    .iter()
                    .any(|wanted| usages.iter().any(|usage| usage == wanted.as_bytes()))
            })
    }

    /// Whether timestamps can be signed with it: that alone (RFC 3161, 2.3).
    ///
    /// # Errors
    /// [`SignError::CertificateUsage`]
    pub(crate) fn can_timestamp(&self) -> Result<(), SignError> {
        let only = [oids::TIME_STAMPING.as_bytes()];
        let alone = self.extended_key_usage.as_ref().is_some_and(|usages| *usages == only);
        let signs = self.key_usage.as_ref().is_none_or(|usage| usage.digital_signature() || usage.non_repudiation());
        if alone && self.critical_usage && signs { Ok(()) } else { Err(SignError::CertificateUsage) }
    }

    /// Whether it is a center's receipt certificate (`receiptSigning`, see the crate's page).
    pub fn can_receipt(&self) -> bool {
        self.extended_key_usage.as_ref().is_some_and(|usages| usages.iter().any(|usage| usage == oids::RECEIPT_SIGNING))
    }

    pub(crate) fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// Whether it is the certificate of an authority that nobody stands above: what one may be asked to trust.
    pub fn is_root(&self) -> bool {
        self.is_self_issued() && self.can_issue(0) && self.is_signed_by(self)
    }

    /// Issuer and subject are the same name: a root.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    pub(crate) fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    pub(crate) fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    pub(crate) fn serial(&self) -> &[u8] {
        &self.serial
    }

    pub(crate) fn subject_key_id(&self) -> Option<&[u8]> {
        self.subject_key_id.as_deref()
    }

    pub(crate) fn public_key(&self) -> Option<&PublicKey> {
        self.public_key.as_ref()
    }

    pub(crate) fn has_unknown_critical(&self) -> bool {
        self.unknown_critical
    }

    /// May issue certificates with `below` authorities between it and the end.
    pub(crate) fn can_issue(&self, below: usize) -> bool {
        self.key_usage.as_ref().is_none_or(KeyUsage::key_cert_sign)
            && match self.authority {
                None => false,
                Some(None) => true,
                Some(Some(length)) => below <= usize::from(length),
            }
    }

    /// May sign revocation lists.
    pub(crate) fn can_sign_crl(&self) -> bool {
        self.key_usage.as_ref().is_none_or(KeyUsage::crl_sign)
    }

    /// Whether `issuer` signed this certificate. Names and validity are compared elsewhere.
    pub(crate) fn is_signed_by(&self, issuer: &Certificate) -> bool {
        signed_by(&self.der, issuer).unwrap_or(false)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("serial", &self.serial_hex()).field("sha256", &self.sha256_hex()).finish()
    }
}

/// A certificate revocation list (RFC 5280), whole and direct.
///
/// Whether it is fresh enough is for the caller to ask ([`Crl::next_update`]); an old one still proves what it lists.
#[derive(Debug, Clone)]
pub struct Crl {
    der: Vec<u8>,
    issuer: Vec<u8>,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    /// Serial number and time of revocation.
    revoked: Vec<(Vec<u8>, Timestamp)>,
    critical: bool,
}

impl Crl {
    /// Reads a DER revocation list.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`].
    pub fn from_der(der: &[u8]) -> Result<Self, SignError> {
        parse_crl(der).map_err(|what| SignError::CertificateMalformed { what })
    }

    /// Reads revocation lists in DER that stand one after the other.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`].
    pub fn all_from_der(der: &[u8]) -> Result<Vec<Self>, SignError> {
        let malformed = |_: Broken| SignError::CertificateMalformed { what: "not a run of revocation lists" };
        let lists = tlv::elements(der).and_then(tlv::Elements::rest).map_err(malformed)?;
        lists.into_iter().map(|list| Self::from_der(list.bytes)).collect()
    }

    /// Reads the first revocation list of a PEM text.
    ///
    /// # Errors
    /// [`SignError::CertificateMalformed`].
    pub fn from_pem(pem: &str) -> Result<Self, SignError> {
        match pem_blocks(pem, "X509 CRL").first() {
            Some(der) => Self::from_der(der.as_ref().map_err(bad_pem)?),
            None => Err(SignError::CertificateMalformed { what: "no revocation list in the PEM text" }),
        }
    }

    /// The list as it came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The list as PEM.
    pub fn pem(&self) -> String {
        to_pem("X509 CRL", &self.der)
    }

    /// When it was made.
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// When the next one is due.
    pub fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    /// Whether another list is one of the same authority.
    pub fn same_issuer(&self, other: &Self) -> bool {
        self.issuer == other.issuer
    }

    /// Whether it says that it is this authority's; not whether that is true.
    pub fn is_of(&self, issuer: &Certificate) -> bool {
        self.issuer == issuer.subject
    }

    pub(crate) fn holds(&self, issuer: &Certificate) -> bool {
        !self.critical && issuer.can_sign_crl() && signed_by(&self.der, issuer).unwrap_or(false)
    }

    /// Revoked at or before this time. Whose list it is is not asked here: serial numbers of others' certificates may be
    /// the same.
    pub fn lists(&self, certificate: &Certificate, at: Timestamp) -> bool {
        self.revoked.iter().any(|(serial, since)| serial == certificate.serial() && *since <= at)
    }
}

/// The signature of a certificate or revocation list: SEQUENCE { what is signed, algorithm, BIT STRING }.
fn signed_by(der: &[u8], issuer: &Certificate) -> Result<bool, Broken> {
    let mut parts = tlv::single(der)?.inside(tlv::SEQUENCE)?;
    let signed = parts.next()?;
    let algorithm = parts.next()?.inside(tlv::SEQUENCE)?.next()?.expect(tlv::OID)?;
    let [0, signature @ ..] = parts.next()?.expect(tlv::BIT_STRING)? else { return Err(Broken::Shape) };
    Ok(issuer.public_key().is_some_and(|key| key.check(algorithm, signed.bytes, signature).is_ok()))
}

fn parse(der: &[u8]) -> Result<Certificate, &'static str> {
    // x509-cert holds the whole to RFC 5280; the spans below keep the bytes.
    let parsed = x509_cert::Certificate::from_der(der).map_err(|_| "not an X.509 certificate")?;
    let tbs = parsed.tbs_certificate();
    let spans = spans(der).map_err(|_| "not an X.509 certificate")?;
    let key_usage = tbs.get_extension::<KeyUsage>().map_err(|_| "key usage")?.map(|(_, usage)| usage);
    let constraints = tbs.get_extension::<BasicConstraints>().map_err(|_| "basic constraints")?;
    let authority = constraints.and_then(|(_, basic)| basic.ca.then_some(basic.path_len_constraint));
    let extension = |oid: ObjectIdentifier| {
        tbs.extensions()
            .and_then(|all| all.iter().find(|one| one.extn_id == oid))
            .map(|one| one.extn_value.as_bytes().to_vec())
    };
    let extended_key_usage = extension(oids::EXTENDED_KEY_USAGE)
        .map(|value| {
            tlv::single(&value)?
                .inside(tlv::SEQUENCE)?
                .rest()?
                .into_iter()
                .map(|one| Ok(one.expect(tlv::OID)?.to_vec()))
                .collect()
        })
        .transpose()
        .map_err(|_: Broken| "extended key usage")?;
    let subject_key_id = extension(oids::SUBJECT_KEY_ID)
        .map(|value| Ok(tlv::single(&value)?.expect(tlv::OCTET_STRING)?.to_vec()))
        .transpose()
        .map_err(|_: Broken| "subject key identifier")?;
    let understood = [
        oids::KEY_USAGE,
        oids::EXTENDED_KEY_USAGE,
        oids::BASIC_CONSTRAINTS,
        oids::SUBJECT_ALT_NAME,
        oids::CERTIFICATE_POLICIES,
    ];
    let unknown_critical =
        tbs.extensions().is_some_and(|all| all.iter().any(|one| one.critical && !understood.contains(&one.extn_id)));
    Ok(Certificate {
        holder: text(tbs.subject(), oids::COMMON_NAME).unwrap_or_default(),
        person: text(tbs.subject(), oids::SERIAL_NUMBER).filter(|number| !number.trim().is_empty()),
        unit_name: text(tbs.subject(), oids::ORGANIZATION),
        credit_code: text(tbs.subject(), oids::ORGANIZATION_IDENTIFIER),
        issuer: spans.issuer.to_vec(),
        subject: spans.subject.to_vec(),
        serial: spans.serial.to_vec(),
        not_before: moment(tbs.validity().not_before)?,
        not_after: moment(tbs.validity().not_after)?,
        public_key: PublicKey::from_spki(spans.spki).map_err(|_| "public key")?,
        key_usage,
        extended_key_usage,
        authority,
        subject_key_id,
        critical_usage: tbs
            .extensions()
            .is_some_and(|all| all.iter().any(|one| one.critical && one.extn_id == oids::EXTENDED_KEY_USAGE)),
        unknown_critical,
        der: der.to_vec(),
    })
}

struct Spans<'a> {
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    spki: &'a [u8],
}

fn spans(der: &[u8]) -> Result<Spans<'_>, Broken> {
    let mut tbs = tlv::single(der)?.inside(tlv::SEQUENCE)?.next()?.inside(tlv::SEQUENCE)?;
    tbs.optional(tlv::context(0))?;
    let serial = tbs.next()?.expect(tlv::INTEGER)?;
    tbs.next()?;
    let issuer = tbs.next()?.bytes;
    tbs.next()?;
    let subject = tbs.next()?.bytes;
    let spki = tbs.next()?.bytes;
    Ok(Spans { serial, issuer, subject, spki })
}

fn parse_crl(der: &[u8]) -> Result<Crl, &'static str> {
    let parsed = x509_cert::crl::CertificateList::<x509_cert::certificate::Rfc5280>::from_der(der)
        .map_err(|_| "not a revocation list")?;
    let list = parsed.tbs_cert_list;
    let mut revoked = Vec::new();
    let mut critical = list.crl_extensions.iter().flatten().any(|one| one.critical);
    for entry in list.revoked_certificates.into_iter().flatten() {
        critical |= entry.crl_entry_extensions.iter().flatten().any(|one| one.critical);
        revoked.push((entry.serial_number.as_bytes().to_vec(), moment(entry.revocation_date)?));
    }
    Ok(Crl {
        issuer: crl_issuer(der).map_err(|_| "not a revocation list")?.to_vec(),
        this_update: moment(list.this_update)?,
        next_update: list.next_update.map(moment).transpose()?,
        revoked,
        critical,
        der: der.to_vec(),
    })
}

fn crl_issuer(der: &[u8]) -> Result<&[u8], Broken> {
    let mut tbs = tlv::single(der)?.inside(tlv::SEQUENCE)?.next()?.inside(tlv::SEQUENCE)?;
    tbs.optional(tlv::INTEGER)?;
    tbs.next()?;
    Ok(tbs.next()?.bytes)
}

fn text(name: &Name, oid: ObjectIdentifier) -> Option<String> {
    let value = &name.iter().find(|one| one.oid == oid)?.value;
    let octets = value.value().to_vec();
    if value.tag() == Tag::BmpString {
        BmpString::from_ucs2(octets).ok().map(|text| text.to_string())
    } else if matches!(value.tag(), Tag::Utf8String | Tag::PrintableString | Tag::Ia5String) {
        String::from_utf8(octets).ok()
    } else {
        None
    }
}

fn moment(time: Time) -> Result<Timestamp, &'static str> {
    timestamp(time.to_unix_duration()).ok_or("a date out of range")
}

pub(crate) fn timestamp(since_1970: Duration) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(since_1970.as_secs()).ok()?).ok()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) fn to_pem(label: &str, der: &[u8]) -> String {
    // Fails only for an impossible label or more than 4 GiB.
    der::pem::encode_string(label, der::pem::LineEnding::LF, der).unwrap_or_default()
}

fn bad_pem(_: &der::pem::Error) -> SignError {
    SignError::CertificateMalformed { what: "not PEM" }
}

/// Every block with this label; text around the blocks is allowed, as openssl writes it.
pub(crate) fn pem_blocks(text: &str, label: &str) -> Vec<Result<Vec<u8>, der::pem::Error>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(from) = rest.find(&begin) {
        let block = &rest[from..];
        let Some(length) = block.find(&end).map(|at| at + end.len()) else { break };
        blocks.push(der::pem::decode_vec(&block.as_bytes()[..length]).map(|(_, der)| der));
        rest = &block[length..];
    }
    blocks
}
