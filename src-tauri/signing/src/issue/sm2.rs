//! The SM2 branch of the development authority: the library that issues the other certificates knows no SM2, so these
//! are written here, with the few fields that such certificates have.

use std::time::Duration;

use const_oid::ObjectIdentifier;
use der::Encode;
use jiff::Timestamp;
use sm2::SecretKey;
use sm2::elliptic_curve::Generate;
use sm2::pkcs8::EncodePrivateKey;
use x509_cert::time::Time;
use zeroize::Zeroizing;

use super::{IssuedOperator, Operator, Validity, in_p12, no_random, serial};
use crate::certificate::{Certificate, Crl, sha256};
use crate::chain::TrustAnchors;
use crate::error::SignError;
use crate::keys::{MemoryKey, SignSession};
use crate::oids;
use crate::pin::Pin;
use crate::public_key::Algorithm;
use crate::request::{NewKey, Request};
use crate::tlv::{self, wrap};

/// BIT STRINGs of key usages: unused bits, then digitalSignature from the left.
const SIGNS: &[u8] = &[6, 0b1100_0000];
const ENCRYPTS: &[u8] = &[4, 0b0011_0000];
const ISSUES: &[u8] = &[1, 0b0000_0110];
/// Extended key usages of an operator.
const OPERATORS: &[&[u8]] = &[oids::CLIENT_AUTH.as_bytes(), oids::EMAIL_PROTECTION.as_bytes()];

/// A self-signed SM2 root with its key. It issues what signs; a server's certificate for TLS is of [`super::DevelopmentCa`].
#[derive(Debug)]
pub struct Sm2Ca(MemoryKey);

impl Sm2Ca {
    /// Makes a new root, such as «演示国密根证书».
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn new(name: &str, validity: Validity) -> Result<Self, SignError> {
        let key = new_key()?;
        let subject = distinguished_name(&[(oids::COMMON_NAME, name)]);
        let basic = wrap(tlv::SEQUENCE, &[&wrap(tlv::BOOLEAN, &[&[0xff]]), &wrap(tlv::INTEGER, &[&[0]])]);
        let extensions = [
            extension(oids::BASIC_CONSTRAINTS, true, &basic),
            extension(oids::KEY_USAGE, true, &wrap(tlv::BIT_STRING, &[ISSUES])),
        ];
        let pkcs8 = pkcs8(&key)?;
        let point = point(&key);
        let of = Subject { name: &subject, point: &point, extensions: &extensions };
        let der = of.certificate(&subject, &point, validity, |tbs| crate::keys::sign_with(&pkcs8, tbs))?;
        Ok(Self(MemoryKey::new(Certificate::from_der(&der)?, Vec::new(), pkcs8)?))
    }

    /// The root that [`Sm2Ca::certificate`] and [`Sm2Ca::key_pem`] were kept of.
    ///
    /// # Errors
    /// [`SignError::KeyMismatch`], [`SignError::CertificateMalformed`], [`SignError::Unsupported`].
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, SignError> {
        MemoryKey::from_pem(certificate, key).map(Self)
    }

    /// The root certificate.
    pub fn certificate(&self) -> &Certificate {
        self.0.certificate()
    }

    /// The root's private key as PEM; secret.
    pub fn key_pem(&self) -> Zeroizing<String> {
        self.0.key_pem()
    }

    /// Trust in this root alone.
    pub fn anchors(&self) -> TrustAnchors {
        TrustAnchors::new(vec![self.certificate().clone()])
    }

    /// An operator's key and certificate, for signing.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_operator(
        &self,
        operator: &Operator<'_>,
        validity: Validity,
        pin: &Pin,
    ) -> Result<IssuedOperator, SignError> {
        in_p12(operator, &self.issue_operator_key(operator, validity)?, pin)
    }

    /// As [`Sm2Ca::issue_operator`], with the key in memory instead of a file.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_operator_key(&self, operator: &Operator<'_>, validity: Validity) -> Result<MemoryKey, SignError> {
        self.operator(operator, SIGNS, validity)
    }

    /// As [`Sm2Ca::issue_operator`], but for encryption only: national authorities always issue one beside the other.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_encryption_only(
        &self,
        operator: &Operator<'_>,
        validity: Validity,
        pin: &Pin,
    ) -> Result<IssuedOperator, SignError> {
        in_p12(operator, &self.operator(operator, ENCRYPTS, validity)?, pin)
    }

    fn operator(&self, operator: &Operator<'_>, usage: &[u8], validity: Validity) -> Result<MemoryKey, SignError> {
        self.issue(&operator_name(operator), usage, OPERATORS, validity)
    }

    /// An operator's certificate for the SM2 key of a request, for signing.
    ///
    /// # Errors
    /// [`SignError::RequestKey`] for a key of another kind, [`SignError::Issue`].
    pub fn issue_for(
        &self,
        operator: &Operator<'_>,
        request: &Request,
        validity: Validity,
    ) -> Result<Certificate, SignError> {
        if request.algorithm() != Some(Algorithm::Sm2) {
            return Err(SignError::RequestKey);
        }
        self.certify(&operator_name(operator), SIGNS, OPERATORS, request.key_bits(), validity)
    }

    /// The key that a center signs its receipts with.
    ///
    /// # Errors
    /// [`SignError::Issue`].
    pub fn issue_receipt(&self, center_name: &str, validity: Validity) -> Result<MemoryKey, SignError> {
        let holder = format!("{center_name}回执签名");
        let name = distinguished_name(&[(oids::COMMON_NAME, &holder), (oids::ORGANIZATION, center_name)]);
        self.issue(&name, SIGNS, &[oids::EMAIL_PROTECTION.as_bytes(), oids::RECEIPT_SIGNING], validity)
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
        let mut entries = Vec::new();
        for (certificate, since) in revoked {
            entries.extend(wrap(tlv::SEQUENCE, &[&wrap(tlv::INTEGER, &[certificate.serial()]), &time(*since)?]));
        }
        // RFC 5280: no entries, no list of them.
        let entries = if entries.is_empty() { entries } else { wrap(tlv::SEQUENCE, &[&entries]) };
        let number = this_update.as_second().max(0).to_der().map_err(|error| SignError::Issue(error.to_string()))?;
        let extensions = [authority_key_id(self.public_point()?), extension(oids::CRL_NUMBER, false, &number)];
        let tbs = wrap(
            tlv::SEQUENCE,
            &[
                &wrap(tlv::INTEGER, &[&[1]]),
                &signature_algorithm(),
                self.certificate().subject_der(),
                &time(this_update)?,
                &time(next_update)?,
                &entries,
                &wrap(tlv::context(0), &[&wrap(tlv::SEQUENCE, &[&extensions.concat()])]),
            ],
        );
        Crl::from_der(&signed(&tbs, self.sign(&tbs)?))
    }

    fn issue(&self, name: &[u8], usage: &[u8], extended: &[&[u8]], validity: Validity) -> Result<MemoryKey, SignError> {
        let key = new_key()?;
        let certificate = self.certify(name, usage, extended, &point(&key), validity)?;
        MemoryKey::new(certificate, Vec::new(), pkcs8(&key)?)
    }

    fn certify(
        &self,
        name: &[u8],
        usage: &[u8],
        extended: &[&[u8]],
        point: &[u8],
        validity: Validity,
    ) -> Result<Certificate, SignError> {
        let usages: Vec<u8> = extended.iter().flat_map(|oid| wrap(tlv::OID, &[oid])).collect();
        let extensions = [
            extension(oids::KEY_USAGE, true, &wrap(tlv::BIT_STRING, &[usage])),
            extension(oids::EXTENDED_KEY_USAGE, false, &wrap(tlv::SEQUENCE, &[&usages])),
        ];
        let of = Subject { name, point, extensions: &extensions };
        let issuer = self.certificate().subject_der();
        Certificate::from_der(&of.certificate(issuer, self.public_point()?, validity, |tbs| self.sign(tbs))?)
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, SignError> {
        crate::keys::sign_with(self.0.key_pkcs8(), tbs)
    }

    fn public_point(&self) -> Result<&[u8], SignError> {
        let key = self.certificate().public_key();
        key.map(|key| key.bits.as_slice()).ok_or(SignError::Unsupported { what: "an authority without a usable key" })
    }
}

/// Who a certificate is for, and what it says of him.
struct Subject<'a> {
    name: &'a [u8],
    point: &'a [u8],
    extensions: &'a [Vec<u8>],
}

impl Subject<'_> {
    fn certificate(
        &self,
        issuer: &[u8],
        issuer_point: &[u8],
        validity: Validity,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, SignError>,
    ) -> Result<Vec<u8>, SignError> {
        let key_id = wrap(tlv::OCTET_STRING, &[key_id(self.point).as_slice()]);
        let own = extension(oids::SUBJECT_KEY_ID, false, &key_id);
        let extensions = [authority_key_id(issuer_point), own, self.extensions.concat()].concat();
        let tbs = wrap(
            tlv::SEQUENCE,
            &[
                &wrap(tlv::context(0), &[&wrap(tlv::INTEGER, &[&[2]])]),
                &wrap(tlv::INTEGER, &[&serial()?]),
                &signature_algorithm(),
                issuer,
                &wrap(tlv::SEQUENCE, &[&time(validity.not_before)?, &time(validity.not_after)?]),
                self.name,
                &public_key(self.point),
                &wrap(tlv::context(3), &[&wrap(tlv::SEQUENCE, &[&extensions])]),
            ],
        );
        let signature = sign(&tbs)?;
        Ok(signed(&tbs, signature))
    }
}

/// A new SM2 key with its request (RFC 2986).
pub(crate) fn sm2_request(name: &str) -> Result<NewKey, SignError> {
    let key = new_key()?;
    let (pkcs8, point) = (pkcs8(&key)?, point(&key));
    let name = distinguished_name(&[(oids::COMMON_NAME, name)]);
    let info = [&wrap(tlv::INTEGER, &[&[0]]), &name, &public_key(&point), &wrap(tlv::context(0), &[])];
    let info = wrap(tlv::SEQUENCE, &info.map(Vec::as_slice));
    let request = signed(&info, crate::keys::sign_with(&pkcs8, &info)?);
    // Nobody asks how long it holds.
    let validity = Validity::years(Timestamp::UNIX_EPOCH, 1);
    let of = Subject { name: &name, point: &point, extensions: &[] };
    let own = of.certificate(&name, &point, validity, |tbs| crate::keys::sign_with(&pkcs8, tbs))?;
    Ok((pkcs8, Request::from_der(&request)?, Certificate::from_der(&own)?))
}

fn operator_name(operator: &Operator<'_>) -> Vec<u8> {
    distinguished_name(&[
        (oids::COMMON_NAME, operator.name),
        (oids::ORGANIZATION, operator.unit_name),
        (oids::ORGANIZATION_IDENTIFIER, operator.credit_code),
    ])
}

/// SubjectPublicKeyInfo of a point.
fn public_key(point: &[u8]) -> Vec<u8> {
    let curve = [oids::EC_PUBLIC_KEY, oids::SM2].map(|oid| wrap(tlv::OID, &[oid.as_bytes()])).concat();
    wrap(tlv::SEQUENCE, &[&wrap(tlv::SEQUENCE, &[&curve]), &wrap(tlv::BIT_STRING, &[&[0], point])])
}

fn signed(tbs: &[u8], signature: Vec<u8>) -> Vec<u8> {
    wrap(tlv::SEQUENCE, &[tbs, &signature_algorithm(), &wrap(tlv::BIT_STRING, &[&[0], &signature])])
}

/// Without parameters, as RFC 8998 asks.
fn signature_algorithm() -> Vec<u8> {
    wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oids::SM2_SM3.as_bytes()])])
}

fn extension(oid: ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { wrap(tlv::BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oid.as_bytes()]), &critical, &wrap(tlv::OCTET_STRING, &[value])])
}

fn authority_key_id(point: &[u8]) -> Vec<u8> {
    let id = wrap(tlv::context_primitive(0), &[key_id(point).as_slice()]);
    extension(oids::AUTHORITY_KEY_ID, false, &wrap(tlv::SEQUENCE, &[&id]))
}

/// RFC 7093: the first 160 bits of a hash of the key.
fn key_id(point: &[u8]) -> Vec<u8> {
    sha256(point).iter().take(20).copied().collect()
}

fn distinguished_name(parts: &[(ObjectIdentifier, &str)]) -> Vec<u8> {
    let part = |(oid, text): &(ObjectIdentifier, &str)| {
        let value = wrap(tlv::UTF8_STRING, &[text.as_bytes()]);
        wrap(tlv::SET, &[&wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oid.as_bytes()]), &value])])
    };
    let parts: Vec<u8> = parts.iter().flat_map(part).collect();
    wrap(tlv::SEQUENCE, &[&parts])
}

/// Moments before 1970 become 1970.
fn time(at: Timestamp) -> Result<Vec<u8>, SignError> {
    let since_1970 = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0));
    let date = der::DateTime::from_unix_duration(since_1970);
    date.and_then(|date| Time::from(date).to_der()).map_err(|error| SignError::Issue(error.to_string()))
}

fn new_key() -> Result<SecretKey, SignError> {
    SecretKey::try_generate().map_err(|_| no_random())
}

fn point(key: &SecretKey) -> Vec<u8> {
    key.public_key().to_sec1_bytes().to_vec()
}

fn pkcs8(key: &SecretKey) -> Result<Zeroizing<Vec<u8>>, SignError> {
    let document = key.to_pkcs8_der().map_err(|error| SignError::Issue(error.to_string()))?;
    Ok(document.to_bytes())
}
